//! The closed list of counts of which indicators are made, each for one school and year.
//! A new way of counting is one variant here; a new indicator over known counts is data.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Scope;
use crate::measure::Measure;
use crate::model::{
    AllowedGap, Block, Dataset, Dims, Known, Observation, Operand, Question, Role, SchoolCode, Subject, TeacherCode,
    Year, codes,
};
use crate::provenance::{NodeId, Op, Sources};

/// What is counted in a school.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Count {
    /// The school itself: one.
    Schools,
    /// One when the school is low-performing in the year.
    LowPerformingSchools,
    /// One when the pooled share below the minimum is less than the year before.
    GrowingSchools,
    /// One when the support log has a row of the year.
    SchoolsWithSupport,
    /// One when the support log has a row of addressed help in the year.
    SchoolsWithAddressedSupport,
    /// One when a partnership with a leader is in force on some day of the year.
    SchoolsWithPartnership,
    /// Teachers who work at the school in the year.
    Teachers,
    /// Of them, teachers with a diagnosis in the year.
    DiagnosedTeachers,
    /// Of them, teachers with both waves of a block in the year.
    RetestedTeachers,
    /// Of them, teachers whose second result is above the first in every block taken twice.
    ImprovedTeachers,
    /// Participants of the method's procedures, results below the minimum.
    BelowMinimum,
    /// Participants of the method's procedures.
    Participants,
}

impl Count {
    /// Returns the measures that it reads of a school, and of how many years up to the asked one.
    pub fn reads(self) -> (&'static [&'static str], i32) {
        match self {
            Self::Schools => (&[], 0),
            Self::LowPerformingSchools | Self::BelowMinimum | Self::Participants => {
                (&[codes::PARTICIPANTS, codes::BELOW_MINIMUM], 1)
            }
            Self::GrowingSchools => (&[codes::PARTICIPANTS, codes::BELOW_MINIMUM], 2),
            Self::SchoolsWithSupport | Self::SchoolsWithAddressedSupport => (&[codes::SUPPORT], 1),
            Self::SchoolsWithPartnership => (&[codes::PARTNERSHIP], 1),
            Self::Teachers => (&[codes::EMPLOYMENT], 1),
            Self::DiagnosedTeachers | Self::RetestedTeachers | Self::ImprovedTeachers => {
                (&[codes::EMPLOYMENT, codes::DIAGNOSIS], 1)
            }
        }
    }

    /// Tells whether a school without the values still counts: whether it is on a list is known in any case.
    pub(super) fn stands_without(self) -> bool {
        matches!(self, Self::Schools | Self::LowPerformingSchools)
    }

    /// Returns the leave by which the school has no values to count, if any.
    pub(super) fn leave<'d>(self, data: &'d Dataset, code: &SchoolCode, year: Year) -> Option<&'d AllowedGap> {
        let (measures, years) = self.reads();
        (0..years).find_map(|back| data.leave(code, measures, Year(year.0 - back)))
    }

    /// Counts for one school and year. `listed` is the node that puts the school among those counted.
    pub(super) fn of(
        self,
        scope: &Scope<'_>,
        code: &SchoolCode,
        listed: NodeId,
        year: Year,
        sources: &mut Sources,
    ) -> Known<Operand> {
        match self {
            Self::Schools => Ok(Operand { value: Measure::from(1_i64), node: listed }),
            Self::LowPerformingSchools => {
                let list = scope.groups.list(year, Role::LowPerforming)?;
                Ok(flag(list.schools.contains_key(code), list.schools.get(code).copied().unwrap_or(listed)))
            }
            Self::GrowingSchools => {
                let Some([below_before, before, below, now]) = growth(scope, code, year, sources)? else {
                    return Ok(flag(false, listed));
                };
                // below / now < below_before / before, without division.
                let grows = &below.value * &before.value < &below_before.value * &now.value;
                let node =
                    sources.formula(Op::Derived, vec![below_before.node, before.node, below.node, now.node], None);
                Ok(flag(grows, node))
            }
            Self::SchoolsWithSupport => has(scope, codes::SUPPORT, &Dims::default(), code, listed, year, sources),
            Self::SchoolsWithAddressedSupport => {
                let dims = Dims { addressed: Some(true), ..Dims::default() };
                has(scope, codes::SUPPORT, &dims, code, listed, year, sources)
            }
            Self::SchoolsWithPartnership => {
                has(scope, codes::PARTNERSHIP, &Dims::default(), code, listed, year, sources)
            }
            Self::Teachers => Ok(people(teachers(scope, code, year)?.into_values().flatten(), listed, sources)),
            Self::DiagnosedTeachers => {
                self.teachers_who(scope, code, listed, year, sources, |results| !results.is_empty())
            }
            Self::RetestedTeachers => {
                self.teachers_who(scope, code, listed, year, sources, |results| !twice(results).is_empty())
            }
            Self::ImprovedTeachers => self.teachers_who(scope, code, listed, year, sources, |results| {
                let blocks = twice(results);
                !blocks.is_empty() && blocks.iter().all(|(first, second)| second > first)
            }),
            Self::BelowMinimum => pool(scope, codes::BELOW_MINIMUM, code, year, sources),
            Self::Participants => pool(scope, codes::PARTICIPANTS, code, year, sources),
        }
    }

    /// Counts the school's teachers whose diagnoses of the year pass a test.
    fn teachers_who(
        self,
        scope: &Scope<'_>,
        code: &SchoolCode,
        listed: NodeId,
        year: Year,
        sources: &mut Sources,
        test: impl Fn(&[&Observation]) -> bool,
    ) -> Known<Operand> {
        let mut passed = Vec::new();
        for teacher in teachers(scope, code, year)?.keys() {
            let subject = Subject::Teacher(teacher.clone());
            let question = Question {
                measure: codes::DIAGNOSIS,
                subject: Some(&subject),
                year: Some(year),
                dims: Dims::default(),
            };
            let results: Vec<&Observation> = scope.data.store.select(&question)?;
            if test(&results) {
                passed.push(results.iter().map(|result| result.cell).collect::<Vec<_>>());
            }
        }
        let value = Measure::from(passed.len());
        if passed.is_empty() {
            return Ok(Operand { value, node: listed });
        }
        let inputs: Vec<NodeId> = passed.into_iter().map(|cells| sources.cells(cells)).collect();
        let node = sources.formula(Op::Count, inputs, Some(value.clone()));
        Ok(Operand { value, node })
    }
}

