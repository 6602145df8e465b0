//! Makes real workbooks from Markdown tables, the way a person keeps them.
//! In: `# Имя.xlsx`, `## Лист`, a paragraph (the title row), a pipe table. Out: the same bytes on every run.
//! It must never know what a sheet is about.
//!
//! A cell is a date (`2022-09-01`), a number (`-12.5`), a share (`12%`), or a text; `'` in front forces a text, `\|` is
//! a bar, `<br>` a line break. Columns of codes, telephone and registration numbers and «№» are always texts.

#![expect(clippy::float_arithmetic, reason = "a spreadsheet keeps numbers and heights as floats")]

use std::collections::BTreeSet;

use rust_xlsxwriter as xlsx;
use rust_xlsxwriter::{Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, IgnoreError, XlsxError};

/// Zero-based row of the header; the title row stands above it, an empty row between.
const HEADER_ROW: u32 = 2;
/// Widest column, characters.
const MAX_WIDTH: usize = 60;
/// Sum of column widths that is aimed at, characters: wider columns become narrower, down to [`LEAST_CAP`].
const MAX_TOTAL: usize = 170;
/// Width to which every column may grow, however many there are.
const LEAST_CAP: usize = 20;
/// Narrowest column, characters.
const MIN_WIDTH: usize = 8;
/// The font, and the height of its line in points.
const FONT: (&str, f64, f64) = ("Times New Roman", 12.0, 16.0);
/// Sum of column widths beyond which a sheet is printed across, characters.
const PORTRAIT_WIDTH: usize = 95;

/// A workbook to be.
#[derive(Clone, PartialEq, Debug)]
pub struct Workbook {
    /// Its file name.
    pub file: String,
    /// Its sheets in order.
    pub sheets: Vec<Sheet>,
}

/// A sheet to be; every row is as long as the header.
#[derive(Clone, PartialEq, Debug)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// The title row; may be empty.
    pub title: String,
    /// The header row.
    pub header: Vec<String>,
    /// The rows below, cells as they stand in the table.
    pub rows: Vec<Vec<String>>,
}

/// What a cell becomes.
enum Cell {
    Blank,
    Text(String),
    Number(f64),
    Share(f64),
    Date(ExcelDateTime),
}

/// Reads workbooks; `level` is the number of `#` before the name of a workbook, sheets have one more.
///
/// # Errors
/// Names the line that is neither heading, paragraph nor table, or does not fit its table.
pub fn parse(markdown: &str, level: usize) -> Result<Vec<Workbook>, String> {
    let mut books: Vec<Workbook> = Vec::new();
    let mut is_header_done = false;
    for (index, line) in markdown.lines().enumerate() {
        let fail = |what: &str| Err(format!("line {}: {what}: {line}", index + 1));
        let hashes = line.chars().take_while(|c| *c == '#').count();
        let heading = line.trim_start_matches('#').strip_prefix(' ').map(str::trim).filter(|_| hashes > 0);
        if let Some(name) = heading {
            if hashes == level {
                if !name.ends_with(".xlsx") || name.contains(['/', '\\']) {
                    return fail("not the name of a workbook");
                }
                if books.iter().any(|book| book.file == name) {
                    return fail("this workbook stands twice");
                }
                books.push(Workbook { file: name.to_owned(), sheets: Vec::new() });
            } else if hashes == level + 1 {
                let Some(book) = books.last_mut() else {
                    return fail("a sheet outside a workbook");
                };
                if book.sheets.iter().any(|sheet| sheet.name == name) {
                    return fail("this sheet stands twice");
                }
                let (name, title) = (name.to_owned(), String::new());
                book.sheets.push(Sheet { name, title, header: Vec::new(), rows: Vec::new() });
                is_header_done = false;
            } else {
                return fail("a heading of no use here");
            }
            continue;
        }
        if line.trim().is_empty() {
            continue;
        }
        let Some(sheet) = books.last_mut().and_then(|book| book.sheets.last_mut()) else {
            return fail("text outside a sheet");
        };
        let Some(cells) = cells(line) else {
            if !sheet.header.is_empty() {
                return fail("text below a table");
            }
            if !sheet.title.is_empty() {
                sheet.title.push(' ');
            }
            sheet.title.push_str(line.trim());
            continue;
        };
        if sheet.header.is_empty() {
            sheet.header = cells;
        } else if cells.len() != sheet.header.len() {
            return fail(&format!("{} cells below {} headers", cells.len(), sheet.header.len()));
        } else if is_header_done {
            sheet.rows.push(cells);
        } else if cells.iter().all(|cell| cell.contains('-') && cell.chars().all(|c| matches!(c, '-' | ':'))) {
            is_header_done = true;
        } else {
            return fail("no line of dashes below the header");
        }
    }
    for book in &books {
        let empty = book.sheets.iter().find(|sheet| sheet.header.is_empty());
        if let Some(sheet) = empty {
            return Err(format!("{} › {}: no table", book.file, sheet.name));
        }
        if book.sheets.is_empty() {
            return Err(format!("{}: no sheet", book.file));
        }
    }
    Ok(books)
}

