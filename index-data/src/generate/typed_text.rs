//! Text of which some characters are typed as they are, some in pinyin, some by a letter.

use super::distort;
use super::lists::Lists;

/// How one character is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Typed {
    AsIs,
    Syllable,
    Initial,
}

/// A text as it is typed. Characters that are neither hanzi nor letters nor digits do not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TypedText {
    how: Vec<Typed>,
    typed: Vec<String>,
}

impl TypedText {
    /// `text` with its characters typed as `how` says; `None` if it has another number of characters, or a hanzi without
    /// a reading.
    pub(crate) fn new(lists: &Lists, text: &str, how: Vec<Typed>) -> Option<TypedText> {
        let characters = characters(text);
        let syllables = distort::syllables(lists, text)?;
        if characters.len() != how.len() || syllables.len() != how.len() {
            return None;
        }
        let typed = characters.iter().zip(syllables).zip(&how).map(|((char, syllable), how)| match how {
            Typed::AsIs => char.to_string(),
            Typed::Syllable => syllable,
            Typed::Initial => syllable.chars().take(1).collect(),
        });
        Some(TypedText { typed: typed.collect(), how })
    }

    /// What is typed for each character.
    pub(crate) fn typed(&self) -> &[String] {
        &self.typed
    }

    /// Whether `text` would be typed in the same way.
    pub(crate) fn fits(&self, lists: &Lists, text: &str) -> bool {
        TypedText::new(lists, text, self.how.clone()).is_some_and(|other| other.typed == self.typed)
    }
}

/// The characters that count.
pub(crate) fn characters(text: &str) -> Vec<char> {
    text.chars().filter(|char| distort::is_hanzi(*char) || char.is_ascii_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_texts_fit_where_they_are_typed_the_same_way() {
        let lists = Lists::get();
        let how = vec![Typed::AsIs, Typed::Syllable, Typed::AsIs, Typed::AsIs, Typed::Initial];
        let typed = TypedText::new(lists, "高二（15）班", how).unwrap();
        assert_eq!(typed.typed().concat(), "高er15b");
        for (text, fits) in [
            ("高二15班", true),
            ("高贰15班", true),
            ("高三15班", false),
            ("初二15班", false),
            ("高二15", false),
        ] {
            assert_eq!(typed.fits(lists, text), fits, "{text}");
        }
        assert_eq!(TypedText::new(lists, "高二", vec![Typed::AsIs]), None);
    }
}
