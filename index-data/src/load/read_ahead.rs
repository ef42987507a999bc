//! Reads rows ahead on a thread of its own, so that parsing and checking use two processors.

use super::error::LoadError;
use super::row::SourceRow;
use std::io;
use std::sync::mpsc::{Receiver, sync_channel};

type Row = Result<SourceRow, LoadError>;
type Rows = Box<dyn Iterator<Item = Row> + Send>;

/// Rows handed over at once, unless they are long.
const BATCH_ROWS: usize = 8_192;
/// Bytes of text handed over at once, but for the last row of it.
const BATCH_BYTES: usize = 1 << 20;
/// Batches that wait to be taken.
const BATCHES: usize = 4;

/// Some rows, and whether they are the last ones. Without a last batch the thread has failed.
struct Batch {
    rows: Vec<Row>,
    is_last: bool,
}

/// The same rows in the same order. Reading begins when the first one is asked for and ends when this is dropped.
pub(super) struct ReadAhead {
    what: String,
    state: State,
    batch: std::vec::IntoIter<Row>,
}

enum State {
    Waiting(Rows),
    Reading(Receiver<Batch>),
    Ended,
}

impl ReadAhead {
    pub(super) fn new(rows: impl Iterator<Item = Row> + Send + 'static, what: &str) -> Self {
        let state = State::Waiting(Box::new(rows));
        ReadAhead { what: what.to_owned(), state, batch: Vec::new().into_iter() }
    }

    fn begin(rows: Rows) -> io::Result<Receiver<Batch>> {
        let (send, receive) = sync_channel(BATCHES);
        let mut rows = rows;
        std::thread::Builder::new().name("load".to_owned()).spawn(move || {
            loop {
                let batch = next_batch(&mut rows);
                let is_last = batch.is_last;
                // Sending fails once the receiver is dropped.
                if send.send(batch).is_err() || is_last {
                    break;
                }
            }
        })?;
        Ok(receive)
    }

    fn failed(&mut self, cause: io::Error) -> Row {
        self.state = State::Ended;
        Err(LoadError::Io { what: self.what.clone(), cause })
    }
}

impl Iterator for ReadAhead {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        loop {
            if let Some(row) = self.batch.next() {
                return Some(row);
            }
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Ended => return None,
                State::Waiting(rows) => match Self::begin(rows) {
                    Ok(receive) => self.state = State::Reading(receive),
                    Err(cause) => return Some(self.failed(cause)),
                },
                State::Reading(receive) => match receive.recv() {
                    Ok(Batch { rows, is_last }) => {
                        self.batch = rows.into_iter();
                        if !is_last {
                            self.state = State::Reading(receive);
                        }
                    }
                    Err(_) => return Some(self.failed(io::Error::other("reading has failed"))),
                },
            }
        }
    }
}

/// The next rows, as far as the first that cannot be read.
fn next_batch(rows: &mut Rows) -> Batch {
    let mut batch = Batch { rows: Vec::with_capacity(BATCH_ROWS), is_last: false };
    let mut bytes = 0;
    while batch.rows.len() < BATCH_ROWS && bytes < BATCH_BYTES {
        match rows.next() {
            Some(Ok(row)) => {
                bytes += text_bytes(&row);
                batch.rows.push(Ok(row));
            }
            last => {
                batch.rows.extend(last);
                batch.is_last = true;
                break;
            }
        }
    }
    batch
}

/// About how much text a row holds.
fn text_bytes(row: &SourceRow) -> usize {
    let lists = row.aliases.iter().chain(&row.former_names).map(String::len).sum::<usize>();
    let attributes = row.attributes.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
    row.id.len() + row.name.len() + row.parent_id.len() + row.region.len() + lists + attributes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: u64) -> SourceRow {
        SourceRow { row: number, name: "团".repeat(number as usize % 3_000), ..SourceRow::default() }
    }

    #[test]
    fn all_rows_come_in_order() {
        let read = ReadAhead::new((0..5_000).map(|number| Ok(row(number))), "x");
        assert!(read.map(Result::unwrap).eq((0..5_000).map(row)));
    }

    #[test]
    fn an_error_is_the_last_that_comes() {
        let rows = (0..1_000).map(|number| match number {
            700 => Err(LoadError::Empty { what: "x".to_owned() }),
            _ => Ok(row(number)),
        });
        let read: Vec<Row> = ReadAhead::new(rows, "x").collect();
        assert_eq!(read.len(), 701);
        assert!(read[700].is_err());
    }

    #[test]
    fn a_thread_that_fails_is_no_end_of_the_file() {
        let rows = (0..1_000).map(|number| {
            assert!(number < 600, "on purpose");
            Ok(row(number))
        });
        let last = ReadAhead::new(rows, "x.csv").last().unwrap();
        assert!(last.unwrap_err().to_string().contains("x.csv"));
    }

    #[test]
    fn it_may_be_left_in_the_middle() {
        let mut read = ReadAhead::new((0..).map(|number| Ok(row(number))), "x");
        assert!(read.next().is_some());
    }
}
