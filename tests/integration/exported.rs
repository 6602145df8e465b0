//! The sample of Mariinsk with its results as the federal systems give them: invented pupils behind the sample's counts.
//! In: the tables of the sample. Out: workbooks of ФИС ОКО and РИС ГИА from which the same counts must come.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a fixture that cannot be made fails its test")]

use std::collections::BTreeMap;

use rust_xlsxwriter as xlsx;
use svod::diag::Diagnostics;
use svod::exports::{self, Scales};
use svod::workbook::{CellValue, Sheet, read_xlsx};

use crate::cases::SAMPLE;
use crate::runs::{essence, inputs};
use crate::{project, read_text, sample, workbook};

/// The workbook of the sample that holds results, and its sheets that exports replace.
pub const REPLACED: (&str, [&str; 3]) = ("Результаты процедур.xlsx", ["ОГЭ", "ЕГЭ", "ВПР"]);

/// A row of results: school, name, year, procedure, grade, subject, participants, marks 2 to 5, below the minimum.
type Results = Vec<String>;

/// Rows of results by year, procedure, grade and subject.
type Works = BTreeMap<[String; 4], Vec<Results>>;

fn results() -> Works {
    let books = sample::read(&project("tests/sample/mariinsk")).expect("the sample");
    let book = books.into_iter().find(|book| book.file == REPLACED.0).expect("the results");
    let mut works = Works::new();
    for sheet in book.sheets.into_iter().filter(|sheet| REPLACED.1.contains(&sheet.name.as_str())) {
        for row in sheet.rows {
            let key = [2, 3, 4, 5].map(|column| row[column].clone());
            works.entry(key).or_default().push(row);
        }
    }
    works
}

/// Writes rows of texts; what looks like a number is one.
fn write(name: &str, rows: &[Vec<String>]) -> Vec<u8> {
    let mut file = xlsx::Workbook::new();
    let sheet = file.add_worksheet();
    sheet.set_name(name).expect("a name");
    for (at, row) in (0_u32..).zip(rows) {
        for (column, cell) in (0_u16..).zip(row).filter(|(_, cell)| !cell.is_empty()) {
            match cell.parse::<f64>() {
                Ok(number) => sheet.write(at, column, number).expect("a cell"),
                Err(_) => sheet.write(at, column, cell.as_str()).expect("a cell"),
            };
        }
    }
    file.save_to_buffer().expect("a workbook")
}

