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
