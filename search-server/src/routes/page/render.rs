//! Writes the page.

use super::chosen::chosen;
use super::html::Html;
use super::parts::{fact, path};
use super::query::PageQuery;
use super::results::Results;
use super::texts;
use crate::error::ApiError;
use crate::language::{Language, Text};
use index_data::model::OrgStatus;
use index_data::transfer::SYSTEMS;
use search_core::{Highlight, HighlightField, Hit, Hits, OrgRecord, Total};

/// The whole document, for a question not asked yet, answered, or refused.
pub(super) fn render(
    query: &PageQuery,
    outcome: Result<Option<&Results>, &ApiError>,
    query_chars: usize,
) -> String {
    let mut html = Html::default();
    head(&mut html, query);
    header(&mut html, query);
    html.markup("<main>\n");
    form(&mut html, query, query_chars);
    match outcome {
        Ok(None) => paragraph(&mut html, query.language, "<p class=\"intro\">", texts::INTRO),
        Ok(Some(Results::Found { found, within })) => {
            list(&mut html, query, &found.answer, within.as_deref());
        }
        Ok(Some(Results::Chosen(org))) => chosen(&mut html, query, org),
        Err(error) => refusal(&mut html, query, error),
    }
    html.markup("</main>\n</body>\n</html>\n");
    html.finish()
}

