//! Groups of schools: which school is in which group of a year, and why.
//! In: a method and the data set. Out: a verdict for every school, and the list that counts.
//! It must never know files of workbooks, templates or documents.

mod method;
mod sensitivity;
mod verdict;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::diag::{DiagId, Diagnostic, Diagnostics, Place};
use crate::model::{
    Dataset, Dims, Discipline, Exam, Gap, Holding, Known, ListSource, Operand, Question, Role, SchoolCode, Subject,
    Year, codes,
};
use crate::provenance::{NodeId, Sources};
use crate::sheets::lists;

pub use method::{Change, Criterion, GroupRule, Method, Needs, Operator, ProcedureSet};
pub use sensitivity::{Setting, Variant};
pub use verdict::{CriterionResult, Verdict};

/// A procedure without its year.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct ProcedureId {
    /// Procedure.
    pub exam: Exam,
    /// Subject of instruction.
    pub discipline: Discipline,
    /// Grade of the writers.
    pub grade: u8,
}

impl ProcedureId {
    /// Narrows a question to the procedure.
    pub fn dims(&self) -> Dims {
        Dims {
            exam: Some(self.exam),
            discipline: Some(self.discipline.clone()),
            grade: Some(self.grade),
            ..Dims::default()
        }
    }

    /// Returns whether the procedure was held in a year; `None` when the calendar does not say.
    pub fn held(&self, data: &Dataset, year: Year) -> Option<bool> {
        let holding = data.holding(self.exam, self.grade, &self.discipline, year)?;
        Some(holding != Holding::NotHeld)
    }
}

/// The result of a school in a procedure of a year.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ProcedureResult {
    /// The procedure.
    pub procedure: ProcedureId,
    /// The year.
    pub year: Year,
    /// Participants below the minimum.
    pub below: Operand,
    /// Participants.
    pub participants: Operand,
    /// Whether the result is low by the method.
    pub is_low: bool,
}

/// The schools of a role in a year, as the documents print them.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Group {
    /// The schools in order of code, each with the node that puts it on the list.
    pub schools: BTreeMap<SchoolCode, NodeId>,
    /// The list is the municipality's own computation.
    pub is_own: bool,
}

/// Verdicts and lists of the reported year and the year before.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    /// Verdicts by year, role and school.
    pub verdicts: BTreeMap<(Year, Role), BTreeMap<SchoolCode, Known<Verdict>>>,
    /// Lists by year and role.
    pub lists: BTreeMap<(Year, Role), Known<Group>>,
    /// What would change in the reported year under other settings, by role.
    pub sensitivity: BTreeMap<Role, Vec<Variant>>,
}

impl Groups {
    /// Returns a list.
    ///
    /// # Errors
    /// The gap that stands in its way; an empty one when the year was never asked for.
    pub fn list(&self, year: Year, role: Role) -> Known<&Group> {
        match self.lists.get(&(year, role)) {
            Some(Ok(group)) => Ok(group),
            Some(Err(gap)) => Err(gap.clone()),
            None => Err(Gap::default()),
        }
    }

    /// Returns the schools that are supported: low-performing or disadvantaged.
    ///
    /// # Errors
    /// The gap of either list.
    pub fn supported(&self, year: Year) -> Known<BTreeMap<SchoolCode, NodeId>> {
        let mut schools = self.list(year, Role::LowPerforming)?.schools.clone();
        for (code, node) in &self.list(year, Role::Disadvantaged)?.schools {
            schools.entry(code.clone()).or_insert(*node);
        }
        Ok(schools)
    }
}

/// The methods of a municipality, in the order of its settings.
#[derive(Clone, Debug, Default)]
pub struct Methods {
    /// The methods.
    pub methods: Vec<Method>,
}

impl Methods {
    /// Iterates over the rules of groups.
    pub fn rules(&self) -> impl Iterator<Item = &GroupRule> {
        self.methods.iter().flat_map(|method| &method.groups)
    }

    /// Returns the rule of a role.
    pub fn rule(&self, role: Role) -> Option<&GroupRule> {
        self.rules().find(|rule| rule.role == role)
    }

    /// Returns the method that gives a role.
    pub fn method_of(&self, role: Role) -> Option<&Method> {
        self.methods.iter().find(|method| method.group(role).is_some())
    }

    /// Returns the procedures whose results are pooled: those by which low-performing schools are found, else the first
    /// set of any group.
    pub fn pool(&self) -> Vec<ProcedureId> {
        let low = self.rule(Role::LowPerforming).into_iter().chain(self.rules());
        low.map(|rule| rule.each_procedure().collect::<Vec<_>>()).find(|set| !set.is_empty()).unwrap_or_default()
    }
}

/// Roles that documents of every kind speak of: a list of each must be there, or a rule that gives it.
const NEEDED: [Role; 3] = [Role::LowPerforming, Role::Disadvantaged, Role::HighPerforming];

/// The value of an indicator for a school and year, for criteria that stand on it.
pub type LevelOf<'a> =
    dyn FnMut(&str, &SchoolCode, Year, &mut Sources, &mut Diagnostics) -> Known<Option<Operand>> + 'a;

