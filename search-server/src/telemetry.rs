//! Logs and metrics: every name in one place.

use crate::config::{LogFormat, TelemetrySettings};
use crate::follow_store::FollowStatus;
use crate::publish_store::StoreWriter;
use crate::resolve_trace::ResolveTrace;
use crate::search_trace::SearchTrace;
use metrics::{counter, gauge, histogram, with_local_recorder};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusRecorder};
use search_core::{Decision, GenerationInfo, SearchStep};
use std::fmt::Write;
use std::io::IsTerminal;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tracing_subscriber::EnvFilter;

/// Names of metrics.
pub mod names {
    /// Counter: answers by `route` (as registered, `none` for unknown ones) and `status`.
    pub const REQUESTS: &str = "orgsearch_http_requests_total";
    /// Histogram by `route`: seconds from the head of a request to the head of its answer.
    pub const REQUEST_SECONDS: &str = "orgsearch_http_request_duration_seconds";
    /// Histogram by `route` and `step` (`normalize` … `present`): seconds a search spent in each of its steps.
    pub const SEARCH_STEP_SECONDS: &str = "orgsearch_search_step_duration_seconds";
    /// Histogram by `route`: hits on a page.
    pub const SEARCH_HITS: &str = "orgsearch_search_hits";
    /// Counter by `route`: searches that found nothing.
    pub const SEARCHES_WITHOUT_HITS: &str = "orgsearch_searches_without_hits_total";
    /// Counter by `route`: searches cut short by a budget or the deadline.
    pub const SEARCHES_TRUNCATED: &str = "orgsearch_searches_truncated_total";
    /// Counter by `decision` (`matched`, `ambiguous`, `none`; `error` without one): records of batches.
    pub const RESOLVED_RECORDS: &str = "orgsearch_resolved_records_total";
    /// Counter: how often somebody said that an organization was not found.
    pub const MISSES: &str = "orgsearch_misses_total";
    /// Counter by `outcome` (`applied`, `queued`, `refused`): batches of changes.
    pub const CHANGE_BATCHES: &str = "orgsearch_change_batches_total";
    /// Histogram: seconds from a batch of changes to its answer, once it is on the disk and searched.
    pub const CHANGE_SECONDS: &str = "orgsearch_change_duration_seconds";
    /// Gauge: organizations that were changed since the live generation was built.
    pub const CHANGED_ORGS: &str = "orgsearch_changed_orgs";
    /// Counter by `state` (`done`, `failed`, `cancelled`): compactions that the server started.
    pub const COMPACTIONS: &str = "orgsearch_compactions_total";
    /// Gauge: 1 while a reindex runs.
    pub const REINDEX_RUNNING: &str = "orgsearch_reindex_running";
    /// Counter by `state` (`done`, `refused`, `failed`, `cancelled`): reindex jobs.
    pub const REINDEX_JOBS: &str = "orgsearch_reindex_jobs_total";
    /// Gauge: open connections of clients.
    pub const CONNECTIONS: &str = "orgsearch_connections";
    /// Counter: how often the files of the live generation were read and held against their checksums.
    pub const SCRUBS: &str = "orgsearch_scrubs_total";
    /// Gauge: when that was done last, in seconds since 1970.
    pub const SCRUB_LAST_SECONDS: &str = "orgsearch_scrub_last_timestamp_seconds";
    /// Gauge: files of the live generation that the last scrub found damaged.
    pub const SCRUB_DAMAGED_FILES: &str = "orgsearch_scrub_damaged_files";
    /// Gauge: searches that run or wait for their turn. More than the processors can work on for long: add servers.
    pub const SEARCHES: &str = "orgsearch_searches_in_queue";
    /// Gauge, on a replica: the entry of the store's log that is served. It never falls. On a writer: the last entry.
    pub const SEQUENCE: &str = "orgsearch_sequence";
    /// Gauge, on a replica: seconds since it saw that nothing newer than what it serves was in the store. On a writer:
    /// seconds since it saw that everything it serves was there.
    pub const LAG_SECONDS: &str = "orgsearch_lag_seconds";
    /// Counter, on a replica: bytes that came from the store.
    pub const PULLED_BYTES: &str = "orgsearch_pulled_bytes_total";
    /// Gauge: the number of the last batch of changes that is in effect; 0: none.
    pub const LAST_BATCH: &str = "orgsearch_last_batch";
    /// Gauge, on a writer: the epoch that it has claimed; 0: none yet.
    pub const EPOCH: &str = "orgsearch_epoch";
    /// Gauge, on a writer: 1 if another writer goes on in its place.
    pub const TAKEN_OVER: &str = "orgsearch_taken_over";
    /// Counter by `code`, on a replica or a writer: looks at the store that failed.
    pub const STORE_ERRORS: &str = "orgsearch_store_errors_total";
    /// Gauge by `generation`: always 1.
    pub const GENERATION_INFO: &str = "orgsearch_generation_info";
    /// Gauge: organizations in the live generation.
    pub const GENERATION_ORGS: &str = "orgsearch_generation_orgs";
    /// Gauge: bytes of the live generation on disk.
    pub const GENERATION_BYTES: &str = "orgsearch_generation_size_bytes";
}

