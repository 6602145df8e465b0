//! The seam between the cases and the program: an inputs folder in, a report out.
//! The program runs as a library, without writing: what it would have written is in its outcome.
//! It must never know what a case is about.

#![expect(clippy::expect_used, reason = "a run that cannot begin is a failed test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use svod::diag::{self, Diagnostics, Format, Messages};
use svod::ledger::FigureEntry;
use svod::pipeline::{self, Outcome, Request};

use crate::cases::CaseReport;

/// Figures that every case shows.
const CHOSEN: [&str; 14] = [
    "school-count",
    "low-count/2022",
    "low-rate/2022",
    "low-rate/2021",
    "low-target-rate/2024",
    "growing-schools/2022",
    "low-results-index/2022",
    "diagnosed-teachers/2022",
    "networked-schools/2022",
    "activity-count",
    "low-rate/2022/schools-with-data",
    "low-rate/2022/schools",
    "diagnosed-teachers/2022/schools-with-data",
    "diagnosed-teachers/2022/schools",
];
/// Figures of which every case shows the sources, too.
const TRACED: [&str; 2] = ["school-count", "activity-count"];

/// Returns the messages built into the program.
pub fn messages() -> Messages {
    let source = svod::catalog::BUILT_IN.iter().find(|(path, _)| *path == "messages/ru.toml").expect("the messages").1;
    Messages::parse(std::str::from_utf8(source).expect("UTF-8")).expect("readable messages")
}

/// Returns a request for everything, on one thread.
pub fn request(inputs: &Path, outputs: &Path) -> Request {
    Request {
        inputs: inputs.to_owned(),
        outputs: outputs.to_owned(),
        only: BTreeSet::new(),
        draft: false,
        workers: 1,
        reader: svod::workbook::Reader::InProcess,
    }
}

/// Runs the one municipality of an inputs folder; writes only when told so.
pub fn outcome(request: &Request, write: bool) -> Outcome {
    let municipalities = pipeline::discover(&request.inputs).expect("a municipality");
    let municipality = municipalities.first().expect("a municipality");
    pipeline::run(municipality, request, &messages(), write, &|_| {})
}

/// Runs the program on an inputs folder and reports what a case compares.
pub fn run(inputs: &Path) -> CaseReport {
    let request = request(inputs, &inputs.with_file_name("outputs"));
    let messages = messages();
    if let Err(finding) = pipeline::discover(inputs) {
        let mut diagnostics = Diagnostics::default();
        diagnostics.push(finding);
        return CaseReport { diagnostics: diag::emit(&diagnostics, &messages, Format::Short), ..CaseReport::default() };
    }
    let outcome = outcome(&request, false);
    CaseReport {
        diagnostics: diag::emit(&outcome.diagnostics, &messages, Format::Short),
        blocked: outcome.blocked.iter().flat_map(blocked).collect(),
        figures: lists(&outcome).into_iter().chain(marks(&outcome)).chain(figures(&outcome)).collect(),
        produced: outcome.produced,
        advice: advice(inputs, &request, &messages),
    }
}

/// The advice of a municipality whose settings name the rules.
fn advice(inputs: &Path, request: &Request, messages: &Messages) -> Vec<String> {
    let settings = crate::read_text(&inputs.join(crate::cases::SAMPLE).join("svod.toml")).unwrap_or_default();
    if !settings.lines().any(|line| line.starts_with("advice =")) {
        return Vec::new();
    }
    let municipalities = pipeline::discover(inputs).expect("a municipality");
    let municipality = municipalities.first().expect("a municipality");
    let prepared = pipeline::prepare(municipality, request, messages, &mut Diagnostics::default());
    prepared.as_ref().map(crate::advice::lines).unwrap_or_default()
}

/// A document that was not made, a line a reason.
fn blocked(blocked: &svod::output::Blocked) -> Vec<String> {
    let file = blocked.file.as_deref().unwrap_or(&blocked.document);
    let line =
        |reason: &svod::output::BlockReason| format!("{file}: {} {}", reason.id, reason.place).trim_end().to_owned();
    if blocked.reasons.is_empty() { vec![file.to_owned()] } else { blocked.reasons.iter().map(line).collect() }
}

/// The low-performing schools of two years, as the return for the region has them.
fn lists(outcome: &Outcome) -> Vec<String> {
    let figures = outcome.ledger.documents.iter().filter(|document| document.document == "monitoring");
    let figures: Vec<&FigureEntry> = figures.flat_map(|document| &document.figures).collect();
    let listed = |year: &str| {
        let code = |figure: &FigureEntry| -> Option<String> {
            let code = figure.id.strip_prefix(&format!("low-rate/{year}/"))?.strip_suffix("/numerator")?.to_owned();
            (figure.text == "да").then_some(code)
        };
        let codes: Vec<String> = figures.iter().filter_map(|figure| code(figure)).collect();
        (!codes.is_empty()).then(|| format!("list of {year}: {}", codes.join(", ")))
    };
    ["2021", "2022"].into_iter().filter_map(listed).collect()
}

/// The mark of invented data on what was made.
fn marks(outcome: &Outcome) -> Vec<String> {
    if outcome.produced.is_empty() {
        return Vec::new();
    }
    vec![format!("mark: {}", outcome.ledger.sample.as_deref().unwrap_or("none"))]
}

/// The chosen figures of all documents, each once for every text that it has.
fn figures(outcome: &Outcome) -> Vec<String> {
    let mut found: BTreeMap<&str, BTreeMap<&str, &FigureEntry>> = BTreeMap::new();
    for figure in outcome.ledger.documents.iter().flat_map(|document| &document.figures) {
        found.entry(&figure.id).or_default().insert(&figure.text, figure);
    }
    let mut lines = Vec::new();
    for id in CHOSEN {
        for (text, figure) in found.get(id).into_iter().flatten() {
            // A no-break space would look like any other.
            lines.push(format!("{id} = {}", text.replace('\u{a0}', "~")));
            if TRACED.contains(&id) {
                lines.push(format!("  from {}", figure.sources.join("; ")));
            }
        }
    }
    lines
}
