//! A whole run over raw protocols of every layout, with names of pupils and teachers and numbers of documents in all
//! places where such files have them, and where a slip puts them. Everything that the run leaves is searched: documents,
//! tables, ledger, manifest, protocol, kept books, all that is printed in every format; and the snapshots of the tests.
//! The search is held to find a public name in each kind of file, so that it cannot pass by reading nothing.

#![expect(clippy::expect_used, reason = "what cannot be made cannot be tested")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use svod::diag::Diagnostics;
use svod::exports::{self, Scales};
use svod::workbook::{Book, Kind, Reader, Sheet, kind_of};

use crate::cases::{SAMPLE, write_changed};
use crate::exports::write;
use crate::{project, read_text};

/// Names of pupils, their parents and teachers, and numbers of documents: none of them may leave a protocol.
const PLANTED: [&str; 9] = [
    "Секретов",
    "Тайнослав",
    "Скрытнович",
    "Потаённая",
    "Сокровена",
    "9904778812",
    "4455667788",
    "11223344595",
    "89137778899",
];
/// Names of schools and of an input file, which are public: the search must find them.
const PUBLIC: [&str; 3] = ["Ключегорская", "Сосноложская", "Результаты процедур"];
/// A pupil in three columns.
const PUPIL: &str = "Секретов|Тайнослав|Скрытнович";
/// A teacher in one.
const TEACHER: &str = "Потаённая Сокровена";

/// A raw file: where it lies, its name and sheets; whether it is one of a known layout.
struct Raw {
    path: &'static str,
    sheets: Vec<(&'static str, String)>,
    is_known: bool,
}

fn known(path: &'static str, sheets: Vec<(&'static str, String)>) -> Raw {
    Raw { path, sheets, is_known: true }
}

fn unknown(path: &'static str, sheet: String) -> Raw {
    Raw { path, sheets: vec![("Лист1", sheet)], is_known: false }
}

/// Protocols of ФИС ОКО.
fn of_oko() -> Vec<Raw> {
    let autumn = format!(
        "groups|user|id|code|otc|gender|klass|var-1|var-2|sum|a-1-grade|a-2-grade|Учебник|ФИО\n\
         1|ОО-01|1|70001|4|м|А|1|0|12|6|6|Моро|{TEACHER}\n1|ОО-01|2|70002|3|Ж|Секретов|1|0|5|5|Тайнослав|Моро|Секретов\n\
         1|Секретов|3|70003|3|ж|Б|1|2|15|7|8|Моро|{TEACHER}\n1|Секретов 9904778812|4|70004|3|ж|Б|1|2|15|7|8||\n"
    );
    let spring = format!(
        "Учитель {TEACHER}\n\
         логин школы|регион|номер обучающегося|код обучающегося|отметка за предыдущую четверть/триместр|пол|класс|вариант|\
         всего баллов|балл за 1|балл за 2|балл за 3|Учебник|Др.уч. автор|Др.уч. название|СНИЛС\n\
         ОО-01|Округ|4455667788|9904778812|4|м|8А|1|10|4|4|2|||Секретов|112-233-445 95\n\
         ОО-01|Округ|2|80002|Секретов|м|Тайнослав|Скрытнович|Секретов|Потаённая|Секретов|2||||\n\
         |Округ|2|80002|4|м|8А|1|10|4|4|2|{TEACHER}|||\nСекретов|Округ|2|80003|4|м|8А|1|10|4|4|2||||\n\
         Секретов Т. С. 9904778812|Округ|2|80004|4|м|8А|1|10|4|4|2||||\n"
    );
    let classes = format!(
        "Пользователь|Код региона|Регион|Муниципалитет|Школа|Дата загрузки|Буква (цифра) класса. Введите \"нет\" - если \
         отсутствует|Основной учебник по предмету|Учитель\nОО-01|22|Край|Округ|Школа|04.02.2022 10:22:51|Секретов|Моро|{TEACHER}\n"
    );
    let dump = format!(
        "Пользователь|Код региона|Регион|Муниципалитет|Школа|Дата загрузки|Код|Вариант|1 (1б)|2(1) (1б)|17К1 (3б)||\
         Наименование класса|Пол|Отметка за предыдущий триместр/ четверть/полугодие|Итого баллов|Примечание\n\
         ОО-01|22|Край|Округ|МБОУ «Примерная СОШ № 1»|04.02.2019 10:22:51|4455667788|1|1|1|3|Секретов|8А|ж|4|5|Секретов\n\
         ОО-01|22|Край|Округ|Секретов Тайнослав|04.02.2019 10:22:51|80002|Секретов|Тайнослав|4|3||{TEACHER}|ж|4|Скрытнович|\n"
    );
    let individual = format!(
        "ВПР 2026 Русский язык 8 класс. Учитель {TEACHER}\nПредмет|Русский язык|Секретов\nЭксперт|{TEACHER}|89137778899\n\
         ОО|Муниципалитет|Название ОО|Код участника|ФИО|Документ|Класс|Вариант|Первичный балл|Отметка|Отметка по журналу\n\
         ОО-01|О|МБОУ «Примерная СОШ № 1»|80001|{}|9904778812|8А|1|20|5|4\n\
         ОО-01|О|Секретов Тайнослав|4455667788|Секретов|9904778812|Секретов|Тайнослав|Секретов|Скрытнович|Секретов\n\
         |О|Ш|80003|Секретов|9904778812|4|1|9|4|5\nОО-02|О|{TEACHER}|80005|||8А|1|20|5|4\n9904778812|О|Ш|80006|||8А|1|20|5|4\nСекретов Т. 9904778812|О|Ш|80004|Секретов||4|1|9|4|5\n",
        PUPIL.replace('|', " ")
    );
    vec![
        known("протоколы/ВПР 2020/7/Mat8.xlsx", vec![("Sheet1", autumn)]),
        known("протоколы/Проведение работы по математике, 8 класс. ВПР 2021.xlsx", vec![("Протокол", spring)]),
        known(
            "протоколы/Проведение работы по физике, 8 класс. ВПР.xlsx",
            vec![("Классы", classes), ("Протокол", dump)],
        ),
        known("протоколы/Ф1 2026.xlsx", vec![("Индивидуальные результаты", individual)]),
    ]
}

