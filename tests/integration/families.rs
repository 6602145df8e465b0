//! The families of the samples as pages: they keep their numbers and marks, and every text keeps the formats of Russian
//! office work.

#![expect(clippy::expect_used, reason = "a package that cannot be made is a failed test")]

use std::collections::BTreeSet;

use svod::context::{Piece, View};
use svod::diag::Diagnostics;
use svod::pipeline::{self, Prepared};
use svod::plan::Job;
use svod::template::{self, Filled};
use svod::typeset::{self, Fonts};

use crate::project;
use crate::run::{messages, request};

/// Municipalities, and the bundle of each family.
pub const FAMILIES: [(&str, &[&str]); 5] = [
    ("dzerzhinsk", &["cycle-package"]),
    ("kirovsky", &["project-package"]),
    ("mariinsk", &["concept-order", "lists-package"]),
    ("mikhailovsky", &["programme-package"]),
    ("plast", &["model-package", "selection-package"]),
];
pub fn prepare(municipality: &str, only: &[&str]) -> Prepared {
    let folder = tempfile::tempdir().expect("a folder");
    let mut request = request(&project("inputs"), &folder.path().join("outputs"));
    request.only = only.iter().map(|kind| (*kind).to_owned()).collect();
    let municipalities = pipeline::discover(&request.inputs).expect("the samples");
    let found = municipalities.iter().find(|one| one.id == municipality).expect("the sample");
    pipeline::prepare(found, &request, &messages(), &mut Diagnostics::default()).expect("a plan")
}

pub fn fill(job: &Job) -> Filled {
    let mut diagnostics = Diagnostics::default();
    let filled = template::fill(job, &mut diagnostics).expect("a filled job");
    let said: Vec<_> = diagnostics.iter().collect();
    assert!(said.is_empty() && filled.uses.gaps.is_empty(), "{}: {said:?}, {:?}", job.file, filled.uses.gaps);
    filled
}

#[test]
fn the_pages_of_every_family_keep_numbers_and_marks() {
    let fonts = Fonts::built_in();
    let mark = messages().text("sample-mark", &[]);
    for (municipality, only) in FAMILIES {
        for job in &prepare(municipality, only).jobs {
            let filled = fill(job);
            let mut diagnostics = Diagnostics::default();
            let typeset = typeset::typeset(job, &filled, &fonts, &mut diagnostics).expect("pages");
            // Words that leave their cell, and texts off the page, are findings of the run itself.
            assert!(diagnostics.iter().next().is_none(), "{municipality}, {}", job.file);
            for page in &typeset.texts {
                assert!(page.margin.contains(&mark), "{municipality}, {}: {}", job.file, page.margin);
                assert!(!page.body.trim().is_empty(), "{municipality}, {}: an empty page", job.file);
            }
            // Each document counts its pages from one, and the first bears no number.
            let numbers: Vec<usize> = typeset
                .texts
                .iter()
                .map(|page| page.margin.split_whitespace().find_map(|word| word.parse().ok()).unwrap_or(1))
                .collect();
            let begins = numbers.iter().filter(|number| **number == 1).count();
            assert_eq!(begins, job.parts.len(), "{municipality}, {}: {numbers:?}", job.file);
            let is_counted = numbers.windows(2).all(|pair| matches!(pair, [a, b] if *b == a + 1 || *b == 1));
            assert!(is_counted, "{municipality}, {}: {numbers:?}", job.file);
            // Appendices are numbered in order, a single one not at all.
            let stamps = typeset.texts.iter().zip(&numbers).filter(|(_, number)| **number == 1);
            let numbered: Vec<String> = stamps
                .filter_map(|(page, _)| {
                    page.body.split_once("Приложение")?.1.split_whitespace().next().map(str::to_owned)
                })
                .filter(|word| word.parse::<usize>().is_ok())
                .collect();
            let appendices = job.parts.iter().filter(|part| part.standing == svod::catalog::Standing::Appendix).count();
            let expected: Vec<String> = match appendices {
                0 | 1 => Vec::new(),
                many => (1..=many).map(|number| number.to_string()).collect(),
            };
            let of_order: Vec<String> = numbered.into_iter().take(expected.len()).collect();
            assert_eq!(of_order, expected, "{municipality}, {}", job.file);
        }
    }
}

