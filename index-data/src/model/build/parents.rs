//! Finds each row's parent, and reports what is no tree.

use super::TreeBuilder;
use crate::field::Field;
use crate::finding::{Finding, FindingCode};
use crate::model::tree::NONE;
use crate::report::Report;

impl TreeBuilder {
    pub(super) fn resolve_parents(&self, report: &mut Report) -> Vec<u32> {
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

    pub(super) fn report_roots(&self, parents: &[u32], report: &mut Report) {
        let roots: Vec<usize> =
            (0..parents.len()).filter(|&row| self.parent_symbols[row] == NONE).take(11).collect();
        if roots.len() > 1 {
            let mut value: Vec<&str> = roots.iter().take(10).map(|&row| self.id_of_row(row)).collect();
            value.extend((roots.len() > 10).then_some("…"));
            report.add(Finding::new(None, Field::ParentId, FindingCode::SeveralRoots, &value.join(", ")));
        }
    }

    /// Reports every row that is its own ancestor; true if there is one, or a path too deep to be numbered.
    pub(super) fn report_cycles(&self, parents: &[u32], report: &mut Report) -> bool {
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
}
