//! ФИС ОКО «Индивидуальные результаты» (form Ф1, 2026): a row a pupil, tasks, raw score, mark.
//! In: a sheet with facts of the work above its table. Out: counts of marks by school.
//! It must never know another layout. Known from a program that reads the form and from its sample.

use crate::diag::Diagnostic;
use crate::provenance::Area;
use crate::workbook::Sheet;

use super::grid::{self, Header};
use super::places;
use super::rows::{Got, Pupils, SchoolCell, Virtual, Work};
use super::{Reading, scores, title};

/// Reads the form.
pub(super) fn read(reading: &mut Reading<'_>, headers: &[Header]) -> Option<Sheet> {
    let header = headers.iter().find(|header| header.has(&["Код участника", "Первичный балл"]))?;
    let find = |names: &[&str]| header.find(names);
    let (school, name) = (find(&["ОО", "Логин"]), find(&["Название ОО"]));
    let (code, score, mark) = (find(&["Код участника"]), find(&["Первичный балл"])?, find(&["Отметка"]));
    let title = title::read(reading, header.row);
    let work = Work::of(&title, title.exam.unwrap_or("vpr"));
    reading.say_missing(&work);
    let above = above(reading.sheet, header.row);
    let most = above.most;
    let mut pupils = Pupils::default();
    let mut is_said = false;
    for (row, cells) in reading.sheet.rows.range(header.row + 1..) {
        let (id, inner) = places::split(&grid::word(cells, school));
        let id = if id.is_empty() { above.login.clone().map_or(String::new(), |(login, _)| login) } else { id };
        let found = (grid::cell(cells, mark), cells.get(&score));
        if grid::word(cells, code).is_empty() && found == (None, None) {
            continue;
        }
        if !places::is_identifier(&id) {
            let finding = Diagnostic::error("export-no-school", reading.at(*row, school.unwrap_or_default()));
            reading.say(finding);
            continue;
        }
        let points = found.1.and_then(grid::whole);
        let given = found.0.and_then(grid::whole);
        let got = match (given, points) {
            (_, Some(points)) if most.is_some_and(|most| points > most) => {
                let finding = Diagnostic::error("export-score-out-of-range", reading.at(*row, score))
                    .with("found", points.to_string())
                    .with("most", most.unwrap_or_default().to_string());
                reading.say(finding);
                Some(Got::Unknown)
            }
            (Some(mark @ 2..=5), _) => Some(Got::Mark(mark)),
            (Some(found), _) => {
                let finding =
                    Diagnostic::error("export-score-out-of-range", reading.at(*row, mark.unwrap_or_default()))
                        .with("found", found.to_string())
                        .with("most", "5");
                reading.say(finding);
                Some(Got::Unknown)
            }
            (None, Some(points)) => {
                let facts = work.discipline.as_ref().zip(work.grade).zip(work.year);
                let scale = facts
                    .as_ref()
                    .and_then(|((discipline, grade), year)| reading.scales.scale(&discipline.0, grade.0, year.0));
                let got = scale.and_then(|scale| scale.mark(points)).map_or(Got::Unknown, Got::Mark);
                if let (None, Some(((discipline, grade), year)), false) = (scale, facts, is_said) {
                    is_said = true;
                    scores::say_no_scale(reading, &discipline.0, grade.0, year.0);
                }
                Some(got)
            }
            // Neither a mark nor a score: the pupil did not take part.
            (None, None) => None,
        };
        let column = if id.is_empty() { code } else { school }.or(code).unwrap_or_default();
        let label = grid::word(cells, name);
        let area = Area::cell(*row, column);
        let name_area = name.map_or(area, |name| Area::cell(*row, name));
        let name = if label.is_empty() { inner } else { label };
        let id_area = match (&above.login, grid::word(cells, school).is_empty()) {
            (Some((_, area)), true) => *area,
            _ => area,
        };
        pupils.add(*row, SchoolCell { id, name, id_area, name_area }, got);
    }
    if let Some((expected, area)) = above.participants
        && expected != pupils.participants()
    {
        let finding = Diagnostic::warning("export-participants-differ", reading.at(area.rows.0, area.columns.0))
            .with("stated", expected.to_string())
            .with("found", pupils.participants().to_string());
        reading.say(finding);
    }
    let mut target = Virtual::new("results", &reading.sheet.name);
    pupils.write(&mut target, &work, mark.unwrap_or(score));
    Some(target.finish())
}

/// What stands above the table beside the facts of the work.
#[derive(Default)]
struct Above {
    most: Option<u32>,
    login: Option<(String, Area)>,
    participants: Option<(u32, Area)>,
}

fn above(sheet: &Sheet, header_row: u32) -> Above {
    let mut above = Above::default();
    for (row, cells) in sheet.rows.range(..header_row) {
        let mut is_most = false;
        for (column, value) in cells {
            if is_most {
                above.most = grid::whole(value);
            }
            let text = grid::text(value).unwrap_or_default();
            is_most = grid::key(&text).starts_with("максимальный первичный балл");
            let area = Area::cell(*row, *column);
            if let Some(login) = places::login_in(&text) {
                above.login = above.login.or(Some((login, area)));
            }
            let after = text.split_once("участников:").map(|(_, rest)| rest.trim().to_owned());
            if let Some(count) = after.and_then(|rest| rest.split(' ').next().and_then(|count| count.parse().ok())) {
                above.participants = Some((count, area));
            }
        }
    }
    above
}
