//! One sheet of the workbook: formats, safe texts, formulas with their results, page set-up.
//! In: texts, exact numbers, formulas. Out: a worksheet and the places of its figures.
//! It must never know what an indicator is.

use rust_xlsxwriter::{
    ColNum, Color, Format, FormatAlign, FormatBorder, Formula, ProtectionOptions, RowNum, Worksheet,
};

use super::spec::Texts;
use super::{FormError, MonitoringView, Placed};
use crate::figure::Rounding;
use crate::measure::Measure;
use crate::provenance::{NodeId, column_letters};

const FONT: &str = "Times New Roman";
const PAGE_FONT: &str = "&\"Times New Roman,Regular\"";
const SHADED: Color = Color::RGB(0xF2_F2_F2);
const BAND: Color = Color::RGB(0xD9_E2_EC);
const OPEN: Color = Color::RGB(0xE2_F0_D9);
const GAP: Color = Color::RGB(0xFF_F2_66);
const GREY: Color = Color::RGB(0x59_59_59);

/// Longest header of a page in Excel.
const PAGE_LINE: usize = 255;

/// The formats of the workbook.
pub(super) struct Styles {
    pub mark: Format,
    pub title: Format,
    pub plain: Format,
    pub small: Format,
    pub line: Format,
    pub subtitle: Format,
    pub heading: Format,
    pub small_heading: Format,
    pub upright_heading: Format,
    pub band: Format,
    pub band_end: Format,
    pub text: Format,
    pub middle: Format,
    pub small_text: Format,
    pub number: Format,
    pub total: Format,
    pub total_text: Format,
    pub absent: Format,
    pub open: Format,
    pub open_choice: Format,
    pub gap: Format,
    pub gap_line: Format,
}

impl Styles {
    pub(super) fn new() -> Self {
        let plain = Format::new().set_font_name(FONT).set_font_size(11).set_align(FormatAlign::VerticalCenter);
        let line = plain
            .clone()
            .set_border_bottom(FormatBorder::Thin)
            .set_align(FormatAlign::Center)
            .set_align(FormatAlign::Bottom);
        let framed = plain.clone().set_border(FormatBorder::Thin).set_text_wrap();
        let centered = framed.clone().set_align(FormatAlign::Center);
        let boxed = framed.set_align(FormatAlign::Left).set_indent(1);
        let number = plain.clone().set_border(FormatBorder::Thin).set_align(FormatAlign::Center).set_shrink();
        let heading = centered.clone().set_background_color(SHADED);
        let band = plain
            .clone()
            .set_bold()
            .set_background_color(BAND)
            .set_border_top(FormatBorder::Thin)
            .set_border_bottom(FormatBorder::Thin);
        Self {
            mark: plain.clone().set_bold().set_font_color(Color::RGB(0xC0_00_00)),
            title: plain.clone().set_bold().set_font_size(14).set_align(FormatAlign::Center).set_text_wrap(),
            small: plain.clone().set_font_size(9).set_font_color(GREY).set_align(FormatAlign::Center),
            subtitle: plain.clone().set_bold(),
            small_heading: heading.clone().set_font_size(9),
            upright_heading: heading.clone().set_font_size(9).set_rotation(90),
            heading: heading.set_bold().set_font_size(10),
            band_end: band.clone().set_border_right(FormatBorder::Thin),
            band,
            middle: centered.clone(),
            small_text: boxed.clone().set_font_size(10),
            total: number.clone().set_bold().set_background_color(SHADED),
            total_text: boxed.clone().set_bold().set_background_color(SHADED),
            absent: number.clone().set_font_color(GREY),
            open: boxed.clone().set_unlocked().set_background_color(OPEN),
            open_choice: centered.clone().set_unlocked().set_background_color(OPEN),
            gap: centered.set_background_color(GAP).set_font_size(9),
            gap_line: plain.clone().set_background_color(GAP).set_text_wrap(),
            number,
            text: boxed,
            line,
            plain,
        }
    }
}

/// The number format of a count: thousands are set apart from five digits on.
pub(super) const COUNT_FORMAT: &str = "[$-419][>=10000]#,##0;General";

