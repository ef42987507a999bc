//! What of each field of a record a candidate holds, and what of the candidate's name no field accounts for.

use super::{ScoredOrg, Scorer};
use crate::search::align::MatchedPiece;
use crate::search::lattice::{Edge, EdgeKind};
use crate::search::tuning::node_weight;
use crate::text::symbols::{ClassKey, Number, Symbol};
use std::ops::Range;

/// What of one field a candidate holds. Weights are those of the lattice: about the bits that the text says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct FieldMatch {
    /// The weight of the field.
    pub(crate) weight: f32,
    /// The weight that is found in the candidate's names or above.
    pub(crate) read: f32,
    /// The same, less what only sounds or looks similar.
    pub(crate) faithful: f32,
    /// The weight that is found in its own names.
    pub(crate) own: f32,
    /// What is not found, in bytes of the normalized query, joined where it touches.
    pub(crate) unread: Vec<Range<usize>>,
}

/// What of a record a candidate holds, and what of the candidate the record leaves out.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct RecordMatch {
    /// By field, in the order asked for.
    pub(crate) fields: Vec<FieldMatch>,
    /// About how many symbols of its own name no field accounts for.
    pub(crate) leftover: f32,
    /// Year, class and grade, as its own name or one above says them.
    pub(crate) class: ClassKey,
    /// The numbers of its names that a typed number stands for only if that was mistyped: 12 for 21.
    pub(crate) mistyped_for: Vec<Symbol>,
    /// The numbers in its own name that nothing typed stands for.
    pub(crate) other_numbers: Vec<Symbol>,
    /// The numbers typed that stand for nothing in its names, or only if they were mistyped.
    pub(crate) unread_numbers: Vec<Symbol>,
}

impl Scorer<'_> {
    /// The normalized query.
    pub(crate) fn query_text(&self) -> &str {
        self.plan.interpretation.text.text()
    }

    /// Measures an organization that this scorer scored by fields: ranges of the normalized query, in bytes.
    pub(crate) fn record_match(&mut self, org: &ScoredOrg, fields: &[Range<usize>]) -> RecordMatch {
        let lattice = &self.plan.lattice;
        let features = org.features;
        let (pieces, text) = self.alignment_of(org);
        let mut read_by: Vec<Option<(f32, bool)>> = vec![None; lattice.weights.len()];
        for piece in pieces {
            let edge = &lattice.edges[piece.edge];
            for node in edge.from..edge.to {
                read_by[node] = Some((piece.rule.quality(), piece.place >= text.own_start));
            }
        }
        let of_field = |field: &Range<usize>| {
            let mut found = FieldMatch::default();
            for (node, place) in lattice.places.iter().enumerate().filter(|(_, place)| is_in(place, field)) {
                found.add(lattice.weights[node], place, read_by[node]);
            }
            for (symbol, place) in lattice.class_places.iter().filter(|(_, place)| is_in(place, field)) {
                let is_named = text.class.symbols().any(|named| named == *symbol);
                found.add(node_weight::CLASS, place, is_named.then_some((1.0, true)));
            }
            found
        };
        let fields = fields.iter().map(of_field).collect();
        let is_mistyped =
            |piece: &&MatchedPiece| matches!(lattice.edges[piece.edge].kind, EdgeKind::MistypedNumber(_));
        let mistyped: Vec<&MatchedPiece> = pieces.iter().filter(is_mistyped).collect();
        let mistyped_for = mistyped.iter().map(|piece| text.text.symbols[piece.place]).collect();
        let is_unread = |edge: &&Edge| {
            let is_mistyped = mistyped.iter().any(|piece| lattice.edges[piece.edge].from == edge.from);
            is_mistyped || (edge.from..edge.to).all(|node| read_by[node].is_none())
        };
        let unread = lattice.edges.iter().filter(is_unread).filter_map(|edge| match edge.kind {
            EdgeKind::Symbol(symbol) => Number::of(symbol).map(|_| symbol),
            _ => None,
        });
        let unread_numbers = unread.collect();
        let own_len = text.official().map_or(0, |own| own.len) as f32;
        let is_unused_number = |place: &usize| {
            matches!(Number::of(text.text.symbols[*place]), Some(Number::Plain(_) | Number::Long(_)))
                && !pieces.iter().any(|piece| piece.place == *place)
        };
        let own = text.official().map(|own| own.range()).unwrap_or_default();
        let other_numbers = own.filter(is_unused_number).map(|place| text.text.symbols[place]).collect();
        RecordMatch {
            fields,
            leftover: (1.0 - features.share) * own_len,
            class: text.class,
            mistyped_for,
            other_numbers,
            unread_numbers,
        }
    }
}

impl FieldMatch {
    fn add(&mut self, weight: f32, place: &Range<usize>, read_by: Option<(f32, bool)>) {
        self.weight += weight;
        let Some((quality, is_own)) = read_by else {
            match self.unread.last_mut() {
                Some(last) if last.end == place.start => last.end = place.end,
                _ => self.unread.push(place.clone()),
            }
            return;
        };
        self.read += weight;
        self.faithful += weight * quality;
        self.own += if is_own { weight } else { 0.0 };
    }

    /// The share that is found; all of a field that says nothing.
    pub(crate) fn share(&self) -> f32 {
        if self.weight > 0.0 { self.read / self.weight } else { 1.0 }
    }

    /// The weight that is not found.
    pub(crate) fn missing(&self) -> f32 {
        self.weight - self.read
    }

    /// The weight lost by what only sounds or looks similar.
    pub(crate) fn corrected(&self) -> f32 {
        self.read - self.faithful
    }
}

fn is_in(place: &Range<usize>, field: &Range<usize>) -> bool {
    field.start <= place.start && place.start < field.end
}
