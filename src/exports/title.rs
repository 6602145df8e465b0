//! What work a sheet is about: read off the rows above its table, its name, the names of file and folders.
//! In: a sheet, its header row, its path. Out: year, grade, subject and procedure, each with the cell that says so.
//! It must never know a layout's columns.

use crate::diag::Diagnostic;
use crate::provenance::Area;
use crate::workbook::CellValue;

use super::disciplines;
use super::grid::{self, key};
use super::{Reading, places};

/// A fact and the cell that says it; `None` when the name of the file says it.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Fact<T> {
    /// What is known.
    pub value: T,
    /// Where it stands on the sheet.
    pub area: Option<Area>,
}

/// What is known of a work.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Title {
    /// The year of the work.
    pub year: Option<Fact<i32>>,
    /// The grade as the title says: of the programme or of the writers.
    pub grade: Option<Fact<u8>>,
    /// The subject.
    pub discipline: Option<Fact<String>>,
    /// The key of the procedure, when it is named.
    pub exam: Option<&'static str>,
    /// The grade that a folder of protocols is named by.
    pub folder_grade: Option<u8>,
}

/// Words that name a procedure, and its key in the results sheet.
const EXAMS: &[(&str, &str)] = &[
    ("впр", "vpr"),
    ("огэ", "oge"),
    ("егэ", "ege"),
    ("гвэ", "gve"),
    ("рпр", "regional"),
    ("гиа-9", "oge"),
    ("гиа-11", "ege"),
];

/// Reads the facts of a sheet: what stands above its table first, then the names of sheet, file and folders.
pub(super) fn read(reading: &mut Reading<'_>, header_row: u32) -> Title {
    let mut title = Title::default();
    for (row, cells) in reading.sheet.rows.range(..header_row) {
        let mut label = String::new();
        for (column, value) in cells {
            let Some(text) = grid::text(value) else { continue };
            let area = Some(Area::cell(*row, *column));
            // The name of a school («Лицей математики») is no title.
            if !places::is_school(&text) {
                title.take(&text, area);
                match label.as_str() {
                    "предмет" => {
                        set(&mut title.discipline, disciplines::of_cell(&text).map(str::to_owned), area);
                    }
                    "класс" => set(&mut title.grade, text.parse().ok().filter(is_grade), area),
                    _ => {}
                }
            }
            label = key(&text);
        }
    }
    title.take(&reading.sheet.name, None);
    let path: Vec<&str> = reading.file.split('/').collect();
    let mut named = Title::default();
    for (index, part) in path.iter().rev().enumerate() {
        let stem = if index == 0 { part.rsplit_once('.').map_or(*part, |(stem, _)| stem) } else { part };
        named.take(stem, None);
        if index > 0 && title.folder_grade.is_none() {
            title.folder_grade = grade(stem).or_else(|| stem.trim().parse().ok().filter(is_grade));
        }
    }
    let differs = |left: Option<String>, right: Option<String>| match (left, right) {
        (Some(left), Some(right)) if !is_broader(&left, &right) && !is_broader(&right, &left) => Some((left, right)),
        _ => None,
    };
    let text = |fact: &Option<Fact<i32>>| fact.as_ref().map(|fact| fact.value.to_string());
    let name = |fact: &Option<Fact<String>>| fact.as_ref().map(|fact| fact.value.clone());
    let years = differs(text(&title.year), text(&named.year));
    let names = differs(name(&title.discipline), name(&named.discipline));
    for (sheet, file) in years.into_iter().chain(names) {
        let finding =
            Diagnostic::warning("export-facts-differ", reading.here()).with("sheet", sheet).with("file", file);
        reading.say(finding);
    }
    title.year = title.year.or(named.year);
    title.grade = title.grade.or(named.grade);
    title.discipline = title.discipline.or(named.discipline);
    title.exam = title.exam.or(named.exam);
    title
}

fn set<T>(fact: &mut Option<Fact<T>>, value: Option<T>, area: Option<Area>) {
    if let (None, Some(value)) = (&fact, value) {
        *fact = Some(Fact { value, area });
    }
}

