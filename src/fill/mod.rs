//! A blank of somebody else's, filled in: the ministry's own workbook with its styles, formulas and merged cells.
//! In: the bytes of the workbook and values by sheet and cell. Out: the workbook in which only the XML of the touched sheets,
//! and the order to reckon anew, differ; every other part is copied as it is. It must never know where a value comes from.

mod mapping;
mod patch;

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};

use quick_xml::Reader;
use quick_xml::events::Event;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

pub use mapping::{Area, MapColumn, Mapping, RowsOf, What, column_of};
pub use patch::{At, Refusal, Value};

use crate::diag::Reason;

/// Largest part of an archive that is read, bytes.
const MAX_PART: u64 = 128 * 1024 * 1024;
const WORKBOOK: &str = "xl/workbook.xml";
const RELATIONS: &str = "xl/_rels/workbook.xml.rels";

/// A filled workbook.
#[derive(Clone, PartialEq, Debug)]
pub struct Filled {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Cells that were left as they are, by sheet.
    pub refused: Vec<(String, At, Refusal)>,
}

/// Writes values into a workbook.
///
/// # Errors
/// Why the file cannot be one of the kind that can be filled.
pub fn fill(bytes: &[u8], values: &BTreeMap<String, BTreeMap<At, Value>>) -> Result<Filled, Reason> {
    let odd = || Reason::new("reason-fill-odd");
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| odd())?;
    let workbook = part(&mut archive, WORKBOOK).ok_or_else(odd)?;
    let relations = part(&mut archive, RELATIONS).ok_or_else(odd)?;
    let parts = sheets(&workbook, &relations).ok_or_else(odd)?;
    let (mut touched, mut refused) = (BTreeMap::new(), Vec::new());
    for (sheet, cells) in values.iter().filter(|(_, cells)| !cells.is_empty()) {
        let name = parts.get(sheet).ok_or_else(odd)?;
        let xml = part(&mut archive, name).ok_or_else(odd)?;
        let patched = patch::patch(&xml, cells).ok_or_else(odd)?;
        refused.extend(patched.refused.into_iter().map(|(at, why)| (sheet.clone(), at, why)));
        touched.insert(name.clone(), patched.xml);
    }
    if !touched.is_empty() {
        touched.insert(WORKBOOK.to_owned(), reckoned(&workbook).ok_or_else(odd)?);
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::with_capacity(bytes.len())));
    for index in 0..archive.len() {
        let file = archive.by_index_raw(index).map_err(|_| odd())?;
        let name = file.name().map_err(|_| odd())?.into_owned();
        match touched.get(&name) {
            None => writer.raw_copy_file(file).map_err(|_| odd())?,
            Some(xml) => {
                let options = SimpleFileOptions::default().last_modified_time(file.last_modified().unwrap_or_default());
                drop(file);
                writer.start_file(name, options).map_err(|_| odd())?;
                writer.write_all(xml).map_err(|_| odd())?;
            }
        }
    }
    let bytes = writer.finish().map_err(|_| odd())?.into_inner();
    Ok(Filled { bytes, refused })
}

/// Reads a part, up to a size that no honest sheet has.
fn part(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Option<Vec<u8>> {
    let file = archive.by_name(name).ok()?;
    if file.size() > MAX_PART {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(MAX_PART).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// The parts of the sheets by name of the sheet.
fn sheets(workbook: &[u8], relations: &[u8]) -> Option<BTreeMap<String, String>> {
    let mut targets = BTreeMap::new();
    for tag in tags(relations, "Relationship")? {
        targets.insert(tag.get("Id")?.clone(), tag.get("Target")?.clone());
    }
    let mut parts = BTreeMap::new();
    for tag in tags(workbook, "sheet")? {
        let id = tag.iter().find(|(name, _)| name.as_str() == "id" || name.ends_with(":id"))?.1;
        let target = targets.get(id)?;
        let path = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
        parts.insert(tag.get("name")?.clone(), path);
    }
    Some(parts)
}

/// The attributes of all elements of a name.
fn tags(xml: &[u8], name: &str) -> Option<Vec<BTreeMap<String, String>>> {
    let mut reader = Reader::from_reader(xml);
    let mut found = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) | Event::Empty(tag) if tag.local_name().as_ref() == name => {
                let mut attributes = BTreeMap::new();
                for one in tag.attributes().flatten() {
                    let value = quick_xml::escape::unescape(&one.value).ok()?.into_owned();
                    attributes.insert(one.key.as_ref().to_owned(), value);
                }
                found.push(attributes);
            }
            Event::Eof => return Some(found),
            _ => {}
        }
    }
}

