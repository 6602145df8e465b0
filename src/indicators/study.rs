//! Groups and indicators together: criteria may stand on indicators, and indicators on groups.

use super::{Catalogue, Evaluator, IndicatorResult, Refused, Scope, Series, Trace, series};
use crate::diag::Diagnostics;
use crate::figure::RoundingRules;
use crate::groups::{self, Groups, Methods};
use crate::model::{Dataset, Gap, Year};
use crate::provenance::Sources;
use crate::settings::TrendRule;

/// What the analysis stands on.
pub struct Study<'a> {
    /// The methods.
    pub methods: &'a Methods,
    /// The catalogue.
    pub catalogue: &'a Catalogue,
    /// What of it cannot be computed.
    pub refused: &'a Refused,
    /// The data.
    pub data: &'a Dataset,
    /// Roundings of the run.
    pub rounding: RoundingRules,
    /// When values over years are a trend.
    pub trend: &'a TrendRule,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Studied {
    /// Groups of every given year.
    pub groups: Groups,
    /// Indicators of every given year.
    pub indicators: Vec<IndicatorResult>,
    /// Indicators followed back over the years of results.
    pub trends: Vec<Series>,
}

impl Study<'_> {
    /// Finds the groups, computes the indicators of the given years, and follows them back over the years of results.
    pub fn compute(&self, years: &[Year], sources: &mut Sources, diagnostics: &mut Diagnostics) -> Studied {
        let Self { methods, catalogue, refused, data, rounding, trend } = *self;
        // Criteria may stand on indicators that stand on no group.
        let none = Groups::default();
        let scope = Scope { data, groups: &none, methods, rounding };
        let mut before_groups = Evaluator::new(catalogue, refused, &scope);
        let groups = groups::group(
            methods,
            data,
            years,
            &mut |code, school, year, sources, diagnostics| {
                if let Some(reasons) = refused.levels.get(code) {
                    return Err(Gap { reasons: reasons.clone() });
                }
                before_groups.school_value(code, school, year, &mut Trace { sources, diagnostics })
            },
            sources,
            diagnostics,
        );
        let scope = Scope { data, groups: &groups, methods, rounding };
        let mut evaluator = Evaluator::new(catalogue, refused, &scope);
        let mut trace = Trace { sources, diagnostics };
        let indicators = evaluator.all(years, &mut trace);
        let followed = followed(data, years);
        let trends = series(&mut evaluator, &indicators, &followed, trend, &mut trace);
        Studied { groups, indicators, trends }
    }
}

/// Years before the reported one over which indicators are followed: those of the calendar, ten at most.
fn followed(data: &Dataset, years: &[Year]) -> Vec<Year> {
    const LONGEST: i32 = 10;
    let Some(last) = years.last() else { return Vec::new() };
    let first = data.calendar.iter().map(|row| row.year.0).min().unwrap_or(last.0);
    (first.max(last.0 - LONGEST + 1)..=last.0).map(Year).collect()
}
