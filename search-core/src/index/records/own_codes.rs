//! Whether the row of an organization says home system and region itself: two bits each.
//!
//! What is inherited is kept with it, since that is what searches ask for. Only a change of the tree needs to know: a
//! unit that moves takes along what it says, and takes over what it does not say.

use index_data::model::{Ordinal, OrgTree};

/// Organizations of one byte.
pub(super) const ORGS_IN_BYTE: usize = 4;
const SYSTEM: u8 = 1;
const REGION: u8 = 2;

/// What a row says itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OwnCodes {
    pub(super) has_system: bool,
    pub(super) has_region: bool,
}

impl OwnCodes {
    /// Of an organization; neither where the bytes are too few.
    pub(super) fn at(bytes: &[u8], ordinal: Ordinal) -> OwnCodes {
        let byte = bytes.get(ordinal as usize / ORGS_IN_BYTE).copied().unwrap_or_default();
        let own = byte >> shift(ordinal);
        OwnCodes { has_system: own & SYSTEM != 0, has_region: own & REGION != 0 }
    }

    /// Those of all organizations.
    pub(super) fn pack(tree: &OrgTree) -> Vec<u8> {
        let mut bytes = vec![0; (tree.len() as usize).div_ceil(ORGS_IN_BYTE)];
        for ordinal in tree.ordinals() {
            let system = if tree.own_system(ordinal).is_some() { SYSTEM } else { 0 };
            let region = if tree.own_region(ordinal).is_some() { REGION } else { 0 };
            bytes[ordinal as usize / ORGS_IN_BYTE] |= (system | region) << shift(ordinal);
        }
        bytes
    }
}

fn shift(ordinal: Ordinal) -> u32 {
    2 * (ordinal % ORGS_IN_BYTE as Ordinal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Engine;
    use index_data::generate::{GenerateOptions, Scope, generate};
    use index_data::validate::validate_rows;

    #[test]
    fn a_segment_gives_back_what_its_rows_said() {
        let rows = generate(&GenerateOptions { orgs: 3_000, seed: 9, scope: Scope::National });
        let tree = validate_rows(rows).tree.expect("generated rows are valid");
        let own = |ordinal: &Ordinal| tree.own_system(*ordinal).is_some();
        assert!(
            tree.ordinals().any(|ordinal| own(&ordinal)) && !tree.ordinals().all(|ordinal| own(&ordinal))
        );
        let engine = Engine::in_memory(&tree).expect("it is built");
        let snapshot = engine.snapshot();
        for ordinal in tree.ordinals() {
            assert_eq!(snapshot.records.org(ordinal), tree.org(ordinal), "{ordinal}");
        }
        assert_eq!(OwnCodes::at(&[], 3), OwnCodes { has_system: false, has_region: false });
    }
}
