//! Returns: blanks that came back, whatever was done to them on the way.
//! In: books of cells, the blanks as they went out. Out: what each says row by row, with its cell; which of several counts;
//! what is wrong with each, at its cell. It must never know files on the disk or the data set.

mod compared;
mod journal;
mod judge;
mod merge;
mod sides;
mod tallies;

use std::collections::BTreeMap;

pub use journal::{Entry, Journal, State};
pub use judge::{Answer, Difference, Finding, Judged, JudgedRow, Value, Verdict, judge, quoted, signed};
pub use merge::{
    BASE_DENOMINATOR, BASE_NUMERATOR, BASE_VALUE, Cell, DENOMINATOR, Merged, MergedSheet, NUMERATOR, Origin, Share,
    Sheet as SummarySheet, Summary, TARGET, TotalOf, VALUE, merge, summary,
};

pub use crate::indicators::Made;
pub use sides::{Beside, Columns, Counted, Half, Parts, Side, Single, beside, halves, side_by_side, single};
pub use tallies::{Answered, Question, Tally};

use crate::blank::{END, MARK, Mark};
use crate::workbook::{Book, CellValue, Sheet};

/// Rows searched for a mark: somebody may have put lines above it.
const SEARCH: u32 = 60;

/// A table that came back.
#[derive(Clone, PartialEq, Debug)]
pub struct Returned {
    /// Whose it is, and of what.
    pub mark: Mark,
    /// Name of the sheet.
    pub sheet: String,
    /// Columns by id.
    pub columns: BTreeMap<String, u16>,
    /// Its rows from top to bottom.
    pub rows: Vec<ReturnedRow>,
    /// What stands above the headings, line by line.
    pub lines: Vec<String>,
    /// Filled cells beside the columns of the table and below its end: the form's own, and what somebody put there.
    pub outside: Vec<Outside>,
}

/// A filled cell of the sheet that belongs to no row and column of the table.
#[derive(Clone, PartialEq, Debug)]
pub struct Outside {
    /// Zero-based row and column.
    pub cell: (u32, u16),
    /// What stands there.
    pub value: CellValue,
    /// The text above it in the row of headings, where it stands beside the table.
    pub heading: Option<String>,
    /// Texts of its row, where it stands below the table.
    pub row: Vec<String>,
    /// Those of the row above it.
    pub above: Vec<String>,
    /// The column of the table that it stands in.
    pub column: Option<String>,
}

/// A row that came back.
#[derive(Clone, PartialEq, Debug)]
pub struct ReturnedRow {
    /// Its id; `None` for one that the respondent added.
    pub id: Option<String>,
    /// Zero-based row of the sheet.
    pub row: u32,
    /// Values by id of the column.
    pub cells: BTreeMap<String, CellValue>,
}

/// Finds the tables of blanks in a book; none when nothing in it is one.
pub fn read(book: &Book) -> Vec<Returned> {
    book.sheets.iter().filter_map(table).collect()
}

