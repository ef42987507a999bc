//! The HTTP contract, on a real socket.
//!
//! 1.  Answers have exactly the keys of the contract, and hits say what the tree says.
//! 2.  Filters take codes and export spellings, commas and repetition; paging visits every match once.
//! 3.  What is wrong is a problem document with a stable code, in the caller's language, naming the parameter.
//! 4.  Limits answer 4xx or 503, never a hang.
//! 5.  Requests have ids; choices are written down only where that is on, without saying who; nothing of a query leaks into headers or metrics.
//! 6.  The server is ready only when it can answer, and stops in order.
//! 7.  Only the admin key opens the admin routes.
//! 8.  Files of every format become the live index; a bad one changes nothing and says why.
//! 9.  No search fails during a reindex, and each is answered by one generation.
//! 10. The page works without scripts and cannot be broken by names.
//! 11. The transfer guide answers all 16 pairs of systems, and says what is not stated.
//! 12. Only pages of allowed origins may read answers, and never those of the admin routes.
//! 13. A client that asks too often gets 429 and is told when to come back.
//! 14. The description of the contract names every route, and is shown to people.

use crate::support::server::{ADMIN_KEY, Answer, TestServer, escaped, url};
use search_server::{
    AllowedOrigin, BindSettings, Contact, FeedbackSettings, LimitSettings, PublicUrl, ServeSettings,
    WebSettings,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

const CLASSES: usize = 45;

/// A small tree: a university, classes enough for several pages, equal names, former lives, hostile names.
static ORGS: LazyLock<String> = LazyLock::new(|| {
    let mut csv = String::from(
        "id,name,parent_id,kind,system,region,members,status,aliases,former_names,successor_id,电话\n\
         1,中国共产主义青年团北京市委员会,,领导机关,北京共青团线上系统,北京,,,,,,\n\
         2,中国共产主义青年团北京大学委员会,1,committee,,,4000,,北大团委,共青团京师大学堂委员会,,010-62751201\n\
         3,中国共产主义青年团北京大学软件与微电子学院委员会,2,committee,,,900,,,,,\n\
         50,流动团员团支部,2,branch,,,3,,,,,\n\
         51,流动团员团支部,3,branch,,,4,,,,,\n\
         60,2019级软件工程1班团支部,3,branch,,,0,graduated,,,,\n\
         61,软件学院临时团支部,2,branch,,,0,已合并,,,3,\n\
         70,<script>alert('1')</script>团支部,2,branch,,,,,,,,\n\
         71,\u{202e}反向团支部,2,branch,,,,,,,,\n\
         72,\"\"\"><img src=x onerror=alert(1)>团支部\",2,branch,,,,,,,,\n\
         a/b c?,斜线团支部,2,branch,,,,,,,,\n\
         90,全国铁道团委,,work_committee,zhtj,中央,,,,,,\n",
    );
    for class in 1..=CLASSES {
        csv.push_str(&format!("c{class},2024级软件工程{class}班团支部,3,branch,,,30,,,,,\n"));
    }
    csv
});

static SERVER: LazyLock<TestServer> = LazyLock::new(|| TestServer::in_memory(&ORGS));

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap_or_else(|| panic!("no object: {value}")).keys().map(String::as_str).collect()
}

fn names(list: &str) -> BTreeSet<&str> {
    list.split_whitespace().collect()
}

// 1. Contract

#[test]
fn answers_have_exactly_the_keys_of_the_contract() {
    const HIT: &str = "id name short_name display path kind system region status members children_count score \
                       match highlights";
    const ORG: &str = "id name short_name display path kind system region status members aliases former_names \
                       successor_id successor children_count";
    let all = url("/v1/search", &[("q", "软件工程"), ("limit", "2"), ("facets", "kind,system,region")]);
    let plain = url("/v1/search", &[("q", "2024级软件工程1班团支部")]);
    let typed = url("/v1/autocomplete", &[("q", "软件工程")]);
    for (path, pointer, expected) in [
        (&*all, "", "query hits total facets next_cursor generation prior took_us truncated"),
        (&all, "/query", "raw normalized parts"),
        (&all, "/query/parts/0", "text role matched"),
        (&all, "/total", "value relation"),
        (&all, "/facets", "kind system region"),
        (&all, "/facets/kind/0", "value count"),
        (&all, "/hits/0", HIT),
        (&all, "/hits/0/path/0", "id name short_name"),
        (&all, "/hits/0/highlights/0", "field start end start_utf16 end_utf16"),
        (&plain, "/hits/0", HIT),
        (&*typed, "/hits/0", HIT),
        (&url("/v1/search", &[("q", "北大团委")]), "/hits/0", &format!("{HIT} matched_name attributes")),
        (&url("/v1/search", &[("q", "软件"), ("explain", "true")]), "/hits/0", &format!("{HIT} explanation")),
        (
            &url("/v1/search", &[("q", "软件"), ("explain", "true")]),
            "/hits/0/explanation",
            "tier raw features matches",
        ),
        ("/v1/orgs/3", "", ORG),
        ("/v1/orgs/2", "", &format!("{ORG} attributes")),
        ("/v1/orgs/3/children", "", "id children total generation"),
        ("/v1/orgs/3/children?limit=2", "", "id children total generation next_cursor"),
        ("/v1/orgs/3/children", "/children/0", &format!("{ORG} descendants class")),
        (&url("/v1/search", &[("q", "61")]), "/hits/0", &format!("{HIT} successor")),
        ("/v1/roots", "", "id children total generation"),
        ("/v1/roots?limit=1", "", "id children total generation next_cursor"),
        (&url("/v1/orgs/c1/explain", &[("q", "软件工程")]), "", "org query rank explanation first reason"),
        ("/livez", "", "status"),
    ] {
        let answer = SERVER.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        assert_eq!(answer.header("content-type"), "application/json");
        let json = answer.json();
        let value = json.pointer(pointer).unwrap_or_else(|| panic!("{path}: no {pointer} in {json}"));
        assert_eq!(keys(value), names(expected), "{path} {pointer}");
    }
    let mut typed = SERVER.get(&typed).json();
    typed.as_object_mut().unwrap().remove("next_cursor");
    assert_eq!(keys(&typed), names("query hits complete_to choices generation prior took_us truncated"));
}

#[test]
fn a_hit_says_what_the_tree_says() {
    let answer = SERVER.get(&url("/v1/search", &[("q", "c1"), ("highlight", "false")]));
    let hit = &answer.json()["hits"][0];
    assert_eq!(hit["match"], "id");
    assert_eq!(hit["kind"], "branch");
    assert_eq!(hit["system"], "beijing", "inherited");
    assert_eq!(hit["region"], "北京", "inherited");
    assert_eq!(hit["status"], "active");
    assert_eq!(hit["highlights"], json!([]));
    assert_eq!(
        hit["path"][0],
        json!({"id": "1", "name": "中国共产主义青年团北京市委员会", "short_name": "北京市"})
    );
    assert_eq!(hit["short_name"], "2024级软件工程1班");
    assert_eq!(hit["members"], 30);
    assert_eq!(hit["path"].as_array().unwrap().len(), 3);
    let score = hit["score"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&score));

    let record = SERVER.get("/v1/orgs/2").json();
    assert_eq!(record["aliases"], json!(["北大团委"]));
    assert_eq!(record["former_names"], json!(["共青团京师大学堂委员会"]));
    assert_eq!(record["members"], 4000);
    assert_eq!(record["attributes"], json!({"电话": "010-62751201"}));
    assert_eq!(SERVER.get("/v1/orgs/61").json()["successor_id"], "3");
    assert_eq!(SERVER.get("/v1/orgs/61").json()["status"], "merged");
    let merged = &SERVER.get(&url("/v1/search", &[("q", "61")])).json()["hits"][0];
    assert_eq!(merged["successor"]["short_name"], "北京大学软件与微电子学院");
    for (query, field, name) in [
        ("北大团委", "alias", "北大团委"),
        ("京师大学堂", "former_name", "共青团京师大学堂委员会"),
        ("共青团京师大学堂委员会", "former_name", "共青团京师大学堂委员会"),
    ] {
        let hit = &SERVER.get(&url("/v1/search", &[("q", query)])).json()["hits"][0];
        assert_eq!(hit["matched_name"], json!({"field": field, "name": name}), "{query}");
    }
    let official = &SERVER.get(&url("/v1/search", &[("q", "北京大学")])).json()["hits"][0];
    assert!(official.get("matched_name").is_none(), "{official}");
}

