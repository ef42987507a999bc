//! What rules an organization out, whatever else agrees. Each rule has its property test in `tests/resolve.rs`.

use super::place::{self, Place};
use super::reason::{Agreement, Reason, ReasonField};
use super::words::{are_compatible, says_type, trades_of, types};
use crate::index::layers::Records;
use crate::search::rank::RecordMatch;
use crate::text::symbols::{ClassKey, Number, Symbol, grade_name};
use index_data::lexicon::{OtherBodyRow, other_bodies};
use index_data::model::Ordinal;

/// What a record says, as far as it can contradict.
pub(super) struct Said<'a> {
    /// The normalized name without prefix and form.
    pub(super) core: &'a str,
    /// The part of it before the class.
    pub(super) unit: &'a str,
    /// Regions that it names, in its columns and in its name.
    pub(super) places: &'a [Place],
}

/// How a class and one that a record names agree: what is the same, what differs, what is missing.
pub(super) fn class(said: ClassKey, named: ClassKey) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut compare = |field, said: Option<String>, named: Option<String>| {
        let Some(said) = said else { return };
        let agreement = match &named {
            Some(named) if *named == said => Agreement::Agrees,
            Some(_) => Agreement::Differs,
            None => Agreement::Missing,
        };
        reasons.push(Reason::new(field, agreement, said, named.unwrap_or_default()));
    };
    let grade =
        |(stage, year): (u8, u8)| grade_name(stage, year).unwrap_or_else(|| format!("{stage}/{year}"));
    compare(
        ReasonField::Year,
        said.year.map(|year| year.to_string()),
        named.year.map(|year| year.to_string()),
    );
    compare(ReasonField::Grade, said.grade.map(grade), named.grade.map(grade));
    compare(
        ReasonField::Class,
        said.class.map(|class| class.to_string()),
        named.class.map(|class| class.to_string()),
    );
    reasons
}

/// Whether a class is ruled out: something differs, or the record names a class by its number and the organization is
/// none.
pub(super) fn is_other_class(reasons: &[Reason], named: ClassKey) -> bool {
    reasons.iter().any(|reason| match reason.agreement {
        Agreement::Differs => true,
        Agreement::Missing => reason.field == ReasonField::Class || named.is_empty(),
        Agreement::Agrees | Agreement::Note => false,
    })
}

/// A class where the record names none, nor any number that may be one.
pub(super) fn unsaid_class(said: ClassKey, core: &str, named: ClassKey) -> Option<Reason> {
    if !said.is_empty() || core.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let reason = |field, named: String| Reason::new(field, Agreement::Differs, "—", named);
    let year = named.year.map(|year| reason(ReasonField::Year, year.to_string()));
    let grade = named.grade.map(|(stage, year)| {
        reason(ReasonField::Grade, grade_name(stage, year).unwrap_or_else(|| format!("{stage}/{year}")))
    });
    named.class.map(|class| reason(ReasonField::Class, class.to_string())).or(grade).or(year)
}

/// Another number in the name: 第十五中学 is not 第五中学, nor is 第五十一中学. Of schools and hospitals what a number counts
/// must be the same, too: 第三中学 is not 第三堡中学.
pub(super) fn number(found: &RecordMatch, said: &Said<'_>) -> Option<Reason> {
    let text = |symbols: &[Symbol]| {
        let numbers = symbols.iter().filter_map(|&symbol| match Number::of(symbol) {
            Some(Number::Plain(number)) => Some(number.to_string()),
            _ => None,
        });
        numbers.collect::<Vec<_>>().join("、")
    };
    let reason = |said: &[Symbol], known: &[Symbol]| {
        Some(Reason::new(ReasonField::Number, Agreement::Differs, text(said), text(known)))
    };
    if !found.mistyped_for.is_empty() {
        return reason(&found.unread_numbers, &found.mistyped_for);
    }
    if !found.unread_numbers.is_empty() {
        return reason(&found.unread_numbers, &found.other_numbers);
    }
    let is_counted = ["school", "hospital"].iter().any(|counted| says_type(said.core, counted));
    if is_counted && !found.numbers_apart.is_empty() { reason(&found.numbers_apart, &[]) } else { None }
}

