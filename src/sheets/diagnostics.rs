//! «Диагностика»: results of teachers' diagnosis in two waves and two blocks.

use super::{Build, Kind, Row, SheetSpec, column, filled, observe};
use crate::diag::Diagnostic;
use crate::model::{Block, Dims, Gap, Known, Observation, Question, Subject, TeacherCode, codes};

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "diagnostics",
    title: "Диагностика педагогов",
    columns: &[
        column("teacher", &["Код педагога"], Kind::Verbatim),
        column("year", &["Год"], Kind::Year),
        column("wave", &["Этап"], Kind::Choice(&[("первый", "1"), ("повторный", "2")])),
        column("block", &["Блок"], Kind::Choice(&[("предметный", "subject"), ("методический", "methodical")])),
        column("date", &["Дата"], Kind::Date).blank(),
        column("result", &["Результат, %"], Kind::Percent),
    ],
    unique: &["teacher", "year", "wave", "block"],
    measures: &[codes::DIAGNOSIS],
    is_optional: false,
    project,
};

fn project(rows: &[Row], build: &mut Build<'_>) {
    observe(rows, build, read);
}

fn read(row: &Row, build: &mut Build<'_>) -> Known<Observation> {
    row.unique()?;
    let (teacher, teacher_cell) = row.plain("teacher")?;
    let subject = Subject::Teacher(TeacherCode(teacher.clone()));
    let known = Question { measure: codes::EMPLOYMENT, subject: Some(&subject), year: None, dims: Dims::default() };
    if build.data.store.matching(&known).is_empty() {
        let finding = Diagnostic::error("unknown-teacher", build.place(teacher_cell)).with("code", teacher);
        return Err(Gap::because(build.diagnostics.push(finding)));
    }
    let year = filled(row.year("year"))?;
    let (value, cell) = filled(row.number("result"))?;
    let wave = if filled(row.choice("wave"))? == "1" { 1 } else { 2 };
    let block = if filled(row.choice("block"))? == "subject" { Block::Subject } else { Block::Methodical };
    Ok(Observation {
        subject,
        from: year,
        to: year,
        measure: codes::DIAGNOSIS.into(),
        dims: Dims { wave: Some(wave), block: Some(block), ..Dims::default() }.into(),
        value,
        cell,
    })
}
