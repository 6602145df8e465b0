//! Rows of registers as documents print them.
//! In: the records of the data set. Out: for each register a list of rows with every column as text. Which document
//! prints which rows, and how they are grouped, is said by the document: the plan chooses.

use std::collections::BTreeMap;

use super::{Analysis, GapView, References, View, prose};
use crate::diag::Diagnostics;
use crate::model::{Record, Text, Year};
use crate::provenance::{Op, Sources};
use crate::ru::{self, NBSP};
use crate::sheets::{Kind, SHEETS, SheetSpec};

/// The column that names the document of a row, folded.
pub const DOCUMENT: &str = "document";
/// The column whose texts may hold references, in registers of documents.
const TEXT: &str = "text";

/// Registers of acts.
const ACTS: [&str; 2] = ["acts", "amendments"];

/// Builds the rows of every register that is there, those of the reported year.
pub(super) fn registers(
    analysis: &Analysis<'_>,
    year: Year,
    references: &References,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> View {
    let mut all = BTreeMap::new();
    for spec in SHEETS.iter().filter(|spec| analysis.data.found_sheets.contains(spec.id)) {
        if let Err(gap) = analysis.data.sheet(spec.id) {
            all.insert(spec.id.to_owned(), View::Gap(GapView::new(&gap, spec.title)));
            continue;
        }
        let Some(records) = analysis.data.records.get(spec.id) else { continue };
        // An act is dated by its own day, which may lie years back: it holds from then on.
        let is_of_acts = ACTS.contains(&spec.id);
        let of_year = records.iter().filter(|record| record.from <= year && (is_of_acts || year <= record.to));
        let rows = of_year.map(|record| row(analysis, spec, record, references, sources, diagnostics)).collect();
        all.insert(spec.id.to_owned(), View::List(rows));
    }
    View::Map(all)
}

fn row(
    analysis: &Analysis<'_>,
    spec: &SheetSpec,
    record: &Record,
    references: &References,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> View {
    let mut entries = BTreeMap::new();
    let is_of_document = spec.columns.iter().any(|column| column.key == DOCUMENT);
    for column in spec.columns {
        let key = column.key.replace('-', "_");
        let text = record.texts.get(column.key);
        entries.insert(format!("has_{key}"), View::Flag(text.is_some()));
        let view = match (text, column.kind) {
            (None, _) => View::Prose(Vec::new()),
            (Some(text), Kind::Choice(choices)) => {
                // A choice is printed as it is written, not as it is known to the program.
                let written = choices.iter().find(|(_, known)| *known == text.value).map(|(written, _)| *written);
                let value = written.unwrap_or(&text.value).to_owned();
                View::Text(Text { value, node: text.node })
            }
            (Some(text), _) if column.key == DOCUMENT => {
                View::Text(Text { value: ru::fold(&text.value), node: text.node })
            }
            (Some(text), _) if is_of_document && column.key == TEXT => {
                let place = sources.place_of(text.node);
                prose::parse(text, &place, references, diagnostics)
            }
            (Some(text), _) => View::Text(text.clone()),
        };
        entries.insert(key, view);
    }
    if let Some(school) = record.school.as_ref().and_then(|code| analysis.data.schools.get(code)) {
        entries.insert("school_short".to_owned(), View::Text(school.short.clone()));
        entries.insert("school_full".to_owned(), View::Text(school.full.clone()));
    }
    let part = |key: &str| record.texts.get(key);
    if let (Some(surname), Some(given), Some(patronymic)) = (part("surname"), part("given"), part("patronymic")) {
        let initials = format!("{}{}", ru::initial(&given.value), ru::initial(&patronymic.value));
        let node = sources.formula(Op::Derived, vec![surname.node, given.node, patronymic.node], None);
        let mut put = |key: &str, value: String| entries.insert(key.to_owned(), View::Text(Text { value, node }));
        put("name", format!("{initials}{NBSP}{}", surname.value));
        put("name_after", format!("{}{NBSP}{initials}", surname.value));
    }
    View::Map(entries)
}
