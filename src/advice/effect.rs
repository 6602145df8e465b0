//! The effect of what was done: a value before and after, when it is looked at, and goals to be corrected.
//! In: decisions, goals, values of years. Out: checks with verdicts, corrections. It must never know who decides.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::decisions::Decision;
use super::ground::{Grounds, Told, Untold};
use super::{Goal, Wanted, figure};
use crate::figure::{Figure, Unit};
use crate::measure::Measure;
use crate::model::{Condition, Operand, SchoolCode, Year};
use crate::provenance::Op;

/// Where a value went.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// It grew.
    Grew,
    /// It fell.
    Fell,
    /// It is the same.
    Unchanged,
}

impl Direction {
    /// Compares a value before and after.
    pub fn of(before: &Measure, after: &Measure) -> Self {
        match after.cmp(before) {
            std::cmp::Ordering::Greater => Self::Grew,
            std::cmp::Ordering::Less => Self::Fell,
            std::cmp::Ordering::Equal => Self::Unchanged,
        }
    }

    /// Tells whether it went where it should.
    pub fn is_better(self, wanted: Wanted) -> bool {
        matches!((self, wanted), (Self::Grew, Wanted::More) | (Self::Fell, Wanted::Less))
    }
}

/// A value before and after.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Effect {
    /// Before.
    pub before: Figure,
    /// After.
    pub after: Figure,
    /// Where it went.
    pub direction: Direction,
    /// It went where it should.
    pub is_better: bool,
}

/// A look at the effect of a decision.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Check {
    /// The year whose value is looked at.
    pub year: Year,
    /// Year and quarter in which it is done.
    pub due: (Year, u8),
    /// What is seen; the year of the decision stands before it.
    pub effect: Told<Effect>,
}

/// How a value of the year before stands to one of the year.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Change {
    /// The indicator or cause.
    pub code: String,
    /// Its checks.
    pub checks: Vec<Check>,
}

/// What is proposed for a goal of the next year.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CorrectionKind {
    /// The goal stands: at the pace of the year it is reached.
    Keep,
    /// The fact is already better: the goal becomes what was reached.
    Tighten,
    /// At the pace of the year the goal is not reached: the goal becomes what is.
    Ease,
    /// The value did not get better: the goal stands, the measures are to be changed.
    ChangeMeasures,
}

/// A goal of the next year held against the effect.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Correction {
    /// The indicator.
    pub code: String,
    /// What is proposed.
    pub kind: CorrectionKind,
    /// The goal as set.
    pub goal: Figure,
    /// The values of the year before and of the year.
    pub effect: Effect,
    /// The goal as proposed, where it changes.
    pub proposed: Option<Figure>,
}

/// The checks of a decision by what shows its effect.
pub(super) fn checks(
    grounds: &mut Grounds<'_, '_>,
    decided: Year,
    school: Option<&SchoolCode>,
    indicator: Option<&str>,
    causes: &BTreeSet<String>,
) -> Vec<Change> {
    let mut changes = Vec::new();
    let rules = grounds.rules;
    if let Some(code) = indicator {
        let of = |grounds: &mut Grounds<'_, '_>, year| of_indicator(grounds, code, school, year);
        changes.push(Change { code: code.to_owned(), checks: looks(grounds, decided, &of) });
    }
    for cause in causes.iter().filter_map(|cause| rules.cause(cause)) {
        let Some(school) = school.filter(|_| cause.ground.threshold().is_some()) else { continue };
        let of = |grounds: &mut Grounds<'_, '_>, year| {
            let value = grounds.value(&cause.ground, school, None, year)?;
            let figure = grounds.figure(format!("advice/{school}/{}/{year}", cause.id), &value, &cause.ground);
            Ok((figure, grounds.wanted(&cause.ground)))
        };
        changes.push(Change { code: cause.id.clone(), checks: looks(grounds, decided, &of) });
    }
    changes
}

/// Gives a value of a year and the direction in which it gets better.
type ValueOf<'f> = dyn Fn(&mut Grounds<'_, '_>, Year) -> Told<(Figure, Wanted)> + 'f;

fn looks(grounds: &mut Grounds<'_, '_>, decided: Year, of: &ValueOf<'_>) -> Vec<Check> {
    let rule = grounds.rules.effect;
    let mut checks = Vec::new();
    for after in 1..=i32::from(rule.years) {
        let year = Year(decided.0 + after);
        let effect = if year > grounds.scope.year { Err(Untold::NotYet) } else { between(grounds, decided, year, of) };
        checks.push(Check { year, due: (Year(year.0 + i32::from(rule.offset)), rule.quarter), effect });
    }
    checks
}

