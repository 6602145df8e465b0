//! The store: every number of the municipality as an observation, and every hole in it as a fault.
//! In: observations and faults while sheets are read and checked. Out: answers to questions, or the gap that stands
//! in the way. It must never know what a measure means.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use ecow::EcoString;
use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize};

use super::{Block, Discipline, Exam, Gap, Known, ListSource, MeasureCode, Operand, Role, SchoolCode, Subject, Year};
use crate::diag::DiagId;
use crate::measure::Measure;
use crate::provenance::{CellRef, Op, Sources};

/// What narrows an observation or a question; `None` in a question asks for any.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Dims {
    /// Procedure.
    pub exam: Option<Exam>,
    /// Subject of instruction.
    pub discipline: Option<Discipline>,
    /// Grade in which the work was written.
    pub grade: Option<u8>,
    /// Wave of a diagnosis: 1 or 2.
    pub wave: Option<u8>,
    /// Block of a diagnosis: subject or methodical.
    pub block: Option<Block>,
    /// Addressed help or not.
    pub addressed: Option<bool>,
    /// List of a group.
    pub role: Option<Role>,
    /// School of a teacher; the leader of a partnership.
    pub school: Option<SchoolCode>,
    /// Who made a list.
    pub source: Option<ListSource>,
    /// Who gave support, folded.
    pub service: Option<EcoString>,
    /// Position of a teacher, folded, or the kind of a row, by its key.
    pub kind: Option<EcoString>,
}

impl Dims {
    /// Tells whether an observation with `self` answers a question with `asked`.
    pub fn answers(&self, asked: &Self) -> bool {
        fn fits<T: PartialEq>(have: Option<&T>, asked: Option<&T>) -> bool {
            asked.is_none() || have == asked
        }
        self.compare(asked, true) && fits(self.school.as_ref(), asked.school.as_ref())
    }

    /// Tells whether a fault with `self` may touch a question with `asked`: nothing contradicts.
    fn may_touch(&self, asked: &Self) -> bool {
        self.compare(asked, false) && (self.school.is_none() || asked.school.is_none() || self.school == asked.school)
    }

    fn compare(&self, asked: &Self, strict: bool) -> bool {
        fn fits<T: PartialEq>(have: Option<&T>, asked: Option<&T>, strict: bool) -> bool {
            match (have, asked) {
                (_, None) => true,
                (None, Some(_)) => !strict,
                (Some(have), Some(asked)) => have == asked,
            }
        }
        // Numbers before texts: most of what does not fit differs in them.
        fits(self.exam.as_ref(), asked.exam.as_ref(), strict)
            && fits(self.grade.as_ref(), asked.grade.as_ref(), strict)
            && fits(self.wave.as_ref(), asked.wave.as_ref(), strict)
            && fits(self.block.as_ref(), asked.block.as_ref(), strict)
            && fits(self.addressed.as_ref(), asked.addressed.as_ref(), strict)
            && fits(self.role.as_ref(), asked.role.as_ref(), strict)
            && fits(self.source.as_ref(), asked.source.as_ref(), strict)
            && fits(self.discipline.as_ref(), asked.discipline.as_ref(), strict)
            && fits(self.service.as_ref(), asked.service.as_ref(), strict)
            && fits(self.kind.as_ref(), asked.kind.as_ref(), strict)
    }
}

/// One number of one cell: the only operand of the analysis.
#[derive(Clone, PartialEq, Debug)]
pub struct Observation {
    /// Of whom.
    pub subject: Subject,
    /// First year for which it holds.
    pub from: Year,
    /// Last year for which it holds.
    pub to: Year,
    /// What is measured.
    pub measure: MeasureCode,
    /// What narrows it; shared by all observations that it narrows alike.
    pub dims: Arc<Dims>,
    /// The value, in the unit of the measure.
    pub value: Measure,
    /// The cell it stands in.
    pub cell: CellRef,
}

/// A hole in the data: values that were expected and cannot be trusted or are absent.
#[derive(Clone, PartialEq, Debug)]
pub struct Fault {
    /// The measures touched; empty means every measure.
    pub measures: Vec<MeasureCode>,
    /// The subject; `None` means any.
    pub subject: Option<Subject>,
    /// The first and last year; `None` means any.
    pub years: Option<(Year, Year)>,
    /// What narrows it.
    pub dims: Dims,
    /// The finding that says why.
    pub diag: DiagId,
}

