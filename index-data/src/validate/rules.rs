//! The rules for one row: text becomes typed fields, and what does not fit becomes a finding.

use crate::field::Field;
use crate::finding::{Finding, FindingCode};
use crate::load::SourceRow;
use crate::model::{HomeSystem, OrgKind, OrgStatus, OrgUnit};
use crate::report::Report;
use std::collections::HashSet;
use unicode_normalization::UnicodeNormalization;

/// The longest id taken, in bytes.
pub const MAX_ID_BYTES: usize = 128;

/// The longest name taken, in characters. Real names stay below 100. A compatibility character counts as those it
/// stands for (ﷺ is 18), because it is searched as those.
pub const MAX_NAME_CHARS: usize = 512;

/// The organization a row describes, or `None` if it cannot stand in a tree. Adds its findings to the report.
pub(super) fn check_row(row: &SourceRow, report: &mut Report) -> Option<OrgUnit> {
    let mut check = RowCheck { row, report };
    let id = check.id(&row.id, Field::Id);
    let name = check.name();
    let parent_id = check.id(&row.parent_id, Field::ParentId);
    let successor_id = check.id(&row.successor_id, Field::SuccessorId);
    if id.is_none() && row.id.trim().is_empty() {
        check.find(Field::Id, FindingCode::MissingId, &row.name);
    }
    let org = OrgUnit {
        id: id?,
        // Kept without a name, so that its children do not report an unknown parent.
        name: name.unwrap_or_default(),
        parent_id,
        kind: check.kind(),
        system: check.system(),
        region: Some(row.region.trim()).filter(|region| !region.is_empty()).map(str::to_owned),
        members: check.members(),
        status: check.status(),
        aliases: check.names(&row.aliases, Field::Aliases),
        former_names: check.names(&row.former_names, Field::FormerNames),
        successor_id,
        attributes: row.attributes.iter().filter(|(_, value)| !value.is_empty()).cloned().collect(),
    };
    Some(org)
}

struct RowCheck<'a> {
    row: &'a SourceRow,
    report: &'a mut Report,
}

impl RowCheck<'_> {
    fn find(&mut self, field: Field, code: FindingCode, value: &str) {
        self.report.add(Finding::new(Some(self.row.row), field, code, value));
    }

    fn find_with_fix(&mut self, field: Field, code: FindingCode, value: &str, fix: Option<String>) {
        self.report.add(Finding::new(Some(self.row.row), field, code, value).suggest(fix));
    }

    fn id(&mut self, cell: &str, field: Field) -> Option<String> {
        let id = cell.trim();
        if id.len() > MAX_ID_BYTES {
            self.find(field, FindingCode::IdTooLong, id);
            return None;
        }
        self.look_for_control_characters(id, field);
        (!id.is_empty()).then(|| id.to_owned())
    }

    fn name(&mut self) -> Option<String> {
        let cell = self.row.name.as_str();
        let name = cell.trim();
        if name.is_empty() {
            self.find(Field::Name, FindingCode::MissingName, cell);
            return None;
        }
        if is_too_long(name) {
            self.find(Field::Name, FindingCode::NameTooLong, name);
            return None;
        }
        if name.len() < cell.len() {
            self.find_with_fix(Field::Name, FindingCode::SurroundingSpace, cell, Some(name.to_owned()));
        }
        self.look_for_control_characters(name, Field::Name);
        Some(name.to_owned())
    }

    /// Aliases or former names: trimmed, each once, over-long ones reported and left out.
    fn names(&mut self, names: &[String], field: Field) -> Vec<String> {
        let mut known: HashSet<&str> = HashSet::with_capacity(names.len());
        let mut kept: Vec<String> = Vec::with_capacity(names.len());
        for name in names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
            if is_too_long(name) {
                self.find(field, FindingCode::NameTooLong, name);
            } else if known.insert(name) {
                self.look_for_control_characters(name, field);
                kept.push(name.to_owned());
            }
        }
        kept
    }

    fn look_for_control_characters(&mut self, text: &str, field: Field) {
        if text.chars().any(is_invisible) {
            let clean: String = text.chars().filter(|&c| !is_invisible(c)).collect();
            self.find_with_fix(
                field,
                FindingCode::ControlCharacter,
                &text.escape_debug().to_string(),
                Some(clean),
            );
        }
    }

    fn kind(&mut self) -> Option<OrgKind> {
        let kind = OrgKind::parse(non_empty(&self.row.kind)?);
        if !kind.is_known() {
            let known = OrgKind::KNOWN.iter().flat_map(|kind| [kind.code(), kind.export_spelling()]);
            self.find_with_fix(
                Field::Kind,
                FindingCode::UnknownKind,
                kind.code(),
                nearest(kind.code(), known),
            );
        }
        Some(kind)
    }

    fn system(&mut self) -> Option<HomeSystem> {
        let system = HomeSystem::parse(non_empty(&self.row.system)?);
        if !system.is_known() {
            let known = HomeSystem::KNOWN.iter().flat_map(|system| [system.code(), system.export_spelling()]);
            let fix = nearest(system.code(), known);
            self.find_with_fix(Field::System, FindingCode::UnknownSystem, system.code(), fix);
        }
        Some(system)
    }

    fn status(&mut self) -> OrgStatus {
        let Some(text) = non_empty(&self.row.status) else { return OrgStatus::Active };
        let status = OrgStatus::parse(text);
        if !status.is_known() {
            let known = OrgStatus::KNOWN.iter().flat_map(|status| [status.code(), status.export_spelling()]);
            self.find_with_fix(Field::Status, FindingCode::UnknownStatus, text, nearest(text, known));
        }
        status
    }

    fn members(&mut self) -> Option<u32> {
        let text = non_empty(&self.row.members)?;
        // Spreadsheets write 1,234 and 12.0.
        let plain = text.replace([',', '，'], "");
        let number = plain.strip_suffix(".0").unwrap_or(&plain).parse().ok();
        if number.is_none() {
            self.find(Field::Members, FindingCode::MembersNotANumber, text);
        }
        number
    }
}

/// Whether a name has more than [`MAX_NAME_CHARS`], written out.
fn is_too_long(name: &str) -> bool {
    /// No character stands for more than ﷺ.
    const LONGEST_EXPANSION: usize = 18;
    // Nearly all names are so short that they pass whatever they hold, without a look into the tables.
    name.len() * LONGEST_EXPANSION > MAX_NAME_CHARS
        && name.chars().count() * LONGEST_EXPANSION > MAX_NAME_CHARS
        && name.chars().map(|c| std::iter::once(c).nfkc().count()).sum::<usize>() > MAX_NAME_CHARS
}

fn non_empty(cell: &str) -> Option<&str> {
    Some(cell.trim()).filter(|text| !text.is_empty())
}

/// Control characters, and format characters that change how a name looks without being seen (zero width, bidi).
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// The known word most like `text`, if any is alike at all.
fn nearest<'a>(text: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    const ALIKE: f64 = 0.4;
    /// A longer text is like none of the words, which are at most 14 characters.
    const LONGEST: usize = 256;
    if text.len() > LONGEST {
        return None;
    }
    // At equal distance the word with the same beginning wins: 团总支 for 团总支部, not 团支部.
    let likeness = |word| (strsim::normalized_levenshtein(text, word), strsim::jaro_winkler(text, word));
    known
        .map(|word| (likeness(word), word))
        .filter(|((similarity, _), _)| *similarity >= ALIKE)
        .max_by(|(a, _), (b, _)| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)))
        .map(|(_, word)| word.to_owned())
}
