//! Forms out and back, as a municipality does it: blanks made, filled in, damaged, collected, merged, reckoned.

#![expect(clippy::expect_used, clippy::panic, reason = "a round that cannot be made is a failed test")]

use std::collections::{BTreeMap, BTreeSet};

use svod::blank::{Blank, Content, Row, Table};
use svod::catalog::Templates;
use svod::diag::Diagnostics;
use svod::measure::Measure;
use svod::pipeline::{self, Exchange, Exchanged};
use svod::returns::State;
use svod::workbook::{self, CellValue};

use crate::rounds::{Round, fill_in, pdf_text, plain};
use crate::{project, run, workbook as books};

/// The number of a cell of a blank.
fn number_of(blank: &Blank, table: &str, row: &str, column: &str) -> i64 {
    match blank.table(table).and_then(|table| table.content(row, column)) {
        Some(Content::Number(number)) => number.to_integer().unwrap_or_default(),
        other => panic!("{row}: {other:?}"),
    }
}

/// The column of the year before.
fn year_before(table: &Table) -> Option<String> {
    table.columns.iter().find(|column| column.heading == "Год назад").map(|column| column.key.clone())
}

/// What blanks said of a row for the year before; `None` where none said anything.
fn sum_before(blanks: &[Blank], row: &str, column: &str) -> Option<i64> {
    let said = |blank: &Blank| match blank.table("values")?.content(row, column)? {
        Content::Number(number) => number.to_integer(),
        _ => None,
    };
    let said: Vec<i64> = blanks.iter().filter_map(said).collect();
    (!said.is_empty()).then(|| said.iter().sum())
}

#[test]
fn forms_go_out_come_back_and_their_sums_are_those_of_the_rows() {
    let round = Round::new("kirovsky", &["monitoring"]);
    let out = round.emit();
    assert_eq!(round.ids(&out), BTreeMap::new());
    let mut sent = round.sent();
    assert_eq!(sent.len(), 7, "one for each school");
    assert_eq!(out.produced.len(), 8, "and the list: {:?}", out.produced);
    assert_eq!(round.state(&out, State::Sent), 7);
    for (blank, seed) in sent.iter_mut().zip(10..) {
        fill_in(blank, seed);
    }
    // The last school does not answer.
    for (index, blank) in sent.iter().enumerate().take(6) {
        round.give(&format!("{index}.xlsx"), blank);
    }
    let collected = round.receive(false);
    assert_eq!(round.ids(&collected), BTreeMap::from([("blank-not-returned".to_owned(), 1)]));
    let merged = round.receive(true);
    assert_eq!(round.state(&merged, State::Accepted), 6);
    assert_eq!(round.state(&merged, State::Sent), 1);
    let period = sent.first().map(|blank| blank.period.clone()).expect("a blank");
    let data = round.municipality.folder.join(format!("svod/data/monitoring {period}.xlsx"));
    let rows = round.cells(&data).remove("Данные школ").expect("the sheet");
    let asked = sent.first().and_then(|blank| blank.table("values")).expect("the table").rows.len();
    assert_eq!(rows.len(), 1 + 6 * asked, "a row a value, and none twice");
    // Sums by hand, column by column.
    let summary = round.request.outputs.join("kirovsky").join(&period).join("Своды");
    let mut made = std::fs::read_dir(summary).expect("a folder").flatten().map(|entry| entry.path());
    let summary = made.find(|path| path.extension().is_some_and(|kind| kind == "xlsx")).expect("a summary");
    let sheets = round.cells(&summary);
    let table = sheets.get("Показатели").expect("the table");
    let total = table.iter().find(|row| row.contains(&CellValue::Text("Итого".into()))).expect("the sums");
    let numbers: Vec<f64> = total
        .iter()
        .filter_map(|cell| if let CellValue::Number(number) = cell { Some(*number) } else { None })
        .collect();
    let rows = &sent.first().and_then(|blank| blank.table("values")).expect("the table").rows;
    let mut by_hand: Vec<i64> = rows
        .iter()
        .map(|row| sent.iter().take(6).map(|blank| number_of(blank, "values", &row.id, "value")).sum())
        .collect();
    // Behind them what the blanks said of the year before, row by row where anybody has it.
    let before = sent.first().and_then(|blank| blank.table("values")).and_then(year_before).expect("its column");
    by_hand.extend(rows.iter().filter_map(|row| sum_before(sent.get(..6)?, &row.id, &before)));
    assert!(by_hand.len() > rows.len(), "somebody has a number of the year before");
    assert_eq!(
        numbers.iter().map(|number| number.to_string()).collect::<Vec<_>>(),
        by_hand.iter().map(i64::to_string).collect::<Vec<_>>()
    );
    // A second merge of the same changes nothing; the late one is added.
    let before = std::fs::read(&data).expect("the data");
    round.receive(true);
    assert_eq!(std::fs::read(&data).expect("the data"), before, "the same bytes");
    // To look at it once more takes nothing back.
    assert_eq!(round.state(&round.receive(false), State::Accepted), 6);
    for entry in std::fs::read_dir(&round.returned).expect("a folder").flatten() {
        std::fs::remove_file(entry.path()).expect("removed");
    }
    round.give("late.xlsx", sent.last().expect("a blank"));
    let late = round.receive(true);
    // Until it came, the data was not whole.
    assert_eq!(round.ids(&late), BTreeMap::from([("forms-data-in-doubt".to_owned(), 1)]));
    assert_eq!(round.state(&late, State::Accepted), 7);
    let rows = round.cells(&data).remove("Данные школ").expect("the sheet");
    assert_eq!(rows.len(), 1 + 7 * asked, "those of before are still there");
}

