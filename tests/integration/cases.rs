//! The cases of `tests/cases`: one Markdown file a case, one snapshot beside it.
//! In: a case. Out: an inputs folder for the program, and a report that is compared with the snapshot.
//! It must never know how the program is run: that is `run`.
//!
//! A case file:
//! - `# case-id` (the name of the file), then a sentence or two on the reason;
//! - fenced blocks whose info string names a file: `toml svod.toml` holds overrides of the sample's settings (tables are
//!   merged, other values replaced); any other path is written as it stands, for example
//!   `typst templates/documents/order/preamble.typ.j2`;
//! - `## Имя.xlsx`, `### Лист`, a title, a table: workbooks as in `workbook`;
//! - `## Changes`: a list of changes to the sample's workbooks, applied in this order. Addresses are those of the
//!   workbook as it is written: title row 1, header row 3, first row of data 4.
//!   - `- Школы.xlsx removed`
//!   - `- Школы.xlsx › Перечни removed`
//!   - `- Результаты процедур.xlsx › ОГЭ!G14 = 12` (a cell of a table; nothing after `=` empties it)
//!   - `- Результаты процедур.xlsx › ОГЭ!row 14 twice`, `… removed`
//!   - `- Результаты процедур.xlsx › ОГЭ!column «Участников» removed`, `… renamed «Всего»`
//!
//! A case with a list of changes, or without workbooks of its own, stands on the sample; its own workbooks are added.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Component, Path};

use crate::workbook::{self, Sheet, Workbook};
use crate::{files, project, read_text, sample, stem};

/// The municipality on whose workbooks and settings the cases stand.
pub const SAMPLE: &str = "mariinsk";
/// The settings file of a municipality.
const SETTINGS: &str = "svod.toml";
/// Row of the header in a written workbook, counted from one.
const HEADER_ROW: usize = 3;

/// What a run tells about a case.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct CaseReport {
    /// The findings as printed.
    pub diagnostics: String,
    /// What was made.
    pub produced: Vec<String>,
    /// What was blocked, with the reason.
    pub blocked: Vec<String>,
    /// The figures worth comparing.
    pub figures: Vec<String>,
    /// The advice, where the case asks for it.
    pub advice: Vec<String>,
}

/// Runs the program on an inputs folder (municipalities are its subfolders). The folder lies alone in a folder that
/// goes when the run is over, so outputs may stand beside it.
pub type Run = fn(&Path) -> CaseReport;

/// A case as written down.
#[derive(Debug, Default)]
struct Case {
    id: String,
    reason: String,
    settings: toml::Table,
    texts: Vec<(String, String)>,
    changes: Option<Vec<String>>,
    books: Vec<Workbook>,
}

/// Runs every case and compares its report with its snapshot.
///
/// Panics when a case cannot be read, or differs; all of them are run and named.
pub fn check_all(run: Run) {
    let failed = check_folder(&project("tests/cases"), run).unwrap_or_else(|error| vec![error]);
    assert!(failed.is_empty(), "{} cases failed:\n{}", failed.len(), failed.join("\n"));
}

