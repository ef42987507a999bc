//! What a row says of an organization.

/// One row of somebody's table: what it says of the organization that it means.
///
/// A field that is empty says nothing. `name` may be empty only where there is a `code`.
///
/// ```
/// use search_core::resolve::Record;
/// let record = Record::named("2024级软件工程1班团支部").parent("北大软微").region("北京");
/// assert_eq!(record.parent.as_deref(), Some("北大软微"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// What stands where the name of the organization belongs.
    pub name: String,
    /// The organization above it: a school, a college, a town; in any spelling.
    pub parent: Option<String>,
    /// Where it is: a province, a city, a district, or several of them one after another.
    pub region: Option<String>,
    /// Its id.
    pub code: Option<String>,
    /// A name that it had before.
    pub former_name: Option<String>,
    /// What kind of organization it is: see [`index_data::model::OrgKind`].
    pub kind: Option<String>,
    /// Other columns, as (column, value). One that the organization has as an attribute is compared with it.
    pub evidence: Vec<(String, String)>,
}

impl Record {
    /// The most characters of a field that are read. A longer name never matches but by all of it.
    pub const MAX_CHARS: usize = 200;

    /// A record that says a name only.
    pub fn named(name: impl Into<String>) -> Record {
        Record { name: name.into(), ..Record::default() }
    }

    /// Sets the organization above it.
    #[must_use]
    pub fn parent(mut self, parent: impl Into<String>) -> Record {
        self.parent = Some(parent.into());
        self
    }

    /// Sets where it is.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Record {
        self.region = Some(region.into());
        self
    }

    /// Sets its id.
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Record {
        self.code = Some(code.into());
        self
    }

    /// Sets a name that it had before.
    #[must_use]
    pub fn former_name(mut self, name: impl Into<String>) -> Record {
        self.former_name = Some(name.into());
        self
    }

    /// Sets its kind.
    #[must_use]
    pub fn kind(mut self, kind: impl Into<String>) -> Record {
        self.kind = Some(kind.into());
        self
    }

    /// Adds another column.
    #[must_use]
    pub fn evidence(mut self, column: impl Into<String>, value: impl Into<String>) -> Record {
        self.evidence.push((column.into(), value.into()));
        self
    }
}

/// What a field says; `None` if nothing.
pub(super) fn said(field: Option<&str>) -> Option<&str> {
    field.map(str::trim).filter(|text| !text.is_empty())
}

/// As much of a text as is read.
pub(super) fn beginning(text: &str) -> &str {
    text.char_indices().nth(Record::MAX_CHARS).map_or(text, |(end, _)| &text[..end])
}
