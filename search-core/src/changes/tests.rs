//! Property under test: after any sequence of changes the engine answers as one that was built from the changed tree:
//! the same organizations with the same paths, inherited fields, displays, tiers, scores, totals, facets, children and
//! decisions. Weights of characters, words and the newest year are those of the base, and budgets are off.

use super::apply::apply;
use super::changed_orgs::ChangedOrgs;
use super::{Batch, Change, FieldChanges, NewOrg, OfChildren};
use crate::index::disambiguator::Disambiguator;
use crate::index::generation;
use crate::index::layers::{BaseMembers, Records, with_overlay};
use crate::index::limits::IndexLimits;
use crate::index::records::PartOfTree;
use crate::index::snapshot::{OpenedGeneration, Snapshot};
use crate::index::write::write_part;
use crate::lookup::{self, ChildrenRequest};
use crate::search::{Budget, FacetField, Hit, Hits, SearchPass, SearchRequest, search};
use crate::{Engine, Record, ResolveOptions, Resolver};
use index_data::hash::SplitMix64;
use index_data::model::{HomeSystem, OrgKind, OrgStatus, OrgTree, OrgUnit};
use index_data::validate::tree_of;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tantivy::directory::RamDirectory;

/// A seeded source of choices.
struct Dice(SplitMix64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        (self.0.next_u64() % end.max(1) as u64) as usize
    }

    fn one_of<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    fn chance(&mut self, of_ten: usize) -> bool {
        self.below(10) < of_ten
    }
}

const UNITS: [&str; 14] = [
    "中国共产主义青年团北京市委员会",
    "共青团海淀区委员会",
    "中国共产主义青年团北京大学委员会",
    "中国共产主义青年团北京大学软件与微电子学院委员会",
    "清华大学团委",
    "法学院团委",
    "软件学院团总支",
    "中关村街道团工委",
    "东北大学团委",
    "人民医院团委",
    "从江县团委",
    "上海交通大学团委",
    "北京市第十五中学团委",
    "城关镇团委",
];
const LEAVES: [&str; 10] = [
    "2024级1班团支部",
    "2024级2班团支部",
    "23级软件工程（3）班团支部",
    "高一（3）班团支部",
    "科春社区团支部",
    "流动团员团支部",
    "机关团支部",
    "和平村团支部",
    "法学2023级1班团支部",
    "教工团支部",
];

fn any_name(dice: &mut Dice, is_unit: bool) -> String {
    if is_unit { dice.one_of(&UNITS) } else { dice.one_of(&LEAVES) }.to_string()
}

fn any_system(dice: &mut Dice) -> Option<HomeSystem> {
    [None, None, Some(HomeSystem::Zhtj), Some(HomeSystem::Beijing), Some(HomeSystem::Other("tieluo".into()))]
        [dice.below(5)]
    .clone()
}

fn any_org(dice: &mut Dice, id: String, parent_id: Option<String>) -> OrgUnit {
    let is_unit = dice.chance(5);
    OrgUnit {
        parent_id,
        kind: [None, Some(OrgKind::Branch), Some(OrgKind::Committee), Some(OrgKind::LeadingBody)]
            [dice.below(4)]
        .clone(),
        system: any_system(dice),
        region: [None, None, Some("北京".to_owned()), Some("贵州".to_owned())][dice.below(4)].clone(),
        members: [None, None, Some(30), Some(70_000)][dice.below(4)],
        status: [OrgStatus::Active, OrgStatus::Active, OrgStatus::Active, OrgStatus::Graduated]
            [dice.below(4)]
        .clone(),
        aliases: if dice.chance(2) {
            vec![dice.one_of(&["东大", "北大团委", "医院"]).to_string()]
        } else {
            Vec::new()
        },
        former_names: if dice.chance(1) { vec!["北京女子中学团委".to_owned()] } else { Vec::new() },
        attributes: if dice.chance(1) { vec![("note".to_owned(), id.clone())] } else { Vec::new() },
        ..OrgUnit::new(id, any_name(dice, is_unit))
    }
}

/// The organizations by id, changed one by one as the documents say: slow, and plain.
type Model = BTreeMap<String, OrgUnit>;

fn any_tree(dice: &mut Dice, orgs: usize) -> Model {
    let mut model = Model::new();
    for at in 0..orgs {
        let parents: Vec<String> = model.keys().cloned().collect();
        let parent = if at < 2 { None } else { Some(dice.one_of(&parents).clone()) };
        let mut org = any_org(dice, format!("o{at}"), parent);
        if dice.chance(1) && at > 3 {
            org.successor_id = Some(dice.one_of(&parents).clone());
        }
        model.insert(org.id.clone(), org);
    }
    model
}

