//! «Педагоги»: teachers by code and the years in which they work at a school. Never a name.

use super::{Build, Kind, Row, SheetSpec, column, filled, observe};
use crate::model::{Dims, Known, Observation, Subject, TeacherCode, Year, codes};

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

fn read(row: &Row, build: &mut Build<'_>) -> Known<Observation> {
    row.unique()?;
    let (teacher, cell) = row.plain("teacher")?;
    Ok(Observation {
        subject: Subject::Teacher(TeacherCode(teacher)),
        from: filled(row.year("from"))?,
        to: row.year("to")?.unwrap_or(Year(i32::MAX)),
        measure: codes::EMPLOYMENT.into(),
        dims: Dims { school: Some(build.school(row, "school", "")?), ..Dims::default() }.into(),
        value: 1_i64.into(),
        cell,
    })
}
