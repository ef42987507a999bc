//! Whether an organization is where a record says: by the names above it, by its own name, and by its region.

use super::reason::Agreement;
use crate::index::records::Records;
use crate::text::regions::{region_len, without_region_end};
use crate::text::symbols::{Symbol, of_char};
use index_data::model::Ordinal;

/// Regions of a record that are compared: province, city, district, town.
const MAX_REGIONS: usize = 6;
/// Organizations of one name that may be the region meant.
const MAX_UNITS: usize = 16;

/// The regions that a text names one after another, each with its end: 江西省, 南昌市. A text that names none with its
/// end is one region.
pub(super) fn regions(text: &str) -> Vec<String> {
    let chars: Vec<char> = crate::normalize(text).chars().collect();
    let symbols: Vec<Symbol> = chars.iter().copied().map(of_char).collect();
    let mut regions = Vec::new();
    let mut start = 0;
    while start < symbols.len() && regions.len() < MAX_REGIONS {
        let len = first_region_len(&symbols[start..]).unwrap_or(symbols.len() - start);
        regions.push(chars[start..start + len].iter().collect());
        start += len;
    }
    regions
}

/// The regions with their ends that a name begins with: 江西省, 南昌市 of 江西省南昌市第一中学.
pub(super) fn regions_before_name(core: &str) -> Vec<String> {
    let symbols: Vec<Symbol> = core.chars().map(of_char).collect();
    let len = region_len(&symbols);
    if len == 0 { Vec::new() } else { regions(&core.chars().take(len).collect::<String>()) }
}

/// The symbols up to the first end of a region, if more follow or it is all.
fn first_region_len(symbols: &[Symbol]) -> Option<usize> {
    let is_end = |at: &usize| crate::text::regions::is_region_end(symbols[*at]);
    (2..symbols.len()).find(is_end).map(|at| at + 1)
}

/// Whether an organization lies in a region. It [`Agreement::Differs`] only where both its names and its path place it
/// elsewhere: an organization of a ministry sits in a city, but stands below no region.
pub(super) fn agreement(records: &Records, org: Ordinal, region: &str) -> (Agreement, String) {
    let bare = bare(region);
    let names = |org: Ordinal| records.normalized(org).contains(bare.as_str());
    let column = records.inherited_region(org).map(crate::normalize);
    let is_in_column =
        column.as_deref().is_some_and(|column| column.contains(&bare) || bare.contains(&self::bare(column)));
    if names(org) || is_in_column || records.ancestors(org).any(names) {
        return (Agreement::Agrees, region.to_owned());
    }
    if let Some(column) = column.filter(|_| is_province(records, &bare)) {
        return (Agreement::Differs, column);
    }
    match other_at_its_level(records, org, region) {
        Some(other) => (Agreement::Differs, records.core(other).to_owned()),
        None => (Agreement::Missing, String::new()),
    }
}

/// A region's name without its end.
fn bare(region: &str) -> String {
    let chars: Vec<char> = region.chars().collect();
    let symbols: Vec<Symbol> = chars.iter().copied().map(of_char).collect();
    chars[..without_region_end(&symbols).len()].iter().collect()
}

/// Whether the tree uses a text as the value of a region.
fn is_province(records: &Records, bare: &str) -> bool {
    let regions = &records.words().regions;
    regions.iter().any(|known| self::bare(&crate::normalize(known)).starts_with(bare))
}

/// The organization above, or itself, that stands where the region stands in its own branch of the tree.
fn other_at_its_level(records: &Records, org: Ordinal, region: &str) -> Option<Ordinal> {
    let units: Vec<Ordinal> = records.find_core(region).take(MAX_UNITS).collect();
    let path: Vec<Ordinal> = records.ancestors(org).collect();
    let end = region.chars().next_back()?;
    let depth = |unit: Ordinal| records.ancestors(unit).count();
    let at_depth = |depth: usize| path.len().checked_sub(depth + 1).and_then(|at| path.get(at)).copied();
    let is_region = |other: &Ordinal| records.core(*other).ends_with(end) && of_region_end(end);
    units.into_iter().filter_map(|unit| at_depth(depth(unit))).find(is_region)
}

fn of_region_end(end: char) -> bool {
    crate::text::regions::is_region_end(of_char(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_one_after_another_are_told_apart() {
        for (text, expected) in [
            ("江西省南昌市", vec!["江西省", "南昌市"]),
            ("江西", vec!["江西"]),
            ("广东省深圳", vec!["广东省", "深圳"]),
            ("", vec![]),
        ] {
            assert_eq!(regions(text), expected, "{text}");
        }
        assert_eq!(regions_before_name("江西省南昌市第一中学"), ["江西省", "南昌市"]);
        assert_eq!(regions_before_name("南昌一中"), [""; 0]);
    }
}
