//! Reads the file of golden queries: what people are known to type, and perhaps what is right.
//!
//! One query a line; after a tab the ids that are right, with commas between; more columns are left alone, so that a file
//! of `evaluate` serves as well. Without ids the first answer of the live generation is right.

use search_core::GoldenQuery;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// A file of golden queries is written by hand; each query is asked twice at every publication.
pub(crate) const MAX_BYTES: u64 = 1 << 20;
/// The most queries.
pub(crate) const MAX_QUERIES: usize = 10_000;
/// The longest query, as of any search.
pub(crate) const MAX_QUERY_CHARS: usize = 200;
/// The most ids of one query.
pub(crate) const MAX_IDS: usize = 100;

/// Why a file of golden queries is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GoldenError {
    /// It cannot be read.
    #[error("cannot read the golden queries {file}: {cause}")]
    Io {
        /// Its path.
        file: String,
        /// Why.
        cause: io::Error,
    },
    /// It holds what is no golden query.
    #[error("{file}{}: {what}", line.map_or(String::new(), |line| format!(": line {line}")))]
    Content {
        /// Its path.
        file: String,
        /// The line, from 1; `None` for the file as a whole.
        line: Option<usize>,
        /// What is wrong.
        what: String,
    },
}

/// Reads a file.
///
/// # Errors
/// If it is no regular file, too large, no UTF-8, without a query, or has a line that is none.
pub(crate) fn read_golden(path: &Path) -> Result<Vec<GoldenQuery>, GoldenError> {
    let file = path.display().to_string();
    let unreadable = |cause| GoldenError::Io { file: file.clone(), cause };
    // A pipe would be waited for, and a device has no end.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        let cause = io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file");
        return Err(unreadable(cause));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    parse(&bytes).map_err(|(line, what)| GoldenError::Content { file, line, what })
}

/// The queries of a file, or what is wrong in which line.
fn parse(bytes: &[u8]) -> Result<Vec<GoldenQuery>, (Option<usize>, String)> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err((None, format!("more than {} KiB", MAX_BYTES >> 10)));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].iter().filter(|&&byte| byte == b'\n').count() + 1;
        (Some(line), "not UTF-8".to_owned())
    })?;
    let mut queries = Vec::new();
    for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let is_header = at == 0 && line.split('\t').next().is_some_and(|cell| cell.trim() == "query");
        if line.trim().is_empty() || is_header {
            continue;
        }
        if queries.len() == MAX_QUERIES {
            return Err((Some(at + 1), format!("more than {MAX_QUERIES} queries")));
        }
        queries.push(query(line).map_err(|what| (Some(at + 1), what))?);
    }
    if queries.is_empty() { Err((None, "it holds no query".to_owned())) } else { Ok(queries) }
}

fn query(line: &str) -> Result<GoldenQuery, String> {
    let mut cells = line.split('\t');
    let query = cells.next().unwrap_or_default().trim();
    let ids = cells.next().unwrap_or_default().split(',').map(str::trim).filter(|id| !id.is_empty());
    let ids: Vec<String> = ids.take(MAX_IDS + 1).map(str::to_owned).collect();
    match (query.is_empty(), query.chars().count(), ids.len()) {
        (true, _, _) => Err("the query is empty".to_owned()),
        (_, length, _) if length > MAX_QUERY_CHARS => {
            Err(format!("the query has {length} characters; at most {MAX_QUERY_CHARS} are taken"))
        }
        (_, _, count) if count > MAX_IDS => Err(format!("more than {MAX_IDS} ids")),
        _ => Ok(GoldenQuery { query: query.to_owned(), ids }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_queries_or_are_named() {
        let many = "北大\n".repeat(MAX_QUERIES + 1);
        let long = format!("a\n{}", "团".repeat(MAX_QUERY_CHARS + 1));
        let ids = format!("a\t{}", vec!["1"; MAX_IDS + 1].join(","));
        let large = vec![b'\n'; MAX_BYTES as usize + 1];
        for (text, expected) in [
            ("北大\n软微\t12, 13\tshort\n".as_bytes(), Ok(vec!["北大 []", "软微 [12 13]"])),
            ("\u{feff}query\tids\tfamily\r\n a \t7\r\n\n".as_bytes(), Ok(vec!["a [7]"])),
            (b"", Err((None, "it holds no query"))),
            (b"query\n", Err((None, "it holds no query"))),
            (b"a\n\t7", Err((Some(2), "the query is empty"))),
            (b"a\nb\xff", Err((Some(2), "not UTF-8"))),
            (many.as_bytes(), Err((Some(MAX_QUERIES + 1), "more than 10000 queries"))),
            (long.as_bytes(), Err((Some(2), "the query has 201 characters; at most 200 are taken"))),
            (ids.as_bytes(), Err((Some(1), "more than 100 ids"))),
            (&large, Err((None, "more than 1024 KiB"))),
        ] {
            let shown = |golden: GoldenQuery| format!("{} [{}]", golden.query, golden.ids.join(" "));
            let parsed = parse(text).map(|queries| queries.into_iter().map(shown).collect::<Vec<_>>());
            let expected = expected
                .map(|queries| queries.into_iter().map(str::to_owned).collect())
                .map_err(|(line, what): (_, &str)| (line, what.to_owned()));
            assert_eq!(parsed, expected);
        }
    }

    #[test]
    fn any_bytes_are_read_without_panic() {
        const PIECES: [&[u8]; 10] = [
            b"query",
            b"\t",
            b",",
            b"\n",
            b"\r",
            "\u{feff}".as_bytes(),
            "团".as_bytes(),
            b"12",
            b" ",
            b"\xff",
        ];
        let mut random = index_data::hash::SplitMix64(7);
        let mut taken = 0;
        for _ in 0..20_000 {
            let length = random.next_u64() % 12;
            let pieces = (0..length).flat_map(|_| PIECES[(random.next_u64() >> 32) as usize % PIECES.len()]);
            let bytes: Vec<u8> = pieces.copied().collect();
            if let Ok(queries) = parse(&bytes) {
                taken += 1;
                assert!(queries.iter().all(|golden| !golden.query.is_empty()), "{bytes:?}");
            }
        }
        assert!(taken > 0);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        for path in [dir.path(), Path::new("/dev/zero"), &dir.path().join("none")] {
            let error = read_golden(path).unwrap_err();
            assert!(matches!(error, GoldenError::Io { .. }), "{error}");
        }
    }
}
