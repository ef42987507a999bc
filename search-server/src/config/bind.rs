//! Where the server listens, and how it stops.

use std::time::Duration;

/// Address and shutdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindSettings {
    /// Host and port, `127.0.0.1:7700`; port 0 takes a free one. `ORGSEARCH_LISTEN`, default
    /// [`Self::DEFAULT_LISTEN`].
    pub listen: String,
    /// Host and port of their own for the admin routes and `/metrics`, which the other address then does not have;
    /// `/livez` and `/readyz` are on both. `ORGSEARCH_ADMIN_LISTEN`, no default: all are on one address.
    pub admin_listen: Option<String>,
    /// How long `/readyz` is red before new connections are refused, so that a load balancer can turn away first.
    /// `ORGSEARCH_DRAIN_NOTICE_MS`, default 500 ms.
    pub drain_notice: Duration,
    /// How long requests in flight may take to finish once the server stops. `ORGSEARCH_DRAIN_TIMEOUT_MS`,
    /// default 10 s.
    pub drain_timeout: Duration,
}

impl BindSettings {
    /// The address without any setting: this machine only.
    pub const DEFAULT_LISTEN: &'static str = "127.0.0.1:7700";
    /// The notice without any setting.
    pub const DEFAULT_DRAIN_NOTICE: Duration = Duration::from_millis(500);
    /// The drain time without any setting.
    pub const DEFAULT_DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
}

impl Default for BindSettings {
    fn default() -> Self {
        BindSettings {
            listen: Self::DEFAULT_LISTEN.to_owned(),
            admin_listen: None,
            drain_notice: Self::DEFAULT_DRAIN_NOTICE,
            drain_timeout: Self::DEFAULT_DRAIN_TIMEOUT,
        }
    }
}
