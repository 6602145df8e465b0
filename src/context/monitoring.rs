//! The view of a monitoring return: indicators with what each school contributes to them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Analysis, GapView, View, lookup, prose};
use crate::figure::{Figure, Rounding, RoundingRules, Unit};
use crate::indicators::{
    Condition, Contribution, Coverage, Definition, Direction, Evaluation, IndicatorResult, Quantity,
};
use crate::measure::Measure;
use crate::model::{Dataset, Operand, SchoolCode, Text, Year};
use crate::provenance::{NodeId, Op, Sources};
use crate::ru;

/// All that a monitoring return may show.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct MonitoringView {
    /// The municipality, nominative.
    pub municipality: String,
    /// The body that submits the return, nominative.
    pub authority: String,
    /// The reported year.
    pub year: i32,
    /// The year beside it.
    pub previous_year: i32,
    /// The mark of a sample; printed on every page and kept in the properties of the file.
    pub sample_mark: Option<String>,
    /// The mark of a draft.
    pub draft_mark: Option<String>,
    /// Declared roundings, for formulas whose value is not there yet.
    pub rounding: RoundingRules,
    /// What is left out of the number of schools, to be read behind «без».
    pub left_out: Option<String>,
    /// Who signs; `None` leaves the line blank.
    pub signer: Option<Person>,
    /// Who answers questions; `None` leaves the line blank.
    pub executor: Option<Person>,
    /// The rows of the sheet of schools.
    pub schools: Vec<SchoolRow>,
    /// The rows of the summary; those of one group stand together.
    pub indicators: Vec<IndicatorView>,
}

/// A person under the return.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Person {
    /// The post as printed.
    pub post: String,
    /// Initials and surname.
    pub name: String,
    /// The telephone.
    pub phone: Option<String>,
}

/// A school of the return.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SchoolRow {
    /// The code of the register.
    pub code: String,
    /// The name as printed.
    pub name: String,
}

/// How a school's contribution is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// One column, yes or no: the numerator is 0 or 1, the denominator (if any) 1.
    YesNo,
    /// One column, a number; no denominator.
    Number,
    /// Two columns, n of m.
    Parts,
    /// No column: the value is not brought together from what single schools add.
    Whole,
    /// Four counts and a formula that compares two shares; the numerator is 0 or 1, the denominator 1.
    Growth,
}

/// A row of the summary.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct IndicatorView {
    /// Its number as printed.
    pub number: String,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// How schools contribute.
    pub kind: Kind,
    /// Unit of the value; a share or an index has a denominator, a count has none.
    pub unit: Unit,
    /// The unit as printed.
    pub unit_name: String,
    /// How it is computed, in words.
    pub note: String,
    /// The title of its group.
    pub group_title: String,
    /// What the quotient of the two counts is multiplied by: 100 for per cents.
    pub scale: Measure,
    /// Whether more is better.
    pub better_up: bool,
    /// The year before, or what to fill in.
    pub previous: Result<YearView, String>,
    /// The reported year, or what to fill in.
    pub current: Result<YearView, String>,
    /// This year less the last: `Some` exactly when both years have a value.
    pub change: Option<Figure>,
    /// The target as printed.
    pub target: Option<String>,
}

/// An indicator of a year.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct YearView {
    /// Contributions by code of school; a school that is not there does not count in the indicator.
    pub per_school: BTreeMap<String, ContributionView>,
    /// The sum above the line.
    pub numerator: Cell,
    /// The sum below the line.
    pub denominator: Option<Cell>,
    /// The value; `None` when the denominator is zero.
    pub value: Option<Figure>,
    /// On how many schools it stands, when some have no data with leave.
    pub coverage: Option<CoverageView>,
}

/// On how many schools a value stands.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CoverageView {
    /// Schools with data.
    pub known: Figure,
    /// Schools that the value speaks of.
    pub total: Figure,
    /// Schools without data, each with the reason: «МБОУ СОШ № 1 (карантин)», joined by «; ».
    pub without: String,
}

/// What a school adds to an indicator of a year.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ContributionView {
    /// To the numerator.
    pub numerator: Cell,
    /// To the denominator.
    pub denominator: Option<Cell>,
    /// For growth: below minimum and participants of the year before, then of the year; `None` when the
    /// two years cannot be compared.
    pub growth: Option<[Cell; 4]>,
}

