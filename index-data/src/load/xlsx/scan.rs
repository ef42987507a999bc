//! Scans the XML of a workbook's part and counts what the workbook reader would keep of it in memory.
//!
//! It knows as much of XML as that needs: where tags, texts and comments begin and end, the names of a few elements,
//! and three of their attributes. Parts that are not XML pass: the workbook reader rejects them.

use super::danger::Danger;
use super::references::{Reference, check_references};
use super::tag::{attributes, local_name};
use std::ops::AddAssign;

/// What one part may make the workbook reader hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct PartLimits {
    /// One tag. The longest real ones declare name spaces, in a few KiB.
    pub(super) tag_bytes: usize,
    /// The text of one cell or entry, or one comment. A cell holds 32,767 characters; queries that are kept in a
    /// workbook take some MiB.
    pub(super) text_bytes: u64,
    /// All texts of the table of texts. A full sheet of organizations has about 400 MiB.
    pub(super) held_bytes: u64,
    /// Cell formats with what they refer to. Spreadsheet programs stop at 65,490.
    pub(super) styles: u64,
    /// Cell formats times the longest value one may refer to, since the reader copies it into each.
    pub(super) style_bytes: u64,
    /// Sheets, defined names, and relations between parts, in bytes.
    pub(super) listed_bytes: u64,
}

impl PartLimits {
    pub(super) const DEFAULT: PartLimits = PartLimits {
        tag_bytes: 64 << 10,
        text_bytes: 16 << 20,
        held_bytes: 512 << 20,
        styles: 200_000,
        style_bytes: 256 << 20,
        listed_bytes: 8 << 20,
    };
}

/// Memory for one text of the table besides its bytes: its entry in a table that grows by doubling, and the
/// allocator's overhead.
const TEXT_OVERHEAD: u64 = 64;

/// What is no danger, but what whoever reads the cells should know of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::load) struct Oddities {
    /// Ranges of merged cells, of which only the first holds anything.
    pub(in crate::load) merged_ranges: u64,
    /// Cells with a formula, but without a value: they are read as empty.
    pub(in crate::load) formulas_without_value: u64,
}

impl AddAssign for Oddities {
    fn add_assign(&mut self, other: Oddities) {
        self.merged_ranges += other.merged_ranges;
        self.formulas_without_value += other.formulas_without_value;
    }
}

/// Where in the XML the scan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Text,
    /// In a tag, within these quotation marks if any.
    Tag(Option<u8>),
    /// In a comment, CDATA section or instruction that ends with these bytes.
    Until(&'static [u8]),
}

/// A part being read, a few bytes at a time.
pub(super) struct PartScan {
    limits: PartLimits,
    /// How large the part says it is.
    size: u64,
    place: Place,
    /// The tag, without its brackets, as far as [`PartLimits::tag_bytes`] and a little more.
    tag: Vec<u8>,
    /// The last bytes read in [`Place::Until`].
    tail: Vec<u8>,
    /// Bytes of text since the last cell or entry.
    text: u64,
    holds_text: bool,
    held: u64,
    styles: u64,
    longest_tag: u64,
    listed: u64,
    oddities: Oddities,
    /// The cell being read has a formula, and no value so far.
    lacks_value: bool,
    /// Whether the part begins as XML does. Images and their like are no danger as long as they are small.
    is_xml: Option<bool>,
}

impl PartScan {
    pub(super) fn new(size: u64, limits: PartLimits) -> Self {
        PartScan {
            limits,
            size,
            place: Place::Text,
            tag: Vec::new(),
            tail: Vec::new(),
            text: 0,
            holds_text: false,
            held: 0,
            styles: 0,
            longest_tag: 0,
            listed: 0,
            oddities: Oddities::default(),
            lacks_value: false,
            is_xml: None,
        }
    }

    /// Whether the part does not begin as XML does.
    pub(super) fn is_opaque(&self) -> bool {
        self.is_xml == Some(false)
    }

    /// What was found so far.
    pub(super) fn oddities(&self) -> Oddities {
        self.oddities
    }

