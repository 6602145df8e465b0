//! Text files of fields: csv, tsv, txt, as office programs and federal systems write them.
//! In: bytes. Out: a book of one sheet; or the reason why the text cannot be trusted.
//! Nothing in such a file tells of damage, so that what looks wrong is asked about and not guessed.

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1251};

use super::build::Building;
use super::{Book, CellValue, MAX_COLUMNS, MAX_ROWS, Noticed, Unreadable, unreadable};

/// Delimiters in the order of preference.
const DELIMITERS: [u8; 3] = [b';', b'\t', b','];
/// Records by which the delimiter is found.
const SAMPLE: usize = 50;
/// Longest field, bytes, and most lines of one field: beyond them a quote was not closed.
const MAX_FIELD: usize = 32 * 1024;
/// See [`MAX_FIELD`].
const MAX_LINES: usize = 50;
/// Name of the one sheet: a text file has none.
const NAME: &str = "1";

/// Reads a text file.
pub(super) fn read(bytes: &[u8]) -> Result<Book, Unreadable> {
    let mut text = decode(bytes)?.replace("\r\n", "\n").replace('\r', "\n");
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let (declared, body) = declared_delimiter(&text);
    let delimiter = declared.unwrap_or_else(|| find_delimiter(body));
    let records = records(body, delimiter, usize::MAX, u32::from(declared.is_some()))?;
    let mut building = Building::new(NAME, false);
    let width = usual_width(&records);
    let mut is_table = false;
    for (row, fields) in &records {
        if *row >= MAX_ROWS || fields.len() > usize::from(MAX_COLUMNS) {
            return Err(unreadable("too-large"));
        }
        let filled = fields.iter().rposition(|field| !field.trim().is_empty()).map_or(0, |last| last + 1);
        is_table |= filled == width;
        for (column, field) in (0_u16..).zip(fields) {
            if let Some(value) = value(field, (*row, column), &mut building) {
                building.put_value(*row, column, value)?;
            }
        }
        // Titles may stand above a table. Below its head a row with more fields has most likely an undelimited comma:
        // its values stand in wrong columns.
        if is_table && filled > width {
            let column = u16::try_from(width).unwrap_or(0);
            building.note(Noticed::UnevenRow, Some((*row, column)));
            building.put_value(*row, column, CellValue::Broken(Noticed::UnevenRow.id().into()))?;
        }
    }
    let mut book = Book::default();
    building.finish(&mut book);
    Ok(book)
}

/// Turns bytes to text: by the mark at the start, else as UTF-8, else as windows-1251 when that gives Russian.
fn decode(bytes: &[u8]) -> Result<String, Unreadable> {
    let exact = |decoded: Option<std::borrow::Cow<'_, str>>| {
        let text = decoded.ok_or_else(|| unreadable("encoding"))?;
        if text.contains('\0') { Err(unreadable("binary")) } else { Ok(text.into_owned()) }
    };
    if let Some(rest) = bytes.strip_prefix(&[0xff, 0xfe]) {
        return exact(UTF_16LE.decode_without_bom_handling_and_without_replacement(rest));
    }
    if let Some(rest) = bytes.strip_prefix(&[0xfe, 0xff]) {
        return exact(UTF_16BE.decode_without_bom_handling_and_without_replacement(rest));
    }
    if bytes.contains(&0) {
        return Err(unreadable("binary"));
    }
    let rest = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(rest) {
        return Ok(text.to_owned());
    }
    // Every byte is a letter of windows-1251, so that other old encodings decode, too: to nonsense in capitals.
    let text = WINDOWS_1251.decode_without_bom_handling(bytes).0;
    let high: Vec<char> = text.chars().filter(|c| !c.is_ascii()).collect();
    let usual = high.iter().filter(|c| is_usual(**c)).count();
    let small = high.iter().filter(|c| c.is_lowercase()).count();
    let large = high.iter().filter(|c| c.is_uppercase()).count();
    if usual * 10 >= high.len() * 9 && small > large { Ok(text.into_owned()) } else { Err(unreadable("encoding")) }
}

/// Tells what is not ASCII in Russian tables: letters, No., quotes, dashes, the no-break space.
fn is_usual(c: char) -> bool {
    let is_letter = matches!(c, '\u{410}'..='\u{44f}' | '\u{451}' | '\u{401}');
    is_letter || matches!(c, '\u{2116}' | '«' | '»' | '–' | '—' | '\u{a0}')
}

