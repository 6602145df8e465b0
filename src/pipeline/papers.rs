//! Papers that go with forms: letters of what is to be corrected.
//! In: findings of a return, addressed. Out: PDFs beside the forms. It must never know how a return was judged.

use std::collections::BTreeSet;

use super::exchange::Forms;
use super::{Outcome, enter_documents, render};
use crate::context::{Schools, View};
use crate::diag::{Diagnostic, Diagnostics, Messages};
use crate::ledger::Ledger;
use crate::model::Text;
use crate::output::Produced;
use crate::plan::{self, Plan};
use crate::settings::DocumentChoice;

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

/// The kind of the letter, and its view.
const LETTER: (&str, &str) = ("correction-letter", "correction");

/// Makes the letters.
pub(super) fn letters(
    forms: &Forms,
    corrections: &[Correction],
    workers: usize,
    messages: &Messages,
    produced: &mut Vec<Produced>,
    diagnostics: &mut Diagnostics,
) {
    let prepared = &forms.prepared;
    // The same paper is made for many: the provenance of the run is copied once.
    let mut sources = prepared.sources.clone();
    let node = sources.declared("run", "correction");
    let text = |value: &str| View::Text(Text { value: value.to_owned(), node });
    let (mut jobs, nothing) = (Vec::new(), BTreeSet::new());
    for one in corrections {
        let item = |(index, finding): (usize, &Diagnostic)| {
            let (message, hint) = messages.finding(finding);
            let place = finding.place.text();
            let cell = place.split_once(" › ").map_or(place.as_str(), |(_, cell)| cell);
            View::map([
                ("number", text(&(index + 1).to_string())),
                ("place", text(cell)),
                ("message", text(message.trim_end_matches('.'))),
                ("hint", text(&hint)),
            ])
        };
        let view = View::map([
            ("respondent", text(&one.respondent)),
            ("form", text(&one.form)),
            ("period", text(&one.period)),
            ("term", text(&one.term)),
            ("items", View::List(one.items.iter().enumerate().map(item).collect())),
        ]);
        let mut views = prepared.view.clone();
        views.insert(LETTER.1.to_owned(), view);
        let mut settings = prepared.settings.clone();
        let choice = DocumentChoice { kind: LETTER.0.to_owned(), may_be_absent: false, file: one.file.clone() };
        settings.documents = vec![choice];
        let plan = Plan {
            settings: &settings,
            templates: &prepared.templates,
            municipality: &prepared.municipality.id,
            view: &views,
            references: &prepared.references,
            schools: &Schools::default(),
            emblem: prepared.emblem.as_ref(),
            is_sample: prepared.data.is_sample,
            is_draft: prepared.is_draft,
            only: &nothing,
            is_last: false,
            words: &|key| messages.text(key, &[]),
        };
        // What texts are used by is a matter of the package.
        jobs.extend(plan::plan(&plan, &mut sources, &mut Diagnostics::default()));
    }
    let rendered = render(&jobs, workers, &|_| {});
    let mut outcome = Outcome {
        municipality: prepared.municipality.id.clone(),
        diagnostics: Diagnostics::default(),
        produced: Vec::new(),
        blocked: Vec::new(),
        ledger: Ledger::default(),
        removed: Vec::new(),
    };
    let mut made = Vec::new();
    enter_documents(&jobs, rendered, &sources, messages, &mut made, &mut outcome, diagnostics);
    // Letters of one kind are many: each is carried over by its own name.
    produced.extend(made.into_iter().map(|file| Produced { document: format!("letter {}", file.path), ..file }));
}
