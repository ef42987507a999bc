//! JSONL: one object on each line. Keys are read as headers are.

use super::cell::Cell;
use super::columns::{ColumnMap, FieldNames, UnseenColumns, set_field};
use super::encoding::Text;
use super::error::LoadError;
use super::limits::MAX_ROW_BYTES;
use super::number::{NumberIds, print_number};
use super::row::SourceRow;
use crate::field::Field;
use crate::finding::{Finding, FindingCode};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use std::fmt;
use std::io::{BufRead, BufReader, Read};

/// From this many unreadable lines in succession the whole file counts as damaged.
const MAX_UNREADABLE_IN_A_ROW: u64 = 1000;

/// The rows. Blank lines are passed over, but counted.
pub(super) struct JsonlRows {
    lines: Lines,
    fields: FieldNames,
    unseen: UnseenColumns,
    first_keys: Vec<String>,
    number_ids: NumberIds,
    first: Option<SourceRow>,
    /// Unreadable lines since the last readable one.
    unreadable: u64,
}

impl JsonlRows {
    /// Reads the first row, which must be an object with an id and a name, so that a file of something else is
    /// refused at once.
    pub(super) fn new(mut lines: Lines, what: &str, map: &ColumnMap) -> Result<JsonlRows, LoadError> {
        let Some(object) = lines.read_object()? else {
            return Err(LoadError::Empty { what: what.to_owned() });
        };
        let keys: Vec<&str> = object.0.iter().map(|(key, _)| key.as_str()).collect();
        let fields = FieldNames::new(map);
        let recognised: Vec<_> = keys.iter().map(|key| fields.get(key)).collect();
        fields.check_all_found(&keys, &recognised, &UnseenColumns::keys_only(map), what)?;
        let first_keys = keys.into_iter().map(str::to_owned).collect();
        let mut rows = JsonlRows {
            lines,
            fields,
            unseen: UnseenColumns::new(map),
            first_keys,
            number_ids: NumberIds::default(),
            first: None,
            unreadable: 0,
        };
        rows.first = Some(rows.row(object));
        Ok(rows)
    }

    fn read_next(&mut self) -> Result<Option<SourceRow>, LoadError> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        let Some(line) = self.lines.read_next()? else {
            let keys: Vec<&str> = self.first_keys.iter().map(String::as_str).collect();
            return self.unseen.check(&keys, &self.lines.what).map(|()| None);
        };
        match serde_json::from_str(line) {
            Ok(object) => {
                self.unreadable = 0;
                Ok(Some(self.row(object)))
            }
            Err(cause) => self.unreadable_row(&cause).map(Some),
        }
    }

    fn row(&mut self, object: Object) -> SourceRow {
        let mut row = SourceRow { row: self.lines.row, ..SourceRow::default() };
        let mut taken = [false; Field::COLUMNS.len()];
        for (key, value) in object.0 {
            let Some(field) = self.fields.get(&key) else {
                fill_attribute(&mut row, key, value);
                continue;
            };
            let is_repeated =
                taken.get_mut(field as usize).is_some_and(|taken| std::mem::replace(taken, true));
            if is_repeated {
                let value = format!("the key {key:?} repeats an earlier one");
                row.findings.push(Finding::new(Some(row.row), field, FindingCode::UnreadableRow, &value));
            } else {
                self.unseen.see(field);
                self.fill_field(&mut row, field, value);
            }
        }
        row
    }

    fn fill_field(&mut self, row: &mut SourceRow, field: Field, value: Value) {
        match value {
            Value::Null => {}
            Value::String(text) => set_field(row, field, &text),
            Value::Number(number) => {
                let text = print_json_number(&number);
                if let (true, Some(lossy)) = (number.is_f64(), number.as_f64()) {
                    self.number_ids.note(row, field, lossy, &text);
                }
                set_field(row, field, &text);
            }
            Value::Array(items) if field == Field::Aliases => {
                row.aliases = names(items);
            }
            Value::Array(items) if field == Field::FormerNames => {
                row.former_names = names(items);
            }
            other => {
                let value = format!("{} cannot be {other}", field.name());
                row.findings.push(Finding::new(Some(row.row), field, FindingCode::UnreadableRow, &value));
            }
        }
    }

    fn unreadable_row(&mut self, cause: &serde_json::Error) -> Result<SourceRow, LoadError> {
        self.unreadable += 1;
        let row = self.lines.row;
        if self.unreadable >= MAX_UNREADABLE_IN_A_ROW {
            let what = self.lines.what.clone();
            return Err(LoadError::TooManyUnreadable { what, row, count: self.unreadable });
        }
        let value = explain_line(&self.lines.line, cause);
        let finding = Finding::new(Some(row), Field::Attributes, FindingCode::UnreadableRow, &value);
        Ok(SourceRow { row, findings: vec![finding], ..SourceRow::default() })
    }
}

