//! Organizations by their ids: one of them, its children, its successor, and why it stands where it stands for a query.

use crate::error::SearchError;
use crate::index::layers::Records;
use crate::index::name_view::placed_symbols;
use crate::index::snapshot::Snapshot;
use crate::org_record::OrgRecord;
use crate::search::{self, Explanation, Hit, QueryReading, SearchRequest};
use crate::text::symbols::{ClassKey, grade_name};
use index_data::hash::SplitMix64;
use index_data::model::{Ordinal, OrgStatus};
use std::collections::HashSet;

/// Which of the organizations directly below one are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChildrenRequest {
    /// How many on one page, `1..=`[`SearchRequest::MAX_LIMIT`]; larger values are lowered, 0 counts as 1.
    pub limit: usize,
    /// Continues after an earlier answer's `next_cursor`.
    pub cursor: Option<String>,
    /// Only these statuses; empty: all.
    pub statuses: Vec<OrgStatus>,
}

/// One page of the organizations directly below one, or of those at the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Children {
    /// The page.
    pub children: Vec<Child>,
    /// How many there are in all of the statuses asked for.
    pub total: u64,
    /// Where the next page begins; `None` on the last page.
    pub next_cursor: Option<String>,
    /// The generation that answered.
    pub generation: String,
}

/// One organization of such a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// The organization.
    pub org: OrgRecord,
    /// How many organizations stand below it, at any depth.
    pub descendants: u64,
    /// What its name says of a class; `None` if it says nothing.
    pub class: Option<ClassName>,
}

/// What a name says of a class, in one spelling: 24级 and 2024级 are 2024, 高1（3）班 is 高一 and 3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassName {
    /// The year of entry, four digits.
    pub year: Option<u16>,
    /// 高一 to 高三, 初一 to 初三, 一年级 to 六年级.
    pub grade: Option<String>,
    /// The number of the class.
    pub number: Option<u16>,
}

