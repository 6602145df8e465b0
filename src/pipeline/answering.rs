//! A region's form answered: its blank with the figures of the municipality's own run, and a list of where each comes from.
//! In: a municipality and a blank that came to it. Out: the filled workbook; every row and cell that could not be answered,
//! with the reason. It must never know how a workbook is written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::exchange::{Exchanged, Forms, open, safe};
use super::{Request, first_reason};
use crate::blank::{self, BlankSpec, Detail, MARK, REASON, RespondentKind, Rows};
use crate::diag::{Diagnostic, Diagnostics, Messages, Place, Severity};
use crate::exports;
use crate::figure::Figure;
use crate::fill::{self, At, Value};
use crate::form;
use crate::indicators::{Definition, Evaluation, IndicatorResult, Made};
use crate::measure::Measure;
use crate::model::{Known, Operand, Year};
use crate::output::Produced;
use crate::provenance::{NodeId, column_letters};
use crate::returns::{
    self, BASE_DENOMINATOR, BASE_NUMERATOR, BASE_VALUE, DENOMINATOR, NUMERATOR, Returned, ReturnedRow, TARGET, VALUE,
};
use crate::ru;
use crate::source::{self, Municipality, SourceFile};
use crate::workbook::{self, CellValue, Reading};

/// The column of a school's name beside its code.
const NAME: &str = "name";
/// The columns of what is asked and its unit.
const TEXT: &str = "text";
const UNIT: &str = "unit";

/// Answers a blank.
pub fn answer(municipality: &Municipality, request: &Request, came: &Path, messages: &Messages) -> Exchanged {
    let mut out = Exchanged { municipality: municipality.id.clone(), ..Exchanged::default() };
    let mut diagnostics = Diagnostics::default();
    let to_read = Request { only: BTreeSet::new(), ..request.clone() };
    if let Some((forms, produced)) = make(municipality, &to_read, came, messages, &mut diagnostics) {
        out.produced = forms.commit(request, (produced, &BTreeSet::new()), messages, &mut diagnostics);
    }
    out.diagnostics = diagnostics;
    out
}

fn make(
    municipality: &Municipality,
    request: &Request,
    came: &Path,
    messages: &Messages,
    diagnostics: &mut Diagnostics,
) -> Option<(Forms, Vec<Produced>)> {
    let file = source::file(came).map_err(|finding| diagnostics.push(finding)).ok()?;
    let reading = Reading { reader: &request.reader, workers: 1, cache: None };
    let mut found = Diagnostics::default();
    let (books, _) = workbook::read_all(std::slice::from_ref(&file), reading, &mut found);
    // Hidden sheets and rows are the form's own.
    for finding in found.iter().filter(|finding| finding.severity != Severity::Note) {
        diagnostics.push(finding.clone());
    }
    let tables = books.first().map(|(_, book)| returns::read(book)).unwrap_or_default();
    let whole = || Place::File { file: file.path.clone() };
    let Some(mark) = tables.first().map(|table| table.mark.clone()) else {
        if !books.is_empty() {
            diagnostics.push(Diagnostic::error("blank-unknown", whole()).with("mark", MARK));
        }
        return None;
    };
    let mut forms = open(municipality, request, messages, diagnostics)?;
    let path = format!("blanks/{}.toml", mark.form);
    let known = forms.prepared.templates.get(&path).is_some();
    let spec = if known { forms.prepared.templates.data(&path, BlankSpec::parse, diagnostics) } else { None };
    let Some(spec) = spec.filter(|spec| spec.respondent == RespondentKind::Municipality) else {
        diagnostics.push(Diagnostic::error("answer-other-form", whole()).with("form", &mark.form));
        return None;
    };
    let year = mark.period.split('-').next().and_then(|year| year.parse().ok()).map(Year);
    let year = year.unwrap_or(forms.prepared.year);
    let mut answering = Answering { file: &file, year, messages, values: BTreeMap::new(), told: Vec::new() };
    for table in &spec.tables {
        if table.rows != Rows::Catalogue {
            continue;
        }
        let Some(returned) = tables.iter().find(|one| one.mark.table == table.id) else { continue };
        let detail = table.detail.as_ref();
        let single = detail.and_then(|detail| tables.iter().find(|one| one.mark.table == detail.table));
        answering.table(returned, detail.zip(single), &mut forms, diagnostics);
    }
    let filled = match fill::fill(&file.bytes, &answering.values) {
        Ok(filled) => filled,
        Err(reason) => {
            diagnostics.push(Diagnostic::error("fill-odd", whole()).because(reason));
            return None;
        }
    };
    let name = file.path.rsplit('/').next().unwrap_or(&file.path).to_owned();
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    let folder = safe(forms.words.of("filled"));
    let produced = |path: String, bytes: Vec<u8>| {
        let key = source::hash(&bytes);
        Produced { document: format!("filled-{path}"), path, key, bytes, ..Produced::default() }
    };
    let mut files = vec![produced(format!("{folder}/{name}"), filled.bytes)];
    let words = &forms.words;
    let headings = ["source-cell-of", "share", "value", "source-file"].map(|key| words.of(key));
    if let Ok(made) = form::render_list(words.of("origins"), &headings, &answering.told, words) {
        files.push(produced(format!("{folder}/{stem} – {}.xlsx", words.of("origins")), made.bytes));
    }
    Some((forms, files))
}

