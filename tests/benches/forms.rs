//! Forms out: two hundred workbooks of three sheets, sixty rows by twenty columns each, with validation, formats, formulas
//! and a chart, on two threads. The budget is one second.
//! Forms back: six hundred filled workbooks of six hundred schools, collected and merged. The budget is eight seconds.

#![expect(clippy::expect_used, reason = "a bench that cannot begin is a failed bench")]
#![expect(clippy::disallowed_methods, reason = "a bench makes the folder that it measures")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rust_xlsxwriter::{Workbook, XlsxError};
use svod::blank::{Blank, Check, Column, Content, Kind, Part, Respondent, Row, Table, Words};
use svod::catalog::{BUILT_IN, Templates};
use svod::diag::{Diagnostics, Messages};
use svod::form;
use svod::measure::Measure;
use svod::pipeline::{self, Exchange, Receiving, Request};
use svod::returns::State;
use svod::source::Municipality;
use svod::workbook::Reader;

fn main() {
    divan::main();
}

fn blank(number: usize) -> Blank {
    let column = |index: usize| Column {
        key: format!("c{index}"),
        heading: format!("Столбец {index}"),
        help: "Целое число.".to_owned(),
        kind: match index {
            0 => Kind::Text,
            1 => Kind::Choice(vec!["да".to_owned(), "нет".to_owned()]),
            _ => Kind::Count,
        },
        is_open: index > 0,
        is_required: index > 1,
        has_total: index > 1,
        width: 12,
        lines: 1,
        most: None,
        is_apart: false,
        suggested: Vec::new(),
        difference: None,
        is_name: false,
    };
    let part = |column: &str| Part { table: None, row: None, column: column.to_owned() };
    let table = |sheet: usize| Table {
        id: format!("t{sheet}"),
        sheet: format!("Лист {sheet}"),
        title: format!("Таблица {sheet}"),
        note: String::new(),
        columns: (0..20).map(column).collect(),
        rows: (0..60)
            .map(|row| Row {
                id: format!("r{row}"),
                cells: (0..20_i64)
                    .map(|index| match index {
                        0 => Content::Text(format!("Строка {row}")),
                        1 => Content::Text("да".to_owned()),
                        _ => Content::Number(Measure::from(index * 3)),
                    })
                    .collect(),
                bound: None,
                is_apart: false,
                without: Vec::new(),
            })
            .collect(),
        is_open: false,
        checks: vec![Check::AtMost { part: part("c2"), whole: part("c3"), message: "больше".to_owned() }],
        chart: (sheet == 0).then(|| ("c2".to_owned(), "c3".to_owned())),
        detail: None,
        is_internal: false,
        against: None,
    };
    Blank {
        form: "bench".to_owned(),
        version: "00000000".to_owned(),
        municipality: "bench".to_owned(),
        municipality_name: "Пример".to_owned(),
        period: "2022".to_owned(),
        respondent: Respondent { code: format!("ОО-{number}"), name: format!("Школа {number}") },
        title: "Форма".to_owned(),
        approval: Vec::new(),
        lines: Vec::new(),
        instruction: vec!["Заполните.".to_owned()],
        signatures: vec!["Руководитель".to_owned()],
        contact: String::new(),
        sample_mark: None,
        due: None,
        tables: (0..3).map(table).collect(),
    }
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn two_hundred_forms(bencher: divan::Bencher<'_, '_>) {
    let words = Templates::built_in().data("blanks/words.toml", Words::parse, &mut Diagnostics::default());
    let words = words.expect("the words");
    let blanks: Vec<Blank> = (0..200).map(blank).collect();
    bencher.bench(|| {
        std::thread::scope(|scope| {
            for half in blanks.chunks(100) {
                let words = &words;
                scope.spawn(move || {
                    for blank in half {
                        divan::black_box(form::render_blank(blank, words, &[]).expect("a workbook"));
                    }
                });
            }
        });
    });
}

const SCHOOLS: usize = 600;
/// A form of one table that every school fills in.
const FORM: &str = "equipment";

/// A municipality of six hundred schools: the sample's books that name no school, and a register.
fn region(folder: &Path) -> Municipality {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("inputs/mariinsk");
    let folder = folder.join("region");
    fs::create_dir_all(&folder).expect("a folder");
    for book in ["Показатели.xlsx", "Реквизиты и лица.xlsx"] {
        fs::copy(sample.join(book), folder.join(book)).expect("a book of the sample");
    }
    let settings = fs::read_to_string(sample.join("svod.toml")).expect("the settings");
    let (before, blanks) = settings.split_once("\nblanks = [").expect("the list of forms");
    let after = blanks.split_once(']').expect("its end").1;
    fs::write(folder.join("svod.toml"), format!("{before}\nblanks = [\"{FORM}\"]{after}")).expect("the settings");
    register().expect("a workbook").save(folder.join("Школы.xlsx")).expect("a book");
    Municipality { id: "region".to_owned(), folder }
}

fn register() -> Result<Workbook, XlsxError> {
    let head = [
        "Код ОО",
        "Полное наименование",
        "Краткое наименование",
        "Форма",
        "Тип",
        "Местность",
        "Класс с",
        "Класс по",
        "Обучающихся",
        "Учитывается",
    ];
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("Реестр")?;
    sheet.write_row(2, 0, head)?;
    for (row, school) in (3..).zip(0..SCHOOLS) {
        let full = format!("Муниципальное бюджетное общеобразовательное учреждение «Школа {school}»");
        let texts = [format!("ОО-{school}"), full, format!("МБОУ «Школа {school}»")];
        sheet.write_row(row, 0, texts.iter().map(String::as_str))?;
        sheet.write_row(row, 3, ["МБОУ", "средняя", "сельская"])?;
        sheet.write_row(row, 6, [1, 11, 900])?;
        sheet.write(row, 9, "да")?;
    }
    Ok(book)
}

/// Fills in what went out: zeros, which every sum and bound allows.
fn fill_in(municipality: &Municipality, words: &Words, back: &Path) {
    fs::create_dir_all(back).expect("a folder");
    let sent = walkdir::WalkDir::new(municipality.folder.join("svod/forms/sent")).sort_by_file_name();
    for entry in sent.into_iter().filter_map(Result::ok).filter(|entry| entry.file_type().is_file()) {
        let mut blank: Blank = serde_json::from_slice(&fs::read(entry.path()).expect("a blank")).expect("a blank");
        for table in blank.tables.iter_mut().filter(|table| !table.is_open) {
            for row in &mut table.rows {
                let open = row.cells.iter_mut().zip(&table.columns).filter(|(_, column)| column.is_open);
                for (cell, _) in open.filter(|(_, column)| matches!(column.kind, Kind::Count)) {
                    *cell = Content::Number(Measure::default());
                }
            }
        }
        let made = form::render_blank(&blank, words, &[]).expect("a workbook");
        fs::write(back.join(format!("{}.xlsx", blank.respondent.code)), made.bytes).expect("a file");
    }
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn six_hundred_returns(bencher: divan::Bencher<'_, '_>) {
    let templates = Templates::built_in();
    let words = templates.data("blanks/words.toml", Words::parse, &mut Diagnostics::default()).expect("the words");
    let (_, messages) = BUILT_IN.iter().find(|(path, _)| *path == "messages/ru.toml").expect("messages");
    let messages = Messages::parse(std::str::from_utf8(messages).expect("text")).expect("messages");
    let sample = || {
        let folder = tempfile::tempdir().expect("a folder");
        let municipality = region(folder.path());
        let request = Request {
            inputs: municipality.folder.clone(),
            outputs: folder.path().join("forms"),
            only: std::iter::empty().collect(),
            draft: false,
            workers: 2,
            reader: Reader::InProcess,
        };
        let exchange = Exchange { today: "2022-10-01".to_owned(), ..Exchange::default() };
        let sent = pipeline::emit(&municipality, &request, &exchange, &messages);
        assert!(sent.produced.len() > SCHOOLS, "{:?}", sent.diagnostics);
        let back: PathBuf = folder.path().join("back");
        fill_in(&municipality, &words, &back);
        (folder, municipality, request, Receiving { exchange, folder: back, merges: true })
    };
    bencher.with_inputs(sample).bench_local_values(|(folder, municipality, request, how)| {
        let received = pipeline::receive(&municipality, &request, &how, &messages);
        let states: Vec<&BTreeMap<State, usize>> = received.states.iter().map(|(_, _, states)| states).collect();
        assert_eq!(states, [&BTreeMap::from([(State::Accepted, SCHOOLS)])], "{:?}", received.diagnostics);
        folder
    });
}
