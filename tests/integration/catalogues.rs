//! The catalogues of indicators and the methods against figures computed by hand: one municipality a file of
//! `tests/catalogues`, small enough to be reckoned on paper.
//!
//! A file is a case of its own workbooks (see `cases`), and after them:
//! - `## Expected`: a table `| Показатель | Год | Значение | Почему |`; a value is what is printed, or the word for its
//!   absence; `code/school` in the first column asks for the value of one school. Every printed indicator of the
//!   catalogue must be expected for the reported year;
//! - `## Groups`: a table `| Группа | Год | Школы |`, codes in order, split by blanks;
//! - `## Targets`: a table `| Показатель | Год | Итог |`: met, missed, not-yet, no-value;
//! - `## Figures`: a table `| Величина | Значение |`, a value of the view by its keys and places in lists: `low.rate`,
//!   `indicators.groups.0.items.1.target`; or a figure of the tables of the analysis by its id: `analysis/targets/pdn/2021/fact`;
//! - `## Rows`: a table `| Таблица | Столбцы | Строка |`: a row of a table of the analysis as it is shown, by id of the table
//!   and keys of columns, both split by blanks, and the cells split by ` ; `. Of the first cell of each expected row all
//!   rows are expected, in order;
//! - `## Roadmap`: a table `| Начало | Окончание |`: the first and the last day of the terms of all activities.
//!
//! No file may have an error among its findings, nor two values of one figure among its tables.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a file that cannot be run is a failed test"
)]

use std::collections::{BTreeMap, BTreeSet};

use svod::context::{CellView, Piece, View};
use svod::diag::{self, Diagnostics, Format, Severity};
use svod::figure::Figure;
use svod::indicators::{Absence, Catalogue, TargetOutcome};
use svod::model::{Role, Year};
use svod::pipeline::{self, FormContent, Prepared};
use svod::ru::Span;

use crate::{cases, files, project, read_text, run, stem};

/// Roles as the files name them.
const ROLES: [(&str, Role); 8] = [
    ("low-performing", Role::LowPerforming),
    ("disadvantaged", Role::Disadvantaged),
    ("declining", Role::Declining),
    ("high-performing", Role::HighPerforming),
    ("crisis", Role::Crisis),
    ("at-risk", Role::AtRisk),
    ("best-growth", Role::BestGrowth),
    ("participant", Role::Participant),
];

/// The tables of expectations.
const TABLES: [&str; 6] = ["Expected", "Groups", "Targets", "Figures", "Rows", "Roadmap"];

/// Splits off the tables of expectations: rows by heading.
fn split(text: &str) -> (String, BTreeMap<String, Vec<Vec<String>>>) {
    let (mut case, mut tables, mut open) = (String::new(), BTreeMap::new(), None::<String>);
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            let heading = heading.trim().to_owned();
            open = TABLES.contains(&heading.as_str()).then_some(heading);
        }
        let Some(heading) = &open else {
            case.push_str(line);
            case.push('\n');
            continue;
        };
        let Some(row) = line.strip_prefix('|') else { continue };
        let cells: Vec<String> =
            row.trim_end().trim_end_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        tables.entry(heading.clone()).or_insert_with(Vec::new).push(cells);
    }
    // The header and the line below it.
    for rows in tables.values_mut() {
        rows.drain(..rows.len().min(2));
    }
    (case, tables)
}

fn value(prepared: &Prepared, name: &str, year: Year) -> String {
    let (code, school) = name.split_once('/').map_or((name, None), |(code, school)| (code, Some(school)));
    let Some(result) = prepared.indicators.iter().find(|result| result.definition.code == code) else {
        return "no such indicator".to_owned();
    };
    let evaluation = match result.years.get(&year) {
        None => return "no such year".to_owned(),
        Some(Err(_)) => return "gap".to_owned(),
        Some(Ok(evaluation)) => evaluation,
    };
    if let Some(school) = school {
        let mut sources = prepared.sources.clone();
        let found = result.of_school(year, &school.into(), &mut sources).expect("no gap");
        return found.map_or_else(|| "none".to_owned(), |found| found.value.to_string());
    }
    let text = match (&evaluation.figure, evaluation.absence) {
        (Some(figure), _) => figure.text().replace('\u{a0}', " "),
        (None, Some(Absence::NotHeld)) => "not held".to_owned(),
        (None, Some(Absence::NotComparable)) => "not comparable".to_owned(),
        (None, Some(Absence::NoData)) => "no data".to_owned(),
        (None, _) => "no denominator".to_owned(),
    };
    match &evaluation.coverage {
        Some(coverage) => format!("{text} ({} из {})", coverage.known.text(), coverage.total.text()),
        None => text,
    }
}