#[test]
fn the_tree_is_walked_from_its_roots_down() {
    let roots = SERVER.get("/v1/roots").json();
    assert_eq!((&roots["id"], &roots["total"]), (&Value::Null, &json!({"value": 2, "relation": "eq"})));
    let of = |page: &Value| -> Vec<String> {
        let children = page["children"].as_array().unwrap();
        children.iter().map(|child| child["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(of(&roots), ["1", "90"]);
    assert_eq!(
        (&roots["children"][0]["class"], &roots["children"][1]["descendants"]),
        (&Value::Null, &json!(0))
    );
    let first = SERVER.get("/v1/roots?limit=1").json();
    let cursor = first["next_cursor"].as_str().unwrap();
    assert_eq!(of(&SERVER.get(&url("/v1/roots", &[("limit", "1"), ("cursor", cursor)])).json()), ["90"]);

    let children = SERVER.get("/v1/orgs/3/children?limit=100").json();
    assert_eq!(
        SERVER.get("/v1/orgs/2/children").json()["children"][0]["descendants"],
        children["total"]["value"]
    );
    let class = children["children"].as_array().unwrap().iter().find(|child| child["id"] == "c1").unwrap();
    assert_eq!(class["class"], json!({"year": 2024, "grade": null, "number": 1}));
    let left = SERVER.get("/v1/orgs/3/children?status=毕业,merged").json();
    assert_eq!((of(&left), &left["total"]["value"]), (vec!["60".to_owned()], &json!(1)));

    for (path, status, code) in [
        ("/v1/roots?cursor=x", 400, "invalid_cursor"),
        ("/v1/roots?cursor=g000009.roots.1", 410, "stale_cursor"),
        ("/v1/orgs/3/children?cursor=g000009.1.1", 410, "stale_cursor"),
        ("/v1/orgs/3/children?cursor=memory.roots.1", 400, "invalid_cursor"),
        ("/v1/roots?status=gone", 400, "invalid_parameter"),
        ("/v1/roots?limit=0", 400, "invalid_parameter"),
    ] {
        let answer = SERVER.get(path);
        assert_eq!((answer.status, answer.json()["code"].as_str()), (status, Some(code)), "{path}");
    }
}

#[test]
fn an_id_of_any_characters_has_an_address() {
    let path = format!("/v1/orgs/{}", escaped("a/b c?"));
    assert_eq!(SERVER.get(&path).json()["name"], "斜线团支部");
    assert_eq!(
        SERVER.get(&format!("{path}/children")).json()["total"],
        json!({"value": 0, "relation": "eq"})
    );
}

#[test]
fn explain_answers_for_any_organization() {
    let explain =
        |id: &str, query: &str| SERVER.get(&url(&format!("/v1/orgs/{id}/explain"), &[("q", query)])).json();
    let first = explain("c1", "2024级软件工程1班团支部");
    assert_eq!(first["rank"], 1);
    assert_eq!(first["org"]["id"], "c1");
    assert!(!first["explanation"]["features"].as_array().unwrap().is_empty());
    let other = explain("90", "2024级软件工程1班团支部");
    assert_eq!(other["rank"], Value::Null);
    assert_eq!(other["first"]["id"], "c1");
}

#[test]
fn an_empty_query_lists_for_search_and_offers_nothing_while_typing() {
    assert_eq!(SERVER.get("/v1/search?q=&limit=100").json()["total"]["value"], 12 + CLASSES);
    assert_eq!(SERVER.get("/v1/search?q=&within=3&limit=100").ids().len(), CLASSES + 3);
    for (path, any) in [
        ("/v1/autocomplete?q=", false),
        ("/v1/autocomplete?q=%20%20", false),
        ("/v1/autocomplete?q=&within=3", true),
    ] {
        let answer = SERVER.get(path);
        assert_eq!(answer.status, 200);
        assert_eq!(!answer.ids().is_empty(), any, "{path}");
    }
}

// 2. Filters and paging

#[test]
fn filters_take_codes_spellings_commas_and_repetition() {
    let ids = |parameters: &str| {
        let ids = SERVER.get(&format!("/v1/search?q=&limit=100&{parameters}")).ids();
        ids.into_iter().filter(|id| !id.starts_with('c')).collect::<BTreeSet<_>>()
    };
    let of = |list: &str| list.split_whitespace().map(str::to_owned).collect::<BTreeSet<_>>();
    let committees = of("2 3");
    for (parameters, expected) in [
        ("kind=committee".to_owned(), &committees),
        (format!("kind={}", escaped("团委")), &committees),
        ("kind=leading_body,work_committee".to_owned(), &of("1 90")),
        ("kind=leading_body&kind=work_committee".to_owned(), &of("1 90")),
        (format!("kind=%20leading_body,,&kind={}", escaped("团工委")), &of("1 90")),
        ("system=zhtj".to_owned(), &of("90")),
        (format!("system={}", escaped("智慧团建")), &of("90")),
        (format!("region={}", escaped("中央")), &of("90")),
        ("status=graduated,merged".to_owned(), &of("60 61")),
        (format!("status={},{}", escaped("毕业"), escaped("已合并")), &of("60 61")),
        ("kind=committee&colour=red&within=".to_owned(), &committees),
    ] {
        assert_eq!(ids(&parameters), *expected, "{parameters}");
    }
}

#[test]
fn autocomplete_offers_active_ones_unless_asked() {
    let ids = |status: &str| {
        SERVER
            .get(&url("/v1/autocomplete", &[("q", "2019级软件工程"), ("status", status), ("near", "3")]))
            .ids()
    };
    assert!(!ids("").contains(&"60".to_owned()));
    assert_eq!(ids("graduated"), ["60"]);
}

#[test]
fn paging_visits_every_match_once() {
    for path in ["/v1/search?q=", &url("/v1/search", &[("q", "软件工程"), ("within", "3")])] {
        let (mut seen, mut cursor) = (Vec::new(), None::<String>);
        for _ in 0..100 {
            let next = cursor.map(|cursor| format!("&cursor={}", escaped(&cursor))).unwrap_or_default();
            let answer = SERVER.get(&format!("{path}&limit=7{next}"));
            assert_eq!(answer.status, 200, "{}", answer.body);
            seen.extend(answer.ids());
            cursor = answer.json()["next_cursor"].as_str().map(str::to_owned);
            if cursor.is_none() {
                break;
            }
        }
        let total = SERVER.get(path).json()["total"]["value"].as_u64().unwrap();
        assert_eq!(seen.len() as u64, total, "{path}");
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len(), "{path}");
    }
    let first = SERVER.get("/v1/orgs/3/children?limit=40").json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = SERVER.get(&url("/v1/orgs/3/children", &[("limit", "40"), ("cursor", cursor)])).json();
    let length = |page: &Value| page["children"].as_array().unwrap().len();
    assert_eq!(length(&first) + length(&rest), CLASSES + 2);
}

// 3. Problems

#[test]
fn every_mistake_has_a_code_and_names_its_parameter() {
    let long = "团".repeat(201);
    for (method, path, status, code, parameter) in [
        ("GET", "/v1/search", 400, "missing_parameter", "q"),
        ("GET", "/v1/autocomplete?limit=5", 400, "missing_parameter", "q"),
        ("GET", "/v1/orgs/1/explain", 400, "missing_parameter", "q"),
        ("GET", "/v1/search?q=a&limit=0", 400, "invalid_parameter", "limit"),
        ("GET", "/v1/search?q=a&limit=101", 400, "invalid_parameter", "limit"),
        ("GET", "/v1/search?q=a&limit=-1", 400, "invalid_parameter", "limit"),
        ("GET", "/v1/search?q=a&limit=ten", 400, "invalid_parameter", "limit"),
        ("GET", "/v1/search?q=a&limit=99999999999999999999", 400, "invalid_parameter", "limit"),
        ("GET", "/v1/orgs/1/children?limit=x", 400, "invalid_parameter", "limit"),
        ("GET", "/v1/search?q=a&explain=perhaps", 400, "invalid_parameter", "explain"),
        ("GET", "/v1/autocomplete?q=a&highlight=2", 400, "invalid_parameter", "highlight"),
        ("GET", "/v1/search?q=a&facets=kind,colour", 400, "invalid_parameter", "facets"),
        ("GET", &format!("/v1/search?q=a&kind={}", ",a".repeat(101)), 400, "invalid_parameter", "kind"),
        ("GET", &url("/v1/search", &[("q", &long)]), 400, "query_too_long", ""),
        ("GET", &url("/v1/autocomplete", &[("q", &long)]), 400, "query_too_long", ""),
        ("GET", "/v1/search?q=a&cursor=nonsense", 400, "invalid_cursor", ""),
        ("GET", "/v1/orgs/1/children?cursor=nonsense", 400, "invalid_cursor", ""),
        ("GET", "/v1/orgs/%ff", 400, "invalid_path", ""),
        ("GET", "/v1/search?q=a&within=nobody", 404, "unknown_org", ""),
        ("GET", "/v1/autocomplete?q=a&near=nobody", 404, "unknown_org", ""),
        ("GET", "/v1/autocomplete?q=&within=nobody", 404, "unknown_org", ""),
        ("GET", "/v1/orgs/nobody", 404, "unknown_org", ""),
        ("GET", "/v1/orgs/nobody/children", 404, "unknown_org", ""),
        ("GET", "/v1/orgs/nobody/explain?q=a", 404, "unknown_org", ""),
        ("GET", "/v1/nothing", 404, "not_found", ""),
        ("GET", "/v1/orgs/", 404, "not_found", ""),
        ("GET", "/assets/../Cargo.toml", 404, "not_found", ""),
        ("GET", "/v1/search?q=a&kind=foo", 400, "invalid_parameter", "kind"),
        ("GET", "/v1/search?q=a&system=foo", 400, "invalid_parameter", "system"),
        ("GET", "/v1/autocomplete?q=a&status=foo", 400, "invalid_parameter", "status"),
        ("GET", "/v1/autocomplete?q=a&kind=committee,foo", 400, "invalid_parameter", "kind"),
        ("DELETE", "/v1/search?q=a", 405, "method_not_allowed", ""),
        ("POST", "/v1/autocomplete?q=a", 405, "method_not_allowed", ""),
    ] {
        let body = (method == "POST").then_some(&b"{}"[..]);
        let answer = SERVER.send(method, path, &[("accept-language", "en")], body);
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
        let problem = answer.json();
        assert_eq!(problem["code"], code, "{path}");
        assert_eq!(problem["status"], status, "{path}");
        assert_eq!(problem["type"], format!("urn:orgsearch:problem:{code}"), "{path}");
        assert_eq!(problem["parameter"].as_str().unwrap_or_default(), parameter, "{path}");
        assert_eq!(problem["request_id"], answer.header("x-request-id"), "{path}");
        assert!(problem["detail"].as_str().unwrap().contains(parameter), "{path}: {problem}");
        let path_only = path.split('?').next().unwrap();
        assert_eq!(problem["instance"], path_only, "what was typed is not repeated");
    }
    assert!(SERVER.send("DELETE", "/v1/search", &[], None).header("allow").contains("GET"));
}

#[test]
fn problems_speak_the_callers_language() {
    const CHINESE: &str = "没有 id 为“x”的组织。";
    const ENGLISH: &str = "There is no organization with the id \"x\".";
    for (accepted, detail, tag) in [
        (None, CHINESE, "zh-CN"),
        (Some("zh-CN,zh;q=0.9,en;q=0.8"), CHINESE, "zh-CN"),
        (Some("en-GB,en;q=0.9"), ENGLISH, "en"),
        (Some("zh;q=0.2, en;q=0.7"), ENGLISH, "en"),
        (Some("fr, ja"), CHINESE, "zh-CN"),
        (Some(";;q=;, en;q=x"), CHINESE, "zh-CN"),
    ] {
        let headers: Vec<_> = accepted.map(|text| ("accept-language", text)).into_iter().collect();
        let answer = SERVER.send("GET", "/v1/orgs/x", &headers, None);
        assert_eq!(answer.json()["detail"], detail, "{accepted:?}");
        assert_eq!(answer.header("content-language"), tag);
        assert!(answer.header("vary").contains("accept-language"));
    }
}

#[test]
fn no_query_string_breaks_the_server() {
    for query in [
        "%",
        "%00",
        "%ff%fe",
        "\u{0}",
        "\u{202e}",
        "🏳️‍🌈",
        "((((",
        "\"' OR 1=1 --",
        "*?~^[]{}:\\/",
        "ＡＢＣ１２３",
        "a\tb\nc",
        "\u{1f468}\u{200d}\u{1f469}",
        "団支部",
        "ß",
        "İ",
        "ﬁ",
        "…",
        "\u{feff}北大",
        "　",
    ] {
        for path in ["/v1/search", "/v1/autocomplete", "/"] {
            let answer = SERVER.get(&url(path, &[("q", query)]));
            assert_eq!(answer.status, 200, "{path} {query:?}: {}", answer.body);
        }
    }
    for raw in ["/v1/search?q=%ff%fe", "/v1/search?q=%", "/v1/search?q=a&q=b", "/v1/search?&&q=a&=&=x"] {
        assert_eq!(SERVER.get(raw).status, 200, "{raw}");
    }
    assert_eq!(
        SERVER.get(&url("/v1/search", &[("q", &"团".repeat(200))])).status,
        200,
        "characters, not bytes"
    );
}

// 4. Limits

fn limited(limits: LimitSettings) -> ServeSettings {
    ServeSettings { limits, ..ServeSettings::default() }
}

#[test]
fn limits_are_settings() {
    let settings =
        limited(LimitSettings { query_chars: 5, page_max: 3, filter_values: 2, ..LimitSettings::default() });
    let server = TestServer::in_memory_with(&ORGS, settings);
    for (path, status) in [
        ("/v1/search?q=12345", 200),
        ("/v1/search?q=123456", 400),
        ("/v1/search?q=a&limit=3", 200),
        ("/v1/search?q=a&limit=4", 400),
        ("/v1/search?q=a&kind=committee,branch", 200),
        ("/v1/search?q=a&kind=committee,branch,committee", 400),
        ("/?q=123456", 400),
    ] {
        assert_eq!(server.get(path).status, status, "{path}");
    }
    assert_eq!(server.get("/v1/search?q=").ids().len(), 3, "the default page is lowered too");
}

#[test]
fn too_many_searches_are_turned_away_and_waiting_has_an_end() {
    for (waiting, code) in [(0, "overloaded"), (5, "timeout")] {
        let limits = LimitSettings {
            searches_at_once: 0,
            searches_waiting: waiting,
            deadline: Duration::from_millis(100),
            ..LimitSettings::default()
        };
        let server = TestServer::in_memory_with(&ORGS, limited(limits));
        for path in ["/v1/search?q=a", "/v1/autocomplete?q=a", "/v1/orgs/1", "/v1/orgs/1/children"] {
            let answer = server.get(path);
            assert_eq!((answer.status, answer.json()["code"].as_str()), (503, Some(code)), "{path}");
            assert_eq!(answer.header("retry-after"), "1");
        }
        let page = server.get("/?q=a");
        assert_eq!((page.status, page.header("retry-after").as_str()), (503, "1"));
        assert_eq!(server.get("/livez").status, 200, "a busy server lives");
        assert_eq!(server.get("/metrics").status, 200);
    }
}

#[test]
fn a_search_past_its_deadline_is_answered_all_the_same() {
    let limits = LimitSettings { deadline: Duration::ZERO, ..LimitSettings::default() };
    let server = TestServer::in_memory_with(&ORGS, limited(limits));
    let mut refused = 0;
    for _ in 0..20 {
        let answer = server.get("/v1/search?q=a");
        match answer.status {
            // It ran already when its time was over, and was ended: it says what it left out, if anything.
            200 => assert!(answer.json()["truncated"].is_array(), "{}", answer.body),
            status => {
                assert_eq!(
                    (status, answer.json()["code"].as_str()),
                    (503, Some("timeout")),
                    "{}",
                    answer.body
                );
                assert_eq!(answer.header("retry-after"), "1");
                refused += 1;
            }
        }
    }
    let answered = [("200", 20 - refused), ("503", refused)];
    let metrics = server.get("/metrics").body;
    for (status, count) in answered.into_iter().filter(|(_, count)| *count > 0) {
        let line =
            format!("orgsearch_http_requests_total{{route=\"/v1/search\",status=\"{status}\"}} {count}\n");
        assert!(metrics.contains(&line), "no {line} in {metrics}");
    }
}

#[test]
fn bodies_have_a_limit() {
    let limits = LimitSettings { upload_bytes: 1_000, body_bytes: 100, ..LimitSettings::default() };
    let server = TestServer::in_memory_with(&ORGS, limited(limits));
    let big = format!("id,name\n1,{}", "团".repeat(1_000));
    let form = form("orgs.csv", big.as_bytes());
    for (path, content_type, body) in [
        ("/v1/admin/reindex", "text/csv", big.as_bytes()),
        ("/v1/admin/reindex", FORM_TYPE, &form),
        ("/v1/admin/rollback", "application/json", big.as_bytes()),
    ] {
        let answer = server.admin_post(path, content_type, body);
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (413, Some("body_too_large")),
            "{path} {content_type}"
        );
    }
    assert_eq!(server.admin_get("/v1/admin/jobs").json()["jobs"], json!([]), "a refused upload is no job");
}

// 5. Ids, headers, metrics

#[test]
fn every_answer_has_a_request_id() {
    let long = "x".repeat(65);
    for (given, kept) in [("abc-123_4.5:6", true), ("with space", false), ("<script>", false), (&long, false)]
    {
        let answer = SERVER.send("GET", "/livez", &[("x-request-id", given)], None);
        let id = answer.header("x-request-id");
        assert_eq!(id == given, kept, "{given}");
        assert!(!id.is_empty());
    }
    let ids: BTreeSet<_> = (0..20).map(|_| SERVER.get("/livez").header("x-request-id")).collect();
    assert_eq!(ids.len(), 20);
}

#[test]
fn answers_carry_security_headers() {
    for path in ["/v1/search?q=a", "/", "/livez", "/v1/nothing", "/assets/page.js"] {
        let answer = SERVER.get(path);
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
    }
}

#[test]
fn metrics_count_by_route_and_tell_nothing_of_queries() {
    let server = TestServer::in_memory(&ORGS);
    server.get(&url("/v1/search", &[("q", "张三的团支部")]));
    server.get("/v1/orgs/1");
    server.get("/v1/orgs/nobody");
    server.get("/no/such/route");
    let metrics = server.get("/metrics");
    assert!(metrics.header("content-type").starts_with("text/plain"));
    for line in [
        "orgsearch_http_requests_total{route=\"/v1/search\",status=\"200\"} 1",
        "orgsearch_http_requests_total{route=\"/v1/orgs/{id}\",status=\"200\"} 1",
        "orgsearch_http_requests_total{route=\"/v1/orgs/{id}\",status=\"404\"} 1",
        "orgsearch_http_requests_total{route=\"none\",status=\"404\"} 1",
        "orgsearch_http_request_duration_seconds_count{route=\"/v1/search\"} 1",
        "orgsearch_search_hits_count{route=\"/v1/search\"} 1",
        "orgsearch_search_step_duration_seconds_count{route=\"/v1/search\",step=\"retrieve\"} 1",
        "orgsearch_reindex_running 0",
        "orgsearch_generation_info{generation=\"memory\"} 1",
    ] {
        assert!(metrics.body.lines().any(|known| known == line), "{line} is not in\n{}", metrics.body);
    }
    assert!(metrics.body.contains(&format!("orgsearch_generation_orgs {}", 12 + CLASSES)));
    for typed in ["张三", "nobody", "such"] {
        assert!(!metrics.body.contains(typed), "{typed}");
    }
}

// 6. Life and death

#[test]
fn the_server_is_ready_when_it_can_answer() {
    let server = TestServer::empty(ServeSettings::default());
    for path in ["/readyz", "/v1/search?q=a", "/v1/autocomplete?q=a", "/v1/orgs/1"] {
        let answer = server.send("GET", path, &[("accept-language", "en")], None);
        assert_eq!((answer.status, answer.json()["code"].as_str()), (503, Some("not_ready")), "{path}");
        assert_eq!(answer.header("retry-after"), "1");
        assert_eq!(answer.json()["detail"], "There is no index yet; load an org tree first.");
    }
    assert_eq!(server.get("/livez").status, 200);
    assert_eq!(server.get("/?q=a").status, 503);
    assert_eq!(server.get("/").status, 200, "the form is there before the index");

    let job = server.reindex("", "text/csv", ORGS.as_bytes());
    assert_eq!(job["state"], "done", "{job}");
    let ready = server.get("/readyz");
    assert_eq!(ready.status, 200, "{}", ready.body);
    assert_eq!(
        ready.json(),
        json!({"status": "ready", "generation": job["generation"], "orgs": 12 + CLASSES})
    );
    assert_eq!(server.get("/v1/search?q=c1").ids()[0], "c1");
}

#[test]
fn a_stopping_server_turns_red_first_and_finishes_what_it_has() {
    let bind = BindSettings { drain_notice: Duration::from_secs(5), ..BindSettings::default() };
    let mut server = TestServer::in_memory_with(&ORGS, ServeSettings { bind, ..ServeSettings::default() });
    server.ask_to_stop();
    while server.get("/readyz").status == 200 {}
    let readyz = server.get("/readyz");
    assert_eq!((readyz.status, readyz.json()["code"].as_str()), (503, Some("not_ready")));
    assert_eq!(server.get("/v1/search?q=c1").status, 200, "it still answers during the notice");
    let address = server.address().trim_start_matches("http://").to_owned();
    server.join();
    assert!(std::net::TcpStream::connect(&address).is_err(), "the port is free");
}

#[test]
fn a_port_in_use_and_a_bad_address_are_told_plainly() {
    let address = SERVER.address().trim_start_matches("http://");
    for (listen, words) in
        [(address, "is in use"), ("nonsense", "write host:port"), ("127.0.0.1:99999", "write host:port")]
    {
        let bind = BindSettings { listen: listen.to_owned(), ..BindSettings::default() };
        let engine = std::sync::Arc::new(
            search_core::Engine::in_memory(index_data::model::OrgTree::default()).unwrap(),
        );
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let bound = runtime.block_on(search_server::Server::bind(
            ServeSettings { bind, ..ServeSettings::default() },
            engine,
        ));
        let message = bound.err().expect("the address is bad").to_string();
        assert!(message.contains(words) && message.contains(listen), "{message}");
    }
}

// 7. The admin key

#[test]
fn only_the_admin_key_opens_the_admin_routes() {
    let right = format!("Bearer {ADMIN_KEY}");
    let lower = format!("bearer  {ADMIN_KEY}");
    for (header, status) in [
        (None, 401),
        (Some(""), 401),
        (Some("Bearer"), 401),
        (Some("Bearer wrong"), 401),
        (Some("Basic open sesame"), 401),
        (Some(ADMIN_KEY), 401),
        (Some(&*right), 200),
        (Some(&*lower), 200),
    ] {
        let headers: Vec<_> = header.map(|value| ("authorization", value)).into_iter().collect();
        let answer = SERVER.send("GET", "/v1/admin/jobs", &headers, None);
        assert_eq!(answer.status, status, "{header:?}");
        if status == 401 {
            assert_eq!(answer.json()["code"], "unauthorized");
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
        }
    }
    for (method, path) in
        [("POST", "/v1/admin/reindex"), ("POST", "/v1/admin/rollback"), ("GET", "/v1/admin/generations")]
    {
        let body = (method == "POST").then_some(&b"id,name\n1,a\n"[..]);
        assert_eq!(SERVER.send(method, path, &[], body).status, 401, "{path}");
    }
}

#[test]
fn without_a_key_the_admin_routes_are_not_there() {
    let server = TestServer::without_admin_key(&ORGS);
    for (method, path) in [
        ("GET", "/v1/admin/jobs"),
        ("GET", "/v1/admin/generations"),
        ("POST", "/v1/admin/reindex"),
        ("POST", "/v1/admin/rollback"),
    ] {
        let body = (method == "POST").then_some(&b""[..]);
        let answer = server.send(method, path, &[("authorization", "Bearer open sesame")], body);
        assert_eq!((answer.status, answer.json()["code"].as_str()), (404, Some("not_found")), "{path}");
    }
}

// 8. Reindex

const FORM_TYPE: &str = "multipart/form-data; boundary=XX";

fn form(file_name: &str, file: &[u8]) -> Vec<u8> {
    let head = format!(
        "--XX\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nautumn\r\n\
         --XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\r\n"
    );
    [head.as_bytes(), file, b"\r\n--XX--\r\n"].concat()
}

fn workbook() -> Vec<u8> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, [id, name]) in [["组织ID", "组织全称"], ["1", "表格团委"]].into_iter().enumerate() {
        sheet.write(row as u32, 0, id).unwrap();
        sheet.write(row as u32, 1, name).unwrap();
    }
    workbook.save_to_buffer().unwrap()
}

