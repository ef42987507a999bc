//! One change, and a batch of them: what a caller says, also as JSON.

use super::finding::{ChangeCode, ChangeFinding};
use index_data::load::{SourceRow, split_names};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Changes that come into effect together, or not at all.
///
/// ```
/// use search_core::changes::{Batch, Change};
///
/// let change: Change = serde_json::from_str(r#"{"op":"rename","id":"7","name":"2025级1班团支部"}"#)?;
/// let batch = Batch { key: "class-7".into(), changes: vec![change], at: 1_790_000_000 };
/// assert_eq!(serde_json::to_value(&batch.changes[0])?["op"], "rename");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// Chosen by the caller, 1 to [`super::MAX_KEY_BYTES`] bytes: the same key again gives the same answer and changes
    /// nothing.
    pub key: String,
    /// In their order: each sees those before it.
    pub changes: Vec<Change>,
    /// When it came, in seconds since 1970. For how long its key is remembered, and for `--since`.
    pub at: u64,
}

/// What a batch did. The same again for the same key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The key of the batch.
    pub key: String,
    /// How many changes it had.
    pub applied: usize,
    /// What answers call the tree from then on: `g000012-347`.
    pub generation: String,
    /// The number of the batch, from 1, never used again.
    pub sequence: u64,
}

/// What became of a batch that was submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submitted {
    /// It is searched.
    Applied(Applied),
    /// It is on the disk, and searched once a generation is built with it: see [`crate::Engine::compact`].
    Queued(QueuedBatch),
}

/// A batch that waits for the next generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedBatch {
    /// The key of the batch.
    pub key: String,
    /// How many changes it has.
    pub changes: usize,
    /// The number of the batch, from 1, never used again.
    pub sequence: u64,
}

/// One change of one organization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// A new organization.
    Add(Box<NewOrg>),
    /// Another official name; the one before becomes a former name.
    Rename {
        /// The organization.
        id: String,
        /// The new official name.
        name: String,
    },
    /// Another parent, with all that stands below it.
    Move {
        /// The organization.
        id: String,
        /// The new parent; `None` or empty: none, it stands at the top.
        parent_id: Option<String>,
    },
    /// Its members go to another organization: it becomes `merged`, and names that as its successor.
    Merge {
        /// The organization that ends.
        id: String,
        /// The one that goes on.
        into: String,
        /// What becomes of active organizations directly below it; `Move`: they go below `into`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        children: Option<OfChildren>,
    },
    /// It becomes `closed`.
    Close {
        /// The organization.
        id: String,
        /// What becomes of active organizations directly below it; `Move`: they go below its parent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        children: Option<OfChildren>,
    },
    /// It becomes `active` again and names no successor any more; what stands below it stays as it is.
    Reopen {
        /// The organization.
        id: String,
    },
    /// Other fields; what is not said stays.
    Set {
        /// The organization.
        id: String,
        /// The fields.
        fields: FieldChanges,
    },
    /// Other aliases.
    Aliases {
        /// The organization.
        id: String,
        /// All of them from now on.
        aliases: Vec<String>,
    },
}

/// What becomes of the active organizations below one that ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfChildren {
    /// They are closed, with all active ones below them.
    Close,
    /// They move, with all that stands below them.
    Move,
}

/// The columns of a row, as an org-tree file has them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewOrg {
    /// Its id, not in use yet.
    pub id: String,
    /// Its official name.
    pub name: String,
    /// The organization above; empty: none.
    #[serde(deserialize_with = "text", skip_serializing_if = "String::is_empty")]
    pub parent_id: String,
    /// Code or export spelling, as all of the following.
    #[serde(deserialize_with = "text", skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// The home system.
    #[serde(deserialize_with = "text", skip_serializing_if = "String::is_empty")]
    pub system: String,
    /// The region.
    #[serde(deserialize_with = "text", skip_serializing_if = "String::is_empty")]
    pub region: String,
    /// A number, or its text.
    #[serde(deserialize_with = "text", skip_serializing_if = "String::is_empty")]
    pub members: String,
    /// Empty: active.
    #[serde(deserialize_with = "text", skip_serializing_if = "String::is_empty")]
    pub status: String,
    /// Other names in use: a list, or one text separated as in a cell.
    #[serde(deserialize_with = "names", skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Names it had before, said as aliases are.
    #[serde(deserialize_with = "names", skip_serializing_if = "Vec::is_empty")]
    pub former_names: Vec<String>,
    /// Where its members went.
    #[serde(deserialize_with = "text", skip_serializing_if = "String::is_empty")]
    pub successor_id: String,
    /// Every other column.
    #[serde(flatten, deserialize_with = "texts")]
    pub attributes: BTreeMap<String, String>,
}

impl NewOrg {
    /// The same as a row of a file; `number` is its number there.
    pub(super) fn row(&self, number: u64) -> SourceRow {
        let NewOrg { id, name, parent_id, kind, system, region, members, status, .. } = self.clone();
        SourceRow {
            row: number,
            id,
            name,
            parent_id,
            kind,
            system,
            region,
            members,
            status,
            aliases: self.aliases.clone(),
            former_names: self.former_names.clone(),
            successor_id: self.successor_id.clone(),
            attributes: self.attributes.clone().into_iter().collect(),
            findings: Vec::new(),
        }
    }
}

