//! `orgsearch resolve`: somebody's table, and for each of its rows the organization that it means.

mod answer;
mod evidence;
mod result_file;
mod rows;
mod summary;

use super::data_dir::DataDir;
use super::exit::{Exit, help_end};
use super::failure::Failure;
use super::output;
use super::progress::{Progress, Unit};
use super::target_file::Target;
use answer::{CANDIDATES, Decided, PREFIX, cells};
use clap::{Args, ValueEnum};
use evidence::EvidenceColumns;
use index_data::load::{Format, RecordColumns, RecordMap, Table, TableNote};
use result_file::ResultLayout;
use rows::{ResolvedRow, ResolvedRows, read_through};
use search_core::resolve::{Decision, ReasonLanguage};
use search_core::{Engine, ResolveOptions};
use std::fs;
use std::io::{self, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::time::Instant;
use summary::Summary;

/// The most threads that are started.
const MAX_THREADS: u16 = 256;
/// Rows between two looks at how far it has come.
const ROWS_PER_LOOK: u64 = 64;

/// Decides for each row of a table which organization it names, if any.
///
/// Columns are recognised by their headers: 名称, 学校, 学院, 专业, 年级, 班级, 上级, 省份, 编码, 曾用名, 组织类别 and others;
/// --map names more. Where several say it together, the narrowest that is filled is the name, and the wider ones stand
/// above it. The result has every column and cell of the table, to the letter, and adds orgsearch_decision (matched,
/// ambiguous or none), the id, name, path and home system of the organization that matched, the probability, the reasons,
/// and the three best candidates. Rows without any text are left out. The first pass reads the whole table, so that a
/// table that cannot be read is refused before any work. Cells that a spreadsheet program would run as formulas
/// (= + - @) are given back as they came: open a CSV result of a stranger's table as text, or write .xlsx, where text
/// stays text.
#[derive(Debug, Args)]
#[command(after_help = help_end(
    "orgsearch resolve --data ./orgsearch-data --from members.xlsx --to resolved.xlsx\n\
     orgsearch resolve --from rows.csv --to review.csv --map class=教学班 --precision 0.999 --review-only"
))]
pub(super) struct Resolve {
    /// The table: CSV, TSV, JSONL (each also with .gz) or XLSX.
    #[arg(long, value_name = "ROWS")]
    from: PathBuf,
    /// The result, in the format that its name tells: .csv, .tsv, .jsonl (each also with .gz) or .xlsx; - for CSV on
    /// standard output. A file that is there is replaced, once the result is complete.
    #[arg(long, value_name = "RESULT", value_parser = Target::parse)]
    to: Target,
    /// Reads a column as a field, such as class=教学班; may be given several times. The fields are name, school, college,
    /// major, year, class, parent, region, code, former_name and kind.
    #[arg(long, value_name = "FIELD=COLUMN")]
    map: Vec<String>,
    /// The share of right ones wanted among the matches; the higher, the more rows are left ambiguous.
    #[arg(long, value_name = "SHARE", default_value_t = 0.99, value_parser = share(0.5, 0.9999))]
    precision: f32,
    /// The share of rows that name no organization of this tree.
    #[arg(long, value_name = "SHARE", default_value_t = 0.2, value_parser = share(0.0, 1.0))]
    expected_none: f32,
    /// Writes only the rows that a person has to look at: the ambiguous ones.
    #[arg(long)]
    review_only: bool,
    /// How many rows are worked on at once; all processors if it is not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=i64::from(MAX_THREADS)))]
    threads: Option<u16>,
    /// The language of the reasons.
    #[arg(long, value_enum, default_value_t = Lang::Zh)]
    lang: Lang,
    /// Prints one JSON object saying what was decided.
    #[arg(long)]
    json: bool,
}

/// The language of the reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Lang {
    /// Chinese.
    Zh,
    /// English.
    En,
}

