//! Workbooks of what came back: the municipality's data, and the summary with live sums.
//! In: sheets of cells with their origins. Out: the bytes of the workbook.
//! It must never know forms or respondents.

use rust_xlsxwriter::{ColNum, DocProperties, ExcelDateTime, Format, RowNum, Workbook, Worksheet};

use super::sheet::{Cached, Pen, Setup, Styles, address, height, quoted, rounding_call};
use super::{FormError, RenderedForm};
use crate::blank::{Total, Words, fill};

use crate::measure::Measure;
use crate::returns::{Cell, Made, Merged, Share, Summary, SummarySheet, TotalOf};
use crate::ru;

fn at(index: usize) -> Result<ColNum, FormError> {
    ColNum::try_from(index).map_err(|_| FormError::Write(index.to_string()))
}

fn row_at(index: usize) -> Result<RowNum, FormError> {
    RowNum::try_from(index).map_err(|_| FormError::Write(index.to_string()))
}

fn write(pen: &mut Pen<'_>, row: RowNum, column: ColNum, cell: &Cell, styles: &Styles) -> Result<(), FormError> {
    match cell {
        Cell::Blank => {
            pen.sheet.write_blank(row, column, &styles.text)?;
            Ok(())
        }
        Cell::Text(text) => pen.text(row, column, text, &styles.small_text),
        Cell::Number(number) => {
            pen.sheet.write_number_with_format(row, column, number.to_float(), &styles.number)?;
            Ok(())
        }
        Cell::Date(year, month, day) => {
            let date = ExcelDateTime::from_ymd(*year, *month, *day)?;
            let format = styles.number.clone().set_num_format("dd.mm.yyyy");
            pen.sheet.write_datetime_with_format(row, column, &date, &format)?;
            Ok(())
        }
    }
}

/// Width of a column in pixels by what stands in it.
fn width(longest: usize) -> u32 {
    u32::try_from(longest).unwrap_or(60).clamp(8, 44) * 7 + 10
}

/// Writes the rows of the data's sheets, and a sheet that tells where each comes from.
///
/// # Errors
/// When the library refuses a text or an address.
pub fn render_merged(merged: &Merged, title: &str, words: &Words) -> Result<RenderedForm, FormError> {
    let (mut workbook, styles) = (Workbook::new(), Styles::new());
    let mut placed = Vec::new();
    let mut sources: Vec<[String; 5]> = Vec::new();
    for sheet in &merged.sheets {
        let mut pen = Pen::new(&sheet.title, &mut placed)?;
        for (index, heading) in sheet.headings.iter().enumerate() {
            pen.text(0, at(index)?, heading, &styles.heading)?;
            let cells = sheet.rows.iter().filter_map(|(cells, _)| match cells.get(index)? {
                Cell::Text(text) => Some(text.chars().count()),
                _ => None,
            });
            let longest = cells.chain([heading.chars().count()]).max().unwrap_or(10);
            pen.sheet.set_column_width_pixels(at(index)?, width(longest))?;
        }
        for (index, (cells, origin)) in sheet.rows.iter().enumerate() {
            let row = row_at(index)? + 1;
            for (column, cell) in cells.iter().enumerate() {
                write(&mut pen, row, at(column)?, cell, &styles)?;
            }
            let line = format!("{}!{}", sheet.title, row + 1);
            sources.push([
                line,
                origin.respondent.clone(),
                origin.file.clone(),
                origin.cell.clone(),
                origin.hash.clone(),
            ]);
        }
        pen.sheet.set_freeze_panes(1, 0)?;
        workbook.push_worksheet(pen.sheet);
    }
    let headings = ["source-row", "respondent", "source-file", "source-cell", "source-hash"].map(|key| words.of(key));
    workbook.push_worksheet(listed(words.sheet("sources"), &headings, &sources, &styles)?);
    properties(&mut workbook, title, "")?;
    Ok(RenderedForm { bytes: workbook.save_to_buffer()?, placed: Vec::new() })
}

/// Makes a workbook of one plain list.
///
/// # Errors
/// When the library refuses a text or an address.
pub fn render_list<const N: usize>(
    title: &str,
    headings: &[&str; N],
    rows: &[[String; N]],
) -> Result<RenderedForm, FormError> {
    let mut workbook = Workbook::new();
    let name: String = title.chars().take(31).collect();
    workbook.push_worksheet(listed(&name, headings, rows, &Styles::new())?);
    properties(&mut workbook, title, "")?;
    Ok(RenderedForm { bytes: workbook.save_to_buffer()?, placed: Vec::new() })
}

/// A plain list under headings.
fn listed<const N: usize>(
    name: &str,
    headings: &[&str; N],
    rows: &[[String; N]],
    styles: &Styles,
) -> Result<Worksheet, FormError> {
    let mut placed = Vec::new();
    let mut pen = Pen::new(name, &mut placed)?;
    for (index, heading) in headings.iter().enumerate() {
        pen.text(0, at(index)?, heading, &styles.heading)?;
        let longest = rows.iter().filter_map(|row| row.get(index)).map(|text| text.chars().count()).max().unwrap_or(0);
        pen.sheet.set_column_width_pixels(at(index)?, width(longest.max(heading.chars().count())))?;
    }
    for (index, row) in rows.iter().enumerate() {
        for (column, text) in row.iter().enumerate() {
            pen.text(row_at(index)? + 1, at(column)?, text, &styles.small_text)?;
        }
    }
    pen.sheet.set_freeze_panes(1, 0)?;
    Ok(pen.sheet)
}

