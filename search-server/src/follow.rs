//! Takes over generations that other processes publish, such as `orgsearch reindex` on the same directory.

use crate::readiness::Refusal;
use crate::state::AppState;
use search_core::EngineError;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// Looks now and then whether another process published a generation.
pub(crate) async fn follow_generations(state: AppState) {
    if state.settings.index.data_dir.is_none() {
        return;
    }
    let mut tick = interval(state.settings.index.refresh_every.max(Duration::from_millis(10)));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let state = state.clone();
        let _ = tokio::task::spawn_blocking(move || follow(&state)).await;
    }
}

/// One look. What cannot be opened is told once for each generation, and the one served so far stays.
fn follow(state: &AppState) {
    // Our own job publishes by itself. An upload is no job yet, and a rehearsal publishes nothing.
    if state.jobs.is_publishing() {
        return;
    }
    match state.engine.refresh() {
        Ok(is_new) => {
            state.readiness.set_followed();
            if is_new {
                let generation = state.engine.generation().name;
                tracing::info!(generation, "another process published generation {generation}");
                state.warm_up();
            }
        }
        Err(error) => {
            // A pointer that cannot be read names nothing.
            let published = state.engine.published().ok().flatten();
            let generation = published.unwrap_or_else(|| "CURRENT".to_owned());
            if state.readiness.set_refused(Refusal { generation, code: code(&error) }) {
                let served = state.engine.generation().name;
                tracing::warn!(%error, "{served} is served on: a new generation cannot be opened: {error}");
            }
        }
    }
}

fn code(error: &EngineError) -> &'static str {
    match error {
        EngineError::Damaged { .. } => "damaged",
        EngineError::OtherFormat { .. } => "other_format",
        _ => "unreadable",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{IndexSettings, ServeSettings};
    use index_data::load::SourceRow;
    use search_core::Engine;
    use std::convert::Infallible;
    use std::sync::Arc;

    fn publish(dir: &std::path::Path) -> String {
        let row = SourceRow { id: "1".into(), name: "团委".into(), ..SourceRow::default() };
        let engine = Engine::unopened(dir).unwrap();
        engine.reindex([Ok::<_, Infallible>(row)], |_| {}).unwrap().generation.name
    }

    #[test]
    fn a_damaged_generation_is_refused_and_told_once_and_a_whole_one_is_taken() {
        let data = tempfile::tempdir().unwrap();
        let first = publish(data.path());
        let index = IndexSettings { data_dir: Some(data.path().to_owned()), ..IndexSettings::default() };
        let settings = ServeSettings { index, ..ServeSettings::default() };
        let state = AppState::new(settings, Arc::new(Engine::open(data.path()).unwrap()));
        follow(&state);
        assert!(state.readiness.refused().is_none());

        let second = publish(data.path());
        std::fs::remove_file(data.path().join("generations").join(&second).join("records.bin")).unwrap();
        follow(&state);
        let refusal = state.readiness.refused().unwrap();
        assert_eq!((refusal.generation.as_str(), refusal.code), (second.as_str(), "damaged"));
        assert!(!state.readiness.set_refused(refusal), "the log has it already");
        assert_eq!(state.engine.generation().name, first);

        // A rehearsal does not stand in the way, a job that publishes does.
        let third = publish(data.path());
        let publishing = state.jobs.reserve(false).unwrap();
        follow(&state);
        assert_eq!(state.engine.generation().name, first);
        drop(publishing);
        let _rehearsal = state.jobs.reserve(true).unwrap();
        follow(&state);
        assert_eq!((state.engine.generation().name, state.readiness.refused().is_none()), (third, true));
    }
}
