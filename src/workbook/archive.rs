//! A look at an archive before a reader opens it: declared sizes, repeated names, false counts.
//! In: bytes. Out: what the readers need to know, or the reason to refuse. It must never know what a sheet says.

use std::collections::BTreeSet;
use std::io::{Cursor, Read};

use memchr::memmem;

use super::{Unreadable, unreadable};

/// Limit for the sum of uncompressed parts of an archive, bytes. The largest real workbook seen has 12 million.
const MAX_UNPACKED: u64 = 128 * 1024 * 1024;
/// Most parts of an archive.
const MAX_PARTS: usize = 2_000;
/// The record at the end of an archive, its length, and where it keeps the number of parts.
const END: &[u8] = b"PK\x05\x06";
const END_COUNT: usize = 10;

/// What an archive holds.
#[derive(Default, Debug)]
pub(super) struct Contents {
    /// Some sheet of an xlsx has formulas.
    pub has_formulas: bool,
    /// Some sheet of an xlsx has merged regions.
    pub has_merges: bool,
    /// The content of an ods.
    pub content: Vec<u8>,
}

/// Adds up the declared sizes of the parts, which the archive reader enforces later, and looks into some of them.
pub(super) fn scan(bytes: &[u8]) -> Result<Contents, Unreadable> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| unreadable("damaged"))?;
    if archive.len() > MAX_PARTS {
        return Err(unreadable("too-large"));
    }
    // The archive reader keeps one of several parts with the same name and says nothing.
    if declared_parts(bytes).is_some_and(|count| count != archive.len()) {
        return Err(unreadable("damaged"));
    }
    let mut names = BTreeSet::new();
    let mut sum: u64 = 0;
    let mut wanted = Vec::new();
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index).map_err(|_| unreadable("damaged"))?;
        sum = sum.saturating_add(part.size());
        let name = part.name().map_err(|_| unreadable("damaged"))?.replace('\\', "/").to_lowercase();
        let is_sheet = name.starts_with("xl/worksheets/") && !name.starts_with("xl/worksheets/_rels/");
        if is_sheet || matches!(name.as_str(), "xl/sharedstrings.xml" | "content.xml") {
            wanted.push((index, name.clone()));
        }
        if !names.insert(name) {
            return Err(unreadable("damaged"));
        }
    }
    if sum > MAX_UNPACKED {
        return Err(unreadable("too-large"));
    }
    let mut contents = Contents::default();
    let mut buffer = Vec::new();
    for (index, name) in wanted {
        let part = archive.by_index(index).map_err(|_| unreadable("damaged"))?;
        let size = part.size();
        buffer.clear();
        let limit = if name == "xl/sharedstrings.xml" { 4096 } else { MAX_UNPACKED };
        let read = part.take(limit).read_to_end(&mut buffer);
        match name.as_str() {
            "xl/sharedstrings.xml" => check_unique_count(&buffer, size)?,
            "content.xml" if read.is_err() => return Err(unreadable("damaged")),
            "content.xml" => contents.content = std::mem::take(&mut buffer),
            // A sheet that cannot be unpacked is the loss of that sheet alone: its reader says so.
            _ => {
                contents.has_formulas |= holds_tag(&buffer, b"f");
                contents.has_merges |= holds_tag(&buffer, b"mergeCell");
            }
        }
    }
    Ok(contents)
}

/// Returns the number of parts that the end record declares; `None` when it does not fit its field.
fn declared_parts(bytes: &[u8]) -> Option<usize> {
    let end = memmem::rfind(bytes, END)?;
    match bytes.get(end + END_COUNT..end + END_COUNT + 2)? {
        [low, high] => Some(usize::from(u16::from_le_bytes([*low, *high]))).filter(|count| *count != 0xffff),
        _ => None,
    }
}

/// Tells whether a tag of this name is opened, with or without a namespace.
fn holds_tag(xml: &[u8], name: &[u8]) -> bool {
    memmem::find_iter(xml, name).any(|at| {
        let before = at.checked_sub(1).and_then(|at| xml.get(at));
        let after = xml.get(at + name.len());
        matches!(before, Some(b'<' | b':'))
            && after.is_some_and(|c| matches!(c, b'>' | b'/') || c.is_ascii_whitespace())
    })
}

/// A false `uniqueCount` of the string table would reserve memory without bound.
fn check_unique_count(head: &[u8], size: u64) -> Result<(), Unreadable> {
    let head = String::from_utf8_lossy(head);
    let declared = head
        .split_once("uniqueCount")
        .map(|(_, rest)| rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '=' | '"' | '\'')))
        .map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
    match declared.map(|digits| digits.parse::<u64>()) {
        None => Ok(()),
        Some(Ok(count)) if count <= size / 8 + 1 => Ok(()),
        Some(_) => Err(unreadable("damaged")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_by_its_whole_name() {
        for (xml, found) in [
            ("<c><f>A1</f></c>", true),
            ("<x:c><x:f t=\"shared\"/>", true),
            ("<c><f/></c>", true),
            ("<font/>", false),
            ("if>", false),
        ] {
            assert_eq!(holds_tag(xml.as_bytes(), b"f"), found, "{xml}");
        }
    }

    #[test]
    fn a_false_count_of_strings_is_refused() {
        assert!(check_unique_count(b"<sst uniqueCount=\"10\">", 200).is_ok());
        assert!(check_unique_count(b"<sst uniqueCount = '1000000000'>", 200).is_err());
        assert!(check_unique_count(b"<sst uniqueCount=\"99999999999999999999\">", 200).is_err());
    }
}
