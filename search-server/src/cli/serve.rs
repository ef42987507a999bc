//! `orgsearch serve`: the HTTP service on a data directory.

use super::data_dir::DataDir;
use super::exit::{Exit, help_end};
use super::failure::Failure;
use super::gate_flags::GateFlags;
use super::numbers::counted;
use super::output;
use super::progress::{Progress, Unit};
use super::source_file::SourceFile;
use crate::config::{
    Acknowledgement, AdminKey, AdminSettings, AllowedOrigin, BindSettings, BuildingSettings,
    ConnectionSettings, Contact, FeedbackSettings, FollowSettings, IndexSettings, LimitSettings, LogFormat,
    PublicUrl, PublishSettings, ServeSettings, TelemetrySettings, WebSettings,
};
use crate::priority::Priority;
use crate::replica::{Replica, StoreAddress};
use crate::serve;
use axum::http::HeaderName;
use clap::Args;
use index_data::generate::beijing_sample;
use index_data::load::{ColumnMap, Format, Source};
use search_core::{Engine, EngineError, ReindexStep};
use std::io::Cursor;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The variable that holds the admin key. There is no flag for it: command lines can be read by every user.
const ADMIN_KEY_VARIABLE: &str = "ORGSEARCH_ADMIN_KEY";

/// Serves search over HTTP.
///
/// Autocomplete for forms, search, organizations, the admin routes, a demo form and the API description.
///
/// The admin routes exist only if ORGSEARCH_ADMIN_KEY is set. A generation that `reindex` publishes while the server
/// runs is taken up by itself; with --follow what a writer puts into an object store is. With --publish the server is that
/// writer. Ctrl-C and SIGTERM stop
/// the server once requests in flight are answered.
#[derive(Debug, Args)]
#[command(after_help = help_end(
    "orgsearch serve --demo\n\
     ORGSEARCH_ADMIN_KEY=… orgsearch serve --data /var/lib/orgsearch --listen 0.0.0.0:7700\n\
     orgsearch serve --data /var/cache/orgsearch --follow s3://orgs/prod\n\
     ORGSEARCH_ADMIN_KEY=… orgsearch serve --data /var/lib/orgsearch --publish s3://orgs/prod"
))]
pub(super) struct Serve {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "HOST:PORT", env = "ORGSEARCH_LISTEN", default_value = BindSettings::DEFAULT_LISTEN)]
    listen: String,
    /// An address of their own for the admin routes and /metrics; the other one then does not have them.
    #[arg(long, value_name = "HOST:PORT", env = "ORGSEARCH_ADMIN_LISTEN")]
    admin_listen: Option<String>,
    /// A TOML file with any of these settings, under their names without the dashes. A flag wins over its variable, a
    /// variable over the file.
    #[arg(long, value_name = "FILE", env = "ORGSEARCH_SETTINGS")]
    settings: Option<PathBuf>,
    /// Builds the embedded sample, 52,000 invented organizations of Beijing, if there is no generation.
    #[arg(long)]
    demo: bool,
    /// A web page that may call from a browser, such as https://zhuce.example.cn; repeat it for more, * for all.
    #[arg(
        long,
        value_name = "ORIGIN",
        env = "ORGSEARCH_ALLOW_ORIGIN",
        value_delimiter = ',',
        value_parser = AllowedOrigin::parse
    )]
    allow_origin: Vec<AllowedOrigin>,
    /// The address under which members reach the server, such as https://org.example.cn, for links and QR codes; without
    /// it the host that a request names, over http.
    #[arg(long, value_name = "URL", env = "ORGSEARCH_PUBLIC_URL", value_parser = PublicUrl::parse)]
    public_url: Option<PublicUrl>,
    /// Whom to write to when nothing is found, shown on the page; at most 200 characters.
    #[arg(long, value_name = "TEXT", env = "ORGSEARCH_CONTACT", value_parser = Contact::parse)]
    contact: Option<Contact>,
    #[command(flatten)]
    limits: LimitFlags,
    #[command(flatten)]
    gate: GateFlags,
    #[command(flatten)]
    follow: FollowFlags,
    #[command(flatten)]
    operation: OperationFlags,
}

