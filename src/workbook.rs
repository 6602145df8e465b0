//! Bytes of a workbook to sheets of cells with addresses. The only user of calamine.
//! In: the bytes of one file. Out: a serialisable book, bounded in size; or the reason why not.
//! It must never know what a sheet is about. Guards: the measured dangers of hostile workbooks
//! (declared sizes, far cells, broken cells) are refused before or while streaming.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsx};
use serde::{Deserialize, Serialize};

use crate::provenance::Origins;

/// Limit for the sum of uncompressed parts of an archive, bytes.
const MAX_UNPACKED: u64 = 128 * 1024 * 1024;
/// Most parts of an archive.
const MAX_PARTS: usize = 2_000;
/// Most sheets of a workbook.
const MAX_SHEETS: usize = 256;
/// Most non-empty cells of a sheet.
const MAX_CELLS: usize = 2_000_000;
/// Most broken cells of a sheet.
const MAX_BROKEN: usize = 1_000;
/// Longest text of a cell, characters: the limit of the format.
const MAX_TEXT: usize = 32_767;

/// The value of a cell.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "kebab-case")]
pub enum CellValue {
    /// A text as it stands.
    Text(String),
    /// A number.
    Number(f64),
    /// A number shown as per cent; the value is the fraction (0.29 for 29 %).
    Fraction(f64),
    /// A date: year, month, day.
    Date(u16, u8, u8),
    /// A truth value.
    Bool(bool),
    /// An error value, or a cell that could not be read.
    Broken(String),
}

/// A sheet: its name and its non-empty cells by zero-based row and column.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Sheet {
    /// The name.
    pub name: String,
    /// The cells.
    pub rows: BTreeMap<u32, BTreeMap<u16, CellValue>>,
    /// Of a converted sheet: what stands behind its cells.
    #[serde(default)]
    pub origins: Origins,
}

/// A workbook.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Book {
    /// Its sheets in order, hidden ones included.
    pub sheets: Vec<Sheet>,
}

/// Why a workbook cannot be used; the key of a message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Unreadable {
    /// What is wrong: `not-a-workbook`, `password`, `too-large`, `damaged`.
    pub reason: String,
}

/// The seam behind which a book is read: in process here, in a limited child later.
pub type ReadBook = fn(&[u8]) -> Result<Book, Unreadable>;

fn unreadable(reason: &str) -> Unreadable {
    Unreadable { reason: reason.to_owned() }
}

/// Reads an xlsx workbook in this process.
///
/// # Errors
/// Says why the file as a whole cannot be used. A single bad cell is a [`CellValue::Broken`].
pub fn read_xlsx(bytes: &[u8]) -> Result<Book, Unreadable> {
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(unreadable("password-or-xls"));
    }
    scan_archive(bytes)?;
    let mut xlsx: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| unreadable("damaged"))?;
    let names = xlsx.sheet_names();
    if names.len() > MAX_SHEETS {
        return Err(unreadable("too-large"));
    }
    let mut book = Book::default();
    for name in names {
        if book.sheets.iter().any(|sheet| sheet.name == name) {
            return Err(unreadable("damaged"));
        }
        book.sheets.push(read_sheet(&mut xlsx, &name)?);
    }
    Ok(book)
}

/// Adds up the declared sizes of the parts; the archive reader enforces them later.
fn scan_archive(bytes: &[u8]) -> Result<(), Unreadable> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| unreadable("not-a-workbook"))?;
    if archive.len() > MAX_PARTS {
        return Err(unreadable("too-large"));
    }
    let mut sum: u64 = 0;
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index).map_err(|_| unreadable("damaged"))?;
        sum = sum.saturating_add(part.size());
        let is_strings = part.name().is_ok_and(|name| name.eq_ignore_ascii_case("xl/sharedStrings.xml"));
        let size = part.size();
        drop(part);
        if is_strings {
            check_unique_count(&mut archive, index, size)?;
        }
    }
    if sum > MAX_UNPACKED { Err(unreadable("too-large")) } else { Ok(()) }
}

