//! Cells of a worksheet changed in its XML; every other byte stays.
//! In: the XML of a sheet, the cells to write. Out: the XML with these cells, results of formulas dropped; what could not be
//! written and why. It must never know what a value means.

use std::collections::BTreeMap;
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::measure::Measure;
use crate::provenance::column_letters;

/// A value to be written.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// A number.
    Number(Measure),
    /// A text.
    Text(String),
}

/// Why a cell was left as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// A formula stands in it.
    Formula,
    /// A merged region covers it.
    Covered,
}

/// A cell: zero-based row and column.
pub type At = (u32, u16);

/// What became of a sheet.
#[derive(Clone, PartialEq, Debug)]
pub struct Patched {
    /// The XML.
    pub xml: Vec<u8>,
    /// Cells that were left as they are.
    pub refused: Vec<(At, Refusal)>,
}

/// A cell as it stands in the XML.
struct Known {
    at: At,
    /// From `<c` to behind `</c>`.
    span: Range<usize>,
    /// The style, as written.
    style: Option<String>,
    has_formula: bool,
    /// The results of a formula: `<v>…</v>`.
    result: Option<Range<usize>>,
    /// The attribute `t` of the start tag, with the blank before it.
    kind: Option<Range<usize>>,
}

/// A row as it stands in the XML.
struct KnownRow {
    /// From `<row` to behind its end.
    span: Range<usize>,
    /// Where a cell may be put behind the last one: at `</row>`, or at the end of the tag of a row without content.
    inner_end: usize,
    /// The row is `<row …/>`.
    is_empty: bool,
}

/// The parts of a sheet that matter.
#[derive(Default)]
struct Sheet {
    cells: BTreeMap<At, Known>,
    rows: BTreeMap<u32, KnownRow>,
    /// Where rows end.
    data_end: Option<usize>,
    /// `<sheetData/>`.
    empty_data: Option<Range<usize>>,
    merges: Vec<(At, At)>,
    /// Areas that one formula fills: its cells but the first hold results alone.
    filled: Vec<(At, At)>,
    /// What stands before the names of elements: «x:».
    prefix: String,
}

/// Tells whether an area has a cell.
fn has((first, last): &(At, At), at: &At) -> bool {
    first.0 <= at.0 && at.0 <= last.0 && first.1 <= at.1 && at.1 <= last.1
}

/// Reads «G8:G10».
fn area_of(text: &str) -> Option<(At, At)> {
    let (first, last) = text.split_once(':').unwrap_or((text, text));
    Some((position(first)?, position(last)?))
}

/// Writes cells into a sheet. `None` when the XML is broken.
pub fn patch(xml: &[u8], values: &BTreeMap<At, Value>) -> Option<Patched> {
    let sheet = scan(xml)?;
    let mut edits: Vec<(Range<usize>, Vec<u8>)> = Vec::new();
    let mut refused = Vec::new();
    let mut new_cells: BTreeMap<u32, Vec<(u16, Vec<u8>)>> = BTreeMap::new();
    for (at, value) in values {
        if sheet.filled.iter().any(|area| has(area, at)) {
            refused.push((*at, Refusal::Formula));
            continue;
        }
        if sheet.merges.iter().any(|area| area.0 != *at && has(area, at)) {
            refused.push((*at, Refusal::Covered));
            continue;
        }
        match sheet.cells.get(at) {
            Some(known) if known.has_formula => refused.push((*at, Refusal::Formula)),
            Some(known) => edits.push((known.span.clone(), cell(*at, known.style.as_deref(), value, &sheet.prefix))),
            None => new_cells.entry(at.0).or_default().push((at.1, cell(*at, None, value, &sheet.prefix))),
        }
    }
    let is_result = |known: &&Known| known.has_formula || sheet.filled.iter().any(|area| has(area, &known.at));
    for known in sheet.cells.values().filter(is_result) {
        // What a formula gave may no longer be true.
        edits.extend(known.result.clone().map(|span| (span, Vec::new())));
        edits.extend(known.result.as_ref().and(known.kind.clone()).map(|span| (span, Vec::new())));
    }
    let mut new_rows: Vec<(u32, Vec<u8>)> = Vec::new();
    for (row, cells) in new_cells {
        match sheet.rows.get(&row) {
            Some(_) => insert(&sheet, row, cells, &mut edits),
            None => {
                let mut text = format!("<{}row r=\"{}\">", sheet.prefix, row + 1).into_bytes();
                cells.into_iter().for_each(|(_, cell)| text.extend(cell));
                text.extend(format!("</{}row>", sheet.prefix).into_bytes());
                new_rows.push((row, text));
            }
        }
    }
    insert_rows(&sheet, new_rows, &mut edits)?;
    Some(Patched { xml: apply(xml, edits), refused })
}

