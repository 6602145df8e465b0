//! The families of the samples, section by section: what the tables of `tests/outline` say is there stands in the filled
//! documents, pages keep their numbers, and every text keeps the formats of Russian office work.

#![expect(clippy::expect_used, clippy::panic, reason = "a package that cannot be made is a failed test")]

use std::collections::{BTreeMap, BTreeSet};

use svod::context::{Piece, View};
use svod::diag::Diagnostics;
use svod::pipeline::{self, Prepared};
use svod::plan::Job;
use svod::template::{self, Filled};
use svod::typeset::{self, Fonts};

use crate::run::{messages, request};
use crate::{files, project, read_text, stem};

/// Municipalities, and the bundle of each family.
const FAMILIES: [(&str, &[&str]); 5] = [
    ("dzerzhinsk", &["cycle-package"]),
    ("kirovsky", &["project-package"]),
    ("mariinsk", &["concept-order", "lists-package"]),
    ("mikhailovsky", &["programme-package"]),
    ("plast", &["model-package", "selection-package"]),
];
fn prepare(municipality: &str, only: &[&str]) -> Prepared {
    let folder = tempfile::tempdir().expect("a folder");
    let mut request = request(&project("inputs"), &folder.path().join("outputs"));
    request.only = only.iter().map(|kind| (*kind).to_owned()).collect();
    let municipalities = pipeline::discover(&request.inputs).expect("the samples");
    let found = municipalities.iter().find(|one| one.id == municipality).expect("the sample");
    pipeline::prepare(found, &request, &messages(), &mut Diagnostics::default()).expect("a plan")
}

fn fill(job: &Job) -> Filled {
    let mut diagnostics = Diagnostics::default();
    let filled = template::fill(job, &mut diagnostics).expect("a filled job");
    assert!(diagnostics.iter().next().is_none() && filled.uses.gaps.is_empty(), "{}", job.file);
    filled
}

/// How many of everything a filled section has: clauses, paragraphs, rows, entries, and the items of each list and band.
#[derive(Default)]
struct Counted {
    calls: BTreeMap<&'static str, usize>,
    /// The items of each list.
    lists: Vec<usize>,
    /// The rows below each band, those below its subbands included.
    bands: Vec<usize>,
    subbands: Vec<usize>,
}

/// Calls of the vocabulary that are counted.
const CALLS: [&str; 7] = ["clause", "paragraph", "row", "entry", "band", "subband", "items"];

/// Counts the calls of a filled section; what stands in strings and in the texts of a page is passed over by its brackets.
fn count(text: &str) -> Counted {
    let mut counted = Counted::default();
    let bytes = text.as_bytes();
    let mut at = 0;
    // A list that is open: the depth of brackets at which its items stand.
    let (mut depth, mut open): (usize, Option<usize>) = (0, None);
    let mut in_subband = false;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'"' => {
                at += 1;
                while bytes.get(at).is_some_and(|byte| *byte != b'"') {
                    at += if bytes.get(at) == Some(&b'\\') { 2 } else { 1 };
                }
            }
            b'[' => {
                if open == Some(depth)
                    && let Some(items) = counted.lists.last_mut()
                {
                    *items += 1;
                }
                depth += 1;
            }
            b']' => depth = depth.saturating_sub(1),
            b')' if open == Some(depth) => open = None,
            byte if byte.is_ascii_alphabetic() => {
                let rest = text.get(at..).unwrap_or_default();
                let word: &str =
                    rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next().unwrap_or_default();
                let is_call = matches!(rest.as_bytes().get(word.len()), Some(b'(' | b'['));
                if let Some(call) = CALLS.into_iter().find(|call| *call == word && is_call) {
                    *counted.calls.entry(call).or_default() += 1;
                    match call {
                        "items" => {
                            counted.lists.push(0);
                            open = Some(depth);
                        }
                        "band" => {
                            counted.bands.push(0);
                            in_subband = false;
                        }
                        "subband" => {
                            counted.subbands.push(0);
                            in_subband = true;
                        }
                        "row" => {
                            let of_subband = counted.subbands.last_mut().filter(|_| in_subband);
                            for rows in counted.bands.last_mut().into_iter().chain(of_subband) {
                                *rows += 1;
                            }
                        }
                        _ => {}
                    }
                }
                at += word.len().max(1);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    counted
}

impl Counted {
    /// Every number that a table may state of the section.
    fn numbers(&self) -> BTreeSet<usize> {
        let all: usize = self.lists.iter().sum();
        let calls = self.calls.values().copied();
        // A title or a stamp is one thing.
        calls
            .chain(self.lists.iter().copied())
            .chain([all, 1])
            .chain(self.bands.iter().chain(&self.subbands).copied())
            .collect()
    }
}

/// What stands between backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_documents_have_as_many_items_as_the_outlines_say() {
    let mut wrong = Vec::new();
    let mut held = 0;
    for path in files(&project("tests/outline"), "md") {
        let municipality = stem(&path);
        let Some((_, only)) = FAMILIES.iter().find(|(known, _)| *known == municipality) else { continue };
        let mut sections: BTreeMap<(String, String), Counted> = BTreeMap::new();
        for job in &prepare(&municipality, only).jobs {
            for (part, filled) in job.parts.iter().zip(fill(job).parts) {
                for (section, file) in part.sections.iter().zip(&filled.files) {
                    sections.insert((part.document.clone(), section.id.clone()), count(&file.text));
                }
            }
        }
        let text = read_text(&path).expect("a table");
        for line in text.lines().filter_map(|line| line.strip_prefix('|')) {
            let cells: Vec<&str> = line.trim_end_matches('|').split('|').map(str::trim).collect();
            let [order, _, _, content, _, place, made, _] = cells.as_slice() else { continue };
            // Requisites and headings are no items of a section.
            if order.parse::<usize>().is_err() || matches!(*content, "реквизиты" | "заголовок") {
                continue;
            }
            let names = quoted(place);
            let [kind, section, ..] = names.as_slice() else { panic!("{municipality}, {order}: {place}") };
            let stated: String = made.chars().take_while(char::is_ascii_digit).collect();
            let Ok(stated) = stated.parse::<usize>() else { panic!("{municipality}, {order}: {made}") };
            match sections.get(&((*kind).to_owned(), (*section).to_owned())) {
                Some(counted) if counted.numbers().contains(&stated) => held += 1,
                Some(counted) => wrong.push(format!("{municipality}, {order}: {stated} of {:?}", counted.numbers())),
                None => wrong.push(format!("{municipality}, {order}: no section {kind}/{section}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(held > 50, "{held} lines");
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
    let counted =
        count("#items([а [б]], [в \\[],\n)#clause(\"1.1\")[x (y]\n#data-table(band[\"a\"], row([1], [2]), row([a)]),)");
    assert_eq!((counted.lists, counted.bands), (vec![2], vec![2]));
}
