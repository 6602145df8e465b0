//! Rules as data: causes and their grounds, measures, addressees, settings of proposals and checks of effect.
//! In: a file of `templates/advice`. Out: rules of a closed vocabulary, or the key that makes no sense.
//! What the file cannot know of itself (indicators, measures) is held against the run before anything is computed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::diag::{Diagnostic, Diagnostics, Place, Reason};
use crate::measure::Measure;
use crate::model::{Block, Dataset, Exam, MeasureCode, Role, codes};
use crate::ru::{self, Term};

/// The rules of a municipality, read from `templates/advice`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rules {
    /// Their id.
    pub id: String,
    /// Their title.
    pub title: String,
    /// To whom recommendations go, in the order of printing.
    pub addressees: Vec<Addressee>,
    /// Which groups are supported, and how.
    pub support: Vec<Support>,
    /// The factors that a risk profile may name.
    #[serde(default)]
    pub risk_factors: Vec<String>,
    /// Causes of low results, in the order of printing.
    pub causes: Vec<Cause>,
    /// The proposal of a partner school.
    pub partner: PartnerRule,
    /// The proposal of a curator.
    pub curator: CuratorRule,
    /// When the effect of a decision is looked at.
    pub effect: EffectRule,
    /// Who stays among the supported schools.
    pub membership: MembershipRule,
    /// The list of the best growth; none is made without it.
    #[serde(default)]
    pub growth: Option<GrowthRule>,
    /// What decisions may stand on.
    pub decisions: DecisionRule,
    /// Which result of a teacher's diagnosis is a deficit.
    pub teachers: TeacherRule,
}

/// To whom a recommendation goes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Addressee {
    /// Its id.
    pub id: String,
    /// Its name as printed.
    pub title: String,
    /// Where it stands.
    pub level: AddresseeLevel,
}

/// Where an addressee stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AddresseeLevel {
    /// In the school.
    School,
    /// In the municipality.
    Municipality,
}

/// How a group is supported.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Support {
    /// The group.
    pub role: Role,
    /// The kind of support.
    pub kind: SupportKind,
}

/// A kind of support. Of two that a school has a right to, the first holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SupportKind {
    /// Адресная поддержка.
    Addressed,
    /// Превентивная поддержка.
    Preventive,
}

/// On which level a cause works.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The school as a whole.
    School,
    /// Classes and grades.
    Class,
    /// Pupils and their families.
    Pupil,
}

/// A cause of low results.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Cause {
    /// Its id; rows of sheets name it so or by the title.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The title as a noun, for lists within a sentence; the title itself, where it is one.
    #[serde(default)]
    pub noun: Option<String>,
    /// What teachers learn against it; nothing where their learning does not help.
    #[serde(default)]
    pub topic: Option<String>,
    /// On which level it works.
    pub level: Level,
    /// What its ground measures, in words.
    pub measured: String,
    /// By what it is told.
    pub ground: Ground,
    /// The question of the self-examination that asks the school for the same.
    #[serde(default)]
    pub question: Option<String>,
    /// The answer by which the school admits it.
    #[serde(default)]
    pub admits: Option<Answer>,
    /// What is done against it.
    pub measures: Vec<Proposal>,
    /// Recommendations by id of the addressee.
    pub recommendations: BTreeMap<String, String>,
}

/// An answer of the self-examination.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// «Да».
    Yes,
    /// «Нет».
    No,
}

