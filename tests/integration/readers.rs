//! The guarded readers of workbooks: the same table in every format, each guard, each dirty container, and a folder of
//! damaged copies. Every file is read as the program does it, in a child process of the built program.

#![expect(clippy::expect_used, reason = "what cannot be made cannot be tested")]

use std::path::PathBuf;

use svod::diag::{Diagnostics, Severity};
use svod::source::SourceFile;
use svod::workbook::{Book, CellValue, Kind, Noticed, Reader, Reading, Sheet, kind_of, read_all};

use crate::made_books::{CSV, Parts, ods, pack, xlsb, xlsx, xlsx_table};
use crate::project;

fn reader() -> Reader {
    Reader::Child { executable: PathBuf::from(env!("CARGO_BIN_EXE_svod")) }
}

/// Reads a file as the program does.
fn read(path: &str, bytes: &[u8]) -> Result<Book, String> {
    match kind_of(path, bytes) {
        Some(Ok(kind)) => reader().read(kind, bytes).map_err(|why| why.reason),
        Some(Err(why)) => Err(why.reason),
        None => Err("ignored".to_owned()),
    }
}

fn sheet(book: &Book) -> &Sheet {
    book.sheets.first().expect("a sheet")
}

fn cell(sheet: &Sheet, row: u32, column: u16) -> Option<&CellValue> {
    sheet.rows.get(&row).and_then(|cells| cells.get(&column))
}

fn noticed(book: &Book) -> Vec<(Noticed, Option<(u32, u16)>)> {
    book.notes.iter().map(|note| (note.what, note.cell)).collect()
}

fn broken(id: &str) -> CellValue {
    CellValue::Broken(id.into())
}

/// An xlsx of one sheet with these rows.
fn one_sheet(rows: &str) -> Vec<u8> {
    pack(&xlsx(&[("Лист1", "", &format!("<sheetData>{rows}</sheetData>"))], ""))
}

fn good_books() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("a.xlsx", pack(&xlsx(&[("Лист1", "", &xlsx_table())], ""))),
        ("a.xlsb", pack(&xlsb())),
        ("a.xls", std::fs::read(project("tests/fixtures/table.xls")).expect("the fixture")),
        ("a.ods", pack(&ods(""))),
        ("a.csv", CSV.as_bytes().to_vec()),
    ]
}

#[test]
fn every_format_gives_the_same_cells() {
    for (path, bytes) in good_books() {
        for path in [path, "other.xlsx"] {
            // A text has no content that would tell it from any other.
            if path == "other.xlsx" && bytes == CSV.as_bytes() {
                continue;
            }
            let book = read(path, &bytes).expect(path);
            let sheet = sheet(&book);
            assert_eq!(book.notes, [], "{path}");
            assert_eq!(sheet.rows.len(), 4, "{path}");
            for (row, line) in (0..).zip(CSV.lines()) {
                for (column, field) in (0..).zip(line.split(';')) {
                    let expected = field.parse().map_or_else(|_| CellValue::Text(field.into()), CellValue::Number);
                    assert_eq!(cell(sheet, row, column), Some(&expected), "{path}, {row}, {column}");
                }
            }
            assert_eq!(sheet.knows_styles, bytes == good_books().first().expect("an xlsx").1, "{path}");
        }
    }
}

