//! Which unknowns of a linear system have but one value.
//! In: rows of factors by unknown, for bounds also what they add up to. Out: the unknowns that are determined.

use std::collections::{BTreeMap, BTreeSet};

use crate::measure::Measure;

type Row = BTreeMap<usize, Measure>;

/// Returns the unknowns that have one value, in order.
pub(super) fn determined(rows: Vec<BTreeMap<usize, i64>>) -> Vec<usize> {
    let mut reduced: Vec<(usize, Row)> = Vec::new();
    for row in prune(rows) {
        let mut row: Row = row.into_iter().map(|(unknown, factor)| (unknown, Measure::from(factor))).collect();
        for (lead, known) in &reduced {
            subtract(&mut row, known, *lead);
        }
        let Some((lead, factor)) = row.first_key_value().map(|(lead, factor)| (*lead, factor.clone())) else {
            continue;
        };
        for value in row.values_mut() {
            *value = value.checked_div(&factor).unwrap_or_default();
        }
        for (_, known) in &mut reduced {
            subtract(known, &row, lead);
        }
        reduced.push((lead, row));
    }
    let mut found: Vec<usize> = reduced.into_iter().filter(|(_, row)| row.len() == 1).map(|(lead, _)| lead).collect();
    found.sort_unstable();
    found
}

/// Takes a reduced row off as often as makes its leading unknown vanish.
fn subtract(row: &mut Row, known: &Row, lead: usize) {
    let Some(factor) = row.get(&lead).cloned() else { return };
    for (unknown, value) in known {
        let left = &row.get(unknown).cloned().unwrap_or_default() - &(&factor * value);
        if left.is_zero() {
            row.remove(unknown);
        } else {
            row.insert(*unknown, left);
        }
    }
}

/// Leaves out rows that determine nothing: two unknowns that stand in no other row can always make up for the rest. Most
/// sums of a region go here, so that what is left is small.
fn prune(mut rows: Vec<BTreeMap<usize, i64>>) -> Vec<BTreeMap<usize, i64>> {
    loop {
        let mut uses: BTreeMap<usize, usize> = BTreeMap::new();
        for unknown in rows.iter().flat_map(BTreeMap::keys) {
            *uses.entry(*unknown).or_default() += 1;
        }
        let alone: BTreeSet<usize> =
            uses.into_iter().filter(|(_, uses)| *uses == 1).map(|(unknown, _)| unknown).collect();
        let before = rows.len();
        rows.retain(|row| row.keys().filter(|unknown| alone.contains(unknown)).count() < 2);
        if rows.len() == before {
            return rows;
        }
    }
}

/// A sum with unknowns: parts less total make the rest.
pub(super) struct Bounded {
    /// The total that is known less the parts that are.
    pub rest: Measure,
    /// The unknowns; whether each is a part.
    pub unknown: Vec<(usize, bool)>,
}

/// Rounds of carrying bounds; each makes bounds closer, never wrong.
const ROUNDS: usize = 60;

/// Returns the unknowns that bounds leave one value alone; the lower ones are given.
pub(super) fn pinned(rows: &[Bounded], mut low: BTreeMap<usize, Measure>) -> Vec<usize> {
    let mut high: BTreeMap<usize, Measure> = BTreeMap::new();
    for _ in 0..ROUNDS {
        let mut is_settled = true;
        for row in rows {
            is_settled &= !tighten(row, &mut low, &mut high);
        }
        if is_settled {
            break;
        }
    }
    low.into_iter().filter(|(cell, low)| high.get(cell) == Some(low)).map(|(cell, _)| cell).collect()
}

/// Carries the bounds of a sum's unknowns to each other; tells whether any came closer.
fn tighten(row: &Bounded, low: &mut BTreeMap<usize, Measure>, high: &mut BTreeMap<usize, Measure>) -> bool {
    // The least and the most that all terms make, a total counted below zero; how many terms have no most or least.
    let (mut least, mut most) = (Measure::default(), Measure::default());
    let (mut endless_below, mut endless_above) = (0_usize, 0_usize);
    for (cell, is_part) in &row.unknown {
        let (lower, upper) = (low.get(cell).cloned().unwrap_or_default(), high.get(cell));
        if *is_part {
            least = &least + &lower;
            match upper {
                Some(upper) => most = &most + upper,
                None => endless_above += 1,
            }
        } else {
            most = &most - &lower;
            match upper {
                Some(upper) => least = &least - upper,
                None => endless_below += 1,
            }
        }
    }
    // The sums stay those of the old bounds: looser, never wrong.
    let mut is_closer = false;
    for (cell, is_part) in &row.unknown {
        let (lower, upper) = (low.get(cell).cloned().unwrap_or_default(), high.get(cell).cloned());
        // What the others make at least and at most.
        let own_most = if *is_part { upper.clone() } else { Some(&Measure::default() - &lower) };
        let own_least =
            if *is_part { Some(lower.clone()) } else { upper.clone().map(|upper| &Measure::default() - &upper) };
        let others_least = match (&own_least, endless_below) {
            (Some(own), 0) => Some(&least - own),
            (None, 1) => Some(least.clone()),
            _ => None,
        };
        let others_most = match (&own_most, endless_above) {
            (Some(own), 0) => Some(&most - own),
            (None, 1) => Some(most.clone()),
            _ => None,
        };
        let (mut down, mut up) =
            (others_most.map(|most| &row.rest - &most), others_least.map(|least| &row.rest - &least));
        if !is_part {
            let turned = |value: Measure| &Measure::default() - &value;
            (down, up) = (up.map(turned), down.map(turned));
        }
        if let Some(down) = down.filter(|down| *down > lower) {
            low.insert(*cell, down);
            is_closer = true;
        }
        if let Some(up) = up.filter(|up| upper.is_none_or(|upper| *up < upper)) {
            high.insert(*cell, up);
            is_closer = true;
        }
    }
    is_closer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[&[(usize, i64)]]) -> Vec<BTreeMap<usize, i64>> {
        rows.iter().map(|row| row.iter().copied().collect()).collect()
    }

    #[test]
    fn what_stands_alone_is_determined() {
        assert_eq!(determined(rows(&[&[(0, 1)]])), [0]);
        assert_eq!(determined(rows(&[&[(0, 1), (1, 1)]])), Vec::<usize>::new());
        assert_eq!(determined(rows(&[&[(0, 1), (1, 1)], &[(0, 1), (1, -1)]])), [0, 1]);
        // Two circles joined by one edge: each sum has two unknowns or more, and the edge is known all the same.
        let bridge =
            rows(&[&[(0, 1), (1, 1), (2, 1)], &[(0, 1), (1, 1)], &[(3, 1), (4, 1), (2, 1)], &[(3, 1), (4, 1)]]);
        assert_eq!(determined(bridge), [2]);
    }

    #[test]
    fn rows_that_say_the_same_say_it_once() {
        assert_eq!(determined(rows(&[&[(0, 2), (1, 3)], &[(0, 4), (1, 6)]])), Vec::<usize>::new());
        assert_eq!(determined(rows(&[&[(0, 2), (1, 3)], &[(0, 4), (1, 6)], &[(1, 5)]])), [0, 1]);
    }
}
