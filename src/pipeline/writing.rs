//! What was rendered, into the package: the ledger, what is blocked and why, the manifest, the files.
//! In: jobs and what came of them. Out: files on disk by way of `output`. It must never know what a document tells.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::rendering::Rendered;
use super::{Outcome, Prepared, Request, cells, listing};
use crate::context::{GapView, View};
use crate::diag::{DiagId, Diagnostic, Diagnostics, Messages, Place};
use crate::ledger::{self, Ledger};
use crate::output::{self, BlockReason, Blocked, Commit, FileHash, Manifest, Produced};
use crate::plan::Job;
use crate::provenance::Sources;
use crate::source;
use crate::template::{Filled, FilledFile};

pub(super) fn enter_documents(
    jobs: &[Job],
    rendered: Vec<Rendered>,
    sources: &Sources,
    messages: &Messages,
    produced: &mut Vec<Produced>,
    outcome: &mut Outcome,
    diagnostics: &mut Diagnostics,
) {
    for (job, rendered) in jobs.iter().zip(rendered) {
        // What is too long for its place is mended in its cell, not in the template that prints it.
        let found = cells::named(job, &rendered.diagnostics, sources);
        diagnostics.extend(&found);
        match (rendered.filled, rendered.typeset) {
            (Some(filled), Some(typeset)) => {
                let entry = ledger::document(&job.kind, &job.file, &filled.uses, &typeset.hits, sources);
                outcome.ledger.documents.push(entry);
                let (path, document, key) = (job.file.clone(), job.kind.clone(), job.key.clone());
                let (title, pages) = (Some(filled.title), Some(typeset.pages));
                let remarks = rendered.diagnostics.iter().map(|finding| reason(finding, messages)).collect();
                let (bytes, date) = (typeset.pdf, dated(job));
                produced.push(Produced { path, bytes, document, key, title, pages, date, remarks });
            }
            (filled, _) => {
                let gaps = filled.as_ref().map(|filled| filled.uses.gaps.clone()).unwrap_or_default();
                // What is wrong with a template or its pages blocks no less than what is missing.
                let faults: Vec<&Diagnostic> = found.iter().collect();
                outcome.blocked.push(block(&job.kind, &job.file, &gaps, &faults, messages, diagnostics));
                let faults: Vec<&Diagnostic> = rendered.diagnostics.iter().collect();
                if !faults.is_empty() {
                    keep_filled(&job.file, filled.as_ref(), &faults, produced, job);
                }
            }
        }
    }
}

/// Enters the documents whose own description cannot be read: they are not made either.
pub(super) fn enter_unread(
    prepared: &Prepared,
    request: &Request,
    messages: &Messages,
    outcome: &mut Outcome,
    diagnostics: &mut Diagnostics,
) {
    let templates = &prepared.templates;
    let bundles = templates.bundles(&mut Diagnostics::default());
    let is_wanted = |kind: &String| request.only.is_empty() || request.only.contains(kind);
    for choice in prepared.settings.documents.iter().filter(|choice| is_wanted(&choice.kind)) {
        let bundle = bundles.iter().find(|bundle| bundle.id == choice.kind);
        let kinds = bundle.map_or_else(|| std::slice::from_ref(&choice.kind), |bundle| bundle.documents.as_slice());
        let mut said = Diagnostics::default();
        let is_there = |kind: &String| templates.get(&format!("documents/{kind}/document.toml")).is_some();
        let read = kinds.iter().filter(|kind| is_there(kind)).map(|kind| templates.document(kind, &mut said));
        let is_unread = read.filter(Option::is_none).count() > 0;
        if is_unread {
            let faults: Vec<&Diagnostic> = said.iter().collect();
            let file = format!("{}.pdf", choice.file);
            outcome.blocked.push(block(&choice.kind, &file, &[], &faults, messages, diagnostics));
        }
    }
}

/// The date under which the document, or the order that it belongs to, is registered.
fn dated(job: &Job) -> Option<String> {
    let View::Map(registration) = job.parts.first()?.view.get("registration")? else { return None };
    match registration.get("date")? {
        View::Text(date) => Some(date.value.clone()),
        _ => None,
    }
}

