//! Tables made by hand; random ones, and a solver that looks for what can be worked out, are among the integration tests.

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
fn what_a_part_lacks_of_its_whole_is_hidden_when_it_is_small() {
    let part = |part: &str, whole: &str| Relation::Part { part: part.to_owned(), whole: whole.to_owned() };
    let relations = [part("a", "n")];
    let rules = Rules::default();
    // 26 of 27 tell of one; 22 of 27 of five; all of 27 of nobody, unless zeros are hidden.
    assert_eq!(hidden(&[("a", 26), ("n", 27)], &relations, &rules), ["a"]);
    assert_eq!(hidden(&[("a", 23), ("n", 27)], &relations, &rules), ["a"]);
    assert_eq!(hidden(&[("a", 22), ("n", 27)], &relations, &rules), Vec::<String>::new());
    assert_eq!(hidden(&[("a", 27), ("n", 27)], &relations, &rules), Vec::<String>::new());
    assert_eq!(hidden(&[("a", 27), ("n", 27)], &relations, &Rules { zero: true, ..rules }), ["a"]);
    // More than the whole is no part of it.
    assert_eq!(hidden(&[("a", 30), ("n", 27)], &relations, &rules), Vec::<String>::new());
    // The part of another school goes with it, so that the sum does not tell; the whole of it stays.
    let relations = [part("a", "n"), part("b", "m"), sum("all", &["a", "b", "c"]), sum("whole", &["n", "m", "k"])];
    let counts = [("a", 26), ("n", 27), ("b", 10), ("m", 40), ("c", 12), ("k", 30), ("all", 48), ("whole", 97)];
    assert_eq!(hidden(&counts, &relations, &rules), ["a", "b"]);
    // A part that is small itself leaves nothing more to hide.
    assert_eq!(hidden(&[("a", 3), ("n", 27)], &[part("a", "n")], &rules), ["a"]);
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
fn what_is_derived_and_added_up_is_covered_in_its_sum() {
    // Points of schools tell how many pupils stand behind them.
    let derived = |value: &str, from: &str| Relation::Derived { value: value.to_owned(), from: vec![from.to_owned()] };
    let relations = [
        sum("points", &["p1", "p2", "p3"]),
        sum("pupils", &["n1", "n2", "n3"]),
        derived("p1", "n1"),
        derived("p2", "n2"),
    ];
    let counts =
        [("p1", 15), ("p2", 40), ("p3", 90), ("points", 145), ("n1", 3), ("n2", 10), ("n3", 30), ("pupils", 43)];
    assert_eq!(hidden(&counts, &relations, &Rules::default()), ["n1", "n2", "p1", "p2"]);
}

#[test]
fn the_same_count_in_two_tables_is_hidden_in_both() {
    let relations = [sum("a", &["b"]), sum("all", &["a", "c", "d"]), sum("more", &["b", "e"])];
    let counts = [("a", 3), ("b", 3), ("c", 9), ("d", 20), ("all", 32), ("e", 7), ("more", 10)];
    assert_eq!(hidden(&counts, &relations, &Rules::default()), ["a", "b", "c", "e"]);
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
