//! Which organizations a query is right for: found by a pass over the whole tree, so that an answer is right by
//! construction and complete.

use super::distort;
use super::names::{Label, Scene};
use super::rows;
use super::short;
use super::tree::{Group, Segment, Standing, Tree};
use super::{facts, queries::Candidate};
use crate::model::OrgStatus;
use std::collections::HashMap;

/// More right answers than these make no question.
pub(crate) const MOST_IDS: usize = 50;

/// By what an organization and a query are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// The official name.
    Name,
    /// The name without the words that all organizations share.
    Core,
    /// The beginning of the core.
    Prefix,
    /// What a leaf is called by itself.
    Leaf,
    /// A unit's own name.
    Own,
    /// A unit's short form by rule.
    Short,
    /// A unit's short form, and a leaf of it.
    ShortLeaf,
    /// The core in pinyin, without spaces.
    Pinyin,
    /// The first letters of the core's syllables.
    Initials,
    /// An earlier name's core.
    Former,
    /// Another name.
    Alias,
}

/// What fits: everything equal under the key whose names at and above it hold all the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fit {
    pub(crate) key: Key,
    pub(crate) text: String,
    pub(crate) words: Vec<String>,
    /// A text that must be nobody's core, else the query means somebody else.
    pub(crate) not_core: Option<String>,
}

impl Fit {
    pub(crate) fn new(key: Key, text: impl Into<String>) -> Fit {
        Fit { key, text: text.into(), words: Vec::new(), not_core: None }
    }

    pub(crate) fn with_words(mut self, words: Vec<String>) -> Fit {
        self.words = words;
        self
    }
}

/// The ids of every candidate, in the order of the candidates; empty where the question is none.
pub(crate) fn find(tree: &Tree, candidates: &[Candidate]) -> Vec<Vec<String>> {
    let mut pass = Pass::new(tree, candidates);
    for at in 0..tree.units.len() as u32 {
        let Some(scene) = Scene::new(tree, at) else { continue };
        if u64::from(scene.unit.row) >= tree.rows {
            break;
        }
        pass.unit(&scene);
        pass.leaves(&scene);
    }
    pass.ids
}

struct Pass<'a> {
    tree: &'a Tree,
    candidates: &'a [Candidate],
    wanted: HashMap<(Key, &'a str), Vec<usize>>,
    spoiled: HashMap<&'a str, Vec<usize>>,
    /// Lengths in characters of the prefixes that are asked for.
    prefix_lengths: Vec<usize>,
    keys: [bool; 11],
    ids: Vec<Vec<String>>,
}

