//! A blank as a workbook: a sheet a table, the instruction, the dictionary, the lists of choices on a hidden sheet.
//! In: a blank, the words of all blanks, remarks on what came back. Out: the bytes of the workbook.
//! It must never know where a value comes from or where it goes.
//!
//! The first row and the first column of a table's sheet are hidden: they hold the mark of the table, the ids of its columns
//! and rows, and the end. Whatever a person inserts, deletes or pastes, ids tell what a cell answers.

mod checking;

use std::borrow::Cow;

use rust_xlsxwriter::{
    ColNum, Color, ConditionalFormatFormula, DataValidation, DataValidationErrorStyle, DataValidationRule,
    DocProperties, ExcelDateTime, Format, Formula, Note, ProtectionOptions, RowNum, Table, TableColumn, TableStyle,
    Worksheet,
};

use super::charts::{Plot, charts};
use super::reckoned::{against, difference, plot};
use super::sheet::{COUNT_FORMAT, Cached, Pen, Setup, Styles, address, drawn_together, height, is_quoted, quoted};
use super::{FormError, RenderedForm};
use crate::blank::{Blank, Column, Content, END, Kind, Row, Table as BlankTable, Words, fill};
use crate::measure::Measure;
use crate::provenance::column_letters;

pub(super) const WRONG: Color = Color::RGB(0xFF_C7_CE);
const MISSING: Color = Color::RGB(0xFF_F2_66);
/// The column of ids, and the row of marks.
const IDS: ColNum = 0;
pub(super) const MARKS: RowNum = 0;
/// The first column that is seen.
pub(super) const FIRST: ColNum = 1;
/// Longest prompt of a validation, and longest title, in UTF-16 units.
const PROMPT: (usize, usize) = (255, 32);

/// A remark on a cell of a blank that came back.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Remark {
    /// The table.
    pub table: String,
    /// The row.
    pub row: String,
    /// The column.
    pub column: String,
    /// What is wrong and what to do.
    pub text: String,
}

/// Makes the workbook.
///
/// # Errors
/// When the library refuses a text or an address.
pub fn render_blank(blank: &Blank, words: &Words, remarks: &[Remark]) -> Result<RenderedForm, FormError> {
    let mut workbook = super::workbook();
    let drawing = Drawing { blank, words, remarks, styles: Styles::new(), lists: lists(blank) };
    let mut plots = Vec::new();
    for table in &blank.tables {
        let (sheet, plot) = drawing.table(table)?;
        workbook.push_worksheet(sheet);
        plots.extend(plot);
    }
    let about = (cut(&blank.title, 60), blank.sample_mark.as_deref().unwrap_or_default());
    if let Some(mut sheet) = charts(&plots, (&about.0, about.1), words, &drawing.styles)? {
        protect(&mut sheet);
        workbook.push_worksheet(sheet);
    }
    workbook.push_worksheet(drawing.instruction()?);
    workbook.push_worksheet(drawing.dictionary()?);
    workbook.push_worksheet(drawing.lists()?);
    let marks = blank.sample_mark.clone().unwrap_or_default();
    let properties = DocProperties::new()
        .set_title(&blank.title)
        .set_author(&blank.municipality_name)
        .set_keywords(&marks)
        .set_comment(&marks)
        // A fixed time: the same blank gives the same bytes.
        .set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?);
    workbook.set_properties(&properties);
    Ok(RenderedForm { bytes: workbook.save_to_buffer()?, placed: Vec::new() })
}

/// The choices of the blank, each list once.
fn lists(blank: &Blank) -> Vec<&[String]> {
    let mut lists: Vec<&[String]> = Vec::new();
    for column in blank.tables.iter().flat_map(|table| &table.columns) {
        let words = match &column.kind {
            Kind::Choice(words) => words,
            _ => &column.suggested,
        };
        if !words.is_empty() && !lists.contains(&words.as_slice()) {
            lists.push(words);
        }
    }
    lists
}

