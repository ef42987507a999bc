//! The filters of a request: subtree, kind, system, region, status.

use super::request::SearchRequest;
use crate::error::SearchError;
use crate::index::codes::Codes;
use crate::index::layers::{Profiles, Records};
use crate::index::snapshot::Snapshot;
use index_data::model::Ordinal;
use std::cell::OnceCell;
use std::ops::Range;

/// Ascending, disjoint runs of ordinals.
pub(crate) type Runs = Vec<Range<Ordinal>>;

/// The filters of a request, compiled for one snapshot.
pub(crate) struct Filter {
    /// The subtree asked for; `None`: all.
    within: Option<Runs>,
    within_org: Option<Ordinal>,
    /// Whether there are ordinals that stand for nothing that is found.
    hides_some: bool,
    kinds: Option<Vec<u16>>,
    systems: Option<Vec<u16>>,
    regions: Option<Vec<u16>>,
    statuses: Option<Vec<u16>>,
    /// For each profile whether it passes, once it was asked for.
    accepted: OnceCell<Vec<bool>>,
    rejects_all: OnceCell<bool>,
}

impl Filter {
    /// # Errors
    /// [`SearchError::UnknownOrg`] if `within` names no organization.
    pub(crate) fn new(request: &SearchRequest, snapshot: &Snapshot) -> Result<Filter, SearchError> {
        let records = &snapshot.records;
        let find =
            |id: &String| records.find_id(id).ok_or_else(|| SearchError::UnknownOrg { id: id.clone() });
        let within_org = request.within.as_ref().map(find).transpose()?;
        let words = records.words();
        Ok(Filter {
            within: within_org.map(|ordinal| sorted_subtree(records, ordinal)),
            within_org,
            hides_some: records.hidden().is_some(),
            kinds: codes(&words.kinds, request.kinds.iter().map(|kind| kind.code())),
            systems: codes(&words.systems, request.systems.iter().map(|system| system.code())),
            regions: codes(&words.regions, request.regions.iter().map(String::as_str)),
            statuses: codes(&words.statuses, request.statuses.iter().map(|status| status.code())),
            accepted: OnceCell::new(),
            rejects_all: OnceCell::new(),
        })
    }

    /// The top of the subtree asked for.
    pub(crate) fn within_org(&self) -> Option<Ordinal> {
        self.within_org
    }

    /// Whether every organization passes. Hidden ordinals stand for none.
    pub(crate) fn is_open(&self) -> bool {
        self.within.is_none() && self.is_open_within()
    }

    /// The runs of the subtree asked for.
    pub(crate) fn within(&self) -> Option<&[Range<Ordinal>]> {
        self.within.as_deref()
    }

    /// For each profile whether it passes, regardless of the subtree.
    pub(crate) fn accepted(&self, profiles: &Profiles) -> &[bool] {
        self.accepted.get_or_init(|| profiles.codes().iter().map(|&codes| self.passes(codes)).collect())
    }

    /// The first organization from `target` on that passes.
    pub(crate) fn next_accepted(&self, snapshot: &Snapshot, target: Ordinal) -> Option<Ordinal> {
        let mut target = target;
        loop {
            let within = self.seek_within(target)?;
            let visible = snapshot.records.hidden().map_or(within, |hidden| hidden.next_visible(within));
            if visible == within && self.is_open_within() {
                return Some(within);
            }
            target = match self.is_open_within() {
                true => visible,
                false => snapshot.profiles.next_accepted(visible, self.accepted(&snapshot.profiles))?,
            };
            if target == within || (self.within.is_none() && !self.hides_some) {
                return Some(target);
            }
        }
    }

    /// Whether no organization passes.
    pub(crate) fn rejects_all(&self, snapshot: &Snapshot) -> bool {
        *self.rejects_all.get_or_init(|| self.next_accepted(snapshot, 0).is_none())
    }

    /// Whether all kinds, systems, regions and statuses pass.
    pub(crate) fn is_open_within(&self) -> bool {
        self.kinds.is_none() && self.systems.is_none() && self.regions.is_none() && self.statuses.is_none()
    }

    /// The first ordinal from `target` on that lies in the subtree asked for.
    pub(crate) fn seek_within(&self, target: Ordinal) -> Option<Ordinal> {
        match &self.within {
            None => Some(target),
            Some(runs) => seek_runs(runs, target),
        }
    }

    /// Whether an organization passes.
    pub(crate) fn accepts(&self, records: &Records, ordinal: Ordinal) -> bool {
        self.seek_within(ordinal) == Some(ordinal)
            && !records.is_hidden(ordinal)
            && (self.is_open_within() || self.accepts_codes(records, ordinal))
    }