/// By what a cause is told.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Ground {
    /// The value of an indicator for the school.
    Indicator {
        /// Its code.
        code: String,
        /// The comparison.
        is: Comparison,
        /// The threshold, in the unit of the indicator.
        threshold: String,
    },
    /// A number of the long table or of a typed sheet.
    Measure {
        /// Its code.
        code: String,
        /// The code of which it is a share, per cent.
        #[serde(default)]
        per: Option<String>,
        /// The comparison.
        is: Comparison,
        /// The threshold.
        threshold: String,
    },
    /// The share of participants below the minimum, pooled, per cent.
    Results {
        /// Procedures.
        exams: Vec<Exam>,
        /// Subject of instruction; every one without it.
        #[serde(default)]
        discipline: Option<String>,
        /// Grades of the writers.
        grades: Vec<u8>,
        /// Each grade is judged alone.
        #[serde(default, rename = "by-grade")]
        by_grade: bool,
        /// The comparison.
        is: Comparison,
        /// The threshold, per cent.
        threshold: String,
        /// Fewest participants of which a share tells anything.
        #[serde(default = "one", rename = "min-cohort")]
        min_cohort: i64,
    },
    /// The share of diagnosed teachers whose last result of a block is below the deficit threshold, per cent.
    Teachers {
        /// The block; either one without it.
        #[serde(default)]
        block: Option<Block>,
        /// Subject of teaching; every one without it.
        #[serde(default)]
        discipline: Option<String>,
        /// The comparison.
        is: Comparison,
        /// The threshold, per cent.
        threshold: String,
    },
    /// A factor of the school's risk profile.
    RiskFactor {
        /// The factor as the profile names it.
        factor: String,
        /// From which significance on.
        significance: Significance,
    },
    /// An answer of the self-examination alone.
    SelfExamination {
        /// The code of the question.
        question: String,
        /// The answer that admits the cause.
        answer: Answer,
    },
}

const fn one() -> i64 {
    1
}

/// The significance of a risk factor.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Significance {
    /// Низкая.
    Low,
    /// Средняя.
    Medium,
    /// Высокая.
    High,
}

/// How a value is held against a threshold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// The cause holds from the threshold on.
    AtLeast,
    /// Above the threshold.
    Above,
    /// Up to the threshold.
    AtMost,
    /// Below the threshold.
    Below,
}

impl Comparison {
    /// Tells whether the cause holds.
    pub fn holds(self, value: &Measure, threshold: &Measure) -> bool {
        match self {
            Self::AtLeast => value >= threshold,
            Self::Above => value > threshold,
            Self::AtMost => value <= threshold,
            Self::Below => value < threshold,
        }
    }

    /// Tells whether less of the value is better.
    pub fn is_less_better(self) -> bool {
        matches!(self, Self::AtLeast | Self::Above)
    }
}

impl Ground {
    /// Returns comparison and threshold; factors and answers have none.
    pub fn threshold(&self) -> Option<(Comparison, Measure)> {
        let (is, threshold) = match self {
            Self::Indicator { is, threshold, .. }
            | Self::Measure { is, threshold, .. }
            | Self::Results { is, threshold, .. }
            | Self::Teachers { is, threshold, .. } => (*is, threshold),
            Self::RiskFactor { .. } | Self::SelfExamination { .. } => return None,
        };
        Some((is, Measure::parse_decimal(threshold)?))
    }

    /// Tells the number of decimals with which the threshold is declared.
    pub fn decimals(&self) -> u8 {
        let text = match self {
            Self::Indicator { threshold, .. }
            | Self::Measure { threshold, .. }
            | Self::Results { threshold, .. }
            | Self::Teachers { threshold, .. } => threshold,
            Self::RiskFactor { .. } | Self::SelfExamination { .. } => return 0,
        };
        text.split_once('.').map_or(0, |(_, decimals)| u8::try_from(decimals.len()).unwrap_or(u8::MAX).min(4))
    }

