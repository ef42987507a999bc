//! The part of the page that shows the organization chosen, and how to get there.

use super::html::Html;
use super::parts::{copy, fact, pages, path};
use super::query::PageQuery;
use super::texts;
use crate::language::Language;
use crate::routes::transfer_guide;
use index_data::model::HomeSystem;
use index_data::transfer::{Certainty, Guide, Statement};
use search_core::{Child, Children, CurrentOrg, OrgRecord};

/// The organization, its facts, the way down to a branch, and the guide.
pub(super) fn chosen(html: &mut Html, query: &PageQuery, chosen: &CurrentOrg, below: &Children) {
    let language = query.language;
    let CurrentOrg { asked, org } = chosen;
    html.markup("<section class=\"chosen\" aria-labelledby=\"chosen\">\n<p class=\"label\">");
    html.text(texts::CHOSEN.in_language(language))
        .markup("</p>\n<h2 id=\"chosen\" tabindex=\"-1\">")
        .name(&org.name);
    html.markup("</h2>\n");
    if let Some(asked) = asked {
        let moved = texts::MOVED.in_language(language).replace("{former}", &asked.name);
        html.markup("<p class=\"note\">").name(&moved).markup("</p>\n");
    }
    path(html, query, &org.path);
    facts(html, language, org);
    html.markup("<p class=\"copies\">");
    copy(html, texts::COPY_NAME.in_language(language), &org.name, language);
    copy(html, texts::COPY_ID.in_language(language), &org.id, language);
    html.markup("<a class=\"button\" href=\"").text(&query.share_path(&org.id)).markup("\">");
    html.text(texts::SHARE_LINK.in_language(language)).markup("</a></p>\n</section>\n");
    way_down(html, query, org, below);
    html.markup("<section class=\"guide\" aria-labelledby=\"guide\">\n<h2 id=\"guide\">");
    html.text(texts::GUIDE.in_language(language)).markup("</h2>\n");
    match &query.from {
        Some(from) => {
            let guide = transfer_guide::guide(from, asked.as_ref(), org);
            self::guide(html, language, org, from, &guide);
        }
        None => {
            html.markup("<p class=\"note\">").text(texts::ASK_FROM.in_language(language)).markup("</p>\n");
        }
    }
    html.markup("</section>\n");
}

/// What is directly below an organization that is no branch, with what is known of the way there.
fn way_down(html: &mut Html, query: &PageQuery, org: &OrgRecord, below: &Children) {
    let language = query.language;
    let said = transfer_guide::to_the_branch(org);
    if said.is_empty() {
        return;
    }
    html.markup("<section class=\"below\" aria-labelledby=\"below\">\n<h2 id=\"below\">");
    html.text(texts::BELOW.in_language(language)).markup("</h2>\n");
    for said in &said {
        html.markup("<p>");
        statement(html, language, said);
        html.markup("</p>\n");
    }
    if !below.children.is_empty() {
        let count = texts::BELOW_COUNT.in_language(language).replace("{count}", &below.total.to_string());
        html.markup("<p class=\"label\">").text(&count).markup("</p>\n<ul class=\"choices\">\n");
        for child in &below.children {
            choice(html, query, child);
        }
        html.markup("</ul>\n");
    }
    pages(html, query, below.next_cursor.as_deref());
    sources(html, language, said.iter());
    html.markup("</section>\n");
}

fn choice(html: &mut Html, query: &PageQuery, child: &Child) {
    let Child { org, descendants, .. } = child;
    html.markup("<li><a href=\"")
        .text(&query.with_org(&org.id).address())
        .markup("\">")
        .name(&org.short_name);
    if *descendants > 0 {
        let count =
            texts::BELOW_COUNT.in_language(query.language).replace("{count}", &descendants.to_string());
        html.markup(" <small>").text(&count).markup("</small>");
    }
    html.markup("</a></li>\n");
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

fn guide(html: &mut Html, language: Language, org: &OrgRecord, from: &HomeSystem, guide: &Guide) {
    if let Some(said) = &guide.province_statement {
        html.markup("<div class=\"province\">\n<p class=\"label\">")
            .text(texts::PROVINCE.in_language(language))
            .markup("</p>\n<p class=\"answer\">")
            .text(guide.province.as_deref().unwrap_or("–"))
            .markup("</p>\n<p>");
        statement(html, language, said);
        html.markup("</p>\n</div>\n");
    }
    steps(html, language, org, from, &guide.steps);
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
    sources(html, language, guide.province_statement.iter().chain(&guide.steps).chain(&guide.warnings));
}

/// The steps as a checklist. Only a script can keep what is ticked, so only a script shows the boxes.
fn steps(html: &mut Html, language: Language, org: &OrgRecord, from: &HomeSystem, steps: &[Statement]) {
    html.markup("<ol class=\"steps\" data-steps=\"")
        .text(from.code())
        .markup(":")
        .text(&org.id)
        .markup("\">\n");
    let naming = steps.iter().position(|step| step.zh.contains(&org.name));
    for (at, step) in steps.iter().enumerate() {
        html.markup("<li><label><input type=\"checkbox\" hidden> <span>");
        statement(html, language, step);
        html.markup("</span></label>");
        if naming == Some(at) {
            html.markup(" ");
            copy(html, texts::COPY.in_language(language), &org.name, language);
        }
        html.markup("</li>\n");
    }
    html.markup("</ol>\n");
    if !steps.is_empty() {
        html.markup("<p class=\"copies\">");
        copy(html, texts::COPY_STEPS.in_language(language), &as_text(language, steps), language);
        html.markup("</p>\n");
    }
}

fn as_text(language: Language, steps: &[Statement]) -> String {
    let lines = steps.iter().zip(1..).map(|(step, number)| match step.certainty {
        Certainty::Known => format!("{number}. {}", words(language, step)),
        Certainty::NotStated => {
            let open = texts::NOT_STATED.in_language(language);
            format!("{number}. {} ({open})", words(language, step))
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn words(language: Language, statement: &Statement) -> &str {
    match language {
        Language::Chinese => &statement.zh,
        Language::English => &statement.en,
    }
}

fn statement(html: &mut Html, language: Language, statement: &Statement) {
    html.name(words(language, statement));
    if statement.certainty == Certainty::NotStated {
        html.markup(" <span class=\"open\">").text(texts::NOT_STATED.in_language(language)).markup("</span>");
    }
}

fn sources<'a>(html: &mut Html, language: Language, said: impl Iterator<Item = &'a Statement>) {
    let mut sources: Vec<&str> = said.map(|statement| statement.source).collect();
    sources.sort_unstable();
    sources.dedup();
    html.markup("<p class=\"source\">").text(texts::SOURCE.in_language(language));
    html.text(&sources.join("；")).markup("</p>\n");
}
