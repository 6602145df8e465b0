//! The kinds that are asked for, against those of the settings.
//! In: a request, settings. Out: what of it a municipality can make, or what nobody knows. It must never make anything.

use std::collections::{BTreeMap, BTreeSet};

use super::{Request, discover};
use crate::diag::{Diagnostic, Diagnostics, Place};
use crate::settings::{self, Settings};
use crate::source::{self, Municipality};

/// The kinds of the settings of each of several municipalities: what is asked for need not be one of all of them.
#[derive(Clone, Debug, Default)]
pub struct Kinds(BTreeMap<String, BTreeSet<String>>);

/// Reads the kinds, where some are asked for and there is more than one municipality.
pub fn kinds(request: &Request) -> Kinds {
    let found = discover(&request.inputs).unwrap_or_default();
    let mut kinds = Kinds::default();
    for municipality in found.iter().filter(|_| !request.only.is_empty() && found.len() > 1) {
        // What is wrong with the settings is said by the run itself.
        let mut said = Diagnostics::default();
        let files = source::read(&municipality.folder, &mut said);
        let text = files.iter().find(|file| file.path == settings::FILE).map(|file| file.bytes.as_slice());
        let settings =
            text.and_then(|bytes| Settings::parse(settings::FILE, std::str::from_utf8(bytes).ok()?, &mut said));
        if let Some(settings) = settings {
            let documents = settings.documents.iter().map(|choice| choice.kind.clone());
            let own = documents.chain(settings.forms.iter().map(|choice| choice.kind.clone())).collect();
            kinds.0.insert(municipality.id.clone(), own);
        }
    }
    kinds
}

impl Kinds {
    /// Narrows a request to the kinds that a municipality has; `None` where it has none of them and another has. What
    /// nobody has stays, to be named as unknown.
    pub fn of(&self, municipality: &Municipality, request: &Request) -> Option<Request> {
        let Some(own) = self.0.get(&municipality.id) else { return Some(request.clone()) };
        let is_of_anybody = |kind: &&String| self.0.values().any(|kinds| kinds.contains(*kind));
        let only = request.only.iter().filter(|kind| own.contains(*kind) || !is_of_anybody(kind));
        let only: BTreeSet<String> = only.cloned().collect();
        (!only.is_empty()).then(|| Request { only, ..request.clone() })
    }
}

/// Tells whether every kind asked for is one of the settings; what is not is named with those that are.
pub(super) fn wants_what_is(request: &Request, settings: &Settings, diagnostics: &mut Diagnostics) -> bool {
    let documents = settings.documents.iter().map(|choice| choice.kind.as_str());
    let known: BTreeSet<&str> = documents.chain(settings.forms.iter().map(|choice| choice.kind.as_str())).collect();
    let unknown: Vec<&String> = request.only.iter().filter(|kind| !known.contains(kind.as_str())).collect();
    for kind in &unknown {
        let known = known.iter().copied().collect::<Vec<_>>().join(", ");
        let finding = Diagnostic::error("unknown-only", Place::Run).with("kind", kind.as_str());
        diagnostics.push(finding.with("known", known));
    }
    unknown.is_empty()
}
