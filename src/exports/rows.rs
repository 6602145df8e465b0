//! The virtual sheet: rows in the layout of a sheet that the program knows, each cell with the areas behind it.
//! In: values by key of column. Out: a sheet with its origins. It must never know where the values came from.

use std::collections::BTreeMap;

use crate::provenance::Area;
use crate::sheets::{Kind, SHEETS, SheetSpec};
use crate::workbook::{CellValue, Line, Sheet};

use super::grid;
use super::title::Title;

/// A sheet under construction.
pub(super) struct Virtual {
    spec: Option<&'static SheetSpec>,
    sheet: Sheet,
    next: u32,
}

/// A cell to be: key of the column, value, what stands behind it.
pub(super) type Cell = (&'static str, CellValue, Vec<Area>);

impl Virtual {
    /// Starts a sheet of this kind under the name of the sheet as it came.
    pub(super) fn new(id: &str, name: &str) -> Self {
        let spec = SHEETS.iter().find(|spec| spec.id == id);
        let mut sheet = Sheet { name: name.to_owned(), knows_styles: true, ..Sheet::default() };
        let headers = spec.into_iter().flat_map(|spec| spec.columns).filter_map(|column| column.headers.first());
        let headers = (0_u16..).zip(headers).map(|(at, header)| (at, CellValue::Text((*header).into())));
        sheet.rows.insert(0, headers.collect());
        Self { spec, sheet, next: 1 }
    }

    /// Adds a row. Cells without areas of their own, and blank ones, stand for `behind`.
    pub(super) fn push(&mut self, cells: Vec<Cell>, behind: Area) {
        let Some(spec) = self.spec else { return };
        let mut row = Line::default();
        let mut given: BTreeMap<&str, (CellValue, Vec<Area>)> =
            cells.into_iter().map(|(key, value, areas)| (key, (value, areas))).collect();
        for (at, column) in (0_u16..).zip(spec.columns) {
            let mut areas = Vec::new();
            if let Some((value, found)) = given.remove(column.key) {
                row.insert(at, value);
                areas = found;
            }
            if areas.is_empty() {
                areas.push(behind);
            }
            self.sheet.origins.insert((self.next, at), areas);
        }
        self.sheet.rows.insert(self.next, row);
        self.next += 1;
    }

    /// Returns how a choice is written in a column.
    pub(super) fn choice(&self, key: &str, chosen: &str) -> CellValue {
        let columns = self.spec.into_iter().flat_map(|spec| spec.columns);
        let choices = columns.filter(|column| column.key == key).find_map(|column| match column.kind {
            Kind::Choice(choices) => choices.iter().find(|(_, known)| *known == chosen),
            _ => None,
        });
        CellValue::Text(choices.map_or(chosen, |(name, _)| *name).into())
    }

    /// Returns the sheet.
    pub(super) fn finish(self) -> Sheet {
        self.sheet
    }
}

/// A number of things as a cell.
pub(super) fn count(number: u32) -> CellValue {
    CellValue::Number(f64::from(number))
}

/// What a row of results is about.
#[derive(Clone, Debug)]
pub(super) struct Work {
    /// Key of the procedure.
    pub exam: &'static str,
    /// Year, and the cell that says it.
    pub year: Option<(i32, Option<Area>)>,
    /// Grade of the writers.
    pub grade: Option<(u8, Option<Area>)>,
    /// Subject.
    pub discipline: Option<(String, Option<Area>)>,
}

impl Work {
    /// Takes the facts of a title.
    pub(super) fn of(title: &Title, exam: &'static str) -> Self {
        Self {
            exam,
            year: title.year.as_ref().map(|fact| (fact.value, fact.area)),
            grade: title.grade.as_ref().map(|fact| (fact.value, fact.area)),
            discipline: title.discipline.as_ref().map(|fact| (fact.value.clone(), fact.area)),
        }
    }
}

/// A school of a row: its identifier and its name as they stand, and where.
#[derive(Clone, Debug)]
pub(super) struct SchoolCell {
    /// Identifier: login, code, or the name itself.
    pub id: String,
    /// Name; empty when there is none.
    pub name: String,
    /// The cell of the identifier.
    pub id_area: Area,
    /// The cell of the name.
    pub name_area: Area,
}

/// Results of a school: what is not known stays blank.
#[derive(Clone, Debug, Default)]
pub(super) struct Results {
    /// Participants, and what stands behind them.
    pub participants: Option<(u32, Vec<Area>)>,
    /// Counts of the marks 2 to 5.
    pub marks: Vec<(u32, Vec<Area>)>,
    /// Participants below the minimum.
    pub below: Option<(u32, Vec<Area>)>,
}

/// Adds a row of results.
pub(super) fn push_results(target: &mut Virtual, work: &Work, school: &SchoolCell, results: Results) {
    let area = |area: Option<Area>| area.into_iter().collect::<Vec<_>>();
    let text = |text: &str| CellValue::Text(text.into());
    let mut cells: Vec<Cell> = vec![
        ("school", text(&school.id), vec![school.id_area]),
        ("exam", target.choice("exam", work.exam), Vec::new()),
    ];
    if !school.name.is_empty() {
        cells.push(("name", text(&school.name), vec![school.name_area]));
    }
    if let Some((year, at)) = work.year {
        cells.push(("year", CellValue::Number(f64::from(year)), area(at)));
    }
    if let Some((grade, at)) = work.grade {
        cells.push(("grade", CellValue::Number(f64::from(grade)), area(at)));
    }
    if let Some((discipline, at)) = &work.discipline {
        cells.push(("discipline", text(discipline), area(*at)));
    }
    if let Some((number, areas)) = results.participants {
        cells.push(("participants", count(number), areas));
    }
    for (key, (number, areas)) in ["mark-2", "mark-3", "mark-4", "mark-5"].into_iter().zip(results.marks) {
        cells.push((key, count(number), areas));
    }
    if let Some((number, areas)) = results.below {
        cells.push(("below-minimum", count(number), areas));
    }
    target.push(cells, school.id_area);
}

/// What the protocol says of a participant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Got {
    /// A mark, 2 to 5.
    Mark(u32),
    /// A score that passes, or does not.
    Passed(bool),
    /// Took part; the mark cannot be known.
    Unknown,
}

