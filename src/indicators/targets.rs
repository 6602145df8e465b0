//! Values against their targets.

use serde::{Deserialize, Serialize};

use super::{Direction, IndicatorResult, Series};
use crate::diag::{Diagnostic, Diagnostics};
use crate::figure::{Figure, Rounding, Unit};
use crate::measure::Measure;
use crate::model::{Condition, Dataset, Gap, Known, Operand, Target, Text, Year, codes};
use crate::provenance::{Op, Sources};
use crate::ru;

/// What came of a target.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It is met.
    Met,
    /// It is not met.
    Missed,
    /// Its year has not come.
    NotYet,
    /// There is no value to hold against it.
    NoValue,
}

/// A target of an indicator with what came of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TargetVerdict {
    /// Code of the indicator.
    pub code: String,
    /// First and last year of the target.
    pub years: (Year, Year),
    /// The stage or phase of the work whose target it is.
    pub stage: Option<Text>,
    /// How it is met.
    pub condition: Condition,
    /// Target and fact are numbers of things, where the indicator is a share of them.
    pub in_count: bool,
    /// The target; `None` for growth and decrease.
    pub target: Option<Operand>,
    /// The fact: of the reported year, or of the last year of the target if that is earlier. In the unit of the target.
    pub fact: Option<Operand>,
    /// What came of it.
    pub verdict: Known<Verdict>,
    /// How far the fact is from the target: positive beyond it in the desired direction; `None` where nothing is compared.
    pub distance: Option<Operand>,
}

/// Holds every target against the facts known at the reported year. A row that asks for what is
/// worse or contradicts another is an error at its cell; one that names no indicator is said and held against nothing.
/// A target of years that are over is held against the value of its last year, as the indicator was followed back.
pub fn verdicts(
    results: &[IndicatorResult],
    trends: &[Series],
    data: &Dataset,
    reported: Year,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Vec<TargetVerdict> {
    let mut out = Vec::new();
    let targets: Vec<&Target> = data.targets.iter().filter(|target| !target.is_base).collect();
    for (index, target) in targets.iter().enumerate() {
        let Some(condition) = target.condition else { continue };
        let Some(result) = results.iter().find(|result| result.definition.code == target.code) else {
            if target.code != codes::LOW_RATE {
                let mut near: Vec<(usize, &str)> = results
                    .iter()
                    .map(|result| {
                        (ru::distance(&result.definition.code, &target.code), result.definition.code.as_str())
                    })
                    .collect();
                near.sort_unstable();
                let near: Vec<&str> = near.into_iter().take(3).map(|(_, code)| code).collect();
                let finding = Diagnostic::warning("target-of-unknown-indicator", sources.place(target.cell));
                diagnostics.push(finding.with("code", target.code.as_str()).with("nearest", near.join(", ")));
            }
            continue;
        };
        let earlier = targets.iter().take(index);
        if let Some(diag) = fault(target, condition, result, earlier.copied(), sources, diagnostics) {
            out.push(TargetVerdict {
                code: target.code.clone(),
                years: (target.year, target.last),
                stage: target.stage.clone(),
                condition,
                in_count: false,
                target: None,
                fact: None,
                verdict: Err(diag),
                distance: None,
            });
            continue;
        }
        let series = trends.iter().find(|series| series.code == target.code);
        out.push(held(target, condition, (result, series), reported, sources));
    }
    out
}

/// What is wrong with a target, if anything.
fn fault<'t>(
    target: &Target,
    condition: Condition,
    result: &IndicatorResult,
    mut earlier: impl Iterator<Item = &'t Target>,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Gap> {
    let definition = &result.definition;
    let place = sources.place(target.cell);
    let is_against = matches!(
        (condition, definition.better),
        (Condition::AtLeast | Condition::Growth, Direction::Down)
            | (Condition::AtMost | Condition::Decrease, Direction::Up)
    );
    if is_against {
        let finding =
            Diagnostic::error("target-against-direction", place).with("indicator", ru::prose(&definition.name));
        return Some(Gap::because(diagnostics.push(finding)));
    }
    let value = target.value.as_ref().and_then(|value| value.as_ref().ok());
    let hundred = Measure::from(100_i64);
    if let Some(value) = value
        && definition.unit == Unit::Percent
        && !definition.is_counted_by(target)
        && (value.value > hundred || value.value.is_negative())
    {
        let finding = Diagnostic::error("target-out-of-range", place).with("found", value.value.to_string());
        return Some(Gap::because(diagnostics.push(finding)));
    }
    let overlaps =
        |other: &&Target| other.code == target.code && other.year <= target.last && target.year <= other.last;
    if let Some(other) = earlier.find(overlaps) {
        let finding = Diagnostic::error("targets-contradict", place).with("first", sources.address(other.cell));
        return Some(Gap::because(diagnostics.push(finding)));
    }
    None
}

