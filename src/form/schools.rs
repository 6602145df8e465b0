//! The sheet of schools: one row a school, the contribution to every indicator of both years, and the
//! row of the municipality that folds them. In: a view. Out: a worksheet, and for the summary the formulas
//! that point into it. It must never know rounding or values of indicators.

use rust_xlsxwriter::{ColNum, Format, IgnoreError, RowNum, Worksheet};

use super::sheet::{Cached, Pen, Setup, Styles, address, height, marks, quoted};
use super::spec::Texts;
use super::{Cell, ContributionView, FormError, IndicatorView, Kind, MonitoringView, Placed, YearView};
use crate::figure::{Rounding, RoundingMode};
use crate::measure::Measure;
use crate::ru;

/// Code and name.
const FIRST_COLUMN: ColNum = 2;
const CODE_WIDTH: u32 = 60;
const NAME_WIDTH: u32 = 240;
const TITLE_POINTS: u32 = 14;

/// Where everything stands on the sheet of schools.
pub(super) struct Plan {
    has_marks: bool,
    first: RowNum,
    last: RowNum,
    /// First columns of the two years of each indicator.
    blocks: Vec<[ColNum; 2]>,
    width: ColNum,
}

/// Columns that a year takes.
fn columns(kind: Kind) -> ColNum {
    match kind {
        Kind::YesNo | Kind::Number => 1,
        Kind::Parts => 2,
        Kind::Growth => 5,
        Kind::Whole => 0,
    }
}

/// Width of a column in pixels.
fn width(kind: Kind) -> u32 {
    match kind {
        Kind::YesNo | Kind::Number => 56,
        Kind::Parts | Kind::Growth | Kind::Whole => 38,
    }
}

impl Plan {
    pub(super) fn new(view: &MonitoringView) -> Result<Self, FormError> {
        let too_many = |_| FormError::Write("rows".to_owned());
        let has_marks = !marks(view).is_empty();
        // Marks, title, three rows of header.
        let first = RowNum::from(has_marks) + 4;
        let count = RowNum::try_from(view.schools.len()).map_err(too_many)?;
        let mut width = FIRST_COLUMN;
        let mut blocks = Vec::new();
        for indicator in &view.indicators {
            let next = width.saturating_add(columns(indicator.kind));
            blocks.push([width, next]);
            width = next.saturating_add(columns(indicator.kind));
        }
        Ok(Self { has_marks, first, last: first + count.max(1) - 1, blocks, width })
    }

    fn block(&self, indicator: usize, year: usize) -> ColNum {
        self.blocks.get(indicator).and_then(|years| years.get(year)).copied().unwrap_or(FIRST_COLUMN)
    }

    fn total(&self) -> RowNum {
        self.last + 1
    }

    /// The column that says yes or no, or holds the numerator.
    fn numerator_column(&self, kind: Kind, indicator: usize, year: usize) -> ColNum {
        let first = self.block(indicator, year);
        if kind == Kind::Growth { first + 4 } else { first }
    }

    fn range(&self, column: ColNum) -> String {
        format!("{}:{}", address(self.first, column), address(self.last, column))
    }

    /// The summary's formula of a numerator: the cell of the municipality's row.
    pub(super) fn numerator(&self, texts: &Texts<'_>, kind: Kind, indicator: usize, year: usize) -> String {
        let cell = address(self.total(), self.numerator_column(kind, indicator, year));
        format!("{}!{cell}", sheet_name(texts))
    }

    /// The summary's formula of a denominator: a sum, or the schools that say yes or no.
    pub(super) fn denominator(&self, texts: &Texts<'_>, kind: Kind, indicator: usize, year: usize) -> String {
        let sheet = sheet_name(texts);
        if kind == Kind::Parts {
            let cell = address(self.total(), self.block(indicator, year) + 1);
            return format!("{sheet}!{cell}");
        }
        let range = self.range(self.numerator_column(kind, indicator, year));
        let words = &texts.spec.words;
        format!("COUNTIF({sheet}!{range},{})+COUNTIF({sheet}!{range},{})", quoted(&words.yes), quoted(&words.no))
    }
}

fn sheet_name(texts: &Texts<'_>) -> String {
    format!("'{}'", texts.spec.sheets.schools)
}

