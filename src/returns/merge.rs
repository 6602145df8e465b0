//! Returns brought together: rows for the sheets of the municipality's data, and the summary of all respondents.
//! In: what counts of each respondent, the form, the blanks. Out: sheets of cells, each row with where it comes from.
//! It must never know how a workbook is written.

use std::collections::BTreeMap;

use super::compared::{compared, year_before};
use super::{Answer, Judged, JudgedRow, Value};
use crate::blank::{
    Blank, BlankSpec, Column, Content, REASON, Respondent, Rows, Table, TableSpec, Total, fill, quarter,
};
use crate::figure::Rounding;
use crate::indicators::Made;
use crate::measure::Measure;
use crate::provenance::column_letters;
use crate::sheets::{self, SHEETS, SheetSpec};

/// The column by which a form asks for what stands above the line of a share.
pub const NUMERATOR: &str = "numerator";
/// That for what stands below it.
pub const DENOMINATOR: &str = "denominator";
/// Above the line, the year before.
pub const BASE_NUMERATOR: &str = "base-numerator";
/// Below the line, the year before.
pub const BASE_DENOMINATOR: &str = "base-denominator";
/// The column by which a form asks for a value that is made of no parts.
pub const VALUE: &str = "value";
/// That of the year before.
pub const BASE_VALUE: &str = "base-value";
/// The column of the plan.
pub const TARGET: &str = "target";

/// A cell of what is brought together.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Cell {
    /// Nothing.
    #[default]
    Blank,
    /// A text.
    Text(String),
    /// A number.
    Number(Measure),
    /// A date: year, month, day.
    Date(u16, u8, u8),
}

/// Where a row comes from.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Origin {
    /// Name of the respondent.
    pub respondent: String,
    /// The file.
    pub file: String,
    /// The first of its cells: «Показатели!F12».
    pub cell: String,
    /// SHA-256 of the file.
    pub hash: String,
}

/// Rows for one sheet of the data.
#[derive(Clone, PartialEq, Debug)]
pub struct MergedSheet {
    /// Id of the sheet.
    pub target: String,
    /// Its official name.
    pub title: String,
    /// Its official headings.
    pub headings: Vec<String>,
    /// The rows.
    pub rows: Vec<(Vec<Cell>, Origin)>,
}

/// Everything that goes into the municipality's data.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Merged {
    /// The sheets in the order of the program's own.
    pub sheets: Vec<MergedSheet>,
}

/// The summary of a form.
#[derive(Clone, PartialEq, Debug)]
pub struct Summary {
    /// Title.
    pub title: String,
    /// The municipality.
    pub municipality: String,
    /// The mark of a sample.
    pub sample_mark: Option<String>,
    /// What is said under the title: whose forms are missing.
    pub lines: Vec<String>,
    /// How shares of answers are rounded.
    pub rounding: Rounding,
    /// Its tables.
    pub sheets: Vec<Sheet>,
    /// Respondent, state, file, hash.
    pub sources: Vec<[String; 4]>,
}

/// A table of a summary.
#[derive(Clone, PartialEq, Debug)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// Id of the table that it lays out.
    pub table: String,
    /// Row and column of the form behind each of its columns; empty where its rows are those of the form.
    pub asks: Vec<Option<(String, String)>>,
    /// Respondent, what was asked, and why there is no value.
    pub reasons: Vec<[String; 3]>,
    /// Its headings.
    pub headings: Vec<String>,
    /// What stands under each of its columns.
    pub under: Vec<Total>,
    /// Its rows.
    pub rows: Vec<Vec<Cell>>,
    /// Shares of the sums.
    pub shares: Vec<Share>,
    /// Questions whose answers are told as shares.
    pub tally: Option<super::Tally>,
    /// Sums that are taken from the single rows of another sheet, by column.
    pub totals: BTreeMap<usize, TotalOf>,
}

/// A sum over the rows of another sheet that name a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TotalOf {
    /// Name of the sheet.
    pub sheet: String,
    /// Its column of keys.
    pub keys: usize,
    /// Its column of numbers.
    pub values: usize,
    /// The key.
    pub key: String,
}

/// A share of sums of a summary.
#[derive(Clone, PartialEq, Debug)]
pub struct Share {
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// Rows of the form above the line.
    pub numerator: Vec<String>,
    /// Rows of the form below the line.
    pub denominator: Vec<String>,
    /// What it is made of.
    pub made: Made,
    /// What the quotient is multiplied by.
    pub scale: Measure,
    /// How it is rounded.
    pub rounding: Rounding,
    /// Positions of the columns of the sheet: above the line and below it.
    pub columns: (Vec<usize>, Vec<usize>),
    /// Those of the year before, where the form asks for them.
    pub base: Option<(Vec<usize>, Vec<usize>)>,
    /// The column of the plan, where the form asks for it.
    pub target: Option<usize>,
}