impl From<Lang> for ReasonLanguage {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Zh => ReasonLanguage::Chinese,
            Lang::En => ReasonLanguage::English,
        }
    }
}

/// Reads a share within limits; for clap.
fn share(least: f32, most: f32) -> impl Fn(&str) -> Result<f32, String> + Clone + Send + Sync + 'static {
    move |text| match text.parse::<f32>() {
        Ok(share) if (least..=most).contains(&share) => Ok(share),
        _ => Err(format!("a number from {least} to {most} is wanted")),
    }
}

/// The table as the first pass found it.
struct Checked {
    header: Vec<String>,
    names: Vec<String>,
    columns: RecordColumns,
    encoding: &'static str,
    rows: u64,
    notes: Vec<TableNote>,
}

impl Resolve {
    pub(super) fn run(self, data: &DataDir) -> Result<Exit, Failure> {
        let started = Instant::now();
        let format = self.result_format()?;
        let map = RecordMap::parse(&self.map)?;
        self.check_places()?;
        let engine = data.open()?;
        let progress = Progress::start("resolve");
        let checked = Checked::read(&self.from, &map, &progress)?;
        let evidence = EvidenceColumns::choose(&engine, &checked.names, &checked.columns);
        let (decided, written) = self.resolve(&engine, &checked, &evidence, format, &progress)?;
        drop(progress);
        let summary = Summary::new(
            &self.from,
            &self.to,
            &engine.generation().name,
            &checked,
            &evidence,
            decided,
            written,
            started.elapsed(),
        );
        if self.json {
            output::print_json(&summary)?;
        } else if self.to == Target::StandardOutput {
            summary.lines().iter().for_each(|line| output::say(line));
        } else {
            output::print(|out| summary.lines().iter().try_for_each(|line| writeln!(out, "{line}")))?;
        }
        Ok(Exit::Done)
    }

    fn resolve(
        &self,
        engine: &Engine,
        checked: &Checked,
        evidence: &EvidenceColumns,
        format: Format,
        progress: &Progress,
    ) -> Result<(Decided, u64), Failure> {
        let directory = self.to.directory();
        let layout = ResultLayout {
            format,
            header: &checked.header,
            names: &checked.names,
            // Whoever writes tables in other ways opens them in a spreadsheet program.
            byte_order_mark: checked.encoding != "UTF-8" || is_workbook(&self.from),
            directory: &directory,
        };
        if let Some(refusal) = layout.refusal(checked.rows) {
            let failure = Failure::new(Exit::Usage, format!("{}: {refusal}", self.to));
            return Err(failure.help("name the result .csv or .jsonl"));
        }
        let table = Table::open_again(&self.from, &checked.header)?;
        let options = self.options();
        let mut rows = ResolvedRows::new(
            engine,
            table,
            checked.columns.clone(),
            evidence.clone(),
            self.threads(),
            &options,
        );
        let mut failure = None;
        let done = self.to.write(|out| {
            let outcome = self.write(&mut rows, &layout, checked.rows, progress, out);
            outcome.map_err(|stopped| match stopped {
                Stopped::Writing(error) => error,
                Stopped::Resolving(cause) => {
                    failure = Some(cause);
                    // Nothing is published then.
                    io::ErrorKind::Other.into()
                }
            })
        });
        match failure {
            Some(failure) => Err(failure),
            None => done,
        }
    }

    fn write(
        &self,
        rows: &mut ResolvedRows,
        layout: &ResultLayout<'_>,
        total: u64,
        progress: &Progress,
        out: &mut dyn Write,
    ) -> Result<(Decided, u64), Stopped> {
        let mut result = layout.begin(out)?;
        let (mut decided, mut written) = (Decided::default(), 0);
        for row in rows {
            let ResolvedRow { row, resolved } = row.map_err(Stopped::Resolving)?;
            let resolution = resolved.resolution.map_err(|error| Stopped::Resolving(error.into()))?;
            if decided.rows().is_multiple_of(ROWS_PER_LOOK) {
                progress.at("resolve", Unit::Rows, decided.rows(), Some(total));
            }
            decided.add(resolution.decision);
            if !self.review_only || resolution.decision == Decision::Ambiguous {
                result.row(&row, &cells(&resolution, self.lang.into()))?;
                written += 1;
            }
        }
        result.finish()?;
        Ok((decided, written))
    }

