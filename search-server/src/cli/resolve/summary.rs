//! What came of a table: for a person, and for a program.

use super::Checked;
use super::answer::Decided;
use super::evidence::EvidenceColumns;
use crate::cli::numbers::{bytes, counted, grouped};
use crate::cli::output::printable;
use crate::cli::target_file::Target;
use index_data::load::{RecordField, TableNote};
use serde::Serialize;
use std::path::Path;
use std::time::Duration;

/// Columns shown to a person.
const COLUMNS_SHOWN: usize = 30;

/// The `--json` answer.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    file: String,
    encoding: &'static str,
    columns: Vec<ColumnRead>,
    to: String,
    generation: String,
    rows: u64,
    matched: u64,
    ambiguous: u64,
    none: u64,
    /// Rows of the result.
    written: u64,
    notes: Vec<Note>,
    took_ms: u64,
    rows_per_second: u64,
    /// The most memory the process ever had; absent where the system does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    peak_memory_bytes: Option<u64>,
}

#[derive(Debug, Serialize)]
struct ColumnRead {
    column: String,
    /// What it is read as: a field, `evidence` if organizations have such a column too; null: kept only.
    field: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Note {
    code: &'static str,
    message: String,
}

impl From<&TableNote> for Note {
    fn from(note: &TableNote) -> Self {
        Note { code: note.code(), message: note.to_string() }
    }
}

impl Summary {
    #[expect(clippy::too_many_arguments, reason = "a summary is of everything")]
    pub(super) fn new(
        from: &Path,
        to: &Target,
        generation: &str,
        checked: &Checked,
        evidence: &EvidenceColumns,
        decided: Decided,
        written: u64,
        took: Duration,
    ) -> Summary {
        let field = |(at, column): (usize, &String)| {
            let field = checked.columns.fields().get(at).copied().flatten().map(RecordField::name);
            let field = field.or(evidence.contains(at).then_some("evidence"));
            ColumnRead { column: column.clone(), field }
        };
        Summary {
            file: from.display().to_string(),
            encoding: checked.encoding,
            columns: checked.names.iter().enumerate().map(field).collect(),
            to: to.to_string(),
            generation: generation.to_owned(),
            rows: decided.rows(),
            matched: decided.matched,
            ambiguous: decided.ambiguous,
            none: decided.none,
            written,
            notes: checked.notes.iter().map(Note::from).collect(),
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            rows_per_second: (decided.rows() as f64 / took.as_secs_f64().max(0.001)) as u64,
            peak_memory_bytes: peak_memory_bytes(),
        }
    }

    /// The summary for a person.
    pub(super) fn lines(&self) -> Vec<String> {
        let shown = self.columns.iter().take(COLUMNS_SHOWN).map(ColumnRead::words);
        let more = self.columns.len().saturating_sub(COLUMNS_SHOWN);
        let more = (more > 0).then(|| format!("{more} more"));
        let columns: Vec<_> = shown.chain(more).collect();
        let mut lines = vec![
            format!("{}: {}, {}", printable(&self.file), counted(self.rows, "row"), self.encoding),
            format!("columns: {}", columns.join(", ")),
        ];
        lines.extend(self.notes.iter().map(|note| format!("note: {}", note.message)));
        lines.push(format!(
            "{} matched, {} ambiguous, {} none; {} in {}",
            grouped(self.matched),
            grouped(self.ambiguous),
            grouped(self.none),
            counted(self.written, "row"),
            printable(&self.to)
        ));
        let memory =
            self.peak_memory_bytes.map_or_else(String::new, |peak| format!(", peak memory {}", bytes(peak)));
        lines.push(format!(
            "generation {}, {:.1} s, {} rows/s{memory}",
            self.generation,
            self.took_ms as f64 / 1000.0,
            grouped(self.rows_per_second)
        ));
        lines
    }
}

impl ColumnRead {
    fn words(&self) -> String {
        let column = printable(&self.column);
        match self.field {
            Some(field) if field == self.column => column,
            Some(field) => format!("{column} → {field}"),
            None => format!("{column} (kept)"),
        }
    }
}

/// What the process itself was given at most, files mapped into it included.
fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    peak.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kibibytes| kibibytes << 10)
}
