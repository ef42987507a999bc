//! References to cells and rows, and whether a sheet has them.

use super::danger::Danger;
use super::tag::attributes;

/// The last column of a sheet is XFD.
pub(super) const MAX_COLUMNS: u32 = 16_384;
/// The last row of a sheet.
pub(super) const MAX_ROWS: u32 = 1_048_576;

/// What a reference names.
#[derive(Clone, Copy)]
pub(super) enum Reference {
    Cell,
    Row,
    Range,
}

/// Refuses references outside of a sheet. The reader counts in 32 bits, and larger numbers would wrap around.
pub(super) fn check_references(tag: &[u8], attribute: &[u8], kind: Reference) -> Result<(), Danger> {
    for reference in attributes(tag, attribute) {
        let is_inside = match kind {
            Reference::Cell => is_cell(reference),
            Reference::Row => is_row(reference),
            Reference::Range => is_range(reference),
        };
        if !is_inside {
            return Err(Danger::CellOutside(shown(reference)));
        }
    }
    Ok(())
}

fn is_range(reference: &[u8]) -> bool {
    let corners: Vec<&[u8]> = reference.splitn(3, |&byte| byte == b':').collect();
    match corners[..] {
        [cell] => is_cell(cell),
        [from, to] => match (position(from), position(to)) {
            (Some(from), Some(to)) => from.0 <= to.0 && from.1 <= to.1,
            _ => false,
        },
        _ => false,
    }
}

fn is_row(reference: &[u8]) -> bool {
    row_number(reference).is_some()
}

fn is_cell(reference: &[u8]) -> bool {
    position(reference).is_some()
}

/// Row and column of `XFD1048576` and all before it, from 1.
fn position(reference: &[u8]) -> Option<(u32, u32)> {
    const LETTERS: usize = 3;
    let letters = reference.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let (letters, digits) = reference.split_at(letters);
    if letters.is_empty() || letters.len() > LETTERS {
        return None;
    }
    let column = letters
        .iter()
        .fold(0, |column, letter| column * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1);
    Some((row_number(digits)?, column)).filter(|&(_, column)| column <= MAX_COLUMNS)
}

fn row_number(digits: &[u8]) -> Option<u32> {
    const DIGITS: usize = 10;
    if digits.len() > DIGITS || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number: u64 = str::from_utf8(digits).ok()?.parse().ok()?;
    u32::try_from(number).ok().filter(|number| (1..=MAX_ROWS).contains(number))
}

/// A reference for a message: shortened and without control characters, as it may be garbage.
fn shown(reference: &[u8]) -> String {
    const SHOWN_CHARS: usize = 24;
    String::from_utf8_lossy(&reference[..reference.len().min(4 * SHOWN_CHARS)])
        .chars()
        .take(SHOWN_CHARS)
        .filter(|c| !c.is_control())
        .collect()
}
