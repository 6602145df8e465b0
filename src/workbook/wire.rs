//! A book as bytes, between the child that reads it and the program, and for the next run.
//! In: a book. Out: bytes in which a text stands once and a small number takes one byte; and back.
//! It must never trust the bytes: what is no book gives `None`.

use std::collections::{BTreeMap, HashMap};

use ecow::EcoString;
use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize};

use super::{Book, CellValue, Line, ReaderNote, Sheet};
use crate::measure::Measure;
use crate::provenance::{Area, Origins};

#[derive(Serialize, Deserialize)]
struct PackedBook {
    texts: Vec<EcoString>,
    sheets: Vec<PackedSheet>,
    notes: Vec<ReaderNote>,
}

#[derive(Serialize, Deserialize)]
struct PackedSheet {
    name: EcoString,
    rows: Vec<(u32, Vec<(u16, PackedValue)>)>,
    merges: Vec<Area>,
    knows_styles: bool,
    is_hidden: bool,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum PackedValue {
    Text(u32),
    Whole(i32),
    Number(f64),
    Fraction(f64),
    Date(u16, u8, u8),
    Bool(bool),
    Broken(u32),
}

/// Texts and the numbers under which they stand.
#[derive(Default)]
struct Texts {
    known: HashMap<EcoString, u32, RandomState>,
    list: Vec<EcoString>,
}

impl Texts {
    fn number(&mut self, text: &EcoString) -> Option<u32> {
        if let Some(number) = self.known.get(text) {
            return Some(*number);
        }
        let number = u32::try_from(self.list.len()).ok()?;
        self.known.insert(text.clone(), number);
        self.list.push(text.clone());
        Some(number)
    }
}

/// Writes a book as bytes; `None` for one beyond every limit. Origins are not among them: a book as it was read has none.
pub(crate) fn pack(book: &Book) -> Option<Vec<u8>> {
    let mut texts = Texts::default();
    let mut sheets = Vec::with_capacity(book.sheets.len());
    for sheet in &book.sheets {
        let mut rows = Vec::with_capacity(sheet.rows.len());
        for (row, line) in &sheet.rows {
            let mut cells = Vec::with_capacity(line.len());
            for (column, value) in line {
                cells.push((*column, pack_value(value, &mut texts)?));
            }
            rows.push((*row, cells));
        }
        sheets.push(PackedSheet {
            name: sheet.name.as_str().into(),
            rows,
            merges: sheet.merges.clone(),
            knows_styles: sheet.knows_styles,
            is_hidden: sheet.is_hidden,
        });
    }
    let packed = PackedBook { texts: texts.list, sheets, notes: book.notes.clone() };
    postcard::to_extend(&packed, Vec::new()).ok()
}

fn pack_value(value: &CellValue, texts: &mut Texts) -> Option<PackedValue> {
    Some(match value {
        CellValue::Text(text) => PackedValue::Text(texts.number(text)?),
        CellValue::Number(number) => match whole(*number) {
            Some(whole) => PackedValue::Whole(whole),
            None => PackedValue::Number(*number),
        },
        CellValue::Fraction(number) => PackedValue::Fraction(*number),
        CellValue::Date(year, month, day) => PackedValue::Date(*year, *month, *day),
        CellValue::Bool(value) => PackedValue::Bool(*value),
        CellValue::Broken(reason) => PackedValue::Broken(texts.number(reason)?),
    })
}

/// The number as a small integer; `None` when it is none, or the sign of a zero would be lost.
fn whole(number: f64) -> Option<i32> {
    let whole = Measure::from_cell(number)?.to_integer().and_then(|whole| i32::try_from(whole).ok())?;
    (whole != 0 || number.is_sign_positive()).then_some(whole)
}

/// Reads a book from bytes; `None` when they are none.
pub(crate) fn unpack(bytes: &[u8]) -> Option<Book> {
    let packed: PackedBook = postcard::from_bytes(bytes).ok()?;
    let text = |number: u32| usize::try_from(number).ok().and_then(|number| packed.texts.get(number)).cloned();
    let mut sheets = Vec::with_capacity(packed.sheets.len());
    for sheet in packed.sheets {
        let mut rows = BTreeMap::new();
        for (row, cells) in sheet.rows {
            let mut line = Line::with_capacity(cells.len());
            for (column, value) in cells {
                line.insert(column, unpack_value(value, text)?);
            }
            rows.insert(row, line);
        }
        sheets.push(Sheet {
            name: sheet.name.into(),
            rows,
            origins: Origins::new(),
            merges: sheet.merges,
            knows_styles: sheet.knows_styles,
            is_hidden: sheet.is_hidden,
        });
    }
    Some(Book { sheets, notes: packed.notes })
}

fn unpack_value(value: PackedValue, text: impl Fn(u32) -> Option<EcoString>) -> Option<CellValue> {
    Some(match value {
        PackedValue::Text(number) => CellValue::Text(text(number)?),
        PackedValue::Whole(whole) => CellValue::Number(whole.into()),
        PackedValue::Number(number) => CellValue::Number(number),
        PackedValue::Fraction(number) => CellValue::Fraction(number),
        PackedValue::Date(year, month, day) => CellValue::Date(year, month, day),
        PackedValue::Bool(value) => CellValue::Bool(value),
        PackedValue::Broken(number) => CellValue::Broken(text(number)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workbook::Noticed;

    fn book() -> Book {
        let cells = [
            (0, CellValue::Text("МБОУ «Примерная школа»".into())),
            (2, CellValue::Number(17.0)),
            (3, CellValue::Number(-29.5)),
            (4, CellValue::Number(1e300)),
            (5, CellValue::Fraction(0.29)),
            (6, CellValue::Date(2022, 11, 5)),
            (7, CellValue::Bool(true)),
            (16_383, CellValue::Broken("#N/A".into())),
        ];
        let rows = BTreeMap::from([(3, Line::from(cells.clone())), (1_048_575, Line::from(cells))]);
        let merges = vec![Area { columns: (0, 2), rows: (0, 1) }];
        let sheet = Sheet { name: "ОГЭ".to_owned(), rows, merges, knows_styles: true, ..Sheet::default() };
        let note = ReaderNote { what: Noticed::LostCell, sheet: "ОГЭ".to_owned(), cell: Some((3, 1)) };
        Book { sheets: vec![sheet, Sheet { is_hidden: true, ..Sheet::default() }], notes: vec![note] }
    }

    #[test]
    fn a_book_comes_back_as_it_was() {
        let bytes = pack(&book()).unwrap();
        assert_eq!(unpack(&bytes), Some(book()));
        let name = "Примерная".as_bytes();
        assert_eq!(bytes.windows(name.len()).filter(|window| *window == name).count(), 1, "a text stands once");
    }

    #[test]
    fn what_is_no_book_gives_none() {
        let bytes = pack(&book()).unwrap();
        for length in 0..bytes.len() {
            assert_eq!(unpack(bytes.get(..length).unwrap()), None, "{length}");
        }
        // A text that is not there.
        let value = (0, vec![(0, PackedValue::Text(7))]);
        let sheet = PackedSheet {
            name: EcoString::new(),
            rows: vec![value],
            merges: Vec::new(),
            knows_styles: true,
            is_hidden: false,
        };
        let packed = PackedBook { texts: Vec::new(), sheets: vec![sheet], notes: Vec::new() };
        assert_eq!(unpack(&postcard::to_extend(&packed, Vec::new()).unwrap()), None);
    }
}