/// What a request may cost.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
struct LimitFlags {
    /// Characters of a query, or of a field of a record.
    #[arg(long, value_name = "N", env = "ORGSEARCH_QUERY_CHARS", default_value_t = LimitSettings::DEFAULT_QUERY_CHARS)]
    query_chars: usize,
    /// Hits or children on one page.
    #[arg(long, value_name = "N", env = "ORGSEARCH_PAGE_MAX", default_value_t = LimitSettings::DEFAULT_PAGE_MAX)]
    page_max: usize,
    /// Values of one filter.
    #[arg(
        long,
        value_name = "N",
        env = "ORGSEARCH_FILTER_VALUES",
        default_value_t = LimitSettings::DEFAULT_FILTER_VALUES
    )]
    filter_values: usize,
    /// Records of one batch to resolve; more get 413.
    #[arg(long, value_name = "N", env = "ORGSEARCH_BATCH_MAX", default_value_t = LimitSettings::DEFAULT_BATCH_MAX)]
    batch_max: usize,
    /// Time for a batch, in milliseconds; records that are not decided by then are answered with timeout.
    #[arg(
        long,
        value_name = "MS",
        env = "ORGSEARCH_BATCH_DEADLINE_MS",
        default_value_t = millis(LimitSettings::DEFAULT_BATCH_DEADLINE)
    )]
    batch_deadline_ms: u64,
    /// Bytes of a request body other than an upload.
    #[arg(long, value_name = "BYTES", env = "ORGSEARCH_BODY_BYTES", default_value_t = LimitSettings::DEFAULT_BODY_BYTES)]
    body_bytes: usize,
    /// Time for a whole request body other than an upload, in milliseconds.
    #[arg(
        long,
        value_name = "MS",
        env = "ORGSEARCH_BODY_TIMEOUT_MS",
        default_value_t = millis(LimitSettings::DEFAULT_BODY_TIMEOUT)
    )]
    body_timeout_ms: u64,
    /// Bytes of an uploaded org-tree file.
    #[arg(
        long,
        value_name = "BYTES",
        env = "ORGSEARCH_UPLOAD_BYTES",
        default_value_t = LimitSettings::DEFAULT_UPLOAD_BYTES
    )]
    upload_bytes: u64,
    /// The longest silence within an upload, in milliseconds.
    #[arg(
        long,
        value_name = "MS",
        env = "ORGSEARCH_UPLOAD_IDLE_MS",
        default_value_t = millis(LimitSettings::DEFAULT_UPLOAD_IDLE)
    )]
    upload_idle_ms: u64,
    /// The longest that a request's head may take, a new connection may be silent, and an answer may wait to be read,
    /// in milliseconds.
    #[arg(
        long,
        value_name = "MS",
        env = "ORGSEARCH_HEADER_TIMEOUT_MS",
        default_value_t = millis(ConnectionSettings::DEFAULT_HEADER_TIMEOUT)
    )]
    header_timeout_ms: u64,
    /// The longest silence between two requests of one connection, in milliseconds.
    #[arg(
        long,
        value_name = "MS",
        env = "ORGSEARCH_KEEP_ALIVE_MS",
        default_value_t = millis(ConnectionSettings::DEFAULT_KEEP_ALIVE)
    )]
    keep_alive_ms: u64,
    /// Connections at once; past them the one that waits longest for its client is closed, and where none waits the next
    /// one gets 503. By default four fifths of
    /// the descriptors that the process may open.
    #[arg(long, value_name = "N", env = "ORGSEARCH_CONNECTIONS_MAX")]
    connections_max: Option<usize>,
    /// Time for a whole upload, however steadily it comes, in milliseconds.
    #[arg(
        long,
        value_name = "MS",
        env = "ORGSEARCH_UPLOAD_DEADLINE_MS",
        default_value_t = millis(LimitSettings::DEFAULT_UPLOAD_DEADLINE)
    )]
    upload_deadline_ms: u64,
    /// Uploads received at the same time; more get 503.
    #[arg(
        long,
        value_name = "N",
        env = "ORGSEARCH_UPLOADS_AT_ONCE",
        default_value_t = LimitSettings::DEFAULT_UPLOADS_AT_ONCE
    )]
    uploads_at_once: usize,
    /// Time for one search, waiting included, in milliseconds.
    #[arg(
        long,
        value_name = "MS",
        env = "ORGSEARCH_DEADLINE_MS",
        default_value_t = millis(LimitSettings::DEFAULT_DEADLINE)
    )]
    deadline_ms: u64,
    /// Searches computed at the same time; by default two for each processor.
    #[arg(long, value_name = "N", env = "ORGSEARCH_SEARCHES_AT_ONCE")]
    searches_at_once: Option<usize>,
    /// Searches that may wait for their turn.
    #[arg(
        long,
        value_name = "N",
        env = "ORGSEARCH_SEARCHES_WAITING",
        default_value_t = LimitSettings::DEFAULT_SEARCHES_WAITING
    )]
    searches_waiting: usize,
    /// Requests of one client in a second, in the long run; more get 429. 0: no limit. Each record of a batch counts as
    /// a request.
    #[arg(
        long,
        value_name = "N",
        env = "ORGSEARCH_CLIENT_RATE",
        default_value_t = LimitSettings::DEFAULT_CLIENT_RATE
    )]
    client_rate: u32,
    /// Requests of one client at once, after a pause; with a rate, also the most records of a batch.
    #[arg(
        long,
        value_name = "N",
        env = "ORGSEARCH_CLIENT_BURST",
        default_value_t = LimitSettings::DEFAULT_CLIENT_BURST
    )]
    client_burst: u32,
    /// The header in which a proxy in front tells the client's address, such as x-forwarded-for. Only behind a proxy:
    /// anybody can send a header.
    #[arg(long, value_name = "NAME", env = "ORGSEARCH_CLIENT_IP_HEADER")]
    client_ip_header: Option<HeaderName>,
    /// Finished jobs that are remembered.
    #[arg(long, value_name = "N", env = "ORGSEARCH_JOBS_KEPT", default_value_t = LimitSettings::DEFAULT_JOBS_KEPT)]
    jobs_kept: usize,
}