/// Keeps the filled source of what failed beside the report, for whoever mends the template: the sections that the
/// findings name, or all where none is named.
fn keep_filled(file: &str, filled: Option<&Filled>, faults: &[&Diagnostic], produced: &mut Vec<Produced>, job: &Job) {
    let Some(filled) = filled else { return };
    let is_named = |section: &FilledFile| {
        let template = format!("templates/{}", section.template);
        faults.iter().any(|fault| matches!(&fault.place, Place::Line { file, .. } if *file == template))
    };
    let whole = || {
        let sections = filled.parts.iter().flat_map(|part| &part.files);
        sections.filter(|section| !filled.broken.contains(&section.path))
    };
    let keeps_all = filled.broken.is_empty() && !whole().any(is_named);
    for section in whole().filter(|section| keeps_all || is_named(section)) {
        let name = section.path.trim_start_matches("/s/");
        produced.push(Produced {
            path: format!("{file}.filled/{name}"),
            bytes: section.text.clone().into_bytes(),
            document: job.kind.clone(),
            key: job.key.clone(),
            ..Produced::default()
        });
    }
}

pub(super) fn block(
    kind: &str,
    file: &str,
    gaps: &[GapView],
    faults: &[&Diagnostic],
    messages: &Messages,
    diagnostics: &mut Diagnostics,
) -> Blocked {
    let ids: BTreeSet<DiagId> = gaps.iter().flat_map(|gap| gap.reasons.iter().copied()).collect();
    let gaps = ids.iter().filter_map(|id| diagnostics.get(*id));
    let all = gaps.chain(faults.iter().copied()).map(|finding| reason(finding, messages));
    // Documents of a bundle may lack the same.
    let mut reasons: Vec<BlockReason> = Vec::new();
    for reason in all {
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    let count = reasons.len().to_string();
    let blocked = Blocked { document: kind.to_owned(), file: Some(file.to_owned()), reasons };
    let finding =
        Diagnostic::error("document-blocked", Place::Document { document: file.to_owned() }).with("count", count);
    diagnostics.push(finding);
    blocked
}

pub(super) fn reason(finding: &Diagnostic, messages: &Messages) -> BlockReason {
    BlockReason { id: finding.id.clone(), place: finding.place.text(), message: messages.finding(finding).0 }
}

pub(super) fn write_package(
    prepared: &Prepared,
    request: &Request,
    messages: &Messages,
    mut produced: Vec<Produced>,
    outcome: &mut Outcome,
    diagnostics: &mut Diagnostics,
) {
    if !request.only.is_empty() {
        let previous = output::read_output(&request.outputs, &prepared.municipality.id, ledger::FILE);
        let previous = previous.and_then(|bytes| serde_json::from_slice::<Ledger>(&bytes).ok());
        let mut settled: BTreeSet<String> = produced.iter().map(|file| file.document.clone()).collect();
        settled.extend(outcome.blocked.iter().map(|blocked| blocked.document.clone()));
        outcome.ledger.carry(previous.unwrap_or_default(), &settled);
    }
    let mut text = serde_json::to_string_pretty(&outcome.ledger).unwrap_or_default();
    text.push('\n');
    produced.push(Produced {
        path: ledger::FILE.to_owned(),
        key: source::hash(text.as_bytes()),
        bytes: text.into_bytes(),
        document: "ledger".to_owned(),
        ..Produced::default()
    });
    let templates = prepared
        .templates
        .iter()
        .filter(|(path, _)| !path.starts_with("fonts/"))
        .map(|(path, file)| FileHash { path: path.to_owned(), sha256: file.hash.clone() })
        .collect();
    let manifest = Manifest {
        schema: output::SCHEMA,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        municipality: prepared.municipality.id.clone(),
        sample: outcome.ledger.sample.clone(),
        draft: prepared.is_draft,
        layout: prepared.settings.profile().to_owned(),
        inputs: prepared
            .files
            .iter()
            .map(|file| FileHash { path: file.path.clone(), sha256: file.hash.clone() })
            .collect(),
        templates,
        fonts: crate::catalog::fonts()
            .map(|(path, hash)| FileHash { path: path.to_owned(), sha256: hash.to_owned() })
            .collect(),
        outputs: Vec::new(),
        blocked: outcome.blocked.clone(),
        removed: Vec::new(),
    };
    let found = diagnostics.clone();
    let about = listing::About {
        municipality: &prepared.settings.name,
        diagnostics: Some(&found),
        messages,
        failed: RefCell::default(),
    };
    let commit = Commit {
        root: &request.outputs,
        municipality: &prepared.municipality.id,
        produced,
        carry_others: !request.only.is_empty(),
        dropped: BTreeSet::new(),
        manifest,
        listing: Some(&|manifest| listing::make(&about, manifest)),
    };
    match output::commit(commit, diagnostics) {
        Ok(manifest) => {
            outcome.produced = manifest.outputs.iter().map(|entry| entry.path.clone()).collect();
            outcome.removed = manifest.removed;
            about.say_what_failed(diagnostics);
        }
        Err(diagnostic) => {
            diagnostics.push(diagnostic);
        }
    }
}
