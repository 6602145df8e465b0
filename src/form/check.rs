//! Whether the numbers of a view follow from each other, before any of them becomes a cached result.
//! In: a view. Out: nothing, or the first number that disagrees. It must never know texts or cells.

use std::collections::BTreeSet;

use super::{Cell, ContributionView, FormError, IndicatorView, Kind, MonitoringView, YearView};
use crate::measure::Measure;

/// Largest count that a cell of a workbook keeps exactly.
const LARGEST: i64 = 1 << 53;

pub(super) fn check(view: &MonitoringView) -> Result<(), FormError> {
    if view.schools.is_empty() || view.indicators.is_empty() {
        return Err(FormError::Empty);
    }
    let codes: BTreeSet<&str> = view.schools.iter().map(|school| school.code.as_str()).collect();
    for indicator in &view.indicators {
        for (year, content) in indicator.years(view) {
            if let Ok(content) = content {
                year_of(indicator, content, &codes)
                    .map_err(|part| FormError::Inconsistent { figure: format!("{}/{year}", indicator.code), part })?;
            }
        }
        change(indicator)
            .map_err(|part| FormError::Inconsistent { figure: format!("{}/change", indicator.code), part })?;
    }
    Ok(())
}

fn year_of(indicator: &IndicatorView, year: &YearView, codes: &BTreeSet<&str>) -> Result<(), &'static str> {
    if indicator.kind == Kind::Whole {
        return if year.per_school.is_empty() { Ok(()) } else { Err("school") };
    }
    if year.denominator.is_some() != indicator.has_denominator() {
        return Err("denominator");
    }
    let is_possible = match indicator.kind {
        Kind::Number => !indicator.has_denominator(),
        Kind::Parts => indicator.has_denominator(),
        Kind::YesNo | Kind::Growth | Kind::Whole => true,
    };
    if !is_possible {
        return Err("kind");
    }
    for (code, part) in &year.per_school {
        if !codes.contains(code.as_str()) {
            return Err("school");
        }
        contribution(indicator, part)?;
    }
    let numerator: Measure = year.per_school.values().map(|part| part.numerator.value.clone()).sum();
    if numerator != year.numerator.value {
        return Err("numerator");
    }
    let value = match &year.denominator {
        None => Some(numerator),
        Some(whole) => {
            let denominators = year.per_school.values().filter_map(|part| part.denominator.as_ref());
            let denominator: Measure = denominators.map(|cell| cell.value.clone()).sum();
            if denominator != whole.value {
                return Err("denominator");
            }
            numerator.checked_div(&denominator).map(|quotient| &quotient * &indicator.scale)
        }
    };
    if year.value.as_ref().map(|figure| &figure.value) != value.as_ref() {
        return Err("value");
    }
    Ok(())
}

fn contribution(indicator: &IndicatorView, part: &ContributionView) -> Result<(), &'static str> {
    let counts = [Some(&part.numerator), part.denominator.as_ref()].into_iter().flatten();
    if !counts.chain(part.growth.iter().flatten()).all(is_count) {
        return Err("whole number");
    }
    if part.denominator.is_some() != indicator.has_denominator() {
        return Err("denominator");
    }
    let one = Measure::from(1_i64);
    if matches!(indicator.kind, Kind::YesNo | Kind::Growth)
        && (!(part.numerator.value.is_zero() || part.numerator.value == one)
            || part.denominator.as_ref().is_some_and(|whole| whole.value != one))
    {
        return Err("yes or no");
    }
    if indicator.kind == Kind::Growth && grows(part) == part.numerator.value.is_zero() {
        return Err("growth");
    }
    Ok(())
}

/// Whether the share below the minimum fell: below / now < below before / before, without division.
/// Without participants in either year there is no growth.
fn grows(part: &ContributionView) -> bool {
    part.growth.as_ref().is_some_and(|[before_below, before, below, now]| {
        !before.value.is_zero()
            && !now.value.is_zero()
            && &below.value * &before.value < &before_below.value * &now.value
    })
}

fn is_count(cell: &Cell) -> bool {
    cell.value.to_integer().is_some_and(|value| (0..=LARGEST).contains(&value))
}

fn change(indicator: &IndicatorView) -> Result<(), &'static str> {
    let value = |year: &Result<YearView, String>| {
        year.as_ref().ok().and_then(|year| year.value.as_ref().map(|figure| figure.value.clone()))
    };
    let difference = value(&indicator.current).zip(value(&indicator.previous)).map(|(now, before)| &now - &before);
    if indicator.change.as_ref().map(|figure| &figure.value) != difference.as_ref() {
        return Err("change");
    }
    Ok(())
}