/// The dash that no document has, with what stands around it: «–» between blanks, but for the mark of an item, which
/// begins a line of a body or a text.
fn other_dash(text: &str) -> Option<String> {
    let signs: Vec<char> = text.chars().collect();
    let is_blank = |at: usize| signs.get(at).is_none_or(|c| c.is_whitespace() || *c == '~');
    let begins = |at: usize| {
        let before = signs.iter().take(at).rev().find(|c| **c == '\n' || !(c.is_whitespace() || **c == '~'));
        before.is_none_or(|c| matches!(c, '[' | '\n'))
    };
    let is_other = |at: &usize| signs.get(*at) == Some(&'–') && is_blank(at + 1) && is_blank(at.wrapping_sub(1));
    let at = (0..signs.len()).filter(is_other).find(|at| !begins(*at))?;
    Some(signs.iter().skip(at.saturating_sub(40)).take(80).collect())
}

#[test]
fn every_document_of_the_samples_has_one_dash() {
    let mut wrong = BTreeSet::new();
    let mut filled = 0;
    for (municipality, _) in FAMILIES {
        for job in &prepare(municipality, &[]).jobs {
            for file in fill(job).parts.iter().flat_map(|part| &part.files) {
                filled += 1;
                wrong.extend(other_dash(&file.text).map(|text| format!("{}: {text}", file.template)));
            }
        }
    }
    assert!(filled > 1000, "{filled} sections");
    let wrong: Vec<String> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(other_dash("– а;\u{a0}— б, 2020–2021; [– в];\n  – г"), None);
    assert!(["далее – ШНОР", "декабрь~– январь", "а\u{a0}– б"].iter().all(|text| other_dash(text).is_some()));
}

/// Every text of a view.
fn texts<'v>(view: &'v View, out: &mut Vec<&'v str>) {
    match view {
        View::Text(text) => out.push(&text.value),
        View::Prose(pieces) => out.extend(pieces.iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(text.value.as_str()),
            _ => None,
        })),
        View::List(items) => items.iter().for_each(|item| texts(item, out)),
        View::Map(entries) => entries.values().for_each(|entry| texts(entry, out)),
        View::Figure(_) | View::Flag(_) | View::Gap(_) => {}
    }
}

/// What a text of an office paper never holds.
fn slips(text: &str) -> Vec<&'static str> {
    let letters: Vec<char> = text.chars().collect();
    let digits = |from: usize| letters.iter().skip(from).take_while(|c| c.is_ascii_digit()).count();
    let mut found = Vec::new();
    for (sign, name) in
        [("\"", "straight quotes"), (" - ", "a hyphen for a dash"), ("...", "three points"), ("  ", "two blanks")]
    {
        found.extend(text.contains(sign).then_some(name));
    }
    // Acts are cited with their dates in digits, terms are told in words.
    let months = [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ];
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace()).collect();
    let is_dated = |words: &[&str]| matches!(words, [from, _, month, _, _, sign, ..] if *from == "от" && months.contains(month) && sign.starts_with('№'));
    found.extend(words.windows(6).any(is_dated).then_some("the date of an act in words"));
    for (index, letter) in letters.iter().enumerate() {
        let next = letters.get(index + 1);
        if *letter == '№' && next.is_some_and(|next| *next == ' ' || next.is_alphanumeric()) {
            found.push("№ without a blank that never breaks");
        }
        let is_year = (index == 0 || !letters.get(index - 1).is_some_and(char::is_ascii_digit)) && digits(index) == 4;
        if is_year && letters.get(index + 4) == Some(&'-') && digits(index + 5) == 4 && matches!(letter, '1' | '2') {
            found.push("a hyphen between years");
        }
        if letter.is_ascii_digit() && next == Some(&' ') && letters.get(index + 2) == Some(&'%') {
            found.push("a blank that breaks before %");
        }
    }
    found
}

#[test]
fn texts_of_all_samples_keep_the_russian_formats() {
    let mut wrong = BTreeSet::new();
    for (municipality, _) in FAMILIES {
        let prepared = prepare(municipality, &["none"]);
        let mut found = Vec::new();
        prepared.view.values().for_each(|view| texts(view, &mut found));
        assert!(found.len() > 500, "{municipality}: {} texts", found.len());
        for text in found {
            wrong.extend(slips(text).into_iter().map(|slip| format!("{municipality}: {slip}: {text}")));
        }
    }
    let wrong: Vec<String> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "{} slips:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn slips_are_found() {
    assert_eq!(slips("школа «Пример», №\u{a0}5, 2022–2024, 5\u{a0}%, 0-01"), Vec::<&str>::new());
    let wrong = [
        "\"Пример\"",
        "школа - это",
        "и так...",
        "два  пробела",
        "№5",
        "№ 5",
        "2022-2024 годы",
        "5 %",
        "от 29 декабря 2012 г. №\u{a0}273-ФЗ",
    ];
    assert!(wrong.iter().all(|text| slips(text).len() == 1), "{:?}", wrong.map(slips));
}
