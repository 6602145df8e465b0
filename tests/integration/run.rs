//! The seam between the cases and the program: an inputs folder in, a report out.

#![expect(dead_code, reason = "registered in main.rs when the pipeline is there")]

use std::path::Path;

use crate::cases::CaseReport;

/// Runs the program on an inputs folder and reports what a case compares.
///
/// NOT WRITTEN YET: the pipeline comes first. To be registered in `main.rs` as
/// `#[test] fn cases_give_their_snapshots() { cases::check_all(run::run); }`; the line `#![expect(dead_code)]` above
/// goes then.
pub fn run(_inputs: &Path) -> CaseReport {
    unimplemented!("the pipeline is not there yet")
}
