//! The outlines of the sources, line by line, against the laid-out pages: headings and numbers as they are printed, and
//! exactly as many clauses, items and rows as the tables of `tests/outline` say. Whatever differs from the source has a
//! reason.

#![expect(clippy::expect_used, clippy::panic, reason = "a package that cannot be made is a failed test")]

use std::collections::{BTreeMap, BTreeSet};

use svod::catalog::Numbering;
use svod::diag::Diagnostics;
use svod::plan::Part;
use svod::ru;
use svod::typeset::{self, Fonts, Typeset};

use crate::families::{FAMILIES, fill, prepare};
use crate::{files, project, read_text, stem};

/// Lines of the outlines of the sources, by municipality.
const OUTLINES: [(&str, usize); 5] =
    [("dzerzhinsk", 12), ("kirovsky", 9), ("mariinsk", 21), ("mikhailovsky", 12), ("plast", 20)];
/// Kinds of content that are printed, not counted.
const WITHOUT_COUNT: [&str; 2] = ["реквизиты", "заголовок"];
/// What stands where there is nothing to be said.
const NOTHING: &str = "–";

/// How many of everything a filled section has: clauses, paragraphs, rows, entries, and the items of each list and band.
#[derive(Default)]
struct Counted {
    calls: BTreeMap<&'static str, usize>,
    /// The items of each list.
    lists: Vec<usize>,
    /// The items of the second level, of all lists together.
    second: usize,
    /// The rows below each band, those below its subbands included.
    bands: Vec<usize>,
    subbands: Vec<usize>,
}

/// Calls of the vocabulary that are counted.
const CALLS: [&str; 11] = [
    "preamble",
    "paragraph",
    "clause",
    "subheading",
    "entry",
    "band",
    "subband",
    "row",
    "items",
    "sub-items",
    "sub-lettered",
];
/// How the tables name them, but for lists.
const WORDS: [(&str, &str); 8] = [
    ("preamble", "preambles"),
    ("paragraph", "paragraphs"),
    ("clause", "clauses"),
    ("subheading", "subheadings"),
    ("entry", "entries"),
    ("band", "bands"),
    ("subband", "subbands"),
    ("row", "rows"),
];
/// Above so many lists their items are told together.
const MANY_LISTS: usize = 8;

/// Counts the calls of a filled section; what stands in strings and in the texts of a page is passed over by its brackets.
fn count(text: &str) -> Counted {
    let mut counted = Counted::default();
    let bytes = text.as_bytes();
    let mut at = 0;
    // A list that is open: the depth of brackets at which its items stand.
    let (mut depth, mut open): (usize, Option<usize>) = (0, None);
    let mut in_subband = false;
    // Items of a second level stand in one of the first; the depth of brackets at which they stand.
    let mut below: Option<usize> = None;
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
                if below == Some(depth) {
                    counted.second += 1;
                } else if open == Some(depth)
                    && let Some(items) = counted.lists.last_mut()
                {
                    *items += 1;
                }
                depth += 1;
            }
            b']' => depth = depth.saturating_sub(1),
            b')' if below == Some(depth) => below = None,
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
                        "sub-items" | "sub-lettered" => below = Some(depth),
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
    /// What the section has, in one line.
    fn whole(&self) -> String {
        let calls = WORDS.iter().filter_map(|(call, word)| Some(format!("{word} {}", self.calls.get(call)?)));
        let mut parts: Vec<String> = calls.collect();
        let items: Vec<String> = self.lists.iter().map(usize::to_string).collect();
        match items.len() {
            0 => {}
            many if many > MANY_LISTS => {
                parts.push(format!("lists {many}, items {}", self.lists.iter().sum::<usize>()));
            }
            _ => parts.push(format!("lists {}", items.join(" + "))),
        }
        if self.second > 0 {
            parts.push(format!("of the second level {}", self.second));
        }
        parts.join(", ")
    }

    /// What a part of it has: the whole where none is named, else a list or a band by its number.
    fn of(&self, part: Option<&str>) -> Option<String> {
        let Some(part) = part else { return Some(self.whole()) };
        let (kind, number) = part.split_once(' ')?;
        let index = number.parse::<usize>().ok()?.checked_sub(1)?;
        match kind {
            "list" => self.lists.get(index).map(|items| format!("items {items}")),
            "band" => self.bands.get(index).map(|rows| format!("rows {rows}")),
            "subband" => self.subbands.get(index).map(|rows| format!("rows {rows}")),
            _ => None,
        }
    }
}

/// A section as it was made.
struct Made {
    /// Its heading with its number, as the page must print it.
    heading: Option<(Option<String>, String)>,
    counted: Counted,
    /// The text of the pages of its document.
    pages: String,
}

