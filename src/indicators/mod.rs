//! Indicators as data: catalogue entries over a closed list of counts, to figures with their contributions.
//! In: a catalogue, the data set, the groups. Out: for each indicator and year a figure and what each
//! school contributes to it. It must never know files of workbooks, templates or documents.

mod counts;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::diag::Reason;
use crate::figure::{Figure, RoundingRules, Unit};
use crate::groups::{Groups, Method};
use crate::measure::Measure;
use crate::model::{AllowedGap, Dataset, Gap, Known, Operand, SchoolCode, Text, Year};
use crate::provenance::{NodeId, Op, Sources};
pub use counts::Count;

/// A catalogue of indicators, read from `templates/indicators`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Groups in the order of printing.
    pub groups: Vec<IndicatorGroup>,
    /// Indicators in the order of printing within their groups.
    pub indicators: Vec<Definition>,
}

/// A group of indicators.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndicatorGroup {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
}

/// An indicator.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Definition {
    /// Its code.
    pub code: String,
    /// Its name as printed.
    pub name: String,
    /// The group it is printed in.
    pub group: String,
    /// Unit of the value.
    pub unit: Unit,
    /// The unit as printed.
    pub unit_name: String,
    /// The desired direction.
    pub better: Direction,
    /// Over which schools it is counted.
    pub among: Among,
    /// What is counted.
    pub numerator: Count,
    /// Of what it is a share; a plain count has none.
    #[serde(default)]
    pub denominator: Option<Count>,
    /// How it is computed, in words; printed on the form.
    pub note: String,
}

/// The desired direction of an indicator.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// More is better.
    Up,
    /// Less is better.
    Down,
}

/// Over which schools an indicator is counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Among {
    /// Low-performing and disadvantaged schools of the year.
    Supported,
    /// Every school of the register that counts.
    Counted,
}

impl Catalogue {
    /// Reads a catalogue.
    ///
    /// # Errors
    /// Gives the parser's message, or names the code that is repeated, has no group or mixes kinds.
    pub fn parse(source: &str) -> Result<Self, Reason> {
        let catalogue: Self = toml::from_str(source).map_err(|error| Reason::toml(&error, source))?;
        for (index, definition) in catalogue.indicators.iter().enumerate() {
            let code = &definition.code;
            if catalogue.indicators.iter().take(index).any(|other| other.code == *code) {
                return Err(format!("code = {code:?}").into());
            }
            if !catalogue.groups.iter().any(|group| group.id == definition.group) {
                return Err(format!("{code}.group = {:?}", definition.group).into());
            }
            let is_share = matches!(definition.unit, Unit::Percent | Unit::Index);
            let is_count = definition.unit == Unit::Count;
            if is_share != definition.denominator.is_some() || !(is_share || is_count) {
                return Err(format!("{code}.unit / {code}.denominator").into());
            }
        }
        Ok(catalogue)
    }
}

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
    /// Their sum above the line.
    pub numerator: Operand,
    /// Their sum below the line.
    pub denominator: Option<Operand>,
    /// The value; `None` when the denominator is zero.
    pub figure: Option<Figure>,
    /// Said beside the value when schools have no data with leave; `None` when all have.
    pub coverage: Option<Coverage>,
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
        let Some(Contribution { numerator, denominator, .. }) = evaluation.contributions.get(code) else {
            return Ok(None);
        };
        let Some(whole) = denominator else { return Ok(Some(numerator.clone())) };
        let value = numerator.value.percent_of(&whole.value);
        Ok(value.map(|value| {
            let node = sources.formula(Op::Percent, vec![numerator.node, whole.node], Some(value.clone()));
            Operand { value, node }
        }))
    }
}

/// What every count may look at.
pub struct Scope<'a> {
    /// The data.
    pub data: &'a Dataset,
    /// The groups.
    pub groups: &'a Groups,
    /// The method whose procedures make the pool of results.
    pub method: &'a Method,
    /// Roundings of the run.
    pub rounding: RoundingRules,
}

