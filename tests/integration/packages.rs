//! The packages of the samples, whole, as they are shipped: every document of every family, nothing found, nothing missing.

#![expect(clippy::expect_used, clippy::panic, reason = "a package that cannot be made is a failed test")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use svod::catalog::Templates;
use svod::diag::{self, Diagnostics, Format};
use svod::pipeline::{self, Outcome};
use svod::plan::Job;
use svod::ru;
use svod::typeset::Typeset;

use crate::{files, geometry, project, read_text, run, sample, stem, workbook};

/// Longest path of a document below the output folder, characters.
const LONGEST_PATH: usize = 120;

fn outcomes(inputs: &Path) -> Vec<Outcome> {
    let folder = tempfile::tempdir().expect("a folder");
    let request = run::request(inputs, &folder.path().join("outputs"));
    let municipalities = pipeline::discover(&request.inputs).expect("the samples");
    let made = municipalities.iter().map(|one| pipeline::run(one, &request, &run::messages(), false, &|_| {}));
    made.collect()
}

#[test]
fn the_packages_of_all_samples_are_made_whole() {
    // Every page of every document is held to its geometry where it is made.
    let faults: Mutex<Vec<String>> = Mutex::default();
    let inputs = project("inputs");
    let folder = tempfile::tempdir().expect("a folder");
    let request = run::request(&inputs, &folder.path().join("outputs"));
    let seen = |job: &Job, typeset: &Typeset| {
        faults.lock().unwrap_or_else(PoisonError::into_inner).extend(geometry::faults(job, typeset));
    };
    let municipalities = pipeline::discover(&inputs).expect("the samples");
    let made = municipalities.iter().map(|one| pipeline::run_seen(one, &request, &run::messages(), &seen));
    let outcomes: Vec<Outcome> = made.collect();
    let faults = faults.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    let names: Vec<&str> = outcomes.iter().map(|outcome| outcome.municipality.as_str()).collect();
    assert_eq!(names, ["dzerzhinsk", "kirovsky", "mariinsk", "mikhailovsky", "plast"]);
    let said = outcomes.iter().flat_map(|outcome| said(outcome, &["row-of-unlisted-school"])).collect::<Vec<_>>();
    assert!(said.is_empty(), "{}", said.join("\n"));
    outcomes.iter().for_each(is_whole);
    let papers: Vec<(&str, [usize; 3])> = outcomes.iter().map(school_papers).collect();
    assert_eq!(papers, PAPERS);
}

/// Schools with papers, kinds of papers, papers of each sample.
const PAPERS: [(&str, [usize; 3]); 5] = [
    ("dzerzhinsk", [11, 10, 75]),
    ("kirovsky", [1, 16, 43]),
    ("mariinsk", [8, 16, 130]),
    ("mikhailovsky", [4, 16, 100]),
    ("plast", [9, 11, 60]),
];

/// The papers of schools of a package.
fn school_papers(outcome: &Outcome) -> (&str, [usize; 3]) {
    let documents = outcome.ledger.documents.iter().map(|document| (&document.document, &document.file));
    let papers: Vec<(&String, &str)> =
        documents.filter_map(|(kind, file)| Some((kind, file.strip_prefix("Школы/")?.split_once('/')?.0))).collect();
    let kinds: BTreeSet<&String> = papers.iter().map(|(kind, _)| *kind).collect();
    let schools: BTreeSet<&str> = papers.iter().map(|(_, school)| *school).collect();
    (&outcome.municipality, [schools.len(), kinds.len(), papers.len()])
}

/// What a run says, but for some findings.
fn said(outcome: &Outcome, but: &[&str]) -> Vec<String> {
    let mut found = Diagnostics::default();
    outcome.diagnostics.iter().filter(|one| !but.contains(&one.id.as_str())).for_each(|one| {
        found.push(one.clone());
    });
    diag::emit(&found, &run::messages(), Format::Short).lines().map(str::to_owned).collect()
}

/// Tells that a package has everything that was asked for, and nothing to be said of it.
fn is_whole(outcome: &Outcome) {
    // Schools that left the lists keep their curators and partners in the sample; the order leaves them out, and says so.
    let said = said(outcome, &["row-of-unlisted-school"]);
    assert!(said.is_empty(), "{}:\n{}", outcome.municipality, said.join("\n"));
    assert!(outcome.blocked.is_empty(), "{}: {:?}", outcome.municipality, outcome.blocked);
    let paths: BTreeSet<String> = outcome.produced.iter().map(|path| path.to_lowercase()).collect();
    assert_eq!(paths.len(), outcome.produced.len(), "{}: a path twice", outcome.municipality);
    let long = outcome.produced.iter().find(|path| path.chars().count() > LONGEST_PATH);
    assert_eq!(long, None, "{}", outcome.municipality);
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        match path.is_dir() {
            true if entry.file_name() == "svod" => {}
            true => copy(&path, &target),
            false => {
                std::fs::copy(&path, &target).expect("a file");
            }
        }
    }
}

