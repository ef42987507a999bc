//! From the header of somebody's table to what its rows say of an organization.
//!
//! Such tables name an organization in one column, or in several: 学校, 学院, 专业, 班级. The narrowest column that is
//! filled is its name, the wider ones say what stands above it.

use super::error::LoadError;
use super::mapping::{
    ColumnField, advise, fold, mapped_column_missing, parse_pairs, repeated_column, shown_header,
};
use super::table::TableRow;
use crate::lexicon::{CounterRole, counters};
use std::collections::HashMap;
use std::sync::LazyLock;

/// What a column of a table of records says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordField {
    /// The name of the organization; wins over the columns below.
    Name,
    /// The school, or whatever is the widest part of a name in several columns.
    School,
    /// The school's college or department.
    College,
    /// What a class studies.
    Major,
    /// The year or grade of a class. Stands before the class, unless that says it.
    Year,
    /// The class.
    Class,
    /// The organization above.
    Parent,
    /// Where it is. Several columns may say it: 省, 市, 区县.
    Region,
    /// The id of the organization.
    Code,
    /// A name that it had before.
    FormerName,
    /// What kind of organization it is.
    Kind,
}

impl RecordField {
    /// All fields.
    pub const ALL: &'static [RecordField] = &[
        RecordField::Name,
        RecordField::School,
        RecordField::College,
        RecordField::Major,
        RecordField::Year,
        RecordField::Class,
        RecordField::Parent,
        RecordField::Region,
        RecordField::Code,
        RecordField::FormerName,
        RecordField::Kind,
    ];

    /// The parts of a name in several columns, the widest first.
    const PARTS: [RecordField; 5] = [
        RecordField::School,
        RecordField::College,
        RecordField::Major,
        RecordField::Year,
        RecordField::Class,
    ];

    /// Its name in `--map` arguments.
    pub fn name(self) -> &'static str {
        match self {
            RecordField::Name => "name",
            RecordField::School => "school",
            RecordField::College => "college",
            RecordField::Major => "major",
            RecordField::Year => "year",
            RecordField::Class => "class",
            RecordField::Parent => "parent",
            RecordField::Region => "region",
            RecordField::Code => "code",
            RecordField::FormerName => "former_name",
            RecordField::Kind => "kind",
        }
    }

    /// Whether it says which organization is meant.
    fn is_key(self) -> bool {
        self == RecordField::Name || self == RecordField::Code || RecordField::PARTS.contains(&self)
    }
}

impl ColumnField for RecordField {
    const FIELDS: &'static [RecordField] = RecordField::ALL;

    fn field_name(self) -> &'static str {
        self.name()
    }
}

/// Which columns say what, beyond the spellings that are recognised anyway. The default is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordMap {
    pairs: Vec<(RecordField, String)>,
}

impl RecordMap {
    /// Reads `--map` arguments: `field=column`, such as `class=教学班`. A mapped column wins over recognised headers of
    /// the same field. `region` may be mapped several times.
    ///
    /// ```
    /// use index_data::load::RecordMap;
    /// assert!(RecordMap::parse(&["class=教学班", "region=省", "region=市"]).is_ok());
    /// let error = RecordMap::parse(&["clas=教学班"]).unwrap_err();
    /// assert_eq!(error.to_string(), "--map clas=教学班: there is no field \"clas\"; did you mean class=教学班?");
    /// ```
    ///
    /// # Errors
    /// [`LoadError::BadMapping`] for an argument without `=` or without a column, an unknown field, and a field or
    /// column that is mapped twice.
    pub fn parse(arguments: &[impl AsRef<str>]) -> Result<RecordMap, LoadError> {
        Ok(RecordMap { pairs: parse_pairs(arguments, |field| field == RecordField::Region)? })
    }
}

