//! Batches of changes over a store that fails in every way it can.
//!
//! 1. A batch is acknowledged once the log has it; replicas have it under the same number, also those that start later.
//! 2. Whatever happens to a request of a batch, whole batches are served, the writer and its replicas agree in the end,
//!    and sending it again gives one answer.
//! 3. A put that was given up and comes late is one of the writer's own entries; another writer's ends it.
//! 4. In any order of batches, compactions, pulls, restarts, prunes, promotions and faults no acknowledged batch is lost,
//!    no replica goes back, and none serves a part of a batch.
//! 5. What would lose a batch or bring older data back is refused.

use super::entry::Body;
use super::error::ReplicaError;
use super::faulty_store::{Fault, FaultyStore};
use super::follow::Turn;
use super::log::Writer;
use super::prune::{PruneOptions, prune};
use super::publish::{Outcome, Publishing, chosen};
use super::publisher::{BatchError, Publisher};
use super::tests::{Disk, copy, log_of, runtime};
use super::verify::verify;
use super::{Transfer, cache};
use index_data::load::SourceRow;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use search_core::changes::{Applied, Batch, Change, ChangeError, NewOrg};
use search_core::{Engine, ReindexOptions};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// A writer and its disk, which outlives it.
struct Author {
    dir: TempDir,
    engine: Arc<Engine>,
    publisher: Publisher,
}

impl Author {
    /// With a first generation that is published.
    async fn new(store: &FaultyStore) -> Author {
        let dir = TempDir::new().unwrap();
        let engine = Engine::open_or_empty(dir.path()).unwrap();
        let row =
            |id: u64| SourceRow { id: id.to_string(), name: format!("团委{id}"), ..SourceRow::default() };
        engine.reindex((1..=3).map(|id| Ok::<_, Infallible>(row(id))), |_| {}).unwrap();
        let mut author = Author::start(dir, store);
        author.publisher.sync().await.unwrap();
        author
    }

    fn start(dir: TempDir, store: &FaultyStore) -> Author {
        let engine = Arc::new(Engine::open(dir.path()).unwrap());
        let publisher = Publisher::new(Arc::clone(&engine), dir.path(), store.shared());
        Author { dir, engine, publisher }
    }

