//! Builds an [`OrgTree`]: rows in any order go in, structure is checked, ordinals come out.

use super::details::Details;
use super::interner::Interner;
use super::level_order::Ordinal;
use super::org::{HomeSystem, OrgKind, OrgStatus, OrgUnit};
use super::text_column::TextColumn;
use super::tree::{NONE, OrgTree, Words};
use crate::field::Field;
use crate::finding::{Finding, FindingCode};
use crate::report::Report;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Deeper than any tree of organizations; a path beyond it is a mistake in the file.
pub(crate) const MAX_DEPTH: usize = 32;

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

    fn resolve_parents(&self, report: &mut Report) -> Vec<u32> {
        let resolve = |row: usize| {
            let symbol = self.parent_symbols[row];
            if symbol == NONE {
                return NONE;
            }
            let parent = self.row_of_symbol[symbol as usize];
            if parent == NONE {
                let id = self.ids.get(symbol);
                let finding = self.finding(row, Field::ParentId, FindingCode::UnknownParent, id);
                report.add(finding.suggest(self.similar_id(id)));
            }
            parent
        };
        (0..self.id_symbols.len()).map(resolve).collect()
    }

    /// The id as a spreadsheet may have changed it: leading zeros lost or added, `.0` appended.
    fn similar_id(&self, id: &str) -> Option<String> {
        let bare = id.trim().trim_end_matches(".0").trim_start_matches('0');
        let is_id = |candidate: &String| {
            self.ids.find(candidate).is_some_and(|symbol| self.row_of_symbol[symbol as usize] != NONE)
        };
        (0..=4).map(|zeros| "0".repeat(zeros) + bare).find(is_id)
    }

    fn report_roots(&self, parents: &[u32], report: &mut Report) {
        let roots: Vec<usize> =
            (0..parents.len()).filter(|&row| self.parent_symbols[row] == NONE).take(11).collect();
        if roots.len() > 1 {
            let mut value: Vec<&str> = roots.iter().take(10).map(|&row| self.id_of_row(row)).collect();
            value.extend((roots.len() > 10).then_some("…"));
            report.add(Finding::new(None, Field::ParentId, FindingCode::SeveralRoots, &value.join(", ")));
        }
    }

    /// Reports every row that is its own ancestor; true if there is one, or a path too deep to be numbered.
    fn report_cycles(&self, parents: &[u32], report: &mut Report) -> bool {
        const UNSEEN: u32 = NONE;
        // The walk that first came by; a walk that meets itself has found a cycle.
        let mut walk_of = vec![UNSEEN; parents.len()];
        let mut cyclic = false;
        for start in 0..parents.len() {
            let (mut at, mut steps) = (start, 0usize);
            while walk_of[at] == UNSEEN {
                walk_of[at] = start as u32;
                steps += 1;
                match parents[at] {
                    NONE => break,
                    parent => at = parent as usize,
                }
            }
            if steps > 0 && walk_of[at] == start as u32 && parents[at] != NONE {
                cyclic = true;
                self.report_cycle(at, parents, report);
            }
        }
        cyclic
    }

    fn report_cycle(&self, start: usize, parents: &[u32], report: &mut Report) {
        let next = |row: &usize| Some(parents[*row] as usize).filter(|&parent| parent != start);
        let members: Vec<usize> = std::iter::successors(Some(start), next).collect();
        let ids = members.iter().take(4).map(|&row| self.id_of_row(row)).collect::<Vec<_>>().join(" → ");
        let more = if members.len() > 4 { " → …" } else { "" };
        let value = format!("{ids}{more} → {}", self.id_of_row(start));
        for &row in &members {
            report.add(self.finding(row, Field::ParentId, FindingCode::Cycle, &value));
        }
    }

    fn finding(&self, row: usize, field: Field, code: FindingCode, value: &str) -> Finding {
        Finding::new(Some(u64::from(self.row_numbers[row])), field, code, value)
    }

    fn id_of_row(&self, row: usize) -> &str {
        self.ids.get(self.id_symbols[row])
    }

    /// The rows in level order (see [`OrgTree`]), with the number of inner ones. Needs parents without cycles.
    fn level_order(&self, parents: &[u32], report: &mut Report) -> LevelOrder {
        let children = ChildLists::new(parents);
        let ranks = self.kind_ranks();
        let mut level = children.roots.clone();
        self.sort_siblings(&mut level, &ranks, report);
        let mut order = LevelOrder::default();
        let mut leaf_levels: Vec<Vec<u32>> = Vec::new();
        let (inner, leaves): (Vec<u32>, Vec<u32>) = level.into_iter().partition(|&row| children.has_any(row));
        leaf_levels.push(leaves);
        let mut level = inner;
        while !level.is_empty() {
            if leaf_levels.len() > MAX_DEPTH {
                let row = level[0] as usize;
                report.add(self.finding(row, Field::ParentId, FindingCode::TooDeep, self.id_of_row(row)));
                break;
            }
            let (mut next, mut leaves) = (Vec::new(), Vec::new());
            for &row in &level {
                let mut siblings = children.of(row).to_vec();
                self.sort_siblings(&mut siblings, &ranks, report);
                for child in siblings {
                    if children.has_any(child) { next.push(child) } else { leaves.push(child) }
                }
            }
            order.rows.append(&mut level);
            leaf_levels.push(leaves);
            level = next;
        }
        order.inner_count = order.rows.len() as u32;
        leaf_levels.iter_mut().for_each(|leaves| order.rows.append(leaves));
        order
    }

    /// Kinds in their contract order, then unknown ones, then rows that say none.
    fn kind_ranks(&self) -> Vec<usize> {
        let rank_of = |code: u16| match self.kind_words.word(code) {
            Some(kind) => {
                OrgKind::KNOWN.iter().position(|known| known == kind).unwrap_or(OrgKind::KNOWN.len())
            }
            None => OrgKind::KNOWN.len() + 1,
        };
        (0..=self.kinds.iter().copied().max().unwrap_or(0)).map(rank_of).collect()
    }

    fn sort_siblings(&self, rows: &mut [u32], kind_ranks: &[usize], report: &mut Report) {
        rows.sort_unstable_by(|&a, &b| {
            natural_order(self.names.get(a), self.names.get(b))
                .then_with(|| self.id_of_row(a as usize).cmp(self.id_of_row(b as usize)))
        });
        for pair in rows.windows(2) {
            let (first, second) = (pair[0], pair[1]);
            if self.names.get(first) == self.names.get(second) {
                let code = FindingCode::DuplicateSibling;
                let finding = self.finding(second as usize, Field::Name, code, self.names.get(second));
                report.add(finding.and_row(u64::from(self.row_numbers[first as usize])));
            }
        }
        rows.sort_by_key(|&row| (kind_ranks[usize::from(self.kinds[row as usize])], !self.is_active(row)));
    }

    fn is_active(&self, row: u32) -> bool {
        self.status_words.word(self.statuses[row as usize]) == Some(&OrgStatus::Active)
    }

    fn numbered(mut self, parents: &[u32], order: &LevelOrder, report: &mut Report) -> OrgTree {
        let rows = &order.rows;
        let mut ordinal_of_row = vec![NONE; rows.len()];
        for (ordinal, &row) in rows.iter().enumerate() {
            ordinal_of_row[row as usize] = ordinal as u32;
        }
        let ordinal = |row: u32| if row == NONE { NONE } else { ordinal_of_row[row as usize] };
        let successors = self.resolve_successors(ordinal, report);
        let parents: Vec<Ordinal> = rows.iter().map(|&row| ordinal(parents[row as usize])).collect();
        let (inner_child_starts, leaf_child_starts) = child_starts(&parents, order.inner_count);
        self.names.permute(rows);
        self.names.shrink();
        fn permuted<T: Copy>(column: &[T], rows: &[u32]) -> Vec<T> {
            rows.iter().map(|&row| column[row as usize]).collect()
        }
        OrgTree {
            ordinal_of_symbol: self.row_of_symbol.iter().map(|&row| ordinal(row)).collect(),
            id_symbols: permuted(&self.id_symbols, rows),
            ids: self.ids,
            names: self.names,
            parents,
            kinds: permuted(&self.kinds, rows),
            systems: permuted(&self.systems, rows),
            regions: permuted(&self.regions, rows),
            statuses: permuted(&self.statuses, rows),
            members: permuted(&self.members, rows),
            details: permuted(&self.details, rows),
            details_blob: self.details_blob,
            successors,
            kind_words: self.kind_words,
            system_words: self.system_words,
            region_words: self.region_words,
            status_words: self.status_words,
            inner_count: order.inner_count,
            inner_child_starts,
            leaf_child_starts,
        }
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

#[derive(Default)]
struct LevelOrder {
    rows: Vec<u32>,
    inner_count: u32,
}

/// The children of every row as one array with starts, in row order.
struct ChildLists {
    starts: Vec<u32>,
    children: Vec<u32>,
    roots: Vec<u32>,
}

impl ChildLists {
    fn new(parents: &[u32]) -> Self {
        let mut starts = vec![0u32; parents.len() + 1];
        for &parent in parents.iter().filter(|&&parent| parent != NONE) {
            starts[parent as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut children = vec![0u32; starts.last().copied().unwrap_or(0) as usize];
        let mut roots = Vec::new();
        for (row, &parent) in parents.iter().enumerate() {
            if parent == NONE {
                roots.push(row as u32);
            } else {
                let slot = &mut next[parent as usize];
                children[*slot as usize] = row as u32;
                *slot += 1;
            }
        }
        ChildLists { starts, children, roots }
    }

    fn of(&self, row: u32) -> &[u32] {
        &self.children[self.starts[row as usize] as usize..self.starts[row as usize + 1] as usize]
    }

    fn has_any(&self, row: u32) -> bool {
        !self.of(row).is_empty()
    }
}

/// Where the inner and the leaf children of each inner organization begin, with one closing value each.
fn child_starts(parents: &[Ordinal], inner_count: u32) -> (Vec<Ordinal>, Vec<Ordinal>) {
    let starts = |run: std::ops::Range<Ordinal>| {
        // Children lie in the order of their parents, so the first child of each is where the parents change.
        let mut starts = Vec::with_capacity(inner_count as usize + 1);
        let mut child = run.start;
        // Roots come first in their run and are no one's children.
        while child < run.end && parents[child as usize] == NONE {
            child += 1;
        }
        for parent in 0..inner_count {
            starts.push(child);
            while child < run.end && parents[child as usize] == parent {
                child += 1;
            }
        }
        starts.push(child);
        starts
    };
    (starts(0..inner_count), starts(inner_count..parents.len() as u32))
}

/// Compares names as people count: 2班 before 10班. Total, and equal only for equal names.
fn natural_order(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a.as_bytes(), b.as_bytes());
    while let (Some(&l), Some(&r)) = (left.first(), right.first()) {
        let (l_run, r_run) = (digits(left), digits(right));
        if !l_run.is_empty() && !r_run.is_empty() {
            let (l_number, r_number) = (without_zeros(l_run), without_zeros(r_run));
            let by_value = l_number.len().cmp(&r_number.len()).then_with(|| l_number.cmp(r_number));
            if by_value != Ordering::Equal {
                return by_value;
            }
            (left, right) = (&left[l_run.len()..], &right[r_run.len()..]);
        } else if l != r {
            return l.cmp(&r);
        } else {
            (left, right) = (&left[1..], &right[1..]);
        }
    }
    left.len().cmp(&right.len()).then_with(|| a.cmp(b))
}

fn digits(text: &[u8]) -> &[u8] {
    &text[..text.iter().take_while(|byte| byte.is_ascii_digit()).count()]
}

fn without_zeros(digits: &[u8]) -> &[u8] {
    &digits[digits.iter().take_while(|&&digit| digit == b'0').count()..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_ordered_as_people_count() {
        let mut names = ["高一10班", "高一2班", "高一02班", "高一", "高一1班", "2024级", "2023级9班"];
        names.sort_by(|a, b| natural_order(a, b));
        assert_eq!(names, ["2023级9班", "2024级", "高一", "高一1班", "高一02班", "高一2班", "高一10班"]);
    }

    /// 13: what a tree cannot address is told, never kept as an empty text.
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

    /// 3: values past the limit stop the build; they never become another value.
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

    proptest! {
        #[test]
        fn natural_order_is_total(a in "[0-2ab高]{0,6}", b in "[0-2ab高]{0,6}", c in "[0-2ab高]{0,6}") {
            prop_assert_eq!(natural_order(&a, &b), natural_order(&b, &a).reverse());
            prop_assert_eq!(natural_order(&a, &b) == Ordering::Equal, a == b);
            if natural_order(&a, &b).is_le() && natural_order(&b, &c).is_le() {
                prop_assert!(natural_order(&a, &c).is_le());
            }
        }
    }
}
