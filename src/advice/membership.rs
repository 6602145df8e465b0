//! Who is supported in the next year, whose growth is the best, and whose practice may help.
//! In: lists of several years, values, the register of practices. Out: moves with reasons; places that schools share.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::causes::value_of;
use super::effect::{ByCode, Effect, effect};
use super::ground::{Grounds, Told, Untold};
use super::measures::named;
use crate::diag::Diagnostics;
use crate::figure::{Figure, Unit};
use crate::indicators;
use crate::measure::Measure;
use crate::model::{Gap, Known, Operand, SchoolCode, Text, Year};
use crate::provenance::{Node, NodeId, Op};

/// What is proposed for a school in the next year.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Move {
    /// It entered the lists: support begins.
    Include,
    /// It is on the lists still: support goes on.
    Continue,
    /// It left the lists, but not for long enough: support goes on.
    ContinueOutTooShort,
    /// It left the lists, but its results did not get better: support goes on.
    ContinueNotBetter,
    /// It left the lists and its results got better: support ends.
    Exclude,
    /// It left the lists, and the effect cannot be told.
    Undecided,
}

/// The place of a school among the supported ones.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Membership {
    /// What is proposed for the next year.
    pub next: Move,
    /// The years in which it was on a list, with the nodes of the lists.
    pub listed: BTreeMap<Year, Vec<NodeId>>,
    /// The effect of the support since the earliest of them that was looked at.
    pub effect: Told<Effect>,
}

/// A school of the list of the best growth.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Growth {
    /// The school.
    pub school: SchoolCode,
    /// The value of the year before and of the year.
    pub effect: Effect,
    /// By how much it got better; never negative.
    pub by: Figure,
}

/// The list of the best growth.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Best {
    /// Year and month in which it is made.
    pub due: (Year, u8),
    /// Places from the first; schools of one place are in order of code. Schools whose intervals of the year overlap
    /// share one: a finer order would be chance.
    pub places: Vec<Vec<Growth>>,
    /// Schools whose growth cannot be told.
    pub untold: BTreeMap<SchoolCode, Untold>,
}

/// A practice of the bank.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Practice {
    /// The school.
    pub school: Option<SchoolCode>,
    /// The year.
    pub year: Year,
    /// The practice.
    pub title: Text,
    /// Its effect in the words of the sheet.
    pub effect: Option<Text>,
    /// The causes that it helps against.
    pub causes: BTreeSet<String>,
}

/// Proposes who is supported in the next year.
pub(super) fn membership(grounds: &mut Grounds<'_, '_>) -> Known<BTreeMap<SchoolCode, Membership>> {
    let (scope, rule) = (grounds.scope, &grounds.rules.membership);
    let back = i32::from(rule.years_out);
    let mut listed: ByCode<BTreeMap<Year, Vec<NodeId>>> = BTreeMap::new();
    let mut gap = Gap::default();
    for year in (scope.year.0 - back..=scope.year.0).map(Year) {
        for role in &rule.roles {
            match scope.list(year, *role) {
                Ok(list) => {
                    for (school, node) in list.into_iter().flatten() {
                        listed.entry(school.clone()).or_default().entry(year).or_default().push(*node);
                    }
                }
                Err(why) => gap = gap.and(&why),
            }
        }
    }
    if !gap.reasons.is_empty() {
        return Err(gap);
    }
    let mut members = BTreeMap::new();
    for (school, listed) in listed {
        let before = Year(scope.year.0 - 1);
        // The year in which it was on a list last, the reported one apart.
        let last = listed.keys().rev().find(|year| **year < scope.year).copied();
        let effect = change(grounds, &rule.effect, "membership", &school, last.unwrap_or(before), scope.year);
        let is_listed = listed.contains_key(&scope.year);
        let next = match (is_listed, last) {
            (true, Some(last)) if last == before => Move::Continue,
            (true, _) => Move::Include,
            (false, Some(last)) if scope.year.0 - last.0 < back => Move::ContinueOutTooShort,
            (false, _) => match &effect {
                Ok(effect) if effect.is_better => Move::Exclude,
                Ok(_) => Move::ContinueNotBetter,
                Err(_) => Move::Undecided,
            },
        };
        members.insert(school, Membership { next, listed, effect });
    }
    Ok(members)
}

