//! The value of a ground for a school and a year, with its cells; or why it cannot be told.
//! In: a ground, the data set, the indicators. Out: an operand. It must never know thresholds or causes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::measures::nearest;
use super::rules::{Answer, Ground, Rules, Significance};
use super::{Scope, Wanted};
use crate::diag::{DiagId, Diagnostic, Diagnostics};
use crate::figure::{Figure, Rounding, Unit};
use crate::measure::Measure;
use crate::model::{
    Block, Dims, Discipline, Exam, Gap, Holding, Known, Observation, Operand, Question, Record, SchoolCode, Subject,
    TeacherCode, Year, codes,
};
use crate::provenance::{CellRef, NodeId, Op, Sources};
use crate::ru;

/// Why a value cannot be told: it is never taken for zero or «no».
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Untold {
    /// Findings must be put right first.
    Gap {
        /// The findings.
        gap: Gap,
    },
    /// None of the procedures was held in the year.
    NotHeld,
    /// Nothing was reported.
    NoData,
    /// The year is still to come.
    NotYet,
    /// Nothing was reported, with leave.
    Allowed {
        /// Why, in the words of the sheet.
        reason: String,
    },
    /// Fewer participants than the rule asks for.
    FewParticipants {
        /// Participants.
        participants: Measure,
    },
}

impl From<Gap> for Untold {
    fn from(gap: Gap) -> Self {
        if gap.reasons.is_empty() { Self::NoData } else { Self::Gap { gap } }
    }
}

/// A value, or why there is none.
pub type Told<T> = Result<T, Untold>;

/// A teacher of a school in a year.
#[derive(Clone)]
pub(super) struct Employed {
    pub(super) teacher: TeacherCode,
    pub(super) discipline: Option<Discipline>,
}

