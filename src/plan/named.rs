//! What the bodies of the documents that are to be made name: what nobody prints need not be known.
//! In: settings and templates. Out: names of documents, parts of the view, forms of persons.
//! It must never fill a body.

use std::collections::BTreeSet;

use crate::catalog::{Acts, Document, Each, Templates};
use crate::diag::Diagnostics;
use crate::ru;
use crate::settings::Settings;

/// Parts of officials: one person each, or several.
const ONE: [&str; 5] = ["signer", "executor", "preparer", "head", "controller"];
const SEVERAL: [&str; 2] = ["endorsers", "visas"];
/// Forms of a person by the beginning and the end of their key.
const FORMS: [&str; 3] = ["name", "post", "post_whole"];
const CASES: [&str; 4] = ["gen", "dat", "acc", "ins"];

/// The folded names of documents that cite acts in a preamble.
pub fn preambles(settings: &Settings, templates: &Templates) -> BTreeSet<String> {
    let citing = documents(settings, templates).into_iter().filter(|document| document.acts == Some(Acts::Preamble));
    citing.flat_map(|document| document.aliases).map(|alias| ru::fold(&alias)).collect()
}

/// Tells whether a body of the documents that are to be made names a part of the view.
pub fn names(settings: &Settings, templates: &Templates, key: &str) -> bool {
    documents(settings, templates).iter().any(|document| bodies(document, templates).any(|body| body.contains(key)))
}

/// Tells whether a document that is to be made is made for each row of a register.
pub fn is_made_for(settings: &Settings, templates: &Templates, register: &str) -> bool {
    let is_of = |each: &Each| matches!(each, Each::Row(sheet) if sheet == register);
    documents(settings, templates).iter().any(|document| document.each.as_ref().is_some_and(is_of))
}

/// The forms of persons that bodies name: `officials.signer.name_acc`, of the rows of a register `curators.name_acc`.
pub fn forms_named(settings: &Settings, templates: &Templates) -> BTreeSet<String> {
    let keys: Vec<String> =
        FORMS.iter().flat_map(|form| CASES.iter().map(move |case| format!("{form}_{case}"))).collect();
    let keys: Vec<String> = keys.into_iter().chain(["post_whole".to_owned(), "organization_gen".to_owned()]).collect();
    let mut named = BTreeSet::new();
    for document in documents(settings, templates) {
        for body in bodies(&document, templates) {
            for key in keys.iter().filter(|key| body.contains(&format!(".{key}"))) {
                let ones = ONE.iter().filter(|part| body.contains(&format!("officials.{part}.{key}")));
                let several = SEVERAL.iter().filter(|part| body.contains(&format!("officials.{part}")));
                named.extend(ones.chain(several).map(|part| format!("officials.{part}.{key}")));
                let registers =
                    document.registers.iter().filter(|(name, _)| body.contains(&format!("registers.{name}")));
                named.extend(registers.map(|(_, register)| format!("{}.{key}", register.sheet)));
            }
        }
    }
    named
}

fn bodies<'t>(document: &'t Document, templates: &'t Templates) -> impl Iterator<Item = &'t str> {
    let paths = document.sections.iter().map(|section| section.path(&document.id, templates));
    paths.filter_map(|path| templates.get(&path).map(|file| file.text.as_str()))
}

/// The documents that are to be made, those of bundles among them.
fn documents(settings: &Settings, templates: &Templates) -> Vec<Document> {
    // What is wrong with templates is said where documents are planned.
    let mut dropped = Diagnostics::default();
    let bundles = templates.bundles(&mut dropped);
    let kinds = settings.documents.iter().flat_map(|choice| {
        let bundle = bundles.iter().find(|bundle| bundle.id == choice.kind);
        bundle.map_or_else(|| vec![choice.kind.clone()], |bundle| bundle.documents.clone())
    });
    kinds.filter_map(|kind| templates.document(&kind, &mut dropped)).collect()
}