/// Runs the cases of a folder; returns a line for each that failed.
fn check_folder(folder: &Path, run: Run) -> Result<Vec<String>, String> {
    let (base, settings) = sample::core(SAMPLE)?;
    let mut paths = files(folder, "md");
    // One case at a time while it is written: `SVOD_CASE=sheet-missing`.
    if let Ok(wanted) = std::env::var("SVOD_CASE") {
        paths.retain(|path| stem(path).starts_with(&wanted));
    }
    if paths.is_empty() {
        return Err(format!("{}: no case", folder.display()));
    }
    let report = |path: &Path| {
        let case = parse(&read_text(path)?)?;
        if case.id != stem(path) {
            return Err(format!("the heading says {}", case.id));
        }
        let outer = tempfile::tempdir().map_err(|error| error.to_string())?;
        let inputs = outer.path().join("inputs");
        assemble(&case, &base, &settings, &inputs.join(SAMPLE))?;
        Ok((case.reason, report_text(&run(&inputs))))
    };
    let workers = std::thread::available_parallelism().map_or(1, NonZero::get);
    let reports: BTreeMap<String, Result<(String, String), String>> = std::thread::scope(|scope| {
        let own = |first: usize| paths.iter().skip(first).step_by(workers).map(|path| (stem(path), report(path)));
        let run = |first: usize| scope.spawn(move || own(first).collect::<Vec<_>>());
        let threads: Vec<_> = (0..workers).map(run).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    let mut failed = Vec::new();
    for (id, report) in reports {
        match report {
            Err(error) => failed.push(format!("{id}: {error}")),
            Ok((reason, report)) => {
                let mut settings = insta::Settings::clone_current();
                settings.set_snapshot_path(folder.join("snapshots"));
                settings.set_prepend_module_to_snapshot(false);
                settings.set_omit_expression(true);
                settings.set_description(reason);
                let compare = || settings.bind(|| insta::assert_snapshot!(id.as_str(), report));
                if catch_unwind(AssertUnwindSafe(compare)).is_err() {
                    failed.push(format!("{id}: differs from its snapshot"));
                }
            }
        }
    }
    Ok(failed)
}

/// Writes the inputs of a case that stands on the sample.
///
/// # Errors
/// Says what is wrong with the case.
pub fn sample_with(case: &str, inputs: &Path) -> Result<(), String> {
    let (base, settings) = sample::core(SAMPLE)?;
    assemble(&parse(case)?, &base, &settings, &inputs.join(SAMPLE))
}

/// Writes the sample with changes, and with settings laid over its own, as an inputs folder.
///
/// # Errors
/// Names the change that finds nothing to change.
pub fn write_changed(changes: &[&str], settings: &str, inputs: &Path) -> Result<(), String> {
    let (base, shipped) = sample::core(SAMPLE)?;
    let settings = settings.parse().map_err(|error| format!("{SETTINGS}: {error}"))?;
    let changes = Some(changes.iter().map(|change| (*change).to_owned()).collect());
    assemble(&Case { settings, changes, ..Case::default() }, &base, &shipped, &inputs.join(SAMPLE))
}

/// Writes a report the way snapshots keep it.
fn report_text(report: &CaseReport) -> String {
    let mut text = format!("diagnostics:\n{}\n", report.diagnostics.trim_end());
    for (title, lines) in [("produced", &report.produced), ("blocked", &report.blocked), ("figures", &report.figures)] {
        let _ = writeln!(text, "\n{title}:");
        for line in lines {
            let _ = writeln!(text, "- {line}");
        }
    }
    if !report.advice.is_empty() {
        let _ = writeln!(text, "\nadvice:\n- {}", report.advice.join("\n- "));
    }
    text
}

/// Names the snapshots of a folder of cases that belong to no case.
fn unused_snapshots(folder: &Path) -> Vec<String> {
    let cases: Vec<String> = files(folder, "md").iter().map(|path| stem(path)).collect();
    let snapshots = files(&folder.join("snapshots"), "snap");
    snapshots.iter().map(|path| stem(path)).filter(|name| !cases.contains(name)).collect()
}

/// Reads a case.
fn parse(text: &str) -> Result<Case, String> {
    let mut case = Case::default();
    // Lines that belong to workbooks; the others are left empty, so that line numbers stay true.
    let mut tables = String::new();
    let mut fence: Option<(String, String)> = None;
    let mut is_in_book = false;
    for (index, line) in text.lines().enumerate() {
        let fail = |what: &str| Err(format!("line {}: {what}: {line}", index + 1));
        let mut is_table = false;
        if let Some(rest) = line.strip_prefix("```") {
            match fence.take() {
                Some((file, body)) if file == SETTINGS => {
                    case.settings = body.parse().map_err(|error| format!("{SETTINGS}: {error}"))?;
                }
                Some(block) => case.texts.push(block),
                None => match rest.split_once(' ') {
                    Some((_, file)) if is_inside(file) => fence = Some((file.to_owned(), String::new())),
                    _ => return fail("a block that names no file"),
                },
            }
        } else if let Some((_, body)) = &mut fence {
            let _ = writeln!(body, "{line}");
        } else if let Some(id) = line.strip_prefix("# ") {
            if !case.id.is_empty() {
                return fail("a second heading");
            }
            case.id = id.trim().to_owned();
        } else if line.trim() == "## Changes" {
            if case.changes.is_some() {
                return fail("a second list of changes");
            }
            case.changes = Some(Vec::new());
            is_in_book = false;
        } else if line.starts_with("##") || is_in_book {
            (is_table, is_in_book) = (true, true);
        } else if let Some(change) = line.strip_prefix("- ")
            && let Some(changes) = &mut case.changes
        {
            changes.push(change.trim().to_owned());
        } else if !line.trim().is_empty() {
            if case.changes.is_some() {
                return fail("not a change");
            }
            let blank = if case.reason.is_empty() { "" } else { " " };
            let _ = write!(case.reason, "{blank}{}", line.trim());
        }
        tables.push_str(if is_table { line } else { "" });
        tables.push('\n');
    }
    if let Some((file, _)) = fence {
        return Err(format!("the block {file} has no end"));
    }
    if case.id.is_empty() || case.reason.is_empty() {
        return Err("a case begins with its id and its reason".to_owned());
    }
    if case.changes.as_ref().is_some_and(Vec::is_empty) {
        return Err("no change in the list of changes".to_owned());
    }
    case.books = workbook::parse(&tables, 2)?;
    Ok(case)
}

/// Tells whether a path leads to a file inside the folder to which it is joined.
fn is_inside(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

/// Writes the inputs of a case: workbooks, settings, further files.
fn assemble(case: &Case, base: &[Workbook], settings: &str, folder: &Path) -> Result<(), String> {
    let mut books = Vec::new();
    if case.changes.is_some() || case.books.is_empty() {
        books.extend_from_slice(base);
    }
    for change in case.changes.iter().flatten() {
        apply(change, &mut books).map_err(|error| format!("{change}: {error}"))?;
    }
    books.extend_from_slice(&case.books);
    if let Some(file) = workbook::repeated(&books).first() {
        return Err(format!("{file} is in the sample: remove it first"));
    }
    let mut merged: toml::Table = settings.parse().map_err(|error| format!("{SETTINGS} of the sample: {error}"))?;
    merge(&mut merged, &case.settings);
    let mut texts = vec![(SETTINGS.to_owned(), toml::to_string(&merged).map_err(|error| error.to_string())?)];
    texts.extend_from_slice(&case.texts);
    let texts = texts.into_iter().map(|(file, text)| Ok::<_, String>((file, text.into_bytes())));
    let books = books.iter().map(|book| Ok((book.file.clone(), workbook::write(book)?)));
    for entry in texts.chain(books) {
        let (file, bytes) = entry?;
        let path = folder.join(&file);
        let parent = path.parent().unwrap_or(folder);
        let written = std::fs::create_dir_all(parent).and_then(|()| std::fs::write(&path, bytes));
        written.map_err(|error| format!("{file}: {error}"))?;
    }
    Ok(())
}

fn merge(target: &mut toml::Table, overrides: &toml::Table) {
    for (key, value) in overrides {
        match (target.get_mut(key), value) {
            (Some(toml::Value::Table(old)), toml::Value::Table(new)) => merge(old, new),
            _ => {
                target.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Applies one change; a change that finds nothing to change is an error.
fn apply(change: &str, books: &mut Vec<Workbook>) -> Result<(), String> {
    let Some((file, rest)) = change.split_once(" › ") else {
        let file = change.strip_suffix(" removed").ok_or("not a change of a workbook")?;
        let before = books.len();
        books.retain(|book| book.file != file);
        return if books.len() < before { Ok(()) } else { Err(format!("no workbook {file}")) };
    };
    let book = books.iter_mut().find(|book| book.file == file).ok_or_else(|| format!("no workbook {file}"))?;
    let Some((name, what)) = rest.split_once('!') else {
        let name = rest.strip_suffix(" removed").ok_or("not a change of a sheet")?;
        let before = book.sheets.len();
        book.sheets.retain(|sheet| sheet.name != name);
        return if book.sheets.len() < before { Ok(()) } else { Err(format!("no sheet {name}")) };
    };
    let sheet = book.sheets.iter_mut().find(|sheet| sheet.name == name).ok_or_else(|| format!("no sheet {name}"))?;
    if let Some(what) = what.strip_prefix("row ") {
        return change_row(sheet, what);
    }
    if let Some(what) = what.strip_prefix("column «") {
        return change_column(sheet, what);
    }
    // An empty value leaves nothing after the sign.
    let (address, value) = what.split_once(" =").ok_or("not a change of a cell, a row or a column")?;
    let (row, column) = position(address)?;
    set(sheet, row, column, value.trim_matches(' '))
}

fn change_row(sheet: &mut Sheet, what: &str) -> Result<(), String> {
    let (row, verb) = what.split_once(' ').ok_or("not a change of a row")?;
    let row: usize = row.parse().map_err(|_| format!("no row {row}"))?;
    let index = row.checked_sub(HEADER_ROW + 1).ok_or("only rows below the header")?;
    let cells = sheet.rows.get(index).cloned().ok_or_else(|| format!("no row {row}"))?;
    match verb {
        "twice" => sheet.rows.insert(index, cells),
        "removed" => {
            sheet.rows.remove(index);
        }
        _ => return Err("a row is there twice, or removed".to_owned()),
    }
    Ok(())
}

fn change_column(sheet: &mut Sheet, what: &str) -> Result<(), String> {
    let find = |header: &str| {
        let index = sheet.header.iter().position(|found| found == header);
        index.ok_or_else(|| format!("no column «{header}»"))
    };
    if let Some(header) = what.strip_suffix("» removed") {
        let index = find(header)?;
        sheet.header.remove(index);
        for row in &mut sheet.rows {
            row.remove(index);
        }
        return Ok(());
    }
    let (header, name) = what.split_once("» renamed «").ok_or("a column is removed, or renamed «…»")?;
    let (index, name) = (find(header)?, name.strip_suffix('»').ok_or("no » at the end")?);
    if let Some(header) = sheet.header.get_mut(index) {
        name.clone_into(header);
    }
    Ok(())
}

fn set(sheet: &mut Sheet, row: usize, column: usize, value: &str) -> Result<(), String> {
    if column >= sheet.header.len() {
        return Err("no such column".to_owned());
    }
    let cell = match row.checked_sub(HEADER_ROW) {
        Some(0) => sheet.header.get_mut(column),
        Some(below) => {
            let blank = vec![String::new(); sheet.header.len()];
            let rows = sheet.rows.len().max(below);
            sheet.rows.resize(rows, blank);
            sheet.rows.get_mut(below - 1).and_then(|cells| cells.get_mut(column))
        }
        None => Some(&mut sheet.title).filter(|_| (row, column) == (1, 0)),
    };
    let cell = cell.ok_or("no cell of a table")?;
    if cell == value {
        return Err("the cell holds this already".to_owned());
    }
    value.clone_into(cell);
    Ok(())
}

/// Reads `G14` as row counted from one and column counted from zero.
fn position(address: &str) -> Result<(usize, usize), String> {
    let letters: String = address.chars().take_while(char::is_ascii_uppercase).collect();
    let digits = address.trim_start_matches(|c: char| c.is_ascii_uppercase());
    let row = digits.parse().ok().filter(|row| *row > 0 && digits.len() < 8);
    if !(1..=3).contains(&letters.len()) {
        return Err(format!("no cell {address}"));
    }
    let column = letters.bytes().fold(0, |sum, letter| sum * 26 + usize::from(letter - b'A') + 1) - 1;
    Ok((row.ok_or_else(|| format!("no cell {address}"))?, column))
}

#[test]
fn no_snapshot_is_unused() {
    let unused = unused_snapshots(&project("tests/cases"));
    assert!(unused.is_empty(), "snapshots without a case: {}", unused.join(", "));
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASE: &str = "# probe\n\nA reason\nin two lines.\n\n```toml svod.toml\n[layout]\nprofile = \"b\"\n```\n\n\
        ```typst templates/x/y.typ.j2\n# not a heading\n```\n\n## Changes\n\n- А.xlsx › Л!B4 = 12\n\n\
        ## Б.xlsx\n\n### Л\n\nТекст\n\n| a |\n|---|\n| 1 |\n";
    const BASE: &str = "# А.xlsx\n## Л\nТекст\n| № | Число «2» |\n|---|---|\n| 1 | 10 |\n| 2 | 20 |\n";

    fn base() -> Vec<Workbook> {
        workbook::parse(BASE, 1).expect("the base")
    }

    /// Applies changes to the base and returns sheet Л of А.xlsx as lines.
    fn changed(changes: &[&str]) -> Result<Vec<String>, String> {
        let mut books = base();
        for change in changes {
            apply(change, &mut books)?;
        }
        let sheet = books.first().and_then(|book| book.sheets.first()).ok_or("nothing left")?;
        let rows = sheet.rows.iter().map(|row| row.join("|"));
        Ok([sheet.title.clone(), sheet.header.join("|")].into_iter().chain(rows).collect())
    }

    #[test]
    fn a_case_is_read() {
        let case = parse(CASE).expect("a case");
        assert_eq!((case.id.as_str(), case.reason.as_str()), ("probe", "A reason in two lines."));
        assert_eq!(case.settings, "layout.profile = 'b'".parse().expect("settings"));
        assert_eq!(case.texts, [("templates/x/y.typ.j2".to_owned(), "# not a heading\n".to_owned())]);
        assert_eq!(case.changes, Some(vec!["А.xlsx › Л!B4 = 12".to_owned()]));
        assert_eq!(case.books.first().map(|book| book.file.as_str()), Some("Б.xlsx"));
    }

    #[test]
    fn a_case_that_cannot_be_read_is_named() {
        for (bad, reason) in [
            (CASE.replace("# probe\n", ""), "begins with its id"),
            (CASE.replace("A reason\nin two lines.\n", ""), "begins with its id"),
            (CASE.replace("templates/", "../"), "names no file"),
            (CASE.replace("typst templates/x/y.typ.j2", "typst"), "names no file"),
            (CASE.replace("profile =", "profile"), "svod.toml"),
            (CASE.replace("- А.xlsx › Л!B4 = 12\n", ""), "no change in the list"),
            (CASE.replace("- А", "А"), "not a change"),
            (CASE.replace("| 1 |", "| 1 | 2 |"), "line 27: 2 cells below 1 headers"),
            (format!("{CASE}```toml x\n"), "has no end"),
        ] {
            let error = parse(&bad).expect_err(reason);
            assert!(error.contains(reason), "{error} instead of {reason}");
        }
    }

    #[test]
    fn changes_change_what_they_name() {
        let lines = |changes: &[&str]| changed(changes).expect("changed").join(" / ");
        assert_eq!(lines(&[]), "Текст / №|Число «2» / 1|10 / 2|20");
        assert_eq!(lines(&["А.xlsx › Л!B5 = 5 %"]), "Текст / №|Число «2» / 1|10 / 2|5 %");
        assert_eq!(lines(&["А.xlsx › Л!B5 ="]), "Текст / №|Число «2» / 1|10 / 2|");
        assert_eq!(lines(&["А.xlsx › Л!A1 = Т", "А.xlsx › Л!A3 = a = b"]), "Т / a = b|Число «2» / 1|10 / 2|20");
        assert_eq!(lines(&["А.xlsx › Л!A7 = 4"]), "Текст / №|Число «2» / 1|10 / 2|20 / | / 4|");
        assert_eq!(lines(&["А.xlsx › Л!row 4 twice"]), "Текст / №|Число «2» / 1|10 / 1|10 / 2|20");
        assert_eq!(lines(&["А.xlsx › Л!row 4 removed"]), "Текст / №|Число «2» / 2|20");
        assert_eq!(lines(&["А.xlsx › Л!column «Число «2»» removed"]), "Текст / № / 1 / 2");
        assert_eq!(lines(&["А.xlsx › Л!column «Число «2»» renamed «Ч»"]), "Текст / №|Ч / 1|10 / 2|20");
        assert_eq!(changed(&["А.xlsx removed"]), Err("nothing left".to_owned()));
        assert_eq!(changed(&["А.xlsx › Л removed"]), Err("nothing left".to_owned()));
        assert_eq!(position("AB12"), Ok((12, 27)));
    }

    #[test]
    fn a_change_without_effect_is_an_error() {
        for change in [
            "Б.xlsx removed",
            "А.xlsx › М removed",
            "А.xlsx › М!B4 = 1",
            "А.xlsx › Л!B4 = 10",
            "А.xlsx › Л!C4 = 1",
            "А.xlsx › Л!B2 = 1",
            "А.xlsx › Л!B1 = 1",
            "А.xlsx › Л!4B = 1",
            "А.xlsx › Л!B4",
            "А.xlsx › Л!row 6 twice",
            "А.xlsx › Л!row 3 removed",
            "А.xlsx › Л!row 4 thrice",
            "А.xlsx › Л!column «Ч» removed",
            "А.xlsx › Л!column «№» doubled",
        ] {
            assert!(changed(&[change]).is_err(), "{change}");
        }
    }

    #[test]
    fn the_inputs_of_a_case_are_written() {
        let case = parse(CASE).expect("a case");
        let folder = tempfile::tempdir().expect("a folder");
        let settings = "name = 'x'\n[layout]\nprofile = 'a'\nkept = 1\n";
        assemble(&case, &base(), settings, folder.path()).expect("inputs");
        let text = |file: &str| read_text(&folder.path().join(file)).expect("a text");
        assert_eq!(text("templates/x/y.typ.j2"), "# not a heading\n");
        let merged: toml::Table = text(SETTINGS).parse().expect("settings");
        assert_eq!(merged, "name = 'x'\nlayout = { profile = 'b', kept = 1 }".parse().expect("settings"));
        let bytes = std::fs::read(folder.path().join("А.xlsx")).expect("a workbook");
        let book = svod::workbook::read_xlsx(&bytes).expect("a readable workbook");
        let cell = book.sheets.first().and_then(|sheet| sheet.rows.get(&3)).and_then(|row| row.get(&1));
        assert_eq!(cell, Some(&svod::workbook::CellValue::Number(12.0)));
        assert_eq!(files(folder.path(), "xlsx").len(), 2);

        let twice = Case { books: base(), changes: Some(Vec::new()), ..Case::default() };
        let error = assemble(&twice, &base(), settings, folder.path()).expect_err("the same file twice");
        assert!(error.contains("is in the sample"), "{error}");
    }

    #[test]
    fn a_case_on_the_sample_alone_has_all_its_workbooks() {
        let case = parse("# probe\n\nOnly settings differ.\n").expect("a case");
        let folder = tempfile::tempdir().expect("a folder");
        assemble(&case, &base(), "", folder.path()).expect("inputs");
        assert_eq!(files(folder.path(), "xlsx").len(), 1);
    }

    #[test]
    fn a_report_keeps_its_parts_apart() {
        let report =
            CaseReport { diagnostics: "d\n".to_owned(), produced: vec!["p".to_owned()], ..CaseReport::default() };
        assert_eq!(report_text(&report), "diagnostics:\nd\n\nproduced:\n- p\n\nblocked:\n\nfigures:\n");
    }

    #[test]
    fn a_snapshot_without_a_case_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let snapshots = folder.path().join("snapshots");
        std::fs::create_dir(&snapshots).expect("a folder");
        for file in ["a.md", "snapshots/a.snap", "snapshots/b.snap"] {
            std::fs::write(folder.path().join(file), "").expect("a file");
        }
        assert_eq!(unused_snapshots(folder.path()), ["b"]);
    }

    #[test]
    fn a_folder_without_cases_proves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(check_folder(folder.path(), |_| CaseReport::default()).is_err());
    }
}
