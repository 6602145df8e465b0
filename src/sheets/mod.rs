//! Input sheets: what each is called, which columns it has, what its rows mean.
//! In: books of cells. Out: the data set, with a finding for every value that cannot be used.
//! A sheet is recognised by its header row, wherever it stands; names of files and sheets do not matter.
//! It must never know indicators, methods or templates.

mod activities;
mod bind;
mod calendar;
mod diagnostics;
mod gaps;
mod legal_bases;
pub(crate) mod lists;
mod measures;
pub(crate) mod names;
mod officials;
mod partnerships;
mod recognise;
mod register;
pub(crate) mod registers;
mod requisites;
mod results;
mod risks;
mod school_data;
mod schools;
mod support_log;
mod targets;
mod teacher_records;
mod teachers;
mod texts;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use ecow::EcoString;
use foldhash::fast::RandomState;

pub use recognise::Aliases;

use crate::diag::{DiagId, Diagnostic, Diagnostics, Place, Severity};
use crate::measure::Measure;
use crate::model::{
    Dataset, Dims, Discipline, Exam, Fault, Gap, Known, LoggedDate, MeasureCode, Observation, Operand, SchoolCode,
    Subject, Text, Year,
};
use crate::provenance::{CellRef, NodeId, Sources};
use crate::ru::{self, Date};
use crate::workbook::Book;

/// What a column holds.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Text of a document: normalised at reading.
    Prose,
    /// Text taken as it stands, cleaned of invisible characters.
    Verbatim,
    /// A whole number of things, zero or more.
    Count,
    /// Any number.
    Number,
    /// A share, 0 to 100; a fraction shown as per cent counts as one.
    Percent,
    /// A calendar year, 1990 to 2100.
    Year,
    /// A calendar year of a life, 1900 to 2100.
    AnyYear,
    /// A grade, 1 to 12.
    Grade,
    /// A date.
    Date,
    /// «да» or «нет».
    YesNo,
    /// One of a closed list: as written in the sheet, as known to the program.
    Choice(&'static [(&'static str, &'static str)]),
}

impl Kind {
    /// The words that a cell of it may say; none where it is no choice.
    pub fn words(self) -> Vec<&'static str> {
        match self {
            Self::YesNo => bind::YES_NO.iter().map(|(word, _)| *word).collect(),
            Self::Choice(words) => words.iter().map(|(word, _)| *word).collect(),
            _ => Vec::new(),
        }
    }
}

/// The word for an exam.
pub fn exam_word(exam: Exam) -> &'static str {
    results::word(exam)
}

/// A column of a sheet.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its key.
    pub key: &'static str,
    /// Headers by which it is recognised; the first is the official one.
    pub headers: &'static [&'static str],
    /// What it holds.
    pub kind: Kind,
    /// The cell may be blank.
    pub may_be_blank: bool,
    /// The whole column may be absent.
    pub may_be_absent: bool,
    /// A finding may print the value.
    pub echo: bool,
    /// The days are those on which work was done: they lie in the reported year or the years before it.
    pub is_logged: bool,
}

/// Declares a column that must be filled and whose values findings may print.
const fn column(key: &'static str, headers: &'static [&'static str], kind: Kind) -> Column {
    Column { key, headers, kind, may_be_blank: false, may_be_absent: false, echo: true, is_logged: false }
}

impl Column {
    /// Lets the cells be blank.
    const fn blank(mut self) -> Self {
        self.may_be_blank = true;
        self
    }

    /// Lets the column be absent (and its cells blank).
    const fn absent(mut self) -> Self {
        self.may_be_absent = true;
        self.may_be_blank = true;
        self
    }

    /// Holds its days against the reported year.
    const fn logged(mut self) -> Self {
        self.is_logged = true;
        self
    }

    /// Keeps the value out of findings.
    const fn quiet(mut self) -> Self {
        self.echo = false;
        self
    }
}

/// A kind of sheet.
pub struct SheetSpec {
    /// Its id.
    pub id: &'static str,
    /// Its official name.
    pub title: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
    /// Columns that name a row: the same twice is an error.
    pub unique: &'static [&'static str],
    /// Measures that it feeds: what is in doubt when rows cannot be used.
    pub measures: &'static [&'static str],
    /// A package is possible without it, and nothing is said when it is not there.
    pub is_optional: bool,
    /// Turns its rows into data.
    project: fn(&[Row], &mut Build<'_>),
}

