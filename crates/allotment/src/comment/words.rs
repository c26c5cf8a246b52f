//! The words of the grammar, as folded text. Longer ones stand before those that they begin with.

/// Say nothing.
pub(super) const FILLERS: &[&str] = &[
    "我",
    "给我",
    "帮我",
    "帮忙",
    "麻烦",
    "请",
    "谢谢",
    "谢了",
    "感谢",
    "主播",
    "老板娘",
    "老板",
    "掌柜",
    "姐姐",
    "哥哥",
    "大姐",
    "大哥",
    "姐",
    "哥",
    "亲爱的",
    "亲",
    "宝贝",
    "宝子",
    "宝宝",
    "宝",
    "家人们",
    "小助理",
    "助理",
    "客服",
    "老师",
    "好的",
    "那",
    "就",
    "先",
    "也",
    "都",
    "不好意思",
    "抱歉",
    "sorry",
    "啊",
    "呀",
    "哦",
    "噢",
    "哈哈",
    "哈",
    "吧",
    "啦",
    "喽",
    "ok",
    "hi",
    "hello",
    "hey",
    "thanks",
    "thank you",
    "thx",
    "i will",
    "i'll",
    "i",
    "me",
    "for",
    "the",
    "it",
    "just",
    "yes",
    "yeah",
];

/// Say by themselves that something is wanted.
pub(super) const WANTS: &[&str] =
    &["想要", "要了", "要", "i'd like", "id like", "would like", "want"];

/// Ask for a quantity.
pub(super) const GETS: &[&str] =
    &["来", "拿", "买", "抢", "留", "订", "take", "get", "give", "buy", "need"];

/// Say of everything that it is wanted no more, where nothing is named.
pub(super) const WHOLE_NOTS: &[&str] =
    &["不要了", "不要啦", "不想要了", "取消", "cancel", "don't want it anymore", "no longer want"];

/// Say so of what is named.
pub(super) const NOTS: &[&str] = &["不要", "不想要", "don't want", "dont want", "do not want"];

/// What goods are counted in.
pub(super) const UNITS: &[&str] = &[
    "份", "单", "箱", "件", "盒", "袋", "包", "瓶", "罐", "桶", "套", "组", "筐", "篮", "提", "板",
    "boxes", "box", "bags", "bag", "packs", "pack", "sets", "set", "cases", "case", "cartons",
    "carton", "bottles", "bottle", "jars", "jar", "units", "unit",
];

/// What goods are counted in, and anything else.
pub(super) const LOOSE_UNITS: &[&str] =
    &["个", "只", "条", "双", "把", "串", "pieces", "piece", "pcs"];

/// Numbers in English.
pub(super) const ENGLISH: &[(&str, u32)] = &[
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("an", 1),
    ("a", 1),
];
