//! `orgsearch search`: one query against the live generation.

use super::data_dir::DataDir;
use super::exit::{Exit, help_end};
use super::failure::Failure;
use super::numbers::grouped;
use super::output::{self, printable};
use super::table::{Align, Table, shortened};
use crate::json::answer::SearchAnswer;
use clap::Args;
use index_data::model::{HomeSystem, OrgKind, OrgStatus};
use search_core::{Explanation, Hit, Hits, SearchRequest};
use std::io::{self, Write};
use std::time::{Duration, Instant};

/// How many of the nearest ancestors a path shows; `--json` has it whole.
const PATH_STEPS: usize = 2;

/// Cells that one of them may take.
const STEP_CELLS: usize = 60;

/// Finds organizations by what people type.
///
/// Full and short names, parts of a path, pinyin and ids are understood. Organizations of any status are found; those
/// not active come after equally good active ones. With --json the answer is that of GET /v1/search.
#[derive(Debug, Args)]
#[command(after_help = help_end(
    "orgsearch search --data ./orgsearch-data 北大软微24级软工1班 --limit 5 --explain\n\
     orgsearch search 团支部 --within 10003350 --status active --json"
))]
pub(super) struct Search {
    /// What to look for.
    #[arg(value_name = "QUERY")]
    query: String,
    /// Hits on one page.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,
    /// Continues with the page this cursor names; the other arguments must be the same.
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
    /// Only the organization with this id and those below it.
    #[arg(long, value_name = "ID")]
    within: Option<String>,
    /// Raises organizations close to the one with this id; hides none.
    #[arg(long, value_name = "ID")]
    near: Option<String>,
    /// The home system that the member is in; raises organizations of the same one: zhtj, beijing, guangdong, fujian.
    #[arg(long, value_name = "SYSTEM")]
    from: Option<String>,
    /// The region that the member is in; raises organizations of the same one.
    #[arg(long, value_name = "REGION")]
    from_region: Option<String>,
    /// Only these kinds, with commas between: leading_body, committee, work_committee, general_branch, branch.
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    kind: Vec<String>,
    /// Only these home systems, with commas between: zhtj, beijing, guangdong, fujian.
    #[arg(long, value_name = "SYSTEM", value_delimiter = ',')]
    system: Vec<String>,
    /// Only these regions, with commas between, as the export spells them: 北京.
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    region: Vec<String>,
    /// Only these statuses, with commas between: active, graduated, closed, merged.
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    status: Vec<String>,
    /// Says for each hit why it stands where it stands.
    #[arg(long)]
    explain: bool,
    /// Prints the answer as JSON.
    #[arg(long)]
    json: bool,
}

impl Search {
    pub(super) fn run(self, data: &DataDir) -> Result<Exit, Failure> {
        let engine = data.open()?;
        let request = self.request();
        let started = Instant::now();
        let hits = engine.search(&request)?;
        let took = started.elapsed();
        if self.json {
            output::print_json(&SearchAnswer::new(hits, took))?;
        } else {
            output::print(|out| write_hits(&hits, took, out))?;
        }
        Ok(Exit::Done)
    }

    fn request(&self) -> SearchRequest {
        SearchRequest {
            limit: usize::from(self.limit),
            cursor: self.cursor.clone(),
            within: self.within.clone(),
            near: self.near.clone(),
            from: self.from.as_deref().map(HomeSystem::parse),
            from_region: self.from_region.clone(),
            kinds: self.kind.iter().map(|kind| OrgKind::parse(kind)).collect(),
            systems: self.system.iter().map(|system| HomeSystem::parse(system)).collect(),
            regions: self.region.clone(),
            statuses: self.status.iter().map(|status| OrgStatus::parse(status)).collect(),
            explain: self.explain,
            ..SearchRequest::new(self.query.as_str())
        }
    }
}

