//! Reads an embedded TSV table.

/// The rows of a table: comments and the header left out, cells separated.
pub(crate) fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().filter(|line| !line.starts_with('#')).skip(1).map(|line| line.split('\t').collect())
}

/// The character a cell consists of; `None` if it holds none or more than one.
pub(super) fn single_character(cell: &str) -> Option<char> {
    let mut characters = cell.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) => Some(character),
        _ => None,
    }
}