/// A text with one blank wherever there are blanks, and without what only guides the breaking of lines.
fn plain(text: &str) -> String {
    let shown: String = text.chars().filter(|c| !matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}')).collect();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The pages of each document of a job: each counts them from one.
fn pages(typeset: &Typeset) -> Vec<String> {
    let mut documents: Vec<String> = Vec::new();
    for page in &typeset.texts {
        let is_first = !page.margin.split_whitespace().any(|word| word.parse::<usize>().is_ok_and(|number| number > 1));
        match documents.last_mut().filter(|_| !is_first) {
            Some(document) => {
                document.push(' ');
                document.push_str(&plain(&page.body));
            }
            None => documents.push(plain(&page.body)),
        }
    }
    documents
}

/// The headings of a document with their numbers, by section.
fn headings(part: &Part) -> BTreeMap<String, (Option<String>, String)> {
    let headed = part.sections.iter().filter_map(|section| Some((section.id.clone(), section.heading.clone()?)));
    let number = |index: usize| match part.numbering {
        Numbering::Sections | Numbering::Headings => Some(index.to_string()),
        Numbering::Roman => Some(ru::roman(index)),
        Numbering::Flat | Numbering::None => None,
    };
    headed.zip(1..).map(|((id, heading), index)| (id, (number(index), heading))).collect()
}

/// Every section of the family of a sample, by kind and id.
fn made(municipality: &str, fonts: &Fonts) -> BTreeMap<(String, String), Made> {
    let (_, only) = FAMILIES.iter().find(|(known, _)| *known == municipality).expect("a family");
    let mut sections = BTreeMap::new();
    for job in &prepare(municipality, only).jobs {
        let filled = fill(job);
        let typeset = typeset::typeset(job, &filled, fonts, &mut Diagnostics::default()).expect("pages");
        let pages = pages(&typeset);
        assert_eq!(pages.len(), job.parts.len(), "{}", job.file);
        for ((part, filled), pages) in job.parts.iter().zip(&filled.parts).zip(&pages) {
            let headings = headings(part);
            for (section, file) in part.sections.iter().zip(&filled.files) {
                let heading = headings.get(&section.id).cloned();
                let made = Made { heading, counted: count(&file.text), pages: pages.clone() };
                sections.insert((part.document.clone(), section.id.clone()), made);
            }
        }
    }
    sections
}

/// What stands between backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// A line of a table.
struct Line<'t> {
    heading: &'t str,
    number: &'t str,
    content: &'t str,
    items: &'t str,
    place: &'t str,
    printed: &'t str,
    made: &'t str,
    reason: &'t str,
}

impl Line<'_> {
    /// The number and heading of the source; none where it has none.
    fn source(&self) -> (Option<&str>, Option<&str>) {
        let number = self.number.split_whitespace().next().filter(|number| *number != NOTHING);
        let (heading, note) = self.heading.split_once(" (").unwrap_or((self.heading, ""));
        (number, Some(heading).filter(|_| !note.starts_with("без ")))
    }

    /// What is wrong with a line against what was made.
    fn faults(&self, sections: &BTreeMap<(String, String), Made>) -> Vec<String> {
        let mut faults = Vec::new();
        let mut names = quoted(self.place).into_iter();
        let (kind, section) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
        let part = names.next();
        let Some(made) = sections.get(&(kind.to_owned(), section.to_owned())) else {
            return vec![format!("no section {kind}/{section}")];
        };
        let printed = quoted(self.printed);
        let missing = printed.iter().filter(|text| !made.pages.contains(&plain(text)));
        faults.extend(missing.map(|text| format!("not on the pages: {text}")));
        let mut differs = false;
        if part.is_none() {
            let heading = made.heading.as_ref().map(|(number, heading)| match number {
                Some(number) => format!("{number}. {heading}"),
                None => heading.clone(),
            });
            if let Some(heading) = &heading
                && printed.first().map(|text| plain(text)) != Some(plain(heading))
            {
                faults.push(format!("the heading is {heading}"));
            }
            if let Some((number, heading)) = &made.heading {
                differs |= self.source() != (number.as_deref(), Some(heading.as_str()));
            }
        }
        let stated = quoted(self.made);
        match (stated.first(), made.counted.of(part)) {
            (None, _) => {
                // Requisites and titles are what is printed; everything else is counted.
                if printed.is_empty() || !WITHOUT_COUNT.contains(&self.content) {
                    faults.push("neither a text nor a count".to_owned());
                }
            }
            (Some(stated), Some(counted)) if *stated == counted => {
                let mut numbers = stated.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty());
                let of_lists: usize = made.counted.lists.iter().sum();
                let is_whole = part.is_none() && self.items == of_lists.to_string();
                differs |= !is_whole && !numbers.any(|number| number == self.items);
            }
            (Some(stated), counted) => faults.push(format!("{stated}, made is {}", counted.unwrap_or_default())),
        }
        if differs && self.reason == NOTHING {
            faults.push("differs from the source without a reason".to_owned());
        }
        faults
    }
}

