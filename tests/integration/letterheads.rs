//! The letterheads of the samples on their pages: where requisites stand, and the coat of arms over them.

#![expect(clippy::expect_used, reason = "a document that is not made is a failed test")]

use std::path::Path;

use svod::diag::Diagnostics;
use svod::pipeline::{self, Prepared};
use svod::template;
use svod::typeset::{self, Fonts, Tag, Typeset};

use crate::project;
use crate::run::{messages, request};

/// Points of a centimetre.
const CM: f64 = 72.0 / 2.54;
/// Where the text begins, and how long a line of an angular letterhead may be.
const LEFT: f64 = 3.0 * CM;
const ZONE: f64 = 8.0 * CM;

/// Prepares a municipality's folder for some kinds.
fn prepare(folder: &Path, only: &[&str]) -> (Option<Prepared>, Vec<String>) {
    let mut request = request(folder, Path::new("nowhere"));
    request.only = only.iter().map(|kind| (*kind).to_owned()).collect();
    let municipality = pipeline::discover(folder).expect("a folder").remove(0);
    let mut diagnostics = Diagnostics::default();
    let prepared = pipeline::prepare(&municipality, &request, &messages(), &mut diagnostics);
    (prepared, diagnostics.iter().map(|finding| format!("{} {}", finding.id, finding.place.text())).collect())
}

fn pages(prepared: &Prepared) -> Vec<(String, Typeset)> {
    let fonts = Fonts::built_in();
    let page = |job: &svod::plan::Job| {
        let mut diagnostics = Diagnostics::default();
        let filled = template::fill(job, &mut diagnostics).expect("filled");
        let made = typeset::typeset(job, &filled, &fonts, &mut diagnostics).expect("pages");
        assert!(diagnostics.iter().next().is_none(), "{}", job.file);
        (job.file.clone(), made)
    };
    prepared.jobs.iter().map(page).collect()
}

/// Alternative texts of a PDF.
fn alternatives(pdf: &[u8]) -> Vec<String> {
    let document = lopdf::Document::load_mem(pdf).expect("a PDF");
    let texts = document.objects.values().filter_map(|object| object.as_dict().ok()?.get(b"Alt").ok());
    texts.filter_map(|alt| lopdf::decode_text_string(alt).ok()).collect()
}

/// The sample of Plast with another coat of arms.
fn with_emblem(name: &str, bytes: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for entry in std::fs::read_dir(project("inputs/plast")).expect("the sample").flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_file()) {
            std::fs::copy(entry.path(), folder.path().join(entry.file_name())).expect("copied");
        }
    }
    let templates = walk(&project("inputs/plast/templates"));
    for path in templates {
        let rest = path.strip_prefix(project("inputs/plast")).expect("below");
        let to = folder.path().join(rest);
        std::fs::create_dir_all(to.parent().expect("a folder")).expect("made");
        std::fs::copy(&path, to).expect("copied");
    }
    let settings = std::fs::read_to_string(folder.path().join("svod.toml")).expect("settings");
    std::fs::write(folder.path().join("svod.toml"), settings.replace("Герб.svg", name)).expect("written");
    std::fs::write(folder.path().join(name), bytes).expect("written");
    folder
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    entries.flat_map(|entry| if entry.path().is_dir() { walk(&entry.path()) } else { vec![entry.path()] }).collect()
}

/// A grey PNG, its points unpacked.
fn png(width: u32, height: u32, has_points: bool) -> Vec<u8> {
    let crc = |bytes: &[u8]| {
        !bytes.iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
        })
    };
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |kind: &[u8; 4], data: &[u8]| {
        let body = [kind.as_slice(), data].concat();
        out.extend(u32::try_from(data.len()).expect("short").to_be_bytes());
        out.extend(&body);
        out.extend(crc(&body).to_be_bytes());
    };
    chunk(b"IHDR", &[&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat());
    let row = [vec![0], vec![90; width as usize]].concat();
    let raw: Vec<u8> = if has_points { row.repeat(height as usize) } else { Vec::new() };
    let (a, b) = raw.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    let length = u16::try_from(raw.len()).expect("short");
    let block = [&[0x78, 1, 1][..], &length.to_le_bytes(), &(!length).to_le_bytes(), &raw];
    chunk(b"IDAT", &[&block.concat()[..], &(b << 16 | a).to_be_bytes()].concat());
    chunk(b"IEND", &[]);
    out
}