fn write_hits(hits: &Hits, took: Duration, out: &mut dyn Write) -> io::Result<()> {
    if hits.hits.iter().any(|hit| hit.explanation.is_some()) {
        for (rank, hit) in (1..).zip(&hits.hits) {
            table_of(&[(rank, hit)]).write(out)?;
            if let Some(explanation) = &hit.explanation {
                write_explanation(explanation, out)?;
            }
        }
    } else if !hits.hits.is_empty() {
        let ranked: Vec<_> = (1..).zip(&hits.hits).collect();
        table_of(&ranked).write(out)?;
    }
    write_sums(hits, took, out)
}

fn table_of(ranked: &[(usize, &Hit)]) -> Table {
    let mut table = Table::new(&[
        ("#", Align::Right),
        ("ORGANIZATION", Align::Left),
        ("ID", Align::Left),
        ("KIND", Align::Left),
        ("STATUS", Align::Left),
        ("SCORE", Align::Right),
        ("MATCH", Align::Left),
        ("PATH", Align::Left),
    ]);
    for (rank, hit) in ranked {
        table.row([
            rank.to_string(),
            hit.org.display.clone(),
            hit.org.id.clone(),
            hit.org.kind.as_ref().map_or("-", OrgKind::code).to_owned(),
            hit.org.status.code().to_owned(),
            format!("{:.3}", hit.score),
            hit.match_reason.name().to_owned(),
            short_path(hit),
        ]);
    }
    table
}

/// The nearest ancestors, the upper one first.
fn short_path(hit: &Hit) -> String {
    let hidden = hit.org.path.len().saturating_sub(PATH_STEPS);
    let above = (hidden > 0).then(|| "…".to_owned());
    let steps = hit.org.path[hidden..].iter().map(|step| shortened(&step.name, STEP_CELLS));
    above.into_iter().chain(steps).collect::<Vec<_>>().join(" › ")
}

fn write_explanation(explanation: &Explanation, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "   tier {}, weighted sum {:.4}", explanation.tier, explanation.raw)?;
    let mut table = Table::new(&[
        ("  ", Align::Left),
        ("FEATURE", Align::Left),
        ("VALUE", Align::Right),
        ("WEIGHT", Align::Right),
    ]);
    for feature in &explanation.features {
        table.row([
            "  ".to_owned(),
            feature.name.to_owned(),
            format!("{:.3}", feature.value),
            format!("{:.3}", feature.weight),
        ]);
    }
    table.write(out)?;
    if !explanation.matches.is_empty() {
        let mut table = Table::new(&[
            ("  ", Align::Left),
            ("TYPED", Align::Left),
            ("STANDS FOR", Align::Left),
            ("RULE", Align::Left),
            ("IN", Align::Left),
        ]);
        for found in &explanation.matches {
            table.row([
                "  ".to_owned(),
                printable(&found.typed),
                printable(found.name.as_deref().unwrap_or("(another name)")),
                found.rule.name().to_owned(),
                printable(&found.org_id),
            ]);
        }
        table.write(out)?;
    }
    writeln!(out)
}

fn write_sums(hits: &Hits, took: Duration, out: &mut dyn Write) -> io::Result<()> {
    let shown = hits.hits.len();
    match hits.total {
        _ if shown == 0 => write!(out, "nothing matches {}", printable(&hits.query.raw))?,
        Some(total) => {
            let least = if total.exact { "" } else { "at least " };
            write!(out, "{shown} of {least}{}", grouped(total.value))?;
        }
        None => write!(out, "{shown} shown")?,
    }
    writeln!(out, "; generation {}, {:.1} ms", hits.generation, took.as_secs_f64() * 1000.0)?;
    if !hits.truncated.is_empty() {
        let truncated: Vec<&str> = hits.truncated.iter().map(|truncation| truncation.name()).collect();
        writeln!(out, "cut short by the budget: {}", truncated.join(", "))?;
    }
    match &hits.next_cursor {
        Some(cursor) => writeln!(out, "next page: --cursor {cursor}"),
        None => Ok(()),
    }
}