#[test]
fn cells_of_every_kind_have_a_defined_treatment() {
    let rows = "<row r=\"1\"><c r=\"A1\" t=\"e\"><v>#DIV/0!</v></c><c r=\"B1\"><f>A1+1</f></c>\
        <c r=\"C1\" t=\"str\"><f>\"\"</f><v></v></c><c r=\"D1\"><f>1+1</f><v>2</v></c><c r=\"E1\"><v>1E+400</v></c></row>\
        <row r=\"2\"><c r=\"A2\" s=\"1\"><v>0.295</v></c><c r=\"B2\" s=\"2\"><v>44805</v></c>\
        <c r=\"C2\" s=\"2\"><v>9999999</v></c><c r=\"D2\" s=\"2\"><v>-5</v></c><c r=\"E2\" s=\"2\"><v>0.5</v></c></row>\
        <row r=\"3\"><c r=\"A3\" t=\"inlineStr\"><is><t>СОШ&#x200B; № 1</t></is></c>\
        <c r=\"B3\" t=\"e\"><v>#SPILL!</v></c><c r=\"C3\" t=\"n\"><v>3,5</v></c><c r=\"D3\"><v>7</v></c></row>\
        <row r=\"4\"><c r=\"XFE4\"><v>1</v></c></row>";
    let book = read("a.xlsx", &one_sheet(rows)).expect("a book");
    let sheet = sheet(&book);
    let text = |text: &str| Some(CellValue::Text(text.into()));
    for (row, column, expected) in [
        (0, 0, Some(broken("#DIV/0!"))),
        (0, 1, Some(broken("formula-without-value"))),
        (0, 2, None),
        (0, 3, Some(CellValue::Number(2.0))),
        (0, 4, Some(broken("not-finite"))),
        (1, 0, Some(CellValue::Fraction(0.295))),
        (1, 1, Some(CellValue::Date(2022, 9, 1))),
        (1, 2, Some(broken("implausible-date"))),
        (1, 3, Some(broken("implausible-date"))),
        (1, 4, text("12:00")),
        (2, 0, text("СОШ № 1")),
        (2, 1, Some(broken("lost-cell"))),
        (2, 2, Some(broken("lost-cell"))),
        (2, 3, Some(CellValue::Number(7.0))),
    ] {
        assert_eq!(cell(sheet, row, column), expected.as_ref(), "{row}, {column}");
    }
    let found = noticed(&book);
    for what in [
        (Noticed::FormulaWithoutValue, Some((0, 1))),
        (Noticed::NotFinite, Some((0, 4))),
        (Noticed::ImplausibleDate, Some((1, 2))),
        (Noticed::InvisibleCharacters, Some((2, 0))),
        (Noticed::LostCell, Some((2, 1))),
    ] {
        assert!(found.contains(&what), "{what:?} in {found:?}");
    }
    // A column beyond the last one is an error of the cell or a far cell; either way it is named.
    assert!(found.iter().any(|(what, cell)| *what == Noticed::FarCell
        || (*what == Noticed::LostCell && cell.is_some_and(|(row, _)| row >= 2))));
}

#[test]
fn dates_of_the_other_epoch_are_the_same_dates() {
    let rows = "<sheetData><row r=\"1\"><c r=\"A1\" s=\"2\"><v>43343</v></c></row></sheetData>";
    let parts = xlsx(&[("Лист1", "", rows)], "<workbookPr date1904=\"1\"/>");
    let book = read("a.xlsx", &pack(&parts)).expect("a book");
    assert_eq!(cell(sheet(&book), 0, 0), Some(&CellValue::Date(2022, 9, 1)));
}

#[test]
fn merged_regions_are_known_and_cover_what_they_cover() {
    let inside = "<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c><c r=\"B1\"><v>2</v></c></row>\
        <row r=\"2\"><c r=\"A2\"><v>3</v></c></row></sheetData>\
        <mergeCells count=\"2\"><mergeCell ref=\"A1:B1\"/><mergeCell ref=\"A2:XFD1048576\"/></mergeCells>";
    let book = read("a.xlsx", &pack(&xlsx(&[("Лист1", "", inside)], ""))).expect("a book");
    let sheet = sheet(&book);
    assert_eq!(noticed(&book), [(Noticed::CoveredCell, Some((0, 1)))]);
    assert_eq!(cell(sheet, 0, 1), None);
    assert_eq!(
        sheet.merges.iter().map(|area| (area.columns, area.rows)).collect::<Vec<_>>(),
        [((0, 1), (0, 0)), ((0, 1), (1, 1))]
    );
}

