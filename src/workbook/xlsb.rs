//! xlsb, cell by cell. Damaged files make its reader panic: only in a child process.
//! In: bytes. Out: a book. The format keeps no number formats that the reader could tell, and no merged regions.

use std::io::Cursor;

use calamine::{Reader as _, SheetType, Xlsb, XlsbError};

use super::build::{Budget, Building, Trouble};
use super::{Book, MAX_SHEETS, Unreadable, archive, guarded, unreadable};

/// Most records without a cell that a damaged sheet may cost.
const MAX_BAD_FORMULAS: usize = 1_000;

type Open<'a> = Xlsb<Cursor<&'a [u8]>>;

/// Reads a workbook.
pub(super) fn read(bytes: &[u8]) -> Result<Book, Unreadable> {
    archive::scan(bytes)?;
    let mut xlsb: Open<'_> = Xlsb::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsbError::Password => unreadable("password"),
        _ => unreadable("damaged"),
    })?;
    let sheets = xlsb.sheets_metadata().to_vec();
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
            let Ok(mut reader) = xlsb.worksheet_cells_reader(&sheet.name) else { return Ok(false) };
            building.stream(&mut budget, || match reader.next_cell() {
                Ok(cell) => Ok(cell.map(|cell| (cell.get_position(), cell.get_value().clone(), false))),
                Err(XlsbError::CellError(_)) => Err(Trouble::Lost),
                Err(_) => Err(Trouble::Cut),
            })?;
            drop(reader);
            formulas(&mut xlsb, &sheet.name, &mut building, &mut budget)
        });
        match read {
            Some(Ok(true)) => building.finish(&mut book),
            Some(Err(why)) => return Err(why),
            Some(Ok(false)) | None => building.give_up(&mut book),
        }
    }
    Ok(book)
}

/// Finds formulas whose result is an error: the reader of cells leaves them out.
fn formulas(xlsb: &mut Open<'_>, name: &str, building: &mut Building, budget: &mut Budget) -> Result<bool, Unreadable> {
    let Ok(mut reader) = xlsb.worksheet_cells_reader(name) else { return Ok(false) };
    let mut bad = 0;
    // A formula that this reader does not know is no loss: its result was read.
    while bad < MAX_BAD_FORMULAS {
        budget.visit()?;
        match guarded(|| reader.next_formula()) {
            Some(Ok(None)) => break,
            Some(Ok(Some(cell))) => building.without_value(cell.get_position()),
            Some(Err(XlsbError::Io(_))) => break,
            Some(Err(_)) | None => bad += 1,
        }
    }
    Ok(true)
}
