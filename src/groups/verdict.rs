//! The verdict on one school: which criteria are met, by which values, and how far they are from their thresholds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Change, Criterion, GroupRule, LevelOf, ProcedureId, ProcedureResult};
use crate::diag::Diagnostics;
use crate::measure::Measure;
use crate::model::{Dataset, Dims, Known, Operand, SchoolCode, Year, codes};
use crate::provenance::{NodeId, Op, Sources};

/// What a method says of a school in a year.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Verdict {
    /// Results of the year and of the earlier years that a criterion looked at.
    pub results: Vec<ProcedureResult>,
    /// The criteria in their order.
    pub criteria: Vec<CriterionResult>,
    /// Positions of the criteria that are met.
    pub fired: Vec<usize>,
    /// Earlier years in which the rule had to hold too, each with what it gave; the nearest first.
    pub earlier: Vec<(Year, bool)>,
    /// Whether the school is in the group.
    pub is_in: bool,
    /// The node of the verdict.
    pub node: NodeId,
}

impl Verdict {
    /// Tells whether the school has the role.
    pub fn holds(&self) -> bool {
        self.is_in
    }
}

/// What came of one criterion.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CriterionResult {
    /// Whether it is met.
    pub is_met: bool,
    /// What was compared: low procedures, years running, points, or the value of an indicator; `None` where there was
    /// nothing to compare.
    pub value: Option<Operand>,
    /// What it was compared with, in the same unit.
    pub threshold: Measure,
}

/// Counts of a school in a procedure and year: below the minimum, participants.
type Counts = Known<Option<(Operand, Operand)>>;

/// Results as they were asked for; the same counts serve every threshold.
#[derive(Default)]
pub(super) struct Results {
    of_school: BTreeMap<SchoolCode, BTreeMap<(ProcedureId, Year), Counts>>,
}

impl Results {
    /// Returns the counts of a school in a procedure; `None` when it has no participants.
    pub(super) fn get(
        &mut self,
        data: &Dataset,
        school: &SchoolCode,
        procedure: &ProcedureId,
        year: Year,
        sources: &mut Sources,
    ) -> Counts {
        if !self.of_school.contains_key(school) {
            self.of_school.insert(school.clone(), BTreeMap::new());
        }
        let key = (procedure.clone(), year);
        if let Some(known) = self.of_school.get(school).and_then(|known| known.get(&key)) {
            return known.clone();
        }
        let counts = read(data, school, procedure, year, sources);
        if let Some(known) = self.of_school.get_mut(school) {
            known.insert(key, counts.clone());
        }
        counts
    }
}

fn read(data: &Dataset, school: &SchoolCode, procedure: &ProcedureId, year: Year, sources: &mut Sources) -> Counts {
    let dims = procedure.dims();
    let participants = data.school_sum(school, codes::PARTICIPANTS, year, &dims, sources)?;
    let below = data.school_sum(school, codes::BELOW_MINIMUM, year, &dims, sources)?;
    Ok(below.zip(participants))
}

/// Applies the rule of a group.
pub(super) struct Judge<'j, 'l> {
    pub(super) rule: &'j GroupRule,
    pub(super) data: &'j Dataset,
    pub(super) known: &'j mut Results,
    pub(super) level: &'j mut LevelOf<'l>,
    pub(super) sources: &'j mut Sources,
    pub(super) diagnostics: &'j mut Diagnostics,
}

/// What was looked at on the way to a verdict.
#[derive(Default)]
struct Looked {
    results: BTreeMap<(ProcedureId, Year), ProcedureResult>,
    nodes: Vec<NodeId>,
}

impl Judge<'_, '_> {
    /// Judges a school in a year.
    pub(super) fn verdict(&mut self, school: &SchoolCode, year: Year) -> Known<Verdict> {
        let mut looked = Looked::default();
        let criteria = self.criteria(school, year, &mut looked)?;
        let mut is_in = self.are_met(&criteria);
        let mut earlier = Vec::new();
        for back in 1..i32::try_from(self.rule.years).unwrap_or(i32::MAX) {
            if !is_in {
                break;
            }
            let before = Year(year.0 - back);
            let criteria = self.criteria(school, before, &mut looked)?;
            is_in = self.are_met(&criteria);
            earlier.push((before, is_in));
        }
        let fired = (0..criteria.len()).filter(|index| criteria.get(*index).is_some_and(|one| one.is_met)).collect();
        let results: Vec<ProcedureResult> = looked.results.into_values().collect();
        let mut inputs: Vec<NodeId> =
            results.iter().flat_map(|result| [result.below.node, result.participants.node]).collect();
        inputs.extend(looked.nodes);
        let node = self.sources.formula(Op::Derived, inputs, None);
        Ok(Verdict { results, criteria, fired, earlier, is_in, node })
    }

