//! The rows of a table on their way through the engine: read, resolved, given back with their answers in order.

use super::evidence::EvidenceColumns;
use crate::cli::failure::Failure;
use index_data::load::{LoadError, RecordColumns, RecordTexts, Table, TableRow};
use search_core::resolve::{ResolveAll, Resolved};
use search_core::{Engine, Record, ResolveOptions};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// The most text of rows that wait for their answers, in all and for each thread, whichever is more. About 128 rows wait
/// for a thread; those of usual length never come near it.
const MAX_WAITING_BYTES: usize = 64 << 20;
const MAX_WAITING_BYTES_PER_THREAD: usize = 16 << 20;

/// A row and what is decided of it.
pub(super) struct ResolvedRow {
    pub(super) row: TableRow,
    pub(super) resolved: Resolved,
}

/// The rows of a table with their answers, in the order of the table.
pub(super) struct ResolvedRows {
    all: ResolveAll<Records>,
    waiting: Rc<RefCell<Waiting>>,
}

/// The rows whose records were handed out.
#[derive(Default)]
struct Waiting {
    rows: VecDeque<TableRow>,
    bytes: usize,
    failure: Option<Failure>,
}

/// The records of a table. A row that cannot be read ends them, and is told by [`ResolvedRows`].
struct Records {
    table: Table,
    columns: RecordColumns,
    evidence: EvidenceColumns,
    most_bytes: usize,
    waiting: Rc<RefCell<Waiting>>,
}

impl ResolvedRows {
    pub(super) fn new(
        engine: &Engine,
        table: Table,
        columns: RecordColumns,
        evidence: EvidenceColumns,
        threads: usize,
        options: &ResolveOptions,
    ) -> ResolvedRows {
        let waiting = Rc::<RefCell<Waiting>>::default();
        let most_bytes = MAX_WAITING_BYTES.max(threads * MAX_WAITING_BYTES_PER_THREAD);
        let records = Records { table, columns, evidence, most_bytes, waiting: Rc::clone(&waiting) };
        ResolvedRows { all: engine.resolve_all(records, threads, options), waiting }
    }
}

impl Iterator for ResolvedRows {
    type Item = Result<ResolvedRow, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        let resolved = self.all.next();
        let mut waiting = self.waiting.borrow_mut();
        if let Some(failure) = waiting.failure.take() {
            return Some(Err(failure));
        }
        match (resolved, waiting.rows.pop_front()) {
            (Some(resolved), Some(row)) => {
                waiting.bytes -= row.bytes();
                Some(Ok(ResolvedRow { row, resolved }))
            }
            (None, None) => None,
            // A thread that ended early would have taken its rows with it.
            (_, row) => {
                let row = row.map_or_else(String::new, |row| format!(" from row {} on", row.row));
                let exit = crate::cli::Exit::System;
                Some(Err(Failure::new(exit, format!("answers were lost{row}; run it again"))))
            }
        }
    }
}

impl Records {
    fn read_next(&mut self) -> Result<Option<Record>, Failure> {
        let Some(row) = self.table.next().transpose()? else { return Ok(None) };
        let record = record(self.columns.texts(&row), self.evidence.of(&row));
        let mut waiting = self.waiting.borrow_mut();
        waiting.bytes += row.bytes();
        if waiting.bytes > self.most_bytes {
            let exit = crate::cli::Exit::InputErrors;
            let (row, most) = (row.row, self.most_bytes >> 20);
            let message = format!("row {row}: it and the rows before it hold more than {most} MiB");
            return Err(Failure::new(exit, message).help("leave out columns, or run it with --threads 1"));
        }
        waiting.rows.push_back(row);
        Ok(Some(record))
    }
}

impl Iterator for Records {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        if self.waiting.borrow().failure.is_some() {
            return None;
        }
        match self.read_next() {
            Ok(record) => record,
            Err(failure) => {
                self.waiting.borrow_mut().failure = Some(failure);
                None
            }
        }
    }
}

fn record(texts: RecordTexts, evidence: Vec<(String, String)>) -> Record {
    let said = |text: String| (!text.is_empty()).then_some(text);
    Record {
        name: texts.name,
        parent: said(texts.parent),
        region: said(texts.region),
        code: said(texts.code),
        former_name: said(texts.former_name),
        kind: said(texts.kind),
        evidence,
    }
}

/// A table that was read to its end: its header, its size, and what there is to know about it.
pub(super) fn read_through(table: &mut Table, mut look: impl FnMut(&Table)) -> Result<u64, LoadError> {
    const ROWS_PER_LOOK: u64 = 256;
    let mut rows = 0_u64;
    while let Some(row) = table.next() {
        row?;
        if rows.is_multiple_of(ROWS_PER_LOOK) {
            look(table);
        }
        rows += 1;
    }
    Ok(rows)
}
