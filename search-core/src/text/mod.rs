//! Text as the engine sees it, shared by both flows: what is done to a name is done to a query.

pub(crate) mod normalize;

pub(crate) mod forms;
pub(crate) mod numbers;
pub(crate) mod numerals;
pub(crate) mod placed_symbols;
pub(crate) mod regions;
pub(crate) mod segment;
pub(crate) mod sounds;
pub(crate) mod symbols;

pub(crate) mod analyzers;

/// Builds the tables that are otherwise built at their first use.
pub(crate) fn prepare() {
    forms::split(&normalize::normalize("团"));
    sounds::sounds(symbols::of_char('团'));
}
