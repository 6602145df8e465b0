//! Percents back into counts: only where one set of counts alone gives the percents.
//! In: the number of participants and the percents as written. Out: the counts, or why there are none.
//! It must never know what is counted.

use crate::measure::Measure;

use super::grid::Decimal;

/// Decimals beyond which a share is taken as not rounded.
const MAX_DIGITS: usize = 6;

/// What percents and the number of participants tell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Counts {
    /// One set of counts fits.
    Certain(Vec<u32>),
    /// Several sets of counts fit: the row stays a share.
    Ambiguous,
    /// No set of counts fits.
    Impossible,
}

/// Returns the decimals to which a table of shares is rounded: those of its finest value.
pub(super) fn digits<'a>(shares: impl Iterator<Item = &'a Decimal>) -> usize {
    shares.map(|share| share.digits).max().unwrap_or(0).min(MAX_DIGITS)
}

/// Finds the counts of groups from the percents of their parts; parts of one group are added up.
///
/// A share of `digits` decimals stands for every value within half a unit of the last one, so each part gives a
/// range of counts, and so does a group. The counts are certain when they are the only ones that add up.
pub(super) fn counts(total: u32, groups: &[Vec<&Decimal>], digits: usize) -> Counts {
    let mut ranges = Vec::new();
    for group in groups {
        let mut sum = (0_u32, 0_u32);
        for share in group {
            let Some(range) = range(total, share, digits) else { return Counts::Impossible };
            sum = (sum.0.saturating_add(range.0), sum.1.saturating_add(range.1));
        }
        ranges.push(sum);
    }
    let low = ranges.iter().fold(0_u32, |sum, range| sum.saturating_add(range.0));
    let high = ranges.iter().fold(0_u32, |sum, range| sum.saturating_add(range.1));
    if total < low || total > high {
        return Counts::Impossible;
    }
    let loose = ranges.iter().filter(|range| range.1 > range.0).count();
    if total == low {
        Counts::Certain(ranges.iter().map(|range| range.0).collect())
    } else if total == high {
        Counts::Certain(ranges.iter().map(|range| range.1).collect())
    } else if loose == 1 {
        let rest = total - low;
        let take = |range: &(u32, u32)| if range.1 > range.0 { range.0 + rest } else { range.0 };
        Counts::Certain(ranges.iter().map(take).collect())
    } else {
        Counts::Ambiguous
    }
}

/// Returns the least and the greatest count whose share is written so; `None` when there is none.
fn range(total: u32, share: &Decimal, digits: usize) -> Option<(u32, u32)> {
    let hundred = Measure::from(100_i64);
    if share.value.is_negative() || share.value > hundred {
        return None;
    }
    let scale = 10_i64.checked_pow(u32::try_from(digits).ok()?)?;
    // Half a unit of the last decimal, and what it is worth in counts.
    let half = Measure::ratio(1, scale.checked_mul(2)?)?;
    let whole = Measure::from(i64::from(total));
    let worth = |share: Measure| (&share * &whole).checked_div(&hundred);
    let (least, most) = (worth(&share.value - &half)?, worth(&share.value + &half)?);
    let fits = |count: u32| {
        let count = Measure::from(i64::from(count));
        count >= least && count <= most
    };
    // The fitting counts stand together: halve the interval until one end is found.
    let below = |count: &u32| Measure::from(i64::from(*count)) < least;
    let (mut low, mut high) = (0_u32, total);
    while low < high {
        let middle = low + (high - low) / 2;
        if below(&middle) { low = middle + 1 } else { high = middle }
    }
    let first = low;
    if !fits(first) {
        return None;
    }
    let (mut low, mut high) = (first, total);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if fits(middle) { low = middle } else { high = middle - 1 }
    }
    Some((first, low))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workbook::CellValue;

    fn shares(total: u32, parts: &[&str], digits: usize) -> Counts {
        let parts: Vec<Decimal> =
            parts.iter().filter_map(|part| super::super::grid::decimal(&CellValue::Text((*part).into()))).collect();
        let groups: Vec<Vec<&Decimal>> = parts.iter().map(|part| vec![part]).collect();
        counts(total, &groups, digits)
    }

    #[test]
    fn shares_of_a_school_give_its_counts() {
        assert_eq!(shares(7, &["14,29", "28,57", "57,14", "0"], 2), Counts::Certain(vec![1, 2, 4, 0]));
        assert_eq!(shares(3, &["33,3", "33,3", "33,3", "0"], 1), Counts::Certain(vec![1, 1, 1, 0]));
        assert_eq!(shares(0, &["0", "0", "0", "0"], 1), Counts::Certain(vec![0, 0, 0, 0]));
    }

    #[test]
    fn shares_too_coarse_for_the_number_of_participants_stay_shares() {
        assert_eq!(shares(250, &["10", "30", "40", "20"], 0), Counts::Ambiguous);
        assert_eq!(shares(250, &["10", "30", "40", "20"], 2), Counts::Certain(vec![25, 75, 100, 50]));
        // One loose share alone is held by the others.
        assert_eq!(shares(150, &["0", "0", "100", "0"], 0), Counts::Certain(vec![0, 0, 150, 0]));
    }

    #[test]
    fn shares_that_no_count_gives_are_refused() {
        assert_eq!(shares(7, &["15", "28,57", "57,14", "0"], 2), Counts::Impossible);
        assert_eq!(shares(7, &["14,29", "28,57", "0", "0"], 2), Counts::Impossible);
        assert_eq!(shares(7, &["114,29", "0", "0", "0"], 2), Counts::Impossible);
    }

    #[test]
    fn every_small_school_comes_back_from_two_decimals() {
        for total in 1_u32..=40 {
            for two in 0..=total {
                let rest = total - two;
                let written = |count: u32| {
                    let share = Measure::from(i64::from(count)).percent_of(&Measure::from(i64::from(total)));
                    let rounding = crate::figure::Rounding { mode: crate::figure::RoundingMode::HalfUp, digits: 2 };
                    crate::ru::number(&share.unwrap_or_default(), rounding, false)
                };
                let parts = [written(two), written(rest / 2), written(rest - rest / 2), written(0)];
                let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
                assert_eq!(shares(total, &parts, 2), Counts::Certain(vec![two, rest / 2, rest - rest / 2, 0]));
            }
        }
    }
}
