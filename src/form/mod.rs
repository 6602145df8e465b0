//! A monitoring return: an Excel workbook with live formulas whose cached results are already right.
//! In: the texts of a form (`templates/forms`) and a view of the indicators. Out: the bytes of the workbook
//! and the place of every figure in it. It must never know files, the data set or how an indicator is counted.

/// Declares the texts of a form: every key must be there, and none besides.
macro_rules! texts {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "kebab-case")]
        pub struct $name { $($(#[$field_doc])* pub $field: $kind,)* }
    };
}

mod blank;
mod charts;
mod check;
mod collected;
mod findings;
mod instruction;
mod listing;
mod reckoned;
mod schools;
mod shares;
mod sheet;
mod spec;
mod summary;
mod tables;
mod tallies;
#[cfg(test)]
mod tests;
mod together;

use std::fmt;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};
use serde::{Deserialize, Serialize};

pub use crate::context::{
    Cell, ContributionView, CoverageView, IndicatorView, Kind, MonitoringView, Person, SchoolRow, YearView,
};
use crate::diag::Reason;
use crate::provenance::NodeId;
pub use blank::{Remark, render_blank};
pub use collected::{render_list, render_merged};
pub use findings::{FINDINGS, FindingsColumns, FindingsCounts, FindingsSheets, FindingsSpec, render_findings};
pub use listing::render_listing;
use sheet::Styles;
pub use spec::FormSpec;
pub use tables::{ANALYSIS, PublicWords, TablesSpec, render_tables};
pub use together::render_summary;

/// A finished workbook.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RenderedForm {
    /// The bytes of the XLSX file.
    pub bytes: Vec<u8>,
    /// Its figures, sheet by sheet in the order of writing.
    pub placed: Vec<Placed>,
}

/// A figure in a cell.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Placed {
    /// `code/year`, `code/year/numerator`, `code/year/denominator`, `code/change`, `code/year/school/numerator` …
    pub figure_id: String,
    /// The sheet.
    pub sheet: String,
    /// The cell: `F12`.
    pub cell: String,
    /// The text that the ledger shows.
    pub text: String,
    /// The node of the provenance graph.
    pub node: NodeId,
}

/// Why a return cannot be made. All but the last name a fault of the view or of the form's texts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum FormError {
    /// There is no school or no indicator.
    Empty,
    /// A number of the view does not follow from the others: the figure and what is wrong with it.
    Inconsistent {
        /// The figure: `code/year`.
        figure: String,
        /// The part that disagrees.
        part: &'static str,
    },
    /// More digits than the form has words or formats for.
    Digits(u8),
    /// The library refused a text or an address.
    Write(String),
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("no schools or no indicators"),
            Self::Inconsistent { figure, part } => write!(f, "{figure}: {part}"),
            Self::Digits(digits) => write!(f, "{digits} digits after the comma"),
            Self::Write(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for FormError {}

impl FormError {
    /// Says why in a text of the program.
    pub fn reason(&self) -> Reason {
        match self {
            Self::Empty => Reason::new("reason-form-empty"),
            Self::Inconsistent { figure, part } => Reason::new("reason-form-inconsistent")
                .with("figure", figure)
                .with("part", format!("reason-part-{}", part.replace(' ', "-"))),
            Self::Digits(digits) => Reason::new("reason-form-digits").with("digits", digits.to_string()),
            Self::Write(message) => Reason::technical("reason-form-write", message),
        }
    }
}

impl From<XlsxError> for FormError {
    fn from(error: XlsxError) -> Self {
        Self::Write(error.to_string())
    }
}

impl IndicatorView {
    /// The two years in the order of columns.
    fn years(&self, view: &MonitoringView) -> [(i32, &Result<YearView, String>); 2] {
        [(view.previous_year, &self.previous), (view.year, &self.current)]
    }
}

/// Begins a workbook. Packed as Excel itself packs: a file a twentieth larger, written in two thirds of the time.
fn workbook() -> Workbook {
    let mut workbook = Workbook::new();
    workbook.set_zip_compression_level(3);
    workbook
}

/// Makes the workbook.
///
/// # Errors
/// See [`FormError`].
pub fn render(spec: &FormSpec, view: &MonitoringView) -> Result<RenderedForm, FormError> {
    check::check(view)?;
    let texts = spec::Texts::new(spec, view)?;
    let styles = Styles::new();
    let mut placed = Vec::new();
    // The summary stands first but points into the sheet of schools, whose columns are planned before.
    let plan = schools::Plan::new(view)?;
    let mut workbook = workbook();
    workbook.push_worksheet(summary::write(&texts, view, &plan, &styles, &mut placed)?);
    workbook.push_worksheet(schools::write(&texts, view, &plan, &styles, &mut placed)?);
    workbook.push_worksheet(instruction::write(&texts, view, &styles)?);
    workbook.set_properties(&properties(&texts, view)?);
    Ok(RenderedForm { bytes: workbook.save_to_buffer()?, placed })
}

fn properties(texts: &spec::Texts<'_>, view: &MonitoringView) -> Result<DocProperties, FormError> {
    // A fixed time: the same view gives the same bytes.
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    let marks = sheet::marks(view);
    let mut properties = DocProperties::new()
        .set_title(texts.fill(&texts.spec.title))
        .set_subject(&texts.spec.subject)
        .set_author(&view.authority)
        .set_company(&view.authority)
        .set_creation_datetime(&created);
    if !marks.is_empty() {
        properties = properties.set_keywords(&marks).set_comment(&marks).set_status(&marks);
    }
    Ok(properties)
}
