//! Forms one level up: a region sends to its municipalities, they answer from their own runs, it reckons from rows of schools.

#![expect(clippy::expect_used, clippy::panic, reason = "a round that cannot be made is a failed test")]

use std::collections::BTreeMap;

use svod::blank::{Content, Table};
use svod::catalog::Templates;
use svod::measure::Measure;
use svod::pipeline;
use svod::returns::State;
use svod::workbook::CellValue;

use crate::rounds::{Round, pdf_text, plain};
use crate::{run, workbook as books};

/// A region one level up: forty municipalities, rows of schools behind every sum, the federal list, late-comers.
/// Gives a round the registers of a region: municipalities, and the schools that the federal list has of them.
pub fn make_region(round: &Round, municipalities: Vec<Vec<String>>, listed: Vec<Vec<String>>) {
    let table = |title: &str, head: &[&str], rows: Vec<Vec<String>>| {
        let header = head.iter().map(|text| (*text).to_owned()).collect();
        books::Sheet { name: title.to_owned(), title: String::new(), header, rows }
    };
    let book = books::Workbook {
        file: "Регион.xlsx".to_owned(),
        sheets: vec![
            table("Муниципалитеты", &["Код муниципалитета", "Наименование муниципалитета"], municipalities),
            table(
                "Федеральный перечень",
                &["Код муниципалитета", "Код организации", "Наименование организации"],
                listed,
            ),
        ],
    };
    std::fs::write(round.municipality.folder.join(&book.file), books::write(&book).expect("a workbook"))
        .expect("written");
}