#[test]
fn files_of_every_format_become_the_live_index() {
    let server = TestServer::on_disk(&ORGS);
    let xlsx = workbook();
    let form_csv = form("../组织.csv", "id,name\n1,表单团委\n".as_bytes());
    let form_xlsx = form("organizations.xlsx", &xlsx);
    let csv = "text/csv; charset=utf-8";
    let map = format!("?map={}&map={}", escaped("name=单位"), escaped("id=编号"));
    for (query, content_type, file, name) in [
        ("", csv, "id,name\n1,逗号团委\n".as_bytes(), "逗号团委"),
        ("", "text/tab-separated-values", "id\tname\n1\t制表团委\n".as_bytes(), "制表团委"),
        ("", "application/x-ndjson", "{\"id\":1,\"name\":\"行团委\"}\n".as_bytes(), "行团委"),
        (
            "?format=jsonl",
            "application/octet-stream",
            "{\"id\":1,\"name\":\"名团委\"}\n".as_bytes(),
            "名团委",
        ),
        ("?format=xlsx", "application/octet-stream", &xlsx, "表格团委"),
        ("", FORM_TYPE, &form_csv, "表单团委"),
        ("", FORM_TYPE, &form_xlsx, "表格团委"),
        (&map, csv, "编号,单位\n1,映射团委\n".as_bytes(), "映射团委"),
        ("?format=csv", "application/gzip", GZIPPED_CSV, "压缩团委"),
    ] {
        let job = server.reindex(query, content_type, file);
        assert_eq!(job["state"], "done", "{query} {content_type}: {job}");
        assert_eq!(job["report"]["rows"], 1);
        assert_eq!(server.get("/v1/orgs/1").json()["name"], name);
        assert_eq!(server.get("/readyz").json()["generation"], job["generation"]);
    }
    let uploads = server.data_dir().join("uploads");
    assert_eq!(std::fs::read_dir(uploads).unwrap().count(), 0, "uploads are deleted");
    assert_eq!(server.admin_get("/v1/admin/jobs").json()["jobs"].as_array().unwrap().len(), 9);
}

