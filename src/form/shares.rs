//! The indicators of a summary: each made of live sums of those who gave all its parts, with how many they are.
//! In: a summary whose sheets stand in the workbook. Out: a sheet of formulas, and the numbers to be drawn.
//! It must never know where a sum goes.

use rust_xlsxwriter::{ColNum, Format, RowNum, Worksheet};

use super::FormError;
use super::charts::{Bar, Plot};
use super::collected::{at, named_table, row_at};
use super::sheet::{COUNT_FORMAT, Cached, Pen, Setup, Styles, address, height, number_format, quoted, rounding_call};
use super::together::{Frame, heading, notes};
use crate::blank::{Words, fill};
use crate::measure::Measure;
use crate::provenance::column_letters;
use crate::returns::{Beside, Columns, Made, Parts, Share, Single, Summary, SummarySheet, side_by_side, single};
use crate::ru;

/// Width of the columns: the name, the unit, numbers.
const NAME: u32 = 300;
const UNIT: u32 = 70;
const NUMBER: u32 = 80;
/// Columns in front of the numbers.
const LEAD: ColNum = 2;

/// Where the rows of the sheets stand: every sheet has the same lines above them.
pub(super) struct Ranges {
    /// Their first row, counted from zero.
    pub first: RowNum,
}

impl Ranges {
    /// A column of a sheet over all its rows.
    fn of(&self, sheet: &SummarySheet, column: usize) -> Result<String, FormError> {
        let (first, letters) = (self.first, column_letters(at(column)?));
        let last = first + row_at(sheet.rows.len().max(1))?;
        Ok(format!("'{}'!${letters}${}:${letters}${last}", sheet.name.replace('\'', "''"), first + 1))
    }

    /// One where a row has all of these numbers, else nothing.
    pub(super) fn whole(&self, sheet: &SummarySheet, columns: &[&Columns]) -> Result<String, FormError> {
        let all = columns.iter().flat_map(|(above, below)| above.iter().chain(below));
        let each = all.map(|column| Ok(format!("ISNUMBER({})", self.of(sheet, *column)?)));
        Ok(format!("1*{}", each.collect::<Result<Vec<_>, FormError>>()?.join("*")))
    }

    /// The same of single rows that name their key.
    fn single(&self, single: &Single<'_>) -> Result<String, FormError> {
        let keys = self.of(single.sheet, single.keys)?;
        Ok(format!("({keys}={})*{}", quoted(single.key), self.whole(single.sheet, &[&single.columns])?))
    }

    /// The sum of columns over the rows that have everything.
    pub(super) fn sum(&self, sheet: &SummarySheet, columns: &[usize], whole: &str) -> Result<String, FormError> {
        let each = columns.iter().map(|column| Ok(format!("SUMPRODUCT({whole},{})", self.of(sheet, *column)?)));
        Ok(each.collect::<Result<Vec<_>, FormError>>()?.join("+"))
    }
}

/// The sheet of indicators; with what is to be drawn of it. `None` when no sheet has one.
pub(super) fn shares(
    summary: &Summary,
    ranges: &Ranges,
    words: &Words,
    styles: &Styles,
) -> Result<Option<(Worksheet, Plot)>, FormError> {
    let all: Vec<(&SummarySheet, Beside<'_>)> = summary
        .sheets
        .iter()
        .flat_map(|sheet| sheet.shares.iter().map(move |share| (sheet, side_by_side(summary, sheet, share))))
        .collect();
    if all.is_empty() {
        return Ok(None);
    }
    let has_base = all.iter().any(|(_, one)| one.share.base.is_some());
    let mut placed = Vec::new();
    let name = words.sheet("shares");
    let mut pen = Pen::new(name, &mut placed)?;
    let mut keys = vec!["share", "unit", "numerator", "denominator", "value", "counted"];
    if has_base {
        keys.extend(["base-numerator", "base-denominator", "year-before", "base-counted"]);
    }
    let last_column = at(keys.len() - 1)?;
    for column in 0..=last_column {
        let pixels = match column {
            0 => NAME,
            1 => UNIT,
            _ => NUMBER,
        };
        pen.sheet.set_column_width_pixels(column, pixels)?;
    }
    let frame = Frame { last: last_column, width: NAME + UNIT + NUMBER * u32::from(last_column - 1) };
    let mut row = heading(&mut pen, summary, &frame, styles)?;
    let table = Block { ranges, words, styles };
    let header = row;
    table.head(&mut pen, "shares", row, &keys, all.len())?;
    let mut bars = Vec::new();
    for (sheet, one) in &all {
        row += 1;
        table.level(&mut pen, row, (summary, sheet, one))?;
        let cell = |column: ColNum| format!("'{}'!{}", name.replace('\'', "''"), address(row, column));
        if one.share.made != Made::Value && one.share.base.is_some() {
            let cached = |parts: &Option<Parts>| {
                let value = parts.as_ref().and_then(|parts| parts.value(one.share));
                value.map(|value| Cached::Number(ru::rounded(&value, one.share.rounding)))
            };
            let cells = [(cell(LEAD + 6), cached(&one.all.before)), (cell(LEAD + 2), cached(&one.all.now))];
            bars.push(Bar { name: one.share.name.clone(), unit: one.share.unit.clone(), cells });
        }
    }
    row += 2;
    let compared: Vec<&(&SummarySheet, Beside<'_>)> =
        all.iter().filter(|(_, one)| one.share.base.is_some() && one.share.made != Made::Value).collect();
    if !compared.is_empty() {
        pen.wide(row, (0, last_column), words.of("changes"), &styles.subtitle)?;
        row += 1;
        let keys = [
            "share",
            "unit",
            "numerator",
            "denominator",
            "base-numerator",
            "base-denominator",
            "change",
            "both-counted",
        ];
        table.head(&mut pen, "changes", row, &keys, compared.len())?;
        for (sheet, one) in compared {
            row += 1;
            table.change(&mut pen, row, (sheet, one))?;
        }
        row += 2;
    }
    let keys: &[&str] = if has_base {
        &["note-share", "note-change", "note-counted", "note-none"]
    } else {
        &["note-share", "note-counted", "note-none"]
    };
    let end = notes(&mut pen, row, keys, &frame, (words, styles))?;
    let foot = fill(words.of("page"), &[("page", "&P"), ("pages", "&N")]);
    let setup = Setup {
        last: (end, last_column),
        header: Some((header, header)),
        freeze: Some((header + 1, 1)),
        is_landscape: has_base,
        pages: 0,
    };
    pen.page(&summary.short_title(), summary.sample_mark.as_deref().unwrap_or_default(), &foot, &setup)?;
    let headings = ["year-before", "value"].map(|key| words.of(key).to_owned());
    Ok(Some((pen.sheet, Plot { title: words.of("all-together").to_owned(), headings, bars })))
}

struct Block<'a> {
    ranges: &'a Ranges,
    words: &'a Words,
    styles: &'a Styles,
}

/// A share as some cells have it.
struct Said<'s> {
    share: &'s Share,
    /// Sums above and below the line, as formulas.
    sums: [Option<String>; 2],
    count: String,
    parts: Option<Parts>,
    counted: usize,
}

