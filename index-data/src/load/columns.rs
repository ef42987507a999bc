//! From a header to fields: which column is the id, which the name, and which are kept as attributes.

use super::error::LoadError;
use super::limits::MAX_COLUMNS;
use super::mapping::{
    ColumnField, advise, fold, mapped_column_missing, numbered, parse_pairs, repeated_column, shown_header,
    unique_names,
};
use super::row::{SourceRow, split_names};
use crate::field::Field;
use std::collections::HashMap;
use std::sync::LazyLock;

impl ColumnField for Field {
    const FIELDS: &'static [Field] = Field::COLUMNS;

    fn field_name(self) -> &'static str {
        self.name()
    }
}

/// Which columns stand for which fields, beyond the spellings that are recognised anyway. The default is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColumnMap {
    pairs: Vec<(Field, String)>,
}

impl ColumnMap {
    /// Reads `--map` arguments: `field=column`, such as `name=组织全称`. A mapped column wins over recognised
    /// headers, which then are attributes.
    ///
    /// ```
    /// use index_data::load::ColumnMap;
    /// assert!(ColumnMap::parse(&["name=单位", "id=编号"]).is_ok());
    /// let error = ColumnMap::parse(&["nmae=单位"]).unwrap_err();
    /// assert_eq!(error.to_string(), "--map nmae=单位: there is no field \"nmae\"; did you mean name=单位?");
    /// ```
    ///
    /// # Errors
    /// [`LoadError::BadMapping`] for an argument without `=` or without a column, an unknown field, and a field or
    /// column that is mapped twice.
    pub fn parse(arguments: &[impl AsRef<str>]) -> Result<ColumnMap, LoadError> {
        Ok(ColumnMap { pairs: parse_pairs(arguments, |_| false)? })
    }
}

/// The columns of one file with the fields they are read as.
#[derive(Debug)]
pub(super) struct Columns {
    listed: Vec<(String, Option<Field>)>,
}

impl Columns {
    /// Matches a header. Headers are compared without case, width and white space.
    pub(super) fn from_header(header: &[&str], map: &ColumnMap, what: &str) -> Result<Columns, LoadError> {
        if header.len() > MAX_COLUMNS {
            return Err(LoadError::TooManyColumns { what: what.to_owned(), row: 1 });
        }
        let fields = FieldNames::new(map);
        let recognised: Vec<_> = header.iter().map(|text| fields.get(text)).collect();
        for &field in Field::COLUMNS {
            let mut same = header.iter().zip(&recognised).filter(|(_, found)| **found == Some(field));
            if let (Some((first, _)), Some((second, _))) = (same.next(), same.next()) {
                return Err(repeated_column(field, first, second, what));
            }
        }
        fields.check_all_found(header, &recognised, map, what)?;
        let names = unique_names(header);
        Ok(Columns { listed: names.into_iter().zip(recognised).collect() })
    }

    /// Header texts and the fields they are read as.
    pub(super) fn listed(&self) -> &[(String, Option<Field>)] {
        &self.listed
    }

    /// The field a column is read as; [`Field::Attributes`] for others.
    pub(super) fn field(&self, column: usize) -> Field {
        self.listed.get(column).and_then(|(_, field)| *field).unwrap_or(Field::Attributes)
    }

    /// The name of a column; columns beyond the header are numbered.
    pub(super) fn name(&self, column: usize) -> String {
        self.listed.get(column).map_or_else(|| numbered(column), |(name, _)| name.clone())
    }

    /// Puts a cell where it belongs in a row.
    pub(super) fn fill(&self, row: &mut SourceRow, column: usize, cell: &str) {
        match self.listed.get(column) {
            Some((_, Some(field))) => set_field(row, *field, cell),
            _ if cell.trim().is_empty() => {}
            _ => row.attributes.push((self.name(column), cell.to_owned())),
        }
    }
}

