//! `POST /v1/resolve`, on a real socket.
//!
//! 1. `golden/http/resolve.yaml`: decisions, order, keys, what is wrong with one query, languages, refusals.
//! 2. Answers have exactly the keys of the contract, and say what the library says.
//! 3. The more precision is asked for, the fewer records are matched.
//! 4. Limits answer 4xx or 503, never a hang; each record counts as a request of its client.
//! 5. All results of a batch are of one generation, also during a reindex.
//! 6. No body is a fault of the server; names stay out of the metrics.

use crate::support::server::{Answer, TestServer};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use search_core::{Engine, Record, ResolveOptions};
use search_server::{LimitSettings, ServeSettings};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Golden {
    orgs: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// Why this must be so, for whoever breaks it.
    why: String,
    body: String,
    #[serde(default)]
    query: String,
    #[serde(default)]
    language: String,
    results: Option<Vec<String>>,
    #[serde(default)]
    holds: Vec<String>,
    candidates: Option<usize>,
    status: Option<u16>,
    code: Option<String>,
}

static GOLDEN: LazyLock<Golden> =
    LazyLock::new(|| serde_norway::from_str(include_str!("golden/http/resolve.yaml")).unwrap());

static SERVER: LazyLock<TestServer> = LazyLock::new(|| TestServer::in_memory(&GOLDEN.orgs));

fn post(server: &TestServer, query: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let headers = [headers, &[("content-type", "application/json")]].concat();
    server.send("POST", &format!("/v1/resolve{query}"), &headers, Some(body))
}

/// A batch of names.
fn names(names: &[&str]) -> Vec<u8> {
    let queries: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
    json!({"queries": queries}).to_string().into_bytes()
}

// 1. Golden

/// A result as the golden file writes it.
fn line(result: &RawValue) -> String {
    #[derive(Deserialize)]
    struct Parts<'a> {
        #[serde(borrow)]
        key: &'a RawValue,
    }
    let key = serde_json::from_str::<Parts<'_>>(result.get()).unwrap().key.get();
    let result: Value = serde_json::from_str(result.get()).unwrap();
    let mut line = key.to_owned();
    match (&result["error"]["code"], &result["match"]["id"]) {
        (Value::String(code), _) => _ = write!(line, " error {code}"),
        (_, Value::String(id)) => _ = write!(line, " {} {id}", result["decision"].as_str().unwrap()),
        _ => _ = write!(line, " {}", result["decision"].as_str().unwrap()),
    }
    line
}

#[test]
fn batches_are_answered_as_the_golden_file_says() {
    #[derive(Deserialize)]
    struct Answered<'a> {
        #[serde(borrow)]
        results: Vec<&'a RawValue>,
    }
    for Case { why, body, query, language, results, holds, candidates, status, code } in &GOLDEN.cases {
        assert!(results.is_some() != code.is_some(), "{why}: either results or a code");
        let answer = post(&SERVER, query, &[("accept-language", language.as_str())], body.as_bytes());
        assert_eq!(answer.status, status.unwrap_or(200), "{why}: {}", answer.body);
        assert_eq!(answer.header("cache-control"), "no-store", "{why}");
        if let Some(code) = code {
            assert_eq!(answer.json()["code"], **code, "{why}");
            continue;
        }
        let answered: Answered<'_> = serde_json::from_str(&answer.body).unwrap();
        let lines: Vec<String> = answered.results.iter().map(|result| line(result)).collect();
        assert_eq!(lines, *results.as_deref().unwrap_or_default(), "{why}: {}", answer.body);
        for held in holds {
            assert!(answer.body.contains(held), "{why}: no {held} in {}", answer.body);
        }
        if let Some(candidates) = candidates {
            let shown = answer.json()["results"][0]["candidates"].as_array().unwrap().len();
            assert_eq!(shown, *candidates, "{why}");
        }
    }
}

#[test]
fn the_language_of_an_answer_is_told() {
    for (query, accepted, language) in
        [("", "", "zh-CN"), ("", "en-GB,zh;q=0.5", "en"), ("?lang=zh", "en", "zh-CN")]
    {
        let answer = post(&SERVER, query, &[("accept-language", accepted)], &names(&["北大团委"]));
        assert_eq!(answer.header("content-language"), language, "{accepted}");
        assert!(answer.header("vary").contains("accept-language"), "{accepted}");
    }
}

