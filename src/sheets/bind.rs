//! Binding: which sheet is which, which column is where, and what each cell says.
//! In: books. Out: rows of typed values by sheet id; findings for all that does not fit.
//! It must never know what the rows are for.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::BuildHasher as _;
use std::sync::Arc;

use ecow::EcoString;
use foldhash::fast::RandomState;

use super::recognise::{Aliases, Found, candidates, header, recognise};
use super::{Build, Column, Kind, Row, SheetSpec, Value, give_up, measures, school_data};
use crate::diag::{DiagId, Diagnostic, Place};
use crate::measure::Measure;
use crate::model::Gap;
use crate::provenance::{CellRef, SheetId};
use crate::ru::{self, Date};
use crate::workbook::{Book, CellValue, Line, Noticed, Sheet};

/// Where data lies that returned forms were merged into.
const MERGED: &str = "svod/data/";

/// The words of a column of yes and no.
pub(super) const YES_NO: &[(&str, &str)] = &[("да", "yes"), ("нет", "no")];

/// A sheet that no kind was found for.
pub(super) struct Unbound {
    file: String,
    sheet: Sheet,
}

/// What books came to: rows by sheet id, and the sheets of no known kind.
#[derive(Default)]
pub(super) struct Bound {
    rows: BTreeMap<&'static str, Vec<Row>>,
    unbound: Vec<Unbound>,
    partial: Vec<(Unbound, &'static SheetSpec, Vec<&'static str>)>,
}

impl Bound {
    /// Binds every sheet of a book.
    pub(super) fn bind(&mut self, file: &str, book: Book, aliases: &Aliases, build: &mut Build<'_>) {
        for mut sheet in book.sheets {
            if sheet.rows.is_empty() {
                continue;
            }
            match recognise(&sheet, aliases) {
                Some(Found::Whole { spec, header_row, columns }) => {
                    build.data.found_sheets.insert(spec.id.to_owned());
                    let id = build.sources.add_sheet(file, &sheet.name);
                    build.sources.set_kind(id, spec.id);
                    build.sources.set_origins(id, std::mem::take(&mut sheet.origins));
                    let rows = rows(spec, &sheet, id, header_row, &columns, build);
                    give_up(sheet);
                    self.rows.entry(spec.id).or_default().extend(rows);
                }
                Some(Found::Partial { spec, missing }) => {
                    self.partial.push((Unbound { file: file.to_owned(), sheet }, spec, missing));
                }
                None => self.unbound.push(Unbound { file: file.to_owned(), sheet }),
            }
        }
    }

    /// Looks through the rows and sheets of all books.
    pub(super) fn finish(mut self, build: &mut Build<'_>) -> (BTreeMap<&'static str, Vec<Row>>, Vec<Unbound>) {
        let declared = declared(self.rows.get(measures::SPEC.id).into_iter().flatten());
        for (sheet, spec, missing) in self.partial {
            // A wide table has the school and the year of many a sheet.
            if wide_columns(&sheet.sheet, &declared).is_some() {
                self.unbound.push(sheet);
                continue;
            }
            let place = Place::Sheet { file: sheet.file, sheet: sheet.sheet.name };
            let finding = Diagnostic::error("missing-column", place)
                .with("sheet", spec.title)
                .with("columns", missing.join(", "));
            let diag = build.diagnostics.push(finding);
            build.unread.add(spec.id, Vec::new(), &Gap::because(diag));
            build.doubt_sheet(spec, diag);
        }
        for rows in self.rows.values_mut() {
            mark_duplicates(rows, build);
        }
        (self.rows, self.unbound)
    }
}

/// Headers that the dictionary of measures gives a wide table, folded, and the code of each.
type Declared = Vec<(String, String)>;

fn declared<'a>(dictionary: impl Iterator<Item = &'a Row>) -> Declared {
    let text = |row: &Row, key: &str| match row.value(key).0 {
        Value::Text(text) => text.to_string(),
        _ => String::new(),
    };
    let headers = |row: &Row| {
        let (code, name) = (text(row, "code"), text(row, "name"));
        [(header(&code), code.clone()), (header(&name), code)]
    };
    dictionary.flat_map(headers).filter(|(header, code)| !header.is_empty() && !code.is_empty()).collect()
}

