//! What many people chose for the very query: organizations of the learned prior, each with its share.

use crate::index::snapshot::Snapshot;
use crate::text::normalize::NormalizedText;
use index_data::model::Ordinal;

/// Choices that are as good as none: with so many the share is a half.
const SMOOTHING: f32 = 5.0;

/// The organizations chosen for a query. Few, so they are looked up one by one.
#[derive(Debug, Default)]
pub(crate) struct Chosen(Vec<(Ordinal, f32)>);

impl Chosen {
    /// Nothing where nothing was learned, or nobody chose anything for this query.
    pub(crate) fn of(text: &NormalizedText, snapshot: &Snapshot) -> Chosen {
        let Some(learned) = snapshot.learned() else { return Chosen::default() };
        let counts = learned.prior.counts(text.text());
        let all: f32 = counts.iter().map(|chosen| chosen.count).sum();
        let share = |count: f32| count / (all + SMOOTHING);
        let found = counts
            .iter()
            .filter_map(|chosen| Some((snapshot.records.find_id(&chosen.id)?, share(chosen.count))));
        Chosen(found.collect())
    }

    pub(crate) fn ordinals(&self) -> impl Iterator<Item = Ordinal> + '_ {
        self.0.iter().map(|&(ordinal, _)| ordinal)
    }

    /// The share of an organization, `0.0..1.0`; `None`: nothing is known of this query.
    pub(crate) fn share(&self, ordinal: Ordinal) -> Option<f32> {
        let of = |&(chosen, share): &(Ordinal, f32)| (chosen == ordinal).then_some(share);
        (!self.0.is_empty()).then(|| self.0.iter().find_map(of).unwrap_or(0.0))
    }
}
