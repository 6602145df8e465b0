//! The public edition: nothing that is hidden can be worked out, on random tables and on the sample; and it holds no
//! sources. The look for what can be worked out is independent of the program: it knows shown values and sums only.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use svod::context::{CellView, TableView};
use svod::diag::Diagnostics;
use svod::disclosure::{Count, Counted, Relation, Rules, protect};
use svod::measure::Measure;
use svod::pipeline::{self, FormContent};
use svod::workbook::{Book, CellValue, read_xlsx};

use crate::run::{messages, outcome, request};
use crate::{cases, project};

/// An independent look for hidden counts that can be worked out: elimination over residues of a large prime, then bounds
/// from the least value up by propagation. It knows ids, shown values and sums only.
fn worked_out(
    counts: &BTreeMap<String, Count>,
    relations: &[Relation],
    hidden: &BTreeSet<String>,
    least: i128,
) -> Vec<String> {
    const P: i128 = (1 << 61) - 1;
    let unknown: Vec<&String> = hidden.iter().collect();
    let at = |id: &String| unknown.iter().position(|known| *known == id);
    let mut matrix: Vec<Vec<i128>> = Vec::new();
    let mut sums: Vec<(Vec<(usize, i128)>, i128)> = Vec::new();
    for relation in relations {
        let Relation::Sum { total, parts } = relation else { continue };
        if std::iter::once(total).chain(parts).any(|id| !counts.contains_key(id)) {
            continue;
        }
        let mut row = vec![0; unknown.len()];
        let mut rest = 0;
        let signed = std::iter::once((total, -1)).chain(parts.iter().map(|part| (part, 1)));
        for (id, sign) in signed {
            match at(id) {
                Some(index) => row[index] += sign,
                None => rest -= sign * i128::from(counts[id].value.to_integer().expect("a whole number")),
            }
        }
        sums.push((row.iter().copied().enumerate().filter(|(_, factor)| *factor != 0).collect(), rest));
        matrix.push(row.iter().map(|factor| factor.rem_euclid(P)).collect());
    }
    let power = |mut base: i128, mut exponent: i128| {
        let mut result = 1;
        while exponent > 0 {
            if exponent % 2 == 1 {
                result = result * base % P;
            }
            base = base * base % P;
            exponent /= 2;
        }
        result
    };
    let mut rank = 0;
    for column in 0..unknown.len() {
        let Some(pivot) = (rank..matrix.len()).find(|row| matrix[*row][column] != 0) else { continue };
        matrix.swap(rank, pivot);
        let inverse = power(matrix[rank][column], P - 2);
        let lead: Vec<i128> = matrix[rank].iter().map(|value| value * inverse % P).collect();
        matrix[rank].clone_from(&lead);
        for (index, row) in matrix.iter_mut().enumerate().filter(|(index, _)| *index != rank) {
            let _ = index;
            let factor = row[column];
            for (value, known) in row.iter_mut().zip(&lead) {
                *value = (*value - factor * known).rem_euclid(P);
            }
        }
        rank += 1;
    }
    let mut found = BTreeSet::new();
    for row in matrix.iter().take(rank) {
        let mut nonzero = row.iter().enumerate().filter(|(_, value)| **value != 0);
        if let (Some((index, _)), None) = (nonzero.next(), nonzero.next()) {
            found.insert(unknown[index].clone());
        }
    }
    // Bounds.
    let (mut low, mut high) = (vec![least; unknown.len()], vec![i128::MAX / 4; unknown.len()]);
    for _ in 0..50 {
        for (terms, rest) in &sums {
            for (index, factor) in terms {
                let others = terms.iter().filter(|(other, _)| other != index);
                let (mut least, mut most) = (0_i128, 0_i128);
                for (other, factor) in others {
                    let (a, b) = (factor.saturating_mul(low[*other]), factor.saturating_mul(high[*other]));
                    least = least.saturating_add(a.min(b));
                    most = most.saturating_add(a.max(b));
                }
                let (a, b) = (rest.saturating_sub(most), rest.saturating_sub(least));
                let (a, b) = if *factor > 0 { (a, b) } else { (b.saturating_neg(), a.saturating_neg()) };
                low[*index] = low[*index].max(a);
                high[*index] = high[*index].min(b);
            }
        }
    }
    let fixed = (0..unknown.len()).filter(|index| low[*index] == high[*index]);
    found.extend(fixed.map(|index| unknown[index].clone()));
    found.into_iter().collect()
}

