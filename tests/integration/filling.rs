//! A blank of somebody else's, filled in: the figures stand where the mapping says, and nothing else has changed.

#![expect(clippy::expect_used, clippy::panic, reason = "a blank that cannot be filled in is a failed test")]

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use std::path::Path;

use rust_xlsxwriter::{DataValidation, DataValidationRule, Format, Note, Workbook};
use svod::diag::Diagnostics;
use svod::fill::{self, Value};
use svod::measure::Measure;
use svod::pipeline::{self, Filling};
use svod::workbook::{self, CellValue, Reading};

use crate::{project, run};

/// Rows of schools of the made blank.
const SCHOOLS: u32 = 7;

/// A ministry's blank: titles and notes over merged cells, a table of indicators, one of schools, formulas that stand on them,
/// validation, remarks, names, a second sheet.
fn blank() -> Vec<u8> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold().set_border(rust_xlsxwriter::FormatBorder::Thin);
    let plain = Format::new().set_num_format("0.00");
    let sheet = book.add_worksheet().set_name("Форма 1").expect("a name");
    for region in 0..155_u32 {
        let (row, column) = (40 + region / 5, u16::try_from(region % 5).expect("small") * 3);
        sheet.merge_range(row, column, row, column + 1, "примечание", &bold).expect("a region");
    }
    for row in 0..5 {
        sheet.merge_range(row, 0, row, 6, "Шапка формы", &bold).expect("a region");
    }
    for (column, heading) in ["№", "Показатель", "Числитель", "Знаменатель", "Значение", "Разница"].iter().enumerate()
    {
        sheet.write_with_format(6, u16::try_from(column).expect("small"), *heading, &bold).expect("a cell");
    }
    let rows = ["Доля школ, включённых в проект", "Число районных семинаров", "Свой показатель министерства"];
    for (index, name) in (0_u32..).zip(rows) {
        let row = 7 + index;
        sheet.write(row, 0, index + 1).expect("a cell");
        sheet.write(row, 1, name).expect("a cell");
        sheet.write_blank(row, 4, &plain).expect("a cell");
        sheet.write_formula(row, 5, format!("=E{}-1", row + 1).as_str()).expect("a cell");
    }
    sheet.write_formula(10, 4, "=SUM(E8:E10)").expect("a cell");
    let rule = DataValidation::new().allow_decimal_number(DataValidationRule::Between(0.0, 1000.0));
    sheet.add_data_validation(7, 4, 9, 4, &rule).expect("a rule");
    sheet.insert_note(7, 1, &Note::new("Пояснение министерства")).expect("a remark");
    let other = book.add_worksheet().set_name("Школы").expect("a name");
    other.write(0, 0, "Наименование").expect("a cell");
    other.write(0, 1, "Включена").expect("a cell");
    for school in 0..SCHOOLS {
        other.write(1 + school, 0, format!("ОО-0{}", school + 1)).expect("a cell");
    }
    book.add_worksheet().set_name("Справочник").expect("a name").write(0, 0, "не трогать").expect("a cell");
    book.define_name("Итог", "='Форма 1'!$E$11").expect("a name");
    book.save_to_buffer().expect("a workbook")
}

const MAP: &str = r#"
[[areas]]
sheet = "Форма 1"
rows = "indicators"
names = "B"
first = 8
last = 10
columns = [
  { heading = "Числитель", value = "numerator" },
  { heading = "Знаменатель", value = "denominator" },
  { column = "E", value = "value" },
  { heading = "Разница", value = "change" },
]

[[areas]]
sheet = "Школы"
rows = "schools"
names = "A"
first = 2
columns = [{ heading = "Включена", value = "numerator", indicator = "participant-rate" }]
"#;

fn parts(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let mut parts = BTreeMap::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).expect("a part");
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).expect("its bytes");
        parts.insert(file.name().expect("a name").into_owned(), bytes);
    }
    parts
}

fn number(path: &Path, sheet: &str, row: u32, column: u16) -> Option<f64> {
    let bytes = std::fs::read(path).expect("a file");
    let file = svod::source::SourceFile { path: "a.xlsx".to_owned(), hash: String::new(), bytes };
    let reader = workbook::Reader::InProcess;
    let how = Reading { reader: &reader, workers: 1, cache: None };
    let (books, _) = workbook::read_all(&[file], how, &mut Diagnostics::default());
    let book = books.into_iter().next().expect("a book").1;
    match book.sheets.iter().find(|one| one.name == sheet)?.rows.get(&row)?.get(&column)? {
        CellValue::Number(number) => Some(*number),
        _ => None,
    }
}