/// Protocols of РИС ГИА.
fn of_gia() -> Vec<Raw> {
    let spaced = format!(
        "Протокол проверки результатов\n20 - Примерная область\nЭксперт|{TEACHER}\n\n\n04 - Русский язык 2019.05.30\n\n\
         №||Код МСУ||Код ОО||Класс||Код ППЭ||Аудитория||Фамилия|Имя|Отчество||Серия|Номер||Первичный балл||Тестовый балл|\n\
         1||101||ОО-01||11И||4001||0012||{PUPIL}||9904|9904778812||20||40|\n\
         2||101||Секретов||11||4001||0012||{PUPIL}||9904|9904778812||2||23|\n\
         3||101||||11||4001||0012||{PUPIL}||9904|9904778812||2||23|\n\
         4||101||ОО-02||11||4001||0012||{PUPIL}||9904|9904778812||50||Секретов|\n\
         5||101||Секретов 4455667788||11||4001||0012||{PUPIL}||9904|9904778812||50||70|\n\
         ||||||||||||Председатель ГЭК {TEACHER}|||\nОтветственный {TEACHER}||||{TEACHER}\n"
    );
    let oge =
        "02 - Математика 2019.06.02\n№|Код ОО|Класс||Код ППЭ||Аудитория||Код МСУ||Фамилия||Имя|Отчество|Документ|Первичный балл||Оценка\n\
         1|ОО-01|9а||4001||1||101||Секретов||Тайнослав|Скрытнович|9904778812|12||3\n\
         2|ОО-01|Секретов||4001||1||101||Секретов||Тайнослав|Скрытнович|9904778812|12||Тайнослав\n\
         3|ОО-02|9||4001||1||101||Секретов||Тайнослав|Скрытнович|9904778812|12||9904778812\n"
        .to_owned();
    let report = format!(
        "ОГЭ. Русский язык. 2019 год\nID|Код МСУ|Код ОО|Класс|Код ППЭ|Аудитория|Фамилия|Имя|Отчество|Серия|Номер|Первичный балл|Оценка\n\
         77|101|ОО-01|9|4001|1|{PUPIL}|9904|9904778812|5|5\n"
    );
    let base = format!(
        "22 - Математика базовая 2019.06.03\n№|Код ОО|Класс|Аудитория|Фамилия|Первичный балл|Оценка\n1|ОО-01|11|1|Секретов|15|4\n\
         2|ОО-01|11|{TEACHER}|Секретов|15|4\n"
    );
    let appeals = format!(
        "Протокол проверки результатов государственной итоговой аттестации 2019 г.\n20 - Примерная область\n\
         №|Код ОО|Класс|Код ППЭ|Аудитория|Фамилия|Имя|Отчество|Экзамен|Состояние апелляции|Текущие\n\
         1|ОО-01|9|1|1|{PUPIL}|Математика(2019.06.02)|Апелляция удовлетворена|16\n"
    );
    vec![
        known("протоколы/ГИА/ЕГЭ русский.xlsx", vec![("Page 1", spaced)]),
        known("протоколы/ГИА/ОГЭ математика.xlsx", vec![("Page 1", oge)]),
        known("протоколы/ГИА/ОГЭ русский.xlsx", vec![("Отчёт", report)]),
        known("протоколы/ГИА/ЕГЭ база.xlsx", vec![("Page 1", base)]),
        known("протоколы/ГИА/Апелляции.xlsx", vec![("Page 1", appeals)]),
    ]
}

