//! What buyers type when what they got is bad, in Chinese and English.
//!
//! A comment is a complaint if it has one of the words that say so of goods, and none that turn it around: a
//! question, a doubt, a condition, somebody else's promise, or a way of speaking (高兴坏了). It is better to
//! miss a complaint than to call a lot bad over a question: the others who got it will say so too.

use alloc::string::String;

use crate::bounds::COMPLAINT_CHARS_MAX;

/// Say that something that came is bad.
const BAD: &[&str] = &[
    "坏了",
    "坏的",
    "坏果",
    "坏掉",
    "烂了",
    "烂的",
    "烂果",
    "烂掉",
    "全烂",
    "都烂",
    "腐烂",
    "发霉",
    "霉了",
    "长霉",
    "变质",
    "馊了",
    "臭了",
    "发臭",
    "有虫",
    "长虫",
    "生虫",
    "破损",
    "摔破",
    "摔碎",
    "碎了",
    "漏了",
    "压坏",
    "不新鲜",
    "难吃",
    "吃坏",
    "拉肚子",
    "投诉",
    "差评",
    "缺斤少两",
    "发错货",
    "rotten",
    "mouldy",
    "moldy",
    "spoiled",
    "spoilt",
    "went bad",
    "gone bad",
    "was bad",
    "were bad",
    "bruised",
    "damaged",
    "smashed",
    "leaking",
    "inedible",
    "tasted bad",
    "smells bad",
    "smelled bad",
];

/// Turn it around.
const TURNS: &[&str] = &[
    "?",
    "？",
    "吗",
    "嘛",
    "么",
    "没",
    "不会",
    "会不会",
    "会坏",
    "会烂",
    "不是",
    "并非",
    "有没有",
    "如果",
    "要是",
    "万一",
    "假如",
    "怕",
    "担心",
    "别",
    "包赔",
    "包退",
    "怎么",
    "多久",
    "几天",
    "高兴坏",
    "开心坏",
    "乐坏",
    "忙坏",
    "馋坏",
    "急坏",
    "饿坏",
    "累坏",
    "笑坏",
    "吓坏",
    "气坏",
    "想坏",
    "脑子",
    "手机",
    "网",
    "主播",
    "声音",
    "画面",
    "n't",
    "n’t",
    "not ",
    "no ",
    "never",
    " if",
    "if ",
    "will ",
    "would",
    "how ",
    "worried",
    "afraid",
    "nothing",
    "cannot",
];

/// Whether a comment says that what its writer got is bad.
#[must_use]
pub fn complains(text: &str) -> bool {
    // Bytes first: what is far too long is not looked at.
    if text.len() > 4 * COMPLAINT_CHARS_MAX || text.chars().count() > COMPLAINT_CHARS_MAX {
        return false;
    }
    let text: String = text.chars().map(|sign| sign.to_ascii_lowercase()).collect();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    has(BAD) && !has(TURNS)
}
