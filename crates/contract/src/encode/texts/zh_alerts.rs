//! Alerts in Chinese.

use allotment::{Alert, AlertKind, Facts};

use super::zh::code;
use super::{ORDERS_NAMED_MAX, shortages};
use crate::time::rfc3339;

/// What is the matter.
pub(super) fn message(alert: &Alert) -> String {
    tidy(&raw_message(alert))
}

fn raw_message(alert: &Alert) -> String {
    let (orders, what, missing) = (orders(alert), sku(alert), missing(alert));
    match alert.kind {
        AlertKind::Oversold => format!("超卖：已付款的{orders}缺{missing}。"),
        AlertKind::PaidAfterCancel => {
            format!("{orders}在取消之后又收到付款，没有占用库存，也不会发货。")
        }
        AlertKind::RecallHandedOver => format!("{}被召回，但{orders}已经交给快递。", lot(alert)),
        AlertKind::OversellRisk => {
            format!("{}未付款订单超出可售数量，缺{missing}：{orders}。", platform(alert))
        }
        AlertKind::Conflict => {
            format!("{}两次到达而内容不同，以第一次为准。", event(alert))
        }
        AlertKind::UnknownSku => format!("{orders}订购了 {what}，但商品目录和库存里都没有它。"),
        AlertKind::OverLimit => {
            format!("已付款的{orders}超过 {what} 的每人限购数量，超出部分已拒绝。")
        }
        AlertKind::LinesMissing => format!("{orders}已付款，但 60 秒后仍不知道买了什么。"),
        AlertKind::InputRejected => rejects(alert),
        AlertKind::StockMismatch => mismatch(alert),
        AlertKind::Recall => format!("{}被召回，{}{}。", lot(alert), removed(alert), lost(alert)),
        AlertKind::LotExpired => {
            format!("{}已过保质期，{}{}。", lot(alert), removed(alert), promised(alert))
        }
        AlertKind::SoldOut => format!("{what} 在所有平台已售罄。"),
        AlertKind::QualitySignal => complaints(alert),
        AlertKind::OversellResolved => format!("超卖已解除：{orders}。"),
        AlertKind::LowStock => format!("{what} 库存偏低，{}。", left(alert)),
        AlertKind::Restocked => format!("{what} 恢复可售。"),
        AlertKind::DemandSurge => surge(alert),
        AlertKind::SessionSummary => summary(alert),
    }
}

/// What to do next.
pub(super) fn suggestion(alert: &Alert) -> String {
    tidy(&raw_suggestion(alert))
}

fn raw_suggestion(alert: &Alert) -> String {
    let (orders, what, missing) = (orders(alert), sku(alert), missing(alert));
    match alert.kind {
        AlertKind::Oversold => {
            format!(
                "请补货{missing}并发送 stock.received，订单会自动补齐；若无货可补，请在平台给{orders}退款，并调低平台库存。"
            )
        }
        AlertKind::PaidAfterCancel => {
            format!("请在平台给{orders}退款；买家仍要的话，请其重新下单。")
        }
        AlertKind::RecallHandedOver => {
            format!("请联系快递拦截{orders}，提醒买家不要食用，并退款。")
        }
        AlertKind::OversellRisk => format!(
            "请把{}上 {what} 的库存调到 sellable 的数量，或补货{missing}。",
            platform(alert)
        ),
        AlertKind::Conflict => {
            "请对接人员检查 event_id 为何重复；若第二个事件才对，请换一个编号重新发送。".to_owned()
        }
        AlertKind::UnknownSku => format!(
            "请核对平台商品编号；若无误，请为 {what} 发送 catalogue.item 和 stock.received。"
        ),
        AlertKind::OverLimit => {
            format!(
                "请在平台退还{orders}被拒绝的部分，或调高 {what} 的 limit_per_buyer 后用新的 event_id 重发该订单的最后一个事件。"
            )
        }
        AlertKind::LinesMissing => format!(
            "请从平台拉取{orders}并作为 order.snapshot 发送，同时检查 order.created 是否丢失。"
        ),
        AlertKind::InputRejected => {
            "请查看 granary.dead-letter：error-code 和 error-message 说明要改什么；修好后重新发送。"
                .to_owned()
        }
        AlertKind::StockMismatch => stock_mismatch_suggestion(alert),
        AlertKind::Recall => recall_suggestion(alert),
        AlertKind::LotExpired => {
            format!("请把{}下架；已承诺的部分，发货前请决定是否还能发。", lot(alert))
        }
        AlertKind::SoldOut => {
            format!("请在各平台下架 {what}，或补货（组合装请补其组成商品）并发送 stock.received。")
        }
        AlertKind::QualitySignal => {
            format!(
                "请检查{}的余货，并请{orders}的买家发照片；若有问题，请为该批次发送 stock.recalled。",
                lot(alert)
            )
        }
        AlertKind::OversellResolved => {
            "无需处理；若已申请平台退款，请确认不会既退款又发货。".to_owned()
        }
        AlertKind::LowStock => {
            format!("请尽快补货 {what}（组合装请补其组成商品），或调低平台库存。")
        }
        AlertKind::Restocked => format!("请在已下架的平台重新上架 {what}。"),
        AlertKind::DemandSurge => format!("请在售罄前补货 {what}，或请主播提醒最后几件。"),
        AlertKind::SessionSummary => {
            "请与平台报表核对总数，补齐缺货，然后发送 wave.closed。".to_owned()
        }
    }
}