/// `id,name\n1,压缩团委\n`, gzipped.
const GZIPPED_CSV: &[u8] = include_bytes!("golden/api/orgs.csv.gz");

#[test]
fn a_job_tells_its_whole_story() {
    let server = TestServer::on_disk(&ORGS);
    let accepted = server.admin_post("/v1/admin/reindex", FORM_TYPE, &form("autumn.csv", ORGS.as_bytes()));
    assert_eq!(accepted.status, 202);
    let id = accepted.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(accepted.header("location"), format!("/v1/admin/jobs/{id}"));
    let job = server.wait_for_job(&accepted.header("location"));
    let expected = "id kind state dry_run force step done total percent rows_per_second seconds_left created_unix_ms finished_unix_ms source report difference difference_csv gate generation error";
    assert_eq!(keys(&job), names(expected));
    assert_eq!(keys(&accepted.json()), names(expected));
    assert_eq!(job["source"], json!({"name": "autumn.csv", "format": "csv", "bytes": ORGS.len()}));
    assert_eq!(job["error"], Value::Null);
    assert_eq!(keys(&job["report"]), names("rows errors warnings infos counts findings omitted"));
    assert_eq!(keys(&job["report"]["findings"][0]), {
        let mut keys = names("row field code severity message value");
        keys.extend(job["report"]["findings"][0].get("suggestion").map(|_| "suggestion"));
        keys.extend(job["report"]["findings"][0].get("other_row").map(|_| "other_row"));
        keys
    });
    assert_eq!(server.admin_get("/v1/admin/jobs/nobody").json()["code"], "unknown_job");
    assert!(server.get("/metrics").body.contains("orgsearch_reindex_jobs_total{state=\"done\"} 1"));
}

