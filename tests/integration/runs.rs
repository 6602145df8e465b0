//! Whole runs: the same bytes twice, what one cell changes, marks and slots on the pages, the command line, kills.
//! In: the sample, or the sample with changes. Out: nothing; the outputs are held against what was promised.
//! It must never know how a stage does its work.

#![expect(clippy::expect_used, reason = "a run that cannot begin is a failed test")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use svod::cli::{self, Printed, World};
use svod::diag::Diagnostics;
use svod::ledger::{Ledger, PlaceEntry};
use svod::output::{self, Manifest};
use svod::pipeline::{self, Prepared, Request};
use svod::template::{self, Filled};
use svod::typeset::{self, Fonts, PageText, Tag, Typeset};
use svod::workbook::CellValue;

use crate::cases::{SAMPLE, sample_with, write_changed};
use crate::run::{messages, outcome, request};
use crate::workbook::{self, Workbook};
use crate::{files, project, read_text, sample, stem};

/// Settings of a small package, for runs that are many.
const SMALL: &str = "documents = [{ kind = 'order', file = 'Приказ' }, { kind = 'roadmap', file = 'Дорожная карта' }]";
/// A cell whose blank blocks the order and leaves the roadmap.
const BLANK_COUNT: &str = "Результаты процедур.xlsx › ОГЭ!G38 =";
/// A cell whose blank blocks the roadmap and leaves the order.
const BLANK_EXECUTOR: &str = "Дорожная карта.xlsx › Мероприятия!E10 =";

/// Writes the changed sample into a new folder.
pub fn inputs(changes: &[&str], settings: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write_changed(changes, settings, &folder.path().join("inputs")).expect("the inputs");
    folder
}

/// The request for the inputs of a folder; outputs go beside them.
pub fn request_in(folder: &Path) -> Request {
    request(&folder.join("inputs"), &folder.join("outputs"))
}

/// Every file below a folder by relative path, with its hash.
pub fn hashes(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else {
                let bytes = std::fs::read(&path).expect("a file");
                let name = path.strip_prefix(folder).expect("below").to_string_lossy().into_owned();
                found.insert(name, svod::source::hash(&bytes));
            }
        }
    }
    found
}

/// Prepares the municipality of a request.
fn prepare(request: &Request) -> Prepared {
    let municipalities = pipeline::discover(&request.inputs).expect("a municipality");
    let municipality = municipalities.first().expect("a municipality");
    pipeline::prepare(municipality, request, &messages(), &mut Diagnostics::default()).expect("a plan")
}

/// Lays out the documents of a request by kind.
fn pages(request: &Request) -> BTreeMap<String, (Filled, Typeset)> {
    let fonts = Fonts::built_in();
    let mut diagnostics = Diagnostics::default();
    let lay_out = |job: &svod::plan::Job| {
        let filled = template::fill(job, &mut diagnostics)?;
        let typeset = typeset::typeset(job, &filled, &fonts, &mut diagnostics)?;
        Some((job.kind.clone(), (filled, typeset)))
    };
    prepare(request).jobs.iter().filter_map(lay_out).collect()
}

/// The text of all pages of a document, blanks made plain.
fn text_of(typeset: &Typeset) -> String {
    let pages = typeset.texts.iter().map(|page| format!("{}\n{}", page.margin, page.body));
    pages.collect::<Vec<_>>().join("\n").replace('\u{a0}', " ")
}

/// The printed texts of a figure in all documents of a ledger.
fn printed<'a>(ledger: &'a Ledger, id: &str) -> BTreeSet<&'a str> {
    let figures = ledger.documents.iter().flat_map(|document| &document.figures);
    figures.filter(|figure| figure.id == id).map(|figure| figure.text.as_str()).collect()
}

/// Reads the part of a workbook that is its first sheet.
fn first_sheet_xml(bytes: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
    let mut text = String::new();
    archive.by_name("xl/worksheets/sheet1.xml").expect("a sheet").read_to_string(&mut text).expect("a text");
    text
}

