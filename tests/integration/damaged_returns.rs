//! Returns whose files were damaged on their way: nothing is counted under the wrong name, row or code, and nothing that was
//! written vanishes unsaid; what goes back shows each fault at a cell.

#![expect(clippy::expect_used, clippy::panic, reason = "a round that cannot be made is a failed test")]

use std::collections::BTreeMap;

use svod::blank::{Blank, Content};
use svod::form;
use svod::pipeline::Exchanged;
use svod::returns::State;
use svod::workbook::CellValue;

use crate::damage::{Book, Put, Sheet};
use crate::rounds::{Round, fill_in, words};
use crate::run;

/// The blanks of a form, filled in.
fn filled(round: &Round, form: &str) -> Vec<Blank> {
    let mut sent = round.sent();
    sent.retain(|blank| blank.form == form);
    sent.iter_mut().for_each(|blank| fill_in(blank, 10));
    sent
}

fn book_of(blank: &Blank) -> Book {
    Book::open(&form::render_blank(blank, &words(), &[]).expect("a workbook").bytes)
}

fn give(round: &Round, name: &str, book: &Book) {
    std::fs::write(round.returned.join(name), book.bytes()).expect("written");
}

/// What is said of a file: ids and cells, without what is expected of the others.
fn said(exchanged: &Exchanged, file: &str) -> Vec<String> {
    let own = exchanged.diagnostics.sorted().into_iter().filter(|one| one.place.text().starts_with(file));
    own.map(|one| format!("{} {}", one.id, one.place.text().trim_start_matches(file).trim_start_matches(" › ")))
        .collect()
}

/// Files of corrections, with the cells of each sheet.
fn corrections(round: &Round, exchanged: &Exchanged, code: &str) -> Vec<String> {
    let own = exchanged.produced.iter().filter(|path| path.contains("/На доработку/") && path.contains(code));
    own.map(|path| round.request.outputs.join(&round.municipality.id).join(path).to_string_lossy().into_owned())
        .collect()
}

/// The copy that goes back to somebody.
fn copy_of(round: &Round, exchanged: &Exchanged, code: &str) -> Book {
    let files = corrections(round, exchanged, code);
    let path =
        files.iter().find(|path| path.ends_with(".xlsx")).unwrap_or_else(|| panic!("no copy for {code}: {files:?}"));
    Book::open(&std::fs::read(path).expect("the copy"))
}

/// The notes of a copy's first sheet.
fn notes(book: &Book) -> Vec<String> {
    let Some(text) = book.find("xl/comments1.xml") else { return Vec::new() };
    text.split("<comment ref=\"").skip(1).filter_map(|one| one.split_once('"')).map(|(at, _)| at.to_owned()).collect()
}

fn address(place: (u32, u32)) -> String {
    let letter = char::from(b'A' + u8::try_from(place.1).expect("a near column"));
    format!("{letter}{}", place.0 + 1)
}

