//! Methods as data: which school is in which group of a year, and why.
//! In: a method and the data set. Out: a verdict for every school, and the list that counts.
//! It must never know files of workbooks, templates or documents.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::diag::{DiagId, Diagnostic, Diagnostics, Place, Reason};
use crate::measure::Measure;
use crate::model::{
    Dataset, Dims, Discipline, Exam, Gap, Holding, Known, ListSource, Operand, Question, Role, SchoolCode, Subject,
    Year, codes,
};
use crate::provenance::{NodeId, Op, Sources};
use crate::sheets::lists;

/// A method of finding schools, read from `templates/methods`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Method {
    /// Its id.
    pub id: String,
    /// The rule in words.
    pub title: String,
    /// Whose rule it is, and how sure that is.
    pub source: String,
    /// The role it gives.
    pub role: Role,
    /// Share of participants below the minimum from which a result is low, per cent.
    pub threshold: String,
    /// Fewest participants with which a procedure counts.
    pub min_cohort: i64,
    /// The procedures that count.
    pub procedures: Vec<ProcedureSet>,
    /// Alternatives: one is enough.
    pub arms: Vec<Arm>,
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

/// An alternative of a method.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Arm {
    /// Low results in so many procedures of the year.
    ProceduresInYear {
        /// Fewest procedures.
        count: usize,
    },
    /// Low results in the same procedure in so many years running in which it was held.
    SameProcedureInYears {
        /// Years, the reported one included.
        years: usize,
    },
}

impl Method {
    /// Reads a method.
    ///
    /// # Errors
    /// Gives the parser's message, or names the key that makes no sense.
    pub fn parse(source: &str) -> Result<Self, Reason> {
        let method: Self = toml::from_str(source).map_err(|error| Reason::toml(&error, source))?;
        match method.threshold() {
            Some(threshold) if !threshold.is_negative() && threshold <= Measure::from(100_i64) => {}
            _ => return Err(format!("threshold = {:?}", method.threshold).into()),
        }
        if method.procedures.is_empty() {
            return Err("procedures".to_owned().into());
        }
        if method.arms.is_empty() {
            return Err("arms".to_owned().into());
        }
        Ok(method)
    }

