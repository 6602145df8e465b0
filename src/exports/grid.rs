//! A sheet as a grid: header rows under folded keys, cells by name of column, numbers in any dress.
//! In: a sheet as it came. Out: keys, texts and exact numbers. It must never know a layout.

use std::collections::BTreeMap;

use crate::measure::Measure;
use crate::provenance::Area;
use crate::ru;
use crate::workbook::{CellValue, Line, Sheet};

/// Rows searched for a header: titles and facts of the work stand above it.
const HEADER_SEARCH: usize = 30;
/// More runs than this behind one count become one range that covers them.
const MAX_RUNS: usize = 12;

/// Latin letters that look like Cyrillic ones.
const TWINS: &[(char, char)] = &[
    ('A', 'А'),
    ('B', 'В'),
    ('C', 'С'),
    ('E', 'Е'),
    ('H', 'Н'),
    ('K', 'К'),
    ('M', 'М'),
    ('O', 'О'),
    ('P', 'Р'),
    ('T', 'Т'),
    ('X', 'Х'),
    ('Y', 'У'),
    ('a', 'а'),
    ('c', 'с'),
    ('e', 'е'),
    ('k', 'к'),
    ('o', 'о'),
    ('p', 'р'),
    ('x', 'х'),
    ('y', 'у'),
];

fn twin(c: char) -> Option<char> {
    TWINS.iter().find(|(latin, _)| *latin == c).map(|(_, cyrillic)| *cyrillic)
}

/// Returns the key under which headers and words of these layouts are compared: folded, with Latin letters
/// that stand in a Russian text, or could all be Russian, read as the Cyrillic ones they look like.
pub(super) fn key(text: &str) -> String {
    let is_russian = text.chars().any(|c| ('\u{400}'..='\u{52f}').contains(&c))
        || text.chars().filter(|c| c.is_alphabetic()).all(|c| twin(c).is_some());
    if is_russian { ru::fold(&text.chars().map(|c| twin(c).unwrap_or(c)).collect::<String>()) } else { ru::fold(text) }
}

/// Returns the key under which codes are compared: a code may be Latin and hold one Russian letter by mistake.
pub(super) fn code_key(code: &str) -> String {
    // Capitals have more twins: «t» looks like no Russian letter, «T» does.
    ru::fold(&code.to_uppercase().chars().map(|c| twin(c).unwrap_or(c)).collect::<String>())
}

/// Returns a cell as a person reads it; `None` for what is no text, number or date.
pub(super) fn text(value: &CellValue) -> Option<String> {
    match value {
        CellValue::Text(text) => Some(ru::clean(text)).filter(|text| !text.is_empty()),
        CellValue::Number(number) => {
            let whole = Measure::from_cell(*number).and_then(|number| number.to_integer());
            Some(whole.map_or_else(|| number.to_string().replace('.', ","), |whole| whole.to_string()))
        }
        CellValue::Date(year, month, day) => Some(format!("{day:02}.{month:02}.{year}")),
        CellValue::Fraction(_) | CellValue::Bool(_) | CellValue::Broken(_) => None,
    }
}

/// A number and how many decimals it was written with.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Decimal {
    /// The exact value; of a cell shown as per cent, per cents.
    pub value: Measure,
    /// Decimals.
    pub digits: usize,
}

/// Reads a number: of a number cell, of «29,5», «1 234», «−3», «12,5 %».
pub(super) fn decimal(value: &CellValue) -> Option<Decimal> {
    let (plain, is_fraction) = match value {
        CellValue::Number(number) if number.is_finite() => (number.to_string(), false),
        CellValue::Fraction(number) if number.is_finite() => (number.to_string(), true),
        CellValue::Text(text) => {
            let text = ru::clean(text);
            let body = text.strip_suffix('%').map_or(text.as_str(), str::trim_end);
            let plain = body.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}')).map(|c| match c {
                ',' => '.',
                '−' | '–' => '-',
                other => other,
            });
            (plain.collect(), false)
        }
        _ => return None,
    };
    let digits = plain.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let value = Measure::parse_decimal(&plain)?;
    Some(if is_fraction {
        Decimal { value: &value * &Measure::from(100_i64), digits: digits.saturating_sub(2) }
    } else {
        Decimal { value, digits }
    })
}

