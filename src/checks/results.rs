//! Results against the calendar of procedures and the register of schools.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::diag::{DiagId, Diagnostic, Diagnostics, Place};
use crate::figure::{Rounding, RoundingMode};
use crate::measure::Measure;
use crate::model::{
    Dataset, Dims, Discipline, Exam, Fault, Holding, MeasureCode, Observation, Procedure, Question, Subject, Year,
    codes,
};
use crate::provenance::Sources;
use crate::ru;

/// What a results row feeds.
fn measures() -> Vec<MeasureCode> {
    codes::RESULTS.map(MeasureCode::from).to_vec()
}

fn fault(observation: &Observation, diag: DiagId) -> Fault {
    Fault {
        measures: measures(),
        subject: Some(observation.subject.clone()),
        years: Some((observation.from, observation.to)),
        dims: Dims::clone(&observation.dims),
        diag,
    }
}

fn participants(data: &Dataset) -> impl Iterator<Item = &Observation> {
    data.store.of_measure(codes::PARTICIPANTS)
}

/// Procedures by what names them, as far as they took place.
fn held(data: &Dataset) -> BTreeSet<(Exam, u8, &Discipline, Year)> {
    let held = data.calendar.iter().filter(|row| row.holding != Holding::NotHeld);
    held.map(|row| (row.exam, row.grade, &row.discipline, row.year)).collect()
}

fn put_in_doubt(data: &mut Dataset, faults: Vec<Fault>) {
    faults.into_iter().for_each(|fault| data.store.fault(fault));
}

fn procedure_text(row: &Observation) -> (String, String) {
    let discipline = row.dims.discipline.as_ref().map_or_else(String::new, ToString::to_string);
    (discipline, row.dims.grade.map_or_else(String::new, |grade| grade.to_string()))
}

/// Results of a procedure that the calendar does not have, or has as not held.
pub(super) fn not_held(data: &mut Dataset, sources: &Sources, diagnostics: &mut Diagnostics) {
    // A calendar whose rows could not be read says nothing about any.
    if data.sheet_gaps.contains_key("calendar") {
        return;
    }
    let (held, mut faults) = (held(data), Vec::new());
    let disciplines: BTreeSet<&Discipline> = data.calendar.iter().map(|row| &row.discipline).collect();
    for row in participants(data) {
        let Dims { exam: Some(exam), grade: Some(grade), discipline: Some(discipline), .. } = &*row.dims else {
            continue;
        };
        if held.contains(&(*exam, *grade, discipline, row.from)) {
            continue;
        }
        if !disciplines.contains(discipline) {
            let mut near: Vec<(usize, &str)> =
                disciplines.iter().map(|known| (ru::distance(&known.0, &discipline.0), known.0.as_str())).collect();
            near.sort_unstable();
            let nearest: Vec<&str> = near.iter().take(3).map(|(_, known)| *known).collect();
            let finding = Diagnostic::error("unknown-discipline", sources.place(row.cell))
                .with("discipline", discipline.0.as_str())
                .with("nearest", nearest.join(", "));
            faults.push(fault(row, diagnostics.push(finding)));
            continue;
        }
        let (discipline, grade) = procedure_text(row);
        let finding = Diagnostic::error("procedure-not-held", sources.place(row.cell))
            .with("discipline", discipline)
            .with("grade", grade)
            .with("year", row.from.to_string());
        faults.push(fault(row, diagnostics.push(finding)));
    }
    put_in_doubt(data, faults);
}

/// Results in a grade that the school does not teach.
pub(super) fn grade_not_taught(data: &mut Dataset, sources: &Sources, diagnostics: &mut Diagnostics) {
    let mut faults = Vec::new();
    for row in participants(data) {
        let Subject::School(code) = &row.subject else { continue };
        let (Some(school), Some(grade)) = (data.schools.get(code), row.dims.grade) else { continue };
        if (school.grades.0..=school.grades.1).contains(&grade) {
            continue;
        }
        let finding = Diagnostic::error("grade-not-taught", sources.place(row.cell))
            .with("school", school.short.value.clone())
            .with("grade", grade.to_string());
        faults.push(fault(row, diagnostics.push(finding)));
    }
    put_in_doubt(data, faults);
}

/// A procedure was held, the school teaches the grade, and there is no row.
pub(super) fn missing(data: &mut Dataset, sources: &Sources, diagnostics: &mut Diagnostics) {
    let mut allowed = BTreeSet::new();
    // Without the sheet there is one finding, not one a school.
    if !data.found_sheets.contains("results") {
        return;
    }
    let mut faults = Vec::new();
    let held = data.calendar.iter().filter(|row| row.holding != Holding::NotHeld);
    let held: Vec<(&Procedure, Dims)> = held.map(|row| (row, dims(row))).collect();
    for school in data.schools.values().filter(|school| school.is_counted) {
        let subject = Subject::School(school.code.clone());
        let all = Question { measure: codes::PARTICIPANTS, subject: Some(&subject), year: None, dims: Dims::default() };
        let given = by_procedure(&data.store.matching(&all));
        for (procedure, dims) in &held {
            if !(school.grades.0..=school.grades.1).contains(&procedure.grade)
                || !school.exists_throughout(procedure.year)
            {
                continue;
            }
            let shared = data.store.shared(dims);
            if shared.is_some_and(|dims| given.contains_key(&(Arc::as_ptr(dims), procedure.year))) {
                continue;
            }
            let (measure, year, dims) = (codes::PARTICIPANTS, Some(procedure.year), dims.clone());
            let question = Question { measure, subject: Some(&subject), year, dims };
            // A row in doubt has had its finding.
            if !matches!(data.store.select(&question), Ok(rows) if rows.is_empty()) {
                continue;
            }
            if let Some(gap) = data.leave(&school.code, &[codes::PARTICIPANTS], procedure.year) {
                allowed.insert((school.short.value.clone(), gap.year, gap.reason.value.clone(), gap.cell));
                continue;
            }
            let finding = Diagnostic::error("missing-result", Place::Run)
                .with("school", school.short.value.clone())
                .with("code", school.code.0.clone())
                .with("discipline", procedure.discipline.0.clone())
                .with("grade", procedure.grade.to_string())
                .with("year", procedure.year.to_string());
            let diag = diagnostics.push(finding);
            let years = Some((procedure.year, procedure.year));
            let (subject, dims) = (Some(subject.clone()), question.dims);
            faults.push(Fault { measures: measures(), subject, years, dims, diag });
        }
    }
    for (school, year, reason, cell) in allowed {
        let finding = Diagnostic::note("gap-allowed", sources.place(cell))
            .with("school", school)
            .with("year", year.to_string())
            .with("reason", reason);
        diagnostics.push(finding);
    }
    put_in_doubt(data, faults);
}

