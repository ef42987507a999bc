//! Settings of the server: one struct for each area, each field with its variable and its default.
//!
//! The command line reads flags and variables and fills these structs; nothing below it looks at the environment.

mod admin;
mod bind;
mod building;
mod connections;
mod feedback;
mod follow;
mod gate;
mod index;
mod limits;
mod publish;
mod telemetry;
mod web;

pub use admin::{AdminKey, AdminSettings};
pub use bind::BindSettings;
pub use building::BuildingSettings;
pub use connections::ConnectionSettings;
pub use feedback::FeedbackSettings;
pub use follow::FollowSettings;
pub use gate::GateSettings;
pub use index::IndexSettings;
pub use limits::LimitSettings;
pub use publish::{Acknowledgement, PublishSettings};
pub use telemetry::{LogFormat, TelemetrySettings};
pub(crate) use web::is_authority;
pub use web::{AllowedOrigin, Contact, PublicUrl, WebSettings};

/// All settings of [`crate::serve`].
#[derive(Debug, Clone, Default)]
pub struct ServeSettings {
    /// Where to listen, and how to stop.
    pub bind: BindSettings,
    /// How many connections there may be, and how long they wait.
    pub connections: ConnectionSettings,
    /// What a request may cost.
    pub limits: LimitSettings,
    /// What a new tree has to pass.
    pub gate: GateSettings,
    /// Where the index lives on disk.
    pub index: IndexSettings,
    /// How generations are built beside the searches.
    pub building: BuildingSettings,
    /// Which store it comes from, if it comes from one.
    pub follow: FollowSettings,
    /// Which store it goes to, if the server publishes.
    pub publish: PublishSettings,
    /// Who may change the index.
    pub admin: AdminSettings,
    /// What pages in browsers see of the server.
    pub web: WebSettings,
    /// Whether choices are written down.
    pub feedback: FeedbackSettings,
    /// What is logged, and how.
    pub telemetry: TelemetrySettings,
}
