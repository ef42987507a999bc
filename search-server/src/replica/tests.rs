//! Writers and replicas over a store that fails in every way it can.
//!
//! 1. A publish with one operation that fails, loses its answer or hangs for ever leaves the log as it was or with the
//!    whole generation; run again it goes through, and what it says is so.
//! 2. A pull with one operation that fails, is torn, loses its answer or hangs until the replica is killed leaves the
//!    replica with what it served; it never serves half a generation, and the next look goes through.
//! 3. Of two writers the one that claimed later goes on, and the other one ends, wherever it is.
//! 4. In any order of publishes, pulls, restarts, prunes and faults a replica never goes back, and ends with the newest.
//! 5. A listing that lags behind costs a writer nothing, and a replica a moment.
//! 6. What cannot be understood is refused, and what was served is served on.
//! 7. Files go only where nobody needs them and they are old.

use super::entry::{Body, LogEntry};
use super::error::ReplicaError;
use super::faulty_store::{Fault, FaultyStore};
use super::follow::{Replica, Turn};
use super::log::{Log, Writer};
use super::prune::{PruneOptions, prune};
use super::publish::{Outcome, Published, Publishing, chosen};
use super::status::status;
use super::verify::verify;
use super::{Transfer, cache, files};
use index_data::load::SourceRow;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStoreExt, PutPayload};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use search_core::{Engine, EngineError, GenerationFormat, SearchRequest};
use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// A data directory and the engine that writes to it.
struct Source {
    dir: TempDir,
    engine: Engine,
}

impl Source {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let engine = Engine::open_or_empty(dir.path()).unwrap();
        Source { dir, engine }
    }

    /// Builds a generation of so many organizations.
    fn build(&self, orgs: u64) -> &Self {
        let row =
            |id: u64| SourceRow { id: id.to_string(), name: format!("团委{id}"), ..SourceRow::default() };
        self.engine.reindex((1..=orgs).map(|id| Ok::<_, Infallible>(row(id))), |_| {}).unwrap();
        self
    }

    async fn publish(&self, store: &FaultyStore) -> Result<Published, ReplicaError> {
        let chosen = chosen(self.dir.path(), &[]).unwrap();
        let (hashed, uploaded) = (Arc::default(), Arc::default());
        let (sealed, changes) = &chosen[0];
        Publishing { store: store.shared(), sealed, changes, hashed, uploaded }.run().await
    }
}

/// A replica and its disk, which outlives it.
pub(super) struct Disk {
    dir: TempDir,
}

impl Disk {
    pub(super) fn new() -> Self {
        Disk { dir: TempDir::new().unwrap() }
    }

    pub(super) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A server that starts here. What it finds must be whole.
    pub(super) fn start(&self) -> (Arc<Engine>, Replica) {
        let engine = match Engine::open(self.path()) {
            Err(EngineError::NoGeneration { .. }) => Engine::unopened(self.path()).unwrap(),
            opened => opened.unwrap(),
        };
        assert_eq!(engine.verify().unwrap(), [""; 0], "what is served is whole");
        let engine = Arc::new(engine);
        (Arc::clone(&engine), Replica::open(engine, self.path(), 2))
    }
}

pub(super) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

pub(super) fn log_of(store: &FaultyStore) -> Log {
    Log::new(&store.shared(), &GenerationFormat::current())
}

/// Runs work on a store that may hang for ever; then it is killed there.
async fn or_killed<T>(
    store: &FaultyStore,
    work: impl Future<Output = Result<T, ReplicaError>>,
) -> Option<Result<T, ReplicaError>> {
    tokio::select! {
        done = work => Some(done),
        () = store.reached() => None,
    }
}

async fn assert_serves(engine: &Engine, orgs: u64, at: &str) {
    assert_eq!(engine.generation().orgs, orgs, "{at}");
    assert_eq!(engine.verify().unwrap(), [""; 0], "{at}");
    if orgs > 0 {
        let hits = engine.search(&SearchRequest::new("团委1")).unwrap();
        assert_eq!(hits.hits[0].org.id, "1", "{at}");
    }
}

