//! The books that the program keeps for its next run: written, read back without any reader, thrown away with their
//! files, not believed when damaged, and never with anything of a person in them.

#![expect(clippy::expect_used, reason = "what cannot be made cannot be tested")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use svod::diag::{self, Diagnostics, Format};
use svod::exports;
use svod::pipeline::Outcome;
use svod::source::{self, Municipality};
use svod::workbook::{Book, Cache, Reader, Reading, keep, read_all};

use crate::cases::{SAMPLE, write_changed};
use crate::exports::write;
use crate::run::{messages, outcome, request};
use crate::runs::hashes;

/// Settings of a small package.
const SMALL: &str = "documents = [{ kind = 'order', file = 'Приказ' }]\nforms = []";
/// A name that must not be kept.
const NAME: &str = "Секретов";

fn child() -> Reader {
    Reader::Child { executable: PathBuf::from(env!("CARGO_BIN_EXE_svod")) }
}

/// A reader that reads nothing.
fn nobody() -> Reader {
    Reader::Child { executable: PathBuf::from("/nowhere/svod") }
}

/// The sample in a folder of its own.
fn sample(changes: &[&str]) -> tempfile::TempDir {
    let outer = tempfile::tempdir().expect("a folder");
    write_changed(changes, SMALL, &outer.path().join("inputs")).expect("the inputs");
    outer
}

fn folder(outer: &Path) -> PathBuf {
    outer.join("inputs").join(SAMPLE)
}

fn cache(outer: &Path) -> PathBuf {
    folder(outer).join("svod/cache")
}

/// The kept books by name.
fn kept(outer: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(cache(outer)).into_iter().flatten().flatten();
    let file = |entry: std::fs::DirEntry| {
        (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).expect("a kept book"))
    };
    entries.map(file).collect()
}

/// Builds the sample; gives what was found and printed, and the hashes of what was written.
fn build(outer: &Path, reader: Reader) -> (Outcome, String, BTreeMap<String, String>) {
    let mut request = request(&outer.join("inputs"), &outer.join("outputs"));
    request.reader = reader;
    let outcome = outcome(&request, true);
    let said = diag::emit(&outcome.diagnostics, &messages(), Format::Json);
    (outcome, said, hashes(&outer.join("outputs").join(SAMPLE)))
}

#[test]
fn kept_books_give_the_same_run_without_a_reader() {
    let outer = sample(&[]);
    let (outcome, said, written) = build(outer.path(), child());
    assert!(!outcome.has_errors());
    let books = kept(outer.path());
    assert_eq!(books.len(), crate::files(&folder(outer.path()), "xlsx").len());
    let (_, said_again, written_again) = build(outer.path(), nobody());
    assert_eq!(said_again, said);
    assert_eq!(written_again, written);
    assert_eq!(kept(outer.path()), books);
    // Without what is kept, nobody reads: the run above stood on it alone.
    std::fs::remove_dir_all(cache(outer.path())).expect("removed");
    let (outcome, ..) = build(outer.path(), nobody());
    assert!(outcome.diagnostics.iter().any(|finding| finding.id == "unreadable-not-started"));
    assert_eq!(kept(outer.path()), BTreeMap::new());
}

#[test]
fn kept_books_go_with_their_files() {
    let outer = sample(&[]);
    build(outer.path(), child());
    let before = kept(outer.path());
    write_changed(
        &["Поддержка школ.xlsx › Журнал методической помощи!E4 = Другая тема"],
        SMALL,
        &outer.path().join("inputs"),
    )
    .expect("changed");
    std::fs::remove_file(folder(outer.path()).join("Концепция.xlsx")).expect("removed");
    std::fs::write(cache(outer.path()).join("чужое.bin"), "").expect("a file");
    build(outer.path(), child());
    let after = kept(outer.path());
    assert_eq!(after.len(), before.len() - 1);
    let gone = before.keys().filter(|name| !after.contains_key(*name)).count();
    let fresh = after.keys().filter(|name| !before.contains_key(*name)).count();
    assert_eq!((gone, fresh), (2, 1));
}

#[test]
fn a_book_with_a_wrong_cell_is_not_kept() {
    let outer = sample(&[]);
    build(outer.path(), child());
    let before = kept(outer.path());
    write_changed(&["Результаты процедур.xlsx › ОГЭ!G38 = 70"], SMALL, &outer.path().join("inputs")).expect("changed");
    build(outer.path(), child());
    let after = kept(outer.path());
    assert_eq!(after.len(), before.len() - 1);
    assert!(after.keys().all(|name| before.contains_key(name)));
}