/// Splits a line of a pipe table.
fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    let mut cells = vec![String::new()];
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, cells.last_mut()) {
            ('\\', Some(cell)) if chars.peek() == Some(&'|') => {
                chars.next();
                cell.push('|');
            }
            ('|', _) => cells.push(String::new()),
            (c, Some(cell)) => cell.push(c),
            (_, None) => {}
        }
    }
    // Only the blank of the keyboard: a no-break space at the edge may be what a case is about.
    Some(cells.iter().map(|cell| cell.trim_matches(' ').replace("<br>", "\n")).collect())
}

/// Writes a workbook.
///
/// # Errors
/// Names the cell or the sheet that cannot be written.
pub fn write(book: &Workbook) -> Result<Vec<u8>, String> {
    let mut file = xlsx::Workbook::new();
    let created = ExcelDateTime::from_ymd(2022, 11, 21).and_then(|date| date.and_hms(9, 0, 0));
    let created = created.map_err(|error| error.to_string())?;
    let title = book.file.trim_end_matches(".xlsx");
    file.set_properties(&DocProperties::new().set_title(title).set_creation_datetime(&created));
    for sheet in &book.sheets {
        let place = |error: String| format!("{} › {}: {error}", book.file, sheet.name);
        let rows = sheet.rows.iter().enumerate().map(|(index, row)| {
            let typed = row.iter().zip(&sheet.header).map(|(text, header)| cell(text, header));
            typed.collect::<Result<Vec<Cell>, String>>().map_err(|error| format!("row {}: {error}", index + 4))
        });
        let rows = rows.collect::<Result<Vec<Vec<Cell>>, String>>().map_err(place)?;
        write_sheet(file.add_worksheet(), sheet, &rows).map_err(|error| place(error.to_string()))?;
    }
    file.save_to_buffer().map_err(|error| format!("{}: {error}", book.file))
}