/// The form to print and sign stands beside the workbook and says the same: title, respondent, values known, version.
#[test]
fn every_workbook_has_its_paper() {
    let mut round = Round::new("kirovsky", &["monitoring", "teacher-diagnostics", "roadmap-execution"]);
    round.exchange.on_paper = true;
    let out = round.emit();
    assert_eq!(round.ids(&out), BTreeMap::new());
    let is_list = |path: &&String| path.ends_with("Список рассылки.xlsx");
    let books: Vec<&String> = out.produced.iter().filter(|path| path.ends_with(".xlsx") && !is_list(path)).collect();
    let sent = round.sent();
    assert_eq!(books.len(), sent.len());
    let folder = round.request.outputs.join("kirovsky");
    for book in &books {
        let paper = folder.join(book.replace(".xlsx", ".pdf"));
        let text = pdf_text(&paper);
        let is_same = |blank: &&Blank| book.contains(&form_name(&blank.form)) && book.contains(&blank.respondent.code);
        let blank = sent.iter().find(is_same).expect("the blank");
        let said = plain(&text);
        for wanted in [&blank.title, &blank.respondent.name, &blank.version].into_iter().chain(&blank.instruction) {
            assert!(said.contains(&plain(wanted)), "{book}: {wanted}\n{said}");
        }
        for content in blank.tables.iter().flat_map(|table| &table.rows).take(12).flat_map(|row| &row.cells) {
            assert!(said.contains(&plain(&content.text())), "{book}: {content:?}\n{said}");
        }
    }
}

/// The name of a form as folders have it.
fn form_name(form: &str) -> String {
    let path = format!("blanks/{form}.toml");
    let spec = Templates::built_in().data(&path, svod::blank::BlankSpec::parse, &mut Diagnostics::default());
    format!("/{}/", spec.expect("the form").name)
}

#[test]
fn the_same_forms_are_the_same_bytes() {
    let bytes = || {
        let round = Round::new("kirovsky", &["monitoring"]);
        let out = round.emit();
        let folder = round.request.outputs.join("kirovsky");
        out.produced.iter().map(|path| std::fs::read(folder.join(path)).expect("a file")).collect::<Vec<_>>()
    };
    let first = bytes();
    assert_eq!(first.len(), 8);
    assert_eq!(first, bytes());
}

