//! Reads the files of the live generation now and then and holds them against their checksums: a disk may lose bits long
//! after they were written.

use crate::state::AppState;
use search_core::EngineError;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::oneshot;
use tokio::time::{MissedTickBehavior, interval_at};

/// The first scrub waits until a start is over.
const FIRST_AFTER: Duration = Duration::from_secs(10 * 60);

/// Bytes read in a second at most, so that searches keep the disk and the processor; a gigabyte takes a quarter of a
/// minute.
const BYTES_A_SECOND: u64 = 64 << 20;

/// Scrubs in the interval of the settings.
pub(crate) async fn scrub(state: AppState) {
    let index = &state.settings.index;
    if index.data_dir.is_none() || index.scrub_every.is_zero() {
        return;
    }
    let first = tokio::time::Instant::now() + FIRST_AFTER.min(index.scrub_every);
    let mut tick = interval_at(first, index.scrub_every);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let (ended, end) = oneshot::channel::<()>();
        let of_thread = state.clone();
        // A thread of its own, which a stopping server need not wait for.
        let thread = std::thread::Builder::new().name("scrub".to_owned()).spawn(move || {
            scrub_once(&of_thread);
            drop(ended);
        });
        match thread {
            Ok(_) => drop(end.await),
            Err(error) => tracing::error!(%error, "the scrub could not be started: {error}"),
        }
    }
}

/// How far a scrub has come.
#[derive(Debug, Default)]
struct Pace {
    bytes: u64,
}

impl Pace {
    /// How long to wait after further bytes, so that no more than [`BYTES_A_SECOND`] are read in the time so far.
    fn pause_after(&mut self, bytes: u64, elapsed: Duration) -> Duration {
        self.bytes = self.bytes.saturating_add(bytes);
        let nanos = u128::from(self.bytes) * 1_000_000_000 / u128::from(BYTES_A_SECOND);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)).saturating_sub(elapsed)
    }
}

fn scrub_once(state: &AppState) {
    let started = Instant::now();
    let mut pace = Pace::default();
    let generation = state.engine.generation();
    let mut pause = |bytes| std::thread::sleep(pace.pause_after(bytes, started.elapsed()));
    let damaged = match state.engine.verify_paced(&mut pause) {
        Ok(damaged) => damaged,
        Err(EngineError::Damaged { what, .. }) => vec![what],
        Err(error) => return tracing::error!(%error, "the scrub broke off: {error}"),
    };
    let name = &generation.name;
    if state.engine.generation().name != *name {
        // Its files may have been removed meanwhile; the next scrub looks at the new one.
        return tracing::info!("the scrub of generation {name} was overtaken by another generation");
    }
    let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    if damaged.is_empty() {
        tracing::info!(generation = name, took_ms, "generation {name} is intact, read in {took_ms} ms");
    } else {
        let files = damaged.join("; ");
        tracing::error!(generation = name, took_ms, "generation {name} is damaged: {files}");
    }
    state.readiness.set_scrubbed(name, damaged);
    state.metrics.scrubbed(SystemTime::now());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{IndexSettings, ServeSettings};
    use crate::telemetry::Now;
    use index_data::load::SourceRow;
    use search_core::Engine;
    use std::convert::Infallible;
    use std::sync::Arc;

    #[test]
    fn a_scrub_reads_no_faster_than_its_pace() {
        const QUARTER: u64 = BYTES_A_SECOND / 4;
        let mut pace = Pace::default();
        for (bytes, elapsed_ms, pause_ms) in [
            (0, 0, 0),
            (QUARTER, 0, 250),
            (QUARTER, 250, 250),
            // Slower than the pace: no pause.
            (QUARTER, 2_000, 0),
            (6 * QUARTER, 2_000, 250),
        ] {
            let elapsed = Duration::from_millis(elapsed_ms);
            assert_eq!(
                pace.pause_after(bytes, elapsed),
                Duration::from_millis(pause_ms),
                "{bytes} {elapsed:?}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn scrubs_come_in_their_interval_and_zero_is_never() {
        let data = tempfile::tempdir().unwrap();
        let state = |scrub_every| {
            let data_dir = Some(data.path().to_owned());
            let index = IndexSettings { data_dir, scrub_every, ..IndexSettings::default() };
            let engine = Engine::open_or_empty(data.path()).unwrap();
            AppState::new(ServeSettings { index, ..ServeSettings::default() }, Arc::new(engine))
        };
        scrub(state(Duration::ZERO)).await;

        const HOUR: Duration = Duration::from_secs(60 * 60);
        let state = state(HOUR);
        let began = tokio::time::Instant::now();
        let scrubbing = tokio::spawn(scrub(state.clone()));
        let done = || {
            state
                .metrics
                .render(&state.engine.generation(), &Now::default())
                .contains("orgsearch_scrubs_total 3")
        };
        while !done() {
            // Of the paused clock: it costs no time.
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
        assert!(began.elapsed() >= FIRST_AFTER + 2 * HOUR);
        scrubbing.abort();
    }

    #[test]
    fn a_changed_file_is_found_and_forgotten_with_its_generation() {
        let data = tempfile::tempdir().unwrap();
        let row = SourceRow { id: "1".into(), name: "团委".into(), ..SourceRow::default() };
        let engine = Engine::open_or_empty(data.path()).unwrap();
        let live = engine.reindex([Ok::<_, Infallible>(row.clone())], |_| {}).unwrap().generation;
        let index = IndexSettings { data_dir: Some(data.path().to_owned()), ..IndexSettings::default() };
        let settings = ServeSettings { index, ..ServeSettings::default() };
        let state = AppState::new(settings, Arc::new(Engine::open(data.path()).unwrap()));
        scrub_once(&state);
        assert_eq!(state.readiness.damaged(&live), [""; 0]);

        let records = data.path().join("generations").join(&live.name).join("vocabulary.txt");
        std::fs::write(&records, "other").unwrap();
        scrub_once(&state);
        let damaged = state.readiness.damaged(&live);
        assert!(damaged.len() == 1 && damaged[0].starts_with("vocabulary.txt"), "{damaged:?}");
        let metrics = state.metrics.render(&live, &Now { damaged_files: damaged.len(), ..Now::default() });
        assert!(
            metrics.contains("orgsearch_scrubs_total 2")
                && metrics.contains("orgsearch_scrub_damaged_files 1")
        );

        let next = state.engine.reindex([Ok::<_, Infallible>(row)], |_| {}).unwrap().generation;
        assert_eq!(state.readiness.damaged(&next), [""; 0]);
    }
}
