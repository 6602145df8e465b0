//! The summary of a form as a workbook: indicators, the rows of respondents with live sums, reasons, sources.
//! In: a summary. Out: the bytes of the workbook. It must never know how a return was read.

use rust_xlsxwriter::{ColNum, RowNum, Worksheet};

use super::charts::charts;
use super::collected::{at, listed, named_table, properties, row_at, write};
use super::shares::{Ranges, shares};
use super::sheet::{Cached, Pen, Setup, Styles, address, height, quoted};
use super::tallies::tallies;
use super::{FormError, RenderedForm};
use crate::blank::{Total, Words, fill};
use crate::provenance::column_letters;
use crate::returns::{Summary, SummarySheet, TotalOf};

/// Widths of code, name, number and text in pixels.
const CODE: u32 = 80;
const NAME: u32 = 230;
const NUMBER: u32 = 105;
const TEXT: u32 = 200;
/// Pixels of a page on its side.
const PAGE: u32 = 1045;

/// How far titles and notes go: they stand whole on the first page.
pub(super) struct Frame {
    /// Last column.
    pub last: ColNum,
    /// Pixels.
    pub width: u32,
}

impl Summary {
    /// Its title as the head of a page has it.
    pub(super) fn short_title(&self) -> String {
        self.title.chars().take(60).collect()
    }

    /// Lines above its tables.
    fn lines(&self) -> impl Iterator<Item = &str> {
        let own = [self.sample_mark.as_deref().unwrap_or_default(), &self.title, &self.municipality];
        own.into_iter().chain(self.lines.iter().map(String::as_str)).filter(|line| !line.is_empty())
    }
}

/// Writes the summary: indicators and how they came about, rows of respondents with live sums under them, charts, why values
/// are missing, and the sources.
///
/// # Errors
/// When the library refuses a text or an address.
pub fn render_summary(summary: &Summary, words: &Words) -> Result<RenderedForm, FormError> {
    let (mut workbook, styles) = (super::workbook(), Styles::new());
    let ranges = Ranges { first: row_at(summary.lines().count())? + 1 };
    if let Some(sheet) = tallies(summary, &ranges, words, &styles)? {
        workbook.push_worksheet(sheet);
    }
    let made = shares(summary, &ranges, words, &styles)?;
    let (made, plot) = made.unzip();
    if let Some(sheet) = made {
        workbook.push_worksheet(sheet);
    }
    if let Some(plot) = plot {
        let mark = summary.sample_mark.as_deref().unwrap_or_default();
        if let Some(sheet) = charts(&[plot], (&summary.short_title(), mark), words, &styles)? {
            workbook.push_worksheet(sheet);
        }
    }
    for sheet in &summary.sheets {
        workbook.push_worksheet(rows(summary, sheet, words, &styles)?);
    }
    let reasons: Vec<[String; 4]> = summary.sheets.iter().flat_map(reasons).collect();
    if !reasons.is_empty() {
        let headings = ["respondent", "sheet", "share", "reason"].map(|key| words.of(key));
        workbook.push_worksheet(listed((words.sheet("reasons"), "reasons"), &headings, &reasons, (words, &styles))?);
    }
    let headings = ["respondent", "state", "source-file", "source-hash"].map(|key| words.of(key));
    let sources = listed((words.sheet("sources"), "sources"), &headings, &summary.sources, (words, &styles))?;
    workbook.push_worksheet(sources);
    properties(&mut workbook, &summary.title, &summary.municipality)?;
    Ok(RenderedForm { bytes: workbook.save_to_buffer()?, placed: Vec::new() })
}

fn reasons(sheet: &SummarySheet) -> Vec<[String; 4]> {
    let one = |[respondent, asked, reason]: &[String; 3]| {
        [respondent.clone(), sheet.name.clone(), asked.clone(), reason.clone()]
    };
    sheet.reasons.iter().map(one).collect()
}

/// The lines above the tables; gives the row of the headings.
pub(super) fn heading(
    pen: &mut Pen<'_>,
    summary: &Summary,
    frame: &Frame,
    styles: &Styles,
) -> Result<RowNum, FormError> {
    let mut row: RowNum = 0;
    let wrapped = styles.plain.clone().set_text_wrap();
    for line in summary.lines() {
        let format = match line {
            _ if summary.sample_mark.as_deref() == Some(line) => &styles.mark,
            _ if line == summary.title => &styles.title,
            _ => &wrapped,
        };
        pen.wide(row, (0, frame.last), line, format)?;
        pen.fit(row, line, frame.width, if line == summary.title { 14 } else { 11 })?;
        row += 1;
    }
    Ok(row)
}

/// What stands here and how it came about; gives the last row.
pub(super) fn notes(
    pen: &mut Pen<'_>,
    mut row: RowNum,
    keys: &[&str],
    frame: &Frame,
    (words, styles): (&Words, &Styles),
) -> Result<RowNum, FormError> {
    pen.wide(row, (0, frame.last), words.of("notes"), &styles.subtitle)?;
    let wrapped = styles.plain.clone().set_text_wrap().set_font_size(10);
    for key in keys {
        row += 1;
        pen.wide(row, (0, frame.last), words.of(key), &wrapped)?;
        pen.fit(row, words.of(key), frame.width, 10)?;
    }
    Ok(row)
}