impl Summary {
    /// The sum of a column of one of its sheets: over its own rows, or over the single rows that stand behind them; `None`
    /// when nobody gave a number.
    pub fn sum(&self, sheet: &Sheet, column: usize) -> Option<Measure> {
        let number = |cell: &Cell| if let Cell::Number(number) = cell { Some(number.clone()) } else { None };
        let numbers: Vec<Measure> = match sheet.totals.get(&column) {
            None => sheet.rows.iter().filter_map(|cells| cells.get(column)).filter_map(number).collect(),
            Some(total) => {
                // A spreadsheet does not tell great letters from small ones.
                let key = total.key.to_lowercase();
                let single = self.sheets.iter().find(|other| other.name == total.sheet);
                let rows = single.map(|other| other.rows.as_slice()).unwrap_or_default().iter();
                let is_own = |cells: &&Vec<Cell>| matches!(cells.get(total.keys), Some(Cell::Text(text)) if text.to_lowercase() == key);
                rows.filter(is_own).filter_map(|cells| cells.get(total.values)).filter_map(number).collect()
            }
        };
        (!numbers.is_empty()).then(|| numbers.into_iter().sum())
    }
}

/// Turns what counts into rows of the data's sheets.
pub fn merge(spec: &BlankSpec, year: &str, returns: &[(&Blank, &Judged)]) -> Merged {
    let mut rows: BTreeMap<&'static str, Vec<(Vec<Cell>, Origin)>> = BTreeMap::new();
    for table in &spec.tables {
        let Some(target) = table.target.as_deref().and_then(|id| SHEETS.iter().find(|sheet| sheet.id == id)) else {
            continue;
        };
        for (blank, judged) in returns {
            let (Some(own), Some((sheet, found))) = (blank.table(&table.id), judged.tables.get(&table.id)) else {
                continue;
            };
            for row in found {
                let merging = Merging { spec: table, target, blank, table: own, judged, sheet, year };
                rows.entry(target.id).or_default().extend(merging.rows(row));
            }
        }
    }
    let sheet = |spec: &'static SheetSpec| {
        let rows = rows.remove(spec.id)?;
        let headings = spec.columns.iter().filter_map(|column| column.headers.first());
        let headings = headings.map(|heading| (*heading).to_owned()).collect();
        Some(MergedSheet { target: spec.id.to_owned(), title: spec.title.to_owned(), headings, rows })
    };
    Merged { sheets: SHEETS.iter().filter_map(sheet).collect() }
}

struct Merging<'a> {
    spec: &'a TableSpec,
    target: &'static SheetSpec,
    blank: &'a Blank,
    table: &'a Table,
    judged: &'a Judged,
    sheet: &'a str,
    year: &'a str,
}

impl Merging<'_> {
    /// The rows that a row of the return becomes: one, or one for each filled cell.
    fn rows(&self, row: &JudgedRow) -> Vec<(Vec<Cell>, Origin)> {
        let answers = row.answers.iter().filter(|(key, _)| key.as_str() != REASON);
        if self.spec.by_cell {
            return answers.filter_map(|(key, answer)| self.row(row, Some((key, answer)))).collect();
        }
        self.row(row, None).into_iter().collect()
    }

    fn row(&self, row: &JudgedRow, cell: Option<(&String, &Answer)>) -> Option<(Vec<Cell>, Origin)> {
        let id = row.id.clone().unwrap_or_default();
        let value = |column: &sheets::Column| -> Cell {
            if let Some(text) = self.spec.fixed.get(column.key) {
                if let ("{cell}", Some((_, answer))) = (text.as_str(), cell) {
                    return cell_of(answer);
                }
                let values = [
                    ("respondent-code", self.blank.respondent.code.as_str()),
                    ("respondent-name", &self.blank.respondent.name),
                    ("year", self.year),
                    ("period", &self.blank.period),
                    ("quarter", quarter(&self.blank.period)),
                    ("row", &id),
                    ("column", cell.map_or("", |(key, _)| key)),
                ];
                return typed(column.kind, &fill(text, &values));
            }
            match self.table.column(column.key) {
                Some(own) if own.is_open => row.answers.get(column.key).map(cell_of).unwrap_or_default(),
                Some(_) => match self.table.content(&id, column.key) {
                    Some(Content::Text(text)) => typed(column.kind, text),
                    Some(Content::Number(number)) => Cell::Number(number.clone()),
                    Some(Content::Date(year, month, day)) => Cell::Date(*year, *month, *day),
                    Some(Content::Blank) | None => Cell::Blank,
                },
                None => Cell::Blank,
            }
        };
        let cells: Vec<Cell> = self.target.columns.iter().map(value).collect();
        // A row whose value is missing with a reason is no row.
        let is_whole = |(column, cell): (&sheets::Column, &Cell)| column.may_be_blank || *cell != Cell::Blank;
        if !self.target.columns.iter().zip(&cells).all(is_whole) {
            return None;
        }
        let at = cell.map(|(_, answer)| answer).or_else(|| {
            let firsts = row.answers.iter().filter(|(key, _)| key.as_str() != REASON);
            firsts.map(|(_, answer)| answer).min_by_key(|answer| answer.cell)
        })?;
        let origin = Origin {
            respondent: self.blank.respondent.name.clone(),
            file: self.judged.file.clone(),
            cell: format!("{}!{}{}", self.sheet, column_letters(at.cell.1), at.cell.0 + 1),
            hash: self.judged.hash.clone(),
        };
        Some((cells, origin))
    }
}

