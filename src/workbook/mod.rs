//! Bytes of a workbook to sheets of cells with addresses. The only user of calamine and csv.
//! In: the bytes of one file. Out: a serialisable book, bounded in size; or the reason why not.
//! It must never know what a sheet is about.
//!
//! Foreign files are hostile until read: damaged ones make the readers of calamine panic, loop for ever or ask for
//! memory until the process is ended. In the program a book therefore comes from a child process of the same executable
//! with limits of memory, processor time and wall time ([`Reader::Child`]). What costs nothing to know beforehand
//! (declared sizes, false counts, truncation, far cells) is refused before reading.
//!
//! What can be known in which format:
//!
//! | | xlsx, xlsm | xlsb | xls | ods | csv, tsv, txt |
//! |---|---|---|---|---|---|
//! | per cent formats ([`Sheet::knows_styles`]) | yes | no | no | no | only a written sign |
//! | merged regions | yes | no | yes | no | there are none |
//! | formulas without a value | yes | yes | they always have one | no | there are none |
//! | hidden sheets | yes | yes | yes | yes | there are none |

mod archive;
mod build;
mod cache;
mod child;
mod delimited;
mod kind;
mod line;
mod ods;
mod read;
pub(crate) mod wire;
mod xls;
mod xlsb;
mod xlsx;

use std::collections::BTreeMap;
use std::path::PathBuf;

use ecow::EcoString;
use serde::{Deserialize, Serialize};

pub use cache::{Cache, Fresh, keep};
pub use child::{READ_ONE, answer};
pub use kind::{Kind, kind_of};
pub use line::Line;
pub use read::{Reading, read_all, read_each};

use crate::diag::Severity;
use crate::provenance::{Area, Origins};

/// Most sheets of a workbook.
const MAX_SHEETS: usize = 256;
/// Rows and columns of the largest sheet that office programs know.
const MAX_ROWS: u32 = 1_048_576;
/// See [`MAX_ROWS`].
const MAX_COLUMNS: u16 = 16_384;
/// Longest text of a cell, characters: the limit of the format.
const MAX_TEXT: usize = 32_767;

/// The value of a cell.
#[derive(Clone, PartialEq, Debug)]
pub enum CellValue {
    /// A text as it stands, without control and invisible characters.
    Text(EcoString),
    /// A number.
    Number(f64),
    /// A number shown as per cent; the value is the fraction (0.29 for 29 %).
    Fraction(f64),
    /// A date: year, month, day.
    Date(u16, u8, u8),
    /// A truth value.
    Bool(bool),
    /// An error value, or a cell that could not be read: what stood there, or the id of a [`Noticed`].
    Broken(EcoString),
}

/// A sheet: its name and its non-empty cells by zero-based row and column.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Sheet {
    /// The name.
    pub name: String,
    /// The cells. Covered cells of merged regions are not among them.
    pub rows: BTreeMap<u32, Line>,
    /// Of a converted sheet: what stands behind its cells.
    pub origins: Origins,
    /// Merged regions within the used rectangle; none where the format does not tell ([`Kind::tells_merges`]).
    pub merges: Vec<Area>,
    /// The format tells how numbers are shown, so that a number that is no [`CellValue::Fraction`] is not shown as per
    /// cent. Where it does not tell, values of 0 to 1 in a column of per cents must be asked about.
    pub knows_styles: bool,
    /// The sheet is hidden in the workbook; it is read like any other.
    pub is_hidden: bool,
}

/// A workbook.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Book {
    /// Its sheets in order, hidden ones included.
    pub sheets: Vec<Sheet>,
    /// What the reader noticed.
    pub notes: Vec<ReaderNote>,
}

/// Something that the reader noticed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReaderNote {
    /// What.
    pub what: Noticed,
    /// Name of the sheet.
    pub sheet: String,
    /// Zero-based row and column; `None` for the sheet as a whole.
    pub cell: Option<(u32, u16)>,
}

/// What a reader may notice: each is a finding.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Noticed {
    /// The sheet is hidden; it was read.
    HiddenSheet,
    /// The sheet could not be read, the others could.
    UnreadableSheet,
    /// The sheet breaks off: cells below this place are lost.
    CutSheet,
    /// A cell at or beside this place could not be read.
    LostCell,
    /// A cell lies outside of every sheet.
    FarCell,
    /// A cell covered by a merged region holds a value; it was left out.
    CoveredCell,
    /// More merged regions than can be looked at.
    TooManyMerges,
    /// A formula without a stored result.
    FormulaWithoutValue,
    /// Infinity, or not a number.
    NotFinite,
    /// A date that cannot be one.
    ImplausibleDate,
    /// A text longer than any cell may hold.
    LongText,
    /// Control or invisible characters, left out.
    InvisibleCharacters,
    /// A row of a text file with more fields than the others: its values may stand in wrong columns.
    UnevenRow,
    /// There was more to notice than is listed.
    MoreNotes,
}