#[test]
fn what_is_wrong_is_named_at_its_cell_and_the_rest_is_merged() {
    let round = Round::new("kirovsky", &["monitoring"]);
    round.emit();
    let mut sent = round.sent();
    sent.iter_mut().for_each(|blank| fill_in(blank, 10));
    let change = |blank: &Blank, row: usize, column: &str, content: Content| {
        let mut blank = blank.clone();
        for table in &mut blank.tables {
            let at = table.columns.iter().position(|own| own.key == column).expect("a column");
            if let Some(cell) = table.rows.get_mut(row).and_then(|row| row.cells.get_mut(at)) {
                *cell = content.clone();
            }
        }
        blank
    };
    let text = |text: &str| Content::Text(text.to_owned());
    let [one, two, three, four, five, six, seven] = sent.as_slice() else { panic!("seven schools") };
    round.give("1.xlsx", &change(one, 0, "value", text("много")));
    // Typed as text, but a number; and the same school again, with less in it.
    round.give("2.xlsx", &change(two, 0, "value", text("17")));
    round.give("Копия (2) 2.xlsx", &change(&change(two, 0, "value", Content::Blank), 0, "note", text("нет сведений")));
    round.give("3.xlsx", &change(three, 1, "value", Content::Blank));
    round.give("4.xlsx", &change(four, 0, "text", text("Другой показатель")));
    let mut foreign = five.clone();
    foreign.municipality = "other".to_owned();
    round.give("5.xlsx", &foreign);
    let mut old = six.clone();
    old.version = "00000000".to_owned();
    round.give("6.xlsx", &old);
    std::fs::write(round.returned.join("7.xlsx"), b"PK\x03\x04 broken").expect("written");
    round.give("empty.xlsx", &{
        let mut empty = seven.clone();
        for table in &mut empty.tables {
            let columns = table.columns.clone();
            for row in &mut table.rows {
                for (cell, _) in row.cells.iter_mut().zip(&columns).filter(|(_, column)| column.is_open) {
                    *cell = Content::Blank;
                }
            }
        }
        empty
    });
    let merged = round.receive(true);
    let ids = round.ids(&merged);
    for id in [
        "blank-value-wrong",
        "blank-value-read",
        "blank-twice",
        "blank-value-missing",
        "blank-locked-changed",
        "blank-foreign",
        "blank-outdated",
        "blank-empty",
        "blank-not-returned",
    ] {
        assert!(ids.contains_key(id), "{id}: {ids:?}");
    }
    assert!(ids.keys().any(|id| id.starts_with("unreadable")), "{ids:?}");
    // Whose form it is and what stands in the cell is told with it.
    let texts: Vec<String> = merged.diagnostics.iter().map(|one| run::messages().finding(one).0).collect();
    let asked = one.tables.first().and_then(|table| table.rows.first().map(|row| table.label(row))).expect("a row");
    let wanted = format!("{}: {asked}, столбец «Значение»: «много» не подходит", one.respondent.name);
    assert!(texts.iter().any(|text| text.starts_with(&wanted)), "{wanted}: {texts:#?}");
    for finding in merged.diagnostics.iter().filter(|one| one.args.contains_key("who")) {
        let name = finding.args.get("who").expect("a name").trim_end_matches(": ");
        assert!(sent.iter().any(|blank| blank.respondent.name == name), "{}: {name}", finding.id);
    }
    assert_eq!(round.state(&merged, State::Accepted), 3, "two, four, six");
    assert_eq!(round.state(&merged, State::Returned), 2, "one and three go back");
    let corrections: Vec<&String> = merged.produced.iter().filter(|path| path.contains("На доработку")).collect();
    assert_eq!(corrections.len(), 4, "a copy and a letter each: {corrections:?}");
    // Put right, the second return is held against the first, and everything is merged.
    round.give("1.xlsx", one);
    let again = round.receive(true);
    let second =
        again.diagnostics.iter().find(|one| one.id == "blank-second-return").expect("it is held against the first");
    let told = ["right", "left", "new"].map(|key| second.args.get(key).map(String::as_str));
    assert_eq!((second.place.text().as_str(), told), ("1.xlsx", [Some("1"), Some("0"), Some("0")]));
    assert_eq!(round.state(&again, State::Accepted), 4);
    let locked = pipeline::lock(&round.municipality, &round.request, &round.exchange, &run::messages());
    assert_eq!(round.state(&locked, State::Locked), 4);
    round.give("1.xlsx", &change(one, 0, "value", Content::Number(Measure::from(99_i64))));
    let late = round.receive(true);
    assert!(round.ids(&late).contains_key("blank-locked"), "{:?}", round.ids(&late));
    assert_eq!(round.state(&late, State::Locked), 4);
}

/// The table of the sources' forms: each row names forms that are there and samples that send them out.
#[test]
fn every_form_of_the_sources_is_served_by_a_form_of_the_samples() {
    let table = std::fs::read_to_string(project("tests/forms.md")).expect("the table");
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| ") && line.chars().nth(2).is_some_and(|c| c.is_ascii_digit()))
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    assert_eq!(rows.len(), 24);
    let templates = Templates::built_in();
    let known: BTreeSet<&str> = templates.names("blanks").into_iter().collect();
    let settings =
        |sample: &str| std::fs::read_to_string(project(&format!("inputs/{sample}/svod.toml"))).expect("settings");
    for row in rows {
        let [_, number, _, _, _, forms, samples, ..] = row.as_slice() else { panic!("{row:?}") };
        let ids: Vec<&str> = forms.split('`').skip(1).step_by(2).collect();
        assert!(!ids.is_empty(), "row {number}");
        // The samples before the bracket send out every form of the row.
        let first = samples.split('(').next().unwrap_or_default();
        for sample in first.split(',').map(str::trim).filter(|sample| !sample.is_empty()) {
            let settings = settings(sample);
            for id in &ids {
                assert!(known.contains(id), "row {number}: {id}");
                assert!(settings.contains(&format!("\"{id}\"")), "row {number}: {sample} does not send {id}");
            }
        }
    }
}