// 2. Contract

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap_or_else(|| panic!("no object: {value}")).keys().map(String::as_str).collect()
}

#[test]
fn answers_have_exactly_the_keys_of_the_contract() {
    const HIT: &str = "id name short_name display path kind system region status members children_count score \
                       match highlights";
    let answer = post(&SERVER, "", &[], &names(&["北京大学软件学院临时团支部", "流动团员团支部", ""])).json();
    let with_match = "key decision probability margin match candidates reasons";
    for (pointer, expected) in [
        ("", "results generation"),
        ("/results/0", with_match),
        ("/results/0/match", &format!("{HIT} successor")),
        ("/results/0/match/successor", "id name short_name"),
        ("/results/1", "key decision probability margin candidates reasons"),
        ("/results/1/candidates/0", &format!("{HIT} probability contradictions")),
        ("/results/2", "key error"),
        ("/results/2/error", "code detail"),
    ] {
        let value = answer.pointer(pointer).unwrap_or_else(|| panic!("no {pointer} in {answer}"));
        assert_eq!(keys(value), expected.split_whitespace().collect::<BTreeSet<_>>(), "{pointer}");
    }
}

#[test]
fn the_server_decides_as_the_library_does() {
    let engine = Engine::in_memory(crate::support::server::tree(&GOLDEN.orgs)).unwrap();
    let record = Record::named("软微24级软工1班").parent("北大").region("北京").evidence("电话", "1");
    let options =
        ResolveOptions { precision: 0.9, expected_none: 0.4, limit: 5, ..ResolveOptions::default() };
    let wanted = engine.resolve_with(&record, &options).unwrap();
    let query = json!({"key": 1, "name": record.name, "parent": "北大", "region": "北京", "电话": "1"});
    let body = json!({"queries": [query], "limit": 5}).to_string();
    let answer = post(&SERVER, "?precision=0.9&expected_none=0.4", &[], body.as_bytes()).json();
    let got = &answer["results"][0];
    assert_eq!(got["decision"], wanted.decision.name());
    let close = |value: &Value, wanted: f32| (value.as_f64().unwrap() as f32 - wanted).abs() < 1e-6;
    assert!(close(&got["probability"], wanted.probability) && close(&got["margin"], wanted.margin), "{got}");
    let reasons: Vec<String> = wanted.reasons.iter().map(ToString::to_string).collect();
    assert_eq!(got["reasons"], json!(reasons));
    assert!(!wanted.candidates.is_empty());
    assert_eq!(got["candidates"].as_array().unwrap().len(), wanted.candidates.len());
    for (got, wanted) in got["candidates"].as_array().unwrap().iter().zip(&wanted.candidates) {
        assert_eq!(got["id"], wanted.hit.org.id);
        assert!(close(&got["probability"], wanted.probability), "{got}");
    }
}

// 3. Precision

#[test]
fn more_precision_matches_fewer_records() {
    let asked = names(&[
        "北大软微24级软工1班",
        "软微2班",
        "北大软件临时支部",
        "软件与微电子团委",
        "北大",
        "大学团委",
    ]);
    let matched = |precision: &str| -> BTreeSet<u64> {
        let answer = post(&SERVER, &format!("?precision={precision}"), &[], &asked).json();
        let results = answer["results"].as_array().unwrap().clone();
        let matched = results.iter().filter(|result| result["decision"] == "matched");
        matched.map(|result| result["key"].as_u64().unwrap()).collect()
    };
    let (half, most, nearly_all) = (matched("0.5"), matched("0.99"), matched("0.9999"));
    assert!(half.is_superset(&most) && most.is_superset(&nearly_all), "{half:?} {most:?} {nearly_all:?}");
    assert!(half.len() > nearly_all.len(), "{half:?} {nearly_all:?}");
}

#[test]
fn the_more_strangers_are_expected_the_less_is_probable() {
    let probability = |share: &str| {
        let answer = post(&SERVER, &format!("?expected_none={share}"), &[], &names(&["软微2班"])).json();
        answer["results"][0]["probability"].as_f64().unwrap()
    };
    assert!(probability("0.05") > probability("0.9"));
}

