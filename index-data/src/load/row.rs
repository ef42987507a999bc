//! One row of a file, whatever its format.

use crate::finding::Finding;

/// One row as its file tells it: text, nothing judged yet. Empty text means the cell is empty or missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceRow {
    /// Row number as a person counts it in the file: the header is row 1 (JSONL: the first line is row 1).
    pub row: u64,
    /// `id`
    pub id: String,
    /// `name`
    pub name: String,
    /// `parent_id`
    pub parent_id: String,
    /// `kind`, code or export spelling
    pub kind: String,
    /// `system`, code or export spelling
    pub system: String,
    /// `region`
    pub region: String,
    /// `members`
    pub members: String,
    /// `status`, code or export spelling
    pub status: String,
    /// `aliases`, already separated
    pub aliases: Vec<String>,
    /// `former_names`, already separated
    pub former_names: Vec<String>,
    /// `successor_id`
    pub successor_id: String,
    /// Every other column that is not empty: `(column, value)`.
    pub attributes: Vec<(String, String)>,
    /// What the loader itself found wrong with the row.
    pub findings: Vec<Finding>,
}

/// Separates several names in one cell: by `|`, `;` or `；`. They are trimmed, and empty ones left out.
///
/// ```
/// use index_data::load::split_names;
/// assert_eq!(split_names("北大团委 | 团委；;"), ["北大团委", "团委"]);
/// ```
pub fn split_names(cell: &str) -> Vec<String> {
    cell.split(['|', ';', '；']).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
