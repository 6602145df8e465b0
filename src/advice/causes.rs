//! Causes per school: value, threshold and cells; what the school says of itself set against what is measured.
//! In: rules and grounds. Out: for every cause that it holds, does not hold, or cannot be told.
//! It must never know what is done against a cause.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ground::{Grounds, Told, Untold};
use super::rules::{Answer, Cause, Ground, Level};
use crate::diag::Diagnostic;
use crate::figure::{Figure, Rounding};
use crate::measure::Measure;
use crate::model::{Operand, SchoolCode, Year};
use crate::provenance::{NodeId, Op};

/// What the rules say of a cause in a school.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CauseFinding {
    /// The id of the cause.
    pub cause: String,
    /// On which level it works.
    pub level: Level,
    /// The grade that was judged alone, if any.
    pub grade: Option<u8>,
    /// Whether it holds.
    pub verdict: Told<Verdict>,
    /// What the school says of itself, if it was asked and has answered.
    pub said: Option<Said>,
    /// Results of ВПР stand behind it: no ground of decisions on staff or money.
    pub is_of_vpr: bool,
}

impl CauseFinding {
    /// Tells whether the cause is known to hold.
    pub fn holds(&self) -> bool {
        self.verdict.as_ref().is_ok_and(|verdict| verdict.holds)
    }
}

/// Whether a cause holds, and by which figures.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Verdict {
    /// It holds.
    pub holds: bool,
    /// The value; `None` for factors and answers.
    pub value: Option<Figure>,
    /// The threshold, likewise.
    pub threshold: Option<Figure>,
    /// The cells, and the key of the rule.
    pub node: NodeId,
}

/// An answer of the self-examination beside what is measured.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Said {
    /// The school admits the cause.
    pub admits: bool,
    /// `false` when data and answer contradict each other; `None` while the data cannot tell.
    pub agrees: Option<bool>,
    /// The cell of the answer.
    pub node: NodeId,
}

/// Judges every cause in a school.
pub(super) fn causes(grounds: &mut Grounds<'_, '_>, school: &SchoolCode, year: Year) -> Vec<CauseFinding> {
    let mut found = Vec::new();
    let rules = grounds.rules;
    for cause in &rules.causes {
        let grades: Vec<Option<u8>> = match &cause.ground {
            Ground::Results { grades, by_grade: true, .. } => grades.iter().copied().map(Some).collect(),
            _ => vec![None],
        };
        let said = said(grounds, cause, school, year);
        let mut findings: Vec<CauseFinding> = grades
            .into_iter()
            .map(|grade| CauseFinding {
                cause: cause.id.clone(),
                level: cause.level,
                grade,
                verdict: verdict(grounds, cause, school, grade, year),
                said: None,
                is_of_vpr: cause.ground.is_of_vpr(grounds.scope.is_of_vpr),
            })
            .collect();
        if let Some((admits, node)) = said {
            // Of several grades one with the cause is enough for the school; none may be unknown for a «no».
            // The answer speaks of the year itself; an agreement of the next one contradicts nothing.
            let is_later = cause.ground.is_of_partners() && grounds.agreed_later(school, year).is_some();
            let measured = if is_later {
                None
            } else if findings.iter().any(CauseFinding::holds) {
                Some(true)
            } else {
                findings.iter().all(|finding| finding.verdict.is_ok()).then_some(false)
            };
            let said = Said { admits, agrees: measured.map(|measured| measured == admits), node };
            findings.iter_mut().for_each(|finding| finding.said = Some(said.clone()));
        }
        found.extend(findings);
    }
    found
}

fn said(grounds: &Grounds<'_, '_>, cause: &Cause, school: &SchoolCode, year: Year) -> Option<(bool, NodeId)> {
    let (question, admits) = (cause.question.as_ref()?, cause.admits?);
    let (answer, node) = grounds.answer(question, school, year).ok()?;
    Some((answer == admits, node))
}

