//! The cost of reading: six hundred filled forms, each in a child process of its own, and the results of a region,
//! half a million rows in ten workbooks, read and checked by the program itself.
//! Budgets on two cores: 6 s each; 600 MiB for the region (`/usr/bin/time -v svod check` on the same folder tells).
//! `cargo bench --bench readers`.

#![expect(clippy::expect_used, reason = "what cannot be made cannot be measured")]

use std::path::{Path, PathBuf};
use std::process::Command;

use divan::{Bencher, black_box};
use rust_xlsxwriter::{Format, Workbook};
use svod::diag::Diagnostics;
use svod::source::SourceFile;
use svod::workbook::{Kind, Reader, Reading, read_all};

/// Forms of a region's schools.
const FORMS: usize = 600;
/// Rows of a form, and its merged regions.
const ROWS: u32 = 200;
/// See [`ROWS`].
const MERGES: u32 = 160;

fn main() {
    divan::main();
}

/// A form: merged labels, texts and numbers in ten columns.
fn form(seed: usize) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let plain = Format::new();
    for row in 0..ROWS {
        if row < MERGES {
            sheet.merge_range(row, 0, row, 2, &format!("Показатель {row}"), &plain).expect("a region");
        } else {
            sheet.write(row, 0, format!("Показатель {row}")).expect("a text");
        }
        for column in 3..10 {
            let number = u32::try_from(seed).expect("a number") + row + u32::from(column);
            sheet.write(row, column, number).expect("a number");
        }
    }
    book.save_to_buffer().expect("a workbook")
}

fn forms() -> Vec<SourceFile> {
    let file = |index: usize| SourceFile { path: format!("{index}.xlsx"), bytes: form(index), hash: String::new() };
    (0..FORMS).map(file).collect()
}

/// Schools of a region.
const SCHOOLS: u32 = 1_000;
/// Years of results.
const YEARS: [u32; 5] = [2018, 2019, 2020, 2021, 2022];
/// Procedures of a year: grades, each with these subjects.
const GRADES: [u32; 10] = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
/// See [`GRADES`].
const SUBJECTS: [&str; 10] = [
    "Русский язык",
    "Математика",
    "История",
    "Биология",
    "География",
    "Обществознание",
    "Физика",
    "Химия",
    "Литература",
    "Окружающий мир",
];
/// Workbooks with results.
const BOOKS: u32 = 10;

/// A cell of a table.
#[derive(Clone, Copy)]
enum Cell {
    /// Code of a school, with its name in the next column.
    School(u32),
    Number(u32),
    Text(&'static str),
}

/// Writes a table with a title above its header.
fn table(path: &Path, headers: &[&str], rows: impl Iterator<Item = Vec<Cell>>, names: &[String]) {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "Таблица").expect("a title");
    for (column, header) in (0_u16..).zip(headers) {
        sheet.write(2, column, *header).expect("a header");
    }
    for (row, cells) in (3_u32..).zip(rows) {
        let mut column = 0;
        for cell in cells {
            match cell {
                Cell::School(school) => {
                    sheet.write(row, column, format!("region-{school:04}")).expect("a code");
                    column += 1;
                    sheet.write(row, column, names.get(school as usize).expect("a name")).expect("a name");
                }
                Cell::Number(number) => drop(sheet.write(row, column, number).expect("a number")),
                Cell::Text(text) => drop(sheet.write(row, column, text).expect("a text")),
            }
            column += 1;
        }
    }
    book.save(path).expect("a workbook");
}

