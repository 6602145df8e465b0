//! Recognition: which kind a sheet is, by its header, wherever the header stands and however it is set.
//! In: cells of a sheet, the table of sheets, further headers as data. Out: the kind and its columns, or what is missing.
//! It must never look at the rows below the header.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::{Column, SHEETS, SheetSpec};
use crate::diag::Reason;
use crate::ru;
use crate::workbook::{CellValue, Sheet};

/// Rows searched for a header: titles and notes may stand above it.
const HEADER_SEARCH: usize = 30;

/// Folded headers by sheet and column key.
type Headings = BTreeMap<(&'static str, &'static str), Vec<String>>;

/// The official headers: every cell near the top of every sheet is compared with all of them.
static OFFICIAL: LazyLock<Headings> = LazyLock::new(|| {
    let columns = SHEETS.iter().flat_map(|spec| spec.columns.iter().map(|column| (spec.id, column)));
    let folded = |column: &Column| column.headers.iter().map(|name| header(name)).collect();
    columns.map(|(sheet, column)| ((sheet, column.key), folded(column))).collect()
});

/// Every official header: a row with fewer than two of them heads nothing.
static OFFICIAL_NAMES: LazyLock<BTreeSet<String>> = LazyLock::new(|| OFFICIAL.values().flatten().cloned().collect());

/// Further headers of columns.
#[derive(Clone, Debug, Default)]
pub struct Aliases {
    headers: Headings,
    names: BTreeSet<String>,
}

impl Aliases {
    /// Reads `headers.toml`.
    ///
    /// # Errors
    /// Gives the parser's message, or the sheet or column that does not exist.
    pub fn parse(source: &str) -> Result<Self, Reason> {
        let file: BTreeMap<String, BTreeMap<String, Vec<String>>> =
            toml::from_str(source).map_err(|error| Reason::toml(&error, source))?;
        let mut headers = Headings::new();
        for (sheet, columns) in file {
            let Some(spec) = SHEETS.iter().find(|spec| spec.id == sheet) else { return Err(sheet.into()) };
            for (key, names) in columns {
                let Some(column) = spec.columns.iter().find(|column| column.key == key) else {
                    return Err(format!("{sheet}.{key}").into());
                };
                headers.insert((spec.id, column.key), names.iter().map(|name| header(name)).collect());
            }
        }
        let names = headers.values().flatten().cloned().collect();
        Ok(Self { headers, names })
    }

    /// Adds the headers of a municipality's own file: none of these is lost.
    #[must_use]
    pub fn and(mut self, own: Self) -> Self {
        for (column, names) in own.headers {
            self.headers.entry(column).or_default().extend(names);
        }
        self.names.extend(own.names);
        self
    }

    /// Tells whether a folded text is the header of any column of any sheet.
    fn knows(&self, text: &str) -> bool {
        OFFICIAL_NAMES.contains(text) || self.names.contains(text)
    }

    /// Returns the folded headers of a column: official ones, or aliases when `by_alias`.
    fn names(&self, spec: &SheetSpec, column: &Column, by_alias: bool) -> &[String] {
        let headers = if by_alias { &self.headers } else { &*OFFICIAL };
        headers.get(&(spec.id, column.key)).map_or(&[], Vec::as_slice)
    }
}

/// Folds a header; Latin letters that look Cyrillic count as Cyrillic where the word has any.
pub(super) fn header(text: &str) -> String {
    let folded = ru::fold(text);
    // «№» has neither letter nor digit: the sign itself is the name.
    if folded.is_empty() {
        return ru::clean(text);
    }
    folded
        .split(' ')
        .map(|word| {
            let is_cyrillic = word.contains(|c: char| ('а'..='я').contains(&c));
            let mixed = is_cyrillic && word.contains(|c: char| c.is_ascii_lowercase());
            let lone = word.chars().count() == 1;
            if mixed || (lone && folded.contains(|c: char| ('а'..='я').contains(&c))) {
                word.chars().map(cyrillic).collect()
            } else {
                word.to_owned()
            }
        })
        .collect::<Vec<String>>()
        .join(" ")
}

/// The Cyrillic letter that a Latin one looks like.
fn cyrillic(c: char) -> char {
    match c {
        'a' => 'а',
        'b' => 'в',
        'c' => 'с',
        'e' => 'е',
        'h' => 'н',
        'k' => 'к',
        'm' => 'м',
        'o' => 'о',
        'p' => 'р',
        't' => 'т',
        'x' => 'х',
        'y' => 'у',
        other => other,
    }
}

