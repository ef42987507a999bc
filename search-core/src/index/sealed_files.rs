//! The files of a sealed generation, held against what its manifest says of them.

use crate::error::EngineError;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// One file of a generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ManifestFile {
    /// Relative, with `/`.
    pub(crate) path: String,
    pub(crate) bytes: u64,
    /// CRC-32 (IEEE) of the whole file.
    pub(crate) crc32: u32,
    /// CRC-32 of its first and its last [`EDGE_BYTES`], where headers, footers and tables stand: read whenever the
    /// generation is opened, while the whole file is only read by [`check_whole`].
    pub(crate) edges_crc32: u32,
}

/// Of either end of a file; a file of up to twice as many is read whole.
const EDGE_BYTES: u64 = 64 << 10;

/// Whole files are read in pieces of at most so many bytes.
const PIECE_BYTES: usize = 1 << 20;

/// What is wrong with a file of a generation.
pub(super) enum Fault {
    /// It is not what was sealed.
    Damaged(String),
    /// It cannot be read; nothing is known of its content.
    Unreadable { path: String, error: io::Error },
}

impl Fault {
    pub(super) fn reading(path: &str, error: io::Error) -> Fault {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                Fault::Damaged(format!("{path} is missing"))
            }
            _ => Fault::Unreadable { path: path.to_owned(), error },
        }
    }

    pub(super) fn of(self, generation: &str, dir: &Path) -> EngineError {
        match self {
            Fault::Damaged(what) => EngineError::Damaged { generation: generation.to_owned(), what },
            Fault::Unreadable { path, error } => {
                EngineError::Io { action: "reading", path: dir.join(path), source: error }
            }
        }
    }
}

/// Size, first and last bytes.
pub(super) fn check_edges(dir: &Path, file: &ManifestFile) -> Result<(), Fault> {
    let reading = |error| Fault::reading(&file.path, error);
    let mut opened = File::open(dir.join(&file.path)).map_err(reading)?;
    let bytes = opened.metadata().map_err(reading)?.len();
    check_size(file, bytes)?;
    match edges_checksum(&mut opened, bytes).map_err(reading)? {
        crc32 if crc32 == file.edges_crc32 => Ok(()),
        _ => Err(Fault::Damaged(format!("{}: the checksum of its first and last bytes differs", file.path))),
    }
}

fn check_size(file: &ManifestFile, bytes: u64) -> Result<(), Fault> {
    if bytes == file.bytes {
        return Ok(());
    }
    Err(Fault::Damaged(format!("{} has {bytes} bytes, the manifest says {}", file.path, file.bytes)))
}

/// Size and checksum of all bytes. `pause` is called after each piece with its bytes.
pub(super) fn check_whole(dir: &Path, file: &ManifestFile, pause: &mut dyn FnMut(u64)) -> Result<(), Fault> {
    let checksums = Checksums::paced(&dir.join(&file.path), pause);
    let checksums = checksums.map_err(|error| Fault::reading(&file.path, error))?;
    check_size(file, checksums.bytes)?;
    match checksums.whole == file.crc32 {
        true => Ok(()),
        false => Err(Fault::Damaged(format!("{}: its checksum differs", file.path))),
    }
}

/// The size and the checksums of a file.
pub(crate) struct Checksums {
    pub(crate) bytes: u64,
    pub(crate) whole: u32,
    pub(crate) edges: u32,
}

impl Checksums {
    /// Reads the file once, and its ends a second time.
    pub(crate) fn of(path: &Path) -> io::Result<Checksums> {
        Checksums::paced(path, &mut |_| {})
    }

    fn paced(path: &Path, pause: &mut dyn FnMut(u64)) -> io::Result<Checksums> {
        let mut file = File::open(path)?;
        let (mut hasher, mut bytes, mut buffer) = (crc32fast::Hasher::new(), 0u64, vec![0; PIECE_BYTES]);
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            bytes += read as u64;
            hasher.update(&buffer[..read]);
            pause(read as u64);
        }
        Ok(Checksums { bytes, whole: hasher.finalize(), edges: edges_checksum(&mut file, bytes)? })
    }
}

/// The checksum of the first and the last [`EDGE_BYTES`] of a file of so many bytes.
fn edges_checksum(file: &mut File, bytes: u64) -> io::Result<u32> {
    let mut hasher = crc32fast::Hasher::new();
    let mut buffer = Vec::with_capacity(EDGE_BYTES.min(bytes) as usize);
    for start in [0, bytes.saturating_sub(EDGE_BYTES)] {
        buffer.clear();
        file.seek(SeekFrom::Start(start))?;
        file.take(EDGE_BYTES).read_to_end(&mut buffer)?;
        hasher.update(&buffer);
    }
    Ok(hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_is_told_as_far_as_it_is_read() {
        let dir = tempfile::tempdir().expect("there is a place");
        let path = dir.path().join("file");
        let whole = vec![7u8; 3 * EDGE_BYTES as usize];
        std::fs::write(&path, &whole).expect("it is written");
        let sums = Checksums::of(&path).expect("it is read");
        let file = ManifestFile {
            path: "file".to_owned(),
            bytes: sums.bytes,
            crc32: sums.whole,
            edges_crc32: sums.edges,
        };
        let middle = whole.len() / 2;
        for (case, change, edges_hold, whole_holds) in [
            ("nothing", None, true, true),
            ("the first byte", Some(0), false, false),
            ("a byte in the middle", Some(middle), true, false),
            ("the last byte", Some(whole.len() - 1), false, false),
        ] {
            let mut bytes = whole.clone();
            if let Some(at) = change {
                bytes[at] ^= 1;
            }
            std::fs::write(&path, bytes).expect("it is written");
            assert_eq!(check_edges(dir.path(), &file).is_ok(), edges_hold, "{case}");
            assert_eq!(check_whole(dir.path(), &file, &mut |_| {}).is_ok(), whole_holds, "{case}");
        }
        std::fs::write(&path, &whole[1..]).expect("it is written");
        assert!(matches!(check_edges(dir.path(), &file), Err(Fault::Damaged(_))), "a byte less");
        std::fs::remove_file(&path).expect("it is removed");
        assert!(matches!(check_whole(dir.path(), &file, &mut |_| {}), Err(Fault::Damaged(_))), "no file");
    }

    #[test]
    fn every_byte_is_told_in_pieces() {
        let dir = tempfile::tempdir().expect("there is a place");
        let path = dir.path().join("file");
        std::fs::write(&path, vec![7u8; 2 * PIECE_BYTES + 5]).expect("it is written");
        let mut pieces = Vec::new();
        Checksums::paced(&path, &mut |bytes| pieces.push(bytes)).expect("it is read");
        assert_eq!(pieces.iter().sum::<u64>(), 2 * PIECE_BYTES as u64 + 5);
        assert!(pieces.iter().all(|bytes| *bytes <= PIECE_BYTES as u64), "{pieces:?}");
    }
}