/// Every sheet that the program knows, in the order of projection: schools before what speaks of them.
pub const SHEETS: &[SheetSpec] = &[
    requisites::SPEC,
    names::SPEC,
    officials::SPEC,
    register::SPEC,
    legal_bases::SPEC,
    schools::SPEC,
    lists::SPEC,
    measures::SPEC,
    school_data::SPEC,
    calendar::SPEC,
    results::SPEC,
    teachers::SPEC,
    diagnostics::SPEC,
    teacher_records::SPEC,
    support_log::SPEC,
    partnerships::SPEC,
    activities::SPEC,
    targets::SPEC,
    risks::SPEC,
    texts::SPEC,
    gaps::SPEC,
    registers::CURATORS,
    registers::COMMUNITIES,
    registers::EVENTS,
    registers::CONSULTATIONS,
    registers::PUBLICATIONS,
    registers::PRACTICES,
    registers::ACTIVITY_FACTS,
    registers::DECISIONS,
    registers::ACTS,
    registers::BODIES,
    registers::MUNICIPALITIES,
    registers::FEDERAL_LIST,
    registers::RESOURCES,
    registers::GLOSSARY,
    registers::RECOMMENDATIONS,
    registers::SELF_EXAMINATION,
    registers::RISK_PROFILE,
    registers::SCHOOL_MEASURES,
    registers::SCHOOL_REQUISITES,
    registers::SCHOOL_APPROVALS,
    registers::SCHOOL_TARGETS,
    registers::PASSPORT,
    registers::CONTENTS,
    registers::SCHEDULE,
    registers::PLANNED_ACTS,
    registers::WORKING_GROUPS,
    registers::MEETINGS,
    registers::AMENDMENTS,
    registers::LETTERS,
];

/// A cell of a row, read by the kind of its column.
#[derive(Clone, PartialEq, Debug)]
enum Value {
    Blank,
    Text(EcoString),
    Number(Measure),
    Date(Date),
    Choice(&'static str),
    /// Could not be read, or was needed and is blank.
    Bad(DiagId),
}

/// A row of a recognised sheet.
pub struct Row {
    /// Values in the order of the kind's columns.
    values: Box<[Value]>,
    /// Where each column stands in the sheet; `None` for one that is absent. Shared by the rows of a sheet.
    positions: Arc<[Option<u16>]>,
    spec: &'static SheetSpec,
    /// Set when a row with the same key stands above.
    duplicate: Option<DiagId>,
    /// The first cell of the row.
    cell: CellRef,
}

/// The data set under construction, and what every projection needs.
struct Build<'a> {
    data: Dataset,
    sources: &'a mut Sources,
    diagnostics: &'a mut Diagnostics,
    /// Types of schools that are left out of denominators.
    left_out: &'a [&'a str],
    /// Whether the sheet being bound tells per cent formats.
    knows_styles: bool,
    /// Its columns of per cents that may hold fractions.
    fractions: BTreeSet<u16>,
    /// Texts as they stood and as they are read, verbatim ones and prose: names and codes repeat in every row.
    texts: [HashMap<EcoString, EcoString, RandomState>; 2],
    /// Names of subjects of instruction as they stand and in lower case: few stand in many rows.
    disciplines: HashMap<EcoString, Discipline, RandomState>,
    /// Names that were found to be those of their schools.
    names: HashMap<SchoolCode, HashSet<EcoString, RandomState>, RandomState>,
    /// What rows that could not be read are about.
    unread: Unread,
    /// What was said of rows of exports, by file, sheet and row.
    said: HashMap<(String, String, u32), DiagId>,
    /// Numbers typed as text and read: said at the end, where nothing worse is said of the cell.
    typed: Vec<Diagnostic>,
}

/// What rows that could not be read are about: what refers to it is in doubt for the same reason, not unknown.
#[derive(Default)]
struct Unread {
    /// By sheet and by whatever names a row.
    named: BTreeMap<(&'static str, String), Gap>,
    /// Rows and whole sheets of which not even the names can be read.
    nameless: BTreeMap<&'static str, Gap>,
}

impl Unread {
    /// Enters a row by its names; without one, whatever is unknown may be this row.
    fn add(&mut self, sheet: &'static str, names: Vec<String>, gap: &Gap) {
        if names.is_empty() {
            self.nameless.entry(sheet).or_default().reasons.extend(&gap.reasons);
        }
        for name in names {
            self.named.entry((sheet, name)).or_default().reasons.extend(&gap.reasons);
        }
    }