#[test]
fn a_bad_sheet_costs_no_other() {
    let good = xlsx_table();
    let cut = good.split("<row r=\"3\">").next().expect("the first rows").to_owned();
    let sheets: [(&str, &str, &str); 5] = [
        ("Первый", "", &good),
        ("Скрытый", "state=\"hidden\"", &good),
        ("Обрыв", "", &cut),
        ("Нет", "", "<nothing/>"),
        ("Первый", "", &good),
    ];
    let book = read("a.xlsx", &pack(&xlsx(&sheets, ""))).expect("a book");
    let rows: Vec<usize> = book.sheets.iter().map(|sheet| sheet.rows.len()).collect();
    assert_eq!(rows, [4, 4, 3, 0, 0]);
    let found: Vec<(&str, Noticed)> = book.notes.iter().map(|note| (note.sheet.as_str(), note.what)).collect();
    let expected = [
        ("Скрытый", Noticed::HiddenSheet),
        ("Обрыв", Noticed::CutSheet),
        ("Нет", Noticed::UnreadableSheet),
        ("Первый", Noticed::UnreadableSheet),
    ];
    assert_eq!(found, expected);
    assert!(book.sheets.get(1).is_some_and(|sheet| sheet.is_hidden));
}

#[test]
fn every_guard_has_its_reason() {
    let refused = |path: &str, bytes: &[u8]| read(path, bytes).err().unwrap_or_default();
    let with = |mut parts: Parts, name: &str, content: &[u8]| {
        parts.push((name.to_owned(), content.to_vec()));
        pack(&parts)
    };
    let book = || xlsx(&[("Лист1", "", &xlsx_table())], "");
    let strings = |count: &str| {
        let mut parts = book();
        let relations = parts.iter_mut().find(|(name, _)| name.ends_with("workbook.xml.rels")).expect("relations");
        let link = "<Relationship Id=\"rId901\" Target=\"sharedStrings.xml\" Type=\"http://schemas.openxmlformats.org/\
            officeDocument/2006/relationships/sharedStrings\"/></Relationships>";
        relations.1 = String::from_utf8_lossy(&relations.1).replace("</Relationships>", link).into_bytes();
        with(parts, "xl/sharedStrings.xml", format!("<sst uniqueCount=\"{count}\"></sst>").as_bytes())
    };
    assert_eq!(refused("a.xlsx", &strings("0")), "");
    assert_eq!(refused("a.xlsx", &strings("1000000000")), "damaged");
    assert_eq!(refused("a.xlsx", &strings("100000000000000000000")), "damaged");
    // 129 million zeros pack well.
    assert_eq!(refused("a.xlsx", &with(book(), "xl/media/a.bin", &vec![0; 129 << 20])), "too-large");
    let many = (0..2_001).map(|index| (format!("xl/{index}"), Vec::new()));
    assert_eq!(refused("a.xlsx", &pack(&book().into_iter().chain(many).collect())), "too-large");
    assert_eq!(refused("a.xlsx", &with(book(), "XL/Workbook.xml", b"")), "damaged");
    let named: Vec<String> = (0..257).map(|index| format!("Лист{index}")).collect();
    let sheets: Vec<(&str, &str, &str)> = named.iter().map(|name| (name.as_str(), "", "<sheetData/>")).collect();
    assert_eq!(refused("a.xlsx", &pack(&xlsx(&sheets, ""))), "too-large");
    let far = "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>";
    assert_eq!(refused("a.xlsx", &one_sheet(far)), "");
    let mut truncated = ods("");
    for (name, content) in &mut truncated {
        if name == "content.xml" {
            content.truncate(content.len() / 2);
        }
    }
    assert_eq!(refused("a.ods", &pack(&truncated)), "damaged");
    let last = "<table:table-row table:number-rows-repeated=\"1048570\"/><table:table-row>\
        <table:table-cell table:number-columns-repeated=\"50\"/><table:table-cell office:value-type=\"float\" \
        office:value=\"1\"/></table:table-row>";
    assert_eq!(refused("a.ods", &pack(&ods(last))), "too-large");
    let trailer = "<table:table-row table:number-rows-repeated=\"1048572\"><table:table-cell \
        table:number-columns-repeated=\"16384\"/></table:table-row>";
    assert_eq!(refused("a.ods", &pack(&ods(trailer))), "");
    assert_eq!(refused("a.xlsx", b""), "empty");
    assert_eq!(refused("a.xls", b"<html><table></table></html>"), "web-page");
    assert_eq!(refused("a.xlsx", b"PK\x03\x04"), "damaged");
    assert_eq!(refused("a.csv", b"a;\0b"), "binary");
}

