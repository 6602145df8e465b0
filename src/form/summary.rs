//! The summary: the municipality's values of both years as live formulas over the sheet of schools.
//! In: a view and the plan of the sheet of schools. Out: a worksheet.
//! It must never know how a school's contribution came about.

use rust_xlsxwriter::{ColNum, DataValidation, DataValidationRule, Format, FormatAlign, RowNum, Worksheet};

use super::schools::{Plan, count};
use super::sheet::{
    COUNT_FORMAT, Cached, Pen, Setup, Styles, address, height, marks, number_format, quoted, rounding_call,
};
use super::spec::Texts;
use super::{FormError, IndicatorView, Kind, MonitoringView, Person, Placed, YearView};
use crate::figure::{Figure, Rounding, Unit};
use crate::ru;

const NUMBER: ColNum = 0;
const INDICATOR: ColNum = 1;
const UNIT: ColNum = 2;
/// Numerator, denominator and value of the year before, then of the year.
const YEARS: [ColNum; 2] = [3, 6];
const CHANGE: ColNum = 9;
const DIRECTION: ColNum = 10;
const TARGET: ColNum = 11;
const NOTE: ColNum = 12;
const CONFIRMED: ColNum = 13;
const COMMENT: ColNum = 14;

/// Widths in pixels.
const WIDTHS: [u32; 15] = [36, 240, 58, 64, 78, 68, 64, 78, 68, 84, 92, 104, 220, 100, 150];
/// Longest comment.
const COMMENT_LENGTH: u32 = 500;

pub(super) fn write(
    texts: &Texts<'_>,
    view: &MonitoringView,
    plan: &Plan,
    styles: &Styles,
    placed: &mut Vec<Placed>,
) -> Result<Worksheet, FormError> {
    let mut pen = Pen::new(&texts.spec.sheets.summary, placed)?;
    for (column, width) in (0..).zip(WIDTHS) {
        pen.sheet.set_column_width_pixels(column, width)?;
    }
    let top = heading(&mut pen, texts, view, styles)?;
    header(&mut pen, texts, view, styles, top)?;
    let first = top + 3;
    let mut row = first;
    let mut group = "";
    let mut gaps = Vec::new();
    for (index, indicator) in view.indicators.iter().enumerate() {
        if indicator.group_title != group {
            group = &indicator.group_title;
            band(&mut pen, row, &ru::upper_first(group), styles)?;
            row += 1;
        }
        Line { texts, view, plan, styles, indicator, index, row }.write(&mut pen, &mut gaps)?;
        row += 1;
    }
    open_cells(&mut pen, texts, first, row - 1)?;
    row = notes(&mut pen, texts, view, styles, row + 1, &gaps)?;
    row = signature(&mut pen, texts, view, styles, row + 1)?;
    let setup = Setup {
        last: (row, COMMENT),
        header: Some((top, top + 2)),
        freeze: Some((first, UNIT)),
        is_landscape: true,
        pages: 0,
    };
    pen.finish(texts, view, &setup)
}

/// Marks, title and the lines under it; gives the first row of the table.
fn heading(pen: &mut Pen<'_>, texts: &Texts<'_>, view: &MonitoringView, styles: &Styles) -> Result<RowNum, FormError> {
    let mut row = 0;
    let marks = marks(view);
    if !marks.is_empty() {
        pen.text(row, 0, &marks, &styles.mark)?;
        row += 1;
    }
    let title = texts.fill(&texts.spec.title);
    pen.wide(row, (NUMBER, COMMENT), &title, &styles.title)?;
    pen.fit(row, &title, WIDTHS.iter().sum(), 16)?;
    let labels = &texts.spec.labels;
    for label in [&labels.municipality, &labels.authority, &labels.period] {
        row += 1;
        pen.text(row, 0, &texts.fill(label), &styles.plain)?;
        pen.sheet.set_row_height_pixels(row, 22)?;
    }
    Ok(row + 1)
}

