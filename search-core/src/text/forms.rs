//! Takes a normalized name apart: prefix, the name proper (its core), form.

use super::normalize::normalize;
use super::numerals::small_value;
use super::sounds;
use index_data::lexicon::{FormRole, forms, shapes, stop_words};
use std::cmp::Ordering;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

/// Changes whenever names are taken apart otherwise, though the words are the same.
pub(crate) const VERSION: u32 = 1;

/// The family of a form word, compared between a query and a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Committee,
    WorkCommittee,
    GeneralBranch,
    Branch,
}

impl Form {
    /// All families, by their code less one.
    const ALL: [Form; 4] = [Form::Committee, Form::WorkCommittee, Form::GeneralBranch, Form::Branch];

    /// The family by its name in the lexicon.
    fn of_name(name: &str) -> Option<Form> {
        Some(match name {
            "committee" => Form::Committee,
            "work_committee" => Form::WorkCommittee,
            "general_branch" => Form::GeneralBranch,
            "branch" => Form::Branch,
            _ => return None,
        })
    }
}

/// The number of a family in an index; 0: none.
pub(crate) fn code(form: Option<Form>) -> u8 {
    Form::ALL.iter().position(|known| Some(*known) == form).map_or(0, |at| at as u8 + 1)
}

/// The family of a number given by [`code`].
pub(crate) fn of_code(code: u8) -> Option<Form> {
    Form::ALL.get(usize::from(code).checked_sub(1)?).copied()
}

/// Where the parts of a name lie, in bytes of the normalized text. The core is never empty unless the text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NameParts {
    /// 中国共产主义青年团, 共青团; may be empty.
    pub(crate) prefix: Range<usize>,
    /// What tells one name from another.
    pub(crate) core: Range<usize>,
    /// 支部委员会, 团委; may be empty.
    pub(crate) form: Range<usize>,
    /// The family of the form word.
    pub(crate) family: Option<Form>,
}

static FORM_WORDS: LazyLock<FormWords> = LazyLock::new(FormWords::new);

/// Characters of similar shape.
static ALIKE: LazyLock<HashSet<(char, char)>> = LazyLock::new(|| {
    shapes().flat_map(|row| row.similar.chars().map(move |other| (row.character, other))).collect()
});

/// Words that end names of units.
static WORDS_BEFORE_FORM: LazyLock<Vec<String>> = LazyLock::new(|| stop_words().map(normalize).collect());

/// Characters of a prefix, and letters of one in pinyin, at most.
const LONGEST_PREFIX: usize = 32;

/// How words of the League itself begin in initials: 团委, 团支部.
const LEAGUE_INITIAL: char = 't';

/// Splits a normalized text: the longest prefix and the longest form word come off, as long as something remains
/// between them. A text of nothing but such words is all core.
pub(crate) fn split(text: &str) -> NameParts {
    let words = &*FORM_WORDS;
    let prefix = words.prefix(text);
    let leaves_name = |(start, (len, _)): &(usize, (usize, Option<Form>))| start + len < text.len();
    let ends = prefix
        .zip(words.form(text, true))
        .filter(leaves_name)
        .or_else(|| words.prefix_with_form(text).zip(words.form_after_prefix(text)).filter(leaves_name))
        .or_else(|| Some(0).zip(words.form_after_school(text)).filter(leaves_name))
        .or_else(|| Some(0).zip(words.form(text, false)).filter(leaves_name))
        .or_else(|| prefix.zip(Some((0, None))).filter(leaves_name));
    let (start, (len, family)) = ends.unwrap_or((0, (0, None)));
    let end = text.len() - len;
    NameParts { prefix: 0..start, core: start..end, form: end..text.len(), family }
}

/// Whether a normalized text is made of prefixes and form words only.
pub(crate) fn is_boilerplate(text: &str) -> bool {
    let words = &*FORM_WORDS;
    // Every way to cut the text into such words, by the position reached.
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for at in 0..text.len() {
        if reached[at] && text.is_char_boundary(at) {
            let rest = &text[at..];
            words
                .all
                .iter()
                .filter(|word| rest.starts_with(word.as_str()))
                .for_each(|word| reached[at + word.len()] = true);
        }
    }
    !text.is_empty() && reached[text.len()]
}