impl ClassName {
    fn of(key: ClassKey) -> Option<ClassName> {
        (!key.is_empty()).then(|| ClassName {
            year: key.year,
            grade: key.grade.and_then(|(stage, year)| grade_name(stage, year)),
            number: key.class,
        })
    }
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

/// The organizations directly below one; `None`: those at the top.
///
/// Cursors are `generation.parent ordinal.offset`, with `roots` for the top. The offset counts all of them, so that
/// it does not depend on the statuses asked for.
pub(crate) fn children(
    snapshot: &Snapshot,
    id: Option<&str>,
    request: &ChildrenRequest,
) -> Result<Children, SearchError> {
    let (records, generation) = (&snapshot.records, snapshot.generation());
    let parent = id.map(|id| find(snapshot, id)).transpose()?;
    let of = parent.map_or_else(|| "roots".to_owned(), |parent| parent.to_string());
    let cursor = request.cursor.as_deref();
    let start = cursor.map_or(Ok(0), |cursor| read_offset(cursor, generation, &of))?;
    let hierarchy = records.hierarchy();
    let all: Vec<Ordinal> = match parent {
        Some(parent) => hierarchy.children(parent).collect(),
        None => hierarchy.roots().collect(),
    };
    let passes = |&ordinal: &Ordinal| {
        request.statuses.is_empty() || request.statuses.contains(&records.status(ordinal))
    };
    let total =
        if request.statuses.is_empty() { all.len() } else { all.iter().filter(|at| passes(at)).count() };
    let mut rest = all.into_iter().enumerate().skip(start).filter(|(_, ordinal)| passes(ordinal));
    let limit = request.limit.clamp(1, SearchRequest::MAX_LIMIT);
    let page = rest.by_ref().take(limit).map(|(_, ordinal)| child(records, ordinal)).collect();
    Ok(Children {
        children: page,
        total: total as u64,
        next_cursor: rest.next().map(|(next, _)| format!("{generation}.{of}.{next}")),
        generation: generation.to_owned(),
    })
}

fn child(records: &Records, ordinal: Ordinal) -> Child {
    // The whole name is read: its view leaves out what a name above says already.
    let core = records.core_range(ordinal);
    let symbols = placed_symbols(records.name(ordinal), records.normalized(ordinal), core);
    Child {
        org: OrgRecord::read(records, ordinal),
        descendants: records.hierarchy().descendants(ordinal),
        class: ClassName::of(ClassKey::of(symbols.iter().map(|placed| placed.symbol))),
    }
}

/// The generation that wrote a cursor of children, as far as it is one.
pub(crate) fn generation_of(cursor: &str) -> Option<&str> {
    cursor.rsplitn(3, '.').nth(2)
}

fn read_offset(cursor: &str, generation: &str, parent: &str) -> Result<usize, SearchError> {
    let mut fields = cursor.rsplitn(3, '.');
    let (offset, of, from) = (fields.next(), fields.next(), fields.next());
    let (Some(offset), Some(of), Some(from)) = (offset, of, from) else {
        return Err(SearchError::InvalidCursor);
    };
    let offset = offset.parse().map_err(|_| SearchError::InvalidCursor)?;
    if from != generation {
        return Err(SearchError::StaleCursor);
    }
    if of == parent { Ok(offset) } else { Err(SearchError::InvalidCursor) }
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
    let ordinals = u64::from(records.len());
    let named = |ordinal| (records.id(ordinal).to_owned(), records.name(ordinal).to_owned());
    if count >= records.orgs() as usize {
        return records.visible().map(named).collect();
    }
    let mut numbers = SplitMix64(seed);
    let mut drawn = HashSet::new();
    let mut names = Vec::with_capacity(count);
    while names.len() < count {
        let ordinal = (numbers.next_u64() % ordinals) as Ordinal;
        if !records.is_hidden(ordinal) && drawn.insert(ordinal) {
            names.push(named(ordinal));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::{ChildrenRequest, ClassName};
    use crate::{Engine, SearchError};
    use index_data::load::SourceRow;
    use index_data::model::OrgStatus;
    use index_data::validate::validate_rows;

    /// `(id, parent, name, status)`.
    const ROWS: [(&str, &str, &str, &str); 10] = [
        ("1", "", "中国共产主义青年团北京大学委员会", ""),
        ("2", "", "全国铁道团委", ""),
        ("3", "1", "法学院团委", ""),
        ("4", "1", "24级软件工程（2）班团支部", ""),
        ("5", "1", "2019级1班团支部", "graduated"),
        ("6", "1", "高1（3）班团支部", ""),
        ("7", "1", "三年级2班团支部", ""),
        ("8", "1", "初中二年级团支部", ""),
        ("9", "3", "2024级团总支", ""),
        ("10", "9", "2024级1班团支部", ""),
    ];

    fn engine() -> Engine {
        let rows = ROWS.map(|(id, parent, name, status)| SourceRow {
            id: id.into(),
            name: name.into(),
            parent_id: parent.into(),
            status: status.into(),
            ..SourceRow::default()
        });
        Engine::in_memory(validate_rows(rows).tree.expect("the rows are valid")).expect("it is built")
    }

    fn ids(engine: &Engine, id: Option<&str>, request: &ChildrenRequest) -> Vec<String> {
        let (mut ids, mut request) = (Vec::new(), request.clone());
        loop {
            let page = match id {
                Some(id) => engine.children_with(id, &request),
                None => engine.roots(&request),
            }
            .expect("it is answered");
            assert!(page.children.len() <= request.limit);
            ids.extend(page.children.into_iter().map(|child| child.org.id));
            match page.next_cursor {
                Some(next) => request.cursor = Some(next),
                None => {
                    assert_eq!(page.total, ids.len() as u64);
                    return ids;
                }
            }
        }
    }

    #[test]
    fn pages_of_children_and_roots_give_each_once() {
        let engine = engine();
        for limit in [1, 2, 100] {
            let all = ChildrenRequest { limit, ..ChildrenRequest::default() };
            assert_eq!(ids(&engine, None, &all), ["1", "2"]);
            assert_eq!(ids(&engine, Some("1"), &all).len(), 6);
            let of = |statuses: &[OrgStatus]| ChildrenRequest { statuses: statuses.to_vec(), ..all.clone() };
            assert_eq!(ids(&engine, Some("1"), &of(&[OrgStatus::Graduated])), ["5"]);
            assert_eq!(ids(&engine, Some("1"), &of(&[OrgStatus::Active])).len(), 5);
            assert!(ids(&engine, Some("1"), &of(&[OrgStatus::Merged])).is_empty());
        }
    }

    #[test]
    fn cursors_of_others_are_refused() {
        let engine = engine();
        let asked = |cursor: &str| ChildrenRequest { cursor: Some(cursor.to_owned()), ..Default::default() };
        let first =
            engine.children("1", 1, None).expect("it is answered").next_cursor.expect("there is more");
        assert!(engine.children("1", 1, Some(&first)).is_ok());
        assert_eq!(engine.children("3", 1, Some(&first)), Err(SearchError::InvalidCursor));
        assert_eq!(engine.roots(&asked(&first)), Err(SearchError::InvalidCursor));
        let top = engine.roots(&asked("memory.roots.1")).expect("it is answered");
        assert_eq!(top.children[0].org.id, "2");
        assert_eq!(engine.children("1", 1, Some("memory.roots.1")), Err(SearchError::InvalidCursor));
        assert_eq!(engine.roots(&asked("g000009.roots.1")), Err(SearchError::StaleCursor));
        for bad in ["", "roots", "memory.roots.x", "memory.roots.-1", "memory.roots.99999999999999999999999"]
        {
            assert_eq!(engine.roots(&asked(bad)), Err(SearchError::InvalidCursor), "{bad}");
        }
    }

    #[test]
    fn children_say_what_is_below_them_and_their_class() {
        let engine = engine();
        let children = engine.children("1", 100, None).expect("it is answered").children;
        let class = |year, grade: Option<&str>, number| {
            Some(ClassName { year, grade: grade.map(str::to_owned), number })
        };
        for (id, descendants, expected) in [
            ("3", 2, None),
            ("4", 0, class(Some(2024), None, Some(2))),
            ("5", 0, class(Some(2019), None, Some(1))),
            ("6", 0, class(None, Some("高一"), Some(3))),
            ("7", 0, class(None, Some("三年级"), Some(2))),
            ("8", 0, class(None, Some("初二"), None)),
        ] {
            let child = children.iter().find(|child| child.org.id == id).expect("it is a child");
            assert_eq!((child.descendants, &child.class), (descendants, &expected), "{id}");
        }
        let below = engine.children("9", 1, None).expect("it is answered").children;
        assert_eq!(below[0].class, class(Some(2024), None, Some(1)), "though the name above says the year");
    }
}
