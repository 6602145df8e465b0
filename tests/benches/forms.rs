//! Forms out: two hundred workbooks of three sheets, sixty rows by twenty columns each, with validation, formats, formulas
//! and a chart, on two threads. The budget is one second.

#![expect(clippy::expect_used, reason = "a bench that cannot begin is a failed bench")]

use svod::blank::{Blank, Check, Column, Content, Kind, Part, Respondent, Row, Table, Words};
use svod::catalog::Templates;
use svod::diag::Diagnostics;
use svod::form;
use svod::measure::Measure;

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
        suggested: Vec::new(),
    };
    let part = |column: &str| Part { row: None, column: column.to_owned() };
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
            })
            .collect(),
        is_open: false,
        checks: vec![Check::AtMost { part: part("c2"), whole: part("c3"), message: "больше".to_owned() }],
        chart: (sheet == 0).then(|| ("c2".to_owned(), "c3".to_owned())),
        detail: None,
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
