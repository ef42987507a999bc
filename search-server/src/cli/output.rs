//! The one place that prints: results on standard output, everything else on standard error.
//!
//! A reader that leaves early (`orgsearch search … | head`) ends the command quietly; any other failure to write
//! is an error. What cannot be written to standard error is lost, as there is nobody left to tell.

use super::exit::Exit;
use super::failure::Failure;
use super::faithful_writer::write_faithfully;
use serde::Serialize;
use std::io::{self, BufWriter, Write};

/// Writes a result to standard output.
pub(super) fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    let written = write_faithfully(&mut out, write);
    // What is still buffered after a failure would be tried again on drop.
    let _ = out.into_parts();
    written.map_err(|error| Failure::writing("standard output", &error))
}

/// Writes a result as JSON, indented, with a line end.
pub(super) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    print(|out| {
        serde_json::to_writer_pretty(&mut *out, value)?;
        writeln!(out)
    })
}

/// Says something to the person at the terminal: one line on standard error.
pub(super) fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Tells on standard error why a command failed, and gives the code to end with.
pub(super) fn tell(failure: Failure, command: &str) -> Exit {
    match failure {
        Failure::ReaderLeft => Exit::Done,
        Failure::Told { exit, message, help } => {
            say(&format!("error: {command}: {}", printable(&message)));
            if let Some(help) = help {
                say(&format!("help: {}", printable(&help)));
            }
            exit
        }
    }
}

/// Prints what clap has to say: help and version, or what is wrong with the arguments.
pub(super) fn usage(answer: &clap::Error) -> Exit {
    let _ = answer.print();
    if answer.exit_code() == 0 { Exit::Done } else { Exit::Usage }
}

/// Text from a file or a query, safe to show: control characters could move the cursor, and characters that
/// cannot be seen could make a line say something else than it holds.
pub(super) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unprintable(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_move_the_cursor() {
        for (text, shown) in [
            ("北京大学（A）", "北京大学（A）"),
            ("a\u{1b}[2Jb", r"a\u{1b}[2Jb"),
            ("a\nb\t", r"a\u{a}b\u{9}"),
            ("\u{202e}gpj.exe", r"\u{202e}gpj.exe"),
        ] {
            assert_eq!(printable(text), shown);
        }
    }
}
