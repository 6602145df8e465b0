//! What people and programs do to a workbook on its way, done to the file itself: rows put in, taken out and copied with
//! what is hidden in them, formats pasted over numbers, cells written where no cell is asked for, sheets of two in one book.

#![expect(clippy::expect_used, reason = "a file that cannot be damaged is a failed test")]

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};

use zip::write::{SimpleFileOptions, ZipWriter};

/// A cell: its style, and what stands behind the style in its XML.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    style: String,
    kind: String,
    inner: String,
}

/// A sheet of a workbook, row by row; everything else of it as it was.
#[derive(Clone, Debug)]
pub struct Sheet {
    before: String,
    after: String,
    /// Attributes of the rows but for their number, and their cells; rows and columns from zero.
    pub rows: BTreeMap<u32, (String, BTreeMap<u32, Cell>)>,
}

/// A workbook, part by part.
pub struct Book {
    parts: Vec<(String, Vec<u8>)>,
    strings: Vec<String>,
}

/// What a cell is made to hold.
#[derive(Clone, Copy, Debug)]
pub enum Put<'a> {
    Number(&'a str),
    Text(&'a str),
    Bool(bool),
    Error(&'a str),
}

fn attribute<'x>(xml: &'x str, name: &str) -> Option<&'x str> {
    xml.split_once(&format!(" {name}=\""))?.1.split_once('"').map(|(value, _)| value)
}

fn without(xml: &str, name: &str) -> String {
    match attribute(xml, name) {
        Some(value) => xml.replacen(&format!(" {name}=\"{value}\""), "", 1),
        None => xml.to_owned(),
    }
}

/// Letters and number of an address: zero-based column and row.
fn parse(address: &str) -> (u32, u32) {
    let letters = address.trim_end_matches(|c: char| c.is_ascii_digit());
    let column = letters.bytes().fold(0, |sum, letter| sum * 26 + u32::from(letter - b'A') + 1) - 1;
    let row: u32 = address.trim_start_matches(|c: char| c.is_ascii_uppercase()).parse().expect("a row");
    (column, row - 1)
}

fn letters(column: u32) -> String {
    let (mut rest, mut out) = (column + 1, String::new());
    while rest > 0 {
        let letter = u8::try_from((rest - 1) % 26).expect("a letter") + b'A';
        out.insert(0, char::from(letter));
        rest = (rest - 1) / 26;
    }
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The pieces between two marks.
fn pieces<'x>(xml: &'x str, from: &str, to: &str) -> Vec<&'x str> {
    xml.split(from).skip(1).filter_map(|piece| piece.split_once(to).map(|(own, _)| own)).collect()
}

impl Sheet {
    fn parse(xml: &str) -> Self {
        let (before, rest) = xml.split_once("<sheetData>").expect("the cells");
        let (data, after) = rest.split_once("</sheetData>").expect("the end of the cells");
        let mut rows = BTreeMap::new();
        for row in data.split("<row").skip(1) {
            let (head, inner) = row.split_once('>').expect("a row");
            let number: u32 = attribute(head, "r").and_then(|number| number.parse().ok()).expect("a number");
            let mut cells = BTreeMap::new();
            for cell in inner.split("<c ").skip(1) {
                let (head, inner) = cell.split_once('>').expect("a cell");
                let head = format!(" {}", head.trim_end_matches('/'));
                let text = |name: &str| attribute(&head, name).unwrap_or_default().to_owned();
                let (column, _) = parse(&text("r"));
                let inner = inner.split_once("</c>").map(|(inner, _)| inner).unwrap_or_default().to_owned();
                cells.insert(column, Cell { style: text("s"), kind: text("t"), inner });
            }
            rows.insert(number - 1, (without(head.trim_end_matches('/'), "r"), cells));
        }
        Self { before: before.to_owned(), after: after.to_owned(), rows }
    }

    fn text(&self) -> String {
        let mut out = format!("{}<sheetData>", self.before);
        for (row, (attributes, cells)) in &self.rows {
            out.push_str(&format!("<row r=\"{}\"{attributes}>", row + 1));
            for (column, cell) in cells {
                let some = |name: &str, value: &str| match value {
                    "" => String::new(),
                    value => format!(" {name}=\"{value}\""),
                };
                let (style, kind) = (some("s", &cell.style), some("t", &cell.kind));
                let inner = &cell.inner;
                out.push_str(&format!("<c r=\"{}{}\"{style}{kind}>{inner}</c>", letters(*column), row + 1));
            }
            out.push_str("</row>");
        }
        format!("{out}</sheetData>{}", self.after)
    }

