//! sentence: a query read as a sentence. Words by which no organization is called are set aside; what remains between
//! them are the spans that may name one.
//!
//! The words stand in `sentence_words.tsv` of index-data. This is a second reading: it counts only where no
//! organization holds all of the text as it was typed (`readings.rs`).

use super::hits::PartRole;
use super::interpret::{Interpretation, Part, add_parts, chunks, set_respelled_form_aside};
use super::lattice::{MAX_NODES, letter};
use crate::number_hash::NumberHash;
use crate::text::forms;
use crate::text::normalize::NormalizedText;
use crate::text::numerals::is_numeral;
use crate::text::sounds;
use crate::text::symbols::of_char;
use index_data::lexicon::{SentenceRole, sentence_words};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

/// What a word says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// Nothing about the organization.
    Noise,
    /// The form of the unit named before: 校团委.
    Form,
    /// What follows in the clause is not meant: 不要街道的.
    Negation,
}

struct Word {
    chars: Vec<char>,
    meaning: Meaning,
    /// Whether many names hold it, so that it is noise only between other noise.
    in_names: bool,
}

/// Words by their first character, the longest first.
static WORDS: LazyLock<HashMap<char, Vec<Word>, NumberHash>> = LazyLock::new(|| {
    let mut words: HashMap<char, Vec<Word>, NumberHash> = HashMap::default();
    for row in sentence_words() {
        let chars: Vec<char> = crate::normalize(row.text).chars().collect();
        let has_form = || forms::family_of(&chars.iter().collect::<String>()).is_some();
        let meaning = match row.role {
            SentenceRole::Refer if has_form() => Meaning::Form,
            SentenceRole::Negation => Meaning::Negation,
            _ => Meaning::Noise,
        };
        if let Some(&first) = chars.first() {
            words.entry(first).or_default().push(Word { chars, meaning, in_names: row.in_names });
        }
    }
    for words in words.values_mut() {
        words.sort_by(|a, b| b.chars.len().cmp(&a.chars.len()).then_with(|| a.chars.cmp(&b.chars)));
    }
    words
});

/// The same text with the words of a sentence set aside; `None` where it holds none, or nothing else. `in_names` says
/// whether some name holds two characters side by side.
pub(crate) fn sentence(typed: &Interpretation, in_names: &dyn Fn(&str) -> bool) -> Option<Interpretation> {
    let text = &typed.text;
    let marks = Marks::new(text, in_names);
    if !marks.words.iter().any(|(word, _)| marks.is_sure(word, text, in_names)) {
        return None;
    }
    let mut read = Interpretation { parts: Vec::new(), form: None, text: text.clone() };
    for (chunk, is_noise) in chunks(text) {
        if is_noise {
            read.parts.push(Part { range: chunk, role: PartRole::Noise });
        } else {
            marks.add_chunk(&mut read, chunk);
        }
    }
    keep_what_is_read(&mut read);
    set_respelled_form_aside(&mut read);
    let names = |read: &Interpretation| read.names().map(str::to_owned).collect::<Vec<String>>();
    let is_other = read.names().next().is_some() && names(&read) != names(typed);
    is_other.then_some(read)
}

/// The same reading with nothing kept of its names but some spans, and the years, classes and grades.
pub(crate) fn keep(
    read: &Interpretation,
    spans: &[Range<usize>],
    classes: &[Range<usize>],
) -> Interpretation {
    let mut kept: Vec<Range<usize>> = spans.iter().chain(classes).cloned().collect();
    kept.sort_by_key(|span| span.start);
    kept.dedup_by(|next, span| {
        let joins = next.start <= span.end;
        if joins {
            span.end = span.end.max(next.end);
        }
        joins
    });
    let mut parts: Vec<Part> = Vec::new();
    for part in &read.parts {
        if part.role != PartRole::Name {
            parts.push(part.clone());
            continue;
        }
        let mut at = part.range.start;
        let mut add = |range: Range<usize>, role| {
            if !range.is_empty() {
                parts.push(Part { range, role });
            }
        };
        for span in &kept {
            let (start, end) = (span.start.max(at), span.end.min(part.range.end));
            if start < end {
                add(at..start, PartRole::Noise);
                add(start..end, PartRole::Name);
                at = end;
            }
        }
        add(at..part.range.end, PartRole::Noise);
    }
    Interpretation { parts, form: read.form, text: read.text.clone() }
}

