//! The document is whole, its examples fit it, and so do the answers of a server over the sample tree.

use crate::build_app;
use crate::config::ServeSettings;
use crate::state::AppState;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use index_data::generate::beijing_sample;
use index_data::load::{ColumnMap, Format, Source};
use index_data::model::OrgTree;
use index_data::validate::{Severity, validate};
use search_core::Engine;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::Arc;
use tower::ServiceExt;

fn app(engine: Engine) -> Router {
    build_app(AppState::new(ServeSettings::default(), Arc::new(engine)))
}

fn sample() -> Engine {
    let csv = Cursor::new(beijing_sample());
    let source = Source::from_reader(csv, Format::Csv, "sample", &ColumnMap::default());
    Engine::in_memory(validate(source.unwrap()).unwrap().tree.unwrap()).unwrap()
}

async fn text(app: &Router, path: &str) -> String {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = app.clone().oneshot(request).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

async fn post(app: &Router, path: &str, body: &Value) -> Value {
    let request = Request::post(path).body(Body::from(body.to_string())).unwrap();
    let response = app.clone().oneshot(request).await.unwrap();
    serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap()
}

async fn get(app: &Router, path: &str) -> Value {
    serde_json::from_str(&text(app, path).await).unwrap_or_else(|error| panic!("{path}: {error}"))
}

async fn document() -> Value {
    get(&app(Engine::in_memory(OrgTree::default()).unwrap()), "/openapi.json").await
}

/// Every operation with its name, such as `get /livez`.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        all.extend(item.as_object().unwrap().iter().map(|(method, of)| (format!("{method} {path}"), of)));
    }
    all
}

/// Every content of an operation's request and answers, with its place.
fn contents(operation: &Value) -> Vec<(String, &Value)> {
    let answers = operation["responses"].as_object().unwrap().iter();
    let answers = answers.map(|(status, answer)| (status.as_str(), answer));
    let messages = answers.chain([("body", &operation["requestBody"])]);
    let mut all = Vec::new();
    for (name, message) in messages {
        let of = message["content"].as_object().into_iter().flatten();
        all.extend(of.map(|(content_type, content)| (format!("{name} {content_type}"), content)));
    }
    all
}

fn is_said(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

/// Says what of a value does not fit a schema.
fn fits(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    if let Some(address) = schema["$ref"].as_str() {
        let named = document.pointer(address.trim_start_matches('#')).ok_or(address)?;
        return fits(document, named, value);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let errors: Vec<String> =
            choices.iter().filter_map(|choice| fits(document, choice, value).err()).collect();
        return if errors.len() < choices.len() { Ok(()) } else { Err(errors.join("; ")) };
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        return Err(format!("{value} is not among {words:?}"));
    }
    let types = schema["type"].as_array().cloned().unwrap_or_else(|| vec![schema["type"].clone()]);
    let own = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let has_parts = own == "object" && schema["allOf"].is_array();
    if !has_parts && !types.iter().any(|name| name == own || name == "number" && own == "integer") {
        return Err(format!("{value} is no {types:?}"));
    }
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| fits(document, &schema["items"], item)),
        Value::Object(fields) => fields_fit(document, schema, fields),
        _ => Ok(()),
    }
}

fn fields_fit(document: &Value, schema: &Value, fields: &Map<String, Value>) -> Result<(), String> {
    let parts = parts(document, schema);
    for name in parts.iter().flat_map(|part| part["required"].as_array().into_iter().flatten()) {
        if !fields.contains_key(name.as_str().unwrap_or_default()) {
            return Err(format!("{name} is missing"));
        }
    }
    for (name, value) in fields {
        let named = parts.iter().find_map(|part| part["properties"].get(name));
        let of = named.or_else(|| parts.iter().find_map(|part| part.get("additionalProperties")));
        let of = of.ok_or_else(|| format!("{name} is unknown"))?;
        fits(document, of, value).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

/// The objects that a schema is put together from.
fn parts<'a>(document: &'a Value, schema: &'a Value) -> Vec<&'a Value> {
    if let Some(address) = schema["$ref"].as_str() {
        return parts(document, document.pointer(address.trim_start_matches('#')).unwrap());
    }
    match schema["allOf"].as_array() {
        Some(all) => all.iter().flat_map(|part| parts(document, part)).collect(),
        None => vec![schema],
    }
}

#[tokio::test]
async fn operations_and_parameters_are_described_with_examples() {
    let document = document().await;
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(&document) {
        for field in ["summary", "description", "operationId"] {
            assert!(is_said(&operation[field]), "{name} has no {field}");
        }
        assert!(ids.insert(operation["operationId"].as_str()), "{name}: its id is another's too");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let is_whole = is_said(&parameter["description"]) && !parameter["example"].is_null();
            assert!(is_whole, "{name}: {parameter}");
        }
    }
    assert!(ids.len() > 15, "{ids:?}");
}

#[tokio::test]
async fn every_body_has_an_example_that_fits_its_schema() {
    let document = document().await;
    let mut examples = 0;
    for (name, operation) in operations(&document) {
        for (place, content) in contents(operation) {
            let example = &content["example"];
            assert!(!example.is_null(), "{name}, {place}: no example");
            if let Err(error) = fits(&document, &content["schema"], example) {
                panic!("{name}, {place}: {error}");
            }
            examples += 1;
        }
    }
    assert!(examples > 30, "{examples}");
}

#[tokio::test]
async fn every_field_of_every_type_is_described() {
    let document = document().await;
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(is_said(&schema["description"]), "{name}");
        for part in parts(&document, schema) {
            for (field, of) in part["properties"].as_object().into_iter().flatten() {
                let choices = of["oneOf"].as_array().into_iter().flatten();
                let mut said = std::iter::once(of).chain(choices).map(|of| &of["description"]);
                assert!(said.any(is_said), "{name}.{field}: {of}");
            }
        }
    }
}

