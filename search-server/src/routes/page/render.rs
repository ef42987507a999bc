//! Writes the page.

use super::chosen::chosen;
use super::html::Html;
use super::parts::{fact, first_page, head, pages, path, system_options};
use super::query::PageQuery;
use super::results::Results;
use super::texts;
use crate::config::{Contact, ServeSettings};
use crate::error::ApiError;
use crate::language::{Language, Text};
use index_data::model::OrgStatus;
use search_core::{Highlight, HighlightField, Hit, Hits, OrgRecord, Total};

/// The whole document, for a question not asked yet, answered, or refused.
pub(super) fn render(
    query: &PageQuery,
    outcome: Result<&Results, &ApiError>,
    settings: &ServeSettings,
) -> String {
    let mut html = Html::default();
    let title = Some(query.text.as_str()).filter(|text| !text.is_empty());
    head(&mut html, query.language, title, |html| {
        html.markup("<script src=\"/org-autocomplete.js\" defer></script>\n");
    });
    header(&mut html, query);
    html.markup("<main>\n");
    form(&mut html, query, settings);
    match outcome {
        Ok(Results::Nothing { examples }) => welcome(&mut html, query, examples),
        Ok(Results::Found { found, within }) => {
            list(&mut html, query, &found.answer, within.as_deref());
            let is_empty = found.answer.hits.is_empty();
            not_found(&mut html, query.language, settings.web.contact.as_ref(), is_empty);
        }
        Ok(Results::Chosen { chosen, below }) => self::chosen(&mut html, query, chosen, below),
        Err(error) => refusal(&mut html, query, error),
    }
    html.markup("</main>\n</body>\n</html>\n");
    html.finish()
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

/// What to do, and examples to tap.
fn welcome(html: &mut Html, query: &PageQuery, examples: &[String]) {
    let language = query.language;
    html.markup("<section class=\"welcome\">\n");
    paragraph(html, language, "<p class=\"intro\">", texts::INTRO);
    if !examples.is_empty() {
        paragraph(html, language, "<p class=\"label\">", texts::EXAMPLES);
        html.markup("<ul class=\"choices examples\">\n");
        for example in examples {
            html.markup("<li><a data-example href=\"")
                .text(&query.with_text(example).address())
                .markup("\">");
            html.name(example).markup("</a></li>\n");
        }
        html.markup("</ul>\n");
    }
    html.markup("</section>\n");
}

fn form(html: &mut Html, query: &PageQuery, settings: &ServeSettings) {
    let text = |text: Text| text.in_language(query.language);
    html.markup("<form role=\"search\" action=\"/\" method=\"get\">\n");
    system_options(html, query);
    html.markup("<label for=\"q\">");
    html.text(text(texts::LABEL)).markup("</label>\n<div class=\"row\">\n<div class=\"field\">\n");
    html.markup("<input id=\"q\" name=\"q\" type=\"search\" autocomplete=\"off\" autocapitalize=\"none\" ");
    html.markup("spellcheck=\"false\" enterkeyhint=\"search\" dir=\"auto\" maxlength=\"");
    html.text(&settings.limits.query_chars.to_string()).markup("\" value=\"").text(&query.text);
    html.markup("\" placeholder=\"").text(text(texts::PLACEHOLDER));
    if let Some(contact) = &settings.web.contact {
        html.markup("\" data-contact=\"").text(contact.as_str());
    }
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
    pages(html, query, hits.next_cursor.as_deref());
    html.markup("<footer><p>").text(texts::GENERATION.in_language(query.language)).markup(" <code>");
    html.text(&hits.generation).markup("</code></p></footer>\n");
}

/// Whom to write to, where the setting names somebody.
fn not_found(html: &mut Html, language: Language, contact: Option<&Contact>, is_open: bool) {
    let Some(contact) = contact else { return };
    html.markup("<details class=\"missing\"")
        .markup(if is_open { " open" } else { "" })
        .markup(">\n<summary>");
    html.text(texts::NOT_FOUND.in_language(language)).markup("</summary>\n<p>");
    html.text(texts::NOT_FOUND_TELL.in_language(language)).markup("<strong>").text(contact.as_str());
    html.markup("</strong></p>\n</details>\n");
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
