//! The municipality as data: schools, observations, activities, acts, people in office.
//! In: what `sheets` projects from workbooks. Out: a read-only data set with one kind of operand.
//! It must never know files, templates or how a value is printed.

mod store;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use ecow::EcoString;
use serde::{Deserialize, Serialize};

pub use store::{Dims, Fault, Observation, Question, Store};

use crate::diag::DiagId;
use crate::measure::Measure;
use crate::provenance::{CellRef, NodeId, Op, Sources};
use crate::ru::{Date, Term};

macro_rules! code {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        pub struct $name(pub EcoString);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(EcoString::from(text))
            }
        }

        impl From<EcoString> for $name {
            fn from(text: EcoString) -> Self {
                Self(text)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(EcoString::from(text))
            }
        }
    };
}

code!(
    /// The stable id of a school in the municipality's register.
    SchoolCode
);
code!(
    /// The code of a teacher, issued by the school; never a name.
    TeacherCode
);
code!(
    /// A subject of instruction (предмет), lower case: «русский язык».
    Discipline
);
code!(
    /// The code of a number that schools report; built-in ones are in [`codes`].
    MeasureCode
);

/// Measures that typed sheets feed. The dictionary of a municipality adds its own.
pub mod codes {
    /// Participants of a procedure.
    pub const PARTICIPANTS: &str = "participants";
    /// Participants with mark 2 or below the minimum score.
    pub const BELOW_MINIMUM: &str = "below-minimum";
    /// One for each school of the register that counts in denominators.
    pub const SCHOOL: &str = "school";
    /// The indicator whose base and targets the documents print, whether a catalogue has it or not.
    pub const LOW_RATE: &str = "low-rate";
    /// Pupils of a school.
    pub const PUPILS: &str = "pupils";
    /// One for each teacher and the years in which he works at a school.
    pub const EMPLOYMENT: &str = "employment";
    /// The result of a teacher's diagnosis, per cent.
    pub const DIAGNOSIS: &str = "diagnosis";
    /// One for each row of the support log.
    pub const SUPPORT: &str = "support";
    /// One for each partnership of a school with a leader and the years in which it is in force.
    pub const PARTNERSHIP: &str = "partnership";
    /// One for each entry of a list of schools.
    pub const LISTED: &str = "listed";
    /// One for each row of the support log that names a teacher.
    pub const TEACHER_SUPPORT: &str = "teacher-support";
    /// One for each teacher and the years in which he is a member of a network community.
    pub const MEMBERSHIP: &str = "membership";
    /// One for each row of a teacher's training and achievements.
    pub const TEACHER_RECORD: &str = "teacher-record";
    /// The year in which a teacher was born.
    pub const BIRTH_YEAR: &str = "birth-year";
    /// The year in which a teacher began to teach.
    pub const WORKS_SINCE: &str = "works-since";
    /// Registers, each counted under the code of its sheet.
    pub const REGISTERS: [&str; 23] = [
        "curators",
        "communities",
        "events",
        "consultations",
        "publications",
        "practices",
        "activity-facts",
        "decisions",
        "acts",
        "bodies",
        "resources",
        "glossary",
        "recommendations",
        "self-examination",
        "risk-profile",
        "school-measures",
        "passport",
        "contents",
        "planned-acts",
        "working-groups",
        "meetings",
        "amendments",
        "letters",
    ];
    /// Tells whether a code belongs to the program.
    pub fn is_reserved(code: &str) -> bool {
        ALL.contains(&code) || REGISTERS.contains(&code)
    }
    /// Tells whether a code is one of results of procedures.
    pub fn is_result(code: &str) -> bool {
        RESULTS.contains(&code)
    }
    /// What rows of results give.
    pub const RESULTS: [&str; 6] = [PARTICIPANTS, BELOW_MINIMUM, "mark-2", "mark-3", "mark-4", "mark-5"];
    /// Every code of a typed sheet.
    const ALL: [&str; 18] = [
        PARTICIPANTS,
        BELOW_MINIMUM,
        "mark-2",
        "mark-3",
        "mark-4",
        "mark-5",
        TEACHER_SUPPORT,
        MEMBERSHIP,
        TEACHER_RECORD,
        BIRTH_YEAR,
        WORKS_SINCE,
        SCHOOL,
        PUPILS,
        EMPLOYMENT,
        DIAGNOSIS,
        SUPPORT,
        PARTNERSHIP,
        LISTED,
    ];
}

/// A calendar year; results of a school year carry the year in which it ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Year(pub i32);

