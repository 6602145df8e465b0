//! All workbooks of a municipality, several at once.
//! In: files. Out: books in the order of the files; findings for what cannot be read and for what the readers noticed.
//! It must never let one file cost another.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Book, Cache, Fresh, Kind, Reader, ReaderNote, Unreadable, kind_of};
use crate::diag::{Diagnostic, Diagnostics, Place};
use crate::source::SourceFile;

/// Where a municipality keeps its own templates: no workbooks.
const TEMPLATES: &str = "templates/";

/// How workbooks are read.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// The reader.
    pub reader: &'a Reader,
    /// Most readers at once.
    pub workers: usize,
    /// Books kept from the run before; `None` to read every file.
    pub cache: Option<Cache<'a>>,
}

type Done = (Result<Book, Unreadable>, Option<Fresh>);

/// Reads every workbook among the files.
pub fn read_all(
    files: &[SourceFile],
    how: Reading<'_>,
    diagnostics: &mut Diagnostics,
) -> (Vec<(String, Book)>, Vec<Fresh>) {
    let mut wanted = Vec::new();
    for file in files.iter().filter(|file| !file.path.starts_with(TEMPLATES)) {
        match kind_of(&file.path, &file.bytes) {
            Some(Ok(kind)) => wanted.push((file, kind)),
            Some(Err(why)) => report(file, &why, diagnostics),
            None => {}
        }
    }
    let (mut books, mut fresh) = (Vec::new(), Vec::new());
    for ((file, _), (result, kept)) in wanted.iter().zip(in_parallel(&wanted, how)) {
        match result {
            Ok(book) => {
                notes(&file.path, &book.notes, diagnostics);
                books.push((file.path.clone(), book));
            }
            Err(why) => report(file, &why, diagnostics),
        }
        fresh.extend(kept);
    }
    (books, fresh)
}

fn in_parallel(wanted: &[(&SourceFile, Kind)], how: Reading<'_>) -> Vec<Done> {
    let next = AtomicUsize::new(0);
    let results: Mutex<BTreeMap<usize, Done>> = Mutex::default();
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some((file, kind)) = wanted.get(index) else { break };
            let done = read_one(file, *kind, how);
            results.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(index, done);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..how.workers.clamp(1, wanted.len().max(1)) {
            // A worker that cannot be started leaves its work to the others.
            drop(std::thread::Builder::new().spawn_scoped(scope, work));
        }
        work();
    });
    results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).into_values().collect()
}

fn read_one(file: &SourceFile, kind: Kind, how: Reading<'_>) -> Done {
    let Some(cache) = how.cache else { return (how.reader.read(kind, &file.bytes), None) };
    if let Some((book, kept)) = cache.get(file) {
        return (Ok(book), Some(kept));
    }
    let result = how.reader.read(kind, &file.bytes);
    let fresh = result.as_ref().ok().and_then(|book| cache.put(file, book));
    (result, fresh)
}

fn report(file: &SourceFile, why: &Unreadable, diagnostics: &mut Diagnostics) {
    let path = file.path.clone();
    let place = match why.line {
        Some(line) => Place::Line { file: path, line: usize::try_from(line).unwrap_or(usize::MAX) },
        None => Place::File { file: path },
    };
    diagnostics.push(Diagnostic::error(&format!("unreadable-{}", why.reason), place));
}

/// Turns what a reader noticed into findings.
fn notes(path: &str, notes: &[ReaderNote], diagnostics: &mut Diagnostics) {
    for note in notes {
        let (file, sheet) = (path.to_owned(), note.sheet.clone());
        let place = match note.cell {
            Some((row, column)) => Place::Cell { file, sheet, row, column },
            None => Place::Sheet { file, sheet },
        };
        diagnostics.push(Diagnostic::new(note.what.severity(), note.what.id(), place));
    }
}
