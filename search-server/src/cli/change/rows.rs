//! Batches of a file: lines of JSON, or rows of a spreadsheet.

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use index_data::load::{Format, Table, TableRow, split_names};
use search_core::changes::MAX_CHANGES;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::path::Path;

/// One batch, and the rows of the file that its changes stand in.
#[derive(Debug, PartialEq)]
pub(super) struct FileBatch {
    pub(super) key: String,
    pub(super) changes: Vec<Value>,
    pub(super) rows: Vec<u64>,
}

/// The batches of a file in their order. Changes that are in no batch of their own are one, at the place of the first.
pub(super) fn read_batches(path: &Path, key: Option<&str>) -> Result<Vec<FileBatch>, Failure> {
    let is_jsonl = matches!(Format::from_path(path)?, Format::Jsonl);
    let mut table = Table::open(path)?;
    let mut batches: Vec<FileBatch> = Vec::new();
    let mut loose: Option<usize> = None;
    while let Some(row) = table.next() {
        let row = row?;
        let value = if is_jsonl { line(&row)? } else { spreadsheet_row(table.header(), &row) };
        match batch(&value) {
            Some((key, changes)) => {
                let rows = vec![row.row; changes.len()];
                batches.push(FileBatch { key, changes, rows });
            }
            None => {
                let at = *loose.get_or_insert_with(|| {
                    batches.push(FileBatch { key: String::new(), changes: Vec::new(), rows: Vec::new() });
                    batches.len() - 1
                });
                let Some(own) = batches.get_mut(at) else { continue };
                if own.changes.len() == MAX_CHANGES {
                    let message = format!("row {}: one batch has at most {MAX_CHANGES} changes", row.row);
                    return Err(Failure::new(Exit::InputErrors, message));
                }
                own.changes.push(value);
                own.rows.push(row.row);
            }
        }
    }
    if let Some(own) = loose.and_then(|at| batches.get_mut(at)) {
        own.key = key.map_or_else(|| digest(&own.changes), str::to_owned);
    }
    Ok(batches)
}

/// A batch of its own, if the line is one.
fn batch(value: &Value) -> Option<(String, Vec<Value>)> {
    let object = value.as_object().filter(|object| !object.contains_key("op"))?;
    let changes = object.get("changes")?.as_array()?.clone();
    Some((object.get("key")?.as_str()?.to_owned(), changes))
}

/// The same changes have the same key, so that a file which was applied before changes nothing.
fn digest(changes: &[Value]) -> String {
    let digest = Sha256::digest(Value::from(changes.to_vec()).to_string());
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn line(row: &TableRow) -> Result<Value, Failure> {
    let text = row.line.as_deref().unwrap_or_default();
    serde_json::from_str(text)
        .map_err(|error| Failure::new(Exit::InputErrors, format!("row {}: {error}", row.row)))
}

/// What each op takes of the columns, besides `id`.
fn columns_of(op: &str) -> &'static [&'static str] {
    match op {
        "rename" => &["name"],
        "move" => &["parent_id"],
        "merge" => &["into", "children"],
        "close" => &["children"],
        "aliases" => &["aliases"],
        _ => &[],
    }
}

const FIELDS_OF_SET: [&str; 4] = ["kind", "system", "region", "members"];
/// Columns that are no attributes.
const KNOWN: [&str; 15] = [
    "op",
    "id",
    "name",
    "parent_id",
    "into",
    "children",
    "kind",
    "system",
    "region",
    "members",
    "status",
    "aliases",
    "former_names",
    "successor_id",
    "key",
];

