//! Shares of respondents beside each other, and the share of all: always of the sums, never a mean of shares.
//! In: a summary. Out: parts of each share. It must never know how a share is printed.

use super::{Cell, Share, Summary};
use crate::indicators::Made;
use crate::measure::Measure;

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
    /// The plan.
    pub target: Option<Measure>,
}

/// A share with everybody's.
#[derive(Clone, PartialEq, Debug)]
pub struct Beside<'a> {
    /// The share.
    pub share: &'a Share,
    /// The respondents in order.
    pub each: Vec<Side>,
    /// Of all together.
    pub all: Side,
}

/// Lays the shares of a summary out.
pub fn beside(summary: &Summary) -> Vec<Beside<'_>> {
    let sheets = summary.sheets.iter();
    let shares = sheets.flat_map(|sheet| sheet.shares.iter().map(move |share| (sheet, share)));
    let one = |(sheet, share): (&super::SummarySheet, &'_ Share)| {
        let number = |cells: &[Cell], column: usize| match cells.get(column) {
            Some(Cell::Number(number)) => Some(number.clone()),
            _ => None,
        };
        let of_row = |cells: &[Cell], (above, below): &(Vec<usize>, Vec<usize>)| {
            let sum = |columns: &[usize]| columns.iter().map(|column| number(cells, *column)).sum::<Option<Measure>>();
            Some(Parts { numerator: sum(above)?, denominator: sum(below)? })
        };
        let of_all = |(above, below): &(Vec<usize>, Vec<usize>)| {
            let sum = |columns: &[usize]| columns.iter().map(|column| summary.sum(sheet, *column)).sum::<Measure>();
            Parts { numerator: sum(above), denominator: sum(below) }
        };
        let each = sheet.rows.iter().map(|cells| Side {
            name: match cells.get(1) {
                Some(Cell::Text(name)) => name.clone(),
                _ => String::new(),
            },
            now: of_row(cells, &share.columns),
            before: share.base.as_ref().and_then(|base| of_row(cells, base)),
            target: share.target.and_then(|column| number(cells, column)),
        });
        let all = Side {
            name: String::new(),
            // Values that are made of no parts give none of all.
            now: (share.made != Made::Value).then(|| of_all(&share.columns)),
            before: share.base.as_ref().filter(|_| share.made != Made::Value).map(of_all),
            target: None,
        };
        (each.collect::<Vec<_>>(), all)
    };
    let found = shares.map(|(sheet, share)| {
        let (each, all) = one((sheet, share));
        Beside { share, each, all }
    });
    found.collect()
}
