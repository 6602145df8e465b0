//! Summaries of forms: whose numbers a share is made of, what stands where nobody reported, what the sheets tell.

#![expect(clippy::expect_used, clippy::panic, reason = "a round that cannot be made is a failed test")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use svod::blank::{Blank, Content, Table};
use svod::catalog::Templates;
use svod::diag::Diagnostics;
use svod::measure::Measure;
use svod::pipeline::Exchanged;
use svod::returns::State;
use svod::workbook::CellValue;

use crate::region::make_region;
use crate::rounds::{Round, fill_in, pdf_text, plain, words};

/// Writes into a cell of a table.
fn put(table: &mut Table, row: &str, column: &str, content: Content) {
    let at = table.columns.iter().position(|own| own.key == column).unwrap_or_else(|| panic!("{column}"));
    let row = table.rows.iter_mut().find(|own| own.id == row).unwrap_or_else(|| panic!("{row}"));
    *row.cells.get_mut(at).expect("a cell") = content;
}

fn number(number: i64) -> Content {
    Content::Number(Measure::from(number))
}

/// The summary of a merge, by the end of its name.
fn summary(round: &Round, merged: &Exchanged, name: &str, end: &str) -> PathBuf {
    let is_it = |path: &&String| path.contains("Своды") && path.contains(name) && path.ends_with(end);
    let path = merged.produced.iter().find(is_it).unwrap_or_else(|| panic!("{:?}", merged.produced));
    round.request.outputs.join(&round.municipality.id).join(path)
}

/// A cell as a test writes it.
fn shown(cell: &CellValue) -> String {
    match cell {
        CellValue::Number(number) => number.to_string(),
        CellValue::Text(text) => text.to_string(),
        other => format!("{other:?}"),
    }
}

/// The rows of a sheet that begin with a name, each without it.
fn lines(sheet: &[Vec<CellValue>], name: &str) -> Vec<Vec<String>> {
    let texts = sheet.iter().map(|row| row.iter().map(shown).collect::<Vec<_>>());
    let own = texts.filter(|row| row.first().is_some_and(|first| first == name));
    own.map(|row| row.into_iter().skip(1).collect()).collect()
}

/// A share of all is made of those that gave both its parts; a change, of those that gave both years. Whoever gave half of
/// a pair hears of it, and how many count is said.
#[test]
fn a_share_is_made_of_those_who_gave_all_its_parts() {
    let round = Round::new("kirovsky", &["region-return"]);
    let names = (1..=3).map(|number| vec![format!("М-{number:02}"), format!("Округ {number}")]).collect();
    make_region(&round, names, Vec::new());
    round.emit();
    // Numerator and denominator of two schools, sums, the year before.
    let of = [
        ([(1, Some(1)), (0, Some(1))], (1, Some(2)), (Some(1), Some(2))),
        ([(1, Some(1)), (1, Some(1))], (2, Some(2)), (Some(1), None)),
        ([(1, None), (1, None)], (2, None), (None, None)),
    ];
    for (mut blank, (schools, (above, below), base)) in round.sent().into_iter().zip(of) {
        let code = blank.respondent.code.clone();
        let [values, rows] = blank.tables.as_mut_slice() else { panic!("two tables") };
        let ids: Vec<String> = values.rows.iter().map(|row| row.id.clone()).collect();
        for id in ids.iter().filter(|id| *id != "participant-rate") {
            put(values, id, "note", Content::Text("нет сведений".to_owned()));
        }
        let maybe = |value: Option<i64>| value.map_or(Content::Blank, number);
        for (column, content) in [
            ("numerator", number(above)),
            ("denominator", maybe(below)),
            ("base-numerator", maybe(base.0)),
            ("base-denominator", maybe(base.1)),
        ] {
            put(values, "participant-rate", column, content);
        }
        if below.is_none() {
            put(values, "participant-rate", "note", Content::Text("знаменатель не собран".to_owned()));
        }
        for (line, (part, whole)) in (1..).zip(schools) {
            let line: String = i64::to_string(&line);
            put(rows, &line, "school", Content::Text(format!("{code}-{line}")));
            put(rows, &line, "indicator", Content::Text("participant-rate".to_owned()));
            put(rows, &line, "numerator", number(part));
            put(rows, &line, "denominator", maybe(whole));
        }
        round.give(&format!("{code}.xlsx"), &blank);
    }
    let merged = round.receive(true);
    assert_eq!(round.state(&merged, State::Accepted), 3, "{:?}", round.ids(&merged));
    let halves: Vec<_> = merged.diagnostics.iter().filter(|one| one.id == "share-half").collect();
    let places: Vec<String> = halves.iter().map(|one| one.place.text()).collect();
    assert_eq!(places.len(), 2, "the base of the second, the sums of the third: {places:?}");
    assert!(places.iter().all(|place| place.contains("Показатели!")), "{places:?}");
    let name = "Доля школ, включённых в проект";
    let sheet = round.cells(&summary(&round, &merged, "", ".xlsx")).remove("Итоговые показатели").expect("the table");
    let said = lines(&sheet, name);
    let [now, change] = said.as_slice() else { panic!("{said:?}") };
    // Numerator, denominator, value, how many rows of schools; the year before with how many municipalities.
    assert_eq!(now, &["%", "3", "4", "75", "4", "1", "2", "50", "1"]);
    // Of the only one that gave both years: 1 of 2 and 1 of 2.
    assert_eq!(change, &["п. п.", "1", "2", "1", "2", "0", "1"]);
    // On paper the same.
    let said = plain(&pdf_text(&summary(&round, &merged, "", ".pdf")));
    let wanted = format!("{name} % 3 4 75 50 0 2 1");
    assert!(said.contains(&plain(&wanted)), "{wanted}: {said}");
}