/// Evaluates a catalogue for the given years.
pub fn evaluate(
    catalogue: &Catalogue,
    scope: &Scope<'_>,
    years: &[Year],
    sources: &mut Sources,
) -> Vec<IndicatorResult> {
    let mut ordered: Vec<&Definition> = Vec::new();
    for group in &catalogue.groups {
        ordered.extend(catalogue.indicators.iter().filter(|definition| definition.group == group.id));
    }
    ordered
        .into_iter()
        .map(|definition| IndicatorResult {
            definition: definition.clone(),
            years: years.iter().map(|year| (*year, evaluate_one(definition, scope, *year, sources))).collect(),
        })
        .collect()
}

fn evaluate_one(definition: &Definition, scope: &Scope<'_>, year: Year, sources: &mut Sources) -> Known<Evaluation> {
    let schools: BTreeMap<SchoolCode, NodeId> = match definition.among {
        Among::Supported => scope.groups.supported(year)?,
        Among::Counted => counts::counted_schools(scope, year, sources)?,
    };
    let mut contributions = BTreeMap::new();
    let mut gap = Gap::default();
    let coverage = coverage(definition, scope, &schools, year, sources);
    let is_without = |code: &SchoolCode| {
        let without = coverage.iter().flat_map(|coverage| &coverage.without);
        !definition.numerator.stands_without() && without.into_iter().any(|(known, _)| known == code)
    };
    for (code, node) in schools.iter().filter(|(code, _)| !is_without(code)) {
        match contribution(definition, scope, code, *node, year, sources) {
            Ok(contribution) => {
                contributions.insert(code.clone(), contribution);
            }
            Err(why) => gap = gap.and(&why),
        }
    }
    if !gap.reasons.is_empty() {
        return Err(gap);
    }
    let numerator = total(contributions.values().map(|part| &part.numerator), sources);
    let denominator = definition
        .denominator
        .map(|_| total(contributions.values().filter_map(|part| part.denominator.as_ref()), sources));
    let value = match &denominator {
        None => Some((numerator.value.clone(), numerator.node)),
        Some(whole) => numerator.value.percent_of(&whole.value).map(|value| {
            let node = sources.formula(Op::Percent, vec![numerator.node, whole.node], Some(value.clone()));
            (value, node)
        }),
    };
    let figure = value.map(|(value, node)| Figure {
        id: format!("{}/{year}", definition.code),
        value,
        unit: definition.unit,
        rounding: scope.rounding.of(definition.unit),
        node,
    });
    Ok(Evaluation { contributions, numerator, denominator, figure, coverage })
}

/// Counts the schools that an indicator speaks of, and those of them that have the data it reads.
fn coverage(
    definition: &Definition,
    scope: &Scope<'_>,
    schools: &BTreeMap<SchoolCode, NodeId>,
    year: Year,
    sources: &mut Sources,
) -> Option<Coverage> {
    let counts = [Some(definition.numerator), definition.denominator];
    let leave = |code: &SchoolCode| counts.iter().flatten().find_map(|count| count.leave(scope.data, code, year));
    cover(&format!("{}/{year}", definition.code), schools, leave, scope.rounding, sources)
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

fn contribution(
    definition: &Definition,
    scope: &Scope<'_>,
    code: &SchoolCode,
    node: NodeId,
    year: Year,
    sources: &mut Sources,
) -> Known<Contribution> {
    let growth = match definition.numerator {
        Count::GrowingSchools => counts::growth(scope, code, year, sources)?,
        _ => None,
    };
    Ok(Contribution {
        numerator: definition.numerator.of(scope, code, node, year, sources)?,
        denominator: match definition.denominator {
            Some(count) => Some(count.of(scope, code, node, year, sources)?),
            None => None,
        },
        growth,
    })
}

/// Adds operands up.
fn total<'a>(parts: impl Iterator<Item = &'a Operand>, sources: &mut Sources) -> Operand {
    let parts: Vec<&Operand> = parts.collect();
    let value: Measure = parts.iter().map(|part| part.value.clone()).sum();
    let node = sources.formula(Op::Sum, parts.iter().map(|part| part.node).collect(), Some(value.clone()));
    Operand { value, node }
}
