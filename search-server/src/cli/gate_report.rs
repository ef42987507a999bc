//! The difference and the gate's report in words.

use super::numbers::{counted, grouped};
use super::output::printable;
use super::table::{Align, Table};
use search_core::difference::{Breakdown, ChangeCounts, ChangeKind};
use search_core::gate::{Compared, GateCheck, GateSample};
use search_core::{Difference, GateOutcome, GateReport};
use std::io::{self, Write};

/// Groups of a breakdown that a terminal shows; `--json` has more.
const GROUPS_SHOWN: usize = 10;

/// Writes what changes: counts, then where.
pub(super) fn write_difference(difference: &Difference, out: &mut dyn Write) -> io::Result<()> {
    let (live, new) = (counted(difference.live, "organization"), grouped(difference.new));
    let parts: Vec<_> = ChangeKind::ALL
        .into_iter()
        .map(|kind| format!("{} {}", grouped(difference.counts.get(kind)), words(kind)))
        .collect();
    writeln!(out, "difference: {live} live, {new} in the file: {}", parts.join(", "))?;
    if difference.is_empty() {
        return Ok(());
    }
    write_breakdown("BY REGION", &difference.by_region, out)?;
    write_breakdown("BY KIND", &difference.by_kind, out)?;
    write_breakdown("BY SUBTREE", &difference.by_subtree, out)
}

fn words(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Added => "added",
        ChangeKind::Removed => "removed",
        ChangeKind::Renamed => "renamed",
        ChangeKind::Moved => "moved",
        ChangeKind::Status => "with another status",
        ChangeKind::Aliases => "with other aliases",
    }
}

fn write_breakdown(title: &'static str, breakdown: &Breakdown, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new(&[
        (title, Align::Left),
        ("ADDED", Align::Right),
        ("REMOVED", Align::Right),
        ("RENAMED", Align::Right),
        ("MOVED", Align::Right),
        ("STATUS", Align::Right),
        ("ALIASES", Align::Right),
    ]);
    let mut row = |name: String, counts: &ChangeCounts| {
        let [added, removed, renamed, moved, status, aliases] =
            ChangeKind::ALL.map(|kind| grouped(counts.get(kind)));
        table.row([name, added, removed, renamed, moved, status, aliases]);
    };
    for group in breakdown.groups.iter().take(GROUPS_SHOWN) {
        let name = if group.name.is_empty() { "(none)".to_owned() } else { printable(&group.name) };
        row(name, &group.counts);
    }
    table.write(out)?;
    match breakdown.groups.len() {
        shown if shown > GROUPS_SHOWN => {
            writeln!(out, "… and {} more; --json tells them", shown - GROUPS_SHOWN)
        }
        _ => Ok(()),
    }
}

/// Writes what the gate says: every limit that tripped, with samples.
pub(super) fn write_gate(report: &GateReport, out: &mut dyn Write) -> io::Result<()> {
    match &report.compared {
        Compared::CountsOnly { reason } => {
            writeln!(out, "gate: only numbers were compared: {}", printable(reason))?;
        }
        Compared::Unreadable { reason } => {
            writeln!(out, "gate: nothing was compared: {}", printable(reason))?;
        }
        Compared::Tree | Compared::Nothing => {}
    }
    for check in report.tripped() {
        write_check(check, out)?;
    }
    match report.outcome {
        GateOutcome::FirstImport => writeln!(out, "gate: passed, nothing is live yet"),
        GateOutcome::Passed => writeln!(out, "gate: passed"),
        GateOutcome::Refused => writeln!(out, "gate: refused"),
        GateOutcome::Forced => writeln!(out, "gate: tripped, and forced"),
    }
}

fn write_check(check: &GateCheck, out: &mut dyn Write) -> io::Result<()> {
    let GateCheck { limit, count, of, allowed, allowed_percent, samples } = check;
    let share = allowed_percent.map_or_else(String::new, |percent| format!(" ({percent} %)"));
    let (count, of, allowed) = (grouped(*count), grouped(*of), grouped(*allowed));
    writeln!(out, "{}: {count} of {of} {}; {allowed}{share} are allowed", limit.name(), limit.meaning())?;
    samples.iter().try_for_each(|sample| writeln!(out, "  {}", printable(&sample_words(sample))))
}

fn sample_words(sample: &GateSample) -> String {
    let GateSample { query, id, name, now, active_below } = sample;
    let before = if id.is_empty() { "nothing".to_owned() } else { format!("{name} [{id}]") };
    match (query, now, active_below) {
        (Some(query), now, _) => {
            format!("{query}: {before} → {}", now.as_deref().unwrap_or("nothing"))
        }
        (None, Some(now), _) if now.is_empty() => format!("{before} → (root)"),
        (None, Some(now), _) => format!("{before} → {now}"),
        (None, None, Some(below)) => format!("{before}, {} in use below it", grouped(*below)),
        (None, None, None) => before,
    }
}
