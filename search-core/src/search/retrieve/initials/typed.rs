//! What was typed, as initials.

use crate::search::lattice::{Lattice, Segment, letter};
use crate::text::regions::region_len;
use crate::text::sounds;
use crate::text::symbols::{Number, Symbol};

/// Letters and numbers typed side by side, with a letter among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Typed {
    symbols: Vec<Symbol>,
}

impl Typed {
    /// Of a segment; `None` if it holds anything else.
    pub(super) fn of(lattice: &Lattice, segment: &Segment) -> Option<Typed> {
        Self::new(lattice.letters_and_numbers_of(segment)?)
    }

    fn new(symbols: Vec<Symbol>) -> Option<Typed> {
        let is_initial = |&symbol: &Symbol| letter(symbol).is_some() || number(symbol).is_some();
        let has_letter = symbols.iter().any(|&symbol| letter(symbol).is_some());
        (has_letter && symbols.iter().all(is_initial)).then_some(Typed { symbols })
    }

    /// The letters, with the digits of numbers.
    pub(super) fn letters(&self) -> Vec<u8> {
        let mut letters = Vec::with_capacity(self.symbols.len());
        for &symbol in &self.symbols {
            match number(symbol) {
                Some(number) => letters.extend_from_slice(number.to_string().as_bytes()),
                None => letters.extend(letter(symbol)),
            }
        }
        letters
    }

    /// Every way to cut it in two that leaves letters behind the cut.
    pub(super) fn cuts(&self) -> impl Iterator<Item = (Typed, Typed)> + '_ {
        let cut = |at: usize| {
            let (first, rest) = self.symbols.split_at(at);
            Some((Typed::new(first.to_vec())?, Typed::new(rest.to_vec())?))
        };
        (1..self.symbols.len()).filter_map(cut)
    }

    /// The letters as bits; see [`sounds::initials`].
    pub(super) fn initials(&self) -> u32 {
        self.symbols.iter().fold(0, |bits, &symbol| bits | sounds::letter_bit(letter(symbol)))
    }

    /// The numbers as a signature; see [`sounds::signature`].
    pub(super) fn signature(&self) -> u64 {
        let numbers = self.symbols.iter().filter(|&&symbol| number(symbol).is_some());
        numbers.fold(0, |bits, &number| bits | sounds::signature(number))
    }

    /// Whether a name may be meant: each piece stands for the first symbol of a word, or goes on with the symbol behind
    /// the one before it; and whether the name begins so, with its regions or behind them. Bit i of `word_initials`:
    /// symbol i begins a word.
    pub(super) fn fits(&self, symbols: &[Symbol], word_initials: u32) -> Fits {
        let letters: Vec<u32> = symbols.iter().take(32).map(|&symbol| sounds::initials(symbol)).collect();
        let places = |piece: Symbol| -> u32 {
            let wanted = sounds::letter_bit(letter(piece));
            let stands = |(at, &letters): (usize, &u32)| letters & wanted != 0 || symbols[at] == piece;
            letters.iter().enumerate().filter(|&place| stands(place)).fold(0, |bits, (at, _)| bits | 1 << at)
        };
        let places: Vec<u32> = self.symbols.iter().map(|&piece| places(piece)).collect();
        let leads_on = |from: u32| {
            let last = places[1..].iter().try_fold(places[0] & from, |ends, places| {
                // The symbol right behind one of the ends, or the beginning of a word behind the first of them.
                let behind = u32::MAX.checked_shl(ends.trailing_zeros())? << 1;
                Some(places & (ends << 1 | behind & word_initials))
            });
            last.is_some_and(|last| last != 0)
        };
        if leads_on(1 | 1u32.checked_shl(region_len(symbols) as u32).unwrap_or(0)) {
            Fits::FromItsBeginning
        } else if leads_on(word_initials) {
            Fits::Later
        } else {
            Fits::Not
        }
    }
}

/// How a name fits what was typed. Better ones are smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fits {
    FromItsBeginning,
    Later,
    Not,
}

fn number(symbol: Symbol) -> Option<u16> {
    match Number::of(symbol) {
        Some(Number::Plain(number)) => Some(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::normalize::NormalizedText;
    use crate::text::placed_symbols::{placed_chars, symbols};

    fn of(text: &str) -> Vec<Symbol> {
        symbols(&placed_chars(&NormalizedText::new(text))).iter().map(|placed| placed.symbol).collect()
    }

    fn typed(text: &str) -> Option<Typed> {
        Typed::new(of(text))
    }

    #[test]
    fn letters_and_numbers_are_initials() {
        for (text, letters) in [
            ("bjdx", Some("bjdx")),
            ("39z", Some("39z")),
            ("lü", Some("lv")),
            ("39", None),
            ("北dx", None),
            ("", None),
        ] {
            assert_eq!(
                typed(text).map(|typed| typed.letters()).as_deref(),
                letters.map(str::as_bytes),
                "{text}"
            );
        }
    }

    #[test]
    fn it_is_cut_where_letters_remain_on_both_sides() {
        let cuts = |text: &str| -> Vec<String> {
            let text_of = |typed: Typed| String::from_utf8(typed.letters()).expect("letters");
            typed(text).unwrap().cuts().map(|(a, b)| format!("{} {}", text_of(a), text_of(b))).collect()
        };
        assert_eq!(cuts("bdty"), ["b dty", "bd ty", "bdt y"]);
        assert_eq!(cuts("hd19z"), ["h d19z", "hd 19z", "hd19 z"]);
        assert_eq!(cuts("b"), [""; 0]);
    }

    #[test]
    fn pieces_stand_at_the_beginnings_of_words_or_go_on() {
        use Fits::{FromItsBeginning, Later, Not};
        // The words of each name, and what was typed.
        for (words, text, fits) in [
            ("体育|系", "tyx", FromItsBeginning),
            ("体育|系", "tx", FromItsBeginning),
            ("软件|与|微电子|学院", "rw", FromItsBeginning),
            ("软件|与|微电子|学院", "rwxy", FromItsBeginning),
            ("软件|与|微电子|学院", "wdz", Later),
            ("软件|与|微电子|学院", "jw", Not),
            ("软件|与|微电子|学院", "wr", Not),
            ("第十九|中学", "19z", FromItsBeginning),
            ("第十九|中学", "18z", Not),
            ("北京市|第五|中学", "5zx", FromItsBeginning),
            ("北京|市|第五|中学", "szx", Later),
            ("", "a", Not),
        ] {
            let name: String = words.split('|').collect();
            let (mut initials, mut at) = (0u32, 0);
            for word in words.split('|').filter(|word| !word.is_empty()) {
                initials |= 1 << at;
                at += of(word).len();
            }
            assert_eq!(typed(text).unwrap().fits(&of(&name), initials), fits, "{words} {text}");
        }
    }
}
