//! Replacing the tree as admins do it, from the command line and over HTTP:
//!
//! 1. Both give the same difference, as JSON and as CSV.
//! 2. One row against a full tree is refused, and the refusal says why; every limit is a setting.
//! 3. A file of golden queries that is none is refused.
//! 4. A refused job can be published without sending its file again, by force only.
//! 5. Jobs are remembered over restarts; one whose server was killed has failed.
//! 6. Events are fetched as they happen, one for each step at least.
//! 7. Generations are inspected, verified, activated under load, and pruned.

use crate::cli::Data;
use crate::support::server::{ADMIN_KEY, TestServer};
use crate::support::trees::{csv_of, orderly};
use index_data::generate::{GenerateOptions, Scope, generate};
use search_server::{GateSettings, LimitSettings, ServeSettings};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

fn national(orgs: u64) -> GenerateOptions {
    GenerateOptions { orgs, seed: 7, scope: Scope::National }
}

#[test]
fn command_line_and_server_give_the_same_difference() {
    let options = national(2_000);
    let before: Vec<_> = generate(&options).collect();
    let mut after: Vec<_> = generate(&options).after_the_summer().collect();
    after[40].aliases.push("又名".to_owned());
    after[41].name.push_str("（新）");
    after[42].status = "已撤销".to_owned();
    let data = Data::empty();
    data.reindex(&csv_of(&before));
    let changed = data.file("after.csv", csv_of(&after));
    let list = data.beside("difference.csv");
    let ran =
        data.run(&["reindex", "--dry-run", "--json", "--from", &changed, "--difference", &list]).expect(0);
    let listed = fs::read_to_string(&list).unwrap();

    let server = TestServer::on_disk(&csv_of(&before));
    let job = server.reindex_as_asked("?dry_run=true", "text/csv", csv_of(&after).as_bytes());
    assert_eq!((&job["state"], &job["difference_csv"]), (&json!("done"), &json!(true)), "{job}");
    assert_eq!(job["difference"], ran.json()["difference"]);
    assert_eq!(job["gate"], ran.json()["gate"]);
    let address = format!("/v1/admin/jobs/{}/difference", job["id"].as_str().unwrap());
    let answer = server.admin_get(&address);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(answer.body.trim_start_matches('\u{feff}'), listed.trim_start_matches('\u{feff}'));
    let total: u64 = ["added", "removed", "renamed", "moved", "status", "aliases"]
        .iter()
        .map(|kind| job["difference"][kind].as_u64().unwrap())
        .sum();
    let kinds: usize =
        listed.lines().skip(1).map(|line| line.split(',').next().unwrap().split(' ').count()).sum();
    assert_eq!((kinds as u64, total > 500), (total, true));
    // A reindex tells what its rehearsal did, and packed is the same list.
    let packed = data.beside("difference.csv.gz");
    let ran = data.run(&["reindex", "--json", "--from", &changed, "--difference", &packed]).expect(0);
    assert_eq!(ran.json()["difference"], job["difference"]);
    let mut unpacked = String::new();
    let file = fs::File::open(&packed).unwrap();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(file), &mut unpacked).unwrap();
    assert_eq!(unpacked, listed);
    // Without the key nobody reads it; without a list the answer says so.
    assert_eq!(server.get(&address).status, 401);
    let bad = server.reindex_as_asked("", "text/csv", b"id,name\n1,a\n1,b\n");
    let none = server.admin_get(&format!("/v1/admin/jobs/{}/difference", bad["id"].as_str().unwrap()));
    assert_eq!((none.status, none.json()["code"].as_str()), (404, Some("no_difference")));
}

#[test]
fn the_command_line_refuses_one_row_and_says_why() {
    let data = Data::empty();
    data.reindex(&csv_of(&orderly()));
    let one = data.file("one.csv", "id,name\nr,根团委\n");
    let list = data.beside("lost.csv");
    data.run(&["reindex", "--from", &one, "--difference", &list]).expect(1).shows(&[
        "221 organizations live, 1 in the file",
        "leaves_lost: 200 of 200 organizations without children are gone; 80 (40 %) are allowed",
        "units_lost_with_active: 20 of 21 organizations are gone although some below them are in use; 0 are allowed",
        "第0学院团委 [u0], 10 in use below it",
        "the gate refuses the file: nothing was changed; --force",
    ]);
    assert_eq!(fs::read_to_string(&list).unwrap().lines().count(), 221);
    data.run(&["search", "第3学院"]).expect(0).shows(&["第3学院团委"]);
    // Every limit is a setting.
    let all = ["units-lost=100", "leaves-lost=100", "units-lost-with-active=20"]
        .map(|limit| format!("--gate-{limit}"));
    let mut arguments = vec!["reindex", "--dry-run", "--from", &one];
    arguments.extend(all.iter().map(String::as_str));
    data.run(&arguments).expect(0).shows(&["gate: passed"]);
    data.run(&["reindex", "--from", &one, "--gate-moved", "101"]).expect(2);
    data.run(&["reindex", "--from", &one, "--force"])
        .expect(0)
        .shows(&["gate: tripped, and forced", "live: "]);
    data.run(&["generations", "list"]).expect(0).shows(&["forced: units_lost, leaves_lost"]);
}

