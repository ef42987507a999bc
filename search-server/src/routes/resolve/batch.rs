//! Reads a batch: what is wrong with one of its queries is told in the place of that query.

use crate::config::LimitSettings;
use crate::error::{ApiError, texts};
use crate::json::resolution::QueryKey;
use search_core::{Record, ResolveOptions};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Other columns of a query that are compared.
const COLUMNS_MAX: usize = 32;

/// A batch of records.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
pub(crate) struct ResolveBody<'a> {
    /// The records, at most 200 unless the server is set otherwise.
    #[serde(borrow)]
    #[schema(value_type = Vec<QueryBody>)]
    queries: Vec<&'a RawValue>,
    /// Candidates of each result, 3 unless asked otherwise.
    #[serde(borrow)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 10)]
    limit: Option<&'a RawValue>,
}

/// One row of somebody's table: what it says of the organization that it means. It has a name or a code.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "it describes queries, which are read field by field")]
pub(crate) struct QueryBody {
    /// Given back with the result.
    key: Option<QueryKey>,
    /// What stands where the name of the organization belongs.
    name: Option<String>,
    /// The organization above it: a school, a college, a town; in any spelling.
    parent: Option<String>,
    /// Where it is: a province, a city, a district, or several of them one after another.
    region: Option<String>,
    /// Its id.
    code: Option<String>,
    /// A name that it had before.
    former_name: Option<String>,
    /// What kind of organization it is.
    #[schema(examples("leading_body", "committee", "work_committee", "general_branch", "branch"))]
    kind: Option<String>,
    // Other columns. They are compared with the attributes of the export; what is no string says nothing.
    #[serde(flatten)]
    columns: BTreeMap<String, String>,
}

/// A batch whose form is right; its queries may not be.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) queries: Vec<Query>,
    pub(crate) limit: usize,
}

/// One query.
#[derive(Debug)]
pub(crate) struct Query {
    /// A string or a number, as it came.
    pub(crate) key: Box<RawValue>,
    /// What it says, or what is wrong with it.
    pub(crate) record: Result<Record, ApiError>,
}

impl<'a> ResolveBody<'a> {
    /// Takes a body apart into its queries.
    ///
    /// # Errors
    /// If it is no batch, or too large a one.
    pub(crate) fn parse(body: &'a [u8], limits: &LimitSettings) -> Result<Self, ApiError> {
        let body: ResolveBody<'a> = serde_json::from_slice(body)
            .map_err(|error| ApiError::new(&texts::BAD_BODY).with("cause", error))?;
        let (length, max) = (body.queries.len(), limits.largest_batch());
        if length > max {
            return Err(ApiError::new(&texts::BATCH_TOO_LARGE).with("length", length).with("max", max));
        }
        Ok(body)
    }

    /// How many queries it has.
    pub(crate) fn queries(&self) -> usize {
        self.queries.len()
    }

    /// Reads all of it.
    ///
    /// # Errors
    /// If the limit is no number of its range, or the keys cannot be written.
    pub(crate) fn read(self, limits: &LimitSettings) -> Result<Batch, ApiError> {
        let limit = self.limit.map_or(Ok(ResolveOptions::default().limit), read_limit)?;
        let queries = self.queries.into_iter().enumerate();
        let queries = queries.map(|(place, raw)| read_query(place, raw, limits)).collect::<Result<_, _>>();
        Ok(Batch { queries: queries.map_err(ApiError::internal)?, limit })
    }
}

fn read_limit(raw: &RawValue) -> Result<usize, ApiError> {
    let max = ResolveOptions::MAX_LIMIT;
    let number = serde_json::from_str(raw.get()).ok().filter(|number| (1..=max).contains(number));
    let error =
        || ApiError::new(&texts::BAD_NUMBER).with("parameter", "limit").with("min", 1).with("max", max);
    number.ok_or_else(|| error().with("value", raw))
}

/// The fields of a query, by name; of a repeated one the last.
type Fields<'a> = BTreeMap<String, &'a RawValue>;

/// # Errors
/// If a number cannot be written as JSON.
fn read_query(place: usize, raw: &RawValue, limits: &LimitSettings) -> serde_json::Result<Query> {
    let by_place = || serde_json::value::to_raw_value(&place);
    let Ok(mut fields) = serde_json::from_str::<Fields<'_>>(raw.get()) else {
        return Ok(Query { key: by_place()?, record: Err(ApiError::new(&texts::QUERY_NO_OBJECT)) });
    };
    let key = fields.remove("key").filter(|key| key.get() != "null");
    match key {
        Some(key) if !is_key(key) => {
            Ok(Query { key: by_place()?, record: Err(ApiError::new(&texts::BAD_KEY)) })
        }
        Some(key) => Ok(Query { key: key.to_owned(), record: read_record(fields, limits) }),
        None => Ok(Query { key: by_place()?, record: read_record(fields, limits) }),
    }
}

fn is_key(raw: &RawValue) -> bool {
    raw.get().starts_with(|first: char| first == '"' || first == '-' || first.is_ascii_digit())
}

fn read_record(mut fields: Fields<'_>, limits: &LimitSettings) -> Result<Record, ApiError> {
    let mut take = |name: &'static str| match fields.remove(name) {
        Some(raw) => read_field(name, raw, limits),
        None => Ok(None),
    };
    let mut record = Record {
        name: take("name")?.unwrap_or_default(),
        parent: take("parent")?,
        region: take("region")?,
        code: take("code")?,
        former_name: take("former_name")?,
        kind: take("kind")?,
        evidence: Vec::new(),
    };
    if record.name.is_empty() && record.code.is_none() {
        return Err(ApiError::new(&texts::NO_NAME_NO_CODE));
    }
    record.evidence = read_columns(&fields, limits)?;
    Ok(record)
}

