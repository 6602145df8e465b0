//! «Результаты»: participants and marks of a procedure, one row a school, grade and subject.

use std::sync::Arc;

use super::{Build, Kind, Row, SheetSpec, column, filled};
use crate::diag::Diagnostic;
use crate::model::{Dims, Exam, Gap, Known, Observation, Subject, codes};

pub(super) const EXAMS: Kind =
    Kind::Choice(&[("ВПР", "vpr"), ("ОГЭ", "oge"), ("ЕГЭ", "ege"), ("ГВЭ", "gve"), ("РПР", "regional")]);

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "results",
    title: "Результаты процедур",
    columns: &[
        column("school", &["Код ОО"], Kind::Verbatim),
        column("name", &["Школа"], Kind::Prose).absent(),
        column("year", &["Год"], Kind::Year),
        column("exam", &["Процедура"], EXAMS),
        column("grade", &["Класс"], Kind::Grade),
        column("discipline", &["Предмет"], Kind::Verbatim),
        column("participants", &["Участников"], Kind::Count),
        column("mark-2", &["Отметка «2»"], Kind::Count).absent(),
        column("mark-3", &["Отметка «3»"], Kind::Count).absent(),
        column("mark-4", &["Отметка «4»"], Kind::Count).absent(),
        column("mark-5", &["Отметка «5»"], Kind::Count).absent(),
        column("below-minimum", &["Ниже минимального балла"], Kind::Count).absent(),
    ],
    unique: &["school", "year", "exam", "grade", "discipline"],
    measures: &codes::RESULTS,
    is_optional: false,
    project,
};

/// Turns the key of a choice into the procedure.
pub(super) fn exam(key: &str) -> Exam {
    match key {
        "vpr" => Exam::Vpr,
        "oge" => Exam::Oge,
        "ege" => Exam::Ege,
        "gve" => Exam::Gve,
        _ => Exam::Regional,
    }
}

fn project(rows: &[Row], build: &mut Build<'_>) {
    for row in rows {
        // What can be read of the key narrows the doubt to this school, year and procedure.
        let year = filled(row.year("year"));
        let subject = build.school_in(row, "school", "name", year.clone().ok()).map(Subject::School);
        let dims = Dims {
            exam: row.choice("exam").ok().flatten().map(exam),
            grade: row.grade("grade").ok().flatten(),
            discipline: row.plain("discipline").ok().map(|(text, _)| build.discipline(&text)),
            ..Dims::default()
        };
        let mut gap = Gap::default();
        for part in [row.unique(), subject.clone().map(drop), year.clone().map(drop)] {
            if let Err(why) = part {
                gap = gap.and(&why);
            }
        }
        for part in [row.choice("exam").map(drop), row.grade("grade").map(drop), row.plain("discipline").map(drop)] {
            if let Err(why) = part {
                gap = gap.and(&why);
            }
        }
        let values = counts(row, build);
        if let Err(why) = &values {
            gap = gap.and(why);
        }
        if gap.reasons.is_empty()
            && let (Ok(subject), Ok(year), Ok(values)) = (&subject, &year, values)
        {
            let store = &mut build.data.store;
            let shared = store.shared(&dims).cloned();
            let dims = shared.unwrap_or_else(|| store.share(Arc::new(dims.clone())));
            for (measure, value, cell) in values {
                let dims = Arc::clone(&dims);
                let (subject, measure) = (subject.clone(), measure.into());
                build.data.store.add(Observation { subject, from: *year, to: *year, measure, dims, value, cell });
            }
        }
        for diag in gap.reasons {
            let years = year.clone().ok().map(|year| (year, year));
            build.fault(row.spec, subject.clone().ok(), years, dims.clone(), diag);
        }
    }
}

type Counts = Vec<(&'static str, crate::measure::Measure, crate::provenance::CellRef)>;

/// Reads the counts of a row and holds them against each other: marks add up to participants,
/// and nobody is below the minimum who did not take part.
fn counts(row: &Row, build: &mut Build<'_>) -> Known<Counts> {
    let (participants, participants_cell) = filled(row.number("participants"))?;
    let marks = ["mark-2", "mark-3", "mark-4", "mark-5"].map(|key| row.number(key));
    let below = row.number("below-minimum")?;
    let mut out = Vec::with_capacity(6);
    out.push((codes::PARTICIPANTS, participants.clone(), participants_cell));
    let mut problem = |id: &str, key: &str, found: String| {
        if id == "result-without-marks"
            && let Some(said) = build.said_of_export(row.cell(key))
        {
            return Err(Gap::because(said));
        }
        let finding = Diagnostic::error(id, build.place(row.cell(key)))
            .with("found", found)
            .with("participants", participants.to_string());
        Err(Gap::because(build.diagnostics.push(finding)))
    };
    let mut given = Vec::with_capacity(4);
    for mark in marks {
        given.extend(mark?);
    }
    if given.len() == 4 {
        let sum: crate::measure::Measure = given.iter().map(|(value, _)| value.clone()).sum();
        if sum != participants {
            return problem("marks-do-not-add-up", "participants", sum.to_string());
        }
        // A mark 2 is below the minimum; a score below the minimum is no mark.
        out.extend(given.first().map(|(value, cell)| (codes::BELOW_MINIMUM, value.clone(), *cell)));
        for (code, (value, cell)) in ["mark-2", "mark-3", "mark-4", "mark-5"].into_iter().zip(&given) {
            out.push((code, value.clone(), *cell));
        }
    } else if !given.is_empty() {
        return problem("marks-incomplete", "mark-2", given.len().to_string());
    }
    match below {
        Some((value, _)) if value > participants => problem("share-over-hundred", "below-minimum", value.to_string()),
        Some((value, _)) if given.len() == 4 && given.first().is_some_and(|(mark, _)| *mark != value) => {
            problem("below-minimum-differs", "below-minimum", value.to_string())
        }
        Some((value, cell)) => {
            if given.is_empty() {
                out.push((codes::BELOW_MINIMUM, value, cell));
            }
            Ok(out)
        }
        None if given.is_empty() => problem("result-without-marks", "below-minimum", String::new()),
        None => Ok(out),
    }
}
