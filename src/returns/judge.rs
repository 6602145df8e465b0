//! What a return says, held against the blank that went out.
//! In: returned tables and the blank. Out: values by row and column, and a finding at every cell that cannot be used.
//! It must never repair a value: only spelling that leaves no doubt is read.

use std::collections::{BTreeMap, BTreeSet};

use super::Returned;
use crate::blank::{Blank, Column, Content, Kind, REASON, Table, Words};
use crate::diag::{Diagnostic, Place, Severity};
use crate::exports;
use crate::measure::Measure;
use crate::workbook::CellValue;

/// Letters of a wrong value that a finding quotes.
const QUOTED: usize = 40;

/// A value of a return.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// A text, or a word of a choice.
    Text(String),
    /// A number.
    Number(Measure),
    /// A date: year, month, day.
    Date(u16, u8, u8),
}

/// A value and its cell: zero-based row and column.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    /// What was written.
    pub value: Value,
    /// Where.
    pub cell: (u32, u16),
}

/// A row that says something.
#[derive(Clone, PartialEq, Debug)]
pub struct JudgedRow {
    /// Its id; `None` for one that the respondent added to an open table.
    pub id: Option<String>,
    /// Zero-based row of the sheet.
    pub row: u32,
    /// Open columns that are filled in.
    pub answers: BTreeMap<String, Answer>,
}

/// A finding, and the cell of the blank at which it is to be shown to the respondent.
#[derive(Clone, PartialEq, Debug)]
pub struct Finding {
    /// The finding, at its cell of the file.
    pub diagnostic: Diagnostic,
    /// Table, row and column of the blank, where it has such a cell.
    pub at: Option<(String, String, String)>,
}

/// A return, judged.
#[derive(Clone, PartialEq, Debug)]
pub struct Judged {
    /// Code of the respondent.
    pub respondent: String,
    /// Name of the respondent.
    pub name: String,
    /// The file.
    pub file: String,
    /// SHA-256 of its bytes.
    pub hash: String,
    /// Rows by table.
    pub tables: BTreeMap<String, (String, Vec<JudgedRow>)>,
    /// Findings in order of sheet and cell.
    pub findings: Vec<Finding>,
    /// Cells that were filled in.
    pub filled: usize,
}

/// What a return is worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Its values count.
    Accepted,
    /// It goes back to the respondent.
    Wrong,
    /// Nothing was filled in.
    Empty,
}

impl Judged {
    /// Tells whether its values count.
    pub fn verdict(&self) -> Verdict {
        if self.filled == 0 {
            Verdict::Empty
        } else if self.findings.iter().any(|finding| finding.diagnostic.severity == Severity::Error) {
            Verdict::Wrong
        } else {
            Verdict::Accepted
        }
    }
}

/// Judges the tables of one respondent in one file.
pub fn judge(file: &str, hash: &str, returned: &[&Returned], blank: &Blank, words: &Words) -> Judged {
    let mut judged = Judged {
        respondent: blank.respondent.code.clone(),
        name: blank.respondent.name.clone(),
        file: file.to_owned(),
        hash: hash.to_owned(),
        tables: BTreeMap::new(),
        findings: Vec::new(),
        filled: 0,
    };
    let mut seen = BTreeSet::new();
    for returned in returned {
        let place = Place::Sheet { file: file.to_owned(), sheet: returned.sheet.clone() };
        let Some(table) = blank.table(&returned.mark.table) else {
            judged.say(Diagnostic::warning("blank-old-table", place), None);
            continue;
        };
        if !seen.insert(table.id.clone()) {
            judged.say(Diagnostic::error("blank-table-twice", place), None);
            continue;
        }
        if returned.mark.version != blank.version {
            judged.say(Diagnostic::warning("blank-outdated", place), None);
        }
        Judging { file, returned, table, words, judged: &mut judged }.table();
    }
    for table in blank.tables.iter().filter(|table| table.detail.is_some()) {
        details(table, &mut judged);
    }
    for table in blank.tables.iter().filter(|table| !seen.contains(&table.id)) {
        let place = Place::File { file: file.to_owned() };
        judged.say(Diagnostic::error("blank-table-lost", place).with("sheet", &table.sheet), None);
    }
    if judged.filled == 0 {
        // One thing is to be said of an empty form.
        judged.findings.retain(|finding| finding.diagnostic.id != "blank-value-missing");
        judged.say(Diagnostic::warning("blank-empty", Place::File { file: file.to_owned() }), None);
    }
    judged
}

