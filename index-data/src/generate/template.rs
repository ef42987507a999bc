//! Name templates: text with slots in braces, as the lists write them.

/// What stands in a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    Province,
    City,
    County,
    Street,
    Own,
    Parent,
    Inst,
    Leaf,
    Stem,
    StemCounty,
    Place,
    Number,
    Name,
    Trade,
    Form,
    Year,
    ShortYear,
    Major,
    ShortMajor,
    N,
    Nn,
    Nnn,
    Nhan,
    Grade,
    GradeSeven,
}

/// The slots as the lists write them.
const SLOTS: &[(&str, Slot)] = &[
    ("province", Slot::Province),
    ("city", Slot::City),
    ("county", Slot::County),
    ("street", Slot::Street),
    ("own", Slot::Own),
    ("parent", Slot::Parent),
    ("inst", Slot::Inst),
    ("leaf", Slot::Leaf),
    ("stem", Slot::Stem),
    ("stemcounty", Slot::StemCounty),
    ("place", Slot::Place),
    ("number", Slot::Number),
    ("name", Slot::Name),
    ("trade", Slot::Trade),
    ("form", Slot::Form),
    ("year", Slot::Year),
    ("yy", Slot::ShortYear),
    ("major", Slot::Major),
    ("short", Slot::ShortMajor),
    ("n", Slot::N),
    ("nn", Slot::Nn),
    ("nnn", Slot::Nnn),
    ("N", Slot::Nhan),
    ("g", Slot::Grade),
    ("g7", Slot::GradeSeven),
];

#[derive(Debug)]
enum Piece {
    Text(&'static str),
    Slot(Slot),
}

/// A parsed template.
#[derive(Debug, Default)]
pub(crate) struct Template {
    pieces: Vec<Piece>,
}

impl Template {
    /// Reads `{slot}text{slot}`. Braces around an unknown word are kept as text, where the test of the lists sees them.
    pub(crate) fn parse(mut text: &'static str) -> Template {
        let mut pieces = Vec::new();
        while let Some(open) = text.find('{') {
            let Some(close) = text[open..].find('}').map(|at| open + at) else { break };
            let word = &text[open + 1..close];
            let Some((_, slot)) = SLOTS.iter().find(|(name, _)| *name == word) else { break };
            if open > 0 {
                pieces.push(Piece::Text(&text[..open]));
            }
            pieces.push(Piece::Slot(*slot));
            text = &text[close + 1..];
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        Template { pieces }
    }

    pub(crate) fn has(&self, wanted: Slot) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Slot(slot) if *slot == wanted))
    }

    /// Whether its text holds digits.
    pub(crate) fn has_digits(&self) -> bool {
        let is_digit = |char: char| char.is_ascii_digit();
        self.pieces.iter().any(|piece| matches!(piece, Piece::Text(text) if text.contains(is_digit)))
    }

    /// Writes the template to `out`; `fill` writes what stands in a slot.
    pub(crate) fn render(&self, out: &mut String, mut fill: impl FnMut(Slot, &mut String)) {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Slot(slot) => fill(*slot, out),
            }
        }
    }
}
