//! `svod list`: what the program can do, read from the tables that it works by.

use std::fmt::Write as _;

use super::Printed;
use crate::catalog::Templates;
use crate::checks::CHECKS;
use crate::diag::{Diagnostics, Messages};
use crate::form::{FindingsSpec, FormSpec, TablesSpec};
use crate::groups::Method;
use crate::indicators::Catalogue;
use crate::pipeline::{self, Request};
use crate::sheets::{SHEETS, lists};
use crate::source;

/// Lists one table, or all of them.
pub(super) fn list(what: Option<&str>, request: &Request, messages: &Messages) -> Printed {
    let mut out = String::new();
    for templates in template_sets(request) {
        for kind in ["documents", "indicators", "methods"] {
            if what.is_none_or(|what| what == kind) {
                section(kind, &templates, messages, &mut out);
            }
        }
        if what.is_none_or(|what| what == "advice") {
            super::rules::list(&templates, messages, &mut out);
        }
    }
    if what.is_none_or(|what| what == "sheets") {
        sheets(messages, &mut out);
    }
    if what.is_none_or(|what| what == "checks") {
        checks(messages, &mut out);
    }
    Printed { out, ..Printed::default() }
}

/// The templates of each municipality, or the built-in ones when there is none.
fn template_sets(request: &Request) -> Vec<Templates> {
    let mut ignored = Diagnostics::default();
    match pipeline::discover(&request.inputs) {
        Ok(found) => found
            .iter()
            .map(|municipality| {
                let files = source::read(&municipality.folder, &mut ignored);
                Templates::built_in().with_overrides(&files, &mut ignored)
            })
            .collect(),
        Err(_) => vec![Templates::built_in()],
    }
}

fn section(kind: &str, templates: &Templates, messages: &Messages, out: &mut String) {
    let mut ignored = Diagnostics::default();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    match kind {
        "documents" => {
            line(messages.text("list-documents", &[]));
            for kind in templates.kinds() {
                if let Some(document) = templates.document(kind, &mut ignored) {
                    line(format!("  {} – {}", document.id, document.name));
                }
            }
            for bundle in templates.bundles(&mut ignored) {
                line(format!("  {} – {} ({})", bundle.id, bundle.name, bundle.documents.join(", ")));
            }
            line(messages.text("list-forms", &[]));
            for name in templates.names("forms") {
                let parse = |text: &str| {
                    let form = FormSpec::parse(text).map(|form| form.name);
                    let form = form.or_else(|_| FindingsSpec::parse(text).map(|form| form.name));
                    form.or_else(|_| TablesSpec::parse(text).map(|form| form.name))
                };
                if let Some(title) = templates.data(&format!("forms/{name}.toml"), parse, &mut ignored) {
                    line(format!("  {name} – {title}"));
                }
            }
        }
        "indicators" => {
            for name in templates.names("indicators") {
                let path = format!("indicators/{name}.toml");
                let Some(catalogue) = templates.data(&path, Catalogue::parse, &mut ignored) else { continue };
                line(format!("{} ({name})", messages.text("list-indicators", &[])));
                for indicator in catalogue.printed() {
                    line(format!("  {} – {}, {}", indicator.code, indicator.name, indicator.unit_name));
                    line(format!("    {}", messages.text("list-note", &[("note", &indicator.note)])));
                }
            }
        }
        _ => {
            line(messages.text("list-methods", &[]));
            for name in templates.names("methods") {
                let path = format!("methods/{name}.toml");
                let Some(method) = templates.data(&path, Method::parse, &mut ignored) else { continue };
                line(format!("  {} – {}", method.id, method.title));
                line(format!("    {}", messages.text("list-source", &[("source", &method.source)])));
                for group in &method.groups {
                    line(format!("    {} – {}", lists::term(group.role), group.title));
                    for criterion in &group.criteria {
                        line(format!("      {}", super::explain::criterion_text(criterion, messages)));
                    }
                }
            }
        }
    }
}

fn sheets(messages: &Messages, out: &mut String) {
    let _ = writeln!(out, "{}", messages.text("list-sheets", &[]));
    for spec in SHEETS {
        let optional =
            if spec.is_optional { format!(" ({})", messages.text("list-optional", &[])) } else { String::new() };
        let columns: Vec<&str> = spec.columns.iter().filter_map(|column| column.headers.first().copied()).collect();
        let _ = writeln!(out, "  {}{optional}", spec.title);
        let _ = writeln!(out, "    {}", messages.text("list-columns", &[("columns", &columns.join(" · "))]));
        let absent = spec.columns.iter().filter(|column| column.may_be_absent);
        let absent: Vec<&str> = absent.filter_map(|column| column.headers.first().copied()).collect();
        if !absent.is_empty() {
            let _ = writeln!(out, "    {}", messages.text("list-may-be-absent", &[("columns", &absent.join(" · "))]));
        }
    }
}

/// Every finding that the program can make, checks across sheets among them.
fn checks(messages: &Messages, out: &mut String) {
    let _ = writeln!(out, "{}", messages.text("list-checks", &[]));
    for id in messages.ids() {
        let mark = if CHECKS.iter().any(|check| check.id == id) { " *" } else { "" };
        let _ = writeln!(out, "  {id}{mark} – {}", messages.shown(id).0);
    }
}
