//! What a blank and a summary of blanks reckon: checks that follow from shares, and the shares of sums.
//! In: the catalogue of indicators. Out: checks and shares. It must never know a respondent.

use std::collections::BTreeSet;

use super::Ground;
use crate::blank::{Check, Part, Row, Rows, TableSpec, fill};
use crate::indicators::{Definition, IndicatorKind, Made, Quantity};
use crate::measure::Measure;
use crate::model::MeasureCode;
use crate::returns::Share;

impl Ground<'_> {
    /// The checks of the form, and those that follow from shares: a part is not more than its whole.
    pub(super) fn checks(&self, table: &TableSpec, rows: &[Row]) -> Vec<Check> {
        let mut checks = table.checks.clone();
        let open = table.columns.iter().filter(|column| column.is_open()).map(|column| column.key.as_str());
        let is_measured = matches!(table.rows, Rows::Indicators | Rows::Measures);
        let Some(value) = open.into_iter().find(|key| *key == "value").filter(|_| is_measured) else { return checks };
        let has = |code: &str| rows.iter().any(|row| row.id == code);
        let part = |code: &str| Part { table: None, row: Some(code.to_owned()), column: value.to_owned() };
        let mut known = BTreeSet::new();
        for definition in self.catalogue.indicators.iter().filter(|one| one.kind == IndicatorKind::Share) {
            let (Some(one), Some(whole)) = (
                definition.numerator.as_ref().and_then(single_measure),
                definition.denominator.as_ref().and_then(single_measure),
            ) else {
                continue;
            };
            if one == whole || !has(&one) || !has(&whole) || !known.insert((one.clone(), whole.clone())) {
                continue;
            }
            let name = self.data.measures.get(&MeasureCode::from(whole.as_str()));
            let name = name.map_or(whole.as_str(), |name| name.value.as_str());
            let message = fill(self.words.of("more"), &[("row", name)]);
            checks.push(Check::AtMost { part: part(&one), whole: part(&whole), message });
        }
        checks
    }

    /// The municipality's shares of plain sums: a summary of forms reckons them from its own sums.
    pub fn shares(&self) -> Vec<Share> {
        let shares = |definition: &&Definition| definition.kind == IndicatorKind::Share;
        self.shares_of(shares, |definition| {
            Some((plain_sum(definition.numerator.as_ref()?)?, plain_sum(definition.denominator.as_ref()?)?))
        })
    }

    /// The indicators of the catalogue by code: a summary of municipalities reckons shares from numerators and denominators,
    /// adds numbers up, and lays other values beside each other.
    pub fn catalogue_shares(&self) -> Vec<Share> {
        self.shares_of(|_| true, |definition| Some((vec![definition.code.clone()], vec![definition.code.clone()])))
    }

    /// The shares of the catalogue whose parts and wholes are told.
    fn shares_of(
        &self,
        wanted: impl Fn(&&Definition) -> bool,
        parts: impl Fn(&Definition) -> Option<(Vec<String>, Vec<String>)>,
    ) -> Vec<Share> {
        let share = |definition: &Definition| {
            let (numerator, denominator) = parts(definition)?;
            Some(Share {
                name: definition.name.clone(),
                unit: definition.unit_name.clone(),
                numerator,
                denominator,
                scale: match definition.made() {
                    Made::Parts => Measure::parse_decimal(&definition.scale)?,
                    Made::Number | Made::Value => Measure::from(1_i64),
                },
                made: definition.made(),
                rounding: definition.rounding(self.settings.rounding),
                columns: (Vec::new(), Vec::new()),
                base: None,
                target: None,
            })
        };
        self.catalogue.indicators.iter().filter(wanted).filter_map(share).collect()
    }
}

/// The measures that a quantity is the plain sum of.
fn plain_sum(quantity: &Quantity) -> Option<Vec<String>> {
    match quantity {
        Quantity::Sum { measures, weights, exams, disciplines, grades, of_method: false, years: 1 }
            if weights.is_empty() && exams.is_empty() && disciplines.is_empty() && grades.is_empty() =>
        {
            Some(measures.clone())
        }
        _ => None,
    }
}

/// The one measure that a quantity is the plain sum of.
fn single_measure(quantity: &Quantity) -> Option<String> {
    plain_sum(quantity).and_then(|measures| <[String; 1]>::try_from(measures).ok()).map(|[one]| one)
}