/// Splits off a first line `sep=;`.
fn declared_delimiter(text: &str) -> (Option<u8>, &str) {
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    let declared = line.trim_matches('"').strip_prefix("sep=").and_then(|delimiter| match delimiter.as_bytes() {
        [delimiter] if delimiter.is_ascii() => Some(*delimiter),
        _ => None,
    });
    if declared.is_some() { (declared, rest) } else { (None, text) }
}

/// Finds the delimiter that gives the most records of one width above one.
fn find_delimiter(text: &str) -> u8 {
    let score = |delimiter: u8| {
        let records = records(text, delimiter, SAMPLE, 0).unwrap_or_default();
        let width = usual_width(&records);
        let fitting = records.iter().filter(|(_, fields)| fields.len() == width).count();
        if width > 1 { (fitting, width) } else { (0, 0) }
    };
    let mut best = (b';', (0, 0));
    for delimiter in DELIMITERS {
        let found = score(delimiter);
        if found > best.1 {
            best = (delimiter, found);
        }
    }
    best.0
}

/// Splits a text, which ends with a line feed, to records with their rows as an office program shows them.
fn records(text: &str, delimiter: u8, most: usize, skipped: u32) -> Result<Vec<(u32, Vec<String>)>, Unreadable> {
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut records = Vec::new();
    // Lines within fields so far: a record takes one row, whatever lines it has.
    let mut inner: u64 = 0;
    let mut record = csv::StringRecord::new();
    let open_quote = |row: u32, inner: u64| {
        let line = u32::try_from(inner).ok().and_then(|inner| row.checked_add(inner)).map(|line| line + 1 + skipped);
        Unreadable { reason: "open-quote".to_owned(), line }
    };
    let mut last = None;
    while records.len() < most && reader.read_record(&mut record).map_err(|_| unreadable("damaged"))? {
        let lines = |field: &str| memchr::memchr_iter(b'\n', field.as_bytes()).count();
        let own: usize = record.iter().map(lines).sum();
        let before = inner;
        inner = inner.saturating_add(u64::try_from(own).unwrap_or(0));
        // Blank lines are passed over by the reader, but not by an office program; its own count is behind the record.
        let row = reader.position().line().saturating_sub(2).saturating_sub(inner);
        let row = u32::try_from(row).map_err(|_| unreadable("too-large"))?;
        // A long field of one line is only long: what an open quote takes in goes over lines.
        let is_open = |field: &str| lines(field) > MAX_LINES || (field.len() > MAX_FIELD && lines(field) > 0);
        if record.iter().any(is_open) {
            return Err(open_quote(row, before));
        }
        last = record.iter().next_back().is_some_and(|field| lines(field) > 0).then_some((row, before));
        records.push((row, record.iter().map(str::to_owned).collect()));
    }
    // An odd number of quotes: the last one was not closed and has taken the rest of the file.
    if let Some((row, before)) = last
        && records.len() < most
        && memchr::memchr_iter(b'"', text.as_bytes()).count() % 2 == 1
    {
        // Its last line feed belongs to the field and ends no record.
        return Err(open_quote(row.saturating_add(1), before));
    }
    Ok(records)
}

/// Returns the number of fields that most records with more than one have.
fn usual_width(records: &[(u32, Vec<String>)]) -> usize {
    let mut counts = std::collections::BTreeMap::<usize, usize>::new();
    for (_, fields) in records {
        *counts.entry(fields.len()).or_default() += 1;
    }
    counts
        .into_iter()
        .filter(|(width, _)| *width > 1)
        .max_by_key(|(width, count)| (*count, *width))
        .map_or(1, |(width, _)| width)
}

/// Reads a field. Whole numbers and numbers with a comma are numbers; everything else stays a text: «007» is a code,
/// «1.10» may be the number of a line.
fn value(field: &str, at: (u32, u16), building: &mut Building) -> Option<CellValue> {
    let trimmed = field.trim_matches([' ', '\u{a0}']);
    let (body, is_percent) = match trimmed.strip_suffix('%') {
        Some(body) => (body.trim_end_matches([' ', '\u{a0}', '\u{202f}']), true),
        None => (trimmed, false),
    };
    match plain_number(body, is_percent) {
        Some(number) if is_percent => Some(CellValue::Fraction(number)),
        Some(number) => Some(CellValue::Number(number)),
        None => building.text(field, at),
    }
}

