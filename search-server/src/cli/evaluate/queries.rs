//! Reads the file of queries with their right answers.

use super::labelled_lines;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use std::path::Path;

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
    let queries = labelled_lines::read(path, parse_line)?;
    if queries.is_empty() {
        return Err(Failure::new(Exit::InputErrors, format!("{} holds no query", path.display())));
    }
    Ok(queries)
}

/// The query of one line; `None` for the header and for empty lines.
fn parse_line(line: u64, text: &str) -> Result<Option<EvaluationQuery>, String> {
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
    use super::super::labelled_lines::{MAX_LINE_BYTES, read_lines};
    use super::*;

    fn parse(text: &[u8]) -> Result<Vec<String>, String> {
        match read_lines(text, "q.tsv", parse_line) {
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
