//! «Журнал методической помощи»: what was done for which school.

use super::{Build, Kind, Row, SheetSpec, column, filled, observe};
use crate::model::{Dims, Known, Observation, Subject, Year, codes};

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "support-log",
    title: "Журнал методической помощи",
    columns: &[
        column("date", &["Дата"], Kind::Date),
        column("school", &["Код ОО"], Kind::Verbatim),
        column("name", &["Школа"], Kind::Prose).absent(),
        column("form", &["Форма работы"], Kind::Prose),
        column("topic", &["Тема"], Kind::Prose),
        column("provider", &["Проводит"], Kind::Prose),
        column("addressed", &["Адресная"], Kind::YesNo),
    ],
    unique: &["date", "school", "form", "topic"],
    measures: &[codes::SUPPORT],
    is_optional: false,
    project,
};

fn project(rows: &[Row], build: &mut Build<'_>) {
    observe(rows, build, read);
}

fn read(row: &Row, build: &mut Build<'_>) -> Known<Observation> {
    row.unique()?;
    let year = Year(filled(row.date("date"))?.year);
    let addressed = filled(row.choice("addressed"))? == "yes";
    Ok(Observation {
        subject: Subject::School(build.school(row, "school", "name")?),
        from: year,
        to: year,
        measure: codes::SUPPORT.into(),
        dims: Dims { addressed: Some(addressed), ..Dims::default() }.into(),
        value: 1_i64.into(),
        cell: row.cell("date"),
    })
}