/// A field that says something.
fn read_field(
    field: &'static str,
    raw: &RawValue,
    limits: &LimitSettings,
) -> Result<Option<String>, ApiError> {
    let text: Option<String> = serde_json::from_str(raw.get())
        .map_err(|_| ApiError::new(&texts::FIELD_NO_TEXT).with("field", field))?;
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    let (length, max) = (text.chars().count(), limits.query_chars);
    if length > max {
        let error = ApiError::new(&texts::FIELD_TOO_LONG).with("field", field);
        return Err(error.with("length", length).with("max", max));
    }
    Ok(Some(text))
}

/// Other columns, where they hold short texts: a remark of a page is no evidence.
fn read_columns(fields: &Fields<'_>, limits: &LimitSettings) -> Result<Vec<(String, String)>, ApiError> {
    let is_short = |text: &str| text.chars().nth(limits.query_chars).is_none();
    let column = |(name, raw): (&String, &&RawValue)| {
        let text: String = serde_json::from_str(raw.get()).ok()?;
        (!text.trim().is_empty() && is_short(&text) && is_short(name)).then(|| (name.clone(), text))
    };
    let columns: Vec<_> = fields.iter().filter_map(column).collect();
    if columns.len() > COLUMNS_MAX {
        let error = ApiError::new(&texts::TOO_MANY_COLUMNS);
        return Err(error.with("length", columns.len()).with("max", COLUMNS_MAX));
    }
    Ok(columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    fn read(body: &str) -> Result<Batch, ApiError> {
        let limits = LimitSettings { query_chars: 10, batch_max: 3, ..LimitSettings::default() };
        ResolveBody::parse(body.as_bytes(), &limits)?.read(&limits)
    }

    fn first(query: &str) -> Query {
        read(&format!("{{\"queries\":[{query}]}}")).unwrap().queries.remove(0)
    }

    #[test]
    fn a_record_is_what_its_fields_say() {
        let query = r#"{"key": 7, "name": "a", "parent": "b", "region": null, "code": " ", "former_name": "c",
            "kind": "d", "电话": "1", "members": 3, "remark": "01234567890", "empty": ""}"#;
        let record = first(query).record.unwrap();
        let expected = Record::named("a").parent("b").former_name("c").kind("d").evidence("电话", "1");
        assert_eq!(record, expected);
        assert_eq!(first(r#"{"code": "7"}"#).record.unwrap(), Record::named("").code("7"));
        assert_eq!(first(r#"{"name": "a", "name": "b"}"#).record.unwrap(), Record::named("b"));
    }

    #[test]
    fn keys_are_given_back_as_they_came() {
        for key in ["\"a\\u0041\\\"\"", "12345678901234567890123", "1.10", "-1e5", "\"\""] {
            assert_eq!(first(&format!("{{\"key\": {key}, \"name\": \"a\"}}")).key.get(), key);
        }
        for none in [r#"{"name": "a"}"#, r#"{"key": null, "name": "a"}"#, "7", r#"{"key": []}"#] {
            assert_eq!(first(none).key.get(), "0", "{none}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_query_is_told_in_its_place() {
        let columns: Vec<String> = (0..=COLUMNS_MAX).map(|at| format!("\"c{at}\": \"x\"")).collect();
        for (query, code, named) in [
            ("7", "invalid_query", "object"),
            ("[]", "invalid_query", "object"),
            (r#"{"key": true, "name": "a"}"#, "invalid_query", "key"),
            ("{}", "invalid_query", "name or a code"),
            (r#"{"name": "  ", "code": ""}"#, "invalid_query", "name or a code"),
            (r#"{"name": 5}"#, "invalid_query", "field name"),
            (r#"{"name": "a", "code": 5}"#, "invalid_query", "field code"),
            (r#"{"name": "a", "parent": ["b"]}"#, "invalid_query", "field parent"),
            (r#"{"name": "01234567890"}"#, "query_too_long", "11 characters"),
            (r#"{"name": "a", "region": "01234567890"}"#, "query_too_long", "field region"),
            (&format!("{{\"name\": \"a\", {}}}", columns.join(",")), "invalid_query", "33 other columns"),
        ] {
            let error = first(query).record.unwrap_err();
            assert_eq!(error.code(), code, "{query}");
            let detail = error.detail(Language::English);
            assert!(detail.contains(named), "{query}: {detail}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_batch_is_told_at_once() {
        for (body, code) in [
            ("", "invalid_body"),
            ("[]", "invalid_body"),
            ("{}", "invalid_body"),
            (r#"{"queries": 7}"#, "invalid_body"),
            (r#"{"queries": [1, 2, 3, 4]}"#, "batch_too_large"),
            (r#"{"queries": [], "limit": 0}"#, "invalid_parameter"),
            (r#"{"queries": [], "limit": 11}"#, "invalid_parameter"),
            (r#"{"queries": [], "limit": "3"}"#, "invalid_parameter"),
            (r#"{"queries": [], "limit": 2.5}"#, "invalid_parameter"),
        ] {
            assert_eq!(read(body).unwrap_err().code(), code, "{body}");
        }
        assert_eq!(read(r#"{"queries": [1, 2, 3], "limit": 10}"#).unwrap().limit, 10);
        assert_eq!(read(r#"{"queries": [], "limit": null}"#).unwrap().limit, 3);
        assert!(read(&format!("{{\"queries\": [{}", "[".repeat(100_000))).is_err());
    }
}
