//! Quantities counted for one school and year, each with its origin.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::quantity::{Condition, Quantity, TeacherTest};
use super::{Evaluator, LookedThrough, Sums, Trace};
use crate::diag::{Diagnostic, Place};
use crate::groups::Group;
use crate::measure::Measure;
use crate::model::{
    AllowedGap, Block, Dims, Discipline, Exam, Gap, Known, Observation, Operand, Question, Record, Role, SchoolCode,
    Subject, TeacherCode, Year, codes,
};
use crate::provenance::{CellRef, NodeId, Op};
use crate::ru;
use crate::sheets::{SHEETS, lists};

/// Teachers of every school with the rows that employ them.
pub(super) type Staff<'a> = BTreeMap<SchoolCode, BTreeMap<TeacherCode, Vec<&'a Observation>>>;

/// Where a quantity is counted: in a school, with the node that puts it among those counted, or in the municipality.
#[derive(Clone, Copy)]
pub(super) struct At<'p> {
    pub(super) school: Option<&'p SchoolCode>,
    pub(super) listed: NodeId,
}

impl<'a> Evaluator<'a> {
    /// Returns the leave by which a school has no values of a quantity, if any.
    pub(super) fn leave(&self, quantity: &Quantity, code: &SchoolCode, year: Year) -> Option<&'a AllowedGap> {
        let (measures, years) = quantity.reads();
        (0..years).find_map(|back| self.data.leave(code, &measures, Year(year.0 - back)))
    }

    /// Counts.
    pub(super) fn count(
        &mut self,
        quantity: &Quantity,
        at: At<'_>,
        year: Year,
        trace: &mut Trace<'_>,
    ) -> Known<Operand> {
        match quantity {
            Quantity::Schools { with } => {
                let Some(school) = at.school else { return Ok(flag(false, at.listed)) };
                let mut nodes = Vec::new();
                for condition in with {
                    match self.meets(condition, school, at.listed, year, trace)? {
                        (true, node) => nodes.push(node),
                        (false, node) => return Ok(flag(false, node)),
                    }
                }
                let node = match nodes.as_slice() {
                    [] => at.listed,
                    [one] => *one,
                    _ => trace.sources.formula(Op::Derived, nodes, None),
                };
                Ok(flag(true, node))
            }
            Quantity::Teachers { .. } => self.teachers(quantity, at, year, trace),
            Quantity::Sum { .. } => self.sum(quantity, at, year, trace),
            Quantity::Records { register, having, distinct, years } => {
                self.recorded(register, trace)?;
                let first = Year(year.0 - years + 1);
                let found = self.records(register, having, at.school, (first, year));
                let mut texts = BTreeSet::new();
                let rows = found.into_iter().filter(|record| match distinct {
                    Some(column) => record.texts.get(column).is_some_and(|text| texts.insert(ru::fold(&text.value))),
                    None => true,
                });
                let nodes: Vec<NodeId> =
                    rows.filter_map(|record| record.texts.values().map(|text| text.node).min()).collect();
                Ok(number(nodes, at.listed, trace))
            }
        }
    }

    /// Tells whether a school meets a condition, and on what ground.
    fn meets(
        &mut self,
        condition: &Condition,
        school: &SchoolCode,
        listed: NodeId,
        year: Year,
        trace: &mut Trace<'_>,
    ) -> Known<(bool, NodeId)> {
        match condition {
            Condition::InGroup { role } => {
                let list = self.list(*role, year, trace)?;
                Ok(list.schools.get(school).map_or((false, listed), |node| (true, *node)))
            }
            Condition::Growing {} => {
                let Some([below_before, before, below, now]) = self.growth(school, listed, year, trace)? else {
                    return Ok((false, listed));
                };
                // below / now < below_before / before, without division.
                let grows = &below.value * &before.value < &below_before.value * &now.value;
                let inputs = vec![below_before.node, before.node, below.node, now.node];
                Ok((grows, trace.sources.formula(Op::Derived, inputs, None)))
            }
            Condition::Improving { of } => {
                let Some(better) = self.catalogue.get(of).map(|definition| definition.better) else {
                    return Err(Gap::default());
                };
                let before = self.school_value(of, school, Year(year.0 - 1), trace)?;
                let now = self.school_value(of, school, year, trace)?;
                let (Some(before), Some(now)) = (before, now) else { return Ok((false, listed)) };
                let node = trace.sources.formula(Op::Derived, vec![before.node, now.node], None);
                Ok((super::is_better(better, &now.value, &before.value), node))
            }
            Condition::Having { measure, addressed, services } => {
                let wanted: Vec<String> = services.iter().map(|service| ru::fold(service)).collect();
                let mut cells: Vec<CellRef> = Vec::new();
                let dims = Dims { addressed: *addressed, ..Dims::default() };
                let rows = self.data.school_rows(school, measure, year, &dims)?;
                if rows.is_empty() && self.data.measures.keys().any(|code| code.0 == measure.as_str()) {
                    return Err(self.say_missing(&[measure.as_str()], year, trace));
                }
                for row in rows {
                    let is_by = |service: &String| row.dims.service.as_ref().is_some_and(|by| by == service.as_str());
                    let is_wanted = wanted.is_empty() || wanted.iter().any(is_by);
                    if is_wanted && !row.value.is_zero() {
                        cells.push(row.cell);
                    }
                }
                Ok((!cells.is_empty(), if cells.is_empty() { listed } else { trace.sources.cells(cells) }))
            }
            Condition::Recorded { register, having } => {
                self.recorded(register, trace)?;
                let found = self.records(register, having, Some(school), (year, year));
                let nodes: Vec<NodeId> =
                    found.iter().filter_map(|record| record.texts.values().map(|text| text.node).min()).collect();
                Ok(match nodes.is_empty() {
                    true => (false, listed),
                    false => (true, trace.sources.formula(Op::Derived, nodes, None)),
                })
            }
            Condition::Staffed { who } => {
                let quantity = Quantity::Teachers {
                    who: who.clone(),
                    disciplines: Vec::new(),
                    positions: Vec::new(),
                    age_at_most: None,
                    experience_at_most: None,
                };
                let found = self.teachers(&quantity, At { school: Some(school), listed }, year, trace)?;
                Ok((!found.value.is_zero(), found.node))
            }
            Condition::Level { of, operator, value } => {
                let threshold = Measure::parse_decimal(value).unwrap_or_default();
                let found = self.school_value(of, school, year, trace)?;
                Ok(found.map_or((false, listed), |found| (operator.holds(&found.value, &threshold), found.node)))
            }
        }
    }

    /// The list of a group; that there is none of the year is said.
    fn list(&mut self, role: Role, year: Year, trace: &mut Trace<'_>) -> Known<&'a Group> {
        let groups = self.groups;
        groups.list(year, role).map_err(|gap| match gap.reasons.is_empty() {
            true => self.say_once(lists::term(role), year, trace, || {
                Diagnostic::error("missing-list", Place::Run)
                    .with("role", lists::term(role))
                    .with("year", year.to_string())
            }),
            false => gap,
        })
    }

    /// A register that is not there says nothing: its rows are not zero in number.
    fn recorded(&mut self, register: &str, trace: &mut Trace<'_>) -> Known<()> {
        self.data.sheet(register)?;
        if self.data.found_sheets.contains(register) {
            return Ok(());
        }
        let title = SHEETS.iter().find(|spec| spec.id == register).map_or(register, |spec| spec.title);
        Err(self.say_once(register, Year(0), trace, || {
            Diagnostic::error("no-register-for-indicator", Place::Run).with("sheet", title)
        }))
    }

    fn records(
        &self,
        register: &str,
        having: &BTreeMap<String, Vec<String>>,
        school: Option<&SchoolCode>,
        (first, last): (Year, Year),
    ) -> Vec<&'a Record> {
        let lineage = school.map(|school| self.data.lineage(school));
        let begins = |record: &Record, column: &String, starts: &Vec<String>| {
            let text = record.texts.get(column).map(|text| ru::fold(&text.value)).unwrap_or_default();
            starts.iter().any(|start| text.starts_with(&ru::fold(start)))
        };
        let records = self.data.records.get(register).into_iter().flatten();
        records
            .filter(|record| record.from <= last && first <= record.to)
            .filter(|record| match &lineage {
                Some(lineage) => record.school.as_ref().is_some_and(|school| lineage.contains(school)),
                None => true,
            })
            .filter(|record| having.iter().all(|(column, starts)| begins(record, column, starts)))
            .collect()
    }

    /// Counts the teachers of a school, each once, by code; without a school, those of the municipality.
    fn teachers(&mut self, quantity: &Quantity, at: At<'_>, year: Year, trace: &mut Trace<'_>) -> Known<Operand> {
        let schools = match at.school {
            Some(school) => self.data.lineage(school),
            None => self.data.schools.keys().cloned().collect(),
        };
        self.teachers_of(quantity, &schools, at.listed, year, trace)
    }

    /// Brings what schools add together: a sum, but a teacher of several of them is one teacher.
    pub(super) fn added(
        &mut self,
        quantity: Option<&Quantity>,
        parts: &[(&SchoolCode, &Operand)],
        year: Year,
        trace: &mut Trace<'_>,
    ) -> Known<Operand> {
        let sum = super::total(parts.iter().map(|(_, part)| *part), trace.sources);
        let Some(quantity @ Quantity::Teachers { .. }) = quantity else { return Ok(sum) };
        let schools = parts.iter().flat_map(|(school, _)| self.data.lineage(school)).collect();
        let people = self.teachers_of(quantity, &schools, sum.node, year, trace)?;
        Ok(if people.value == sum.value { sum } else { people })
    }

    /// Counts the teachers of schools, each once, by code.
    fn teachers_of(
        &mut self,
        quantity: &Quantity,
        schools: &BTreeSet<SchoolCode>,
        listed: NodeId,
        year: Year,
        trace: &mut Trace<'_>,
    ) -> Known<Operand> {
        let Quantity::Teachers { who, disciplines, positions, age_at_most, experience_at_most } = quantity else {
            return Err(Gap::default());
        };
        let disciplines: Vec<String> = disciplines.iter().map(|name| name.to_lowercase()).collect();
        let positions: Vec<String> = positions.iter().map(|name| ru::fold(name)).collect();
        let mut inputs = Vec::new();
        for (teacher, rows) in self.staff_of(schools, year)? {
            let fits = |row: &&Observation| {
                // «Русский язык и литература» is taught by a teacher of «русский язык».
                let taught = row.dims.discipline.as_ref().map(|own| own.0.as_str()).unwrap_or_default();
                let is_post = || row.dims.kind.as_ref().is_some_and(|own| positions.iter().any(|post| own == post));
                (disciplines.is_empty() || disciplines.iter().any(|name| taught.starts_with(name.as_str())))
                    && (positions.is_empty() || is_post())
            };
            let fitting: Vec<&Observation> = rows.into_iter().filter(fits).collect();
            if fitting.is_empty() {
                continue;
            }
            let subject = Subject::Teacher(teacher);
            let mut cells: Vec<CellRef> = Vec::new();
            let mut passes = true;
            for (measure, limit) in [(codes::BIRTH_YEAR, age_at_most), (codes::WORKS_SINCE, experience_at_most)] {
                let Some(limit) = limit else { continue };
                let question = Question { measure, subject: Some(&subject), year: Some(year), dims: Dims::default() };
                let since = self.data.store.select(&question)?;
                match since.first() {
                    Some(since) => {
                        let years = &Measure::from(i64::from(year.0)) - &since.value;
                        passes &= years <= Measure::from(i64::from(*limit));
                        cells.push(since.cell);
                    }
                    None => return Err(self.say_no_data(measure, trace)),
                }
            }
            for test in who {
                if !passes {
                    break;
                }
                match self.passes(test, &subject, year, trace)? {
                    Some(found) => cells.extend(found),
                    None => passes = false,
                }
            }
            if passes {
                if who.is_empty() {
                    cells.extend(fitting.iter().map(|row| row.cell));
                }
                inputs.push(cells);
            }
        }
        let value = Measure::from(inputs.len());
        if inputs.is_empty() {
            return Ok(Operand { value, node: listed });
        }
        let node = if who.is_empty() {
            let cells = trace.sources.cells(inputs.into_iter().flatten());
            trace.sources.formula(Op::Count, vec![cells], Some(value.clone()))
        } else {
            let inputs = inputs.into_iter().map(|cells| trace.sources.cells(cells)).collect();
            trace.sources.formula(Op::Count, inputs, Some(value.clone()))
        };
        Ok(Operand { value, node })
    }

    /// The teachers at work in schools in a year with the rows that employ them.
    fn staff_of(
        &self,
        schools: &BTreeSet<SchoolCode>,
        year: Year,
    ) -> Known<BTreeMap<TeacherCode, Vec<&'a Observation>>> {
        let mut staff: BTreeMap<TeacherCode, Vec<&Observation>> = BTreeMap::new();
        for school in schools {
            let dims = Dims { school: Some(school.clone()), ..Dims::default() };
            let question = Question { measure: codes::EMPLOYMENT, subject: None, year: Some(year), dims };
            self.data.store.trusted(&question)?;
            for (teacher, rows) in self.staff.get(school).into_iter().flatten() {
                let here: Vec<&Observation> =
                    rows.iter().copied().filter(|row| row.from <= year && year <= row.to).collect();
                if !here.is_empty() {
                    staff.entry(teacher.clone()).or_default().extend(here);
                }
            }
        }
        Ok(staff)
    }

    /// Returns the cells by which a teacher passes a test; `None` when he does not.
    fn passes(
        &mut self,
        test: &TeacherTest,
        subject: &Subject,
        year: Year,
        trace: &mut Trace<'_>,
    ) -> Known<Option<Vec<CellRef>>> {
        let select = |measure: &str| {
            let question = Question { measure, subject: Some(subject), year: Some(year), dims: Dims::default() };
            self.data.store.select(&question)
        };
        let all = |rows: &[&Observation]| rows.iter().map(|row| row.cell).collect::<Vec<_>>();
        Ok(match test {
            TeacherTest::Diagnosed {} => Some(all(&select(codes::DIAGNOSIS)?)).filter(|cells| !cells.is_empty()),
            TeacherTest::Retested {} => {
                let rows = select(codes::DIAGNOSIS)?;
                (!twice(&rows).is_empty()).then(|| all(&rows))
            }
            TeacherTest::Improved {} => {
                let rows = select(codes::DIAGNOSIS)?;
                let blocks = twice(&rows);
                let grew = !blocks.is_empty() && blocks.iter().all(|(first, second)| second > first);
                grew.then(|| all(&rows))
            }
            TeacherTest::Supported { services, by_all } => {
                let rows = select(codes::TEACHER_SUPPORT)?;
                if !self.has_any(codes::TEACHER_SUPPORT) {
                    return Err(self.say_no_data(codes::TEACHER_SUPPORT, trace));
                }
                let wanted: Vec<String> = services.iter().map(|service| ru::fold(service)).collect();
                let by = |service: &String| {
                    rows.iter().any(|row| row.dims.service.as_ref().is_some_and(|own| own == service))
                };
                let passes = match (wanted.is_empty(), by_all) {
                    (true, _) => !rows.is_empty(),
                    (false, true) => wanted.iter().all(by),
                    (false, false) => wanted.iter().any(by),
                };
                passes.then(|| all(&rows))
            }
            TeacherTest::Member {} => {
                let rows = select(codes::MEMBERSHIP)?;
                if !self.has_any(codes::MEMBERSHIP) {
                    return Err(self.say_no_data(codes::MEMBERSHIP, trace));
                }
                Some(all(&rows)).filter(|cells| !cells.is_empty())
            }
            TeacherTest::Recorded { kinds } => {
                let mut rows = select(codes::TEACHER_RECORD)?;
                if !self.has_any(codes::TEACHER_RECORD) {
                    return Err(self.say_no_data(codes::TEACHER_RECORD, trace));
                }
                rows.retain(|row| row.dims.kind.as_ref().is_some_and(|kind| kinds.iter().any(|one| kind == one)));
                Some(all(&rows)).filter(|cells| !cells.is_empty())
            }
        })
    }

    fn has_any(&self, measure: &str) -> bool {
        self.data.store.of_measure(measure).next().is_some()
    }

    /// Adds measures up. Sums over the procedures of the method stand in many indicators: each is made once.
    fn sum(&mut self, quantity: &Quantity, at: At<'_>, year: Year, trace: &mut Trace<'_>) -> Known<Operand> {
        let (Some(school), Quantity::Sum { measures, weights, of_method: true, years: 1, .. }) = (at.school, quantity)
        else {
            return self.sum_anew(quantity, at, year, trace);
        };
        let is_same = |sums: &Sums| sums.measures == *measures && sums.weights == *weights;
        let place = self.sums.iter().position(is_same).unwrap_or(self.sums.len());
        let key = (school.clone(), year, self.only);
        if let Some(known) = self.sums.get(place).and_then(|sums| sums.known.get(&key)) {
            return known.clone();
        }
        let sum = self.sum_anew(quantity, at, year, trace);
        if place == self.sums.len() {
            let (measures, weights) = (measures.clone(), weights.clone());
            self.sums.push(Sums { measures, weights, known: HashMap::default() });
        }
        if let Some(sums) = self.sums.get_mut(place) {
            sums.known.insert(key, sum.clone());
        }
        sum
    }

    /// What narrows questions to the procedures of the pool that were held in a year, each with its place in the pool.
    fn held(&mut self, year: Year) -> Arc<Vec<(usize, Dims)>> {
        let (pool, data) = (&self.pool, self.data);
        let held = self.held.entry(year).or_insert_with(|| {
            let held = pool.iter().enumerate().filter(|(_, procedure)| procedure.held(data, year) == Some(true));
            Arc::new(held.map(|(place, procedure)| (place, procedure.dims())).collect())
        });
        match self.only {
            Some(only) => Arc::new(held.iter().filter(|(place, _)| *place == only).cloned().collect()),
            None => Arc::clone(held),
        }
    }

    /// Rows of a school and of those that it goes on from that are of procedures of the pool, in its order, faults or
    /// not. Indicators ask for the same rows over and over: what was read last is kept.
    fn rows_kept(&mut self, school: &SchoolCode, measure: &str, year: Year) -> &[(usize, &'a Observation)] {
        let is_other = self.looked_through.as_ref().is_none_or(|kept| kept.school != *school || kept.year != year);
        let has = |kept: &LookedThrough<'_>| kept.rows.contains_key(measure);
        let new = match &self.looked_through {
            Some(kept) if !is_other && has(kept) => None,
            _ => Some(self.placed(self.rows(school, measure, year))),
        };
        let kept = self.looked_through.get_or_insert_with(|| LookedThrough {
            school: school.clone(),
            year,
            rows: BTreeMap::new(),
        });
        if is_other {
            *kept = LookedThrough { school: school.clone(), year, rows: BTreeMap::new() };
        }
        if let Some(new) = new {
            kept.rows.insert(measure.to_owned(), new);
        }
        kept.rows.get(measure).map(Vec::as_slice).unwrap_or_default()
    }

    /// Gives rows their places in the pool; a row of no procedure of it falls out.
    fn placed(&self, rows: Vec<&'a Observation>) -> Vec<(usize, &'a Observation)> {
        let place = |row: &'a Observation| {
            let key = (row.dims.exam?, row.dims.grade?, row.dims.discipline.clone()?);
            Some((*self.places.get(&key)?, row))
        };
        let mut placed: Vec<_> = rows.into_iter().filter_map(place).collect();
        placed.sort_by_key(|(place, _)| *place);
        placed
    }

    /// Rows of a school and of those that it goes on from, faults or not.
    fn rows(&self, school: &SchoolCode, measure: &str, year: Year) -> Vec<&'a Observation> {
        let mut rows = Vec::new();
        for member in self.data.lineage(school) {
            let subject = Subject::School(member);
            let dims = Dims::default();
            rows.extend(self.data.store.matching(&Question {
                measure,
                subject: Some(&subject),
                year: Some(year),
                dims,
            }));
        }
        rows
    }

    /// Tells that no fault may touch what is asked.
    fn trust(&self, school: &SchoolCode, measure: &str, year: Year, dims: &Dims) -> Known<()> {
        if self.data.store.faults().next().is_none() {
            return Ok(());
        }
        for member in self.data.lineage(school) {
            let subject = Subject::School(member);
            let dims = dims.clone();
            self.data.store.trusted(&Question { measure, subject: Some(&subject), year: Some(year), dims })?;
        }
        Ok(())
    }

    fn sum_anew(&mut self, quantity: &Quantity, at: At<'_>, year: Year, trace: &mut Trace<'_>) -> Known<Operand> {
        let Quantity::Sum { measures, weights, exams, disciplines, grades, of_method, years } = quantity else {
            return Err(Gap::default());
        };
        let mut cells = Vec::new();
        let mut value = Measure::default();
        let mut is_known = false;
        for back in 0..*years {
            let year = Year(year.0 - back);
            let held = if *of_method { self.held(year) } else { Arc::default() };
            let narrowed = if *of_method { Vec::new() } else { combinations(exams, disciplines, grades) };
            for (index, measure) in measures.iter().enumerate() {
                let weight = weights.get(index).and_then(|weight| Measure::parse_decimal(weight));
                let mut found: Vec<&Observation> = Vec::new();
                match at.school {
                    // Read once and looked through once: a query for each of twenty procedures would find them anew.
                    Some(school) if *of_method => {
                        for (_, dims) in held.iter() {
                            self.trust(school, measure, year, dims)?;
                        }
                        let is_held = |place: usize| held.binary_search_by_key(&place, |(known, _)| *known).is_ok();
                        let rows = self.rows_kept(school, measure, year).iter();
                        found.extend(rows.filter(|(place, _)| is_held(*place)).map(|(_, row)| *row));
                    }
                    school => {
                        for dims in narrowed.iter().chain(held.iter().map(|(_, dims)| dims)) {
                            found.extend(match school {
                                Some(school) => self.data.school_rows(school, measure, year, dims)?,
                                None => self.data.store.select(&Question {
                                    measure,
                                    subject: None,
                                    year: Some(year),
                                    dims: dims.clone(),
                                })?,
                            });
                        }
                    }
                }
                for row in found {
                    is_known = true;
                    value = match &weight {
                        Some(weight) => &value + &(weight * &row.value),
                        None => &value + &row.value,
                    };
                    cells.push(row.cell);
                }
            }
        }
        // No results are no participants, and checks see to it; a number that schools report is never zero by silence.
        let is_reported =
            || measures.iter().any(|code| self.data.measures.keys().any(|known| known.0 == code.as_str()));
        if !is_known && is_reported() {
            let codes: Vec<&str> = measures.iter().map(String::as_str).collect();
            return Err(match at.school {
                Some(_) => self.say_missing(&codes, year, trace),
                None => self.say_no_data(codes.first().copied().unwrap_or_default(), trace),
            });
        }
        // No rows at all: what puts the school among those counted is all there is.
        let read = if cells.is_empty() { at.listed } else { trace.sources.cells(cells) };
        let node = trace.sources.formula(Op::Sum, vec![read], Some(value.clone()));
        Ok(Operand { value, node })
    }

    /// Below minimum and participants of the year before and of the year; `None` without participants in either.
    pub(super) fn growth(
        &mut self,
        code: &SchoolCode,
        listed: NodeId,
        year: Year,
        trace: &mut Trace<'_>,
    ) -> Known<Option<[Operand; 4]>> {
        let before = Year(year.0 - 1);
        let at = At { school: Some(code), listed };
        let four = [
            self.sum(&pooled(codes::BELOW_MINIMUM), at, before, trace)?,
            self.sum(&pooled(codes::PARTICIPANTS), at, before, trace)?,
            self.sum(&pooled(codes::BELOW_MINIMUM), at, year, trace)?,
            self.sum(&pooled(codes::PARTICIPANTS), at, year, trace)?,
        ];
        let [_, participants_before, _, participants] = &four;
        let comparable = !participants_before.value.is_zero() && !participants.value.is_zero();
        Ok(comparable.then_some(four))
    }

    /// Says, once for a measure and year, that schools have not reported it; names the first.
    fn say_missing(&mut self, measures: &[&str], year: Year, trace: &mut Trace<'_>) -> Gap {
        // Said or found once: every further school would look through all of them again.
        let key = (measures.join("+"), year);
        if let Some(known) = self.said.get(&key) {
            return Gap::because(*known);
        }
        if self.unasked.contains(&key) {
            return Gap::default();
        }
        let name = |code: &str| {
            let known = self.data.measures.iter().find(|(known, _)| known.0 == code);
            known.map_or_else(|| code.to_owned(), |(_, name)| name.value.clone())
        };
        let names = measures.iter().map(|code| name(code)).collect::<Vec<_>>().join(", ");
        let has = |school: &&crate::model::School| {
            measures.iter().any(|measure| {
                self.data.school_rows(&school.code, measure, year, &Dims::default()).is_ok_and(|rows| !rows.is_empty())
            })
        };
        let is_counted = |school: &&crate::model::School| school.is_counted && school.exists_at_end_of(year);
        let counted = || self.data.schools.values().filter(is_counted);
        let without: Vec<&str> =
            counted().filter(|school| !has(school)).map(|school| school.short.value.as_str()).collect();
        // What nobody gave before the reported year was not yet asked for: there is no value, and no fault.
        if without.len() == counted().count() && self.reported.is_some_and(|reported| year < reported) {
            self.unasked.insert(key);
            return Gap::default();
        }
        let first = without.iter().take(3).copied().collect::<Vec<_>>().join(", ");
        let count = without.len().max(1).to_string();
        self.say_once(&key.0, year, trace, || {
            Diagnostic::error("measure-not-reported", Place::Run)
                .with("measure", names)
                .with("year", year.to_string())
                .with("schools", first)
                .with("count", count)
        })
    }

    /// Says, once for a measure, that no workbook has anything of it.
    fn say_no_data(&mut self, measure: &str, trace: &mut Trace<'_>) -> Gap {
        let (sheet, column) = match measure {
            codes::BIRTH_YEAR => ("teachers", "birth-year"),
            codes::WORKS_SINCE => ("teachers", "works-since"),
            codes::TEACHER_SUPPORT => ("support-log", "teacher"),
            codes::MEMBERSHIP => ("communities", "member"),
            codes::TEACHER_RECORD => ("teacher-records", "kind"),
            _ => ("school-data", "measure"),
        };
        let spec = SHEETS.iter().find(|spec| spec.id == sheet);
        let header = spec.and_then(|spec| spec.columns.iter().find(|known| known.key == column));
        let header = header.and_then(|column| column.headers.first().copied()).unwrap_or(column);
        let title = spec.map_or(sheet, |spec| spec.title);
        let name = self.data.measures.iter().find(|(known, _)| known.0 == measure);
        let measure_name = name.map_or_else(String::new, |(_, name)| name.value.clone());
        self.say_once(measure, Year(0), trace, || {
            Diagnostic::error("no-data-for-indicator", Place::Run)
                .with("sheet", title)
                .with("column", header)
                .with("measure", measure_name)
        })
    }

    fn say_once(&mut self, key: &str, year: Year, trace: &mut Trace<'_>, finding: impl FnOnce() -> Diagnostic) -> Gap {
        let key = (key.to_owned(), year);
        if let Some(known) = self.said.get(&key) {
            return Gap::because(*known);
        }
        let diag = trace.diagnostics.push(finding());
        self.said.insert(key, diag);
        Gap::because(diag)
    }

    /// The schools of the register that count, each with its cell.
    pub(super) fn counted_schools(&self, year: Year, trace: &mut Trace<'_>) -> Known<BTreeMap<SchoolCode, NodeId>> {
        let question = Question { measure: codes::SCHOOL, subject: None, year: Some(year), dims: Dims::default() };
        let mut schools = BTreeMap::new();
        for row in self.data.store.select(&question)? {
            if let Subject::School(code) = &row.subject {
                schools.insert(code.clone(), trace.sources.cells([row.cell]));
            }
        }
        Ok(schools)
    }

    /// The schools of groups: of any, or of all of them.
    pub(super) fn of_roles(
        &mut self,
        roles: &[Role],
        all: bool,
        year: Year,
        trace: &mut Trace<'_>,
    ) -> Known<BTreeMap<SchoolCode, NodeId>> {
        let mut lists = Vec::new();
        for role in roles {
            lists.push(&self.list(*role, year, trace)?.schools);
        }
        let mut schools = BTreeMap::new();
        for (code, node) in lists.iter().copied().flatten() {
            if !all || lists.iter().all(|list| list.contains_key(code)) {
                schools.entry(code.clone()).or_insert(*node);
            }
        }
        Ok(schools)
    }
}