/// A sixth municipality: the folder of another, its name in the books and settings, a heading and a section of its own.
#[test]
fn a_sixth_municipality_is_a_folder_copied_and_edited() {
    let outer = tempfile::tempdir().expect("a folder");
    let inputs = outer.path().join("inputs");
    let folder = inputs.join("sixth");
    copy(&project("inputs/kirovsky"), &folder);
    let renamed = |text: &str| text.replace("Кировск", "Образцовск").replace("КИРОВСК", "ОБРАЗЦОВСК");
    for mut book in sample::read(&project("tests/sample/kirovsky")).expect("the tables") {
        for cell in book.sheets.iter_mut().flat_map(|sheet| &mut sheet.rows).flatten() {
            *cell = renamed(cell);
        }
        std::fs::write(folder.join(&book.file), workbook::write(&book).expect("a workbook")).expect("written");
    }
    let settings = read_text(&folder.join("svod.toml")).expect("the settings");
    std::fs::write(folder.join("svod.toml"), renamed(&settings)).expect("written");
    let own = folder.join("templates/documents/project");
    std::fs::create_dir_all(&own).expect("a folder");
    let outline = read_text(&project("templates/documents/project/document.toml")).expect("the outline");
    let changed = outline.replace("numbering = \"roman\"", "numbering = \"headings\"");
    assert_ne!(changed, outline);
    std::fs::write(own.join("document.toml"), changed).expect("written");
    let outcomes = outcomes(&inputs);
    outcomes.iter().for_each(is_whole);
    let made: usize = outcomes.iter().map(|outcome| outcome.produced.len()).sum();
    assert!(made > 20, "{made} files");
}

/// Lines of the outlines of the sources, by municipality.
const OUTLINES: [(&str, usize); 5] =
    [("dzerzhinsk", 12), ("kirovsky", 9), ("mariinsk", 21), ("mikhailovsky", 12), ("plast", 20)];
/// Kinds of papers of schools.
const SCHOOL_PAPERS: usize = 19;

/// Rows of the tables of a text: cells without blanks around them, no heads.
fn rows(text: &str) -> Vec<Vec<String>> {
    let rows = text.lines().filter_map(|line| line.strip_prefix('|'));
    let cells = |row: &str| row.trim_end_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    let rows: Vec<Vec<String>> = rows.map(cells).collect();
    let is_number = |row: &Vec<String>| row.first().is_some_and(|first| first.parse::<usize>().is_ok());
    rows.into_iter().filter(is_number).collect()
}

/// What stands between backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_line_of_the_outlines_names_a_document_and_a_section_that_are_there() {
    let templates = Templates::built_in();
    let mut seen = Vec::new();
    let mut wrong = Vec::new();
    for path in files(&project("tests/outline"), "md") {
        let (name, text) = (stem(&path), read_text(&path).expect("a table"));
        let rows = rows(&text);
        seen.push((name.clone(), rows.len()));
        if !OUTLINES.iter().any(|(outline, _)| *outline == name) {
            continue;
        }
        for row in rows {
            let [number, .., place, made, reason] = row.as_slice() else { panic!("{name}: {row:?}") };
            let mut names = quoted(place).into_iter();
            let kind = names.next().unwrap_or_default();
            let document = templates.document(kind, &mut Diagnostics::default());
            let has = |section: &&str| {
                let sections = document.iter().flat_map(|document| &document.sections);
                let texts = document.iter().flat_map(|document| document.texts.keys());
                sections.map(|known| &known.id).chain(texts).any(|known| known == section)
            };
            let section = names.next().filter(has);
            if document.is_none() || section.is_none() || made.is_empty() || reason.is_empty() {
                wrong.push(format!("{name}, {number}: {place}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    let wanted = OUTLINES.iter().map(|(name, lines)| ((*name).to_owned(), *lines));
    let mut wanted: Vec<(String, usize)> = wanted.chain([("school-documents".to_owned(), SCHOOL_PAPERS)]).collect();
    wanted.sort();
    seen.sort();
    assert_eq!(seen, wanted);
}

#[test]
fn no_body_makes_a_rating_of_vpr() {
    let templates = Templates::built_in();
    let bodies = templates.iter().filter(|(path, _)| path.ends_with(".typ.j2") || path.starts_with("advice/"));
    let wrong: Vec<&str> = bodies.filter(|(_, file)| ru::rates_by_vpr(&file.text)).map(|(path, _)| path).collect();
    assert_eq!(wrong, Vec::<&str>::new());
}