fn children(model: &Model, id: &str) -> Vec<String> {
    let below = model.values().filter(|org| org.parent_id.as_deref() == Some(id));
    below.map(|org| org.id.clone()).collect()
}

fn is_below(model: &Model, id: &str, above: &str) -> bool {
    let mut at = Some(id.to_owned());
    while let Some(id) = at {
        if id == above {
            return true;
        }
        at = model.get(&id).and_then(|org| org.parent_id.clone());
    }
    false
}

/// Closes all active ones below, whatever is between.
fn close_below(model: &mut Model, id: &str) {
    for child in children(model, id) {
        if model[&child].status == OrgStatus::Active {
            model.get_mut(&child).expect("it is there").status = OrgStatus::Closed;
        }
        close_below(model, &child);
    }
}

/// Makes one change of the model; `None` if it does not fit.
fn change_model(model: &mut Model, change: &Change) -> Option<()> {
    let active_children = |model: &Model, id: &str| -> Vec<String> {
        children(model, id).into_iter().filter(|child| model[child].status == OrgStatus::Active).collect()
    };
    match change {
        Change::Add(org) => {
            let parent = Some(org.parent_id.clone()).filter(|parent| !parent.is_empty());
            if model.contains_key(&org.id)
                || parent.as_ref().is_some_and(|parent| !model.contains_key(parent))
            {
                return None;
            }
            let mut added = OrgUnit::new(org.id.clone(), org.name.clone());
            added.parent_id = parent;
            added.aliases.clone_from(&org.aliases);
            added.system =
                Some(org.system.as_str()).filter(|system| !system.is_empty()).map(HomeSystem::parse);
            model.insert(org.id.clone(), added);
        }
        Change::Rename { id, name } => {
            let org = model.get_mut(id)?;
            if org.name != *name {
                let before = std::mem::replace(&mut org.name, name.clone());
                org.former_names.retain(|former| former != name);
                if !org.former_names.contains(&before) {
                    org.former_names.push(before);
                }
            }
        }
        Change::Move { id, parent_id } => {
            let fits = |parent: &String| model.contains_key(parent) && !is_below(model, parent, id);
            if !model.contains_key(id) || !parent_id.as_ref().is_none_or(fits) {
                return None;
            }
            model.get_mut(id)?.parent_id.clone_from(parent_id);
        }
        Change::Merge { id, into, children: of } => {
            if !model.contains_key(id) || !model.contains_key(into) || is_below(model, into, id) {
                return None;
            }
            end(model, active_children(model, id), *of, Some(into.clone()))?;
            let org = model.get_mut(id)?;
            org.status = OrgStatus::Merged;
            org.successor_id = Some(into.clone());
        }
        Change::Close { id, children: of } => {
            let above = model.get(id)?.parent_id.clone();
            end(model, active_children(model, id), *of, above)?;
            model.get_mut(id)?.status = OrgStatus::Closed;
        }
        Change::Reopen { id } => {
            let org = model.get_mut(id)?;
            org.status = OrgStatus::Active;
            org.successor_id = None;
        }
        Change::Set { id, fields } => {
            let org = model.get_mut(id)?;
            if let Some(system) = &fields.system {
                org.system = system.as_deref().map(HomeSystem::parse);
            }
            if let Some(kind) = &fields.kind {
                org.kind = kind.as_deref().map(OrgKind::parse);
            }
            if let Some(region) = &fields.region {
                org.region.clone_from(region);
            }
            if let Some(members) = fields.members {
                org.members = members;
            }
        }
        Change::Aliases { id, aliases } => model.get_mut(id)?.aliases.clone_from(aliases),
    }
    Some(())
}

/// Does with the active children of one that ends what the change says; `None` if it does not fit.
fn end(
    model: &mut Model,
    active: Vec<String>,
    of: Option<OfChildren>,
    goes_to: Option<String>,
) -> Option<()> {
    match (of, goes_to) {
        _ if active.is_empty() => {}
        (None, _) | (Some(OfChildren::Move), None) => return None,
        (Some(OfChildren::Move), Some(to)) => {
            if active.iter().any(|child| is_below(model, &to, child)) {
                return None;
            }
            for child in active {
                model.get_mut(&child)?.parent_id = Some(to.clone());
            }
        }
        (Some(OfChildren::Close), _) => {
            for child in active {
                model.get_mut(&child)?.status = OrgStatus::Closed;
                close_below(model, &child);
            }
        }
    }
    Some(())
}

