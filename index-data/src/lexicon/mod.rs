//! The words that names are made of: tables with source and licence, never code.
//!
//! Each table is a TSV file in `lexicons/`: comment lines with its source, licence and date, a header, rows. The
//! files are embedded; [`version`] changes whenever one does that the text of a generation depends on.

mod characters;
mod company_ends;
mod counters;
mod digit_shapes;
mod english;
mod forms;
mod latin_names;
mod noise;
mod office_words;
mod organization_types;
mod other_bodies;
mod readings;
mod region_ends;
mod regions;
mod sentence_words;
mod shapes;
mod short_names;
mod stop_words;
pub(crate) mod table;
mod town_ends;
mod trades;

pub use characters::{CharacterRow, characters};
pub use company_ends::company_ends;
pub use counters::{CounterRole, CounterRow, counters};
pub use digit_shapes::{DigitShapeRow, digit_shapes};
pub use english::{EnglishKind, EnglishRow, english};
pub use forms::{FormRole, FormRow, forms};
pub use latin_names::{LatinNameRow, LatinSource, latin_names};
pub use noise::{NoiseRole, NoiseRow, noise};
pub use office_words::{OfficeContext, OfficeWordRow, office_words};
pub use organization_types::{OrganizationTypeRow, organization_types};
pub use other_bodies::{OtherBodyRow, other_bodies};
pub use readings::{ReadingRow, readings};
pub use region_ends::region_ends;
pub use regions::{RegionLevel, RegionRow, regions};
pub use sentence_words::{SentenceRole, SentenceRow, sentence_words};
pub use shapes::{ShapeRow, shapes};
pub use short_names::{NamedKind, ShortNameRow, short_names};
pub use stop_words::stop_words;
pub use town_ends::{TownEndRow, town_ends};
pub use trades::{TradeRow, trades};

use crate::hash::fnv1a;

/// Every table that the text of a generation depends on, in the order of the digest. What only decisions read is not
/// among them.
const TABLES: [&str; 16] = [
    characters::TABLE,
    forms::TABLE,
    readings::TABLE,
    region_ends::TABLE,
    shapes::TABLE,
    counters::TABLE,
    noise::TABLE,
    stop_words::TABLE,
    short_names::TABLE,
    sentence_words::TABLE,
    office_words::TABLE,
    english::TABLE,
    latin_names::TABLE,
    digit_shapes::TABLE,
    company_ends::TABLE,
    town_ends::TABLE,
];

/// A digest of these tables, kept in the manifest of a generation: text compared with other tables is other text.
pub fn version() -> String {
    format!("{:016x}", fnv1a(TABLES.iter().flat_map(|table| table.bytes())))
}
