//! How few runs a match falls into, whether they begin where words do, and how little of the names it leaves over.

use super::super::candidate_text::{CandidateText, NameSpan};
use super::candidate::share;
use crate::search::align::{Alignment, MatchedPiece};
use crate::search::tuning::feature::{BY_WORD_INITIAL, NEXT_WORD, STOP_WORD};
use crate::text::regions::is_region_end;
use crate::text::symbols::Number;

/// The runs that a match falls into.
pub(super) struct Runs {
    /// 1 where there is one run a segment, less with each further one.
    pub(super) run: f32,
    /// The share of runs that begin where a word begins or are the last character of a name.
    pub(super) head: f32,
}

impl Runs {
    /// One run, from where a word begins.
    pub(super) const ONE: Runs = Runs { run: 1.0, head: 1.0 };
}

pub(super) fn runs(text: &CandidateText, alignment: &Alignment<'_>) -> Runs {
    let (mut runs, mut begun, mut at_words) = (0.0f32, 0usize, 0usize);
    for (at, piece) in alignment.pieces.iter().enumerate() {
        if piece.continues {
            continue;
        }
        begun += 1;
        runs += if continues_with_next_word(alignment, at) { NEXT_WORD } else { 1.0 };
        at_words += usize::from(text.is_word_edge(piece.place));
    }
    let extra = (runs - alignment.lattice.segments.len() as f32).max(0.0);
    let scattered = share(extra, alignment.pieces.len() as f32).min(1.0);
    Runs { run: 1.0 - scattered * f32::from(u8::from(begun > 0)), head: share(at_words as f32, begun as f32) }
}

/// Whether a piece goes on with the next word of the text, as in 人大附中: no word is skipped.
fn continues_with_next_word(alignment: &Alignment<'_>, at: usize) -> bool {
    let own = &alignment.pieces[at];
    let Some(before) = at.checked_sub(1).map(|before| &alignment.pieces[before]) else { return false };
    let word_initials = &alignment.text.word_initials;
    alignment.edge(before).to == alignment.edge(own).from
        && before.place < own.place
        && word_initials[own.place]
        && (before.place + 1..own.place).all(|at| !word_initials[at] || ends_region(alignment, before, at))
}

/// Whether a symbol is the end of a region whose name ends with a piece: 市 between 遂宁 and 一中.
fn ends_region(alignment: &Alignment<'_>, piece: &MatchedPiece, at: usize) -> bool {
    at == piece.place + 1 && is_region_end(alignment.text.symbols[at])
}

/// What of a name the query accounts for.
#[derive(Clone, Copy, Default)]
pub(super) struct NameShare {
    /// The share of its symbols, words by their initial characters.
    pub(super) share: f32,
    /// 1 if its beginning is matched.
    pub(super) start: f32,
    /// 1 if its end is matched, less if only the initial character of its last word is.
    pub(super) end: f32,
}

impl NameShare {
    /// All of the name.
    pub(super) const ALL: NameShare = NameShare { share: 1.0, start: 1.0, end: 1.0 };
}

/// Of the own name that fits best.
pub(super) fn own_name(text: &CandidateText, alignment: &Alignment<'_>) -> NameShare {
    let shares = text.own.iter().map(|own| {
        let matched = matched_by_any(own, text, alignment);
        share_of(matched, own, text, alignment, false)
    });
    shares.max_by(|a, b| a.share.total_cmp(&b.share)).unwrap_or_default()
}

/// The share of the whole name, with what it repeats of its parent's: of two names that begin with 北京大学 the shorter
/// one is first.
pub(super) fn whole_name_share(text: &CandidateText, alignment: &Alignment<'_>) -> f32 {
    let (Some(parent), Some(own)) = (text.parent(), text.official()) else { return 0.0 };
    let len = (parent.len + own.len) as f32;
    let parent_share = name_share(parent, text, alignment, false).share;
    let own_share = share_of(matched_by_any(own, text, alignment), own, text, alignment, false).share;
    (parent_share * parent.len as f32 + own_share * own.len as f32) / len.max(1.0)
}

/// The share of the names above that hold something of the query: 北大 is 北京大学 before 北京建筑大学.
pub(super) fn above_share(text: &CandidateText, alignment: &Alignment<'_>) -> f32 {
    let (mut all, mut accounted) = (0.0, 0.0);
    for name in &text.above {
        let range = name.range();
        let is_in = |piece: &&MatchedPiece| range.contains(&piece.place);
        let held = alignment.pieces.iter().filter(is_in).count() as f32;
        if held > 0.0 {
            all += held;
            accounted += held * name_share(name, text, alignment, true).share;
        }
    }
    share(accounted, all)
}

/// The end of a region is no loss where it is not the end of an own name: 丰南 is what people call 丰南区.
fn name_share(name: &NameSpan, text: &CandidateText, alignment: &Alignment<'_>, is_above: bool) -> NameShare {
    let range = name.range();
    let pieces = alignment.pieces.iter().filter(|piece| range.contains(&piece.place));
    let matched = pieces.fold(0, |matched, piece| matched | bit(piece.place - name.start));
    share_of(matched, name, text, alignment, is_above)
}

/// The bit of a symbol among those of a name that are matched; one for all from the thirty-second on.
fn bit(at: usize) -> u32 {
    1 << at.min(31)
}

