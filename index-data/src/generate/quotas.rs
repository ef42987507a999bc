//! How many of what: the plan for a tree of any size.
//!
//! Places, universities, schools and lines scale with the wanted size; classes and companies take what is left, so
//! that every size is met exactly.

use super::options::Scope;

/// Organizations at which the whole country is in the tree: every village, university and line.
const NATIONAL_FULL: u64 = 4_400_000;
/// Organizations at which all of Beijing is in the tree.
const BEIJING_FULL: u64 = 52_000;
/// The number 1 in fixed point.
pub(crate) const WHOLE: u64 = 1_000_000;
/// Companies (leaves) in a thousand organizations.
pub(crate) const COMPANIES_PERMILLE: u64 = 90;
/// Below this many streets for a province, city or county, fewer of them are taken instead.
const STREETS_A_PROVINCE: u64 = 6;
pub(crate) const STREETS_A_CITY: u64 = 6;
pub(crate) const STREETS_A_COUNTY: u64 = 3;

/// How much of the country one tree shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) scope: Scope,
    /// Share of the whole, of [`WHOLE`].
    pub(crate) scale: u64,
    pub(crate) provinces: usize,
    pub(crate) streets: u64,
    pub(crate) universities: u64,
    /// At most this many colleges for one university.
    pub(crate) colleges: u64,
    /// Share of the units of a national line, and again of the branches of each, of [`WHOLE`].
    pub(crate) line_share: u64,
    /// How many of the national lines.
    pub(crate) lines: usize,
}

impl Shape {
    /// The least class branches in a thousand organizations. A plan that leaves fewer is too large for the wanted size.
    /// A full city has more places and bodies for each class than the country.
    pub(crate) fn classes_at_least_permille(&self) -> u64 {
        match self.scope {
            Scope::National => 600,
            Scope::Beijing => 400,
        }
    }

    /// The first guess for a size.
    pub(crate) fn first(scope: Scope, orgs: u64, streets: u64, universities: u64) -> Shape {
        let full = match scope {
            Scope::National => NATIONAL_FULL,
            Scope::Beijing => BEIJING_FULL,
        };
        Shape::at(scope, (orgs.saturating_mul(WHOLE) / full).clamp(1, WHOLE), streets, universities)
    }

    /// The shape at a scale; `streets` and `universities` are what the lists hold.
    pub(crate) fn at(scope: Scope, scale: u64, streets: u64, universities: u64) -> Shape {
        let streets_wanted = part(streets, scale);
        let provinces = match scope {
            Scope::National => (streets_wanted / STREETS_A_PROVINCE).clamp(1, 31) as usize,
            Scope::Beijing => 1,
        };
        let universities = part(universities, scale);
        let colleges = match universities {
            0..=2 => 2,
            3..=9 => 5,
            _ => u64::MAX,
        };
        let line_share = (scale * WHOLE).isqrt();
        let lines = (streets_wanted / 3).clamp(1, 5) as usize;
        Shape { scope, scale, provinces, streets: streets_wanted, universities, colleges, line_share, lines }
    }

    /// A smaller shape; `None` when there is none.
    pub(crate) fn smaller(self, streets: u64, universities: u64) -> Option<Shape> {
        (self.scale > 1).then(|| Shape::at(self.scope, (self.scale * 4 / 5).max(1), streets, universities))
    }
}

/// `scale` of `total`, at least 1.
pub(crate) fn part(total: u64, scale: u64) -> u64 {
    (total * scale).div_ceil(WHOLE).clamp(1, total.max(1))
}

/// Deals out `total` by weight, whole numbers that add up exactly; nobody gets more than its weight as long as
/// `total` is not above the sum of the weights.
pub(crate) fn apportion(total: u64, weights: &[u64]) -> Vec<u64> {
    let sum: u64 = weights.iter().sum();
    let mut so_far = 0;
    let mut dealt = 0;
    weights
        .iter()
        .map(|weight| {
            so_far += weight;
            let due =
                if sum == 0 { 0 } else { (u128::from(total) * u128::from(so_far) / u128::from(sum)) as u64 };
            let share = due - dealt;
            dealt = due;
            share
        })
        .collect()
}

/// Deals out `total` among the first few of `weights`, so many that each gets about `least` or more.
pub(crate) fn concentrate(total: u64, weights: &[u64], least: u64) -> Vec<u64> {
    let mut taken = ((total / least.max(1)) as usize).clamp(1, weights.len().max(1)).min(weights.len());
    while taken < weights.len() && weights[..taken].iter().sum::<u64>() < total {
        taken += 1;
    }
    let mut shares = apportion(total, &weights[..taken]);
    shares.resize(weights.len(), 0);
    shares
}

/// The `share` of `len` items that stand evenly spread over a list, the first one always among them.
pub(crate) fn spread(len: usize, share: u64) -> impl Iterator<Item = usize> {
    let share = (share as usize).min(len);
    (0..share).map(move |at| at * len / share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up() {
        for total in [0, 1, 7, 99, 100] {
            let shares = apportion(total, &[50, 0, 30, 20]);
            assert_eq!(shares.iter().sum::<u64>(), total);
            assert_eq!(shares[1], 0);
        }
        assert_eq!(apportion(100, &[50, 0, 30, 20]), [50, 0, 30, 20]);
        assert_eq!(concentrate(7, &[9, 9, 9], 6), [7, 0, 0]);
        assert_eq!(concentrate(20, &[9, 9, 9], 6).iter().sum::<u64>(), 20);
        assert_eq!(spread(10, 3).collect::<Vec<_>>(), [0, 3, 6]);
    }
}
