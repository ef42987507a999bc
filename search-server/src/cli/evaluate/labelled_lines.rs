//! Reads files of what is asked and what is right: lines of cells separated by tabs.

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// The longest line that is read: a file without line ends must not fill the memory.
pub(super) const MAX_LINE_BYTES: u64 = 1 << 20;

/// Reads a file, unpacked if it ends in `.gz`. `parse` gets each line with its number, from 1; it gives `None` for a line
/// that says nothing, and what is wrong with a bad one.
pub(super) fn read<T>(
    path: &Path,
    parse: impl FnMut(u64, &str) -> Result<Option<T>, String>,
) -> Result<Vec<T>, Failure> {
    let place = path.display().to_string();
    let unreadable = |error| Failure::reading(&place, &error);
    if path.is_dir() {
        return Err(unreadable(io::ErrorKind::IsADirectory.into()));
    }
    let file = File::open(path).map_err(unreadable)?;
    let is_packed = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
    let bytes: Box<dyn Read> = if is_packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    read_lines(BufReader::new(bytes), &place, parse)
}

pub(super) fn read_lines<T>(
    mut lines: impl BufRead,
    place: &str,
    mut parse: impl FnMut(u64, &str) -> Result<Option<T>, String>,
) -> Result<Vec<T>, Failure> {
    let mut parsed = Vec::new();
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        let read = lines.by_ref().take(MAX_LINE_BYTES + 1).read_until(b'\n', &mut bytes);
        if read.map_err(|error| Failure::reading(place, &error))? == 0 {
            break;
        }
        let refuse =
            |cause: String| Failure::new(Exit::InputErrors, format!("{place}: line {number}: {cause}"));
        let text = text_of(number, &bytes).map_err(refuse)?;
        parsed.extend(parse(number, text).map_err(refuse)?);
    }
    Ok(parsed)
}

/// The text of a line, without its end and the mark at the beginning of the file.
fn text_of(line: u64, bytes: &[u8]) -> Result<&str, String> {
    if bytes.len() as u64 > MAX_LINE_BYTES {
        return Err(format!("longer than {} KiB", MAX_LINE_BYTES >> 10));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?;
    let text = if line == 1 { text.trim_start_matches('\u{feff}') } else { text };
    Ok(text.trim_end_matches(['\n', '\r']))
}
