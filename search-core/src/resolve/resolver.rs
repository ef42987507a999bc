//! Records that are to be resolved on one generation, however long that takes.

use super::class_unit::ClassUnits;
use super::{Record, Resolution, ResolveOptions};
use crate::error::SearchError;
use crate::index::generation;
use crate::index::snapshot::Snapshot;
use std::sync::Arc;

/// Resolves records on the generation that was live when [`crate::Engine::resolver`] gave it, whatever is published
/// meanwhile.
///
/// Records that name the same unit and differ in the class only are resolved faster by one resolver: it remembers the
/// units that it has searched for. That changes no answer.
///
/// Cloning is cheap; clones may work on several threads, and share what they remember. The memory of the generation
/// stays in use as long as one of them lives.
///
/// ```
/// use search_core::{Engine, Record, ResolveOptions};
///
/// let engine = Engine::in_memory(index_data::model::OrgTree::default())?;
/// let resolver = engine.resolver();
/// let found = resolver.resolve(&Record::named("北京大学"), &ResolveOptions::default())?;
/// assert_eq!(found.generation, resolver.generation());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Resolver {
    snapshot: Arc<Snapshot>,
    class_units: Arc<ClassUnits>,
}

impl Resolver {
    pub(crate) fn new(snapshot: Arc<Snapshot>) -> Self {
        Resolver { snapshot, class_units: Arc::default() }
    }

    /// The generation that answers.
    pub fn generation(&self) -> &str {
        self.snapshot.generation()
    }

    /// Decides which organization a record names, if any: see [`crate::resolve`].
    ///
    /// # Errors
    /// [`SearchError::Index`] if the disk fails.
    pub fn resolve(&self, record: &Record, options: &ResolveOptions) -> Result<Resolution, SearchError> {
        let resolve = || super::resolve(&self.snapshot, record, options, &self.class_units);
        // A panic over a damaged index becomes an error.
        generation::without_panic(resolve).unwrap_or_else(crate::engine::unreadable)
    }
}