/// A form word at the end of a normalized text that is spelled otherwise: in pinyin (tuanwei, 团wei), by its initials
/// (tw), with a character of similar shape (团支邵), or with gaps in it. Its length, and its family.
pub(crate) fn respelled_form(text: &str) -> Option<(usize, Option<Form>)> {
    let words = &*FORM_WORDS;
    let forms = words.forms.iter();
    forms
        .clone()
        .find_map(|(word, form)| Some((respelled_len(text, word)?, Some(*form))))
        .or_else(|| longest_at_end(&words.initials, text).filter(|(len, _)| stands_for_form(text, *len)))
}

/// The prefix that begins a normalized text with a character of similar shape (共青困) or in pinyin, if a name follows: its
/// length.
pub(crate) fn respelled_prefix(text: &str) -> Option<usize> {
    let prefixes = &FORM_WORDS.prefixes;
    if prefixes.iter().any(|word| text.starts_with(word.as_str())) {
        return None;
    }
    let is_prefix =
        |len: &usize| prefixes.iter().any(|word| respelled_len(&text[..*len], word) == Some(*len));
    text.char_indices().map(|(at, _)| at).skip(1).take(LONGEST_PREFIX).filter(is_prefix).last()
}

/// The prefix that stands behind the name, spelled as [`respelled_prefix`] allows: 北京大学委员会（共青团）. Its length.
pub(crate) fn prefix_at_end(text: &str) -> Option<usize> {
    let lens = FORM_WORDS.prefixes.iter().filter_map(|word| respelled_len(text, word));
    lens.filter(|&len| len < text.len()).max()
}

/// How much of the end of a text is a form word, each character as it is, in pinyin or as one of similar shape.
fn respelled_len(text: &str, word: &str) -> Option<usize> {
    let (mut rest, mut alike, mut sure) = (text, 0, 0);
    for c in word.chars().rev() {
        let pinyin = sounds::usual_reading(c);
        if let Some(before) = rest.strip_suffix(c) {
            (rest, sure) = (before, sure + 1);
        } else if let Some(before) = rest.strip_suffix(pinyin).filter(|_| !pinyin.is_empty()) {
            (rest, sure) = (before, sure + 1);
        } else {
            let last = rest.chars().next_back()?;
            ALIKE.contains(&(c, last)).then_some(())?;
            (rest, alike) = (&rest[..rest.len() - last.len_utf8()], alike + 1);
        }
    }
    // Most of it must be certain: 困委 is 团委, but nothing else of two characters that only look like it.
    (alike * 2 <= sure + alike && sure > 0).then_some(text.len() - rest.len())
}

/// Whether letters at the end are the initials of a form word: 北大tw, 3班zb. Others go on from letters that are pinyin.
fn stands_for_form(text: &str, len: usize) -> bool {
    let (before, initials) = text.split_at(text.len() - len);
    let name = before.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let letters = &before[name.len()..];
    let names_league = initials.starts_with(LEAGUE_INITIAL);
    // zb alone may be other words as well: 总部, 淄博.
    let ends_like_a_unit = || {
        name.ends_with(|c: char| c.is_ascii_digit())
            || WORDS_BEFORE_FORM.iter().any(|word| name.ends_with(word.as_str()))
    };
    sounds::are_syllables(letters) && (names_league || ends_like_a_unit())
}

/// The longest form word of the League, as 团委 is, that begins a normalized text: its length.
pub(crate) fn league_form_len(text: &str) -> Option<usize> {
    let forms = FORM_WORDS.forms.iter().filter(|(word, _)| word.starts_with('团'));
    forms.filter(|(word, _)| text.starts_with(word.as_str())).map(|(word, _)| word.len()).max()
}

/// The family of the form word that ends a normalized text, also where the text is nothing but that word.
pub(crate) fn family_of(text: &str) -> Option<Form> {
    longest_at_end(&FORM_WORDS.forms, text).and_then(|(_, family)| family)
}

struct FormWords {
    prefixes: Vec<String>,
    prefixes_with_form: Vec<String>,
    forms: Vec<(String, Form)>,
    forms_after_prefix: Vec<(String, Form)>,
    /// Only after the end of a school's name.
    forms_after_school: Vec<(String, Form)>,
    school_ends: Vec<String>,
    /// The initials of forms in pinyin.
    initials: Vec<(String, Form)>,
    all: Vec<String>,
}

