//! A name inside a sentence, sometimes in two places of it, sometimes as the committee of a unit named before.

use super::mention::Mention;
use super::target::Target;
use crate::generate::candidate::Fit;
use crate::generate::lists::{QueryWords, Sentence};
use crate::generate::place_stem::place_stem;
use crate::generate::rng::Rng;
use crate::generate::tree::{Group, Segment};

/// 我在北大软微，具体是24级软工1班; 海淀区那边，要转到团区委.
pub(super) fn sentence(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
    let mention = Mention::any(target, rng)?;
    let text = match rng.below(10) {
        0..=4 => template("whole", whom(target), rng)?.replace("{}", &mention.joined()),
        5..=7 if !mention.above.is_empty() => template("apart", whom(target), rng)?
            .replace("{above}", &mention.above.concat())
            .replace("{own}", &mention.own),
        _ => {
            let form = committee(target, rng)?;
            template("form", "any", rng)?.replace("{}", &mention.joined()).replace("{form}", &form)
        }
    };
    let filler = if rng.permille(250) { template("filler", "any", rng)? } else { "" };
    Some((format!("{filler}{text}"), mention.fit))
}

/// Whose sentences suit a target.
fn whom(target: &Target<'_>) -> &'static str {
    match (target.group(), target.leaf) {
        (_, Some((Segment::Village, _))) => "place",
        (_, Some((Segment::Class, _))) => "study",
        (_, Some((Segment::Company | Segment::Department, _))) => "work",
        (Group::University | Group::College | Group::School, _) => "study",
        (Group::City | Group::County | Group::Street | Group::Town | Group::Zone, _) => "place",
        (Group::Body | Group::LineUnit | Group::LineSub, _) => "work",
        _ => "any",
    }
}

fn template(sort: &str, whom: &str, rng: &mut Rng) -> Option<&'static str> {
    let suits = |found: &&Sentence| found.sort == sort && (found.whom == whom || found.whom == "any");
    let found: Vec<&str> =
        QueryWords::get().sentences.iter().filter(suits).map(|sentence| sentence.text).collect();
    rng.pick(&found).copied()
}

/// What the committee of a unit is called once the unit is named: 校团委, 团区委.
fn committee(target: &Target<'_>, rng: &mut Rng) -> Option<String> {
    if target.leaf.is_some() {
        return None;
    }
    let group = if target.group() == Group::Town { "town" } else { target.group().owner() };
    let level = target.own.get(place_stem(&target.own).len()..)?;
    let level = level.chars().next_back().map(String::from).unwrap_or_default();
    let suits = |found: &&Sentence| {
        found.whom == "committee"
            && found.sort == group
            && (!level.is_empty() || !found.text.contains("{level}"))
    };
    let found: Vec<&str> = QueryWords::get().sentences.iter().filter(suits).map(|form| form.text).collect();
    Some(rng.pick(&found)?.replace("{level}", &level))
}