/// The number format of a rounded value; a change carries its sign.
pub(super) fn number_format(digits: u8, signed: bool) -> Result<String, FormError> {
    // More digits than a binary float holds would be noise.
    if digits > 9 {
        return Err(FormError::Digits(digits));
    }
    let zeros = "0".repeat(usize::from(digits));
    let one = if digits == 0 { "0".to_owned() } else { format!("0.{zeros}") };
    let sign = if signed { "+" } else { "" };
    // The code of the Russian language: a comma also where the program speaks another.
    Ok([format!("{sign}{one}"), format!("\"\u{2212}\"{one}"), one].map(|part| format!("[$-419]{part}")).join(";"))
}

/// The function that rounds as the run does.
pub(super) fn rounding_call(expression: &str, rounding: Rounding) -> String {
    use crate::figure::RoundingMode::{CutOff, HalfUp};
    let name = match rounding.mode {
        HalfUp => "ROUND",
        CutOff => "ROUNDDOWN",
    };
    format!("{name}({expression},{})", rounding.digits)
}

/// A text in a formula.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Tells whether a text must be marked as text: written anew by a person, it would become a formula.
pub(super) fn is_quoted(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// The cell as a formula names it: `F12`.
pub(super) fn address(row: RowNum, column: ColNum) -> String {
    format!("{}{}", column_letters(column), row + 1)
}

/// The marks of a view in one line.
pub(super) fn marks(view: &MonitoringView) -> String {
    let marks: Vec<&str> = [&view.sample_mark, &view.draft_mark].into_iter().flatten().map(String::as_str).collect();
    marks.join(". ")
}

/// What a formula gives, as a reader finds it who does not compute.
pub(super) enum Cached {
    Number(Measure),
    Text(String),
}

/// A sheet that is being written.
pub(super) struct Pen<'p> {
    /// The sheet.
    pub sheet: Worksheet,
    name: String,
    placed: &'p mut Vec<Placed>,
}

impl<'p> Pen<'p> {
    pub(super) fn new(name: &str, placed: &'p mut Vec<Placed>) -> Result<Self, FormError> {
        let mut sheet = Worksheet::new();
        sheet.set_name(name)?;
        Ok(Self { sheet, name: name.to_owned(), placed })
    }

    /// Writes a text that stays a text, also after a person has opened and left the cell.
    pub(super) fn text(&mut self, row: RowNum, column: ColNum, text: &str, format: &Format) -> Result<(), FormError> {
        if is_quoted(text) {
            let format = format.clone().set_quote_prefix();
            self.sheet.write_string_with_format(row, column, text, &format)?;
        } else {
            self.sheet.write_string_with_format(row, column, text, format)?;
        }
        Ok(())
    }

    /// Writes a text over several columns of one row.
    pub(super) fn wide(
        &mut self,
        row: RowNum,
        columns: (ColNum, ColNum),
        text: &str,
        format: &Format,
    ) -> Result<(), FormError> {
        self.block((row, row), columns, text, format)
    }

    /// Writes a text over several rows and columns.
    pub(super) fn block(
        &mut self,
        rows: (RowNum, RowNum),
        columns: (ColNum, ColNum),
        text: &str,
        format: &Format,
    ) -> Result<(), FormError> {
        if rows.0 != rows.1 || columns.0 != columns.1 {
            self.sheet.merge_range(rows.0, columns.0, rows.1, columns.1, "", format)?;
        }
        self.text(rows.0, columns.0, text, format)
    }

    /// Writes a count.
    pub(super) fn number(
        &mut self,
        row: RowNum,
        column: ColNum,
        value: &Measure,
        format: &Format,
    ) -> Result<(), FormError> {
        let format = format.clone().set_num_format(COUNT_FORMAT);
        self.sheet.write_number_with_format(row, column, value.to_float(), &format)?;
        Ok(())
    }

    /// Writes a formula and what it gives.
    pub(super) fn formula(
        &mut self,
        row: RowNum,
        column: ColNum,
        formula: &str,
        result: &Cached,
        format: &Format,
    ) -> Result<(), FormError> {
        let result = match result {
            Cached::Number(value) => value.to_float().to_string(),
            Cached::Text(text) => text.clone(),
        };
        let formula = Formula::new(formula).set_result(result);
        self.sheet.write_formula_with_format(row, column, formula, format)?;
        Ok(())
    }

    /// Notes that a figure stands in a cell.
    pub(super) fn place(&mut self, row: RowNum, column: ColNum, figure_id: String, text: String, node: NodeId) {
        let cell = address(row, column);
        self.placed.push(Placed { figure_id, sheet: self.name.clone(), cell, text, node });
    }

