//! Which organizations a query is right for: found by a pass over the whole tree, so that an answer is right by
//! construction and complete.

use super::candidate::{Candidate, KEYS, Key, Word};
use super::distort;
use super::facts;
use super::fold::{FOLDS, Fold};
use super::names::{Label, Scene};
use super::office::{self, Said};
use super::rows;
use super::short;
use super::tree::{Group, Segment, Standing, Tree};
use crate::model::OrgStatus;
use std::borrow::Cow;
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
    wanted: HashMap<(Key, Fold, &'a str), Vec<Wanted>>,
    /// [`Fit::not_in_others`](super::candidate::Fit) with the candidate's number, by the first characters.
    not_in_others: HashMap<&'a str, Vec<(&'a str, usize)>>,
    /// Lengths in characters of the prefixes that are asked for.
    prefix_lengths: Vec<usize>,
    /// Which folds of each key are asked for.
    folds: [[bool; FOLDS]; KEYS],
    ids: Vec<Vec<String>>,
    names: FoldedNames,
}

/// A candidate that asks for a text.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    at: usize,
    /// An organization with this text is what the query would rather mean, so the candidate is dropped.
    is_better: bool,
}

impl<'a> Pass<'a> {
    fn new(tree: &'a Tree, candidates: &'a [Candidate]) -> Pass<'a> {
        let mut wanted: HashMap<_, Vec<Wanted>> = HashMap::new();
        let mut not_in_others: HashMap<&str, Vec<(&str, usize)>> = HashMap::new();
        let mut prefix_lengths = Vec::new();
        let mut folds = [[false; FOLDS]; KEYS];
        for (at, candidate) in candidates.iter().enumerate() {
            let fit = &candidate.fit;
            folds[fit.key as usize][fit.fold as usize] = true;
            for (key, text) in &fit.better {
                folds[*key as usize][Fold::None as usize] = true;
                let wanted = wanted.entry((*key, Fold::None, text.as_str())).or_default();
                wanted.push(Wanted { at, is_better: true });
            }
            for text in &fit.texts {
                let wanted = wanted.entry((fit.key, fit.fold, text.as_str())).or_default();
                wanted.push(Wanted { at, is_better: false });
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
            folds,
            ids: vec![Vec::new(); candidates.len()],
            names: FoldedNames::default(),
        }
    }

    fn asks(&self, key: Key) -> bool {
        self.folds[key as usize].contains(&true)
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
            if self.asks(Key::Said) || self.asks(Key::SaidLoosely) {
                self.said(&office::of_unit(scene), scene, &label, row);
            }
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
            if self.asks(Key::Said) || self.asks(Key::SaidLoosely) {
                self.said(&office::of_leaf(segment, &text), scene, label, row);
            }
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

    fn said(&mut self, said: &[Said], scene: &Scene<'_>, label: &Label, row: u64) {
        for Said { text, is_loose } in said {
            let key = if *is_loose { Key::SaidLoosely } else { Key::Said };
            self.offer(key, text, scene, label, row);
        }
    }

    fn offer(&mut self, key: Key, text: &str, scene: &Scene<'_>, label: &Label, row: u64) {
        let folds = self.folds[key as usize];
        self.offer_folded(key, Fold::None, text, text, scene, label, row);
        for fold in Fold::OTHERS {
            if folds[fold as usize]
                && let Some(folded) = fold.of(self.tree.lists, text)
            {
                self.offer_folded(key, fold, &folded, text, scene, label, row);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a text with its fold, and the row that bears it")]
    fn offer_folded(
        &mut self,
        key: Key,
        fold: Fold,
        folded: &str,
        text: &str,
        scene: &Scene<'_>,
        label: &Label,
        row: u64,
    ) {
        let Pass { tree, candidates, wanted, ids, names, .. } = self;
        let Some(found) = wanted.get(&(key, fold, folded)) else { return };
        for &Wanted { at, is_better } in found {
            let ids = &mut ids[at];
            let fit = &candidates[at].fit;
            // One more than allowed is kept, to tell that there are too many.
            if ids.len() > MOST_IDS || !fit.words.iter().all(|word| names.hold(scene, label, row, word)) {
                continue;
            }
            if is_better {
                *ids = too_many();
                continue;
            }
            if fit.typed.as_ref().is_some_and(|typed| !typed.fits(tree.lists, text)) {
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
                    self.ids[at] = too_many();
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

/// More than allowed, so the candidate is dropped.
fn too_many() -> Vec<String> {
    vec![String::new(); MOST_IDS + 1]
}

/// The names of a row and of the units above it, folded when a fold is first asked for. Many candidates ask for the words
/// of the same class, and all leaves of a unit have the same names above.
#[derive(Debug, Default)]
struct FoldedNames {
    unit: Option<u32>,
    above: [Option<Vec<String>>; FOLDS],
    row: Option<u64>,
    core: [Option<String>; FOLDS],
}

impl FoldedNames {
    /// Whether the row's name or one above it contains a word.
    fn hold(&mut self, scene: &Scene<'_>, label: &Label, row: u64, word: &Word) -> bool {
        let Word { fold, text } = word;
        let lists = scene.tree.lists;
        if self.unit != Some(scene.at) {
            *self = FoldedNames { unit: Some(scene.at), ..FoldedNames::default() };
        }
        if self.row != Some(row) {
            self.row = Some(row);
            self.core = Default::default();
        }
        let fold_of = |name: &str| fold.of(lists, name).map(Cow::into_owned).unwrap_or_default();
        let above = self.above[*fold as usize].get_or_insert_with(|| {
            let units = scene.tree.chain(scene.at).filter(|(_, unit)| unit.group != Group::Centre);
            units.map(|(_, unit)| fold_of(scene.tree.text(unit.own))).collect()
        });
        above.iter().any(|name| name.contains(text.as_str()))
            || self.core[*fold as usize].get_or_insert_with(|| fold_of(&label.core)).contains(text.as_str())
    }
}
