//! A number at the end of what is typed so far may be the beginning of one: 清华20 on the way to 清华2024级.

use super::lattice::{EdgeKind, Lattice};
use crate::text::symbols::{ClassKey, Number};

/// The last number typed, and the years and classes that begin with its digits.
#[derive(Debug)]
pub(crate) struct OpenNumber {
    /// Its node in the lattice.
    pub(crate) node: usize,
    pub(crate) weight: f32,
    /// Whether it begins a year that a class may have.
    pub(crate) begins_year: bool,
    /// For each year from [`FIRST_YEAR`] on whether it begins so.
    years: Vec<bool>,
    /// The same for each number of a class.
    classes: Vec<bool>,
}

const FIRST_YEAR: u16 = 2000;
const LAST_YEAR: u16 = 2039;
const MOST_CLASSES: u16 = 200;

impl OpenNumber {
    /// The number at the end of the query, where something stands before it.
    pub(crate) fn of(text: &str, lattice: &Lattice) -> Option<OpenNumber> {
        const LONGEST: usize = 4;
        let node = lattice.weights.len().checked_sub(1)?;
        let place = lattice.places.get(node)?;
        let is_number = lattice.edges.iter().any(|edge| {
            edge.from == node
                && matches!(edge.kind, EdgeKind::Symbol(symbol) if matches!(Number::of(symbol), Some(Number::Plain(_))))
        });
        let digits = text.get(place.clone())?;
        let is_digits = digits.len() <= LONGEST && digits.bytes().all(|byte| byte.is_ascii_digit());
        let has_name = node > 0 || !lattice.class.is_empty();
        if place.end != text.len() || !is_number || !is_digits || !has_name {
            return None;
        }
        // 01 is 1, and begins nothing else.
        let (is_whole, digits) = match digits.trim_start_matches('0') {
            rest if rest.len() < digits.len() && !rest.is_empty() => (true, rest),
            _ => (false, digits),
        };
        let begins = |number: u16| {
            let number = number.to_string();
            if is_whole { number == digits } else { number.starts_with(digits) }
        };
        // A year is typed with two or with four digits.
        let years: Vec<bool> =
            (FIRST_YEAR..=LAST_YEAR).map(|year| begins(year) || begins(year % 100)).collect();
        Some(OpenNumber {
            node,
            weight: lattice.weights[node],
            begins_year: digits.len() > 1 && lattice.class.year.is_none() && years.contains(&true),
            years,
            classes: (0..MOST_CLASSES).map(begins).collect(),
        })
    }

    /// Whether the year or the number of a class begins so.
    pub(crate) fn begins(&self, class: ClassKey) -> bool {
        let is_in = |of: &[bool], at: Option<u16>| at.and_then(|at| of.get(usize::from(at)).copied());
        let year = class.year.and_then(|year| year.checked_sub(FIRST_YEAR));
        is_in(&self.years, year) == Some(true) || is_in(&self.classes, class.class) == Some(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::SearchRequest;
    use crate::search::test_tree::with_plan;

    #[test]
    fn a_number_at_the_end_begins_years_and_classes() {
        let class = |year, class| ClassKey { year, class, grade: None };
        let rows = [
            ("清华20", class(Some(2024), None), Some(true), true),
            ("清华24", class(Some(2024), Some(3)), Some(true), true),
            ("清华2", class(Some(2024), None), Some(true), false),
            ("清华19", class(Some(2024), Some(3)), Some(false), true),
            ("清华3", class(Some(2024), Some(31)), Some(true), false),
            ("清华03", class(Some(2024), Some(3)), Some(true), false),
            ("清华03", class(Some(2024), Some(31)), Some(false), false),
            ("清华2 团委", class(Some(2024), None), None, false),
            ("20", class(Some(2024), None), None, false),
            ("清华", class(Some(2024), None), None, false),
        ];
        for (query, class, begins, begins_year) in rows {
            with_plan(&SearchRequest::new(query), |plan, _| {
                let open = plan.open_number.as_ref();
                assert_eq!(open.map(|open| open.begins(class)), begins, "{query}");
                assert_eq!(open.is_some_and(|open| open.begins_year), begins_year, "{query}");
            });
        }
    }
}
