//! The protocol of a run's findings: what it holds, that it is always made, and that order and time change nothing.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use svod::diag::Severity;
use svod::pipeline::Outcome;
use svod::workbook::{Book, CellValue, read_xlsx};

use crate::{cases, run};

const FILE: &str = "Протокол проверки данных";
/// Three faults: a count that is no number, a result that is missing, a school that nobody knows.
const FAULTS: &str = "\n## Changes\n\n\
    - Результаты процедур.xlsx › ОГЭ!G4 = много\n\
    - Результаты процедур.xlsx › ВПР!row 4 removed\n\
    - Школы.xlsx › Перечни!A4 = ОО-99\n";

/// Runs the sample with changes, and gives what became of it and the files of the protocol.
fn made(changes: &str) -> (Outcome, Vec<u8>, Book) {
    let outer = tempfile::tempdir().expect("a folder");
    let inputs = outer.path().join("inputs");
    cases::sample_with(&format!("# probe\n\nA probe.\n{changes}"), &inputs).expect("inputs");
    let request = run::request(&inputs, &outer.path().join("outputs"));
    let outcome = run::outcome(&request, true);
    let read = |extension: &str| {
        let folder = outer.path().join("outputs").join(&outcome.municipality);
        std::fs::read(folder.join(format!("{FILE}.{extension}"))).expect("the protocol")
    };
    let (pdf, xlsx) = (read("pdf"), read("xlsx"));
    (outcome, pdf, read_xlsx(&xlsx).expect("a workbook"))
}

