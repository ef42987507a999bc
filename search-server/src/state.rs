//! What every handler may reach.

use crate::admin::upload::KeptUpload;
use crate::clients::key_guesses::KeyGuesses;
use crate::clients::rates::ClientRates;
use crate::compaction::Pauses;
use crate::config::ServeSettings;
use crate::connections::Registry;
use crate::error::{ApiError, texts};
use crate::feedback::Feedback;
use crate::follow_store::FollowStatus;
use crate::jobs::Jobs;
use crate::pool::{CancelFlag, SearchPool};
use crate::publish_store::StoreWriter;
use crate::readiness::{Readiness, is_empty};
use crate::routes::page::examples::Examples;
use crate::telemetry::Metrics;
use search_core::{Engine, SearchRequest};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::sync::Semaphore;

/// The engine, the settings, and what the server knows about itself. Cloning is cheap and shares everything.
#[derive(Clone)]
pub struct AppState {
    pub(crate) engine: Arc<Engine>,
    pub(crate) settings: Arc<ServeSettings>,
    pub(crate) pool: Arc<SearchPool>,
    pub(crate) jobs: Jobs,
    /// How long compactions that failed are left.
    pub(crate) compaction_pauses: Arc<Mutex<Pauses>>,
    /// The file of the last job that could be published without being sent again.
    pub(crate) kept_upload: Arc<Mutex<Option<KeptUpload>>>,
    /// Places for uploads being received.
    pub(crate) uploads: Arc<Semaphore>,
    pub(crate) readiness: Arc<Readiness>,
    /// `None` unless a store is followed.
    pub(crate) follow: Option<Arc<FollowStatus>>,
    /// `None` unless the server publishes into a store.
    pub(crate) publish: Option<Arc<StoreWriter>>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) connections: Arc<Registry>,
    pub(crate) key_guesses: Arc<KeyGuesses>,
    pub(crate) examples: Arc<Examples>,
    pub(crate) client_rates: Option<Arc<ClientRates>>,
    /// `None` while choices are not written down.
    pub(crate) feedback: Option<Arc<Feedback>>,
}

impl AppState {
    /// Everything the routes need. `/readyz` is red until [`AppState::warm_up`].
    pub fn new(settings: ServeSettings, engine: Arc<Engine>) -> Self {
        engine.keep_snapshots(SNAPSHOTS_KEPT);
        AppState {
            engine,
            pool: Arc::new(SearchPool::new(&settings.limits)),
            jobs: Jobs::new(settings.limits.jobs_kept, settings.index.data_dir.as_deref()),
            compaction_pauses: Arc::default(),
            kept_upload: Arc::default(),
            uploads: Arc::new(Semaphore::new(settings.limits.uploads_at_once.min(Semaphore::MAX_PERMITS))),
            readiness: Arc::default(),
            follow: FollowStatus::new(&settings.follow, Instant::now()).map(Arc::new),
            publish: StoreWriter::new(&settings.publish, Instant::now()).map(Arc::new),
            metrics: Arc::new(Metrics::new()),
            connections: Arc::default(),
            key_guesses: Arc::default(),
            examples: Arc::default(),
            client_rates: ClientRates::new(&settings.limits).map(Arc::new),
            feedback: open_feedback(&settings),
            settings: Arc::new(settings),
        }
    }

    /// Runs one search over the live generation, so that the first caller does not wait for the disk. Does nothing
    /// while there is no generation. Blocks.
    pub fn warm_up(&self) {
        if is_empty(&self.engine.generation()) {
            return;
        }
        match self.engine.search(&SearchRequest::autocomplete(WARM_UP_QUERY)) {
            Ok(_) => self.readiness.set_warm(),
            Err(error) => tracing::error!(%error, "the warm-up search failed: {error}"),
        }
    }

    /// After a publication that the disk did not confirm: the generation it named is the one to serve all the same.
    /// Blocks.
    pub(crate) fn take_over_what_is_live(&self) {
        match self.engine.refresh() {
            Ok(_) => self.warm_up(),
            Err(error) => tracing::error!(%error, "the new generation cannot be opened: {error}"),
        }
    }

    /// Runs work on the engine's threads.
    ///
    /// # Errors
    /// `not_ready` without a generation; `overloaded`, `timeout` and `internal` as [`SearchPool::run`].
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Engine, CancelFlag) -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        if is_empty(&self.engine.generation()) {
            return Err(ApiError::new(&texts::NO_GENERATION));
        }
        let engine = Arc::clone(&self.engine);
        self.pool.run(move |cancel| work(&engine, cancel)).await
    }
}

/// The log of choices, if it is wanted. A server that cannot write it still answers; its log says why.
fn open_feedback(settings: &ServeSettings) -> Option<Arc<Feedback>> {
    let data = settings.index.data_dir.as_deref().filter(|_| settings.feedback.is_on)?;
    match Feedback::open(data, &settings.feedback) {
        Ok(feedback) => Some(Arc::new(feedback)),
        Err(error) => {
            tracing::error!(%error, "choices cannot be written down: {error}");
            None
        }
    }
}

/// Snapshots that stay for cursors when batches of changes replace them.
const SNAPSHOTS_KEPT: usize = 8;

/// A name that touches words, pairs, pinyin and form tables, and that hardly any tree lacks.
const WARM_UP_QUERY: &str = "大学团委";
