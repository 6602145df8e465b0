//! A sheet under construction: what every reader's cells go through.
//! In: raw values with positions. Out: a bounded sheet without covered cells, and notes on what was not as it should be.
//! It must never know which format the cells come from.

use calamine::{Data, DataRef, Dimensions, SheetVisible};

use super::{
    Book, CellValue, Line, MAX_COLUMNS, MAX_ROWS, MAX_TEXT, Noticed, ReaderNote, Sheet, Unreadable, unreadable,
};
use crate::provenance::Area;

/// Most non-empty cells of a sheet.
const MAX_CELLS: usize = 2_000_000;
/// Most cells of a workbook, blank ones included: many sheets may stand on one large part.
const MAX_VISITED: usize = 16_000_000;
/// Most broken cells of a sheet.
const MAX_BROKEN: usize = 1_000;
/// Most merged regions of a sheet that are looked at.
const MAX_MERGES: usize = 10_000;
/// Most notes of one sheet.
const MAX_NOTES: usize = 1_000;

/// What is left of the limits of a workbook.
pub(super) struct Budget {
    visited: usize,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { visited: 0 }
    }

    /// Counts a cell.
    pub(super) fn visit(&mut self) -> Result<(), Unreadable> {
        self.visited += 1;
        if self.visited > MAX_VISITED { Err(unreadable("too-large")) } else { Ok(()) }
    }
}

/// A sheet under construction.
pub(super) struct Building {
    sheet: Sheet,
    notes: Vec<ReaderNote>,
    cells: usize,
    broken: usize,
    /// Cells lost since the last good one, whose place is not known yet.
    lost: usize,
    /// The last good cell.
    last: Option<(u32, u16)>,
    first_column: u16,
}

/// What a streaming reader gives instead of a cell.
pub(super) enum Trouble {
    /// One cell could not be read; the stream goes on.
    Lost,
    /// The stream breaks off.
    Cut,
}

impl Building {
    pub(super) fn new(name: &str, knows_styles: bool) -> Self {
        let sheet = Sheet { name: name.to_owned(), knows_styles, ..Sheet::default() };
        Self { sheet, notes: Vec::new(), cells: 0, broken: 0, lost: 0, last: None, first_column: MAX_COLUMNS }
    }

    /// Notes whether the sheet is hidden.
    pub(super) fn visibility(&mut self, visible: SheetVisible) {
        if visible != SheetVisible::Visible {
            self.sheet.is_hidden = true;
            self.note(Noticed::HiddenSheet, None);
        }
    }

    pub(super) fn note(&mut self, what: Noticed, cell: Option<(u32, u16)>) {
        let sheet = self.sheet.name.clone();
        if self.notes.len() < MAX_NOTES {
            self.notes.push(ReaderNote { what, sheet, cell });
        } else if self.notes.len() == MAX_NOTES {
            self.notes.push(ReaderNote { what: Noticed::MoreNotes, sheet, cell: None });
        }
    }

    /// Puts the sheet into the book.
    pub(super) fn finish(mut self, book: &mut Book) {
        self.sheet.rows.retain(|_, cells| {
            cells.shrink();
            !cells.is_empty()
        });
        book.sheets.push(self.sheet);
        book.notes.append(&mut self.notes);
    }

    /// Puts a sheet that could not be read into the book, by its name.
    pub(super) fn give_up(mut self, book: &mut Book) {
        self.sheet.rows.clear();
        self.sheet.merges.clear();
        self.note(Noticed::UnreadableSheet, None);
        self.finish(book);
    }

    /// Takes cells from a stream until it ends.
    ///
    /// # Errors
    /// When the workbook is beyond its limits.
    pub(super) fn stream<'a>(
        &mut self,
        budget: &mut Budget,
        mut next: impl FnMut() -> Result<Option<((u32, u32), DataRef<'a>, bool)>, Trouble>,
    ) -> Result<(), Unreadable> {
        loop {
            budget.visit()?;
            match next() {
                Ok(None) => break,
                Ok(Some((position, value, is_percent))) => self.put(position, &value, is_percent)?,
                Err(Trouble::Lost) => self.lose()?,
                Err(Trouble::Cut) => {
                    self.cut()?;
                    break;
                }
            }
        }
        self.place_lost(None);
        Ok(())
    }

    /// Counts a cell that cannot be read; its place follows from the next good one.
    fn lose(&mut self) -> Result<(), Unreadable> {
        self.broken += 1;
        self.lost += 1;
        if self.broken > MAX_BROKEN { Err(unreadable("damaged")) } else { Ok(()) }
    }

