//! «Партнёрства»: agreements of schools with leader schools.

use std::collections::BTreeMap;

use super::{Build, CellRef, Kind, Measure, Reading, Row, SheetSpec, Value, column, filled, observe};
use crate::diag::Diagnostic;
use crate::model::{Record, Subject, Text, Year, codes};

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

fn read(row: &Row, build: &mut Build<'_>, reading: &mut Reading) -> Option<(Measure, CellRef)> {
    let mut from = reading.keep(filled(row.date("from")));
    let mut to = reading.keep(row.date("to")).flatten();
    if let (Some(first), Some(last)) = (from, to)
        && last < first
    {
        let finding = Diagnostic::error("dates-reversed", build.place(row.cell("to")));
        reading.gap.reasons.insert(build.diagnostics.push(finding));
        from = None;
    }
    // An end that cannot be read, or that another row of the same partnership may contradict, ends nothing.
    to = to.filter(|_| reading.gap.reasons.is_empty());
    reading.years = from.map(|from| (Year(from.year), to.map_or(Year(i32::MAX), |to| Year(to.year))));
    let year = from.map(|from| Year(from.year));
    reading.subject = reading.keep(build.school_in(row, "school", "name", year)).map(Subject::School);
    reading.dims.school = reading.keep(build.school_in(row, "leader", "leader-name", year));
    record(row, build, reading);
    Some((1_i64.into(), row.cell("from")))
}

/// Keeps a row that could be read for the documents that print agreements.
fn record(row: &Row, build: &mut Build<'_>, reading: &Reading) {
    let (Some(Subject::School(school)), Some(leader), Some((from, to)), true) =
        (&reading.subject, &reading.dims.school, reading.years, reading.gap.reasons.is_empty())
    else {
        return;
    };
    let mut texts = BTreeMap::new();
    let mut put = |key: &str, value: String, build: &mut Build<'_>| {
        let node = build.sources.cells([row.cell(key)]);
        texts.insert(key.to_owned(), Text { value, node });
    };
    put("school", school.0.to_string(), build);
    put("leader", leader.0.to_string(), build);
    for key in ["from", "to"] {
        if let Ok(Some(date)) = row.date(key) {
            put(key, date.short(), build);
        }
    }
    if let Value::Text(agreement) = row.value("agreement").0 {
        put("agreement", agreement.to_string(), build);
    }
    let record = Record { school: Some(school.clone()), from, to, texts };
    build.data.records.entry(SPEC.id.to_owned()).or_default().push(record);
}
