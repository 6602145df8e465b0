//! «Реестр школ»: the schools of the municipality.

use super::{Build, Kind, Row, SheetSpec, column, filled};
use crate::diag::Diagnostic;
use crate::model::{Dims, Gap, Known, Observation, School, SchoolCode, Subject, Year, codes};

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
    ],
    unique: &["code"],
    measures: &[],
    is_optional: false,
    project,
};

fn project(rows: &[Row], build: &mut Build<'_>) {
    for row in rows {
        match read(row, build) {
            Ok(school) => {
                // A school and its pupils hold for every year until the register knows dates.
                let mut add = |measure: &str, value, cell| {
                    build.data.store.add(Observation {
                        subject: Subject::School(school.code.clone()),
                        from: Year(i32::MIN),
                        to: Year(i32::MAX),
                        measure: measure.into(),
                        dims: Dims::default(),
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
                build.data.schools.insert(school.code.clone(), school);
            }
            // A row of the register that cannot be read puts every number in doubt.
            Err(gap) => {
                build.doubt_row(row, &gap);
                for diag in gap.reasons {
                    build.fault(row.spec, None, None, Dims::default(), diag);
                }
            }
        }
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
    Ok(School {
        code: SchoolCode(code),
        full: build.text(row, "full")?,
        short: build.text(row, "short")?,
        grades,
        is_counted: filled(row.choice("counted"))? == "yes",
        cell,
    })
}