/// The sample's folder with the schools and the results of a region in place of its own.
#[expect(clippy::disallowed_methods, reason = "a folder of inputs has to be made")]
fn region() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let inputs = folder.path().join("region");
    std::fs::create_dir(&inputs).expect("a folder");
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("inputs/mariinsk");
    for name in ["svod.toml", "Реквизиты и лица.xlsx", "Показатели.xlsx", "Концепция.xlsx", "Дорожная карта.xlsx"]
    {
        std::fs::copy(sample.join(name), inputs.join(name)).expect("a workbook of the sample");
    }
    let names: Vec<String> = (0..SCHOOLS).map(|school| format!("МБОУ «Примерная школа № {school}»")).collect();
    let headers = ["Код ОО", "Полное наименование", "Краткое наименование", "Форма", "Тип", "Местность", "Класс с"];
    let headers = [&headers[..], &["Класс по", "Обучающихся", "Учитывается"]].concat();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, header) in (0_u16..).zip(&headers) {
        sheet.write(0, column, *header).expect("a header");
    }
    for (row, (school, name)) in (1_u32..).zip((0..SCHOOLS).zip(&names)) {
        let texts = [&format!("region-{school:04}"), name, name, "МБОУ", "средняя", "сельская"].map(str::to_owned);
        for (column, text) in (0_u16..).zip(texts) {
            sheet.write(row, column, text).expect("a text");
        }
        for (column, number) in [(6, 1), (7, 11), (8, 900)] {
            sheet.write(row, column, number).expect("a number");
        }
        sheet.write(row, 9, "да").expect("a text");
    }
    book.save(inputs.join("Школы.xlsx")).expect("a workbook");
    let procedures = || {
        let subjects = |grade| SUBJECTS.iter().map(move |subject| (grade, *subject));
        YEARS.iter().flat_map(move |year| GRADES.into_iter().flat_map(subjects).map(move |work| (*year, work)))
    };
    let headers = ["Процедура", "Год", "Класс", "Предмет", "Проведение", "Класс программы", "Пересдачи"];
    let calendar = procedures().map(|(year, (grade, subject))| {
        let (year, grade) = (Cell::Number(year), Cell::Number(grade));
        vec![Cell::Text("ВПР"), year, grade, Cell::Text(subject), Cell::Text("проведена"), grade, Cell::Text("нет")]
    });
    table(&inputs.join("Календарь.xlsx"), &headers, calendar, &names);
    let headers = ["Код ОО", "Школа", "Год", "Процедура", "Класс", "Предмет", "Участников"];
    let headers = [&headers[..], &["Отметка «2»", "Отметка «3»", "Отметка «4»", "Отметка «5»"]].concat();
    for book in 0..BOOKS {
        let schools = (0..SCHOOLS).filter(move |school| school % BOOKS == book);
        let rows = schools.flat_map(|school| {
            procedures().map(move |(year, (grade, subject))| {
                let few = (school + grade) % 4;
                let results = [40 + few, few, 15, 15, 10].map(Cell::Number);
                let (year, grade) = (Cell::Number(year), Cell::Number(grade));
                let work = [Cell::School(school), year, Cell::Text("ВПР"), grade, Cell::Text(subject)];
                [&work[..], &results].concat()
            })
        });
        table(&inputs.join(format!("Результаты {book}.xlsx")), &headers, rows, &names);
    }
    folder
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn half_a_million_rows(bencher: Bencher<'_, '_>) {
    let folder = region();
    bencher.bench_local(|| {
        let run = Command::new(env!("CARGO_BIN_EXE_svod")).arg("check").arg(folder.path()).output().expect("a run");
        assert_eq!(run.status.code(), Some(1), "the region has no teachers: errors, but a whole run");
        run.stdout
    });
}

fn child() -> Reader {
    Reader::Child { executable: PathBuf::from(env!("CARGO_BIN_EXE_svod")) }
}

#[divan::bench(sample_count = 3, sample_size = 1, args = [1, 2])]
fn six_hundred_forms(bencher: Bencher<'_, '_>, workers: usize) {
    let (files, reader) = (forms(), child());
    bencher.bench_local(|| {
        let mut diagnostics = Diagnostics::default();
        let (books, _) = read_all(&files, Reading { reader: &reader, workers, cache: None }, &mut diagnostics);
        assert_eq!(books.len(), FORMS);
        black_box(books)
    });
}

#[divan::bench(args = [false, true], sample_count = 20)]
fn one_form(bencher: Bencher<'_, '_>, in_child: bool) {
    let bytes = form(1);
    let reader = if in_child { child() } else { Reader::InProcess };
    bencher.bench_local(|| reader.read(Kind::Xlsx, black_box(&bytes)).expect("a form"));
}
