//! Why a command failed: from the libraries' errors to one message, one hint and one exit code.

use super::exit::Exit;
use crate::ServeError;
use index_data::load::LoadError;
use search_core::{EngineError, SearchError};
use std::io::{self, ErrorKind};
use std::path::Path;

/// Why a command could not do what was asked.
#[derive(Debug)]
pub(super) enum Failure {
    /// The reader of standard output left. No fault of anybody's.
    ReaderLeft,
    /// Something to tell.
    Told {
        /// The code to end with.
        exit: Exit,
        /// Place and cause.
        message: String,
        /// What to do about it.
        help: Option<String>,
    },
}

impl Failure {
    /// A failure with a message that names place and cause.
    pub(super) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Failure::Told { exit, message: message.into(), help: None }
    }

    /// The same failure with a hint what to do.
    pub(super) fn help(mut self, hint: impl Into<String>) -> Self {
        if let Failure::Told { help, .. } = &mut self {
            *help = Some(hint.into());
        }
        self
    }

    /// A file that cannot be read.
    pub(super) fn reading(place: &str, error: &io::Error) -> Self {
        let failure = Failure::new(Exit::System, format!("cannot read {place}: {}", cause(error)));
        match error.kind() {
            ErrorKind::IsADirectory => failure.help("name a file, not a directory"),
            _ => failure,
        }
    }

    /// A file or stream that cannot be written.
    pub(super) fn writing(place: &str, error: &io::Error) -> Self {
        if error.kind() == ErrorKind::BrokenPipe {
            return Failure::ReaderLeft;
        }
        let failure = Failure::new(Exit::System, format!("cannot write {place}: {}", cause(error)));
        failure.with_disk_hint(error.kind())
    }

    /// An engine that cannot be opened, rebuilt or switched.
    pub(super) fn engine(error: EngineError, data: &Path) -> Self {
        let (message, data) = (plain(&error.to_string()), data.display());
        match error {
            EngineError::NoGeneration { .. } | EngineError::NotServing => {
                Failure::new(Exit::Generation, message).help(format!(
                    "orgsearch reindex --data {data} --from FILE, or orgsearch serve --data {data} --demo"
                ))
            }
            EngineError::OtherFormat { .. } => Failure::new(Exit::Generation, message)
                .help(format!("orgsearch reindex --data {data} --from FILE")),
            EngineError::Damaged { .. } => Failure::new(Exit::Generation, message).help(format!(
                "orgsearch rollback --data {data}, or orgsearch reindex --data {data} --from FILE"
            )),
            EngineError::UnknownGeneration { .. } => Failure::new(Exit::Generation, message)
                .help(format!("orgsearch status --data {data} lists them")),
            EngineError::InvalidSource { .. } => {
                Failure::new(Exit::InputErrors, message).help("orgsearch validate FILE lists every finding")
            }
            EngineError::Refused { .. } => {
                Failure::new(Exit::InputErrors, message).help("--force publishes it all the same")
            }
            EngineError::NoSpace { .. } => {
                Failure::new(Exit::System, message).with_disk_hint(ErrorKind::StorageFull)
            }
            EngineError::Source(source) => Failure::source(&*source),
            EngineError::Io { action, path, source } => {
                let place = path.display();
                Failure::new(Exit::System, format!("{action} {place} failed: {}", cause(&source)))
                    .with_disk_hint(source.kind())
            }
            EngineError::NotDurable { .. } => Failure::new(Exit::System, message)
                .help(format!("look after the disk below {data}, then run it again")),
            EngineError::TextIndex(_) => Failure::new(Exit::System, message).help(format!(
                "look whether the disk below {data} is full; the live generation was left as it is"
            )),
            EngineError::ChangesConflict { .. } => Failure::new(Exit::InputErrors, message).help(
                "--since a later time leaves older batches out; --force leaves out those that do not fit",
            ),
            EngineError::DamagedChanges { .. } => Failure::new(Exit::Generation, message),
            // Busy, and what search-core may add.
            _ => Failure::new(Exit::Generation, message),
        }
    }

    /// A source that broke off in the middle of a reindex.
    fn source(error: &(dyn std::error::Error + Send + Sync + 'static)) -> Self {
        let failure = match error.downcast_ref::<LoadError>() {
            Some(error) => Failure::from(error),
            None => Failure::new(Exit::System, plain(&error.to_string())),
        };
        match failure {
            Failure::Told { exit, message, help } => Failure::Told {
                exit,
                message: format!("{message}; the live generation was left as it is"),
                help,
            },
            Failure::ReaderLeft => Failure::ReaderLeft,
        }
    }

    fn with_disk_hint(self, kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                self.help("free some space and run it again")
            }
            ErrorKind::FileTooLarge => {
                self.help("raise the limit on the size of a file (ulimit -f) and run it again")
            }
            ErrorKind::PermissionDenied => self.help("choose a place this user may write to"),
            _ => self,
        }
    }
}

