//! ФИС ОКО «Статистика по отметкам», and the flat table of marks that people keep.
//! In: percents of marks by school and the number of participants. Out: counts where the percents leave no doubt.
//! It must never know how percents become counts.
//!
//! Columns of the report were seen in a real file; its header block and the order of its rows are general knowledge.

use crate::diag::Diagnostic;
use crate::measure::Measure;
use crate::provenance::Area;
use crate::workbook::{Line, Sheet};

use super::grid::{self, Decimal, Header};
use super::places::{self, RowOf};
use super::rows::{Results, SchoolCell, Virtual, Work, push_results};
use super::shares::{self, Counts};
use super::{Reading, disciplines, title};

/// Headers of the number of participants.
pub(super) const PARTICIPANTS: &[&str] = &["Кол-во участников", "Количество участников"];
/// Headers of the number of schools.
const SCHOOLS: &[&str] = &["Кол-во ОО", "Количество ОО"];
/// Header of the groups.
pub(super) const GROUPS: &[&str] = &["Группы участников"];

/// Shares of a table: columns of one mark stand together.
pub(super) struct Shares {
    /// The columns of the marks 2 to 5; `None` when no scale says which scores they are.
    pub marks: Option<[Vec<u16>; 4]>,
    /// Every column of shares.
    pub columns: Vec<u16>,
}

/// Reads the report.
pub(super) fn statistics(reading: &mut Reading<'_>, headers: &[Header]) -> Option<Sheet> {
    let header = headers.iter().find(|header| {
        header.find(GROUPS).is_some() && header.find(PARTICIPANTS).is_some() && mark_columns(header).is_some()
    })?;
    let columns = mark_columns(header)?;
    let title = title::read(reading, header.row);
    let work = Work::of(&title, title.exam.unwrap_or("vpr"));
    reading.say_missing(&work);
    let shares = Shares { columns: columns.to_vec(), marks: Some(columns.map(|column| vec![column])) };
    Some(report(reading, header, &work, &shares))
}

/// Returns the columns of the marks 2, 3, 4, 5 when they are the only ones headed by a number.
fn mark_columns(header: &Header) -> Option<[u16; 4]> {
    match header.numbers().as_slice() {
        [(a, 2), (b, 3), (c, 4), (d, 5)] => Some([*a, *b, *c, *d]),
        _ => None,
    }
}

/// Reads the rows of a report whose groups stand in one column.
pub(super) fn report(reading: &mut Reading<'_>, header: &Header, work: &Work, shares: &Shares) -> Sheet {
    let mut target = Virtual::new("results", &reading.sheet.name);
    let digits = digits(reading.sheet, header.row, shares);
    let (groups, schools) = (header.find(GROUPS), header.find(SCHOOLS));
    for (row, cells) in reading.sheet.rows.range(header.row + 1..) {
        let (Some(column), label) = (groups, grid::word(cells, groups)) else { continue };
        if label.is_empty() {
            continue;
        }
        let number = grid::cell(cells, schools).and_then(grid::whole);
        let area = Area::cell(*row, column);
        match places::row_of(&label, number) {
            RowOf::School(id, name) => {
                let school = SchoolCell { id, name, id_area: area, name_area: area };
                let results = results(reading, header, (*row, cells), shares, digits);
                push_results(&mut target, work, &school, results);
            }
            RowOf::Group => {}
            RowOf::Unknown => {
                let finding = Diagnostic::warning("export-row-not-school", reading.at(*row, column));
                reading.say(finding);
            }
        }
    }
    target.finish()
}

/// Returns the decimals of a table of shares.
pub(super) fn digits(sheet: &Sheet, header_row: u32, shares: &Shares) -> usize {
    let rows = sheet.rows.range(header_row + 1..);
    let numbers = rows.flat_map(|(_, cells)| shares.columns.iter().filter_map(|column| cells.get(column)));
    shares::digits(numbers.filter_map(grid::decimal).collect::<Vec<_>>().iter())
}

/// Reads participants and marks of a row; says why the marks stay unknown.
pub(super) fn results(
    reading: &mut Reading<'_>,
    header: &Header,
    (row, cells): (u32, &Line),
    shares: &Shares,
    digits: usize,
) -> Results {
    let column = header.find(PARTICIPANTS);
    let Some((column, total)) = column.and_then(|column| Some((column, grid::whole(cells.get(&column)?)?))) else {
        let place = reading.at(row, column.unwrap_or_default());
        reading.say(Diagnostic::error("export-no-participants", place));
        return Results::default();
    };
    let known = Results { participants: Some((total, vec![Area::cell(row, column)])), ..Results::default() };
    let Some(marks) = &shares.marks else { return known };
    let mut groups: Vec<Vec<Decimal>> = Vec::new();
    for columns in marks {
        let mut group = Vec::new();
        for column in columns {
            // A blank share is a share of zero; anything else that is no number is not.
            match cells.get(column) {
                None => group.push(Decimal { value: Measure::default(), digits: 0 }),
                Some(value) => match grid::decimal(value) {
                    Some(share) => group.push(share),
                    None => {
                        let finding = Diagnostic::error("export-value-not-read", reading.at(row, *column));
                        reading.say(finding);
                        return known;
                    }
                },
            }
        }
        groups.push(group);
    }
    let area = |columns: &[u16]| {
        let (first, last) = (columns.first().copied(), columns.last().copied());
        first.zip(last).map(|columns| Area { columns, rows: (row, row) })
    };
    // A count that comes from a share stands on the share and on the participants.
    let behind = |columns: &[u16]| area(columns).into_iter().chain([Area::cell(row, column)]).collect();
    let refs: Vec<Vec<&Decimal>> = groups.iter().map(|group| group.iter().collect()).collect();
    let place = reading.at(row, shares.columns.first().copied().unwrap_or(column));
    let sum: Measure = groups.iter().flatten().map(|share| share.value.clone()).sum();
    // People also keep counts under the same headers: they add up to the participants, not to a hundred.
    let is_counts = sum == Measure::from(i64::from(total)) && !is_hundred(&sum);
    let counted = if is_counts { whole_counts(&groups) } else { shares::counts(total, &refs, digits) };
    match counted {
        Counts::Certain(counts) => {
            let marks = counts.into_iter().zip(marks).map(|(count, columns)| (count, behind(columns))).collect();
            Results { marks, ..known }
        }
        Counts::Ambiguous => {
            let finding = Diagnostic::warning("export-shares-ambiguous", place).with("participants", total.to_string());
            reading.say(finding);
            known
        }
        Counts::Impossible => {
            let finding = Diagnostic::error("export-shares-impossible", place).with("participants", total.to_string());
            reading.say(finding);
            known
        }
    }
}