    /// Marks the end of a stream that breaks off.
    fn cut(&mut self) -> Result<(), Unreadable> {
        self.place_lost(None);
        let column = if self.first_column < MAX_COLUMNS { self.first_column } else { 0 };
        let row = self.last.map_or(0, |(row, _)| (row + 1).min(MAX_ROWS - 1));
        self.note(Noticed::CutSheet, Some((row, column)));
        self.insert(row, column, CellValue::Broken(Noticed::CutSheet.id().into()))
    }

    /// Gives lost cells the places that they most likely had: a reader forgets them.
    fn place_lost(&mut self, next: Option<(u32, u16)>) {
        let lost = std::mem::take(&mut self.lost);
        for index in 0..lost {
            let step = u16::try_from(index).unwrap_or(u16::MAX);
            let (row, column) = match (self.last, next) {
                (Some((row, column)), Some((next_row, next_column)))
                    if row != next_row && next_column > self.first_column =>
                {
                    // The row of the next cell begins too late: the loss was before it.
                    let _ = (row, column);
                    (next_row, next_column.saturating_sub(step + 1))
                }
                (Some((row, column)), _) => (row, column.saturating_add(step + 1)),
                (None, Some((row, column))) => (row, column.saturating_sub(step + 1)),
                (None, None) => (0, step),
            };
            let (row, column) = (row, column.min(MAX_COLUMNS - 1));
            self.note(Noticed::LostCell, Some((row, column)));
            let cells = self.sheet.rows.entry(row).or_default();
            cells.insert_if_blank(column, || CellValue::Broken(Noticed::LostCell.id().into()));
        }
    }

    /// Puts a cell as a reader gives it.
    ///
    /// # Errors
    /// When the sheet is beyond its limits.
    pub(super) fn put(
        &mut self,
        position: (u32, u32),
        value: &DataRef<'_>,
        is_percent: bool,
    ) -> Result<(), Unreadable> {
        let (row, Ok(column)) = (position.0, u16::try_from(position.1)) else { return self.far() };
        if row >= MAX_ROWS || column >= MAX_COLUMNS {
            return self.far();
        }
        let at = (row, column);
        self.place_lost(Some(at));
        self.last = Some(at);
        self.first_column = self.first_column.min(column);
        match self.value(value, is_percent, at) {
            Some(value) => self.insert(row, column, value),
            None => Ok(()),
        }
    }

    /// Puts a text.
    ///
    /// # Errors
    /// When the sheet is beyond its limits.
    pub(super) fn put_value(&mut self, row: u32, column: u16, value: CellValue) -> Result<(), Unreadable> {
        self.first_column = self.first_column.min(column);
        self.insert(row, column, value)
    }

    fn insert(&mut self, row: u32, column: u16, value: CellValue) -> Result<(), Unreadable> {
        // Cells mostly come row by row, and rows are mostly as long as the one before.
        let last = self.sheet.rows.last_entry().filter(|last| *last.key() == row);
        match last {
            Some(last) => last.into_mut().insert(column, value),
            None => {
                let cells = self.sheet.rows.last_key_value().map_or(0, |(_, cells)| cells.len());
                self.sheet.rows.entry(row).or_insert_with(|| Line::with_capacity(cells)).insert(column, value)
            }
        };
        self.cells += 1;
        if self.cells > MAX_CELLS { Err(unreadable("too-large")) } else { Ok(()) }
    }

    /// A cell outside of every sheet stands for damage at the end of what was read.
    fn far(&mut self) -> Result<(), Unreadable> {
        self.broken += 1;
        if self.broken > MAX_BROKEN {
            return Err(unreadable("damaged"));
        }
        let (row, column) = self.last.unwrap_or((0, 0));
        let at = (row, (column + 1).min(MAX_COLUMNS - 1));
        self.note(Noticed::FarCell, Some(at));
        let cells = self.sheet.rows.entry(at.0).or_default();
        cells.insert_if_blank(at.1, || CellValue::Broken(Noticed::FarCell.id().into()));
        Ok(())
    }

    /// Marks a formula that has no stored result.
    pub(super) fn without_value(&mut self, position: (u32, u32)) {
        let Ok(column) = u16::try_from(position.1) else { return };
        let row = position.0;
        if row >= MAX_ROWS || column >= MAX_COLUMNS || self.cells >= MAX_CELLS {
            return;
        }
        let cells = self.sheet.rows.entry(row).or_default();
        if cells.contains_key(&column) {
            return;
        }
        cells.insert(column, CellValue::Broken(Noticed::FormulaWithoutValue.id().into()));
        self.cells += 1;
        self.note(Noticed::FormulaWithoutValue, Some((row, column)));
    }