/// Evaluates grounds over one run.
pub(super) struct Grounds<'a, 's> {
    pub(super) rules: &'a Rules,
    pub(super) scope: &'a Scope<'a>,
    pub(super) sources: &'s mut Sources,
    employed: BTreeMap<Year, BTreeMap<SchoolCode, Vec<Employed>>>,
    /// Rows of registers by sheet and school.
    records: BTreeMap<(&'static str, SchoolCode), Vec<&'a Record>>,
    /// Profiles that name a factor which nobody knows: what they do not name may be this one.
    strange_profiles: BTreeMap<(SchoolCode, Year), Gap>,
}

/// Registers whose rows are asked for by school.
const BY_SCHOOL: [&str; 2] = ["self-examination", "risk-profile"];

impl<'a, 's> Grounds<'a, 's> {
    pub(super) fn new(
        rules: &'a Rules,
        scope: &'a Scope<'a>,
        sources: &'s mut Sources,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut strange_profiles: BTreeMap<(SchoolCode, Year), Gap> = BTreeMap::new();
        let mut records: BTreeMap<(&'static str, SchoolCode), Vec<&Record>> = BTreeMap::new();
        for sheet in BY_SCHOOL {
            for record in scope.data.records.get(sheet).into_iter().flatten() {
                if let Some(school) = &record.school {
                    if let Some(diag) = strange(rules, sheet, record, sources, diagnostics) {
                        let gap = strange_profiles.entry((school.clone(), record.from)).or_default();
                        gap.reasons.insert(diag);
                    }
                    records.entry((sheet, school.clone())).or_default().push(record);
                }
            }
        }
        Self { rules, scope, sources, employed: BTreeMap::new(), records, strange_profiles }
    }

    /// Returns the value of a ground that has one.
    pub(super) fn value(
        &mut self,
        ground: &Ground,
        school: &SchoolCode,
        grade: Option<u8>,
        year: Year,
    ) -> Told<Operand> {
        match ground {
            Ground::Indicator { code, .. } => {
                let gauge = self.scope.gauges.get(code.as_str()).ok_or(Untold::NoData)?;
                gauge.result.of_school(year, school, self.sources)?.ok_or(Untold::NoData)
            }
            Ground::Measure { code, per, .. } => {
                let part = self.measure(code, school, year)?;
                let Some(per) = per else { return Ok(part) };
                let whole = self.measure(per, school, year)?;
                self.percent(&part, &whole)
            }
            Ground::Results { exams, discipline, grades, min_cohort, .. } => {
                let grades: Vec<u8> = grade.map_or_else(|| grades.clone(), |grade| vec![grade]);
                let discipline = discipline.as_deref().map(|name| Discipline::from(name.to_lowercase()));
                self.results(exams, discipline.as_ref(), &grades, *min_cohort, school, year)
            }
            Ground::Teachers { block, discipline, .. } => {
                let discipline = discipline.as_deref().map(|name| Discipline::from(name.to_lowercase()));
                self.teachers(*block, discipline.as_ref(), school, year)
            }
            Ground::RiskFactor { .. } | Ground::SelfExamination { .. } => Err(Untold::NoData),
        }
    }

    /// Returns the unit of a ground's value.
    pub(super) fn unit(&self, ground: &Ground) -> Unit {
        match ground {
            Ground::Indicator { code, .. } => {
                self.scope.gauges.get(code.as_str()).map_or(Unit::Index, |gauge| gauge.unit)
            }
            Ground::Measure { code, per: None, .. } if codes::is_reserved(code) => Unit::Count,
            Ground::Measure { per: None, .. } => Unit::Index,
            _ => Unit::Percent,
        }
    }

    /// Returns the direction in which a ground's value gets better.
    pub(super) fn wanted(&self, ground: &Ground) -> Wanted {
        match ground.threshold() {
            Some((is, _)) if is.is_less_better() => Wanted::Less,
            _ => Wanted::More,
        }
    }

    /// Makes a figure with digits enough to see on which side of the threshold the value stands.
    pub(super) fn figure(&self, id: String, operand: &Operand, ground: &Ground) -> Figure {
        let unit = self.unit(ground);
        let rounding = self.scope.rounding.of(unit);
        let least = if unit == Unit::Count { 0 } else { 1 };
        let digits = rounding.digits.max(ground.decimals()).max(least);
        Figure { id, value: operand.value.clone(), unit, rounding: Rounding { digits, ..rounding }, node: operand.node }
    }

    pub(super) fn percent(&mut self, part: &Operand, whole: &Operand) -> Told<Operand> {
        let value = part.value.percent_of(&whole.value).ok_or(Untold::NoData)?;
        let node = self.sources.formula(Op::Percent, vec![part.node, whole.node], Some(value.clone()));
        Ok(Operand { value, node })
    }

    /// What a school reported; rows of logs and registers are counted, so that none of them is zero.
    fn measure(&mut self, code: &str, school: &SchoolCode, year: Year) -> Told<Operand> {
        let data = self.scope.data;
        if let Some(found) = data.school_sum(school, code, year, &Dims::default(), self.sources)? {
            return Ok(found);
        }
        if let Some(leave) = data.leave(school, &[code], year) {
            return Err(Untold::Allowed { reason: leave.reason.value.clone() });
        }
        let sheet = match code {
            codes::SUPPORT => "support-log",
            codes::PARTNERSHIP => "partnerships",
            register if codes::REGISTERS.contains(&register) => register,
            _ => return Err(Untold::NoData),
        };
        data.sheet(sheet)?;
        if !data.found_sheets.contains(sheet) {
            return Err(Untold::NoData);
        }
        let node = match data.schools.get(school) {
            Some(known) => self.sources.cells([known.cell]),
            None => return Err(Untold::NoData),
        };
        Ok(Operand { value: Measure::default(), node })
    }

    /// Agreements with leader schools that begin after a year; `None` where there are none.
    pub(super) fn agreed_later(&mut self, school: &SchoolCode, year: Year) -> Option<Operand> {
        let subject = Subject::School(school.clone());
        let rows = self.scope.data.store.of_measure(codes::PARTNERSHIP);
        let cells: Vec<_> = rows.filter(|row| row.subject == subject && row.from > year).map(|row| row.cell).collect();
        let nodes: Vec<NodeId> = cells.into_iter().map(|cell| self.sources.cells([cell])).collect();
        (!nodes.is_empty()).then(|| self.count(nodes))
    }

    fn results(
        &mut self,
        exams: &[Exam],
        discipline: Option<&Discipline>,
        grades: &[u8],
        min_cohort: i64,
        school: &SchoolCode,
        year: Year,
    ) -> Told<Operand> {
        let data = self.scope.data;
        let (mut below, mut participants): (Vec<&Observation>, Vec<&Observation>) = (Vec::new(), Vec::new());
        for (exam, grade) in exams.iter().flat_map(|exam| grades.iter().map(move |grade| (exam, grade))) {
            let dims =
                Dims { exam: Some(*exam), grade: Some(*grade), discipline: discipline.cloned(), ..Dims::default() };
            below.extend(data.school_rows(school, codes::BELOW_MINIMUM, year, &dims)?);
            participants.extend(data.school_rows(school, codes::PARTICIPANTS, year, &dims)?);
        }
        if participants.is_empty() {
            if let Some(leave) = data.leave(school, &[codes::PARTICIPANTS, codes::BELOW_MINIMUM], year) {
                return Err(Untold::Allowed { reason: leave.reason.value.clone() });
            }
            let mut rows = data.calendar.iter().filter(|row| {
                row.year == year
                    && exams.contains(&row.exam)
                    && grades.contains(&row.grade)
                    && discipline.is_none_or(|known| *known == row.discipline)
            });
            let first = rows.next();
            let is_held = |row: &crate::model::Procedure| row.holding != Holding::NotHeld;
            let any_held = first.is_some_and(is_held) || rows.any(is_held);
            return Err(if first.is_some() && !any_held { Untold::NotHeld } else { Untold::NoData });
        }
        let mut total = |rows: &[&Observation]| {
            let value: Measure = rows.iter().map(|row| row.value.clone()).sum();
            let cells = self.sources.cells(rows.iter().map(|row| row.cell));
            let node = self.sources.formula(Op::Sum, vec![cells], Some(value.clone()));
            Operand { value, node }
        };
        let (below, participants) = (total(&below), total(&participants));
        if participants.value < Measure::from(min_cohort) {
            return Err(Untold::FewParticipants { participants: participants.value });
        }
        self.percent(&below, &participants)
    }

    /// Teachers of a school in a year, each once for every subject of teaching.
    ///
    /// # Errors
    /// The gap of the sheet of teachers.
    pub(super) fn employed(&mut self, school: &SchoolCode, year: Year) -> Known<Vec<Employed>> {
        let store = &self.scope.data.store;
        let lineage = self.scope.data.lineage(school);
        for member in &lineage {
            let dims = Dims { school: Some(member.clone()), ..Dims::default() };
            store.trusted(&Question { measure: codes::EMPLOYMENT, subject: None, year: Some(year), dims })?;
        }
        let of_year = self.employed.entry(year).or_insert_with(|| {
            let mut of_year: BTreeMap<SchoolCode, Vec<Employed>> = BTreeMap::new();
            for (subject, rows) in store.subjects(codes::EMPLOYMENT) {
                let Subject::Teacher(teacher) = subject else { continue };
                for row in rows.filter(|row| row.from <= year && year <= row.to) {
                    let Some(school) = &row.dims.school else { continue };
                    let employed = Employed { teacher: teacher.clone(), discipline: row.dims.discipline.clone() };
                    of_year.entry(school.clone()).or_default().push(employed);
                }
            }
            of_year
        });
        Ok(lineage.iter().filter_map(|member| of_year.get(member)).flatten().cloned().collect())
    }

    /// The results of a teacher's diagnosis of a year by block and wave.
    ///
    /// # Errors
    /// The gap of the sheet of diagnoses.
    pub(super) fn diagnosis(
        &self,
        teacher: &TeacherCode,
        year: Year,
    ) -> Known<BTreeMap<(Block, u8), (Measure, CellRef)>> {
        let subject = Subject::Teacher(teacher.clone());
        let question =
            Question { measure: codes::DIAGNOSIS, subject: Some(&subject), year: Some(year), dims: Dims::default() };
        let rows = self.scope.data.store.select(&question)?;
        let key = |row: &&Observation| Some(((row.dims.block?, row.dims.wave?), (row.value.clone(), row.cell)));
        Ok(rows.iter().filter_map(key).collect())
    }

    fn teachers(
        &mut self,
        block: Option<Block>,
        discipline: Option<&Discipline>,
        school: &SchoolCode,
        year: Year,
    ) -> Told<Operand> {
        let threshold = self.rules.teachers.threshold();
        let codes: std::collections::BTreeSet<TeacherCode> = self
            .employed(school, year)?
            .iter()
            .filter(|employed| discipline.is_none_or(|wanted| employed.discipline.as_ref() == Some(wanted)))
            .map(|employed| employed.teacher.clone())
            .collect();
        let (mut diagnosed, mut weak) = (Vec::new(), Vec::new());
        for teacher in &codes {
            let results = self.diagnosis(teacher, year)?;
            // The last result of each block that is asked for.
            let last: BTreeMap<Block, &(Measure, CellRef)> = results
                .iter()
                .filter(|((known, _), _)| block.is_none_or(|wanted| wanted == *known))
                .map(|((known, _), result)| (*known, result))
                .collect();
            if last.is_empty() {
                continue;
            }
            let cells = self.sources.cells(last.values().map(|(_, cell)| *cell));
            diagnosed.push(cells);
            if last.values().any(|(result, _)| *result < threshold) {
                weak.push(cells);
            }
        }
        if diagnosed.is_empty() {
            return Err(match self.scope.data.leave(school, &[codes::DIAGNOSIS, codes::EMPLOYMENT], year) {
                Some(leave) => Untold::Allowed { reason: leave.reason.value.clone() },
                None => Untold::NoData,
            });
        }
        let whole = self.count(diagnosed);
        let part =
            if weak.is_empty() { Operand { value: Measure::default(), node: whole.node } } else { self.count(weak) };
        self.percent(&part, &whole)
    }

    pub(super) fn count(&mut self, nodes: Vec<NodeId>) -> Operand {
        let value = Measure::from(nodes.len());
        let node = self.sources.formula(Op::Count, nodes, Some(value.clone()));
        Operand { value, node }
    }

    /// Tells whether the profile names a factor with a significance; `Ok(false)` only where a profile was made.
    pub(super) fn risk_factor(
        &mut self,
        factor: &str,
        significance: Significance,
        school: &SchoolCode,
        year: Year,
    ) -> Told<(bool, NodeId)> {
        self.scope.data.sheet("risk-profile")?;
        let of_year: Vec<&Record> = self.rows("risk-profile", school, year);
        let wanted = ru::fold(factor);
        let text = |record: &Record, key: &str| record.texts.get(key).map(|text| ru::fold(&text.value));
        let found = of_year.iter().find(|record| text(record, "factor").is_some_and(|known| known == wanted));
        match found {
            Some(record) => {
                let known = match record.texts.get("significance").map(|text| text.value.as_str()) {
                    Some("high") => Significance::High,
                    Some("medium") => Significance::Medium,
                    _ => Significance::Low,
                };
                let nodes = ["factor", "significance"].iter().filter_map(|key| record.texts.get(*key));
                let nodes = nodes.map(|text| text.node).collect();
                Ok((known >= significance, self.sources.formula(Op::Derived, nodes, None)))
            }
            None if let Some(gap) = self.strange_profiles.get(&(school.clone(), year)) => Err(gap.clone().into()),
            // A profile names the factors that matter: one that it does not name does not.
            None if !of_year.is_empty() => {
                let nodes =
                    of_year.iter().filter_map(|record| record.texts.get("factor")).map(|text| text.node).collect();
                Ok((false, self.sources.formula(Op::Derived, nodes, None)))
            }
            None => Err(Untold::NoData),
        }
    }

    /// The school's answer to a question of the self-examination of a year.
    pub(super) fn answer(&self, question: &str, school: &SchoolCode, year: Year) -> Told<(Answer, NodeId)> {
        self.scope.data.sheet("self-examination")?;
        let wanted = ru::fold(question);
        for record in self.rows("self-examination", school, year) {
            let is_asked = record.texts.get("question").is_some_and(|text| ru::fold(&text.value) == wanted);
            if let (true, Some(answer)) = (is_asked, record.texts.get("answer")) {
                return Ok((if answer.value == "yes" { Answer::Yes } else { Answer::No }, answer.node));
            }
        }
        Err(Untold::NoData)
    }

    /// Rows of a register for a school, or one that it goes on from, and a year.
    fn rows(&self, sheet: &'static str, school: &SchoolCode, year: Year) -> Vec<&'a Record> {
        let of = |member: SchoolCode| self.records.get(&(sheet, member)).into_iter().flatten().copied();
        let lineage = self.scope.data.lineage(school);
        lineage.into_iter().flat_map(of).filter(|record| record.from <= year && year <= record.to).collect()
    }
}

/// Says at its cell that a row names a factor or a question that no rule knows; gives the finding on a factor.
fn strange(
    rules: &Rules,
    sheet: &str,
    record: &Record,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Option<DiagId> {
    if sheet == "risk-profile" {
        let factor = record.texts.get("factor").filter(|text| !rules.knows_factor(&text.value))?;
        let near = nearest(&factor.value, rules.risk_factors.iter().map(String::as_str));
        let place = sources.place_of(factor.node);
        return Some(diagnostics.push(Diagnostic::error("unknown-risk-factor", place).with("nearest", near)));
    }
    if let Some(question) = record.texts.get("question").filter(|text| !rules.asks(&text.value)) {
        diagnostics.push(Diagnostic::warning("unknown-question", sources.place_of(question.node)));
    }
    None
}
