//! interpret: which parts the query has, and what each is taken for.

use super::hits::PartRole;
use crate::text::forms::{self, Form};
use crate::text::normalize::NormalizedText;
use std::ops::Range;

/// The query, taken apart.
#[derive(Debug)]
pub(crate) struct Interpretation {
    pub(crate) text: NormalizedText,
    /// In typed order.
    pub(crate) parts: Vec<Part>,
    /// The family of the form word the query ends with, if it has one.
    pub(crate) form: Option<Form>,
}

/// One part of the normalized query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// Where it lies in the normalized text, in bytes.
    pub(crate) range: Range<usize>,
    pub(crate) role: PartRole,
}

impl Interpretation {
    pub(crate) fn part_text(&self, part: &Part) -> &str {
        &self.text.text()[part.range.clone()]
    }

    /// The texts of the parts that a name must hold, in typed order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter(|part| part.role == PartRole::Name).map(|part| self.part_text(part))
    }
}

/// Separates the query at white space and list marks, and sets boilerplate and form words aside.
pub(crate) fn interpret(text: NormalizedText) -> Interpretation {
    let mut interpretation = Interpretation { parts: Vec::new(), form: None, text };
    for chunk in chunks(&interpretation.text) {
        add_parts(&mut interpretation, chunk);
    }
    interpretation
}

/// The ranges of the normalized text between the separators people type.
fn chunks(text: &NormalizedText) -> Vec<Range<usize>> {
    let is_separator = |c: char| {
        c.is_whitespace()
            || matches!(c, '|' | '｜' | ',' | '，' | '、' | ';' | '；' | '/' | '／' | '>' | '》')
    };
    let mut chunks: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    let mut fresh = true;
    for c in text.raw().chars() {
        let len = crate::normalize(c.encode_utf8(&mut [0; 4])).len();
        fresh |= is_separator(c);
        if len == 0 {
            continue;
        }
        match chunks.last_mut() {
            Some(chunk) if !fresh => chunk.end = at + len,
            _ => chunks.push(at..at + len),
        }
        fresh = false;
        at += len;
    }
    chunks
}

fn add_parts(interpretation: &mut Interpretation, chunk: Range<usize>) {
    let text = &interpretation.text.text()[chunk.clone()];
    if forms::is_boilerplate(text) {
        let family = forms::family_of(text);
        let role = if family.is_some() { PartRole::Form } else { PartRole::Boilerplate };
        interpretation.form = interpretation.form.or(family);
        interpretation.parts.push(Part { range: chunk, role });
        return;
    }
    let split = forms::split(text);
    let mut add = |range: Range<usize>, role| {
        if !range.is_empty() {
            let range = chunk.start + range.start..chunk.start + range.end;
            interpretation.parts.push(Part { range, role });
        }
    };
    add(split.prefix, PartRole::Boilerplate);
    add(split.core, PartRole::Name);
    add(split.form, PartRole::Form);
    interpretation.form = interpretation.form.or(split.family);
}
