//! The outside world of orgsearch: HTTP, command line, jobs, clock and environment. It decides no score.
//!
//! - [`build_app`] makes the service from an [`AppState`]; [`serve()`] listens, warms up and stops in order.
//! - `router.rs` lists every route; `routes/` reads, `admin/` changes; `json/` is what they and `--json` answer.
//! - `middleware/` holds one file for each layer; `error.rs` and its table turn errors into problem documents.
//! - `pool/` keeps the synchronous engine within its limits; `jobs/` runs one reindex or compaction at a time; `feedback/` writes
//!   choices down.
//! - `replica/` carries generations and batches of changes to and from an object store; `publish_store.rs` puts there what
//!   goes live, `follow_store.rs` serves what comes from there.
//! - [`config`] has one struct of settings for each area; the command line fills them.

pub mod cli;

pub mod config;
mod state;

mod router;

mod connections;
mod difference_csv;
mod follow;
mod follow_store;
mod golden;
mod json;
mod openapi;
mod publish_store;
mod replica;
mod scrub;
mod serve;
mod since;

mod admin;
mod compaction;
mod middleware;
mod routes;

mod clients;
mod feedback;
mod jobs;
mod lead;
mod pool;
mod priority;
mod random_id;
mod readiness;
mod resolve_trace;
mod search_trace;
mod step_times;

#[cfg(test)]
mod interleavings;

pub mod error;
pub mod language;
pub mod telemetry;

pub use config::{
    Acknowledgement, AdminKey, AdminSettings, AllowedOrigin, BindSettings, BuildingSettings,
    ConnectionSettings, Contact, FeedbackSettings, FollowSettings, GateSettings, IndexSettings,
    LimitSettings, LogFormat, PublicUrl, PublishSettings, ServeSettings, TelemetrySettings, WebSettings,
};
pub use priority::Priority;
pub use replica::StoreAddress;
pub use router::build_app;
pub use serve::{ServeError, Server, serve};
pub use state::AppState;
