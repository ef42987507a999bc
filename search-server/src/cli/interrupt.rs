//! Ctrl-C while a file is being written: the unfinished file must not stay behind.

use super::exit::Exit;
use std::path::Path;
use std::sync::mpsc;
use tokio::sync::oneshot::{self, Receiver};

/// Runs `work`. On Ctrl-C meanwhile, removes `unfinished` and ends the process.
pub(super) fn remove_on_interrupt<T>(unfinished: &Path, work: impl FnOnce() -> T) -> T {
    let (working, ended) = oneshot::channel();
    let (watching, ready) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(|| watch(unfinished, watching, ended));
        // A panic drops it as well, so the watch always ends.
        let _working: oneshot::Sender<()> = working;
        // The other end is dropped once Ctrl-C is watched, or cannot be.
        let _ = ready.recv();
        work()
    })
}

/// Without a runtime there is nobody to watch, and Ctrl-C ends the process as ever.
fn watch(unfinished: &Path, watching: mpsc::Sender<()>, ended: Receiver<()>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() else { return };
    runtime.block_on(async {
        tokio::select! {
            // In this order, as asking for Ctrl-C the first time is what starts to watch it.
            biased;
            Ok(()) = tokio::signal::ctrl_c() => {
                // It may have got its name in this instant; then it is complete and stays.
                let _ = std::fs::remove_file(unfinished);
                std::process::exit(i32::from(Exit::Interrupted.code()));
            }
            _ = async { drop(watching); ended.await } => {}
        }
    });
}
