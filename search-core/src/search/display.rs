//! The name with the shortest ancestor that tells it from equal names.

use super::filter::{Runs, merge_runs};
use crate::index::records::Records;
use index_data::model::Ordinal;

/// Bearers of one name that are looked at; beyond, an ancestor counts as telling them apart only by its own unique
/// name.
const MAX_BEARERS: usize = 20_000;
/// Equal-named ancestors that are looked at.
const MAX_TWINS: usize = 64;

/// The name alone where no other organization bears it; else with its parent, if no other bearer's parent is called
/// the same; else with the nearest ancestor below which it is the only one of its name, that ancestor being told by
/// its own name; else with its kind, else with its id.
pub(crate) fn display_name(records: &Records, ordinal: Ordinal) -> String {
    let name = records.name(ordinal);
    let bearers: Vec<Ordinal> = records.find_name(records.normalized(ordinal)).take(MAX_BEARERS).collect();
    if bearers.len() <= 1 {
        return name.to_owned();
    }
    let parent =
        records.parent(ordinal).filter(|&parent| is_only_parent_called_so(records, parent, &bearers));
    let mut above = records.ancestors(ordinal);
    if let Some(above) = parent.or_else(|| above.find(|&above| tells_apart(records, above, &bearers))) {
        return format!("{name}（{}）", short_name(records, above));
    }
    let kind = records.kind(ordinal);
    match kind {
        Some(kind)
            if bearers.iter().filter(|&&bearer| records.kind(bearer).as_ref() == Some(&kind)).count()
                == 1 =>
        {
            format!("{name}（{}）", kind.export_spelling())
        }
        _ => format!("{name}（{}）", records.id(ordinal)),
    }
}

/// Whether only one bearer stands directly below an organization of this name.
fn is_only_parent_called_so(records: &Records, parent: Ordinal, bearers: &[Ordinal]) -> bool {
    let core = records.core(parent);
    let is_called_so =
        |bearer: &&Ordinal| records.parent(**bearer).is_some_and(|other| records.core(other) == core);
    bearers.iter().filter(is_called_so).count() == 1
}

/// Whether only one bearer stands below the ancestor or below one that is called the same.
fn tells_apart(records: &Records, above: Ordinal, bearers: &[Ordinal]) -> bool {
    let twins: Vec<Ordinal> = records.find_core(records.core(above)).take(MAX_TWINS + 1).collect();
    if twins.len() > MAX_TWINS {
        return false;
    }
    let mut runs = Runs::new();
    twins.iter().for_each(|&twin| records.subtree_runs(twin, &mut runs));
    let below = |run: &std::ops::Range<Ordinal>| {
        bearers.partition_point(|&bearer| bearer < run.end)
            - bearers.partition_point(|&bearer| bearer < run.start)
    };
    merge_runs(runs).iter().map(below).sum::<usize>() == 1
}

/// The name without boilerplate, as it is written.
fn short_name(records: &Records, ordinal: Ordinal) -> String {
    let text = crate::text::normalize::NormalizedText::new(records.name(ordinal));
    match text.raw_chars(&records.core_range(ordinal)) {
        Some(range) => text.raw().chars().skip(range.start).take(range.len()).collect(),
        None => records.name(ordinal).to_owned(),
    }
}
