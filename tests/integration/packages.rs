//! The packages of the samples, whole, as they are shipped: every document of every family, nothing found, nothing missing.

#![expect(clippy::expect_used, reason = "a package that cannot be made is a failed test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use svod::catalog::Templates;
use svod::diag::{self, Diagnostics, Format};
use svod::pipeline::{self, Outcome};
use svod::plan::Job;
use svod::ru;
use svod::typeset::Typeset;

use crate::{geometry, project, read_text, run, sample, workbook};

/// Longest path of a document below the output folder, characters.
const LONGEST_PATH: usize = 120;

fn outcomes(inputs: &Path, outputs: &Path) -> Vec<Outcome> {
    let request = run::request(inputs, outputs);
    let municipalities = pipeline::discover(&request.inputs).expect("the samples");
    let made = municipalities.iter().map(|one| pipeline::run(one, &request, &run::messages(), true, &|_| {}));
    made.collect()
}

#[test]
fn the_packages_of_all_samples_are_made_whole() {
    // Every page of every document is held to its geometry where it is made.
    let faults: Mutex<Vec<String>> = Mutex::default();
    let inputs = project("inputs");
    let folder = tempfile::tempdir().expect("a folder");
    let outputs = folder.path().join("outputs");
    let request = run::request(&inputs, &outputs);
    let seen = |job: &Job, typeset: &Typeset| {
        faults.lock().unwrap_or_else(PoisonError::into_inner).extend(geometry::faults(job, typeset));
    };
    let municipalities = pipeline::discover(&inputs).expect("the samples");
    let made = municipalities.iter().map(|one| pipeline::run_seen(one, &request, &run::messages(), true, &seen));
    let outcomes: Vec<Outcome> = made.collect();
    let faults = faults.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    let names: Vec<&str> = outcomes.iter().map(|outcome| outcome.municipality.as_str()).collect();
    assert_eq!(names, ["dzerzhinsk", "kirovsky", "mariinsk", "mikhailovsky", "plast"]);
    let said = outcomes.iter().flat_map(|outcome| said(outcome, &SAID)).collect::<Vec<_>>();
    assert!(said.is_empty(), "{}", said.join("\n"));
    outcomes.iter().for_each(is_whole);
    let papers: Vec<(&str, [usize; 3])> = outcomes.iter().map(school_papers).collect();
    assert_eq!(papers, PAPERS);
    outcomes.iter().for_each(is_tidy);
    let text = read_text(&project("tests/outline/school-documents.md")).expect("the table");
    let pages = pages_of_papers(&outputs);
    let wrong = wrong_papers(&text, &pages);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // A table that names what is not made, or too many pages, is found.
    for (right, other) in [("`team-plan`", "`training-programme`, `list-high`"), ("| Kirovsky |", "| Plast |")] {
        assert!(!wrong_papers(&text.replacen(right, other, 1), &pages).is_empty(), "{other}");
    }
}

/// The folders of a package, the same for all samples; what a methodist opens first stands beside them.
const FOLDERS: [&str; 6] = ["Документы", "Отчёты", "Письма", "Приказы", "Формы", "Школы"];
/// The folder of the edition for publication, where there is one.
const PUBLIC: &str = "Открытая редакция";
/// What a run tells of itself.
const IN_ROOT: [&str; 5] =
    ["index.html", "ledger.json", "Опись.xlsx", "Протокол проверки данных.pdf", "Протокол проверки данных.xlsx"];

/// Tells that a package has the folders of all samples, and nothing else in the root.
fn is_tidy(outcome: &Outcome) {
    let paths = || outcome.produced.iter().map(|path| path.split_once('/'));
    let folders: BTreeSet<&str> = paths().flatten().map(|(folder, _)| folder).filter(|one| *one != PUBLIC).collect();
    assert_eq!(folders.into_iter().collect::<Vec<_>>(), FOLDERS, "{}", outcome.municipality);
    let root: BTreeSet<&str> = outcome.produced.iter().filter(|path| !path.contains('/')).map(String::as_str).collect();
    assert_eq!(root, BTreeSet::from(IN_ROOT), "{}", outcome.municipality);
}

/// Schools with papers, kinds of papers, papers of each sample.
const PAPERS: [(&str, [usize; 3]); 5] = [
    ("dzerzhinsk", [11, 10, 75]),
    ("kirovsky", [1, 16, 44]),
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

/// Schools that left the lists keep their curators and partners in the sample, and some that came have none yet: the order
/// leaves them out, and says so.
const SAID: [&str; 2] = ["row-of-unlisted-school", "supported-school-left-out"];

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
    let said = said(outcome, &SAID);
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
    let outcomes = outcomes(&inputs, &outer.path().join("outputs"));
    outcomes.iter().for_each(is_whole);
    let made: usize = outcomes.iter().map(|outcome| outcome.produced.len()).sum();
    assert!(made > 20, "{made} files");
}

