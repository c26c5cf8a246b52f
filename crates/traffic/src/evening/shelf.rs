//! What a village sells, when the host shows it, and how the stock comes in.

use serde_json::{Map, Value, json};

use super::orders::Order;
use super::stage::{Happening, SECOND, Stage};
use super::{Plan, Topic};
use crate::rng::Rng;

/// One thing on sale.
pub(super) struct Goods {
    /// Its SKU.
    pub(super) sku: &'static str,
    name: &'static str,
    /// Days from tonight until it is past its best.
    keeps_days: i64,
}

const fn goods(sku: &'static str, name: &'static str, keeps_days: i64) -> Goods {
    Goods { sku, name, keeps_days }
}

/// The dozen of the evening, in the order in which the host shows them.
pub(super) const GOODS: [Goods; 12] = [
    goods("orange-5kg", "赣南脐橙 5公斤 · Navel oranges, 5 kg", 14),
    goods("kiwi-12", "红心猕猴桃 12枚 · Red kiwifruit, 12 pieces", 7),
    goods("jujube-1kg", "沾化冬枣 1公斤 · Winter jujubes, 1 kg", 6),
    goods("pomelo-2", "沙田柚 2个 · Shatian pomelos, 2 pieces", 30),
    goods("yam-2500g", "铁棍山药 2.5公斤 · Iron-stick yam, 2.5 kg", 20),
    goods("lotus-root-3kg", "洪湖莲藕 3公斤 · Lotus root, 3 kg", 5),
    goods("shiitake-500g", "鲜香菇 500克 · Fresh shiitake, 500 g", 4),
    goods("eggs-30", "散养土鸡蛋 30枚 · Free-range eggs, 30 pieces", 21),
    goods("ginger-1kg", "小黄姜 1公斤 · Yellow ginger, 1 kg", 40),
    goods("sweet-potato-5kg", "烟薯25 5公斤 · Honey sweet potatoes, 5 kg", 25),
    goods("bamboo-shoot-1kg", "新挖冬笋 1公斤 · Winter bamboo shoots, 1 kg", 3),
    goods("chestnut-2kg", "迁西板栗 2公斤 · Qianxi chestnuts, 2 kg", 35),
];

/// The village teams of the county; each is a pool.
const VILLAGES: [&str; 12] = [
    "hexi", "dongshan", "nanping", "beigou", "qingshui", "taoyuan", "liulin", "shiqiao", "xinan",
    "baiyun", "fengwan", "zhuxi",
];

/// Which of the goods sell out tonight, and with how much stock.
pub(super) struct Shelf {
    /// The two that sell out: index into [`GOODS`] and units on the shelf.
    pub(super) scarce: [(usize, u32); 2],
}

impl Shelf {
    /// Chooses what is scarce: one item of the first half of the show, one of the second.
    pub(super) fn new(rng: &mut Rng) -> Self {
        let mut one = |low, high| {
            let item =
                usize::try_from(rng.between(low, high)).expect("indexes are small and positive");
            (item, u32::try_from(rng.between(30, 48)).expect("stock is small and positive"))
        };
        Self { scarce: [one(2, 5), one(7, 9)] }
    }

    /// Whether an item is one of the two that sell out.
    pub(super) fn is_scarce(&self, item: usize) -> bool {
        self.scarce.iter().any(|(scarce, _)| *scarce == item)
    }
}

/// The name of pool number `number`.
pub(super) fn pool_name(number: u32) -> String {
    let count = u32::try_from(VILLAGES.len()).expect("a county has few villages");
    let village = VILLAGES[usize::try_from(number % count).expect("a remainder is small")];
    match number / count {
        0 => format!("{village}-village"),
        round => format!("{village}-village-{}", round + 1),
    }
}

/// Policy, catalogue, lots, inspections and one adjustment; everything the stock clerk sends.
pub(super) fn stock_events(
    plan: &Plan,
    shelf: &Shelf,
    orders: &[Order],
    rng: &mut Rng,
) -> Vec<Happening> {
    let mut clerk = Clerk { plan, count: 0, out: Vec::new() };
    clerk.policy(rng);
    for (item, goods) in GOODS.iter().enumerate() {
        let stock = on_shelf(item, shelf, orders, rng);
        clerk.catalogue(goods, stock, rng);
        let scarce = shelf.is_scarce(item);
        clerk.lots(item, stock, scarce, rng);
    }
    let failing = if shelf.is_scarce(6) { 7 } else { 6 };
    clerk.failing_lot(failing, rng);
    clerk.second_cart(shelf.scarce[1], rng);
    let dropped = clerk.fields(&GOODS[0], json!({"delta": -3, "reason": "crushed in unloading"}));
    clerk.say("stock.adjusted", rng.between(600, 900) * SECOND, dropped);
    clerk.out
}

