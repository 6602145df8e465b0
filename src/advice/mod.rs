//! From findings to actions: causes, measures, recommendations, partners, decisions and their effect.
//! In: rules (data), the data set, groups and indicators. Out: [`Advice`], typed, sorted, with a node for every figure.
//! Its texts are those of the rules; it must never know files of workbooks, templates or documents.

mod acts;
mod causes;
mod decisions;
mod effect;
mod goals;
mod ground;
mod measures;
mod membership;
mod partners;
mod recommend;
mod rules;
mod teachers;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use acts::{ActAction, ActOrigin, AskedAct};
pub use causes::{CauseFinding, Said, Verdict};
pub use decisions::{Decision, Status, Subject};
pub use effect::{Change, Check, Correction, CorrectionKind, Direction, Effect};
pub use goals::{SchoolGoal, SchoolGoals, school_goals};
pub use ground::{Told, Untold};
pub use measures::{Answering, Idle, IdleReason, Lack, Origin, Standing, Uncovered, standing};
pub use membership::{Best, Growth, Membership, Move, Practice};
pub use partners::{CuratorProposal, Nearness, NoPartner, Partner, PartnerProposal, Strength};
pub use recommend::{Given, GivenStatus, Recommendation};
pub use rules::{
    Addressee, AddresseeLevel, Answer, Cause, Comparison, Ground, Level, PartnerLevel, Proposal, ProposalKind, Rules,
    Significance, SupportKind,
};
pub use teachers::TeacherDeficit;

use crate::diag::Diagnostics;
use crate::figure::{Figure, RoundingRules, Unit};
use crate::groups::Groups;
use crate::indicators::{self, IndicatorResult};
use crate::model::{Condition, Dataset, Gap, Known, Operand, Role, SchoolCode, Year};
use crate::provenance::{NodeId, Sources};
use crate::ru::Date;
use ground::Grounds;

/// In which direction a value gets better.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wanted {
    /// More is better.
    More,
    /// Less is better.
    Less,
}

/// An indicator as far as advice looks at it.
pub struct Gauge<'a> {
    /// The indicator.
    pub result: &'a IndicatorResult,
    /// Its name.
    pub name: &'a str,
    /// The unit of its values.
    pub unit: Unit,
    /// The desired direction.
    pub wanted: Wanted,
}

impl<'a> Gauge<'a> {
    /// Looks at an indicator.
    pub fn of(result: &'a IndicatorResult) -> Self {
        let definition = &result.definition;
        let wanted = match definition.better {
            indicators::Direction::Up => Wanted::More,
            indicators::Direction::Down => Wanted::Less,
        };
        Self { result, name: &definition.name, unit: definition.unit, wanted }
    }

    /// Returns the value of the municipality in a year; `Ok(None)` where there is none.
    ///
    /// # Errors
    /// The gap of the year.
    fn of_municipality(&self, year: Year) -> Known<Option<Operand>> {
        match self.result.years.get(&year) {
            Some(Ok(evaluation)) => {
                Ok(evaluation.figure.as_ref().map(|figure| Operand { value: figure.value.clone(), node: figure.node }))
            }
            Some(Err(gap)) => Err(gap.clone()),
            None => Ok(None),
        }
    }
}

/// The goal of an indicator for a year, in the unit of the indicator.
#[derive(Clone, PartialEq, Debug)]
pub struct Goal {
    /// The condition.
    pub condition: Condition,
    /// The value.
    pub value: Operand,
}

/// What advice looks at.
pub struct Scope<'a> {
    /// The data.
    pub data: &'a Dataset,
    /// The groups.
    pub groups: &'a Groups,
    /// Indicators by code.
    pub gauges: &'a BTreeMap<&'a str, Gauge<'a>>,
    /// Goals by code of the indicator and year.
    pub goals: &'a BTreeMap<(String, Year), Goal>,
    /// The reported year.
    pub year: Year,
    /// The day of plan and fact: terms that end up to it are over.
    pub as_of: Option<Date>,
    /// Roundings of the run.
    pub rounding: RoundingRules,
    /// The file of the rules, as a person finds it.
    pub file: &'a str,
    /// Tells whether an indicator or measure is built on results of ВПР.
    pub is_of_vpr: &'a dyn Fn(&str) -> bool,
    /// Tells whether the growth of two schools is so near that they share a place, beyond equal values.
    pub share_a_place: &'a dyn Fn(&SchoolCode, &SchoolCode) -> bool,
}

