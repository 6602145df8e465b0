//! Indicators as data: catalogue entries over a closed list of quantities, to figures with their contributions.
//! In: a catalogue, the data set, the groups. Out: for each indicator and year a figure and what each
//! school contributes to it. It must never know files of workbooks, templates or documents.

mod catalogue;
mod counts;
mod places;
mod quantity;
mod study;
mod targets;
mod trend;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize};

pub use catalogue::{
    Among, Catalogue, Component, Definition, Direction, Fold, IndicatorGroup, IndicatorKind, Made, Orientation, Refused,
};
pub use places::{Ranked, places};
pub use quantity::{Condition, Quantity, TeacherTest};
pub use study::{Studied, Study};
pub use targets::{TargetVerdict, Verdict as TargetOutcome, verdicts};
pub use trend::{Series, Tendency, series};

use counts::{At, Staff};

use crate::diag::{DiagId, Diagnostics};
use crate::figure::{Figure, Rounding, RoundingRules, Unit};
use crate::groups::{Groups, Methods, ProcedureId};
use crate::measure::Measure;
use crate::model::{
    AllowedGap, Dataset, Dims, Discipline, Exam, Gap, Holding, Known, Observation, Operand, SchoolCode, Subject,
    Target, TeacherCode, Text, Year, codes,
};
use crate::provenance::{NodeId, Op, Sources};

/// What a school adds to an indicator of a year.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Contribution {
    /// To the numerator.
    pub numerator: Operand,
    /// To the denominator.
    pub denominator: Option<Operand>,
    /// For growth: below minimum and participants of the year before and of the year.
    pub growth: Option<[Operand; 4]>,
}

/// An indicator of a year.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Evaluation {
    /// Contributions by school.
    pub contributions: BTreeMap<SchoolCode, Contribution>,
    /// What stands above the line: the sum of the contributions, unless the kind is brought together otherwise.
    pub numerator: Operand,
    /// What stands below the line.
    pub denominator: Option<Operand>,
    /// The value; `None` when there is none to give.
    pub figure: Option<Figure>,
    /// Why there is no value.
    pub absence: Option<Absence>,
    /// Said beside the value when schools have no data with leave; `None` when all have.
    pub coverage: Option<Coverage>,
}

/// Why an indicator has no value though nothing is wrong. It is said, and never taken for zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Absence {
    /// The denominator is zero.
    NoDenominator,
    /// No procedure was held that it stands on.
    NotHeld,
    /// There is nothing to compare with.
    NotComparable,
    /// Nobody reported the data in a year before the reported one.
    NoData,
}

/// On how many schools a value stands.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Coverage {
    /// Schools with data.
    pub known: Figure,
    /// Schools that it speaks of.
    pub total: Figure,
    /// Schools without data, each with the reason.
    pub without: Vec<(SchoolCode, Text)>,
}

/// An indicator over the years.
#[derive(Clone, Debug)]
pub struct IndicatorResult {
    /// The catalogue entry.
    pub definition: Definition,
    /// Values by year.
    pub years: BTreeMap<Year, Known<Evaluation>>,
}

impl IndicatorResult {
    /// Returns the value of one school in a year, in the unit of the indicator; `Ok(None)` for a school that it does not
    /// speak of, or whose denominator is zero.
    ///
    /// # Errors
    /// The gap of the year.
    pub fn of_school(&self, year: Year, code: &SchoolCode, sources: &mut Sources) -> Known<Option<Operand>> {
        let evaluation = match self.years.get(&year) {
            Some(Ok(evaluation)) => evaluation,
            Some(Err(gap)) => return Err(gap.clone()),
            None => return Ok(None),
        };
        let contribution = evaluation.contributions.get(code);
        Ok(contribution.and_then(|contribution| value_of(&self.definition, contribution, sources)))
    }
}

