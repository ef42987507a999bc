//! Generations that come from elsewhere: a replica installs what a writer has built.

use super::Engine;
use super::former::FormerSnapshots;
use crate::error::EngineError;
use crate::generation_info::GenerationInfo;
use crate::index::generation;
use crate::index::snapshot::Snapshot;
use arc_swap::ArcSwap;
use std::path::Path;
use std::sync::Mutex;

impl Engine {
    /// Takes in a sealed generation that lies in `from`, a directory below the data directory that bears its name:
    /// opens it, lets `warm` search it, makes it live by one atomic step and serves it. Searches go on meanwhile and
    /// keep their snapshot. Then the oldest generations go, so that `keep` stay, the live one among them.
    ///
    /// Its files must be whole: opening checks their sizes, beginnings and ends only.
    ///
    /// ```
    /// use index_data::load::SourceRow;
    /// use search_core::{Engine, SearchRequest};
    ///
    /// let (built, served) = (tempfile::tempdir()?, tempfile::tempdir()?);
    /// let row = SourceRow { id: "1".into(), name: "共青团北京市委员会".into(), ..SourceRow::default() };
    /// Engine::open_or_empty(built.path())?.reindex([Ok::<_, std::io::Error>(row)], |_| {})?;
    ///
    /// let incoming = served.path().join("g000001");
    /// std::fs::rename(built.path().join("generations/g000001"), &incoming)?;
    /// let engine = Engine::open_or_empty(served.path())?;
    /// let info = engine.install(&incoming, 2, |new| drop(new.search(&SearchRequest::new("北京"))))?;
    /// assert_eq!((info.orgs, engine.generation().name.as_str()), (1, "g000001"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`EngineError::Damaged`], [`EngineError::OtherFormat`], [`EngineError::Busy`], [`EngineError::Io`],
    /// [`EngineError::InMemory`]: the live generation stays as it is, and `from` is removed, but where it was busy.
    /// [`EngineError::NotDurable`] if the new one is live, but may not be after a power failure.
    pub fn install(
        &self,
        from: &Path,
        keep: usize,
        warm: impl FnOnce(&Engine),
    ) -> Result<GenerationInfo, EngineError> {
        let store = self.store.as_ref().ok_or(EngineError::InMemory)?;
        let mut opened = None;
        let mut changes = self.lock_changes();
        let installed = store.install(from, keep, |dir| {
            let snapshot = generation::open(dir)?;
            warm(&Engine {
                live: ArcSwap::from_pointee(Snapshot::clone(&snapshot)),
                store: None,
                changes: Mutex::default(),
                former: FormerSnapshots::default(),
            });
            opened = Some(snapshot);
            Ok(())
        });
        if let (Ok(()) | Err(EngineError::NotDurable { .. }), Some(snapshot)) = (&installed, opened) {
            self.serve(&mut changes, &snapshot)?;
            // Where the names cannot be read, nothing is forgotten this time.
            if let Ok(generations) = store.names() {
                changes.forget_old(&generations);
            }
        }
        drop(changes);
        installed.map(|()| self.generation())
    }

    /// Makes a generation live that lies in the data directory, with the batches of changes that the log says it has:
    /// what [`Engine::rollback`] undoes, this keeps.
    ///
    /// # Errors
    /// As [`Engine::rollback`].
    pub fn activate(&self, name: &str) -> Result<GenerationInfo, EngineError> {
        let store = self.store.as_ref().ok_or(EngineError::InMemory)?;
        let mut opened = None;
        let mut changes = self.lock_changes();
        let activated = store.roll_back(Some(name), |name| {
            opened = Some(generation::open(&store.generation_dir(name))?);
            Ok(())
        });
        if let (Ok(_) | Err(EngineError::NotDurable { .. }), Some(snapshot)) = (&activated, opened) {
            self.serve(&mut changes, &snapshot)?;
        }
        drop(changes);
        activated.map(|_| self.generation())
    }

    /// Makes room on the disk for a generation of so many bytes: removes the oldest ones until it fits, never the live
    /// one.
    ///
    /// # Errors
    /// [`EngineError::NoSpace`], [`EngineError::Busy`], [`EngineError::InMemory`].
    pub fn make_room(&self, bytes: u64) -> Result<(), EngineError> {
        self.store.as_ref().ok_or(EngineError::InMemory)?.make_room(bytes)
    }

    /// The manifest of a generation as it lies in the data directory, byte by byte; `None` if it is not there.
    pub fn manifest_bytes(&self, name: &str) -> Option<Vec<u8>> {
        self.store.as_ref()?.manifest_bytes(name)
    }
}
