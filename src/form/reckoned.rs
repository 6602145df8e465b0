//! What a blank reckons from its own cells: differences, its sums against those of another sheet, the bars of its charts.
//! In: tables and where they stand. Out: formulas with their results, bars. It must never know how a blank is drawn.

use rust_xlsxwriter::{ColNum, ConditionalFormatFormula, Format, RowNum};

use super::FormError;
use super::blank::{FIRST, MARKS, WRONG, at, pixels, row_at};
use super::charts::{Bar, Plot};
use super::sheet::{COUNT_FORMAT, Cached, Pen, Styles, address, quoted};
use crate::blank::{Blank, Content, Difference, Kind, Row, Table as BlankTable, Words, fill};
use crate::measure::Measure;

/// The column that names the unit of a row.
const UNIT: &str = "unit";

/// The two columns of a table that are drawn beside each other, row by row as far as they are numbers with a unit.
pub(super) fn plot(table: &BlankTable, first: RowNum) -> Result<Option<Plot>, FormError> {
    let Some((one, two)) = &table.chart else { return Ok(None) };
    let position = |key: &str| table.columns.iter().position(|column| column.key == key);
    let (Some(one), Some(two)) = (position(one), position(two)) else { return Ok(None) };
    let heading = |index: usize| table.columns.get(index).map(|column| column.heading.clone()).unwrap_or_default();
    let unit = position(UNIT);
    let sheet = table.sheet.replace('\'', "''");
    let mut bars = Vec::new();
    for (index, row) in table.rows.iter().enumerate() {
        // Yes and no are no lengths.
        if row.bound.as_ref().is_some_and(|bound| bound.kind == Kind::Flag) {
            continue;
        }
        // A bar without the other says nothing: what is not asked for, and what was to be known and is not.
        let is_absent = |column: usize| {
            let is_known = matches!(row.cells.get(column), Some(Content::Number(_)));
            let own = table.columns.get(column).map(|column| column.of(Some(row)));
            !is_known && own.is_none_or(|own| !own.is_open)
        };
        if is_absent(one) || is_absent(two) {
            continue;
        }
        let cell = |column: usize| -> Result<_, FormError> {
            let now = match row.cells.get(column) {
                Some(Content::Number(number)) => Some(Cached::Number(number.clone())),
                _ => None,
            };
            Ok((format!("'{sheet}'!{}", address(first + row_at(index)?, FIRST + at(column)?)), now))
        };
        let unit = unit.and_then(|unit| row.cells.get(unit)).map(Content::text).unwrap_or_default();
        bars.push(Bar { name: table.label(row), unit, cells: [cell(one)?, cell(two)?] });
    }
    Ok(Some(Plot { title: table.title.clone(), headings: [heading(one), heading(two)], bars }))
}

/// What a row is more or less than another column of it says; the mark where one of the numbers is missing.
pub(super) fn difference(
    pen: &mut Pen<'_>,
    (table, row, difference): (&BlankTable, &Row, &Difference),
    (at_row, at_column): (RowNum, ColNum),
    format: &Format,
    words: &Words,
) -> Result<Format, FormError> {
    let none = words.of("none");
    let cell = |key: &String| -> Result<String, FormError> {
        let index = table.columns.iter().position(|column| column.key == *key).unwrap_or_default();
        Ok(address(at_row, FIRST + at(index)?))
    };
    let less = cell(&difference.less)?;
    let mut formula = quoted(none);
    for key in difference.of.iter().rev() {
        let of = cell(key)?;
        // No binary remainder of a subtraction is seen.
        formula = format!("IF(ISNUMBER({of}),ROUND({of}-{less},6),{formula})");
    }
    let formula = format!("=IF(ISNUMBER({less}),{formula},{})", quoted(none));
    let result = table.difference(row, difference);
    let result = result.map_or_else(|| Cached::Text(none.to_owned()), Cached::Number);
    let signed = format.clone().set_num_format("\"+\"General;\"\u{2212}\"General;0");
    pen.formula(at_row, at_column, &formula, &result, &signed)?;
    Ok(signed)
}

/// The sums of a table against a row of another; gives the next free row.
pub(super) fn against(
    pen: &mut Pen<'_>,
    (blank, table): (&Blank, &BlankTable),
    row: RowNum,
    (words, styles): (&Words, &Styles),
) -> Result<RowNum, FormError> {
    let other = table.against.as_ref().and_then(|one| Some((blank.table(&one.table)?, &one.row)));
    let Some((other, id)) = other else { return Ok(row) };
    let Some(index) = other.rows.iter().position(|row| row.id == *id) else { return Ok(row) };
    let its_row = header(blank, other)? + 1 + row_at(index)?;
    let said = fill(words.of("against"), &[("sheet", &other.sheet)]);
    for (offset, text) in [said.as_str(), words.of("apart-by")].into_iter().enumerate() {
        pen.text(row + row_at(offset)?, FIRST, text, &styles.total_text)?;
        pen.fit(row + row_at(offset)?, text, table.columns.first().map_or(60, pixels), 11)?;
    }
    let format = styles.total.clone().set_num_format(COUNT_FORMAT);
    for (index, column) in table.columns.iter().enumerate().filter(|(_, column)| column.has_total) {
        let Some(its) = other.columns.iter().position(|one| one.key == column.key) else { continue };
        let at_column = FIRST + at(index)?;
        let cell = format!("'{}'!{}", other.sheet.replace('\'', "''"), address(its_row, FIRST + at(its)?));
        let known = match other.content(id, &column.key) {
            Some(Content::Number(number)) => number.clone(),
            _ => Measure::default(),
        };
        pen.formula(row, at_column, &format!("=N({cell})"), &Cached::Number(known.clone()), &format)?;
        let numbers = table.rows.iter().filter_map(|row| match row.cells.get(index) {
            Some(Content::Number(number)) => Some(number.clone()),
            _ => None,
        });
        let apart = Cached::Number(&numbers.sum::<Measure>() - &known);
        let (sum, its) = (address(row - 1, at_column), address(row, at_column));
        pen.formula(row + 1, at_column, &format!("={sum}-{its}"), &apart, &styles.total)?;
        let wrong = ConditionalFormatFormula::new()
            .set_rule(format!("={}<>0", address(row + 1, at_column)).as_str())
            .set_format(Format::new().set_background_color(WRONG));
        pen.sheet.add_conditional_format(row + 1, at_column, row + 1, at_column, &wrong)?;
    }
    Ok(row + 2)
}

/// The row of a table's headings: below the marks and every line above it.
pub(super) fn header(blank: &Blank, table: &BlankTable) -> Result<RowNum, FormError> {
    let own = [blank.sample_mark.as_deref().unwrap_or_default(), &blank.title, &table.note];
    let title = (table.title != blank.title).then_some(table.title.as_str());
    let lines = own.into_iter().chain(title);
    let lines = lines.chain(blank.approval.iter().chain(&blank.lines).map(String::as_str));
    Ok(MARKS + 1 + row_at(lines.filter(|line| !line.is_empty()).count())?)
}