/// Tells a sum of shares: a hundred, up to the rounding of its parts.
fn is_hundred(sum: &Measure) -> bool {
    let (low, high) = (Measure::ratio(998, 10), Measure::ratio(1002, 10));
    low.is_some_and(|low| *sum >= low) && high.is_some_and(|high| *sum <= high)
}

fn whole_counts(groups: &[Vec<Decimal>]) -> Counts {
    let sum = |group: &Vec<Decimal>| {
        let sum: Measure = group.iter().map(|number| number.value.clone()).sum();
        sum.to_integer().and_then(|sum| u32::try_from(sum).ok())
    };
    groups.iter().map(sum).collect::<Option<Vec<u32>>>().map_or(Counts::Impossible, Counts::Certain)
}

/// The columns of a flat table that name the work and the school of each row.
pub(super) struct Flat {
    year: u16,
    grade: u16,
    discipline: u16,
    login: Option<u16>,
    school: u16,
}

impl Flat {
    /// Finds the columns.
    pub(super) fn of(header: &Header) -> Option<Self> {
        header.find(PARTICIPANTS)?;
        // A table that names the procedure of each row is a sheet of its own, under other headers.
        if header.find(&["Процедура", "Вид процедуры"]).is_some() {
            return None;
        }
        Some(Self {
            year: header.find(&["Год"])?,
            grade: header.find(&["Класс"])?,
            discipline: header.find(&["Предмет"])?,
            login: header.find(&["Логин"]),
            school: header.find(&["ОО", "Школа"])?,
        })
    }
}

/// Reads a flat table of marks.
pub(super) fn flat(reading: &mut Reading<'_>, headers: &[Header]) -> Option<Sheet> {
    let (header, columns) =
        headers.iter().find_map(|header| Some((header, Flat::of(header).and(mark_columns(header))?)))?;
    let marks = Shares { columns: columns.to_vec(), marks: Some(columns.map(|column| vec![column])) };
    flat_rows(reading, header, &mut |_, _| Shares { columns: marks.columns.clone(), marks: marks.marks.clone() })
}

/// Reads the rows of a flat table; `shares` tells which columns are which mark in the work of a row.
pub(super) fn flat_rows(
    reading: &mut Reading<'_>,
    header: &Header,
    shares: &mut dyn FnMut(&mut Reading<'_>, &Work) -> Shares,
) -> Option<Sheet> {
    let flat = Flat::of(header)?;
    let exam = title::read(reading, header.row).exam.unwrap_or("vpr");
    let mut target = Virtual::new("results", &reading.sheet.name);
    let every = Shares { columns: header.numbers().into_iter().map(|(column, _)| column).collect(), marks: None };
    let digits = digits(reading.sheet, header.row, &every);
    for (row, cells) in reading.sheet.rows.range(header.row + 1..) {
        let text = |column: u16| grid::word(cells, Some(column));
        let at = |column: u16| Some(Area::cell(*row, column));
        let login = flat.login.map(text).filter(|login| !login.is_empty());
        let name = places::split(&text(flat.school));
        let name = if name.1.is_empty() { name.0 } else { name.1 };
        let (id, id_column) = match (login, flat.login) {
            (Some(login), Some(column)) => (places::split(&login).0, column),
            _ => (name.clone(), flat.school),
        };
        if id.is_empty() || matches!(grid::key(&id).as_str(), "итого" | "всего") {
            continue;
        }
        if !places::is_identifier(&id) {
            let finding = Diagnostic::warning("export-row-not-school", reading.at(*row, id_column));
            reading.say(finding);
            continue;
        }
        let discipline = text(flat.discipline);
        let discipline = disciplines::of_cell(&discipline).map_or(discipline, str::to_owned);
        let work = Work {
            exam,
            year: title::year(&text(flat.year)).map(|year| (year, at(flat.year))),
            grade: cells.get(&flat.grade).and_then(title::grade_of_class).map(|grade| (grade, at(flat.grade))),
            discipline: (!discipline.is_empty()).then(|| (discipline, at(flat.discipline))),
        };
        let id_area = Area::cell(*row, id_column);
        let school = SchoolCell { id, name, id_area, name_area: Area::cell(*row, flat.school) };
        let shares = shares(reading, &work);
        let results = results(reading, header, (*row, cells), &shares, digits);
        push_results(&mut target, &work, &school, results);
    }
    Some(target.finish())
}