    /// Moves everything from a row on, merged cells included.
    fn shift(&mut self, from: u32, by: i64) {
        let moved = |row: u32| u32::try_from(i64::from(row) + by).expect("a row");
        let below = self.rows.split_off(&from);
        self.rows.extend(below.into_iter().map(|(row, cells)| (moved(row), cells)));
        for area in pieces(&self.after.clone(), "<mergeCell ref=\"", "\"") {
            let (first, last) = area.split_once(':').expect("an area");
            let (first, last) = (parse(first), parse(last));
            if first.1 >= from {
                let now =
                    format!("{}{}:{}{}", letters(first.0), moved(first.1) + 1, letters(last.0), moved(last.1) + 1);
                // A mark keeps what is moved from being moved again.
                self.after = self.after.replacen(&format!("ref=\"{area}\""), &format!("ref=\"@{now}\""), 1);
            }
        }
        self.after = self.after.replace("ref=\"@", "ref=\"");
    }

    /// Puts an empty row in.
    pub fn insert_row(&mut self, row: u32) {
        self.shift(row, 1);
        self.rows.insert(row, (String::new(), BTreeMap::new()));
    }

    /// Takes a row out.
    pub fn delete_row(&mut self, row: u32) {
        self.rows.remove(&row);
        self.shift(row + 1, -1);
    }

    /// Takes a column out; what stands to its right moves.
    pub fn delete_column(&mut self, column: u32) {
        for (_, cells) in self.rows.values_mut() {
            let right = cells.split_off(&column);
            cells.extend(right.into_iter().filter(|(at, _)| *at != column).map(|(at, cell)| (at - 1, cell)));
        }
    }

    pub fn put(&mut self, row: u32, column: u32, value: Put<'_>) {
        let cell = self.rows.entry(row).or_default().1.entry(column).or_default();
        (cell.kind, cell.inner) = match value {
            Put::Number(number) => (String::new(), format!("<v>{number}</v>")),
            Put::Text(text) => ("inlineStr".to_owned(), format!("<is><t>{}</t></is>", escaped(text))),
            Put::Bool(is) => ("b".to_owned(), format!("<v>{}</v>", u8::from(is))),
            Put::Error(text) => ("e".to_owned(), format!("<v>{text}</v>")),
        };
    }

    pub fn style(&mut self, row: u32, column: u32, style: usize) {
        self.rows.entry(row).or_default().1.entry(column).or_default().style = style.to_string();
    }

    pub fn cell(&self, row: u32, column: u32) -> Cell {
        self.rows.get(&row).and_then(|(_, cells)| cells.get(&column)).cloned().unwrap_or_default()
    }

    pub fn paste(&mut self, row: u32, column: u32, cell: Cell) {
        self.rows.entry(row).or_default().1.insert(column, cell);
    }

    /// Lays the cells of two rows from one column to another each in the place of the other.
    pub fn swap(&mut self, (one, other): (u32, u32), columns: std::ops::Range<u32>) {
        for column in columns {
            let (first, second) = (self.cell(one, column), self.cell(other, column));
            self.paste(one, column, second);
            self.paste(other, column, first);
        }
    }
}

impl Book {
    pub fn open(bytes: &[u8]) -> Self {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
        let mut parts = Vec::new();
        for index in 0..archive.len() {
            let mut part = archive.by_index(index).expect("a part");
            let name = part.name().expect("a name").into_owned();
            let mut content = Vec::new();
            part.read_to_end(&mut content).expect("its bytes");
            parts.push((name, content));
        }
        let mut book = Self { parts, strings: Vec::new() };
        let strings = book.part("xl/sharedStrings.xml");
        let text = |one: &&str| {
            pieces(one, "<t", "</t>").into_iter().filter_map(|text| text.split_once('>')).map(|(_, t)| t).collect()
        };
        book.strings = pieces(&strings, "<si>", "</si>").iter().map(text).collect();
        book
    }

    /// The text of a part; `None` where the book has none of this name.
    pub fn find(&self, name: &str) -> Option<String> {
        self.parts.iter().any(|(own, _)| own == name).then(|| self.part(name))
    }

    pub fn part(&self, name: &str) -> String {
        let found = self.parts.iter().find(|(own, _)| own == name);
        String::from_utf8(found.expect("the part").1.clone()).expect("text")
    }

