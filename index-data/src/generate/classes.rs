//! The classes of a college or school: which years, majors and numbers, and how the house writes them.

use super::lists::{ClassStyle, Lists, Major};
use super::numerals;
use super::rng::{Purpose, Rng};
use super::template::Slot;
use super::tree::{Group, Segment, Tree, Unit};

/// The year in which the newest classes entered.
pub(crate) const NEWEST_YEAR: u32 = 2025;

/// How one college or school deals out and writes its classes.
#[derive(Debug, Clone)]
pub(crate) struct ClassHouse {
    style: &'static ClassStyle,
    /// The other style of a house that is not of one mind.
    second: Option<&'static ClassStyle>,
    /// Years of entry that still study, newest first; those behind have graduated.
    studying: u32,
    /// Years since the newest classes entered: middle schools begin with the second year.
    first_cohort: u32,
    majors: u32,
    /// Classes of one year and major.
    per_major: u32,
    seed: u64,
    row: u32,
}

/// One class: years since the newest classes entered, the place of its major, its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Class {
    pub(crate) cohort: u32,
    pub(crate) major: u32,
    pub(crate) number: u32,
    /// Number within the year: classes called by a code count on over the majors.
    pub(crate) in_year: u32,
}

impl ClassHouse {
    /// The house of a unit with classes.
    pub(crate) fn of(tree: &Tree, at: u32) -> Option<ClassHouse> {
        let unit = tree.unit(at)?;
        let classes = unit.leaves[Segment::Class as usize];
        if classes == 0 {
            return None;
        }
        let group = style_group(unit);
        // Four in five colleges write as their university does.
        let own = Rng::at(tree.seed, Purpose::House, u64::from(at)).permille(200);
        let house = if unit.group == Group::College && !own { unit.parent } else { at };
        let mut rng = Rng::at(tree.seed, Purpose::House, u64::from(house) << 3 | 1);
        let style = draw_style(tree, group, &mut rng)?;
        let mut rng = Rng::at(tree.seed, Purpose::House, u64::from(at) << 3 | 2);
        let second = if rng.permille(50) { draw_style(tree, group, &mut rng) } else { None };
        let by_grade = style.by_grade() || second.is_some_and(ClassStyle::by_grade);
        let (studying, graduated, first_cohort) = match (unit.group, unit.sort) {
            (Group::College, "college") => (4, 1, 0),
            (_, "junior") => (2, u32::from(!by_grade), 1),
            _ => (3, u32::from(!by_grade), 0),
        };
        let cohorts = studying + graduated;
        let most = if unit.group == Group::College || unit.sort == "vocational" {
            2 + rng.below(6) as u32
        } else {
            1
        };
        let majors = most.min(classes / cohorts).max(1);
        let per_major = classes.div_ceil(cohorts * majors);
        Some(ClassHouse {
            style,
            second,
            studying,
            first_cohort,
            majors,
            per_major,
            seed: tree.seed,
            row: unit.row,
        })
    }

    /// The class with this number among the unit's classes.
    pub(crate) fn class(&self, index: u32) -> Class {
        let in_year = index % (self.per_major * self.majors);
        Class {
            cohort: self.first_cohort + index / (self.per_major * self.majors),
            major: in_year / self.per_major,
            number: in_year % self.per_major + 1,
            in_year: in_year + 1,
        }
    }

    pub(crate) fn is_graduated(&self, index: u32) -> bool {
        index / (self.per_major * self.majors) >= self.studying
    }

    /// Whether classes carry the name of a major.
    pub(crate) fn has_majors(&self) -> bool {
        matches!(self.style.group, "college" | "vocational")
    }

    /// How many majors the unit has.
    pub(crate) fn major_count(&self) -> u32 {
        self.majors
    }

    /// Writes what the class is called.
    pub(crate) fn write(&self, index: u32, majors: &[&Major], out: &mut String) {
        self.class(index).write(self.style_of(index), majors, out);
    }

    /// The style that a class is written in.
    pub(crate) fn style_of(&self, index: u32) -> &'static ClassStyle {
        match self.second {
            Some(second) if Rng::at(self.seed, Purpose::House, u64::from(self.row + index)).permille(400) => {
                second
            }
            _ => self.style,
        }
    }

    /// The styles in which somebody from elsewhere may write a class of this house; none where its own style says
    /// other things.
    pub(crate) fn other_styles(&self, lists: &'static Lists, index: u32) -> Vec<&'static ClassStyle> {
        let own = self.style_of(index);
        let says = |style: &ClassStyle| (style.by_grade(), style.is_telling());
        let all = lists.class_styles.iter();
        all.filter(|style| own.is_telling() && style.group == own.group && says(style) == says(own)).collect()
    }
}

