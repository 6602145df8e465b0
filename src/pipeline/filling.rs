//! Somebody else's blank, filled in with the municipality's figures.
//! In: a municipality, a workbook, a mapping. Out: the filled workbook in the folder of forms; every cell that could not be
//! filled in, with the reason. It must never know how a workbook is written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::exchange::{Exchanged, Forms, open, safe};
use super::{Request, first_reason};
use crate::diag::{Diagnostic, Diagnostics, Messages, Place};
use crate::exports;
use crate::fill::{self, Area, At, MapColumn, Mapping, Refusal, RowsOf, Value, What, column_of};
use crate::indicators::{Contribution, Definition, Evaluation, IndicatorResult};
use crate::measure::Measure;
use crate::model::{Known, SchoolCode, Year};
use crate::output::Produced;
use crate::ru;
use crate::source::{self, Municipality, SourceFile};
use crate::workbook::{self, CellValue, Reading, Sheet};

/// Rows above an area in which its headings are looked for.
const HEADINGS: u32 = 20;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Filling {
    /// The blank.
    pub blank: PathBuf,
    /// The mapping.
    pub map: PathBuf,
}

/// Fills a blank in.
pub fn fill_in(municipality: &Municipality, request: &Request, how: &Filling, messages: &Messages) -> Exchanged {
    let mut out = Exchanged { municipality: municipality.id.clone(), ..Exchanged::default() };
    let mut diagnostics = Diagnostics::default();
    let to_read = Request { only: BTreeSet::new(), ..request.clone() };
    if let Some(produced) = make(municipality, &to_read, how, messages, &mut diagnostics) {
        let (forms, produced) = produced;
        out.produced = forms.commit(request, (vec![produced], &BTreeSet::new()), messages, &mut diagnostics);
    }
    out.diagnostics = diagnostics;
    out
}

fn make(
    municipality: &Municipality,
    request: &Request,
    how: &Filling,
    messages: &Messages,
    diagnostics: &mut Diagnostics,
) -> Option<(Forms, Produced)> {
    let file = |path: &PathBuf, diagnostics: &mut Diagnostics| {
        source::file(path).map_err(|finding| diagnostics.push(finding)).ok()
    };
    let (blank, map) = (file(&how.blank, diagnostics)?, file(&how.map, diagnostics)?);
    let text = String::from_utf8_lossy(&map.bytes).into_owned();
    let mapping = match Mapping::parse(&text) {
        Ok(mapping) => mapping,
        Err(reason) => {
            let place = Place::Line { file: map.path, line: reason.line.unwrap_or(1) };
            diagnostics.push(Diagnostic::error("fill-bad-map", place).because(reason));
            return None;
        }
    };
    let reading = Reading { reader: &request.reader, workers: 1, cache: None };
    let (books, _) = workbook::read_all(std::slice::from_ref(&blank), reading, diagnostics);
    let (_, book) = books.into_iter().next()?;
    let mut forms = open(municipality, request, messages, diagnostics)?;
    let mut values: BTreeMap<String, BTreeMap<At, Value>> = BTreeMap::new();
    for area in &mapping.areas {
        let sheet = match &area.sheet {
            Some(name) => book.sheets.iter().find(|sheet| exports::folded(&sheet.name) == exports::folded(name)),
            None => book.sheets.first(),
        };
        let Some(sheet) = sheet else {
            let place = Place::File { file: blank.path.clone() };
            let name = area.sheet.clone().unwrap_or_default();
            diagnostics.push(Diagnostic::error("fill-no-sheet", place).with("sheet", name));
            continue;
        };
        let filling = Block { file: &blank, sheet, area, messages };
        values.entry(sheet.name.clone()).or_default().extend(filling.values(&mut forms, diagnostics));
    }
    let filled = match fill::fill(&blank.bytes, &values) {
        Ok(filled) => filled,
        Err(reason) => {
            let place = Place::File { file: blank.path.clone() };
            diagnostics.push(Diagnostic::error("fill-odd", place).because(reason));
            return None;
        }
    };
    for (sheet, (row, column), why) in filled.refused {
        let place = Place::Cell { file: blank.path.clone(), sheet, row, column };
        diagnostics.push(match why {
            Refusal::Formula => Diagnostic::warning("fill-formula", place),
            Refusal::Covered => Diagnostic::warning("fill-covered", place),
        });
    }
    let name = blank.path.rsplit('/').next().unwrap_or(&blank.path).to_owned();
    let path = format!("{}/{name}", safe(forms.words.of("filled")));
    let key = source::hash(&filled.bytes);
    Some((
        forms,
        Produced { document: format!("filled-{name}"), path, key, bytes: filled.bytes, ..Produced::default() },
    ))
}

