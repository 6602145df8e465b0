//! Small workbooks made part by part, so that a test can break any of them: xlsx, xlsb, ods as archives.
//! `tests/fixtures/table.xls` holds the same table; a spreadsheet program wrote it.

#![expect(clippy::expect_used, reason = "what cannot be made cannot be tested")]

use std::io::{Cursor, Write as _};

use zip::write::{SimpleFileOptions, ZipWriter};

/// The parts of an archive: names and contents.
pub type Parts = Vec<(String, Vec<u8>)>;

/// The table that every good workbook holds.
pub const CSV: &str = "Код;Школа;Участников\nsch1;СОШ № 1;29\nsch2;СОШ № 2;17\nsch3;Гимназия;3\n";

/// Packs parts in order.
pub fn pack(parts: &Parts) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        // The type of an ods stands in plain.
        let options = match name.as_str() {
            "mimetype" => SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored),
            _ => SimpleFileOptions::default(),
        };
        archive.start_file(name.as_str(), options).expect("a part");
        archive.write_all(content).expect("written");
    }
    archive.finish().expect("an archive").into_inner()
}

fn part(name: &str, content: impl Into<Vec<u8>>) -> (String, Vec<u8>) {
    (name.to_owned(), content.into())
}

fn table() -> Vec<Vec<&'static str>> {
    CSV.lines().map(|line| line.split(';').collect()).collect()
}

/// Makes an xlsx of sheets: name, further attributes, the XML inside `worksheet`.
pub fn xlsx(sheets: &[(&str, &str, &str)], workbook: &str) -> Parts {
    let relations = |inside: String| {
        format!(
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{inside}</Relationships>"
        )
    };
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let numbered = || sheets.iter().zip(1..);
    let list: String = numbered()
        .map(|((name, more, _), id)| format!("<sheet name=\"{name}\" sheetId=\"{id}\" r:id=\"rId{id}\" {more}/>"))
        .collect();
    let links: String = numbered()
        .map(|(_, id)| {
            format!("<Relationship Id=\"rId{id}\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet{id}.xml\"/>")
        })
        .collect();
    let styles = format!("<Relationship Id=\"rId900\" Type=\"{office}/styles\" Target=\"styles.xml\"/>");
    let mut parts = vec![
        part("[Content_Types].xml", "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"),
        part(
            "_rels/.rels",
            relations(format!(
                "<Relationship Id=\"rId1\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/>"
            )),
        ),
        part(
            "xl/workbook.xml",
            format!("<workbook xmlns=\"{main}\" xmlns:r=\"{office}\">{workbook}<sheets>{list}</sheets></workbook>"),
        ),
        part("xl/_rels/workbook.xml.rels", relations(format!("{links}{styles}"))),
        // Styles: 0 general, 1 per cent, 2 date.
        part(
            "xl/styles.xml",
            format!(
                "<styleSheet xmlns=\"{main}\"><cellXfs count=\"3\"><xf numFmtId=\"0\"/><xf numFmtId=\"10\"/>\
                 <xf numFmtId=\"14\"/></cellXfs></styleSheet>"
            ),
        ),
    ];
    parts.extend(numbered().map(|((_, _, inside), id)| {
        part(&format!("xl/worksheets/sheet{id}.xml"), format!("<worksheet xmlns=\"{main}\">{inside}</worksheet>"))
    }));
    parts
}

/// Makes the table as the inside of an xlsx sheet.
pub fn xlsx_table() -> String {
    let mut rows = String::new();
    for (number, fields) in (1..).zip(table()) {
        let cell = |(letter, field): (char, &&str)| match field.parse::<u32>() {
            Ok(_) => format!("<c r=\"{letter}{number}\"><v>{field}</v></c>"),
            Err(_) => format!("<c r=\"{letter}{number}\" t=\"inlineStr\"><is><t>{field}</t></is></c>"),
        };
        let cells: String = ('A'..).zip(&fields).map(cell).collect();
        rows += &format!("<row r=\"{number}\">{cells}</row>");
    }
    format!("<sheetData>{rows}</sheetData>")
}

/// Makes the table as an ods; `more` follows its rows.
pub fn ods(more: &str) -> Parts {
    let mut rows = String::new();
    for fields in table() {
        let cell = |field: &&str| match field.parse::<u32>() {
            Ok(_) => format!("<table:table-cell office:value-type=\"float\" office:value=\"{field}\"/>"),
            Err(_) => {
                format!("<table:table-cell office:value-type=\"string\"><text:p>{field}</text:p></table:table-cell>")
            }
        };
        rows += &format!("<table:table-row>{}</table:table-row>", fields.iter().map(cell).collect::<String>());
    }
    let space = "urn:oasis:names:tc:opendocument:xmlns";
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content xmlns:office=\"{space}:office:1.0\" \
         xmlns:table=\"{space}:table:1.0\" xmlns:text=\"{space}:text:1.0\"><office:body><office:spreadsheet>\
         <table:table table:name=\"Лист1\">{rows}{more}</table:table></office:spreadsheet></office:body>\
         </office:document-content>"
    );
    let manifest = "<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"/>";
    vec![
        part("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        part("META-INF/manifest.xml", manifest),
        part("content.xml", content),
    ]
}

/// Makes the table as an xlsb, record by record.
pub fn xlsb() -> Parts {
    let wide = |text: &str| {
        let units: Vec<u16> = text.encode_utf16().collect();
        let length = u32::try_from(units.len()).expect("a short text").to_le_bytes();
        length.into_iter().chain(units.into_iter().flat_map(u16::to_le_bytes)).collect::<Vec<u8>>()
    };
    let mut sheet = [record(0x0081, &[]), record(0x0094, &[0; 16]), record(0x0091, &[])].concat();
    for (row, fields) in (0_u32..).zip(table()) {
        sheet.extend(record(0x0000, &[row.to_le_bytes().to_vec(), vec![0; 13]].concat()));
        for (column, field) in (0_u32..).zip(fields) {
            let head = [column.to_le_bytes(), [0; 4]].concat();
            sheet.extend(match field.parse::<f64>() {
                Ok(number) => record(0x0005, &[head, number.to_le_bytes().to_vec()].concat()),
                Err(_) => record(0x0006, &[head, wide(field)].concat()),
            });
        }
    }
    sheet.extend([record(0x0092, &[]), record(0x0082, &[])].concat());
    let bundle = [vec![0; 4], 1_u32.to_le_bytes().to_vec(), wide("rId1"), wide("Лист1")].concat();
    let workbook = [record(0x0083, &[]), record(0x009c, &bundle), record(0x0090, &[]), record(0x0084, &[])].concat();
    let relations = "<Relationships><Relationship Id=\"rId1\" Target=\"worksheets/sheet1.bin\"/></Relationships>";
    vec![
        part("[Content_Types].xml", "<Types/>"),
        part("xl/workbook.bin", workbook),
        part("xl/_rels/workbook.bin.rels", relations),
        part("xl/worksheets/sheet1.bin", sheet),
    ]
}

/// A record of an xlsb: kind and length in seven bits a byte.
fn record(kind: u16, body: &[u8]) -> Vec<u8> {
    let low = |number: usize| u8::try_from(number & 0x7f).expect("seven bits");
    let kind = usize::from(kind);
    let mut bytes = if kind < 0x80 { vec![low(kind)] } else { vec![low(kind) | 0x80, low(kind >> 7)] };
    bytes.extend([low(body.len()) | 0x80, low(body.len() >> 7)]);
    bytes.extend(body);
    bytes
}