// 4. Limits

fn limited(limits: LimitSettings) -> ServeSettings {
    ServeSettings { limits, ..ServeSettings::default() }
}

fn code(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["code"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_batch_has_an_end() {
    let batch = |records: usize| names(&vec!["北大团委"; records]);
    let full = post(&SERVER, "", &[], &batch(200)).json();
    let keys: Vec<u64> =
        full["results"].as_array().unwrap().iter().map(|result| result["key"].as_u64().unwrap()).collect();
    assert_eq!(keys, (0..200).collect::<Vec<_>>());
    let refused = post(&SERVER, "", &[("accept-language", "en")], &batch(201));
    assert_eq!(code(&refused), (413, "batch_too_large".to_owned()));
    assert!(refused.body.contains("201") && refused.body.contains("200"), "{}", refused.body);

    let limits =
        LimitSettings { batch_max: 2, body_bytes: 1_000, query_chars: 5, ..LimitSettings::default() };
    let server = TestServer::in_memory_with(&GOLDEN.orgs, limited(limits));
    assert_eq!(post(&server, "", &[], &batch(2)).status, 200);
    assert_eq!(code(&post(&server, "", &[], &batch(3))), (413, "batch_too_large".to_owned()));
    assert_eq!(code(&post(&server, "", &[], &[b' '; 1_001])), (413, "body_too_large".to_owned()));
    let long = post(&server, "", &[], &names(&["北京大学软件", "北大团委"])).json();
    assert_eq!(long["results"][0]["error"]["code"], "query_too_long");
    assert_eq!(long["results"][1]["match"]["id"], "2");
    assert_eq!(server.get("/v1/resolve").status, 405);
}

#[test]
fn a_batch_that_cannot_begin_may_be_sent_again() {
    let late = LimitSettings { batch_deadline: Duration::ZERO, ..LimitSettings::default() };
    let full = LimitSettings { searches_at_once: 0, searches_waiting: 0, ..LimitSettings::default() };
    for (limits, expected) in [(late, "timeout"), (full, "overloaded")] {
        let server = TestServer::in_memory_with(&GOLDEN.orgs, limited(limits));
        let answer = post(&server, "", &[], &names(&["北大团委"]));
        assert_eq!(code(&answer), (503, expected.to_owned()));
        assert_eq!(answer.header("retry-after"), "1");
    }
    let empty = TestServer::empty(ServeSettings::default());
    assert_eq!(code(&post(&empty, "", &[], &names(&["北大团委"]))), (503, "not_ready".to_owned()));
}

#[test]
fn each_record_counts_as_a_request() {
    let limits = LimitSettings {
        client_rate: 1,
        client_burst: 50,
        client_ip_header: Some("x-real-ip".parse().unwrap()),
        ..LimitSettings::default()
    };
    let server = TestServer::in_memory_with(&GOLDEN.orgs, limited(limits));
    let ask = |client: &str, records: usize| {
        post(&server, "", &[("x-real-ip", client)], &names(&vec!["北大团委"; records]))
    };
    assert_eq!(code(&ask("10.0.0.1", 51)), (413, "batch_too_large".to_owned()), "it would never fit");
    assert_eq!(ask("10.0.0.2", 50).status, 200);
    let refused = ask("10.0.0.2", 40);
    assert_eq!(code(&refused), (429, "rate_limited".to_owned()));
    let wait: u32 = refused.header("retry-after").parse().unwrap();
    assert!((1..=50).contains(&wait), "{wait}");
    assert_eq!(ask("10.0.0.3", 50).status, 200, "another client is not to blame");
}

// 5. One generation

#[test]
fn a_batch_is_answered_by_one_generation() {
    let of = |id: &str| {
        GOLDEN
            .orgs
            .replace("2,中国共产主义青年团北京大学委员会", &format!("{id},中国共产主义青年团北京大学委员会"))
            .replace("学院委员会,2,", &format!("学院委员会,{id},"))
            .replace("团支部,2,", &format!("团支部,{id},"))
    };
    let (even, odd) = (of("2"), of("20002"));
    let server = TestServer::on_disk(&even);
    let is_over = AtomicBool::new(false);
    let asked = names(&["北大团委"; 60]);
    let mut seen = BTreeSet::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..6 {
                let csv = if round % 2 == 0 { &odd } else { &even };
                assert_eq!(server.reindex("", "text/csv", csv.as_bytes())["state"], "done");
            }
            is_over.store(true, Ordering::Relaxed);
        });
        while !is_over.load(Ordering::Relaxed) {
            let answer = post(&server, "", &[], &asked);
            assert_eq!(answer.status, 200, "{}", answer.body);
            let json = answer.json();
            let number: u32 = json["generation"].as_str().unwrap()[1..].parse().unwrap();
            let id = if number % 2 == 1 { "2" } else { "20002" };
            for result in json["results"].as_array().unwrap() {
                assert_eq!(result["match"]["id"], id, "{}", json["generation"]);
            }
            seen.insert(number);
        }
    });
    assert!(!seen.is_empty());
}

