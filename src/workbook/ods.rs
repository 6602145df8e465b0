//! ods, as a whole: its reader cannot stream, loops for ever on a truncated content and spreads repeated cells before it
//! counts them. What can be seen beforehand is refused; the rest only in a child process.
//! In: bytes. Out: a book. Merged regions and per cent formats are not told.

use std::io::Cursor;

use calamine::{Ods, OdsError, Reader as _};
use memchr::memmem;

use super::build::{Budget, Building, lend};
use super::{Book, MAX_SHEETS, Unreadable, archive, guarded, unreadable};

/// Largest sum of the used rectangles of all tables, cells: the reader keeps them densely, and several times.
const MAX_AREA: u64 = 4_000_000;
/// Most blanks that one mark may stand for.
const MAX_BLANKS: u64 = 32_767;

/// Reads a workbook.
pub(super) fn read(bytes: &[u8]) -> Result<Book, Unreadable> {
    let contents = archive::scan(bytes)?;
    check_content(&contents.content)?;
    let mut ods: Ods<_> = Ods::new(Cursor::new(bytes)).map_err(|error| match error {
        OdsError::Password => unreadable("password"),
        _ => unreadable("damaged"),
    })?;
    let sheets = ods.sheets_metadata().to_vec();
    if sheets.len() > MAX_SHEETS {
        return Err(unreadable("too-large"));
    }
    let (mut book, mut budget) = (Book::default(), Budget::new());
    for (index, sheet) in sheets.iter().enumerate() {
        let mut building = Building::new(&sheet.name, false);
        building.visibility(sheet.visible);
        // Tables of the same name are one table to the reader, and which is not told.
        if sheets.iter().enumerate().any(|(other, known)| other != index && known.name == sheet.name) {
            building.give_up(&mut book);
            continue;
        }
        let read = guarded(|| {
            let Ok(range) = ods.worksheet_range(&sheet.name) else { return Ok(false) };
            let (top, left) = range.start().unwrap_or((0, 0));
            for (row, column, value) in range.used_cells() {
                budget.visit()?;
                let place = |offset: usize, start: u32| u32::try_from(offset).unwrap_or(u32::MAX).saturating_add(start);
                building.put((place(row, top), place(column, left)), &lend(value), false)?;
            }
            Ok(true)
        });
        match read {
            Some(Ok(true)) => building.finish(&mut book),
            Some(Err(why)) => return Err(why),
            Some(Ok(false)) | None => building.give_up(&mut book),
        }
    }
    Ok(book)
}

/// Looks for what would make the reader loop or take all memory.
fn check_content(content: &[u8]) -> Result<(), Unreadable> {
    let trimmed = content.trim_ascii_end();
    if !(trimmed.ends_with(b"document-content>") || trimmed.ends_with(b"document-content >")) {
        return Err(unreadable("damaged"));
    }
    let mut area: u64 = 0;
    // Of the table: the last used row and column; of the row: how often it stands, where the next cell is.
    let (mut last, mut row, mut repeat, mut column) = ((0_u64, 0_u64), 0_u64, 1_u64, 0_u64);
    for tag in Tags(content) {
        let (name, is_empty) = (local_name(tag), tag.ends_with(b"/"));
        match name {
            b"table" => (last, row) = ((0, 0), 0),
            b"/table" => area = area.saturating_add(last.0.saturating_mul(last.1)),
            b"table-row" => {
                repeat = attribute(tag, b"number-rows-repeated")?;
                column = 0;
                if is_empty {
                    row = row.saturating_add(repeat);
                }
            }
            b"/table-row" => row = row.saturating_add(repeat),
            b"table-cell" | b"covered-table-cell" => {
                column = column.saturating_add(attribute(tag, b"number-columns-repeated")?);
                let is_used =
                    !is_empty || memmem::find(tag, b"value").is_some() || memmem::find(tag, b"formula").is_some();
                if is_used {
                    last = (last.0.max(row.saturating_add(repeat)), last.1.max(column));
                }
            }
            b"s" if attribute(tag, b":c")? > MAX_BLANKS => return Err(unreadable("too-large")),
            _ => {}
        }
        if area.saturating_add(last.0.saturating_mul(last.1)) > MAX_AREA {
            return Err(unreadable("too-large"));
        }
    }
    Ok(())
}

