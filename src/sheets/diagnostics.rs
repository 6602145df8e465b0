//! «Диагностика»: results of teachers' diagnosis in two waves and two blocks.

use super::{Build, CellRef, Kind, Measure, Reading, Row, SheetSpec, column, filled, observe, teachers, told};
use crate::diag::Diagnostic;
use crate::model::{Block, Dims, Gap, Known, Question, Subject, TeacherCode, codes};

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "diagnostics",
    title: "Диагностика педагогов",
    columns: &[
        column("teacher", &["Код педагога"], Kind::Verbatim),
        column("year", &["Год"], Kind::Year),
        column("wave", &["Этап"], Kind::Choice(&[("первый", "1"), ("повторный", "2")])),
        column("block", &["Блок"], Kind::Choice(&[("предметный", "subject"), ("методический", "methodical")])),
        column("date", &["Дата"], Kind::Date).blank().logged(),
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

fn read(row: &Row, build: &mut Build<'_>, reading: &mut Reading) -> Option<(Measure, CellRef)> {
    reading.subject = reading.keep(teacher(row, build));
    reading.keep_year(row.year("year"));
    let block = |key: &str| if key == "subject" { Block::Subject } else { Block::Methodical };
    reading.dims.wave = reading.keep_choice(row.choice("wave"), |key| if key == "1" { 1 } else { 2 });
    reading.dims.block = reading.keep_choice(row.choice("block"), block);
    reading.keep(filled(row.number("result")))
}

/// The teacher of a row. A code that nobody has may be a mistyped one of anybody, so that the row is of nobody.
pub(super) fn teacher(row: &Row, build: &mut Build<'_>) -> Known<Subject> {
    let (teacher, cell) = row.plain("teacher")?;
    let subject = Subject::Teacher(TeacherCode(teacher.clone()));
    let known = Question { measure: codes::EMPLOYMENT, subject: Some(&subject), year: None, dims: Dims::default() };
    // A row of teachers that could not be read puts the teachers of a school in doubt, not what is said of them here.
    if !build.data.store.matching(&known).is_empty() || build.unread.has(teachers::SPEC.id, &teacher) {
        return Ok(subject);
    }
    if let Some(gap) = build.unread.gap(teachers::SPEC.id, &teacher) {
        return Err(gap);
    }
    let finding = Diagnostic::error("unknown-teacher", build.place(cell)).with("code", told(&teacher));
    Err(Gap::because(build.diagnostics.push(finding)))
}
