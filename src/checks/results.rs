//! Results against the calendar of procedures and the register of schools.

use std::collections::BTreeSet;

use crate::diag::{DiagId, Diagnostic, Diagnostics, Place};
use crate::figure::{Rounding, RoundingMode};
use crate::measure::Measure;
use crate::model::{
    Dataset, Dims, Fault, Holding, MeasureCode, Observation, Procedure, Question, Subject, Year, codes,
};
use crate::provenance::Sources;
use crate::ru;

/// What a results row feeds.
fn measures() -> Vec<MeasureCode> {
    [codes::PARTICIPANTS, codes::BELOW_MINIMUM].map(MeasureCode::from).to_vec()
}

fn fault(observation: &Observation, diag: DiagId) -> Fault {
    Fault {
        measures: measures(),
        subject: Some(observation.subject.clone()),
        years: Some((observation.from, observation.to)),
        dims: observation.dims.clone(),
        diag,
    }
}

fn participants(data: &Dataset) -> Vec<Observation> {
    let all = Question { measure: codes::PARTICIPANTS, subject: None, year: None, dims: Dims::default() };
    data.store.matching(&all).into_iter().cloned().collect()
}

fn procedure_text(row: &Observation) -> (String, String) {
    let discipline = row.dims.discipline.as_ref().map_or_else(String::new, ToString::to_string);
    (discipline, row.dims.grade.map_or_else(String::new, |grade| grade.to_string()))
}

/// Results of a procedure that the calendar does not have, or has as not held.
pub(super) fn not_held(data: &mut Dataset, sources: &Sources, diagnostics: &mut Diagnostics) {
    for row in participants(data) {
        let Dims { exam: Some(exam), grade: Some(grade), discipline: Some(discipline), .. } = &row.dims else {
            continue;
        };
        let held = data.holding(*exam, *grade, discipline, row.from).is_some_and(|holding| holding != Holding::NotHeld);
        // A calendar whose rows could not be read says nothing about this one.
        if held || data.sheet_gaps.contains_key("calendar") {
            continue;
        }
        let (discipline, grade) = procedure_text(&row);
        let finding = Diagnostic::error("procedure-not-held", sources.place(row.cell))
            .with("discipline", discipline)
            .with("grade", grade)
            .with("year", row.from.to_string());
        let diag = diagnostics.push(finding);
        data.store.fault(fault(&row, diag));
    }
}

/// Results in a grade that the school does not teach.
pub(super) fn grade_not_taught(data: &mut Dataset, sources: &Sources, diagnostics: &mut Diagnostics) {
    for row in participants(data) {
        let Subject::School(code) = &row.subject else { continue };
        let (Some(school), Some(grade)) = (data.schools.get(code), row.dims.grade) else { continue };
        if (school.grades.0..=school.grades.1).contains(&grade) {
            continue;
        }
        let finding = Diagnostic::error("grade-not-taught", sources.place(row.cell))
            .with("school", school.short.value.clone())
            .with("grade", grade.to_string());
        let diag = diagnostics.push(finding);
        data.store.fault(fault(&row, diag));
    }
}

