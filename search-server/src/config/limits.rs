//! What a request may cost. Past a limit the answer is 4xx or 503, never a hang.

use axum::http::HeaderName;
use search_core::SearchRequest;
use std::time::Duration;

/// Limits of requests and of the work they cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitSettings {
    /// Characters of a query, or of a field of a record; longer ones get 400 `query_too_long`. `ORGSEARCH_QUERY_CHARS`,
    /// default 200.
    pub query_chars: usize,
    /// The largest `limit` of a page; larger ones get 400 `invalid_parameter`. At most
    /// [`search_core::SearchRequest::MAX_LIMIT`]. `ORGSEARCH_PAGE_MAX`, default 100.
    pub page_max: usize,
    /// Values of one filter; more get 400 `invalid_parameter`. `ORGSEARCH_FILTER_VALUES`, default 100.
    pub filter_values: usize,
    /// Records of one batch to resolve; more get 413 `batch_too_large`. `ORGSEARCH_BATCH_MAX`, default 200.
    pub batch_max: usize,
    /// Time for a batch; what is not decided by then is answered with `timeout` in its place. The records under way end
    /// within [`Self::deadline`]. `ORGSEARCH_BATCH_DEADLINE_MS`, default 10 s.
    pub batch_deadline: Duration,
    /// Bytes of a request body other than an upload; larger ones get 413. `ORGSEARCH_BODY_BYTES`, default 1 MiB.
    pub body_bytes: usize,
    /// Time for a whole request body other than an upload; then it is given up with 408 `body_timeout`.
    /// `ORGSEARCH_BODY_TIMEOUT_MS`, default 10 s.
    pub body_timeout: Duration,
    /// Bytes of an uploaded org-tree file; larger ones get 413. It is kept on disk while it is read.
    /// `ORGSEARCH_UPLOAD_BYTES`, default 2 GiB.
    pub upload_bytes: u64,
    /// The longest silence within an upload; then it is given up with 408. `ORGSEARCH_UPLOAD_IDLE_MS`,
    /// default 30 s.
    pub upload_idle: Duration,
    /// Time for a whole upload, however steadily it comes; then it is given up with 408. `ORGSEARCH_UPLOAD_DEADLINE_MS`,
    /// default 30 min.
    pub upload_deadline: Duration,
    /// Uploads received at the same time; more get 503 `too_many_uploads`. Each takes up to [`Self::upload_bytes`] of
    /// the disk. `ORGSEARCH_UPLOADS_AT_ONCE`, default 2.
    pub uploads_at_once: usize,
    /// Time for one search, waiting included. Then it is cancelled: the answer has `truncated`, or is 503.
    /// `ORGSEARCH_DEADLINE_MS`, default 2 s.
    pub deadline: Duration,
    /// Searches computed at the same time; 0 answers none of them. `ORGSEARCH_SEARCHES_AT_ONCE`, default two for
    /// each processor.
    pub searches_at_once: usize,
    /// Searches that may wait for a place; more get 503 `overloaded`. `ORGSEARCH_SEARCHES_WAITING`, default 256.
    pub searches_waiting: usize,
    /// Requests of one client in a second, in the long run; more get 429 `rate_limited`. 0: no limit. Each record of a
    /// batch counts as a request.
    /// `ORGSEARCH_CLIENT_RATE`, default 0: behind a proxy all clients seem to be one, unless
    /// [`Self::client_ip_header`] is set.
    pub client_rate: u32,
    /// Requests of one client at once, after a pause; with a rate, also the most records of a batch.
    /// `ORGSEARCH_CLIENT_BURST`, default 100.
    pub client_burst: u32,
    /// The header in which a proxy in front tells the client's address; its last value counts. Without it the address
    /// of the connection does. `ORGSEARCH_CLIENT_IP_HEADER`, default none: anybody can send a header.
    pub client_ip_header: Option<HeaderName>,
    /// Finished jobs that are remembered. `ORGSEARCH_JOBS_KEPT`, default 20.
    pub jobs_kept: usize,
}