/// Puts cells into a row that is there, each before the first that stands behind it.
fn insert(sheet: &Sheet, row: u32, cells: Vec<(u16, Vec<u8>)>, edits: &mut Vec<(Range<usize>, Vec<u8>)>) {
    let Some(known) = sheet.rows.get(&row) else { return };
    if known.is_empty {
        let mut text = b">".to_vec();
        cells.into_iter().for_each(|(_, cell)| text.extend(cell));
        text.extend(format!("</{}row>", sheet.prefix).into_bytes());
        edits.push((known.inner_end..known.span.end, text));
        return;
    }
    for (column, cell) in cells {
        let behind = sheet.cells.range((row, column)..(row + 1, 0)).next();
        let at = behind.map_or(known.inner_end, |(_, known)| known.span.start);
        edits.push((at..at, cell));
    }
}

/// Puts rows among those that are there.
fn insert_rows(sheet: &Sheet, rows: Vec<(u32, Vec<u8>)>, edits: &mut Vec<(Range<usize>, Vec<u8>)>) -> Option<()> {
    if rows.is_empty() {
        return Some(());
    }
    if let Some(span) = &sheet.empty_data {
        let mut text = format!("<{}sheetData>", sheet.prefix).into_bytes();
        rows.into_iter().for_each(|(_, row)| text.extend(row));
        text.extend(format!("</{}sheetData>", sheet.prefix).into_bytes());
        edits.push((span.clone(), text));
        return Some(());
    }
    let end = sheet.data_end?;
    for (row, text) in rows {
        let at = sheet.rows.range(row..).next().map_or(end, |(_, next)| next.span.start);
        edits.push((at..at, text));
    }
    Some(())
}

/// Reads where rows and cells stand.
fn scan(xml: &[u8]) -> Option<Sheet> {
    let mut reader = Reader::from_reader(xml);
    // Tags that do not match are broken XML.
    reader.config_mut().check_end_names = true;
    let mut sheet = Sheet::default();
    let (mut row, mut column) = (None::<u32>, None::<u16>);
    let mut open: Option<(Known, usize)> = None;
    let mut open_row: Option<(u32, usize)> = None;
    let mut value_start = None;
    loop {
        let start = usize::try_from(reader.buffer_position()).ok()?;
        let event = reader.read_event().ok()?;
        let end = usize::try_from(reader.buffer_position()).ok()?;
        let (tag, is_empty) = match &event {
            Event::Start(tag) => (Some(tag), false),
            Event::Empty(tag) => (Some(tag), true),
            Event::End(tag) => {
                match tag.local_name().as_ref() {
                    "row" => {
                        let (row, from) = open_row.take()?;
                        sheet.rows.insert(row, KnownRow { span: from..end, inner_end: start, is_empty: false });
                    }
                    "c" => {
                        let (mut known, from) = open.take()?;
                        known.span = from..end;
                        sheet.cells.insert(known.at, known);
                    }
                    "v" => {
                        if let (Some((known, _)), Some(from)) = (&mut open, value_start.take()) {
                            known.result = Some(from..end);
                        }
                    }
                    "sheetData" => sheet.data_end = Some(start),
                    _ => {}
                }
                continue;
            }
            Event::Eof => break,
            _ => continue,
        };
        let Some(tag) = tag else { continue };
        match tag.local_name().as_ref() {
            "sheetData" => {
                let name = tag.name();
                sheet.prefix = name.as_ref().strip_suffix("sheetData").unwrap_or_default().to_owned();
                if is_empty {
                    sheet.empty_data = Some(start..end);
                }
            }
            "row" => {
                let number = attribute(tag, "r").and_then(|text| text.parse::<u32>().ok()?.checked_sub(1));
                let number = number.or_else(|| Some(row.map_or(0, |row: u32| row + 1)))?;
                (row, column) = (Some(number), None);
                if is_empty {
                    let slash = end.checked_sub("/>".len())?;
                    sheet.rows.insert(number, KnownRow { span: start..end, inner_end: slash, is_empty });
                } else {
                    open_row = Some((number, start));
                }
            }
            "c" => {
                let at = match attribute(tag, "r").and_then(|name| position(&name)) {
                    Some(at) => at,
                    None => (row?, column.map_or(0, |column: u16| column + 1)),
                };
                column = Some(at.1);
                let known = Known {
                    at,
                    span: start..end,
                    style: attribute(tag, "s"),
                    has_formula: false,
                    result: None,
                    kind: kind_span(xml, start..end),
                };
                if is_empty {
                    sheet.cells.insert(at, known);
                } else {
                    open = Some((known, start));
                }
            }
            "f" => {
                if let Some((known, _)) = &mut open {
                    known.has_formula = true;
                }
                // Of a shared formula each cell has its own mark; one over an area stands in its first cell alone.
                let is_over = attribute(tag, "t").is_some_and(|kind| matches!(kind.as_str(), "array" | "dataTable"));
                sheet.filled.extend(attribute(tag, "ref").filter(|_| is_over).and_then(|area| area_of(&area)));
            }
            "v" if !is_empty => value_start = Some(start),
            "mergeCell" => {
                sheet.merges.push(area_of(&attribute(tag, "ref")?)?);
            }
            _ => {}
        }
    }
    (sheet.data_end.is_some() || sheet.empty_data.is_some()).then_some(sheet)
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().flatten().find(|one| one.key.as_ref() == name)?;
    // Names of cells and numbers of styles hold nothing to unescape.
    Some(found.value.into_owned())
}

