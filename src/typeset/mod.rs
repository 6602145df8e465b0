//! Filled sections to pages and PDF. The only user of typst.
//! In: virtual files, a layout profile, fonts. Out: the PDF, and every tagged text with its place on a page.
//! It must never know views, data or the analysis. PDF/A-2a and PDF/UA-1 at once; fonts are the program's own.

mod overrun;
mod profile;
mod qr;
mod vocabulary;
mod walk;
mod world;

use std::collections::BTreeSet;

use typst::World as _;
use typst::WorldExt as _;
use typst::diag::{Severity, SourceDiagnostic};
use typst::foundations::Smart;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

pub use walk::{Hit, PageText, Place as PagePlace, Run, Tag};
pub use world::{Fonts, draws};

use crate::diag::{Diagnostic, Diagnostics, Place};
use crate::plan::Job;
use crate::ru;
use crate::settings::LetterheadForm;
use crate::template::{Filled, FilledFile, literal};
use world::Files;

/// A typeset job.
#[derive(Clone, Debug)]
pub struct Typeset {
    /// The PDF.
    pub pdf: Vec<u8>,
    /// Number of pages.
    pub pages: usize,
    /// Every tagged text, in the order of the pages.
    pub hits: Vec<Hit>,
    /// The text of the pages.
    pub texts: Vec<PageText>,
}

/// Typesets a filled job.
///
/// Returns `None` after reporting everything that is wrong; the findings name section and filled line.
pub fn typeset(job: &Job, filled: &Filled, fonts: &Fonts, diagnostics: &mut Diagnostics) -> Option<Typeset> {
    let files: Vec<&FilledFile> = filled.parts.iter().flat_map(|part| &part.files).collect();
    let mut broken = filled.broken.clone();
    let mut sections = Vec::new();
    for file in &files {
        let Some(source) = world::source(&file.path, &file.text) else { continue };
        if !vocabulary::check(file, source.root(), diagnostics) {
            broken.insert(file.path.clone());
        }
        sections.push(source);
    }
    let profile = match profile::to_typst(&job.profile_source) {
        Ok(profile) => profile + &letterhead(job),
        Err(reason) => {
            let file = format!("templates/layout/{}.toml", job.profile);
            let place = Place::File { file: file.clone() };
            let place = reason.line.map_or(place, |line| Place::Line { file, line });
            diagnostics.push(Diagnostic::error("bad-template", place).because(reason));
            return None;
        }
    };
    if files.iter().all(|file| broken.contains(&file.path)) {
        return None;
    }
    let world = Files::new(fonts, &main(job, filled), &job.vocabulary, &profile, sections)
        .with_emblem(job.emblem.as_ref())
        .with_qr(job.qr.as_deref());
    let result = compile(job, filled, &files, broken, world, diagnostics);
    // What the next document has in common with this one stays: the vocabulary is evaluated once, not for each. Older
    // results would only cost memory.
    comemo::evict(1);
    result
}