impl FormWords {
    fn new() -> Self {
        let texts = |role: FormRole| {
            let rows = forms().filter(|row| row.role == role);
            let mut rows: Vec<(String, Form)> =
                rows.filter_map(|row| Some((normalize(row.text), Form::of_name(row.form)?))).collect();
            rows.sort_by(|a, b| longest_first(&a.0, &b.0));
            rows
        };
        let words = |role| {
            let mut words: Vec<String> =
                forms().filter(|row| row.role == role).map(|row| normalize(row.text)).collect();
            words.sort_by(|a, b| longest_first(a, b));
            words
        };
        FormWords {
            prefixes: words(FormRole::Prefix),
            prefixes_with_form: words(FormRole::PrefixWithForm),
            initials: initials(&texts(FormRole::Form)),
            forms: texts(FormRole::Form),
            forms_after_school: texts(FormRole::FormAfterSchool),
            school_ends: words(FormRole::SchoolEnd),
            forms_after_prefix: texts(FormRole::FormAfterPrefix),
            all: forms()
                .filter(|row| !matches!(row.role, FormRole::SchoolEnd | FormRole::FormAfterSchool))
                .map(|row| normalize(row.text))
                .collect(),
        }
    }

    fn prefix(&self, text: &str) -> Option<usize> {
        self.prefixes.iter().find(|word| text.starts_with(word.as_str())).map(String::len)
    }

    fn prefix_with_form(&self, text: &str) -> Option<usize> {
        self.prefixes_with_form.iter().find(|word| text.starts_with(word.as_str())).map(String::len)
    }

    fn form(&self, text: &str, after_prefix: bool) -> Option<(usize, Option<Form>)> {
        if names_regiment(text) {
            let mut forms = self.forms.iter().filter(|(word, _)| !word.starts_with('团'));
            return forms.find_map(|(word, form)| text.ends_with(word).then_some((word.len(), Some(*form))));
        }
        longest_at_end(&self.forms, text)
            .or_else(|| if after_prefix { self.form_after_prefix(text) } else { None })
    }

    /// 第二中学校团委 is 第二中学, but 育才学校团委 is 育才学校.
    fn form_after_school(&self, text: &str) -> Option<(usize, Option<Form>)> {
        longest_at_end(&self.forms_after_school, text).filter(|(len, _)| {
            let name = &text[..text.len() - len];
            self.school_ends.iter().any(|end| name.ends_with(end.as_str()))
        })
    }

    /// Only where no full form word ends the text: 团结湖街道团工委 is not 团 + 结湖街道团 + 工委.
    fn form_after_prefix(&self, text: &str) -> Option<(usize, Option<Form>)> {
        match longest_at_end(&self.forms, text) {
            Some(_) => None,
            None => longest_at_end(&self.forms_after_prefix, text),
        }
    }
}

fn longest_first(a: &str, b: &str) -> Ordering {
    b.len().cmp(&a.len()).then_with(|| a.cmp(b))
}

/// The initials of the short forms: tw, tzb.
fn initials(forms: &[(String, Form)]) -> Vec<(String, Form)> {
    const LONGEST: usize = 3;
    let initial = |c: char| sounds::usual_reading(c).chars().next();
    let short = forms.iter().filter(|(word, _)| word.chars().count() <= LONGEST);
    let mut rows: Vec<(String, Form)> =
        short.map(|(word, form)| (word.chars().filter_map(initial).collect(), *form)).collect();
    rows.sort_by(|a, b| longest_first(&a.0, &b.0));
    rows
}

/// Whether 团 belongs to the name: 一六三团委员会 is the committee of a regiment (兵团).
fn names_regiment(text: &str) -> bool {
    let Some(name) = text.strip_suffix("团委员会") else { return false };
    let last_two = name.chars().rev().take(2);
    last_two.clone().count() == 2 && last_two.into_iter().all(|c| small_value(c).is_some() || c == '百')
}

