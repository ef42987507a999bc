//! The words that names are made of: tables with source and licence, never code.
//!
//! Each table is a TSV file in `lexicons/`: comment lines with its source, licence and date, a header, rows. The
//! files are embedded; [`version`] changes whenever one of them does.

mod characters;
mod company_ends;
mod counters;
mod forms;
mod noise;
mod readings;
mod region_ends;
mod shapes;
mod short_names;
pub(crate) mod table;
mod weak_words;

pub use characters::{CharacterRow, characters};
pub use company_ends::company_ends;
pub use counters::{CounterRole, CounterRow, counters};
pub use forms::{FormRole, FormRow, forms};
pub use noise::{NoiseRole, NoiseRow, noise};
pub use readings::{ReadingRow, readings};
pub use region_ends::region_ends;
pub use shapes::{ShapeRow, shapes};
pub use short_names::{NamedKind, ShortNameRow, short_names};
pub use weak_words::weak_words;

use crate::hash::fnv1a;

/// Every table, in the order of the digest.
const TABLES: [&str; 10] = [
    characters::TABLE,
    forms::TABLE,
    readings::TABLE,
    region_ends::TABLE,
    shapes::TABLE,
    counters::TABLE,
    noise::TABLE,
    weak_words::TABLE,
    short_names::TABLE,
    company_ends::TABLE,
];

/// A digest of all tables, kept in the manifest of a generation: text compared with other tables is other text.
pub fn version() -> String {
    format!("{:016x}", fnv1a(TABLES.iter().flat_map(|table| table.bytes())))
}