fn head(html: &mut Html, query: &PageQuery) {
    html.markup("<!doctype html>\n<html lang=\"").text(query.language.tag()).markup("\">\n<head>\n");
    html.markup("<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.markup("<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    if !query.text.is_empty() {
        html.text(&query.text).markup(" – ");
    }
    html.text(texts::TITLE.in_language(query.language)).markup("</title>\n");
    html.markup("<link rel=\"icon\" href=\"/assets/icon.svg\" type=\"image/svg+xml\">\n");
    html.markup("<link rel=\"stylesheet\" href=\"/assets/page.css\">\n");
    html.markup("<script src=\"/org-autocomplete.js\" defer></script>\n");
    html.markup("<script src=\"/assets/page.js\" defer></script>\n</head>\n<body>\n");
}

fn header(html: &mut Html, query: &PageQuery) {
    let language = query.language;
    let (home, other) = (PageQuery { text: String::new(), ..query.with_within(None) }, other(language));
    html.markup("<header>\n<h1 class=\"title\"><a href=\"").text(&home.address()).markup("\">");
    html.text(texts::TITLE.in_language(language)).markup("</a></h1>\n<p><a hreflang=\"").text(other.tag());
    html.markup("\" lang=\"")
        .text(other.tag())
        .markup("\" href=\"")
        .text(&query.in_language(other).address());
    html.markup("\">").text(texts::OTHER_LANGUAGE.in_language(language)).markup("</a></p>\n</header>\n");
}

fn form(html: &mut Html, query: &PageQuery, query_chars: usize) {
    let text = |text: Text| text.in_language(query.language);
    html.markup("<form role=\"search\" action=\"/\" method=\"get\">\n");
    systems(html, query);
    html.markup("<label for=\"q\">");
    html.text(text(texts::LABEL)).markup("</label>\n<div class=\"row\">\n<div class=\"field\">\n");
    html.markup("<input id=\"q\" name=\"q\" type=\"search\" autocomplete=\"off\" autocapitalize=\"none\" ");
    html.markup("spellcheck=\"false\" enterkeyhint=\"search\" dir=\"auto\" maxlength=\"");
    html.text(&query_chars.to_string()).markup("\" value=\"").text(&query.text);
    html.markup("\" placeholder=\"").text(text(texts::PLACEHOLDER));
    html.markup("\">\n</div>\n<button>");
    html.text(text(texts::SUBMIT)).markup("</button>\n</div>\n");
    if let Some(within) = &query.within {
        hidden(html, "<input type=\"hidden\" name=\"within\" value=\"", within);
    }
    if query.names_language {
        hidden(html, "<input type=\"hidden\" name=\"lang\" value=\"", query.language.tag());
    }
    html.markup("</form>\n");
}

/// The question which system the member is in now.
fn systems(html: &mut Html, query: &PageQuery) {
    let language = query.language;
    html.markup("<label for=\"from\">").text(texts::FROM.in_language(language)).markup("</label>\n");
    html.markup("<select id=\"from\" name=\"from\">\n<option value=\"\">");
    html.text(texts::FROM_NONE.in_language(language)).markup("</option>\n");
    for system in &SYSTEMS {
        let is_chosen = query.from.as_ref() == Some(system);
        html.markup(if is_chosen { "<option selected value=\"" } else { "<option value=\"" })
            .text(system.code());
        html.markup("\">").text(texts::word(system.code(), language)).markup("</option>\n");
    }
    html.markup("</select>\n");
}

fn hidden(html: &mut Html, opening: &'static str, value: &str) {
    html.markup(opening).text(value).markup("\">\n");
}

fn list(html: &mut Html, query: &PageQuery, hits: &Hits, within: Option<&OrgRecord>) {
    if let Some(within) = within {
        html.markup("<p class=\"within\">")
            .text(texts::WITHIN.in_language(query.language))
            .name(&within.display);
        html.markup(" <a href=\"").text(&query.with_within(None).address()).markup("\">");
        html.text(texts::EVERYWHERE.in_language(query.language)).markup("</a></p>\n");
    }
    count(html, query.language, hits);
    if !hits.truncated.is_empty() {
        paragraph(html, query.language, "<p class=\"note\">", texts::TRUNCATED);
    }
    html.markup("<ol class=\"hits\">\n");
    for hit in &hits.hits {
        entry(html, query, hit);
    }
    html.markup("</ol>\n");
    pages(html, query, hits);
    html.markup("<footer><p>").text(texts::GENERATION.in_language(query.language)).markup(" <code>");
    html.text(&hits.generation).markup("</code></p></footer>\n");
}

fn count(html: &mut Html, language: Language, hits: &Hits) {
    let template = match hits.total {
        None => return,
        Some(Total { value: 0, exact: true }) => texts::NONE_FOUND,
        Some(Total { exact: true, .. }) => texts::FOUND,
        Some(_) => texts::FOUND_AT_LEAST,
    };
    let value = hits.total.map_or(0, |total| total.value).to_string();
    let words = template.in_language(language).replace("{count}", &value);
    html.markup("<p class=\"count\" role=\"status\">").text(&words).markup("</p>\n");
}

fn entry(html: &mut Html, query: &PageQuery, hit: &Hit) {
    let language = query.language;
    let is_active = hit.org.status == OrgStatus::Active;
    html.markup(if is_active { "<li>\n<h2>" } else { "<li class=\"inactive\">\n<h2>" });
    highlighted(html, &hit.org.name, &hit.highlights);
    html.markup("</h2>\n");
    path(html, query, &hit.org.path);
    html.markup("<p class=\"facts\">");
    if let Some(kind) = &hit.org.kind {
        fact(html, "<span class=\"kind\">", texts::word(kind.code(), language));
    }
    let status = if is_active { "<span class=\"status\">" } else { "<span class=\"status gone\">" };
    fact(html, status, texts::word(hit.org.status.code(), language));
    if let Some(system) = &hit.org.system {
        fact(html, "<span class=\"system\">", texts::word(system.code(), language));
    }
    if let Some(region) = &hit.org.region {
        fact(html, "<span class=\"region\">", region);
    }
    fact(html, "<span class=\"reason\">", texts::reason(hit.match_reason, language));
    html.markup("<span class=\"id\">")
        .text(texts::ID.in_language(language))
        .markup(" <code>")
        .text(&hit.org.id);
    html.markup("</code></span></p>\n<p class=\"choose\"><a href=\"");
    html.text(&query.with_org(&hit.org.id).address()).markup("\">");
    html.text(texts::CHOOSE.in_language(language)).markup("</a></p>\n</li>\n");
}

/// A name with its matching characters marked.
fn highlighted(html: &mut Html, name: &str, highlights: &[Highlight]) {
    let is_marked = |at: usize| {
        highlights
            .iter()
            .any(|span| span.field == HighlightField::Name && (span.start..span.end).contains(&at))
    };
    let characters: Vec<char> = name.chars().collect();
    html.markup("<bdi>");
    let mut at = 0;
    while at < characters.len() {
        let marked = is_marked(at);
        let end = (at..characters.len()).find(|&next| is_marked(next) != marked).unwrap_or(characters.len());
        let run: String = characters[at..end].iter().collect();
        if marked {
            html.markup("<mark>").text(&run).markup("</mark>");
        } else {
            html.text(&run);
        }
        at = end;
    }
    html.markup("</bdi>");
}

fn pages(html: &mut Html, query: &PageQuery, hits: &Hits) {
    if query.cursor.is_none() && hits.next_cursor.is_none() {
        return;
    }
    html.markup("<nav class=\"pages\">\n");
    if query.cursor.is_some() {
        first_page(html, query);
    }
    if let Some(cursor) = &hits.next_cursor {
        html.markup("<a rel=\"next\" href=\"").text(&query.with_cursor(Some(cursor)).address()).markup("\">");
        html.text(texts::NEXT.in_language(query.language)).markup("</a>\n");
    }
    html.markup("</nav>\n");
}

fn first_page(html: &mut Html, query: &PageQuery) {
    html.markup("<a rel=\"first\" href=\"").text(&query.with_cursor(None).address()).markup("\">");
    html.text(texts::FIRST.in_language(query.language)).markup("</a>\n");
}

fn refusal(html: &mut Html, query: &PageQuery, error: &ApiError) {
    let language = query.language;
    html.markup("<div class=\"refusal\" role=\"alert\">\n<h2>")
        .text(error.title(language))
        .markup("</h2>\n<p>");
    html.text(&error.detail(language)).markup("</p>\n");
    if query.cursor.is_some() {
        html.markup("<p>");
        first_page(html, query);
        html.markup("</p>\n");
    } else if query.within.is_some() || query.org.is_some() {
        html.markup("<p>").link(&query.with_within(None).address(), texts::EVERYWHERE.in_language(language));
        html.markup("</p>\n");
    }
    html.markup("</div>\n");
}

fn paragraph(html: &mut Html, language: Language, opening: &'static str, words: Text) {
    html.markup(opening).text(words.in_language(language)).markup("</p>\n");
}

fn other(language: Language) -> Language {
    match language {
        Language::Chinese => Language::English,
        Language::English => Language::Chinese,
    }
}
