//! Queries whose first hit is wrong.

use crate::cli::output::printable;
use search_core::Hits;
use serde::Serialize;
use std::io::{self, Write};

/// A query whose first hit is wrong.
#[derive(Debug, Serialize)]
pub(super) struct Miss {
    query: String,
    family: String,
    /// Where the first right answer stands, from 1.
    place: Option<usize>,
    wanted: Vec<NamedOrg>,
    got: Option<NamedOrg>,
    /// Why the first wanted organization is not first.
    pub(super) why: Option<String>,
}

/// An organization that is right or was found.
#[derive(Debug, Serialize)]
pub(super) struct NamedOrg {
    pub(super) id: String,
    /// Null if this generation has no such organization.
    pub(super) name: Option<String>,
}

impl Miss {
    pub(super) fn new(
        query: &str,
        family: &str,
        place: Option<usize>,
        wanted: Vec<NamedOrg>,
        hits: &Hits,
    ) -> Self {
        let got = hits
            .hits
            .first()
            .map(|hit| NamedOrg { id: hit.org.id.clone(), name: Some(hit.org.name.clone()) });
        Miss { query: query.to_owned(), family: family.to_owned(), place, wanted, got, why: None }
    }

    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let place = self.place.map_or_else(|| "not found".to_owned(), |place| format!("place {place}"));
        writeln!(out, "{}  [{}] {place}", printable(&self.query), printable(&self.family))?;
        for org in &self.wanted {
            writeln!(out, "    wanted  {}", org.words())?;
        }
        writeln!(
            out,
            "    got     {}",
            self.got.as_ref().map_or_else(|| "nothing".to_owned(), NamedOrg::words)
        )?;
        self.why.as_ref().map_or(Ok(()), |why| writeln!(out, "    why     {why}"))
    }
}

impl NamedOrg {
    fn words(&self) -> String {
        let name = self.name.as_deref().unwrap_or("(not in this generation)");
        printable(&format!("{}  {name}", self.id))
    }
}
