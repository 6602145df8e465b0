//! The part of `svod explain school` that says what follows: causes, recommendations, partner, decisions.

use std::fmt::Write as _;

use crate::advice::{
    Advice, CauseFinding, CuratorProposal, Decision, Direction, Effect, GivenStatus, Lack, Level, Move, NoPartner,
    Partner, PartnerProposal, Rules, SchoolAdvice, Status, SupportKind, Untold,
};
use crate::diag::{Diagnostics, Messages};
use crate::figure::Figure;
use crate::model::{Known, SchoolCode, Text, Year};
use crate::pipeline::{self, Prepared};
use crate::provenance::NodeId;

/// Prints lines with their depth.
struct Page<'a> {
    prepared: &'a Prepared,
    diagnostics: &'a Diagnostics,
    messages: &'a Messages,
    out: String,
}

/// Says what follows for a school.
pub(super) fn school(code: &SchoolCode, prepared: &Prepared, diagnostics: &Diagnostics, messages: &Messages) -> String {
    let mut page = Page { prepared, diagnostics, messages, out: String::new() };
    let advice = &prepared.advice;
    match advice.schools.get(code) {
        Some(school) => page.school(code, school),
        None if advice.lists_in_doubt.reasons.is_empty() => page.line(1, "advice-no-support", &[]),
        None => {
            let reason = pipeline::first_reason(&advice.lists_in_doubt, diagnostics, messages);
            page.line(1, "explain-not-known", &[("reason", &reason)]);
        }
    }
    page.membership(code);
    let decisions: Vec<&Decision> =
        advice.decisions.iter().filter(|decision| decision.school.as_ref() == Some(code)).collect();
    page.decisions(&decisions);
    page.out
}