fn any_change(dice: &mut Dice, model: &Model, number: usize) -> Change {
    let ids: Vec<String> = model.keys().cloned().collect();
    let id = dice.one_of(&ids).clone();
    let other = dice.one_of(&ids).clone();
    let of = [None, Some(OfChildren::Close), Some(OfChildren::Move)][dice.below(3)];
    match dice.below(10) {
        0 | 1 => Change::Add(Box::new(NewOrg {
            id: if dice.chance(9) { format!("n{number}") } else { id },
            name: any_name(dice, dice.0.clone().next_u64().is_multiple_of(2)),
            parent_id: if dice.chance(9) { other } else { String::new() },
            system: any_system(dice).map(|system| system.code().to_owned()).unwrap_or_default(),
            aliases: if dice.chance(2) { vec!["东大".to_owned()] } else { Vec::new() },
            ..NewOrg::default()
        })),
        2 | 3 => Change::Rename { id, name: any_name(dice, dice.0.clone().next_u64().is_multiple_of(2)) },
        4 | 5 => Change::Move { id, parent_id: if dice.chance(9) { Some(other) } else { None } },
        6 => Change::Merge { id, into: other, children: of },
        7 => {
            if dice.chance(6) {
                Change::Close { id, children: of }
            } else {
                Change::Reopen { id }
            }
        }
        8 => Change::Set {
            id,
            fields: FieldChanges {
                system: Some(any_system(dice).map(|system| system.code().to_owned())),
                members: dice.chance(5).then_some(Some(500)),
                kind: dice.chance(3).then(|| Some("branch".to_owned())),
                region: dice.chance(3).then_some(None),
                ..FieldChanges::default()
            },
        },
        _ => Change::Aliases {
            id,
            aliases: if dice.chance(7) { vec!["北大团委".to_owned()] } else { Vec::new() },
        },
    }
}

fn tree(model: &Model) -> OrgTree {
    tree_of(model.values().cloned()).expect("the model is a tree")
}

/// Built from scratch, with the words, the weights and the newest year of the base.
fn rebuilt(model: &Model, base: &OpenedGeneration, members: &BaseMembers) -> Snapshot {
    let tree = tree(model);
    let directory = RamDirectory::create();
    let part = PartOfTree { stubs: Vec::new(), newest_year: Some(members.newest_year()) };
    let (to, limits) = (Box::new(directory.clone()), IndexLimits::default());
    let records =
        write_part(&tree, part, to, &base.segmenter, limits, |_| Ok(()), Ok).expect("it is written");
    let built =
        generation::open_in_memory(&tree, directory, base.segmenter.clone(), records).expect("it is opened");
    let opened = built.opened();
    OpenedGeneration {
        manifest: opened.manifest.clone(),
        label: opened.label.clone(),
        records: opened.records.clone(),
        profiles: opened.profiles.clone(),
        text: opened.text.weighed_as(&base.text),
        segmenter: opened.segmenter.clone(),
    }
    .into()
}

const UNBOUNDED: Budget =
    Budget { ranked_matches: 100_000, retrieve_steps: 1 << 40, unit_steps: 1 << 40, count_steps: 1 << 40 };

fn queries(dice: &mut Dice, model: &Model) -> Vec<SearchRequest> {
    let ids: Vec<&String> = model.keys().collect();
    let mut texts: Vec<String> =
        ["", "团", "北大", "北大软微24级1班", "bjdx", "软件 1班", "从江人民医院", "青华大雪"]
            .map(str::to_owned)
            .to_vec();
    for _ in 0..6 {
        let org = &model[*dice.one_of(&ids)];
        let chars: Vec<char> = org.name.chars().collect();
        let from = dice.below(chars.len());
        let len = 1 + dice.below(6);
        texts.push(chars[from..].iter().take(len).collect());
        texts.push(org.name.clone());
        texts.push(org.id.clone());
    }
    let mut requests = Vec::new();
    for text in texts {
        let mut request = SearchRequest::new(text).limit(100).explain();
        request.budget = UNBOUNDED;
        request.facets = vec![FacetField::Kind, FacetField::System, FacetField::Region];
        request.suggest_next = dice.chance(3);
        if dice.chance(3) {
            request.within = Some((*dice.one_of(&ids)).clone());
        }
        if dice.chance(2) {
            request.near = Some((*dice.one_of(&ids)).clone());
        }
        if dice.chance(2) {
            request.statuses = vec![OrgStatus::Active];
        }
        if dice.chance(2) {
            request.systems = vec![HomeSystem::Beijing];
        }
        requests.push(request);
    }
    requests
}

