//! `GET /openapi.json` and `GET /docs`: the HTTP contract for programs and for people. The page is written from the same
//! document, without scripts.

use super::assets::script_line;
use super::page::html::Html;
use crate::config::{PublicUrl, WebSettings};
use crate::middleware::security_headers::PAGE_POLICY;
use crate::state::AppState;
use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue};
use axum::routing::get;
use serde_json::{Map, Value};
use utoipa::openapi::OpenApi;

/// Both routes; their answers are written once.
pub(crate) fn routes(document: &OpenApi, web: &WebSettings) -> Router<AppState> {
    let json = serde_json::to_value(document).unwrap_or_default();
    let text = format!("{json:#}\n");
    let page = page(&json, &script_line(web.public_url.as_ref().map_or("", PublicUrl::as_str)));
    let headers = |content_type: &'static str| -> [(HeaderName, HeaderValue); 3] {
        [
            (CONTENT_TYPE, HeaderValue::from_static(content_type)),
            (CONTENT_SECURITY_POLICY, PAGE_POLICY),
            (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        ]
    };
    Router::new()
        .route("/openapi.json", get(move || async move { (headers("application/json"), text) }))
        .route("/docs", get(move || async move { (headers("text/html; charset=utf-8"), page) }))
}

fn page(document: &Value, script_line: &str) -> String {
    let mut html = Html::default();
    html.markup("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.markup("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.markup("<meta name=\"color-scheme\" content=\"light dark\">\n<title>orgsearch API</title>\n");
    html.markup("<link rel=\"icon\" href=\"/assets/icon.svg\" type=\"image/svg+xml\">\n");
    html.markup("<link rel=\"stylesheet\" href=\"/assets/page.css\">\n</head>\n<body>\n<header>\n");
    html.markup("<h1 class=\"title\"><a href=\"/\">orgsearch</a> API</h1>\n");
    html.markup("<p><a href=\"/openapi.json\">openapi.json</a></p>\n</header>\n<main class=\"docs\">\n<p>");
    html.text(text(document, "/info/description"))
        .markup("</p>\n<section>\n<h2>form field</h2>\n<pre><code>");
    html.text(script_line).markup("</code></pre>\n</section>\n");
    for tag in array(document, "/tags") {
        let name = text(tag, "/name");
        html.markup("<section>\n<h2>").text(name).markup("</h2>\n<p>").text(text(tag, "/description"));
        html.markup("</p>\n");
        for (path, item) in object(document, "/paths") {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let is_here = array(operation, "/tags").any(|own| own.as_str() == Some(name));
                if is_here {
                    show_operation(&mut html, method, path, operation);
                }
            }
        }
        html.markup("</section>\n");
    }
    html.markup("<section>\n<h2>types</h2>\n");
    for (name, schema) in object(document, "/components/schemas") {
        show_type(&mut html, name, schema);
    }
    html.markup("</section>\n</main>\n</body>\n</html>\n");
    html.finish()
}

fn show_operation(html: &mut Html, method: &str, path: &str, operation: &Value) {
    html.markup("<details>\n<summary><code>").text(&method.to_uppercase()).markup(" ").text(path);
    html.markup("</code> ").text(text(operation, "/summary")).markup("</summary>\n<p>");
    html.text(text(operation, "/description")).markup("</p>\n<dl>\n");
    for parameter in array(operation, "/parameters") {
        html.markup("<dt><code>")
            .text(text(parameter, "/name"))
            .markup("</code> ")
            .text(text(parameter, "/in"));
        let is_required = parameter["required"].as_bool() == Some(true);
        html.markup(if is_required { ", required</dt>\n<dd>" } else { "</dt>\n<dd>" });
        html.text(text(parameter, "/description")).markup("</dd>\n");
    }
    if let Some(body) = operation.get("requestBody") {
        show_message(html, "body", body);
    }
    for (status, answer) in object(operation, "/responses") {
        show_message(html, status, answer);
    }
    html.markup("</dl>\n</details>\n");
}

/// A request or an answer: its description, and of each content its type and an example.
fn show_message(html: &mut Html, name: &str, message: &Value) {
    html.markup("<dt>").text(name).markup("</dt>\n<dd>").text(text(message, "/description"));
    for (content, body) in object(message, "/content") {
        html.markup(" – <code>").text(content).markup("</code>");
        type_of(html, &body["schema"]);
        show_example(html, &body["example"]);
    }
    html.markup("</dd>\n");
}

fn show_example(html: &mut Html, example: &Value) {
    let written = match example {
        Value::Null => return,
        Value::String(text) => text.clone(),
        json => format!("{json:#}"),
    };
    html.markup("<details>\n<summary>example</summary>\n<pre><code>");
    html.text(&written).markup("</code></pre>\n</details>\n");
}

fn show_type(html: &mut Html, name: &str, schema: &Value) {
    html.markup("<details id=\"")
        .text(name)
        .markup("\">\n<summary><code>")
        .text(name)
        .markup("</code></summary>\n<p>");
    html.text(text(schema, "/description")).markup("</p>\n");
    show_words(html, schema);
    show_choices(html, schema);
    for part in std::iter::once(schema).chain(array(schema, "/allOf")) {
        show_fields(html, part);
    }
    html.markup("</details>\n");
}

/// The words of an enum.
fn show_words(html: &mut Html, schema: &Value) {
    let words: Vec<&str> = array(schema, "/enum").filter_map(Value::as_str).collect();
    if words.is_empty() {
        return;
    }
    html.markup("<p>");
    for word in words {
        html.markup("<code>").text(word).markup("</code>\n");
    }
    html.markup("</p>\n");
}

/// The types that a value may have, where there are several.
fn show_choices(html: &mut Html, schema: &Value) {
    let mut choices = array(schema, "/oneOf").peekable();
    if choices.peek().is_none() {
        return;
    }
    html.markup("<p>one of");
    for choice in choices {
        type_of(html, choice);
    }
    html.markup("</p>\n");
}

/// The fields of an object, or the type that has them.
fn show_fields(html: &mut Html, schema: &Value) {
    if schema.get("$ref").is_some() {
        html.markup("<p>all of");
        type_of(html, schema);
        html.markup("</p>\n");
    }
    if schema.get("properties").is_none() {
        return;
    }
    html.markup("<dl>\n");
    for (field, of) in object(schema, "/properties") {
        html.markup("<dt><code>").text(field).markup("</code>");
        type_of(html, of);
        html.markup("</dt>\n<dd>").text(description(of)).markup("</dd>\n");
    }
    html.markup("</dl>\n");
}

/// What is said of a field. Of one that may be null, it stands beside the type.
fn description(schema: &Value) -> &str {
    let of = std::iter::once(schema).chain(array(schema, "/oneOf"));
    of.map(|schema| text(schema, "/description")).find(|text| !text.is_empty()).unwrap_or_default()
}

/// The type of a value: the name of a type as a link, or the JSON type.
fn type_of(html: &mut Html, schema: &Value) {
    let of = std::iter::once(schema).chain(array(schema, "/oneOf")).chain(schema.get("items"));
    for schema in of {
        if let Some(name) = schema["$ref"].as_str().and_then(|address| address.rsplit('/').next()) {
            html.markup(" <a href=\"#").text(name).markup("\">").text(name).markup("</a>");
        }
        match &schema["type"] {
            Value::String(name) => html.markup(" ").text(name),
            Value::Array(names) => {
                let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
                html.markup(" ").text(&names.join(" or "))
            }
            _ => html,
        };
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn array<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

fn object<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value.pointer(pointer).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}
