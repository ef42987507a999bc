//! Reads the file of records with their right answers.

use super::labelled_lines;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use search_core::Record;
use std::path::Path;

/// What is right for a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expected {
    /// One of these ids; never empty.
    Ids(Vec<String>),
    /// Nobody can tell between several.
    Ambiguous,
    /// No organization of the tree.
    NoMatch,
}

/// A record and what is right for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LabelledRecord {
    /// Where it stands in the file, from 1.
    pub(super) line: u64,
    pub(super) record: Record,
    pub(super) expected: Expected,
    /// Which kind of record it is.
    pub(super) family: String,
}

/// The columns that the header may name.
const COLUMNS: [&str; 8] = ["name", "parent", "region", "code", "former_name", "kind", "expected", "family"];

/// Reads a file, unpacked if it ends in `.gz`. Its first line names the columns.
pub(super) fn read(path: &Path) -> Result<Vec<LabelledRecord>, Failure> {
    let mut header = None;
    let records = labelled_lines::read(path, |line, text| parse_line(&mut header, line, text))?;
    if records.is_empty() {
        return Err(Failure::new(Exit::InputErrors, format!("{} holds no record", path.display())));
    }
    Ok(records)
}

/// The record of one line; `None` for the header and for empty lines.
fn parse_line(
    header: &mut Option<Vec<&'static str>>,
    line: u64,
    text: &str,
) -> Result<Option<LabelledRecord>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let cells: Vec<&str> = text.split('\t').map(str::trim).collect();
    let Some(columns) = header else {
        *header = Some(parse_header(&cells)?);
        return Ok(None);
    };
    if cells.len() > columns.len() {
        return Err(format!("{} cells, but the header names {} columns", cells.len(), columns.len()));
    }
    let cell =
        |wanted: &str| columns.iter().position(|column| *column == wanted).and_then(|at| cells.get(at));
    let said = |wanted: &str| cell(wanted).filter(|text| !text.is_empty()).map(|text| (*text).to_owned());
    let record = Record {
        name: said("name").unwrap_or_default(),
        parent: said("parent"),
        region: said("region"),
        code: said("code"),
        former_name: said("former_name"),
        kind: said("kind"),
        evidence: Vec::new(),
    };
    if record.name.is_empty() && record.code.is_none() {
        return Err("neither name nor code is given".to_owned());
    }
    let expected = match said("expected").as_deref() {
        None => return Err("it is not said what is expected: an id, ambiguous or none".to_owned()),
        Some("ambiguous") => Expected::Ambiguous,
        Some("none") => Expected::NoMatch,
        Some(ids) => Expected::Ids(ids.split(',').map(|id| id.trim().to_owned()).collect()),
    };
    Ok(Some(LabelledRecord { line, record, expected, family: said("family").unwrap_or_default() }))
}

fn parse_header(cells: &[&str]) -> Result<Vec<&'static str>, String> {
    let known = |cell: &&str| {
        COLUMNS
            .into_iter()
            .find(|column| column.eq_ignore_ascii_case(cell))
            .ok_or_else(|| format!("the header names the column {cell:?}; known are {}", COLUMNS.join(", ")))
    };
    let columns: Vec<&str> = cells.iter().map(known).collect::<Result<_, _>>()?;
    match ["name", "expected"].into_iter().find(|needed| !columns.contains(needed)) {
        Some(missing) => Err(format!("the header does not name the column {missing}")),
        None => Ok(columns),
    }
}

#[cfg(test)]
mod tests {
    use super::super::labelled_lines::read_lines;
    use super::*;

    fn parse(text: &str) -> Result<Vec<LabelledRecord>, String> {
        let mut header = None;
        match read_lines(text.as_bytes(), "r.tsv", |line, text| parse_line(&mut header, line, text)) {
            Ok(records) => Ok(records),
            Err(Failure::Told { message, .. }) => Err(message),
            Err(Failure::ReaderLeft) => Err(String::new()),
        }
    }

    #[test]
    fn lines_become_records() {
        let records =
            parse("name\tparent\texpected\tfamily\n1班\t北大\t7,8\tleaf\n\n张三\t\tnone\n").unwrap();
        assert_eq!(records[0].record, Record::named("1班").parent("北大"));
        assert_eq!(records[0].expected, Expected::Ids(vec!["7".into(), "8".into()]));
        assert_eq!((records[1].expected.clone(), records[1].line), (Expected::NoMatch, 4));
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_place() {
        for (text, cause) in [
            ("name\tfamily\n", "line 1: the header does not name the column expected"),
            ("name\twhat\n", "line 1: the header names the column \"what\""),
            ("name\texpected\na\t\n", "line 2: it is not said what is expected"),
            ("name\texpected\n\tnone\n", "line 2: neither name nor code is given"),
            ("name\texpected\na\tnone\tx\n", "line 2: 3 cells, but the header names 2 columns"),
        ] {
            let told = parse(text).unwrap_err();
            assert!(told.contains(cause), "{told}");
        }
    }
}