pub(super) fn write(
    texts: &Texts<'_>,
    view: &MonitoringView,
    plan: &Plan,
    styles: &Styles,
    placed: &mut Vec<Placed>,
) -> Result<Worksheet, FormError> {
    let mut pen = Pen::new(&texts.spec.sheets.schools, placed)?;
    let top = header(&mut pen, texts, view, plan, styles)?;
    // The mark of a gap takes two lines in a narrow column.
    let has_gap = view.indicators.iter().any(|indicator| indicator.previous.is_err() || indicator.current.is_err());
    let least = if has_gap { 36 } else { 24 };
    for (row, school) in (plan.first..).zip(&view.schools) {
        pen.text(row, 0, &school.code, &styles.middle)?;
        pen.text(row, 1, &school.name, &styles.text)?;
        pen.sheet.set_row_height_pixels(row, height(&school.name, NAME_WIDTH, 11).max(least))?;
    }
    pen.sheet.set_row_height_pixels(plan.total(), least)?;
    pen.sheet.ignore_error_range(plan.first, 0, plan.last, 0, IgnoreError::NumberStoredAsText)?;
    pen.text(plan.total(), 0, "", &styles.total_text)?;
    pen.text(plan.total(), 1, &texts.spec.schools.total, &styles.total_text)?;
    for (index, indicator) in view.indicators.iter().enumerate() {
        for (position, (year, content)) in indicator.years(view).into_iter().enumerate() {
            let block = Block { texts, view, plan, styles, indicator, index, position, year };
            match content {
                Ok(content) => block.write(&mut pen, content)?,
                Err(_) => block.write_gap(&mut pen)?,
            }
        }
    }
    let setup = Setup {
        last: (plan.total(), plan.width - 1),
        header: Some((top, plan.first - 1)),
        freeze: Some((plan.first, FIRST_COLUMN)),
        is_landscape: true,
        pages: 0,
    };
    pen.finish(texts, view, &setup)
}

/// Writes everything above the first school; gives the first row of the header.
fn header(
    pen: &mut Pen<'_>,
    texts: &Texts<'_>,
    view: &MonitoringView,
    plan: &Plan,
    styles: &Styles,
) -> Result<RowNum, FormError> {
    let words = &texts.spec.schools;
    if plan.has_marks {
        pen.text(0, 0, &marks(view), &styles.mark)?;
    }
    let title = RowNum::from(plan.has_marks);
    pen.wide(title, (0, plan.width - 1), &texts.fill(&words.title), &styles.title)?;
    pen.sheet.set_row_height_pixels(title, TITLE_POINTS * 5 / 2)?;
    let top = title + 1;
    pen.sheet.set_column_width_pixels(0, CODE_WIDTH)?;
    pen.sheet.set_column_width_pixels(1, NAME_WIDTH)?;
    pen.block((top, top + 2), (0, 0), &words.code, &styles.heading)?;
    pen.block((top, top + 2), (1, 1), &words.name, &styles.heading)?;
    let mut tallest = 0;
    for (index, indicator) in view.indicators.iter().enumerate() {
        let count = columns(indicator.kind);
        if count == 0 {
            continue;
        }
        let [first, second] = [plan.block(index, 0), plan.block(index, 1)];
        let name = format!("{}. {}", indicator.number, indicator.name);
        let span = u32::from(count) * 2 * width(indicator.kind);
        tallest = tallest.max(height(&name, span, 9));
        pen.wide(top, (first, second + count - 1), &name, &styles.small_heading)?;
        for (start, (year, _)) in [first, second].into_iter().zip(indicator.years(view)) {
            pen.wide(top + 1, (start, start + count - 1), &texts.of_year(&words.year, year), &styles.small_heading)?;
            let labels: &[&String] = match indicator.kind {
                Kind::YesNo => &[&words.yes_no],
                Kind::Number => &[&words.count],
                Kind::Parts => &[&words.part, &words.whole],
                Kind::Whole => &[],
                Kind::Growth => {
                    &[&words.before_below, &words.before_participants, &words.below, &words.participants, &words.grows]
                }
            };
            for (column, label) in (start..).zip(labels) {
                pen.text(top + 2, column, &texts.of_year(label, year), &styles.upright_heading)?;
                pen.sheet.set_column_width_pixels(column, width(indicator.kind))?;
            }
        }
    }
    pen.sheet.set_row_height_pixels(top, tallest)?;
    pen.sheet.set_row_height_pixels(top + 1, 20)?;
    pen.sheet.set_row_height_pixels(top + 2, 124)?;
    Ok(top)
}

/// The columns of one indicator and year.
struct Block<'b> {
    texts: &'b Texts<'b>,
    view: &'b MonitoringView,
    plan: &'b Plan,
    styles: &'b Styles,
    indicator: &'b IndicatorView,
    index: usize,
    position: usize,
    year: i32,
}