    /// Takes the next bytes.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) -> Result<(), Danger> {
        while let Some(&first) = bytes.first() {
            let read = match self.place {
                Place::Text => self.read_text(bytes)?,
                Place::Tag(quote) => self.read_tag(first, quote, bytes)?,
                Place::Until(end) => self.read_until(first, end)?,
            };
            bytes = &bytes[read..];
        }
        Ok(())
    }

    fn read_text(&mut self, bytes: &[u8]) -> Result<usize, Danger> {
        let end = bytes.iter().position(|&byte| byte == b'<');
        let text = &bytes[..end.unwrap_or(bytes.len())];
        if self.is_xml.is_none() {
            let mut solid = text.iter().filter(|byte| !byte.is_ascii_whitespace() && !BOM.contains(byte));
            self.is_xml = if solid.next().is_some() { Some(false) } else { end.map(|_| true) };
        }
        self.count_text(text.len() as u64)?;
        if end.is_some() {
            self.tag.clear();
            self.place = Place::Tag(None);
        }
        Ok(text.len() + usize::from(end.is_some()))
    }

    fn count_text(&mut self, bytes: u64) -> Result<(), Danger> {
        self.text += bytes;
        if self.text > self.limits.text_bytes {
            self.too_large(format!("holds a text of more than {} MiB", self.limits.text_bytes >> 20))?;
        }
        if self.holds_text { self.hold(bytes) } else { Ok(()) }
    }

    fn hold(&mut self, bytes: u64) -> Result<(), Danger> {
        self.held += bytes;
        match self.held > self.limits.held_bytes {
            true => Err(Danger::TooLarge(format!(
                "holds more than {} MiB of texts",
                self.limits.held_bytes >> 20
            ))),
            false => Ok(()),
        }
    }

    /// An error only if the part begins as XML does.
    fn too_large(&self, what: String) -> Result<(), Danger> {
        if self.is_xml == Some(true) { Err(Danger::TooLarge(what)) } else { Ok(()) }
    }

    fn read_tag(&mut self, first: u8, quote: Option<u8>, bytes: &[u8]) -> Result<usize, Danger> {
        let stop = |byte: &u8| match quote {
            Some(quote) => *byte == quote,
            None => matches!(byte, b'>' | b'"' | b'\'' | b'-' | b'[' | b'?'),
        };
        if !stop(&first) {
            let run = bytes.iter().position(stop).unwrap_or(bytes.len());
            self.keep(&bytes[..run])?;
            return Ok(run);
        }
        self.keep(&[first])?;
        self.place = match (quote, first) {
            (Some(_), _) => Place::Tag(None),
            (None, b'"' | b'\'') => Place::Tag(Some(first)),
            (None, b'>') => {
                self.tag.pop();
                let outcome = self.end_of_tag();
                self.place = Place::Text;
                return outcome.map(|()| 1);
            }
            (None, _) => match self.tag.as_slice() {
                b"!--" => self.until(b"-->"),
                b"![" => self.until(b"]]>"),
                b"?" => self.until(b"?>"),
                _ => Place::Tag(None),
            },
        };
        Ok(1)
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), Danger> {
        let room = (self.limits.tag_bytes + 1).saturating_sub(self.tag.len());
        self.tag.extend_from_slice(&bytes[..bytes.len().min(room)]);
        match self.tag.len() > self.limits.tag_bytes {
            true => self.too_large(format!("holds a tag of more than {} KiB", self.limits.tag_bytes >> 10)),
            false => Ok(()),
        }
    }

    fn until(&mut self, end: &'static [u8]) -> Place {
        self.tail.clear();
        Place::Until(end)
    }

    fn read_until(&mut self, byte: u8, end: &'static [u8]) -> Result<usize, Danger> {
        self.count_text(1)?;
        if self.tail.len() == end.len() {
            self.tail.remove(0);
        }
        self.tail.push(byte);
        if self.tail == end {
            self.place = Place::Text;
        }
        Ok(1)
    }

    fn end_of_tag(&mut self) -> Result<(), Danger> {
        let tag = std::mem::take(&mut self.tag);
        let outcome = self.look_at(&tag);
        self.tag = tag;
        outcome
    }

    fn look_at(&mut self, tag: &[u8]) -> Result<(), Danger> {
        if tag.starts_with(b"!") {
            return match self.is_xml {
                Some(true) => Err(Danger::Damaged("it declares a document type of its own".to_owned())),
                _ => Ok(()),
            };
        }
        let is_end = tag.starts_with(b"/");
        let name = local_name(tag);
        if matches!(name, b"c" | b"si" | b"definedName" | b"row" | b"Relationship") {
            self.text = 0;
        }
        self.note(name, is_end, tag.ends_with(b"/"));
        if is_end {
            return Ok(());
        }
        match name {
            b"c" => check_references(tag, b"r", Reference::Cell),
            b"row" => check_references(tag, b"r", Reference::Row),
            b"dimension" => check_references(tag, b"ref", Reference::Range),
            b"sst" => {
                self.holds_text = true;
                self.check_claim(tag)
            }
            b"si" => self.hold(TEXT_OVERHEAD),
            b"Relationship" | b"sheet" | b"definedName" => {
                self.holds_text |= name == b"definedName";
                self.listed += tag.len() as u64 + TEXT_OVERHEAD;
                match self.listed > self.limits.listed_bytes {
                    true => Err(Danger::TooLarge(
                        "lists more sheets, names or parts than a workbook has".to_owned(),
                    )),
                    false => Ok(()),
                }
            }
            // Its name spaces are not kept.
            b"styleSheet" => Ok(()),
            _ => self.look_at_style(tag, name),
        }
    }

    fn note(&mut self, name: &[u8], is_end: bool, is_empty: bool) {
        match name {
            b"mergeCell" if !is_end => self.oddities.merged_ranges += 1,
            b"c" if is_end => self.oddities.formulas_without_value += u64::from(self.lacks_value),
            b"f" if !is_end => self.lacks_value = true,
            b"v" | b"is" if is_empty => return,
            _ => {}
        }
        if matches!(name, b"c" | b"v" | b"is") {
            self.lacks_value = false;
        }
    }

    fn look_at_style(&mut self, tag: &[u8], name: &[u8]) -> Result<(), Danger> {
        self.longest_tag = self.longest_tag.max(tag.len() as u64);
        self.styles += u64::from(matches!(name, b"xf" | b"font" | b"fill" | b"border" | b"numFmt"));
        let bytes = self.styles.saturating_mul(self.longest_tag);
        match self.styles > self.limits.styles || (self.styles > 0 && bytes > self.limits.style_bytes) {
            true => Err(Danger::TooLarge("holds more cell formats than a workbook has".to_owned())),
            false => Ok(()),
        }
    }

    /// The reader reserves memory for as many texts as the table claims to have.
    fn check_claim(&self, tag: &[u8]) -> Result<(), Danger> {
        const ALWAYS_FINE: u64 = 1 << 20;
        const SHORTEST_ENTRY: u64 = "<si/>".len() as u64;
        for claim in attributes(tag, b"uniqueCount") {
            let is_number = !claim.is_empty() && claim.iter().all(u8::is_ascii_digit);
            let count = str::from_utf8(claim).ok().and_then(|digits| digits.parse().ok());
            let count = if is_number { count.unwrap_or(u64::MAX) } else { count.unwrap_or(0) };
            if count > ALWAYS_FINE.max(self.size / SHORTEST_ENTRY) {
                return Err(Danger::TooLarge("claims more texts than it can hold".to_owned()));
            }
        }
        Ok(())
    }
}

