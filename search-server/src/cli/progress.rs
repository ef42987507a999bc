//! How far long work has come: a bar on a terminal, else a line every few seconds; always on standard error.

use super::numbers::{bytes, grouped};
use super::output;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
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
    Lines { last: Instant },
}

impl Progress {
    /// Starts to show the progress of `command`.
    pub(super) fn start(command: &'static str) -> Self {
        let shown = if std::io::stderr().is_terminal() {
            Shown::Bar { bar: ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()), step: "" }
        } else {
            Shown::Lines { last: Instant::now() }
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
            Shown::Lines { last } => {
                if last.elapsed() >= LINE_INTERVAL {
                    *last = Instant::now();
                    output::say(&line(self.command, step, unit, done, total));
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
        (Unit::Rows, true) => "{msg:>9} [{bar:30}] {percent:>3}%  {human_pos} of {human_len}  {eta} left",
        (Unit::Bytes, false) => "{msg:>9} {spinner} {binary_bytes}  {elapsed}",
        (Unit::Rows, false) => "{msg:>9} {spinner} {human_pos}  {elapsed}",
    };
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
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
    fn every_style_is_well_formed() {
        for unit in [Unit::Bytes, Unit::Rows] {
            for has_total in [true, false] {
                let _ = style(unit, has_total);
            }
        }
    }
}
