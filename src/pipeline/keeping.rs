//! Years kept and done again: a snapshot with the settings and templates in force, and the run that repeats it.
//! In: a municipality and its snapshots. Out: a kept year, or what a past year gives otherwise.
//! It must never know what a snapshot holds beyond its files.

use std::collections::{BTreeMap, BTreeSet};

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

/// A past year as it is done again.
#[derive(Debug)]
pub(super) struct Past {
    /// What was archived with it.
    files: Vec<SourceFile>,
    /// Files that are taken from the municipality's folder as they are now: those that are not archived.
    beside: Beside,
    /// The earlier years that it looked back to.
    pub(super) snapshots: BTreeMap<Year, Snapshot>,
}

/// Which files of today are taken.
#[derive(Debug)]
enum Beside {
    /// All but settings and templates.
    Tables,
    /// These only: raw protocols are not archived.
    Only(BTreeSet<String>),
}

impl Past {
    /// Puts what was archived in the place of what is there today.
    pub(super) fn lay_over(&self, files: &mut Vec<SourceFile>) {
        files.retain(|file| match &self.beside {
            Beside::Tables => is_table(&file.path),
            Beside::Only(paths) => paths.contains(&file.path),
        });
        files.extend(self.files.iter().cloned());
        files.sort_by(|a, b| a.path.cmp(&b.path));
    }
}

/// Tells a table from settings and templates.
fn is_table(path: &str) -> bool {
    path != settings::FILE && !path.starts_with(TEMPLATES)
}

/// What is kept of a run.
pub(super) struct Taken {
    snapshot: Snapshot,
    /// Files of the archive: a folder from which the year can be made again.
    archive: Vec<(String, Vec<u8>)>,
}

/// Takes what is kept of a finished run; the archive only where it is to be written.
pub(super) fn take(prepared: &Prepared, produced: &[Produced], with_archive: bool) -> Taken {
    // The templates in force are named by themselves, whoever they came from.
    let inputs = prepared.files.iter().filter(|file| !file.path.starts_with(TEMPLATES));
    let templates = prepared.templates.iter().filter(|(path, _)| !path.starts_with("fonts/"));
    let hashes = Hashes {
        inputs: inputs.map(|file| (file.path.clone(), file.hash.clone())).collect(),
        templates: templates.map(|(path, file)| (path.to_owned(), file.hash.clone())).collect(),
        outputs: produced.iter().map(|file| (file.path.clone(), source::hash(&file.bytes))).collect(),
    };
    let Prepared { municipality, year, data, groups, indicators, .. } = prepared;
    let snapshot = Snapshot::take(&municipality.id, *year, data, groups, indicators, hashes);
    Taken { snapshot, archive: if with_archive { archive(prepared) } else { Vec::new() } }
}

/// Keeps the reported year of a municipality: lists, values and decisions, hashes of all that was made, and an archive of
/// workbooks, settings, templates in force and earlier snapshots, from which the year can be done again.
///
/// A year with errors is not kept. Gives the year, and whether it is new; `None` when nothing was kept.
pub fn keep(
    municipality: &Municipality,
    request: &Request,
    messages: &Messages,
    done: &(dyn Fn(&str) + Sync),
) -> (Outcome, Option<(Year, bool)>) {
    let (mut outcome, taken) = run_as(municipality, request, messages, Mode::Keep, done);
    let Some(Taken { snapshot, archive }) = taken else { return (outcome, None) };
    if outcome.diagnostics.has(Severity::Error) {
        let finding = Diagnostic::error("year-with-errors", Place::Run).with("year", snapshot.year.to_string());
        outcome.diagnostics.push(finding);
        return (outcome, None);
    }
    for file in snapshot.inputs.keys().filter(|path| !archive.iter().any(|(known, _)| known == *path)) {
        outcome.diagnostics.push(Diagnostic::note("not-archived", Place::File { file: file.clone() }));
    }
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

/// The workbooks and settings, every template in force that a municipality may have of its own, the earlier snapshots.
fn archive(prepared: &Prepared) -> Vec<(String, Vec<u8>)> {
    let mut archive: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let is_wanted = |file: &&SourceFile| file.path == settings::FILE || prepared.to_archive.contains(&file.path);
    for file in prepared.files.iter().filter(is_wanted) {
        archive.insert(file.path.clone(), file.bytes.clone());
    }
    for (path, file) in prepared.templates.iter().filter(|(path, _)| catalog::may_override(path)) {
        archive.insert(format!("{TEMPLATES}{path}"), file.text.clone().into_bytes());
    }
    for (year, bytes) in source::snapshots(&prepared.municipality).range(..prepared.year.0) {
        archive.insert(source::snapshot_path(*year), bytes.clone());
    }
    archive.into_iter().collect()
}

/// A past year done again.
pub struct Repeated {
    /// What became of the run.
    pub outcome: Outcome,
    /// What it gives otherwise; `None` when it could not be done.
    pub differences: Option<Vec<Difference>>,
}

/// Does a kept year again from its archive, writing nothing; with the tables of today where it is asked for, or where
/// none were archived.
///
/// # Errors
/// `no-snapshot` when the year is not kept.
pub fn repeat(
    municipality: &Municipality,
    year: Year,
    of_today: bool,
    request: &Request,
    messages: &Messages,
    done: &(dyn Fn(&str) + Sync),
) -> Result<Repeated, Diagnostic> {
    let mut diagnostics = Diagnostics::default();
    let of_now = snapshots(municipality, &mut diagnostics);
    let archived = source::archive_of(municipality, year.0);
    let files = source::archived(&archived, &mut diagnostics);
    let Some(kept) = of_now.get(&year).filter(|_| !files.is_empty()) else {
        let place = Place::File { file: format!("svod/{year}") };
        return Err(Diagnostic::error("no-snapshot", place).with("year", year.to_string()));
    };
    let has_tables = files.iter().any(|file| is_table(&file.path));
    let past = if of_today || !has_tables {
        let files = files.into_iter().filter(|file| !is_table(&file.path)).collect();
        Past { files, beside: Beside::Tables, snapshots: of_now.clone() }
    } else {
        let is_archived = |path: &&String| files.iter().any(|file| file.path == **path);
        let beside = kept.inputs.keys().filter(|path| !is_archived(path)).cloned().collect();
        Past { files, beside: Beside::Only(beside), snapshots: snapshots(&archived, &mut diagnostics) }
    };
    let (outcome, now) = run_as(municipality, request, messages, Mode::Repeat(&past), done);
    let differences = now.map(|now| kept.differences(&now.snapshot));
    Ok(Repeated { outcome, differences })
}
