//! Why the first hit is before an organization, as a sentence.

use search_core::Lead;

/// One sentence in English, without a full stop.
pub(crate) fn sentence(lead: Lead) -> String {
    match lead {
        Lead::IsFirst => "it is the first hit".to_owned(),
        Lead::NothingFound => "nothing was found".to_owned(),
        Lead::Tier { first, own } => {
            format!("the first hit is a closer kind of match (tier {first} before {own})")
        }
        Lead::Feature { name, first, own } => {
            format!("the first hit leads most in {name}: {first:.2} against {own:.2}")
        }
        Lead::StaticRank => "it measures the same as the first hit, which comes first in the tree".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_with_two_digits() {
        let lead = Lead::Feature { name: "share", first: 0.956, own: 0.5 };
        assert_eq!(sentence(lead), "the first hit leads most in share: 0.96 against 0.50");
    }
}