#[test]
fn a_bad_file_changes_nothing_and_says_why() {
    let server = TestServer::on_disk(&ORGS);
    let before = server.get("/readyz").json();
    let csv = "text/csv";
    for (query, file, code, words) in [
        ("", "id,name,parent_id\n1,a,9\n2,,\n".as_bytes(), "invalid_source", "error"),
        ("", "id,name\n1,a\n1,b\n".as_bytes(), "invalid_source", "error"),
        ("?dry_run=true", "id,name\n1,a\n1,b\n".as_bytes(), "invalid_source", "error"),
        ("", "colour,shape\nred,round\n".as_bytes(), "unreadable_source", "upload.csv"),
        ("?format=xlsx", "id,name\n".as_bytes(), "unreadable_source", "upload.xlsx"),
        ("", b"id,name\n1,\x00\x00\x00\n", "unreadable_source", "upload.csv"),
    ] {
        let job = server.reindex(query, csv, file);
        assert_eq!(
            (job["state"].as_str(), job["error"]["code"].as_str()),
            (Some("failed"), Some(code)),
            "{job}"
        );
        let message = job["error"]["message"].as_str().unwrap();
        assert!(message.contains(words), "{message}");
        assert!(!message.contains("uploads"), "our paths are nobody's business: {message}");
        assert_eq!(job["generation"], Value::Null);
        if code == "invalid_source" {
            assert_eq!(job["report"]["findings"][0]["severity"], "error");
        }
        assert_eq!(server.get("/readyz").json(), before);
    }
    for (query, content_type, file, status, code) in [
        ("", "application/octet-stream", &b"id,name\n"[..], 415, "unsupported_format"),
        ("", "application/pdf", b"%PDF", 415, "unsupported_format"),
        ("?format=pdf", csv, b"id,name\n", 400, "invalid_parameter"),
        ("?map=colour%3Dred", csv, b"id,name\n", 400, "invalid_parameter"),
        ("?map=name", csv, b"id,name\n", 400, "invalid_parameter"),
        ("?dry_run=maybe", csv, b"id,name\n", 400, "invalid_parameter"),
        ("", csv, b"", 400, "invalid_body"),
        ("", "multipart/form-data", b"id,name\n", 400, "invalid_body"),
        (
            "",
            FORM_TYPE,
            b"--XX\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\na\r\n--XX--\r\n",
            400,
            "invalid_body",
        ),
        ("", FORM_TYPE, b"garbage", 400, "invalid_body"),
        ("", FORM_TYPE, &form("orgs.exe", b"MZ"), 415, "unsupported_format"),
    ] {
        let answer = server.admin_post(&format!("/v1/admin/reindex{query}"), content_type, file);
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (status, Some(code)),
            "{query} {content_type}"
        );
    }
    assert_eq!(server.get("/v1/orgs/2").status, 200);
}

#[test]
fn a_rehearsal_reports_and_publishes_nothing() {
    let server = TestServer::on_disk(&ORGS);
    let before = server.get("/readyz").json();
    let job = server.reindex("?dry_run=true", "text/csv", b"id,name\n1,a\n");
    assert_eq!((job["state"].as_str(), job["dry_run"].as_bool()), (Some("done"), Some(true)), "{job}");
    assert_eq!((&job["report"]["rows"], &job["generation"]), (&json!(1), &Value::Null));
    assert_eq!(server.get("/readyz").json(), before);
}

#[test]
fn generations_are_listed_and_rolled_back_and_old_cursors_are_gone() {
    let server = TestServer::on_disk(&ORGS);
    let first = server.get("/readyz").json()["generation"].as_str().unwrap().to_owned();
    let cursor = server.get("/v1/search?q=&limit=2").json()["next_cursor"].as_str().unwrap().to_owned();
    let below = server.get("/v1/orgs/3/children?limit=2").json()["next_cursor"].as_str().unwrap().to_owned();

    let job = server.reindex("", "text/csv", format!("{}new,新团支部,3,,,,,,,,,\n", *ORGS).as_bytes());
    let second = job["generation"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    let old_pages = [
        url("/v1/search", &[("q", ""), ("limit", "2"), ("cursor", &cursor)]),
        url("/v1/orgs/3/children", &[("limit", "2"), ("cursor", &below)]),
    ];
    for path in &old_pages {
        let stale = server.get(path);
        assert_eq!(
            (stale.status, stale.json()["code"].as_str()),
            (410, Some("stale_cursor")),
            "{}",
            stale.body
        );
    }
    assert_eq!(server.get(&url("/", &[("q", "团"), ("cursor", &cursor)])).status, 410);

    let listed = server.admin_get("/v1/admin/generations").json();
    let live = |json: &Value| -> Vec<(String, bool)> {
        let generations = json["generations"].as_array().unwrap();
        generations
            .iter()
            .map(|g| (g["name"].as_str().unwrap().to_owned(), g["live"].as_bool().unwrap()))
            .collect()
    };
    assert_eq!(live(&listed), [(first.clone(), false), (second.clone(), true)]);
    let generation =
        "name orgs units source_digest size_bytes live format_version lexicon_version replaces gate tripped";
    assert_eq!(keys(&listed["generations"][0]), names(generation));

    let roll_back = |body: &str| server.admin_post("/v1/admin/rollback", "application/json", body.as_bytes());
    assert_eq!(roll_back("").json()["generation"]["name"], *first);
    assert_eq!(server.get("/v1/orgs/new").status, 404);
    assert_eq!(server.get(&old_pages[0]).status, 200, "the generation of the cursor is back");
    assert_eq!(roll_back(&format!("{{\"to\":\"{second}\"}}")).json()["generation"]["name"], *second);
    assert_eq!(server.get("/v1/orgs/new").status, 200);
    for (body, status, code) in [
        ("{\"to\":\"nothing\"}", 404, "unknown_generation"),
        ("{\"to\":\"../../etc\"}", 404, "unknown_generation"),
        ("{\"to\":3}", 400, "invalid_body"),
        ("{", 400, "invalid_body"),
    ] {
        let answer = roll_back(body);
        assert_eq!((answer.status, answer.json()["code"].as_str()), (status, Some(code)), "{body}");
    }
    let in_memory = SERVER.admin_post("/v1/admin/rollback", "application/json", b"");
    assert_eq!((in_memory.status, in_memory.json()["code"].as_str()), (409, Some("no_history")));
}

// 9. Under load

#[test]
fn searches_go_on_during_reindexes_and_each_sees_one_generation() {
    const ROUNDS: usize = 4;
    // Every organization of a generation bears the number of its round.
    let orgs = |round: usize| {
        let mut csv = String::from("id,name,parent_id\nr,根团委,\n");
        (0..2_000).for_each(|at| csv.push_str(&format!("{at},第{round}轮甲乙丙{at}班团支部,r\n")));
        csv
    };
    let server = TestServer::on_disk(&orgs(0));
    let (done, searches) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let answer = server.get(&url("/v1/search", &[("q", "甲乙丙"), ("limit", "20")]));
                    assert_eq!(answer.status, 200, "{}", answer.body);
                    assert_one_round(&answer);
                    searches.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let ended = EndOnDrop(&done);
        for round in 1..=ROUNDS {
            let accepted =
                server.admin_post("/v1/admin/reindex?force=true", "text/csv", orgs(round).as_bytes());
            assert_eq!(accepted.status, 202, "{}", accepted.body);
            let job = server.wait_for_job(&accepted.header("location"));
            assert_eq!(job["state"], "done", "{job}");
            let name = server.get("/v1/orgs/7").json()["name"].as_str().unwrap().to_owned();
            assert_eq!(name, format!("第{round}轮甲乙丙7班团支部"));
        }
        drop(ended);
    });
    assert!(searches.load(Ordering::Relaxed) > 4 * ROUNDS);
}

fn assert_one_round(answer: &Answer) {
    let json = answer.json();
    let rounds: BTreeSet<_> = json["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| hit["name"].as_str().unwrap().chars().nth(1).unwrap())
        .collect();
    assert_eq!(rounds.len(), 1, "one answer from several generations: {json}");
    assert_eq!(json["total"]["value"], 2_000, "{}", json["generation"]);
}

/// Lets the other threads end also when this one fails.
struct EndOnDrop<'a>(&'a AtomicBool);

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn one_reindex_at_a_time() {
    let server = TestServer::on_disk(&ORGS);
    let mut large = String::from("id,name,parent_id\nr,根团委,\n");
    (0..20_000).for_each(|at| large.push_str(&format!("{at},{at}班团支部,r\n")));
    let first = server.admin_post("/v1/admin/reindex?force=true", "text/csv", large.as_bytes());
    assert_eq!(first.status, 202);
    let second = server.admin_post("/v1/admin/reindex", "text/csv", b"id,name\n1,a\n");
    assert_eq!(
        (second.status, second.json()["code"].as_str()),
        (409, Some("reindex_running")),
        "{}",
        second.body
    );
    assert_eq!(second.json()["job"]["id"], first.json()["id"]);
    assert_eq!(second.header("location"), first.header("location"));
    let rollback = server.admin_post("/v1/admin/rollback", "application/json", b"");
    assert_eq!(rollback.status, 409);
    assert_eq!(server.wait_for_job(&first.header("location"))["state"], "done");
    assert_eq!(server.reindex("", "text/csv", b"id,name\n1,a\n")["state"], "done");
}

