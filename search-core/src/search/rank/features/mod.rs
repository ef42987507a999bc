//! The features of a candidate, each `0.0..=1.0`: pure functions of its alignment, its names and its row.

mod candidate;
mod class;
mod compactness;
mod coverage;
mod number;
mod prior;

use crate::search::open_number::OpenNumber;
use crate::search::tuning::{feature::ALL, weight};
use compactness::{NameShare, Runs};

pub(super) use candidate::Candidate;
pub(super) use coverage::CoverageBound;
pub(super) use prior::{is_small, prior_weight};

/// The features. Their meaning and weights stand in [`weight`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Features {
    pub(crate) coverage: f32,
    pub(crate) faithful: f32,
    pub(crate) own: f32,
    pub(crate) share: f32,
    pub(crate) above: f32,
    pub(crate) run: f32,
    pub(crate) head: f32,
    pub(crate) start: f32,
    pub(crate) end: f32,
    pub(crate) class: f32,
    pub(crate) number: f32,
    pub(crate) form: f32,
    pub(crate) active: f32,
    pub(crate) level: f32,
    pub(crate) size: f32,
    pub(crate) prior: f32,
    /// What the prior weighs for this query.
    pub(crate) prior_weight: f32,
    /// `None`: one part alone was typed, so it neither counts nor weighs.
    pub(crate) parts: Option<f32>,
    /// `None`: not asked for.
    pub(crate) near: Option<f32>,
    /// `None`: not asked for.
    pub(crate) from: Option<f32>,
    /// `None`: nothing is known of what people chose for this query.
    pub(crate) chosen: Option<f32>,
}

impl Features {
    /// Nothing matched, nothing known.
    #[cfg(test)]
    pub(crate) const NONE: Features = Features {
        coverage: 0.0,
        faithful: 0.0,
        own: 0.0,
        share: 0.0,
        above: 0.0,
        run: 0.0,
        head: 0.0,
        start: 0.0,
        end: 0.0,
        class: 0.0,
        number: 0.0,
        form: 0.0,
        active: 0.0,
        level: 0.0,
        size: 0.0,
        prior: 0.0,
        prior_weight: 0.0,
        parts: None,
        near: None,
        from: None,
        chosen: None,
    };

    pub(super) fn of(candidate: &Candidate<'_>) -> Features {
        let Candidate { plan, row, text, .. } = *candidate;
        let alignment = candidate.alignment();
        // What bears the exact name typed leaves nothing of it over.
        let is_named = candidate.bearer.is_some();
        let own_name = match is_named {
            true => NameShare::ALL,
            false => compactness::own_name(text, &alignment),
        };
        let is_begun = |open: &&OpenNumber| coverage::is_begun(open, &alignment, text.class);
        let begun = usize::from(plan.open_number.as_ref().filter(is_begun).is_some());
        let class = class::agreement(plan.lattice.class, text.class);
        let coverage = coverage::coverage(candidate, class.agreed, own_name.share);
        let runs = match is_named {
            true => Runs::ONE,
            false => compactness::runs(text, &alignment),
        };
        let share = if row.repeats_above {
            own_name.share.max(compactness::whole_name_share(text, &alignment))
        } else {
            own_name.share
        };
        Features {
            coverage: coverage.found,
            faithful: coverage.faithful,
            own: coverage.own,
            share,
            above: compactness::above_share(text, &alignment),
            run: runs.run,
            head: runs.head,
            start: own_name.start,
            end: own_name.end,
            class: class.score,
            number: number::agreement(&alignment, begun),
            form: prior::form(plan.interpretation.form, row.form),
            active: f32::from(u8::from(row.is_active)),
            level: prior::level(row, candidate.is_unit),
            size: prior::size(row),
            prior: prior::prior(row.prior, candidate.bearer.map_or(0, |bearer| bearer.unusual)),
            prior_weight: candidate.prior_weight,
            parts: coverage::parts(&alignment),
            near: candidate.nearness,
            from: candidate.usual,
            chosen: candidate.chosen,
        }
    }

