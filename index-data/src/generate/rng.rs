//! Chance from a seed: the same on every machine, and at any place of the stream without the numbers before it.

use crate::hash::{SplitMix64, mix};

/// The numbers of one place.
#[derive(Debug, Clone)]
pub(crate) struct Rng(SplitMix64);

/// What a number is drawn for: two purposes at the same place never see the same numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    Units = 1,
    House,
    Style,
    Members,
    Status,
    Cells,
    Company,
    Fixed,
    Majors,
    Weight,
    Queries,
    Records,
    Autumn,
}

impl Rng {
    /// The numbers of one place: the same seed, purpose and place give the same ones.
    pub(crate) fn at(seed: u64, purpose: Purpose, place: u64) -> Rng {
        Rng(SplitMix64(mix(seed ^ mix((purpose as u64) << 56 ^ place))))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number in `0..bound`; 0 for a bound of 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        // The high half of the product (Lemire 2019); its bias is below 2^-40 for the small bounds here.
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    pub(crate) fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    pub(crate) fn permille(&mut self, share: u64) -> bool {
        self.below(1000) < share
    }

    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.index(of.len()))
    }

    /// One of `of`, each as likely as its weight says; `None` when nothing weighs anything.
    pub(crate) fn weighted<'a, T>(&mut self, of: &'a [T], weight: impl Fn(&T) -> u32) -> Option<&'a T> {
        let total: u64 = of.iter().map(|item| u64::from(weight(item))).sum();
        let mut left = self.below(total);
        for item in of {
            let weight = u64::from(weight(item));
            if left < weight {
                return Some(item);
            }
            left -= weight;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Purpose, Rng};

    #[test]
    fn bounds_hold_and_weights_count() {
        let mut rng = Rng::at(7, Purpose::Units, 1);
        assert!((0..1000).all(|_| rng.below(3) < 3));
        assert_eq!(rng.below(0), 0);
        let heavy = (0..1000).filter(|_| rng.weighted(&[1u32, 9], |w| *w) == Some(&9)).count();
        assert!((850..950).contains(&heavy), "{heavy}");
        assert_eq!(rng.weighted(&[0u32], |w| *w), None);
    }
}
