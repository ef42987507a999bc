//! One change of one organization.

use std::borrow::Cow;

/// How an organization changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChangeKind {
    /// Its id is new.
    Added,
    /// Its id is gone.
    Removed,
    /// It has another official name.
    Renamed,
    /// It stands below another organization.
    Moved,
    /// It has another status.
    Status,
    /// It has other aliases, or the same in another order.
    Aliases,
}

impl ChangeKind {
    /// All kinds, in the order in which they are told.
    pub const ALL: [ChangeKind; 6] = [
        ChangeKind::Added,
        ChangeKind::Removed,
        ChangeKind::Renamed,
        ChangeKind::Moved,
        ChangeKind::Status,
        ChangeKind::Aliases,
    ];

    /// The stable name in JSON and CSV.
    pub fn name(self) -> &'static str {
        match self {
            ChangeKind::Added => "added",
            ChangeKind::Removed => "removed",
            ChangeKind::Renamed => "renamed",
            ChangeKind::Moved => "moved",
            ChangeKind::Status => "status",
            ChangeKind::Aliases => "aliases",
        }
    }
}

/// The kinds of one change: several, unless an organization came or left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChangeKinds(u8);

impl ChangeKinds {
    /// These kinds.
    pub fn of(kinds: impl IntoIterator<Item = ChangeKind>) -> Self {
        ChangeKinds(kinds.into_iter().fold(0, |bits, kind| bits | bit(kind)))
    }

    /// The same with one more, if `is` holds.
    pub(crate) fn with_if(self, kind: ChangeKind, is: bool) -> Self {
        if is { ChangeKinds(self.0 | bit(kind)) } else { self }
    }

    /// Whether this is one of them.
    pub fn has(self, kind: ChangeKind) -> bool {
        self.0 & bit(kind) != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The kinds, in the order of [`ChangeKind::ALL`].
    pub fn iter(self) -> impl Iterator<Item = ChangeKind> {
        ChangeKind::ALL.into_iter().filter(move |&kind| self.has(kind))
    }
}

fn bit(kind: ChangeKind) -> u8 {
    1 << kind as u8
}

/// What an organization was or is, as far as changes are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgState<'a> {
    /// Its official name.
    pub name: Cow<'a, str>,
    /// The organization above it; `None` for a root.
    pub parent_id: Option<Cow<'a, str>>,
    /// The code of its status.
    pub status: Cow<'a, str>,
    /// Its other names.
    pub aliases: Vec<String>,
    /// The code of its kind; empty if the row says none.
    pub kind: Cow<'a, str>,
    /// Its region, own or inherited; empty if none is known.
    pub region: Cow<'a, str>,
}

impl OrgState<'_> {
    /// The same, with its texts.
    pub fn into_owned(self) -> OrgState<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        OrgState {
            name: owned(self.name),
            parent_id: self.parent_id.map(owned),
            status: owned(self.status),
            aliases: self.aliases,
            kind: owned(self.kind),
            region: owned(self.region),
        }
    }
}

/// What became of one organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change<'a> {
    /// Its id.
    pub id: Cow<'a, str>,
    /// How it changed; never empty.
    pub kinds: ChangeKinds,
    /// What it was; `None` if it was added.
    pub before: Option<OrgState<'a>>,
    /// What it is; `None` if it was removed.
    pub after: Option<OrgState<'a>>,
}

impl Change<'_> {
    /// The same, with its texts.
    pub fn into_owned(self) -> Change<'static> {
        Change {
            id: Cow::Owned(self.id.into_owned()),
            kinds: self.kinds,
            before: self.before.map(OrgState::into_owned),
            after: self.after.map(OrgState::into_owned),
        }
    }
}

/// How many organizations changed in each way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChangeCounts([u64; ChangeKind::ALL.len()]);

impl ChangeCounts {
    /// How many changed in this way.
    pub fn get(&self, kind: ChangeKind) -> u64 {
        self.0[kind as usize]
    }

    pub(crate) fn add(&mut self, kinds: ChangeKinds) {
        for kind in kinds.iter() {
            self.0[kind as usize] += 1;
        }
    }

    pub(crate) fn add_all(&mut self, other: &ChangeCounts) {
        self.0.iter_mut().zip(other.0).for_each(|(count, more)| *count += more);
    }

    /// All of them together; an organization that changed in two ways counts twice.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}
