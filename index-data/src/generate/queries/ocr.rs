//! A name as text recognition reads it from a photo.

use super::target::Target;
use crate::generate::candidate::Fit;
use crate::generate::fold::Fold;
use crate::generate::lists::QueryWords;
use crate::generate::rng::Rng;

/// Hanzi taken for others in one name: more than two, and nobody would paste it.
const MOST_HANZI: usize = 2;

/// 2O24级l班, 第-中学, 中关村街道ロ.
pub(super) fn ocr(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
    let (core, fit) = target.telling_core()?;
    let read = misread(&core, rng)?;
    let is_whole = !target.label.bare && rng.permille(500);
    let query =
        if is_whole { format!("{}{read}{}", target.label.prefix, target.label.suffix) } else { read.clone() };
    let fit = fit.folded(target.lists(), Fold::Looks)?;
    Some((query, Fit { not_in_others: Some(read), ..fit }))
}

/// The text with some characters taken for others; `None` if there is none that looks like another.
fn misread(text: &str, rng: &mut Rng) -> Option<String> {
    let looks = &QueryWords::get().looks;
    let mut hanzi = 0;
    let mut read = String::with_capacity(text.len());
    for char in text.chars() {
        let others = looks.iter().find(|(written, _)| *written == char).map(|(_, others)| others);
        let is_counted = !char.is_ascii_digit() && char != '一';
        let share = if is_counted { 200 } else { 350 };
        match others.and_then(|others| rng.pick(others)) {
            Some(other) if rng.permille(share) && (!is_counted || hanzi < MOST_HANZI) => {
                hanzi += usize::from(is_counted);
                read.push(*other);
            }
            _ => read.push(char),
        }
    }
    (read != text).then_some(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::lists::Lists;
    use crate::generate::rng::Purpose;

    #[test]
    fn what_is_misread_still_looks_the_same() {
        let lists = Lists::get();
        for text in ["北京市第一〇一中学", "2024级软件工程1班", "千口村"] {
            let mut changed = 0;
            for place in 0..40 {
                let Some(read) = misread(text, &mut Rng::at(5, Purpose::Queries, place)) else { continue };
                assert_eq!(Fold::Looks.of(lists, &read), Fold::Looks.of(lists, text), "{read}");
                changed += 1;
            }
            assert!(changed > 5, "{text} {changed}");
        }
        assert_eq!(misread("海淀", &mut Rng::at(5, Purpose::Queries, 1)), None);
    }
}
