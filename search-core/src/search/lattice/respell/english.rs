//! English words of names: No.7 Middle School, class 14, School of Design, Peking University.
//!
//! The most usual meaning takes the place of the words, so that numbers and classes are read as in hanzi; further
//! meanings become synonyms of the same place. Letters that are pinyin as well (dance) are English beside English words
//! only.

use super::stand_in;
use crate::search::lattice::Synonym;
use crate::text::forms;
use crate::text::numbers::PlacedChar;
use crate::text::sounds;
use index_data::lexicon::{EnglishKind, english, latin_names};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

/// Words of the longest entries.
const LONGEST_ENTRY: usize = 6;
/// Words of an English name that are written one after another.
const LONGEST_NAME: usize = 8;
/// Meanings beside the most usual one.
const MORE_MEANINGS: usize = 3;
/// Single words of fewer letters are English beside a number or another English word only.
const SHORTEST_ALONE: usize = 3;

/// What an entry stands for.
#[derive(Debug, Clone)]
struct Entry {
    /// The most usual first.
    meanings: Vec<&'static str>,
    kind: EnglishKind,
}

static ENGLISH: LazyLock<HashMap<&'static str, Entry>> = LazyLock::new(|| {
    let mut entries: HashMap<&'static str, Entry> = HashMap::new();
    for row in english() {
        let entry = entries.entry(row.english);
        entry.or_insert_with(|| Entry { meanings: Vec::new(), kind: row.kind }).meanings.push(row.chinese);
    }
    entries
});

/// English names, in letters only.
static NAMES: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let mut names: HashMap<&'static str, Vec<&'static str>> = HashMap::new();
    latin_names().for_each(|row| names.entry(row.latin).or_default().push(row.full));
    names
});

/// Letters of the longest acronyms.
const LONGEST_ACRONYM: usize = 8;

/// Stands between a form and what it is of: School of Design.
const OF: &str = "of";
/// Words that stand between others and say nothing.
const FILLERS: [&str; 6] = [OF, "and", "the", "for", "in", "at"];

/// A run of letters or of digits.
struct Token {
    place: Range<usize>,
    text: String,
    /// Whether hanzi stand right before it.
    begins: bool,
}

