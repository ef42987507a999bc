//! Reads the file of queries with their right answers.

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// The longest line that is read: a file without line ends must not fill the memory.
const MAX_LINE_BYTES: u64 = 1 << 20;

const COLUMNS: [&str; 3] = ["query", "ids", "family"];

/// What somebody types, and what is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EvaluationQuery {
    /// Where it stands in the file, from 1.
    pub(super) line: u64,
    /// As it is typed; never empty.
    pub(super) text: String,
    /// Any of these is right; never empty.
    pub(super) ids: Vec<String>,
    /// Which kind of query it is.
    pub(super) family: String,
}

/// Reads a file, unpacked if it ends in `.gz`.
pub(super) fn read(path: &Path) -> Result<Vec<EvaluationQuery>, Failure> {
    let place = path.display().to_string();
    let unreadable = |error| Failure::reading(&place, &error);
    if path.is_dir() {
        return Err(unreadable(io::ErrorKind::IsADirectory.into()));
    }
    let file = File::open(path).map_err(unreadable)?;
    let is_packed = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
    let bytes: Box<dyn Read> = if is_packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let queries = read_lines(BufReader::new(bytes), &place)?;
    if queries.is_empty() {
        return Err(Failure::new(Exit::InputErrors, format!("{place} holds no query")));
    }
    Ok(queries)
}

fn read_lines(mut lines: impl BufRead, place: &str) -> Result<Vec<EvaluationQuery>, Failure> {
    let mut queries = Vec::new();
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        let read = lines.by_ref().take(MAX_LINE_BYTES + 1).read_until(b'\n', &mut bytes);
        if read.map_err(|error| Failure::reading(place, &error))? == 0 {
            break;
        }
        let refuse =
            |cause: String| Failure::new(Exit::InputErrors, format!("{place}: line {number}: {cause}"));
        if let Some(query) = parse_line(number, &bytes).map_err(refuse)? {
            queries.push(query);
        }
    }
    Ok(queries)
}

/// The query of one line; `None` for the header and for empty lines.
fn parse_line(line: u64, bytes: &[u8]) -> Result<Option<EvaluationQuery>, String> {
    if bytes.len() as u64 > MAX_LINE_BYTES {
        return Err(format!("longer than {} KiB", MAX_LINE_BYTES >> 10));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?;
    let text = if line == 1 { text.trim_start_matches('\u{feff}') } else { text };
    let text = text.trim_end_matches(['\n', '\r']);
    let cells: Vec<&str> = text.split('\t').collect();
    if text.trim().is_empty() || (line == 1 && is_header(&cells)) {
        return Ok(None);
    }
    let [query, ids, family] = cells[..] else {
        return Err(format!("{} columns instead of 3: query, ids, family, separated by tabs", cells.len()));
    };
    let ids: Vec<String> =
        ids.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect();
    match (query.trim().is_empty(), ids.is_empty()) {
        (true, _) => Err("the query is empty".to_owned()),
        (_, true) => Err("no id is given as right".to_owned()),
        _ => {
            let (text, family) = (query.to_owned(), family.trim().to_owned());
            Ok(Some(EvaluationQuery { line, text, ids, family }))
        }
    }
}

fn is_header(cells: &[&str]) -> bool {
    cells.len() == COLUMNS.len()
        && cells.iter().zip(COLUMNS).all(|(cell, name)| cell.trim().eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &[u8]) -> Result<Vec<String>, String> {
        match read_lines(text, "q.tsv") {
            Ok(queries) => {
                let shown =
                    |query: EvaluationQuery| format!("{}:{:?}:{}", query.text, query.ids, query.family);
                Ok(queries.into_iter().map(shown).collect())
            }
            Err(Failure::Told { message, .. }) => Err(message),
            Err(Failure::ReaderLeft) => Err(String::new()),
        }
    }

    #[test]
    fn lines_become_queries() {
        let long = [b'a'; (MAX_LINE_BYTES + 2) as usize];
        for (text, expected) in [
            ("北大\t1,2 ,\tshort\n".as_bytes(), Ok(vec![r#"北大:["1", "2"]:short"#.to_owned()])),
            ("\u{feff}Query\tids\tfamily\r\na\t1\tf\r\n\n".as_bytes(), Ok(vec![r#"a:["1"]:f"#.to_owned()])),
            ("a\t1\t".as_bytes(), Ok(vec![r#"a:["1"]:"#.to_owned()])),
            (b"", Ok(vec![])),
            (
                b"a\t1\tf\nb\t2",
                Err("q.tsv: line 2: 2 columns instead of 3: query, ids, family, separated by tabs".to_owned()),
            ),
            (b" \t1\tf", Err("q.tsv: line 1: the query is empty".to_owned())),
            (b"a\t, \tf", Err("q.tsv: line 1: no id is given as right".to_owned())),
            (b"a\xff\t1\tf", Err("q.tsv: line 1: not UTF-8".to_owned())),
            (&long, Err("q.tsv: line 1: longer than 1024 KiB".to_owned())),
        ] {
            assert_eq!(parse(text), expected, "{:?}", String::from_utf8_lossy(&text[..text.len().min(40)]));
        }
    }
}