/// A form of fixed rows, damaged in every way at once that a school finds; one file a way.
#[test]
fn a_form_of_fixed_rows_is_read_right_or_refused() {
    let round = Round::new("plast", &["monitoring"]);
    round.emit();
    let sent = filled(&round, "monitoring");
    let rows: Vec<String> = sent
        .first()
        .map(|one| one.tables.iter().flat_map(|table| table.rows.iter().map(|row| row.id.clone())).collect())
        .expect("a blank");
    let [first, second, third, ..] = rows.as_slice() else { panic!("three rows") };
    let damaged = |index: usize, name: &str, change: &dyn Fn(&mut Book)| {
        let mut book = book_of(sent.get(index).expect("a school"));
        change(&mut book);
        give(&round, name, &book);
    };
    let at = |row: &str, column: &str| book_of(sent.first().expect("a school")).place(1, row, column);
    let value = at(second, "value");
    // A row with a number is put in between, and one above all others.
    damaged(0, "inserted.xlsx", &|book| {
        book.edit(1, |sheet| {
            sheet.insert_row(value.0);
            sheet.put(value.0, value.1, Put::Number("500"));
            sheet.insert_row(value.0 - 1);
            sheet.put(value.0 - 1, value.1, Put::Number("7"));
            sheet.put(value.0 - 1, 2, Put::Text("Выше всех"));
        });
    });
    damaged(1, "deleted.xlsx", &|book| book.edit(1, |sheet| sheet.delete_row(value.0)));
    // Everything that is seen of two rows, each in the place of the other.
    let other = at(third, "value");
    damaged(2, "swapped.xlsx", &|book| book.edit(1, |sheet| sheet.swap((value.0, other.0), 1..7)));
    // Formats pasted over numbers.
    damaged(3, "percent.xlsx", &|book| {
        let style = book.format(9);
        book.edit(1, |sheet| {
            sheet.put(value.0, value.1, Put::Number("12"));
            sheet.style(value.0, value.1, style);
        });
    });
    damaged(4, "date.xlsx", &|book| {
        let style = book.format(14);
        book.edit(1, |sheet| sheet.style(value.0, value.1, style));
    });
    // Cells beside the table and below it.
    let end = at("svod-end", "value");
    damaged(5, "outside.xlsx", &|book| {
        book.edit(1, |sheet| {
            sheet.put(value.0, value.1 + 3, Put::Number("44"));
            sheet.put(end.0, 2, Put::Text("Ещё показатель"));
            sheet.put(end.0, value.1, Put::Number("55"));
            sheet.put(end.0 + 40, value.1, Put::Number("66"));
        });
    });
    // A column is gone, an error and a truth value stand where numbers are asked for.
    damaged(6, "column.xlsx", &|book| book.edit(1, |sheet| sheet.delete_column(value.1)));
    damaged(7, "values.xlsx", &|book| {
        book.edit(1, |sheet| {
            sheet.put(value.0, value.1, Put::Error("#REF!"));
            sheet.put(other.0, other.1, Put::Bool(true));
        });
    });
    let merged = round.receive(true);
    let cell = |row: u32, column: u32| format!("Показатели!{}", address((row, column)));
    let expect = |file: &str, wanted: &[String]| assert_eq!(said(&merged, file), wanted, "{file}");
    let one = |id: &str, cell: String| format!("{id} {cell}");
    let top = at(first, "number").1;
    expect(
        "inserted.xlsx",
        &[one("blank-row-added", cell(value.0 - 1, top)), one("blank-row-added", cell(value.0 + 1, top))],
    );
    expect("deleted.xlsx", &["blank-row-lost Показатели".to_owned()]);
    let text = at(second, "text").1;
    expect(
        "swapped.xlsx",
        &[one("blank-row-mistaken", cell(value.0, text)), one("blank-row-mistaken", cell(other.0, text))],
    );
    expect("percent.xlsx", &[one("blank-value-format", cell(value.0, value.1))]);
    expect("date.xlsx", &[one("blank-value-format", cell(value.0, value.1))]);
    expect(
        "outside.xlsx",
        &[
            one("blank-outside", cell(value.0, value.1 + 3)),
            one("blank-outside", cell(end.0, 2)),
            one("blank-outside", cell(end.0, value.1)),
            one("blank-outside", cell(end.0 + 40, value.1)),
        ],
    );
    expect("column.xlsx", &["blank-column-lost Показатели".to_owned()]);
    expect(
        "values.xlsx",
        &[one("blank-value-wrong", cell(value.0, value.1)), one("blank-value-wrong", cell(other.0, other.1))],
    );
    assert_eq!(round.state(&merged, State::Accepted), 1, "only what stands outside is no error");
    // What is wrong is named with its row and as it stands there.
    let texts: Vec<String> = merged.diagnostics.iter().map(|one| run::messages().finding(one).0).collect();
    for wanted in ["«#REF!» не подходит", "«ИСТИНА» не подходит", "показано «1200 %»"]
    {
        assert!(texts.iter().any(|text| text.contains(wanted)), "{wanted}: {texts:#?}");
    }
    // Each fault has its note in the copy: its own cell, or the first that is filled in of the row, column or table.
    // A row between those of the form is told with what it says, and marks none of them.
    let inserted = told(&merged, "inserted.xlsx");
    assert!(inserted.iter().any(|text| text.contains("«Выше всех; 7»")), "{inserted:?}");
    assert!(inserted.iter().any(|text| text.contains("«500»")), "{inserted:?}");
    for (index, wanted) in [
        (0, Vec::new()),
        (1, vec![value]),
        (2, vec![value, other]),
        (3, vec![value]),
        (4, vec![value]),
        (6, vec![at(first, "value")]),
        (7, vec![value, other]),
    ] {
        let code = &sent.get(index).expect("a school").respondent.code;
        let copy = copy_of(&round, &merged, &format!("/{code} "));
        let wanted: Vec<String> = wanted.into_iter().map(address).collect();
        assert_eq!(notes(&copy), wanted, "{code}");
    }
}

