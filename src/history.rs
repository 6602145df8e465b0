//! Snapshots over years: what a year's run found, kept for the years after it.
//! In: lists, indicators and decisions of a run; snapshots of earlier years. Out: a snapshot as sorted JSON; earlier years
//! that the workbooks no longer have; what a past year gives otherwise now; the years of each school in each group.
//! It must never know where snapshots lie.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::diag::{Diagnostic, Diagnostics, Place, Reason};
use crate::figure::{Figure, RoundingRules};
use crate::groups::{Group, Groups};
use crate::indicators::{Contribution, Evaluation, IndicatorResult};
use crate::measure::Measure;
use crate::model::{Dataset, Operand, Question, Role, SchoolCode, Subject, Year, codes};
use crate::provenance::{NodeId, Sources};
use crate::sheets::lists;

/// Version of the shape of a snapshot.
const SCHEMA: u32 = 1;

/// What is kept of a year.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// Version of this shape.
    pub schema: u32,
    /// Version of the program.
    pub program: String,
    /// The municipality's folder.
    pub municipality: String,
    /// The reported year.
    pub year: Year,
    /// Hashes of the input files by path.
    pub inputs: BTreeMap<String, String>,
    /// Hashes of the templates by path.
    pub templates: BTreeMap<String, String>,
    /// Hashes of the files made by path.
    pub outputs: BTreeMap<String, String>,
    /// Lists of schools by group; one that could not be made is not kept.
    pub lists: BTreeMap<Role, KeptList>,
    /// Indicators by code; one that could not be computed is not kept.
    pub indicators: BTreeMap<String, KeptIndicator>,
    /// Decisions of the year by key of the column, in order.
    pub decisions: BTreeSet<BTreeMap<String, String>>,
}

/// A list of schools.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptList {
    /// The municipality's own computation.
    pub is_own: bool,
    /// The schools.
    pub schools: BTreeSet<SchoolCode>,
}

/// An indicator.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptIndicator {
    /// Above the line.
    pub numerator: Measure,
    /// Below the line.
    pub denominator: Option<Measure>,
    /// The value.
    pub value: Option<Measure>,
    /// What each school contributes.
    pub schools: BTreeMap<SchoolCode, KeptContribution>,
}

/// What a school contributes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptContribution {
    /// To the numerator.
    pub numerator: Measure,
    /// To the denominator.
    pub denominator: Option<Measure>,
    /// The four counts of growth.
    pub growth: Option<[Measure; 4]>,
}

/// Something that two snapshots of a year have otherwise.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Difference {
    /// The part: `inputs`, `templates`, `outputs`, `lists`, `indicators`, `decisions`, `program`.
    pub part: &'static str,
    /// What of it.
    pub what: String,
    /// As kept; empty where it was not there.
    pub before: String,
    /// As it is now; empty where it is not there.
    pub now: String,
}

/// Hashes of the files of a run.
#[derive(Clone, Debug, Default)]
pub struct Hashes {
    /// Input files.
    pub inputs: BTreeMap<String, String>,
    /// Templates.
    pub templates: BTreeMap<String, String>,
    /// Files made.
    pub outputs: BTreeMap<String, String>,
}

impl Snapshot {
    /// Takes what is kept of a year.
    pub fn take(
        municipality: &str,
        year: Year,
        data: &Dataset,
        groups: &Groups,
        indicators: &[IndicatorResult],
        hashes: Hashes,
    ) -> Self {
        let lists = Role::ALL.into_iter().filter_map(|role| {
            let group = groups.lists.get(&(year, role))?.as_ref().ok()?;
            Some((role, KeptList { is_own: group.is_own, schools: group.schools.keys().cloned().collect() }))
        });
        let indicators = indicators.iter().filter_map(|result| {
            let evaluation = result.years.get(&year)?.as_ref().ok()?;
            Some((result.definition.code.clone(), kept(evaluation)))
        });
        let records = data.records.get("decisions").into_iter().flatten().filter(|record| record.from == year);
        let decisions =
            records.map(|record| record.texts.iter().map(|(key, text)| (key.clone(), text.value.clone())).collect());
        let Hashes { inputs, templates, outputs } = hashes;
        Self {
            schema: SCHEMA,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            municipality: municipality.to_owned(),
            year,
            inputs,
            templates,
            outputs,
            lists: lists.collect(),
            indicators: indicators.collect(),
            decisions: decisions.collect(),
        }
    }

