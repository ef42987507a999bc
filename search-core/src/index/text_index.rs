//! The postings of one segment: one tantivy segment whose document numbers are ordinals.

use super::sealed_directory::SealedDirectory;
use crate::text::analyzers::{GRAMS, GramTokenizer, WORDS, WordTokenizer};
use crate::text::segment::Segmenter;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tantivy::collector::TopDocs;
use tantivy::directory::{Directory, MmapDirectory};
use tantivy::postings::{BlockSegmentPostings, SegmentPostings};
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::TokenizerManager;
use tantivy::{DocId, Index, InvertedIndexReader, ReloadPolicy, Searcher, Term};

/// The fields of the schema.
#[derive(Clone, Copy)]
pub(crate) struct Fields {
    /// Characters and pairs of all names.
    pub(crate) grams: Field,
    /// Words of all names.
    pub(crate) words: Field,
}

/// The schema: nothing stored, no positions, no frequencies, no norms. The texts themselves lie in the records.
pub(crate) fn schema() -> (Schema, Fields) {
    let options = |tokenizer: &str| {
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(tokenizer)
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(false);
        TextOptions::default().set_indexing_options(indexing)
    };
    let mut schema = Schema::builder();
    let grams = schema.add_text_field("grams", options(GRAMS));
    let words = schema.add_text_field("words", options(WORDS));
    (schema.build(), Fields { grams, words })
}

/// The tokenizers the schema names.
pub(crate) fn tokenizers(segmenter: &Segmenter) -> TokenizerManager {
    let tokenizers = TokenizerManager::new();
    tokenizers.register(GRAMS, GramTokenizer::default());
    tokenizers.register(WORDS, WordTokenizer::new(segmenter.clone()));
    tokenizers
}

/// What is looked up in one of the fields.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum IndexTerm {
    Gram(String),
    Word(String),
}

/// The opened postings.
pub(crate) struct SegmentText {
    fields: Fields,
    searcher: Searcher,
    /// Of the one segment; `None` for an index without organizations.
    grams: Option<Arc<InvertedIndexReader>>,
    /// For each character of the basic plane how many organizations hold it, and one, once it was asked for; else 0.
    char_frequencies: Box<[AtomicU32]>,
}

impl SegmentText {
    pub(crate) fn open_dir(dir: &Path, segmenter: &Segmenter) -> tantivy::Result<SegmentText> {
        let files = MmapDirectory::open(dir)?;
        Self::open(Box::new(SealedDirectory { files }), segmenter)
    }

    pub(crate) fn open(directory: Box<dyn Directory>, segmenter: &Segmenter) -> tantivy::Result<SegmentText> {
        let mut index = Index::open(directory)?;
        index.set_tokenizers(tokenizers(segmenter));
        let (_, fields) = schema();
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let searcher = reader.searcher();
        if searcher.segment_readers().len() > 1 {
            let message = format!("{} segments where one is expected", searcher.segment_readers().len());
            return Err(tantivy::TantivyError::InternalError(message));
        }
        let grams = searcher
            .segment_readers()
            .first()
            .map(|segment| segment.inverted_index(fields.grams))
            .transpose()?;
        let char_frequencies = (0..=u16::MAX).map(|_| AtomicU32::new(0)).collect();
        Ok(SegmentText { fields, searcher, grams, char_frequencies })
    }

    /// How many organizations have documents here.
    pub(crate) fn len(&self) -> u64 {
        self.searcher.num_docs()
    }

    /// How many organizations hold this character in one of their names.
    pub(crate) fn char_frequency(&self, c: char) -> tantivy::Result<u32> {
        let look_up = || self.gram_frequency(c.encode_utf8(&mut [0; 4]));
        let Some(known) = self.char_frequencies.get(c as usize) else { return look_up() };
        if let Some(frequency) = known.load(Ordering::Relaxed).checked_sub(1) {
            return Ok(frequency);
        }
        let frequency = look_up()?;
        known.store(frequency.saturating_add(1), Ordering::Relaxed);
        Ok(frequency)
    }

