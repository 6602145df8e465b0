//! What texts of the municipality must not say.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Diagnostic, Diagnostics};
use crate::model::{Dataset, Text, requisite};
use crate::provenance::Sources;
use crate::ru::{self, wording};

/// Results of ВПР are no evaluation and no rating of a school or a teacher (letter of Рособрнадзор, `domain` § 0): a text
/// that calls them so is named.
pub(super) fn rating_by_vpr(data: &mut Dataset, sources: &Sources, diagnostics: &mut Diagnostics) {
    for text in prose(data).filter(|text| ru::rates_by_vpr(&text.value)) {
        diagnostics.push(Diagnostic::error("rating-by-vpr", sources.place_of(text.node)));
    }
}

/// What people write themselves: section texts, registers, activities.
fn prose(data: &Dataset) -> impl Iterator<Item = &Text> {
    let of_sections = data.texts.values().flatten().map(|(_, text)| text);
    let of_records = data.records.values().flatten().flat_map(|record| record.texts.values());
    let of_activities = data.activities.iter().flat_map(|activity| [&activity.title, &activity.result]);
    of_sections.chain(of_records).chain(of_activities.filter_map(|text| text.as_ref().ok()))
}

/// Section texts and what the papers of the municipality print of its registers.
fn printed(data: &Dataset) -> impl Iterator<Item = &Text> {
    const REGISTERS: [&str; 4] = ["passport", "contents", "planned-acts", "amendments"];
    let of_records = REGISTERS.iter().filter_map(|sheet| data.records.get(*sheet)).flatten();
    let of_sections = data.texts.values().flatten().map(|(_, text)| text);
    of_sections.chain(of_records.flat_map(|record| record.texts.values()))
}

/// A text that was copied from another municipality names it still.
pub(super) fn foreign_municipality(data: &mut Dataset, sources: &Sources, diagnostics: &mut Diagnostics) {
    let names = data.names.values().flat_map(|name| name.cases.iter().chain([&name.short]));
    let names = names.filter_map(|name| name.as_ref().ok()).chain(data.requisites.values());
    let schools = data.schools.values().map(|school| &school.full);
    let own: BTreeSet<String> = names.chain(schools).flat_map(|name| wording::places(&name.value)).collect();
    // Without a name of its own nothing can be told.
    if own.is_empty() {
        return;
    }
    let activities = data.activities.iter().flat_map(|activity| [&activity.title, &activity.result]);
    for text in printed(data).chain(activities.filter_map(|text| text.as_ref().ok())) {
        let others = wording::municipalities(&text.value).into_iter().filter(|(stem, _)| !own.contains(stem));
        for (_, found) in others {
            let finding = Diagnostic::warning("foreign-municipality", sources.place_of(text.node));
            diagnostics.push(finding.with("found", found));
        }
    }
}

/// A text speaks of years that are not those of the document: neither within the period nor behind the reported year.
pub(super) fn foreign_period(data: &mut Dataset, sources: &Sources, diagnostics: &mut Diagnostics) {
    let year = |key: &str| super::requisite_year(data, key);
    let (Some(start), Some(end), Some(reported)) =
        (year(requisite::START), year(requisite::END), year(requisite::YEAR))
    else {
        return;
    };
    let is_own = |(first, last): &(i32, i32)| (start <= *first && *last <= end) || *last <= reported;
    for text in printed(data) {
        for (first, last) in wording::periods(&text.value).into_iter().filter(|period| !is_own(period)) {
            let finding = Diagnostic::warning("foreign-period", sources.place_of(text.node));
            let finding = finding.with("found", format!("{first}–{last}")).with("own", format!("{start}–{end}"));
            diagnostics.push(finding);
        }
    }
}

/// Words for one thing: what the municipality calls it, and how else it is called.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// Its own terms by key of the thing: every form, and the abbreviation.
    pub own: BTreeMap<String, Vec<String>>,
    /// Phrases for the thing by its key; a word that ends in `*` stands for all that begin so.
    pub phrases: BTreeMap<String, Vec<String>>,
}

/// Two words for one thing: a text calls it otherwise than the municipality's own terms do.
pub fn other_terms(data: &Dataset, words: &Words, sources: &Sources, diagnostics: &mut Diagnostics) {
    for (thing, phrases) in &words.phrases {
        let own = words.own.get(thing).map(Vec::as_slice).unwrap_or_default();
        let is_own = |phrase: &&String| own.iter().any(|term| wording::find_phrase(term, phrase).is_some());
        let Some(term) = own.first() else { continue };
        let others: Vec<&String> = phrases.iter().filter(|phrase| !is_own(phrase)).collect();
        for text in printed(data) {
            if let Some(found) = others.iter().find_map(|phrase| wording::find_phrase(&text.value, phrase)) {
                let finding = Diagnostic::warning("other-term", sources.place_of(text.node));
                diagnostics.push(finding.with("found", found).with("term", term));
            }
        }
    }
}