impl LimitSettings {
    /// Characters of a query, without any setting. The longest real name has fewer than 100.
    pub const DEFAULT_QUERY_CHARS: usize = 200;
    /// The largest page without any setting.
    pub const DEFAULT_PAGE_MAX: usize = 100;
    /// Values of one filter without any setting.
    pub const DEFAULT_FILTER_VALUES: usize = 100;
    /// Records of a batch without any setting.
    pub const DEFAULT_BATCH_MAX: usize = 200;
    /// Time for a batch without any setting: 50 ms for each of 200 records.
    pub const DEFAULT_BATCH_DEADLINE: Duration = Duration::from_secs(10);
    /// Bytes of a body without any setting.
    pub const DEFAULT_BODY_BYTES: usize = 1 << 20;
    /// Time for a body without any setting: 1 MiB comes within it at 1 Mbit/s.
    pub const DEFAULT_BODY_TIMEOUT: Duration = Duration::from_secs(10);
    /// Bytes of an upload without any setting. The whole national tree takes about 0.6 GB as CSV.
    pub const DEFAULT_UPLOAD_BYTES: u64 = 2 << 30;
    /// The longest silence in an upload without any setting.
    pub const DEFAULT_UPLOAD_IDLE: Duration = Duration::from_secs(30);
    /// Time for a whole upload without any setting: 2 GiB come within it at 10 Mbit/s.
    pub const DEFAULT_UPLOAD_DEADLINE: Duration = Duration::from_secs(30 * 60);
    /// Uploads at the same time without any setting: a second one need not wait for a sender that is slow.
    pub const DEFAULT_UPLOADS_AT_ONCE: usize = 2;
    /// Time for one search without any setting.
    pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(2);
    /// Searches computed at the same time, for each processor: one computes while another waits for a page of disk.
    pub const DEFAULT_SEARCHES_PER_PROCESSOR: usize = 2;
    /// Searches that may wait without any setting: at a few milliseconds each, all are done within the deadline.
    pub const DEFAULT_SEARCHES_WAITING: usize = 256;
    /// Requests of one client in a second without any setting: as many as it likes.
    pub const DEFAULT_CLIENT_RATE: u32 = 0;
    /// Requests of one client at once without any setting: nobody types faster.
    pub const DEFAULT_CLIENT_BURST: u32 = 100;
    /// Finished jobs remembered without any setting.
    pub const DEFAULT_JOBS_KEPT: usize = 20;

    /// [`Self::page_max`] as far as the engine goes.
    pub(crate) fn largest_page(&self) -> usize {
        self.page_max.clamp(1, SearchRequest::MAX_LIMIT)
    }

    /// [`Self::batch_max`] as far as the rate of a client lets a batch through at all.
    pub(crate) fn largest_batch(&self) -> usize {
        let burst = if self.client_burst == 0 { self.client_rate } else { self.client_burst };
        match self.client_rate {
            0 => self.batch_max,
            _ => self.batch_max.min(burst as usize),
        }
    }

    /// [`Self::searches_at_once`] for this machine.
    pub fn default_searches_at_once() -> usize {
        let processors = std::thread::available_parallelism().map_or(1, |count| count.get());
        processors * Self::DEFAULT_SEARCHES_PER_PROCESSOR
    }
}

impl Default for LimitSettings {
    fn default() -> Self {
        LimitSettings {
            query_chars: Self::DEFAULT_QUERY_CHARS,
            page_max: Self::DEFAULT_PAGE_MAX,
            filter_values: Self::DEFAULT_FILTER_VALUES,
            batch_max: Self::DEFAULT_BATCH_MAX,
            batch_deadline: Self::DEFAULT_BATCH_DEADLINE,
            body_bytes: Self::DEFAULT_BODY_BYTES,
            body_timeout: Self::DEFAULT_BODY_TIMEOUT,
            upload_bytes: Self::DEFAULT_UPLOAD_BYTES,
            upload_idle: Self::DEFAULT_UPLOAD_IDLE,
            upload_deadline: Self::DEFAULT_UPLOAD_DEADLINE,
            uploads_at_once: Self::DEFAULT_UPLOADS_AT_ONCE,
            deadline: Self::DEFAULT_DEADLINE,
            searches_at_once: Self::default_searches_at_once(),
            searches_waiting: Self::DEFAULT_SEARCHES_WAITING,
            client_rate: Self::DEFAULT_CLIENT_RATE,
            client_burst: Self::DEFAULT_CLIENT_BURST,
            client_ip_header: None,
            jobs_kept: Self::DEFAULT_JOBS_KEPT,
        }
    }
}
