//! Where things stand in a municipality's files is no matter: sheets in other files, rows of a sheet in two of them, the
//! numbers of the schools in a wide table; rows, columns and sheets in any order. Figures, findings and pages stay.

#![expect(clippy::expect_used, reason = "a run that cannot begin is a failed test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::cases::SAMPLE;
use crate::runs::{essence, permute, shuffle};
use crate::sample;
use crate::workbook::{self, Sheet, Workbook};

/// Sheets of which any part may stand anywhere: their rows are observations.
const DIVISIBLE: [&str; 7] =
    ["ОГЭ", "ЕГЭ", "ВПР", "Журнал методической помощи", "Партнёрства", "Диагностика", "Данные школ"];
/// The long table of numbers that schools report.
const LONG: &str = "Данные школ";
/// The dictionary of these numbers: code and name.
const DICTIONARY: &str = "Словарь показателей";

fn books() -> Vec<Workbook> {
    sample::core(SAMPLE).expect("the sample").0
}

/// A number from zero to below the limit.
fn below(limit: usize, seed: &mut u64) -> usize {
    let mut numbers: Vec<usize> = (0..limit).collect();
    shuffle(&mut numbers, seed);
    numbers.first().copied().unwrap_or_default()
}

/// Writes books as a municipality's folder.
pub fn write(books: &[Workbook], inputs: &Path) {
    let folder = inputs.join(SAMPLE);
    std::fs::create_dir_all(&folder).expect("a folder");
    let settings = sample::core(SAMPLE).expect("the sample").1;
    std::fs::write(folder.join("svod.toml"), settings).expect("the settings");
    for book in books {
        std::fs::write(folder.join(&book.file), workbook::write(book).expect("a workbook")).expect("written");
    }
}

/// Puts the rows of a sheet into two.
fn divide(sheet: &Sheet, seed: &mut u64) -> [Sheet; 2] {
    let mut parts = [Sheet { rows: Vec::new(), ..sheet.clone() }, Sheet { rows: Vec::new(), ..sheet.clone() }];
    for (index, row) in sheet.rows.iter().enumerate() {
        // Neither is left without a row: a sheet of nothing but headers is a finding.
        let part = if index < 2 { index } else { below(2, seed) };
        parts.get_mut(part).expect("one of two").rows.push(row.clone());
    }
    parts
}

/// Deals the sheets of all books, some of them divided, out to files of other names.
fn deal(books: &[Workbook], seed: &mut u64) -> Vec<Workbook> {
    let mut sheets = Vec::new();
    for sheet in books.iter().flat_map(|book| &book.sheets) {
        if DIVISIBLE.contains(&sheet.name.as_str()) {
            sheets.extend(divide(sheet, seed));
        } else {
            sheets.push(sheet.clone());
        }
    }
    shuffle(&mut sheets, seed);
    let count = 2 + below(9, seed);
    let mut dealt: BTreeMap<usize, Workbook> = BTreeMap::new();
    for sheet in sheets {
        // The parts of one sheet have one name: they cannot stand in one file.
        let holds =
            |at: &usize| dealt.get(at).is_some_and(|book| book.sheets.iter().any(|other| other.name == sheet.name));
        let mut order: Vec<usize> = (0..count).collect();
        shuffle(&mut order, seed);
        let at = order.into_iter().find(|at| !holds(at)).expect("two files");
        let file =
            format!("{}.xlsx", char::from_u32(0x430 + u32::try_from(at).expect("a small number")).expect("a letter"));
        dealt.entry(at).or_insert(Workbook { file, sheets: Vec::new() }).sheets.push(sheet);
    }
    dealt.into_values().collect()
}

