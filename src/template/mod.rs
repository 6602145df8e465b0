//! Fills section bodies: minijinja under a closed law, to Typst in a closed vocabulary.
//! In: a job with views. Out: virtual files of Typst, and every figure, constant and gap that was printed.
//! The only user of minijinja. It must never know the data set, the analysis or the pages.

mod escape;
mod lint;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, Value};
use serde::{Deserialize, Serialize};

pub use escape::{literal, markup};

use crate::catalog::{Numbering, Terms};
use crate::context::GapView;
use crate::diag::{Diagnostic, Diagnostics, Place, Reason};
use crate::figure::Figure;
use crate::model::Text;
use crate::plan::{Job, Part};
use crate::ru;
use values::{Leaf, Recorder};

/// Steps that a body may take: bodies of a municipality must end.
const FUEL: u64 = 2_000_000;

/// A virtual Typst file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FilledFile {
    /// Its virtual path: `/s/concept/general.typ`.
    pub path: String,
    /// The template it came from, below `templates/`.
    pub template: String,
    /// The filled text.
    pub text: String,
}

/// A filled document of a job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FilledPart {
    /// Its kind.
    pub document: String,
    /// Its standing, as the layout knows it.
    pub standing: String,
    /// Its pages lie on their side.
    pub is_landscape: bool,
    /// Its sections in order.
    pub files: Vec<FilledFile>,
}

/// What the bodies of a job printed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Uses {
    /// Figures by id.
    pub figures: BTreeMap<String, Figure>,
    /// Texts with digits, by the number under which they are tagged.
    pub constants: Vec<Text>,
    /// Figures that stand in alternative texts, titles and chart values: id, section, form, text.
    pub unplaced: Vec<UnplacedUse>,
    /// Gaps that a body met.
    pub gaps: Vec<GapView>,
    /// Ids that were printed with two values: the package would contradict itself.
    pub conflicts: Vec<String>,
}

/// A figure that is not text on a page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UnplacedUse {
    /// The figure.
    pub figure: String,
    /// Virtual path of the section.
    pub section: String,
    /// `code` for chart values, `plain` for alternative texts and titles.
    pub form: String,
    /// What stands there.
    pub text: String,
}

/// A filled job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Filled {
    /// The title.
    pub title: String,
    /// The documents.
    pub parts: Vec<FilledPart>,
    /// What was printed.
    pub uses: Uses,
    /// Virtual paths of the sections whose bodies break the law or fail: their text is empty, and nothing may be printed.
    pub broken: BTreeSet<String>,
}

/// Checks a body against the law of templates; the findings name file and line.
pub fn lint(path: &str, source: &str, diagnostics: &mut Diagnostics) -> bool {
    lint::lint(path, source, diagnostics)
}

/// Fills every section of a job.
///
/// Every failing body is reported, and the others are filled, so that what is wrong with their pages is found, too.
/// Returns `None` when a figure has two values. A job with broken sections must not be printed; in final mode neither
/// one whose uses hold gaps.
pub fn fill(job: &Job, diagnostics: &mut Diagnostics) -> Option<Filled> {
    let mut broken = BTreeSet::new();
    for part in &job.parts {
        for section in &part.sections {
            if !lint::lint(&section.template, &section.body, diagnostics) {
                broken.insert(virtual_path(&part.document, &section.id));
            }
        }
    }
    // References may point forward: the first pass learns the numbers, the second prints them.
    // Without a section some numbers are never learned: then one pass is enough to find what else is wrong.
    let (mut filled, numbers) = fill_once(job, None, broken, diagnostics);
    if let (Some(numbers), true) = (numbers, filled.broken.is_empty()) {
        filled = fill_once(job, Some(numbers), BTreeSet::new(), diagnostics).0;
    }
    for id in &filled.uses.conflicts {
        let place = Place::Document { document: job.kind.clone() };
        diagnostics.push(Diagnostic::error("figure-conflict", place).with("figure", id.clone()));
    }
    filled.uses.conflicts.is_empty().then_some(filled)
}

