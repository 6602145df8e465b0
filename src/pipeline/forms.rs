//! The forms of the package: what they show is planned with the documents, and made after them.
//! In: the analysis and the settings, then everything that was prepared. Out: workbooks and their entries of the ledger.
//! It must never know how a form is written.

use std::collections::BTreeMap;

use super::writing::{block, reason};
use super::{Outcome, Prepared, Request};
use crate::catalog::Templates;
use crate::context::{self, Analysis, GapView, MonitoringView, TableView, TablesView, View};
use crate::diag::{Diagnostic, Diagnostics, Messages, Place};
use crate::form::{self, FormError, FormSpec, RenderedForm, TablesSpec};
use crate::ledger;
use crate::output::{Blocked, Produced};
use crate::provenance::Sources;
use crate::source;

/// A form to be made.
pub struct FormJob {
    /// Its kind.
    pub kind: String,
    /// Path of the workbook below the output folder.
    pub file: String,
    /// Its texts and its view.
    pub content: FormContent,
    /// Gaps that block it in final mode.
    pub gaps: Vec<GapView>,
    /// Hash of all that it depends on.
    pub key: String,
    /// Of the public edition: nothing of it goes into the ledger.
    pub is_public: bool,
}

/// Texts and view of a form.
pub enum FormContent {
    /// The monitoring return.
    Monitoring(Box<FormSpec>, Box<MonitoringView>),
    /// Tables of the analysis.
    Tables(Box<TablesSpec>, Box<TablesView>),
}

impl FormContent {
    /// Makes the workbook.
    ///
    /// # Errors
    /// See [`FormError`].
    pub fn render(&self) -> Result<RenderedForm, FormError> {
        match self {
            Self::Monitoring(spec, view) => form::render(spec, view),
            Self::Tables(spec, view) => form::render_tables(spec, view),
        }
    }
}

pub(super) fn plan_forms(
    analysis: &Analysis<'_>,
    view: &BTreeMap<String, View>,
    templates: &Templates,
    request: &Request,
    is_draft: bool,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Vec<FormJob> {
    let mut jobs = Vec::new();
    for choice in &analysis.settings.forms {
        let is_wanted = request.only.is_empty() || request.only.contains(&choice.kind);
        if !is_wanted || choice.kind == form::FINDINGS {
            continue;
        }
        let path = format!("forms/{}.toml", choice.kind);
        let text = templates.get(&path).map(|file| file.text.clone()).unwrap_or_default();
        // Nodes differ with every inserted row; what is printed does not.
        let key = |fingerprint: &str| {
            source::hash(format!("{}\n{text}\n{fingerprint}", env!("CARGO_PKG_VERSION")).as_bytes())
        };
        let (kind, file) = (choice.kind.clone(), format!("{}.xlsx", choice.file));
        if kind == form::ANALYSIS {
            let Some(spec) = templates.data(&path, TablesSpec::parse, diagnostics) else { continue };
            let tables = context::analysis_tables(analysis, &spec.tables, sources);
            if analysis.settings.disclosure.public {
                let (spec, view) = public_edition(analysis, &spec, &tables, is_draft);
                let (key, file) = (key(&view.fingerprint()), format!("{}/{file}", spec.public.folder));
                let content = FormContent::Tables(Box::new(spec), Box::new(view));
                jobs.push(FormJob { kind: kind.clone(), file, content, gaps: Vec::new(), key, is_public: true });
            }
            let mut view = TablesView::new(analysis, tables, is_draft);
            view.name_places(diagnostics);
            let key = key(&view.fingerprint());
            let content = FormContent::Tables(Box::new(spec), Box::new(view));
            // What is missing stands in its cell: these tables are to be read while the data is put right.
            jobs.push(FormJob { kind, file, content, gaps: Vec::new(), key, is_public: false });
            continue;
        }
        let Some(spec) = templates.data(&path, FormSpec::parse, diagnostics) else { continue };
        let (view, gaps) = context::monitoring(analysis, view, is_draft, sources);
        let key = key(&view.fingerprint());
        let content = FormContent::Monitoring(Box::new(spec), Box::new(view));
        jobs.push(FormJob { kind, file, content, gaps, key, is_public: false });
    }
    jobs
}

/// Makes texts and view of the public edition.
fn public_edition(
    analysis: &Analysis<'_>,
    spec: &TablesSpec,
    tables: &[TableView],
    is_draft: bool,
) -> (TablesSpec, TablesView) {
    let rules = &analysis.settings.disclosure;
    let note = spec.public.note.replace("{threshold}", &rules.threshold.to_string());
    let note = note.replace("{teachers}", &rules.teachers.to_string());
    let view = TablesView::new(analysis, context::public_tables(tables, rules, &note), is_draft);
    (TablesSpec { title: spec.public.title.clone(), ..spec.clone() }, view)
}

pub(super) fn make_forms(
    prepared: &Prepared,
    messages: &Messages,
    produced: &mut Vec<Produced>,
    outcome: &mut Outcome,
    diagnostics: &mut Diagnostics,
    done: &(dyn Fn(&str) + Sync),
) {
    for job in &prepared.forms {
        if !job.gaps.is_empty() && !prepared.is_draft {
            outcome.blocked.push(block(&job.kind, &job.file, &job.gaps, &[], messages, diagnostics));
            continue;
        }
        let mut result = job.content.render();
        if let (true, Ok(form)) = (job.is_public, &mut result) {
            form.placed.clear();
        }
        let made = MadeForm { kind: &job.kind, file: &job.file, key: &job.key, result };
        enter_form(made, &prepared.sources, messages, produced, outcome, diagnostics);
        done(&job.file);
    }
}

/// A form, or why it could not be made.
pub(super) struct MadeForm<'a> {
    pub(super) kind: &'a str,
    pub(super) file: &'a str,
    pub(super) key: &'a str,
    pub(super) result: Result<RenderedForm, FormError>,
}

pub(super) fn enter_form(
    made: MadeForm<'_>,
    sources: &Sources,
    messages: &Messages,
    produced: &mut Vec<Produced>,
    outcome: &mut Outcome,
    diagnostics: &mut Diagnostics,
) {
    let (document, path) = (made.kind.to_owned(), made.file.to_owned());
    match made.result {
        Ok(RenderedForm { bytes, placed }) => {
            if !placed.is_empty() {
                outcome.ledger.documents.push(ledger::form(&document, &path, &placed, sources));
            }
            produced.push(Produced { path, bytes, document, key: made.key.to_owned(), ..Produced::default() });
        }
        Err(error) => {
            let finding =
                Diagnostic::error("form-failed", Place::Document { document: path.clone() }).because(error.reason());
            let reasons = vec![reason(&finding, messages)];
            diagnostics.push(finding);
            outcome.blocked.push(Blocked { document, file: Some(path), reasons });
        }
    }
}
