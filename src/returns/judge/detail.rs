//! Single rows behind sums: rows of schools behind those of a municipality.
//! In: a judged return. Out: findings where rows and sums, or rows and a list of schools, differ; codes as the form has them.
//! It must never know who asks.

use std::collections::{BTreeMap, BTreeSet};

use super::value::found;
use super::{Answer, Judged, JudgedRow, Value, number};
use crate::blank::{Blank, Detail, Table};
use crate::diag::{Diagnostic, Place};
use crate::exports;
use crate::measure::Measure;

/// Holds single rows against the table of their sums: codes are written as the form has them, each school and code once, and
/// what the rows add up to is what the sums say.
pub(super) fn hold(blank: &Blank, table: &Table, judged: &mut Judged) {
    let Some(detail) = &table.detail else { return };
    codes(blank, table, detail, judged);
    let (Some((sheet, rows)), Some((_, single))) = (judged.tables.get(&table.id), judged.tables.get(&detail.table))
    else {
        return;
    };
    let mut found = Vec::new();
    for row in rows {
        for key in &detail.columns {
            let own = single.iter().filter(|one| text(one, &detail.key) == row.id.as_deref());
            let sum: Measure = own.filter_map(|one| number(one, key)).sum();
            let Some(answer) = row.answers.get(key) else { continue };
            // A sum over rows of which some are silent would be no sum of them all.
            let silent = single.iter().filter(|one| text(one, &detail.key) == row.id.as_deref());
            for one in silent.filter(|one| number(one, key).is_none()) {
                let Some(code) = one.answers.get(&detail.key) else { continue };
                let place = Place::Cell {
                    file: judged.file.clone(),
                    sheet: judged.tables.get(&detail.table).map(|(sheet, _)| sheet.clone()).unwrap_or_default(),
                    row: code.cell.0,
                    column: code.cell.1,
                };
                let heading = table.column(key).map_or(key.as_str(), |column| &column.heading);
                let finding = Diagnostic::error("blank-detail-half", place).with("column", heading);
                found.push((finding, (detail.table.clone(), one.at.clone(), key.clone())));
            }
            if number(row, key).as_ref() != Some(&sum) {
                let (line, column) = answer.cell;
                let place = Place::Cell { file: judged.file.clone(), sheet: sheet.clone(), row: line, column };
                let finding = Diagnostic::error("blank-detail-differs", place).with("sum", crate::ru::typed(&sum));
                found.push((finding, (table.id.clone(), row.at.clone(), key.clone())));
            }
        }
    }
    for (finding, at) in found {
        judged.say(finding, Some(at));
    }
}

/// The text that a row says in a column.
fn text<'r>(row: &'r JudgedRow, key: &str) -> Option<&'r str> {
    match row.answers.get(key).map(|answer| &answer.value) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

/// Writes the codes of single rows as the table of sums and the first row of each school have them; says which name no sum,
/// and which say again what a row above them said.
fn codes(blank: &Blank, table: &Table, detail: &Detail, judged: &mut Judged) {
    let known = || table.rows.iter().map(|row| row.id.as_str());
    // Where the codes are offered, one that is not among them was refused already.
    let is_said = blank.table(&detail.table).and_then(|single| single.column(&detail.key));
    let is_said = is_said.is_some_and(|column| !column.suggested.is_empty());
    let file = judged.file.clone();
    let Some((sheet, single)) = judged.tables.get_mut(&detail.table) else { return };
    let place = |(row, column): (u32, u16)| Place::Cell { file: file.clone(), sheet: sheet.clone(), row, column };
    let mut said = Vec::new();
    let mut schools: BTreeMap<String, String> = BTreeMap::new();
    let mut rows: BTreeMap<(String, String), u32> = BTreeMap::new();
    for row in single {
        if let Some(Answer { value: Value::Text(school), .. }) = row.answers.get_mut(&detail.school) {
            let first = schools.entry(exports::code_key(school)).or_insert_with(|| school.clone());
            school.clone_from(first);
        }
        let Some(Answer { value: Value::Text(code), cell }) = row.answers.get_mut(&detail.key) else { continue };
        let at = (detail.table.clone(), row.at.clone(), detail.key.clone());
        match found(known(), code, exports::code_key) {
            Some((canonical, _)) => *code = canonical.to_owned(),
            None => {
                if !is_said {
                    let finding = Diagnostic::error("blank-detail-unknown", place(*cell));
                    said.push((finding.with("code", code.as_str()), at));
                }
                continue;
            }
        }
        let (code, cell) = (code.clone(), *cell);
        let school = text(row, &detail.school).unwrap_or_default().to_owned();
        match rows.entry((school.clone(), code.clone())) {
            std::collections::btree_map::Entry::Occupied(first) => {
                let finding = Diagnostic::error("blank-detail-twice", place(cell)).with("school", school);
                let finding = finding.with("code", code).with("row", (first.get() + 1).to_string());
                said.push((finding, at));
            }
            std::collections::btree_map::Entry::Vacant(first) => {
                first.insert(row.row);
            }
        }
    }
    for (finding, at) in said {
        judged.say(finding, Some(at));
    }
}

impl Judged {
    /// Says which schools of a list the single rows do not tell of, and which stand there without being on it.
    pub fn hold_against(&mut self, blank: &Blank, list: &BTreeMap<String, String>) {
        let Some(detail) = blank.tables.iter().find_map(|table| table.detail.as_ref()) else { return };
        if let Some((_, single)) = self.tables.get_mut(&detail.table) {
            for row in single {
                let Some(Answer { value: Value::Text(code), .. }) = row.answers.get_mut(&detail.school) else {
                    continue;
                };
                if let Some((listed, _)) = found(list.keys().map(String::as_str), code, exports::code_key) {
                    *code = listed.to_owned();
                }
            }
        }
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
            self.say(finding, Some((detail.table.clone(), String::new(), detail.school.clone())));
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
            let is_first = told.insert(exports::code_key(code));
            if is_first && !list.keys().any(|known| exports::code_key(known) == exports::code_key(code)) {
                found.push(Difference::NotListed(code.clone(), *cell));
            }
        }
        let missing = list.iter().filter(|(code, _)| !told.contains(&exports::code_key(code)));
        found.extend(missing.map(|(_, name)| Difference::Missing(name.clone())));
        Some((sheet.clone(), found))
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