/// Forms saved again by LibreOffice, as xlsx, ods and xls: the same values come back. The gate runs it where the program is.
#[test]
#[ignore = "needs LibreOffice: the gate asks for it by name"]
fn what_an_office_program_saves_again_is_collected_alike() {
    let forms = ["monitoring", "teacher-diagnostics", "self-examination", "survey-heads", "curator-visit"];
    let begin = || {
        let mut round = Round::new("kirovsky", &forms);
        round.request.reader = workbook::Reader::Child { executable: env!("CARGO_BIN_EXE_svod").into() };
        round.emit();
        round
    };
    let merged = |round: &Round| {
        let exchanged = round.receive(true);
        let left: Vec<String> = exchanged
            .diagnostics
            .iter()
            .filter(|one| one.id != "blank-value-read")
            .map(|one| format!("{} {} {:?}", one.id, one.place.text(), one.args))
            .collect();
        assert!(left.is_empty(), "{left:#?}");
        let mut data = BTreeMap::new();
        let folder = round.municipality.folder.join("svod/data");
        for entry in std::fs::read_dir(&folder).expect("the data").flatten() {
            let mut sheets = round.cells(&entry.path());
            // Where each row comes from names files, which differ.
            sheets.remove("Источники");
            data.insert(entry.file_name().to_string_lossy().into_owned(), sheets);
        }
        (round.state(&exchanged, State::Accepted), data)
    };
    let first = begin();
    for (index, blank) in first.sent().iter_mut().enumerate() {
        fill_in(blank, 5);
        first.give(&format!("{index}.xlsx"), blank);
    }
    let wanted = merged(&first);
    assert!(wanted.0 > 20, "{}", wanted.0);
    for kind in ["xlsx", "ods", "xls"] {
        let round = begin();
        let files = std::fs::read_dir(&first.returned).expect("a folder").flatten().map(|entry| entry.path());
        let profile = format!("-env:UserInstallation=file://{}", round.request.outputs.join("profile").display());
        let done = std::process::Command::new("soffice")
            .args([profile.as_str(), "--headless", "--convert-to", kind, "--outdir"])
            .arg(&round.returned)
            .args(files)
            .output()
            .expect("LibreOffice");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        assert_eq!(merged(&round), wanted, "{kind}");
    }
}

/// What is no form, of another time, of several at once, or has nobody to answer is said, and stops nothing.
#[test]
fn what_cannot_be_a_return_is_said() {
    let round = Round::new("kirovsky", &["monitoring", "quarterly", "gone"]);
    let no_quarter = Exchange { quarter: None, ..round.exchange.clone() };
    let said = |exchanged: &Exchanged| -> BTreeSet<String> {
        exchanged.diagnostics.iter().map(|one| one.id.clone()).collect()
    };
    let emitted = pipeline::emit(&round.municipality, &round.request, &no_quarter, &run::messages());
    assert!(said(&emitted).contains("blank-needs-quarter"), "{:?}", said(&emitted));
    let mut other = round.request.clone();
    other.only = ["telegram".to_owned()].into();
    let unknown = pipeline::emit(&round.municipality, &other, &round.exchange, &run::messages());
    assert!(said(&unknown).contains("blank-unknown-form"), "{:?}", said(&unknown));
    // A form whose table goes to no sheet.
    let own = round.municipality.folder.join("templates/blanks");
    std::fs::create_dir_all(&own).expect("a folder");
    let built_in = Templates::built_in();
    let text = &built_in.get("blanks/monitoring.toml").expect("the form").text;
    std::fs::write(
        own.join("gone.toml"),
        text.replace("id = \"monitoring\"", "id = \"gone\"")
            .replace("target = \"school-data\"", "target = \"nowhere\""),
    )
    .expect("written");
    let misfit = pipeline::emit(&round.municipality, &round.request, &no_quarter, &run::messages());
    assert!(said(&misfit).contains("blank-misfit"), "{:?}", said(&misfit));
    let unlocked = pipeline::lock(&round.municipality, &round.request, &round.exchange, &run::messages());
    assert!(said(&unlocked).contains("blank-nothing-to-lock"), "{:?}", said(&unlocked));
    // A table of one's own, a form of another year, a line of the journal that is none.
    let sent = round.sent();
    let one = sent.iter().find(|blank| blank.form == "monitoring").expect("a school");
    let own_table = books::Workbook {
        file: "own.xlsx".to_owned(),
        sheets: vec![books::Sheet {
            name: "Ответы".to_owned(),
            title: String::new(),
            header: vec!["Показатель".to_owned()],
            rows: vec![vec!["Ответ".to_owned()]],
        }],
    };
    std::fs::write(round.returned.join("own.xlsx"), books::write(&own_table).expect("a workbook")).expect("written");
    let mut late = one.clone();
    late.period = "2001".to_owned();
    round.give("late.xlsx", &late);
    let journal = round.municipality.folder.join("svod/forms/journal.csv");
    let text = std::fs::read_to_string(&journal).expect("the journal");
    std::fs::write(&journal, format!("{text}what is this\n")).expect("written");
    std::fs::write(round.returned.join("скан.pdf"), b"%PDF-1.7 scan").expect("written");
    std::fs::write(round.returned.join("архив.zip"), b"PK\x03\x04 xl/workbook.xml").expect("written");
    let collected = round.receive(false);
    let ids = said(&collected);
    assert!(!ids.iter().any(|id| id.starts_with("unreadable")), "an archive is no damaged book: {ids:?}");
    // The form that is not waited for is called by its name.
    let other = collected.diagnostics.iter().find(|one| one.id == "blank-other").expect("a form of another year");
    assert_eq!(other.args.get("form").map(String::as_str), Some("Форма мониторинга показателей школы"));
    for id in ["blank-unknown", "blank-other", "journal-odd", "blank-no-book", "blank-archive"] {
        assert!(ids.contains(id), "{id}: {ids:?}");
    }
    std::fs::remove_dir_all(&round.returned).expect("removed");
    assert!(said(&round.receive(false)).contains("blank-no-folder"));
    // The program's own folder is a file: nothing can be kept, and that is said.
    let forms = round.municipality.folder.join("svod/forms");
    std::fs::remove_dir_all(&forms).expect("removed");
    std::fs::write(&forms, "in the way").expect("written");
    let refused = pipeline::emit(&round.municipality, &round.request, &round.exchange, &run::messages());
    assert!(said(&refused).contains("own-file-not-kept"), "{:?}", said(&refused));
}

