//! A monitoring return: an Excel workbook with live formulas whose cached results are already right.
//! In: the texts of a form (`templates/forms`) and a view of the indicators. Out: the bytes of the workbook
//! and the place of every figure in it. It must never know files, the data set or how an indicator is counted.

mod check;
mod instruction;
mod schools;
mod sheet;
mod spec;
mod summary;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};
use serde::{Deserialize, Serialize};

use crate::figure::{Figure, RoundingRules, Unit};
use crate::measure::Measure;
use crate::provenance::NodeId;
use sheet::Styles;
pub use spec::FormSpec;

/// All that a monitoring return may show.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct MonitoringView {
    /// The municipality, nominative.
    pub municipality: String,
    /// The body that submits the return, nominative.
    pub authority: String,
    /// The reported year.
    pub year: i32,
    /// The year beside it.
    pub previous_year: i32,
    /// The mark of a sample; printed on every page and kept in the properties of the file.
    pub sample_mark: Option<String>,
    /// The mark of a draft.
    pub draft_mark: Option<String>,
    /// Declared roundings, for formulas whose value is not there yet.
    pub rounding: RoundingRules,
    /// Who signs; `None` leaves the line blank.
    pub signer: Option<Person>,
    /// Who answers questions; `None` leaves the line blank.
    pub executor: Option<Person>,
    /// The rows of the sheet of schools.
    pub schools: Vec<SchoolRow>,
    /// The rows of the summary; those of one group stand together.
    pub indicators: Vec<IndicatorView>,
}

/// A person under the return.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Person {
    /// The post as printed.
    pub post: String,
    /// Initials and surname.
    pub name: String,
    /// The telephone.
    pub phone: Option<String>,
}

/// A school of the return.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SchoolRow {
    /// The code of the register.
    pub code: String,
    /// The name as printed.
    pub name: String,
}

/// How a school's contribution is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// One column, yes or no: the numerator is 0 or 1, the denominator (if any) 1.
    YesNo,
    /// One column, a number; no denominator.
    Number,
    /// Two columns, n of m.
    Parts,
    /// Four counts and a formula that compares two shares; the numerator is 0 or 1, the denominator 1.
    Growth,
}

/// A row of the summary.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct IndicatorView {
    /// Its number as printed.
    pub number: String,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// How schools contribute.
    pub kind: Kind,
    /// Unit of the value; a share or an index has a denominator, a count has none.
    pub unit: Unit,
    /// The unit as printed.
    pub unit_name: String,
    /// How it is computed, in words.
    pub note: String,
    /// The title of its group.
    pub group_title: String,
    /// Whether more is better.
    pub better_up: bool,
    /// The year before, or what to fill in.
    pub previous: Result<YearView, String>,
    /// The reported year, or what to fill in.
    pub current: Result<YearView, String>,
    /// This year less the last: `Some` exactly when both years have a value.
    pub change: Option<Figure>,
    /// The target as printed.
    pub target: Option<String>,
}

/// An indicator of a year.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct YearView {
    /// Contributions by code of school; a school that is not there does not count in the indicator.
    pub per_school: BTreeMap<String, ContributionView>,
    /// The sum above the line.
    pub numerator: Cell,
    /// The sum below the line.
    pub denominator: Option<Cell>,
    /// The value; `None` when the denominator is zero.
    pub value: Option<Figure>,
}

/// What a school adds to an indicator of a year.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ContributionView {
    /// To the numerator.
    pub numerator: Cell,
    /// To the denominator.
    pub denominator: Option<Cell>,
    /// For growth: below minimum and participants of the year before, then of the year; `None` when the
    /// two years cannot be compared.
    pub growth: Option<[Cell; 4]>,
}

/// A count with its origin.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Cell {
    /// The exact value, a whole number.
    pub value: Measure,
    /// Its node.
    pub node: NodeId,
}

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

impl From<XlsxError> for FormError {
    fn from(error: XlsxError) -> Self {
        Self::Write(error.to_string())
    }
}

impl IndicatorView {
    /// Tells whether the value is a share of something.
    pub fn has_denominator(&self) -> bool {
        matches!(self.unit, Unit::Percent | Unit::Index)
    }

    /// The two years in the order of columns.
    fn years(&self, view: &MonitoringView) -> [(i32, &Result<YearView, String>); 2] {
        [(view.previous_year, &self.previous), (view.year, &self.current)]
    }
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
    let mut workbook = Workbook::new();
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