/// Binds the sheets left over as wide tables of measures: a school, a year, and a column for each measure that the
/// dictionary knows by code or name. What is none is reported.
pub(super) fn bind_wide(unbound: &[Unbound], build: &mut Build<'_>) -> Vec<Row> {
    let spec = &school_data::SPEC;
    let known = build.data.measures.iter();
    let known: Declared = known
        .flat_map(|(code, name)| [code.0.as_str(), name.value.as_str()].map(|text| (header(text), code.0.to_string())))
        .collect();
    let mut rows = Vec::new();
    for Unbound { file, sheet } in unbound {
        match wide_columns(sheet, &known) {
            Some(wide) => {
                build.data.found_sheets.insert(spec.id.to_owned());
                let id = build.sources.add_sheet(file, &sheet.name);
                build.sources.set_kind(id, spec.id);
                build.sources.set_origins(id, sheet.origins.clone());
                rows.extend(wide_rows(spec, sheet, id, &wide, build));
            }
            // Where merged rows come from is no data.
            None if file.starts_with(MERGED) => {}
            None => {
                let place = Place::Sheet { file: file.clone(), sheet: sheet.name.clone() };
                build.diagnostics.push(Diagnostic::warning("unknown-sheet", place));
            }
        }
    }
    mark_duplicates(&mut rows, build);
    rows
}

