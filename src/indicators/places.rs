//! Places of schools by a share. Schools whose intervals overlap share a place: a finer order would be chance.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Direction;
use crate::measure::Measure;
use crate::model::SchoolCode;

/// A school with its place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ranked {
    /// First and last place that the school shares with others; the same when it shares none.
    pub places: (usize, usize),
    /// The share, per cent.
    pub share: Measure,
    /// Lower and upper bound of the interval, per cent.
    pub interval: (Measure, Measure),
}

impl Ranked {
    /// Tells whether the interval overlaps with another's.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.interval.0 <= other.interval.1 && other.interval.0 <= self.interval.1
    }
}

/// A school, its share and its interval.
type Row<'r> = (&'r SchoolCode, Measure, (Measure, Measure));

/// Gives places by `parts` of `wholes` (whole numbers). Schools without a whole have none.
pub fn places(schools: &BTreeMap<SchoolCode, (Measure, Measure)>, better: Direction) -> BTreeMap<SchoolCode, Ranked> {
    let mut rows: Vec<Row<'_>> = schools
        .iter()
        .filter_map(|(code, (part, whole))| {
            let share = part.percent_of(whole)?;
            let interval = wilson(part, whole)?;
            Some((code, share, interval))
        })
        .collect();
    rows.sort_by(|a, b| a.2.0.cmp(&b.2.0).then_with(|| a.0.cmp(b.0)));
    // Intervals that hang together lie side by side, so that groups of them never interleave.
    let mut groups: Vec<Vec<Row<'_>>> = Vec::new();
    let mut reach = Measure::default();
    for row in rows {
        let upper = row.2.1.clone();
        match groups.last_mut() {
            Some(group) if row.2.0 <= reach => {
                reach = reach.max(upper);
                group.push(row);
            }
            _ => {
                reach = upper;
                groups.push(vec![row]);
            }
        }
    }
    if better == Direction::Up {
        groups.reverse();
    }
    let mut out = BTreeMap::new();
    let mut before = 0;
    for group in groups {
        let places = (before + 1, before + group.len());
        before += group.len();
        for (code, share, interval) in group {
            out.insert(code.clone(), Ranked { places, share, interval });
        }
    }
    out
}

/// The interval of Wilson for a share at 95 %, per cent: z = 1,96; square roots to six digits, rounded outward.
///
/// `None` without a whole.
fn wilson(part: &Measure, whole: &Measure) -> Option<(Measure, Measure)> {
    let z = Measure::ratio(49, 25)?;
    let z2 = &z * &z;
    let share = part.checked_div(whole)?;
    let one = Measure::from(1_i64);
    let z2_by_n = z2.checked_div(whole)?;
    let two = Measure::from(2_i64);
    let four = Measure::from(4_i64);
    let middle = &share + &z2_by_n.checked_div(&two)?;
    let spread = (&share * &(&one - &share)).checked_div(whole)?;
    let under = &spread + &z2_by_n.checked_div(&(&four * whole))?;
    let root = under.root_above(6);
    let reach = &z * &root;
    let below = &one + &z2_by_n;
    let hundred = Measure::from(100_i64);
    let bound = |value: Measure| value.checked_div(&below).map(|value| &value * &hundred);
    Some((bound(&middle - &reach)?, bound(&middle + &reach)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(rows: &[(&str, i64, i64)]) -> BTreeMap<SchoolCode, (Measure, Measure)> {
        rows.iter().map(|(code, part, whole)| ((*code).into(), ((*part).into(), (*whole).into()))).collect()
    }

    #[test]
    fn schools_whose_intervals_overlap_share_a_place() {
        // 10 of 100: 5,5 to 17,4 %; 20 of 100: 13,3 to 28,9 %; 80 of 100: 71,1 to 86,7 %.
        let ranked = places(&given(&[("a", 10, 100), ("b", 20, 100), ("c", 80, 100)]), Direction::Down);
        assert_eq!(ranked.values().map(|one| one.places).collect::<Vec<_>>(), [(1, 2), (1, 2), (3, 3)]);
        let ranked = places(&given(&[("a", 10, 100), ("b", 20, 100), ("c", 80, 100)]), Direction::Up);
        assert_eq!(ranked.values().map(|one| one.places).collect::<Vec<_>>(), [(2, 3), (2, 3), (1, 1)]);
    }

    #[test]
    fn the_interval_is_that_of_wilson() {
        let (lower, upper) = wilson(&Measure::from(10_i64), &Measure::from(100_i64)).unwrap();
        let near = |value: &Measure, tenths: i64| {
            let distance = &(value * &Measure::from(1000_i64)) - &Measure::from(tenths);
            assert!(distance <= 1_i64.into() && distance >= Measure::from(-1_i64), "{value}");
        };
        near(&lower, 5523);
        near(&upper, 17437);
    }

    #[test]
    fn nobody_took_part_nobody_is_placed() {
        assert!(places(&given(&[("a", 0, 0)]), Direction::Up).is_empty());
    }
}
