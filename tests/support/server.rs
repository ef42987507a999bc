//! A server on a real socket, and a plain client for it.

use index_data::load::{ColumnMap, Format, Source};
use index_data::model::OrgTree;
use index_data::validate::validate;
use search_core::Engine;
use search_server::{AdminKey, AdminSettings, BindSettings, IndexSettings, ServeSettings, Server};
use serde_json::Value;
use std::io::{Cursor, Write};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::oneshot;

/// The admin key of every test server.
pub(crate) const ADMIN_KEY: &str = "open sesame";

/// A server in this process, on a port of its own, until it is dropped.
pub(crate) struct TestServer {
    address: String,
    admin_address: Option<std::net::SocketAddr>,
    agent: ureq::Agent,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    data: Option<TempDir>,
}

impl TestServer {
    /// Serves the organizations of a CSV text from memory.
    pub(crate) fn in_memory(csv: &str) -> Self {
        Self::in_memory_with(csv, ServeSettings::default())
    }

    /// [`Self::in_memory`] with settings; address and key are set here.
    pub(crate) fn in_memory_with(csv: &str, settings: ServeSettings) -> Self {
        Self::start(settings, Engine::in_memory(tree(csv)).unwrap(), None).when_ready()
    }

    /// [`Self::in_memory`] without an admin key.
    pub(crate) fn without_admin_key(csv: &str) -> Self {
        Self::start_with_key(ServeSettings::default(), Engine::in_memory(tree(csv)).unwrap(), None, None)
    }

    /// Serves a data directory that holds the organizations of a CSV text as its first generation.
    pub(crate) fn on_disk(csv: &str) -> Self {
        let (engine, data) = empty_dir();
        engine.reindex(rows(csv), |_| {}).unwrap();
        Self::start(ServeSettings::default(), engine, Some(data)).when_ready()
    }

    /// [`Self::on_disk`] with settings.
    pub(crate) fn on_disk_with(csv: &str, settings: ServeSettings) -> Self {
        let (engine, data) = empty_dir();
        engine.reindex(rows(csv), |_| {}).unwrap();
        Self::start(settings, engine, Some(data)).when_ready()
    }

    /// Serves an empty data directory.
    pub(crate) fn empty(settings: ServeSettings) -> Self {
        let (engine, data) = empty_dir();
        Self::start(settings, engine, Some(data))
    }

    fn start(settings: ServeSettings, engine: Engine, data: Option<TempDir>) -> Self {
        Self::start_with_key(settings, engine, data, AdminKey::new(ADMIN_KEY))
    }

