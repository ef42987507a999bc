//! Law 1 at the size of the corpus: what a scan of all names finds, search finds as well, each exactly once.

use crate::corpus::Corpus;
use crate::report;
use aho_corasick::AhoCorasick;
use search_core::{Engine, PartRole, SearchRequest, normalize};
use std::collections::{BTreeSet, HashSet};
use std::error::Error;

/// Substrings drawn.
const NEEDLES: usize = 1_000;
/// Matches up to which every page is read; of more the totals are compared.
const READ: usize = 2_000;
/// Hits beyond the scan's (short forms, names above) that a total may count as well.
const BESIDE: u64 = 400;

/// False if anything is missing.
pub(crate) fn check(corpus: &Corpus, engine: &Engine) -> Result<bool, Box<dyn Error>> {
    let needles = draw(corpus)?;
    let found = scan(corpus, &needles)?;
    let (mut read, mut counted, mut wrong) = (0, 0, 0);
    for (needle, ids) in needles.iter().zip(&found) {
        let missing = if ids.len() <= READ {
            read += 1;
            let paged = all_pages(engine, needle)?;
            let distinct: HashSet<&String> = paged.iter().collect();
            let missing = ids.iter().filter(|id| !distinct.contains(id)).count();
            missing + (paged.len() - distinct.len())
        } else {
            counted += 1;
            let answer = engine.search(&SearchRequest::new(needle.as_str()).limit(1))?;
            let total = answer.total.ok_or("a search that counts has a total")?;
            // Where a form was typed (团支部), names with another form match as well.
            let is_all = answer.query.parts.iter().all(|part| part.role == PartRole::Name);
            let wanted = ids.len() as u64;
            let most = if is_all { wanted + BESIDE } else { u64::MAX };
            usize::from(total.exact && !(wanted..=most).contains(&total.value))
        };
        if missing > 0 {
            wrong += 1;
            report(&format!(
                "WRONG: {needle:?}: a scan finds {}, {missing} missing, twice or miscounted",
                ids.len()
            ));
        }
    }
    report(&format!(
        "law 1: {} substrings, {read} read to the last page, {counted} by their totals, {wrong} wrong",
        needles.len()
    ));
    Ok(wrong == 0)
}

/// Substrings of one to eight characters, of names all over the corpus.
fn draw(corpus: &Corpus) -> Result<Vec<String>, Box<dyn Error>> {
    // Some are drawn twice.
    let every = (corpus.orgs as usize / (2 * NEEDLES)).max(1);
    let mut needles = BTreeSet::new();
    for (at, row) in corpus.rows()?.enumerate().step_by(every) {
        let name: Vec<char> = normalize(&row?.name).chars().collect();
        let len = (at / every % 8 + 1).min(name.len());
        let start = (at / 7) % (name.len() - len + 1);
        needles.insert(name[start..start + len].iter().collect::<String>());
    }
    needles.retain(|needle| !needle.trim().is_empty());
    Ok(needles.into_iter().take(NEEDLES).collect())
}

/// For each needle the ids of all rows one of whose names holds it.
fn scan(corpus: &Corpus, needles: &[String]) -> Result<Vec<Vec<String>>, Box<dyn Error>> {
    let automaton = AhoCorasick::new(needles)?;
    let mut found = vec![Vec::new(); needles.len()];
    for row in corpus.rows()? {
        let row = row?;
        let names = std::iter::once(&row.name).chain(&row.aliases).chain(&row.former_names);
        let mut held = BTreeSet::new();
        for name in names {
            let name = normalize(name);
            held.extend(automaton.find_overlapping_iter(&name).map(|hit| hit.pattern().as_usize()));
        }
        held.into_iter().for_each(|needle| found[needle].push(row.id.clone()));
    }
    Ok(found)
}

fn all_pages(engine: &Engine, needle: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let mut ids = Vec::new();
    let mut request =
        SearchRequest { count_total: false, highlight: false, ..SearchRequest::new(needle).limit(1_000) };
    loop {
        let hits = engine.search(&request)?;
        ids.extend(hits.hits.into_iter().map(|hit| hit.org.id));
        match hits.next_cursor {
            Some(cursor) => request.cursor = Some(cursor),
            None => return Ok(ids),
        }
    }
}
