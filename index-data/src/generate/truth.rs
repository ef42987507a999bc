//! Which organizations a query is right for: found by a pass over the whole tree, so that an answer is right by
//! construction and complete.

use super::candidate::{Candidate, KEYS, Key};
use super::distort;
use super::facts;
use super::names::{Label, Scene};
use super::rows;
use super::short;
use super::tree::{Group, Segment, Standing, Tree};
use crate::model::OrgStatus;
use std::collections::HashMap;

/// The most right answers of a query. Candidates with more are dropped.
pub(crate) const MOST_IDS: usize = 50;

/// The ids that each candidate fits, in the order of the candidates. Empty, or more than [`MOST_IDS`], if the candidate
/// is to be dropped.
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
    /// [`Fit::not_in_others`](super::candidate::Fit) with the candidate's number, by the first characters.
    not_in_others: HashMap<&'a str, Vec<(&'a str, usize)>>,
    /// Lengths in characters of the prefixes that are asked for.
    prefix_lengths: Vec<usize>,
    keys: [bool; KEYS],
    ids: Vec<Vec<String>>,
}

impl<'a> Pass<'a> {
    fn new(tree: &'a Tree, candidates: &'a [Candidate]) -> Pass<'a> {
        let mut wanted: HashMap<_, Vec<usize>> = HashMap::new();
        let mut not_in_others: HashMap<&str, Vec<(&str, usize)>> = HashMap::new();
        let mut prefix_lengths = Vec::new();
        let mut keys = [false; KEYS];
        for (at, candidate) in candidates.iter().enumerate() {
            let fit = &candidate.fit;
            keys[fit.key as usize] = true;
            for text in &fit.texts {
                wanted.entry((fit.key, text.as_str())).or_default().push(at);
                if fit.key == Key::Prefix {
                    prefix_lengths.push(text.chars().count());
                }
            }
            if let Some(text) = &fit.not_in_others {
                not_in_others.entry(beginning(text)).or_default().push((text.as_str(), at));
            }
        }
        prefix_lengths.sort_unstable();
        prefix_lengths.dedup();
        Pass {
            tree,
            candidates,
            wanted,
            not_in_others,
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
            self.any(scene, None, scene.own(), &label, row);
        }
        self.spoil(&label, row);
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
        let facts = facts::leaf(self.tree, scene.unit, scene.house.as_ref(), segment, index);
        if facts.status == OrgStatus::Active {
            self.active_leaf(scene, leaf, short, &label, row);
        }
        self.spoil(&label, row);
    }

    fn active_leaf(
        &mut self,
        scene: &Scene<'_>,
        leaf: (Segment, u32),
        short: Option<&str>,
        label: &Label,
        row: u64,
    ) {
        let (segment, index) = leaf;
        let text = if segment == Segment::Fixed { String::new() } else { scene.leaf_text(segment, index) };
        if !text.is_empty() {
            self.offer(Key::Leaf, &text, scene, label, row);
        }
        if let Some(short) = short
            && segment == Segment::Class
        {
            self.offer(Key::ShortLeaf, &short_leaf(short, &text), scene, label, row);
        }
        self.any(scene, Some(leaf), &text, label, row);
    }

    /// Offers the keys that units and leaves share.
    fn any(&mut self, scene: &Scene<'_>, leaf: Option<(Segment, u32)>, own: &str, label: &Label, row: u64) {
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
        if is_class {
            return;
        }
        let own = (own != label.core).then_some(own);
        for called in std::iter::once(label.core.as_str()).chain(own) {
            self.offer(Key::Called, called, scene, label, row);
            if self.asks(Key::CalledShorter) {
                for shorter in distort::all_shorter(called) {
                    self.offer(Key::CalledShorter, &shorter, scene, label, row);
                }
            }
            if (self.asks(Key::Pinyin) || self.asks(Key::Initials))
                && let Some(syllables) = distort::syllables(self.tree.lists, called)
            {
                self.offer(Key::Pinyin, &syllables.concat(), scene, label, row);
                self.offer(Key::Initials, &distort::initials(&syllables), scene, label, row);
            }
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

    /// Drops candidates whose query is part of a name that is not among their answers.
    fn spoil(&mut self, label: &Label, row: u64) {
        let core = label.core.as_str();
        for (start, _) in core.char_indices() {
            let rest = &core[start..];
            let Some(texts) = self.not_in_others.get(beginning(rest)) else { continue };
            for &(_, at) in texts.iter().filter(|(text, _)| rest.starts_with(text)) {
                if self.ids[at].last() != Some(&rows::id(row)) {
                    // More than allowed, so the candidate is dropped.
                    self.ids[at] = vec![String::new(); MOST_IDS + 1];
                }
            }
        }
    }
}

/// The first characters of a text, as a key to look it up.
fn beginning(text: &str) -> &str {
    const CHARS: usize = 3;
    text.char_indices().nth(CHARS).map_or(text, |(end, _)| &text[..end])
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
