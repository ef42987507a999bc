//! Changes without a rebuild as admins make them: over HTTP, and from files on the command line.
//!
//! That a changed tree is searched as one that was built from scratch, and that a crash loses nothing acknowledged, is
//! held beside the engine (`search-core/src/changes/tests.rs`, `index/faults`).

use crate::support::cli::{run, write_file};
use crate::support::server::{TestServer, url};
use serde_json::{Value, json};
use std::path::Path;

const TREE: &str = "id,name,parent_id,status\n\
    1,中国共产主义青年团北京大学委员会,,\n\
    2,中国共产主义青年团北京大学法学院委员会,1,\n\
    3,2024级1班团支部,2,\n\
    4,2024级2班团支部,2,\n\
    5,中国共产主义青年团北京大学软件学院委员会,1,\n";

fn change(server: &TestServer, key: &str, changes: &Value) -> (u16, Value) {
    let body = json!({"key": key, "changes": changes}).to_string();
    let answer = server.admin_post("/v1/admin/changes", "application/json", body.as_bytes());
    (answer.status, answer.json())
}

#[test]
fn a_batch_is_answered_when_it_is_searched_and_outlives_the_server() {
    let server = TestServer::on_disk(TREE);
    let search = url("/v1/search", &[("q", "知识产权学院")]);
    let etag = server.get(&search).header("etag");
    assert_ne!(server.get(&search).json()["hits"][0]["match"], "substring", "at most a guess");
    let changes = json!([
        {"op": "rename", "id": "2", "name": "中国共产主义青年团北京大学知识产权学院委员会"},
        {"op": "add", "id": "6", "name": "2026级1班团支部", "parent_id": "2", "members": 30, "teacher": "王"},
    ]);
    let (status, applied) = change(&server, "a", &changes);
    let expected = json!({"key": "a", "applied": 2, "generation": "g000001-1", "sequence": 1});
    assert_eq!((status, &applied), (200, &expected));

    let found = server.get(&search);
    assert_eq!(found.ids(), ["2"]);
    assert_eq!((&found.json()["generation"], found.header("etag") != etag), (&json!("g000001-1"), true));
    let org = server.get("/v1/orgs/6").json();
    assert_eq!(org["path"][1]["name"], "中国共产主义青年团北京大学知识产权学院委员会");
    assert_eq!(org["attributes"]["teacher"], "王");
    let children = server.get("/v1/orgs/2/children").json();
    let three = json!({"value": 3, "relation": "eq"});
    assert_eq!((&children["total"], &children["generation"]), (&three, &json!("g000001-1")));
    let below = url("/v1/search", &[("q", "1班"), ("within", "2")]);
    assert_eq!(server.get(&below).json()["total"], json!({"value": 2, "relation": "eq"}));
    let record = json!({"queries": [{"key": "r", "name": "北京大学知识产权学院2026级1班"}]}).to_string();
    let resolved =
        server.send("POST", "/v1/resolve", &[("content-type", "application/json")], Some(record.as_bytes()));
    assert_eq!(resolved.json()["results"][0]["match"]["id"], "6");

    let server = server.restart(Default::default());
    assert_eq!(server.get(&search).ids(), ["2"]);
    assert_eq!(change(&server, "a", &changes), (200, expected), "the same key, the same answer");
    let metrics = server.admin_get("/metrics").body;
    assert!(metrics.contains("orgsearch_change_batches_total{outcome=\"applied\"} 1"), "{metrics}");
}

