//! What a merchant can set against overselling.

use allotment::{AllocateOn, Backorder, Channel, Item, PolicyChange, Shortage};

use super::buyers::{PLATFORMS, STOCK};

/// What is sold.
pub(super) const SKU: &str = "orange-5kg";

/// Platforms close an order that is not paid within so many seconds, and we give its units back: within the
/// evening, so that they can be sold again.
pub(super) const TO_PAY_S: i64 = 300;

/// A way to run the evening.
#[derive(Clone, Debug)]
pub struct Setting {
    /// As people would say it.
    pub name: &'static str,
    pub(super) policy: PolicyChange,
    pub(super) item: Item,
    /// Whether the bridge closes on its platform what was refused and is not paid yet.
    pub(super) closes_refused: bool,
}

impl Setting {
    fn new(name: &'static str) -> Self {
        let policy = PolicyChange { reservation_ttl_s: Some(TO_PAY_S), ..PolicyChange::default() };
        let item = Item {
            sku: SKU.into(),
            name: None,
            keywords: Vec::new(),
            components: Vec::new(),
            limit_per_buyer: None,
            safety_stock: None,
            low_stock_at: None,
            backorder: None,
            channels: Vec::new(),
            season: None,
        };
        Self { name, policy, item, closes_refused: false }
    }

    fn safety(name: &'static str, units: u32) -> Self {
        let mut setting = Self::new(name);
        setting.item.safety_stock = Some(units);
        setting
    }

    fn policy(name: &'static str, change: impl FnOnce(&mut PolicyChange)) -> Self {
        let mut setting = Self::new(name);
        change(&mut setting.policy);
        setting
    }

    /// Channels of the platforms by what each has of a hundred buyers.
    fn channels(name: &'static str, of: impl Fn(u32) -> (Option<u32>, Option<u32>)) -> Self {
        let mut setting = Self::new(name);
        let channel = |&(platform, share): &(&str, u32)| {
            let (reserved, max) = of(STOCK * share / 100);
            Channel { platform: platform.into(), reserved, max }
        };
        setting.item.channels = PLATFORMS.iter().map(channel).collect();
        setting
    }

    fn closing(self) -> Self {
        Self { closes_refused: true, ..self }
    }
}

/// All that are compared, the contract's defaults first.
#[must_use]
pub fn settings() -> Vec<Setting> {
    let on_paid = |policy: &mut PolicyChange| policy.allocate_on = Some(AllocateOn::Paid);
    let mut on_paid_with_safety =
        Setting::policy("`allocate_on: paid`, `safety_stock: 400`", on_paid);
    on_paid_with_safety.item.safety_stock = Some(400);
    let mut backorder = Setting::new("`backorder.limit: 600`");
    backorder.item.backorder = Some(Backorder { limit: 600, until: None });
    vec![
        Setting::new("the defaults"),
        Setting::new("refused orders closed").closing(),
        Setting::safety("`safety_stock: 50`", 50),
        Setting::safety("`safety_stock: 100`", 100),
        Setting::safety("`safety_stock: 200`", 200),
        Setting::safety("`safety_stock: 400`", 400),
        Setting::safety("`safety_stock: 50`, refused orders closed", 50).closing(),
        Setting::policy("`unpaid_shortage: waitlist`", |policy| {
            policy.unpaid_shortage = Some(Shortage::Waitlist);
        }),
        Setting::policy("`paid_preempts_reserved`", |policy| {
            policy.paid_preempts_reserved = Some(true);
        }),
        Setting::policy("`allocate_on: paid`", on_paid),
        on_paid_with_safety,
        Setting::channels("`channels`: `max` by share", |share| (None, Some(share))),
        Setting::channels("`channels`: `reserved` by share", |share| (Some(share), None)),
        backorder,
    ]
}