/// Where a replica gets its generations from, and where a writer puts them.
#[derive(Debug, Args)]
#[command(next_help_heading = "An object store")]
struct FollowFlags {
    /// Serves what a writer put into this store, and whatever comes after it: s3://bucket/prefix, gs://…, az://…
    /// or file:///folder. The data directory is a cache of it.
    #[arg(long, value_name = "URL", env = "ORGSEARCH_FOLLOW", value_parser = StoreAddress::parse)]
    follow: Option<StoreAddress>,
    /// Seconds after which /readyz is red if the newest generation of the store could not be served; without it whatever
    /// is served is good enough, also while the store is away.
    #[arg(long = "max-lag", value_name = "SECONDS", env = "ORGSEARCH_MAX_LAG_S")]
    max_lag: Option<u64>,
    /// Publishes what goes live here into this store by itself: generations, and batches of changes. One server at a time:
    /// a second one ends the first one's part.
    #[arg(long, value_name = "URL", env = "ORGSEARCH_PUBLISH", value_parser = StoreAddress::parse, conflicts_with = "follow")]
    publish: Option<StoreAddress>,
    /// When a batch of changes is acknowledged by a server that publishes: store (once it is in the store) or local (once
    /// it is on this disk; it may be lost with it).
    #[arg(
        long,
        value_name = "WHERE",
        env = "ORGSEARCH_ACK",
        default_value = "store",
        value_parser = parse_ack
    )]
    ack: Acknowledgement,
    /// Generations that stay on the disk of a replica, the live one among them.
    #[arg(
        long,
        value_name = "N",
        env = "ORGSEARCH_FOLLOW_KEEP",
        default_value_t = FollowSettings::DEFAULT_KEEP
    )]
    follow_keep: usize,
}

