//! Holds the workbooks shipped in `inputs/` to the tables in `tests/sample/` from which they are made.
//! `SVOD_REMAKE=1 cargo test --test integration sample` makes them anew.

use std::collections::BTreeMap;
use std::path::Path;

use crate::workbook::{self, Workbook};
use crate::{files, project, read_text};

/// Reads all workbooks of a folder of Markdown files.
///
/// # Errors
/// Names the file that cannot be read, or the workbook that stands in two files.
pub fn read(folder: &Path) -> Result<Vec<Workbook>, String> {
    let mut books = Vec::new();
    for path in files(folder, "md") {
        let parsed = workbook::parse(&read_text(&path)?, 1);
        books.extend(parsed.map_err(|error| format!("{}: {error}", path.display()))?);
    }
    match workbook::repeated(&books).first() {
        Some(file) => Err(format!("{}: {file} stands in two files", folder.display())),
        None if books.is_empty() => Err(format!("{}: no tables", folder.display())),
        None => Ok(books),
    }
}

/// The workbook of the sample that papers of the year alone print.
const OF_THE_YEAR: &str = "Документы года.xlsx";

/// The sample with its first family of documents: what a test stands on that does not look at the other papers. The
/// whole package is made once, by the test that looks at all samples.
///
/// # Errors
/// Names the file that cannot be read.
pub fn core(sample: &str) -> Result<(Vec<Workbook>, String), String> {
    let mut books = read(&project("tests/sample").join(sample))?;
    books.retain(|book| book.file != OF_THE_YEAR);
    let text = read_text(&project("inputs").join(sample).join("svod.toml"))?;
    let mut settings: toml::Table = text.parse().map_err(|error| format!("svod.toml: {error}"))?;
    let core: toml::Table = read_text(&project("tests/sample").join(sample).join("core.toml"))?
        .parse()
        .map_err(|error| format!("core.toml: {error}"))?;
    settings.extend(core);
    Ok((books, settings.to_string()))
}

/// Tells how the workbooks of a folder differ from their tables.
fn differences(tables: &Path, inputs: &Path) -> Result<Vec<String>, String> {
    let mut found = BTreeMap::new();
    for path in files(inputs, "xlsx") {
        let bytes = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        found.insert(path.file_name().unwrap_or_default().to_string_lossy().into_owned(), bytes);
    }
    let mut differences = Vec::new();
    for book in read(tables)? {
        match found.remove(&book.file) {
            None => differences.push(format!("{}: not there", inputs.join(&book.file).display())),
            Some(bytes) if bytes != workbook::write(&book)? => {
                differences.push(format!("{}: differs from its tables", inputs.join(&book.file).display()));
            }
            Some(_) => {}
        }
    }
    differences.extend(found.keys().map(|file| format!("{}: has no tables", inputs.join(file).display())));
    Ok(differences)
}

/// Writes the workbooks of a folder of tables.
fn remake(tables: &Path, inputs: &Path) -> Result<(), String> {
    std::fs::create_dir_all(inputs).map_err(|error| format!("{}: {error}", inputs.display()))?;
    for book in read(tables)? {
        let path = inputs.join(&book.file);
        std::fs::write(&path, workbook::write(&book)?).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

#[test]
fn sample_workbooks_are_remade_from_their_tables() {
    let entries = std::fs::read_dir(project("tests/sample")).expect("the folder of samples");
    let mut folders: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    assert!(!folders.is_empty(), "no sample");
    let mut all = Vec::new();
    for tables in folders {
        let inputs = project("inputs").join(tables.file_name().unwrap_or_default());
        if std::env::var_os("SVOD_REMAKE").is_some_and(|value| value == "1") {
            remake(&tables, &inputs).expect("the workbooks");
        }
        all.extend(differences(&tables, &inputs).expect("tables and workbooks"));
    }
    assert!(all.is_empty(), "{}\nSVOD_REMAKE=1 makes the workbooks anew", all.join("\n"));
}

#[test]
fn a_changed_workbook_is_noticed() {
    let folder = tempfile::tempdir().expect("a folder");
    let inputs = folder.path().join("inputs");
    let tables = project("tests/sample/mariinsk");
    remake(&tables, &inputs).expect("the workbooks");
    assert_eq!(differences(&tables, &inputs), Ok(Vec::new()));
    let books = read(&tables).expect("the tables");
    let path = |index: usize| inputs.join(&books.get(index).expect("a workbook").file);
    let (first, second) = (path(0), path(1));
    std::fs::remove_file(&first).expect("removed");
    std::fs::copy(inputs.join("Школы.xlsx"), &second).expect("copied");
    std::fs::copy(&second, inputs.join("Лишний.xlsx")).expect("copied");
    let found = differences(&tables, &inputs).expect("differences");
    let line = |path: &Path, what: &str| format!("{}: {what}", path.display());
    assert_eq!(
        found,
        [
            line(&first, "not there"),
            line(&second, "differs from its tables"),
            line(&inputs.join("Лишний.xlsx"), "has no tables")
        ]
    );
}