    /// Returns the threshold, per cent.
    pub fn threshold(&self) -> Option<Measure> {
        Measure::parse_decimal(&self.threshold)
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

    /// Returns the nearest earlier year in which the procedure was held.
    fn held_before(&self, data: &Dataset, year: Year) -> Option<Year> {
        data.calendar
            .iter()
            .filter(|row| {
                row.exam == self.exam
                    && row.grade == self.grade
                    && row.discipline == self.discipline
                    && row.year < year
                    && row.holding != Holding::NotHeld
            })
            .map(|row| row.year)
            .max()
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

/// What a method says of a school in a year.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Verdict {
    /// Results of the year and of the earlier years that an arm looked at.
    pub results: Vec<ProcedureResult>,
    /// Positions of the arms that fired.
    pub fired: Vec<usize>,
    /// The node of the verdict.
    pub node: NodeId,
}

impl Verdict {
    /// Tells whether the school has the role.
    pub fn holds(&self) -> bool {
        !self.fired.is_empty()
    }
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
    /// Verdicts by year and school.
    pub verdicts: BTreeMap<Year, BTreeMap<SchoolCode, Known<Verdict>>>,
    /// Lists by year and role.
    pub lists: BTreeMap<(Year, Role), Known<Group>>,
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

/// Applies the method to every school for the given years and settles which list counts.
pub fn group(
    method: &Method,
    data: &Dataset,
    years: &[Year],
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Groups {
    let mut groups = Groups::default();
    for year in years {
        let verdicts: BTreeMap<SchoolCode, Known<Verdict>> = data
            .schools
            .values()
            .filter(|school| school.is_counted && school.exists_at_end_of(*year))
            .map(|school| (school.code.clone(), verdict(method, data, &school.code, *year, sources)))
            .collect();
        for role in [Role::LowPerforming, Role::Disadvantaged, Role::HighPerforming] {
            let own = (role == method.role).then_some(&verdicts);
            let list = settle(role, *year, own, data, sources, diagnostics);
            groups.lists.insert((*year, role), list);
        }
        groups.verdicts.insert(*year, verdicts);
    }
    groups
}

/// Applies the arms of a method to one school.
fn verdict(method: &Method, data: &Dataset, school: &SchoolCode, year: Year, sources: &mut Sources) -> Known<Verdict> {
    let mut results: BTreeMap<(ProcedureId, Year), ProcedureResult> = BTreeMap::new();
    let mut of = |procedure: &ProcedureId, year: Year, sources: &mut Sources| -> Known<bool> {
        let key = (procedure.clone(), year);
        if let Some(known) = results.get(&key) {
            return Ok(known.is_low);
        }
        let Some(found) = result(method, data, school, procedure, year, sources)? else { return Ok(false) };
        let is_low = found.is_low;
        results.insert(key, found);
        Ok(is_low)
    };
    // What was held decides which results must be there.
    data.sheet("calendar")?;
    let mut low_now: Vec<ProcedureId> = Vec::new();
    for procedure in method.each_procedure() {
        // Asked in any case: results of a procedure that the calendar does not have are in doubt.
        if of(&procedure, year, sources)? && procedure.held(data, year) == Some(true) {
            low_now.push(procedure);
        }
    }
    let mut fired = Vec::new();
    for (index, arm) in method.arms.iter().enumerate() {
        let fires = match arm {
            Arm::ProceduresInYear { count } => low_now.len() >= *count,
            Arm::SameProcedureInYears { years } => {
                let mut any = false;
                for procedure in &low_now {
                    let mut run = 1;
                    let mut last = year;
                    while run < *years {
                        let earlier = procedure.held_before(data, last);
                        // Results of a year between that the calendar does not have put the run of years in doubt.
                        let reach = i32::try_from(*years).unwrap_or_default();
                        let first = earlier.map_or(last.0 - reach, |earlier| earlier.0 + 1);
                        for skipped in first..last.0 {
                            of(procedure, Year(skipped), sources)?;
                        }
                        match earlier {
                            Some(earlier) if of(procedure, earlier, sources)? => (run, last) = (run + 1, earlier),
                            _ => break,
                        }
                    }
                    any |= run >= *years;
                }
                any
            }
        };
        if fires {
            fired.push(index);
        }
    }
    let results: Vec<ProcedureResult> = results.into_values().collect();
    let inputs = results.iter().flat_map(|result| [result.below.node, result.participants.node]).collect();
    let node = sources.formula(Op::Derived, inputs, None);
    Ok(Verdict { results, fired, node })
}

/// Reads the result of a school in a procedure; `None` when it has no participants.
fn result(
    method: &Method,
    data: &Dataset,
    school: &SchoolCode,
    procedure: &ProcedureId,
    year: Year,
    sources: &mut Sources,
) -> Known<Option<ProcedureResult>> {
    let dims = procedure.dims();
    let participants = data.school_sum(school, codes::PARTICIPANTS, year, &dims, sources)?;
    let below = data.school_sum(school, codes::BELOW_MINIMUM, year, &dims, sources)?;
    let (Some(participants), Some(below)) = (participants, below) else { return Ok(None) };
    let hundred = Measure::from(100_i64);
    let threshold = method.threshold().unwrap_or(hundred.clone());
    // 100 · below ≥ threshold · participants: integers, no division, so exactly 30 % is low.
    let is_low = !participants.value.is_zero()
        && participants.value >= Measure::from(method.min_cohort)
        && &below.value * &hundred >= &threshold * &participants.value;
    Ok(Some(ProcedureResult { procedure: procedure.clone(), year, below, participants, is_low }))
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
