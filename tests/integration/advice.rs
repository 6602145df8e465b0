//! The advice of a case in lines: what the rules found, proposed and refused, with figures.
//! In: a prepared municipality. Out: lines for its snapshot. A case asks for them by naming `advice` in its settings.

use std::collections::BTreeMap;
use std::fmt::{Debug, Write as _};

use svod::advice::{
    CauseFinding, CuratorProposal, Effect, NoPartner, Partner, PartnerProposal, SchoolAdvice, Told, Untold,
};
use svod::figure::Figure;
use svod::pipeline::Prepared;

/// Writes a figure; a no-break space would look like any other.
fn text(figure: &Figure) -> String {
    figure.text().replace('\u{a0}', "~")
}

/// Writes a variant as its name alone.
fn word(value: &impl Debug) -> String {
    format!("{value:?}").split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}

fn untold(untold: &Untold) -> String {
    match untold {
        Untold::FewParticipants { participants } => format!("untold: FewParticipants {participants}"),
        Untold::Allowed { reason } => format!("untold: Allowed {reason}"),
        other => format!("untold: {}", word(other)),
    }
}

fn effect(effect: &Told<Effect>) -> String {
    match effect {
        Ok(effect) => {
            let better = if effect.is_better { "better" } else { "not better" };
            format!("{} -> {} {:?}, {better}", text(&effect.before), text(&effect.after), effect.direction)
        }
        Err(why) => untold(why),
    }
}

fn cause(finding: &CauseFinding, prepared: &Prepared) -> String {
    let mut line = finding.cause.clone();
    if let Some(grade) = finding.grade {
        let _ = write!(line, "/{grade}");
    }
    match &finding.verdict {
        Ok(verdict) => {
            line.push_str(if verdict.holds { ": yes" } else { ": no" });
            if let (Some(value), Some(threshold)) = (&verdict.value, &verdict.threshold) {
                let _ = write!(line, " {} against {}", text(value), text(threshold));
            }
            if verdict.holds {
                let _ = write!(line, " | {}", prepared.sources.ranges(verdict.node).join("; "));
            }
        }
        Err(why) => {
            let _ = write!(line, ": {}", untold(why));
        }
    }
    if let Some(said) = &finding.said {
        let _ = write!(line, " | said {}, agrees {:?}", if said.admits { "yes" } else { "no" }, said.agrees);
    }
    line
}

fn proposal(proposal: &PartnerProposal) -> String {
    let mut line = proposal.leader.to_string();
    for strength in &proposal.strengths {
        let _ = write!(line, ", {} {} against {}", strength.cause, text(&strength.strong), text(&strength.weak));
    }
    if let Some((own, other)) = &proposal.nearness.pupils {
        let _ = write!(line, ", pupils {} and {}", text(own), text(other));
    }
    let near = &proposal.nearness;
    let (has, may) = proposal.load;
    let _ = write!(line, ", kind {}, locality {}, load {has} of {may}", near.is_same_kind, near.is_same_locality);
    line
}

