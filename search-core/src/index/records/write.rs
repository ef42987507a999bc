//! Writes the columns of `records.bin`.

use super::builder::{RecordsBuilder, RowFields, core_range};
use super::own_codes::OwnCodes;
use super::section_id as id;
use crate::index::codes::{CodeWords, WordLists};
use crate::index::columns::{Ids, Narrow, SparseRuns, StartsBuilder, Uints, entry, width_of};
use crate::index::disambiguator::{Names, disambiguators};
use crate::index::keys::write_keys;
use crate::index::prior::{aged, newest_year};
use crate::index::rank_row::{Core, PackedFields};
use crate::index::sections::SectionWriter;
use crate::text::forms;
use crate::text::symbols::ClassKey;
use index_data::model::{Ordinal, OrgStatus, OrgTree};
use std::io::{self, Write};

impl RecordsBuilder {
    /// Writes the file.
    pub(crate) fn write<W: Write>(mut self, tree: &OrgTree, to: W) -> io::Result<W> {
        let mut writer = SectionWriter::new(to)?;
        self.normalized_starts.push(self.limits.offset("normalized names", self.normalized.len())?);
        self.detail_starts.push(self.limits.offset("aliases and attributes", self.details_len)?);
        let views = std::mem::take(&mut self.views).into_bytes();
        let mut keys = std::mem::take(&mut self.keys);
        let (pairs, initials) = (std::mem::take(&mut self.pairs), std::mem::take(&mut self.initials));
        let records = &self;
        // Two threads: one sorts the keys and tells names apart, one writes the columns.
        std::thread::scope(|scope| {
            let sorted = scope.spawn(move || {
                keys.sort_unstable();
                (disambiguators(tree, &WrittenNames { tree, records }, &keys), keys)
            });
            pairs.write(&mut writer, id::PAIRS, &records.priors)?;
            initials.write(&mut writer, id::INITIALS_KEYS, id::INITIALS_ORDINALS)?;
            writer.section(id::VIEWS, [views])?;
            records.write_columns(&mut writer, tree)?;
            let (disambiguators, keys) =
                sorted.join().map_err(|_| io::Error::other("the thread that sorts keys panicked"))?;
            writer.section(id::DISAMBIGUATORS, [disambiguators])?;
            write_keys(&mut writer, id::KEYS, &keys, tree.len())
        })?;
        writer.finish()
    }

    fn write_columns<W: Write>(&self, writer: &mut SectionWriter<W>, tree: &OrgTree) -> io::Result<()> {
        let words = self.write_rows(writer, tree)?;
        self.write_names(writer, tree)?;
        Ids::write(writer, id::IDS, self.limits, tree.ordinals().map(|ordinal| tree.id(ordinal)))?;
        writer.section(id::NORMALIZED.runs, [&self.normalized])?;
        SparseRuns::write_starts(writer, id::NORMALIZED, &self.normalized_starts)?;
        let inner = 0..tree.inner_count();
        writer.u32s(id::INNER_PARENTS, inner.map(|ordinal| tree.parent(ordinal).unwrap_or(Ordinal::MAX)))?;
        // The default tree, which is empty, has no closing value.
        let closed = |starts: &[Ordinal]| if starts.is_empty() { vec![0] } else { starts.to_vec() };
        writer.u32s(id::INNER_CHILD_STARTS, closed(tree.inner_child_starts()))?;
        writer.u32s(id::LEAF_CHILD_STARTS, closed(tree.leaf_child_starts()))?;
        Narrow::write(writer, id::MEMBERS, tree.ordinals().map(|ordinal| tree.members(ordinal)))?;
        writer.section(id::OWN_CODES, [OwnCodes::pack(tree)])?;
        self.write_details(writer, tree)?;
        SparseRuns::write_starts(writer, id::DETAILS, &self.detail_starts)?;
        let successors = tree.ordinals().filter_map(|ordinal| Some((ordinal, tree.successor(ordinal)?)));
        writer.u64s(id::SUCCESSORS, successors.map(|(from, to)| entry(from, to)))?;
        writer.section(id::CODE_WORDS, [serde_json::to_vec(&words)?])?;
        writer.u64s(id::SIGNATURES, self.signatures.iter().copied())?;
        writer.u64s(id::VIEW_CODES, self.view_codes.iter().copied())
    }