/// A row as a change. A cell that is empty says nothing, but for the aliases of `aliases` and the parent of `move`.
fn spreadsheet_row(header: &[String], row: &TableRow) -> Value {
    let cells: Vec<(&str, String)> = header
        .iter()
        .enumerate()
        .map(|(column, name)| (name.trim(), row.text(column).trim().to_owned()))
        .filter(|(name, _)| !name.is_empty())
        .collect();
    let cell = |name: &str| cells.iter().find(|(column, _)| *column == name).map_or("", |(_, text)| text);
    let said = |name: &&str| !cell(name).is_empty();
    let op = cell("op");
    let mut change = Map::new();
    change.insert("op".to_owned(), json!(op));
    change.insert("id".to_owned(), json!(cell("id")));
    let attributes = cells.iter().filter(|(name, text)| !KNOWN.contains(name) && !text.is_empty());
    match op {
        "add" => {
            let known = KNOWN.iter().filter(|name| !["op", "id", "into", "children", "key"].contains(*name));
            for name in known.filter(|name| said(name)) {
                change.insert((*name).to_owned(), json!(cell(name)));
            }
            change.extend(attributes.map(|(name, text)| ((*name).to_owned(), json!(text))));
        }
        "set" => {
            let mut fields = Map::new();
            for name in FIELDS_OF_SET.iter().filter(|name| said(name)) {
                let text = cell(name);
                let number = text.parse::<u32>().ok().filter(|_| *name == "members");
                fields.insert((*name).to_owned(), number.map_or_else(|| json!(text), |number| json!(number)));
            }
            let attributes: Map<String, Value> =
                attributes.map(|(name, text)| ((*name).to_owned(), json!(text))).collect();
            if !attributes.is_empty() {
                fields.insert("attributes".to_owned(), attributes.into());
            }
            change.insert("fields".to_owned(), fields.into());
        }
        "move" => {
            change.insert("parent_id".to_owned(), json!(Some(cell("parent_id")).filter(|id| !id.is_empty())));
        }
        "aliases" => {
            change.insert("aliases".to_owned(), json!(split_names(cell("aliases"))));
        }
        _ => {
            for name in columns_of(op).iter().filter(|name| said(name)) {
                change.insert((*name).to_owned(), json!(cell(name)));
            }
        }
    }
    change.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn read(name: &str, content: &str, key: Option<&str>) -> Vec<FileBatch> {
        let place = tempfile::tempdir().expect("there is a place");
        let path = place.path().join(name);
        fs::write(&path, content).expect("it is written");
        read_batches(&path, key).expect("they are read")
    }

    #[test]
    fn rows_of_a_spreadsheet_are_one_batch_of_what_their_ops_need() {
        let csv = "op,id,name,parent_id,into,children,members,aliases,teacher\n\
                   add,9,1班,3,,,41,一班|甲班,王\nrename,9,2班,3,,,,,\nmove,9,,,,,,,\nmerge,9,,,8,move,,,\n\
                   set,9,,,,,7,,李\naliases,9,,,,,,,\nclose,9,,,,close,,,\nreopen,9,,,,,,,\n";
        let batches = read("changes.csv", csv, None);
        assert_eq!(batches.len(), 1);
        assert_eq!(batches[0].rows, [2, 3, 4, 5, 6, 7, 8, 9]);
        let expected = json!([
            {"op": "add", "id": "9", "name": "1班", "parent_id": "3", "members": "41", "aliases": "一班|甲班", "teacher": "王"},
            {"op": "rename", "id": "9", "name": "2班"},
            {"op": "move", "id": "9", "parent_id": null},
            {"op": "merge", "id": "9", "into": "8", "children": "move"},
            {"op": "set", "id": "9", "fields": {"members": 7, "attributes": {"teacher": "李"}}},
            {"op": "aliases", "id": "9", "aliases": []},
            {"op": "close", "id": "9", "children": "close"},
            {"op": "reopen", "id": "9"},
        ]);
        assert_eq!(Value::from(batches[0].changes.clone()), expected);
        assert!(search_core::changes::Change::read_all(batches[0].changes.clone()).is_ok());
        assert_eq!(batches[0].key, read("again.csv", csv, None)[0].key, "the same changes have the same key");
        assert_eq!(read("named.csv", csv, Some("autumn"))[0].key, "autumn");
    }

    #[test]
    fn lines_are_batches_or_changes_of_one() {
        let jsonl = "{\"key\":\"a\",\"changes\":[{\"op\":\"reopen\",\"id\":\"1\"},{\"op\":\"reopen\",\"id\":\"2\"}]}\n\
                     {\"op\":\"close\",\"id\":\"3\"}\n{\"key\":\"b\",\"changes\":[]}\n{\"op\":\"close\",\"id\":\"4\"}\n";
        let batches = read("changes.jsonl", jsonl, Some("loose"));
        let of: Vec<(&str, Vec<u64>)> =
            batches.iter().map(|batch| (batch.key.as_str(), batch.rows.clone())).collect();
        assert_eq!(of, [("a", vec![1, 1]), ("loose", vec![2, 4]), ("b", vec![])]);
    }
}
