//! «Реестр школ»: the schools of the municipality.

use std::collections::{BTreeMap, BTreeSet};

use super::{Build, Kind, Row, SheetSpec, column, filled};
use crate::diag::{Diagnostic, Place};
use crate::model::{Dims, Gap, Known, Observation, School, SchoolCode, Subject, Year, codes};
use crate::ru;
use crate::settings;

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "schools",
    title: "Реестр школ",
    columns: &[
        column("code", &["Код ОО"], Kind::Verbatim),
        column("full", &["Полное наименование"], Kind::Prose),
        column("short", &["Краткое наименование"], Kind::Prose),
        column("form", &["Форма"], Kind::Verbatim),
        column("kind", &["Тип"], Kind::Verbatim),
        column("locality", &["Местность"], Kind::Verbatim),
        column("first-grade", &["Класс с"], Kind::Grade),
        column("last-grade", &["Класс по"], Kind::Grade),
        column("pupils", &["Обучающихся"], Kind::Count).blank(),
        column("counted", &["Учитывается"], Kind::YesNo),
        column("login", &["Логин", "Логин ФИС ОКО"], Kind::Verbatim).absent(),
        column("oge", &["Код ОГЭ"], Kind::Verbatim).absent(),
        column("ege", &["Код ЕГЭ"], Kind::Verbatim).absent(),
        column("inn", &["ИНН"], Kind::Verbatim).absent(),
        column("former", &["Прежние названия"], Kind::Verbatim).absent(),
        column("from", &["Действует с"], Kind::Date).absent(),
        column("to", &["Действует по"], Kind::Date).absent(),
        column("successor", &["Преемник"], Kind::Verbatim).absent(),
    ],
    unique: &["code"],
    measures: &[],
    is_optional: false,
    project,
};

/// Phrases of names and their abbreviations, folded: a school is written either way.
const ABBREVIATIONS: [(&str, &str); 12] = [
    ("муниципальное бюджетное общеобразовательное учреждение", "мбоу"),
    ("муниципальное казенное общеобразовательное учреждение", "мкоу"),
    ("муниципальное автономное общеобразовательное учреждение", "маоу"),
    ("муниципальное общеобразовательное учреждение", "моу"),
    ("средняя общеобразовательная школа", "сош"),
    ("основная общеобразовательная школа", "оош"),
    ("начальная общеобразовательная школа", "нош"),
    ("средняя школа", "сш"),
    ("основная школа", "ош"),
    ("мбоу ", ""),
    ("мкоу ", ""),
    ("маоу ", ""),
];

/// Folds anything that names a school: logins of both spellings (`sch220206`, `edu220206`), composite cells
/// («edu220206 | Школа»), names in any spelling and with or without the legal form.
pub(super) fn identifier(text: &str) -> String {
    let head = text.split('|').next().unwrap_or(text);
    let folded = ru::fold(head);
    for prefix in ["sch", "edu"] {
        if let Some(digits) = folded.strip_prefix(prefix)
            && digits.len() >= 4
            && digits.bytes().all(|byte| byte.is_ascii_digit())
        {
            return format!("login {digits}");
        }
    }
    ABBREVIATIONS.iter().fold(folded, |name, (phrase, short)| name.replace(phrase, short)).trim().to_owned()
}

/// Enters what names a school; the same name for two schools helps nobody and is reported.
fn identify(row: &Row, school: &School, build: &mut Build<'_>) {
    let mut known: BTreeSet<String> =
        [&school.full.value, &school.short.value].iter().map(|name| identifier(name)).collect();
    let mut cells = BTreeMap::new();
    for key in ["login", "oge", "ege", "inn", "former"] {
        let Ok((text, cell)) = row.plain(key) else { continue };
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            known.insert(identifier(part));
            cells.insert(identifier(part), cell);
        }
    }
    for name in known {
        let others = build.data.identifiers.entry(name.clone()).or_default();
        let stranger = others.iter().find(|other| !is_in_line(other, school, &build.data.schools)).cloned();
        others.insert(school.code.clone());
        if let Some(other) = stranger {
            let cell = cells.get(&name).copied().unwrap_or(school.cell);
            let finding = Diagnostic::warning("identifier-repeated", build.place(cell))
                .with("code", school.code.0.clone())
                .with("other", other.0);
            build.diagnostics.push(finding);
        }
    }
}

/// Everything by which other sheets may name the school of a row; nothing when its code cannot be read.
fn names(row: &Row) -> Vec<String> {
    let parts = |key: &str| -> Vec<String> {
        let text = row.plain(key).map(|(text, _)| text).unwrap_or_default();
        text.split(';').map(identifier).filter(|name| !name.is_empty()).collect()
    };
    let code = parts("code");
    if code.is_empty() {
        return code;
    }
    let others = ["full", "short", "login", "oge", "ege", "inn", "former"];
    code.into_iter().chain(others.iter().flat_map(|key| parts(key))).collect()
}

