//! What is shown of an organization, found or chosen.

use super::html::Html;
use super::query::PageQuery;
use super::texts;
use search_core::PathStep;

/// The organizations above, each a link to what is below it.
pub(super) fn path(html: &mut Html, query: &PageQuery, path: &[PathStep]) {
    if path.is_empty() {
        return;
    }
    html.markup("<p class=\"path\" aria-label=\"")
        .text(texts::PATH.in_language(query.language))
        .markup("\">");
    for (index, step) in path.iter().enumerate() {
        if index > 0 {
            html.markup(" › ");
        }
        html.link(&query.with_within(Some(&step.id)).address(), &step.name);
    }
    html.markup("</p>\n");
}

pub(super) fn fact(html: &mut Html, opening: &'static str, words: &str) {
    html.markup(opening).name(words).markup("</span> ");
}
