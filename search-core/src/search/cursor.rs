//! Where the next page begins.

use super::request::SearchRequest;
use crate::error::SearchError;

/// A place in the order of all matches: first the ranked head, then further bearers of the name typed, then all other
/// matches. The last two come in static order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// After so many ranked hits.
    Head(usize),
    /// At the first bearer of the typed name from this ordinal on that is not in the head.
    Equal(u32),
    /// At the first other match from this ordinal on that is not in the head.
    Tail(u32),
}

const VERSION: &str = "1";

/// Writes a place as the text a client hands back.
pub(crate) fn write(place: Place, generation: &str, request: &SearchRequest) -> String {
    let (part, number) = match place {
        Place::Head(count) => ("h", count as u64),
        Place::Equal(ordinal) => ("e", u64::from(ordinal)),
        Place::Tail(ordinal) => ("t", u64::from(ordinal)),
    };
    format!("{VERSION}.{generation}.{:016x}.{part}{number}", request_digest(request))
}

/// What the generation was called that wrote a cursor, as far as it is one.
pub(crate) fn version_of(cursor: &str) -> Option<&str> {
    cursor.strip_prefix(VERSION)?.strip_prefix('.')?.split('.').next()
}

/// Reads a place back.
///
/// # Errors
/// [`SearchError::StaleCursor`] if another generation wrote it, [`SearchError::InvalidCursor`] if it belongs to
/// another request or cannot be read.
pub(crate) fn read(cursor: &str, generation: &str, request: &SearchRequest) -> Result<Place, SearchError> {
    let mut fields = cursor.split('.');
    let (version, from, digest, place) = (fields.next(), fields.next(), fields.next(), fields.next());
    let (Some(VERSION), Some(from), Some(digest), Some(place), None) =
        (version, from, digest, place, fields.next())
    else {
        return Err(SearchError::InvalidCursor);
    };
    if from != generation {
        return Err(SearchError::StaleCursor);
    }
    if u64::from_str_radix(digest, 16) != Ok(request_digest(request)) {
        return Err(SearchError::InvalidCursor);
    }
    let number = |digits: &str| digits.parse::<u32>().map_err(|_| SearchError::InvalidCursor);
    match place.split_at_checked(1) {
        Some(("h", digits)) => Ok(Place::Head(number(digits)? as usize)),
        Some(("e", digits)) => Ok(Place::Equal(number(digits)?)),
        Some(("t", digits)) => Ok(Place::Tail(number(digits)?)),
        _ => Err(SearchError::InvalidCursor),
    }
}

/// A digest of the query and of everything that filters or ranks: requests with the same digest share their order.
fn request_digest(request: &SearchRequest) -> u64 {
    let SearchRequest { query, within, kinds, systems, regions, statuses, budget, .. } = request;
    let origin = (&request.near, &request.from, &request.from_region);
    let described = format!("{:?}", (query, within, origin, kinds, systems, regions, statuses, budget));
    index_data::hash::fnv1a(described.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_come_back_and_strangers_are_refused() {
        let request = SearchRequest::new("北京大学").within("1");
        for place in [Place::Head(0), Place::Head(17), Place::Equal(3), Place::Tail(4_000_000)] {
            let cursor = write(place, "g000001", &request);
            assert_eq!(read(&cursor, "g000001", &request), Ok(place));
            assert_eq!(read(&cursor, "g000002", &request), Err(SearchError::StaleCursor));
            assert_eq!(
                read(&cursor, "g000001", &SearchRequest::new("清华")),
                Err(SearchError::InvalidCursor)
            );
        }
        for text in
            ["", "1", "1.g000001.zz.h1", "1.g000001.0.x", "a.b.c.d.e", "1.g000001.0.h99999999999999999999"]
        {
            assert_eq!(read(text, "g000001", &request), Err(SearchError::InvalidCursor), "{text}");
        }
    }
}
