//! Methods as data: the rules of one or several groups, read from `templates/methods`.

use serde::{Deserialize, Serialize};

use super::ProcedureId;
use crate::diag::Reason;
use crate::measure::Measure;
use crate::model::{Exam, ListSource, Role};

/// A method of finding schools.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Method {
    /// Its id.
    pub id: String,
    /// The method in words.
    pub title: String,
    /// Whose rule it is, and how sure that is.
    pub source: String,
    /// The groups that it gives.
    pub groups: Vec<GroupRule>,
}

/// The rule of one group.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GroupRule {
    /// The role that it gives.
    pub role: Role,
    /// The rule in words.
    pub title: String,
    /// How many of the criteria must be met.
    #[serde(default)]
    pub needs: Needs,
    /// Years running in which they must be met, the reported one included.
    #[serde(default = "one")]
    pub years: usize,
    /// Share of participants below the minimum from which a result is low, per cent.
    #[serde(default)]
    pub threshold: Option<String>,
    /// Other thresholds for the table that says who would enter or leave.
    #[serde(default)]
    pub other_thresholds: Vec<String>,
    /// Fewest participants with which a procedure counts.
    #[serde(default = "one_participant")]
    pub min_cohort: i64,
    /// Fewer participants than these are marked: one of them moves the share far.
    #[serde(default)]
    pub small_cohort: i64,
    /// The procedures that count.
    #[serde(default)]
    pub procedures: Vec<ProcedureSet>,
    /// The criteria in the order of printing.
    pub criteria: Vec<Criterion>,
}

/// How many of the criteria must be met.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Needs {
    /// One is enough.
    #[default]
    Any,
    /// More than half.
    Most,
    /// All.
    All,
}

impl Needs {
    /// Tells whether so many of so many are enough.
    pub fn are_met(self, met: usize, of: usize) -> bool {
        match self {
            Self::Any => met > 0,
            Self::Most => met * 2 > of,
            Self::All => of > 0 && met == of,
        }
    }
}

fn one() -> usize {
    1
}

fn one_participant() -> i64 {
    1
}

/// Procedures of one subject.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcedureSet {
    /// Procedure.
    pub exam: Exam,
    /// Subject of instruction, lower case.
    pub discipline: String,
    /// Grades of the writers.
    pub grades: Vec<u8>,
}

/// A criterion of a group.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Criterion {
    /// Low results in so many procedures of the year.
    ProceduresInYear {
        /// The criterion in words.
        #[serde(default)]
        title: String,
        /// Fewest procedures.
        count: usize,
    },
    /// Low results in the same procedure in so many years running in which it was held.
    SameProcedureInYears {
        /// The criterion in words.
        #[serde(default)]
        title: String,
        /// Years, the reported one included.
        years: usize,
    },
    /// The share below the minimum, over the procedures held now and before, has changed by so many points.
    Change {
        /// The criterion in words.
        title: String,
        /// Fewest percentage points.
        points: String,
        /// The change that is looked for: more below the minimum, or fewer.
        direction: Change,
    },
    /// The school's value of an indicator lies on one side of a threshold.
    Level {
        /// The criterion in words.
        title: String,
        /// Code of the indicator.
        of: String,
        /// The side.
        operator: Operator,
        /// The threshold, in the unit of the indicator.
        value: String,
    },
    /// The school stands on a list that others made.
    Listed {
        /// The criterion in words.
        title: String,
        /// Whose lists count.
        sources: Vec<ListSource>,
    },
}

/// A change of results.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// More participants below the minimum.
    Worse,
    /// Fewer.
    Better,
}

/// A side of a threshold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operator {
    /// Less.
    Less,
    /// Less or equal.
    AtMost,
    /// Equal.
    Equal,
    /// Greater or equal.
    AtLeast,
    /// Greater.
    More,
}

impl Operator {
    /// Tells whether a value lies on this side of a threshold.
    pub fn holds(self, value: &Measure, threshold: &Measure) -> bool {
        match self {
            Self::Less => value < threshold,
            Self::AtMost => value <= threshold,
            Self::Equal => value == threshold,
            Self::AtLeast => value >= threshold,
            Self::More => value > threshold,
        }
    }
}