fn properties(workbook: &mut Workbook, title: &str, author: &str) -> Result<(), FormError> {
    // A fixed time: the same data gives the same bytes.
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_title(title).set_author(author).set_creation_datetime(&created));
    Ok(())
}

/// Writes the summary: rows of respondents, live sums under them, shares of the sums, and the sources.
///
/// # Errors
/// When the library refuses a text or an address.
pub fn render_summary(summary: &Summary, words: &Words) -> Result<RenderedForm, FormError> {
    let (mut workbook, styles) = (Workbook::new(), Styles::new());
    for sheet in &summary.sheets {
        workbook.push_worksheet(table(summary, sheet, words, &styles)?);
    }
    let headings = ["respondent", "state", "source-file", "source-hash"].map(|key| words.of(key));
    workbook.push_worksheet(listed(words.sheet("sources"), &headings, &summary.sources, &styles)?);
    properties(&mut workbook, &summary.title, &summary.municipality)?;
    Ok(RenderedForm { bytes: workbook.save_to_buffer()?, placed: Vec::new() })
}

fn table(summary: &Summary, sheet: &SummarySheet, words: &Words, styles: &Styles) -> Result<Worksheet, FormError> {
    let mut placed = Vec::new();
    let mut pen = Pen::new(&sheet.name, &mut placed)?;
    let last_column = at(sheet.headings.len().saturating_sub(1))?;
    for (index, under) in sheet.under.iter().enumerate() {
        let pixels = match index {
            0 => 80,
            1 => 230,
            _ if *under != Total::None => 105,
            _ => 200,
        };
        pen.sheet.set_column_width_pixels(at(index)?, pixels)?;
    }
    let whole: u32 = 310 + 105 * u32::from(last_column.saturating_sub(1));
    let mut row: RowNum = 0;
    let wrapped = styles.plain.clone().set_text_wrap();
    let title = [summary.sample_mark.as_deref().unwrap_or_default(), &summary.title, &summary.municipality];
    let formats = [&styles.mark, &styles.title, &wrapped];
    for (text, format) in
        title.into_iter().zip(formats).chain(summary.lines.iter().map(|line| (line.as_str(), &wrapped)))
    {
        if !text.is_empty() {
            pen.wide(row, (0, last_column), text, format)?;
            pen.fit(row, text, whole.min(1200), 12)?;
            row += 1;
        }
    }
    let header = row;
    let mut tallest = 34;
    for (index, heading) in sheet.headings.iter().enumerate() {
        pen.text(header, at(index)?, heading, &styles.small_heading)?;
        tallest = tallest.max(height(heading, if index == 1 { 230 } else { 105 }, 9));
    }
    pen.sheet.set_row_height_pixels(header, tallest)?;
    let first = header + 1;
    for (index, cells) in sheet.rows.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            write(&mut pen, first + row_at(index)?, at(column)?, cell, styles)?;
        }
    }
    let total = first + row_at(sheet.rows.len())?;
    let last = total.saturating_sub(1).max(first);
    pen.text(total, 0, "", &styles.total_text)?;
    pen.text(total, 1, words.of("total"), &styles.total_text)?;
    // How many say yes is no sum of something.
    let flags = styles.total.clone().set_num_format(format!("{}0", quoted(words.of("say-yes"))));
    // Every sheet of a summary has the same lines above its rows.
    let single = |total: &TotalOf| summary.sheets.iter().find(|other| other.name == total.sheet);
    let sum = |column: usize| summary.sum(sheet, column);
    for (index, under) in sheet.under.iter().enumerate().skip(2) {
        let column = at(index)?;
        if under.is_number() && !sheet.rows.is_empty() {
            let formula = match sheet.totals.get(&index) {
                None => format!("=SUM({}:{})", address(first, column), address(last, column)),
                Some(total) => {
                    let name = format!("'{}'", total.sheet.replace('\'', "''"));
                    let rows = row_at(single(total).map_or(1, |other| other.rows.len()).max(1))?;
                    let range = |column: usize| -> Result<String, FormError> {
                        let letters = crate::provenance::column_letters(at(column)?);
                        Ok(format!("{name}!${letters}${}:${letters}${}", first + 1, first + rows))
                    };
                    format!("=SUMIFS({},{},{})", range(total.values)?, range(total.keys)?, quoted(&total.key))
                }
            };
            let format = match under {
                Total::Flags => &flags,
                _ => &styles.total,
            };
            pen.formula(total, column, &formula, &Cached::Number(sum(index)), format)?;
        } else if *under == Total::Apart {
            pen.text(total, column, words.of("none"), &styles.total)?;
        } else {
            pen.text(total, column, "", &styles.total_text)?;
        }
    }
    let mut row = total + 2;
    let has_base = sheet.shares.iter().any(|share| share.base.is_some());
    if !sheet.shares.is_empty() {
        let headings = ["", "share", "unit", "value", "year-before", "change"];
        for (column, key) in headings.into_iter().enumerate().take(if has_base { 6 } else { 4 }).skip(1) {
            pen.text(row, at(column)?, words.of(key), &styles.heading)?;
        }
        row += 1;
    }
    for share in &sheet.shares {
        pen.text(row, 1, &share.name, &styles.small_text)?;
        pen.text(row, 2, &share.unit, &styles.middle)?;
        let format = share_format(share, styles)?;
        let none = words.of("none");
        let (formula, now) = share_formula(share, &share.columns, total, &sum, none)?;
        pen.formula(row, 3, &formula, &now, &format)?;
        if let Some(base) = &share.base {
            let (formula, before) = share_formula(share, base, total, &sum, none)?;
            pen.formula(row, 4, &formula, &before, &format)?;
            let (formula, change) = change_formula(share, base, total, &sum, none)?;
            pen.formula(row, 5, &formula, &change, &format)?;
        }
        pen.sheet.set_row_height_pixels(row, height(&share.name, 230, 10).max(22))?;
        row += 1;
    }
    let foot = fill(words.of("page"), &[("page", "&P"), ("pages", "&N")]);
    let setup = Setup {
        last: (row, last_column.max(if has_base { 5 } else { 3 })),
        header: Some((header, header)),
        freeze: Some((first, 2)),
        is_landscape: last_column > 5,
        pages: 0,
    };
    let name: String = summary.title.chars().take(60).collect();
    pen.page(&name, summary.sample_mark.as_deref().unwrap_or_default(), &foot, &setup)?;
    Ok(pen.sheet)
}

