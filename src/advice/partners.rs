//! The partner school and the curator of each supported school: those it has, or those proposed.
//! In: causes, partnerships and curators in force, lists of leaders. Out: for each school one of them with the reason.
//! What is proposed for one school loads a leader for the next: schools with more causes come first, then by code.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::causes::CauseFinding;
use super::ground::Grounds;
use super::rules::{Cause, Ground, PartnerLevel};
use crate::figure::{Figure, Unit};
use crate::measure::Measure;
use crate::model::{Dims, Gap, Known, Question, Record, School, SchoolCode, Subject, Text, codes};
use crate::provenance::{NodeId, Op};
use crate::ru;

/// The partner of a school.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Partner {
    /// Partnerships in force stay as they are.
    Existing {
        /// The leaders, with the cells of the partnerships.
        leaders: BTreeMap<SchoolCode, NodeId>,
    },
    /// A proposal.
    Proposed {
        /// What is proposed, and why.
        proposal: Box<PartnerProposal>,
    },
    /// Nobody can be proposed.
    Nobody {
        /// Why.
        reason: NoPartner,
    },
}

impl Partner {
    /// Iterates over the leaders that the school has, or that are proposed.
    pub fn leaders(&self) -> impl Iterator<Item = &SchoolCode> {
        let (existing, proposed) = match self {
            Self::Existing { leaders } => (Some(leaders), None),
            Self::Proposed { proposal } => (None, Some(&proposal.leader)),
            Self::Nobody { .. } => (None, None),
        };
        existing.into_iter().flat_map(BTreeMap::keys).chain(proposed)
    }
}

impl Default for Partner {
    fn default() -> Self {
        Self::Nobody { reason: NoPartner::NoLeaders }
    }
}

/// Why nobody can be proposed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum NoPartner {
    /// The lists have no school that may be a partner.
    NoLeaders,
    /// None of them teaches the grades.
    NoLevel,
    /// None of them is strong where the school is weak.
    NoStrength,
    /// All that fit have as many schools as they may.
    AllLoaded,
    /// Findings must be put right first.
    Untold {
        /// The findings.
        gap: Gap,
    },
}

/// A proposed partner, and why.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PartnerProposal {
    /// The leader.
    pub leader: SchoolCode,
    /// The subjects in which the school is weak and the leader strong.
    pub strengths: Vec<Strength>,
    /// How near the two schools are.
    pub nearness: Nearness,
    /// Schools that the leader has already, and may have.
    pub load: (usize, usize),
    /// Everything that the proposal stands on.
    pub node: NodeId,
}

/// A subject in which one school is weak and the other strong.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Strength {
    /// The cause that the school has and the leader has not.
    pub cause: String,
    /// The value of the school.
    pub weak: Figure,
    /// The value of the leader.
    pub strong: Figure,
}

/// How near two schools are.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Nearness {
    /// Pupils of the school and of the leader; `None` where either is not reported.
    pub pupils: Option<(Figure, Figure)>,
    /// Both are of one type.
    pub is_same_kind: bool,
    /// Both lie in the city, or in the country.
    pub is_same_locality: bool,
}

/// The curator of a school.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum CuratorProposal {
    /// The curators in force stay.
    Existing {
        /// Their posts.
        posts: Vec<Text>,
    },
    /// The least loaded curator of the register.
    Proposed {
        /// Post.
        post: Text,
        /// The cell of the curator.
        curator: Text,
        /// Schools that the curator has already, and may have.
        load: (usize, usize),
    },
    /// The head or a deputy of the partner school.
    OfPartner {
        /// The partner.
        leader: SchoolCode,
    },
    /// Nobody can be proposed.
    #[default]
    Nobody,
}

/// Partnerships in force: leaders by school with their cells.
type Existing = BTreeMap<SchoolCode, BTreeMap<SchoolCode, NodeId>>;

