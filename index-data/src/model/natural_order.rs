//! The order of names with numbers in them.

use std::cmp::Ordering;

/// Compares names as people count: 2班 before 10班. Total, and equal only for equal names.
pub(super) fn natural_order(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a.as_bytes(), b.as_bytes());
    while let (Some(&l), Some(&r)) = (left.first(), right.first()) {
        let (l_run, r_run) = (digits(left), digits(right));
        if !l_run.is_empty() && !r_run.is_empty() {
            let (l_number, r_number) = (without_zeros(l_run), without_zeros(r_run));
            let by_value = l_number.len().cmp(&r_number.len()).then_with(|| l_number.cmp(r_number));
            if by_value != Ordering::Equal {
                return by_value;
            }
            (left, right) = (&left[l_run.len()..], &right[r_run.len()..]);
        } else if l != r {
            return l.cmp(&r);
        } else {
            (left, right) = (&left[1..], &right[1..]);
        }
    }
    left.len().cmp(&right.len()).then_with(|| a.cmp(b))
}

fn digits(text: &[u8]) -> &[u8] {
    &text[..text.iter().take_while(|byte| byte.is_ascii_digit()).count()]
}

fn without_zeros(digits: &[u8]) -> &[u8] {
    &digits[digits.iter().take_while(|&&digit| digit == b'0').count()..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_ordered_as_people_count() {
        let mut names = ["高一10班", "高一2班", "高一02班", "高一", "高一1班", "2024级", "2023级9班"];
        names.sort_by(|a, b| natural_order(a, b));
        assert_eq!(names, ["2023级9班", "2024级", "高一", "高一1班", "高一02班", "高一2班", "高一10班"]);
    }

    proptest! {
        #[test]
        fn natural_order_is_total(a in "[0-2ab高]{0,6}", b in "[0-2ab高]{0,6}", c in "[0-2ab高]{0,6}") {
            prop_assert_eq!(natural_order(&a, &b), natural_order(&b, &a).reverse());
            prop_assert_eq!(natural_order(&a, &b) == Ordering::Equal, a == b);
            if natural_order(&a, &b).is_le() && natural_order(&b, &c).is_le() {
                prop_assert!(natural_order(&a, &c).is_le());
            }
        }
    }
}
