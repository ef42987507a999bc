//! Builds an [`OrgTree`]: rows in any order go in, structure is checked, ordinals come out.

mod level_order;
mod parents;

pub use level_order::SiblingKey;

use super::details::Details;
use super::interner::Interner;
use super::level_order::Ordinal;
use super::org::{HomeSystem, OrgKind, OrgStatus, OrgUnit};
use super::text_column::TextColumn;
use super::tree::{NONE, OrgTree, Words};
use crate::field::Field;
use crate::finding::{Finding, FindingCode};
use crate::report::Report;
use std::collections::BTreeMap;

/// Deeper than any tree of organizations; a path beyond it is a mistake in the file.
pub const MAX_DEPTH: usize = 32;

/// Distinct statuses and home systems of one file. Exports have a handful; more of them are texts of another column.
pub(crate) const MAX_SHORT_LIST: u16 = 256;

/// Distinct kinds and regions of one file: as many as 16 bits tell apart.
pub(crate) const MAX_LONG_LIST: u16 = 65_534;

/// Collects rows until [`TreeBuilder::finish`] turns them into a tree.
///
/// All columns are in row order until then; ids that rows mention are symbols, so a parent may come later.
#[derive(Debug)]
pub(crate) struct TreeBuilder {
    ids: Interner,
    row_of_symbol: Vec<u32>,
    id_symbols: Vec<u32>,
    row_numbers: Vec<u32>,
    names: TextColumn,
    parent_symbols: Vec<u32>,
    kinds: Vec<u16>,
    systems: Vec<u16>,
    regions: Vec<u16>,
    statuses: Vec<u16>,
    members: Vec<u32>,
    details: Vec<u32>,
    details_blob: Vec<u8>,
    successor_symbols: Vec<(u32, u32)>,
    kind_words: Words<OrgKind>,
    system_words: Words<HomeSystem>,
    region_words: Words<String>,
    status_words: Words<OrgStatus>,
    /// Bytes of ids, of names, and of details, each at most.
    most_bytes: u32,
    /// Columns with more distinct values than can be kept, each reported once.
    overfull: Vec<Field>,
}

/// What a row adds to the columns of words and ids.
struct RowCodes {
    id: u32,
    parent: u32,
    successor: u32,
}

impl Default for TreeBuilder {
    fn default() -> Self {
        TreeBuilder::with_limit(u32::MAX)
    }
}

impl TreeBuilder {
    /// For so many bytes of ids, of names, and of details; what comes beyond is reported as
    /// [`FindingCode::TooLarge`]. Offsets are 32 bits, so 4 GiB is the most there can be; tests take less.
    pub(crate) fn with_limit(most_bytes: u32) -> Self {
        TreeBuilder {
            ids: Interner::with_limit(most_bytes),
            row_of_symbol: Vec::new(),
            id_symbols: Vec::new(),
            row_numbers: Vec::new(),
            names: TextColumn::with_limit(most_bytes),
            parent_symbols: Vec::new(),
            kinds: Vec::new(),
            systems: Vec::new(),
            regions: Vec::new(),
            statuses: Vec::new(),
            members: Vec::new(),
            details: Vec::new(),
            details_blob: Vec::new(),
            successor_symbols: Vec::new(),
            kind_words: Words::default(),
            system_words: Words::default(),
            region_words: Words::default(),
            status_words: Words::default(),
            most_bytes,
            overfull: Vec::new(),
        }
    }

