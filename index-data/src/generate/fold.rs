//! What is left of a text when what its reader, listener or typist may have changed is taken away. Two names of one fold
//! cannot be told apart by a query that went the same way.

use super::distort;
use super::english;
use super::lists::{Lists, QueryWords};
use std::borrow::Cow;

/// How many folds there are.
pub(crate) const FOLDS: usize = Fold::English as usize + 1;

/// What counts as the same text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum Fold {
    /// Only the text itself.
    #[default]
    None,
    /// What looks alike: 0 and O, 一 and -.
    Looks,
    /// What sounds alike, tones aside.
    Sounds,
    /// What begins with the same letters.
    Initials,
    /// What has the same English name.
    English,
}

impl Fold {
    /// All but [`Fold::None`].
    pub(crate) const OTHERS: [Fold; FOLDS - 1] = [Fold::Looks, Fold::Sounds, Fold::Initials, Fold::English];

    /// The fold of a text; `None` if it has none.
    pub(crate) fn of<'t>(self, lists: &Lists, text: &'t str) -> Option<Cow<'t, str>> {
        Some(match self {
            Fold::None => Cow::Borrowed(text),
            Fold::Looks => {
                let words = QueryWords::get();
                text.chars().map(|char| words.as_written(char)).collect::<String>().into()
            }
            // A space at both ends, so that one fold holds another only in whole syllables or words.
            Fold::Sounds => format!(" {} ", distort::syllables(lists, text)?.join(" ")).into(),
            Fold::Initials => distort::initials(&distort::syllables(lists, text)?).into(),
            Fold::English => {
                let words: Vec<_> =
                    english::translate(lists, text)?.iter().map(english::Part::plain).collect();
                format!(" {} ", words.join(" ")).into()
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_take_away_what_a_query_cannot_tell() {
        let lists = Lists::get();
        for (fold, one, other) in [
            (Fold::Looks, "第一O一中学", "第-〇一中学"),
            (Fold::Looks, "2024级1班", "2Ｏ24级l班"),
            (Fold::Sounds, "海淀区", "海店区"),
            (Fold::Initials, "海淀区", "海东区"),
            (Fold::English, "海淀区第七中学", "海淀区第七高级中学"),
        ] {
            let same = fold.of(lists, one) == fold.of(lists, other);
            assert_eq!(same, fold != Fold::English, "{fold:?} {one} {other}");
            assert_ne!(fold.of(lists, one), fold.of(lists, "北京大学"), "{fold:?}");
        }
        assert_eq!(Fold::Sounds.of(lists, "海淀").as_deref(), Some(" hai dian "));
        assert_eq!(
            Fold::English.of(lists, "海淀区第七中学").as_deref(),
            Some(" haidian district no.7 middle school ")
        );
    }
}
