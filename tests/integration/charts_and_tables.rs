//! Geometry of what shows figures: commas over one another in a column, one scale for the charts of a section.

#![expect(clippy::expect_used, reason = "a page that is not made is a failed test")]
#![expect(clippy::float_arithmetic, reason = "geometry of pages")]

use std::collections::BTreeMap;

use svod::context::View;
use svod::figure::{Figure, RoundingRules, Unit};
use svod::measure::Measure;
use svod::provenance::NodeId;
use svod::typeset::{Fonts, Hit};

use crate::templates::{job, make, names, text};

/// Size of the text in tables, points.
const SIZE: f64 = 12.0;

/// Width of what stands behind the figure's whole part: every digit of the font is half an em wide.
fn tail(text: &str) -> f64 {
    let whole = text.find(',').unwrap_or_else(|| text.trim_end_matches(['%', '\u{a0}']).len());
    let width = |c: char| match c {
        ',' | ' ' | '\u{a0}' => 0.25,
        '%' => 0.833,
        _ => 0.5,
    };
    text.get(whole..).unwrap_or_default().chars().map(width).sum::<f64>() * SIZE
}

fn figure(id: usize, value: &str, unit: Unit) -> View {
    let rounding = RoundingRules::default().of(unit);
    let value = Measure::parse_decimal(value).expect("a number");
    View::Figure(Figure { id: format!("figure-{id}"), value, unit, rounding, node: NodeId(0) })
}

/// Where the commas of the figures stand, from the left.
fn commas(hits: &[Hit]) -> Vec<f64> {
    let places = hits.iter().filter(|hit| hit.text != "2022");
    places.map(|hit| hit.places.first().map_or(0.0, |place| place.x + place.width - tail(&hit.text))).collect()
}

fn rows(cells: Vec<View>) -> BTreeMap<String, View> {
    let mut view = names();
    let rows = cells.into_iter().map(|cell| View::map([("cell", cell)])).collect();
    view.insert("rows".to_owned(), View::List(rows));
    view
}

#[test]
fn commas_of_a_column_stand_over_one_another() {
    let body = |width: &str, before: &str| {
        format!(
            "#data-table(columns: (1fr, {width}), align: (\"left\", \"decimal\"), header: ([Школа], [Доля]),\n  \
            {{% for row in rows %}}row([Школа], [{before}{{{{ row.cell }}}}]),{{% endfor %}}\n  \
            row([Нет], [—]), row([Скрыто], [скрыто]))"
        )
    };
    let values = [("9.5", Unit::Index), ("100", Unit::Percent), ("−1.25", Unit::Index), ("7", Unit::Count)];
    let cells = || {
        let mut cells: Vec<View> =
            values.iter().enumerate().map(|(id, (value, unit))| figure(id, &value.replace('−', "-"), *unit)).collect();
        cells.push(text("1234,56"));
        cells
    };
    for before in ["", "менее "] {
        let made = make(&job(&[&body("4cm", before)], rows(cells())), &Fonts::built_in());
        assert_eq!(made.findings, []);
        let typeset = made.typeset.expect("pages");
        let commas = commas(&typeset.hits);
        assert_eq!(commas.len(), 5, "{:?}", typeset.hits);
        let (low, high) = commas.iter().fold((f64::MAX, f64::MIN), |(low, high), x| (low.min(*x), high.max(*x)));
        assert!(high - low < 0.2, "{commas:?} {:?}", typeset.hits);
    }
    // A column too narrow for that keeps its figures whole in the middle.
    let made = make(&job(&[&body("1.8cm", "")], rows(cells())), &Fonts::built_in());
    assert_eq!(made.findings, []);
    assert!(made.typeset.expect("pages").hits.iter().all(|hit| hit.places.len() == 1));
}

#[test]
fn charts_with_one_full_bar_have_one_scale() {
    let chart = |full: &str| {
        format!(
            "{{% for row in rows %}}#bar-chart(alt: \"Доли\", unit: none, {full}\n  \
            bar(label: [Школа], value: {{{{ row.cell|value }}}}, printed: [{{{{ row.cell }}}}]))\n{{% endfor %}}"
        )
    };
    let cells = || vec![figure(0, "20", Unit::Percent), figure(1, "40", Unit::Percent)];
    // The value stands behind its bar: its place tells how long the bar is.
    let ends = |body: &str| {
        let mut view = rows(cells());
        view.insert("full".to_owned(), View::map([("bar", figure(1, "40", Unit::Percent))]));
        let made = make(&job(&[body], view), &Fonts::built_in());
        assert_eq!(made.findings, []);
        let hits = made.typeset.expect("pages").hits;
        hits.iter().filter_map(|hit| hit.places.first().map(|place| place.x)).collect::<Vec<_>>()
    };
    let own = ends(&chart(""));
    assert!(matches!(own.as_slice(), [a, b] if (a - b).abs() < 0.1), "{own:?}");
    let one = ends(&chart("full: {{ full.bar|value }},"));
    // Half the value is half the bar; the bar begins behind the label and two gaps.
    let begin = (3.0 + 5.5 + 0.3) * 72.0 / 2.54;
    let gap = 0.2 * 72.0 / 2.54;
    let is_half = |half: f64, whole: f64| ((half - begin - gap) * 2.0 - (whole - begin - gap)).abs() < 1.0;
    assert!(matches!(one.as_slice(), [half, whole] if is_half(*half, *whole)), "{one:?}");
    // A typed number has no source.
    let typed = make(&job(&["#bar-chart(alt: \"Доли\", full: 40)"], names()), &Fonts::built_in());
    assert_eq!(typed.findings.first().map(|(id, ..)| id.as_str()), Some("digit-in-template"));
}