#[tokio::test]
async fn closed_lists_of_words_are_enums_and_open_ones_are_not() {
    let document = document().await;
    let schemas = &document["components"]["schemas"];
    for (name, word) in [
        ("MatchReason", "short_form"),
        ("HighlightField", "path"),
        ("PartRole", "boilerplate"),
        ("TotalRelation", "gte"),
        ("Decision", "ambiguous"),
        ("Certainty", "not_stated"),
        ("JobState", "cancelled"),
        ("JobStep", "seal"),
        ("FindingCode", "cycle"),
        ("ProblemCode", "unknown_org"),
    ] {
        let words = schemas[name]["enum"].as_array().unwrap_or_else(|| panic!("{name} is no enum"));
        assert!(words.contains(&json!(word)), "{name}: {words:?}");
    }
    for severity in [Severity::Info, Severity::Warning, Severity::Error] {
        assert_eq!(fits(&document, &schemas["Severity"], &json!(severity)), Ok(()));
    }
    for field in ["kind", "system", "status"] {
        let schema = &schemas["OrgJson"]["properties"][field];
        assert!(schema["enum"].is_null() && schema["examples"].is_array(), "{field}: {schema}");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_told() {
    let document = document().await;
    let schema = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let total = |value: Value| fits(&document, &schema("TotalJson"), &value);
    assert_eq!(total(json!({ "value": 1, "relation": "eq" })), Ok(()));
    assert!(total(json!({ "value": 1 })).is_err(), "a required field is missing");
    assert!(total(json!({ "value": 1, "relation": "eq", "more": 1 })).is_err(), "a field is unknown");
    assert!(total(json!({ "value": 1, "relation": "about" })).is_err(), "a word is not among the enum's");
    assert!(total(json!({ "value": "1", "relation": "eq" })).is_err(), "a type is wrong");
}

#[tokio::test]
async fn answers_fit_the_document() {
    let app = app(sample());
    let document = get(&app, "/openapi.json").await;
    let org = "/v1/orgs/10001154";
    for (operation, status, path) in [
        (
            "/v1/autocomplete",
            "200",
            "/v1/autocomplete?q=%E6%B5%81%E5%8A%A8%E5%9B%A2%E5%91%98&explain=true".to_owned(),
        ),
        ("/v1/search", "200", "/v1/search?q=beida&explain=true&facets=kind,system,region".to_owned()),
        ("/v1/orgs/{id}", "200", org.to_owned()),
        ("/v1/orgs/{id}", "default", "/v1/orgs/none".to_owned()),
        ("/v1/orgs/{id}/children", "200", format!("{org}/children")),
        ("/v1/orgs/{id}/explain", "200", format!("{org}/explain?q=beida")),
        ("/v1/orgs/{id}/transfer-guide", "200", format!("{org}/transfer-guide?from=guangdong")),
        ("/v1/roots", "200", "/v1/roots".to_owned()),
        ("/livez", "200", "/livez".to_owned()),
        ("/readyz", "default", "/readyz".to_owned()),
    ] {
        let answer = get(&app, &path).await;
        assert_ne!(answer["hits"], json!([]), "{path}");
        let contents = document["paths"][operation]["get"]["responses"][status]["content"].as_object();
        let schema = &contents.unwrap().values().next().unwrap()["schema"];
        if let Err(error) = fits(&document, schema, &answer) {
            panic!("{path}: {error}: {answer:#}");
        }
    }
}

#[tokio::test]
async fn the_example_of_a_batch_is_a_real_one() {
    let app = app(sample());
    let document = get(&app, "/openapi.json").await;
    let operation = &document["paths"]["/v1/resolve"]["post"];
    let body = &operation["requestBody"]["content"]["application/json"]["example"];
    let answer = post(&app, "/v1/resolve", body).await;
    let shown = &operation["responses"]["200"]["content"]["application/json"];
    if let Err(error) = fits(&document, &shown["schema"], &answer) {
        panic!("{error}: {answer:#}");
    }
    let of = |answer: &Value| -> Vec<Value> {
        let results = answer["results"].as_array().unwrap().iter();
        results
            .map(|result| json!([result["key"], result["decision"], result["match"]["id"], result["error"]]))
            .collect()
    };
    assert_eq!(of(&shown["example"]), of(&answer), "{answer:#}");
}

#[tokio::test]
async fn the_example_of_an_organization_is_a_real_one() {
    let app = app(sample());
    let document = get(&app, "/openapi.json").await;
    let answer = &document["paths"]["/v1/orgs/{id}"]["get"]["responses"]["200"];
    assert_eq!(answer["content"]["application/json"]["example"], get(&app, "/v1/orgs/10001154").await);
}

#[tokio::test]
async fn the_page_shows_examples_words_and_fields_that_may_be_null() {
    let page = text(&app(Engine::in_memory(OrgTree::default()).unwrap()), "/docs").await;
    for shown in [
        "<summary>example</summary>\n<pre><code>",
        "<code>short_form</code>",
        "The hit that stands first, with its explanation",
        "How many organizations stand below it",
        "<a href=\"#MatchReason\">",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
}