/// Participants of a protocol, added up by school: nothing of a pupil is kept.
#[derive(Debug, Default)]
pub(super) struct Pupils {
    schools: Vec<Counted>,
    index: BTreeMap<String, usize>,
    last: Option<usize>,
}

#[derive(Debug)]
struct Counted {
    school: SchoolCell,
    runs: Vec<(u32, u32)>,
    participants: u32,
    marks: [u32; 4],
    below: u32,
    is_scored: bool,
    is_unknown: bool,
}

impl Pupils {
    /// Notes a row of a school; `None` when its pupil did not take part.
    pub(super) fn add(&mut self, row: u32, school: SchoolCell, got: Option<Got>) {
        let next = self.schools.len();
        let at = *self.index.entry(grid::key(&school.id)).or_insert(next);
        if at == next {
            let (runs, marks) = (Vec::new(), [0; 4]);
            let new = Counted { school, runs, participants: 0, marks, below: 0, is_scored: false, is_unknown: false };
            self.schools.push(new);
        }
        let is_next = self.last == Some(at);
        self.last = Some(at);
        let (Some(counted), Some(got)) = (self.schools.get_mut(at), got) else { return };
        match counted.runs.last_mut() {
            Some(run) if is_next => run.1 = row,
            _ => counted.runs.push((row, row)),
        }
        counted.participants += 1;
        match got {
            Got::Mark(mark) => {
                let slot = mark.checked_sub(2).and_then(|at| usize::try_from(at).ok());
                match slot.and_then(|at| counted.marks.get_mut(at)) {
                    Some(slot) => *slot += 1,
                    None => counted.is_unknown = true,
                }
            }
            Got::Passed(passed) => {
                counted.is_scored = true;
                counted.below += u32::from(!passed);
            }
            Got::Unknown => counted.is_unknown = true,
        }
    }

    /// Returns the participants of all schools.
    pub(super) fn participants(&self) -> u32 {
        self.schools.iter().map(|counted| counted.participants).sum()
    }

    /// Writes a row for every school; `column` holds what was counted.
    pub(super) fn write(self, target: &mut Virtual, work: &Work, column: u16) {
        for counted in self.schools.into_iter().filter(|counted| counted.participants > 0) {
            let areas = grid::areas(column, &counted.runs);
            let is_known = !counted.is_unknown;
            let with = |number: u32| (number, areas.clone());
            let results = Results {
                participants: Some(with(counted.participants)),
                marks: if is_known && !counted.is_scored { counted.marks.map(with).to_vec() } else { Vec::new() },
                below: (is_known && counted.is_scored).then(|| with(counted.below)),
            };
            push_results(target, work, &counted.school, results);
        }
    }
}
