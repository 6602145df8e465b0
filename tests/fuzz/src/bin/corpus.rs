//! Writes what the targets begin with: good books, hostile ones, and damaged copies of both; the same bytes on every run.
//! `corpus FOLDER` makes a folder for each target below it.

#[path = "../../../integration/made_books.rs"]
mod made_books;

use std::path::{Path, PathBuf};

use made_books::{CSV, Parts, ods, pack, xlsb, xlsx, xlsx_table};

/// Damaged copies of each book.
const COPIES: usize = 24;

/// The project.
fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
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

fn sheet(inside: &str) -> Parts {
    xlsx(&[("Лист1", "", inside)], "")
}

fn rows(inside: &str) -> Parts {
    sheet(&format!("<sheetData>{inside}</sheetData>"))
}

/// Workbooks by the number of the name under which the target takes them.
fn books() -> Vec<(u8, Vec<u8>)> {
    let table = std::fs::read(project("tests/fixtures/table.xls")).expect("the fixture");
    let mut books = vec![(0, pack(&sheet(&xlsx_table()))), (1, pack(&xlsb())), (2, table), (3, pack(&ods("")))];
    for hostile in [
        rows("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>"),
        rows("<row r=\"1\"><c r=\"XFE1\"><v>1</v></c><c r=\"A0\"><v>1</v></c><c r=\"$A$1\"><v>1</v></c></row>"),
        rows(
            "<row r=\"1\"><c r=\"A1\"><v>1E+400</v></c><c r=\"B1\" s=\"2\"><v>9999999</v></c><c r=\"C1\" s=\"2\"><v>-5</v></c></row>",
        ),
        rows(
            "<row r=\"1\"><c r=\"A1\" t=\"e\"><v>#SPILL!</v></c><c r=\"B1\"><f>1</f></c><c r=\"C1\" t=\"b\"><v>да</v></c></row>",
        ),
        rows(
            "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>7</v></c><c r=\"B1\" t=\"s\"><v>-1</v></c><c r=\"C1\" t=\"q\"><v>&m;</v></c></row>",
        ),
        rows("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>&#x200B;&#x202E;x</t></is></c></row>"),
        sheet(&format!(
            "{}<mergeCells><mergeCell ref=\"C9:A1\"/><mergeCell ref=\"A1:XFD1048576\"/></mergeCells>",
            xlsx_table()
        )),
        xlsx(
            &[("Лист", "state=\"hidden\"", &xlsx_table()), ("Лист", "", "<sheetData/>")],
            "<workbookPr date1904=\"1\"/>",
        ),
    ] {
        books.push((0, pack(&hostile)));
    }
    for more in [
        "<table:table-row table:number-rows-repeated=\"1048572\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>",
        "<table:table-row><table:table-cell table:number-columns-repeated=\"0\" office:value-type=\"float\" office:value=\"NaN\"/></table:table-row>",
        "<table:table-row><table:table-cell office:value-type=\"date\" office:date-value=\"0000-99-99\"/></table:table-row>",
    ] {
        books.push((3, pack(&ods(more))));
    }
    let inputs = std::fs::read_dir(project("inputs/mariinsk")).expect("the sample").flatten().map(|entry| entry.path());
    let mut inputs: Vec<PathBuf> =
        inputs.filter(|path| path.extension().is_some_and(|found| found == "xlsx")).collect();
    inputs.sort();
    books.extend(inputs.iter().map(|path| (0, std::fs::read(path).expect("a workbook"))));
    books
}

fn texts() -> Vec<Vec<u8>> {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    vec![
        CSV.as_bytes().to_vec(),
        [&[0xff, 0xfe], wide(CSV).as_slice()].concat(),
        [&[0xef, 0xbb, 0xbf], CSV.as_bytes()].concat(),
        vec![0xca, 0xee, 0xe4, b';', 0xd8, 0xea, 0xee, 0xeb, 0xe0, b'\n', 0xf1, 0xf7, b';', b'1', b'\r', b'\n'],
        b"a\tb\n\"1\t2\n3".to_vec(),
        b"a;b\0c\n".to_vec(),
        b"\"\"\"\";'\n,,,;;;\t\t\t\n1,5;2,5\n1;2;3;4\n".to_vec(),
        "Доля;%\n12,5 %;0,68\n=1+1;-\n".as_bytes().to_vec(),
        vec![b';'; 70_000],
        vec![b'x'; 70_000],
    ]
}

/// Texts of tables: the cases and the sample.
fn tables() -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for folder in ["tests/cases", "tests/sample/mariinsk"] {
        let entries = std::fs::read_dir(project(folder)).expect("a folder").flatten().map(|entry| entry.path());
        let mut paths: Vec<PathBuf> =
            entries.filter(|path| path.extension().is_some_and(|found| found == "md")).collect();
        paths.sort();
        found.extend(paths.iter().map(|path| std::fs::read(path).expect("a text")));
    }
    found
}

/// Writes inputs and damaged copies of them; a target must take at least so many of the inputs.
fn write(folder: &Path, inputs: &[Vec<u8>], target: fn(&[u8]) -> bool, least: usize) {
    let taken = inputs.iter().filter(|bytes| target(bytes)).count();
    assert!(taken >= least, "{}: {taken} of {} are taken", folder.display(), inputs.len());

    std::fs::create_dir_all(folder).expect("a folder");
    let mut seeded = Seeded(20_220_901);
    for (index, bytes) in inputs.iter().enumerate() {
        std::fs::write(folder.join(format!("{index:03}")), bytes).expect("written");
        for copy in 0..COPIES {
            let mut bytes = bytes.clone();
            seeded.damage(&mut bytes);
            std::fs::write(folder.join(format!("{index:03}-{copy:02}")), bytes).expect("written");
        }
    }
}

fn main() {
    let folder = PathBuf::from(std::env::args_os().nth(1).expect("corpus FOLDER"));
    let books: Vec<Vec<u8>> = books().into_iter().map(|(name, bytes)| [&[name], bytes.as_slice()].concat()).collect();
    write(&folder.join("workbook"), &books, svod_fuzz::workbook, 16);
    write(&folder.join("text"), &texts(), svod_fuzz::text, 5);
    write(&folder.join("exports"), &tables(), svod_fuzz::exports, 4);
    write(&folder.join("sheets"), &tables(), svod_fuzz::sheets, 10);
    let packed = |text: Vec<u8>| svod_fuzz::packed(&String::from_utf8_lossy(&text));
    let packed: Vec<Vec<u8>> = tables().into_iter().filter_map(packed).collect();
    write(&folder.join("wire"), &packed, svod_fuzz::wire, packed.len());
    assert!(packed.len() > 10, "{} packed books", packed.len());
}
