//! Keeps a client from trying one admin key after another.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Wrong keys that one client may present in a [`WINDOW`]; then it is not listened to until the window ends.
const GUESSES: u32 = 10;
const WINDOW: Duration = Duration::from_secs(60);
/// Clients that are remembered.
const CLIENTS: usize = 10_000;

/// The wrong keys of late.
#[derive(Debug, Default)]
pub(crate) struct KeyGuesses {
    clients: Mutex<HashMap<IpAddr, Guesses>>,
}

#[derive(Debug)]
struct Guesses {
    began: Instant,
    wrong: u32,
}

impl KeyGuesses {
    /// How long the client is not listened to, whatever key it presents; `None`: it is.
    pub(crate) fn wait(&self, client: IpAddr) -> Option<Duration> {
        let clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let guesses = clients.get(&client).filter(|guesses| guesses.wrong >= GUESSES)?;
        Some(WINDOW.saturating_sub(guesses.began.elapsed())).filter(|wait| !wait.is_zero())
    }

    /// The client has presented a wrong key.
    pub(crate) fn was_wrong(&self, client: IpAddr) {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if clients.len() >= CLIENTS {
            clients.retain(|_, guesses| guesses.began.elapsed() < WINDOW);
        }
        if clients.len() >= CLIENTS {
            // Nobody has so many addresses for ten guesses each; whoever has starts again with all of them.
            clients.clear();
        }
        let guesses = clients.entry(client).or_insert_with(|| Guesses { began: Instant::now(), wrong: 0 });
        if guesses.began.elapsed() >= WINDOW {
            *guesses = Guesses { began: Instant::now(), wrong: 0 };
        }
        guesses.wrong += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn ten_wrong_keys_in_a_minute_are_enough() {
        let (guesses, client) = (KeyGuesses::default(), IpAddr::from([10, 0, 0, 1]));
        for _ in 0..GUESSES {
            assert_eq!(guesses.wait(client), None);
            guesses.was_wrong(client);
        }
        assert_eq!(guesses.wait(client), Some(WINDOW));
        assert_eq!(guesses.wait(IpAddr::from([10, 0, 0, 2])), None, "others are listened to");
        tokio::time::advance(WINDOW).await;
        assert_eq!(guesses.wait(client), None);
        guesses.was_wrong(client);
        assert_eq!(guesses.wait(client), None, "it begins anew");
    }

    #[tokio::test(start_paused = true)]
    async fn many_clients_take_no_more_memory() {
        let guesses = KeyGuesses::default();
        for address in 0..3 * CLIENTS as u32 {
            guesses.was_wrong(IpAddr::from(address.to_be_bytes()));
        }
        assert!(guesses.clients.lock().unwrap().len() <= CLIENTS);
    }
}
