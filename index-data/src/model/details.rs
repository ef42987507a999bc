//! The fields most rows leave empty (aliases, former names, attributes), packed into one self-delimiting record.

/// Aliases, former names and attributes of one organization.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// Other names in use.
    pub aliases: Vec<String>,
    /// Names it had before.
    pub former_names: Vec<String>,
    /// Every other column: `(column, value)`.
    pub attributes: Vec<(String, String)>,
}

impl Details {
    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        self.aliases.is_empty() && self.former_names.is_empty() && self.attributes.is_empty()
    }

    /// Appends the packed form: three counts, then each text with its length, all numbers as LEB128.
    pub fn pack(&self, into: &mut Vec<u8>) {
        for count in [self.aliases.len(), self.former_names.len(), self.attributes.len()] {
            pack_number(count, into);
        }
        let attributes = self.attributes.iter().flat_map(|(column, value)| [column, value]);
        for text in self.aliases.iter().chain(&self.former_names).chain(attributes) {
            pack_number(text.len(), into);
            into.extend_from_slice(text.as_bytes());
        }
    }

    /// Reads the record at the start of `bytes`; `None` if they are not one.
    pub fn unpack(bytes: &[u8]) -> Option<Details> {
        let mut rest = bytes;
        let counts = [unpack_number(&mut rest)?, unpack_number(&mut rest)?, unpack_number(&mut rest)?];
        let mut texts = |count: usize| -> Option<Vec<String>> {
            // A damaged count must not reserve memory: each text takes a byte at least.
            (count <= rest.len()).then_some(())?;
            (0..count).map(|_| unpack_text(&mut rest)).collect()
        };
        let aliases = texts(counts[0])?;
        let former_names = texts(counts[1])?;
        let mut flat = texts(counts[2].checked_mul(2)?)?.into_iter();
        let mut attributes = Vec::with_capacity(counts[2]);
        while let (Some(column), Some(value)) = (flat.next(), flat.next()) {
            attributes.push((column, value));
        }
        Some(Details { aliases, former_names, attributes })
    }
}

fn pack_number(mut number: usize, into: &mut Vec<u8>) {
    while number >= 0x80 {
        into.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    into.push(number as u8);
}

fn unpack_number(bytes: &mut &[u8]) -> Option<usize> {
    let mut number = 0usize;
    for shift in (0..35).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= ((byte & 0x7f) as usize) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn unpack_text(bytes: &mut &[u8]) -> Option<String> {
    let len = unpack_number(bytes)?;
    let (text, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    String::from_utf8(text.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn packing_loses_nothing(
            aliases in proptest::collection::vec(".{0,200}", 0..4),
            former_names in proptest::collection::vec(".*", 0..3),
            attributes in proptest::collection::vec((".*", ".*"), 0..3),
        ) {
            let details = Details { aliases, former_names, attributes };
            let mut packed = Vec::new();
            details.pack(&mut packed);
            packed.extend_from_slice(b"the next record");
            prop_assert_eq!(Details::unpack(&packed), Some(details));
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Details::unpack(&bytes);
        }
    }
}
