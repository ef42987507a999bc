//! Reads the symbols of a normalized text, each with its place in it.

use super::normalize::NormalizedText;
use super::numbers::{self, PlacedChar, ReadBefore};
use super::symbols::{Number, Symbol, of_char};
use std::ops::Range;

/// A symbol with the place it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlacedSymbol {
    pub(crate) symbol: Symbol,
    /// In bytes of the normalized text.
    pub(crate) range: Range<usize>,
    /// Whether something that is not compared (a space, a bracket) stands before it.
    pub(crate) after_gap: bool,
}

/// The characters of a normalized text with the gaps that normalizing closed: 高1（3）班 is not 高13班.
pub(crate) fn placed_chars(text: &NormalizedText) -> Vec<PlacedChar> {
    let mut placed = Vec::with_capacity(text.text().len() / 3 + 1);
    for (at, (start, c)) in text.text().char_indices().enumerate() {
        let end = start + c.len_utf8();
        placed.push(PlacedChar { c, start, end, after_gap: text.is_after_gap(at) });
    }
    placed
}

/// The symbols of a part of a normalized text.
pub(crate) fn symbols(chars: &[PlacedChar]) -> Vec<PlacedSymbol> {
    let mut out = Vec::with_capacity(chars.len());
    let (mut at, mut before) = (0, ReadBefore::default());
    while at < chars.len() {
        let read = numbers::read(chars, at, before);
        match read {
            Some(read) => {
                let last = chars[at + read.len - 1];
                let range = chars[at].start..last.end;
                for (place, number) in read.numbers().enumerate() {
                    before.number = Some(number);
                    if let Number::Year(year) = number
                        && last.c == '级'
                    {
                        before.explicit_year = Some(year);
                    }
                    if let Some(symbol) = number.symbol() {
                        let after_gap = place == 0 && chars[at].after_gap;
                        out.push(PlacedSymbol { symbol, range: range.clone(), after_gap });
                    }
                }
                at += read.len;
            }
            None => {
                let PlacedChar { c, start, end, after_gap } = chars[at];
                out.push(PlacedSymbol { symbol: of_char(c), range: start..end, after_gap });
                before.number = None;
                at += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::symbols::Number;
    use proptest::prelude::*;

    fn spelled(raw: &str) -> String {
        let text = NormalizedText::new(raw);
        let symbols = symbols(&placed_chars(&text));
        let spell = |placed: &PlacedSymbol| match Number::of(placed.symbol) {
            Some(Number::Plain(value)) => format!("<{value}>"),
            Some(Number::Hashed(_)) => unreachable!(),
            Some(Number::Year(year)) => format!("<{year}级>"),
            Some(Number::Class(class)) => format!("<{class}班>"),
            Some(Number::Grade(stage, year)) => {
                let year = "一二三四五六".chars().nth(usize::from(year) - 1).unwrap();
                format!("<{}{year}>", if stage == 1 { "高" } else { "初" })
            }
            None => char::from_u32(u32::from(placed.symbol)).unwrap().to_string(),
        };
        symbols.iter().map(spell).collect()
    }

    #[test]
    fn numbers_are_one_symbol_however_they_are_written() {
        let rows = [
            ("1班", "<1班>"),
            ("一班", "<1班>"),
            ("01班", "<1班>"),
            ("(1)班", "<1班>"),
            ("（１）班", "<1班>"),
            ("十二班", "<12班>"),
            ("2024级", "<2024级>"),
            ("24级软工1班", "<2024级>软工<1班>"),
            ("24软工1班", "<2024级>软工<1班>"),
            ("二〇二四级", "<2024级>"),
            ("软件工程2402班", "软件工程<2024级><2班>"),
            ("乌兹别克语2602", "乌兹别克语<2026级><2班>"),
            ("数学23二班", "数学<2023级><2班>"),
            ("旅游25（04）班", "旅游<2025级><4班>"),
            ("计科231班", "计科<2023级><1班>"),
            ("2020级-04班", "<2020级><4班>"),
            ("高一4班", "<高一><4班>"),
            ("高一（16）班", "<高一><16班>"),
            ("高一年级三班", "<高一><3班>"),
            ("高中一年级3班", "<高一><3班>"),
            ("高1（3）班", "<高一><3班>"),
            ("高13班", "<高一><3班>"),
            ("高三十二班", "<高三><12班>"),
            ("初三02班", "<初三><2班>"),
            ("七年级3班", "<初一><3班>"),
            ("九(5)班", "<初三><5班>"),
            ("第九(5)班", "<9><5班>"),
            ("第十五中学", "<15>中学"),
            ("十五中", "<15>中"),
            ("15中", "<15>中"),
            ("一〇一中学", "<101>中学"),
            ("一零一", "<101>"),
            ("一O一中学", "<101>中学"),
            ("第一0一中学", "<101>中学"),
            ("一四二中", "<142>中"),
            ("第九十四中学", "<94>中学"),
            ("二中", "<2>中"),
            ("第二外国语学院", "<2>外国语学院"),
            ("三一重工", "三一重工"),
            ("四川", "四川"),
            ("五四路", "五四路"),
            ("八一中学", "八一中学"),
            ("三里屯", "三里屯"),
            ("十里堡", "十里堡"),
            ("五道口", "五道口"),
            ("2023届", "<2023级>届"),
            // A bare number behind a grade is the class.
            ("高一八", "<高一><8班>"),
            ("高二10", "<高二><10班>"),
            ("初三（1）", "<初三><1班>"),
            ("高三十二", "<高三><12班>"),
            ("高二10蒙城", "<高二><10班>蒙城"),
            ("高一 八中", "<高一><8>中"),
            ("初三三里屯", "<初三>三里屯"),
            ("高一2024级", "<高一><2024级>"),
            ("工程管理二四零二班", "工程管理<2024级><2班>"),
            ("烹饪221", "烹饪<2022级><1班>"),
            ("烹饪221团支部", "烹饪<2022级><1班>团支部"),
            ("园林技术 241", "园林技术<2024级><1班>"),
            ("yuanlin jishu 241", "yuanlinjishu<2024级><1班>"),
            ("ab 241", "ab<241>"),
            ("助产2453", "助产<2024级><53班>"),
            ("24环工01", "<2024级>环工<1>"),
            ("24环工", "<24>环工"),
            ("第171中学", "<171>中学"),
            ("动漫2454班", "动漫<2024级><54班>"),
            ("动漫二四五四班", "动漫<2024级><54班>"),
            ("药学二五一班", "药学<2025级><1班>"),
            ("一二三班", "<123班>"),
            ("二零二四级", "<2024级>"),
            ("二零二四软工", "<2024级>软工"),
            // A year with 级 wins over the one that a class number would mean.
            ("2010级软件195班", "<2010级>软件<195班>"),
            ("2019级软件195班", "<2019级>软件<2019级><5班>"),
            ("2022级软件2301班", "<2022级>软件<2022级><1班>"),
        ];
        for (raw, expected) in rows {
            assert_eq!(spelled(raw), expected, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(raw in "[第高初中一二十百〇0-9级班年级届o（ ）软a\u{20000}\u{e001}]{0,16}") {
            let text = NormalizedText::new(&raw);
            let symbols = symbols(&placed_chars(&text));
            let mut end = 0;
            for placed in &symbols {
                prop_assert!(placed.range.end <= text.text().len() && placed.range.end >= end);
                end = placed.range.end;
            }
        }
    }
}