/// Where the attribute `t` of a start tag stands, with the blank before it.
fn kind_span(xml: &[u8], tag: Range<usize>) -> Option<Range<usize>> {
    let text = xml.get(tag.clone())?;
    let close = text.iter().position(|byte| *byte == b'>')?;
    let head = std::str::from_utf8(text.get(..close)?).ok()?;
    let from = head.find(" t=\"")?;
    let length = head.get(from + " t=\"".len()..)?.find('"')?;
    let start = tag.start + from;
    Some(start..start + " t=\"".len() + length + 1)
}

/// Reads «B12» as a zero-based row and column.
pub(super) fn position(name: &str) -> Option<At> {
    let name = name.replace('$', "");
    let split = name.find(|c: char| c.is_ascii_digit())?;
    let (letters, digits) = (name.get(..split)?, name.get(split..)?);
    let mut column: u32 = 0;
    for letter in letters.bytes() {
        let letter = letter.to_ascii_uppercase();
        if !letter.is_ascii_uppercase() {
            return None;
        }
        column = column.checked_mul(26)?.checked_add(u32::from(letter - b'A') + 1)?;
    }
    let row: u32 = digits.parse().ok()?;
    Some((row.checked_sub(1)?, u16::try_from(column.checked_sub(1)?).ok()?))
}

/// A cell as XML.
fn cell(at: At, style: Option<&str>, value: &Value, prefix: &str) -> Vec<u8> {
    let name = format!("{}{}", column_letters(at.1), at.0 + 1);
    let style = style.map_or_else(String::new, |style| format!(" s=\"{style}\""));
    let text = match value {
        Value::Number(number) => {
            let number = number.to_float();
            format!("<{prefix}c r=\"{name}\"{style}><{prefix}v>{number}</{prefix}v></{prefix}c>")
        }
        Value::Text(text) => {
            let text = quick_xml::escape::escape(text.as_str());
            let text = format!("<{prefix}t xml:space=\"preserve\">{text}</{prefix}t>");
            format!("<{prefix}c r=\"{name}\"{style} t=\"inlineStr\"><{prefix}is>{text}</{prefix}is></{prefix}c>")
        }
    };
    text.into_bytes()
}