/// A blank on the desk.
struct Answering<'a> {
    file: &'a SourceFile,
    year: Year,
    messages: &'a Messages,
    values: BTreeMap<String, BTreeMap<At, Value>>,
    /// Cell, indicator, value, where it comes from.
    told: Vec<[String; 4]>,
}

impl Answering<'_> {
    fn place(&self, sheet: &str, (row, column): At) -> Place {
        Place::Cell { file: self.file.path.clone(), sheet: sheet.to_owned(), row, column }
    }

    fn table(
        &mut self,
        returned: &Returned,
        detail: Option<(&Detail, &Returned)>,
        forms: &mut Forms,
        diagnostics: &mut Diagnostics,
    ) {
        // Room for rows of schools: those in which nothing stands yet.
        let room = detail.map(|(_, single)| single.rows.iter().filter(|row| row.cells.is_empty()).collect::<Vec<_>>());
        let mut room = room.unwrap_or_default().into_iter();
        for row in &returned.rows {
            let Some(id) = &row.id else { continue };
            let first = returned.columns.values().min().copied().unwrap_or_default();
            let Some(result) = named(id, row, &forms.prepared.indicators) else {
                let finding = Diagnostic::warning("answer-row-unknown", self.place(&returned.sheet, (row.row, first)));
                diagnostics.push(finding.with("code", id).with("name", written(row, TEXT)));
                continue;
            };
            let place = self.place(&returned.sheet, (row.row, first));
            if self.differs((returned, row, place), &result.definition, forms, diagnostics) {
                continue;
            }
            let evaluation = match result.years.get(&self.year) {
                Some(Ok(evaluation)) => Some(evaluation.clone()),
                _ => None,
            };
            let result = result.clone();
            let made = result.definition.made();
            if let (Some(_), Some(evaluation)) = (detail, &evaluation)
                && made != Made::Value
                && !adds_up(evaluation)
            {
                // The region adds rows of schools up: what is no sum of them has no place there, and the blank says why.
                if let Some(column) = returned.columns.get(REASON) {
                    let value = evaluation.figure.as_ref().map(Figure::text);
                    let value = value.unwrap_or_else(|| forms.words.of("none").to_owned());
                    let why = blank::fill(forms.words.of("not-by-school"), &[("value", &value)]);
                    self.put(&returned.sheet, (row.row, *column), Value::Text(why));
                }
                let finding =
                    Diagnostic::warning("answer-not-by-school", self.place(&returned.sheet, (row.row, first)));
                diagnostics.push(finding.with("indicator", &result.definition.name));
                continue;
            }
            self.cells(returned, row, &result, forms, diagnostics);
            if let (Some((detail, single)), Some(evaluation)) = (detail.filter(|_| made != Made::Value), &evaluation) {
                let left = self.schools(id, evaluation, (detail, single), &mut room, &result, forms);
                if left > 0 {
                    let place = Place::Sheet { file: self.file.path.clone(), sheet: single.sheet.clone() };
                    let finding = Diagnostic::error("answer-no-room", place).with("count", left.to_string());
                    diagnostics.push(finding.with("indicator", &result.definition.name));
                }
            }
        }
    }

    /// Holds an indicator against the row that has its code: says where name or unit are others. Tells whether it is made
    /// otherwise than the row asks: then nothing of it has a place there, and the blank says why.
    fn differs(
        &mut self,
        (returned, row, place): (&Returned, &ReturnedRow, Place),
        own: &Definition,
        forms: &Forms,
        diagnostics: &mut Diagnostics,
    ) -> bool {
        let none = forms.words.of("none");
        let asks = |key: &str| returned.columns.contains_key(key) && written(row, key) != none;
        let asked = match (asks(NUMERATOR), asks(DENOMINATOR)) {
            (true, true) => Made::Parts,
            (true, false) => Made::Number,
            (false, _) => Made::Value,
        };
        let (name, unit) = (written(row, TEXT), written(row, UNIT));
        let is_other = returned.columns.contains_key(NUMERATOR) && asked != own.made();
        let is_called = |theirs: &str, own: &str| theirs.is_empty() || exports::folded(theirs) == exports::folded(own);
        if !is_other && is_called(&name, &own.name) && is_called(&unit, &own.unit_name) {
            return false;
        }
        let id = if is_other { "answer-other-kind" } else { "answer-differs" };
        let finding = Diagnostic::warning(id, place).with("name", name).with("unit", unit);
        diagnostics.push(finding.with("own", &own.name).with("own-unit", &own.unit_name));
        if let Some(column) = returned.columns.get(REASON).filter(|_| is_other) {
            let why = blank::fill(forms.words.of("answer-other"), &[("name", &own.name), ("unit", &own.unit_name)]);
            self.put(&returned.sheet, (row.row, *column), Value::Text(why));
        }
        is_other
    }

    /// The cells of an indicator.
    fn cells(
        &mut self,
        returned: &Returned,
        row: &ReturnedRow,
        result: &IndicatorResult,
        forms: &mut Forms,
        diagnostics: &mut Diagnostics,
    ) {
        let is_by_parts = returned.columns.contains_key(NUMERATOR);
        let keys: &[&str] = match result.definition.made() {
            _ if !is_by_parts => &[TARGET, VALUE],
            Made::Parts => &[NUMERATOR, DENOMINATOR, BASE_NUMERATOR, BASE_DENOMINATOR, TARGET],
            Made::Number => &[NUMERATOR, BASE_NUMERATOR, TARGET],
            Made::Value => &[VALUE, BASE_VALUE, TARGET],
        };
        for key in keys.iter().copied() {
            let Some(column) = returned.columns.get(key) else { continue };
            let at = (row.row, *column);
            // Where the blank has a dash, nobody is asked.
            if written(row, key) == forms.words.of("none") {
                continue;
            }
            match self.value(key, result, forms) {
                Ok(Some((value, node))) => self.tell(&returned.sheet, at, &result.definition.name, value, node, forms),
                // Last year's values and plans may be missing.
                Ok(None) if key == NUMERATOR || key == DENOMINATOR || key == VALUE => {
                    diagnostics.push(Diagnostic::note("fill-no-value", self.place(&returned.sheet, at)));
                }
                Ok(None) => {}
                Err(gap) => {
                    let why = first_reason(&gap, diagnostics, self.messages);
                    let finding = Diagnostic::warning("fill-gap", self.place(&returned.sheet, at)).with("why", why);
                    diagnostics.push(finding);
                }
            }
        }
    }

    fn value(&self, key: &str, result: &IndicatorResult, forms: &Forms) -> Known<Option<(Measure, NodeId)>> {
        if key == TARGET {
            let is_own = |one: &&crate::indicators::TargetVerdict| {
                one.code == result.definition.code && one.years.0 <= self.year && self.year <= one.years.1
            };
            let verdict = forms.prepared.targets.iter().find(is_own).filter(|one| !one.in_count);
            return Ok(verdict.and_then(|one| one.target.as_ref()).map(given));
        }
        let year = if key.starts_with("base-") { Year(self.year.0 - 1) } else { self.year };
        let evaluation = match result.years.get(&year) {
            Some(Ok(evaluation)) => evaluation,
            Some(Err(gap)) => return Err(gap.clone()),
            None => return Ok(None),
        };
        Ok(match key {
            NUMERATOR | BASE_NUMERATOR => Some(given(&evaluation.numerator)),
            DENOMINATOR | BASE_DENOMINATOR => evaluation.denominator.as_ref().map(given),
            _ => {
                let figure = evaluation.figure.as_ref();
                figure.map(|figure| (ru::rounded(&figure.value, figure.rounding), figure.node))
            }
        })
    }

    /// The rows of schools behind an indicator; gives how many found no room.
    fn schools<'r>(
        &mut self,
        id: &str,
        evaluation: &Evaluation,
        (detail, single): (&Detail, &Returned),
        room: &mut impl Iterator<Item = &'r ReturnedRow>,
        result: &IndicatorResult,
        forms: &Forms,
    ) -> usize {
        let mut left = 0;
        for (code, own) in &evaluation.contributions {
            let Some(row) = room.next() else {
                left += 1;
                continue;
            };
            let name = forms.prepared.data.schools.get(code).map(|school| school.short.value.clone());
            let texts = [(detail.school.as_str(), Some(code.0.to_string())), (NAME, name)];
            for (key, text) in texts.into_iter().chain([(detail.key.as_str(), Some(id.to_owned()))]) {
                if let (Some(column), Some(text)) = (single.columns.get(key), text) {
                    self.put(&single.sheet, (row.row, *column), Value::Text(text));
                }
            }
            for (key, operand) in [(NUMERATOR, Some(&own.numerator)), (DENOMINATOR, own.denominator.as_ref())] {
                if let (Some(column), Some(operand)) = (single.columns.get(key), operand) {
                    let (value, node) = given(operand);
                    self.tell(&single.sheet, (row.row, *column), &result.definition.name, value, node, forms);
                }
            }
        }
        left
    }

    fn put(&mut self, sheet: &str, at: At, value: Value) {
        self.values.entry(sheet.to_owned()).or_default().insert(at, value);
    }

    /// Writes a number and keeps where it comes from.
    fn tell(&mut self, sheet: &str, at: At, name: &str, value: Measure, node: NodeId, forms: &Forms) {
        let cell = format!("{sheet}!{}{}", column_letters(at.1), at.0 + 1);
        let origin = forms.prepared.sources.ranges(node).join("; ");
        self.told.push([cell, name.to_owned(), ru::typed(&value), origin]);
        self.put(sheet, at, Value::Number(value));
    }
}