#[test]
fn hostile_golden_files_are_refused_by_command_line_and_server() {
    let data = Data::empty();
    let tree = data.file("tree.csv", "id,name\n1,甲团委\n");
    let many = "甲\n".repeat(10_001);
    for (name, content, says) in [
        ("empty.tsv", Vec::new(), "holds no query"),
        ("bytes.tsv", b"a\n\xff\xfe".to_vec(), "line 2: not UTF-8"),
        ("large.tsv", vec![b'a'; (1 << 20) + 1], "more than 1024 KiB"),
        ("many.tsv", many.into_bytes(), "more than 10000 queries"),
        ("long.tsv", "团".repeat(201).into_bytes(), "line 1: the query has 201 characters"),
    ] {
        let golden = data.file(name, content);
        data.run(&["reindex", "--from", &tree, "--golden", &golden]).expect(1).complains(&[name, says]);
        let settings = GateSettings { golden: Some(PathBuf::from(&golden)), ..GateSettings::default() };
        let server = TestServer::empty(ServeSettings { gate: settings, ..ServeSettings::default() });
        let job = server.reindex_as_asked("", "text/csv", b"id,name\n1,a\n");
        assert_eq!(
            (&job["state"], &job["error"]["code"]),
            (&json!("failed"), &json!("golden_queries")),
            "{job}"
        );
        assert!(job["error"]["message"].as_str().unwrap().contains(says), "{job}");
    }
    data.run(&["reindex", "--from", &tree, "--golden", "/dev/zero"])
        .expect(4)
        .complains(&["no regular file"]);
    assert!(!Path::new(&data.path()).exists(), "nothing was begun");
}

// 4. Jobs that are refused

#[test]
fn a_refused_job_is_published_by_force_only_and_without_its_file_being_sent_again() {
    let server = TestServer::on_disk(&csv_of(&orderly()));
    let job = server.reindex_as_asked("", "text/csv", "id,name\nr,根团委\n".as_bytes());
    assert_eq!((&job["state"], &job["gate"]["outcome"]), (&json!("refused"), &json!("refused")), "{job}");
    assert_eq!((&job["error"], &job["generation"]), (&Value::Null, &Value::Null));
    assert_eq!(server.get("/v1/orgs/u3").status, 200, "nothing was changed");
    let id = job["id"].as_str().unwrap();
    let publish = |id: &str, query: &str| {
        server.admin_post(&format!("/v1/admin/jobs/{id}/publish{query}"), "application/json", b"")
    };
    for _ in 0..2 {
        let refused = publish(id, "");
        assert_eq!((refused.status, refused.json()["code"].as_str()), (409, Some("gate_refused")));
        assert_eq!(refused.json()["report"]["gate"], job["gate"]);
    }
    assert_eq!(publish("nobody", "?force=true").status, 404);
    assert_eq!(publish(id, "?force=maybe").status, 400);
    let accepted = publish(id, "?force=true");
    assert_eq!(accepted.status, 202, "{}", accepted.body);
    let forced = server.wait_for_job(&accepted.header("location"));
    assert_eq!((&forced["state"], &forced["force"]), (&json!("done"), &json!(true)), "{forced}");
    assert_eq!(forced["gate"]["outcome"], "forced");
    assert_eq!(server.get("/v1/orgs/u3").status, 404);
    let generation =
        server.admin_get(&format!("/v1/admin/generations/{}", forced["generation"].as_str().unwrap()));
    assert_eq!(generation.json()["generation"]["gate"], "forced");
    let gone = publish(id, "?force=true");
    assert_eq!((gone.status, gone.json()["code"].as_str()), (409, Some("upload_gone")), "{}", gone.body);
    assert!(server.get("/metrics").body.contains("orgsearch_reindex_jobs_total{state=\"refused\"} 1"));

    // A rehearsal that the gate would pass needs no force.
    let job = server.reindex_as_asked("?dry_run=true", "text/csv", csv_of(&orderly()).as_bytes());
    assert_eq!(job["state"], "done", "{job}");
    let accepted = publish(job["id"].as_str().unwrap(), "");
    assert_eq!(server.wait_for_job(&accepted.header("location"))["state"], "done");
    assert_eq!(server.get("/v1/orgs/u3").status, 200);
    assert_eq!(fs::read_dir(server.data_dir().join("uploads")).unwrap().count(), 0, "uploads are deleted");
}

