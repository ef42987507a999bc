//! The description of the HTTP contract, derived from the types of requests and answers.
//!
//! `GET /openapi.json` gives it to programs; `GET /docs` shows it to people.

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi, OpenApiBuilder};
use utoipa::{IntoParams, Modify, ToSchema};

/// What every answer other than the wished one is.
pub(crate) const PROBLEM: &str =
    "A problem document (RFC 9457) with a stable `code`, in Chinese or English by `Accept-Language`";

/// A problem document.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what middleware/problems.rs writes")]
pub(crate) struct Problem {
    /// `urn:orgsearch:problem:` and the code.
    r#type: String,
    /// The name of the problem.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What is wrong with this request, and what would be right.
    detail: String,
    /// The stable code.
    code: String,
    /// The parameter that is wrong, if one is.
    parameter: Option<String>,
    /// The path asked for.
    instance: String,
    /// Names the request in the server's log.
    request_id: String,
}

/// What was typed.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what routes/parameters.rs reads")]
pub(crate) struct TypedQuery {
    /// What was typed: a name, parts of it, pinyin, an alias or an id.
    q: String,
}

/// What narrows and shapes the hits.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what routes/parameters.rs reads")]
pub(crate) struct Narrowing {
    /// Hits on one page.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// Continues after an earlier answer's `next_cursor`.
    cursor: Option<String>,
    /// Only this organization and those below it.
    within: Option<String>,
    /// Raises organizations close to this one; hides none.
    near: Option<String>,
    /// Only these kinds, separated by commas: leading_body, committee, work_committee, general_branch, branch.
    kind: Option<String>,
    /// Only these home systems: zhtj, beijing, guangdong, fujian.
    system: Option<String>,
    /// Only these statuses: active, graduated, closed, merged.
    status: Option<String>,
    /// Only these regions.
    region: Option<String>,
    /// Whether hits say where they match.
    highlight: Option<bool>,
    /// Whether hits say why they stand where they stand.
    explain: Option<bool>,
}

/// What a results page asks besides.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what routes/parameters.rs reads")]
pub(crate) struct Paging {
    /// What to count over all matches, separated by commas: kind, system, region.
    facets: Option<String>,
}

/// A page of children.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what routes/parameters.rs reads")]
pub(crate) struct ChildrenPage {
    /// Children on one page.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// Continues after an earlier answer's `next_cursor`.
    cursor: Option<String>,
}

/// Where a member comes from.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what routes/transfer_guide.rs reads")]
pub(crate) struct GuideQuery {
    /// The home system the member is in: zhtj, beijing, guangdong or fujian.
    from: String,
    /// The language of the statements: zh or en.
    lang: Option<String>,
}

/// How a file is taken.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what admin/reindex.rs reads")]
pub(crate) struct ReindexQuery {
    /// Checks and reports only; publishes nothing.
    dry_run: Option<bool>,
    /// Which column holds what: name=组织全称. May be repeated.
    map: Option<String>,
    /// The format of the file where its name or type does not say it: csv, tsv, jsonl or xlsx.
    format: Option<String>,
}

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
    components(schemas(Problem)),
    modifiers(&AdminKey)
)]
struct Document;

/// The document that routes add themselves to.
pub(crate) fn document() -> OpenApi {
    let document = <Document as utoipa::OpenApi>::openapi();
    OpenApiBuilder::from(document).build()
}
