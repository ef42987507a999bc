//! Builds the planned tree from the lists: which places, schools and bodies there are, and how many leaves each gets.

use super::facts;
use super::lists::{BranchPattern, Lists, Pattern};
use super::numerals;
use super::options::{GenerateOptions, Scope};
use super::place_stem::place_stem;
use super::quotas::{self, Shape};
use super::rng::{Purpose, Rng};
use super::template::{Slot, Template};
use super::tree::{Group, NO_REGION, NO_UNIT, Segment, Standing, Tree, Unit};
use crate::model::HomeSystem;
use std::collections::{HashMap, HashSet};

/// Plans the tree that `options` ask for. The plan may hold more rows than asked for only when even the smallest
/// sensible tree does; its rows are then cut off at the end, and parents stand before children.
pub(crate) fn plan(options: &GenerateOptions) -> Tree {
    let lists = Lists::get();
    let (streets, universities) = totals(lists, options.scope);
    let mut shape = Shape::first(options.scope, options.orgs, streets, universities);
    loop {
        let tree = Builder::new(lists, options, shape).build();
        let rows: u64 = tree.units.iter().map(|unit| 1 + unit.leaf_rows()).sum();
        let left = options.orgs.saturating_sub(rows + options.orgs * quotas::COMPANIES_PERMILLE / 1000);
        let smaller = shape.smaller(streets, universities);
        match smaller {
            Some(smaller) if left < options.orgs * shape.classes_at_least_permille() / 1000 => {
                shape = smaller;
            }
            _ => return finish(tree, options.orgs, rows),
        }
    }
}

/// Streets and universities that the scope can have at most.
fn totals(lists: &Lists, scope: Scope) -> (u64, u64) {
    let inside = |at: usize| in_scope(lists, scope, at);
    let provinces = lists.provinces.iter().enumerate().filter(|(at, _)| inside(*at));
    let streets = provinces.map(|(_, province)| province.streets).sum();
    let universities = lists.universities.iter().filter(|university| inside(university.province)).count();
    (streets, universities as u64)
}

fn in_scope(lists: &Lists, scope: Scope, province: usize) -> bool {
    match scope {
        Scope::National => true,
        Scope::Beijing => lists.provinces.get(province).is_some_and(|p| p.system == HomeSystem::Beijing),
    }
}

struct Builder {
    lists: &'static Lists,
    shape: Shape,
    tree: Tree,
    /// Bodies and schools of the lists by place; looked up only, never walked.
    named_bodies: HashMap<(&'static str, &'static str, &'static str), Vec<usize>>,
    names_taken: HashSet<String>,
    /// The next number of the schools of the current city.
    school_number: u64,
}

impl Builder {
    fn new(lists: &'static Lists, options: &GenerateOptions, shape: Shape) -> Builder {
        let mut named_bodies: HashMap<_, Vec<usize>> = HashMap::new();
        for (at, body) in lists.bodies.iter().enumerate() {
            named_bodies.entry((body.province, body.city, body.county)).or_default().push(at);
        }
        let tree = Tree::new(lists, options.seed);
        Builder { lists, shape, tree, named_bodies, names_taken: HashSet::new(), school_number: 0 }
    }

    fn build(mut self) -> Tree {
        let centre = self.push(NO_UNIT, Group::Centre, "", "");
        let mut order: Vec<usize> = (0..self.lists.provinces.len())
            .filter(|at| in_scope(self.lists, self.shape.scope, *at))
            .collect();
        order.sort_by_key(|at| self.lists.provinces[*at].priority);
        order.truncate(self.shape.provinces);
        let streets: Vec<u64> = order.iter().map(|at| self.lists.provinces[*at].streets).collect();
        let streets = quotas::apportion(self.shape.streets.min(streets.iter().sum()), &streets);
        let universities: Vec<Vec<usize>> = order.iter().map(|at| self.universities_of(*at)).collect();
        let counts: Vec<u64> = universities.iter().map(|found| found.len() as u64).collect();
        let counts = quotas::apportion(self.shape.universities.min(counts.iter().sum()), &counts);
        for (nth, province) in order.into_iter().enumerate() {
            let listed = &universities[nth];
            let taken = quotas::spread(listed.len(), counts[nth]).map(|at| listed[at]).collect();
            self.province(centre, province, streets[nth], taken);
        }
        self.lines(centre);
        self.tree
    }