/// Logs, shutdown, and how changes are noticed.
#[derive(Debug, Args)]
#[command(next_help_heading = "Operation")]
struct OperationFlags {
    /// What is logged: info, or search_server=debug,warn.
    #[arg(long, value_name = "FILTER", env = "ORGSEARCH_LOG", default_value = TelemetrySettings::DEFAULT_FILTER)]
    log: String,
    /// The form of log lines: auto (text on a terminal, else JSON), text or json.
    #[arg(
        long,
        value_name = "FORMAT",
        env = "ORGSEARCH_LOG_FORMAT",
        default_value = "auto",
        value_parser = parse_log_format
    )]
    log_format: LogFormat,
    /// Logs the text of queries, which may hold names of persons.
    #[arg(long, env = "ORGSEARCH_LOG_QUERIES")]
    log_queries: bool,
    /// Writes down which organization was chosen for what was typed, in the folder feedback of the data directory, for
    /// orgsearch learn. Who chose is kept as a keyed hash whose key is forgotten every day.
    #[arg(long, env = "ORGSEARCH_FEEDBACK")]
    feedback: bool,
    /// How many askers must have chosen alike before what they typed is written down as text; until then as a hash.
    #[arg(
        long,
        value_name = "N",
        env = "ORGSEARCH_FEEDBACK_ASKERS",
        default_value_t = FeedbackSettings::DEFAULT_ASKERS
    )]
    feedback_askers: u32,
    /// Bytes of that log; the older half is dropped past them.
    #[arg(
        long,
        value_name = "BYTES",
        env = "ORGSEARCH_FEEDBACK_BYTES",
        default_value_t = FeedbackSettings::DEFAULT_BYTES
    )]
    feedback_bytes: u64,
    /// How often to look for what another process published or changed in the data directory, and at the object store, in
    /// milliseconds.
    #[arg(
        long,
        value_name = "MS",
        env = "ORGSEARCH_REFRESH_MS",
        default_value_t = millis(IndexSettings::DEFAULT_REFRESH_EVERY)
    )]
    refresh_ms: u64,
    /// How often the files of the live generation are held against their checksums, in hours. 0: never.
    #[arg(
        long,
        value_name = "HOURS",
        env = "ORGSEARCH_SCRUB_HOURS",
        default_value_t = IndexSettings::DEFAULT_SCRUB_HOURS
    )]
    scrub_hours: u64,
    /// Organizations changed since the generation was built, from which on a compaction begins by itself: a process of
    /// its own builds a generation with the changes in it. 0: never.
    #[arg(
        long,
        value_name = "N",
        env = "ORGSEARCH_COMPACT_AT",
        default_value_t = BuildingSettings::DEFAULT_COMPACT_AT
    )]
    compact_at: usize,
    /// How much of the machine compactions and uploaded reindexes take beside the searches: low (what nobody else
    /// wants, nice 19) or normal.
    #[arg(
        long,
        value_name = "PRIORITY",
        env = "ORGSEARCH_BUILD_PRIORITY",
        default_value = "low",
        value_parser = Priority::parse
    )]
    build_priority: Priority,
    /// How long /readyz is red before connections are refused, in milliseconds.
    #[arg(
        long,
        value_name = "MS",
        env = "ORGSEARCH_DRAIN_NOTICE_MS",
        default_value_t = millis(BindSettings::DEFAULT_DRAIN_NOTICE)
    )]
    drain_notice_ms: u64,
    /// How long requests in flight may take once the server stops, in milliseconds.
    #[arg(
        long,
        value_name = "MS",
        env = "ORGSEARCH_DRAIN_TIMEOUT_MS",
        default_value_t = millis(BindSettings::DEFAULT_DRAIN_TIMEOUT)
    )]
    drain_timeout_ms: u64,
}