#[test]
fn a_region_of_forty_municipalities_is_collected_and_reckoned_from_the_rows_of_schools() {
    let round = Round::new("kirovsky", &["region-return"]);
    let code = |number: usize| format!("М-{number:02}");
    let municipalities = (1..=40).map(|number| vec![code(number), format!("Округ {number}")]).collect();
    let listed =
        (1..=40).map(|number| vec![code(number), format!("Ш-{number:02}-1"), format!("Школа {number}")]).collect();
    make_region(&round, municipalities, listed);
    let out = round.emit();
    assert_eq!(round.ids(&out), BTreeMap::new());
    let mut sent = round.sent();
    assert_eq!(sent.len(), 40);
    let put = |table: &mut Table, row: usize, column: &str, content: Content| {
        let at = table.columns.iter().position(|own| own.key == column).expect("a column");
        *table.rows.get_mut(row).and_then(|row| row.cells.get_mut(at)).expect("a cell") = content;
    };
    let number = |number: usize| Content::Number(Measure::from(i64::try_from(number).expect("small")));
    let (mut above, mut below) = (0, 0);
    for (index, blank) in sent.iter_mut().enumerate() {
        let [values, schools] = blank.tables.as_mut_slice() else { panic!("two tables") };
        let codes: Vec<String> = values.rows.iter().map(|row| row.id.clone()).collect();
        let mut line = 0;
        for (position, indicator) in codes.iter().enumerate() {
            let row = values.rows.get(position).expect("a row");
            let asks = |column: &str| !row.without.iter().any(|without| without == column);
            let [has_parts, has_whole] = ["numerator", "denominator"].map(asks);
            put(values, position, "target", number(index + 1));
            if !has_parts {
                // An index is told as it is.
                put(values, position, "value", number(index + 2));
                put(values, position, "base-value", number(index));
                continue;
            }
            // Two schools behind each sum.
            let parts = [(index + position, 50 + index), (index, 60 + position)];
            for (school, (part, whole)) in parts.iter().enumerate() {
                put(schools, line, "school", Content::Text(format!("Ш-{:02}-{}", index + 1, school + 1)));
                put(schools, line, "indicator", Content::Text(indicator.clone()));
                put(schools, line, "numerator", number(*part));
                if has_whole {
                    put(schools, line, "denominator", number(*whole));
                }
                line += 1;
                if position == 0 && index < 38 {
                    above += part;
                    below += whole;
                }
            }
            put(values, position, "numerator", number(parts.iter().map(|(part, _)| part).sum()));
            put(values, position, "base-numerator", number(index));
            if has_whole {
                put(values, position, "denominator", number(parts.iter().map(|(_, whole)| whole).sum()));
                put(values, position, "base-denominator", number(100));
            }
        }
        match index {
            // A sum that is not that of its rows, and one that never comes.
            38 => put(values, 0, "denominator", number(1000)),
            39 => continue,
            _ => {}
        }
        round.give(&format!("{index}.xlsx"), blank);
    }
    let merged = round.receive(true);
    let ids = round.ids(&merged);
    assert_eq!(ids.get("blank-detail-differs"), Some(&1), "{ids:?}");
    assert_eq!(ids.get("blank-not-returned"), Some(&1), "{ids:?}");
    assert_eq!(round.state(&merged, State::Accepted), 38);
    let path =
        merged.produced.iter().find(|path| path.contains("Своды") && path.ends_with(".xlsx")).expect("a summary");
    let sheets = round.cells(&round.request.outputs.join("kirovsky").join(path));
    let table = sheets.get("Показатели").expect("the table");
    let said =
        table.iter().flatten().any(|cell| matches!(cell, CellValue::Text(text) if text.contains("учтено 38 из 40")));
    assert!(said, "the summary says that it is partial");
    let total = table.iter().find(|row| row.contains(&CellValue::Text("Итого".into()))).expect("the sums");
    let numbers: Vec<String> = total
        .iter()
        .filter_map(|cell| if let CellValue::Number(number) = cell { Some(number.to_string()) } else { None })
        .collect();
    assert_eq!(numbers.get(..2), Some([above.to_string(), below.to_string()].as_slice()), "from the rows of schools");
    // On paper: the same sums, who is late and what the list has otherwise.
    let paper = merged.produced.iter().find(|path| path.contains("Своды") && path.ends_with(".pdf")).expect("a paper");
    let said = plain(&pdf_text(&round.request.outputs.join("kirovsky").join(paper)));
    for wanted in ["учтено 38 из 40", "Округ 39 возвращена", "Округ 40 отправлена", "нет в федеральном перечне: Ш-01-2"]
    {
        assert!(said.contains(&plain(wanted)), "{wanted}: {said}");
    }
    // Of all, and of the second municipality: above, below, the share of the sums, that of the year before, the difference.
    let share = |above: usize, below: usize| {
        let hundred = Measure::from(i64::try_from(above * 100).expect("small"));
        hundred.checked_div(&Measure::from(i64::try_from(below).expect("small"))).expect("a share")
    };
    // The difference is that of the exact values, rounded once.
    let rounded =
        |value: &Measure| svod::ru::rounded(value, svod::figure::Rounding { mode: Default::default(), digits: 0 });
    let before: usize = (0..38).sum();
    for (name, (above, below), (base, whole)) in
        [("", (above, below), (before, 3800)), ("Округ 2", (2, 51 + 60), (1, 100))]
    {
        let (now, then) = (share(above, below), share(base, whole));
        let printed = |value: &Measure| rounded(value).to_string().replace('.', ",");
        let wanted =
            format!("{name} {above} {below} {} {} {}", printed(&now), printed(&then), printed(&(&now - &then)));
        assert!(said.contains(&plain(&wanted)), "{wanted}: {said}");
    }
    // A school of the federal list of which nothing is said.
    let mut silent = sent.first().expect("a blank").clone();
    for row in &mut silent.tables.get_mut(1).expect("the rows").rows {
        for cell in &mut row.cells {
            if matches!(cell, Content::Text(text) if text.starts_with("Ш-01-1")) {
                *cell = Content::Text("Ш-01-9".to_owned());
            }
        }
    }
    round.give("0.xlsx", &silent);
    let again = round.receive(false);
    let ids = round.ids(&again);
    assert!(ids.contains_key("blank-school-missing") && ids.contains_key("blank-school-not-listed"), "{ids:?}");
}

