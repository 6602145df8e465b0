//! Goals that schools set themselves: rows of the register «Цели школ», each for an indicator or a cause of the rules.
//! In: the rows, the indicators, the rules. Out: goals by school and by what they are for; findings for those that
//! cannot stand. It must never know where they are printed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Rules;
use crate::diag::{Diagnostic, Diagnostics};
use crate::figure::Unit;
use crate::indicators::{Direction, IndicatorResult};
use crate::measure::Measure;
use crate::model::{Condition, Dataset, Gap, Known, Operand, SchoolCode, Text, Year};
use crate::provenance::Sources;
use crate::ru;

/// The register.
const SHEET: &str = "school-targets";
/// Indicators whose codes are near to one that is not known.
const NEAR: usize = 3;

/// A goal of a school for a year.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SchoolGoal {
    /// The condition.
    pub condition: Condition,
    /// The value; `None` for growth and decrease.
    pub value: Option<Operand>,
    /// The condition as it is written.
    pub said: Text,
}

/// Goals by school, by the code of the indicator or the id of the cause, by year.
pub type SchoolGoals = BTreeMap<SchoolCode, BTreeMap<String, BTreeMap<Year, Known<SchoolGoal>>>>;

/// Reads the goals of all schools, and says of each that cannot stand why.
pub fn school_goals(
    data: &Dataset,
    rules: &Rules,
    results: &[IndicatorResult],
    is_of_vpr: &dyn Fn(&str) -> bool,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> SchoolGoals {
    let mut goals = SchoolGoals::new();
    for record in data.records.get(SHEET).into_iter().flatten() {
        let cell = |key: &str| record.texts.get(key);
        let (Some(school), Some(code), Some(said)) = (&record.school, cell("code"), cell("condition")) else {
            continue;
        };
        let place = sources.place_of(code.node);
        let named = ru::fold(&code.value);
        let result = results.iter().find(|result| ru::fold(&result.definition.code) == named);
        let cause = rules.causes.iter().find(|cause| ru::fold(&cause.id) == named || ru::fold(&cause.title) == named);
        let Some(of) = result.map(|result| &result.definition.code).or(cause.map(|cause| &cause.id)) else {
            let known = results.iter().map(|result| result.definition.code.as_str());
            let known = known.chain(rules.causes.iter().map(|cause| cause.id.as_str()));
            let mut near: Vec<(usize, &str)> = known.map(|one| (ru::distance(one, &code.value), one)).collect();
            near.sort_unstable();
            let near: Vec<&str> = near.into_iter().take(NEAR).map(|(_, one)| one).collect();
            let finding = Diagnostic::warning("target-of-unknown-indicator", place);
            diagnostics.push(finding.with("code", code.value.as_str()).with("nearest", near.join(", ")));
            continue;
        };
        // Papers of schools say that no goals are set by these works; a goal that is not printed is said.
        let is_of_works = match result {
            Some(result) => is_of_vpr(&result.definition.code),
            None => cause.is_some_and(|cause| cause.ground.is_of_vpr(is_of_vpr)),
        };
        if is_of_works {
            diagnostics.push(Diagnostic::warning("target-of-vpr", place));
            continue;
        }
        let value = cell("value").and_then(|text| Some(Operand { value: number(&text.value)?, node: text.node }));
        let goal = match (condition(&said.value), &value) {
            (Some(condition), value) => fault(condition, value.as_ref(), result).map_or(Ok(condition), Err),
            (None, _) => Err(Diagnostic::error("target-incomplete", place.clone())),
        };
        let goal = goal.map_err(|mut finding| {
            finding.place = place;
            Gap::because(diagnostics.push(finding))
        });
        let goal = goal.map(|condition| SchoolGoal { condition, value, said: said.clone() });
        let own = goals.entry(school.clone()).or_default();
        own.entry(of.clone()).or_default().insert(record.from, goal);
    }
    goals
}

/// What is wrong with a goal, if anything; its place is named by who asks.
fn fault(condition: Condition, value: Option<&Operand>, result: Option<&IndicatorResult>) -> Option<Diagnostic> {
    let error = |id: &str| Diagnostic::error(id, crate::diag::Place::Run);
    let needs_none = matches!(condition, Condition::Growth | Condition::Decrease);
    if needs_none == value.is_some() {
        return Some(error("target-incomplete"));
    }
    let definition = &result?.definition;
    let is_against = matches!(
        (condition, definition.better),
        (Condition::AtLeast | Condition::Growth, Direction::Down)
            | (Condition::AtMost | Condition::Decrease, Direction::Up)
    );
    if is_against {
        return Some(error("target-against-direction").with("indicator", ru::prose(&definition.name)));
    }
    let is_share = |value: &&Operand| value.value.is_negative() || value.value > Measure::from(100_i64);
    let beyond = value.filter(|_| definition.unit == Unit::Percent).filter(is_share)?;
    Some(error("target-out-of-range").with("found", beyond.value.to_string()))
}

/// Reads a number as a register keeps it: whole, or a fraction of whole ones.
fn number(text: &str) -> Option<Measure> {
    match text.split_once('/') {
        Some((numerator, denominator)) => Measure::ratio(numerator.parse().ok()?, denominator.parse().ok()?),
        None => Measure::parse_decimal(text),
    }
}

/// The condition of a known value of the column.
fn condition(key: &str) -> Option<Condition> {
    Some(match key {
        "at-least" => Condition::AtLeast,
        "at-most" => Condition::AtMost,
        "reach" => Condition::Reach,
        "equal" => Condition::Equal,
        "growth" => Condition::Growth,
        "decrease" => Condition::Decrease,
        _ => return None,
    })
}