fn groups(prepared: &Prepared, role: &str, year: Year) -> String {
    let role = ROLES.iter().find(|(name, _)| *name == role).expect("a role").1;
    match prepared.groups.list(year, role) {
        Ok(list) => list.schools.keys().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        Err(_) => "gap".to_owned(),
    }
}

fn target(prepared: &Prepared, code: &str, year: Year) -> String {
    let target = prepared.targets.iter().find(|target| target.code == code && target.years.0 == year);
    let text = match target.map(|target| &target.verdict) {
        None => "no target",
        Some(Err(_)) => "gap",
        Some(Ok(TargetOutcome::Met)) => "met",
        Some(Ok(TargetOutcome::Missed)) => "missed",
        Some(Ok(TargetOutcome::NotYet)) => "not-yet",
        Some(Ok(TargetOutcome::NoValue)) => "no-value",
    };
    text.to_owned()
}

/// A figure of the view by its keys, or of the tables of the analysis by its id, as printed.
fn figure(prepared: &Prepared, path: &str) -> String {
    let printed = |figure: &Figure| figure.text().replace('\u{a0}', " ");
    if path.starts_with("analysis/") {
        let tables = prepared.forms.iter().filter_map(|job| match &job.content {
            FormContent::Tables(_, view) if !job.is_public => Some(&view.tables),
            _ => None,
        });
        let found = tables.flatten().flat_map(|table| &table.rows).flatten().find_map(|cell| match cell {
            CellView::Figure(figure, _) if figure.id == path => Some(printed(figure)),
            _ => None,
        });
        return found.unwrap_or_else(|| "no such cell".to_owned());
    }
    let mut keys = path.split('.');
    let first = keys.next().and_then(|key| prepared.view.get(key));
    let found = keys.try_fold(first, |view, key| match view {
        Some(View::Map(entries)) => Some(entries.get(key)),
        Some(View::List(items)) => Some(key.parse().ok().and_then(|index: usize| items.get(index))),
        _ => None,
    });
    match found.flatten() {
        Some(View::Figure(figure)) => printed(figure),
        Some(View::Prose(pieces)) => pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.value.replace('\u{a0}', " "),
                Piece::Figure(figure) => printed(figure),
                Piece::Gap(gap) => format!("gap: {gap:?}"),
            })
            .collect(),
        found => format!("no figure: {found:?}"),
    }
}

/// A cell of a table of the analysis, as it is shown.
fn shown(cell: &CellView) -> String {
    match cell {
        CellView::Text(text) => text.replace('\u{a0}', " "),
        CellView::Figure(figure, _) => figure.text().replace('\u{a0}', " "),
        CellView::Flag(flag) => if *flag { "да" } else { "нет" }.to_owned(),
        CellView::Gap(gap) => format!("gap: {}", gap.what),
        CellView::Hidden => "…".to_owned(),
        CellView::Blank => "–".to_owned(),
    }
}

/// The rows of a table of the analysis, of the asked columns.
fn rows(prepared: &Prepared, id: &str, columns: &[&str]) -> Vec<Vec<String>> {
    let mut tables = prepared.forms.iter().filter_map(|job| match &job.content {
        FormContent::Tables(_, view) if !job.is_public => Some(&view.tables),
        _ => None,
    });
    let Some(table) = tables.find_map(|tables| tables.iter().find(|table| table.id == id)) else {
        panic!("no table {id}");
    };
    let position = |key: &&str| {
        table
            .columns
            .iter()
            .position(|column| column.key == **key)
            .unwrap_or_else(|| panic!("{id} has no column {key}"))
    };
    let positions: Vec<usize> = columns.iter().map(position).collect();
    let row = |cells: &Vec<CellView>| positions.iter().map(|position| shown(&cells[*position])).collect();
    table.rows.iter().map(row).collect()
}