fn line(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

fn number(text: &str) -> usize {
    text.parse().expect("a count")
}

/// The results of the sample as files of exports, by name.
pub fn files() -> Vec<(String, Vec<u8>)> {
    let file = |(key, rows): (&[String; 4], &Vec<Results>)| {
        let [year, exam, grade, discipline] = key;
        let dative =
            if discipline == "Математика" { "математике" } else { "русскому языку" };
        match (exam.as_str(), year.as_str()) {
            ("ВПР", "2020") => {
                let (programme, latin) = (number(grade) - 1, if discipline == "Математика" { "Mat" } else { "Rus" });
                (format!("ВПР 2020/{programme}/{latin}{grade}.xlsx"), write("Sheet1", &autumn(rows, grade, discipline)))
            }
            ("ВПР", "2021") => {
                let name = format!("ВПР/Проведение работы по {dative}, {grade} класс. ВПР 2021.xlsx");
                (name, write("Sheet", &protocol(rows, grade, discipline)))
            }
            ("ВПР", _) => (format!("ВПР/{discipline} {grade} {year}.xlsx"), write("Отчёт", &statistics(rows, key))),
            _ => (format!("ГИА/{exam} {discipline} {year}.xlsx"), write("Page 1", &gia(rows, key))),
        }
    };
    results().iter().map(file).collect()
}

/// «Статистика по отметкам» with two decimals.
fn statistics(rows: &[Results], [year, _, grade, discipline]: &[String; 4]) -> Vec<Vec<String>> {
    let mut out = vec![
        line(&["Статистика по отметкам"]),
        line(&[&format!("ВПР {year}. {grade} класс")]),
        line(&["Предмет", discipline]),
        line(&["Группы участников", "Кол-во ОО", "Кол-во участников", "2", "3", "4", "5"]),
        line(&["Вся выборка", "35000", "1400000", "12.51", "40.1", "33.3", "14.09"]),
    ];
    for row in rows {
        let total = number(&row[6]);
        let mut cells = line(&[&format!("{} | {}", row[0], row[1]), "1", &row[6]]);
        let share = |count: &String| {
            // Hundredths of a per cent, rounded half up.
            let hundredths = (number(count) * 20_000 + total) / (2 * total);
            format!("{}.{:02}", hundredths / 100, hundredths % 100)
        };
        cells.extend(row[7..11].iter().map(share));
        out.push(cells);
    }
    out
}

/// Greatest scores of the marks 2, 3, 4 in `templates/scales.toml`, of the programme of a grade; and one above.
fn scores(discipline: &str, programme: usize) -> [usize; 4] {
    let [two, three, four] = match (discipline, programme) {
        ("Математика", 4) => [5, 9, 14],
        ("Математика", 5) => [6, 10, 14],
        ("Математика", _) => [5, 9, 13],
        (_, 4) => [13, 23, 32],
        (_, 5) => [17, 28, 38],
        (_, _) => [24, 34, 44],
    };
    [two, three, four, four + 1]
}

/// Scores of the pupils of a row.
fn pupils(row: &Results, scores: [usize; 4]) -> Vec<usize> {
    row[7..11].iter().zip(scores).flat_map(|(count, score)| std::iter::repeat_n(score, number(count))).collect()
}

fn autumn(rows: &[Results], grade: &str, discipline: &str) -> Vec<Vec<String>> {
    let mut out = vec![line(&["groups", "user", "id", "code", "otc", "gender", "klass", "var-1", "var-2", "sum"])];
    let mut next = number(grade) * 10_000;
    for row in rows {
        for score in pupils(row, scores(discipline, number(grade) - 1)) {
            next += 1;
            let (id, score) = (next.to_string(), score.to_string());
            out.push(line(&["1", &row[0], &id, &id, "4", "м", "А", "1", "2", &score]));
        }
        out.push(line(&["1", &row[0], "0", &(next + 9000).to_string(), "", "ж", "", "отсутствовал", "", ""]));
    }
    out
}

fn protocol(rows: &[Results], grade: &str, discipline: &str) -> Vec<Vec<String>> {
    let head =
        ["логин школы", "регион", "номер обучающегося", "код обучающегося", "пол", "класс", "вариант", "всего баллов"];
    let mut out = vec![line(&head)];
    let mut next = number(grade) * 10_000;
    for row in rows {
        for score in pupils(row, scores(discipline, number(grade))) {
            next += 1;
            let class = format!("{grade}А");
            out.push(line(&[&row[0], "Округ", "1", &next.to_string(), "ж", &class, "1", &score.to_string()]));
        }
    }
    out
}

/// A protocol of ГИА with spacer columns; marks for ОГЭ, test scores for ЕГЭ.
fn gia(rows: &[Results], [year, exam, grade, discipline]: &[String; 4]) -> Vec<Vec<String>> {
    let result = if exam == "ОГЭ" { "Оценка" } else { "Тестовый балл" };
    let mut out = vec![
        line(&["Протокол проверки результатов"]),
        Vec::new(),
        line(&[&format!("01 - {discipline} {year}.06.01")]),
        line(&[
            "№",
            "",
            "Код ОО",
            "",
            "Класс",
            "Аудитория",
            "Фамилия",
            "Имя",
            "Отчество",
            "Первичный балл",
            "",
            result,
        ]),
    ];
    for row in rows {
        let total = number(&row[6]);
        let results: Vec<usize> = if exam == "ОГЭ" {
            pupils(row, [2, 3, 4, 5])
        } else {
            let (below, least) = (number(&row[11]), if discipline.ends_with("базовая") { 3 } else { 27 });
            (0..total)
                .map(|pupil| if pupil < below { least - 4 + usize::from(least == 3) * 3 } else { least })
                .collect()
        };
        for result in results {
            let (at, result) = (out.len().to_string(), result.to_string());
            out.push(line(&[&at, "", &row[0], "", grade, "1", "Секретов", "Тайнослав", "", "10", "", &result]));
        }
    }
    out
}

/// Prints rows of results without names: a protocol of ГИА has none.
fn printed(sheet: &Sheet) -> Vec<String> {
    let text = |value: &CellValue| match value {
        CellValue::Text(text) => text.to_string(),
        CellValue::Number(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    let columns = (0..12_u16).filter(|column| *column != 1);
    let line = |cells: &svod::workbook::Line| {
        columns.clone().map(|column| cells.get(&column).map(text).unwrap_or_default()).collect::<Vec<_>>().join("|")
    };
    sheet.rows.values().skip(1).map(line).collect()
}

#[test]
fn the_results_of_the_sample_come_back_from_their_exports() {
    let mut expected: Vec<String> = Vec::new();
    for mut row in results().into_values().flatten() {
        row.remove(1);
        expected.push(row.join("|"));
    }
    let books = files().into_iter().map(|(file, bytes)| (file, read_xlsx(&bytes).expect("a book"))).collect();
    let scales = Scales::parse(&read_text(&project("templates/scales.toml")).expect("a file")).expect("scales");
    let mut findings = Diagnostics::default();
    let books = exports::convert_all(books, &scales, &mut findings);
    let mut found: Vec<String> = books.iter().flat_map(|(_, book)| &book.sheets).flat_map(printed).collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
    let ids: Vec<&str> =
        findings.iter().map(|finding| finding.id.as_str()).filter(|id| *id != "export-autumn-work").collect();
    assert_eq!(ids, Vec::<&str>::new());
}

#[test]
fn the_documents_from_exports_are_the_same_bytes() {
    let outer = inputs(&[], "");
    let (plain, exported) = (outer.path().join("inputs"), outer.path().join("exported"));
    let folder = exported.join(SAMPLE);
    for (file, bytes) in files() {
        let path = folder.join(file);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, bytes).expect("written");
    }
    let settings = plain.join(SAMPLE).join("svod.toml");
    std::fs::copy(settings, folder.join("svod.toml")).expect("the settings");
    for mut book in sample::core(SAMPLE).expect("the sample").0 {
        if book.file == REPLACED.0 {
            book.sheets.retain(|sheet| !REPLACED.1.contains(&sheet.name.as_str()));
        }
        std::fs::write(folder.join(&book.file), workbook::write(&book).expect("a workbook")).expect("written");
    }
    let (documents, figures, _) = essence(&plain, &outer.path().join("plain"));
    let (from_exports, same_figures, _) = essence(&exported, &outer.path().join("from-exports"));
    assert_eq!(documents.keys().filter(|path| path.ends_with(".pdf")).count(), 5);
    assert!(documents.contains_key("Мониторинг.xlsx"));
    assert_eq!(from_exports, documents);
    // Exports have findings of their own: an autumn work is said to be one.
    let own =
        |figures: Vec<String>| figures.into_iter().filter(|line| !line.starts_with("findings")).collect::<Vec<_>>();
    assert_eq!(own(same_figures), own(figures));
    let ledger = std::fs::read_to_string(outer.path().join("from-exports").join(SAMPLE).join("ledger.json"));
    let ledger = ledger.expect("the ledger");
    assert!(ledger.contains("ГИА/") && ledger.contains("ВПР/"), "the cells are those of the exports");
    assert!(!ledger.contains("Результаты процедур.xlsx › ОГЭ"));
}