#[test]
fn pages_go_on_as_they_began_while_batches_come() {
    const ORGS: usize = 24;
    let rows = (0..ORGS).map(|at| format!("{},法学院{at}班团支部,r\n", at + 100));
    let tree = format!("id,name,parent_id\nr,法学院团委,\n{}", rows.collect::<String>());
    let server = TestServer::on_disk(&tree);
    // Each batch takes away what a later page should show, renames one that was shown, and adds one more.
    let batch = |at: usize| {
        let (last, first) = ((100 + ORGS - 1 - at).to_string(), (100 + at).to_string());
        let changes = json!([
            {"op": "rename", "id": last, "name": format!("历史系{at}班团支部")},
            {"op": "rename", "id": first, "name": format!("法学院{at}班研究生团支部")},
            {"op": "add", "id": format!("new{at}"), "name": format!("法学院新{at}班团支部"), "parent_id": "r"},
        ]);
        assert_eq!(change(&server, &at.to_string(), &changes).0, 200);
    };
    let page = |path: &str, cursor: Option<&str>| {
        let cursor = cursor.map(|cursor| [("cursor", cursor)]);
        let mut parameters = vec![("limit", "4")];
        parameters.extend(if path == "/v1/search" { Some(("q", "法学院")) } else { None });
        parameters.extend(cursor.into_iter().flatten());
        server.get(&url(path, &parameters))
    };
    let walk = |path: &str, list: &str, mut between: Box<dyn FnMut(usize) + '_>| {
        let (mut ids, mut cursor, mut pages) = (Vec::new(), None::<String>, 0);
        loop {
            let answer = page(path, cursor.as_deref());
            assert_eq!(answer.status, 200, "page {pages}: {}", answer.body);
            let answer = answer.json();
            let of = |org: &Value| org["id"].as_str().unwrap().to_owned() + org["name"].as_str().unwrap();
            ids.extend(answer[list].as_array().unwrap().iter().map(of));
            match answer["next_cursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => return ids,
            }
            between(pages);
            pages += 1;
        }
    };
    for (path, list, begin) in [("/v1/search", "hits", 0), ("/v1/orgs/r/children", "children", 7)] {
        let still = walk(path, list, Box::new(|_| ()));
        let paged = walk(path, list, Box::new(|at| batch(begin + at)));
        assert_eq!(paged, still, "{path}");
        assert_ne!(walk(path, list, Box::new(|_| ())), still, "the next search sees the changes");
    }
    // The latest eight snapshots stay, a ninth does not.
    let cursor = page("/v1/search", None).json()["next_cursor"].as_str().unwrap().to_owned();
    (14..22).for_each(&batch);
    assert_eq!(page("/v1/search", Some(&cursor)).status, 200);
    batch(22);
    let gone = page("/v1/search", Some(&cursor));
    assert_eq!((gone.status, &gone.json()["code"]), (410, &json!("stale_cursor")));
}

#[test]
fn what_cannot_be_made_is_told_and_nothing_is_changed() {
    let server = TestServer::on_disk(TREE);
    let wrong = json!([
        {"op": "close", "id": "2"},
        {"op": "rename", "id": "9", "name": "x"},
        {"op": "move", "id": "1", "parent_id": "3"},
    ]);
    let (status, problem) = change(&server, "a", &wrong);
    assert_eq!((status, &problem["code"]), (422, &json!("invalid_changes")));
    let findings = problem["findings"].as_array().unwrap();
    let codes: Vec<(&Value, &Value, &Value)> =
        findings.iter().map(|finding| (&finding["index"], &finding["field"], &finding["code"])).collect();
    let expected =
        json!([[0, "children", "active_children"], [1, "id", "unknown_id"], [2, "parent_id", "cycle"]]);
    assert_eq!(json!(codes), expected);
    assert!(
        findings.iter().all(|finding| finding["detail"].as_str().is_some_and(|detail| !detail.is_empty()))
    );
    let (status, problem) = change(&server, "a", &json!([{"op": "vanish", "id": "2"}]));
    assert_eq!((status, &problem["findings"][0]["code"]), (422, &json!("unreadable_change")));
    assert_eq!(server.get("/v1/orgs/2/children").json()["generation"], "g000001");

    assert_eq!(change(&server, "a", &json!([{"op": "close", "id": "2", "children": "close"}])).0, 200);
    assert_eq!(server.get("/v1/orgs/3").json()["status"], "closed");
    let (status, problem) = change(&server, "a", &json!([{"op": "reopen", "id": "2"}]));
    assert_eq!((status, &problem["code"]), (409, &json!("key_reused")));
    assert_eq!(change(&server, "", &json!([])).0, 400);
    for (body, status) in [("{", 400), ("{\"changes\":[]}", 400), ("{\"key\":\"b\",\"changes\":7}", 400)] {
        let answer = server.admin_post("/v1/admin/changes", "application/json", body.as_bytes());
        assert_eq!((answer.status, answer.json()["code"].clone()), (status, json!("invalid_body")), "{body}");
    }
    let many = Value::from(vec![json!({"op": "reopen", "id": "2"}); 10_001]);
    assert_eq!(change(&server, "b", &many).0, 413);
    let body = json!({"key": "c", "changes": []}).to_string();
    assert_eq!(server.send("POST", "/v1/admin/changes", &[], Some(body.as_bytes())).status, 401);
}

