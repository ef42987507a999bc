//! Builds the planned tree from the lists: which places, schools and bodies there are, and how many leaves each gets.

mod finish;
mod institutions;
mod lines;

use super::facts;
use super::lists::Lists;
use super::options::{GenerateOptions, Scope};
use super::quotas::{self, Shape};
use super::rng::{Purpose, Rng};
use super::tree::{Group, NO_REGION, NO_UNIT, Segment, Standing, Tree, Unit};
use crate::model::HomeSystem;
use finish::finish;
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
    /// Bodies and schools of the lists by place. Never iterated, as the order of a hash map is random.
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
        // A city without districts has one county of the same name; both are one unit.
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
}
