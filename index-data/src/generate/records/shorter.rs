//! Names as people cut them: companies without their legal ends, villages and towns without the word that says so.

use crate::lexicon::company_ends;

/// The words that villages and towns go without.
const PLACE_ENDS: [&str; 4] = ["街道", "村", "镇", "乡"];
/// What must be left, in characters.
const SHORTEST: usize = 2;

/// A company without its legal ends: 苏力坦科技 of 苏力坦科技集团有限公司.
pub(super) fn company(name: &str) -> Option<&str> {
    let mut rest = name;
    while let Some(shorter) = company_ends().find_map(|end| rest.strip_suffix(end)) {
        rest = shorter;
    }
    cut(name, rest)
}

/// A village or a town without its last word: 北谷庄 of 北谷庄村.
pub(super) fn place(name: &str) -> Option<&str> {
    let rest = PLACE_ENDS.iter().find_map(|end| name.strip_suffix(end))?;
    cut(name, rest)
}

/// The rest, if something was cut off and enough is left.
fn cut<'n>(name: &str, rest: &'n str) -> Option<&'n str> {
    (rest.len() < name.len() && rest.chars().nth(SHORTEST - 1).is_some()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_where_people_cut_them() {
        for (name, short) in [
            ("苏力坦科技集团有限公司", Some("苏力坦科技")),
            ("大同煤矿", None),
            ("集团有限公司", None),
            ("", None),
        ] {
            assert_eq!(company(name), short, "{name}");
        }
        for (name, short) in [("北谷庄村", Some("北谷庄")), ("潭柘寺镇", Some("潭柘寺")), ("李村", None), ("", None)] {
            assert_eq!(place(name), short, "{name}");
        }
    }
}
