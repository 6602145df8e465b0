//! Deficits and what answers them: rows of the roadmap, decisions, the schools' own measures.
//! In: rows that name deficits, causes per school. Out: what answers what; deficits without an answer, and the reverse.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::causes::CauseFinding;
use super::ground::Grounds;
use super::rules::{Cause, Ground, Rules};
use crate::diag::{Diagnostic, Diagnostics};
use crate::model::{Activity, Gap, Known, Record, SchoolCode, Text, Year};
use crate::provenance::{NodeId, Sources};
use crate::ru::{self, Date, Term};

/// The sheet of facts of activities.
const FACTS: &str = "activity-facts";

/// Where an answer to a deficit stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A row of the roadmap.
    Activity,
    /// A decision.
    Decision,
    /// The school's own measure.
    SchoolMeasure,
}

/// How an answer stands on the day of plan and fact.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Still to be done.
    Open,
    /// Done, or called off.
    Closed,
    /// Its term is over, and nothing says that it was done.
    Overdue,
}

/// What an answer lacks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lack {
    /// There is no measure at all.
    Measure,
    /// The term.
    Term,
    /// The person.
    Responsible,
    /// The indicator by which its effect is seen.
    Indicator,
}

/// A row that answers a deficit.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Answering {
    /// Where it stands.
    pub origin: Origin,
    /// What is done.
    pub title: Text,
    /// When.
    pub term: Option<Text>,
    /// Who.
    pub responsible: Option<Text>,
    /// The code of the indicator; `None` where the cause's own ground shows the effect.
    pub indicator: Option<Text>,
    /// What it lacks.
    pub lacks: BTreeSet<Lack>,
    /// How it stands: only what is open is printed as something to be done.
    pub standing: Standing,
}

/// A deficit of a school without a whole answer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Uncovered {
    /// The school.
    pub school: SchoolCode,
    /// The cause.
    pub cause: String,
    /// What is missing: the measure, or what the best answer lacks.
    pub lacks: BTreeSet<Lack>,
}

/// Why a measure has no deficit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdleReason {
    /// The row names none.
    NotNamed,
    /// The deficits that it names hold in none of its schools.
    NotFound,
    /// They hold in none, but cannot be told of all.
    Untold,
}

/// A measure without a deficit.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Idle {
    /// Where it stands.
    pub origin: Origin,
    /// What is done.
    pub title: Text,
    /// The school, if it is of one.
    pub school: Option<SchoolCode>,
    /// Why.
    pub reason: IdleReason,
}

/// A row that may answer deficits.
pub(super) struct MeasureRow {
    origin: Origin,
    title: Text,
    school: Option<SchoolCode>,
    causes: BTreeSet<String>,
    /// The cell of the deficits is filled.
    names_any: bool,
    /// Some deficit that it names is unknown.
    is_in_doubt: bool,
    term: Option<Text>,
    responsible: Option<Text>,
    indicator: Option<Text>,
    standing: Standing,
}

/// What came of the rows.
#[derive(Default)]
pub(super) struct Coverage {
    pub(super) answering: BTreeMap<SchoolCode, BTreeMap<String, Vec<Answering>>>,
    pub(super) uncovered: Vec<Uncovered>,
    pub(super) idle: Vec<Idle>,
    pub(super) in_doubt: Gap,
}

/// Rows that answer deficits, and the sheets that could not be read whole.
pub(super) struct Rows {
    rows: Vec<MeasureRow>,
    in_doubt: Gap,
}

/// Reads the causes that a cell names by id or title; an unknown one is an error at the cell, and puts in doubt what the
/// row answers.
pub(super) fn named(
    rules: &Rules,
    text: &Text,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> (BTreeSet<String>, Gap) {
    let (mut causes, mut in_doubt) = (BTreeSet::new(), Gap::default());
    for part in text.value.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        if let Some(cause) = rules.cause(part) {
            causes.insert(cause.id.clone());
            continue;
        }
        let names = rules.causes.iter().flat_map(|cause| [cause.id.as_str(), cause.title.as_str()]);
        let place = sources.place_of(text.node);
        let finding = Diagnostic::error("unknown-deficit", place).with("nearest", nearest(part, names));
        in_doubt.reasons.insert(diagnostics.push(finding));
    }
    (causes, in_doubt)
}

/// The three names nearest to a text: those that begin so first.
pub(super) fn nearest<'n>(text: &str, names: impl Iterator<Item = &'n str>) -> String {
    let near = ru::nearest(text, names, 3);
    if near.is_empty() { "–".to_owned() } else { near.join("; ") }
}

/// Holds the code of a row against the catalogue; an unknown one is an error at the cell and none.
pub(super) fn indicator(code: Option<&Text>, grounds: &Grounds<'_, '_>, diagnostics: &mut Diagnostics) -> Option<Text> {
    let code = code?;
    if grounds.scope.gauges.contains_key(code.value.trim()) {
        return Some(Text { value: code.value.trim().to_owned(), node: code.node });
    }
    let near = nearest(&code.value, grounds.scope.gauges.keys().copied());
    let place = grounds.sources.place_of(code.node);
    diagnostics.push(Diagnostic::error("unknown-ground-indicator", place).with("nearest", near));
    None
}