fn compile(
    job: &Job,
    filled: &Filled,
    files: &[&FilledFile],
    mut blanked: BTreeSet<String>,
    mut world: Files<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Typeset> {
    for path in &blanked {
        world.blank(path);
    }
    // Evaluation stops at the first error: a failing section is blanked and the rest tried again,
    // so that one run names every broken section.
    loop {
        let compiled = typst::compile::<PagedDocument>(&world);
        let errors = match compiled.output {
            Err(errors) => errors,
            Ok(_) if !blanked.is_empty() => return None,
            Ok(document) => {
                let mut sound = warnings(&compiled.warnings, &world, files, job, diagnostics);
                let walked = walk::walk(&document, &world, profile::margins(&job.profile_source));
                sound &= inspect(&walked, &job.file, filled, files, diagnostics);
                let pdf = match typst_pdf::pdf(&document, &options(job)) {
                    Ok(mut pdf) => {
                        // It is kept until the package is whole, and was grown by doubling.
                        pdf.shrink_to_fit();
                        pdf
                    }
                    Err(errors) => {
                        for error in &errors {
                            // Titles, headings and alternative texts are strings of the file, which have a limit.
                            if error.message.contains(LONG_STRING) {
                                let place = Place::Document { document: job.kind.clone() };
                                diagnostics.push(Diagnostic::error("text-too-long-for-pdf", place));
                            } else {
                                report(error, &world, files, job, diagnostics);
                            }
                        }
                        return None;
                    }
                };
                let (pages, hits, texts) = (document.pages().len(), walked.hits, walked.pages);
                return sound.then_some(Typeset { pdf, pages, hits, texts });
            }
        };
        let mut broken = BTreeSet::new();
        for error in &errors {
            let section = report(error, &world, files, job, diagnostics);
            broken.extend(section.filter(|path| !blanked.contains(path)));
        }
        if broken.is_empty() {
            return None;
        }
        for path in broken {
            world.blank(&path);
            blanked.insert(path);
        }
    }
}

/// What the engine says of a string that is too long for PDF/A.
const LONG_STRING: &str = "PDF string";

/// Letters of a text that a finding quotes.
const QUOTED: usize = 60;

/// Writes how the letterhead stands, and the coat of arms over it.
fn letterhead(job: &Job) -> String {
    let is_angular = job.letterhead == LetterheadForm::Angular;
    let emblem = job.emblem.as_ref().map_or_else(
        || "none".to_owned(),
        |emblem| format!("(path: {}, alt: {})", literal(world::emblem_path(emblem.format)), literal(&emblem.text)),
    );
    format!("#let letterhead-form = (is-angular: {is_angular}, emblem: {emblem})\n")
}

/// Writes the main file: page set-up, and the documents in order.
fn main(job: &Job, filled: &Filled) -> String {
    let option = |text: &Option<String>| text.as_ref().map_or_else(|| "none".to_owned(), |text| literal(text));
    let date = job.date;
    let mut out = format!(
        "#import \"/vocabulary.typ\": *\n#show: whole.with(title: {}, lang: \"ru\", sample: {}, draft: {}, qr: {}, date: datetime(year: {}, month: {}, day: {}))\n",
        literal(&filled.title),
        option(&job.sample_mark),
        option(&job.draft_mark),
        job.qr.as_ref().map_or_else(|| "none".to_owned(), |_| literal(world::QR)),
        date.year,
        date.month,
        date.day,
    );
    for (index, part) in filled.parts.iter().enumerate() {
        let (kind, is_first) = (literal(&part.standing), index == 0);
        out.push_str(&format!("#part(kind: {kind}, first: {is_first}, landscape: {})[\n", part.is_landscape));
        for file in &part.files {
            out.push_str(&format!("#include {}\n\n", literal(&file.path)));
        }
        out.push_str("]\n");
    }
    out
}

fn options(job: &Job) -> PdfOptions {
    PdfOptions {
        ident: Smart::Custom(job.ident.clone()),
        creator: Smart::Custom(Some(concat!("svod ", env!("CARGO_PKG_VERSION")).to_owned())),
        standards: PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1]).unwrap_or_default(),
        ..PdfOptions::default()
    }
}

/// Reports an error at its section and filled line, and returns the section.
fn report(
    error: &SourceDiagnostic,
    world: &Files<'_>,
    files: &[&FilledFile],
    job: &Job,
    diagnostics: &mut Diagnostics,
) -> Option<String> {
    let spans = std::iter::once(error.span).chain(error.trace.iter().map(|point| point.span.into()));
    for span in spans {
        let Some(id) = span.id() else { continue };
        let path = id.vpath().get_with_slash().to_owned();
        let Some(file) = files.iter().find(|file| file.path == path) else { continue };
        let line = world
            .range(span)
            .and_then(|range| world.source(id).ok()?.lines().byte_to_line(range.start))
            .map_or(1, |line| line + 1);
        let place = Place::Line { file: format!("templates/{}", file.template), line };
        let finding = Diagnostic::error("typesetting-failed", place)
            .with("detail", error.message.to_string())
            .with("document", job.kind.clone());
        diagnostics.push(finding);
        return Some(path);
    }
    let finding = Diagnostic::error("typesetting-failed", Place::Document { document: job.kind.clone() })
        .with("detail", error.message.to_string())
        .with("document", job.kind.clone());
    diagnostics.push(finding);
    None
}

/// A warning of the engine about fonts is an error: the page would not be as designed.
fn warnings(
    warnings: &[SourceDiagnostic],
    world: &Files<'_>,
    files: &[&FilledFile],
    job: &Job,
    diagnostics: &mut Diagnostics,
) -> bool {
    for warning in warnings {
        debug_assert!(warning.severity == Severity::Warning);
        report(warning, world, files, job, diagnostics);
    }
    warnings.is_empty()
}

