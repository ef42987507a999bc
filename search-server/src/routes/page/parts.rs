//! What is shown of an organization, found or chosen.

use super::html::Html;
use super::query::PageQuery;
use super::texts;
use crate::language::Language;
use index_data::transfer::SYSTEMS;
use search_core::PathStep;

/// The organizations above, each a link to what is below it.
pub(super) fn path(html: &mut Html, query: &PageQuery, path: &[PathStep]) {
    if path.is_empty() {
        return;
    }
    html.markup("<nav class=\"path\" aria-label=\"")
        .text(texts::PATH.in_language(query.language))
        .markup("\">");
    for (index, step) in path.iter().enumerate() {
        if index > 0 {
            html.markup(" › ");
        }
        html.link(&query.with_within(Some(&step.id)).address(), &step.short_name);
    }
    html.markup("</nav>\n");
}

pub(super) fn fact(html: &mut Html, opening: &'static str, words: &str) {
    html.markup(opening).name(words).markup("</span> ");
}

/// A button that only a script can make useful, so only a script shows it.
pub(super) fn copy(html: &mut Html, words: &str, value: &str, language: Language) {
    html.markup("<button type=\"button\" hidden data-copy=\"").text(value).markup("\" data-copied=\"");
    html.text(texts::COPIED.in_language(language)).markup("\">").text(words).markup("</button> ");
}

/// Links to the first page and the next one, where there are such.
pub(super) fn pages(html: &mut Html, query: &PageQuery, next: Option<&str>) {
    if query.cursor.is_none() && next.is_none() {
        return;
    }
    html.markup("<nav class=\"pages\">\n");
    if query.cursor.is_some() {
        first_page(html, query);
    }
    if let Some(cursor) = next {
        html.markup("<a rel=\"next\" href=\"").text(&query.with_cursor(Some(cursor)).address()).markup("\">");
        html.text(texts::NEXT.in_language(query.language)).markup("</a>\n");
    }
    html.markup("</nav>\n");
}

pub(super) fn first_page(html: &mut Html, query: &PageQuery) {
    html.markup("<a rel=\"first\" href=\"").text(&query.with_cursor(None).address()).markup("\">");
    html.text(texts::FIRST.in_language(query.language)).markup("</a>\n");
}

/// Everything up to the body, which is left open.
pub(super) fn head(html: &mut Html, language: Language, title: Option<&str>, more: impl FnOnce(&mut Html)) {
    html.markup("<!doctype html>\n<html lang=\"")
        .text(language.tag())
        .markup("\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.markup("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.markup("<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    if let Some(title) = title {
        html.text(title).markup(" – ");
    }
    html.text(texts::TITLE.in_language(language)).markup("</title>\n");
    html.markup("<link rel=\"icon\" href=\"/assets/icon.svg\" type=\"image/svg+xml\">\n");
    html.markup("<link rel=\"stylesheet\" href=\"/assets/page.css\">\n");
    more(html);
    html.markup("<script src=\"/assets/page.js\" defer></script>\n</head>\n<body>\n");
}

/// The question which system the member is in now.
pub(super) fn system_options(html: &mut Html, query: &PageQuery) {
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
    html.markup("</select>\n<button type=\"button\" class=\"quiet\" id=\"forget\" hidden>");
    html.text(texts::FORGET.in_language(language)).markup("</button>\n");
}
