//! The national lines: their units and the branches of these.

use super::{Builder, in_scope};
use crate::generate::facts;
use crate::generate::lists::BranchPattern;
use crate::generate::place_stem::place_stem;
use crate::generate::quotas;
use crate::generate::rng::{Purpose, Rng};
use crate::generate::template::Slot;
use crate::generate::tree::{Group, NO_REGION, Segment};

impl Builder {
    /// The national lines outside the provinces.
    pub(super) fn lines(&mut self, centre: u32) {
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
            // If a region is given, it is that of the unit's seat, not of the line.
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
