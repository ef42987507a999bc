//! Who asked, without saying who.

use crate::clients::rates::network;
use crate::random_id::random_id;
use sha2::{Digest, Sha256};
use std::net::IpAddr;

/// The key of one day. It lives in memory only: without it nobody can try addresses against a hash.
pub(super) struct AskerKey {
    day: u32,
    key: String,
}

impl AskerKey {
    /// A key that was never used before.
    pub(super) fn new(day: u32) -> AskerKey {
        AskerKey { day, key: random_key() }
    }

    pub(super) fn day(&self) -> u32 {
        self.day
    }

    /// The same for all requests of one client on this day.
    pub(super) fn hash(&self, client: Option<IpAddr>) -> u64 {
        let client = client.map_or_else(String::new, |address| network(address).to_string());
        keyed_hash(&self.key, &[&self.day.to_string(), &client])
    }
}

impl std::fmt::Debug for AskerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AskerKey(…)")
    }
}

/// 256 bits that nobody can foresee.
pub(super) fn random_key() -> String {
    random_id() + &random_id()
}

/// The first 64 bits of a keyed hash; the parts cannot be taken for each other.
pub(super) fn keyed_hash(key: &str, parts: &[&str]) -> u64 {
    let mut hash = Sha256::new();
    for part in std::iter::once(&key).chain(parts) {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let digest: [u8; 32] = hash.finalize().into();
    digest.iter().take(8).fold(0, |bits, byte| bits << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_tells_clients_apart_for_one_day() {
        let of = |text: &str| Some(text.parse().unwrap());
        let today = AskerKey::new(1);
        assert_eq!(today.hash(of("10.0.0.1")), today.hash(of("10.0.0.1")));
        assert_ne!(today.hash(of("10.0.0.1")), today.hash(of("10.0.0.2")));
        assert_eq!(today.hash(of("2001:db8::1")), today.hash(of("2001:db8::2")), "one network is one client");
        assert_ne!(today.hash(of("10.0.0.1")), AskerKey::new(1).hash(of("10.0.0.1")), "another key");
        assert_ne!(keyed_hash("k", &["ab", "c"]), keyed_hash("k", &["a", "bc"]));
    }
}