    /// How many organizations hold this character or pair in one of their names.
    pub(crate) fn gram_frequency(&self, gram: &str) -> tantivy::Result<u32> {
        match &self.grams {
            Some(grams) => Ok(grams.doc_freq(&Term::from_field_text(self.fields.grams, gram))?),
            None => Ok(0),
        }
    }

    /// The organizations that hold this character or pair, ascending.
    pub(crate) fn gram_postings(&self, gram: &str) -> tantivy::Result<SegmentPostings> {
        let Some(grams) = &self.grams else { return Ok(SegmentPostings::empty()) };
        let term = Term::from_field_text(self.fields.grams, gram);
        Ok(grams.read_postings(&term, IndexRecordOption::Basic)?.unwrap_or_else(SegmentPostings::empty))
    }

    /// The same, to be decoded block by block; `None` if nobody holds it.
    pub(crate) fn gram_blocks(&self, gram: &str) -> tantivy::Result<Option<BlockSegmentPostings>> {
        let Some(grams) = &self.grams else { return Ok(None) };
        let term = Term::from_field_text(self.fields.grams, gram);
        Ok(grams.read_block_postings(&term, IndexRecordOption::Basic)?)
    }

    /// How many organizations hold this word in one of their names.
    pub(crate) fn word_frequency(&self, word: &str) -> tantivy::Result<u32> {
        let frequency = self.searcher.doc_freq(&Term::from_field_text(self.fields.words, word))?;
        Ok(u32::try_from(frequency).unwrap_or(u32::MAX))
    }

    /// The organizations that share most with a bag of terms, weighted by rarity, best first.
    pub(crate) fn sharing_most(&self, terms: &[IndexTerm], limit: usize) -> tantivy::Result<Vec<DocId>> {
        if terms.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let clauses = terms.iter().map(|term| -> (Occur, Box<dyn Query>) {
            let term = match term {
                IndexTerm::Gram(gram) => Term::from_field_text(self.fields.grams, gram),
                IndexTerm::Word(word) => Term::from_field_text(self.fields.words, word),
            };
            (Occur::Should, Box::new(TermQuery::new(term, IndexRecordOption::Basic)))
        });
        let top = TopDocs::with_limit(limit).order_by_score();
        let found = self.searcher.search(&BooleanQuery::new(clauses.collect()), &top)?;
        Ok(found.into_iter().map(|(_, address)| address.doc_id).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::limits::IndexLimits;
    use crate::index::write::write;
    use crate::text::analyzers::grams;
    use index_data::generate::{GenerateOptions, Scope, generate};
    use index_data::validate::validate_rows;
    use tantivy::directory::RamDirectory;

    /// tantivy prunes blocks of postings that cannot reach the top; what it gives must be what scoring every document
    /// gives.
    #[test]
    fn the_pruned_top_is_the_top_of_all() {
        let rows = generate(&GenerateOptions { orgs: 6_000, seed: 4, scope: Scope::Beijing });
        let tree = validate_rows(rows).tree.expect("generated rows are valid");
        let segmenter = Segmenter::with_vocabulary(&[]);
        let directory = RamDirectory::create();
        let limits = IndexLimits::default();
        write(&tree, Box::new(directory.clone()), &segmenter, limits, |_| Ok(()), |_| Ok(()))
            .expect("it is written");
        let index = SegmentText::open(Box::new(directory), &segmenter).expect("it is opened");
        for ordinal in tree.ordinals().step_by(97) {
            let name = crate::normalize(tree.name(ordinal));
            let words =
                segmenter.words(&name).into_iter().map(|range| IndexTerm::Word(name[range].to_owned()));
            let grams = grams(&name).into_iter().step_by(3).take(12).map(IndexTerm::Gram);
            let terms: Vec<IndexTerm> = words.chain(grams).collect();
            // Without a limit there is no threshold, so nothing is pruned.
            let all = index.sharing_most(&terms, tree.len() as usize).expect("it is searched");
            for limit in [1, 10, 100] {
                let top = index.sharing_most(&terms, limit).expect("it is searched");
                assert_eq!(top, all[..limit.min(all.len())], "{name}, top {limit}");
            }
        }
    }
}
