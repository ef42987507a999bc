//! Compaction by itself: a real child process builds a generation while the server answers.
//!
//! 1. Past the size that is set the server starts it, serves what it built, and tells of it as of any job.
//! 2. A batch that comes while it builds is not lost, and its key is known afterwards.
//! 3. A child that is killed leaves everything as it was, and its job says so; the next one makes up for it.
//! 4. A server that stops stops the child too.
//! 5. A batch that changes too much to be searched beside a generation is answered at once, and built in.

use crate::support::cli::binary;
use crate::support::server::{Answer, TestServer};
use search_server::{BindSettings, BuildingSettings, Priority, ServeSettings};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const TREE: &str = "id,name,parent_id\n\
    1,中国共产主义青年团北京大学委员会,\n\
    2,中国共产主义青年团北京大学法学院委员会,1\n\
    3,2024级1班团支部,2\n\
    4,2024级2班团支部,2\n";

fn compacting_at(compact_at: usize) -> ServeSettings {
    let program = Some(binary().to_owned());
    ServeSettings {
        building: BuildingSettings { compact_at, program, priority: Priority::Low },
        // What waits for the child waits no longer than this.
        bind: BindSettings { drain_timeout: Duration::from_secs(30), ..BindSettings::default() },
        ..ServeSettings::default()
    }
}

fn send_rename(server: &TestServer, key: &str, id: &str, name: &str) -> Answer {
    let changes = json!([{"op": "rename", "id": id, "name": name}]);
    let body = json!({"key": key, "changes": changes}).to_string();
    server.admin_post("/v1/admin/changes", "application/json", body.as_bytes())
}

