//! Who would enter a group or leave it if its threshold or its set of procedures were another.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::verdict::{Judge, Results};
use super::{Criterion, GroupRule, Groups, LevelOf, Methods, ProcedureId, ProcedureSet};
use crate::diag::Diagnostics;
use crate::model::{Dataset, Role, SchoolCode, Year};
use crate::provenance::Sources;

/// What is other than in the method.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Setting {
    /// Another threshold, per cent.
    Threshold {
        /// As written in the method.
        value: String,
    },
    /// Without one procedure.
    Without {
        /// The procedure.
        procedure: ProcedureId,
    },
}

/// The group under another setting.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Variant {
    /// The setting.
    pub setting: Setting,
    /// Schools that the method does not find and this setting does.
    pub enter: Vec<SchoolCode>,
    /// Schools that the method finds and this setting does not.
    pub leave: Vec<SchoolCode>,
    /// Schools of which it cannot be told.
    pub unknown: Vec<SchoolCode>,
}

/// Makes the variants of every group that stands on results.
pub(super) fn tables(
    methods: &Methods,
    data: &Dataset,
    year: Year,
    groups: &Groups,
    known: &mut Results,
    level: &mut LevelOf<'_>,
    sources: &mut Sources,
) -> BTreeMap<Role, Vec<Variant>> {
    let mut tables = BTreeMap::new();
    for rule in methods.rules().filter(|rule| rule.threshold.is_some()) {
        let Some(verdicts) = groups.verdicts.get(&(year, rule.role)) else { continue };
        let mut variants = Vec::new();
        for (setting, rule) in settings(rule) {
            // What a variant finds is no fault of the data: its findings are dropped.
            let mut dropped = Diagnostics::default();
            let mut variant = Variant { setting, enter: Vec::new(), leave: Vec::new(), unknown: Vec::new() };
            let mut judge = Judge::new(&rule, data, known, level, sources, &mut dropped);
            for (school, verdict) in verdicts {
                let is_in = verdict.as_ref().map(super::Verdict::holds);
                let would = judge.would_hold(school, year);
                match (is_in, would) {
                    (Ok(false), Ok(true)) => variant.enter.push(school.clone()),
                    (Ok(true), Ok(false)) => variant.leave.push(school.clone()),
                    (Ok(_), Ok(_)) => {}
                    _ => variant.unknown.push(school.clone()),
                }
            }
            variants.push(variant);
        }
        tables.insert(rule.role, variants);
    }
    tables
}

/// The rule under each other setting.
fn settings(rule: &GroupRule) -> Vec<(Setting, GroupRule)> {
    let thresholds = rule.other_thresholds.iter().map(|value| {
        let other = GroupRule { threshold: Some(value.clone()), ..rule.clone() };
        (Setting::Threshold { value: value.clone() }, other)
    });
    // Procedures that no criterion looks at are only pooled: without one of them nobody enters or leaves.
    let reads_results = rule.criteria.iter().any(Criterion::reads_results);
    let procedures: Vec<ProcedureId> = rule.each_procedure().filter(|_| reads_results).collect();
    let without = procedures.iter().filter(|_| procedures.len() > 1).map(|left_out| {
        let set = procedures.iter().filter(|procedure| *procedure != left_out).map(|procedure| ProcedureSet {
            exam: procedure.exam,
            discipline: procedure.discipline.0.to_string(),
            grades: vec![procedure.grade],
        });
        let other = GroupRule { procedures: set.collect(), ..rule.clone() };
        (Setting::Without { procedure: left_out.clone() }, other)
    });
    thresholds.chain(without).collect()
}
