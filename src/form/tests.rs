//! Made-up returns, written and read back.

#![expect(clippy::indexing_slicing, clippy::panic, reason = "a test may fail loudly")]

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};

use super::*;
use crate::figure::{Figure, Rounding, RoundingMode, RoundingRules, Unit};
use crate::measure::Measure;

const FORM: &str = include_str!("../../templates/forms/monitoring.toml");
const CODES: [&str; 3] = ["101", "102", "103"];

fn spec() -> FormSpec {
    FormSpec::parse(FORM).unwrap()
}

fn cell(value: i64) -> Cell {
    Cell { value: Measure::from(value), node: NodeId(u32::try_from(value).unwrap()) }
}

fn part(numerator: i64, denominator: Option<i64>) -> ContributionView {
    ContributionView { numerator: cell(numerator), denominator: denominator.map(cell), growth: None }
}

fn grown(numerator: i64, four: Option<[i64; 4]>) -> ContributionView {
    ContributionView { numerator: cell(numerator), denominator: Some(cell(1)), growth: four.map(|four| four.map(cell)) }
}

fn year(code: &str, year: i32, unit: Unit, rules: RoundingRules, parts: Vec<(&str, ContributionView)>) -> YearView {
    let total =
        |values: Vec<&Cell>| Cell { value: values.iter().map(|cell| cell.value.clone()).sum(), node: NodeId(7) };
    let numerator = total(parts.iter().map(|(_, part)| &part.numerator).collect());
    let denominator = matches!(unit, Unit::Percent | Unit::Index)
        .then(|| total(parts.iter().filter_map(|(_, part)| part.denominator.as_ref()).collect()));
    let value = match &denominator {
        None => Some(numerator.value.clone()),
        Some(whole) => numerator.value.percent_of(&whole.value),
    };
    let value = value.map(|value| Figure {
        id: format!("{code}/{year}"),
        value,
        unit,
        rounding: rules.of(unit),
        node: NodeId(9),
    });
    let per_school = parts.into_iter().map(|(code, part)| (code.to_owned(), part)).collect();
    YearView { per_school, numerator, denominator, value, coverage: None }
}

type Parts = Vec<(&'static str, ContributionView)>;

fn indicator(code: &str, kind: Kind, unit: Unit, rules: RoundingRules, years: [Option<Parts>; 2]) -> IndicatorView {
    let [previous, current] = years;
    let make = |parts: Option<Parts>, y| {
        parts.map(|parts| year(code, y, unit, rules, parts)).ok_or("Журнал.xlsx: впишите дату (B7)".to_owned())
    };
    let (previous, current) = (make(previous, 2021), make(current, 2022));
    let value = |year: &Result<YearView, String>| year.as_ref().ok()?.value.as_ref().map(|figure| figure.value.clone());
    let change = value(&current).zip(value(&previous)).map(|(now, before)| {
        let unit = if unit == Unit::Count { unit } else { Unit::Points };
        Figure { id: format!("{code}/change"), value: &now - &before, unit, rounding: rules.of(unit), node: NodeId(11) }
    });
    IndicatorView {
        number: "1".into(),
        code: code.into(),
        name: format!("Показатель {code}"),
        kind,
        unit,
        unit_name: "%".into(),
        note: "=расчётный".into(),
        group_title: if kind == Kind::Growth { "динамика".into() } else { "помощь".into() },
        scale: Measure::from(100_i64),
        better_up: kind != Kind::Parts,
        previous,
        current,
        change,
        target: None,
    }
}

fn view(rules: RoundingRules) -> MonitoringView {
    let [a, b, c] = CODES;
    MonitoringView {
        left_out: None,
        municipality: "Примерный муниципальный округ".into(),
        authority: "Управление образования".into(),
        year: 2022,
        previous_year: 2021,
        sample_mark: Some("Пример на условных данных".into()),
        draft_mark: None,
        rounding: rules,
        signer: None,
        executor: Some(Person {
            post: "Методист".into(), name: "А.А. Примерова".into(), phone: None
        }),
        schools: CODES.map(|code| SchoolRow { code: code.into(), name: format!("-Школа {code}") }).into(),
        indicators: vec![
            indicator(
                "growing",
                Kind::Growth,
                Unit::Percent,
                rules,
                [
                    Some(vec![(a, grown(0, Some([3, 10, 6, 20]))), (b, grown(0, None))]),
                    Some(vec![
                        (a, grown(1, Some([6, 20, 5, 20]))),
                        (b, grown(1, Some([1, 3, 33, 100]))),
                        (c, grown(0, Some([1, 5, 0, 0]))),
                    ]),
                ],
            ),
            indicator(
                "index",
                Kind::Parts,
                Unit::Index,
                rules,
                [
                    Some(vec![(a, part(6, Some(20))), (b, part(1, Some(3)))]),
                    Some(vec![(a, part(5, Some(40))), (b, part(0, Some(0)))]),
                ],
            ),
            indicator(
                "nothing",
                Kind::Parts,
                Unit::Percent,
                rules,
                [Some(vec![(a, part(0, Some(0)))]), Some(vec![(a, part(1, Some(8))), (c, part(12000, Some(12000)))])],
            ),
            indicator(
                "helped",
                Kind::YesNo,
                Unit::Count,
                rules,
                [
                    Some(vec![(a, part(1, None)), (b, part(1, None))]),
                    Some(vec![(a, part(1, None)), (b, part(0, None)), (c, part(0, None))]),
                ],
            ),
            indicator(
                "low",
                Kind::YesNo,
                Unit::Percent,
                rules,
                [
                    Some(vec![(a, part(1, Some(1))), (b, part(0, Some(1))), (c, part(0, Some(1)))]),
                    Some(vec![(a, part(1, Some(1))), (b, part(1, Some(1))), (c, part(0, Some(1)))]),
                ],
            ),
            indicator(
                "events",
                Kind::Number,
                Unit::Count,
                rules,
                [None, Some(vec![(a, part(3, None)), (c, part(4, None))])],
            ),
        ],
    }
}

fn open(form: &RenderedForm) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(form.bytes.clone())).unwrap()
}