/// A municipality answers the form of its region by one command: every figure from its own run, each with its cells.
#[test]
fn a_municipality_answers_its_region_from_its_own_run() {
    let region = Round::new("kirovsky", &["region-return"]);
    let own = Round::new("kirovsky", &[]);
    let listed = (1..=7).map(|number| vec!["М-01".to_owned(), format!("ОО-{number:02}"), format!("Школа {number}")]);
    let municipalities = ["М-01", "М-02"].map(|code| vec![code.to_owned(), format!("Округ {code}")]);
    make_region(&region, municipalities.to_vec(), listed.collect());
    let out = region.emit();
    let of_first = |path: &&String| path.contains("М-01") && path.ends_with(".xlsx");
    let blank = region.request.outputs.join("kirovsky").join(out.produced.iter().find(of_first).expect("the blank"));
    let answered = pipeline::answer(&own.municipality, &own.request, &blank, &run::messages());
    assert!(!answered.has_errors(), "{:?}", own.ids(&answered));
    assert_eq!(own.ids(&answered).into_keys().collect::<Vec<_>>(), ["answer-not-by-school"]);
    let folder = own.request.outputs.join("kirovsky");
    let [filled, origins] = answered.produced.as_slice() else { panic!("two files: {:?}", answered.produced) };
    std::fs::copy(folder.join(filled), region.returned.join("Ответ.xlsx")).expect("copied");
    // The region takes it as it is.
    let merged = region.receive(true);
    let ids: Vec<String> = region.ids(&merged).into_keys().collect();
    assert_eq!(ids, ["blank-not-returned", "blank-value-explained"], "the other one, and what is no sum of schools");
    assert_eq!(region.state(&merged, State::Accepted), 1);
    // What it says is what the municipality's own run says.
    let mut found = svod::diag::Diagnostics::default();
    let prepared = pipeline::prepare(&own.municipality, &own.request, &run::messages(), &mut found).expect("a run");
    let values = region.cells(&folder.join(filled)).remove("Показатели").expect("the sheet");
    let listed = region.cells(&folder.join(origins)).into_values().next().expect("a list");
    let (mut told, mut base) = (0, 0);
    for result in &prepared.indicators {
        let text = |text: &str| CellValue::Text(text.into());
        let row = values.iter().find(|row| row.contains(&text(&result.definition.code))).expect("a row");
        let Some(Ok(evaluation)) = result.years.get(&prepared.year) else { continue };
        let numbers: Vec<String> = row
            .iter()
            .filter_map(|cell| if let CellValue::Number(number) = cell { Some(number.to_string()) } else { None })
            .collect();
        let Some(whole) = evaluation.denominator.as_ref() else { continue };
        if numbers.is_empty() {
            // It is no sum of schools, and the row says so.
            assert!(row.iter().any(|cell| matches!(cell, CellValue::Text(text) if text.contains("не складывается"))));
            continue;
        }
        let wanted = [&evaluation.numerator, whole].map(|operand| operand.value.to_string());
        assert_eq!(numbers.get(..2), Some(wanted.as_slice()), "{}", result.definition.code);
        told += 1;
        base += usize::from(numbers.len() >= 4);
        let sources = prepared.sources.ranges(whole.node).join("; ");
        assert!(listed.iter().any(|row| row.contains(&text(&sources))), "{sources}: {listed:?}");
    }
    assert!(told > 2 && base > 0, "{told} {base}");
    // A form of schools, a table of somebody's, a region with another catalogue.
    let schools = Round::new("kirovsky", &["monitoring"]);
    let out = schools.emit();
    let blank = schools.request.outputs.join("kirovsky").join(out.produced.first().expect("a blank"));
    let refused = pipeline::answer(&own.municipality, &own.request, &blank, &run::messages());
    assert_eq!(own.ids(&refused), BTreeMap::from([("answer-other-form".to_owned(), 1)]));
    let other = Round::new("plast", &["region-return"]);
    let out = other.emit();
    let blank = other.request.outputs.join("plast").join(out.produced.first().expect("a blank"));
    let partly = pipeline::answer(&own.municipality, &own.request, &blank, &run::messages());
    assert!(own.ids(&partly).contains_key("answer-row-unknown"), "{:?}", own.ids(&partly));
    // A blank with too little room for the rows of schools.
    let narrow = Round::new("kirovsky", &["region-return"]);
    let templates = narrow.municipality.folder.join("templates/blanks");
    std::fs::create_dir_all(&templates).expect("a folder");
    let built_in = Templates::built_in();
    let text = &built_in.get("blanks/region-return.toml").expect("the form").text;
    let narrowed = text.replace("count = 400", "count = 9");
    assert_ne!(*text, narrowed);
    std::fs::write(templates.join("region-return.toml"), narrowed).expect("written");
    let out = narrow.emit();
    let blank = narrow.request.outputs.join("kirovsky").join(out.produced.first().expect("a blank"));
    let crowded = pipeline::answer(&own.municipality, &own.request, &blank, &run::messages());
    assert!(own.ids(&crowded).contains_key("answer-no-room"), "{:?}", own.ids(&crowded));
}

/// Counts and indices have no denominator: what a municipality answers is taken as it is, and the summary tells each of them.
#[test]
fn numbers_without_a_denominator_make_the_round_of_a_region() {
    let region = Round::new("mariinsk", &["region-return"]);
    let own = Round::new("mariinsk", &[]);
    make_region(&region, vec![vec!["М-01".to_owned(), "Округ М-01".to_owned()]], Vec::new());
    let out = region.emit();
    let folder = region.request.outputs.join("mariinsk");
    let blank = folder.join(out.produced.iter().find(|path| path.contains("М-01")).expect("the blank"));
    let answered = pipeline::answer(&own.municipality, &own.request, &blank, &run::messages());
    assert!(!answered.has_errors(), "{:?}", own.ids(&answered));
    assert!(!own.ids(&answered).contains_key("fill-no-value"), "{:?}", own.ids(&answered));
    let filled = answered.produced.first().expect("the answer");
    std::fs::copy(own.request.outputs.join("mariinsk").join(filled), region.returned.join("Ответ.xlsx"))
        .expect("copied");
    let merged = region.receive(true);
    assert!(!merged.has_errors(), "{:?}", region.ids(&merged));
    assert_eq!(region.state(&merged, State::Accepted), 1, "{:?}", region.ids(&merged));
    let mut found = svod::diag::Diagnostics::default();
    let prepared = pipeline::prepare(&own.municipality, &own.request, &run::messages(), &mut found).expect("a run");
    let of = |kind: &str| merged.produced.iter().find(|path| path.contains("Своды") && path.ends_with(kind));
    let said = plain(&pdf_text(&folder.join(of(".pdf").expect("a paper"))));
    let sheets = region.cells(&folder.join(of(".xlsx").expect("a summary")));
    for result in &prepared.indicators {
        let (name, unit) = (&result.definition.name, &result.definition.unit_name);
        assert!(said.contains(&plain(name)), "{name}: {said}");
        let text = |text: &str| CellValue::Text(text.into());
        let mut rows = sheets.values().flatten();
        assert!(rows.any(|row| row.contains(&text(name)) && row.contains(&text(unit))), "{name}, {unit}");
    }
}