// 5. History

#[test]
fn jobs_are_remembered_over_restarts() {
    let server = TestServer::on_disk(&csv_of(&orderly()));
    let refused = server.reindex_as_asked("", "text/csv", "id,name\nr,根团委\n".as_bytes());
    let done = server.reindex_as_asked("", "text/csv", csv_of(&orderly()).as_bytes());
    let failed = server.reindex_as_asked("", "text/csv", b"id,name\n1,a\n1,b\n");
    let events = |server: &TestServer, job: &Value| {
        server.admin_get(&format!("/v1/admin/jobs/{}/events", job["id"].as_str().unwrap())).json()
    };
    let (all, happened) = (server.admin_get("/v1/admin/jobs").json(), events(&server, &done));
    let ids: Vec<_> = all["jobs"].as_array().unwrap().iter().map(|job| job["id"].clone()).collect();
    assert_eq!(ids, [&failed, &done, &refused].map(|job| job["id"].clone()));
    assert!(happened["events"].as_array().unwrap().len() > 7);
    let list = format!("/v1/admin/jobs/{}/difference", refused["id"].as_str().unwrap());
    let listed = server.admin_get(&list).body;
    assert_eq!(listed.lines().count(), 221);

    // A server that was killed leaves a mark that nobody holds; others' files are no jobs.
    let jobs = server.data_dir().join("jobs");
    let mut killed = done.clone();
    (killed["id"], killed["state"], killed["created_unix_ms"]) = (json!("abc"), json!("running"), json!(1));
    fs::write(jobs.join("abc.running"), killed.to_string()).unwrap();
    fs::write(jobs.join("def.json"), "{").unwrap();
    fs::write(jobs.join("notes.json"), "{}").unwrap();
    let server = server.restart(ServeSettings::default());
    let again = server.admin_get("/v1/admin/jobs").json();
    let known = all["jobs"].as_array().unwrap();
    assert_eq!(again["jobs"].as_array().unwrap()[..3], known[..]);
    let interrupted = &again["jobs"][3];
    assert_eq!(
        (&interrupted["id"], &interrupted["state"], &interrupted["error"]["code"]),
        (&json!("abc"), &json!("failed"), &json!("interrupted"))
    );
    assert_eq!(events(&server, &done), happened);
    assert_eq!(server.admin_get(&list).body, listed);

    // No more are kept than the setting says.
    let limits = LimitSettings { jobs_kept: 2, ..LimitSettings::default() };
    let server = server.restart(ServeSettings { limits, ..ServeSettings::default() });
    let fewer = server.admin_get("/v1/admin/jobs").json();
    assert_eq!(fewer["jobs"].as_array().unwrap()[..], known[..2]);
    assert_eq!(server.admin_get(&list).status, 404);
    assert!(!server.data_dir().join(format!("jobs/{}.csv.gz", refused["id"].as_str().unwrap())).exists());
}

#[test]
fn events_are_fetched_as_they_happen() {
    let server = TestServer::on_disk(&csv_of(&orderly()));
    let rows: Vec<_> = generate(&national(20_000)).collect();
    let accepted = server.admin_post("/v1/admin/reindex?force=true", "text/csv", csv_of(&rows).as_bytes());
    let address = format!("{}/events", accepted.header("location"));
    let (mut after, mut events) = (0, Vec::new());
    loop {
        let answer = server.admin_get(&format!("{address}?after={after}&wait_ms=20000")).json();
        let some = answer["events"].as_array().unwrap().clone();
        if some.is_empty() {
            assert_eq!(answer["state"], "done", "an answer without events is the last: {answer}");
            break;
        }
        after = some.last().unwrap()["sequence"].as_u64().unwrap();
        events.extend(some);
    }
    let numbers: Vec<_> = events.iter().map(|event| event["sequence"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=events.len() as u64).collect::<Vec<_>>());
    let mut steps: Vec<_> = events.iter().map(|event| event["step"].as_str().unwrap()).collect();
    steps.dedup();
    assert_eq!(steps, ["upload", "load", "validate", "document", "write", "seal", "verify", "publish"]);
    assert!(events.iter().all(|event| event["percent"].as_u64().is_none_or(|percent| percent <= 100)));
    assert!(events.iter().any(|event| event["rows_per_second"].as_u64().is_some()));
    assert_eq!(events.last().unwrap()["state"], "done");
    for (query, status) in [("?after=x", 400), ("?wait_ms=30001", 400), ("?after=99999&wait_ms=30000", 200)] {
        assert_eq!(server.admin_get(&format!("{address}{query}")).status, status, "{query}");
    }
    assert_eq!(server.admin_get("/v1/admin/jobs/nobody/events?wait_ms=30000").status, 404);
}

