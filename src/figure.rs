//! A printed number: exact value, unit, rounding and provenance travel together.
//! In: a measure with its origin. Out: the one text that PDF, XLSX and ledger share.
//! It must never know templates, pages or sheets.

use serde::{Deserialize, Serialize};

use crate::measure::Measure;
use crate::provenance::NodeId;
use crate::ru;

/// What a figure counts or measures; decides its sign and its digits after the comma.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Whole things: schools, teachers.
    Count,
    /// Hundredths of a whole, printed with « %».
    Percent,
    /// A difference of per cents, printed with a sign and without «%».
    Points,
    /// A difference of counts, printed with a sign.
    CountChange,
    /// A difference of indices, printed with a sign.
    IndexChange,
    /// An index without a sign.
    Index,
    /// A calendar year: never rounded, never grouped.
    Year,
}

/// How digits beyond the last one are treated.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoundingMode {
    /// Half goes away from zero: 29,5 is 30. The habit of Russian reports and of `ROUND`.
    #[default]
    HalfUp,
    /// Digits are cut off: 5,88 is 5. The habit of `ROUNDDOWN`.
    CutOff,
}

/// A declared rounding.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rounding {
    /// The mode.
    pub mode: RoundingMode,
    /// Digits after the comma.
    pub digits: u8,
}

/// The roundings of a run, one a unit; declared in `svod.toml`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RoundingRules {
    /// The mode for every unit.
    pub mode: RoundingMode,
    /// Digits of shares.
    pub share_digits: u8,
    /// Digits of indices.
    pub index_digits: Option<u8>,
}

impl RoundingRules {
    /// Returns the rounding of a unit. Counts and years have no digits; an index has one unless declared.
    pub fn of(&self, unit: Unit) -> Rounding {
        let digits = match unit {
            Unit::Count | Unit::CountChange | Unit::Year => 0,
            Unit::Percent => self.share_digits,
            Unit::Points => self.share_digits.max(1),
            Unit::Index | Unit::IndexChange => self.index_digits.unwrap_or(1),
        };
        Rounding { mode: self.mode, digits }
    }
}

/// A number that may be printed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Figure {
    /// Stable name, unique within a municipality: `low-rate/2022`.
    pub id: String,
    /// The exact value.
    pub value: Measure,
    /// The unit.
    pub unit: Unit,
    /// The declared rounding.
    pub rounding: Rounding,
    /// The node of the provenance graph that the value stands on.
    pub node: NodeId,
}

impl Figure {
    /// The text that stands on every page and in the ledger: «29 %», «−1,3», «2022».
    pub fn text(&self) -> String {
        let number = ru::number(&self.value, self.rounding, self.unit != Unit::Year);
        match self.unit {
            Unit::Percent => format!("{number}\u{a0}%"),
            Unit::Points | Unit::CountChange | Unit::IndexChange
                if !self.value.is_negative() && ru::round(&self.value, self.rounding).0 != Default::default() =>
            {
                format!("+{number}")
            }
            _ => number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(numerator: i64, denominator: i64, unit: Unit, rules: RoundingRules) -> String {
        let value = Measure::ratio(numerator, denominator).unwrap_or_default();
        Figure { id: "x".into(), value, unit, rounding: rules.of(unit), node: NodeId(0) }.text()
    }

    #[test]
    fn the_two_shares_of_the_source_follow_the_declared_rounding() {
        let whole = RoundingRules::default();
        let tenth = RoundingRules { share_digits: 1, ..whole };
        let cut = RoundingRules { mode: RoundingMode::CutOff, ..whole };
        assert_eq!(figure(500, 17, Unit::Percent, whole), "29\u{a0}%");
        assert_eq!(figure(100, 17, Unit::Percent, whole), "6\u{a0}%");
        assert_eq!(figure(100, 17, Unit::Percent, tenth), "5,9\u{a0}%");
        assert_eq!(figure(100, 17, Unit::Percent, cut), "5\u{a0}%");
    }

    #[test]
    fn a_change_carries_its_sign() {
        let rules = RoundingRules::default();
        assert_eq!(figure(-13, 10, Unit::Points, rules), "−1,3");
        assert_eq!(figure(13, 10, Unit::Points, rules), "+1,3");
        assert_eq!(figure(0, 10, Unit::Points, rules), "0,0");
    }
}
