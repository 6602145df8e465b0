//! What goes back: a fresh copy of the form with a remark at each wrong cell, and a letter.
//! In: a return that is wrong. Out: the copy, the letter, what became of the remarks of the time before.
//! It must never know how a return was judged.

use std::collections::{BTreeMap, BTreeSet};

use super::RETURNED;
use super::desk::{Desk, is_of};
use crate::blank::{Blank, Column, Content, NUMBER, Row, Table, Words};
use crate::diag::{Diagnostic, Place, Severity};
use crate::exports;
use crate::form::{self, Remark};
use crate::measure::Measure;
use crate::pipeline::exchange::safe;
use crate::pipeline::papers::Correction;
use crate::returns::{self, Answer, Finding, Judged, Returned, Value};
use crate::ru::{Case, declension};
use crate::source;
use crate::workbook::CellValue;

/// The finding of a form that another filled in.
const ANOTHERS: &str = "blank-of-another";

impl Desk<'_, '_> {
    /// Makes a fresh copy of the form with what was filled in and a remark at each cell that is wrong; tells what became
    /// of what was wrong the time before.
    pub(super) fn send_back(&mut self, blank: &Blank, (index, judged): &(usize, Judged), period: &str) {
        let Some(came) = self.came.get(*index) else { return };
        // Where nobody knows whose figures they are, nobody is sent them.
        let is_anothers = judged.findings.iter().any(|finding| finding.diagnostic.id == ANOTHERS);
        let tables = if is_anothers { &[][..] } else { came.tables.as_slice() };
        let copy = Copy::make(blank, tables, judged, &self.forms.words);
        let (mut remarks, mut now) = (BTreeSet::new(), BTreeSet::new());
        for finding in judged.findings.iter().filter(|one| one.diagnostic.severity == Severity::Error) {
            let Some((table, row, column)) = copy.cell_of(finding) else {
                now.insert(format!("{}/{}", finding.diagnostic.place.text(), finding.diagnostic.id));
                continue;
            };
            let (message, hint) = self.messages.finding(&finding.diagnostic);
            let text = [message, hint].join("\n").trim().to_owned();
            now.insert(format!("{table}/{row}/{column}/{}", finding.diagnostic.id));
            if is_anothers && finding.diagnostic.id != ANOTHERS {
                continue;
            }
            remarks.insert(Remark { table, row, column, text });
        }
        self.compare(blank, judged, &now, period);
        let file = self.pack(blank, period);
        let errors = judged.findings.iter().filter(|one| one.diagnostic.severity == Severity::Error);
        let letter = Correction {
            file: file.clone(),
            respondent: addressed(&blank.respondent.name),
            form: self.spec.name.clone(),
            period: blank.lines.get(2).cloned().unwrap_or_default(),
            term: self.how.exchange.term.clone().unwrap_or_else(|| self.forms.words.of("correction-term").to_owned()),
            items: errors.map(|one| one.diagnostic.clone()).collect(),
        };
        let letter = self.press.letter(&letter);
        self.papers.push(letter);
        let remarks: Vec<Remark> = remarks.into_iter().collect();
        let made = form::render_blank(&copy.blank, &self.forms.words, &remarks);
        self.produce(made, format!("{file}.xlsx"), self.correction(blank, period));
    }

    /// What came is right: nothing is left to be corrected, and the copy and the letter of before go.
    pub(super) fn put_right(&mut self, blank: &Blank, judged: &Judged, period: &str) {
        if source::own_file(&self.forms.prepared.municipality, &self.kept(blank, period)).is_some() {
            self.compare(blank, judged, &BTreeSet::new(), period);
        }
        let letter = Correction::document(&self.pack(blank, period));
        self.dropped.extend([self.correction(blank, period), letter]);
    }

    /// The folder and name of the copy and the letter.
    fn pack(&self, blank: &Blank, period: &str) -> String {
        let name = safe(&format!("{} {}", blank.respondent.code, blank.respondent.name));
        format!("{period}/{}/{}/{name}", safe(self.forms.words.of("to-correct")), safe(&self.spec.name))
    }

