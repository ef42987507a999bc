//! interpret: the parts of a query and the role of each.

use super::hits::PartRole;
use super::lattice::{LatticePart, Respelled, letter};
use super::noise::{is_separator, noise_of};
use crate::text::forms::{self, Form};
use crate::text::normalize::NormalizedText;
use crate::text::sounds;
use crate::text::symbols::of_char;
use std::ops::Range;

/// The parts of a query.
#[derive(Debug)]
pub(crate) struct Interpretation {
    pub(crate) text: NormalizedText,
    /// In typed order.
    pub(crate) parts: Vec<Part>,
    /// The family of the form word the query ends with, if it has one.
    pub(crate) form: Option<Form>,
}

/// One part of the normalized query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// Where it lies in the normalized text, in bytes.
    pub(crate) range: Range<usize>,
    pub(crate) role: PartRole,
}

impl Interpretation {
    pub(crate) fn part_text(&self, part: &Part) -> &str {
        &self.text.text()[part.range.clone()]
    }

    /// The normalized text without noise.
    pub(crate) fn without_noise(&self) -> String {
        self.parts
            .iter()
            .filter(|part| part.role != PartRole::Noise)
            .map(|part| self.part_text(part))
            .collect()
    }

    /// How many characters of a range of the normalized text are noise.
    pub(crate) fn noise_len(&self, range: &Range<usize>) -> usize {
        let noise = self.parts.iter().filter(|part| part.role == PartRole::Noise);
        let held = noise.map(|part| part.range.start.max(range.start)..part.range.end.min(range.end));
        held.filter_map(|held| self.text.text().get(held)).map(|text| text.chars().count()).sum()
    }

    /// The parts of names, in typed order.
    fn name_parts(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| part.role == PartRole::Name)
    }

    /// The texts of the parts that a name must hold, in typed order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.name_parts().map(|part| self.part_text(part))
    }

    /// The parts of names as symbols.
    pub(crate) fn lattice_parts(&self) -> Vec<LatticePart> {
        let respelled = Respelled::new(&self.text);
        let mut parts: Vec<LatticePart> = self.name_parts().map(|part| respelled.part(&part.range)).collect();
        let texts: Vec<&str> = self.names().collect();
        // bei jing, Middle School: the spaces stand between syllables and words, not between parts.
        let is_read = |at: usize| {
            let (text, symbols) = (texts[at], &parts[at].symbols);
            let is_respelled = symbols.iter().all(|placed| letter(placed.symbol).is_none());
            text.is_ascii() && (is_respelled || (are_letters(text) && sounds::are_syllables(text)))
        };
        let has_letters = |at: usize| texts[at].contains(|c: char| c.is_ascii_lowercase());
        let continues: Vec<bool> = (0..parts.len())
            .map(|at| at > 0 && is_read(at - 1) && is_read(at) && (has_letters(at - 1) || has_letters(at)))
            .collect();
        parts.iter_mut().zip(continues).for_each(|(part, continues)| part.continues = continues);
        parts
    }
}

fn are_letters(text: &str) -> bool {
    text.chars().all(|c| letter(of_char(c)).is_some())
}

/// Separates the query at white space and list marks, and sets noise, boilerplate and form words aside.
pub(crate) fn interpret(text: NormalizedText) -> Interpretation {
    let mut interpretation = Interpretation { parts: Vec::new(), form: None, text };
    for (chunk, is_noise) in chunks(&interpretation.text) {
        if is_noise {
            interpretation.parts.push(Part { range: chunk, role: PartRole::Noise });
        } else {
            add_parts(&mut interpretation, chunk);
        }
    }
    set_respelled_form_aside(&mut interpretation);
    interpretation
}

/// The ranges of the normalized text between separators and noise, and whether each is noise.
pub(super) fn chunks(text: &NormalizedText) -> Vec<(Range<usize>, bool)> {
    let noise = noise_of(text);
    let mut chunks: Vec<(Range<usize>, bool)> = Vec::new();
    let (mut at, mut place) = (0, 0);
    let mut fresh = true;
    for c in text.raw().chars() {
        let folded = crate::normalize(c.encode_utf8(&mut [0; 4]));
        fresh |= is_separator(c);
        for folded in folded.chars() {
            let is_noise = noise.get(place).copied().unwrap_or(false);
            match chunks.last_mut() {
                Some((chunk, known)) if !fresh && *known == is_noise => chunk.end = at + folded.len_utf8(),
                _ => chunks.push((at..at + folded.len_utf8(), is_noise)),
            }
            fresh = false;
            at += folded.len_utf8();
            place += 1;
        }
    }
    chunks
}

