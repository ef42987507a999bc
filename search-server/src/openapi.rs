//! The description of the HTTP contract, derived from the types of requests and answers.
//!
//! `GET /openapi.json` gives it to programs; `GET /docs` shows it to people.

mod examples;
pub(crate) mod vocabularies;

pub(crate) use examples::add_examples;

use crate::json::problem::ProblemJson;
use utoipa::openapi::path::Parameter;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi, OpenApiBuilder, RefOr, Schema};
use utoipa::{Modify, Number};

struct AdminKey;

impl Modify for AdminKey {
    fn modify(&self, document: &mut OpenApi) {
        let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        document.components.get_or_insert_default().add_security_scheme("admin_key", bearer);
    }
}

/// The document without its paths.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "orgsearch",
        description = "Resolves what people type to organizations of China's Communist Youth League."
    ),
    tags(
        (name = "search", description = "What was typed, to organizations"),
        (name = "organizations", description = "One organization"),
        (name = "admin", description = "Replacing the tree; these routes exist only where an admin key is set"),
        (name = "health", description = "For the machinery around the server")
    ),
    components(schemas(ProblemJson<'_>)),
    modifiers(&AdminKey)
)]
struct Document;

/// The document that routes add themselves to.
pub(crate) fn document() -> OpenApi {
    let document = <Document as utoipa::OpenApi>::openapi();
    OpenApiBuilder::from(document).build()
}

/// Writes the largest page of this server, a setting, into the parameters that ask for a page.
pub(crate) fn set_largest_page(document: &mut OpenApi, largest: usize) {
    let operations = document.paths.paths.values_mut().filter_map(|item| item.get.as_mut());
    for parameter in operations.filter_map(|operation| operation.parameters.as_mut()).flatten() {
        let RefOr::T(Parameter { name, schema: Some(RefOr::T(Schema::Object(number))), .. }) = parameter
        else {
            continue;
        };
        if name == "limit" {
            number.maximum = Some(Number::UInt(largest));
        }
    }
}

#[cfg(test)]
mod tests;
