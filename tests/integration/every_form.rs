//! Every form that a sample sends out makes its round: out, filled in, damaged, back, merged; sums and rows are those that a
//! hand counts.

#![expect(clippy::expect_used, clippy::panic, reason = "a round that cannot be made is a failed test")]

use std::collections::{BTreeMap, BTreeSet};

use svod::blank::{Blank, BlankSpec, Column, Content, Kind, REASON, Table, TableSpec, Total};
use svod::catalog::Templates;
use svod::diag::Diagnostics;
use svod::measure::Measure;
use svod::returns::State;
use svod::typeset::{self, Fonts};
use svod::workbook::CellValue;

use crate::rounds::{Round, fill_in};
use crate::{families, project};

/// Respondents of a form that answer; the others are late.
const ANSWERING: usize = 3;

/// The forms that the settings of a sample name.
fn forms_of(sample: &str) -> Vec<String> {
    let settings = std::fs::read_to_string(project(&format!("inputs/{sample}/svod.toml"))).expect("the settings");
    let list =
        settings.split_once("\nblanks = [").expect("the forms").1.split_once(']').expect("their end").0.to_owned();
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

fn spec(form: &str) -> BlankSpec {
    let path = format!("blanks/{form}.toml");
    Templates::built_in().data(&path, BlankSpec::parse, &mut Diagnostics::default()).expect("the form")
}

/// What people and programs do to a workbook: rows in another order, columns in another order, a number typed as text.
fn damage(blank: &Blank) -> Blank {
    let mut blank = blank.clone();
    let mut typed = false;
    for table in &mut blank.tables {
        for row in &mut table.rows {
            for (cell, column) in row.cells.iter_mut().zip(&table.columns) {
                if let (Content::Number(number), true, Kind::Count | Kind::Number | Kind::Amount, false) =
                    (&*cell, column.is_open, &column.kind, typed)
                {
                    *cell = Content::Text(format!(" {number}"));
                    typed = true;
                }
            }
            row.cells.rotate_left(1);
        }
        table.columns.rotate_left(1);
        table.rows.reverse();
    }
    blank
}

fn is_asked(column: &Column) -> bool {
    column.is_open && column.key != REASON
}

/// What a hand writes under a table: column by column of its summary the sum, or a dash where numbers do not add up.
fn sums(table: &str, blanks: &[Blank], is_told_as_shares: bool) -> Vec<String> {
    let own: Vec<&Table> = blanks.iter().filter_map(|blank| blank.table(table)).collect();
    let columns: Vec<&Column> = own.first().map_or_else(Vec::new, |own| own.columns.iter().collect());
    let columns: Vec<&Column> = columns.into_iter().filter(|one| is_asked(one)).collect();
    let number = |content: Option<&Content>| match content {
        Some(Content::Number(number)) => Some(number.clone()),
        _ => None,
    };
    // What nobody told is no zero.
    let under = |total: Total, numbers: Vec<Option<Measure>>| {
        let numbers: Vec<Measure> = numbers.into_iter().flatten().collect();
        match total {
            Total::None => None,
            Total::Sum | Total::Flags if !numbers.is_empty() => Some(numbers.into_iter().sum::<Measure>().to_string()),
            Total::Apart | Total::Sum | Total::Flags => Some("–".to_owned()),
        }
    };
    if own.iter().any(|own| own.is_open) {
        let sum = |column: &&Column| {
            let rows = || own.iter().flat_map(|own| own.rows.iter().map(|row| own.content(&row.id, &column.key)));
            under(column.total(None), rows().map(number).collect())
        };
        return columns.iter().filter_map(sum).collect();
    }
    let mut ids: Vec<&String> = Vec::new();
    for row in own.iter().flat_map(|own| &own.rows) {
        if !ids.contains(&&row.id) {
            ids.push(&row.id);
        }
    }
    let cells = ids.iter().flat_map(|id| columns.iter().map(move |column| (*id, *column)));
    let sum = |(id, column): (&String, &Column)| {
        let row = own.iter().find_map(|own| own.row(id));
        under(column.total(row), own.iter().map(|own| number(own.content(id, &column.key))).collect())
    };
    let mut sums: Vec<String> = cells.filter_map(sum).collect();
    // Where a row asks for one number, the summary tells beside all of them what the year before was, as far as it is known.
    let before = own.first().and_then(|own| own.columns.iter().find(|column| column.heading == "Год назад"));
    if let (Some(before), [one], false) = (before, columns.as_slice(), is_told_as_shares) {
        sums.extend(ids.iter().filter_map(|id| {
            let row = own.iter().find_map(|own| own.row(id));
            let numbers: Vec<Measure> = own.iter().filter_map(|own| number(own.content(id, &before.key))).collect();
            let adds_up = matches!(one.total(row), Total::Sum | Total::Flags) && !numbers.is_empty();
            adds_up.then(|| numbers.into_iter().sum::<Measure>().to_string())
        }));
    }
    sums
}

/// The rows that the answers of a table become in the data.
fn rows(table: &TableSpec, blanks: &[Blank]) -> usize {
    let own = blanks.iter().filter_map(|blank| blank.table(&table.id));
    let filled = own.flat_map(|own| {
        own.rows.iter().map(|row| {
            let cells = own.columns.iter().zip(&row.cells).filter(|(column, _)| is_asked(column));
            cells.filter(|(_, cell)| **cell != Content::Blank).count()
        })
    });
    filled.map(|count| if table.by_cell { count } else { count.min(1) }).sum()
}

/// Sends everything out, lets some answer, holds sums and rows against a hand's.
fn make_rounds(sample: &str) {
    let forms = forms_of(sample);
    let names: Vec<&str> = forms.iter().map(String::as_str).collect();
    let round = Round::new(sample, &names);
    let out = round.emit();
    let left: Vec<String> = out.diagnostics.iter().map(|one| format!("{one:?}")).collect();
    assert!(left.is_empty(), "{left:#?}");
    let mut answered: BTreeMap<String, Vec<Blank>> = BTreeMap::new();
    let sent = round.sent();
    for (index, blank) in sent.iter().enumerate() {
        let own = answered.entry(blank.form.clone()).or_default();
        if own.len() == ANSWERING {
            continue;
        }
        let mut blank = blank.clone();
        fill_in(&mut blank, 5 + i64::try_from(own.len()).expect("small"));
        let came = damage(&blank);
        round.give(&format!("{index}.xlsx"), &came);
        if own.is_empty() {
            round.give(&format!("Копия (2) {index}.xlsx"), &came);
        }
        own.push(blank);
    }
    let never: Vec<&String> = forms.iter().filter(|form| !answered.contains_key(*form)).collect();
    assert!(never.is_empty(), "nobody is asked: {never:?}");
    let merged = round.receive(true);
    let expected = ["blank-value-read", "blank-not-returned", "blank-internal-returned"];
    let left = merged.diagnostics.iter().filter(|one| !expected.contains(&one.id.as_str()));
    let left: Vec<String> = left.map(|one| format!("{} {} {:?}", one.id, one.place.text(), one.args)).collect();
    assert!(left.is_empty(), "{left:#?}");
    assert_eq!(round.state(&merged, State::Accepted), answered.values().map(Vec::len).sum::<usize>());
    let (mut added, mut kept) = (0, 0);
    for (form, blanks) in &answered {
        let spec = spec(form);
        let period = &blanks.first().expect("a blank").period;
        let folder = round.request.outputs.join(sample).join(period).join("Своды");
        let files = std::fs::read_dir(&folder).expect("summaries").flatten().map(|entry| entry.path());
        let is_own = |path: &std::path::PathBuf| path.file_stem().is_some_and(|stem| *stem == *spec.name);
        let summary = files.filter(|path| path.extension().is_some_and(|kind| kind == "xlsx")).find(is_own);
        let sheets = round.cells(&summary.unwrap_or_else(|| panic!("{}", spec.name)));
        let mut expected: BTreeMap<&str, usize> = BTreeMap::new();
        for table in spec.tables.iter().filter(|table| !table.internal) {
            let total = sheets
                .get(&table.sheet)
                .and_then(|rows| rows.iter().find(|row| row.contains(&CellValue::Text("Итого".into()))));
            let under = |cell: &CellValue| match cell {
                CellValue::Number(number) => Some(number.to_string()),
                CellValue::Text(text) if &**text == "–" => Some(text.to_string()),
                _ => None,
            };
            let printed: Vec<String> = total.into_iter().flatten().filter_map(under).collect();
            let mut by_hand = sums(&table.id, blanks, table.answers.is_some());
            // Answers are shares of all who took part: their number stands beside them.
            if let Some(among) = table.answers.as_ref().and_then(|answers| answers.among.as_ref()) {
                let took_part = |blank: &Blank| match blank.table(&among.table)?.content(&among.row, "value") {
                    Some(Content::Number(number)) => Some(number.clone()),
                    _ => None,
                };
                by_hand.push(blanks.iter().filter_map(took_part).sum::<Measure>().to_string());
            }
            assert_eq!(printed, by_hand, "{form} {}", table.id);
            added += printed.len();
            if let Some(target) = &table.target {
                *expected.entry(target).or_default() += rows(table, blanks);
            }
        }
        let path = round.municipality.folder.join(format!("svod/data/{form} {period}.xlsx"));
        let data = if path.exists() { round.cells(&path) } else { BTreeMap::new() };
        for (target, expected) in expected {
            let title = svod::sheets::SHEETS.iter().find(|sheet| sheet.id == target).expect("a sheet").title;
            let found = data.get(title).map_or(0, |rows| rows.len().saturating_sub(1));
            assert_eq!(found, expected, "{form}: rows for {target}");
            kept += found;
        }
    }
    // A check that holds nothing against anything proves nothing.
    assert!(added > 40 && kept > 40, "{added} sums, {kept} rows");
}

#[test]
fn every_form_of_dzerzhinsk_makes_its_round() {
    make_rounds("dzerzhinsk");
}

#[test]
fn every_form_of_kirovsky_makes_its_round() {
    make_rounds("kirovsky");
}

#[test]
fn every_form_of_mariinsk_makes_its_round() {
    make_rounds("mariinsk");
}

#[test]
fn every_form_of_mikhailovsky_makes_its_round() {
    make_rounds("mikhailovsky");
}

#[test]
fn every_form_of_plast_makes_its_round() {
    make_rounds("plast");
}

/// No form that is built in is sent by nobody, but for the one of a region.
#[test]
fn every_form_is_sent_by_some_sample() {
    let samples = ["dzerzhinsk", "kirovsky", "mariinsk", "mikhailovsky", "plast"];
    let sent: BTreeSet<String> = samples.into_iter().flat_map(forms_of).collect();
    let templates = Templates::built_in();
    let never = templates.names("blanks").into_iter().filter(|name| *name != "words" && !sent.contains(*name));
    assert_eq!(never.collect::<Vec<_>>(), ["region-return"]);
}

/// The letters of a text, whatever breaks its lines.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphabetic()).collect()
}