/// Units to put on the shelf: the scarce have what was decided, the rest more than the evening asks for.
fn on_shelf(item: usize, shelf: &Shelf, orders: &[Order], rng: &mut Rng) -> u32 {
    if let Some((_, stock)) = shelf.scarce.iter().find(|(scarce, _)| *scarce == item) {
        return *stock;
    }
    let asked: u32 = orders.iter().map(|order| order.most_of(item)).sum();
    let percent = u32::try_from(rng.between(104, 150)).expect("a percentage is small");
    (asked * percent / 100 + 8).next_multiple_of(2)
}

/// Writes the stock events of one pool, numbered.
struct Clerk<'a> {
    plan: &'a Plan,
    count: u32,
    out: Vec<Happening>,
}

impl Clerk<'_> {
    fn policy(&mut self, rng: &mut Rng) {
        let fields = json!({
            "allocate_on": "created", "reservation_ttl_s": Stage::new(self.plan).reservation_seconds(),
            "unpaid_shortage": "refuse", "paid_shortage": "waitlist", "partial": false,
        });
        self.say("pool.policy", rng.between(0, 900), object(fields));
    }

    fn catalogue(&mut self, goods: &Goods, stock: u32, rng: &mut Rng) {
        let fields = self.fields(goods, json!({"name": goods.name, "low_stock_at": stock / 8}));
        self.say("catalogue.item", rng.between(1_000, 5_000), fields);
    }

    /// Two lots: one that was inspected in the afternoon, one that is inspected before the show or, for
    /// the last item, while it runs. What is scarce comes in one.
    fn lots(&mut self, item: usize, stock: u32, scarce: bool, rng: &mut Rng) {
        let goods = &GOODS[item];
        let first = if scarce { stock } else { stock / 2 };
        let lot = json!({"quantity": first, "lot_id": format!("{}-a", goods.sku),
            "best_before": self.plan.date_after(goods.keeps_days)});
        let fields = self.fields(goods, lot);
        self.say("stock.received", rng.between(6_000, 15_000), fields);
        if scarce {
            return;
        }
        let late = item + 1 == GOODS.len();
        let inspected = if late { rng.between(900, 1_100) } else { rng.between(30, 50) } * SECOND;
        let lot_id = format!("{}-b", goods.sku);
        self.pending_lot(goods, &lot_id, stock - first, rng);
        self.say(
            "stock.inspected",
            inspected,
            object(json!({"lot_id": lot_id, "result": "passed"})),
        );
    }

    fn failing_lot(&mut self, item: usize, rng: &mut Rng) {
        let goods = &GOODS[item];
        let lot_id = format!("{}-x", goods.sku);
        self.pending_lot(goods, &lot_id, 24, rng);
        let result =
            json!({"lot_id": lot_id, "result": "failed", "note": "wet crates, soft fruit"});
        self.say("stock.inspected", rng.between(200, 400) * SECOND, object(result));
    }

    fn pending_lot(&mut self, goods: &Goods, lot_id: &str, quantity: u32, rng: &mut Rng) {
        let lot = json!({"quantity": quantity, "lot_id": lot_id, "inspection": "pending",
            "best_before": self.plan.date_after(goods.keeps_days + 1)});
        let fields = self.fields(goods, lot);
        self.say("stock.received", rng.between(6_000, 20_000), fields);
    }

    /// The neighbours send a second cart of what sold out last: the waiting orders are filled.
    fn second_cart(&mut self, (item, _): (usize, u32), rng: &mut Rng) {
        let goods = &GOODS[item];
        let lot = json!({"quantity": rng.between(16, 24), "lot_id": format!("{}-c", goods.sku),
            "best_before": self.plan.date_after(goods.keeps_days)});
        let fields = self.fields(goods, lot);
        let shown = Stage::shown_at(item);
        self.say("stock.received", shown + rng.between(420, 480) * SECOND, fields);
    }

    fn fields(&self, goods: &Goods, fields: Value) -> Map<String, Value> {
        let mut fields = object(fields);
        fields.insert("sku".into(), goods.sku.into());
        fields
    }

    fn say(&mut self, kind: &'static str, at: i64, fields: Map<String, Value>) {
        self.count += 1;
        let event_id = Some(json!(format!("clerk-{}-{:03}", self.plan.seed, self.count)));
        self.out.push(Happening {
            at,
            topic: Topic::Stock,
            kind,
            platform: None,
            event_id,
            fields,
            travel: None,
        });
    }
}

/// The fields of a JSON object that this room wrote itself.
pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => unreachable!("only objects are written with json!({{…}}) here"),
    }
}