/// A sum is given over rows of schools of which one is silent: it goes back.
#[test]
fn a_row_of_a_school_without_a_part_of_the_sum_goes_back() {
    let round = Round::new("kirovsky", &["region-return"]);
    make_region(&round, vec![vec!["М-01".to_owned(), "Округ 1".to_owned()]], Vec::new());
    round.emit();
    let mut blank = round.sent().remove(0);
    let [values, rows] = blank.tables.as_mut_slice() else { panic!("two tables") };
    let ids: Vec<String> = values.rows.iter().map(|row| row.id.clone()).collect();
    for id in &ids {
        put(values, id, "note", Content::Text("нет сведений".to_owned()));
    }
    put(values, "participant-rate", "numerator", number(2));
    put(values, "participant-rate", "denominator", number(1));
    for (line, whole) in [("1", Some(1)), ("2", None)] {
        put(rows, line, "school", Content::Text(format!("Ш-{line}")));
        put(rows, line, "indicator", Content::Text("participant-rate".to_owned()));
        put(rows, line, "numerator", number(1));
        put(rows, line, "denominator", whole.map_or(Content::Blank, number));
    }
    round.give("1.xlsx", &blank);
    let found = round.receive(false);
    assert_eq!(round.ids(&found).get("blank-detail-half"), Some(&1), "{:?}", round.ids(&found));
}

/// The same of measures: whoever has no denominator is in no share.
#[test]
fn a_share_of_measures_leaves_out_whoever_lacks_a_part() {
    let round = Round::new("plast", &["monitoring"]);
    round.emit();
    let mut sent = round.sent();
    for (index, blank) in sent.iter_mut().take(2).enumerate() {
        fill_in(blank, 10);
        let table = blank.tables.first_mut().expect("a table");
        put(table, "admitted-10", "value", number(5));
        put(table, "graduates-9", "value", number(11));
        if index == 1 {
            put(table, "graduates-9", "value", Content::Blank);
            put(table, "graduates-9", "note", Content::Text("архив сгорел".to_owned()));
        }
        round.give(&format!("{index}.xlsx"), blank);
    }
    let merged = round.receive(true);
    let half = merged.diagnostics.iter().find(|one| one.id == "share-half").expect("it is said");
    assert!(half.place.text().starts_with("1.xlsx"), "{half:?}");
    let sheet = round.cells(&summary(&round, &merged, "", ".xlsx")).remove("Итоговые показатели").expect("the table");
    let said: Vec<Vec<String>> = sheet
        .iter()
        .map(|row| row.iter().map(shown).collect::<Vec<_>>())
        .filter(|row| row.get(2).is_some_and(|above| above == "5") && row.get(3).is_some_and(|below| below == "11"))
        .collect();
    assert_eq!(
        said.first().and_then(|row| row.get(4..6)),
        Some(["45".to_owned(), "1".to_owned()].as_slice()),
        "{said:?}"
    );
}