/// Rows of the table of the papers of schools: those of the sources, and those made besides.
const SCHOOL_PAPERS: (usize, usize) = (19, 3);

/// Pages of the papers of schools of a municipality, by kind.
type Pages = BTreeMap<(String, String), BTreeSet<usize>>;

/// The pages of the papers of schools, read from the manifests.
fn pages_of_papers(outputs: &Path) -> Pages {
    let mut pages = Pages::new();
    for entry in std::fs::read_dir(outputs).expect("the outputs").flatten() {
        let Ok(bytes) = std::fs::read(entry.path().join("manifest.json")) else { continue };
        let manifest: svod::output::Manifest = serde_json::from_slice(&bytes).expect("a manifest");
        let papers = manifest.outputs.iter().filter(|entry| entry.path.starts_with("Школы/"));
        for (paper, number) in papers.filter_map(|entry| Some((entry, entry.pages?))) {
            let key = (manifest.municipality.clone(), paper.document.clone());
            pages.entry(key).or_default().insert(number);
        }
    }
    pages
}

/// How a table tells numbers of pages: «5», «5–7».
fn range(pages: &BTreeSet<usize>) -> String {
    match (pages.first(), pages.last()) {
        (Some(first), Some(last)) if first != last => format!("{first}–{last}"),
        (Some(only), _) => only.to_string(),
        _ => "–".to_owned(),
    }
}

/// What stands between backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// How many sections a cell says and how many it names («title page and 6: …», «8: …»); `None` where it refers to another
/// row.
fn sections(cell: &str) -> Option<(usize, usize)> {
    let (count, named) = cell.split_once(':')?;
    let count = count.rsplit(' ').next()?.parse().ok()?;
    Some((count, named.split(';').next()?.split(", ").count()))
}

/// What is wrong with the table of the papers of schools against the packages.
fn wrong_papers(text: &str, pages: &Pages) -> Vec<String> {
    let templates = Templates::built_in();
    let mut wrong = Vec::new();
    let of_source = |source: &str| source.to_lowercase();
    let cells = |row: &str| row.trim_end_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let rows = text.lines().filter_map(|line| line.strip_prefix('|')).map(cells);
    let (mut papers, mut besides) = (0, 0);
    for row in rows {
        let (named, sources, kinds, of_sections, stated, reason) = match row.as_slice() {
            [number, source, _, _, kinds, of_sections, pages, reason] if number.parse::<usize>().is_ok() => {
                papers += 1;
                (number, vec![of_source(source)], kinds, of_sections, pages, reason.as_str())
            }
            [kinds, _, of_sections, pages] if kinds.starts_with('`') => {
                besides += 1;
                (kinds, PAPERS.iter().map(|(name, _)| (*name).to_owned()).collect(), kinds, of_sections, pages, "")
            }
            _ => continue,
        };
        let mut ranges = Vec::new();
        for kind in quoted(kinds) {
            let mut all = BTreeSet::new();
            for source in &sources {
                match pages.get(&(source.clone(), kind.to_owned())) {
                    Some(found) => all.extend(found),
                    None => wrong.push(format!("{named}: {source} makes no {kind}")),
                }
            }
            ranges.push(range(&all));
            let document = templates.document(kind, &mut Diagnostics::default());
            let headed = document.map(|document| document.sections.iter().filter(|one| one.heading.is_some()).count());
            if let Some((count, names)) = sections(of_sections)
                && (headed != Some(count) || names != count)
            {
                wrong.push(format!("{named}: {kind} has {headed:?} sections, not {count}, of which {names} are named"));
            }
        }
        if ranges.join("; ") != *stated {
            wrong.push(format!("{named}: pages {}, not {stated}", ranges.join("; ")));
        }
        // A reason that names another paper names one that is made there.
        for kind in quoted(reason) {
            let is_made = sources.iter().any(|source| pages.contains_key(&(source.clone(), kind.to_owned())));
            if !is_made {
                wrong.push(format!("{named}: {kind} is not made there"));
            }
        }
    }
    if (papers, besides) != SCHOOL_PAPERS {
        wrong.push(format!("{papers} papers of the sources, {besides} besides"));
    }
    wrong
}

#[test]
fn no_body_makes_a_rating_of_vpr() {
    let templates = Templates::built_in();
    let bodies = templates.iter().filter(|(path, _)| path.ends_with(".typ.j2") || path.starts_with("advice/"));
    let wrong: Vec<&str> = bodies.filter(|(_, file)| ru::rates_by_vpr(&file.text)).map(|(path, _)| path).collect();
    assert_eq!(wrong, Vec::<&str>::new());
}
