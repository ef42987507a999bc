//! Looks into a workbook before it is read: the workbook reader trusts what a file says of itself, and a crafted
//! file could make it ask for more memory than there is, which ends the process.
//!
//! The zip reader holds every part to the size it declares, so declared sizes can be relied on here. Every part is
//! unpacked once, a few KiB at a time, and counted (`scan.rs`); nothing of it is kept.

use super::danger::Danger;
use super::scan::{Oddities, PartLimits, PartScan};
use crate::load::error::LoadError;
use std::io::{self, Read, Seek, SeekFrom};
use zip::ZipArchive;

/// What a workbook may unpack to.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Files in the archive. Workbooks have a few dozen, with many images some hundreds; each costs some hundred bytes.
    parts: u64,
    /// The largest part that is unpacked. A full sheet of 1,048,576 organizations takes about half a GiB.
    part_bytes: u64,
    /// All parts together.
    total_bytes: u64,
    /// How many times its packed size a part may have. Sheets reach 10 to 30, crafted files up to 1000.
    packing: u64,
    /// Parts up to this size are accepted however well they are packed.
    harmless_bytes: u64,
    /// Parts that are not XML, such as images. They are not read, unless a crafted file names one as a sheet.
    opaque_bytes: u64,
    part: PartLimits,
}

impl Limits {
    const DEFAULT: Limits = Limits {
        parts: 10_000,
        part_bytes: 2 << 30,
        total_bytes: 4 << 30,
        packing: 200,
        harmless_bytes: 32 << 20,
        opaque_bytes: 64 << 20,
        part: PartLimits::DEFAULT,
    };
}

/// Why the inspection ended early.
enum Stop {
    Danger(Danger),
    Io(io::Error),
}

impl From<Danger> for Stop {
    fn from(danger: Danger) -> Self {
        Stop::Danger(danger)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Stop::Io(error)
    }
}

/// Refuses workbooks that would make the reader hold more than there is, or count past the end of a sheet. An archive
/// that cannot be read at all passes: the workbook reader says better what is wrong with it. Gives what there is to know
/// about the workbook.
pub(super) fn check_parts(workbook: &mut (impl Read + Seek), what: &str) -> Result<Oddities, LoadError> {
    let what = what.to_owned();
    match look_into(workbook, &Limits::DEFAULT) {
        Ok(oddities) => Ok(oddities),
        Err(Stop::Io(cause)) => Err(LoadError::Io { what, cause }),
        Err(Stop::Danger(Danger::TooLarge(cause))) => Err(LoadError::WorkbookTooLarge { what, cause }),
        Err(Stop::Danger(Danger::CellOutside(cell))) => Err(LoadError::CellOutside { what, cell }),
        Err(Stop::Danger(Danger::Damaged(cause))) => Err(LoadError::DamagedWorkbook { what, row: 0, cause }),
    }
}

fn look_into(workbook: &mut (impl Read + Seek), limits: &Limits) -> Result<Oddities, Stop> {
    let mut oddities = Oddities::default();
    workbook.rewind()?;
    count_parts(workbook, limits)?;
    workbook.rewind()?;
    if let Ok(mut archive) = ZipArchive::new(&mut *workbook) {
        check_sizes(&mut archive, limits)?;
        for index in 0..archive.len() {
            oddities += scan_part(&mut archive, index, limits)?;
        }
    }
    workbook.seek(SeekFrom::Start(0))?;
    Ok(oddities)
}

/// Counts the entries of the zip directory by their signature. The zip reader allocates memory for all of them.
fn count_parts(workbook: &mut impl Read, limits: &Limits) -> Result<(), Stop> {
    const ENTRY: &[u8] = b"PK\x01\x02";
    let mut entries = 0;
    let mut too_many = false;
    any_after(workbook, ENTRY, |_| {
        entries += 1;
        too_many = entries > limits.parts;
        too_many
    })?;
    match too_many {
        true => Err(Danger::TooLarge(format!("more than {} parts", limits.parts)).into()),
        false => Ok(()),
    }
}

fn check_sizes<R: Read + Seek>(archive: &mut ZipArchive<R>, limits: &Limits) -> Result<(), Danger> {
    let mut total = 0_u64;
    for index in 0..archive.len() {
        let Ok(part) = archive.by_index_raw(index) else { continue };
        let (size, packed) = (part.size(), part.compressed_size());
        let is_bomb = size > limits.harmless_bytes && size / limits.packing > packed;
        if size > limits.part_bytes || is_bomb {
            let name = String::from_utf8_lossy(part.name_raw());
            return Err(Danger::TooLarge(format!("the part {name:?} unpacks to {} MiB", size >> 20)));
        }
        total = total.saturating_add(size);
    }
    if total > limits.total_bytes {
        return Err(Danger::TooLarge(format!("its parts unpack to {} MiB", total >> 20)));
    }
    // Entries that share their bytes unpack to many times what the file holds.
    match archive.has_overlapping_entries() {
        Ok(true) => Err(Danger::Damaged("its parts overlap".to_owned())),
        _ => Ok(()),
    }
}