/// A form that nobody is there to fill in, and one whose every number another form asks for already.
#[test]
fn what_asks_nobody_or_nothing_is_said() {
    let said = |sample: &str, forms: &[&str]| {
        let mut round = Round::new(sample, forms);
        round.request.only = forms.iter().take(1).map(|form| (*form).to_owned()).collect();
        let out = round.emit();
        round.ids(&out).into_keys().collect::<Vec<_>>()
    };
    assert_eq!(said("mariinsk", &["support-log"]), ["blank-nobody"]);
    let templates = Templates::built_in();
    let others = templates.names("blanks").into_iter().filter(|name| !["words", "monitoring"].contains(name));
    let all: Vec<&str> = ["monitoring"].into_iter().chain(others).collect();
    assert_eq!(said("kirovsky", &all), ["blank-without-rows"]);
}

/// Sheets of two schools in one book: each is taken for itself.
#[test]
fn the_mark_of_a_sheet_tells_whose_it_is() {
    let marked = |respondent: &str| format!("svod-blank|monitoring|v|m|2022|{respondent}|values");
    let sheet = |name: &str, mark: &str| workbook::Sheet {
        name: name.to_owned(),
        rows: BTreeMap::from([(0, workbook::Line::from([(0, CellValue::Text(mark.into()))]))]),
        ..workbook::Sheet::default()
    };
    let sheets = vec![sheet("A", &marked("s-1")), sheet("B", &marked("s-2"))];
    let found = svod::returns::read(&workbook::Book { sheets, notes: Vec::new() });
    let codes: Vec<&str> = found.iter().map(|table| table.mark.respondent.as_str()).collect();
    assert_eq!(codes, ["s-1", "s-2"]);
}

/// What a book of the municipality says already and a form brings again is one row; another value is an error.
#[test]
fn a_value_that_a_book_and_a_form_have_alike_counts_once() {
    let round = Round::new("kirovsky", &["monitoring"]);
    let repeated = |change: i64| -> usize {
        let rows = round.cells(&round.municipality.folder.join("Школы.xlsx")).remove("Данные школ").expect("the sheet");
        let text = |cell: &CellValue| match cell {
            CellValue::Text(text) => text.to_string(),
            CellValue::Number(number) => number.to_string(),
            _ => String::new(),
        };
        let is_row = |row: &&Vec<CellValue>| row.len() == 5 && matches!(row.get(4), Some(CellValue::Number(_)));
        let mut row: Vec<String> = rows.iter().find(is_row).expect("a row").iter().map(text).collect();
        let value: i64 = row.get(4).and_then(|value| value.parse().ok()).expect("a number");
        if let Some(cell) = row.get_mut(4) {
            *cell = (value + change).to_string();
        }
        let header = ["Код ОО", "Школа", "Год", "Код показателя", "Значение"].map(str::to_owned).to_vec();
        let sheet =
            books::Sheet { name: "Данные школ".to_owned(), title: String::new(), header, rows: vec![row] };
        let book = books::Workbook { file: "again.xlsx".to_owned(), sheets: vec![sheet] };
        let folder = round.municipality.folder.join("svod/data");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join(&book.file), books::write(&book).expect("a workbook")).expect("written");
        let outcome = run::outcome(&round.request, false);
        outcome.diagnostics.iter().filter(|finding| finding.id == "duplicate-row").count()
    };
    assert_eq!(repeated(0), 0, "the same value");
    assert_eq!(repeated(1), 1, "another value");
}