/// Forms with people beside their numbers, and lists that no layout knows.
fn of_others() -> Vec<Raw> {
    let form = format!(
        "Пользователь|Код региона|Регион|Муниципалитет|Школа|Дата загрузки|3 ФИО директора|4 Телефон|5 email|20 Педагогические работники\n\
         ОО-01|22|Край|Округ|МБОУ «Примерная СОШ № 1»|04.02.2019 10:22:51|{TEACHER}|89137778899|Секретов@example.org|Секретов\n\
         Секретов|22|Край|Округ|МБОУ «Примерная СОШ № 1»|04.02.2019 10:22:51|{TEACHER}|89137778899|Секретов@example.org|40\n"
    );
    let markers = format!("Год|Муниципалитет|Логин|ОО|4 РУ|Количество маркеров\n2019|О|ОО-01|{TEACHER}|1|1\n");
    let journal = "Предмет|Секретов Тайнослав|Потаённая Сокровена\nМатематика|5|4\n".to_owned();
    let list = format!(
        "№|ФИО|Дата рождения|СНИЛС|Телефон\n1|{}|01.01.2010|112-233-445 95|89137778899\n",
        PUPIL.replace('|', " ")
    );
    // Sheets of the program itself with people in columns of their own, and in no column at all.
    let extra = format!(
        "Код ОО|Школа|Год|Код показателя|Значение|ФИО ответственного\nОО-01|Ш|2019|teachers-total|40|{TEACHER}\n"
    );
    let gap = format!("Код ОО|Школа||Год|Код показателя|Значение\nОО-01|Ш|{TEACHER}|2019|teachers-highest|40\n");
    let flat = format!(
        "Год|Класс|Предмет|Муниципалитет|Логин|ОО|Кол-во участников|2|3|4|5\n\
         2019|8|Математика|Округ|ОО-01|{TEACHER}|4|25|25|25|25\n2019|8|Математика|Округ||{TEACHER}|4|25|25|25|25\n\
         2019|8|Математика|Округ|9904778812|Ш|4|25|25|25|25\n"
    );
    let marks = format!(
        "ВПР 2019. 8 класс. Математика. {TEACHER}\nГруппы участников|Кол-во ОО|Кол-во участников|2|3|4|5\n\
         {TEACHER}|1|4|25|25|25|25\nСекретов ¦ 9904778812|1|4|25|25|25|25\nОО-01 ¦ {TEACHER}|1|Секретов|Тайнослав|25|25|25\n"
    );
    vec![
        known("протоколы/Контекст.xlsx", vec![("Анкета", form)]),
        known("протоколы/Маркеры.xlsx", vec![("Маркеры", markers)]),
        unknown("протоколы/Журнал.xlsx", journal),
        unknown("протоколы/Список класса.xlsx", list),
        unknown("Данные с ответственными.xlsx", extra),
        unknown("Данные без заголовка.xlsx", gap),
        known("протоколы/Отметки.xlsx", vec![("Отметки", flat)]),
        known("протоколы/Статистика.xlsx", vec![("Отчёт", marks)]),
    ]
}