#[test]
fn one_cell_changes_list_share_return_and_ledger_together() {
    // The school has one low result in both; the cell gives it the second that the rule asks for.
    let first = "Результаты процедур.xlsx › ЕГЭ!L48 = 3";
    let second = "Результаты процедур.xlsx › ЕГЭ!L47 = 4";
    let of = |changes: &[&str]| {
        let folder = inputs(changes, "");
        let mut request = request_in(folder.path());
        request.only = ["order", "school-list", "monitoring"].map(str::to_owned).into();
        let outcome = outcome(&request, true);
        let pages = pages(&request);
        let text = |kind: &str| text_of(&pages.get(kind).expect("pages").1);
        let bytes = std::fs::read(request.outputs.join(SAMPLE).join("Мониторинг.xlsx")).expect("the return");
        let book = svod::workbook::read_xlsx(&bytes).expect("a workbook");
        // Where the share stands in the return, the ledger knows.
        let figures = outcome.ledger.documents.iter().filter(|document| document.document == "monitoring");
        let places = figures.flat_map(|document| &document.figures).filter(|figure| figure.id == "low-rate/2022");
        let cells: Vec<CellValue> = places
            .flat_map(|figure| &figure.places)
            .filter_map(|place| match place {
                PlaceEntry::Cell { sheet, cell } => Some((sheet.clone(), cell.clone())),
                _ => None,
            })
            .filter_map(|(sheet, cell)| value_at(&book, &sheet, &cell))
            .collect();
        let ledger = printed(&outcome.ledger, "low-rate/2022").into_iter().collect::<Vec<_>>().join(" / ");
        (text("school-list").contains("Примеровская"), text("order"), cells, ledger.replace('\u{a0}', " "))
    };
    let (before, after) = (of(&[first]), of(&[first, second]));
    assert_eq!((before.0, after.0), (false, true), "the list");
    assert!(before.1.contains("29 % (5 из 17)") && after.1.contains("35 % (6 из 17)"), "the share of the order");
    assert_eq!((before.3.as_str(), after.3.as_str()), ("29 %", "35 %"), "the ledger");
    let shares: Vec<String> = before.2.iter().chain(&after.2).map(|value| format!("{value:?}")).collect();
    assert_eq!(shares, ["Number(29.0)", "Number(35.0)"], "the return");
}

#[test]
fn the_people_in_office_on_the_day_of_the_order_are_named() {
    let order = |case: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        sample_with(case, &folder.path().join("inputs")).expect("the inputs");
        let mut request = request_in(folder.path());
        request.only = ["order"].map(str::to_owned).into();
        let text = text_of(&pages(&request).get("order").expect("the order").1);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let case = read_text(&project("tests/cases/official-substitute.md")).expect("the case");
    let names = |text: &str| -> Vec<&str> {
        let all = ["Примерова", "Временный", "Прежний", "Условнов", "Следующий", "Ушедшая", "Новая"];
        all.into_iter().filter(|name| text.contains(name)).collect()
    };
    let text = order(&case);
    assert_eq!(names(&text), ["Временный", "Условнов", "Новая"]);
    assert!(text.contains("Исполняющий обязанности начальника управления образования"), "{text}");
    // A registration some days later finds the head back and the next executor in office.
    let text = order(&case.replace("2022-12-01\n- ", "2022-12-12\n- "));
    assert_eq!(names(&text), ["Примерова", "Следующий", "Новая"]);
    // Until it is registered, the last day of the reported year counts.
    let registered = "- Реквизиты и лица.xlsx › Регистрация документов!B4 = 2022-12-01\n";
    let unregistered = case.replace(registered, "").replace("| 2022-12-09 | да |", "| | да |");
    assert_eq!(names(&order(&unregistered)), ["Временный", "Следующий", "Новая"]);
}

/// The value of a cell by its address.
fn value_at(book: &svod::workbook::Book, sheet: &str, cell: &str) -> Option<CellValue> {
    let sheet = book.sheets.iter().find(|found| found.name == sheet)?;
    let letters: String = cell.chars().take_while(char::is_ascii_uppercase).collect();
    let row: u32 = cell.trim_start_matches(|c: char| c.is_ascii_uppercase()).parse().ok()?;
    let column = letters.bytes().fold(0_u16, |sum, letter| sum * 26 + u16::from(letter - b'A') + 1);
    sheet.rows.get(&(row - 1))?.get(&(column - 1)).cloned()
}

