//! `orgsearch learn`: from the log of clicks to a learned prior.

use super::data_dir::DataDir;
use super::exit::{Exit, help_end};
use super::failure::Failure;
use super::numbers::counted;
use super::output;
use crate::feedback::{FOLDER, LoggedClick, day_of, read};
use clap::Args;
use search_core::prior::{Click, LearnOptions, LearnedPrior, PriorError, PriorStore, learn};
use serde::Serialize;
use std::collections::HashMap;
use std::time::SystemTime;

/// Learns from what people chose.
///
/// Reads the log that `serve --feedback` writes, and publishes what enough people chose alike as
/// DIR/priors/pNNNNNN.json. Older clicks count less. The last three are kept.
#[derive(Debug, Args)]
#[command(after_help = help_end(
    "orgsearch learn --data ./orgsearch-data --k 5 --half-life-days 90\n\
     orgsearch learn --data ./orgsearch-data --off"
))]
pub(super) struct Learn {
    /// How many askers must have chosen alike.
    #[arg(
        long,
        value_name = "N",
        default_value_t = LearnOptions::DEFAULT_ASKERS,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    k: u32,
    /// After how many days a click counts half.
    #[arg(
        long,
        value_name = "DAYS",
        default_value_t = LearnOptions::DEFAULT_HALF_LIFE_DAYS,
        value_parser = clap::value_parser!(u32).range(1..=100_000)
    )]
    half_life_days: u32,
    /// Takes the prior out of use. Its file and the log stay.
    #[arg(long, conflicts_with_all = ["k", "half_life_days"])]
    off: bool,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// The `--json` answer.
#[derive(Debug, Serialize)]
struct LearnAnswer {
    /// The prior in use now; null: none.
    prior: Option<String>,
    /// The prior that was in use before; null: none.
    left: Option<String>,
    /// Clicks in the log.
    clicks: u64,
    /// Queries learned.
    queries: u64,
    /// Pairs of a query and an organization learned.
    pairs: u64,
}

impl Learn {
    pub(super) fn run(self, data: &DataDir) -> Result<Exit, Failure> {
        let store = PriorStore::new(data.path());
        let answer = if self.off { self.unset(&store) } else { self.learn(data, &store) }?;
        if self.json {
            output::print_json(&answer)?;
        } else {
            output::print(|out| writeln!(out, "{}", answer.words()))?;
        }
        Ok(Exit::Done)
    }

    fn learn(&self, data: &DataDir, store: &PriorStore) -> Result<LearnAnswer, Failure> {
        let engine = data.unopened()?;
        let generation = engine.published().map_err(|error| Failure::engine(error, data.path()))?;
        let folder = data.path().join(FOLDER);
        let logged =
            read(&folder).map_err(|error| Failure::reading(&folder.display().to_string(), &error))?;
        let options = LearnOptions {
            askers: self.k,
            half_life_days: self.half_life_days,
            day: day_of(SystemTime::now()),
        };
        let clicks = logged.len() as u64;
        let prior = learn(with_texts(logged), &options, &generation.unwrap_or_default());
        let left = store.current_name().unwrap_or_default();
        let name = store.publish(&prior).map_err(|error| failure(&error))?;
        Ok(LearnAnswer::new(Some(name), left, clicks, Some(&prior)))
    }

    fn unset(&self, store: &PriorStore) -> Result<LearnAnswer, Failure> {
        let left = store.unset().map_err(|error| failure(&error))?;
        Ok(LearnAnswer::new(None, left, 0, None))
    }
}

/// The clicks whose query and id are known: by their own line, or by a later one of the same pair.
fn with_texts(logged: Vec<LoggedClick>) -> Vec<Click> {
    let mut texts: HashMap<u64, (String, String)> = HashMap::new();
    for click in &logged {
        if let Some(text) = &click.text {
            texts.entry(click.pair).or_insert_with(|| text.clone());
        }
    }
    let known = logged.into_iter().filter_map(|click| {
        let (query, id) = texts.get(&click.pair)?.clone();
        Some(Click { query, id, asker: click.asker, day: click.day })
    });
    known.collect()
}

fn failure(error: &PriorError) -> Failure {
    let exit = match error {
        PriorError::Busy { .. } | PriorError::Malformed { .. } => Exit::Generation,
        _ => Exit::System,
    };
    Failure::new(exit, error.to_string())
}

impl LearnAnswer {
    fn new(prior: Option<String>, left: Option<String>, clicks: u64, learned: Option<&LearnedPrior>) -> Self {
        let count = |of: fn(&LearnedPrior) -> usize| learned.map_or(0, of) as u64;
        LearnAnswer {
            prior,
            left,
            clicks,
            queries: count(LearnedPrior::queries),
            pairs: count(LearnedPrior::pairs),
        }
    }

    fn words(&self) -> String {
        match (&self.prior, &self.left) {
            (Some(name), _) => {
                let clicks = counted(self.clicks, "click");
                let pairs = counted(self.pairs, "organization");
                let queries = if self.queries == 1 {
                    "1 query".to_owned()
                } else {
                    format!("{} queries", self.queries)
                };
                format!("prior {name}: {pairs} for {queries}, from {clicks}")
            }
            (None, Some(left)) => format!("no prior is in use; {left} was left"),
            (None, None) => "no prior was in use".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_count_once_their_text_is_known() {
        let line = |pair, asker, text: Option<&str>| LoggedClick {
            day: 1,
            pair,
            asker,
            position: 1,
            text: text.map(|query| (query.to_owned(), "2".to_owned())),
        };
        let logged = vec![line(1, 1, None), line(2, 1, None), line(1, 2, None), line(1, 3, Some("北大"))];
        let known: Vec<_> = with_texts(logged).into_iter().map(|click| (click.query, click.asker)).collect();
        let typed = |asker| ("北大".to_owned(), asker);
        assert_eq!(known, [typed(1), typed(2), typed(3)]);
    }
}