/// Which symbols of an own name are matched, where they stand in it or in its order in another own name: an alignment
/// takes one of the names that hold a piece.
fn matched_by_any(own: &NameSpan, text: &CandidateText, alignment: &Alignment<'_>) -> u32 {
    let symbols = &alignment.text.symbols;
    let (range, mut next, mut matched) = (own.range(), own.start, 0);
    for piece in alignment.pieces {
        if !text.own.iter().any(|name| name.range().contains(&piece.place)) {
            continue;
        }
        let place = match range.contains(&piece.place) {
            true => Some(piece.place),
            false => (next..range.end).find(|&at| symbols[at] == symbols[piece.place]),
        };
        if let Some(place) = place {
            matched |= bit(place - own.start);
            next = place + 1;
        }
    }
    matched
}

/// The share of a name of which some symbols are matched.
fn share_of(
    matched: u32,
    name: &NameSpan,
    text: &CandidateText,
    alignment: &Alignment<'_>,
    is_above: bool,
) -> NameShare {
    let repeated = text.repeated_len(name);
    let begins_at = if matched & 1 == 0 { repeated } else { 0 };
    let (mut all, mut accounted, mut by_initial) = (0.0, 0.0, 0.0);
    let mut found = NameShare::default();
    for at in 0..name.len {
        let is_end = (is_above || at + 1 < name.len)
            && at > 0
            && matched & bit(at - 1) != 0
            && is_region_end(alignment.text.symbols[name.start + at]);
        let is_matched = matched & bit(at) != 0 || is_end || is_typed_class(name.start + at, alignment);
        if name.is_word_initial(at) {
            by_initial = if is_matched { BY_WORD_INITIAL } else { 0.0 };
        }
        let counts_little = name.is_stop_word(at) || (at < repeated && !is_matched);
        let weight = if counts_little { STOP_WORD } else { 1.0 };
        found.end = if is_matched { 1.0 } else { by_initial };
        if at == begins_at && is_matched {
            found.start = 1.0;
        }
        all += weight;
        accounted += weight * found.end;
    }
    found.share = if all > 0.0 { accounted / all } else { 0.0 };
    found
}

/// Whether a symbol is the year, class or grade typed: these are no nodes of the lattice.
fn is_typed_class(place: usize, alignment: &Alignment<'_>) -> bool {
    let typed = alignment.lattice.class;
    match Number::of(alignment.text.symbols[place]) {
        Some(Number::Year(year)) => typed.year == Some(year),
        Some(Number::Class(class)) => typed.class == Some(class),
        Some(Number::Grade(stage, year)) => typed.grade == Some((stage, year)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    //! Properties under test: each value is a sum of the constants that it is made of.

    use super::*;
    use crate::search::rank::features::tests::with_alignment;

    #[test]
    fn runs_are_few_and_begin_where_words_do() {
        let rows = [
            // query, names above, own name, run, head
            ("北京大学", "", "北京|大学", 1.0, 1.0),
            ("北大", "", "北京|大学", 1.0 - NEXT_WORD / 2.0, 1.0),
            // 人 and 大 go on word by word; 附 skips no word either.
            ("人大附中", "", "人民|大学|附属|中学", 1.0 - 3.0 * NEXT_WORD / 4.0, 1.0),
            // The end of a region is no word that is skipped.
            ("丰南中学", "", "丰南|区|中学", 1.0 - NEXT_WORD / 4.0, 1.0),
            // A word is skipped: a new run.
            ("北学", "", "北京|师范|学院", 1.0 - 1.0 / 2.0, 1.0),
            // 京 is inside of a word, 学 is the last character of the name.
            ("京学", "", "北京|大学", 1.0 - 1.0 / 2.0, 0.5),
            ("无", "", "北京|大学", 1.0, 1.0),
        ];
        for (query, above, own, run, head) in rows {
            with_alignment(query, above, own, |text, alignment| {
                let found = runs(text, alignment);
                assert!((found.run - run).abs() < 1e-6, "{query}: run {} is not {run}", found.run);
                assert_eq!(found.head, head, "{query}");
            });
        }
    }

    #[test]
    fn a_name_is_accounted_for_by_the_initial_characters_of_its_words() {
        let rows = [
            // query, names above, own name, share, start, end
            ("北京大学", "", "北京|大学", 1.0, 1.0, 1.0),
            ("北大", "", "北京|大学", (2.0 + 2.0 * BY_WORD_INITIAL) / 4.0, 1.0, BY_WORD_INITIAL),
            ("大学", "", "北京|大学", 2.0 / 4.0, 0.0, 1.0),
            ("北京", "", "北京|大学", 2.0 / 4.0, 1.0, 0.0),
            // 北京 is repeated from the name above, so it is no loss to leave it out.
            ("大学", "北京|市", "北京|大学", 2.0 / (2.0 + 2.0 * STOP_WORD), 1.0, 1.0),
        ];
        for (query, above, own, share, start, end) in rows {
            with_alignment(query, above, own, |text, alignment| {
                let found = own_name(text, alignment);
                assert!((found.share - share).abs() < 1e-6, "{query}: share {} is not {share}", found.share);
                assert_eq!((found.start, found.end), (start, end), "{query}");
            });
        }
    }

    #[test]
    fn only_names_above_that_hold_something_count() {
        for (query, above, share) in [
            ("北大1班", "北京|大学", (2.0 + 2.0 * BY_WORD_INITIAL) / 4.0),
            ("1班", "北京|大学", 1.0),
            ("", "北京|大学", 1.0),
        ] {
            with_alignment(query, above, "1班", |text, alignment| {
                assert!((above_share(text, alignment) - share).abs() < 1e-6, "{query}");
            });
        }
    }
}
