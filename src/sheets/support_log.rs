//! «Журнал методической помощи»: what was done for which school.

use super::{Build, CellRef, Kind, Measure, Reading, Row, SheetSpec, column, observe};
use crate::model::{Subject, Year, codes};

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "support-log",
    title: "Журнал методической помощи",
    columns: &[
        column("date", &["Дата"], Kind::Date).logged(),
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

fn read(row: &Row, build: &mut Build<'_>, reading: &mut Reading) -> Option<(Measure, CellRef)> {
    reading.keep_year(row.date("date").map(|date| date.map(|date| Year(date.year))));
    let year = reading.years.map(|(year, _)| year);
    reading.subject = reading.keep(build.school_in(row, "school", "name", year)).map(Subject::School);
    reading.dims.addressed = reading.keep_choice(row.choice("addressed"), |key| key == "yes");
    Some((1_i64.into(), row.cell("date")))
}