#[test]
fn the_pages_have_the_headings_numbers_and_items_of_the_outlines() {
    let fonts = Fonts::built_in();
    let mut wrong = Vec::new();
    for (municipality, lines) in OUTLINES {
        let text = read_text(&project(&format!("tests/outline/{municipality}.md"))).expect("a table");
        let sections = made(municipality, &fonts);
        let mut seen = 0;
        for row in text.lines().filter_map(|line| line.strip_prefix('|')) {
            let cells: Vec<&str> = row.trim_end_matches('|').split('|').map(str::trim).collect();
            let [order, heading, number, content, items, place, printed, made, reason] = cells.as_slice() else {
                panic!("{municipality}: {row}")
            };
            let Ok(order) = order.parse::<usize>() else { continue };
            seen += 1;
            assert_eq!(seen, order, "{municipality}");
            let line = Line { heading, number, content, items, place, printed, made, reason };
            wrong.extend(line.faults(&sections).into_iter().map(|fault| format!("{municipality}, {order}: {fault}")));
        }
        assert_eq!(seen, lines, "{municipality}: lines");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_outline_is_compared() {
    let tables: Vec<String> = files(&project("tests/outline"), "md").iter().map(|path| stem(path)).collect();
    let known = OUTLINES.iter().map(|(name, _)| *name).chain(["school-documents"]);
    assert!(tables.iter().map(String::as_str).eq(known), "{tables:?}");
}

#[test]
fn what_a_table_says_wrongly_is_found() {
    let text = "#items([а [б]], [в \\[],\n)#clause(\"1.1\")[x (y]\n#data-table(band[\"a\"], row([1], [2]), row([a)]),)";
    let counted = count(text);
    assert_eq!(counted.whole(), "clauses 1, bands 1, rows 2, lists 2");
    assert_eq!(counted.of(Some("band 1")).as_deref(), Some("rows 2"));
    assert_eq!((counted.of(Some("list 1")).as_deref(), counted.of(Some("list 2"))), (Some("items 2"), None));
    let heading = Some((Some("3".to_owned()), "Риски".to_owned()));
    let made = Made { heading, counted, pages: plain("3. Риски\u{a0}проекта") };
    let sections = BTreeMap::from([(("model".to_owned(), "risks".to_owned()), made)]);
    let right = || Line {
        heading: "Риски",
        number: "3",
        content: "маркированный перечень",
        items: "2",
        place: "`model`, `risks`",
        printed: "`3. Риски`",
        made: "`clauses 1, bands 1, rows 2, lists 2`",
        reason: NOTHING,
    };
    assert_eq!(right().faults(&sections), Vec::<String>::new());
    let wrong = [
        Line { heading: "Опасности", ..right() },
        Line { number: "4", ..right() },
        Line { items: "5", ..right() },
        Line { place: "`model`, `goal`", ..right() },
        Line { printed: "`3. Риск`", ..right() },
        Line { made: "2", ..right() },
        Line { printed: "`3. Риски`, `Введение`", ..right() },
        Line { made: "`clauses 1, bands 1, rows 1, lists 2`", ..right() },
    ];
    for line in wrong {
        assert!(!line.faults(&sections).is_empty(), "{} {} {} {}", line.heading, line.number, line.printed, line.made);
    }
}

/// Groups that are no ground of support, and are told elsewhere.
const WITHOUT_LIST: [&str; 2] = ["best-growth", "participant"];
/// A list of the schools that are in a group and in another one: such schools are chosen by it.
const CHOSEN_BY: (&str, &str) = ("disadvantaged", "low-and-disadvantaged");

#[test]
fn every_group_of_a_sample_has_its_list() {
    for (municipality, _) in FAMILIES {
        let prepared = prepare(municipality, &[]);
        let parts = prepared.jobs.iter().flat_map(|job| &job.parts);
        let kinds = parts.filter_map(|part| prepared.templates.document(&part.document, &mut Diagnostics::default()));
        let listed: BTreeSet<String> = kinds.filter_map(|document| document.list).collect();
        let groups = prepared.groups.lists.keys().filter(|(year, _)| *year == prepared.year);
        let groups = groups.map(|(_, role)| serde_json::to_value(role).expect("a role"));
        let missing: Vec<String> = groups
            .filter_map(|role| role.as_str().map(str::to_owned))
            .filter(|role| !WITHOUT_LIST.contains(&role.as_str()) && !listed.contains(role))
            .filter(|role| role != CHOSEN_BY.0 || !listed.contains(CHOSEN_BY.1))
            .collect();
        assert!(missing.is_empty() && listed.len() > 2, "{municipality}: {missing:?}, listed {listed:?}");
    }
}
