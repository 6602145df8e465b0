//! The last sheet: how the return is filled in.
//! In: the texts of the form. Out: a worksheet. It must never know figures.

use rust_xlsxwriter::{RowNum, Worksheet};

use super::sheet::{Pen, Setup, Styles, marks};
use super::spec::Texts;
use super::{FormError, MonitoringView};

/// Width of the column of texts in pixels.
const WIDTH: u32 = 640;

pub(super) fn write(texts: &Texts<'_>, view: &MonitoringView, styles: &Styles) -> Result<Worksheet, FormError> {
    let mut none = Vec::new();
    let mut pen = Pen::new(&texts.spec.sheets.instruction, &mut none)?;
    pen.sheet.set_column_width_pixels(0, 36)?;
    pen.sheet.set_column_width_pixels(1, WIDTH)?;
    let mut row: RowNum = 0;
    let marks = marks(view);
    if !marks.is_empty() {
        pen.text(row, 0, &marks, &styles.mark)?;
        row += 1;
    }
    pen.wide(row, (0, 1), &texts.fill(&texts.spec.instruction.title), &styles.title)?;
    pen.sheet.set_row_height_pixels(row, 34)?;
    for (index, line) in texts.spec.instruction.lines.iter().enumerate() {
        row += 1;
        let line = texts.fill(line);
        pen.text(row, 0, &format!("{}.", index + 1), &styles.middle)?;
        pen.text(row, 1, &line, &styles.text)?;
        pen.fit(row, &line, WIDTH, 11)?;
    }
    pen.finish(texts, view, &Setup { last: (row, 1), header: None, freeze: None, is_landscape: false, pages: 0 })
}