fn virtual_path(document: &str, section: &str) -> String {
    format!("/s/{document}/{section}.typ")
}

/// The counters of a document.
#[derive(Default)]
struct Counters {
    section: usize,
    clause: usize,
    tables: usize,
    /// Clause numbers by `document/section.id`.
    numbers: BTreeMap<String, String>,
    is_first_pass: bool,
    /// A reference was printed before its number was known.
    pending: bool,
}

/// Fills the job once. Without known numbers, also returns them when a second pass is needed.
fn fill_once(
    job: &Job,
    known: Option<BTreeMap<String, String>>,
    mut broken: BTreeSet<String>,
    diagnostics: &mut Diagnostics,
) -> (Filled, Option<BTreeMap<String, String>>) {
    let recorder = Arc::new(Recorder::new(job.is_draft));
    let is_first_pass = known.is_none();
    let counters = Counters { numbers: known.unwrap_or_default(), is_first_pass, ..Counters::default() };
    let counters = Arc::new(Mutex::new(counters));
    let mut environment = environment(&recorder, &job.terms);
    let mut parts = Vec::new();
    for part in &job.parts {
        lock(&counters).section = 0;
        lock(&counters).clause = 0;
        lock(&counters).tables = 0;
        let root = values::root(&part.view, &recorder);
        let mut files = Vec::new();
        for section in &part.sections {
            let path = virtual_path(&part.document, &section.id);
            let template = section.template.clone();
            if broken.contains(&path) {
                files.push(FilledFile { path, template, text: String::new() });
                continue;
            }
            recorder.enter(&path);
            let head = heading(part, section.heading.as_deref(), &counters);
            bind(&mut environment, part, &section.id, &counters, &recorder);
            match environment.render_named_str(&section.template, &section.body, &root) {
                Ok(text) => {
                    let text = format!("#import \"/vocabulary.typ\": *;{head}{text}");
                    files.push(FilledFile { path, template, text });
                }
                Err(error) => {
                    broken.insert(path.clone());
                    files.push(FilledFile { path, template, text: String::new() });
                    let line = error.line().unwrap_or(1);
                    let place = Place::Line { file: format!("templates/{}", section.template), line };
                    let id = match error.kind() {
                        ErrorKind::UndefinedError | ErrorKind::UnknownFilter | ErrorKind::UnknownFunction => {
                            "template-unknown-name"
                        }
                        ErrorKind::OutOfFuel => "template-endless",
                        _ => "template-failed",
                    };
                    diagnostics.push(Diagnostic::error(id, place).because(reason(&error)));
                }
            }
        }
        let standing = part.standing.key().to_owned();
        let is_landscape = part.is_landscape;
        parts.push(FilledPart { document: part.document.clone(), standing, is_landscape, files });
    }
    let title = recorder.title(&job.title);
    let mut counters = lock(&counters);
    let numbers = counters.pending.then(|| std::mem::take(&mut counters.numbers));
    (Filled { title, parts, uses: recorder.take(), broken }, numbers)
}

/// Says why a body cannot be filled; the functions and filters of the law say by name what they refuse.
fn reason(error: &minijinja::Error) -> Reason {
    let detail = error.detail().unwrap_or_default();
    let name = detail.split('`').nth(1).unwrap_or(detail);
    let key = match error.kind() {
        ErrorKind::UndefinedError if name.is_empty() => "reason-template-unknown",
        ErrorKind::UndefinedError | ErrorKind::UnknownFilter | ErrorKind::UnknownFunction => {
            return Reason::new("reason-template-no-name").with("name", name);
        }
        ErrorKind::OutOfFuel => "reason-template-fuel",
        ErrorKind::BadEscape => "reason-template-unprintable",
        ErrorKind::MissingArgument => "reason-template-argument-missing",
        ErrorKind::TooManyArguments => "reason-template-argument-extra",
        ErrorKind::InvalidOperation if detail == NO_NUMBERING => "reason-template-no-numbering",
        ErrorKind::InvalidOperation if detail.starts_with('|') => {
            // Only a filter whose word is unknown names its argument.
            let key = if detail.ends_with(')') { "reason-template-no-noun" } else { "reason-template-filter" };
            return Reason::new(key).with("name", detail);
        }
        ErrorKind::InvalidOperation if detail.contains("not iterable") => "reason-template-not-a-list",
        kind => {
            let detail = if detail.is_empty() { kind.to_string() } else { detail.to_owned() };
            return Reason::technical("reason-template-other", detail);
        }
    };
    Reason::new(key)
}