/// What names a row of an area.
enum Named {
    Indicator(usize),
    School(SchoolCode),
}

struct Block<'a> {
    file: &'a SourceFile,
    sheet: &'a Sheet,
    area: &'a Area,
    messages: &'a Messages,
}

impl Block<'_> {
    fn place(&self, at: At) -> Place {
        Place::Cell { file: self.file.path.clone(), sheet: self.sheet.name.clone(), row: at.0, column: at.1 }
    }

    fn values(&self, forms: &mut Forms, diagnostics: &mut Diagnostics) -> BTreeMap<At, Value> {
        let mut values = BTreeMap::new();
        let Some(names) = column_of(&self.area.names) else { return values };
        let columns: Vec<(u16, &MapColumn)> =
            self.area.columns.iter().filter_map(|column| Some((self.column(column, diagnostics)?, column))).collect();
        let first = self.area.first - 1;
        let last = self.area.last.map_or(u32::MAX, |last| last - 1);
        for (row, cells) in self.sheet.rows.range(first..=last) {
            let Some(CellValue::Text(name)) = cells.get(&names) else { continue };
            let Some(named) = self.named(name, forms) else {
                let finding = Diagnostic::warning("fill-row-unknown", self.place((*row, names)));
                diagnostics.push(finding);
                continue;
            };
            for (column, map) in &columns {
                let at = (*row, *column);
                match value(&named, map, forms) {
                    Ok(Some(value)) => {
                        values.insert(at, value);
                    }
                    Ok(None) => {
                        diagnostics.push(Diagnostic::note("fill-no-value", self.place(at)));
                    }
                    Err(gap) => {
                        let why = first_reason(&gap, diagnostics, self.messages);
                        diagnostics.push(Diagnostic::warning("fill-gap", self.place(at)).with("why", why));
                    }
                }
            }
        }
        values
    }

    /// Finds a column by its letters or its heading.
    fn column(&self, map: &MapColumn, diagnostics: &mut Diagnostics) -> Option<u16> {
        if let Some(letters) = &map.column {
            return column_of(letters);
        }
        let heading = exports::folded(map.heading.as_deref().unwrap_or_default());
        let from = self.area.first.saturating_sub(1 + HEADINGS);
        // The nearest heading above the rows is the one; two alike beside each other are none.
        let is_it = |value: &CellValue| matches!(value, CellValue::Text(text) if exports::folded(text) == heading);
        let mut rows = self.sheet.rows.range(from..self.area.first - 1).rev().map(|(row, cells)| {
            let alike = cells.iter().filter(|(_, value)| is_it(value)).map(|(column, _)| *column);
            (*row, alike.collect::<Vec<u16>>())
        });
        let name = map.heading.clone().unwrap_or_default();
        match rows.find(|(_, alike)| !alike.is_empty()) {
            Some((_, alike)) if alike.len() == 1 => alike.first().copied(),
            Some((row, alike)) => {
                for column in alike {
                    let finding = Diagnostic::error("fill-heading-twice", self.place((row, column)));
                    diagnostics.push(finding.with("heading", &name));
                }
                None
            }
            None => {
                let place = Place::Sheet { file: self.file.path.clone(), sheet: self.sheet.name.clone() };
                diagnostics.push(Diagnostic::error("fill-no-column", place).with("heading", name));
                None
            }
        }
    }

    /// What a row is about, by the name that the blank gives it.
    fn named(&self, name: &str, forms: &Forms) -> Option<Named> {
        let folded = exports::folded(name);
        let called = self.area.called.iter().find(|(known, _)| exports::folded(known) == folded);
        let code = called.map_or(name.trim(), |(_, code)| code.as_str());
        let is = |text: &str| exports::folded(text) == folded || text == code;
        match self.area.rows {
            RowsOf::Indicators => {
                let mut known = forms.prepared.indicators.iter();
                known.position(|one| is(&one.definition.name) || is(&one.definition.code)).map(Named::Indicator)
            }
            RowsOf::Schools => {
                let mut schools = forms.prepared.data.schools.values();
                let school = schools.find(|one| is(&one.code.0) || is(&one.short.value) || is(&one.full.value))?;
                Some(Named::School(school.code.clone()))
            }
        }
    }
}