/// Proposes partner and curator for every school with causes.
pub(super) fn partners(
    grounds: &mut Grounds<'_, '_>,
    found: &BTreeMap<SchoolCode, Vec<CauseFinding>>,
) -> BTreeMap<SchoolCode, (Partner, CuratorProposal)> {
    let mut order: Vec<(Reverse<usize>, &SchoolCode)> = found
        .iter()
        .map(|(school, findings)| (Reverse(findings.iter().filter(|finding| finding.holds()).count()), school))
        .collect();
    order.sort();
    let existing = existing(grounds, found.keys());
    let mut load: BTreeMap<SchoolCode, BTreeSet<SchoolCode>> = BTreeMap::new();
    for row in grounds.scope.data.store.of_measure(codes::PARTNERSHIP) {
        if let (Subject::School(school), Some(leader), true) =
            (&row.subject, &row.dims.school, row.to >= grounds.scope.year)
        {
            load.entry(leader.clone()).or_default().insert(school.clone());
        }
    }
    let leaders = leaders(grounds);
    let mut known = Cached::default();
    let mut curators = Curators::read(grounds);
    let mut out = BTreeMap::new();
    for (_, school) in order {
        let partner = match existing.get(school) {
            Some(Err(gap)) => Partner::Nobody { reason: NoPartner::Untold { gap: gap.clone() } },
            Some(Ok(leaders)) if !leaders.is_empty() => Partner::Existing { leaders: leaders.clone() },
            _ => match &leaders {
                Err(gap) => Partner::Nobody { reason: NoPartner::Untold { gap: gap.clone() } },
                Ok(leaders) => {
                    let findings = found.get(school).map_or(&[][..], Vec::as_slice);
                    propose(grounds, school, findings, leaders, &mut load, &mut known)
                }
            },
        };
        let leader = match &partner {
            Partner::Existing { leaders } => leaders.keys().next(),
            Partner::Proposed { proposal } => Some(&proposal.leader),
            Partner::Nobody { .. } => None,
        };
        let curator = curators.propose(school, leader, grounds.rules.curator.load_limit);
        out.insert(school.clone(), (partner, curator));
    }
    out
}

/// The partnerships that are in force in the reported year or begin after it.
fn existing<'s>(
    grounds: &mut Grounds<'_, '_>,
    schools: impl Iterator<Item = &'s SchoolCode>,
) -> BTreeMap<SchoolCode, Known<BTreeMap<SchoolCode, NodeId>>> {
    let mut rows: Existing = BTreeMap::new();
    let store = &grounds.scope.data.store;
    for row in store.of_measure(codes::PARTNERSHIP) {
        if let (Subject::School(school), Some(leader), true) =
            (&row.subject, &row.dims.school, row.to >= grounds.scope.year)
        {
            let node = grounds.sources.cells([row.cell]);
            rows.entry(school.clone()).or_default().insert(leader.clone(), node);
        }
    }
    let of = |school: &SchoolCode| {
        let subject = Subject::School(school.clone());
        let question =
            Question { measure: codes::PARTNERSHIP, subject: Some(&subject), year: None, dims: Dims::default() };
        let known = store.select(&question).map(|_| rows.get(school).cloned().unwrap_or_default());
        (school.clone(), known)
    };
    schools.map(of).collect()
}

/// The schools that may be partners.
fn leaders(grounds: &Grounds<'_, '_>) -> Known<BTreeMap<SchoolCode, NodeId>> {
    let mut leaders = BTreeMap::new();
    for role in &grounds.rules.partner.roles {
        for (school, node) in grounds.scope.list(grounds.scope.year, *role)?.into_iter().flatten() {
            leaders.insert(school.clone(), *node);
        }
    }
    Ok(leaders)
}

/// Values that are asked for again with every school.
#[derive(Default)]
struct Cached {
    /// Of leaders by cause and grade; `None` where they cannot be told.
    values: BTreeMap<(SchoolCode, String, Option<u8>), Option<Figure>>,
    /// Pupils by school.
    pupils: BTreeMap<SchoolCode, Option<Figure>>,
}