    pub fn set(&mut self, name: &str, text: String) {
        match self.parts.iter_mut().find(|(own, _)| own == name) {
            Some((_, content)) => *content = text.into_bytes(),
            None => self.parts.push((name.to_owned(), text.into_bytes())),
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut out = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in &self.parts {
            out.start_file(name.as_str(), SimpleFileOptions::default()).expect("a part");
            out.write_all(content).expect("written");
        }
        out.finish().expect("an archive").into_inner()
    }

    /// Changes a sheet, from one.
    pub fn edit(&mut self, number: usize, change: impl FnOnce(&mut Sheet)) {
        let name = format!("xl/worksheets/sheet{number}.xml");
        let mut sheet = Sheet::parse(&self.part(&name));
        change(&mut sheet);
        self.set(&name, sheet.text());
    }

    pub fn sheet(&self, number: usize) -> Sheet {
        Sheet::parse(&self.part(&format!("xl/worksheets/sheet{number}.xml")))
    }

    /// What a cell says.
    pub fn text(&self, cell: &Cell) -> String {
        let value = pieces(&cell.inner, "<v>", "</v>").first().copied().unwrap_or_default();
        match cell.kind.as_str() {
            "s" => self.strings.get(value.parse::<usize>().expect("an index")).cloned().unwrap_or_default(),
            _ => value.to_owned(),
        }
    }

    /// The row that has an id in the hidden column, and the column that has one in the hidden row.
    pub fn place(&self, number: usize, row: &str, column: &str) -> (u32, u32) {
        let sheet = self.sheet(number);
        let is = |cell: Option<&Cell>, wanted: &str| cell.is_some_and(|cell| self.text(cell) == wanted);
        let (row, _) = sheet.rows.iter().find(|(_, (_, cells))| is(cells.get(&0), row)).expect("the row");
        let (_, marks) = sheet.rows.get(&0).expect("the marks");
        let (column, _) = marks.iter().find(|(_, cell)| is(Some(cell), column)).expect("the column");
        (*row, *column)
    }

    /// Adds a style with a format of numbers of the program's own (9 – per cent, 14 – date); gives its number.
    pub fn format(&mut self, format: u32) -> usize {
        let styles = self.part("xl/styles.xml");
        let (before, rest) = styles.split_once("<cellXfs").expect("the styles");
        let (inner, after) = rest.split_once("</cellXfs>").expect("their end");
        let count: usize = attribute(inner, "count").and_then(|count| count.parse().ok()).expect("a count");
        let own = format!(
            "<xf numFmtId=\"{format}\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>"
        );
        let inner = inner.replacen(&format!("count=\"{count}\""), &format!("count=\"{}\"", count + 1), 1);
        self.set("xl/styles.xml", format!("{before}<cellXfs{inner}{own}</cellXfs>{after}"));
        count
    }

    /// Copies a sheet of another book behind one's own, as «Move or copy» does: cells only.
    pub fn take_sheet(&mut self, other: &Self, number: usize, name: &str) {
        let mut sheet = other.sheet(number);
        for (_, cells) in sheet.rows.values_mut() {
            for cell in cells.values_mut().filter(|cell| cell.kind == "s") {
                let text = other.text(cell);
                // The strings of the file are escaped already.
                (cell.kind, cell.inner) = ("inlineStr".to_owned(), format!("<is><t>{text}</t></is>"));
            }
        }
        sheet.before = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">".to_owned();
        sheet.after = "</worksheet>".to_owned();
        let path = "xl/worksheets/sheet90.xml";
        self.set(path, sheet.text());
        let kinds = self.part("[Content_Types].xml");
        let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml";
        let own = format!("<Override PartName=\"/{path}\" ContentType=\"{kind}\"/></Types>");
        self.set("[Content_Types].xml", kinds.replacen("</Types>", &own, 1));
        let relations = self.part("xl/_rels/workbook.xml.rels");
        let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let own = format!(
            "<Relationship Id=\"rId90\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet90.xml\"/></Relationships>"
        );
        self.set("xl/_rels/workbook.xml.rels", relations.replacen("</Relationships>", &own, 1));
        let workbook = self.part("xl/workbook.xml");
        let own = format!("<sheet name=\"{name}\" sheetId=\"90\" r:id=\"rId90\"/></sheets>");
        self.set("xl/workbook.xml", workbook.replacen("</sheets>", &own, 1));
    }
}