#[test]
fn a_job_that_ended_or_is_unknown_cannot_be_cancelled() {
    let server = TestServer::on_disk(&ORGS);
    let job = server.reindex("", "text/csv", b"id,name\n1,a\n");
    let finished = server.admin_delete(&format!("/v1/admin/jobs/{}", job["id"].as_str().unwrap()));
    assert_eq!((finished.status, finished.json()["code"].as_str()), (409, Some("job_finished")));
    assert_eq!(finished.json()["job"]["state"], "done");
    let unknown = server.admin_delete("/v1/admin/jobs/nobody");
    assert_eq!((unknown.status, unknown.json()["code"].as_str()), (404, Some("unknown_job")));
    assert_eq!(server.send("DELETE", "/v1/admin/jobs/nobody", &[], None).status, 401);
}

#[test]
fn a_job_is_cancelled_or_done_and_either_is_the_whole_truth() {
    let server = TestServer::on_disk(&ORGS);
    let rows: String = (2..30_000).map(|id| format!("{id},{id}班团支部,1\n")).collect();
    let big = format!("id,name,parent_id\n1,新团委,\n{rows}");
    let before = server.get("/readyz").json();
    let accepted = server.admin_post("/v1/admin/reindex?force=true", "text/csv", big.as_bytes());
    let location = accepted.header("location");
    for asked in [server.admin_delete(&location), server.admin_delete(&location)] {
        assert!(matches!(asked.status, 202 | 409), "{}", asked.body);
    }
    let job = server.wait_for_job(&location);
    let after = server.get("/readyz").json();
    match job["state"].as_str() {
        Some("cancelled") => assert_eq!((&after, &job["error"]), (&before, &Value::Null)),
        _ => assert_eq!((&job["state"], &after["generation"]), (&json!("done"), &job["generation"])),
    }
    let uploads = server.data_dir().join("uploads");
    assert_eq!(std::fs::read_dir(uploads).unwrap().count(), 0, "uploads are deleted");
    assert_eq!(server.reindex("", "text/csv", b"id,name\n1,a\n")["state"], "done");
}

#[test]
fn a_slow_upload_holds_up_nobody_and_their_number_has_an_end() {
    use std::io::{Read, Write};
    let limits = LimitSettings { uploads_at_once: 1, ..LimitSettings::default() };
    let server = TestServer::empty(limited(limits));
    let file = b"id,name\n1,slow\n";
    let mut slow = server.begin_upload(file.len(), &file[..3]);
    let jobs = server.admin_get("/v1/admin/jobs").json();
    assert_eq!(jobs["jobs"], json!([]), "an upload is no job yet");
    let second = server.admin_post("/v1/admin/reindex", "text/csv", b"id,name\n1,a\n");
    assert_eq!((second.status, second.json()["code"].as_str()), (503, Some("too_many_uploads")));
    // What others publish is taken up meanwhile.
    let other = search_core::Engine::open_or_empty(server.data_dir()).unwrap();
    let row = index_data::load::SourceRow { id: "7".into(), name: "别人".into(), ..Default::default() };
    other.reindex([Ok::<_, std::convert::Infallible>(row)], |_| {}).unwrap();
    while server.get("/v1/orgs/7").status != 200 {
        std::thread::yield_now();
    }
    slow.write_all(&file[3..]).unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
}

#[test]
fn an_upload_that_is_cut_or_never_ends_leaves_nothing() {
    use std::io::Read;
    let limits = LimitSettings { upload_deadline: Duration::from_millis(1), ..LimitSettings::default() };
    let server = TestServer::empty(limited(limits));
    let late = server.begin_upload_without_waiting(1_000, b"id,name");
    let mut answer = String::new();
    (&late).read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("upload_stalled"), "{answer}");

    let server = TestServer::empty(ServeSettings::default());
    drop(server.begin_upload(1_000, b"id,name"));
    let uploads = server.data_dir().join("uploads");
    while std::fs::read_dir(&uploads).unwrap().count() > 0 {
        std::thread::yield_now();
    }
    assert_eq!(server.admin_get("/v1/admin/jobs").json()["jobs"], json!([]));
}

// 10. The page

#[test]
fn the_page_works_without_scripts() {
    let page = SERVER.get(&url("/", &[("q", "软件工程")]));
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.body.contains("<form role=\"search\" action=\"/\" method=\"get\">"));
    assert!(page.body.contains("value=\"软件工程\""));
    for shown in
        ["<mark>软件工程</mark>", "团支部", "智慧团建", "北京大学软件与微电子学院", "<bdi>毕业</bdi>"]
    {
        let page_of_graduates = SERVER.get(&url("/", &[("q", "2019级软件工程"), ("status", "graduated")]));
        let other = SERVER.get(&url("/", &[("q", "全国铁道")]));
        assert!([&page, &page_of_graduates, &other].iter().any(|page| page.body.contains(shown)), "{shown}");
    }
    let mut seen = 0;
    let mut address = url("/", &[("q", "软件工程"), ("within", "3"), ("lang", "en")]);
    for _ in 0..10 {
        let page = SERVER.get(&address);
        assert_eq!(page.status, 200, "{address}");
        assert!(page.body.contains("<html lang=\"en\">"), "links keep the language");
        seen += page.body.matches("<h2>").count();
        let Some(next) = page.body.split("<a rel=\"next\" href=\"").nth(1) else { break };
        address = next.split('"').next().unwrap().replace("&amp;", "&");
    }
    assert_eq!(seen, CLASSES + 1, "the page leads to every match once");
}

#[test]
fn the_page_shows_the_way_without_scripts() {
    let listed = GUIDED.get(&url("/", &[("q", "北京大学"), ("from", "zhtj")]));
    assert!(listed.body.contains("<option selected value=\"zhtj\">"));
    let address = listed.body.split("<p class=\"choose\"><a href=\"").nth(1).unwrap();
    let address = address.split('"').next().unwrap().replace("&amp;", "&");
    let chosen = GUIDED.get(&address);
    assert_eq!(chosen.status, 200, "{address}");
    for shown in
        ["中国共产主义青年团北京大学委员会", "<p class=\"answer\">北京</p>", "青春北京", "bj1", "依据："]
    {
        assert!(chosen.body.contains(shown), "{shown} is not in\n{}", chosen.body);
    }
    assert_only_own_markup(&chosen);
    let asked = GUIDED.get("/?org=bj1");
    assert!(asked.body.contains("选择你现在所在的系统，这里就会写出转接的步骤"));
    assert_eq!(GUIDED.get("/?org=nobody&from=zhtj").status, 404);
}

#[test]
fn a_committee_leads_down_to_its_branches() {
    let page = SERVER.get("/?org=3&from=zhtj");
    let below = page.body.find("id=\"below\"").expect("what is below is listed");
    assert!(below < page.body.find("id=\"guide\"").unwrap(), "before the guide");
    assert!(page.body.contains("每名团员都必须编入一个团支部"));
    let active = &SERVER.get("/v1/orgs/3/children?status=active").json()["total"]["value"];
    assert!(page.body.contains(&format!("下级组织 {active} 个")), "{}", page.body);
    assert!(
        page.body.contains("2024级软件工程") && !page.body.contains("2019级软件工程"),
        "active ones only"
    );
    let link =
        page.body.split("<ul class=\"choices\">\n<li><a href=\"").nth(1).unwrap().split('"').next().unwrap();
    let branch = SERVER.get(&link.replace("&amp;", "&"));
    assert!(branch.body.contains("data-steps=\"zhtj:"), "{}", branch.body);
    assert!(!branch.body.contains("id=\"below\""), "a branch is the end");
    assert!(SERVER.get("/?org=3").body.contains("id=\"below\""), "whatever the system");
}

#[test]
fn steps_are_a_checklist_that_can_be_copied() {
    let page = GUIDED.get("/?org=bj1&from=zhtj");
    assert_eq!(page.body.matches("<input type=\"checkbox\" hidden>").count(), 6);
    assert!(page.body.contains("data-steps=\"zhtj:bj1\""));
    assert!(page.body.contains("data-copy=\"1. 在你现在所在的系统里发起转接"), "{}", page.body);
    let step = page.body.split("<li><label>").nth(1).unwrap().split("</li>").next().unwrap();
    assert!(step.contains("data-copy=\"中国共产主义青年团北京大学委员会\""), "{step}");
}

#[test]
fn an_organization_has_a_page_to_be_sent_around() {
    let page = GUIDED.get("/o/bj1");
    let host = GUIDED.address();
    assert_eq!((page.status, page.header("content-type").as_str()), (200, "text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; script-src 'self'"));
    for shown in [
        "<meta property=\"og:title\" content=\"中国共产主义青年团北京大学委员会\">",
        &format!("<meta property=\"og:url\" content=\"{host}/o/bj1\">"),
        "<meta name=\"twitter:card\" content=\"summary\">",
        "<svg class=\"qr\"",
        &format!("data-copy=\"{host}/o/bj1\""),
        "<input type=\"hidden\" name=\"org\" value=\"bj1\">",
        "中国共产主义青年团北京市委员会",
    ] {
        assert!(page.body.contains(shown), "{shown} is not in\n{}", page.body);
    }
    let moved = GUIDED.get("/o/old");
    assert_eq!((moved.status, moved.header("location").as_str()), (303, "/o/sd1"));
    assert_eq!(GUIDED.get("/o/shut").status, 200, "it has no successor");
    let unknown = GUIDED.get("/o/nobody");
    assert_eq!((unknown.status, unknown.header("content-type").as_str()), (404, "text/html; charset=utf-8"));
    assert!(GUIDED.get("/?org=bj1").body.contains("href=\"/o/bj1\""));
    assert!(GUIDED.get("/o/bj1?lang=en").body.contains("Show the steps"));
    let odd = SERVER.get(&format!("/o/{}", escaped("a/b c?")));
    assert!(odd.body.contains(&format!("content=\"{}/o/a%2Fb%20c%3F\"", SERVER.address())), "{}", odd.body);
    let hostile = SERVER.get("/o/72");
    assert!(!hostile.body.contains("<img") && hostile.body.contains("&quot;&gt;&lt;img"), "{}", hostile.body);
}

