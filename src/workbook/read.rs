//! All workbooks of a municipality, several at once.
//! In: files. Out: books in the order of the files; findings for what cannot be read and for what the readers noticed.
//! It must never let one file cost another.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

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
    let mut books = Vec::new();
    let (fresh, findings) = read_each(files, how, &mut |file, book| books.push((file, book)));
    diagnostics.extend(&findings);
    (books, fresh)
}

/// Reads every workbook among the files and hands over each in the order of the files, while others are still read.
/// Returns what to keep for the next run, and the findings.
pub fn read_each(
    files: &[SourceFile],
    how: Reading<'_>,
    accept: &mut dyn FnMut(String, Book),
) -> (Vec<Fresh>, Diagnostics) {
    let (mut wanted, mut diagnostics) = (Vec::new(), Diagnostics::default());
    for file in files.iter().filter(|file| !file.path.starts_with(TEMPLATES)) {
        match kind_of(&file.path, &file.bytes) {
            Some(Ok(kind)) => wanted.push((file, kind)),
            Some(Err(why)) => report(file, &why, &mut diagnostics),
            None => {}
        }
    }
    let mut fresh = Vec::new();
    in_parallel(&wanted, how, &mut |index, (result, kept)| {
        let Some((file, _)) = wanted.get(index) else { return };
        match result {
            Ok(book) => {
                notes(&file.path, &book.notes, &mut diagnostics);
                accept(file.path.clone(), book);
            }
            Err(why) => report(file, &why, &mut diagnostics),
        }
        fresh.extend(kept);
    });
    (fresh, diagnostics)
}

/// Reads on other threads and hands over on this one, in order.
fn in_parallel(wanted: &[(&SourceFile, Kind)], how: Reading<'_>, accept: &mut dyn FnMut(usize, Done)) {
    let next = AtomicUsize::new(0);
    let take = || {
        let index = next.fetch_add(1, Ordering::Relaxed);
        wanted.get(index).map(|(file, kind)| (index, read_one(file, *kind, how)))
    };
    std::thread::scope(|scope| {
        let (send, receive) = mpsc::channel();
        for _ in 0..how.workers.clamp(1, wanted.len().max(1)) {
            let send = send.clone();
            let work = move || {
                while let Some(done) = take() {
                    drop(send.send(done));
                }
            };
            // A worker that cannot be started leaves its work to the others.
            drop(std::thread::Builder::new().spawn_scoped(scope, work));
        }
        drop(send);
        let mut waiting = BTreeMap::new();
        let mut due = 0;
        for (index, done) in &receive {
            waiting.insert(index, done);
            while let Some(done) = waiting.remove(&due) {
                accept(due, done);
                due += 1;
            }
        }
        // No worker could be started: the work is done here.
        while let Some((index, done)) = take() {
            accept(index, done);
        }
    });
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