impl IndicatorResult {
    /// Gives the schools their places in a year by an indicator of parts and wholes; none for any other.
    pub fn places(&self, year: Year) -> BTreeMap<SchoolCode, Ranked> {
        let Some(Ok(evaluation)) = self.years.get(&year) else { return BTreeMap::new() };
        if !self.definition.is_additive() || !self.definition.is_of_whole_numbers() {
            return BTreeMap::new();
        }
        let both = |(code, part): (&SchoolCode, &Contribution)| {
            Some((code.clone(), (part.numerator.value.clone(), part.denominator.as_ref()?.value.clone())))
        };
        places(&evaluation.contributions.iter().filter_map(both).collect(), self.definition.better)
    }
}

/// Tells whether a value is better than another.
pub fn is_better(better: Direction, value: &Measure, than: &Measure) -> bool {
    match better {
        Direction::Up => value > than,
        Direction::Down => value < than,
    }
}

/// The value of one school, in the unit of the indicator; `None` when its denominator is zero.
fn value_of(definition: &Definition, contribution: &Contribution, sources: &mut Sources) -> Option<Operand> {
    let Contribution { numerator, denominator, .. } = contribution;
    match denominator {
        None => Some(numerator.clone()),
        Some(whole) => quotient(definition, numerator, whole, sources),
    }
}

/// Numerator by denominator, times the scale.
fn quotient(definition: &Definition, part: &Operand, whole: &Operand, sources: &mut Sources) -> Option<Operand> {
    let scale = definition.factor();
    let value = part.value.checked_div(&whole.value).map(|quotient| &scale * &quotient)?;
    let op = if scale == Measure::from(100_i64) { Op::Percent } else { Op::Ratio };
    let node = sources.formula(op, vec![part.node, whole.node], Some(value.clone()));
    Some(Operand { value, node })
}

impl Definition {
    /// What the quotient is multiplied by. An index of components is one of shares, which are per cents already.
    pub fn factor(&self) -> Measure {
        let is_mean = !self.components.is_empty() || self.by_procedure;
        let scale = Measure::parse_decimal(&self.scale).unwrap_or_else(|| Measure::from(100_i64));
        if is_mean { Measure::from(1_i64) } else { scale }
    }

    /// Tells whether a target typed in things, not in per cents, is one of this share's numerator. A mean or a difference
    /// has a unit of its own.
    pub fn is_counted_by(&self, target: &Target) -> bool {
        target.in_count && self.unit == Unit::Percent && self.denominator.is_some()
    }

    /// Returns the rounding of a value beside its own: no coarser than its own values.
    pub fn rounding_beside(&self, rounding: Rounding) -> Rounding {
        Rounding { digits: rounding.digits.max(self.digits.unwrap_or_default()), ..rounding }
    }

    /// Returns the rounding of its values.
    pub fn rounding(&self, rules: RoundingRules) -> Rounding {
        let rounding = rules.of(self.unit);
        Rounding { digits: self.digits.unwrap_or(rounding.digits), ..rounding }
    }

    /// Tells whether whole numbers are added up: weights of quantities may be fractions.
    pub fn is_of_whole_numbers(&self) -> bool {
        let is_whole = |weight: &String| Measure::parse_decimal(weight).is_some_and(|one| one.to_integer().is_some());
        self.quantities().all(|quantity| match quantity {
            Quantity::Sum { weights, .. } => weights.iter().all(is_whole),
            _ => true,
        })
    }

    /// Tells whether schools' contributions add up to the numerator and the denominator of the municipality.
    pub fn is_additive(&self) -> bool {
        let is_plain = !matches!(self.kind, IndicatorKind::Dynamics | IndicatorKind::Spread);
        is_plain && self.components.is_empty() && !self.by_procedure && self.among != Among::Municipality
    }
}

/// What every count may look at.
pub struct Scope<'a> {
    /// The data.
    pub data: &'a Dataset,
    /// The groups.
    pub groups: &'a Groups,
    /// The methods; the procedures of one make the pool of results.
    pub methods: &'a Methods,
    /// Roundings of the run.
    pub rounding: RoundingRules,
}