    /// Tells whether a row that could not be read has this name.
    fn has(&self, sheet: &'static str, name: &str) -> bool {
        self.named.contains_key(&(sheet, name.to_owned()))
    }

    /// Returns why a name that no row has may yet be one.
    fn gap(&self, sheet: &'static str, name: &str) -> Option<Gap> {
        self.named.get(&(sheet, name.to_owned())).or_else(|| self.nameless.get(sheet)).cloned()
    }
}

/// Books on their way into the data set: each is bound as it comes and given up.
pub struct Intake<'a> {
    build: Build<'a>,
    aliases: &'a Aliases,
    bound: bind::Bound,
    is_bare: bool,
}

/// The sheet of those whom a region asks.
const MUNICIPALITIES: &str = "municipalities";
/// Sheets that whoever sends forms out cannot do without: who they are and who signs.
const OF_FORMS: [&str; 3] = ["requisites", "names", "officials"];

impl<'a> Intake<'a> {
    /// Begins a data set. Schools of the types `left_out` do not count in denominators.
    pub fn new(
        aliases: &'a Aliases,
        left_out: &'a [&'a str],
        sources: &'a mut Sources,
        diagnostics: &'a mut Diagnostics,
    ) -> Self {
        let mut build = Build {
            data: Dataset::default(),
            sources,
            diagnostics,
            left_out,
            knows_styles: true,
            fractions: BTreeSet::new(),
            texts: Default::default(),
            disciplines: HashMap::default(),
            names: HashMap::default(),
            unread: Unread::default(),
            said: HashMap::new(),
            typed: Vec::new(),
        };
        build.index_said(0);
        Self { build, aliases, bound: bind::Bound::default(), is_bare: false }
    }

    /// No document and no form of its own is made of the data: only what forms of others need must be there.
    pub fn without_documents(mut self, is_bare: bool) -> Self {
        self.is_bare = is_bare;
        self
    }

    /// Takes the findings of a stage before: a value that a converted row lacks has its finding among them.
    pub fn learn(&mut self, findings: &Diagnostics) {
        let from = self.build.diagnostics.len();
        self.build.diagnostics.extend(findings);
        self.build.index_said(from);
    }

    /// Takes a book.
    pub fn accept(&mut self, file: &str, book: Book) {
        self.bound.bind(file, book, self.aliases, &mut self.build);
    }

    /// Projects what was bound, schools before what speaks of them.
    pub fn finish(self) -> Dataset {
        let Self { mut build, bound, is_bare, .. } = self;
        let (mut bound, unbound) = bound.finish(&mut build);
        // Who asks schools has to say which they are; who asks municipalities has not.
        let is_bare = is_bare && build.data.found_sheets.contains(MUNICIPALITIES);
        let is_wanted = |spec: &SheetSpec| !spec.is_optional && (!is_bare || OF_FORMS.contains(&spec.id));
        for spec in SHEETS {
            let mut rows = bound.remove(spec.id).unwrap_or_default();
            // Wide tables are known by the dictionary, which stands before the long table.
            if spec.id == school_data::SPEC.id {
                rows.extend(bind::bind_wide(&unbound, &mut build));
            }
            if build.data.found_sheets.contains(spec.id) {
                (spec.project)(&rows, &mut build);
                build.log_dates(spec, &rows);
                give_up(rows);
            } else if is_wanted(spec) && !build.data.sheet_gaps.contains_key(spec.id) {
                build.say_missing(spec);
            }
        }
        build.say_typed();
        build.data
    }
}

/// Reads books into the data set, all at once.
pub fn read(
    books: Vec<(String, Book)>,
    aliases: &Aliases,
    left_out: &[&str],
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Dataset {
    let mut intake = Intake::new(aliases, left_out, sources, diagnostics);
    for (file, book) in books {
        intake.accept(&file, book);
    }
    intake.finish()
}

/// Gives memory back beside the work that goes on: half a million rows take their time.
pub(crate) fn give_up<T: Send + 'static>(what: T) {
    drop(std::thread::Builder::new().spawn(move || drop(what)));
}

