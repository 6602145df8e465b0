//! The verdict on one school: which criteria are met, by which values, and how far they are from their thresholds.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize};

use super::{Change, Criterion, GroupRule, LevelOf, ProcedureId, ProcedureResult};
use crate::diag::Diagnostics;
use crate::measure::Measure;
use crate::model::{Dataset, Dims, Holding, Known, Operand, SchoolCode, Year, codes};
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

/// Counts of a school by number of the procedure and year.
type Table = HashMap<(usize, Year), Counts, RandomState>;

/// Results as they were asked for; the same counts serve every rule and threshold.
#[derive(Default)]
pub(super) struct Results {
    numbers: BTreeMap<ProcedureId, usize>,
    courses: Vec<Course>,
    of_school: BTreeMap<SchoolCode, Table>,
}

/// A procedure and its way over the years of the calendar.
struct Course {
    id: ProcedureId,
    dims: Dims,
    held: BTreeMap<Year, bool>,
}

impl Course {
    fn new(id: ProcedureId, data: &Dataset) -> Self {
        let mut held = BTreeMap::new();
        for row in &data.calendar {
            if row.exam == id.exam && row.grade == id.grade && row.discipline == id.discipline {
                held.entry(row.year).or_insert(row.holding != Holding::NotHeld);
            }
        }
        Self { dims: id.dims(), id, held }
    }

    fn is_held(&self, year: Year) -> bool {
        self.held.get(&year) == Some(&true)
    }

    /// The nearest earlier year in which it was held.
    fn held_before(&self, year: Year) -> Option<Year> {
        self.held.range(..year).rev().find(|(_, held)| **held).map(|(year, _)| *year)
    }
}

impl Results {
    /// The numbers of the procedures of a rule.
    fn numbers_of(&mut self, rule: &GroupRule, data: &Dataset) -> Vec<usize> {
        let mut numbers = Vec::new();
        for id in rule.each_procedure() {
            let number = *self.numbers.entry(id.clone()).or_insert(self.courses.len());
            if number == self.courses.len() {
                self.courses.push(Course::new(id, data));
            }
            numbers.push(number);
        }
        numbers
    }
}

/// Applies the rule of a group.
pub(super) struct Judge<'j, 'l> {
    rule: &'j GroupRule,
    data: &'j Dataset,
    known: &'j mut Results,
    level: &'j mut LevelOf<'l>,
    sources: &'j mut Sources,
    diagnostics: &'j mut Diagnostics,
    /// Procedures of the rule by number.
    procedures: Vec<usize>,
    bar: Bar,
    /// Only the outcome is asked for: no origin is made for what is weighed on the way.
    is_trial: bool,
}

/// What was looked at on the way to a verdict.
#[derive(Default)]
struct Looked {
    counts: Table,
    results: BTreeMap<(usize, Year), Seen>,
    nodes: Vec<NodeId>,
}

/// A result as it was weighed.
#[derive(Clone)]
struct Seen {
    below: Operand,
    participants: Operand,
    is_low: bool,
}

impl Seen {
    fn nodes(&self) -> [NodeId; 2] {
        [self.below.node, self.participants.node]
    }
}

impl<'j, 'l> Judge<'j, 'l> {
    pub(super) fn new(
        rule: &'j GroupRule,
        data: &'j Dataset,
        known: &'j mut Results,
        level: &'j mut LevelOf<'l>,
        sources: &'j mut Sources,
        diagnostics: &'j mut Diagnostics,
    ) -> Self {
        let procedures = known.numbers_of(rule, data);
        let hundredth = Measure::ratio(1, 100).unwrap_or_default();
        let threshold = rule.threshold().map(|threshold| &threshold * &hundredth);
        let bar = Bar { threshold, min_cohort: Measure::from(rule.min_cohort) };
        Self { rule, data, known, level, sources, diagnostics, procedures, bar, is_trial: false }
    }

