//! «Обучение и достижения педагогов»: courses, internships, contests, shared experience and events, one row a teacher.

use ecow::EcoString;

use super::{Build, CellRef, Kind, Measure, Reading, Row, SheetSpec, column, diagnostics, filled, observe};
use crate::model::{Year, codes};

const KINDS: Kind = Kind::Choice(&[
    ("курсы", "courses"),
    ("предметные курсы", "subject-courses"),
    ("стажировка", "internship"),
    ("конкурс", "contest"),
    ("обобщение опыта", "experience"),
    ("методическое событие", "event"),
]);

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "teacher-records",
    title: "Обучение и достижения педагогов",
    columns: &[
        column("teacher", &["Код педагога"], Kind::Verbatim),
        column("date", &["Дата"], Kind::Date).logged(),
        column("kind", &["Вид достижения"], KINDS),
        column("title", &["Программа или событие"], Kind::Prose).blank(),
        column("level", &["Уровень"], Kind::Prose).absent(),
    ],
    unique: &["teacher", "date", "kind", "title"],
    measures: &[codes::TEACHER_RECORD],
    is_optional: true,
    project,
};

fn project(rows: &[Row], build: &mut Build<'_>) {
    observe(rows, build, read);
}

fn read(row: &Row, build: &mut Build<'_>, reading: &mut Reading) -> Option<(Measure, CellRef)> {
    reading.keep_year(row.date("date").map(|date| date.map(|date| Year(date.year))));
    reading.dims.kind = reading.keep(filled(row.choice("kind"))).map(EcoString::from);
    reading.subject = reading.keep(diagnostics::teacher(row, build));
    Some((1_i64.into(), row.cell("kind")))
}