#[test]
fn forms_say_that_the_data_they_stand_on_is_in_doubt() {
    let round = Round::new("kirovsky", &["monitoring"]);
    let settings = round.municipality.folder.join("svod.toml");
    let text = std::fs::read_to_string(&settings).expect("the settings");
    let text = format!("{text}\n[letterhead]\nemblem = \"Нет такого.svg\"\nemblem-text = \"Герб\"\n");
    std::fs::write(&settings, text).expect("written");
    assert_eq!(round.ids(&round.emit()), BTreeMap::from([("forms-data-in-doubt".to_owned(), 1)]));
}

/// A second return takes the place of the first in the data, never among the originals; the journal tells which counts.
#[test]
fn every_original_is_kept_beside_those_before() {
    let round = Round::new("kirovsky", &["monitoring"]);
    round.emit();
    let mut blank = round.sent().remove(0);
    let mut given: Vec<Vec<u8>> = Vec::new();
    let mut give = |blank: &Blank, merges: bool| {
        round.give("a.xlsx", blank);
        given.push(std::fs::read(round.returned.join("a.xlsx")).expect("the file"));
        round.receive(merges);
    };
    fill_in(&mut blank, 10);
    let mut wrong = blank.clone();
    let table = wrong.tables.first_mut().expect("a table");
    let at = table.columns.iter().position(|column| column.key == "value").expect("a column");
    *table.rows.first_mut().and_then(|row| row.cells.get_mut(at)).expect("a cell") = Content::Text("много".to_owned());
    give(&wrong, false);
    give(&blank, false);
    give(&blank, true);
    fill_in(&mut blank, 20);
    give(&blank, true);
    let mut found = Diagnostics::default();
    let kept = |folder: &str, found: &mut Diagnostics| -> BTreeSet<Vec<u8>> {
        let files = svod::source::own_files(&round.municipality, folder, found).into_iter();
        files.filter(|file| file.path.ends_with(".xlsx")).map(|file| file.bytes).collect()
    };
    let [first, second, again, third] = given.as_slice() else { panic!("four returns") };
    assert_eq!(second, again);
    let all: BTreeSet<Vec<u8>> = [first, second, third].into_iter().cloned().collect();
    assert_eq!(kept("forms/returned", &mut found), all, "every one, also the one without errors");
    assert_eq!(kept("forms/accepted", &mut found), [second, third].into_iter().cloned().collect());
    // Only the last that was accepted counts, also when nothing new comes.
    std::fs::remove_file(round.returned.join("a.xlsx")).expect("removed");
    round.receive(true);
    let period = &blank.period;
    let data = round.municipality.folder.join(format!("svod/data/monitoring {period}.xlsx"));
    let rows = round.cells(&data).remove("Данные школ").expect("the sheet");
    let values: Vec<f64> = rows
        .iter()
        .skip(1)
        .filter_map(|row| if let Some(CellValue::Number(value)) = row.last() { Some(*value) } else { None })
        .collect();
    let own = blank.table("values").expect("the table");
    let wanted: Vec<i64> = own.rows.iter().map(|row| number_of(&blank, "values", &row.id, "value")).collect();
    assert_eq!(
        values.iter().map(f64::to_string).collect::<Vec<_>>(),
        wanted.iter().map(i64::to_string).collect::<Vec<_>>()
    );
}

/// The unit decides what may stand in a cell: in the blank's validation and check, and when it comes back.
#[test]
fn the_unit_of_a_number_decides_what_it_may_be() {
    let round = Round::new("plast", &["monitoring"]);
    let out = round.emit();
    let book = out.produced.iter().find(|path| !path.ends_with("Список рассылки.xlsx")).expect("a blank");
    let bytes = std::fs::read(round.request.outputs.join("plast").join(book)).expect("the blank");
    let sheet = part_of(&bytes, "xl/worksheets/sheet1.xml");
    for wanted in ["type=\"whole\"", "<formula1>0</formula1><formula2>1</formula2>", "Нужно 1 (да) или 0 (нет)"]
    {
        assert!(sheet.contains(wanted), "{wanted}");
    }
    assert!(!sheet.contains("-1000000000"), "no cell takes any number");
    let mut blank = round.sent().remove(0);
    fill_in(&mut blank, 1);
    let mut units: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let table = blank.tables.first().expect("a table");
    let unit = table.columns.iter().position(|column| column.key == "unit").expect("a column");
    for row in &table.rows {
        units.entry(row.cells.get(unit).map(Content::text).unwrap_or_default()).or_default().push(row.id.clone());
    }
    let put = |blank: &mut Blank, row: &str, content: Content| {
        let table = blank.tables.first_mut().expect("a table");
        let at = table.columns.iter().position(|column| column.key == "value").expect("a column");
        let row = table.rows.iter_mut().find(|known| known.id == row).expect("a row");
        *row.cells.get_mut(at).expect("a cell") = content;
    };
    let of = |unit: &str, index: usize| units.get(unit).and_then(|rows| rows.get(index)).expect("a row").clone();
    let decimal = |text: &str| Content::Number(Measure::parse_decimal(text).expect("a number"));
    let mut wrong = blank.clone();
    for (row, content) in [
        (of("чел.", 0), decimal("-5")),
        (of("чел.", 1), decimal("3.7")),
        (of("чел.", 2), Content::Text("3,5 %".to_owned())),
        (of("балл", 0), decimal("-1")),
        (of("1 – да, 0 – нет", 0), decimal("7")),
    ] {
        put(&mut wrong, &row, content);
    }
    round.give("a.xlsx", &wrong);
    let found = round.receive(false);
    assert_eq!(round.ids(&found).get("blank-value-wrong"), Some(&5), "{:?}", round.ids(&found));
    // A fraction is told as a person writes it, a word for yes is understood.
    put(&mut blank, &of("балл", 0), Content::Text("81,5".to_owned()));
    put(&mut blank, &of("1 – да, 0 – нет", 0), Content::Text("Да".to_owned()));
    round.give("a.xlsx", &blank);
    let read = round.receive(false);
    let mut values: Vec<&str> = read
        .diagnostics
        .iter()
        .filter(|one| one.id == "blank-value-read")
        .filter_map(|one| one.args.get("value").map(String::as_str))
        .collect();
    values.sort_unstable();
    assert_eq!(values, ["1", "81,5"]);
}