/// What stands in a cell as an id: some programs turn «1» into a number.
fn id(value: Option<&CellValue>) -> Option<String> {
    match value? {
        CellValue::Text(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        CellValue::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn table(sheet: &Sheet) -> Option<Returned> {
    let marked = sheet.rows.range(..SEARCH).find_map(|(row, cells)| {
        cells.iter().find_map(|(column, value)| match value {
            CellValue::Text(text) if text.contains(MARK) => Mark::parse(text).map(|mark| (*row, *column, mark)),
            _ => None,
        })
    });
    let (mark_row, ids, mark) = marked?;
    let keys = sheet.rows.get(&mark_row).into_iter().flatten().filter(|(column, _)| **column != ids);
    let mut columns: BTreeMap<String, u16> = BTreeMap::new();
    for (column, value) in keys {
        // Of a column that was copied with its id, the first is the form's.
        if let Some(key) = id(Some(value)) {
            columns.entry(key).or_insert(*column);
        }
    }
    let mut rows: Vec<ReturnedRow> = Vec::new();
    let mut end = None;
    for (row, cells) in sheet.rows.range(mark_row + 1..) {
        let id = id(cells.get(&ids));
        if id.as_deref() == Some(END) {
            end = Some(*row);
            break;
        }
        // Above the first row stand titles and headings, and no number but in a row that somebody put there.
        let is_said = |column: &u16| cells.get(column).is_some_and(|value| !matches!(value, CellValue::Text(_)));
        if rows.is_empty() && id.is_none() && !columns.values().any(is_said) {
            continue;
        }
        let value = |(key, column): (&String, &u16)| cells.get(column).map(|value| (key.clone(), value.clone()));
        rows.push(ReturnedRow { id, row: *row, cells: columns.iter().filter_map(value).collect() });
    }
    if end.is_none() {
        // Without its end, the table goes as far as its ids do: behind them stand sums and signatures.
        let last = rows.iter().rposition(|row| row.id.is_some()).map_or(0, |last| last + 1);
        rows.truncate(last);
    }
    let first = rows.first().map_or(mark_row + 1, |row| row.row);
    let below = end.or_else(|| rows.last().map(|row| row.row + 1)).unwrap_or(first);
    let lines = lines(sheet, mark_row + 1, first);
    let outside = outside(sheet, ids, &columns, (first, below));
    Some(Returned { mark, sheet: sheet.name.clone(), columns, rows, lines, outside })
}

/// The texts of some rows of a sheet, cell by cell.
fn lines(sheet: &Sheet, from: u32, to: u32) -> Vec<String> {
    let cells = sheet.rows.range(from..to.max(from)).flat_map(|(_, cells)| cells.iter());
    cells.filter_map(|(_, value)| text(value)).collect()
}

fn text(value: &CellValue) -> Option<String> {
    match value {
        CellValue::Text(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        _ => None,
    }
}

/// The texts with which the sheets of a book begin: who fills in what stands there, also where the mark is gone.
pub fn beginnings(book: &Book) -> Vec<String> {
    book.sheets.iter().filter(|sheet| !sheet.is_hidden).flat_map(|sheet| lines(sheet, 0, SEARCH)).collect()
}

/// Filled cells beside the columns and below the rows.
fn outside(sheet: &Sheet, ids: u16, columns: &BTreeMap<String, u16>, (first, below): (u32, u32)) -> Vec<Outside> {
    let is_filled = |value: &CellValue| !matches!(value, CellValue::Text(text) if text.trim().is_empty());
    let key_of = |column: u16| columns.iter().find(|(_, own)| **own == column).map(|(key, _)| key.clone());
    let headings = sheet.rows.range(..first).next_back();
    let mut found = Vec::new();
    for (row, cells) in sheet.rows.range(first..) {
        let is_below = *row >= below;
        let texts = |row: u32| if is_below && row >= below { lines(sheet, row, row + 1) } else { Vec::new() };
        let (own_row, above) = (texts(*row), row.checked_sub(1).map(texts).unwrap_or_default());
        for (column, value) in cells.iter().filter(|(column, value)| **column != ids && is_filled(value)) {
            let own = key_of(*column);
            if own.is_some() && !is_below {
                continue;
            }
            found.push(Outside {
                cell: (*row, *column),
                value: value.clone(),
                heading: headings.filter(|_| !is_below).and_then(|(_, cells)| text(cells.get(column)?)),
                row: own_row.clone(),
                above: above.clone(),
                column: own,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workbook::Line;

    fn sheet(rows: Vec<(u32, Vec<(u16, CellValue)>)>) -> Sheet {
        let rows = rows.into_iter().map(|(row, cells)| (row, cells.into_iter().collect::<Line>())).collect();
        Sheet { name: "S".to_owned(), rows, ..Sheet::default() }
    }

    fn text(text: &str) -> CellValue {
        CellValue::Text(text.into())
    }

    #[test]
    fn ids_tell_cells_wherever_rows_and_columns_went() {
        let mark = "svod-blank|f|v|m|2022|s|t";
        let found = read(&Book {
            sheets: vec![sheet(vec![
                (0, vec![(0, text("a line of somebody"))]),
                (2, vec![(1, text(mark)), (3, text("value")), (4, text("note"))]),
                (5, vec![(3, text("heading"))]),
                (7, vec![(1, text("one")), (3, CellValue::Number(1.0))]),
                (8, vec![(3, CellValue::Number(5.0))]),
                (9, vec![(1, CellValue::Number(2.0)), (4, text("why"))]),
                (10, vec![(1, text(END)), (3, CellValue::Number(6.0))]),
                (12, vec![(1, text("three"))]),
            ])],
            notes: Vec::new(),
        });
        let table = found.first().expect("one table");
        assert_eq!(table.columns.keys().collect::<Vec<_>>(), ["note", "value"]);
        let rows: Vec<_> = table.rows.iter().map(|row| (row.id.as_deref(), row.row, row.cells.len())).collect();
        assert_eq!(rows, [(Some("one"), 7, 1), (None, 8, 1), (Some("2"), 9, 1)]);
        assert_eq!(table.lines, ["heading"]);
        // Beside the end and below it.
        let outside: Vec<_> = table.outside.iter().map(|one| (one.cell, one.column.as_deref())).collect();
        assert_eq!(outside, [((10, 3), Some("value"))]);
    }

    #[test]
    fn a_book_of_something_else_has_no_table() {
        assert_eq!(read(&Book { sheets: vec![sheet(vec![(0, vec![(0, text("Школа"))])])], notes: Vec::new() }), []);
    }
}