#[test]
fn a_host_that_is_none_is_not_repeated() {
    for host in ["evil\"><script>", "a b", "a/b"] {
        let page = SERVER.send("GET", "/o/3", &[("host", host)], None);
        assert!(page.status >= 400 || !page.body.contains("og:url"), "{host}\n{}", page.body);
    }
    let public_url = Some(PublicUrl::parse("https://org.example.cn/").unwrap());
    let contact = Some(Contact::parse("<b>团委</b> 010-1").unwrap());
    let web = WebSettings { public_url, contact, ..WebSettings::default() };
    let server = TestServer::in_memory_with(&ORGS, ServeSettings { web, ..ServeSettings::default() });
    let page = server.get("/o/3");
    assert!(page.body.contains("<meta property=\"og:url\" content=\"https://org.example.cn/o/3\">"));
    let found = server.get(&url("/", &[("q", "软件")]));
    assert!(
        found.body.contains("<details class=\"missing\">")
            && found.body.contains("&lt;b&gt;团委&lt;/b&gt; 010-1")
    );
    let nothing = server.get("/?q=zzzzqqqq");
    assert!(nothing.body.contains("<details class=\"missing\" open>"), "{}", nothing.body);
    assert!(!SERVER.get("/?q=zzzzqqqq").body.contains("找不到？"), "nobody is named");
}

#[test]
fn the_empty_page_has_examples_that_find_something() {
    let page = SERVER.get("/");
    let address =
        page.body.split("<a data-example href=\"").nth(1).expect("an example").split('"').next().unwrap();
    let found = SERVER.get(&address.replace("&amp;", "&"));
    assert!(found.body.contains("<ol class=\"hits\">\n<li>"), "{}", found.body);
}

#[test]
fn misses_are_counted_without_a_text() {
    let limits = LimitSettings { body_bytes: 100, ..LimitSettings::default() };
    let origin = AllowedOrigin::parse("https://form.example.cn").unwrap();
    let web = WebSettings { allow_origins: vec![origin], ..WebSettings::default() };
    let server = TestServer::in_memory_with(&ORGS, ServeSettings { web, ..limited(limits) });
    let origin = ("origin", "https://form.example.cn");
    let counted = server.send("POST", "/v1/misses", &[origin], Some(b""));
    assert_eq!((counted.status, counted.body.as_str()), (204, ""));
    assert_eq!(counted.header("access-control-allow-origin"), "https://form.example.cn");
    assert_eq!(server.send("POST", "/v1/misses", &[], Some("张三".as_bytes())).status, 204);
    assert_eq!(server.send("POST", "/v1/misses", &[], Some(&[b'x'; 101])).status, 413);
    assert_eq!(server.get("/v1/misses").status, 405);
    let metrics = server.get("/metrics").body;
    assert!(metrics.contains("orgsearch_misses_total 2\n") && !metrics.contains("张三"), "{metrics}");
}

#[test]
fn choices_are_written_down_where_that_is_on() {
    let choice = |query: &str, id: &str, position: i64| {
        json!({"query": query, "id": id, "position": position, "generation": "g000001"}).to_string()
    };
    let post = |server: &TestServer, client: &str, body: &str| {
        server.send("POST", "/v1/feedback", &[("x-real-ip", client)], Some(body.as_bytes()))
    };
    let off = post(&SERVER, "10.0.0.1", &choice("北大", "2", 1));
    assert_eq!((off.status, &off.json()["code"]), (404, &json!("not_found")));

    let limits = LimitSettings {
        client_ip_header: Some("x-real-ip".parse().unwrap()),
        client_rate: 1,
        client_burst: 8,
        ..LimitSettings::default()
    };
    let feedback = FeedbackSettings { is_on: true, askers: 2, ..FeedbackSettings::default() };
    let server = TestServer::on_disk_with(&ORGS, ServeSettings { feedback, ..limited(limits) });
    for (body, status, code) in [
        ("{", 400, "invalid_body"),
        ("{}", 400, "invalid_body"),
        (&choice("北大", "2", 0), 400, "invalid_body"),
        (&choice("北大", "2", -1), 400, "invalid_body"),
        (&choice(&"北".repeat(300), "2", 1), 400, "query_too_long"),
        (&choice("北大", "none", 1), 404, "unknown_org"),
    ] {
        let answer = post(&server, "10.0.0.9", body);
        assert_eq!((answer.status, &answer.json()["code"]), (status, &json!(code)), "{body}");
    }
    let log = || std::fs::read_to_string(server.data_dir().join("feedback/clicks.tsv")).unwrap();
    assert_eq!(log(), "");
    for client in ["10.0.0.1", "10.0.0.1"] {
        let answer = post(&server, client, &choice("北大 軟微", "3", 2));
        assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    }
    assert_eq!(log().lines().count(), 1, "one asker counts once: {}", log());
    assert!(!log().contains("北大") && !log().contains("10.0.0"), "{}", log());
    assert_eq!(post(&server, "10.0.0.2", &choice("北大软微", "3", 2)).status, 204);
    assert!(log().ends_with("\t2\t北大软微\t3\n"), "what two typed alike is text: {}", log());
    assert_eq!(post(&server, "10.0.0.3", &choice(" ", "3", 1)).status, 204);
    assert_eq!(log().lines().count(), 2, "nothing typed says nothing");
    let refused = (0..10).map(|_| post(&server, "10.0.0.1", &choice("北大", "2", 1)).status);
    assert!(refused.collect::<Vec<_>>().contains(&429), "the rate of a client holds here too");
    assert_eq!(server.get("/v1/feedback").status, 405);
}

#[test]
fn the_page_speaks_two_languages_and_tells_errors() {
    for (path, accepted, status, words) in [
        ("/".to_owned(), "zh", 200, "团组织查询"),
        ("/".to_owned(), "en", 200, "League organization search"),
        ("/?lang=en".to_owned(), "zh", 200, "League organization search"),
        ("/?lang=zh-CN".to_owned(), "en", 200, "团组织查询"),
        ("/?q=zzzzqqqq".to_owned(), "zh", 200, "没有找到组织"),
        ("/?q=a&within=nobody".to_owned(), "zh", 404, "没有 id 为“nobody”的组织"),
        ("/?q=a&cursor=x".to_owned(), "en", 400, "Invalid cursor"),
        (url("/", &[("q", &"团".repeat(201))]), "en", 400, "at most 200"),
    ] {
        let page = SERVER.send("GET", &path, &[("accept-language", accepted)], None);
        assert_eq!(page.status, status, "{path}");
        assert!(page.body.contains(words), "{path}: {words} is not in\n{}", page.body);
        assert!(page.header("content-type").starts_with("text/html"));
    }
}

#[test]
fn names_cannot_break_the_page() {
    for (parameters, shown) in [
        (vec![("q", "70")], "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;"),
        (vec![("q", "72")], "&quot;&gt;&lt;img src=x onerror=alert(1)&gt;"),
        (vec![("q", "71")], "<bdi>\u{202e}反向团支部</bdi>"),
        (vec![("q", "\"><script>x</script>")], "value=\"&quot;&gt;&lt;script&gt;"),
        (
            vec![("q", "a"), ("within", "\"><script>x</script>")],
            "name=\"within\" value=\"&quot;&gt;&lt;script",
        ),
        (vec![("q", "a"), ("cursor", "\"><script>x</script>")], "cursor=%22%3E%3Cscript%3E"),
        (vec![("q", "a"), ("lang", "\"><script>x</script>")], "<html lang=\"zh-CN\">"),
    ] {
        let page = SERVER.get(&url("/", &parameters));
        let seen = page.body.replace("<mark>", "").replace("</mark>", "");
        assert!(
            seen.contains(shown) || page.status >= 400 && !shown.starts_with('<'),
            "{shown} is not in\n{seen}"
        );
        assert_only_own_markup(&page);
    }
}

/// No script but our file, no style, no handler, no address of elsewhere.
fn assert_only_own_markup(page: &Answer) {
    assert_eq!(page.body.matches("<script").count(), 2, "{}", page.body);
    assert!(page.body.contains("<script src=\"/org-autocomplete.js\" defer></script>"));
    assert!(page.body.contains("<script src=\"/assets/page.js\" defer></script>"));
    for forbidden in [
        "<style",
        "<img",
        "style=\"",
        "onclick",
        " onerror=alert(1)>\"",
        "javascript:",
        "http://",
        "https://",
    ] {
        assert!(!page.body.contains(forbidden), "{forbidden} is in\n{}", page.body);
    }
}