/// A part of a workbook as text.
fn part_of(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a workbook");
    let mut text = String::new();
    let mut part = archive.by_name(name).expect("a part");
    std::io::Read::read_to_string(&mut part, &mut text).expect("text");
    text
}

/// Under a summary stands what can be added: no score; of yes and no, how many say yes.
#[test]
fn the_total_of_a_summary_adds_only_what_can_be_added() {
    let round = Round::new("plast", &["monitoring"]);
    round.emit();
    let mut sent = round.sent();
    for (blank, seed) in sent.iter_mut().zip(10..) {
        fill_in(blank, seed);
        round.give(&format!("{seed}.xlsx"), blank);
    }
    let merged = round.receive(true);
    let path =
        merged.produced.iter().find(|path| path.contains("Своды") && path.ends_with(".xlsx")).expect("a summary");
    let bytes = std::fs::read(round.request.outputs.join("plast").join(path)).expect("the summary");
    assert!(part_of(&bytes, "xl/styles.xml").contains("&quot;да – &quot;0"), "flags are told as such");
    let sheets = round.cells(&round.request.outputs.join("plast").join(path));
    let rows = sheets.get("Показатели").expect("the table");
    let total = rows.iter().find(|row| row.contains(&CellValue::Text("Итого".into()))).expect("the sums");
    let under: Vec<String> = total
        .iter()
        .filter_map(|cell| match cell {
            CellValue::Number(number) => Some(number.to_string()),
            CellValue::Text(text) if &**text == "–" => Some("–".to_owned()),
            _ => None,
        })
        .collect();
    let table = sent.first().and_then(|blank| blank.table("values")).expect("the table");
    let unit = table.columns.iter().position(|column| column.key == "unit").expect("a column");
    let wanted: Vec<String> = table
        .rows
        .iter()
        .map(|row| match row.cells.get(unit) {
            Some(Content::Text(unit)) if unit == "балл" => "–".to_owned(),
            _ => sent.iter().map(|blank| number_of(blank, "values", &row.id, "value")).sum::<i64>().to_string(),
        })
        .collect();
    assert!(wanted.contains(&"–".to_owned()));
    let before = year_before(table).expect("its column");
    let adds_up = |row: &&Row| !matches!(row.cells.get(unit), Some(Content::Text(unit)) if unit == "балл");
    let sums = table.rows.iter().filter(adds_up).filter_map(|row| sum_before(&sent, &row.id, &before));
    let wanted: Vec<String> = wanted.into_iter().chain(sums.map(|sum| sum.to_string())).collect();
    assert_eq!(under, wanted);
}

