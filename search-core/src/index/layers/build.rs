//! Builds the overlay: a small tree of the changed organizations and stubs of those they refer to, written as any tree
//! is.

use super::members::BaseMembers;
use super::patches::{disambiguators, unit_patches};
use super::records::{ByOrdinal, OverlayRecords};
use super::{Hidden, Records, overlay_start};
use crate::error::EngineError;
use crate::index::codes::CodeWords;
use crate::index::limits::IndexLimits;
use crate::index::records::{PartOfTree, SegmentRecords};
use crate::index::sections::Bytes;
use crate::index::snapshot::OpenedGeneration;
use crate::index::text_index::SegmentText;
use crate::index::write::write_part;
use index_data::model::{LevelOrder, Ordinal, OrgTree, OrgUnit};
use index_data::validate::tree_of;
use std::collections::{BTreeMap, BTreeSet};
use tantivy::directory::RamDirectory;

/// About what the records of one organization take, in bytes.
const BYTES_OF_ONE: usize = 320;

/// The generation with an overlay of the changed organizations, by their ids. `label` names what comes of it. What an
/// earlier overlay of the same generation, `before`, knows already is not worked out again.
///
/// MUST get with each unit all that stands below it.
///
/// # Errors
/// [`EngineError::TextIndex`] if they are no tree with those of the base, or the overlay cannot be written;
/// [`EngineError::TooManyOrgs`] if there are no ordinals left.
pub(crate) fn with_overlay(
    base: &OpenedGeneration,
    members: &BaseMembers,
    changed: &BTreeMap<String, OrgUnit>,
    before: Option<&Records>,
    label: String,
) -> Result<OpenedGeneration, EngineError> {
    let records = base.records.base();
    let stubs = stubs(records, changed);
    let orgs = stubs.iter().map(|&stub| OrgUnit { successor_id: None, ..records.org(stub) });
    let tree = tree_of(orgs.chain(changed.values().cloned())).map_err(|report| {
        failed(format!("the changed organizations are no tree: {:?}", report.findings.first()))
    })?;
    let start = start_of(records.len(), tree.len())?;
    let (segment, text) = write_segment(base, &tree, &stubs, members)?;
    let mut overlay = placed(records, segment, &tree, start);
    let seen = base.records.with_overlay(None);
    overlay.units = unit_patches(&seen, &overlay, &tree, members);
    count(records, &mut overlay, &tree);
    // Names are told apart by looking them up in both segments.
    let mut both = base.records.with_overlay(Some(overlay));
    let before = before.filter(|before| before.has_same_base(&base.records)).and_then(Records::overlay);
    let told_apart = both.overlay().map(|overlay| disambiguators(&both, overlay, &tree, before));
    both.set_disambiguators(told_apart.unwrap_or_default());
    let profiles = both.overlay().map(|overlay| base.profiles.with_overlay(overlay));
    let mut manifest = base.manifest.clone();
    (manifest.orgs, manifest.inner_orgs) = (u64::from(both.orgs()), u64::from(both.units()));
    Ok(OpenedGeneration {
        manifest,
        label,
        profiles: profiles.unwrap_or_else(|| base.profiles.clone()),
        records: both,
        text: base.text.with_overlay(start, text),
        segmenter: base.segmenter.clone(),
    })
}

fn failed(what: String) -> EngineError {
    EngineError::TextIndex(what)
}

/// The organizations of the base that changed ones stand below, or name as successors, with all above them.
fn stubs(base: &SegmentRecords, changed: &BTreeMap<String, OrgUnit>) -> BTreeSet<Ordinal> {
    let mut stubs = BTreeSet::new();
    for org in changed.values() {
        let named = org.parent_id.iter().chain(&org.successor_id).filter(|id| !changed.contains_key(*id));
        for stub in named.filter_map(|id| base.find_id(id)) {
            let above = std::iter::once(stub).chain(base.ancestors(stub));
            // Whatever stands above a known one is known.
            for at in above {
                if !stubs.insert(at) {
                    break;
                }
            }
        }
    }
    stubs
}

fn start_of(base_len: Ordinal, overlay_len: Ordinal) -> Result<Ordinal, EngineError> {
    let most = IndexLimits::default().orgs;
    let start = overlay_start(base_len);
    let end = start.and_then(|start| start.checked_add(overlay_len));
    match (start, end) {
        (Some(start), Some(end)) if end <= most => Ok(start),
        _ => Err(EngineError::TooManyOrgs { orgs: base_len.saturating_add(overlay_len), most }),
    }
}