/// Holds the pages against what was filled: every digit tagged, every figure printed as it is, nothing cut.
fn inspect(
    walked: &walk::Walked,
    document: &str,
    filled: &Filled,
    files: &[&FilledFile],
    diagnostics: &mut Diagnostics,
) -> bool {
    let mut sound = true;
    let mut report = |id: &str, section: Option<&str>, line: usize, args: &[(&str, &str)]| {
        sound = false;
        let file = section.and_then(|path| files.iter().find(|file| file.path == path));
        let place = file.map_or(Place::Run, |file| Place::Line { file: format!("templates/{}", file.template), line });
        let mut finding = Diagnostic::error(id, place);
        for (key, value) in args {
            finding = finding.with(key, *value);
        }
        diagnostics.push(finding);
    };
    for stray in &walked.stray_digits {
        report("untagged-digit", stray.section.as_deref(), stray.line, &[("found", &stray.text)]);
    }
    // A long text gives a line of the page each: one place is told once.
    let place = |stray: &walk::Stray| (stray.section.clone(), stray.line, String::new());
    for cut in firsts(&walked.off_page, place) {
        let page = cut.page.to_string();
        report("off-page", cut.section.as_deref(), cut.line, &[("found", &quoted(&cut.text)), ("page", &page)]);
    }
    for hit in &walked.hits {
        let Tag::Figure(id) = &hit.tag else { continue };
        let Some(figure) = filled.uses.figures.get(id) else { continue };
        if walk::comparable(&hit.text) != walk::comparable(&figure.text()) {
            report("figure-misprinted", hit.section.as_deref(), 1, &[("figure", id), ("found", &hit.text)]);
        }
    }
    // Hidden or empty text leaves a tag without a box, or none at all.
    for id in filled.uses.figures.keys() {
        let stands = |hit: &Hit| matches!(&hit.tag, Tag::Figure(found) if found == id) && !hit.places.is_empty();
        let is_unplaced = filled.uses.unplaced.iter().any(|unplaced| unplaced.figure == *id);
        if !is_unplaced && !walked.hits.iter().any(stands) {
            report("figure-not-printed", None, 1, &[("figure", id)]);
        }
    }
    for found in &walked.over_slots {
        let place = Place::Document { document: document.to_owned() };
        diagnostics.push(Diagnostic::warning("slot-overflow", place).with("found", quoted(found)));
    }
    let stops = walked.pages.iter().enumerate().map(|(index, page)| (index + 1, page));
    for (number, page) in stops {
        if let Some(found) = page.body.lines().find_map(ru::doubled_stop) {
            let place = Place::Document { document: document.to_owned() };
            let finding = Diagnostic::warning("doubled-stop", place).with("found", quoted(found));
            diagnostics.push(finding.with("page", number.to_string()));
        }
    }
    // The page tells nothing false: worth a look before signing.
    let mut warn = |stray: &walk::Stray, finding: Diagnostic| {
        let file = stray.section.as_deref().and_then(|path| files.iter().find(|file| file.path == path));
        let file = file.map(|file| format!("templates/{}", file.template));
        let place = file.map_or(Place::Run, |file| Place::Line { file, line: stray.line });
        let finding = Diagnostic { place, ..finding };
        diagnostics.push(finding.with("found", quoted(&stray.text)).with("page", stray.page.to_string()));
    };
    let word = |stray: &walk::Stray| (stray.section.clone(), stray.line, stray.text.clone());
    for stray in firsts(&walked.overruns, word) {
        warn(stray, Diagnostic::warning("word-overruns", Place::Run));
    }
    for stray in firsts(&walked.collisions, place) {
        warn(stray, Diagnostic::warning("texts-collide", Place::Run));
    }
    sound
}

/// The beginning of a text.
fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The first of all that have a key.
fn firsts<K: Ord>(strays: &[walk::Stray], key: impl Fn(&walk::Stray) -> K) -> impl Iterator<Item = &walk::Stray> {
    let mut seen = BTreeSet::new();
    strays.iter().filter(move |stray| seen.insert(key(stray)))
}