    fn are_met(&self, criteria: &[CriterionResult]) -> bool {
        let met = criteria.iter().filter(|criterion| criterion.is_met).count();
        self.rule.needs.are_met(met, criteria.len())
    }

    /// Tells whether the result of a procedure is low; `None` without participants.
    fn is_low(
        &mut self,
        school: &SchoolCode,
        procedure: &ProcedureId,
        year: Year,
        looked: &mut Looked,
    ) -> Known<Option<bool>> {
        let Some((below, participants)) = self.known.get(self.data, school, procedure, year, self.sources)? else {
            return Ok(None);
        };
        let is_low = is_low(self.rule, &below.value, &participants.value);
        let result = ProcedureResult { procedure: procedure.clone(), year, below, participants, is_low };
        looked.results.insert((procedure.clone(), year), result);
        Ok(Some(is_low))
    }

    fn criteria(&mut self, school: &SchoolCode, year: Year, looked: &mut Looked) -> Known<Vec<CriterionResult>> {
        let mut low_now: Vec<ProcedureId> = Vec::new();
        if self.rule.criteria.iter().any(Criterion::reads_results) {
            // What was held decides which results must be there.
            self.data.sheet("calendar")?;
            for procedure in self.rule.each_procedure() {
                // Asked in any case: results of a procedure that the calendar does not have are in doubt.
                let is_low = self.is_low(school, &procedure, year, looked)?;
                if is_low == Some(true) && procedure.held(self.data, year) == Some(true) {
                    low_now.push(procedure);
                }
            }
        }
        let rule = self.rule;
        rule.criteria.iter().map(|criterion| self.criterion(criterion, school, year, &low_now, looked)).collect()
    }

    fn criterion(
        &mut self,
        criterion: &Criterion,
        school: &SchoolCode,
        year: Year,
        low_now: &[ProcedureId],
        looked: &mut Looked,
    ) -> Known<CriterionResult> {
        Ok(match criterion {
            Criterion::ProceduresInYear { count, .. } => {
                let nodes = low_now.iter().filter_map(|procedure| looked.results.get(&(procedure.clone(), year)));
                let nodes = nodes.map(|result| result.below.node).collect();
                let value = self.counted(low_now.len(), nodes, school, looked);
                CriterionResult {
                    is_met: low_now.len() >= *count,
                    value: Some(value),
                    threshold: Measure::from(*count),
                }
            }
            Criterion::SameProcedureInYears { years, .. } => {
                let mut longest = 0;
                for procedure in low_now {
                    longest = longest.max(self.run_of_years(school, procedure, year, *years, looked)?);
                }
                let nodes = looked.results.values().filter(|result| result.is_low).map(|result| result.below.node);
                let nodes = nodes.collect();
                let value = self.counted(longest, nodes, school, looked);
                CriterionResult { is_met: longest >= *years, value: Some(value), threshold: Measure::from(*years) }
            }
            Criterion::Change { points, direction, .. } => {
                let threshold = Measure::parse_decimal(points).unwrap_or_default();
                let value = self.change(school, year, *direction, looked)?;
                let is_met = value.as_ref().is_some_and(|value| value.value >= threshold);
                CriterionResult { is_met, value, threshold }
            }
            Criterion::Level { of, operator, value: threshold, .. } => {
                let threshold = Measure::parse_decimal(threshold).unwrap_or_default();
                let value = (self.level)(of, school, year, self.sources, self.diagnostics)?;
                looked.nodes.extend(value.as_ref().map(|value| value.node));
                let is_met = value.as_ref().is_some_and(|value| operator.holds(&value.value, &threshold));
                CriterionResult { is_met, value, threshold }
            }
            Criterion::Listed { sources: wanted, .. } => {
                let dims = Dims { role: Some(self.rule.role), ..Dims::default() };
                let rows = self.data.school_rows(school, codes::LISTED, year, &dims)?;
                let mut rows = rows.into_iter().filter(|row| row.dims.source.is_some_and(|own| wanted.contains(&own)));
                let value = rows.next().map(|row| {
                    let node = self.sources.cells([row.cell]);
                    Operand { value: row.value.clone(), node }
                });
                looked.nodes.extend(value.as_ref().map(|value| value.node));
                CriterionResult { is_met: value.is_some(), value, threshold: Measure::from(1_i64) }
            }
        })
    }

