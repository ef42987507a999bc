//! What a name adds to its parent's, as ranking compares it: symbols, where words begin, which are stop words.

use crate::text::forms;
use crate::text::normalize::NormalizedText;
use crate::text::numbers::PlacedChar;
use crate::text::placed_symbols::{PlacedSymbol, placed_chars, symbols};
use crate::text::segment::Segmenter;
use crate::text::sounds;
use crate::text::symbols::{ClassKey, Symbol};
use index_data::lexicon;
use index_data::model::Details;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

/// Symbols kept of one name; what a longer name adds beyond is found by its text only.
pub(crate) const MAX_SYMBOLS: usize = 32;

static STOP_WORDS: LazyLock<HashSet<String>> =
    LazyLock::new(|| lexicon::stop_words().map(crate::normalize).collect());

/// Whether a normalized text is a word that many names have.
pub(crate) fn is_stop_word(text: &str) -> bool {
    STOP_WORDS.contains(text)
}

/// The view of one name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct NameView {
    pub(crate) symbols: Vec<Symbol>,
    /// Bit i: symbol i begins a word, or ends a long one (院 in 科学研究院).
    pub(crate) word_initials: u32,
    /// Bit i: symbol i belongs to a word that many names have (有限公司, 学院).
    pub(crate) stop_words: u32,
}

impl NameView {
    /// The view of `range` of a raw name's normalized text.
    pub(crate) fn new(raw: &str, normalized: &str, range: Range<usize>, segmenter: &Segmenter) -> NameView {
        let mut placed = placed_symbols(raw, normalized, range.clone());
        placed.truncate(MAX_SYMBOLS);
        let text = beginning(&normalized[range.clone()]);
        // Symbols ascend; of several in one place the first is meant.
        let symbol_at = |offset: usize| {
            let start = range.start + offset;
            let at = placed.partition_point(|placed| placed.range.start < start);
            placed.get(at).filter(|placed| placed.range.start == start).map(|_| at)
        };
        let end = placed.last().map_or(0, |last| last.range.end - range.start);
        let (mut word_initials, mut stop_words) = (0u32, 0u32);
        for word in segmenter.finest_words(text).into_iter().take_while(|word| word.start < end) {
            set(&mut word_initials, symbol_at(word.start));
            if text[word.clone()].chars().count() >= 3 {
                let last = text[word.clone()].char_indices().next_back();
                set(&mut word_initials, last.and_then(|(at, _)| symbol_at(word.start + at)));
            }
            if STOP_WORDS.contains(&text[word.clone()]) {
                text[word.clone()]
                    .char_indices()
                    .for_each(|(at, _)| set(&mut stop_words, symbol_at(word.start + at)));
            }
        }
        let symbols: Vec<Symbol> = placed.iter().map(|placed| placed.symbol).collect();
        for (at, &symbol) in symbols.iter().enumerate() {
            if crate::text::symbols::Number::of(symbol).is_some() {
                set(&mut word_initials, Some(at));
            }
        }
        NameView { symbols, word_initials, stop_words }
    }

    /// The view of a whole name without its boilerplate: an alias or a former name.
    pub(crate) fn of_name(raw: &str, segmenter: &Segmenter) -> NameView {
        let normalized = crate::normalize(raw);
        let core = forms::split(&normalized).core;
        NameView::new(raw, &normalized, core, segmenter)
    }

    /// Appends itself: length, word-initial symbols, stop words, symbols.
    pub(crate) fn pack(&self, into: &mut Vec<u8>) {
        into.push(self.symbols.len() as u8);
        into.extend(self.word_initials.to_le_bytes());
        into.extend(self.stop_words.to_le_bytes());
        into.extend(self.symbols.iter().flat_map(|symbol| symbol.to_le_bytes()));
    }

    /// Takes one from the front; `None` if the bytes are not one.
    pub(crate) fn unpack(bytes: &mut &[u8]) -> Option<NameView> {
        let (&len, rest) = bytes.split_first()?;
        // Both bit sets have 32 bits: a longer view is a damaged one.
        (usize::from(len) <= MAX_SYMBOLS).then_some(())?;
        let (word_initials, rest) = rest.split_first_chunk()?;
        let (stop_words, rest) = rest.split_first_chunk()?;
        let (symbols, rest) = rest.split_at_checked(usize::from(len) * 2)?;
        *bytes = rest;
        Some(NameView {
            symbols: symbols.as_chunks().0.iter().map(|&two| Symbol::from_le_bytes(two)).collect(),
            word_initials: u32::from_le_bytes(*word_initials),
            stop_words: u32::from_le_bytes(*stop_words),
        })
    }