impl Scope<'_> {
    /// Returns the schools of a group in a year; `None` when the group is not in use.
    ///
    /// # Errors
    /// The gap of the list.
    fn list(&self, year: Year, role: Role) -> Known<Option<&BTreeMap<SchoolCode, NodeId>>> {
        match self.groups.list(year, role) {
            Ok(group) => Ok(Some(&group.schools)),
            // A list that was never asked for has a gap without reasons.
            Err(gap) if gap.reasons.is_empty() => Ok(None),
            Err(gap) => Err(gap),
        }
    }
}

/// What is said of a supported school.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SchoolAdvice {
    /// How it is supported.
    pub support: SupportKind,
    /// The groups that it is in, with the nodes that put it there.
    pub roles: BTreeMap<Role, NodeId>,
    /// Every cause of the rules: holds, does not, cannot be told.
    pub causes: Vec<CauseFinding>,
    /// What the rules propose against its causes, by id of the cause.
    pub proposals: BTreeMap<String, Vec<Proposal>>,
    /// Rows of the sheets that answer its causes, by id of the cause.
    pub answering: BTreeMap<String, Vec<Answering>>,
    /// Recommendations in the order of causes and addressees.
    pub recommendations: Vec<Recommendation>,
    /// The partner that it has or that is proposed.
    pub partner: Partner,
    /// The curator that it has or that is proposed.
    pub curator: CuratorProposal,
    /// Practices of other schools against its causes: positions in [`Advice::practices`].
    pub practices: Vec<usize>,
}

impl SchoolAdvice {
    /// Iterates over the causes that hold.
    pub fn held(&self) -> impl Iterator<Item = &CauseFinding> {
        self.causes.iter().filter(|finding| finding.holds())
    }
}

/// Everything that follows from the findings of a year.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Advice {
    /// The reported year.
    pub year: Year,
    /// Supported schools.
    pub schools: BTreeMap<SchoolCode, SchoolAdvice>,
    /// Lists that cannot be told: other schools may have a right to support.
    pub lists_in_doubt: Gap,
    /// Causes without a measure, a term, a person or an indicator.
    pub uncovered: Vec<Uncovered>,
    /// Measures without a deficit.
    pub idle: Vec<Idle>,
    /// Rows of sheets that could not be read: a deficit may be covered by one of them.
    pub measures_in_doubt: Gap,
    /// The register of recommendations.
    pub register: Vec<Given>,
    /// Recommendations of earlier years that were not carried out: positions in the register.
    pub not_done: Vec<usize>,
    /// The register of decisions.
    pub decisions: Vec<Decision>,
    /// Acts to be adopted or changed.
    pub acts: Vec<AskedAct>,
    /// Sheets that could not be read whole: more acts may be asked for.
    pub acts_in_doubt: Gap,
    /// Goals of the next year that the effect of decisions asks to correct.
    pub corrections: Vec<Correction>,
    /// Who is supported in the next year.
    pub membership: Known<BTreeMap<SchoolCode, Membership>>,
    /// Goals that schools set themselves.
    pub school_goals: SchoolGoals,
    /// The list of the best growth; `None` when the rules ask for none.
    pub best: Option<Best>,
    /// The bank of practices.
    pub practices: Vec<Practice>,
    /// Teachers' deficits by school.
    pub teachers: BTreeMap<SchoolCode, Known<Vec<TeacherDeficit>>>,
}