/// The type of the organization: 小学 is no 中学. A name says it at its end, and may say others first, as 卫生院 behind 镇;
/// 宁化镇牛心会 says none. What an own name does not say, a name above may say.
pub(super) fn organization_type(said: &Said<'_>, records: &Records, org: Ordinal) -> Option<Reason> {
    let wanted = types(said.unit);
    let own = types(records.core(org));
    // A region's committee is no school there.
    if !said.unit.is_empty() && place::is_all_places(said.unit) {
        let other = own.last().filter(|(_, known)| !known.starts_with("place"));
        return other.map(|(word, _)| Reason::new(ReasonField::Type, Agreement::Differs, said.unit, *word));
    }
    let (word, _) = *wanted.last()?;
    if !said.unit.trim_end_matches(|c: char| !c.is_alphanumeric()).ends_with(word) {
        return None;
    }
    let fits = |known: &str| wanted.iter().any(|(_, wanted)| are_compatible(wanted, known));
    let differs = |found: &[(&str, &str)]| {
        Some(Reason::new(ReasonField::Type, Agreement::Differs, word, found.last()?.0))
    };
    if let Some((_, last)) = own.last() {
        return if fits(last) { None } else { differs(&own) };
    }
    let mut nearest = Vec::new();
    for above in records.ancestors(org) {
        let found = types(records.core(above));
        if found.iter().any(|(_, known)| fits(known)) {
            return None;
        }
        nearest = if nearest.is_empty() { found } else { nearest };
    }
    differs(&nearest)
}

/// A body that is not of the League: the Party's committee of a school, or its trade union, is not the League's. Unless
/// the organization is of that body: 总工会团支部.
pub(super) fn other_body(said: &Said<'_>, records: &Records, org: Ordinal) -> Option<Reason> {
    let says = |name: &str, row: &OtherBodyRow| match row.begins {
        true => name.starts_with(row.text),
        false => name.ends_with(row.text),
    };
    let row = other_bodies().find(|row| says(said.core, row))?;
    let core = records.core(org);
    let is_of_it = says(core, &row);
    (!is_of_it).then(|| Reason::new(ReasonField::Type, Agreement::Differs, row.text, ""))
}

/// The line of business of companies.
pub(super) fn trade(said: &Said<'_>, records: &Records, org: Ordinal) -> Option<Reason> {
    let core = records.core(org);
    if !says_type(said.core, "company") && !says_type(core, "company") {
        return None;
    }
    let (wanted, known) = (trades_of(said.core), trades_of(core));
    let is_shared = wanted.iter().any(|(_, trade)| known.iter().any(|(_, other)| other == trade));
    match (wanted.first(), known.first()) {
        (Some((wanted, _)), Some((known, _))) if !is_shared => {
            Some(Reason::new(ReasonField::Trade, Agreement::Differs, *wanted, *known))
        }
        _ => None,
    }
}

/// Each region that the record names.
pub(super) fn regions(said: &Said<'_>, records: &Records, org: Ordinal) -> Vec<Reason> {
    let reason = |place: &Place| {
        let (agreement, other) = place::agreement(records, org, place);
        Reason::new(ReasonField::Region, agreement, place.text.as_str(), other)
    };
    said.places.iter().map(reason).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_class_is_ruled_out_and_what_is_not_said_is_not() {
        let key = |year, class| ClassKey { year, class, grade: None };
        for (said, named, is_other) in [
            (key(Some(2024), Some(1)), key(Some(2024), Some(1)), false),
            (key(Some(2024), Some(1)), key(Some(2024), Some(11)), true),
            (key(Some(2024), Some(1)), key(Some(2023), Some(1)), true),
            (key(None, Some(1)), key(Some(2023), Some(1)), false),
            (key(Some(2024), Some(1)), key(None, Some(1)), false),
            (key(Some(2024), Some(1)), key(Some(2024), None), true),
            (key(Some(2024), None), key(None, None), true),
            (key(None, None), key(Some(2024), Some(1)), false),
        ] {
            assert_eq!(is_other_class(&class(said, named), named), is_other, "{said:?} {named:?}");
        }
    }
}
