//! The answer of a search.

pub use super::align::MatchRule;
use super::request::FacetField;
use super::steps::SearchPass;
use crate::org_record::OrgRecord;

/// The answer: one page of hits, and what there is to know about all matches.
#[derive(Debug, Clone, PartialEq)]
pub struct Hits {
    /// How the query was read.
    pub query: QueryReading,
    /// The page, best first. The order is total: equal scores are told apart by static rank.
    pub hits: Vec<Hit>,
    /// How many organizations match; `None` if not asked for.
    pub total: Option<Total>,
    /// Counts by value for each facet asked for.
    pub facets: Vec<Facet>,
    /// Where the next page begins; `None` on the last page.
    pub next_cursor: Option<String>,
    /// The longest continuation of the query that all remaining answers share, if asked for and there is one.
    pub complete_to: Option<String>,
    /// The next ancestors to choose between when several hits fit equally, if asked for.
    pub choices: Vec<Choice>,
    /// The generation that answered.
    pub generation: String,
    /// The learned prior that took part ([`crate::prior`]); `None` where none is in use.
    pub prior: Option<String>,
    /// What was cut short by a budget or a cancellation, in the order of the flow; empty: nothing.
    pub truncated: Vec<Truncation>,
    /// The last pass of retrieval and ranking that it took.
    pub pass: SearchPass,
}

/// How the query was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryReading {
    /// As it was typed.
    pub raw: String,
    /// Normalized, as it is compared.
    pub normalized: String,
    /// Its parts, in typed order.
    pub parts: Vec<QueryPart>,
}

/// One part of the query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryPart {
    /// Normalized text.
    pub text: String,
    /// What it was taken for.
    pub role: PartRole,
    /// Whether the first hit matches it, in its name or on its path. Boilerplate always counts as matched.
    pub matched: bool,
}

/// What a part of a query was taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartRole {
    /// Words that nearly every name holds: 中国共产主义青年团, 共青团. They never decide the order.
    Boilerplate,
    /// The form of the organization: 委员会, 团支部. It breaks ties between otherwise equal hits.
    Form,
    /// A part of a name.
    Name,
    /// What stands around a name where it is pasted: 转入组织, 谢谢, telephone numbers. It is not matched.
    Noise,
}

impl PartRole {
    /// The role's name in answers.
    pub fn name(self) -> &'static str {
        match self {
            PartRole::Boilerplate => "boilerplate",
            PartRole::Form => "form",
            PartRole::Name => "name",
            PartRole::Noise => "noise",
        }
    }
}

/// One organization found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The organization.
    pub org: OrgRecord,
    /// How likely it is what the query describes, `0.0..=1.0`, comparable between queries: 1 for an id, an official name or
    /// an alias, from 0.98 on for a name without prefix and form word, below 0.98 for all else (a logistic curve over the
    /// weighted sum of features).
    pub score: f32,
    /// The best reason it was found for.
    pub match_reason: MatchReason,
    /// The alias or former name that the query matches, where its official name does not.
    pub matched_name: Option<MatchedName>,
    /// Where the query's characters stand in its names, and in those above where its own do not say them.
    pub highlights: Vec<Highlight>,
    /// The reasons of its rank, if asked for.
    pub explanation: Option<Explanation>,
}

/// A name other than the official one that a query matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchedName {
    /// [`HighlightField::Alias`] or [`HighlightField::FormerName`].
    pub field: HighlightField,
    /// The name as it is registered.
    pub name: String,
}

/// The best reason an organization was found for, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchReason {
    /// The query is its id.
    Id,
    /// The query is its official name.
    Exact,
    /// The query is one of its aliases.
    Alias,
    /// The query is one of its former names.
    FormerName,
    /// Its name holds the query.
    Substring,
    /// Its name holds all parts of the query, or is the name typed before a year.
    Words,
    /// Its name and the names above it hold all parts of the query.
    Path,
    /// The query is a short form of its name.
    ShortForm,
    /// The query spells it in pinyin.
    Pinyin,
    /// Its name is similar to the query.
    Corrected,
}

