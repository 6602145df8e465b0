//! Diagrams on a sheet of their own: what was and what is, plan and fact; one unit a chart, every bar with its name.
//! In: names, units and the cells that hold the numbers. Out: a sheet that follows these cells.
//! It must never know forms or respondents.

use rust_xlsxwriter::{Chart, ChartAxisCrossing, ChartFont, ChartLegendPosition, ChartType, ColNum, RowNum, Worksheet};

use super::FormError;
use super::collected::{at, row_at};
use super::sheet::{Cached, Pen, Setup, Styles, height, quoted};
use crate::blank::{Words, fill};

/// Bars of one chart: so that it stands on one page with its numbers.
const LONGEST: usize = 14;
/// Widths of name and two numbers in pixels: together no wider than an upright page, also where another font stands in for
/// that of the workbook and makes every column a third wider.
const WIDTHS: [u32; 3] = [300, 95, 95];
/// Height of a row in which nothing is written.
const ROW: u32 = 20;

/// Two numbers to be drawn beside each other.
pub(super) struct Bar {
    /// What they are of.
    pub name: String,
    /// Their unit.
    pub unit: String,
    /// The cell of each as a formula has it, and what stands there now.
    pub cells: [(String, Option<Cached>); 2],
}

/// A set of bars.
pub(super) struct Plot {
    /// What they show.
    pub title: String,
    /// What the numbers are.
    pub headings: [String; 2],
    /// The bars in order.
    pub bars: Vec<Bar>,
}

/// Draws the plots; `None` when there is nothing to draw. `about` is the title of the page and its mark.
pub(super) fn charts(
    plots: &[Plot],
    about: (&str, &str),
    words: &Words,
    styles: &Styles,
) -> Result<Option<Worksheet>, FormError> {
    let mut placed = Vec::new();
    let name = words.sheet("charts");
    let mut pen = Pen::new(name, &mut placed)?;
    for (index, width) in WIDTHS.into_iter().enumerate() {
        pen.sheet.set_column_width_pixels(at(index)?, width)?;
    }
    let (mut row, mut breaks): (RowNum, Vec<RowNum>) = (0, Vec::new());
    for plot in plots {
        let mut units: Vec<&str> = Vec::new();
        for bar in &plot.bars {
            if !units.contains(&bar.unit.as_str()) {
                units.push(&bar.unit);
            }
        }
        for unit in units {
            let bars: Vec<&Bar> = plot.bars.iter().filter(|bar| bar.unit == unit).collect();
            for bars in bars.chunks(LONGEST) {
                if row > 0 {
                    breaks.push(row);
                }
                row = chart(&mut pen, (plot, unit, bars), row, (words, styles))?;
            }
        }
    }
    if row == 0 {
        return Ok(None);
    }
    let foot = fill(words.of("page"), &[("page", "&P"), ("pages", "&N")]);
    let setup = Setup { last: (row, 2), header: None, freeze: None, is_landscape: false, pages: 0 };
    pen.page(about.0, about.1, &foot, &setup)?;
    // Breaks of pages count only where a sheet is not drawn together.
    pen.sheet.set_print_scale(100).set_page_breaks(&breaks)?;
    Ok(Some(pen.sheet))
}

/// Whether a bar may stand left of zero: one does, or the unit is one of differences.
fn may_be_negative(unit: &str, bars: &[&Bar], points: &str) -> bool {
    let is_negative = |now: &Option<Cached>| matches!(now, Some(Cached::Number(number)) if number.is_negative());
    unit == points || bars.iter().flat_map(|bar| &bar.cells).any(|(_, now)| is_negative(now))
}

/// One chart under its numbers; gives the next free row.
fn chart(
    pen: &mut Pen<'_>,
    (plot, unit, bars): (&Plot, &str, &[&Bar]),
    row: RowNum,
    (words, styles): (&Words, &Styles),
) -> Result<RowNum, FormError> {
    let [one, two] = &plot.headings;
    let values = [("title", plot.title.as_str()), ("one", one), ("two", two), ("unit", unit)];
    let title = fill(words.of("chart"), &values);
    pen.wide(row, (0, 2), &title, &styles.subtitle.clone().set_text_wrap())?;
    pen.fit(row, &title, WIDTHS.iter().sum(), 11)?;
    let header = row + 1;
    for (index, heading) in [words.of("share"), one, two].into_iter().enumerate() {
        pen.text(header, at(index)?, heading, &styles.heading)?;
    }
    pen.sheet.set_row_height_pixels(
        header,
        [one, two].map(|text| height(text, WIDTHS[1], 10)).into_iter().max().unwrap_or(0).max(22),
    )?;
    let none = words.of("none");
    for (index, bar) in bars.iter().enumerate() {
        let at_row = header + 1 + row_at(index)?;
        pen.text(at_row, 0, &bar.name, &styles.small_text)?;
        for (column, (cell, now)) in (1..).zip(&bar.cells) {
            let formula = format!("=IF(ISNUMBER({cell}),{cell},{})", quoted(none));
            let absent = Cached::Text(none.to_owned());
            pen.formula(at_row, column, &formula, now.as_ref().unwrap_or(&absent), &styles.number)?;
        }
        pen.sheet.set_row_height_pixels(at_row, height(&bar.name, WIDTHS[0], 10).max(22))?;
    }
    let (first, last) = (header + 1, header + row_at(bars.len())?);
    let (sheet, mut drawn) = (words.sheet("charts"), Chart::new(ChartType::Bar));
    for column in [1, 2] {
        let column: ColNum = column;
        drawn
            .add_series()
            .set_name((sheet, header, column))
            .set_categories((sheet, first, 0, last, 0))
            .set_values((sheet, first, column, last, column));
    }
    let mut small = ChartFont::new();
    small.set_size(9);
    drawn.title().set_name(title.as_str()).set_font(ChartFont::new().set_size(11).set_bold());
    // From top to bottom as in the table, the scale below; each bar has the height of two lines of its name, so that none
    // is left out. In a chart of bars the y axis is the one of the names.
    drawn.y_axis().set_reverse().set_crossing(ChartAxisCrossing::Max).set_font(&small);
    drawn.x_axis().set_font(&small);
    if !may_be_negative(unit, bars, words.of("percent-points")) {
        drawn.x_axis().set_min(0);
    }
    drawn.legend().set_position(ChartLegendPosition::Bottom).set_font(&small);
    let tall = u32::try_from(bars.len()).unwrap_or(1) * 34 + 130;
    drawn.set_width(WIDTHS.iter().sum()).set_height(tall).set_alt_text(&title);
    pen.sheet.insert_chart(last + 2, 0, &drawn)?;
    Ok(last + 3 + tall / ROW)
}
