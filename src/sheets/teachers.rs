//! «Педагоги»: teachers by code and the years in which they work at a school. Never a name.

use ecow::EcoString;

use super::{Build, CellRef, Kind, Measure, Reading, Row, SheetSpec, column, filled, observe};
use crate::model::{Dims, Observation, Subject, TeacherCode, Year, codes};
use crate::ru;

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "teachers",
    title: "Педагоги",
    columns: &[
        column("teacher", &["Код педагога"], Kind::Verbatim),
        column("school", &["Код ОО"], Kind::Verbatim),
        column("discipline", &["Предмет преподавания"], Kind::Verbatim),
        column("from", &["Работает с"], Kind::Year),
        column("to", &["Работает по"], Kind::Year).blank(),
        column("position", &["Должность"], Kind::Prose).absent(),
        column("birth-year", &["Год рождения"], Kind::AnyYear).absent().quiet(),
        column("works-since", &["Начало работы, год"], Kind::AnyYear).absent(),
    ],
    unique: &["teacher", "school", "from"],
    measures: &[codes::EMPLOYMENT, codes::BIRTH_YEAR, codes::WORKS_SINCE],
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
    reading.dims.discipline = reading.keep(row.plain("discipline")).map(|(name, _)| build.discipline(&name));
    let position = reading.keep(row.plain("position")).map(|(text, _)| ru::fold(&text));
    reading.dims.kind = position.filter(|position| !position.is_empty()).map(EcoString::from);
    let (teacher, cell) = teacher?;
    let subject = Subject::Teacher(TeacherCode(teacher));
    reading.subject = Some(subject.clone());
    for (key, measure) in [("birth-year", codes::BIRTH_YEAR), ("works-since", codes::WORKS_SINCE)] {
        let Some(Some((value, cell))) = reading.keep(row.number(key)) else { continue };
        let (from, to) = (Year(i32::MIN), Year(i32::MAX));
        let (subject, measure, dims) = (subject.clone(), measure.into(), Dims::default().into());
        build.data.store.add(Observation { subject, from, to, measure, dims, value, cell });
    }
    Some((1_i64.into(), cell))
}