/// A count with its origin.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Cell {
    /// The exact value, a whole number.
    pub value: Measure,
    /// Its node.
    pub node: NodeId,
}

impl IndicatorView {
    /// Tells whether the value is a share of something.
    pub fn has_denominator(&self) -> bool {
        self.kind != Kind::Whole && matches!(self.unit, Unit::Percent | Unit::Index)
    }
}

impl MonitoringView {
    /// Writes what the workbook would show, without the nodes: they differ with every inserted row.
    pub fn fingerprint(&self) -> String {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        drop_nodes(&mut value);
        value.to_string()
    }
}

pub(super) fn drop_nodes(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(entries) => {
            entries.remove("node");
            entries.values_mut().for_each(drop_nodes);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(drop_nodes),
        _ => {}
    }
}

/// Builds the return's view from the analysis and the municipality's view, and the gaps that stand in its way.
///
/// Names and people are those of the documents: what blocks an order for want of them blocks the return.
pub fn monitoring(
    analysis: &Analysis<'_>,
    view: &BTreeMap<String, View>,
    is_draft: bool,
    sources: &mut Sources,
) -> (MonitoringView, Vec<GapView>) {
    let mut gaps = Vec::new();
    let year = analysis.year.value.to_integer().and_then(|year| i32::try_from(year).ok()).unwrap_or_default();
    let data = analysis.data;
    let mut text = |keys: &[&str]| match lookup(view, keys) {
        Some(View::Gap(gap)) => {
            gaps.push(gap.clone());
            None
        }
        found => found.map(prose::plain).filter(|text| !text.is_empty()),
    };
    let municipality = text(&["municipality", "nom"]).unwrap_or_default();
    let authority = text(&["authority", "nom"]).unwrap_or_default();
    let mut person = |key: &str| {
        let name = text(&["officials", key, "name"])?;
        let post = text(&["officials", key, "post"])?;
        Some(Person { post, name, phone: text(&["officials", key, "phone"]) })
    };
    let (signer, executor) = (person("signer"), person("preparer"));
    // A school on a list is a row even where it does not count among all schools.
    let named = |code: &SchoolCode| {
        analysis
            .indicators
            .iter()
            .flat_map(|result| result.years.values().flatten())
            .any(|year| year.contributions.contains_key(code))
    };
    let schools = data
        .schools
        .values()
        .filter(|school| (school.is_counted && school.exists_at_end_of(Year(year))) || named(&school.code))
        .map(|school| SchoolRow { code: school.code.to_string(), name: school.short.value.clone() })
        .collect();
    if let Err(gap) = data.sheet("targets") {
        gaps.push(GapView::new(&gap, &(analysis.words)("gap-targets")));
    }
    let mut indicators = Vec::new();
    let is_auxiliary = |group: &str| !analysis.group_titles.contains_key(group);
    for (index, result) in analysis.indicators.iter().enumerate() {
        let definition = &result.definition;
        if is_auxiliary(&definition.group) {
            continue;
        }
        let kind = kind(result);
        let mut of = |year: i32| -> Result<YearView, String> {
            let what = format!("{}, {year}", definition.name);
            match result.years.get(&Year(year)) {
                Some(Ok(evaluation)) => Ok(year_view(evaluation, kind, data)),
                Some(Err(gap)) => {
                    gaps.push(GapView::new(gap, &what));
                    Err(what)
                }
                None => Err(what),
            }
        };
        let (previous, current) = (of(year - 1), of(year));
        let change = change(definition, &previous, &current, analysis, sources);
        let target = super::build::target(analysis, &definition.code, sources).map(|view| prose::plain(&view));
        indicators.push(IndicatorView {
            number: (index + 1).to_string(),
            code: definition.code.clone(),
            name: ru::prose(&definition.name),
            kind,
            unit: definition.unit,
            unit_name: definition.unit_name.clone(),
            note: ru::prose(&definition.note),
            group_title: ru::upper_first(analysis.group_titles.get(&definition.group).map_or("", String::as_str)),
            scale: definition.factor(),
            better_up: definition.better == Direction::Up,
            previous,
            current,
            change,
            target,
        });
    }
    let made = MonitoringView {
        municipality,
        authority,
        year,
        previous_year: year - 1,
        sample_mark: data.is_sample.then(|| (analysis.words)("sample-mark")),
        draft_mark: is_draft.then(|| (analysis.words)("draft-mark")),
        rounding: analysis.settings.rounding,
        left_out: super::build::left_out(analysis, Year(year)),
        signer,
        executor,
        schools,
        indicators,
    };
    (made, gaps)
}