/// Writes the tree into memory and opens what was written.
fn write_segment(
    base: &OpenedGeneration,
    tree: &OrgTree,
    stubs: &BTreeSet<Ordinal>,
    members: &BaseMembers,
) -> Result<(SegmentRecords, SegmentText), EngineError> {
    let records = base.records.base();
    let ids: BTreeSet<String> = stubs.iter().map(|&stub| records.id(stub).to_owned()).collect();
    let part = PartOfTree {
        stubs: tree.ordinals().map(|ordinal| ids.contains(tree.id(ordinal))).collect(),
        newest_year: Some(members.newest_year()),
    };
    let directory = RamDirectory::create();
    let to = Box::new(directory.clone());
    let limits = IndexLimits::default();
    let room = tree.len() as usize * BYTES_OF_ONE;
    let written = write_part(
        tree,
        part,
        to,
        &base.segmenter,
        limits,
        |_| Ok(()),
        |records| records.write(tree, Vec::with_capacity(room)).map_err(|error| failed(error.to_string())),
    )?;
    let segment = SegmentRecords::open(Bytes::Owned(written.into())).map_err(failed)?;
    let text = SegmentText::open(Box::new(directory), &base.segmenter);
    Ok((segment, text.map_err(|error| failed(error.to_string()))?))
}

/// Where everything stands: what is hidden, and which organization is which.
fn placed(base: &SegmentRecords, segment: SegmentRecords, tree: &OrgTree, start: Ordinal) -> OverlayRecords {
    let mut hidden = Hidden::new(start + tree.len());
    (base.len()..start).for_each(|gap| hidden.hide(gap));
    let (mut stub_of, mut moved_to) = (ByOrdinal::default(), ByOrdinal::default());
    let mut seen_as = Vec::with_capacity(tree.len() as usize);
    let is_stub = |local: Ordinal| segment.find_id(tree.id(local)).is_none();
    for local in tree.ordinals() {
        let own = start + local;
        match base.find_id(tree.id(local)) {
            Some(in_base) if is_stub(local) => {
                stub_of.insert(in_base, local);
                hidden.hide(own);
                seen_as.push(in_base);
            }
            in_base => {
                seen_as.push(own);
                if let Some(tombstone) = in_base {
                    hidden.hide(tombstone);
                    moved_to.insert(tombstone, own);
                }
            }
        }
    }
    let (words, codes) = common_words(base.words(), segment.words());
    OverlayRecords {
        segment,
        start,
        hidden,
        seen_as,
        stub_of,
        moved_to,
        units: ByOrdinal::default(),
        disambiguators: ByOrdinal::default(),
        words,
        codes,
        units_visible: 0,
        orgs_visible: 0,
    }
}

/// Counts what can be seen.
fn count(base: &SegmentRecords, overlay: &mut OverlayRecords, tree: &OrgTree) {
    let units_of_base = base.words().inner_count;
    let hidden_units = overlay.hidden.of_run(0..units_of_base).count() as u32;
    let changed_units = overlay.changed().filter(|&local| tree.is_unit(local)).count() as u32;
    let all = u64::from(overlay.start) + u64::from(tree.len());
    overlay.units_visible = units_of_base - hidden_units + changed_units;
    overlay.orgs_visible = (all - overlay.hidden.count()) as u32;
}

/// The words of both, those of the base first, and for each code of the overlay the common one.
fn common_words(base: &CodeWords, overlay: &CodeWords) -> (CodeWords, [Vec<u16>; 4]) {
    let mut words = base.clone();
    let codes = [
        common(&mut words.kinds, &overlay.kinds),
        common(&mut words.systems, &overlay.systems),
        common(&mut words.regions, &overlay.regions),
        common(&mut words.statuses, &overlay.statuses),
    ];
    (words, codes)
}

/// Adds words that are missing; gives the common code of each own one. Code 0 is none in both.
fn common(words: &mut Vec<String>, own: &[String]) -> Vec<u16> {
    let mut codes = vec![0];
    for word in own {
        let at = words.iter().position(|known| known == word).unwrap_or_else(|| {
            words.push(word.clone());
            words.len() - 1
        });
        codes.push(u16::try_from(at + 1).unwrap_or(0));
    }
    codes
}
