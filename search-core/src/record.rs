//! One organization and what stands below it, outside of any search.

use crate::error::SearchError;
use crate::index::snapshot::Snapshot;
use crate::search::{self, Explanation, Hit, PathStep, QueryReading, SearchRequest, display_name, path_of};
use index_data::hash::SplitMix64;
use index_data::model::{HomeSystem, LevelOrder, Ordinal, OrgKind, OrgStatus};
use std::collections::HashSet;

/// Everything the engine knows of one organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgRecord {
    /// Its id.
    pub id: String,
    /// Its official name.
    pub name: String,
    /// The name with the shortest ancestor that tells it from equal names.
    pub display: String,
    /// The organizations above it, the root first.
    pub path: Vec<PathStep>,
    /// Its kind, if the export says it.
    pub kind: Option<OrgKind>,
    /// Its home system, own or inherited.
    pub system: Option<HomeSystem>,
    /// Its region, own or inherited.
    pub region: Option<String>,
    /// Its status.
    pub status: OrgStatus,
    /// Members in its subtree, if the export says it.
    pub members: Option<u32>,
    /// Other names in use.
    pub aliases: Vec<String>,
    /// Names it had before.
    pub former_names: Vec<String>,
    /// Where its members went, if it was closed or merged and the export says so.
    pub successor_id: Option<String>,
    /// Other columns of the export: `(column, value)`.
    pub attributes: Vec<(String, String)>,
    /// How many organizations stand directly below it.
    pub children: u64,
}

/// One page of an organization's children.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Children {
    /// The page.
    pub children: Vec<OrgRecord>,
    /// How many there are in all.
    pub total: u64,
    /// Where the next page begins; `None` on the last page.
    pub next_cursor: Option<String>,
    /// The generation that answered.
    pub generation: String,
}

/// Why an organization stands where it stands for a query.
#[derive(Debug, Clone, PartialEq)]
pub struct OrgExplanation {
    /// The organization.
    pub record: OrgRecord,
    /// How the query was read.
    pub query: QueryReading,
    /// Its place among the ranked hits, from 1; `None` if it is not among them.
    pub rank: Option<usize>,
    /// Its features, measured as ranking measures them.
    pub explanation: Explanation,
    /// The hit that is first, with its features.
    pub first: Option<Hit>,
    /// One sentence: what sets the first apart from it.
    pub reason: String,
}

pub(crate) fn org(snapshot: &Snapshot, id: &str) -> Result<OrgRecord, SearchError> {
    Ok(record(snapshot, find(snapshot, id)?))
}

/// An organization that takes members: the one asked for, or where its members went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentOrg {
    /// The organization asked for, if it is closed or merged and its successor is given in its place.
    pub asked: Option<OrgRecord>,
    /// The organization itself, or its successor.
    pub org: OrgRecord,
}

pub(crate) fn current(snapshot: &Snapshot, id: &str) -> Result<CurrentOrg, SearchError> {
    // Successors of successors are followed; a circle of them ends as well.
    const LONGEST: usize = 16;
    let records = &snapshot.records;
    let asked = find(snapshot, id)?;
    let next = |&ordinal: &Ordinal| {
        records.successor(ordinal).filter(|_| records.status(ordinal) != OrgStatus::Active)
    };
    let last = std::iter::successors(Some(asked), next).take(LONGEST).last().unwrap_or(asked);
    let asked = (last != asked).then(|| record(snapshot, asked));
    Ok(CurrentOrg { asked, org: record(snapshot, last) })
}

fn find(snapshot: &Snapshot, id: &str) -> Result<Ordinal, SearchError> {
    snapshot.records.find_id(id).ok_or_else(|| SearchError::UnknownOrg { id: id.to_owned() })
}

fn record(snapshot: &Snapshot, ordinal: Ordinal) -> OrgRecord {
    let records = &snapshot.records;
    let details = records.details(ordinal);
    OrgRecord {
        id: records.id(ordinal).to_owned(),
        name: records.name(ordinal).to_owned(),
        display: display_name(records, ordinal),
        path: path_of(records, ordinal),
        kind: records.kind(ordinal),
        system: records.inherited_system(ordinal),
        region: records.inherited_region(ordinal).map(str::to_owned),
        status: records.status(ordinal),
        members: records.members(ordinal),
        aliases: details.aliases,
        former_names: details.former_names,
        successor_id: records.successor(ordinal).map(|successor| records.id(successor).to_owned()),
        attributes: details.attributes,
        children: records.hierarchy().children(ordinal).count() as u64,
    }
}