impl Build<'_> {
    /// Makes a place of a cell.
    fn place(&self, cell: CellRef) -> Place {
        self.sources.place(cell)
    }

    /// Says that a sheet is not there, and what it would look like.
    fn say_missing(&mut self, spec: &SheetSpec) {
        let headers: Vec<&str> = spec
            .columns
            .iter()
            .filter(|column| !column.may_be_absent)
            .filter_map(|column| column.headers.first().copied())
            .collect();
        let finding = Diagnostic::error("missing-sheet", Place::Run)
            .with("sheet", spec.title)
            .with("columns", headers.join(" · "));
        let diag = self.diagnostics.push(finding);
        self.unread.add(spec.id, Vec::new(), &Gap::because(diag));
        self.doubt_sheet(spec, diag);
    }

    /// Enters what was said of the rows of exports, from a finding on.
    fn index_said(&mut self, from: usize) {
        for (index, finding) in self.diagnostics.iter().enumerate().skip(from) {
            if let Place::Cell { file, sheet, row, .. } = &finding.place
                && finding.id.starts_with("export-")
                && finding.severity != Severity::Note
            {
                self.said.entry((file.clone(), sheet.clone(), *row)).or_insert(DiagId(index));
            }
        }
    }

    /// Returns what was said of a row of an export while it was converted: a value that the row lacks is no second fault.
    fn said_of_export(&self, cell: CellRef) -> Option<DiagId> {
        if !self.sources.converted.contains_key(&cell.sheet) {
            return None;
        }
        let Place::Cell { file, sheet, row, .. } = self.place(cell) else { return None };
        self.said.get(&(file, sheet, row)).copied()
    }

    /// Says which numbers were typed as text: one finding a cell, so none where an error says what the value lacks.
    fn say_typed(&mut self) {
        let is_error = |finding: &&Diagnostic| finding.severity == Severity::Error;
        let errors: BTreeSet<Place> =
            self.diagnostics.iter().filter(is_error).map(|finding| finding.place.clone()).collect();
        for finding in std::mem::take(&mut self.typed) {
            if !errors.contains(&finding.place) {
                self.diagnostics.push(finding);
            }
        }
    }

    /// Keeps the days of a log for the check against the reported year. A row that repeats another has its finding.
    fn log_dates(&mut self, spec: &SheetSpec, rows: &[Row]) {
        for column in spec.columns.iter().filter(|column| column.is_logged) {
            for row in rows.iter().filter(|row| row.duplicate.is_none()) {
                if let (Value::Date(date), cell) = row.value(column.key) {
                    self.data.logged_dates.push(LoggedDate { date: *date, cell });
                }
            }
        }
    }

    /// Puts everything that a sheet feeds in doubt.
    fn doubt_sheet(&mut self, spec: &SheetSpec, diag: DiagId) {
        let gap = self.data.sheet_gaps.entry(spec.id.to_owned()).or_default();
        gap.reasons.insert(diag);
        if !spec.measures.is_empty() {
            self.fault(spec, None, None, Dims::default(), diag);
        }
    }

    /// Puts the measures of a sheet in doubt for a subject, years, and dimensions.
    fn fault(
        &mut self,
        spec: &SheetSpec,
        subject: Option<Subject>,
        years: Option<(Year, Year)>,
        dims: Dims,
        diag: DiagId,
    ) {
        let measures = spec.measures.iter().map(|code| MeasureCode::from(*code)).collect();
        self.data.store.fault(Fault { measures, subject, years, dims, diag });
    }

    /// A text that must be there.
    fn text(&mut self, row: &Row, key: &str) -> Known<Text> {
        self.optional_text(row, key)?.ok_or_else(Gap::default)
    }

    /// A text that may be blank.
    fn optional_text(&mut self, row: &Row, key: &str) -> Known<Option<Text>> {
        match row.value(key) {
            (Value::Text(value), cell) => {
                let node = self.sources.cells([cell]);
                Ok(Some(Text { value: value.to_string(), node }))
            }
            (Value::Bad(diag), _) => Err(Gap::because(*diag)),
            _ => Ok(None),
        }
    }

    /// A number that may be blank.
    fn optional_operand(&mut self, row: &Row, key: &str) -> Known<Option<Operand>> {
        Ok(row.number(key)?.map(|(value, cell)| Operand { value, node: self.sources.cells([cell]) }))
    }

    /// The school of a row, by code or by anything else that names it, in the year of which the row speaks; an unknown
    /// one is reported with the nearest codes.
    ///
    /// A name beside the code that is not the register's is reported too.
    fn school_in(&mut self, row: &Row, key: &str, name_key: &str, year: Option<Year>) -> Known<SchoolCode> {
        let (text, cell) = row.plain(key)?;
        let code = SchoolCode(text);
        if self.data.schools.contains_key(&code) {
            if let (Value::Text(name), name_cell) = row.value(name_key)
                && !self.is_name_of(name, &code)
                && let Some(school) = self.data.schools.get(&code)
            {
                let finding = Diagnostic::warning("school-name-differs", self.place(name_cell))
                    .with("code", code.0.as_str())
                    .with("name", school.short.value.clone());
                self.diagnostics.push(finding);
            }
            return Ok(code);
        }
        if let Some(found) = self.identified(&code.0, year) {
            return Ok(found);
        }
        if let Some(gap) = self.unread.gap(schools::SPEC.id, &schools::identifier(&code.0)) {
            return Err(gap);
        }
        let mut near: Vec<(usize, &str)> =
            self.data.schools.keys().map(|known| (ru::distance(&known.0, &code.0), known.0.as_str())).collect();
        near.sort_unstable();
        let nearest: Vec<&str> = near.iter().take(3).map(|(_, known)| *known).collect();
        let finding = Diagnostic::error("unknown-school", self.place(cell))
            .with("code", told(&code.0))
            .with("nearest", nearest.join(", "));
        Err(Gap::because(self.diagnostics.push(finding)))
    }

    /// A subject of instruction, by its name.
    fn discipline(&mut self, name: &EcoString) -> Discipline {
        if let Some(known) = self.disciplines.get(name) {
            return known.clone();
        }
        let discipline = Discipline::from(name.to_lowercase());
        self.disciplines.insert(name.clone(), discipline.clone());
        discipline
    }

    /// Tells whether a name, or anything else that names schools, is one of this school.
    fn is_name_of(&mut self, name: &EcoString, code: &SchoolCode) -> bool {
        if self.names.get(code).is_some_and(|known| known.contains(name)) {
            return true;
        }
        let is_name = self.data.identifiers.get(&schools::identifier(name)).is_some_and(|found| found.contains(code));
        if is_name {
            self.names.entry(code.clone()).or_default().insert(name.clone());
        }
        is_name
    }

    /// Finds a school by login, exam code, INN or name; of schools in one line, the one that exists in the year.
    fn identified(&self, text: &str, year: Option<Year>) -> Option<SchoolCode> {
        let known = self.data.identifiers.get(&schools::identifier(text))?;
        let exists = |code: &&SchoolCode| {
            let school = self.data.schools.get(*code);
            school.is_some_and(|school| year.is_none_or(|year| school.exists_at_end_of(year)))
        };
        known.iter().find(exists).or_else(|| known.first()).cloned()
    }

    /// Turns the gap of a row's key into doubt about everything that the sheet feeds.
    fn doubt_row(&mut self, row: &Row, gap: &Gap) {
        for diag in &gap.reasons {
            self.doubt_sheet(row.spec, *diag);
        }
    }
}

