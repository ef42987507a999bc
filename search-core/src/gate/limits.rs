//! How much a new tree may take away.

/// What the gate looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GateLimit {
    /// Live organizations with children whose ids are gone.
    UnitsLost,
    /// Live organizations without children whose ids are gone.
    LeavesLost,
    /// Live organizations that stand below another one.
    Moved,
    /// Live organizations with another official name.
    Renamed,
    /// Units that are gone although organizations below them are in use: they were active, and are not marked as
    /// anything else in the new tree. So a class may leave every year, and a college only once it has been closed or
    /// its classes have.
    UnitsLostWithActive,
    /// Golden queries whose first answer is another one.
    GoldenLost,
    /// Batches of changes made since the live generation was built that the new one would not hold. Looked at where
    /// there are any; none is allowed.
    ChangesLost,
}

impl GateLimit {
    /// All, in the order in which they are told.
    pub const ALL: [GateLimit; 7] = [
        GateLimit::UnitsLost,
        GateLimit::LeavesLost,
        GateLimit::Moved,
        GateLimit::Renamed,
        GateLimit::UnitsLostWithActive,
        GateLimit::GoldenLost,
        GateLimit::ChangesLost,
    ];

    /// The stable name in JSON, in settings and in the manifest.
    pub fn name(self) -> &'static str {
        match self {
            GateLimit::UnitsLost => "units_lost",
            GateLimit::LeavesLost => "leaves_lost",
            GateLimit::Moved => "moved",
            GateLimit::Renamed => "renamed",
            GateLimit::UnitsLostWithActive => "units_lost_with_active",
            GateLimit::GoldenLost => "golden_lost",
            GateLimit::ChangesLost => "changes_lost",
        }
    }

    /// What is counted, as a phrase behind a number.
    pub fn meaning(self) -> &'static str {
        match self {
            GateLimit::UnitsLost => "organizations with children are gone",
            GateLimit::LeavesLost => "organizations without children are gone",
            GateLimit::Moved => "organizations stand below another one",
            GateLimit::Renamed => "organizations have another name",
            GateLimit::UnitsLostWithActive => "organizations are gone although some below them are in use",
            GateLimit::GoldenLost => "golden queries lose their first answer",
            GateLimit::ChangesLost => "batches of changes are not in the rows, nor kept",
        }
    }
}

/// How much may be lost: shares in percent of what is live, and counts.
///
/// The defaults let an autumn pass, in which a quarter of the classes is replaced, and refuse what hardly happens on
/// purpose. More than the limit trips it, as much does not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GateLimits {
    /// Of the units, 0 to 100. Default 0.5: units come and go one by one.
    pub units_lost_percent: f64,
    /// Of the leaves, 0 to 100. Default 40: a quarter goes each autumn.
    pub leaves_lost_percent: f64,
    /// Of all organizations, 0 to 100. Default 5.
    pub moved_percent: f64,
    /// Of all organizations, 0 to 100. Default 5.
    pub renamed_percent: f64,
    /// Units that are gone although organizations below them are in use. Default 0.
    pub units_lost_with_active: u64,
    /// Golden queries. Default 0.
    pub golden_lost: u64,
}

impl Default for GateLimits {
    fn default() -> Self {
        GateLimits {
            units_lost_percent: 0.5,
            leaves_lost_percent: 40.0,
            moved_percent: 5.0,
            renamed_percent: 5.0,
            units_lost_with_active: 0,
            golden_lost: 0,
        }
    }
}

/// The most of `of` that a share allows. A share that is no number allows nothing.
pub(super) fn share_of(percent: f64, of: u64) -> u64 {
    // Whole organizations: 0.5 % of 1,000 allow 5. Rounding a product like 0.07 * 100 must not cost one of them.
    const SLACK: f64 = 1e-9;
    (of as f64 * percent / 100.0 + SLACK) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_number_of_organizations() {
        for (percent, of, allowed) in [
            (0.5, 1_000, 5),
            (0.5, 199, 0),
            (0.5, 200, 1),
            (40.0, 5, 2),
            (7.0, 100, 7),
            (0.07, 10_000, 7),
            (100.0, u64::from(u32::MAX), u64::from(u32::MAX)),
            (0.0, 9, 0),
            (-1.0, 9, 0),
            (f64::NAN, 9, 0),
        ] {
            assert_eq!(share_of(percent, of), allowed, "{percent} % of {of}");
        }
    }
}
