//! Whether year, class and grade are those typed.

use super::candidate::share;
use crate::search::tuning::feature::CLASS_NOT_NAMED;
use crate::text::symbols::ClassKey;

/// How a class typed agrees with the class of an organization.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ClassAgreement {
    /// Years, classes and grades that are the same.
    pub(super) agreed: f32,
    /// 1 if all typed are the same or none is typed; less where one is not named, 0 where all are others.
    pub(super) score: f32,
}

pub(super) fn agreement(typed: ClassKey, named: ClassKey) -> ClassAgreement {
    let (mut wanted, mut agreed, mut score) = (0.0f32, 0.0, 0.0);
    let mut compare = |is_typed: bool, is_named: bool, is_same: bool| {
        if is_typed {
            wanted += 1.0;
            agreed += f32::from(u8::from(is_same));
            score += match (is_same, is_named) {
                (true, _) => 1.0,
                (false, true) => 0.0,
                (false, false) => CLASS_NOT_NAMED,
            };
        }
    };
    compare(typed.year.is_some(), named.year.is_some(), typed.year == named.year);
    compare(typed.class.is_some(), named.class.is_some(), typed.class == named.class);
    compare(typed.grade.is_some(), named.grade.is_some(), typed.grade == named.grade);
    ClassAgreement { agreed, score: share(score, wanted) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_class_is_worse_than_none() {
        let class = |year, class| ClassKey { year, class, grade: None };
        let rows = [
            (class(None, None), class(Some(2024), Some(1)), 0.0, 1.0),
            (class(Some(2024), Some(1)), class(Some(2024), Some(1)), 2.0, 1.0),
            (class(Some(2024), Some(1)), class(Some(2024), None), 1.0, (1.0 + CLASS_NOT_NAMED) / 2.0),
            (class(Some(2024), Some(1)), class(Some(2024), Some(2)), 1.0, 0.5),
            (class(Some(2024), None), class(Some(2023), None), 0.0, 0.0),
        ];
        for (typed, named, agreed, score) in rows {
            assert_eq!(agreement(typed, named), ClassAgreement { agreed, score }, "{typed:?} {named:?}");
        }
    }
}
