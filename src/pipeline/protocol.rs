//! The last of the path: the protocol of the run's own findings, as a document and as a table.
//! In: everything that was prepared, and the findings so far. Out: two more files of the package.
//! No gap of the data stands in its way. What is found while it is made is not in it.

use super::forms::{MadeForm, enter_form};
use super::rendering::render;
use super::writing::enter_documents;
use super::{Outcome, Prepared, Request};
use crate::context::{self, Checked, FindingsView, Schools};
use crate::diag::{Diagnostics, Messages};
use crate::form::{self, FindingsSpec};
use crate::output::Produced;
use crate::plan::{self, Plan};
use crate::source;

/// Makes the protocol where the settings ask for it.
pub(super) fn make(
    prepared: &mut Prepared,
    request: &Request,
    messages: &Messages,
    produced: &mut Vec<Produced>,
    outcome: &mut Outcome,
    diagnostics: &mut Diagnostics,
    done: &(dyn Fn(&str) + Sync),
) {
    let checked = Checked {
        settings: &prepared.settings,
        data: &prepared.data,
        diagnostics,
        messages,
        is_draft: prepared.is_draft,
    };
    let findings = context::findings(&checked, &mut prepared.sources);
    let mut view = prepared.view.clone();
    view.insert("findings".to_owned(), context::findings_tree(&findings, messages, &mut prepared.sources));
    let to_plan = Plan {
        settings: &prepared.settings,
        templates: &prepared.templates,
        municipality: &prepared.municipality.id,
        view: &view,
        references: &prepared.references,
        schools: &Schools::default(),
        emblem: prepared.emblem.as_ref(),
        is_sample: prepared.data.is_sample,
        is_draft: prepared.is_draft,
        only: &request.only,
        is_last: true,
        words: &|key| messages.text(key, &[]),
    };
    // Outlines were read before, and what is wrong with them was said.
    let jobs = plan::plan(&to_plan, &mut prepared.sources, &mut Diagnostics::default());
    let rendered = render(&jobs, request.workers, &|job, _| done(&job.file));
    enter_documents(&jobs, rendered, &prepared.sources, messages, produced, outcome, diagnostics);
    table(prepared, request, messages, &findings, produced, outcome, diagnostics);
}

fn table(
    prepared: &Prepared,
    request: &Request,
    messages: &Messages,
    findings: &FindingsView,
    produced: &mut Vec<Produced>,
    outcome: &mut Outcome,
    diagnostics: &mut Diagnostics,
) {
    let is_wanted = request.only.is_empty() || request.only.contains(form::FINDINGS);
    for choice in prepared.settings.forms.iter().filter(|choice| is_wanted && choice.kind == form::FINDINGS) {
        let path = format!("forms/{}.toml", choice.kind);
        let Some(spec) = prepared.templates.data(&path, FindingsSpec::parse, diagnostics) else { continue };
        let text = prepared.templates.get(&path).map_or("", |file| file.text.as_str());
        let made = MadeForm {
            kind: &choice.kind,
            file: &format!("{}.xlsx", choice.file),
            key: &source::hash(format!("{}\n{text}\n{}", env!("CARGO_PKG_VERSION"), findings.fingerprint()).as_bytes()),
            result: form::render_findings(&spec, findings),
        };
        enter_form(made, &prepared.sources, messages, produced, outcome, diagnostics);
    }
}
