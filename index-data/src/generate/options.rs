//! What to generate.

/// The largest tree that is generated: ids have eight digits, and the country has no more organizations.
pub const MAX_ORGS: u64 = 20_000_000;

/// The part of the country that a tree shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// The whole country with the national lines.
    #[default]
    National,
    /// Beijing, and of the national lines what sits there.
    Beijing,
}

/// What to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GenerateOptions {
    /// How many organizations, exactly; at most [`MAX_ORGS`].
    pub orgs: u64,
    /// Where chance begins: another seed gives another tree.
    pub seed: u64,
    /// The part of the country.
    pub scope: Scope,
}

impl GenerateOptions {
    /// A national tree of `orgs` organizations.
    pub fn national(orgs: u64, seed: u64) -> Self {
        GenerateOptions { orgs, seed, scope: Scope::National }
    }
}