/// Of a text longer than a lattice, the longest spans.
fn keep_what_is_read(read: &mut Interpretation) {
    let len_of = |part: &Part, text: &str| text[part.range.clone()].chars().count();
    let mut by_len: Vec<(usize, usize)> = (0..read.parts.len())
        .filter(|&at| read.parts[at].role == PartRole::Name)
        .map(|at| (len_of(&read.parts[at], read.text.text()), at))
        .collect();
    by_len.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut left = MAX_NODES;
    for (len, at) in by_len {
        match left.checked_sub(len) {
            Some(rest) => left = rest,
            None if left == MAX_NODES => left = 0,
            None => read.parts[at].role = PartRole::Noise,
        }
    }
}

/// Where the words of a sentence lie.
struct Marks {
    /// Where each character of the normalized text begins, and its end.
    starts: Vec<usize>,
    /// In typed order, as numbers of characters; they do not overlap.
    words: Vec<(Range<usize>, Meaning)>,
}

impl Marks {
    fn new(text: &NormalizedText, in_names: &dyn Fn(&str) -> bool) -> Marks {
        let chars: Vec<char> = text.text().chars().collect();
        let mut starts: Vec<usize> = text.text().char_indices().map(|(at, _)| at).collect();
        starts.push(text.text().len());
        let is_edge = |at: usize| at == 0 || at == chars.len() || text.is_after_gap(at);
        let is_in_names = |at: usize| {
            let pair = |at: usize| text.text().get(*starts.get(at)?..*starts.get(at + 2)?);
            let before = at.checked_sub(1).filter(|_| !is_edge(at)).and_then(pair);
            let after = pair(at).filter(|_| !is_edge(at + 1));
            before.into_iter().chain(after).any(in_names)
        };
        let words = words_of(&chars, &is_edge, &is_in_names);
        let mut marks = Marks { words, starts };
        marks.add_inner_forms(text, in_names);
        marks
    }

    /// A form word ends a name also where the sentence goes on right behind it: 街道团工委的电话. Not 团委办公室: names hold
    /// 委办.
    fn add_inner_forms(&mut self, text: &NormalizedText, in_names: &dyn Fn(&str) -> bool) {
        let text = text.text();
        for start in 1..self.starts.len() - 1 {
            let Some(len) = forms::league_form_len(&text[self.starts[start]..]) else { continue };
            let Ok(end) = self.starts.binary_search(&(self.starts[start] + len)) else { continue };
            let Some(after) = self.starts.get(end + 1) else { continue };
            let is_free = self.words.iter().all(|(word, _)| word.end <= start || end <= word.start);
            if is_free && !in_names(&text[self.starts[end - 1]..*after]) {
                self.words.push((start..end, Meaning::Form));
            }
        }
        self.words.sort_by_key(|(word, _)| word.start);
    }

    /// A single character may as well be a typing error (请华大学), but not at the end of a clause (沈阳的，), nor beside another
    /// such word where no name holds both (海棠区的呃).
    fn is_sure(&self, word: &Range<usize>, text: &NormalizedText, in_names: &dyn Fn(&str) -> bool) -> bool {
        let pair = || text.text().get(self.starts[word.start]..self.starts[word.end + 1]);
        let is_followed = || self.words.iter().any(|(next, _)| next.start == word.end);
        word.len() > 1
            || word.end + 1 == self.starts.len()
            || text.is_after_gap(word.end)
            || (is_followed() && !pair().is_some_and(in_names))
    }

    /// Adds the parts of one chunk of the text.
    fn add_chunk(&self, read: &mut Interpretation, chunk: Range<usize>) {
        let mut at = chunk.start;
        for (place, meaning) in &self.words {
            // A word of several, where is, lies in several chunks.
            let word = self.starts[place.start].max(at)..self.starts[place.end].min(chunk.end);
            if word.is_empty() {
                continue;
            }
            self.add_span(read, at..word.start, &chunk);
            let role = if *meaning == Meaning::Form { PartRole::Form } else { PartRole::Noise };
            if role == PartRole::Form {
                let whole = self.starts[place.start]..self.starts[place.end];
                read.form = read.form.or(forms::family_of(&read.text.text()[whole]));
            }
            read.parts.push(Part { range: word.clone(), role });
            at = word.end;
        }
        self.add_span(read, at..chunk.end, &chunk);
    }

    /// Adds what lies between words. A single character is what is left of a word that no table holds.
    fn add_span(&self, read: &mut Interpretation, span: Range<usize>, chunk: &Range<usize>) {
        let text = &read.text.text()[span.clone()];
        let is_rest =
            span != *chunk && text.chars().count() == 1 && !text.bytes().all(|b| b.is_ascii_digit());
        match (span.is_empty(), is_rest) {
            (true, _) => {}
            (_, true) => read.parts.push(Part { range: span, role: PartRole::Noise }),
            _ => add_parts(read, span),
        }
    }
}

