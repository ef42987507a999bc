//! From settings to a listening server, and back to silence in order.

use crate::admin::upload::remove_abandoned;
use crate::compaction::compact_when_large;
use crate::config::{BindSettings, PublicUrl, ServeSettings};
use crate::connections::Connections;
use crate::follow::follow_generations;
use crate::follow_store::follow_store;
use crate::publish_store::publish_store;
use crate::router::{build_app, build_apps};
use crate::routes::assets::script_line;
use crate::scrub::scrub;
use crate::state::AppState;
use crate::telemetry::start_logging;
use search_core::Engine;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

/// Why the server cannot run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The address cannot be understood or found.
    #[error("cannot listen on {listen:?}: {cause}; write host:port, such as 127.0.0.1:7700")]
    BadAddress {
        /// The address asked for.
        listen: String,
        /// What is wrong with it.
        cause: io::Error,
    },
    /// Another program has the port.
    #[error(
        "cannot listen on {listen}: the port is in use; stop the other program, or choose another port with --listen"
    )]
    PortInUse {
        /// The address asked for.
        listen: String,
    },
    /// The port needs rights that the program does not have.
    #[error("cannot listen on {listen}: permission denied; ports below 1024 need special rights")]
    PortForbidden {
        /// The address asked for.
        listen: String,
    },
    /// The address belongs to no interface of this machine, or the system refuses it for another reason.
    #[error("cannot listen on {listen}: {cause}")]
    Bind {
        /// The address asked for.
        listen: String,
        /// What the system says.
        cause: io::Error,
    },
    /// The log filter cannot be read.
    #[error("the log filter {filter:?} cannot be read: {cause}")]
    BadLogFilter {
        /// The filter asked for.
        filter: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The running server broke off.
    #[error("the server broke off: {0}")]
    Broken(String),
}

/// Serves an engine until the process gets SIGINT or SIGTERM; then finishes what is in flight and returns. The
/// address goes to standard output as one line, `listening on http://127.0.0.1:7700`, and below it the line that puts the
/// form field into a page.
///
/// # Errors
/// See [`ServeError`]; all but the last come before anything is served.
pub async fn serve(settings: ServeSettings, engine: Arc<Engine>) -> Result<(), ServeError> {
    let telemetry = &settings.telemetry;
    let bad_filter = |cause| ServeError::BadLogFilter { filter: telemetry.filter.clone(), cause };
    start_logging(telemetry).map_err(bad_filter)?;
    let server = Server::bind(settings, engine).await?;
    // Before the address is told: whoever knows it may stop the server at once, and a job must not be lost then.
    let stop = stop_signal();
    announce(server.address(), server.state.settings.web.public_url.as_ref());
    if let Some(address) = server.admin_address() {
        tracing::info!(%address, "the admin routes and /metrics are on http://{address}");
    }
    server.run(stop).await
}

/// A server that has its port and does not answer yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    admin_listener: Option<TcpListener>,
    state: AppState,
}

impl Server {
    /// Takes the port.
    ///
    /// # Errors
    /// If the address is malformed, taken, forbidden or not ours.
    pub async fn bind(settings: ServeSettings, engine: Arc<Engine>) -> Result<Server, ServeError> {
        let listener = listen(&settings.bind.listen).await?;
        let listen = &settings.bind.listen;
        let address =
            listener.local_addr().map_err(|cause| ServeError::Bind { listen: listen.clone(), cause })?;
        let admin_listener = match &settings.bind.admin_listen {
            Some(address) => Some(self::listen(address).await?),
            None => None,
        };
        remove_abandoned(&settings);
        Ok(Server { listener, address, admin_listener, state: AppState::new(settings, engine) })
    }

