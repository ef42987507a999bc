//! How far long work has come: a bar on a terminal, else a line every few seconds; always on standard error.

use super::numbers::{bytes, grouped};
use super::output;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often a line is written where there is no terminal.
const LINE_INTERVAL: Duration = Duration::from_secs(3);

/// What a step counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Bytes of a file.
    Bytes,
    /// Rows, organizations, queries.
    Rows,
}

/// The progress of one command, step by step. Dropping it takes the bar away.
#[derive(Debug)]
pub(super) struct Progress {
    command: &'static str,
    // Two parties report: the rows being read, and the engine that reads them.
    shown: Mutex<Shown>,
}

#[derive(Debug)]
enum Shown {
    Bar { bar: ProgressBar, step: &'static str },
    Lines { last: Instant, step: &'static str, since: Instant },
}

impl Progress {
    /// Starts to show the progress of `command`.
    pub(super) fn start(command: &'static str) -> Self {
        let shown = if std::io::stderr().is_terminal() {
            Shown::Bar { bar: ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()), step: "" }
        } else {
            let now = Instant::now();
            Shown::Lines { last: now, step: "", since: now }
        };
        Progress { command, shown: Mutex::new(shown) }
    }

    /// Says how far a step has come. Cheap enough to be called for every few rows.
    pub(super) fn at(&self, step: &'static str, unit: Unit, done: u64, total: Option<u64>) {
        match &mut *self.shown.lock().unwrap_or_else(PoisonError::into_inner) {
            Shown::Bar { bar, step: current } => {
                if *current != step {
                    *current = step;
                    // First the style: whatever follows may draw.
                    bar.set_style(style(unit, total.is_some()));
                    bar.set_message(step);
                    bar.reset();
                }
                match total {
                    Some(total) => bar.set_length(total),
                    None => bar.unset_length(),
                }
                bar.set_position(done);
            }
            Shown::Lines { last, step: current, since } => {
                if *current != step {
                    *current = step;
                    *since = Instant::now();
                }
                if last.elapsed() >= LINE_INTERVAL {
                    *last = Instant::now();
                    let pace = pace(unit, done, total, since.elapsed());
                    output::say(&(line(self.command, step, unit, done, total) + &pace));
                }
            }
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Shown::Bar { bar, .. } = self.shown.get_mut().unwrap_or_else(PoisonError::into_inner) {
            bar.finish_and_clear();
        }
    }
}

fn style(unit: Unit, has_total: bool) -> ProgressStyle {
    let template = match (unit, has_total) {
        (Unit::Bytes, true) => {
            "{msg:>9} [{bar:30}] {percent:>3}%  {binary_bytes} of {binary_total_bytes}  {eta} left"
        }
        (Unit::Rows, true) => {
            "{msg:>9} [{bar:30}] {percent:>3}%  {human_pos} of {human_len}  {rows_per_second}/s  {eta} left"
        }
        (Unit::Bytes, false) => "{msg:>9} {spinner} {binary_bytes}  {elapsed}",
        (Unit::Rows, false) => "{msg:>9} {spinner} {human_pos}  {elapsed}",
    };
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key("rows_per_second", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            // What cannot be drawn is drawn again in a moment.
            let _ = out.write_str(&grouped(state.per_sec() as u64));
        })
        .progress_chars("=> ")
}

fn line(command: &str, step: &str, unit: Unit, done: u64, total: Option<u64>) -> String {
    let shown = |number| match unit {
        Unit::Bytes => bytes(number),
        Unit::Rows => grouped(number),
    };
    match total.filter(|&total| total > 0) {
        Some(total) => {
            let percent = u128::from(done) * 100 / u128::from(total);
            format!("{command}: {step} {percent} % ({} of {})", shown(done), shown(total))
        }
        None => format!("{command}: {step} {}", shown(done)),
    }
}

/// How fast rows go, and how long the rest will take at that pace.
fn pace(unit: Unit, done: u64, total: Option<u64>, took: Duration) -> String {
    let Some(total) = total.filter(|_| unit == Unit::Rows && done > 0) else { return String::new() };
    let per_second = done as f64 / took.as_secs_f64().max(0.001);
    let left = total.saturating_sub(done) as f64 / per_second;
    format!(", {} rows/s, {} s left", grouped(per_second as u64), grouped(left.ceil() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_how_far_a_step_has_come() {
        for (unit, done, total, expected) in [
            (Unit::Bytes, 512, Some(2048), "reindex: load 25 % (512 B of 2.0 KiB)"),
            (Unit::Rows, 1500, None, "reindex: load 1,500"),
            (Unit::Rows, 0, Some(0), "reindex: load 0"),
        ] {
            assert_eq!(line("reindex", "load", unit, done, total), expected);
        }
    }

    #[test]
    fn lines_say_how_long_it_will_take() {
        let two_seconds = Duration::from_secs(2);
        for (unit, done, total, wanted) in [
            (Unit::Rows, 3000, Some(7501), ", 1,500 rows/s, 4 s left"),
            (Unit::Rows, 9, Some(8), ", 4 rows/s, 0 s left"),
            (Unit::Rows, 0, Some(8), ""),
            (Unit::Rows, 9, None, ""),
            (Unit::Bytes, 9, Some(80), ""),
        ] {
            assert_eq!(pace(unit, done, total, two_seconds), wanted);
        }
    }

    #[test]
    fn every_style_is_well_formed() {
        for unit in [Unit::Bytes, Unit::Rows] {
            for has_total in [true, false] {
                let _ = style(unit, has_total);
            }
        }
    }
}