/// A measure over the procedures of the method.
fn pooled(measure: &str) -> Quantity {
    Quantity::Sum {
        measures: vec![measure.to_owned()],
        weights: Vec::new(),
        exams: Vec::new(),
        disciplines: Vec::new(),
        grades: Vec::new(),
        of_method: true,
        years: 1,
    }
}

/// Every way to narrow a question to one of each; an empty list narrows nothing.
fn combinations(exams: &[Exam], disciplines: &[String], grades: &[u8]) -> Vec<Dims> {
    fn choices<T: Clone>(list: &[T]) -> Vec<Option<T>> {
        if list.is_empty() { vec![None] } else { list.iter().cloned().map(Some).collect() }
    }
    let mut out = Vec::new();
    for exam in choices(exams) {
        for discipline in choices(disciplines) {
            for grade in choices(grades) {
                let discipline = discipline.as_ref().map(|name| Discipline::from(name.to_lowercase()));
                out.push(Dims { exam, discipline, grade, ..Dims::default() });
            }
        }
    }
    out
}

fn flag(holds: bool, node: NodeId) -> Operand {
    Operand { value: Measure::from(i64::from(holds)), node }
}

fn number(nodes: Vec<NodeId>, listed: NodeId, trace: &mut Trace<'_>) -> Operand {
    let value = Measure::from(nodes.len());
    if nodes.is_empty() {
        return Operand { value, node: listed };
    }
    let node = trace.sources.formula(Op::Count, nodes, Some(value.clone()));
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