/// Rows of respondents with their sums.
fn rows(summary: &Summary, sheet: &SummarySheet, words: &Words, styles: &Styles) -> Result<Worksheet, FormError> {
    let mut placed = Vec::new();
    let mut pen = Pen::new(&sheet.name, &mut placed)?;
    let last_column = at(sheet.headings.len().saturating_sub(1))?;
    let pixels = |(index, under): (usize, &Total)| match index {
        0 => CODE,
        1 => NAME,
        _ if *under != Total::None => NUMBER,
        _ => TEXT,
    };
    let widths: Vec<u32> = sheet.under.iter().enumerate().map(pixels).collect();
    for (index, width) in widths.iter().enumerate() {
        pen.sheet.set_column_width_pixels(at(index)?, *width)?;
    }
    // Code and name are on every page; titles stand on the first.
    let whole: u32 = widths.iter().sum();
    let room = PAGE - CODE - NAME;
    let pages = whole.saturating_sub(CODE + NAME).div_ceil(room).max(1);
    let mut frame = Frame { last: 0, width: 0 };
    for (index, width) in widths.iter().enumerate() {
        if frame.width + width > PAGE && index > 1 {
            break;
        }
        frame = Frame { last: at(index)?, width: frame.width + width };
    }
    let header = heading(&mut pen, summary, &frame, styles)?;
    named_table(
        &mut pen,
        &format!("rows_{}", sheet.table),
        (header, 0),
        &sheet.headings,
        sheet.rows.len(),
        &styles.small_heading,
    )?;
    let tallest = sheet.headings.iter().zip(&widths).map(|(heading, width)| height(heading, *width, 9)).max();
    pen.sheet.set_row_height_pixels(header, tallest.unwrap_or(0).max(34))?;
    let first = header + 1;
    for (index, cells) in sheet.rows.iter().enumerate() {
        let row = first + row_at(index)?;
        let mut tallest = 22;
        for ((column, cell), width) in cells.iter().enumerate().zip(&widths) {
            write(&mut pen, row, at(column)?, cell, styles)?;
            if let crate::returns::Cell::Text(text) = cell {
                tallest = tallest.max(height(text, *width, 10));
            }
        }
        pen.sheet.set_row_height_pixels(row, tallest)?;
    }
    let total = first + row_at(sheet.rows.len().max(1))?;
    totals(&mut pen, summary, sheet, (first, total), (words, styles))?;
    let mut keys = vec![if sheet.asks.is_empty() { "note-stacked" } else { "note-rows" }, "note-total"];
    keys.extend(sheet.under.contains(&Total::Apart).then_some("note-apart"));
    keys.extend((!sheet.totals.is_empty()).then_some("note-single"));
    keys.extend((!sheet.reasons.is_empty()).then_some("note-reasons"));
    let end = notes(&mut pen, total + 2, &keys, &frame, (words, styles))?;
    let foot = fill(words.of("page"), &[("page", "&P"), ("pages", "&N")]);
    let setup = Setup {
        last: (end, last_column),
        header: Some((header, header)),
        freeze: Some((first, 2)),
        is_landscape: whole > 717,
        pages: 0,
    };
    pen.page(&summary.short_title(), summary.sample_mark.as_deref().unwrap_or_default(), &foot, &setup)?;
    if pages > 1 {
        pen.sheet.set_print_fit_to_pages(u16::try_from(pages).unwrap_or(u16::MAX), 0);
        pen.sheet.set_repeat_columns(0, 1)?;
    }
    Ok(pen.sheet)
}

/// The sums under the rows.
fn totals(
    pen: &mut Pen<'_>,
    summary: &Summary,
    sheet: &SummarySheet,
    (first, total): (RowNum, RowNum),
    (words, styles): (&Words, &Styles),
) -> Result<(), FormError> {
    pen.text(total, 0, "", &styles.total_text)?;
    pen.text(total, 1, words.of("total"), &styles.total_text)?;
    // How many say yes is no sum of something.
    let flags = styles.total.clone().set_num_format(format!("{}0", quoted(words.of("say-yes"))));
    let single = |total: &TotalOf| summary.sheets.iter().find(|other| other.name == total.sheet);
    let none = words.of("none");
    for (index, under) in sheet.under.iter().enumerate().skip(2) {
        let column = at(index)?;
        if !under.is_number() || sheet.rows.is_empty() {
            let text = if *under == Total::Apart { none } else { "" };
            pen.text(total, column, text, if *under == Total::Apart { &styles.total } else { &styles.total_text })?;
            continue;
        }
        // What nobody told is no zero.
        let formula = match sheet.totals.get(&index) {
            None => {
                let range = format!("{}:{}", address(first, column), address(total.saturating_sub(1), column));
                format!("=IF(COUNT({range})=0,{},SUM({range}))", quoted(none))
            }
            Some(of) => {
                let name = format!("'{}'", of.sheet.replace('\'', "''"));
                let rows = row_at(single(of).map_or(1, |other| other.rows.len()).max(1))?;
                let range = |column: usize| -> Result<String, FormError> {
                    let letters = column_letters(at(column)?);
                    Ok(format!("{name}!${letters}${}:${letters}${}", first + 1, first + rows))
                };
                let (values, keys, key) = (range(of.values)?, range(of.keys)?, quoted(&of.key));
                let count = format!("SUMPRODUCT(({keys}={key})*ISNUMBER({values}))");
                format!("=IF({count}=0,{},SUMIFS({values},{keys},{key}))", quoted(none))
            }
        };
        let format = if *under == Total::Flags { &flags } else { &styles.total };
        let result = match summary.sum(sheet, index) {
            Some(sum) => Cached::Number(sum),
            None => Cached::Text(none.to_owned()),
        };
        pen.formula(total, column, &formula, &result, format)?;
    }
    Ok(())
}
