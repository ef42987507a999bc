//! Takes a normalized name apart: prefix, the name proper (its core), form.

use super::normalize::normalize;
use super::numerals::small_value;
use super::sounds;
use super::symbols::of_char;
use index_data::lexicon::{FormRole, forms};
use std::cmp::Ordering;
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

/// Splits a normalized text: the longest prefix and the longest form word come off, as long as something remains
/// between them. A text of nothing but such words is all core.
pub(crate) fn split(text: &str) -> NameParts {
    let words = &*FORM_WORDS;
    let whole = NameParts { prefix: 0..0, core: 0..text.len(), form: text.len()..text.len(), family: None };
    let prefix = words.prefix(text);
    let short_prefix = words.prefix_with_form(text);
    let Some((start, (len, family))) = [
        prefix.zip(words.form(text, true)),
        short_prefix.zip(words.form_after_prefix(text)),
        Some(0).zip(words.form_after_school(text)),
        Some(0).zip(words.form(text, false)),
        prefix.zip(Some((0, None))),
    ]
    .into_iter()
    .flatten()
    .find(|(start, (len, _))| start + len < text.len()) else {
        return whole;
    };
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

/// A form word in pinyin at the end of letters (tuanwei, zhibu): its length, and its family.
pub(crate) fn pinyin_form(letters: &str) -> Option<(usize, Option<Form>)> {
    longest_at_end(&FORM_WORDS.pinyin, letters)
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
    /// The forms in pinyin.
    pinyin: Vec<(String, Form)>,
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
            pinyin: in_pinyin(&texts(FormRole::Form)),
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

fn in_pinyin(forms: &[(String, Form)]) -> Vec<(String, Form)> {
    let usual =
        |c: char| sounds::syllables(of_char(c)).first().map_or("", |&syllable| sounds::spelling(syllable));
    let mut rows: Vec<(String, Form)> =
        forms.iter().map(|(word, form)| (word.chars().map(usual).collect(), *form)).collect();
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
    words.iter().find(|(word, _)| text.ends_with(word.as_str())).map(|(word, form)| (word.len(), Some(*form)))
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