/// All pages, and the first one with its numbers.
fn all_pages(snapshot: &Snapshot, request: &SearchRequest) -> (Hits, Vec<Hit>) {
    let mut request = request.clone();
    let first = search(snapshot, &request, &mut |_| ()).expect("it is searched");
    let (mut hits, mut next) = (first.hits.clone(), first.next_cursor.clone());
    while let Some(cursor) = next {
        request.cursor = Some(cursor);
        let page = search(snapshot, &request, &mut |_| ()).expect("it is searched");
        hits.extend(page.hits);
        next = page.next_cursor;
    }
    (first, hits)
}

fn assert_same_search(changed: &Snapshot, rebuilt: &Snapshot, request: &SearchRequest, case: &str) {
    let case = format!("{case}, {:?} within {:?} near {:?}", request.query, request.within, request.near);
    let ((first, hits), (first_rebuilt, expected)) =
        (all_pages(changed, request), all_pages(rebuilt, request));
    let ids = |hits: &[Hit]| hits.iter().map(|hit| hit.org.id.clone()).collect::<Vec<_>>();
    let set = |hits: &[Hit]| ids(hits).into_iter().collect::<BTreeSet<_>>();
    assert_eq!(ids(&hits).len(), set(&hits).len(), "{case}: each once");
    // Guesses are looked for below the best few units, and which of equally good ones these are is told by ordinals.
    if first_rebuilt.pass > SearchPass::ShortForms {
        for hit in &hits {
            assert_eq!(Ok(&hit.org), lookup::org(rebuilt, &hit.org.id).as_ref(), "{case}");
        }
        return;
    }
    assert_eq!(set(&hits), set(&expected), "{case}");
    assert_eq!(first.total, first_rebuilt.total, "{case}");
    assert_eq!(first.facets, first_rebuilt.facets, "{case}");
    assert_eq!(first.query, first_rebuilt.query, "{case}");
    assert_eq!(first.complete_to, first_rebuilt.complete_to, "{case}");
    assert_eq!(
        first.choices.iter().map(|choice| (&choice.id, choice.count)).collect::<BTreeSet<_>>(),
        first_rebuilt.choices.iter().map(|choice| (&choice.id, choice.count)).collect::<BTreeSet<_>>(),
        "{case}"
    );
    let by_id: BTreeMap<&str, &Hit> = expected.iter().map(|hit| (hit.org.id.as_str(), hit)).collect();
    for hit in &hits {
        assert_eq!(hit, by_id[hit.org.id.as_str()], "{case}");
    }
    // The order may differ among equal scores only.
    let order = |hits: &[Hit]| -> Vec<(u8, f32)> {
        let place = |hit: &Hit| hit.explanation.as_ref().map(|why| (why.tier, why.raw));
        hits.iter().filter_map(place).collect()
    };
    assert_eq!(order(&hits), order(&expected), "{case}");
}

fn assert_same_tree(changed: &Snapshot, rebuilt: &Snapshot, model: &Model, case: &str) {
    assert_eq!(changed.records.orgs(), rebuilt.records.orgs(), "{case}");
    assert_eq!(changed.records.units(), rebuilt.records.units(), "{case}");
    let all = ChildrenRequest { limit: 100, ..ChildrenRequest::default() };
    let below = |snapshot: &Snapshot, id: Option<&str>| {
        let page = lookup::children(snapshot, id, &all).expect("it is answered");
        (page.children, page.total)
    };
    assert_eq!(below(changed, None), below(rebuilt, None), "{case}");
    for (id, org) in model {
        assert_eq!(lookup::org(changed, id), lookup::org(rebuilt, id), "{case}");
        assert_eq!(below(changed, Some(id)), below(rebuilt, Some(id)), "{case}: below {id}");
        let of = |snapshot: &Snapshot| {
            let at = snapshot.records.find_id(id).expect("it is there");
            let row = snapshot.records.rank_row(at);
            let told_apart = match snapshot.records.disambiguator(at) {
                Disambiguator::Above(above) => snapshot.records.id(above).to_string(),
                other => format!("{other:?}"),
            };
            let records = &snapshot.records;
            (records.org(at), row.prior, row.size_log, row.depth, records.prior(at), told_apart)
        };
        assert_eq!(of(changed), of(rebuilt), "{case}: {id}");
        assert_eq!(&of(changed).0, org, "{case}: {id}");
    }
}