/// Follows the rules from the findings of the reported year to what is to be done.
pub fn advise(rules: &Rules, scope: &Scope<'_>, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Advice {
    let year = scope.year;
    let mut grounds = Grounds::new(rules, scope, sources, diagnostics);
    let (supported, lists_in_doubt) = supported(rules, scope);
    let mut found: BTreeMap<SchoolCode, Vec<CauseFinding>> = BTreeMap::new();
    for school in supported.keys() {
        found.insert(school.clone(), causes::causes(&mut grounds, school, year));
    }
    causes::say_contradictions(&grounds, &found, diagnostics);
    let decisions = decisions::decisions(&mut grounds, diagnostics);
    let refused = decisions.iter().filter(|decision| decision.refused.is_some());
    let refused = refused.map(|decision| decision.text.node).collect();
    let rows = measures::rows(&grounds, &refused, diagnostics);
    let practices = membership::practices(&grounds, diagnostics);
    let register = recommend::register(&mut grounds, diagnostics);
    let coverage = measures::cover(&grounds, &rows, &found);
    let partners = partners::partners(&mut grounds, &found);
    let mut given_to: BTreeMap<SchoolCode, Vec<usize>> = BTreeMap::new();
    for (index, given) in register.iter().enumerate() {
        if let Some(school) = &given.school {
            given_to.entry(school.clone()).or_default().push(index);
        }
    }
    let mut schools = BTreeMap::new();
    let mut answering = coverage.answering;
    let mut partners = partners;
    for (school, findings) in found {
        let Some((support, roles)) = supported.get(&school) else { continue };
        let held = |cause: &str| findings.iter().any(|finding| finding.cause == cause && finding.holds());
        let proposals = rules.causes.iter().filter(|cause| held(&cause.id));
        let proposals = proposals.map(|cause| (cause.id.clone(), cause.measures.clone())).collect();
        let recommendations = recommend::recommendations(
            rules,
            &findings,
            &register,
            given_to.get(&school).map_or(&[], Vec::as_slice),
            year,
        );
        let (partner, curator) = partners.remove(&school).unwrap_or_default();
        let near = practices.iter().enumerate().filter(|(_, practice)| {
            practice.school.as_ref() != Some(&school) && practice.causes.iter().any(|cause| held(cause))
        });
        let practices = near.map(|(index, _)| index).collect();
        let advice = SchoolAdvice {
            support: *support,
            roles: roles.clone(),
            proposals,
            answering: answering.remove(&school).unwrap_or_default(),
            recommendations,
            partner,
            curator,
            practices,
            causes: findings,
        };
        schools.insert(school, advice);
    }
    let (acts, acts_in_doubt) = acts::acts(&grounds, &decisions);
    let not_done = recommend::not_done(&register, year);
    let corrections = effect::corrections(&mut grounds, &decisions);
    let membership = membership::membership(&mut grounds);
    let best = membership::best(&mut grounds);
    let teachers = teachers::deficits(&mut grounds);
    Advice {
        year,
        school_goals: SchoolGoals::new(),
        schools,
        lists_in_doubt,
        uncovered: coverage.uncovered,
        idle: coverage.idle,
        measures_in_doubt: decisions.iter().fold(coverage.in_doubt, |gap, decision| gap.and(&decision.in_doubt)),
        register,
        not_done,
        decisions,
        acts,
        acts_in_doubt,
        corrections,
        membership,
        best,
        practices,
        teachers,
    }
}

/// A kind of support, and the groups that give a right to it.
type Supported = (SupportKind, BTreeMap<Role, NodeId>);

/// The supported schools of the year, and the gaps of lists that could not be told.
fn supported(rules: &Rules, scope: &Scope<'_>) -> (BTreeMap<SchoolCode, Supported>, Gap) {
    let mut schools: BTreeMap<SchoolCode, Supported> = BTreeMap::new();
    let mut in_doubt = Gap::default();
    for support in &rules.support {
        match scope.list(scope.year, support.role) {
            Ok(list) => {
                for (school, node) in list.into_iter().flatten() {
                    let known = schools.entry(school.clone()).or_insert_with(|| (support.kind, BTreeMap::new()));
                    known.0 = known.0.min(support.kind);
                    known.1.insert(support.role, *node);
                }
            }
            Err(gap) => in_doubt = in_doubt.and(&gap),
        }
    }
    (schools, in_doubt)
}

/// Names a figure of a value and its year.
fn figure(id: String, operand: &Operand, unit: Unit, rounding: RoundingRules) -> Figure {
    Figure { id, value: operand.value.clone(), unit, rounding: rounding.of(unit), node: operand.node }
}

#[cfg(test)]
mod tests;
