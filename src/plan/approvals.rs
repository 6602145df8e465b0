//! By whom a school's own paper is adopted, agreed and approved, and when.
//! In: the bodies that the document declares, those that the municipality's schools have, rows of «Утверждение документов
//! школ». Out: stamps in pairs; whether the paper is approved. Rows without a document say which bodies a school has, rows
//! with one what a body decided.
//! It must never know how a stamp is printed.

use std::collections::BTreeSet;

use super::Plan;
use super::entries;
use super::occasion::Occasion;
use super::registers::{entry, lookup_text, register_block};
use crate::catalog::{ApprovalOf, Document};
use crate::context::{DOCUMENT_COLUMN, View};
use crate::model::Text;
use crate::provenance::{NodeId, Sources};
use crate::ru;

/// The sheet.
const SHEET: &str = "school-approvals";

/// A stamp: what it says, and the row that fills it.
struct Stamp<'r> {
    of: ApprovalOf,
    row: Option<&'r View>,
}

/// Builds the stamps of a school's paper.
pub(super) fn approvals(
    plan: &Plan<'_>,
    document: &Document,
    of: &Occasion<'_>,
    used_blocks: &mut BTreeSet<String>,
    sources: &mut Sources,
) -> View {
    let rows = match entries(plan, "registers").and_then(|all| all.get(SHEET)) {
        Some(View::List(rows)) => rows.as_slice(),
        _ => &[],
    };
    let aliases: Vec<String> = document.aliases.iter().map(|alias| ru::fold(alias)).collect();
    let named = |row: &View| lookup_text(row, DOCUMENT_COLUMN).map(str::to_owned);
    let is_of_document = |row: &&View| named(row).is_some_and(|named| aliases.contains(&named));
    used_blocks.extend(rows.iter().filter(is_of_document).filter_map(|row| Some(register_block(SHEET, &named(row)?))));
    let school = of.school();
    let own: Vec<&View> = rows.iter().filter(|row| lookup_text(row, "school") == school).collect();
    let general: Vec<&View> = own.iter().copied().filter(|row| named(row).is_none()).collect();
    let of_document: Vec<&View> = own.iter().copied().filter(|row| is_of_document(row)).collect();
    let body = |row: &View| ru::fold(lookup_text(row, "body").unwrap_or_default());
    // Of the bodies that the document declares, those that the school has.
    let has = |of: &ApprovalOf| match (general.is_empty(), &plan.settings.papers.bodies) {
        (false, _) => general.iter().any(|row| body(row) == ru::fold(&of.body)),
        (true, Some(bodies)) => bodies.iter().any(|known| ru::fold(known) == ru::fold(&of.body)),
        (true, None) => true,
    };
    let mut stamps: Vec<Stamp<'_>> =
        document.approvals.iter().filter(|of| has(of)).map(|of| Stamp { of: of.clone(), row: None }).collect();
    let with_word = general.iter().copied().filter(|row| lookup_text(row, "word").is_some());
    for row in with_word.chain(of_document) {
        let at = stamps.iter().position(|stamp| ru::fold(&stamp.of.body) == body(row));
        let declared = document.approvals.iter().find(|of| ru::fold(&of.body) == body(row));
        let mut of = declared.cloned().unwrap_or_else(|| ApprovalOf {
            body: lookup_text(row, "body").unwrap_or_default().to_owned(),
            word: (plan.words)("stamp-agreed"),
            lines: vec![ru::upper_first(lookup_text(row, "body").unwrap_or_default())],
            signed: false,
        });
        if let Some(word) = lookup_text(row, "word") {
            of.word = word.to_uppercase();
        }
        if let Some(lines) = lookup_text(row, "lines") {
            // A stamp of an act is dated and numbered.
            of.signed = false;
            of.lines = lines.split(';').map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect();
        }
        let stamp = Stamp { of, row: named(row).is_some().then_some(row) };
        match at.and_then(|at| stamps.get_mut(at)) {
            Some(known) => *known = stamp,
            None => stamps.push(stamp),
        }
    }
    let approving: Vec<&Stamp<'_>> = stamps.iter().filter(|stamp| ru::approves(&stamp.of.word)).collect();
    let decisive = if approving.is_empty() { stamps.iter().collect() } else { approving };
    let is_filled = !decisive.is_empty() && decisive.iter().all(|stamp| is_filled(stamp));
    let node = sources.declared(&format!("templates/documents/{}/document.toml", document.id), "approvals");
    // One stamp stands at the right.
    let mut views: Vec<Option<View>> = stamps.iter().map(|stamp| Some(view(stamp, node))).collect();
    if views.len() == 1 {
        views.insert(0, None);
    }
    let side = |view: Option<&Option<View>>| view.cloned().flatten();
    let pairs = views.chunks(2).map(|pair| {
        let (left, right) = (side(pair.first()), side(pair.get(1)));
        let nothing = || View::Prose(Vec::new());
        View::map([
            ("has_left", View::Flag(left.is_some())),
            ("left", left.unwrap_or_else(nothing)),
            ("has_right", View::Flag(right.is_some())),
            ("right", right.unwrap_or_else(nothing)),
        ])
    });
    View::map([("is_filled", View::Flag(is_filled)), ("pairs", View::List(pairs.collect()))])
}

/// Tells whether a body has decided: the day, and the number where its stamp has one.
fn is_filled(stamp: &Stamp<'_>) -> bool {
    let has = |key: &str| stamp.row.is_some_and(|row| matches!(entry(row, key), Some(View::Flag(true))));
    has("has_approved") && (stamp.of.signed || has("has_number"))
}

fn view(stamp: &Stamp<'_>, node: NodeId) -> View {
    let text = |value: &str| View::Text(Text { value: ru::prose(value), node });
    let cell = |key: &str| stamp.row.and_then(|row| entry(row, key)).cloned();
    let has = |key: &str| View::Flag(stamp.row.is_some_and(|row| matches!(entry(row, key), Some(View::Flag(true)))));
    let nothing = || View::Prose(Vec::new());
    View::map([
        ("word", text(&stamp.of.word)),
        ("lines", View::List(stamp.of.lines.iter().map(|line| text(line)).collect())),
        ("is_signed", View::Flag(stamp.of.signed)),
        ("has_date", has("has_approved")),
        ("date", cell("approved").unwrap_or_else(nothing)),
        ("has_number", has("has_number")),
        ("number", cell("number").unwrap_or_else(nothing)),
    ])
}