fn flag(holds: bool, node: NodeId) -> Operand {
    Operand { value: Measure::from(i64::from(holds)), node }
}

/// One when there is an observation, else zero on the ground of the list alone.
fn has(
    scope: &Scope<'_>,
    measure: &str,
    dims: &Dims,
    code: &SchoolCode,
    listed: NodeId,
    year: Year,
    sources: &mut Sources,
) -> Known<Operand> {
    let found = scope.data.school_rows(code, measure, year, dims)?;
    if found.is_empty() {
        return Ok(flag(false, listed));
    }
    let node = sources.cells(found.iter().map(|row| row.cell));
    Ok(flag(true, node))
}

/// Teachers of a school in a year with the cells that employ them; a teacher counts once, by code.
fn teachers<'a>(
    scope: &'a Scope<'_>,
    code: &SchoolCode,
    year: Year,
) -> Known<BTreeMap<TeacherCode, Vec<&'a Observation>>> {
    let mut teachers: BTreeMap<TeacherCode, Vec<&Observation>> = BTreeMap::new();
    let store = &scope.data.store;
    let lineage = scope.data.lineage(code);
    for school in &lineage {
        let dims = Dims { school: Some(school.clone()), ..Dims::default() };
        store.select(&Question { measure: codes::EMPLOYMENT, subject: None, year: Some(year), dims })?;
    }
    for (subject, rows) in store.subjects(codes::EMPLOYMENT) {
        if let Subject::Teacher(teacher) = subject {
            let here: Vec<&Observation> = rows
                .filter(|row| row.dims.school.as_ref().is_some_and(|school| lineage.contains(school)))
                .filter(|row| row.from <= year && year <= row.to)
                .collect();
            if !here.is_empty() {
                teachers.insert(teacher.clone(), here);
            }
        }
    }
    Ok(teachers)
}

fn people<'a>(rows: impl Iterator<Item = &'a Observation>, listed: NodeId, sources: &mut Sources) -> Operand {
    let rows: Vec<&Observation> = rows.collect();
    let subjects: BTreeSet<&Subject> = rows.iter().map(|row| &row.subject).collect();
    let value = Measure::from(subjects.len());
    if rows.is_empty() {
        return Operand { value, node: listed };
    }
    let cells = sources.cells(rows.iter().map(|row| row.cell));
    let node = sources.formula(Op::Count, vec![cells], Some(value.clone()));
    Operand { value, node }
}

/// Returns first and second result of each block that was taken twice.
fn twice(results: &[&Observation]) -> Vec<(Measure, Measure)> {
    [Block::Subject, Block::Methodical]
        .into_iter()
        .filter_map(|block| {
            let wave = |number: u8| {
                results
                    .iter()
                    .find(|row| row.dims.block == Some(block) && row.dims.wave == Some(number))
                    .map(|row| row.value.clone())
            };
            Some((wave(1)?, wave(2)?))
        })
        .collect()
}

/// Adds up a measure of results over the procedures of the method that were held in the year.
fn pool(
    scope: &Scope<'_>,
    measure: &'static str,
    code: &SchoolCode,
    year: Year,
    sources: &mut Sources,
) -> Known<Operand> {
    let mut cells = Vec::new();
    let mut value = Measure::default();
    for procedure in scope.method.each_procedure() {
        if procedure.held(scope.data, year) != Some(true) {
            continue;
        }
        for row in scope.data.school_rows(code, measure, year, &procedure.dims())? {
            value = &value + &row.value;
            cells.push(row.cell);
        }
    }
    let read = sources.cells(cells);
    let node = sources.formula(Op::Sum, vec![read], Some(value.clone()));
    Ok(Operand { value, node })
}

/// Below minimum and participants of the year before and of the year; `None` without participants in either.
pub(super) fn growth(
    scope: &Scope<'_>,
    code: &SchoolCode,
    year: Year,
    sources: &mut Sources,
) -> Known<Option<[Operand; 4]>> {
    let before = Year(year.0 - 1);
    let four = [
        pool(scope, codes::BELOW_MINIMUM, code, before, sources)?,
        pool(scope, codes::PARTICIPANTS, code, before, sources)?,
        pool(scope, codes::BELOW_MINIMUM, code, year, sources)?,
        pool(scope, codes::PARTICIPANTS, code, year, sources)?,
    ];
    let [_, participants_before, _, participants] = &four;
    let comparable = !participants_before.value.is_zero() && !participants.value.is_zero();
    Ok(comparable.then_some(four))
}

/// The schools of the register that count, each with its cell.
pub(super) fn counted_schools(
    scope: &Scope<'_>,
    year: Year,
    sources: &mut Sources,
) -> Known<BTreeMap<SchoolCode, NodeId>> {
    let question = Question { measure: codes::SCHOOL, subject: None, year: Some(year), dims: Dims::default() };
    let mut schools = BTreeMap::new();
    for row in scope.data.store.select(&question)? {
        if let Subject::School(code) = &row.subject {
            schools.insert(code.clone(), sources.cells([row.cell]));
        }
    }
    Ok(schools)
}
