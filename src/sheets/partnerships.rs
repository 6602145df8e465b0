//! «Партнёрства»: agreements of schools with leader schools.

use super::{Build, Kind, Row, SheetSpec, column, filled, observe};
use crate::diag::Diagnostic;
use crate::model::{Dims, Gap, Known, Observation, Subject, Year, codes};

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "partnerships",
    title: "Партнёрства",
    columns: &[
        column("school", &["Код ОО"], Kind::Verbatim),
        column("name", &["Школа"], Kind::Prose).absent(),
        column("leader", &["Код школы-лидера"], Kind::Verbatim),
        column("leader-name", &["Школа-лидер"], Kind::Prose).absent(),
        column("agreement", &["Соглашение"], Kind::Prose).blank(),
        column("from", &["Действует с"], Kind::Date),
        column("to", &["Действует по"], Kind::Date).blank(),
    ],
    unique: &["school", "leader", "from"],
    measures: &[codes::PARTNERSHIP],
    is_optional: false,
    project,
};

fn project(rows: &[Row], build: &mut Build<'_>) {
    observe(rows, build, read);
}

fn read(row: &Row, build: &mut Build<'_>) -> Known<Observation> {
    row.unique()?;
    let from = filled(row.date("from"))?;
    let to = row.date("to")?;
    if to.is_some_and(|to| to < from) {
        let finding = Diagnostic::error("dates-reversed", build.place(row.cell("to")));
        return Err(Gap::because(build.diagnostics.push(finding)));
    }
    let school = build.school(row, "school", "name");
    build.school(row, "leader", "leader-name")?;
    Ok(Observation {
        subject: Subject::School(school?),
        from: Year(from.year),
        to: to.map_or(Year(i32::MAX), |to| Year(to.year)),
        measure: codes::PARTNERSHIP.into(),
        dims: Dims::default().into(),
        value: 1_i64.into(),
        cell: row.cell("from"),
    })
}