#[test]
fn figures_go_into_the_cells_that_the_mapping_names_and_nothing_else_changes() {
    let outer = tempfile::tempdir().expect("a folder");
    let (path, map) = (outer.path().join("Бланк.xlsx"), outer.path().join("map.toml"));
    let before = blank();
    std::fs::write(&path, &before).expect("written");
    std::fs::write(&map, MAP).expect("written");
    let request = run::request(&project("inputs/kirovsky"), &outer.path().join("forms"));
    let municipality = pipeline::discover(&request.inputs).expect("a municipality").remove(0);
    let how = Filling { blank: path, map };
    let done = pipeline::fill_in(&municipality, &request, &how, &run::messages());
    let said: Vec<String> = done.diagnostics.iter().map(|one| format!("{} {}", one.id, one.place.text())).collect();
    // A row of the ministry's own, and formulas that are not written over.
    let formula = |row| format!("fill-formula Бланк.xlsx › Форма 1!F{row}");
    for wanted in ["fill-row-unknown Бланк.xlsx › Форма 1!B10".to_owned(), formula(8)] {
        assert!(said.contains(&wanted), "{wanted}: {said:#?}");
    }
    let filled = request.outputs.join("kirovsky").join(done.produced.first().expect("a file"));
    let after = std::fs::read(&filled).expect("the filled blank");
    let (one, two) = (parts(&before), parts(&after));
    let changed: Vec<&String> = one.keys().filter(|name| one.get(*name) != two.get(*name)).collect();
    assert_eq!(changed, ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"]);
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
    let xml = |name: &str| String::from_utf8(two.get(name).expect("a part").clone()).expect("UTF-8");
    assert!(xml("xl/workbook.xml").contains("fullCalcOnLoad=\"1\""));
    let sheet = xml("xl/worksheets/sheet1.xml");
    assert_eq!(sheet.matches("<mergeCell ").count(), 160);
    assert!(sheet.contains("<dataValidation ") && sheet.contains("<f>SUM(E8:E10)</f></c>"), "the old result is gone");
    // One of seven schools of the sample is counted by hand in the table of the package; here the parts make the value.
    let (part, whole) =
        (number(&filled, "Форма 1", 7, 2).expect("a part"), number(&filled, "Форма 1", 7, 3).expect("a whole"));
    let schools: f64 = (1..=SCHOOLS).filter_map(|row| number(&filled, "Школы", row, 1)).sum();
    assert_eq!((part.to_string(), whole.to_string()), (schools.to_string(), SCHOOLS.to_string()));
    assert!(number(&filled, "Форма 1", 7, 4).is_some() && number(&filled, "Форма 1", 8, 4).is_some());
    // The style of a filled cell stays.
    assert!(sheet.contains("<c r=\"E8\" s="), "{}", &sheet.chars().take(3000).collect::<String>());
}

/// A workbook whose elements have a prefix, and cells that one formula fills together.
#[test]
fn a_formula_over_an_area_is_kept_and_a_prefix_is_no_hindrance() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("Форма 1").expect("a name");
    for (row, value) in [(7_u32, 1), (8, 2), (9, 3)] {
        sheet.write(row, 2, value).expect("a cell");
    }
    sheet.write_array_formula(7, 6, 9, 6, "{=C8:C10*2}").expect("a formula");
    let plain = book.save_to_buffer().expect("a workbook");
    let mut prefixed = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts(&plain) {
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let bytes = match name.as_str() {
            "xl/workbook.xml" | "xl/worksheets/sheet1.xml" => {
                let text = String::from_utf8(bytes).expect("UTF-8").replace("</", "\u{1}").replace("<?", "\u{2}");
                let text = text.replace('<', "<x:").replace('\u{1}', "</x:").replace('\u{2}', "<?");
                text.replace(&format!("xmlns=\"{main}\""), &format!("xmlns:x=\"{main}\"")).into_bytes()
            }
            _ => bytes,
        };
        prefixed.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
        std::io::Write::write_all(&mut prefixed, &bytes).expect("written");
    }
    let prefixed = prefixed.finish().expect("an archive").into_inner();
    let number = |number: i64| Value::Number(Measure::from(number));
    let cells = BTreeMap::from([((7, 2), number(5)), ((8, 6), number(9)), ((9, 3), number(4))]);
    for bytes in [plain, prefixed] {
        let filled = fill::fill(&bytes, &BTreeMap::from([("Форма 1".to_owned(), cells.clone())])).expect("filled");
        let refused: Vec<_> = filled.refused.iter().map(|(_, at, why)| (*at, *why)).collect();
        assert_eq!(refused, [((8, 6), fill::Refusal::Formula)], "its cell is one of the formula's");
        let file =
            svod::source::SourceFile { path: "a.xlsx".to_owned(), hash: String::new(), bytes: filled.bytes.clone() };
        let how = Reading { reader: &workbook::Reader::InProcess, workers: 1, cache: None };
        let (books, _) = workbook::read_all(&[file], how, &mut Diagnostics::default());
        let book = books.into_iter().next().expect("a book").1;
        let rows = &book.sheets.first().expect("a sheet").rows;
        let of = |row: u32, column: u16| rows.get(&row).and_then(|cells| cells.get(&column)).cloned();
        assert_eq!((of(7, 2), of(9, 3)), (Some(CellValue::Number(5.0)), Some(CellValue::Number(4.0))));
        let workbook = parts(&filled.bytes).remove("xl/workbook.xml").expect("a part");
        assert!(String::from_utf8(workbook).expect("UTF-8").contains("calcPr fullCalcOnLoad=\"1\""));
    }
}

