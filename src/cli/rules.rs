//! `svod list advice`: rules of causes, measures, recommendations and decisions with their thresholds.

use crate::advice::{
    AddresseeLevel, Answer, Cause, Comparison, Ground, Level, PartnerLevel, ProposalKind, Rules, Significance,
    SupportKind,
};
use crate::catalog::Templates;
use crate::diag::{Diagnostics, Messages};
use crate::figure::Unit;
use crate::indicators::{Catalogue, Definition};
use crate::model::Role;
use crate::sheets::lists;

/// Prints lines with their depth.
struct Page<'a> {
    messages: &'a Messages,
    indicators: Vec<Definition>,
    out: &'a mut String,
}

/// Lists the rules of a set of templates.
pub(super) fn list(templates: &Templates, messages: &Messages, out: &mut String) {
    let mut ignored = Diagnostics::default();
    let mut indicators = Vec::new();
    for name in templates.names("indicators") {
        let catalogue = templates.data(&format!("indicators/{name}.toml"), Catalogue::parse, &mut ignored);
        indicators.extend(catalogue.map(|catalogue| catalogue.indicators).unwrap_or_default());
    }
    let mut page = Page { messages, indicators, out };
    page.line(0, "list-advice", &[]);
    for name in templates.names("advice") {
        if let Some(rules) = templates.data(&format!("advice/{name}.toml"), Rules::parse, &mut ignored) {
            page.rules(&rules);
        }
    }
}

impl Page<'_> {
    fn line(&mut self, depth: usize, key: &str, args: &[(&str, &str)]) {
        let text = self.messages.text(key, args);
        self.out.push_str(&format!("{}{text}\n", "  ".repeat(depth)));
    }

    fn word(&self, key: &str) -> String {
        self.messages.text(key, &[])
    }

    fn roles(roles: &[Role]) -> String {
        roles.iter().map(|role| lists::term(*role)).collect::<Vec<_>>().join(", ")
    }

    fn rules(&mut self, rules: &Rules) {
        self.line(1, "list-rules", &[("id", &rules.id), ("title", &rules.title)]);
        for level in [AddresseeLevel::School, AddresseeLevel::Municipality] {
            let of = rules.addressees.iter().filter(|one| one.level == level);
            let names: Vec<&str> = of.map(|one| one.title.as_str()).collect();
            let key = match level {
                AddresseeLevel::School => "list-addressees-school",
                AddresseeLevel::Municipality => "list-addressees-municipality",
            };
            self.line(2, key, &[("names", &names.join("; "))]);
        }
        for support in &rules.support {
            let kind = self.word(match support.kind {
                SupportKind::Addressed => "advice-addressed",
                SupportKind::Preventive => "advice-preventive",
            });
            self.line(2, "list-support", &[("role", lists::term(support.role)), ("kind", &kind)]);
        }
        for cause in &rules.causes {
            self.cause(rules, cause);
        }
        self.settings(rules);
    }

    fn cause(&mut self, rules: &Rules, cause: &Cause) {
        let level = self.word(match cause.level {
            Level::School => "advice-level-school",
            Level::Class => "advice-level-class",
            Level::Pupil => "advice-level-pupil",
        });
        self.line(2, "list-cause", &[("id", &cause.id), ("title", &cause.title), ("level", &level)]);
        let threshold = self.threshold(&cause.ground);
        self.line(3, "list-ground", &[("measured", &cause.measured), ("threshold", &threshold)]);
        for measure in &cause.measures {
            let key = match measure.kind {
                ProposalKind::Measure => "list-measure",
                ProposalKind::Course => "list-course",
            };
            let responsible = rules.addressee(&measure.responsible).map_or("", |known| known.title.as_str());
            let args = [("title", measure.title.as_str()), ("term", &measure.term), ("responsible", responsible)];
            self.line(3, key, &args);
        }
        for addressee in &rules.addressees {
            if let Some(text) = cause.recommendations.get(&addressee.id) {
                self.line(3, "list-recommendation", &[("addressee", &addressee.title), ("text", text)]);
            }
        }
    }

    /// A threshold in words, with its side and unit.
    fn threshold(&self, ground: &Ground) -> String {
        let unit = match ground {
            Ground::Indicator { code, .. } => {
                self.indicators.iter().find(|known| known.code == *code).map(|known| known.unit)
            }
            Ground::Measure { per: None, .. } => None,
            Ground::RiskFactor { significance, .. } => {
                return self.word(match significance {
                    Significance::Low => "list-significance-low",
                    Significance::Medium => "list-significance-medium",
                    Significance::High => "list-significance-high",
                });
            }
            Ground::SelfExamination { answer, .. } => {
                return self.word(match answer {
                    Answer::Yes => "list-answer-yes",
                    Answer::No => "list-answer-no",
                });
            }
            _ => Some(Unit::Percent),
        };
        let Some((side, value)) = ground.threshold() else { return String::new() };
        let side = self.word(match side {
            Comparison::AtLeast => "at-least",
            Comparison::Above => "list-above",
            Comparison::AtMost => "at-most",
            Comparison::Below => "list-below",
        });
        let unit = if unit == Some(Unit::Percent) { "\u{a0}%" } else { "" };
        let threshold = format!("{side} {}{unit}", value.to_string().replace('.', ","));
        match ground {
            Ground::Results { min_cohort, .. } if *min_cohort > 1 => {
                self.messages.text("list-cohort", &[("threshold", &threshold), ("cohort", &min_cohort.to_string())])
            }
            _ => threshold,
        }
    }

    /// What is not a cause: partners, effect, membership, growth, decisions, teachers.
    fn settings(&mut self, rules: &Rules) {
        let level = self.word(match rules.partner.level {
            PartnerLevel::Same => "list-partner-same",
            PartnerLevel::Covers => "list-partner-covers",
        });
        let (roles, limit) = (Self::roles(&rules.partner.roles), rules.partner.load_limit.to_string());
        self.line(2, "list-partner", &[("roles", &roles), ("level", &level), ("limit", &limit)]);
        self.line(2, "list-curator", &[("limit", &rules.curator.load_limit.to_string())]);
        let effect = &rules.effect;
        let [years, quarter, offset] = [effect.years, effect.quarter, effect.offset].map(|number| number.to_string());
        self.line(2, "list-effect", &[("years", &years), ("quarter", &quarter), ("offset", &offset)]);
        let membership = &rules.membership;
        let (roles, years) = (Self::roles(&membership.roles), membership.years_out.to_string());
        self.line(2, "list-membership", &[("roles", &roles), ("years", &years)]);
        if let Some(growth) = &rules.growth {
            let (month, places) = (growth.month.to_string(), growth.places.to_string());
            self.line(2, "list-growth", &[("month", &month), ("places", &places)]);
        }
        let (years, words) = (rules.decisions.years.to_string(), rules.decisions.vpr_words.join(", "));
        self.line(2, "list-decisions", &[("years", &years), ("words", &words)]);
        let below = rules.teachers.deficit_below.replace('.', ",");
        self.line(2, "list-teachers", &[("below", &below)]);
    }
}
