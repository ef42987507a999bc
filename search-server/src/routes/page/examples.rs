//! Three examples to tap, drawn from the live tree: a class, a community or village, and a committee with many below it.

use index_data::lexicon::{FormRole, forms};
use index_data::model::{OrgKind, OrgStatus};
use search_core::{Engine, OrgRecord, SearchRequest};
use std::sync::{Arc, Mutex, PoisonError};

/// Organizations looked at.
const SAMPLES: usize = 200;
/// Any number; a generation always gives the same examples.
const SEED: u64 = 2026;
/// Candidates of one sort that are tried.
const TRIED: usize = 8;
/// How far down an example may come out.
const PLACES: usize = 3;

/// How names of classes and of communities and villages end, without their form word.
const CLASS_ENDS: [&str; 1] = ["班"];
const PLACE_ENDS: [&str; 2] = ["社区", "村"];

/// The examples of the generation that was asked last.
#[derive(Debug, Default)]
pub(crate) struct Examples {
    kept: Mutex<(String, Arc<Vec<String>>)>,
}

impl Examples {
    /// The examples of a generation, if they were drawn.
    pub(super) fn of(&self, generation: &str) -> Option<Arc<Vec<String>>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        (kept.0 == generation).then(|| Arc::clone(&kept.1))
    }

    /// Keeps the examples of a generation in place of those of another.
    pub(super) fn keep(&self, generation: String, examples: Vec<String>) -> Arc<Vec<String>> {
        let examples = Arc::new(examples);
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = (generation, Arc::clone(&examples));
        examples
    }
}

/// What to type, at most one text of each sort; each is tried, and leads to its organization.
pub(super) fn draw(engine: &Engine) -> Vec<String> {
    let names = engine.sample_names(SAMPLES, SEED);
    let orgs: Vec<OrgRecord> = names.iter().filter_map(|(id, _)| engine.org(id).ok()).collect();
    let ends = |org: &OrgRecord, ends: &[&str]| {
        org.status == OrgStatus::Active && ends.iter().any(|end| short(&org.name).ends_with(end))
    };
    let classes = orgs.iter().filter(|org| ends(org, &CLASS_ENDS)).cloned().collect();
    let places = orgs.iter().filter(|org| ends(org, &PLACE_ENDS)).cloned().collect();
    let sorts: [Vec<OrgRecord>; 3] = [classes, places, committees(engine, &orgs)];
    sorts.iter().filter_map(|sort| sort.iter().take(TRIED).find_map(|org| typed(engine, org))).collect()
}

/// The committees above the samples, those with the most organizations directly below first.
fn committees(engine: &Engine, orgs: &[OrgRecord]) -> Vec<OrgRecord> {
    let mut ids: Vec<&str> =
        orgs.iter().filter_map(|org| org.path.last()).map(|step| step.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let records = ids.into_iter().filter_map(|id| engine.org(id).ok());
    let mut committees: Vec<OrgRecord> = records
        .filter(|org| org.kind == Some(OrgKind::Committee) && org.status == OrgStatus::Active)
        .collect();
    committees.sort_by(|a, b| b.children.cmp(&a.children).then_with(|| a.id.cmp(&b.id)));
    committees
}

/// The short name, else with the one above it: what finds the organization.
fn typed(engine: &Engine, org: &OrgRecord) -> Option<String> {
    let own = short(&org.name).to_owned();
    let above = org.path.last().map(|step| format!("{} {own}", short(&step.name)));
    let finds = |text: &String| {
        let request = SearchRequest::autocomplete(text).limit(PLACES);
        engine.search(&request).is_ok_and(|found| found.hits.iter().any(|hit| hit.org.id == org.id))
    };
    [Some(own), above].into_iter().flatten().find(finds)
}

/// A name without the words that all names share.
fn short(name: &str) -> &str {
    let prefixes = forms().filter(|row| row.role == FormRole::Prefix);
    let rest =
        prefixes.filter_map(|row| name.strip_prefix(row.text)).min_by_key(|rest| rest.len()).unwrap_or(name);
    let ends = forms().filter(|row| row.role == FormRole::Form);
    let own = ends.filter_map(|row| rest.strip_suffix(row.text)).min_by_key(|own| own.len()).unwrap_or(rest);
    if own.is_empty() { name } else { own }
}

#[cfg(test)]
mod tests {
    use super::*;
    use index_data::generate::beijing_sample;
    use index_data::load::{ColumnMap, Format, Source};
    use index_data::model::OrgTree;
    use index_data::validate::validate;
    use std::io::Cursor;

    #[test]
    fn names_are_shortened() {
        for (name, expected) in [
            ("中国共产主义青年团北京大学委员会", "北京大学"),
            ("中国共产主义青年团某厂总支部委员会", "某厂"),
            ("2024级1班团支部", "2024级1班"),
            ("共青团委员会", "共青团委员会"),
        ] {
            assert_eq!(short(name), expected);
        }
    }

    #[test]
    fn the_sample_gives_three_examples_always_the_same() {
        let source =
            Source::from_reader(Cursor::new(beijing_sample()), Format::Csv, "sample", &ColumnMap::default());
        let tree = validate(source.unwrap()).unwrap().tree.unwrap();
        let engine = Engine::in_memory(tree).unwrap();
        let examples = draw(&engine);
        assert_eq!(examples.len(), 3, "{examples:?}");
        assert!(examples[0].ends_with('班'), "{examples:?}");
        assert_eq!(draw(&engine), examples);
    }

    #[test]
    fn an_empty_tree_has_no_examples() {
        assert!(draw(&Engine::in_memory(OrgTree::default()).unwrap()).is_empty());
    }

    #[test]
    fn another_generation_has_other_examples() {
        let examples = Examples::default();
        examples.keep("g1".to_owned(), vec!["甲".to_owned()]);
        assert_eq!(examples.of("g1").unwrap().as_slice(), ["甲"]);
        assert!(examples.of("g2").is_none());
    }
}
