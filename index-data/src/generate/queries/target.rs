//! An organization that a query is made for.

use crate::generate::candidate::{Fit, Key};
use crate::generate::facts;
use crate::generate::lists::Lists;
use crate::generate::names::{Label, Scene};
use crate::generate::place_stem::place_stem;
use crate::generate::rows::Spot;
use crate::generate::tree::{Group, Segment, Tree};
use crate::model::OrgStatus;

/// An organization that a query or a row is made for.
pub(crate) struct Target<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) scene: Scene<'a>,
    pub(crate) leaf: Option<(Segment, u32)>,
    pub(crate) label: Label,
    /// What it is called by itself: a leaf's text, a unit's own name.
    pub(crate) own: String,
    pub(crate) row: u64,
    pub(crate) status: OrgStatus,
}

impl<'a> Target<'a> {
    /// The organization at a spot, if it is active.
    pub(crate) fn new(tree: &'a Tree, spot: Spot) -> Option<Target<'a>> {
        Target::of_any_status(tree, spot).filter(|target| target.status == OrgStatus::Active)
    }

    /// The organization at a spot.
    pub(crate) fn of_any_status(tree: &'a Tree, spot: Spot) -> Option<Target<'a>> {
        let scene = Scene::new(tree, spot.unit)?;
        let row = match spot.leaf {
            Some((segment, index)) => scene.unit.leaf_row(segment, index),
            None => scene.unit.row,
        };
        let row = u64::from(row);
        if row >= tree.rows {
            return None;
        }
        let (label, own, status) = match spot.leaf {
            Some((segment, index)) => {
                let facts = facts::leaf(tree, scene.unit, scene.house.as_ref(), segment, index);
                let label = scene.leaf_label(segment, index)?;
                (label, scene.leaf_text(segment, index), facts.status)
            }
            None => (scene.unit_label()?, scene.own().to_owned(), scene.unit.standing.status()),
        };
        Some(Target { tree, scene, leaf: spot.leaf, label, own, row, status })
    }

    pub(crate) fn lists(&self) -> &'static Lists {
        self.tree.lists
    }

    pub(crate) fn group(&self) -> Group {
        self.scene.unit.group
    }

    pub(crate) fn is_class(&self) -> bool {
        matches!(self.leaf, Some((Segment::Class, _)))
    }

    /// Up to two names above the target that people type in front of its own, the higher one first, and whether each is
    /// a place.
    pub(crate) fn ancestors(&self) -> Vec<(String, bool)> {
        let mut names: Vec<(String, bool)> = self
            .tree
            .chain(self.scene.at)
            .skip(usize::from(self.leaf.is_none()))
            .filter(|(_, unit)| !matches!(unit.group, Group::Centre | Group::Province | Group::City))
            .map(|(_, unit)| (self.tree.text(unit.own).to_owned(), !unit.group.is_institution()))
            .take(2)
            .collect();
        names.reverse();
        names
    }

    /// The same as people say them: nothing that the name behind it begins with, and no place above a school, body or
    /// company whose name begins with one.
    pub(crate) fn above(&self) -> Vec<(String, bool)> {
        let ancestors = self.ancestors();
        let is_place = match self.leaf {
            None => !self.group().is_institution(),
            Some((segment, _)) => segment == Segment::Village,
        };
        let institutions = ancestors.iter().filter(|(_, is_place)| !is_place).map(|(name, _)| name);
        let mut telling: Vec<&str> = institutions.map(String::as_str).collect();
        if !is_place {
            telling.push(&self.own);
        }
        let above = self.tree.chain(self.scene.at).skip(usize::from(self.leaf.is_none()));
        let mut places =
            above.filter(|(_, unit)| unit.group != Group::Centre && !unit.group.is_institution());
        let has_place = places.any(|(_, unit)| {
            let stem = place_stem(self.tree.text(unit.own));
            telling.iter().any(|name| name.starts_with(stem))
        });
        let begins_own = |name: &str| self.own.starts_with(place_stem(name));
        let is_said = |(name, is_place): &(String, bool)| !(begins_own(name) || has_place && *is_place);
        ancestors.iter().filter(|name| is_said(name)).cloned().collect()
    }

    /// The name without boilerplate. A bare name gets its institution in front, as it is ambiguous alone.
    pub(crate) fn telling_core(&self) -> Option<(String, Fit)> {
        if self.label.bare && self.leaf.is_some() {
            if self.own.is_empty() || self.scene.inst.is_empty() {
                return None;
            }
            let words = self.institution_words();
            return Some((
                format!("{}{}", self.scene.inst, self.own),
                Fit::new(Key::Leaf, &self.own).with_words(words),
            ));
        }
        (self.label.core.chars().count() >= 4)
            .then(|| (self.label.core.clone(), Fit::new(Key::Core, &self.label.core)))
    }

    pub(crate) fn institution_words(&self) -> Vec<String> {
        let chain = self.tree.chain(self.scene.at).filter(|(_, unit)| unit.group.is_institution());
        chain.map(|(_, unit)| self.tree.text(unit.own).to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::GenerateOptions;
    use crate::generate::plan;

    #[test]
    fn places_are_said_unless_a_name_begins_with_one() {
        let tree = plan::plan(&GenerateOptions::national(20_000, 1));
        let (mut with_places, mut without) = (0, 0);
        for row in 0..tree.rows {
            let Some(target) = Spot::of_row(&tree, row).and_then(|spot| Target::new(&tree, spot)) else {
                continue;
            };
            let above = target.above();
            let names: Vec<&str> =
                above.iter().map(|(name, _)| name.as_str()).chain([&*target.own]).collect();
            let is_twice = |pair: &[&str]| pair[1].starts_with(place_stem(pair[0]));
            let is_class = target.is_class();
            // A town may be called after its county, and both be said: 红山 红山街道.
            assert!(!names.windows(2).any(is_twice) || !is_class && above.len() == 2, "{names:?}");
            match target.leaf {
                Some((Segment::Village, _)) => {
                    assert!(!above.is_empty() || target.ancestors().len() < 2, "{}", target.own);
                    with_places += usize::from(above.len() == 2);
                }
                None if target.group() == Group::School => without += usize::from(above.is_empty()),
                _ => {}
            }
        }
        assert!(with_places > 1_000 && without > 20, "{with_places} {without}");
    }
}
