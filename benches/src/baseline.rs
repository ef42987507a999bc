//! Bare tantivy, as one would first try it: one text field, a disjunction of term queries, the top ten.
//!
//! A: jieba tokens (search mode, stock dictionary). B: characters and character pairs.

use index_data::load::Source;
use jieba_rs::Jieba;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{
    FAST, Field, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions, Value,
};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use tantivy::{Index, Searcher, TantivyDocument, Term};

/// Threads of orgsearch's own reindex, given to the baselines as well.
const THREADS: usize = 2;
const MEMORY: usize = 512 << 20;
const TOP: usize = 10;

/// How a baseline cuts text.
#[derive(Clone)]
pub(crate) enum Cut {
    Words(Arc<Jieba>),
    Pairs,
}

impl Cut {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Cut::Words(_) => "A (jieba words)",
            Cut::Pairs => "B (character pairs)",
        }
    }

    fn tokens(&self, text: &str) -> Vec<String> {
        match self {
            Cut::Words(jieba) => {
                jieba.cut_for_search(text, false).iter().map(|token| token.word.to_owned()).collect()
            }
            Cut::Pairs => {
                let chars: Vec<char> = text.chars().collect();
                let pairs = chars.windows(2).map(String::from_iter);
                chars.iter().map(char::to_string).chain(pairs).collect()
            }
        }
    }
}

/// Hands the tokens of a [`Cut`] to tantivy.
#[derive(Clone)]
struct CutTokenizer {
    cut: Cut,
}

struct CutStream {
    tokens: std::vec::IntoIter<String>,
    token: Token,
}

impl Tokenizer for CutTokenizer {
    type TokenStream<'a> = CutStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> CutStream {
        CutStream { tokens: self.cut.tokens(text).into_iter(), token: Token::default() }
    }
}

impl TokenStream for CutStream {
    fn advance(&mut self) -> bool {
        let Some(text) = self.tokens.next() else { return false };
        self.token.position = self.token.position.wrapping_add(1);
        self.token.text = text;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// A built baseline.
pub(crate) struct Baseline {
    cut: Cut,
    searcher: Searcher,
    name: Field,
    id: Field,
}

impl Baseline {
    /// Indexes all rows: parse, tokenize, commit.
    pub(crate) fn build(cut: &Cut, rows: Source, dir: &Path) -> Result<(), Box<dyn Error>> {
        let indexing =
            TextFieldIndexing::default().set_tokenizer("cut").set_index_option(IndexRecordOption::WithFreqs);
        let mut schema = Schema::builder();
        let name = schema.add_text_field("name", TextOptions::default().set_indexing_options(indexing));
        let id = schema.add_text_field("id", TextOptions::default() | STORED | FAST);
        std::fs::create_dir_all(dir)?;
        let index = Index::create_in_dir(dir, schema.build())?;
        index.tokenizers().register("cut", CutTokenizer { cut: cut.clone() });
        let mut writer = index.writer_with_num_threads(THREADS, MEMORY)?;
        for row in rows {
            let row = row?;
            let mut document = TantivyDocument::new();
            document.add_text(name, &row.name);
            document.add_text(id, &row.id);
            writer.add_document(document)?;
        }
        writer.commit()?;
        writer.wait_merging_threads()?;
        Ok(())
    }

    pub(crate) fn open(cut: Cut, dir: &Path) -> Result<Baseline, Box<dyn Error>> {
        let index = Index::open_in_dir(dir)?;
        let (name, id) = (index.schema().get_field("name")?, index.schema().get_field("id")?);
        let searcher = index.reader()?.searcher();
        Ok(Baseline { cut, searcher, name, id })
    }

    /// The ids of the top ten.
    pub(crate) fn search(&self, query: &str) -> Result<Vec<String>, Box<dyn Error>> {
        let clause = |token: String| -> (Occur, Box<dyn Query>) {
            let term = Term::from_field_text(self.name, &token);
            (Occur::Should, Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)))
        };
        let query = BooleanQuery::new(self.cut.tokens(query).into_iter().map(clause).collect());
        let found = self.searcher.search(&query, &TopDocs::with_limit(TOP).order_by_score())?;
        let mut ids = Vec::with_capacity(found.len());
        for (_, address) in found {
            let document: TantivyDocument = self.searcher.doc(address)?;
            ids.extend(document.get_first(self.id).and_then(|id| id.as_str()).map(str::to_owned));
        }
        Ok(ids)
    }
}
