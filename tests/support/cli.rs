//! The real `orgsearch`, run as people and scripts run it.
//!
//! Cargo tells a test where a binary is only within the binary's own package, so it is looked for: tests run from
//! `<target>/<profile>/deps`, and the binary belongs into `<target>/<profile>`. It is built there on demand, with
//! the same profile, once for each run of the tests; that takes no time if it is up to date, as after `./check`'s build.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// How a run ended, and what it said.
#[derive(Debug, Clone)]
pub(crate) struct Ran {
    /// The command line, for messages.
    pub(crate) line: String,
    /// The exit code; `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Checks the exit code. No run may panic, whatever its code.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert!(!self.stderr.contains("panicked"), "{self:#?}");
        assert_eq!(self.code, Some(code), "{} ended otherwise: {self:#?}", self.line);
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// Checks that standard output holds each text.
    #[track_caller]
    pub(crate) fn shows(self, texts: &[&str]) -> Self {
        texts.iter().for_each(|text| assert!(self.stdout.contains(text), "no {text:?} in {self:#?}"));
        self
    }

    /// Checks that standard error holds each text.
    #[track_caller]
    pub(crate) fn complains(self, texts: &[&str]) -> Self {
        texts.iter().for_each(|text| assert!(self.stderr.contains(text), "no {text:?} in {self:#?}"));
        self
    }
}

/// `orgsearch`, not started yet, without any of our variables in its environment.
pub(crate) fn orgsearch() -> Command {
    clean(Command::new(binary()))
}

/// Runs `orgsearch` with arguments to its end.
pub(crate) fn run<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Ran {
    let mut command = orgsearch();
    command.args(arguments);
    finish(command)
}

/// Runs `orgsearch` below a shell that first does `setup`, such as `ulimit -f 8`.
pub(crate) fn run_after(setup: &str, arguments: &[&str]) -> Ran {
    finish(orgsearch_after(setup, arguments))
}

/// `orgsearch` below a shell that first does `setup`, not started yet.
pub(crate) fn orgsearch_after(setup: &str, arguments: &[&str]) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{setup}; exec \"$@\""), "sh"]).arg(binary()).args(arguments);
    clean(shell)
}

/// Runs `orgsearch` with its standard output going to a file.
pub(crate) fn run_into(path: &str, arguments: &[&str]) -> Ran {
    let output = std::fs::File::options().write(true).open(path).expect("the output can be opened");
    let mut command = orgsearch();
    command.args(arguments).stdout(output);
    finish(command)
}

/// Runs a command to its end; what is not redirected is captured.
pub(crate) fn finish(mut command: Command) -> Ran {
    let line = format!("{command:?}");
    let Output { status, stdout, stderr } = command.output().expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("the output is UTF-8");
    Ran { line, code: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

fn clean(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ORGSEARCH_"))
    {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// A file in a directory.
pub(crate) fn write_file(directory: &Path, name: &str, content: &[u8]) -> String {
    let path = directory.join(name);
    std::fs::File::create(&path)
        .and_then(|mut file| file.write_all(content))
        .expect("the file can be written");
    path.to_str().expect("the path is UTF-8").to_owned()
}

/// The binary, up to date.
pub(crate) fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(build)
}

fn build() -> PathBuf {
    let test = std::env::current_exe().expect("the test knows where it is");
    let profile_dir = test.ancestors().find(|dir| dir.file_name() == Some(OsStr::new("deps")));
    let profile_dir = profile_dir.and_then(Path::parent).expect("tests run from <target>/<profile>/deps");
    let (target_dir, profile) = (profile_dir.parent().expect("a target directory"), profile_dir.file_name());
    let profile = match profile.and_then(OsStr::to_str).expect("a profile directory") {
        "debug" => "dev",
        other => other,
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        // All targets at once, as `cargo test` selects them: fewer would be built with other features, from scratch.
        .args(["build", "--workspace", "--all-targets", "--profile", profile])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace is above"))
        .env("CARGO_TARGET_DIR", target_dir)
        .output()
        .expect("cargo starts");
    assert!(built.status.success(), "cargo build failed:\n{}", String::from_utf8_lossy(&built.stderr));
    profile_dir.join(format!("orgsearch{}", std::env::consts::EXE_SUFFIX))
}