/// The columns of a table with what they say.
///
/// ```
/// use index_data::load::{RecordColumns, RecordMap, Format, Table};
///
/// let file = "姓名,学校,学院,班级\n张三,北京大学,软微学院,2024级软工1班\n李四,北京大学,软微学院,\n";
/// let mut table = Table::from_reader(file.as_bytes(), Format::Csv, "rows.csv")?;
/// let columns = RecordColumns::recognise(table.header(), &RecordMap::default(), "rows.csv")?;
/// let record = columns.texts(&table.next().expect("a row")?);
/// assert_eq!((record.name.as_str(), record.parent.as_str()), ("2024级软工1班", "北京大学 软微学院"));
/// let record = columns.texts(&table.next().expect("a row")?);
/// assert_eq!((record.name.as_str(), record.parent.as_str()), ("软微学院", "北京大学"));
/// # Ok::<(), index_data::load::LoadError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordColumns {
    fields: Vec<Option<RecordField>>,
}

/// What one row says of an organization; empty text says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordTexts {
    /// Its name.
    pub name: String,
    /// What stands above it, the widest first.
    pub parent: String,
    /// Where it is.
    pub region: String,
    /// Its id.
    pub code: String,
    /// A name that it had before.
    pub former_name: String,
    /// Its kind.
    pub kind: String,
}

impl RecordColumns {
    /// Recognises the columns of a header: by `map`, and by the spellings in `record_headers.tsv`, without case, width,
    /// white space and what stands in brackets.
    ///
    /// # Errors
    /// [`LoadError::NoRecordColumn`] if no column says which organization is meant, [`LoadError::RepeatedColumn`] if
    /// two say the same, [`LoadError::MappedColumnMissing`].
    pub fn recognise(
        header: &[impl AsRef<str>],
        map: &RecordMap,
        what: &str,
    ) -> Result<RecordColumns, LoadError> {
        let fields = recognised(header, map);
        for (field, column) in &map.pairs {
            let is_it = |(text, found): (&_, &Option<RecordField>)| {
                *found == Some(*field) && fold(AsRef::<str>::as_ref(text)) == fold(column)
            };
            if !header.iter().zip(&fields).any(is_it) {
                return Err(mapped_column_missing(*field, column, header, what));
            }
        }
        for &field in RecordField::ALL.iter().filter(|field| **field != RecordField::Region) {
            let mut same = header.iter().zip(&fields).filter(|(_, found)| **found == Some(field));
            if let (Some((first, _)), Some((second, _))) = (same.next(), same.next()) {
                return Err(repeated_column(field, first.as_ref(), second.as_ref(), what));
            }
        }
        if fields.iter().flatten().any(|field| field.is_key()) {
            return Ok(RecordColumns { fields });
        }
        let free = header.iter().zip(&fields).filter(|(_, field)| field.is_none());
        let names = spellings_of(RecordField::Name);
        let advice = advise(RecordField::Name, &names, free.map(|(text, _)| text.as_ref()));
        Err(LoadError::NoRecordColumn { what: what.to_owned(), header: shown_header(header), advice })
    }

    /// What each column says; `None` for the others.
    pub fn fields(&self) -> &[Option<RecordField>] {
        &self.fields
    }

    /// What a row says. A failed formula says nothing, nor does an id that lost digits in a number cell.
    pub fn texts(&self, row: &TableRow) -> RecordTexts {
        let all = |field| self.all(row, field);
        let first = |field| all(field).into_iter().next().unwrap_or_default();
        let mut parts = self.parts(row);
        let mut name = first(RecordField::Name);
        if name.is_empty() {
            name = parts.pop().unwrap_or_default();
        }
        parts.extend(all(RecordField::Parent));
        RecordTexts {
            parent: joined(&parts, &name),
            region: joined(&all(RecordField::Region), ""),
            code: first(RecordField::Code),
            former_name: first(RecordField::FormerName),
            kind: first(RecordField::Kind),
            name,
        }
    }

