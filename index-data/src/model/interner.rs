//! Every id that any row mentions, once: a symbol instead of a string.

use super::text_column::TextColumn;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

/// Gives each distinct text a dense number.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interner {
    texts: TextColumn,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Interner {
    /// For so many bytes of distinct texts; see [`TextColumn::with_limit`].
    pub(crate) fn with_limit(most_bytes: u32) -> Self {
        Interner { texts: TextColumn::with_limit(most_bytes), ..Interner::default() }
    }

    /// The number of a text; `None` for a new one that has no place any more.
    pub(crate) fn intern(&mut self, text: &str) -> Option<u32> {
        if let Some(symbol) = self.find(text) {
            return Some(symbol);
        }
        // The last number stands for "none" in the columns that hold symbols.
        let symbol = u32::try_from(self.texts.len()).ok().filter(|&symbol| symbol < u32::MAX)?;
        if !self.texts.push(text) {
            return None;
        }
        let (texts, hasher) = (&self.texts, &self.hasher);
        self.table.insert_unique(hasher.hash_one(text), symbol, |&s| hasher.hash_one(texts.get(s)));
        Some(symbol)
    }

    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        self.table.find(self.hasher.hash_one(text), |&symbol| self.texts.get(symbol) == text).copied()
    }

    pub(crate) fn get(&self, symbol: u32) -> &str {
        self.texts.get(symbol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_a_place_has_no_number() {
        let mut ids = Interner::with_limit(8);
        assert_eq!(
            ["1234", "12", "1234", "567", "89", "", "1"].map(|id| ids.intern(id)),
            [Some(0), Some(1), Some(0), None, Some(2), Some(3), None,]
        );
        assert_eq!((ids.get(0), ids.get(2), ids.find("567")), ("1234", "89", None));
        assert_eq!(ids.intern(&"x".repeat(1 << 16)), None);
    }
}