    /// Ends and begins again, on the same disk.
    fn restart(self, store: &FaultyStore) -> Author {
        let Author { dir, engine, publisher } = self;
        drop((engine, publisher));
        Author::start(dir, store)
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn version(&self) -> String {
        self.engine.generation().version
    }

    async fn apply(&mut self, number: u64) -> Result<Applied, BatchError> {
        self.publisher.apply(&batch(number)).await
    }
}

/// Two organizations that come together, or not at all.
fn batch(number: u64) -> Batch {
    let org = |id: String| NewOrg {
        name: format!("{id}团支部"),
        id,
        parent_id: "1".to_owned(),
        ..NewOrg::default()
    };
    let changes = ["a", "b"].map(|side| Change::Add(Box::new(org(format!("{side}{number}"))))).to_vec();
    Batch { key: format!("batch {number}"), changes, at: 1_790_000_000 + number }
}

/// The batches that are served; whole ones only.
fn served(engine: &Engine, most: u64) -> BTreeSet<u64> {
    let has = |side: &str, number: u64| engine.org(&format!("{side}{number}")).is_ok();
    let whole = |number: &u64| {
        assert_eq!(has("a", *number), has("b", *number), "half of batch {number}");
        has("a", *number)
    };
    (1..=most).filter(whole).collect()
}

async fn assert_agree(author: &Author, disk: &Disk, store: &FaultyStore, case: &str) {
    let (engine, mut replica) = disk.start();
    replica.turn(&store.shared()).await.unwrap_or_else(|error| panic!("{case}: {error}"));
    assert_eq!(engine.generation().version, author.version(), "{case}");
    assert_eq!(served(&engine, 60), served(&author.engine, 60), "{case}");
    let verified = verify(&store.shared(), &Transfer::default()).await.unwrap();
    assert_eq!(verified.faults, [""; 0], "{case}");
}

#[test]
fn a_batch_is_in_the_log_when_it_is_acknowledged_and_replicas_have_it_under_its_number() {
    runtime().block_on(async {
        let (store, disk) = (FaultyStore::default(), Disk::new());
        let mut author = Author::new(&store).await;
        let (engine, mut replica) = disk.start();
        replica.turn(&store.shared()).await.unwrap();
        let mut sequence = replica.sequence();
        for number in 1..=3 {
            let applied = author.apply(number).await.unwrap();
            assert_eq!(
                (applied.sequence, applied.generation.as_str()),
                (number, &*format!("g000001-{number}"))
            );
            assert_eq!(author.apply(number).await.unwrap(), applied, "the same key again");
            assert_eq!(replica.turn(&store.shared()).await.unwrap(), Turn::Changed { batches: 1 });
            assert_eq!(engine.generation().version, applied.generation);
            assert_eq!(replica.sequence(), sequence + 1, "and one entry");
            sequence += 1;
        }
        assert_eq!(replica.turn(&store.shared()).await.unwrap(), Turn::Current);
        drop((engine, replica));
        let (engine, replica) = disk.start();
        assert_eq!(
            (served(&engine, 9).len(), replica.sequence()),
            (3, sequence),
            "after a restart, without a look"
        );
        assert_agree(&author, &Disk::new(), &store, "one that starts later").await;
        // What was refused leaves nothing.
        let refused = author.publisher.apply(&Batch { key: "other".to_owned(), ..batch(1) }).await;
        assert!(matches!(refused, Err(BatchError::Change(ChangeError::Invalid { .. }))));
        assert_eq!(log_of(&store).end().await.unwrap().unwrap().sequence, sequence);
    });
}

#[test]
fn a_batch_whose_requests_go_wrong_anywhere_is_there_as_a_whole_or_not_at_all() {
    runtime().block_on(async {
        let store = FaultyStore::default();
        let mut author = Author::new(&store).await;
        author.apply(1).await.unwrap();
        let (mut acknowledged, mut known_later) = (0, 0);
        let mut number = 1;
        for at in 1..=6 {
            for fault in [Fault::Fails, Fault::AnswerLost, Fault::FailsForGood, Fault::AnswerLostForGood] {
                for is_restarted in [false, true] {
                    number += 1;
                    let case = format!("operation {at}, {fault:?}, restarted: {is_restarted}");
                    let view = store.view();
                    author = author.restart(&view);
                    author.publisher.sync().await.unwrap();
                    view.fail_at(at, fault);
                    let said = author.apply(number).await;
                    view.heal();
                    if is_restarted {
                        author = author.restart(&store);
                    }
                    author.publisher.sync().await.unwrap_or_else(|error| panic!("{case}: {error}"));
                    let is_made = served(&author.engine, number).contains(&number);
                    assert!(is_made || said.is_err(), "{case}: it was acknowledged, and is lost");
                    assert_agree(&author, &Disk::new(), &store, &case).await;
                    let again =
                        author.apply(number).await.unwrap_or_else(|error| panic!("{case}: {error:?}"));
                    match said {
                        Ok(said) => {
                            acknowledged += 1;
                            assert_eq!(said, again, "{case}");
                        }
                        Err(_) => known_later += usize::from(is_made),
                    }
                    assert_agree(&author, &Disk::new(), &store, &case).await;
                }
            }
        }
        assert!(acknowledged > 3 && known_later > 1, "{acknowledged}, {known_later}");
    });
}

#[test]
fn a_put_that_comes_late_is_known_for_what_it_is() {
    runtime().block_on(async {
        let store = FaultyStore::default();
        let mut author = Author::new(&store).await;
        let log = log_of(&store);
        let mut writer = Writer::claim(&log).await.unwrap();
        // The same writer, before a put of its own comes in.
        let end = writer.last().clone();
        let late =
            super::entry::LogEntry { sequence: end.sequence + 1, body: Body::Epoch, written_at: 7, ..end };
        let path = log.path(late.sequence);
        object_store::ObjectStoreExt::put(&*store.shared(), &path, late.to_json().into()).await.unwrap();
        assert!(matches!(writer.append(Body::Epoch).await, Err(ReplicaError::LateEntry { .. })));
        assert_eq!(writer.catch_up().await.unwrap(), 1);
        writer.append(Body::Epoch).await.unwrap();
        // Of another one it ends the writer, for good.
        for _ in 0..2 {
            let taken_over = author.apply(1).await;
            assert!(
                matches!(taken_over, Err(BatchError::Replica(ReplicaError::TakenOver { .. }))),
                "{taken_over:?}"
            );
        }
        assert_eq!(served(&author.engine, 1).len(), 0);
        // Until it is started again.
        let mut author = author.restart(&store);
        author.apply(1).await.unwrap();
        assert_agree(&author, &Disk::new(), &store, "in the end").await;
    });
}

#[test]
fn batches_that_others_make_in_the_data_directory_go_before_those_that_follow() {
    runtime().block_on(async {
        let store = FaultyStore::default();
        let mut author = Author::new(&store).await;
        author.apply(1).await.unwrap();
        let other = Engine::open(author.path()).unwrap();
        other.apply(&batch(2)).unwrap();
        assert_eq!(author.apply(3).await.unwrap().sequence, 3);
        assert_agree(&author, &Disk::new(), &store, "all three").await;
        assert_eq!(served(&author.engine, 9), BTreeSet::from([1, 2, 3]));
        // Acknowledged by the disk alone, and then in the store.
        author.engine.apply(&batch(4)).unwrap();
        let synced = author.publisher.sync().await.unwrap().unwrap();
        assert_eq!((synced.outcome, synced.batches), (Outcome::BatchesPublished, 1));
        assert_agree(&author, &Disk::new(), &store, "the fourth").await;
    });
}

#[test]
fn a_compaction_a_rollback_and_a_prune_take_the_replicas_along() {
    runtime().block_on(async {
        let (store, disk) = (FaultyStore::default(), Disk::new());
        let mut author = Author::new(&store).await;
        for number in 1..=3 {
            author.apply(number).await.unwrap();
            assert_agree(&author, &disk, &store, "before").await;
        }
        let mut came = false;
        let progress = |_| {
            if !std::mem::replace(&mut came, true) {
                author.engine.apply(&batch(4)).unwrap();
            }
        };
        author.engine.compact(ReindexOptions::default(), progress).unwrap();
        author.apply(5).await.unwrap();
        for disk in [&disk, &Disk::new()] {
            assert_agree(&author, disk, &store, "with a batch that was carried on").await;
        }
        author.engine.rollback(None).unwrap();
        author.publisher.sync().await.unwrap();
        assert_eq!(author.version(), "g000001");
        assert_agree(&author, &disk, &store, "rolled back").await;
        author.apply(6).await.unwrap();
        author.engine.rollback(Some("g000002")).unwrap();
        author.apply(7).await.unwrap();
        assert_eq!(served(&author.engine, 9), BTreeSet::from([1, 2, 3, 4, 7]));
        for disk in [&disk, &Disk::new()] {
            assert_agree(&author, disk, &store, "and forth").await;
        }
        let options =
            PruneOptions { keep: 1, drop_formats: Vec::new(), grace: Duration::ZERO, dry_run: false };
        let pruned = prune(&store.shared(), &options).await.unwrap();
        assert_eq!((pruned.generations.len(), pruned.batches), (3, 6), "the fourth and the last are needed");
        assert_agree(&author, &Disk::new(), &store, "after the prune").await;
    });
}

#[test]
fn what_would_lose_a_batch_or_bring_older_data_back_is_refused() {
    runtime().block_on(async {
        let store = FaultyStore::default();
        let mut author = Author::new(&store).await;
        let (behind, older) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        copy(author.path(), older.path());
        author.apply(1).await.unwrap();
        // The writer ended before it kept the batch, and then somebody rebuilt the directory.
        copy(older.path(), behind.path());
        let rebuilt = Engine::open(behind.path()).unwrap();
        let row = SourceRow { id: "7".into(), name: "团委".into(), ..SourceRow::default() };
        rebuilt.reindex([Ok::<_, Infallible>(row)], |_| {}).unwrap();
        let refused = Author::start(behind, &store).publisher.sync().await;
        assert!(matches!(&refused, Err(ReplicaError::LacksBatch { sequence: 1, .. })), "{refused:?}");
        // A copy from before the newest generation.
        let mut author = author.restart(&store);
        author.engine.compact(ReindexOptions::default(), |_| {}).unwrap();
        author.publisher.sync().await.unwrap();
        let chosen = chosen(older.path(), &[]).unwrap();
        let (sealed, changes) = &chosen[0];
        let (hashed, uploaded) = (Arc::default(), Arc::default());
        let refused = Publishing { store: store.shared(), sealed, changes, hashed, uploaded }.run().await;
        assert!(matches!(&refused, Err(ReplicaError::LacksGeneration { .. })), "{refused:?}");
        // Nothing of all that went into the log.
        let mut author = author.restart(&store);
        author.apply(2).await.unwrap();
        assert_agree(&author, &Disk::new(), &store, "in the end").await;
        assert_eq!(served(&author.engine, 9), BTreeSet::from([1, 2]));
    });
}

#[test]
fn a_batch_that_the_store_alone_has_is_made_on_top_of_what_was_done_meanwhile() {
    runtime().block_on(async {
        for is_compacted in [false, true] {
            let (store, disk) = (FaultyStore::default(), Disk::new());
            let mut author = Author::new(&store).await;
            let before = TempDir::new().unwrap();
            copy(author.path(), before.path());
            author.apply(1).await.unwrap();
            let (engine, mut replica) = disk.start();
            replica.turn(&store.shared()).await.unwrap();
            assert_eq!(served(&engine, 9), BTreeSet::from([1]));
            drop((engine, replica));
            // The writer lost it, and somebody else came first.
            let other = Engine::open(before.path()).unwrap();
            other.apply(&batch(2)).unwrap();
            if is_compacted {
                other.compact(ReindexOptions::default(), |_| {}).unwrap();
            }
            drop(other);
            let mut author = Author::start(before, &store);
            if !is_compacted {
                let refused = author.publisher.sync().await;
                assert!(
                    matches!(&refused, Err(ReplicaError::NumberTaken { sequence: 1, .. })),
                    "{refused:?}"
                );
                author.engine.compact(ReindexOptions::default(), |_| {}).unwrap();
            }
            author.apply(3).await.unwrap();
            assert_eq!(served(&author.engine, 9), BTreeSet::from([1, 2, 3]), "compacted: {is_compacted}");
            for disk in [&disk, &Disk::new()] {
                assert_agree(&author, disk, &store, "in the end").await;
            }
        }
    });
}

#[test]
fn a_replica_whose_log_of_changes_is_damaged_or_gone_has_it_again() {
    runtime().block_on(async {
        let (store, disk) = (FaultyStore::default(), Disk::new());
        let mut author = Author::new(&store).await;
        for number in 1..=3 {
            author.apply(number).await.unwrap();
            assert_agree(&author, &disk, &store, "at first").await;
        }
        std::fs::remove_dir_all(disk.path().join("changes")).unwrap();
        assert_agree(&author, &disk, &store, "the log is gone").await;
        std::fs::remove_dir_all(disk.path().join(cache::FOLDER)).unwrap();
        assert_agree(&author, &disk, &store, "what was pulled is gone").await;
    });
}

/// One step of a long story.
#[derive(Debug, Clone)]
enum Step {
    Batch,
    BrokenBatch(usize, Fault),
    /// A batch that the disk of the writer alone has.
    LocalBatch,
    Compact,
    BrokenSync(usize, Fault),
    RestartWriter,
    /// A copy of the replica's disk becomes the writer; the one before is still there.
    Promote,
    Look,
    BrokenLook(usize, Fault),
    RestartReplica,
    Prune,
}

fn step() -> impl Strategy<Value = Step> {
    let fault = || {
        prop_oneof![
            Just(Fault::Fails),
            Just(Fault::AnswerLost),
            Just(Fault::FailsForGood),
            Just(Fault::AnswerLostForGood),
        ]
    };
    prop_oneof![
        4 => Just(Step::Batch),
        5 => (1usize..6, fault()).prop_map(|(at, fault)| Step::BrokenBatch(at, fault)),
        2 => Just(Step::LocalBatch),
        2 => Just(Step::Compact),
        2 => (1usize..30, fault()).prop_map(|(at, fault)| Step::BrokenSync(at, fault)),
        2 => Just(Step::RestartWriter),
        1 => Just(Step::Promote),
        3 => Just(Step::Look),
        3 => (1usize..25, fault()).prop_map(|(at, fault)| Step::BrokenLook(at, fault)),
        2 => Just(Step::RestartReplica),
        1 => Just(Step::Prune),
    ]
}

async fn tell(steps: Vec<Step>) {
    let (store, disk) = (FaultyStore::default(), Disk::new());
    let mut author = Author::new(&store).await;
    let (mut engine, mut replica) = disk.start();
    let (mut number, mut acknowledged, mut seen, mut sequence) = (0, BTreeSet::new(), BTreeSet::new(), 0);
    for step in steps {
        let case = format!("{step:?}");
        match step {
            Step::Batch => {
                number += 1;
                author.apply(number).await.unwrap_or_else(|error| panic!("{case}: {error:?}"));
                acknowledged.insert(number);
            }
            Step::BrokenBatch(at, fault) => {
                number += 1;
                let view = store.view();
                author = author.restart(&view);
                author.publisher.sync().await.unwrap();
                view.fail_at(at, fault);
                if author.apply(number).await.is_ok() {
                    acknowledged.insert(number);
                }
                view.heal();
            }
            Step::LocalBatch => {
                number += 1;
                author.publisher.sync().await.unwrap();
                author.engine.apply(&batch(number)).unwrap();
            }
            Step::Compact => {
                // A batch that the store has and the disk lacks is fetched before.
                author.publisher.sync().await.unwrap();
                author.engine.compact(ReindexOptions::default(), |_| {}).unwrap();
            }
            Step::BrokenSync(at, fault) => {
                let view = store.view();
                view.fail_at(at, fault);
                author = author.restart(&view);
                let _ = author.publisher.sync().await;
                view.heal();
            }
            Step::RestartWriter => author = author.restart(&store),
            Step::Promote => {
                // One that has no epoch yet would claim one later, and end the one that is promoted.
                author.publisher.sync().await.unwrap();
                replica.turn(&store.shared()).await.unwrap();
                let dir = TempDir::new().unwrap();
                copy(disk.path(), dir.path());
                let mut promoted = Author::start(dir, &store);
                promoted.publisher.sync().await.unwrap();
                let ended = author.apply(1_000).await;
                assert!(matches!(ended, Err(BatchError::Replica(_))), "{case}: {ended:?}");
                author = promoted;
            }
            Step::Look => drop(replica.turn(&store.shared()).await.unwrap()),
            Step::BrokenLook(at, fault) => {
                let view = store.view();
                view.fail_at(at, fault);
                let _ = replica.turn(&view.shared()).await;
            }
            Step::RestartReplica => {
                drop((engine, replica));
                (engine, replica) = disk.start();
            }
            Step::Prune => {
                let options =
                    PruneOptions { keep: 1, drop_formats: Vec::new(), grace: Duration::ZERO, dry_run: false };
                prune(&store.shared(), &options).await.unwrap();
            }
        }
        let now = served(&engine, number);
        assert!(now.is_superset(&seen), "{case}: it went back from {seen:?} to {now:?}");
        assert!(replica.sequence() >= sequence, "{case}: it went back from entry {sequence}");
        (seen, sequence) = (now, replica.sequence());
    }
    let mut author = author.restart(&store);
    author.publisher.sync().await.unwrap();
    let made = served(&author.engine, number);
    assert!(made.is_superset(&acknowledged), "of {acknowledged:?} only {made:?} are there");
    drop((engine, replica));
    for disk in [&disk, &Disk::new()] {
        assert_agree(&author, disk, &store, "in the end").await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, rng_seed: RngSeed::Fixed(18), ..ProptestConfig::default() })]

    #[test]
    fn no_acknowledged_batch_is_lost_and_no_replica_goes_back(steps in proptest::collection::vec(step(), 1..16)) {
        runtime().block_on(tell(steps));
    }
}
