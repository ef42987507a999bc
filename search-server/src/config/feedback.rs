//! Whether choices are written down, to learn from them.

/// The log of choices: `POST /v1/feedback`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedbackSettings {
    /// Whether choices are written to the folder `feedback` of the data directory; else the route answers 404.
    /// `ORGSEARCH_FEEDBACK`, default false.
    pub is_on: bool,
    /// How many askers must have chosen alike before a query is written down as text; until then only keyed hashes are.
    /// 0 counts as 1. `ORGSEARCH_FEEDBACK_ASKERS`, default 5.
    pub askers: u32,
    /// Bytes of the log; the older half is dropped past them. `ORGSEARCH_FEEDBACK_BYTES`, default 16 MiB.
    pub bytes: u64,
}

impl FeedbackSettings {
    /// Askers without any setting: what fewer type may tell who they are.
    pub const DEFAULT_ASKERS: u32 = 5;
    /// Bytes without any setting: some 150,000 choices.
    pub const DEFAULT_BYTES: u64 = 16 << 20;
}

impl Default for FeedbackSettings {
    fn default() -> Self {
        FeedbackSettings { is_on: false, askers: Self::DEFAULT_ASKERS, bytes: Self::DEFAULT_BYTES }
    }
}