    /// Takes one organization whose id and name are not empty. A second row with the same id is left out and
    /// reported.
    pub(crate) fn push(&mut self, row_number: u64, org: &OrgUnit, report: &mut Report) {
        let Some(codes) = self.row_codes(org) else {
            return report_too_large(row_number, org, report);
        };
        let first = self.row_of_symbol[codes.id as usize];
        if first != NONE {
            let finding = Finding::new(Some(row_number), Field::Id, FindingCode::DuplicateId, &org.id);
            report.add(finding.and_row(u64::from(self.row_numbers[first as usize])));
            return;
        }
        let row = self.id_symbols.len() as u32;
        let Some(details) = self.packed_details(org).filter(|_| row < NONE - 1) else {
            return report_too_large(row_number, org, report);
        };
        if !self.names.push(&org.name) {
            return report_too_large(row_number, org, report);
        }
        self.row_of_symbol[codes.id as usize] = row;
        self.id_symbols.push(codes.id);
        self.row_numbers.push(u32::try_from(row_number).unwrap_or(u32::MAX));
        self.parent_symbols.push(codes.parent);
        self.members.push(org.members.map_or(NONE, |members| members.min(NONE - 1)));
        self.details.push(details);
        if codes.successor != NONE {
            self.successor_symbols.push((row, codes.successor));
        }
        self.push_words(row_number, org, report);
    }

    /// The numbers of the ids that a row mentions; `None` where there is no place for one.
    fn row_codes(&mut self, org: &OrgUnit) -> Option<RowCodes> {
        let mut symbol = |id: Option<&str>| id.map_or(Some(NONE), |id| self.symbol(id));
        Some(RowCodes {
            id: symbol(Some(&org.id))?,
            parent: symbol(org.parent_id.as_deref())?,
            successor: symbol(org.successor_id.as_deref())?,
        })
    }

    fn symbol(&mut self, id: &str) -> Option<u32> {
        let symbol = self.ids.intern(id)?;
        if symbol as usize == self.row_of_symbol.len() {
            self.row_of_symbol.push(NONE);
        }
        Some(symbol)
    }

    fn push_words(&mut self, row_number: u64, org: &OrgUnit, report: &mut Report) {
        let overfull = &mut self.overfull;
        let mut kept = |field: Field, code: Option<u16>, word: &str| {
            code.unwrap_or_else(|| {
                if !overfull.contains(&field) {
                    overfull.push(field);
                    report.add(Finding::new(Some(row_number), field, FindingCode::TooManyValues, word));
                }
                // The report has an error now, so no tree comes of it.
                0
            })
        };
        self.kinds.push(
            org.kind
                .as_ref()
                .map_or(0, |kind| kept(Field::Kind, self.kind_words.code(kind, MAX_LONG_LIST), kind.code())),
        );
        self.systems.push(org.system.as_ref().map_or(0, |system| {
            kept(Field::System, self.system_words.code(system, MAX_SHORT_LIST), system.code())
        }));
        self.regions.push(
            org.region.as_ref().map_or(0, |region| {
                kept(Field::Region, self.region_words.code(region, MAX_LONG_LIST), region)
            }),
        );
        let status = self.status_words.code(&org.status, MAX_SHORT_LIST);
        self.statuses.push(kept(Field::Status, status, org.status.code()));
    }

    /// Where the packed details of a row begin; [`NONE`] for a row without any, `None` where they have no place.
    fn packed_details(&mut self, org: &OrgUnit) -> Option<u32> {
        let details = Details {
            aliases: org.aliases.clone(),
            former_names: org.former_names.clone(),
            attributes: org.attributes.clone(),
        };
        if details.is_empty() {
            return Some(NONE);
        }
        let start = self.details_blob.len();
        details.pack(&mut self.details_blob);
        if self.details_blob.len() > self.most_bytes as usize {
            self.details_blob.truncate(start);
            return None;
        }
        u32::try_from(start).ok()
    }

    /// Checks the structure and numbers the organizations. `None` if any error stands in the report, also one that
    /// was there before.
    pub(crate) fn finish(self, report: &mut Report) -> Option<OrgTree> {
        let parents = self.resolve_parents(report);
        self.report_roots(&parents, report);
        let cyclic = self.report_cycles(&parents, report);
        let order = (!cyclic).then(|| self.level_order(&parents, report));
        if report.has_errors() {
            return None;
        }
        order.map(|order| self.numbered(&parents, &order, report))
    }

    fn finding(&self, row: usize, field: Field, code: FindingCode, value: &str) -> Finding {
        Finding::new(Some(u64::from(self.row_numbers[row])), field, code, value)
    }

