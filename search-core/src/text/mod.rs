//! Text as the engine sees it, shared by both flows: what is done to a name is done to a query.

pub(crate) mod normalize;

pub(crate) mod forms;
pub(crate) mod segment;

pub(crate) mod analyzers;
