//! What the advice of a run is made of: rules, and what they ask of indicators, goals and the method.
//! In: what was read and computed. Out: advice. It must never know how advice is shown.

use std::collections::BTreeMap;

use crate::advice::{self, Advice, Gauge, Goal, Ground, Rules, Scope};
use crate::catalog::Templates;
use crate::diag::Diagnostics;
use crate::groups::{Groups, Methods};
use crate::indicators::{Catalogue, IndicatorResult};
use crate::model::{Dataset, Operand, SchoolCode, Year, codes};
use crate::provenance::{Op, Sources};
use crate::settings::Settings;

/// Where rules stand.
fn file(settings: &Settings) -> String {
    format!("advice/{}.toml", settings.advice)
}

/// Reads the rules and holds them against catalogue and dictionary; `None` when either forbids to go on.
pub(super) fn rules(
    templates: &Templates,
    settings: &Settings,
    catalogue: &Catalogue,
    data: &Dataset,
    is_of_vpr: &dyn Fn(&str) -> bool,
    diagnostics: &mut Diagnostics,
) -> Option<Rules> {
    let rules = templates.data(&file(settings), Rules::parse, diagnostics)?;
    let codes: Vec<&str> = catalogue.indicators.iter().map(|indicator| indicator.code.as_str()).collect();
    rules.check(&templates.shown(&file(settings)), &codes, data, is_of_vpr, diagnostics).then_some(rules)
}

/// Tells whether an indicator, or a measure of results, is built on results of ВПР.
pub(super) fn is_of_vpr(methods: &Methods, catalogue: &Catalogue) -> impl Fn(&str) -> bool + use<> {
    let codes = catalogue.indicators.iter().map(|indicator| indicator.code.clone());
    let of_vpr: Vec<String> = codes.filter(|code| catalogue.is_of_vpr(code, methods)).collect();
    // Results without a procedure are of all of them.
    move |code| of_vpr.iter().any(|known| known == code) || codes::is_result(code)
}

/// What advice is made of.
pub(super) struct Advising<'a> {
    pub(super) rules: &'a Rules,
    pub(super) settings: &'a Settings,
    pub(super) data: &'a Dataset,
    pub(super) groups: &'a Groups,
    pub(super) year: Year,
}

impl Advising<'_> {
    pub(super) fn advise(
        &self,
        indicators: &[IndicatorResult],
        is_of_vpr: &dyn Fn(&str) -> bool,
        sources: &mut Sources,
        diagnostics: &mut Diagnostics,
    ) -> Advice {
        let gauges: BTreeMap<&str, Gauge<'_>> =
            indicators.iter().map(|result| (result.definition.code.as_str(), Gauge::of(result))).collect();
        let goals = self.goals(indicators, sources);
        // Schools whose intervals overlap share a place: a finer order would be chance.
        let ranked = self.rules.growth.as_ref().and_then(|rule| match &rule.by {
            Ground::Indicator { code, .. } => {
                indicators.iter().find(|result| result.definition.code == *code).map(|one| one.places(self.year))
            }
            _ => None,
        });
        let share_a_place = |one: &SchoolCode, other: &SchoolCode| {
            let ranked = |code| ranked.as_ref().and_then(|ranked| ranked.get(code));
            ranked(one).zip(ranked(other)).is_some_and(|(one, other)| one.overlaps(other))
        };
        let scope = Scope {
            data: self.data,
            groups: self.groups,
            gauges: &gauges,
            goals: &goals,
            year: self.year,
            as_of: self.settings.as_of(self.year.0),
            rounding: self.settings.rounding,
            file: &format!("templates/{}", file(self.settings)),
            is_of_vpr,
            share_a_place: &share_a_place,
        };
        let school_goals = advice::school_goals(self.data, self.rules, indicators, is_of_vpr, sources, diagnostics);
        Advice { school_goals, ..advice::advise(self.rules, &scope, sources, diagnostics) }
    }

    /// Goals in the units of their indicators.
    fn goals(&self, indicators: &[IndicatorResult], sources: &mut Sources) -> BTreeMap<(String, Year), Goal> {
        let mut goals = BTreeMap::new();
        for target in self.data.targets.iter().filter(|target| !target.is_base) {
            let (Some(condition), Some(Ok(value))) = (target.condition, &target.value) else { continue };
            let mut value = value.clone();
            let result = indicators.iter().find(|result| result.definition.code == target.code);
            // The target of a share may be a number of schools: the share follows from it.
            if result.is_some_and(|result| result.definition.is_counted_by(target)) {
                let evaluation = result.and_then(|result| result.years.get(&self.year)?.as_ref().ok());
                let Some(whole) = evaluation.and_then(|evaluation| evaluation.denominator.as_ref()) else { continue };
                let Some(share) = value.value.percent_of(&whole.value) else { continue };
                let node = sources.formula(Op::Percent, vec![value.node, whole.node], Some(share.clone()));
                value = Operand { value: share, node };
            }
            goals.insert((target.code.clone(), target.year), Goal { condition, value });
        }
        goals
    }
}