impl From<&LoadError> for Failure {
    fn from(error: &LoadError) -> Self {
        match error {
            LoadError::Io { what, cause } => Failure::reading(what, cause),
            LoadError::BadMapping { .. } | LoadError::MappedColumnMissing { .. } => {
                Failure::new(Exit::Usage, plain(&error.to_string()))
            }
            _ => Failure::new(Exit::InputErrors, plain(&error.to_string())),
        }
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        Failure::from(&error)
    }
}

impl From<SearchError> for Failure {
    fn from(error: SearchError) -> Self {
        let message = plain(&error.to_string());
        match error {
            SearchError::UnknownOrg { .. } => Failure::new(Exit::Usage, message),
            SearchError::StaleCursor | SearchError::InvalidCursor => {
                Failure::new(Exit::Usage, message).help("leave --cursor away to begin with the first page")
            }
            // A fault of the disk below a generation, and what search-core may add.
            _ => Failure::new(Exit::Generation, message)
                .help("orgsearch status --verify tells what is damaged"),
        }
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        let exit = match error {
            ServeError::BadAddress { .. } | ServeError::BadLogFilter { .. } => Exit::Usage,
            _ => Exit::System,
        };
        Failure::new(exit, plain(&error.to_string()))
    }
}

/// What the operating system says, as the end of a sentence: lower case, without its number.
pub(super) fn cause(error: &io::Error) -> String {
    let text = plain(&error.to_string());
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => error.kind().to_string(),
    }
}

/// A message without the numbers the standard library puts behind an operating system's errors.
fn plain(message: &str) -> String {
    let mut plain = String::with_capacity(message.len());
    let mut rest = message;
    while let Some((before, after)) = rest.split_once(" (os error ") {
        plain.push_str(before);
        rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
        rest = rest.strip_prefix(')').unwrap_or(rest);
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generation_that_the_disk_did_not_confirm_ends_with_4_and_is_said_to_be_live() {
        let source = io::Error::from_raw_os_error(5);
        let error = EngineError::NotDurable { generation: "g000002".to_owned(), source };
        let Failure::Told { exit, message, help } = Failure::engine(error, Path::new("/data")) else {
            panic!()
        };
        assert_eq!(exit.code(), 4);
        assert!(
            message.starts_with("generation g000002 is live, but") && !message.contains("os error"),
            "{message}"
        );
        assert!(help.is_some_and(|help| help.contains("/data")));
    }

    #[test]
    fn numbers_of_the_operating_system_are_left_out() {
        for (message, shown) in [
            ("No such file or directory (os error 2)", "No such file or directory"),
            ("a: Full (os error 28); left as it is", "a: Full; left as it is"),
            ("plain", "plain"),
        ] {
            assert_eq!(plain(message), shown);
        }
        assert_eq!(cause(&io::Error::from_raw_os_error(13)), "permission denied");
    }
}
