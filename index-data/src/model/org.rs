//! One organization: its kind, home system, status and the record that holds them all.

use std::fmt;

/// Defines an open vocabulary: known values with their export spelling, and `Other` for what is kept as it is.
macro_rules! open_vocabulary {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal, $export:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A value outside the contract, kept letter for letter.
            Other(String),
        }

        impl $name {
            /// The known values in their contract order.
            pub const KNOWN: &'static [$name] = &[$($name::$variant),+];

            /// Reads a code (`snake_case`) or its export spelling; anything else is kept as [`Self::Other`].
            pub fn parse(text: &str) -> Self {
                match text {
                    $($code | $export => $name::$variant,)+
                    other => $name::Other(other.to_owned()),
                }
            }

            /// The stable code used in JSON, in filters and on the command line.
            pub fn code(&self) -> &str {
                match self {
                    $($name::$variant => $code,)+
                    $name::Other(text) => text,
                }
            }

            /// The spelling of the national export (Chinese); the text itself for [`Self::Other`].
            pub fn export_spelling(&self) -> &str {
                match self {
                    $($name::$variant => $export,)+
                    $name::Other(text) => text,
                }
            }

            /// Whether the value is one of the contract's own.
            pub fn is_known(&self) -> bool {
                !matches!(self, $name::Other(_))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}

open_vocabulary! {
    /// What a league organization is. It is a fact of the record, not of its name: rows named …总支部委员会 are
    /// exported as 团支部, so a form word in a name never sets the kind.
    OrgKind {
        /// A leading body: the committee of a division (省委, 市委, 区委).
        LeadingBody = "leading_body", "领导机关";
        /// A grassroots committee.
        Committee = "committee", "团委";
        /// A work committee, as streets and zones have.
        WorkCommittee = "work_committee", "团工委";
        /// A general branch: several branches under one roof.
        GeneralBranch = "general_branch", "团总支";
        /// A branch: a class, a village, a shop.
        Branch = "branch", "团支部";
    }
}

open_vocabulary! {
    /// The system that keeps an organization's records. Inherited down the tree unless a row sets it.
    HomeSystem {
        /// 智慧团建, the national system.
        Zhtj = "zhtj", "智慧团建";
        /// 北京共青团线上系统.
        Beijing = "beijing", "北京共青团线上系统";
        /// 广东智慧团建.
        Guangdong = "guangdong", "广东智慧团建";
        /// 福建共青团系统.
        Fujian = "fujian", "福建共青团系统";
    }
}

open_vocabulary! {
    /// Whether members can still move into an organization. Only [`Self::Active`] ones are offered while typing;
    /// an unknown word counts as not active, so that nobody is led into an organization that may be gone.
    OrgStatus {
        /// In use.
        Active = "active", "正常";
        /// A class that has left school.
        Graduated = "graduated", "毕业";
        /// Closed for good.
        Closed = "closed", "已撤销";
        /// Merged into its successor.
        Merged = "merged", "已合并";
    }
}

/// One organization, all fields owned: what a valid row says, and what a tree gives back for one ordinal.
///
/// `kind`, `system` and `region` are what the row itself says; `None` means "not said", and for `system` and
/// `region` that the nearest ancestor's value holds (see [`crate::model::OrgTree::system`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgUnit {
    /// Unique in its tree, never empty.
    pub id: String,
    /// The official name, as registered. Never empty.
    pub name: String,
    /// The organization above; `None` for a root.
    pub parent_id: Option<String>,
    /// What it is.
    pub kind: Option<OrgKind>,
    /// The system that keeps its records, if this row sets it.
    pub system: Option<HomeSystem>,
    /// The province-level region, if this row sets it.
    pub region: Option<String>,
    /// Members in the whole subtree, as the export states them.
    pub members: Option<u32>,
    /// Whether it is in use.
    pub status: OrgStatus,
    /// Other names in use.
    pub aliases: Vec<String>,
    /// Names it had before.
    pub former_names: Vec<String>,
    /// Where its members went when it was closed or merged.
    pub successor_id: Option<String>,
    /// Every other column of the row: `(column, value)`, empty values left out.
    pub attributes: Vec<(String, String)>,
}

impl OrgUnit {
    /// An active organization with an id and a name and nothing else said.
    ///
    /// ```
    /// use index_data::model::OrgUnit;
    /// let mut branch = OrgUnit::new("7", "2024级软件工程1班团支部");
    /// branch.parent_id = Some("3".into());
    /// assert_eq!(branch.status.code(), "active");
    /// ```
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        OrgUnit {
            id: id.into(),
            name: name.into(),
            parent_id: None,
            kind: None,
            system: None,
            region: None,
            members: None,
            status: OrgStatus::Active,
            aliases: Vec::new(),
            former_names: Vec::new(),
            successor_id: None,
            attributes: Vec::new(),
        }
    }
}