/// Why a row has no value: respondent, what was asked, the reason.
fn reason(blank: &Blank, table: &str, row: &JudgedRow) -> Option<[String; 3]> {
    let Value::Text(reason) = &row.answers.get(REASON)?.value else { return None };
    let table = blank.table(table)?;
    let asked = row.id.as_deref().and_then(|id| table.row(id)).map(|row| table.label(row)).unwrap_or_default();
    Some([blank.respondent.name.clone(), asked, reason.clone()])
}

fn cell_of(answer: &Answer) -> Cell {
    match &answer.value {
        Value::Text(text) => Cell::Text(text.clone()),
        Value::Number(number) => Cell::Number(number.clone()),
        Value::Date(year, month, day) => Cell::Date(*year, *month, *day),
    }
}

/// A text as what its column holds.
fn typed(kind: sheets::Kind, text: &str) -> Cell {
    use sheets::Kind::{AnyYear, Count, Grade, Number, Percent, Year};
    let number = matches!(kind, Count | Number | Percent | Year | AnyYear | Grade)
        .then(|| Measure::parse_decimal(&text.replace(',', ".")))
        .flatten();
    match number {
        Some(number) => Cell::Number(number),
        None if text.is_empty() => Cell::Blank,
        None => Cell::Text(text.to_owned()),
    }
}