struct Wide {
    header_row: u32,
    fixed: Vec<(u16, &'static Column)>,
    measures: Vec<(u16, String)>,
}

fn wide_columns(sheet: &Sheet, known: &Declared) -> Option<Wide> {
    let column = |key: &str| school_data::SPEC.columns.iter().find(|column| column.key == key);
    for row in sheet.rows.keys().take(30) {
        for headers in candidates(sheet, *row) {
            let fixed: Vec<(u16, &'static Column)> = ["school", "year", "name"]
                .iter()
                .filter_map(|key| {
                    let column = column(key)?;
                    let named = |texts: &Vec<String>| {
                        texts.iter().any(|text| column.headers.iter().any(|name| header(name) == *text))
                    };
                    headers.texts.iter().find(|(_, texts)| named(texts)).map(|(position, _)| (*position, column))
                })
                .collect();
            let measures: Vec<(u16, String)> = headers
                .texts
                .iter()
                .filter_map(|(position, texts)| {
                    let (_, code) = known.iter().find(|(name, _)| texts.contains(name))?;
                    Some((*position, code.clone()))
                })
                .collect();
            let has = |key: &str| fixed.iter().any(|(_, column)| column.key == key);
            if has("school") && has("year") && !measures.is_empty() {
                return Some(Wide { header_row: headers.last_row, fixed, measures });
            }
        }
    }
    None
}

/// Turns each filled cell of a measure's column into a row of the long table.
fn wide_rows(spec: &'static SheetSpec, sheet: &Sheet, id: SheetId, wide: &Wide, build: &mut Build<'_>) -> Vec<Row> {
    let Some(value_column) = spec.columns.iter().find(|column| column.key == "value") else { return Vec::new() };
    let mut rows = Vec::new();
    for (row, cells) in sheet.rows.range(wide.header_row + 1..) {
        if wide.fixed.iter().all(|(column, _)| !cells.contains_key(column)) || is_total(cells, &wide.fixed) {
            continue;
        }
        let cell = |column: u16| CellRef { sheet: id, row: *row, column };
        let mut fixed = vec![Value::Blank; spec.columns.len()];
        for (position, column) in &wide.fixed {
            let value = match cells.get(position) {
                None if column.may_be_blank => Value::Blank,
                None => Value::Bad(report(build, "missing-value", column, cell(*position), None)),
                Some(value) => parse(column, value, cell(*position), build),
            };
            put(&mut fixed, spec, column.key, value);
        }
        for (position, code) in &wide.measures {
            let Some(found) = cells.get(position) else { continue };
            let value = parse(value_column, found, cell(*position), build);
            let mut values = fixed.clone();
            put(&mut values, spec, "measure", Value::Text(code.as_str().into()));
            put(&mut values, spec, "value", value);
            let positions = spec.columns.iter().map(|column| match column.key {
                "measure" | "value" => Some(*position),
                _ => wide.fixed.iter().find(|(_, fixed)| fixed.key == column.key).map(|(position, _)| *position),
            });
            let (values, positions) = (values.into_boxed_slice(), positions.collect());
            rows.push(Row { values, positions, spec, duplicate: None, cell: cell(*position) });
        }
    }
    rows
}

/// Puts a value at the place of its column.
fn put(values: &mut [Value], spec: &SheetSpec, key: &str, value: Value) {
    let place = spec.columns.iter().position(|column| column.key == key).and_then(|index| values.get_mut(index));
    if let Some(place) = place {
        *place = value;
    }
}

fn rows(
    spec: &'static SheetSpec,
    sheet: &Sheet,
    id: SheetId,
    header_row: u32,
    columns: &[(u16, &'static Column)],
    build: &mut Build<'_>,
) -> Vec<Row> {
    build.knows_styles = sheet.knows_styles;
    build.fractions = fractions(sheet, header_row, columns);
    let position = |column: &Column| columns.iter().find(|(_, known)| known.key == column.key).map(|(at, _)| *at);
    let positions: Arc<[Option<u16>]> = spec.columns.iter().map(position).collect();
    let first = columns.iter().map(|(position, _)| *position).min().unwrap_or(0);
    let (mut rows, mut totals) = (Vec::new(), Totals::default());
    for (row, cells) in sheet.rows.range(header_row + 1..) {
        for (column, value) in cells {
            if let CellValue::Broken(reason) = value
                && !columns.iter().any(|(position, _)| position == column)
            {
                let cell = CellRef { sheet: id, row: *row, column: *column };
                let diag = build.diagnostics.push(Diagnostic::error(broken(reason), build.place(cell)));
                build.doubt_sheet(spec, diag);
            }
        }
        let blank = columns.iter().all(|(column, _)| !cells.contains_key(column));
        if blank {
            continue;
        }
        if is_total(cells, columns) {
            compare_total((&rows, &mut totals), *row, cells, id, columns, build);
            continue;
        }
        let mut read = |(column, position): (&'static Column, &Option<u16>)| {
            let Some(position) = position else { return Value::Blank };
            let cell = CellRef { sheet: id, row: *row, column: *position };
            match cells.get(position) {
                None if column.may_be_blank => Value::Blank,
                None => Value::Bad(report(build, "missing-value", column, cell, None)),
                Some(value) => parse(column, value, cell, build),
            }
        };
        let values = spec.columns.iter().zip(&*positions).map(&mut read).collect();
        let cell = CellRef { sheet: id, row: *row, column: first };
        let row = Row { values, positions: Arc::clone(&positions), spec, duplicate: None, cell };
        totals.add(&row);
        rows.push(row);
    }
    rows
}

/// Columns of per cents in which no number is above one: they may be fractions, whatever their format says.
fn fractions(sheet: &Sheet, header_row: u32, columns: &[(u16, &'static Column)]) -> BTreeSet<u16> {
    let percents = columns.iter().filter(|(_, column)| matches!(column.kind, Kind::Percent));
    percents
        .map(|(position, _)| *position)
        .filter(|position| {
            let cells = sheet.rows.range(header_row + 1..).filter_map(|(_, cells)| cells.get(position));
            !cells.into_iter().any(|cell| matches!(cell, CellValue::Number(number) if *number > 1.0))
        })
        .collect()
}

/// Sums of the rows so far, by what rows of totals name besides their label: the year, the procedure, the subject.
#[derive(Default)]
struct Totals {
    /// By columns that a total names; then by what rows have there.
    sums: BTreeMap<Vec<&'static str>, Sums>,
}

/// Sums by what rows have in the named columns, each by column.
type Sums = HashMap<Vec<String>, BTreeMap<&'static str, Measure>>;

impl Totals {
    /// Adds a row to the sums that are asked for.
    fn add(&mut self, row: &Row) {
        for (named, sums) in &mut self.sums {
            enter(row, named, sums);
        }
    }

    /// Returns the sums of the rows above, of those that have what the total names.
    fn of(&mut self, rows: &[Row], named: &[(&'static str, String)]) -> BTreeMap<&'static str, Measure> {
        let (keys, values): (Vec<&'static str>, Vec<String>) = named.iter().cloned().unzip();
        let sums = self.sums.entry(keys.clone()).or_insert_with(|| {
            let mut sums = HashMap::new();
            rows.iter().for_each(|row| enter(row, &keys, &mut sums));
            sums
        });
        sums.get(&values).cloned().unwrap_or_default()
    }
}

fn enter(row: &Row, named: &[&str], sums: &mut Sums) {
    let sums = sums.entry(named.iter().map(|key| key_part(row.value(key).0)).collect()).or_default();
    for column in row.spec.columns.iter().filter(|column| matches!(column.kind, Kind::Count)) {
        if let Value::Number(number) = row.value(column.key).0 {
            let sum = sums.entry(column.key).or_default();
            *sum = &*sum + number;
        }
    }
}

/// Holds a row of totals against the sum of the rows above it; the rows count, never the total.
fn compare_total(
    (rows, totals): (&[Row], &mut Totals),
    row: u32,
    cells: &Line,
    sheet: SheetId,
    columns: &[(u16, &'static Column)],
    build: &mut Build<'_>,
) {
    let sums = totals.of(rows, &named_by_total(cells, columns));
    for (position, column) in columns.iter().filter(|(_, column)| matches!(column.kind, Kind::Count)) {
        let Some(CellValue::Number(number)) = cells.get(position) else { continue };
        let sum = sums.get(column.key).cloned().unwrap_or_default();
        if Measure::from_cell(*number).is_some_and(|total| total != sum) {
            let cell = CellRef { sheet, row, column: *position };
            let header = column.headers.first().copied().unwrap_or(column.key);
            let finding = Diagnostic::warning("total-differs", build.place(cell))
                .with("column", header)
                .with("found", number.to_string().replace('.', ","))
                .with("sum", sum.to_string());
            build.diagnostics.push(finding);
        }
    }
}

/// What a row of totals names besides its label, as the key of a row has it. A name of the municipality or a remark
/// where a row has a number or a choice names nothing.
fn named_by_total(total: &Line, columns: &[(u16, &'static Column)]) -> Vec<(&'static str, String)> {
    let label = total.keys().next();
    let named = |(position, column): &(u16, &'static Column)| {
        let part = match (total.get(position)?, column.kind) {
            _ if Some(position) == label || matches!(column.kind, Kind::Count) => return None,
            (CellValue::Number(number), Kind::Number | Kind::Percent | Kind::Year | Kind::AnyYear | Kind::Grade) => {
                Measure::from_cell(*number)?.to_string()
            }
            (CellValue::Text(text), Kind::Choice(choices)) => {
                choices.iter().find(|(name, _)| ru::fold(name) == ru::fold(text))?.1.to_owned()
            }
            (CellValue::Text(text), Kind::Prose | Kind::Verbatim) => ru::fold(text),
            _ => return None,
        };
        Some((column.key, part))
    };
    columns.iter().filter_map(named).collect()
}

/// Tells a row of totals: below a table, or the municipality's own among those of schools.
fn is_total(cells: &Line, columns: &[(u16, &'static Column)]) -> bool {
    let first = columns.iter().map(|(position, _)| *position).min().unwrap_or(0);
    let label = cells.range(..).find(|(column, _)| **column >= first.saturating_sub(1));
    matches!(label, Some((_, CellValue::Text(text))) if {
        let folded = ru::fold(text);
        let word = folded.split(' ').next().unwrap_or_default();
        // A sheet of names has the municipality among them; a sheet of counts has its sum.
        let counts = || columns.iter().any(|(_, column)| matches!(column.kind, Kind::Count));
        matches!(word, "итого" | "всего")
            || ((word == "муниципалитет" || folded.starts_with("по муниципалитету")) && counts())
    })
}

fn report(build: &mut Build<'_>, id: &str, column: &Column, cell: CellRef, found: Option<&CellValue>) -> DiagId {
    if id == "missing-value"
        && let Some(said) = build.said_of_export(cell)
    {
        return said;
    }
    let header = column.headers.first().copied().unwrap_or(column.key);
    let mut finding = Diagnostic::error(id, build.place(cell)).with("column", header);
    if let Some(value) = found {
        finding = finding.with("found", shown(column, value));
    }
    build.diagnostics.push(finding)
}

/// Prints a value for a finding, unless the column keeps its values to itself.
fn shown(column: &Column, value: &CellValue) -> String {
    let text = match value {
        CellValue::Text(text) => ru::clean(text),
        CellValue::Number(number) | CellValue::Fraction(number) => return number.to_string().replace('.', ","),
        CellValue::Date(year, month, day) => return format!("{day:02}.{month:02}.{year}"),
        CellValue::Bool(value) => return value.to_string(),
        CellValue::Broken(reason) => return reason.to_string(),
    };
    // A name typed where a number should stand is still a name.
    let is_number = !matches!(column.kind, Kind::Prose | Kind::Verbatim | Kind::YesNo | Kind::Choice(_));
    let is_word = is_number && !text.contains(|c: char| c.is_ascii_digit()) && text.contains(char::is_uppercase);
    if column.echo && !is_word { brief(&text) } else { format!("текст, {} знаков", text.chars().count()) }
}

/// Quotes a text for a finding, unless it is long or may be a name.
pub(super) fn brief(text: &str) -> String {
    match text.chars().count() {
        ..=40 if !ru::looks_like_person(text) => format!("«{text}»"),
        length => format!("текст, {length} знаков"),
    }
}

/// The finding that says why a cell cannot be read.
fn broken(reason: &str) -> &'static str {
    if reason == Noticed::LongText.id() { Noticed::LongText.id() } else { "broken-cell" }
}

fn parse(column: &Column, value: &CellValue, cell: CellRef, build: &mut Build<'_>) -> Value {
    if let CellValue::Broken(reason) = value {
        return Value::Bad(report(build, broken(reason), column, cell, Some(value)));
    }
    match column.kind {
        Kind::Prose | Kind::Verbatim => text(column, value, cell, build),
        Kind::Date => date(column, value, cell, build),
        Kind::YesNo => choice(column, YES_NO, value, cell, build),
        Kind::Choice(choices) => choice(column, choices, value, cell, build),
        Kind::Count | Kind::Number | Kind::Percent | Kind::Year | Kind::AnyYear | Kind::Grade => {
            number(column, value, cell, build)
        }
    }
}

/// Longest text, bytes, that is looked up before it is cleaned: codes and names repeat, clauses do not.
const REPEATED: usize = 256;

fn text(column: &Column, value: &CellValue, cell: CellRef, build: &mut Build<'_>) -> Value {
    let raw: EcoString = match value {
        CellValue::Text(text) => text.clone(),
        CellValue::Number(number) => match Measure::from_cell(*number).and_then(|number| number.to_integer()) {
            Some(whole) => whole.to_string().into(),
            None => number.to_string().replace('.', ",").into(),
        },
        CellValue::Date(year, month, day) => format!("{day:02}.{month:02}.{year}").into(),
        _ => return Value::Bad(report(build, "not-text", column, cell, Some(value))),
    };
    let is_prose = matches!(column.kind, Kind::Prose);
    let [verbatim, prose] = &mut build.texts;
    let texts = if is_prose { prose } else { verbatim };
    let clean = match texts.get(&raw) {
        Some(clean) => clean.clone(),
        None => {
            let clean = EcoString::from(if is_prose { ru::prose(&raw) } else { ru::clean(&raw) });
            if raw.len() <= REPEATED {
                texts.insert(raw, clean.clone());
            }
            clean
        }
    };
    if !clean.is_empty() {
        return Value::Text(clean);
    }
    if column.may_be_blank { Value::Blank } else { Value::Bad(report(build, "missing-value", column, cell, None)) }
}

fn date(column: &Column, value: &CellValue, cell: CellRef, build: &mut Build<'_>) -> Value {
    let date = match value {
        CellValue::Date(year, month, day) => Date::new(i32::from(*year), *month, *day),
        CellValue::Text(text) => Date::parse(text),
        _ => None,
    };
    match date {
        Some(date) if date.year >= 1990 && date.year <= 2100 => Value::Date(date),
        _ => Value::Bad(report(build, "not-a-date", column, cell, Some(value))),
    }
}

fn choice(
    column: &Column,
    choices: &'static [(&'static str, &'static str)],
    value: &CellValue,
    cell: CellRef,
    build: &mut Build<'_>,
) -> Value {
    if let CellValue::Text(text) = value
        && let Some((_, key)) = choices.iter().find(|(name, _)| *name == text.as_str())
    {
        return Value::Choice(key);
    }
    let folded = match value {
        CellValue::Text(text) => ru::fold(text),
        CellValue::Bool(true) => "да".to_owned(),
        CellValue::Bool(false) => "нет".to_owned(),
        _ => String::new(),
    };
    if let Some((_, key)) = choices.iter().find(|(name, _)| ru::fold(name) == folded) {
        return Value::Choice(key);
    }
    let header = column.headers.first().copied().unwrap_or(column.key);
    let allowed: Vec<String> = choices.iter().map(|(name, _)| format!("«{name}»")).collect();
    let finding = Diagnostic::error("not-a-choice", build.place(cell))
        .with("column", header)
        .with("found", shown(column, value))
        .with("allowed", allowed.join(", "));
    Value::Bad(build.diagnostics.push(finding))
}

/// How a number came: decides whether its unit fits the column.
enum Sign {
    Plain,
    Percent,
}

fn number(column: &Column, value: &CellValue, cell: CellRef, build: &mut Build<'_>) -> Value {
    let hundred = Measure::from(100_i64);
    let (found, sign) = match value {
        CellValue::Number(number) => (Measure::from_cell(*number), Sign::Plain),
        CellValue::Fraction(number) => (Measure::from_cell(*number).map(|share| &share * &hundred), Sign::Percent),
        CellValue::Text(text) => number_in_text(text),
        _ => (None, Sign::Plain),
    };
    let Some(found) = found else {
        return Value::Bad(report(build, "not-a-number", column, cell, Some(value)));
    };
    let percent_fits = matches!(column.kind, Kind::Percent | Kind::Number);
    if matches!(sign, Sign::Percent) && !percent_fits {
        return Value::Bad(report(build, "percent-for-count", column, cell, Some(value)));
    }
    let problem = match column.kind {
        Kind::Count if found.is_negative() => Some("negative-count"),
        Kind::Count if found.to_integer().is_none() => Some("not-whole"),
        Kind::Percent if found.is_negative() || found > hundred => Some("share-out-of-range"),
        // Where formats cannot be known, 0,45 may be 45 %: the program asks instead of guessing.
        Kind::Percent
            if matches!(sign, Sign::Plain)
                && (!build.knows_styles || build.fractions.contains(&cell.column))
                && !found.is_zero()
                && found < Measure::from(1_i64) =>
        {
            Some("fraction-or-percent")
        }
        Kind::Year if !found.to_integer().is_some_and(|year| (1990..=2100).contains(&year)) => Some("not-a-year"),
        Kind::AnyYear if !found.to_integer().is_some_and(|year| (1900..=2100).contains(&year)) => Some("not-a-year"),
        Kind::Grade if !found.to_integer().is_some_and(|grade| (1..=12).contains(&grade)) => Some("not-a-grade"),
        _ => None,
    };
    match problem {
        Some(id) => Value::Bad(report(build, id, column, cell, Some(value))),
        None => {
            if matches!(value, CellValue::Text(_)) {
                let header = column.headers.first().copied().unwrap_or(column.key);
                let finding = Diagnostic::warning("number-as-text", build.place(cell))
                    .with("column", header)
                    .with("found", shown(column, value));
                build.typed.push(finding);
            }
            Value::Number(found)
        }
    }
}

/// Reads a number that stands in a cell as text: «29,5», «1 234», «−3», «5 %».
fn number_in_text(text: &str) -> (Option<Measure>, Sign) {
    let text = ru::clean(text);
    let (body, sign) = match text.strip_suffix('%') {
        Some(body) => (body.trim_end(), Sign::Percent),
        None => (text.as_str(), Sign::Plain),
    };
    let plain: String = body
        .chars()
        .map(|c| match c {
            ',' => '.',
            '−' | '–' => '-',
            other => other,
        })
        .collect();
    let groups: Vec<&str> = plain.split([' ', '\u{a0}', '\u{202f}']).collect();
    let grouped_well = groups.len() == 1
        || groups.iter().enumerate().all(|(index, group)| {
            let whole = group.split('.').next().unwrap_or(group);
            index == 0 || whole.len() == 3
        });
    (grouped_well.then(|| Measure::parse_decimal(&groups.concat())).flatten(), sign)
}

/// Marks rows whose key stands above; both are in doubt, so the row's data is, too.
fn mark_duplicates(rows: &mut Vec<Row>, build: &mut Build<'_>) {
    // Keys of half a million rows are not kept: rows with the same hash are compared.
    let hasher = RandomState::default();
    let mut seen: HashMap<u64, usize, RandomState> =
        HashMap::with_capacity_and_hasher(rows.len(), RandomState::default());
    // Different keys with the hash of another, which hardly ever happens.
    let mut alike: HashMap<u64, Vec<usize>, RandomState> = HashMap::default();
    let (mut repeats, mut same) = (Vec::new(), Vec::new());
    let mut folded: HashMap<&EcoString, u64, RandomState> = HashMap::default();
    for (index, row) in rows.iter().enumerate() {
        if row.spec.unique.is_empty() {
            continue;
        }
        let mut key = 0;
        for column in row.spec.unique {
            let part = match row.value(column).0 {
                Value::Text(text) => *folded.entry(text).or_insert_with(|| hasher.hash_one(ru::fold(text))),
                Value::Number(number) => hasher.hash_one(number),
                other => hasher.hash_one(key_part(other)),
            };
            key = hasher.hash_one((key, part));
        }
        let Some(first) = seen.get(&key) else {
            seen.insert(key, index);
            continue;
        };
        let others = std::iter::once(first).chain(alike.get(&key).into_iter().flatten());
        match others.filter_map(|other| rows.get(*other)).find(|other| has_same_key(row, other)) {
            Some(first) if says_the_same(row, first, build) => same.push(index),
            Some(first) => repeats.push((index, first.unique_cell())),
            None => alike.entry(key).or_default().push(index),
        }
    }
    drop(folded);
    for (index, first) in repeats {
        let Some(row) = rows.get_mut(index) else { continue };
        let first = build.sources.address(first);
        let finding = Diagnostic::error("duplicate-row", build.place(row.unique_cell())).with("first", first);
        row.duplicate = Some(build.diagnostics.push(finding));
    }
    let (mut same, mut index) = (same.into_iter().peekable(), 0);
    rows.retain(|_| {
        let is_same = same.next_if_eq(&index).is_some();
        index += 1;
        !is_same
    });
}

/// Tells a row that a form brought again although a book of the municipality says the same: it is one row. What it says
/// beyond the first must not be lost, but for the name beside a code.
fn says_the_same(row: &Row, first: &Row, build: &Build<'_>) -> bool {
    let is_merged = |row: &Row| build.sources.sheet_names(row.cell.sheet).0.starts_with(MERGED);
    let values = row.values.iter().zip(&first.values).zip(row.spec.columns);
    let same =
        |((one, two), column): ((&Value, &Value), &Column)| one == two || *one == Value::Blank || column.key == "name";
    (is_merged(row) || is_merged(first)) && values.into_iter().all(same)
}

fn has_same_key(one: &Row, two: &Row) -> bool {
    one.spec.unique.iter().all(|key| {
        let (one, two) = (one.value(key).0, two.value(key).0);
        // Texts mostly repeat as they stand; only others are folded.
        one == two || key_part(one) == key_part(two)
    })
}

/// Returns the text that stands for a value in the key of a row.
fn key_part(value: &Value) -> String {
    match value {
        Value::Text(text) => ru::fold(text),
        Value::Number(number) => number.to_string(),
        Value::Choice(choice) => (*choice).to_owned(),
        Value::Date(date) => date.short(),
        Value::Blank => String::new(),
        Value::Bad(diag) => format!("bad {}", diag.0),
    }
}

impl Row {
    fn unique_cell(&self) -> CellRef {
        self.spec.unique.first().map_or(self.cell, |key| self.cell(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_typed_as_text_are_read_strictly() {
        let read = |text| number_in_text(text).0;
        assert_eq!(read("29,5"), Measure::ratio(59, 2));
        assert_eq!(read("1\u{a0}234"), Some(Measure::from(1234_i64)));
        assert_eq!(read("5 %"), Some(Measure::from(5_i64)));
        assert_eq!(read("−3"), Some(Measure::from(-3_i64)));
        for bad in ["12 34", "1 2 3", "5 чел.", "", "3,5,1", "5%%"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
