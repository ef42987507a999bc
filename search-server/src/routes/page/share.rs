//! `GET /o/{id}`: one organization on a page of its own, to be sent to those who shall transfer to it: full name, path,
//! the way into the guide, and a QR code of this very address.

use super::html::Html;
use super::own_address::own_address;
use super::parts::{copy, head, path, system_options};
use super::qr::qr;
use super::query::PageQuery;
use super::{answer, refused, texts};
use crate::error::ApiError;
use crate::language::Language;
use crate::routes::parameters::Parameters;
use crate::state::AppState;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use index_data::model::OrgStatus;
use search_core::{CurrentOrg, OrgRecord};

/// The handler. Where the organization has a successor, the page of that one is the answer.
pub(crate) async fn share(
    State(state): State<AppState>,
    id: Result<Path<String>, PathRejection>,
    language: Language,
    parameters: Parameters,
    headers: HeaderMap,
) -> Response {
    let query = PageQuery { org: None, ..PageQuery::read(&parameters, language) };
    match look_up(&state, id).await {
        Ok(CurrentOrg { asked: Some(_), org }) => {
            (StatusCode::SEE_OTHER, [(LOCATION, query.share_path(&org.id))]).into_response()
        }
        Ok(CurrentOrg { asked: None, org }) => {
            let here = own_address(&state.settings.web, &headers);
            let here = here.map(|address| address + &share_path(&org.id));
            answer(language, write(&query, &org, here.as_deref()))
        }
        Err(error) => refused(&state, &query, &error),
    }
}

async fn look_up(state: &AppState, id: Result<Path<String>, PathRejection>) -> Result<CurrentOrg, ApiError> {
    let Path(id) = id?;
    Ok(state.run(move |engine, _| engine.current_org(&id)).await??)
}

/// The path of an organization's page.
pub(super) fn share_path(id: &str) -> String {
    let mut path = String::from("/o/");
    for byte in id.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'_' => path.push(char::from(byte)),
            _ => path.push_str(&format!("%{byte:02X}")),
        }
    }
    path
}

fn write(query: &PageQuery, org: &OrgRecord, here: Option<&str>) -> String {
    let language = query.language;
    let mut html = Html::default();
    head(&mut html, language, Some(&org.name), |html| preview(html, language, org, here));
    html.markup("<header>\n<p class=\"title\"><a href=\"")
        .text(&query.with_within(None).address())
        .markup("\">");
    html.text(texts::TITLE.in_language(language)).markup("</a></p>\n</header>\n");
    html.markup("<main>\n<section class=\"chosen\" aria-labelledby=\"chosen\">\n<p class=\"label\">");
    html.text(texts::SHARED.in_language(language)).markup("</p>\n<h1 id=\"chosen\">").name(&org.name);
    html.markup("</h1>\n");
    if org.status != OrgStatus::Active {
        html.markup("<p class=\"note\">").text(texts::GONE.in_language(language)).markup("</p>\n");
    }
    path(&mut html, query, &org.path);
    html.markup("<p class=\"copies\">");
    copy(&mut html, texts::COPY_NAME.in_language(language), &org.name, language);
    html.markup("</p>\n</section>\n");
    way(&mut html, query, org);
    if let Some(here) = here {
        link(&mut html, language, here);
    }
    html.markup("</main>\n</body>\n</html>\n");
    html.finish()
}

/// What a messenger shows of the link.
fn preview(html: &mut Html, language: Language, org: &OrgRecord, here: Option<&str>) {
    let above: Vec<&str> = org.path.iter().map(|step| step.name.as_str()).collect();
    let description = match above.is_empty() {
        true => texts::GUIDE.in_language(language).to_owned(),
        false => above.join(" › "),
    };
    html.markup("<meta property=\"og:type\" content=\"website\">\n<meta property=\"og:title\" content=\"");
    html.text(&org.name).markup("\">\n<meta property=\"og:description\" content=\"").text(&description);
    html.markup("\">\n<meta name=\"description\" content=\"").text(&description);
    html.markup("\">\n<meta name=\"twitter:card\" content=\"summary\">\n");
    if let Some(here) = here {
        html.markup("<meta property=\"og:url\" content=\"")
            .text(here)
            .markup("\">\n<link rel=\"canonical\" href=\"");
        html.text(here).markup("\">\n");
    }
}

/// The question which system the member is in leads to the guide.
fn way(html: &mut Html, query: &PageQuery, org: &OrgRecord) {
    let language = query.language;
    html.markup("<section class=\"guide\" aria-labelledby=\"guide\">\n<h2 id=\"guide\">");
    html.text(texts::GUIDE.in_language(language)).markup("</h2>\n<form action=\"/\" method=\"get\">\n");
    html.markup("<input type=\"hidden\" name=\"org\" value=\"").text(&org.id).markup("\">\n");
    if query.names_language {
        html.markup("<input type=\"hidden\" name=\"lang\" value=\"").text(language.tag()).markup("\">\n");
    }
    system_options(html, query);
    html.markup("<button>")
        .text(texts::SHOW_GUIDE.in_language(language))
        .markup("</button>\n</form>\n</section>\n");
}

fn link(html: &mut Html, language: Language, here: &str) {
    html.markup("<section class=\"share\" aria-labelledby=\"share\">\n<h2 id=\"share\">");
    html.text(texts::SHARE.in_language(language)).markup("</h2>\n");
    qr(html, here, texts::QR.in_language(language));
    html.markup("<p class=\"address\"><a href=\"")
        .text(here)
        .markup("\">")
        .text(here)
        .markup("</a></p>\n<p class=\"copies\">");
    copy(html, texts::COPY_LINK.in_language(language), here, language);
    html.markup("</p>\n</section>\n");
}