/// Where origins and findings go.
pub struct Trace<'t> {
    /// Origins.
    pub sources: &'t mut Sources,
    /// Findings.
    pub diagnostics: &'t mut Diagnostics,
}

/// Evaluates a catalogue.
pub struct Evaluator<'a> {
    catalogue: &'a Catalogue,
    refused: &'a Refused,
    data: &'a Dataset,
    groups: &'a Groups,
    rounding: RoundingRules,
    /// Procedures whose results are pooled.
    pool: Vec<ProcedureId>,
    /// The place of each procedure in the pool.
    places: HashMap<(Exam, u8, Discipline), usize, RandomState>,
    /// The procedure of the pool that alone is looked at.
    only: Option<usize>,
    /// What narrows questions to the procedures of the pool that were held in a year, each with its place in the pool.
    held: BTreeMap<Year, Arc<Vec<(usize, Dims)>>>,
    staff: Staff<'a>,
    /// Sums over the procedures of the method, or over one of them.
    sums: Vec<Sums>,
    /// Rows of results of one school and year by measure, as they were last looked through.
    looked_through: Option<LookedThrough<'a>>,
    /// The reported year: what nobody gave before it was not yet asked for.
    reported: Option<Year>,
    /// What nobody gave in a year before the reported one.
    unasked: BTreeSet<(String, Year)>,
    /// What was said of missing data, by what and year.
    said: BTreeMap<(String, Year), DiagId>,
}

/// Sums of the same measures and weights by school, year, and the place of the procedure where it is of one.
struct Sums {
    measures: Vec<String>,
    weights: Vec<String>,
    known: HashMap<(SchoolCode, Year, Option<usize>), Known<Operand>, RandomState>,
}

/// Rows of a school and year by measure: those of a procedure of the pool, in the order of the pool.
struct LookedThrough<'a> {
    school: SchoolCode,
    year: Year,
    rows: BTreeMap<String, Vec<(usize, &'a Observation)>>,
}

/// A school's part in an index of components: parts and wholes in the order of the components.
type Parts = Vec<(Operand, Operand)>;

impl<'a> Evaluator<'a> {
    /// Prepares the evaluation of a catalogue; what is refused is not computed.
    pub fn new(catalogue: &'a Catalogue, refused: &'a Refused, scope: &Scope<'a>) -> Self {
        let mut staff = Staff::new();
        for (subject, rows) in scope.data.store.subjects(codes::EMPLOYMENT) {
            let Subject::Teacher(teacher) = subject else { continue };
            for row in rows {
                if let Some(school) = &row.dims.school {
                    let of_school: &mut BTreeMap<TeacherCode, Vec<_>> = staff.entry(school.clone()).or_default();
                    of_school.entry(teacher.clone()).or_default().push(row);
                }
            }
        }
        let Scope { data, groups, methods, rounding } = *scope;
        let pool = methods.pool();
        let key = |(place, one): (usize, &ProcedureId)| ((one.exam, one.grade, one.discipline.clone()), place);
        let places = pool.iter().enumerate().map(key).collect();
        Self {
            catalogue,
            refused,
            data,
            groups,
            rounding,
            pool,
            places,
            only: None,
            held: BTreeMap::new(),
            staff,
            sums: Vec::new(),
            looked_through: None,
            unasked: BTreeSet::new(),
            reported: None,
            said: BTreeMap::new(),
        }
    }

