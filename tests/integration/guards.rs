//! The guards against inputs that are too many, too large, too slow or no files at all, each shown by the built program
//! on the sample: what stands in the way is named, everything else is made as ever.

#![expect(clippy::expect_used, reason = "what cannot be made cannot be tested")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use svod::workbook::{Kind, Reader};

use crate::cases::{SAMPLE, write_changed};
use crate::made_books::{pack, xlsx, xlsx_table};
use crate::project;
use crate::runs::hashes;

/// Settings of a package that is made in a moment.
const SMALL: &str = "documents = [{ kind = 'roadmap', file = 'Дорожная карта' }]\nforms = []";

/// What the program said and did.
struct Ran {
    out: String,
    err: String,
    status: Option<i32>,
}

impl Ran {
    /// Asserts that there is a finding.
    fn says(&self, id: &str) {
        assert!(self.err.contains(&format!("[{id}]:")), "no {id} in\n{}", self.err);
    }

    /// Asserts that a finding stands at a place.
    fn names(&self, place: &str, id: &str) {
        let found =
            self.err.lines().any(|line| line.starts_with(&format!("{place}: ")) && line.contains(&format!("[{id}]:")));
        assert!(found, "no {id} at {place} in\n{}", self.err);
    }
}

/// The sample in a folder of its own.
fn sample() -> (tempfile::TempDir, PathBuf) {
    let outer = tempfile::tempdir().expect("a folder");
    let inputs = outer.path().join("inputs");
    write_changed(&[], SMALL, &inputs).expect("the inputs");
    let folder = inputs.join(SAMPLE);
    (outer, folder)
}

/// Runs the built program on the inputs of a folder; outputs go beside them.
fn svod(outer: &Path, command: &str) -> Ran {
    svod_to(outer, command, &outer.join("outputs"))
}

fn svod_to(outer: &Path, command: &str, outputs: &Path) -> Ran {
    let mut svod = Command::new(env!("CARGO_BIN_EXE_svod"));
    svod.args([command, "--format", "short"]).arg(outer.join("inputs"));
    if command == "build" {
        svod.arg("-o").arg(outputs);
    }
    let output = svod.output().expect("the program");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    Ran { out: text(&output.stdout), err: text(&output.stderr), status: output.status.code() }
}

#[test]
fn files_that_cannot_be_taken_are_named_and_cost_no_other() {
    let (outer, folder) = sample();
    std::fs::File::create(folder.join("большой.xlsx")).and_then(|file| file.set_len((50 << 20) + 1)).expect("a file");
    #[cfg(unix)]
    std::os::unix::fs::symlink("/dev/zero", folder.join("ссылка.xlsx")).expect("a link");
    // A path longer than the system takes, made by moving one deep folder into another.
    let deep = |root: &Path| {
        let path = (0..15).fold(root.to_owned(), |path, _| path.join("д".repeat(100)));
        std::fs::create_dir_all(&path).expect("folders");
        path
    };
    let (inner, end) = (outer.path().join("inner"), deep(&folder.join("глубоко")));
    deep(&inner);
    std::fs::rename(&inner, end.join("inner")).expect("moved");
    let ran = svod(outer.path(), "build");
    ran.names("большой.xlsx", "file-too-large");
    #[cfg(unix)]
    ran.names("ссылка.xlsx", "not-a-regular-file");
    ran.says("unreadable-file");
    assert_eq!(ran.status, Some(1), "{}", ran.err);
    assert!(outer.path().join("outputs").join(SAMPLE).join("Дорожная карта.pdf").exists(), "{}", ran.out);
}

#[test]
fn a_folder_with_too_many_files_says_where_it_stopped() {
    let (outer, folder) = sample();
    let many = folder.join("ящик");
    std::fs::create_dir(&many).expect("a folder");
    for index in 0..5_000 {
        std::fs::write(many.join(format!("{index:04}.md")), "").expect("a file");
    }
    let ran = svod(outer.path(), "check");
    ran.says("too-many-files");
    assert_eq!(ran.status, Some(1));
}

#[test]
fn outputs_never_stand_over_inputs_or_on_a_file() {
    let (outer, folder) = sample();
    let before = hashes(&folder);
    let ran = svod_to(outer.path(), "build", &outer.path().join("inputs"));
    ran.says("outputs-over-inputs");
    assert_eq!(ran.status, Some(1));
    assert_eq!(hashes(&folder), before, "the inputs");
    std::fs::write(outer.path().join("занято"), "").expect("a file");
    let ran = svod_to(outer.path(), "build", &outer.path().join("занято"));
    ran.says("output-not-written");
    assert_eq!(ran.status, Some(1));
}