/// The cell of a figure on the summary.
fn place<'f>(form: &'f RenderedForm, figure: &str) -> &'f Placed {
    form.placed.iter().find(|placed| placed.figure_id == figure && placed.sheet == "Свод").unwrap()
}

fn split(cell: &str) -> (u32, u32) {
    let letters: String = cell.chars().take_while(char::is_ascii_alphabetic).collect();
    let column = letters.bytes().fold(0, |sum, letter| sum * 26 + u32::from(letter - b'A') + 1) - 1;
    (cell.trim_start_matches(char::is_alphabetic).parse::<u32>().unwrap() - 1, column)
}

fn at(form: &RenderedForm, sheet: &str, cell: &str) -> (Data, String) {
    let mut book = open(form);
    let position = split(cell);
    let value = book.worksheet_range(sheet).unwrap().get_value(position).cloned().unwrap_or_default();
    let formula = book.worksheet_formula(sheet).unwrap().get_value(position).cloned().unwrap_or_default();
    (value, formula)
}

fn part_of(form: &RenderedForm, name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(form.bytes.clone())).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn schools_without_data_are_said_beside_the_value() {
    let mut view = view(RoundingRules::default());
    view.left_out = Some("филиалов".to_owned());
    let count = |id: &str, value: i64| Figure {
        id: id.to_owned(),
        value: Measure::from(value),
        unit: Unit::Count,
        rounding: RoundingRules::default().of(Unit::Count),
        node: NodeId(3),
    };
    let (known, total) = (count("low/2022/schools-with-data", 2), count("low/2022/schools", 3));
    let low = view.indicators.iter_mut().find(|indicator| indicator.code == "low").unwrap();
    let year = low.current.as_mut().unwrap();
    year.coverage = Some(CoverageView { known, total, without: "МБОУ СОШ № 1 (карантин)".to_owned() });
    let form = render(&spec(), &view).unwrap();
    let note = place(&form, "low/2022/schools-with-data");
    assert_eq!(note.cell, place(&form, "low/2022/schools").cell);
    let (Data::String(text), _) = at(&form, "Свод", &note.cell) else { panic!("no text") };
    let said = "2022 год: по данным 2 из 3 ОО; нет данных с разрешения: МБОУ СОШ № 1 (карантин).";
    assert!(text.ends_with(said), "{text}");
    assert!(part_of(&form, "xl/sharedStrings.xml").contains("Общее число ОО приведено без филиалов."));
}

#[test]
fn values_are_formulas_over_counts_with_right_results() {
    let form = render(&spec(), &view(RoundingRules::default())).unwrap();
    for (figure, text, number) in [
        ("growing/2022", "67\u{a0}%", 67.0),
        ("growing/2021", "0\u{a0}%", 0.0),
        ("growing/change", "+66,7", 66.7),
        ("index/2021", "30,4", 30.4),
        ("index/2022", "12,5", 12.5),
        ("index/change", "−17,9", -17.9),
        ("helped/2022", "1", 1.0),
        ("helped/change", "−1", -1.0),
        ("low/2022", "67\u{a0}%", 67.0),
        ("low/2021/denominator", "3", 3.0),
        ("nothing/2022/numerator", "12\u{a0}001", 12001.0),
        ("events/2022", "7", 7.0),
    ] {
        let placed = place(&form, figure);
        assert_eq!(placed.text, text, "{figure}");
        let (value, formula) = at(&form, "Свод", &placed.cell);
        assert_eq!(value, Data::Float(number), "{figure}");
        assert!(!formula.is_empty(), "{figure}");
    }
    let cell = &place(&form, "low/2022").cell;
    assert!(at(&form, "Свод", cell).1.contains("ROUND(100*"), "{cell}");
}

