//! ФИС ОКО «Распределение первичных баллов», and the flat table of scores that people keep.
//! In: percents of raw scores by school. Out: counts of marks, where a scale and the percents leave no doubt.
//! It must never know how percents become counts.
//!
//! The layout is known from a program that reads such tables, not from a real report.

use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::workbook::Sheet;

use super::grid::Header;
use super::marks::{self, GROUPS, PARTICIPANTS, Shares};
use super::rows::Work;
use super::{Reading, title};

/// Reads the report.
pub(super) fn distribution(reading: &mut Reading<'_>, headers: &[Header]) -> Option<Sheet> {
    let header = headers.iter().find(|header| {
        header.find(GROUPS).is_some() && header.find(PARTICIPANTS).is_some() && score_columns(header).is_some()
    })?;
    let columns = score_columns(header)?;
    let title = title::read(reading, header.row);
    let work = Work::of(&title, title.exam.unwrap_or("vpr"));
    reading.say_missing(&work);
    let shares = shares(reading, &columns, &work, &mut BTreeSet::new());
    Some(marks::report(reading, header, &work, &shares))
}

/// Reads a flat table of scores.
pub(super) fn flat(reading: &mut Reading<'_>, headers: &[Header]) -> Option<Sheet> {
    let (header, columns) =
        headers.iter().find_map(|header| Some((header, marks::Flat::of(header).and(score_columns(header))?)))?;
    let mut said = BTreeSet::new();
    marks::flat_rows(reading, header, &mut |reading, work| shares(reading, &columns, work, &mut said))
}

/// Returns the columns of the scores 0, 1, 2 … when they are the only ones headed by a number.
fn score_columns(header: &Header) -> Option<Vec<(u16, u32)>> {
    let numbers = header.numbers();
    let is_row = numbers.iter().zip(0..).all(|((_, score), expected)| *score == expected);
    (is_row && numbers.len() > 2).then_some(numbers)
}

/// Sorts the columns of scores by mark; a work without a scale is named once.
fn shares(
    reading: &mut Reading<'_>,
    columns: &[(u16, u32)],
    work: &Work,
    said: &mut BTreeSet<(String, u8, i32)>,
) -> Shares {
    let all = columns.iter().map(|(column, _)| *column).collect();
    let nothing = |columns: Vec<u16>| Shares { columns, marks: None };
    let (Some((discipline, _)), Some((grade, _)), Some((year, _))) = (&work.discipline, work.grade, work.year) else {
        return nothing(all);
    };
    let Some(scale) = reading.scales.scale(discipline, grade, year) else {
        if said.insert((discipline.clone(), grade, year)) {
            say_no_scale(reading, discipline, grade, year);
        }
        return nothing(all);
    };
    let mut marks: [Vec<u16>; 4] = Default::default();
    for (column, score) in columns {
        let slot = scale.mark(*score).and_then(|mark| usize::try_from(mark).ok()).and_then(|mark| mark.checked_sub(2));
        match slot.and_then(|slot| marks.get_mut(slot)) {
            Some(columns) => columns.push(*column),
            None => return nothing(all),
        }
    }
    Shares { columns: all, marks: Some(marks) }
}

/// Says that a work has no scale.
pub(super) fn say_no_scale(reading: &mut Reading<'_>, discipline: &str, grade: u8, year: i32) {
    let finding = Diagnostic::error("export-no-scale", reading.here())
        .with("discipline", discipline)
        .with("grade", grade.to_string())
        .with("year", year.to_string());
    reading.say(finding);
}