impl fmt::Display for Year {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// An assessment procedure: ВПР, ОГЭ, ЕГЭ, ГВЭ, РПР.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exam {
    /// ВПР.
    Vpr,
    /// ОГЭ.
    Oge,
    /// ЕГЭ.
    Ege,
    /// ГВЭ.
    Gve,
    /// РПР.
    Regional,
}

/// What a school is in the work of the authority; a school has a set of roles.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// ШНОР.
    LowPerforming,
    /// ШНСУ.
    Disadvantaged,
    /// Школа с отрицательной динамикой.
    Declining,
    /// Школа-лидер, школа со стабильно высокими результатами.
    HighPerforming,
    /// Школа в кризисной ситуации.
    Crisis,
    /// Школа в ситуации риска, «зона риска».
    AtRisk,
    /// Школа с наибольшим ростом результатов.
    BestGrowth,
    /// Участник проекта или программы.
    Participant,
}

impl Role {
    /// Every role, in the order of printing.
    pub const ALL: [Self; 8] = [
        Self::LowPerforming,
        Self::Disadvantaged,
        Self::Declining,
        Self::HighPerforming,
        Self::Crisis,
        Self::AtRisk,
        Self::BestGrowth,
        Self::Participant,
    ];
}

/// Who made a list of schools.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListSource {
    /// The municipality itself, by its own computation.
    Municipality,
    /// The region.
    Region,
    /// Рособрнадзор.
    Federal,
}

/// Of whom a number speaks.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A school.
    School(SchoolCode),
    /// A teacher, by code.
    Teacher(TeacherCode),
    /// The municipality.
    Municipality,
}

/// A block of a teacher's diagnosis.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Block {
    /// Предметные компетенции.
    Subject,
    /// Методические компетенции.
    Methodical,
}

/// Why a value cannot be given: the findings that must be put right first.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Gap {
    /// The findings; never empty in a run.
    pub reasons: BTreeSet<DiagId>,
}

impl Gap {
    /// Makes a gap with one reason.
    pub fn because(reason: DiagId) -> Self {
        Self { reasons: BTreeSet::from([reason]) }
    }

    /// Joins the reasons of two gaps.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.reasons.extend(other.reasons.iter().copied());
        self
    }
}

/// A value or the reason why there is none.
pub type Known<T> = Result<T, Gap>;

/// A number with its origin, on the way to a figure.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Operand {
    /// The exact value.
    pub value: Measure,
    /// Its node.
    pub node: NodeId,
}

/// A text with its origin.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Text {
    /// The text, normalised if its column is prose.
    pub value: String,
    /// Its node.
    pub node: NodeId,
}

/// A school of the register.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct School {
    /// The id.
    pub code: SchoolCode,
    /// Full name.
    pub full: Text,
    /// Short name.
    pub short: Text,
    /// First and last grade taught.
    pub grades: (u8, u8),
    /// Type, as the register writes it.
    pub kind: Text,
    /// Whether it counts in denominators: neither it nor its type is left out.
    pub is_counted: bool,
    /// The type is left out of denominators by the settings.
    pub is_left_out_by_kind: bool,
    /// First and last day of existence; `None` where the register does not limit it.
    pub valid: (Option<Date>, Option<Date>),
    /// The school that goes on with its pupils after a merger or renaming.
    pub successor: Option<SchoolCode>,
    /// The cell of the code.
    pub cell: CellRef,
}

impl School {
    /// Tells whether the school exists at the end of a year: then lists and denominators of the year hold it.
    pub fn exists_at_end_of(&self, year: Year) -> bool {
        let started = self.valid.0.is_none_or(|from| from.year <= year.0);
        let ended =
            self.valid.1.is_some_and(|to| to.year < year.0 || (to.year == year.0 && (to.month, to.day) != (12, 31)));
        started && !ended
    }

    /// Tells whether the school exists throughout a year: then it must have results of the year.
    pub fn exists_throughout(&self, year: Year) -> bool {
        let started = self
            .valid
            .0
            .is_none_or(|from| from.year < year.0 || (from.year == year.0 && (from.month, from.day) == (1, 1)));
        started && self.exists_at_end_of(year)
    }
}

/// Whether a procedure took place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holding {
    /// Held in its usual season.
    Held,
    /// Moved to autumn, on the programme of the year before.
    Moved,
    /// Not held.
    NotHeld,
}

/// A row of the calendar of procedures.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Procedure {
    /// Procedure, grade of the writers, subject.
    pub exam: Exam,
    /// Grade of the writers.
    pub grade: u8,
    /// Subject of instruction.
    pub discipline: Discipline,
    /// Year.
    pub year: Year,
    /// Whether it took place.
    pub holding: Holding,
    /// Its node.
    pub node: NodeId,
}

