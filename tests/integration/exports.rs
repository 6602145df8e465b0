//! Exports of the federal systems: each layout made as it is documented, with the rows that come of it; each dirty
//! value; what stands behind a count; and that nothing of a pupil comes through.
//! Schools, pupils and documents are invented.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a fixture that cannot be made fails its test")]

use std::fmt::Write as _;

use rust_xlsxwriter as xlsx;
use svod::diag::{self, Diagnostics, Format};
use svod::exports::{self, Scales};
use svod::provenance::{Area, Origins, column_letters};
use svod::workbook::{Book, CellValue, Sheet, read_xlsx};

use crate::run::messages;
use crate::{project, read_text};

/// Names and numbers of documents that must never come through.
const PLANTED: [&str; 5] = ["Секретов", "Тайнослав", "Скрытнович", "9904", "778812"];

/// Scales for the tests beside those of the program.
const MORE_SCALES: &str =
    "\n[[scale]]\ndiscipline = 'математика'\ngrade = 5\nyears = [2022, 2022]\nupper = [1, 2, 3]\nmost = 5\n";

/// What came of a file.
struct Converted {
    book: Book,
    findings: Diagnostics,
}

/// Writes the sheets of a workbook: a line a row, `|` between cells, `¦` for a bar in one; numbers are numbers unless `'` stands before.
pub fn write(sheets: &[(&str, &str)]) -> Vec<u8> {
    let mut file = xlsx::Workbook::new();
    for (name, text) in sheets {
        let target = file.add_worksheet();
        target.set_name(*name).expect("a name");
        for (row, line) in (0_u32..).zip(text.lines()) {
            for (column, cell) in (0_u16..).zip(line.split('|')) {
                let cell = cell.trim_matches(' ').replace('¦', "|");
                let number = cell.replace(',', "x").parse::<f64>().ok();
                match (cell.strip_prefix('\''), number) {
                    (Some(forced), _) => target.write(row, column, forced).expect("a cell"),
                    (None, Some(number)) => target.write(row, column, number).expect("a cell"),
                    (None, None) if cell.is_empty() => continue,
                    (None, None) => target.write(row, column, cell.as_str()).expect("a cell"),
                };
            }
        }
    }
    file.save_to_buffer().expect("a workbook")
}

fn scales() -> Scales {
    let text = read_text(&project("templates/scales.toml")).expect("the scales");
    Scales::parse(&format!("{text}{MORE_SCALES}")).expect("readable scales")
}

/// Converts books as a municipality has them.
fn convert_all(books: &[(&str, Vec<(&str, &str)>)]) -> (Vec<(String, Book)>, Diagnostics) {
    let books = books.iter().map(|(file, sheets)| ((*file).to_owned(), read_xlsx(&write(sheets)).expect("a book")));
    let mut findings = Diagnostics::default();
    let converted = exports::convert_all(books.collect(), &scales(), &mut findings);
    (converted, findings)
}

/// Converts a book of one sheet.
fn convert(file: &str, sheet: &str) -> Converted {
    let (mut books, findings) = convert_all(&[(file, vec![("Лист1", sheet)])]);
    Converted { book: books.remove(0).1, findings }
}