/// Applies edits that do not overlap; those at one place in their order.
fn apply(xml: &[u8], mut edits: Vec<(Range<usize>, Vec<u8>)>) -> Vec<u8> {
    edits.sort_by_key(|(span, _)| (span.start, span.end));
    let (mut out, mut done) = (Vec::with_capacity(xml.len() + 1024), 0);
    for (span, text) in edits {
        out.extend(xml.get(done..span.start).unwrap_or_default());
        out.extend(text);
        done = done.max(span.end);
    }
    out.extend(xml.get(done..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(number: i64) -> Value {
        Value::Number(Measure::from(number))
    }

    fn patched(xml: &str, values: &[(&str, Value)]) -> (String, Vec<(At, Refusal)>) {
        let values = values.iter().map(|(name, value)| (position(name).unwrap(), value.clone())).collect();
        let patched = patch(xml.as_bytes(), &values).unwrap();
        (String::from_utf8(patched.xml).unwrap(), patched.refused)
    }

    #[test]
    fn only_the_named_cells_change() {
        let xml = r#"<worksheet><cols><col min="1"/></cols><sheetData><row r="2" ht="9"><c r="B2" s="7"/><c r="D2" t="s"><v>3</v></c></row><row r="5"/></sheetData><x a='1'/></worksheet>"#;
        let (out, refused) = patched(
            xml,
            &[("B2", number(5)), ("C2", Value::Text("a < b".to_owned())), ("A5", number(1)), ("A3", number(2))],
        );
        assert_eq!(refused, []);
        let wanted = r#"<worksheet><cols><col min="1"/></cols><sheetData><row r="2" ht="9"><c r="B2" s="7"><v>5</v></c><c r="C2" t="inlineStr"><is><t xml:space="preserve">a &lt; b</t></is></c><c r="D2" t="s"><v>3</v></c></row><row r="3"><c r="A3"><v>2</v></c></row><row r="5"><c r="A5"><v>1</v></c></row></sheetData><x a='1'/></worksheet>"#;
        assert_eq!(out, wanted);
    }

    #[test]
    fn formulas_stay_without_their_results_and_are_not_written_over() {
        let xml = r#"<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1" s="2" t="str"><f>A1*2</f><v>2</v></c></row></sheetData><mergeCells><mergeCell ref="A3:B4"/></mergeCells></worksheet>"#;
        let (out, refused) =
            patched(xml, &[("A1", number(4)), ("B1", number(9)), ("B4", number(1)), ("A3", number(6))]);
        assert_eq!(refused, [((0, 1), Refusal::Formula), ((3, 1), Refusal::Covered)]);
        let wanted = r#"<worksheet><sheetData><row r="1"><c r="A1"><v>4</v></c><c r="B1" s="2"><f>A1*2</f></c></row><row r="3"><c r="A3"><v>6</v></c></row></sheetData><mergeCells><mergeCell ref="A3:B4"/></mergeCells></worksheet>"#;
        assert_eq!(out, wanted);
    }

    #[test]
    fn a_formula_over_an_area_is_not_written_over_and_a_prefix_is_kept() {
        let xml = r#"<x:worksheet><x:sheetData><x:row r="1"><x:c r="A1"><x:f t="array" ref="A1:A2">B1:B2</x:f><x:v>1</x:v></x:c></x:row><x:row r="2"><x:c r="A2"><x:v>2</x:v></x:c></x:row></x:sheetData></x:worksheet>"#;
        let (out, refused) = patched(xml, &[("A2", number(9)), ("B2", Value::Text("b".to_owned())), ("C4", number(3))]);
        assert_eq!(refused, [((1, 0), Refusal::Formula)]);
        let wanted = r#"<x:worksheet><x:sheetData><x:row r="1"><x:c r="A1"><x:f t="array" ref="A1:A2">B1:B2</x:f></x:c></x:row><x:row r="2"><x:c r="A2"></x:c><x:c r="B2" t="inlineStr"><x:is><x:t xml:space="preserve">b</x:t></x:is></x:c></x:row><x:row r="4"><x:c r="C4"><x:v>3</x:v></x:c></x:row></x:sheetData></x:worksheet>"#;
        assert_eq!(out, wanted);
    }

    #[test]
    fn an_empty_sheet_gets_its_first_row_and_broken_xml_none() {
        let (out, _) = patched("<worksheet><sheetData/></worksheet>", &[("C1", number(3))]);
        assert_eq!(out, r#"<worksheet><sheetData><row r="1"><c r="C1"><v>3</v></c></row></sheetData></worksheet>"#);
        for broken in ["<worksheet><sheetData>", "<worksheet></sheetData></worksheet>", "no XML", "<worksheet/>"] {
            assert_eq!(patch(broken.as_bytes(), &BTreeMap::new()), None, "{broken}");
        }
    }
}
