//! Writes generated trees and queries as files.

use super::queries::GeneratedQuery;
use super::records::GeneratedRecord;
use crate::load::SourceRow;
use std::io::{self, Write};

/// The columns of the national export, in its order.
const HEADER: [&str; 11] = [
    "组织ID",
    "组织全称",
    "上级组织ID",
    "组织类别",
    "所属系统",
    "省份",
    "团员数",
    "状态",
    "简称",
    "曾用名",
    "继任组织ID",
];

/// Between several names in one cell.
const NAMES_SEPARATOR: &str = "|";

/// Writes rows as an org-tree file: CSV, UTF-8, Chinese headers, several names in a cell separated by `|`.
/// Gives the number of rows. Buffer `to`: every row is written by itself.
///
/// # Errors
/// What writing to `to` gives.
///
/// ```
/// use index_data::generate::{GenerateOptions, generate, write_csv};
/// let mut file = Vec::new();
/// let written = write_csv(generate(&GenerateOptions::national(100, 7)), &mut file)?;
/// assert_eq!(written, 100);
/// assert!(file.starts_with("组织ID,组织全称,上级组织ID".as_bytes()));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn write_csv(rows: impl Iterator<Item = SourceRow>, to: impl Write) -> io::Result<u64> {
    let mut writer = csv::Writer::from_writer(to);
    writer.write_record(HEADER)?;
    let mut written = 0;
    for row in rows {
        writer.write_record([
            &row.id,
            &row.name,
            &row.parent_id,
            &row.kind,
            &row.system,
            &row.region,
            &row.members,
            &row.status,
            &row.aliases.join(NAMES_SEPARATOR),
            &row.former_names.join(NAMES_SEPARATOR),
            &row.successor_id,
        ])?;
        written += 1;
    }
    writer.flush()?;
    Ok(written)
}

/// Writes queries as `evaluate` reads them: `query TAB ids TAB family` with a header line; ids with commas between.
/// Gives the number of queries.
///
/// # Errors
/// What writing to `to` gives.
pub fn write_queries<'a>(
    queries: impl IntoIterator<Item = &'a GeneratedQuery>,
    mut to: impl Write,
) -> io::Result<u64> {
    writeln!(to, "query\tids\tfamily")?;
    let mut written = 0;
    for query in queries {
        writeln!(to, "{}\t{}\t{}", query.query, query.ids.join(","), query.family)?;
        written += 1;
    }
    to.flush()?;
    Ok(written)
}

/// Writes rows with their right answers: tab-separated, with a header line. `expected` is an id, `ambiguous` or `none`.
/// Gives the number of rows.
///
/// # Errors
/// What writing to `to` gives.
pub fn write_records<'a>(
    records: impl IntoIterator<Item = &'a GeneratedRecord>,
    mut to: impl Write,
) -> io::Result<u64> {
    writeln!(to, "name\tparent\tregion\tcode\tformer_name\tkind\texpected\tfamily")?;
    let mut written = 0;
    for record in records {
        let GeneratedRecord { name, parent, region, code, former_name, kind, expected, family } = record;
        let expected = expected.as_str();
        writeln!(to, "{name}\t{parent}\t{region}\t{code}\t{former_name}\t{kind}\t{expected}\t{family}")?;
        written += 1;
    }
    to.flush()?;
    Ok(written)
}
