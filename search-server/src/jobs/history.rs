//! The jobs of earlier servers: a file for each in the folder `jobs` of the data directory.
//!
//! ```text
//! jobs/
//!   ID.json      how a job ended, with its events; replaced by one rename
//!   ID.running   locked while it runs: found unlocked, its server came to its end before it did
//!   ID.csv.gz    every change between its file and the tree that was live
//! ```
//! History is for people. Where it cannot be written, the log says so and the job goes on.

use super::events::JobEvent;
use super::status::{JobError, JobState, JobStatus};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The largest file that is read back; one that we wrote has a fraction of it.
const MAX_BYTES: u64 = 8 << 20;
const UNFINISHED: &str = ".unfinished-";

/// One job as it is kept.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct KeptJob {
    pub(super) job: JobStatus,
    pub(super) events: Vec<JobEvent>,
}

/// The folder of jobs; none for a server without a data directory.
#[derive(Debug, Clone)]
pub(super) struct History {
    dir: Option<PathBuf>,
}

/// A mark that its job runs in this process; gone when it is dropped.
#[derive(Debug)]
pub(super) struct RunningMark {
    path: PathBuf,
    _locked: File,
}

impl Drop for RunningMark {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

impl History {
    pub(super) fn in_data_dir(data_dir: Option<&Path>) -> Self {
        History { dir: data_dir.map(|dir| dir.join("jobs")) }
    }

    /// The latest `most` jobs, the oldest first; older ones are removed. A job whose server ended before it did has
    /// failed. Jobs that run in another living process are left alone.
    pub(super) fn load(&self, most: usize, now_unix_ms: u64) -> Vec<KeptJob> {
        let Some(dir) = &self.dir else { return Vec::new() };
        let mut kept: Vec<KeptJob> = names(dir, "json").filter_map(|id| read(dir, &id)).collect();
        for id in names(dir, "running") {
            if let Some(interrupted) = take_over(dir, &id, now_unix_ms) {
                kept.push(interrupted);
            }
        }
        kept.sort_by(|a, b| (a.job.created_unix_ms, &a.job.id).cmp(&(b.job.created_unix_ms, &b.job.id)));
        let surplus = kept.len().saturating_sub(most);
        kept.drain(..surplus).for_each(|old| self.forget(&old.job.id));
        remove_abandoned(dir, &kept);
        kept
    }

    /// Marks a job as running here.
    pub(super) fn mark(&self, job: &JobStatus) -> Option<RunningMark> {
        let dir = self.dir.as_deref()?;
        let mark = || -> io::Result<RunningMark> {
            fs::create_dir_all(dir)?;
            let path = dir.join(format!("{}.running", job.id));
            let mut file = File::create(&path)?;
            file.lock()?;
            file.write_all(&serde_json::to_vec(&job)?)?;
            Ok(RunningMark { path, _locked: file })
        };
        mark().inspect_err(|error| told(error, "marked as running", &job.id)).ok()
    }

    /// Keeps how a job ended.
    pub(super) fn keep(&self, job: JobStatus, events: Vec<JobEvent>) {
        let Some(dir) = &self.dir else { return };
        let id = job.id.clone();
        if let Err(error) = write(dir, &KeptJob { job, events }) {
            told(&error, "kept", &id);
        }
    }

    /// Removes what is kept of a job.
    pub(super) fn forget(&self, id: &str) {
        let Some(dir) = &self.dir else { return };
        for extension in ["json", "csv.gz"] {
            let _ = fs::remove_file(dir.join(format!("{id}.{extension}")));
        }
    }

    /// A new file for the difference of a job, to be given its name by [`History::keep_difference`].
    pub(super) fn difference_file(&self) -> Option<io::Result<NamedTempFile>> {
        let dir = self.dir.as_deref()?;
        let create = || {
            fs::create_dir_all(dir)?;
            tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(dir)
        };
        Some(create())
    }

    /// Gives the difference of a job its name.
    pub(super) fn keep_difference(&self, id: &str, file: NamedTempFile) -> io::Result<()> {
        let Some(path) = self.difference_path(id) else { return Ok(()) };
        file.persist(path).map(drop).map_err(|error| error.error)
    }

    /// Where the difference of a job is, packed.
    pub(super) fn difference_path(&self, id: &str) -> Option<PathBuf> {
        self.dir.as_deref().map(|dir| dir.join(format!("{id}.csv.gz")))
    }
}

/// The ids of files with this extension, as far as they look like ids of jobs.
fn names(dir: &Path, extension: &str) -> impl Iterator<Item = String> {
    let suffix = format!(".{extension}");
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.filter_map(move |entry| {
        let name = entry.file_name().into_string().ok()?;
        let id = name.strip_suffix(&suffix)?;
        let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_id.then(|| id.to_owned())
    })
}

fn read(dir: &Path, id: &str) -> Option<KeptJob> {
    let path = dir.join(format!("{id}.json"));
    let kept = read_json::<KeptJob>(&path).inspect_err(|error| told(error, "read", id)).ok()?;
    // Somebody has edited it: a job that seems to run would hold up all others.
    (kept.job.id == id && !kept.job.state.is_unfinished()).then_some(kept)
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> io::Result<T> {
    let mut bytes = Vec::new();
    BufReader::new(File::open(path)?).take(MAX_BYTES).read_to_end(&mut bytes)?;
    serde_json::from_slice(&bytes).map_err(io::Error::from)
}

/// The job of a mark that nobody holds any more: it has failed, and is kept as such.
fn take_over(dir: &Path, id: &str, now_unix_ms: u64) -> Option<KeptJob> {
    let path = dir.join(format!("{id}.running"));
    let mark = File::open(&path).ok()?;
    mark.try_lock().ok()?;
    let job = read_json::<JobStatus>(&path).ok();
    let _ = fs::remove_file(&path);
    let mut job = job.filter(|job| job.id == id)?;
    if dir.join(format!("{id}.json")).exists() {
        return None; // It had ended; only its mark was left.
    }
    (job.state, job.error) = (JobState::Failed, Some(JobError::interrupted()));
    job.finished_unix_ms = Some(now_unix_ms);
    let kept = KeptJob { job, events: Vec::new() };
    if let Err(error) = write(dir, &kept) {
        told(&error, "kept", id);
    }
    Some(kept)
}

fn write(dir: &Path, kept: &KeptJob) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(dir)?;
    file.write_all(&serde_json::to_vec(kept)?)?;
    file.as_file().sync_all()?;
    file.persist(dir.join(format!("{}.json", kept.job.id))).map(drop).map_err(|error| error.error)
}

/// Removes differences whose job is not known any more, and what a killed server was writing an hour ago.
fn remove_abandoned(dir: &Path, kept: &[KeptJob]) {
    const OLD_SECONDS: u64 = 60 * 60;
    for id in names(dir, "csv.gz") {
        let is_running = dir.join(format!("{id}.running")).exists();
        if !is_running && !kept.iter().any(|kept| kept.job.id == id) {
            let _ = fs::remove_file(dir.join(format!("{id}.csv.gz")));
        }
    }
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let is_unfinished = entry.file_name().to_string_lossy().starts_with(UNFINISHED);
        let age = entry.metadata().and_then(|of| of.modified()).ok().and_then(|at| at.elapsed().ok());
        if is_unfinished && age.is_some_and(|age| age.as_secs() > OLD_SECONDS) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn told(error: &io::Error, what: &str, id: &str) {
    tracing::warn!(%error, job = id, "job {id} cannot be {what}: {error}");
}