#[test]
fn more_than_can_be_looked_at_is_said_once() {
    let (outer, folder) = sample();
    let row = |row: u32| {
        let cell = |letter: char| format!("<c r=\"{letter}{row}\" t=\"e\"><v>#SPILL!</v></c>");
        format!("<row r=\"{row}\">{}</row>", ('A'..='Z').map(cell).collect::<String>())
    };
    let lost = format!("<sheetData>{}</sheetData>", (1..=30).map(row).collect::<String>());
    let formulas: String =
        (1..=1_100).map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\"><f>1+1</f></c></row>")).collect();
    let formulas = format!("<sheetData>{formulas}</sheetData>");
    let merges: String = (1..=10_001).map(|row| format!("<mergeCell ref=\"C{row}:D{row}\"/>")).collect();
    let merged = format!("{}<mergeCells count=\"10001\">{merges}</mergeCells>", xlsx_table());
    let book = xlsx(&[("Потери", "", &lost), ("Формулы", "", &formulas), ("Объединения", "", &merged)], "");
    std::fs::write(folder.join("Много.xlsx"), pack(&book)).expect("written");
    let ran = svod(outer.path(), "check");
    ran.names("Много.xlsx › Объединения", "too-many-merges");
    ran.names("Много.xlsx › Формулы", "more-notes");
    assert_eq!(ran.err.matches("[more-notes]:").count(), 1, "{}", ran.err);
}

/// A workbook of many sheets, all of them the same large part: little to unpack once, endless to unpack for each.
fn same_part_again_and_again() -> Vec<u8> {
    // Nothing is counted before the first row.
    let blank = xlsx_table().replacen("<row", &format!("<!--{}--><row", " ".repeat(120 << 20)), 1);
    let mut parts = xlsx(&[("Лист", "", &blank)], "");
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let sheets: String =
        (1..=256).map(|at| format!("<sheet name=\"Л{at}\" sheetId=\"{at}\" r:id=\"rId1\"/>")).collect();
    for (name, content) in &mut parts {
        if name == "xl/workbook.xml" {
            *content =
                format!("<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\"><sheets>{sheets}</sheets></workbook>")
                    .into_bytes();
        }
    }
    pack(&parts)
}

/// A workbook of the old format whose declared rectangle is believed before anything is read.
fn endless_rectangle() -> Vec<u8> {
    let mut bytes = std::fs::read(project("tests/fixtures/table.xls")).expect("the fixture");
    let record = [0x00, 0x02, 0x0e, 0x00];
    let at = bytes.windows(4).position(|found| found == record).expect("the record");
    bytes.splice(at + 8..at + 12, 0x0010_0000_u32.to_le_bytes());
    bytes.splice(at + 14..at + 16, 0x4000_u16.to_le_bytes());
    bytes
}

#[test]
fn books_that_take_all_time_or_memory_cost_themselves_alone() {
    let (outer, folder) = sample();
    std::fs::write(folder.join("время.xlsx"), same_part_again_and_again()).expect("written");
    std::fs::write(folder.join("память.xls"), endless_rectangle()).expect("written");
    let started = Instant::now();
    let ran = svod(outer.path(), "build");
    // Ten seconds of processor time, twenty by the clock, and the run itself.
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    ran.names("время.xlsx", "unreadable-time");
    ran.names("память.xls", "unreadable-memory");
    assert_eq!(ran.status, Some(1));
    assert!(outer.path().join("outputs").join(SAMPLE).join("Дорожная карта.pdf").exists(), "{}", ran.out);
    assert_eq!(ran.err.lines().filter(|line| line.contains(": ошибка[")).count(), 2, "{}", ran.err);
}

/// A reader that never answers is ended, and nothing of it goes on.
#[cfg(unix)]
#[test]
fn a_reader_that_never_answers_is_ended_by_the_clock() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let (script, said) = (folder.path().join("reader"), folder.path().join("process"));
    let text = format!("#!/bin/sh\necho $$ > '{}'\nexec sleep 600\n", said.display());
    std::fs::write(&script, text).expect("a script");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("a program");
    let started = Instant::now();
    let result = Reader::Child { executable: script }.read(Kind::Text, b"a;b");
    assert_eq!(result.map_err(|why| why.reason), Err("time".to_owned()));
    assert!(started.elapsed() < Duration::from_secs(40), "{:?}", started.elapsed());
    let process = std::fs::read_to_string(said).expect("its number");
    assert!(!Path::new("/proc").join(process.trim()).exists(), "it goes on");
}
