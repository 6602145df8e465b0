//! What must hold between the numbers of a blank: a closed list.
//! In: the numbers of a table by row and column. Out: the rows in which a check fails.
//! It must never know how a formula is written.

use serde::{Deserialize, Serialize};

use crate::measure::Measure;

/// A number of a table: of a row by its id, or of the row that is looked at.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
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
}

impl Check {
    /// The cell that it belongs to, what it says, and the cells that it reads.
    pub fn place(&self) -> (&Part, &str, Vec<&Part>) {
        match self {
            Self::Sum { parts, whole, message } => (whole, message, parts.iter().chain([whole]).collect()),
            Self::AtMost { part, whole, message } => (part, message, vec![part, whole]),
        }
    }

    /// Tells whether the check belongs to a row.
    pub fn is_of(&self, row: &str) -> bool {
        self.place().0.row.as_deref().is_none_or(|own| own == row)
    }

    /// Tells whether it holds in a row, as far as the numbers are there.
    pub fn holds(&self, row: &str, number: &impl Fn(&str, &str) -> Option<Measure>) -> bool {
        let of = |part: &Part| number(part.row.as_deref().unwrap_or(row), &part.column);
        match self {
            Self::Sum { parts, whole, .. } => {
                let (Some(parts), Some(whole)) = (parts.iter().map(of).collect::<Option<Vec<_>>>(), of(whole)) else {
                    return true;
                };
                parts.into_iter().sum::<Measure>() == whole
            }
            Self::AtMost { part, whole, .. } => match (of(part), of(whole)) {
                (Some(part), Some(whole)) => part <= whole,
                _ => true,
            },
        }
    }

    /// Looks at rows.
    pub fn failed<'c>(
        &'c self,
        rows: &[String],
        number: &impl Fn(&str, &str) -> Option<Measure>,
    ) -> impl Iterator<Item = Failed<'c>> {
        let (place, message, _) = self.place();
        let column = place.column.as_str();
        let found: Vec<Failed<'c>> = rows
            .iter()
            .filter(|row| self.is_of(row) && !self.holds(row, number))
            .map(|row| Failed { row: row.clone(), column, message })
            .collect();
        found.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_fails_only_where_its_numbers_are_there() {
        let part = |row: Option<&str>, column: &str| Part { row: row.map(str::to_owned), column: column.to_owned() };
        let message = String::from("m");
        let sum = Check::Sum {
            parts: vec![part(None, "a"), part(None, "b")],
            whole: part(None, "all"),
            message: message.clone(),
        };
        let at_most = Check::AtMost { part: part(Some("1"), "a"), whole: part(Some("2"), "a"), message };
        let number = |row: &str, column: &str| {
            let number: i64 = match (row, column) {
                ("1", "a") => 3,
                ("1", "b") => 4,
                ("1", "all") => 8,
                ("2", "a") => 2,
                _ => return None,
            };
            Some(Measure::from(number))
        };
        let rows = ["1".to_owned(), "2".to_owned()];
        let failed = |check: &Check| check.failed(&rows, &number).map(|failed| failed.row).collect::<Vec<_>>();
        assert_eq!(failed(&sum), ["1"], "3 + 4 is not 8; the second row lacks numbers");
        assert_eq!(failed(&at_most), ["1"]);
    }
}
