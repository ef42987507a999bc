//! How one and the same name is written: forms, width, spaces, brackets, what stands around it.

use super::draft::{Cells, Name};
use super::telling::pick;
use crate::generate::distort;
use crate::generate::lists::RecordWords;
use crate::generate::rng::Rng;
use crate::model::OrgKind;

/// A name with a prefix and form as they may stand for the kind.
pub(super) fn with_form(text: impl Into<String>, kind: &OrgKind, rng: &mut Rng) -> Name {
    let mut name = Name::bare(text);
    let forms: Vec<&str> = forms(kind, "").filter(|form| !form.is_empty()).collect();
    if rng.permille(800) {
        name.suffix = rng.pick(&forms).copied().unwrap_or_default().to_owned();
    }
    if name.suffix.ends_with("委员会") || rng.permille(250) {
        let sort = if rng.permille(600) { "long" } else { "usual" };
        name.prefix = prefix(sort).to_owned();
    }
    name
}

fn prefix(sort: &str) -> &'static str {
    let mut prefixes = RecordWords::get().of("prefix");
    prefixes.find(|(what, _)| *what == sort).and_then(|(_, texts)| texts.first()).copied().unwrap_or_default()
}

/// The forms that stand for a kind, or for what a name ends in.
fn forms(kind: &OrgKind, suffix: &str) -> impl Iterator<Item = &'static str> {
    let all = || RecordWords::get().of("form");
    let of_suffix = all().find(|(what, texts)| *what == kind.code() && texts.contains(&suffix));
    let of_suffix =
        of_suffix.or_else(|| all().find(|(_, texts)| !suffix.is_empty() && texts.contains(&suffix)));
    let found = of_suffix.or_else(|| all().find(|(what, _)| *what == kind.code()));
    found.map_or(&[][..], |(_, texts)| texts).iter().copied()
}

/// Another prefix: 中国共产主义青年团, 共青团, 团 or none.
pub(super) fn change_prefix(name: &mut Name, rng: &mut Rng) -> bool {
    let before = name.clone();
    match rng.below(4) {
        0 => name.prefix = prefix("long").to_owned(),
        1 => name.prefix = prefix("usual").to_owned(),
        // 团海淀区委: only the committees of places and units.
        2 if name.suffix == "委员会" || name.suffix == "团委" => {
            name.prefix = prefix("short").to_owned();
            name.suffix = "委".to_owned();
        }
        _ => name.prefix.clear(),
    }
    *name != before
}

/// Another form of the same kind, or none.
pub(super) fn change_form(name: &mut Name, kind: &OrgKind, rng: &mut Rng) -> bool {
    let forms: Vec<&str> = forms(kind, &name.suffix).filter(|form| *form != name.suffix).collect();
    let Some(form) = rng.pick(&forms) else { return false };
    name.suffix = (*form).to_owned();
    // A prefix of eight characters with nothing behind it is no name.
    if form.is_empty() {
        name.prefix.clear();
    }
    true
}

/// Spaces, width, brackets or what stands around a cell; `None` if the text has no place for what was drawn.
pub(super) fn rewrite(text: &str, rng: &mut Rng) -> Option<String> {
    let written = match rng.below(6) {
        0 => spaced(text, rng),
        1 => text.chars().map(full_width).collect(),
        2 => bracketed(text, rng)?,
        3 => pick("cell", rng).replace("{}", text),
        4 => around_numbers(text),
        _ => {
            let inner = spaced(text, rng);
            pick("cell", rng).replace("{}", &inner)
        }
    };
    (written != text).then_some(written)
}

fn spaced(text: &str, rng: &mut Rng) -> String {
    let count = text.chars().count();
    let places: Vec<usize> = (0..1 + rng.index(2)).map(|_| 1 + rng.index(count.saturating_sub(1))).collect();
    let space = if rng.permille(250) { "\u{3000}" } else { " " };
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    for (at, char) in text.chars().enumerate() {
        // A number cut in two is two numbers.
        if places.contains(&at) && !(before.is_ascii_digit() && char.is_ascii_digit()) {
            out.push_str(space);
        }
        out.push(char);
        before = char;
    }
    out
}

/// Digits, letters and brackets in the width of hanzi.
fn full_width(char: char) -> char {
    let is_wide = char.is_ascii_alphanumeric() || "()-".contains(char);
    if is_wide { char::from_u32(char as u32 + 0xfee0).unwrap_or(char) } else { char }
}

/// Other brackets; around the number of a class where there are none.
fn bracketed(text: &str, rng: &mut Rng) -> Option<String> {
    let mut pair = pick("bracket", rng).chars();
    let (open, close) = (pair.next()?, pair.next()?);
    if text.contains(['（', '(']) {
        let swap = |char| match char {
            '（' | '(' => open,
            '）' | ')' => close,
            other => other,
        };
        return Some(text.chars().map(swap).collect());
    }
    let end = text.find('班')?;
    let digits = text[..end].chars().rev().take_while(char::is_ascii_digit).count();
    let (head, number) = text[..end].split_at(end - digits);
    // 2401班 is a code.
    let is_number = (1..=2).contains(&digits) && !head.ends_with(['-', '－']);
    is_number.then(|| format!("{head}{open}{number}{close}{}", &text[end..]))
}

fn around_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = None;
    for char in text.chars() {
        let is_digit = char.is_ascii_digit();
        if before.is_some_and(|before: bool| before != is_digit) {
            out.push(' ');
        }
        before = Some(is_digit);
        out.push(char);
    }
    out
}

/// A second disturbance that leaves the meaning: prefix, form, writing or traditional characters. Gives the name as it is
/// written, if that is no longer its parts.
pub(super) fn disturb(cells: &mut Cells, kind: &OrgKind, rng: &mut Rng) -> Option<String> {
    let has_parts = !cells.name.prefix.is_empty() || !cells.name.suffix.is_empty();
    match rng.below(8) {
        0..=3 if !has_parts => rewrite(&cells.name.whole(), rng),
        0 | 1 => {
            change_prefix(&mut cells.name, rng);
            None
        }
        2 | 3 => {
            change_form(&mut cells.name, kind, rng);
            None
        }
        4 => distort::to_traditional(&cells.name.whole()),
        _ => rewrite(&cells.name.whole(), rng),
    }
}

#[cfg(test)]
mod tests {
    use super::super::likeness::likeness;
    use super::*;
    use crate::generate::rng::Purpose;

    #[test]
    fn rewritten_names_read_the_same() {
        for text in ["高一（3）班团支部", "2024级软件工程1班", "海淀区中关村街道"] {
            let mut changed = 0;
            for place in 0..60 {
                let mut rng = Rng::at(2, Purpose::Records, place);
                let Some(other) = rewrite(text, &mut rng) else { continue };
                assert_ne!(other, text);
                changed += 1;
                assert!(likeness(&other).contains(&likeness(text)), "{other}");
            }
            assert!(changed > 30, "{text} {changed}");
        }
    }

    #[test]
    fn forms_stay_within_their_kind() {
        let kind = OrgKind::Branch;
        for place in 0..60 {
            let mut rng = Rng::at(3, Purpose::Records, place);
            let mut name =
                Name { prefix: String::new(), text: "1班".to_owned(), suffix: "团支部".to_owned() };
            assert!(change_form(&mut name, &kind, &mut rng));
            assert!(["支部委员会", "支部", ""].contains(&name.suffix.as_str()), "{name:?}");
        }
    }
}