    /// Sets a row as high as a wrapped text needs: cells joined over columns do not grow by themselves.
    pub(super) fn fit(&mut self, row: RowNum, text: &str, width: u32, points: u32) -> Result<(), FormError> {
        self.sheet.set_row_height_pixels(row, height(text, width, points))?;
        Ok(())
    }

    /// Sets up screen, print and protection; gives the finished sheet.
    pub(super) fn finish(
        mut self,
        texts: &Texts<'_>,
        view: &MonitoringView,
        setup: &Setup,
    ) -> Result<Worksheet, FormError> {
        self.page(&texts.spec.name, &marks(view), &texts.page_line(), setup)?;
        self.sheet.protect_with_options(&ProtectionOptions {
            format_columns: true,
            format_rows: true,
            ..ProtectionOptions::new()
        });
        Ok(self.sheet)
    }

    /// Sets up screen and print; `foot` holds the codes of a spreadsheet.
    pub(super) fn page(&mut self, name: &str, marks: &str, foot: &str, setup: &Setup) -> Result<(), FormError> {
        let (last_row, last_column) = setup.last;
        let page_header = format!("&L{PAGE_FONT}{}&R{PAGE_FONT}{}", escaped(name), escaped(marks));
        let page_footer = format!("&R{PAGE_FONT}{foot}");
        for line in [&page_header, &page_footer] {
            if line.encode_utf16().count() > PAGE_LINE {
                return Err(FormError::Write(line.clone()));
            }
        }
        let sheet = &mut self.sheet;
        sheet.set_paper_size(9).set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3);
        if setup.is_landscape {
            sheet.set_landscape();
        }
        sheet.set_print_fit_to_pages(1, setup.pages).set_print_center_horizontally(true);
        sheet.set_print_area(0, 0, last_row, last_column)?;
        sheet.set_header(page_header).set_footer(page_footer);
        sheet.set_screen_gridlines(false);
        if let Some((first, last)) = setup.header {
            sheet.set_repeat_rows(first, last)?;
        }
        if let Some((row, column)) = setup.freeze {
            sheet.set_freeze_panes(row, column)?;
        }
        Ok(())
    }
}

/// How a sheet is shown and printed.
pub(super) struct Setup {
    /// Last row and column of print.
    pub last: (RowNum, ColNum),
    /// Rows repeated on every page.
    pub header: Option<(RowNum, RowNum)>,
    /// First cell that scrolls.
    pub freeze: Option<(RowNum, ColNum)>,
    /// Landscape or portrait.
    pub is_landscape: bool,
    /// How many pages it takes at most; 0 for as many as it needs.
    pub pages: u16,
}

/// How many pages a sheet is drawn together to: when little more than whole pages is needed, its end would stand alone.
/// `size` is width and height in pixels, `header` the rows that every page repeats.
pub(super) fn drawn_together(size: (u32, u32), header: u32, is_landscape: bool) -> u16 {
    // An A4 page without margins at 96 pixels an inch.
    let (width, height) = if is_landscape { (1045, 679) } else { (717, 1007) };
    // Programs draw rows up to a tenth higher than they are told.
    let room = ((height * size.0.max(width) / width).saturating_sub(header) * 9 / 10).max(1);
    let needed = size.1.saturating_sub(header);
    let whole = needed / room;
    let rest = needed - whole * room;
    // So letters get smaller by a sixth at most.
    if whole > 0 && rest <= room * 3 / 10 * whole { u16::try_from(whole).unwrap_or(0) } else { 0 }
}

/// A text in the header of a page, where `&` begins a code.
fn escaped(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect::<String>().replace('&', "&&")
}

/// Pixels that a text takes when wrapped at a width; an estimate on the safe side.
pub(super) fn height(text: &str, width: u32, points: u32) -> u32 {
    // A letter takes about two thirds of the points of its size in pixels, a line 1.7 of them; 12 pixels are margins.
    let letters = (width.saturating_sub(12) * 100 / (points * 65)).max(1);
    let (mut lines, mut used) = (1_u32, 0_u32);
    for word in text.split_whitespace() {
        let length = u32::try_from(word.chars().count()).unwrap_or(u32::MAX).min(10_000);
        if used > 0 && used + 1 + length > letters {
            lines += 1;
            used = 0;
        }
        lines += length / (letters + 1);
        used = if used == 0 { length.min(letters) } else { used + 1 + length };
    }
    // Excel knows no row higher than 409 points.
    (lines * points * 17 / 10 + 4).min(545)
}