fn write_sheet(target: &mut xlsx::Worksheet, sheet: &Sheet, rows: &[Vec<Cell>]) -> Result<(), XlsxError> {
    let plain = Format::new().set_font_name(FONT.0).set_font_size(FONT.1);
    let title = plain.clone().set_bold().set_font_size(14);
    let body = plain.set_border(FormatBorder::Thin).set_align(FormatAlign::Top);
    let text = body.clone().set_text_wrap();
    let header = text
        .clone()
        .set_bold()
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_background_color(Color::RGB(0x00DD_E7F0));
    let code = text.clone().set_num_format("@");
    let date = body.clone().set_num_format("dd.mm.yyyy").set_align(FormatAlign::Center);
    let share = body.clone().set_num_format("0%");
    let fine_share = body.clone().set_num_format("0.0%");

    target.set_name(&sheet.name)?;
    if !sheet.title.is_empty() {
        target.write_with_format(0, 0, &sheet.title, &title)?;
    }
    let cells = |column: usize| rows.iter().filter_map(move |row| row.get(column));
    let wishes: Vec<usize> = sheet.header.iter().enumerate().map(|(at, name)| width(name, cells(at))).collect();
    let capped = |cap: usize| wishes.iter().map(|width| (*width).min(cap)).collect::<Vec<_>>();
    let fits = |cap: &usize| capped(*cap).iter().sum::<usize>() <= MAX_TOTAL;
    let widths = capped((LEAST_CAP..=MAX_WIDTH).rev().find(fits).unwrap_or(LEAST_CAP));
    let (mut last_column, mut last_row) = (0, HEADER_ROW);
    for ((column, name), width) in (0_u16..).zip(&sheet.header).zip(&widths) {
        target.write_with_format(HEADER_ROW, column, name, &header)?;
        target.set_column_width(column, u32::try_from(*width).unwrap_or(60))?;
        last_column = column;
    }
    let height = |texts: &mut dyn Iterator<Item = &str>| {
        let lines = texts.zip(&widths).map(|(text, width)| lines(text, *width)).max().unwrap_or(1);
        FONT.2 * f64::from(u32::try_from(lines).unwrap_or(1))
    };
    // The header is bold and has the arrow of the filter at the foot of the cell.
    target.set_row_height(HEADER_ROW, height(&mut sheet.header.iter().map(String::as_str)) + FONT.2)?;
    for (row, cells) in (HEADER_ROW + 1..).zip(rows) {
        let texts = cells.iter().map(|cell| if let Cell::Text(text) = cell { text.as_str() } else { "" });
        target.set_row_height(row, height(&mut { texts }))?;
        for ((column, cell), name) in (0_u16..).zip(cells).zip(&sheet.header) {
            match cell {
                Cell::Blank => target.write_blank(row, column, if is_verbatim(name) { &code } else { &text })?,
                Cell::Text(value) if is_verbatim(name) => target.write_with_format(row, column, value, &code)?,
                Cell::Text(value) => target.write_with_format(row, column, value, &text)?,
                Cell::Number(value) => target.write_with_format(row, column, *value, &body)?,
                Cell::Share(value) => {
                    let hundredths = value * 100.0;
                    let format = if (hundredths - hundredths.round()).abs() < 1e-9 { &share } else { &fine_share };
                    target.write_with_format(row, column, *value, format)?
                }
                Cell::Date(value) => target.write_with_format(row, column, value, &date)?,
            };
        }
        last_row = row;
    }
    target.set_freeze_panes(HEADER_ROW + 1, 0)?;
    target.autofilter(HEADER_ROW, 0, last_row, last_column)?;
    target.ignore_error_range(HEADER_ROW, 0, last_row, last_column, IgnoreError::NumberStoredAsText)?;
    target.set_paper_size(9).set_print_fit_to_pages(1, 0).set_repeat_rows(HEADER_ROW, HEADER_ROW)?;
    target.set_footer("&L&A&R&P из &N");
    if widths.iter().sum::<usize>() > PORTRAIT_WIDTH {
        target.set_landscape();
    }
    Ok(())
}

/// A column is as wide as its longest cell, its header may take three lines.
fn width<'a>(header: &str, cells: impl Iterator<Item = &'a Cell>) -> usize {
    let longest = cells.map(|cell| match cell {
        Cell::Blank => 0,
        Cell::Text(text) => text.lines().map(weight).max().unwrap_or(0).div_ceil(COLUMN_UNIT),
        Cell::Number(number) => number.to_string().len(),
        Cell::Share(_) => 6,
        Cell::Date(_) => 11,
    });
    let word = header.split_whitespace().map(|word| word.chars().count()).max().unwrap_or(0);
    // Bold letters and the arrow of the filter need some room.
    let header = (word + 3).max(header.chars().count() / 3);
    longest.max().unwrap_or(0).max(header).saturating_add(1).clamp(MIN_WIDTH, MAX_WIDTH)
}

/// How much of a column's width unit is filled by a [`weight`].
const COLUMN_UNIT: usize = 9;

/// Estimates how wide a text is: ten for a small letter, more for a capital.
fn weight(text: &str) -> usize {
    text.chars().map(|c| if c.is_uppercase() { 13 } else { 10 }).sum()
}

/// Estimates the lines that a text takes when it is wrapped at words.
fn lines(text: &str, width: usize) -> usize {
    let room = width * COLUMN_UNIT;
    let mut count = 0;
    for line in text.lines() {
        count += 1;
        let mut used = 0;
        for word in line.split(' ') {
            let blank = if used > 0 { weight(" ") } else { 0 };
            used += blank + weight(word);
            if blank > 0 && used > room {
                (count, used) = (count + 1, weight(word));
            }
        }
    }
    count.max(1)
}

/// Tells whether a column keeps what looks like a number as a text.
fn is_verbatim(header: &str) -> bool {
    header == "Код" || header.starts_with("Код ") || matches!(header, "Рег. номер" | "Телефон" | "№")
}

fn cell(text: &str, header: &str) -> Result<Cell, String> {
    if text.is_empty() {
        return Ok(Cell::Blank);
    }
    let forced = text.strip_prefix('\'');
    if forced.is_some() || is_verbatim(header) {
        return Ok(Cell::Text(forced.unwrap_or(text).to_owned()));
    }
    if let Some((year, month, day)) = date(text) {
        let date = ExcelDateTime::from_ymd(year, month, day).map_err(|_| format!("no such date: {text}"))?;
        return Ok(Cell::Date(date));
    }
    if let Some(number) = text.strip_suffix('%').and_then(number) {
        return Ok(Cell::Share(number / 100.0));
    }
    Ok(number(text).map_or_else(|| Cell::Text(text.to_owned()), Cell::Number))
}