/// A table with totals of rows and columns, and one of a subset of columns: linked sums.
fn table(values: &[Vec<i64>], has_grand: bool, linked: usize) -> (BTreeMap<String, Count>, Vec<Relation>) {
    let (mut counts, mut relations) = (Vec::new(), Vec::new());
    let (rows, columns) = (values.len(), values[0].len());
    let id = |row: usize, column: usize| format!("r{row}c{column}");
    for (row, cells) in values.iter().enumerate() {
        counts.extend(cells.iter().enumerate().map(|(column, value)| (id(row, column), *value)));
        counts.push((format!("row{row}"), cells.iter().sum()));
        relations.push((format!("row{row}"), (0..columns).map(|column| id(row, column)).collect::<Vec<_>>()));
        let some = linked.min(columns);
        if some > 1 {
            counts.push((format!("some{row}"), cells.iter().take(some).sum()));
            relations.push((format!("some{row}"), (0..some).map(|column| id(row, column)).collect()));
        }
    }
    for column in 0..columns {
        counts.push((format!("column{column}"), values.iter().map(|cells| cells[column]).sum()));
        relations.push((format!("column{column}"), (0..rows).map(|row| id(row, column)).collect()));
    }
    if has_grand {
        counts.push(("grand".to_owned(), values.iter().flatten().sum()));
        relations.push(("grand".to_owned(), (0..rows).map(|row| format!("row{row}")).collect()));
        relations.push(("grand".to_owned(), (0..columns).map(|column| format!("column{column}")).collect()));
    }
    let count = |value: i64| Count { value: Measure::from(value), of: Counted::Pupils };
    (
        counts.into_iter().map(|(id, value)| (id, count(value))).collect(),
        relations.into_iter().map(|(total, parts)| Relation::Sum { total, parts }).collect(),
    )
}

