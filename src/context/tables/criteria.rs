//! The criteria with their values, what came of them for each school, and what would come of others; targets and trends.

use super::super::build::{as_typed, condition_key};
use super::{CellView, ColumnKind, Table, TableSpec};
use crate::disclosure::{Counted, Relation};
use crate::figure::{Rounding, Unit};
use crate::groups::{Criterion, Needs, Setting};
use crate::indicators::{IndicatorResult, TargetOutcome, Tendency};
use crate::measure::Measure;
use crate::model::Operand;
use crate::ru;
use crate::sheets::lists;

/// The catalogue of criteria with their values, as it is approved.
pub(super) const CRITERIA: TableSpec = TableSpec {
    id: "criteria",
    columns: &[
        ("group", ColumnKind::Code),
        ("rule", ColumnKind::Prose),
        ("needs", ColumnKind::Name),
        ("years", ColumnKind::Code),
        ("number", ColumnKind::Code),
        ("criterion", ColumnKind::Prose),
        ("low", ColumnKind::Value),
        ("cohort", ColumnKind::Value),
        ("procedures", ColumnKind::Prose),
        ("source", ColumnKind::Prose),
    ],
    quotient: None,
    words: &["any", "most", "all"],
    is_public: true,
    fill: criteria,
};

fn criteria(table: &mut Table<'_, '_>) {
    let analysis = table.analysis;
    for method in &analysis.methods.methods {
        for rule in &method.groups {
            let needs = table.word(match rule.needs {
                Needs::Any => "any",
                Needs::Most => "most",
                Needs::All => "all",
            });
            let procedures: Vec<String> = rule.each_procedure().map(|one| table.procedure(&one)).collect();
            let declared = |table: &mut Table<'_, '_>, key: &str, value: Measure, unit: Unit| {
                let node = table.sources.declared(&(analysis.method_path)(&method.id), &format!("groups.{key}"));
                let id = format!("{}/{}-{key}", method.id, lists::key(rule.role));
                table.figure(&id, &Operand { value, node }, unit, Counted::Others)
            };
            let low = match rule.threshold() {
                Some(low) => declared(table, "threshold", low, Unit::Percent),
                None => CellView::Blank,
            };
            let cohort = match procedures.is_empty() {
                true => CellView::Blank,
                false => declared(table, "min-cohort", Measure::from(rule.min_cohort), Unit::Count),
            };
            for (index, criterion) in rule.criteria.iter().enumerate() {
                let text = table.criterion(criterion);
                let reads = criterion.reads_results();
                table.row(vec![
                    CellView::Text(Table::role(rule.role)),
                    CellView::text(&ru::prose(&rule.title)),
                    CellView::text(&needs),
                    CellView::Text(rule.years.to_string()),
                    CellView::Text((index + 1).to_string()),
                    CellView::text(&ru::prose(&text)),
                    if reads { low.clone() } else { CellView::Blank },
                    if reads { cohort.clone() } else { CellView::Blank },
                    if reads { CellView::text(&procedures.join("; ")) } else { CellView::Blank },
                    CellView::text(&ru::prose(&method.source)),
                ]);
            }
        }
    }
}

/// The unit of what a criterion compares.
pub fn criterion_unit(criterion: &Criterion, indicators: &[IndicatorResult]) -> Unit {
    match criterion {
        Criterion::Change { .. } => Unit::Points,
        Criterion::Level { of, .. } => {
            let of = indicators.iter().find(|one| one.definition.code == *of);
            of.map_or(Unit::Index, |of| of.definition.unit)
        }
        _ => Unit::Count,
    }
}

/// What each criterion compared for each school.
pub(super) const VERDICTS: TableSpec = TableSpec {
    id: "verdicts",
    columns: &[
        ("code", ColumnKind::Code),
        ("school", ColumnKind::Name),
        ("year", ColumnKind::Code),
        ("group", ColumnKind::Code),
        ("holds", ColumnKind::Value),
        ("criterion", ColumnKind::Prose),
        ("met", ColumnKind::Value),
        ("value", ColumnKind::Value),
        ("threshold", ColumnKind::Value),
        ("distance", ColumnKind::Value),
    ],
    quotient: None,
    words: &[],
    is_public: false,
    fill: verdicts,
};