/// A false `uniqueCount` of the string table would reserve memory without bound.
fn check_unique_count(archive: &mut zip::ZipArchive<Cursor<&[u8]>>, index: usize, size: u64) -> Result<(), Unreadable> {
    use std::io::Read;
    let mut head = Vec::new();
    let part = archive.by_index(index).map_err(|_| unreadable("damaged"))?;
    part.take(4096).read_to_end(&mut head).map_err(|_| unreadable("damaged"))?;
    let head = String::from_utf8_lossy(&head);
    let declared = head
        .split_once("uniqueCount=")
        .map(|(_, rest)| rest.trim_start_matches(['"', '\'']))
        .map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
    match declared.map(|digits| digits.parse::<u64>()) {
        None => Ok(()),
        Some(Ok(count)) if count <= size / 8 + 1 => Ok(()),
        Some(_) => Err(unreadable("damaged")),
    }
}

fn read_sheet(xlsx: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<Sheet, Unreadable> {
    let mut sheet = Sheet { name: name.to_owned(), ..Sheet::default() };
    // A chart sheet has no cells; it is no fault of the workbook.
    let Ok(mut reader) = xlsx.worksheet_cells_reader(name) else { return Ok(sheet) };
    let percent: Vec<bool> = reader
        .styles()
        .iter()
        .map(|style| style.number_format.as_ref().is_some_and(|format| is_percent(&format.format_code)))
        .collect();
    let (mut cells, mut broken) = (0_usize, 0_usize);
    loop {
        match reader.next_cell_with_style_id() {
            Ok(None) => break,
            Ok(Some((cell, style))) => {
                let (row, column) = cell.get_position();
                let Ok(column) = u16::try_from(column) else { return Err(unreadable("damaged")) };
                if row >= 1_048_576 || column >= 16_384 {
                    return Err(unreadable("damaged"));
                }
                let is_percent = percent.get(style).copied().unwrap_or(false);
                if let Some(value) = convert(cell.get_value(), is_percent) {
                    sheet.rows.entry(row).or_default().insert(column, value);
                    cells += 1;
                }
            }
            // The reader goes on after one bad cell; its address is lost, so the sheet says so in A1's row.
            Err(error) => {
                broken += 1;
                if broken > MAX_BROKEN {
                    return Err(unreadable("damaged"));
                }
                let row = sheet.rows.keys().next_back().copied().unwrap_or(0);
                let free = (0..=u16::MAX)
                    .rev()
                    .find(|column| !sheet.rows.get(&row).is_some_and(|cells| cells.contains_key(column)));
                sheet
                    .rows
                    .entry(row)
                    .or_default()
                    .insert(free.unwrap_or(u16::MAX), CellValue::Broken(error.to_string()));
            }
        }
        if cells > MAX_CELLS {
            return Err(unreadable("too-large"));
        }
    }
    Ok(sheet)
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

fn convert(value: &DataRef<'_>, is_percent: bool) -> Option<CellValue> {
    let text = |text: &str| {
        (!text.trim().is_empty()).then(|| {
            if text.chars().count() > MAX_TEXT {
                CellValue::Broken("too-long".to_owned())
            } else {
                CellValue::Text(text.to_owned())
            }
        })
    };
    let number = |number: f64| {
        if !number.is_finite() {
            CellValue::Broken(number.to_string())
        } else if is_percent {
            CellValue::Fraction(number)
        } else {
            CellValue::Number(number)
        }
    };
    match value {
        DataRef::Empty => None,
        DataRef::String(string) => text(string),
        DataRef::SharedString(string) => text(string),
        DataRef::Float(value) => Some(number(*value)),
        DataRef::Int(value) => Some(CellValue::Text(value.to_string())),
        DataRef::Bool(value) => Some(CellValue::Bool(*value)),
        DataRef::DateTime(date) => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            Some(CellValue::Date(year, month, day))
        }
        DataRef::DateTimeIso(iso) => text(iso.split('T').next().unwrap_or(iso)),
        DataRef::DurationIso(iso) => text(iso),
        DataRef::Error(error) => Some(CellValue::Broken(error.to_string())),
    }
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

    #[test]
    fn what_is_no_archive_is_no_workbook() {
        assert_eq!(read_xlsx(b"hello").unwrap_err().reason, "not-a-workbook");
        assert_eq!(read_xlsx(&[0xd0, 0xcf, 0x11, 0xe0, 0]).unwrap_err().reason, "password-or-xls");
    }
}
