//! The planned tree: every unit (all that can stand above something), and how many leaves of which sort hang below.
//!
//! Units stand in pre-order, and the rows of a tree follow them: a unit, its leaves, then the units below it. So a row's
//! number is known without a walk, and any row can be made on its own.

use super::lists::Lists;
use crate::model::{HomeSystem, OrgStatus};

/// What a unit is. Decides its house styles, its fixed branches and what hangs below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Group {
    Centre,
    Province,
    City,
    County,
    Street,
    Town,
    Zone,
    University,
    College,
    School,
    Body,
    LineCommittee,
    LineWork,
    LineUnit,
    LineSub,
}

impl Group {
    /// The group of styles its name is written in.
    pub(crate) fn style_group(self) -> &'static str {
        match self {
            Group::Centre => "centre",
            Group::Province => "province",
            Group::City => "city",
            Group::County => "county",
            Group::Street => "street",
            Group::Town => "town",
            Group::Zone => "zone",
            Group::University => "university",
            Group::College => "college",
            Group::School => "school",
            Group::Body => "body",
            Group::LineCommittee => "line_committee",
            Group::LineWork => "line_work",
            Group::LineUnit => "line_unit",
            Group::LineSub => "line_sub",
        }
    }

    /// The owner group of its fixed branches.
    pub(crate) fn owner(self) -> &'static str {
        match self {
            Group::Street | Group::Town | Group::Zone => "street",
            other => other.style_group(),
        }
    }

    /// Whether its name is part of the names below it: a university's is, a county's is not.
    pub(crate) fn is_institution(self) -> bool {
        matches!(
            self,
            Group::University
                | Group::College
                | Group::School
                | Group::Body
                | Group::LineUnit
                | Group::LineSub
        )
    }
}

/// The leaves of a unit, in the order of their rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Segment {
    /// Branches of fixed name.
    Fixed = 0,
    /// Villages and communities from the list.
    Village,
    /// Classes of a college or school.
    Class,
    /// Parts of a body.
    Department,
    /// Companies.
    Company,
}

impl Segment {
    pub(crate) const ALL: [Segment; 5] =
        [Segment::Fixed, Segment::Village, Segment::Class, Segment::Department, Segment::Company];
}

/// Text in the tree's arena.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Text {
    start: u32,
    len: u32,
}

/// What became of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Active,
    Closed,
    /// Merged into another unit.
    Merged(u32),
}

impl Standing {
    pub(crate) fn status(self) -> OrgStatus {
        match self {
            Standing::Active => OrgStatus::Active,
            Standing::Closed => OrgStatus::Closed,
            Standing::Merged(_) => OrgStatus::Merged,
        }
    }
}

/// No unit above: only the centre.
pub(crate) const NO_UNIT: u32 = u32::MAX;
/// No province: the centre and the national lines.
pub(crate) const NO_REGION: u8 = u8::MAX;

/// One unit of the plan.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unit {
    pub(crate) parent: u32,
    pub(crate) group: Group,
    pub(crate) own: Text,
    /// Earlier own names, `|` between.
    pub(crate) former: Text,
    /// Other names from a list.
    pub(crate) alias: Text,
    /// Stage of a school, level of a college, department list of a body.
    pub(crate) sort: &'static str,
    /// Street: its place in the list.
    pub(crate) list: u32,
    pub(crate) leaves: [u32; 5],
    /// Number of its row.
    pub(crate) row: u32,
    /// Members of the whole subtree.
    pub(crate) members: u32,
    /// Place in [`HomeSystem::KNOWN`].
    pub(crate) system: u8,
    /// Place in [`Lists::provinces`], or [`NO_REGION`].
    pub(crate) region: u8,
    pub(crate) standing: Standing,
    /// A line's branch whose name does without the name of the unit above.
    pub(crate) alone: bool,
}

impl Unit {
    pub(crate) fn leaf_rows(&self) -> u64 {
        self.leaves.iter().map(|count| u64::from(*count)).sum()
    }

    /// Which segment the leaf with this number is in, and its number there.
    pub(crate) fn leaf(&self, mut index: u32) -> Option<(Segment, u32)> {
        for segment in Segment::ALL {
            let count = self.leaves[segment as usize];
            if index < count {
                return Some((segment, index));
            }
            index -= count;
        }
        None
    }

    /// The row of a leaf.
    pub(crate) fn leaf_row(&self, segment: Segment, index: u32) -> u32 {
        let before: u32 = self.leaves[..segment as usize].iter().sum();
        self.row + 1 + before + index
    }

    pub(crate) fn home_system(&self) -> &'static HomeSystem {
        HomeSystem::KNOWN.get(usize::from(self.system)).unwrap_or(&HomeSystem::Zhtj)
    }
}

/// The divisions and institutions a unit stands in.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place<'a> {
    pub(crate) province: &'a str,
    pub(crate) city: &'a str,
    pub(crate) county: &'a str,
    pub(crate) street: &'a str,
}

/// The whole plan.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) units: Vec<Unit>,
    text: String,
    pub(crate) rows: u64,
    pub(crate) lists: &'static Lists,
    pub(crate) seed: u64,
}

impl Tree {
    pub(crate) fn new(lists: &'static Lists, seed: u64) -> Tree {
        Tree { units: Vec::new(), text: String::new(), rows: 0, lists, seed }
    }

    pub(crate) fn intern(&mut self, text: &str) -> Text {
        let start = self.text.len() as u32;
        self.text.push_str(text);
        Text { start, len: text.len() as u32 }
    }

    pub(crate) fn text(&self, text: Text) -> &str {
        self.text.get(text.start as usize..(text.start + text.len) as usize).unwrap_or("")
    }

    pub(crate) fn unit(&self, at: u32) -> Option<&Unit> {
        self.units.get(at as usize)
    }

    pub(crate) fn own(&self, at: u32) -> &str {
        self.unit(at).map_or("", |unit| self.text(unit.own))
    }

    /// The unit that a row is or hangs below.
    pub(crate) fn unit_of_row(&self, row: u64) -> u32 {
        self.units.partition_point(|unit| u64::from(unit.row) <= row).saturating_sub(1) as u32
    }

    /// The unit and everything above it, from below.
    pub(crate) fn chain(&self, from: u32) -> impl Iterator<Item = (u32, &Unit)> {
        let mut next = from;
        std::iter::from_fn(move || {
            let unit = self.unit(next)?;
            let here = next;
            next = unit.parent;
            Some((here, unit))
        })
    }

    /// The divisions at and above a unit.
    pub(crate) fn place(&self, of: u32) -> Place<'_> {
        let mut place = Place::default();
        for (_, unit) in self.chain(of) {
            let own = self.text(unit.own);
            match unit.group {
                Group::Province => place.province = own,
                Group::City => place.city = own,
                Group::County => place.county = own,
                Group::Street | Group::Town | Group::Zone => place.street = own,
                _ => {}
            }
        }
        place
    }

    /// The names from the institution down to the unit, joined: 北京大学软件与微电子学院. Empty for a division.
    pub(crate) fn institution(&self, of: u32, out: &mut String) {
        let Some(unit) = self.unit(of) else { return };
        if !unit.group.is_institution() {
            return;
        }
        if !unit.alone {
            self.institution(unit.parent, out);
        }
        out.push_str(self.text(unit.own));
    }
}