    /// Does something whose findings are dropped: what was said meanwhile may be said again.
    pub(crate) fn quietly<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let said = self.said.clone();
        let done = work(self);
        self.said = said;
        done
    }

    /// Evaluates every indicator for the given years, in the order of printing; those that only others stand on are last.
    pub fn all(&mut self, years: &[Year], trace: &mut Trace<'_>) -> Vec<IndicatorResult> {
        self.reported = years.last().copied();
        let printed = self.catalogue.printed();
        let others = self.catalogue.indicators.iter().filter(|definition| {
            self.catalogue.groups.iter().any(|group| group.id == definition.group && group.is_auxiliary)
        });
        let definitions: Vec<&Definition> = printed.chain(others).collect();
        let result = |definition: &Definition| IndicatorResult {
            definition: definition.clone(),
            years: years.iter().map(|year| (*year, self.of_year(definition, *year, trace))).collect(),
        };
        definitions.into_iter().map(result).collect()
    }

    /// Evaluates an indicator of a year.
    ///
    /// # Errors
    /// The gap that stands in its way.
    pub fn of_year(&mut self, definition: &Definition, year: Year, trace: &mut Trace<'_>) -> Known<Evaluation> {
        if let Some(reasons) = self.refused.codes.get(&definition.code) {
            return Err(Gap { reasons: reasons.clone() });
        }
        match definition.kind {
            IndicatorKind::Dynamics => self.dynamics(definition, year, trace),
            IndicatorKind::Spread => self.spread(definition, year, trace),
            _ if definition.among == Among::Municipality => self.whole(definition, year, trace),
            _ => {
                let schools = self.schools(definition, year, trace)?;
                self.among(definition, &schools, year, trace)
            }
        }
    }

    /// Returns the value of one school, whether the indicator is counted over it or not.
    ///
    /// # Errors
    /// The gap that stands in its way.
    pub fn school_value(
        &mut self,
        code: &str,
        school: &SchoolCode,
        year: Year,
        trace: &mut Trace<'_>,
    ) -> Known<Option<Operand>> {
        if let Some(reasons) = self.refused.codes.get(code) {
            return Err(Gap { reasons: reasons.clone() });
        }
        let Some(definition) = self.catalogue.get(code) else { return Err(Gap::default()) };
        if definition.quantities().any(|quantity| self.leave(quantity, school, year).is_some()) {
            return Ok(None);
        }
        let listed = self.data.schools.get(school).map(|known| trace.sources.cells([known.cell]));
        let listed = listed.unwrap_or(NodeId(0));
        let piece = self.piece(definition, At { school: Some(school), listed }, year, trace)?;
        Ok(piece.and_then(|(contribution, _)| value_of(definition, &contribution, trace.sources)))
    }

    /// The schools that an indicator is counted over, each with the node that puts it there.
    fn schools(
        &mut self,
        definition: &Definition,
        year: Year,
        trace: &mut Trace<'_>,
    ) -> Known<BTreeMap<SchoolCode, NodeId>> {
        match definition.among {
            Among::Supported => self.groups.supported(year),
            Among::Counted => self.counted_schools(year, trace),
            Among::Roles => self.of_roles(&definition.roles, false, year, trace),
            Among::AllRoles => self.of_roles(&definition.roles, true, year, trace),
            Among::Municipality => Ok(BTreeMap::new()),
        }
    }

    /// Evaluates over schools.
    fn among(
        &mut self,
        definition: &Definition,
        schools: &BTreeMap<SchoolCode, NodeId>,
        year: Year,
        trace: &mut Trace<'_>,
    ) -> Known<Evaluation> {
        let coverage = self.coverage(definition, schools, year, trace.sources);
        let stands_without = definition.numerator.as_ref().is_some_and(Quantity::stands_without);
        let without: Vec<&SchoolCode> =
            coverage.iter().flat_map(|coverage| coverage.without.iter().map(|(code, _)| code)).collect();
        let mut contributions = BTreeMap::new();
        let mut all_parts: Vec<Parts> = Vec::new();
        let mut gap = Gap::default();
        let mut has_no_data = false;
        for (code, node) in schools.iter().filter(|(code, _)| stands_without || !without.contains(code)) {
            match self.piece(definition, At { school: Some(code), listed: *node }, year, trace) {
                Ok(Some((contribution, parts))) => {
                    contributions.insert(code.clone(), contribution);
                    all_parts.push(parts);
                }
                Ok(None) => {}
                Err(why) => {
                    has_no_data |= why.reasons.is_empty();
                    gap = gap.and(&why);
                }
            }
        }
        if !gap.reasons.is_empty() {
            return Err(gap);
        }
        if has_no_data {
            let mut nothing = self.plain(definition, BTreeMap::new(), None, coverage, year, trace);
            nothing.absence = Some(Absence::NoData);
            nothing.denominator = definition.denominator.as_ref().map(|_| nothing.numerator.clone());
            return Ok(nothing);
        }
        let (numerator, denominator) = if definition.is_additive() {
            let parts: Vec<_> = contributions.iter().map(|(code, part)| (code, &part.numerator)).collect();
            let numerator = self.added(definition.numerator.as_ref(), &parts, year, trace)?;
            let wholes = contributions.iter().filter_map(|(code, part)| Some((code, part.denominator.as_ref()?)));
            let parts: Vec<_> = wholes.collect();
            let denominator = match &definition.denominator {
                Some(quantity) => Some(self.added(Some(quantity), &parts, year, trace)?),
                None => None,
            };
            (numerator, denominator)
        } else {
            self.fold(definition, &contributions, &all_parts, trace)
        };
        // Where no school has results of both years, nothing is known of growth: that is not «none has grown».
        let is_of_growth = matches!(&definition.numerator, Some(Quantity::Schools { with }) if matches!(with.as_slice(), [Condition::Growing {}]));
        let is_blind = is_of_growth && contributions.values().all(|part| part.growth.is_none());
        let is_blind = is_blind && !contributions.is_empty();
        let mut evaluation = self.evaluation(definition, contributions, numerator, denominator, coverage, year, trace);
        if is_blind {
            (evaluation.figure, evaluation.absence) = (None, Some(Absence::NotComparable));
        }
        Ok(evaluation)
    }

    /// Brings an index of components together over schools.
    fn fold(
        &self,
        definition: &Definition,
        contributions: &BTreeMap<SchoolCode, Contribution>,
        all_parts: &[Parts],
        trace: &mut Trace<'_>,
    ) -> (Operand, Option<Operand>) {
        if definition.fold == Fold::Mean {
            let values: Vec<Operand> =
                contributions.values().filter_map(|one| value_of(definition, one, trace.sources)).collect();
            let sum = total(values.iter(), trace.sources);
            let value = Measure::from(values.len());
            let inputs = values.iter().map(|value| value.node).collect();
            let node = trace.sources.formula(Op::Count, inputs, Some(value.clone()));
            return (sum, Some(Operand { value, node }));
        }
        let count = all_parts.iter().map(Vec::len).max().unwrap_or_default();
        let pooled: Parts = (0..count)
            .map(|index| {
                let of = |part: fn(&(Operand, Operand)) -> &Operand| {
                    all_parts.iter().filter_map(|parts| parts.get(index)).map(part).collect::<Vec<_>>()
                };
                let (parts, wholes) = (of(|both| &both.0), of(|both| &both.1));
                (total(parts.into_iter(), trace.sources), total(wholes.into_iter(), trace.sources))
            })
            .collect();
        let (numerator, denominator) = weighted(definition, &pooled, trace.sources);
        (numerator, Some(denominator))
    }

    /// What a school adds; `None` where it has nothing to compare.
    fn piece(
        &mut self,
        definition: &Definition,
        at: At<'_>,
        year: Year,
        trace: &mut Trace<'_>,
    ) -> Known<Option<(Contribution, Parts)>> {
        if definition.kind == IndicatorKind::Dynamics {
            let (Some(of), Some(school)) = (&definition.of, at.school) else { return Ok(None) };
            let before = self.school_value(of, school, Year(year.0 - definition.back), trace)?;
            let now = self.school_value(of, school, year, trace)?;
            let Some((now, before)) = now.zip(before) else { return Ok(None) };
            let numerator = difference(&now, &before, trace.sources);
            return Ok(Some((Contribution { numerator, denominator: None, growth: None }, Vec::new())));
        }
        let parts = self.parts(definition, at, year, trace)?;
        if !parts.is_empty() || definition.by_procedure {
            let (numerator, denominator) = weighted(definition, &parts, trace.sources);
            let contribution = Contribution { numerator, denominator: Some(denominator), growth: None };
            return Ok(Some((contribution, parts)));
        }
        let Some(quantity) = &definition.numerator else { return Ok(None) };
        let growth = match (quantity, at.school) {
            (Quantity::Schools { with }, Some(school)) if matches!(with.as_slice(), [Condition::Growing {}]) => {
                self.growth(school, at.listed, year, trace)?
            }
            _ => None,
        };
        let numerator = self.count(quantity, at, year, trace)?;
        let denominator = match &definition.denominator {
            Some(quantity) => Some(self.count(quantity, at, year, trace)?),
            None => None,
        };
        Ok(Some((Contribution { numerator, denominator, growth }, Vec::new())))
    }

    /// Parts and wholes of the components; of the single procedures where the index is the mean over them.
    fn parts(&mut self, definition: &Definition, at: At<'_>, year: Year, trace: &mut Trace<'_>) -> Known<Parts> {
        let mut parts = Vec::new();
        for component in &definition.components {
            let part = self.count(&component.numerator, at, year, trace)?;
            parts.push((part, self.count(&component.denominator, at, year, trace)?));
        }
        if definition.by_procedure {
            let (Some(part), Some(whole)) = (&definition.numerator, &definition.denominator) else {
                return Ok(parts);
            };
            for place in 0..self.pool.len() {
                self.only = Some(place);
                let both = self
                    .count(part, at, year, trace)
                    .and_then(|part| self.count(whole, at, year, trace).map(|whole| (part, whole)));
                self.only = None;
                parts.push(both?);
            }
        }
        Ok(parts)
    }

    /// An indicator of the municipality as a whole.
    fn whole(&mut self, definition: &Definition, year: Year, trace: &mut Trace<'_>) -> Known<Evaluation> {
        let listed = trace.sources.declared(&definition.file, &definition.code);
        let piece = match self.piece(definition, At { school: None, listed }, year, trace) {
            Err(gap) if gap.reasons.is_empty() => {
                let mut nothing = self.plain(definition, BTreeMap::new(), None, None, year, trace);
                nothing.absence = Some(Absence::NoData);
                return Ok(nothing);
            }
            piece => piece?,
        };
        let Some((whole, _)) = piece else { return Err(Gap::default()) };
        let Contribution { numerator, denominator, .. } = whole;
        Ok(self.evaluation(definition, BTreeMap::new(), numerator, denominator, None, year, trace))
    }

    /// The change of another indicator.
    fn dynamics(&mut self, definition: &Definition, year: Year, trace: &mut Trace<'_>) -> Known<Evaluation> {
        let Some(of) = definition.of.as_deref().and_then(|of| self.catalogue.get(of)) else {
            return Err(Gap::default());
        };
        let earlier = Year(year.0 - definition.back);
        // Groups are found for the reported year and the one before: earlier ones are no fault of this year.
        let has_groups = self.groups.lists.keys().any(|(known, _)| *known == earlier);
        if of.reads_groups() && !has_groups {
            return Ok(self.plain(definition, BTreeMap::new(), None, None, year, trace));
        }
        let before = self.of_year(of, earlier, trace)?;
        let now = self.of_year(of, year, trace)?;
        let mut contributions = BTreeMap::new();
        for (code, this) in &now.contributions {
            let this = value_of(of, this, trace.sources);
            let that = before.contributions.get(code).and_then(|that| value_of(of, that, trace.sources));
            if let Some((this, that)) = this.zip(that) {
                let numerator = difference(&this, &that, trace.sources);
                contributions.insert(code.clone(), Contribution { numerator, denominator: None, growth: None });
            }
        }
        let of_figure = |figure: &Figure| Operand { value: figure.value.clone(), node: figure.node };
        let both = now.figure.as_ref().zip(before.figure.as_ref());
        let value = both.map(|(now, before)| difference(&of_figure(now), &of_figure(before), trace.sources));
        Ok(self.plain(definition, contributions, value, now.coverage, year, trace))
    }

    /// An indicator of strong schools less that of weak ones: the first group of the definition less the second.
    fn spread(&mut self, definition: &Definition, year: Year, trace: &mut Trace<'_>) -> Known<Evaluation> {
        let Some(of) = definition.of.as_deref().and_then(|of| self.catalogue.get(of)) else {
            return Err(Gap::default());
        };
        let mut values = Vec::new();
        for role in &definition.roles {
            let schools = self.of_roles(&[*role], false, year, trace)?;
            let evaluation = self.among(of, &schools, year, trace)?;
            values.push(evaluation.figure.map(|figure| Operand { value: figure.value, node: figure.node }));
        }
        let value = match values.as_slice() {
            [Some(strong), Some(weak)] => Some(difference(strong, weak, trace.sources)),
            _ => None,
        };
        Ok(self.plain(definition, BTreeMap::new(), value, None, year, trace))
    }

    /// An evaluation whose value is no quotient.
    fn plain(
        &self,
        definition: &Definition,
        contributions: BTreeMap<SchoolCode, Contribution>,
        value: Option<Operand>,
        coverage: Option<Coverage>,
        year: Year,
        trace: &mut Trace<'_>,
    ) -> Evaluation {
        let is_known = value.is_some();
        let numerator = value.unwrap_or_else(|| Operand { value: Measure::default(), node: trace.sources.cells([]) });
        let mut evaluation = self.evaluation(definition, contributions, numerator, None, coverage, year, trace);
        if !is_known {
            evaluation.figure = None;
            evaluation.absence = Some(Absence::NotComparable);
        }
        evaluation
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one value, put together in one place")]
    fn evaluation(
        &self,
        definition: &Definition,
        contributions: BTreeMap<SchoolCode, Contribution>,
        numerator: Operand,
        denominator: Option<Operand>,
        coverage: Option<Coverage>,
        year: Year,
        trace: &mut Trace<'_>,
    ) -> Evaluation {
        let value = match &denominator {
            None => Some(numerator.clone()),
            Some(whole) => quotient(definition, &numerator, whole, trace.sources),
        };
        let not_held = self.is_not_held(definition, year);
        let absence = match (&value, not_held) {
            (_, true) => Some(Absence::NotHeld),
            (None, false) => Some(Absence::NoDenominator),
            (Some(_), false) => None,
        };
        let figure = value.filter(|_| !not_held).map(|Operand { value, node }| Figure {
            id: format!("{}/{year}", definition.code),
            value,
            unit: definition.unit,
            rounding: definition.rounding(self.rounding),
            node,
        });
        Evaluation { contributions, numerator, denominator, figure, absence, coverage }
    }

    /// Tells whether the calendar has none of the procedures of a year that an indicator of results stands on.
    fn is_not_held(&self, definition: &Definition, year: Year) -> bool {
        let is_empty = |quantity: &Quantity| {
            let Quantity::Sum { measures, exams, disciplines, grades, of_method, years, .. } = quantity else {
                return false;
            };
            let span = year.0 - years + 1..=year.0;
            let is_of_results = measures.iter().all(|measure| codes::is_result(measure));
            let in_pool = |exam, grade, discipline: &Discipline| {
                self.pool.iter().any(|one| one.exam == exam && one.grade == grade && one.discipline == *discipline)
            };
            let is_wanted = |row: &crate::model::Procedure| match of_method {
                true => in_pool(row.exam, row.grade, &row.discipline),
                false => {
                    (exams.is_empty() || exams.contains(&row.exam))
                        && (grades.is_empty() || grades.contains(&row.grade))
                        && (disciplines.is_empty()
                            || disciplines.iter().any(|name| name.to_lowercase() == row.discipline.0.as_str()))
                }
            };
            is_of_results
                && !self
                    .data
                    .calendar
                    .iter()
                    .any(|row| row.holding != Holding::NotHeld && span.contains(&row.year.0) && is_wanted(row))
        };
        definition.denominator.as_ref().is_some_and(is_empty)
    }

    /// Counts the schools that an indicator speaks of, and those of them that have the data it reads.
    fn coverage(
        &self,
        definition: &Definition,
        schools: &BTreeMap<SchoolCode, NodeId>,
        year: Year,
        sources: &mut Sources,
    ) -> Option<Coverage> {
        let mut read: Vec<&Quantity> = definition.quantities().collect();
        for code in definition.stands_on() {
            read.extend(self.catalogue.get(code).into_iter().flat_map(Definition::quantities));
        }
        let leave = |code: &SchoolCode| read.iter().find_map(|quantity| self.leave(quantity, code, year));
        cover(&format!("{}/{year}", definition.code), schools, leave, self.rounding, sources)
    }
}