fn school(school: &SchoolAdvice, prepared: &Prepared) -> Vec<String> {
    let roles: Vec<String> = school.roles.keys().map(word).collect();
    let mut lines = vec![format!("{:?} as {}", school.support, roles.join(", "))];
    let (untold, told): (Vec<&CauseFinding>, Vec<&CauseFinding>) = school
        .causes
        .iter()
        .partition(|finding| matches!(finding.verdict, Err(Untold::NoData)) && finding.said.is_none());
    lines.extend(told.into_iter().map(|finding| cause(finding, prepared)));
    if !untold.is_empty() {
        let names: Vec<&str> = untold.iter().map(|finding| finding.cause.as_str()).collect();
        lines.push(format!("untold, NoData: {}", names.join(", ")));
    }
    for (cause, answers) in &school.answering {
        for answer in answers {
            lines.push(format!(
                "answer to {cause}: {:?} «{}» lacks {:?}",
                answer.origin, answer.title.value, answer.lacks
            ));
        }
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for recommendation in &school.recommendations {
        *counts.entry(&recommendation.addressee).or_default() += 1;
        if let Some(index) = recommendation.given {
            lines.push(format!("given: {} to {}, row {index}", recommendation.cause, recommendation.addressee));
        }
        if let Some(index) = recommendation.not_done {
            lines.push(format!("not done: {} to {}, row {index}", recommendation.cause, recommendation.addressee));
        }
    }
    if !counts.is_empty() {
        let counts: Vec<String> = counts.iter().map(|(addressee, count)| format!("{addressee} {count}")).collect();
        lines.push(format!("recommendations: {}", counts.join(", ")));
    }
    lines.push(match &school.partner {
        Partner::Existing { leaders } => {
            let leaders: Vec<String> = leaders.keys().map(ToString::to_string).collect();
            format!("partner: has {}", leaders.join(", "))
        }
        Partner::Proposed { proposal: found } => format!("partner: {}", proposal(found)),
        Partner::Nobody { reason: NoPartner::Untold { .. } } => "partner: untold".to_owned(),
        Partner::Nobody { reason } => format!("partner: nobody, {}", word(reason)),
    });
    lines.push(match &school.curator {
        CuratorProposal::Existing { posts } => format!("curator: has {}", posts.len()),
        CuratorProposal::Proposed { curator, load: (has, may), .. } => {
            format!("curator: {}, load {has} of {may}", curator.value)
        }
        CuratorProposal::OfPartner { leader } => format!("curator: of {leader}"),
        CuratorProposal::Nobody => "curator: nobody".to_owned(),
    });
    if !school.practices.is_empty() {
        lines.push(format!("practices: {:?}", school.practices));
    }
    lines
}

/// Writes the advice of a municipality.
pub fn lines(prepared: &Prepared) -> Vec<String> {
    let advice = &prepared.advice;
    let mut lines = Vec::new();
    for (code, found) in &advice.schools {
        lines.extend(school(found, prepared).into_iter().map(|line| format!("{code} {line}")));
    }
    for uncovered in &advice.uncovered {
        lines.push(format!("uncovered: {} {} lacks {:?}", uncovered.school, uncovered.cause, uncovered.lacks));
    }
    let mut idle: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for measure in &advice.idle {
        idle.entry(format!("{:?} {:?}", measure.origin, measure.reason)).or_default().push(&measure.title.value);
    }
    for (kind, titles) in idle {
        let named = if titles.len() > 3 { String::new() } else { format!(": {}", titles.join("; ")) };
        lines.push(format!("without a deficit: {kind}, {}{named}", titles.len()));
    }
    for (index, given) in advice.register.iter().enumerate() {
        let school = given.school.as_ref().map_or("all".to_owned(), ToString::to_string);
        lines.push(format!("register {index}: {} {school} {:?} {:?}", given.date.value, given.addressee, given.status));
        for (cause, measured) in &given.measured {
            lines.push(format!("register {index}: {cause} {}", effect(measured)));
        }
    }
    if !advice.not_done.is_empty() {
        lines.push(format!("not done of earlier years: {:?}", advice.not_done));
    }
    for decision in &advice.decisions {
        let refused = if decision.refused.is_some() { ", refused" } else { "" };
        let subject = decision.subject.map_or("-".to_owned(), |subject| word(&subject));
        lines.push(format!("decision: {} {subject} {:?}{refused}", decision.date.value, decision.status));
        for change in &decision.changes {
            for check in &change.checks {
                let due = format!("{}/Q{}", check.due.0, check.due.1);
                lines.push(format!("  {} {} due {due}: {}", change.code, check.year, effect(&check.effect)));
            }
        }
    }
    for correction in &advice.corrections {
        let proposed = correction.proposed.as_ref().map_or_else(String::new, |figure| format!(" {}", text(figure)));
        let values = effect(&Ok(correction.effect.clone()));
        let goal = text(&correction.goal);
        lines.push(format!("goal {}: {goal}, {values}: {:?}{proposed}", correction.code, correction.kind));
    }
    match &advice.membership {
        Ok(members) => {
            for (code, member) in members {
                let years: Vec<String> = member.listed.keys().map(ToString::to_string).collect();
                let (next, years) = (member.next, years.join(" "));
                lines.push(format!("next year: {code} {next:?} ({years}), {}", effect(&member.effect)));
            }
        }
        Err(_) => lines.push("next year: untold".to_owned()),
    }
    if let Some(best) = &advice.best {
        for (index, place) in best.places.iter().enumerate() {
            let schools: Vec<String> =
                place.iter().map(|growth| format!("{} {}", growth.school, text(&growth.by))).collect();
            lines.push(format!("best {} ({}-{:02}): {}", index + 1, best.due.0, best.due.1, schools.join(", ")));
        }
        let untold: Vec<&str> = best.untold.keys().map(|code| code.0.as_str()).collect();
        lines.push(format!("best, untold: {}", untold.join(", ")));
    }
    for (index, practice) in advice.practices.iter().enumerate() {
        let school = practice.school.as_ref().map_or("-".to_owned(), ToString::to_string);
        lines.push(format!("practice {index}: {school} {} for {:?}", practice.title.value, practice.causes));
    }
    for (code, deficits) in &advice.teachers {
        let Ok(deficits) = deficits else {
            lines.push(format!("teachers: {code} untold"));
            continue;
        };
        // Of the first school they show how all are counted.
        if advice.schools.keys().next() != Some(code) {
            continue;
        }
        for deficit in deficits {
            let discipline = deficit.discipline.as_ref().map_or("-", |known| known.0.as_str());
            let growth = deficit.growth.as_ref().map_or("-".to_owned(), text);
            let [diagnosed, below, retested] = [&deficit.diagnosed, &deficit.below, &deficit.retested].map(text);
            lines.push(format!(
                "teachers: {code} {discipline} {:?}: {diagnosed} diagnosed, {below} below, {retested} twice, growth {growth}",
                deficit.block
            ));
        }
    }
    lines
}