/// Makes the long table of the schools' numbers wide: a row a school and year, a column a number, by code or by name.
fn widen(books: &mut [Workbook], seed: &mut u64) {
    let find =
        |name: &str| books.iter().flat_map(|book| &book.sheets).find(|sheet| sheet.name == name).expect("a sheet");
    let names: Vec<(String, String)> =
        find(DICTIONARY).rows.iter().filter_map(|row| Some((row.first()?.clone(), row.get(1)?.clone()))).collect();
    let long = find(LONG).clone();
    let cell = |row: &Vec<String>, column: &str| {
        let at = long.header.iter().position(|header| header == column).expect("a column");
        row.get(at).cloned().unwrap_or_default()
    };
    let fixed = ["Код ОО", "Школа", "Год"];
    let mut values: BTreeMap<Vec<String>, BTreeMap<String, String>> = BTreeMap::new();
    for row in &long.rows {
        let key = fixed.map(|column| cell(row, column)).to_vec();
        values.entry(key).or_default().insert(cell(row, "Код показателя"), cell(row, "Значение"));
    }
    let used: BTreeSet<&String> = values.values().flat_map(BTreeMap::keys).collect();
    let columns: Vec<&(String, String)> = names.iter().filter(|(code, _)| used.contains(code)).collect();
    assert_eq!(columns.len(), used.len(), "the dictionary has every code");
    let mut head = |(code, name): &(String, String)| if below(2, seed) == 0 { code.clone() } else { name.clone() };
    let heads: Vec<String> = columns.iter().map(|column| head(column)).collect();
    let row = |(key, values): (&Vec<String>, &BTreeMap<String, String>)| {
        let numbers = columns.iter().map(|(code, _)| values.get(code).cloned().unwrap_or_default());
        key.iter().cloned().chain(numbers).collect()
    };
    let wide = Sheet {
        header: fixed.map(str::to_owned).into_iter().chain(heads).collect(),
        rows: values.iter().map(row).collect(),
        ..long.clone()
    };
    for sheet in books.iter_mut().flat_map(|book| &mut book.sheets).filter(|sheet| sheet.name == LONG) {
        *sheet = wide.clone();
    }
}

#[test]
fn files_sheets_rows_and_columns_may_stand_anywhere() {
    let shipped = {
        let folder = tempfile::tempdir().expect("a folder");
        write(&books(), &folder.path().join("inputs"));
        essence(&folder.path().join("inputs"), &folder.path().join("outputs"))
    };
    assert!(shipped.0.len() > 5 && shipped.1.len() > 100, "{} documents, {} figures", shipped.0.len(), shipped.1.len());
    let config = Config { cases: 4, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let result = runner.run(&(proptest::num::u64::ANY, proptest::bool::ANY), |(seed, is_wide)| {
        let mut seed = seed;
        let folder = tempfile::tempdir().expect("a folder");
        let mut books = books();
        if is_wide {
            widen(&mut books, &mut seed);
        }
        let mut books = deal(&books, &mut seed);
        permute(&mut books, &mut seed);
        write(&books, &folder.path().join("inputs"));
        let permuted = essence(&folder.path().join("inputs"), &folder.path().join("outputs"));
        proptest::prop_assert_eq!(&permuted.2, &shipped.2);
        proptest::prop_assert_eq!(&permuted.1, &shipped.1);
        proptest::prop_assert_eq!(&permuted.0, &shipped.0);
        Ok(())
    });
    result.expect("the same package");
}

#[test]
fn a_wide_table_says_what_the_long_one_says() {
    let of = |is_wide: bool| {
        let folder = tempfile::tempdir().expect("a folder");
        let mut books = books();
        if is_wide {
            widen(&mut books, &mut 7);
        }
        let sheets = books.iter().flat_map(|book| &book.sheets);
        let width = sheets.filter(|sheet| sheet.name == LONG).map(|sheet| sheet.header.len()).max();
        write(&books, &folder.path().join("inputs"));
        (width, essence(&folder.path().join("inputs"), &folder.path().join("outputs")))
    };
    let (long, wide) = (of(false), of(true));
    assert_eq!((long.0, wide.0), (Some(5), Some(11)));
    assert_eq!(long.1, wide.1);
}
