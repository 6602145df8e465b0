//! Read workbooks kept for the next run, by the hash of the file and the version of the reader.
//! In: books. Out: bytes for `source` to keep. It must never keep names of pupils: raw protocols hold them, and only the
//! caller can tell a book that has none.

use std::collections::BTreeSet;

use super::{Book, wire};
use crate::diag::{Diagnostics, Place, Severity};
use crate::source::{self, Municipality, SourceFile};

/// Raised with every change of what a reader gives, or of the form of a book.
const VERSION: u32 = 3;

/// How books are kept.
#[derive(Clone, Copy)]
pub struct Cache<'a> {
    /// Whose.
    pub municipality: &'a Municipality,
    /// Tells a book that holds nothing but columns of the program's own sheets: no export, no column besides.
    pub may_keep: fn(&Book) -> bool,
    /// The run writes: books read anew are prepared to be kept.
    pub keeps: bool,
}

/// A book to be kept.
#[derive(Clone, Debug)]
pub struct Fresh {
    name: String,
    /// Path of the workbook.
    file: String,
    /// The bytes; `None` for a book that is kept already.
    bytes: Option<Vec<u8>>,
}

/// Begins a kept book: the hash of the file, and of the book and that hash, so that a damaged number is no number.
fn seal(file: &SourceFile, book: &[u8]) -> String {
    let sealed = source::hash(&[file.hash.as_bytes(), book].concat());
    format!("{} {sealed}\n", file.hash)
}

fn name(file: &SourceFile) -> String {
    format!("{}-{}-{VERSION}.bin", file.hash, env!("CARGO_PKG_VERSION"))
}

impl Cache<'_> {
    /// Returns the book of a file when it is kept.
    pub(super) fn get(&self, file: &SourceFile) -> Option<(Book, Fresh)> {
        let name = name(file);
        let bytes = source::kept(self.municipality, &name)?;
        let book = bytes.get(seal(file, &[]).len()..)?;
        if !bytes.starts_with(seal(file, book).as_bytes()) {
            return None;
        }
        Some((wire::unpack(book)?, Fresh { name, file: file.path.clone(), bytes: None }))
    }

    /// Prepares a book to be kept, if it may be.
    pub(super) fn put(&self, file: &SourceFile, book: &Book) -> Option<Fresh> {
        if !self.keeps || !(self.may_keep)(book) {
            return None;
        }
        let book = wire::pack(book)?;
        let bytes = [seal(file, &book).into_bytes(), book].concat();
        Some(Fresh { name: name(file), file: file.path.clone(), bytes: Some(bytes) })
    }
}

/// Writes the books of a run and removes all others. A book with a wrong cell is not kept: the next run finds another
/// one, and what stands where it should not may be a name.
pub fn keep(municipality: &Municipality, books: &[Fresh], diagnostics: &mut Diagnostics) {
    let wrong: BTreeSet<&str> = diagnostics
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .filter_map(|finding| match &finding.place {
            Place::Cell { file, .. } => Some(file.as_str()),
            _ => None,
        })
        .collect();
    let books: Vec<(&str, Option<&[u8]>)> = books
        .iter()
        .filter(|book| !wrong.contains(book.file.as_str()))
        .map(|book| (book.name.as_str(), book.bytes.as_deref()))
        .collect();
    source::keep(municipality, &books, diagnostics);
}
