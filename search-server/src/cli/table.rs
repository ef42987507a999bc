//! Aligned columns on a terminal, where a Chinese character takes two cells.

use super::output::printable;
use std::io::{self, Write};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Where the cells of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// Rows of cells under titles. The last column is never padded, so that it may be long.
#[derive(Debug)]
pub(super) struct Table {
    columns: Vec<(&'static str, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table. Columns without any text, title included, still take their place.
    pub(super) fn new(columns: &[(&'static str, Align)]) -> Self {
        Table { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Adds a row; cells are made safe to print.
    pub(super) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into_iter().map(|cell| printable(&cell)).collect());
    }

    /// Writes titles and rows.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let widths = self.widths();
        let titles: Vec<String> = self.columns.iter().map(|(title, _)| (*title).to_owned()).collect();
        for row in std::iter::once(&titles).chain(&self.rows) {
            writeln!(out, "{}", self.line(row, &widths))?;
        }
        Ok(())
    }

    fn widths(&self) -> Vec<usize> {
        let width_of = |column: usize, title: &str| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.width()).chain([title.width()]).max().unwrap_or(0)
        };
        self.columns.iter().enumerate().map(|(column, (title, _))| width_of(column, title)).collect()
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for ((cell, width), (_, align)) in cells.iter().zip(widths).zip(&self.columns) {
            if !line.is_empty() {
                line.push_str("  ");
            }
            let padding = " ".repeat(width.saturating_sub(cell.width()));
            match align {
                Align::Left => line.extend([cell, padding.as_str()]),
                Align::Right => line.extend([padding.as_str(), cell]),
            }
        }
        line.truncate(line.trim_end().len());
        line
    }
}

/// The beginning of `text` that fits into `cells` cells, with an ellipsis if something is left out.
pub(super) fn shortened(text: &str, cells: usize) -> String {
    if text.width() <= cells {
        return text.to_owned();
    }
    let mut left = cells.saturating_sub(1);
    let mut shown = String::new();
    for c in text.chars() {
        let width = c.width().unwrap_or(0);
        if width > left {
            break;
        }
        left -= width;
        shown.push(c);
    }
    shown + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_under_wide_characters() {
        let mut table = Table::new(&[("ROW", Align::Right), ("VALUE", Align::Left), ("CODE", Align::Left)]);
        table.row(["2".into(), "北京大学".into(), "a".into()]);
        table.row(["13".into(), "x".into(), "b c  ".into()]);
        let mut out = Vec::new();
        table.write(&mut out).unwrap();
        let expected = "ROW  VALUE     CODE\n  2  北京大学  a\n 13  x         b c\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn shortening_counts_cells() {
        for (text, cells, shown) in [
            ("北京大学", 8, "北京大学"),
            ("北京大学", 7, "北京大…"),
            ("北京大学", 6, "北京…"),
            ("abc", 0, "…"),
            ("", 0, ""),
        ] {
            assert_eq!(shortened(text, cells), shown, "{text} in {cells}");
        }
    }
}
