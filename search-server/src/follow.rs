//! Takes over generations that other processes publish, such as `orgsearch reindex` on the same directory.

use crate::readiness::Refusal;
use crate::state::AppState;
use search_core::EngineError;
use std::time::{Duration, Instant};
use tokio::time::{MissedTickBehavior, interval};

/// Looks now and then whether another process published a generation.
pub(crate) async fn follow_generations(state: AppState) {
    if state.settings.index.data_dir.is_none() {
        return;
    }
    let every = state.settings.index.refresh_every.max(Duration::from_millis(10));
    let mut tick = interval(every);
    let (mut retry, mut was_refused) = (Retry::default(), false);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let state = state.clone();
        let look = tokio::task::spawn_blocking(move || {
            follow(&state, &mut retry, every, Instant::now());
            follow_learned(&state, &mut was_refused);
            (retry, was_refused)
        });
        (retry, was_refused) = look.await.unwrap_or_default();
    }
}

/// When a refused generation is opened again: after a pause that doubles each time, since a whole one costs a look at
/// every file; at once when another one is published.
#[derive(Debug, Default)]
struct Retry(Option<Refused>);

#[derive(Debug)]
struct Refused {
    generation: String,
    pause: Duration,
    at: Instant,
}

impl Retry {
    /// The longest pause.
    const MOST: Duration = Duration::from_secs(5 * 60);

    fn is_due(&self, published: &str, now: Instant) -> bool {
        self.0
            .as_ref()
            .is_none_or(|refused| refused.generation != published || refused.at + refused.pause <= now)
    }

    fn set_refused(&mut self, generation: &str, first_pause: Duration, now: Instant) {
        let before = self.0.take().filter(|refused| refused.generation == generation);
        let pause = before.map_or(first_pause, |refused| refused.pause * 2).min(Self::MOST);
        self.0 = Some(Refused { generation: generation.to_owned(), pause, at: now });
    }
}

/// Takes over what `orgsearch learn` published. What cannot be read is told once.
fn follow_learned(state: &AppState, was_refused: &mut bool) {
    match state.engine.refresh_learned() {
        Ok(is_new) => {
            *was_refused = false;
            if is_new {
                let prior = state.engine.learned().unwrap_or_else(|| "none".to_owned());
                tracing::info!(prior, "learned prior in use: {prior}");
            }
        }
        Err(error) if !*was_refused => {
            *was_refused = true;
            tracing::warn!(%error, "the learned prior in use stays: {error}");
        }
        Err(_) => {}
    }
}

/// One look. What cannot be opened is told once for each generation, and the one served so far stays.
fn follow(state: &AppState, retry: &mut Retry, every: Duration, now: Instant) {
    // Our own job publishes by itself. An upload is no job yet, and a rehearsal publishes nothing.
    // Nor does a replica serve what somebody else puts beside the generations of its store.
    if state.jobs.is_publishing() || state.follow.is_some() {
        return;
    }
    // A pointer that cannot be read names nothing.
    let published = state.engine.published().ok().flatten();
    let generation = published.unwrap_or_else(|| "CURRENT".to_owned());
    if !retry.is_due(&generation, now) {
        return;
    }
    match state.engine.refresh() {
        Ok(is_new) => {
            *retry = Retry::default();
            state.readiness.set_followed();
            if is_new {
                let generation = state.engine.generation().version;
                tracing::info!(generation, "another process published or changed: {generation}");
                state.warm_up();
            }
        }
        Err(error) => {
            retry.set_refused(&generation, every, now);
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

    fn serving(dir: &std::path::Path) -> AppState {
        let index = IndexSettings { data_dir: Some(dir.to_owned()), ..IndexSettings::default() };
        let settings = ServeSettings { index, ..ServeSettings::default() };
        AppState::new(settings, Arc::new(Engine::open(dir).unwrap()))
    }

    #[test]
    fn a_refused_generation_is_tried_again_after_doubling_pauses_and_another_one_at_once() {
        const FIRST: Duration = Duration::from_secs(2);
        let began = Instant::now();
        let mut retry = Retry::default();
        // Second of the look, what is published, and whether it is tried; all that is tried is refused.
        for (second, published, is_tried) in [
            (0, "g2", true),
            (1, "g2", false),
            (2, "g2", true),
            (5, "g2", false),
            (6, "g2", true),
            (7, "g3", true),
            (8, "g3", false),
            (9, "g3", true),
            (10, "g2", true),
            (11, "g2", false),
            (12, "g2", true),
            (16, "g2", true),
            (24, "g2", true),
            (40, "g2", true),
            (72, "g2", true),
            (136, "g2", true),
            (264, "g2", true),
            (519, "g2", false),
            (520, "g2", true),
            (819, "g2", false),
            (820, "g2", true),
            (1_119, "g2", false),
            (1_120, "g2", true),
        ] {
            let now = began + Duration::from_secs(second);
            assert_eq!(retry.is_due(published, now), is_tried, "second {second}");
            if is_tried {
                retry.set_refused(published, FIRST, now);
            }
        }
    }

    #[test]
    fn a_damaged_generation_is_refused_and_told_once_and_a_whole_one_is_taken() {
        let data = tempfile::tempdir().unwrap();
        let first = publish(data.path());
        let state = serving(data.path());
        let mut retry = Retry::default();
        let mut look = || follow(&state, &mut retry, Duration::from_secs(2), Instant::now());
        look();
        assert!(state.readiness.refused().is_none());

        let second = publish(data.path());
        std::fs::remove_file(data.path().join("generations").join(&second).join("records.bin")).unwrap();
        look();
        let refusal = state.readiness.refused().unwrap();
        assert_eq!((refusal.generation.as_str(), refusal.code), (second.as_str(), "damaged"));
        assert!(!state.readiness.set_refused(refusal), "the log has it already");
        assert_eq!(state.engine.generation().name, first);

        // A rehearsal does not stand in the way, a job that publishes does.
        let third = publish(data.path());
        let publishing = state.jobs.reserve(crate::jobs::Wish::default()).unwrap();
        look();
        assert_eq!(state.engine.generation().name, first);
        drop(publishing);
        let _rehearsal =
            state.jobs.reserve(crate::jobs::Wish { dry_run: true, ..Default::default() }).unwrap();
        look();
        assert_eq!((state.engine.generation().name, state.readiness.refused().is_none()), (third, true));
    }

    #[test]
    fn a_mended_generation_is_taken_after_the_pause() {
        const FIRST: Duration = Duration::from_secs(2);
        let data = tempfile::tempdir().unwrap();
        publish(data.path());
        let state = serving(data.path());
        let second = publish(data.path());
        let records = data.path().join("generations").join(&second).join("records.bin");
        let elsewhere = data.path().join("elsewhere");
        std::fs::rename(&records, &elsewhere).unwrap();
        let (mut retry, now) = (Retry::default(), Instant::now());
        follow(&state, &mut retry, FIRST, now);
        std::fs::rename(&elsewhere, &records).unwrap();
        follow(&state, &mut retry, FIRST, now + FIRST / 2);
        assert!(state.readiness.refused().is_some(), "it is not looked at yet");
        follow(&state, &mut retry, FIRST, now + FIRST);
        assert_eq!((state.engine.generation().name, state.readiness.refused().is_none()), (second, true));
    }
}
