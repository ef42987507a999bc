//! Characters that stand for others.

use super::records::{records, unpack};
use std::sync::OnceLock;

/// Characters taken for one another: same sound, similar shape.
pub(crate) fn confusions() -> &'static [(char, &'static str, &'static str)] {
    static FOUND: OnceLock<Vec<(char, &'static str, &'static str)>> = OnceLock::new();
    FOUND.get_or_init(|| {
        records(unpack(include_bytes!("../../../lists/confusions.tsv.gz")))
            .filter_map(|c| Some((c[0].chars().next()?, c[1], c[2])))
            .collect()
    })
}

/// Simplified and traditional character, in the order of the simplified one.
pub(crate) fn traditional() -> &'static [(char, char)] {
    static FOUND: OnceLock<Vec<(char, char)>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let mut pairs: Vec<_> = records(unpack(include_bytes!("../../../lists/traditional.tsv.gz")))
            .filter_map(|c| {
                let mut chars = c[0].chars();
                Some((chars.next()?, chars.next()?))
            })
            .collect();
        pairs.sort_unstable();
        pairs
    })
}
