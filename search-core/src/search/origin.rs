//! Where the member is: what is close to it in the tree, or usual for its system and region, is preferred.

use super::request::SearchRequest;
use crate::error::SearchError;
use crate::index::codes::Codes;
use crate::index::layers::Records;
use crate::index::prior::PRIOR_OF_ALL;
use index_data::model::Ordinal;

/// What a request says of the member, compiled for one snapshot.
#[derive(Debug, Default)]
pub(crate) struct Origin {
    /// The organization asked for with `near`, then those above it.
    near: Vec<Ordinal>,
    /// The code of the home system; `None` where none is asked for or none has it.
    system: Option<u16>,
    region: Option<u16>,
}

impl Origin {
    /// # Errors
    /// [`SearchError::UnknownOrg`] if `near` names no organization.
    pub(crate) fn new(request: &SearchRequest, records: &Records) -> Result<Origin, SearchError> {
        let mut near = Vec::new();
        if let Some(id) = &request.near {
            let found = records.find_id(id).ok_or_else(|| SearchError::UnknownOrg { id: id.clone() })?;
            near.push(found);
            near.extend(records.ancestors(found));
        }
        let code = |words: &[String], wanted: Option<&str>| {
            let at = wanted.and_then(|wanted| words.iter().position(|word| word == wanted));
            at.and_then(|at| u16::try_from(at + 1).ok())
        };
        let words = records.words();
        Ok(Origin {
            near,
            system: code(&words.systems, request.from.as_ref().map(|system| system.code())),
            region: code(&words.regions, request.from_region.as_deref()),
        })
    }

    /// The organizations around which candidates are looked for: the one asked for, and its parent.
    pub(crate) fn around(&self) -> &[Ordinal] {
        &self.near[..self.near.len().min(2)]
    }

    /// How close an organization is: 1 below the one asked for, else the less the more people there are below the
    /// nearest organization above both; 0 where there is none. `None`: nothing was asked for.
    pub(crate) fn nearness(&self, ordinal: Ordinal, records: &Records) -> Option<f32> {
        let (&near, _) = self.near.split_first()?;
        let mut above = std::iter::once(ordinal).chain(records.ancestors(ordinal));
        let Some(shared) = above.find(|ordinal| self.near.contains(ordinal)) else { return Some(0.0) };
        let narrowness = |ordinal| PRIOR_OF_ALL.saturating_sub(records.prior(ordinal)).max(1);
        Some((f32::from(narrowness(shared)) / f32::from(narrowness(near))).min(1.0))
    }

    /// The share of home system and region that are the member's; `None`: neither was asked for.
    /// `codes` are read only if one was.
    pub(crate) fn usual(&self, codes: impl FnOnce() -> Codes) -> Option<f32> {
        let asked = [self.system, self.region].iter().flatten().count();
        if asked == 0 {
            return None;
        }
        let codes = codes();
        let same = [(self.system, codes.system), (self.region, codes.region)];
        let agreed = same.iter().filter(|(wanted, own)| *wanted == Some(*own)).count();
        Some(agreed as f32 / asked as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::test_tree::{error_of, with_plan};

    #[test]
    fn the_nearer_one_has_the_smaller_organization_above_both() {
        with_plan(&SearchRequest::new("").near("12"), |plan, snapshot| {
            let records = &snapshot.records;
            let find = |id: &str| records.find_id(id).expect("it is in the tree");
            assert_eq!(plan.origin.around(), [find("12"), find("11")]);
            let nearness = |id| plan.origin.nearness(find(id), records).expect("it was asked for");
            assert_eq!((nearness("12"), nearness("13")), (1.0, 1.0));
            let further = ["13", "11", "15", "41"].map(nearness);
            assert!(further.is_sorted_by(|a, b| a >= b) && further[3] < further[2], "{further:?}");
        });
        with_plan(&SearchRequest::new(""), |plan, snapshot| {
            assert_eq!(plan.origin.nearness(0, &snapshot.records), None);
            assert_eq!(plan.origin.usual(|| snapshot.records.codes(0)), None);
        });
        assert!(
            matches!(error_of(&SearchRequest::new("").near("99")), SearchError::UnknownOrg { id } if id == "99")
        );
    }

    #[test]
    fn what_is_usual_has_the_system_and_the_region_of_the_member() {
        let codes = |system, region| Codes { kind: 0, system, region, status: 0 };
        let origin = |system, region| Origin { near: Vec::new(), system, region };
        for (origin, codes, expected) in [
            (origin(Some(1), None), codes(1, 5), Some(1.0)),
            (origin(Some(1), None), codes(2, 5), Some(0.0)),
            (origin(Some(1), Some(4)), codes(1, 5), Some(0.5)),
            (origin(None, None), codes(1, 5), None),
        ] {
            assert_eq!(origin.usual(|| codes), expected, "{codes:?}");
        }
    }
}