/// A name of a body or territory in its cases.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Name {
    /// The folded code under which texts refer to it.
    pub code: String,
    /// Short form.
    pub short: Known<Text>,
    /// The six cases in the order of [`crate::ru::Case::ALL`].
    pub cases: [Known<Text>; 6],
}

/// Part of an official in the package.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Office {
    /// Signs.
    Signer,
    /// Carries out.
    Executor,
    /// Prepared the text.
    Preparer,
    /// Agrees for another body (ГОСТ Р 7.0.97, requisite 20).
    Endorser,
    /// Puts a visa within the body itself (requisite 21).
    Visa,
    /// Signs for the administration of the municipality, whose acts are above those of its body of education.
    Head,
    /// Controls that orders are carried out, where who signs does not.
    Controller,
}

/// Days on which a person is in office.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Tenure {
    /// The first day; `None` where the sheet does not limit it.
    pub from: Option<Date>,
    /// The last day, as [`Self::from`].
    pub to: Option<Date>,
    /// Stands in for another person on these days.
    pub is_substitute: bool,
}

impl Tenure {
    /// Tells whether the days are limited at all.
    pub fn is_limited(&self) -> bool {
        self.from.is_some() || self.to.is_some()
    }

    /// Tells whether a day is among them.
    pub fn holds(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// A person in office.
#[derive(Clone, PartialEq, Debug)]
pub struct Official {
    /// Part in the package.
    pub office: Office,
    /// When the person is in office.
    pub tenure: Known<Tenure>,
    /// Organization.
    pub organization: Known<Text>,
    /// Post, nominative, as it is to be printed: nothing is added to that of a substitute.
    pub post: Known<Text>,
    /// Surname, given name, patronymic (empty where a person has none).
    pub name: Known<(Text, Text, Text)>,
    /// Telephone, if given.
    pub phone: Option<Text>,
    /// Forms in oblique cases that the row gives, by key of the column.
    pub forms: BTreeMap<&'static str, Text>,
    /// The first cell of the row.
    pub cell: CellRef,
}

/// Level of a legal act.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Federal law and acts.
    Federal,
    /// Regional acts.
    Regional,
    /// Acts of the municipality.
    Municipal,
}

/// A legal act on which a document stands.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct LegalBasis {
    /// Kind: «Федеральный закон».
    pub kind: Text,
    /// Issuing body, if it is to be printed.
    pub body: Option<Text>,
    /// Date of the act.
    pub date: (Date, NodeId),
    /// Number.
    pub number: Text,
    /// Title without quotes.
    pub title: Text,
    /// Level.
    pub level: Level,
    /// Folded names of the documents that cite it.
    pub used_in: BTreeSet<String>,
    /// Genitive wording for a preamble, without date and number.
    pub in_preamble: Option<Text>,
    /// The cell of that wording.
    pub preamble_cell: CellRef,
}

/// A row of the roadmap.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Activity {
    /// Number as written.
    pub number: Known<Text>,
    /// Section of the roadmap.
    pub band: Known<Text>,
    /// Subsection of the roadmap, where it has any.
    pub part: Known<Option<Text>>,
    /// The form of the work, where the roadmap names one.
    pub form: Known<Option<Text>>,
    /// What is done.
    pub title: Known<Text>,
    /// When.
    pub term: Known<Text>,
    /// What the term says; `None` when it is not understood.
    pub schedule: Option<Term>,
    /// Who.
    pub responsible: Known<Text>,
    /// With what result.
    pub result: Known<Text>,
    /// The deficits that it answers, as written; `None` where the row names none.
    pub deficit: Known<Option<Text>>,
    /// The code of the indicator by which its effect is seen, likewise.
    pub indicator: Known<Option<Text>>,
}

/// A base or target value.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Target {
    /// Indicator.
    pub code: String,
    /// Year, or the first of several.
    pub year: Year,
    /// The last of them.
    pub last: Year,
    /// The stage or phase of the work whose target it is.
    pub stage: Option<Text>,
    /// A number of things, where the indicator is a share of them.
    pub in_count: bool,
    /// Base instead of target.
    pub is_base: bool,
    /// Condition.
    pub condition: Option<Condition>,
    /// Value; absent for growth and decrease.
    pub value: Option<Known<Operand>>,
    /// The cell of the code.
    pub cell: CellRef,
}

