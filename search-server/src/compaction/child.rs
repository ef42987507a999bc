//! `orgsearch compact --supervised` as a child process: what it says, and how it ends.
//!
//! It tells its progress on standard output, one JSON object a line, and stops by itself once its standard input ends:
//! that is how it is cancelled, and how it learns that its server is gone.

use crate::priority::Priority;
use search_core::ReindexStep;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{self, ChildStdin, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How often it is looked whether the child has ended or should.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long a child that should stop may tidy up; then it is killed.
const GRACE: Duration = Duration::from_secs(5);
/// The longest line of progress, in bytes.
const LINE_BYTES: u64 = 4096;
/// What is kept of the end of its errors, in bytes.
const ERROR_BYTES: usize = 2000;

/// One line on the standard output of the child.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ProgressLine<'s> {
    pub(crate) step: &'s str,
    pub(crate) done: u64,
    pub(crate) total: Option<u64>,
}

/// A child that runs. Killed if it is dropped before it has ended.
pub(super) struct Child {
    process: process::Child,
    /// Closed to let it stop.
    stdin: Option<ChildStdin>,
    has_ended: bool,
}

/// How it ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Done,
    /// It was asked to, and did.
    Stopped,
    /// Why.
    Failed(String),
}

impl Child {
    /// Starts `program` over a data directory.
    ///
    /// # Errors
    /// If the system cannot.
    pub(super) fn start(program: &Path, data: &Path, priority: Priority) -> io::Result<Child> {
        let arguments = [
            OsStr::new("--data"),
            data.as_os_str(),
            OsStr::new("compact"),
            OsStr::new("--supervised"),
            OsStr::new("--priority"),
            OsStr::new(priority.name()),
        ];
        let mut command = Command::new(program);
        // It needs no key, so it gets none.
        command.args(arguments).env_remove("ORGSEARCH_ADMIN_KEY");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn()?;
        Ok(Child { stdin: process.stdin.take(), process, has_ended: false })
    }

    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Waits for its end, and lets it stop as soon as `should_stop`.
    pub(super) fn finish(
        mut self,
        should_stop: impl Fn() -> bool,
        progress: impl Fn(&'static str, u64, Option<u64>) + Send,
    ) -> Ended {
        let (stdout, stderr) = (self.process.stdout.take(), self.process.stderr.take());
        std::thread::scope(|scope| {
            let told = stdout.map(|stdout| scope.spawn(move || read_progress(stdout, progress)));
            let complained = stderr.map(|stderr| scope.spawn(move || last_bytes(stderr)));
            let (status, was_asked) = self.wait(should_stop);
            // Both end with the process: it starts no other one that could hold its outputs open.
            let _ = told.map(std::thread::ScopedJoinHandle::join);
            let errors = complained.and_then(|reader| reader.join().ok()).unwrap_or_default();
            match status {
                Ok(status) if status.success() => Ended::Done,
                Ok(_) if was_asked => Ended::Stopped,
                Ok(status) => Ended::Failed(why(status, &errors)),
                Err(error) => Ended::Failed(format!("it cannot be waited for: {error}")),
            }
        })
    }

    fn wait(&mut self, should_stop: impl Fn() -> bool) -> (io::Result<ExitStatus>, bool) {
        let mut asked: Option<Instant> = None;
        loop {
            match self.process.try_wait() {
                Ok(None) => {}
                Ok(Some(status)) => {
                    self.has_ended = true;
                    return (Ok(status), asked.is_some());
                }
                Err(error) => return (Err(error), asked.is_some()),
            }
            if asked.is_none() && should_stop() {
                self.stdin = None;
                asked = Some(Instant::now());
            }
            if asked.is_some_and(|since| since.elapsed() > GRACE) {
                // One that ended in this instant is found by the next look.
                let _ = self.process.kill();
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if !self.has_ended {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
    }
}

/// Hands on each line of progress; what is none is passed over.
fn read_progress(stdout: impl Read, progress: impl Fn(&'static str, u64, Option<u64>)) {
    let mut stdout = BufReader::new(stdout);
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut stdout).take(LINE_BYTES).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let Ok(ProgressLine { step, done, total }) = serde_json::from_slice(&line) else { continue };
        if let Some(step) = ReindexStep::ALL.into_iter().map(ReindexStep::name).find(|known| *known == step) {
            progress(step, done, total);
        }
    }
}

/// The end of what it complained about.
fn last_bytes(stderr: impl Read) -> String {
    let mut last = VecDeque::with_capacity(ERROR_BYTES);
    for byte in BufReader::new(stderr).bytes().map_while(Result::ok) {
        if last.len() == ERROR_BYTES {
            last.pop_front();
        }
        last.push_back(byte);
    }
    String::from_utf8_lossy(last.make_contiguous()).trim().to_owned()
}

fn why(status: ExitStatus, errors: &str) -> String {
    match errors {
        "" => format!("the process ended with {status}"),
        errors => format!("the process ended with {status}: {errors}"),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::sync::Mutex;

    /// A step, what it has done, and what it has to do.
    type Told = (&'static str, u64, Option<u64>);

    /// A shell script in place of the program.
    fn run(script: &str, should_stop: bool) -> (Ended, Vec<Told>) {
        let place = tempfile::tempdir().expect("there is a place");
        let program = place.path().join("program");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("it is written");
        std::fs::set_permissions(&program, PermissionsExt::from_mode(0o700)).expect("it may run");
        let told = Mutex::new(Vec::new());
        let child = loop {
            // Another test that forks holds the script open for writing for a moment (ETXTBSY).
            match Child::start(&program, place.path(), Priority::Low) {
                Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => std::thread::yield_now(),
                started => break started.expect("it starts"),
            }
        };
        let tell = |step, done, total| told.lock().expect("nobody panicked").push((step, done, total));
        let ended = child.finish(|| should_stop, tell);
        (ended, told.into_inner().expect("nobody panicked"))
    }

    #[test]
    fn progress_is_told_and_anything_else_is_passed_over() {
        let script = r#"echo '{"step":"write","done":3,"total":9}'; echo nonsense; echo '{"step":"dance","done":1,"total":null}'
            head -c 100000 /dev/zero; echo; echo '{"step":"seal","done":0,"total":null}'; printf '{"step":"publi'"#;
        let (ended, told) = run(script, false);
        assert_eq!((ended, told), (Ended::Done, vec![("write", 3, Some(9)), ("seal", 0, None)]));
    }

    #[test]
    fn failures_say_why_with_the_end_of_what_was_complained_about() {
        let (ended, _) = run("echo no room >&2; exit 4", false);
        assert_eq!(ended, Ended::Failed("the process ended with exit status: 4: no room".to_owned()));
        let (ended, _) = run("kill -9 $$", false);
        assert!(matches!(&ended, Ended::Failed(why) if why.contains("signal: 9")), "{ended:?}");
        let (ended, _) = run("head -c 1000000 /dev/zero | tr '\\0' x >&2; exit 1", false);
        assert!(matches!(&ended, Ended::Failed(why) if why.len() < ERROR_BYTES + 100), "{ended:?}");
    }

    #[test]
    fn it_is_asked_to_stop_by_the_end_of_its_standard_input() {
        assert_eq!(run("cat >/dev/null; exit 3", true).0, Ended::Stopped);
        assert_eq!(run("cat >/dev/null; exit 0", true).0, Ended::Done, "it was too late");
    }
}
