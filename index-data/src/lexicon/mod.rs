//! The words that names are made of: tables with source and licence, never code.
//!
//! Each table is a TSV file in `lexicons/`: comment lines with its source, licence and date, a header, rows. The
//! files are embedded; [`version`] changes whenever one of them does.

mod characters;
mod forms;
mod table;

pub use characters::{CharacterRow, characters};
pub use forms::{FormRole, FormRow, forms};

/// A digest of all tables, kept in the manifest of a generation: text compared with other tables is other text.
pub fn version() -> String {
    // FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/
    let digest = [characters::TABLE, forms::TABLE]
        .iter()
        .flat_map(|table| table.bytes())
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    format!("{digest:016x}")
}