#[test]
fn digits_are_cut_off_where_that_is_declared() {
    let rules = RoundingRules { mode: RoundingMode::CutOff, share_digits: 1, index_digits: Some(2) };
    let form = render(&spec(), &view(rules)).unwrap();
    for (figure, number) in [
        ("growing/2022", 66.6),
        ("growing/change", 66.6),
        ("index/2021", 30.43),
        ("low/2021", 33.3),
        ("index/change", -17.9),
    ] {
        let (value, formula) = at(&form, "Свод", &place(&form, figure).cell);
        assert_eq!(value, Data::Float(number), "{figure}");
        assert!(formula.contains("ROUNDDOWN("), "{figure}");
    }
    let range = open(&form).worksheet_range("Свод").unwrap();
    let texts: Vec<String> = range.used_cells().map(|(_, _, value)| value.to_string()).collect();
    assert!(texts.iter().any(|text| text.contains("отброшены")));
    assert!(!texts.iter().any(|text| text.contains("в большую")));
}

#[test]
fn nothing_to_divide_by_is_a_word_and_no_error() {
    let form = render(&spec(), &view(RoundingRules::default())).unwrap();
    assert!(!form.placed.iter().any(|placed| placed.figure_id == "nothing/2021"));
    let (_, column) = split(&place(&form, "growing/2021").cell);
    let (row, _) = split(&place(&form, "nothing/2022").cell);
    let cell = format!("{}{}", crate::provenance::column_letters(u16::try_from(column).unwrap()), row + 1);
    let (value, formula) = at(&form, "Свод", &cell);
    assert_eq!(value, Data::String("—".into()));
    assert!(formula.starts_with("IF("), "{formula}");
}

#[test]
fn growth_is_a_formula_without_division() {
    let form = render(&spec(), &view(RoundingRules::default())).unwrap();
    for (figure, word) in [
        ("growing/2022/101/numerator", "да"),
        ("growing/2022/102/numerator", "да"),
        ("growing/2022/103/numerator", "нет"),
        ("growing/2021/101/numerator", "нет"),
        ("growing/2021/102/numerator", "нет"),
    ] {
        let placed = form.placed.iter().find(|placed| placed.figure_id == figure).unwrap();
        assert_eq!((placed.sheet.as_str(), placed.text.as_str()), ("Школы", word), "{figure}");
        let (value, formula) = at(&form, "Школы", &placed.cell);
        assert_eq!(value, Data::String(word.into()), "{figure}");
        assert!(formula.contains('*') && !formula.contains('/'), "{formula}");
    }
}

#[test]
fn a_gap_is_visible_and_has_no_formula() {
    let form = render(&spec(), &view(RoundingRules::default())).unwrap();
    assert!(!form.placed.iter().any(|placed| placed.figure_id.starts_with("events/2021")));
    assert!(!form.placed.iter().any(|placed| placed.figure_id == "events/change"));
    let (row, _) = split(&place(&form, "events/2022").cell);
    for column in ["D", "E", "F", "J"] {
        let (value, formula) = at(&form, "Свод", &format!("{column}{}", row + 1));
        let wanted =
            if column == "F" { "Журнал.xlsx: впишите дату (B7)" } else { "нет данных" };
        assert_eq!((value, formula.as_str()), (Data::String(wanted.into()), ""));
    }
}

#[test]
fn the_sheet_prints_wide_and_is_locked_but_for_open_cells() {
    let form = render(&spec(), &view(RoundingRules::default())).unwrap();
    let sheet = part_of(&form, "xl/worksheets/sheet1.xml");
    for piece in [
        "<sheetProtection",
        "fitToWidth",
        "orientation=\"landscape\"",
        "<dataValidations count=\"2\"",
        "Пример на условных данных",
    ] {
        let found = sheet.contains(piece) || (piece == "fitToWidth" && sheet.contains("fitToPage"));
        assert!(found, "{piece}");
    }
    assert!(part_of(&form, "xl/styles.xml").contains("quotePrefix=\"1\""));
    assert!(part_of(&form, "docProps/core.xml").contains("2000-01-01T00:00:00Z"));
    assert!(part_of(&form, "docProps/core.xml").contains("<cp:keywords>Пример на условных данных"));
    assert!(part_of(&form, "xl/workbook.xml").contains("_xlnm.Print_Titles"));
}

