//! «Журнал методической помощи»: what was done for which school.

use ecow::EcoString;

use super::{Build, CellRef, Kind, Measure, Reading, Row, SheetSpec, Value, column, diagnostics, observe};
use crate::model::{Observation, Subject, Year, codes};
use crate::ru;

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
        column("teacher", &["Код педагога"], Kind::Verbatim).absent(),
    ],
    unique: &["date", "school", "form", "topic", "teacher"],
    measures: &[codes::SUPPORT, codes::TEACHER_SUPPORT],
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
    let service = reading.keep(row.plain("provider")).map(|(text, _)| ru::fold(&text));
    reading.dims.service = service.filter(|service| !service.is_empty()).map(EcoString::from);
    if matches!(row.value("teacher").0, Value::Text(_))
        && let Some(subject) = reading.keep(diagnostics::teacher(row, build))
        && let (Some((from, to)), true) = (reading.years, reading.gap.reasons.is_empty())
    {
        let (measure, dims) = (codes::TEACHER_SUPPORT.into(), reading.dims.clone().into());
        let (value, cell) = (1_i64.into(), row.cell("teacher"));
        build.data.store.add(Observation { subject, from, to, measure, dims, value, cell });
    }
    Some((1_i64.into(), row.cell("date")))
}