/// What nobody told is no zero: neither under the rows, nor among the indicators, nor on paper.
#[test]
fn what_nobody_reported_is_never_zero() {
    let round = Round::new("mariinsk", &["region-return"]);
    make_region(&round, vec![vec!["М-01".to_owned(), "Округ 1".to_owned()]], Vec::new());
    round.emit();
    let mut sent = round.sent();
    let blank: &mut Blank = sent.first_mut().expect("a blank");
    let [values, _] = blank.tables.as_mut_slice() else { panic!("two tables") };
    let rows: Vec<(String, BTreeMap<String, bool>)> = values
        .rows
        .iter()
        .map(|row| {
            let asks = |key: &str| (key.to_owned(), !row.without.iter().any(|without| without == key));
            (row.id.clone(), ["numerator", "denominator", "value"].map(asks).into())
        })
        .collect();
    let index = rows.iter().find(|(_, asks)| asks.get("value") == Some(&true)).expect("an index");
    for (id, _) in &rows {
        put(values, id, "note", Content::Text("нет сведений".to_owned()));
    }
    put(values, &index.0, "value", number(7));
    round.give("1.xlsx", blank);
    let merged = round.receive(true);
    assert_eq!(round.state(&merged, State::Accepted), 1, "{:?}", round.ids(&merged));
    let sheet = round.cells(&summary(&round, &merged, "", ".xlsx")).remove("Показатели").expect("the table");
    let total = sheet.iter().find(|row| row.contains(&CellValue::Text("Итого".into()))).expect("the sums");
    assert!(!total.contains(&CellValue::Number(0.0)), "{total:?}");
    let sheet =
        round.cells(&summary(&round, &merged, "", ".xlsx")).remove("Итоговые показатели").expect("the indicators");
    let number = |(_, asks): &&(String, BTreeMap<String, bool>)| {
        asks.get("denominator") == Some(&false) && asks.get("numerator") == Some(&true)
    };
    assert!(rows.iter().any(|row| number(&row)), "an indicator that is a number");
    // Unit, numerator, denominator, value: of none of them anything is known; how many count is a number, and it is none.
    let table = sheet.iter().skip_while(|row| row.first().map(shown) != Some("Показатель".to_owned())).skip(1);
    let told: Vec<Vec<String>> = table.map(|row| row.iter().map(shown).collect()).collect();
    let told: Vec<&Vec<String>> = told.iter().take(rows.len()).collect();
    assert!(told.iter().all(|row| row.get(2..5) == Some(["–", "–", "–"].map(str::to_owned).as_slice())), "{told:?}");
    let said = pdf_text(&summary(&round, &merged, "", ".pdf"));
    for line in said.lines() {
        assert!(!["0,0", "0,00"].contains(&line.trim()), "{said}");
    }
}

/// A municipality's own text of a form.
fn change(round: &Round, form: &str, from: &str, to: &str) {
    let own = round.municipality.folder.join("templates/blanks");
    std::fs::create_dir_all(&own).expect("a folder");
    let built_in = Templates::built_in();
    let text = &built_in.get(&format!("blanks/{form}.toml")).expect("the form").text;
    assert!(text.contains(from), "{form}: {from}");
    std::fs::write(own.join(format!("{form}.toml")), text.replacen(from, to, 1)).expect("written");
}