/// Puts text into a field of a row; several names in one text are separated.
pub(super) fn set_field(row: &mut SourceRow, field: Field, text: &str) {
    let place = match field {
        Field::Id => &mut row.id,
        Field::Name => &mut row.name,
        Field::ParentId => &mut row.parent_id,
        Field::Kind => &mut row.kind,
        Field::System => &mut row.system,
        Field::Region => &mut row.region,
        Field::Members => &mut row.members,
        Field::Status => &mut row.status,
        Field::SuccessorId => &mut row.successor_id,
        Field::Aliases => return row.aliases = split_names(text),
        Field::FormerNames => return row.former_names = split_names(text),
        Field::Attributes => return,
    };
    text.clone_into(place);
}

/// Every spelling that is read as a field, as it is listed and folded.
#[derive(Debug)]
pub(super) struct FieldNames {
    by_spelling: HashMap<String, Field>,
}

impl FieldNames {
    pub(super) fn new(map: &ColumnMap) -> Self {
        let is_mapped = |field| map.pairs.iter().any(|(mapped, _)| *mapped == field);
        let known = SPELLINGS.iter().copied().filter(|(_, field)| !is_mapped(*field));
        let mapped = map.pairs.iter().map(|(field, column)| (column.as_str(), *field));
        let both = |(spelling, field): (&str, Field)| [(fold(spelling), field), (spelling.to_owned(), field)];
        FieldNames { by_spelling: known.chain(mapped).flat_map(both).collect() }
    }

    /// The field that a header or key is read as.
    pub(super) fn get(&self, header: &str) -> Option<Field> {
        // Most keys of a JSONL file are spelled as listed: no folding, no allocation.
        let exact = self.by_spelling.get(header);
        exact.or_else(|| self.by_spelling.get(&fold(header))).copied()
    }

    /// Checks that id and name and every mapped column are there.
    pub(super) fn check_all_found(
        &self,
        header: &[&str],
        recognised: &[Option<Field>],
        map: &ColumnMap,
        what: &str,
    ) -> Result<(), LoadError> {
        for (field, column) in &map.pairs {
            if !recognised.contains(&Some(*field)) {
                return Err(mapped_column_missing(*field, column, header, what));
            }
        }
        let missing: Vec<Field> = [Field::Id, Field::Name]
            .into_iter()
            .filter(|field| !recognised.contains(&Some(*field)))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let free =
            || header.iter().zip(recognised).filter(|(_, field)| field.is_none()).map(|(text, _)| *text);
        let names: Vec<_> = missing.iter().map(|field| field.name()).collect();
        let advice: Vec<_> =
            missing.iter().map(|field| advise(*field, &spellings_of(*field), free())).collect();
        Err(LoadError::NoKeyColumn {
            what: what.to_owned(),
            missing: names.join(" and "),
            header: shown_header(header),
            advice: advice.join(" "),
        })
    }
}

/// The mapped columns that no key of a file has matched yet: JSONL has no header to check against.
#[cfg(feature = "jsonl")]
#[derive(Debug)]
pub(super) struct UnseenColumns {
    pairs: Vec<(Field, String)>,
}

#[cfg(feature = "jsonl")]
impl UnseenColumns {
    pub(super) fn new(map: &ColumnMap) -> Self {
        UnseenColumns { pairs: map.pairs.clone() }
    }

    pub(super) fn see(&mut self, field: Field) {
        if !self.pairs.is_empty() {
            self.pairs.retain(|(unseen, _)| *unseen != field);
        }
    }

    /// The error for the first column that never came.
    pub(super) fn check(&self, header: &[&str], what: &str) -> Result<(), LoadError> {
        match self.pairs.first() {
            None => Ok(()),
            Some((field, column)) => Err(mapped_column_missing(*field, column, header, what)),
        }
    }

    /// The part of the map that must show in the first row.
    pub(super) fn keys_only(map: &ColumnMap) -> ColumnMap {
        let is_key = |field: &Field| matches!(field, Field::Id | Field::Name);
        ColumnMap { pairs: map.pairs.iter().filter(|(field, _)| is_key(field)).cloned().collect() }
    }
}

/// The recognised spellings: the English names and `headers.tsv`.
static SPELLINGS: LazyLock<Vec<(&str, Field)>> = LazyLock::new(|| {
    let english = Field::COLUMNS.iter().map(|field| (field.name(), *field));
    let listed = include_str!("../../lexicons/headers.tsv").lines().filter_map(parse_spelling);
    english.chain(listed).collect()
});