/// What differs among the rows of tables.
fn wrong_rows(prepared: &Prepared, expected: &[Vec<String>]) -> Vec<String> {
    let mut wanted: BTreeMap<(&str, &str, String), Vec<Vec<String>>> = BTreeMap::new();
    for row in expected {
        let [table, columns, cells, ..] = row.as_slice() else { panic!("{row:?}") };
        let cells: Vec<String> = cells.split(" ; ").map(|cell| cell.trim().to_owned()).collect();
        wanted.entry((table, columns, cells[0].clone())).or_default().push(cells);
    }
    let mut wrong = Vec::new();
    for ((table, columns, first), wanted) in wanted {
        let mut found = rows(prepared, table, &columns.split(' ').collect::<Vec<_>>());
        found.retain(|cells| cells[0] == first);
        if found != wanted {
            let lines = |rows: &[Vec<String>]| {
                rows.iter().map(|row| format!("\n  {}", row.join(" ; "))).collect::<Vec<_>>().concat()
            };
            wrong.push(format!("rows of {table}: expected{}\nfound{}", lines(&wanted), lines(&found)));
        }
    }
    wrong
}

/// Figures of the tables that share an id and are not the same.
fn ambiguous(prepared: &Prepared) -> Vec<String> {
    let tables = prepared.forms.iter().filter_map(|job| match &job.content {
        FormContent::Tables(_, view) => Some(&view.tables),
        _ => None,
    });
    let mut known: BTreeMap<&str, &Figure> = BTreeMap::new();
    let mut wrong = Vec::new();
    for cell in tables.flatten().flat_map(|table| &table.rows).flatten() {
        let CellView::Figure(figure, _) = cell else { continue };
        let first = known.entry(&figure.id).or_insert(figure);
        if first.value != figure.value {
            wrong.push(format!("{} is {} and {}", figure.id, first.value, figure.value));
        }
    }
    wrong
}

/// The first and the last day of the roadmap.
fn roadmap(prepared: &Prepared) -> Option<(String, String)> {
    let terms = prepared.data.activities.iter().filter_map(|activity| activity.schedule.as_ref());
    let days = terms.flat_map(|term| &term.parts).filter_map(|part| match part.span {
        Span::Days { from: Some(from), to: Some(to) } => Some((from, to)),
        _ => None,
    });
    let days: Vec<_> = days.collect();
    let (from, to) = (days.iter().map(|days| days.0).min()?, days.iter().map(|days| days.1).max()?);
    Some((from.short(), to.short()))
}

