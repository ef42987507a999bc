//! Where rows draw their organizations from.

use crate::generate::queries::target::Target;
use crate::generate::rng::Rng;
use crate::generate::rows::Spot;
use crate::generate::tree::{Group, Segment, Tree};

/// What an organization is drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Draw {
    /// Units and leaves.
    Any,
    /// Units other than the national lines.
    Unit,
    /// Places, schools and leaves that many others are called like.
    Common,
    /// Universities, colleges, schools and their classes; places and their villages.
    ShortNamed,
    University,
    School,
    /// Schools, public bodies and towns.
    Institution,
    /// Streets and towns with villages.
    Street,
    County,
    Class,
    Village,
    Company,
    /// Leaves of any sort.
    Leaf,
}

/// A tree, with its units by what they are.
pub(super) struct Source<'a> {
    pub(super) tree: &'a Tree,
    by_group: Vec<Vec<u32>>,
    children: Vec<Vec<u32>>,
}

const TEACHING: &[Group] = &[Group::College, Group::School];
const PLACES: &[Group] = &[Group::Street, Group::Town, Group::Zone];

impl<'a> Source<'a> {
    pub(super) fn new(tree: &'a Tree) -> Source<'a> {
        let mut by_group = vec![Vec::new(); Group::LineSub as usize + 1];
        let mut children = vec![Vec::new(); tree.units.len()];
        for (at, unit) in tree.units.iter().enumerate() {
            if u64::from(unit.row) >= tree.rows {
                break;
            }
            by_group[unit.group as usize].push(at as u32);
            if let Some(siblings) = children.get_mut(unit.parent as usize) {
                siblings.push(at as u32);
            }
        }
        Source { tree, by_group, children }
    }

    /// The units directly below one.
    pub(super) fn children(&self, of: u32) -> &[u32] {
        self.children.get(of as usize).map_or(&[], Vec::as_slice)
    }

    /// One unit of the groups.
    fn unit(&self, groups: &[Group], rng: &mut Rng) -> Option<u32> {
        let total: usize = groups.iter().map(|group| self.by_group[*group as usize].len()).sum();
        let mut at = rng.index(total);
        for group in groups {
            let units = &self.by_group[*group as usize];
            if let Some(unit) = units.get(at) {
                return Some(*unit);
            }
            at -= units.len();
        }
        None
    }

    /// A leaf of a segment, of a unit of the groups.
    fn leaf(&self, groups: &[Group], segment: Segment, rng: &mut Rng) -> Option<Spot> {
        let unit = self.unit(groups, rng)?;
        let count = self.tree.unit(unit)?.leaves[segment as usize];
        (count > 0).then(|| Spot { unit, leaf: Some((segment, rng.below(u64::from(count)) as u32)) })
    }

    /// A village of a town not far from a unit, in the same province.
    pub(super) fn village_around(&self, at: u32, rng: &mut Rng) -> Option<Target<'a>> {
        // Units stand in pre-order, so that those with numbers near by stand near by.
        const AROUND: u64 = 2_000;
        let unit = u64::from(at).saturating_add(rng.below(2 * AROUND)).checked_sub(AROUND)? as u32;
        let count = self.tree.unit(unit)?.leaves[Segment::Village as usize];
        let leaf = (Segment::Village, rng.below(u64::from(count)) as u32);
        let is_same = self.tree.place(unit).province == self.tree.place(at).province;
        let spot = (count > 0 && is_same).then_some(Spot { unit, leaf: Some(leaf) })?;
        Target::of_any_status(self.tree, spot)
    }

    fn any(&self, rng: &mut Rng) -> Option<Spot> {
        if rng.permille(400) {
            return Some(Spot { unit: rng.index(self.tree.units.len()) as u32, leaf: None });
        }
        Spot::of_row(self.tree, rng.below(self.tree.rows))
    }

    /// An organization of any status; `None` if the draw fails.
    pub(super) fn draw(&self, from: Draw, rng: &mut Rng) -> Option<Target<'a>> {
        let unit = |groups: &[Group], rng: &mut Rng| Some(Spot { unit: self.unit(groups, rng)?, leaf: None });
        let company = &[Group::City, Group::County, Group::Street, Group::Town, Group::Zone];
        let spot = match from {
            Draw::Any => self.any(rng),
            Draw::Unit => unit(
                &[
                    Group::City,
                    Group::County,
                    Group::Street,
                    Group::Town,
                    Group::Zone,
                    Group::University,
                    Group::College,
                    Group::School,
                    Group::Body,
                ],
                rng,
            ),
            Draw::Common => match rng.below(10) {
                0..=3 => self.leaf(PLACES, Segment::Village, rng),
                4 => self.leaf(PLACES, Segment::Fixed, rng),
                5 => self.leaf(TEACHING, Segment::Class, rng),
                6 => unit(&[Group::College], rng),
                _ => unit(PLACES, rng),
            },
            Draw::ShortNamed => match rng.below(10) {
                0..=2 => self.leaf(TEACHING, Segment::Class, rng),
                3 => unit(&[Group::University], rng),
                4 | 5 => unit(&[Group::College], rng),
                6 => unit(&[Group::School], rng),
                7 => unit(PLACES, rng),
                _ => self.leaf(PLACES, Segment::Village, rng),
            },
            Draw::University => unit(&[Group::University], rng),
            Draw::School => unit(&[Group::School], rng),
            Draw::Institution => unit(&[Group::School, Group::Body, Group::Town], rng),
            Draw::Street => unit(PLACES, rng),
            Draw::County => unit(&[Group::County], rng),
            Draw::Class => self.leaf(TEACHING, Segment::Class, rng),
            Draw::Village => self.leaf(PLACES, Segment::Village, rng),
            Draw::Company => self.leaf(company, Segment::Company, rng),
            Draw::Leaf => match rng.below(20) {
                0..=10 => self.leaf(TEACHING, Segment::Class, rng),
                11..=15 => self.leaf(PLACES, Segment::Village, rng),
                16 | 17 => self.leaf(&[Group::Body], Segment::Department, rng),
                18 => self.leaf(PLACES, Segment::Fixed, rng),
                _ => self.leaf(company, Segment::Company, rng),
            },
        };
        Target::of_any_status(self.tree, spot?).filter(|target| target.group() != Group::Centre)
    }
}
