//! Targets that a document cannot be without: for every indicator of a group, and for every period that a text declares.
//! In: indicators with the targets that they have. Out: `planned` beside them, a gap wherever a target is missing.
//! It must never know what a target is worth.

use std::collections::BTreeMap;

use super::gap_of;
use super::registers::{entry, home_of};
use crate::catalog::Document;
use crate::context::{Piece, View};
use crate::diag::{Diagnostic, Diagnostics};
use crate::provenance::Sources;

/// The sheet of the targets.
const SHEET: &str = "targets";

/// Puts beside every indicator of the groups that a document declares the targets that it must have.
pub(super) fn plan_targets(
    document: &Document,
    texts: &BTreeMap<String, View>,
    view: &mut BTreeMap<String, View>,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) {
    for wanted in &document.targets {
        let group = wanted.group.replace('-', "_");
        let groups = view.get_mut("indicators").and_then(|all| child(all, "group_of"));
        let Some(View::List(items)) = groups.and_then(|groups| child(child(groups, &group)?, "items")) else {
            continue;
        };
        // Where the texts of the periods are missing, that was said, and stands in the head of the table.
        let periods: Vec<String> = match wanted.periods.as_ref().and_then(|key| texts.get(key)) {
            Some(View::List(periods)) => periods.iter().map(|period| years(&said(period))).collect(),
            _ => Vec::new(),
        };
        for item in items {
            let targets = match entry(item, "targets") {
                Some(View::List(targets)) => targets.clone(),
                _ => Vec::new(),
            };
            let mut missing = |period: &str| {
                let text = |key: &str| entry(item, key).map(said).unwrap_or_default();
                let finding = Diagnostic::error("missing-target", home_of(SHEET, document, sources))
                    .with("indicator", text("name"))
                    .with("code", text("code"))
                    .with("period", period);
                gap_of(finding, &text("name"), diagnostics)
            };
            let of = |period: &String| {
                targets.iter().find(|target| entry(target, "years").map(said).as_ref() == Some(period))
            };
            let planned: Vec<View> = match (periods.is_empty(), targets.is_empty()) {
                (true, true) => vec![missing("")],
                (true, false) => targets.clone(),
                (false, _) => {
                    periods.iter().map(|period| of(period).cloned().unwrap_or_else(|| missing(period))).collect()
                }
            };
            if let View::Map(entries) = item {
                entries.insert("planned".to_owned(), View::List(planned));
            }
        }
    }
}

fn child<'v>(view: &'v mut View, key: &str) -> Option<&'v mut View> {
    match view {
        View::Map(entries) => entries.get_mut(key),
        _ => None,
    }
}

/// What a text or prose says.
fn said(view: &View) -> String {
    match view {
        View::Text(text) => text.value.clone(),
        View::Prose(pieces) => pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.value.clone(),
                Piece::Figure(figure) => figure.text(),
                Piece::Gap(_) => String::new(),
            })
            .collect(),
        _ => String::new(),
    }
}

/// The years of a period as targets have them: «2021» or «2020–2021».
fn years(period: &str) -> String {
    let years: Vec<&str> = period.split(|c: char| !c.is_ascii_digit()).filter(|part| part.len() == 4).collect();
    match years.as_slice() {
        [first, .., last] if first != last => format!("{first}–{last}"),
        [first, ..] => (*first).to_owned(),
        [] => period.to_owned(),
    }
}
