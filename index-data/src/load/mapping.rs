//! What both kinds of table share where headers become fields: `--map` arguments, comparison, messages.

use super::error::LoadError;
use std::collections::HashSet;

/// The fields that columns of one kind of table are read as.
pub(super) trait ColumnField: Copy + Eq + 'static {
    /// All fields that a column may be read as.
    const FIELDS: &'static [Self];

    /// The field's name in `--map` arguments.
    fn field_name(self) -> &'static str;

    /// The field of that name.
    fn named(name: &str) -> Option<Self> {
        Self::FIELDS.iter().copied().find(|field| field.field_name() == name)
    }
}

/// Reads `--map` arguments: `field=column`. No field and no column comes twice, unless `may_repeat` says so of a field.
pub(super) fn parse_pairs<F: ColumnField>(
    arguments: &[impl AsRef<str>],
    may_repeat: impl Fn(F) -> bool,
) -> Result<Vec<(F, String)>, LoadError> {
    let mut pairs: Vec<(F, String)> = Vec::new();
    for argument in arguments {
        let argument = argument.as_ref();
        let refuse = |cause| LoadError::BadMapping { mapping: argument.to_owned(), cause };
        let (field, column) = parse_mapping::<F>(argument).map_err(refuse)?;
        if !may_repeat(field) && pairs.iter().any(|(earlier, _)| *earlier == field) {
            return Err(refuse(format!("the field {} is mapped twice", field.field_name())));
        }
        if pairs.iter().any(|(_, earlier)| fold(earlier) == fold(column)) {
            return Err(refuse(format!("the column {column:?} is mapped twice")));
        }
        pairs.push((field, column.to_owned()));
    }
    Ok(pairs)
}

/// Splits one `--map` argument, or says what is wrong with it.
fn parse_mapping<F: ColumnField>(argument: &str) -> Result<(F, &str), String> {
    let Some((name, column)) = argument.split_once('=') else {
        return Err("write it as field=column, such as name=组织全称".to_owned());
    };
    let (name, column) = (name.trim(), column.trim());
    let Some(field) = F::named(&fold(name)) else {
        return Err(unknown_field::<F>(name, column));
    };
    if fold(column).is_empty() {
        return Err("no column stands behind the equals sign".to_owned());
    }
    Ok((field, column))
}

fn unknown_field<F: ColumnField>(name: &str, column: &str) -> String {
    if let Some(field) = F::named(&fold(column)) {
        return format!("there is no field {name:?}; did you mean {}={name}?", field.field_name());
    }
    let nearness = |field: &F| strsim::damerau_levenshtein(&fold(name), field.field_name());
    match F::FIELDS.iter().min_by_key(|field| nearness(field)) {
        Some(field) if nearness(field) <= 2 => {
            format!("there is no field {name:?}; did you mean {}={column}?", field.field_name())
        }
        _ => {
            let names: Vec<_> = F::FIELDS.iter().map(|field| field.field_name()).collect();
            format!("there is no field {name:?}; the fields are {}", names.join(", "))
        }
    }
}

/// A header for comparison: without case, width of Latin letters, white space and invisible characters.
pub(super) fn fold(header: &str) -> String {
    let is_invisible = |c: &char| {
        c.is_whitespace() || c.is_control() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}')
    };
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    };
    header.chars().filter(|c| !is_invisible(c)).map(narrow).flat_map(char::to_lowercase).collect()
}

/// Names of columns: the header texts, numbered where they are empty or repeat an earlier one.
pub(super) fn unique_names(header: &[impl AsRef<str>]) -> Vec<String> {
    let mut taken = HashSet::new();
    let unique = |(column, text): (usize, &_)| {
        let text = AsRef::<str>::as_ref(text).trim().trim_start_matches('\u{feff}');
        let mut name = if text.is_empty() { numbered(column) } else { text.to_owned() };
        if taken.contains(&name) {
            name = format!("{name} ({})", numbered(column));
        }
        taken.insert(name.clone());
        name
    };
    header.iter().enumerate().map(unique).collect()
}

pub(super) fn numbered(column: usize) -> String {
    format!("column {}", column + 1)
}

pub(super) fn repeated_column(field: impl ColumnField, first: &str, second: &str, what: &str) -> LoadError {
    let (first, second) = (shortened(first), shortened(second));
    LoadError::RepeatedColumn { what: what.to_owned(), field: field.field_name(), first, second }
}

pub(super) fn mapped_column_missing(
    field: impl ColumnField,
    column: &str,
    header: &[impl AsRef<str>],
    what: &str,
) -> LoadError {
    let (column, header) = (column.to_owned(), shown_header(header));
    LoadError::MappedColumnMissing { what: what.to_owned(), field: field.field_name(), column, header }
}

/// A `--map` argument that would help: with the free column nearest to a spelling of the field, if one is near enough.
pub(super) fn advise<'h>(
    field: impl ColumnField,
    spellings: &[&str],
    free: impl Iterator<Item = &'h str>,
) -> String {
    const NEAR_ENOUGH: f64 = 0.45;
    let likeness = |text: &str| {
        let text = fold(&shortened(text));
        let likeness = |spelling: &&str| strsim::normalized_levenshtein(&text, &fold(spelling));
        spellings.iter().map(likeness).fold(0.0, f64::max)
    };
    let nearest =
        free.take(SHOWN_COLUMNS).map(|text| (likeness(text), text)).max_by(|a, b| a.0.total_cmp(&b.0));
    let column = match nearest {
        Some((likeness, text)) if likeness >= NEAR_ENOUGH => shortened(text.trim()),
        _ => "<column>".to_owned(),
    };
    format!("--map {}={column}", field.field_name())
}

pub(super) const SHOWN_COLUMNS: usize = 20;

/// A header for a message: quoted, because it may be garbage, and shortened, because garbage may be long.
pub(super) fn shown_header(header: &[impl AsRef<str>]) -> String {
    let shown: Vec<_> =
        header.iter().take(SHOWN_COLUMNS).map(|text| format!("{:?}", shortened(text.as_ref()))).collect();
    let more = header.len().saturating_sub(SHOWN_COLUMNS);
    match more {
        0 => shown.join(", "),
        _ => format!("{} and {more} more", shown.join(", ")),
    }
}

pub(super) fn shortened(text: &str) -> String {
    const SHOWN_CHARS: usize = 40;
    let mut shown: String = text.chars().take(SHOWN_CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_names_of_their_own() {
        assert_eq!(
            unique_names(&["备注", "", " 备注 ", "备注"]),
            ["备注", "column 2", "备注 (column 3)", "备注 (column 4)"]
        );
    }
}
