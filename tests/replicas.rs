//! One writer and its replicas, as real processes over a folder as the store.
//!
//! 1. A replica is red until it serves the first generation, then serves what the writer publishes, and changes nothing.
//! 2. What it serves it serves on without the store, also after a restart; beyond `--max-lag` it says so.
//! 3. A replica that is killed at any instant comes back with a whole generation, never an earlier one.
//! 4. The commands of a store say what is there, what is wrong and what may go.
//! 5. A batch that a server with `--publish` acknowledged is on replicas, whenever it is killed.

use crate::support::cli::{Ran, orgsearch, run, write_file};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A writer's data directory and a folder as the store.
struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        Place { dir: TempDir::new().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn url(&self) -> String {
        format!("file://{}", self.path("store").display())
    }

    fn writer(&self, arguments: &[&str]) -> Ran {
        let data = self.path("writer");
        run(arguments.iter().copied().chain(["--data", data.to_str().unwrap()]))
    }

    /// Builds a generation of so many organizations.
    fn build(&self, orgs: usize) {
        let rows: String = (1..=orgs).map(|id| format!("{id},共青团第{id}中学委员会\n")).collect();
        let tree = write_file(self.dir.path(), "tree.csv", format!("id,name\n{rows}").as_bytes());
        self.writer(&["reindex", "--from", &tree, "--force"]).expect(0);
    }

    fn publish(&self) -> Value {
        let url = self.url();
        self.writer(&["publish", "--to", &url, "--json"]).expect(0).json()["published"][0].clone()
    }

    fn store(&self, arguments: &[&str]) -> Ran {
        let url = self.url();
        run(["store"].iter().chain(arguments).copied().chain(["--at", &url]))
    }

    fn replica(&self, more: &[&str]) -> Server {
        Server::start(&self.path("replica"), &self.url(), more)
    }
}