/// Cursors of children are `generation.parent ordinal.offset`.
pub(crate) fn children(
    snapshot: &Snapshot,
    id: &str,
    limit: usize,
    cursor: Option<&str>,
) -> Result<Children, SearchError> {
    let parent = find(snapshot, id)?;
    let start = cursor.map_or(Ok(0), |cursor| read_offset(cursor, snapshot.generation(), parent))?;
    let all = snapshot.records.hierarchy().children(parent);
    let total = all.clone().count();
    let limit = limit.clamp(1, SearchRequest::MAX_LIMIT);
    let end = start.saturating_add(limit).min(total);
    let page = all.skip(start).take(limit);
    Ok(Children {
        children: page.map(|ordinal| record(snapshot, ordinal)).collect(),
        total: total as u64,
        next_cursor: (end < total).then(|| format!("{}.{parent}.{end}", snapshot.generation())),
        generation: snapshot.generation().to_owned(),
    })
}

fn read_offset(cursor: &str, generation: &str, parent: Ordinal) -> Result<usize, SearchError> {
    let mut fields = cursor.rsplitn(3, '.');
    let (offset, of, from) = (fields.next(), fields.next(), fields.next());
    let (Some(offset), Some(of), Some(from)) = (offset, of, from) else {
        return Err(SearchError::InvalidCursor);
    };
    let offset = offset.parse().map_err(|_| SearchError::InvalidCursor)?;
    if from != generation {
        return Err(SearchError::StaleCursor);
    }
    if of.parse() == Ok(parent) { Ok(offset) } else { Err(SearchError::InvalidCursor) }
}

pub(crate) fn explain(snapshot: &Snapshot, id: &str, query: &str) -> Result<OrgExplanation, SearchError> {
    let ordinal = find(snapshot, id)?;
    let request = SearchRequest { count_total: false, ..SearchRequest::new(query).limit(1).explain() };
    let explained = search::explain(snapshot, &request, ordinal)?;
    let reason = reason(&explained);
    Ok(OrgExplanation {
        record: record(snapshot, ordinal),
        query: explained.query,
        rank: explained.place.map(|place| place + 1),
        explanation: explained.explanation,
        first: explained.first,
        reason,
    })
}

/// The feature in which the first is furthest ahead, in words.
fn reason(explained: &search::Explained) -> String {
    if explained.place == Some(0) {
        return "it is the first hit".to_owned();
    }
    let Some(first) = explained.first.as_ref().and_then(|hit| hit.explanation.as_ref()) else {
        return "nothing was found".to_owned();
    };
    let own = &explained.explanation;
    if first.tier < own.tier {
        return format!("the first hit is a closer kind of match (tier {} before {})", first.tier, own.tier);
    }
    let lead = |(theirs, ours): (&search::FeatureValue, &search::FeatureValue)| {
        (theirs.name, theirs.value, ours.value, (theirs.value - ours.value) * theirs.weight)
    };
    let leads = first.features.iter().zip(&own.features).map(lead);
    match leads.max_by(|a, b| a.3.total_cmp(&b.3)) {
        Some((name, theirs, ours, ahead)) if ahead > 0.0 => {
            format!("the first hit leads most in {name}: {theirs:.2} against {ours:.2}")
        }
        _ => "it measures the same as the first hit, which comes first in the tree".to_owned(),
    }
}

pub(crate) fn sample_names(snapshot: &Snapshot, count: usize, seed: u64) -> Vec<(String, String)> {
    let records = &snapshot.records;
    let orgs = u64::from(records.len());
    let named = |ordinal| (records.id(ordinal).to_owned(), records.name(ordinal).to_owned());
    if count as u64 >= orgs {
        return (0..records.len()).map(named).collect();
    }
    let mut numbers = SplitMix64(seed);
    let mut drawn = HashSet::new();
    let mut names = Vec::with_capacity(count);
    while names.len() < count {
        let ordinal = (numbers.next_u64() % orgs) as Ordinal;
        if drawn.insert(ordinal) {
            names.push(named(ordinal));
        }
    }
    names
}