/// How schools contribute follows from what is counted.
fn kind(result: &IndicatorResult) -> Kind {
    let definition = &result.definition;
    // A teacher of two schools is one teacher: what schools add is then more than what all of them give.
    let is_sum = |evaluation: &Evaluation| {
        let parts = evaluation.contributions.values();
        let part: Measure = parts.clone().map(|part| part.numerator.value.clone()).sum();
        let whole: Measure = parts.filter_map(|part| Some(part.denominator.as_ref()?.value.clone())).sum();
        part == evaluation.numerator.value && evaluation.denominator.as_ref().is_none_or(|all| all.value == whole)
    };
    let adds_up = || result.years.values().flatten().filter(|one| one.absence.is_none()).all(is_sum);
    if !definition.is_additive() || !definition.is_of_whole_numbers() || !adds_up() {
        return Kind::Whole;
    }
    let is_plain = |quantity: &Quantity| matches!(quantity, Quantity::Schools { with } if with.is_empty());
    let of_schools = definition.denominator.as_ref().is_none_or(is_plain);
    match &definition.numerator {
        Some(Quantity::Schools { with }) if of_schools => match with.as_slice() {
            [Condition::Growing {}] if definition.denominator.is_some() => Kind::Growth,
            _ => Kind::YesNo,
        },
        _ if definition.denominator.is_some() => Kind::Parts,
        _ => Kind::Number,
    }
}

fn cell(operand: &Operand) -> Cell {
    Cell { value: operand.value.clone(), node: operand.node }
}

fn year_view(evaluation: &Evaluation, kind: Kind, data: &Dataset) -> YearView {
    let contribution = |part: &Contribution| ContributionView {
        numerator: cell(&part.numerator),
        denominator: part.denominator.as_ref().map(cell),
        growth: part.growth.as_ref().map(|four| four.each_ref().map(cell)),
    };
    YearView {
        per_school: evaluation
            .contributions
            .iter()
            .filter(|_| kind != Kind::Whole)
            .map(|(code, part)| (code.to_string(), contribution(part)))
            .collect(),
        numerator: cell(&evaluation.numerator),
        denominator: evaluation.denominator.as_ref().map(cell),
        value: evaluation.figure.clone(),
        coverage: evaluation.coverage.as_ref().map(|coverage| CoverageView {
            known: coverage.known.clone(),
            total: coverage.total.clone(),
            without: without(coverage, data),
        }),
    }
}

/// Names the schools without data, each with the reason.
pub(super) fn without(coverage: &Coverage, data: &Dataset) -> String {
    let one = |(code, reason): &(SchoolCode, Text)| {
        let name = data.schools.get(code).map_or(code.0.as_str(), |school| school.short.value.as_str());
        format!("{name} ({})", reason.value)
    };
    coverage.without.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// This year less the last, of the exact values; in points for shares.
fn change(
    definition: &Definition,
    previous: &Result<YearView, String>,
    current: &Result<YearView, String>,
    analysis: &Analysis<'_>,
    sources: &mut Sources,
) -> Option<Figure> {
    let before = previous.as_ref().ok()?.value.as_ref()?;
    let now = current.as_ref().ok()?.value.as_ref()?;
    let unit = match definition.unit {
        Unit::Percent | Unit::Points => Unit::Points,
        Unit::Index | Unit::IndexChange => Unit::IndexChange,
        _ => Unit::CountChange,
    };
    let value = &now.value - &before.value;
    let node = sources.formula(Op::Difference, vec![now.node, before.node], Some(value.clone()));
    let id = format!("{}/change", definition.code);
    let rounding = analysis.settings.rounding.of(unit);
    Some(Figure {
        id,
        value,
        unit,
        rounding: definition.digits.map_or(rounding, |digits| Rounding { digits, ..rounding }),
        node,
    })
}