#[test]
fn two_runs_give_the_same_bytes_and_the_view_survives_serialising() {
    let first = view(RoundingRules::default());
    let copy: MonitoringView = serde_json::from_str(&serde_json::to_string(&first).unwrap()).unwrap();
    assert_eq!(copy, first);
    assert_eq!(render(&spec(), &first).unwrap(), render(&spec(), &copy).unwrap());
}

#[test]
fn a_number_that_does_not_follow_is_refused() {
    let broken = |change: &dyn Fn(&mut MonitoringView)| {
        let mut view = view(RoundingRules::default());
        change(&mut view);
        render(&spec(), &view).map(|_| ()).unwrap_err().to_string()
    };
    let current = |view: &mut MonitoringView, index: usize, change: &dyn Fn(&mut YearView)| {
        change(view.indicators[index].current.as_mut().unwrap());
    };
    assert_eq!(broken(&|view| current(view, 1, &|year| year.numerator = cell(6))), "index/2022: numerator");
    assert_eq!(
        broken(&|view| current(view, 0, &|year| *year.per_school.get_mut("103").unwrap() = grown(1, None))),
        "growing/2022: growth"
    );
    assert_eq!(
        broken(&|view| current(view, 3, &|year| *year.per_school.get_mut("103").unwrap() = part(2, None))),
        "helped/2022: yes or no"
    );
    assert_eq!(broken(&|view| current(view, 5, &|year| year.value = None)), "events/2022: value");
    assert_eq!(broken(&|view| view.indicators[4].change = None), "low/change: change");
    assert_eq!(broken(&|view| view.schools.clear()), FormError::Empty.to_string());
}

#[test]
fn texts_that_would_break_a_workbook_are_refused() {
    for (given, wrong) in [
        ("summary = \"Свод\"", "summary = \"Свод: 1\""),
        ("summary = \"Свод\"", "summary = \"школы\""),
        ("undefined = \"—\"", "undefined = \"inf\""),
        ("undefined = \"—\"", "undefined = \"TRUE\""),
        ("no = \"нет\"", "no = \"Да\""),
        ("grows = \"рост: да / нет\"", "grows = \"рост: {yaer}\""),
        ("grows = \"рост: да / нет\"", "grows = \"рост\\u0001\""),
        ("name = \"Форма ежегодного мониторинга\"", "name = \"Форма\"\nnames = \"\""),
    ] {
        assert!(FORM.contains(given), "{given}");
        assert!(FormSpec::parse(&FORM.replacen(given, wrong, 1)).is_err(), "{wrong}");
    }
}

#[test]
fn marks_with_codes_of_a_page_header_stay_text() {
    let mut view = view(RoundingRules::default());
    view.draft_mark = Some("&A&P \u{1}".into());
    view.municipality = "=cmd|' /C calc'!A0 {year}".into();
    let form = render(&spec(), &view).unwrap();
    assert!(part_of(&form, "xl/worksheets/sheet1.xml").contains("&amp;&amp;A&amp;&amp;P"));
    let labels = at(&form, "Свод", "A3");
    assert_eq!(labels, (Data::String("Муниципалитет: =cmd|' /C calc'!A0 {year}".into()), String::new()));
}

#[test]
fn every_placed_cell_shows_its_number() {
    let form = render(&spec(), &view(RoundingRules::default())).unwrap();
    let mut book = open(&form);
    let ranges: BTreeMap<&str, _> = ["Свод", "Школы"].map(|name| (name, book.worksheet_range(name).unwrap())).into();
    let rounding = Rounding { mode: RoundingMode::HalfUp, digits: 1 };
    for placed in &form.placed {
        let shown = match ranges[placed.sheet.as_str()].get_value(split(&placed.cell)) {
            Some(Data::Float(number)) => {
                let text = crate::ru::number(&Measure::from_cell(*number).unwrap(), rounding, true);
                text.trim_end_matches(",0").to_owned()
            }
            Some(Data::String(text)) => text.clone(),
            other => panic!("{}: {other:?}", placed.figure_id),
        };
        let text = placed.text.trim_end_matches("\u{a0}%").trim_start_matches('+').trim_end_matches(",0");
        assert_eq!(shown, text, "{}", placed.figure_id);
    }
    // What a summary shows in bold, the ledger must know: six rows, less a zero denominator and a gap.
    let values = form.placed.iter().filter(|p| p.sheet == "Свод" && p.figure_id.split('/').count() == 2);
    assert_eq!(values.count(), 6 * 3 - 2 - 2);
}

#[test]
fn an_end_that_would_stand_alone_is_drawn_onto_the_pages_before() {
    use super::sheet::drawn_together;
    // Much room, a little too much, half a page more, a little more than two pages.
    let pages = [400, 730, 1000, 1300].map(|height| drawn_together((915, height), 34, true));
    assert_eq!(pages, [0, 1, 0, 2]);
}
