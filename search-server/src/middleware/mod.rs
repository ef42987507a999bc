//! The layers around every handler, the outermost first, and the one around the admin routes.

pub(crate) mod request_id;

pub(crate) mod trace;

pub(crate) mod security_headers;

pub(crate) mod problems;

pub(crate) mod panic;

pub(crate) mod admin_key;
pub(crate) mod cors;
pub(crate) mod replica;

pub(crate) mod rate_limit;
