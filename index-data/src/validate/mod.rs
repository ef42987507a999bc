//! Checks rows and builds the tree: every problem with its place, never stopping at the first.

mod rules;

use crate::load::SourceRow;
use crate::model::{OrgTree, TreeBuilder};
use std::convert::Infallible;

pub use crate::field::Field;
pub use crate::finding::{Finding, FindingCode, Severity};
pub use crate::report::Report;
pub use rules::{MAX_ID_BYTES, MAX_NAME_CHARS};

/// What came of the rows.
#[derive(Debug)]
pub struct Validated {
    /// The tree; `None` if the report holds an error.
    pub tree: Option<OrgTree>,
    /// Everything found.
    pub report: Report,
}

/// Checks all rows of a source and builds their tree.
///
/// Rows may come in any order; the tree does not depend on it. Findings of all rows are collected, see
/// [`FindingCode`] for what is looked for. Time is linear but for the sorting of siblings.
///
/// # Errors
/// Only what the source itself gives (a file that breaks off, an encoding that fails); bad rows are findings.
pub fn validate<E>(rows: impl IntoIterator<Item = Result<SourceRow, E>>) -> Result<Validated, E> {
    let mut report = Report::default();
    let mut builder = TreeBuilder::default();
    for row in rows {
        let mut row = row?;
        report.rows += 1;
        row.findings.drain(..).for_each(|finding| report.add(finding));
        if let Some(org) = rules::check_row(&row, &mut report) {
            builder.push(row.row, &org, &mut report);
        }
    }
    if report.rows == 0 {
        report.add(Finding::new(None, Field::Id, FindingCode::NoRows, ""));
    }
    let tree = builder.finish(&mut report);
    report.sort();
    Ok(Validated { tree, report })
}

/// [`validate`] for rows that are already there and cannot fail.
pub fn validate_rows(rows: impl IntoIterator<Item = SourceRow>) -> Validated {
    match validate(rows.into_iter().map(Ok::<_, Infallible>)) {
        Ok(validated) => validated,
        Err(never) => match never {},
    }
}