/// Applies the methods to every school for the given years and settles which list counts.
pub fn group(
    methods: &Methods,
    data: &Dataset,
    years: &[Year],
    level: &mut LevelOf<'_>,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Groups {
    let mut groups = Groups::default();
    let mut known = verdict::Results::default();
    for year in years {
        for role in Role::ALL {
            let rule = methods.rule(role);
            let own = rule.map(|rule| {
                let schools =
                    data.schools.values().filter(|school| school.is_counted && school.exists_at_end_of(*year));
                let codes: Vec<&SchoolCode> = schools.map(|school| &school.code).collect();
                let mut judge = verdict::Judge::new(rule, data, &mut known, level, sources, diagnostics);
                codes.into_iter().map(|code| (code.clone(), judge.verdict(code, *year))).collect::<BTreeMap<_, _>>()
            });
            let is_listed = || {
                let dims = Dims { role: Some(role), ..Dims::default() };
                let question = Question { measure: codes::LISTED, subject: None, year: Some(*year), dims };
                !data.store.matching(&question).is_empty()
            };
            if own.is_none() && !NEEDED.contains(&role) && !is_listed() {
                continue;
            }
            let list = settle(role, *year, own.as_ref(), data, sources, diagnostics);
            groups.lists.insert((*year, role), list);
            if let Some(own) = own {
                groups.verdicts.insert((*year, role), own);
            }
        }
    }
    if let Some(year) = years.last() {
        groups.sensitivity = sensitivity::tables(methods, data, *year, &groups, &mut known, level, sources);
    }
    groups
}

/// Settles which list counts: one from above stands and the own computation is held against it;
/// the municipality's own list follows the computation.
fn settle(
    role: Role,
    year: Year,
    own: Option<&BTreeMap<SchoolCode, Known<Verdict>>>,
    data: &Dataset,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Known<Group> {
    let dims = Dims { role: Some(role), ..Dims::default() };
    let question = Question { measure: codes::LISTED, subject: None, year: Some(year), dims };
    let rows = data.store.select(&question);
    let is_outside =
        rows.as_ref().is_ok_and(|rows| rows.iter().any(|row| row.dims.source != Some(ListSource::Municipality)));
    let mut listed: BTreeMap<SchoolCode, NodeId> = BTreeMap::new();
    for row in rows.iter().flatten() {
        if let Subject::School(code) = &row.subject {
            listed.insert(code.clone(), sources.cells([row.cell]));
        }
    }
    let Some(own) = own else {
        rows?;
        if listed.is_empty() {
            let finding = Diagnostic::error("missing-list", Place::Run)
                .with("role", lists::term(role))
                .with("year", year.to_string());
            return Err(Gap::because(diagnostics.push(finding)));
        }
        return Ok(Group { schools: listed, is_own: false });
    };
    let computed = computed(own);
    if let (Ok(_), Ok(computed)) = (&rows, &computed)
        && !listed.is_empty()
    {
        compare(role, year, &listed, computed, is_outside, data, sources, diagnostics);
    }
    if is_outside {
        return Ok(Group { schools: listed, is_own: false });
    }
    // Whether a list from above exists cannot be told while its rows are in doubt.
    rows?;
    computed.map(|schools| Group { schools, is_own: true })
}

fn computed(own: &BTreeMap<SchoolCode, Known<Verdict>>) -> Known<BTreeMap<SchoolCode, NodeId>> {
    let mut schools = BTreeMap::new();
    let mut gap = Gap::default();
    for (code, verdict) in own {
        match verdict {
            Ok(verdict) if verdict.holds() => {
                schools.insert(code.clone(), verdict.node);
            }
            Ok(_) => {}
            Err(why) => gap = gap.and(why),
        }
    }
    if gap.reasons.is_empty() { Ok(schools) } else { Err(gap) }
}

#[expect(clippy::too_many_arguments, reason = "one call, and every part is needed for the message")]
fn compare(
    role: Role,
    year: Year,
    listed: &BTreeMap<SchoolCode, NodeId>,
    computed: &BTreeMap<SchoolCode, NodeId>,
    is_outside: bool,
    data: &Dataset,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) {
    let mut say = |id: &str, code: &SchoolCode, node: NodeId| -> DiagId {
        let name = data.schools.get(code).map_or_else(|| code.to_string(), |school| school.short.value.clone());
        let finding = Diagnostic::warning(id, Place::Run)
            .with("school", name)
            .with("code", code.0.clone())
            .with("role", lists::term(role))
            .with("year", year.to_string())
            .with("cells", sources.ranges(node).into_iter().take(4).collect::<Vec<_>>().join(", "));
        diagnostics.push(finding)
    };
    for (code, node) in listed {
        if !computed.contains_key(code) {
            say(if is_outside { "listed-not-computed" } else { "list-outdated-extra" }, code, *node);
        }
    }
    for (code, node) in computed {
        if !listed.contains_key(code) {
            say(if is_outside { "computed-not-listed" } else { "list-outdated-missing" }, code, *node);
        }
    }
}