#[test]
fn assets_are_served_and_not_sent_twice() {
    for (path, content_type) in [
        ("/assets/page.css", "text/css; charset=utf-8"),
        ("/assets/page.js", "text/javascript; charset=utf-8"),
        ("/assets/icon.svg", "image/svg+xml"),
    ] {
        let asset = SERVER.get(path);
        assert_eq!((asset.status, asset.header("content-type").as_str()), (200, content_type));
        assert!(!asset.body.is_empty());
        let again = SERVER.send("GET", path, &[("if-none-match", &asset.header("etag"))], None);
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{path}");
        assert!(
            !asset.body.contains("http://") || path.ends_with("svg"),
            "nothing is fetched from elsewhere"
        );
    }
}

#[test]
fn an_answer_that_is_known_is_not_searched_again() {
    let server = TestServer::on_disk(&ORGS);
    for path in [url("/v1/autocomplete", &[("q", "团委")]), url("/v1/search", &[("q", "团委")])] {
        let answer = server.get(&path);
        let etag = answer.header("etag");
        let ask = |tag: &str| server.send("GET", &path, &[("if-none-match", tag)], None);
        let known = ask(&etag);
        assert_eq!((known.status, known.body.as_str()), (304, ""), "{path}");
        assert_eq!(ask(&format!("\"other\", {etag}")).status, 304, "one of several");
        assert_eq!(ask("\"other\"").status, 200);
        let other = server.get(&format!("{path}&limit=1"));
        assert_ne!(other.header("etag"), etag, "another question has another answer");
    }
    let path = url("/v1/autocomplete", &[("q", "团委")]);
    let etag = server.get(&path).header("etag");
    server.reindex("", "text/csv", format!("{}new,新团支部,3,,,,,,,,,\n", *ORGS).as_bytes());
    let fresh = server.send("GET", &path, &[("if-none-match", &etag)], None);
    assert_eq!(fresh.status, 200, "the next generation may answer otherwise");
}

// 11. Transfer guide

static GUIDED: LazyLock<TestServer> = LazyLock::new(|| {
    let origin = AllowedOrigin::parse("https://form.example.cn").unwrap();
    let web = WebSettings { allow_origins: vec![origin], ..WebSettings::default() };
    TestServer::in_memory_with(
        include_str!("golden/transfer/orgs.csv"),
        ServeSettings { web, ..ServeSettings::default() },
    )
});

fn guide(id: &str, from: &str, language: &str) -> Value {
    let answer =
        GUIDED.get(&url(&format!("/v1/orgs/{id}/transfer-guide"), &[("from", from), ("lang", language)]));
    assert_eq!(answer.status, 200, "{id} from {from}: {}", answer.body);
    answer.json()
}

#[test]
fn the_transfer_guide_answers_as_its_table_says() {
    let mut cases = 0;
    for line in
        include_str!("golden/transfer/guide.tsv").lines().filter(|line| !line.starts_with('#')).skip(1)
    {
        let [from, id, answer, certainty, steps, says] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("not six columns: {line}");
        };
        let guide = guide(id, from, "zh");
        assert_eq!(guide["province"]["answer"].as_str().unwrap_or("-"), answer, "{line}: {guide}");
        assert_eq!(guide["province"]["certainty"].as_str().unwrap_or("-"), certainty, "{line}: {guide}");
        let statements = |list: &str| guide[list].as_array().unwrap().clone();
        let marks: String =
            statements("steps").iter().map(|step| &step["certainty"].as_str().unwrap()[..1]).collect();
        assert_eq!(marks, steps, "{line}: {guide}");
        let mut all = statements("steps");
        all.extend(statements("warnings"));
        let first = &guide["warnings"][0]["text"];
        assert!(first.as_str().unwrap().contains("每名团员都必须编入一个团支部"), "{line}: {guide}");
        assert!(all.iter().any(|said| said["text"].as_str().unwrap().contains(says)), "{line}: {guide}");
        for said in &all {
            assert!(
                !said["source"].as_str().unwrap().is_empty() && !said["text"].as_str().unwrap().contains('{')
            );
        }
        cases += 1;
    }
    assert!(cases >= 16 + 5);
}

#[test]
fn the_guide_gives_the_exact_name_and_the_successor() {
    let moved = guide("old", "zhtj", "en");
    assert_eq!(moved["org"]["id"], "sd1");
    assert_eq!(moved["asked"]["id"], "old");
    assert_eq!(moved["paste"], "中国共产主义青年团山东大学委员会");
    assert!(
        moved["warnings"][2]["text"]
            .as_str()
            .unwrap()
            .starts_with("中国共产主义青年团山东医科大学委员会 was")
    );
    let english = GUIDED.get("/v1/orgs/bj1/transfer-guide?from=zhtj&lang=en");
    assert_eq!(
        (&*english.header("content-language"), english.header("vary").contains("accept-language")),
        ("en", true)
    );
    assert_eq!(keys(&guide("bj1", "zhtj", "zh")), names("org from to paste province steps warnings"));
    for (path, status, code) in [
        ("/v1/orgs/bj1/transfer-guide", 400, "missing_parameter"),
        ("/v1/orgs/bj1/transfer-guide?from=mars", 400, "invalid_parameter"),
        ("/v1/orgs/nobody/transfer-guide?from=zhtj", 404, "unknown_org"),
    ] {
        let answer = GUIDED.get(path);
        assert_eq!((answer.status, answer.json()["code"].as_str()), (status, Some(code)), "{path}");
    }
}

// 12. Other origins

#[test]
fn only_allowed_origins_may_read_answers() {
    let path = url("/v1/autocomplete", &[("q", "山东")]);
    let with_origin = |path: &str, origin: &str| GUIDED.send("GET", path, &[("origin", origin)], None);
    let allowed = with_origin(&path, "https://form.example.cn");
    assert_eq!(allowed.header("access-control-allow-origin"), "https://form.example.cn");
    assert!(allowed.header("vary").to_lowercase().contains("origin"));
    assert_eq!(with_origin(&path, "https://evil.example.cn").header("access-control-allow-origin"), "");
    assert_eq!(
        with_origin("/v1/admin/jobs", "https://form.example.cn").header("access-control-allow-origin"),
        ""
    );
    assert_eq!(with_origin("/org-autocomplete.js", "https://evil.example.cn").status, 200);
    let refused = with_origin("/v1/autocomplete", "https://form.example.cn");
    assert_eq!(refused.status, 400);
    assert_eq!(refused.header("access-control-allow-origin"), "https://form.example.cn");
}

// 13. Rates

#[test]
fn a_client_that_asks_too_often_is_told_when_to_come_back() {
    let header = Some("x-real-ip".parse().unwrap());
    let limits = LimitSettings {
        client_rate: 1,
        client_burst: 3,
        client_ip_header: header,
        ..LimitSettings::default()
    };
    let server = TestServer::in_memory_with(&ORGS, limited(limits));
    let path = url("/v1/autocomplete", &[("q", "软件")]);
    let ask = |client: &str| server.send("GET", &path, &[("x-real-ip", client)], None);
    let answers: Vec<Answer> = (0..8).map(|_| ask("10.0.0.1")).collect();
    assert_eq!(answers[0].status, 200);
    let refused = answers.iter().find(|answer| answer.status == 429).expect("eight at once are too many");
    assert_eq!(refused.json()["code"], "rate_limited");
    assert!((1..=3).contains(&refused.header("retry-after").parse::<u32>().unwrap()));
    assert_eq!(ask("10.0.0.2").status, 200, "another client is not to blame");
    assert_eq!(server.get("/livez").status, 200);
}

// 14. Description

#[test]
fn the_contract_is_described_for_programs_and_people() {
    let document = SERVER.get("/openapi.json");
    assert_eq!((document.status, &*document.header("content-type")), (200, "application/json"));
    let json = document.json();
    assert!(json["openapi"].as_str().unwrap().starts_with("3.1"));
    let described: BTreeSet<&str> = json["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let expected = "/v1/autocomplete /v1/search /v1/orgs/{id} /v1/orgs/{id}/children /v1/orgs/{id}/explain /v1/roots \
                    /v1/orgs/{id}/transfer-guide /v1/misses /v1/feedback /v1/resolve /v1/admin/reindex /v1/admin/jobs /v1/admin/jobs/{id} \
                    /v1/admin/jobs/{id}/events /v1/admin/jobs/{id}/difference /v1/admin/jobs/{id}/publish \
                    /v1/admin/changes /v1/admin/generations /v1/admin/generations/{name} /v1/admin/generations/{name}/verify \
                    /v1/admin/generations/{name}/activate /v1/admin/generations/prune \
                    /v1/admin/rollback /livez /readyz /metrics";
    assert_eq!(described, names(expected));
    for (path, item) in json["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let documented = &operation["responses"];
            assert!(documented.get("default").is_some(), "{method} {path} documents no problem");
            for field in ["summary", "description"] {
                let text = operation[field].as_str().unwrap_or_default();
                assert!(!text.is_empty() && !text.contains("handler"), "{method} {path}: {field} {text:?}");
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let description = parameter["description"].as_str().unwrap_or_default();
                assert!(!description.is_empty(), "{method} {path}: {parameter}");
            }
        }
    }
    let hit = &json["components"]["schemas"]["HitJson"]["properties"];
    let answer = SERVER.get(&url("/v1/search", &[("q", "软件"), ("explain", "true")])).json();
    for key in keys(&answer["hits"][0]) {
        assert!(hit.get(key).is_some(), "{key} is not described");
    }
    let page = SERVER.get("/docs");
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains("/v1/orgs/{id}/transfer-guide") && !page.body.contains("<script"),
        "{}",
        page.body
    );
}