    fn universities_of(&self, province: usize) -> Vec<usize> {
        let all = self.lists.universities.iter().enumerate();
        all.filter(|(_, university)| university.province == province).map(|(at, _)| at).collect()
    }

    fn push(&mut self, parent: u32, group: Group, own: &str, sort: &'static str) -> u32 {
        let at = self.tree.units.len() as u32;
        let above = self.tree.unit(parent).map(|unit| (unit.system, unit.region));
        let (system, region) = above.unwrap_or((0, NO_REGION));
        let own = self.tree.intern(own);
        let mut unit = Unit {
            parent,
            group,
            own,
            former: Default::default(),
            alias: Default::default(),
            sort,
            list: 0,
            leaves: [0; 5],
            row: 0,
            members: 0,
            system,
            region,
            standing: Standing::Active,
            alone: false,
        };
        unit.leaves[Segment::Fixed as usize] = facts::fixed_count(&self.tree, at, group);
        self.tree.units.push(unit);
        at
    }

    fn edit(&mut self, at: u32, change: impl FnOnce(&mut Unit)) {
        if let Some(unit) = self.tree.units.get_mut(at as usize) {
            change(unit);
        }
    }

    fn rng(&self, at: u32, tag: u64) -> Rng {
        Rng::at(self.tree.seed, Purpose::Units, u64::from(at) << 16 | tag)
    }

    fn province(&mut self, centre: u32, at: usize, streets: u64, universities: Vec<usize>) {
        let lists = self.lists;
        let province = &lists.provinces[at];
        let unit = self.push(centre, Group::Province, province.name, "");
        let system = HomeSystem::KNOWN.iter().position(|known| *known == province.system).unwrap_or(0);
        self.edit(unit, |unit| {
            unit.system = system as u8;
            unit.region = at as u8;
        });
        let density = streets * 1000 / province.streets.max(1);
        self.bodies(unit, "province", density);
        self.named(unit, (province.name, "", ""), density);
        let cities = &lists.cities[province.cities.clone()];
        let is_municipality = cities.iter().all(|city| city.name.is_empty());
        if is_municipality {
            self.bodies(unit, "city", density);
        }
        let weights: Vec<u64> = cities.iter().map(|city| city.streets).collect();
        let shares = quotas::concentrate(streets, &weights, quotas::STREETS_A_CITY);
        let is_taken =
            |name: &str| cities.iter().zip(&shares).any(|(city, share)| city.name == name && *share > 0);
        let (below, direct): (Vec<usize>, Vec<usize>) = universities.into_iter().partition(|at| {
            let university = &lists.universities[*at];
            university.below_city && is_taken(university.city)
        });
        for at in direct {
            self.university(unit, at);
        }
        for (nth, share) in shares.iter().enumerate().filter(|(_, share)| **share > 0) {
            let city = province.cities.start + nth;
            let own: Vec<usize> = below
                .iter()
                .copied()
                .filter(|at| lists.universities[*at].city == lists.cities[city].name)
                .collect();
            self.city(unit, province.name, city, *share, own);
        }
    }

    fn city(
        &mut self,
        province_unit: u32,
        province: &'static str,
        at: usize,
        streets: u64,
        universities: Vec<usize>,
    ) {
        let lists = self.lists;
        let city = &lists.cities[at];
        let unit = if city.name.is_empty() {
            province_unit
        } else {
            let unit = self.push(province_unit, Group::City, city.name, "");
            let density = streets * 1000 / city.streets.max(1);
            self.bodies(unit, "city", density);
            self.named(unit, (province, city.name, ""), density);
            unit
        };
        for at in universities {
            self.university(unit, at);
        }
        self.school_number = 1;
        let counties = &lists.counties[city.counties.clone()];
        let weights: Vec<u64> = counties.iter().map(|county| county.streets.len() as u64).collect();
        let shares = quotas::concentrate(streets, &weights, quotas::STREETS_A_COUNTY);
        for (nth, share) in shares.iter().enumerate().filter(|(_, share)| **share > 0) {
            self.county(unit, (province, city.name), city.counties.start + nth, *share);
        }
    }

