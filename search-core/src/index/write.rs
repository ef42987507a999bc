//! Writes the documents of a tree: postings by tantivy, records beside them, the vocabulary first.

use super::document::OrgDocument;
use super::limits::IndexLimits;
use super::manifest::{RECORDS, VOCABULARY};
use super::names_above::{NamePath, NamesAbove, OfficialName};
use super::records::{PartOfTree, RecordsBuilder};
use super::store::Building;
use super::text_index::{schema, tokenizers};
use crate::error::EngineError;
use crate::text::segment::Segmenter;
use index_data::model::{LevelOrder, Ordinal, OrgTree};
use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::mpsc;
use tantivy::directory::Directory;
use tantivy::store::Compressor;
use tantivy::{Index, IndexSettings, TantivyDocument};

/// Memory tantivy may take for postings before it spills.
const POSTINGS_BYTES: usize = 256 << 20;
/// Documents handed over at once between the two threads.
const BATCH: usize = 1_000;
/// Words taken from the tree; the most used ones win.
const MAX_VOCABULARY: usize = 50_000;

/// The words that the tree's own units bring: what a unit's name adds to its parent's, in static order.
///
/// 北京大学软件与微电子学院 below 北京大学 brings 软件与微电子学院; jieba alone would cut it into four words.
pub(crate) fn vocabulary(tree: &OrgTree) -> Vec<String> {
    let core = |ordinal: Ordinal| OfficialName::of(tree, ordinal).core().to_owned();
    let mut uses: HashMap<String, (u64, Ordinal)> = HashMap::new();
    // Siblings stand side by side, so the name above is read once.
    let mut above: (Option<Ordinal>, String) = (None, String::new());
    for ordinal in tree.ordinals().filter(|&ordinal| tree.is_unit(ordinal)) {
        let own = core(ordinal);
        let parent = tree.parent(ordinal);
        if parent != above.0 {
            above = (parent, parent.map(core).unwrap_or_default());
        }
        let added = own.strip_prefix(above.1.as_str()).unwrap_or(&own);
        if (2..=12).contains(&added.chars().count()) && !added.chars().any(|c| c.is_ascii_digit()) {
            uses.entry(added.to_owned()).or_insert((0, ordinal)).0 += 1;
        }
    }
    let mut words: Vec<(String, (u64, Ordinal))> = uses.into_iter().collect();
    words.sort_by(|a, b| b.1.0.cmp(&a.1.0).then(a.1.1.cmp(&b.1.1)));
    words.truncate(MAX_VOCABULARY);
    words.into_iter().map(|(word, _)| word).collect()
}

/// Writes the postings of all documents into `directory` and hands the records, ready to be written, to `seal`.
///
/// Two threads: one normalizes and collects the records, one builds the postings, and is still at it while records are
/// sealed. `progress` gets the number of documents done; an error from it ends both threads.
///
/// # Errors
/// [`EngineError::TooManyOrgs`], [`EngineError::TooLarge`], [`EngineError::TextIndex`], and what `progress` and `seal` give.
pub(crate) fn write<T>(
    tree: &OrgTree,
    directory: Box<dyn Directory>,
    segmenter: &Segmenter,
    limits: IndexLimits,
    progress: impl FnMut(u64) -> Result<(), EngineError>,
    seal: impl FnOnce(RecordsBuilder) -> Result<T, EngineError>,
) -> Result<T, EngineError> {
    write_part(tree, PartOfTree::default(), directory, segmenter, limits, progress, seal)
}

/// [`write`] for a tree that is part of a larger one.
///
/// # Errors
/// As [`write`].
pub(crate) fn write_part<T>(
    tree: &OrgTree,
    part: PartOfTree,
    directory: Box<dyn Directory>,
    segmenter: &Segmenter,
    limits: IndexLimits,
    progress: impl FnMut(u64) -> Result<(), EngineError>,
    seal: impl FnOnce(RecordsBuilder) -> Result<T, EngineError>,
) -> Result<T, EngineError> {
    if tree.len() > limits.orgs {
        return Err(EngineError::TooManyOrgs { orgs: tree.len(), most: limits.orgs });
    }
    std::thread::scope(|scope| {
        let (send, receive) = mpsc::sync_channel(4);
        let postings = scope.spawn(move || write_postings(directory, segmenter, receive));
        // Without the end the other thread leaves its postings unfinished.
        let records = RecordsBuilder::new(tree, limits, part);
        let collected = collect(tree, segmenter, records, &send, progress).inspect(|_| {
            let _ = send.send(Batch::End);
        });
        drop(send);
        let sealed = collected.and_then(seal);
        match postings.join() {
            Ok(written) => written.and(sealed),
            Err(_) => Err(EngineError::TextIndex("the thread that writes postings panicked".to_owned())),
        }
    })
}