    /// The other views of each organization, then its details.
    fn write_details<W: Write>(&self, writer: &mut SectionWriter<W>, tree: &OrgTree) -> io::Result<()> {
        let mut views = self.other_views.as_slice();
        let with_details = tree.ordinals().filter(|&ordinal| self.details_len_of(ordinal) > 0);
        let packed = with_details.map(|ordinal| {
            let mut details = Vec::new();
            tree.details(ordinal).pack(&mut details);
            let views_len = self.details_len_of(ordinal) - details.len();
            let (own_views, rest) = views.split_at(views_len);
            views = rest;
            [own_views, &details].concat()
        });
        writer.section(id::DETAILS.runs, packed)
    }

    fn details_len_of(&self, ordinal: Ordinal) -> usize {
        let at = ordinal as usize;
        (self.detail_starts[at + 1] - self.detail_starts[at]) as usize
    }

    fn write_names<W: Write>(&self, writer: &mut SectionWriter<W>, tree: &OrgTree) -> io::Result<()> {
        let mut starts = StartsBuilder::new(self.limits, "names", tree.len() as usize);
        let mut end = 0;
        for ordinal in tree.ordinals() {
            end += tree.name(ordinal).len();
            starts.end_at(end)?;
        }
        starts.write(writer, id::NAME_STARTS)?;
        writer.section(id::NAMES, tree.ordinals().map(|ordinal| tree.name(ordinal)))
    }

    fn write_rows<W: Write>(&self, writer: &mut SectionWriter<W>, tree: &OrgTree) -> io::Result<CodeWords> {
        let mut words = WordLists::default();
        let mut overfull = None;
        let newest = self
            .part
            .newest_year
            .unwrap_or_else(|| newest_year((0..self.view_codes.len()).map(|at| self.class(at))));
        let mut depths: Vec<u8> = Vec::with_capacity(tree.len() as usize);
        let mut profiles: Vec<u32> = Vec::with_capacity(tree.len() as usize);
        let rows = tree.ordinals().map(|ordinal| {
            let depth = tree.parent(ordinal).map_or(0, |parent| depths[parent as usize].saturating_add(1));
            depths.push(depth);
            match words.codes(tree, ordinal) {
                Ok(codes) => {
                    profiles.push(words.profile(codes));
                    Some(self.row(ordinal, depth, tree, newest).pack())
                }
                Err(error) => {
                    overfull = Some(error);
                    None
                }
            }
        });
        writer.section(id::RANK_ROWS, rows.map_while(|row| row))?;
        if let Some(error) = overfull {
            return Err(error);
        }
        let width = width_of(words.profiles().len().saturating_sub(1) as u64);
        Uints::write(writer, id::PROFILES, width, profiles.into_iter().map(u64::from))?;
        writer.u64s(id::PROFILE_CODES, words.profiles().iter().map(|codes| codes.packed()))?;
        Ok(words.into_words(tree))
    }

    /// The year, class and grade that the name says.
    fn class(&self, at: usize) -> ClassKey {
        ClassKey::unpack((self.view_codes[at] >> 32) as u32)
    }

    fn row(&self, ordinal: Ordinal, depth: u8, tree: &OrgTree, newest: Option<u16>) -> PackedFields {
        let at = ordinal as usize;
        let &RowFields { view, view_len, form, name_len, repeats_above } = &self.rows[at];
        let size = tree.children(ordinal).count() as u32;
        PackedFields {
            parent: tree.parent(ordinal),
            view,
            view_len,
            prior: aged(self.priors[at], self.class(at), newest),
            name_len,
            core: Core::new(&core_range(self.cores[at]), usize::from(name_len)),
            id_len: u8::try_from(tree.id(ordinal).len()).unwrap_or(u8::MAX),
            form: forms::of_code(form),
            depth,
            size_log: size.saturating_add(1).ilog2() as u8,
            has_details: self.details_len_of(ordinal) > 0,
            is_active: *tree.status(ordinal) == OrgStatus::Active,
            repeats_above,
        }
    }
}

/// The normalized names that are about to be written.
struct WrittenNames<'a> {
    tree: &'a OrgTree,
    records: &'a RecordsBuilder,
}

impl Names for WrittenNames<'_> {
    fn normalized(&self, ordinal: Ordinal) -> &[u8] {
        let starts = &self.records.normalized_starts;
        match starts[ordinal as usize] as usize..starts[ordinal as usize + 1] as usize {
            same if same.is_empty() => self.tree.name(ordinal).as_bytes(),
            other => &self.records.normalized[other],
        }
    }

    fn core(&self, ordinal: Ordinal) -> &[u8] {
        self.normalized(ordinal).get(core_range(self.records.cores[ordinal as usize])).unwrap_or_default()
    }
}