#[test]
fn a_run_gives_the_same_bytes_whatever_the_workers_and_its_papers_are_true() {
    let outer = inputs(&[], "");
    let inputs = outer.path().join("inputs");
    let run = |workers: usize| {
        let mut request = request(&inputs, &outer.path().join(workers.to_string()));
        request.workers = workers;
        let outcome = outcome(&request, true);
        assert!(!outcome.has_errors() && outcome.blocked.is_empty());
        (hashes(&request.outputs.join(SAMPLE)), outcome.ledger)
    };
    let ((one, ledger), (two, _)) = (run(1), run(2));
    assert_eq!(one, two);

    let root = outer.path().join("1");
    let manifest = output::read_manifest(&root, SAMPLE).expect("a manifest");
    let listed: BTreeMap<String, String> =
        manifest.outputs.iter().map(|entry| (entry.path.clone(), entry.sha256.clone())).collect();
    let found: BTreeMap<String, String> = one.into_iter().filter(|(path, _)| path != output::MANIFEST).collect();
    assert_eq!(listed, found);
    for (path, hash) in manifest.inputs.iter().map(|file| (&file.path, &file.sha256)) {
        let bytes = std::fs::read(inputs.join(SAMPLE).join(path)).expect("an input");
        assert_eq!(svod::source::hash(&bytes), *hash, "{path}");
    }

    let figures =
        ledger.documents.iter().flat_map(|document| document.figures.iter().map(move |figure| (document, figure)));
    for (document, figure) in figures {
        assert!(!figure.places.is_empty(), "{}: {} stands nowhere", document.file, figure.id);
        assert!(!figure.sources.is_empty(), "{}: {} comes from nowhere", document.file, figure.id);
    }
    let constants = ledger.documents.iter().flat_map(|document| &document.constants);
    assert!(constants.clone().all(|constant| !constant.sources.is_empty()));
    // A source is a place that a person finds: a file of the inputs, a template, or the run itself.
    let figures = ledger.documents.iter().flat_map(|document| &document.figures).flat_map(|figure| &figure.sources);
    let sources: BTreeSet<&str> =
        figures.chain(constants.flat_map(|constant| &constant.sources)).map(String::as_str).collect();
    let templates = manifest.templates.iter().map(|file| format!("templates/{}", file.path));
    let files: BTreeSet<String> = manifest.inputs.iter().map(|file| file.path.clone()).chain(templates).collect();
    for source in &sources {
        let file = source.split_once(" › ").map_or(*source, |(file, _)| file);
        assert!(file == "run" || files.contains(file), "no file behind {source}");
    }
    assert!(sources.iter().any(|source| source.starts_with("templates/indicators/")), "{sources:?}");
}

/// Shuffles by a seed.
pub fn shuffle<T>(items: &mut [T], seed: &mut u64) {
    for index in (1..items.len()).rev() {
        // The generator of Knuth's MMIX; its high bits are good enough for an order.
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let other = usize::try_from(*seed >> 33).unwrap_or_default() % (index + 1);
        items.swap(index, other);
    }
}

/// Sheets whose rows stand in the documents as they stand in the sheet: who endorses after whom, risks, and the acts
/// of one level and date.
const ORDERED: [&str; 3] = ["Должностные лица", "Риски", "Правовые основания"];

/// Puts sheets, columns and rows of workbooks in another order.
pub fn permute(books: &mut [Workbook], seed: &mut u64) {
    for book in books {
        shuffle(&mut book.sheets, seed);
        for sheet in &mut book.sheets {
            let mut columns: Vec<usize> = (0..sheet.header.len()).collect();
            shuffle(&mut columns, seed);
            let pick = |row: &Vec<String>| -> Vec<String> {
                columns.iter().filter_map(|column| row.get(*column).cloned()).collect()
            };
            let rows = sheet.rows.iter().map(pick).collect();
            sheet.header = pick(&sheet.header);
            sheet.rows = rows;
            if !ORDERED.contains(&sheet.name.as_str()) {
                shuffle(&mut sheet.rows, seed);
            }
        }
    }
}