/// The blanks of a round as workbooks, but for the list of them.
fn books(round: &Round, out: &Exchanged) -> Vec<PathBuf> {
    let folder = round.request.outputs.join(&round.municipality.id);
    let is_blank = |path: &&String| path.ends_with(".xlsx") && !path.ends_with("Список рассылки.xlsx");
    out.produced.iter().filter(is_blank).map(|path| folder.join(path)).collect()
}

/// Every part of a workbook as text.
fn parts(path: &Path) -> BTreeMap<String, String> {
    let bytes = std::fs::read(path).expect("a workbook");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
    let mut parts = BTreeMap::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).expect("a part");
        let mut text = String::new();
        let name = part.name().expect("a name").into_owned();
        if std::io::Read::read_to_string(&mut part, &mut text).is_ok() {
            parts.insert(name, text);
        }
    }
    parts
}

/// Nobody asks a teacher for a report: such a form is refused by its file and key, unless it may be left unanswered.
#[test]
fn a_form_that_asks_a_teacher_for_a_report_is_refused() {
    let filled = "filled-by = \"руководитель ОО или его заместитель\"";
    let signed = "signatures = [\"Руководитель ОО\"]";
    for (from, to, key) in [
        (filled, "filled-by = \"учитель русского языка\"", Some("filled-by")),
        (filled, "filled-by = \"Классные руководители 5–9 классов\"", Some("filled-by")),
        (filled, "filled-by = \"педагог-психолог\"", Some("filled-by")),
        (signed, "signatures = [\"Руководитель ОО\", \"Подпись учителя\"]", Some("signatures")),
        (filled, "filled-by = \"секретарь педагогического совета\"", None),
        (filled, "voluntary = true\nfilled-by = \"учитель\"", None),
    ] {
        let round = Round::new("kirovsky", &["monitoring"]);
        change(&round, "monitoring", from, to);
        let out = round.emit();
        let found: Vec<String> =
            out.diagnostics.iter().filter(|one| one.id == "blank-asks-teacher").map(|one| one.place.text()).collect();
        match key {
            Some(key) => {
                let [place] = found.as_slice() else { panic!("{to}: {found:?}") };
                assert!(place.contains("blanks/monitoring.toml") && place.contains(key), "{place}");
                assert!(out.produced.is_empty() && out.has_errors());
            }
            None => assert!(found.is_empty() && !out.produced.is_empty(), "{to}: {found:?}"),
        }
    }
}

/// The summary says what stands in it, its tables have names, reasons are listed, charts have one unit each and every name.
#[test]
fn a_summary_explains_itself_and_shows_its_dynamics() {
    let round = Round::new("kirovsky", &["region-return"]);
    make_region(&round, vec![vec!["М-01".to_owned(), "Округ 1".to_owned()]], Vec::new());
    round.emit();
    let mut blank = round.sent().remove(0);
    let values = blank.tables.first_mut().expect("a table");
    let ids: Vec<String> = values.rows.iter().map(|row| row.id.clone()).collect();
    for id in &ids {
        put(values, id, "note", Content::Text("сведения за год не собраны".to_owned()));
    }
    put(values, "participant-rate", "base-numerator", number(1));
    put(values, "participant-rate", "base-denominator", number(2));
    round.give("1.xlsx", &blank);
    let merged = round.receive(true);
    let ids = round.ids(&merged);
    assert!(ids.contains_key("blank-values-explained") && !ids.contains_key("blank-value-explained"), "{ids:?}");
    let path = summary(&round, &merged, "", ".xlsx");
    let sheets = round.cells(&path);
    for name in ["Итоговые показатели", "Диаграммы", "Показатели", "Школы", "Почему нет сведений", "Источники"]
    {
        assert!(sheets.contains_key(name), "{name}: {:?}", sheets.keys());
    }
    let says = |sheet: &str, wanted: &str| {
        let cells = sheets.get(sheet).into_iter().flatten().flatten();
        cells.into_iter().any(|cell| matches!(cell, CellValue::Text(text) if text.contains(wanted)))
    };
    assert!(says("Почему нет сведений", "сведения за год не собраны"));
    assert!(says("Итоговые показатели", "Пояснения") && says("Показатели", "«Итого» складывает"));
    let parts = parts(&path);
    let named = |name: &str| {
        parts.iter().any(|(part, text)| part.starts_with("xl/tables/") && text.contains(&format!("\"{name}\"")))
    };
    for name in ["svod_shares", "svod_changes", "svod_rows_values", "svod_rows_schools", "svod_reasons", "svod_sources"]
    {
        assert!(named(name), "{name}");
    }
    // Every sheet is told how it is printed.
    let sheets = parts.iter().filter(|(part, _)| part.starts_with("xl/worksheets/sheet"));
    assert!(sheets.into_iter().all(|(_, text)| text.contains("<pageSetup paperSize=\"9\"")));
    let charts: Vec<&String> =
        parts.iter().filter(|(part, _)| part.starts_with("xl/charts/chart")).map(|(_, text)| text).collect();
    assert!(!charts.is_empty());
    assert!(
        charts.iter().all(|chart| {
            // The names stand from top to bottom; the numbers from left to right.
            let (names, numbers) = chart.split_once("</c:catAx>").expect("the axes");
            names.contains("<c:orientation val=\"maxMin\"/>") && numbers.contains("<c:orientation val=\"minMax\"/>")
        }),
        "from top to bottom as the table"
    );
}