    /// Tells whether results of ВПР stand behind it.
    pub fn is_of_vpr(&self, code_is: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Self::Indicator { code, .. } => code_is(code),
            Self::Measure { code, per, .. } => code_is(code) || per.as_deref().is_some_and(code_is),
            Self::Results { exams, .. } => exams.contains(&Exam::Vpr),
            Self::Teachers { .. } | Self::RiskFactor { .. } | Self::SelfExamination { .. } => false,
        }
    }

    /// Tells whether it is the lack of a partner: nothing that an agreement with one needs to name.
    pub fn is_of_partners(&self) -> bool {
        matches!(self, Self::Measure { code, .. } if code == codes::PARTNERSHIP)
    }

    /// Names the key that makes no sense.
    fn check(&self, key: &str) -> Result<(), Reason> {
        let bad = |part: &str, value: &str| Err(Reason::from(format!("{key}.{part} = {value:?}")));
        let is_share = match self {
            Self::Results { exams, grades, min_cohort, .. } => {
                if exams.is_empty() {
                    return bad("exams", "[]");
                }
                if grades.is_empty() || grades.iter().any(|grade| !(1..=12).contains(grade)) {
                    return bad("grades", &format!("{grades:?}"));
                }
                if *min_cohort < 1 {
                    return bad("min-cohort", &min_cohort.to_string());
                }
                true
            }
            Self::Teachers { .. } => true,
            Self::Measure { per, .. } => per.is_some(),
            _ => false,
        };
        match self {
            Self::RiskFactor { factor, .. } if ru::fold(factor).is_empty() => return bad("factor", factor),
            Self::SelfExamination { question, .. } if question.trim().is_empty() => return bad("question", question),
            Self::RiskFactor { .. } | Self::SelfExamination { .. } => return Ok(()),
            _ => {}
        }
        let hundred = Measure::from(100_i64);
        match self.threshold() {
            Some((_, value)) if !is_share || (!value.is_negative() && value <= hundred) => Ok(()),
            _ => Err(Reason::from(format!("{key}.threshold"))),
        }
    }

    /// Tells whether it gives a number that can grow and fall.
    fn is_number(&self) -> bool {
        !matches!(self, Self::RiskFactor { .. } | Self::SelfExamination { .. })
    }
}

/// What is done against a cause.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Proposal {
    /// A measure or a course.
    pub kind: ProposalKind,
    /// What is done.
    pub title: String,
    /// When, as a person writes it.
    pub term: String,
    /// Who: an addressee.
    pub responsible: String,
    /// The indicator by which its effect is seen; the cause's own ground without it.
    #[serde(default)]
    pub seen_by: Option<String>,
}

/// A measure or a course.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProposalKind {
    /// Мероприятие.
    Measure,
    /// Курс.
    Course,
}

/// The proposal of a partner school.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PartnerRule {
    /// Groups whose schools may be partners.
    pub roles: Vec<Role>,
    /// Which grades a partner teaches.
    pub level: PartnerLevel,
    /// Most schools that a partner has.
    pub load_limit: usize,
}

/// Which grades a partner teaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartnerLevel {
    /// The same.
    Same,
    /// At least the same.
    Covers,
}

/// The proposal of a curator.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CuratorRule {
    /// Most schools that a curator has.
    pub load_limit: usize,
}

/// When the effect of a decision is looked at.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EffectRule {
    /// Years after the decision that are looked at.
    pub years: u8,
    /// The quarter in which it is done, 1 to 4.
    pub quarter: u8,
    /// Years between the year looked at and that quarter.
    pub offset: u8,
}

/// Who stays among the supported schools.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MembershipRule {
    /// Groups whose lists decide.
    pub roles: Vec<Role>,
    /// Years running outside the lists after which a school leaves.
    pub years_out: u8,
    /// By what the effect of the support is seen.
    pub effect: Ground,
}

/// The list of the best growth.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GrowthRule {
    /// The month in which the list is made, 1 to 12.
    pub month: u8,
    /// What must grow.
    pub by: Ground,
    /// Most places of the list.
    pub places: usize,
}

/// What decisions may stand on.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DecisionRule {
    /// Beginnings of words by which a ground in prose is known to be ВПР.
    pub vpr_words: Vec<String>,
    /// Beginnings of words by which a planned act is known to change another.
    #[serde(default)]
    pub change_words: Vec<String>,
    /// For how many years, the reported one included, a decision answers a deficit.
    pub years: u8,
}

/// Which result of a teacher's diagnosis is a deficit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TeacherRule {
    /// Below this result, per cent.
    pub deficit_below: String,
}

