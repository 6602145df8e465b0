//! Scales: which mark a raw score is worth, and which score is the least that passes.
//! In: the data file `scales.toml`. Out: answers by procedure, subject, grade of the programme and year.
//! It must never know sheets.

use serde::Deserialize;

use crate::diag::Reason;
use crate::ru;

/// The scales of all works that the program knows.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scales {
    /// Scales of marks.
    #[serde(default, rename = "scale")]
    scales: Vec<Scale>,
    /// Least scores that pass.
    #[serde(default, rename = "minimum")]
    minimums: Vec<Minimum>,
}

/// The marks of one work.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scale {
    /// Subject of instruction.
    discipline: String,
    /// Grade of the programme.
    grade: u8,
    /// First and last year.
    years: (i32, i32),
    /// Greatest scores of the marks 2, 3 and 4.
    upper: (u32, u32, u32),
    /// Greatest score of the work, where it is known.
    #[serde(default)]
    most: Option<u32>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Minimum {
    discipline: String,
    years: (i32, i32),
    score: u32,
}

impl Scales {
    /// Reads a file of scales.
    ///
    /// # Errors
    /// Gives the parser's message, or names the entry that contradicts itself or another.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        let scales: Self = toml::from_str(text).map_err(|error| Reason::toml(&error, text))?;
        for (index, scale) in scales.scales.iter().enumerate() {
            let (two, three, four) = scale.upper;
            let name = format!("{} {} {:?}", scale.discipline, scale.grade, scale.years);
            if !(two < three && three < four && scale.most.is_none_or(|most| four < most)) {
                return Err(format!("scale {name}: upper").into());
            }
            let overlaps =
                |other: &Scale| scale.is_of(&other.discipline, other.grade) && meet(scale.years, other.years);
            if scale.years.0 > scale.years.1 || scales.scales.iter().take(index).any(overlaps) {
                return Err(format!("scale {name}: years").into());
            }
        }
        for (index, minimum) in scales.minimums.iter().enumerate() {
            let overlaps = |other: &Minimum| {
                ru::fold(&minimum.discipline) == ru::fold(&other.discipline) && meet(minimum.years, other.years)
            };
            if minimum.years.0 > minimum.years.1 || scales.minimums.iter().take(index).any(overlaps) {
                return Err(format!("minimum {} {:?}: years", minimum.discipline, minimum.years).into());
            }
        }
        Ok(scales)
    }

    /// Returns the scale of a work of ВПР.
    pub(super) fn scale(&self, discipline: &str, grade: u8, year: i32) -> Option<&Scale> {
        self.scales.iter().find(|scale| scale.is_of(discipline, grade) && meet(scale.years, (year, year)))
    }

    /// Returns the least score of ЕГЭ that passes.
    pub(super) fn minimum(&self, discipline: &str, year: i32) -> Option<u32> {
        let name = ru::fold(discipline);
        self.minimums
            .iter()
            .find(|minimum| ru::fold(&minimum.discipline) == name && meet(minimum.years, (year, year)))
            .map(|minimum| minimum.score)
    }
}

impl Scale {
    fn is_of(&self, discipline: &str, grade: u8) -> bool {
        self.grade == grade && ru::fold(&self.discipline) == ru::fold(discipline)
    }

    /// Returns the greatest score of the work, where it is known.
    pub(super) fn most(&self) -> Option<u32> {
        self.most
    }

    /// Returns the mark of a score; `None` for a score above the greatest of the work.
    pub(super) fn mark(&self, score: u32) -> Option<u32> {
        let (two, three, four) = self.upper;
        match score {
            _ if self.most.is_some_and(|most| score > most) => None,
            _ if score <= two => Some(2),
            _ if score <= three => Some(3),
            _ if score <= four => Some(4),
            _ => Some(5),
        }
    }
}

fn meet(left: (i32, i32), right: (i32, i32)) -> bool {
    left.0 <= right.1 && right.0 <= left.1
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[[scale]]\ndiscipline = 'математика'\ngrade = 4\nyears = [2020, 2021]\nupper = [5, 9, 14]\n\
        most = 20\n[[minimum]]\ndiscipline = 'Русский язык'\nyears = [2015, 2026]\nscore = 24\n";

    #[test]
    fn scores_have_the_marks_of_their_bounds() {
        let scales = Scales::parse(TEXT).expect("scales");
        let scale = scales.scale("Математика", 4, 2021).expect("a scale");
        assert_eq!(
            [0, 5, 6, 9, 10, 14, 15, 20, 21].map(|score| scale.mark(score).unwrap_or(0)),
            [2, 2, 3, 3, 4, 4, 5, 5, 0]
        );
        assert!(scales.scale("Математика", 5, 2021).is_none() && scales.scale("Математика", 4, 2022).is_none());
        assert_eq!(scales.minimum("русский язык", 2022), Some(24));
        assert_eq!(scales.minimum("физика", 2022), None);
    }

    #[test]
    fn a_scale_that_contradicts_itself_or_another_is_refused() {
        for bad in [
            TEXT.replace("[5, 9, 14]", "[5, 5, 14]"),
            TEXT.replace("most = 20", "most = 14"),
            TEXT.replace("[2020, 2021]", "[2021, 2020]"),
            format!("{TEXT}\n[[minimum]]\ndiscipline = 'русский язык'\nyears = [2020, 2020]\nscore = 25\n"),
            TEXT.replace("score", "points"),
        ] {
            assert!(Scales::parse(&bad).is_err(), "{bad}");
        }
    }
}