fn between(grounds: &mut Grounds<'_, '_>, before: Year, after: Year, of: &ValueOf<'_>) -> Told<Effect> {
    let (before, wanted) = of(grounds, before)?;
    let (after, _) = of(grounds, after)?;
    Ok(effect(before, after, wanted))
}

/// Joins two figures.
pub(super) fn effect(before: Figure, after: Figure, wanted: Wanted) -> Effect {
    let direction = Direction::of(&before.value, &after.value);
    Effect { direction, is_better: direction.is_better(wanted), before, after }
}

/// The value of an indicator for a school, or for the municipality.
fn of_indicator(
    grounds: &mut Grounds<'_, '_>,
    code: &str,
    school: Option<&SchoolCode>,
    year: Year,
) -> Told<(Figure, Wanted)> {
    let scope = grounds.scope;
    let gauge = scope.gauges.get(code).ok_or(Untold::NoData)?;
    let (value, of) = match school {
        Some(school) => (gauge.result.of_school(year, school, grounds.sources)?, school.to_string()),
        None => (gauge.of_municipality(year)?, "all".to_owned()),
    };
    let value = value.ok_or(Untold::NoData)?;
    Ok((figure(format!("advice/{of}/{code}/{year}"), &value, gauge.unit, scope.rounding), gauge.wanted))
}

/// Holds the goals of the next year against the effect of the decisions that stand on their indicators.
pub(super) fn corrections(grounds: &mut Grounds<'_, '_>, decisions: &[Decision]) -> Vec<Correction> {
    let scope = grounds.scope;
    let year = scope.year;
    let decided: BTreeSet<&str> = decisions
        .iter()
        .filter(|decision| decision.refused.is_none())
        .filter_map(|decision| decision.indicator.as_ref())
        .map(|text| text.value.as_str())
        .collect();
    let mut corrections = Vec::new();
    for code in decided {
        let Some(goal) = scope.goals.get(&(code.to_owned(), Year(year.0 + 1))) else { continue };
        let values = [Year(year.0 - 1), year].map(|year| of_indicator(grounds, code, None, year));
        let [Ok((before, wanted)), Ok((after, _))] = values else { continue };
        let effect = effect(before, after, wanted);
        let Some((kind, proposed)) = correct(grounds, goal, &effect, wanted) else { continue };
        let id = |part: &str| format!("advice/{code}/{}/{part}", year.0 + 1);
        let (unit, rounding) = (effect.after.unit, scope.rounding);
        corrections.push(Correction {
            code: code.to_owned(),
            kind,
            goal: figure(id("goal"), &goal.value, unit, rounding),
            effect,
            proposed: proposed.map(|proposed| figure(id("proposed"), &proposed, unit, rounding)),
        });
    }
    corrections
}

/// Chooses the correction; `None` when the condition of the goal does not fit the direction of the indicator.
fn correct(
    grounds: &mut Grounds<'_, '_>,
    goal: &Goal,
    effect: &Effect,
    wanted: Wanted,
) -> Option<(CorrectionKind, Option<Operand>)> {
    let meets = |value: &Measure| match wanted {
        Wanted::More => *value >= goal.value.value,
        Wanted::Less => *value <= goal.value.value,
    };
    let fits = matches!(
        (&goal.condition, wanted),
        (Condition::AtLeast, Wanted::More) | (Condition::AtMost, Wanted::Less) | (Condition::Reach, _)
    );
    if !fits {
        return None;
    }
    let (before, after) = (&effect.before, &effect.after);
    if meets(&after.value) {
        let is_same = after.value == goal.value.value;
        let reached = Operand { value: after.value.clone(), node: after.node };
        return Some(if is_same { (CorrectionKind::Keep, None) } else { (CorrectionKind::Tighten, Some(reached)) });
    }
    if !effect.is_better {
        return Some((CorrectionKind::ChangeMeasures, None));
    }
    let step = &after.value - &before.value;
    let mut expected = &after.value + &step;
    if expected.is_negative() {
        expected = Measure::default();
    }
    if after.unit == Unit::Percent {
        expected = expected.min(Measure::from(100_i64));
    }
    if meets(&expected) {
        return Some((CorrectionKind::Keep, None));
    }
    let change = grounds.sources.formula(Op::Difference, vec![after.node, before.node], Some(step));
    let node = grounds.sources.formula(Op::Sum, vec![after.node, change], Some(expected.clone()));
    Some((CorrectionKind::Ease, Some(Operand { value: expected, node })))
}

/// Values by school, for lists over all of them.
pub(super) type ByCode<T> = BTreeMap<SchoolCode, T>;
