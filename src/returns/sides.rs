//! Shares of respondents beside each other, and the share of all: always of the sums, never a mean of shares.
//! In: a summary. Out: parts of each share, of those who gave all of them. It must never know how a share is printed.

use super::{Cell, Share, Summary, SummarySheet};
use crate::indicators::Made;
use crate::measure::Measure;

/// Columns of a share: above the line and below it.
pub type Columns = (Vec<usize>, Vec<usize>);

/// What a share is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parts {
    /// Above the line.
    pub numerator: Measure,
    /// Below the line.
    pub denominator: Measure,
}

impl Parts {
    /// The value; `None` where there is nothing to divide by.
    pub fn value(&self, share: &Share) -> Option<Measure> {
        match share.made {
            Made::Parts => (&self.numerator * &share.scale).checked_div(&self.denominator),
            Made::Number | Made::Value => Some(self.numerator.clone()),
        }
    }
}

/// A share of one respondent, or of all.
#[derive(Clone, PartialEq, Debug)]
pub struct Side {
    /// Name of the respondent; of all, empty.
    pub name: String,
    /// Its parts; `None` where a part was not given.
    pub now: Option<Parts>,
    /// Those of the year before.
    pub before: Option<Parts>,
    /// Those of both years, of whoever gave both: this year and the year before.
    pub both: Option<(Parts, Parts)>,
    /// The plan.
    pub target: Option<Measure>,
}

impl Side {
    /// This year less the last, exactly; `None` where there is nothing to compare or to divide by.
    pub fn change(&self, share: &Share) -> Option<Measure> {
        let (now, before) = self.both.as_ref()?;
        Some(&now.value(share)? - &before.value(share)?)
    }
}

/// How many rows a share of all is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counted {
    /// Rows of this year: of respondents, or the single rows behind them.
    pub now: usize,
    /// Respondents of the year before.
    pub before: usize,
    /// Respondents of both years.
    pub both: usize,
}

/// A share with everybody's.
#[derive(Clone, PartialEq, Debug)]
pub struct Beside<'a> {
    /// The share.
    pub share: &'a Share,
    /// The respondents in order.
    pub each: Vec<Side>,
    /// Of all together who gave every part.
    pub all: Side,
    /// How many these are.
    pub counted: Counted,
}

/// The single rows behind the sums of a share.
#[derive(Clone, PartialEq, Debug)]
pub struct Single<'a> {
    /// Their sheet.
    pub sheet: &'a SummarySheet,
    /// Its column of keys.
    pub keys: usize,
    /// The key of the share.
    pub key: &'a str,
    /// Its columns of numbers.
    pub columns: Columns,
}

/// A part of a pair that a respondent gave alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Half<'a> {
    /// Code of the respondent.
    pub respondent: &'a str,
    /// Id of the table.
    pub table: &'a str,
    /// Row and column of the form.
    pub at: &'a (String, String),
    /// Name of the share.
    pub share: &'a str,
}

fn number(cells: &[Cell], column: usize) -> Option<Measure> {
    match cells.get(column) {
        Some(Cell::Number(number)) => Some(number.clone()),
        _ => None,
    }
}

/// The parts of a row; `None` unless all of them are there.
fn of_row(cells: &[Cell], (above, below): &Columns) -> Option<Parts> {
    let sum = |columns: &[usize]| columns.iter().map(|column| number(cells, *column)).sum::<Option<Measure>>();
    Some(Parts { numerator: sum(above)?, denominator: sum(below)? })
}

/// The sum of parts and how many they are; `None` of none.
fn together(parts: &[Parts]) -> (Option<Parts>, usize) {
    let count = parts.len();
    let numerator = parts.iter().map(|one| one.numerator.clone()).sum();
    let denominator = parts.iter().map(|one| one.denominator.clone()).sum();
    ((count > 0).then_some(Parts { numerator, denominator }), count)
}