/// A school that goes on from another may keep its name, login and codes: the year of a row tells them apart.
fn is_in_line(other: &SchoolCode, school: &School, schools: &BTreeMap<SchoolCode, School>) -> bool {
    let goes_on = schools.get(other).is_some_and(|other| other.successor.as_ref() == Some(&school.code));
    goes_on || school.successor.as_ref() == Some(other) || *other == school.code
}

fn project(rows: &[Row], build: &mut Build<'_>) {
    for row in rows {
        match read(row, build) {
            Ok(school) => {
                identify(row, &school, build);
                // Lists and denominators of a year hold the schools that exist at its end.
                let from = school.valid.0.map_or(i32::MIN, |date| date.year);
                let last_day = |date: ru::Date| (date.month, date.day) == (12, 31);
                let to = school.valid.1.map_or(i32::MAX, |date| if last_day(date) { date.year } else { date.year - 1 });
                let mut add = |measure: &str, value, cell| {
                    build.data.store.add(Observation {
                        subject: Subject::School(school.code.clone()),
                        from: Year(from),
                        to: Year(to),
                        measure: measure.into(),
                        dims: Dims::default().into(),
                        value,
                        cell,
                    });
                };
                if school.is_counted {
                    add(codes::SCHOOL, 1_i64.into(), school.cell);
                }
                match row.number("pupils") {
                    Ok(Some((pupils, cell))) => add(codes::PUPILS, pupils, cell),
                    Ok(None) => {}
                    Err(gap) => build.doubt_row(row, &gap),
                }
                if let Some(successor) = &school.successor {
                    build.data.predecessors.entry(successor.clone()).or_default().push(school.code.clone());
                }
                if let Ok(locality) = build.text(row, "locality") {
                    build.data.localities.insert(school.code.clone(), locality);
                }
                build.data.schools.insert(school.code.clone(), school);
            }
            // A row of the register that cannot be read puts every number in doubt; its school is known all the same.
            Err(gap) => {
                build.unread.add(SPEC.id, names(row), &gap);
                build.doubt_row(row, &gap);
                for diag in gap.reasons {
                    build.fault(row.spec, None, None, Dims::default(), diag);
                }
            }
        }
    }
    check_successors(build);
    check_left_out(build);
}

/// A type left out of denominators that no school has may be a slip of the pen: the schools meant would count.
fn check_left_out(build: &mut Build<'_>) {
    let kinds: BTreeMap<String, &str> =
        build.data.schools.values().map(|school| (ru::fold(&school.kind.value), school.kind.value.as_str())).collect();
    for left_out in build.left_out {
        if !kinds.contains_key(&ru::fold(left_out)) {
            let place = Place::Key { file: settings::FILE.to_owned(), key: format!("denominator.without.{left_out}") };
            let known = kinds.values().copied().collect::<Vec<_>>().join(", ");
            let finding = Diagnostic::warning("kind-not-in-register", place).with("kind", *left_out);
            build.diagnostics.push(finding.with("known", known));
        }
    }
}

/// A successor must be in the register, and a line must not run in a circle.
fn check_successors(build: &mut Build<'_>) {
    let mut findings = Vec::new();
    for school in build.data.schools.values() {
        let Some(successor) = &school.successor else { continue };
        let place = build.place(school.cell);
        if build.unread.gap(SPEC.id, &identifier(&successor.0)).is_some() {
            continue;
        }
        if !build.data.schools.contains_key(successor) {
            let finding = Diagnostic::error("unknown-successor", place).with("code", successor.0.clone());
            findings.push(finding);
        } else if build.data.lineage(&school.code).contains(successor) {
            findings.push(Diagnostic::error("successor-in-circle", place).with("code", successor.0.clone()));
        }
    }
    for finding in findings {
        let diag = build.diagnostics.push(finding);
        build.doubt_sheet(&SPEC, diag);
        build.fault(&SPEC, None, None, Dims::default(), diag);
    }
}

fn read(row: &Row, build: &mut Build<'_>) -> Known<School> {
    row.unique()?;
    let (code, cell) = row.plain("code")?;
    let grades = (filled(row.grade("first-grade"))?, filled(row.grade("last-grade"))?);
    if grades.0 > grades.1 {
        let finding = Diagnostic::error("grades-reversed", build.place(row.cell("last-grade")));
        return Err(Gap::because(build.diagnostics.push(finding)));
    }
    let valid = (row.date("from")?, row.date("to")?);
    if let (Some(from), Some(to)) = valid
        && to < from
    {
        let finding = Diagnostic::error("dates-reversed", build.place(row.cell("to")));
        return Err(Gap::because(build.diagnostics.push(finding)));
    }
    let kind = build.text(row, "kind")?;
    let is_left_out_by_kind = build.left_out.iter().any(|left_out| ru::fold(left_out) == ru::fold(&kind.value));
    let successor = Some(row.plain("successor")?.0).filter(|code| !code.is_empty()).map(SchoolCode);
    Ok(School {
        code: SchoolCode(code),
        full: build.text(row, "full")?,
        short: build.text(row, "short")?,
        grades,
        is_counted: filled(row.choice("counted"))? == "yes" && !is_left_out_by_kind,
        is_left_out_by_kind,
        kind,
        valid,
        successor,
        cell,
    })
}