/// Two rows of headings and a row of numbers of columns.
fn header(
    pen: &mut Pen<'_>,
    texts: &Texts<'_>,
    view: &MonitoringView,
    styles: &Styles,
    top: RowNum,
) -> Result<(), FormError> {
    let words = &texts.spec.summary;
    for (column, text) in [
        (NUMBER, &words.number),
        (INDICATOR, &words.indicator),
        (UNIT, &words.unit),
        (CHANGE, &words.change),
        (DIRECTION, &words.direction),
        (TARGET, &words.target),
        (NOTE, &words.note),
        (CONFIRMED, &words.confirmed),
        (COMMENT, &words.comment),
    ] {
        pen.block((top, top + 1), (column, column), &texts.fill(text), &styles.heading)?;
    }
    for (first, year) in YEARS.into_iter().zip([view.previous_year, view.year]) {
        pen.wide(top, (first, first + 2), &texts.of_year(&words.year, year), &styles.heading)?;
        for (column, text) in (first..).zip([&words.numerator, &words.denominator, &words.value]) {
            pen.text(top + 1, column, &texts.of_year(text, year), &styles.small_heading)?;
        }
    }
    for column in NUMBER..=COMMENT {
        pen.text(top + 2, column, &(column + 1).to_string(), &styles.small_heading)?;
    }
    pen.sheet.set_row_height_pixels(top, 24)?;
    pen.sheet.set_row_height_pixels(top + 1, 30)?;
    pen.sheet.ignore_error_range(
        top + 2,
        NUMBER,
        top + 2,
        COMMENT,
        rust_xlsxwriter::IgnoreError::NumberStoredAsText,
    )?;
    Ok(())
}

/// The title of a group over the whole width, without joined cells.
fn band(pen: &mut Pen<'_>, row: RowNum, title: &str, styles: &Styles) -> Result<(), FormError> {
    pen.text(row, NUMBER, title, &styles.band)?;
    for column in INDICATOR..COMMENT {
        pen.sheet.write_blank(row, column, &styles.band)?;
    }
    pen.sheet.write_blank(row, COMMENT, &styles.band_end)?;
    pen.sheet.set_row_height_pixels(row, 22)?;
    Ok(())
}

/// A row of the summary.
struct Line<'l> {
    texts: &'l Texts<'l>,
    view: &'l MonitoringView,
    plan: &'l Plan,
    styles: &'l Styles,
    indicator: &'l IndicatorView,
    index: usize,
    row: RowNum,
}