#[test]
fn a_publish_that_is_cut_off_anywhere_leaves_all_or_nothing() {
    runtime().block_on(async {
        let source = Source::new();
        source.build(3);
        let counting = FaultyStore::default();
        source.publish(&counting).await.unwrap();
        let operations = counting.operations();
        assert!(operations > 10, "{operations}");
        for at in 1..=operations {
            for fault in [Fault::Fails, Fault::AnswerLost, Fault::Hangs] {
                let case = format!("operation {at}, {fault:?}");
                let store = FaultyStore::default();
                store.fail_at(at, fault);
                let said = or_killed(&store, source.publish(&store)).await;
                store.heal();
                let disk = Disk::new();
                let (engine, mut replica) = disk.start();
                replica.turn(&store.shared()).await.unwrap();
                let served = engine.generation().orgs;
                assert!(served == 0 || served == 3, "{case}: {served}");
                if let Some(Ok(_)) = said {
                    assert_serves(&engine, 3, &case).await;
                }
                source.publish(&store).await.unwrap_or_else(|error| panic!("{case}: {error}"));
                replica.turn(&store.shared()).await.unwrap();
                assert_serves(&engine, 3, &case).await;
                let verified = verify(&store.shared(), &Transfer::default()).await.unwrap();
                assert_eq!(verified.faults, [""; 0], "{case}");
            }
        }
    });
}

#[test]
fn a_pull_that_is_cut_off_anywhere_changes_nothing_and_goes_through_the_next_time() {
    runtime().block_on(async {
        let (source, store) = (Source::new(), FaultyStore::default());
        source.build(2).publish(&store).await.unwrap();
        // What the replica has before, in each case.
        let base = Disk::new();
        base.start().1.turn(&store.shared()).await.unwrap();
        source.build(5).publish(&store).await.unwrap();
        let operations = {
            let (disk, view) = (Disk::new(), store.view());
            disk.start().1.turn(&view.shared()).await.unwrap();
            view.operations()
        };
        for at in 1..=operations {
            for fault in [Fault::Fails, Fault::AnswerLost, Fault::Hangs, Fault::Torn] {
                let case = format!("operation {at}, {fault:?}");
                let disk = Disk::new();
                copy(base.path(), disk.path());
                let view = store.view();
                view.fail_at(at, fault);
                let (engine, mut replica) = disk.start();
                let turned = or_killed(&view, replica.turn(&view.shared())).await;
                let served = engine.generation().orgs;
                match &turned {
                    Some(Ok(Turn::Served { .. })) => assert_eq!(served, 5, "{case}"),
                    Some(Ok(other)) => panic!("{case}: {other:?}"),
                    Some(Err(_)) | None => assert!(served == 2 || served == 5, "{case}: {served}"),
                }
                drop((engine, replica));
                // Killed or not, the next one starts on the same disk.
                let (engine, mut replica) = disk.start();
                assert!(engine.generation().orgs >= served, "{case}");
                replica.turn(&store.shared()).await.unwrap_or_else(|error| panic!("{case}: {error}"));
                assert_serves(&engine, 5, &case).await;
                assert_eq!(replica.turn(&store.shared()).await.unwrap(), Turn::Current, "{case}");
            }
        }
    });
}

#[test]
fn a_writer_that_another_one_overtakes_at_any_of_its_operations_ends() {
    runtime().block_on(async {
        let (old, new) = (Source::new(), Source::new());
        old.build(2);
        new.build(4).build(5).build(6);
        let counting = FaultyStore::default();
        old.publish(&counting).await.unwrap();
        let (mut taken_over, mut too_late, mut before) = (0, 0, 0);
        for at in 1..=counting.operations() {
            let case = format!("operation {at}");
            let store = FaultyStore::default();
            let slow = store.view();
            slow.fail_at(at, Fault::Waits);
            // The old writer stops there for as long as the new one needs, and then goes on.
            let mut first = Box::pin(old.publish(&slow));
            tokio::select! {
                done = &mut first => panic!("{case} does not wait: {done:?}"),
                () = slow.reached() => {}
            }
            new.publish(&store).await.unwrap();
            slow.release();
            match first.await {
                Err(ReplicaError::TakenOver { .. }) => taken_over += 1,
                Err(ReplicaError::NameTaken { .. }) => too_late += 1,
                Ok(published) => {
                    before += 1;
                    let end = log_of(&store).end().await.unwrap().unwrap();
                    assert!(published.entry.sequence < end.sequence, "{case}");
                }
                Err(error) => panic!("{case}: {error}"),
            }
            let disk = Disk::new();
            let (engine, mut replica) = disk.start();
            replica.turn(&store.shared()).await.unwrap();
            assert_serves(&engine, 6, &case).await;
        }
        assert!(taken_over > 3 && too_late > 1 && before > 1, "{taken_over}, {too_late}, {before}");
    });
}