fn rename(server: &TestServer, key: &str, id: &str, name: &str) -> Value {
    let answer = send_rename(server, key, id, name);
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

fn name_of(server: &TestServer, id: &str) -> Value {
    server.get(&format!("/v1/orgs/{id}")).json()["name"].clone()
}

/// The job that was started last, if there is one.
fn last_job(server: &TestServer) -> Option<Value> {
    server.admin_get("/v1/admin/jobs").json()["jobs"].as_array().and_then(|jobs| jobs.first().cloned())
}

fn wait_for_compaction(server: &TestServer) -> Value {
    let id = wait_until(|| last_job(server).map(|job| job["id"].as_str().unwrap().to_owned()));
    server.wait_for_job(&format!("/v1/admin/jobs/{id}"))
}

/// Looks again and again, however long that takes.
fn wait_until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    loop {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Holds the lock of the log: whoever publishes or changes waits for it.
#[cfg(target_os = "linux")]
fn lock_changes(data: &Path) -> std::fs::File {
    let lock = std::fs::File::options().create(true).append(true).open(data.join("changes.lock")).unwrap();
    lock.lock().unwrap();
    lock
}

/// The process that compacts this directory.
#[cfg(target_os = "linux")]
fn child_over(data: &Path) -> Option<rustix::process::Pid> {
    let processes =
        std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let pids = processes.filter_map(|name| name.parse::<i32>().ok());
    let is_ours = |pid: &i32| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let arguments: Vec<&[u8]> = line.split(|&byte| byte == 0).collect();
        arguments.contains(&&b"--supervised"[..]) && arguments.contains(&data.as_os_str().as_encoded_bytes())
    };
    pids.into_iter().find(is_ours).and_then(rustix::process::Pid::from_raw)
}

#[test]
fn past_its_size_a_server_compacts_by_itself() {
    let server = TestServer::on_disk_with(TREE, compacting_at(2));
    let first = rename(&server, "a", "3", "2024级一班团支部");
    assert_eq!(last_job(&server), None, "not enough is changed");
    rename(&server, "b", "4", "2024级二班团支部");
    let job = wait_for_compaction(&server);
    assert_eq!((&job["kind"], &job["state"]), (&json!("compaction"), &json!("done")), "{job}");
    assert_eq!((&job["generation"], &job["source"]), (&json!("g000002"), &Value::Null));
    assert_eq!(server.get("/v1/orgs/2/children").json()["generation"], "g000002");
    assert_eq!(
        (name_of(&server, "3"), name_of(&server, "4")),
        (json!("2024级一班团支部"), json!("2024级二班团支部"))
    );
    assert_eq!(rename(&server, "a", "3", "2024级一班团支部"), first, "the same key, the same answer");
    let metrics = server.admin_get("/metrics").body;
    for line in ["orgsearch_compactions_total{state=\"done\"} 1", "orgsearch_changed_orgs 0"] {
        assert!(metrics.contains(line), "no {line} in {metrics}");
    }
    let id = job["id"].as_str().unwrap();
    let events = server.admin_get(&format!("/v1/admin/jobs/{id}/events")).json();
    let steps: Vec<&Value> =
        events["events"].as_array().unwrap().iter().map(|event| &event["step"]).collect();
    assert!(steps.contains(&&json!("document")), "{events}");
}

/// A server with one changed organization whose child has built `g000002` and is held before it publishes.
#[cfg(target_os = "linux")]
fn held_before_publishing() -> (TestServer, rustix::process::Pid) {
    let server = TestServer::on_disk(TREE);
    rename(&server, "a", "3", "2024级一班团支部");
    let data = server.data_dir().to_owned();
    let lock = lock_changes(&data);
    let server = server.restart(compacting_at(1));
    wait_until(|| data.join("generations/g000002").exists().then_some(()));
    let child = child_over(&data).unwrap();
    rustix::process::kill_process(child, rustix::process::Signal::STOP).unwrap();
    drop(lock);
    (server, child)
}

#[cfg(target_os = "linux")]
#[test]
fn a_batch_that_comes_meanwhile_is_carried_on() {
    let (server, child) = held_before_publishing();
    let name = "中国共产主义青年团北京大学知识产权学院委员会";
    let answered = rename(&server, "b", "2", name);
    assert_eq!((&answered["generation"], name_of(&server, "2")), (&json!("g000001-2"), json!(name)));
    rustix::process::kill_process(child, rustix::process::Signal::CONT).unwrap();
    let job = wait_for_compaction(&server);
    assert_eq!((&job["state"], &job["generation"]), (&json!("done"), &json!("g000002")), "{job}");
    assert_eq!((name_of(&server, "2"), name_of(&server, "3")), (json!(name), json!("2024级一班团支部")));
    assert_eq!(rename(&server, "b", "2", name), answered, "its key is known");
    let server = server.restart(ServeSettings::default());
    assert_eq!((name_of(&server, "2"), name_of(&server, "3")), (json!(name), json!("2024级一班团支部")));
    assert_eq!(rename(&server, "b", "2", name), answered);
}

#[cfg(target_os = "linux")]
#[test]
fn a_child_that_is_killed_leaves_everything_as_it_was() {
    let (server, child) = held_before_publishing();
    rustix::process::kill_process(child, rustix::process::Signal::KILL).unwrap();
    let job = wait_for_compaction(&server);
    assert_eq!((&job["state"], &job["error"]["code"]), (&json!("failed"), &json!("child_process")), "{job}");
    assert!(job["error"]["message"].as_str().unwrap().contains("signal: 9"), "{job}");
    assert!(server.admin_get("/metrics").body.contains("orgsearch_compactions_total{state=\"failed\"} 1"));
    assert_eq!(server.get("/v1/orgs/2/children").json()["generation"], "g000001-1");
    assert_eq!(rename(&server, "b", "4", "2024级二班团支部")["generation"], "g000001-2", "the log is free");

    // A server that begins anew does not wait out the pause.
    let server = server.restart(compacting_at(2));
    let is_over = || last_job(&server).filter(|job| job["state"] == "done");
    let job = wait_until(is_over);
    assert_ne!(job["generation"], "g000001", "{job}");
    let names = (name_of(&server, "3"), name_of(&server, "4"));
    assert_eq!(names, (json!("2024级一班团支部"), json!("2024级二班团支部")));
    assert!(!server.data_dir().join("generations/.building").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_that_stops_stops_the_child() {
    let (server, child) = held_before_publishing();
    let data = server.data_dir().to_owned();
    let lock = lock_changes(&data);
    rustix::process::kill_process(child, rustix::process::Signal::CONT).unwrap();
    // It waits for the lock, so that it does not notice by itself that it should stop.
    let server = server.restart(ServeSettings::default());
    assert!(child_over(&data).is_none(), "nobody is left behind");
    drop(lock);
    let job = last_job(&server).unwrap();
    assert_eq!(job["state"], "cancelled", "{job}");
    assert_eq!(server.get("/v1/orgs/2/children").json()["generation"], "g000001-1");
}

/// A tree with a unit `u` that has too much below it to be changed beside a generation.
#[cfg(unix)]
fn large_unit() -> String {
    let rows: String = (0..50_000).map(|at| format!("{at},{at}班,u\n")).collect();
    format!("id,name,parent_id\nr,北京大学团委,\nu,法学院团委,r\ns,商学院团委,r\n{rows}")
}

#[cfg(unix)]
#[test]
fn a_large_batch_that_comes_again_does_not_hurry_a_build_that_failed() {
    let failing = Some("/bin/false".into());
    let building = BuildingSettings { compact_at: 0, program: failing, priority: Priority::Low };
    let server =
        TestServer::on_disk_with(&large_unit(), ServeSettings { building, ..ServeSettings::default() });
    let taken = send_rename(&server, "large", "u", "法律学院团委");
    assert_eq!(taken.status, 202, "{}", taken.body);
    let job = server.wait_for_job(&taken.header("location"));
    assert_eq!(job["error"]["code"], "child_process", "{job}");
    for _ in 0..3 {
        let again = send_rename(&server, "large", "u", "法律学院团委");
        assert_eq!((again.status, &again.json()["job"]), (202, &Value::Null));
    }
    assert_eq!(last_job(&server).unwrap()["id"], job["id"], "no other build began");
}

#[cfg(target_os = "linux")]
#[test]
fn a_large_batch_is_answered_when_it_is_on_the_disk_and_searched_when_it_is_built() {
    let server = TestServer::on_disk_with(&large_unit(), compacting_at(0));
    let data = server.data_dir().to_owned();
    let send = |key: &str, id: &str, name: &str| send_rename(&server, key, id, name);
    let taken = send("large", "u", "法律学院团委");
    assert_eq!(taken.status, 202, "{}", taken.body);
    let (job, answer) = (taken.header("location"), taken.json());
    assert_eq!((&answer["queued"], &answer["sequence"]), (&json!(1), &json!(1)));
    assert!(job.ends_with(answer["job"].as_str().unwrap()), "{job}");
    let child = wait_until(|| child_over(&data));
    rustix::process::kill_process(child, rustix::process::Signal::STOP).unwrap();

    assert_eq!(name_of(&server, "u"), "法学院团委");
    let waits = send("small", "s", "工商学院团委");
    assert_eq!((waits.status, waits.header("retry-after").as_str()), (503, "10"), "{}", waits.body);
    assert_eq!(waits.json()["code"], "changes_queued");
    assert_eq!(send("large", "u", "法律学院团委").status, 202);
    let other = send("large", "u", "法学系团委");
    assert_eq!((other.status, &other.json()["code"]), (409, &json!("key_reused")));

    rustix::process::kill_process(child, rustix::process::Signal::CONT).unwrap();
    let done = server.wait_for_job(&job);
    assert_eq!((&done["state"], &done["generation"]), (&json!("done"), &json!("g000002")), "{done}");
    assert_eq!(name_of(&server, "u"), "法律学院团委");
    let built = send("large", "u", "法律学院团委");
    let expected = json!({"key": "large", "applied": 1, "generation": "g000002", "sequence": 1});
    assert_eq!((built.status, built.json()), (200, expected));
    assert_eq!(send("small", "s", "工商学院团委").status, 200);
    assert_eq!(server.get("/v1/orgs/7").json()["path"][1]["name"], "法律学院团委");
}
