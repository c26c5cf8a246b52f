//! Decisions in Chinese.

use allotment::{Code, Decision, Outcome, Reason, Standing};

use super::Units;
use crate::encode::say::say;

/// What was decided, and why, in a sentence.
pub(super) fn push_detail(out: &mut Vec<u8>, decision: &Decision) {
    push_outcome(out, decision);
    match reason(decision.reason) {
        "" => say!(out, "。"),
        why => say!(out, "：", why, "。"),
    }
}

/// A dead letter's code in words.
pub(super) const fn code(code: Code) -> &'static str {
    match code {
        Code::TooLarge => "数据过大",
        Code::NotUtf8 => "不是 UTF-8 编码",
        Code::NotJson => "不是 JSON",
        Code::NotProtobuf => "不是 protobuf",
        Code::UnknownType => "事件类型未知",
        Code::MissingField => "缺少字段",
        Code::WrongType => "字段类型不对",
        Code::OutOfRange => "数值、长度或取值超出范围",
        Code::EmptyLines => "订单行为空",
        Code::DuplicateLine => "订单行编号重复",
        Code::BadTime => "时间无法识别",
        Code::Stale => "事件过旧",
        Code::Future => "事件时间在未来",
        Code::LotOfOtherSku => "批次属于另一个商品",
        Code::NestedBundle => "组合装里不能再有组合装",
        Code::NotSupported => "不支持",
    }
}

fn push_outcome(out: &mut Vec<u8>, decision: &Decision) {
    let Units { ordered, held, waiting } = Units::of(&decision.lines);
    match decision.outcome {
        Outcome::Reserved => say!(out, "已为订单预留 ", held, "/", ordered, " 件，等待付款"),
        Outcome::Allocated => say!(out, "已为该付款订单分配 ", held, "/", ordered, " 件"),
        Outcome::Backordered => say!(out, waiting, " 件在承诺的到货额度内排队"),
        Outcome::Waitlisted => {
            say!(out, "订购 ", ordered, " 件，缺 ", waiting, " 件，按原顺位排队")
        }
        // A new order over its limit stands refused: this is an amendment, which is forgotten.
        Outcome::Refused
            if decision.reason == Reason::Limit && decision.standing != Standing::Refused =>
        {
            say!(out, "改单被拒绝，订单保持不变")
        }
        Outcome::Refused if held > 0 => {
            say!(out, "订购 ", ordered, " 件，只保留 ", held, " 件，其余拒绝")
        }
        Outcome::Refused => say!(out, "订购 ", ordered, " 件，已拒绝，不排队"),
        Outcome::Released => say!(out, "订单占用或排队的库存已释放"),
        Outcome::Amended => say!(out, "订单已改为 ", ordered, " 件，已占用 ", held, " 件"),
        Outcome::Refunded => say!(out, "退款件数已扣除，还需交付 ", ordered, " 件"),
        Outcome::Noted => say!(out, "已记录，库存不变"),
        Outcome::HandedOver => say!(out, "已交给快递"),
        Outcome::Duplicate => say!(out, "不作处理"),
        Outcome::Superseded => say!(out, "对订单的商品行和暂缓状态没有影响"),
        Outcome::Conflict => say!(out, "不作处理，以该编号的第一个事件为准"),
        Outcome::Rejected => say!(out, "事件无法接收，已进入死信"),
    }
}

const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Ok => "",
        Reason::Short => "库存不足",
        Reason::UnknownSku => "商品编号未登记",
        Reason::Limit => "超过每人限购数量",
        Reason::Channel => "该平台可售数量已用完",
        Reason::Expired => "超时未付款",
        Reason::Cancelled => "订单已取消",
        Reason::Refunded => "订单已退款",
        Reason::Promoted => "有库存可用了",
        Reason::Preempted => "库存让给了已付款的订单",
        Reason::LotLost => "批次检验不合格或被召回",
        Reason::Count => "实际件数少于账面",
        Reason::Held => "订单暂缓发货",
        Reason::AfterHandOver => "包裹已经发出",
        Reason::Closed => "订单早已完结",
        Reason::Older => "已有更新的订单信息",
        Reason::Repeat => "该事件已经处理过",
        Reason::DifferentContent => "该事件编号曾用于不同内容",
        Reason::NoLinesYet => "订单的商品行还没有到",
        Reason::Policy => "按该库存池的策略",
        Reason::Rejected(of) => code(of),
    }
}