/// A code may be that of another indicator: what is made otherwise is not written in, what is called otherwise is named.
#[test]
fn an_indicator_of_the_same_code_is_held_against_what_the_region_asks() {
    let region = Round::new("mariinsk", &["region-return"]);
    make_region(&region, vec![vec!["М-01".to_owned(), "Округ М-01".to_owned()]], Vec::new());
    let out = region.emit();
    let folder = region.request.outputs.join("mariinsk");
    let blank = folder.join(out.produced.iter().find(|path| path.contains("М-01")).expect("the blank"));
    let own = Round::new("kirovsky", &[]);
    let answered = pipeline::answer(&own.municipality, &own.request, &blank, &run::messages());
    let told = |id: &str| -> Vec<String> {
        let found = answered.diagnostics.iter().filter(|one| one.id == id);
        found.map(|one| run::messages().finding(one).0).collect()
    };
    // The region counts schools, the municipality has a share of them under the code.
    let other = told("answer-other-kind");
    assert!(
        other.iter().any(|text| text.contains("Число ШНОР и ШНСУ") && text.contains("Доля школ с НРО")),
        "{other:?}"
    );
    assert!(told("answer-differs").iter().any(|text| text.contains("диагностику")), "{:?}", own.ids(&answered));
    assert!(told("answer-row-unknown").iter().all(|text| !text.contains("«»")));
    let filled = answered.produced.first().expect("the answer");
    std::fs::copy(own.request.outputs.join("kirovsky").join(filled), region.returned.join("Ответ.xlsx"))
        .expect("copied");
    let collected = region.receive(false);
    let ids = region.ids(&collected);
    assert!(!ids.contains_key("blank-locked-changed"), "nothing is written where a dash stands: {ids:?}");
}

/// The settings that the guide gives a region are enough to send its form, and no sheet of schools is missed.
#[test]
fn a_region_needs_no_sheets_of_schools() {
    let region = Round::new("mariinsk", &["region-return"]);
    let folder = &region.municipality.folder;
    for entry in std::fs::read_dir(folder).expect("the folder").flatten() {
        if entry.path().extension().is_some_and(|kind| kind == "xlsx") {
            std::fs::remove_file(entry.path()).expect("removed");
        }
    }
    let guide = std::fs::read_to_string(crate::project("docs/guide.md")).expect("the guide");
    let (_, rest) = guide.split_once("### Регион").expect("the region");
    let (_, rest) = rest.split_once("```toml\n").expect("its settings");
    let (settings, _) = rest.split_once("```").expect("the end");
    std::fs::write(folder.join("svod.toml"), settings).expect("written");
    let sample = crate::sample::read(&crate::project("tests/sample/mariinsk")).expect("the tables");
    for mut book in sample {
        book.sheets.retain(|sheet| ["Реквизиты", "Наименования", "Должностные лица"].contains(&sheet.name.as_str()));
        if !book.sheets.is_empty() {
            std::fs::write(folder.join(&book.file), books::write(&book).expect("a workbook")).expect("written");
        }
    }
    make_region(&region, vec![vec!["М-01".to_owned(), "Округ М-01".to_owned()]], Vec::new());
    let mut found = svod::diag::Diagnostics::default();
    pipeline::prepare(&region.municipality, &region.request, &run::messages(), &mut found).expect("a run");
    let errors: Vec<String> = found
        .iter()
        .filter(|one| one.id == "missing-sheet" || one.id.contains("settings"))
        .map(|one| format!("{} {} {:?}", one.id, one.place.text(), one.args))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let out = region.emit();
    assert!(out.produced.iter().any(|path| path.contains("М-01")), "{:?}", region.ids(&out));
}
