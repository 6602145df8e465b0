//! Values over years, and whether they go one way.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Evaluator, IndicatorResult, Trace, value_of};
use crate::figure::Rounding;
use crate::measure::Measure;
use crate::model::{Operand, SchoolCode, Year};
use crate::settings::TrendRule;

/// Which way values go.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tendency {
    /// Every change up to the reported year is upward.
    Rising,
    /// Every change is downward.
    Falling,
    /// Neither.
    Unsteady,
    /// Too few years have a value.
    TooShort,
}

/// An indicator over years, of the municipality and of each school.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Series {
    /// Code of the indicator.
    pub code: String,
    /// Rounding of its values.
    pub rounding: Rounding,
    /// Values of the municipality.
    pub whole: BTreeMap<Year, Operand>,
    /// Where they go.
    pub tendency: Tendency,
    /// Values of schools, and where they go.
    pub schools: BTreeMap<SchoolCode, (BTreeMap<Year, Operand>, Tendency)>,
}

/// Follows the indicators back over the years that are known. A year without a value ends a series: nothing is guessed
/// across it. Years before those of the results are computed here, and what they lack is no fault of this year.
pub fn series(
    evaluator: &mut Evaluator<'_>,
    results: &[IndicatorResult],
    years: &[Year],
    rule: &TrendRule,
    trace: &mut Trace<'_>,
) -> Vec<Series> {
    let Some(last) = years.last().copied() else { return Vec::new() };
    let mut out = Vec::new();
    for result in results {
        let definition = &result.definition;
        let (mut whole, mut schools) = (BTreeMap::new(), BTreeMap::<SchoolCode, BTreeMap<Year, Operand>>::new());
        for year in years {
            let mut dropped = crate::diag::Diagnostics::default();
            let evaluation = match result.years.get(year) {
                Some(known) => known.clone(),
                None => {
                    let mut quiet = Trace { sources: &mut *trace.sources, diagnostics: &mut dropped };
                    evaluator.quietly(|evaluator| evaluator.of_year(definition, *year, &mut quiet))
                }
            };
            let Ok(evaluation) = evaluation else { continue };
            if let Some(figure) = &evaluation.figure {
                whole.insert(*year, Operand { value: figure.value.clone(), node: figure.node });
            }
            for (code, contribution) in &evaluation.contributions {
                if let Some(value) = value_of(definition, contribution, trace.sources) {
                    schools.entry(code.clone()).or_default().insert(*year, value);
                }
            }
        }
        let tendency_of = |values: &BTreeMap<Year, Operand>| tendency(values, last, rule);
        let tendency = tendency_of(&whole);
        let schools = schools.into_iter().map(|(code, values)| {
            let tendency = tendency_of(&values);
            (code, (values, tendency))
        });
        let rounding = definition.rounding(evaluator.rounding);
        out.push(Series { code: definition.code.clone(), rounding, tendency, schools: schools.collect(), whole });
    }
    out
}

/// Looks at the unbroken run of years that ends with the last.
fn tendency(values: &BTreeMap<Year, Operand>, last: Year, rule: &TrendRule) -> Tendency {
    let run: Vec<&Measure> =
        (0..).map_while(|back| values.get(&Year(last.0 - back))).map(|value| &value.value).collect();
    let needed = rule.years.max(2);
    if run.len() < needed {
        return Tendency::TooShort;
    }
    let points = Measure::parse_decimal(&rule.points).unwrap_or_default();
    // The newest stands first; the last years of the rule decide.
    let changes: Vec<Measure> =
        run.iter().zip(run.iter().skip(1)).take(needed - 1).map(|(new, old)| *new - *old).collect();
    let nothing = Measure::default();
    if changes.iter().all(|change| *change > points) {
        Tendency::Rising
    } else if changes.iter().all(|change| &nothing - change > points) {
        Tendency::Falling
    } else {
        Tendency::Unsteady
    }
}
