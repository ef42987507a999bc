//! What many people chose for the very query: organizations of the learned prior, each with its share.

use crate::index::snapshot::Snapshot;
use crate::search::tuning::chosen::SMOOTHING;
use crate::text::normalize::NormalizedText;
use index_data::model::Ordinal;

/// The organizations chosen for a query. Few, so they are looked up one by one.
#[derive(Debug, Default)]
pub(crate) struct Chosen(Vec<(Ordinal, f32)>);

impl Chosen {
    /// Nothing where nothing was learned, or nobody chose anything for this query.
    pub(crate) fn of(text: &NormalizedText, snapshot: &Snapshot) -> Chosen {
        let Some(learned) = snapshot.learned() else { return Chosen::default() };
        let counts = learned.prior.counts(text.text());
        let all: f32 = counts.iter().map(|chosen| chosen.count).sum();
        let share = |count: f32| count / (all + SMOOTHING);
        let found = counts
            .iter()
            .filter_map(|chosen| Some((snapshot.records.find_id(&chosen.id)?, share(chosen.count))));
        Chosen(found.collect())
    }

    pub(crate) fn ordinals(&self) -> impl Iterator<Item = Ordinal> + '_ {
        self.0.iter().map(|&(ordinal, _)| ordinal)
    }

    /// The share of an organization, `0.0..1.0`; `None`: nothing is known of this query.
    pub(crate) fn share(&self, ordinal: Ordinal) -> Option<f32> {
        let of = |&(chosen, share): &(Ordinal, f32)| (chosen == ordinal).then_some(share);
        (!self.0.is_empty()).then(|| self.0.iter().find_map(of).unwrap_or(0.0))
    }
}

#[cfg(test)]
mod tests {
    //! Properties under test: what people chose comes first, is said, and ends the cursors of before; a generation
    //! published later keeps it.

    use crate::prior::{LearnedPrior, PriorStore};
    use crate::{Engine, Hits, SearchError, SearchRequest};
    use index_data::load::SourceRow;
    use std::convert::Infallible;

    fn rows() -> impl Iterator<Item = Result<SourceRow, Infallible>> {
        let row = |(id, name): (&str, &str)| {
            Ok(SourceRow { id: id.into(), name: name.into(), ..SourceRow::default() })
        };
        [("1", "东北大学团委"), ("2", "东南大学团委"), ("3", "东华大学团委")].into_iter().map(row)
    }

    fn learned(query: &str, id: &str) -> LearnedPrior {
        let json = format!(
            r#"{{"version":1,"generation":"g000001","askers":5,"half_life_days":90,"day":20000,
                "queries":[{{"query":"{query}","counts":[{{"id":"{id}","count":20.0}}]}}]}}"#
        );
        LearnedPrior::from_json(json.as_bytes()).expect("it is read")
    }

    #[test]
    fn what_many_people_chose_comes_first_and_ends_the_cursors_of_before() {
        let dir = tempfile::tempdir().expect("a directory");
        let engine = Engine::unopened(dir.path()).expect("it is opened");
        engine.reindex(rows(), |_| {}).expect("it is built");
        let search =
            |query: &str| engine.search(&SearchRequest::new(query).limit(1)).expect("it is searched");
        let first = |hits: &Hits| (hits.hits[0].org.id.clone(), hits.prior.clone());
        let before = search("东大学");
        assert_eq!(before.prior, None);
        let chosen =
            ["1", "2", "3"].into_iter().find(|&id| id != before.hits[0].org.id).expect("another one");

        let priors = PriorStore::new(dir.path());
        priors.publish(&learned("东大学", chosen)).expect("it is published");
        assert!(engine.refresh_learned().expect("it is read"));
        assert!(!engine.refresh_learned().expect("it is read"), "it is the same");
        let expected = (chosen.to_owned(), Some("p000001".to_owned()));
        assert_eq!(first(&search("东大学")), expected);
        let cursor = before.next_cursor.clone().expect("there are more");
        let next = engine
            .search(&SearchRequest { cursor: Some(cursor), ..SearchRequest::new("东大学").limit(1) });
        assert!(matches!(next, Err(SearchError::StaleCursor)));

        engine.reindex(rows(), |_| {}).expect("it is built");
        assert_eq!(first(&search("东大学")), expected);
        let reopened = Engine::open(dir.path()).expect("it is opened");
        assert_eq!(reopened.learned().as_deref(), Some("p000001"));
        priors.unset().expect("it is unset");
        assert!(engine.refresh_learned().expect("it is read"));
        assert_eq!(first(&search("东大学")), first(&before));
    }

    #[test]
    fn an_exact_name_stays_before_what_was_chosen() {
        let dir = tempfile::tempdir().expect("a directory");
        let engine = Engine::unopened(dir.path()).expect("it is opened");
        engine.reindex(rows(), |_| {}).expect("it is built");
        PriorStore::new(dir.path()).publish(&learned("东北大学团委", "3")).expect("it is published");
        engine.refresh_learned().expect("it is read");
        let hits = engine.search(&SearchRequest::new("东北大学团委")).expect("it is searched");
        assert_eq!(hits.hits[0].org.id, "1");
    }
}