    /// Judges a school in a year.
    pub(super) fn verdict(&mut self, school: &SchoolCode, year: Year) -> Known<Verdict> {
        self.is_trial = false;
        let (looked, decided) = self.decide(school, year);
        let Decided { criteria, earlier, is_in } = decided?;
        let fired = (0..criteria.len()).filter(|index| criteria.get(*index).is_some_and(|one| one.is_met)).collect();
        let mut inputs: Vec<NodeId> = looked.results.values().flat_map(Seen::nodes).collect();
        inputs.extend(looked.nodes);
        let node = self.sources.formula(Op::Derived, inputs, None);
        let shown = |((number, year), seen): ((usize, Year), Seen)| {
            let Seen { below, participants, is_low } = seen;
            let procedure = self.known.courses.get(number)?.id.clone();
            Some(ProcedureResult { procedure, year, below, participants, is_low })
        };
        let mut results: Vec<ProcedureResult> = looked.results.into_iter().filter_map(shown).collect();
        results.sort_by(|a, b| (&a.procedure, a.year).cmp(&(&b.procedure, b.year)));
        Ok(Verdict { results, criteria, fired, earlier, is_in, node })
    }

    /// Tells whether a school would be in the group, without the grounds.
    pub(super) fn would_hold(&mut self, school: &SchoolCode, year: Year) -> Known<bool> {
        self.is_trial = true;
        self.decide(school, year).1.map(|decided| decided.is_in)
    }

    fn decide(&mut self, school: &SchoolCode, year: Year) -> (Looked, Known<Decided>) {
        let mut looked =
            Looked { counts: self.known.of_school.remove(school).unwrap_or_default(), ..Looked::default() };
        let decided = self.weigh(school, year, &mut looked);
        self.known.of_school.insert(school.clone(), std::mem::take(&mut looked.counts));
        (looked, decided)
    }

    fn weigh(&mut self, school: &SchoolCode, year: Year, looked: &mut Looked) -> Known<Decided> {
        let criteria = self.criteria(school, year, looked)?;
        let mut is_in = self.are_met(&criteria);
        let mut earlier = Vec::new();
        for back in 1..i32::try_from(self.rule.years).unwrap_or(i32::MAX) {
            if !is_in {
                break;
            }
            let before = Year(year.0 - back);
            let criteria = self.criteria(school, before, looked)?;
            is_in = self.are_met(&criteria);
            earlier.push((before, is_in));
        }
        Ok(Decided { criteria, earlier, is_in })
    }

    fn are_met(&self, criteria: &[CriterionResult]) -> bool {
        let met = criteria.iter().filter(|criterion| criterion.is_met).count();
        self.rule.needs.are_met(met, criteria.len())
    }

    /// Tells whether the result of a procedure is low; `None` without participants.
    fn is_low(
        &mut self,
        school: &SchoolCode,
        procedure: usize,
        year: Year,
        looked: &mut Looked,
    ) -> Known<Option<bool>> {
        let key = (procedure, year);
        if let Some(seen) = looked.results.get(&key) {
            return Ok(Some(seen.is_low));
        }
        let (data, sources, course) = (self.data, &mut *self.sources, self.known.courses.get(procedure));
        let counts = looked.counts.entry(key).or_insert_with(|| match course {
            Some(course) => read(data, school, &course.dims, year, sources),
            None => Ok(None),
        });
        let Some((below, participants)) = counts.as_ref().map_err(Clone::clone)? else { return Ok(None) };
        let is_low = self.bar.is_reached(&below.value, &participants.value);
        let seen = Seen { below: below.clone(), participants: participants.clone(), is_low };
        looked.results.insert(key, seen);
        Ok(Some(is_low))
    }