/// The weighted sum of the shares of components, each as it counts, and the sum of the weights. A component with nothing
/// below the line has no share and no weight.
fn weighted(definition: &Definition, parts: &Parts, sources: &mut Sources) -> (Operand, Operand) {
    let hundred = Measure::from(100_i64);
    let (mut sum, mut weights, mut nodes) = (Measure::default(), Measure::default(), Vec::new());
    for (index, (part, whole)) in parts.iter().enumerate() {
        let Some(share) = part.value.percent_of(&whole.value) else { continue };
        let component = definition.components.get(index);
        let weight = match component {
            Some(component) => Measure::parse_decimal(&component.weight).unwrap_or_default(),
            None => Measure::from(1_i64),
        };
        let share = match component.map(|component| component.orientation) {
            Some(Orientation::Minus) => &hundred - &share,
            _ => share,
        };
        sum = &sum + &(&weight * &share);
        weights = &weights + &weight;
        nodes.extend([part.node, whole.node]);
    }
    let above = sources.formula(Op::Derived, nodes.clone(), Some(sum.clone()));
    let below = sources.formula(Op::Derived, nodes, Some(weights.clone()));
    (Operand { value: sum, node: above }, Operand { value: weights, node: below })
}

fn difference(now: &Operand, before: &Operand, sources: &mut Sources) -> Operand {
    let value = &now.value - &before.value;
    let node = sources.formula(Op::Difference, vec![now.node, before.node], Some(value.clone()));
    Operand { value, node }
}