fn given(operand: &Operand) -> (Measure, NodeId) {
    (operand.value.clone(), operand.node)
}

/// The text that stands in a row.
fn written(row: &ReturnedRow, key: &str) -> String {
    row.cells.get(key).and_then(exports::text_of).unwrap_or_default()
}

/// Finds the indicator of a row by its code, or by the name that stands in the row.
fn named<'a>(id: &str, row: &ReturnedRow, known: &'a [IndicatorResult]) -> Option<&'a IndicatorResult> {
    let by_code = known.iter().find(|one| one.definition.code == id);
    by_code.or_else(|| {
        let texts = row.cells.values().filter_map(|cell| match cell {
            CellValue::Text(text) => Some(exports::folded(text)),
            _ => None,
        });
        let texts: Vec<String> = texts.collect();
        known.iter().find(|one| texts.contains(&exports::folded(&one.definition.name)))
    })
}

/// Tells whether the value is that of the sums of its schools.
fn adds_up(evaluation: &Evaluation) -> bool {
    let own = evaluation.contributions.values();
    let numerators: Measure = own.clone().map(|one| one.numerator.value.clone()).sum();
    let below = own.filter_map(|one| one.denominator.as_ref()).map(|one| one.value.clone());
    let is_whole = evaluation.denominator.as_ref().is_none_or(|whole| below.sum::<Measure>() == whole.value);
    !evaluation.contributions.is_empty() && numerators == evaluation.numerator.value && is_whole
}
