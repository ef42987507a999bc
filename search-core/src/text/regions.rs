//! The regions that a name begins with: 北京市海淀区 in 北京市海淀区实验中学, 海淀 in 海淀实验中学 below 海淀区.

use super::symbols::{Symbol, of_char};
use index_data::lexicon::regions;
use std::collections::HashSet;
use std::sync::LazyLock;

static REGION_ENDS: LazyLock<Vec<Symbol>> =
    LazyLock::new(|| index_data::lexicon::region_ends().map(of_char).collect());

/// Names of regions of the country, with their ends and without.
static REGIONS: LazyLock<HashSet<Vec<Symbol>>> = LazyLock::new(|| {
    let names = regions().flat_map(|row| std::iter::once(row.name).chain(row.short));
    names.map(|name| crate::normalize(name).chars().map(of_char).collect()).collect()
});

/// The fewest symbols of a region before its end, and of the name behind it.
const SHORTEST: usize = 2;
/// The most symbols of a region, its end included.
const LONGEST: usize = 8;
/// The most symbols of a region that is named without its end.
const LONGEST_BARE: usize = 4;

/// Whether names of regions end so: 省, 市, 区.
pub(crate) fn is_region_end(symbol: Symbol) -> bool {
    REGION_ENDS.contains(&symbol)
}

/// Whether a word of a name is a region: it ends like one (中关村街道), or is one of the country without its end (福建).
pub(crate) fn is_region(word: &[Symbol]) -> bool {
    word.last().is_some_and(|&end| is_region_end(end)) || REGIONS.contains(word)
}

/// How many symbols at the beginning name regions with their ends (江西省赣州市…), as long as a name remains behind them.
pub(crate) fn region_len(symbols: &[Symbol]) -> usize {
    let mut end = 0;
    loop {
        let is_end = |at: &usize| is_region_end(symbols[*at]);
        let last = symbols.len().min(end + LONGEST);
        match (end + SHORTEST..last).find(is_end) {
            Some(at) if at + 1 + SHORTEST <= symbols.len() => end = at + 1,
            _ => return end,
        }
    }
}

/// How many symbols at the beginning are a region that `path` names with its end: 海淀 below 海淀区.
pub(crate) fn bare_region_len(symbols: &[Symbol], path: &[Symbol]) -> usize {
    let longest = LONGEST_BARE.min(symbols.len().saturating_sub(SHORTEST));
    let is_named = |len: &usize| {
        let mut places = path.windows(len + 1);
        places.any(|place| place[..*len] == symbols[..*len] && is_region_end(place[*len]))
    };
    (SHORTEST..=longest).rev().find(is_named).unwrap_or(0)
}

/// The name of a region without its end: 海淀 for 海淀区.
pub(crate) fn without_region_end(symbols: &[Symbol]) -> &[Symbol] {
    match symbols {
        [name @ .., end] if name.len() >= SHORTEST && is_region_end(*end) => name,
        _ => symbols,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<Symbol> {
        text.chars().map(of_char).collect()
    }

    #[test]
    fn regions_before_a_name_are_told_from_it() {
        for (text, len) in [
            ("江西省赣州市赣州中学", 6),
            ("赣州中学", 0),
            ("海淀区", 0),
            ("海淀区中关村", 3),
            ("北京市海淀区", 3),
            ("", 0),
        ] {
            assert_eq!(region_len(&of(text)), len, "{text}");
        }
    }

    #[test]
    fn words_that_are_regions_are_known_with_and_without_their_ends() {
        for (word, expected) in
            [("福建省", true), ("福建", true), ("赣州", true), ("双十", false), ("中学", false), ("", false)]
        {
            assert_eq!(is_region(&of(word)), expected, "{word}");
        }
    }

    #[test]
    fn a_region_without_its_end_is_known_from_the_names_above() {
        for (text, path, len) in [
            ("海淀实验中学", "北京市海淀区", 2),
            ("石景山学校", "北京市石景山区", 3),
            ("海淀实验中学", "北京市朝阳区", 0),
            ("海淀", "北京市海淀区", 0),
            ("", "", 0),
        ] {
            assert_eq!(bare_region_len(&of(text), &of(path)), len, "{text} {path}");
        }
    }

    #[test]
    fn the_end_of_a_region_may_be_left_out() {
        for (text, without) in [("海淀区", "海淀"), ("北京大学", "北京大学"), ("蓟县", "蓟县"), ("", "")]
        {
            assert_eq!(without_region_end(&of(text)), of(without), "{text}");
        }
    }
}