#[test]
fn the_later_claim_wins_and_the_earlier_writer_is_told() {
    runtime().block_on(async {
        let store = FaultyStore::default();
        let log = log_of(&store);
        let mut first = Writer::claim(&log).await.unwrap();
        let mut second = Writer::claim(&log).await.unwrap();
        second.append(Body::Epoch).await.unwrap();
        match first.append(Body::Epoch).await {
            Err(ReplicaError::TakenOver { epoch, own, .. }) => assert_eq!((epoch, own), (2, 1)),
            other => panic!("{other:?}"),
        }
        // However often it tries.
        assert!(matches!(first.append(Body::Epoch).await, Err(ReplicaError::TakenOver { .. })));
        second.append(Body::Epoch).await.unwrap();
        let end = log.end().await.unwrap().unwrap();
        assert_eq!((end.sequence, end.epoch), (4, 2));
    });
}

#[test]
fn many_claims_at_once_get_an_epoch_each() {
    runtime().block_on(async {
        let store = FaultyStore::default();
        let claims = (0..12).map(|_| {
            let log = log_of(&store);
            async move { Writer::claim(&log).await.unwrap().last().clone() }
        });
        let mut claimed = futures_util::future::join_all(claims).await;
        claimed.sort_by_key(|entry| entry.sequence);
        let places: Vec<_> = claimed.iter().map(|entry| (entry.sequence, entry.epoch)).collect();
        assert_eq!(places, (1..=12).map(|at| (at, at)).collect::<Vec<_>>());
        assert!(claimed.iter().all(|entry| entry.log == claimed[0].log), "one log");
    });
}

#[test]
fn a_listing_that_lags_costs_a_writer_nothing_and_a_replica_a_moment() {
    runtime().block_on(async {
        let (source, store, disk) = (Source::new(), FaultyStore::default(), Disk::new());
        source.build(1).publish(&store).await.unwrap();
        source.build(2).publish(&store).await.unwrap();
        let (engine, mut replica) = disk.start();
        for hidden in [1, 2, 9] {
            store.hide_newest(hidden);
            source.build(2 + hidden as u64).publish(&store).await.unwrap();
            let before = engine.generation().orgs;
            replica.turn(&store.shared()).await.unwrap();
            assert!(engine.generation().orgs >= before, "it never goes back");
            store.heal();
            replica.turn(&store.shared()).await.unwrap();
            assert_serves(&engine, 2 + hidden as u64, &format!("{hidden} hidden")).await;
        }
        let verified = verify(&store.shared(), &Transfer::default()).await.unwrap();
        assert_eq!(
            (verified.entries, verified.faults),
            (10, Vec::new()),
            "two entries a publish, without a gap"
        );
    });
}

#[test]
fn what_is_published_already_is_not_sent_again_and_an_earlier_one_can_come_back() {
    runtime().block_on(async {
        let (source, store, disk) = (Source::new(), FaultyStore::default(), Disk::new());
        source.build(1).publish(&store).await.unwrap();
        let again = source.publish(&store).await.unwrap();
        assert_eq!((again.outcome, again.uploaded, again.entry.sequence), (Outcome::AlreadyThere, 0, 2));
        source.build(4).publish(&store).await.unwrap();
        let (engine, mut replica) = disk.start();
        replica.turn(&store.shared()).await.unwrap();
        assert_serves(&engine, 4, "the newest").await;
        source.engine.rollback(None).unwrap();
        let back = source.publish(&store).await.unwrap();
        assert_eq!((back.outcome, back.uploaded, back.entry.sequence), (Outcome::Published, 0, 6));
        replica.turn(&store.shared()).await.unwrap();
        assert_serves(&engine, 1, "an earlier generation as a later entry").await;
        assert_eq!(replica.sequence(), 6);
        // A file that somebody removed is sent again.
        let file = back.entry.generation().unwrap().files[0].clone();
        store.inner_delete(&files::path(&file.sha256)).await;
        assert_eq!(verify(&store.shared(), &Transfer::default()).await.unwrap().faults.len(), 1);
        assert_eq!(source.publish(&store).await.unwrap().uploaded, 1);
    });
}

