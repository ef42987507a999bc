//! Universities, schools and public bodies, each below its place.

use super::Builder;
use crate::generate::facts;
use crate::generate::lists::Pattern;
use crate::generate::numerals;
use crate::generate::place_stem::place_stem;
use crate::generate::quotas;
use crate::generate::template::{Slot, Template};
use crate::generate::tree::{Group, Segment, Standing, Tree};
use crate::model::HomeSystem;

impl Builder {
    pub(super) fn university(&mut self, above: u32, at: usize) {
        let lists = self.lists;
        let university = &lists.universities[at];
        let sort = if university.bachelor { "college" } else { "vocational" };
        let unit = self.push(above, Group::University, university.name, sort);
        let mut rng = self.rng(unit, 1);
        // Some units that sit in Beijing keep their members in the national system; the first of the list never does.
        if self.tree.units[unit as usize].home_system() == &HomeSystem::Beijing && at > 0 && rng.permille(120)
        {
            self.edit(unit, |unit| unit.system = 0);
        }
        let mut colleges: Vec<&'static str> = university.colleges.clone();
        if colleges.len() < 4 {
            let wanted = if university.bachelor { 7 + rng.below(10) } else { 4 + rng.below(7) };
            for _ in 0..wanted {
                if let Some(word) = rng.weighted(&lists.colleges_common, |word| word.weight)
                    && !colleges.contains(&word.text)
                {
                    colleges.push(word.text);
                }
            }
        }
        // If not all colleges fit, take them evenly from the list.
        let most = self.shape.colleges.min(colleges.len() as u64);
        let mut last = None;
        for at in quotas::spread(colleges.len(), most) {
            let college = self.push(unit, Group::College, colleges[at], sort);
            last = self.standing(college, last, 8);
        }
    }

    /// Closes or merges a few units; gives the unit the next one may be merged into.
    fn standing(&mut self, at: u32, last: Option<u32>, permille: u64) -> Option<u32> {
        let mut rng = self.rng(at, 2);
        if !rng.permille(permille) {
            return Some(at);
        }
        let standing = match last {
            Some(into) if rng.permille(750) => Standing::Merged(into),
            _ => Standing::Closed,
        };
        self.edit(at, |unit| unit.standing = standing);
        last
    }

    /// Adds the listed schools of a county. Gives whether the list has any.
    pub(super) fn listed_schools(&mut self, unit: u32, province: &str, county: &str, density: u64) -> bool {
        if !province.starts_with("北京") {
            return false;
        }
        let lists = self.lists;
        let listed: Vec<_> = lists.schools.iter().filter(|school| school.county == county).collect();
        let taken = (listed.len() as u64 * density).div_ceil(1000);
        let mut last = None;
        for at in quotas::spread(listed.len(), taken) {
            let school = listed[at];
            let added = self.school(unit, school.name, school.stage);
            let alias = self.tree.intern(school.alias);
            self.edit(added, |unit| unit.alias = alias);
            last = self.standing(added, last, 9);
        }
        !listed.is_empty()
    }

    fn school(&mut self, above: u32, name: &str, stage: &'static str) -> u32 {
        self.names_taken.insert(name.to_owned());
        self.push(above, Group::School, name, stage)
    }

    /// Schools by pattern of a county.
    pub(super) fn schools(&mut self, unit: u32, owner: &str, density: u64) {
        let lists = self.lists;
        let place = OwnedPlace::of(&self.tree, unit, "");
        let mut last = None;
        for (nth, pattern) in lists.school_patterns.iter().enumerate().filter(|(_, p)| p.owner == owner) {
            let mut rng = self.rng(unit, 16 + nth as u64);
            for number in 1..=pattern.most.max(1) {
                // The first school of a place always stands; each further one is less likely.
                let share = pattern.permille * density / 1000 / if number > 2 { number - 1 } else { 1 };
                let is_first = nth == 0 && number == 1;
                if !is_first && !rng.permille(share) {
                    continue;
                }
                let number = if owner == "county" { number } else { self.next_school_number(pattern) };
                last = self.pattern_school(unit, pattern, &place, number, last);
            }
        }
    }

    fn next_school_number(&mut self, pattern: &Pattern) -> u64 {
        if pattern.name.has(Slot::Number) {
            self.school_number += 1;
        }
        self.school_number.saturating_sub(1).max(1)
    }

    pub(super) fn street_schools(&mut self, county: u32, street: &'static str) {
        let lists = self.lists;
        let place = OwnedPlace::of(&self.tree, county, street);
        let mut rng = self.rng(county, facts::text_tag(street));
        for pattern in lists.school_patterns.iter().filter(|pattern| pattern.owner == "street") {
            if rng.permille(pattern.permille) {
                self.pattern_school(county, pattern, &place, 1, None);
                return; // one school of its own is what a street has
            }
        }
    }

