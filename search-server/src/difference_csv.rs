//! The difference as CSV: a line for each organization that changes, the same from the command line and over HTTP.

use search_core::difference::{Change, OrgState};
use std::io::{self, Write};

/// What a spreadsheet shows as the head of each column.
const HEADER: [&str; 12] = [
    "changes",
    "id",
    "name",
    "new_name",
    "parent_id",
    "new_parent_id",
    "status",
    "new_status",
    "aliases",
    "new_aliases",
    "kind",
    "region",
];

/// Between several aliases in one cell, as in an org-tree file.
const NAMES_SEPARATOR: &str = "|";

/// Writes changes one by one, behind a byte order mark: Excel takes a file without it for something else than UTF-8.
pub(crate) struct DifferenceCsv<W: Write> {
    writer: csv::Writer<W>,
}

impl<W: Write> DifferenceCsv<W> {
    pub(crate) fn begin(mut to: W) -> io::Result<Self> {
        to.write_all("\u{feff}".as_bytes())?;
        let mut writer = csv::Writer::from_writer(to);
        writer.write_record(HEADER)?;
        Ok(DifferenceCsv { writer })
    }

    /// One change. Kind and region are those it has now, or had.
    pub(crate) fn write(&mut self, change: &Change<'_>) -> io::Result<()> {
        let kinds: Vec<_> = change.kinds.iter().map(|kind| kind.name()).collect();
        let (before, after) = (change.before.as_ref(), change.after.as_ref());
        let state = after.or(before);
        let text =
            |of: Option<&OrgState<'_>>, get: fn(&OrgState<'_>) -> String| of.map(get).unwrap_or_default();
        let parent = |of: &OrgState<'_>| of.parent_id.as_deref().unwrap_or_default().to_owned();
        let aliases = |of: &OrgState<'_>| of.aliases.join(NAMES_SEPARATOR);
        self.writer.write_record([
            kinds.join(" ").as_str(),
            &change.id,
            before.map_or("", |of| &of.name),
            after.map_or("", |of| &of.name),
            &text(before, parent),
            &text(after, parent),
            before.map_or("", |of| &of.status),
            after.map_or("", |of| &of.status),
            &text(before, aliases),
            &text(after, aliases),
            state.map_or("", |of| &of.kind),
            state.map_or("", |of| &of.region),
        ])?;
        Ok(())
    }

    /// Writes what is still held back, and gives what was written to.
    pub(crate) fn finish(self) -> io::Result<W> {
        self.writer.into_inner().map_err(|error| io::Error::other(error.error().to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use search_core::difference::{ChangeKind, ChangeKinds};

    #[test]
    fn a_line_says_what_was_and_what_is() {
        let state = |name: &'static str, parent: Option<&'static str>, aliases: &[&str]| OrgState {
            name: name.into(),
            parent_id: parent.map(Into::into),
            status: "active".into(),
            aliases: aliases.iter().map(|&alias| alias.to_owned()).collect(),
            kind: "branch".into(),
            region: "北京".into(),
        };
        let mut csv = DifferenceCsv::begin(Vec::new()).unwrap();
        for (kinds, before, after) in [
            (vec![ChangeKind::Removed], Some(state("甲", None, &[])), None),
            (
                vec![ChangeKind::Moved, ChangeKind::Aliases],
                Some(state("乙,丙", Some("1"), &["b", "c"])),
                Some(state("乙,丙", None, &[])),
            ),
            (vec![ChangeKind::Added], None, Some(state("丁", Some("1"), &[]))),
        ] {
            let kinds = ChangeKinds::of(kinds);
            csv.write(&Change { id: "7".into(), kinds, before, after }).unwrap();
        }
        let written = String::from_utf8(csv.finish().unwrap()).unwrap();
        let lines: Vec<&str> = written.trim_start_matches('\u{feff}').lines().skip(1).collect();
        assert_eq!(
            lines,
            [
                "removed,7,甲,,,,active,,,,branch,北京",
                "moved aliases,7,\"乙,丙\",\"乙,丙\",1,,active,active,b|c,,branch,北京",
                "added,7,,丁,,1,,active,,,branch,北京",
            ]
        );
    }
}
