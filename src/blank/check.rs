//! What must hold between the numbers of a blank: a closed list.
//! In: the numbers of a blank by table, row and column. Out: the rows in which a check fails, with both numbers.
//! It must never know how a formula is written.

use serde::{Deserialize, Serialize};

use crate::measure::Measure;

/// A number of a blank: of a row by its id, or of the row that is looked at.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Another table of the form, which the row is of; `None` means the table of the check.
    #[serde(default)]
    pub table: Option<String>,
    /// The row; `None` means the row itself.
    #[serde(default)]
    pub row: Option<String>,
    /// The column.
    pub column: String,
}

/// A check.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Check {
    /// The parts add up to the whole.
    Sum {
        /// The parts.
        parts: Vec<Part>,
        /// The whole; the check belongs to its row.
        whole: Part,
        /// What to say otherwise.
        message: String,
    },
    /// One is not more than the other.
    AtMost {
        /// The one; the check belongs to its row.
        part: Part,
        /// The other.
        whole: Part,
        /// What to say otherwise.
        message: String,
    },
    /// One is the same as the other.
    Equal {
        /// The one; the check belongs to its row.
        part: Part,
        /// The other.
        whole: Part,
        /// What to say otherwise.
        message: String,
    },
    /// A number is told only where the whole has as many: fewer could be known by it.
    Enough {
        /// The number; the check belongs to its row. Zero tells nothing.
        part: Part,
        /// The whole.
        whole: Part,
        /// The least that it must be.
        least: u32,
        /// What to say otherwise.
        message: String,
    },
}

/// A check that failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failed<'c> {
    /// Id of the row it belongs to.
    pub row: String,
    /// The column to look at.
    pub column: &'c str,
    /// What to say.
    pub message: &'c str,
    /// The number that stands there.
    pub found: Measure,
    /// The number that it is held against.
    pub against: Measure,
}

impl Check {
    /// The cell that it belongs to, what it says, and the cells that it reads.
    pub fn place(&self) -> (&Part, &str, Vec<&Part>) {
        match self {
            Self::Sum { parts, whole, message } => (whole, message, parts.iter().chain([whole]).collect()),
            Self::AtMost { part, whole, message }
            | Self::Equal { part, whole, message }
            | Self::Enough { part, whole, message, .. } => (part, message, vec![part, whole]),
        }
    }

    /// The name of its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Sum { .. } => "sum",
            Self::AtMost { .. } => "at-most",
            Self::Equal { .. } => "equal",
            Self::Enough { .. } => "enough",
        }
    }

    /// Tells whether it reads other tables than its own.
    pub fn is_across(&self) -> bool {
        self.place().2.iter().any(|part| part.table.is_some())
    }

    /// Tells whether the check belongs to a row.
    pub fn is_of(&self, row: &str) -> bool {
        self.place().0.row.as_deref().is_none_or(|own| own == row)
    }

    /// The two numbers that do not go together in a row: the one that stands there, and the one that it is held against.
    /// `None` where the check holds, as far as the numbers are there. `number` gives that of a part as a row has it.
    pub fn breach(&self, row: &str, number: &impl Fn(&Part, &str) -> Option<Measure>) -> Option<(Measure, Measure)> {
        let of = |part: &Part| number(part, row);
        match self {
            Self::Sum { parts, whole, .. } => {
                let sum: Measure = parts.iter().map(of).collect::<Option<Vec<_>>>()?.into_iter().sum();
                Some((of(whole)?, sum)).filter(|(whole, sum)| whole != sum)
            }
            Self::AtMost { part, whole, .. } => Some((of(part)?, of(whole)?)).filter(|(part, whole)| part > whole),
            Self::Equal { part, whole, .. } => Some((of(part)?, of(whole)?)).filter(|(part, whole)| part != whole),
            Self::Enough { part, whole, least, .. } => {
                let is_few = |whole: &Measure| *whole < Measure::from(i64::from(*least));
                Some((of(part)?, of(whole)?)).filter(|(part, whole)| !part.is_zero() && is_few(whole))
            }
        }
    }

    /// Tells whether it holds in a row, as far as the numbers are there.
    pub fn holds(&self, row: &str, number: &impl Fn(&Part, &str) -> Option<Measure>) -> bool {
        self.breach(row, number).is_none()
    }

    /// Looks at rows.
    pub fn failed<'c>(
        &'c self,
        rows: &[String],
        number: &impl Fn(&Part, &str) -> Option<Measure>,
    ) -> impl Iterator<Item = Failed<'c>> {
        let (place, message, _) = self.place();
        let column = place.column.as_str();
        let one = |row: &String| {
            let (found, against) = self.breach(row, number)?;
            Some(Failed { row: row.clone(), column, message, found, against })
        };
        let found: Vec<Failed<'c>> = rows.iter().filter(|row| self.is_of(row)).filter_map(one).collect();
        found.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_fails_only_where_its_numbers_are_there() {
        let part = |row: Option<&str>, column: &str| Part {
            table: None,
            row: row.map(str::to_owned),
            column: column.to_owned(),
        };
        let message = String::from("m");
        let sum = Check::Sum {
            parts: vec![part(None, "a"), part(None, "b")],
            whole: part(None, "all"),
            message: message.clone(),
        };
        let at_most =
            Check::AtMost { part: part(Some("1"), "a"), whole: part(Some("2"), "a"), message: message.clone() };
        let equal = Check::Equal { part: part(None, "a"), whole: part(None, "b"), message: message.clone() };
        let among = Part { table: Some("other".to_owned()), ..part(Some("all"), "n") };
        let enough =
            |least: u32| Check::Enough { part: part(None, "a"), whole: among.clone(), least, message: message.clone() };
        let number = |part: &Part, row: &str| {
            let row = part.row.as_deref().unwrap_or(row);
            let number: i64 = match (part.table.as_deref(), row, part.column.as_str()) {
                (None, "1", "a") => 3,
                (None, "1", "b") => 4,
                (None, "1", "all") => 8,
                (None, "2", "a") => 2,
                (None, "3", "a") => 0,
                (Some("other"), "all", "n") => 4,
                _ => return None,
            };
            Some(Measure::from(number))
        };
        let rows = ["1", "2", "3"].map(str::to_owned);
        let failed = |check: &Check| check.failed(&rows, &number).map(|failed| failed.row).collect::<Vec<_>>();
        assert_eq!(failed(&sum), ["1"], "3 + 4 is not 8; the others lack numbers");
        assert_eq!(failed(&at_most), ["1"]);
        assert_eq!(failed(&equal), ["1"], "3 is not 4; the others lack numbers");
        assert_eq!(failed(&enough(5)), ["1", "2"], "four are fewer than five; nothing is told by zero");
        assert_eq!(failed(&enough(4)), [] as [&str; 0]);
        let told: Vec<_> = sum.failed(&rows, &number).map(|one| (one.found, one.against)).collect();
        assert_eq!(told, [(Measure::from(8_i64), Measure::from(7_i64))]);
        assert!(enough(5).is_across() && !sum.is_across());
    }
}