#[test]
fn batches_come_from_lines_and_from_spreadsheets() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data").to_str().unwrap().to_owned();
    let file = |name: &str, content: &str| write_file(Path::new(place.path()), name, content.as_bytes());
    let orgsearch = |arguments: &[&str]| run([&["--data", data.as_str()], arguments].concat());
    orgsearch(&["change", "--from", &file("none.jsonl", "{\"op\":\"close\",\"id\":\"1\"}\n")]).expect(3);
    orgsearch(&["reindex", "--from", &file("tree.csv", TREE)]).expect(0);

    let csv = file(
        "changes.csv",
        "op,id,name,parent_id,children\nrename,5,北京大学软件与微电子学院团委,,\nmove,3,,5,\n",
    );
    let answer = orgsearch(&["change", "--from", &csv, "--json"]).expect(0).json();
    assert_eq!(answer["batches"][0]["generation"], "g000001-1");
    assert_eq!(
        orgsearch(&["change", "--from", &csv, "--json"]).expect(0).json(),
        answer,
        "the same file again"
    );
    orgsearch(&["search", "软件与微电子学院2024级1班"]).expect(0).shows(&["2024级1班团支部"]);

    let lines = "{\"key\":\"x\",\"changes\":[{\"op\":\"aliases\",\"id\":\"5\",\"aliases\":[\"北大软微\"]}]}\n\
                 {\"key\":\"y\",\"changes\":[{\"op\":\"close\",\"id\":\"5\"}]}\n\
                 {\"key\":\"z\",\"changes\":[{\"op\":\"reopen\",\"id\":\"4\"}]}\n";
    let refused = orgsearch(&["change", "--from", &file("lines.jsonl", lines), "--json"]).expect(1).json();
    assert_eq!(
        (refused["batches"].as_array().unwrap().len(), &refused["findings"][0]["row"]),
        (1, &json!(2))
    );
    assert_eq!(refused["findings"][0]["code"], "active_children");
    orgsearch(&["change", "--from", &file("again.jsonl", lines)])
        .expect(1)
        .shows(&["active_children", "g000001-2"]);

    let compacted = orgsearch(&["compact", "--json"]).expect(0).json();
    assert_eq!((&compacted["changed"], &compacted["generation"]["name"]), (&json!(2), &json!("g000002")));
    assert_eq!(orgsearch(&["compact", "--json"]).expect(0).json()["changed"], 0);
    orgsearch(&["search", "北大软微"]).expect(0).shows(&["软件与微电子学院"]);
}

#[test]
fn a_rollback_goes_to_a_batch_and_a_replay_brings_later_ones_back() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data").to_str().unwrap().to_owned();
    let file = |name: &str, content: &str| write_file(Path::new(place.path()), name, content.as_bytes());
    let orgsearch = |arguments: &[&str]| run([&["--data", data.as_str()], arguments].concat());
    orgsearch(&["reindex", "--from", &file("tree.csv", TREE)]).expect(0);
    for (at, name) in [("a", "工学院团委"), ("b", "理学院团委")] {
        let csv = file("changes.csv", &format!("op,id,name\nrename,5,{name}\n"));
        orgsearch(&["change", "--from", &csv, "--key", at]).expect(0);
    }
    let rolled = orgsearch(&["rollback", "--to", "g000001-1", "--json"]).expect(0).json();
    assert_eq!(rolled["generation"]["name"], "g000001");
    orgsearch(&["search", "5"]).expect(0).shows(&["工学院团委"]);
    orgsearch(&["rollback", "--to", "g000001-2"]).expect(3).complains(&["g000001-2", "g000001-1"]);

    for wrong in ["2..1", "x", "1..", "-1..2"] {
        orgsearch(&["change", &format!("--replay={wrong}")]).expect(2);
    }
    orgsearch(&["change"]).expect(2);
    orgsearch(&["change", "--replay", "1..2", "--from", "x.csv"]).expect(2);
    let replayed = orgsearch(&["change", "--replay", "1..9", "--json"]).expect(0).json();
    let made = replayed["batches"].as_array().unwrap();
    assert_eq!((made.len(), &made[0]["key"], &made[0]["sequence"]), (1, &json!("b"), &json!(4)));
    orgsearch(&["search", "5"]).expect(0).shows(&["理学院团委"]);
    let again = orgsearch(&["change", "--replay", "1..9", "--json"]).expect(0).json();
    assert_eq!(again["batches"], json!([]));
}

#[test]
fn a_reindex_does_not_lose_changes_unasked() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data").to_str().unwrap().to_owned();
    let file = |name: &str, content: &str| write_file(Path::new(place.path()), name, content.as_bytes());
    let orgsearch = |arguments: &[&str]| run([&["--data", data.as_str()], arguments].concat());
    let tree = file("tree.csv", TREE);
    orgsearch(&["reindex", "--from", &tree]).expect(0);
    orgsearch(&["change", "--from", &file("a.csv", "op,id,name\nrename,5,工学院团委\n"), "--key", "spring"])
        .expect(0);
    orgsearch(&["reindex", "--from", &tree]).expect(1).shows(&["changes_lost", "spring"]);
    orgsearch(&["reindex", "--from", &tree, "--since", "yesterday"]).expect(2);
    orgsearch(&["reindex", "--from", &tree, "--since", "2020-01-01"]).expect(0);
    orgsearch(&["search", "工学院"]).expect(0).shows(&["工学院团委"]);
    orgsearch(&["reindex", "--from", &tree, "--force"]).expect(0);
    orgsearch(&["search", "5"]).expect(0).shows(&["软件学院"]);
}