/// The text file of РИС ГИА, in the encoding of its program, and an unknown list.
fn texts() -> [(&'static str, Vec<u8>); 2] {
    let protocol = "\"09 - Английский язык 2019.06.14(п), 2019.06.16(у)\"\n№;Код ОО;Класс;Документ;Фамилия;Имя;Отчество;Первичный балл;\
        Тестовый балл\n1;ОО-01;11;9904778812;Секретов;Тайнослав;Скрытнович;10;30\n2;ОО-01;11;9904778812;Секретов;Тайнослав;Скрытнович;10;30;\
        Потаённая\n3;Секретов;11;9904778812;Секретов;Тайнослав;Скрытнович;10;Секретов\n";
    let one_byte = |c: char| match c {
        'А'..='я' => u8::try_from(u32::from(c) - 0x410 + 0xc0).expect("a letter"),
        'ё' => 0xb8,
        '№' => 0xb9,
        c => u8::try_from(u32::from(c)).expect("ASCII"),
    };
    [
        ("протоколы/ГИА/ЕГЭ английский.csv", protocol.chars().map(one_byte).collect()),
        ("протоколы/Учителя.csv", "ФИО;СНИЛС\nПотаённая Сокровена;11223344595\nСекретов;9904778812\n".into()),
    ]
}

/// Writes the sample and all raw files.
fn inputs(outer: &Path) -> PathBuf {
    let inputs = outer.join("inputs");
    write_changed(&[], "", &inputs).expect("the sample");
    let put = |path: &str, bytes: &[u8]| {
        let path = inputs.join(SAMPLE).join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, bytes).expect("written");
    };
    let scales = Scales::parse(&read_text(&project("templates/scales.toml")).expect("scales")).expect("scales");
    for raw in of_oko().into_iter().chain(of_gia()).chain(of_others()) {
        let sheets: Vec<(&str, &str)> = raw.sheets.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let bytes = write(&sheets);
        let book = svod::workbook::read_xlsx(&bytes).expect("a book");
        assert!(!exports::may_keep(&book), "{} would be kept", raw.path);
        let found =
            exports::convert_all(vec![(raw.path.to_owned(), book.clone())], &scales, &mut Diagnostics::default());
        let is_converted = |(sheet, raw): (&Sheet, &Sheet)| sheet != raw;
        let converted =
            found.iter().flat_map(|(_, book)| &book.sheets).zip(&book.sheets).filter(|pair| is_converted(*pair));
        assert_eq!(converted.count(), if raw.is_known { book.sheets.len() } else { 0 }, "{}", raw.path);
        put(raw.path, &bytes);
    }
    for (path, bytes) in texts() {
        put(path, &bytes);
    }
    // A sheet of the program itself, with names where numbers and words of a list should stand.
    let own = "Код ОО|Год|Процедура|Класс|Предмет|Участников|Ниже минимального балла\n\
        ОО-01|2019|Секретов Тайнослав|9|Математика|10|1\nОО-01|2019|ОГЭ|Секретов|Русский язык|10|1\n\
        ОО-02|2019|ОГЭ|9|Математика|Секретов|1\nОО-03|2019|ОГЭ|9|Математика|Скрытнович|Потаённая Сокровена\n";
    put("Свои результаты.xlsx", &write(&[("Результаты", own)]));
    inputs
}

/// Drops what lines of a page and ways of writing numbers may put between letters.
fn tight(text: &str) -> String {
    let kept =
        text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\u{200b}' | '\u{ad}' | '\u{2060}' | '-' | '‑'));
    kept.flat_map(char::to_lowercase).map(|c| if c == 'ё' { 'е' } else { c }).collect()
}

/// The texts that a file holds in any dress.
#[derive(Default)]
struct Content {
    text: String,
}

impl Content {
    fn add(&mut self, text: &str) {
        let _ = writeln!(self.text, "{text}");
    }

