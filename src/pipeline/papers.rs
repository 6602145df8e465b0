//! Papers that go with forms: the form to print and sign, the letter of what is to be corrected.
//! In: views, each with the file that it becomes. Out: PDFs beside the workbooks. It must never know what a paper is about.

use std::collections::BTreeSet;

use super::Outcome;
use super::exchange::Forms;
use super::rendering::render;
use super::writing::enter_documents;
use crate::context::{Schools, View};
use crate::diag::{Diagnostic, Diagnostics, Messages};
use crate::ledger::Ledger;
use crate::model::Text;
use crate::output::Produced;
use crate::plan::{self, Plan};
use crate::provenance::Sources;
use crate::ru;
use crate::settings::DocumentChoice;

/// One paper to be made.
pub(super) struct Paper {
    /// The kind of document.
    pub kind: &'static str,
    /// The name under which its bodies find the view.
    pub key: &'static str,
    /// What it shows.
    pub view: View,
    /// Title of the metadata, where the paper has one of its own.
    pub title: String,
    /// Path of the PDF, without extension.
    pub file: String,
    /// What the file is of, for the manifest.
    pub document: String,
    /// Its pages lie on their side, whatever the kind says.
    pub is_landscape: bool,
}

/// What is to be corrected in a return.
pub(super) struct Correction {
    /// Path of the letter, without extension.
    pub file: String,
    /// The respondent.
    pub respondent: String,
    /// The form.
    pub form: String,
    /// The period.
    pub period: String,
    /// When it is to come back.
    pub term: String,
    /// The findings.
    pub items: Vec<Diagnostic>,
}

impl Correction {
    /// The document that the letter of this path is. Letters of one kind are many: each is carried over by its own name.
    pub(super) fn document(file: &str) -> String {
        format!("letter {file}.pdf")
    }
}

/// The name by which a document of these papers refers to the title of its own.
const TITLE: &str = "form-title";

/// The place where papers are made: the provenance of the run is copied once for many.
pub(super) struct Press<'a> {
    forms: &'a Forms,
    messages: &'a Messages,
    workers: usize,
    /// Where texts of the papers come from.
    pub sources: Sources,
}

impl<'a> Press<'a> {
    pub(super) fn new(forms: &'a Forms, messages: &'a Messages, workers: usize) -> Self {
        Self { forms, messages, workers, sources: forms.prepared.sources.clone() }
    }

    /// Makes the papers.
    pub(super) fn make(&mut self, papers: Vec<Paper>, produced: &mut Vec<Produced>, diagnostics: &mut Diagnostics) {
        let (prepared, messages) = (&self.forms.prepared, self.messages);
        let (mut views, mut settings) = (prepared.view.clone(), prepared.settings.clone());
        let (mut references, nothing) = (prepared.references.clone(), BTreeSet::new());
        let node = self.sources.declared("run", TITLE);
        let (mut jobs, mut documents) = (Vec::new(), Vec::new());
        for paper in papers {
            views.insert(paper.key.to_owned(), paper.view);
            references.insert(TITLE.to_owned(), View::Text(Text { value: paper.title, node }));
            let choice = DocumentChoice { kind: paper.kind.to_owned(), may_be_absent: false, file: paper.file };
            settings.documents = vec![choice];
            let plan = Plan {
                settings: &settings,
                templates: &prepared.templates,
                municipality: &prepared.municipality.id,
                view: &views,
                references: &references,
                schools: &Schools::default(),
                emblem: prepared.emblem.as_ref(),
                is_sample: prepared.data.is_sample,
                is_draft: prepared.is_draft,
                only: &nothing,
                is_last: false,
                words: &|key| messages.text(key, &[]),
            };
            // What texts are used by is a matter of the package.
            let planned = plan::plan(&plan, &mut self.sources, &mut Diagnostics::default());
            documents.extend(planned.iter().map(|_| paper.document.clone()));
            jobs.extend(planned.into_iter().map(|mut job| {
                // One kind, many papers.
                job.ident = format!("{}:{}", job.ident, job.file);
                job.parts.iter_mut().for_each(|part| part.is_landscape |= paper.is_landscape);
                job
            }));
        }
        let rendered = render(&jobs, self.workers, &|_, _| {});
        let mut outcome = Outcome {
            municipality: prepared.municipality.id.clone(),
            diagnostics: Diagnostics::default(),
            produced: Vec::new(),
            blocked: Vec::new(),
            ledger: Ledger::default(),
            removed: Vec::new(),
        };
        let of_file: std::collections::BTreeMap<String, String> =
            jobs.iter().map(|job| job.file.clone()).zip(documents).collect();
        let mut made = Vec::new();
        enter_documents(&jobs, rendered, &self.sources, messages, &mut made, &mut outcome, diagnostics);
        produced.extend(made.into_iter().map(|file| {
            let document = of_file.get(&file.path).unwrap_or(&file.document).clone();
            Produced { document, ..file }
        }));
    }

    /// The letter with what is to be corrected.
    pub(super) fn letter(&mut self, one: &Correction) -> Paper {
        let node = self.sources.declared("run", "correction");
        let text = |value: &str| View::Text(Text { value: ru::dashes(value), node });
        let resend = self.messages.text("blank-resend", &[]);
        let item = |(index, finding): (usize, &Diagnostic)| {
            let (message, hint) = self.messages.finding(finding);
            // The letter asks for the file once, not line by line.
            let hint = hint.trim_end_matches(&resend).trim_end().to_owned();
            let place = finding.place.text();
            let cell = place.split_once(" › ").map_or(place.as_str(), |(_, cell)| cell);
            View::map([
                ("number", text(&(index + 1).to_string())),
                ("place", text(cell)),
                ("message", text(format!("{}. {hint}", message.trim_end_matches('.')).trim_end())),
            ])
        };
        let view = View::map([
            ("respondent", text(&one.respondent)),
            ("form", text(&one.form)),
            ("period", text(&one.period)),
            ("term", text(&one.term)),
            ("items", View::List(one.items.iter().enumerate().map(item).collect())),
        ]);
        Paper {
            kind: "correction-letter",
            key: "correction",
            view,
            title: String::new(),
            file: one.file.clone(),
            document: Correction::document(&one.file),
            is_landscape: false,
        }
    }
}
