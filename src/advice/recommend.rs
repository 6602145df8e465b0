//! Recommendations by cause and addressee, and the register of those given.
//! In: causes of a school, the register. Out: what is to be recommended, with the figures behind; what was given and
//! not done. It must never know how a letter looks.

use serde::{Deserialize, Serialize};

use super::causes::{CauseFinding, value_of};
use super::effect::{Direction, Effect};
use super::ground::{Grounds, Told, Untold};
use super::measures::{named, text_of};
use super::rules::Rules;
use crate::diag::{Diagnostic, Diagnostics};
use crate::figure::Figure;
use crate::model::{SchoolCode, Text, Year};
use crate::provenance::NodeId;
use crate::ru;

/// A recommendation that follows from a cause.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Recommendation {
    /// The id of the addressee.
    pub addressee: String,
    /// The id of the cause.
    pub cause: String,
    /// The text of the rules.
    pub text: String,
    /// The figures behind: value and threshold of each grade that is concerned.
    pub figures: Vec<(Option<u8>, Figure, Figure)>,
    /// What it stands on.
    pub nodes: Vec<NodeId>,
    /// The terms of the measures against the cause, as declared.
    pub terms: Vec<String>,
    /// The row of the register by which it was given in the year: a position in [`super::Advice::register`].
    pub given: Option<usize>,
    /// A row of an earlier year that was not carried out, likewise.
    pub not_done: Option<usize>,
}

/// What became of a recommendation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GivenStatus {
    /// Given.
    Given,
    /// Being carried out.
    Running,
    /// Carried out.
    Done,
    /// Not carried out.
    Failed,
    /// Withdrawn.
    Cancelled,
}

/// A row of the register of recommendations.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Given {
    /// The day.
    pub date: Text,
    /// Its year.
    pub year: Year,
    /// The school, if it is of one.
    pub school: Option<SchoolCode>,
    /// The id of the addressee; `None` where the row names none that the rules know.
    pub addressee: Option<String>,
    /// What was recommended.
    pub text: Text,
    /// The causes that it names.
    pub causes: std::collections::BTreeSet<String>,
    /// The term.
    pub term: Option<Text>,
    /// What became of it.
    pub status: GivenStatus,
    /// The effect in the words of the sheet.
    pub effect: Option<Text>,
    /// The effect by the ground of each cause, by id: the year of giving against the reported one.
    pub measured: std::collections::BTreeMap<String, Told<Effect>>,
}

/// Reads the register.
pub(super) fn register(grounds: &mut Grounds<'_, '_>, diagnostics: &mut Diagnostics) -> Vec<Given> {
    let mut register = Vec::new();
    for record in grounds.scope.data.records.get("recommendations").into_iter().flatten() {
        let text = |key: &str| record.texts.get(key).cloned();
        let (Some(date), Some(recommended), Some(addressee)) = (text("date"), text("text"), text("addressee")) else {
            continue;
        };
        let known = grounds.rules.addressee(&addressee.value).map(|known| known.id.clone());
        if known.is_none() {
            let allowed: Vec<&str> = grounds.rules.addressees.iter().map(|known| known.title.as_str()).collect();
            let place = grounds.sources.place_of(addressee.node);
            diagnostics.push(Diagnostic::error("unknown-addressee", place).with("allowed", allowed.join("; ")));
        }
        let (causes, _) =
            text("deficit").map(|text| named(grounds.rules, &text, grounds.sources, diagnostics)).unwrap_or_default();
        let status = match text_of(record, "status") {
            Some("running") => GivenStatus::Running,
            Some("done") => GivenStatus::Done,
            Some("failed") => GivenStatus::Failed,
            Some("cancelled") => GivenStatus::Cancelled,
            _ => GivenStatus::Given,
        };
        let mut measured = std::collections::BTreeMap::new();
        if let Some(school) = &record.school {
            for cause in &causes {
                measured.insert(cause.clone(), effect(grounds, cause, school, record.from));
            }
        }
        register.push(Given {
            date,
            year: record.from,
            school: record.school.clone(),
            addressee: known,
            text: recommended,
            causes,
            term: text("term"),
            status,
            effect: text("effect"),
            measured,
        });
    }
    register.sort_by_cached_key(|row: &Given| {
        (ru::Date::parse(&row.date.value), row.school.clone(), row.addressee.clone(), row.text.value.clone())
    });
    register
}

/// The ground of a cause in the year of giving against the reported year.
fn effect(grounds: &mut Grounds<'_, '_>, cause: &str, school: &SchoolCode, given: Year) -> Told<Effect> {
    let rules = grounds.rules;
    let year = grounds.scope.year;
    let ground = &rules.cause(cause).ok_or(Untold::NoData)?.ground;
    if given >= year {
        return Err(Untold::NotYet);
    }
    if ground.threshold().is_none() {
        return Err(Untold::NoData);
    }
    let (before, before_figure) = value_of(grounds, ground, cause, school, given)?;
    let (after, after_figure) = value_of(grounds, ground, cause, school, year)?;
    let wanted = grounds.wanted(ground);
    Ok(Effect {
        direction: Direction::of(&before.value, &after.value),
        is_better: Direction::of(&before.value, &after.value).is_better(wanted),
        before: before_figure,
        after: after_figure,
    })
}

/// Recommendations to each addressee for each cause that holds; `own` are the positions of the school's rows.
pub(super) fn recommendations(
    rules: &Rules,
    findings: &[CauseFinding],
    register: &[Given],
    own: &[usize],
    year: Year,
) -> Vec<Recommendation> {
    let mut recommendations = Vec::new();
    for cause in &rules.causes {
        let held: Vec<_> = findings
            .iter()
            .filter(|finding| finding.cause == cause.id)
            .filter_map(|finding| Some((finding.grade, finding.verdict.as_ref().ok().filter(|verdict| verdict.holds)?)))
            .collect();
        if held.is_empty() {
            continue;
        }
        let figures = held
            .iter()
            .filter_map(|(grade, verdict)| Some((*grade, verdict.value.clone()?, verdict.threshold.clone()?)));
        let figures: Vec<_> = figures.collect();
        for addressee in &rules.addressees {
            let Some(text) = cause.recommendations.get(&addressee.id) else { continue };
            let row = |test: &dyn Fn(&Given) -> bool| {
                let is_this = |given: &Given| {
                    given.addressee.as_ref() == Some(&addressee.id) && given.causes.contains(&cause.id) && test(given)
                };
                own.iter().rfind(|index| register.get(**index).is_some_and(is_this)).copied()
            };
            recommendations.push(Recommendation {
                addressee: addressee.id.clone(),
                cause: cause.id.clone(),
                text: text.clone(),
                figures: figures.clone(),
                nodes: held.iter().map(|(_, verdict)| verdict.node).collect(),
                terms: cause.measures.iter().map(|proposal| proposal.term.clone()).collect(),
                given: row(&|given| given.year == year && given.status != GivenStatus::Cancelled),
                not_done: row(&|given| given.year < year && given.is_open()),
            });
        }
    }
    recommendations
}

impl Given {
    /// Tells whether it still waits to be carried out.
    pub fn is_open(&self) -> bool {
        !matches!(self.status, GivenStatus::Done | GivenStatus::Cancelled)
    }
}

/// Positions of rows of earlier years that were not carried out.
pub(super) fn not_done(register: &[Given], year: Year) -> Vec<usize> {
    let open = register.iter().enumerate().filter(|(_, given)| given.year < year && given.is_open());
    open.map(|(index, _)| index).collect()
}
