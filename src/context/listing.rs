//! The list of a package: its files by folder, as a page and as a workbook show it.
//! In: what stands in the folder of outputs. Out: rows of texts. It must never know how it is printed.

/// The list of a package.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ListingView {
    /// Title.
    pub title: String,
    /// Name of the municipality.
    pub municipality: String,
    /// Mark of invented data.
    pub sample_mark: Option<String>,
    /// Mark of a draft.
    pub draft_mark: Option<String>,
    /// Headings of the columns: document, file, pages, date, state, findings.
    pub columns: [String; 6],
    /// Words for the number of documents and of findings, each with its number.
    pub counts: Vec<(String, usize)>,
    /// Heading over the list of folders.
    pub contents: String,
    /// The words for the number of what was not made.
    pub blocked: String,
    /// Page numbers at the foot of a page, with `{page}` and `{pages}`.
    pub foot: String,
    /// The folders in order.
    pub folders: Vec<ListingFolder>,
}

/// A folder of a package.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ListingFolder {
    /// Its path as a heading.
    pub title: String,
    /// Its files in order.
    pub rows: Vec<ListingRow>,
}

/// A file of a package, or one that could not be made.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ListingRow {
    /// Path below the folder of outputs, with `/`.
    pub path: String,
    /// Title of the document.
    pub title: String,
    /// Name of the file.
    pub name: String,
    /// Number of pages; `None` where there are none.
    pub pages: Option<usize>,
    /// Date of registration; empty until it is there.
    pub date: String,
    /// How it stands, in words.
    pub state: String,
    /// It was not made.
    pub is_blocked: bool,
    /// What stands in its way.
    pub findings: Vec<String>,
}

impl ListingView {
    /// The marks in one line.
    pub fn marks(&self) -> String {
        let marks = [&self.sample_mark, &self.draft_mark];
        marks.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(". ")
    }
}
