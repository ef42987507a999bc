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
    /// Between two requests of a client that has used up its burst.
    interval: Duration,
}

impl ClientRates {
    /// `None` where no rate is set.
    pub(crate) fn new(limits: &LimitSettings) -> Option<Self> {
        let rate = NonZeroU32::new(limits.client_rate)?;
        let burst = NonZeroU32::new(limits.client_burst).unwrap_or(rate);
        Some(Self::of(Quota::per_second(rate).allow_burst(burst)))
    }

    fn of(quota: Quota) -> Self {
        let interval = quota.replenish_interval();
        ClientRates { limiter: RateLimiter::keyed(quota), clock: DefaultClock::default(), interval }
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

    /// The same for a batch, each record of which counts as a request: [`Self::wait`] has counted the first. A batch
    /// that has to wait counts as one request.
    pub(crate) fn wait_for_batch(&self, client: IpAddr, records: usize) -> Option<Duration> {
        let further = u32::try_from(records.saturating_sub(1)).unwrap_or(u32::MAX);
        match self.limiter.check_key_n(&network(client), NonZeroU32::new(further)?) {
            Ok(Ok(())) => None,
            // When it comes again, its first record counts again.
            Ok(Err(refused)) => Some(refused.wait_time_from(self.clock.now()) + self.interval),
            Err(_larger_than_the_burst) => Some(self.interval.saturating_mul(further)),
        }
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

    #[test]
    fn a_batch_counts_as_its_records() {
        // So slow that nothing comes back while the test runs.
        let hour = Duration::from_secs(3600);
        let burst = NonZeroU32::new(10).unwrap();
        let rates = ClientRates::of(Quota::with_period(hour).unwrap().allow_burst(burst));
        let client = |last: u8| IpAddr::from([10, 0, 0, last]);
        let batch =
            |last, records| rates.wait(client(last)).or_else(|| rates.wait_for_batch(client(last), records));
        assert_eq!(batch(1, 10), None, "as many as the burst");
        assert!(batch(1, 1).is_some(), "nothing is left of it");
        assert_eq!(batch(2, 6), None);
        // 4 are left. The first record takes one, the others lack two, and the first will count again.
        let wait = batch(2, 6).expect("six do not fit");
        assert!(wait > 2 * hour && wait <= 3 * hour, "{wait:?}");
        assert_eq!(batch(2, 3), None, "and it took one only");
        for records in [0, 1] {
            assert_eq!(rates.wait_for_batch(client(3), records), None);
        }
    }
}