fn verdicts(table: &mut Table<'_, '_>) {
    let analysis = table.analysis;
    for year in table.years() {
        for rule in analysis.methods.rules() {
            for (code, verdict) in analysis.groups.verdicts.get(&(year, rule.role)).into_iter().flatten() {
                let Ok(verdict) = verdict else { continue };
                let name = table.school(code);
                for (index, (criterion, result)) in rule.criteria.iter().zip(&verdict.criteria).enumerate() {
                    let unit = criterion_unit(criterion, analysis.indicators);
                    let id = format!("{}/{code}/{year}/{index}", lists::key(rule.role));
                    let node = result.value.as_ref().map_or(verdict.node, |value| value.node);
                    let value = result.value.as_ref();
                    // One digit more than elsewhere: 59,7 must not stand as 60 beside «less than 60».
                    let rounding = table.analysis.settings.rounding.of(unit);
                    let finest = if unit == Unit::Count { 0 } else { 1 };
                    let rounding = Rounding { digits: rounding.digits.max(finest), ..rounding };
                    let shown = value.map_or(CellView::Blank, |value| {
                        table.rounded(&format!("{id}/value"), value, unit, Counted::Others, rounding)
                    });
                    let declared = analysis.methods.method_of(rule.role).map(|method| method.id.as_str());
                    let file = declared.map(|id| (analysis.method_path)(id)).unwrap_or_default();
                    let declared = table.sources.declared(&file, &format!("groups.criteria.{}", index + 1));
                    let threshold = Operand { value: result.threshold.clone(), node: declared };
                    let distance = value.map_or(CellView::Blank, |value| {
                        let distance = Operand { value: &value.value - &result.threshold, node };
                        let unit = match unit {
                            Unit::Percent | Unit::Points => Unit::Points,
                            Unit::Index => Unit::IndexChange,
                            _ => Unit::CountChange,
                        };
                        table.figure(&format!("{id}/distance"), &distance, unit, Counted::Others)
                    });
                    let rounding = as_typed(table.analysis.settings.rounding.of(unit), &threshold.value);
                    let threshold =
                        table.rounded(&format!("{id}/threshold"), &threshold, unit, Counted::Others, rounding);
                    let text = table.criterion(criterion);
                    table.row(vec![
                        CellView::text(&code.0),
                        CellView::text(&name),
                        Table::year(year),
                        CellView::Text(Table::role(rule.role)),
                        CellView::Flag(verdict.holds()),
                        CellView::text(&ru::prose(&text)),
                        CellView::Flag(result.is_met),
                        shown,
                        threshold,
                        distance,
                    ]);
                }
            }
        }
    }
}

/// Who would enter or leave under other settings.
pub(super) const SENSITIVITY: TableSpec = TableSpec {
    id: "sensitivity",
    columns: &[
        ("group", ColumnKind::Code),
        ("setting", ColumnKind::Prose),
        ("enter", ColumnKind::Prose),
        ("leave", ColumnKind::Prose),
        ("unknown", ColumnKind::Prose),
    ],
    quotient: None,
    words: &["nobody"],
    is_public: false,
    fill: sensitivity,
};

fn sensitivity(table: &mut Table<'_, '_>) {
    let analysis = table.analysis;
    for (role, variants) in &analysis.groups.sensitivity {
        for variant in variants {
            let setting = match &variant.setting {
                Setting::Threshold { value } => {
                    table.common("setting-threshold").replace("{value}", &value.replace('.', ","))
                }
                Setting::Without { procedure } => {
                    let words = table.procedure(procedure);
                    table.common("setting-without").replace("{procedure}", &words)
                }
            };
            let names = |codes: &[crate::model::SchoolCode]| match codes.is_empty() {
                true => CellView::Text(table.word("nobody")),
                false => CellView::Text(codes.iter().map(|code| table.school(code)).collect::<Vec<_>>().join("; ")),
            };
            let cells = [names(&variant.enter), names(&variant.leave), names(&variant.unknown)];
            let head = [CellView::Text(Table::role(*role)), CellView::Text(setting)];
            table.row(head.into_iter().chain(cells).collect());
        }
    }
}

/// Targets against facts.
pub(super) const TARGETS: TableSpec = TableSpec {
    id: "targets",
    columns: &[
        ("indicator", ColumnKind::Prose),
        ("stage", ColumnKind::Name),
        ("years", ColumnKind::Code),
        ("condition", ColumnKind::Code),
        ("target", ColumnKind::Value),
        ("fact", ColumnKind::Value),
        ("outcome", ColumnKind::Name),
        ("distance", ColumnKind::Value),
    ],
    quotient: None,
    words: &["met", "missed", "not-yet", "no-value"],
    is_public: true,
    fill: targets,
};