/// The rows of a sheet as texts, from the row whose first cell is this.
fn rows(book: &Book, sheet: &str, from: &str) -> Vec<BTreeMap<u16, String>> {
    let sheet = book.sheets.iter().find(|found| found.name == sheet).expect("the sheet");
    let text = |value: &CellValue| match value {
        CellValue::Text(text) => text.to_string(),
        CellValue::Number(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    let rows = sheet.rows.values().map(|row| row.iter().map(|(column, value)| (*column, text(value))).collect());
    rows.skip_while(|row: &BTreeMap<u16, String>| row.get(&0).is_none_or(|first| first != from)).skip(1).collect()
}

/// The text of a PDF without blanks and hyphens, which the lines of narrow columns would move.
fn printed(pdf: &[u8]) -> String {
    let document = lopdf::Document::load_mem(pdf).expect("a PDF");
    let pages: Vec<u32> = document.get_pages().into_keys().collect();
    tight(&document.extract_text(&pages).expect("its text"))
}

fn tight(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\u{200b}' | '\u{ad}' | '-')).collect()
}

#[test]
fn every_finding_is_a_row_of_both() {
    let (outcome, pdf, book) = made(FAULTS);
    let rows = rows(&book, "Замечания", "№");
    // What the run writes is found after the protocol is made: nothing here.
    let found = outcome.diagnostics.sorted();
    assert_eq!(rows.len(), found.len());
    let text = printed(&pdf);
    for rule in ["not-a-number", "missing-result", "unknown-school"] {
        let mut of = rows.iter().filter(|row| row.get(&8).is_some_and(|found| found == rule));
        let row = of.next().expect(rule);
        assert!(of.next().is_none(), "{rule}");
        assert_eq!(row.get(&1).map(String::as_str), Some("ошибка"), "{rule}");
        let message = row.get(&6).expect("a message");
        // A page has one dash.
        let tail: String = tight(&svod::ru::dashes(message)).chars().skip(1).collect();
        assert!(text.contains(&tail), "{rule}: {message} is not among\n{text}");
    }
    let of = |rule: &str, column: u16| {
        let row = rows.iter().find(|row| row.get(&8).is_some_and(|found| found == rule)).expect("a row");
        row.get(&column).cloned().unwrap_or_default()
    };
    assert_eq!((of("not-a-number", 2), of("not-a-number", 3)), ("Результаты процедур.xlsx".into(), "ОГЭ".into()));
    assert_eq!(of("not-a-number", 4), "G4");
    assert!(of("not-a-number", 5).starts_with("ОО-"), "{}", of("not-a-number", 5));
    assert!(of("missing-result", 5).starts_with("ОО-"), "{}", of("missing-result", 5));
    assert_eq!(of("unknown-school", 5), "муниципалитет в целом");
    let figure = |file: &str, id: &str| {
        let entry = outcome.ledger.documents.iter().find(|entry| entry.file == file).expect("an entry");
        entry.figures.iter().find(|figure| figure.id == id).map(|figure| figure.text.clone())
    };
    let errors = found.iter().filter(|finding| finding.severity == Severity::Error).count().to_string();
    for extension in ["pdf", "xlsx"] {
        assert_eq!(figure(&format!("{FILE}.{extension}"), "findings-errors"), Some(errors.clone()), "{extension}");
    }
}

#[test]
fn counts_by_rule_and_by_school_add_up() {
    let (outcome, _, book) = made(FAULTS);
    let total = outcome.diagnostics.sorted().len().to_string();
    for title in ["По правилам", "По школам"] {
        let rows = rows(&book, "Сводка", title);
        let sum = rows.iter().find(|row| row.get(&0).is_some_and(|name| name == "Всего")).expect("sums");
        assert_eq!(sum.get(&4), Some(&total), "{title}");
    }
}

#[test]
fn a_protocol_is_made_whatever_is_blocked() {
    let (outcome, ..) = made("\n## Changes\n\n- Реквизиты и лица.xlsx › Наименования removed\n");
    assert!(!outcome.blocked.is_empty());
    assert!(outcome.produced.contains(&format!("{FILE}.pdf")), "{:?}", outcome.blocked);
    assert!(outcome.produced.contains(&format!("{FILE}.xlsx")), "{:?}", outcome.blocked);
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let (_, first, _) = made(FAULTS);
    let (_, second, _) = made(FAULTS);
    assert!(first == second);
}

#[test]
fn rows_that_change_places_change_addresses_only() {
    let swapped = "\n## Changes\n\n\
        - Результаты процедур.xlsx › ОГЭ!G4 = много\n\
        - Результаты процедур.xlsx › ОГЭ!G9 = мало\n";
    let content = |changes: &str| {
        let (_, _, book) = made(changes);
        let rows = rows(&book, "Замечания", "№");
        let without_cell = rows.into_iter().map(|mut row| {
            row.remove(&4);
            row
        });
        without_cell.collect::<Vec<_>>()
    };
    // The same two texts in the other order: the lengths of what was found are told, not the rows.
    let other = swapped.replace("G4 = много", "G4 = мало ").replace("G9 = мало\n", "G9 = много\n");
    let (first, second) = (content(swapped), content(&other));
    let messages = |rows: &[BTreeMap<u16, String>]| {
        let mut all: Vec<_> = rows.iter().filter_map(|row| row.get(&6).cloned()).collect();
        all.sort();
        all
    };
    assert_eq!(messages(&first), messages(&second));
}

#[test]
fn foreign_signs_and_endless_words_do_not_stop_it() {
    let outer = tempfile::tempdir().expect("a folder");
    let inputs = outer.path().join("inputs");
    cases::sample_with("# probe\n\nA probe.\n", &inputs).expect("inputs");
    let folder = svod_folder(&inputs);
    for name in ["данные 😀 数据.xlsx".to_owned(), format!("{}.xlsx", "Ш".repeat(80))] {
        std::fs::write(folder.join(name), b"no workbook").expect("a file");
    }
    let outcome = run::outcome(&run::request(&inputs, &outer.path().join("outputs")), false);
    assert!(outcome.produced.contains(&format!("{FILE}.pdf")), "{:?}", outcome.blocked);
}

#[test]
fn thousands_of_findings_make_a_protocol() {
    let outer = tempfile::tempdir().expect("a folder");
    let inputs = outer.path().join("inputs");
    let mut changes = String::from("# probe\n\nA probe.\n\n## Changes\n\n");
    for row in 4..3004 {
        let _ = writeln!(changes, "- Поддержка школ.xlsx › Журнал методической помощи!B{row} = нет-{row}");
    }
    cases::sample_with(&changes, &inputs).expect("inputs");
    let mut request = run::request(&inputs, &outer.path().join("outputs"));
    request.only = ["protocol", "findings"].map(str::to_owned).into();
    let outcome = run::outcome(&request, false);
    assert!(outcome.produced.len() == 2, "{:?}", outcome.blocked);
    assert!(outcome.diagnostics.sorted().len() >= 3000, "{}", outcome.diagnostics.sorted().len());
}

/// The one municipality of an inputs folder.
fn svod_folder(inputs: &Path) -> std::path::PathBuf {
    let mut folders = std::fs::read_dir(inputs).expect("inputs").flatten().map(|entry| entry.path());
    folders.find(|path| path.is_dir()).expect("a municipality")
}