    /// Keeps the merged regions that touch the used rectangle, and removes what they cover.
    pub(super) fn merges(&mut self, regions: &[Dimensions]) {
        let Some(last_row) = self.sheet.rows.keys().next_back().copied() else { return };
        let last_column =
            self.sheet.rows.values().filter_map(|cells| cells.keys().next_back()).max().copied().unwrap_or(0);
        if regions.len() > MAX_MERGES {
            self.note(Noticed::TooManyMerges, None);
        }
        for region in regions.iter().take(MAX_MERGES) {
            let (first, last) = (region.start, region.end);
            let column = |column: u32| u16::try_from(column).unwrap_or(u16::MAX).min(last_column);
            let is_reversed = first.0 > last.0 || first.1 > last.1;
            if is_reversed || first.0 > last_row || first.1 > u32::from(last_column) || first == last {
                continue;
            }
            let area = Area { columns: (column(first.1), column(last.1)), rows: (first.0, last.0.min(last_row)) };
            self.uncover(area);
            if area.columns.0 != area.columns.1 || area.rows.0 != area.rows.1 {
                self.sheet.merges.push(area);
            }
        }
        self.sheet.merges.sort_unstable();
        self.sheet.merges.dedup();
    }

    /// Removes the cells that a merged region covers.
    fn uncover(&mut self, area: Area) {
        let (top, left) = (area.rows.0, area.columns.0);
        let mut covered = Vec::new();
        for (row, cells) in self.sheet.rows.range(area.rows.0..=area.rows.1) {
            let columns = cells.range(area.columns.0..=area.columns.1).map(|(column, _)| *column);
            covered.extend(columns.filter(|column| (*row, *column) != (top, left)).map(|column| (*row, column)));
        }
        for (row, column) in covered {
            if let Some(cells) = self.sheet.rows.get_mut(&row) {
                cells.remove(&column);
                if cells.is_empty() {
                    self.sheet.rows.remove(&row);
                }
            }
            self.note(Noticed::CoveredCell, Some((row, column)));
        }
    }

    /// Turns a raw value into a cell; `None` for a blank one.
    fn value(&mut self, value: &DataRef<'_>, is_percent: bool, at: (u32, u16)) -> Option<CellValue> {
        Some(match value {
            DataRef::Empty => return None,
            DataRef::String(text) => return self.text(text, at),
            DataRef::SharedString(text) => return self.text(text, at),
            DataRef::Float(number) => self.number(*number, is_percent, at),
            DataRef::Int(number) => match i32::try_from(*number) {
                Ok(number) => self.number(f64::from(number), is_percent, at),
                Err(_) => CellValue::Text(number.to_string().into()),
            },
            DataRef::Bool(value) => CellValue::Bool(*value),
            DataRef::DateTime(date) => self.date(*date, at),
            DataRef::DateTimeIso(iso) => return self.iso(iso, at),
            DataRef::DurationIso(iso) => return self.text(iso, at),
            DataRef::Error(error) => CellValue::Broken(error.to_string().into()),
        })
    }

    /// Cleans a text; `None` when nothing is left.
    pub(super) fn text(&mut self, text: &str, at: (u32, u16)) -> Option<CellValue> {
        // The limit counts UTF-16 units; bytes are never fewer.
        if text.len() > MAX_TEXT && text.encode_utf16().count() > MAX_TEXT {
            self.note(Noticed::LongText, Some(at));
            return Some(CellValue::Broken(Noticed::LongText.id().into()));
        }
        let is_clean = !text.chars().any(|c| is_invisible(c) || c == '\r');
        if is_clean {
            return (!text.trim().is_empty()).then(|| CellValue::Text(text.into()));
        }
        // A carriage return before a line feed is how some programs end lines.
        let unified = text.replace("\r\n", "\n").replace('\r', "\n");
        let clean: String = unified.chars().filter(|c| !is_invisible(*c)).collect();
        if clean.len() != unified.len() {
            self.note(Noticed::InvisibleCharacters, Some(at));
        }
        (!clean.trim().is_empty()).then(|| CellValue::Text(clean.into()))
    }

    fn number(&mut self, number: f64, is_percent: bool, at: (u32, u16)) -> CellValue {
        if !number.is_finite() {
            self.note(Noticed::NotFinite, Some(at));
            CellValue::Broken(Noticed::NotFinite.id().into())
        } else if is_percent {
            CellValue::Fraction(number)
        } else {
            CellValue::Number(number)
        }
    }

    /// A date; below one day it is a time and stays a text. What no calendar of a school can mean is broken.
    fn date(&mut self, date: calamine::ExcelDateTime, at: (u32, u16)) -> CellValue {
        let serial = date.as_f64();
        let (year, month, day, hours, minutes, ..) = date.to_ymd_hms_milli();
        if date.is_duration() || (0.0..1.0).contains(&serial) {
            let is_short = (0.0..1.0).contains(&serial);
            if is_short {
                return CellValue::Text(format!("{hours:02}:{minutes:02}").into());
            }
            return self.number(serial, false, at);
        }
        // Years before are left to the column: a birth or a founding may be meant.
        if serial.is_finite() && serial >= 0.0 && (1900..=2100).contains(&year) {
            return CellValue::Date(year, month, day);
        }
        self.note(Noticed::ImplausibleDate, Some(at));
        CellValue::Broken(Noticed::ImplausibleDate.id().into())
    }