/// What must not depend on the order of rows, columns and sheets: documents byte for byte, figures, findings.
pub fn essence(inputs: &Path, outputs: &Path) -> (BTreeMap<String, String>, Vec<String>, Vec<String>) {
    let request = request(inputs, outputs);
    let outcome = outcome(&request, true);
    let mut documents = hashes(&outputs.join(SAMPLE));
    // Addresses move with the rows: the ledger, the manifest and the protocol of the check name them.
    documents.retain(|path, _| !path.ends_with(".json") && !path.starts_with("Протокол"));
    let figures = outcome.ledger.documents.iter().flat_map(|document| &document.figures);
    let figures = figures.map(|figure| format!("{} {} {}", figure.id, figure.text, figure.value)).collect();
    let messages = messages();
    let mut findings: Vec<String> = outcome.diagnostics.iter().map(|finding| messages.finding(finding).0).collect();
    findings.sort();
    (documents, figures, findings)
}

#[test]
fn the_order_of_rows_columns_and_sheets_changes_nothing() {
    let (books, settings) = sample::core(SAMPLE).expect("the sample");
    let outer = inputs(&[], "");
    let shipped = essence(&outer.path().join("inputs"), &outer.path().join("shipped"));
    assert!(!shipped.0.is_empty());
    let config = Config { cases: 3, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let result = runner.run(&proptest::num::u64::ANY, |seed| {
        let folder = tempfile::tempdir().expect("a folder");
        let inputs = folder.path().join("inputs").join(SAMPLE);
        std::fs::create_dir_all(&inputs).expect("a folder");
        std::fs::write(inputs.join("svod.toml"), &settings).expect("the settings");
        let mut books = books.clone();
        permute(&mut books, &mut seed.clone());
        for book in &books {
            std::fs::write(inputs.join(&book.file), workbook::write(book).expect("a workbook")).expect("written");
        }
        let permuted = essence(&folder.path().join("inputs"), &folder.path().join("outputs"));
        proptest::prop_assert_eq!(&permuted.2, &shipped.2);
        proptest::prop_assert_eq!(&permuted.1, &shipped.1);
        proptest::prop_assert_eq!(&permuted.0, &shipped.0);
        Ok(())
    });
    result.expect("the same package");
}

#[test]
fn a_registered_order_differs_in_its_slots_alone() {
    let of = |changes: &[&str]| {
        let folder = inputs(changes, "");
        let mut request = request_in(folder.path());
        request.only = BTreeSet::from(["concept-order".to_owned()]);
        pages(&request).remove("concept-order").expect("the bundle")
    };
    let slots = ["01.12.2022", "357"];
    let blank = of(&[]);
    let filled = of(&[
        "Реквизиты и лица.xlsx › Регистрация документов!B4 = 2022-12-01",
        "Реквизиты и лица.xlsx › Регистрация документов!C4 = 357",
    ]);
    assert_eq!(blank.1.pages, filled.1.pages);
    // Every other number stands where it stood: the slots are as wide blank as filled.
    let boxes = |(job, typeset): &(Filled, Typeset)| -> Vec<String> {
        let constant =
            |number: &str| job.uses.constants.get(number.parse::<usize>().ok()?).map(|text| text.value.clone());
        let hits = typeset.hits.iter().filter_map(|hit| {
            let name = match &hit.tag {
                Tag::Figure(id) => id.clone(),
                Tag::Constant(number) => constant(number)?,
                Tag::Generated => "generated".to_owned(),
            };
            (!slots.contains(&name.as_str())).then(|| format!("{name} {} {:?}", hit.text, hit.places))
        });
        hits.collect()
    };
    assert_eq!(boxes(&blank), boxes(&filled));
    let words = |typeset: &Typeset| -> Vec<String> {
        let text = text_of(typeset);
        text.split_whitespace().filter(|word| !slots.contains(word)).map(str::to_owned).collect()
    };
    assert_eq!(words(&blank.1), words(&filled.1));
    // On the order itself, and in the stamp of the concept.
    for slot in slots {
        let text = text_of(&filled.1);
        assert_eq!(text.split_whitespace().filter(|word| *word == slot).count(), 2, "{slot}");
        assert!(!text_of(&blank.1).split_whitespace().any(|word| word == slot), "{slot}");
    }
}

#[test]
fn marks_stand_on_every_page_and_only_a_plain_no_lifts_the_one_of_invented_data() {
    let sample = messages().text("sample-mark", &[]);
    let draft = messages().text("draft-mark", &[]);
    let flag = |value: &str| format!("Реквизиты и лица.xlsx › Реквизиты!B4 ={value}");
    let marks = |changes: &[&str], settings: &str| {
        let folder = inputs(changes, settings);
        let mut request = request_in(folder.path());
        request.only = BTreeSet::from(["roadmap".to_owned()]);
        let typeset = pages(&request).remove("roadmap").expect("the roadmap").1;
        assert!(typeset.pages > 1);
        let carries = |page: &PageText, mark: &str| format!("{}\n{}", page.margin, page.body).contains(mark);
        let on_all = |mark: &str| typeset.texts.iter().all(|page| carries(page, mark));
        let on_none = |mark: &str| !typeset.texts.iter().any(|page| carries(page, mark));
        let sides = [&sample, &draft].map(|mark| match (on_all(mark), on_none(mark)) {
            (true, _) => "all",
            (_, true) => "none",
            _ => "some",
        });
        let xmp = String::from_utf8_lossy(&typeset.pdf).contains(&sample);
        (sides, xmp)
    };
    assert_eq!(marks(&[], ""), (["all", "none"], true));
    assert_eq!(marks(&[], "draft = true").0, ["all", "all"]);
    assert_eq!(marks(&[&flag("")], "").0, ["all", "none"]);
    assert_eq!(marks(&[&flag(" возможно")], "").0, ["all", "none"]);
    assert_eq!(marks(&[&flag(" нет")], ""), (["none", "none"], false));
}

#[test]
fn shares_that_are_cut_off_say_so() {
    let of = |settings: &str| {
        let folder = inputs(&[], settings);
        let mut request = request_in(folder.path());
        request.only = ["concept", "monitoring"].map(str::to_owned).into();
        outcome(&request, true);
        let bytes = std::fs::read(request.outputs.join(SAMPLE).join("Мониторинг.xlsx")).expect("the return");
        let text = text_of(&pages(&request).remove("concept").expect("the concept").1);
        (text.split_whitespace().collect::<Vec<_>>().join(" "), first_sheet_xml(&bytes))
    };
    let note = messages().text("cut-off-note", &[]);
    let (rounded, cut) = (of(""), of("rounding = { mode = 'cut-off' }"));
    assert!(!rounded.0.contains(&note) && cut.0.contains(&note), "the note");
    assert!(rounded.0.contains("не более 6 %") && cut.0.contains("не более 5 %"), "the share of 1 school of 17");
    assert!(rounded.1.contains("ROUND(") && !rounded.1.contains("ROUNDDOWN("), "formulas that round");
    assert!(cut.1.contains("ROUNDDOWN("), "formulas that cut off");
}

#[test]
fn a_cell_with_an_error_of_a_formula_blocks_what_needs_it() {
    let folder = inputs(&[], SMALL);
    let path = folder.path().join("inputs").join(SAMPLE).join("Результаты процедур.xlsx");
    let bytes = std::fs::read(&path).expect("the workbook");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
    let mut copy = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let mut broken = 0;
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).expect("a part");
        let name = part.name().expect("a name").to_string();
        let mut content = Vec::new();
        part.read_to_end(&mut content).expect("bytes");
        // The second sheet holds ОГЭ.
        if name == "xl/worksheets/sheet2.xml" {
            let text = String::from_utf8(content).expect("a text");
            let (before, after) = text.split_once("<c r=\"G38\"").expect("the cell");
            let (cell, after) = after.split_once("</c>").expect("its end");
            let style = cell.split('>').next().unwrap_or_default();
            broken += 1;
            content = format!("{before}<c r=\"G38\"{style} t=\"e\"><v>#DIV/0!</v></c>{after}").into_bytes();
        }
        copy.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
        copy.write_all(&content).expect("bytes");
    }
    assert_eq!(broken, 1);
    std::fs::write(&path, copy.finish().expect("an archive").into_inner()).expect("written");
    let outcome = outcome(&request_in(folder.path()), false);
    let places: Vec<String> = outcome
        .diagnostics
        .iter()
        .filter(|finding| finding.id == "broken-cell")
        .map(|finding| finding.place.text())
        .collect();
    assert_eq!(places, ["Результаты процедур.xlsx › ОГЭ!G38"]);
    assert_eq!(
        outcome.produced,
        ["Дорожная карта.pdf", "Открытая редакция/Анализ.xlsx", "Анализ.xlsx", "Протокол проверки данных.xlsx"],
        "{:?}",
        outcome.blocked
    );
}

