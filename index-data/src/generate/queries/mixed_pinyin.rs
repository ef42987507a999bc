//! Pinyin or initials among hanzi, in classes, grades and forms too.

use super::target::Target;
use crate::generate::candidate::{Fit, Key, Word};
use crate::generate::distort;
use crate::generate::fold::Fold;
use crate::generate::lists::{Lists, QueryWords};
use crate::generate::place_stem::place_stem;
use crate::generate::rng::Rng;
use crate::generate::short;
use crate::generate::truth;
use crate::generate::typed_text::{Typed, TypedText, characters};

/// One character and how it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Keyed {
    char: char,
    how: Typed,
    /// Left out: 20 in 2024级, 班 behind a number.
    is_hidden: bool,
}

/// 中关村jiedao, 北大ruanwei24ji1班, 一中高er15.
pub(super) fn mixed_pinyin(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
    let lists = target.lists();
    let (above, key, text) = base(target, rng)?;
    let mut query = String::new();
    let mut words = Vec::new();
    let mut is_mixed = false;
    for name in above {
        if rng.permille(250) {
            query.push_str(&distort::syllables(lists, &name)?.concat());
            words.push(Word { fold: Fold::Sounds, text: Fold::Sounds.of(lists, &name)?.into_owned() });
            is_mixed = true;
        } else {
            query.push_str(&name);
            words.push(Word { fold: Fold::None, text: name });
        }
    }
    let keyed = key_in(&text, target.is_class(), rng);
    let typed = TypedText::new(lists, &text, keyed.iter().map(|keyed| keyed.how).collect())?;
    let shown = keyed.iter().zip(typed.typed()).filter(|(keyed, _)| !keyed.is_hidden);
    shown.for_each(|(_, typed)| query.push_str(typed));
    is_mixed |= keyed.iter().any(|keyed| keyed.how != Typed::AsIs && !keyed.is_hidden);
    if rng.permille(250)
        && let Some(form) = form(lists, target.leaf.is_some(), rng)
    {
        query.push_str(&form);
        is_mixed = true;
    }
    let has_others = query.chars().any(|char| !char.is_ascii_alphabetic());
    let texts = vec![Fold::Initials.of(lists, &text)?.into_owned()];
    let fit = Fit { fold: Fold::Initials, words, typed: Some(typed), ..Fit::any_of(key, texts) };
    (is_mixed && has_others).then_some((query, fit))
}

/// The names above, and the text that the key gives: by short forms where there are some, else in words of the tree.
fn base(target: &Target<'_>, rng: &mut Rng) -> Option<(Vec<String>, Key, String)> {
    if (target.leaf.is_none() || target.is_class())
        && rng.permille(600)
        && let Some(short) = short::unit(target.tree, target.scene.at)
    {
        return Some(match target.leaf {
            None => (Vec::new(), Key::Short, short),
            Some(_) => (Vec::new(), Key::ShortLeaf, truth::short_leaf(&short, &target.own)),
        });
    }
    if target.own.is_empty() {
        return None;
    }
    let stem = |(name, is_place): (String, bool)| if is_place { place_stem(&name).to_owned() } else { name };
    let above = target.above().into_iter().map(stem).collect();
    let key = if target.leaf.is_some() { Key::Leaf } else { Key::Own };
    Some((above, key, target.own.clone()))
}

/// How the characters of a text are typed: usual words and a few others in pinyin.
fn key_in(text: &str, is_class: bool, rng: &mut Rng) -> Vec<Keyed> {
    let chars = characters(text);
    let mut keyed: Vec<Keyed> =
        chars.iter().map(|char| Keyed { char: *char, how: Typed::AsIs, is_hidden: false }).collect();
    let mut at = 0;
    while at < chars.len() {
        let rest: String = chars[at..].iter().collect();
        let words = QueryWords::get().typed.iter().filter(|word| word.sort == "word");
        let word = words.filter(|word| rest.starts_with(word.word)).max_by_key(|word| word.word.len());
        let length = word.map_or(1 + rng.index(2), |word| word.word.chars().count());
        let how = match word {
            Some(word) if rng.permille(450) => {
                if word.by_initials && rng.permille(350) {
                    Typed::Initial
                } else {
                    Typed::Syllable
                }
            }
            None if rng.permille(200) => Typed::Syllable,
            _ => Typed::AsIs,
        };
        let end = (at + length).min(chars.len());
        for one in keyed[at..end].iter_mut().filter(|one| distort::is_hanzi(one.char)) {
            one.how = how;
        }
        at = end;
    }
    if is_class {
        hide(&mut keyed, rng);
    }
    keyed
}

/// Leaves out what people leave out in classes.
fn hide(keyed: &mut [Keyed], rng: &mut Rng) {
    let is_digit = |keyed: &Keyed| keyed.char.is_ascii_digit();
    let year = keyed.windows(5).position(|five| {
        five[0].char == '2' && five[1].char == '0' && five[..4].iter().all(is_digit) && five[4].char == '级'
    });
    if let Some(at) = year
        && rng.permille(700)
    {
        keyed[at].is_hidden = true;
        keyed[at + 1].is_hidden = true;
    }
    if let [.., before, last] = keyed
        && last.char == '班'
        && is_digit(before)
        && rng.permille(250)
    {
        last.is_hidden = true;
    }
}

/// tw, tuanwei, tzb behind a name.
fn form(lists: &Lists, is_leaf: bool, rng: &mut Rng) -> Option<String> {
    let sort = if is_leaf { "leaf_form" } else { "unit_form" };
    let forms: Vec<_> = QueryWords::get().typed.iter().filter(|word| word.sort == sort).collect();
    let form = rng.pick(&forms)?;
    let syllables = distort::syllables(lists, form.word)?;
    Some(if form.by_initials && rng.permille(500) {
        distort::initials(&syllables)
    } else {
        syllables.concat()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::rng::Purpose;

    #[test]
    fn classes_are_typed_in_part() {
        let lists = Lists::get();
        let mut seen = std::collections::BTreeSet::new();
        for place in 0..3_000 {
            let mut rng = Rng::at(8, Purpose::Queries, place);
            for text in ["高二（15）班", "高二(3)班", "2023级2班", "软件学院"] {
                let keyed = key_in(text, true, &mut rng);
                let typed = TypedText::new(lists, text, keyed.iter().map(|one| one.how).collect()).unwrap();
                assert!(typed.fits(lists, text), "{text}");
                let shown = keyed.iter().zip(typed.typed()).filter(|(one, _)| !one.is_hidden);
                seen.insert(shown.map(|(_, typed)| typed.as_str()).collect::<String>());
            }
        }
        for wanted in ["gaoer3ban", "23ji2班", "高er15", "高二15ban", "软件xueyuan", "ruanjianxy", "软件xy"]
        {
            assert!(seen.contains(wanted), "{wanted} not in {seen:?}");
        }
    }
}