impl Token {
    fn is_number(&self) -> bool {
        self.text.bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// Some tokens with what they stand for.
struct Phrase {
    tokens: Range<usize>,
    meanings: Vec<&'static str>,
    kind: EnglishKind,
    /// Whether it is English whatever stands beside it.
    is_sure: bool,
}

pub(super) fn respell(chars: Vec<PlacedChar>, synonyms: &mut Vec<Synonym>) -> Vec<PlacedChar> {
    if !chars.iter().any(|placed| placed.c.is_ascii_lowercase()) {
        return chars;
    }
    let tokens = tokens(&chars);
    let phrases = phrases(&tokens);
    acronyms(&chars, &tokens, &phrases, synonyms);
    if phrases.is_empty() {
        return chars;
    }
    let mut out: Vec<PlacedChar> = Vec::with_capacity(chars.len());
    let (mut at, mut held): (usize, Option<&Phrase>) = (0, None);
    let mut phrases = phrases.iter().peekable();
    while at < chars.len() {
        // A form that waits for what it is of ends with the letters: School of Design 2024.
        if let Some(form) = held.take_if(|_| !chars[at].c.is_ascii_lowercase()) {
            push(form, &chars[at - 1..at], synonyms, &mut out);
        }
        let Some(phrase) = phrases.next_if(|phrase| tokens[phrase.tokens.start].place.start == at) else {
            out.push(chars[at]);
            at += 1;
            continue;
        };
        at = tokens[phrase.tokens.end - 1].place.end;
        let next = tokens.get(phrase.tokens.end).filter(|next| next.place.start == at && !next.begins);
        let waits =
            [next, tokens.get(phrase.tokens.end - 1)].into_iter().flatten().any(|word| word.text == OF);
        if phrase.kind == EnglishKind::Form && waits && held.is_none() {
            held = Some(phrase);
        } else if matches!(phrase.kind, EnglishKind::Class | EnglishKind::Grade)
            && let Some(number) = next.filter(|next| next.is_number())
        {
            // class 14 is 14班.
            out.extend(&chars[number.place.clone()]);
            at = number.place.end;
            let last = chars[at - 1];
            out.extend(
                phrase.meanings[0]
                    .chars()
                    .map(|c| PlacedChar { after_gap: false, ..stand_in(c, last, last) }),
            );
        } else {
            let first = tokens[phrase.tokens.start].place.start;
            push(phrase, &chars[first..at], synonyms, &mut out);
        }
    }
    if let Some(form) = held {
        push(form, &chars[chars.len() - 1..], synonyms, &mut out);
    }
    out
}

/// Appends what a phrase stands for in the place of some characters, and its further meanings to the synonyms. Words of
/// the League say nothing.
fn push(phrase: &Phrase, typed: &[PlacedChar], synonyms: &mut Vec<Synonym>, out: &mut Vec<PlacedChar>) {
    let (Some(&first), Some(&last)) = (typed.first(), typed.last()) else { return };
    let meaning = phrase.meanings[0];
    if forms::is_boilerplate(meaning) {
        return;
    }
    let stand_ins = crate::normalize(meaning);
    let stand_ins = stand_ins.chars().enumerate();
    out.extend(
        stand_ins
            .map(|(at, c)| PlacedChar { after_gap: first.after_gap && at == 0, ..stand_in(c, first, last) }),
    );
    if matches!(phrase.kind, EnglishKind::Form | EnglishKind::Kind | EnglishKind::Field | EnglishKind::Place)
    {
        let others = phrase.meanings[1..].iter().take(MORE_MEANINGS);
        synonyms.extend(others.map(|meaning| synonym(first.start..last.end, meaning)));
    }
}

fn synonym(place: Range<usize>, meaning: &str) -> Synonym {
    Synonym { place, symbols: super::symbols_of(meaning) }
}

fn tokens(chars: &[PlacedChar]) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let first = chars[at].c;
        let is_same = |c: char| {
            (first.is_ascii_lowercase() && c.is_ascii_lowercase())
                || (first.is_ascii_digit() && c.is_ascii_digit())
        };
        let run = chars[at..].iter().enumerate();
        let len =
            run.take_while(|(place, placed)| is_same(placed.c) && (*place == 0 || !placed.after_gap)).count();
        if len > 0 {
            let text = chars[at..at + len].iter().map(|placed| placed.c).collect();
            let begins = at.checked_sub(1).is_some_and(|before| !chars[before].c.is_ascii());
            tokens.push(Token { place: at..at + len, text, begins });
        }
        at += len.max(1);
    }
    tokens
}

/// The phrases of a query, the longest at each token, those that are English by themselves and those beside them.
fn phrases(tokens: &[Token]) -> Vec<Phrase> {
    let mut phrases: Vec<Phrase> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let phrase = phrase_at(tokens, at);
        at = phrase.as_ref().map_or(at + 1, |phrase| phrase.tokens.end);
        phrases.extend(phrase);
    }
    let sure: Vec<Range<usize>> =
        phrases.iter().filter(|phrase| phrase.is_sure).map(|phrase| phrase.tokens.clone()).collect();
    let touches = |phrase: &Phrase| {
        sure.iter().any(|sure| {
            let (left, right) = if sure.end <= phrase.tokens.start {
                (sure.end, phrase.tokens.start)
            } else {
                (phrase.tokens.end, sure.start)
            };
            (left..right.max(left)).all(|between| FILLERS.contains(&tokens[between].text.as_str()))
        })
    };
    phrases.retain(|phrase| phrase.is_sure || touches(phrase));
    // Fillers beside English words go with them.
    let fillers = (0..tokens.len()).filter(|&at| FILLERS.contains(&tokens[at].text.as_str()));
    let is_beside =
        |at: usize| phrases.iter().any(|phrase| phrase.tokens.end == at || phrase.tokens.start == at + 1);
    let fillers: Vec<Phrase> = fillers
        .filter(|&at| is_beside(at) && !phrases.iter().any(|phrase| phrase.tokens.contains(&at)))
        .map(|at| Phrase {
            tokens: at..at + 1,
            meanings: vec![""],
            kind: EnglishKind::Number,
            is_sure: false,
        })
        .collect();
    phrases.extend(fillers);
    phrases.sort_by_key(|phrase| phrase.tokens.start);
    phrases
}

