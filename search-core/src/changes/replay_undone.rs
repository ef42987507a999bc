//! Makes batches again that a rollback has undone.

use super::change::{Batch, Submitted};
use super::error::ChangeError;
use crate::engine::Engine;
use std::ops::RangeInclusive;

/// What a replay has done.
#[derive(Debug)]
pub struct Replayed {
    /// The batches that were made again, by their former numbers, in their order.
    pub made: Vec<(u64, Submitted)>,
    /// The number of the one that could not be made, and why; those behind it were not tried.
    pub refused: Option<(u64, ChangeError)>,
}

impl Engine {
    /// Makes those of the batches with these numbers again that are undone
    /// ([`BatchState::Undone`](super::BatchState::Undone)), in their order, as batches of their own with new numbers and
    /// their former keys. `at` is the time, in seconds since 1970. Stops at the first that does not fit what is searched
    /// now. What was made again is not undone any more, so another replay of the same numbers changes nothing.
    ///
    /// ```
    /// use index_data::load::SourceRow;
    /// use search_core::Engine;
    /// use search_core::changes::{Batch, Change};
    ///
    /// let row = SourceRow { id: "1".into(), name: "法学院团委".into(), ..SourceRow::default() };
    /// let dir = tempfile::tempdir()?;
    /// let engine = Engine::open_or_empty(dir.path())?;
    /// engine.reindex([Ok::<_, std::io::Error>(row)], |_| {})?;
    /// for (key, alias) in [("a", "法团"), ("b", "法学")] {
    ///     let change = Change::Aliases { id: "1".into(), aliases: vec![alias.into()] };
    ///     engine.apply(&Batch { key: key.into(), changes: vec![change], at: 1_790_000_000 })?;
    /// }
    /// engine.rollback(Some("g000001-1"))?;
    /// assert_eq!(engine.org("1")?.aliases, ["法团"]);
    ///
    /// let replayed = engine.replay_undone(1..=9, 1_790_000_060)?;
    /// assert_eq!((replayed.made.len(), replayed.made[0].0), (1, 2));
    /// assert_eq!(engine.org("1")?.aliases, ["法学"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ChangeError::Engine`] if the log cannot be read: nothing was made then.
    pub fn replay_undone(&self, sequences: RangeInclusive<u64>, at: u64) -> Result<Replayed, ChangeError> {
        let mut replayed = Replayed { made: Vec::new(), refused: None };
        let undone = self.change(|changes| Ok((changes.undone_in(&sequences)?, None)))?;
        for (sequence, batch) in undone {
            let again = Batch { at, ..batch };
            // Somebody else may have made it again meanwhile.
            let made = self.change(|changes| match changes.undone_in(&(sequence..=sequence))?.is_empty() {
                true => Ok((None, None)),
                false => {
                    let (submitted, searched) = changes.submit_again(&again, Some(sequence))?;
                    Ok((Some(submitted), searched))
                }
            });
            match made {
                Ok(submitted) => replayed.made.extend(submitted.map(|submitted| (sequence, submitted))),
                Err(error) => {
                    replayed.refused = Some((sequence, error));
                    break;
                }
            }
        }
        Ok(replayed)
    }
}