/// Holds the rows of a table of sums against the single rows behind them.
fn details(table: &Table, judged: &mut Judged) {
    let Some(detail) = &table.detail else { return };
    let (Some((sheet, rows)), Some((_, single))) = (judged.tables.get(&table.id), judged.tables.get(&detail.table))
    else {
        return;
    };
    let mut found = Vec::new();
    for row in rows {
        for key in &detail.columns {
            let own = single.iter().filter(|one| match one.answers.get(&detail.key).map(|answer| &answer.value) {
                Some(Value::Text(text)) => Some(exports::folded(text)) == row.id.as_deref().map(exports::folded),
                _ => false,
            });
            let sum: Measure = own.filter_map(|one| number(one, key)).sum();
            let Some(answer) = row.answers.get(key) else { continue };
            if number(row, key).as_ref() != Some(&sum) {
                let (line, column) = answer.cell;
                let place = Place::Cell { file: judged.file.clone(), sheet: sheet.clone(), row: line, column };
                let finding = Diagnostic::error("blank-detail-differs", place).with("sum", crate::ru::typed(&sum));
                found.push((finding, (table.id.clone(), row.id.clone().unwrap_or_default(), key.clone())));
            }
        }
    }
    for (finding, at) in found {
        judged.say(finding, Some(at));
    }
}

/// The number that a row says in a column.
fn number(row: &JudgedRow, key: &str) -> Option<Measure> {
    match row.answers.get(key).map(|answer| &answer.value) {
        Some(Value::Number(number)) => Some(number.clone()),
        _ => None,
    }
}

impl Judged {
    /// Says which schools of a list the single rows do not tell of, and which stand there without being on it.
    pub fn hold_against(&mut self, blank: &Blank, list: &BTreeMap<String, String>) {
        let Some((sheet, differences)) = self.differences(blank, list) else { return };
        let found: Vec<Diagnostic> = differences
            .into_iter()
            .map(|difference| match difference {
                Difference::NotListed(_, (row, column)) => {
                    let place = Place::Cell { file: self.file.clone(), sheet: sheet.clone(), row, column };
                    Diagnostic::note("blank-school-not-listed", place)
                }
                Difference::Missing(name) => {
                    let place = Place::Sheet { file: self.file.clone(), sheet: sheet.clone() };
                    Diagnostic::error("blank-school-missing", place).with("school", name)
                }
            })
            .collect();
        for finding in found {
            self.say(finding, None);
        }
    }

    /// What the schools of its rows and a list of schools that must be there have different, and the sheet of the rows.
    pub fn differences(&self, blank: &Blank, list: &BTreeMap<String, String>) -> Option<(String, Vec<Difference>)> {
        let detail = blank.tables.iter().find_map(|table| table.detail.as_ref())?;
        let (sheet, single) = self.tables.get(&detail.table)?;
        let mut told = BTreeSet::new();
        let mut found = Vec::new();
        for row in single {
            let Some(Answer { value: Value::Text(code), cell }) = row.answers.get(&detail.school) else { continue };
            let is_first = told.insert(exports::folded(code));
            if is_first && !list.keys().any(|known| exports::folded(known) == exports::folded(code)) {
                found.push(Difference::NotListed(code.clone(), *cell));
            }
        }
        let missing = list.iter().filter(|(code, _)| !told.contains(&exports::folded(code)));
        found.extend(missing.map(|(_, name)| Difference::Missing(name.clone())));
        Some((sheet.clone(), found))
    }