fn verdict(
    grounds: &mut Grounds<'_, '_>,
    cause: &Cause,
    school: &SchoolCode,
    grade: Option<u8>,
    year: Year,
) -> Told<Verdict> {
    let key = format!("causes.{}.ground", cause.id);
    match &cause.ground {
        Ground::RiskFactor { factor, significance } => {
            let (holds, cells) = grounds.risk_factor(factor, *significance, school, year)?;
            Ok(flag(grounds, holds, cells, &key))
        }
        Ground::SelfExamination { question, answer } => {
            let (given, cells): (Answer, NodeId) = grounds.answer(question, school, year)?;
            Ok(flag(grounds, given == *answer, cells, &key))
        }
        ground => {
            let value = grounds.value(ground, school, grade, year)?;
            // Who has signed an agreement for the next year is not to be asked for one.
            let later = is_awaited(ground, &value).then(|| grounds.agreed_later(school, year)).flatten();
            let value = later.unwrap_or(value);
            let (is, threshold) = ground.threshold().ok_or(Untold::NoData)?;
            let declared = grounds.sources.declared(grounds.scope.file, &format!("{key}.threshold"));
            let node = grounds.sources.formula(Op::Derived, vec![value.node, declared], None);
            let holds = is.holds(&value.value, &threshold);
            let id = grade.map_or_else(String::new, |grade| format!("/{grade}"));
            let figure = grounds.figure(format!("advice/{school}/{}{id}/{year}", cause.id), &value, ground);
            let threshold = Figure {
                id: format!("advice/{}/threshold", cause.id),
                rounding: Rounding { digits: ground.decimals(), ..figure.rounding },
                value: threshold,
                node: declared,
                unit: figure.unit,
            };
            Ok(Verdict { holds, value: Some(figure), threshold: Some(threshold), node })
        }
    }
}

/// Tells whether agreements of the next year must be looked at: there is none in the year itself.
fn is_awaited(ground: &Ground, value: &Operand) -> bool {
    ground.is_of_partners() && value.value == Measure::default()
}

fn flag(grounds: &mut Grounds<'_, '_>, holds: bool, cells: NodeId, key: &str) -> Verdict {
    let declared = grounds.sources.declared(grounds.scope.file, key);
    let node = grounds.sources.formula(Op::Derived, vec![cells, declared], None);
    Verdict { holds, value: None, threshold: None, node }
}

/// Says at the cell of each answer that the data contradict it.
pub(super) fn say_contradictions(
    grounds: &Grounds<'_, '_>,
    findings: &BTreeMap<SchoolCode, Vec<CauseFinding>>,
    diagnostics: &mut crate::diag::Diagnostics,
) {
    for (school, findings) in findings {
        let mut told = std::collections::BTreeSet::new();
        for finding in findings {
            let Some(said) = finding.said.as_ref().filter(|said| said.agrees == Some(false)) else { continue };
            let Some(cause) = grounds.rules.cause(&finding.cause) else { continue };
            // Of several grades, the one that decides: said once.
            if (!said.admits && !finding.holds()) || !told.insert(&finding.cause) {
                continue;
            }
            let text = |figure: Option<&Figure>| figure.map(Figure::text).unwrap_or_default();
            let verdict = finding.verdict.as_ref().ok();
            let has_figures = verdict.is_some_and(|verdict| verdict.value.is_some());
            let id = if said.admits { "answer-admits-too-much" } else { "answer-hides" };
            // ids: answer-admits-too-much, answer-hides
            let contradiction = Diagnostic::warning(id, grounds.sources.place_of(said.node))
                .with(
                    "school",
                    grounds
                        .scope
                        .data
                        .schools
                        .get(school)
                        .map_or_else(|| school.to_string(), |known| known.short.value.clone()),
                )
                .with("cause", cause.title.clone())
                .with("measured", cause.measured.clone())
                .with("figures", if has_figures { "reason-figures" } else { "reason-no-figures" })
                .with("value", text(verdict.and_then(|verdict| verdict.value.as_ref())))
                .with("threshold", text(verdict.and_then(|verdict| verdict.threshold.as_ref())));
            diagnostics.push(contradiction);
        }
    }
}

/// The value of a ground of a year with its figure; `of` names what it is the ground of.
pub(super) fn value_of(
    grounds: &mut Grounds<'_, '_>,
    ground: &Ground,
    of: &str,
    school: &SchoolCode,
    year: Year,
) -> Told<(Operand, Figure)> {
    let operand = grounds.value(ground, school, None, year)?;
    let figure = grounds.figure(format!("advice/{school}/{of}/{year}"), &operand, ground);
    Ok((operand, figure))
}