/// A question to the store.
#[derive(Clone, PartialEq, Debug)]
pub struct Question<'a> {
    /// The measure.
    pub measure: &'a str,
    /// The subject; `None` asks for all.
    pub subject: Option<&'a Subject>,
    /// The year.
    pub year: Option<Year>,
    /// What narrows it.
    pub dims: Dims,
}

/// Observations and faults with an index by measure, subject and year: a region has millions of them.
#[derive(Clone, Default, Debug)]
pub struct Store {
    observations: Vec<Observation>,
    faults: Vec<Fault>,
    /// Faults that may touch any subject.
    faults_of_any: Vec<usize>,
    /// Faults of a subject.
    faults_of: HashMap<Subject, Vec<usize>, RandomState>,
    /// Every subject with its number, in order.
    subjects: BTreeMap<Subject, usize>,
    /// The same, to be looked up.
    numbers: HashMap<Subject, usize, RandomState>,
    /// The number of the subject of the last observation.
    last_subject: Option<usize>,
    /// Positions by measure.
    index: HashMap<EcoString, OfMeasure, RandomState>,
    dims: HashSet<Arc<Dims>, RandomState>,
}

/// Positions of the observations of one measure.
#[derive(Clone, Default, Debug)]
struct OfMeasure {
    /// All of them, in the order of adding.
    all: Vec<u32>,
    /// The same by number of the subject.
    of_subject: HashMap<usize, Positions, RandomState>,
}

/// Positions of the observations of one measure and subject.
#[derive(Clone, Default, Debug)]
struct Positions {
    /// Those that hold for one year.
    of_year: BTreeMap<Year, Vec<u32>>,
    /// Those that hold for several.
    of_span: Vec<u32>,
}

impl Positions {
    /// Gives the positions that may hold for a year, or all, in the order of adding.
    fn of(&self, year: Option<Year>) -> Cow<'_, [u32]> {
        let of_year = match year {
            Some(year) => Cow::Borrowed(self.of_year.get(&year).map(Vec::as_slice).unwrap_or_default()),
            None => Cow::Owned(self.of_year.values().flatten().copied().collect()),
        };
        if year.is_some() && self.of_span.is_empty() {
            return of_year;
        }
        let mut found = of_year.into_owned();
        found.extend(&self.of_span);
        found.sort_unstable();
        Cow::Owned(found)
    }
}

impl Store {
    /// Adds an observation.
    pub fn add(&mut self, mut observation: Observation) {
        let Ok(position) = u32::try_from(self.observations.len()) else { return };
        let is_shared = self.observations.last().is_some_and(|last| Arc::ptr_eq(&last.dims, &observation.dims));
        if !is_shared {
            observation.dims = self.share(observation.dims);
        }
        // Rows of a school mostly follow each other.
        let last = self.observations.last().filter(|last| last.subject == observation.subject);
        let number = match last.and(self.last_subject).or_else(|| self.numbers.get(&observation.subject).copied()) {
            Some(number) => number,
            None => {
                let number = self.subjects.len();
                self.subjects.insert(observation.subject.clone(), number);
                self.numbers.insert(observation.subject.clone(), number);
                number
            }
        };
        self.last_subject = Some(number);
        let of_measure = match self.index.get_mut(&observation.measure.0) {
            Some(known) => known,
            None => self.index.entry(observation.measure.0.clone()).or_default(),
        };
        of_measure.all.push(position);
        let positions = of_measure.of_subject.entry(number).or_default();
        if observation.from == observation.to {
            positions.of_year.entry(observation.from).or_default().push(position);
        } else {
            positions.of_span.push(position);
        }
        self.observations.push(observation);
    }

    /// Adds a fault.
    pub fn fault(&mut self, fault: Fault) {
        match &fault.subject {
            None => self.faults_of_any.push(self.faults.len()),
            Some(subject) => self.faults_of.entry(subject.clone()).or_default().push(self.faults.len()),
        }
        self.faults.push(fault);
    }

