//! Teachers' deficits by subject of teaching, and their growth between the two waves of a diagnosis.
//! In: teachers by code, diagnoses of the year. Out: counts and mean growth by school. It must never know a name.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::figure;
use super::ground::Grounds;
use crate::figure::{Figure, Unit};
use crate::measure::Measure;
use crate::model::{Block, Discipline, Known, Operand, SchoolCode, TeacherCode};
use crate::provenance::{NodeId, Op};

/// Teachers of a subject in a school and a block of the diagnosis.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TeacherDeficit {
    /// The subject of teaching; `None` where it could not be read.
    pub discipline: Option<Discipline>,
    /// The block.
    pub block: Block,
    /// Teachers with a result of the year.
    pub diagnosed: Figure,
    /// Of them, those whose last result is below the threshold.
    pub below: Figure,
    /// Teachers with both waves.
    pub retested: Figure,
    /// Their mean growth from wave to wave, points; `None` without any.
    pub growth: Option<Figure>,
}

/// Counts the deficits of every school that has diagnosed teachers.
pub(super) fn deficits(grounds: &mut Grounds<'_, '_>) -> BTreeMap<SchoolCode, Known<Vec<TeacherDeficit>>> {
    let scope = grounds.scope;
    let schools = scope.data.schools.values();
    let schools: Vec<&SchoolCode> =
        schools.filter(|school| school.exists_at_end_of(scope.year)).map(|school| &school.code).collect();
    let found = schools.into_iter().map(|school| (school.clone(), of_school(grounds, school)));
    found.filter(|(_, deficits)| deficits.as_ref().map_or(true, |deficits| !deficits.is_empty())).collect()
}

fn of_school(grounds: &mut Grounds<'_, '_>, school: &SchoolCode) -> Known<Vec<TeacherDeficit>> {
    let (year, rounding) = (grounds.scope.year, grounds.scope.rounding);
    let mut by_subject: BTreeMap<Option<Discipline>, BTreeSet<TeacherCode>> = BTreeMap::new();
    for employed in grounds.employed(school, year)? {
        by_subject.entry(employed.discipline).or_default().insert(employed.teacher);
    }
    let threshold = grounds.rules.teachers.threshold();
    let mut deficits = Vec::new();
    for (discipline, teachers) in by_subject {
        for block in [Block::Subject, Block::Methodical] {
            let (mut diagnosed, mut below, mut both) = (Vec::new(), Vec::new(), Vec::new());
            let mut total = Measure::default();
            for teacher in &teachers {
                let results = grounds.diagnosis(teacher, year)?;
                let wave = |number: u8| results.get(&(block, number));
                let Some((last, cell)) = wave(2).or_else(|| wave(1)) else { continue };
                let node = grounds.sources.cells([*cell]);
                diagnosed.push(node);
                if *last < threshold {
                    below.push(node);
                }
                if let (Some((first, first_cell)), Some((second, second_cell))) = (wave(1), wave(2)) {
                    let nodes = [*second_cell, *first_cell].map(|cell| grounds.sources.cells([cell]));
                    let growth = second - first;
                    total = &total + &growth;
                    both.push(grounds.sources.formula(Op::Difference, nodes.to_vec(), Some(growth)));
                }
            }
            if diagnosed.is_empty() {
                continue;
            }
            let name = discipline.as_ref().map_or("?", |discipline| discipline.0.as_str());
            let key = if block == Block::Subject { "subject" } else { "methodical" };
            let id = |part: &str| format!("advice/{school}/teachers/{name}/{key}/{part}");
            let whole = grounds.sources.formula(Op::Derived, diagnosed.clone(), None);
            let mut count = |part: &str, nodes: Vec<NodeId>| {
                let inputs = if nodes.is_empty() { vec![whole] } else { nodes.clone() };
                let value = Measure::from(nodes.len());
                let op = if nodes.is_empty() { Op::Derived } else { Op::Count };
                let node = grounds.sources.formula(op, inputs, Some(value.clone()));
                figure(id(part), &Operand { value, node }, Unit::Count, rounding)
            };
            let retested = count("retested", both.clone());
            let diagnosed = count("diagnosed", diagnosed);
            let below = count("below", below);
            let growth = total.checked_div(&Measure::from(both.len())).map(|value| {
                let sum = grounds.sources.formula(Op::Sum, both, Some(total));
                let node = grounds.sources.formula(Op::Derived, vec![sum, retested.node], Some(value.clone()));
                figure(id("growth"), &Operand { value, node }, Unit::Points, rounding)
            });
            deficits.push(TeacherDeficit { discipline: discipline.clone(), block, diagnosed, below, retested, growth });
        }
    }
    Ok(deficits)
}