impl Serve {
    pub(super) fn run(self, data: &DataDir) -> Result<Exit, Failure> {
        let admin_key = admin_key()?;
        let engine = self.engine(data, admin_key.is_some())?;
        if self.demo {
            self.say_where_to_look();
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::reading("the state of the network", &error))?;
        runtime.block_on(serve(self.settings(data, admin_key), Arc::new(engine)))?;
        Ok(Exit::Done)
    }

    fn engine(&self, data: &DataDir, has_admin_key: bool) -> Result<Engine, Failure> {
        if let Some(address) = &self.follow.follow {
            return open_replica(data, address);
        }
        match Engine::open(data.path()) {
            Ok(engine) => Ok(engine),
            Err(EngineError::NoGeneration { .. }) if self.demo => build_sample(data),
            // The first generation can come over HTTP; until then /readyz is red.
            Err(EngineError::NoGeneration { .. }) if has_admin_key => data.open_or_empty(),
            Err(error) => Err(Failure::engine(error, data.path())),
        }
    }

    /// The address as a browser takes it. With port 0 only the server knows; its log tells.
    fn say_where_to_look(&self) {
        let Some((host, port)) = self.listen.rsplit_once(':').filter(|(_, port)| *port != "0") else {
            return;
        };
        let host = if matches!(host, "" | "0.0.0.0" | "[::]") { "localhost" } else { host };
        output::say(&format!("open http://{host}:{port}/ in a browser"));
    }

    fn settings(self, data: &DataDir, key: Option<AdminKey>) -> ServeSettings {
        let (limits, operation) = (self.limits, self.operation);
        ServeSettings {
            bind: BindSettings {
                listen: self.listen,
                admin_listen: self.admin_listen,
                drain_notice: Duration::from_millis(operation.drain_notice_ms),
                drain_timeout: Duration::from_millis(operation.drain_timeout_ms),
            },
            connections: ConnectionSettings {
                header_timeout: Duration::from_millis(limits.header_timeout_ms),
                keep_alive: Duration::from_millis(limits.keep_alive_ms),
                most: limits.connections_max.unwrap_or_else(ConnectionSettings::default_most),
            },
            limits: limits.settings(),
            gate: self.gate.settings(),
            index: IndexSettings {
                data_dir: Some(data.path().to_owned()),
                refresh_every: Duration::from_millis(operation.refresh_ms),
                scrub_every: IndexSettings::scrub_every_hours(operation.scrub_hours),
            },
            building: BuildingSettings {
                compact_at: operation.compact_at,
                program: BuildingSettings::this_program(),
                priority: operation.build_priority,
            },
            publish: self.follow.publishing(),
            follow: self.follow.settings(),
            admin: AdminSettings { key },
            web: WebSettings {
                allow_origins: self.allow_origin,
                public_url: self.public_url,
                contact: self.contact,
            },
            feedback: FeedbackSettings {
                is_on: operation.feedback,
                askers: operation.feedback_askers,
                bytes: operation.feedback_bytes,
            },
            telemetry: TelemetrySettings {
                filter: operation.log,
                format: operation.log_format,
                log_queries: operation.log_queries,
            },
        }
    }
}

impl FollowFlags {
    fn publishing(&self) -> PublishSettings {
        PublishSettings { address: self.publish.clone(), ack: self.ack }
    }

    fn settings(self) -> FollowSettings {
        FollowSettings {
            address: self.follow,
            max_lag: self.max_lag.map(Duration::from_secs),
            keep: self.follow_keep,
        }
    }
}

