//! Changes of the tree as JSON.

use search_core::changes::Applied;
use serde::Serialize;
use serde_json::Value;

/// A batch of changes.
#[derive(Debug, utoipa::ToSchema)]
#[schema(as = ChangeBatch)]
#[expect(dead_code, reason = "describes the body; changes are read one by one")]
pub(crate) struct BatchJson {
    /// Chosen by the caller, 1 to 128 bytes: the same key again gives the same answer.
    #[schema(min_length = 1, max_length = 128)]
    key: String,
    /// At most 10,000. Each has an `op` and the `id` of an organization. `add`: the columns of a row of an org-tree file
    /// (`name`, `parent_id`, `kind` …); `rename`: `name`; `move`: `parent_id`, null for the top; `merge`: `into`; `close`;
    /// `reopen`; `aliases`: `aliases`, all from now on; `set`: `fields` with `kind`, `system`, `region`, `members`,
    /// `attributes`, null for "not said". `close` and `merge` of one with active children need `children`: `close` or
    /// `move`.
    #[schema(value_type = Vec<Object>, max_items = 10_000)]
    changes: Vec<Value>,
}

/// What a batch did.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AppliedChanges)]
pub(crate) struct AppliedJson {
    /// The key of the batch.
    pub(crate) key: String,
    /// How many changes were made.
    pub(crate) applied: usize,
    /// What answers call the tree from then on.
    pub(crate) generation: String,
    /// The number of the batch.
    pub(crate) sequence: u64,
}

impl From<Applied> for AppliedJson {
    fn from(applied: Applied) -> Self {
        let Applied { key, applied, generation, sequence } = applied;
        AppliedJson { key, applied, generation, sequence }
    }
}
