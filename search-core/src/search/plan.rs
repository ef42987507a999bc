//! plan: what to look for, behind which filters, from which place on.

use super::bearers::{Bearer, bearers};
use super::candidates::NeedleSet;
use super::chosen::Chosen;
use super::cursor::{self, Place};
use super::filter::Filter;
use super::interpret::Interpretation;
use super::lattice::{Lattice, LatticePart, MAX_NODES};
use super::open_number::OpenNumber;
use super::origin::Origin;
use super::request::{Budget, SearchRequest};
use super::tuning::node_weight;
use super::tuning::prior::{SAYS_ALL, SAYS_LITTLE};
use crate::error::SearchError;
use crate::index::name_view::is_stop_word;
use crate::index::snapshot::Snapshot;
use crate::number_hash::NumberHash;
use crate::text::forms;
use crate::text::symbols::{ClassKey, Number, Symbol};
use index_data::model::Ordinal;
use std::cell::OnceCell;
use std::collections::HashMap;

/// Parts of a query that are looked for; nobody types as many.
const MAX_PARTS: usize = 16;
/// Symbols that are weighed: those of a lattice, and those of its synonyms.
const MAX_WEIGHED: usize = 3 * MAX_NODES;
/// Words that the parts are cut into, looked for.
const MAX_WORDS: usize = 24;

/// Everything retrieval and ranking need to know of the query.
pub(crate) struct QueryPlan<'a> {
    pub(crate) request: &'a SearchRequest,
    /// How much may be done for it.
    pub(crate) budget: Budget,
    pub(crate) interpretation: Interpretation,
    pub(crate) filter: Filter,
    /// Where the page begins.
    pub(crate) start: Place,
    pub(crate) origin: Origin,
    /// What many people chose for this query.
    pub(crate) chosen: Chosen,
    /// The query as it was typed but for white space around it: an id is compared letter for letter.
    pub(crate) typed: &'a str,
    /// The query without noise.
    pub(crate) name: String,
    /// The query without noise, prefix and form.
    pub(crate) core: String,
    /// What every match holds, in its names or above it: the parts of the query; all of it where it is nothing but
    /// boilerplate; nothing where it is empty, so that everything matches.
    pub(crate) needles: Vec<String>,
    /// The organizations that it names in another way than by their whole name.
    pub(crate) bearers: Vec<Bearer>,
    /// The number that is typed last and may go on.
    pub(crate) open_number: Option<OpenNumber>,
    words: OnceCell<Vec<String>>,
    /// The name parts, in every way to read them.
    pub(crate) lattice: Lattice,
}

impl QueryPlan<'_> {
    /// The share of its weight that the query leaves to the prior: all where it says little, none where it says all.
    pub(crate) fn prior_share(&self) -> f32 {
        let left = (SAYS_ALL - self.weight()) / (SAYS_ALL - SAYS_LITTLE);
        left.clamp(0.0, 1.0)
    }

    /// The weight of the whole query: its nodes, and the year, class and grade that it says.
    pub(crate) fn weight(&self) -> f32 {
        let ClassKey { year, class, grade } = self.lattice.class;
        let typed = [year.is_some(), class.is_some(), grade.is_some()];
        let class_weight = typed.iter().filter(|&&is_typed| is_typed).count() as f32 * node_weight::CLASS;
        self.lattice.total_weight() + class_weight
    }

    /// Whether it is nothing but a word that many names have.
    pub(crate) fn is_stop_word(&self) -> bool {
        matches!(&self.needles[..], [needle] if is_stop_word(needle)) && self.origin.around().is_empty()
    }

    /// What is known of an organization that the query names in another way than by its whole name.
    pub(crate) fn bearer(&self, ordinal: Ordinal) -> Option<&Bearer> {
        self.bearers.iter().find(|bearer| bearer.ordinal == ordinal)
    }

    /// What every match of a set holds.
    pub(crate) fn needles_of(&self, needle_set: NeedleSet, snapshot: &Snapshot) -> &[String] {
        match needle_set {
            NeedleSet::Parts => &self.needles,
            NeedleSet::Words => self.words(snapshot),
        }
    }

    /// The needles cut finer, into words; empty where that gives nothing new. Hardly any query needs them.
    pub(crate) fn words(&self, snapshot: &Snapshot) -> &[String] {
        self.words.get_or_init(|| {
            let words = self.interpretation.names().flat_map(|part| words_of(part, snapshot));
            let words = distinct(words, MAX_WORDS);
            if words == self.needles { Vec::new() } else { words }
        })
    }
}