/// Base, plan, fact and dynamics: the difference is a formula that nobody fills in, and a mark where a part is missing.
#[test]
fn the_return_of_a_municipality_tells_its_dynamics() {
    let round = Round::new("mariinsk", &["municipal-return"]);
    let out = round.emit();
    let blank = round.sent().remove(0);
    let table = blank.table("values").expect("a table").clone();
    let column = table.column("dynamics").expect("the column");
    assert!(!column.is_open && column.difference.is_some());
    let path = books(&round, &out).remove(0);
    let sheet = round.cells(&path).remove("Показатели").expect("the sheet");
    let mut seen = (0, 0);
    for row in &table.rows {
        let change = table.difference(row, column.difference.as_ref().expect("a difference"));
        let number = |key: &str| match table.content(&row.id, key) {
            Some(Content::Number(number)) => Some(number.clone()),
            _ => None,
        };
        assert_eq!(change, number("fact").zip(number("base")).map(|(fact, base)| &fact - &base));
        let line = sheet.iter().find(|line| line.first().map(shown) == Some(row.id.clone())).expect("the row");
        // Number, group, name, unit in front; behind it the check.
        let told = line.iter().rev().nth(1).map(shown);
        match change {
            Some(change) => {
                let told = told.and_then(|told| Measure::parse_decimal(&told));
                assert_eq!(told.map(|told| told.to_string()), Some(change.to_string()), "{}", row.id);
                seen.0 += 1;
            }
            None => {
                assert_eq!(told.as_deref(), Some("–"), "{}", row.id);
                seen.1 += 1;
            }
        }
    }
    assert!(seen.0 > 0, "{seen:?}");
    // Without its base a row has no difference, and the formula gives the mark.
    let mut less = table.clone();
    let first = table.rows.first().expect("a row").id.clone();
    put(&mut less, &first, "base", Content::Blank);
    let row = less.rows.first().expect("a row");
    assert_eq!(less.difference(row, column.difference.as_ref().expect("a difference")), None);
    let xml = parts(&path);
    assert!(xml.values().any(|text| text.contains("<f>IF(ISNUMBER(") && text.contains('–')), "the mark");
    let is_formula = |text: &String| text.contains("ROUND(") && text.contains("<f>IF(ISNUMBER(");
    assert!(xml.values().any(is_formula), "it is a live formula");
    // What a spreadsheet reckons anew is no change of a locked cell.
    let mut answer = blank;
    fill_in(&mut answer, 3);
    round.give("1.xlsx", &answer);
    let found = round.receive(false);
    assert!(!round.ids(&found).contains_key("blank-locked-changed"), "{:?}", round.ids(&found));
    // A chart a unit; plan and fact are called so.
    let charts: Vec<&String> =
        xml.iter().filter(|(part, _)| part.starts_with("xl/charts/chart")).map(|(_, text)| text).collect();
    assert!(charts.len() > 1 && charts.iter().all(|chart| chart.contains("План и ")), "{}", charts.len());
}