    /// Adds bytes as every encoding that a name could stand in.
    fn bytes(&mut self, bytes: &[u8]) {
        self.add(&String::from_utf8_lossy(bytes));
        for start in [0, 1] {
            for wide in [u16::from_le_bytes, u16::from_be_bytes] {
                let units = bytes.get(start..).unwrap_or_default().chunks_exact(2);
                let units = units.map(|pair| wide([*pair.first().unwrap_or(&0), *pair.last().unwrap_or(&0)]));
                self.add(&char::decode_utf16(units).map(|c| c.unwrap_or(' ')).collect::<String>());
            }
        }
        let letter = |byte: &u8| match byte {
            0xc0..=0xff => char::from_u32(u32::from(*byte) - 0xc0 + 0x410).unwrap_or(' '),
            byte => char::from(*byte),
        };
        self.add(&bytes.iter().map(letter).collect::<String>());
    }

    /// Adds the texts of an archive, part by part: names of parts and their contents, XML and JSON entities resolved.
    fn archive(&mut self, bytes: &[u8]) {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
        for index in 0..archive.len() {
            let mut part = archive.by_index(index).expect("a part");
            self.add(&part.name().expect("a name"));
            let mut content = Vec::new();
            part.read_to_end(&mut content).expect("a content");
            self.bytes(&content);
        }
        for sheet in svod::workbook::read_xlsx(bytes).expect("a workbook").sheets {
            self.add(&format!("{sheet:?}"));
        }
    }

    /// Adds what a PDF prints and what it tells besides: streams unpacked, strings decoded.
    fn pdf(&mut self, bytes: &[u8]) {
        let document = lopdf::Document::load_mem(bytes).expect("a PDF");
        let pages: Vec<u32> = document.get_pages().into_keys().collect();
        self.add(&document.extract_text(&pages).expect("its text"));
        for object in document.objects.values() {
            self.object(object);
        }
    }

    fn object(&mut self, object: &lopdf::Object) {
        match object {
            lopdf::Object::String(..) => self.add(&lopdf::decode_text_string(object).unwrap_or_default()),
            lopdf::Object::Name(name) => self.bytes(name),
            lopdf::Object::Array(items) => items.iter().for_each(|item| self.object(item)),
            lopdf::Object::Dictionary(entries) => entries.iter().for_each(|(_, item)| self.object(item)),
            lopdf::Object::Stream(stream) => {
                stream.dict.iter().for_each(|(_, item)| self.object(item));
                let content = stream.decompressed_content().unwrap_or_else(|_| stream.content.clone());
                self.bytes(&content);
            }
            _ => {}
        }
    }

    /// Adds every text of a JSON value.
    fn json(&mut self, value: &serde_json::Value) {
        match value {
            serde_json::Value::String(text) => self.add(text),
            serde_json::Value::Array(items) => items.iter().for_each(|item| self.json(item)),
            serde_json::Value::Object(entries) => entries.iter().for_each(|(key, item)| {
                self.add(key);
                self.json(item);
            }),
            other => self.add(&other.to_string()),
        }
    }