/// What `number` says in a document whose clauses have no numbers.
const NO_NUMBERING: &str = "number() without numbering";

/// Prints the heading of a section and starts its count of clauses.
fn heading(part: &Part, heading: Option<&str>, counters: &Arc<Mutex<Counters>>) -> String {
    let Some(heading) = heading else { return String::new() };
    let mut counters = lock(counters);
    counters.section += 1;
    if part.numbering != Numbering::Flat {
        counters.clause = 0;
    }
    let number = match part.numbering {
        Numbering::Sections | Numbering::Headings => literal(&counters.section.to_string()),
        Numbering::Roman => literal(&ru::roman(counters.section)),
        Numbering::Flat | Numbering::None => "none".to_owned(),
    };
    format!("#section({number})[{}]", markup(heading))
}

/// Makes the environment: nothing but the filters of the law.
fn environment(recorder: &Arc<Recorder>, terms: &Terms) -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Custom("typst".into()));
    environment.set_fuel(Some(FUEL));
    environment.set_formatter(|out, _, value| values::write(out, value));
    values::add_filters(&mut environment, recorder, terms);
    environment
}

/// Binds the functions that know where they are called.
fn bind(
    environment: &mut Environment<'static>,
    part: &Part,
    section: &str,
    counters: &Arc<Mutex<Counters>>,
    recorder: &Arc<Recorder>,
) {
    let scope = format!("{}/{section}", part.document);
    let document = part.document.clone();
    let numbering = part.numbering;
    let of = Arc::clone(counters);
    let record = Arc::clone(recorder);
    environment.add_function("number", move |id: String| {
        let mut counters = lock(&of);
        counters.clause += 1;
        let number = match numbering {
            Numbering::Sections if counters.section > 0 => format!("{}.{}", counters.section, counters.clause),
            // Of sections whose clauses have no numbers: an entry of a list within the section.
            Numbering::Flat | Numbering::Headings | Numbering::Roman => counters.clause.to_string(),
            _ => return Err(minijinja::Error::new(ErrorKind::InvalidOperation, NO_NUMBERING)),
        };
        // The same id in a loop names its first number.
        counters.numbers.entry(format!("{scope}.{id}")).or_insert_with(|| number.clone());
        Ok(Value::from_object(Leaf::code(literal(&number), &record)))
    });
    let of = Arc::clone(counters);
    let record = Arc::clone(recorder);
    environment.add_function("ref", move |target: String| {
        let mut counters = lock(&of);
        let found = counters.numbers.get(&format!("{document}/{target}")).cloned();
        match found {
            Some(number) => Ok(Value::from_object(Leaf::generated(number, &record))),
            None if counters.is_first_pass => {
                counters.pending = true;
                Ok(Value::from_object(Leaf::generated(String::new(), &record)))
            }
            None => Err(minijinja::Error::new(ErrorKind::UndefinedError, format!("ref({target:?})"))),
        }
    });
    let of = Arc::clone(counters);
    let record = Arc::clone(recorder);
    environment.add_function("table_number", move || {
        let mut counters = lock(&of);
        counters.tables += 1;
        Value::from_object(Leaf::code(literal(&counters.tables.to_string()), &record))
    });
    let appendices = part.appendices.clone();
    let record = Arc::clone(recorder);
    environment.add_function("appendix_ref", move |target: String| {
        let found = appendices
            .get(&target)
            .ok_or_else(|| minijinja::Error::new(ErrorKind::UndefinedError, format!("appendix_ref({target:?})")))?;
        Ok::<_, minijinja::Error>(Value::from_object(Leaf::words_and_number(found, &record)))
    });
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
