//! The part of the page that shows the organization chosen, and how to get there.

use super::html::Html;
use super::parts::{fact, path};
use super::query::PageQuery;
use super::texts;
use crate::language::Language;
use crate::routes::transfer_guide;
use index_data::transfer::{Certainty, Guide, Statement};
use search_core::{CurrentOrg, OrgRecord};

/// The organization, its facts, and the guide.
pub(super) fn chosen(html: &mut Html, query: &PageQuery, chosen: &CurrentOrg) {
    let language = query.language;
    let CurrentOrg { asked, org } = chosen;
    html.markup("<section class=\"chosen\" aria-labelledby=\"chosen\">\n<p class=\"label\">");
    html.text(texts::CHOSEN.in_language(language)).markup("</p>\n<h2 id=\"chosen\">").name(&org.name);
    html.markup("</h2>\n");
    path(html, query, &org.path);
    facts(html, language, org);
    html.markup("<p class=\"copies\">");
    copy(html, texts::COPY_NAME.in_language(language), &org.name, language);
    copy(html, texts::COPY_ID.in_language(language), &org.id, language);
    html.markup("</p>\n</section>\n<section class=\"guide\" aria-labelledby=\"guide\">\n<h2 id=\"guide\">");
    html.text(texts::GUIDE.in_language(language)).markup("</h2>\n");
    match &query.from {
        Some(from) => guide(html, language, &transfer_guide::guide(from, asked.as_ref(), org)),
        None => {
            html.markup("<p class=\"note\">").text(texts::ASK_FROM.in_language(language)).markup("</p>\n");
        }
    }
    html.markup("</section>\n");
}

fn facts(html: &mut Html, language: Language, org: &OrgRecord) {
    html.markup("<p class=\"facts\">");
    if let Some(kind) = &org.kind {
        fact(html, "<span class=\"kind\">", texts::word(kind.code(), language));
    }
    fact(html, "<span class=\"status\">", texts::word(org.status.code(), language));
    if let Some(system) = &org.system {
        fact(html, "<span class=\"system\">", texts::word(system.code(), language));
    }
    html.markup("<span class=\"id\">").text(texts::ID.in_language(language)).markup(" <code>").text(&org.id);
    html.markup("</code></span></p>\n");
}

/// A button that only a script can make useful, so only a script shows it.
fn copy(html: &mut Html, words: &str, value: &str, language: Language) {
    html.markup("<button type=\"button\" hidden data-copy=\"").text(value).markup("\" data-copied=\"");
    html.text(texts::COPIED.in_language(language)).markup("\">").text(words).markup("</button> ");
}

fn guide(html: &mut Html, language: Language, guide: &Guide) {
    if let Some(said) = &guide.province_statement {
        html.markup("<div class=\"province\">\n<p class=\"label\">")
            .text(texts::PROVINCE.in_language(language))
            .markup("</p>\n<p class=\"answer\">")
            .text(guide.province.as_deref().unwrap_or("–"))
            .markup("</p>\n<p>");
        statement(html, language, said);
        html.markup("</p>\n</div>\n");
    }
    html.markup("<ol class=\"steps\">\n");
    for step in &guide.steps {
        html.markup("<li>");
        statement(html, language, step);
        html.markup("</li>\n");
    }
    html.markup("</ol>\n");
    if !guide.warnings.is_empty() {
        html.markup("<h3>")
            .text(texts::WARNINGS.in_language(language))
            .markup("</h3>\n<ul class=\"warnings\">\n");
        for warning in &guide.warnings {
            html.markup("<li>");
            statement(html, language, warning);
            html.markup("</li>\n");
        }
        html.markup("</ul>\n");
    }
    sources(html, language, guide);
}

fn statement(html: &mut Html, language: Language, statement: &Statement) {
    html.name(match language {
        Language::Chinese => &statement.zh,
        Language::English => &statement.en,
    });
    if statement.certainty == Certainty::NotStated {
        html.markup(" <span class=\"open\">").text(texts::NOT_STATED.in_language(language)).markup("</span>");
    }
}

fn sources(html: &mut Html, language: Language, guide: &Guide) {
    let said = guide.province_statement.iter().chain(&guide.steps).chain(&guide.warnings);
    let mut sources: Vec<&str> = said.map(|statement| statement.source).collect();
    sources.sort_unstable();
    sources.dedup();
    html.markup("<p class=\"source\">").text(texts::SOURCE.in_language(language));
    html.text(&sources.join("；")).markup("</p>\n");
}