/// `orgsearch serve --follow`, until it is dropped.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(cache: &Path, url: &str, more: &[&str]) -> Server {
        Self::spawn(&[&["--follow", url, "--data", cache.to_str().unwrap()], more].concat())
    }

    fn spawn(arguments: &[&str]) -> Server {
        let mut command = orgsearch();
        command.args(["serve", "--listen", "127.0.0.1:0", "--refresh-ms", "50", "--drain-notice-ms", "0"]);
        command.args(arguments);
        command.env("ORGSEARCH_ADMIN_KEY", "key").stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").expect("it says where it listens").to_owned();
        Server { child, address }
    }

    /// `orgsearch serve --publish`.
    fn writer(data: &Path, url: &str, more: &[&str]) -> Server {
        Self::spawn(&[&["--publish", url, "--data", data.to_str().unwrap()], more].concat())
    }

    /// Sends a batch of one new organization; gives the answer if there was one.
    fn add(&self, id: &str) -> Option<(u16, Value)> {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let change = json!({"op": "add", "id": id, "name": format!("{id}团支部")});
        let body = json!({"key": id, "changes": [change]}).to_string();
        let asked = agent.post(format!("{}/v1/admin/changes", self.address));
        let mut answer = asked.header("authorization", "Bearer key").send(body).ok()?;
        let body = answer.body_mut().read_to_string().ok()?;
        Some((answer.status().as_u16(), serde_json::from_str(&body).ok()?))
    }

    fn has(&self, id: &str) -> bool {
        self.get(&format!("/v1/orgs/{id}")).0 == 200
    }

    fn get(&self, path: &str) -> (u16, String) {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut answer = agent.get(format!("{}{path}", self.address)).call().unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    }

    fn post(&self, path: &str) -> (u16, Value) {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let asked = agent.post(format!("{}{path}", self.address)).header("authorization", "Bearer key");
        let mut answer = asked.send("id,name\n1,团委\n").unwrap();
        let body = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), serde_json::from_str(&body).unwrap())
    }

    /// A gauge of `/metrics`; 0 if it is not there.
    fn gauge(&self, name: &str) -> f64 {
        let (_, text) = self.get("/metrics");
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.map_or(0.0, |value| value.parse().unwrap())
    }

    #[track_caller]
    fn until(&self, what: &str, is: impl Fn(&Server) -> bool) {
        let began = Instant::now();
        while !is(self) {
            assert!(began.elapsed() < Duration::from_secs(60), "{what}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    #[track_caller]
    fn until_orgs(&self, orgs: usize) {
        let wanted = format!("\"orgs\":{orgs}}}");
        self.until(&format!("{orgs} organizations are served"), |server| {
            let (status, body) = server.get("/readyz");
            status == 200 && body.contains(&wanted)
        });
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_replica_serves_what_the_writer_publishes_and_changes_nothing_itself() {
    let place = Place::new();
    let replica = place.replica(&[]);
    let (status, body) = replica.get("/readyz");
    assert!(status == 503 && body.contains("not_ready"), "{body}");
    assert_eq!(replica.get("/livez").0, 200);

    place.build(3);
    assert_eq!(place.publish()["sequence"], 2);
    replica.until_orgs(3);
    let (_, hits) = replica.get("/v1/search?q=%E7%AC%AC2%E4%B8%AD%E5%AD%A6");
    let hits: Value = serde_json::from_str(&hits).unwrap();
    assert_eq!((hits["hits"][0]["id"].as_str(), hits["generation"].as_str()), (Some("2"), Some("g000001")));

    place.build(5);
    let second = place.publish();
    replica.until_orgs(5);
    replica.until("its metrics say so", |replica| replica.gauge("orgsearch_sequence") == 4.0);
    assert_eq!(second["sequence"], 4);
    assert!(replica.gauge("orgsearch_lag_seconds") < 30.0);
    assert!(replica.gauge("orgsearch_pulled_bytes_total") >= second["size_bytes"].as_f64().unwrap());

    for path in [
        "/v1/admin/reindex",
        "/v1/admin/rollback",
        "/v1/admin/generations/g000001/activate",
        "/v1/admin/generations/prune",
        "/v1/admin/jobs/1/publish",
    ] {
        let (status, problem) = replica.post(path);
        assert_eq!((status, problem["code"].as_str()), (409, Some("following")), "{path}: {problem}");
        assert!(problem["detail"].as_str().unwrap().contains("file:///"), "{problem}");
    }
    replica.until_orgs(5);
}

#[test]
fn without_its_store_a_replica_serves_on_and_tells_when_that_is_too_long() {
    let place = Place::new();
    place.build(3);
    place.publish();
    place.replica(&[]).until_orgs(3);
    fs::rename(place.path("store"), place.path("away")).unwrap();

    let patient = place.replica(&[]);
    patient.until_orgs(3);
    patient.until("the lag grows", |server| server.gauge("orgsearch_lag_seconds") > 1.0);
    patient.until_orgs(3);
    drop(patient);

    let strict = place.replica(&["--max-lag", "1"]);
    strict.until("it is red", |server| {
        let (status, body) = server.get("/readyz");
        status == 503 && body.contains("\"code\":\"lagging\"")
    });
    assert_eq!(strict.get("/v1/search?q=%E4%B8%AD%E5%AD%A6").0, 200, "whoever asks is answered all the same");
    fs::rename(place.path("away"), place.path("store")).unwrap();
    strict.until_orgs(3);
}

#[test]
fn a_replica_that_is_killed_at_any_instant_comes_back_whole_and_no_earlier() {
    let place = Place::new();
    let mut served = 0;
    for round in 1..=6u64 {
        let orgs = 40 * round as usize;
        place.build(orgs);
        place.publish();
        for kill in 0..3u64 {
            let replica = place.replica(&[]);
            std::thread::sleep(Duration::from_millis((round * 37 + kill * 53) % 240));
            drop(replica);
            let status =
                run(["status", "--verify", "--json", "--data", place.path("replica").to_str().unwrap()]);
            if status.code == Some(0) {
                let status = status.json();
                let live = status["generations"].as_array().unwrap().iter().find(|one| one["live"] == true);
                let orgs = live.unwrap()["orgs"].as_u64().unwrap();
                assert!(orgs >= served, "it went back from {served} to {orgs}");
                served = orgs;
            } else {
                assert_eq!(served, 0, "what was served is gone: {status:?}");
            }
        }
        place.replica(&[]).until_orgs(orgs);
        served = orgs as u64;
    }
}

#[test]
fn the_commands_of_a_store_say_what_is_there_what_is_wrong_and_what_may_go() {
    let place = Place::new();
    let url = place.url();
    place.writer(&["publish", "--to", &url]).expect(3).complains(&["holds no generation", "reindex"]);
    place.store(&["status"]).expect(0).shows(&["nothing was ever published"]);
    for (to, fault) in [("http://x", "s3://"), ("s3://", "no bucket"), ("s3://k:s@b", "environment")] {
        place.writer(&["publish", "--to", to]).expect(2).complains(&[fault]);
    }
    for orgs in 1..=4 {
        place.build(orgs);
        place.publish();
    }
    let again = place.publish();
    assert_eq!((&again["is_new"], &again["files_uploaded"]), (&false.into(), &0.into()));
    place.writer(&["publish", "--to", &url, "--also-format", "99"]).expect(3).complains(&["of format 99"]);

    let status = place.store(&["status", "--json"]).expect(0).json();
    let format = &status["formats"][0];
    assert_eq!((&format["sequence"], &format["epoch"]), (&8.into(), &4.into()));
    assert_eq!(format["generations"][0]["generation"], "g000004");
    assert!(place.store(&["status"]).expect(0).stdout.contains("g000004"));

    let pruned = place.store(&["prune", "--keep", "1", "--json"]).expect(0).json();
    assert_eq!(
        (pruned["generations"].as_array().unwrap().len(), &pruned["files"]),
        (3, &0.into()),
        "{pruned}"
    );
    place.store(&["verify"]).expect(0).shows(&["intact: entries: 8"]);

    // The largest file is cut; publishing again mends it.
    let largest = fs::read_dir(place.path("store/files")).unwrap().map(|file| file.unwrap().path());
    let live: Value = place.store(&["status", "--json"]).expect(0).json();
    assert_eq!(live["formats"][0]["generations"].as_array().unwrap().len(), 1);
    for path in largest {
        fs::write(path, "cut").unwrap();
    }
    place.store(&["verify", "--json"]).expect(3).complains(&["has other bytes", "publish"]);
    place.publish();
    place.store(&["verify"]).expect(0);
}

#[test]
fn a_data_directory_of_its_own_is_not_overwritten_by_a_store() {
    let place = Place::new();
    place.build(2);
    place.publish();
    let (data, url) = (place.path("writer"), place.url());
    run(["serve", "--follow", &url, "--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0"])
        .expect(3)
        .complains(&["holds generations that", "a data directory of its own"]);
}

#[test]
fn a_batch_is_acknowledged_once_the_store_has_it_and_is_found_on_replicas() {
    let place = Place::new();
    place.build(3);
    let writer = Server::writer(&place.path("writer"), &place.url(), &[]);
    let replica = place.replica(&[]);
    // The server publishes by itself what was built beside it, and what is built later.
    replica.until_orgs(3);
    let (status, answer) = writer.add("a1").unwrap();
    assert_eq!(
        (status, answer["ack"].as_str(), answer["sequence"].as_u64()),
        (200, Some("store"), Some(1)),
        "{answer}"
    );
    replica.until("the replica has the batch", |replica| replica.has("a1"));
    assert_eq!(writer.add("a1").unwrap().1, answer, "the same key again");
    assert_eq!(replica.gauge("orgsearch_last_batch"), 1.0);
    assert_eq!(replica.gauge("orgsearch_sequence"), writer.gauge("orgsearch_sequence"));
    assert!(writer.gauge("orgsearch_epoch") == 1.0 && writer.gauge("orgsearch_lag_seconds") < 30.0);
    let status = place.store(&["status", "--json"]).expect(0).json()["formats"][0].clone();
    assert_eq!((status["batches"].as_u64(), status["last_batch"].as_u64()), (Some(1), Some(1)));

    let changes =
        write_file(&place.path("writer"), "changes.csv", "op,id,name\nadd,a2,第二团支部\n".as_bytes());
    place.writer(&["change", "--from", &changes]).expect(0);
    place.writer(&["compact"]).expect(0);
    assert_eq!(writer.add("a3").unwrap().0, 200);
    for id in ["a1", "a2", "a3"] {
        replica.until("the replica has it all", |replica| replica.has(id));
    }
    replica.until("in the new generation", |replica| replica.get("/readyz").1.contains("g000002"));

    // Another writer ends the first one's part.
    let second = Server::writer(&place.path("writer"), &place.url(), &[]);
    second.until("it has claimed an epoch", |second| second.gauge("orgsearch_epoch") == 2.0);
    let (status, answer) = writer.add("a4").unwrap();
    assert_eq!((status, answer["code"].as_str()), (409, Some("taken_over")), "{answer}");
    writer.until("its metrics say so", |writer| writer.gauge("orgsearch_taken_over") == 1.0);
    assert!(writer.has("1") && !writer.has("a4"), "it goes on answering");
    assert_eq!(second.add("a4").unwrap().0, 200);
    replica.until("the replica has the batch of the second writer", |replica| replica.has("a4"));
}

#[test]
fn what_a_disk_has_acknowledged_goes_into_the_store_a_moment_later() {
    let place = Place::new();
    place.build(3);
    let writer = Server::writer(&place.path("writer"), &place.url(), &["--ack", "local"]);
    let replica = place.replica(&[]);
    let (_, answer) = writer.add("a1").unwrap();
    assert_eq!(answer["ack"], "local", "{answer}");
    replica.until("the replica has the batch", |replica| replica.has("a1"));
}

#[test]
fn a_writer_that_is_killed_at_any_instant_loses_no_batch_that_it_acknowledged() {
    let place = Place::new();
    place.build(300);
    let replica = place.replica(&[]);
    let mut acknowledged: Vec<String> = Vec::new();
    for round in 0..6u64 {
        let writer = Server::writer(&place.path("writer"), &place.url(), &[]);
        std::thread::scope(|scope| {
            let adding = scope.spawn(|| {
                let ids = (0..40).map(|number| format!("r{round}n{number}"));
                // Until it is killed.
                ids.map_while(|id| writer.add(&id).map(|answer| (id, answer.0))).collect::<Vec<_>>()
            });
            std::thread::sleep(Duration::from_millis(150 + 90 * round));
            // SIGKILL, by the system's own command: the server is borrowed.
            std::process::Command::new("kill").args(["-9", &writer.child.id().to_string()]).status().unwrap();
            let answered = adding.join().unwrap();
            acknowledged.extend(answered.into_iter().filter(|(_, status)| *status == 200).map(|(id, _)| id));
        });
    }
    assert!(acknowledged.len() > 10, "{}", acknowledged.len());
    let writer = Server::writer(&place.path("writer"), &place.url(), &[]);
    assert_eq!(writer.add("last").unwrap().0, 200);
    replica.until("the replica has the last batch", |replica| replica.has("last"));
    for id in &acknowledged {
        assert!(writer.has(id) && replica.has(id), "{id} is lost");
    }
    place.store(&["verify"]).expect(0);
}
