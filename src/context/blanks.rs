//! Blanks filled with what is known: one for each respondent of a form.
//! In: the definition of the form and the municipality's data. Out: respondents, and for each the blank as content.
//! It must never know how a blank is drawn. Whatever is missing is left open: a blank is there to ask.

mod printed;
mod respondents;
mod rows;
mod sums;

use std::collections::{BTreeMap, BTreeSet};

use crate::blank::{
    Blank, BlankSpec, Column, Kind, List, Period, Respondent, Rows, Source, Table, TableSpec, Words, fill,
};
use crate::diag::Reason;
use crate::groups::Groups;
use crate::indicators::{Catalogue, IndicatorResult, TargetVerdict};
use crate::model::{Dataset, Office, Registered, SchoolCode, Subject, Year};
use crate::ru::{self, declension};
use crate::settings::Settings;
use crate::sheets::{self, SHEETS, SheetSpec};
pub use printed::{is_wide, respondent_form, view};

/// What is known.
pub struct Ground<'a> {
    /// The municipality's folder.
    pub folder: &'a str,
    /// Settings.
    pub settings: &'a Settings,
    /// The data.
    pub data: &'a Dataset,
    /// Groups.
    pub groups: &'a Groups,
    /// The catalogue of indicators.
    pub catalogue: &'a Catalogue,
    /// Indicators.
    pub indicators: &'a [IndicatorResult],
    /// Targets.
    pub targets: &'a [TargetVerdict],
    /// The year that is asked about.
    pub year: Year,
    /// Its quarter, for forms of a quarter.
    pub quarter: Option<u8>,
    /// The day by which forms are to come back, where one was named.
    pub due: Option<ru::Date>,
    /// Words of all blanks.
    pub words: &'a Words,
    /// All forms of the municipality: what one asks, another need not.
    pub specs: &'a [BlankSpec],
    /// Whom forms went out to under a number, so that everybody keeps theirs.
    pub numbered: &'a [Numbered],
    /// Numbers of the appendices that print forms, by kind of document.
    pub appendices: &'a BTreeMap<String, String>,
    /// Notes of the program's own, by key.
    pub text: &'a dyn Fn(&str) -> String,
}

/// Somebody whose code is a number among their kind, as a form went out to them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Numbered {
    /// The form.
    pub form: String,
    /// The period.
    pub period: String,
    /// Code and name.
    pub respondent: Respondent,
}

/// Finds the sheet that the rows of a table go to.
pub fn target_of(table: &TableSpec) -> Option<&'static SheetSpec> {
    let target = table.target.as_deref()?;
    SHEETS.iter().find(|spec| spec.id == target)
}

/// Tells what of a form does not fit the sheets of data.
///
/// # Errors
/// The key.
pub fn check_targets(spec: &BlankSpec) -> Result<(), Reason> {
    for table in &spec.tables {
        let bad = |key: &str| Err(Reason::from(format!("tables.{}.{key}", table.id)));
        for column in &table.columns {
            let of_target =
                target_of(table).and_then(|target| target.columns.iter().find(|known| known.key == column.key));
            if column.kind.is_none() && column.is_open() && of_target.is_none() {
                return bad(&format!("columns.{}", column.key));
            }
            if column.heading.trim().is_empty() && of_target.is_none() {
                return bad(&format!("columns.{}.heading", column.key));
            }
        }
        if table.target.is_none() {
            continue;
        }
        let Some(target) = target_of(table) else { return bad("target") };
        let asked = |key: &str| table.columns.iter().any(|column| column.key == key) || table.fixed.contains_key(key);
        if let Some(column) = target.columns.iter().find(|column| !column.may_be_blank && !asked(column.key)) {
            return bad(&format!("fixed.{}", column.key));
        }
        if let Some(key) =
            table.fixed.keys().find(|key| !target.columns.iter().any(|column| column.key == key.as_str()))
        {
            return bad(&format!("fixed.{key}"));
        }
    }
    Ok(())
}