    fn start_with_key(
        mut settings: ServeSettings,
        engine: Engine,
        data: Option<TempDir>,
        key: Option<AdminKey>,
    ) -> Self {
        settings.bind = BindSettings { listen: "127.0.0.1:0".to_owned(), ..settings.bind };
        settings.admin = AdminSettings { key };
        let data_dir = data.as_ref().map(|data| data.path().to_owned());
        settings.index = IndexSettings { data_dir, ..settings.index };

        let (stop, stopped) = oneshot::channel();
        let (bound, address) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async {
                let server = Server::bind(settings, Arc::new(engine)).await.unwrap();
                bound.send((server.address(), server.admin_address())).unwrap();
                let stopped = async {
                    let _ = stopped.await;
                };
                server.run(stopped).await.unwrap();
            });
        });
        let (address, admin_address) = address.recv().expect("the server did not start");
        let address = format!("http://{address}");
        TestServer { address, admin_address, agent: agent(), stop: Some(stop), thread: Some(thread), data }
    }

    /// Waits until `/readyz` is green.
    fn when_ready(self) -> Self {
        while self.get("/readyz").status != 200 {
            std::thread::yield_now();
        }
        self
    }

    /// Host and port, as a URL.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Host and port of the admin routes, if they have their own.
    pub(crate) fn admin_address(&self) -> Option<std::net::SocketAddr> {
        self.admin_address
    }

    /// The data directory.
    pub(crate) fn data_dir(&self) -> &std::path::Path {
        self.data.as_ref().expect("an engine in memory has no directory").path()
    }

    /// `GET` of a path with its query.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None)
    }

    /// `GET` with the admin key.
    pub(crate) fn admin_get(&self, path: &str) -> Answer {
        self.send("GET", path, &[("authorization", &format!("Bearer {ADMIN_KEY}"))], None)
    }

    /// `POST` with the admin key.
    pub(crate) fn admin_post(&self, path: &str, content_type: &str, body: &[u8]) -> Answer {
        let key = format!("Bearer {ADMIN_KEY}");
        self.send("POST", path, &[("authorization", &key), ("content-type", content_type)], Some(body))
    }

    /// `DELETE` with the admin key.
    pub(crate) fn admin_delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[("authorization", &format!("Bearer {ADMIN_KEY}"))], None)
    }

    /// Sends the head of an upload of `bytes` bytes and its beginning; the caller sends the rest, or does not.
    pub(crate) fn begin_upload_without_waiting(&self, bytes: usize, beginning: &[u8]) -> std::net::TcpStream {
        let mut stream = std::net::TcpStream::connect(self.address.trim_start_matches("http://")).unwrap();
        let head = format!(
            "POST /v1/admin/reindex HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {ADMIN_KEY}\r\n\
             content-type: text/csv\r\ncontent-length: {bytes}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(beginning).unwrap();
        stream
    }

    /// [`Self::begin_upload_without_waiting`], and waits until the server has begun to keep the file.
    pub(crate) fn begin_upload(&self, bytes: usize, beginning: &[u8]) -> std::net::TcpStream {
        let stream = self.begin_upload_without_waiting(bytes, beginning);
        let uploads = self.data_dir().join("uploads");
        while std::fs::read_dir(&uploads).map_or(0, Iterator::count) == 0 {
            std::thread::yield_now();
        }
        stream
    }

    /// Any request.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Answer {
        self.try_send(method, path, headers, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// Any request, for servers that may be gone.
    pub(crate) fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Answer, ureq::Error> {
        let mut request =
            ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = match body {
            Some(body) => self.agent.run(request.body(body)?)?,
            None => self.agent.run(request.body(())?)?,
        };
        Answer::read(response)
    }

    /// Uploads a file and waits for its job to end; the job's last status. It is published whatever the gate says, which
    /// has tests of its own.
    pub(crate) fn reindex(&self, query: &str, content_type: &str, body: &[u8]) -> Value {
        let query = if query.is_empty() { "?force=true".to_owned() } else { format!("{query}&force=true") };
        self.reindex_as_asked(&query, content_type, body)
    }

    /// The same with the gate.
    pub(crate) fn reindex_as_asked(&self, query: &str, content_type: &str, body: &[u8]) -> Value {
        let accepted = self.admin_post(&format!("/v1/admin/reindex{query}"), content_type, body);
        assert_eq!(accepted.status, 202, "{}", accepted.body);
        self.wait_for_job(&accepted.header("location"))
    }

    /// Looks at a job until it has ended, however long that takes.
    pub(crate) fn wait_for_job(&self, location: &str) -> Value {
        loop {
            let job = self.admin_get(location).json();
            if job["state"] != "queued" && job["state"] != "running" {
                return job;
            }
            std::thread::yield_now();
        }
    }

    /// Stops, and starts again on the same data directory.
    pub(crate) fn restart(mut self, settings: ServeSettings) -> Self {
        self.ask_to_stop();
        self.thread.take().unwrap().join().unwrap();
        let data = self.data.take().expect("an engine in memory has no directory");
        let engine = Engine::open_or_empty(data.path()).unwrap();
        Self::start(settings, engine, Some(data)).when_ready()
    }

    /// Asks the server to stop, and returns at once.
    pub(crate) fn ask_to_stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }

    /// Waits until the server has stopped.
    pub(crate) fn join(mut self) {
        self.ask_to_stop();
        self.thread.take().unwrap().join().unwrap();
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.ask_to_stop();
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: ureq::http::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    fn read(mut response: ureq::http::Response<ureq::Body>) -> Result<Self, ureq::Error> {
        let body = response.body_mut().read_to_string()?;
        Ok(Answer { status: response.status().as_u16(), headers: response.headers().clone(), body })
    }

    /// A header, all its lines; empty if it is missing.
    pub(crate) fn header(&self, name: &str) -> String {
        let lines: Vec<&str> =
            self.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect();
        lines.join(", ")
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The ids of the hits.
    pub(crate) fn ids(&self) -> Vec<String> {
        let json = self.json();
        let hits = json["hits"].as_array().unwrap_or_else(|| panic!("no hits: {json}"));
        hits.iter().map(|hit| hit["id"].as_str().unwrap().to_owned()).collect()
    }
}

/// A path with query parameters, escaped.
pub(crate) fn url(path: &str, parameters: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    format!("{path}?{}", pairs.join("&"))
}

/// Every byte but letters and digits as `%XX`.
pub(crate) fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
    config.timeout_global(Some(Duration::from_secs(30))).build().into()
}

fn empty_dir() -> (Engine, TempDir) {
    let data = TempDir::new().unwrap();
    (Engine::open_or_empty(data.path()).unwrap(), data)
}

fn rows(csv: &str) -> Source {
    Source::from_reader(Cursor::new(csv.to_owned()), Format::Csv, "test.csv", &ColumnMap::default()).unwrap()
}

/// The organizations of a CSV text.
pub(crate) fn tree(csv: &str) -> OrgTree {
    let validated = validate(rows(csv)).unwrap();
    validated.tree.unwrap_or_else(|| panic!("{:?}", validated.report))
}
