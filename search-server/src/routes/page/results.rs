//! What the page shows.

use crate::routes::search::Found;
use search_core::{CurrentOrg, Hits, OrgRecord};

/// What there is to show.
pub(super) enum Results {
    /// What was found, and the organization it was looked for in.
    Found { found: Box<Found<Hits>>, within: Option<Box<OrgRecord>> },
    /// The organization chosen, or its successor.
    Chosen(Box<CurrentOrg>),
}