/// Collects the rows of the roadmap, of decisions and of the schools' own measures; a refused decision answers nothing.
pub(super) fn rows(grounds: &Grounds<'_, '_>, refused: &BTreeSet<NodeId>, diagnostics: &mut Diagnostics) -> Rows {
    let data = grounds.scope.data;
    let mut in_doubt = Gap::default();
    for sheet in ["activities", "decisions", "school-measures"] {
        if let Err(gap) = data.sheet(sheet) {
            in_doubt = in_doubt.and(&gap);
        }
    }
    let mut rows = Vec::new();
    for activity in &data.activities {
        let keep = |text: &Known<Text>, in_doubt: &mut Gap| match text {
            Ok(text) => Some(text.clone()),
            Err(gap) => {
                in_doubt.reasons.extend(&gap.reasons);
                None
            }
        };
        let Some(title) = keep(&activity.title, &mut in_doubt) else { continue };
        let deficit = activity.deficit.clone().unwrap_or_else(|gap| {
            in_doubt.reasons.extend(gap.reasons);
            None
        });
        let named = deficit.as_ref().map(|text| named(grounds.rules, text, grounds.sources, diagnostics));
        let (causes, unknown) = named.unwrap_or_default();
        in_doubt.reasons.extend(&unknown.reasons);
        let code = activity.indicator.as_ref().ok().and_then(Option::as_ref);
        let standing = carried_out(activity, grounds);
        if let (Standing::Overdue, true, Ok(term)) = (standing, deficit.is_some(), &activity.term) {
            say_overdue("activity-overdue", term, grounds, diagnostics);
        }
        rows.push(MeasureRow {
            origin: Origin::Activity,
            title,
            school: None,
            is_in_doubt: !unknown.reasons.is_empty(),
            causes,
            names_any: deficit.is_some(),
            term: keep(&activity.term, &mut in_doubt),
            responsible: keep(&activity.responsible, &mut in_doubt),
            indicator: indicator(code, grounds, diagnostics),
            standing,
        });
    }
    let first = Year(grounds.scope.year.0 - i32::from(grounds.rules.decisions.years) + 1);
    for (sheet, origin, title) in
        [("decisions", Origin::Decision, "decision"), ("school-measures", Origin::SchoolMeasure, "measure")]
    {
        for record in data.records.get(sheet).into_iter().flatten() {
            let is_dead = matches!(text_of(record, "status"), Some("failed" | "cancelled"));
            let is_of_time = first <= record.to && record.from <= Year(grounds.scope.year.0 + 1);
            let Some(title) = record.texts.get(title).filter(|_| !is_dead && is_of_time) else { continue };
            if refused.contains(&title.node) {
                continue;
            }
            let deficit = record.texts.get("deficit");
            let standing = standing(record, grounds.scope.as_of);
            if let (Standing::Overdue, Some(term)) = (standing, record.texts.get("term")) {
                let id = if origin == Origin::Decision { "decision-overdue" } else { "school-measure-overdue" };
                say_overdue(id, term, grounds, diagnostics);
            }
            // Codes and deficits of decisions are held against the rules where decisions are read.
            let mut silent = Diagnostics::default();
            let said = if origin == Origin::Decision { &mut silent } else { &mut *diagnostics };
            let (causes, unknown) =
                deficit.map(|text| named(grounds.rules, text, grounds.sources, said)).unwrap_or_default();
            if origin == Origin::SchoolMeasure {
                in_doubt.reasons.extend(&unknown.reasons);
            }
            rows.push(MeasureRow {
                origin,
                title: title.clone(),
                school: record.school.clone(),
                is_in_doubt: !unknown.reasons.is_empty(),
                causes,
                names_any: deficit.is_some(),
                term: record.texts.get("term").cloned(),
                responsible: record.texts.get("responsible").cloned(),
                indicator: indicator(record.texts.get("indicator"), grounds, said),
                standing,
            });
        }
    }
    rows.sort_by(|a, b| {
        let key = |row: &MeasureRow| (row.origin, row.school.clone(), row.title.value.clone());
        key(a).cmp(&key(b))
    });
    Rows { rows, in_doubt }
}

/// How a row with a status and a term of its own stands on a day.
pub fn standing(record: &Record, day: Option<Date>) -> Standing {
    let is_over = |term: &Text| day.is_some_and(|day| Term::is_over(&term.value, day));
    match text_of(record, "status") {
        Some("done" | "failed" | "cancelled") => Standing::Closed,
        _ if record.texts.get("term").is_some_and(is_over) => Standing::Overdue,
        _ => Standing::Open,
    }
}