impl LimitFlags {
    fn settings(self) -> LimitSettings {
        LimitSettings {
            query_chars: self.query_chars,
            page_max: self.page_max,
            filter_values: self.filter_values,
            batch_max: self.batch_max,
            batch_deadline: Duration::from_millis(self.batch_deadline_ms),
            body_bytes: self.body_bytes,
            body_timeout: Duration::from_millis(self.body_timeout_ms),
            upload_bytes: self.upload_bytes,
            upload_idle: Duration::from_millis(self.upload_idle_ms),
            upload_deadline: Duration::from_millis(self.upload_deadline_ms),
            uploads_at_once: self.uploads_at_once,
            deadline: Duration::from_millis(self.deadline_ms),
            searches_at_once: self.searches_at_once.unwrap_or_else(LimitSettings::default_searches_at_once),
            searches_waiting: self.searches_waiting,
            client_rate: self.client_rate,
            client_burst: self.client_burst,
            client_ip_header: self.client_ip_header,
            jobs_kept: self.jobs_kept,
        }
    }
}

/// The engine of a replica: what its cache holds, as far as it can be opened. The rest comes from the store.
fn open_replica(data: &DataDir, address: &StoreAddress) -> Result<Engine, Failure> {
    if Replica::is_foreign(data.path()) {
        let message = format!("{} holds generations that {address} did not give", data.path().display());
        return Err(
            Failure::new(Exit::Generation, message).help("give a replica a data directory of its own")
        );
    }
    match Engine::open(data.path()) {
        Ok(engine) => Ok(engine),
        Err(
            EngineError::NoGeneration { .. } | EngineError::Damaged { .. } | EngineError::OtherFormat { .. },
        ) => data.unopened(),
        // The log of changes is a copy; without it, it is copied anew.
        Err(EngineError::DamagedChanges { .. }) => {
            let log = data.path().join("changes");
            std::fs::remove_dir_all(&log)
                .map_err(|error| Failure::writing(&log.display().to_string(), &error))?;
            data.unopened()
        }
        Err(error) => Err(Failure::engine(error, data.path())),
    }
}

/// The admin key of the environment. One that is set but cannot be a key is refused: leaving it out in silence would
/// hide the admin routes from somebody who thinks they are there.
fn admin_key() -> Result<Option<AdminKey>, Failure> {
    let Some(key) = std::env::var_os(ADMIN_KEY_VARIABLE) else { return Ok(None) };
    match key.to_str().and_then(AdminKey::new) {
        Some(key) => Ok(Some(key)),
        None => {
            let message = format!("{ADMIN_KEY_VARIABLE} is set, but empty or not UTF-8");
            Err(Failure::new(Exit::Usage, message)
                .help("set it to a key, or unset it to have no admin routes"))
        }
    }
}

/// Fills an empty data directory with the embedded sample.
fn build_sample(data: &DataDir) -> Result<Engine, Failure> {
    let engine = data.open_or_empty()?;
    let progress = Progress::start("serve");
    let source =
        Source::from_reader(Cursor::new(beijing_sample()), Format::Csv, "the sample", &ColumnMap::default())?;
    let rows = SourceFile::watch(source, &progress);
    let built = engine.reindex(rows, |at| {
        if at.step != ReindexStep::Load {
            progress.at(at.step.name(), Unit::Rows, at.done, at.total);
        }
    });
    drop(progress);
    let generation = built.map_err(|error| Failure::engine(error, data.path()))?.generation;
    let orgs = counted(generation.orgs, "invented organization");
    output::say(&format!("built the sample in {}: {orgs} of Beijing", data.path().display()));
    Ok(engine)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn parse_ack(name: &str) -> Result<Acknowledgement, String> {
    Acknowledgement::parse(name).ok_or_else(|| "it is store or local".to_owned())
}

fn parse_log_format(name: &str) -> Result<LogFormat, String> {
    LogFormat::parse(name).ok_or_else(|| "it is auto, text or json".to_owned())
}