    /// What is said to the respondent: whose form it is goes without saying.
    fn say(&mut self, diagnostic: Diagnostic, at: Option<(String, String, String)>) {
        self.findings.push(Finding { diagnostic: diagnostic.with("who", ""), at });
    }

    /// A finding as those hear it who have many forms before them.
    pub fn told(&self, finding: Diagnostic) -> Diagnostic {
        finding.with("who", format!("{}: ", self.name))
    }
}

/// What the rows of schools and a list of schools have different.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Difference {
    /// The list has no school of this code; its first cell.
    NotListed(String, (u32, u16)),
    /// No row is of this school.
    Missing(String),
}

struct Judging<'a> {
    file: &'a str,
    returned: &'a Returned,
    table: &'a Table,
    words: &'a Words,
    judged: &'a mut Judged,
}

impl Judging<'_> {
    fn place(&self, row: u32, column: u16) -> Place {
        Place::Cell { file: self.file.to_owned(), sheet: self.returned.sheet.clone(), row, column }
    }

    fn say(&mut self, diagnostic: Diagnostic, row: Option<&str>, column: &str) {
        let at = row.map(|row| (self.table.id.clone(), row.to_owned(), column.to_owned()));
        self.judged.say(diagnostic, at);
    }

    fn table(&mut self) {
        let (returned, table) = (self.returned, self.table);
        for key in returned.columns.keys().filter(|key| table.column(key).is_none()) {
            // What an older version asked and this one does not is named, so that nothing vanishes unsaid.
            let column = returned.columns.get(key).copied().unwrap_or_default();
            if returned.rows.iter().any(|row| row.cells.contains_key(key)) {
                let row = returned.rows.first().map_or(0, |row| row.row);
                let finding = Diagnostic::warning("blank-old-column", self.place(row, column)).with("column", key);
                self.say(finding, None, key);
            }
        }
        for column in
            table.columns.iter().filter(|column| column.is_open && !returned.columns.contains_key(&column.key))
        {
            let place = Place::Sheet { file: self.file.to_owned(), sheet: returned.sheet.clone() };
            self.say(Diagnostic::error("blank-column-lost", place).with("column", &column.heading), None, &column.key);
        }
        let (mut rows, mut seen) = (Vec::new(), BTreeSet::new());
        for row in &returned.rows {
            if let Some(id) = &row.id
                && !seen.insert(id.clone())
            {
                let place = self.place(row.row, self.first_column());
                self.say(Diagnostic::error("blank-row-twice", place), Some(id), "");
                continue;
            }
            rows.extend(self.row(row));
        }
        if !table.is_open {
            for row in table.rows.iter().filter(|row| !seen.contains(&row.id)) {
                let place = Place::Sheet { file: self.file.to_owned(), sheet: returned.sheet.clone() };
                let text = self.name_of(&row.id);
                self.say(Diagnostic::error("blank-row-lost", place).with("row", text), Some(&row.id), "");
            }
        }
        self.check(&rows);
        let answers = rows.iter().flat_map(|row| row.answers.keys()).filter(|key| key.as_str() != REASON);
        self.judged.filled += answers.count();
        self.judged.tables.insert(table.id.clone(), (returned.sheet.clone(), rows));
    }

    fn first_column(&self) -> u16 {
        self.returned.columns.values().min().copied().unwrap_or_default()
    }

    /// What a row asks, for a message.
    fn name_of(&self, id: &str) -> String {
        self.table.row(id).map_or_else(|| id.to_owned(), |row| self.table.label(row))
    }

    fn row(&mut self, row: &super::ReturnedRow) -> Option<JudgedRow> {
        let (table, id) = (self.table, row.id.as_deref());
        let known = id.filter(|id| table.row(id).is_some());
        let mut answers = BTreeMap::new();
        for column in &table.columns {
            let Some(value) = row.cells.get(&column.key) else { continue };
            let at = self.returned.columns.get(&column.key).copied().unwrap_or_default();
            let column = &*column.of(id.and_then(|id| table.row(id)));
            if !column.is_open {
                self.locked(row.row, at, known, column, value);
                continue;
            }
            match read(column, value, self.words) {
                Ok((value, is_odd)) => {
                    if is_odd {
                        let found = shown(&value);
                        let finding =
                            Diagnostic::note("blank-value-read", self.place(row.row, at)).with("value", found);
                        self.say(finding, id, &column.key);
                    }
                    answers.insert(column.key.clone(), Answer { value, cell: (row.row, at) });
                }
                Err(choices) => {
                    let refusal = column.refusal(self.words);
                    let finding = Diagnostic::error("blank-value-wrong", self.place(row.row, at))
                        .with("column", &column.heading)
                        .with("found", quoted(value))
                        .with("refusal", [refusal.as_str(), &choices].join(" ").trim_end());
                    self.judged.filled += 1;
                    self.say(finding, id, &column.key);
                    // What stands there is not nothing: it is not missing as well.
                    answers
                        .insert(column.key.clone(), Answer { value: Value::Text(String::new()), cell: (row.row, at) });
                }
            }
        }
        if known.is_none() && !table.is_open {
            if !answers.is_empty() {
                let place = self.place(row.row, self.first_column());
                self.say(Diagnostic::error("blank-row-added", place), None, "");
            }
            return None;
        }
        let asks = table.columns.iter().any(|column| column.is_open && column.is_required);
        if answers.is_empty() && (table.is_open || !asks) {
            return None;
        }
        let has_reason = answers.contains_key(REASON);
        let own = id.and_then(|id| table.row(id));
        for column in table.columns.iter().map(|column| column.of(own)).filter(|one| one.is_open && one.is_required) {
            if answers.contains_key(&column.key) || !self.returned.columns.contains_key(&column.key) {
                continue;
            }
            let at = self.returned.columns.get(&column.key).copied().unwrap_or_default();
            let name = id.map(|id| self.name_of(id)).unwrap_or_default();
            let place = self.place(row.row, at);
            let finding = match has_reason {
                true => Diagnostic::note("blank-value-explained", place),
                false => Diagnostic::error("blank-value-missing", place),
            };
            let finding = finding.with("column", &column.heading).with("row", name);
            self.say(finding, id, &column.key);
        }
        answers.retain(|_, answer| answer.value != Value::Text(String::new()));
        Some(JudgedRow { id: row.id.clone(), row: row.row, answers })
    }

    /// A cell that was filled in before it went out: what it says now does not count, and a change is said.
    fn locked(&mut self, row: u32, at: u16, id: Option<&str>, column: &Column, value: &CellValue) {
        let Some(before) = id.and_then(|id| self.table.content(id, &column.key)) else { return };
        let is_same = match (before, value) {
            (Content::Number(number), value) => exports::number_of(value).as_ref() == Some(number),
            (Content::Text(text), CellValue::Text(now)) => exports::folded(text) == exports::folded(now),
            (Content::Text(text), value) => exports::text_of(value).as_deref() == Some(text.trim()),
            (Content::Blank, _) => false,
        };
        if !is_same {
            let finding = Diagnostic::warning("blank-locked-changed", self.place(row, at)).with("was", before.text());
            let finding = finding.with("found", quoted(value));
            self.say(finding, id, &column.key);
        }
    }

    fn check(&mut self, rows: &[JudgedRow]) {
        let by_id: BTreeMap<String, &JudgedRow> =
            rows.iter().map(|row| (row.id.clone().unwrap_or_else(|| format!("+{}", row.row)), row)).collect();
        let number = |row: &str, column: &str| match by_id.get(row)?.answers.get(column) {
            Some(Answer { value: Value::Number(number), .. }) => Some(number.clone()),
            Some(_) => None,
            None => match self.table.content(row, column) {
                Some(Content::Number(number)) => Some(number.clone()),
                _ => None,
            },
        };
        let ids: Vec<String> = by_id.keys().cloned().collect();
        let failed: Vec<_> = self.table.checks.iter().flat_map(|check| check.failed(&ids, &number)).collect();
        for failed in failed {
            let Some(row) = by_id.get(&failed.row) else { continue };
            let at = self.returned.columns.get(failed.column).copied().unwrap_or_default();
            let finding =
                Diagnostic::error("blank-check-failed", self.place(row.row, at)).with("check", failed.message);
            self.say(finding, row.id.as_deref(), failed.column);
        }
    }
}

