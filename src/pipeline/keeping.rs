//! Years kept and done again: a snapshot with the settings and templates in force, and the run that repeats it.
//! In: a municipality and its snapshots. Out: a kept year, or what a past year gives otherwise.
//! It must never know what a snapshot holds beyond its files.

use std::collections::BTreeMap;

use super::{Mode, Outcome, Prepared, Request, run_as};
use crate::catalog;
use crate::diag::{Diagnostic, Diagnostics, Messages, Place, Severity};
use crate::history::{Difference, Hashes, Snapshot};
use crate::model::Year;
use crate::output::Produced;
use crate::settings;
use crate::source::{self, Municipality, SourceFile};

/// Where a municipality's own templates lie.
const TEMPLATES: &str = "templates/";

/// Reads the snapshots; one that cannot be read is named and not used.
pub(super) fn snapshots(municipality: &Municipality, diagnostics: &mut Diagnostics) -> BTreeMap<Year, Snapshot> {
    let mut snapshots = BTreeMap::new();
    for (year, bytes) in source::snapshots(municipality) {
        match Snapshot::parse(&bytes, Year(year)) {
            Ok(snapshot) => {
                snapshots.insert(Year(year), snapshot);
            }
            Err(reason) => {
                let place = Place::File { file: format!("svod/{year}/snapshot.json") };
                diagnostics.push(Diagnostic::warning("bad-snapshot", place).because(reason));
            }
        }
    }
    snapshots
}

/// Puts the settings and templates of a past year in the place of those of today.
pub(super) fn lay_over(files: &mut Vec<SourceFile>, archive: &[SourceFile]) {
    files.retain(|file| file.path != settings::FILE && !file.path.starts_with(TEMPLATES));
    files.extend(archive.iter().cloned());
    files.sort_by(|a, b| a.path.cmp(&b.path));
}

/// Takes the snapshot of a finished run.
pub(super) fn take(prepared: &Prepared, produced: &[Produced]) -> Snapshot {
    // The templates in force are named by themselves, whoever they came from.
    let inputs = prepared.files.iter().filter(|file| !file.path.starts_with(TEMPLATES));
    let templates = prepared.templates.iter().filter(|(path, _)| !path.starts_with("fonts/"));
    let hashes = Hashes {
        inputs: inputs.map(|file| (file.path.clone(), file.hash.clone())).collect(),
        templates: templates.map(|(path, file)| (path.to_owned(), file.hash.clone())).collect(),
        outputs: produced.iter().map(|file| (file.path.clone(), source::hash(&file.bytes))).collect(),
    };
    let Prepared { municipality, year, data, groups, indicators, .. } = prepared;
    Snapshot::take(&municipality.id, *year, data, groups, indicators, hashes)
}

/// Keeps the reported year of a municipality: lists, values and decisions with the settings and templates in force.
///
/// A year with errors is not kept. Gives the year, and whether it is new; `None` when nothing was kept.
pub fn keep(
    municipality: &Municipality,
    request: &Request,
    messages: &Messages,
    done: &(dyn Fn(&str) + Sync),
) -> (Outcome, Option<(Year, bool)>) {
    let (mut outcome, snapshot) = run_as(municipality, request, messages, Mode::Keep, done);
    let Some(snapshot) = snapshot else { return (outcome, None) };
    if outcome.diagnostics.has(Severity::Error) {
        let finding = Diagnostic::error("year-with-errors", Place::Run).with("year", snapshot.year.to_string());
        outcome.diagnostics.push(finding);
        return (outcome, None);
    }
    let archive = archive(municipality, &mut outcome.diagnostics);
    let kept = source::keep_year(municipality, snapshot.year.0, &snapshot.to_bytes(), &archive);
    let kept = match kept {
        Ok(is_new) => Some((snapshot.year, is_new)),
        Err(finding) => {
            outcome.diagnostics.push(finding);
            None
        }
    };
    (outcome, kept)
}

/// The settings, and every template in force that a municipality may have of its own.
fn archive(municipality: &Municipality, diagnostics: &mut Diagnostics) -> Vec<(String, Vec<u8>)> {
    let mut ignored = Diagnostics::default();
    let files = source::read(&municipality.folder, &mut ignored);
    let mut archive: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let templates = catalog::Templates::built_in().with_overrides(&files, diagnostics);
    for (path, file) in templates.iter().filter(|(path, _)| catalog::may_override(path)) {
        archive.insert(format!("{TEMPLATES}{path}"), file.text.clone().into_bytes());
    }
    let settings = files.into_iter().find(|file| file.path == settings::FILE);
    archive.extend(settings.map(|file| (file.path, file.bytes)));
    archive.into_iter().collect()
}

/// A past year done again.
pub struct Repeated {
    /// What became of the run.
    pub outcome: Outcome,
    /// What it gives otherwise; `None` when it could not be done.
    pub differences: Option<Vec<Difference>>,
}

/// Does a kept year again with the settings and templates of that year, writing nothing.
///
/// # Errors
/// `no-snapshot` when the year is not kept.
pub fn repeat(
    municipality: &Municipality,
    year: Year,
    request: &Request,
    messages: &Messages,
    done: &(dyn Fn(&str) + Sync),
) -> Result<Repeated, Diagnostic> {
    let mut diagnostics = Diagnostics::default();
    let kept = snapshots(municipality, &mut diagnostics).remove(&year);
    let archive = source::archived(municipality, year.0, &mut diagnostics);
    let Some(kept) = kept.filter(|_| !archive.is_empty()) else {
        let place = Place::File { file: format!("svod/{year}") };
        return Err(Diagnostic::error("no-snapshot", place).with("year", year.to_string()));
    };
    let (outcome, now) = run_as(municipality, request, messages, Mode::Repeat(&archive), done);
    let differences = now.map(|now| kept.differences(&now));
    Ok(Repeated { outcome, differences })
}
