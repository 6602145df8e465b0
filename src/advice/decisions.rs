//! The register of decisions: what each stands on, whether it may, and what came of it.
//! In: rows of the register. Out: decisions with checks of effect. A decision on staff or money that stands on results
//! of ВПР is refused: the recommendations on these works (letter 02-86 of 2025) foresee no such use.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::effect::{Change, checks};
use super::ground::Grounds;
use super::measures::{indicator, named, text_of};
use crate::diag::{DiagId, Diagnostic, Diagnostics};
use crate::model::{Gap, Record, SchoolCode, Text, Year};
use crate::ru;

/// What a decision is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// Methodical help.
    Methodical,
    /// Organization of the work.
    Organization,
    /// Staff.
    Staff,
    /// Money.
    Money,
}

/// What became of a decision.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Planned.
    Planned,
    /// Being carried out.
    Running,
    /// Carried out.
    Done,
    /// Not carried out.
    Failed,
    /// Withdrawn.
    Cancelled,
}

/// A row of the register of decisions.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Decision {
    /// The day.
    pub date: Text,
    /// Its year.
    pub year: Year,
    /// The school, if it is about one.
    pub school: Option<SchoolCode>,
    /// What was decided.
    pub text: Text,
    /// On what ground, in words.
    pub ground: Option<Text>,
    /// The indicator on which it stands.
    pub indicator: Option<Text>,
    /// The causes that it answers.
    pub causes: BTreeSet<String>,
    /// The act.
    pub act: Option<Text>,
    /// Who adopted it.
    pub body: Option<Text>,
    /// The term.
    pub term: Option<Text>,
    /// Who carries it out.
    pub responsible: Option<Text>,
    /// What became of it.
    pub status: Status,
    /// What it is about; `None` where the row does not say.
    pub subject: Option<Subject>,
    /// The kind of measure: `attestation`, `contract`, `grant`, `stimulation` and others.
    pub measure: Option<String>,
    /// Names that no rule knows: it may answer more causes.
    pub in_doubt: Gap,
    /// The finding by which it is refused.
    pub refused: Option<DiagId>,
    /// What came of it, by what shows it.
    pub changes: Vec<Change>,
}

/// Kinds of measure that touch people's work and pay.
const PERSONAL: [&str; 5] = ["attestation", "contract", "grant", "stimulation", "appointment"];

/// Reads the register.
pub(super) fn decisions(grounds: &mut Grounds<'_, '_>, diagnostics: &mut Diagnostics) -> Vec<Decision> {
    let mut decisions = Vec::new();
    for record in grounds.scope.data.records.get("decisions").into_iter().flatten() {
        let text = |key: &str| record.texts.get(key).cloned();
        let (Some(date), Some(decided)) = (text("date"), text("decision")) else { continue };
        let indicator = indicator(record.texts.get("indicator"), grounds, diagnostics);
        let causes = text("deficit").map(|text| named(grounds.rules, &text, grounds.sources, diagnostics));
        let (causes, in_doubt) = causes.unwrap_or_default();
        let subject = match text_of(record, "subject") {
            Some("staff") => Some(Subject::Staff),
            Some("money") => Some(Subject::Money),
            Some("organization") => Some(Subject::Organization),
            Some(_) => Some(Subject::Methodical),
            None => None,
        };
        let is_personal = matches!(subject, Some(Subject::Staff | Subject::Money))
            || text_of(record, "measure").is_some_and(|measure| PERSONAL.contains(&measure));
        let refused = is_personal.then(|| vpr(grounds, record, indicator.as_ref(), &causes)).flatten().map(|cell| {
            let place = grounds.sources.place_of(cell.node);
            diagnostics.push(Diagnostic::error("decision-stands-on-vpr", place))
        });
        let changes = match refused {
            Some(_) => Vec::new(),
            None => {
                let code = indicator.as_ref().map(|text| text.value.as_str());
                checks(grounds, record.from, record.school.as_ref(), code, &causes)
            }
        };
        decisions.push(Decision {
            date,
            year: record.from,
            school: record.school.clone(),
            text: decided,
            ground: text("ground"),
            indicator,
            causes,
            act: text("act"),
            body: text("body"),
            term: text("term"),
            responsible: text("responsible"),
            status: match text_of(record, "status") {
                Some("running") => Status::Running,
                Some("done") => Status::Done,
                Some("failed") => Status::Failed,
                Some("cancelled") => Status::Cancelled,
                _ => Status::Planned,
            },
            subject,
            measure: text_of(record, "measure").map(str::to_owned),
            in_doubt,
            refused,
            changes,
        });
    }
    decisions.sort_by_cached_key(|row: &Decision| {
        (ru::Date::parse(&row.date.value), row.school.clone(), row.text.value.clone())
    });
    decisions
}

/// Returns the cell by which a row stands on results of ВПР.
fn vpr(
    grounds: &Grounds<'_, '_>,
    record: &Record,
    indicator: Option<&Text>,
    causes: &BTreeSet<String>,
) -> Option<Text> {
    let is_of_vpr = grounds.scope.is_of_vpr;
    if let Some(code) = indicator.filter(|code| is_of_vpr(&code.value)) {
        return Some(code.clone());
    }
    let mut named = causes.iter().filter_map(|cause| grounds.rules.cause(cause));
    if named.any(|cause| cause.ground.is_of_vpr(is_of_vpr)) {
        return record.texts.get("deficit").cloned();
    }
    let ground = record.texts.get("ground")?;
    let folded = ru::fold(&ground.value);
    let mut words = folded.split(' ');
    let begins = |word: &str| grounds.rules.decisions.vpr_words.iter().any(|stem| word.starts_with(&ru::fold(stem)));
    words.any(begins).then(|| ground.clone())
}