/// What one thread hands to the other.
enum Batch {
    Documents(Vec<TantivyDocument>),
    /// There are no more.
    End,
}

/// Collects the records of all documents and sends what is to be found of each.
fn collect(
    tree: &OrgTree,
    segmenter: &Segmenter,
    mut records: RecordsBuilder,
    postings: &mpsc::SyncSender<Batch>,
    mut progress: impl FnMut(u64) -> Result<(), EngineError>,
) -> Result<RecordsBuilder, EngineError> {
    let (_, fields) = schema();
    let mut batch = Vec::with_capacity(BATCH);
    let mut path = NamePath::default();
    // Siblings stand side by side, so the names above are read once.
    let mut above: (Option<Ordinal>, NamesAbove) = (None, NamesAbove::default());
    for ordinal in tree.ordinals() {
        let parent = tree.parent(ordinal);
        if parent != above.0 {
            let names = parent.map(|parent| path.names_above_children(tree, parent, segmenter));
            above = (parent, names.unwrap_or_default());
        }
        let document = match records.is_stub(ordinal) {
            true => OrgDocument::stub(tree, ordinal, &above.1),
            false => OrgDocument::new(tree, ordinal, &above.1, segmenter),
        };
        records.add(tree, &document)?;
        let mut indexed = TantivyDocument::new();
        for name in document.names().filter(|_| !records.is_stub(ordinal)) {
            indexed.add_text(fields.grams, name);
            indexed.add_text(fields.words, name);
        }
        batch.push(indexed);
        if batch.len() == BATCH {
            progress(u64::from(ordinal) + 1)?;
            let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
            if postings.send(Batch::Documents(full)).is_err() {
                return Ok(records); // The other thread has failed; joining it says why.
            }
        }
    }
    let _ = postings.send(Batch::Documents(batch));
    progress(u64::from(tree.len()))?;
    Ok(records)
}

/// Writes postings until the end; if the batches break off before it, they are of no use and stay unfinished.
fn write_postings(
    directory: Box<dyn Directory>,
    segmenter: &Segmenter,
    batches: mpsc::Receiver<Batch>,
) -> Result<(), EngineError> {
    let failed = |error: tantivy::TantivyError| EngineError::TextIndex(error.to_string());
    let (schema, _) = schema();
    // Nothing is stored, so there is nothing to compress.
    let settings = IndexSettings { docstore_compression: Compressor::None, ..IndexSettings::default() };
    let mut writer = Index::builder()
        .schema(schema)
        .settings(settings)
        .tokenizers(tokenizers(segmenter))
        .single_segment_index_writer(directory, POSTINGS_BYTES)
        .map_err(failed)?;
    for batch in batches {
        let Batch::Documents(documents) = batch else {
            return writer.finalize().map(drop).map_err(failed);
        };
        for document in documents {
            writer.add_document(document).map_err(failed)?;
        }
    }
    Ok(())
}

/// Writes the vocabulary and the records.
pub(crate) fn write_files(
    building: &Building,
    tree: &OrgTree,
    vocabulary: &[String],
    records: RecordsBuilder,
) -> Result<(), EngineError> {
    building.write_file(VOCABULARY, |mut file| file.write_all(vocabulary.join("\n").as_bytes()))?;
    building.write_file(RECORDS, |file| {
        records.write(tree, io::BufWriter::with_capacity(1 << 20, file)).and_then(|mut file| file.flush())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    use index_data::load::SourceRow;
    use index_data::validate::validate_rows;

    #[test]
    fn the_vocabulary_is_what_units_add_to_their_parents() {
        let row = |id: &str, name: &str, parent: &str| SourceRow {
            id: id.into(),
            name: name.into(),
            parent_id: parent.into(),
            ..SourceRow::default()
        };
        let tree = validate_rows([
            row("1", "北京大学", ""),
            row("2", "北京大学软件与微电子学院", "1"),
            row("3", "2024级", "2"),
            row("4", "1班", "3"),
        ])
        .tree
        .expect("valid rows");
        assert_eq!(vocabulary(&tree), ["北京大学", "软件与微电子学院"]);
    }
}