impl Row {
    fn value(&self, key: &str) -> (&Value, CellRef) {
        let columns = self.spec.columns;
        // A key is mostly the very text of its column: its address tells it before its letters do.
        let same = columns.iter().position(|column| std::ptr::eq(column.key, key));
        let column = same.or_else(|| columns.iter().position(|column| column.key == key));
        let found = column.and_then(|index| Some((self.values.get(index)?, (*self.positions.get(index)?)?)));
        found.map_or((&Value::Blank, self.cell), |(value, column)| (value, CellRef { column, ..self.cell }))
    }

    /// Returns the cell of a column.
    fn cell(&self, key: &str) -> CellRef {
        self.value(key).1
    }

    /// A text without a node, for keys and codes.
    fn plain(&self, key: &str) -> Known<(EcoString, CellRef)> {
        match self.value(key) {
            (Value::Text(text), cell) => Ok((text.clone(), cell)),
            (Value::Bad(diag), _) => Err(Gap::because(*diag)),
            (_, cell) => Ok((EcoString::new(), cell)),
        }
    }

    fn number(&self, key: &str) -> Known<Option<(Measure, CellRef)>> {
        match self.value(key) {
            (Value::Number(number), cell) => Ok(Some((number.clone(), cell))),
            (Value::Bad(diag), _) => Err(Gap::because(*diag)),
            _ => Ok(None),
        }
    }