fn share_format(share: &Share, styles: &Styles) -> Result<Format, FormError> {
    Ok(styles.number.clone().set_num_format(super::sheet::number_format(share.rounding.digits, false)?))
}

/// The sum of some columns as a formula has it, and what it is.
fn summed(columns: &[usize], total: RowNum, sum: &impl Fn(usize) -> Measure) -> Result<(String, Measure), FormError> {
    let cells = columns.iter().map(|column| Ok(address(total, at(*column)?)));
    let cells = cells.collect::<Result<Vec<_>, FormError>>()?.join("+");
    Ok((cells, columns.iter().map(|column| sum(*column)).sum()))
}

/// This year less the last, from the sums as one fraction: rounded once.
fn change_formula(
    share: &Share,
    base: &(Vec<usize>, Vec<usize>),
    total: RowNum,
    sum: &impl Fn(usize) -> Measure,
    none: &str,
) -> Result<(String, Cached), FormError> {
    let absent = || (format!("={}", quoted(none)), Cached::Text(none.to_owned()));
    let ((a, above), (c, above_before)) = (summed(&share.columns.0, total, sum)?, summed(&base.0, total, sum)?);
    match share.made {
        Made::Value => Ok(absent()),
        Made::Number => Ok((format!("=({a})-({c})"), Cached::Number(&above - &above_before))),
        Made::Parts => {
            let ((b, below), (d, below_before)) = (summed(&share.columns.1, total, sum)?, summed(&base.1, total, sum)?);
            let quotient = format!("{}*(({a})*({d})-({c})*({b}))/(({b})*({d}))", share.scale);
            let formula =
                format!("=IF(OR(({b})=0,({d})=0),{},{})", quoted(none), rounding_call(&quotient, share.rounding));
            let of = |above: &Measure, below: &Measure| (above * &share.scale).checked_div(below);
            let change = of(&above, &below).zip(of(&above_before, &below_before)).map(|(now, before)| &now - &before);
            let change = change.map(|change| Cached::Number(ru::rounded(&change, share.rounding)));
            Ok((formula, change.unwrap_or_else(|| Cached::Text(none.to_owned()))))
        }
    }
}

/// The formula of a share over the sums, and what it gives; without a denominator, the agreed mark.
fn share_formula(
    share: &Share,
    columns: &(Vec<usize>, Vec<usize>),
    total: RowNum,
    sum: &impl Fn(usize) -> Measure,
    none: &str,
) -> Result<(String, Cached), FormError> {
    let ((above, numerator), (below, denominator)) = (summed(&columns.0, total, sum)?, summed(&columns.1, total, sum)?);
    match share.made {
        Made::Value => return Ok((format!("={}", quoted(none)), Cached::Text(none.to_owned()))),
        Made::Number => return Ok((format!("={above}"), Cached::Number(numerator))),
        Made::Parts => {}
    }
    let quotient = rounding_call(&format!("{}*({above})/({below})", share.scale), share.rounding);
    let formula = format!("=IF(({below})=0,{},{quotient})", quoted(none));
    let value = (&numerator * &share.scale).checked_div(&denominator);
    let cached = match value {
        Some(value) => Cached::Number(ru::rounded(&value, share.rounding)),
        None => Cached::Text(none.to_owned()),
    };
    Ok((formula, cached))
}