    /// The document that the copy is.
    fn correction(&self, blank: &Blank, period: &str) -> String {
        format!("correction-{}-{period}-{}", self.spec.id, blank.respondent.code)
    }

    /// Where it is kept what was wrong the last time.
    fn kept(&self, blank: &Blank, period: &str) -> String {
        format!("{RETURNED}/{}/{period}/{}.json", self.spec.id, safe(&blank.respondent.code))
    }

    /// Tells whether what came the last time was wrong.
    pub(super) fn left(&self, blank: &Blank, period: &str) -> bool {
        let kept = source::own_file(&self.forms.prepared.municipality, &self.kept(blank, period));
        let before = kept.and_then(|bytes| serde_json::from_slice::<(String, BTreeSet<String>)>(&bytes).ok());
        before.is_some_and(|(_, before)| !before.is_empty())
    }

    /// Holds what is wrong against what was wrong the last time, and keeps it for the next.
    fn compare(&mut self, blank: &Blank, judged: &Judged, now: &BTreeSet<String>, period: &str) {
        let municipality = &self.forms.prepared.municipality;
        let path = self.kept(blank, period);
        let kept = source::own_file(municipality, &path);
        let before: Option<(String, BTreeSet<String>)> = kept.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        // What was right the last time is told by nothing.
        let before = before.filter(|(hash, before)| *hash != judged.hash && !before.is_empty());
        if let Some((_, before)) = before {
            let (put_right, left) = (before.difference(now).count(), before.intersection(now).count());
            let finding = Diagnostic::note("blank-second-return", Place::File { file: judged.file.clone() })
                .with("right", put_right.to_string())
                .with("left", left.to_string())
                .with("new", now.difference(&before).count().to_string());
            self.diagnostics.push(judged.told(finding));
        }
        let bytes = serde_json::to_vec_pretty(&(&judged.hash, now)).unwrap_or_default();
        if let Err(finding) = source::keep_own(municipality, &path, &bytes) {
            self.diagnostics.push(finding);
        }
    }
}

/// Somebody as a letter addresses them: a person in the dative with initials, an organization as it is called.
fn addressed(name: &str) -> String {
    let parts: Vec<&str> = name.split_whitespace().collect();
    let found = match parts.as_slice() {
        [surname, own, patronymic] if declension::gender_of(patronymic).is_some() => {
            let full = declension::decline(surname, own, patronymic, None, Case::Dative);
            full.ok().map(|full| declension::initials(&full.surname, own, patronymic).after)
        }
        [surname, letters] if letters.ends_with('.') => declension::gender_of_surname(surname)
            .and_then(|gender| declension::decline(surname, "", "", Some(gender), Case::Dative).ok())
            .map(|full| format!("{}{}{letters}", full.surname, crate::ru::NBSP)),
        _ => None,
    };
    found.unwrap_or_else(|| name.to_owned())
}

/// A blank with what a respondent filled in, also where it is wrong.
struct Copy {
    blank: Blank,
    /// Table and place of a row of an open table among those that came back, to the row of the copy.
    rows: BTreeMap<(String, String), String>,
}

impl Copy {
    fn make(blank: &Blank, tables: &[Returned], judged: &Judged, words: &Words) -> Self {
        let mut copy = Self { blank: blank.clone(), rows: BTreeMap::new() };
        for table in copy.blank.tables.iter_mut().filter(|table| !table.is_internal) {
            let own = tables.iter().find(|one| one.mark.table == table.id && is_of(one, blank));
            let Some(returned) = own else { continue };
            let answers: BTreeMap<u32, &BTreeMap<String, Answer>> = judged
                .tables
                .get(&table.id)
                .into_iter()
                .flat_map(|(_, rows)| rows.iter().map(|row| (row.row, &row.answers)))
                .collect();
            // What was understood stands as it was understood: a date typed as a text is a date.
            let content = |row: &returns::ReturnedRow, key: &str| match (
                answers.get(&row.row).and_then(|answers| answers.get(key)),
                row.cells.get(key),
            ) {
                (Some(answer), _) => content_of(&answer.value),
                (None, Some(value)) => as_written(value, words),
                (None, None) => Content::Blank,
            };
            if table.is_open {
                open(table, returned, &content, &mut copy.rows);
            } else {
                // Of a row that stands there twice the upper counts.
                for row in returned.rows.iter().rev() {
                    let Some(id) = &row.id else { continue };
                    let Some(known) = table.rows.iter_mut().find(|known| known.id == *id) else { continue };
                    let own = known.clone();
                    for (column, cell) in table.columns.iter().zip(&mut known.cells) {
                        if column.of(Some(&own)).is_open {
                            *cell = content(row, &column.key);
                        }
                    }
                }
            }
        }
        copy
    }

