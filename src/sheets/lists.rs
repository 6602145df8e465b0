//! «Перечни»: which school is on which list, by whose act.

use super::{Build, CellRef, Kind, Measure, Reading, Row, SheetSpec, column, filled, observe};
use crate::model::{ListSource, Role, Subject, codes};

/// Groups as written, and their keys.
const ROLES: &[(&str, &str)] = &[
    ("ШНОР", "low-performing"),
    ("ШНСУ", "disadvantaged"),
    ("школа-лидер", "high-performing"),
    ("школа со снижением результатов", "declining"),
    ("кризисная ситуация", "crisis"),
    ("зона риска", "at-risk"),
    ("лучший рост", "best-growth"),
    ("участник проекта", "participant"),
];

/// Returns the term of a role, for messages.
pub(crate) fn term(role: Role) -> &'static str {
    let key = key(role);
    ROLES.iter().find(|(_, known)| *known == key).map_or(key, |(term, _)| term)
}

/// Returns the key of a role.
pub(crate) fn key(role: Role) -> &'static str {
    let index = Role::ALL.iter().position(|known| *known == role);
    index.and_then(|index| KEYS.get(index)).copied().unwrap_or_default()
}

/// Tells whether there is a role of this key.
pub(crate) fn is_key(key: &str) -> bool {
    KEYS.contains(&key)
}

/// Keys of the roles in the order of [`Role::ALL`].
const KEYS: [&str; 8] = [
    "low-performing",
    "disadvantaged",
    "declining",
    "high-performing",
    "crisis",
    "at-risk",
    "best-growth",
    "participant",
];

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

fn read(row: &Row, build: &mut Build<'_>, reading: &mut Reading) -> Option<(Measure, CellRef)> {
    reading.keep_year(row.year("year"));
    let role = |key: &str| KEYS.iter().zip(Role::ALL).find(|(known, _)| **known == key).map(|(_, role)| role);
    reading.dims.role = reading.keep(filled(row.choice("role"))).and_then(role);
    reading.dims.source = reading.keep_choice(row.choice("source"), |key| match key {
        "municipality" => ListSource::Municipality,
        "region" => ListSource::Region,
        _ => ListSource::Federal,
    });
    let year = reading.years.map(|(year, _)| year);
    reading.subject = reading.keep(build.school_in(row, "school", "name", year)).map(Subject::School);
    Some((1_i64.into(), row.cell("school")))
}
