//! The integration tests: one binary, so that everything is linked once.
//! `workbook` makes workbooks from Markdown tables, `sample` holds the shipped ones to their tables, `cases` runs the
//! cases of `tests/cases` through `run`, `runs` holds whole runs to their promises, `laws` and `texts` read the program's
//! own source.

#![expect(clippy::disallowed_methods, reason = "tests read and write files, and take a switch from the environment")]

mod acts;
mod advice;
mod capabilities;
mod cases;
mod catalogues;
mod charts_and_tables;
mod damage;
mod damaged_returns;
mod disclosure;
mod every_form;
mod exchange;
mod exported;
mod exports;
mod families;
mod filling;
mod geometry;
mod guards;
mod history;
mod hostile;
mod kept;
mod laws;
mod letterheads;
mod listing;
mod made_books;
mod missing;
mod odd_returns;
mod outlines;
mod packages;
mod permuted;
mod privacy;
mod protocol;
mod qr;
mod readers;
mod reasons;
mod reference;
mod region;
mod requisites;
mod rounds;
mod run;
mod runs;
mod rust_text;
mod sample;
mod sentences;
mod several;
mod summaries;
mod templates;
mod texts;
mod workbook;

use std::path::{Path, PathBuf};

/// Compares what the program makes of every case with the case's snapshot.
#[test]
fn cases_give_their_snapshots() {
    cases::check_all(run::run);
}

/// Returns the path of a file of this project.
fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Reads a text file; the error names it.
fn read_text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Lists the files directly in a folder that have this extension, sorted; none when there is no such folder.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.is_file() && path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    files
}

/// Returns the last part of a path without its extension.
fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
