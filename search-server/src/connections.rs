//! The connections of clients: accepted up to a limit, watched while they wait for their client, closed in order.
//!
//! A client that sends its request head slowly, or does not read its answer, is given up after the header timeout; one
//! that is silent between two requests after the keep-alive time. Where all places are taken, the connection that
//! waits longest for its client makes way for the next one, so that slow clients cannot shut out the others. Where none
//! waits, since all are worked for, the next one is told to come back.

mod registry;
mod watched;

pub(crate) use registry::Registry;

use crate::config::ConnectionSettings;
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderValue;
use axum::http::header::CONNECTION;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use registry::Place;
use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tower_http::BoxError;
use watched::{AnswerBody, Watched};

/// How long a closed connection is still read, so that the system does not reset it while the client reads its last
/// answer (RFC 9112, section 9.6), and how long an idle one is still answered when the server stops.
const LINGER: Duration = Duration::from_secs(1);

/// Accepts and serves the connections of one server; its listeners share the limit.
#[derive(Debug, Clone)]
pub(crate) struct Connections {
    registry: Arc<Registry>,
    settings: ConnectionSettings,
    stage: watch::Sender<Stage>,
    /// Answers ask their clients to close.
    closes: Arc<AtomicBool>,
    /// For those that are told to come back.
    refusals: Arc<Semaphore>,
}

/// Clients that are told to come back at once: they need descriptors, too. Past them a connection is closed in silence.
const REFUSALS_AT_ONCE: usize = 64;

/// Connections that the system holds for a listener until they are accepted (tokio's own number).
const BACKLOG: usize = 1_024;

/// How far the server has come with stopping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Open,
    /// No connection is accepted any more; idle ones are still answered.
    Refusing,
    /// Connections close after their request under way.
    Closing,
}

impl Connections {
    pub(crate) fn new(settings: &ConnectionSettings, registry: Arc<Registry>) -> Self {
        let (stage, _) = watch::channel(Stage::Open);
        let refusals = Arc::new(Semaphore::new(REFUSALS_AT_ONCE));
        Connections { registry, settings: settings.clone(), stage, closes: Arc::default(), refusals }
    }

    /// Serves what comes to a listener, until [`Connections::refuse`]; done when the listener is closed.
    pub(crate) async fn accept(self, listener: TcpListener, app: Router) {
        let mut stage = self.stage.subscribe();
        loop {
            let accepted = tokio::select! {
                biased;
                _ = stage.wait_for(|stage| *stage >= Stage::Refusing) => break,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => self.begin(stream, peer, &app).await,
                Err(error) => self.after_failure(&error).await,
            }
        }
        // Whoever has connected already is answered; closing the listener would reset them.
        for _ in 0..BACKLOG {
            let Ok(Ok((stream, peer))) = timeout(Duration::ZERO, listener.accept()).await else { break };
            self.begin(stream, peer, &app).await;
        }
    }

    async fn begin(&self, stream: TcpStream, peer: SocketAddr, app: &Router) {
        let Some(place) = self.registry.enter(self.settings.most).await else {
            return self.turn_away(stream);
        };
        // Answers are small: they should not wait to be joined into larger packets.
        let _ = stream.set_nodelay(true);
        let (connections, app) = (self.clone(), app.clone());
        tokio::spawn(async move {
            let closed = Arc::clone(&place);
            tokio::select! {
                () = connections.serve(stream, peer, app, &place) => {}
                () = closed.given_up(&connections.settings) => {}
            }
        });
    }

    /// Tells a client to come back, beside the loop that accepts.
    fn turn_away(&self, mut stream: TcpStream) {
        let Ok(permit) = Arc::clone(&self.refusals).try_acquire_owned() else { return };
        tokio::spawn(async move {
            if let Ok(Ok(())) = timeout(LINGER, stream.write_all(come_back().as_bytes())).await {
                linger(stream).await;
            }
            drop(permit);
        });
    }

    /// One connection from its first byte to its last.
    async fn serve(&self, stream: TcpStream, peer: SocketAddr, app: Router, place: &Arc<Place>) {
        let service =
            service_fn(|request: Request<Incoming>| Box::pin(self.answer(request, peer, app.clone(), place)));
        let io = TokioIo::new(Watched::new(stream, Arc::clone(place)));
        let mut connection = http1::Builder::new().half_close(true).serve_connection(io, service);
        let mut stage = self.stage.subscribe();
        let closing = stage.wait_for(|stage| *stage == Stage::Closing);
        tokio::pin!(closing);
        let mut is_closing = false;
        let ended = loop {
            tokio::select! {
                ended = poll_fn(|context| connection.poll_without_shutdown(context)) => break ended,
                _ = &mut closing, if !is_closing => {
                    is_closing = true;
                    std::pin::Pin::new(&mut connection).graceful_shutdown();
                }
            }
        };
        if ended.is_ok() {
            linger(connection.into_parts().io.into_inner().into_inner()).await;
        }
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
        peer: SocketAddr,
        app: Router,
        place: &Arc<Place>,
    ) -> Result<Response<AnswerBody>, Infallible> {
        let answering = place.begin_request();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let Ok(mut response) = tower::ServiceExt::oneshot(app, request).await;
        if self.closes.load(Ordering::Relaxed) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(response.map(|body| AnswerBody::new(body, answering)))
    }

    /// From now on answers ask their clients to close the connection.
    pub(crate) fn ask_to_close(&self) {
        self.closes.store(true, Ordering::Relaxed);
    }

    /// From now on no connection is accepted.
    pub(crate) fn refuse(&self) {
        self.stage.send_replace(Stage::Refusing);
    }

    /// Answers the open connections a while longer, then closes each as soon as no request is under way on it. Done
    /// when all are closed, or after `most`; true if none was cut off. The listeners MUST be closed already: whoever
    /// learns from a refused connection that the server stops may still send a request on an open one.
    pub(crate) async fn close(&self, most: Duration) -> bool {
        let finished = async {
            let _ = timeout(LINGER, self.registry.emptied()).await;
            self.stage.send_replace(Stage::Closing);
            self.registry.emptied().await;
        };
        timeout(most, finished).await.is_ok()
    }

    /// Descriptors may have run out: one waiting connection makes way, and the loop does not spin.
    async fn after_failure(&self, error: &io::Error) {
        const PAUSE: Duration = Duration::from_millis(50);
        if matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) {
            return;
        }
        tracing::warn!(%error, "a connection cannot be accepted: {error}");
        self.registry.make_way();
        sleep(PAUSE).await;
    }
}

/// The answer where all connections are worked for; the request is not read.
fn come_back() -> String {
    const PROBLEM: &str = r#"{"type":"urn:orgsearch:problem:overloaded","title":"Overloaded","status":503,"code":"overloaded"}"#;
    format!(
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n\
         Content-Type: application/problem+json\r\nContent-Length: {}\r\n\r\n{PROBLEM}",
        PROBLEM.len()
    )
}

/// Tells the client that nothing more comes, and reads what it still sends.
async fn linger(mut stream: TcpStream) {
    let _ = timeout(LINGER, async {
        let mut rest = [0; 1_024];
        stream.shutdown().await?;
        while stream.read(&mut rest).await? > 0 {}
        Ok::<(), io::Error>(())
    })
    .await;
}

/// Errors of an answer's body.
type BodyError = BoxError;
