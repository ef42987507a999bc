//! Whether the server follows an object store.

use crate::replica::StoreAddress;
use std::time::Duration;

/// The store that a replica follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowSettings {
    /// Where the store is; `None`: the server serves what lies in its data directory. `ORGSEARCH_FOLLOW`.
    pub address: Option<StoreAddress>,
    /// `/readyz` is red while it is longer ago that the newest generation of the store was served; `None`: whatever is
    /// served is good enough. `ORGSEARCH_MAX_LAG_S`.
    pub max_lag: Option<Duration>,
    /// Generations that stay on the disk of a replica, the live one among them; at least 1. `ORGSEARCH_FOLLOW_KEEP`,
    /// default 2.
    pub keep: usize,
}

impl FollowSettings {
    /// Generations kept without any setting: the live one, and the one before, which needs no pull if it comes back.
    pub const DEFAULT_KEEP: usize = 2;
}

impl Default for FollowSettings {
    fn default() -> Self {
        FollowSettings { address: None, max_lag: None, keep: Self::DEFAULT_KEEP }
    }
}