fn targets(table: &mut Table<'_, '_>) {
    let analysis = table.analysis;
    for target in analysis.targets {
        let Some(result) = analysis.indicators.iter().find(|one| one.definition.code == target.code) else { continue };
        let definition = &result.definition;
        let (first, last) = target.years;
        let years = if first == last { first.to_string() } else { format!("{first}–{last}") };
        let condition = table.common(condition_key(target.condition));
        let unit = if target.in_count { Unit::Count } else { definition.unit };
        let id = format!("{}/{first}", target.code);
        let figure = |table: &mut Table<'_, '_>, part: &str, operand: Option<&Operand>, unit: Unit| match operand {
            Some(operand) => {
                let rounding = table.analysis.settings.rounding.of(unit);
                let rounding = match part {
                    "target" => as_typed(rounding, &operand.value),
                    _ if target.in_count => rounding,
                    _ => definition.rounding_beside(rounding),
                };
                table.rounded(&format!("{id}/{part}"), operand, unit, Counted::Others, rounding)
            }
            None => CellView::Blank,
        };
        let aim = figure(table, "target", target.target.as_ref(), unit);
        let fact = figure(table, "fact", target.fact.as_ref(), unit);
        let change = match unit {
            Unit::Percent | Unit::Points => Unit::Points,
            Unit::Index | Unit::IndexChange => Unit::IndexChange,
            _ => Unit::CountChange,
        };
        let distance = figure(table, "distance", target.distance.as_ref(), change);
        // What is hidden of an indicator is hidden beside its target.
        let [reported, _] = table.years();
        let of = |part: &str| format!("analysis/indicators/{}/{}/{part}", target.code, last.min(reported));
        for value in [&fact, &distance].map(CellView::id).into_iter().filter(|id| !id.is_empty()) {
            table.relate(Relation::Derived { value, from: vec![of("numerator"), of("denominator")] });
        }
        let outcome = match &target.verdict {
            Ok(outcome) => CellView::Text(table.word(match outcome {
                TargetOutcome::Met => "met",
                TargetOutcome::Missed => "missed",
                TargetOutcome::NotYet => "not-yet",
                TargetOutcome::NoValue => "no-value",
            })),
            Err(gap) => Table::gap(gap, &definition.name),
        };
        let head = [
            CellView::text(&ru::prose(&definition.name)),
            CellView::optional(target.stage.as_ref()),
            CellView::Text(years),
            CellView::Text(condition),
        ];
        table.row(head.into_iter().chain([aim, fact, outcome, distance]).collect());
    }
}

/// Values over years and where they go, of the municipality and of each school.
pub(super) const TRENDS: TableSpec = TableSpec {
    id: "trends",
    columns: &[
        ("indicator", ColumnKind::Prose),
        ("school", ColumnKind::Name),
        ("year", ColumnKind::Code),
        ("value", ColumnKind::Value),
        ("tendency", ColumnKind::Name),
    ],
    quotient: None,
    words: &["municipality", "rising", "falling", "unsteady", "too-short"],
    is_public: false,
    fill: trends,
};

fn trends(table: &mut Table<'_, '_>) {
    let analysis = table.analysis;
    for series in analysis.trends {
        let Some(result) = analysis.indicators.iter().find(|one| one.definition.code == series.code) else { continue };
        let definition = &result.definition;
        let whole = std::iter::once((table.word("municipality"), String::new(), &series.whole, series.tendency));
        let schools = series
            .schools
            .iter()
            .map(|(code, (values, tendency))| (table.school(code), code.to_string(), values, *tendency));
        let all: Vec<_> = whole.chain(schools.collect::<Vec<_>>()).collect();
        for (name, code, values, tendency) in all {
            let word = table.word(match tendency {
                Tendency::Rising => "rising",
                Tendency::Falling => "falling",
                Tendency::Unsteady => "unsteady",
                Tendency::TooShort => "too-short",
            });
            for (year, value) in values {
                let id = format!("{}/{code}/{year}", series.code);
                let value = table.value(&id, value, definition, Counted::Others);
                table.row(vec![
                    CellView::text(&ru::prose(&definition.name)),
                    CellView::text(&name),
                    Table::year(*year),
                    value,
                    CellView::text(&word),
                ]);
            }
        }
    }
}

/// Places of schools by shares; intervals that overlap share a place, and indicators of ВПР give none.
pub(super) const PLACES: TableSpec = TableSpec {
    id: "places",
    columns: &[
        ("indicator", ColumnKind::Prose),
        ("place", ColumnKind::Code),
        ("code", ColumnKind::Code),
        ("school", ColumnKind::Name),
        ("value", ColumnKind::Value),
    ],
    quotient: None,
    words: &[],
    is_public: false,
    fill: places,
};

fn places(table: &mut Table<'_, '_>) {
    let analysis = table.analysis;
    let [year, _] = table.years();
    for result in analysis.indicators {
        let definition = &result.definition;
        // Results of ВПР make no rating.
        if definition.unit != Unit::Percent || analysis.catalogue.is_of_vpr(&definition.code, analysis.methods) {
            continue;
        }
        let mut ranked: Vec<_> = result.places(year).into_iter().collect();
        if ranked.len() < 2 || definition.numerator.as_ref().is_some_and(|one| one.is_yes_or_no()) {
            continue;
        }
        ranked.sort_by(|a, b| (a.1.places, &a.0).cmp(&(b.1.places, &b.0)));
        for (code, place) in ranked {
            let (first, last) = place.places;
            let shown = if first == last { first.to_string() } else { format!("{first}–{last}") };
            let Ok(Some(value)) = result.of_school(year, &code, table.sources) else { continue };
            let id = format!("{}/{code}", definition.code);
            let value = table.value(&id, &value, definition, Counted::Others);
            let name = table.school(&code);
            let indicator = CellView::text(&ru::prose(&definition.name));
            table.row(vec![indicator, CellView::Text(shown), CellView::text(&code.0), CellView::text(&name), value]);
        }
    }
}