fn scan_part<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    index: usize,
    limits: &Limits,
) -> Result<Oddities, Stop> {
    const STEP_BYTES: usize = 64 << 10;
    let Ok(mut part) = archive.by_index(index) else { return Ok(Oddities::default()) };
    let (name, size) = (String::from_utf8_lossy(part.name_raw()).into_owned(), part.size());
    let mut scan = PartScan::new(size, limits.part);
    let mut buffer = vec![0; STEP_BYTES];
    loop {
        let read = match part.read(&mut buffer) {
            Ok(0) => return Ok(scan.oddities()),
            Ok(read) => read,
            Err(error) if error.raw_os_error().is_some() => return Err(error.into()),
            // A damaged part is reported by the workbook reader, if it is read at all.
            Err(_) => return Ok(scan.oddities()),
        };
        scan.feed(&buffer[..read]).map_err(|danger| danger.in_part(&name))?;
        if scan.is_opaque() && size > limits.opaque_bytes {
            let cause = format!("the part {name:?} is no XML and has {} MiB", size >> 20);
            return Err(Danger::TooLarge(cause).into());
        }
    }
}

/// Whether an OLE compound file is an encrypted workbook; otherwise it is an old `.xls` one.
pub(super) fn is_encrypted(file: &mut impl Read) -> io::Result<bool> {
    let stream_name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    any_after(file, &stream_name, |_| true)
}

/// Whether `test` holds for what follows any `needle` in a stream; `test` sees 64 bytes, or fewer at the end.
fn any_after(stream: &mut impl Read, needle: &[u8], mut test: impl FnMut(&[u8]) -> bool) -> io::Result<bool> {
    const SEEN_BYTES: usize = 64;
    const STEP_BYTES: u64 = 64 << 10;
    let window = needle.len() + SEEN_BYTES;
    let mut buffer = Vec::new();
    loop {
        let read = stream.take(STEP_BYTES).read_to_end(&mut buffer)?;
        // The bytes after a match may not have been read yet, so the end is left for the next step.
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
    use std::io::{Cursor, Write};

    const SMALL: Limits = Limits {
        parts: 4,
        part_bytes: 5_000,
        total_bytes: 8_000,
        packing: 20,
        harmless_bytes: 1_000,
        opaque_bytes: 2_000,
        part: PartLimits { text_bytes: 4_000, ..PartLimits::DEFAULT },
    };

    fn archive(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut book = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in parts {
            book.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            book.write_all(bytes).unwrap();
        }
        book.finish().unwrap().into_inner()
    }

    /// Bytes that deflate cannot make shorter.
    fn noise(len: usize) -> Vec<u8> {
        let mut state = 1_u32;
        let next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b'a' + (state >> 24) as u8 % 26
        };
        std::iter::repeat_with(next).take(len).collect()
    }

    fn xml(len: usize) -> Vec<u8> {
        [b"<a>".to_vec(), noise(len)].concat()
    }

    #[test]
    fn archives_are_bounded() {
        for (case, parts, wanted) in [
            ("fine", vec![("a", xml(3_000)), ("b", noise(1_500))], None),
            (
                "many parts",
                vec![("a", xml(1)), ("b", xml(1)), ("c", xml(1)), ("d", xml(1)), ("e", xml(1))],
                Some("more than 4 parts"),
            ),
            ("a large part", vec![("a", xml(6_000))], Some("unpacks to")),
            (
                "large together",
                vec![("a", xml(3_000)), ("b", xml(3_000)), ("c", xml(3_000))],
                Some("its parts unpack"),
            ),
            ("a well-packed part", vec![("a", vec![b' '; 4_000])], Some("unpacks to")),
            ("a large image", vec![("a", noise(2_500))], Some("is no XML")),
            ("a long text", vec![("a", xml(4_500))], Some("holds a text")),
            ("a cell", vec![("a", b"<c r='ZZZZ1'/>".to_vec())], Some("CellOutside(\"ZZZZ1\")")),
        ] {
            let danger = match look_into(&mut Cursor::new(archive(&parts)), &SMALL) {
                Ok(_) => None,
                Err(Stop::Danger(danger)) => Some(format!("{danger:?}")),
                Err(Stop::Io(error)) => panic!("{error}"),
            };
            assert_eq!(danger.is_some(), wanted.is_some(), "{case}: {danger:?}");
            assert!(danger.unwrap_or_default().contains(wanted.unwrap_or_default()), "{case}");
        }
    }

    #[test]
    fn entries_that_share_bytes_are_refused() {
        let mut bytes = archive(&[("a", noise(500)), ("b", noise(500))]);
        // The second entry of the directory is pointed at the bytes of the first.
        let entry = bytes.windows(4).rposition(|four| four == b"PK\x01\x02").unwrap();
        bytes[entry + 42..entry + 46].fill(0);
        let outcome = look_into(&mut Cursor::new(bytes), &Limits::DEFAULT);
        assert!(matches!(outcome, Err(Stop::Danger(Danger::Damaged(_)))));
    }
}
