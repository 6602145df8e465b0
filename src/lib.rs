//! svod (свод, a consolidated return): from the workbooks of a municipal education authority to the official
//! documents of its work with schools with low results, and to the monitoring returns for the region.
//!
//! # One path
//! [`pipeline`] shows it on one screen: [`source`] finds and hashes files, [`workbook`] gives cells, [`sheets`] gives a
//! [`model::Dataset`], [`checks`] hold sheets against each other, [`groups`] and [`indicators`] compute, [`advice`] says
//! what follows, [`context`] makes views, [`plan`] lays out jobs, [`template`] fills bodies, [`typeset`] and [`form`] make PDF and XLSX, [`ledger`] joins
//! every printed figure to its cells, [`output`] swaps the finished folder in and writes the manifest last.
//! [`roadmap`] holds plan and fact against each other on a given day, [`history`] brings earlier years back, and
//! [`disclosure`] says what the public edition of the tables must hide.
//! Forms go out and come back beside that path: [`blank`] says what is asked, [`context::blanks`] fills in what is known,
//! [`form`] draws it, [`returns`] reads and judges what came back and brings it together as rows of the data's own sheets,
//! so that the next run reads them like any other input. [`fill`] writes figures into workbooks of somebody else's.
//! The findings of the run are themselves a document and a table, planned and made when everything else is.
//!
//! A stage is a plain function from values to values and [`diag::Diagnostics`]. Only `source`, `output` and `main` touch
//! the disk; only `main` sees the environment. A module imports leaves and modules above it; a test reads the `use`
//! lines and holds that law, and which module may know which package.
//!
//! # What holds it together
//! - **Exact numbers.** A [`measure::Measure`] is a rational; the one rounding function is [`ru::round`]; a
//!   [`figure::Figure`] carries value, unit, rounding and origin together from the cell to the page.
//! - **Provenance.** [`provenance::Sources`] is a graph whose leaves are cells and keys of settings. What a page prints is
//!   in the job; which cells stand behind it is asked of the graph, because an inserted row moves addresses and changes
//!   no page. [`context::View::fingerprint`] leaves the origins out for the same reason.
//! - **Gaps.** A value that cannot be trusted is a [`model::Gap`] with the findings to be put right. It travels to the
//!   place that would print it: that document is blocked, no other; a draft prints it visibly. Absence, «not held» and
//!   zero are three things.
//! - **The law of templates.** Bodies print and choose by flags, nothing else: no operator, no macro, no built-in filter.
//!   The law is held over the syntax tree before filling ([`template::lint`]), over the filled Typst before typesetting
//!   (closed vocabulary, no untagged digit), and over the laid-out pages after it (every digit in a tagged box).
//! - **Labels carry the tags.** A figure is text with a label; the walk over the frames finds it again in repeated table
//!   heads, split cells and over line breaks. Every text with digits from a cell is tagged the same way.
//! - **Data over code.** Methods, indicators, outlines, bodies, terms, layouts, forms and messages are files of
//!   `templates/`, built into the program and overridden per file by a municipality's own `templates/`.
//! - **Same inputs, same bytes.** Sorted maps, own fonts, fixed date and identifier; no clock but for the journal of forms, which
//!   is no product.
//!
//! # Where this deviates from the first design
//! - Minijinja is built without macros, includes and built-in filters, so that most of the law cannot even be broken.
//! - The views of a form live in [`context`] and the form only reads them.
//! - Words of more than thirty letters carry U+200B, so that they cannot leave the page: the comparison of printed and
//!   expected text knows it.
//! - Contents stand in a document of ten pages and more, and count its own pages. A bundle has none: the standard (ГОСТ Р
//!   7.0.97) knows contents of a document alone, every appendix counts its pages from one, and the order itself names its
//!   appendices; what a file holds is told by `index.html` and «Опись.xlsx».

/// For the program, its benches and its tests alike: what is measured is what runs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub mod advice;
pub mod blank;
pub mod catalog;
pub mod checks;
pub mod cli;
pub mod context;
pub mod diag;
pub mod disclosure;
pub mod emblem;
pub mod exports;
pub mod figure;
pub mod fill;
pub mod form;
pub mod groups;
pub mod history;
pub mod indicators;
pub mod ledger;
pub mod markers;
pub mod measure;
pub mod model;
pub mod output;
pub mod pipeline;
pub mod plan;
pub mod provenance;
pub mod returns;
pub mod roadmap;
pub mod ru;
pub mod settings;
pub mod sheets;
pub mod source;
pub mod template;
pub mod typeset;
pub mod workbook;
