//! Ids of requests and jobs.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// 128 bits in hexadecimal that nobody can foresee: keyed hashes of a counter, the keys drawn when the process began.
pub(crate) fn random_id() -> String {
    static KEYS: LazyLock<[RandomState; 2]> = LazyLock::new(|| [RandomState::new(), RandomState::new()]);
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let [high, low] = KEYS.each_ref().map(|keys| keys.hash_one(count));
    format!("{high:016x}{low:016x}")
}