/// Tells whether a name is another or its first words: «Математика» says no more and no less than «Математика базовая».
fn is_broader(name: &str, other: &str) -> bool {
    other.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

fn is_grade(grade: &u8) -> bool {
    (1..=11).contains(grade)
}

impl Title {
    /// Takes what a text says of what is not known yet.
    fn take(&mut self, text: &str, area: Option<Area>) {
        set(&mut self.year, year(text), area);
        set(&mut self.grade, grade(text), area);
        set(&mut self.discipline, disciplines::find(text).map(str::to_owned), area);
        self.exam = self.exam.or_else(|| exam(text));
    }
}

/// Finds the procedure that a text names.
pub(super) fn exam(text: &str) -> Option<&'static str> {
    let folded = format!(" {} ", key(text));
    EXAMS.iter().find(|(word, _)| folded.contains(&format!(" {} ", key(word)))).map(|(_, exam)| *exam)
}

/// Finds the year of a work: the one beside the procedure; of a school year, the one in which it ends.
pub(super) fn year(text: &str) -> Option<i32> {
    let words = disciplines::words(text);
    let is_year = |year: &i32| (2010..=2100).contains(year);
    let years: Vec<(usize, i32)> = words
        .iter()
        .enumerate()
        .filter_map(|(at, word)| Some((at, word.parse().ok().filter(is_year).filter(|_| word.len() == 4)?)))
        .collect();
    let exam = words.iter().position(|word| EXAMS.iter().any(|(name, _)| name == word));
    let beside = exam.and_then(|exam| years.iter().find(|(at, _)| (exam + 1..=exam + 2).contains(at)));
    let (at, year) = *beside.or(years.last())?;
    let next = years.iter().find(|(other, next)| *other == at + 1 && *next == year + 1);
    Some(next.map_or(year, |(_, next)| *next))
}

/// Finds the grade that a text names: «4 класс», «4а класс», «класс 4», «РУ4».
pub(super) fn grade(text: &str) -> Option<u8> {
    let words = disciplines::words(text);
    let at = |index: Option<usize>| words.get(index?)?.parse::<u8>().ok().filter(is_grade);
    let is_class = |word: &String| word.starts_with("класс") || word == "кл";
    let around = words.iter().enumerate().filter(|(_, word)| is_class(word)).find_map(|(index, _)| {
        let letter = index.checked_sub(1).filter(|at| words.get(*at).is_some_and(|word| word.chars().count() <= 2));
        let before = at(index.checked_sub(1)).or_else(|| at(letter.and_then(|at| at.checked_sub(1))));
        before.or_else(|| at(Some(index + 1)))
    });
    around.or_else(|| disciplines::coded(text).map(|(_, grade)| grade))
}

/// Reads the grade off a class: «4А», «11 и», «9». A letter alone tells none.
pub(super) fn grade_of_class(value: &CellValue) -> Option<u8> {
    let text = grid::text(value)?;
    let digits: String = text.trim().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().filter(is_grade)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_read_off_titles() {
        for (text, expected) in [
            ("Проведение работы по математике, 4 класс. ВПР 2021", (Some(2021), Some(4), Some("vpr"))),
            ("ВПР 2026 Русский язык 4 класс", (Some(2026), Some(4), Some("vpr"))),
            ("ОГЭ 2020/2021 учебный год", (Some(2021), None, Some("oge"))),
            ("Результаты 9а класса, 15.06.2022", (Some(2022), Some(9), None)),
            ("ВПР год. 5 класс", (None, Some(5), Some("vpr"))),
            ("Mat5", (None, Some(5), None)),
            ("Школа № 12, приказ 1945", (None, None, None)),
            ("ГИА-9 2022", (Some(2022), None, Some("oge"))),
        ] {
            assert_eq!((year(text), grade(text), exam(text)), expected, "{text}");
        }
    }

    #[test]
    fn a_class_tells_its_grade_by_its_digits() {
        let read = |text: &str| grade_of_class(&CellValue::Text(text.into()));
        assert_eq!(["9а", "11И", "А", "нет", "45"].map(read), [Some(9), Some(11), None, None, None]);
    }
}