/// The width of a column: what the form says, but no word of its heading is cut.
pub(super) fn pixels(column: &Column) -> u32 {
    let longest = column.heading.split_whitespace().map(|word| word.chars().count()).max().unwrap_or(0);
    (u32::from(column.width) * 7 + 5).max(u32::try_from(longest).unwrap_or(0) * 8 + 12)
}

/// The width of the check's column: what it may say takes two lines.
fn check_width(table: &BlankTable) -> u32 {
    let longest = table.checks.iter().map(|check| check.place().1.chars().count()).max().unwrap_or(0);
    (u32::try_from(longest).unwrap_or(0) * 4 + 12).clamp(190, 320)
}

/// A column as its rows have it, each with the first and the last row of a run that is alike.
fn bounded<'c>(column: &'c Column, rows: &[Row]) -> Vec<(Cow<'c, Column>, (usize, usize))> {
    let mut found: Vec<(Cow<'c, Column>, (usize, usize))> = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let own = column.of(Some(row));
        match found.last_mut() {
            Some((known, (_, last))) if *known == own => *last = index,
            _ => found.push((own, (index, index))),
        }
    }
    if found.is_empty() {
        found.push((Cow::Borrowed(column), (0, 0)));
    }
    found
}

pub(super) fn at(index: usize) -> Result<ColNum, FormError> {
    ColNum::try_from(index).map_err(|_| FormError::Write(index.to_string()))
}

pub(super) fn row_at(index: usize) -> Result<RowNum, FormError> {
    RowNum::try_from(index).map_err(|_| FormError::Write(index.to_string()))
}

/// Cuts a text to so many UTF-16 units.
fn cut(text: &str, units: usize) -> String {
    let mut used = 0;
    let fits = |c: &char| {
        used += c.len_utf16();
        used <= units
    };
    text.chars().take_while(fits).collect()
}

struct Drawing<'a> {
    blank: &'a Blank,
    words: &'a Words,
    remarks: &'a [Remark],
    styles: Styles,
    lists: Vec<&'a [String]>,
}

/// Where the parts of a table stand.
struct Layout {
    header: RowNum,
    first: RowNum,
    last: RowNum,
    /// The column of the check.
    check: ColNum,
    /// How the cells of each column look, made once.
    formats: Vec<Format>,
}

/// A cell that looks otherwise than its column.
struct Apart {
    at: (RowNum, ColNum),
    format: Format,
}

