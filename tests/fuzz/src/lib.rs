//! What the fuzz targets do with bytes, and what must hold whatever the bytes are.
//! In: bytes of a file, or a text of tables. Out: nothing; a broken promise panics.
//! The modules are those of the program, compiled from its own files.

#![allow(dead_code, missing_docs, reason = "modules of the program, of which the targets use a part")]

#[path = "../../../src/diag/mod.rs"]
pub mod diag;
#[path = "../../../src/disclosure/mod.rs"]
pub mod disclosure;
#[path = "../../../src/exports/mod.rs"]
pub mod exports;
#[path = "../../../src/figure.rs"]
pub mod figure;
#[path = "../../../src/measure.rs"]
pub mod measure;
#[path = "../../../src/model/mod.rs"]
pub mod model;
#[path = "../../../src/provenance.rs"]
pub mod provenance;
#[path = "../../../src/ru/mod.rs"]
pub mod ru;
#[path = "../../../src/settings.rs"]
pub mod settings;
#[path = "../../../src/sheets/mod.rs"]
pub mod sheets;
#[path = "../../../src/source.rs"]
pub mod source;
#[path = "../../../src/workbook/mod.rs"]
pub mod workbook;

use std::sync::OnceLock;

use diag::Diagnostics;
use exports::Scales;
use provenance::Sources;
use sheets::Aliases;
use workbook::{Book, CellValue, Kind, Line, Sheet, kind_of, read_here, wire};

/// Rows, columns and characters that no book may exceed.
const BOUNDS: (u32, u16, usize) = (1_048_576, 16_384, 32_767);

/// Reads bytes as a workbook; the first byte chooses the name under which it comes. Tells whether it is one.
pub fn workbook(data: &[u8]) -> bool {
    // Foreign readers panic; that is caught, and no fault of ours. A panic outside of them still ends the target.
    static QUIET: OnceLock<()> = OnceLock::new();
    QUIET.get_or_init(|| std::panic::set_hook(Box::new(|_| {})));
    let Some((first, bytes)) = data.split_first() else { return false };
    let names = ["a.xlsx", "a.xlsb", "a.xls", "a.ods"];
    let name = names[usize::from(*first) % names.len()];
    let read = kind_of(name, bytes).and_then(Result::ok).and_then(|kind| read_here(kind, bytes).ok());
    read.iter().for_each(holds);
    read.is_some()
}

/// Reads bytes as a text of fields. Tells whether it is one.
pub fn text(data: &[u8]) -> bool {
    let read = read_here(Kind::Text, data);
    read.iter().for_each(holds);
    read.map_err(|why| assert_ne!(why.reason, "crash")).is_ok()
}

/// Promises of every book: its cells lie in a sheet, and it comes out of a child as it went in.
fn holds(book: &Book) {
    for sheet in &book.sheets {
        for (row, cells) in &sheet.rows {
            assert!(*row < BOUNDS.0 && !cells.is_empty());
            for (column, cell) in cells {
                assert!(*column < BOUNDS.1);
                match cell {
                    CellValue::Text(text) => assert!(!text.is_empty() && text.encode_utf16().count() <= BOUNDS.2),
                    CellValue::Number(number) | CellValue::Fraction(number) => assert!(number.is_finite()),
                    CellValue::Date(_, month, day) => assert!((1..=12).contains(month) && (1..=31).contains(day)),
                    CellValue::Bool(_) | CellValue::Broken(_) => {}
                }
            }
        }
    }
    let bytes = wire::pack(book).expect("a book can be handed over");
    assert!(wire::unpack(&bytes).as_ref() == Some(book));
}

/// Takes bytes for a book on its way from a child or from the run before. Tells whether they are one.
pub fn wire(data: &[u8]) -> bool {
    let Some(book) = wire::unpack(data) else { return false };
    // Bytes are compared: of foreign ones a number may be none, which is never equal to itself.
    let bytes = wire::pack(&book).expect("a book can be handed over");
    let again = wire::unpack(&bytes).and_then(|book| wire::pack(&book));
    assert!(again.is_some_and(|again| again == bytes));
    true
}

/// Writes tables as a child hands them over.
pub fn packed(text: &str) -> Option<Vec<u8>> {
    wire::pack(&tables(text).into_iter().next()?.1)
}

