//! «Педагоги»: teachers by code and the years in which they work at a school. Never a name.

use super::{Build, CellRef, Kind, Measure, Reading, Row, SheetSpec, column, filled, observe};
use crate::model::{Subject, TeacherCode, Year, codes};

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "teachers",
    title: "Педагоги",
    columns: &[
        column("teacher", &["Код педагога"], Kind::Verbatim),
        column("school", &["Код ОО"], Kind::Verbatim),
        column("discipline", &["Предмет преподавания"], Kind::Verbatim),
        column("from", &["Работает с"], Kind::Year),
        column("to", &["Работает по"], Kind::Year).blank(),
    ],
    unique: &["teacher", "school", "from"],
    measures: &[codes::EMPLOYMENT],
    is_optional: false,
    project,
};

fn project(rows: &[Row], build: &mut Build<'_>) {
    observe(rows, build, read);
}

fn read(row: &Row, build: &mut Build<'_>, reading: &mut Reading) -> Option<(Measure, CellRef)> {
    let teacher = reading.keep(row.plain("teacher"));
    let from = reading.keep(filled(row.year("from")));
    // Of a row that stands twice, the other may tell of a later end.
    let is_twice = row.unique().is_err();
    let to =
        reading.keep(row.year("to")).filter(|_| !is_twice).map_or(Year(i32::MAX), |to| to.unwrap_or(Year(i32::MAX)));
    reading.years = from.map(|from| (from, to));
    reading.dims.school = reading.keep(build.school_in(row, "school", "", from));
    // A subject that cannot be read leaves the teacher a teacher.
    reading.dims.discipline = row.plain("discipline").ok().map(|(name, _)| build.discipline(&name));
    if !reading.gap.reasons.is_empty() {
        let names = teacher.iter().map(|(code, _)| code.to_string()).collect();
        build.unread.add(SPEC.id, names, &reading.gap);
    }
    let (teacher, cell) = teacher?;
    reading.subject = Some(Subject::Teacher(TeacherCode(teacher)));
    Some((1_i64.into(), cell))
}
