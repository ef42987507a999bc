//! Embeds the engine: five organizations, one search, the reasons.
//!
//! Run with `cargo run -p search-core --example embed`.

use index_data::load::SourceRow;
use index_data::validate::validate_rows;
use search_core::{Engine, SearchRequest};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let row = |id: &str, name: &str, parent: &str| SourceRow {
        id: id.into(),
        name: name.into(),
        parent_id: parent.into(),
        ..SourceRow::default()
    };
    let checked = validate_rows([
        row("1", "中国共产主义青年团北京市委员会", ""),
        row("2", "中国共产主义青年团北京大学委员会", "1"),
        row("3", "中国共产主义青年团北京大学软件与微电子学院委员会", "2"),
        row("4", "2024级软件工程1班团支部", "3"),
        row("5", "2024级软件工程11班团支部", "3"),
    ]);
    let engine = Engine::in_memory(checked.tree.ok_or("the rows hold errors")?)?;

    let answer = engine.search(&SearchRequest::new("北京大学 软件工程1班").explain())?;
    for hit in &answer.hits {
        println!("{:.2}  {}  ({})", hit.score, hit.org.display, hit.match_reason.name());
        for feature in hit.explanation.iter().flat_map(|explanation| &explanation.features) {
            println!("      {:<9} {:.2} x {}", feature.name, feature.value, feature.weight);
        }
    }
    assert_eq!(answer.hits[0].org.id, "4");
    Ok(())
}
