//! What people say in place of an official name: 居委会, 经开区, 街道办, 沈阳农大, 经管院.

use super::target::Target;
use crate::generate::candidate::{Fit, Key};
use crate::generate::office;
use crate::generate::place_stem::place_stem;
use crate::generate::rng::Rng;

/// 海淀中关村街道办, 北大经管院, 密云不老屯镇中学.
pub(super) fn office(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
    let said = match target.leaf {
        None => office::of_unit(&target.scene),
        Some((segment, _)) => office::of_leaf(segment, &target.own),
    };
    let said = rng.pick(&said)?;
    let (mut spans, mut words) = (Vec::new(), Vec::new());
    for (name, is_place) in target.above() {
        let stem = if is_place { place_stem(&name) } else { &name };
        let short = if rng.permille(700) { office::university_short(&target.scene) } else { None };
        match short {
            Some(short) => {
                spans.push(short);
                words.push(name);
            }
            None => {
                let word = if rng.permille(600) { stem.to_owned() } else { name };
                spans.push(word.clone());
                words.push(word);
            }
        }
    }
    spans.push(said.text.clone());
    let query = spans.join(if rng.permille(250) { " " } else { "" });
    let own = if target.leaf.is_some() { Key::Leaf } else { Key::Own };
    let mut better = vec![(own, said.text.clone())];
    if said.is_loose {
        better.push((Key::Said, said.text.clone()));
    }
    let key = if said.is_loose { Key::SaidLoosely } else { Key::Said };
    Some((query, Fit { better, ..Fit::new(key, &said.text).with_words(words) }))
}
