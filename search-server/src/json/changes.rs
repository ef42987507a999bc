//! Changes of the tree as JSON.

use search_core::changes::{Applied, QueuedBatch};
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
    /// At most 10,000, in their order: each sees those before it.
    #[schema(max_items = 10_000)]
    changes: Vec<OrgChangeJson>,
}

/// One change. Which fields it takes depends on its `op`; other fields of `add` are attributes.
#[derive(Debug, utoipa::ToSchema)]
#[schema(as = OrgChange)]
#[expect(dead_code, reason = "describes a change; the engine reads it")]
pub(crate) struct OrgChangeJson {
    /// `add`, `rename`, `move`, `merge`, `close`, `reopen`, `set` or `aliases`.
    #[schema(example = "rename")]
    op: String,
    /// The organization.
    id: String,
    /// `add`, `rename`: the official name.
    name: Option<String>,
    /// `add`, `move`: the organization above; null: none.
    parent_id: Option<String>,
    /// `merge`: the organization that goes on.
    into: Option<String>,
    /// `merge`, `close`: what becomes of active organizations directly below, `close` or `move`.
    children: Option<String>,
    /// `set`: `kind`, `system`, `region`, `members` and `attributes`; null for what is said no more.
    #[schema(value_type = Option<Object>)]
    fields: Option<Value>,
    /// `add`, `aliases`: all aliases from now on.
    aliases: Option<Vec<String>>,
    /// `add`: code or export spelling.
    kind: Option<String>,
    /// `add`: code or export spelling of the home system.
    system: Option<String>,
    /// `add`: the region.
    region: Option<String>,
    /// `add`: members.
    members: Option<u32>,
    /// `add`: code or export spelling; absent: active.
    status: Option<String>,
    /// `add`: names it had before.
    former_names: Option<Vec<String>>,
    /// `add`: where its members went.
    successor_id: Option<String>,
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
    /// Where it is by now: `store`, or `local` for the disk of the writer alone. Absent from a server that publishes
    /// nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ack: Option<&'static str>,
}

/// A batch that a generation is built for.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = QueuedChanges)]
pub(crate) struct QueuedJson {
    /// The key of the batch.
    pub(crate) key: String,
    /// How many changes it has.
    pub(crate) queued: usize,
    /// The number of the batch.
    pub(crate) sequence: u64,
    /// The job that builds the generation; null while it waits for another job, or after one that failed.
    pub(crate) job: Option<String>,
}

impl QueuedJson {
    pub(crate) fn new(batch: QueuedBatch, job: Option<String>) -> Self {
        let QueuedBatch { key, changes, sequence } = batch;
        QueuedJson { key, queued: changes, sequence, job }
    }
}

impl From<Applied> for AppliedJson {
    fn from(applied: Applied) -> Self {
        let Applied { key, applied, generation, sequence } = applied;
        AppliedJson { key, applied, generation, sequence, ack: None }
    }
}