#[test]
fn the_independent_look_finds_what_is_left_open() {
    let pupils = |values: [i64; 3]| -> BTreeMap<String, Count> {
        let count = |value: i64| Count { value: Measure::from(value), of: Counted::Pupils };
        ["a", "b", "all"].into_iter().zip(values).map(|(id, value)| (id.to_owned(), count(value))).collect()
    };
    let counts = pupils([3, 20, 23]);
    let relations = [Relation::Sum { total: "all".to_owned(), parts: vec!["a".to_owned(), "b".to_owned()] }];
    let open = BTreeSet::from(["a".to_owned()]);
    assert_eq!(worked_out(&counts, &relations, &open, 0), ["a"]);
    let closed = BTreeSet::from(["a".to_owned(), "b".to_owned()]);
    assert_eq!(worked_out(&counts, &relations, &closed, 0), Vec::<String>::new());
    // Nothing below zero: two zeros of a zero.
    let zeros = pupils([0, 0, 0]);
    assert_eq!(worked_out(&zeros, &relations, &closed, 0), ["a", "b"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_hidden_count_can_be_worked_out(
        (rows, columns) in (1_usize..6, 2_usize..6),
        seeds in prop::collection::vec(prop_oneof![3 => 0_i64..6, 2 => 5_i64..200, 1 => Just(0_i64)], 36),
        has_grand: bool,
        linked in 0_usize..5,
        zero in prop::bool::weighted(0.3),
    ) {
        let values: Vec<Vec<i64>> = (0..rows).map(|row| seeds[row * columns..(row + 1) * columns].to_vec()).collect();
        let (counts, relations) = table(&values, has_grand, linked);
        let rules = Rules { zero, ..Rules::default() };
        let hidden = protect(&counts, &relations, &rules);
        for (id, count) in &counts {
            prop_assert!(!rules.is_small(&count.value, count.of) || hidden.contains(id), "{id} is small and shown");
        }
        let found = worked_out(&counts, &relations, &hidden, 0);
        // Where a whole table is hidden and nothing shown, nothing more can be done.
        prop_assert!(found.is_empty() || hidden.len() == counts.len(), "{found:?} of {hidden:?} in {counts:?}");
        // Who knows that zeros are shown knows that what is hidden is one at least.
        if !zero && hidden.iter().all(|id| !counts[id].value.is_zero()) {
            let found = worked_out(&counts, &relations, &hidden, 1);
            prop_assert!(found.is_empty() || hidden.len() == counts.len(), "{found:?} of {hidden:?} in {counts:?}");
        }
        for relation in &relations {
            let Relation::Sum { total, parts } = relation else { continue };
            let count = std::iter::once(total).chain(parts).filter(|id| hidden.contains(*id)).count();
            prop_assert_ne!(count, 1, "{} alone in {}", total, total);
        }
        prop_assert_eq!(hidden, protect(&counts, &relations, &rules));
    }
}

/// Small rests of parts of wholes that can be worked out: what is left of a whole is never shown, whatever its size.
fn rests_worked_out(
    counts: &BTreeMap<String, Count>,
    relations: &[Relation],
    hidden: &BTreeSet<String>,
    rules: &Rules,
) -> Vec<String> {
    let (mut all, mut more, mut unknown) = (counts.clone(), relations.to_vec(), hidden.clone());
    let mut small = BTreeSet::new();
    for relation in relations {
        let Relation::Part { part, whole } = relation else { continue };
        let (below, above) = (&counts[part], &counts[whole]);
        let rest = &above.value - &below.value;
        if below.of != above.of || rest.is_negative() {
            continue;
        }
        let id = format!("rest of {whole} without {part}");
        if rules.is_small(&rest, above.of) {
            small.insert(id.clone());
        }
        all.insert(id.clone(), Count { value: rest, of: above.of });
        more.push(Relation::Sum { total: whole.clone(), parts: vec![part.clone(), id.clone()] });
        unknown.insert(id);
    }
    let found = worked_out(&all, &more, &unknown, 0);
    found.into_iter().filter(|id| small.contains(id) || hidden.contains(id)).collect()
}

/// Schools with parts of wholes, and their totals.
fn parts_of_wholes(schools: &[(i64, i64)]) -> (BTreeMap<String, Count>, Vec<Relation>) {
    let count = |value: i64| Count { value: Measure::from(value), of: Counted::Pupils };
    let (mut counts, mut relations) = (BTreeMap::new(), Vec::new());
    let ids = |kind: &str| (0..schools.len()).map(|index| format!("{kind}{index}")).collect::<Vec<_>>();
    for (index, (part, rest)) in schools.iter().enumerate() {
        counts.insert(format!("part{index}"), count(*part));
        counts.insert(format!("whole{index}"), count(part + rest));
        relations.push(Relation::Part { part: format!("part{index}"), whole: format!("whole{index}") });
    }
    counts.insert("parts".to_owned(), count(schools.iter().map(|(part, _)| part).sum()));
    counts.insert("wholes".to_owned(), count(schools.iter().map(|(part, rest)| part + rest).sum()));
    relations.push(Relation::Sum { total: "parts".to_owned(), parts: ids("part") });
    relations.push(Relation::Sum { total: "wholes".to_owned(), parts: ids("whole") });
    relations.push(Relation::Part { part: "parts".to_owned(), whole: "wholes".to_owned() });
    (counts, relations)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_small_rest_of_a_whole_can_be_worked_out(
        schools in prop::collection::vec((0_i64..40, prop_oneof![2 => 0_i64..5, 3 => 5_i64..60]), 1..7),
        zero in prop::bool::weighted(0.3),
    ) {
        let (counts, relations) = parts_of_wholes(&schools);
        let rules = Rules { zero, ..Rules::default() };
        let hidden = protect(&counts, &relations, &rules);
        let found = rests_worked_out(&counts, &relations, &hidden, &rules);
        prop_assert!(found.is_empty() || hidden.len() == counts.len(), "{found:?} of {hidden:?} in {counts:?}");
    }
}

/// The tables of a run of the sample with changes: internal, then public.
fn tables(changes: &str) -> [Vec<TableView>; 2] {
    let outer = tempfile::tempdir().expect("a folder");
    let inputs = outer.path().join("inputs");
    cases::sample_with(&format!("# probe\n\nA probe.\n{changes}"), &inputs).expect("inputs");
    let request = request(&inputs, &outer.path().join("outputs"));
    let municipalities = pipeline::discover(&inputs).expect("a municipality");
    let municipality = municipalities.first().expect("a municipality");
    let mut diagnostics = Diagnostics::default();
    let prepared = pipeline::prepare(municipality, &request, &messages(), &mut diagnostics).expect("an analysis");
    [false, true].map(|is_public| {
        let is_it = |content: &FormContent| match content {
            FormContent::Tables(_, view) => Some(view.tables.clone()),
            FormContent::Monitoring(..) => None,
        };
        let mut jobs = prepared.forms.iter().filter(|job| job.is_public == is_public);
        jobs.find_map(|job| is_it(&job.content)).expect("tables")
    })
}

/// The counts of tables by id, and the ids that are there.
fn counts(tables: &[TableView]) -> BTreeMap<String, Count> {
    let cells = tables.iter().flat_map(|table| &table.rows).flatten();
    let count = |cell: &CellView| match cell {
        CellView::Figure(figure, of) => Some((figure.id.clone(), Count { value: figure.value.clone(), of: *of })),
        _ => None,
    };
    cells.filter_map(count).collect()
}

#[test]
fn nothing_hidden_of_the_sample_can_be_worked_out() {
    for changes in [
        "",
        "\n## Changes\n\n- Результаты процедур.xlsx › ОГЭ!G4 = 1\n",
        "\n```toml svod.toml\ndisclosure = { public = true, threshold = 30, teachers = 6 }\n```\n",
    ] {
        let [internal, public] = tables(changes);
        let (shown, all) = (counts(&public), counts(&internal));
        let of_public: Vec<&TableView> = internal.iter().filter(|table| table.is_public).collect();
        let relations: Vec<Relation> = of_public.iter().flat_map(|table| table.relations.clone()).collect();
        let ids: BTreeSet<String> = of_public
            .iter()
            .flat_map(|table| &table.rows)
            .flatten()
            .map(CellView::id)
            .filter(|id| !id.is_empty())
            .collect();
        let hidden: BTreeSet<String> = ids.iter().filter(|id| !shown.contains_key(*id)).cloned().collect();
        assert!(hidden.len() > 5 && hidden.len() < ids.len(), "{} of {}", hidden.len(), ids.len());
        let sums = relations.iter().filter_map(|relation| match relation {
            Relation::Sum { total, parts } => Some(std::iter::once(total).chain(parts)),
            Relation::Derived { .. } | Relation::Part { .. } => None,
        });
        let added: BTreeSet<&String> = sums.flatten().collect();
        let whole: BTreeSet<String> = hidden.iter().filter(|id| added.contains(*id)).cloned().collect();
        let is_whole = |id: &String| all[id].value.to_integer().is_some();
        assert!(whole.iter().all(is_whole), "counts are whole numbers");
        for least in [0, 1] {
            assert_eq!(worked_out(&all, &relations, &whole, least), Vec::<String>::new(), "{changes}");
        }
        let parts = relations.iter().filter(|relation| matches!(relation, Relation::Part { .. })).count();
        assert!(parts > 20, "{parts} parts of wholes");
        let rules = match changes.contains("threshold = 30") {
            true => Rules { threshold: 30, teachers: 6, ..Rules::default() },
            false => Rules::default(),
        };
        assert_eq!(rests_worked_out(&all, &relations, &whole, &rules), Vec::<String>::new(), "{changes}");
        for relation in &relations {
            let Relation::Derived { value, from } = relation else { continue };
            assert!(!shown.contains_key(value) || !from.iter().any(|id| hidden.contains(id)), "{value}");
        }
        assert!(public.iter().all(|table| table.is_public) && public.len() < internal.len());
        // Formulas stand in the internal edition only.
        assert!(internal.iter().any(|table| table.scales.len() > 50));
        assert!(public.iter().all(|table| table.scales.is_empty()));
    }
}

/// Every text and number of a workbook.
fn texts(book: &Book) -> Vec<String> {
    let text = |value: &CellValue| match value {
        CellValue::Text(text) => text.to_string(),
        other => format!("{other:?}"),
    };
    book.sheets.iter().flat_map(|sheet| sheet.rows.values()).flatten().map(|(_, value)| text(value)).collect()
}

/// The schools that have a marker, and the index that stands under them.
fn index_of_territory(analysis: &Book) -> (BTreeSet<String>, Option<f64>) {
    let sheet = analysis.sheets.iter().find(|sheet| sheet.name == "Требует проверки").expect("the sheet");
    let is_text = |cell: &&CellValue, start: &str| matches!(cell, CellValue::Text(text) if text.starts_with(start));
    let is_index = |cell: &CellValue| is_text(&cell, "доля школ без признаков");
    let row = sheet.rows.values().find(|row| row.values().any(is_index)).expect("the index");
    let index = row.values().find_map(|cell| if let CellValue::Number(number) = cell { Some(*number) } else { None });
    let firsts = sheet.rows.values().filter_map(|row| row.values().next()).filter(|cell| is_text(cell, "ОО-"));
    (firsts.map(|cell| format!("{cell:?}")).collect(), index)
}

#[test]
fn the_index_of_the_territory_is_the_share_of_schools_without_markers() {
    const SCHOOLS: usize = 17;
    let outer = tempfile::tempdir().expect("a folder");
    let request = request(&project("inputs/mariinsk"), &outer.path().join("outputs"));
    let outcome = outcome(&request, true);
    let file = outer.path().join("outputs").join(&outcome.municipality).join("Отчёты/Анализ.xlsx");
    let book = read_xlsx(&std::fs::read(file).expect("the workbook")).expect("a workbook that can be read");
    let (marked, index) = index_of_territory(&book);
    assert!(!marked.is_empty() && marked.len() < SCHOOLS);
    // Half and more is rounded up.
    let by_hand = (200 * (SCHOOLS - marked.len()) + SCHOOLS) / (2 * SCHOOLS);
    assert_eq!(index.map(|index| index.to_string()), Some(by_hand.to_string()));
}

#[test]
fn the_public_edition_stands_apart_and_tells_no_sources() {
    const PUBLIC: &str = "Открытая редакция/Анализ.xlsx";
    let outer = tempfile::tempdir().expect("a folder");
    let inputs = outer.path().join("inputs");
    // A cell that cannot be read leaves gaps, which name their cells in the internal edition only.
    let changes = "- Результаты процедур.xlsx › ОГЭ!G4 = много\n- Результаты процедур.xlsx › ОГЭ!G38 = много\n";
    cases::sample_with(&format!("# probe\n\nA probe.\n\n## Changes\n\n{changes}"), &inputs).expect("inputs");
    let request = request(&inputs, &outer.path().join("outputs"));
    let outcome = outcome(&request, true);
    let folder = outer.path().join("outputs").join(&outcome.municipality);
    let read = |file: &str| {
        read_xlsx(&std::fs::read(folder.join(file)).expect("the workbook")).expect("a workbook that can be read")
    };
    let (internal, public) = (read("Анализ.xlsx"), read(PUBLIC));
    assert!(texts(&internal).iter().any(|text| text.contains("ОГЭ!G4")));
    assert!(!texts(&public).iter().any(|text| text.contains("xlsx") || text.contains('!')));
    assert!(texts(&public).iter().any(|text| text.starts_with("нет данных: ")));
    let names = |book: &Book| book.sheets.iter().map(|sheet| sheet.name.clone()).collect::<Vec<_>>();
    assert!(names(&internal).contains(&"Результаты процедур".to_owned()));
    assert!(!names(&public).contains(&"Результаты процедур".to_owned()));
    // Where results of the year are in doubt, the index of the territory is no number.
    assert_eq!(index_of_territory(&internal).1, None);
    // What asks to be looked at is never published.
    assert!(names(&internal).contains(&"Требует проверки".to_owned()));
    assert!(!texts(&public).iter().any(|text| text.contains("требует проверки")));
    assert!(!names(&public).contains(&"Требует проверки".to_owned()));
    assert!(outcome.produced.contains(&PUBLIC.to_owned()));
    assert!(outcome.ledger.documents.iter().any(|entry| entry.file == "Анализ.xlsx"));
    assert!(!outcome.ledger.documents.iter().any(|entry| entry.file == PUBLIC));
}