    /// Tells which of these stand in it.
    fn finds(&self, wanted: &[&'static str]) -> BTreeSet<&'static str> {
        let text = tight(&self.text);
        wanted.iter().copied().filter(|name| text.contains(&tight(name))).collect()
    }
}

/// Reads everything that a file may say.
fn content(path: &Path) -> Content {
    let bytes = std::fs::read(path).expect("a file");
    let mut content = Content::default();
    content.add(&path.to_string_lossy());
    content.bytes(&bytes);
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("pdf") => content.pdf(&bytes),
        Some("xlsx") => content.archive(&bytes),
        Some("json") => content.json(&serde_json::from_slice(&bytes).expect("JSON")),
        _ => {}
    }
    content
}

/// Every file below a folder.
fn every_file(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        if entry.path().is_dir() {
            found.extend(every_file(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}

/// Runs the built program; gives what it printed.
fn said(arguments: &[&str]) -> Content {
    let output = Command::new(env!("CARGO_BIN_EXE_svod")).args(arguments).output().expect("the program");
    let mut content = Content::default();
    for stream in [&output.stdout, &output.stderr] {
        content.bytes(stream);
        for line in String::from_utf8_lossy(stream).lines() {
            if let Ok(value) = serde_json::from_str(line) {
                content.json(&value);
            }
        }
    }
    content
}

#[test]
fn nothing_of_a_person_leaves_the_raw_protocols() {
    let outer = tempfile::tempdir().expect("a folder");
    let inputs = inputs(outer.path());
    let outputs = outer.path().join("outputs");
    let (from, to) = (inputs.to_string_lossy().into_owned(), outputs.to_string_lossy().into_owned());
    let mut found: BTreeMap<String, Content> = BTreeMap::new();
    // A draft prints what a final document would be blocked for.
    for (index, format) in ["human", "short", "json"].into_iter().enumerate() {
        let more: &[&str] = if index == 2 { &["--draft"] } else { &[] };
        let arguments = [&["build", &from, "-o", &to, "--format", format], more].concat();
        found.insert(format!("printed {format}"), said(&arguments));
        found.insert(format!("checked {format}"), said(&["check", &from, "--format", format]));
        for path in every_file(&outputs) {
            found.insert(format!("{format}: {}", path.display()), content(&path));
        }
    }
    for path in every_file(&inputs.join(SAMPLE).join("svod")) {
        found.insert(path.display().to_string(), content(&path));
    }

    // What must be there is there, and the search finds what may be found in it.
    let mut public: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, content) in &found {
        let kind = name.rsplit_once('.').map_or("printed", |(_, kind)| kind);
        *public.entry(kind).or_default() += usize::from(!content.finds(&PUBLIC).is_empty());
    }
    for kind in ["pdf", "xlsx", "json", "bin"] {
        assert!(public.get(kind).is_some_and(|count| *count > 0), "no public name in any {kind}: {public:?}");
    }
    let mut printed = found.iter().filter(|(name, _)| name.starts_with("printed") || name.starts_with("checked"));
    assert!(printed.all(|(_, content)| content.finds(&["протоколы/"]).len() == 1));
    for name in
        ["ledger.json", "manifest.json", "Протокол проверки данных.pdf", "Протокол проверки данных.xlsx", "Приказ.pdf"]
    {
        assert!(found.keys().any(|path| path.ends_with(name)), "no {name} in {:?}", found.keys());
    }

    let leaks: Vec<String> = found
        .iter()
        .map(|(name, content)| (name, content.finds(&PLANTED)))
        .filter(|(_, names)| !names.is_empty())
        .map(|(name, names)| format!("{name}: {names:?}"))
        .collect();
    assert!(leaks.is_empty(), "{} leaks\n{}", leaks.len(), leaks.join("\n"));
}

#[test]
fn the_search_finds_a_name_in_every_dress() {
    let outer = tempfile::tempdir().expect("a folder");
    inputs(outer.path());
    let raw = every_file(&outer.path().join("inputs").join(SAMPLE).join("протоколы"));
    // The raw files themselves are full of them: each in its format.
    for path in &raw {
        assert!(!content(path).finds(&PLANTED).is_empty(), "{}", path.display());
    }
    let all: BTreeSet<&str> = raw.iter().flat_map(|path| content(path).finds(&PLANTED)).collect();
    assert_eq!(all, PLANTED.into_iter().collect());
    for text in ["СЕКРЕТОВ", "Секре-\nтов", "Се\u{ad}кретов", "секретова", "112-233-445 95"]
    {
        let mut content = Content::default();
        content.add(text);
        assert!(!content.finds(&PLANTED).is_empty(), "{text}");
    }
    let wide: Vec<u8> = "Секретов".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut content = Content::default();
    content.bytes(&[b"x".as_slice(), &wide].concat());
    assert_eq!(content.finds(&PLANTED).len(), 1);
}

#[test]
fn the_answer_of_a_reader_is_read_by_nobody_else() {
    // The child hands the whole book over, names and all: through a pipe, and nothing of it to a file or a stream.
    let (path, bytes) = texts().into_iter().next().expect("a text");
    assert_eq!(kind_of(path, &bytes), Some(Ok(Kind::Text)));
    let book: Book = Reader::InProcess.read(Kind::Text, &bytes).expect("a book");
    assert!(format!("{book:?}").contains("Секретов"), "the text is read");
}

#[test]
fn no_snapshot_holds_a_planted_name() {
    let folders: Vec<PathBuf> = every_file(&project("tests"))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "snap"))
        .collect();
    assert!(folders.len() > 70, "{}", folders.len());
    let mut public = 0;
    for path in folders {
        let content = content(&path);
        assert_eq!(content.finds(&PLANTED), BTreeSet::new(), "{}", path.display());
        public += usize::from(!content.finds(&["Школы.xlsx"]).is_empty());
    }
    assert!(public > 30, "the search finds nothing in snapshots");
}
