//! Checks rows and builds the tree: every problem with its place, never stopping at the first.

mod rules;

use crate::load::SourceRow;
use crate::model::{OrgTree, OrgUnit, TreeBuilder};
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

/// Checks one row alone: the organization that it describes, `None` if it cannot stand in a tree, and what was found.
/// Whether its parent and its successor exist is for the caller to say.
pub fn validate_row(row: &SourceRow) -> (Option<OrgUnit>, Report) {
    let mut report = Report { rows: 1, ..Report::default() };
    let org = rules::check_row(row, &mut report);
    (org, report)
}

/// The tree of organizations that are checked already.
///
/// # Errors
/// The report, if they are no valid tree.
pub fn tree_of(orgs: impl IntoIterator<Item = OrgUnit>) -> Result<OrgTree, Report> {
    let mut report = Report::default();
    let mut builder = TreeBuilder::default();
    for org in orgs {
        report.rows += 1;
        builder.push(report.rows, &org, &mut report);
    }
    builder.finish(&mut report).ok_or(report)
}

/// [`validate`] for rows that are already there and cannot fail.
pub fn validate_rows(rows: impl IntoIterator<Item = SourceRow>) -> Validated {
    match validate(rows.into_iter().map(Ok::<_, Infallible>)) {
        Ok(validated) => validated,
        Err(never) => match never {},
    }
}