    /// The address with its real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of the admin routes with its real port, if they have one of their own.
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin_listener.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// Answers requests until `stop` is done, then stops in order: `/readyz` turns red and answers ask their
    /// clients to close; after the drain notice no connection is taken any more, those that are open are answered a
    /// second longer, and requests in flight get the drain time to finish.
    ///
    /// # Errors
    /// If the server broke off by itself.
    pub async fn run(self, stop: impl Future<Output = ()> + Send) -> Result<(), ServeError> {
        let Server { listener, admin_listener, state, .. } = self;
        let BindSettings { drain_notice, drain_timeout, .. } = state.settings.bind.clone();
        let mut background = JoinSet::new();
        background.spawn(warm_up(state.clone()));
        background.spawn(follow_generations(state.clone()));
        background.spawn(follow_store(state.clone()));
        background.spawn(publish_store(state.clone()));
        background.spawn(scrub(state.clone()));
        background.spawn(compact_when_large(state.clone()));
        background.spawn(tidy(state.clone()));

        let connections = Connections::new(&state.settings.connections, Arc::clone(&state.connections));
        let mut accepting = JoinSet::new();
        match admin_listener {
            None => {
                accepting.spawn(connections.clone().accept(listener, build_app(state.clone())));
            }
            Some(admin_listener) => {
                let (public, admin) = build_apps(state.clone());
                accepting.spawn(connections.clone().accept(listener, public));
                accepting.spawn(connections.clone().accept(admin_listener, admin));
            }
        }

        tokio::select! {
            Some(ended) = accepting.join_next() => return Err(ServeError::Broken(format!("{ended:?}"))),
            () = stop => {}
        }
        tracing::info!("stopping: no longer ready");
        state.readiness.set_draining();
        connections.ask_to_close();
        stop_jobs(&state);
        sleep(drain_notice).await;
        connections.refuse();
        while accepting.join_next().await.is_some() {}
        if !connections.close(drain_timeout).await {
            let waited_ms = drain_timeout.as_millis();
            tracing::warn!("stopping: requests still in flight after {waited_ms} ms are cut off");
        }
        wait_for_job(&state, drain_timeout).await;
        tracing::info!("stopped");
        Ok(())
    }
}

/// A job that is under way would be lost without a word; it is cancelled instead, and no further one begins.
fn stop_jobs(state: &AppState) {
    if let Some(job) = state.jobs.stop() {
        tracing::warn!(job = job.id, "stopping: job {} is cancelled", job.id);
    }
}

/// Gives the cancelled job time to remove its files.
async fn wait_for_job(state: &AppState, at_most: Duration) {
    if timeout(at_most, state.jobs.ended()).await.is_err() {
        let waited_ms = at_most.as_millis();
        tracing::warn!("stopping: a job is cut off after {waited_ms} ms; the next start removes its files");
    }
}

async fn listen(address: &str) -> Result<TcpListener, ServeError> {
    let listen = address.to_owned();
    let bad_address = |cause| ServeError::BadAddress { listen: address.to_owned(), cause };
    let resolved: Vec<_> = tokio::net::lookup_host(address).await.map_err(bad_address)?.collect();
    TcpListener::bind(&resolved[..]).await.map_err(|cause| match cause.kind() {
        io::ErrorKind::AddrInUse => ServeError::PortInUse { listen },
        io::ErrorKind::PermissionDenied => ServeError::PortForbidden { listen },
        _ => ServeError::Bind { listen, cause },
    })
}

/// Tells whoever started the process where it listens; a closed output is not our problem.
fn announce(address: SocketAddr, public_url: Option<&PublicUrl>) {
    let here = format!("http://{address}");
    let field = script_line(public_url.map_or(&here, PublicUrl::as_str));
    let mut output = io::stdout().lock();
    let _ = writeln!(output, "listening on {here}\nform field: {field}").and_then(|()| output.flush());
    tracing::info!(%address, "listening on http://{address}");
}

/// Done when the process is asked to stop. The signals are caught from this call on, not only once it is awaited.
#[cfg(unix)]
fn stop_signal() -> impl Future<Output = ()> + Send {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    let caught = |kind, name| {
        signal(kind).inspect_err(|error| tracing::error!(%error, "cannot wait for {name}: {error}")).ok()
    };
    let interrupt = caught(SignalKind::interrupt(), "an interrupt");
    let terminate = caught(SignalKind::terminate(), "a request to terminate");
    async fn received(signal: Option<Signal>) {
        match signal {
            Some(mut signal) => drop(signal.recv().await),
            None => std::future::pending().await,
        }
    }
    async move {
        tokio::select! {
            () = received(interrupt) => {}
            () = received(terminate) => {}
        }
    }
}

#[cfg(not(unix))]
async fn stop_signal() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::error!(%error, "cannot wait for an interrupt: {error}");
        std::future::pending::<()>().await;
    }
}

async fn warm_up(state: AppState) {
    let _ = tokio::task::spawn_blocking(move || state.warm_up()).await;
}

/// Rounds of five seconds that a snapshot stays for cursors: a minute.
const SNAPSHOT_ROUNDS: u32 = 12;

async fn tidy(state: AppState) {
    let mut tick = interval(Duration::from_secs(5));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        state.metrics.tidy();
        state.engine.forget_snapshots(SNAPSHOT_ROUNDS);
        if let Some(rates) = &state.client_rates {
            rates.tidy();
        }
    }
}