    /// Whether it passes all filters but that of the status.
    pub(crate) fn accepts_of_any_status(&self, records: &Records, ordinal: Ordinal) -> bool {
        self.seek_within(ordinal) == Some(ordinal)
            && !records.is_hidden(ordinal)
            && self.passes_but_status(records.codes(ordinal))
    }

    fn accepts_codes(&self, records: &Records, ordinal: Ordinal) -> bool {
        self.passes(records.codes(ordinal))
    }

    fn passes(&self, codes: Codes) -> bool {
        self.passes_but_status(codes) && is_allowed(&self.statuses, codes.status)
    }

    fn passes_but_status(&self, codes: Codes) -> bool {
        is_allowed(&self.kinds, codes.kind)
            && is_allowed(&self.systems, codes.system)
            && is_allowed(&self.regions, codes.region)
    }
}

fn is_allowed(allowed: &Option<Vec<u16>>, code: u16) -> bool {
    allowed.as_ref().is_none_or(|codes| codes.contains(&code))
}

fn sorted_subtree(records: &Records, ordinal: Ordinal) -> Runs {
    let mut runs = Runs::new();
    records.subtree_runs(ordinal, &mut runs);
    merge_runs(runs)
}

/// Sorts runs and joins those that touch.
pub(crate) fn merge_runs(mut runs: Runs) -> Runs {
    runs.sort_unstable_by_key(|run| run.start);
    let mut merged = Runs::with_capacity(runs.len());
    for run in runs {
        match merged.last_mut() {
            Some(last) if run.start <= last.end => last.end = last.end.max(run.end),
            _ => merged.push(run),
        }
    }
    merged
}

/// The first ordinal from `target` on that lies in one of the runs.
pub(crate) fn seek_runs(runs: &[Range<Ordinal>], target: Ordinal) -> Option<Ordinal> {
    let at = runs.partition_point(|run| run.end <= target);
    runs.get(at).map(|run| run.start.max(target))
}

/// The codes of wanted values. A value that no organization has has no code, so nothing passes.
fn codes<'a>(words: &[String], wanted: impl Iterator<Item = &'a str>) -> Option<Vec<u16>> {
    let mut wanted = wanted.peekable();
    wanted.peek()?;
    Some(wanted.filter_map(|value| Some(words.iter().position(|word| word == value)? as u16 + 1)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::test_tree::{error_of, with_plan};
    use index_data::model::{OrgKind, OrgStatus};

    #[test]
    fn runs_are_joined_where_they_touch_and_found_by_a_search() {
        let runs = merge_runs(vec![7..9, 1..3, 3..4, 8..12]);
        assert_eq!(runs, [1..4, 7..12]);
        let rows = [(0, Some(1)), (2, Some(2)), (4, Some(7)), (11, Some(11)), (12, None)];
        for (target, expected) in rows {
            assert_eq!(seek_runs(&runs, target), expected, "{target}");
        }
    }

    #[test]
    fn a_filter_gives_the_organizations_that_pass_in_order() {
        let ids = |request: &SearchRequest| {
            with_plan(request, |plan, snapshot| {
                let mut ids = Vec::new();
                let mut target = 0;
                while let Some(next) = plan.filter.next_accepted(snapshot, target) {
                    if next >= snapshot.records.len() {
                        break;
                    }
                    assert!(plan.filter.accepts(&snapshot.records, next));
                    ids.push(snapshot.records.id(next).to_owned());
                    target = next + 1;
                }
                assert_eq!(plan.filter.rejects_all(snapshot), ids.is_empty());
                ids
            })
        };
        let all = ids(&SearchRequest::new(""));
        assert_eq!(all.len(), 21);
        let mut below = ids(&SearchRequest::new("").within("20"));
        below.sort();
        assert_eq!(below, ["20", "21", "22"]);
        let active = SearchRequest { statuses: vec![OrgStatus::Active], ..SearchRequest::new("") };
        assert_eq!(ids(&active), all);
        let branches = SearchRequest { kinds: vec![OrgKind::Branch], ..SearchRequest::new("") };
        assert!(ids(&branches).is_empty(), "no organization of the tree says its kind");
    }

    #[test]
    fn an_unknown_subtree_is_refused() {
        let error = error_of(&SearchRequest::new("北大").within("99"));
        assert!(matches!(error, SearchError::UnknownOrg { id } if id == "99"));
    }
}
