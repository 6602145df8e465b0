//! Returns: blanks that came back, whatever was done to them on the way.
//! In: books of cells, the blanks as they went out. Out: what each says row by row, with its cell; which of several counts;
//! what is wrong with each, at its cell. It must never know files on the disk or the data set.

mod journal;
mod judge;
mod merge;
mod sides;

use std::collections::BTreeMap;

pub use journal::{Entry, Journal, State};
pub use judge::{Answer, Difference, Finding, Judged, JudgedRow, Value, Verdict, judge};
pub use merge::{
    BASE_DENOMINATOR, BASE_NUMERATOR, BASE_VALUE, Cell, DENOMINATOR, Merged, MergedSheet, NUMERATOR, Origin, Share,
    Sheet as SummarySheet, Summary, TARGET, TotalOf, VALUE, merge, summary,
};

pub use crate::indicators::Made;
pub use sides::{Beside, Parts, Side, beside};

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
    let columns: BTreeMap<String, u16> = keys.filter_map(|(column, value)| Some((id(Some(value))?, *column))).collect();
    let mut rows: Vec<ReturnedRow> = Vec::new();
    let mut end = None;
    for (row, cells) in sheet.rows.range(mark_row + 1..) {
        let id = id(cells.get(&ids));
        if id.as_deref() == Some(END) {
            end = Some(*row);
            break;
        }
        // Above the first row stand titles and headings.
        if rows.is_empty() && id.is_none() {
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
    Some(Returned { mark, sheet: sheet.name.clone(), columns, rows })
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
    }

    #[test]
    fn a_book_of_something_else_has_no_table() {
        assert_eq!(read(&Book { sheets: vec![sheet(vec![(0, vec![(0, text("Школа"))])])], notes: Vec::new() }), []);
    }
}
