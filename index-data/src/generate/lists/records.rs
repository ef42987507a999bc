//! Reads the text of a list: packed or not, one record a line.

use flate2::read::GzDecoder;
use std::io::Read;

/// The text of a packed list, kept for the life of the program. A list that cannot be unpacked counts as empty:
/// it is part of the program, and a test holds that each one can.
pub(super) fn unpack(packed: &'static [u8]) -> &'static str {
    let mut text = String::new();
    match GzDecoder::new(packed).read_to_string(&mut text) {
        Ok(_) => Box::leak(text.into_boxed_str()),
        Err(_) => "",
    }
}

/// The most columns a list has.
const CELLS: usize = 8;

/// The lines of a list that are no comment, cut at tabs; missing cells are empty.
pub(super) fn records(text: &'static str) -> impl Iterator<Item = [&'static str; CELLS]> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
        let mut cells = [""; CELLS];
        for (cell, value) in cells.iter_mut().zip(line.split('\t')) {
            *cell = value;
        }
        cells
    })
}

pub(super) fn pairs(text: &'static str) -> Vec<(&'static str, &'static str)> {
    records(text).map(|c| (c[0], c[1])).collect()
}

pub(super) fn number(text: &str) -> u64 {
    text.parse().unwrap_or(0)
}