#[test]
fn damaged_books_are_not_believed() {
    let outer = sample(&[]);
    let municipality = Municipality { id: SAMPLE.to_owned(), folder: folder(outer.path()) };
    let mut files = source::read(&municipality.folder, &mut Diagnostics::default());
    files.retain(|file| file.path == "Результаты процедур.xlsx");
    let read = |reader: &Reader| {
        let cache = Some(Cache { municipality: &municipality, may_keep: exports::may_keep, keeps: true });
        let how = Reading { reader, workers: 1, cache };
        read_all(&files, how, &mut Diagnostics::default())
    };
    let (books, fresh) = read(&child());
    keep(&municipality, &fresh, &mut Diagnostics::default());
    let good = kept(outer.path());
    let (name, bytes) = good.first_key_value().expect("a kept book");
    let path = cache(outer.path()).join(name);
    let refused = |damaged: &[u8]| {
        std::fs::write(&path, damaged).expect("written");
        read(&nobody()).0.is_empty()
    };
    assert!(!refused(bytes));
    // Every place of the head, and a sample of the rest: a digit of a number among them.
    for at in (0..200).chain((200..bytes.len()).step_by(97)) {
        let mut damaged = bytes.clone();
        *damaged.get_mut(at).expect("a byte") ^= 1;
        assert!(refused(&damaged), "byte {at} of {} is believed", bytes.len());
    }
    for length in [0, 1, 64, bytes.len() / 2, bytes.len() - 1] {
        assert!(refused(bytes.get(..length).expect("a part")), "{length} bytes are believed");
    }
    assert!(refused(&[bytes.as_slice(), b"more"].concat()), "more than all is believed");
    // It is read anew, and kept anew.
    std::fs::write(&path, "damaged").expect("written");
    let (again, fresh) = read(&child());
    assert_eq!(again, books);
    keep(&municipality, &fresh, &mut Diagnostics::default());
    assert_eq!(kept(outer.path()), good);
}

#[test]
fn a_folder_that_cannot_be_kept_is_a_note() {
    let outer = sample(&[]);
    std::fs::write(folder(outer.path()).join("svod"), "no folder").expect("a file");
    let (outcome, ..) = build(outer.path(), child());
    assert!(!outcome.has_errors() && outcome.blocked.is_empty());
    let found = outcome.diagnostics.iter().filter(|finding| finding.id == "cache-not-kept").count();
    assert_eq!(found, 1);
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed_to_keep_or_to_remove() {
    let outer = sample(&[]);
    let elsewhere = outer.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).expect("a folder");
    std::fs::write(elsewhere.join("письмо.txt"), "").expect("a file");
    std::fs::create_dir(folder(outer.path()).join("svod")).expect("a folder");
    std::os::unix::fs::symlink(&elsewhere, cache(outer.path())).expect("a link");
    let (outcome, ..) = build(outer.path(), child());
    assert!(outcome.diagnostics.iter().any(|finding| finding.id == "cache-not-kept"));
    assert_eq!(hashes(&elsewhere).into_keys().collect::<Vec<_>>(), ["письмо.txt"]);
}

#[test]
fn a_book_with_anything_besides_the_columns_of_its_sheet_is_not_kept() {
    let head =
        "Код ОО|Полное наименование|Краткое наименование|Форма|Тип|Местность|Класс с|Класс по|Обучающихся|Учитывается";
    let row = "ОО-01|Полное|Краткое|МБОУ|СОШ|город|1|11|780|да";
    let book = |sheet: &str| svod::workbook::read_xlsx(&write(&[("Реестр школ", sheet)])).expect("a book");
    let may_keep = |book: &Book| exports::may_keep(book);
    assert!(may_keep(&book(&format!("Реестр\n\n{head}\n{row}\n"))));
    for (what, sheet) in [
        ("a column more", format!("{head}|ФИО\n{row}|{NAME}\n")),
        ("a column without a header at the end", format!("{head}\n{row}|{NAME}\n")),
        (
            "a column without a header between",
            format!("{}\n{}\n", head.replace("|Форма", "||Форма"), row.replace("|МБОУ", &format!("|{NAME}|МБОУ"))),
        ),
        ("a column without a header at the front", format!("|{head}\n{NAME}|{row}\n")),
        ("a column headed by a sign", format!("{head}|—\n{row}|{NAME}\n")),
        ("another table", format!("Фамилия|Имя\n{NAME}|Тайнослав\n")),
        ("a protocol", format!("№|Код ОО|Аудитория|Фамилия|Оценка\n1|ОО-01|1|{NAME}|5\n")),
    ] {
        assert!(!may_keep(&book(&sheet)), "{what}");
    }
    let two = svod::workbook::read_xlsx(&write(&[("Реестр школ", &format!("{head}\n{row}\n")), ("Лист2", NAME)]));
    assert!(!may_keep(&two.expect("a book")), "a sheet more");
}