    fn county(
        &mut self,
        above: u32,
        (province, city): (&'static str, &'static str),
        at: usize,
        streets: u64,
    ) {
        let lists = self.lists;
        let county = &lists.counties[at];
        // Cities without districts have one county of their own name: one unit is enough.
        let unit = if county.name == city { above } else { self.push(above, Group::County, county.name, "") };
        let former = self.tree.intern(county.former);
        if unit != above {
            self.edit(unit, |unit| unit.former = former);
        }
        let density = streets * 1000 / (county.streets.len() as u64).max(1);
        self.bodies(unit, "county", density);
        self.named(unit, (province, city, county.name), density);
        let is_listed = self.listed_schools(unit, province, county.name, density);
        if !is_listed {
            let is_district = county.name.ends_with('区') && (!city.is_empty() || province.ends_with('市'));
            self.schools(unit, if is_district { "city_district" } else { "county" }, density);
        }
        let taken: Vec<usize> =
            quotas::spread(county.streets.len(), streets).map(|nth| county.streets.start + nth).collect();
        if !is_listed {
            for street in &taken {
                self.street_schools(unit, lists.streets[*street].name);
            }
        }
        for street in taken {
            self.street(unit, street);
        }
    }

    fn street(&mut self, county: u32, at: usize) {
        let street = &self.lists.streets[at];
        let group = match street.name {
            name if name.ends_with("街道") || name.ends_with("地区") || name.ends_with("办事处") => {
                Group::Street
            }
            name if name.ends_with('镇') || name.ends_with('乡') => Group::Town,
            name if name.ends_with('区') || name.ends_with("农场") || name.ends_with("林场") => {
                Group::Zone
            }
            _ => Group::Town,
        };
        let unit = self.push(county, group, street.name, "");
        self.edit(unit, |unit| {
            unit.list = at as u32;
            unit.leaves[Segment::Village as usize] = street.count;
        });
    }

