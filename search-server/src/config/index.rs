//! Where the index lives.

use std::path::PathBuf;
use std::time::Duration;

/// The data directory, as far as the server itself uses it; the engine was opened on it before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexSettings {
    /// The data directory: uploads wait in its `uploads` folder. `None` for an engine in memory: uploads wait in the
    /// system's folder for temporary files. `ORGSEARCH_DATA`, default `./orgsearch-data` on the command line.
    pub data_dir: Option<PathBuf>,
    /// How often the server looks for a generation that another process published, such as `orgsearch reindex`.
    /// A replica looks at its store, and a writer that everything is there, as often.
    /// `ORGSEARCH_REFRESH_MS`, default 0.5 s.
    pub refresh_every: Duration,
    /// How often the files of the live generation are read and held against their checksums; zero: never. The first
    /// time is a few minutes after the start. At most 64 MiB are read in a second. `ORGSEARCH_SCRUB_HOURS`, default 24 h.
    pub scrub_every: Duration,
}

impl IndexSettings {
    /// How often to look without any setting: one small file, or two small requests; so replicas have a batch of changes
    /// within a second.
    pub const DEFAULT_REFRESH_EVERY: Duration = Duration::from_millis(500);
    /// Hours between two looks at the checksums without any setting.
    pub const DEFAULT_SCRUB_HOURS: u64 = 24;

    /// [`Self::scrub_every`] from hours.
    pub fn scrub_every_hours(hours: u64) -> Duration {
        Duration::from_secs(hours.saturating_mul(60 * 60))
    }
}

impl Default for IndexSettings {
    fn default() -> Self {
        IndexSettings {
            data_dir: None,
            refresh_every: Self::DEFAULT_REFRESH_EVERY,
            scrub_every: Self::scrub_every_hours(Self::DEFAULT_SCRUB_HOURS),
        }
    }
}