    /// The parts of a name in several columns that are filled, the widest first. A year belongs to its class.
    fn parts(&self, row: &TableRow) -> Vec<String> {
        let mut parts: Vec<String> = Vec::new();
        let mut year = None;
        for field in RecordField::PARTS {
            let Some(text) = self.all(row, field).into_iter().next() else { continue };
            match field {
                RecordField::Year => year = Some(text),
                RecordField::Class => parts.push(class_of(year.take(), text)),
                _ => parts.push(text),
            }
        }
        parts.extend(year.map(with_counter));
        parts
    }

    /// The texts of the columns of a field that are filled, from left to right.
    fn all(&self, row: &TableRow, field: RecordField) -> Vec<String> {
        let columns = self.fields.iter().enumerate().filter(|(_, found)| **found == Some(field));
        let cells = columns.filter_map(|(column, _)| row.cell(column));
        let says = |cell: &&super::Cell| match cell {
            super::Cell::Error(_) => false,
            cell => field != RecordField::Code || !cell.has_lost_digits(),
        };
        let texts = cells.filter(says).map(|cell| beginning(cell.text().trim()));
        texts.filter(|text| !text.is_empty()).collect()
    }
}

/// A class with its year, unless it says one: 2024级 and 1班 are 2024级1班.
fn class_of(year: Option<String>, class: String) -> String {
    let Some(year) = year else { return class };
    let digits: String = year.chars().filter(char::is_ascii_digit).collect();
    let short = digits.get(digits.len().saturating_sub(2)..).unwrap_or_default();
    let says_short = year_words().any(|word| class.contains(&format!("{short}{word}")));
    let says_year = class.contains(&year) || (digits.len() > 2 && class.contains(&digits));
    if says_year || (!short.is_empty() && says_short) { class } else { with_counter(year) + &class }
}

/// A year with the word that makes it one: 2024 is 2024级.
fn with_counter(year: String) -> String {
    let is_number = year.ends_with(|c: char| c.is_ascii_digit());
    let word = year_words().next().filter(|_| is_number).unwrap_or_default();
    year + word
}

fn year_words() -> impl Iterator<Item = &'static str> {
    counters().filter(|row| row.role == CounterRole::Year).map(|row| row.text)
}

/// As much of a cell as any name has, and a little more, so that a longer one is told from those.
fn beginning(text: &str) -> String {
    const MAX_CHARS: usize = 1_000;
    text.chars().take(MAX_CHARS).collect()
}

/// The parts in order, without those that a narrower one, or the name, says already.
fn joined(parts: &[String], name: &str) -> String {
    let is_news = |at: usize, part: &str| {
        !name.contains(part) && !parts[at + 1..].iter().any(|narrower| narrower.contains(part))
    };
    let news = parts.iter().enumerate().filter(|(at, part)| is_news(*at, part));
    news.map(|(_, part)| part.as_str()).collect::<Vec<_>>().join(" ")
}

fn recognised(header: &[impl AsRef<str>], map: &RecordMap) -> Vec<Option<RecordField>> {
    let texts: Vec<String> = header.iter().map(|text| fold(text.as_ref())).collect();
    let mapped = |text: &String| map.pairs.iter().find(|(_, column)| fold(column) == *text);
    let is_mapped = |field| map.pairs.iter().any(|(mapped, _)| *mapped == field);
    let known = |text: &String| {
        let spelling = SPELLINGS.get(text).or_else(|| SPELLINGS.get(&without_brackets(text)));
        spelling.copied()
    };
    // A header that may be wider is, where another one says more closely what is meant.
    let others = texts.iter().filter(|text| {
        let strict = known(text).filter(|spelling| spelling.beside.is_none()).map(|spelling| spelling.field);
        mapped(text)
            .map(|(field, _)| *field)
            .or(strict)
            .is_some_and(|field| field == RecordField::Name || RecordField::PARTS.contains(&field))
    });
    let is_beside = others.count() > 0;
    let field_of = |text: &String| {
        if let Some((field, _)) = mapped(text) {
            return Some(*field);
        }
        let spelling = known(text)?;
        let field = spelling.beside.filter(|_| is_beside).unwrap_or(spelling.field);
        (!is_mapped(field)).then_some(field)
    };
    texts.iter().map(field_of).collect()
}