// 7. Generations

#[test]
fn generations_are_looked_after_on_the_command_line_and_over_http() {
    let server = TestServer::on_disk(&csv_of(&orderly()));
    for _ in 0..2 {
        server.reindex("", "text/csv", csv_of(&orderly()).as_bytes());
    }
    let path = server.data_dir().to_str().unwrap().to_owned();
    let run = |arguments: &[&str]| {
        let all = ["generations"].iter().chain(arguments).copied().chain(["--data", path.as_str()]);
        crate::support::cli::run(all)
    };
    let post = |address: &str| {
        server.admin_post(&format!("/v1/admin/generations/{address}"), "application/json", b"")
    };

    let http = server.admin_get("/v1/admin/generations/g000002").json();
    assert_eq!(run(&["inspect", "g000002", "--json"]).expect(0).json(), http);
    assert_eq!(
        (&http["generation"]["replaces"], &http["generation"]["units"]),
        (&json!("g000001"), &json!(21))
    );
    assert!(http["files"].as_array().unwrap().iter().any(|file| file["path"] == "records.bin"));
    run(&["inspect", "g000003"]).expect(0).shows(&["g000003", "live", "records.bin", "replaces: g000002"]);
    run(&["list"]).expect(0).shows(&["g000001", "g000002", "g000003", "live", "passed"]);

    assert_eq!(post("g000001/activate").json()["generation"]["name"], "g000001");
    run(&["activate", "g000003"]).expect(0).shows(&["live: generation g000003"]);
    assert_eq!(run(&["activate", "g000002", "--json"]).expect(0).json()["generation"]["live"], true);

    // Damage of one that is not live is found too.
    let records = Path::new(&path).join("generations/g000001/records.bin");
    let intact = fs::read(&records).unwrap();
    let mut flipped = intact.clone();
    flipped[intact.len() / 2] ^= 1;
    fs::write(&records, flipped).unwrap();
    let verified = post("g000001/verify").json();
    assert_eq!(run(&["verify", "g000001", "--json"]).expect(3).json(), verified);
    assert!(verified["damaged"][0].as_str().unwrap().contains("records.bin"), "{verified}");
    assert_eq!(
        post("g000003/verify").json(),
        json!({"generation": "g000003", "intact": true, "damaged": []})
    );
    run(&["verify", "g000003"]).expect(0).shows(&["every checksum of g000003 is right"]);

    // Searches go on while one generation takes the place of the other.
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let searching = scope.spawn(|| {
            let mut searches = 0;
            while !done.load(Ordering::Relaxed) {
                let answer = server.get("/v1/search?q=%E5%AD%A6%E9%99%A2");
                assert_eq!(answer.status, 200, "{}", answer.body);
                searches += 1;
            }
            searches
        });
        for round in 0..20 {
            let name = if round % 2 == 0 { "g000003" } else { "g000002" };
            assert_eq!(post(&format!("{name}/activate")).json()["generation"]["name"], name);
        }
        done.store(true, Ordering::Relaxed);
        assert!(searching.join().unwrap() > 0);
    });

    // g000002 is live and replaced g000001: only g000003 may go.
    assert_eq!(post("prune?keep=1").json(), json!({"removed": ["g000003"]}));
    run(&["prune", "--keep", "0"]).expect(0).shows(&["nothing to remove"]);
    let names: Vec<_> = fs::read_dir(Path::new(&path).join("generations")).unwrap().collect();
    assert_eq!(names.len(), 2);

    for name in ["g000009", "..%2F..%2Fetc", "g000001%2F.."] {
        for (method, action) in [("GET", ""), ("POST", "/verify"), ("POST", "/activate")] {
            let key = format!("Bearer {ADMIN_KEY}");
            let address = format!("/v1/admin/generations/{name}{action}");
            let answer =
                server.send(method, &address, &[("authorization", &key)], (method == "POST").then_some(b""));
            assert_eq!(answer.json()["code"], "unknown_generation", "{method} {address}: {}", answer.body);
        }
    }
    run(&["inspect", "../../etc"]).expect(3).complains(&["there is no generation"]);
    run(&["verify", "g000009"]).expect(3);
    assert_eq!(post("prune?keep=x").status, 400);
}
