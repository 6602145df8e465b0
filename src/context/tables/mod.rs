//! Tables of the analysis: what a methodist looks a school up in, and what the public edition is made of.
//! In: the analysis, the words of the form. Out: one table after the other as columns and rows of cells.
//! It must never know a workbook. A new table is one function and one line of [`TABLES`], and its words in the form.

mod advice;
mod criteria;
mod decisions;
mod public;
mod results;
mod roadmap;
mod told;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(super) use criteria::criterion_unit;
pub use public::public_tables;

use super::{Analysis, GapView, words};
use crate::diag::Reason;
use crate::disclosure::{Counted, Relation};
use crate::figure::{Figure, Rounding, Unit};
use crate::groups::{Criterion, ProcedureId};
use crate::indicators::Definition;
use crate::measure::Measure;
use crate::model::{Gap, Operand, Role, SchoolCode, Year};
use crate::provenance::Sources;

/// Every table, in the order of sheets.
pub const TABLES: &[TableSpec] = &[
    criteria::CRITERIA,
    results::GROUPS,
    results::HISTORY,
    criteria::VERDICTS,
    results::RESULTS,
    results::MARKERS,
    criteria::SENSITIVITY,
    results::INDICATORS,
    criteria::TARGETS,
    criteria::TRENDS,
    criteria::PLACES,
    roadmap::PLAN_FACT,
    roadmap::BY_RESPONSIBLE,
    roadmap::CALENDAR,
    roadmap::RESOURCES,
    advice::CAUSES,
    advice::MEASURES,
    advice::IDLE,
    advice::PARTNERS,
    advice::RECOMMENDATIONS,
    advice::GIVEN,
    decisions::DECISIONS,
    decisions::ACTS,
    decisions::EFFECTS,
    decisions::CORRECTIONS,
    decisions::MEMBERSHIP,
    decisions::GROWTH,
    advice::PRACTICES,
    advice::TEACHERS,
];

/// Declares a table.
#[derive(Clone, Copy, Debug)]
pub struct TableSpec {
    /// Its id: key of its words in the form.
    pub id: &'static str,
    /// Keys of its columns, and what stands in them.
    pub columns: &'static [(&'static str, ColumnKind)],
    /// Keys of the columns that hold a part, its whole and their quotient.
    pub quotient: Option<[&'static str; 3]>,
    /// Keys of further words.
    pub words: &'static [&'static str],
    /// Whether the public edition holds it.
    pub is_public: bool,
    /// Adds its rows.
    pub fill: fn(&mut Table<'_, '_>),
}

/// What stands in a column; decides its width and alignment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ColumnKind {
    /// A code, a year, a day.
    Code,
    /// A name of a few words.
    Name,
    /// Running text.
    Prose,
    /// A number, or yes and no.
    Value,
}

/// A table.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TableView {
    /// Its id.
    pub id: String,
    /// Name of its sheet.
    pub sheet: String,
    /// Its title.
    pub title: String,
    /// What a reader must know of it.
    pub note: String,
    /// Columns.
    pub columns: Vec<ColumnView>,
    /// Rows, each with a cell a column.
    pub rows: Vec<Vec<CellView>>,
    /// Which columns hold a part, its whole and their quotient.
    pub quotient: Option<[usize; 3]>,
    /// Rows whose quotient is the part by the whole times a number, and that number.
    pub scales: BTreeMap<usize, Measure>,
    /// Which counts add up, and which values follow from others: by ids of figures.
    pub relations: Vec<Relation>,
    /// Whether the public edition holds it.
    pub is_public: bool,
}

/// A column.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ColumnView {
    /// Its key.
    pub key: String,
    /// Its heading.
    pub title: String,
    /// What stands in it.
    pub kind: ColumnKind,
}

/// A cell.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "kebab-case")]
pub enum CellView {
    /// A text.
    Text(String),
    /// A figure, and what it counts.
    Figure(Figure, Counted),
    /// Yes or no.
    Flag(bool),
    /// Something that is missing.
    Gap(GapView),
    /// Hidden in the public edition.
    Hidden,
    /// Nothing: the column does not speak of this row.
    Blank,
}

