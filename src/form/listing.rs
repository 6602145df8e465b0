//! The list of a package as a workbook: one row a file, grouped by folders.
//! In: the view of the list. Out: a workbook. It must never know how a file came about.

use rust_xlsxwriter::{ColNum, DocProperties, ExcelDateTime, FormatAlign, Url};

use super::FormError;
use super::sheet::{Pen, Setup, Styles, height};
use crate::context::ListingView;
use crate::measure::Measure;

/// Widths of the columns in pixels: document, file, pages, date, state, findings.
const WIDTHS: [u32; 6] = [330, 300, 76, 96, 130, 360];
const LAST: ColNum = 5;
/// Longest link of Excel, characters.
const LONGEST_LINK: usize = 2_000;

/// Makes the workbook; `link` writes a path as a link.
///
/// # Errors
/// When the library refuses a text or an address.
pub fn render_listing(view: &ListingView, link: &dyn Fn(&str) -> String) -> Result<Vec<u8>, FormError> {
    let styles = Styles::new();
    let mut placed = Vec::new();
    let mut pen = Pen::new(&view.title, &mut placed)?;
    for (column, width) in (0..).zip(WIDTHS) {
        pen.sheet.set_column_width_pixels(column, width)?;
    }
    let mut row = 0;
    let marks = view.marks();
    if !marks.is_empty() {
        pen.text(row, 0, &marks, &styles.mark)?;
        row += 1;
    }
    let left = styles.title.clone().set_align(FormatAlign::Left).unset_text_wrap();
    pen.text(row, 0, &view.title, &left)?;
    pen.sheet.set_row_height_pixels(row, 30)?;
    pen.text(row + 1, 0, &view.municipality, &styles.plain)?;
    row += 2;
    for (word, number) in &view.counts {
        pen.text(row, 0, word, &styles.plain)?;
        pen.number(row, 1, &Measure::from(*number), &styles.plain.clone().set_align(FormatAlign::Left))?;
        row += 1;
    }
    let top = row + 1;
    for (column, heading) in (0..).zip(&view.columns) {
        pen.text(top, column, heading, &styles.heading)?;
    }
    row = top;
    let text = styles.small_text.clone().set_align(FormatAlign::Top);
    let number = styles.number.clone().set_align(FormatAlign::Top);
    for folder in &view.folders {
        row += 1;
        pen.wide(row, (0, LAST), &folder.title, &styles.band)?;
        for file in &folder.rows {
            row += 1;
            let findings = file.findings.join("\n");
            pen.text(row, 0, &file.title, &text)?;
            let target = link(&file.path);
            if file.is_blocked || target.chars().count() > LONGEST_LINK {
                pen.text(row, 1, &file.name, &text)?;
            } else {
                let url = Url::new(format!("file:///{target}")).set_text(&file.name);
                pen.sheet.write_url_with_format(row, 1, &url, &text)?;
            }
            match file.pages {
                Some(pages) => pen.number(row, 2, &Measure::from(pages), &number)?,
                None => pen.text(row, 2, "", &number)?,
            }
            for (column, content) in [(3, &file.date), (4, &file.state), (5, &findings)] {
                pen.text(row, column, content, &text)?;
            }
            let texts = [(&file.title, WIDTHS[0]), (&file.name, WIDTHS[1]), (&findings, WIDTHS[5])];
            let highest = texts.into_iter().map(|(content, width)| height(content, width, 10)).max();
            pen.sheet.set_row_height_pixels(row, highest.unwrap_or_default())?;
        }
    }
    let setup =
        Setup { last: (row, LAST), header: Some((top, top)), freeze: Some((top + 1, 0)), is_landscape: true, pages: 0 };
    let foot = view.foot.replace('&', "&&").replace("{page}", "&P").replace("{pages}", "&N");
    pen.page(&view.title, &marks, &foot, &setup)?;
    let mut workbook = super::workbook();
    workbook.push_worksheet(pen.sheet);
    let mut properties = DocProperties::new()
        .set_title(&view.title)
        .set_author(&view.municipality)
        // A fixed time: the same view gives the same bytes.
        .set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?);
    if !marks.is_empty() {
        properties = properties.set_keywords(&marks).set_comment(&marks).set_status(&marks);
    }
    workbook.set_properties(&properties);
    Ok(workbook.save_to_buffer()?)
}