    /// Every feature with its name and weight, in the order of the table. Ranking sums over this list and `explain`
    /// prints it.
    pub(crate) fn weighted(&self) -> [(&'static str, f32, f32); 21] {
        let optional = |feature: Option<f32>, weight: f32| match feature {
            Some(value) => (value, weight),
            None => (0.0, 0.0),
        };
        let (parts, parts_weight) = optional(self.parts, weight::PARTS);
        let (near, near_weight) = optional(self.near, weight::NEAR);
        let (from, from_weight) = optional(self.from, weight::FROM);
        let (chosen, chosen_weight) = optional(self.chosen, weight::CHOSEN);
        [
            ("coverage", self.coverage, weight::COVERAGE),
            ("whole", f32::from(u8::from(self.coverage >= ALL)), weight::WHOLE),
            ("faithful", self.faithful, weight::FAITHFUL),
            ("own", self.own, weight::OWN),
            ("share", self.share, weight::SHARE),
            ("above", self.above, weight::ABOVE),
            ("run", self.run, weight::RUN),
            ("head", self.head, weight::HEAD),
            ("start", self.start, weight::START),
            ("end", self.end, weight::END),
            ("class", self.class, weight::CLASS),
            ("number", self.number, weight::NUMBER),
            ("form", self.form, weight::FORM),
            ("active", self.active, weight::ACTIVE),
            ("level", self.level, weight::LEVEL),
            ("size", self.size, weight::SIZE),
            ("prior", self.prior, self.prior_weight),
            ("parts", parts, parts_weight),
            ("near", near, near_weight),
            ("from", from, from_weight),
            ("chosen", chosen, chosen_weight),
        ]
    }

    /// The weighted sum, `0.0..=1.0`.
    pub(crate) fn raw_score(&self) -> f32 {
        let weighted = self.weighted();
        let total: f32 = weighted.iter().map(|(_, _, weight)| weight).sum();
        weighted.iter().map(|(_, value, weight)| value * weight).sum::<f32>() / total
    }

    /// How little the match leaves over and how few runs it falls into: the mean of share, above, run and head.
    pub(crate) fn compactness(&self) -> f32 {
        (self.share + self.above + self.run + self.head) / 4.0
    }

    /// Whether class and numbers are those typed.
    pub(crate) fn contradicts_nothing(&self) -> bool {
        self.class >= ALL && self.number >= ALL
    }

    /// Whether all that was typed is found, and nothing contradicts it.
    pub(crate) fn is_whole(&self) -> bool {
        self.coverage >= ALL && self.contradicts_nothing()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::candidate_text::{CandidateText, NameSpan};
    use super::*;
    use crate::search::align::{Aligner, Alignment, MatchTable, Tolerance};
    use crate::search::lattice::{Lattice, LatticePart};
    use crate::text::normalize::NormalizedText;
    use crate::text::placed_symbols::{placed_chars, symbols};

    /// Aligns a query, whose parts are separated by spaces, with a name above and an own name of words separated by `|`.
    pub(super) fn with_alignment(
        query: &str,
        above: &str,
        own: &str,
        test: impl FnOnce(&CandidateText, &Alignment<'_>),
    ) {
        let normalized = NormalizedText::new(query);
        let part = LatticePart { symbols: symbols(&placed_chars(&normalized)), ..LatticePart::default() };
        let lattice = Lattice::new(normalized.text(), &[part], |_| 5.0);
        let mut text = CandidateText::default();
        if !above.is_empty() {
            let name = push(&mut text, above);
            text.above.push(name);
        }
        let name = push(&mut text, own);
        text.own.push(name);
        MatchTable::new(&lattice, Tolerance::Strict).points(
            &lattice,
            &text.text.symbols,
            0,
            &mut text.points,
        );
        let mut pieces = Vec::new();
        Aligner::new(Tolerance::Strict).align(&lattice, &text.text, &text.points, &mut pieces);
        test(&text, &Alignment { lattice: &lattice, text: &text.text, pieces: &pieces });
    }

    fn push(text: &mut CandidateText, words: &str) -> NameSpan {
        let (start, mut word_initials, mut len) = (text.text.len(), 0, 0);
        for word in words.split('|') {
            word_initials |= 1 << len;
            for (at, placed) in symbols(&placed_chars(&NormalizedText::new(word))).iter().enumerate() {
                text.text.push(placed.symbol, at == 0);
                len += 1;
            }
        }
        NameSpan { start, len, word_initials, stop_words: 0 }
    }

    #[test]
    fn the_raw_score_is_the_weighted_mean_of_the_features() {
        let all = Features { coverage: 1.0, ..Features::NONE };
        let weights: f32 = all.weighted().iter().map(|(_, _, weight)| weight).sum();
        assert_eq!(all.raw_score(), (weight::COVERAGE + weight::WHOLE) / weights);
        let near = Features { near: Some(1.0), ..all };
        assert_eq!(
            near.raw_score(),
            (weight::COVERAGE + weight::WHOLE + weight::NEAR) / (weights + weight::NEAR)
        );
    }
}