/// What stands in a cell, short and in one line.
fn quoted(value: &CellValue) -> String {
    let text = exports::text_of(value).unwrap_or_default();
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let text = text.chars().map(plain).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
    match text.chars().nth(QUOTED) {
        Some(_) => text.chars().take(QUOTED).chain(['…']).collect(),
        None => text,
    }
}

/// A value as a message shows it.
fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Number(number) => crate::ru::typed(number),
        Value::Date(year, month, day) => format!("{day:02}.{month:02}.{year}"),
    }
}

/// Reads a value; the flag says that it was not written as asked. The error is what may be written instead.
fn read(column: &Column, value: &CellValue, words: &Words) -> Result<(Value, bool), String> {
    let is_text = matches!(value, CellValue::Text(_));
    let number = |least: i64, most: i64, is_whole: bool| {
        let number = exports::number_of(value).ok_or_else(String::new)?;
        let fits = number >= Measure::from(least) && number <= Measure::from(most);
        let is_whole = !is_whole || number.to_integer().is_some();
        // Per cents are no persons.
        let is_share = matches!(column.kind, Kind::Count | Kind::Amount | Kind::Flag)
            && matches!(value, CellValue::Text(text) if text.contains('%'));
        if fits && is_whole && !is_share { Ok((Value::Number(number), is_text)) } else { Err(String::new()) }
    };
    match &column.kind {
        Kind::Text => exports::text_of(value).map(|text| (Value::Text(text), false)).ok_or_else(String::new),
        Kind::Count => number(0, i64::from(column.most.unwrap_or(1_000_000)), true),
        Kind::Number => number(-1_000_000_000, 1_000_000_000, false),
        Kind::Amount => number(0, i64::from(column.most.unwrap_or(1_000_000_000)), false),
        Kind::Flag => {
            let written = exports::text_of(value).map(|text| exports::folded(&text)).unwrap_or_default();
            let is = |key: &str| is_text && exports::folded(words.of(key)) == written;
            match (is("yes"), is("no")) {
                (true, _) => Ok((Value::Number(Measure::from(1_i64)), true)),
                (_, true) => Ok((Value::Number(Measure::from(0_i64)), true)),
                _ => number(0, 1, true),
            }
        }
        Kind::Percent => match value {
            // Shown as per cent, the value itself is the fraction; number_of has read it.
            CellValue::Fraction(_) => number(0, 100, false).map(|(value, _)| (value, true)),
            _ => number(0, 100, false),
        },
        Kind::Year => number(1900, 2100, true),
        Kind::Date => match value {
            CellValue::Date(year, month, day) => Ok((Value::Date(*year, *month, *day), false)),
            CellValue::Text(text) => {
                let date = crate::ru::Date::parse(text.trim()).ok_or_else(String::new)?;
                let year = u16::try_from(date.year).map_err(|_| String::new())?;
                Ok((Value::Date(year, date.month, date.day), true))
            }
            _ => Err(String::new()),
        },
        Kind::Choice(words) => {
            let written = exports::text_of(value).unwrap_or_default();
            if let Some(word) = words.iter().find(|word| **word == written) {
                return Ok((Value::Text(word.clone()), false));
            }
            let folded = exports::folded(&written);
            let alike: Vec<&String> = words.iter().filter(|word| exports::folded(word) == folded).collect();
            match alike.as_slice() {
                [word] => Ok((Value::Text((*word).clone()), true)),
                _ => Err(words.join("; ")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_a_person_means_them_and_no_further() {
        let column = |kind: Kind| Column {
            key: "value".to_owned(),
            heading: "Value".to_owned(),
            help: String::new(),
            kind,
            is_open: true,
            is_required: true,
            has_total: false,
            width: 10,
            lines: 1,
            most: None,
            is_apart: false,
            suggested: Vec::new(),
        };
        let text = |text: &str| CellValue::Text(text.into());
        let number = |number: i64| Value::Number(Measure::from(number));
        let words = Words {
            words: [("yes", "да"), ("no", "нет")].map(|(key, word)| (key.to_owned(), word.to_owned())).into(),
            ..Words::default()
        };
        let read = |column: &Column, value: &CellValue| read(column, value, &words);
        let whole = column(Kind::Count);
        assert_eq!(read(&whole, &CellValue::Number(12.0)), Ok((number(12), false)));
        assert_eq!(read(&whole, &text(" 12 ")), Ok((number(12), true)));
        for wrong in
            [text("12 чел."), text("много"), CellValue::Number(1.5), CellValue::Number(-1.0), CellValue::Bool(true)]
        {
            assert_eq!(read(&whole, &wrong), Err(String::new()), "{wrong:?}");
        }
        let percent = column(Kind::Percent);
        assert_eq!(read(&percent, &CellValue::Fraction(0.29)), Ok((number(29), true)));
        assert_eq!(read(&percent, &CellValue::Number(101.0)), Err(String::new()));
        assert_eq!(read(&column(Kind::Date), &text("05.11.2022")), Ok((Value::Date(2022, 11, 5), true)));
        assert_eq!(read(&column(Kind::Date), &CellValue::Number(44_000.0)), Err(String::new()));
        let amount = column(Kind::Amount);
        assert_eq!(
            read(&amount, &CellValue::Number(2.5)),
            Ok((Value::Number(Measure::ratio(5, 2).expect("a ratio")), false))
        );
        assert_eq!(read(&amount, &text("3,5 %")), Err(String::new()), "per cents are no scores");
        assert_eq!(read(&Column { most: Some(5), ..amount }, &CellValue::Number(5.5)), Err(String::new()));
        let flag = column(Kind::Flag);
        assert_eq!(read(&flag, &CellValue::Number(7.0)), Err(String::new()));
        assert_eq!(read(&flag, &text("Да")), Ok((number(1), true)));
        let choice = column(Kind::Choice(vec!["В работе".to_owned(), "Нет".to_owned()]));
        let word = Value::Text("В работе".to_owned());
        // Another case, and Latin letters that look Russian.
        assert_eq!(read(&choice, &text("в работе")), Ok((word.clone(), true)));
        assert_eq!(read(&choice, &text("B рaботe")), Ok((word, true)));
        assert_eq!(read(&choice, &text("почти")), Err("В работе; Нет".to_owned()));
    }

    fn ids(judged: &Judged) -> Vec<&str> {
        judged.findings.iter().map(|finding| finding.diagnostic.id.as_str()).collect()
    }

    /// A blank of one table: two rows that ask for a number, with a reason, and a check between them.
    fn blank() -> Blank {
        let column = |key: &str, kind: Kind, is_open: bool| Column {
            key: key.to_owned(),
            heading: key.to_owned(),
            help: String::new(),
            kind,
            is_open,
            is_required: key == "value",
            has_total: false,
            width: 10,
            lines: 1,
            most: None,
            is_apart: false,
            suggested: Vec::new(),
        };
        let row = |id: &str| crate::blank::Row {
            id: id.to_owned(),
            cells: vec![Content::Text(format!("row {id}")), Content::Blank, Content::Blank],
            bound: None,
            is_apart: false,
            without: Vec::new(),
        };
        let part = |row: &str| crate::blank::Part { row: Some(row.to_owned()), column: "value".to_owned() };
        let check = crate::blank::Check::AtMost { part: part("1"), whole: part("2"), message: "too many".to_owned() };
        Blank {
            form: "f".to_owned(),
            version: "v".to_owned(),
            municipality: "m".to_owned(),
            municipality_name: String::new(),
            period: "2022".to_owned(),
            respondent: crate::blank::Respondent { code: "s".to_owned(), name: "School".to_owned() },
            title: String::new(),
            approval: Vec::new(),
            lines: Vec::new(),
            instruction: Vec::new(),
            signatures: Vec::new(),
            contact: String::new(),
            sample_mark: None,
            tables: vec![Table {
                id: "t".to_owned(),
                sheet: "T".to_owned(),
                title: String::new(),
                note: String::new(),
                columns: vec![
                    column("text", Kind::Text, false),
                    column("value", Kind::Count, true),
                    column(REASON, Kind::Text, true),
                ],
                rows: vec![row("1"), row("2")],
                is_open: false,
                checks: vec![check],
                chart: None,
                detail: None,
            }],
        }
    }

    /// Id, value and reason of a row.
    type Said<'a> = (Option<&'a str>, Option<f64>, Option<&'a str>);

    /// A returned table.
    fn returned(table: &str, columns: &[&str], rows: &[Said<'_>]) -> Returned {
        let blank = blank();
        let mut mark = blank.tables.first().map(|table| blank.mark(table)).expect("a table");
        mark.table = table.to_owned();
        let row = |(index, (id, value, reason)): (usize, &Said<'_>)| {
            let mut cells = BTreeMap::new();
            cells.extend(value.map(|value| ("value".to_owned(), CellValue::Number(value))));
            cells.extend(reason.map(|reason| (REASON.to_owned(), CellValue::Text(reason.into()))));
            cells.extend(columns.contains(&"old").then(|| ("old".to_owned(), CellValue::Number(1.0))));
            let row = u32::try_from(index).expect("few rows") + 5;
            super::super::ReturnedRow { id: id.map(str::to_owned), row, cells }
        };
        let columns = columns.iter().zip(1..).map(|(key, at)| ((*key).to_owned(), at)).collect();
        Returned { mark, sheet: "T".to_owned(), columns, rows: rows.iter().enumerate().map(row).collect() }
    }

    #[test]
    fn what_was_done_to_a_table_is_named() {
        let whole = ["text", "value", REASON];
        let good = [(Some("1"), Some(3.0), None), (Some("2"), Some(4.0), None)];
        let judged =
            |tables: &[Returned]| judge("a.xlsx", "", &tables.iter().collect::<Vec<_>>(), &blank(), &Words::default());
        let right = judged(&[returned("t", &whole, &good)]);
        assert_eq!((right.verdict(), ids(&right), right.filled), (Verdict::Accepted, Vec::new(), 2));
        let of = |rows: &[Said<'_>]| judged(&[returned("t", &whole, rows)]);
        let [one, two] = good;
        assert_eq!(ids(&of(&[one])), ["blank-row-lost"]);
        assert_eq!(ids(&of(&[one, one, two])), ["blank-row-twice"]);
        assert_eq!(ids(&of(&[one, (None, Some(9.0), None), two])), ["blank-row-added"]);
        assert_eq!(ids(&of(&[(Some("1"), Some(5.0), None), two])), ["blank-check-failed"]);
        let explained = of(&[(Some("1"), None, Some("not known yet")), two]);
        assert_eq!((explained.verdict(), ids(&explained)), (Verdict::Accepted, vec!["blank-value-explained"]));
        let empty = of(&[(Some("1"), None, None), (Some("2"), None, None)]);
        assert_eq!((empty.verdict(), ids(&empty)), (Verdict::Empty, vec!["blank-empty"]));
        let columns = judged(&[returned("t", &["text", "old", REASON], &good)]);
        assert!(
            ids(&columns).contains(&"blank-column-lost") && ids(&columns).contains(&"blank-old-column"),
            "{:?}",
            ids(&columns)
        );
        let twice = judged(&[returned("t", &whole, &good), returned("t", &whole, &good)]);
        assert_eq!(ids(&twice), ["blank-table-twice"]);
        let other = judged(&[returned("gone", &whole, &good)]);
        assert_eq!(ids(&other), ["blank-old-table", "blank-table-lost", "blank-empty"]);
    }
}