/// The value of a cell. `Ok(None)` where there is none to give.
fn value(named: &Named, map: &MapColumn, forms: &Forms) -> Known<Option<Value>> {
    let prepared = &forms.prepared;
    let (result, school) = match named {
        Named::Indicator(index) => (prepared.indicators.get(*index), None),
        Named::School(code) => {
            if map.value == What::FullName {
                let school = prepared.data.schools.get(code);
                return Ok(school.map(|school| Value::Text(school.full.value.clone())));
            }
            let code_of = map.indicator.as_deref();
            (prepared.indicators.iter().find(|one| Some(one.definition.code.as_str()) == code_of), Some(code))
        }
    };
    let Some(result) = result else { return Ok(None) };
    let (year, before) = (prepared.year, Year(prepared.year.0 - 1));
    let number = |found: Option<Measure>| Ok(found.map(Value::Number));
    let of = |year: Year, what: What| part(result, school, year, what, forms);
    match map.value {
        What::Value | What::Numerator | What::Denominator => number(of(year, map.value)?),
        What::Previous => number(of(before, What::Value)?),
        What::PreviousNumerator => number(of(before, What::Numerator)?),
        What::PreviousDenominator => number(of(before, What::Denominator)?),
        What::Change => {
            let (now, then) = (of(year, What::Value)?, of(before, What::Value)?);
            number(now.zip(then).map(|(now, then)| &now - &then))
        }
        What::Target => {
            let code = &result.definition.code;
            let is_own = |one: &&crate::indicators::TargetVerdict| {
                one.code == *code && one.years.0 <= year && year <= one.years.1
            };
            let target = prepared.targets.iter().find(is_own).and_then(|one| one.target.as_ref());
            number(target.map(|target| target.value.clone()))
        }
        What::Unit => Ok(Some(Value::Text(result.definition.unit_name.clone()))),
        What::FullName => Ok(None),
    }
}

/// The value of an indicator in a year, or one of its parts; of one school or of all.
fn part(
    result: &IndicatorResult,
    school: Option<&SchoolCode>,
    year: Year,
    what: What,
    forms: &Forms,
) -> Known<Option<Measure>> {
    let evaluation: &Evaluation = match result.years.get(&year) {
        Some(Ok(evaluation)) => evaluation,
        Some(Err(gap)) => return Err(gap.clone()),
        None => return Ok(None),
    };
    let Some(code) = school else {
        return Ok(match what {
            What::Numerator => Some(evaluation.numerator.value.clone()),
            What::Denominator => evaluation.denominator.as_ref().map(|whole| whole.value.clone()),
            _ => evaluation.figure.as_ref().map(|figure| ru::rounded(&figure.value, figure.rounding)),
        });
    };
    let Some(own) = evaluation.contributions.get(code) else { return Ok(None) };
    Ok(match what {
        What::Numerator => Some(own.numerator.value.clone()),
        What::Denominator => own.denominator.as_ref().map(|whole| whole.value.clone()),
        _ => quotient(&result.definition, own, forms),
    })
}

/// The value of a school, rounded as the municipality's.
fn quotient(definition: &Definition, own: &Contribution, forms: &Forms) -> Option<Measure> {
    let mut rounding = forms.prepared.settings.rounding.of(definition.unit);
    rounding.digits = definition.digits.unwrap_or(rounding.digits);
    let scale = Measure::parse_decimal(&definition.scale)?;
    let value = match &own.denominator {
        Some(whole) => (&own.numerator.value * &scale).checked_div(&whole.value)?,
        None => own.numerator.value.clone(),
    };
    Some(ru::rounded(&value, rounding))
}
