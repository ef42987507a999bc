//! The laws of the design, held against brute force:
//!
//! 1. Every organization whose normalized name holds the normalized query is found, at any query length; paging
//!    gives each match exactly once, and the total says how many.
//! 2. An official name, an id or an alias puts its organizations first, all of them.
//! 3. Normalizing twice is normalizing once; highlights lead back to the raw name, in characters and UTF-16 units.
//! 5. The same rows in another order give the same answers; a reader during a swap sees one generation only.
//! 7. No query panics; memory and work of each are bounded, counted in bytes that it allocates, and grow as its length.
//!
//! And: the first hits are the best of all matches: pruned retrieval ranks as measuring every match does.

use crate::support::trees::{Names, hard_rows, names_of, row, tree};
use index_data::model::OrgTree;
use orgsearch_tests::allocations;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use search_core::{
    Budget, Engine, HighlightField, Hit, Hits, MatchReason, PartRole, SearchRequest, normalize,
};
use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Barrier, LazyLock};

const ORGS: u64 = 2_500;
const SUBSTRINGS: usize = 10_000;

struct World {
    tree: OrgTree,
    names: Vec<Names>,
    engine: Engine,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let tree = tree(hard_rows(ORGS, 11));
    World { names: names_of(&tree), engine: Engine::in_memory(&tree).unwrap(), tree }
});

/// A runner whose draws are the same in every run.
fn runner(cases: u32) -> TestRunner {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(Config { cases, failure_persistence: None, ..Config::default() }, rng)
}

/// The parts of the query that were taken for parts of a name.
fn name_parts(answer: &Hits) -> Vec<&str> {
    let parts = answer.query.parts.iter().filter(|part| part.role == PartRole::Name);
    parts.map(|part| part.text.as_str()).collect()
}

/// All pages of a request.
fn page_through(engine: &Engine, request: &SearchRequest) -> (Vec<Hit>, Option<search_core::Total>) {
    let mut request = request.clone();
    let mut hits = Vec::new();
    let mut total = None;
    loop {
        let page = engine.search(&request).unwrap();
        total = total.or(page.total);
        hits.extend(page.hits);
        match page.next_cursor {
            Some(cursor) => request.cursor = Some(cursor),
            None => return (hits, total),
        }
    }
}

fn check_substring(world: &World, query: &str, request: &SearchRequest) {
    let needle = normalize(query);
    let (hits, total) = page_through(&world.engine, request);
    let mut found = HashSet::new();
    for hit in &hits {
        assert!(found.insert(hit.org.id.as_str()), "{query:?} gives {} twice", hit.org.id);
    }
    for org in &world.names {
        let is_match = org.name.contains(&needle);
        assert!(!is_match || found.contains(org.id.as_str()), "{query:?} misses {} {}", org.id, org.name);
    }
    let total = total.unwrap_or_else(|| panic!("no total of {query:?}"));
    match total.exact {
        true => assert_eq!(total.value, hits.len() as u64, "total of {query:?}"),
        false => assert!(total.value <= hits.len() as u64, "total of {query:?}"),
    }
}

/// A random piece of a random raw name, at least one character.
fn substring() -> impl Strategy<Value = String> {
    (any::<Index>(), any::<Index>(), any::<Index>(), 0..4u8).prop_map(|(org, start, len, short)| {
        let tree = &WORLD.tree;
        let chars: Vec<char> = tree.name(org.index(tree.len() as usize) as u32).chars().collect();
        let start = start.index(chars.len());
        let longest = if short == 0 { chars.len() - start } else { (chars.len() - start).min(6) };
        chars[start..start + 1 + len.index(longest)].iter().collect()
    })
}

#[test]
fn law_1_every_substring_is_found_once() {
    let world = &*WORLD;
    std::thread::scope(|scope| {
        for half in 0..2 {
            scope.spawn(move || {
                let mut draw = runner(1);
                for at in 0..SUBSTRINGS {
                    let query = substring().new_tree(&mut draw).unwrap().current();
                    if at % 2 == half {
                        check_substring(world, &query, &SearchRequest::new(query.as_str()).limit(1_000));
                    }
                }
            });
        }
    });
}