fn recall_suggestion(alert: &Alert) -> String {
    let lot = lot(alert);
    match &alert.sku {
        None => {
            format!("请在{lot}到货时拒收；若货已在库，请核对 lot_id 后重新发送 stock.recalled。")
        }
        Some(_) => format!("请把{lot}剩余和之后到的货下架，并为排队的订单另行补货。"),
    }
}

fn stock_mismatch_suggestion(alert: &Alert) -> String {
    match alert.facts {
        Facts::Parcel { .. } => format!(
            "请向快递确认{}是否真的在车上；若没有，请取回并发送 stock.adjusted。",
            orders(alert)
        ),
        _ => format!("请重新盘点 {} 并发送 stock.counted，查找未登记的到货或损耗。", sku(alert)),
    }
}

/// Ids are set off by spaces, but not where a sentence begins or a full-width sign is beside them.
fn tidy(text: &str) -> String {
    let wide = |sign: char| "，。；：、（）".contains(sign);
    let mut out = String::with_capacity(text.len());
    for (at, sign) in text.char_indices() {
        let beside_wide =
            out.chars().next_back().is_none_or(|before| wide(before) || before == ' ')
                || text[at + sign.len_utf8()..].chars().next().is_none_or(wide);
        if sign != ' ' || !beside_wide {
            out.push(sign);
        }
    }
    out
}

fn orders(alert: &Alert) -> String {
    let named: Vec<_> = alert
        .orders
        .iter()
        .take(ORDERS_NAMED_MAX)
        .map(|order| format!("{} 订单 {}", order.platform, order.order_id))
        .collect();
    let more = alert.orders_total.saturating_sub(named.len() as u64);
    match (named.is_empty(), more) {
        (true, 0) => "某个订单".to_owned(),
        (true, more) => format!(" {more} 个订单"),
        (false, 0) => format!(" {} ", named.join("、")),
        (false, more) => format!(" {} 等，另有 {more} 个订单 ", named.join("、")),
    }
}

fn sku(alert: &Alert) -> String {
    match &alert.sku {
        Some(sku) => sku.to_string(),
        None => {
            let skus: Vec<_> = shortages(alert).into_iter().map(|(sku, _)| sku).collect();
            if skus.is_empty() { "该商品".to_owned() } else { skus.join("、") }
        }
    }
}

fn missing(alert: &Alert) -> String {
    let parts: Vec<_> =
        shortages(alert).into_iter().map(|(sku, count)| format!(" {sku} {count} 件")).collect();
    // The list of orders is cut at 100; only where it is whole are its sums what is missing.
    if parts.is_empty() || alert.orders_total > alert.orders.len() as u64 {
        format!(" {} {} 件", sku(alert), alert.shortage)
    } else {
        parts.join("、")
    }
}

fn platform(alert: &Alert) -> String {
    alert.platform.as_ref().map_or_else(|| "各平台".to_owned(), |platform| format!(" {platform} "))
}

