//! What an order creates anew while an act on it is in force. In: the order with its date and number, the register of
//! acts, the municipality's word for the thing. Out: a finding at the cell of the act.
//! It must never know what the order says.

use super::registers::lookup_text;
use super::{Plan, entries};
use crate::catalog::Document;
use crate::context::{References, View};
use crate::diag::Diagnostic;
use crate::model::Text;
use crate::provenance::Sources;
use crate::ru::{self, wording};

/// The register of acts, and the flags of those that hold.
const ACTS: &str = "acts";
const IN_FORCE: [&str; 2] = ["is_in_force", "is_amended"];

/// Finds an act in force on what the document creates, unless the document is that act: it has its date and number.
pub(super) fn act_in_force(
    plan: &Plan<'_>,
    document: &Document,
    registered: Option<&View>,
    references: &References,
    sources: &Sources,
) -> Option<Diagnostic> {
    let Some(View::Text(thing)) = references.get(&format!("term-{}", document.creates.as_deref()?)) else {
        return None;
    };
    let View::List(rows) = entries(plan, "registers")?.get(ACTS)? else { return None };
    let signature = |row: &View| Some((lookup_text(row, "date")?.to_owned(), lookup_text(row, "number")?.to_owned()));
    let own = registered.and_then(signature);
    let is_in_force = |row: &&View| {
        let View::Map(entries) = row else { return false };
        IN_FORCE.iter().any(|flag| matches!(entries.get(*flag), Some(View::Flag(true))))
    };
    let mut acts = rows.iter().filter(is_in_force).filter_map(|row| match row {
        View::Map(entries) => match entries.get("title") {
            Some(View::Text(title)) => Some((row, title)),
            _ => None,
        },
        _ => None,
    });
    let (row, title): (&View, &Text) = acts.find(|(_, title)| wording::is_on_group(&title.value, &thing.value))?;
    let (date, number) = signature(row)?;
    if own.is_some_and(|own| own == (date.clone(), number.clone())) {
        return None;
    }
    let finding = Diagnostic::warning("act-already-in-force", sources.place_of(title.node))
        .with("act", format!("{} {}", ru::dated_as(&date, &number), ru::quoted(&title.value)))
        .with("document", document.aliases.first().unwrap_or(&document.name).clone())
        .with("thing", thing.value.clone());
    Some(finding)
}
