//! Members below the units of the base, and the newest year of its classes: what the priors of an overlay follow from.

use crate::index::prior::{aged, members_of, newest_year, prior};
use crate::index::records::SegmentRecords;
use crate::text::symbols::ClassKey;
use index_data::model::{LevelOrder, Ordinal};

/// Worked out once for a generation, when it is changed for the first time.
#[derive(Debug)]
pub(crate) struct BaseMembers {
    /// For each unit the sum over its children.
    of_children: Vec<u64>,
    newest_year: Option<u16>,
}

impl BaseMembers {
    pub(crate) fn of(base: &SegmentRecords) -> BaseMembers {
        let classes = (0..base.len()).map(|ordinal| ClassKey::unpack(base.view_codes(ordinal).1));
        let mut members = BaseMembers {
            of_children: vec![0; base.words().inner_count as usize],
            newest_year: newest_year(classes),
        };
        // A parent's ordinal is smaller than its children's.
        for ordinal in (0..base.len()).rev() {
            let own = members.below(base, ordinal);
            if let Some(sum) =
                base.parent(ordinal).and_then(|above| members.of_children.get_mut(above as usize))
            {
                *sum = sum.saturating_add(own);
            }
        }
        members
    }

    /// The newest year of the classes of the base.
    pub(crate) fn newest_year(&self) -> Option<u16> {
        self.newest_year
    }

    /// The sum over the children of a unit; `None` for a leaf.
    pub(super) fn of_children(&self, base: &SegmentRecords, ordinal: Ordinal) -> Option<u64> {
        let sum = self.of_children.get(ordinal as usize).copied();
        sum.filter(|_| base.hierarchy().is_unit(ordinal))
    }

    /// Members at an organization and below it.
    pub(super) fn below(&self, base: &SegmentRecords, ordinal: Ordinal) -> u64 {
        members_of(base.members(ordinal), self.of_children(base, ordinal))
    }

    /// The prior of an organization of the base with so many members at it and below it.
    pub(super) fn prior(&self, base: &SegmentRecords, ordinal: Ordinal, members: u64) -> u8 {
        let class = ClassKey::unpack(base.view_codes(ordinal).1);
        aged(prior(members, base.kind(ordinal).as_ref()), class, self.newest_year)
    }
}
