//! Checks across sheets: what no single cell can tell.
//! In: the data set. Out: findings, and faults that put in doubt exactly the values concerned.
//! They must never know files, templates or documents.

mod dates;
mod heads;
mod results;
mod terms;
mod wording;

use crate::diag::Diagnostics;
use crate::model::Dataset;
use crate::provenance::Sources;

pub use wording::{Words, other_terms};

/// A check: the id of what it dislikes, and the function that looks for it.
pub struct Check {
    /// The id of its finding.
    pub id: &'static str,
    /// Looks, reports, and adds faults.
    run: fn(&mut Dataset, &Sources, &mut Diagnostics),
}

/// Every check, in the order of running: what was not held before what is missing.
pub const CHECKS: &[Check] = &[
    // Of a procedure that was not held, or of a subject that the calendar does not know: `unknown-discipline`.
    Check { id: "procedure-not-held", run: results::not_held },
    Check { id: "grade-not-taught", run: results::grade_not_taught },
    Check { id: "missing-result", run: results::missing },
    Check { id: "no-participants", run: results::no_participants },
    Check { id: "participants-above-pupils", run: results::above_pupils },
    Check { id: "unusual-jump", run: results::unusual_jump },
    Check { id: "date-outside-period", run: dates::outside_period },
    Check { id: "term-reversed", run: terms::reversed },
    Check { id: "term-outside-period", run: terms::outside_period },
    Check { id: "head-of-two-names", run: heads::head_of_two_names },
    Check { id: "rating-by-vpr", run: wording::rating_by_vpr },
    Check { id: "foreign-municipality", run: wording::foreign_municipality },
    Check { id: "foreign-period", run: wording::foreign_period },
];

/// Runs every check.
pub fn check(data: &mut Dataset, sources: &Sources, diagnostics: &mut Diagnostics) {
    for check in CHECKS {
        (check.run)(data, sources, diagnostics);
    }
}

/// Returns the year that a requisite names.
fn requisite_year(data: &Dataset, key: &str) -> Option<i32> {
    data.requisite_numbers.get(key)?.value.to_integer().and_then(|year| year.try_into().ok())
}