/// How an activity stands by its facts. Where nobody keeps facts, nothing is overdue: nobody knows.
fn carried_out(activity: &Activity, grounds: &Grounds<'_, '_>) -> Standing {
    let data = grounds.scope.data;
    let Some(day) = grounds.scope.as_of else { return Standing::Open };
    let is_over = activity.term.as_ref().is_ok_and(|term| Term::is_over(&term.value, day));
    let mut last: Option<(Date, &str)> = None;
    let mut is_done = false;
    for fact in data.records.get(FACTS).into_iter().flatten() {
        let number = activity.number.as_ref().map(|number| ru::item_number(&number.value));
        let is_own = text_of(fact, "activity").is_some_and(|own| number == Ok(ru::item_number(own)));
        let date = text_of(fact, "date").and_then(Date::parse).filter(|date| is_own && *date <= day);
        let (Some(date), Some(status)) = (date, text_of(fact, "status")) else { continue };
        is_done |= status == "done";
        last = last.max(Some((date, status)));
    }
    match last {
        Some((_, "cancelled")) => Standing::Closed,
        _ if is_over && (is_done || !data.found_sheets.contains(FACTS)) => Standing::Closed,
        _ if is_over => Standing::Overdue,
        _ => Standing::Open,
    }
}

/// Says that a term is over and nothing that it was done: papers leave the row out, and only a person can move the term.
fn say_overdue(id: &str, term: &Text, grounds: &Grounds<'_, '_>, diagnostics: &mut Diagnostics) {
    let day = grounds.scope.as_of.map(Date::short).unwrap_or_default();
    diagnostics.push(Diagnostic::note(id, grounds.sources.place_of(term.node)).with("day", day));
}

/// Returns a text of a record.
pub(super) fn text_of<'r>(record: &'r Record, key: &str) -> Option<&'r str> {
    record.texts.get(key).map(|text| text.value.as_str())
}

impl MeasureRow {
    fn lacks(&self, cause: &Cause) -> BTreeSet<Lack> {
        let shows_itself = !matches!(cause.ground, Ground::RiskFactor { .. } | Ground::SelfExamination { .. });
        let is_shown = shows_itself || cause.measures.iter().any(|proposal| proposal.seen_by.is_some());
        [
            (self.term.is_none(), Lack::Term),
            (self.responsible.is_none(), Lack::Responsible),
            (self.indicator.is_none() && !is_shown, Lack::Indicator),
        ]
        .into_iter()
        .filter_map(|(is_missing, lack)| is_missing.then_some(lack))
        .collect()
    }

    fn is_of(&self, school: &SchoolCode) -> bool {
        self.school.as_ref().is_none_or(|own| own == school)
    }
}

/// Joins deficits and rows, both ways.
pub(super) fn cover(
    grounds: &Grounds<'_, '_>,
    rows: &Rows,
    found: &BTreeMap<SchoolCode, Vec<CauseFinding>>,
) -> Coverage {
    let mut coverage = Coverage { in_doubt: rows.in_doubt.clone(), ..Coverage::default() };
    let mut held: BTreeMap<&str, BTreeSet<&SchoolCode>> = BTreeMap::new();
    let mut untold: BTreeMap<&str, BTreeSet<&SchoolCode>> = BTreeMap::new();
    for (school, findings) in found {
        for finding in findings {
            let schools = match &finding.verdict {
                Ok(verdict) if verdict.holds => &mut held,
                Ok(_) => continue,
                Err(_) => &mut untold,
            };
            schools.entry(&finding.cause).or_default().insert(school);
        }
    }
    for cause in &grounds.rules.causes {
        let naming: Vec<&MeasureRow> = rows.rows.iter().filter(|row| row.causes.contains(&cause.id)).collect();
        for school in held.get(cause.id.as_str()).into_iter().flatten() {
            let answers = naming.iter().filter(|row| row.is_of(school));
            let answers: Vec<Answering> = answers
                .map(|row| Answering {
                    origin: row.origin,
                    title: row.title.clone(),
                    term: row.term.clone(),
                    responsible: row.responsible.clone(),
                    indicator: row.indicator.clone(),
                    lacks: row.lacks(cause),
                    standing: row.standing,
                })
                .collect();
            let lacks =
                answers.iter().map(|answer| answer.lacks.clone()).min_by_key(|lacks| (lacks.len(), lacks.clone()));
            match lacks {
                Some(lacks) if lacks.is_empty() => {}
                lacks => coverage.uncovered.push(Uncovered {
                    school: (*school).clone(),
                    cause: cause.id.clone(),
                    lacks: lacks.unwrap_or_else(|| [Lack::Measure].into()),
                }),
            }
            if !answers.is_empty() {
                let of_school = coverage.answering.entry((*school).clone()).or_default();
                of_school.insert(cause.id.clone(), answers);
            }
        }
    }
    coverage.uncovered.sort();
    for row in &rows.rows {
        let any = |of: &BTreeMap<&str, BTreeSet<&SchoolCode>>| {
            row.causes.iter().any(|cause| {
                of.get(cause.as_str()).is_some_and(|schools| schools.iter().any(|school| row.is_of(school)))
            })
        };
        let reason = match () {
            () if !row.names_any => IdleReason::NotNamed,
            () if any(&held) || row.is_in_doubt => continue,
            () if any(&untold) => IdleReason::Untold,
            () => IdleReason::NotFound,
        };
        let (title, school) = (row.title.clone(), row.school.clone());
        coverage.idle.push(Idle { origin: row.origin, title, school, reason });
    }
    coverage
}