impl Drawing<'_> {
    fn table(&self, table: &BlankTable) -> Result<(Worksheet, Option<Plot>), FormError> {
        let (blank, styles) = (self.blank, &self.styles);
        let mut placed = Vec::new();
        let mut pen = Pen::new(&table.sheet, &mut placed)?;
        let last_column = FIRST + at(table.columns.len())?;
        let widths: Vec<u32> = table.columns.iter().map(pixels).collect();
        for (index, width) in widths.iter().enumerate() {
            pen.sheet.set_column_width_pixels(FIRST + at(index)?, *width)?;
        }
        let of_check = check_width(table);
        pen.sheet.set_column_width_pixels(last_column, of_check)?;
        let whole: u32 = widths.iter().sum::<u32>() + of_check;
        let mut tall = 0;
        pen.text(MARKS, IDS, &blank.mark(table).to_text(), &styles.small)?;
        for (index, column) in table.columns.iter().enumerate() {
            pen.text(MARKS, FIRST + at(index)?, &column.key, &styles.small)?;
        }
        let mut row = MARKS + 1;
        let mut line = |pen: &mut Pen<'_>, text: &str, format: &Format, points: u32| -> Result<(), FormError> {
            if !text.is_empty() {
                pen.wide(row, (FIRST, last_column), text, format)?;
                pen.fit(row, text, whole, points)?;
                tall += height(text, whole, points);
                row += 1;
            }
            Ok(())
        };
        let right = styles.plain.clone().set_align(rust_xlsxwriter::FormatAlign::Right);
        let wrapped = styles.plain.clone().set_text_wrap();
        line(&mut pen, blank.sample_mark.as_deref().unwrap_or_default(), &styles.mark, 11)?;
        for text in &blank.approval {
            line(&mut pen, text, &right, 11)?;
        }
        line(&mut pen, &blank.title, &styles.title, 14)?;
        if table.title != blank.title {
            line(&mut pen, &table.title, &styles.subtitle, 12)?;
        }
        for text in &blank.lines {
            line(&mut pen, text, &wrapped, 11)?;
        }
        line(&mut pen, &table.note, &wrapped, 11)?;
        let header = row;
        let rows = row_at(table.rows.len())?;
        let formats = table.columns.iter().map(|column| self.format(column)).collect();
        let layout = Layout { header, first: header + 1, last: header + rows.max(1), check: last_column, formats };
        let repeated = self.frame(&mut pen, table, &layout)?;
        tall += repeated;
        let mut apart = Vec::new();
        for (index, row) in table.rows.iter().enumerate() {
            tall += self.row(&mut pen, table, row, layout.first + row_at(index)?, &layout, &mut apart)?;
        }
        self.dress(&mut pen, table, &layout, apart)?;
        self.validations(&mut pen, table, &layout)?;
        pen.text(layout.last + 1, IDS, END, &styles.small)?;
        let end = self.foot(&mut pen, table, &layout)?;
        // Below the rows everything is 20 pixels high.
        tall += end.saturating_sub(layout.last) * 20;
        let sheet = self.close(pen, &layout, end, (last_column, (whole, tall), repeated))?;
        Ok((sheet, plot(table, layout.first)?))
    }

    /// The heading row as a table that has a name; gives its height.
    fn frame(&self, pen: &mut Pen<'_>, table: &BlankTable, layout: &Layout) -> Result<u32, FormError> {
        let mut columns = Vec::new();
        let headings = table.columns.iter().map(|column| column.heading.as_str());
        let mut used: Vec<String> = Vec::new();
        for heading in headings.chain([self.words.of("check")]) {
            // A table has no two headings alike.
            let mut name = heading.to_owned();
            while used.contains(&name.to_lowercase()) {
                name.push('\u{a0}');
            }
            used.push(name.to_lowercase());
            columns.push(TableColumn::new().set_header(name).set_header_format(self.styles.heading.clone()));
        }
        let name = format!("t_{}", table.id.replace(|c: char| !c.is_ascii_alphanumeric(), "_"));
        let object =
            Table::new().set_name(name).set_columns(&columns).set_style(TableStyle::None).set_autofilter(false);
        pen.sheet.add_table(layout.header, FIRST, layout.last, layout.check, &object)?;
        let longest = table.columns.iter().map(|column| height(&column.heading, pixels(column), 10)).max();
        let tallest = longest.unwrap_or(20).max(34);
        pen.sheet.set_row_height_pixels(layout.header, tallest)?;
        Ok(tallest)
    }

    fn row(
        &self,
        pen: &mut Pen<'_>,
        table: &BlankTable,
        row: &Row,
        at_row: RowNum,
        layout: &Layout,
        apart: &mut Vec<Apart>,
    ) -> Result<u32, FormError> {
        self.bare(pen, (at_row, IDS), &row.id, &self.styles.small, apart)?;
        let lines = table.columns.iter().map(|column| u32::from(column.lines)).max().unwrap_or(1);
        // What a check says stands whole in its cell.
        let said = table.checks.iter().filter(|check| check.is_of(&row.id)).map(|check| check.place().1);
        let said = said.map(|said| height(said, check_width(table), 10)).max().unwrap_or(0);
        let mut tallest = (lines * 17 + 7).max(said);
        for (index, ((column, content), format)) in
            table.columns.iter().zip(&row.cells).zip(&layout.formats).enumerate()
        {
            let at_column = FIRST + at(index)?;
            let remark = self
                .remarks
                .iter()
                .filter(|one| one.table == table.id && one.row == row.id && one.column == column.key);
            let own = column.of(Some(row));
            let closed = (column.is_open && !own.is_open).then(|| self.format(&own));
            let remark: Vec<&str> = remark.map(|one| one.text.as_str()).collect();
            let plain = closed.as_ref().unwrap_or(format);
            let marked = (!remark.is_empty()).then(|| plain.clone().set_background_color(WRONG));
            let own = marked.or(closed);
            apart.extend(own.clone().map(|format| Apart { at: (at_row, at_column), format }));
            if !remark.is_empty() {
                pen.sheet.insert_note(
                    at_row,
                    at_column,
                    &Note::new(remark.join("\n")).set_author(self.words.of("check")),
                )?;
            }
            if let Some(difference_of) = &column.difference {
                let at = (at_row, at_column);
                let format = difference(pen, (table, row, difference_of), at, format, self.words)?;
                apart.push(Apart { at, format });
                continue;
            }
            match content {
                Content::Blank => {}
                Content::Text(text) => {
                    tallest = tallest.max(height(text, pixels(column), 10));
                    self.bare(pen, (at_row, at_column), text, own.as_ref().unwrap_or(format), apart)?;
                }
                Content::Number(number) => {
                    pen.sheet.write_number(at_row, at_column, number.to_float())?;
                }
                Content::Date(year, month, day) => {
                    let date = ExcelDateTime::from_ymd(*year, *month, *day)?;
                    let format = own.as_ref().unwrap_or(format).clone().set_num_format("dd.mm.yyyy");
                    pen.sheet.write_datetime_with_format(at_row, at_column, &date, &format)?;
                    apart.push(Apart { at: (at_row, at_column), format });
                }
            }
        }
        let (formula, result) = self.check(table, row, at_row, layout)?;
        pen.sheet.write_formula(at_row, layout.check, Formula::new(formula).set_result(result))?;
        pen.sheet.set_row_height_pixels(at_row, tallest)?;
        Ok(tallest)
    }

    /// Writes a text without a look; one that a spreadsheet would take for a formula is looked after apart.
    fn bare(
        &self,
        pen: &mut Pen<'_>,
        at: (RowNum, ColNum),
        text: &str,
        format: &Format,
        apart: &mut Vec<Apart>,
    ) -> Result<(), FormError> {
        pen.sheet.write_string(at.0, at.1, text)?;
        if is_quoted(text) {
            apart.push(Apart { at, format: format.clone().set_quote_prefix() });
        }
        Ok(())
    }

    /// Gives the cells of all rows their look, column by column: looked up for each cell, it would cost more than the cell.
    fn dress(
        &self,
        pen: &mut Pen<'_>,
        table: &BlankTable,
        layout: &Layout,
        apart: Vec<Apart>,
    ) -> Result<(), FormError> {
        let Some(rows) = row_at(table.rows.len())?.checked_sub(1) else { return Ok(()) };
        let last = layout.first + rows;
        let mut dress = |column: ColNum, format: &Format| {
            pen.sheet.set_range_format(layout.first, column, last, column, format).map(|_| ())
        };
        dress(IDS, &self.styles.small)?;
        for (index, format) in layout.formats.iter().enumerate() {
            dress(FIRST + at(index)?, format)?;
        }
        dress(layout.check, &self.styles.small_text)?;
        for Apart { at, format } in apart {
            pen.sheet.set_cell_format(at.0, at.1, &format)?;
        }
        Ok(())
    }

    fn format(&self, column: &Column) -> Format {
        let styles = &self.styles;
        let format = match (column.is_open, &column.kind) {
            (true, Kind::Text) => styles.open.clone(),
            (true, _) => styles.open_choice.clone(),
            (false, Kind::Text) => styles.small_text.clone(),
            (false, _) => styles.number.clone(),
        };
        match column.kind {
            Kind::Count => format.set_num_format(COUNT_FORMAT),
            Kind::Year => format.set_num_format("0"),
            Kind::Date => format.set_num_format("dd.mm.yyyy"),
            _ => format,
        }
    }

    /// The list of words on its hidden sheet.
    fn list(&self, words: &[String]) -> Result<Formula, FormError> {
        let number = self.lists.iter().position(|list| *list == words).unwrap_or_default();
        let letters = column_letters(at(number)?);
        let sheet = self.words.sheet("lists").replace('\'', "''");
        Ok(Formula::new(format!("='{sheet}'!${letters}$1:${letters}${}", words.len())))
    }

    /// What a person may write, column by column and unit by unit, and what shines when it is missing.
    fn validations(&self, pen: &mut Pen<'_>, table: &BlankTable, layout: &Layout) -> Result<(), FormError> {
        for (index, column) in table.columns.iter().enumerate().filter(|(_, column)| column.is_open) {
            for (column, rows) in bounded(column, &table.rows).into_iter().filter(|(column, _)| column.is_open) {
                let rows = (layout.first + row_at(rows.0)?, (layout.first + row_at(rows.1)?).min(layout.last));
                self.validation(pen, &column, FIRST + at(index)?, rows)?;
            }
        }
        self.shine(pen, layout)
    }

    /// What may be written into some cells of a column.
    fn validation(
        &self,
        pen: &mut Pen<'_>,
        column: &Column,
        at_column: ColNum,
        (first, last): (RowNum, RowNum),
    ) -> Result<(), FormError> {
        let (key, validation) = match &column.kind {
            Kind::Text if !column.suggested.is_empty() => (
                "suggested",
                DataValidation::new().allow_list_formula(self.list(&column.suggested)?).show_error_message(false),
            ),
            Kind::Text => ("text", DataValidation::new().allow_any_value()),
            Kind::Count => {
                let most = i32::try_from(column.most.unwrap_or(1_000_000)).unwrap_or(i32::MAX);
                ("count", DataValidation::new().allow_whole_number(DataValidationRule::Between(0, most)))
            }
            Kind::Number => {
                let rule = DataValidationRule::Between(-1_000_000_000.0, 1_000_000_000.0);
                ("number", DataValidation::new().allow_decimal_number(rule))
            }
            Kind::Amount => {
                let most = column.most.map_or(1_000_000_000.0, f64::from);
                ("amount", DataValidation::new().allow_decimal_number(DataValidationRule::Between(0.0, most)))
            }
            Kind::Flag => ("flag", DataValidation::new().allow_whole_number(DataValidationRule::Between(0, 1))),
            Kind::Percent => {
                ("percent", DataValidation::new().allow_decimal_number(DataValidationRule::Between(0.0, 100.0)))
            }
            Kind::Year => ("year", DataValidation::new().allow_whole_number(DataValidationRule::Between(1900, 2100))),
            Kind::Date => {
                let (from, to) = (ExcelDateTime::from_ymd(2000, 1, 1)?, ExcelDateTime::from_ymd(2100, 12, 31)?);
                ("date", DataValidation::new().allow_date(DataValidationRule::Between(from, to)))
            }
            Kind::Choice(words) => ("choice", DataValidation::new().allow_list_formula(self.list(words)?)),
        };
        let [title, prompt, _] = self.words.validation.get(key).cloned().unwrap_or_default();
        let prompt = match column.kind {
            // What the column says of all its rows does not tell what 1 means.
            Kind::Flag => prompt,
            _ if column.help.is_empty() => prompt,
            _ => column.help.clone(),
        };
        let validation = validation
            .set_input_title(cut(&title, PROMPT.1))?
            .set_input_message(cut(&prompt, PROMPT.0))?
            .set_error_title(cut(&title, PROMPT.1))?
            .set_error_message(cut(&column.refusal(self.words), PROMPT.0))?
            .set_error_style(DataValidationErrorStyle::Stop);
        pen.sheet.add_data_validation(first, at_column, last, at_column, &validation)?;
        Ok(())
    }

    /// What shines in the column of checks.
    fn shine(&self, pen: &mut Pen<'_>, layout: &Layout) -> Result<(), FormError> {
        let check = column_letters(layout.check);
        let first = layout.first + 1;
        for (word, color) in [("missing", MISSING), ("", WRONG)] {
            let is_said = match word {
                "" => {
                    let quiet =
                        ["right", "none"].map(|word| format!("${check}{first}<>{}", quoted(self.words.of(word))));
                    format!("=AND({})", quiet.join(","))
                }
                word => format!("=${check}{first}={}", quoted(self.words.of(word))),
            };
            let rule = ConditionalFormatFormula::new()
                .set_rule(is_said.as_str())
                .set_format(Format::new().set_background_color(color))
                .set_stop_if_true(true);
            pen.sheet.add_conditional_format(layout.first, layout.check, layout.last, layout.check, &rule)?;
        }
        Ok(())
    }

    /// Sums and signatures; gives the last row.
    fn foot(&self, pen: &mut Pen<'_>, table: &BlankTable, layout: &Layout) -> Result<RowNum, FormError> {
        let mut row = layout.last + 1;
        if table.columns.iter().any(|column| column.has_total) {
            pen.text(row, FIRST, self.words.of("total"), &self.styles.total_text)?;
            for (index, column) in table.columns.iter().enumerate().filter(|(_, column)| column.has_total) {
                let at_column = FIRST + at(index)?;
                let (one, two) = (address(layout.first, at_column), address(layout.last, at_column));
                let numbers = table.rows.iter().filter_map(|row| match row.cells.get(index) {
                    Some(Content::Number(number)) => Some(number.clone()),
                    _ => None,
                });
                let sum = Cached::Number(numbers.sum::<Measure>());
                let format = match column.kind {
                    Kind::Count => self.styles.total.clone().set_num_format(COUNT_FORMAT),
                    _ => self.styles.total.clone(),
                };
                pen.formula(row, at_column, &format!("=SUM({one}:{two})"), &sum, &format)?;
            }
            row += 1;
            row = against(pen, (self.blank, table), row, (self.words, &self.styles))?;
        }
        row += 1;
        // A label takes a third of the width, or as many columns as that is.
        let widths: Vec<u32> = table.columns.iter().map(|column| u32::from(column.width)).collect();
        let third = widths.iter().sum::<u32>() / 3;
        let before = |count: &usize| widths.iter().take(*count).sum::<u32>() >= third;
        let count = (1..=widths.len()).find(before).unwrap_or(1);
        let label_end = FIRST + at(count)? - 1;
        let signed = ["sign", "name", "date"].map(|key| self.words.of(key)).join(", ");
        let signatures = self.blank.signatures.iter().map(|label| (label.as_str(), signed.as_str(), &self.styles.line));
        // Who filled it in writes it here: this line is open.
        let open = self.styles.line.clone().set_unlocked();
        let executor = (self.words.of("executor"), self.words.of("executor-under"), &open);
        for (label, under, format) in signatures.chain([executor]) {
            let wrapped = self.styles.plain.clone().set_text_wrap();
            pen.wide(row, (FIRST, label_end), label, &wrapped)?;
            pen.fit(row, label, third * 7 + 5, 11)?;
            if layout.check > label_end {
                pen.wide(row, (label_end + 1, layout.check), "", format)?;
                pen.wide(row + 1, (label_end + 1, layout.check), &format!("({under})"), &self.styles.small)?;
            }
            row += 2;
        }
        if !self.blank.contact.is_empty() {
            pen.text(row, FIRST, &self.blank.contact, &self.styles.plain)?;
            row += 1;
        }
        Ok(row)
    }

    /// Hides ids, sets up print, protects what is not asked for.
    fn close(
        &self,
        mut pen: Pen<'_>,
        layout: &Layout,
        end: RowNum,
        (last_column, size, repeated): (ColNum, (u32, u32), u32),
    ) -> Result<Worksheet, FormError> {
        let is_landscape = size.0 > 760;
        let setup = Setup {
            last: (end, last_column),
            header: Some((layout.header, layout.header)),
            freeze: Some((layout.first, FIRST)),
            is_landscape,
            pages: drawn_together(size, repeated, is_landscape),
        };
        let foot = fill(self.words.of("page"), &[("page", "&P"), ("pages", "&N")]);
        pen.page(&cut(&self.blank.title, 60), self.blank.sample_mark.as_deref().unwrap_or_default(), &foot, &setup)?;
        pen.sheet.set_row_hidden(MARKS)?.set_column_hidden(IDS)?;
        protect(&mut pen.sheet);
        Ok(pen.sheet)
    }

    fn instruction(&self) -> Result<Worksheet, FormError> {
        let mut placed = Vec::new();
        let mut pen = Pen::new(self.words.sheet("instruction"), &mut placed)?;
        pen.sheet.set_column_width_pixels(0, 40)?.set_column_width_pixels(1, 680)?;
        pen.wide(0, (0, 1), self.words.of("instruction"), &self.styles.title)?;
        let wrapped = self.styles.plain.clone().set_text_wrap();
        for (index, text) in self.blank.instruction.iter().enumerate() {
            let row = row_at(index)? + 1;
            pen.text(row, 0, &format!("{}.", index + 1), &self.styles.plain)?;
            pen.text(row, 1, text, &wrapped)?;
            pen.fit(row, text, 680, 11)?;
        }
        let last = row_at(self.blank.instruction.len())?;
        let setup = Setup { last: (last, 1), header: None, freeze: None, is_landscape: false, pages: 0 };
        let foot = fill(self.words.of("page"), &[("page", "&P"), ("pages", "&N")]);
        pen.page(self.words.of("instruction"), "", &foot, &setup)?;
        protect(&mut pen.sheet);
        Ok(pen.sheet)
    }

    fn dictionary(&self) -> Result<Worksheet, FormError> {
        let mut placed = Vec::new();
        let mut pen = Pen::new(self.words.sheet("dictionary"), &mut placed)?;
        let widths = [160, 200, 170, 320, 110];
        for (index, width) in widths.iter().enumerate() {
            pen.sheet.set_column_width_pixels(at(index)?, *width)?;
        }
        pen.wide(0, (0, 4), self.words.of("dictionary"), &self.styles.title)?;
        for (index, key) in ["sheet", "column", "what", "how", "required"].iter().enumerate() {
            pen.text(1, at(index)?, self.words.of(key), &self.styles.heading)?;
        }
        let mut row = 2;
        let open = self.blank.tables.iter().flat_map(|table| table.columns.iter().map(move |column| (table, column)));
        for (table, column) in open.filter(|(_, column)| column.is_open) {
            let [what, prompt, _] = self.words.validation.get(column.kind.key()).cloned().unwrap_or_default();
            let how = match &column.kind {
                Kind::Choice(words) if column.help.is_empty() => words.join("; "),
                _ if column.help.is_empty() => prompt,
                _ => column.help.clone(),
            };
            let required = self.words.of(if column.is_required { "yes" } else { "no" });
            for (index, text) in [&table.sheet, &column.heading, &what, &how].into_iter().enumerate() {
                pen.text(row, at(index)?, text, &self.styles.small_text)?;
            }
            pen.text(row, 4, required, &self.styles.middle)?;
            pen.sheet
                .set_row_height_pixels(row, height(&how, 320, 10).max(height(&column.heading, 200, 10)).max(22))?;
            row += 1;
        }
        let setup =
            Setup { last: (row - 1, 4), header: Some((1, 1)), freeze: Some((2, 0)), is_landscape: true, pages: 0 };
        let foot = fill(self.words.of("page"), &[("page", "&P"), ("pages", "&N")]);
        pen.page(self.words.of("dictionary"), "", &foot, &setup)?;
        protect(&mut pen.sheet);
        Ok(pen.sheet)
    }

    fn lists(&self) -> Result<Worksheet, FormError> {
        let mut placed = Vec::new();
        let mut pen = Pen::new(self.words.sheet("lists"), &mut placed)?;
        for (index, list) in self.lists.iter().enumerate() {
            for (row, word) in list.iter().enumerate() {
                pen.text(row_at(row)?, at(index)?, word, &self.styles.plain)?;
            }
        }
        pen.sheet.set_hidden(true);
        protect(&mut pen.sheet);
        Ok(pen.sheet)
    }
}

fn protect(sheet: &mut Worksheet) {
    sheet.protect_with_options(&ProtectionOptions {
        format_columns: true,
        format_rows: true,
        insert_rows: true,
        ..ProtectionOptions::new()
    });
}
