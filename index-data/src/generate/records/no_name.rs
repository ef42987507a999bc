//! Rows in which no organization of the country is named: persons, organizations abroad, cells left for later.

use super::draft::{Cells, Draft, Name};
use super::likeness::likeness;
use super::source::Source;
use super::telling::{nothing, pick, tell_kind, tell_region};
use super::writing::with_form;
use crate::generate::lists::RecordWords;
use crate::generate::queries::target::Target;
use crate::generate::rng::Rng;
use crate::model::OrgKind;

/// 张伟, 李娜同学, 王芳 13800001234.
pub(super) fn person(_: &Source<'_>, near: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let words = RecordWords::get();
    let mut name = (*rng.pick(&words.surnames)?).to_owned();
    for _ in 0..1 + u64::from(rng.permille(600)) {
        name.push_str(rng.pick(&words.given)?);
    }
    let mut text = rng.pick(&words.persons("title"))?.replace("{}", &name);
    if rng.permille(250) {
        let number = format!("{}{:04}", rng.pick(&words.persons("mobile"))?, rng.below(10_000));
        text = if rng.permille(800) { format!("{text} {number}") } else { number };
    }
    Some(row(near, Name::bare(&text), &text, rng))
}

/// What stands in a cell that was left for later or misunderstood.
pub(super) fn rubbish(_: &Source<'_>, near: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let words = RecordWords::get();
    let one_of = |sort: &str, rng: &mut Rng| rng.pick(&words.rubbish(sort)).copied();
    let text = match rng.below(10) {
        0..=3 => one_of("empty", rng)?.to_owned(),
        4 => one_of("test", rng)?.to_owned(),
        5..=7 => one_of("sentence", rng)?.to_owned(),
        8 => format!("{}@{}", one_of("mail", rng)?, one_of("domain", rng)?),
        _ => one_of("date", rng)?
            .replace("{y}", &(2019 + rng.below(8)).to_string())
            .replace("{m}", &(1 + rng.below(12)).to_string())
            .replace("{d}", &(1 + rng.below(28)).to_string()),
    };
    Some(row(near, Name::bare(&text), &text, rng))
}

/// A university of another country.
pub(super) fn abroad(_: &Source<'_>, near: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let text = pick("abroad", rng);
    let name = if rng.permille(300) { with_form(text, &OrgKind::Committee, rng) } else { Name::bare(text) };
    Some(row(near, name, text, rng))
}

/// A row whose other columns are as those of its neighbours.
fn row(near: &Target<'_>, name: Name, text: &str, rng: &mut Rng) -> Draft {
    let mut cells = Cells { name, ..Cells::default() };
    if rng.permille(300) {
        tell_region(near, &mut cells, rng);
    }
    if rng.permille(300) {
        tell_kind(near.label.kind, &mut cells, rng);
    }
    nothing(cells, vec![likeness(text)], Vec::new())
}