/// Bounds in seconds: a keystroke should be answered in the first half of them.
const SECONDS_BUCKETS: [f64; 13] =
    [0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0];

/// Bounds in seconds for steps of a search.
const STEP_BUCKETS: [f64; 12] =
    [0.000_01, 0.000_02, 0.000_05, 0.000_1, 0.000_2, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.05, 0.5];

/// Bounds of hits on a page.
const HITS_BUCKETS: [f64; 8] = [0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0];

/// Starts logging to standard error for the whole process. A logger that is there already stays.
///
/// # Errors
/// A filter that cannot be read, with its fault.
pub fn start_logging(settings: &TelemetrySettings) -> Result<(), String> {
    let filter = EnvFilter::try_new(&settings.filter).map_err(|error| error.to_string())?;
    let as_text = match settings.format {
        LogFormat::Auto => std::io::stderr().is_terminal(),
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // An error here says that the embedding program logs already.
    let _ = if as_text {
        builder.with_ansi(std::io::stderr().is_terminal()).try_init()
    } else {
        builder.json().flatten_event(true).with_span_list(false).try_init()
    };
    Ok(())
}

/// The metrics of one server. They belong to it and not to the process, so that several servers in one process, as in
/// tests, do not add up.
pub(crate) struct Metrics {
    recorder: PrometheusRecorder,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let buckets = [
            (names::REQUEST_SECONDS, &SECONDS_BUCKETS[..]),
            (names::CHANGE_SECONDS, &SECONDS_BUCKETS[..]),
            (names::SEARCH_STEP_SECONDS, &STEP_BUCKETS[..]),
            (names::SEARCH_HITS, &HITS_BUCKETS[..]),
        ];
        let recorder = buckets
            .into_iter()
            .try_fold(PrometheusBuilder::new(), |builder, (name, bounds)| {
                builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), bounds)
            })
            // Only empty bounds are refused; then summaries take the place of histograms.
            .unwrap_or_else(|_| PrometheusBuilder::new())
            .build_recorder();
        with_local_recorder(&recorder, || gauge!(names::REINDEX_RUNNING).set(0.0));
        Metrics { recorder }
    }

    pub(crate) fn request(&self, route: &str, status: u16, took: Duration) {
        let route = route.to_owned();
        with_local_recorder(&self.recorder, || {
            histogram!(names::REQUEST_SECONDS, "route" => route.clone()).record(took.as_secs_f64());
            counter!(names::REQUESTS, "route" => route, "status" => status.to_string()).increment(1);
        });
    }

    pub(crate) fn search(&self, route: &str, search: &SearchTrace) {
        let route = route.to_owned();
        with_local_recorder(&self.recorder, || {
            for step in SearchStep::ALL {
                let seconds = search.steps.of(step).as_secs_f64();
                histogram!(names::SEARCH_STEP_SECONDS, "route" => route.clone(), "step" => step.name())
                    .record(seconds);
            }
            histogram!(names::SEARCH_HITS, "route" => route.clone()).record(count_as_f64(search.hits as u64));
            if search.hits == 0 {
                counter!(names::SEARCHES_WITHOUT_HITS, "route" => route.clone()).increment(1);
            }
            if search.truncated {
                counter!(names::SEARCHES_TRUNCATED, "route" => route).increment(1);
            }
        });
    }

    pub(crate) fn resolved(&self, batch: &ResolveTrace) {
        with_local_recorder(&self.recorder, || {
            let decided = Decision::ALL.map(|decision| (decision.name(), batch.of(decision)));
            for (decision, records) in decided.into_iter().chain([("error", batch.failed)]) {
                counter!(names::RESOLVED_RECORDS, "decision" => decision).increment(records);
            }
        });
    }

    pub(crate) fn missed(&self) {
        with_local_recorder(&self.recorder, || counter!(names::MISSES).increment(1));
    }

    pub(crate) fn changed(&self, outcome: &'static str, took: Duration) {
        with_local_recorder(&self.recorder, || {
            counter!(names::CHANGE_BATCHES, "outcome" => outcome).increment(1);
            if outcome == "applied" {
                histogram!(names::CHANGE_SECONDS).record(took.as_secs_f64());
            }
        });
    }

    pub(crate) fn compacted(&self, state: &'static str) {
        with_local_recorder(&self.recorder, || counter!(names::COMPACTIONS, "state" => state).increment(1));
    }

    pub(crate) fn reindex_started(&self) {
        with_local_recorder(&self.recorder, || gauge!(names::REINDEX_RUNNING).set(1.0));
    }

    pub(crate) fn reindex_finished(&self, state: &'static str) {
        with_local_recorder(&self.recorder, || {
            gauge!(names::REINDEX_RUNNING).set(0.0);
            counter!(names::REINDEX_JOBS, "state" => state).increment(1);
        });
    }

    pub(crate) fn store_failed(&self, code: &'static str) {
        with_local_recorder(&self.recorder, || counter!(names::STORE_ERRORS, "code" => code).increment(1));
    }

    pub(crate) fn scrubbed(&self, now: SystemTime) {
        let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        with_local_recorder(&self.recorder, || {
            counter!(names::SCRUBS).increment(1);
            gauge!(names::SCRUB_LAST_SECONDS).set(count_as_f64(seconds));
        });
    }

    /// Moves recorded samples into their buckets. Must be called now and then, or they pile up.
    pub(crate) fn tidy(&self) {
        self.recorder.handle().run_upkeep();
    }

    /// All metrics in the Prometheus text form.
    pub(crate) fn render(&self, live: &GenerationInfo, now: &Now<'_>) -> String {
        with_local_recorder(&self.recorder, || {
            gauge!(names::CONNECTIONS).set(count_as_f64(now.connections as u64));
            gauge!(names::SCRUB_DAMAGED_FILES).set(count_as_f64(now.damaged_files as u64));
            gauge!(names::CHANGED_ORGS).set(count_as_f64(now.changed_orgs as u64));
            gauge!(names::SEARCHES).set(count_as_f64(now.searches as u64));
            if let Some((lag, follow)) = now.follow {
                gauge!(names::SEQUENCE).set(count_as_f64(follow.sequence()));
                gauge!(names::LAG_SECONDS).set(lag.as_secs_f64());
                counter!(names::PULLED_BYTES).absolute(follow.pulled_bytes());
            }
            if let Some((lag, writer)) = now.publish {
                gauge!(names::SEQUENCE).set(count_as_f64(writer.sequence()));
                gauge!(names::LAG_SECONDS).set(lag.as_secs_f64());
                gauge!(names::EPOCH).set(count_as_f64(writer.epoch()));
                gauge!(names::TAKEN_OVER).set(f64::from(u8::from(writer.is_taken_over())));
            }
            gauge!(names::LAST_BATCH).set(count_as_f64(live.last_batch().unwrap_or(0)));
            gauge!(names::GENERATION_ORGS).set(count_as_f64(live.orgs));
            gauge!(names::GENERATION_BYTES).set(count_as_f64(live.size_bytes));
        });
        let mut text = self.recorder.handle().render();
        // Written by hand: a recorder would keep the series of every former generation.
        let name = names::GENERATION_INFO;
        let generation = live.name.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let _ = writeln!(text, "# TYPE {name} gauge\n{name}{{generation=\"{generation}\"}} 1");
        text
    }
}

/// What is asked for when metrics are.
#[derive(Default)]
pub(crate) struct Now<'a> {
    pub(crate) connections: usize,
    pub(crate) damaged_files: usize,
    pub(crate) changed_orgs: usize,
    /// That run or wait.
    pub(crate) searches: usize,
    /// Of a replica, with its lag.
    pub(crate) follow: Option<(Duration, &'a FollowStatus)>,
    /// Of a writer, with its lag.
    pub(crate) publish: Option<(Duration, &'a StoreWriter)>,
}

fn count_as_f64(count: u64) -> f64 {
    count as f64
}
