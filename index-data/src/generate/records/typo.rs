//! One slip of the keyboard in a name.

use super::draft::Draft;
use super::likeness::{has_same_numbers, is_one_slip, likeness};
use super::positives::{finished, with_parent_if_bare};
use super::source::Source;
use super::telling::official;
use crate::generate::distort;
use crate::generate::queries::target::Target;
use crate::generate::rng::Rng;

/// One slip of the keyboard in the name.
pub(super) fn typo(source: &Source<'_>, target: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let mut cells = official(target);
    let words = with_parent_if_bare(target, &mut cells, rng);
    let before = cells.name.text.clone();
    let typed = slip(&before, rng)?;
    if is_called_like(source, target, &typed) {
        return None;
    }
    let own = target.own.as_str();
    // The claim is of the name that was meant.
    let mut draft = finished(target, cells, words, rng);
    draft.claim.slips = vec![likeness(&typed)];
    if let Some(own) = before.find(own).filter(|_| !own.is_empty()).and_then(|at| typed.get(at..)) {
        draft.claim.slips.push(likeness(own));
    }
    draft.cells.name.text = typed;
    Some(draft)
}

/// The shortest name in which one slip leaves enough to know it by.
const LEAST_CHARS: usize = 5;

pub(super) fn slip(text: &str, rng: &mut Rng) -> Option<String> {
    if text.chars().filter(|char| distort::is_hanzi(*char)).count() < LEAST_CHARS {
        return None;
    }
    let typed = match rng.below(20) {
        0..=7 => distort::homophone(text, rng),
        8..=11 => distort::shape(text, rng),
        12..=15 => distort::missing(text, rng),
        16 | 17 => distort::extra(text, rng),
        _ => distort::swap(text, rng),
    }?;
    // A number that changed is another class, not a slip.
    (typed != text && has_same_numbers(text, &typed)).then_some(typed)
}

/// Whether a sibling's name is one slip away from what is typed, so that nobody could tell which is meant.
fn is_called_like(source: &Source<'_>, target: &Target<'_>, typed: &str) -> bool {
    let scene = &target.scene;
    let head = target.label.core.strip_suffix(&target.own).unwrap_or_default();
    let is_like = |other: &str| other != target.own && is_one_slip(&format!("{head}{other}"), typed);
    match target.leaf {
        Some((segment, _)) => {
            let count = scene.unit.leaves[segment as usize];
            (0..count).any(|index| is_like(&scene.leaf_text(segment, index)))
        }
        None => source.children(scene.unit.parent).iter().any(|sibling| is_like(target.tree.own(*sibling))),
    }
}
