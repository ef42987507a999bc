//! The names of the steps and passes of a search, for spans, metrics, logs and documents.

/// The steps of the flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SearchStep {
    /// One spelling for characters that mean the same.
    Normalize,
    /// Parts of the query and what each is taken for.
    Interpret,
    /// Readings, filters and budgets.
    Plan,
    /// Candidates from all legs.
    Retrieve,
    /// Features, scores, order.
    Rank,
    /// One page of hits.
    Present,
}

impl SearchStep {
    /// All steps in order.
    pub const ALL: [SearchStep; 6] = [
        SearchStep::Normalize,
        SearchStep::Interpret,
        SearchStep::Plan,
        SearchStep::Retrieve,
        SearchStep::Rank,
        SearchStep::Present,
    ];

    /// The step's name.
    pub fn name(self) -> &'static str {
        match self {
            SearchStep::Normalize => "normalize",
            SearchStep::Interpret => "interpret",
            SearchStep::Plan => "plan",
            SearchStep::Retrieve => "retrieve",
            SearchStep::Rank => "rank",
            SearchStep::Present => "present",
        }
    }
}

/// The passes of retrieval and ranking, the strictest and cheapest first. Which of them was the last says how hard a
/// query was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SearchPass {
    /// Names that hold the literal text.
    Verbatim,
    /// What the text may be short for, pinyin, parts in any order.
    ShortForms,
    /// The same characters with two transposed or one duplicated.
    Transposed,
    /// The candidates found so far, meant by what sounds or looks similar.
    Similar,
    /// Further candidates that sound or look similar, share words, or share most of the text.
    Deep,
}

impl SearchPass {
    /// The pass's name in logs.
    pub fn name(self) -> &'static str {
        match self {
            SearchPass::Verbatim => "verbatim",
            SearchPass::ShortForms => "short_forms",
            SearchPass::Transposed => "transposed",
            SearchPass::Similar => "similar",
            SearchPass::Deep => "deep",
        }
    }
}
