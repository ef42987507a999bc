//! Whether the query is all of one of the organization's names, and which.

use crate::index::layers::Records;
use crate::index::rank_row::{RankRow, has_id_len, has_name_len};
use crate::search::hits::MatchReason;
use crate::search::plan::QueryPlan;
use index_data::model::Ordinal;

/// The class of a match, compared before any score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tier {
    /// The query is its id, or letter for letter its official name or one of its aliases.
    Verbatim,
    /// The query is its official name or one of its aliases, normalized (law 2).
    Exact,
    /// The query is its name without boilerplate, a former name, or a short name that people have for it; or such a name
    /// before a year or grade.
    Core,
    /// Anything else.
    Partial,
}

/// The tier and its reason; `None` for partial matches.
pub(super) fn exactness(
    ordinal: Ordinal,
    row: &RankRow<'_>,
    plan: &QueryPlan<'_>,
    records: &Records,
) -> Option<(Tier, MatchReason)> {
    let text = plan.name.as_str();
    if !may_be_exact(row, plan) {
        return plan.bearer(ordinal).map(|bearer| (Tier::Core, bearer.reason));
    }
    if records.id(ordinal) == plan.typed {
        return Some((Tier::Verbatim, MatchReason::Id));
    }
    if text.is_empty() {
        return None;
    }
    let tier = |raw: &str| if raw == plan.typed { Tier::Verbatim } else { Tier::Exact };
    if records.normalized_bytes(ordinal) == text.as_bytes() {
        return Some((tier(records.name(ordinal)), MatchReason::Exact));
    }
    let is_core = records.is_core(ordinal, &plan.core);
    if row.has_details {
        let details = records.details(ordinal);
        let find =
            |names: &[String], text: &str| names.iter().find(|name| crate::normalize(name) == text).cloned();
        if let Some(alias) = find(&details.aliases, text) {
            return Some((tier(&alias), MatchReason::Alias));
        }
        if find(&details.former_names, text).is_some() {
            return Some((Tier::Core, MatchReason::FormerName));
        }
        if !is_core && find(&details.aliases, &plan.core).is_some() {
            return Some((Tier::Core, MatchReason::Alias));
        }
    }
    if is_core {
        return Some((Tier::Core, MatchReason::Substring));
    }
    Some((Tier::Core, plan.bearer(ordinal)?.reason))
}

/// Most candidates are ruled out by the lengths of their names alone.
fn may_be_exact(row: &RankRow<'_>, plan: &QueryPlan<'_>) -> bool {
    let may_be_id = has_id_len(plan.typed, row.id_len);
    let may_be_name = has_name_len(&plan.name, row.name_len) || has_name_len(&plan.core, row.core_len);
    may_be_id || may_be_name || row.has_details
}