/// # Errors
/// [`SearchError::UnknownOrg`] for `within` and `near`, the cursor's errors, [`SearchError::Index`].
pub(crate) fn plan<'a>(
    interpretation: Interpretation,
    request: &'a SearchRequest,
    snapshot: &Snapshot,
) -> Result<QueryPlan<'a>, SearchError> {
    let text = interpretation.text.text();
    let start = match &request.cursor {
        Some(cursor) => cursor::read(cursor, &snapshot.version(), request)?,
        None => Place::Head(0),
    };
    let name = interpretation.without_noise();
    let mut needles = distinct(interpretation.names().map(str::to_owned), MAX_PARTS);
    if needles.is_empty() && !text.is_empty() {
        needles.push(text.to_owned());
    }
    let parts = interpretation.lattice_parts();
    let weights = weights(parts.iter().flat_map(LatticePart::all_symbols), snapshot)?;
    let lattice =
        Lattice::new(text, &parts, |symbol| weights.get(&symbol).copied().unwrap_or(node_weight::NUMBER));
    let core = name[forms::split(&name).core].to_owned();
    let open_number = OpenNumber::of(text, &lattice).filter(|_| request.unfinished);
    Ok(QueryPlan {
        filter: Filter::new(request, snapshot)?,
        start,
        origin: Origin::new(request, &snapshot.records)?,
        chosen: Chosen::of(&interpretation.text, snapshot),
        typed: request.query.trim(),
        bearers: bearers(text, &core, &lattice, open_number.as_ref(), interpretation.form, &snapshot.records),
        open_number,
        core,
        name,
        words: OnceCell::new(),
        lattice,
        needles,
        interpretation,
        budget: request.budget,
        request,
    })
}

/// Each text once, in order, the first `limit` of them: what is left out only makes more organizations match.
fn distinct(texts: impl Iterator<Item = String>, limit: usize) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for text in texts {
        if kept.len() < limit && !kept.contains(&text) {
            kept.push(text);
        }
    }
    kept
}

/// The words of a part. A number stays with the character that says what it counts: 2024级, 1班.
fn words_of(part: &str, snapshot: &Snapshot) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut number_open = false;
    for range in snapshot.segmenter.words(part) {
        let word = &part[range];
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
        match words.last_mut() {
            Some(last) if number_open && (is_number || word.chars().count() == 1) => last.push_str(word),
            _ => words.push(word.to_owned()),
        }
        number_open = is_number;
    }
    words
}

/// Binary logarithms of how rare each character is, in whole numbers so that every machine gets the same: a
/// character that every name holds weighs 1, one that a single name of a million holds weighs 21.
fn weights(
    symbols: impl Iterator<Item = Symbol>,
    snapshot: &Snapshot,
) -> Result<HashMap<Symbol, f32, NumberHash>, SearchError> {
    let orgs = snapshot.text.weighed_orgs().max(1);
    let mut weights = HashMap::default();
    for symbol in symbols.filter(|&symbol| Number::of(symbol).is_none()).take(MAX_WEIGHED) {
        let Some(c) = char::from_u32(u32::from(symbol)) else { continue };
        if let std::collections::hash_map::Entry::Vacant(slot) = weights.entry(symbol) {
            let frequency = snapshot.text.char_frequency(c).map_err(index_error)?;
            let weight = 1.0 + (orgs / (u64::from(frequency) + 1)).max(1).ilog2() as f32;
            slot.insert(weight.min(node_weight::RAREST));
        }
    }
    Ok(weights)
}

#[expect(clippy::needless_pass_by_value, reason = "handed to map_err")]
pub(crate) fn index_error(error: tantivy::TantivyError) -> SearchError {
    SearchError::Index(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::test_tree::with_plan;

    #[test]
    fn needles_are_what_every_match_must_hold() {
        let rows: [(&str, &[&str], &str); 5] = [
            ("北京大学团委", &["北京大学"], "北京大学"),
            ("清华 办公室 清华", &["清华", "办公室"], "清华办公室清华"),
            ("转入组织：北京大学", &["北京大学"], "北京大学"),
            ("团支部", &["团支部"], "团支部"),
            ("", &[], ""),
        ];
        for (query, needles, core) in rows {
            with_plan(&SearchRequest::new(query), |plan, _| {
                assert_eq!(plan.needles, needles, "{query}");
                assert_eq!(plan.core, core, "{query}");
            });
        }
    }

    #[test]
    fn rare_characters_weigh_more_and_none_outweighs_the_rest() {
        with_plan(&SearchRequest::new("从大"), |plan, _| {
            let weights = &plan.lattice.weights;
            assert!(weights[0] > weights[1], "{weights:?}");
            assert!(weights.iter().all(|weight| (1.0..=node_weight::RAREST).contains(weight)), "{weights:?}");
        });
    }

    #[test]
    fn only_so_many_parts_are_looked_for() {
        let query: String = (0..40).map(|part| format!("部分{part} ")).collect();
        with_plan(&SearchRequest::new(query), |plan, _| assert_eq!(plan.needles.len(), MAX_PARTS));
    }
}