/// The words of a text that mean nothing else there.
fn words_of(
    chars: &[char],
    is_edge: &impl Fn(usize) -> bool,
    is_in_names: &impl Fn(usize) -> bool,
) -> Vec<(Range<usize>, Meaning)> {
    // A word that is doubtful may hold one that is not: 那个团总支 behind a name, and 那个.
    const ROUNDS: usize = 4;
    let mut doubtful: Vec<Range<usize>> = Vec::new();
    let mut words = Vec::new();
    for _ in 0..ROUNDS {
        words = most_words(chars, is_edge, &doubtful);
        let all = words.clone();
        drop_doubtful(&mut words, is_edge, is_in_names);
        if words.len() == all.len() {
            break;
        }
        doubtful.extend(
            all.into_iter()
                .map(|(place, _)| place)
                .filter(|place| words.iter().all(|(kept, _)| kept != place)),
        );
    }
    let mut meant: Vec<(Range<usize>, Meaning)> = Vec::with_capacity(words.len());
    for (place, word) in words {
        let end_of_clause = || (place.end..chars.len()).find(|&at| is_edge(at)).unwrap_or(chars.len());
        let end = if word.meaning == Meaning::Negation { end_of_clause() } else { place.end };
        if meant.last().is_none_or(|(before, _)| before.end <= place.start) {
            meant.push((place.start..end, word.meaning));
        }
    }
    meant
}

/// Of all ways to set words aside that do not overlap the one that sets most aside, in the fewest words; none of those
/// that are known to be doubtful.
fn most_words(
    chars: &[char],
    is_edge: &impl Fn(usize) -> bool,
    doubtful: &[Range<usize>],
) -> Vec<(Range<usize>, &'static Word)> {
    // From the end: what the rest sets aside, less one for each word, and the word that begins here.
    let mut best: Vec<(i32, Option<&'static Word>)> = vec![(0, None); chars.len() + 1];
    for at in (0..chars.len()).rev() {
        best[at] = (best[at + 1].0, None);
        for word in words_at(chars, at, is_edge) {
            if doubtful.contains(&(at..at + word.chars.len())) {
                continue;
            }
            let gain = 3 * word.chars.len() as i32 - i32::from(word.in_names) - 1;
            let gained = best[at + word.chars.len()].0 + gain;
            if gained > best[at].0 {
                best[at] = (gained, Some(word));
            }
        }
    }
    let mut words: Vec<(Range<usize>, &'static Word)> = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let len = best[at].1.map_or(1, |word| word.chars.len());
        words.extend(best[at].1.map(|word| (at..at + len, word)));
        at += len;
    }
    words
}

/// The words that begin at a character.
fn words_at<'a>(
    chars: &'a [char],
    at: usize,
    is_edge: &'a impl Fn(usize) -> bool,
) -> impl Iterator<Item = &'static Word> + 'a {
    let is_letter = |at: usize| chars.get(at).is_some_and(|&c| letter(of_char(c)).is_some());
    // A word in letters stands by itself: "at" is no part of "dati".
    let cuts_letters = move |at: usize| at > 0 && is_letter(at - 1) && is_letter(at) && !is_edge(at);
    // 高er15: between other characters it is a syllable.
    let is_pinyin = move |word: &Word| {
        let end = at + word.chars.len();
        let is_within = || at > 0 && !is_edge(at) && end < chars.len() && !is_edge(end);
        is_letter(at) && is_within() && sounds::are_syllables(&word.chars.iter().collect::<String>())
    };
    // The number belongs to the class: 二班支部 is 二班, and 支部.
    let is_class = chars[at] == '班'
        && at.checked_sub(1).is_some_and(|at| chars[at].is_ascii_digit() || is_numeral(chars[at]));
    let words = WORDS.get(&chars[at]).map_or(&[][..], Vec::as_slice);
    let is_possible = move |word: &&Word| !is_class || word.meaning != Meaning::Form;
    words.iter().filter(is_possible).filter(move |word| {
        let end = at + word.chars.len();
        chars[at..].starts_with(&word.chars) && !cuts_letters(at) && !cuts_letters(end) && !is_pinyin(word)
    })
}

