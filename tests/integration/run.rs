//! The seam between the cases and the program: an inputs folder in, a report out.

#![expect(dead_code, reason = "registered in main.rs when it is written")]
#![expect(clippy::unimplemented, reason = "it does not pretend to run anything")]

use std::path::Path;

use crate::cases::CaseReport;

/// Runs the program on an inputs folder and reports what a case compares.
///
/// NOT WRITTEN YET. To be registered in `main.rs` as
/// `#[test] fn cases_give_their_snapshots() { cases::check_all(run::run); }`; the lines `#![expect]` above,
/// and the one over `check_all`, go then.
pub fn run(_inputs: &Path) -> CaseReport {
    unimplemented!("the cases are not joined to the program yet")
}
