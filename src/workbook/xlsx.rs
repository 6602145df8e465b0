//! xlsx and xlsm, cell by cell.
//! In: bytes. Out: a book. A bad cell costs itself, a bad sheet itself.

use std::io::Cursor;

use calamine::{Reader as _, SheetType, Xlsx, XlsxError};

use super::build::{Budget, Building, Trouble};
use super::{Book, MAX_SHEETS, Unreadable, archive, guarded, unreadable};

type Open<'a> = Xlsx<Cursor<&'a [u8]>>;

/// Reads a workbook.
pub(super) fn read(bytes: &[u8]) -> Result<Book, Unreadable> {
    let contents = archive::scan(bytes)?;
    let mut xlsx: Open<'_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsxError::Password => unreadable("password"),
        _ => unreadable("damaged"),
    })?;
    let sheets = xlsx.sheets_metadata().to_vec();
    if sheets.len() > MAX_SHEETS {
        return Err(unreadable("too-large"));
    }
    let (mut book, mut budget) = (Book::default(), Budget::new());
    for sheet in sheets {
        let mut building = Building::new(&sheet.name, true);
        building.visibility(sheet.visible);
        // The reader looks sheets up by name and would give the first one twice.
        if book.sheets.iter().any(|known| known.name == sheet.name) {
            building.give_up(&mut book);
            continue;
        }
        if sheet.typ != SheetType::WorkSheet {
            building.finish(&mut book);
            continue;
        }
        let read = guarded(|| {
            let mut is_whole = cells(&mut xlsx, &sheet.name, &mut building, &mut budget)?;
            if is_whole && contents.has_formulas {
                is_whole = formulas(&mut xlsx, &sheet.name, &mut building, &mut budget)?;
            }
            if is_whole
                && contents.has_merges
                && let Ok(regions) = xlsx.merge_cells_by_sheet_name(&sheet.name)
            {
                building.merges(&regions);
            }
            Ok(is_whole)
        });
        match read {
            Some(Ok(true)) => building.finish(&mut book),
            Some(Err(why)) => return Err(why),
            Some(Ok(false)) | None => building.give_up(&mut book),
        }
    }
    Ok(book)
}

/// Reads the cells; `false` when the sheet cannot be opened.
fn cells(xlsx: &mut Open<'_>, name: &str, building: &mut Building, budget: &mut Budget) -> Result<bool, Unreadable> {
    let Ok(mut reader) = xlsx.worksheet_cells_reader(name) else { return Ok(false) };
    let percent: Vec<bool> = reader
        .styles()
        .iter()
        .map(|style| style.number_format.as_ref().is_some_and(|format| is_percent(&format.format_code)))
        .collect();
    building.stream(budget, || match reader.next_cell_with_style_id() {
        Ok(cell) => Ok(cell.map(|(cell, style)| {
            (cell.get_position(), cell.get_value().clone(), percent.get(style).copied().unwrap_or(false))
        })),
        Err(error) => Err(trouble(&error)),
    })?;
    Ok(true)
}

/// Finds formulas without a stored result, which look like blank cells in the first pass.
fn formulas(xlsx: &mut Open<'_>, name: &str, building: &mut Building, budget: &mut Budget) -> Result<bool, Unreadable> {
    let Ok(mut reader) = xlsx.worksheet_cells_reader(name) else { return Ok(false) };
    loop {
        budget.visit()?;
        match reader.next_cell_with_formula_metadata() {
            Ok(None) => return Ok(true),
            Ok(Some(cell)) => {
                if cell.formula.is_some() && matches!(cell.value, calamine::DataRef::Empty) {
                    building.without_value(cell.pos);
                }
            }
            // The first pass has said so.
            Err(error) if matches!(trouble(&error), Trouble::Cut) => return Ok(true),
            Err(_) => {}
        }
    }
}

/// Tells whether the stream can go on: behind broken XML, or a broken archive, nothing follows.
fn trouble(error: &XlsxError) -> Trouble {
    match error {
        XlsxError::Xml(_) | XlsxError::XmlEof(_) | XlsxError::Io(_) | XlsxError::Zip(_) => Trouble::Cut,
        _ => Trouble::Lost,
    }
}

/// Tells a number format that shows a fraction as per cent; quoted and escaped signs do not count.
fn is_percent(format: &str) -> bool {
    let mut quoted = false;
    let mut escaped = false;
    for c in format.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '%' if !quoted => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_per_cent_sign_counts_only_when_it_acts() {
        assert!(is_percent("0.0%"));
        assert!(!is_percent("0\"%\""));
        assert!(!is_percent("0\\%"));
    }
}