/// Runs the command line in this process.
fn svod(arguments: &[&str]) -> Printed {
    let arguments = std::iter::once("svod").chain(arguments.iter().copied()).map(Into::into).collect();
    cli::run(&World {
        arguments,
        processors: 1,
        progress: None,
        reader: svod::workbook::Reader::InProcess,
        today: "01.11.2022".to_owned(),
    })
}

#[test]
fn the_exit_status_tells_what_was_found_in_every_format() {
    let clean = inputs(&["Реквизиты и лица.xlsx › Реквизиты!C10 = Год\u{200b} отчёта"], "");
    let warned = inputs(&["Результаты процедур.xlsx › ОГЭ!G38 = '67"], SMALL);
    let failed = inputs(&[BLANK_COUNT], SMALL);
    let path = |folder: &tempfile::TempDir| folder.path().join("inputs").to_string_lossy().into_owned();
    assert_eq!(svod(&["check", &path(&clean), "--deny", "warnings"]).status, cli::CLEAN, "notes are no warnings");
    assert_eq!(svod(&["check", &path(&warned)]).status, cli::CLEAN);
    assert_eq!(svod(&["check", &path(&warned), "--deny", "warnings"]).status, cli::FINDINGS);
    for format in ["human", "short", "json"] {
        let printed = svod(&["check", &path(&failed), "--format", format]);
        assert_eq!(printed.status, cli::FINDINGS, "{format}");
        assert!(printed.err.contains("missing-value") && printed.err.contains("ОГЭ!G38"), "{format}: {}", printed.err);
        assert!(printed.out.contains("Приказ.pdf"), "{format}: what was blocked: {}", printed.out);
        if format == "json" {
            let lines = printed.err.lines().chain(printed.out.lines());
            assert!(lines.into_iter().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
        }
        let nowhere = svod(&["check", "/nowhere/at/all", "--format", format]);
        assert_eq!(nowhere.status, cli::COULD_NOT_RUN, "{format}");
        assert!(nowhere.err.contains("no-inputs"), "{format}: {}", nowhere.err);
    }
}

/// Words that a parser of arguments says by itself.
const FOREIGN: [&str; 16] = [
    "Usage",
    "Options",
    "OPTIONS",
    "Commands",
    "COMMAND",
    "Arguments",
    "Print ",
    "help for",
    "error",
    "tip",
    "possible",
    "required",
    "unexpected",
    "unrecognized",
    "similar",
    "default",
];

#[test]
fn help_and_usage_errors_speak_russian() {
    let russian = |text: &str| {
        let found: Vec<_> = FOREIGN.iter().filter(|word| text.contains(*word)).collect();
        assert!(found.is_empty(), "{found:?} in {text}");
        assert!(text.chars().any(|c| ('а'..='я').contains(&c)), "{text}");
    };
    for arguments in
        [&["--help"][..], &["build", "--help"], &["check", "-h"], &["list", "--help"], &["explain", "--help"]]
    {
        let printed = svod(arguments);
        assert_eq!((printed.status, printed.err.as_str()), (cli::CLEAN, ""), "{arguments:?}");
        russian(&printed.out);
    }
    for arguments in [
        &[][..],
        &["bild"],
        &["build", "--jobs", "0"],
        &["build", "--jobs"],
        &["build", "--format", "xml"],
        &["build", "--jobz", "3"],
        &["build", "a", "b"],
        &["build", "--draft", "--draft"],
        &["build", "--deny", "notes"],
        &["list", "all"],
        &["explain", "figure"],
        &["explain", "cell", "A1"],
    ] {
        let printed = svod(arguments);
        assert_eq!((printed.status, printed.out.as_str()), (cli::COULD_NOT_RUN, ""), "{arguments:?}");
        russian(&printed.err);
    }
}

#[test]
fn only_carries_the_rest_and_what_is_blocked_goes() {
    let folder = inputs(&[], SMALL);
    let request = request_in(folder.path());
    let (inputs, outputs) = (request.inputs.to_string_lossy(), request.outputs.to_string_lossy());
    assert_eq!(svod(&["build", &inputs, "-o", &outputs]).status, cli::CLEAN);
    let manifest = || output::read_manifest(&request.outputs, SAMPLE).expect("a manifest");
    let entries = |manifest: &Manifest| -> Vec<(String, bool)> {
        manifest.outputs.iter().map(|entry| (entry.path.clone(), entry.carried)).collect()
    };
    let whole = entries(&manifest());
    assert_eq!(svod(&["build", &inputs, "-o", &outputs, "--only", "order"]).status, cli::CLEAN);
    let made = ["Приказ.pdf", "index.html", "ledger.json", "Опись.xlsx"];
    let expected: Vec<(String, bool)> =
        whole.iter().map(|(path, _)| (path.clone(), !made.contains(&path.as_str()))).collect();
    assert_eq!(entries(&manifest()), expected);

    write_changed(&[BLANK_EXECUTOR], SMALL, &request.inputs).expect("the inputs");
    let printed = svod(&["build", &inputs, "-o", &outputs]);
    assert_eq!(printed.status, cli::FINDINGS);
    assert!(printed.out.contains("больше нет в пакете: Дорожная карта.pdf"), "{}", printed.out);
    let manifest = manifest();
    assert_eq!(manifest.removed, ["Дорожная карта.pdf"]);
    assert_eq!(
        manifest.blocked.iter().filter_map(|blocked| blocked.file.as_deref()).collect::<Vec<_>>(),
        ["Дорожная карта.pdf"]
    );
    assert!(!request.outputs.join(SAMPLE).join("Дорожная карта.pdf").exists());
    assert!(request.outputs.join(SAMPLE).join("Приказ.pdf").exists());
}

/// How many runs are killed.
const KILLS: u32 = 20;

#[test]
fn a_killed_run_leaves_the_previous_outputs_or_the_new_ones() {
    let (old, new) = (inputs(&[BLANK_EXECUTOR], SMALL), inputs(&[], SMALL));
    let start = |inputs: &Path, outputs: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_svod"));
        command.arg("build").arg(inputs.join("inputs")).arg("-o").arg(outputs).args(["--jobs", "1"]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program")
    };
    let outer = tempfile::tempdir().expect("a folder");
    let whole = |inputs: &Path, name: &str| -> (Duration, BTreeMap<String, String>) {
        let outputs = outer.path().join(name);
        let started = Instant::now();
        start(inputs, &outputs).wait().expect("its end");
        (started.elapsed(), hashes(&outputs.join(SAMPLE)))
    };
    let (_, before) = whole(old.path(), "old");
    let (time, after) = whole(new.path(), "new");
    assert_ne!(before, after);
    let mut seed = 7;
    let mut seen = BTreeMap::new();
    for kill in 0..KILLS {
        let outputs = outer.path().join(format!("killed-{kill}"));
        copy(&outer.path().join("old"), &outputs);
        let mut child = start(new.path(), &outputs);
        // Half of the kills fall upon the last fifth, where files are written and folders renamed.
        let mut moments: Vec<u32> = (0..1000).collect();
        shuffle(&mut moments, &mut seed);
        let moment = moments.first().copied().unwrap_or_default();
        let thousandths = if kill % 2 == 0 { moment } else { 800 + moment / 4 };
        std::thread::sleep(time * thousandths / 1000);
        child.kill().expect("killed");
        child.wait().expect("its end");
        output::recover(&outputs, SAMPLE, &mut Diagnostics::default());
        let found = hashes(&outputs.join(SAMPLE));
        let which = if found == before { "old" } else { "new" };
        assert!(found == before || found == after, "kill {kill} after {thousandths} thousandths: {found:?}");
        let left: Vec<PathBuf> = std::fs::read_dir(&outputs)
            .expect("a folder")
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.is_dir())
            .collect();
        assert_eq!(left, [outputs.join(SAMPLE)], "kill {kill}");
        let manifest = output::read_manifest(&outputs, SAMPLE).expect("a manifest");
        for entry in manifest.outputs {
            assert_eq!(found.get(&entry.path), Some(&entry.sha256), "kill {kill}: {}", entry.path);
        }
        *seen.entry(which).or_insert(0) += 1;
    }
    assert!(seen.contains_key("old"), "no kill came before the end: {seen:?}");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copied");
        }
    }
}