impl Line<'_> {
    fn write(&self, pen: &mut Pen<'_>, gaps: &mut Vec<String>) -> Result<(), FormError> {
        let Self { texts, view, styles, indicator, row, .. } = self;
        let words = &texts.spec.words;
        pen.text(*row, NUMBER, &indicator.number, &styles.middle)?;
        pen.text(*row, INDICATOR, &indicator.name, &styles.text)?;
        pen.text(*row, UNIT, &indicator.unit_name, &styles.middle)?;
        for (position, (year, content)) in indicator.years(view).into_iter().enumerate() {
            match content {
                Ok(content) => self.year(pen, position, year, content)?,
                Err(missing) => {
                    gaps.push(format!("{}. {year}: {missing}", indicator.number));
                    self.gap(pen, position, missing)?;
                }
            }
        }
        self.change(pen)?;
        let direction = if indicator.better_up { &words.up } else { &words.down };
        pen.text(*row, DIRECTION, direction, &styles.middle)?;
        let target = indicator.target.as_ref().unwrap_or(&words.undefined);
        pen.text(*row, TARGET, target, &styles.middle)?;
        let note = self.note(pen);
        pen.text(*row, NOTE, &note, &styles.small_text)?;
        pen.sheet.write_blank(*row, CONFIRMED, &styles.open_choice)?;
        pen.sheet.write_blank(*row, COMMENT, &styles.open)?;
        let tallest = [(&indicator.name, INDICATOR, 11), (&note, NOTE, 10), (target, TARGET, 11)]
            .into_iter()
            .map(|(text, column, points)| height(text, width(column), points))
            .chain(
                indicator
                    .years(view)
                    .into_iter()
                    .filter_map(|(_, year)| year.as_ref().err().map(|missing| height(missing, width(YEARS[0] + 2), 9))),
            )
            .max();
        pen.sheet.set_row_height_pixels(*row, tallest.unwrap_or(0).max(24))?;
        Ok(())
    }

    /// How the value is computed, and on how many schools it stands.
    fn note(&self, pen: &mut Pen<'_>) -> String {
        let mut note = self.indicator.note.clone();
        for (year, content) in self.indicator.years(self.view) {
            let Some(coverage) = content.as_ref().ok().and_then(|content| content.coverage.as_ref()) else { continue };
            let said = self.texts.of_coverage(year, coverage);
            for figure in [&coverage.known, &coverage.total] {
                pen.place(self.row, NOTE, figure.id.clone(), figure.text(), figure.node);
            }
            note = format!("{note} {said}");
        }
        note
    }

    /// The columns of a year: number of the year's first column.
    fn first(position: usize) -> ColNum {
        YEARS.get(position).copied().unwrap_or(YEARS[0])
    }

    fn year(&self, pen: &mut Pen<'_>, position: usize, year: i32, content: &YearView) -> Result<(), FormError> {
        let Self { texts, plan, styles, indicator, index, row, .. } = self;
        let first = Self::first(position);
        let id = format!("{}/{year}", indicator.code);
        let counts = styles.number.clone().set_num_format(COUNT_FORMAT);
        // Counts that are there for a value that is not: a formula over them would give one.
        let is_withheld =
            content.value.is_none() && content.denominator.as_ref().is_some_and(|all| !all.value.is_zero());
        if indicator.kind == Kind::Whole || is_withheld {
            return self.whole(pen, first, content);
        }
        let numerator = &content.numerator;
        let formula = plan.numerator(texts, indicator.kind, *index, position);
        pen.formula(*row, first, &formula, &Cached::Number(numerator.value.clone()), &counts)?;
        pen.place(*row, first, format!("{id}/numerator"), count(numerator), numerator.node);
        match &content.denominator {
            Some(whole) => {
                let formula = plan.denominator(texts, indicator.kind, *index, position);
                pen.formula(*row, first + 1, &formula, &Cached::Number(whole.value.clone()), &counts)?;
                pen.place(*row, first + 1, format!("{id}/denominator"), count(whole), whole.node);
            }
            None => pen.text(*row, first + 1, &texts.spec.words.not_applicable, &styles.absent)?,
        }
        let rounding = content.value.as_ref().map_or(self.view.rounding.of(indicator.unit), |figure| figure.rounding);
        let formula = self.value_formula(first, rounding);
        let result = content.value.as_ref().map(|figure| ru::rounded(&figure.value, rounding));
        let format = self.value_format(rounding.digits, false)?.set_bold();
        pen.formula(*row, first + 2, &formula, &self.cached(result), &format)?;
        if let Some(figure) = &content.value {
            pen.place(*row, first + 2, figure.id.clone(), figure.text(), figure.node);
        }
        Ok(())
    }

    /// A value that no counts of this workbook give: it stands as it was computed.
    fn whole(&self, pen: &mut Pen<'_>, first: ColNum, content: &YearView) -> Result<(), FormError> {
        for column in [first, first + 1] {
            pen.text(self.row, column, &self.texts.spec.words.not_applicable, &self.styles.absent)?;
        }
        self.number(pen, first + 2, content.value.as_ref(), false)
    }

    fn number(
        &self,
        pen: &mut Pen<'_>,
        column: ColNum,
        figure: Option<&Figure>,
        signed: bool,
    ) -> Result<(), FormError> {
        let Some(figure) = figure else {
            return pen.text(self.row, column, &self.texts.spec.words.undefined, &self.styles.absent);
        };
        let format = self.styles.number.clone().set_num_format(number_format(figure.rounding.digits, signed)?);
        pen.number(self.row, column, &ru::rounded(&figure.value, figure.rounding), &format)?;
        pen.place(self.row, column, figure.id.clone(), figure.text(), figure.node);
        Ok(())
    }

    /// The scale as a formula has it.
    fn scale(&self) -> String {
        match self.indicator.scale.to_integer() {
            Some(1) | None => String::new(),
            Some(scale) => format!("{scale}*"),
        }
    }

    fn value_formula(&self, first: ColNum, rounding: Rounding) -> String {
        let [numerator, denominator] = [first, first + 1].map(|column| address(self.row, column));
        if !self.indicator.has_denominator() {
            return numerator;
        }
        let share = rounding_call(&format!("{}{numerator}/{denominator}", self.scale()), rounding);
        format!("IF({denominator}=0,{},{share})", quoted(&self.texts.spec.words.undefined))
    }

    fn cached(&self, value: Option<crate::measure::Measure>) -> Cached {
        value.map_or_else(|| Cached::Text(self.texts.spec.words.undefined.clone()), Cached::Number)
    }

    fn value_format(&self, digits: u8, signed: bool) -> Result<Format, FormError> {
        let format = if self.indicator.has_denominator() || signed {
            number_format(digits, signed)?
        } else {
            COUNT_FORMAT.to_owned()
        };
        Ok(self.styles.number.clone().set_num_format(format))
    }

    /// This year less the last, from the counts: rounded once, and as one fraction, so that no binary
    /// remainder of a subtraction can move a half.
    fn change(&self, pen: &mut Pen<'_>) -> Result<(), FormError> {
        let Self { indicator, row, styles, .. } = self;
        if indicator.previous.is_err() || indicator.current.is_err() {
            return pen.text(*row, CHANGE, &self.texts.spec.words.gap, &styles.gap);
        }
        if indicator.kind == Kind::Whole {
            return self.number(pen, CHANGE, indicator.change.as_ref(), true);
        }
        let unit = match indicator.unit {
            Unit::Percent => Unit::Points,
            Unit::Index => Unit::IndexChange,
            _ => Unit::CountChange,
        };
        let rounding = indicator.change.as_ref().map_or(self.view.rounding.of(unit), |figure| figure.rounding);
        let [[a, b], [c, d]] = YEARS.map(|first| [first, first + 1].map(|column| address(*row, column)));
        let formula = if indicator.has_denominator() {
            let share = rounding_call(&format!("{}({c}*{b}-{a}*{d})/({b}*{d})", self.scale()), rounding);
            format!("IF(OR({b}=0,{d}=0),{},{share})", quoted(&self.texts.spec.words.undefined))
        } else {
            format!("{c}-{a}")
        };
        let result = indicator.change.as_ref().map(|figure| ru::rounded(&figure.value, rounding));
        pen.formula(*row, CHANGE, &formula, &self.cached(result), &self.value_format(rounding.digits, true)?)?;
        if let Some(figure) = &indicator.change {
            pen.place(*row, CHANGE, figure.id.clone(), figure.text(), figure.node);
        }
        Ok(())
    }

    fn gap(&self, pen: &mut Pen<'_>, position: usize, missing: &str) -> Result<(), FormError> {
        let first = Self::first(position);
        let gap = &self.texts.spec.words.gap;
        pen.text(self.row, first, gap, &self.styles.gap)?;
        pen.text(self.row, first + 1, gap, &self.styles.gap)?;
        pen.text(self.row, first + 2, missing, &self.styles.gap)
    }
}