    pub(crate) fn class_key(&self) -> ClassKey {
        ClassKey::of(self.symbols.iter().copied())
    }

    /// The sounds of all symbols, as bits.
    pub(crate) fn signature(&self) -> u64 {
        self.symbols.iter().fold(0, |bits, &symbol| bits | sounds::signature(symbol))
    }

    /// The letters that symbols may begin with, as bits.
    pub(crate) fn initials(&self) -> u32 {
        self.symbols.iter().fold(0, |bits, &symbol| bits | sounds::initials(symbol))
    }

    /// Calls `emit` with every pair of symbols that a short form may put side by side: neighbours, and any symbol with
    /// the first symbol of a later word not far off.
    pub(crate) fn pairs(&self, mut emit: impl FnMut(Symbol, Symbol)) {
        const WORDS_AHEAD: u32 = 5;
        const SYMBOLS_AHEAD: usize = 16;
        for (at, &first) in self.symbols.iter().enumerate() {
            let mut words = 0;
            for (next, &second) in self.symbols.iter().enumerate().skip(at + 1).take(SYMBOLS_AHEAD) {
                // The last character says what kind of organization it is, also where it begins no word: 院 in 学院.
                let is_word_initial = self.word_initials >> next & 1 == 1 || next + 1 == self.symbols.len();
                words += u32::from(is_word_initial);
                if words > WORDS_AHEAD {
                    break;
                }
                if is_word_initial || next == at + 1 {
                    emit(first, second);
                }
            }
        }
    }
}

/// Pairs across two names that are typed as one: the last words of the name above, and the first symbol of the next.
pub(crate) fn boundary_pairs(above: &NameView, own: &NameView, mut emit: impl FnMut(Symbol, Symbol)) {
    const WORDS_BACK: usize = 3;
    let Some(&first) = own.symbols.first() else { return };
    let last = above.symbols.len().wrapping_sub(1);
    let word_initials =
        (0..above.symbols.len()).rev().filter(|&at| above.word_initials >> at & 1 == 1).take(WORDS_BACK);
    for at in word_initials.filter(|&at| at != last).chain((!above.symbols.is_empty()).then_some(last)) {
        emit(above.symbols[at], first);
    }
}

/// The symbols of `range` of a raw name's normalized text, with their places in it.
pub(crate) fn placed_symbols(raw: &str, normalized: &str, range: Range<usize>) -> Vec<PlacedSymbol> {
    let within = |placed: &PlacedChar| range.contains(&placed.start);
    let chars: Vec<PlacedChar> = if raw.len() == normalized.len() {
        // Nothing was left out, so there are no gaps.
        let char =
            |(start, c): (usize, char)| PlacedChar { c, start, end: start + c.len_utf8(), after_gap: false };
        normalized.char_indices().map(char).filter(within).collect()
    } else {
        placed_chars(&NormalizedText::new(raw)).into_iter().filter(within).collect()
    };
    symbols(&chars)
}

/// The names above, one after another, each without what it repeats of those before it: 北京市海淀区 for 北京市 and
/// 北京市海淀区, and for 北京市 and 海淀区.
pub(crate) fn path_text<'a>(cores_from_the_root: impl Iterator<Item = &'a str>) -> String {
    let mut path = String::new();
    for core in cores_from_the_root {
        let repeated = inherited_len(core, &path);
        path.push_str(&core[repeated..]);
    }
    path
}

/// How many bytes a core begins with that the path above it ends with: 海淀区 in 海淀区公安局 below 北京市海淀区, all of
/// it in a name that spells out its chain. What follows is what the name adds.
pub(crate) fn inherited_len(core: &str, above: &str) -> usize {
    // Only what is shorter than the core can be its beginning.
    let from = above.ceil_char_boundary((above.len() + 1).saturating_sub(core.len()));
    let ends = above[from..].char_indices().map(|(start, _)| &above[from + start..]);
    ends.filter(|end| end.chars().nth(1).is_some() && end.len() < core.len())
        .find(|end| core.starts_with(*end))
        .map_or(0, str::len)
}

/// As much of a name as words are looked for in. Symbols that are kept are far before its end, but for long numbers.
fn beginning(text: &str) -> &str {
    const SEGMENTED_CHARS: usize = 256;
    text.char_indices().nth(SEGMENTED_CHARS).map_or(text, |(end, _)| &text[..end])
}

fn set(bits: &mut u32, at: Option<usize>) {
    if let Some(at) = at.filter(|&at| at < MAX_SYMBOLS) {
        *bits |= 1 << at;
    }
}