/// A procedure was held, the school teaches the grade, and there is no row.
pub(super) fn missing(data: &mut Dataset, sources: &Sources, diagnostics: &mut Diagnostics) {
    let mut allowed = BTreeSet::new();
    // Without the sheet there is one finding, not one a school.
    if !data.found_sheets.contains("results") {
        return;
    }
    let mut faults = Vec::new();
    for school in data.schools.values().filter(|school| school.is_counted) {
        let subject = Subject::School(school.code.clone());
        for procedure in data.calendar.iter().filter(|row| row.holding != Holding::NotHeld) {
            if !(school.grades.0..=school.grades.1).contains(&procedure.grade)
                || !school.exists_throughout(procedure.year)
            {
                continue;
            }
            let dims = dims(procedure);
            let question =
                Question { measure: codes::PARTICIPANTS, subject: Some(&subject), year: Some(procedure.year), dims };
            // A row in doubt has had its finding.
            if !matches!(data.store.select(&question), Ok(rows) if rows.is_empty()) {
                continue;
            }
            if let Some(gap) = data.allowed_gaps.iter().find(|gap| {
                gap.school == school.code
                    && gap.year == procedure.year
                    && gap.measures.iter().any(|measure| measure.0 == codes::PARTICIPANTS)
            }) {
                allowed.insert((school.short.value.clone(), gap.year, gap.reason.value.clone(), gap.cell));
                continue;
            }
            let finding = Diagnostic::error("missing-result", Place::Run)
                .with("school", school.short.value.clone())
                .with("code", school.code.0.clone())
                .with("discipline", procedure.discipline.0.clone())
                .with("grade", procedure.grade.to_string())
                .with("year", procedure.year.to_string());
            faults.push((subject.clone(), procedure.year, question.dims, diagnostics.push(finding)));
        }
    }
    for (school, year, reason, cell) in allowed {
        let finding = Diagnostic::note("gap-allowed", sources.place(cell))
            .with("school", school)
            .with("year", year.to_string())
            .with("reason", reason);
        diagnostics.push(finding);
    }
    for (subject, year, dims, diag) in faults {
        let years = Some((year, year));
        data.store.fault(Fault { measures: measures(), subject: Some(subject), years, dims, diag });
    }
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
    for row in participants(data).iter().filter(|row| row.value.is_zero()) {
        let finding =
            Diagnostic::note("no-participants", sources.place(row.cell)).with("year", Year::to_string(&row.from));
        diagnostics.push(finding);
    }
}

/// More participants than the school has pupils.
pub(super) fn above_pupils(data: &mut Dataset, sources: &Sources, diagnostics: &mut Diagnostics) {
    for row in participants(data) {
        let pupils = Question {
            measure: codes::PUPILS,
            subject: Some(&row.subject),
            year: Some(row.from),
            dims: Dims::default(),
        };
        let Some(pupils) = data.store.matching(&pupils).first().map(|found| found.value.clone()) else { continue };
        if row.value > pupils {
            let finding = Diagnostic::warning("participants-above-pupils", sources.place(row.cell))
                .with("participants", row.value.to_string())
                .with("pupils", pupils.to_string());
            diagnostics.push(finding);
        }
    }
}

/// Points by which a share must change against the year before to be unusual.
const JUMP_POINTS: i64 = 30;
/// Pupils that the change must stand for: one pupil in a class of six is no alarm.
const JUMP_PUPILS: i64 = 5;

/// A share below the minimum that jumped against the same procedure of the year before.
pub(super) fn unusual_jump(data: &mut Dataset, sources: &Sources, diagnostics: &mut Diagnostics) {
    let hundred = Measure::from(100_i64);
    for now in participants(data) {
        let at = |measure, year: Year| {
            let question = Question { measure, subject: Some(&now.subject), year: Some(year), dims: now.dims.clone() };
            data.store.matching(&question).first().map(|row| row.value.clone())
        };
        let before = Year(now.from.0 - 1);
        let (Some(below), Some(below_before), Some(all_before)) =
            (at(codes::BELOW_MINIMUM, now.from), at(codes::BELOW_MINIMUM, before), at(codes::PARTICIPANTS, before))
        else {
            continue;
        };
        let (Some(share), Some(share_before)) = (below.percent_of(&now.value), below_before.percent_of(&all_before))
        else {
            continue;
        };
        let change = &share - &share_before;
        let points = if change.is_negative() { &Measure::default() - &change } else { change };
        // The change in pupils of this year's cohort: points · participants / 100.
        let pupils = &points * &now.value;
        if points >= Measure::from(JUMP_POINTS) && pupils >= &Measure::from(JUMP_PUPILS) * &hundred {
            let tenth = Rounding { mode: RoundingMode::HalfUp, digits: 1 };
            let finding = Diagnostic::warning("unusual-jump", sources.place(now.cell))
                .with("share", ru::number(&share, tenth, false))
                .with("before", ru::number(&share_before, tenth, false))
                .with("year", before.to_string());
            diagnostics.push(finding);
        }
    }
}