    /// Iterates over the faults.
    pub fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.faults.iter()
    }

    /// Gives up the faults, and nothing else.
    pub(crate) fn into_faults(self) -> impl Iterator<Item = Fault> {
        self.faults.into_iter()
    }

    /// Answers a question with the observations in order of subject, or says why it cannot.
    ///
    /// # Errors
    /// A gap when a fault may touch the answer.
    pub fn select(&self, question: &Question<'_>) -> Known<Vec<&Observation>> {
        self.trusted(question)?;
        Ok(self.matching(question))
    }

    /// Tells that no fault may touch the answer.
    ///
    /// # Errors
    /// The gap.
    pub fn trusted(&self, question: &Question<'_>) -> Known<()> {
        if self.faults.is_empty() {
            return Ok(());
        }
        let touches = |fault: &&Fault| {
            (fault.measures.is_empty() || fault.measures.iter().any(|code| code.0 == question.measure))
                && match (fault.years, question.year) {
                    (Some((first, last)), Some(year)) => first <= year && year <= last,
                    _ => true,
                }
                && fault.dims.may_touch(&question.dims)
        };
        let reasons: BTreeSet<DiagId> = match question.subject {
            None => self.faults.iter().filter(touches).map(|fault| fault.diag).collect(),
            Some(subject) => self
                .faults_of_any
                .iter()
                .chain(self.faults_of.get(subject).into_iter().flatten())
                .filter_map(|index| self.faults.get(*index))
                .filter(touches)
                .map(|fault| fault.diag)
                .collect(),
        };
        if reasons.is_empty() { Ok(()) } else { Err(Gap { reasons }) }
    }

    /// Returns what is there, faults or not: for checks.
    pub fn matching(&self, question: &Question<'_>) -> Vec<&Observation> {
        let Some(of_measure) = self.index.get(question.measure) else { return Vec::new() };
        let of = |number: &usize| -> Vec<&Observation> {
            let Some(positions) = of_measure.of_subject.get(number) else { return Vec::new() };
            positions
                .of(question.year)
                .iter()
                .filter_map(|position| self.observation(*position))
                .filter(|observation| {
                    question.year.is_none_or(|year| observation.from <= year && year <= observation.to)
                        && observation.dims.answers(&question.dims)
                })
                .collect()
        };
        match question.subject {
            Some(subject) => self.numbers.get(subject).map(of).unwrap_or_default(),
            None => self.subjects.values().flat_map(of).collect(),
        }
    }

    fn observation(&self, position: u32) -> Option<&Observation> {
        usize::try_from(position).ok().and_then(|position| self.observations.get(position))
    }

    /// Makes what narrows observations the same for all that it narrows alike.
    pub fn share(&mut self, dims: Arc<Dims>) -> Arc<Dims> {
        match self.dims.get(&dims) {
            Some(known) => Arc::clone(known),
            None => {
                self.dims.insert(Arc::clone(&dims));
                dims
            }
        }
    }

    /// Returns what the store shares among the observations that these dimensions narrow, if there are any.
    pub fn shared(&self, dims: &Dims) -> Option<&Arc<Dims>> {
        self.dims.get(dims)
    }

    /// Iterates over the observations of a measure in the order of adding, faults or not: for checks.
    pub fn of_measure<'s>(&'s self, measure: &str) -> impl Iterator<Item = &'s Observation> + use<'s> {
        let positions = self.index.get(measure).map(|of_measure| of_measure.all.as_slice()).unwrap_or_default();
        positions.iter().filter_map(|position| self.observation(*position))
    }

    /// Iterates over the subjects of a measure, each with its observations.
    pub fn subjects<'s>(
        &'s self,
        measure: &str,
    ) -> impl Iterator<Item = (&'s Subject, impl Iterator<Item = &'s Observation> + 's)> + 's {
        let of_measure = self.index.get(measure);
        self.subjects.iter().filter_map(move |(subject, number)| {
            let positions = of_measure?.of_subject.get(number)?.of(None).into_owned();
            Some((subject, positions.into_iter().filter_map(|position| self.observation(position))))
        })
    }

    /// Adds up the answer. `Ok(None)` when there is no observation: absence is not zero.
    ///
    /// # Errors
    /// A gap when a fault may touch the answer.
    pub fn sum(&self, question: &Question<'_>, sources: &mut Sources) -> Known<Option<Operand>> {
        let found = self.select(question)?;
        if found.is_empty() {
            return Ok(None);
        }
        let value: Measure = found.iter().map(|observation| observation.value.clone()).sum();
        let cells = sources.cells(found.iter().map(|observation| observation.cell));
        let node = if found.len() == 1 { cells } else { sources.formula(Op::Sum, vec![cells], Some(value.clone())) };
        Ok(Some(Operand { value, node }))
    }

    /// Returns the number of observations.
    pub fn len(&self) -> usize {
        self.observations.len()
    }

    /// Tells whether nothing was observed.
    pub fn is_empty(&self) -> bool {
        self.observations.is_empty()
    }
}