/// What a column of a blank holds.
fn kind_of(kind: sheets::Kind) -> Kind {
    match kind {
        sheets::Kind::Prose | sheets::Kind::Verbatim => Kind::Text,
        sheets::Kind::Count | sheets::Kind::Grade => Kind::Count,
        sheets::Kind::Number => Kind::Number,
        sheets::Kind::Percent => Kind::Percent,
        sheets::Kind::Year | sheets::Kind::AnyYear => Kind::Year,
        sheets::Kind::Date => Kind::Date,
        sheets::Kind::YesNo | sheets::Kind::Choice(_) => {
            Kind::Choice(kind.words().iter().map(|word| (*word).to_owned()).collect())
        }
    }
}

impl Ground<'_> {
    /// The period as it is written in ids of files and marks.
    pub fn period(&self, spec: &BlankSpec) -> String {
        match (spec.period, self.quarter) {
            (Period::Quarter, Some(quarter)) => format!("{}-{quarter}", self.year),
            _ => self.year.to_string(),
        }
    }

    /// Makes the blank of a respondent.
    pub fn blank(&self, spec: &BlankSpec, respondent: &Respondent) -> Blank {
        let (year, before) = (self.year.to_string(), (self.year.0 - 1).to_string());
        let period = match (spec.period, self.quarter) {
            (Period::Quarter, Some(quarter)) => {
                fill(self.words.of("quarter"), &[("quarter", &quarter.to_string()), ("year", &year)])
            }
            _ => fill(self.words.of("year"), &[("year", &year)]),
        };
        let (order, appendix) = (self.order(spec), self.appendix(spec));
        let due = self.due.map(ru::Date::short);
        let term = due.as_ref().map_or_else(|| spec.term.clone(), |due| fill(self.words.of("until"), &[("date", due)]));
        let values = [
            ("municipality", self.settings.name.as_str()),
            ("year", &year),
            ("previous-year", &before),
            ("period", &period),
            ("respondent", &respondent.name),
            ("filled-by", &spec.filled_by),
            ("term", &term),
            ("order", &order),
            ("appendix", &appendix),
        ];
        let filled = |text: &String| fill(text, &values);
        let labelled = |key: &str, value: &str| format!("{}: {value}", self.words.of(key));
        let mut blank = Blank {
            form: spec.id.clone(),
            version: String::new(),
            municipality: self.folder.to_owned(),
            municipality_name: self.settings.name.clone(),
            period: self.period(spec),
            respondent: respondent.clone(),
            title: filled(&spec.title),
            approval: spec.approval.iter().map(|text| filled(text).trim_end().to_owned()).collect(),
            lines: vec![
                labelled("respondent", &respondent.name),
                labelled("filled-by", &spec.filled_by),
                labelled("period", &period),
                labelled("term", &filled(&term)),
            ],
            instruction: spec.instruction.iter().map(filled).collect(),
            signatures: spec.signatures.iter().map(filled).collect(),
            contact: self.contact(),
            sample_mark: self.data.is_sample.then(|| (self.text)("sample-mark")),
            due,
            tables: spec
                .tables
                .iter()
                .map(|table| {
                    let rows = self.rows(spec, table, respondent);
                    Table {
                        id: table.id.clone(),
                        sheet: table.sheet.clone(),
                        title: filled(&table.title),
                        note: filled(&table.note),
                        columns: self.columns(table, respondent),
                        checks: self.checks(table, &rows),
                        is_open: table.rows == Rows::Open,
                        rows,
                        chart: table.chart.clone(),
                        detail: table.detail.clone(),
                        is_internal: table.internal,
                        against: table.against.clone(),
                    }
                })
                // What there is nothing to ask about is left out.
                .filter(|table| !table.rows.is_empty())
                .collect(),
        };
        blank.version = crate::source::hash(blank.asked().as_bytes()).chars().take(8).collect();
        blank
    }

    /// The date and number of the order by which the form is introduced, or room for them.
    fn order(&self, spec: &BlankSpec) -> String {
        let registered = spec.order.as_ref().and_then(|order| self.data.register.get(&ru::fold(order)));
        match registered {
            Some(Registered { date: Some(date), number: Some(number), .. }) => {
                let date = ru::Date::parse(&date.value).map_or_else(|| date.value.clone(), ru::Date::short);
                fill(self.words.of("order"), &[("date", &date), ("number", &number.value)])
            }
            _ => self.words.of("order-blank").to_owned(),
        }
    }

    /// Which appendix of its order the form is, or room for the number; nothing, where the order has no other.
    fn appendix(&self, spec: &BlankSpec) -> String {
        let number = spec.printed_as.as_ref().filter(|kind| self.printed(kind).is_some_and(|one| one.id == spec.id));
        match number.and_then(|kind| self.appendices.get(kind)) {
            Some(number) if number.is_empty() => String::new(),
            Some(number) => fill(self.words.of("appendix-number"), &[("number", number)]),
            None => self.words.of("appendix-blank").to_owned(),
        }
    }

    /// The form that a document of a package prints: the first of the municipality's own that names it.
    fn printed(&self, kind: &str) -> Option<&BlankSpec> {
        self.specs.iter().find(|spec| spec.printed_as.as_deref() == Some(kind))
    }

    /// Who prepared the form, and the telephone.
    fn contact(&self) -> String {
        let preparer = self.data.officials.iter().find(|one| one.office == Office::Preparer);
        let Some((surname, given, patronymic)) = preparer.and_then(|one| one.name.as_ref().ok()) else {
            return String::new();
        };
        let name = declension::initials(&surname.value, &given.value, &patronymic.value).after;
        let phone = preparer.and_then(|one| one.phone.as_ref());
        let phone = phone.map_or_else(String::new, |phone| format!(", {}", phone.value));
        format!("{}: {name}{phone}", self.words.of("contact"))
    }

    /// Codes that a respondent may need: of schools, of teachers, of indicators.
    fn codes(&self, list: List, respondent: &Respondent) -> Vec<String> {
        match list {
            List::Schools => {
                let schools = self.data.schools.values().filter(|school| school.exists_at_end_of(self.year));
                schools.map(|school| school.code.0.to_string()).collect()
            }
            List::Indicators => self.indicators.iter().map(|result| result.definition.code.clone()).collect(),
            List::Teachers => {
                let own = self.data.schools.get(&SchoolCode::from(respondent.code.as_str())).map(|school| &school.code);
                let rows = self.data.store.of_measure(crate::model::codes::EMPLOYMENT);
                let is_asked = |row: &&crate::model::Observation| {
                    row.from <= self.year && self.year <= row.to && (own.is_none() || row.dims.school.as_ref() == own)
                };
                let teachers = rows.filter(is_asked).filter_map(|row| match &row.subject {
                    Subject::Teacher(code) => Some(code.0.to_string()),
                    _ => None,
                });
                let teachers: BTreeSet<String> = teachers.collect();
                teachers.into_iter().collect()
            }
        }
    }

    fn columns(&self, table: &TableSpec, respondent: &Respondent) -> Vec<Column> {
        let target = target_of(table);
        let column = |spec: &crate::blank::ColumnSpec| {
            let known = target.and_then(|target| target.columns.iter().find(|column| column.key == spec.key));
            let official = known.and_then(|known| known.headers.first().copied()).unwrap_or_default();
            let kind = spec.own_kind().or_else(|| known.map(|known| kind_of(known.kind)));
            let kind = kind.unwrap_or(match spec.from {
                None if spec.difference.is_some() => Kind::Number,
                Some(Source::Previous | Source::Current | Source::Target) => Kind::Number,
                _ => Kind::Text,
            });
            Column {
                key: spec.key.clone(),
                heading: if spec.heading.is_empty() { official.to_owned() } else { spec.heading.clone() },
                help: spec.help.clone(),
                kind,
                is_open: spec.is_open(),
                is_required: spec.required || known.is_some_and(|known| spec.is_open() && !known.may_be_blank),
                has_total: spec.total,
                width: spec.width,
                lines: spec.lines,
                most: spec.most,
                is_apart: spec.apart || known.is_some_and(|known| matches!(known.kind, sheets::Kind::Grade)),
                suggested: spec.list.map(|list| self.codes(list, respondent)).unwrap_or_default(),
                difference: spec.difference.clone(),
                is_name: matches!(spec.from, Some(Source::Text | Source::Exam | Source::Grade | Source::Discipline)),
            }
        };
        table.columns.iter().map(column).collect()
    }
}
