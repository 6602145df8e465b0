//! «Журнал методической помощи»: what was done for which school.

use std::collections::BTreeMap;

use ecow::EcoString;

use super::{Build, CellRef, Kind, Measure, Reading, Row, SheetSpec, Value, column, diagnostics, observe};
use crate::model::{Observation, Record, Subject, Text, Year, codes};
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
    record(row, build, reading);
    Some((1_i64.into(), row.cell("date")))
}

/// Keeps a row that could be read for the papers that print what was done for a school; of teachers they tell nothing.
fn record(row: &Row, build: &mut Build<'_>, reading: &Reading) {
    let (Some(Subject::School(school)), Some((from, to)), true) =
        (&reading.subject, reading.years, reading.gap.reasons.is_empty())
    else {
        return;
    };
    let mut texts = BTreeMap::new();
    for key in ["date", "form", "topic", "provider"] {
        let (value, cell) = row.value(key);
        let value = match value {
            Value::Text(text) => text.to_string(),
            Value::Date(date) => date.short(),
            _ => continue,
        };
        texts.insert(key.to_owned(), Text { value, node: build.sources.cells([cell]) });
    }
    let node = build.sources.cells([row.cell("school")]);
    texts.insert("school".to_owned(), Text { value: school.0.to_string(), node });
    let record = Record { school: Some(school.clone()), from, to, texts };
    build.data.records.entry(SPEC.id.to_owned()).or_default().push(record);
}
