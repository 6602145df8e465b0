//! Days of logs against the reported year: a slip of the year moves a row out of every count.

use crate::diag::{Diagnostic, Diagnostics};
use crate::model::{Dataset, requisite};
use crate::provenance::Sources;

/// Years before the reported one of which a log may still tell.
const YEARS_BEFORE: i32 = 10;

/// A day after the reported year, or long before it.
pub(super) fn outside_period(data: &mut Dataset, sources: &Sources, diagnostics: &mut Diagnostics) {
    let Some(last) = super::requisite_year(data, requisite::YEAR) else { return };
    let first = last - YEARS_BEFORE;
    for row in data.logged_dates.iter().filter(|row| !(first..=last).contains(&row.date.year)) {
        let finding = Diagnostic::warning("date-outside-period", sources.place(row.cell))
            .with("date", row.date.short())
            .with("first", first.to_string())
            .with("last", last.to_string());
        diagnostics.push(finding);
    }
}