/// Orders to reckon every formula when the workbook is opened.
fn reckoned(workbook: &[u8]) -> Option<Vec<u8>> {
    const ORDER: &str = " fullCalcOnLoad=\"1\"";
    // The order stands behind the names, the links to other workbooks and the sheets, whichever is last.
    const BEFORE: [&str; 4] = ["definedNames", "externalReferences", "functionGroups", "sheets"];
    let text = std::str::from_utf8(workbook).ok()?;
    let mut reader = Reader::from_reader(workbook);
    let mut behind = None;
    loop {
        let start = usize::try_from(reader.buffer_position()).ok()?;
        let event = reader.read_event().ok()?;
        let end = usize::try_from(reader.buffer_position()).ok()?;
        let (name, is_end) = match &event {
            Event::Start(tag) => (tag.name(), false),
            Event::Empty(tag) => (tag.name(), true),
            Event::End(tag) => (tag.name(), true),
            Event::Eof => break,
            _ => continue,
        };
        let (name, local) = (name.as_ref().to_owned(), name.local_name().as_ref().to_owned());
        if local == "calcPr" {
            let (head, tail) = text.split_at(start + 1 + name.len());
            let (tag, rest) = tail.split_at(end - start - 1 - name.len());
            return Some(format!("{head}{ORDER}{}{rest}", without(tag, "fullCalcOnLoad")?).into_bytes());
        }
        if is_end && BEFORE.contains(&local.as_str()) {
            let prefix = name.strip_suffix(&local).unwrap_or_default().to_owned();
            behind = Some((end, prefix));
        }
    }
    let (at, prefix) = behind?;
    let (head, tail) = text.split_at(at);
    Some(format!("{head}<{prefix}calcPr{ORDER}/>{tail}").into_bytes())
}

/// A start tag without one of its attributes.
fn without(tag: &str, attribute: &str) -> Option<String> {
    let Some((before, rest)) = tag.split_once(&format!(" {attribute}=")) else { return Some(tag.to_owned()) };
    let quote = rest.chars().next()?;
    let (_, behind) = rest.strip_prefix(quote)?.split_once(quote)?;
    Some(format!("{before}{behind}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_to_reckon_stands_where_it_belongs() {
        let of = |text: &str| String::from_utf8(reckoned(text.as_bytes()).unwrap()).unwrap();
        assert_eq!(
            of("<w><sheets><sheet/></sheets><definedNames></definedNames><x/></w>"),
            "<w><sheets><sheet/></sheets><definedNames></definedNames><calcPr fullCalcOnLoad=\"1\"/><x/></w>"
        );
        assert_eq!(
            of("<w><sheets/><calcPr calcId=\"1\"/></w>"),
            "<w><sheets/><calcPr fullCalcOnLoad=\"1\" calcId=\"1\"/></w>"
        );
        assert_eq!(
            of("<w><calcPr fullCalcOnLoad=\"0\" calcId=\"1\"/></w>"),
            "<w><calcPr fullCalcOnLoad=\"1\" calcId=\"1\"/></w>"
        );
        assert_eq!(
            of("<x:w><x:sheets><x:sheet/></x:sheets></x:w>"),
            "<x:w><x:sheets><x:sheet/></x:sheets><x:calcPr fullCalcOnLoad=\"1\"/></x:w>"
        );
        assert_eq!(
            of("<x:w><x:calcPr calcId='1' fullCalcOnLoad='0'/></x:w>"),
            "<x:w><x:calcPr fullCalcOnLoad=\"1\" calcId='1'/></x:w>"
        );
        assert_eq!(reckoned(b"<w/>"), None);
    }
}