    /// The cell of the copy at which a finding is shown: its own, or the first open one of its row, column or table.
    fn cell_of(&self, finding: &Finding) -> Option<(String, String, String)> {
        let (id, at, column) = finding.at.as_ref()?;
        let table = self.blank.table(id)?;
        let at = self.rows.get(&(id.clone(), at.clone())).unwrap_or(at);
        let opens = |row: &Row, column: &Column| column.of(Some(row)).is_open;
        let takes = |row: &&Row| {
            let named = table.columns.iter().filter(|one| column.is_empty() || one.key == *column);
            named.into_iter().any(|column| opens(row, column))
        };
        let row = table.row(at).or_else(|| table.rows.iter().find(takes)).or_else(|| table.rows.first())?;
        let named = table.column(column).filter(|column| opens(row, column));
        let first = || table.columns.iter().find(|column| opens(row, column));
        Some((id.clone(), row.id.clone(), named.or_else(first)?.key.clone()))
    }
}

/// Fills an open table in: every row that came back is one of its own, in the order of the sheet.
fn open(
    table: &mut Table,
    returned: &Returned,
    content: &dyn Fn(&returns::ReturnedRow, &str) -> Content,
    places: &mut BTreeMap<(String, String), String>,
) {
    for (index, row) in returned.rows.iter().enumerate() {
        let number = index + 1;
        if table.rows.get(index).is_none() {
            let of = |column: &Column| match column.key == NUMBER {
                true => Content::Number(Measure::from(i64::try_from(number).unwrap_or(i64::MAX))),
                false => Content::Blank,
            };
            let cells = table.columns.iter().map(of).collect();
            let own = Row { id: number.to_string(), cells, bound: None, is_apart: false, without: Vec::new() };
            table.rows.push(own);
        }
        let Some(known) = table.rows.get_mut(index) else { continue };
        places.insert((table.id.clone(), format!("+{}", row.row)), known.id.clone());
        for (column, cell) in table.columns.iter().zip(&mut known.cells).filter(|(column, _)| column.is_open) {
            *cell = content(row, &column.key);
        }
    }
}

fn content_of(value: &Value) -> Content {
    match value {
        Value::Text(text) => Content::Text(text.clone()),
        Value::Number(number) => Content::Number(number.clone()),
        Value::Date(year, month, day) => Content::Date(*year, *month, *day),
    }
}

/// What was not understood, as it stands on the sheet.
fn as_written(value: &CellValue, words: &Words) -> Content {
    match value {
        CellValue::Number(_) => exports::number_of(value).map_or(Content::Blank, Content::Number),
        CellValue::Date(year, month, day) => Content::Text(format!("{day:02}.{month:02}.{year}")),
        CellValue::Text(text) => Content::Text(text.to_string()),
        // A formula without its result says nothing that could be shown.
        CellValue::Broken(why) if !why.starts_with('#') => Content::Blank,
        CellValue::Fraction(_) | CellValue::Bool(_) | CellValue::Broken(_) => {
            Content::Text(returns::quoted(value, words))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::addressed;

    #[test]
    fn a_person_is_addressed_in_the_dative() {
        assert_eq!(addressed("Кураторова Ксения Кирилловна"), "Кураторовой\u{a0}К.К.");
        assert_eq!(addressed("Советников Степан Сергеевич"), "Советникову\u{a0}С.С.");
        assert_eq!(addressed("Кураторова К.К."), "Кураторовой\u{a0}К.К.");
        assert_eq!(addressed("МБОУ «Учебная ОШ № 8»"), "МБОУ «Учебная ОШ № 8»");
        assert_eq!(addressed("Методическая служба района"), "Методическая служба района");
    }
}