fn width(column: ColNum) -> u32 {
    WIDTHS.get(usize::from(column)).copied().unwrap_or(64)
}

/// The drop-down list and the limit of comments over all rows; bands stay locked.
fn open_cells(pen: &mut Pen<'_>, texts: &Texts<'_>, first: RowNum, last: RowNum) -> Result<(), FormError> {
    let words = &texts.spec.words;
    let messages = &texts.spec.validation;
    let confirmed = DataValidation::new()
        .allow_list_strings(&[&words.yes, &words.no])?
        .set_input_title(&messages.confirmed_title)?
        .set_input_message(&messages.confirmed_prompt)?
        .set_error_title(&messages.confirmed_title)?
        .set_error_message(&messages.confirmed_error)?;
    pen.sheet.add_data_validation(first, CONFIRMED, last, CONFIRMED, &confirmed)?;
    let comment = DataValidation::new()
        .allow_text_length(DataValidationRule::LessThanOrEqualTo(COMMENT_LENGTH))
        .set_input_title(&messages.comment_title)?
        .set_input_message(&messages.comment_prompt)?
        .set_error_title(&messages.comment_title)?
        .set_error_message(&messages.comment_error)?;
    pen.sheet.add_data_validation(first, COMMENT, last, COMMENT, &comment)?;
    Ok(())
}