fn spellings_of(field: Field) -> Vec<&'static str> {
    SPELLINGS.iter().filter(|(_, known)| *known == field).map(|(spelling, _)| *spelling).collect()
}

fn parse_spelling(line: &str) -> Option<(&str, Field)> {
    let (name, header) = line.split_once('\t')?;
    Some((header, Field::named(name)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(header: &[&str], map: &[&str]) -> Result<Vec<Option<Field>>, String> {
        let map = ColumnMap::parse(map).map_err(|error| error.to_string())?;
        let columns = Columns::from_header(header, &map, "f.csv").map_err(|error| error.to_string())?;
        Ok(columns.listed().iter().map(|(_, field)| *field).collect())
    }

    #[test]
    fn every_spelling_of_the_contract_is_recognised() {
        for (field, spellings) in [
            (Field::Id, "id|组织ID|组织编码"),
            (Field::Name, "name|组织全称|组织名称"),
            (Field::ParentId, "parent_id|上级组织ID|上级组织"),
            (Field::Kind, "kind|组织类别"),
            (Field::System, "system|所属系统"),
            (Field::Region, "region|省份"),
            (Field::Members, "members|团员数"),
            (Field::Status, "status|状态"),
            (Field::Aliases, "aliases|简称|别名"),
            (Field::FormerNames, "former_names|曾用名"),
            (Field::SuccessorId, "successor_id|继任组织ID|合并至"),
        ] {
            for spelling in spellings.split('|') {
                assert_eq!(FieldNames::new(&ColumnMap::default()).get(spelling), Some(field), "{spelling}");
            }
        }
        let listed = include_str!("../../lexicons/headers.tsv").lines().filter(|line| !line.starts_with('#'));
        assert_eq!(
            SPELLINGS.len(),
            Field::COLUMNS.len() + listed.count(),
            "a line of headers.tsv is not read"
        );
    }

    #[test]
    fn case_width_and_space_do_not_matter() {
        let found = fields(&["\u{feff} 组织ｉｄ", " Name\u{3000}", "PARENT_ID", "备注"], &[]).unwrap();
        assert_eq!(found, [Some(Field::Id), Some(Field::Name), Some(Field::ParentId), None]);
    }

    #[test]
    fn a_mapped_column_wins() {
        let found = fields(&["id", "name", "单位"], &["name = 单位"]).unwrap();
        assert_eq!(found, [Some(Field::Id), None, Some(Field::Name)]);
    }

    #[test]
    fn headers_that_cannot_be_read_say_what_to_do() {
        for (header, map, wanted) in [
            (
                &["组织编号", "全称", "团员数"][..],
                &[][..],
                "no column is recognised as id and name; the header is \"组织编号\", \"全称\", \"团员数\"; use --map id=组织编号 --map name=全称,",
            ),
            (&["id", "x"], &[], "recognised as name; the header is \"id\", \"x\"; use --map name=<column>,"),
            (&["id", "组织ID", "name"], &[], "the columns \"id\" and \"组织ID\" are both read as id;"),
            (
                &["id", "name"],
                &["kind=类型"],
                "--map kind=类型: there is no such column; the header is \"id\", \"name\"",
            ),
        ] {
            let error = fields(header, map).unwrap_err();
            assert!(error.contains(wanted), "{error}");
        }
    }

    #[test]
    fn mappings_that_cannot_be_read_say_what_to_do() {
        for (map, wanted) in [
            (&["name"][..], "--map name: write it as field=column"),
            (&["name="], "no column stands behind"),
            (&["aliasses=简称"], "did you mean aliases=简称?"),
            (&["单位=name"], "did you mean name=单位?"),
            (&["quite_else=x"], "the fields are id, name, parent_id"),
            (&["id=a", "id=b"], "the field id is mapped twice"),
            (&["id=a", "name=A"], "the column \"A\" is mapped twice"),
        ] {
            let error = ColumnMap::parse(map).unwrap_err().to_string();
            assert!(error.contains(wanted), "{error}");
        }
    }
}
