//! The same tree after the summer: every fourth leaf has left, and another one stands in its place.

use super::classes::NEWEST_YEAR;
use super::rng::{Purpose, Rng};
use super::rows::{self, Spot};
use super::tree::Tree;
use crate::load::SourceRow;

/// How many of a thousand leaves are replaced: as many as leave school in a year.
pub const AUTUMN_PERMILLE: u64 = 250;

/// The ids of what is new begin here, above those of any tree.
const NEW_IDS: u64 = 50_000_001;

/// Puts another leaf in the place of this one, if it is one that leaves. `number` is that of its row.
pub(super) fn replace(tree: &Tree, row: &mut SourceRow, number: u64) {
    if leaves(tree, number) {
        row.id = new_id(number);
        row.name = of_newest_year(&row.name);
        row.former_names.clear();
    }
    // Where its members went may have left as well.
    if let Some(successor) = rows::number(&row.successor_id).filter(|&successor| leaves(tree, successor)) {
        row.successor_id = new_id(successor);
    }
}

fn leaves(tree: &Tree, number: u64) -> bool {
    let is_leaf = Spot::of_row(tree, number).is_some_and(|spot| spot.leaf.is_some());
    is_leaf && Rng::at(tree.seed, Purpose::Autumn, number).permille(AUTUMN_PERMILLE)
}

fn new_id(number: u64) -> String {
    (NEW_IDS + number).to_string()
}

/// 2021级1班 becomes 2026级1班; a name without a year stays.
fn of_newest_year(name: &str) -> String {
    const YEAR_BYTES: usize = 4;
    let years =
        name.match_indices("20").filter_map(|(at, _)| name.get(at..at + YEAR_BYTES).map(|year| (at, year)));
    let mut years = years.filter(|(_, year)| year.bytes().all(|byte| byte.is_ascii_digit()));
    match years.next() {
        Some((at, _)) => format!("{}{}{}", &name[..at], NEWEST_YEAR + 1, &name[at + YEAR_BYTES..]),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_of_four_digits_becomes_the_newest() {
        for (name, later) in [
            ("2021级软件工程1班团支部", "2026级软件工程1班团支部"),
            ("软件2101班", "软件2101班"),
            ("软件20班", "软件20班"),
            ("和平村团支部", "和平村团支部"),
        ] {
            assert_eq!(of_newest_year(name), later);
        }
    }
}