#[test]
fn a_replica_without_its_store_serves_on_after_a_restart_too() {
    runtime().block_on(async {
        let (source, store, disk) = (Source::new(), FaultyStore::default(), Disk::new());
        source.build(3).publish(&store).await.unwrap();
        disk.start().1.turn(&store.shared()).await.unwrap();
        store.set_away();
        let (engine, mut replica) = disk.start();
        assert_serves(&engine, 3, "before any look").await;
        assert_eq!(replica.sequence(), 2);
        assert!(matches!(replica.turn(&store.shared()).await, Err(ReplicaError::Store { .. })));
        assert_serves(&engine, 3, "after it").await;
    });
}

#[test]
fn another_log_in_the_place_of_the_one_followed_is_refused() {
    runtime().block_on(async {
        let (source, disk) = (Source::new(), Disk::new());
        let (first, second) = (FaultyStore::default(), FaultyStore::default());
        source.build(3).publish(&first).await.unwrap();
        let (engine, mut replica) = disk.start();
        replica.turn(&first.shared()).await.unwrap();
        assert!(
            matches!(replica.turn(&second.shared()).await, Err(ReplicaError::OtherLog { .. })),
            "an empty one"
        );
        Source::new().build(9).publish(&second).await.unwrap();
        assert!(matches!(replica.turn(&second.shared()).await, Err(ReplicaError::OtherLog { .. })));
        assert_serves(&engine, 3, "what came from the first").await;
    });
}

#[test]
fn an_entry_of_an_unknown_kind_is_told_and_the_next_generation_leads_past_it() {
    runtime().block_on(async {
        let (source, store, disk) = (Source::new(), FaultyStore::default(), Disk::new());
        source.build(3).publish(&store).await.unwrap();
        let log = log_of(&store);
        let end = log.end().await.unwrap().unwrap();
        let text =
            String::from_utf8(LogEntry { sequence: 3, base: 2, body: Body::Epoch, ..end }.to_json()).unwrap();
        let text = text.replace("\"epoch\"\n", "\"lexicon\"\n");
        assert!(text.contains("\"kind\": \"lexicon\""), "{text}");
        store.shared().put(&log.path(3), PutPayload::from(text)).await.unwrap();
        let (engine, mut replica) = disk.start();
        let told = replica.turn(&store.shared()).await.unwrap_err();
        assert!(matches!(&told, ReplicaError::UnknownKind { kind, .. } if kind == "lexicon"), "{told}");
        assert_serves(&engine, 3, "what stands before it").await;
        assert_eq!(replica.sequence(), 2);
        source.build(4).publish(&store).await.unwrap();
        assert!(matches!(replica.turn(&store.shared()).await.unwrap(), Turn::Served { .. }));
        assert_eq!((engine.generation().orgs, replica.sequence()), (4, 5));
    });
}