/// Fields that are set. Outer `None`: as before; inner `None` (`null`): said no more, so that what stands above holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FieldChanges {
    /// Code or export spelling.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    pub kind: Option<Option<String>>,
    /// Code or export spelling of the home system; what stands below and says none takes it over.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    pub system: Option<Option<String>>,
    /// The region; what stands below and says none takes it over.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    pub region: Option<Option<String>>,
    /// Members, as exports state them.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    pub members: Option<Option<u32>>,
    /// Other columns by name; those that are not named stay.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Option<String>>,
}

impl Change {
    /// The organization that it is about.
    pub fn id(&self) -> &str {
        match self {
            Change::Add(org) => &org.id,
            Change::Rename { id, .. }
            | Change::Move { id, .. }
            | Change::Merge { id, .. }
            | Change::Close { id, .. }
            | Change::Reopen { id }
            | Change::Set { id, .. }
            | Change::Aliases { id, .. } => id,
        }
    }

    /// Reads the changes of a batch from JSON values.
    ///
    /// # Errors
    /// What cannot be read, each with its place.
    ///
    /// ```
    /// use search_core::changes::Change;
    /// use serde_json::json;
    ///
    /// assert!(Change::read_all(vec![json!({"op": "close", "id": "7", "children": "close"})]).is_ok());
    /// let findings = Change::read_all(vec![json!({"op": "vanish", "id": "7"})]).unwrap_err();
    /// assert_eq!((findings[0].index, findings[0].code.code()), (0, "unreadable_change"));
    /// ```
    pub fn read_all(values: Vec<Value>) -> Result<Vec<Change>, Vec<ChangeFinding>> {
        let mut findings = Vec::new();
        let mut changes = Vec::with_capacity(values.len());
        for (index, value) in values.into_iter().enumerate() {
            match serde_json::from_value(value) {
                Ok(change) => changes.push(change),
                Err(error) => {
                    let code = ChangeCode::UnreadableChange;
                    findings.push(ChangeFinding::new(index, "", code, error.to_string()));
                }
            }
        }
        if findings.is_empty() { Ok(changes) } else { Err(findings) }
    }
}

/// A value that is there, be it `null`.
fn said<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// A text, or what a spreadsheet writes in place of one.
fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    cell(Value::deserialize(from)?)
        .ok_or_else(|| serde::de::Error::custom("a list or an object where a text is expected"))
}

fn cell(value: Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::String(text) => Some(text),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn names<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Names {
        List(Vec<String>),
        Cell(String),
        None(()),
    }
    Ok(match Names::deserialize(from)? {
        Names::List(names) => names,
        Names::Cell(cell) => split_names(&cell),
        Names::None(()) => Vec::new(),
    })
}

fn texts<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, String>, D::Error> {
    let mut texts = BTreeMap::new();
    for (column, value) in BTreeMap::<String, Value>::deserialize(from)? {
        let no_text = || serde::de::Error::custom(format!("{column} is a list or an object"));
        let text = match value {
            // As answers give them.
            Value::Object(attributes) if column == "attributes" => {
                for (column, value) in attributes {
                    texts.insert(column, cell(value).ok_or_else(no_text)?);
                }
                continue;
            }
            value => cell(value).ok_or_else(no_text)?,
        };
        texts.insert(column, text);
    }
    texts.retain(|_, text| !text.is_empty());
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn changes_are_read_as_they_were_written() {
        let values = vec![
            json!({"op": "add", "id": "9", "name": "1班", "parent_id": "3", "members": 41, "aliases": "一班|甲班",
                "teacher": "…", "attributes": {"year": 2024}}),
            json!({"op": "rename", "id": "9", "name": "2班"}),
            json!({"op": "move", "id": "9", "parent_id": null}),
            json!({"op": "merge", "id": "9", "into": "8", "children": "move"}),
            json!({"op": "close", "id": "9"}),
            json!({"op": "reopen", "id": "9"}),
            json!({"op": "set", "id": "9", "fields": {"system": null, "members": 3, "attributes": {"year": null}}}),
            json!({"op": "aliases", "id": "9", "aliases": []}),
        ];
        let changes = Change::read_all(values).expect("they are read");
        let Change::Add(org) = &changes[0] else { panic!("it is an add") };
        assert_eq!(
            (org.members.as_str(), &org.aliases[..]),
            ("41", &["一班".to_owned(), "甲班".to_owned()][..])
        );
        assert_eq!(org.attributes["year"], "2024");
        let Change::Set { fields, .. } = &changes[6] else { panic!("it is a set") };
        assert_eq!((&fields.system, &fields.kind, fields.members), (&Some(None), &None, Some(Some(3))));
        let written = changes.iter().map(|change| serde_json::to_value(change).expect("it is written"));
        assert_eq!(Change::read_all(written.collect()).expect("they are read"), changes);
    }

    #[test]
    fn what_is_no_change_is_found_with_its_place() {
        let wrong = vec![
            json!({"op": "rename", "id": "9", "name": "2班"}),
            json!({"op": "rename", "id": "9"}),
            json!({"op": "rename", "id": "9", "name": "2班", "parent_id": "1"}),
            json!({"op": "set", "id": "9", "fields": {"name": "3班"}}),
            json!({"op": "add", "id": "9", "name": "x", "kind": ["branch"]}),
            json!(7),
        ];
        let findings = Change::read_all(wrong).expect_err("they are wrong");
        assert_eq!(findings.iter().map(|finding| finding.index).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        assert!(findings.iter().all(|finding| finding.code == ChangeCode::UnreadableChange));
    }
}
