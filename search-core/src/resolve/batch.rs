//! Many records, on several threads, in their order.

use super::{Record, Resolution, ResolveOptions, Resolver};
use crate::error::SearchError;
use std::collections::{HashMap, VecDeque};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Records handed to a thread at once.
const CHUNK: usize = 64;
/// Resolutions kept for records that come again. Kept whole: a table names few organizations often.
const KEPT: usize = 20_000;

/// One record and what is decided of it.
#[derive(Debug)]
pub struct Resolved {
    /// The record, as it was given.
    pub record: Record,
    /// What is decided; shared between equal records.
    pub resolution: Result<Arc<Resolution>, SearchError>,
}

/// Resolves records as they are asked for: see [`crate::Engine::resolve_all`].
pub struct ResolveAll<I> {
    records: I,
    jobs: Option<SyncSender<Job>>,
    /// The chunks under way, the oldest first.
    answers: VecDeque<Receiver<Vec<Resolved>>>,
    ready: std::vec::IntoIter<Resolved>,
    threads: Vec<JoinHandle<()>>,
    most_chunks: usize,
}

struct Job {
    records: Vec<Record>,
    answer: SyncSender<Vec<Resolved>>,
}

/// What all threads share.
struct Shared {
    resolver: Resolver,
    options: ResolveOptions,
    known: Mutex<HashMap<Record, Arc<Resolution>>>,
    jobs: Mutex<Receiver<Job>>,
}

impl<I: Iterator<Item = Record>> ResolveAll<I> {
    pub(crate) fn new(
        resolver: Resolver,
        records: I,
        threads: usize,
        options: &ResolveOptions,
    ) -> ResolveAll<I> {
        let threads = threads.max(1);
        let (jobs, waiting) = sync_channel(threads);
        let shared = Arc::new(Shared {
            resolver,
            options: options.clone(),
            known: Mutex::new(HashMap::new()),
            jobs: Mutex::new(waiting),
        });
        let spawn = |_| {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || shared.work())
        };
        ResolveAll {
            records,
            jobs: Some(jobs),
            answers: VecDeque::new(),
            ready: Vec::new().into_iter(),
            threads: (0..threads).map(spawn).collect(),
            most_chunks: 2 * threads,
        }
    }

    /// Hands out chunks until enough are under way.
    fn hand_out(&mut self) {
        while self.answers.len() < self.most_chunks {
            let Some(jobs) = &self.jobs else { return };
            let records: Vec<Record> = self.records.by_ref().take(CHUNK).collect();
            if records.is_empty() {
                self.jobs = None;
                return;
            }
            let (answer, answers) = sync_channel(1);
            if jobs.send(Job { records, answer }).is_err() {
                self.jobs = None;
                return;
            }
            self.answers.push_back(answers);
        }
    }
}

impl<I: Iterator<Item = Record>> Iterator for ResolveAll<I> {
    type Item = Resolved;

    fn next(&mut self) -> Option<Resolved> {
        loop {
            if let Some(resolved) = self.ready.next() {
                return Some(resolved);
            }
            self.hand_out();
            let answer = self.answers.pop_front()?;
            // A thread that is gone has no answer: its records were lost with it, which `work` rules out.
            self.ready = answer.recv().unwrap_or_default().into_iter();
        }
    }
}

impl<I> Drop for ResolveAll<I> {
    fn drop(&mut self) {
        self.jobs = None;
        self.answers.clear();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn work(&self) {
        loop {
            let job = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(Job { records, answer }) = job else { return };
            let resolved = records.into_iter().map(|record| self.resolve(record)).collect();
            // Nobody waits for it where the caller has stopped.
            if answer.send(resolved).is_err() {
                return;
            }
        }
    }

    fn resolve(&self, record: Record) -> Resolved {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(resolution) = known().get(&record).cloned() {
            return Resolved { record, resolution: Ok(resolution) };
        }
        let resolution = self.resolver.resolve(&record, &self.options).map(Arc::new);
        if let Ok(resolution) = &resolution {
            let mut known = known();
            if known.len() >= KEPT {
                known.clear();
            }
            known.insert(record.clone(), Arc::clone(resolution));
        }
        Resolved { record, resolution }
    }
}
