//! «Результаты»: participants and marks of a procedure, one row a school, grade and subject.

use std::sync::Arc;

use super::{Build, Kind, Row, SheetSpec, column, filled};
use crate::diag::Diagnostic;
use crate::model::{Dims, Exam, Gap, Known, Observation, Store, Subject, Year, codes};

const EXAM_WORDS: &[(&str, &str)] =
    &[("ВПР", "vpr"), ("ОГЭ", "oge"), ("ЕГЭ", "ege"), ("ГВЭ", "gve"), ("РПР", "regional")];

pub(super) const EXAMS: Kind = Kind::Choice(EXAM_WORDS);

/// The word for a procedure.
pub(super) fn word(of: Exam) -> &'static str {
    EXAM_WORDS.iter().find(|(_, key)| exam(key) == of).map_or("", |(word, _)| word)
}

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

/// A row that became observations.
struct Ready {
    subject: Subject,
    year: Year,
    dims: Dims,
    values: Counts,
}

impl Ready {
    fn add_to(self, store: &mut Store) {
        let Self { subject, year, dims, values } = self;
        let shared = store.shared(&dims).cloned();
        let dims = shared.unwrap_or_else(|| store.share(Arc::new(dims)));
        for (measure, value, cell) in values {
            let (subject, dims, measure) = (subject.clone(), Arc::clone(&dims), measure.into());
            store.add(Observation { subject, from: year, to: year, measure, dims, value, cell });
        }
    }
}

/// Rows that go to the store at a time, and how many such parcels may wait.
const PARCEL: (usize, usize) = (4_096, 4);

/// Reads the rows while another thread puts what came of the ones before into the store: there are half a million.
fn project(rows: &[Row], build: &mut Build<'_>) {
    let mut store = std::mem::take(&mut build.data.store);
    let mut left = Vec::new();
    std::thread::scope(|scope| {
        let (give, take) = std::sync::mpsc::sync_channel::<Vec<Ready>>(PARCEL.1);
        let store = &mut store;
        let keep = move || take.into_iter().flatten().for_each(|ready| ready.add_to(store));
        // Without a thread nobody takes, and the rows are left for later.
        let _ = std::thread::Builder::new().spawn_scoped(scope, keep);
        for rows in rows.chunks(PARCEL.0) {
            let ready = rows.iter().filter_map(|row| read(row, build)).collect();
            if let Err(not_taken) = give.send(ready) {
                left.push(not_taken.0);
            }
        }
    });
    left.into_iter().flatten().for_each(|ready| ready.add_to(&mut store));
    let faults = std::mem::replace(&mut build.data.store, store);
    faults.into_faults().for_each(|fault| build.data.store.fault(fault));
}

/// Reads a row; one that cannot be used puts in doubt what its keys tell, as far as they can be read.
fn read(row: &Row, build: &mut Build<'_>) -> Option<Ready> {
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
    match (subject, year, values) {
        (Ok(subject), Ok(year), Ok(values)) if gap.reasons.is_empty() => Some(Ready { subject, year, dims, values }),
        (subject, year, _) => {
            for diag in gap.reasons {
                let years = year.clone().ok().map(|year| (year, year));
                build.fault(row.spec, subject.clone().ok(), years, dims.clone(), diag);
            }
            None
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
