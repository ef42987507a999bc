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
    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        if let Some(symbol) = self.find(text) {
            return symbol;
        }
        let symbol = self.texts.len() as u32;
        self.texts.push(text);
        let (texts, hasher) = (&self.texts, &self.hasher);
        self.table.insert_unique(hasher.hash_one(text), symbol, |&s| hasher.hash_one(texts.get(s)));
        symbol
    }

    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        self.table.find(self.hasher.hash_one(text), |&symbol| self.texts.get(symbol) == text).copied()
    }

    pub(crate) fn get(&self, symbol: u32) -> &str {
        self.texts.get(symbol)
    }
}