/// Who was sent a form is waited for and keeps the blank, also when the data of today names others.
#[test]
fn whoever_was_sent_a_form_is_waited_for() {
    let round = Round::new("kirovsky", &["monitoring"]);
    let before: BTreeSet<String> = round.emit().produced.into_iter().collect();
    let mut sent = round.sent();
    assert_eq!(sent.len(), 7);
    let own = round.municipality.folder.join("templates/blanks");
    std::fs::create_dir_all(&own).expect("a folder");
    let built_in = Templates::built_in();
    let text = &built_in.get("blanks/monitoring.toml").expect("the form").text;
    let narrow = text.replace("respondent = \"school\"", "respondent = \"school\"\ngroups = [\"low-performing\"]");
    std::fs::write(own.join("monitoring.toml"), narrow).expect("written");
    let again = round.emit();
    let waited = again.diagnostics.iter().find(|one| one.id == "blank-still-waited");
    let waited = waited.unwrap_or_else(|| panic!("it is said: {:?}", round.ids(&again)));
    let names = waited.args.get("names").expect("names").split("; ").count();
    assert!((1..7).contains(&names), "{names}");
    assert_eq!(again.produced.iter().cloned().collect::<BTreeSet<_>>(), before, "every blank stays");
    let folder = round.request.outputs.join("kirovsky");
    assert!(before.iter().all(|path| folder.join(path).is_file()));
    let list = round.cells(&folder.join(before.iter().find(|path| path.contains("Список рассылки")).expect("a list")));
    assert_eq!(list.values().next().map(Vec::len), Some(8), "all of them stand on the list");
    let collected = round.receive(false);
    let missing: Vec<_> = collected.diagnostics.iter().filter(|one| one.id == "blank-not-returned").collect();
    let [missing] = missing.as_slice() else { panic!("once a form: {:?}", round.ids(&collected)) };
    assert_eq!(missing.args.get("names").map(|names| names.split("; ").count()), Some(7), "with every name");
    // What comes from them counts.
    for (index, blank) in sent.iter_mut().enumerate() {
        fill_in(blank, 10);
        round.give(&format!("{index}.xlsx"), blank);
    }
    assert_eq!(round.state(&round.receive(true), State::Accepted), 7);
}

/// The list of what was sent says which form, for what period, until when and what became of it; the status names who is
/// waited for.
#[test]
fn the_list_of_what_was_sent_keeps_up_with_what_came() {
    let mut round = Round::new("kirovsky", &["monitoring"]);
    round.exchange.due = Some("10.11.2022".to_owned());
    let out = round.emit();
    round.exchange.due = None;
    let path = out.produced.iter().find(|path| path.ends_with("Список рассылки.xlsx")).expect("a list").clone();
    let rows = |round: &Round| -> Vec<Vec<String>> {
        let sheets = round.cells(&round.request.outputs.join("kirovsky").join(&path));
        let text = |cell: &CellValue| if let CellValue::Text(text) = cell { text.to_string() } else { String::new() };
        let rows = sheets.into_values().next().expect("a sheet");
        rows.iter().map(|row| row.iter().map(text).collect()).collect()
    };
    let states = |round: &Round, wanted: &str| {
        rows(round).iter().filter(|row| row.last().is_some_and(|state| state == wanted)).count()
    };
    let first = rows(&round).remove(1);
    for wanted in ["Форма мониторинга показателей школы", "10.11.2022", "отправлена"]
    {
        assert!(first.iter().any(|cell| cell == wanted), "{wanted}: {first:?}");
    }
    assert!(first.iter().any(|cell| cell.ends_with(" год")), "{first:?}");
    let mut sent = round.sent();
    let last = sent.pop().expect("a blank");
    for (index, blank) in sent.iter_mut().enumerate() {
        fill_in(blank, 10);
        round.give(&format!("{index}.xlsx"), blank);
    }
    round.receive(false);
    assert_eq!((states(&round, "возвращена"), states(&round, "отправлена")), (6, 1));
    let status = pipeline::status(&round.municipality, &round.request, &round.exchange, &run::messages());
    let [(_, _, [silent, unfinished])] = status.waited.as_slice() else { panic!("{:?}", status.waited) };
    assert_eq!(*silent, [last.respondent.name]);
    assert_eq!(unfinished.len(), 6);
    round.receive(true);
    assert_eq!(states(&round, "принята"), 6);
    pipeline::lock(&round.municipality, &round.request, &round.exchange, &run::messages());
    assert_eq!(states(&round, "закрыта"), 6);
    // A day that is over is told.
    round.exchange.due = Some("01.10.2022".to_owned());
    assert!(round.ids(&round.emit()).contains_key("blank-due-past"));
}

/// A letter to a person speaks to the person; one to an organization names it.
#[test]
fn a_letter_to_a_curator_is_addressed_in_the_dative() {
    let round = Round::new("dzerzhinsk", &["curator-visit"]);
    round.emit();
    let mut blank = round.sent().remove(0);
    fill_in(&mut blank, 10);
    let table = blank.tables.iter_mut().find(|table| table.is_open).expect("a table");
    let at = table.columns.iter().position(|column| column.kind == svod::blank::Kind::Date).expect("a day");
    *table.rows.first_mut().and_then(|row| row.cells.get_mut(at)).expect("a cell") = Content::Text("скоро".to_owned());
    round.give("a.xlsx", &blank);
    let collected = round.receive(false);
    let letter = collected.produced.iter().find(|path| path.ends_with(".pdf")).expect("a letter");
    let said = plain(&pdf_text(&round.request.outputs.join("dzerzhinsk").join(letter)));
    assert!(blank.respondent.name.starts_with("Кураторова"), "{}", blank.respondent.name);
    assert!(said.contains("КураторовойКК") && !said.contains("КуратороваКК"), "{said}");
}