fn longest_at_end(words: &[(String, Form)], text: &str) -> Option<(usize, Option<Form>)> {
    let last = text.as_bytes().last();
    // Most words end otherwise: one byte shows it without a call.
    let ends_text = |word: &str| word.as_bytes().last() == last && text.ends_with(word);
    words.iter().find(|(word, _)| ends_text(word)).map(|(word, form)| (word.len(), Some(*form)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_form_word_of_the_lexicon_has_a_known_family() {
        for row in forms() {
            let is_form =
                matches!(row.role, FormRole::Form | FormRole::FormAfterPrefix | FormRole::FormAfterSchool);
            assert!(!is_form || Form::of_name(row.form).is_some(), "{}: {}", row.text, row.form);
        }
        assert!(Form::ALL.iter().all(|&form| of_code(code(Some(form))) == Some(form)));
        assert_eq!((code(None), of_code(0), of_code(9)), (0, None, None));
    }

    #[test]
    fn names_come_apart_where_people_see_it() {
        let rows = [
            (
                "中国共产主义青年团北京大学软件与微电子学院2024级软件工程1班支部委员会",
                "北京大学软件与微电子学院2024级软件工程1班",
                Some(Form::Branch),
            ),
            (
                "中国共产主义青年团北京市海淀区中关村街道工作委员会",
                "北京市海淀区中关村街道",
                Some(Form::WorkCommittee),
            ),
            ("共青团北京市委", "北京市", Some(Form::Committee)),
            ("团北京市委", "北京市", Some(Form::Committee)),
            ("团结湖街道团工委", "团结湖街道", Some(Form::WorkCommittee)),
            ("团结湖街道", "团结湖街道", None),
            ("2024级1班团支部", "2024级1班", Some(Form::Branch)),
            ("流动团员团支部", "流动团员", Some(Form::Branch)),
            ("中国共产主义青年团中央委员会", "中央", Some(Form::Committee)),
            ("中国共产主义青年团白杨市一六三团委员会", "白杨市一六三团", Some(Form::Committee)),
            ("共青团兵团七十四团委员会", "兵团七十四团", Some(Form::Committee)),
            ("中国共产主义青年团第三中学团委员会", "第三中学", Some(Form::Committee)),
            ("高一团支部", "高一", Some(Form::Branch)),
            ("第二中学校团委", "第二中学", Some(Form::Committee)),
            ("育才学校团委", "育才学校", Some(Form::Committee)),
            ("北京市大兴团区委", "北京市大兴", Some(Form::Committee)),
            ("和平村总支部委员会", "和平村", Some(Form::GeneralBranch)),
            ("中国共产主义青年团北京", "北京", None),
            ("团委", "团委", None),
            ("共青团", "共青团", None),
            ("", "", None),
        ];
        for (name, core, family) in rows {
            let parts = split(name);
            assert_eq!((&name[parts.core.clone()], parts.family), (core, family), "{name}");
        }
    }

    #[test]
    fn form_words_are_known_in_other_spellings() {
        let rows = [
            ("beidatuanwei", Some(("beida", Form::Committee))),
            ("辽宁理工职大学院团wei", Some(("辽宁理工职大学院", Form::Committee))),
            ("1班tuan支bu", Some(("1班", Form::Branch))),
            ("武汉硚口区tw", Some(("武汉硚口区", Form::Committee))),
            ("bantzb", Some(("ban", Form::Branch))),
            ("gaoer3bantzb", Some(("gaoer3ban", Form::Branch))),
            ("社区zb", Some(("社区", Form::Branch))),
            ("26o2班团支邵", Some(("26o2班", Form::Branch))),
            ("8班困支部", Some(("8班", Form::Branch))),
            ("东刘家村团攴部", Some(("东刘家村", Form::Branch))),
            ("北大困委", Some(("北大", Form::Committee))),
            ("山东zb", None),
            ("bjdxtw", None),
            ("北京大学", None),
            ("北大", None),
            ("因季", None),
            ("", None),
        ];
        for (text, expected) in rows {
            let found = respelled_form(text).map(|(len, form)| (&text[..text.len() - len], form));
            assert_eq!(found, expected.map(|(name, form)| (name, Some(form))), "{text}");
        }
    }

    #[test]
    fn boilerplate_is_known_in_any_combination() {
        for text in ["团支部", "共青团", "中国共产主义青年团委员会", "共青团委员会", "团"]
        {
            assert!(is_boilerplate(text), "{text}");
        }
        for text in ["", "北京团市委", "团结", "中国"] {
            assert!(!is_boilerplate(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn parts_join_to_the_text(text in "(中国共产主义青年团|共青团|团)?[北京大学委团a1]{0,6}(团支部|委员会|委)?") {
            let parts = split(&text);
            prop_assert_eq!(parts.prefix.start, 0);
            prop_assert_eq!(parts.prefix.end, parts.core.start);
            prop_assert_eq!(parts.core.end, parts.form.start);
            prop_assert_eq!(parts.form.end, text.len());
            prop_assert!(text.is_empty() || !parts.core.is_empty());
        }
    }
}