const BOM: &[u8] = b"\xef\xbb\xbf";

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(part: &str, limits: PartLimits) -> Result<(), String> {
        // However the bytes come, the outcome is the same.
        let outcome = |step: usize| {
            let mut scan = PartScan::new(part.len() as u64, limits);
            part.as_bytes()
                .chunks(step)
                .try_for_each(|bytes| scan.feed(bytes))
                .map_err(|danger| format!("{danger:?}"))
        };
        let whole = outcome(usize::MAX);
        assert_eq!(outcome(1), whole, "{part}");
        whole
    }

    #[test]
    fn cells_outside_of_a_sheet_are_refused() {
        for (tag, refused) in [
            ("<c r=\"A1\">", false),
            ("<c r='xfd1048576'/>", false),
            ("<x:c s=\"1\" r = \"AA7\" t=\"s\">", false),
            ("<c r=\"XFE1\">", true),
            ("<c r=\"ZZZZZZ1\">", true),
            ("<c r=\"FXSHRXW1\">", true),
            ("<c r=\"A1\" r=\"AAAAAAAAAA1\">", true),
            ("<c\n r=\"A1048577\">", true),
            ("<c r=\"A0\">", true),
            ("<c r=\"1\">", true),
            ("<row r=\"4294967297\">", true),
            ("<row r=\"12\" spans=\"1:3\">", false),
            ("<dimension ref=\"A1:B3\"/>", false),
            ("<dimension ref=\"B3:A1\"/>", true),
            ("<dimension ref=\"A1:ZZZZ1\"/>", true),
            ("<other r=\"ZZZZZZ1\"/>", false),
            ("<!-- <c r=\"ZZZZZZ1\"> -->", false),
            ("<![CDATA[<c r=\"ZZZZZZ1\">]]>", false),
            ("<?x <c r=\"ZZZZZZ1\"> ?>", false),
            ("<a b=\"<!--\"/><c r=\"ZZZZZZ1\"/><!---->", true),
            ("x<c r=\"ZZZZZZ1\">", true),
        ] {
            let outcome = scan(&format!("<sheet1>{tag}</sheet1>"), PartLimits::DEFAULT);
            assert_eq!(outcome.is_err(), refused, "{tag}: {outcome:?}");
        }
    }

    #[test]
    fn oddities_are_counted() {
        for (part, merged_ranges, formulas_without_value) in [
            ("<mergeCells><mergeCell ref='A1:B2'/><mergeCell ref='A3:A9'></mergeCell></mergeCells>", 2, 0),
            ("<c r='A1'><f>1+1</f><v>2</v></c><c r='A2'><v>1</v></c>", 0, 0),
            ("<c r='A1'><f>1+1</f></c><c r='A2'><f/><v/></c><c r='A3'/>", 0, 2),
            ("<c r='A1' t='inlineStr'><f>x</f><is><t>y</t></is></c>", 0, 0),
        ] {
            let mut scan = PartScan::new(part.len() as u64, PartLimits::DEFAULT);
            scan.feed(format!("<sheetData>{part}</sheetData>").as_bytes()).unwrap();
            assert_eq!(scan.oddities(), Oddities { merged_ranges, formulas_without_value }, "{part}");
        }
    }

    #[test]
    fn claims_are_held_against_the_size() {
        for (claim, too_much) in [
            (r#" uniqueCount="12""#, false),
            (r#" uniqueCount = '1048576' "#, false),
            (r#" uniqueCount="1048577""#, true),
            (r#" uniqueCount="18446744073709551615""#, true),
            (r#" uniqueCount="99999999999999999999999""#, true),
            (&format!(" uniqueCount{}=\"99999999999\"", " ".repeat(100)), true),
            (&format!(" uniqueCount=\"{}99999999999\"", "0".repeat(100)), true),
            (r#" uniqueCount="x""#, false),
            ("><t>uniqueCount</t", false),
        ] {
            for padding in [0, 65_500, 65_536, 131_000] {
                let part = format!("{}<sst{claim}><si></si></sst>", " ".repeat(padding));
                let found = scan(&part, PartLimits::DEFAULT);
                assert_eq!(found.is_err(), too_much, "{claim} behind {padding}");
            }
        }
    }

    #[test]
    fn what_the_reader_would_hold_is_bounded() {
        let limits = PartLimits {
            tag_bytes: 100,
            text_bytes: 1_000,
            held_bytes: 10_000,
            styles: 50,
            style_bytes: 2_000,
            listed_bytes: 1_000,
        };
        let sst = |entries: String| format!("<sst>{entries}</sst>");
        for (case, part, refused) in [
            ("texts", sst("<si><t>12345678</t></si>".repeat(100)), false),
            ("many texts", sst("<si><t>12345678</t></si>".repeat(160)), true),
            ("empty texts", sst("<si/>".repeat(160)), true),
            ("a long text", sst(format!("<si><t>{}</t></si>", "&amp;<r/>".repeat(300))), true),
            ("texts of a sheet are not held", "<c><v>12345678</v></c>".repeat(9_000), false),
            ("a long text in a sheet", format!("<c><is><t>{}</t></is></c>", "1<x/>".repeat(1_001)), true),
            ("a long tag", format!("<a b=\"{}\">", "x".repeat(100)), true),
            ("a long comment", format!("<a><!--{}-->", "x".repeat(1_001)), true),
            ("formats", "<xf a='1'/>".repeat(50), false),
            ("many formats", "<xf/>".repeat(51), true),
            (
                "formats of a long name",
                format!("<name val='{}'/>{}", "x".repeat(60), "<xf/>".repeat(40)),
                true,
            ),
            ("sheets", "<sheet name='a'/>".repeat(20), true),
            ("names", format!("<definedName>{}", "x".repeat(1_001)), true),
            ("a document type", "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>".to_owned(), true),
            ("no XML", format!("GIF89a<{}", "x".repeat(5_000)), false),
        ] {
            let outcome = scan(&part, limits);
            assert_eq!(outcome.is_err(), refused, "{case}: {outcome:?}");
        }
    }
}
