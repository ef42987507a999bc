//! An example for every request and answer: real ones from the sample tree, their lists shortened.

use serde_json::Value;
use utoipa::openapi::path::{HttpMethod, Operation, PathItem};
use utoipa::openapi::{Content, OpenApi, RefOr};

use HttpMethod::{Delete, Get, Post};
use Place::{Answer, Request};

/// Where in an operation an example belongs.
enum Place {
    Request,
    Answer(&'static str),
}

/// What stands in the folder of examples.
macro_rules! file {
    ($name:literal) => {
        include_str!(concat!("examples/", $name))
    };
}

/// Every example but those of problems.
const EXAMPLES: &[(HttpMethod, &str, Place, &str)] = &[
    (Get, "/v1/autocomplete", Answer("200"), file!("autocomplete.json")),
    (Get, "/v1/search", Answer("200"), file!("search.json")),
    (Get, "/v1/orgs/{id}", Answer("200"), file!("org.json")),
    (Get, "/v1/orgs/{id}/children", Answer("200"), file!("children.json")),
    (Get, "/v1/orgs/{id}/explain", Answer("200"), file!("explain.json")),
    (Get, "/v1/orgs/{id}/transfer-guide", Answer("200"), file!("transfer_guide.json")),
    (Post, "/v1/resolve", Request, file!("resolve_request.json")),
    (Post, "/v1/resolve", Answer("200"), file!("resolve.json")),
    (Post, "/v1/feedback", Request, file!("feedback_request.json")),
    (Get, "/v1/roots", Answer("200"), file!("roots.json")),
    (Post, "/v1/admin/reindex", Request, file!("reindex_request.csv")),
    (Post, "/v1/admin/reindex", Answer("202"), file!("reindex.json")),
    (Post, "/v1/admin/changes", Request, file!("changes_request.json")),
    (Post, "/v1/admin/changes", Answer("200"), file!("changes.json")),
    (Post, "/v1/admin/changes", Answer("202"), file!("changes_queued.json")),
    (Get, "/v1/admin/jobs", Answer("200"), file!("jobs.json")),
    (Get, "/v1/admin/jobs/{id}", Answer("200"), file!("job.json")),
    (Delete, "/v1/admin/jobs/{id}", Answer("202"), file!("cancel.json")),
    (Get, "/v1/admin/jobs/{id}/events", Answer("200"), file!("job_events.json")),
    (Get, "/v1/admin/jobs/{id}/difference", Answer("200"), file!("difference.csv")),
    (Post, "/v1/admin/jobs/{id}/publish", Answer("202"), file!("publish_job.json")),
    (Get, "/v1/admin/generations", Answer("200"), file!("generations.json")),
    (Get, "/v1/admin/generations/{name}", Answer("200"), file!("generation.json")),
    (Post, "/v1/admin/generations/{name}/verify", Answer("200"), file!("verified.json")),
    (Post, "/v1/admin/generations/{name}/activate", Answer("200"), file!("rollback.json")),
    (Post, "/v1/admin/generations/prune", Answer("200"), file!("pruned.json")),
    (Post, "/v1/admin/rollback", Request, file!("rollback_request.json")),
    (Post, "/v1/admin/rollback", Answer("200"), file!("rollback.json")),
    (Get, "/livez", Answer("200"), file!("livez.json")),
    (Get, "/readyz", Answer("200"), file!("readyz.json")),
    (Get, "/metrics", Answer("200"), file!("metrics.txt")),
];

/// A problem for the operations of each tag.
const PROBLEMS: &[(&str, &str)] = &[
    ("search", file!("problem_search.json")),
    ("organizations", file!("problem_organizations.json")),
    ("admin", file!("problem_admin.json")),
    ("health", file!("problem_health.json")),
];

/// Writes the examples into the operations they belong to.
pub(crate) fn add_examples(document: &mut OpenApi) {
    for (method, path, place, text) in EXAMPLES {
        let item = document.paths.paths.get_mut(*path);
        if let Some(operation) = item.and_then(|item| operation(item, method)) {
            add_example(operation, place, text);
        }
    }
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        let tags = operation.tags.clone().unwrap_or_default();
        for (_, text) in PROBLEMS.iter().filter(|(tag, _)| tags.iter().any(|own| own == tag)) {
            add_example(operation, &Answer("default"), text);
        }
    }
}

fn operation<'a>(item: &'a mut PathItem, method: &HttpMethod) -> Option<&'a mut Operation> {
    match method {
        Get => item.get.as_mut(),
        Post => item.post.as_mut(),
        Delete => item.delete.as_mut(),
        _ => None,
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.delete].into_iter().flatten()
}

fn add_example(operation: &mut Operation, place: &Place, text: &str) {
    match place {
        Request => {
            if let Some(RefOr::T(body)) = &mut operation.request_body {
                set_example(&mut body.content, text);
            }
        }
        Answer(status) => {
            if let Some(RefOr::T(answer)) = operation.responses.responses.get_mut(*status) {
                set_example(&mut answer.content, text);
            }
        }
    }
}

fn set_example<'a>(contents: impl IntoIterator<Item = (&'a String, &'a mut RefOr<Content>)>, text: &str) {
    for (content_type, content) in contents {
        if let RefOr::T(content) = content {
            content.example = example(content_type, text);
        }
    }
}

/// JSON as the value that it is, anything else as a string. A broken file is no example; tests look for each.
fn example(content_type: &str, text: &str) -> Option<Value> {
    if content_type.ends_with("json") { serde_json::from_str(text).ok() } else { Some(text.into()) }
}
