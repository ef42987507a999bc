//! The address of the page, as it is read and as links on the page write it.

use super::share::share_path;
use crate::language::Language;
use crate::routes::parameters::Parameters;
use index_data::model::HomeSystem;
use index_data::transfer::SYSTEMS;

/// What the address of the page says.
#[derive(Debug, Clone)]
pub(super) struct PageQuery {
    pub(super) text: String,
    pub(super) within: Option<String>,
    pub(super) cursor: Option<String>,
    /// The organization chosen.
    pub(super) org: Option<String>,
    /// The home system the member is in.
    pub(super) from: Option<HomeSystem>,
    pub(super) language: Language,
    /// Whether the address names the language; links then do so too.
    pub(super) names_language: bool,
}

impl PageQuery {
    pub(super) fn read(parameters: &Parameters, language: Language) -> Self {
        PageQuery {
            text: parameters.text("q").unwrap_or_default().to_owned(),
            within: parameters.non_empty("within"),
            cursor: parameters.non_empty("cursor"),
            org: parameters.non_empty("org"),
            from: parameters
                .non_empty("from")
                .map(|from| HomeSystem::parse(&from))
                .filter(|from| SYSTEMS.contains(from)),
            language,
            names_language: parameters.non_empty("lang").is_some(),
        }
    }

    pub(super) fn asks_nothing(&self) -> bool {
        self.text.trim().is_empty() && self.within.is_none() && self.org.is_none()
    }

    /// The address of a page like this one.
    pub(super) fn address(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !self.text.is_empty() {
            query.append_pair("q", &self.text);
        }
        let from = self.from.as_ref().map(|from| from.code().to_owned());
        let named = [("from", &from), ("org", &self.org), ("within", &self.within), ("cursor", &self.cursor)];
        for (name, value) in named {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        if self.names_language {
            query.append_pair("lang", self.language.tag());
        }
        let query = query.finish();
        if query.is_empty() { "/".to_owned() } else { format!("/?{query}") }
    }

    pub(super) fn with_text(&self, text: &str) -> PageQuery {
        PageQuery { text: text.to_owned(), ..self.with_within(None) }
    }

    /// The page of one organization.
    pub(super) fn share_path(&self, id: &str) -> String {
        let language =
            if self.names_language { format!("?lang={}", self.language.tag()) } else { String::new() };
        share_path(id) + &language
    }

    pub(super) fn with_within(&self, within: Option<&str>) -> PageQuery {
        PageQuery { within: within.map(str::to_owned), cursor: None, org: None, ..self.clone() }
    }

    pub(super) fn with_org(&self, org: &str) -> PageQuery {
        PageQuery { org: Some(org.to_owned()), cursor: None, ..self.clone() }
    }

    pub(super) fn with_cursor(&self, cursor: Option<&str>) -> PageQuery {
        PageQuery { cursor: cursor.map(str::to_owned), ..self.clone() }
    }

    pub(super) fn in_language(&self, language: Language) -> PageQuery {
        PageQuery { language, names_language: true, ..self.clone() }
    }
}