/// Reads a count of repetitions; one when there is none.
fn attribute(tag: &[u8], name: &[u8]) -> Result<u64, Unreadable> {
    let Some(at) = memmem::find(tag, name) else { return Ok(1) };
    let rest = tag.get(at + name.len()..).unwrap_or_default();
    let digits: Vec<u8> = rest
        .iter()
        .copied()
        .skip_while(|c| c.is_ascii_whitespace() || matches!(c, b'=' | b'"' | b'\''))
        .take_while(u8::is_ascii_digit)
        .collect();
    let number = std::str::from_utf8(&digits).ok().and_then(|digits| digits.parse().ok());
    number.ok_or_else(|| unreadable("damaged"))
}

/// The name of a tag without its namespace; of a closing one with the stroke.
fn local_name(tag: &[u8]) -> &[u8] {
    let end = tag.iter().position(|c| c.is_ascii_whitespace()).unwrap_or(tag.len());
    let name = tag.get(..end).unwrap_or_default();
    let name = name.strip_suffix(b"/").unwrap_or(name);
    let Some(colon) = name.iter().position(|c| *c == b':') else { return name };
    let local = name.get(colon + 1..).unwrap_or_default();
    match (name.starts_with(b"/"), local) {
        (true, b"table") => b"/table",
        (true, b"table-row") => b"/table-row",
        (true, _) => b"/",
        (false, local) => local,
    }
}

/// The insides of the tags of an XML text; comments and literal sections are left out.
struct Tags<'a>(&'a [u8]);

impl<'a> Iterator for Tags<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = self.0.get(memchr::memchr(b'<', self.0)? + 1..)?;
            let skipped = [(&b"!--"[..], &b"-->"[..]), (b"![CDATA[", b"]]>")];
            if let Some((_, end)) = skipped.iter().find(|(start, _)| rest.starts_with(start)) {
                self.0 = rest.get(memmem::find(rest, end)? + end.len()..)?;
                continue;
            }
            let mut quote = None;
            let end = rest.iter().position(|c| match (quote, c) {
                (None, b'>') => true,
                (None, b'"' | b'\'') => {
                    quote = Some(*c);
                    false
                }
                (Some(open), c) if open == *c => {
                    quote = None;
                    false
                }
                _ => false,
            })?;
            let (tag, after) = rest.split_at_checked(end)?;
            self.0 = after;
            return Some(tag);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(tables: &str) -> Option<String> {
        let content = format!("<?xml version=\"1.0\"?><office:document-content>{tables}</office:document-content>\n");
        check_content(content.as_bytes()).err().map(|why| why.reason)
    }

    #[test]
    fn what_would_loop_or_spread_is_refused_beforehand() {
        let cell = "<table:table-cell office:value=\"1\"/>";
        let row = format!("<table:table><table:table-row>{cell}</table:table-row>");
        let far = |rows: &str, columns: &str| {
            format!(
                "{row}<table:table-row table:number-rows-repeated=\"{rows}\"/><table:table-row>\
                 <table:table-cell table:number-columns-repeated=\"{columns}\"/>{cell}</table:table-row></table:table>"
            )
        };
        assert_eq!(check(&format!("{row}</table:table>")), None);
        assert_eq!(check(&far("100", "16384")), None);
        assert_eq!(check(&far("1048575", "51")), Some("too-large".to_owned()));
        assert_eq!(check(&far("99999999999999999999999", "51")), Some("damaged".to_owned()));
        let trailer = "<table:table-row table:number-rows-repeated=\"1048575\">\
            <table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>";
        assert_eq!(check(&format!("{row}{trailer}</table:table>")), None);
        let wide = "<table:table-row><table:table-cell office:value=\"1\" table:number-columns-repeated=\"16384\"/>\
            </table:table-row>";
        assert_eq!(check(&format!("<table:table>{}</table:table>", wide.repeat(300))), Some("too-large".to_owned()));
        assert_eq!(check("<text:p>a<text:s text:c=\"2000000000\"/></text:p>"), Some("too-large".to_owned()));
        assert_eq!(check("<!-- <text:s text:c=\"2000000000\"/> --><text:s/>"), None);
        assert_eq!(
            check_content(b"<office:document-content><table:table>").err().map(|why| why.reason),
            Some("damaged".into())
        );
    }
}
