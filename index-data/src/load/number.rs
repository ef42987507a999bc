//! Numbers where text is wanted: ids that a spreadsheet or JSON holds as numbers.

use super::cell::is_lossy;
use super::row::SourceRow;
use crate::field::Field;
use crate::finding::{Finding, FindingCode, Severity};

/// A number as a person would write it: no `.0`, an exponent only where plain digits would run too long.
pub(super) fn print_number(number: f64) -> String {
    const PLAIN_BELOW: f64 = 1e21;
    if number.abs() < PLAIN_BELOW { format!("{number}") } else { format!("{number:e}") }
}

/// Tells of ids that are numbers, once for each column: every row of it has the same fault.
#[derive(Debug, Default)]
pub(super) struct NumberIds {
    told: Vec<(Field, bool)>,
}

impl NumberIds {
    /// Takes note of a number in `field`. Whole numbers an `f64` holds exactly are worth a warning, as leading
    /// zeros may be gone; other ids have certainly lost digits, and that is an error.
    pub(super) fn note(&mut self, row: &mut SourceRow, field: Field, number: f64, text: &str) {
        if !matches!(field, Field::Id | Field::ParentId | Field::SuccessorId) {
            return;
        }
        let is_lossy = is_lossy(number);
        if self.told.contains(&(field, is_lossy)) {
            return;
        }
        self.told.push((field, is_lossy));
        let mut finding = Finding::new(Some(row.row), field, FindingCode::IdNotText, text);
        if is_lossy {
            finding.severity = Severity::Error;
        }
        row.findings.push(finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_print_naturally() {
        for (number, text) in [
            (10_000_001.0, "10000001"),
            (0.0, "0"),
            (-3.0, "-3"),
            (1.5, "1.5"),
            (9_007_199_254_740_991.0, "9007199254740991"),
            (1e18, "1000000000000000000"),
            (1e300, "1e300"),
        ] {
            assert_eq!(print_number(number), text);
        }
    }

    #[test]
    fn ids_are_told_once_for_each_column_and_fault() {
        let (mut ids, mut row) = (NumberIds::default(), SourceRow { row: 2, ..SourceRow::default() });
        for number in [1.0, 2.0, 1e17, 2e17] {
            ids.note(&mut row, Field::Id, number, &print_number(number));
            ids.note(&mut row, Field::Members, number, &print_number(number));
        }
        let told: Vec<_> = row.findings.iter().map(|f| (f.value.as_str(), f.severity)).collect();
        assert_eq!(told, [("1", Severity::Warning), ("100000000000000000", Severity::Error)]);
    }
}
