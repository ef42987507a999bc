//! Which organizations are named: by the whole query as a short name, or by what stands before a year or grade.

use super::hits::MatchReason;
use super::lattice::Lattice;
use super::open_number::OpenNumber;
use crate::index::layers::Records;
use crate::text::forms::Form;
use index_data::model::Ordinal;

/// Bearers taken of one name.
const LIMIT: usize = 100;

/// An organization that a query names, though not by its official name or an alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bearer {
    pub(crate) ordinal: Ordinal,
    /// How it is named.
    pub(crate) reason: MatchReason,
    /// How unusual this meaning of a short name is: 0 for the most usual one.
    pub(crate) unusual: usize,
}

/// The bearers of the short name `core`, and of the name before the cohort typed: 北大 and 北大24级 name 北京大学.
pub(crate) fn bearers(
    text: &str,
    core: &str,
    lattice: &Lattice,
    open_number: Option<&OpenNumber>,
    form: Option<Form>,
    records: &Records,
) -> Vec<Bearer> {
    let mut bearers: Vec<Bearer> = Vec::new();
    let mut add = |ordinal, reason, unusual| {
        let is_known = bearers.iter().any(|known: &Bearer| known.ordinal == ordinal);
        if bearers.len() < LIMIT && !is_known {
            bearers.push(Bearer { ordinal, reason, unusual });
        }
    };
    let short = |name| records.find_short_name(name).take(LIMIT);
    short(core).for_each(|(ordinal, unusual)| add(ordinal, MatchReason::ShortForm, unusual));
    // 十五中高二团总支 is the branch of 高二, not the school.
    let names_branch = matches!(form, Some(Form::Branch | Form::GeneralBranch));
    if let Some(name) = before_cohort(text, lattice, open_number).filter(|_| !names_branch) {
        records.find_core(name).take(LIMIT).for_each(|ordinal| add(ordinal, MatchReason::Words, 0));
        records.find_alias(name).take(LIMIT).for_each(|ordinal| add(ordinal, MatchReason::Alias, 0));
        short(name).for_each(|(ordinal, unusual)| add(ordinal, MatchReason::ShortForm, unusual));
    }
    bearers
}

/// The name that stands before a year, the beginning of one, or a grade, where no class is typed: all classes of that
/// year are meant, and the unit leads to them.
fn before_cohort<'t>(text: &'t str, lattice: &Lattice, open_number: Option<&OpenNumber>) -> Option<&'t str> {
    const SHORTEST: usize = 2;
    let [segment] = &lattice.segments[..] else { return None };
    let begins_year = open_number.is_some_and(|open| open.begins_year);
    let is_cohort = begins_year || !lattice.class.is_empty() && lattice.class.class.is_none();
    let end = segment.nodes.end - usize::from(begins_year);
    let nodes = lattice.places.get(segment.nodes.start..end)?;
    let (first, last) = (nodes.first()?, nodes.last()?);
    let is_behind = lattice.class_places.iter().all(|(_, place)| place.start >= last.end);
    (is_cohort && is_behind && nodes.len() >= SHORTEST).then(|| text.get(first.start..last.end)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::SearchRequest;
    use crate::search::test_tree::with_plan;

    #[test]
    fn short_names_and_names_before_a_cohort_name_their_bearers() {
        use MatchReason::{Alias, ShortForm, Words};
        let rows: [(&str, &[(&str, MatchReason)]); 11] = [
            ("北大", &[("11", ShortForm)]),
            ("人大附中团委", &[("16", ShortForm)]),
            ("北大24级", &[("11", ShortForm)]),
            ("北京大学2024级", &[("11", Words)]),
            ("东大24级", &[("30", Alias)]),
            ("北大20", &[("11", ShortForm)]),
            ("北大24级团委", &[("11", ShortForm)]),
            ("北大24级团支部", &[]),
            ("北京大学24级1班", &[]),
            ("24级北京大学", &[]),
            ("北京大学", &[]),
        ];
        for (query, expected) in rows {
            with_plan(&SearchRequest::new(query), |plan, snapshot| {
                let found = plan.bearers.iter();
                let found: Vec<(String, MatchReason)> = found
                    .map(|bearer| (snapshot.records.id(bearer.ordinal).to_owned(), bearer.reason))
                    .collect();
                let expected = expected.iter().map(|&(id, reason)| (id.to_owned(), reason));
                assert_eq!(found, expected.collect::<Vec<_>>(), "{query}");
            });
        }
    }
}
