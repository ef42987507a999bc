//! What a caller asks for.

use index_data::model::{HomeSystem, OrgKind, OrgStatus};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A search: the text as it was typed, and what narrows or shapes the answer.
///
/// ```
/// use search_core::SearchRequest;
/// let request = SearchRequest::new("北大软微24级软工1班").limit(10).within("10003350");
/// assert_eq!(request.query, "北大软微24级软工1班");
/// ```
#[derive(Debug, Clone)]
pub struct SearchRequest {
    /// The typed text, as it is. Empty text matches every organization.
    pub query: String,
    /// Hits on one page, `1..=`[`SearchRequest::MAX_LIMIT`]; larger values are lowered, 0 counts as 1.
    pub limit: usize,
    /// Continues after an earlier answer's `next_cursor`, with the same query and filters.
    pub cursor: Option<String>,
    /// Only this organization and those below it.
    pub within: Option<String>,
    /// Organizations close to this one in the tree rank higher; none is left out.
    pub near: Option<String>,
    /// The home system that the member is in: organizations of the same one rank higher; none is left out.
    pub from: Option<HomeSystem>,
    /// The region that the member is in, in the same way.
    pub from_region: Option<String>,
    /// Only these kinds; empty: all.
    pub kinds: Vec<OrgKind>,
    /// Only these home systems (inherited ones count); empty: all.
    pub systems: Vec<HomeSystem>,
    /// Only these regions (inherited ones count); empty: all.
    pub regions: Vec<String>,
    /// Only these statuses; empty: all.
    pub statuses: Vec<OrgStatus>,
    /// Whether an organization whose id or official name is typed is found whatever its status: who types the whole
    /// name of a merged organization is to learn that it is merged.
    pub exact_of_any_status: bool,
    /// Which facets to count.
    pub facets: Vec<FacetField>,
    /// Whether to count all matches. Costs time on broad queries.
    pub count_total: bool,
    /// Whether to say what to type next: [`crate::Hits::complete_to`] and [`crate::Hits::choices`].
    pub suggest_next: bool,
    /// Whether hits carry highlights.
    pub highlight: bool,
    /// Whether hits carry the reasons of their rank.
    pub explain: bool,
    /// Whether a query that fits nothing as it is may be corrected (homophones, similar shapes). A query that fits
    /// something is never corrected.
    pub correct: bool,
    /// Whether the text may go on: a number at its end may be the beginning of a longer one (1 of 13班).
    pub unfinished: bool,
    /// Whether to look for more where organizations bear the literal text as their name: others may be named so by their
    /// path.
    pub beyond_names: bool,
    /// The most work that the search may do.
    pub budget: Budget,
    /// Set from outside to end the search early; the answer then names what was cut in `truncated`.
    pub cancel: Option<Arc<AtomicBool>>,
}

impl SearchRequest {
    /// The largest page.
    pub const MAX_LIMIT: usize = 1_000;

    /// The first ten hits of all organizations, with highlights and a total.
    pub fn new(query: impl Into<String>) -> Self {
        SearchRequest {
            query: query.into(),
            limit: 10,
            cursor: None,
            within: None,
            near: None,
            from: None,
            from_region: None,
            kinds: Vec::new(),
            systems: Vec::new(),
            regions: Vec::new(),
            statuses: Vec::new(),
            exact_of_any_status: false,
            facets: Vec::new(),
            count_total: true,
            suggest_next: false,
            highlight: true,
            explain: false,
            correct: true,
            unfinished: true,
            beyond_names: false,
            budget: Budget::SEARCH,
            cancel: None,
        }
    }

    /// What a form asks at each keystroke: active organizations and what is typed exactly, no total, what to type next, the small budget.
    pub fn autocomplete(query: impl Into<String>) -> Self {
        SearchRequest {
            statuses: vec![OrgStatus::Active],
            exact_of_any_status: true,
            count_total: false,
            suggest_next: true,
            budget: Budget::AUTOCOMPLETE,
            ..SearchRequest::new(query)
        }
    }

    /// Sets the hits on one page.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Continues after an earlier answer.
    #[must_use]
    pub fn cursor(mut self, cursor: impl Into<String>) -> Self {
        self.cursor = Some(cursor.into());
        self
    }

    /// Keeps to the subtree of this organization.
    #[must_use]
    pub fn within(mut self, id: impl Into<String>) -> Self {
        self.within = Some(id.into());
        self
    }

    /// Raises organizations close to this one.
    #[must_use]
    pub fn near(mut self, id: impl Into<String>) -> Self {
        self.near = Some(id.into());
        self
    }

    /// Asks for the reasons of each rank.
    #[must_use]
    pub fn explain(mut self) -> Self {
        self.explain = true;
        self
    }

    pub(crate) fn page_len(&self) -> usize {
        self.limit.clamp(1, Self::MAX_LIMIT)
    }
}

/// How much work a search may do, in steps that do not depend on the machine: the same request on the same
/// generation gives the same answer everywhere. One step is one posting visited or one name compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Matches collected, in static order, to be ranked. Further matches follow on later pages in static order.
    pub ranked_matches: usize,
    /// Steps for finding matches.
    pub retrieve_steps: usize,
    /// Steps for finding short forms, pinyin and errors: one is one unit that holds a pair of sounds, or one
    /// organization looked at below such a unit.
    pub unit_steps: usize,
    /// Steps for counting totals and facets, once the page is made. Here one step is one posting decoded or one match
    /// told by its kind, system and region, about a nanosecond; a name compared takes 64. When they are spent, totals
    /// and facets are lower bounds.
    pub count_steps: usize,
}

impl Budget {
    /// For a results page.
    pub const SEARCH: Budget =
        Budget { ranked_matches: 200, retrieve_steps: 2_000_000, unit_steps: 60_000, count_steps: 3_000_000 };
    /// For a keystroke.
    pub const AUTOCOMPLETE: Budget =
        Budget { ranked_matches: 60, retrieve_steps: 200_000, unit_steps: 40_000, count_steps: 0 };
    /// For a record that is resolved: nobody waits for the tenth hit.
    pub const RESOLVE: Budget =
        Budget { ranked_matches: 60, retrieve_steps: 100_000, unit_steps: 12_000, count_steps: 0 };
}

/// A field whose values can be counted over all matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FacetField {
    /// Kinds.
    Kind,
    /// Home systems, inherited ones counted.
    System,
    /// Regions, inherited ones counted.
    Region,
}

impl FacetField {
    /// All fields.
    pub const ALL: [FacetField; 3] = [FacetField::Kind, FacetField::System, FacetField::Region];

    /// The field's name in requests and answers.
    pub fn name(self) -> &'static str {
        match self {
            FacetField::Kind => "kind",
            FacetField::System => "system",
            FacetField::Region => "region",
        }
    }

    /// Reads a field's name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }
}