fn shown(value: &CellValue) -> String {
    match value {
        CellValue::Text(text) => text.to_string(),
        CellValue::Number(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}

/// Prints the rows of a virtual sheet below its header; cells stand between bars.
fn rows(sheet: &Sheet) -> Vec<String> {
    let width = sheet.rows.values().flat_map(|cells| cells.keys()).max().copied().unwrap_or(0);
    let line = |cells: &svod::workbook::Line| {
        let cells = (0..=width).map(|column| cells.get(&column).map(shown).unwrap_or_default());
        cells.collect::<Vec<_>>().join("|").trim_end_matches('|').to_owned()
    };
    sheet.rows.values().skip(1).map(line).collect()
}

impl Converted {
    fn rows(&self) -> Vec<String> {
        rows(&self.book.sheets[0])
    }

    fn ids(&self) -> Vec<String> {
        self.findings.sorted().iter().map(|finding| format!("{} {}", finding.id, finding.place.text())).collect()
    }

    /// What stands behind the cells of a row of the results: `E5:E8`, by key of column.
    fn behind(&self, row: u32) -> String {
        let origins: &Origins = &self.book.sheets[0].origins;
        let mut text = String::new();
        for column in 0..12 {
            let areas = origins.get(&(row, column)).expect("every virtual cell has its areas");
            assert!(!areas.is_empty(), "nothing behind {row}:{column}");
            let _ = write!(text, "{} ", areas.iter().map(area).collect::<Vec<_>>().join("+"));
        }
        text.trim_end().to_owned()
    }
}

fn area(area: &Area) -> String {
    let corner = |column: u16, row: u32| format!("{}{}", column_letters(column), row + 1);
    let (first, last) = (corner(area.columns.0, area.rows.0), corner(area.columns.1, area.rows.1));
    if first == last { first } else { format!("{first}:{last}") }
}

const MARKS: &str = "Статистика по отметкам\nВПР 2022. 5 класс\nПредмет|Математика\n\
    Максимальный первичный балл|20\nДата|15.03.2022\n\
    Группы участников|Кол-во ОО|Кол-во участников|2|3|4|5\n\
    Вся выборка|35000|1400000|12,51|40,1|33,3|14,09\n\
    reg220000 ¦ Примерный край|600|20000|12,51|40,1|33,3|14,09\n";

#[test]
fn percents_of_marks_become_counts() {
    let table = format!(
        "{MARKS}reg22_m056 ¦ Условный район|1|7|14,29|28,57|57,14|0\nУсловный район|17|900|12,51|40,1|33,3|14,09\n\
         edu224052 ¦ МБОУ \"Примерная СОШ\"|1|7|14,29|28,57|57,14|0\nМБОУ «Воеводская СОШ» |1|3|'33,33|'66,67|'0|'0\n"
    );
    let found = convert("выгрузка.xlsx", &table);
    assert_eq!(
        found.rows(),
        [
            "edu224052|МБОУ \"Примерная СОШ\"|2022|ВПР|5|Математика|7|1|2|4|0",
            "МБОУ «Воеводская СОШ»|МБОУ «Воеводская СОШ»|2022|ВПР|5|Математика|3|1|2|0|0",
        ]
    );
    assert_eq!(found.ids(), Vec::<String>::new());
    assert_eq!(found.behind(1), "A11 A11 A2 A11 A2 B3 C11 D11+C11 E11+C11 F11+C11 G11+C11 A11");
}

#[test]
fn percents_that_leave_a_doubt_stay_shares() {
    let head = "ВПР 2022. 5 класс. Математика\nГруппы участников|Кол-во ОО|Кол-во участников|2|3|4|5\n";
    let found = convert("а.xlsx", &format!("{head}sch220206|1|250|10|30|40|20\n"));
    assert_eq!(found.rows(), ["sch220206||2022|ВПР|5|Математика|250"]);
    assert_eq!(found.ids(), ["export-shares-ambiguous а.xlsx › Лист1!D3"]);
    let found = convert("а.xlsx", &format!("{head}sch220206|1|7|15|28,57|57,14|0\n").replace("28,57", "'28,57"));
    assert_eq!(found.rows(), ["sch220206||2022|ВПР|5|Математика|7"]);
    assert_eq!(found.ids(), ["export-shares-impossible а.xlsx › Лист1!D3"]);
    let found = convert("а.xlsx", &format!("{head}sch220206|1|нет|15|28|57|0\nПримерово|1|8|25|25|25|25\n"));
    assert_eq!(found.rows(), ["sch220206||2022|ВПР|5|Математика"]);
    assert_eq!(found.ids(), ["export-no-participants а.xlsx › Лист1!C3", "export-row-not-school а.xlsx › Лист1!A4"]);
}

#[test]
fn scores_become_marks_by_the_scale() {
    let head = "ВПР 2022. 5 класс. Математика\nГруппы участников|Кол-во ОО|Кол-во участников|0|1|2|3|4|5\n";
    let found = convert("а.xlsx", &format!("{head}sch220206|1|4|25|25|0|0|25|25\n"));
    assert_eq!(found.rows(), ["sch220206||2022|ВПР|5|Математика|4|2|0|0|2"]);
    assert_eq!(found.behind(1), "A3 A3 A1 A3 A1 A1 C3 D3:E3+C3 F3+C3 G3+C3 H3:I3+C3 A3");
    let found = convert("а.xlsx", &format!("{head}sch220206|1|4|25|25|0|0|25|25\n").replace("2022", "2023"));
    assert_eq!(found.rows(), ["sch220206||2023|ВПР|5|Математика|4"]);
    assert_eq!(found.ids(), ["export-no-scale а.xlsx › Лист1"]);
}

#[test]
fn individual_results_are_added_up_by_school() {
    let head = "ВПР 2026 Русский язык 4 класс\nПредмет|Русский язык\nМаксимальный первичный балл|24\nДата|22.04.2026\n\
        МБОУ «Примерная СОШ» (edu203389) ¦ Кол-во участников: 4\n";
    let table = "||||||Б|П|\nОО|Муниципалитет|Название ОО|Код участника|Класс|Вариант|1 (2б)|1К1 (4б)|Первичный балл|Отметка|Отметка по журналу\n";
    let pupils = "edu203389|Округ|МБОУ «Примерная СОШ»|40001|4А|1|2|4|20|5|4\n\
        edu203389|Округ|МБОУ «Примерная СОШ»|40002|4А|1|0|1|'3|'2|нет отметки\n\
        edu203389|Округ|МБОУ «Примерная СОШ»|40003|4Б|отсутствовал|||||3\n\
        edu203389|Округ|МБОУ «Примерная СОШ»|40004|4Б|2|1|2|12|3|3\n";
    let found = convert("Ф1.xlsx", &format!("{head}{table}{pupils}"));
    assert_eq!(found.rows(), ["edu203389|МБОУ «Примерная СОШ»|2026|ВПР|4|Русский язык|3|1|1|0|1"]);
    assert_eq!(found.ids(), ["export-participants-differ Ф1.xlsx › Лист1!A5"]);
    assert_eq!(found.behind(1), "A8 C8 A1 A8 A1 A1 J8:J11 J8:J11 J8:J11 J8:J11 J8:J11 A8");
    let found = convert("Ф1.xlsx", &format!("{head}{table}{pupils}").replace("|20|5|4", "|25|5|4"));
    assert_eq!(found.rows(), ["edu203389|МБОУ «Примерная СОШ»|2026|ВПР|4|Русский язык|3"]);
    assert!(found.ids().contains(&"export-score-out-of-range Ф1.xlsx › Лист1!I8".to_owned()), "{:?}", found.ids());
}

#[test]
fn autumn_protocols_of_2020_are_of_the_grade_that_wrote_them() {
    let table = "groups|user|id|code|otc|gender|klass|var-1|var-2|sum|a-1-grade|a-2-grade|Учебник\n\
        1|sch220206|1|50001|4|м|А|1|0|12|6|6|Моро\n1|sch220206|2|50002|3|Ж|4А|1|0|5|5|X|Моро\n\
        1|sch220207|3|50003|3|ж|нет|отсутствовал|отсутствовал|0|||Моро\n1|sch220207|4|50004|3|ж|Б|1|2|'15|7|8|Моро\n";
    let found = convert("ВПР 2020/4/Mat5.xlsx", table);
    assert_eq!(found.ids(), ["export-autumn-work ВПР 2020/4/Mat5.xlsx › Лист1"]);
    assert_eq!(
        found.rows(),
        ["sch220206||2020|ВПР|5|Математика|2|1|0|1|0", "sch220207||2020|ВПР|5|Математика|1|0|0|0|1"]
    );
    // Nothing tells who wrote it: the grade is asked for.
    let found = convert("ВПР 2020 математика.xlsx", &table.replace("|5000", "|x"));
    assert!(found.ids().iter().any(|id| id.starts_with("export-facts-missing")), "{:?}", found.ids());
}

const HEAD_2021: &str = "логин школы|регион|номер обучающегося|код обучающегося|отметка за предыдущую четверть/триместр|пол|\
    класс|вариант|всего баллов|балл за 1|балл за 2|балл за 3|Учебник|Др.уч. автор|Др.уч. название";
const FILE_2021: &str = "Проведение работы по математике, 4 класс. ВПР 2021.xlsx";

#[test]
fn protocols_of_2021_take_their_facts_from_the_name_of_the_file() {
    let table = format!(
        "{HEAD_2021}\nsch220206|Округ|1|40001|4|м|4А|1|10|4|4|2|||Секретов\nsch220206|Округ|2|40002|нет отметки|М|4а|2|'5|5|X|х|||\n\
         sch220206|Округ|3|40003||ж|4|отсутствовал||||||||\nsch220206|Округ|4|40004|5|Ж|НЕТ|1|15|9|6|не пройд.|||\n\
         sch220207|Округ|5|40005|5|ж|4Б|1|6|6|Х|0|||\n"
    );
    let found = convert(FILE_2021, &table);
    assert_eq!(
        found.rows(),
        ["sch220206||2021|ВПР|4|Математика|3|1|0|1|1", "sch220207||2021|ВПР|4|Математика|1|0|1|0|0"]
    );
    assert_eq!(found.ids(), Vec::<String>::new());
    assert_eq!(found.behind(1), "A2 A2 A2 A2 A2 A2 I2:I5 I2:I5 I2:I5 I2:I5 I2:I5 A2");
}

#[test]
fn dirty_values_of_protocols_are_named_and_never_guessed() {
    let convert_row = |row: &str| convert(FILE_2021, &format!("{HEAD_2021}\n{row}\n"));
    for (row, expected, findings) in [
        // A total that is no number.
        ("sch220206||1|40001|4|м|4А|1|нет|4|4|2", "sch220206||2021|ВПР|4|Математика|1", "export-value-not-read I2"),
        // A task that cannot be read: the total stands.
        (
            "sch220206||1|40001|4|м|4А|1|10|4|?|2",
            "sch220206||2021|ВПР|4|Математика|1|0|0|1|0",
            "export-value-not-read K2",
        ),
        // No total: the sum of the tasks.
        ("sch220206||1|40001|4|м|4А|1||4|4|2", "sch220206||2021|ВПР|4|Математика|1|0|0|1|0", ""),
        ("sch220206||1|40001|4|м|4А|1|9|4|4|2", "sch220206||2021|ВПР|4|Математика|1|0|1|0|0", "export-sum-differs I2"),
        // Variant 0 and no task: not there.
        ("sch220206||1|40001|4|м|4А|0|0|||", "", ""),
        ("sch220206||1|40001|4|м|4А|0|3|3|X|X", "sch220206||2021|ВПР|4|Математика|1|1|0|0|0", ""),
        ("||1|40001|4|м|4А|1|10|4|4|2", "", "export-no-school A2"),
        // Written by the grade above.
        ("sch220206||1|50001|4|м|5А|1|10|4|4|2", "sch220206||2021|ВПР|5|Математика|1|0|0|1|0", "export-autumn-work"),
        (
            "sch220206||1|80001|4|м|8А|1|10|4|4|2",
            "sch220206||2021|ВПР|4|Математика|1|0|0|1|0",
            "export-grades-differ D2",
        ),
    ] {
        let found = convert_row(row);
        assert_eq!(found.rows().join("\n"), expected, "{row}");
        let place = |id: &String| id.replace(&format!("{FILE_2021} › Лист1"), "").replace('!', "");
        assert_eq!(found.ids().iter().map(place).collect::<Vec<_>>().join("\n").trim_end(), findings, "{row}");
    }
}

#[test]
fn protocols_of_2022_have_classes_beside_them() {
    let classes = "Пользователь|Код региона|Регион|Муниципалитет|Школа|Дата загрузки|Буква (цифра) класса. Введите \"нет\" - если отсутствует|Основной учебник по предмету\n\
        edu224052|22|Край|Округ|МБОУ «Примерная СОШ»|04.02.2022 10:22:51|А|Секретов\n";
    let head = "Пользователь|Код региона|Регион|Муниципалитет|Школа|Дата загрузки|Код|Вариант|1 (1б)|2(1) (1б)|17К1 (3б)||Наименование класса|Пол|Отметка за предыдущий триместр/ четверть/полугодие|Итого баллов\n";
    let row = |code: &str, scores: &str, total: &str| {
        format!("edu224052|22|Край|Округ|МБОУ «Примерная СОШ»|04.02.2022 10:22:51|{code}|1|{scores}||5А|ж|4|{total}\n")
    };
    let file = "Проведение работы по математике, 5 класс. ВПР.xlsx";
    let protocol =
        [head.to_owned(), row("50001", "1|1|3", "5"), row("50002", "1|X|0", "1"), row("50003", "4|0|0", "4")].concat();
    let (mut books, findings) = convert_all(&[(file, vec![("Классы", classes), ("Протокол", &protocol)])]);
    let found =
        Converted { book: Book { sheets: vec![books.remove(0).1.sheets.remove(1)], ..Book::default() }, findings };
    // Four points for a task of one: with them the mark is 5, without them 2.
    assert_eq!(found.rows(), ["edu224052|МБОУ «Примерная СОШ»|2022|ВПР|5|Математика|3"]);
    assert_eq!(
        found.ids(),
        [format!("export-score-out-of-range {file} › Протокол!I4"), format!("export-not-used {file} › Классы")]
    );
    let protocol = protocol.replace("4|0|0||5А|ж|4|4", "1|0|3||5А|ж|4|4");
    let (mut books, _) = convert_all(&[(file, vec![("Протокол", &protocol)])]);
    assert_eq!(rows(&books.remove(0).1.sheets[0]), ["edu224052|МБОУ «Примерная СОШ»|2022|ВПР|5|Математика|3|1|0|0|2"]);
}

#[test]
fn questions_become_rows_of_declared_measures() {
    let dictionary = "Код показателя|Наименование|Единица|Сведение\nteachers|Всего учителей|чел.|сумма\n\
        fis-oko-20|Контингент|чел.|сумма\nspecial|Коррекционная?|да/нет|нет\n";
    let form = "Пользователь|Код региона|Регион|Муниципалитет|Школа|Дата загрузки|№|3 ФИО директора|4 Телефон|5 email|6 ИНН|20 всего обучающихся|25 всего учителей|14 расположение\n\
        edu224052|22|Край|Округ|МБОУ «Примерная СОШ»|04.02.2022 10:22:51|1|Секретов Тайнослав|778812|9904|2203|'120|14|2) Город\n\
        edu224053|22|Край|Округ|МБОУ «Условная СОШ»|04.02.2022 10:22:51|2|Секретов|778812|9904|2203|много||2) Город\n";
    let old = "логин|Код региона|Название ОО|ФИО директора|Телефон|коррекционная?|всего учителей\n\
        sch220206|22|МБОУ «Примерная СОШ»|Секретов|778812|ДА|12\n";
    let (books, findings) = convert_all(&[
        ("Словарь.xlsx", vec![("Словарь", dictionary)]),
        ("а.xlsx", vec![("Анкета", form)]),
        ("Контекст 2021.xlsx", vec![("Анкета", old)]),
    ]);
    assert_eq!(
        rows(&books[1].1.sheets[0]),
        ["edu224052|МБОУ «Примерная СОШ»|2022|fis-oko-20|120", "edu224052|МБОУ «Примерная СОШ»|2022|teachers|14"]
    );
    assert_eq!(
        rows(&books[2].1.sheets[0]),
        ["sch220206|МБОУ «Примерная СОШ»|2021|special|1", "sch220206|МБОУ «Примерная СОШ»|2021|teachers|12"]
    );
    let found = Converted { book: Book::default(), findings };
    assert_eq!(found.ids(), ["export-value-not-read а.xlsx › Анкета!L3", "export-questions-unused а.xlsx › Анкета"]);
    assert_eq!(books[0].1.sheets[0].rows.len(), 4, "the dictionary passes unchanged");
}

/// Participants of a protocol of ГИА with planted names.
const PERSON: &str = "Секретов|Тайнослав|Скрытнович";

#[test]
fn every_layout_of_a_protocol_of_gia_is_read() {
    let ege = format!(
        "Протокол проверки результатов\n20 - Примерная область\n\n\n\n04 - Русский язык 2022.05.30\n\n\
         №||Код МСУ||Код ОО||Класс||Код ППЭ||Аудитория||Фамилия|Имя|Отчество||Задания с кратким ответом||Задания с развёрнутым ответом||Первичный балл||Тестовый балл|\n\
         1||101||'220101||11И||4001||0012||{PERSON}||++-+2||0(2)1(3)||20||40|\n\
         2||101||'220101||А||4001||0012||{PERSON}||-----||0(2)0(3)||2||23|\n\
         3||101||'220102||11||4001||0012||{PERSON}||+++++||2(2)3(3)||50||'100|\n\
         ||||||||||||Председатель ГЭК|||\n"
    );
    let found = convert("Протокол.xlsx", &ege);
    assert_eq!(found.rows(), ["220101||2022|ЕГЭ|11|Русский язык|2|||||1", "220102||2022|ЕГЭ|11|Русский язык|1|||||0"]);
    assert_eq!(found.ids(), Vec::<String>::new());
    assert_eq!(found.behind(1), "E9 E9 A6 E9 E9 A6 W9:W10 E9 E9 E9 E9 W9:W10");

    let oge = "02 - Математика 2022.06.02\n№|Код ОО|Класс||Код ППЭ||Аудитория||Код МСУ||Фамилия||Имя|Отчество|Задания с кратким ответом|||Задания с развёрнутым ответом|Первичный балл||Оценка\n\
         1|220101|9а||4001||1||101||Секретов||Тайнослав|Скрытнович|++|||0(2)|12||3\n\
         2|220101|9Г||4001||1||101||Секретов||Тайнослав|Скрытнович|+-|||0(2)|5||'2\n\
         3|220101|9Г||4001||1||101||Секретов||Тайнослав|Скрытнович|||||\n";
    let found = convert("Протокол.xlsx", oge);
    assert_eq!(found.rows(), ["220101||2022|ОГЭ|9|Математика|2|1|1|0|0"]);
    assert_eq!(found.ids(), ["export-no-score Протокол.xlsx › Лист1!U5"]);

    let compact = format!(
        "02 - Математика профильная 2021.06.07\n№|Код МСУ|Код ОО|Класс|Код ППЭ|Аудитория|Фамилия|Имя|Отчество|Серия|Номер|Задания с кратким ответом|Задания с развёрнутым ответом|Первичный балл|Балл\n\
         1|101|220101|11|4001|1|{PERSON}|9904|778812|++|0(2)|5|26\n2|101|220101|11|4001|1|{PERSON}|9904|778812|++|0(2)|6|27\n"
    );
    assert_eq!(convert("п.xlsx", &compact).rows(), ["220101||2021|ЕГЭ|11|Математика профильная|2|||||1"]);

    let report = format!(
        "ОГЭ. Русский язык. 2022 год\nID|Код МСУ|Код ОО|Класс|Код ППЭ|Аудитория|Фамилия|Имя|Отчество|Серия|Номер|Задания с кратким ответом|Задания с развёрнутым ответом|Первичный балл|Оценка\n\
         77|101|220101|9|4001|1|{PERSON}|9904|778812|++|0(2)|5|5\n"
    );
    assert_eq!(convert("п.xlsx", &report).rows(), ["220101||2022|ОГЭ|9|Русский язык|1|0|0|0|1"]);

    // The text file, as its reader gives it; Latin letters in a Russian header; the exam of two days.
    let text = format!(
        "\"09 - Английский язык 2022.06.14(п), 2022.06.16(у)\"\n№|код OO|клаcс|документ|фамилия|имя|отчество|часть с кратким ответом|устная часть|первичный балл письменной части|первичный балл устной части|тестовый балл\n\
         1|220101|11|9904 778812|{PERSON}|++|1(2)|10|5|30\n"
    );
    let found = convert("п.xlsx", &text);
    assert_eq!(found.rows(), ["220101||2022|ЕГЭ|11|Английский язык|1"]);
    assert_eq!(found.ids(), ["export-no-minimum п.xlsx › Лист1"]);

    let base = "22 - Математика базовая 2022.06.03\n№|Код ОО|Класс|Аудитория|Фамилия|Первичный балл|Оценка\n1|220101|11|1|Секретов|5|2\n2|220101|11|1|Секретов|15|4\n";
    assert_eq!(convert("п.xlsx", base).rows(), ["220101||2022|ЕГЭ|11|Математика базовая|2|1|0|1|0"]);

    let appeals = "Протокол проверки результатов  государственной итоговой аттестации 2022 г.\n20 - Примерная область\n\
        №|Код ОО|Класс|Код ППЭ|Аудитория|Фамилия|Имя|Отчество|Экзамен|Состояние апелляции|Текущие\n||||||||||Первичный балл|Оценка\n\
        1|220101|9|1|1|Секретов|Тайнослав|Скрытнович|Математика(2022.06.02)|Апелляция удовлетворена|16|4\n\
        2|220101|9|1|1|Секретов|Тайнослав|Скрытнович|Математика(2022.06.02)|Апелляция не удовлетворена|6|2\n";
    let found = convert("п.xlsx", appeals);
    assert_eq!(found.rows(), Vec::<String>::new());
    let appeal = found.findings.iter().next().expect("a finding");
    assert_eq!((appeal.id.as_str(), appeal.args.get("count").map(String::as_str)), ("export-appeals", Some("1")));
}

#[test]
fn scores_out_of_range_leave_the_marks_of_the_school_unknown() {
    let head = "02 - Математика 2022.06.02\n№|Код ОО|Класс|Аудитория|Фамилия|Оценка\n";
    let found = convert(
        "п.xlsx",
        &format!("{head}1|220101|9|1|Секретов|6\n2|220102|9|1|Секретов|4\n3|220103|9|1|Секретов|н/я\n"),
    );
    assert_eq!(
        found.rows(),
        [
            "220101||2022|ОГЭ|9|Математика|1",
            "220102||2022|ОГЭ|9|Математика|1|0|0|1|0",
            "220103||2022|ОГЭ|9|Математика|1"
        ]
    );
    assert_eq!(found.ids(), ["export-score-out-of-range п.xlsx › Лист1!F3", "export-value-not-read п.xlsx › Лист1!F5"]);
}

#[test]
fn flat_tables_name_the_work_of_each_row() {
    let marks = "Год|Класс|Предмет|Муниципалитет|Логин|ОО|Кол-во участников|2|3|4|5\n\
        2022|5|Математика|Округ|edu224052|МБОУ «Примерная СОШ»|7|14,3|28,6|57,1|0\n\
        2022|5|РУ|Округ|edu224052|МБОУ «Примерная СОШ»|7|1|2|4|0\n2022|6|Русский язык|Округ||МБОУ «Условная СОШ»|4|25|25|25|25\nИтого||||||18\n";
    let found = convert("Отметки.xlsx", marks);
    assert_eq!(
        found.rows(),
        [
            "edu224052|МБОУ «Примерная СОШ»|2022|ВПР|5|Математика|7|1|2|4|0",
            "edu224052|МБОУ «Примерная СОШ»|2022|ВПР|5|Русский язык|7|1|2|4|0",
            "МБОУ «Условная СОШ»|МБОУ «Условная СОШ»|2022|ВПР|6|Русский язык|4|1|1|1|1"
        ]
    );
    assert_eq!(found.behind(1), "E2 F2 A2 E2 B2 C2 G2 H2+G2 I2+G2 J2+G2 K2+G2 E2");
    let scores = "Год|Класс|Предмет|Муниципалитет|Логин|ОО|Кол-во участников|0|1|2|3|4|5\n\
        2022|5|Математика|Округ|edu224052|МБОУ «Примерная СОШ»|4|25|25|0|0|25|25\n\
        2022|6|Математика|Округ|edu224052|МБОУ «Примерная СОШ»|4|25|25|0|0|25|25\n";
    let found = convert("Баллы.xlsx", scores);
    assert_eq!(
        found.rows(),
        [
            "edu224052|МБОУ «Примерная СОШ»|2022|ВПР|5|Математика|4|2|0|0|2",
            "edu224052|МБОУ «Примерная СОШ»|2022|ВПР|6|Математика|4"
        ]
    );
    assert_eq!(found.ids(), ["export-no-scale Баллы.xlsx › Лист1"]);
}

#[test]
fn layouts_without_use_are_recognised() {
    for (table, layout) in [
        (
            "Группы участников|Кол-во участников|%\nВся выборка||\nПонизили (Отметка < Отметка по журналу)|5|10 %",
            "Сравнение отметок с отметками по журналу",
        ),
        ("Группы участников|Кол-во ОО|Кол-во участников|1|2|3\nМакс балл|||1|1|2", "Выполнение заданий"),
        (
            "№|Блоки ПООП обучающийся научится / получит возможность научиться или проверяемые требования (умения)|Макс балл|Край|Округ|РФ\n1|Х|1|50|60|70",
            "Достижение планируемых результатов",
        ),
        (
            "Год|Муниципалитет|Логин|ОО|4 РУ|4 МА|Количество маркеров\n2022|О|edu224052|Ш|1|0|1",
            "Маркеры необъективности",
        ),
        ("логин|имя|регион\nsch220206|Ш|О", "Логины школ"),
        (
            "№|Проверяемые требования|Максимальный балл|Секретов|Средний балл|Процент выполнения\n1|Х|2|1|1|50",
            "Анализ выполнения заданий",
        ),
    ] {
        let found = convert("а.xlsx", table);
        assert_eq!(found.book.sheets[0].rows.len(), 0, "{layout}");
        let finding = found.findings.iter().next().expect("a finding");
        assert_eq!(
            (finding.id.as_str(), finding.args.get("layout").map(String::as_str)),
            ("export-not-used", Some(layout))
        );
    }
}

#[test]
fn facts_that_are_not_known_are_asked_for() {
    let found = convert("а.xlsx", "Группы участников|Кол-во ОО|Кол-во участников|2|3|4|5\nsch220206|1|4|25|25|25|25\n");
    assert_eq!(found.rows(), ["sch220206|||ВПР|||4|1|1|1|1"]);
    let finding = found.findings.iter().next().expect("a finding");
    assert_eq!(
        (finding.id.as_str(), finding.args.get("missing").map(String::as_str)),
        ("export-facts-missing", Some("год, класс, предмет"))
    );
    let found = convert("ВПР 2021 русский.xlsx", &format!("{MARKS}sch220206|1|4|25|25|25|25\n"));
    assert_eq!(found.ids(), ["export-facts-differ ВПР 2021 русский.xlsx › Лист1"]);
}

#[test]
fn other_sheets_pass_unchanged() {
    for path in crate::files(&project("inputs/mariinsk"), "xlsx") {
        let book = read_xlsx(&std::fs::read(&path).expect("bytes")).expect("a book");
        let mut findings = Diagnostics::default();
        let converted = exports::convert_all(vec![("а.xlsx".to_owned(), book.clone())], &scales(), &mut findings);
        assert_eq!(converted, [("а.xlsx".to_owned(), book)], "{}", path.display());
        assert_eq!(findings.iter().count(), 0);
    }
    let unknown = "Что-то|Своё\n1|2\n";
    assert_eq!(convert("а.xlsx", unknown).book, read_xlsx(&write(&[("Лист1", unknown)])).expect("a book"));
}

#[test]
fn nothing_of_a_pupil_comes_through() {
    let person = PERSON;
    let gia = format!(
        "04 - Русский язык 2022.05.30\n№|Код ОО|Класс|Аудитория|Фамилия|Имя|Отчество|Серия|Номер|Тестовый балл\n\
         1|220101|11|1|{person}|9904|778812|50\n2||11|1|{person}|9904|778812|Секретов\n3||11|1|{person}|9904|778812|50\n\
         4|220101|11|1|{person}|9904|778812|Секретов\n5|220101|11|1|{person}|9904|778812|\n6|Секретов|11|1|{person}|9904|778812|60\n"
    );
    let vpr = format!(
        "{HEAD_2021}\nsch220206|Округ|9904|778812|4|м|Секретов|1|Секретов|Тайнослав|4|2|Секретов|Скрытнович|\n"
    );
    let vpr = format!("{vpr}Тайнослав|Округ|1|40002|4|м|4А|1|10|4|4|2\n");
    let individual = "ВПР 2026 Русский язык 4 класс\nОО|Муниципалитет|Название ОО|Код участника|ФИО|Класс|Вариант|Первичный балл|Отметка|Отметка по журналу\n\
        edu203389|О|Ш|778812|Секретов|4|1|Секретов|Тайнослав|5\n|О|Ш|778812|Секретов|4|1|9|4|5\n";
    let (books, findings) = convert_all(&[
        ("ЕГЭ.xlsx", vec![("Лист", &gia)]),
        (FILE_2021, vec![("Лист", &vpr)]),
        ("Ф1.xlsx", vec![("Лист", individual)]),
    ]);
    let mut all = format!("{books:?}{findings:?}");
    for format in [Format::Human, Format::Short, Format::Json] {
        all.push_str(&diag::emit(&findings, &messages(), format));
    }
    assert!(findings.iter().count() > 5);
    for planted in PLANTED {
        assert!(!all.contains(planted), "{planted} came through");
    }
    let raw = read_xlsx(&write(&[("Лист", &gia)])).expect("a book");
    assert!(!exports::may_keep(&raw));
    assert!(format!("{raw:?}").contains("Секретов"));
}

#[test]
fn every_finding_of_the_exports_has_its_text() {
    let found = convert(FILE_2021, &format!("{HEAD_2021}\n||1|40001|4|м|4А|1|10|4|4|2\n"));
    let text = diag::emit(&found.findings, &messages(), Format::Human);
    assert!(text.contains("школа") && !text.contains("export-no-school]: export"), "{text}");
}

/// Words of the headers of every layout, and values of every kind.
const WORDS: &str = "Группы участников|Кол-во ОО|Кол-во участников|0|1|2|3|4|5|Код участника|Первичный балл|Отметка|ОО|\
    user|sum|klass|code|var-1|логин школы|всего баллов|балл за 1|Пользователь|Итого баллов|1 (4294967295б)|2 (4294967295б)|\
    Код|Вариант|Школа|Дата загрузки|Муниципалитет|Код региона|логин|Название ОО|Код ОО|Аудитория|Оценка|Тестовый балл|Балл|\
    Состояние апелляции|Год|Класс|Предмет|Логин|Математика|ВПР 2021 4 класс|02 - Математика 2022.06.01|sch220206|\
    edu224052 ¦ МБОУ «СОШ»|4294967295|-1|99,99|1e300|отсутствовал|X|40001|50001|4А|Итого|Кол-во участников: 9|100";

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { failure_persistence: None, cases: 400, ..Default::default() })]
    /// Any sheet is converted or left; whatever comes of it, an area stands behind every cell.
    #[test]
    fn no_sheet_makes_the_exports_fail(
        cells in proptest::collection::vec((0_u32..9, 0_u16..14, 0_usize..WORDS.split('|').count()), 0..120),
    ) {
        let words: Vec<String> = WORDS.split('|').map(|word| word.replace('¦', "|")).collect();
        let mut sheet = Sheet { name: "Лист".to_owned(), ..Sheet::default() };
        for (row, column, word) in cells {
            let value = words[word].parse().map_or_else(|_| CellValue::Text(words[word].as_str().into()), CellValue::Number);
            sheet.rows.entry(row).or_default().insert(column, value);
        }
        let book = Book { sheets: vec![sheet.clone()], ..Book::default() };
        let mut findings = Diagnostics::default();
        let books = exports::convert_all(vec![("а.xlsx".to_owned(), book)], &scales(), &mut findings);
        let found = &books[0].1.sheets[0];
        proptest::prop_assert_eq!(found.name.as_str(), "Лист");
        if *found != sheet {
            for (row, cells) in found.rows.iter().skip(1) {
                for column in cells.keys() {
                    proptest::prop_assert!(found.origins.get(&(*row, *column)).is_some_and(|areas| !areas.is_empty()));
                }
            }
        }
    }
}
