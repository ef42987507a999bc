//! What the server remembers of its clients.

pub(crate) mod key_guesses;
pub(crate) mod rates;