/// A word that names hold is noise only with noise, or the end of a clause, on both sides, a longer one on one side. Any
/// other single character needs one such side, or neighbours beside which no name holds it.
fn drop_doubtful(
    words: &mut Vec<(Range<usize>, &Word)>,
    is_edge: &impl Fn(usize) -> bool,
    is_in_names: &impl Fn(usize) -> bool,
) {
    loop {
        let begins: Vec<(usize, Meaning)> =
            words.iter().map(|(place, word)| (place.start, word.meaning)).collect();
        let ends: Vec<usize> = words.iter().map(|(place, _)| place.end).collect();
        let before = words.len();
        words.retain(|(place, word)| {
            let left = is_edge(place.start) || ends.contains(&place.start);
            let mut behind = begins.iter().filter(|(start, _)| *start == place.end);
            let right = is_edge(place.end) || behind.clone().next().is_some();
            match (word.meaning, word.in_names, word.chars.len()) {
                (Meaning::Form, ..) | (_, true, 1) => left && right,
                (_, true, _) => left || right,
                // 里学院团委 may be a misspelled 理学院团委, though 学院团委 asks for a form.
                (_, false, 1) => {
                    left || is_edge(place.end)
                        || behind.any(|(_, meaning)| *meaning != Meaning::Form)
                        || !is_in_names(place.start)
                }
                (_, false, _) => true,
            }
        });
        if words.len() == before {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    //! Properties under test: what of a sentence is kept as names, and which form it asks for.

    use super::*;
    use crate::search::interpret::interpret;

    fn read(query: &str) -> Option<Interpretation> {
        // Names hold 大在, 在村, 学里 and 里学, but not 镇的 or 的中.
        sentence(&interpret(NormalizedText::new(query)), &|pair| {
            ["大在", "在村", "学里", "里学"].contains(&pair)
        })
    }

    #[test]
    fn what_lies_between_the_words_of_a_sentence_may_be_a_name() {
        let rows: [(&str, &[&str]); 16] = [
            ("那个我想转到复旦大学 就他们学校的校团委", &["复旦大学"]),
            ("人在大同平城区，没单位，先转到区团委行吗", &["大同平城区"]),
            ("老师说是大兴旧宫中学2024级2班，全称怎么写呀", &["大兴旧宫中学2024级2班"]),
            ("嗯我老家是台州黄岩毛奢乡的，就是那个下街村团支部", &["台州黄岩毛奢乡", "下街村"]),
            ("象山涂茨镇涂茨村，不要镇上的", &["象山涂茨镇涂茨村"]),
            ("三亚海棠区的呃流动团员支部", &["三亚海棠区", "流动团员"]),
            ("please where is dalian university", &["dalian", "university"]),
            // 和 and 在 are parts of names unless noise stands on both sides.
            ("我在和平村", &["和平村"]),
            ("我在呼和浩特", &["呼和浩特"]),
            ("我要去大在村", &["大在村"]),
            ("我要去张华镇的中心学校", &["张华镇", "中心学校"]),
            ("中南财大商学院那个团总支", &["中南财大商学院"]),
            ("那个我想转到郎步中学2025级（二）班支部", &["郎步中学2025级二班"]),
            ("孩子高一班主任说要转到北京四中", &["高一", "北京四中"]),
            ("南湖街道团工委的电话有吗", &["南湖街道"]),
            ("色格孜库勒乡团委寄材料", &["色格孜库勒乡"]),
        ];
        for (query, names) in rows {
            let read = read(query).unwrap_or_else(|| panic!("{query} is no sentence"));
            assert_eq!(read.names().collect::<Vec<&str>>(), names, "{query}");
        }
    }

    #[test]
    fn a_name_is_no_sentence() {
        for query in [
            "复旦大学",
            "大在村",
            "请华大学",
            "大学里学院团委",
            "百色中学高er15",
            "北大软微24级软工1班",
            "的",
            "我想",
            "dati",
            "",
        ] {
            assert!(read(query).is_none(), "{query}");
        }
    }

    #[test]
    fn the_form_of_the_unit_named_before_is_asked_for() {
        let form = |query: &str| read(query).and_then(|read| read.form);
        assert_eq!(form("我想转到复旦大学 就他们学校的校团委"), forms::family_of("团委"));
        assert_eq!(form("老家周杨社区 就社区团支部"), forms::family_of("团支部"));
        assert_eq!(form("我想转到复旦大学"), None);
    }

    #[test]
    fn of_a_long_text_the_longest_spans_are_kept() {
        let query = format!("我想转到{}，然后是{}，然后是北大", "清".repeat(60), "华".repeat(50));
        let read = read(&query).expect("it is a sentence");
        let kept: usize = read.names().map(|name| name.chars().count()).sum();
        assert_eq!(kept, 62);
    }

    #[test]
    fn a_chain_keeps_its_spans_and_the_classes() {
        let read = read("我想转到北大软微那边的24级1班哈").expect("it is a sentence");
        let text = read.text.text();
        let place = |piece: &str| text.find(piece).map(|at| at..at + piece.len()).expect("it is in the text");
        let kept = keep(&read, &[place("北大")], &[place("24级"), place("1班")]);
        assert_eq!(kept.names().collect::<Vec<&str>>(), ["北大", "24级1班"]);
    }
}