impl Block<'_> {
    fn head(&self, pen: &mut Pen<'_>, name: &str, row: RowNum, keys: &[&str], rows: usize) -> Result<(), FormError> {
        let headings: Vec<&str> = keys.iter().map(|key| self.words.of(key)).collect();
        named_table(pen, name, (row, 0), &headings, rows, &self.styles.small_heading)?;
        let tallest = headings.iter().skip(1).map(|heading| height(heading, NUMBER, 9)).max().unwrap_or(0);
        pen.sheet.set_row_height_pixels(row, tallest.max(34))?;
        Ok(())
    }

    fn name(&self, pen: &mut Pen<'_>, row: RowNum, share: &Share, unit: &str) -> Result<(), FormError> {
        pen.text(row, 0, &share.name, &self.styles.small_text)?;
        pen.text(row, 1, unit, &self.styles.middle.clone().set_font_size(10))?;
        pen.sheet.set_row_height_pixels(row, height(&share.name, NAME, 10).max(22))?;
        Ok(())
    }

    fn none(&self) -> Cached {
        Cached::Text(self.words.of("none").to_owned())
    }

    fn counts(&self, value: Option<&Measure>) -> Format {
        let format = self.styles.number.clone();
        match value.is_none_or(|value| value.to_integer().is_some()) {
            true => format.set_num_format(COUNT_FORMAT),
            false => format,
        }
    }

    /// Numerator, denominator, value and how many they are of: of this year, and of the year before.
    fn level(
        &self,
        pen: &mut Pen<'_>,
        row: RowNum,
        (summary, sheet, one): (&Summary, &SummarySheet, &Beside<'_>),
    ) -> Result<(), FormError> {
        let share = one.share;
        self.name(pen, row, share, &share.unit)?;
        let now = match single(summary, sheet, &share.columns) {
            Some(single) => {
                let whole = self.ranges.single(&single)?;
                let sum = |columns: &[usize]| self.ranges.sum(single.sheet, columns, &whole);
                (sum(&single.columns.0)?, sum(&single.columns.1)?, format!("SUMPRODUCT({whole})"))
            }
            None => self.own(sheet, &share.columns)?,
        };
        let said = |(above, below, count): (String, String, String), parts: &Option<Parts>, counted| Said {
            share,
            sums: [Some(above), (share.made == Made::Parts).then_some(below)],
            count,
            parts: parts.clone(),
            counted,
        };
        self.four(pen, row, LEAD, &said(now, &one.all.now, one.counted.now))?;
        if let Some(base) = &share.base {
            let before = said(self.own(sheet, base)?, &one.all.before, one.counted.before);
            self.four(pen, row, LEAD + 4, &before)?;
        }
        Ok(())
    }

    /// Sums over respondents who gave all parts, and how many they are.
    fn own(&self, sheet: &SummarySheet, columns: &Columns) -> Result<(String, String, String), FormError> {
        let whole = self.ranges.whole(sheet, &[columns])?;
        let sum = |columns: &[usize]| self.ranges.sum(sheet, columns, &whole);
        Ok((sum(&columns.0)?, sum(&columns.1)?, format!("SUMPRODUCT({whole})")))
    }

    fn four(&self, pen: &mut Pen<'_>, row: RowNum, first: ColNum, said: &Said<'_>) -> Result<(), FormError> {
        let (share, none) = (said.share, quoted(self.words.of("none")));
        let [above, below, count] = [0, 1, 3].map(|offset| address(row, first + offset));
        let counted = Cached::Number(Measure::from(i64::try_from(said.counted).unwrap_or(i64::MAX)));
        pen.formula(row, first + 3, &format!("={}", said.count), &counted, &self.counts(None))?;
        // Values that are made of no parts do not come together.
        let adds_up = share.made != Made::Value;
        let parts = said.parts.as_ref().map(|parts| [&parts.numerator, &parts.denominator]);
        for (offset, sum) in (0..).zip(&said.sums) {
            let number = parts.and_then(|parts| parts.get(usize::from(offset)).copied());
            match sum.as_ref().filter(|_| adds_up) {
                Some(sum) => {
                    let result = number.map_or_else(|| self.none(), |number| Cached::Number(number.clone()));
                    let formula = format!("=IF({count}=0,{none},{sum})");
                    pen.formula(row, first + offset, &formula, &result, &self.counts(number))?;
                }
                None => pen.text(row, first + offset, self.words.of("none"), &self.styles.absent)?,
            }
        }
        let exact = said.parts.as_ref().filter(|_| adds_up).and_then(|parts| parts.value(share));
        let result = exact.map_or_else(|| self.none(), |value| Cached::Number(ru::rounded(&value, share.rounding)));
        let format = self.styles.number.clone().set_bold().set_num_format(number_format(share.rounding.digits, false)?);
        match share.made {
            Made::Value => pen.text(row, first + 2, self.words.of("none"), &self.styles.absent),
            Made::Number => {
                let formula = format!("=IF({count}=0,{none},{})", rounding_call(&above, share.rounding));
                pen.formula(row, first + 2, &formula, &result, &format)
            }
            Made::Parts => {
                let quotient = rounding_call(&format!("{}*{above}/{below}", share.scale), share.rounding);
                let formula = format!("=IF({count}=0,{none},IF({below}=0,{none},{quotient}))");
                pen.formula(row, first + 2, &formula, &result, &format)
            }
        }
    }

    /// This year less the last of those who gave both, as one fraction: rounded once.
    fn change(
        &self,
        pen: &mut Pen<'_>,
        row: RowNum,
        (sheet, one): (&SummarySheet, &Beside<'_>),
    ) -> Result<(), FormError> {
        let (share, none) = (one.share, quoted(self.words.of("none")));
        let Some(base) = &share.base else { return Ok(()) };
        let is_percent = share.unit == self.words.of("percent");
        self.name(pen, row, share, if is_percent { self.words.of("points") } else { &share.unit })?;
        let whole = self.ranges.whole(sheet, &[&share.columns, base])?;
        let count = address(row, LEAD + 5);
        let counted = Cached::Number(Measure::from(i64::try_from(one.counted.both).unwrap_or(i64::MAX)));
        pen.formula(row, LEAD + 5, &format!("=SUMPRODUCT({whole})"), &counted, &self.counts(None))?;
        let parts = one.all.both.as_ref();
        let numbers = [
            (&share.columns.0, parts.map(|(now, _)| &now.numerator)),
            (&share.columns.1, parts.map(|(now, _)| &now.denominator)),
            (&base.0, parts.map(|(_, before)| &before.numerator)),
            (&base.1, parts.map(|(_, before)| &before.denominator)),
        ];
        for (column, (columns, number)) in (LEAD..).zip(numbers) {
            if columns.is_empty() {
                pen.text(row, column, self.words.of("none"), &self.styles.absent)?;
                continue;
            }
            let result = number.map_or_else(|| self.none(), |number| Cached::Number(number.clone()));
            let formula = format!("=IF({count}=0,{none},{})", self.ranges.sum(sheet, columns, &whole)?);
            pen.formula(row, column, &formula, &result, &self.counts(number))?;
        }
        let [a, b, c, d] = [0, 1, 2, 3].map(|offset| address(row, LEAD + offset));
        let change = match share.made {
            Made::Parts => {
                let quotient = rounding_call(&format!("{}*({a}*{d}-{c}*{b})/({b}*{d})", share.scale), share.rounding);
                format!("IF(OR({b}=0,{d}=0),{none},{quotient})")
            }
            Made::Number | Made::Value => rounding_call(&format!("{a}-{c}"), share.rounding),
        };
        let result = one.all.change(share).map(|change| Cached::Number(ru::rounded(&change, share.rounding)));
        let format = self.styles.number.clone().set_bold().set_num_format(number_format(share.rounding.digits, true)?);
        let formula = format!("=IF({count}=0,{none},{change})");
        pen.formula(row, LEAD + 4, &formula, &result.unwrap_or_else(|| self.none()), &format)
    }
}