impl ClassStyle {
    /// Whether the name says year or grade and number, and nothing that only the house can read.
    pub(crate) fn is_telling(&self) -> bool {
        !self.name.has(Slot::Nnn) && !self.name.has_digits()
    }

    /// Whether classes are called by their grade: 高一, 八年级. These change every year and never graduate.
    pub(crate) fn by_grade(&self) -> bool {
        self.name.has(Slot::Grade) || self.name.has(Slot::GradeSeven)
    }
}

impl Class {
    pub(crate) fn year(self) -> u32 {
        NEWEST_YEAR.saturating_sub(self.cohort)
    }

    /// Writes the class in a style.
    pub(crate) fn write(self, style: &ClassStyle, majors: &[&Major], out: &mut String) {
        let major = majors.get(self.major as usize);
        style.name.render(out, |slot, out| self.fill(slot, major.copied(), out));
    }

    /// Writes one slot of a class name.
    pub(crate) fn fill(self, slot: Slot, major: Option<&Major>, out: &mut String) {
        let (year, n) = (self.year(), self.number);
        match slot {
            Slot::Year => push(out, format_args!("{year}")),
            Slot::ShortYear => push(out, format_args!("{:02}", year % 100)),
            Slot::N => push(out, format_args!("{n}")),
            Slot::Nn => push(out, format_args!("{n:02}")),
            Slot::Nnn => push(out, format_args!("{:03}", self.in_year)),
            Slot::Nhan => numerals::write_number(u64::from(n), out),
            Slot::Grade => numerals::write_number(u64::from(self.cohort) + 1, out),
            Slot::GradeSeven => numerals::write_number(u64::from(self.cohort) + 7, out),
            Slot::Major => out.push_str(major.map_or("", |major| major.name)),
            Slot::ShortMajor => {
                out.push_str(major.map_or("", |m| if m.short.is_empty() { m.name } else { m.short }));
            }
            _ => {}
        }
    }
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = std::fmt::Write::write_fmt(out, text);
}

fn style_group(unit: &Unit) -> &'static str {
    match (unit.group, unit.sort) {
        (Group::College, "college") => "college",
        (Group::College, _) | (_, "vocational") => "vocational",
        (_, "junior") => "junior",
        _ => "senior",
    }
}

fn draw_style(tree: &Tree, group: &str, rng: &mut Rng) -> Option<&'static ClassStyle> {
    let styles = &tree.lists.class_styles;
    rng.weighted(styles, |style| if style.group == group { style.weight } else { 0 })
}

/// The majors of a college or vocational school: those that share characters with its name, then widely taught ones.
pub(crate) fn majors(tree: &Tree, at: u32, count: u32) -> Vec<&'static Major> {
    let Some(unit) = tree.unit(at) else { return Vec::new() };
    let all = if style_group(unit) == "college" {
        &tree.lists.bachelor_majors
    } else {
        &tree.lists.vocational_majors
    };
    let mut rng = Rng::at(tree.seed, Purpose::Majors, u64::from(at));
    let name: Vec<char> = tree.text(unit.own).chars().filter(|char| !PLAIN.contains(*char)).collect();
    let mut near: Vec<(u32, u64, &'static Major)> = all
        .iter()
        .filter_map(|major| {
            let shared = name.iter().filter(|char| major.name.contains(**char)).count() as u32;
            (shared > 1).then(|| (shared * 4 + major.weight / 5, rng.next(), major))
        })
        .collect();
    near.sort_by_key(|(score, order, _)| (std::cmp::Reverse(*score), *order));
    let mut found: Vec<&'static Major> =
        near.into_iter().map(|(_, _, major)| major).take(count as usize).collect();
    let mut tries = 0;
    while found.len() < count as usize && tries < 200 {
        tries += 1;
        let Some(major) = rng.weighted(all, |major| major.weight) else { break };
        if !found.iter().any(|taken| taken.name == major.name) {
            found.push(major);
        }
    }
    found
}

/// Characters that say nothing about what a college teaches.
const PLAIN: &str = "学院系部与和及科技术工程中心书教研大文";
