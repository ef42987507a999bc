//! How many connections there may be, and how long each may wait for its client.

use std::time::Duration;

/// The connections of clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionSettings {
    /// The longest that the head of a request may take from its first byte, a new connection may be silent, and an
    /// answer may wait to be read. `ORGSEARCH_HEADER_TIMEOUT_MS`, default 10 s.
    pub header_timeout: Duration,
    /// The longest silence between two requests of one connection. `ORGSEARCH_KEEP_ALIVE_MS`, default 60 s.
    pub keep_alive: Duration,
    /// Connections at once, of all listeners; past them the one that waits longest for its client is closed, and where
    /// none waits the next one gets 503.
    /// `ORGSEARCH_CONNECTIONS_MAX`, default four fifths of the descriptors that the process may open.
    pub most: usize,
}

impl ConnectionSettings {
    /// The time for a head without any setting.
    pub const DEFAULT_HEADER_TIMEOUT: Duration = Duration::from_secs(10);
    /// The silence between two requests without any setting.
    pub const DEFAULT_KEEP_ALIVE: Duration = Duration::from_secs(60);

    /// Four fifths of the descriptors that this process may open: the index, logs and uploads need some too.
    pub fn default_most() -> usize {
        /// Where the system tells no limit.
        const UNLIMITED: u64 = 65_536;
        #[cfg(unix)]
        let descriptors = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
        #[cfg(not(unix))]
        let descriptors: Option<u64> = None;
        let most = descriptors.unwrap_or(UNLIMITED).min(UNLIMITED) / 5 * 4;
        usize::try_from(most).unwrap_or(usize::MAX)
    }
}

impl Default for ConnectionSettings {
    fn default() -> Self {
        ConnectionSettings {
            header_timeout: Self::DEFAULT_HEADER_TIMEOUT,
            keep_alive: Self::DEFAULT_KEEP_ALIVE,
            most: Self::default_most(),
        }
    }
}
