//! What is logged, and how.

/// Logging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TelemetrySettings {
    /// What is logged, in the syntax of `tracing` filters: `info`, `search_server=debug,warn`. `ORGSEARCH_LOG`,
    /// default [`Self::DEFAULT_FILTER`].
    pub filter: String,
    /// The form of the lines. `ORGSEARCH_LOG_FORMAT`, default [`LogFormat::Auto`].
    pub format: LogFormat,
    /// Whether the text of queries is logged. It may hold names of persons: off unless somebody must look into a
    /// problem. `ORGSEARCH_LOG_QUERIES`, default false.
    pub log_queries: bool,
}

impl TelemetrySettings {
    /// What is logged without any setting.
    pub const DEFAULT_FILTER: &'static str = "info";
}

impl Default for TelemetrySettings {
    fn default() -> Self {
        let filter = Self::DEFAULT_FILTER.to_owned();
        TelemetrySettings { filter, format: LogFormat::Auto, log_queries: false }
    }
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// Text if standard error is a terminal, JSON otherwise.
    #[default]
    Auto,
    /// Readable lines.
    Text,
    /// One JSON object on each line.
    Json,
}

impl LogFormat {
    /// Reads `auto`, `text` or `json`.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "auto" => Some(LogFormat::Auto),
            "text" => Some(LogFormat::Text),
            "json" => Some(LogFormat::Json),
            _ => None,
        }
    }
}