impl TeacherRule {
    /// Returns the threshold.
    pub fn threshold(&self) -> Measure {
        Measure::parse_decimal(&self.deficit_below).unwrap_or_default()
    }
}

impl Rules {
    /// Reads rules.
    ///
    /// # Errors
    /// Gives the parser's message, or names the key that is repeated, refers to nothing or is out of bounds.
    pub fn parse(source: &str) -> Result<Self, Reason> {
        let rules: Self = toml::from_str(source).map_err(|error| Reason::toml(&error, source))?;
        let bad = |key: &str, value: &dyn std::fmt::Debug| Err(Reason::from(format!("{key} = {value:?}")));
        for (index, addressee) in rules.addressees.iter().enumerate() {
            if rules.addressees.iter().take(index).any(|other| other.id == addressee.id) {
                return bad("addressees.id", &addressee.id);
            }
        }
        if rules.addressees.is_empty() {
            return Err("addressees".to_owned().into());
        }
        for (index, support) in rules.support.iter().enumerate() {
            if rules.support.iter().take(index).any(|other| other.role == support.role) {
                return bad("support.role", &support.role);
            }
        }
        for (index, cause) in rules.causes.iter().enumerate() {
            let named = |other: &&Cause| other.id == cause.id || ru::fold(&other.title) == ru::fold(&cause.title);
            if cause.id.is_empty() || rules.causes.iter().take(index).any(|other| named(&other)) {
                return bad("causes.id", &cause.id);
            }
            rules.check_cause(cause)?;
        }
        if rules.partner.roles.is_empty() || rules.partner.load_limit == 0 {
            return bad("partner.load-limit", &rules.partner.load_limit);
        }
        if rules.curator.load_limit == 0 {
            return bad("curator.load-limit", &rules.curator.load_limit);
        }
        if !(1..=10).contains(&rules.effect.years) || rules.effect.offset > 10 {
            return bad("effect.years", &rules.effect.years);
        }
        if !(1..=4).contains(&rules.effect.quarter) {
            return bad("effect.quarter", &rules.effect.quarter);
        }
        if rules.membership.roles.is_empty() || rules.membership.years_out == 0 {
            return bad("membership.years-out", &rules.membership.years_out);
        }
        rules.membership.effect.check("membership.effect")?;
        if !rules.membership.effect.is_number() {
            return Err("membership.effect.kind".to_owned().into());
        }
        if let Some(growth) = &rules.growth {
            growth.by.check("growth.by")?;
            if !growth.by.is_number() {
                return Err("growth.by.kind".to_owned().into());
            }
            if !(1..=12).contains(&growth.month) || growth.places == 0 {
                return bad("growth.month", &growth.month);
            }
        }
        if rules.decisions.years == 0
            || rules
                .decisions
                .vpr_words
                .iter()
                .chain(&rules.decisions.change_words)
                .any(|word| ru::fold(word).is_empty())
        {
            return Err("decisions".to_owned().into());
        }
        match Measure::parse_decimal(&rules.teachers.deficit_below) {
            Some(value) if !value.is_negative() && value <= Measure::from(100_i64) => Ok(rules),
            _ => bad("teachers.deficit-below", &rules.teachers.deficit_below),
        }
    }

    fn check_cause(&self, cause: &Cause) -> Result<(), Reason> {
        let key = |part: &str| format!("causes.{}.{part}", cause.id);
        cause.ground.check(&key("ground"))?;
        if let Ground::RiskFactor { factor, .. } = &cause.ground
            && !self.knows_factor(factor)
        {
            return Err(format!("{} = {factor:?}", key("ground.factor")).into());
        }
        if cause.question.is_some() != cause.admits.is_some() {
            return Err(key("admits").into());
        }
        if cause.measures.is_empty() {
            return Err(key("measures").into());
        }
        for proposal in &cause.measures {
            if self.addressee(&proposal.responsible).is_none() {
                return Err(format!("{} = {:?}", key("measures.responsible"), proposal.responsible).into());
            }
            if Term::parse(&proposal.term).is_none() {
                return Err(format!("{} = {:?}", key("measures.term"), proposal.term).into());
            }
        }
        if cause.recommendations.is_empty() {
            return Err(key("recommendations").into());
        }
        for (addressee, text) in &cause.recommendations {
            if !self.addressees.iter().any(|known| known.id == *addressee) || text.trim().is_empty() {
                return Err(key(&format!("recommendations.{addressee}")).into());
            }
        }
        Ok(())
    }

