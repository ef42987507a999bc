//! The administrative divisions, from provinces to villages.

use super::records::{records, unpack};
use crate::model::HomeSystem;
use std::ops::Range;

/// A province with its cities.
#[derive(Debug)]
pub(crate) struct Province {
    pub(crate) name: &'static str,
    pub(crate) system: HomeSystem,
    pub(crate) cities: Range<usize>,
    /// Its place in the order in which small trees take provinces.
    pub(crate) priority: usize,
    pub(crate) streets: u64,
}

/// A city; the nameless one holds the counties directly below a province.
#[derive(Debug)]
pub(crate) struct City {
    pub(crate) name: &'static str,
    pub(crate) counties: Range<usize>,
    pub(crate) streets: u64,
}

/// A county or district.
#[derive(Debug)]
pub(crate) struct County {
    pub(crate) name: &'static str,
    pub(crate) former: &'static str,
    pub(crate) streets: Range<usize>,
}

/// A street or town with its villages, still packed in one line.
#[derive(Debug)]
pub(crate) struct Street {
    pub(crate) name: &'static str,
    pub(crate) villages: &'static str,
    pub(crate) count: u32,
}

/// All divisions, each kind in the order of those above it.
#[derive(Default)]
pub(super) struct Divisions {
    pub(super) provinces: Vec<Province>,
    pub(super) cities: Vec<City>,
    pub(super) counties: Vec<County>,
    pub(super) streets: Vec<Street>,
}

impl Divisions {
    pub(super) fn read() -> Divisions {
        let mut found = Divisions::default();
        let mut systems: Vec<_> = Vec::new();
        for c in records(include_str!("../../../lists/provinces.tsv")) {
            systems.push((c[0], HomeSystem::parse(c[1])));
        }
        let text = unpack(include_bytes!("../../../lists/divisions.tsv.gz"));
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            found.take(line, &systems);
        }
        found
    }

    fn take(&mut self, line: &'static str, systems: &[(&'static str, HomeSystem)]) {
        if let Some(name) = line.strip_prefix('P') {
            let priority = systems.iter().position(|(known, _)| *known == name);
            let system = priority.and_then(|at| systems.get(at)).map_or(HomeSystem::Zhtj, |(_, s)| s.clone());
            let cities = self.cities.len()..self.cities.len();
            let priority = priority.unwrap_or(systems.len());
            self.provinces.push(Province { name, system, cities, priority, streets: 0 });
        } else if let Some(name) = line.strip_prefix('C') {
            let counties = self.counties.len()..self.counties.len();
            self.cities.push(City { name, counties, streets: 0 });
            if let Some(province) = self.provinces.last_mut() {
                province.cities.end = self.cities.len();
            }
        } else if let Some(rest) = line.strip_prefix('A') {
            let (name, former) = rest.split_once('\t').unwrap_or((rest, ""));
            let streets = self.streets.len()..self.streets.len();
            self.counties.push(County { name, former, streets });
            if let Some(city) = self.cities.last_mut() {
                city.counties.end = self.counties.len();
            }
        } else {
            let (name, villages) = line.split_once('\t').unwrap_or((line, ""));
            let count = if villages.is_empty() { 0 } else { villages.split('\t').count() as u32 };
            self.streets.push(Street { name, villages, count });
            self.count_street();
        }
    }

    fn count_street(&mut self) {
        if let Some(county) = self.counties.last_mut() {
            county.streets.end = self.streets.len();
        }
        if let Some(city) = self.cities.last_mut() {
            city.streets += 1;
        }
        if let Some(province) = self.provinces.last_mut() {
            province.streets += 1;
        }
    }
}