    /// Reads a snapshot of a year.
    ///
    /// # Errors
    /// Why it cannot be one.
    pub fn parse(bytes: &[u8], year: Year) -> Result<Self, Reason> {
        let snapshot: Self =
            serde_json::from_slice(bytes).map_err(|error| Reason::technical("reason-json", error.to_string()))?;
        if snapshot.schema != SCHEMA || snapshot.year != year {
            return Err(Reason::new("reason-other-snapshot"));
        }
        Ok(snapshot)
    }

    /// Writes the snapshot: sorted, indented, a final newline.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Lists what another snapshot of the year has otherwise.
    pub fn differences(&self, now: &Self) -> Vec<Difference> {
        let mut found = BTreeSet::new();
        let (before, after) = (self.flat(), now.flat());
        for key in before.keys().chain(after.keys()) {
            let text = |of: &BTreeMap<(&'static str, String), String>| of.get(key).cloned().unwrap_or_default();
            let (before, now) = (text(&before), text(&after));
            if before != now {
                found.insert(Difference { part: key.0, what: key.1.clone(), before, now });
            }
        }
        found.into_iter().collect()
    }

    /// Everything in it as texts, value by value.
    fn flat(&self) -> BTreeMap<(&'static str, String), String> {
        let mut flat = BTreeMap::from([(("program", String::new()), self.program.clone())]);
        for (part, hashes) in [("inputs", &self.inputs), ("templates", &self.templates), ("outputs", &self.outputs)] {
            flat.extend(hashes.iter().map(|(path, hash)| ((part, path.clone()), hash.clone())));
        }
        for (role, list) in &self.lists {
            let schools: Vec<&str> = list.schools.iter().map(|code| code.0.as_str()).collect();
            flat.insert(("lists", lists::term(*role).to_owned()), schools.join(", "));
        }
        for (code, indicator) in &self.indicators {
            flat.insert(("indicators", code.clone()), indicator.text());
            for (school, part) in &indicator.schools {
                flat.insert(("indicators", format!("{code}/{school}")), part.text());
            }
        }
        for decision in &self.decisions {
            let text = |key: &str| decision.get(key).cloned().unwrap_or_default();
            flat.insert(("decisions", format!("{} {}", text("date"), text("decision"))), text("status"));
        }
        flat
    }
}

/// Prints a value, or its parts where there is none.
fn quotient(numerator: &Measure, denominator: Option<&Measure>, value: Option<&Measure>) -> String {
    let parts = match denominator {
        Some(denominator) => format!("{numerator} / {denominator}"),
        None => numerator.to_string(),
    };
    match value {
        Some(value) if denominator.is_some() => format!("{value} ({parts})"),
        _ => parts,
    }
}

impl KeptIndicator {
    /// Prints the value and its parts.
    pub fn text(&self) -> String {
        quotient(&self.numerator, self.denominator.as_ref(), self.value.as_ref())
    }
}

impl KeptContribution {
    fn text(&self) -> String {
        quotient(&self.numerator, self.denominator.as_ref(), None)
    }
}

fn kept(evaluation: &Evaluation) -> KeptIndicator {
    let value = |operand: &Operand| operand.value.clone();
    let part = |part: &Contribution| KeptContribution {
        numerator: value(&part.numerator),
        denominator: part.denominator.as_ref().map(value),
        growth: part.growth.as_ref().map(|four| four.each_ref().map(value)),
    };
    KeptIndicator {
        numerator: value(&evaluation.numerator),
        denominator: evaluation.denominator.as_ref().map(value),
        value: evaluation.figure.as_ref().map(|figure| figure.value.clone()),
        schools: evaluation.contributions.iter().map(|(code, one)| (code.clone(), part(one))).collect(),
    }
}

/// The path of a snapshot as findings and the ledger name it.
fn shown(year: Year) -> String {
    format!("svod/{year}/snapshot.json")
}

/// Brings earlier years back: values and lists of a year that the workbooks do not give are those that were kept; of one
/// that they give otherwise now, both values are said.
pub fn recall(
    snapshots: &BTreeMap<Year, Snapshot>,
    reported: Year,
    groups: &mut Groups,
    indicators: &mut [IndicatorResult],
    rounding: RoundingRules,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) {
    for (year, snapshot) in snapshots.range(..reported) {
        let file = shown(*year);
        let place = |key: &str| Place::Key { file: file.clone(), key: key.to_owned() };
        for (role, list) in &snapshot.lists {
            let Some(known) = groups.lists.get_mut(&(*year, *role)) else { continue };
            match known {
                Ok(group) => {
                    let now: BTreeSet<SchoolCode> = group.schools.keys().cloned().collect();
                    for code in now.symmetric_difference(&list.schools) {
                        let id = if now.contains(code) { "kept-list-lacks" } else { "kept-list-has" };
                        let finding = Diagnostic::warning(id, place("lists"))
                            .with("code", code.0.clone())
                            .with("role", lists::term(*role))
                            .with("year", year.to_string());
                        diagnostics.push(finding);
                    }
                }
                Err(_) => {
                    let node = sources.declared(&file, "lists");
                    let schools = list.schools.iter().map(|code| (code.clone(), node)).collect();
                    *known = Ok(Group { schools, is_own: list.is_own });
                }
            }
        }
        for result in indicators.iter_mut() {
            let code = result.definition.code.clone();
            let Some(kept_value) = snapshot.indicators.get(&code) else { continue };
            let definition = &result.definition;
            let Some(known) = result.years.get_mut(year) else { continue };
            let is_given = matches!(known, Ok(evaluation) if evaluation.figure.is_some());
            if !is_given && kept_value.value.is_some() {
                let node = sources.declared(&file, &format!("indicators.{code}"));
                let value = kept_value.value.clone().unwrap_or_default();
                let (id, unit, rounding) = (format!("{code}/{year}"), definition.unit, definition.rounding(rounding));
                *known = Ok(restored(kept_value, Figure { id, value, unit, rounding, node }, node));
                continue;
            }
            if let Ok(evaluation) = known {
                let now = kept(evaluation);
                if now.value != kept_value.value {
                    let finding = Diagnostic::warning("kept-value-differs", place(&format!("indicators.{code}")))
                        .with("figure", code.clone())
                        .with("year", year.to_string())
                        .with("before", kept_value.text())
                        .with("found", now.text());
                    diagnostics.push(finding);
                }
            }
        }
    }
}

fn restored(kept: &KeptIndicator, figure: Figure, node: NodeId) -> Evaluation {
    let operand = |value: &Measure| Operand { value: value.clone(), node };
    let part = |part: &KeptContribution| Contribution {
        numerator: operand(&part.numerator),
        denominator: part.denominator.as_ref().map(operand),
        growth: part.growth.as_ref().map(|four| four.each_ref().map(operand)),
    };
    Evaluation {
        contributions: kept.schools.iter().map(|(code, one)| (code.clone(), part(one))).collect(),
        numerator: operand(&kept.numerator),
        denominator: kept.denominator.as_ref().map(operand),
        figure: Some(figure),
        absence: None,
        coverage: None,
    }
}

/// The years of a school in a group: of lists of the workbooks, of computed lists and of snapshots.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct History {
    /// Years of which the list of a group is known.
    pub known: BTreeMap<Role, BTreeSet<Year>>,
    /// Years in which a school was on it.
    pub years: BTreeMap<(Role, SchoolCode), BTreeSet<Year>>,
}