    fn options(&self) -> ResolveOptions {
        ResolveOptions {
            precision: self.precision,
            expected_none: self.expected_none,
            limit: CANDIDATES,
            ..ResolveOptions::default()
        }
    }

    fn threads(&self) -> usize {
        let all = || std::thread::available_parallelism().map_or(1, NonZero::get);
        self.threads.map_or_else(all, usize::from).min(usize::from(MAX_THREADS))
    }

    fn result_format(&self) -> Result<Format, Failure> {
        let Target::File(path) = &self.to else {
            return match self.json {
                true => Err(Failure::new(Exit::Usage, "--to - and --json both write to standard output")),
                false => Ok(Format::Csv),
            };
        };
        Format::from_path(path).map_err(|error| Failure::new(Exit::Usage, error.to_string()))
    }

    /// The table is read twice, and must be there afterwards.
    fn check_places(&self) -> Result<(), Failure> {
        let place = self.from.display().to_string();
        let metadata = fs::metadata(&self.from).map_err(|error| Failure::reading(&place, &error))?;
        if metadata.is_dir() {
            return Err(Failure::reading(&place, &io::ErrorKind::IsADirectory.into()));
        }
        if !metadata.is_file() {
            let failure = Failure::new(Exit::Usage, format!("{place} is no file; the table is read twice"));
            return Err(failure.help("write it to a file first"));
        }
        let Target::File(to) = &self.to else { return Ok(()) };
        match (fs::canonicalize(&self.from), fs::canonicalize(to)) {
            (Ok(from), Ok(to)) if from == to => {
                Err(Failure::new(Exit::Usage, format!("{place}: --from and --to name the same file"))
                    .help("name another file for the result"))
            }
            _ => Ok(()),
        }
    }
}

/// Why a result was not finished.
enum Stopped {
    Writing(io::Error),
    Resolving(Failure),
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // A cell that the format cannot hold is the table's fault, not the disk's.
            io::ErrorKind::InvalidInput if error.raw_os_error().is_none() => {
                Stopped::Resolving(Failure::new(Exit::InputErrors, error.to_string()))
            }
            _ => Stopped::Writing(error),
        }
    }
}

impl Checked {
    /// Reads the table to its end.
    fn read(path: &Path, map: &RecordMap, progress: &Progress) -> Result<Checked, Failure> {
        let what = path.display().to_string();
        let mut table = Table::open(path)?;
        if table.has_header() {
            // A header that says nothing is told before a large table is read.
            RecordColumns::recognise(table.header(), map, &what)?;
        }
        let rows = read_through(&mut table, |table| {
            progress.at("check", Unit::Bytes, table.bytes_read(), table.bytes_total());
        })?;
        if rows == 0 && !table.has_header() {
            return Err(index_data::load::LoadError::Empty { what }.into());
        }
        let columns = RecordColumns::recognise(table.header(), map, &what)?;
        if let Some(taken) = table.header().iter().find(|header| header.trim().starts_with(PREFIX)) {
            let message = format!("{what}: it has the column {:?} already", taken.trim());
            let help = "it is a result of resolve; take out its orgsearch_ columns, or resolve the table it was made of";
            return Err(Failure::new(Exit::InputErrors, message).help(help));
        }
        Ok(Checked {
            header: table.header().to_vec(),
            names: table.column_names(),
            columns,
            encoding: table.encoding(),
            rows,
            notes: table.notes(),
        })
    }
}

fn is_workbook(path: &Path) -> bool {
    Format::from_path(path).is_ok_and(|format| format == Format::Xlsx)
}
