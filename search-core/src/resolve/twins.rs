//! Classes that a record names just as well as the one that was found: of units of the same name elsewhere.

use super::compare::Comparison;
use crate::index::layers::Records;
use crate::text::symbols::{Number, Symbol};
use index_data::model::Ordinal;

/// Units of one name that are looked at.
const MAX_UNITS: usize = 256;
/// Classes of a unit that are looked at.
const MAX_CLASSES: usize = 2_000;

/// A class of the same name below another unit of the same name, where the record says nothing of what stands above
/// the unit: 环境学院2023级农学2班.
pub(super) fn twin_class(found: &Comparison, records: &Records) -> Option<Ordinal> {
    let org = found.ordinal();
    let unit = records.parent(org)?;
    let core = records.core(unit);
    if found.class.is_empty() || found.names_above_parent {
        return None;
    }
    let own = content(records, org);
    let key = records.rank_row(org).class;
    let is_twin =
        |class: &Ordinal| records.rank_row(*class).class == key && says_same(&content(records, *class), &own);
    let units = records.find_core(core).filter(|&other| other != unit).take(MAX_UNITS);
    units.filter_map(|unit| records.hierarchy().children(unit).take(MAX_CLASSES).find(is_twin)).next()
}

/// What the name of a class says besides its numbers, each symbol once.
fn content(records: &Records, class: Ordinal) -> Vec<Symbol> {
    let mut symbols: Vec<Symbol> =
        records.view_symbols(class).filter(|&symbol| Number::of(symbol).is_none()).collect();
    symbols.sort_unstable();
    symbols.dedup();
    symbols
}

/// Whether one of two says what the other does, and hardly more: 数学 and 数学专业.
fn says_same(a: &[Symbol], b: &[Symbol]) -> bool {
    const MORE: usize = 2;
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    long.len() - short.len() <= MORE && short.iter().all(|symbol| long.contains(symbol))
}
