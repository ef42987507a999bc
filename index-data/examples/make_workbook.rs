//! Makes `samples/formats/orgs.xlsx` from `orgs.csv` beside it: `cargo run -p index-data --example make_workbook`.

use index_data::load::{ColumnMap, Source};
use rust_xlsxwriter::Workbook;
use std::error::Error;
use std::path::Path;

/// Where members stand; the one column of numbers.
const MEMBERS: u16 = 6;

fn main() -> Result<(), Box<dyn Error>> {
    let formats = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/formats");
    let source = Source::open(&formats.join("orgs.csv"), &ColumnMap::default())?;
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, (header, _)) in source.columns().iter().enumerate() {
        sheet.write_string(0, u16::try_from(column)?, header)?;
    }
    for row in source {
        let row = row?;
        let remark = row.attributes.first().map_or("", |(_, text)| text);
        let (aliases, former_names) = (row.aliases.join("|"), row.former_names.join("|"));
        let texts = [&row.id, &row.name, &row.parent_id, &row.kind, &row.system, &row.region, &row.members];
        let texts = texts.into_iter().chain([&row.status, &aliases, &former_names, &row.successor_id]);
        let at = u32::try_from(row.row)? - 1;
        for (column, text) in (0u16..).zip(texts.map(String::as_str).chain([remark])) {
            match text.parse::<f64>() {
                _ if text.is_empty() => continue,
                Ok(members) if column == MEMBERS => sheet.write_number(at, column, members)?,
                _ => sheet.write_string(at, column, text)?,
            };
        }
    }
    book.save(formats.join("orgs.xlsx"))?;
    Ok(())
}