/// Gaps of a draft, then the notes; gives the next free row.
fn notes(
    pen: &mut Pen<'_>,
    texts: &Texts<'_>,
    view: &MonitoringView,
    styles: &Styles,
    mut row: RowNum,
    gaps: &[String],
) -> Result<RowNum, FormError> {
    let words = &texts.spec.summary;
    let all: u32 = WIDTHS.iter().sum();
    if !gaps.is_empty() {
        pen.text(row, NUMBER, &words.gaps_title, &styles.subtitle)?;
        row += 1;
        for gap in gaps {
            pen.wide(row, (NUMBER, COMMENT), gap, &styles.gap_line)?;
            pen.fit(row, gap, all, 11)?;
            row += 1;
        }
        row += 1;
    }
    pen.text(row, NUMBER, &words.notes_title, &styles.subtitle)?;
    row += 1;
    let notes = words.notes.iter().map(|note| texts.fill(note)).chain([texts.rounding_note()]);
    let left_out = view.left_out.iter().map(|without| words.left_out.replace("{without}", without));
    let notes = notes.chain(left_out);
    for note in notes {
        pen.wide(row, (NUMBER, COMMENT), &note, &styles.plain.clone().set_text_wrap())?;
        pen.fit(row, &note, all, 11)?;
        row += 1;
    }
    Ok(row)
}

/// Who signs, who answers and when; gives the last row.
fn signature(
    pen: &mut Pen<'_>,
    texts: &Texts<'_>,
    view: &MonitoringView,
    styles: &Styles,
    row: RowNum,
) -> Result<RowNum, FormError> {
    let words = &texts.spec.signature;
    let left = styles.plain.clone().set_text_wrap().set_align(FormatAlign::Bottom);
    let name = |person: &Option<Person>| person.as_ref().map(|person| person.name.clone()).unwrap_or_default();
    let post = view.signer.as_ref().map_or(&words.signer, |person| &person.post);
    let post = ru::upper_first(post);
    pen.text(row, INDICATOR, &post, &left)?;
    pen.wide(row, (YEARS[0], YEARS[0] + 2), "", &styles.line)?;
    pen.wide(row, (YEARS[1], YEARS[1] + 2), &name(&view.signer), &styles.line)?;
    pen.fit(row, &post, width(INDICATOR), 11)?;
    pen.wide(row + 1, (YEARS[0], YEARS[0] + 2), &words.sign, &styles.small)?;
    pen.wide(row + 1, (YEARS[1], YEARS[1] + 2), &words.name, &styles.small)?;
    let executor = row + 2;
    let post = view.executor.as_ref().map(|person| format!("{}: {}", words.executor, ru::lower_first(&person.post)));
    let post = post.unwrap_or_else(|| words.executor.clone());
    pen.text(executor, INDICATOR, &post, &left)?;
    pen.fit(executor, &post, width(INDICATOR), 11)?;
    let phone = view.executor.as_ref().and_then(|person| person.phone.clone()).unwrap_or_default();
    pen.wide(executor, (YEARS[0], YEARS[0] + 2), &phone, &styles.line)?;
    pen.wide(executor, (YEARS[1], YEARS[1] + 2), &name(&view.executor), &styles.line)?;
    pen.wide(executor + 1, (YEARS[0], YEARS[0] + 2), &words.phone, &styles.small)?;
    pen.wide(executor + 1, (YEARS[1], YEARS[1] + 2), &words.name, &styles.small)?;
    pen.text(executor, TARGET, &words.date, &left)?;
    pen.sheet.write_blank(executor, NOTE, &styles.open.clone().set_num_format("dd.mm.yyyy"))?;
    Ok(executor + 1)
}
