//! A name in English: kind words, acronyms, No.7 Middle School, Class 14.

use super::target::Target;
use crate::generate::candidate::{Fit, Key, Word};
use crate::generate::english::{self, Part};
use crate::generate::fold::Fold;
use crate::generate::lists::QueryWords;
use crate::generate::place_stem::place_stem;
use crate::generate::rng::Rng;

/// Letters of a proper name in pinyin that somebody would write.
const PINYIN_LETTERS: std::ops::RangeInclusive<usize> = 4..=18;

/// Haidian No.7 Middle School; PKU School of Law; 北大 Class 2 Grade 2024.
pub(super) fn english(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
    let lists = target.lists();
    let parts = english::translate(lists, &target.own)?;
    if !is_sayable(&parts) {
        return None;
    }
    let (mut spans, mut words) = (Vec::new(), Vec::new());
    for (name, is_place) in target.above() {
        let (span, word) = above(target, &name, is_place, rng)?;
        spans.push(span);
        words.push(word);
    }
    let key = if target.leaf.is_some() { Key::Leaf } else { Key::Own };
    let fit = Fit::new(key, &target.own).folded(lists, Fold::English)?;
    let mut own = say_all(&parts, rng)?;
    if target.leaf.is_none() && rng.permille(200) {
        own = format!("{own} {}", pick("form", rng)?);
    }
    let query = if !spans.is_empty() && rng.permille(300) {
        spans.push(own);
        spans.reverse();
        spans.join(", ")
    } else {
        spans.push(own);
        spans.join(" ")
    };
    let query = if rng.permille(300) { query.to_lowercase() } else { query };
    Some((query, Fit { words, ..fit }))
}

/// A name above as it is written, and the word that it fits: in hanzi, or in English.
fn above(target: &Target<'_>, name: &str, is_place: bool, rng: &mut Rng) -> Option<(String, Word)> {
    if rng.permille(250) {
        let stem = if is_place { place_stem(name) } else { name };
        return Some((stem.to_owned(), Word { fold: Fold::None, text: stem.to_owned() }));
    }
    let mut parts = english::translate(target.lists(), name)?;
    let is_level = |part: &Part| matches!(part, Part::Level(_));
    if parts.len() > 1 && parts.last().is_some_and(is_level) && rng.permille(500) {
        parts.pop();
    }
    let plain: Vec<String> = parts.iter().map(Part::plain).collect();
    let word = Word { fold: Fold::English, text: format!(" {} ", plain.join(" ")) };
    Some((say_all(&parts, rng)?, word))
}

/// Whether somebody would say it in English: it has an English word, and no long row of syllables.
fn is_sayable(parts: &[Part]) -> bool {
    parts.iter().any(|part| !matches!(part, Part::Pinyin(_) | Part::Level(_)))
        && parts.iter().all(|part| match part {
            Part::Pinyin(text) => {
                PINYIN_LETTERS.contains(&text.len()) && text.chars().all(|char| char.is_ascii_lowercase())
            }
            _ => true,
        })
}

fn say_all(parts: &[Part], rng: &mut Rng) -> Option<String> {
    let mut said: Vec<String> = Vec::new();
    for part in parts {
        said.push(say(part, rng)?);
    }
    match parts {
        // School of Law.
        [Part::Words(_), Part::Words(_)] if !said[1].contains(' ') && rng.permille(500) => {
            Some(format!("{} of {}", said[1], said[0]))
        }
        // Class 14 Grade 2024.
        [Part::Grade(_), .., Part::Class(_)] if rng.permille(400) => {
            said.reverse();
            Some(said.join(" "))
        }
        _ => Some(said.join(" ")),
    }
}

fn say(part: &Part, rng: &mut Rng) -> Option<String> {
    let counted = |sort, number: u64, rng: &mut Rng| -> Option<String> {
        let template = pick(sort, rng)?;
        let number = match sort {
            "senior" if !template.starts_with("Grade") => number - 9,
            "junior" if !template.starts_with("Grade") => number - 6,
            _ => number,
        };
        Some(template.replace("{n}", &number.to_string()))
    };
    match part {
        Part::Pinyin(text) => {
            let first = text.chars().next()?.to_ascii_uppercase();
            Some(format!("{first}{}", text.get(1..)?))
        }
        Part::Words(words) if rng.permille(600) => Some((*words.first()?).to_owned()),
        Part::Words(words) => Some((*rng.pick(words)?).to_owned()),
        Part::Level(word) => Some((*word).to_owned()),
        Part::Number(number) => counted("number", *number, rng),
        Part::Grade(grade @ 10..=12) => counted("senior", *grade, rng),
        Part::Grade(grade @ 7..=9) => counted("junior", *grade, rng),
        Part::Grade(year) => counted("grade", *year, rng),
        Part::Class(number) => counted("class", *number, rng),
    }
}

/// One of the ways to write what the list calls `sort`.
fn pick(sort: &str, rng: &mut Rng) -> Option<&'static str> {
    let found = QueryWords::get().english.iter().find(|word| word.sort == sort)?;
    rng.pick(&found.words).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::lists::Lists;
    use crate::generate::rng::Purpose;

    #[test]
    fn names_are_said_in_several_ways() {
        for (name, wanted) in [
            (
                "海淀区第七中学",
                &["Haidian District No.7 Middle School", "Haidian District No. 7 High School"][..],
            ),
            ("法学院", &["Law College", "School of Law"]),
            ("2024级14班", &["Grade 2024 Class 14", "Class 14 Grade 2024"]),
            ("高二3班", &["Grade 11 Class 3", "Senior 2 Class 3"]),
            ("八年级3班", &["Grade 8 Class 3", "Junior 2 Class 3"]),
            ("清华大学", &["Tsinghua University", "THU"]),
        ] {
            let parts = english::translate(Lists::get(), name).unwrap();
            let said: Vec<_> = (0..300)
                .filter_map(|place| say_all(&parts, &mut Rng::at(9, Purpose::Queries, place)))
                .collect();
            assert!(wanted.iter().all(|wanted| said.iter().any(|said| said == wanted)), "{name}: {said:?}");
        }
    }
}
