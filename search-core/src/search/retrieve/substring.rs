//! Organizations whose own names hold a text: the rarest pairs are intersected, then the names are compared.

use crate::error::SearchError;
use crate::index::layers::Postings;
use crate::index::snapshot::Snapshot;
use crate::search::plan::index_error;
use crate::search::step_budget::StepBudget;
use crate::text::analyzers::grams;
use index_data::model::Ordinal;
use memchr::memmem::Finder;

/// No further organization.
pub(crate) const END: Ordinal = tantivy::TERMINATED;

/// The most posting lists that are intersected: after the rarest three, comparing names is cheaper than a fourth list.
const LISTS: usize = 3;

/// Grams of a needle that are looked up to find the rarest ones. Names are compared as a whole afterwards.
const GRAMS: usize = 64;

/// Ascending organizations one of whose names holds a needle.
///
/// MUST give every such organization from the target on, as long as steps are left, and no other.
#[derive(Clone)]
pub(crate) struct OwnMatches<'a> {
    snapshot: &'a Snapshot,
    finder: Finder<'a>,
    needle: &'a str,
    /// The rarest pairs, the rarest first, and their postings.
    grams: Vec<String>,
    lists: Vec<Postings>,
    /// Whether every posting is a match: a needle of one or two characters is a gram itself.
    is_certain: bool,
    /// The last answer.
    found: Option<Ordinal>,
    /// No match lies between the last target and here.
    reached: Ordinal,
}

impl<'a> OwnMatches<'a> {
    /// Opens the posting lists and reads nothing but their first blocks.
    pub(crate) fn new(needle: &'a str, snapshot: &'a Snapshot) -> Result<OwnMatches<'a>, SearchError> {
        let chars = needle.chars().count();
        let wanted = if chars == 1 { 1 } else { 2 };
        let mut pairs: Vec<(u32, String)> = Vec::new();
        for gram in grams(needle).into_iter().filter(|gram| gram.chars().count() == wanted).take(GRAMS) {
            if !pairs.iter().any(|(_, known)| *known == gram) {
                let frequency = snapshot.text.gram_frequency(&gram).map_err(index_error)?;
                pairs.push((frequency, gram));
                // No name holds it, so none holds the needle.
                if frequency == 0 {
                    break;
                }
            }
        }
        pairs.sort();
        let grams: Vec<String> = pairs.into_iter().take(LISTS).map(|(_, gram)| gram).collect();
        let lists = grams.iter().map(|gram| snapshot.text.gram_postings(gram));
        let lists = lists.collect::<Result<Vec<_>, _>>().map_err(index_error)?;
        let finder = Finder::new(needle.as_bytes());
        Ok(OwnMatches {
            snapshot,
            finder,
            needle,
            grams,
            lists,
            is_certain: chars <= 2,
            found: None,
            reached: 0,
        })
    }

    /// At most so many organizations match.
    pub(crate) fn at_most(&self) -> u32 {
        self.lists.first().map_or(0, Postings::doc_freq)
    }

    /// The pairs, or the one character, that a match must hold: at most [`LISTS`], the rarest first.
    pub(crate) fn grams(&self) -> impl Iterator<Item = &str> {
        self.grams.iter().map(String::as_str)
    }

    /// Whether [`Self::at_most`] is the exact number.
    pub(crate) fn is_certain(&self) -> bool {
        self.is_certain
    }

    /// The first match from `target` on; [`END`] if there is none or no steps are left. Targets must not decrease.
    pub(crate) fn seek(&mut self, target: Ordinal, steps: &StepBudget<'_>) -> Ordinal {
        if let Some(found) = self.found.filter(|&found| found >= target) {
            return found;
        }
        self.reached = target;
        loop {
            let at = self.intersect(steps);
            if at == END && steps.is_spent() {
                return END;
            }
            if at == END || self.is_certain || self.holds(at) {
                self.found = Some(at);
                return at;
            }
            self.reached = at + 1;
        }
    }

    /// No match lies between the last target and here: the last answer, or the place where the steps ran out.
    pub(crate) fn bound(&self) -> Ordinal {
        self.found.filter(|&found| found >= self.reached).unwrap_or(self.reached)
    }

    /// The first organization from `reached` on that all lists hold.
    fn intersect(&mut self, steps: &StepBudget<'_>) -> Ordinal {
        let Some((rarest, others)) = self.lists.split_first_mut() else { return END };
        'next: loop {
            if !steps.take() {
                return END;
            }
            let at = rarest.seek(self.reached);
            if at == END {
                return END;
            }
            self.reached = at;
            for list in others.iter_mut() {
                let other = list.seek(at);
                if other == END {
                    return END;
                }
                if other != at {
                    self.reached = other;
                    continue 'next;
                }
            }
            return at;
        }
    }

    /// Whether one of the organization's names holds the needle.
    pub(crate) fn holds(&self, ordinal: Ordinal) -> bool {
        let records = &self.snapshot.records;
        self.finder.find(records.normalized_bytes(ordinal)).is_some()
            || (records.has_details(ordinal) && {
                let details = records.details(ordinal);
                let mut others = details.aliases.iter().chain(&details.former_names);
                others.any(|name| crate::normalize(name).contains(self.needle))
            })
    }
}
