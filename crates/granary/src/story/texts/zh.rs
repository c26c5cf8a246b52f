//! The story in Chinese.

use allotment::{Id, Limit, Need, Promised, Share};

use super::Sentences;
use super::en::told_once;
use crate::story::{Became, Gap, Heard, short_by};

pub(super) struct Zh;

impl Sentences for Zh {
    fn heading(&self, order: &str, pool: &str, stands: Option<(&str, bool)>) -> String {
        match stands {
            Some((standing, paid)) => {
                let paid = if paid { "已付款" } else { "未付款" };
                format!("库存池 {pool} 的订单 {order}：{}，{paid}", standing_word(standing))
            }
            None => format!("库存池 {pool} 的订单 {order}：还没有任何决定"),
        }
    }

    fn place(&self, place: u64) -> String {
        format!("，顺位 {place}")
    }

    fn clock(&self, zone: &str) -> String {
        format!("（时间按 {zone}）")
    }

    fn gap(&self, gap: &Gap) -> String {
        match gap {
            Gap::InputGone { topic, offset } => {
                format!("{topic} 里位置 {offset} 之前的事件已不在主题中。")
            }
            Gap::DecisionsGone { number } => {
                format!("该订单第 {number} 条之前的决定已不在主题中。")
            }
            Gap::Otherwise { number } => format!(
                "用剩下的事件无法重新得出第 {number} 条决定：以下只是当时发布的内容，没有其背后的库存。"
            ),
            Gap::OtherBooks { sku } => {
                format!("用剩下的事件无法还原 {sku} 的账目：决定背后的库存无法说明。")
            }
        }
    }

    fn became(&self, heard: &Heard) -> String {
        match &heard.became {
            Became::Applied | Became::Taken => String::new(),
            Became::Duplicate => "：此前已收到，不作处理".to_owned(),
            Became::Conflict => "：该编号曾用于不同内容，不作处理".to_owned(),
            Became::DeadLetter { code, message } => {
                format!("：进入死信，{}", told_once(code.as_str(), message))
            }
        }
    }

    fn unreadable(&self) -> &'static str {
        "无法接收的事件"
    }

    fn then(&self, cause: Option<&str>) -> String {
        cause.map_or_else(|| "时间到".to_owned(), |cause| format!("事件 {cause} 之后"))
    }

    fn short(&self, need: &Need, platform: &str, until: Option<&str>) -> String {
        let sku = &need.sku;
        if !need.known {
            return format!("{sku}：商品编号未登记");
        }
        let books = &need.books;
        let mut parts = vec![format!("已入库 {} 件", books.received)];
        let mut more = |units: u64, what: &str| {
            if units > 0 {
                parts.push(format!("{what} {units} 件"));
            }
        };
        more(books.adjusted_in, "盘盈或调增");
        more(need.allocated_before, "已分配给排在前面的订单");
        more(need.reserved_before, "为排在前面的未付款订单预留");
        more(need.allocated_after, "已分配给排在后面的订单");
        more(need.reserved_after, "为排在后面的未付款订单预留");
        more(need.claimed, "预留中为评论占下的");
        more(books.handed_over, "已交给快递");
        more(books.awaiting_inspection, "待检");
        more(books.removed, "已移除（损耗、不合格、召回或过期）");
        more(need.held, "已为本订单占用");
        more(need.waiting_before, "排在前面的订单还在等");
        if books.available > 0 {
            let (left, needs) = (books.available, need.units - need.held);
            parts.push(format!("只剩 {left} 件，而它需要 {needs} 件"));
        }
        parts.extend(need.share.as_ref().map(|share| shared(share, platform)));
        parts.extend(need.promised.as_ref().map(|promised| of_promise(promised, until)));
        format!("{sku} 缺 {} 件：{}", short_by(need), parts.join("，"))
    }

    fn limit(&self, limit: &Limit, asks: bool) -> String {
        let Limit { sku, limit, others, asks: units } = limit;
        let own = if asks { "要" } else { "有" };
        format!(
            "{sku} 每人限购 {limit} 件：该买家的其他订单和评论已有 {others} 件，本订单{own} {units} 件"
        )
    }

    fn took_over(&self, claims: &[(Id, u64)]) -> String {
        format!("接手买家在评论中占下的 {}", list(claims))
    }

    fn passed_over(&self, orders: usize, until: Option<&str>, lacks: &[(Id, u64)]) -> String {
        let until = until.map_or_else(String::new, |until| format!("（至 {until}）"));
        let lacks = list(lacks);
        format!(
            "暂时跳过{until}：排在后面的 {orders} 个订单得到了库存；本订单需要一次配齐 {lacks}，顺位保留"
        )
    }

    fn parcel(&self, kind: &str, number: &str, revision: u64, content: &str) -> String {
        match kind {
            "fulfillment.requested" => {
                format!("快递：发出包裹 {number}，第 {revision} 版：{content}")
            }
            "fulfillment.revised" => format!("快递：包裹 {number} 改为第 {revision} 版：{content}"),
            _ => format!("快递：包裹 {number} 不得发出，第 {revision} 版：{content}"),
        }
    }

    fn wave(&self, wave: &str) -> String {
        format!("快递：包裹在批次 {wave} 中")
    }

    fn alert(&self, kind: &str, severity: &str, message: &str) -> String {
        format!("提醒 {kind}（{severity}）：{message}")
    }

    fn unknown(&self, order: &str, searched: &str) -> String {
        format!(
            "{searched} 中没有订单 {order} 的记录\n  请核对平台和订单号；尚未处理的，或早于主题保留期的，无法说明"
        )
    }
}

fn list(units: &[(Id, u64)]) -> String {
    let one = |(sku, units): &(Id, u64)| format!("{sku} {units} 件");
    units.iter().map(one).collect::<Vec<_>>().join("、")
}

fn shared(share: &Share, platform: &str) -> String {
    let Share { sellable, safety_stock, kept_for_others, most, used } = *share;
    let mut why = Vec::new();
    if safety_stock > 0 {
        why.push(format!("安全库存 {safety_stock} 件"));
    }
    if kept_for_others > 0 {
        why.push(format!("为其他平台保留 {kept_for_others} 件"));
    }
    if let Some(most) = most {
        why.push(format!("最多 {most} 件，已用 {used} 件"));
    }
    let why = if why.is_empty() { String::new() } else { format!("（{}）", why.join("，")) };
    format!("{platform} 还能卖 {sellable} 件{why}")
}

fn of_promise(promised: &Promised, until: Option<&str>) -> String {
    let Promised { limit, joined, own, .. } = promised;
    let until = until.map_or_else(String::new, |until| format!("，须在 {until} 之前到货"));
    let own = if *own > 0 { format!("，其中给本订单 {own} 件") } else { String::new() };
    format!("可预售 {limit} 件，已承诺 {joined} 件{own}{until}")
}

fn standing_word(standing: &str) -> &str {
    match standing {
        "new" => "尚未占用库存",
        "reserved" => "已预留",
        "allocated" => "已分配",
        "backordered" => "等待预售到货",
        "waitlisted" => "排队中",
        "refused" => "已拒绝",
        "released" => "已释放",
        "cancelled" => "已取消",
        "refunded" => "已退款",
        "handed_over" => "已交给快递",
        other => other,
    }
}