/// By what a leader is preferred; the least comes first.
type Rank = (Reverse<usize>, (bool, Measure), bool, bool, usize, SchoolCode);

fn propose(
    grounds: &mut Grounds<'_, '_>,
    school: &SchoolCode,
    findings: &[CauseFinding],
    leaders: &BTreeMap<SchoolCode, NodeId>,
    load: &mut BTreeMap<SchoolCode, BTreeSet<SchoolCode>>,
    cached: &mut Cached,
) -> Partner {
    let (scope, rule) = (grounds.scope, &grounds.rules.partner);
    let nobody = |reason: NoPartner| Partner::Nobody { reason };
    let Some(own) = scope.data.schools.get(school) else { return nobody(NoPartner::NoLeaders) };
    let known: Vec<(&School, NodeId)> = leaders
        .iter()
        .filter(|(leader, _)| *leader != school)
        .filter_map(|(leader, node)| Some((scope.data.schools.get(leader)?, *node)))
        .filter(|(leader, _)| leader.exists_at_end_of(scope.year))
        .collect();
    if known.is_empty() {
        return nobody(NoPartner::NoLeaders);
    }
    let teaches = |leader: &School| match rule.level {
        PartnerLevel::Same => leader.grades == own.grades,
        PartnerLevel::Covers => leader.grades.0 <= own.grades.0 && own.grades.1 <= leader.grades.1,
    };
    let known: Vec<(&School, NodeId)> = known.into_iter().filter(|(leader, _)| teaches(leader)).collect();
    if known.is_empty() {
        return nobody(NoPartner::NoLevel);
    }
    let weak: Vec<(&Cause, Option<u8>, Figure)> = findings
        .iter()
        .filter_map(|finding| {
            let cause = grounds.rules.cause(&finding.cause)?;
            let is_subject = matches!(&cause.ground, Ground::Results { discipline: Some(_), .. });
            let verdict = finding.verdict.as_ref().ok().filter(|verdict| verdict.holds && is_subject)?;
            Some((cause, finding.grade, verdict.value.clone()?))
        })
        .collect();
    let mut fitting: Vec<(Rank, PartnerProposal)> = Vec::new();
    let mut any_strong = false;
    for (leader, listed) in known {
        let mut strengths = Vec::new();
        for (cause, grade, value) in &weak {
            let Some((is, threshold)) = cause.ground.threshold() else { continue };
            let key = (leader.code.clone(), cause.id.clone(), *grade);
            let strong = cached.values.entry(key).or_insert_with(|| {
                let strong = grounds.value(&cause.ground, &leader.code, *grade, scope.year).ok()?;
                let id = format!("advice/{}/{}/{}", leader.code, cause.id, scope.year);
                Some(grounds.figure(id, &strong, &cause.ground))
            });
            let Some(strong) = strong.clone() else { continue };
            if !is.holds(&strong.value, &threshold) {
                strengths.push(Strength { cause: cause.id.clone(), weak: value.clone(), strong });
            }
        }
        if strengths.is_empty() && !weak.is_empty() {
            continue;
        }
        any_strong = true;
        let has = load.get(&leader.code).map_or(0, BTreeSet::len);
        if has >= rule.load_limit {
            continue;
        }
        let nearness = nearness(grounds, own, leader, cached);
        let distance = match &nearness.pupils {
            Some((own, other)) if own.value > other.value => (false, &own.value - &other.value),
            Some((own, other)) => (false, &other.value - &own.value),
            None => (true, Measure::default()),
        };
        let mut inputs = vec![listed];
        inputs.extend(strengths.iter().flat_map(|strength| [strength.weak.node, strength.strong.node]));
        inputs.extend(nearness.pupils.iter().flat_map(|(own, other)| [own.node, other.node]));
        let node = grounds.sources.formula(Op::Derived, inputs, None);
        let rank = (
            Reverse(strengths.len()),
            distance,
            !nearness.is_same_kind,
            !nearness.is_same_locality,
            has,
            leader.code.clone(),
        );
        let load = (has, rule.load_limit);
        fitting.push((rank, PartnerProposal { leader: leader.code.clone(), strengths, nearness, load, node }));
    }
    fitting.sort_by(|a, b| a.0.cmp(&b.0));
    match fitting.into_iter().next() {
        Some((_, proposal)) => {
            load.entry(proposal.leader.clone()).or_default().insert(school.clone());
            Partner::Proposed { proposal: Box::new(proposal) }
        }
        None => nobody(if any_strong { NoPartner::AllLoaded } else { NoPartner::NoStrength }),
    }
}

