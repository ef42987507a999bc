//! Matches a CSV of schools, colleges and classes, or of names, against the organizations of a data directory.
//!
//! Run with `cargo run -p search-core --example resolve_csv -- ./orgsearch-data rows.csv`.

use index_data::load::{RecordColumns, RecordMap, Table};
use search_core::{Engine, Record, ResolveOptions};
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [data, rows] = &arguments[..] else { return Err("name a data directory and a CSV file".into()) };
    let engine = Engine::open(data)?;
    let table = Table::open(Path::new(rows))?;
    let columns = RecordColumns::recognise(table.header(), &RecordMap::default(), rows)?;

    // A row that cannot be read ends the records; a program that must know looks at what comes after.
    let records = table.map_while(Result::ok).map(|row| {
        let texts = columns.texts(&row);
        Record::named(texts.name).parent(texts.parent).region(texts.region).code(texts.code)
    });
    let options = ResolveOptions { precision: 0.99, ..ResolveOptions::default() };
    for resolved in engine.resolve_all(records, 2, &options) {
        let resolution = resolved.resolution?;
        let id = resolution.matched().map_or("-", |hit| hit.org.id.as_str());
        let reasons: Vec<_> = resolution.reasons.iter().map(ToString::to_string).collect();
        println!("{}\t{}\t{id}\t{}", resolved.record.name, resolution.decision.name(), reasons.join("；"));
    }
    Ok(())
}
