//! Exact look-ups: id, name, core, alias, former name, short name -> ordinals.
//!
//! Hashes are spread evenly, so their upper bits make buckets of about the same length, and only the lower bits are kept
//! of each, before the ordinal. Equal hashes of different texts are possible, so every caller compares the text of what
//! it gets.

use super::columns::Uints;
use super::sections::{Section, SectionWriter, Sections};
use index_data::hash::fnv1a;
use std::io::{self, Write};
use std::ops::Range;

/// What a key stands for; part of the hash, so that an id never meets a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Id = 1,
    Name = 2,
    Core = 3,
    Alias = 4,
    FormerName = 5,
    ShortName = 6,
}

/// The entry of one text for one organization.
pub(crate) fn key(kind: KeyKind, text: &str, ordinal: u32) -> u64 {
    u64::from(hash(kind, text)) << 32 | u64::from(ordinal)
}

fn hash(kind: KeyKind, text: &str) -> u32 {
    hash_bytes(kind, text.as_bytes())
}

/// 64 bits folded to 32. Part of the format: another hash is another format version.
fn hash_bytes(kind: KeyKind, text: &[u8]) -> u32 {
    let folded = fnv1a(std::iter::once(kind as u8).chain(text.iter().copied()));
    (folded >> 32) as u32 ^ folded as u32
}

/// Organizations that may bear one name, group by group; `keys` ascend.
pub(super) fn shared_names<'a>(
    keys: &'a [u64],
    name: impl Fn(u32) -> &'a [u8] + 'a,
) -> impl Iterator<Item = Vec<u32>> + 'a {
    let groups = keys.chunk_by(|a, b| a >> 32 == b >> 32).filter(|group| group.len() > 1);
    groups.map(move |group| {
        let is_name = |&ordinal: &u32| hash_bytes(KeyKind::Name, name(ordinal)) == (group[0] >> 32) as u32;
        let mut bearers: Vec<u32> = group.iter().map(|&key| key as u32).filter(is_name).collect();
        bearers.dedup();
        bearers
    })
}

/// Entries of a bucket, about.
const BUCKET: usize = 32;
/// The most bits of a hash that tell buckets apart.
const MOST_BUCKET_BITS: u32 = 20;
const HASH_BITS: u32 = u32::BITS;

/// Writes keys, which ascend, of so many organizations: the beginnings of buckets of the same upper bits of the hash,
/// and of each key the lower bits before the ordinal.
pub(super) fn write_keys<W: Write>(
    writer: &mut SectionWriter<W>,
    (starts, entries): (u32, u32),
    keys: &[u64],
    orgs: u32,
) -> io::Result<()> {
    let bucket_bits = (keys.len() / BUCKET).checked_ilog2().unwrap_or(0).min(MOST_BUCKET_BITS);
    let layout = Layout::new(bucket_bits, orgs);
    let mut ends = vec![0u32; (1 << bucket_bits) + 1];
    keys.iter().for_each(|&key| ends[1 + layout.bucket((key >> HASH_BITS) as u32)] += 1);
    for at in 1..ends.len() {
        ends[at] += ends[at - 1];
    }
    writer.u32s(starts, ends)?;
    Uints::write(writer, entries, layout.width(), keys.iter().map(|&key| layout.entry(key)))
}

/// How the bits of an entry are shared out.
#[derive(Debug, Clone, Copy)]
struct Layout {
    /// Of the hash, told by the bucket.
    bucket_bits: u32,
    ordinal_bits: u32,
}

impl Layout {
    fn new(bucket_bits: u32, orgs: u32) -> Self {
        Layout { bucket_bits, ordinal_bits: u32::BITS - orgs.saturating_sub(1).leading_zeros() }
    }

    fn bucket(self, hash: u32) -> usize {
        (u64::from(hash) >> self.rest_bits()) as usize
    }

    fn rest_bits(self) -> u32 {
        HASH_BITS - self.bucket_bits
    }

    fn width(self) -> usize {
        (self.rest_bits() + self.ordinal_bits).div_ceil(8) as usize
    }

    /// What is left of a hash without its bucket.
    fn rest(self, hash: u32) -> u64 {
        u64::from(hash) & ((1 << self.rest_bits()) - 1)
    }

    fn entry(self, key: u64) -> u64 {
        self.rest((key >> HASH_BITS) as u32) << self.ordinal_bits | key & u64::from(u32::MAX)
    }