    /// A date as ISO 8601 writes it.
    fn iso(&mut self, iso: &str, at: (u32, u16)) -> Option<CellValue> {
        let mut parts = iso.split('T').next().unwrap_or(iso).splitn(3, '-');
        let date = (|| Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?)))();
        match date {
            Some((year, month, day))
                if (1900..=2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day) =>
            {
                Some(CellValue::Date(year, month, day))
            }
            Some((_, _, _)) => {
                self.note(Noticed::ImplausibleDate, Some(at));
                Some(CellValue::Broken(Noticed::ImplausibleDate.id().into()))
            }
            None => self.text(iso, at),
        }
    }
}

/// Lends an owned value in the form of a streamed one.
pub(super) fn lend(value: &Data) -> DataRef<'_> {
    match value {
        Data::Empty => DataRef::Empty,
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::String(text) => DataRef::SharedString(text),
        Data::Bool(value) => DataRef::Bool(*value),
        Data::DateTime(date) => DataRef::DateTime(*date),
        Data::DateTimeIso(iso) => DataRef::DateTimeIso(iso.clone()),
        Data::DurationIso(iso) => DataRef::DurationIso(iso.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
    }
}

/// Tells characters that nobody sees and that no value of a table needs.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn building() -> Building {
        Building::new("S", true)
    }

    fn noticed(building: &Building) -> Vec<(Noticed, Option<(u32, u16)>)> {
        building.notes.iter().map(|note| (note.what, note.cell)).collect()
    }

    #[test]
    fn a_lost_cell_gets_the_place_that_it_had() {
        let good = |row, column| Ok(Some(((row, column), DataRef::Float(1.0), false)));
        for (stream, place) in [
            (vec![good(0, 0), Err(Trouble::Lost), good(0, 2)], (0, 1)),
            (vec![good(0, 0), good(0, 1), good(1, 0), Err(Trouble::Lost), good(2, 0)], (1, 1)),
            (vec![good(0, 0), good(0, 1), Err(Trouble::Lost), good(1, 1)], (1, 0)),
            (vec![Err(Trouble::Lost), good(0, 1)], (0, 0)),
            (vec![good(0, 0), Err(Trouble::Lost)], (0, 1)),
        ] {
            let mut building = building();
            let mut stream = stream.into_iter();
            building.stream(&mut Budget::new(), || stream.next().unwrap_or(Ok(None))).expect("within limits");
            assert_eq!(noticed(&building), [(Noticed::LostCell, Some(place))]);
            let cell = building.sheet.rows.get(&place.0).and_then(|cells| cells.get(&place.1));
            assert_eq!(cell, Some(&CellValue::Broken("lost-cell".into())));
        }
    }

    #[test]
    fn covered_cells_are_left_out_and_named() {
        let mut building = building();
        for (row, column) in [(0, 0), (0, 1), (1, 1), (2, 2)] {
            building.put((row, column), &DataRef::Float(1.0), false).expect("within limits");
        }
        let region = |start, end| Dimensions { start, end };
        building.merges(&[
            region((0, 0), (0, 1)),
            region((1, 1), (1_048_575, 16_383)),
            region((5, 5), (4, 4)),
            region((9, 9), (10, 10)),
        ]);
        assert_eq!(noticed(&building), [(Noticed::CoveredCell, Some((0, 1))), (Noticed::CoveredCell, Some((2, 2)))]);
        let area = |columns, rows| Area { columns, rows };
        assert_eq!(building.sheet.merges, [area((0, 1), (0, 0)), area((1, 2), (1, 2))]);
    }

    #[test]
    fn texts_lose_what_nobody_sees() {
        let mut building = building();
        let mut read = |text: &str| building.text(text, (0, 0));
        let text = |text: &str| Some(CellValue::Text(text.into()));
        assert_eq!(read("a\u{200b}b\u{202e}\u{1}c\u{feff}"), text("abc"));
        assert_eq!(read("a\r\nb\u{a0}c"), text("a\nb\u{a0}c"));
        assert_eq!(read(" \u{200b}"), None);
        assert_eq!(read(&"я".repeat(MAX_TEXT)), text(&"я".repeat(MAX_TEXT)));
        assert_eq!(read(&"я".repeat(MAX_TEXT + 1)), Some(CellValue::Broken("long-text".into())));
    }
}
