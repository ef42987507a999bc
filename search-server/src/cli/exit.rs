//! How a command ends: the exit codes, documented in this one place.

use std::process::ExitCode;

/// How a command ended. Scripts may rely on the codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It did what was asked.
    Done,
    /// What was read holds errors: findings of a validation, a file that is no org-tree, a malformed line. Or the gate
    /// refuses it.
    InputErrors,
    /// The command line cannot be understood, or names something that does not exist.
    Usage,
    /// The data directory has no generation to use, or it is damaged, of another format, or being written.
    Generation,
    /// The system refused: a file, the disk, a port.
    System,
    /// Ctrl-C. Nothing was changed.
    Interrupted,
}

impl Exit {
    /// Every way to end, by code.
    pub const ALL: [Exit; 6] =
        [Exit::Done, Exit::InputErrors, Exit::Usage, Exit::Generation, Exit::System, Exit::Interrupted];

    /// The code the process ends with.
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::InputErrors => 1,
            Exit::Usage => 2,
            Exit::Generation => 3,
            Exit::System => 4,
            // What a shell reports for a process that SIGINT ended, which is how Ctrl-C ends a command here: a
            // reindex may be killed at any instant, so it needs no handler of its own.
            Exit::Interrupted => 130,
        }
    }

    /// What the code means, for `--help`.
    pub fn meaning(self) -> &'static str {
        match self {
            Exit::Done => "done",
            Exit::InputErrors => "the input has errors, or the gate refuses it: nothing was changed",
            Exit::Usage => "wrong usage: an argument is unknown, missing or names nothing",
            Exit::Generation => {
                "the data directory has no usable generation: none, damaged, other format, busy"
            }
            Exit::System => {
                "the system refused: unreadable file, unwritable directory, full disk, port in use"
            }
            Exit::Interrupted => "interrupted with Ctrl-C: nothing was changed",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}

/// What every `--help` ends with: examples, one a line, and the exit codes.
pub(super) fn help_end(examples: &str) -> String {
    let examples: Vec<_> = examples.lines().map(|line| format!("  {}", line.trim())).collect();
    let codes: Vec<_> =
        Exit::ALL.iter().map(|exit| format!("{:>5}  {}", exit.code(), exit.meaning())).collect();
    let title = if examples.len() == 1 { "Example" } else { "Examples" };
    format!("{title}:\n{}\n\nExit codes:\n{}", examples.join("\n"), codes.join("\n"))
}