/// Reads `-?\d+(\.\d+)?`, up to the 15 digits that a spreadsheet keeps.
fn number(text: &str) -> Option<f64> {
    let plain = text.strip_prefix('-').unwrap_or(text);
    let (whole, rest) = plain.split_once('.').unwrap_or((plain, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let fits = whole.len() + rest.len() <= 15;
    if is_digits(whole) && is_digits(rest) && fits { text.parse().ok() } else { None }
}

/// Reads the shape of `2022-09-01`.
fn date(text: &str) -> Option<(u16, u8, u8)> {
    let mut parts = text.split('-');
    let mut part = |len: usize| {
        let part = parts.next().filter(|part| part.len() == len)?;
        part.chars().all(|c| c.is_ascii_digit()).then_some(part)
    };
    let (year, month, day) = (part(4)?, part(2)?, part(2)?);
    if parts.next().is_some() {
        return None;
    }
    Some((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
}

/// Tells which file names stand more than once.
pub fn repeated(books: &[Workbook]) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    books.iter().map(|book| book.file.as_str()).filter(|file| !seen.insert(*file)).collect()
}

#[cfg(test)]
mod tests {
    use svod::workbook::{CellValue, read_xlsx};

    use super::*;

    const BOOK: &str = "# Проба.xlsx\n\n## Первый\n\nЗаголовок\nв две строки\n\n\
        | № | Дата | Доля | Число | Текст |\n|---|:---|---|---|---|\n\
        | 1.10 | 2022-09-01 | 12.5% | -3.5 | a \\| b<br>c |\n| | | 5 % | 29,5 | '2020 |\n";

    fn book(markdown: &str) -> Workbook {
        parse(markdown, 1).expect("a workbook").into_iter().next().expect("one workbook")
    }

    #[test]
    fn cells_are_read_back_as_what_they_are() {
        let bytes = write(&book(BOOK)).expect("bytes");
        let read = read_xlsx(&bytes).expect("a readable workbook");
        let sheet = read.sheets.first().expect("a sheet");
        let text = |text: &str| CellValue::Text(text.into());
        let row = |row: u32| sheet.rows.get(&row).map(|row| row.values().cloned().collect::<Vec<_>>());
        assert_eq!(row(0), Some(vec![text("Заголовок в две строки")]));
        assert_eq!(row(1), None);
        assert_eq!(row(2), Some(["№", "Дата", "Доля", "Число", "Текст"].map(text).to_vec()));
        let typed = [text("1.10"), CellValue::Date(2022, 9, 1), CellValue::Fraction(0.125), CellValue::Number(-3.5)];
        assert_eq!(row(3), Some(typed.into_iter().chain([text("a | b\nc")]).collect()));
        assert_eq!(row(4), Some(["5 %", "29,5", "2020"].map(text).to_vec()));
    }

    #[test]
    fn the_same_table_gives_the_same_bytes() {
        assert_eq!(write(&book(BOOK)), write(&book(BOOK)));
        assert_ne!(write(&book(BOOK)), write(&book(&BOOK.replace("-3.5", "-3.6"))));
    }

    #[test]
    fn a_table_that_does_not_fit_is_named() {
        for (bad, reason) in [
            (BOOK.replace("| | | 5 %", "| | 5 %"), "4 cells below 5 headers"),
            (BOOK.replace("|---|:---|---|---|---|\n", ""), "no line of dashes"),
            (BOOK.replace("Проба.xlsx", "Проба"), "not the name of a workbook"),
            (format!("{BOOK}{BOOK}"), "this workbook stands twice"),
            (format!("{BOOK}\n## Первый\n"), "this sheet stands twice"),
            (format!("{BOOK}\n## Второй\n"), "no table"),
            (format!("текст\n{BOOK}"), "text outside a sheet"),
            (format!("{BOOK}\nтекст"), "text below a table"),
        ] {
            let error = parse(&bad, 1).expect_err(reason);
            assert!(error.contains(reason), "{error} instead of {reason}");
        }
        let error = write(&book(&BOOK.replace("2022-09-01", "2022-09-31"))).expect_err("no such day");
        assert!(error.contains("row 4: no such date"), "{error}");
    }
}
