//! A value as a person wrote it.
//! In: a cell and the column that it answers. Out: the value, or why it is none. It must never know other cells.

use super::Value;
use crate::blank::{Column, Kind, Words};
use crate::exports;
use crate::measure::Measure;
use crate::ru;
use crate::workbook::CellValue;

/// Letters of a wrong value that a finding quotes.
const QUOTED: usize = 40;
/// The greatest count that is taken for one: no municipality has more of anything.
const MOST_COUNTED: i64 = 1_000_000;
/// The greatest number.
const MOST: i64 = 1_000_000_000;
/// What the reader says of a formula whose result was not saved.
const UNRECKONED: &str = "formula-without-value";
/// Codes that a finding names as near to one that is not known.
const NEAR: usize = 3;

/// What a cell is asked for.
pub(super) struct Asked<'a> {
    pub(super) column: &'a Column,
    /// A number shown as per cent is what is asked for.
    pub(super) takes_share: bool,
    pub(super) words: &'a Words,
}

/// Why what stands in a cell is no value of its column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Refusal {
    /// It is something else; with what may be written instead, where that is a list.
    Unfit(String),
    /// The format of the cell leaves two readings; the key of its word.
    Format(&'static str),
    /// No register has the code; those that are near to it.
    Unknown(String),
    /// It is such a number, but beyond the least and the greatest that may be.
    Beyond(i64, i64),
    /// A formula whose result was not saved.
    NoResult,
}

/// What stands in a cell, short and in one line.
pub fn quoted(value: &CellValue, words: &Words) -> String {
    let text = match value {
        CellValue::Fraction(_) => {
            exports::number_of(value).map_or_else(String::new, |number| format!("{} %", ru::typed(&number)))
        }
        CellValue::Bool(true) => words.of("true").to_owned(),
        CellValue::Bool(false) => words.of("false").to_owned(),
        CellValue::Broken(text) if text.starts_with('#') => text.to_string(),
        CellValue::Broken(_) => words.of("unread").to_owned(),
        CellValue::Text(_) | CellValue::Number(_) | CellValue::Date(..) => exports::text_of(value).unwrap_or_default(),
    };
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let text = text.chars().map(plain).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
    match text.chars().nth(QUOTED) {
        Some(_) => text.chars().take(QUOTED).chain(['…']).collect(),
        None => text,
    }
}

/// A value as a message shows it.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Number(number) => ru::typed(number),
        Value::Date(year, month, day) => format!("{day:02}.{month:02}.{year}"),
    }
}

/// Finds what was written among words; the flag says that it is spelled otherwise.
pub(super) fn found<'w>(
    words: impl Iterator<Item = &'w str> + Clone,
    written: &str,
    key: fn(&str) -> String,
) -> Option<(&'w str, bool)> {
    if let Some(word) = words.clone().find(|word| *word == written) {
        return Some((word, false));
    }
    let folded = key(written);
    let mut alike = words.filter(|word| key(word) == folded);
    alike.next().filter(|_| alike.next().is_none()).map(|word| (word, true))
}

/// The codes that are nearest to one that nobody knows.
fn nearest(codes: &[String], written: &str) -> String {
    let wanted = exports::code_key(written);
    let mut near: Vec<(usize, &str)> =
        codes.iter().map(|code| (ru::distance(&exports::code_key(code), &wanted), code.as_str())).collect();
    near.sort_unstable();
    near.into_iter().take(NEAR).map(|(_, code)| code).collect::<Vec<_>>().join(", ")
}

/// Reads a value; the flag says that it was not written as asked.
pub(super) fn read(asked: &Asked<'_>, value: &CellValue) -> Result<(Value, bool), Refusal> {
    let Asked { column, words, .. } = asked;
    let unfit = || Refusal::Unfit(String::new());
    let is_text = matches!(value, CellValue::Text(_));
    if matches!(value, CellValue::Broken(why) if why.as_str() == UNRECKONED) {
        return Err(Refusal::NoResult);
    }
    let number = |least: i64, most: i64, is_whole: bool| {
        // A number under the format of per cents was typed before it, and is itself, or after it, and is a hundred times as
        // much as what is kept: nothing tells which. The same of a date.
        match value {
            CellValue::Fraction(_) if !asked.takes_share => return Err(Refusal::Format("format-percent")),
            CellValue::Date(..) => return Err(Refusal::Format("format-date")),
            // Per cents are no persons.
            CellValue::Text(text) if text.contains('%') && !asked.takes_share => return Err(unfit()),
            _ => {}
        }
        let number = exports::number_of(value).ok_or_else(unfit)?;
        let fits = number >= Measure::from(least) && number <= Measure::from(most);
        let is_whole = !is_whole || number.to_integer().is_some();
        let is_odd = is_text || matches!(value, CellValue::Fraction(_));
        if fits && is_whole { Ok((Value::Number(number), is_odd)) } else { Err(unfit()) }
    };
    // What is refused for its greatness alone is told how great it may be.
    let bounded = |(least, floor): (i64, i64), most: i64, is_whole: bool| match number(least, most, is_whole) {
        Err(Refusal::Unfit(_)) if column.most.is_none() && number(floor, i64::MAX, is_whole).is_ok() => {
            Err(Refusal::Beyond(least, most))
        }
        read => read,
    };
    match &column.kind {
        Kind::Text if !column.suggested.is_empty() => {
            let written = exports::text_of(value).ok_or_else(unfit)?;
            let codes = column.suggested.iter().map(String::as_str);
            found(codes, &written, exports::code_key)
                .map(|(code, is_odd)| (Value::Text(code.to_owned()), is_odd))
                .ok_or_else(|| Refusal::Unknown(nearest(&column.suggested, &written)))
        }
        Kind::Text => exports::text_of(value).map(|text| (Value::Text(text), false)).ok_or_else(unfit),
        Kind::Count => bounded((0, 0), column.most.map_or(MOST_COUNTED, i64::from), true),
        Kind::Number => bounded((-MOST, i64::MIN), MOST, false),
        Kind::Amount => bounded((0, 0), column.most.map_or(MOST, i64::from), false),
        Kind::Flag => {
            let written = exports::text_of(value).map(|text| exports::folded(&text)).unwrap_or_default();
            let is = |key: &str| is_text && exports::folded(words.of(key)) == written;
            match (is("yes"), is("no")) {
                (true, _) => Ok((Value::Number(Measure::from(1_i64)), true)),
                (_, true) => Ok((Value::Number(Measure::from(0_i64)), true)),
                _ => number(0, 1, true),
            }
        }
        Kind::Percent => number(0, 100, false),
        Kind::Year => number(1900, 2100, true),
        Kind::Date => match value {
            CellValue::Date(year, month, day) => Ok((Value::Date(*year, *month, *day), false)),
            CellValue::Text(text) => {
                let date = ru::Date::parse(text.trim()).ok_or_else(unfit)?;
                let year = u16::try_from(date.year).map_err(|_| unfit())?;
                Ok((Value::Date(year, date.month, date.day), true))
            }
            _ => Err(unfit()),
        },
        Kind::Choice(words) => {
            let written = exports::text_of(value).unwrap_or_default();
            found(words.iter().map(String::as_str), &written, exports::folded)
                .map(|(word, is_odd)| (Value::Text(word.to_owned()), is_odd))
                .ok_or_else(|| Refusal::Unfit(words.join("; ")))
        }
    }
}
