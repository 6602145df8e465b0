//! The command line: arguments to a request, a report to text. Together with `main` the only user of clap.
//! In: arguments. Out: text for the two streams and an exit status. It must never read, compute or write itself.

mod advice;
mod arguments;
mod explain;
mod forms;
mod keep;
mod list;
mod rules;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::PathBuf;

use crate::diag::{self, Diagnostics, Format, Messages, Severity};
use crate::pipeline::{self, Outcome, Request};
use crate::source::Municipality;
use crate::workbook::Reader;

/// Everything in order.
pub const CLEAN: u8 = 0;
/// Errors were found, or warnings that the user denied; what could be made was made.
pub const FINDINGS: u8 = 1;
/// The run could not begin.
pub const COULD_NOT_RUN: u8 = 2;

/// What the program is asked to do.
#[derive(Clone, Debug)]
enum Command {
    Build { write: bool },
    Keep,
    Repeat { year: i32, of_today: bool },
    List { what: Option<String> },
    Explain { kind: String, name: String },
    Forms { action: FormsAction, exchange: pipeline::Exchange },
}

/// What is done with forms.
#[derive(Clone, Debug)]
enum FormsAction {
    Emit,
    Receive { folder: PathBuf, merges: bool },
    Status,
    Lock,
    Fill { blank: PathBuf, map: PathBuf },
    Answer { blank: PathBuf },
}

/// Parsed arguments.
#[derive(Clone, Debug)]
struct Arguments {
    command: Command,
    inputs: PathBuf,
    outputs: PathBuf,
    only: BTreeSet<String>,
    draft: bool,
    jobs: Option<usize>,
    format: Format,
    deny_warnings: bool,
}

/// What `main` knows of the world.
pub struct World<'a> {
    /// The arguments, the program's name first.
    pub arguments: Vec<OsString>,
    /// Processors that may be used.
    pub processors: usize,
    /// Where progress goes; `None` when nobody watches.
    pub progress: Option<&'a (dyn Fn(&str) + Sync)>,
    /// The reader of workbooks.
    pub reader: Reader,
    /// The day, «22.11.2026»: only the journal of forms knows it.
    pub today: String,
}

/// What is to be printed, and the exit status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    /// For standard output.
    pub out: String,
    /// For standard error.
    pub err: String,
    /// Exit status.
    pub status: u8,
}

/// Runs the program.
pub fn run(world: &World<'_>) -> Printed {
    let source = crate::catalog::BUILT_IN
        .iter()
        .find(|(path, _)| *path == "messages/ru.toml")
        .and_then(|(_, bytes)| std::str::from_utf8(bytes).ok())
        .unwrap_or_default();
    let messages = match Messages::parse(source) {
        Ok(messages) => messages,
        Err(reason) => return Printed { err: reason, status: COULD_NOT_RUN, ..Printed::default() },
    };
    let arguments = match arguments::parse(&world.arguments, &messages) {
        Ok(arguments) => arguments,
        Err(printed) => return printed,
    };
    let request = Request {
        inputs: arguments.inputs.clone(),
        outputs: arguments.outputs.clone(),
        only: arguments.only.clone(),
        draft: arguments.draft,
        workers: arguments.jobs.unwrap_or(world.processors).clamp(1, 64),
        reader: world.reader.clone(),
    };
    match &arguments.command {
        Command::Build { write } => build(&arguments, &request, *write, world, &messages),
        Command::Keep => keep::keep(&arguments, &request, world, &messages),
        Command::Repeat { year, of_today } => keep::repeat((*year, *of_today), &arguments, &request, world, &messages),
        Command::List { what } => list::list(what.as_deref(), &request, &messages),
        Command::Explain { kind, name } => explain::explain(kind, name, &request, &messages),
        Command::Forms { action, exchange } => {
            let exchange = pipeline::Exchange { today: world.today.clone(), ..exchange.clone() };
            forms::forms(action, &exchange, &arguments, &request, &messages)
        }
    }
}

fn could_not_run(diagnostic: diag::Diagnostic, arguments: &Arguments, messages: &Messages) -> Printed {
    let mut diagnostics = Diagnostics::default();
    diagnostics.push(diagnostic);
    let err = diag::emit(&diagnostics, messages, arguments.format);
    Printed { err, status: COULD_NOT_RUN, ..Printed::default() }
}

