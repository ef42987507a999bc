//! Clicks that people made, written down so that `orgsearch learn` can learn from them.
//!
//! Who chose is kept only as a keyed hash of address and day; its key lives in memory and is drawn anew every day. What was
//! typed and chosen is kept only as a keyed hash, too, until enough askers have chosen alike.

mod askers;
mod log;

use crate::config::FeedbackSettings;
use askers::AskerKey;
use log::ClickLog;
pub(crate) use log::{LoggedClick, read};
use std::collections::{HashMap, HashSet};
use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// The folder of the log in the data directory.
pub(crate) const FOLDER: &str = "feedback";
/// Clicks of one asker a day that are written down: nobody transfers so often, and a program must not fill the log.
const MOST_A_DAY: u32 = 200;

/// One click.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chosen<'a> {
    /// Normalized.
    pub(crate) query: &'a str,
    pub(crate) id: &'a str,
    /// Where the organization stood in the list, from 1.
    pub(crate) position: u16,
}

/// The log of a server with what it must remember to keep it.
#[derive(Debug)]
pub(crate) struct Feedback {
    inner: Mutex<Inner>,
    askers_needed: usize,
}

#[derive(Debug)]
struct Inner {
    log: ClickLog,
    key: AskerKey,
    /// Clicks of today by asker.
    today: HashMap<u64, u32>,
    /// The askers of each pair of query and organization in the log.
    pairs: HashMap<u64, HashSet<u64>>,
}

impl Feedback {
    /// Opens the log in a data directory, and makes it if there is none.
    pub(crate) fn open(data: &Path, settings: &FeedbackSettings) -> io::Result<Feedback> {
        let log = ClickLog::open(&data.join(FOLDER), settings.bytes)?;
        let pairs = pairs_of(&log.read()?);
        let inner = Inner { log, key: AskerKey::new(0), today: HashMap::new(), pairs };
        Ok(Feedback { inner: Mutex::new(inner), askers_needed: settings.askers.max(1) as usize })
    }

    /// Writes a click down, unless the same asker made the same one today, or has made too many. Blocks for a moment.
    pub(crate) fn note(&self, chosen: Chosen<'_>, client: Option<IpAddr>, day: u32) -> io::Result<()> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.key.day() != day {
            inner.key = AskerKey::new(day);
            inner.today.clear();
        }
        let asker = inner.key.hash(client);
        let pair = inner.log.pair(chosen.query, chosen.id);
        let known = inner.pairs.get(&pair);
        if known.is_some_and(|askers| askers.contains(&asker)) {
            return Ok(());
        }
        let count = inner.today.entry(asker).or_default();
        if *count >= MOST_A_DAY {
            return Ok(());
        }
        *count += 1;
        let askers = inner.pairs.get(&pair).map_or(0, HashSet::len) + 1;
        let text = (askers >= self.askers_needed).then(|| (chosen.query.to_owned(), chosen.id.to_owned()));
        let is_new_file =
            inner.log.append(&LoggedClick { day, pair, asker, position: chosen.position, text })?;
        if is_new_file {
            // The older half is gone, and what was remembered of it goes too.
            inner.pairs = pairs_of(&inner.log.read()?);
        }
        inner.pairs.entry(pair).or_default().insert(asker);
        Ok(())
    }
}

fn pairs_of(clicks: &[LoggedClick]) -> HashMap<u64, HashSet<u64>> {
    let mut pairs: HashMap<u64, HashSet<u64>> = HashMap::new();
    for click in clicks {
        pairs.entry(click.pair).or_default().insert(click.asker);
    }
    pairs
}

/// Days since 1970 at a moment.
pub(crate) fn day_of(now: SystemTime) -> u32 {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u32::try_from(since.as_secs() / DAY.as_secs()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(feedback: &Feedback, query: &str, client: u8, day: u32) {
        let chosen = Chosen { query, id: "2", position: 1 };
        feedback.note(chosen, Some(IpAddr::from([10, 0, 0, client])), day).unwrap();
    }

    fn open(data: &Path) -> Feedback {
        Feedback::open(data, &FeedbackSettings { is_on: true, askers: 3, bytes: 1 << 20 }).unwrap()
    }

    fn texts(data: &Path) -> Vec<Option<String>> {
        let logged = read(&data.join(FOLDER)).unwrap();
        logged.into_iter().map(|click| click.text.map(|(query, _)| query)).collect()
    }

    #[test]
    fn a_query_is_text_only_once_enough_have_chosen_alike() {
        let data = tempfile::tempdir().unwrap();
        let feedback = open(data.path());
        for client in [1, 1, 2, 2, 1] {
            note(&feedback, "张三在北大", client, 100);
        }
        assert_eq!(texts(data.path()), [None, None], "each asker counts once");
        let file = std::fs::read_to_string(data.path().join("feedback/clicks.tsv")).unwrap();
        assert!(!file.contains("张三") && !file.contains("10.0.0"), "{file}");
        note(&feedback, "北大", 3, 100);
        note(&feedback, "张三在北大", 3, 100);
        note(&feedback, "张三在北大", 4, 100);
        let typed = || Some("张三在北大".to_owned());
        assert_eq!(texts(data.path()), [None, None, None, typed(), typed()]);
    }

    #[test]
    fn askers_are_others_the_next_day_and_after_a_restart() {
        let data = tempfile::tempdir().unwrap();
        let feedback = open(data.path());
        note(&feedback, "北大", 1, 100);
        note(&feedback, "北大", 1, 101);
        drop(feedback);
        let feedback = open(data.path());
        note(&feedback, "北大", 1, 101);
        assert_eq!(texts(data.path()), [None, None, Some("北大".to_owned())], "the log is remembered");
        let askers: HashSet<u64> =
            read(&data.path().join(FOLDER)).unwrap().iter().map(|click| click.asker).collect();
        assert_eq!(askers.len(), 3);
    }

    #[test]
    fn one_asker_cannot_fill_the_log() {
        let data = tempfile::tempdir().unwrap();
        let feedback = open(data.path());
        for query in 0..2 * MOST_A_DAY {
            note(&feedback, &query.to_string(), 1, 100);
        }
        assert_eq!(texts(data.path()).len(), MOST_A_DAY as usize);
        note(&feedback, "x", 1, 101);
        assert_eq!(texts(data.path()).len(), MOST_A_DAY as usize + 1, "the next day begins anew");
    }

    #[test]
    fn days_begin_with_1970() {
        for (seconds, day) in [(0, 0), (86_399, 0), (86_400, 1), (u64::MAX >> 8, u32::MAX)] {
            assert_eq!(day_of(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)), day);
        }
    }
}