impl<'a> Pass<'a> {
    fn new(tree: &'a Tree, candidates: &'a [Candidate]) -> Pass<'a> {
        let mut wanted: HashMap<_, Vec<usize>> = HashMap::new();
        let mut spoiled: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut prefix_lengths = Vec::new();
        let mut keys = [false; 11];
        for (at, candidate) in candidates.iter().enumerate() {
            let fit = &candidate.fit;
            keys[fit.key as usize] = true;
            wanted.entry((fit.key, fit.text.as_str())).or_default().push(at);
            if let Some(core) = &fit.not_core {
                spoiled.entry(core.as_str()).or_default().push(at);
            }
            if fit.key == Key::Prefix {
                prefix_lengths.push(fit.text.chars().count());
            }
        }
        prefix_lengths.sort_unstable();
        prefix_lengths.dedup();
        Pass {
            tree,
            candidates,
            wanted,
            spoiled,
            prefix_lengths,
            keys,
            ids: vec![Vec::new(); candidates.len()],
        }
    }

    fn asks(&self, key: Key) -> bool {
        self.keys[key as usize]
    }

    fn unit(&mut self, scene: &Scene<'_>) {
        let Some(label) = scene.unit_label() else { return };
        let row = u64::from(scene.unit.row);
        if scene.unit.standing == Standing::Active {
            self.offer(Key::Own, scene.own(), scene, &label, row);
            if self.asks(Key::Short)
                && let Some(short) = short::unit(self.tree, scene.at)
            {
                self.offer(Key::Short, &short, scene, &label, row);
            }
            for alias in rows::aliases(scene) {
                self.offer(Key::Alias, &alias, scene, &label, row);
            }
            self.offer(Key::Alias, scene.own(), scene, &label, row);
            self.any(scene, None, &label, row);
        }
        self.spoil(&label);
    }

    fn leaves(&mut self, scene: &Scene<'_>) {
        let short = if self.asks(Key::ShortLeaf) && scene.house.is_some() {
            short::unit(self.tree, scene.at)
        } else {
            None
        };
        let mut row = u64::from(scene.unit.row);
        for segment in Segment::ALL {
            for index in 0..scene.unit.leaves[segment as usize] {
                row += 1;
                if row >= self.tree.rows {
                    return;
                }
                self.leaf(scene, (segment, index), short.as_deref(), row);
            }
        }
    }

    fn leaf(&mut self, scene: &Scene<'_>, leaf: (Segment, u32), short: Option<&str>, row: u64) {
        let (segment, index) = leaf;
        let Some(label) = scene.leaf_label(segment, index) else { return };
        self.spoil(&label);
        let facts = facts::leaf(self.tree, scene.unit, scene.house.as_ref(), segment, index);
        if facts.status != OrgStatus::Active {
            return;
        }
        let text = if segment == Segment::Fixed { String::new() } else { scene.leaf_text(segment, index) };
        if !text.is_empty() {
            self.offer(Key::Leaf, &text, scene, &label, row);
        }
        if let Some(short) = short
            && segment == Segment::Class
        {
            self.offer(Key::ShortLeaf, &short_leaf(short, &text), scene, &label, row);
        }
        self.any(scene, Some(leaf), &label, row);
    }

    /// What can be asked about units and leaves alike.
    fn any(&mut self, scene: &Scene<'_>, leaf: Option<(Segment, u32)>, label: &Label, row: u64) {
        self.offer(Key::Name, &label.full(), scene, label, row);
        self.offer(Key::Core, &label.core, scene, label, row);
        for at in 0..self.prefix_lengths.len() {
            if let Some((end, _)) = label.core.char_indices().nth(self.prefix_lengths[at]) {
                self.offer(Key::Prefix, &label.core[..end], scene, label, row);
            }
        }
        if self.asks(Key::Former) {
            for former in rows::former_labels(scene, leaf) {
                self.offer(Key::Former, &former.core, scene, label, row);
            }
            self.offer(Key::Former, &label.core, scene, label, row);
        }
        let is_class = leaf.is_some_and(|(segment, _)| segment == Segment::Class);
        if !is_class
            && (self.asks(Key::Pinyin) || self.asks(Key::Initials))
            && let Some(syllables) = distort::syllables(self.tree.lists, &label.core)
        {
            self.offer(Key::Pinyin, &syllables.concat(), scene, label, row);
            self.offer(Key::Initials, &distort::initials(&syllables), scene, label, row);
        }
    }

    fn offer(&mut self, key: Key, text: &str, scene: &Scene<'_>, label: &Label, row: u64) {
        let Some(found) = self.wanted.get(&(key, text)) else { return };
        for at in found {
            let ids = &mut self.ids[*at];
            // One more than allowed is kept, to tell that there are too many.
            if ids.len() > MOST_IDS || !holds_words(scene, label, &self.candidates[*at].fit.words) {
                continue;
            }
            let id = rows::id(row);
            if ids.last() != Some(&id) {
                ids.push(id);
            }
        }
    }

    fn spoil(&mut self, label: &Label) {
        let Some(found) = self.spoiled.get(label.core.as_str()) else { return };
        for at in found {
            // Too many to be a question.
            self.ids[*at] = vec![String::new(); MOST_IDS + 1];
        }
    }
}

/// The key of a class below a unit with a short form.
pub(crate) fn short_leaf(short: &str, leaf: &str) -> String {
    format!("{short}|{leaf}")
}

fn holds_words(scene: &Scene<'_>, label: &Label, words: &[String]) -> bool {
    words.iter().all(|word| {
        label.core.contains(word.as_str())
            || scene.tree.chain(scene.at).any(|(_, unit)| {
                unit.group != Group::Centre && scene.tree.text(unit.own).contains(word.as_str())
            })
    })
}
