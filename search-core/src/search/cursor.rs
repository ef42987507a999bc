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

const VERSION: &str = "2";
/// What earlier versions wrote; such a cursor is answered as one of an earlier generation.
const EARLIER_VERSIONS: [&str; 1] = ["1"];

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
    let (Some(version), Some(from), Some(digest), Some(place), None) =
        (version, from, digest, place, fields.next())
    else {
        return Err(SearchError::InvalidCursor);
    };
    let is_earlier = EARLIER_VERSIONS.contains(&version);
    if version != VERSION && !is_earlier {
        return Err(SearchError::InvalidCursor);
    }
    if is_earlier || from != generation {
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
    let SearchRequest {
        query,
        within,
        near,
        from,
        from_region,
        kinds,
        systems,
        regions,
        statuses,
        exact_of_any_status,
        correct,
        unfinished,
        beyond_names,
        budget,
        limit: _,
        cursor: _,
        facets: _,
        count_total: _,
        suggest_next: _,
        highlight: _,
        explain: _,
        cancel: _,
    } = request;
    let filters = (within, kinds, systems, regions, statuses, exact_of_any_status);
    let order = (near, from, from_region, correct, unfinished, beyond_names, budget);
    index_data::hash::fnv1a(format!("{:?}", (query, filters, order)).bytes())
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
        assert_eq!(read("1.g000001.0.h3", "g000001", &request), Err(SearchError::StaleCursor));
        for text in [
            "",
            "1",
            "3.g000001.0.h3",
            "2.g000001.zz.h1",
            "2.g000001.0.x",
            "a.b.c.d.e",
            "2.g000001.0.h99999999999999999999",
        ] {
            assert_eq!(read(text, "g000001", &request), Err(SearchError::InvalidCursor), "{text}");
        }
    }

    #[test]
    fn a_cursor_belongs_to_all_that_filters_or_ranks() {
        let request = SearchRequest::new("北京大学");
        let cursor = write(Place::Head(10), "g000001", &request);
        let mut others = vec![request.clone().within("1"), request.clone().near("1")];
        let changes: [fn(&mut SearchRequest); 5] = [
            |request| request.correct = !request.correct,
            |request| request.unfinished = !request.unfinished,
            |request| request.beyond_names = !request.beyond_names,
            |request| request.exact_of_any_status = !request.exact_of_any_status,
            |request| request.from_region = Some("北京市".to_owned()),
        ];
        for change in changes {
            let mut other = request.clone();
            change(&mut other);
            others.push(other);
        }
        for other in others {
            assert_eq!(read(&cursor, "g000001", &other), Err(SearchError::InvalidCursor), "{other:?}");
        }
        assert_eq!(read(&cursor, "g000001", &request.clone().limit(3)), Ok(Place::Head(10)));
    }
}
