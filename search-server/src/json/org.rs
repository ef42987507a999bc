//! An organization as it is on record.

use index_data::model::{HomeSystem, OrgKind};
use search_core::{Child, ClassName, OrgRecord, PathStep};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// All that is known of one organization.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct OrgJson {
    /// Its id in the export.
    id: String,
    /// Its official name: what to paste into a transfer form.
    name: String,
    /// Its official name without boilerplate and form words.
    short_name: String,
    /// The name with the shortest ancestor that tells it from equal names.
    display: String,
    /// The organizations above it, the root first; empty for a root.
    path: Vec<PathStepJson>,
    /// What it is: `leading_body`, `committee`, `work_committee`, `general_branch`, `branch`, or the export's own word;
    /// null where the export does not say it.
    #[schema(examples("leading_body", "committee", "work_committee", "general_branch", "branch"))]
    kind: Option<String>,
    /// The home system, own or inherited: `zhtj`, `beijing`, `guangdong`, `fujian`, or the export's own word; null where
    /// the export does not say it.
    #[schema(examples("zhtj", "beijing", "guangdong", "fujian"))]
    system: Option<String>,
    /// The region, own or inherited; null where the export does not say it.
    region: Option<String>,
    /// `active`, `graduated`, `closed`, `merged`, or the export's own word, which counts as not active.
    #[schema(examples("active", "graduated", "closed", "merged"))]
    status: String,
    /// Members in its whole subtree; null where the export does not say it.
    members: Option<u32>,
    /// Other names in use.
    aliases: Vec<String>,
    /// Names it had before.
    former_names: Vec<String>,
    /// Where its members went; null unless it was closed or merged and the export says so.
    successor_id: Option<String>,
    /// The same with its names; null where `successor_id` is.
    successor: Option<PathStepJson>,
    /// Other columns of the export. Absent if there are none.
    #[serde(skip_serializing_if = "AttributesJson::is_empty")]
    #[schema(value_type = Option<HashMap<String, String>>)]
    attributes: AttributesJson,
    /// How many organizations stand directly below it.
    children_count: u64,
}

impl From<OrgRecord> for OrgJson {
    fn from(org: OrgRecord) -> Self {
        OrgJson {
            id: org.id,
            name: org.name,
            short_name: org.short_name,
            display: org.display,
            path: path_json(org.path),
            kind: kind_code(org.kind.as_ref()),
            system: system_code(org.system.as_ref()),
            region: org.region,
            status: org.status.code().to_owned(),
            members: org.members,
            aliases: org.aliases,
            former_names: org.former_names,
            successor_id: org.successor_id,
            successor: org.successor.map(Into::into),
            attributes: AttributesJson(org.attributes),
            children_count: org.children,
        }
    }
}

/// An organization of a page of children.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct ChildJson {
    #[serde(flatten)]
    org: OrgJson,
    /// How many organizations stand below it, at any depth.
    descendants: u64,
    /// What its name says of a class; null if it says nothing.
    class: Option<ClassNameJson>,
}

/// What a name says of a class, in one spelling; null is what it does not say.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct ClassNameJson {
    /// The year of entry, four digits.
    year: Option<u16>,
    /// 高一 to 高三, 初一 to 初三, 一年级 to 六年级.
    grade: Option<String>,
    /// The number of the class.
    number: Option<u16>,
}

impl From<Child> for ChildJson {
    fn from(Child { org, descendants, class }: Child) -> Self {
        let class = class.map(|ClassName { year, grade, number }| ClassNameJson { year, grade, number });
        ChildJson { org: org.into(), descendants, class }
    }
}

/// Another organization, as one names it.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(super) struct PathStepJson {
    /// Its id.
    id: String,
    /// Its official name.
    name: String,
    /// Its official name without boilerplate and form words.
    short_name: String,
}

impl From<PathStep> for PathStepJson {
    fn from(PathStep { id, name, short_name }: PathStep) -> Self {
        PathStepJson { id, name, short_name }
    }
}

/// Other columns of the export, as an object in file order.
#[derive(Debug)]
pub(super) struct AttributesJson(pub(super) Vec<(String, String)>);

impl AttributesJson {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for AttributesJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (column, value) in &self.0 {
            map.serialize_entry(column, value)?;
        }
        map.end()
    }
}

pub(super) fn path_json(path: Vec<PathStep>) -> Vec<PathStepJson> {
    path.into_iter().map(Into::into).collect()
}

pub(super) fn kind_code(kind: Option<&OrgKind>) -> Option<String> {
    kind.map(|kind| kind.code().to_owned())
}

pub(super) fn system_code(system: Option<&HomeSystem>) -> Option<String> {
    system.map(|system| system.code().to_owned())
}
