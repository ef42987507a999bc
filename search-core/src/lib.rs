//! Text in, organizations out: the engine of orgsearch.
//!
//! Synchronous, `Send + Sync`, deterministic; knows no HTTP, no clock, no environment and no file format.
//!
//! ```
//! use index_data::load::SourceRow;
//! use index_data::validate::validate_rows;
//! use search_core::{Engine, MatchReason, SearchRequest};
//!
//! let row = |id: &str, name: &str, parent: &str| SourceRow {
//!     id: id.into(), name: name.into(), parent_id: parent.into(), ..SourceRow::default()
//! };
//! let checked = validate_rows([
//!     row("1", "中国共产主义青年团北京市委员会", ""),
//!     row("2", "中国共产主义青年团北京市海淀区委员会", "1"),
//!     row("3", "中国共产主义青年团北京市海淀区中关村街道工作委员会", "2"),
//!     row("4", "科春社区团支部", "3"),
//!     row("5", "中国共产主义青年团北京大学委员会", "1"),
//! ]);
//! let engine = Engine::in_memory(checked.tree.expect("valid rows"))?;
//!
//! let hits = engine.search(&SearchRequest::new("海淀 中关村 科春社区").explain())?;
//! let first = &hits.hits[0];
//! assert_eq!((first.org.id.as_str(), first.match_reason), ("4", MatchReason::Path));
//! let coverage = &first.explanation.as_ref().unwrap().features[0];
//! assert_eq!((coverage.name, coverage.value), ("coverage", 1.0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Three flows, one readable page each: `search/mod.rs`, `resolve/mod.rs` and `reindex.rs`. Start at [`Engine`].

mod engine;
mod generation_info;
mod lookup;
mod number_hash;
mod org_record;
mod sealed;

pub mod changes;
pub mod difference;
pub mod gate;
mod live;
mod reindex;
pub mod resolve;
pub mod search;

pub mod prior;

mod index;
mod text;

mod error;

#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;

pub use difference::Difference;
pub use engine::{Engine, Reindexed, ValueField};
pub use error::{EngineError, Refused, SearchError};
pub use gate::{Gate, GateLimits, GateOutcome, GateReport, GoldenQuery};
pub use generation_info::{GenerationFile, GenerationInfo};
pub use lookup::{Child, Children, ChildrenRequest, ClassName, CurrentOrg, Lead, OrgExplanation};
pub use org_record::{OrgRecord, PathStep};
pub use reindex::{EachChange, Rehearsed, ReindexOptions, ReindexProgress, ReindexStep};
pub use resolve::{Decision, Record, Resolution, ResolveOptions, Resolver};
pub use sealed::{GenerationFormat, SealedGeneration};
pub use search::{
    Budget, Choice, Explanation, Facet, FacetField, FeatureValue, Highlight, HighlightField, Hit, Hits,
    MatchReason, MatchRule, MatchedName, PartRole, QueryPart, QueryReading, SearchPass, SearchRequest,
    SearchStep, Total, Truncation, TypedMatch,
};
pub use text::normalize::normalize;