#[test]
fn an_angular_letterhead_keeps_its_corner_and_the_addressee_stands_beside_it() {
    let (prepared, _) = prepare(&project("inputs/dzerzhinsk"), &["working-group-minutes", "letter"]);
    let (mut numbers, mut addressees) = (0, 0);
    for (file, made) in pages(&prepared.expect("prepared")) {
        let is_letter = file.starts_with("Письма");
        let head = if is_letter { 7.0 * CM } else { 10.0 * CM };
        for hit in made.hits.iter().filter(|hit| hit.places.iter().all(|place| place.page == 1 && place.y < head)) {
            for place in &hit.places {
                let is_in_corner = place.x >= LEFT - 0.5 && place.x + place.width <= LEFT + ZONE + 0.5;
                let is_beside = place.x >= LEFT + ZONE + 0.5 * CM - 0.5;
                assert!(is_in_corner || (is_letter && is_beside), "{file}: {} {place:?}", hit.text);
                numbers += usize::from(!is_letter && is_in_corner);
                // The addressee begins where the name does, at the upper edge.
                addressees += usize::from(is_beside && place.y < 4.0 * CM && matches!(hit.tag, Tag::Constant(_)));
            }
        }
    }
    assert!(numbers >= 4 && addressees >= 1, "{numbers} numbers, {addressees} addressees");
}

#[test]
fn the_coat_of_arms_stands_over_the_authoritys_own_letterhead_alone() {
    let (prepared, _) = prepare(&project("inputs/plast"), &["letter", "curators-order", "monitoring-report"]);
    let prepared = prepared.expect("prepared");
    for ((file, made), (_, again)) in pages(&prepared).iter().zip(pages(&prepared)) {
        let arms = alternatives(&made.pdf).iter().filter(|text| text.starts_with("Условный герб")).count();
        assert_eq!(arms, 1, "{file}");
        assert!(made.pdf == again.pdf, "{file}: other bytes");
    }
    let (prepared, _) = prepare(&project("inputs/plast"), &["model", "criteria"]);
    for (file, made) in pages(&prepared.expect("prepared")) {
        assert!(!alternatives(&made.pdf).iter().any(|text| text.starts_with("Условный герб")), "{file}");
    }
}

#[test]
fn a_coat_of_arms_of_points_is_drawn_and_one_too_large_is_named_with_its_line() {
    let folder = with_emblem("Герб.png", &png(40, 50, true));
    let (prepared, found) = prepare(folder.path(), &["curators-order"]);
    assert!(!found.iter().any(|finding| finding.starts_with("emblem")), "{found:?}");
    for (file, made) in pages(&prepared.expect("prepared")) {
        assert_eq!(alternatives(&made.pdf).len(), 1, "{file}");
    }
    let long = [b"<svg>".as_slice(), &vec![b' '; 600 * 1024], b"</svg>"].concat();
    for (id, bytes) in [
        ("emblem-too-fine", png(60_000, 10, false)),
        ("emblem-too-large", long),
        ("emblem-damaged", png(40, 50, false)),
        ("emblem-not-plain", b"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>".to_vec()),
    ] {
        let folder = with_emblem("Герб.png", &bytes);
        let line = std::fs::read_to_string(folder.path().join("svod.toml")).expect("settings");
        let line = line.lines().position(|line| line.starts_with("emblem =")).expect("the key") + 1;
        let (_, found) = prepare(folder.path(), &["curators-order"]);
        assert!(found.contains(&format!("{id} svod.toml:{line}")), "{id}: {found:?}");
    }
}
