//! Protocols of РИС ГИА-9 and -11: a row a participant, in every layout from regional workbooks to `;`-separated text.
//! In: a protocol. Out: marks (ОГЭ) or participants below the least score (ЕГЭ), by the code of the school.
//! It must never know a participant: names, documents and the masks of answers are not carried on.
//!
//! Layouts were seen in programs that read real protocols; spacer columns and the place of the header vary.

use crate::diag::Diagnostic;
use crate::provenance::Area;
use crate::workbook::Sheet;

use super::grid::{self, Header};
use super::rows::{Got, Pupils, SchoolCell, Virtual, Work};
use super::title::{self, Fact, Title};
use super::{Reading, disciplines, places};

/// Headers of the school's code.
const SCHOOL: &[&str] = &["Код ОО", "Код ОУ"];
/// Headers of which one shows that a sheet is a protocol of participants.
const SEATS: &[&str] = &["Код ППЭ", "ППЭ", "Аудитория", "Фамилия", "Документ", "Номер"];
/// Greatest test score of ЕГЭ.
const MOST_SCORE: u32 = 100;

/// Recognises a protocol of appeals: its rows stand in the protocol of results, too, so they are not counted again.
pub(super) fn appeals(reading: &mut Reading<'_>, headers: &[Header]) -> Option<Sheet> {
    let header = headers.iter().find(|header| header.has(&["Код ОО", "Состояние апелляции"]))?;
    let state = header.find(&["Состояние апелляции"]);
    let rows = reading.sheet.rows.range(header.row + 1..);
    let is_upheld = |state: &str| state == "апелляция удовлетворена" || state == "удовлетворена";
    let count = rows.filter(|(_, cells)| is_upheld(&grid::key(&grid::word(cells, state)))).count();
    let finding = Diagnostic::warning("export-appeals", reading.here()).with("count", count.to_string());
    reading.say(finding);
    Some(reading.nothing())
}

/// Reads a protocol of results.
pub(super) fn protocol(reading: &mut Reading<'_>, headers: &[Header]) -> Option<Sheet> {
    let is_protocol = |header: &&Header| {
        let has_result = header.find(&["Оценка", "Тестовый балл", "Балл"]).is_some();
        header.find(SCHOOL).is_some() && has_result && SEATS.iter().any(|seat| header.find(&[seat]).is_some())
    };
    let header = headers.iter().find(is_protocol)?;
    let school = header.find(SCHOOL)?;
    let (mark, score) = (header.find(&["Оценка"]), header.find(&["Тестовый балл", "Балл"]));
    let mut title = title::read(reading, header.row);
    exam_line(reading.sheet, header.row, &mut title);
    let exam = title.exam.unwrap_or(if score.is_some() || is_base(&title) { "ege" } else { "oge" });
    let mut work = Work::of(&title, exam);
    work.grade = grade(reading.sheet, header, exam);
    if let (true, Some((name, _))) = (exam == "ege", &mut work.discipline)
        && name == "Математика"
    {
        // Since 2015 the exam is of one of two levels; code 02 without a word is the profile one.
        "Математика профильная".clone_into(name);
    }
    reading.say_missing(&work);
    // A mark is a mark in every exam; a test score is held against the least that passes.
    let column = mark.or(score)?;
    let is_mark = mark.is_some();
    let minimum = match (&work.discipline, work.year) {
        (Some((discipline, _)), Some((year, _))) if !is_mark => {
            let minimum = reading.scales.minimum(discipline, year);
            if minimum.is_none() {
                let finding = Diagnostic::error("export-no-minimum", reading.here())
                    .with("discipline", discipline.clone())
                    .with("year", year.to_string());
                reading.say(finding);
            }
            minimum
        }
        _ => None,
    };
    let mut pupils = Pupils::default();
    for (row, cells) in reading.sheet.rows.range(header.row + 1..) {
        let id = grid::word(cells, Some(school));
        let value = cells.get(&column);
        // A code has digits; a word there is a second row of headers, or a line of signatures.
        let is_code = places::is_identifier(&id);
        let number = value.and_then(grid::whole);
        let got = match (is_code, value, number) {
            // Lines of signatures, and what else stands below the table.
            (false, _, None) => continue,
            (false, _, Some(_)) => {
                let finding = Diagnostic::error("export-no-school", reading.at(*row, school));
                reading.say(finding);
                continue;
            }
            (true, None, _) => {
                let finding = Diagnostic::warning("export-no-score", reading.at(*row, column));
                reading.say(finding);
                None
            }
            (true, Some(_), None) => {
                let finding = Diagnostic::error("export-value-not-read", reading.at(*row, column));
                reading.say(finding);
                Some(Got::Unknown)
            }
            (true, Some(_), Some(number)) => Some(score_of(reading, (*row, column), number, is_mark, minimum)),
        };
        let area = Area::cell(*row, school);
        pupils.add(*row, SchoolCell { id, name: String::new(), id_area: area, name_area: area }, got);
    }
    let mut target = Virtual::new("results", &reading.sheet.name);
    pupils.write(&mut target, &work, column);
    Some(target.finish())
}

fn score_of(
    reading: &mut Reading<'_>,
    (row, column): (u32, u16),
    number: u32,
    is_mark: bool,
    minimum: Option<u32>,
) -> Got {
    let most = if is_mark { 5 } else { MOST_SCORE };
    if number > most || (is_mark && number < 2) {
        let finding = Diagnostic::error("export-score-out-of-range", reading.at(row, column))
            .with("found", number.to_string())
            .with("most", most.to_string());
        reading.say(finding);
        return Got::Unknown;
    }
    match minimum {
        _ if is_mark => Got::Mark(number),
        Some(minimum) => Got::Passed(number >= minimum),
        None => Got::Unknown,
    }
}

/// Reads «04 - Химия 2026.06.01» above the table: the subject as it stands, the year of the exam.
fn exam_line(sheet: &Sheet, header_row: u32, title: &mut Title) {
    for (row, cells) in sheet.rows.range(..header_row) {
        for (column, value) in cells {
            let Some(text) = grid::text(value) else { continue };
            let line = text.trim_matches(|c: char| c == '"' || c.is_whitespace());
            let Some((code, rest)) = line.split_once(['-', '–']) else { continue };
            let is_code = (1..=2).contains(&code.trim().len()) && code.trim().chars().all(|c| c.is_ascii_digit());
            let name: String = rest.chars().take_while(|c| !c.is_ascii_digit()).collect();
            let name = name.trim().trim_end_matches(['(', ',']).trim();
            let Some(year) = title::year(rest).filter(|_| is_code && !name.is_empty()) else { continue };
            let area = Some(Area::cell(*row, *column));
            let name = disciplines::named(name).unwrap_or(name).to_owned();
            title.discipline = Some(Fact { value: name, area });
            title.year = Some(Fact { value: year, area });
            return;
        }
    }
}

fn is_base(title: &Title) -> bool {
    title.discipline.as_ref().is_some_and(|fact| fact.value == "Математика базовая")
}

/// Tells the grade: of the exam, or of the classes of its participants where the exam is of both.
fn grade(sheet: &Sheet, header: &Header, exam: &str) -> Option<(u8, Option<Area>)> {
    match exam {
        "oge" => return Some((9, None)),
        "ege" => return Some((11, None)),
        _ => {}
    }
    let column = header.find(&["Класс"])?;
    let mut rows = sheet.rows.range(header.row + 1..);
    rows.find_map(|(row, cells)| {
        let grade = title::grade_of_class(cells.get(&column)?)?;
        Some((grade, Some(Area::cell(*row, column))))
    })
}