/// An unbroken stay in a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stay {
    /// The first year.
    pub from: Year,
    /// The first known year without it; `None` while it lasts.
    pub left: Option<Year>,
}

impl History {
    /// Collects the years. A list that was made or kept stands above the rows of the workbooks.
    pub fn new(data: &Dataset, groups: &Groups, snapshots: &BTreeMap<Year, Snapshot>, reported: Year) -> Self {
        let mut lists: BTreeMap<(Role, Year), BTreeSet<SchoolCode>> = BTreeMap::new();
        let question = Question { measure: codes::LISTED, subject: None, year: None, dims: Default::default() };
        for row in data.store.matching(&question) {
            if let (Subject::School(code), Some(role)) = (&row.subject, row.dims.role) {
                for year in (row.from.0..=row.to.0).take(1).map(Year).filter(|year| *year <= reported) {
                    lists.entry((role, year)).or_default().insert(code.clone());
                }
            }
        }
        for (year, snapshot) in snapshots.range(..reported) {
            for (role, list) in &snapshot.lists {
                lists.insert((*role, *year), list.schools.clone());
            }
        }
        for ((year, role), group) in &groups.lists {
            if let Ok(group) = group {
                lists.insert((*role, *year), group.schools.keys().cloned().collect());
            }
        }
        let mut history = Self::default();
        for ((role, year), schools) in lists {
            history.known.entry(role).or_default().insert(year);
            for code in schools {
                history.years.entry((role, code)).or_default().insert(year);
            }
        }
        history
    }

