//! «Сбор контекстных данных об ОО» of ФИС ОКО, 2022, and the form of 2021: a row a school, a column a question.
//! In: a form. Out: long rows of the measures that the municipality declares: by the question's text, or by the
//! question's number as a code. Names, telephones, addresses and e-mail are never measures.
//! It must never know what a question means. Questions were seen in real forms; their full wording was not.

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::provenance::Area;
use crate::workbook::{CellValue, Sheet};

use super::grid::{self, Header, key};
use super::places;
use super::rows::Virtual;
use super::{Reading, title};

/// What begins the code of a question that is declared by its number: `fis-oko-20`.
const CODE: &str = "fis-oko-";
/// Parts of the headers of columns that are no measures.
const PERSONAL: &[&str] = &["фио", "телефон", "mail", "почт", "адрес", "инн", "директор", "руководител"];
/// Columns that name the school and the upload, never a question.
const PREFIX: &[&str] = &[
    "Пользователь",
    "Код региона",
    "Регион",
    "Муниципалитет",
    "Школа",
    "Дата загрузки",
    "логин",
    "Название ОО",
    "Полное наименование",
];

/// Reads a sheet of the form of 2022.
pub(super) fn form_2022(reading: &mut Reading<'_>, headers: &[Header]) -> Option<Sheet> {
    let header = headers
        .iter()
        .find(|header| header.has(&["Пользователь", "Код региона", "Муниципалитет", "Школа", "Дата загрузки"]))?;
    read(reading, header, header.find(&["Пользователь"])?, header.find(&["Школа"]))
}

/// Reads the form of 2021.
pub(super) fn form_2021(reading: &mut Reading<'_>, headers: &[Header]) -> Option<Sheet> {
    let header = headers.iter().find(|header| header.has(&["логин", "Код региона", "Название ОО"]))?;
    read(reading, header, header.find(&["логин"])?, header.find(&["Название ОО"]))
}

fn read(reading: &mut Reading<'_>, header: &Header, login: u16, name: Option<u16>) -> Option<Sheet> {
    let title = title::read(reading, header.row);
    let loaded = header.find(&["Дата загрузки"]);
    let mut questions: Vec<(u16, String)> = Vec::new();
    let mut unused = 0_usize;
    for (column, text) in &header.keys {
        if PREFIX.iter().any(|prefix| key(prefix) == *text) || PERSONAL.iter().any(|part| text.contains(part)) {
            continue;
        }
        let (number, question) = numbered(text);
        let by_number = reading.declared.get(&key(&format!("{CODE}{number}"))).filter(|_| !number.is_empty());
        match by_number.or_else(|| reading.declared.get(&question)) {
            Some(code) => questions.push((*column, code.clone())),
            None => unused += 1,
        }
    }
    if unused > 0 {
        let finding = Diagnostic::note("export-questions-unused", reading.here())
            .with("count", unused.to_string())
            .with("used", questions.len().to_string());
        reading.say(finding);
    }
    let mut target = Virtual::new("school-data", &reading.sheet.name);
    for (row, cells) in reading.sheet.rows.range(header.row + 1..) {
        let (id, inner) = places::split(&grid::word(cells, Some(login)));
        if !places::is_identifier(&id) {
            if questions.iter().any(|(column, _)| cells.contains_key(column)) {
                let finding = Diagnostic::error("export-no-school", reading.at(*row, login));
                reading.say(finding);
            }
            continue;
        }
        let label = grid::word(cells, name);
        let label = if label.is_empty() { inner } else { label };
        let uploaded = loaded.map(|column| (column, grid::word(cells, Some(column))));
        let uploaded = uploaded
            .and_then(|(column, text)| Some((title::year(text.split(' ').next()?)?, vec![Area::cell(*row, column)])));
        let stated = title.year.as_ref().map(|fact| (fact.value, fact.area.into_iter().collect()));
        let year = uploaded.or(stated);
        let id_area = Area::cell(*row, login);
        for (column, code) in &questions {
            let Some(found) = cells.get(column) else { continue };
            let Some(value) = answer(found) else {
                let finding = Diagnostic::error("export-value-not-read", reading.at(*row, *column));
                reading.say(finding);
                continue;
            };
            let area = Area::cell(*row, *column);
            let mut out = vec![
                ("school", CellValue::Text(id.as_str().into()), vec![id_area]),
                ("measure", CellValue::Text(code.as_str().into()), vec![Area::cell(header.row, *column)]),
                ("value", value, vec![area]),
            ];
            if !label.is_empty() {
                let at = name.map_or(id_area, |column| Area::cell(*row, column));
                out.push(("name", CellValue::Text(label.as_str().into()), vec![at]));
            }
            if let Some((year, areas)) = &year {
                out.push(("year", CellValue::Number(f64::from(*year)), areas.clone()));
            }
            target.push(out, area);
        }
    }
    if questions.is_empty() {
        return Some(reading.nothing());
    }
    if title.year.is_none() && loaded.is_none() {
        let finding = Diagnostic::error("export-facts-missing", reading.here()).with("missing", "год");
        reading.say(finding);
    }
    Some(target.finish())
}

/// Splits «17.1 Есть ли …» to number and question; both as keys.
fn numbered(text: &str) -> (String, String) {
    let words: Vec<&str> = text.split(' ').collect();
    let digits = words.iter().take_while(|word| word.chars().all(|c| c.is_ascii_digit())).count();
    let (number, question) = words.split_at_checked(digits).unwrap_or_default();
    (number.join("."), question.join(" "))
}

/// Reads an answer as a number: a number, «да» as one and «нет» as zero, a choice by its number («2) Город»).
fn answer(value: &CellValue) -> Option<CellValue> {
    if let Some(number) = grid::decimal(value) {
        return Some(CellValue::Number(number.value.to_float()));
    }
    let text = grid::text(value)?;
    let chosen = text.split_once(')').and_then(|(number, _)| number.trim().parse::<u32>().ok());
    let answers = BTreeMap::from([("да", 1), ("нет", 0)]);
    let number = chosen.or_else(|| answers.get(key(&text).as_str()).copied())?;
    Some(CellValue::Number(f64::from(number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_become_numbers() {
        let read = |text: &str| answer(&CellValue::Text(text.into()));
        assert_eq!(read("ДА"), Some(CellValue::Number(1.0)));
        assert_eq!(read("нет"), Some(CellValue::Number(0.0)));
        assert_eq!(read("2) Город"), Some(CellValue::Number(2.0)));
        assert_eq!(read("1\u{a0}234,5"), Some(CellValue::Number(1234.5)));
        assert_eq!(read("много"), None);
    }

    #[test]
    fn a_question_may_have_a_number() {
        let pair = |left: &str, right: &str| (left.to_owned(), right.to_owned());
        assert_eq!(numbered(&key("17.1 АОП?")), pair("17.1", "аоп"));
        assert_eq!(numbered(&key("Всего обучающихся")), pair("", "всего обучающихся"));
    }
}
