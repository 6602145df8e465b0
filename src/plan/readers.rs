//! How people learn of an order: who signs that they have read it, or to whom it is sent.
//! In: officials and rows of registers, what the document declares, the municipality's choice. Out: one list without
//! repeats and without who signs, and the distribution.
//! It must never know how they are printed.

use std::collections::BTreeMap;

use super::Plan;
use super::registers::entry;
use crate::catalog::{Document, ReadersOf};
use crate::context::{GapView, View, parse_text};
use crate::diag::{Diagnostics, Place};
use crate::model::{Gap, Text};
use crate::provenance::{Op, Sources};
use crate::ru;
use crate::ru::declension::{self, FullName};
use crate::settings::{self, Readers};

/// How bodies name the readers.
pub(super) const READERS: &str = "readers";

/// Somebody who reads an order.
struct Reader {
    /// Who it is, to be told from others.
    known: Option<Known>,
    post: View,
    name: View,
}

/// A person, or whatever else is named in a person's place.
enum Known {
    Person(FullName),
    Other(String),
}

impl Known {
    fn of(text: &str) -> Self {
        FullName::parse(text).map_or_else(|| Self::Other(ru::fold(text)), Self::Person)
    }

    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Person(one), Self::Person(other)) => one.may_be(other),
            (Self::Other(one), Self::Other(other)) => one == other,
            _ => false,
        }
    }
}

/// Builds the readers of an order; `view` holds what its bodies see.
pub(super) fn readers(
    plan: &Plan<'_>,
    document: &Document,
    view: &BTreeMap<String, View>,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> View {
    let way = plan.settings.papers.readers.or_else(|| document.readers.as_ref().map(|readers| readers.way));
    let is_acquaintance = way == Some(Readers::Acquaintance);
    let people = document.readers.as_ref().filter(|_| is_acquaintance);
    let people = people.map_or_else(|| View::List(Vec::new()), |readers| people_of(plan, readers, view, sources));
    let is_distribution = way == Some(Readers::Distribution);
    View::map([
        ("is_acquaintance", View::Flag(is_acquaintance)),
        ("people", people),
        ("is_distribution", View::Flag(is_distribution)),
        (
            "distribution",
            if is_distribution { distribution(plan, sources, diagnostics) } else { View::Prose(Vec::new()) },
        ),
    ])
}

fn people_of(plan: &Plan<'_>, readers: &ReadersOf, view: &BTreeMap<String, View>, sources: &mut Sources) -> View {
    let officials = plan.view.get("officials");
    let official = |part: &str| officials.and_then(|all| entry(all, part));
    let mut found = Vec::new();
    for part in &readers.officials {
        let people = match official(part) {
            Some(View::List(people)) => people.as_slice(),
            Some(one @ (View::Map(_) | View::Gap(_))) => std::slice::from_ref(one),
            _ => &[],
        };
        found.extend(people.iter().map(|person| reader(person, "full", Some("post_whole"), sources)));
    }
    if let Some(of) = &readers.rows
        && let Some(rows) = view.get("registers").and_then(|all| entry(all, &of.register))
    {
        if let View::Gap(gap) = rows {
            return View::Gap(gap.clone());
        }
        let mut flat = Vec::new();
        flatten(rows, &mut flat);
        found.extend(flat.into_iter().map(|row| reader(row, &of.name, of.post.as_deref(), sources)));
    }
    let signer = official(&readers.signer).and_then(|signer| match entry(signer, "full") {
        Some(View::Text(text)) => Some(Known::of(&text.value)),
        _ => None,
    });
    let mut listed: Vec<Reader> = Vec::new();
    for one in found {
        let is = |known: &Known| one.known.as_ref().is_some_and(|own| own.is(known));
        let is_listed = listed.iter().filter_map(|reader| reader.known.as_ref()).any(is);
        if !is_listed && !signer.as_ref().is_some_and(is) {
            listed.push(one);
        }
    }
    View::List(listed.into_iter().map(|one| View::map([("post", one.post), ("name", one.name)])).collect())
}

/// Somebody by the parts of a view: the name is printed with initials before the surname, whatever its cell says.
fn reader(person: &View, name: &str, post: Option<&str>, sources: &mut Sources) -> Reader {
    let nothing = || View::Prose(Vec::new());
    let part = |key: &str| match person {
        View::Gap(gap) => Some(View::Gap(gap.clone())),
        _ => entry(person, key).cloned(),
    };
    let post = post.and_then(part).unwrap_or_else(nothing);
    match part(name) {
        Some(View::Text(text)) => {
            let known = Known::of(&text.value);
            let name = match &known {
                Known::Person(one) => {
                    let value = declension::initials(&one.surname, &one.name, &one.patronymic).before;
                    Text { value, node: sources.formula(Op::Derived, vec![text.node], None) }
                }
                Known::Other(_) => text,
            };
            Reader { known: Some(known), post, name: View::Text(name) }
        }
        other => {
            Reader { known: None, post, name: other.unwrap_or_else(|| View::Gap(GapView::new(&Gap::default(), name))) }
        }
    }
}

/// The rows of a register, whatever they are grouped by.
fn flatten<'v>(rows: &'v View, out: &mut Vec<&'v View>) {
    let View::List(rows) = rows else { return };
    for row in rows {
        match (entry(row, "has_title"), entry(row, "rows")) {
            (Some(_), Some(below)) => flatten(below, out),
            _ => out.push(row),
        }
    }
}

/// To whom orders are sent: as the municipality says, else as the program does.
fn distribution(plan: &Plan<'_>, sources: &mut Sources, diagnostics: &mut Diagnostics) -> View {
    const KEY: &str = "papers.distribution";
    let own = plan.settings.papers.distribution.clone();
    let value = own.unwrap_or_else(|| (plan.words)("distribution"));
    let node = sources.declared(settings::FILE, KEY);
    let place = Place::Key { file: settings::FILE.to_owned(), key: KEY.to_owned() };
    parse_text(
        &Text { value: ru::prose(value.trim().trim_end_matches('.')), node },
        &place,
        plan.references,
        diagnostics,
    )
}