/// What a sheet is.
pub(super) enum Found {
    /// Every column that must be there is.
    Whole {
        /// The kind.
        spec: &'static SheetSpec,
        /// The last row of the header.
        header_row: u32,
        /// Columns by position.
        columns: Vec<(u16, &'static Column)>,
    },
    /// Most columns are there; these are not.
    Partial {
        /// The kind.
        spec: &'static SheetSpec,
        /// Official headers of the columns that are missing.
        missing: Vec<&'static str>,
    },
}

/// Finds header row and kind: the kind whose columns are all there, and most of them, by the fewest aliases;
/// else the kind of which more than half, and at least two, are.
pub(super) fn recognise(sheet: &Sheet, aliases: &Aliases) -> Option<Found> {
    let mut best: Option<((bool, usize, usize), Found)> = None;
    for (row, _) in sheet.rows.iter().take(HEADER_SEARCH) {
        for headers in candidates(sheet, *row) {
            let known = headers.texts.iter().filter(|(_, texts)| texts.iter().any(|text| aliases.knows(text))).count();
            if known < 2 {
                continue;
            }
            for spec in SHEETS {
                let (columns, missing, official) = matches(spec, &headers.texts, aliases);
                let whole = missing.is_empty();
                let enough = whole || (columns.len() >= 2 && columns.len() > missing.len());
                let rank = (whole, columns.len(), official);
                if !enough || best.as_ref().is_some_and(|(known, _)| rank <= *known) {
                    continue;
                }
                let found = if whole {
                    Found::Whole { spec, header_row: headers.last_row, columns }
                } else {
                    Found::Partial { spec, missing }
                };
                best = Some((rank, found));
            }
        }
    }
    best.map(|(_, found)| found)
}

type Matched = (Vec<(u16, &'static Column)>, Vec<&'static str>, usize);

fn matches(spec: &'static SheetSpec, headers: &[(u16, Vec<String>)], aliases: &Aliases) -> Matched {
    let (mut columns, mut missing, mut official) = (Vec::new(), Vec::new(), 0);
    for column in spec.columns {
        let find = |by_alias: bool| {
            let names = aliases.names(spec, column, by_alias);
            headers.iter().find(|(position, texts)| {
                let taken = columns.iter().any(|(known, _)| known == position);
                !taken && texts.iter().any(|text| names.contains(text))
            })
        };
        let exact = find(false);
        official += usize::from(exact.is_some());
        match exact.or_else(|| find(true)) {
            Some((position, _)) => columns.push((*position, column)),
            None if column.may_be_absent => {}
            None => missing.push(column.headers.first().copied().unwrap_or(column.key)),
        }
    }
    (columns, missing, official)
}

/// A header of one row or of two.
pub(super) struct Headers {
    /// Texts by column: what a column may be called.
    pub(super) texts: Vec<(u16, Vec<String>)>,
    /// The last row of the header.
    pub(super) last_row: u32,
}

/// The headers that may begin at a row: the row alone, and with the row below it, where a group of columns has
/// its name above («Отметки» over «2», «3» …): a column is called by either name or by both.
pub(super) fn candidates(sheet: &Sheet, row: u32) -> Vec<Headers> {
    let texts = |row: u32| -> Vec<(u16, String)> {
        sheet.rows.get(&row).into_iter().flatten().filter_map(|(column, value)| Some((*column, text(value)?))).collect()
    };
    let upper = texts(row);
    let single =
        Headers { texts: upper.iter().map(|(column, text)| (*column, vec![text.clone()])).collect(), last_row: row };
    let lower = texts(row + 1);
    if lower.is_empty() {
        return vec![single];
    }
    let mut both: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    for (column, text) in &upper {
        both.entry(*column).or_default().push(text.clone());
    }
    for (column, text) in &lower {
        let above = upper.iter().rfind(|(position, _)| position <= column).map(|(_, text)| text);
        let names = both.entry(*column).or_default();
        names.push(text.clone());
        names.extend(above.map(|above| format!("{above} {text}")));
    }
    vec![single, Headers { texts: both.into_iter().collect(), last_row: row + 1 }]
}

/// A header cell: a text, or a whole number such as a mark.
fn text(value: &CellValue) -> Option<String> {
    match value {
        CellValue::Text(text) => Some(header(text)),
        CellValue::Number(number) => Some(number.to_string()),
        _ => None,
    }
    .filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latin_letter_in_a_cyrillic_word_is_what_it_looks_like() {
        assert_eq!(header("Клаcc"), header("Класс"));
        assert_eq!(header("Kод ОО"), header("Код ОО"));
        assert_eq!(header("ID"), "id");
    }

    #[test]
    fn a_header_of_two_rows_is_called_by_either_name_or_both() {
        let mut sheet = Sheet::default();
        let cell = |text: &str| CellValue::Text(text.into());
        sheet.rows.insert(4, [(0, cell("Код ОО")), (1, cell("Отметка"))].into());
        sheet.rows.insert(5, [(1, cell("«2»")), (2, cell("«3»"))].into());
        let headers = candidates(&sheet, 4);
        let both = headers.last().map(|headers| headers.texts.clone()).unwrap_or_default();
        let of = |column: u16| both.iter().find(|(position, _)| *position == column).map(|(_, names)| names.clone());
        assert_eq!(of(2), Some(vec!["3".to_owned(), "отметка 3".to_owned()]));
        assert_eq!(of(0), Some(vec!["код оо".to_owned()]));
    }

    #[test]
    fn aliases_name_sheets_and_columns_that_exist() {
        assert!(Aliases::parse("[results]\nparticipants = [\"Писали\"]").is_ok());
        assert_eq!(Aliases::parse("[resultz]\nx = []").unwrap_err(), "resultz".to_owned().into());
        assert_eq!(Aliases::parse("[results]\nx = []").unwrap_err(), "results.x".to_owned().into());
    }
}