/// Rows of an open table are rows, whatever stands in the hidden column; dates stay dates, and nothing is lost on the way back.
#[test]
fn a_row_copied_with_its_hidden_id_counts_and_comes_back_in_the_copy() {
    let round = Round::new("kirovsky", &["teacher-diagnostics"]);
    round.emit();
    let blank = filled(&round, "teacher-diagnostics").remove(0);
    let mut book = book_of(&blank);
    let at = |book: &Book, row: &str, column: &str| book.place(1, row, column);
    let (second, result) = at(&book, "2", "result");
    let (fourth, date) = at(&book, "4", "date");
    let style = book.format(14);
    let day = |sheet: &mut Sheet, row: u32, serial: &str| {
        sheet.put(row, date, Put::Number(serial));
        sheet.style(row, date, style);
    };
    book.edit(1, |sheet| {
        // Excel keeps a day as a number.
        for (row, serial) in [(second - 1, "44450"), (second, "44451"), (second + 1, "44452")] {
            day(sheet, row, serial);
        }
        for column in 0..10 {
            let cell = sheet.cell(second, column);
            sheet.paste(fourth, column, cell);
        }
        sheet.put(fourth, result, Put::Number("77"));
        sheet.put(second, result, Put::Text("много"));
    });
    give(&round, "a.xlsx", &book);
    let wrong = round.receive(false);
    let ids: Vec<String> =
        said(&wrong, "a.xlsx").into_iter().filter(|one| !one.starts_with("blank-value-read")).collect();
    assert_eq!(ids, [format!("blank-value-wrong Диагностика!{}", address((second, result)))]);
    // The copy: four rows as they were written, days as days, the wrong one marked, no other check but its own.
    let mut copy = copy_of(&round, &wrong, &blank.respondent.code);
    assert_eq!(notes(&copy), [address((second, result))]);
    let sheet = copy.sheet(1);
    let column = |column: u32| -> Vec<String> {
        let rows = (second - 1..second + 4).map(|row| copy.text(&sheet.cell(row, column)));
        rows.collect()
    };
    assert_eq!(column(result), ["50", "много", "50", "77", ""]);
    assert_eq!(column(date), ["44450", "44451", "44452", "44451", ""]);
    assert_eq!(column(result + 1), ["верно", "нужно число", "верно", "верно", "–"]);
    assert_eq!(column(0), ["1", "2", "3", "4", "5"]);
    copy.edit(1, |sheet| sheet.put(second, result, Put::Number("63")));
    give(&round, "a.xlsx", &copy);
    let right = round.receive(true);
    assert_eq!(said(&right, "a.xlsx"), ["blank-second-return "]);
    let path = round.municipality.folder.join(format!("svod/data/teacher-diagnostics {}.xlsx", blank.period));
    let rows = round.cells(&path).remove("Диагностика педагогов").expect("the sheet");
    let result = |row: &Vec<CellValue>| match row.last() {
        Some(CellValue::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    assert_eq!(rows.iter().filter_map(result).collect::<Vec<_>>(), ["50", "63", "50", "77"], "{rows:?}");
    // What was put right is no more to be corrected.
    let left = walkdir::WalkDir::new(&round.request.outputs).into_iter().flatten();
    let left: Vec<_> = left.filter(|entry| entry.path().to_string_lossy().contains("На доработку")).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// A code that no register has is wrong in the form already: the run would have to stop at it.
#[test]
fn a_code_that_no_register_has_is_refused_at_its_cell() {
    let round = Round::new("kirovsky", &["teacher-diagnostics"]);
    round.emit();
    let blank = filled(&round, "teacher-diagnostics").remove(0);
    let mut book = book_of(&blank);
    let (row, teacher) = book.place(1, "2", "teacher");
    let known = book.text(&book.sheet(1).cell(row, teacher));
    book.edit(1, |sheet| {
        sheet.put(row, teacher, Put::Text("П-999"));
        // Another case is no other code.
        sheet.put(row + 1, teacher, Put::Text(&known.to_lowercase()));
    });
    give(&round, "a.xlsx", &book);
    let merged = round.receive(true);
    let wrong: Vec<_> = merged.diagnostics.iter().filter(|one| one.id == "blank-code-unknown").collect();
    let [finding] = wrong.as_slice() else { panic!("{wrong:?}") };
    assert!(finding.place.text().ends_with(&address((row, teacher))), "{finding:?}");
    assert!(finding.args.get("nearest").is_some_and(|near| near.starts_with("П-")), "{finding:?}");
    assert_eq!(round.state(&merged, State::Accepted), 0);
    // In the copy the known code stands as the register has it.
    let copy = copy_of(&round, &merged, &blank.respondent.code);
    assert_eq!(copy.text(&copy.sheet(1).cell(row + 1, teacher)), known);
}

#[test]
fn a_body_that_is_called_otherwise_now_keeps_its_code() {
    let round = Round::new("dzerzhinsk", &["support-log"]);
    round.emit();
    let Blank { respondent, .. } = round.sent().remove(0);
    let new = "Центр сопровождения школ";
    crate::rounds::change_row(
        &round,
        "Органы и организации",
        ("Наименование органа", &respondent.name),
        &[("Наименование органа", new), ("Прежнее наименование", &respondent.name)],
    );
    round.emit();
    let after: BTreeMap<String, String> =
        round.sent().into_iter().map(|blank| (blank.respondent.name, blank.respondent.code)).collect();
    assert_eq!(after.get(new), Some(&respondent.code), "{after:?}");
    assert_eq!(after.get(&respondent.name), None);
}

/// Everybody keeps the code under which the form went out, whoever joins the list; a return of one is never that of another.
#[test]
fn a_new_name_on_the_list_takes_nobodys_code() {
    let round = Round::new("dzerzhinsk", &["support-log"]);
    round.emit();
    let before: BTreeMap<String, String> =
        round.sent().into_iter().map(|blank| (blank.respondent.name, blank.respondent.code)).collect();
    let blank = filled(&round, "support-log").remove(0);
    round.give("a.xlsx", &blank);
    // Somebody new stands first in the alphabet.
    let archive =
        [("Код органа", "архив"), ("Наименование органа", "Архив системы образования"), ("Действует с", "2019-01-01")];
    crate::rounds::add_row(&round, "Органы и организации", &archive);
    round.emit();
    let after: BTreeMap<String, String> =
        round.sent().into_iter().map(|blank| (blank.respondent.name, blank.respondent.code)).collect();
    assert_eq!(after.len(), before.len() + 1, "{after:?}");
    for (name, code) in &before {
        assert_eq!(after.get(name), Some(code));
    }
    let merged = round.receive(true);
    assert_eq!(round.state(&merged, State::Accepted), 1);
    let path = round.municipality.folder.join(format!("svod/data/support-log {}.xlsx", blank.period));
    let rows: Vec<CellValue> = round.cells(&path).into_values().flatten().flatten().collect();
    let name = |name: &str| rows.iter().filter(|cell| **cell == CellValue::Text(name.into())).count();
    assert!(name(&blank.respondent.name) > 0 && name("Архив системы образования") == 0);
    // Whoever is named on the sheet otherwise than by the mark is not taken for either.
    let mut other = blank.clone();
    other.respondent.name.clone_from(&"Архив системы образования".to_owned());
    for line in &mut other.lines {
        *line = line.replace(&blank.respondent.name, "Архив системы образования");
    }
    std::fs::remove_file(round.returned.join("a.xlsx")).expect("removed");
    round.give("b.xlsx", &other);
    let merged = round.receive(true);
    assert_eq!(round.ids(&merged).get("blank-of-another"), Some(&1), "{:?}", round.ids(&merged));
}

/// The sheets of two schools in one workbook are two returns, and both count.
#[test]
fn two_schools_in_one_file_are_two_returns() {
    let round = Round::new("kirovsky", &["monitoring"]);
    round.emit();
    let sent = filled(&round, "monitoring");
    let [one, two, ..] = sent.as_slice() else { panic!("two schools") };
    let mut book = book_of(one);
    book.take_sheet(&book_of(two), 1, "Показатели (2)");
    give(&round, "two.xlsx", &book);
    let merged = round.receive(true);
    let several = merged.diagnostics.iter().find(|one| one.id == "blank-several").expect("it is said");
    assert_eq!(several.args.get("count").map(String::as_str), Some("2"));
    assert_eq!(said(&merged, "two.xlsx"), ["blank-several "]);
    assert_eq!(round.state(&merged, State::Accepted), 2);
    let path = round.municipality.folder.join(format!("svod/data/monitoring {}.xlsx", one.period));
    let rows = round.cells(&path).remove("Данные школ").expect("the sheet");
    let asked = one.tables.first().expect("a table").rows.len();
    for blank in [one, two] {
        let code = CellValue::Text(blank.respondent.code.as_str().into());
        assert_eq!(rows.iter().filter(|row| row.contains(&code)).count(), asked, "{}", blank.respondent.code);
    }
}

/// Who sent a file that tells no form is known by its name or by what stands on its sheets; every such file is named.
#[test]
fn a_file_without_its_mark_is_known_by_its_name_or_by_its_lines() {
    let round = Round::new("kirovsky", &["monitoring"]);
    round.emit();
    let sent = filled(&round, "monitoring");
    let unmarked = |index: usize| {
        let mut book = book_of(sent.get(index).expect("a school"));
        book.edit(1, |sheet| sheet.delete_row(0));
        book
    };
    let respondent = |index: usize| sent.get(index).expect("a school").respondent.clone();
    give(&round, &format!("{} {}.xlsx", respondent(0).code, respondent(0).name), &unmarked(0));
    give(&round, "форма.xlsx", &unmarked(1));
    for name in ["1.xlsx", "2.xlsx", "3.xlsx"] {
        std::fs::copy(crate::project("tests/fixtures/password.xlsx"), round.returned.join(name)).expect("copied");
    }
    let collected = round.receive(false);
    let unmarked: Vec<Option<&String>> = collected
        .diagnostics
        .iter()
        .filter(|one| one.id == "blank-unmarked")
        .map(|one| one.args.get("respondent"))
        .collect();
    assert_eq!(unmarked, [Some(&respondent(0).name), Some(&respondent(1).name)]);
    let whose: Vec<_> = collected.diagnostics.iter().filter(|one| one.id == "blank-whose").collect();
    assert_eq!(whose.len(), 3);
    for finding in whose {
        let names = finding.args.get("names").expect("names");
        assert!(sent.iter().all(|blank| names.contains(&blank.respondent.name)), "{names}");
    }
    // Folded for a person, no file is left unnamed.
    let text = svod::diag::emit(&collected.diagnostics, &run::messages(), svod::diag::Format::Human);
    for name in ["1.xlsx", "2.xlsx", "3.xlsx"] {
        assert!(text.contains(&format!("→ {name}")), "{name}: {text}");
    }
}

/// What is locked and lies in the folder still is no late return; the journal has the version that was filled in.
#[test]
fn the_same_files_after_the_lock_are_nothing_new() {
    let round = Round::new("kirovsky", &["monitoring"]);
    round.emit();
    let mut blank = filled(&round, "monitoring").remove(0);
    blank.version = "00000000".to_owned();
    round.give("a.xlsx", &blank);
    let merged = round.receive(true);
    assert_eq!(round.state(&merged, State::Accepted), 1);
    let journal = round.municipality.folder.join("svod/forms/journal.csv");
    let journal = std::fs::read_to_string(journal).expect("the journal");
    assert!(journal.lines().any(|line| line.contains("принята;00000000;a.xlsx")), "{journal}");
    svod::pipeline::lock(&round.municipality, &round.request, &round.exchange, &run::messages());
    let again = round.receive(true);
    assert!(!round.ids(&again).contains_key("blank-locked"), "{:?}", round.ids(&again));
    assert_eq!(round.state(&again, State::Locked), 1);
    if let Some(cell) = blank
        .tables
        .iter_mut()
        .flat_map(|table| &mut table.rows)
        .flat_map(|row| &mut row.cells)
        .find(|cell| matches!(cell, Content::Number(_)))
    {
        *cell = Content::Number(svod::measure::Measure::from(3_i64));
    }
    round.give("b.xlsx", &blank);
    let late = round.receive(true);
    assert_eq!(round.ids(&late).get("blank-locked"), Some(&1), "{:?}", round.ids(&late));
}

/// Rows of schools behind the sums of a municipality: codes in any spelling are the form's, and no row counts twice.
#[test]
fn the_rows_of_schools_are_held_to_the_codes_of_the_form() {
    let round = Round::new("kirovsky", &["region-return"]);
    let code = |number: usize| format!("М-{number:02}");
    let municipalities = (1..=4).map(|number| vec![code(number), format!("Округ {number}")]).collect();
    let listed = (1..=4).map(|number| vec![code(number), format!("Ш-{number:02}-1"), "Школа".to_owned()]).collect();
    crate::region::make_region(&round, municipalities, listed);
    round.emit();
    let sent = round.sent();
    let own = sent.first().and_then(|blank| blank.table("values")).expect("the sums");
    let is_share = |row: &&svod::blank::Row| !row.without.iter().any(|key| key == "denominator");
    let indicator = own.rows.iter().find(is_share).map(|row| row.id.clone()).expect("a share");
    let upper = indicator.to_uppercase();
    // The letter «о», «а» or «е» is Russian.
    let mixed: String = indicator
        .chars()
        .map(|c| match c {
            'a' => 'а',
            'e' => 'е',
            'o' => 'о',
            other => other,
        })
        .collect();
    assert_ne!(mixed, indicator);
    let given = |number: usize, rows: &[(&str, &str, i64, i64)], total: (i64, i64)| {
        let mut blank = sent.get(number - 1).expect("a municipality").clone();
        let put = |blank: &mut Blank, table: &str, row: &str, column: &str, content: Content| {
            let table = blank.tables.iter_mut().find(|own| own.id == table).expect("a table");
            let at = table.columns.iter().position(|own| own.key == column).expect("a column");
            let row = table.rows.iter_mut().find(|own| own.id == row).expect("a row");
            *row.cells.get_mut(at).expect("a cell") = content;
        };
        let count = |number: i64| Content::Number(svod::measure::Measure::from(number));
        let text = |text: &str| Content::Text(text.to_owned());
        for row in &own.rows {
            put(&mut blank, "values", &row.id, "note", text("нет сведений"));
        }
        put(&mut blank, "values", &indicator, "numerator", count(total.0));
        put(&mut blank, "values", &indicator, "denominator", count(total.1));
        for (line, (school, code, part, whole)) in (1..).zip(rows) {
            let line: String = format!("{line}");
            put(&mut blank, "schools", &line, "school", text(school));
            put(&mut blank, "schools", &line, "indicator", text(code));
            put(&mut blank, "schools", &line, "numerator", count(*part));
            put(&mut blank, "schools", &line, "denominator", count(*whole));
        }
        round.give(&format!("{number}.xlsx"), &blank);
    };
    given(1, &[("Ш-01-1", &upper, 1, 4), ("ш-01-2", &mixed, 2, 5)], (3, 9));
    given(2, &[("Ш-02-1", &indicator, 1, 2), ("ш-02-1", &upper, 1, 2)], (2, 4));
    given(3, &[("Ш-03-1", &indicator, 1, 2), ("Ш-03-2", "no-such-code", 5, 9)], (1, 2));
    given(4, &[("Ш-04-1", &indicator, 7, 3), ("Ш-04-2", &indicator, 0, 20)], (7, 23));
    let merged = round.receive(true);
    let errors = |file: &str| -> Vec<String> {
        let own = merged.diagnostics.iter().filter(|one| one.place.text().starts_with(file));
        let own = own.filter(|one| one.severity == svod::diag::Severity::Error);
        own.map(|one| one.id.clone()).collect()
    };
    assert_eq!(errors("1.xlsx"), [] as [&str; 0]);
    assert_eq!(errors("2.xlsx"), ["blank-detail-twice"]);
    assert_eq!(errors("3.xlsx"), ["blank-code-unknown"]);
    assert_eq!(errors("4.xlsx"), ["blank-check-failed"]);
    assert_eq!(round.state(&merged, State::Accepted), 1);
    let unknown = merged.diagnostics.iter().find(|one| one.id == "blank-code-unknown").expect("the code");
    assert!(unknown.args.get("nearest").is_some_and(|near| !near.is_empty()), "{unknown:?}");
    // The sums of the summary are live formulas over rows that bear the code of the form.
    let path =
        merged.produced.iter().find(|path| path.contains("Своды") && path.ends_with(".xlsx")).expect("a summary");
    let sheets = round.cells(&round.request.outputs.join("kirovsky").join(path));
    let rows = sheets.get("Школы").expect("the rows");
    let of_code = |row: &&Vec<CellValue>| row.contains(&CellValue::Text(indicator.as_str().into()));
    assert_eq!(rows.iter().filter(of_code).count(), 2, "{rows:?}");
}

/// Who came after the day that was named for the return, or after the term of the form, is told; the others are waited for.
#[test]
fn who_came_after_the_term_is_told() {
    let mut round = Round::new("kirovsky", &["monitoring"]);
    round.exchange.due = Some("2022-11-10".to_owned());
    round.emit();
    let sent = filled(&round, "monitoring");
    let [one, two, three, ..] = sent.as_slice() else { panic!("schools") };
    assert!(one.lines.iter().any(|line| line.ends_with("до 10.11.2022")), "{:?}", one.lines);
    let dated = |exchanged: &Exchanged, id: &str| -> Vec<String> {
        let own = exchanged.diagnostics.iter().filter(|one| one.id == id);
        own.map(|one| run::messages().finding(one).0).collect()
    };
    round.exchange.due = None;
    round.exchange.today = "10.11.2022".to_owned();
    round.give("1.xlsx", one);
    let in_time = round.receive(true);
    assert!(dated(&in_time, "blank-late").is_empty());
    assert!(dated(&in_time, "blank-not-returned").iter().all(|text| !text.contains("срок")));
    round.exchange.today = "11.11.2022".to_owned();
    round.give("2.xlsx", two);
    let late = round.receive(true);
    let told = dated(&late, "blank-late");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told.iter().all(|text| text.contains("10.11.2022") && text.contains(&two.respondent.name)), "{told:?}");
    assert!(dated(&late, "blank-not-returned").iter().all(|text| text.ends_with("срок прошёл 10.11.2022")));
    // Once more, and nothing new is told; the list of sources tells who came when.
    let again = round.receive(true);
    assert!(dated(&again, "blank-late").is_empty());
    let path = again.produced.iter().find(|path| path.contains("Своды") && path.ends_with(".xlsx")).expect("a summary");
    let sources = round.cells(&round.request.outputs.join("kirovsky").join(path)).remove("Источники").expect("sources");
    let says = |name: &str, wanted: &str| {
        let row = sources.iter().find(|row| row.contains(&CellValue::Text(name.into()))).expect("a row");
        assert!(row.contains(&CellValue::Text(wanted.into())), "{row:?}");
    };
    says(&one.respondent.name, "принята 10.11.2022");
    says(&two.respondent.name, "принята 11.11.2022, после срока (10.11.2022)");
    // A day that is none sends nothing out.
    round.exchange.due = Some("скоро".to_owned());
    let refused = round.emit();
    assert!(round.ids(&refused).contains_key("blank-due-unread") && refused.produced.is_empty());
    // Without a day, the term of the form counts: the first 15 October after the form went out.
    let mut round = Round::new("kirovsky", &["monitoring"]);
    round.exchange.today = "01.10.2022".to_owned();
    round.emit();
    round.exchange.today = "16.10.2022".to_owned();
    round.give("3.xlsx", three);
    let late = round.receive(false);
    assert_eq!(dated(&late, "blank-late").len(), 1, "{:?}", round.ids(&late));
}

/// Sets a number of a blank.
fn set(blank: &mut Blank, table: &str, row: &str, column: &str, number: i64) {
    let table = blank.tables.iter_mut().find(|one| one.id == table).expect("the table");
    let at = table.columns.iter().position(|one| one.key == column).expect("the column");
    let row = table.rows.iter_mut().find(|one| one.id == row).expect("the row");
    *row.cells.get_mut(at).expect("the cell") = Content::Number(svod::measure::Measure::from(number));
}

/// What is said of a file, in words.
fn told(exchanged: &Exchanged, file: &str) -> Vec<String> {
    let own = exchanged.diagnostics.sorted().into_iter().filter(|one| one.place.text().starts_with(file));
    own.map(|one| run::messages().finding(one).0).collect()
}

/// The rules that a questionnaire prints hold: nobody gives more answers than people, and fewer than five give none. The
/// column of the check says so on the sheet, and the return is refused.
#[test]
fn a_questionnaire_keeps_the_rules_that_stand_on_it() {
    let round = Round::new("kirovsky", &["survey-pupils"]);
    round.emit();
    let sent = filled(&round, "survey-pupils");
    let [more, few, right, ..] = sent.as_slice() else { panic!("schools") };
    let (mut more, mut few) = (more.clone(), few.clone());
    let question = more.table("answers").and_then(|table| table.rows.first()).expect("a question").id.clone();
    let total = ["yes", "rather-yes", "rather-no", "no", "unsure"];
    for key in total {
        set(&mut more, "answers", &question, key, 5000);
    }
    set(&mut more, "answers", &question, "total", 25_000);
    set(&mut few, "size", "survey-pupils-answered", "value", 4);
    round.give("more.xlsx", &more);
    round.give("few.xlsx", &few);
    round.give("right.xlsx", right);
    let merged = round.receive(true);
    let said = told(&merged, "more.xlsx");
    let [one] = said.as_slice() else { panic!("{said:?}") };
    assert!(one.contains("больше числа ответивших (указано 25000, предел – "), "{one}");
    let said = told(&merged, "few.xlsx");
    assert!(said.iter().any(|text| text.contains("меньше пяти участников")), "{said:?}");
    assert_eq!(round.state(&merged, State::Accepted), 1, "{:?}", round.ids(&merged));
    let live = |blank: &Blank, sheet: usize| {
        let book = book_of(blank);
        let own = blank.tables.get(sheet - 1).expect("a table");
        let row = own.rows.first().expect("a row");
        let (line, last) = book.place(sheet, &row.id, "note");
        let own = book.sheet(sheet);
        book.text(&own.cell(line, last + 1))
    };
    assert_eq!(live(&more, 2), "больше числа ответивших");
    assert_eq!(live(&few, 3), "больше числа ответивших");
    assert_eq!(live(right, 2), "верно");
}

/// What the dictionary of the yearly form says of marks and the minimum is held on the sheet and on return.
#[test]
fn below_the_minimum_is_the_number_of_twos_where_marks_are_given() {
    let round = Round::new("kirovsky", &["annual-monitoring"]);
    round.emit();
    let mut blank = filled(&round, "annual-monitoring").remove(0);
    let row = blank.table("results").and_then(|table| table.rows.first()).expect("a procedure").id.clone();
    set(&mut blank, "results", &row, "below-minimum", 0);
    round.give("a.xlsx", &blank);
    let merged = round.receive(true);
    let said = told(&merged, "a.xlsx");
    assert!(matches!(said.as_slice(), [one] if one.contains("не равно числу двоек (указано 0, а там ")), "{said:?}");
    assert_eq!(round.state(&merged, State::Accepted), 0);
}

/// What came once is not called missing when the folder of the next time does not hold it; neither is an empty form.
#[test]
fn what_came_before_is_not_called_missing() {
    let round = Round::new("kirovsky", &["monitoring"]);
    round.emit();
    let sent = filled(&round, "monitoring");
    let [one, two, three, ..] = sent.as_slice() else { panic!("schools") };
    let mut wrong = one.clone();
    let row = wrong.tables.first().and_then(|table| table.rows.first()).expect("a row").id.clone();
    set(&mut wrong, "values", &row, "value", -3);
    round.give("1.xlsx", &wrong);
    round.give("2.xlsx", two);
    let mut empty = three.clone();
    for table in &mut empty.tables {
        let columns = table.columns.clone();
        for row in &mut table.rows {
            for (cell, _) in row.cells.iter_mut().zip(&columns).filter(|(_, column)| column.is_open) {
                *cell = Content::Blank;
            }
        }
    }
    round.give("3.xlsx", &empty);
    let names = |exchanged: &Exchanged, id: &str| -> String {
        let own = exchanged.diagnostics.iter().filter(|one| one.id == id);
        own.filter_map(|one| one.args.get("names").cloned()).collect::<Vec<_>>().join("|")
    };
    let first = round.receive(false);
    assert_eq!(first.read, Some(3));
    let missing = names(&first, "blank-not-returned");
    assert!(!missing.contains(&three.respondent.name), "it came empty, and that is said: {missing}");
    assert_eq!(missing.split("; ").count(), sent.len() - 3, "{missing}");
    for file in ["1.xlsx", "2.xlsx", "3.xlsx"] {
        std::fs::remove_file(round.returned.join(file)).expect("removed");
    }
    let second = round.receive(false);
    let missing = names(&second, "blank-not-returned");
    assert_eq!(missing.split("; ").count(), sent.len() - 2, "{missing}");
    assert_eq!(names(&second, "blank-not-corrected"), format!("{} (01.11.2022)", one.respondent.name));
    assert_eq!(names(&second, "blank-not-merged"), format!("{} (01.11.2022)", two.respondent.name));
}

/// A sheet that names another than its mark: its figures go to nobody.
#[test]
fn figures_of_nobody_knows_whom_are_sent_to_nobody() {
    let round = Round::new("kirovsky", &["monitoring"]);
    round.emit();
    let sent = filled(&round, "monitoring");
    let [one, two, ..] = sent.as_slice() else { panic!("schools") };
    let mut other = one.clone();
    for line in &mut other.lines {
        *line = line.replace(&one.respondent.name, &two.respondent.name);
    }
    other.respondent.name.clone_from(&two.respondent.name);
    round.give("a.xlsx", &other);
    let collected = round.receive(false);
    assert!(said(&collected, "a.xlsx").iter().any(|one| one.starts_with("blank-of-another")));
    let copy = copy_of(&round, &collected, &format!("/{} ", one.respondent.code));
    let sheet = copy.sheet(1);
    for row in &one.tables.first().expect("a table").rows {
        let (line, at) = copy.place(1, &row.id, "value");
        assert_eq!(copy.text(&sheet.cell(line, at)), "", "{}", row.id);
    }
}

/// A version of before: the row that was dropped and the wording that was changed are told, and what can be carried over counts.
#[test]
fn what_an_older_version_had_is_told_and_the_rest_counts() {
    let round = Round::new("plast", &["monitoring"]);
    round.emit();
    let sent = filled(&round, "monitoring");
    let mut old = sent.first().expect("a blank").clone();
    old.version = "00000000".to_owned();
    let table = old.tables.first_mut().expect("a table");
    let at = table.columns.iter().position(|column| column.key == "text").expect("the text");
    let mut dropped = table.rows.first().expect("a row").clone();
    dropped.id = "dropped-since".to_owned();
    *dropped.cells.get_mut(at).expect("a cell") = Content::Text("Прежний показатель".to_owned());
    let worded = table.rows.first_mut().expect("a row");
    *worded.cells.get_mut(at).expect("a cell") = Content::Text("Прежние слова".to_owned());
    table.rows.push(dropped);
    round.give("old.xlsx", &old);
    let merged = round.receive(true);
    let own: Vec<&svod::diag::Diagnostic> =
        merged.diagnostics.iter().filter(|one| one.place.text().starts_with("old.xlsx")).collect();
    let ids: Vec<&str> = own.iter().map(|one| one.id.as_str()).collect();
    assert!(ids.contains(&"blank-old-row") && ids.contains(&"blank-locked-changed"), "{ids:?}");
    assert!(own.iter().all(|one| one.severity != svod::diag::Severity::Error), "{ids:?}");
    assert!(told(&merged, "old.xlsx").iter().any(|text| text.contains("Прежний показатель")));
    assert_eq!(round.state(&merged, State::Accepted), 1);
}

/// A form that is not asked for now, by its quarter or by what the command names, is told with what to name.
#[test]
fn a_form_of_another_quarter_or_command_is_told_with_what_to_name() {
    let mut round = Round::new("kirovsky", &["monitoring", "quarterly"]);
    round.emit();
    for (form, name) in [("monitoring", "a.xlsx"), ("quarterly", "b.xlsx")] {
        round.give(name, filled(&round, form).first().expect("a blank"));
    }
    round.exchange.quarter = Some(3);
    let ids = round.ids(&round.receive(false));
    assert_eq!(ids.get("blank-other-quarter"), Some(&1), "{ids:?}");
    round.exchange.quarter = Some(2);
    round.request.only = std::iter::once("monitoring".to_owned()).collect();
    let ids = round.ids(&round.receive(false));
    assert_eq!(ids.get("blank-other-only"), Some(&1), "{ids:?}");
}