/// Words of a table, as the form has them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableWords {
    /// Name of the sheet.
    pub sheet: String,
    /// Title.
    pub title: String,
    /// What a reader must know of it.
    pub note: String,
    /// Headings by key of the column.
    pub columns: BTreeMap<String, String>,
    /// Further words by key.
    #[serde(default)]
    pub words: BTreeMap<String, String>,
}

impl TableWords {
    /// Tells that every table has exactly the words that it needs.
    ///
    /// # Errors
    /// Names the key that is missing or unknown.
    pub fn check(all: &BTreeMap<String, Self>) -> Result<(), Reason> {
        for spec in TABLES {
            let id = spec.id;
            let Some(words) = all.get(id) else { return Err(format!("tables.{id}").into()) };
            let columns: Vec<&str> = spec.columns.iter().map(|(key, _)| *key).collect();
            for (part, wanted, found) in
                [("columns", columns.as_slice(), &words.columns), ("words", spec.words, &words.words)]
            {
                let lacking = wanted.iter().find(|key| !found.contains_key(**key)).copied();
                let strange = found.keys().map(String::as_str).find(|key| !wanted.contains(key));
                if let Some(key) = lacking.or(strange) {
                    return Err(format!("tables.{id}.{part}.{key}").into());
                }
            }
        }
        match all.keys().find(|id| !TABLES.iter().any(|spec| spec.id == id.as_str())) {
            Some(id) => Err(format!("tables.{id}").into()),
            None => Ok(()),
        }
    }
}

/// A table that is being filled.
pub struct Table<'t, 'a> {
    /// What it tells of.
    pub analysis: &'t Analysis<'a>,
    /// Provenance.
    pub sources: &'t mut Sources,
    spec: &'t TableSpec,
    words: &'t TableWords,
    rows: Vec<Vec<CellView>>,
    scales: BTreeMap<usize, Measure>,
    relations: Vec<Relation>,
}

impl Table<'_, '_> {
    /// Returns one of its words.
    pub fn word(&self, key: &str) -> String {
        self.words.words.get(key).cloned().unwrap_or_default()
    }

    /// Returns a word of the program.
    fn common(&self, key: &str) -> String {
        (self.analysis.words)(key)
    }

    /// Adds a row; what it has less than the table has columns stays blank.
    pub fn row(&mut self, mut cells: Vec<CellView>) {
        cells.resize(self.spec.columns.len(), CellView::Blank);
        self.rows.push(cells);
    }

    /// Adds a row whose quotient is the part by the whole times a number.
    pub fn quotient_row(&mut self, cells: Vec<CellView>, scale: Measure) {
        self.scales.insert(self.rows.len(), scale);
        self.row(cells);
    }

    /// Declares a relation between figures.
    pub fn relate(&mut self, relation: Relation) {
        self.relations.push(relation);
    }

    /// Makes the cell of a number; the id is unique in the workbook.
    pub fn figure(&self, id: &str, operand: &Operand, unit: Unit, of: Counted) -> CellView {
        let Operand { value, node } = operand.clone();
        let id = format!("analysis/{}/{id}", self.spec.id);
        CellView::Figure(Figure { id, value, unit, rounding: self.analysis.settings.rounding.of(unit), node }, of)
    }

    /// Makes the cell of a figure with a rounding of its own.
    pub fn rounded(&self, id: &str, operand: &Operand, unit: Unit, of: Counted, rounding: Rounding) -> CellView {
        match self.figure(id, operand, unit, of) {
            CellView::Figure(figure, of) => CellView::Figure(Figure { rounding, ..figure }, of),
            cell => cell,
        }
    }

    /// Makes the cell of an indicator's value.
    fn value(&self, id: &str, operand: &Operand, definition: &Definition, of: Counted) -> CellView {
        let rounding = definition.rounding(self.analysis.settings.rounding);
        self.rounded(id, operand, definition.unit, of, rounding)
    }

    /// Makes the cell of a gap.
    pub fn gap(gap: &Gap, what: &str) -> CellView {
        CellView::Gap(GapView::new(gap, what))
    }

    /// Makes the cell of a year.
    fn year(year: Year) -> CellView {
        CellView::Text(year.to_string())
    }

