//! What goes back: a fresh copy of the form with a remark at each wrong cell, and a letter.
//! In: a return that is wrong. Out: the copy, the letter, what became of the remarks of the time before.
//! It must never know how a return was judged.

use std::collections::BTreeSet;

use super::RETURNED;
use super::desk::{Desk, is_of};
use crate::blank::{Blank, Content, Row};
use crate::diag::{Diagnostic, Place, Severity};
use crate::exports;
use crate::form::{self, Remark};
use crate::pipeline::exchange::safe;
use crate::pipeline::papers::Correction;
use crate::returns::{Judged, Returned};
use crate::source;
use crate::workbook::CellValue;

impl Desk<'_, '_> {
    /// Makes a fresh copy of the form with what was filled in and a remark at each cell that is wrong; tells what became
    /// of what was wrong the time before.
    pub(super) fn send_back(&mut self, blank: &Blank, (index, judged): &(usize, Judged), period: &str) {
        let Some(came) = self.came.get(*index) else { return };
        let mut remarks = BTreeSet::new();
        for finding in judged.findings.iter().filter(|one| one.diagnostic.severity == Severity::Error) {
            let Some((table, row, column)) = &finding.at else { continue };
            let (message, hint) = self.messages.finding(&finding.diagnostic);
            let text = [message, hint].join("\n").trim().to_owned();
            let (table, row, column) = (table.clone(), row.clone(), column.clone());
            remarks.insert(Remark { table, row, column, text });
        }
        self.compare(blank, judged, &remarks, period);
        let name = safe(&format!("{} {}", blank.respondent.code, blank.respondent.name));
        let file = format!("{period}/{}/{}/{name}", safe(self.forms.words.of("to-correct")), safe(&self.spec.name));
        let errors = judged.findings.iter().filter(|one| one.diagnostic.severity == Severity::Error);
        let letter = Correction {
            file: file.clone(),
            respondent: blank.respondent.name.clone(),
            form: self.spec.name.clone(),
            period: blank.lines.get(2).cloned().unwrap_or_default(),
            term: self.how.exchange.term.clone().unwrap_or_else(|| self.forms.words.of("correction-term").to_owned()),
            items: errors.map(|one| one.diagnostic.clone()).collect(),
        };
        let letter = self.press.letter(&letter);
        self.papers.push(letter);
        let copy = filled(blank, &came.tables);
        let remarks: Vec<Remark> = remarks.into_iter().collect();
        let document = format!("correction-{}-{period}-{}", self.spec.id, blank.respondent.code);
        let made = form::render_blank(&copy, &self.forms.words, &remarks);
        self.produce(made, format!("{file}.xlsx"), document);
    }

    /// Holds what is wrong against what was wrong the last time, and keeps it for the next.
    fn compare(&mut self, blank: &Blank, judged: &Judged, remarks: &BTreeSet<Remark>, period: &str) {
        let municipality = &self.forms.prepared.municipality;
        let path = format!("{RETURNED}/{}/{period}/{}.json", self.spec.id, safe(&blank.respondent.code));
        let cell = |remark: &Remark| format!("{}/{}/{}", remark.table, remark.row, remark.column);
        let now: BTreeSet<String> = remarks.iter().map(cell).collect();
        let kept = source::own_file(municipality, &path);
        let before: Option<(String, BTreeSet<String>)> = kept.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        if let Some((hash, before)) = before.filter(|(hash, _)| *hash != judged.hash) {
            drop(hash);
            let (put_right, left) = (before.difference(&now).count(), before.intersection(&now).count());
            let finding = Diagnostic::note("blank-second-return", Place::File { file: judged.file.clone() })
                .with("right", put_right.to_string())
                .with("left", left.to_string())
                .with("new", now.difference(&before).count().to_string());
            self.diagnostics.push(judged.told(finding));
        }
        let bytes = serde_json::to_vec_pretty(&(&judged.hash, &now)).unwrap_or_default();
        if let Err(finding) = source::keep_own(municipality, &path, &bytes) {
            self.diagnostics.push(finding);
        }
    }
}

/// A blank with what a respondent filled in, also where it is wrong.
fn filled(blank: &Blank, tables: &[Returned]) -> Blank {
    let mut copy = blank.clone();
    for table in &mut copy.tables {
        let own = tables.iter().find(|one| one.mark.table == table.id && is_of(one, blank));
        let Some(returned) = own else { continue };
        let mut added = Vec::new();
        for row in &returned.rows {
            let content = |key: &str| match row.cells.get(key) {
                None => Content::Blank,
                Some(value @ CellValue::Number(_)) => exports::number_of(value).map_or(Content::Blank, Content::Number),
                Some(value) => exports::text_of(value).map_or(Content::Blank, Content::Text),
            };
            let known = row.id.as_ref().and_then(|id| table.rows.iter().position(|known| known.id == *id));
            match known.and_then(|position| table.rows.get_mut(position)) {
                Some(known) => {
                    for (column, cell) in
                        table.columns.iter().zip(&mut known.cells).filter(|(column, _)| column.is_open)
                    {
                        *cell = content(&column.key);
                    }
                }
                None if table.is_open => {
                    let cells = table.columns.iter().map(|column| content(&column.key)).collect();
                    added.push(Row {
                        id: format!("+{}", row.row),
                        cells,
                        bound: None,
                        is_apart: false,
                        without: Vec::new(),
                    });
                }
                None => {}
            }
        }
        table.rows.extend(added.into_iter().filter(|row| row.cells.iter().any(|cell| *cell != Content::Blank)));
    }
    copy
}