/// A folded header without what stands in brackets and without marks: 班级（必填）, *班级, 班级：.
fn without_brackets(text: &str) -> String {
    let mut depth = 0_usize;
    let is_kept = |c: &char| {
        match c {
            '(' | '[' | '【' | '〔' => depth += 1,
            ')' | ']' | '】' | '〕' => depth = depth.saturating_sub(1),
            _ => return depth == 0 && !matches!(c, '*' | ':' | '、' | '_'),
        }
        false
    };
    text.chars().filter(is_kept).collect()
}

/// What a spelling is read as.
#[derive(Debug, Clone, Copy)]
struct Spelling {
    field: RecordField,
    /// What it is read as beside a column that says more closely which organization is meant.
    beside: Option<RecordField>,
}

/// The spellings by their folded text: the fields themselves and `record_headers.tsv`.
static SPELLINGS: LazyLock<HashMap<String, Spelling>> = LazyLock::new(|| {
    let fields = RecordField::ALL.iter().flat_map(|field| {
        let spelling = Spelling { field: *field, beside: None };
        [(fold(field.name()), spelling), (without_brackets(&fold(field.name())), spelling)]
    });
    fields.chain(listed().map(|(header, spelling)| (fold(header), spelling))).collect()
});

fn listed() -> impl Iterator<Item = (&'static str, Spelling)> {
    include_str!("../../lexicons/record_headers.tsv").lines().filter_map(parse_spelling)
}

fn parse_spelling(line: &'static str) -> Option<(&'static str, Spelling)> {
    let mut cells = line.split('\t');
    let field = RecordField::named(cells.next()?)?;
    let header = cells.next()?;
    Some((header, Spelling { field, beside: cells.next().and_then(RecordField::named) }))
}

