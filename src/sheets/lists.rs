//! «Перечни»: which school is on which list, by whose act.

use super::{Build, Kind, Row, SheetSpec, column, filled, observe};
use crate::model::{Dims, Known, ListSource, Observation, Role, Subject, codes};

/// Groups as written, and their keys.
const ROLES: &[(&str, &str)] =
    &[("ШНОР", "low-performing"), ("ШНСУ", "disadvantaged"), ("школа-лидер", "high-performing")];

/// Returns the term of a role, for messages.
pub(crate) fn term(role: Role) -> &'static str {
    let key = match role {
        Role::LowPerforming => "low-performing",
        Role::Disadvantaged => "disadvantaged",
        Role::HighPerforming => "high-performing",
        Role::Declining => "declining",
    };
    ROLES.iter().find(|(_, known)| *known == key).map_or(key, |(term, _)| term)
}

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "lists",
    title: "Перечни",
    columns: &[
        column("school", &["Код ОО"], Kind::Verbatim),
        column("name", &["Школа"], Kind::Prose).absent(),
        column("role", &["Группа"], Kind::Choice(ROLES)),
        column("year", &["Год"], Kind::Year),
        column(
            "source",
            &["Источник"],
            Kind::Choice(&[("муниципалитет", "municipality"), ("регион", "region"), ("Рособрнадзор", "federal")]),
        ),
        column("act", &["Акт"], Kind::Prose).blank(),
    ],
    unique: &["school", "role", "year"],
    measures: &[codes::LISTED],
    is_optional: false,
    project,
};

fn project(rows: &[Row], build: &mut Build<'_>) {
    observe(rows, build, read);
}

fn read(row: &Row, build: &mut Build<'_>) -> Known<Observation> {
    row.unique()?;
    let year = filled(row.year("year"))?;
    let role = match filled(row.choice("role"))? {
        "low-performing" => Role::LowPerforming,
        "disadvantaged" => Role::Disadvantaged,
        _ => Role::HighPerforming,
    };
    let source = match filled(row.choice("source"))? {
        "municipality" => ListSource::Municipality,
        "region" => ListSource::Region,
        _ => ListSource::Federal,
    };
    Ok(Observation {
        subject: Subject::School(build.school(row, "school", "name")?),
        from: year,
        to: year,
        measure: codes::LISTED.into(),
        dims: Dims { role: Some(role), source: Some(source), ..Dims::default() }.into(),
        value: 1_i64.into(),
        cell: row.cell("school"),
    })
}