/// How a target is met.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// Not less than the value.
    AtLeast,
    /// Not more than the value.
    AtMost,
    /// The value is to be reached in the direction of the indicator: «до 70 %».
    Reach,
    /// The value itself.
    Equal,
    /// Above the year before.
    Growth,
    /// Below the year before.
    Decrease,
}

/// A risk.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Risk {
    /// Kind of risk.
    pub kind: Known<Text>,
    /// The risk.
    pub risk: Known<Text>,
    /// Whom it touches.
    pub affected: Known<Text>,
}

/// A text under its number, split at the points: 1.10 is [1, 10].
pub type NumberedText = (Vec<u64>, Text);

/// A row of a register.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Record {
    /// The school it concerns, if any.
    pub school: Option<SchoolCode>,
    /// First year for which it holds.
    pub from: Year,
    /// Last year for which it holds.
    pub to: Year,
    /// Its texts by key of the column.
    pub texts: BTreeMap<String, Text>,
}

/// A row of «Регистрация документов».
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Registered {
    /// The document, as the row names it.
    pub document: Text,
    /// The date given on signing, once it is.
    pub date: Option<Text>,
    /// The number, likewise.
    pub number: Option<Text>,
}

/// A day on which work was done, as a log says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LoggedDate {
    /// The day.
    pub date: Date,
    /// Its cell.
    pub cell: CellRef,
}

/// A value that is missing with leave: it is said, and not counted as wrong.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct AllowedGap {
    /// The school.
    pub school: SchoolCode,
    /// The measures that may be missing.
    pub measures: Vec<MeasureCode>,
    /// The year.
    pub year: Year,
    /// Why.
    pub reason: Text,
    /// By whose leave.
    pub allowed_by: Text,
    /// The cell of the school.
    pub cell: CellRef,
}

/// A requisite of the municipality's profile.
pub type Requisites = BTreeMap<String, Text>;

/// Everything that a run knows about a municipality.
#[derive(Clone, Default, Debug)]
pub struct Dataset {
    /// Sheets that were found, by id: a sheet that is not there leaves gaps.
    pub found_sheets: BTreeSet<String>,
    /// The workbooks carry the flag of invented data.
    pub is_sample: bool,
    /// Requisites by key, or by folded name where the program does not read them.
    pub requisites: Requisites,
    /// Requisites whose values are years, by key.
    pub requisite_numbers: BTreeMap<String, Operand>,
    /// Names by key, or by folded code where the program does not read them.
    pub names: BTreeMap<String, Name>,
    /// Officials in the order of the sheet.
    pub officials: Vec<Official>,
    /// Registered documents by folded name.
    pub register: BTreeMap<String, Registered>,
    /// Legal bases by level, date and number.
    pub legal_bases: Vec<LegalBasis>,
    /// Codes of schools by everything else that names them: logins, exam codes, INN, names, folded.
    pub identifiers: BTreeMap<String, BTreeSet<SchoolCode>>,
    /// Schools by code.
    pub schools: BTreeMap<SchoolCode, School>,
    /// Where each school lies, as the register writes it: «город», «село».
    pub localities: BTreeMap<SchoolCode, Text>,
    /// The schools that a school goes on from.
    pub predecessors: BTreeMap<SchoolCode, Vec<SchoolCode>>,
    /// Calendar by exam, grade, discipline, year.
    pub calendar: Vec<Procedure>,
    /// Names of the municipality's own measures.
    pub measures: BTreeMap<MeasureCode, Text>,
    /// Their units, as written.
    pub measure_units: BTreeMap<MeasureCode, String>,
    /// Those whose values of schools do not add up: a mean, a score.
    pub apart: BTreeSet<MeasureCode>,
    /// Activities in the order of their numbers.
    pub activities: Vec<Activity>,
    /// Targets by code and year.
    pub targets: Vec<Target>,
    /// Risks in the order of the sheet.
    pub risks: Vec<Risk>,
    /// Blocks of section texts by folded document and folded block, in the order of their numbers.
    pub texts: BTreeMap<(String, String), Vec<NumberedText>>,
    /// Rows of registers by id of the sheet.
    pub records: BTreeMap<String, Vec<Record>>,
    /// Days of the rows of logs, in the order of sheets and rows.
    pub logged_dates: Vec<LoggedDate>,
    /// Values missing with leave.
    pub allowed_gaps: Vec<AllowedGap>,
    /// Numbers.
    pub store: Store,
    /// Faults of whole sheets by sheet id: rows that could not be read at all.
    pub sheet_gaps: BTreeMap<String, Gap>,
}