    fn year(&self, key: &str) -> Known<Option<Year>> {
        let number = self.number(key)?;
        Ok(number.and_then(|(number, _)| number.to_integer()).and_then(|year| i32::try_from(year).ok()).map(Year))
    }

    fn grade(&self, key: &str) -> Known<Option<u8>> {
        let number = self.number(key)?;
        Ok(number.and_then(|(number, _)| number.to_integer()).and_then(|grade| u8::try_from(grade).ok()))
    }

    fn date(&self, key: &str) -> Known<Option<Date>> {
        match self.value(key) {
            (Value::Date(date), _) => Ok(Some(*date)),
            (Value::Bad(diag), _) => Err(Gap::because(*diag)),
            _ => Ok(None),
        }
    }

    fn choice(&self, key: &str) -> Known<Option<&'static str>> {
        match self.value(key) {
            (Value::Choice(choice), _) => Ok(Some(choice)),
            (Value::Bad(diag), _) => Err(Gap::because(*diag)),
            _ => Ok(None),
        }
    }

    /// Returns the gap of a row that repeats another.
    fn unique(&self) -> Known<()> {
        self.duplicate.map_or(Ok(()), |diag| Err(Gap::because(diag)))
    }
}

/// A row on its way to an observation: its keys as far as they can be read, and what is wrong with the rest.
#[derive(Default)]
struct Reading {
    subject: Option<Subject>,
    years: Option<(Year, Year)>,
    dims: Dims,
    gap: Gap,
}

impl Reading {
    /// Takes what could be read, or the reason why it could not.
    fn keep<T>(&mut self, part: Known<T>) -> Option<T> {
        part.map_err(|gap| self.gap.reasons.extend(gap.reasons)).ok()
    }

    /// Takes the year of a row, and whole years they are.
    fn keep_year(&mut self, year: Known<Option<Year>>) {
        self.years = self.keep(filled(year)).map(|year| (year, year));
    }

    /// Takes a choice and what it stands for.
    fn keep_choice<T>(&mut self, choice: Known<Option<&'static str>>, of: fn(&str) -> T) -> Option<T> {
        self.keep(filled(choice)).map(of)
    }
}

/// Projects a sheet whose rows are observations. A row that is none puts in doubt what the sheet feeds, as narrowly as
/// the keys that could be read allow.
fn observe(
    rows: &[Row],
    build: &mut Build<'_>,
    read: fn(&Row, &mut Build<'_>, &mut Reading) -> Option<(Measure, CellRef)>,
) {
    for row in rows {
        let mut reading = Reading::default();
        reading.keep(row.unique());
        let value = read(row, build, &mut reading);
        let Reading { subject, years, dims, gap } = reading;
        let measure = row.spec.measures.first();
        match (value, &subject, years, measure) {
            (Some((value, cell)), Some(subject), Some((from, to)), Some(measure)) if gap.reasons.is_empty() => {
                let (subject, measure, dims) = (subject.clone(), (*measure).into(), dims.into());
                build.data.store.add(Observation { subject, from, to, measure, dims, value, cell });
            }
            _ => {
                for diag in gap.reasons {
                    build.fault(row.spec, subject.clone(), years, dims.clone(), diag);
                }
            }
        }
    }
}

/// A code as a finding may repeat it: what looks like the name of a person is only measured.
fn told(text: &str) -> String {
    if ru::looks_like_person(text) {
        format!("текст, {} знаков", text.chars().count())
    } else {
        text.to_owned()
    }
}

/// Unwraps a value that the binder has already seen to be filled.
fn filled<T>(value: Known<Option<T>>) -> Known<T> {
    value?.ok_or_else(Gap::default)
}

/// Splits a cell of several values at «;».
fn split_list(text: &str) -> BTreeSet<String> {
    text.split(';').map(ru::fold).filter(|part| !part.is_empty()).collect()
}

/// Orders numbers as written by their parts: 1.10 stands after 1.9.
fn order_of(number: &str) -> Vec<u64> {
    number.trim_end_matches('.').split('.').map(|part| part.trim().parse().unwrap_or(u64::MAX)).collect()
}

/// Keeps a node for a plain cell.
fn node_of(build: &mut Build<'_>, cell: CellRef) -> NodeId {
    build.sources.cells([cell])
}
