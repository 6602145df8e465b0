//! The answers to questionnaires as shares: a sheet with a table for each set of questions, every share a live formula.
//! In: a summary whose sheets stand in the workbook. Out: the sheet. It must never know who answered.

use rust_xlsxwriter::{ColNum, RowNum, Worksheet};

use super::FormError;
use super::collected::{at, named_table};
use super::shares::Ranges;
use super::sheet::{COUNT_FORMAT, Cached, Pen, Setup, Styles, address, height, number_format, quoted, rounding_call};
use super::together::{Frame, heading, notes};
use crate::blank::{Words, fill};
use crate::measure::Measure;
use crate::returns::{Question, Summary, SummarySheet, Tally};
use crate::ru;

/// Widths of the question and of numbers in pixels.
const QUESTION: u32 = 330;
const NUMBER: u32 = 85;
/// Columns in front of the shares: the question, forms, answers.
const LEAD: ColNum = 3;

/// The sheet of answers; `None` when no form asks questions.
pub(super) fn tallies(
    summary: &Summary,
    ranges: &Ranges,
    words: &Words,
    styles: &Styles,
) -> Result<Option<Worksheet>, FormError> {
    let all: Vec<(&SummarySheet, &Tally)> =
        summary.sheets.iter().filter_map(|sheet| Some((sheet, sheet.tally.as_ref()?))).collect();
    let Some(widest) = all.iter().map(|(_, tally)| tally.answers.len()).max() else { return Ok(None) };
    let mut placed = Vec::new();
    let mut pen = Pen::new(words.sheet("answers"), &mut placed)?;
    let last = LEAD - 1 + at(widest)?;
    for column in 0..=last {
        pen.sheet.set_column_width_pixels(column, if column == 0 { QUESTION } else { NUMBER })?;
    }
    let frame = Frame { last, width: QUESTION + NUMBER * u32::from(last) };
    let mut row = heading(&mut pen, summary, &frame, styles)?;
    for (sheet, tally) in all {
        pen.wide(row, (0, last), &sheet.name, &styles.subtitle)?;
        row += 1;
        let lead = ["question", "counted-forms", "answered"].map(|key| words.of(key).to_owned());
        let answers = tally.answers.iter().map(|answer| format!("{answer}, {}", words.of("percent")));
        let headings: Vec<String> = lead.into_iter().chain(answers).collect();
        let name = format!("answers_{}", sheet.table);
        named_table(&mut pen, &name, (row, 0), &headings, tally.questions.len(), &styles.small_heading)?;
        let tallest = headings.iter().skip(1).map(|heading| height(heading, NUMBER, 9)).max();
        pen.sheet.set_row_height_pixels(row, tallest.unwrap_or(0).max(34))?;
        for question in &tally.questions {
            row += 1;
            line(&mut pen, row, (summary, sheet, question), ranges, (words, styles))?;
        }
        row += 2;
    }
    let end = notes(&mut pen, row, &["note-answers", "note-counted-forms", "note-none"], &frame, (words, styles))?;
    let foot = fill(words.of("page"), &[("page", "&P"), ("pages", "&N")]);
    let setup =
        Setup { last: (end, last), header: None, freeze: Some((0, 1)), is_landscape: frame.width > 717, pages: 0 };
    pen.page(&summary.short_title(), summary.sample_mark.as_deref().unwrap_or_default(), &foot, &setup)?;
    Ok(Some(pen.sheet))
}

fn line(
    pen: &mut Pen<'_>,
    row: RowNum,
    (summary, sheet, question): (&Summary, &SummarySheet, &Question),
    ranges: &Ranges,
    (words, styles): (&Words, &Styles),
) -> Result<(), FormError> {
    let answered = question.answered(sheet);
    let whole = ranges.whole(sheet, &[&(question.parts.clone(), vec![question.whole])])?;
    let none = quoted(words.of("none"));
    let absent = || Cached::Text(words.of("none").to_owned());
    let counts = styles.number.clone().set_num_format(COUNT_FORMAT);
    pen.text(row, 0, &question.text, &styles.small_text)?;
    let counted = Cached::Number(Measure::from(i64::try_from(answered.counted).unwrap_or(i64::MAX)));
    pen.formula(row, 1, &format!("=SUMPRODUCT({whole})"), &counted, &counts)?;
    let (count, all) = (address(row, 1), address(row, 2));
    let sum = ranges.sum(sheet, &[question.whole], &whole)?;
    let result = if answered.counted == 0 { absent() } else { Cached::Number(answered.whole.clone()) };
    pen.formula(row, 2, &format!("=IF({count}=0,{none},{sum})"), &result, &counts)?;
    let format = styles.number.clone().set_num_format(number_format(summary.rounding.digits, false)?);
    for (column, (part, number)) in (LEAD..).zip(question.parts.iter().zip(&answered.parts)) {
        let sum = ranges.sum(sheet, &[*part], &whole)?;
        let quotient = rounding_call(&format!("100*{sum}/{all}"), summary.rounding);
        let share = answered.share(number).map(|share| Cached::Number(ru::rounded(&share, summary.rounding)));
        let formula = format!("=IF({count}=0,{none},IF({all}=0,{none},{quotient}))");
        pen.formula(row, column, &formula, &share.unwrap_or_else(absent), &format)?;
    }
    pen.sheet.set_row_height_pixels(row, height(&question.text, QUESTION, 10).max(22))?;
    Ok(())
}