#[test]
fn results_of_a_group_that_looks_at_changes_alone_have_no_threshold() {
    let outer = tempfile::tempdir().expect("a folder");
    let inputs = outer.path().join("inputs");
    copy(&project("inputs/plast"), &inputs.join("plast"));
    let printed = svod(&["explain", "school", "ОО-08", "-i", &inputs.to_string_lossy()]);
    assert!(printed.out.contains("ниже минимума 5 из 18 (27,8\u{a0}%); порог 30,0\u{a0}%"), "{}", printed.out);
    assert!(printed.out.contains("ниже минимума 5 из 18 (27,8\u{a0}%)\n"), "{}", printed.out);
    assert!(!printed.out.contains("порог 0,0"), "{}", printed.out);
}

/// Findings that neither a case nor a test of a stage shows, and why.
const UNSHOWN: &[(&str, &[&str])] =
    &[("no sample has a gap among its indicators, and the text only repeats that of the gap", &["fill-gap"])];

/// Lists the source files below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = files(folder, "rs");
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        if entry.path().is_dir() {
            found.extend(sources(&entry.path()));
        }
    }
    found
}

/// Writes an id the way a variant is written.
fn variant(id: &str) -> String {
    let word = |word: &str| word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1)).collect();
    id.split('-').map(word).collect::<Vec<String>>().concat()
}