#[test]
fn the_monitoring_order_of_every_sample_prints_the_form_that_goes_out() {
    let fonts = Fonts::built_in();
    for (sample, form) in [
        ("dzerzhinsk", "monitoring"),
        ("kirovsky", "annual-monitoring"),
        ("mariinsk", "annual-monitoring"),
        ("mikhailovsky", "programme-progress"),
        ("plast", "monitoring"),
    ] {
        let prepared = families::prepare(sample, &["monitoring-package"]);
        let job = prepared.jobs.first().expect("the order");
        let typeset =
            typeset::typeset(job, &families::fill(job), &fonts, &mut Diagnostics::default()).expect("its pages");
        let runs = typeset.texts.iter().flat_map(|page| page.runs.iter().filter(|run| !run.is_margin));
        let printed = letters(&runs.map(|run| run.text.as_str()).collect::<String>());
        let round = Round::new(sample, &[form]);
        round.emit();
        let blanks = round.sent();
        let blank = blanks.first().unwrap_or_else(|| panic!("{sample}: nothing went out"));
        assert_eq!(blank.form, form, "{sample}");
        let mut count = 0;
        for table in &blank.tables {
            let headings = table.columns.iter().filter(|column| column.key != REASON);
            let texts = table.rows.iter().flat_map(|row| row.cells.iter().zip(&table.columns));
            let texts = texts.filter_map(|(cell, column)| match cell {
                Content::Text(text) if !column.is_open => Some(text),
                _ => None,
            });
            for text in headings.map(|column| &column.heading).chain(texts) {
                count += 1;
                assert!(printed.contains(&letters(text)), "{sample}, {}: {text}", table.id);
            }
        }
        assert!(count > 10, "{sample}: {count}");
    }
}

#[test]
fn the_terms_of_the_forms_name_a_day() {
    let templates = Templates::built_in();
    let sent = svod::ru::Date::new(2022, 9, 1).expect("a day");
    let without: Vec<String> = templates
        .names("blanks")
        .into_iter()
        .filter(|id| *id != "words")
        .map(|id| spec(id).term)
        .filter(|term| svod::ru::due(term, Some(2), sent).is_none())
        .collect();
    assert_eq!(without, ["в течение 5 дней после заседания"], "minutes come when there was a meeting");
}