/// What a school tells by class stays there: the sheet is not read, not merged, not missed, and its sums are held against the
/// totals.
#[test]
fn what_is_told_by_class_stays_in_the_school() {
    let round = Round::new("kirovsky", &["social-passport"]);
    let out = round.emit();
    let mut sent = round.sent();
    for (index, blank) in sent.iter_mut().enumerate().take(2) {
        fill_in(blank, 4);
        for table in blank.tables.iter_mut().filter(|table| table.is_internal) {
            put(table, "1", "class", Content::Text("5Ъ".to_owned()));
        }
        if index == 1 {
            // Deleted before it was sent, as the form asks.
            blank.tables.retain(|table| !table.is_internal);
        }
        round.give(&format!("{index}.xlsx"), blank);
    }
    let merged = round.receive(true);
    assert_eq!(round.state(&merged, State::Accepted), 2, "{:?}", round.ids(&merged));
    assert_eq!(round.ids(&merged).get("blank-internal-returned"), Some(&1));
    let path = summary(&round, &merged, "", ".xlsx");
    assert!(!round.cells(&path).contains_key("По классам"));
    for text in parts(&path).values() {
        assert!(!text.contains("5Ъ"));
    }
    let data = svod::source::own_files(&round.municipality, "data", &mut Diagnostics::default());
    let cells = |file: &svod::source::SourceFile| {
        let path = round.municipality.folder.join("svod/data").join(&file.path);
        round.cells(&path).into_values().flatten().flatten().map(|cell| shown(&cell)).collect::<Vec<_>>()
    };
    assert!(!data.is_empty() && data.iter().flat_map(cells).all(|text| !text.contains("5Ъ")));
    let book = round.cells(&books(&round, &out).remove(0)).remove("По классам").expect("the sheet");
    assert!(book.iter().flatten().any(|cell| shown(cell) == "Расхождение"));
}

/// Answers to a questionnaire are told as shares; nobody is missing where nobody must answer.
#[test]
fn a_questionnaire_is_told_by_the_shares_of_its_answers() {
    let round = Round::new("mariinsk", &["survey-parents"]);
    round.emit();
    let mut sent = round.sent();
    for (index, blank) in sent.iter_mut().enumerate().take(2) {
        fill_in(blank, 10);
        let [size, answers, needs] = blank.tables.as_mut_slice() else { panic!("three tables") };
        // No question has more answers than people took part.
        put(size, "survey-parents-asked", "value", number(100));
        put(size, "survey-parents-answered", "value", number(100));
        let yes = if index == 0 { 10 } else { 4 };
        let row = "survey-parents-quality";
        for (column, count) in [("yes", yes), ("rather-yes", 10), ("rather-no", 0), ("no", 0), ("unsure", 6)] {
            put(answers, row, column, number(count));
        }
        put(answers, row, "total", number(yes + 16));
        put(needs, "survey-parents-join-none", "value", number(8));
        round.give(&format!("{index}.xlsx"), blank);
    }
    let merged = round.receive(true);
    assert_eq!(round.state(&merged, State::Accepted), 2, "{:?}", round.ids(&merged));
    let sheets = round.cells(&summary(&round, &merged, "", ".xlsx"));
    let shares = sheets.get("Доли ответов").expect("the shares");
    // 14, 20, 0, 0 and 12 of 46.
    let said = lines(shares, "Довольны ли Вы тем, как учат Вашего ребёнка?");
    assert_eq!(said, [["2", "46", "30", "43", "0", "0", "26"]]);
    assert_eq!(lines(shares, "Пока не готовы"), [["2", "200", "8"]]);
    let all = sheets.values().flatten().flatten().map(shown).collect::<Vec<_>>();
    assert!(
        !all.iter().any(|text| text.contains("Свод неполный"))
            && all.iter().any(|text| text.contains("Форма добровольная; учтено форм: 2"))
    );
    let paper = plain(&pdf_text(&summary(&round, &merged, "", ".pdf")));
    assert!(paper.contains(&plain("Довольны ли Вы тем, как учат Вашего ребёнка? 2 46 30 43 0 0 26")), "{paper}");
    assert!(!paper.contains(&plain("Не учтены")));
}

