//! What the page shows.

use crate::routes::search::Found;
use search_core::{Children, CurrentOrg, Hits, OrgRecord};
use std::sync::Arc;

/// What there is to show.
pub(super) enum Results {
    /// Nothing was asked yet: texts to begin with.
    Nothing { examples: Arc<Vec<String>> },
    /// What was found, and the organization it was looked for in.
    Found { found: Box<Found<Hits>>, within: Option<Box<OrgRecord>> },
    /// The organization chosen, or its successor, and a page of what is directly below it.
    Chosen { chosen: Box<CurrentOrg>, below: Children },
}