fn lot(alert: &Alert) -> String {
    match &alert.facts {
        // A lot that is still to come.
        Facts::Lot { lot_id, .. } if alert.sku.is_none() => format!("批次 {lot_id} "),
        Facts::Lot { lot_id, .. } | Facts::Complaints { lot_id, .. } => {
            format!(" {} 的批次 {lot_id} ", sku(alert))
        }
        _ => format!(" {} 的一个批次", sku(alert)),
    }
}

fn removed(alert: &Alert) -> String {
    match alert.facts {
        Facts::Lot { removed, .. } => format!("已从库存移除 {removed} 件"),
        _ => "已从库存移除".to_owned(),
    }
}

fn promised(alert: &Alert) -> String {
    if alert.orders_total == 0 {
        String::new()
    } else {
        format!("；已承诺给{}", orders(alert))
    }
}

fn lost(alert: &Alert) -> String {
    if alert.orders_total == 0 {
        String::new()
    } else {
        format!("；因此缺货：{}", orders(alert))
    }
}

fn left(alert: &Alert) -> String {
    match alert.facts {
        Facts::Left { available } => format!("还剩 {available} 件"),
        _ => "所剩不多".to_owned(),
    }
}

fn surge(alert: &Alert) -> String {
    match alert.facts {
        Facts::Surge { asked, left, sold_out_at } => format!(
            "{} 一分钟内有 {asked} 件需求，还剩 {left} 件，照此速度将在 {} 售罄。",
            sku(alert),
            rfc3339(sold_out_at)
        ),
        _ => format!("{} 需求激增，剩余库存撑不了多久。", sku(alert)),
    }
}

fn complaints(alert: &Alert) -> String {
    let orders = orders(alert);
    match &alert.facts {
        Facts::Complaints { buyers, left, .. } => format!(
            "{}收到 {buyers} 位买家投诉（该批次随 {left} 个订单发出）：{orders}。",
            lot(alert)
        ),
        _ => format!("{} 发货后收到投诉：{orders}。", sku(alert)),
    }
}

fn summary(alert: &Alert) -> String {
    let orders = alert.orders_total;
    match &alert.facts {
        Facts::Session { session_id, units, paid, waiting, claims } => format!(
            "直播 {session_id} 结束：{orders} 个订单共 {units} 件，其中 {paid} 个已付款，{waiting} 个在排队（缺 {} 件），释放了 {claims} 个评论占位。",
            alert.shortage
        ),
        _ => format!("本场直播结束，共 {orders} 个订单，未能取得明细。"),
    }
}

fn event(alert: &Alert) -> String {
    let about =
        if alert.orders_total == 0 { String::new() } else { format!("（{}）", orders(alert)) };
    match &alert.facts {
        Facts::Event { event_id } => format!("{}事件 {event_id} {about}", platform(alert)),
        _ => format!("{}一个事件{about}", platform(alert)),
    }
}

fn rejects(alert: &Alert) -> String {
    let of = if alert.pool.is_empty() { String::new() } else { format!("（{}）", alert.pool) };
    match alert.facts {
        Facts::Rejects { count, first } => {
            format!("{count} 个事件{of}无法接收，第一个的原因：{}。", code(first))
        }
        _ => format!("有事件{of}无法接收。"),
    }
}

fn mismatch(alert: &Alert) -> String {
    match alert.facts {
        Facts::Mismatch { books, reported } if reported < 0 => {
            format!(
                "{} 账面只有 {books} 件，却要调减 {} 件，已按账面扣完。",
                sku(alert),
                reported.unsigned_abs()
            )
        }
        Facts::Mismatch { books, reported } => {
            format!("{} 账面 {books} 件，盘点 {reported} 件，不一致。", sku(alert))
        }
        Facts::Parcel { number: 0 } => {
            format!("{}被交给快递，但从未有过包裹，库存不变。", orders(alert))
        }
        Facts::Parcel { number } => {
            format!("{}的第 {number} 个包裹已取消却仍然发出，已从账面扣除。", orders(alert))
        }
        _ => format!("{} 的账面与实际不一致。", sku(alert)),
    }
}