/// The single rows behind the columns of a share; `None` where its own rows are added.
pub fn single<'a>(summary: &'a Summary, sheet: &'a SummarySheet, (above, below): &Columns) -> Option<Single<'a>> {
    let of = |columns: &[usize]| columns.iter().map(|column| sheet.totals.get(column)).collect::<Option<Vec<_>>>();
    let (above, below) = (of(above)?, of(below)?);
    let first = *above.first()?;
    let other = summary.sheets.iter().find(|other| other.name == first.sheet)?;
    let values = |of: &[&super::TotalOf]| of.iter().map(|total| total.values).collect();
    Some(Single { sheet: other, keys: first.keys, key: &first.key, columns: (values(&above), values(&below)) })
}

impl Single<'_> {
    /// Those of the rows that name the key and give all parts. A spreadsheet does not tell great letters from small ones.
    fn parts(&self) -> Vec<Parts> {
        let key = self.key.to_lowercase();
        let is_own =
            |cells: &&Vec<Cell>| matches!(cells.get(self.keys), Some(Cell::Text(text)) if text.to_lowercase() == key);
        self.sheet.rows.iter().filter(is_own).filter_map(|cells| of_row(cells, &self.columns)).collect()
    }
}

/// Lays a share of a sheet out.
pub fn side_by_side<'a>(summary: &'a Summary, sheet: &'a SummarySheet, share: &'a Share) -> Beside<'a> {
    let each = sheet.rows.iter().map(|cells| {
        let now = of_row(cells, &share.columns);
        let before = share.base.as_ref().and_then(|base| of_row(cells, base));
        Side {
            name: match cells.get(1) {
                Some(Cell::Text(name)) => name.clone(),
                _ => String::new(),
            },
            both: now.clone().zip(before.clone()),
            now,
            before,
            target: share.target.and_then(|column| number(cells, column)),
        }
    });
    let each: Vec<Side> = each.collect();
    // Values that are made of no parts give none of all; how many gave one is told all the same.
    let adds_up = share.made != Made::Value;
    let (now, of_now) = together(&match single(summary, sheet, &share.columns) {
        Some(single) => single.parts(),
        None => each.iter().filter_map(|side| side.now.clone()).collect(),
    });
    let (before, of_before) = together(&each.iter().filter_map(|side| side.before.clone()).collect::<Vec<_>>());
    let pairs: Vec<&(Parts, Parts)> = each.iter().filter_map(|side| side.both.as_ref()).collect();
    let (of_both, both_now) = (pairs.len(), together(&pairs.iter().map(|(now, _)| now.clone()).collect::<Vec<_>>()).0);
    let both = both_now.zip(together(&pairs.iter().map(|(_, before)| before.clone()).collect::<Vec<_>>()).0);
    let all = Side {
        name: String::new(),
        now: now.filter(|_| adds_up),
        before: before.filter(|_| adds_up),
        both: both.filter(|_| adds_up),
        target: None,
    };
    Beside { share, each, all, counted: Counted { now: of_now, before: of_before, both: of_both } }
}

/// Lays the shares of a summary out.
pub fn beside(summary: &Summary) -> Vec<Beside<'_>> {
    let shares = summary.sheets.iter().flat_map(|sheet| sheet.shares.iter().map(move |share| (sheet, share)));
    shares.map(|(sheet, share)| side_by_side(summary, sheet, share)).collect()
}

/// What was given without the rest of its share: such a respondent is in no sum of the share, and is to hear of it.
pub fn halves(sheets: &[SummarySheet]) -> Vec<Half<'_>> {
    let mut found = Vec::new();
    for (sheet, share) in sheets.iter().flat_map(|sheet| sheet.shares.iter().map(move |share| (sheet, share))) {
        for columns in [Some(&share.columns), share.base.as_ref()].into_iter().flatten() {
            for cells in sheet.rows.iter().filter(|cells| of_row(cells, columns).is_none()) {
                let mut given = columns.0.iter().chain(&columns.1).filter(|column| number(cells, **column).is_some());
                let at = given.next().and_then(|column| sheet.asks.get(*column)?.as_ref());
                let (Some(at), Some(Cell::Text(respondent))) = (at, cells.first()) else { continue };
                found.push(Half { respondent, table: &sheet.table, at, share: &share.name });
            }
        }
    }
    found
}
