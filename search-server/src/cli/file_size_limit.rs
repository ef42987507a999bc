//! A file that grows past the process's limit (`ulimit -f`) must be an error like a full disk, with a message.

/// Takes SIGXFSZ, whose default is to kill the process, so that the write that caused it fails instead.
///
/// Failing to do so is not worth ending for: the process is then killed where it would have stopped anyway.
#[cfg(unix)]
pub(super) fn fail_instead_of_being_killed() {
    use tokio::signal::unix::{SignalKind, signal};

    /// SIGXFSZ on Linux and the BSDs, macOS included.
    const SIGXFSZ: i32 = 25;

    // tokio registers handlers for the life of the process, so the runtime is needed only to register. It is the
    // one way to do so here without unsafe code or one more crate.
    if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() {
        let _inside = runtime.enter();
        let _ = signal(SignalKind::from_raw(SIGXFSZ));
    }
}

/// There is no such limit elsewhere.
#[cfg(not(unix))]
pub(super) fn fail_instead_of_being_killed() {}