    fn criteria(&mut self, school: &SchoolCode, year: Year, looked: &mut Looked) -> Known<Vec<CriterionResult>> {
        let mut low_now: Vec<usize> = Vec::new();
        if self.rule.criteria.iter().any(Criterion::reads_results) {
            // What was held decides which results must be there.
            self.data.sheet("calendar")?;
            for index in 0..self.procedures.len() {
                let Some(procedure) = self.procedures.get(index).copied() else { continue };
                // Asked in any case: results of a procedure that the calendar does not have are in doubt.
                let is_low = self.is_low(school, procedure, year, looked)?;
                if is_low == Some(true) && self.course(procedure).is_some_and(|course| course.is_held(year)) {
                    low_now.push(procedure);
                }
            }
        }
        let rule = self.rule;
        rule.criteria.iter().map(|criterion| self.criterion(criterion, school, year, &low_now, looked)).collect()
    }

    fn course(&self, procedure: usize) -> Option<&Course> {
        self.known.courses.get(procedure)
    }

    fn criterion(
        &mut self,
        criterion: &Criterion,
        school: &SchoolCode,
        year: Year,
        low_now: &[usize],
        looked: &mut Looked,
    ) -> Known<CriterionResult> {
        Ok(match criterion {
            Criterion::ProceduresInYear { count, .. } => {
                let low = low_now.iter().filter_map(|procedure| looked.results.get(&(*procedure, year)));
                let nodes = low.map(|seen| seen.below.node).collect();
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
                    longest = longest.max(self.run_of_years(school, *procedure, year, *years, looked)?);
                }
                let nodes = looked.results.values().filter(|seen| seen.is_low).map(|seen| seen.below.node);
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
        if self.is_trial {
            return Operand { value, node: NodeId(0) };
        }
        let mut nodes = low;
        if nodes.is_empty() {
            nodes.extend(looked.results.values().flat_map(Seen::nodes));
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
        procedure: usize,
        year: Year,
        years: usize,
        looked: &mut Looked,
    ) -> Known<usize> {
        let (mut run, mut last) = (1, year);
        while run < years {
            let earlier = self.course(procedure).and_then(|course| course.held_before(last));
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
        for index in 0..self.procedures.len() {
            let Some(procedure) = self.procedures.get(index).copied() else { continue };
            let Some(course) = self.course(procedure).filter(|course| course.is_held(year)) else { continue };
            let Some(earlier) = course.held_before(year) else { continue };
            self.is_low(school, procedure, earlier, looked)?;
            let of = |year| looked.results.get(&(procedure, year)).cloned();
            if let (Some(this), Some(that)) = (of(year), of(earlier)) {
                now.push(this);
                before.push(that);
            }
        }
        let share = |results: &[Seen]| {
            let below: Measure = results.iter().map(|result| result.below.value.clone()).sum();
            let all: Measure = results.iter().map(|result| result.participants.value.clone()).sum();
            below.percent_of(&all)
        };
        let (Some(this), Some(that)) = (share(&now), share(&before)) else { return Ok(None) };
        let value = match direction {
            Change::Worse => &this - &that,
            Change::Better => &that - &this,
        };
        let inputs = now.iter().chain(&before).flat_map(Seen::nodes).collect();
        let node = self.sources.formula(Op::Derived, inputs, Some(value.clone()));
        Ok(Some(Operand { value, node }))
    }
}

/// When a result is low.
struct Bar {
    /// The share from which it is, as a fraction of one.
    threshold: Option<Measure>,
    min_cohort: Measure,
}

impl Bar {
    fn is_reached(&self, below: &Measure, participants: &Measure) -> bool {
        let Some(threshold) = &self.threshold else { return false };
        // below ≥ threshold · participants, in exact numbers: exactly 30 % is low.
        !participants.is_zero() && *participants >= self.min_cohort && *below >= threshold * participants
    }
}

/// What was decided of a school.
struct Decided {
    criteria: Vec<CriterionResult>,
    earlier: Vec<(Year, bool)>,
    is_in: bool,
}

fn read(data: &Dataset, school: &SchoolCode, dims: &Dims, year: Year, sources: &mut Sources) -> Counts {
    let participants = data.school_sum(school, codes::PARTICIPANTS, year, dims, sources)?;
    let below = data.school_sum(school, codes::BELOW_MINIMUM, year, dims, sources)?;
    Ok(below.zip(participants))
}
