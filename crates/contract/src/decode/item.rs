//! `catalogue.item`: a SKU or a bundle, its limits and its channels.

use allotment::{Backorder, Channel, Code, Component, Item};

use super::check::Check;
use super::fields::{EventFields, Value};
use crate::bounds::{COMPONENTS_MAX, QUANTITY, UNITS};

/// Reads `catalogue.item`.
pub(crate) fn read(fields: &EventFields<'_>, check: &mut Check<'_>) -> Item {
    Item {
        sku: check.id("sku", &fields.sku),
        name: check.opt_text("name", &fields.name),
        keywords: check.ids("keywords", &fields.keywords),
        components: components(&fields.components, check),
        limit_per_buyer: check.opt_units("limit_per_buyer", &fields.limit_per_buyer, &UNITS),
        safety_stock: check.opt_units("safety_stock", &fields.safety_stock, &UNITS),
        low_stock_at: check.opt_units("low_stock_at", &fields.low_stock_at, &UNITS),
        backorder: backorder(&fields.backorder, check),
        channels: channels(&fields.channels, check),
        season: check.opt_id("season", &fields.season),
    }
}

fn components(value: &Value<'_>, check: &mut Check<'_>) -> Vec<Component> {
    let components = check.entries("components", value, |check, _, component| Component {
        sku: check.id("sku", &component.sku),
        quantity: check.units("quantity", &component.quantity, &QUANTITY),
    });
    let components = components.unwrap_or_default();
    if components.len() > COMPONENTS_MAX {
        check.fail(Code::OutOfRange, "components", &format!("must be {COMPONENTS_MAX} at most"));
    }
    components
}

fn backorder(value: &Value<'_>, check: &mut Check<'_>) -> Option<Backorder> {
    let fields = check.object("backorder", value)?;
    Some(Backorder {
        limit: check.units("backorder.limit", &fields.limit, &UNITS),
        until: check.opt_time("backorder.until", &fields.until),
    })
}

fn channels(value: &Value<'_>, check: &mut Check<'_>) -> Vec<Channel> {
    let channels = check.entries("channels", value, |check, _, channel| Channel {
        platform: check.id("platform", &channel.platform),
        reserved: check.opt_units("reserved", &channel.reserved, &UNITS),
        max: check.opt_units("max", &channel.max, &UNITS),
    });
    channels.unwrap_or_default()
}
