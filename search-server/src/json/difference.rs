//! What changes from the live tree to a new one, as `--json` and jobs tell it.

use crate::openapi::vocabularies;
use search_core::Difference;
use search_core::difference::{Breakdown, Change, ChangeCounts, ChangeKind, GroupChanges, OrgState};
use serde::{Deserialize, Serialize};

/// What changes from the live tree to a new one.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Difference)]
pub(crate) struct DifferenceJson {
    /// Organizations that are live.
    live: u64,
    /// Organizations of the new tree.
    new: u64,
    #[serde(flatten)]
    counts: CountsJson,
    /// By region: the one before for what was removed, else the new one.
    by_region: BreakdownJson,
    /// By kind, chosen alike.
    by_kind: BreakdownJson,
    /// By the part of the tree: below each root, or below each child of the root where there is only one.
    by_subtree: BreakdownJson,
    /// The first ten changes of each kind.
    samples: Vec<ChangeJson>,
}

/// How many organizations changed in each way; one that was renamed and moved counts in both.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ChangeCounts)]
struct CountsJson {
    /// Their ids are new.
    added: u64,
    /// Their ids are gone.
    removed: u64,
    /// They have another official name.
    renamed: u64,
    /// They stand below another organization.
    moved: u64,
    /// They have another status.
    status: u64,
    /// They have other aliases.
    aliases: u64,
}

/// The groups with the most changes.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Breakdown)]
struct BreakdownJson {
    /// At most 50, the most changes first.
    groups: Vec<GroupJson>,
    /// All other groups together.
    others: CountsJson,
}

/// The changes of one group.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = GroupChanges)]
struct GroupJson {
    /// A region, the code of a kind, or the id of an organization; empty where the rows say none.
    key: String,
    /// The name of the organization; else the key.
    name: String,
    #[serde(flatten)]
    counts: CountsJson,
}

/// What became of one organization.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Change)]
struct ChangeJson {
    /// Its id.
    id: String,
    /// How it changed.
    #[schema(value_type = Vec<vocabularies::ChangeKind>)]
    changes: Vec<String>,
    /// What it was; null if it was added.
    before: Option<OrgStateJson>,
    /// What it is; null if it was removed.
    after: Option<OrgStateJson>,
}

/// What an organization was or is.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = OrgState)]
struct OrgStateJson {
    /// Its official name.
    name: String,
    /// The id of the organization above it; null for a root.
    parent_id: Option<String>,
    /// Its status.
    #[schema(example = "active")]
    status: String,
    /// Its other names.
    aliases: Vec<String>,
    /// Its kind; empty if the row says none.
    kind: String,
    /// Its region, own or inherited; empty if none is known.
    region: String,
}

impl From<&Difference> for DifferenceJson {
    fn from(difference: &Difference) -> Self {
        DifferenceJson {
            live: difference.live,
            new: difference.new,
            counts: (&difference.counts).into(),
            by_region: (&difference.by_region).into(),
            by_kind: (&difference.by_kind).into(),
            by_subtree: (&difference.by_subtree).into(),
            samples: difference.samples.iter().map(Into::into).collect(),
        }
    }
}

impl From<&ChangeCounts> for CountsJson {
    fn from(counts: &ChangeCounts) -> Self {
        CountsJson {
            added: counts.get(ChangeKind::Added),
            removed: counts.get(ChangeKind::Removed),
            renamed: counts.get(ChangeKind::Renamed),
            moved: counts.get(ChangeKind::Moved),
            status: counts.get(ChangeKind::Status),
            aliases: counts.get(ChangeKind::Aliases),
        }
    }
}

impl From<&Breakdown> for BreakdownJson {
    fn from(breakdown: &Breakdown) -> Self {
        BreakdownJson {
            groups: breakdown.groups.iter().map(Into::into).collect(),
            others: (&breakdown.others).into(),
        }
    }
}

impl From<&GroupChanges> for GroupJson {
    fn from(group: &GroupChanges) -> Self {
        GroupJson { key: group.key.clone(), name: group.name.clone(), counts: (&group.counts).into() }
    }
}

impl From<&Change<'_>> for ChangeJson {
    fn from(change: &Change<'_>) -> Self {
        ChangeJson {
            id: change.id.to_string(),
            changes: change.kinds.iter().map(|kind| kind.name().to_owned()).collect(),
            before: change.before.as_ref().map(Into::into),
            after: change.after.as_ref().map(Into::into),
        }
    }
}

impl From<&OrgState<'_>> for OrgStateJson {
    fn from(state: &OrgState<'_>) -> Self {
        OrgStateJson {
            name: state.name.to_string(),
            parent_id: state.parent_id.as_ref().map(ToString::to_string),
            status: state.status.to_string(),
            aliases: state.aliases.clone(),
            kind: state.kind.to_string(),
            region: state.region.to_string(),
        }
    }
}