    /// The stays of a school in a group, in order of years.
    pub fn stays(&self, role: Role, code: &SchoolCode) -> Vec<Stay> {
        let mut stays: Vec<Stay> = Vec::new();
        let (Some(known), Some(years)) = (self.known.get(&role), self.years.get(&(role, code.clone()))) else {
            return stays;
        };
        for year in known {
            match (stays.last_mut().filter(|stay| stay.left.is_none()), years.contains(year)) {
                (None, true) => stays.push(Stay { from: *year, left: None }),
                (Some(stay), false) => stay.left = Some(*year),
                _ => {}
            }
        }
        stays
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stay_ends_with_the_first_known_year_without_it() {
        let code = SchoolCode::from("ОО-01");
        let years = |years: &[i32]| years.iter().copied().map(Year).collect::<BTreeSet<_>>();
        let role = Role::LowPerforming;
        let mut history = History::default();
        history.known.insert(role, years(&[2018, 2019, 2021, 2022, 2023]));
        history.years.insert((role, code.clone()), years(&[2018, 2019, 2022, 2023]));
        assert_eq!(
            history.stays(role, &code),
            [Stay { from: Year(2018), left: Some(Year(2021)) }, Stay { from: Year(2022), left: None }]
        );
        assert_eq!(history.stays(Role::Disadvantaged, &code), []);
    }

    #[test]
    fn a_snapshot_comes_back_as_it_was_and_tells_what_differs() {
        let mut snapshot = Snapshot::take(
            "округ",
            Year(2021),
            &Dataset::default(),
            &Groups::default(),
            &[],
            Hashes { inputs: BTreeMap::from([("а.xlsx".to_owned(), "1".to_owned())]), ..Hashes::default() },
        );
        let indicator = KeptIndicator {
            numerator: Measure::from(7_i64),
            denominator: Some(Measure::from(12_i64)),
            value: Measure::ratio(700, 12),
            schools: BTreeMap::new(),
        };
        snapshot.indicators.insert("share".to_owned(), indicator);
        let back = Snapshot::parse(&snapshot.to_bytes(), Year(2021)).unwrap();
        assert_eq!(back, snapshot);
        assert!(snapshot.differences(&back).is_empty());
        assert!(Snapshot::parse(&snapshot.to_bytes(), Year(2020)).is_err());
        assert!(Snapshot::parse(b"{}", Year(2021)).is_err());
        let mut now = back;
        now.inputs.insert("б.xlsx".to_owned(), "2".to_owned());
        if let Some(indicator) = now.indicators.get_mut("share") {
            indicator.value = Some(Measure::from(58_i64));
        }
        let found: Vec<String> = snapshot
            .differences(&now)
            .into_iter()
            .map(|one| format!("{} {}: {} → {}", one.part, one.what, one.before, one.now))
            .collect();
        assert_eq!(found, ["indicators share: 175/3 (7 / 12) → 58 (7 / 12)", "inputs б.xlsx:  → 2"]);
    }
}