    fn id_of_row(&self, row: usize) -> &str {
        self.ids.get(self.id_symbols[row])
    }

    fn resolve_successors(
        &self,
        ordinal: impl Fn(u32) -> Ordinal,
        report: &mut Report,
    ) -> BTreeMap<Ordinal, Ordinal> {
        let mut successors = BTreeMap::new();
        for &(row, symbol) in &self.successor_symbols {
            let code = match self.row_of_symbol[symbol as usize] {
                NONE => FindingCode::UnknownSuccessor,
                successor if successor == row => FindingCode::SelfSuccessor,
                successor => {
                    successors.insert(ordinal(row), ordinal(successor));
                    continue;
                }
            };
            report.add(self.finding(row as usize, Field::SuccessorId, code, self.ids.get(symbol)));
        }
        successors
    }
}

fn report_too_large(row_number: u64, org: &OrgUnit, report: &mut Report) {
    report.add(Finding::new(Some(row_number), Field::Attributes, FindingCode::TooLarge, &org.id));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a tree cannot address is reported, never kept as an empty text.
    #[test]
    fn what_has_no_place_is_reported() {
        for (case, make, refused) in [
            ("ids", (|n| OrgUnit::new(format!("{n:05}"), "a")) as fn(u64) -> OrgUnit, 41),
            ("names", |n| OrgUnit::new(n.to_string(), "x".repeat(5)), 41),
            ("parents", |n| OrgUnit { parent_id: Some(format!("p{n:04}")), ..OrgUnit::new("1", "a") }, 40),
            ("details", |n| OrgUnit { aliases: vec!["abc".into()], ..OrgUnit::new(n.to_string(), "a") }, 29),
        ] {
            let mut builder = TreeBuilder::with_limit(200);
            let mut report = Report::default();
            for row in 1..60 {
                builder.push(row, &make(row), &mut report);
            }
            let first = report.findings.iter().find(|finding| finding.code == FindingCode::TooLarge);
            assert_eq!(first.and_then(|finding| finding.row), Some(refused), "{case}");
            assert!(builder.finish(&mut report).is_none(), "{case}");
        }
    }

    /// Values past the limit stop the build; they never become another value.
    #[test]
    fn values_past_the_limit_are_an_error_and_those_within_are_kept() {
        for (field, most) in [
            (Field::Status, usize::from(MAX_SHORT_LIST)),
            (Field::System, usize::from(MAX_SHORT_LIST)),
            (Field::Kind, usize::from(MAX_LONG_LIST)),
            (Field::Region, usize::from(MAX_LONG_LIST)),
        ] {
            let row = |n: usize| {
                let (mut org, word) = (OrgUnit::new(n.to_string(), "a"), format!("v{n}"));
                match field {
                    Field::Status => org.status = OrgStatus::parse(&word),
                    Field::System => org.system = Some(HomeSystem::parse(&word)),
                    Field::Kind => org.kind = Some(OrgKind::parse(&word)),
                    _ => org.region = Some(word),
                }
                org
            };
            let build = |count: usize| {
                let (mut builder, mut report) = (TreeBuilder::default(), Report::default());
                (0..count).for_each(|n| builder.push(n as u64, &row(n), &mut report));
                (builder.finish(&mut report), report)
            };
            let tree = build(most).0.expect("all of them fit");
            for n in [0, most / 2, most - 1] {
                let ordinal = tree.find(&n.to_string()).unwrap();
                let org = tree.org(ordinal);
                assert_eq!(OrgUnit { name: "a".into(), ..org }, row(n), "{field:?}");
            }
            let (tree, report) = build(most + 5);
            assert!(tree.is_none());
            let told: Vec<_> =
                report.findings.iter().filter(|f| f.code == FindingCode::TooManyValues).collect();
            assert_eq!(told.len(), 1, "{field:?}: once a column");
            assert_eq!((told[0].row, told[0].field), (Some(most as u64), field));
        }
    }
}