    /// Returns the short name of a school, or its code where the register does not have it.
    fn school(&self, code: &SchoolCode) -> String {
        self.analysis.data.schools.get(code).map_or(code.0.as_str(), |school| school.short.value.as_str()).to_owned()
    }

    /// Returns the word for a group.
    fn role(role: Role) -> String {
        crate::sheets::lists::term(role).to_owned()
    }

    /// Returns a criterion in words.
    fn criterion(&self, criterion: &Criterion) -> String {
        words::criterion(criterion, self.analysis.words)
    }

    /// Returns a procedure in words.
    fn procedure(&self, procedure: &ProcedureId) -> String {
        words::procedure(procedure, self.analysis.words)
    }

    /// The reported year and the one before.
    fn years(&self) -> [Year; 2] {
        let year = self.analysis.year.value.to_integer().and_then(|year| i32::try_from(year).ok()).unwrap_or_default();
        [Year(year), Year(year - 1)]
    }
}

impl CellView {
    /// Makes the cell of a text.
    pub fn text(text: &str) -> Self {
        if text.is_empty() { Self::Blank } else { Self::Text(text.to_owned()) }
    }

    /// Returns the id of its figure.
    pub fn id(&self) -> String {
        if let Self::Figure(figure, _) = self { figure.id.clone() } else { String::new() }
    }
}

/// Fills every table.
pub fn analysis_tables(
    analysis: &Analysis<'_>,
    words: &BTreeMap<String, TableWords>,
    sources: &mut Sources,
) -> Vec<TableView> {
    let mut views = Vec::new();
    let as_of = analysis.roadmap.map(|roadmap| roadmap.as_of.short()).unwrap_or_default();
    for spec in TABLES {
        let Some(words) = words.get(spec.id) else { continue };
        let mut table =
            Table { analysis, sources, spec, words, rows: Vec::new(), scales: BTreeMap::new(), relations: Vec::new() };
        (spec.fill)(&mut table);
        let (rows, scales, relations) = (table.rows, table.scales, table.relations);
        let position = |key: &str| spec.columns.iter().position(|(known, _)| *known == key).unwrap_or_default();
        let heading = |key: &str| words.columns.get(key).cloned().unwrap_or_default();
        views.push(TableView {
            id: spec.id.to_owned(),
            sheet: words.sheet.clone(),
            title: words.title.clone(),
            note: words.note.replace("{as-of}", &as_of),
            columns: spec
                .columns
                .iter()
                .map(|(key, kind)| ColumnView { key: (*key).to_owned(), title: heading(key), kind: *kind })
                .collect(),
            rows,
            quotient: spec.quotient.map(|keys| keys.map(position)),
            scales,
            relations,
            is_public: spec.is_public,
        });
    }
    views
}

/// All that a workbook of tables may show.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TablesView {
    /// The municipality, as its settings name it.
    pub municipality: String,
    /// The mark of a sample.
    pub sample_mark: Option<String>,
    /// The mark of a draft.
    pub draft_mark: Option<String>,
    /// The tables.
    pub tables: Vec<TableView>,
}

impl TablesView {
    /// Makes the view of a workbook.
    pub fn new(analysis: &Analysis<'_>, tables: Vec<TableView>, is_draft: bool) -> Self {
        let mark = |wanted: bool, key: &str| wanted.then(|| (analysis.words)(key));
        Self {
            municipality: analysis.settings.name.clone(),
            sample_mark: mark(analysis.data.is_sample, "sample-mark"),
            draft_mark: mark(is_draft, "draft-mark"),
            tables,
        }
    }

    /// Adds to every gap where its first reason stands.
    pub fn name_places(&mut self, diagnostics: &crate::diag::Diagnostics) {
        for cell in self.tables.iter_mut().flat_map(|table| &mut table.rows).flatten() {
            if let CellView::Gap(gap) = cell {
                gap.name_place(diagnostics);
            }
        }
    }

    /// Writes what the workbook would show, without the nodes: they differ with every inserted row.
    pub fn fingerprint(&self) -> String {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        super::monitoring::drop_nodes(&mut value);
        value.to_string()
    }
}
