//! How many requests each client has sent of late: so many in a second, a burst after a pause.

use crate::config::LimitSettings;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

/// The rates of all clients seen lately.
#[derive(Debug)]
pub(crate) struct ClientRates {
    limiter: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
}

impl ClientRates {
    /// `None` where no rate is set.
    pub(crate) fn new(limits: &LimitSettings) -> Option<Self> {
        let rate = NonZeroU32::new(limits.client_rate)?;
        let burst = NonZeroU32::new(limits.client_burst).unwrap_or(rate);
        let limiter = RateLimiter::keyed(Quota::per_second(rate).allow_burst(burst));
        Some(ClientRates { limiter, clock: DefaultClock::default() })
    }

    /// Forgets clients that have been quiet.
    pub(crate) fn tidy(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }

    /// How long the client has to wait; `None`: not at all.
    pub(crate) fn wait(&self, client: IpAddr) -> Option<Duration> {
        let refused = self.limiter.check_key(&network(client)).err()?;
        Some(refused.wait_time_from(self.clock.now()))
    }
}

/// A client with IPv6 has a whole network of 64 bits to send from.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:10.0.0.1"), of("10.0.0.1"));
    }
}