/// Does the same for every municipality, one after another.
fn for_each(
    arguments: &Arguments,
    request: &Request,
    messages: &Messages,
    mut one: impl FnMut(&Municipality, &mut Printed),
) -> Printed {
    let municipalities = match pipeline::discover(&request.inputs) {
        Ok(municipalities) => municipalities,
        Err(diagnostic) => return could_not_run(diagnostic, arguments, messages),
    };
    let mut printed = Printed::default();
    for municipality in &municipalities {
        let mut own = Printed::default();
        one(municipality, &mut own);
        join(&mut printed, &own, municipality, municipalities.len(), arguments.format, messages);
    }
    printed
}

/// Puts what is to be printed of one municipality behind that of those before it.
fn join(
    printed: &mut Printed,
    own: &Printed,
    municipality: &Municipality,
    count: usize,
    format: Format,
    messages: &Messages,
) {
    printed.out.push_str(&own.out);
    printed.err.push_str(&headed(&own.err, municipality, count, format, messages));
    printed.status = printed.status.max(own.status);
}

/// What is said of one of several municipalities, under its name.
fn headed(text: &str, municipality: &Municipality, count: usize, format: Format, messages: &Messages) -> String {
    if count < 2 || text.is_empty() || format == Format::Json {
        return text.to_owned();
    }
    format!("{}\n{text}", messages.text("of-municipality", &[("municipality", &municipality.id)]))
}

fn build(arguments: &Arguments, request: &Request, write: bool, world: &World<'_>, messages: &Messages) -> Printed {
    let municipalities = match pipeline::discover(&request.inputs) {
        Ok(municipalities) => municipalities,
        Err(diagnostic) => return could_not_run(diagnostic, arguments, messages),
    };
    let kinds = pipeline::kinds(request);
    // A kind may be one of a single municipality's own: the others keep what they have.
    let asked: Vec<(Municipality, Request)> = municipalities
        .iter()
        .filter_map(|municipality| Some((municipality.clone(), kinds.of(municipality, request)?)))
        .collect();
    let done = |municipality: &Municipality, file: &str| {
        if let Some(progress) = world.progress {
            progress(&messages.text("progress", &[("municipality", &municipality.id), ("file", file)]));
        }
    };
    let mut told: BTreeMap<String, Printed> = BTreeMap::new();
    pipeline::run_all(&asked, messages, write, &done, &mut |outcome| {
        let denied = arguments.deny_warnings && outcome.diagnostics.has(Severity::Warning);
        let printed = Printed {
            status: if outcome.has_errors() || denied { FINDINGS } else { 0 },
            err: diag::emit(&outcome.diagnostics, messages, arguments.format),
            out: match arguments.format {
                Format::Json => summary_json(&outcome),
                _ => summary(&outcome, write, messages),
            },
        };
        told.insert(outcome.municipality, printed);
    });
    let mut printed = Printed::default();
    for municipality in &municipalities {
        let own = told.remove(&municipality.id).unwrap_or_else(|| {
            let only = request.only.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            let line = messages.text("summary-without", &[("municipality", &municipality.id), ("kinds", &only)]);
            Printed { out: format!("{line}\n"), ..Printed::default() }
        });
        join(&mut printed, &own, municipality, municipalities.len(), arguments.format, messages);
    }
    printed
}

fn count(outcome: &Outcome, severity: Severity) -> String {
    outcome.diagnostics.sorted().iter().filter(|finding| finding.severity == severity).count().to_string()
}

fn summary_json(outcome: &Outcome) -> String {
    let line = serde_json::json!({
        "schema": 1, "municipality": outcome.municipality, "produced": outcome.produced,
        "blocked": outcome.blocked, "removed": outcome.removed,
    });
    format!("{line}\n")
}

fn summary(outcome: &Outcome, write: bool, messages: &Messages) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    for blocked in &outcome.blocked {
        let file = blocked.file.as_deref().unwrap_or(&blocked.document);
        line(messages.text("summary-blocked", &[("file", file)]));
        for reason in &blocked.reasons {
            let key = if reason.place.is_empty() { "summary-reason-plain" } else { "summary-reason" };
            line(messages.text(key, &[("message", &reason.message), ("place", &reason.place)]));
        }
    }
    if !outcome.removed.is_empty() {
        line(messages.text("summary-removed", &[("files", &outcome.removed.join(", "))]));
    }
    let key = if write { "summary-made" } else { "summary-checked" };
    // The ledger and what is kept of failed documents are no papers of the package.
    let made = outcome.produced.iter().filter(|file| file.ends_with(".pdf") || file.ends_with(".xlsx")).count();
    line(messages.text(
        key,
        &[
            ("municipality", &outcome.municipality),
            ("made", &made.to_string()),
            ("blocked", &outcome.blocked.len().to_string()),
            ("errors", &count(outcome, Severity::Error)),
            ("warnings", &count(outcome, Severity::Warning)),
        ],
    ));
    out
}
