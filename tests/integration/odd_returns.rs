//! Returns that other programs saved or that nobody can open: each is taken as it is, or named, and stops no other.

#![expect(clippy::expect_used, reason = "a return that cannot be made is a failed test")]

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};

use svod::form;
use svod::returns::State;
use svod::workbook::CellValue;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::project;
use crate::rounds::{Round, fill_in, words};

/// A book that Excel's own encryption protects (`tests/fixtures/password.xlsx`) among the returns: the others are merged, the
/// summary says whose form is missing, the file is named with the respondent and what to do.
#[test]
fn a_return_with_a_password_is_named_and_the_others_are_merged() {
    let round = Round::new("kirovsky", &["monitoring"]);
    round.emit();
    let mut sent = round.sent();
    for (index, blank) in sent.iter_mut().enumerate().take(6) {
        fill_in(blank, 10);
        round.give(&format!("{index}.xlsx"), blank);
    }
    let last = &sent.last().expect("a blank").respondent;
    let file = format!("{} форма.xlsx", last.code);
    std::fs::copy(project("tests/fixtures/password.xlsx"), round.returned.join(&file)).expect("copied");
    let merged = round.receive(true);
    let ids: Vec<String> = round.ids(&merged).into_keys().collect();
    assert_eq!(ids, ["blank-not-returned", "blank-unread", "unreadable-password"]);
    let unread = merged.diagnostics.iter().find(|one| one.id == "blank-unread").expect("the file");
    assert!(unread.place.text().contains(&file), "{unread:?}");
    assert_eq!(unread.args.get("respondent"), Some(&last.name));
    assert_eq!(round.state(&merged, State::Accepted), 6);
    let path =
        merged.produced.iter().find(|path| path.contains("Своды") && path.ends_with(".xlsx")).expect("a summary");
    let sheets = round.cells(&round.request.outputs.join("kirovsky").join(path));
    let says = |wanted: &str| {
        let mut cells = sheets.values().flatten().flatten();
        cells.any(|cell| matches!(cell, CellValue::Text(text) if text.contains(wanted)))
    };
    assert!(says("учтено 6 из 7") && says(&last.name));
}

/// Rewrites a workbook as Google's exporter writes one. Imitated, as its files are known to be: no `docProps`; no protection,
/// no named tables; every sheet has a `state`; the workbook has no views; whole numbers are written «12.0»; rows and cells
/// without content are written out with their style to the right and below; conditional formats and validations are numbered
/// anew (here: left out); no dimension.
fn as_google_writes(bytes: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).expect("a part");
        let name = part.name().expect("a name").into_owned();
        if name.starts_with("docProps/") || name.starts_with("xl/tables/") {
            continue;
        }
        let mut text = String::new();
        part.read_to_string(&mut text).expect("XML");
        let text = match name.as_str() {
            "[Content_Types].xml" => {
                without(&text, "<Override", "/>", |one| one.contains("docProps") || one.contains("tables"))
            }
            "_rels/.rels" => without(&text, "<Relationship ", "/>", |one| one.contains("docProps")),
            "xl/workbook.xml" => {
                let text = without(&text, "<bookViews>", "</bookViews>", |_| true);
                let text = without(&text, "<definedNames>", "</definedNames>", |_| true);
                visible(&text)
            }
            name if name.starts_with("xl/worksheets/_rels/") => {
                without(&text, "<Relationship ", "/>", |one| one.contains("table"))
            }
            name if name.starts_with("xl/worksheets/") => {
                let text = without(&text, "<dimension", "/>", |_| true);
                let text = without(&text, "<sheetProtection", "/>", |_| true);
                let text = without(&text, "<tableParts", "</tableParts>", |_| true);
                let text = without(&text, "<dataValidations", "</dataValidations>", |_| true);
                let text = without(&text, "<conditionalFormatting", "</conditionalFormatting>", |_| true);
                padded(&decimal(&text))
            }
            _ => text,
        };
        out.start_file(name, SimpleFileOptions::default()).expect("a part");
        out.write_all(text.as_bytes()).expect("written");
    }
    out.finish().expect("an archive").into_inner()
}

/// Leaves out the pieces from one text to another that are to go.
fn without(text: &str, from: &str, to: &str, goes: impl Fn(&str) -> bool) -> String {
    let mut pieces = text.split(from);
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (inner, rest) = piece.split_once(to).unwrap_or((piece, ""));
        if !goes(inner) {
            out.push_str(&format!("{from}{inner}{to}"));
        }
        out.push_str(rest);
    }
    out
}

/// Every sheet has a state.
fn visible(text: &str) -> String {
    let mut pieces = text.split("<sheet ");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let has_state = piece.split_once("/>").is_some_and(|(own, _)| own.contains("state="));
        out.push_str(if has_state { "<sheet " } else { "<sheet state=\"visible\" " });
        out.push_str(piece);
    }
    out
}

/// Whole numbers with a point and a zero; indices of shared strings stay.
fn decimal(text: &str) -> String {
    let mut pieces = text.split("<c ");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        out.push_str("<c ");
        let is_number = piece.split_once('>').is_some_and(|(start, _)| !start.contains("t=\""));
        match piece.split_once("</v>") {
            Some((before, after))
                if is_number && before.ends_with(|c: char| c.is_ascii_digit()) && !before.contains("</c>") =>
            {
                let has_point = before.rsplit_once('>').is_some_and(|(_, number)| number.contains('.'));
                out.push_str(&format!("{before}{}</v>{after}", if has_point { "" } else { ".0" }));
            }
            _ => out.push_str(piece),
        }
    }
    out
}

/// Cells with a style and no content, and empty rows below.
fn padded(text: &str) -> String {
    let mut pieces = text.split("</row>");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    let mut last = 0_u32;
    let number = |piece: &str| -> Option<u32> {
        let (_, own) = piece.rsplit_once("<row r=\"")?;
        own.split_once('"')?.0.parse().ok()
    };
    last = number(&out).unwrap_or(last);
    for piece in pieces {
        out.push_str(&format!("<c r=\"AZ{last}\" s=\"1\"/></row>{piece}"));
        last = number(piece).unwrap_or(last);
    }
    let more: String =
        (last + 1..last + 200).map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\" s=\"1\"/></row>")).collect();
    out.replace("</sheetData>", &format!("{more}</sheetData>"))
}

/// What Google's exporter saves is collected like the form itself.
#[test]
fn what_googles_exporter_writes_is_collected_alike() {
    let forms = ["monitoring", "teacher-diagnostics", "self-examination", "survey-heads"];
    let merged = |rewrite: &dyn Fn(Vec<u8>) -> Vec<u8>| {
        let round = Round::new("kirovsky", &forms);
        round.emit();
        for (index, blank) in round.sent().iter_mut().enumerate() {
            fill_in(blank, 5);
            let made = form::render_blank(blank, &words(), &[]).expect("a workbook");
            std::fs::write(round.returned.join(format!("{index}.xlsx")), rewrite(made.bytes)).expect("written");
        }
        let exchanged = round.receive(true);
        let mut data = BTreeMap::new();
        for entry in std::fs::read_dir(round.municipality.folder.join("svod/data")).expect("the data").flatten() {
            let mut sheets = round.cells(&entry.path());
            // Hashes of the files differ.
            sheets.remove("Источники");
            data.insert(entry.file_name(), sheets);
        }
        (round.ids(&exchanged), round.state(&exchanged, State::Accepted), data)
    };
    let wanted = merged(&|bytes| bytes);
    assert!(wanted.1 > 20, "{}", wanted.1);
    assert_eq!(merged(&|bytes| as_google_writes(&bytes)), wanted);
}
