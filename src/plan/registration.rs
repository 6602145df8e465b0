//! Dates and numbers of registered documents: under which name each document of a run looks for its own.
//! In: the documents that are to be made, the rows of «Регистрация документов». Out: the row of a document; rows that no
//! document looks for. Two acts never get one row: a name that several share belongs to none, and what is made for a row
//! or a school has a name of its own.
//! It must never know how date and number are printed.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::occasion::{Occasion, declared_text};
use super::registers::entry;
use super::{Plan, entries};
use crate::catalog::Document;
use crate::context::{References, View};
use crate::diag::{Diagnostic, Diagnostics};
use crate::model::Text;
use crate::provenance::Sources;
use crate::ru;

/// How bodies name date and number.
const PRINTED: &str = "registration.";
/// Names that a finding shows.
const SHOWN: usize = 3;

/// The rows, and what was looked for.
pub(super) struct Registrations<'a> {
    rows: Option<&'a BTreeMap<String, View>>,
    /// Names that several orders share: «приказы года».
    shared: BTreeSet<String>,
    /// Folded names under which a document looked for its row.
    known: BTreeMap<String, String>,
}

impl<'a> Registrations<'a> {
    /// Takes the rows; `orders` are the orders of all packages, each as often as a package has it.
    pub(super) fn new(plan: &Plan<'a>, orders: &[Document]) -> Self {
        let mut claimed: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for order in orders {
            for alias in &order.aliases {
                claimed.entry(ru::fold(alias)).or_default().insert(&order.id);
            }
        }
        let shared = claimed.into_iter().filter(|(_, ids)| ids.len() > 1).map(|(alias, _)| alias).collect();
        Self { rows: entries(plan, "registrations"), shared, known: BTreeMap::new() }
    }

    /// The row of an order made on an occasion, one of so many.
    pub(super) fn of(
        &mut self,
        plan: &Plan<'_>,
        order: &Document,
        (of, occasions): (&Occasion<'_>, usize),
        references: &References,
        sources: &mut Sources,
    ) -> Option<View> {
        let bodies = order.sections.iter().filter_map(|section| {
            plan.templates.get(&section.path(&order.id, plan.templates)).map(|file| file.text.as_str())
        });
        let is_printed = bodies.into_iter().any(|text| text.contains(PRINTED));
        let mut names = Vec::new();
        if order.each.is_some() {
            let declared = order.registered.as_deref().unwrap_or(&order.title);
            // What is wrong with the text is said where the title is read.
            let text =
                declared_text(order, references, of, ("registered", declared), sources, &mut Diagnostics::default());
            names.extend(text.plain());
        }
        // The name of the kind is that of a document only where there is no other of its kind.
        if occasions == 1 || order.each.is_none() {
            names.extend(order.aliases.iter().filter(|alias| !self.shared.contains(&ru::fold(alias))).cloned());
        }
        let found = names.iter().find_map(|name| self.rows?.get(&ru::fold(name)).cloned());
        if is_printed {
            self.known.extend(names.into_iter().map(|name| (ru::fold(&name), name)));
        }
        found
    }

    /// Says which rows no document looked for: a name misspelt, or one that several documents share.
    pub(super) fn say_unused(&mut self, plan: &Plan<'_>, sources: &Sources, diagnostics: &mut Diagnostics) {
        let Some(rows) = self.rows else { return };
        if rows.keys().all(|name| self.known.contains_key(name)) {
            return;
        }
        // Forms name the order that introduced them, whoever made it.
        self.known.extend(cited_by_forms(plan).map(|name| (ru::fold(&name), name)));
        for (name, row) in rows.iter().filter(|(name, _)| !self.known.contains_key(*name)) {
            let Some(View::Text(Text { value, node })) = entry(row, "document") else { continue };
            let near = ru::nearest(name, self.known.values().map(String::as_str), SHOWN);
            let finding = Diagnostic::warning("unused-registration", sources.place_of(*node))
                .with("document", value.clone())
                .with("nearest", near.join("; "));
            diagnostics.push(finding);
        }
    }
}

/// The orders that the forms of the municipality cite.
fn cited_by_forms(plan: &Plan<'_>) -> impl Iterator<Item = String> {
    #[derive(Deserialize)]
    struct Form {
        order: Option<String>,
    }
    let files = plan.settings.blanks.iter().filter_map(|id| plan.templates.get(&format!("blanks/{id}.toml")));
    files.filter_map(|file| toml::from_str::<Form>(&file.text).ok()?.order)
}