impl Dataset {
    /// Returns whether a procedure took place in a year; `None` when the calendar does not say.
    pub fn holding(&self, exam: Exam, grade: u8, discipline: &Discipline, year: Year) -> Option<Holding> {
        self.calendar
            .iter()
            .find(|row| row.exam == exam && row.grade == grade && row.discipline == *discipline && row.year == year)
            .map(|row| row.holding)
    }

    /// Returns the persons who have a part in the package on a day. A substitute in office takes the place of the person
    /// of a part that only one can have; of several who agree nobody tells whose place it is.
    ///
    /// # Errors
    /// A gap when the days of one of them cannot be read.
    pub fn in_office(&self, office: Office, day: Date) -> Known<Vec<&Official>> {
        let mut found = Vec::new();
        for official in self.officials.iter().filter(|official| official.office == office) {
            let tenure = official.tenure.as_ref().map_err(Clone::clone)?;
            if tenure.holds(day) {
                found.push((official, tenure.is_substitute));
            }
        }
        if !matches!(office, Office::Endorser | Office::Visa) && found.iter().any(|(_, is_substitute)| *is_substitute) {
            found.retain(|(_, is_substitute)| *is_substitute);
        }
        Ok(found.into_iter().map(|(official, _)| official).collect())
    }

    /// Returns a school and those that it goes on from, in order of code: their earlier results are its history.
    pub fn lineage(&self, code: &SchoolCode) -> BTreeSet<SchoolCode> {
        let mut lineage = BTreeSet::new();
        let mut open = vec![code];
        while let Some(next) = open.pop() {
            if lineage.insert(next.clone()) {
                open.extend(self.predecessors.get(next).into_iter().flatten());
            }
        }
        lineage
    }

    /// Adds up a measure of a school over its lineage. `Ok(None)` when there is no observation.
    ///
    /// # Errors
    /// A gap when a fault may touch the answer.
    pub fn school_sum(
        &self,
        code: &SchoolCode,
        measure: &str,
        year: Year,
        dims: &Dims,
        sources: &mut Sources,
    ) -> Known<Option<Operand>> {
        let found = self.school_rows(code, measure, year, dims)?;
        if found.is_empty() {
            return Ok(None);
        }
        let value: Measure = found.iter().map(|observation| observation.value.clone()).sum();
        let cells = sources.cells(found.iter().map(|observation| observation.cell));
        let node = match found.len() {
            1 => cells,
            _ => sources.formula(Op::Sum, vec![cells], Some(value.clone())),
        };
        Ok(Some(Operand { value, node }))
    }

    /// Returns the observations of a school and of those that it goes on from.
    ///
    /// # Errors
    /// A gap when a fault may touch the answer.
    pub fn school_rows(&self, code: &SchoolCode, measure: &str, year: Year, dims: &Dims) -> Known<Vec<&Observation>> {
        let select = |member: SchoolCode| {
            let subject = Subject::School(member);
            self.store.select(&Question { measure, subject: Some(&subject), year: Some(year), dims: dims.clone() })
        };
        // Few schools go on from others.
        if !self.predecessors.contains_key(code) {
            return select(code.clone());
        }
        let mut found = Vec::new();
        for member in self.lineage(code) {
            found.extend(select(member)?);
        }
        Ok(found)
    }

    /// Returns the leave by which a school, or one that it goes on from, has no values of a measure for a year.
    pub fn leave(&self, code: &SchoolCode, measures: &[&str], year: Year) -> Option<&AllowedGap> {
        let lineage = self.lineage(code);
        self.allowed_gaps.iter().find(|gap| {
            gap.year == year
                && lineage.contains(&gap.school)
                && gap.measures.iter().any(|measure| measures.contains(&measure.0.as_str()))
        })
    }

    /// Returns a gap for rows of a sheet that could not be read, if any.
    ///
    /// # Errors
    /// The gap.
    pub fn sheet(&self, id: &str) -> Known<()> {
        self.sheet_gaps.get(id).map_or(Ok(()), |gap| Err(gap.clone()))
    }
}

/// Keys of the requisites that the program itself reads.
pub mod requisite {
    /// Prefix of the letterhead lines: `letterhead-1` and so on.
    pub const LETTERHEAD: &str = "letterhead";
    /// Where the authority is found, and its codes.
    pub const CONTACTS: [&str; 7] = ["address", "phone", "email", "site", "okpo", "ogrn", "inn"];
    /// Place of issue.
    pub const PLACE: &str = "place";
    /// The year whose results are reported.
    pub const YEAR: &str = "year";
    /// First year of the period.
    pub const START: &str = "period-start";
    /// Last year of the period.
    pub const END: &str = "period-end";
}
