//! Ids: numbers where they are numbers, texts where they are not.

use super::present::{Present, PresentBuilder};
use super::starts::{Starts, StartsBuilder};
use super::uints::{Uints, width_of};
use crate::index::limits::IndexLimits;
use crate::index::sections::{Section, SectionWriter, Sections};
use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};
use std::ops::Deref;

/// The numbers of the sections of a column of ids.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IdSections {
    /// Which ids are texts: bits and counts.
    pub(crate) is_text: (u32, u32),
    /// Bases and offsets.
    pub(crate) text_starts: (u32, u32),
    pub(crate) texts: u32,
    /// The least number, then how much more each is.
    pub(crate) least: u32,
    pub(crate) numbers: u32,
}

/// The number that an id is, if it is written as numbers are: no sign, no zero before it.
fn number_of(id: &str) -> Option<u64> {
    let is_plain = id.bytes().all(|byte| byte.is_ascii_digit()) && (id == "0" || !id.starts_with('0'));
    id.parse().ok().filter(|_| is_plain)
}

/// The column of a sealed generation.
pub(crate) struct Ids {
    is_text: Present,
    text_starts: Starts,
    texts: Section,
    least: u64,
    numbers: Uints,
}

impl Ids {
    pub(crate) fn open(sections: &Sections, ids: IdSections, count: usize) -> Result<Ids, String> {
        let is_text = Present::open(sections, ids.is_text, count)?;
        let texts = sections.section(ids.texts)?;
        let numbers = count.checked_sub(is_text.len()).ok_or("it counts more ids that are texts than ids")?;
        Ok(Ids {
            text_starts: Starts::open(sections, ids.text_starts, is_text.len(), texts.bytes().len())?,
            is_text,
            texts,
            least: sections.column(ids.least, 1, 8)?.u64(0),
            numbers: Uints::open(sections, ids.numbers, numbers)?,
        })
    }

    pub(crate) fn write<'a, W: Write>(
        writer: &mut SectionWriter<W>,
        sections: IdSections,
        limits: IndexLimits,
        ids: impl ExactSizeIterator<Item = &'a str> + Clone,
    ) -> io::Result<()> {
        let (mut is_text, mut starts) = (PresentBuilder::default(), StartsBuilder::new(limits, "ids", 0));
        let (mut end, mut least, mut largest) = (0, u64::MAX, 0);
        for (row, id) in ids.clone().enumerate() {
            match number_of(id) {
                Some(number) => (least, largest) = (least.min(number), largest.max(number)),
                None => {
                    is_text.set(row as u32);
                    end += id.len();
                    starts.end_at(end)?;
                }
            }
        }
        is_text.write(writer, sections.is_text, ids.len())?;
        starts.write(writer, sections.text_starts)?;
        writer.section(sections.texts, ids.clone().filter(|id| number_of(id).is_none()))?;
        writer.u64s(sections.least, [least])?;
        let numbers = ids.filter_map(number_of).map(|number| number - least);
        Uints::write(writer, sections.numbers, width_of(largest.saturating_sub(least)), numbers)
    }

    #[inline]
    pub(crate) fn get(&self, row: u32) -> IdText<'_> {
        let row = row as usize;
        let texts_before = self.is_text.rank(row);
        if !self.is_text.contains(row) {
            return IdText::of_number(
                self.least.wrapping_add(self.numbers.get(row.saturating_sub(texts_before))),
            );
        }
        let text = self.texts.bytes().get(self.text_starts.range(texts_before)).unwrap_or_default();
        IdText(Written::Text(std::str::from_utf8(text).unwrap_or_default()))
    }
}

/// An id, to be read as text.
#[derive(Debug)]
pub(crate) struct IdText<'a>(Written<'a>);

#[derive(Debug)]
enum Written<'a> {
    Text(&'a str),
    /// Digits at the end of the array, and where they begin.
    Digits([u8; IdText::MOST_DIGITS], u8),
}

impl<'a> IdText<'a> {
    /// The text, borrowed where it is kept as one.
    pub(crate) fn into_text(self) -> Cow<'a, str> {
        match self.0 {
            Written::Text(text) => Cow::Borrowed(text),
            Written::Digits(..) => Cow::Owned(self.to_owned()),
        }
    }
}

impl IdText<'_> {
    const MOST_DIGITS: usize = u64::MAX.ilog10() as usize + 1;

    fn of_number(mut number: u64) -> Self {
        let mut digits = [b'0'; Self::MOST_DIGITS];
        let mut start = Self::MOST_DIGITS;
        loop {
            start -= 1;
            digits[start] = b'0' + (number % 10) as u8;
            number /= 10;
            if number == 0 {
                return IdText(Written::Digits(digits, start as u8));
            }
        }
    }
}

impl Deref for IdText<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.0 {
            Written::Text(text) => text,
            Written::Digits(digits, start) => {
                std::str::from_utf8(&digits[usize::from(*start)..]).unwrap_or_default()
            }
        }
    }
}

impl fmt::Display for IdText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl PartialEq<&str> for IdText<'_> {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

impl PartialEq<str> for IdText<'_> {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::sections::Bytes;
    use proptest::prelude::*;

    const IDS: IdSections =
        IdSections { is_text: (1, 2), text_starts: (3, 4), texts: 5, least: 6, numbers: 7 };

    fn written(ids: &[String]) -> Sections {
        let mut writer = SectionWriter::new(Vec::new()).expect("it is written");
        Ids::write(&mut writer, IDS, IndexLimits::default(), ids.iter().map(String::as_str))
            .expect("it is written");
        Sections::open(Bytes::Owned(writer.finish().expect("it is written").into()), 7).expect("it is opened")
    }

    fn check(ids: &[String]) {
        let sections = written(ids);
        let read = Ids::open(&sections, IDS, ids.len()).expect("it fits");
        for (row, id) in ids.iter().enumerate() {
            assert_eq!(&*read.get(row as u32), id, "{row}");
        }
        assert!(Ids::open(&sections, IDS, ids.len() + 512).is_err());
    }

    #[test]
    fn ids_that_only_look_like_numbers_stay_texts() {
        let ids =
            ["0", "00", "007", "7", "+7", "18446744073709551615", "18446744073709551616", "", "７", "x1"];
        check(&ids.map(str::to_owned));
        check(&[]);
        check(&["a".repeat(128)]);
        assert_eq!(number_of("18446744073709551615"), Some(u64::MAX));
        assert_eq!(number_of("+7"), None);
    }

    proptest! {
        #[test]
        fn ids_are_read_as_they_were_written(ids in prop::collection::vec(prop_oneof!["[0-9]{1,20}", "1000[0-9]{4}", "[a-z0-9-]{1,8}"], 0..1_200)) {
            check(&ids);
        }
    }
}
