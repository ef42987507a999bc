//! Kind, system, region and status of all organizations, folded so that millions can be counted in milliseconds.
//!
//! A profile is one combination of the four that occurs; there are some hundreds in a whole country. Each organization
//! has the number of its profile, and for the beginning of each block of ordinals it is known how many of each profile
//! stand before it: a run is counted by its two ends.

use super::codes::Codes;
use super::records::SegmentRecords;
use index_data::model::Ordinal;
use std::ops::Range;

/// The number of a profile, from 0 in the order of first occurrence.
pub(crate) type Profile = u32;

/// Numbers kept for the beginnings of all blocks together: 4 MB.
const MOST_COUNTS: usize = 1 << 20;
/// The shortest block: counting its organizations one by one takes a microsecond or two.
const SHORTEST_BLOCK: usize = 4096;

/// The profiles of one generation, worked out when it is opened.
pub(crate) struct SegmentProfiles {
    of: Box<[Profile]>,
    codes: Vec<Codes>,
    block_len: usize,
    /// For each block, how many organizations of each profile stand before it.
    before: Vec<u32>,
}

impl SegmentProfiles {
    pub(crate) fn new(records: &SegmentRecords) -> SegmentProfiles {
        let codes: Vec<Codes> = records.profile_codes().collect();
        let of: Box<[Profile]> = (0..records.len()).map(|ordinal| records.profile(ordinal)).collect();
        let block_len = block_len(of.len(), codes.len());
        let mut before = Vec::new();
        let mut counts = vec![0; codes.len()];
        for block in of.chunks(block_len) {
            before.extend_from_slice(&counts);
            block.iter().for_each(|&profile| counts[profile as usize] += 1);
        }
        before.extend_from_slice(&counts);
        SegmentProfiles { of, codes, block_len, before }
    }

    /// The codes that each profile stands for.
    pub(crate) fn codes(&self) -> &[Codes] {
        &self.codes
    }

    /// The profiles of a run of organizations, as far as there are any.
    pub(crate) fn of(&self, run: Range<Ordinal>) -> &[Profile] {
        let end = (run.end as usize).min(self.of.len());
        self.of.get(run.start as usize..end).unwrap_or_default()
    }

    /// Adds the organizations of a run to `counts`, which has a place for each profile.
    pub(crate) fn add_run(&self, run: Range<Ordinal>, counts: &mut [u64]) {
        let end = (run.end as usize).min(self.of.len());
        let start = (run.start as usize).min(end);
        let (first, last) = (start.div_ceil(self.block_len), end / self.block_len);
        let add = |part: &[Profile], counts: &mut [u64]| {
            part.iter().for_each(|&profile| counts[profile as usize] += 1);
        };
        if first >= last {
            add(&self.of[start..end], counts);
            return;
        }
        add(&self.of[start..first * self.block_len], counts);
        for (count, (from, to)) in counts.iter_mut().zip(self.at(first).iter().zip(self.at(last))) {
            *count += u64::from(to - from);
        }
        add(&self.of[last * self.block_len..end], counts);
    }

    /// The first organization from `target` on whose profile is `accepted`; `None` if there is none.
    pub(crate) fn next_accepted(&self, target: Ordinal, accepted: &[bool]) -> Option<Ordinal> {
        let mut at = target as usize;
        while at < self.of.len() {
            let block = at / self.block_len;
            let end = ((block + 1) * self.block_len).min(self.of.len());
            if !at.is_multiple_of(self.block_len) || self.holds_any(block, accepted) {
                let place = self.of[at..end].iter().position(|&profile| accepted[profile as usize]);
                if let Some(place) = place {
                    return Some((at + place) as Ordinal);
                }
            }
            at = end;
        }
        None
    }

    fn holds_any(&self, block: usize, accepted: &[bool]) -> bool {
        let both = self.at(block).iter().zip(self.at(block + 1));
        both.zip(accepted).any(|((from, to), &accepted)| accepted && from < to)
    }

    /// What stands before a block.
    fn at(&self, block: usize) -> &[u32] {
        &self.before[block * self.codes.len()..(block + 1) * self.codes.len()]
    }
}

/// Long enough that all blocks together keep no more than [`MOST_COUNTS`].
fn block_len(orgs: usize, profiles: usize) -> usize {
    (orgs * profiles).div_ceil(MOST_COUNTS).max(SHORTEST_BLOCK)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Engine;
    use index_data::generate::{GenerateOptions, Scope, generate};
    use index_data::validate::validate_rows;

    /// Runs of every kind (within a block, over several, past the end) count as looking at each organization does.
    #[test]
    fn runs_count_as_their_organizations_do() {
        let rows = generate(&GenerateOptions { orgs: 20_000, seed: 4, scope: Scope::Beijing });
        let tree = validate_rows(rows).tree.expect("generated rows are valid");
        let engine = Engine::in_memory(&tree).expect("it is built");
        let snapshot = engine.snapshot();
        let records = snapshot.records.base();
        let profiles = &SegmentProfiles::new(records);
        let len = records.len();
        for (start, end) in
            [(0, len), (0, 1), (5, 4_000), (4_000, 4_200), (1, len - 1), (4_096, 8_192), (9, len + 99)]
        {
            let mut counts = vec![0; profiles.codes().len()];
            profiles.add_run(start..end, &mut counts);
            let mut slow = vec![0; profiles.codes().len()];
            for ordinal in start..end.min(len) {
                let own = profiles.codes().iter().position(|&codes| codes == records.codes(ordinal));
                slow[own.expect("every combination has a profile")] += 1;
            }
            assert_eq!(counts, slow, "{start}..{end}");
        }
        for wanted in 0..profiles.codes().len() {
            let accepted: Vec<bool> = (0..profiles.codes().len()).map(|profile| profile == wanted).collect();
            for target in (0..len).step_by(1_777) {
                let slow = (target..len).find(|&ordinal| records.codes(ordinal) == profiles.codes()[wanted]);
                assert_eq!(profiles.next_accepted(target, &accepted), slow, "{wanted} from {target}");
            }
        }
    }
}