fn nearness(grounds: &mut Grounds<'_, '_>, own: &School, leader: &School, cached: &mut Cached) -> Nearness {
    let (data, year, rounding) = (grounds.scope.data, grounds.scope.year, grounds.scope.rounding);
    let mut pupils = |school: &SchoolCode| {
        let of = cached.pupils.entry(school.clone()).or_insert_with(|| {
            let known = data.school_sum(school, codes::PUPILS, year, &Dims::default(), grounds.sources).ok()??;
            Some(super::figure(format!("advice/{school}/pupils/{year}"), &known, Unit::Count, rounding))
        });
        of.clone()
    };
    let locality = |school: &SchoolCode| data.localities.get(school).map(|text| ru::fold(&text.value));
    Nearness {
        pupils: pupils(&own.code).zip(pupils(&leader.code)),
        is_same_kind: ru::fold(&own.kind.value) == ru::fold(&leader.kind.value),
        is_same_locality: locality(&own.code).is_some() && locality(&own.code) == locality(&leader.code),
    }
}

/// The curators of the register that are in force in the reported year or later.
struct Curators<'a> {
    /// By folded name and post: a record, and the schools.
    known: BTreeMap<(String, String), (&'a Record, BTreeSet<SchoolCode>)>,
}

impl<'a> Curators<'a> {
    fn read(grounds: &Grounds<'a, '_>) -> Self {
        let mut known: BTreeMap<(String, String), (&Record, BTreeSet<SchoolCode>)> = BTreeMap::new();
        for record in grounds.scope.data.records.get("curators").into_iter().flatten() {
            let text = |key: &str| record.texts.get(key).map(|text| ru::fold(&text.value));
            if let (Some(curator), Some(post), true) = (text("curator"), text("post"), record.to >= grounds.scope.year)
            {
                let (_, schools) = known.entry((curator, post)).or_insert_with(|| (record, BTreeSet::new()));
                schools.extend(record.school.clone());
            }
        }
        Self { known }
    }

    fn propose(&mut self, school: &SchoolCode, leader: Option<&SchoolCode>, limit: usize) -> CuratorProposal {
        let of_school = self.known.values().filter(|(_, schools)| schools.contains(school));
        let posts: Vec<Text> = of_school.filter_map(|(record, _)| record.texts.get("post").cloned()).collect();
        if !posts.is_empty() {
            return CuratorProposal::Existing { posts };
        }
        let free = self.known.iter_mut().filter(|(_, (_, schools))| schools.len() < limit);
        let least = free.min_by_key(|(name, (_, schools))| (schools.len(), (*name).clone()));
        if let Some((_, (record, schools))) = least
            && let (Some(post), Some(curator)) = (record.texts.get("post"), record.texts.get("curator"))
        {
            let load = (schools.len(), limit);
            schools.insert(school.clone());
            return CuratorProposal::Proposed { post: post.clone(), curator: curator.clone(), load };
        }
        match leader {
            Some(leader) => CuratorProposal::OfPartner { leader: leader.clone() },
            None => CuratorProposal::Nobody,
        }
    }
}
