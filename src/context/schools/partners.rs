//! Who helps a school: its partner schools with their requisites, and its curators; those it has, or those proposed.

use super::Builder;
use crate::advice::{CuratorProposal, Partner};
use crate::context::View;
use crate::model::{School, SchoolCode, Text};
use crate::provenance::NodeId;

/// The register of agreements with leader schools.
const PARTNERSHIPS: &str = "partnerships";

impl Builder<'_, '_> {
    fn of_school(&self, code: &SchoolCode, node: NodeId) -> View {
        let school = self.analysis.data.schools.get(code);
        let name = |of: fn(&School) -> &Text| match school {
            Some(school) => View::Text(of(school).clone()),
            None => View::Text(Text { value: code.0.to_string(), node }),
        };
        let requisites = self.requisites(code);
        View::map([
            ("is_known", View::Flag(true)),
            ("code", View::Text(Text { value: code.0.to_string(), node })),
            ("short", name(|school| &school.short)),
            ("full", name(|school| &school.full)),
            ("has_requisites", View::Flag(requisites.is_some())),
            ("requisites", requisites.unwrap_or_else(|| View::Prose(Vec::new()))),
        ])
    }

    /// The row of requisites of a school.
    pub(super) fn requisites(&self, code: &SchoolCode) -> Option<View> {
        let View::Map(all) = self.records else { return None };
        let View::List(rows) = all.get("school-requisites")? else { return None };
        let is_own = |row: &&View| match row {
            View::Map(row) => matches!(row.get("school"), Some(View::Text(text)) if text.value == code.0.as_str()),
            _ => false,
        };
        rows.iter().find(is_own).cloned()
    }

    pub(super) fn partner(&mut self, partner: &Partner) -> View {
        let (mut leaders, mut strengths) = (Vec::new(), Vec::new());
        let mut is_current = false;
        match partner {
            Partner::Existing { leaders: all } => {
                for (code, node) in all {
                    let mut leader = self.of_school(code, *node);
                    let start = self.later_start(code);
                    is_current |= start.is_none();
                    if let View::Map(entries) = &mut leader {
                        entries.insert("is_later".to_owned(), View::Flag(start.is_some()));
                        let start = start.map_or_else(|| View::Prose(Vec::new()), View::Text);
                        entries.insert("from".to_owned(), start);
                    }
                    leaders.push(leader);
                }
            }
            Partner::Proposed { proposal } => {
                leaders.push(self.of_school(&proposal.leader, proposal.node));
                for strength in &proposal.strengths {
                    let title = self.rules.cause(&strength.cause).map(|cause| cause.title.clone());
                    let key = format!("causes.{}", strength.cause);
                    let title = self.declared(&key, title.as_deref().unwrap_or(&strength.cause));
                    let part = format!("partner/{}", strength.cause);
                    let weak = self.renamed(&format!("{part}/weak"), &strength.weak);
                    let strong = self.renamed(&format!("{part}/strong"), &strength.strong);
                    strengths.push(View::map([("title", title), ("weak", weak), ("strong", strong)]));
                }
            }
            Partner::Nobody { .. } => {}
        }
        // An agreement is made with each; where there is none, it leaves a place.
        let parties = if leaders.is_empty() { vec![self.unknown_party()] } else { leaders.clone() };
        View::map([
            ("parties", View::List(parties)),
            ("is_existing", View::Flag(matches!(partner, Partner::Existing { .. }))),
            ("is_current", View::Flag(is_current)),
            ("is_proposed", View::Flag(matches!(partner, Partner::Proposed { .. }))),
            ("is_nobody", View::Flag(matches!(partner, Partner::Nobody { .. }))),
            ("leaders", View::List(leaders)),
            ("has_strengths", View::Flag(!strengths.is_empty())),
            ("strengths", View::List(strengths)),
        ])
    }

    /// The day from which a partnership is in force, where none with the leader is in force in the year.
    fn later_start(&self, leader: &SchoolCode) -> Option<Text> {
        let all = self.analysis.data.records.get(PARTNERSHIPS).into_iter().flatten();
        let own = all.filter(|record| {
            let is_with = record.texts.get("leader").is_some_and(|own| own.value == leader.0.as_str());
            record.school.as_ref() == Some(&self.school.code) && is_with && self.year <= record.to
        });
        let first = own.min_by_key(|record| record.from)?;
        (self.year < first.from).then(|| first.texts.get("from").cloned())?
    }

    /// The party to an agreement that is not known yet.
    fn unknown_party(&mut self) -> View {
        let node = self.sources.cells([self.school.cell]);
        let text = |key: &str| View::Text(Text { value: self.word(key), node });
        View::map([
            ("is_known", View::Flag(false)),
            ("short", text("party-unknown")),
            ("full", text("party-unknown-full")),
            ("has_requisites", View::Flag(false)),
            ("requisites", View::Prose(Vec::new())),
        ])
    }

    pub(super) fn curator(&mut self, curator: &CuratorProposal) -> View {
        let mut posts = Vec::new();
        match curator {
            CuratorProposal::Existing { posts: all } => posts.extend(all.iter().cloned().map(View::Text)),
            CuratorProposal::Proposed { post, .. } => posts.push(View::Text(post.clone())),
            CuratorProposal::OfPartner { .. } | CuratorProposal::Nobody => {}
        }
        let here = self.sources.cells([self.school.cell]);
        let of_partner = match curator {
            CuratorProposal::OfPartner { leader } => Some(self.of_school(leader, here)),
            _ => None,
        };
        View::map([
            ("is_existing", View::Flag(matches!(curator, CuratorProposal::Existing { .. }))),
            ("is_proposed", View::Flag(matches!(curator, CuratorProposal::Proposed { .. }))),
            ("has_posts", View::Flag(!posts.is_empty())),
            ("posts", View::List(posts)),
            ("is_of_partner", View::Flag(of_partner.is_some())),
            ("partner", of_partner.unwrap_or_else(|| View::Prose(Vec::new()))),
        ])
    }
}
