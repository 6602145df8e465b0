//! xls, as a whole: its reader cannot stream, and damaged files make it panic or take all memory. Only in a child process.
//! In: bytes. Out: a book.

use std::io::Cursor;

use calamine::{Reader as _, SheetType, Xls, XlsError};

use super::build::{Budget, Building, lend};
use super::{Book, MAX_SHEETS, Unreadable, guarded, unreadable};

/// Reads a workbook.
pub(super) fn read(bytes: &[u8]) -> Result<Book, Unreadable> {
    let mut xls: Xls<_> = Xls::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsError::Password => unreadable("password"),
        _ => unreadable("damaged"),
    })?;
    let sheets = xls.sheets_metadata().to_vec();
    if sheets.len() > MAX_SHEETS {
        return Err(unreadable("too-large"));
    }
    let (mut book, mut budget) = (Book::default(), Budget::new());
    for sheet in sheets {
        let mut building = Building::new(&sheet.name, false);
        building.visibility(sheet.visible);
        if book.sheets.iter().any(|known| known.name == sheet.name) {
            building.give_up(&mut book);
            continue;
        }
        if sheet.typ != SheetType::WorkSheet {
            building.finish(&mut book);
            continue;
        }
        let read = guarded(|| {
            let Ok(range) = xls.worksheet_range(&sheet.name) else { return Ok(false) };
            let (top, left) = range.start().unwrap_or((0, 0));
            for (row, column, value) in range.used_cells() {
                budget.visit()?;
                let place = |offset: usize, start: u32| u32::try_from(offset).unwrap_or(u32::MAX).saturating_add(start);
                building.put((place(row, top), place(column, left)), &lend(value), false)?;
            }
            if let Ok(regions) = xls.merge_cells_by_sheet_name(&sheet.name) {
                building.merges(&regions);
            }
            Ok(true)
        });
        match read {
            Some(Ok(true)) => building.finish(&mut book),
            Some(Err(why)) => return Err(why),
            Some(Ok(false)) | None => building.give_up(&mut book),
        }
    }
    Ok(book)
}
