//! How much of the machine a build may take from the searches beside it.

/// The priority of a build.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Priority {
    /// Whatever nobody else wants: nice 19. On Linux the disk goes by it as well, as long as no I/O class was set
    /// (ioprio_set(2)).
    #[default]
    Low,
    /// Like a search.
    Normal,
}

impl Priority {
    /// Its name: `low` or `normal`.
    pub fn name(self) -> &'static str {
        match self {
            Priority::Low => "low",
            Priority::Normal => "normal",
        }
    }

    /// Reads its name.
    ///
    /// # Errors
    /// The names that there are.
    pub fn parse(name: &str) -> Result<Priority, String> {
        let known = [Priority::Low, Priority::Normal].into_iter().find(|known| known.name() == name);
        known.ok_or_else(|| "it is low or normal".to_owned())
    }

    /// Gives it to the thread that calls, and to all that it starts from now on. It stays: for threads that build and
    /// then end, or the main thread of a command. Where a system has priorities of processes only, the whole process
    /// gets it, so there a server's thread keeps its own.
    pub(crate) fn take(self, place: Place) {
        if self == Priority::Normal || (place == Place::Thread && !cfg!(target_os = "linux")) {
            return;
        }
        #[cfg(unix)]
        if let Err(error) = rustix::process::setpriority_process(None, LOWEST) {
            tracing::warn!(%error, "the priority of a build cannot be lowered: {error}");
        }
    }
}

/// What gets a priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A thread beside others that keep theirs.
    Thread,
    /// A process that does nothing else.
    Process,
}

/// The weakest niceness that there is.
#[cfg(unix)]
const LOWEST: i32 = 19;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for priority in [Priority::Low, Priority::Normal] {
            assert_eq!(Priority::parse(priority.name()), Ok(priority));
        }
        assert!(Priority::parse("idle").is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_thread_and_those_it_starts_get_it_and_nobody_else() {
        let own = || rustix::process::getpriority_process(None).unwrap();
        let before = own();
        let inner = std::thread::spawn(move || {
            Priority::Normal.take(Place::Thread);
            assert_eq!(own(), before);
            Priority::Low.take(Place::Thread);
            std::thread::spawn(own).join().unwrap()
        });
        assert_eq!(inner.join().unwrap(), LOWEST);
        assert_eq!(own(), before);
    }
}