#[test]
fn a_child_that_takes_all_memory_costs_its_file() {
    let mut bytes = std::fs::read(project("tests/fixtures/table.xls")).expect("the fixture");
    // The record that declares the used rectangle: last row and column are believed before anything is read.
    let record = [0x00, 0x02, 0x0e, 0x00];
    let at = bytes.windows(4).position(|found| found == record).expect("the record");
    bytes.splice(at + 8..at + 12, 0x0010_0000_u32.to_le_bytes());
    bytes.splice(at + 14..at + 16, 0x4000_u16.to_le_bytes());
    assert_eq!(read("a.xls", &bytes), Err("memory".to_owned()));
}

#[test]
fn what_is_no_reader_is_named() {
    for (executable, reason) in [("/nowhere/svod", "not-started"), ("/bin/true", "crash")] {
        let reader = Reader::Child { executable: PathBuf::from(executable) };
        assert_eq!(reader.read(Kind::Text, CSV.as_bytes()).map_err(|why| why.reason), Err(reason.to_owned()));
    }
}

/// A sequence of numbers that is the same in every run.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit.max(1)).expect("a number")).expect("a number")
    }

    fn damage(&mut self, bytes: &mut Vec<u8>) {
        match self.below(3) {
            0 => {
                for _ in 0..=self.below(20) {
                    let at = self.below(bytes.len());
                    let flip = u8::try_from(1 + self.below(255)).expect("a byte");
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte ^= flip;
                    }
                }
            }
            1 => bytes.truncate(self.below(bytes.len())),
            _ => {
                let (from, length) = (self.below(bytes.len()), 1 + self.below(200));
                bytes.iter_mut().skip(from).take(length).for_each(|byte| *byte = 0);
            }
        }
    }
}

#[test]
fn two_hundred_damaged_copies_cost_no_good_one() {
    let mut seeded = Seeded(20_220_901);
    let good = good_books();
    let mut files = Vec::new();
    let file = |path: String, bytes: Vec<u8>| SourceFile { hash: path.clone(), path, bytes };
    for index in 0..200 {
        let (name, bytes) = good.get(index % good.len()).expect("a good one");
        let mut bytes = bytes.clone();
        seeded.damage(&mut bytes);
        files.push(file(format!("damaged/{index}{name}"), bytes));
    }
    files.extend(good.iter().map(|(name, bytes)| file(format!("good/{name}"), bytes.clone())));
    let mut diagnostics = Diagnostics::default();
    let reader = reader();
    let how = Reading { reader: &reader, workers: 4, cache: None };
    let (books, _) = read_all(&files, how, &mut diagnostics);
    for file in &files {
        let book = books.iter().find(|(path, _)| *path == file.path).map(|(_, book)| book);
        let is_named = diagnostics.iter().any(|finding| {
            finding.severity == Severity::Error
                && finding.place.text().split(['›', ':']).next().is_some_and(|path| path.trim() == file.path)
        });
        assert!(book.is_some() || is_named, "{}: neither read nor named", file.path);
        if file.path.starts_with("good/") {
            assert_eq!(book.map(|book| sheet(book).rows.len()), Some(4), "{}", file.path);
        }
    }
    let named: Vec<&str> = diagnostics.iter().map(|finding| finding.id.as_str()).collect();
    assert!(named.len() > 40, "only {} findings", named.len());
}
