//! SHA-256 of files: what names them in the store.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Files are read in pieces of so many bytes.
const PIECE_BYTES: usize = 1 << 20;

/// A SHA-256, 64 hexadecimal digits in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Digest(String);

impl TryFrom<String> for Digest {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_digest =
            text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if is_digest { Ok(Digest(text)) } else { Err("it is no SHA-256".to_owned()) }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Digest {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn from_bytes(bytes: [u8; 32]) -> Self {
        Digest(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    #[cfg(test)]
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut hasher = Hasher::default();
        hasher.update(bytes);
        hasher.finish().digest
    }
}

/// What is read of a file to name it and to hold it against its seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Checksums {
    pub(super) bytes: u64,
    pub(super) crc32: u32,
    pub(super) digest: Digest,
}

/// Both checksums of bytes that come in pieces.
#[derive(Clone, Default)]
pub(super) struct Hasher {
    bytes: u64,
    crc32: crc32fast::Hasher,
    sha256: Sha256,
}

impl Hasher {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.crc32.update(bytes);
        self.sha256.update(bytes);
    }

    pub(super) fn finish(self) -> Checksums {
        let digest = self.sha256.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Checksums { bytes: self.bytes, crc32: self.crc32.finalize(), digest: Digest(digest) }
    }

    /// Takes in a whole file.
    pub(super) fn read(&mut self, file: &mut File, mut each: impl FnMut(u64)) -> io::Result<()> {
        let mut buffer = vec![0; PIECE_BYTES];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(()),
                read => {
                    self.update(&buffer[..read]);
                    each(read as u64);
                }
            }
        }
    }
}

/// The checksums of a file. `each` is told the bytes of each piece.
pub(super) fn read_file(path: &Path, each: impl FnMut(u64)) -> io::Result<Checksums> {
    let mut hasher = Hasher::default();
    hasher.read(&mut File::open(path)?, each)?;
    Ok(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_standard() {
        const OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        let read = read_file(&path, |_| ()).unwrap();
        assert_eq!((read.bytes, read.crc32, read.digest.as_str()), (3, 0x3524_41c2, OF_ABC));
        for (text, is_digest) in [
            (OF_ABC.to_owned(), true),
            (OF_ABC.to_uppercase(), false),
            (OF_ABC[1..].to_owned(), false),
            ("../".repeat(21) + "a", false),
        ] {
            assert_eq!(Digest::try_from(text.clone()).is_ok(), is_digest, "{text}");
        }
    }
}
