//! What the advice of a run is made of: rules, and what they ask of indicators, goals and the method.
//! In: what was read and computed. Out: advice. It must never know how advice is shown.

use std::collections::BTreeMap;

use crate::advice::{self, Advice, Gauge, Goal, Rules, Scope};
use crate::catalog::Templates;
use crate::diag::Diagnostics;
use crate::groups::{Groups, Method};
use crate::indicators::{Catalogue, Count, IndicatorResult};
use crate::model::{Dataset, Exam, Operand, Year, codes};
use crate::provenance::{Op, Sources};
use crate::settings::Settings;

/// The indicator whose targets are numbers of schools: the share follows from them.
const OF_SCHOOLS: &str = "low-rate";

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

/// Tells whether an indicator is built on results of ВПР: its counts read results, and the method has such procedures.
pub(super) fn is_of_vpr(method: &Method, catalogue: &Catalogue) -> impl Fn(&str) -> bool + use<> {
    let has_vpr = method.procedures.iter().any(|set| set.exam == Exam::Vpr);
    let reads = |count: &Count| count.reads().0.contains(&codes::PARTICIPANTS);
    let of_results = catalogue
        .indicators
        .iter()
        .filter(|indicator| reads(&indicator.numerator) || indicator.denominator.as_ref().is_some_and(reads));
    let of_results: Vec<String> = of_results.map(|indicator| indicator.code.clone()).collect();
    // The pool of participants without a procedure is of all of them.
    move |code| {
        (has_vpr && of_results.iter().any(|known| known == code))
            || [codes::PARTICIPANTS, codes::BELOW_MINIMUM].contains(&code)
    }
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
        let scope = Scope {
            data: self.data,
            groups: self.groups,
            gauges: &gauges,
            goals: &goals,
            year: self.year,
            rounding: self.settings.rounding,
            file: &format!("templates/{}", file(self.settings)),
            is_of_vpr,
            share_a_place: &|_, _| false,
        };
        advice::advise(self.rules, &scope, sources, diagnostics)
    }

    /// Goals in the units of their indicators.
    fn goals(&self, indicators: &[IndicatorResult], sources: &mut Sources) -> BTreeMap<(String, Year), Goal> {
        let mut goals = BTreeMap::new();
        for target in self.data.targets.iter().filter(|target| !target.is_base) {
            let (Some(condition), Some(Ok(value))) = (target.condition, &target.value) else { continue };
            let mut value = value.clone();
            if target.code == OF_SCHOOLS {
                let result = indicators.iter().find(|result| result.definition.code == target.code);
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