#[test]
fn law_1_holds_with_small_pages_and_small_budgets() {
    let world = &*WORLD;
    let budget = Budget { ranked_matches: 25, retrieve_steps: 150, unit_steps: 500, count_steps: 300 };
    runner(300)
        .run(&(substring(), 1..60usize), |(query, limit)| {
            let request = SearchRequest { budget, ..SearchRequest::new(query.as_str()).limit(limit) };
            check_substring(world, &query, &request);
            Ok(())
        })
        .unwrap();
}

#[test]
fn law_1_holds_for_every_single_character() {
    let world = &*WORLD;
    let characters: HashSet<char> = world.names.iter().flat_map(|org| org.name.chars()).collect();
    for c in characters {
        check_substring(world, &c.to_string(), &SearchRequest::new(c.to_string()).limit(1_000));
    }
}

#[test]
fn law_1_holds_for_boilerplate_and_for_nothing() {
    for query in ["团支部", "委员会", "中国共产主义青年团", "团", "共青团委员会", "", " ", "（）"]
    {
        check_substring(&WORLD, query, &SearchRequest::new(query).limit(1_000));
    }
}

#[test]
fn law_7_hostile_queries_are_answered() {
    let planes: String = (0..=0x10).filter_map(|plane| char::from_u32(plane * 0x1_0000 + 0x04e1)).collect();
    let spaced: String = WORLD.names.iter().take(400).map(|org| format!("{} ", org.name)).collect();
    let queries = [
        "班".repeat(500),
        "团支部".repeat(3_000),
        "中国共产主义青年团".repeat(500),
        " ".repeat(10_000),
        "1".repeat(10_000),
        "北 京 ".repeat(2_000),
        ('\u{4e00}'..'\u{7510}').collect(),
        planes,
        spaced,
        "\0\u{202e}\u{fffd}(((((".to_owned(),
    ];
    for query in queries {
        for request in hostile_requests(&query) {
            WORLD.engine.search(&request).unwrap(); // What is built at the first use belongs to no query.
            let (answer, asked) = allocations::count(|| WORLD.engine.search(&request).unwrap());
            let start: String = query.chars().take(20).collect();
            assert!(answer.hits.len() <= request.limit, "{start:?}");
            assert!(asked.peak <= memory_for(&query), "{start:?} of {} bytes: {asked:?}", query.len());
            assert!(asked.bytes <= work_for(&query), "{start:?} of {} bytes: {asked:?}", query.len());
        }
    }
}

fn hostile_requests(query: &str) -> [SearchRequest; 2] {
    let facets = search_core::FacetField::ALL.to_vec();
    [SearchRequest::new(query), SearchRequest::autocomplete(query)]
        .map(|request| SearchRequest { facets: facets.clone(), ..request })
}

/// The most memory a search may hold, in bytes: its lists of candidates, and a few copies of what was typed.
fn memory_for(query: &str) -> u64 {
    (1 << 20) + 200 * query.len() as u64
}

/// The most bytes a search may write anew: a count of its work that no budget limits, such as reading what was typed.
fn work_for(query: &str) -> u64 {
    (1 << 20) + 400 * query.len() as u64
}

#[test]
fn law_7_twice_as_long_is_at_most_twice_the_work() {
    for piece in ["班", "团支部", "北 京 ", "1", "beijing ", "b", "ﷺ", "高一（3）", "２０２４级"]
    {
        let asked = |times: usize| {
            let query = piece.repeat(times);
            hostile_requests(&query).map(|request| {
                WORLD.engine.search(&request).unwrap();
                allocations::count(|| WORLD.engine.search(&request).unwrap()).1
            })
        };
        for (once, twice) in asked(2_000).into_iter().zip(asked(4_000)) {
            // A table that grows by doubling may have doubled once more.
            assert!(twice.bytes <= 2 * once.bytes + (64 << 10), "{piece:?}: {once:?}, then {twice:?}");
        }
    }
}

/// A search that nobody wants any more takes no further steps, and says what it left out.
#[test]
fn law_7_a_cancelled_search_ends() {
    let cancel = Some(std::sync::Arc::new(AtomicBool::new(true)));
    for query in ["团支部", "1", "北大软微24级软工1班"] {
        for request in hostile_requests(query) {
            let cancelled =
                WORLD.engine.search(&SearchRequest { cancel: cancel.clone(), ..request }).unwrap();
            assert!(!cancelled.truncated.is_empty(), "{query} says nothing of what it left out");
        }
    }
}