/// Who filled a form in, the day at the signature, and the number of the appendix stand on the form and on its paper.
#[test]
fn a_form_has_an_official_face() {
    let mut round = Round::new("plast", &["monitoring", "practice-card"]);
    round.exchange.on_paper = true;
    let out = round.emit();
    for path in books(&round, &out) {
        let is_monitoring = path.to_string_lossy().contains("Форма мониторинга");
        let texts: Vec<String> =
            round.cells(&path).into_values().flatten().flatten().map(|cell| shown(&cell)).collect();
        let paper = plain(&pdf_text(&path.with_extension("pdf")));
        let number = if is_monitoring { "Приложение № 3" } else { "Приложение № ___" };
        for wanted in
            [number, "Кто заполнил", "(должность, инициалы, фамилия, телефон)", "(подпись, инициалы, фамилия, дата)"]
        {
            assert!(texts.iter().any(|text| text == wanted), "{wanted}: {}", path.display());
            assert!(paper.contains(&plain(wanted)), "{wanted} on paper");
        }
    }
}

/// Writes what a round leaves into the folder of `SVOD_ROUND`, so that a spreadsheet program can reckon it anew.
#[test]
#[ignore = "makes workbooks for another program"]
fn a_round_leaves_its_workbooks() {
    let target = PathBuf::from(std::env::var("SVOD_ROUND").expect("a folder"));
    std::fs::create_dir_all(&target).expect("a folder");
    let mut left = 0;
    for (sample, forms) in [
        ("kirovsky", &["social-passport", "survey-heads", "project-effects", "municipal-return"][..]),
        ("plast", &["monitoring", "programme-progress"]),
        ("mariinsk", &["survey-parents", "annual-monitoring"]),
    ] {
        let round = Round::new(sample, forms);
        round.emit();
        let mut given: BTreeMap<String, usize> = BTreeMap::new();
        for (index, mut blank) in round.sent().into_iter().enumerate() {
            let count = given.entry(blank.form.clone()).or_default();
            *count += 1;
            fill_in(&mut blank, 5 + i64::try_from(index).expect("small"));
            let table = blank.tables.first_mut().expect("a table");
            let column = table.columns.iter().position(|one| one.is_open && one.is_required).expect("a column");
            let cell = table.rows.first_mut().and_then(|row| row.cells.get_mut(column)).expect("a cell");
            match *count {
                // The second gives no first value, the third a wrong one.
                2 => *cell = Content::Blank,
                3 => *cell = Content::Text("много".to_owned()),
                4.. => continue,
                _ => {}
            }
            round.give(&format!("{index}.xlsx"), &blank);
        }
        let merged = round.receive(true);
        // The list of what was sent reckons nothing.
        let reckons = |path: &&String| path.ends_with(".xlsx") && !path.ends_with("Список рассылки.xlsx");
        for path in merged.produced.iter().filter(reckons) {
            let from = round.request.outputs.join(sample).join(path);
            std::fs::copy(from, target.join(format!("{sample} {left}.xlsx"))).expect("copied");
            left += 1;
        }
    }
    let round = Round::new("kirovsky", &["region-return"]);
    let names = (1..=3).map(|number| vec![format!("М-{number:02}"), format!("Округ {number}")]).collect();
    make_region(&round, names, Vec::new());
    round.emit();
    for (index, mut blank) in round.sent().into_iter().enumerate() {
        let [values, rows] = blank.tables.as_mut_slice() else { panic!("two tables") };
        let ids: Vec<String> = values.rows.iter().map(|row| row.id.clone()).collect();
        for id in &ids {
            put(values, id, "note", Content::Text("нет сведений".to_owned()));
        }
        let own = i64::try_from(index).expect("small");
        for (column, value) in
            [("numerator", 1 + own), ("denominator", 7), ("base-numerator", 2), ("base-denominator", 9)]
        {
            // The last one gives no denominator.
            if index < 2 || !column.ends_with("denominator") {
                put(values, "participant-rate", column, number(value));
            }
        }
        put(rows, "1", "school", Content::Text(format!("Ш-{index}")));
        put(rows, "1", "indicator", Content::Text("participant-rate".to_owned()));
        put(rows, "1", "numerator", number(1 + own));
        if index < 2 {
            put(rows, "1", "denominator", number(7));
        }
        round.give(&format!("{index}.xlsx"), &blank);
    }
    let merged = round.receive(true);
    std::fs::copy(summary(&round, &merged, "", ".xlsx"), target.join("region.xlsx")).expect("copied");
    assert!(left > 8, "{left} workbooks");
}

