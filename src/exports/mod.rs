//! Exports of the federal systems, and the flat tables people keep, as the sheets that the program knows.
//! In: a book as it was read. Out: the book, in which every sheet of a known export is a virtual sheet under the same
//! name, with the areas of the original behind each cell; findings for all that cannot be used.
//! Names of pupils and teachers, and numbers of documents, end here: they reach no virtual sheet and no finding.
//! It must never know the data set, and no sheet of a person's own.
//!
//! A new layout is one file and one line of `LAYOUTS`.

mod context;
mod disciplines;
mod gia;
mod grid;
mod individual;
mod marks;
mod places;
mod protocols;
mod rows;
mod scales;
mod scores;
mod shares;
mod title;
mod unused;

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Diagnostics, Place};
use crate::ru;
use crate::sheets::{SHEETS, SheetSpec};
use crate::workbook::{Book, CellValue, Sheet};

use grid::Header;
pub use scales::Scales;

/// Reads a number in any dress: of a number cell, of «29,5», «1 234»; of a cell shown as per cent, per cents.
pub fn number_of(value: &CellValue) -> Option<crate::measure::Measure> {
    grid::decimal(value).map(|decimal| decimal.value)
}

/// Returns a cell as a person reads it; `None` for what is no text, number or date.
pub fn text_of(value: &CellValue) -> Option<String> {
    grid::text(value)
}

/// Folds a text for comparison: case, blanks, Latin letters that look Russian.
pub fn folded(text: &str) -> String {
    grid::key(text)
}

/// Folds a code for comparison: case, blanks, every Latin letter that looks Russian, also in a code that is Latin throughout.
pub fn code_key(code: &str) -> String {
    grid::code_key(code)
}

/// The municipality's own measures: folded code or name to code.
pub type Declared = BTreeMap<String, String>;

/// A layout: turns a sheet that has it into a virtual one; `None` for any other sheet.
type Layout = fn(&mut Reading<'_>, &[Header]) -> Option<Sheet>;

/// Every layout; the narrower stands before the wider.
const LAYOUTS: &[Layout] = &[
    gia::appeals,
    gia::protocol,
    individual::read,
    protocols::read,
    protocols::classes,
    context::form_2022,
    context::form_2021,
    marks::statistics,
    marks::flat,
    scores::distribution,
    scores::flat,
    unused::read,
];

/// A sheet being read, and where its findings go.
struct Reading<'a> {
    file: &'a str,
    sheet: &'a Sheet,
    scales: &'a Scales,
    declared: &'a Declared,
    diagnostics: &'a mut Diagnostics,
}

impl Reading<'_> {
    /// Makes a place of a cell.
    fn at(&self, row: u32, column: u16) -> Place {
        Place::Cell { file: self.file.to_owned(), sheet: self.sheet.name.clone(), row, column }
    }

    /// Makes a place of the sheet.
    fn here(&self) -> Place {
        Place::Sheet { file: self.file.to_owned(), sheet: self.sheet.name.clone() }
    }

    /// Adds a finding.
    fn say(&mut self, finding: Diagnostic) {
        self.diagnostics.push(finding);
    }

    /// Says which facts of a work are not known, if any.
    fn say_missing(&mut self, work: &rows::Work) {
        let known = [work.year.is_some(), work.grade.is_some(), work.discipline.is_some()];
        let names = ["год", "класс", "предмет"].into_iter().zip(known).filter(|(_, known)| !known);
        let missing: Vec<&str> = names.map(|(name, _)| name).collect();
        if !missing.is_empty() {
            let finding = Diagnostic::error("export-facts-missing", self.here()).with("missing", missing.join(", "));
            self.say(finding);
        }
    }

    /// An empty sheet in place of one that is read and gives no rows.
    fn nothing(&self) -> Sheet {
        Sheet { name: self.sheet.name.clone(), ..Sheet::default() }
    }
}

/// Books on their way through the conversion. The dictionary of measures may stand in any of them: a book with a sheet
/// that may be an export waits for the last.
#[derive(Default)]
pub struct Conversion {
    declared: Declared,
    waiting: Vec<(String, Book)>,
}

impl Conversion {
    /// Takes a book; gives it back at once when every sheet is one that the program reads as it is.
    pub fn accept(&mut self, file: String, book: Book) -> Option<(String, Book)> {
        self.declared.extend(declared(&book));
        if book.sheets.iter().all(|sheet| sheet.rows.is_empty() || is_own(sheet)) {
            return Some((file, book));
        }
        self.waiting.push((file, book));
        None
    }

    /// Converts the books that waited.
    pub fn finish(self, scales: &Scales, diagnostics: &mut Diagnostics) -> Vec<(String, Book)> {
        let convert = |(file, book): (String, Book)| {
            let book = convert(&file, book, scales, &self.declared, diagnostics);
            (file, book)
        };
        self.waiting.into_iter().map(convert).collect()
    }
}