#[test]
fn law_2_an_official_name_puts_all_its_bearers_first() {
    let world = &*WORLD;
    let mut bearers: BTreeMap<&str, HashSet<&str>> = BTreeMap::new();
    for ordinal in world.tree.ordinals() {
        bearers.entry(world.tree.name(ordinal)).or_default().insert(world.tree.id(ordinal));
    }
    for (name, ids) in bearers {
        if normalize(name).is_empty() {
            continue; // A name of nothing but marks matches everything, so none is first.
        }
        let hits = world.engine.search(&SearchRequest::new(name).limit(ids.len())).unwrap().hits;
        let first: HashSet<&str> = hits.iter().map(|hit| hit.org.id.as_str()).collect();
        assert_eq!(first, ids, "{name}");
    }
}

#[test]
fn law_2_an_id_puts_its_organization_first() {
    let world = &*WORLD;
    for ordinal in world.tree.ordinals() {
        let id = world.tree.id(ordinal);
        let hits = world.engine.search(&SearchRequest::new(id).limit(1)).unwrap().hits;
        assert_eq!((hits[0].org.id.as_str(), hits[0].match_reason), (id, MatchReason::Id));
    }
}

#[test]
fn law_2_an_alias_puts_all_its_organizations_first() {
    let world = &*WORLD;
    let mut owners: BTreeMap<String, HashSet<&str>> = BTreeMap::new();
    for ordinal in world.tree.ordinals() {
        for alias in world.tree.details(ordinal).aliases {
            owners.entry(normalize(&alias)).or_default().insert(world.tree.id(ordinal));
        }
    }
    assert!(owners.len() > 5);
    for (alias, ids) in owners {
        // An official name that is the same text is as good.
        let bearers = world.names.iter().filter(|org| org.name == alias).map(|org| org.id.as_str());
        let expected: HashSet<&str> = ids.into_iter().chain(bearers).collect();
        let hits =
            world.engine.search(&SearchRequest::new(alias.as_str()).limit(expected.len())).unwrap().hits;
        let first: HashSet<&str> = hits.iter().map(|hit| hit.org.id.as_str()).collect();
        assert_eq!(first, expected, "{alias}");
    }
}

#[test]
fn former_names_and_aliases_are_searched_like_names() {
    let world = &*WORLD;
    for org in &world.names {
        for other in &org.others {
            let piece: String = other.chars().take(3).collect();
            let (hits, _) = page_through(&world.engine, &SearchRequest::new(piece.as_str()).limit(1_000));
            assert!(hits.iter().any(|hit| hit.org.id == org.id), "{piece} misses {}", org.id);
        }
    }
}

proptest! {
    #[test]
    fn law_3_normalizing_is_idempotent_and_keeps_substrings(a in "\\PC{0,12}", b in ".{0,12}") {
        let once = normalize(&a);
        prop_assert_eq!(normalize(&once), once.clone());
        prop_assert_eq!(normalize(&format!("{a}{b}")), once + &normalize(&b));
    }
}