/// Reads a whole number, zero or more.
pub(super) fn whole(value: &CellValue) -> Option<u32> {
    // Nearly every cell of a protocol is a plain whole number.
    let plain = match value {
        CellValue::Number(number) => number.to_string().parse().ok(),
        CellValue::Text(text) => text.parse().ok(),
        _ => None,
    };
    if plain.is_some() {
        return plain;
    }
    decimal(value)?.value.to_integer().and_then(|number| u32::try_from(number).ok())
}

/// A row of headers.
#[derive(Clone, Debug)]
pub(super) struct Header {
    /// Its zero-based row.
    pub row: u32,
    /// Keys of the columns that have one.
    pub keys: BTreeMap<u16, String>,
}

impl Header {
    /// Finds a column by any of its keys.
    pub(super) fn find(&self, names: &[&str]) -> Option<u16> {
        names.iter().find_map(|name| {
            let name = key(name);
            self.keys.iter().find(|(_, found)| **found == name).map(|(column, _)| *column)
        })
    }

    /// Finds a column whose key begins so.
    pub(super) fn find_prefix(&self, prefix: &str) -> Option<u16> {
        let prefix = key(prefix);
        self.keys.iter().find(|(_, found)| found.starts_with(&prefix)).map(|(column, _)| *column)
    }

    /// Tells whether all these columns are there.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.find(&[name]).is_some())
    }

    /// Returns the columns headed by whole numbers, with the numbers, in the order of the sheet.
    pub(super) fn numbers(&self) -> Vec<(u16, u32)> {
        self.keys.iter().filter_map(|(column, found)| Some((*column, found.parse().ok()?))).collect()
    }
}

/// Reads the rows that may be headers, from the top.
pub(super) fn headers(sheet: &Sheet) -> Vec<Header> {
    let header = |(row, cells): (&u32, &Line)| {
        let keys = cells.iter().filter_map(|(column, value)| Some((*column, key(&text(value)?))));
        Header { row: *row, keys: keys.filter(|(_, key)| !key.is_empty()).collect() }
    };
    sheet.rows.iter().take(HEADER_SEARCH).map(header).collect()
}

/// Returns a cell of a row.
pub(super) fn cell(cells: &Line, column: Option<u16>) -> Option<&CellValue> {
    cells.get(&column?)
}

/// Returns the text of a cell of a row; empty when there is none.
pub(super) fn word(cells: &Line, column: Option<u16>) -> String {
    cell(cells, column).and_then(text).unwrap_or_default()
}

/// Joins rows of a column to areas: rows that follow each other in `order`, or one range when they are scattered.
pub(super) fn areas(column: u16, runs: &[(u32, u32)]) -> Vec<Area> {
    match (runs.first(), runs.last()) {
        (Some(first), Some(last)) if runs.len() > MAX_RUNS => {
            vec![Area { columns: (column, column), rows: (first.0, last.1) }]
        }
        _ => runs.iter().map(|rows| Area { columns: (column, column), rows: *rows }).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_letters_in_a_russian_header_are_read_as_cyrillic() {
        assert_eq!(key("Kод OO"), key("Код ОО"));
        assert_eq!(key("OO"), key("ОО"));
        assert_eq!(key("Кол-вo  участников"), "кол во участников");
        assert_eq!(key("code"), "code");
    }

    #[test]
    fn numbers_are_read_in_any_dress() {
        let read = |text: &str| decimal(&CellValue::Text(text.into())).map(|number| number.value.to_string());
        assert_eq!(read("12,50 %").as_deref(), Some("25/2"));
        assert_eq!(read("1\u{a0}234").as_deref(), Some("1234"));
        assert_eq!(read("−3").as_deref(), Some("-3"));
        assert_eq!(read("Х"), None);
        let fraction = decimal(&CellValue::Fraction(0.3333));
        assert_eq!(fraction, Some(Decimal { value: Measure::ratio(3333, 100).unwrap_or_default(), digits: 2 }));
    }

    #[test]
    fn scattered_rows_become_one_range() {
        let runs: Vec<(u32, u32)> = (0..20).map(|row| (row * 2, row * 2)).collect();
        assert_eq!(areas(3, &runs), [Area { columns: (3, 3), rows: (0, 38) }]);
        assert_eq!(areas(3, &[(4, 9)]), [Area { columns: (3, 3), rows: (4, 9) }]);
    }
}