/// Converts the books of a municipality, all at once.
pub fn convert_all(books: Vec<(String, Book)>, scales: &Scales, diagnostics: &mut Diagnostics) -> Vec<(String, Book)> {
    let declared = books.iter().flat_map(|(_, book)| declared(book)).collect();
    Conversion { declared, waiting: books }.finish(scales, diagnostics)
}

/// Converts a book; sheets that are no export pass unchanged.
pub fn convert(
    file: &str,
    mut book: Book,
    scales: &Scales,
    declared: &Declared,
    diagnostics: &mut Diagnostics,
) -> Book {
    for sheet in &mut book.sheets {
        let headers = grid::headers(sheet);
        if is_own(sheet) {
            continue;
        }
        let mut reading = Reading { file, sheet, scales, declared, diagnostics };
        let converted = LAYOUTS.iter().find_map(|layout| layout(&mut reading, &headers));
        if let Some(converted) = converted {
            *sheet = converted;
        }
    }
    book
}

/// Finds the measures that a book declares, by code and by name.
pub fn declared(book: &Book) -> Declared {
    let mut declared = Declared::new();
    let Some(spec) = SHEETS.iter().find(|spec| spec.id == "measures") else { return declared };
    let header =
        |key: &str| spec.columns.iter().find(|column| column.key == key).map_or(&[][..], |column| column.headers);
    for sheet in &book.sheets {
        let own = grid::headers(sheet).into_iter().find(|header| {
            spec.columns.iter().all(|column| column.may_be_absent || header.find(column.headers).is_some())
        });
        let Some(own) = own else { continue };
        let (code, name) = (own.find(header("code")), own.find(header("name")));
        for cells in sheet.rows.range(own.row + 1..).map(|(_, cells)| cells) {
            let (code, name) = (grid::word(cells, code), grid::word(cells, name));
            if !code.is_empty() {
                declared.insert(grid::key(&name), code.clone());
                declared.insert(grid::key(&code), code);
            }
        }
    }
    declared
}

/// Tells a book of which nothing is personal: every sheet is one that the program reads as it is, and every cell of its
/// table stands in a column of that sheet's. Only such a book may be kept for the next run.
pub fn may_keep(book: &Book) -> bool {
    book.sheets.iter().filter(|sheet| !sheet.rows.is_empty()).all(|sheet| {
        grid::headers(sheet).iter().any(|header| SHEETS.iter().any(|spec| is_table_of(spec, header, sheet)))
    })
}

/// Tells a book that may be copied into the archive of a year: every sheet is one of the program's own, whatever columns
/// stand beside. A raw protocol is none: it names pupils, and stays where it is.
pub fn may_archive(book: &Book) -> bool {
    book.sheets.iter().filter(|sheet| !sheet.rows.is_empty()).all(|sheet| {
        grid::headers(sheet).iter().any(|header| SHEETS.iter().any(|spec| has_columns_of(spec, header, sheet)))
    })
}

/// Tells whether a header has the columns of a sheet of the program.
fn has_columns_of(spec: &SheetSpec, header: &Header, sheet: &Sheet) -> bool {
    let Some(heads) = sheet.rows.get(&header.row) else { return false };
    let mut columns = spec.columns.iter();
    columns.all(|column| column.may_be_absent || heads.values().any(|head| heads_one(column.headers, head)))
}

/// Tells whether a sheet below a header holds the columns of a sheet of the program, and nothing besides.
fn is_table_of(spec: &SheetSpec, header: &Header, sheet: &Sheet) -> bool {
    let Some(heads) = sheet.rows.get(&header.row) else { return false };
    heads.values().all(|head| spec.columns.iter().any(|column| heads_one(column.headers, head)))
        && has_columns_of(spec, header, sheet)
        && sheet.rows.range(header.row..).all(|(_, cells)| cells.keys().all(|column| heads.contains_key(column)))
}

/// Tells a heading by its names.
fn heads_one(names: &[&str], head: &CellValue) -> bool {
    // «№» has no letter or digit, so that nothing is left of it in a key.
    let text = grid::text(head).unwrap_or_default();
    let key = grid::key(&text);
    names.iter().any(|name| *name == text || (!key.is_empty() && ru::fold(name) == key))
}

/// Tells a sheet that the program reads as it is.
fn is_own(sheet: &Sheet) -> bool {
    grid::headers(sheet).iter().any(|header| {
        let folded = |names: &[&str]| names.iter().any(|name| header.keys.values().any(|key| *key == ru::fold(name)));
        SHEETS.iter().any(|spec| spec.columns.iter().all(|column| column.may_be_absent || folded(column.headers)))
    })
}
