//! Looks into a workbook before it is read: the workbook reader trusts what a file says of itself, and a crafted
//! file could make it ask for more memory than there is, which ends the process.
//!
//! The zip reader holds every part to the size it declares, so declared sizes can be relied on here.

use crate::load::error::LoadError;
use std::io::{self, Read, Seek};
use zip::ZipArchive;

/// The largest part that is unpacked. A full sheet of 1,048,576 organizations takes about half a GiB.
const MAX_PART_BYTES: u64 = 2 << 30;

/// A part may be this many times its packed size; sheets are 10 to 30 times, deflate reaches 1000 on purpose only.
const MAX_PACKING: u64 = 200;

/// Parts up to this size are no danger, however well they are packed.
const HARMLESS_BYTES: u64 = 32 << 20;

/// Refuses workbooks that would unpack to more than can be held. An archive that cannot be read at all passes: the
/// workbook reader says better what is wrong with it.
pub(super) fn check_parts(workbook: &mut (impl Read + Seek), what: &str) -> Result<(), LoadError> {
    let refuse = |cause| LoadError::WorkbookTooLarge { what: what.to_owned(), cause };
    let outcome = find_danger(workbook).and_then(|danger| {
        workbook.rewind()?;
        Ok(danger)
    });
    match outcome {
        Ok(None) => Ok(()),
        Ok(Some(danger)) => Err(refuse(danger)),
        Err(cause) => Err(LoadError::Io { what: what.to_owned(), cause }),
    }
}

/// Whether an OLE compound file is an encrypted workbook; otherwise it is an old `.xls` one.
pub(super) fn is_encrypted(file: &mut impl Read) -> io::Result<bool> {
    let stream_name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    any_after(file, &stream_name, |_| true)
}

fn find_danger(workbook: &mut (impl Read + Seek)) -> io::Result<Option<String>> {
    let Ok(mut archive) = ZipArchive::new(workbook) else {
        return Ok(None);
    };
    for index in 0..archive.len() {
        let Ok(part) = archive.by_index_raw(index) else { continue };
        let (name, size, packed) =
            (String::from_utf8_lossy(part.name_raw()).into_owned(), part.size(), part.compressed_size());
        drop(part);
        let is_bomb = size > HARMLESS_BYTES && size / MAX_PACKING > packed;
        if size > MAX_PART_BYTES || is_bomb {
            return Ok(Some(format!("the part {name:?} unpacks to {} MiB", size >> 20)));
        }
        if name.to_ascii_lowercase().ends_with("sharedstrings.xml") {
            let Ok(mut part) = archive.by_index(index) else { continue };
            // A damaged part is reported by the workbook reader.
            if promises_too_much(&mut part, size).unwrap_or(false) {
                return Ok(Some(format!("the part {name:?} claims more texts than it can hold")));
            }
        }
    }
    Ok(None)
}

/// Whether a table of texts claims more entries than it has room for. The workbook reader reserves memory for as
/// many as are claimed, wherever in the part the claim stands.
fn promises_too_much(part: &mut impl Read, size: u64) -> io::Result<bool> {
    const ALWAYS_FINE: u64 = 1 << 20;
    any_after(part, b"uniqueCount", |rest| match claimed_count(rest) {
        Claim::None => false,
        Claim::Count(count) => count > size.max(ALWAYS_FINE),
        Claim::Unreadable => true,
    })
}

enum Claim {
    None,
    Count(u64),
    Unreadable,
}

/// Reads `="123"` with white space anywhere.
fn claimed_count(rest: &[u8]) -> Claim {
    let rest = rest.trim_ascii_start();
    if rest.is_empty() {
        return Claim::Unreadable;
    }
    let Some(rest) = rest.strip_prefix(b"=") else { return Claim::None };
    let rest = rest.trim_ascii_start();
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    let rest = rest.trim_ascii_start();
    let digits: Vec<u8> = rest.iter().copied().take_while(u8::is_ascii_digit).collect();
    if digits.len() == rest.len() {
        return Claim::Unreadable;
    }
    match str::from_utf8(&digits).map(str::parse) {
        Ok(Ok(count)) => Claim::Count(count),
        _ if digits.is_empty() => Claim::None,
        _ => Claim::Unreadable,
    }
}

/// Whether `test` holds for what follows any `needle` in a stream; `test` sees 64 bytes, or fewer at the end.
fn any_after(stream: &mut impl Read, needle: &[u8], test: impl Fn(&[u8]) -> bool) -> io::Result<bool> {
    const SEEN_BYTES: usize = 64;
    const STEP_BYTES: u64 = 64 << 10;
    let window = needle.len() + SEEN_BYTES;
    let mut buffer = Vec::new();
    loop {
        let read = stream.take(STEP_BYTES).read_to_end(&mut buffer)?;
        // A match whose rest is still to come is looked at in the next step.
        let settled = if read == 0 { buffer.len() } else { buffer.len().saturating_sub(window) };
        for start in 0..settled {
            if buffer[start..].starts_with(needle) {
                let rest = &buffer[start + needle.len()..];
                if test(&rest[..rest.len().min(SEEN_BYTES)]) {
                    return Ok(true);
                }
            }
        }
        if read == 0 {
            return Ok(false);
        }
        buffer.drain(..settled);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_held_against_the_size() {
        for (claim, too_much) in [
            (r#" uniqueCount="12""#, false),
            (r#" uniqueCount = '1048576' "#, false),
            (r#" uniqueCount="1048577">"#, true),
            (r#" uniqueCount="18446744073709551615">"#, true),
            (r#" uniqueCount="99999999999999999999999">"#, true),
            (&format!(" uniqueCount{}=\"99999999999\">", " ".repeat(100)), true),
            (&format!(" uniqueCount=\"{}99999999999\">", "0".repeat(100)), true),
            (r#" uniqueCount="x">"#, false),
            ("<t>uniqueCount</t>", false),
        ] {
            for padding in [0, 65_500, 65_536, 131_000] {
                let part = format!("{}<sst{claim}<si></si></sst>", " ".repeat(padding));
                let found = promises_too_much(&mut part.as_bytes(), part.len() as u64).unwrap();
                assert_eq!(found, too_much, "{claim} behind {padding}");
            }
        }
    }
}