/// Lays the returns of a form beside each other: a row a respondent where the form asks everybody the same, a row for each
/// row where it asks for as many as there are. `headings` are those of the respondent's code and name;
/// `shares` are those of measures, and those of the catalogue.
pub fn summary(
    spec: &BlankSpec,
    returns: &[(&Blank, &Judged)],
    headings: [&str; 2],
    shares: (&[Share], &[Share]),
) -> Vec<Sheet> {
    let sheet = |table: &TableSpec| {
        // Respondents of different kinds may have different rows: every one that anybody has, in order.
        let mut items: Vec<(String, String)> = Vec::new();
        let columns: &[Column] =
            returns.iter().find_map(|(blank, _)| blank.table(&table.id)).map_or(&[], |own| &own.columns);
        let open: Vec<&Column> = columns.iter().filter(|column| column.is_open).collect();
        for (blank, _) in returns {
            let Some(own) = blank.table(&table.id).filter(|own| !own.is_open) else { continue };
            for row in &own.rows {
                if !items.iter().any(|(id, _)| *id == row.id) {
                    items.push((row.id.clone(), own.label(row)));
                }
            }
        }
        let mut out = Sheet {
            name: table.sheet.clone(),
            table: table.id.clone(),
            asks: Vec::new(),
            reasons: Vec::new(),
            headings: headings.map(str::to_owned).to_vec(),
            under: vec![Total::None, Total::None],
            rows: Vec::new(),
            shares: Vec::new(),
            tally: None,
            totals: BTreeMap::new(),
        };
        let is_stacked = table.rows == Rows::Open;
        let asked: Vec<&&Column> = open.iter().filter(|column| column.key != REASON).collect();
        if is_stacked {
            for column in &asked {
                out.headings.push(column.heading.clone());
                out.under.push(column.total(None));
            }
        } else {
            out.asks = vec![None, None];
            for (id, text) in &items {
                let row = returns.iter().find_map(|(blank, _)| blank.table(&table.id)?.row(id));
                for column in &asked {
                    let heading = if asked.len() == 1 { text.clone() } else { format!("{text}: {}", column.heading) };
                    out.headings.push(heading);
                    out.under.push(column.total(row));
                    out.asks.push(Some((id.clone(), column.key.clone())));
                }
            }
        }
        for (blank, judged) in returns {
            let Some((_, rows)) = judged.tables.get(&table.id) else { continue };
            let first = || {
                let Respondent { code, name } = &blank.respondent;
                vec![Cell::Text(code.clone()), Cell::Text(name.clone())]
            };
            let cell = |row: &JudgedRow, column: &Column| row.answers.get(&column.key).map(cell_of).unwrap_or_default();
            out.reasons.extend(rows.iter().filter_map(|row| reason(blank, &table.id, row)));
            if is_stacked {
                for row in rows {
                    out.rows.push(first().into_iter().chain(asked.iter().map(|column| cell(row, column))).collect());
                }
            } else {
                let mut cells = first();
                for (id, _) in &items {
                    let row = rows.iter().find(|row| row.id.as_deref() == Some(id));
                    cells.extend(asked.iter().map(|column| row.map(|row| cell(row, column)).unwrap_or_default()));
                }
                out.rows.push(cells);
            }
        }
        if !is_stacked {
            super::tallies::lay_out(&mut out, table, returns, &items);
            let before =
                if out.tally.is_none() { year_before(&mut out, table, returns, &items) } else { BTreeMap::new() };
            // Items one after another, each with all its columns.
            let position = |code: &String, key: &str| {
                let item = items.iter().position(|(id, _)| id == code)?;
                let column = asked.iter().position(|column| column.key == key)?;
                Some(2 + item * asked.len() + column)
            };
            let is_of_parts = asked.iter().any(|column| column.key == NUMERATOR);
            let of =
                |codes: &[String], key: &str| codes.iter().map(|code| position(code, key)).collect::<Option<Vec<_>>>();
            let placed = |share: &Share| {
                let columns = match (is_of_parts, asked.as_slice()) {
                    (true, _) => match share.made {
                        Made::Parts => (of(&share.numerator, NUMERATOR)?, of(&share.denominator, DENOMINATOR)?),
                        Made::Number => (of(&share.numerator, NUMERATOR)?, Vec::new()),
                        Made::Value => (of(&share.numerator, VALUE)?, Vec::new()),
                    },
                    (false, [one]) => (of(&share.numerator, &one.key)?, of(&share.denominator, &one.key)?),
                    (false, _) => return None,
                };
                let base = match share.made {
                    Made::Parts => of(&share.numerator, BASE_NUMERATOR).zip(of(&share.denominator, BASE_DENOMINATOR)),
                    Made::Number => of(&share.numerator, BASE_NUMERATOR).zip(Some(Vec::new())),
                    Made::Value => of(&share.numerator, BASE_VALUE).zip(Some(Vec::new())),
                };
                let target = share.numerator.first().filter(|_| is_of_parts).and_then(|code| position(code, TARGET));
                let told = |codes: &[String]| codes.iter().map(|code| before.get(code).copied()).collect::<Option<_>>();
                let base = if is_of_parts { base } else { told(&share.numerator).zip(told(&share.denominator)) };
                Some(Share { columns, base, target, ..share.clone() })
            };
            let known = if is_of_parts { shares.1 } else { shares.0 };
            let under = &out.under;
            let adds_up = |columns: &(Vec<usize>, Vec<usize>)| {
                let mut all = columns.0.iter().chain(&columns.1);
                all.all(|column| under.get(*column).is_some_and(|total| total.is_number()))
            };
            out.shares = known
                .iter()
                .filter_map(placed)
                .filter(|share| share.made == Made::Value || adds_up(&share.columns))
                .collect();
            out.shares.extend(items.iter().zip(2..).filter_map(|((id, name), column)| {
                let base = *before.get(id)?;
                let own =
                    returns.iter().find_map(|(blank, _)| blank.table(&table.id).filter(|own| own.row(id).is_some()))?;
                Some(compared((table, own), (id, name), column, base))
            }));
            if let Some(detail) = &table.detail
                && let Some(single) = spec.tables.iter().find(|other| other.id == detail.table)
            {
                let open: Vec<&str> =
                    single.columns.iter().filter(|column| column.is_open()).map(|column| column.key.as_str()).collect();
                let open: Vec<&str> = open.into_iter().filter(|key| *key != REASON).collect();
                let at = |key: &str| open.iter().position(|known| *known == key).map(|index| index + 2);
                for (id, _) in &items {
                    for key in &detail.columns {
                        if let (Some(column), Some(keys), Some(values)) = (position(id, key), at(&detail.key), at(key))
                        {
                            let total = TotalOf { sheet: single.sheet.clone(), keys, values, key: id.clone() };
                            out.totals.insert(column, total);
                        }
                    }
                }
            }
        }
        out
    };
    spec.tables.iter().filter(|table| !table.internal).map(sheet).collect()
}