// 6. Any body

/// JSON of any form, made of what batches are made of.
fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        Just("北大软微24级软工1班".to_owned()),
        Just("2024级软件工程1班团支部".to_owned()),
        Just("c1".to_owned()),
        "\\PC{0,12}",
        "[北大软微2024级１班团支部委员会第一中]{0,40}",
        any::<String>(),
        Just("团".repeat(250)),
    ];
    let field = prop_oneof![
        4 => prop::sample::select(&["key", "name", "parent", "region", "code", "former_name", "kind"][..])
            .prop_map(str::to_owned),
        1 => Just("queries".to_owned()),
        1 => Just("limit".to_owned()),
        1 => any::<String>(),
    ];
    let leaf = prop_oneof![
        6 => text.prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 60, 8, move |inner| {
        let object = vec((field.clone(), inner.clone()), 0..8);
        prop_oneof![
            vec(inner, 0..8).prop_map(Value::from),
            object.prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

#[test]
fn no_body_is_a_fault_of_the_server() {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let config = Config { cases: 400, failure_persistence: None, ..Config::default() };
    let batch = (vec(any_json(), 0..6), any_json(), any::<prop::sample::Index>(), 0..8_u8);
    let checked = TestRunner::new_with_rng(config, rng).run(&batch, |(queries, other, at, kind)| {
        let count = queries.len();
        let mut body = match kind {
            0 => other.to_string(),
            1 => json!({"queries": other, "limit": 2}).to_string(),
            2 => json!({"queries": queries, "limit": other}).to_string(),
            _ => json!({"queries": queries}).to_string(),
        }
        .into_bytes();
        if kind == 3 {
            let at = at.index(body.len());
            body[at] ^= 1 << (at % 8);
        }
        let answer = post(&SERVER, "", &[], &body);
        let shown = String::from_utf8_lossy(&body).into_owned();
        prop_assert!([200, 400, 413].contains(&answer.status), "{}: {}", answer.status, shown);
        if kind > 3 {
            prop_assert_eq!(answer.status, 200, "{}", shown);
            prop_assert_eq!(answer.json()["results"].as_array().unwrap().len(), count, "{}", shown);
        }
        Ok(())
    });
    checked.unwrap_or_else(|failed| panic!("{failed}"));
    for deep in ["[", "{\"queries\":[", "{\"queries\":[{\"name\":"] {
        let body = deep.repeat(20_000);
        assert_eq!(post(&SERVER, "", &[], body.as_bytes()).status, 400);
    }
}

#[test]
fn decisions_are_counted_and_names_are_not() {
    let server = TestServer::in_memory(&GOLDEN.orgs);
    let asked = names(&["北大团委", "流动团员团支部", "张三李四王五", "", "北大团委"]);
    assert_eq!(post(&server, "", &[], &asked).status, 200);
    let metrics = server.get("/metrics").body;
    for (decision, records) in [("matched", 2), ("ambiguous", 1), ("none", 1), ("error", 1)] {
        let line = format!("orgsearch_resolved_records_total{{decision=\"{decision}\"}} {records}\n");
        assert!(metrics.contains(&line), "{line} is not in\n{metrics}");
    }
    assert!(!metrics.contains("张三"), "{metrics}");
}