/// The views of aliases, of short names of the lexicon and of former names, in this order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OtherViews {
    views: Vec<NameView>,
    aliases: usize,
    short_names: usize,
}

/// Which of the other names a view is of, counted by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OtherName {
    Alias(usize),
    ShortName,
    FormerName(usize),
}

impl OtherViews {
    /// Views kept of one organization; further names are found by their text only.
    const MOST: usize = 64;

    pub(crate) fn of(details: &Details, short_names: &[&str], segmenter: &Segmenter) -> OtherViews {
        let (aliases, former) = (details.aliases.iter(), details.former_names.iter());
        let short = short_names.iter().copied().take(Self::MOST);
        let aliases = aliases.map(String::as_str).take(Self::MOST - short.len());
        let (aliases_len, short_len) = (aliases.len(), short.len());
        let names = aliases.chain(short).chain(former.map(String::as_str)).take(Self::MOST);
        OtherViews {
            views: names.map(|name| NameView::of_name(name, segmenter)).collect(),
            aliases: aliases_len,
            short_names: short_len,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.views.is_empty()
    }

    pub(crate) fn all(&self) -> &[NameView] {
        &self.views
    }

    /// Those that serve its whole subtree: aliases and short names.
    pub(crate) fn for_subtree(&self) -> &[NameView] {
        &self.views[..self.aliases + self.short_names]
    }

    /// Which name the view at a place is of.
    pub(crate) fn name_at(&self, at: usize) -> OtherName {
        match at.checked_sub(self.aliases) {
            None => OtherName::Alias(at),
            Some(at) => at.checked_sub(self.short_names).map_or(OtherName::ShortName, OtherName::FormerName),
        }
    }

    /// Appends itself: all counts, the views.
    pub(crate) fn pack(&self, into: &mut Vec<u8>) {
        into.extend([self.views.len() as u8, self.aliases as u8, self.short_names as u8]);
        self.views.iter().for_each(|view| view.pack(into));
    }

    /// Takes itself from the front; `None` if the bytes are not it.
    pub(crate) fn unpack(bytes: &mut &[u8]) -> Option<OtherViews> {
        let ([views, aliases, short_names], rest) = bytes.split_first_chunk()?;
        *bytes = rest;
        let views: Vec<NameView> = (0..*views).map(|_| NameView::unpack(bytes)).collect::<Option<_>>()?;
        let aliases = views.len().min(usize::from(*aliases));
        let short_names = (views.len() - aliases).min(usize::from(*short_names));
        Some(OtherViews { aliases, short_names, views })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::symbols::of_char;

    fn view(name: &str) -> NameView {
        let normalized = crate::normalize(name);
        NameView::new(name, &normalized, 0..normalized.len(), &Segmenter::with_vocabulary(&[]))
    }

    fn holds_pair(name: &str, short: &str) -> bool {
        let sound = |symbol: Symbol| sounds::sounds(symbol).next().unwrap();
        let short: Vec<u16> = short.chars().map(|c| sound(of_char(c))).collect();
        let mut found = false;
        view(name).pairs(|first, second| found |= [sound(first), sound(second)] == short[..]);
        found
    }

    #[test]
    fn short_forms_put_word_initials_side_by_side() {
        for (name, short) in [
            ("北京大学", "北大"),
            ("软件与微电子学院", "软微"),
            ("中央财经大学", "央财"),
            ("四川大学", "川大"),
            ("小务纸制品厂", "纸厂"),
            ("第二外国语学院", "二外"),
            ("马克思主义学院", "马院"),
        ] {
            assert!(holds_pair(name, short), "{name} {short} {:b}", view(name).word_initials);
        }
        assert!(!holds_pair("北京大学", "大北"));
    }

    #[test]
    fn what_is_inherited_is_not_added() {
        assert_eq!(inherited_len("海淀区公安局", "北京市海淀区"), "海淀区".len());
        assert_eq!(inherited_len("北京大学法学院", "北京大学"), "北京大学".len());
        assert_eq!(inherited_len("北京大学", "北京市"), 0);
        assert_eq!(inherited_len("北京市", "北京市"), 0);
        let path = path_text(["中央", "北京市", "朝阳区"].into_iter());
        assert_eq!(path, "中央北京市朝阳区");
        assert_eq!(inherited_len("北京市朝阳区朝外街道", &path), "北京市朝阳区".len());
        assert_eq!(path_text(["北京市", "北京市朝阳区"].into_iter()), "北京市朝阳区");
    }
}