/// Converts tables as exports: whatever comes of a sheet, each of its cells has cells of the original behind it. Tells
/// whether there was an export.
pub fn exports(data: &[u8]) -> bool {
    let books = tables(&String::from_utf8_lossy(data));
    let mut findings = Diagnostics::default();
    let converted = exports::convert_all(books.clone(), scales(), &mut findings);
    let mut is_export = false;
    for (sheet, original) in sheets_of(&converted).zip(sheets_of(&books)) {
        assert_eq!(sheet.name, original.name);
        if sheet == original {
            continue;
        }
        is_export = true;
        for (row, cells) in sheet.rows.iter().skip(1) {
            for column in cells.keys() {
                assert!(sheet.origins.get(&(*row, *column)).is_some_and(|areas| !areas.is_empty()));
            }
        }
    }
    is_export
}

/// Reads tables as the program does, from the exports to the data set. Tells whether a sheet was known.
pub fn sheets(data: &[u8]) -> bool {
    let books = tables(&String::from_utf8_lossy(data));
    let (mut findings, mut sources) = (Diagnostics::default(), Sources::default());
    let books = exports::convert_all(books, scales(), &mut findings);
    let read = sheets::read(books, aliases(), &["филиал"], &mut sources, &mut findings);
    assert!(findings.iter().all(|finding| !finding.id.is_empty()));
    !read.found_sheets.is_empty()
}

fn sheets_of(books: &[(String, Book)]) -> impl Iterator<Item = &Sheet> {
    books.iter().flat_map(|(_, book)| &book.sheets)
}

fn scales() -> &'static Scales {
    static SCALES: OnceLock<Scales> = OnceLock::new();
    SCALES.get_or_init(|| Scales::parse(include_str!("../../../templates/scales.toml")).expect("the scales"))
}

fn aliases() -> &'static Aliases {
    static ALIASES: OnceLock<Aliases> = OnceLock::new();
    ALIASES.get_or_init(|| Aliases::parse(include_str!("../../../templates/headers.toml")).expect("the headers"))
}

/// Makes books of a text: `#` begins a book, more of them a sheet, bars stand between cells, a line is a row.
/// The cases and the tables of the sample are such texts.
pub fn tables(text: &str) -> Vec<(String, Book)> {
    let mut books: Vec<(String, Book)> = Vec::new();
    let mut row = 0;
    for line in text.lines().take(2_000) {
        let name = line.trim_start_matches('#');
        if name.ends_with(".xlsx") && name.len() < line.len() {
            books.push((name.trim().to_owned(), Book::default()));
            continue;
        }
        if books.is_empty() {
            books.push(("а.xlsx".to_owned(), Book::default()));
        }
        let Some((_, book)) = books.last_mut() else { return books };
        if name.len() < line.len() || book.sheets.is_empty() {
            book.sheets.push(Sheet { name: name.trim().to_owned(), ..Sheet::default() });
            row = 0;
            continue;
        }
        let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
        if !inner.is_empty() && inner.chars().all(|c| matches!(c, '-' | '|' | ' ')) {
            continue;
        }
        let cells = (0_u16..64).zip(inner.split('|')).filter_map(|(column, text)| Some((column, cell(text.trim())?)));
        let cells: Line = cells.collect();
        if let (Some(sheet), false) = (book.sheets.last_mut(), cells.is_empty()) {
            sheet.rows.insert(row, cells);
        }
        row += 1;
    }
    books
}

/// Reads a cell: a number, a share, a date, an error, else a text.
fn cell(text: &str) -> Option<CellValue> {
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let date = || {
        let (year, rest) = text.split_once('-')?;
        let (month, day) = rest.split_once('-')?;
        let (year, month, day) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
        let is_date = (1990..=2100).contains(&year) && (1..=12).contains(&month) && (1..=28).contains(&day);
        is_date.then_some(CellValue::Date(year, month, day))
    };
    match text {
        "" => None,
        "TRUE" => Some(CellValue::Bool(true)),
        _ if text.starts_with("#N") => Some(CellValue::Broken(text.into())),
        _ => number(text)
            .map(CellValue::Number)
            .or_else(|| text.strip_suffix('%').and_then(number).map(|share| CellValue::Fraction(share / 100.0)))
            .or_else(date)
            .or_else(|| Some(CellValue::Text(text.into()))),
    }
}
