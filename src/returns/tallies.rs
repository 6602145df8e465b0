//! Answers to questions of many, laid out as shares: of all answers to a question, or of all who took part.
//! In: a sheet of a summary. Out: for each question what counts of it. It must never know how a share is printed.

use super::{Cell, Judged, SummarySheet, Value};
use crate::blank::{Against, Blank, REASON, TableSpec, Total};
use crate::measure::Measure;

/// The questions of a sheet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tally {
    /// What may be answered.
    pub answers: Vec<String>,
    /// The questions in order.
    pub questions: Vec<Question>,
}

/// A question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// What is asked.
    pub text: String,
    /// Columns of the sheet with the number of each answer.
    pub parts: Vec<usize>,
    /// The column of all answers, or of all who took part.
    pub whole: usize,
}

/// What was answered to a question, of the forms that give every number of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answered {
    /// How many forms these are.
    pub counted: usize,
    /// All answers.
    pub whole: Measure,
    /// The number of each answer.
    pub parts: Vec<Measure>,
}

impl Answered {
    /// The share of an answer in per cent, exactly; `None` of nothing.
    pub fn share(&self, part: &Measure) -> Option<Measure> {
        (part * &Measure::from(100_i64)).checked_div(&self.whole)
    }
}

impl Question {
    /// Adds up what was answered.
    pub fn answered(&self, sheet: &SummarySheet) -> Answered {
        let number = |cells: &Vec<Cell>, column: usize| match cells.get(column) {
            Some(Cell::Number(number)) => Some(number.clone()),
            _ => None,
        };
        let of = |cells: &Vec<Cell>| {
            let parts = self.parts.iter().map(|column| number(cells, *column)).collect::<Option<Vec<_>>>()?;
            Some((number(cells, self.whole)?, parts))
        };
        let all: Vec<(Measure, Vec<Measure>)> = sheet.rows.iter().filter_map(of).collect();
        let part = |index: usize| all.iter().filter_map(|(_, parts)| parts.get(index).cloned()).sum();
        Answered {
            counted: all.len(),
            whole: all.iter().map(|(whole, _)| whole.clone()).sum(),
            parts: (0..self.parts.len()).map(part).collect(),
        }
    }
}

/// What one return says in a row of another table.
fn said(judged: &Judged, among: &Against) -> Cell {
    let rows = judged.tables.get(&among.table).map(|(_, rows)| rows.as_slice()).unwrap_or_default();
    let row = rows.iter().find(|row| row.id.as_ref() == Some(&among.row));
    let answer = row.and_then(|row| row.answers.iter().find(|(key, _)| key.as_str() != REASON));
    match answer.map(|(_, answer)| &answer.value) {
        Some(Value::Number(number)) => Cell::Number(number.clone()),
        _ => Cell::Blank,
    }
}

/// Finds the questions of a sheet that is laid out already; where answers are shares of all who took part, their number
/// becomes a column of it.
pub(super) fn lay_out(
    sheet: &mut SummarySheet,
    table: &TableSpec,
    returns: &[(&Blank, &Judged)],
    items: &[(String, String)],
) {
    let Some(answers) = &table.answers else { return };
    let at = |sheet: &SummarySheet, id: &str, key: &str| {
        let is_it =
            |asked: &Option<(String, String)>| asked.as_ref().is_some_and(|(row, column)| row == id && column == key);
        sheet.asks.iter().position(is_it)
    };
    let whole_of_all = answers.among.as_ref().map(|among| {
        let label = returns.iter().find_map(|(blank, _)| {
            let other = blank.table(&among.table)?;
            Some(other.label(other.row(&among.row)?))
        });
        sheet.headings.push(label.unwrap_or_else(|| among.row.clone()));
        sheet.under.push(Total::Sum);
        sheet.asks.push(None);
        let own = returns.iter().filter(|(_, judged)| judged.tables.contains_key(&table.id));
        for (cells, (_, judged)) in sheet.rows.iter_mut().zip(own) {
            cells.push(said(judged, among));
        }
        sheet.headings.len() - 1
    });
    let question = |(id, text): &(String, String)| {
        let parts = answers.parts.iter().map(|key| at(sheet, id, key)).collect::<Option<Vec<_>>>()?;
        let whole = match &answers.whole {
            Some(key) => at(sheet, id, key)?,
            None => whole_of_all?,
        };
        Some(Question { text: text.clone(), parts, whole })
    };
    let questions: Vec<Question> = items.iter().filter_map(question).collect();
    let heading = |key: &String| {
        let column = table.columns.iter().find(|column| column.key == *key);
        column.map_or_else(|| key.clone(), |column| column.heading.clone())
    };
    if !questions.is_empty() {
        sheet.tally = Some(Tally { answers: answers.parts.iter().map(heading).collect(), questions });
    }
}