#[test]
fn every_finding_is_shown_by_a_case_or_a_test_or_named_with_the_reason() {
    let snapshots = files(&project("tests/cases/snapshots"), "snap");
    let cases: Vec<String> = snapshots.iter().map(|path| read_text(path).expect("a snapshot")).collect();
    // `texts` names findings of its own making.
    let own = |path: &PathBuf| !matches!(stem(path).as_str(), "runs" | "texts");
    let mut tests: Vec<String> = files(&project("tests/integration"), "rs")
        .iter()
        .filter(|path| own(path))
        .map(|path| read_text(path).expect("a test"))
        .collect();
    // Of the program's own files only the tests at their end, and files of nothing but tests.
    for path in sources(&project("src")) {
        let text = read_text(&path).expect("a source file");
        match text.split_once("#[cfg(test)]\nmod tests {") {
            Some((_, below)) => tests.push(below.to_owned()),
            None if stem(&path) == "tests" => tests.push(text),
            None => {}
        }
    }
    let runs = read_text(&project("tests/integration/runs.rs")).expect("this file");
    let shown = |id: &str| {
        let short = id.strip_prefix("unreadable-").unwrap_or(id);
        let names = [format!("\"{id}\""), format!("\"{short}\""), format!("::{}", variant(id))];
        cases.iter().any(|text| text.contains(&format!("[{id}]:")))
            || tests.iter().any(|text| names.iter().any(|name| text.contains(name)))
            || [format!("finding.id == \"{id}\""), format!("err.contains(\"{id}\")")]
                .iter()
                .any(|own| runs.contains(own))
    };
    let messages = messages();
    let unshown: BTreeSet<&str> = UNSHOWN.iter().flat_map(|(_, ids)| ids.iter().copied()).collect();
    let uncovered: Vec<&str> = messages.ids().filter(|id| !shown(id) && !unshown.contains(id)).collect();
    assert!(uncovered.is_empty(), "nothing shows {}", uncovered.join(", "));
    let needless = unshown.iter().filter(|id| shown(id) || !messages.ids().any(|known| known == **id));
    let needless: Vec<&&str> = needless.collect();
    assert!(needless.is_empty(), "named as unshown for nothing: {needless:?}");
}

#[test]
fn a_kind_that_is_not_in_the_settings_is_named_and_nothing_is_written() {
    let outer = inputs(&[], "");
    let mut request = request(&outer.path().join("inputs"), &outer.path().join("outputs"));
    request.only = ["приказ".to_owned()].into();
    let outcome = outcome(&request, true);
    assert_eq!(outcome.diagnostics.iter().filter(|finding| finding.id == "unknown-only").count(), 1);
    assert!(outcome.produced.is_empty() && !outer.path().join("outputs").join(SAMPLE).exists());
}