/// Counts schools and those of them without leave to have no data; `None` when nothing is missing.
pub fn cover<'d>(
    id: &str,
    schools: &BTreeMap<SchoolCode, NodeId>,
    leave: impl Fn(&SchoolCode) -> Option<&'d AllowedGap>,
    rounding: RoundingRules,
    sources: &mut Sources,
) -> Option<Coverage> {
    let (mut known, mut without) = (Vec::new(), Vec::new());
    for (code, node) in schools {
        match leave(code) {
            Some(gap) => without.push((code.clone(), gap.reason.clone())),
            None => known.push(*node),
        }
    }
    if without.is_empty() {
        return None;
    }
    let mut figure = |part: &str, nodes: Vec<NodeId>| {
        let value = Measure::from(nodes.len());
        let node = sources.formula(Op::Count, nodes, Some(value.clone()));
        Figure { id: format!("{id}/{part}"), value, unit: Unit::Count, rounding: rounding.of(Unit::Count), node }
    };
    let total = figure("schools", schools.values().copied().collect());
    Some(Coverage { known: figure("schools-with-data", known), total, without })
}

/// Adds operands up.
fn total<'a>(parts: impl Iterator<Item = &'a Operand>, sources: &mut Sources) -> Operand {
    let parts: Vec<&Operand> = parts.collect();
    let value: Measure = parts.iter().map(|part| part.value.clone()).sum();
    let node = sources.formula(Op::Sum, parts.iter().map(|part| part.node).collect(), Some(value.clone()));
    Operand { value, node }
}