fn held(
    target: &Target,
    condition: Condition,
    (result, series): (&IndicatorResult, Option<&Series>),
    reported: Year,
    sources: &mut Sources,
) -> TargetVerdict {
    let year = target.last.min(reported);
    let in_count = result.definition.is_counted_by(target);
    let better = result.definition.better;
    let none = |verdict| TargetVerdict {
        code: target.code.clone(),
        years: (target.year, target.last),
        stage: target.stage.clone(),
        condition,
        in_count,
        target: None,
        fact: None,
        verdict,
        distance: None,
    };
    if target.year > reported {
        let value = target.value.as_ref().and_then(|value| value.as_ref().ok()).cloned();
        return TargetVerdict { target: value, ..none(Ok(Verdict::NotYet)) };
    }
    let fact_of = |year: Year| match fact(result, year, in_count) {
        Ok(None) if !result.years.contains_key(&year) => Ok(followed(series, result, year, in_count)),
        known => known,
    };
    let fact = match fact_of(year) {
        Ok(Some(fact)) => fact,
        Ok(None) => return none(Ok(Verdict::NoValue)),
        Err(gap) => return none(Err(gap)),
    };
    let (aim, target_operand) = match &target.value {
        Some(Ok(value)) => (value.clone(), Some(value.clone())),
        Some(Err(gap)) => return none(Err(gap.clone())),
        None => match fact_of(Year(year.0 - 1)) {
            Ok(Some(before)) => (Operand { value: before.value, node: before.node }, None),
            Ok(None) => return TargetVerdict { fact: Some(operand(&fact)), ..none(Ok(Verdict::NoValue)) },
            Err(gap) => return none(Err(gap)),
        },
    };
    let is_met = match condition {
        Condition::AtLeast => fact.value >= aim.value,
        Condition::AtMost => fact.value <= aim.value,
        // «до 70 %»: reach 70 in the indicator's direction; what goes beyond meets it too.
        Condition::Reach => fact.value == aim.value || super::is_better(better, &fact.value, &aim.value),
        // What is printed must not contradict what is said of it.
        Condition::Equal => ru::rounded(&fact.value, fact.rounding) == ru::rounded(&aim.value, fact.rounding),
        Condition::Growth => fact.value > aim.value,
        Condition::Decrease => fact.value < aim.value,
    };
    let value = match better {
        Direction::Up => &fact.value - &aim.value,
        Direction::Down => &aim.value - &fact.value,
    };
    let node = sources.formula(Op::Difference, vec![fact.node, aim.node], Some(value.clone()));
    TargetVerdict {
        code: target.code.clone(),
        years: (target.year, target.last),
        stage: target.stage.clone(),
        condition,
        in_count,
        target: target_operand,
        fact: Some(operand(&fact)),
        verdict: Ok(if is_met { Verdict::Met } else { Verdict::Missed }),
        distance: Some(Operand { value, node }),
    }
}

fn operand(fact: &Figure) -> Operand {
    Operand { value: fact.value.clone(), node: fact.node }
}

/// The value of a year that only the series knows; numbers behind a share are not in it.
fn followed(series: Option<&Series>, result: &IndicatorResult, year: Year, in_count: bool) -> Option<Figure> {
    let series = series.filter(|_| !in_count)?;
    let value = series.whole.get(&year)?;
    let (id, unit, rounding) = (format!("{}/{year}", series.code), result.definition.unit, series.rounding);
    Some(Figure { id, value: value.value.clone(), unit, rounding, node: value.node })
}

/// The value of a year; of a share whose target is a number of schools, what stands above the line.
fn fact(result: &IndicatorResult, year: Year, in_count: bool) -> Known<Option<Figure>> {
    let evaluation = match result.years.get(&year) {
        Some(Ok(evaluation)) => evaluation,
        Some(Err(gap)) => return Err(gap.clone()),
        None => return Ok(None),
    };
    let figure = evaluation.figure.clone();
    Ok(figure.map(|figure| match in_count {
        true => Figure {
            value: evaluation.numerator.value.clone(),
            unit: Unit::Count,
            rounding: Rounding { mode: figure.rounding.mode, digits: 0 },
            node: evaluation.numerator.node,
            ..figure
        },
        false => figure,
    }))
}