    fn ordinal(self, entry: u64) -> u32 {
        (entry & ((1 << self.ordinal_bits) - 1)) as u32
    }
}

/// Reads the entries.
pub(crate) struct Keys {
    starts: Section,
    entries: Uints,
    layout: Layout,
}

impl Keys {
    /// Of so many organizations.
    pub(super) fn open(
        sections: &Sections,
        (starts, entries): (u32, u32),
        orgs: u32,
    ) -> Result<Keys, String> {
        let starts_column = sections.list(starts, 4)?;
        let buckets = (starts_column.bytes().len() / 4).saturating_sub(1);
        if !buckets.is_power_of_two() || buckets.ilog2() > MOST_BUCKET_BITS {
            return Err(format!("section {starts} has {buckets} buckets"));
        }
        let layout = Layout::new(buckets.ilog2(), orgs);
        let entries_column = Uints::of_width(sections, entries, layout.width())?;
        match starts_column.u32(buckets) as usize {
            end if end == entries_column.len() => {
                Ok(Keys { starts: starts_column, entries: entries_column, layout })
            }
            end => Err(format!("section {starts} ends at {end}, {entries} does not")),
        }
    }

    /// Ordinals that may bear this text, ascending.
    pub(crate) fn find(&self, kind: KeyKind, text: &str) -> impl Iterator<Item = u32> + '_ {
        let hash = hash(kind, text);
        let Layout { ordinal_bits, .. } = self.layout;
        let bucket = self.layout.bucket(hash);
        let (start, end) = (self.starts.u32(bucket) as usize, self.starts.u32(bucket + 1) as usize);
        let end = end.min(self.entries.len());
        let wanted = self.layout.rest(hash);
        let first = self.first_from(start..end, wanted << ordinal_bits);
        (first..end)
            .map(|at| self.entries.get(at))
            .take_while(move |entry| entry >> ordinal_bits == wanted)
            .map(|entry| self.layout.ordinal(entry))
    }

    fn first_from(&self, places: Range<usize>, wanted: u64) -> usize {
        let Range { start: mut low, end: mut high } = places;
        while low < high {
            let middle = low + (high - low) / 2;
            if self.entries.get(middle) < wanted { low = middle + 1 } else { high = middle }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::sections::Bytes;
    use proptest::prelude::*;

    fn sealed(entries: &[u64], orgs: u32) -> Sections {
        let mut writer = SectionWriter::new(Vec::new()).expect("it is written");
        write_keys(&mut writer, (1, 2), entries, orgs).expect("it is written");
        Sections::open(Bytes::Owned(writer.finish().expect("it is written").into()), 2).expect("it is opened")
    }

    proptest! {
        #[test]
        fn every_key_is_found(
            ordinals in prop::collection::vec(0u32..3_000, 0..4_000), orgs in 3_000u32..1 << 26, absent in "[a-z]{5}"
        ) {
            let text = |ordinal: u32| format!("name {}", ordinal / 3);
            let mut entries: Vec<u64> =
                ordinals.iter().map(|&ordinal| key(KeyKind::Name, &text(ordinal), ordinal)).collect();
            entries.sort_unstable();
            entries.dedup();
            let keys = Keys::open(&sealed(&entries, orgs), (1, 2), orgs).expect("it fits");
            for &ordinal in &ordinals {
                let found: Vec<u32> = keys.find(KeyKind::Name, &text(ordinal)).collect();
                prop_assert!(found.contains(&ordinal));
                prop_assert!(found.is_sorted());
                let mut expected: Vec<u32> =
                    ordinals.iter().copied().filter(|other| other / 3 == ordinal / 3).collect();
                expected.sort_unstable();
                expected.dedup();
                prop_assert_eq!(found, expected);
            }
            prop_assert_eq!(keys.find(KeyKind::Id, &absent).count(), 0);
        }
    }

    #[test]
    fn entries_of_another_width_are_refused() {
        let entries: Vec<u64> = (0..1_000).map(|hash| hash << 40 | 7).collect();
        let sections = sealed(&entries, 1_000);
        assert!(Keys::open(&sections, (1, 2), 1_000).is_ok());
        assert!(Keys::open(&sections, (1, 2), 1 << 26).is_err());
        assert!(Keys::open(&sections, (2, 1), 1_000).is_err());
    }
}