#[test]
fn a_store_for_another_version_of_the_program_is_told() {
    runtime().block_on(async {
        let (store, disk) = (FaultyStore::default(), Disk::new());
        let (_, mut replica) = disk.start();
        assert_eq!(replica.turn(&store.shared()).await.unwrap(), Turn::Current, "nothing was ever published");
        let format = GenerationFormat::parse("3-0123abcd").unwrap();
        Writer::claim(&Log::new(&store.shared(), &format)).await.unwrap();
        match replica.turn(&store.shared()).await {
            Err(ReplicaError::OtherFormat { found, .. }) => assert_eq!(found, "3-0123abcd"),
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn a_file_with_other_bytes_never_becomes_a_generation() {
    runtime().block_on(async {
        let (source, store, disk) = (Source::new(), FaultyStore::default(), Disk::new());
        let published = source.build(3).publish(&store).await.unwrap();
        let file = published.entry.generation().unwrap().files.iter().max_by_key(|file| file.bytes).unwrap();
        let path = files::path(&file.sha256);
        let mut bytes = store.shared().get(&path).await.unwrap().bytes().await.unwrap().to_vec();
        bytes[0] ^= 1;
        store.shared().put(&path, PutPayload::from(bytes.clone())).await.unwrap();
        let (engine, mut replica) = disk.start();
        for _ in 0..2 {
            assert!(matches!(replica.turn(&store.shared()).await, Err(ReplicaError::WrongDigest { .. })));
            assert_eq!(engine.generation().orgs, 0);
        }
        bytes[0] ^= 1;
        store.shared().put(&path, PutPayload::from(bytes)).await.unwrap();
        replica.turn(&store.shared()).await.unwrap();
        assert_serves(&engine, 3, "once it is right again").await;
    });
}

#[test]
fn a_name_stands_for_one_generation_for_ever() {
    runtime().block_on(async {
        let (source, other, store) = (Source::new(), Source::new(), FaultyStore::default());
        source.build(1).build(2).publish(&store).await.unwrap();
        for orgs in [7, 8] {
            match other.build(orgs).publish(&store).await {
                Err(ReplicaError::NameTaken { newest, .. }) => assert_eq!(newest, "g000002"),
                taken => panic!("{taken:?}"),
            }
        }
        let third = other.build(9).publish(&store).await.unwrap();
        assert_eq!(third.entry.generation().unwrap().name, "g000003");
    });
}

#[test]
fn files_go_only_where_nobody_needs_them_and_they_are_old() {
    runtime().block_on(async {
        let (source, store, disk) = (Source::new(), FaultyStore::default(), Disk::new());
        for orgs in 1..=4 {
            source.build(orgs).publish(&store).await.unwrap();
        }
        let shared = store.shared();
        let options =
            |keep| PruneOptions { keep, drop_formats: Vec::new(), grace: Duration::ZERO, dry_run: false };
        let dry = prune(&shared, &PruneOptions { dry_run: true, ..options(2) }).await.unwrap();
        assert_eq!(dry.generations.len(), 2);
        let pruned = prune(&shared, &options(2)).await.unwrap();
        let names: Vec<_> = pruned.generations.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!((names, pruned.files), (vec!["g000001", "g000002"], 0), "no file is an hour old");
        assert!(pruned.waiting > 0);
        let status = status(&shared).await.unwrap();
        assert_eq!(status.formats[0].generations.len(), 2);
        assert_eq!(status.unnamed().0, pruned.waiting);
        let verified = verify(&shared, &Transfer::default()).await.unwrap();
        assert_eq!((verified.entries, verified.faults), (8, Vec::new()), "emptied entries keep their places");
        let (engine, mut replica) = disk.start();
        replica.turn(&shared).await.unwrap();
        assert_serves(&engine, 4, "the newest stays").await;
        // Names that went are still taken.
        let late = Source::new();
        assert!(matches!(late.build(1).publish(&store).await, Err(ReplicaError::NameTaken { .. })));
    });
}

#[test]
fn a_disk_keeps_few_generations_and_no_more_of_the_cache_than_they_need() {
    runtime().block_on(async {
        let (source, store, disk) = (Source::new(), FaultyStore::default(), Disk::new());
        let (engine, mut replica) = disk.start();
        for orgs in 1..=5 {
            source.build(orgs).publish(&store).await.unwrap();
            replica.turn(&store.shared()).await.unwrap();
        }
        assert_serves(&engine, 5, "the newest").await;
        let names = |below: &str| {
            let mut names: Vec<_> = std::fs::read_dir(disk.path().join(below))
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        };
        assert_eq!(names("generations"), ["g000004", "g000005"]);
        let entries = names(&format!("{}/log/{}", cache::FOLDER, GenerationFormat::current()));
        assert_eq!(entries.len(), 2, "{entries:?}");
        assert!(!disk.path().join(cache::FOLDER).join("incoming").exists());
        assert!(names(&format!("{}/files", cache::FOLDER)).iter().all(|name| !name.ends_with(".part")));
    });
}

/// One step of a long story.
#[derive(Debug, Clone)]
enum Step {
    Publish,
    /// A publish with a fault at an operation.
    BrokenPublish(usize, Fault),
    Look,
    BrokenLook(usize, Fault),
    Restart,
    Prune,
    Hide(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let fault =
        || prop_oneof![Just(Fault::Fails), Just(Fault::AnswerLost), Just(Fault::Hangs), Just(Fault::Torn)];
    prop_oneof![
        2 => Just(Step::Publish),
        3 => (1usize..40, fault()).prop_map(|(at, fault)| Step::BrokenPublish(at, fault)),
        2 => Just(Step::Look),
        3 => (1usize..25, fault()).prop_map(|(at, fault)| Step::BrokenLook(at, fault)),
        1 => Just(Step::Restart),
        1 => Just(Step::Prune),
        1 => (0usize..4).prop_map(Step::Hide),
    ]
}

async fn tell(steps: Vec<Step>) {
    let (source, store, disk) = (Source::new(), FaultyStore::default(), Disk::new());
    let (mut engine, mut replica) = disk.start();
    let (mut built, mut acknowledged, mut served) = (0u64, 0u64, 0u64);
    let mut sequence = 0;
    for step in steps {
        let view = store.view();
        let case = format!("{step:?}");
        match step {
            Step::Publish | Step::BrokenPublish(..) => {
                built += 1;
                source.build(built);
                if let Step::BrokenPublish(at, fault) = step {
                    view.fail_at(at, fault);
                }
                if let Some(Ok(_)) = or_killed(&view, source.publish(&view)).await {
                    acknowledged = built;
                }
            }
            Step::Look | Step::BrokenLook(..) => {
                if let Step::BrokenLook(at, fault) = step {
                    view.fail_at(at, fault);
                }
                let _ = or_killed(&view, replica.turn(&view.shared())).await;
            }
            Step::Restart => {
                drop((engine, replica));
                (engine, replica) = disk.start();
            }
            Step::Prune => {
                let options =
                    PruneOptions { keep: 1, drop_formats: Vec::new(), grace: Duration::ZERO, dry_run: false };
                prune(&view.shared(), &options).await.unwrap();
            }
            Step::Hide(hidden) => {
                view.hide_newest(hidden);
                let _ = replica.turn(&view.shared()).await;
            }
        }
        let now = engine.generation().orgs;
        assert!(now >= served, "{case}: it went back from {served} to {now}");
        assert!(replica.sequence() >= sequence, "{case}: it went back from entry {sequence}");
        (served, sequence) = (now, replica.sequence());
        assert_eq!(engine.verify().unwrap(), [""; 0], "{case}");
    }
    drop((engine, replica));
    let (engine, mut replica) = disk.start();
    replica.turn(&store.shared()).await.unwrap();
    assert!(engine.generation().orgs >= acknowledged, "what was acknowledged is served in the end");
    let verified = verify(&store.shared(), &Transfer::default()).await.unwrap();
    assert_eq!(verified.faults, [""; 0]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, rng_seed: RngSeed::Fixed(18), ..ProptestConfig::default() })]

    #[test]
    fn a_replica_never_goes_back_and_ends_with_the_newest(steps in proptest::collection::vec(step(), 1..14)) {
        runtime().block_on(tell(steps));
    }
}

pub(super) fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, to) = {
            let entry = entry.unwrap();
            (entry.path(), to.join(entry.file_name()))
        };
        if path.is_dir() {
            std::fs::create_dir_all(&to).unwrap();
            copy(&path, &to);
        } else {
            std::fs::copy(&path, &to).unwrap();
        }
    }
}

impl FaultyStore {
    /// Somebody removes an object by hand.
    async fn inner_delete(&self, path: &ObjectPath) {
        self.view().delete(path).await.unwrap();
    }
}
