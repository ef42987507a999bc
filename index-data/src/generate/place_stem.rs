//! The names of places without the word that says what they are.

/// A place's name without its last word: 石家庄 of 石家庄市.
pub(crate) fn place_stem(name: &str) -> &str {
    const WORDS: &[&str] = &[
        "壮族自治区",
        "回族自治区",
        "维吾尔自治区",
        "自治区",
        "地区办事处",
        "街道",
        "地区",
        "省",
        "市",
        "区",
        "县",
        "镇",
        "乡",
    ];
    for word in WORDS {
        if let Some(stem) = name.strip_suffix(word)
            && stem.chars().count() >= 2
        {
            // 曹碾满族乡, 本溪满族自治县: what is left would be no name.
            return if stem.ends_with("族") || stem.ends_with("自治") { name } else { stem };
        }
    }
    name
}
