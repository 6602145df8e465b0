//! The closed list of quantities of which indicators are made, as a catalogue writes them.
//! A new indicator over known quantities is data; a new way of counting is one variant here and one arm in `counts`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::groups::Operator;
use crate::model::{Exam, Role, codes};

/// What is counted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Quantity {
    /// One for each school that meets every condition.
    Schools {
        /// The conditions; none counts every school.
        #[serde(default)]
        with: Vec<Condition>,
    },
    /// One for each teacher, by code, who works at the school in the year and passes every test.
    Teachers {
        /// The tests; none counts every teacher.
        #[serde(default)]
        who: Vec<TeacherTest>,
        /// Of subjects of instruction that begin so only.
        #[serde(default)]
        disciplines: Vec<String>,
        /// In these positions only.
        #[serde(default)]
        positions: Vec<String>,
        /// Not older, whole years in the year.
        #[serde(default)]
        age_at_most: Option<i32>,
        /// Not longer at work, whole years in the year.
        #[serde(default)]
        experience_at_most: Option<i32>,
    },
    /// The sum of measures, each with its weight.
    Sum {
        /// Codes of measures: those of results, or of the municipality's dictionary.
        measures: Vec<String>,
        /// Weights in the order of the measures; none means one each.
        #[serde(default)]
        weights: Vec<String>,
        /// Of these procedures only.
        #[serde(default)]
        exams: Vec<Exam>,
        /// Of these subjects of instruction only.
        #[serde(default)]
        disciplines: Vec<String>,
        /// Of these grades only.
        #[serde(default)]
        grades: Vec<u8>,
        /// Over the procedures of the method that were held.
        #[serde(default)]
        of_method: bool,
        /// Years that are added up, the year itself included.
        #[serde(default = "one")]
        years: i32,
    },
    /// The number of rows of a register.
    Records {
        /// The id of its sheet.
        register: String,
        /// Texts that a column must begin with, whatever the case of letters; by column.
        #[serde(default)]
        having: BTreeMap<String, Vec<String>>,
        /// Rows that have the same in this column count once.
        #[serde(default)]
        distinct: Option<String>,
        /// Years that are added up, the year itself included.
        #[serde(default = "one")]
        years: i32,
    },
}

fn one() -> i32 {
    1
}

/// What a school must be or have.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Condition {
    /// On the list of a group of the year.
    InGroup {
        /// The group.
        role: Role,
    },
    /// The pooled share below the minimum is less than the year before.
    Growing {},
    /// The value of an indicator is better than the year before, in the direction of that indicator.
    Improving {
        /// Code of the indicator.
        of: String,
    },
    /// Something of a measure is above zero in the year.
    Having {
        /// Code of the measure.
        measure: String,
        /// Addressed help only, or not addressed only.
        #[serde(default)]
        addressed: Option<bool>,
        /// By these services only.
        #[serde(default)]
        services: Vec<String>,
    },
    /// A register has a row for the school.
    Recorded {
        /// The id of its sheet.
        register: String,
        /// As in [`Quantity::Records`].
        #[serde(default)]
        having: BTreeMap<String, Vec<String>>,
    },
    /// A teacher at work in the school passes every test.
    Staffed {
        /// The tests.
        who: Vec<TeacherTest>,
    },
    /// The value of an indicator lies on one side of a threshold.
    Level {
        /// Code of the indicator.
        of: String,
        /// The side.
        operator: Operator,
        /// The threshold, in the unit of the indicator.
        value: String,
    },
}

/// What a teacher must have done in the year.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum TeacherTest {
    /// Taken a diagnosis.
    Diagnosed {},
    /// Taken both waves of a block.
    Retested {},
    /// The second result is above the first in every block taken twice.
    Improved {},
    /// Been supported, by the support log.
    Supported {
        /// Services; none means any.
        #[serde(default)]
        services: Vec<String>,
        /// By every one of them, not just by one.
        #[serde(default)]
        by_all: bool,
    },
    /// Been a member of a network community.
    Member {},
    /// Has a row among training and achievements.
    Recorded {
        /// Kinds of rows: `courses`, `internship`, `contest`, `experience`, `event`.
        kinds: Vec<String>,
    },
}

impl Quantity {
    /// The same quantity of an indicator that counts schools.
    pub fn schools() -> Self {
        Self::Schools { with: Vec::new() }
    }

    /// Returns the measures that it reads of a school, and of how many years up to the asked one.
    pub fn reads(&self) -> (Vec<&str>, i32) {
        match self {
            Self::Schools { with } => {
                let mut all = (Vec::new(), 0);
                for (measures, years) in with.iter().map(Condition::reads) {
                    all.0.extend(measures);
                    all.1 = all.1.max(years);
                }
                all
            }
            Self::Teachers { who, .. } => {
                let mut measures = vec![codes::EMPLOYMENT];
                measures.extend(who.iter().map(TeacherTest::reads));
                (measures, 1)
            }
            Self::Sum { measures, years, .. } => (measures.iter().map(String::as_str).collect(), *years),
            Self::Records { register, years, .. } => (vec![register.as_str()], *years),
        }
    }

    /// Tells whether a school without the values still counts: whether it is on a list is known in any case.
    pub fn stands_without(&self) -> bool {
        matches!(self, Self::Schools { with } if with.iter().all(|one| matches!(one, Condition::InGroup { .. })))
    }

    /// Returns the codes of other indicators that it stands on.
    pub fn indicators(&self) -> Vec<&str> {
        let Self::Schools { with } = self else { return Vec::new() };
        with.iter()
            .filter_map(|condition| match condition {
                Condition::Improving { of } | Condition::Level { of, .. } => Some(of.as_str()),
                _ => None,
            })
            .collect()
    }

    /// Tells whether a school gives one or nothing.
    pub fn is_yes_or_no(&self) -> bool {
        matches!(self, Self::Schools { .. })
    }

    /// Tells whether it stands on lists of groups.
    pub fn reads_groups(&self) -> bool {
        matches!(self, Self::Schools { with } if with.iter().any(|one| matches!(one, Condition::InGroup { .. })))
    }
}

impl Condition {
    fn reads(&self) -> (Vec<&str>, i32) {
        match self {
            // Whether a school is on a list is known without its results; a leave to have none is said all the same.
            Self::InGroup { role: Role::LowPerforming } => (vec![codes::PARTICIPANTS, codes::BELOW_MINIMUM], 1),
            Self::InGroup { .. } | Self::Level { .. } | Self::Improving { .. } => (Vec::new(), 0),
            Self::Growing {} => (vec![codes::PARTICIPANTS, codes::BELOW_MINIMUM], 2),
            Self::Having { measure, .. } => (vec![measure.as_str()], 1),
            Self::Recorded { register, .. } => (vec![register.as_str()], 1),
            Self::Staffed { who } => (who.iter().map(TeacherTest::reads).chain([codes::EMPLOYMENT]).collect(), 1),
        }
    }
}

impl TeacherTest {
    fn reads(&self) -> &'static str {
        match self {
            Self::Diagnosed {} | Self::Retested {} | Self::Improved {} => codes::DIAGNOSIS,
            Self::Supported { .. } => codes::TEACHER_SUPPORT,
            Self::Member {} => codes::MEMBERSHIP,
            Self::Recorded { .. } => codes::TEACHER_RECORD,
        }
    }
}
