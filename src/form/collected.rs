//! Workbooks of what came back: the municipality's data, and plain lists.
//! In: sheets of cells with their origins. Out: the bytes of the workbook.
//! It must never know forms or respondents.

use rust_xlsxwriter::{
    ColNum, DocProperties, ExcelDateTime, Format, RowNum, Table, TableColumn, TableStyle, Workbook, Worksheet,
};

use super::sheet::{Pen, Setup, Styles, height};
use super::{FormError, RenderedForm};
use crate::blank::{Words, fill};
use crate::returns::{Cell, Merged};

pub(super) fn at(index: usize) -> Result<ColNum, FormError> {
    ColNum::try_from(index).map_err(|_| FormError::Write(index.to_string()))
}

pub(super) fn row_at(index: usize) -> Result<RowNum, FormError> {
    RowNum::try_from(index).map_err(|_| FormError::Write(index.to_string()))
}

pub(super) fn write(
    pen: &mut Pen<'_>,
    row: RowNum,
    column: ColNum,
    cell: &Cell,
    styles: &Styles,
) -> Result<(), FormError> {
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
    let (mut workbook, styles) = (super::workbook(), Styles::new());
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
    workbook.push_worksheet(listed((words.sheet("sources"), "sources"), &headings, &sources, (words, &styles))?);
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
    words: &Words,
) -> Result<RenderedForm, FormError> {
    let mut workbook = super::workbook();
    let name: String = title.chars().take(31).collect();
    workbook.push_worksheet(listed((&name, "list"), headings, rows, (words, &Styles::new()))?);
    properties(&mut workbook, title, "")?;
    Ok(RenderedForm { bytes: workbook.save_to_buffer()?, placed: Vec::new() })
}

/// Pixels of a page on its side that a list fits into.
const PAGE: u32 = 1020;

/// A plain list under headings, a table with a name, as wide as a page.
pub(super) fn listed<const N: usize>(
    (name, table): (&str, &str),
    headings: &[&str; N],
    rows: &[[String; N]],
    (words, styles): (&Words, &Styles),
) -> Result<Worksheet, FormError> {
    let mut placed = Vec::new();
    let mut pen = Pen::new(name, &mut placed)?;
    let longest = |(index, heading): (usize, &&str)| {
        let cells = rows.iter().filter_map(|row| row.get(index)).map(|text| text.chars().count());
        width(cells.chain([heading.chars().count()]).max().unwrap_or(0))
    };
    let wanted: Vec<u32> = headings.iter().enumerate().map(longest).collect();
    let whole: u32 = wanted.iter().sum();
    // What is too wide for a page is broken into lines.
    let widths: Vec<u32> =
        wanted.iter().map(|width| if whole > PAGE { width * PAGE / whole } else { *width }).collect();
    for (index, width) in widths.iter().enumerate() {
        pen.sheet.set_column_width_pixels(at(index)?, *width)?;
    }
    named_table(&mut pen, table, (0, 0), headings.as_slice(), rows.len(), &styles.heading)?;
    let fitting = |texts: &mut dyn Iterator<Item = &str>, points: u32| {
        texts.zip(&widths).map(|(text, width)| height(text, *width, points)).max().unwrap_or(0).max(22)
    };
    pen.sheet.set_row_height_pixels(0, fitting(&mut headings.iter().copied(), 10))?;
    for (index, row) in rows.iter().enumerate() {
        for (column, text) in row.iter().enumerate() {
            pen.text(row_at(index)? + 1, at(column)?, text, &styles.small_text)?;
        }
        pen.sheet.set_row_height_pixels(row_at(index)? + 1, fitting(&mut row.iter().map(String::as_str), 10))?;
    }
    let foot = fill(words.of("page"), &[("page", "&P"), ("pages", "&N")]);
    let setup = Setup {
        last: (row_at(rows.len())?.max(1), at(N.saturating_sub(1))?),
        header: Some((0, 0)),
        freeze: Some((1, 0)),
        is_landscape: true,
        pages: 0,
    };
    pen.page(name, "", &foot, &setup)?;
    Ok(pen.sheet)
}

/// Headings as the head of a table that has a name; `first` is its first row and column.
pub(super) fn named_table<T: AsRef<str>>(
    pen: &mut Pen<'_>,
    name: &str,
    first: (RowNum, ColNum),
    headings: &[T],
    rows: usize,
    format: &Format,
) -> Result<(), FormError> {
    let mut used: Vec<String> = Vec::new();
    let mut columns = Vec::new();
    for heading in headings {
        // A table has no two headings alike, and none that is empty.
        let mut heading = heading.as_ref().to_owned();
        while heading.is_empty() || used.contains(&heading.to_lowercase()) {
            heading.push('\u{a0}');
        }
        used.push(heading.to_lowercase());
        columns.push(TableColumn::new().set_header(heading).set_header_format(format.clone()));
    }
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let object = Table::new().set_name(format!("svod_{name}")).set_columns(&columns);
    let object = object.set_style(TableStyle::None).set_autofilter(false);
    let last = (first.0 + row_at(rows.max(1))?, first.1 + at(headings.len().saturating_sub(1))?);
    pen.sheet.add_table(first.0, first.1, last.0, last.1, &object)?;
    Ok(())
}

pub(super) fn properties(workbook: &mut Workbook, title: &str, author: &str) -> Result<(), FormError> {
    // A fixed time: the same data gives the same bytes.
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_title(title).set_author(author).set_creation_datetime(&created));
    Ok(())
}