    fn pattern_school(
        &mut self,
        above: u32,
        pattern: &Pattern,
        place: &OwnedPlace,
        number: u64,
        last: Option<u32>,
    ) -> Option<u32> {
        let name = place.render(&pattern.name, number);
        if self.names_taken.contains(&name) {
            return last;
        }
        let school = self.school(above, &name, pattern.sort);
        self.give_former(school, pattern, place, number, 160);
        self.standing(school, last, 7)
    }

    fn give_former(&mut self, unit: u32, pattern: &Pattern, place: &OwnedPlace, number: u64, permille: u64) {
        if let Some(former) = &pattern.former
            && self.rng(unit, 3).permille(permille)
        {
            let former = place.render(former, number);
            let former = self.tree.intern(&former);
            self.edit(unit, |unit| unit.former = former);
        }
    }

    /// Public bodies by pattern.
    pub(super) fn bodies(&mut self, unit: u32, owner: &str, density: u64) {
        let lists = self.lists;
        let place = OwnedPlace::of(&self.tree, unit, "");
        for (nth, pattern) in lists.body_patterns.iter().enumerate().filter(|(_, p)| p.owner == owner) {
            let mut rng = self.rng(unit, 256 + nth as u64);
            let most = if pattern.name.has(Slot::Number) { 1 + rng.below(5) } else { 1 };
            for number in 1..=most {
                if !rng.permille(pattern.permille * density / 1000) {
                    continue;
                }
                let name = place.render(&pattern.name, number);
                if let Some(body) = self.body(unit, &name, pattern.sort, pattern.most) {
                    self.give_former(body, pattern, &place, number, 250);
                }
            }
        }
    }

    /// Bodies and schools that a list names.
    pub(super) fn named(
        &mut self,
        unit: u32,
        place: (&'static str, &'static str, &'static str),
        density: u64,
    ) {
        let lists = self.lists;
        let Some(found) = self.named_bodies.get(&place).cloned() else { return };
        for at in found {
            let body = &lists.bodies[at];
            if !self.rng(unit, 512 + at as u64 % 4096).permille(density) {
                continue;
            }
            if self.names_taken.contains(body.name) {
                continue;
            }
            if body.sort == "school" {
                self.school(unit, body.name, "senior");
                continue;
            }
            let (sort, most) = match body.sort {
                "hospital" => ("hospital", 12),
                "institute" => ("institute", 5),
                "company" => ("company", 6),
                "police" => ("police", 6),
                _ => ("bureau", 3),
            };
            self.body(unit, body.name, sort, most);
        }
    }

    fn body(&mut self, above: u32, name: &str, sort: &'static str, most: u64) -> Option<u32> {
        if !self.names_taken.insert(name.to_owned()) {
            return None;
        }
        let unit = self.push(above, Group::Body, name, sort);
        let mut rng = self.rng(unit, 4);
        let parts = rng.below(most + 1) as u32;
        // A body is not divided into a single department.
        let parts = if parts == 1 { 0 } else { parts };
        let is_national = rng.permille(40);
        self.edit(unit, |unit| {
            unit.leaves[Segment::Department as usize] = parts;
            if is_national && unit.home_system() == &HomeSystem::Beijing {
                unit.system = 0;
            }
        });
        Some(unit)
    }
}

/// A place as the patterns of schools and bodies name it.
struct OwnedPlace {
    province: String,
    city: String,
    county: String,
    street: String,
}

impl OwnedPlace {
    fn of(tree: &Tree, unit: u32, street: &str) -> OwnedPlace {
        let place = tree.place(unit);
        // A municipality is its own city; a city without districts its own county.
        let city = if place.city.is_empty() && place.province.ends_with('市') {
            place.province
        } else {
            place.city
        };
        let city = if city.is_empty() && place.county.is_empty() { place.province } else { city };
        let county = if place.county.is_empty() { city } else { place.county };
        OwnedPlace {
            province: place.province.to_owned(),
            city: city.to_owned(),
            county: county.to_owned(),
            street: street.to_owned(),
        }
    }

    fn render(&self, template: &Template, number: u64) -> String {
        let mut name = String::new();
        template.render(&mut name, |slot, out| match slot {
            Slot::Province => out.push_str(&self.province),
            Slot::City if self.city == self.county && template.has(Slot::County) => {}
            Slot::City => out.push_str(&self.city),
            Slot::Street => out.push_str(&self.street),
            Slot::Stem => out.push_str(place_stem(&self.street)),
            Slot::StemCounty => out.push_str(place_stem(&self.county)),
            Slot::Number => numerals::write_number(number, out),
            _ => out.push_str(&self.county),
        });
        name
    }
}