impl Criterion {
    /// The criterion in words; those of results are put in words from their numbers where nothing is written.
    pub fn title(&self) -> &str {
        match self {
            Self::ProceduresInYear { title, .. }
            | Self::SameProcedureInYears { title, .. }
            | Self::Change { title, .. }
            | Self::Level { title, .. }
            | Self::Listed { title, .. } => title,
        }
    }

    /// Tells whether it looks at results of procedures.
    pub fn reads_results(&self) -> bool {
        matches!(self, Self::ProceduresInYear { .. } | Self::SameProcedureInYears { .. } | Self::Change { .. })
    }

    fn needs_threshold(&self) -> bool {
        matches!(self, Self::ProceduresInYear { .. } | Self::SameProcedureInYears { .. })
    }
}

impl Method {
    /// Reads a method.
    ///
    /// # Errors
    /// Gives the parser's message, or names the key that makes no sense.
    pub fn parse(source: &str) -> Result<Self, Reason> {
        let method: Self = toml::from_str(source).map_err(|error| Reason::toml(&error, source))?;
        if method.groups.is_empty() {
            return Err("groups".to_owned().into());
        }
        for (index, group) in method.groups.iter().enumerate() {
            if method.groups.iter().take(index).any(|other| other.role == group.role) {
                return Err(format!("groups.{}.role", index + 1).into());
            }
            group.check().map_err(|key| Reason::from(format!("groups.{}.{key}", index + 1)))?;
        }
        Ok(method)
    }

    /// Returns the rule of a role.
    pub fn group(&self, role: Role) -> Option<&GroupRule> {
        self.groups.iter().find(|group| group.role == role)
    }
}

impl GroupRule {
    /// Names the key that makes no sense.
    fn check(&self) -> Result<(), String> {
        let is_share = |text: &String| {
            Measure::parse_decimal(text).is_some_and(|share| !share.is_negative() && share <= Measure::from(100_i64))
        };
        if self.criteria.is_empty() {
            return Err("criteria".to_owned());
        }
        if self.years == 0 {
            return Err("years = 0".to_owned());
        }
        let needs_threshold = self.criteria.iter().any(Criterion::needs_threshold);
        match &self.threshold {
            Some(threshold) if is_share(threshold) => {}
            None if !needs_threshold => {}
            found => return Err(format!("threshold = {:?}", found.as_deref().unwrap_or_default())),
        }
        if let Some(bad) = self.other_thresholds.iter().find(|text| !is_share(text)) {
            return Err(format!("other-thresholds = {bad:?}"));
        }
        if self.procedures.is_empty() && self.criteria.iter().any(Criterion::reads_results) {
            return Err("procedures".to_owned());
        }
        for (index, criterion) in self.criteria.iter().enumerate() {
            let bad = match criterion {
                Criterion::ProceduresInYear { count: 0, .. } => Some("count = 0".to_owned()),
                Criterion::SameProcedureInYears { years, .. } if *years < 2 => Some(format!("years = {years}")),
                Criterion::Change { points, .. } if Measure::parse_decimal(points).is_none() => {
                    Some(format!("points = {points:?}"))
                }
                Criterion::Level { value, .. } if Measure::parse_decimal(value).is_none() => {
                    Some(format!("value = {value:?}"))
                }
                Criterion::Listed { sources, .. } if sources.is_empty() => Some("sources".to_owned()),
                _ => None,
            };
            if let Some(bad) = bad {
                return Err(format!("criteria.{}.{bad}", index + 1));
            }
        }
        Ok(())
    }

    /// Returns the threshold, per cent.
    pub fn threshold(&self) -> Option<Measure> {
        Measure::parse_decimal(self.threshold.as_deref()?)
    }

    /// Iterates over the single procedures: exam, subject, grade.
    pub fn each_procedure(&self) -> impl Iterator<Item = ProcedureId> + '_ {
        self.procedures.iter().flat_map(|set| {
            set.grades.iter().map(|grade| ProcedureId {
                exam: set.exam,
                discipline: set.discipline.to_lowercase().into(),
                grade: *grade,
            })
        })
    }
}
