//! The words of a name that say what the organization is: its type and its line of business.

use crate::number_hash::NumberHash;
use index_data::lexicon::{organization_types, trades};
use std::collections::HashMap;
use std::sync::LazyLock;

static TYPES: LazyLock<Words> =
    LazyLock::new(|| Words::new(organization_types().map(|row| (row.text, row.organization_type))));
static TRADES: LazyLock<Words> = LazyLock::new(|| Words::new(trades().map(|row| (row.text, row.trade))));

/// The types that a normalized name says, in their order; of words in one another the longest.
pub(super) fn types(name: &str) -> Vec<(&str, &'static str)> {
    TYPES.find(name)
}

/// Where the types that a normalized name says end, in bytes, ascending.
pub(super) fn ends_of_types(name: &str) -> Vec<usize> {
    let start = name.as_ptr() as usize;
    types(name).iter().map(|(word, _)| word.as_ptr() as usize - start + word.len()).collect()
}

/// The lines of business that a normalized name says.
pub(super) fn trades_of(name: &str) -> Vec<(&str, &'static str)> {
    TRADES.find(name)
}

/// Whether a normalized name says a type, or a kind of it.
pub(super) fn says_type(name: &str, wanted: &str) -> bool {
    types(name).iter().any(|(_, known)| is_kind(known, wanted))
}

/// Whether an organization can be of both types: they are equal, or one is a kind of the other.
pub(super) fn are_compatible(a: &str, b: &str) -> bool {
    is_kind(a, b) || is_kind(b, a)
}

fn is_kind(kind: &str, of: &str) -> bool {
    kind.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Words with their groups.
struct Words {
    /// Each word with its group, by its first character, the longest first.
    by_first: HashMap<char, Vec<(&'static str, &'static str)>, NumberHash>,
}

impl Words {
    fn new(rows: impl Iterator<Item = (&'static str, &'static str)>) -> Words {
        let mut by_first: HashMap<char, Vec<(&str, &str)>, NumberHash> = HashMap::default();
        for (word, group) in rows {
            if let Some(first) = word.chars().next() {
                by_first.entry(first).or_default().push((word, group));
            }
        }
        by_first.values_mut().for_each(|words| words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len())));
        Words { by_first }
    }

    fn find<'t>(&self, text: &'t str) -> Vec<(&'t str, &'static str)> {
        let mut found = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let mut words = self.by_first.get(&first).into_iter().flatten();
            let word = words.find(|(word, _)| rest.starts_with(word));
            let (known, behind) = rest.split_at(word.map_or(first.len_utf8(), |(word, _)| word.len()));
            found.extend(word.map(|(_, group)| (known, *group)));
            rest = behind;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_words_of_a_name_say_its_types() {
        for (name, expected) in [
            ("北京大学附属中学", vec![("大学", "school.higher"), ("中学", "school.secondary")]),
            (
                "中关村街道社区卫生服务中心",
                vec![("村", "place.community"), ("街道", "place.town"), ("社区卫生服务中心", "hospital")],
            ),
            ("", vec![]),
        ] {
            assert_eq!(types(name), expected, "{name}");
        }
        assert_eq!(trades_of("某某建材有限公司"), [("建材", "building_materials")]);
    }

    #[test]
    fn kinds_of_one_type_are_compatible_and_sisters_are_not() {
        for (a, b, expected) in [
            ("school", "school.primary", true),
            ("school.primary", "school.secondary", false),
            ("school.secondary.high", "school.secondary", true),
            ("school", "schooling", false),
        ] {
            assert_eq!(are_compatible(a, b), expected, "{a} {b}");
            assert_eq!(are_compatible(b, a), expected, "{b} {a}");
        }
    }
}