#[test]
fn law_3_highlights_lead_back_to_the_raw_name() {
    let world = &*WORLD;
    runner(2_000)
        .run(&substring(), |query| {
            let answer = world.engine.search(&SearchRequest::new(query.as_str()).limit(20)).unwrap();
            let parts = name_parts(&answer);
            for hit in &answer.hits {
                let units: Vec<u16> = hit.org.name.encode_utf16().collect();
                let mut marked = String::new();
                for mark in hit.highlights.iter().filter(|mark| mark.field == HighlightField::Name) {
                    let by_chars: String =
                        hit.org.name.chars().skip(mark.start).take(mark.end - mark.start).collect();
                    assert_eq!(
                        String::from_utf16(&units[mark.start_utf16..mark.end_utf16]).unwrap(),
                        by_chars
                    );
                    marked += &normalize(&by_chars);
                }
                let in_name = hit.highlights.iter().all(|mark| mark.field == HighlightField::Name);
                if hit.match_reason == MatchReason::Substring && parts.len() == 1 && in_name {
                    assert_eq!(marked, parts[0], "{query:?} in {}", hit.org.name);
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn law_5_the_order_of_rows_does_not_matter() {
    let mut rows = hard_rows(600, 3);
    let straight = Engine::in_memory(tree(rows.clone())).unwrap();
    rows.reverse();
    let third = rows.len() / 3;
    rows.rotate_left(third);
    let turned = Engine::in_memory(tree(rows)).unwrap();
    assert_eq!(straight.generation().source_digest, turned.generation().source_digest);
    runner(400)
        .run(&substring(), |query| {
            let request = SearchRequest::new(query).limit(30).explain();
            assert_eq!(straight.search(&request).unwrap(), turned.search(&request).unwrap());
            Ok(())
        })
        .unwrap();
}

#[test]
fn law_5_a_reader_during_a_swap_sees_one_generation() {
    let rows = |mark: &str| -> Vec<Result<_, std::convert::Infallible>> {
        (0..300)
            .map(|at| {
                Ok(row(&at.to_string(), &format!("{mark}{at}号团支部"), if at == 0 { "" } else { "0" }))
            })
            .collect()
    };
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open_or_empty(dir.path()).unwrap();
    engine.reindex(rows("甲"), |_| {}).unwrap();
    let done = AtomicBool::new(false);
    const READERS: usize = 3;
    let all_have_read = Barrier::new(READERS + 1);
    std::thread::scope(|scope| {
        for _ in 0..READERS {
            scope.spawn(|| {
                let (mut seen, mut has_read) = (HashSet::new(), false);
                loop {
                    let is_last = done.load(Ordering::Acquire);
                    let answer = engine.search(&SearchRequest::new("号").limit(1_000)).unwrap();
                    let marks: HashSet<char> =
                        answer.hits.iter().filter_map(|hit| hit.org.name.chars().next()).collect();
                    let number: u32 = answer.generation.trim_start_matches('g').parse().unwrap();
                    let expected = if number % 2 == 1 { '甲' } else { '乙' };
                    assert_eq!(marks, HashSet::from([expected]), "{}", answer.generation);
                    assert_eq!(answer.hits.len(), 300);
                    seen.insert(answer.generation);
                    if !std::mem::replace(&mut has_read, true) {
                        all_have_read.wait();
                    }
                    if is_last {
                        break;
                    }
                }
                assert!(seen.contains("g000001") && seen.contains("g000006"), "{seen:?}");
            });
        }
        all_have_read.wait();
        for mark in ["乙", "甲", "乙", "甲", "乙"] {
            engine.reindex(rows(mark), |_| {}).unwrap();
        }
        done.store(true, Ordering::Release);
    });
}

/// The compactness of a match, from the numbers that ranked it.
fn compactness(hit: &Hit) -> f32 {
    let features = &hit.explanation.as_ref().unwrap().features;
    let value = |name: &str| features.iter().find(|feature| feature.name == name).unwrap().value;
    ["share", "above", "run", "head"].iter().map(|name| value(name)).sum::<f32>() / 4.0
}

/// Choices divide all that bear a name, not only those that were ranked, and lead down to each of them.
#[test]
fn choices_count_all_that_bear_the_name() {
    let world = &*WORLD;
    let mut bearers: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for ordinal in world.tree.ordinals() {
        bearers.entry(normalize(world.tree.name(ordinal))).or_default().push(ordinal);
    }
    let mut divided = 0;
    for (name, bearers) in bearers.iter().filter(|(_, bearers)| bearers.len() >= 4) {
        let answer = world
            .engine
            .search(&SearchRequest { suggest_next: true, ..SearchRequest::new(name.as_str()) })
            .unwrap();
        let below = |id: &str| {
            let above = world.tree.find(id).unwrap();
            bearers.iter().filter(|&&bearer| world.tree.is_within(bearer, above)).count() as u64
        };
        for choice in &answer.choices {
            assert_eq!(choice.count, below(&choice.id), "{name} below {}", choice.name);
            let within =
                SearchRequest { within: Some(choice.id.clone()), ..SearchRequest::new(name.as_str()) };
            assert!(!world.engine.search(&within).unwrap().hits.is_empty(), "{name} within {}", choice.name);
        }
        divided += usize::from(!answer.choices.is_empty());
    }
    assert!(divided > 10, "{divided} names were divided");
}

/// Correction only ever adds answers where nothing fits: with it and without it, whatever fits comes the same.
#[test]
fn law_4_correction_never_changes_what_fits() {
    let engine = &WORLD.engine;
    let drawn = WORLD.tree.ordinals().step_by(37).flat_map(|ordinal| {
        let name: Vec<char> = WORLD.tree.name(ordinal).chars().collect();
        let piece = |from: usize, len: usize| name.iter().skip(from).take(len).collect::<String>();
        // Whole names, pieces of them, every second character as in a short form, one character changed.
        let short: String = name.iter().skip(9).step_by(2).take(5).collect();
        let changed: String =
            name.iter().enumerate().map(|(at, &c)| if at == 11 { '阿' } else { c }).collect();
        [piece(0, 64), piece(9, 6), short, changed]
    });
    let (mut fitting, mut corrected) = (0, 0);
    for query in drawn.collect::<Vec<String>>() {
        let request = SearchRequest::new(query.as_str()).explain();
        let with = engine.search(&request).unwrap();
        let without = engine.search(&SearchRequest { correct: false, ..request }).unwrap();
        // Exact and substring matches, and short forms from the documented compactness on.
        let fits = |hit: &Hit| match hit.match_reason {
            MatchReason::Corrected => false,
            MatchReason::ShortForm | MatchReason::Pinyin => compactness(hit) >= 0.75,
            _ => true,
        };
        if without.hits.first().is_some_and(fits) {
            let ids = |hits: &Hits| -> Vec<(String, f32)> {
                hits.hits.iter().map(|hit| (hit.org.id.clone(), hit.score)).collect()
            };
            assert_eq!(ids(&with), ids(&without), "{query}");
            fitting += 1;
        } else {
            corrected += usize::from(!with.hits.is_empty());
        }
    }
    assert!(fitting > 100 && corrected > 10, "{fitting} fit, {corrected} were corrected");
}

#[test]
fn the_first_hits_are_the_best_of_all_matches() {
    let tree = tree(hard_rows(250, 5));
    let names = names_of(&tree);
    let engine = Engine::in_memory(&tree).unwrap();
    let drawn = WORLD
        .tree
        .ordinals()
        .step_by(83)
        .map(|ordinal| WORLD.tree.name(ordinal).chars().skip(9).take(4).collect());
    let mut compared = 0;
    for query in drawn.chain(["北京", "大学 团支部", "班", "1"].map(str::to_owned)).collect::<Vec<String>>()
    {
        let answer = engine.search(&SearchRequest::new(query.as_str()).limit(10).explain()).unwrap();
        let parts = name_parts(&answer);
        // Brute force: measure every organization that holds all parts, keep the best ten.
        let mut measured: Vec<(u8, [std::cmp::Reverse<u32>; 2], u32, &str)> = Vec::new();
        for (ordinal, org) in names.iter().enumerate() {
            let holds = |part: &&str| {
                org.name.contains(*part) || org.others.iter().any(|other| other.contains(*part))
            };
            if parts.iter().all(holds) && !parts.is_empty() {
                let explanation = engine.explain(&org.id, &query).unwrap().explanation;
                let prior =
                    explanation.features.iter().find(|feature| feature.name == "prior").unwrap().value;
                // Scores are positive, so their bits order as they do.
                measured.push((
                    explanation.tier,
                    [explanation.raw, prior].map(|number| std::cmp::Reverse(number.to_bits())),
                    ordinal as u32,
                    &org.id,
                ));
            }
        }
        if parts.len() != 1 || measured.is_empty() {
            continue; // Several parts also match by the path, which the scan above does not follow.
        }
        measured.sort();
        let best: Vec<&str> = measured.iter().take(10).map(|(_, _, _, id)| *id).collect();
        // Short forms may stand between the matches.
        let is_match = |id: &&str| measured.iter().any(|(_, _, _, known)| known == id);
        let found: Vec<&str> = answer.hits.iter().map(|hit| hit.org.id.as_str()).filter(is_match).collect();
        assert_eq!(found, best[..found.len()], "{query}");
        assert!(found.len() == best.len() || answer.hits.len() == 10, "{query}");
        compared += 1;
    }
    assert!(compared >= 10, "only {compared} queries were compared");
}