    fn university(&mut self, above: u32, at: usize) {
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
        // A cut list keeps a spread of its colleges.
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

    /// The real schools of a county; whether it has any.
    fn listed_schools(&mut self, unit: u32, province: &str, county: &str, density: u64) -> bool {
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
    fn schools(&mut self, unit: u32, owner: &str, density: u64) {
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

    fn street_schools(&mut self, county: u32, street: &'static str) {
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
    fn bodies(&mut self, unit: u32, owner: &str, density: u64) {
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
    fn named(&mut self, unit: u32, place: (&'static str, &'static str, &'static str), density: u64) {
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
        // One part alone is no part.
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

    /// The national lines outside the provinces.
    fn lines(&mut self, centre: u32) {
        let lists = self.lists;
        let mut line = centre;
        let (mut lines, mut nth) = (0, 0);
        for entry in &lists.lines {
            if entry.level == 1 {
                lines += 1;
                if lines > self.shape.lines {
                    return;
                }
                let group = if entry.sort == "line_work" { Group::LineWork } else { Group::LineCommittee };
                line = self.push(centre, group, entry.name, "");
                nth = 0;
                continue;
            }
            let Some(seat) = lists.province(entry.province) else { continue };
            if !in_scope(lists, self.shape.scope, seat) {
                continue;
            }
            // The first unit of each line is always there.
            nth += 1;
            let share = self.shape.line_share;
            if nth > 1
                && Rng::at(self.tree.seed, Purpose::Units, facts::text_tag(entry.name)).below(quotas::WHOLE)
                    >= share
            {
                continue;
            }
            let unit = self.push(line, Group::LineUnit, entry.name, entry.sort);
            // Where the form tells a province, it is the one of the seat, never of the line.
            if self.rng(unit, 5).permille(550) {
                self.edit(unit, |unit| unit.region = seat as u8);
            }
            self.departments(unit, 9);
            for pattern in lists.branch_patterns.iter().filter(|pattern| pattern.list == entry.branches) {
                self.line_branches(unit, pattern, entry.provinces);
            }
        }
    }

    fn line_branches(&mut self, unit: u32, pattern: &'static BranchPattern, provinces: &str) {
        let lists = self.lists;
        for (at, province) in lists.provinces.iter().enumerate() {
            let is_here = provinces == "*" || provinces.split('|').any(|name| name == province.name);
            if !is_here || !in_scope(lists, self.shape.scope, at) {
                continue;
            }
            let cities = lists.cities[province.cities.clone()].iter().map(|city| city.name);
            let cities: Vec<&str> = cities.filter(|name| !name.is_empty() && pattern.by_city).collect();
            let places = if cities.is_empty() { vec![province.name] } else { cities };
            for place in places {
                self.line_branch(unit, pattern, at, place);
            }
        }
    }

    fn line_branch(&mut self, above: u32, pattern: &'static BranchPattern, province: usize, place: &str) {
        let mut rng =
            Rng::at(self.tree.seed, Purpose::Units, facts::text_tag(place) ^ u64::from(above) << 20);
        if rng.below(quotas::WHOLE) >= self.shape.line_share {
            return;
        }
        let mut name = String::new();
        pattern.name.render(&mut name, |slot, out| match slot {
            Slot::Stem => out.push_str(place_stem(place)),
            _ => out.push_str(place),
        });
        let key = format!("{above} {name}");
        if !self.names_taken.insert(key) {
            return;
        }
        let unit = self.push(above, Group::LineSub, &name, pattern.sort);
        let is_told = rng.permille(550);
        self.edit(unit, |unit| {
            unit.alone = pattern.alone;
            unit.region = if is_told { province as u8 } else { NO_REGION };
        });
        self.departments(unit, pattern.most);
    }

    fn departments(&mut self, unit: u32, most: u64) {
        let parts = self.rng(unit, 4).below(most.min(self.shape.streets) + 1) as u32;
        self.edit(unit, |unit| {
            unit.leaves[Segment::Department as usize] = if parts == 1 { 0 } else { parts }
        });
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

/// Gives classes and companies what is left, then numbers the rows and adds up the members.
fn finish(mut tree: Tree, orgs: u64, planned: u64) -> Tree {
    let left = orgs.saturating_sub(planned);
    let class_weights: Vec<u64> =
        (0..tree.units.len()).map(|at| facts::class_weight(&tree, at as u32)).collect();
    let company_weights: Vec<u64> = tree.units.iter().map(company_weight).collect();
    let has_classes = class_weights.iter().any(|weight| *weight > 0);
    let companies = if has_classes { left.min(orgs * quotas::COMPANIES_PERMILLE / 1000) } else { left };
    let classes = quotas::apportion(left - companies, &class_weights);
    let companies = quotas::apportion(companies, &company_weights);
    for ((unit, classes), companies) in tree.units.iter_mut().zip(classes).zip(companies) {
        unit.leaves[Segment::Class as usize] = classes as u32;
        unit.leaves[Segment::Company as usize] = companies as u32;
    }
    let mut row = 0;
    for unit in &mut tree.units {
        unit.row = row;
        row += 1 + unit.leaf_rows() as u32;
    }
    tree.rows = orgs.min(u64::from(row));
    count_members(&mut tree);
    tree
}

fn company_weight(unit: &Unit) -> u64 {
    match unit.group {
        Group::Centre => 0,
        Group::City => 20,
        Group::County => 40,
        Group::Street => 9,
        Group::Town => 4,
        Group::Zone => 14,
        _ => 0,
    }
}

fn count_members(tree: &mut Tree) {
    for at in (0..tree.units.len() as u32).rev() {
        let own = facts::leaf_members(tree, at);
        let Some(unit) = tree.units.get_mut(at as usize) else { continue };
        unit.members = unit.members.saturating_add(own);
        let (above, sum) = (unit.parent, unit.members);
        if let Some(above) = tree.units.get_mut(above as usize) {
            above.members = above.members.saturating_add(sum);
        }
    }
}
