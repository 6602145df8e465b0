//! Tables made by hand and at random; a solver of its own looks for what can be worked out.

#![expect(clippy::indexing_slicing, reason = "a test may fail loudly")]

use proptest::prelude::*;

use super::*;

fn sum(total: &str, parts: &[&str]) -> Relation {
    Relation::Sum { total: total.to_owned(), parts: parts.iter().map(|part| (*part).to_owned()).collect() }
}

fn pupils(counts: &[(&str, i64)]) -> BTreeMap<String, Count> {
    let count = |value: i64| Count { value: Measure::from(value), of: Counted::Pupils };
    counts.iter().map(|(id, value)| ((*id).to_owned(), count(*value))).collect()
}

fn hidden(counts: &[(&str, i64)], relations: &[Relation], rules: &Rules) -> Vec<String> {
    protect(&pupils(counts), relations, rules).into_iter().collect()
}

#[test]
fn a_small_part_takes_another_with_it() {
    let rules = Rules::default();
    let relations = [sum("all", &["a", "b", "c"])];
    assert_eq!(hidden(&[("a", 3), ("b", 20), ("c", 9), ("all", 32)], &relations, &rules), ["a", "c"]);
    // Two small ones hide each other.
    assert_eq!(hidden(&[("a", 3), ("b", 4), ("c", 9), ("all", 16)], &relations, &rules), ["a", "b"]);
    // Two of one: their sum of two would tell.
    assert_eq!(hidden(&[("a", 1), ("b", 1), ("c", 9), ("all", 11)], &relations, &rules), ["a", "b", "c"]);
    // Zero is shown, and is no cover while there is another.
    assert_eq!(hidden(&[("a", 3), ("b", 0), ("c", 9), ("all", 12)], &relations, &rules), ["a", "c"]);
    assert_eq!(hidden(&[("a", 3), ("b", 0), ("c", 0), ("all", 3)], &relations, &rules), ["a", "all"]);
    assert_eq!(hidden(&[("a", 5), ("b", 20), ("c", 9), ("all", 34)], &relations, &rules), Vec::<String>::new());
    let zero = Rules { zero: true, ..rules };
    assert_eq!(hidden(&[("a", 0), ("b", 20), ("c", 9), ("all", 29)], &relations, &zero), ["a", "c"]);
    assert_eq!(hidden(&[("a", 0), ("b", 0), ("c", 9), ("all", 9)], &relations, &zero), ["a", "b", "c"]);
}

#[test]
fn a_total_that_is_not_shown_tells_nothing() {
    let relations = [sum("all", &["a", "b"])];
    assert_eq!(hidden(&[("a", 3), ("b", 20)], &relations, &Rules::default()), ["a"]);
}

#[test]
fn persons_have_their_own_thresholds_and_things_none() {
    let rules = Rules::default();
    for (of, value, expected) in [
        (Counted::Pupils, 4, true),
        (Counted::Pupils, 5, false),
        (Counted::Teachers, 2, true),
        (Counted::Teachers, 3, false),
        (Counted::Others, 1, false),
        (Counted::Pupils, 0, false),
    ] {
        assert_eq!(rules.is_small(&Measure::from(i64::from(value)), of), expected, "{value} {of:?}");
    }
}

#[test]
fn what_is_derived_of_a_hidden_count_is_hidden_with_it() {
    let derived = |value: &str, from: &[&str]| Relation::Derived {
        value: value.to_owned(),
        from: from.iter().map(|id| (*id).to_owned()).collect(),
    };
    let relations = [derived("change", &["share", "before"]), derived("share", &["part", "whole"])];
    assert_eq!(hidden(&[("part", 3), ("whole", 20)], &relations, &Rules::default()), ["change", "part", "share"]);
    assert_eq!(hidden(&[("part", 9), ("whole", 20)], &relations, &Rules::default()), Vec::<String>::new());
}

#[test]
fn a_cell_of_two_sums_is_covered_in_both() {
    // Rows a, b and columns 1, 2, 3; one small cell needs a rectangle.
    let relations = [
        sum("a", &["a1", "a2", "a3"]),
        sum("b", &["b1", "b2", "b3"]),
        sum("n1", &["a1", "b1"]),
        sum("n2", &["a2", "b2"]),
        sum("n3", &["a3", "b3"]),
    ];
    let counts =
        [("a1", 2), ("a2", 30), ("a3", 8), ("a", 40), ("b1", 50), ("b2", 60), ("b3", 70), ("b", 180), ("n1", 52)];
    let more = [("n2", 90), ("n3", 78)];
    let counts: Vec<(&str, i64)> = counts.into_iter().chain(more).collect();
    assert_eq!(hidden(&counts, &relations, &Rules::default()), ["a1", "a3", "b1", "b3"]);
}

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
                None => rest -= sign * i128::from(counts[id].value.to_integer().unwrap()),
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
    let counts = pupils(&[("a", 3), ("b", 20), ("all", 23)]);
    let relations = [sum("all", &["a", "b"])];
    let open = BTreeSet::from(["a".to_owned()]);
    assert_eq!(worked_out(&counts, &relations, &open, 0), ["a"]);
    let closed = BTreeSet::from(["a".to_owned(), "b".to_owned()]);
    assert_eq!(worked_out(&counts, &relations, &closed, 0), Vec::<String>::new());
    // Nothing below zero: two zeros of a zero.
    let zeros = pupils(&[("a", 0), ("b", 0), ("all", 0)]);
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