impl Iterator for JsonlRows {
    type Item = Result<SourceRow, LoadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read_next().transpose()
    }
}

/// A JSON object with its keys in file order, repeated ones too.
pub(super) struct Object(pub(super) Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Object(pairs))
    }
}

/// Text of a value that is no field: strings as they are, anything else as compact JSON; `None` for null.
fn attribute_text(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

/// The value as a cell of a table; `None` where there is nothing in it.
pub(super) fn cell_of(value: Value) -> Option<Cell> {
    let cell = match value {
        // Larger ones are text, so that no digit is lost.
        Value::Number(number) => match number.as_f64().map(Cell::Number) {
            Some(cell) if number.is_f64() || !cell.has_lost_digits() => cell,
            _ => Cell::Text(number.to_string()),
        },
        other => Cell::Text(attribute_text(other)?),
    };
    let is_empty = matches!(&cell, Cell::Text(text) if text.is_empty());
    (!is_empty).then_some(cell)
}

fn fill_attribute(row: &mut SourceRow, key: String, value: Value) {
    let Some(text) = attribute_text(value) else { return };
    if !text.trim().is_empty() {
        row.attributes.push((key, text));
    }
}

/// The names in an array: each item is one name, whatever characters it holds.
fn names(items: Vec<Value>) -> Vec<String> {
    let text = |item| match item {
        Value::Null => String::new(),
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    items.into_iter().map(text).filter(|name| !name.is_empty()).collect()
}

/// Whole numbers exactly, others as a person would write them.
fn print_json_number(number: &serde_json::Number) -> String {
    match number.as_f64() {
        Some(inexact) if number.is_f64() => print_number(inexact),
        _ => number.to_string(),
    }
}

fn explain_line(line: &[u8], cause: &serde_json::Error) -> String {
    if line.trim_ascii_start().starts_with(b"[") {
        return "it begins an array".to_owned();
    }
    // The parser gets one line at a time, so its line number is always 1.
    let text = cause.to_string();
    let text = text.split(" at line ").next().unwrap_or(&text);
    format!("{text}, at character byte {}", cause.column())
}

/// Lines that are not blank, with their row numbers.
pub(super) struct Lines {
    reader: BufReader<Box<dyn Read + Send>>,
    line: Vec<u8>,
    row: u64,
    /// Where the next line begins in the text.
    offset: u64,
    what: String,
}

impl Lines {
    pub(super) fn new(text: Text, what: &str) -> Self {
        Lines { reader: text.reader, line: Vec::new(), row: 0, offset: text.bom_bytes, what: what.to_owned() }
    }

    /// The row number of the line.
    pub(super) fn row(&self) -> u64 {
        self.row
    }

    /// The line, which was read as UTF-8.
    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.line).unwrap_or_default()
    }

    /// Reads the next line that is not blank, which must be an object; `None` at the end.
    pub(super) fn read_object(&mut self) -> Result<Option<Object>, LoadError> {
        let Some(line) = self.read_next()? else { return Ok(None) };
        match serde_json::from_str(line) {
            Ok(object) => Ok(Some(object)),
            Err(cause) => Err(self.not_an_object(explain_line(&self.line, &cause))),
        }
    }

    /// The error for the line just read.
    pub(super) fn not_an_object(&self, cause: String) -> LoadError {
        LoadError::NotJsonl { what: self.what.clone(), row: self.row, cause }
    }

    fn read_next(&mut self) -> Result<Option<&str>, LoadError> {
        loop {
            self.line.clear();
            self.row += 1;
            let mut limited = (&mut self.reader).take(MAX_ROW_BYTES as u64 + 1);
            let length = limited
                .read_until(b'\n', &mut self.line)
                .map_err(|error| LoadError::from_stream(&self.what, self.row, error))?;
            if length == 0 {
                return Ok(None);
            }
            if length > MAX_ROW_BYTES {
                return Err(LoadError::RowTooLong { what: self.what.clone(), row: self.row });
            }
            self.offset += length as u64;
            if !self.line.trim_ascii().is_empty() {
                break;
            }
        }
        let line_offset = self.offset - self.line.len() as u64;
        match std::str::from_utf8(&self.line) {
            Ok(line) => Ok(Some(line)),
            Err(error) => Err(LoadError::Malformed {
                what: self.what.clone(),
                row: self.row,
                offset: line_offset + error.valid_up_to() as u64,
                encoding: "UTF-8",
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn rows(text: &str, map: &[&str]) -> Result<Vec<SourceRow>, LoadError> {
        let text = Text::open(Box::new(Cursor::new(text.to_owned())), false, "f.jsonl")?;
        JsonlRows::new(Lines::new(text, "f.jsonl"), "f.jsonl", &ColumnMap::parse(map)?)?.collect()
    }

    #[test]
    fn values_of_every_type_are_read() {
        let text = concat!(
            r#"{"id":18446744073709551615,"组织全称":"a|b","aliases":["x|y"," ",null,"z"],"former_names":"o；p"}"#,
            "\n\n",
            r#"{"id":"2","name":"b","parent_id":null,"members":12.0,"note":{"k":[1,true]},"empty":"","gone":null}"#,
        );
        let rows = rows(text, &[]).unwrap();
        assert_eq!((rows[0].row, rows[1].row), (1, 3));
        assert_eq!((rows[0].id.as_str(), rows[0].name.as_str()), ("18446744073709551615", "a|b"));
        assert_eq!(
            (&rows[0].aliases[..], &rows[0].former_names[..]),
            (&["x|y".into(), "z".into()][..], &["o".into(), "p".into()][..])
        );
        assert_eq!((rows[1].members.as_str(), rows[1].parent_id.as_str()), ("12", ""));
        assert_eq!(rows[1].attributes, [("note".to_owned(), r#"{"k":[1,true]}"#.to_owned())]);
        assert!(rows.iter().all(|row| row.findings.is_empty()));
    }

    #[test]
    fn bad_rows_come_with_findings() {
        let text = concat!(
            "{\"id\":1,\"name\":\"a\"}\n",
            "{\"id\":1,\n",
            "[1]\n",
            "{\"id\":1,\"组织ID\":2,\"name\":\"b\"}\n",
            "{\"id\":true,\"name\":\"c\"}\n",
            "{\"id\":123456789012345678901234567890,\"name\":\"d\"}\n",
        );
        let found: Vec<_> = rows(text, &[])
            .unwrap()
            .into_iter()
            .flat_map(|row| row.findings)
            .map(|finding| (finding.row.unwrap(), finding.field, finding.value))
            .collect();
        let wanted = [
            (2, Field::Attributes, "EOF while parsing"),
            (3, Field::Attributes, "it begins an array"),
            (4, Field::Id, "the key \"组织ID\" repeats"),
            (5, Field::Id, "id cannot be true"),
            (6, Field::Id, "1.2345678901234568e29"),
        ];
        assert_eq!(found.len(), wanted.len(), "{found:?}");
        for (found, wanted) in found.iter().zip(wanted) {
            assert!(found.0 == wanted.0 && found.1 == wanted.1 && found.2.starts_with(wanted.2), "{found:?}");
        }
    }

    #[test]
    fn files_of_something_else_are_refused() {
        for (text, map, wanted) in [
            ("[{\"id\":1}]", &[][..], "row 1 is not a JSON object (it begins an array)"),
            ("\nid,name\n", &[], "row 2 is not a JSON object (expected value"),
            ("{\"编号\":1,\"name\":\"a\"}", &[], "recognised as id; the header is \"编号\", \"name\""),
            ("{\"id\":1,\"name\":\"a\"}", &["name=单位"], "--map name=单位: there is no such column"),
            ("{\"id\":1,\"name\":\"a\"}", &["kind=类"], "--map kind=类: there is no such column"),
            (" \n\n", &[], "f.jsonl is empty"),
            (
                &format!("{{\"id\":1,\"name\":\"a\"}}\n{}", "x\n".repeat(2000)),
                &[],
                "1000 rows up to row 1001 cannot be read; the file seems to be damaged from row 2 on",
            ),
        ] {
            let error = rows(text, map).unwrap_err().to_string();
            assert!(error.contains(wanted), "{error}");
        }
    }
}