impl Block<'_> {
    fn first(&self) -> ColNum {
        self.plan.block(self.index, self.position)
    }

    fn write(&self, pen: &mut Pen<'_>, content: &YearView) -> Result<(), FormError> {
        for (row, school) in (self.plan.first..).zip(&self.view.schools) {
            match content.per_school.get(&school.code) {
                Some(part) => self.contribution(pen, row, &school.code, part)?,
                None => self.fill(pen, row, &self.texts.spec.words.not_applicable, &self.styles.absent)?,
            }
        }
        self.total(pen, content)
    }

    fn write_gap(&self, pen: &mut Pen<'_>) -> Result<(), FormError> {
        for row in self.plan.first..=self.plan.total() {
            self.fill(pen, row, &self.texts.spec.words.gap, &self.styles.gap)?;
        }
        Ok(())
    }

    fn fill(&self, pen: &mut Pen<'_>, row: RowNum, text: &str, format: &Format) -> Result<(), FormError> {
        (self.first()..self.first() + columns(self.indicator.kind))
            .try_for_each(|column| pen.text(row, column, text, format))
    }

    fn contribution(
        &self,
        pen: &mut Pen<'_>,
        row: RowNum,
        school: &str,
        part: &ContributionView,
    ) -> Result<(), FormError> {
        let id = |name: &str| format!("{}/{}/{school}/{name}", self.indicator.code, self.year);
        let column = self.first();
        let number = &self.styles.number;
        match self.indicator.kind {
            Kind::YesNo => {
                let word = self.word(&part.numerator.value);
                pen.text(row, column, &word, number)?;
                pen.place(row, column, id("numerator"), word, part.numerator.node);
            }
            Kind::Number | Kind::Parts => {
                let cells = [("numerator", Some(&part.numerator)), ("denominator", part.denominator.as_ref())];
                for (column, (name, cell)) in (column..).zip(cells) {
                    let Some(cell) = cell else { continue };
                    pen.number(row, column, &cell.value, number)?;
                    pen.place(row, column, id(name), count(cell), cell.node);
                }
            }
            Kind::Whole => {}
            Kind::Growth => {
                let names = ["before-below", "before-participants", "below", "participants"];
                for (column, (index, name)) in (column..).zip(names.into_iter().enumerate()) {
                    match part.growth.as_ref().and_then(|four| four.get(index)) {
                        Some(cell) => {
                            pen.number(row, column, &cell.value, number)?;
                            pen.place(row, column, id(name), count(cell), cell.node);
                        }
                        None => pen.text(row, column, &self.texts.spec.words.undefined, &self.styles.absent)?,
                    }
                }
                let word = self.word(&part.numerator.value);
                pen.formula(row, column + 4, &self.growth(row), &Cached::Text(word.clone()), number)?;
                pen.place(row, column + 4, id("numerator"), word, part.numerator.node);
            }
        }
        Ok(())
    }

    /// Growth by cross-multiplication: below / now < below before / before. No participants, no growth.
    fn growth(&self, row: RowNum) -> String {
        let [before_below, before, below, now] = [0, 1, 2, 3].map(|offset| address(row, self.first() + offset));
        let words = &self.texts.spec.words;
        let (yes, no) = (quoted(&words.yes), quoted(&words.no));
        // N() takes the mark of an absent count as zero.
        format!("IF(OR(N({before})=0,N({now})=0),{no},IF({below}*{before}<{before_below}*{now},{yes},{no}))")
    }

    fn word(&self, value: &Measure) -> String {
        let words = &self.texts.spec.words;
        if value.is_zero() { words.no.clone() } else { words.yes.clone() }
    }

    /// Folds the schools: the numbers are added up, the yeses counted.
    fn total(&self, pen: &mut Pen<'_>, content: &YearView) -> Result<(), FormError> {
        let row = self.plan.total();
        let kind = self.indicator.kind;
        if kind == Kind::Whole {
            return Ok(());
        }
        let id = format!("{}/{}", self.indicator.code, self.year);
        let count_format = self.styles.total.clone().set_num_format(super::sheet::COUNT_FORMAT);
        if kind == Kind::Growth {
            // A sum of these counts over schools is not a figure of the return.
            for column in self.first()..self.first() + 4 {
                pen.text(row, column, &self.texts.spec.words.not_applicable, &self.styles.total)?;
            }
        }
        let column = self.plan.numerator_column(kind, self.index, self.position);
        let range = self.plan.range(column);
        let formula = match kind {
            Kind::YesNo | Kind::Growth => {
                format!("COUNTIF({range},{})", quoted(&self.texts.spec.words.yes))
            }
            Kind::Number | Kind::Parts | Kind::Whole => format!("SUM({range})"),
        };
        let numerator = &content.numerator;
        pen.formula(row, column, &formula, &Cached::Number(numerator.value.clone()), &count_format)?;
        pen.place(row, column, format!("{id}/numerator"), count(numerator), numerator.node);
        if let (Kind::Parts, Some(whole)) = (kind, &content.denominator) {
            let formula = format!("SUM({})", self.plan.range(column + 1));
            pen.formula(row, column + 1, &formula, &Cached::Number(whole.value.clone()), &count_format)?;
            pen.place(row, column + 1, format!("{id}/denominator"), count(whole), whole.node);
        }
        Ok(())
    }
}

/// A count as the ledger shows it.
pub(super) fn count(cell: &Cell) -> String {
    ru::number(&cell.value, Rounding { mode: RoundingMode::HalfUp, digits: 0 }, true)
}
