//! Profiles of both segments: see [`crate::index::profiles`].

use super::OverlayRecords;
use crate::index::codes::Codes;
use crate::index::profiles::{Profile, SegmentProfiles};
use index_data::model::Ordinal;
use std::ops::Range;
use std::sync::Arc;

/// The numbers of the base's profiles, and behind them those of the overlay's.
#[derive(Clone)]
pub(crate) struct Profiles {
    base: Arc<SegmentProfiles>,
    overlay: Option<Arc<OverlayProfiles>>,
}

struct OverlayProfiles {
    start: Ordinal,
    of: Box<[Profile]>,
    /// The codes of the profiles of both.
    codes: Vec<Codes>,
}

impl From<SegmentProfiles> for Profiles {
    fn from(base: SegmentProfiles) -> Self {
        Profiles { base: Arc::new(base), overlay: None }
    }
}

impl Profiles {
    /// The same base with an overlay.
    pub(crate) fn with_overlay(&self, overlay: &OverlayRecords) -> Profiles {
        let first = self.base.codes().len() as Profile;
        let own = overlay.segment.profile_codes().map(|codes| overlay.common_codes(codes));
        let of = (0..overlay.segment.len()).map(|local| first + overlay.segment.profile(local));
        let overlay = OverlayProfiles {
            start: overlay.start,
            of: of.collect(),
            codes: self.base.codes().iter().copied().chain(own).collect(),
        };
        Profiles { base: Arc::clone(&self.base), overlay: Some(Arc::new(overlay)) }
    }

    /// The codes that each profile stands for.
    pub(crate) fn codes(&self) -> &[Codes] {
        self.overlay.as_ref().map_or_else(|| self.base.codes(), |overlay| &overlay.codes)
    }

    /// The profiles of a run of organizations of one segment, as far as there are any.
    pub(crate) fn of(&self, run: Range<Ordinal>) -> &[Profile] {
        match &self.overlay {
            Some(overlay) if run.start >= overlay.start => overlay.of(run),
            _ => self.base.of(run),
        }
    }

    /// Adds the organizations of a run to `counts`, which has a place for each profile.
    pub(crate) fn add_run(&self, run: Range<Ordinal>, counts: &mut [u64]) {
        let base_counts = self.base.codes().len().min(counts.len());
        self.base.add_run(run.clone(), &mut counts[..base_counts]);
        if let Some(overlay) = &self.overlay {
            overlay.of(run).iter().for_each(|&profile| counts[profile as usize] += 1);
        }
    }

    /// The first organization from `target` on whose profile is `accepted`; `None` if there is none.
    pub(crate) fn next_accepted(&self, target: Ordinal, accepted: &[bool]) -> Option<Ordinal> {
        self.base.next_accepted(target, accepted).or_else(|| {
            let overlay = self.overlay.as_ref()?;
            let from = target.max(overlay.start) - overlay.start;
            let rest = overlay.of.get(from as usize..)?;
            let place = rest.iter().position(|&profile| accepted.get(profile as usize) == Some(&true))?;
            Some(overlay.start + from + place as Ordinal)
        })
    }
}

impl OverlayProfiles {
    fn of(&self, run: Range<Ordinal>) -> &[Profile] {
        let place = |ordinal: Ordinal| (ordinal.saturating_sub(self.start) as usize).min(self.of.len());
        let (from, to) = (place(run.start), place(run.end));
        self.of.get(from..to).unwrap_or_default()
    }
}