    /// A number of what is low. None of it stands on all that was looked at, or on the school alone.
    fn counted(&mut self, number: usize, low: Vec<NodeId>, school: &SchoolCode, looked: &Looked) -> Operand {
        let value = Measure::from(number);
        let mut nodes = low;
        if nodes.is_empty() {
            nodes.extend(looked.results.values().flat_map(|result| [result.below.node, result.participants.node]));
        }
        if nodes.is_empty() {
            nodes.extend(self.data.schools.get(school).map(|school| self.sources.cells([school.cell])));
        }
        let node = self.sources.formula(Op::Derived, nodes, Some(value.clone()));
        Operand { value, node }
    }

    /// Counts the years running in which a procedure was held and its result was low, up to as many as matter.
    fn run_of_years(
        &mut self,
        school: &SchoolCode,
        procedure: &ProcedureId,
        year: Year,
        years: usize,
        looked: &mut Looked,
    ) -> Known<usize> {
        let (mut run, mut last) = (1, year);
        while run < years {
            let earlier = procedure.held_before(self.data, last);
            // Results of a year between that the calendar does not have put the run of years in doubt.
            let reach = i32::try_from(years).unwrap_or_default();
            let first = earlier.map_or(last.0 - reach, |earlier| earlier.0 + 1);
            for skipped in first..last.0 {
                self.is_low(school, procedure, Year(skipped), looked)?;
            }
            match earlier {
                Some(earlier) if self.is_low(school, procedure, earlier, looked)? == Some(true) => {
                    (run, last) = (run + 1, earlier);
                }
                _ => break,
            }
        }
        Ok(run)
    }

    /// The change of the share below the minimum, in points and in the direction looked for, over the procedures that
    /// have participants in the year and in the nearest earlier year in which they were held.
    fn change(
        &mut self,
        school: &SchoolCode,
        year: Year,
        direction: Change,
        looked: &mut Looked,
    ) -> Known<Option<Operand>> {
        let (mut now, mut before) = (Vec::new(), Vec::new());
        for procedure in self.rule.each_procedure() {
            if procedure.held(self.data, year) != Some(true) {
                continue;
            }
            let Some(earlier) = procedure.held_before(self.data, year) else { continue };
            self.is_low(school, &procedure, earlier, looked)?;
            let of = |year| looked.results.get(&(procedure.clone(), year)).cloned();
            if let (Some(this), Some(that)) = (of(year), of(earlier)) {
                now.push(this);
                before.push(that);
            }
        }
        let share = |results: &[ProcedureResult]| {
            let below: Measure = results.iter().map(|result| result.below.value.clone()).sum();
            let all: Measure = results.iter().map(|result| result.participants.value.clone()).sum();
            below.percent_of(&all)
        };
        let (Some(this), Some(that)) = (share(&now), share(&before)) else { return Ok(None) };
        let value = match direction {
            Change::Worse => &this - &that,
            Change::Better => &that - &this,
        };
        let both = now.iter().chain(&before);
        let inputs = both.flat_map(|result| [result.below.node, result.participants.node]).collect();
        let node = self.sources.formula(Op::Derived, inputs, Some(value.clone()));
        Ok(Some(Operand { value, node }))
    }
}

/// Tells whether a result is low.
pub(super) fn is_low(rule: &GroupRule, below: &Measure, participants: &Measure) -> bool {
    let hundred = Measure::from(100_i64);
    let Some(threshold) = rule.threshold() else { return false };
    // 100 · below ≥ threshold · participants: integers, no division, so exactly 30 % is low.
    !participants.is_zero()
        && *participants >= Measure::from(rule.min_cohort)
        && below * &hundred >= &threshold * participants
}