fn change(
    grounds: &mut Grounds<'_, '_>,
    ground: &super::Ground,
    of: &str,
    school: &SchoolCode,
    before: Year,
    after: Year,
) -> Told<Effect> {
    let (_, before) = value_of(grounds, ground, of, school, before)?;
    let (_, after) = value_of(grounds, ground, of, school, after)?;
    Ok(effect(before, after, grounds.wanted(ground)))
}

/// Lists the schools whose value got better, places shared where nothing finer can be said.
pub(super) fn best(grounds: &mut Grounds<'_, '_>) -> Option<Best> {
    let (scope, rule) = (grounds.scope, grounds.rules.growth.as_ref()?);
    let mut untold = BTreeMap::new();
    let mut grown: Vec<Growth> = Vec::new();
    let is_counted = |school: &&crate::model::School| school.is_counted && school.exists_at_end_of(scope.year);
    for school in scope.data.schools.values().filter(is_counted) {
        match change(grounds, &rule.by, "growth", &school.code, Year(scope.year.0 - 1), scope.year) {
            Ok(effect) if effect.is_better => {
                let (more, less) = match effect.after.value > effect.before.value {
                    true => (&effect.after, &effect.before),
                    false => (&effect.before, &effect.after),
                };
                let value = &more.value - &less.value;
                let node = grounds.sources.formula(Op::Difference, vec![more.node, less.node], Some(value.clone()));
                let unit = match effect.after.unit {
                    Unit::Percent => Unit::Points,
                    Unit::Count => Unit::CountChange,
                    _ => Unit::IndexChange,
                };
                let id = format!("advice/{}/growth/{}/change", school.code, scope.year);
                let by = super::figure(id, &Operand { value, node }, unit, scope.rounding);
                grown.push(Growth { school: school.code.clone(), effect, by });
            }
            Ok(_) => {}
            Err(why) => {
                untold.insert(school.code.clone(), why);
            }
        }
    }
    grown.sort_by(|a, b| b.by.value.cmp(&a.by.value).then_with(|| a.school.cmp(&b.school)));
    let shares: BTreeMap<SchoolCode, (Measure, Measure)> = grown
        .iter()
        .filter_map(|growth| Some((growth.school.clone(), parts(grounds, growth.effect.after.node)?)))
        .collect();
    let ranked = indicators::places(&shares, indicators::Direction::Down);
    let overlap = |one: &SchoolCode, other: &SchoolCode| {
        ranked.get(one).zip(ranked.get(other)).is_some_and(|(one, other)| one.overlaps(other))
    };
    let mut places: Vec<Vec<Growth>> = Vec::new();
    for growth in grown {
        let shares = |other: &Growth| {
            other.by.value == growth.by.value
                || overlap(&other.school, &growth.school)
                || (scope.share_a_place)(&other.school, &growth.school)
        };
        let is_full = places.len() == rule.places;
        match places.last_mut() {
            Some(place) if place.iter().any(shares) => place.push(growth),
            _ if is_full => break,
            _ => places.push(vec![growth]),
        }
    }
    for place in &mut places {
        place.sort_by(|a, b| a.school.cmp(&b.school));
    }
    Some(Best { due: (scope.year, rule.month), places, untold })
}

/// Part and whole of a share that was made of them.
fn parts(grounds: &Grounds<'_, '_>, share: NodeId) -> Option<(Measure, Measure)> {
    let node = grounds.sources.nodes.get(usize::try_from(share.0).ok()?)?;
    let Node::Formula { op: Op::Percent, inputs, .. } = node else { return None };
    let [part, whole] = inputs.as_slice() else { return None };
    Some((grounds.sources.value(*part)?.clone(), grounds.sources.value(*whole)?.clone()))
}

/// Reads the bank of practices.
pub(super) fn practices(grounds: &Grounds<'_, '_>, diagnostics: &mut Diagnostics) -> Vec<Practice> {
    let mut practices = Vec::new();
    for record in grounds.scope.data.records.get("practices").into_iter().flatten() {
        let Some(title) = record.texts.get("practice") else { continue };
        let deficit = record.texts.get("deficit");
        practices.push(Practice {
            school: record.school.clone(),
            year: record.from,
            title: title.clone(),
            effect: record.texts.get("effect").cloned(),
            causes: deficit.map(|text| named(grounds.rules, text, grounds.sources, diagnostics).0).unwrap_or_default(),
        });
    }
    practices.sort_by_cached_key(|row: &Practice| (row.year, row.school.clone(), row.title.value.clone()));
    practices
}
