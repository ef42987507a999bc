//! An organization as it is on record.

use index_data::model::{HomeSystem, OrgKind};
use search_core::{Child, ClassName, OrgRecord, PathStep};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// All that is known of one organization.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct OrgJson {
    id: String,
    name: String,
    short_name: String,
    display: String,
    path: Vec<PathStepJson>,
    kind: Option<String>,
    system: Option<String>,
    region: Option<String>,
    status: String,
    members: Option<u32>,
    aliases: Vec<String>,
    former_names: Vec<String>,
    successor_id: Option<String>,
    successor: Option<PathStepJson>,
    #[serde(skip_serializing_if = "AttributesJson::is_empty")]
    #[schema(value_type = Option<HashMap<String, String>>)]
    attributes: AttributesJson,
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
    id: String,
    name: String,
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