impl Page<'_> {
    fn line(&mut self, depth: usize, key: &str, args: &[(&str, &str)]) {
        let text = self.messages.text(key, args);
        let _ = writeln!(self.out, "{}{text}", "  ".repeat(depth));
    }

    fn cells(&mut self, depth: usize, node: NodeId) {
        let cells = self.prepared.sources.ranges(node).join(", ");
        if !cells.is_empty() {
            self.line(depth, "explain-cells", &[("cells", &cells)]);
        }
    }

    fn advice(&self) -> &Advice {
        &self.prepared.advice
    }

    fn rules(&self) -> &Rules {
        &self.prepared.rules
    }

    /// The title of a cause, or the name of an indicator.
    fn title(&self, code: &str) -> String {
        let indicator = self.prepared.indicators.iter().find(|result| result.definition.code == code);
        let name = indicator.map(|result| result.definition.name.clone());
        name.or_else(|| self.rules().cause(code).map(|cause| cause.title.clone())).unwrap_or_else(|| code.to_owned())
    }

    fn name(&self, code: &SchoolCode) -> String {
        let school = self.prepared.data.schools.get(code);
        school.map_or_else(|| code.to_string(), |school| school.short.value.clone())
    }

    fn untold(&self, untold: &Untold) -> String {
        match untold {
            Untold::Gap { gap } => pipeline::first_reason(gap, self.diagnostics, self.messages),
            Untold::NotHeld => self.messages.text("advice-not-held", &[]),
            Untold::NoData => self.messages.text("advice-no-data", &[]),
            Untold::NotYet => self.messages.text("advice-not-yet", &[]),
            Untold::Allowed { reason } => self.messages.text("advice-allowed", &[("reason", reason)]),
            Untold::FewParticipants { participants } => {
                self.messages.text("advice-few", &[("participants", &participants.to_string())])
            }
        }
    }

    fn school(&mut self, code: &SchoolCode, school: &SchoolAdvice) {
        let kind = match school.support {
            SupportKind::Addressed => "advice-addressed",
            SupportKind::Preventive => "advice-preventive",
        };
        let kind = self.messages.text(kind, &[]);
        self.line(1, "advice-support", &[("kind", &kind)]);
        self.line(1, "advice-causes", &[]);
        if school.held().next().is_none() {
            self.line(2, "advice-no-causes", &[]);
        }
        for finding in school.held() {
            self.cause(code, school, finding);
        }
        for finding in &school.causes {
            if let Err(untold) = &finding.verdict {
                let (title, reason) = (self.heading(finding), self.untold(untold));
                self.line(2, "advice-cause-untold", &[("title", &title), ("reason", &reason)]);
            }
            if finding.said.as_ref().is_some_and(|said| said.admits && said.agrees == Some(false)) {
                let title = self.heading(finding);
                self.line(2, "advice-admits-too-much", &[("title", &title)]);
            }
        }
        self.recommendations(school);
        self.partner(&school.partner);
        self.curator(&school.curator);
        for index in &school.practices {
            if let Some(practice) = self.prepared.advice.practices.get(*index) {
                let of = practice.school.as_ref().map(|school| self.name(school)).unwrap_or_default();
                self.line(1, "advice-practice", &[("title", &practice.title.value), ("school", &of)]);
                self.cells(2, practice.title.node);
            }
        }
    }

    /// The title of a cause with its level, and the grade that was judged alone.
    fn heading(&self, finding: &CauseFinding) -> String {
        let level = match finding.level {
            Level::School => "advice-level-school",
            Level::Class => "advice-level-class",
            Level::Pupil => "advice-level-pupil",
        };
        let level = self.messages.text(level, &[]);
        let title = self.title(&finding.cause);
        match finding.grade {
            Some(grade) => self
                .messages
                .text("advice-heading-grade", &[("title", &title), ("level", &level), ("grade", &grade.to_string())]),
            None => self.messages.text("advice-heading", &[("title", &title), ("level", &level)]),
        }
    }

    fn cause(&mut self, code: &SchoolCode, school: &SchoolAdvice, finding: &CauseFinding) {
        let heading = self.heading(finding);
        let measured = self.rules().cause(&finding.cause).map(|cause| cause.measured.clone()).unwrap_or_default();
        let Ok(verdict) = &finding.verdict else { return };
        match (&verdict.value, &verdict.threshold) {
            (Some(value), Some(threshold)) => {
                let (value, threshold) = (value.text(), threshold.text());
                let args = [
                    ("title", heading.as_str()),
                    ("measured", &measured),
                    ("value", &value),
                    ("threshold", &threshold),
                ];
                self.line(2, "advice-cause", &args);
            }
            _ => self.line(2, "advice-cause-plain", &[("title", &heading), ("measured", &measured)]),
        }
        self.cells(3, verdict.node);
        if finding.said.as_ref().is_some_and(|said| said.agrees == Some(false)) {
            self.line(3, "advice-hides", &[]);
        }
        for proposal in school.proposals.get(&finding.cause).into_iter().flatten() {
            let responsible = self.rules().addressee(&proposal.responsible).map(|known| known.title.clone());
            let args = [
                ("title", proposal.title.as_str()),
                ("term", &proposal.term),
                ("responsible", responsible.as_deref().unwrap_or_default()),
            ];
            self.line(3, "advice-proposal", &args);
        }
        for answer in school.answering.get(&finding.cause).into_iter().flatten() {
            let text = |text: &Option<Text>| text.as_ref().map(|text| text.value.clone()).unwrap_or_default();
            let (term, responsible) = (text(&answer.term), text(&answer.responsible));
            let args = [("title", answer.title.value.as_str()), ("term", &term), ("responsible", &responsible)];
            self.line(3, "advice-answer", &args);
        }
        let mut uncovered = self.advice().uncovered.iter();
        let uncovered = uncovered.find(|lack| lack.school == *code && lack.cause == finding.cause);
        if let Some(lacks) = uncovered.map(|uncovered| uncovered.lacks.clone()) {
            let words: Vec<String> = lacks
                .iter()
                .map(|lack| {
                    let key = match lack {
                        Lack::Measure => "advice-lack-measure",
                        Lack::Term => "advice-lack-term",
                        Lack::Responsible => "advice-lack-responsible",
                        Lack::Indicator => "advice-lack-indicator",
                    };
                    self.messages.text(key, &[])
                })
                .collect();
            self.line(3, "advice-uncovered", &[("lacks", &words.join(", "))]);
        }
    }

    fn recommendations(&mut self, school: &SchoolAdvice) {
        if school.recommendations.is_empty() {
            return;
        }
        self.line(1, "advice-recommendations", &[]);
        for addressee in self.prepared.rules.addressees.clone() {
            let of: Vec<_> = school.recommendations.iter().filter(|given| given.addressee == addressee.id).collect();
            if of.is_empty() {
                continue;
            }
            self.line(2, "advice-addressee", &[("addressee", &addressee.title)]);
            for recommendation in of {
                let cause = self.title(&recommendation.cause);
                self.line(3, "advice-recommendation", &[("text", &recommendation.text), ("cause", &cause)]);
                let row = |index: Option<usize>| index.and_then(|index| self.prepared.advice.register.get(index));
                let (given, late) = (row(recommendation.given), row(recommendation.not_done));
                if let Some(given) = given {
                    let status = self.messages.text(given_key(given.status), &[]);
                    self.line(4, "advice-given", &[("date", &given.date.value), ("status", &status)]);
                }
                if let Some(late) = late {
                    let year = late.year.to_string();
                    self.line(4, "advice-not-done", &[("year", &year), ("text", &late.text.value)]);
                    self.cells(4, late.text.node);
                }
            }
        }
    }

    fn partner(&mut self, partner: &Partner) {
        match partner {
            Partner::Existing { leaders } => {
                for (leader, node) in leaders {
                    let name = self.name(leader);
                    self.line(1, "advice-partner-existing", &[("name", &name)]);
                    self.cells(2, *node);
                }
            }
            Partner::Proposed { proposal } => self.proposal(proposal),
            Partner::Nobody { reason } => {
                let reason = match reason {
                    NoPartner::NoLeaders => self.messages.text("advice-no-leaders", &[]),
                    NoPartner::NoLevel => self.messages.text("advice-no-level", &[]),
                    NoPartner::NoStrength => self.messages.text("advice-no-strength", &[]),
                    NoPartner::AllLoaded => self.messages.text("advice-all-loaded", &[]),
                    NoPartner::Untold { gap } => pipeline::first_reason(gap, self.diagnostics, self.messages),
                };
                self.line(1, "advice-partner-nobody", &[("reason", &reason)]);
            }
        }
    }

    fn proposal(&mut self, proposal: &PartnerProposal) {
        let name = self.name(&proposal.leader);
        self.line(1, "advice-partner-proposed", &[("name", &name)]);
        self.line(2, "advice-near-level", &[]);
        for strength in &proposal.strengths {
            let title = self.title(&strength.cause);
            let (weak, strong) = (strength.weak.text(), strength.strong.text());
            self.line(2, "advice-strength", &[("title", &title), ("weak", &weak), ("strong", &strong)]);
        }
        if let Some((own, other)) = &proposal.nearness.pupils {
            self.line(2, "advice-near-pupils", &[("own", &own.text()), ("other", &other.text())]);
        }
        if proposal.nearness.is_same_kind {
            self.line(2, "advice-near-kind", &[]);
        }
        if proposal.nearness.is_same_locality {
            self.line(2, "advice-near-locality", &[]);
        }
        let (has, may) = proposal.load;
        self.line(2, "advice-load", &[("has", &has.to_string()), ("may", &may.to_string())]);
        self.cells(2, proposal.node);
    }

    fn curator(&mut self, curator: &CuratorProposal) {
        match curator {
            CuratorProposal::Existing { posts } => {
                for post in posts {
                    self.line(1, "advice-curator-existing", &[("post", &post.value)]);
                }
            }
            CuratorProposal::Proposed { post, curator, load: (has, may) } => {
                let (has, may) = (has.to_string(), may.to_string());
                let args = [("post", post.value.as_str()), ("name", &curator.value), ("has", &has), ("may", &may)];
                self.line(1, "advice-curator-proposed", &args);
                self.cells(2, curator.node);
            }
            CuratorProposal::OfPartner { leader } => {
                let name = self.name(leader);
                self.line(1, "advice-curator-of-partner", &[("name", &name)]);
            }
            CuratorProposal::Nobody => self.line(1, "advice-curator-nobody", &[]),
        }
    }

    fn membership(&mut self, code: &SchoolCode) {
        let membership: &Known<_> = &self.prepared.advice.membership;
        let Ok(membership) = membership else { return };
        let Some(membership) = membership.get(code) else { return };
        let key = match membership.next {
            Move::Include => "advice-move-include",
            Move::Continue => "advice-move-continue",
            Move::ContinueOutTooShort => "advice-move-out-too-short",
            Move::ContinueNotBetter => "advice-move-not-better",
            Move::Exclude => "advice-move-exclude",
            Move::Undecided => "advice-move-undecided",
        };
        let years: Vec<String> = membership.listed.keys().map(Year::to_string).collect();
        self.line(1, key, &[("years", &years.join(", "))]);
        self.effect(2, &membership.effect);
    }

    fn effect(&mut self, depth: usize, effect: &Result<Effect, Untold>) {
        match effect {
            Ok(effect) => {
                let key = match effect.direction {
                    Direction::Grew => "advice-grew",
                    Direction::Fell => "advice-fell",
                    Direction::Unchanged => "advice-unchanged",
                };
                let verdict = self.messages.text(key, &[]);
                let text = |figure: &Figure| figure.text();
                let (before, after) = (text(&effect.before), text(&effect.after));
                self.line(depth, "advice-effect", &[("before", &before), ("after", &after), ("verdict", &verdict)]);
                self.cells(depth, effect.before.node);
                self.cells(depth, effect.after.node);
            }
            Err(untold) => {
                let reason = self.untold(untold);
                self.line(depth, "advice-effect-untold", &[("reason", &reason)]);
            }
        }
    }

    fn decisions(&mut self, decisions: &[&Decision]) {
        if decisions.is_empty() {
            return;
        }
        self.line(1, "advice-decisions", &[]);
        for decision in decisions {
            let args = [("date", decision.date.value.as_str()), ("text", &decision.text.value)];
            self.line(2, "advice-decision", &args);
            self.cells(3, decision.text.node);
            let text = |text: &Option<Text>| text.as_ref().map_or("–".to_owned(), |text| text.value.clone());
            let [ground, act, body, term, responsible] =
                [&decision.ground, &decision.act, &decision.body, &decision.term, &decision.responsible].map(text);
            let status = self.messages.text(status_key(decision.status), &[]);
            let args = [
                ("ground", ground.as_str()),
                ("act", &act),
                ("body", &body),
                ("term", &term),
                ("responsible", &responsible),
                ("status", &status),
            ];
            self.line(3, "advice-decision-terms", &args);
            if decision.refused.is_some() {
                self.line(3, "advice-decision-refused", &[]);
            }
            for change in &decision.changes {
                let title = self.title(&change.code);
                self.line(3, "advice-seen-by", &[("title", &title)]);
                for check in &change.checks {
                    let (year, due, quarter) =
                        (check.year.to_string(), check.due.0.to_string(), check.due.1.to_string());
                    self.line(4, "advice-check", &[("year", &year), ("due", &due), ("quarter", &quarter)]);
                    self.effect(5, &check.effect);
                }
            }
        }
    }
}

fn status_key(status: Status) -> &'static str {
    match status {
        Status::Planned => "advice-status-planned",
        Status::Running => "advice-status-running",
        Status::Done => "advice-status-done",
        Status::Failed => "advice-status-failed",
        Status::Cancelled => "advice-status-cancelled",
    }
}

fn given_key(status: GivenStatus) -> &'static str {
    match status {
        GivenStatus::Given => "advice-status-given",
        GivenStatus::Running => "advice-status-running",
        GivenStatus::Done => "advice-status-done",
        GivenStatus::Failed => "advice-status-failed",
        GivenStatus::Cancelled => "advice-status-cancelled",
    }
}