fn dims(procedure: &Procedure) -> Dims {
    Dims {
        exam: Some(procedure.exam),
        grade: Some(procedure.grade),
        discipline: Some(procedure.discipline.clone()),
        ..Dims::default()
    }
}

/// A row with no participants: said once, counted as no result.
pub(super) fn no_participants(data: &mut Dataset, sources: &Sources, diagnostics: &mut Diagnostics) {
    for row in participants(data).filter(|row| row.value.is_zero()) {
        let finding =
            Diagnostic::note("no-participants", sources.place(row.cell)).with("year", Year::to_string(&row.from));
        diagnostics.push(finding);
    }
}

/// More participants than the school has pupils.
pub(super) fn above_pupils(data: &mut Dataset, sources: &Sources, diagnostics: &mut Diagnostics) {
    let mut known: Option<(&Subject, Year, Option<&Measure>)> = None;
    for row in participants(data) {
        // Rows of a school and year mostly follow each other.
        let pupils = match known {
            Some((subject, year, pupils)) if *subject == row.subject && year == row.from => pupils,
            _ => {
                let (subject, year) = (Some(&row.subject), Some(row.from));
                let question = Question { measure: codes::PUPILS, subject, year, dims: Dims::default() };
                let pupils = data.store.matching(&question).first().map(|pupils| &pupils.value);
                known = Some((&row.subject, row.from, pupils));
                pupils
            }
        };
        let Some(pupils) = pupils.filter(|pupils| row.value > **pupils) else { continue };
        let finding = Diagnostic::warning("participants-above-pupils", sources.place(row.cell))
            .with("participants", row.value.to_string())
            .with("pupils", pupils.to_string());
        diagnostics.push(finding);
    }
}

/// Points by which a share must change against the year before to be unusual.
const JUMP_POINTS: i64 = 30;
/// Pupils that the change must stand for: one pupil in a class of six is no alarm.
const JUMP_PUPILS: i64 = 5;

/// A share below the minimum that jumped against the same procedure of the year before.
pub(super) fn unusual_jump(data: &mut Dataset, sources: &Sources, diagnostics: &mut Diagnostics) {
    for (subject, rows) in data.store.subjects(codes::PARTICIPANTS) {
        let rows: Vec<&Observation> = rows.collect();
        let all = by_procedure(&rows);
        let below =
            Question { measure: codes::BELOW_MINIMUM, subject: Some(subject), year: None, dims: Dims::default() };
        let below = by_procedure(&data.store.matching(&below));
        for now in &rows {
            let before = Year(now.from.0 - 1);
            let (now_at, then_at) = ((Arc::as_ptr(&now.dims), now.from), (Arc::as_ptr(&now.dims), before));
            let (Some(few), Some(few_then), Some(all_then)) =
                (below.get(&now_at), below.get(&then_at), all.get(&then_at))
            else {
                continue;
            };
            if !is_jump((*few, &now.value), (*few_then, *all_then)) {
                continue;
            }
            let (Some(share), Some(share_then)) = (few.percent_of(&now.value), few_then.percent_of(all_then)) else {
                continue;
            };
            let tenth = Rounding { mode: RoundingMode::HalfUp, digits: 1 };
            let finding = Diagnostic::warning("unusual-jump", sources.place(now.cell))
                .with("share", ru::number(&share, tenth, false))
                .with("before", ru::number(&share_then, tenth, false))
                .with("year", before.to_string());
            diagnostics.push(finding);
        }
    }
}

/// First values by procedure and year; the store shares what narrows observations alike, so its address names it.
fn by_procedure<'a>(rows: &[&'a Observation]) -> HashMap<(*const Dims, Year), &'a Measure, RandomState> {
    let mut values = HashMap::with_capacity_and_hasher(rows.len(), RandomState::default());
    for row in rows {
        values.entry((Arc::as_ptr(&row.dims), row.from)).or_insert(&row.value);
    }
    values
}

/// Tells a change of a share that is large in points and in pupils of this year's cohort, without division:
/// `now` and `then` are a part and the whole of which it is.
fn is_jump(now: (&Measure, &Measure), then: (&Measure, &Measure)) -> bool {
    if now.1.is_zero() || then.1.is_zero() {
        return false;
    }
    let (one, two) = (now.0 * then.1, then.0 * now.1);
    let change = if one > two { &one - &two } else { &two - &one };
    let change = &change * &Measure::from(100_i64);
    let is_large = change >= &Measure::from(JUMP_POINTS) * &(now.1 * then.1);
    is_large && change >= &Measure::from(JUMP_PUPILS * 100) * then.1
}
