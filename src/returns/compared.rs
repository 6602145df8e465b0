//! What a summary says of the year before: the numbers that the blanks brought along, beside those that came back.
//! In: the laid-out table and its blanks. Out: columns behind its own, and pairs to be compared.

use std::collections::BTreeMap;

use super::Judged;
use super::merge::{Cell, Share, Sheet};
use crate::blank::{Blank, Content, Kind, Source, Table, TableSpec};
use crate::figure::{Rounding, RoundingMode};
use crate::indicators::Made;
use crate::measure::Measure;

/// Puts what the blanks said of the year before behind the columns of a table that asks for one number a row; gives the
/// column of each row that has one, where its numbers add up.
pub(super) fn year_before(
    out: &mut Sheet,
    table: &TableSpec,
    returns: &[(&Blank, &Judged)],
    items: &[(String, String)],
) -> BTreeMap<String, usize> {
    let mut placed = BTreeMap::new();
    let Some(column) = table.columns.iter().find(|column| column.from == Some(Source::Previous)) else { return placed };
    if out.headings.len() != items.len() + 2 {
        return placed;
    }
    let answered: Vec<&Blank> =
        returns.iter().filter(|(_, judged)| judged.tables.contains_key(&table.id)).map(|(blank, _)| *blank).collect();
    for ((id, text), at) in items.iter().zip(2..) {
        let said = |blank: &&Blank| match blank.table(&table.id).and_then(|own| own.content(id, &column.key)) {
            Some(Content::Number(number)) => Cell::Number(number.clone()),
            _ => Cell::Blank,
        };
        let cells: Vec<Cell> = answered.iter().map(said).collect();
        let Some(total) = out.under.get(at).copied().filter(|total| total.is_number()) else { continue };
        if !cells.iter().any(|cell| matches!(cell, Cell::Number(_))) {
            continue;
        }
        placed.insert(id.clone(), out.headings.len());
        out.headings.push(format!("{text}: {}", column.heading));
        out.under.push(total);
        out.asks.push(None);
        for (row, cell) in out.rows.iter_mut().zip(cells) {
            row.push(cell);
        }
    }
    placed
}

/// A row of a form beside what it was a year before: the sum of both, and the difference.
pub(super) fn compared(
    (spec, table): (&TableSpec, &Table),
    (id, name): (&str, &str),
    column: usize,
    base: usize,
) -> Share {
    let is_count = table.row(id).is_some_and(|row| {
        let open = table.columns.iter().find(|column| column.is_open);
        open.is_some_and(|column| column.of(Some(row)).kind == Kind::Count)
    });
    let unit = spec.columns.iter().find(|column| column.from == Some(Source::Unit));
    Share {
        name: name.to_owned(),
        unit: unit.and_then(|unit| table.content(id, &unit.key)).map(Content::text).unwrap_or_default(),
        numerator: vec![id.to_owned()],
        denominator: Vec::new(),
        made: Made::Number,
        scale: Measure::from(1_i64),
        rounding: Rounding { mode: RoundingMode::default(), digits: if is_count { 0 } else { 2 } },
        columns: (vec![column], Vec::new()),
        base: Some((vec![base], Vec::new())),
        target: None,
    }
}