impl MatchReason {
    /// The reason's name in answers.
    pub fn name(self) -> &'static str {
        match self {
            MatchReason::Id => "id",
            MatchReason::Exact => "exact",
            MatchReason::Alias => "alias",
            MatchReason::FormerName => "former_name",
            MatchReason::Substring => "substring",
            MatchReason::Words => "words",
            MatchReason::Path => "path",
            MatchReason::ShortForm => "short_form",
            MatchReason::Pinyin => "pinyin",
            MatchReason::Corrected => "corrected",
        }
    }
}

/// A span of a field that the query matches. Ends are exclusive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Highlight {
    /// The field; the first alias or former name that matches is meant.
    pub field: HighlightField,
    /// Which organization above, for [`HighlightField::Path`].
    pub id: Option<String>,
    /// First character.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
    /// First UTF-16 unit, as browsers count.
    pub start_utf16: usize,
    /// One past the last UTF-16 unit.
    pub end_utf16: usize,
}

/// A field of names that can hold what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HighlightField {
    /// The official name.
    Name,
    /// One of the aliases.
    Alias,
    /// One of the former names.
    FormerName,
    /// The official name of an organization above.
    Path,
}

impl HighlightField {
    /// The field's name in answers.
    pub fn name(self) -> &'static str {
        match self {
            HighlightField::Name => "name",
            HighlightField::Alias => "alias",
            HighlightField::FormerName => "former_name",
            HighlightField::Path => "path",
        }
    }
}

/// What a budget or a cancellation cut short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Truncation {
    /// Organizations below units that hold a part of the query: more units hold it than are looked at.
    Path,
    /// Organizations that hold all parts of the query.
    Substring,
    /// Organizations that hold all its words.
    Words,
    /// Short forms, pinyin and errors.
    ShortForms,
    /// The total: it is a lower bound.
    Total,
    /// Facets and the total: they are lower bounds.
    Facets,
}

impl Truncation {
    /// The name in answers.
    pub fn name(self) -> &'static str {
        match self {
            Truncation::Path => "path",
            Truncation::Substring => "substring",
            Truncation::Words => "words",
            Truncation::ShortForms => "short_forms",
            Truncation::Total => "total",
            Truncation::Facets => "facets",
        }
    }
}

/// How many organizations match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    /// The number counted.
    pub value: u64,
    /// Whether it is exact (`eq`); otherwise there are at least so many (`gte`).
    pub exact: bool,
}

/// Counts of one field's values over all matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// The field.
    pub field: FacetField,
    /// `(value, matches)`, the most frequent first, equal counts by value.
    pub values: Vec<(String, u64)>,
}

/// An ancestor that divides hits which fit equally.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its id, to be sent as `within`.
    pub id: String,
    /// Its official name.
    pub name: String,
    /// Its official name without boilerplate and form words.
    pub short_name: String,
    /// How many of those that fit equally stand below it: all organizations of the name, where a name was typed (of one
    /// that more than 2,048 bear the closed ones as well); else those that were ranked.
    pub count: u64,
}

/// The reasons of a rank: exactly the numbers that ranked.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The class of the match, which is compared first; 0 is the best.
    pub tier: u8,
    /// The weighted sum before calibration, `0.0..=1.0`.
    pub raw: f32,
    /// Each feature with its value, its weight and what it means here.
    pub features: Vec<FeatureValue>,
    /// Which typed span matched which span of which name by which rule, in typed order.
    pub matches: Vec<TypedMatch>,
}

/// A typed span and what it was taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedMatch {
    /// As it was typed, normalized.
    pub typed: String,
    /// The organization in whose name it was found: the hit itself or one above it.
    pub org_id: String,
    /// What it stands for in that organization's normalized name; `None`: it was found in one of its other names.
    pub name: Option<String>,
    /// The rule by which it stands for that.
    pub rule: MatchRule,
}

/// One feature of a ranked organization.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureValue {
    /// The feature's name.
    pub name: &'static str,
    /// Its value: in a search `0.0..=1.0`, in a resolution `-1.0..=3.0`.
    pub value: f32,
    /// Its weight in the sum; in a resolution it may be negative.
    pub weight: f32,
}