    /// Tells whether a risk profile may name a factor.
    pub fn knows_factor(&self, factor: &str) -> bool {
        let wanted = ru::fold(factor);
        self.risk_factors.iter().any(|known| ru::fold(known) == wanted)
    }

    /// Tells whether a question of the self-examination is asked by any rule.
    pub fn asks(&self, question: &str) -> bool {
        let wanted = ru::fold(question);
        self.causes.iter().any(|cause| {
            let of_ground = match &cause.ground {
                Ground::SelfExamination { question, .. } => Some(question),
                _ => None,
            };
            [of_ground, cause.question.as_ref()].into_iter().flatten().any(|known| ru::fold(known) == wanted)
        })
    }

    /// Finds an addressee by id or title.
    pub fn addressee(&self, name: &str) -> Option<&Addressee> {
        let wanted = ru::fold(name);
        self.addressees.iter().find(|known| ru::fold(&known.id) == wanted || ru::fold(&known.title) == wanted)
    }

    /// Finds a cause by id or title.
    pub fn cause(&self, name: &str) -> Option<&Cause> {
        let wanted = ru::fold(name);
        self.causes.iter().find(|known| ru::fold(&known.id) == wanted || ru::fold(&known.title) == wanted)
    }

    /// Holds codes against the catalogue of indicators and the dictionary of measures: each unknown one is an error
    /// with file and key. Also refuses a list of the best growth by ВПР: it would rank schools.
    pub fn check(
        &self,
        file: &str,
        indicators: &[&str],
        data: &Dataset,
        is_of_vpr: &dyn Fn(&str) -> bool,
        diagnostics: &mut Diagnostics,
    ) -> bool {
        let before = diagnostics.len();
        let mut say = |id: &str, key: String, code: &str| {
            let place = Place::Key { file: file.to_owned(), key };
            // ids: advice-unknown-indicator, advice-unknown-measure, advice-rating-by-vpr
            diagnostics.push(Diagnostic::error(id, place).with("code", code));
        };
        let is_measure = |code: &str| {
            codes::is_reserved(code)
                || code == codes::BELOW_MINIMUM
                || data.measures.contains_key(&MeasureCode::from(code))
                || data.sheet_gaps.contains_key("measures")
        };
        let mut hold = |key: String, ground: &Ground| match ground {
            Ground::Indicator { code, .. } if !indicators.contains(&code.as_str()) => {
                say("advice-unknown-indicator", format!("{key}.code"), code);
            }
            Ground::Measure { code, per, .. } => {
                if !is_measure(code) {
                    say("advice-unknown-measure", format!("{key}.code"), code);
                }
                if let Some(per) = per.as_ref().filter(|per| !is_measure(per)) {
                    say("advice-unknown-measure", format!("{key}.per"), per);
                }
            }
            _ => {}
        };
        for cause in &self.causes {
            hold(format!("causes.{}.ground", cause.id), &cause.ground);
        }
        hold("membership.effect".to_owned(), &self.membership.effect);
        if let Some(growth) = &self.growth {
            hold("growth.by".to_owned(), &growth.by);
            if growth.by.is_of_vpr(is_of_vpr) {
                say("advice-rating-by-vpr", "growth.by".to_owned(), "");
            }
        }
        for cause in &self.causes {
            for code in cause.measures.iter().filter_map(|proposal| proposal.seen_by.as_ref()) {
                if !indicators.contains(&code.as_str()) {
                    say("advice-unknown-indicator", format!("causes.{}.measures.seen-by", cause.id), code);
                }
            }
        }
        diagnostics.len() == before
    }
}
