//! Postings of both segments as one ascending list.

use crate::index::text_index::{IndexTerm, SegmentText};
use index_data::model::Ordinal;
use std::sync::Arc;
use tantivy::postings::{BlockSegmentPostings, SegmentPostings};
use tantivy::{DocSet, TERMINATED};

/// The postings of the base and of the overlay.
#[derive(Clone)]
pub(crate) struct TextIndex {
    base: Arc<SegmentText>,
    overlay: Option<(Ordinal, Arc<SegmentText>)>,
    /// Whose frequencies weigh characters: those of the base, so that no score drifts with each change.
    weights: Arc<SegmentText>,
}

impl From<SegmentText> for TextIndex {
    fn from(text: SegmentText) -> Self {
        let base = Arc::new(text);
        TextIndex { weights: Arc::clone(&base), base, overlay: None }
    }
}

impl TextIndex {
    /// The same base with an overlay that begins at `start`.
    pub(crate) fn with_overlay(&self, start: Ordinal, overlay: SegmentText) -> TextIndex {
        TextIndex { overlay: Some((start, Arc::new(overlay))), ..self.clone() }
    }

    /// The same postings with the character weights of another index.
    #[cfg(test)]
    pub(crate) fn weighed_as(&self, other: &TextIndex) -> TextIndex {
        TextIndex { weights: Arc::clone(&other.weights), ..self.clone() }
    }

    /// How many organizations the frequencies of characters are shares of.
    pub(crate) fn weighed_orgs(&self) -> u64 {
        self.weights.len()
    }

    /// How many of them hold this character in one of their names.
    pub(crate) fn char_frequency(&self, c: char) -> tantivy::Result<u32> {
        self.weights.char_frequency(c)
    }

    /// How many organizations hold this character or pair in one of their names, tombstones among them.
    pub(crate) fn gram_frequency(&self, gram: &str) -> tantivy::Result<u32> {
        let of_overlay = |(_, text): &(Ordinal, Arc<SegmentText>)| text.gram_frequency(gram);
        let overlay = self.overlay.as_ref().map_or(Ok(0), of_overlay)?;
        Ok(self.base.gram_frequency(gram)?.saturating_add(overlay))
    }

    /// The organizations that hold this character or pair, ascending.
    pub(crate) fn gram_postings(&self, gram: &str) -> tantivy::Result<Postings> {
        let overlay = match &self.overlay {
            Some((start, text)) => Some((*start, text.gram_postings(gram)?)),
            None => None,
        };
        Ok(Postings { base: self.base.gram_postings(gram)?, overlay })
    }

    /// The same, to be decoded block by block; `None` if nobody holds it.
    pub(crate) fn gram_blocks(&self, gram: &str) -> tantivy::Result<Option<BlockPostings>> {
        let overlay = match &self.overlay {
            Some((start, text)) => text.gram_blocks(gram)?.map(|blocks| (*start, blocks)),
            None => None,
        };
        let base = self.base.gram_blocks(gram)?;
        let start = self.overlay.as_ref().map_or(TERMINATED, |(start, _)| *start);
        Ok((base.is_some() || overlay.is_some()).then_some(BlockPostings { base, overlay, start }))
    }

    /// How many organizations hold this word.
    pub(crate) fn word_frequency(&self, word: &str) -> tantivy::Result<u32> {
        let of_overlay = |(_, text): &(Ordinal, Arc<SegmentText>)| text.word_frequency(word);
        let overlay = self.overlay.as_ref().map_or(Ok(0), of_overlay)?;
        Ok(self.base.word_frequency(word)?.saturating_add(overlay))
    }

    /// The organizations that share most with a bag of terms, best first, those of the base first.
    pub(crate) fn sharing_most(&self, terms: &[IndexTerm], limit: usize) -> tantivy::Result<Vec<Ordinal>> {
        let mut found = self.base.sharing_most(terms, limit)?;
        if let Some((start, text)) = &self.overlay {
            found.extend(text.sharing_most(terms, limit)?.into_iter().map(|local| start + local));
        }
        Ok(found)
    }
}

/// An ascending list: what the base holds, then what the overlay holds.
#[derive(Clone)]
pub(crate) struct Postings {
    base: SegmentPostings,
    overlay: Option<(Ordinal, SegmentPostings)>,
}

impl Postings {
    /// How many there are.
    pub(crate) fn doc_freq(&self) -> u32 {
        let overlay = self.overlay.as_ref().map_or(0, |(_, postings)| postings.doc_freq());
        self.base.doc_freq().saturating_add(overlay)
    }

    /// The first one from `target` on; [`TERMINATED`] if there is none. Targets must not decrease.
    #[inline]
    pub(crate) fn seek(&mut self, target: Ordinal) -> Ordinal {
        let Some((start, overlay)) = &mut self.overlay else { return seek(&mut self.base, target) };
        if target < *start {
            let found = seek(&mut self.base, target);
            if found != TERMINATED {
                return found;
            }
        }
        match seek(overlay, target.saturating_sub(*start)) {
            TERMINATED => TERMINATED,
            local => *start + local,
        }
    }
}

#[inline]
fn seek(list: &mut SegmentPostings, target: Ordinal) -> Ordinal {
    if list.doc() >= target { list.doc() } else { list.seek(target) }
}

/// The same, block by block.
#[derive(Clone)]
pub(crate) struct BlockPostings {
    base: Option<BlockSegmentPostings>,
    overlay: Option<(Ordinal, BlockSegmentPostings)>,
    /// Where the overlay begins.
    start: Ordinal,
}

impl BlockPostings {
    /// How many there are.
    pub(crate) fn doc_freq(&self) -> u32 {
        let base = self.base.as_ref().map_or(0, BlockSegmentPostings::doc_freq);
        base.saturating_add(self.overlay.as_ref().map_or(0, |(_, blocks)| blocks.doc_freq()))
    }

    /// The list that holds what lies in a block of ordinals, and where its segment begins.
    pub(crate) fn of_block(&mut self, block: Ordinal) -> Option<(&mut BlockSegmentPostings, Ordinal)> {
        if block < self.start {
            return self.base.as_mut().map(|blocks| (blocks, 0));
        }
        self.overlay.as_mut().map(|(start, blocks)| (blocks, *start))
    }
}
