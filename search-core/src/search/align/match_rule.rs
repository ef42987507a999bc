//! By which rule a typed piece stands for a symbol of a name, and what may be meant by what was typed.

use crate::search::tuning::quality;

/// By which rule a typed piece stands for a symbol, from the strictest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchRule {
    /// The same character.
    Same,
    /// The same number in another form: 十五 for 15.
    Number,
    /// Its pinyin.
    Pinyin,
    /// One of its less usual readings.
    OtherReading,
    /// The first letter of its pinyin.
    Initial,
    /// A character of a word that means what was typed: 南 in 南京航空航天大学 for NUAA.
    Synonym,
    /// A reading that people mix up with its own: zang for zhang.
    NearPinyin,
    /// A character of the same sound.
    Homophone,
    /// A character of nearly the same sound.
    NearSound,
    /// Two neighbours in the wrong order, or two digits of a number.
    Swapped,
    /// A character, or a digit of a number, typed twice.
    Doubled,
    /// A character of similar shape.
    Shape,
    /// 第 with its number left out.
    NumberLeftOut,
}

impl MatchRule {
    /// How much of its weight a match by this rule earns, `0.0..=1.0`.
    pub(crate) fn quality(self) -> f32 {
        match self {
            MatchRule::Same => quality::SAME,
            MatchRule::Number => quality::NUMBER,
            MatchRule::Pinyin => quality::PINYIN,
            MatchRule::OtherReading => quality::OTHER_READING,
            MatchRule::Initial => quality::INITIAL,
            MatchRule::Synonym => quality::SYNONYM,
            MatchRule::NearPinyin => quality::NEAR_PINYIN,
            MatchRule::Homophone | MatchRule::Swapped | MatchRule::Doubled => quality::LIKELY_TYPO,
            MatchRule::NearSound | MatchRule::Shape | MatchRule::NumberLeftOut => quality::UNLIKELY_TYPO,
        }
    }

    /// Whether it takes something else to be meant than what was typed.
    pub fn is_correction(self) -> bool {
        self >= MatchRule::NearPinyin
    }

    /// The rule's name in explanations.
    pub fn name(self) -> &'static str {
        match self {
            MatchRule::Same => "same",
            MatchRule::Number => "number",
            MatchRule::Pinyin => "pinyin",
            MatchRule::OtherReading => "other_reading",
            MatchRule::Initial => "initial",
            MatchRule::Synonym => "synonym",
            MatchRule::NearPinyin => "near_pinyin",
            MatchRule::Homophone => "homophone",
            MatchRule::NearSound => "near_sound",
            MatchRule::Swapped => "swapped",
            MatchRule::Doubled => "doubled",
            MatchRule::Shape => "shape",
            MatchRule::NumberLeftOut => "number_left_out",
        }
    }
}

/// What may be meant by what was typed. Each value allows all that those before it allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tolerance {
    /// What was typed.
    Strict,
    /// The same characters, two neighbours transposed or one of them duplicated.
    Transposed,
    /// Also characters that sound or look similar.
    Similar,
}