/// The longest entry or name that begins with a token.
fn phrase_at(tokens: &[Token], at: usize) -> Option<Phrase> {
    if tokens[at].is_number() {
        return None;
    }
    let follows = (at + 1..tokens.len()).take_while(|&next| !tokens[next].begins).count();
    for len in (1..=LONGEST_NAME.min(1 + follows)).rev() {
        let words: Vec<&str> = tokens[at..at + len].iter().map(|token| token.text.as_str()).collect();
        let range = at..at + len;
        if len > 1
            && let Some(names) =
                NAMES.get(words.concat().as_str()).filter(|_| words.concat().len() > LONGEST_ACRONYM)
        {
            return Some(Phrase {
                tokens: range,
                meanings: names.clone(),
                kind: EnglishKind::Kind,
                is_sure: true,
            });
        }
        if len <= LONGEST_ENTRY
            && let Some(entry) = ENGLISH.get(words.join(" ").as_str())
        {
            let next_is_number = tokens.get(at + len).is_some_and(|next| !next.begins && next.is_number());
            let is_counter = matches!(entry.kind, EnglishKind::Class | EnglishKind::Grade)
                || (entry.kind == EnglishKind::Number && len == 1 && words[0].len() < SHORTEST_ALONE);
            let is_sure = if is_counter && len == 1 {
                next_is_number
            } else {
                len > 1 || (words[0].len() >= SHORTEST_ALONE && !sounds::are_syllables(words[0]))
            };
            return Some(Phrase {
                tokens: range,
                meanings: entry.meanings.clone(),
                kind: entry.kind,
                is_sure,
            });
        }
    }
    None
}

/// Adds the names that a run of letters stands for: NUAA.
fn acronyms(chars: &[PlacedChar], tokens: &[Token], phrases: &[Phrase], synonyms: &mut Vec<Synonym>) {
    for (at, token) in tokens.iter().enumerate() {
        if phrases.iter().any(|phrase| phrase.tokens.contains(&at)) {
            continue;
        }
        let place = chars[token.place.start].start..chars[token.place.end - 1].end;
        if token.text.len() < SHORTEST_ALONE {
            continue;
        }
        let names = NAMES.get(token.text.as_str()).into_iter().flatten().take(1 + MORE_MEANINGS);
        synonyms.extend(names.map(|name| synonym(place.clone(), name)));
    }
}

#[cfg(test)]
mod tests {
    use super::super::Respelled;
    use super::super::tests::respelled;
    use crate::text::normalize::NormalizedText;

    #[test]
    fn english_words_are_read_as_chinese_ones() {
        let rows = [
            ("Luzhou No.7 Middle School 高三 class 14", "luzhou第7中学高三14班"),
            ("GXU School of Design", "gxu设计学院"),
            ("School of Design 2024", "设计学院2024"),
            ("hashangda 新闻学 2023 Hebrew class 3", "hashangda新闻学2023希伯来语3班"),
            ("Nanjing Qinhuai Foreign Language School", "nanjingqinhuai外国语学校"),
            ("jiaxing nanhu xueyuan dance college 团委", "jiaxingnanhuxueyuan舞蹈学院团委"),
            ("Nanjing Qinhuai 红花街道 CYL", "nanjingqinhuai红花街道"),
            ("Peking University 软微", "北京大学软微"),
            ("XUST建工学院", "xust建工学院"),
            // Pinyin.
            ("beijing dance xi", "beijingdancexi"),
            ("no", "no"),
            ("beijing daxue", "beijingdaxue"),
            ("class", "class"),
        ];
        for (query, expected) in rows {
            assert_eq!(respelled(query), expected, "{query}");
        }
    }

    #[test]
    fn acronyms_are_synonyms() {
        for (query, synonyms) in [("NUAA 计算机", 1), ("hust团委", 2), ("北京大学", 0), ("bei", 0)] {
            let respelled = Respelled::new(&NormalizedText::new(query));
            assert_eq!(respelled.synonyms.len(), synonyms, "{query}");
        }
    }
}