/// Reads `-?\d+(,\d+)?` of at most 15 digits without leading zeros; a per cent as its fraction.
fn plain_number(text: &str, is_percent: bool) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, rest) = digits.split_once(',').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
    let is_code = whole.len() > 1 && whole.starts_with('0');
    if !is_digits(whole) || is_code || rest.is_some_and(|rest| !is_digits(rest)) || digits.len() > 16 {
        return None;
    }
    let plain = text.replace(',', ".");
    // The exponent divides by a hundred without rounding twice.
    if is_percent { format!("{plain}e-2").parse().ok() } else { plain.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &[u8]) -> Vec<(u32, Vec<(u16, CellValue)>)> {
        let book = read(bytes).expect("a table");
        let sheet = book.sheets.into_iter().next().expect("a sheet");
        sheet.rows.into_iter().map(|(row, cells)| (row, cells.into_iter().collect())).collect()
    }

    fn refusal(bytes: &[u8]) -> (String, Option<u32>) {
        let why = read(bytes).expect_err("a refusal");
        (why.reason, why.line)
    }

    const TABLE: &str = "Школа;Участников\nСОШ № 1;29\n";

    #[test]
    fn every_encoding_gives_the_same_table() {
        let expected = rows(TABLE.as_bytes());
        assert_eq!(expected.len(), 2);
        let wide = |order: fn(u16) -> [u8; 2]| {
            std::iter::once(0xfeff).chain(TABLE.encode_utf16()).flat_map(order).collect::<Vec<u8>>()
        };
        for bytes in [
            [&[0xef, 0xbb, 0xbf], TABLE.as_bytes()].concat(),
            wide(u16::to_le_bytes),
            wide(u16::to_be_bytes),
            WINDOWS_1251.encode(TABLE).0.into_owned(),
            TABLE.replace('\n', "\r\n").into_bytes(),
            TABLE.replace('\n', "\r").into_bytes(),
            TABLE.replace(';', "\t").into_bytes(),
            TABLE.replace(';', ",").into_bytes(),
            format!("sep=;\n{TABLE}").into_bytes(),
        ] {
            assert_eq!(rows(&bytes), expected);
        }
    }

    #[test]
    fn other_old_encodings_are_asked_about() {
        for encoding in [encoding_rs::IBM866, encoding_rs::KOI8_R, encoding_rs::X_MAC_CYRILLIC] {
            assert_eq!(refusal(&encoding.encode(TABLE).0).0, "encoding", "{}", encoding.name());
        }
        assert_eq!(refusal(b"a;b\0\n").0, "binary");
        assert_eq!(refusal(&[0xff, 0xfe, 0x00, 0xd8]).0, "encoding");
    }

    #[test]
    fn rows_are_those_of_an_office_program() {
        let found = rows("Итоги года\n\nШкола;Число;Доля\n\"СОШ\nпервая\";1;2\nСОШ;3;4\n".as_bytes());
        assert_eq!(found.iter().map(|(row, _)| *row).collect::<Vec<_>>(), [0, 2, 3, 4]);
        assert_eq!(
            found.get(2).and_then(|(_, cells)| cells.first().cloned()),
            Some((0, CellValue::Text("СОШ\nпервая".into())))
        );
    }

    #[test]
    fn only_plain_numbers_are_numbers() {
        let found = rows("a;b\n29,5;-3\n007;1.10\n1 234;12,5 %\n".as_bytes());
        let cells: Vec<CellValue> =
            found.into_iter().skip(1).flat_map(|(_, cells)| cells).map(|(_, cell)| cell).collect();
        let text = |text: &str| CellValue::Text(text.into());
        let expected = [
            CellValue::Number(29.5),
            CellValue::Number(-3.0),
            text("007"),
            text("1.10"),
            text("1 234"),
            CellValue::Fraction(0.125),
        ];
        assert_eq!(cells, expected);
    }

    #[test]
    fn an_open_quote_is_named_with_its_line() {
        let open = format!("a;b\n1;\"2\n{}", "3;4\n".repeat(10));
        assert_eq!(refusal(open.as_bytes()), ("open-quote".to_owned(), Some(2)));
        let long = format!("a;b\n1;\"2\n{}\"", "3;4\n".repeat(60));
        assert_eq!(refusal(long.as_bytes()), ("open-quote".to_owned(), Some(2)));
        assert_eq!(rows("a;b\n5\" дюймов;2\n".as_bytes()).len(), 2);
    }

    #[test]
    fn a_row_with_too_many_fields_is_marked() {
        let book = read("a,b\n1,2\n1,2,5\n3,4\n".as_bytes()).expect("a table");
        assert_eq!(
            book.notes.iter().map(|note| (note.what, note.cell)).collect::<Vec<_>>(),
            [(Noticed::UnevenRow, Some((2, 2)))]
        );
    }
}