/// What stands in the column of checks of a table's first row.
fn checked(round: &Round, blank: &Blank, table: &str) -> String {
    round.give("a.xlsx", blank);
    let path = round.returned.join("a.xlsx");
    let sheet = &blank.table(table).expect("the table").sheet;
    let rows = round.cells(&path).remove(sheet).expect("the sheet");
    let first = blank.table(table).and_then(|table| table.rows.first()).map(|row| row.id.as_str()).expect("a row");
    let row = rows.iter().find(|row| row.first() == Some(&CellValue::Text(first.into()))).expect("the row");
    std::fs::remove_file(path).expect("removed");
    match row.last() {
        Some(CellValue::Text(text)) => text.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_count_that_cannot_be_is_told_in_the_form_itself() {
    let round = Round::new("kirovsky", &["monitoring", "annual-monitoring"]);
    round.emit();
    let wrong = words().of("odd-count").to_owned();
    for (form, table, column) in [("monitoring", "values", "value"), ("annual-monitoring", "results", "participants")] {
        let mut blank = round.sent().into_iter().find(|blank| blank.form == form).expect("the form");
        fill_in(&mut blank, 10);
        assert_ne!(checked(&round, &blank, table), wrong, "{form}");
        for number in ["-5", "2.5"] {
            let mut odd = blank.clone();
            let number = Content::Number(Measure::parse_decimal(number).expect("a number"));
            let own = odd.tables.iter_mut().find(|own| own.id == table).expect("the table");
            let row = own.rows.first().map(|row| row.id.clone()).expect("a row");
            put(own, &row, column, number);
            assert_eq!(checked(&round, &odd, table), wrong, "{form}");
        }
    }
}

#[test]
fn what_was_not_known_the_year_before_is_not_drawn() {
    let round = Round::new("kirovsky", &["monitoring"]);
    round.emit();
    let blank = round.sent().remove(0);
    let charts = |blank: &Blank| {
        round.give("a.xlsx", blank);
        parts(&round.returned.join("a.xlsx")).keys().filter(|part| part.starts_with("xl/charts/chart")).count()
    };
    assert!(charts(&blank) > 0);
    let mut without = blank;
    let table = without.tables.iter_mut().find(|table| table.id == "values").expect("the table");
    let before = table.columns.iter().find(|column| column.heading == "Год назад").expect("its column").key.clone();
    let rows: Vec<String> = table.rows.iter().map(|row| row.id.clone()).collect();
    for row in &rows {
        put(table, row, &before, Content::Blank);
    }
    assert_eq!(charts(&without), 0);
}

/// A form of many columns is printed on pages on their side: no word leaves its column.
#[test]
fn the_paper_of_a_form_of_many_columns_is_read() {
    let mut round = Round::new("mariinsk", &["region-return", "municipal-return"]);
    round.exchange.on_paper = true;
    let out = round.emit();
    assert_eq!(round.ids(&out).get("word-overruns"), None, "{:?}", round.ids(&out));
    assert!(out.produced.iter().filter(|path| path.ends_with(".pdf")).count() > 1, "{:?}", out.produced);
}
