//! Which value goes where in a blank of somebody else's: a file with closed keys.
//! In: the text of the file. Out: areas of sheets with their rows and columns. It must never know a workbook.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::patch::position;
use crate::diag::Reason;

/// The areas of a blank.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The areas.
    pub areas: Vec<Area>,
}

/// A block of rows of a sheet.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Area {
    /// The sheet; absent, the first.
    #[serde(default)]
    pub sheet: Option<String>,
    /// What its rows are.
    pub rows: RowsOf,
    /// The column in which the names of the rows stand: «B».
    pub names: String,
    /// First row, as the spreadsheet counts.
    pub first: u32,
    /// Last row; absent, as far as names go.
    #[serde(default)]
    pub last: Option<u32>,
    /// Names as the blank writes them, and the code of the indicator or school that each stands for.
    #[serde(default)]
    pub called: BTreeMap<String, String>,
    /// The columns to be filled.
    pub columns: Vec<MapColumn>,
}

/// What the rows of an area are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowsOf {
    /// Indicators of the municipality.
    Indicators,
    /// Schools.
    Schools,
}

/// A column of an area.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MapColumn {
    /// The column: «E». Or by its heading.
    #[serde(default)]
    pub column: Option<String>,
    /// Its heading, above the first row.
    #[serde(default)]
    pub heading: Option<String>,
    /// What goes into it.
    pub value: What,
    /// Of which indicator, where rows are schools.
    #[serde(default)]
    pub indicator: Option<String>,
}

/// What goes into a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// The value of the reported year, as printed.
    Value,
    /// Above the line.
    Numerator,
    /// Below the line.
    Denominator,
    /// The value of the year before.
    Previous,
    /// Above the line in the year before.
    PreviousNumerator,
    /// Below the line in the year before.
    PreviousDenominator,
    /// The change against the year before.
    Change,
    /// The target of the year.
    Target,
    /// The unit, as text.
    Unit,
    /// The full name of a school, as text.
    FullName,
}

/// Reads the letters of a column.
pub fn column_of(letters: &str) -> Option<u16> {
    position(&format!("{}1", letters.trim())).map(|(_, column)| column)
}

impl Mapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// Gives the parser's message, or the key that cannot be what it is.
    pub fn parse(source: &str) -> Result<Self, Reason> {
        let mapping: Self = toml::from_str(source).map_err(|error| Reason::toml(&error, source))?;
        let bad = |index: usize, key: &str| Err(Reason::from(format!("areas.{}.{key}", index + 1)));
        for (index, area) in mapping.areas.iter().enumerate() {
            if column_of(&area.names).is_none() {
                return bad(index, "names");
            }
            if area.first == 0 || area.last.is_some_and(|last| last < area.first) {
                return bad(index, "first");
            }
            let mut seen = BTreeSet::new();
            for column in &area.columns {
                let is_one = column.column.is_some() != column.heading.is_some();
                let is_column = column.column.as_deref().is_none_or(|letters| column_of(letters).is_some());
                let is_of =
                    (area.rows == RowsOf::Schools) == column.indicator.is_some() || column.value == What::FullName;
                if !is_one || !is_column || !is_of || !seen.insert((column.column.clone(), column.heading.clone())) {
                    return bad(index, "columns");
                }
            }
            if area.columns.is_empty() {
                return bad(index, "columns");
            }
        }
        Ok(mapping)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_says_what_it_cannot_be() {
        let area = |rest: &str| format!("[[areas]]\nrows = \"indicators\"\nnames = \"B\"\nfirst = 5\n{rest}");
        let column = "columns = [{ column = \"E\", value = \"value\" }]";
        assert!(Mapping::parse(&area(column)).is_ok());
        for wrong in [
            area(""),
            area("columns = []"),
            area("columns = [{ value = \"value\" }]"),
            area("columns = [{ column = \"E\", heading = \"x\", value = \"value\" }]"),
            area("columns = [{ column = \"5\", value = \"value\" }]"),
            area("columns = [{ column = \"E\", value = \"value\", indicator = \"low-rate\" }]"),
            area(&format!("last = 4\n{column}")),
            area(&format!("colour = 1\n{column}")),
        ] {
            assert!(Mapping::parse(&wrong).is_err(), "{wrong}");
        }
    }
}
