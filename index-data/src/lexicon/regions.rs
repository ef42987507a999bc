//! Provinces, cities and counties, with what people say for them.

use super::table;

pub(super) const TABLE: &str = include_str!("../../lexicons/regions.tsv");

/// How large a region is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RegionLevel {
    /// A province, or a city of that rank.
    Province,
    /// A city with its counties.
    City,
    /// A county, or a district of a city.
    County,
}

/// One row of `regions.tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegionRow {
    /// The name with its end: 江西省.
    pub name: &'static str,
    /// What people say for it: 江西; `None` where one character would remain.
    pub short: Option<&'static str>,
    /// How large it is.
    pub level: RegionLevel,
    /// The province that it lies in; of a province its own name.
    pub province: &'static str,
}

/// All rows of `regions.tsv`.
///
/// ```
/// use index_data::lexicon::{RegionLevel, regions};
/// let yili = regions().find(|row| row.short == Some("伊犁")).unwrap();
/// assert_eq!((yili.level, yili.province), (RegionLevel::City, "新疆维吾尔自治区"));
/// ```
pub fn regions() -> impl Iterator<Item = RegionRow> {
    table::rows(TABLE).filter_map(|cells| {
        let [name, short, level, province] = cells[..] else { return None };
        let level = match level {
            "province" => RegionLevel::Province,
            "city" => RegionLevel::City,
            "county" => RegionLevel::County,
            _ => return None,
        };
        Some(RegionRow { name, short: Some(short).filter(|short| !short.is_empty()), level, province })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        assert_eq!(regions().count(), table::rows(TABLE).count());
        assert!(regions().all(|row| row.short.is_none_or(|short| row.name.starts_with(short))));
        let provinces: Vec<&str> =
            regions().filter(|row| row.level == RegionLevel::Province).map(|row| row.name).collect();
        assert!(regions().all(|row| provinces.contains(&row.province)));
        assert!(regions().all(|row| row.level != RegionLevel::Province || row.name == row.province));
    }
}