impl Noticed {
    /// Returns the id of the finding.
    pub fn id(self) -> &'static str {
        match self {
            Self::HiddenSheet => "hidden-sheet",
            Self::UnreadableSheet => "unreadable-sheet",
            Self::CutSheet => "cut-sheet",
            Self::LostCell => "lost-cell",
            Self::FarCell => "far-cell",
            Self::CoveredCell => "covered-cell",
            Self::TooManyMerges => "too-many-merges",
            Self::FormulaWithoutValue => "formula-without-value",
            Self::NotFinite => "not-finite",
            Self::ImplausibleDate => "implausible-date",
            Self::LongText => "long-text",
            Self::InvisibleCharacters => "invisible-characters",
            Self::UnevenRow => "uneven-row",
            Self::MoreNotes => "more-notes",
        }
    }

    /// Returns the weight of the finding. A cell that was lost is besides a [`CellValue::Broken`]: whether that stops
    /// anything depends on the sheet.
    pub fn severity(self) -> Severity {
        match self {
            Self::UnreadableSheet | Self::CutSheet => Severity::Error,
            Self::HiddenSheet | Self::InvisibleCharacters => Severity::Note,
            _ => Severity::Warning,
        }
    }
}

/// Why a workbook cannot be used; the key of a message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Unreadable {
    /// What is wrong: `not-a-workbook`, `password`, `too-large`, `damaged`, `memory`, `time` …
    pub reason: String,
    /// The line of a text file at which it is wrong, counted from one.
    pub line: Option<u32>,
}

/// The seam behind which a book is read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Reader {
    /// In this process: xlsx, xlsm and text files only, because nothing could stop the other readers.
    #[default]
    InProcess,
    /// In a child process with limits.
    Child {
        /// The program itself, or another one that answers [`READ_ONE`].
        executable: PathBuf,
    },
}

impl Reader {
    /// Reads one book.
    ///
    /// # Errors
    /// Says why the file as a whole cannot be used.
    pub fn read(&self, kind: Kind, bytes: &[u8]) -> Result<Book, Unreadable> {
        match self {
            Self::Child { executable } => child::read(executable, kind, bytes),
            Self::InProcess if matches!(kind, Kind::Xlsx | Kind::Text) => read_here(kind, bytes),
            Self::InProcess => Err(unreadable("not-in-process")),
        }
    }
}

fn unreadable(reason: &str) -> Unreadable {
    Unreadable { reason: reason.to_owned(), line: None }
}

/// Reads a book in this process, whatever its kind: for a child with limits, and for the fuzz targets.
pub(crate) fn read_here(kind: Kind, bytes: &[u8]) -> Result<Book, Unreadable> {
    let read = match kind {
        Kind::Xlsx => xlsx::read,
        Kind::Xlsb => xlsb::read,
        Kind::Xls => xls::read,
        Kind::Ods => ods::read,
        Kind::Text => delimited::read,
    };
    guarded(|| read(bytes)).unwrap_or_else(|| Err(unreadable("crash")))
}

/// Runs a foreign reader; `None` when it panics. What it was reading is thrown away.
fn guarded<T>(read: impl FnOnce() -> T) -> Option<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).ok()
}

/// Reads an xlsx workbook in this process.
///
/// # Errors
/// Says why the file as a whole cannot be used. A single bad cell is a [`CellValue::Broken`].
pub fn read_xlsx(bytes: &[u8]) -> Result<Book, Unreadable> {
    match kind_of("xlsx", bytes) {
        Some(Ok(Kind::Xlsx)) => read_here(Kind::Xlsx, bytes),
        Some(Err(why)) => Err(why),
        _ => Err(unreadable("not-a-workbook")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_archive_is_no_workbook() {
        assert_eq!(read_xlsx(b"hello").unwrap_err().reason, "not-a-workbook");
        assert_eq!(read_xlsx(&[0xd0, 0xcf, 0x11, 0xe0, 0]).unwrap_err().reason, "not-a-workbook");
    }

    #[test]
    fn only_xlsx_and_text_are_read_in_process() {
        for kind in [Kind::Xls, Kind::Xlsb, Kind::Ods] {
            assert_eq!(Reader::InProcess.read(kind, b"").unwrap_err().reason, "not-in-process");
        }
        assert_eq!(Reader::InProcess.read(Kind::Xlsx, b"PK\x03\x04").unwrap_err().reason, "damaged");
    }
}
