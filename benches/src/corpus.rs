//! What is measured on: an org-tree file on disk, and queries with their answers.

use crate::case::Case;
use index_data::generate::{GenerateOptions, generate, generate_queries, write_csv};
use index_data::load::{ColumnMap, Source};
use std::error::Error;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

/// An org-tree file and queries.
pub(crate) struct Corpus {
    pub(crate) file: PathBuf,
    pub(crate) orgs: u64,
    pub(crate) queries: Vec<Query>,
}

/// One query with its right answers.
pub(crate) struct Query {
    pub(crate) text: String,
    pub(crate) ids: Vec<String>,
    pub(crate) family: String,
}

impl Corpus {
    pub(crate) fn prepare(
        case: &Case,
        dir: &Path,
        from: Option<&Path>,
        queries: Option<&Path>,
        without_queries: bool,
    ) -> Result<Corpus, Box<dyn Error>> {
        let options = GenerateOptions { seed: case.seed, ..GenerateOptions::national(case.orgs, case.seed) };
        let file = match from {
            Some(file) => file.to_owned(),
            None => {
                let file = dir.join(format!("orgs-{}-{}.csv", case.orgs, case.seed));
                if !file.exists() {
                    let partial = file.with_extension("partial");
                    write_csv(generate(&options), BufWriter::new(File::create(&partial)?))?;
                    fs::rename(partial, &file)?;
                }
                file
            }
        };
        let queries = match queries {
            _ if without_queries => Vec::new(),
            Some(path) => read_queries(path)?,
            None => {
                let generated = generate_queries(&options, case.queries_per_family);
                let query = |query: index_data::generate::GeneratedQuery| Query {
                    text: query.query,
                    ids: query.ids,
                    family: query.family.to_owned(),
                };
                generated.into_iter().map(query).collect()
            }
        };
        let orgs = if from.is_some() {
            Source::open(&file, &ColumnMap::default())?.count() as u64
        } else {
            case.orgs
        };
        Ok(Corpus { file, orgs, queries })
    }

    /// The rows of the file, read anew.
    pub(crate) fn rows(&self) -> Result<Source, Box<dyn Error>> {
        Ok(Source::open(&self.file, &ColumnMap::default())?)
    }
}

fn read_queries(path: &Path) -> Result<Vec<Query>, Box<dyn Error>> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut queries = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(at, line)| *at > 0 || !line.starts_with("query\t")) {
        let [text, ids, family] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Err(format!("{}: line {} has not three columns", path.display(), at + 1).into());
        };
        let ids = ids.split(',').map(str::to_owned).collect();
        queries.push(Query { text: text.to_owned(), ids, family: family.to_owned() });
    }
    Ok(queries)
}