/// Runs one file; returns what differs.
fn check(text: &str) -> Vec<String> {
    let (case, tables) = split(text);
    let outer = tempfile::tempdir().expect("a folder");
    let inputs = outer.path().join("inputs");
    if let Err(error) = cases::sample_with(&case, &inputs) {
        return vec![error];
    }
    let request = run::request(&inputs, &outer.path().join("outputs"));
    let municipality = pipeline::discover(&inputs).expect("a municipality").into_iter().next().expect("one");
    let mut diagnostics = Diagnostics::default();
    let prepared = pipeline::prepare(&municipality, &request, &run::messages(), &mut diagnostics);
    let said = diag::emit(&diagnostics, &run::messages(), Format::Short);
    let Some(prepared) = prepared else { return vec![format!("not prepared:\n{said}")] };
    let mut wrong = Vec::new();
    let mut expected = BTreeSet::new();
    let mut hold = |what: String, expected: &str, found: String| {
        if expected != found {
            wrong.push(format!("{what}: expected {expected}, found {found}"));
        }
    };
    let year_of = |cell: &str| Year(cell.parse().expect("a year"));
    for row in tables.get("Expected").into_iter().flatten() {
        let [name, year, wanted, ..] = row.as_slice() else { panic!("{row:?}") };
        let year = year_of(year);
        if year == prepared.year {
            expected.insert(name.clone());
        }
        hold(format!("{name} {year}"), wanted, value(&prepared, name, year));
    }
    for row in tables.get("Groups").into_iter().flatten() {
        let [role, year, schools, ..] = row.as_slice() else { panic!("{row:?}") };
        hold(format!("{role} {year}"), schools, groups(&prepared, role, year_of(year)));
    }
    for row in tables.get("Targets").into_iter().flatten() {
        let [code, year, outcome, ..] = row.as_slice() else { panic!("{row:?}") };
        hold(format!("target {code} {year}"), outcome, target(&prepared, code, year_of(year)));
    }
    for row in tables.get("Figures").into_iter().flatten() {
        let [path, wanted, ..] = row.as_slice() else { panic!("{row:?}") };
        hold(path.clone(), wanted, figure(&prepared, path));
    }
    let of_tables = tables.get("Rows").map(|rows| wrong_rows(&prepared, rows)).unwrap_or_default();
    for row in tables.get("Roadmap").into_iter().flatten() {
        let [from, to, ..] = row.as_slice() else { panic!("{row:?}") };
        hold(
            "roadmap".to_owned(),
            &format!("{from} {to}"),
            roadmap(&prepared).map_or_else(String::new, |(from, to)| format!("{from} {to}")),
        );
    }
    wrong.extend(of_tables);
    wrong.extend(ambiguous(&prepared));
    if diagnostics.has(Severity::Error) {
        wrong.push("an error among the findings".to_owned());
    }
    for definition in prepared.catalogue.printed() {
        if !expected.contains(&definition.code) {
            wrong.push(format!("{}: nothing is expected of the reported year", definition.code));
        }
    }
    if !wrong.is_empty() {
        wrong.push(said);
    }
    wrong
}

#[test]
fn catalogues_give_what_was_computed_by_hand() {
    let paths = files(&project("tests/catalogues"), "md");
    assert!(!paths.is_empty(), "no file");
    let mut wrong = Vec::new();
    for path in paths {
        let text = read_text(&path).expect("a file");
        wrong.extend(check(&text).into_iter().map(|line| format!("{}: {line}", stem(&path))));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_wrong_expectation_is_named() {
    let path = project("tests/catalogues/mariinsk.md");
    let text = read_text(&path).expect("a file");
    let (first, rest) = text.split_once("## Expected").expect("expectations");
    let moved = rest.replacen(" % |", "1 % |", 1);
    assert_ne!(rest, moved, "a share is expected");
    assert!(!check(&format!("{first}## Expected{moved}")).is_empty());
}

/// Papers of one school speak of it, not of a group; a name for them that says nothing is refused.
#[test]
fn indicators_of_teachers_have_a_name_for_one_school() {
    let groups = ["ШНОР", "ШНСУ", "школ с НРО", "школ в НСУ"];
    let mut renamed = 0;
    for (path, bytes) in svod::catalog::BUILT_IN.iter().filter(|(path, _)| path.starts_with("indicators/")) {
        let text = std::str::from_utf8(bytes).expect("UTF-8");
        let catalogue = Catalogue::parse(text).expect("a catalogue");
        for definition in &catalogue.indicators {
            let name = definition.of_one_school();
            assert!(
                !name.starts_with("Доля педагогов") || !groups.iter().any(|group| name.contains(group)),
                "{path}: {name}"
            );
            renamed += usize::from(name != definition.name);
        }
        if let Some((before, _)) = text.split_once("school-name = \"") {
            let line = before.lines().count();
            let blank: Vec<&str> = text
                .lines()
                .enumerate()
                .map(|(at, known)| if at == line { "school-name = \" \"" } else { known })
                .collect();
            let refused = Catalogue::parse(&blank.join("\n")).expect_err("a blank name");
            assert!(format!("{refused:?}").contains("school-name"), "{path}: {refused:?}");
        }
    }
    assert_eq!(renamed, 10);
}