/// What the mapping names and the blank does not have, or cannot take, is said at its cell.
#[test]
fn what_cannot_be_placed_is_said() {
    let outer = tempfile::tempdir().expect("a folder");
    let path = outer.path().join("Бланк.xlsx");
    std::fs::write(&path, blank()).expect("written");
    let mut request = run::request(&project("inputs/kirovsky"), &outer.path().join("forms"));
    // A workbook of another kind is read by the program itself.
    request.reader = workbook::Reader::Child { executable: env!("CARGO_BIN_EXE_svod").into() };
    let municipality = pipeline::discover(&request.inputs).expect("a municipality").remove(0);
    let said = |map: &str| -> Vec<String> {
        let map_path = outer.path().join("map.toml");
        std::fs::write(&map_path, map).expect("written");
        let how = Filling { blank: path.clone(), map: map_path };
        let done = pipeline::fill_in(&municipality, &request, &how, &run::messages());
        done.diagnostics.iter().map(|one| one.id.clone()).collect()
    };
    let area = |rest: &str| format!("[[areas]]\nrows = \"indicators\"\nnames = \"B\"\nfirst = 8\nlast = 9\n{rest}");
    let has = |map: &str, id: &str| {
        let ids = said(map);
        assert!(ids.iter().any(|known| known == id), "{id}: {ids:?}");
    };
    has("areas = 5", "fill-bad-map");
    has(&area("sheet = \"Нет\"\ncolumns = [{ column = \"C\", value = \"value\" }]"), "fill-no-sheet");
    has(&area("columns = [{ heading = \"Нет такого\", value = \"value\" }]"), "fill-no-column");
    // A count has no denominator.
    has(&area("columns = [{ column = \"D\", value = \"denominator\" }]"), "fill-no-value");
    has(MAP, "fill-row-unknown");
    has(MAP, "fill-formula");
    // A note over two columns covers the second of them.
    let covered = "[[areas]]\nrows = \"indicators\"\nnames = \"A\"\nfirst = 41\nlast = 41\n\
        called = { \"примечание\" = \"participant-rate\" }\ncolumns = [{ column = \"B\", value = \"value\" }]";
    has(covered, "fill-covered");
    // Two headings alike: which is meant, nobody knows.
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, heading) in [(1, "Показатель"), (2, "Факт"), (3, "Факт")] {
        sheet.write(0, column, heading).expect("a cell");
    }
    sheet.write(1, 1, "Доля школ, включённых в проект").expect("a cell");
    std::fs::write(&path, book.save_to_buffer().expect("a workbook")).expect("written");
    let twice = "[[areas]]\nrows = \"indicators\"\nnames = \"B\"\nfirst = 2\n\
        columns = [{ heading = \"Факт\", value = \"value\" }]";
    assert_eq!(said(twice).iter().filter(|id| *id == "fill-heading-twice").count(), 2, "both cells are named");
    // What is read and cannot be written into: a book of another kind.
    std::fs::copy(project("tests/fixtures/table.xls"), &path).expect("copied");
    has(
        "[[areas]]\nrows = \"indicators\"\nnames = \"A\"\nfirst = 1\n\
        columns = [{ column = \"C\", value = \"value\" }]",
        "fill-odd",
    );
    std::fs::write(&path, b"no workbook at all").expect("written");
    let ids = said(MAP);
    assert!(!ids.is_empty(), "a file that is none is named");
}

#[test]
fn what_is_no_workbook_of_this_kind_is_refused() {
    let cell = BTreeMap::from([((0, 0), Value::Number(Measure::from(1_i64)))]);
    let values = BTreeMap::from([("Форма 1".to_owned(), cell)]);
    assert!(fill::fill(b"no archive", &values).is_err());
    assert!(
        fill::fill(
            &blank(),
            &BTreeMap::from([("Другой".to_owned(), BTreeMap::from([((0, 0), Value::Text(String::new()))]))])
        )
        .is_err()
    );
    let whole = blank();
    for length in (0..whole.len()).step_by(97) {
        let Some(half) = whole.get(..length) else { panic!("a part") };
        assert!(fill::fill(half, &values).is_err(), "{length}");
    }
}
