//! Organizations by their ids: one of them, its children, its successor, and why it stands where it stands for a query.

use crate::error::SearchError;
use crate::index::snapshot::Snapshot;
use crate::org_record::OrgRecord;
use crate::search::{self, Explanation, Hit, QueryReading, SearchRequest};
use index_data::hash::SplitMix64;
use index_data::model::{LevelOrder, Ordinal, OrgStatus};
use std::collections::HashSet;

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
    /// What sets the first apart from it.
    pub lead: Lead,
}

/// Why the first hit is before an organization.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Lead {
    /// The organization is the first hit itself.
    IsFirst,
    /// Nothing was found at all.
    NothingFound,
    /// The first hit is a closer kind of match: its tier is smaller.
    Tier {
        /// Of the first hit.
        first: u8,
        /// Of the organization.
        own: u8,
    },
    /// One feature adds most to the lead of the first hit.
    Feature {
        /// The feature's name.
        name: &'static str,
        /// Its value for the first hit, `0.0..=1.0`.
        first: f32,
        /// Its value for the organization.
        own: f32,
    },
    /// Both score the same, and the first hit comes first in static order.
    StaticRank,
}

pub(crate) fn org(snapshot: &Snapshot, id: &str) -> Result<OrgRecord, SearchError> {
    Ok(OrgRecord::read(&snapshot.records, find(snapshot, id)?))
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
    let asked = (last != asked).then(|| OrgRecord::read(records, asked));
    Ok(CurrentOrg { asked, org: OrgRecord::read(records, last) })
}

fn find(snapshot: &Snapshot, id: &str) -> Result<Ordinal, SearchError> {
    snapshot.records.find_id(id).ok_or_else(|| SearchError::UnknownOrg { id: id.to_owned() })
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
        children: page.map(|ordinal| OrgRecord::read(&snapshot.records, ordinal)).collect(),
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
    let lead = lead(&explained);
    Ok(OrgExplanation {
        record: OrgRecord::read(&snapshot.records, ordinal),
        query: explained.query,
        rank: explained.place.map(|place| place + 1),
        explanation: explained.explanation,
        first: explained.first,
        lead,
    })
}

/// The feature in which the first is furthest ahead.
fn lead(explained: &search::Explained) -> Lead {
    if explained.place == Some(0) {
        return Lead::IsFirst;
    }
    let Some(first) = explained.first.as_ref().and_then(|hit| hit.explanation.as_ref()) else {
        return Lead::NothingFound;
    };
    let own = &explained.explanation;
    if first.tier < own.tier {
        return Lead::Tier { first: first.tier, own: own.tier };
    }
    let pairs = first.features.iter().zip(&own.features);
    let ahead = |(first, own): &(&search::FeatureValue, &search::FeatureValue)| {
        (first.value - own.value) * first.weight
    };
    match pairs.max_by(|a, b| ahead(a).total_cmp(&ahead(b))) {
        Some(pair) if ahead(&pair) > 0.0 => {
            Lead::Feature { name: pair.0.name, first: pair.0.value, own: pair.1.value }
        }
        _ => Lead::StaticRank,
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