pub(super) fn add_parts(interpretation: &mut Interpretation, chunk: Range<usize>) {
    let text = &interpretation.text.text()[chunk.clone()];
    if forms::is_boilerplate(text) {
        let family = forms::family_of(text);
        let role = if family.is_some() { PartRole::Form } else { PartRole::Boilerplate };
        interpretation.form = interpretation.form.or(family);
        interpretation.parts.push(Part { range: chunk, role });
        return;
    }
    if let Some(len) = forms::prefix_at_end(text) {
        let prefix = chunk.end - len..chunk.end;
        add_parts(interpretation, chunk.start..prefix.start);
        interpretation.parts.push(Part { range: prefix, role: PartRole::Boilerplate });
        return;
    }
    if let Some(len) = forms::respelled_prefix(text) {
        let prefix = chunk.start..chunk.start + len;
        interpretation.parts.push(Part { range: prefix.clone(), role: PartRole::Boilerplate });
        add_parts(interpretation, prefix.end..chunk.end);
        return;
    }
    let split = forms::split(text);
    let mut add = |range: Range<usize>, role| {
        if !range.is_empty() {
            let range = chunk.start + range.start..chunk.start + range.end;
            interpretation.parts.push(Part { range, role });
        }
    };
    add(split.prefix, PartRole::Boilerplate);
    add(split.core, PartRole::Name);
    add(split.form, PartRole::Form);
    interpretation.form = interpretation.form.or(split.family);
}

/// tuanwei, zhi bu, 团支邵: a form word in another spelling at the end, as long as a name remains.
pub(super) fn set_respelled_form_aside(interpretation: &mut Interpretation) {
    let text = interpretation.text.text();
    let Some((len, family)) = forms::respelled_form(text) else { return };
    let form_start = text.len() - len;
    let is_known = interpretation.parts.last().is_some_and(|part| part.role == PartRole::Form);
    if is_known && !text[form_start..].contains(|c: char| c.is_ascii_lowercase()) {
        return;
    }
    let remains = |part: &Part| part.role == PartRole::Name && part.range.start < form_start;
    if !interpretation.parts.iter().any(remains) {
        return;
    }
    let end = text.len();
    interpretation.parts.retain(|part| part.range.start < form_start);
    for part in &mut interpretation.parts {
        part.range.end = part.range.end.min(form_start);
    }
    interpretation.parts.push(Part { range: form_start..end, role: PartRole::Form });
    interpretation.form = interpretation.form.or(family);
}

#[cfg(test)]
mod tests {
    use super::*;
    use PartRole::{Boilerplate, Form, Name, Noise};

    #[test]
    fn parts_and_their_roles() {
        let rows: [(&str, &[(&str, PartRole)]); 12] = [
            ("北大软微", &[("北大软微", Name)]),
            ("北京大学 软微", &[("北京大学", Name), ("软微", Name)]),
            ("共青团北京大学委员会", &[("共青团", Boilerplate), ("北京大学", Name), ("委员会", Form)]),
            ("共青困北京大学委员会", &[("共青困", Boilerplate), ("北京大学", Name), ("委员会", Form)]),
            ("北京大学委员会（共青团）", &[("北京大学", Name), ("委员会", Form), ("共青团", Boilerplate)]),
            ("gongqingtuan北大", &[("gongqingtuan", Boilerplate), ("北大", Name)]),
            ("转入：北大", &[("转入", Noise), ("北大", Name)]),
            ("北大团委", &[("北大", Name), ("团委", Form)]),
            ("renda fuzhong tuanwei", &[("renda", Name), ("fuzhong", Name), ("tuanwei", Form)]),
            ("tuanwei", &[("tuanwei", Name)]),
            ("团支部", &[("团支部", Form)]),
            ("", &[]),
        ];
        for (query, expected) in rows {
            let interpretation = interpret(NormalizedText::new(query));
            let parts: Vec<(&str, PartRole)> =
                interpretation.parts.iter().map(|part| (interpretation.part_text(part), part.role)).collect();
            assert_eq!(parts, expected, "{query}");
        }
    }

    #[test]
    fn syllables_with_spaces_between_them_are_one_part_of_the_lattice() {
        for (query, continues) in [("bei jing", vec![false, true]), ("bei 京", vec![false, false])] {
            let parts = interpret(NormalizedText::new(query)).lattice_parts();
            assert_eq!(parts.iter().map(|part| part.continues).collect::<Vec<_>>(), continues, "{query}");
        }
    }
}