fn assert_same_decisions(changed: &Snapshot, rebuilt: &Snapshot, dice: &mut Dice, model: &Model, case: &str) {
    let ids: Vec<&String> = model.keys().collect();
    for _ in 0..4 {
        let org = &model[*dice.one_of(&ids)];
        let mut record = Record::named(org.name.clone());
        if dice.chance(5) {
            record.parent = org.parent_id.as_ref().map(|parent| model[parent].name.clone());
        }
        if dice.chance(2) {
            record.code = Some(org.id.clone());
        }
        let decide = |snapshot: &Snapshot| {
            let found = Resolver::new(Arc::new(snapshot.clone()))
                .resolve(&record, &ResolveOptions::default())
                .expect("it is decided");
            let matched = found.matched().map(|hit| hit.org.id.clone());
            ((found.decision, matched), found.probability)
        };
        let ((changed, probability), (rebuilt, expected)) = (decide(changed), decide(rebuilt));
        assert_eq!(changed, rebuilt, "{case}: {record:?}");
        // Ordinals differ, and with them the order in which numbers are added up.
        assert!((probability - expected).abs() < 1e-5, "{case}: {record:?}: {probability} {expected}");
    }
}

/// An overlay of the changes so far and another one, as a batch leaves it that cannot be written.
fn never_live(
    base: &OpenedGeneration,
    members: &BaseMembers,
    changed: &ChangedOrgs,
    dice: &mut Dice,
    model: &Model,
) -> Option<Records> {
    let changes = vec![any_change(dice, model, usize::MAX)];
    let batch = Batch { key: "never live".into(), changes, at: 0 };
    let changed = apply(base.records.base(), changed, &batch).ok()?;
    let opened = with_overlay(base, members, changed.orgs(), None, "never live".into()).ok()?;
    Some(opened.records)
}

fn check(seed: u64, orgs: usize, batches: usize, of_batch: usize) {
    let mut dice = Dice(SplitMix64(seed));
    let mut model = any_tree(&mut dice, orgs);
    let base = Engine::in_memory(tree(&model)).expect("it is built").snapshot();
    let members = BaseMembers::of(base.records.base());
    let mut changed = ChangedOrgs::default();
    let (mut before, mut number) = (None, 0);
    for sequence in 0..batches {
        let mut changes = Vec::new();
        let mut after = model.clone();
        while changes.len() < of_batch {
            number += 1;
            let change = any_change(&mut dice, &after, number);
            let mut next = after.clone();
            if change_model(&mut next, &change).is_some() {
                after = next;
                changes.push(change);
            } else {
                let batch = Batch {
                    key: "wrong".into(),
                    changes: [changes.clone(), vec![change.clone()]].concat(),
                    at: 0,
                };
                let findings = apply(base.records.base(), &changed, &batch).expect_err("it does not fit");
                assert!(
                    findings.iter().all(|finding| finding.index == changes.len()),
                    "seed {seed}: {change:?}"
                );
            }
        }
        let case = format!("seed {seed}, batch {sequence}, {changes:?}");
        let batch = Batch { key: sequence.to_string(), changes, at: 0 };
        let never_live = dice.chance(3).then(|| never_live(&base, &members, &changed, &mut dice, &model));
        changed =
            apply(base.records.base(), &changed, &batch).unwrap_or_else(|found| panic!("{case}: {found:?}"));
        model = after;
        // Now and then as if the directory were opened anew.
        let known = never_live.flatten().or_else(|| before.take_if(|_| !dice.chance(4)));
        let opened =
            with_overlay(&base, &members, changed.orgs(), known.as_ref(), format!("memory-{sequence}"));
        let snapshot: Snapshot = opened.unwrap_or_else(|error| panic!("{case}: {error}")).into();
        before = Some(snapshot.records.clone());
        let expected = rebuilt(&model, base.opened(), &members);
        assert_same_tree(&snapshot, &expected, &model, &case);
        for request in queries(&mut dice, &model) {
            assert_same_search(&snapshot, &expected, &request, &case);
        }
        assert_same_decisions(&snapshot, &expected, &mut dice, &model, &case);
    }
}

#[test]
fn a_changed_tree_is_searched_as_one_that_was_built_from_scratch() {
    for seed in 0..40 {
        check(seed, 12 + 4 * (seed as usize % 8), 4, 1 + seed as usize % 4);
    }
}