fn spellings_of(field: RecordField) -> Vec<&'static str> {
    let listed = listed().filter(|(_, spelling)| spelling.field == field).map(|(header, _)| header);
    listed.chain([field.name()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::Cell;

    fn fields(header: &[&str], map: &[&str]) -> Result<String, String> {
        let map = RecordMap::parse(map).map_err(|error| error.to_string())?;
        let columns = RecordColumns::recognise(header, &map, "f.csv").map_err(|error| error.to_string())?;
        let names = columns.fields().iter().map(|field| field.map_or("-", RecordField::name));
        Ok(names.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn every_line_of_the_list_is_read() {
        let lines = include_str!("../../lexicons/record_headers.tsv").lines();
        let rows: Vec<_> = lines.filter(|line| !line.starts_with('#')).collect();
        assert_eq!(listed().count(), rows.len());
        for row in rows {
            let cells: Vec<_> = row.split('\t').collect();
            let spelling = SPELLINGS.get(&fold(cells[1])).unwrap_or_else(|| panic!("{row}"));
            assert_eq!(spelling.field.name(), cells[0], "{row} is listed twice");
            assert_eq!(spelling.beside.map(RecordField::name), cells.get(2).copied(), "{row}");
        }
    }

    #[test]
    fn headers_are_recognised_as_people_write_them() {
        for (header, map, wanted) in [
            (&["姓名", "团组织名称"][..], &[][..], "- name"),
            (&["Name", "PARENT", "Region"], &[], "name parent region"),
            (
                &["former_name", "Former Name "],
                &["former_name=former_name", "name=Former Name"],
                "former_name name",
            ),
            (&["单位", "备注"], &[], "name -"),
            (&["单位", "团支部"], &[], "parent name"),
            (&["单位", "班级"], &[], "parent class"),
            (&["单位", "团支部"], &["name=单位"], "name -"),
            (&["省份", "市", "区县", "学校"], &[], "region region region school"),
            (&["*学校名称（必填）", "学院（系）", "班级："], &[], "school college class"),
            (
                &["组织ID", "组织全称", "上级组织", "组织类别", "曾用名"],
                &[],
                "code name parent kind former_name",
            ),
            (&["学校", "教学班"], &["class=教学班"], "school class"),
            (&["编码"], &[], "code"),
        ] {
            assert_eq!(fields(header, map), Ok(wanted.to_owned()), "{header:?}");
        }
    }

    #[test]
    fn headers_that_cannot_be_read_say_what_to_do() {
        for (header, map, wanted) in [
            (
                &["姓名", "组织称谓"][..],
                &[][..],
                "no column is recognised as what names an organization; the header is \"姓名\", \"组织称谓\"; use --map name=组织称谓,",
            ),
            (&["a", "省份"], &[], "use --map name=<column>,"),
            (
                &["班级", "班级名称"],
                &[],
                "\"班级\" and \"班级名称\" are both read as class; rename one, or choose with --map class=",
            ),
            (&["班级"], &["name=单位"], "--map name=单位: there is no such column; the header is \"班级\""),
            (&["班级"], &["class=a", "class=b"], "the field class is mapped twice"),
            (&["班级"], &["klass=班级"], "did you mean class=班级?"),
        ] {
            let error = fields(header, map).unwrap_err();
            assert!(error.contains(wanted), "{error}");
        }
    }

    #[test]
    fn columns_are_joined_from_wide_to_narrow() {
        let header = ["学校", "学院", "专业", "年级", "班级", "上级", "名称"];
        let columns = RecordColumns::recognise(&header, &RecordMap::default(), "f.csv").unwrap();
        for (cells, name, parent) in [
            (["北大", "软微", "软工", "2024级", "1班", "", ""], "2024级1班", "北大 软微 软工"),
            (["北大", "软微", "", "2024级", "2024级软工1班", "", ""], "2024级软工1班", "北大 软微"),
            (["北大", "", "", "2024", "24级1班", "", ""], "24级1班", "北大"),
            (["北大", "", "", "2024", "24班", "", ""], "2024级24班", "北大"),
            (["北大", "", "", "高一", "3班", "", ""], "高一3班", "北大"),
            (["北大", "", "", "2024", "", "", ""], "2024级", "北大"),
            (["北大", "软微", "", "", "", "", ""], "软微", "北大"),
            (["北大", "", "", "", "", "", ""], "北大", ""),
            (["北大", "软微", "", "", "", "", "团支部"], "团支部", "北大 软微"),
            (["北大", "北大软微", "", "", "1班", "", ""], "1班", "北大软微"),
            (["北大", "", "", "", "1班", "团委", ""], "1班", "北大 团委"),
            (["北大", "软微", "", "", "北大软微1班", "", ""], "北大软微1班", ""),
            (["", "", "", "", "", "团委", ""], "", "团委"),
        ] {
            let filled = cells.iter().enumerate().filter(|(_, text)| !text.is_empty());
            let cells = filled.map(|(column, text)| (column, Cell::Text((*text).to_owned()))).collect();
            let texts = columns.texts(&TableRow { row: 2, cells, line: None });
            assert_eq!((texts.name.as_str(), texts.parent.as_str()), (name, parent));
        }
    }

    #[test]
    fn what_is_no_text_says_nothing() {
        let columns = RecordColumns::recognise(&["编码", "名称"], &RecordMap::default(), "f.xlsx").unwrap();
        for (code, name, wanted) in [
            (Cell::Number(10_000_001.0), Cell::Text(" 北大 ".into()), ("10000001", "北大")),
            (Cell::Number(1e17), Cell::Error("#N/A".into()), ("", "")),
        ] {
            let texts = columns.texts(&TableRow { row: 2, cells: vec![(0, code), (1, name)], line: None });
            assert_eq!((texts.code.as_str(), texts.name.as_str()), wanted);
        }
    }
}
