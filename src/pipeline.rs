//! The path: discover, read, check, analyze, plan, render, write, manifest. No side doors.
//! In: folders and choices from the command line. Out: a report; the package on disk when asked for.
//! It must never know how a stage does its work.

mod advising;
mod answering;
mod cells;
mod collecting;
mod exchange;
mod filling;
mod forms;
mod keeping;
mod kinds;
mod listing;
mod papers;
mod protocol;
mod rendering;
mod writing;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub use answering::answer;
pub use collecting::{Receiving, lock, receive, status};
pub use exchange::{Exchange, Exchanged, emit};
pub use filling::{Filling, fill_in};
pub use forms::{FormContent, FormJob};
pub use keeping::{Repeated, keep, repeat};
pub use kinds::{Kinds, kinds};

use self::kinds::wants_what_is;
use self::rendering::{Rendered, render};
use self::writing::{enter_documents, enter_unread, write_package};
use crate::advice::{Advice, Rules};
use crate::blank::Words;
use crate::catalog::{Bundle, Templates};
use crate::context::blanks::Ground;
use crate::context::{self, Analysis, GapView, References, View};
use crate::diag::{Diagnostic, Diagnostics, Messages, Place, Reason, Severity};
use crate::emblem::{self, Emblem};
use crate::exports::{self, Conversion, Scales};
use crate::groups::{Groups, Method, Methods};
use crate::history::{self, History};
use crate::indicators::{self, Catalogue, IndicatorResult, Series, Studied, Study, TargetVerdict};
use crate::ledger::{self, Ledger};
use crate::markers::Markers;
use crate::model::{Dataset, Gap, Operand, Role, Year, requisite};
use crate::output::{self, Blocked};
use crate::plan::{self, Job, Plan};
use crate::provenance::Sources;
use crate::roadmap::{self, Audiences, Days, Roadmap};
use crate::ru;
use crate::settings::{self, Settings};
use crate::sheets::Aliases;
use crate::source::{self, Municipality, SourceFile};
use crate::typeset::Typeset;
use crate::workbook::{self, Book, Cache, Fresh, Reader, Reading};
use crate::{checks, sheets, typeset};

/// What a run is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// Folder of municipalities, or of one.
    pub inputs: PathBuf,
    /// Folder of outputs.
    pub outputs: PathBuf,
    /// Kinds to make; empty makes all.
    pub only: BTreeSet<String>,
    /// Drafts: gaps print visibly instead of blocking.
    pub draft: bool,
    /// Worker threads.
    pub workers: usize,
    /// The reader behind the seam.
    pub reader: Reader,
}

/// Everything known of a municipality before anything is rendered.
pub struct Prepared {
    /// The folder.
    pub municipality: Municipality,
    /// Input files.
    pub files: Vec<SourceFile>,
    /// Settings.
    pub settings: Settings,
    /// Templates.
    pub templates: Templates,
    /// Provenance.
    pub sources: Sources,
    /// Data.
    pub data: Dataset,
    /// Methods.
    pub methods: Methods,
    /// Catalogue of indicators.
    pub catalogue: Catalogue,
    /// Groups.
    pub groups: Groups,
    /// Indicators.
    pub indicators: Vec<IndicatorResult>,
    /// Indicators over the years that are known.
    pub trends: Vec<Series>,
    /// Targets with what came of them.
    pub targets: Vec<TargetVerdict>,
    /// What follows from the findings.
    pub advice: Advice,
    /// The rules by which it does.
    pub rules: Rules,
    /// The reported year.
    pub year: Year,
    /// Views.
    pub view: BTreeMap<String, View>,
    /// What texts may refer to.
    pub references: References,
    /// The coat of arms of the letterhead.
    pub emblem: Option<Emblem>,
    /// PDFs to be made.
    pub jobs: Vec<Job>,
    /// Forms to be made.
    pub forms: Vec<FormJob>,
    /// Drafts are wanted.
    pub is_draft: bool,
    /// Read workbooks to be kept for the next run; `None` when none are.
    pub fresh: Option<Vec<Fresh>>,
    /// Workbooks that go into the archive of the year when it is kept.
    pub to_archive: BTreeSet<String>,
}

/// What became of a municipality.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Name of the municipality's folder.
    pub municipality: String,
    /// Findings.
    pub diagnostics: Diagnostics,
    /// Files made, in order.
    pub produced: Vec<String>,
    /// Documents that were blocked.
    pub blocked: Vec<Blocked>,
    /// The ledger.
    pub ledger: Ledger,
    /// Files of the previous outputs that are gone.
    pub removed: Vec<String>,
}

impl Outcome {
    /// Tells whether the run found an error.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.has(Severity::Error)
    }
}

/// Reads, checks, analyzes and plans one municipality. `None` when its settings or templates forbid to go on.
pub fn prepare(
    municipality: &Municipality,
    request: &Request,
    messages: &Messages,
    diagnostics: &mut Diagnostics,
) -> Option<Prepared> {
    prepare_run(municipality, request, messages, Mode::Check, diagnostics)
}

fn prepare_run(
    municipality: &Municipality,
    request: &Request,
    messages: &Messages,
    mode: Mode<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Prepared> {
    let mut files = source::read(&municipality.folder, diagnostics);
    if let Mode::Repeat(past) = mode {
        past.lay_over(&mut files);
    }
    let file = files.iter().find(|file| file.path == settings::FILE)?;
    let settings = match std::str::from_utf8(&file.bytes) {
        Ok(text) => Settings::parse(settings::FILE, text, diagnostics)?,
        Err(_) => {
            let place = Place::File { file: settings::FILE.to_owned() };
            diagnostics.push(Diagnostic::error("bad-settings", place).because(Reason::new("reason-not-utf-8")));
            return None;
        }
    };
    let templates = Templates::built_in().with_overrides(&files, diagnostics);
    let bundles = templates.bundles(&mut Diagnostics::default());
    templates.strays(&chosen_kinds(&settings, &bundles), diagnostics);
    let (mut sources, mut fresh, mut to_archive) = (Sources::default(), None, BTreeSet::new());
    let mut data = read_data(&templates, &settings, &mut sources, diagnostics, |accept| {
        // A raw protocol names pupils: only books of nothing but the program's own sheets are kept for the next run.
        let cache = Some(Cache { municipality, may_keep: exports::may_keep, keeps: matches!(mode, Mode::Write) });
        let how = Reading { reader: &request.reader, workers: request.workers, cache };
        let (kept, findings) = workbook::read_each(&files, how, &mut |file, book| {
            if matches!(mode, Mode::Keep) && exports::may_archive(&book) {
                to_archive.insert(file.clone());
            }
            accept(file, book);
        });
        fresh = Some(kept);
        findings
    });
    checks::check(&mut data, &sources, diagnostics);
    let methods = read_methods(&settings, &templates, diagnostics)?;
    let catalogue = read_catalogue(&settings, &templates, diagnostics)?;
    let is_of_vpr = advising::is_of_vpr(&methods, &catalogue);
    let rules = advising::rules(&templates, &settings, &catalogue, &data, &is_of_vpr, diagnostics)?;
    let Some(year) = data.requisite_numbers.get(requisite::YEAR).cloned() else {
        let name = messages.text("requisite-year", &[]);
        diagnostics.push(Diagnostic::error("missing-requisite", Place::Run).with("key", name));
        return None;
    };
    let reported = Year(year.value.to_integer().and_then(|year| i32::try_from(year).ok()).unwrap_or_default());
    let years = [Year(reported.0 - 1), reported];
    let method_file = |id: &str| templates.shown(&format!("methods/{id}.toml"));
    let refused = catalogue.check(&methods, &method_file, &data, diagnostics);
    let study = Study {
        methods: &methods,
        catalogue: &catalogue,
        refused: &refused,
        data: &data,
        rounding: settings.rounding,
        trend: &settings.trend,
    };
    let Studied { mut groups, mut indicators, trends } = study.compute(&years, &mut sources, diagnostics);
    let snapshots = match mode {
        Mode::Repeat(past) => past.snapshots.clone(),
        _ => keeping::snapshots(municipality, diagnostics),
    };
    let rounding = settings.rounding;
    history::recall(&snapshots, reported, &mut groups, &mut indicators, rounding, &mut sources, diagnostics);
    let history = History::new(&data, &groups, &snapshots, reported);
    let targets = indicators::verdicts(&indicators, &trends, &data, reported, &mut sources, diagnostics);
    let printed = catalogue.groups.iter().filter(|group| !group.is_auxiliary);
    let group_titles = printed.map(|group| (group.id.clone(), group.title.clone())).collect();
    let of_low = methods.method_of(Role::LowPerforming).or_else(|| methods.methods.first());
    let method_shown = of_low.map(|method| method_file(&method.id)).unwrap_or_default();
    let advising =
        advising::Advising { rules: &rules, settings: &settings, data: &data, groups: &groups, year: reported };
    let advice = advising.advise(&indicators, &is_of_vpr, &mut sources, diagnostics);
    let roadmap = follow_roadmap(&settings, &templates, &data, &groups, reported, &sources, diagnostics);
    let words = |key: &str| messages.text(key, &[]);
    let preambles = plan::preambles(&settings, &templates);
    let forms_named = plan::forms_named(&settings, &templates);
    let terms = document_terms(&templates);
    checks::other_terms(&data, &words_for_groups(&templates, &terms), &sources, diagnostics);
    let rules_file = templates.shown(&format!("advice/{}.toml", settings.advice));
    let markers = templates.data("markers.toml", Markers::parse, diagnostics).unwrap_or_default();
    let analysis = Analysis {
        data: &data,
        settings: &settings,
        methods: &methods,
        preambles: &preambles,
        forms: &forms_named,
        method_file: &method_shown,
        markers: &markers,
        advice: &advice,
        rules: &rules,
        rules_file: &rules_file,
        catalogue: &catalogue,
        groups: &groups,
        indicators: &indicators,
        method_path: &method_file,
        trends: &trends,
        targets: &targets,
        group_titles: &group_titles,
        roadmap: roadmap.as_ref(),
        history: &history,
        year: Operand { value: year.value.clone(), node: year.node },
        terms: &terms,
        words: &words,
    };
    let (mut view, references) = context::municipality(&analysis, &mut sources, diagnostics);
    let emblem = read_emblem(&settings, &files, &mut view, &words, diagnostics);
    // What no document prints is not computed.
    if plan::names(&settings, &templates, DYNAMICS) {
        view.insert(DYNAMICS.to_owned(), context::dynamics(&analysis, &advice, reported, &mut sources));
    }
    if plan::names(&settings, &templates, BLANKS)
        && let Some(blank_words) = templates.data(exchange::WORDS, Words::parse, diagnostics)
    {
        let specs = exchange::specs(&settings, &templates, &blank_words, diagnostics);
        let ground = Ground {
            folder: &municipality.id,
            settings: &settings,
            data: &data,
            groups: &groups,
            catalogue: &catalogue,
            indicators: &indicators,
            targets: &targets,
            year: reported,
            quarter: None,
            due: None,
            words: &blank_words,
            specs: &specs,
            // A blank as an example has no code.
            numbered: &[],
            appendices: &exchange::appendices(&specs, &settings, &templates),
            text: &words,
        };
        view.insert(BLANKS.to_owned(), ground.views(&specs, &mut sources));
    }
    if plan::is_made_for(&settings, &templates, context::ADDRESSEES)
        && let Some(View::Map(registers)) = view.get_mut("registers")
    {
        let rows = context::addressees(&analysis, reported, &mut sources);
        registers.insert(context::ADDRESSEES.to_owned(), rows);
    }
    if plan::names(&settings, &templates, context::ADVISED) {
        view.insert(context::ADVISED.to_owned(), context::advised(&analysis, reported, &mut sources));
    }
    if plan::names(&settings, &templates, context::HEADS)
        && let Some(View::Map(registers)) = view.get_mut("registers")
    {
        context::heads(&analysis, registers, &mut sources, diagnostics);
    }
    view.values_mut().for_each(|view| view.name_places(diagnostics));
    let records = view.get("registers").cloned().unwrap_or(View::Flag(false));
    let mut schools = context::schools(&analysis, &advice, &rules, reported, &records, &mut sources);
    schools.name_places(diagnostics);
    let is_draft = request.draft || settings.draft;
    let to_plan = Plan {
        settings: &settings,
        templates: &templates,
        municipality: &municipality.id,
        view: &view,
        references: &references,
        schools: &schools,
        emblem: emblem.as_ref(),
        is_sample: data.is_sample,
        is_draft,
        only: &request.only,
        is_last: false,
        words: &words,
    };
    let jobs = plan::plan(&to_plan, &mut sources, diagnostics);
    let forms = forms::plan_forms(&analysis, &view, &templates, request, is_draft, &mut sources, diagnostics);
    Some(Prepared {
        municipality: municipality.clone(),
        files,
        templates,
        sources,
        methods,
        catalogue,
        groups,
        indicators,
        trends,
        targets,
        advice,
        rules,
        year: reported,
        view,
        references,
        emblem,
        jobs,
        forms,
        is_draft,
        fresh,
        to_archive,
        settings,
        data,
    })
}

/// The kinds of documents that the settings choose, by themselves or in a bundle.
fn chosen_kinds<'a>(settings: &'a Settings, bundles: &'a [Bundle]) -> BTreeSet<&'a str> {
    let chosen = settings.documents.iter().map(|choice| choice.kind.as_str());
    let of_bundle = |kind: &str| bundles.iter().find(|bundle| bundle.id == kind).map(|bundle| &bundle.documents);
    chosen.clone().chain(chosen.filter_map(of_bundle).flatten().map(String::as_str)).collect()
}

/// The part of the view that tells how things changed.
const DYNAMICS: &str = "dynamics";
/// The forms that go out, as documents print them.
const BLANKS: &str = "blanks";

/// Reads the coat of arms; an own letterhead without the one that the settings name is a gap.
fn read_emblem(
    settings: &Settings,
    files: &[SourceFile],
    view: &mut BTreeMap<String, View>,
    words: &dyn Fn(&str) -> String,
    diagnostics: &mut Diagnostics,
) -> Option<Emblem> {
    let found = emblem::find(settings, files).and_then(|found| match found {
        Some(emblem) if !typeset::draws(&emblem) => Err(emblem::refusal(settings, "emblem-damaged")),
        found => Ok(found),
    });
    found.unwrap_or_else(|finding| {
        let gap = Gap::because(diagnostics.push(finding));
        view.insert("letterhead".to_owned(), View::Gap(GapView::new(&gap, &words("gap-emblem"))));
        None
    })
}

/// Reads the methods of the settings; a role belongs to one of them.
fn read_methods(settings: &Settings, templates: &Templates, diagnostics: &mut Diagnostics) -> Option<Methods> {
    let mut methods = Methods::default();
    let mut is_sound = true;
    for id in &settings.method {
        let file = format!("methods/{id}.toml");
        let Some(method) = templates.data(&file, Method::parse, diagnostics) else {
            is_sound = false;
            continue;
        };
        for group in &method.groups {
            if methods.rule(group.role).is_some() {
                let place = Place::Key { file: templates.shown(&file), key: "groups.role".to_owned() };
                let finding =
                    Diagnostic::error("role-of-two-methods", place).with("role", sheets::lists::term(group.role));
                diagnostics.push(finding);
                is_sound = false;
            }
        }
        methods.methods.push(method);
    }
    is_sound.then_some(methods)
}

/// Reads the catalogues of the settings.
fn read_catalogue(settings: &Settings, templates: &Templates, diagnostics: &mut Diagnostics) -> Option<Catalogue> {
    let files: Vec<String> = settings.indicators.iter().map(|id| format!("indicators/{id}.toml")).collect();
    let parse = |file: &String| {
        let mut catalogue = templates.data(file, Catalogue::parse, diagnostics)?;
        let shown = templates.shown(file);
        catalogue.indicators.iter_mut().for_each(|definition| definition.file.clone_from(&shown));
        Some(catalogue)
    };
    // Every file is read before one stops the run.
    let parsed: Vec<Option<Catalogue>> = files.iter().map(parse).collect();
    match Catalogue::join(parsed.into_iter().collect::<Option<Vec<_>>>()?) {
        Ok(catalogue) => Some(catalogue),
        Err(code) => {
            let place = Place::Key { file: settings::FILE.to_owned(), key: "indicators".to_owned() };
            diagnostics.push(Diagnostic::error("indicator-in-two-catalogues", place).with("code", code));
            None
        }
    }
}

/// The terms of the documents: the municipality's own over the built-in ones.
fn document_terms(templates: &Templates) -> BTreeMap<String, String> {
    // What is wrong with the terms is said where documents are planned.
    let own = templates.terms(&mut Diagnostics::default()).terms;
    let mut terms = Templates::built_in().terms(&mut Diagnostics::default()).terms;
    terms.extend(own);
    terms
}

/// The words for groups of schools: the municipality's own terms, and those of others.
fn words_for_groups(templates: &Templates, terms: &BTreeMap<String, String>) -> checks::Words {
    let mut phrases = Templates::built_in().terms(&mut Diagnostics::default()).synonyms;
    phrases.extend(templates.terms(&mut Diagnostics::default()).synonyms);
    let own = phrases.keys().map(|thing| {
        let forms = terms
            .iter()
            .filter(|(key, _)| key.strip_prefix(thing).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')));
        (thing.clone(), forms.map(|(_, term)| term.clone()).collect())
    });
    checks::Words { own: own.collect(), phrases }
}

/// Holds plan and fact of the roadmap against each other on the day of the settings.
fn follow_roadmap(
    settings: &Settings,
    templates: &Templates,
    data: &Dataset,
    groups: &Groups,
    reported: Year,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Roadmap> {
    let terms = document_terms(templates);
    let since = settings.roadmap_since.as_deref().and_then(ru::Date::parse);
    let days = Days { as_of: settings.as_of(reported.0)?, since };
    Some(roadmap::follow(data, groups, &Audiences::new(&terms), days, sources, diagnostics))
}

/// Brings the books that `read` hands over into the data set, each while others are still read.
fn read_data(
    templates: &Templates,
    settings: &Settings,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
    read: impl FnOnce(&mut dyn FnMut(String, Book)) -> Diagnostics,
) -> Dataset {
    let scales = templates.data("scales.toml", Scales::parse, diagnostics).unwrap_or_default();
    let aliases = Templates::built_in().data("headers.toml", Aliases::parse, diagnostics).unwrap_or_default();
    let aliases = aliases.and(templates.data("headers.toml", Aliases::parse, diagnostics).unwrap_or_default());
    let left_out: Vec<&str> = settings.denominator.without.keys().map(String::as_str).collect();
    let (mut conversion, mut converted) = (Conversion::default(), Diagnostics::default());
    let is_bare = settings.documents.is_empty() && settings.forms.is_empty();
    let intake = sheets::Intake::new(&aliases, &left_out, sources, diagnostics);
    let mut intake = intake.without_documents(is_bare);
    let noticed = read(&mut |file, book| {
        if let Some((file, book)) = conversion.accept(file, book) {
            intake.accept(&file, book);
        }
    });
    intake.learn(&noticed);
    let books = conversion.finish(&scales, &mut converted);
    intake.learn(&converted);
    for (file, book) in books {
        intake.accept(&file, book);
    }
    intake.finish()
}

/// Runs the whole path for one municipality. Nothing is written unless `write` is set.
pub fn run(
    municipality: &Municipality,
    request: &Request,
    messages: &Messages,
    write: bool,
    done: &(dyn Fn(&str) + Sync),
) -> Outcome {
    run_as(municipality, request, messages, mode_of(write), done).0
}

/// Runs the whole path for one municipality as [`run`] does; `seen` sees every document with its pages.
pub fn run_seen(
    municipality: &Municipality,
    request: &Request,
    messages: &Messages,
    write: bool,
    seen: &(dyn Fn(&Job, &Typeset) + Sync),
) -> Outcome {
    match begin(municipality, request, messages, mode_of(write)) {
        Ok(begun) => {
            let see = |job: &Job, made: Option<&Typeset>| made.into_iter().for_each(|typeset| seen(job, typeset));
            let rendered = render(&begun.prepared.jobs, request.workers, &see);
            finish(begun, rendered, request, messages, mode_of(write), &|_| {}).0
        }
        Err(outcome) => *outcome,
    }
}

/// Runs the whole path for each of several municipalities, in their order; `done` hears of every file, `each` of every
/// municipality when it is finished.
///
/// What one thread must do alone at the end of one is done beside the reading of the next.
pub fn run_all(
    municipalities: &[(Municipality, Request)],
    messages: &Messages,
    write: bool,
    done: &(dyn Fn(&Municipality, &str) + Sync),
    each: &mut dyn FnMut(Outcome),
) {
    let mode = mode_of(write);
    let mut ahead: Option<Result<Begun, Box<Outcome>>> = None;
    for (index, (municipality, request)) in municipalities.iter().enumerate() {
        let begun = ahead.take().unwrap_or_else(|| begin(municipality, request, messages, mode));
        let said = |file: &str| done(municipality, file);
        let begun = begun.map(|begun| {
            let rendered = render(&begun.prepared.jobs, request.workers, &|job, _| said(&job.file));
            (begun, rendered)
        });
        let next = municipalities.get(index + 1).filter(|(_, request)| request.workers > 1);
        std::thread::scope(|scope| {
            let reading = next.and_then(|(next, request)| {
                let thread = std::thread::Builder::new().stack_size(rendering::STACK);
                thread.spawn_scoped(scope, move || begin(next, request, messages, mode)).ok()
            });
            let outcome = match begun {
                Ok((begun, rendered)) => finish(begun, rendered, request, messages, mode, &said).0,
                Err(outcome) => *outcome,
            };
            each(outcome);
            // Where it could not be started, or broke, it is done in its turn.
            ahead = reading.and_then(|reading| reading.join().ok());
        });
    }
}

fn mode_of(write: bool) -> Mode<'static> {
    if write { Mode::Write } else { Mode::Check }
}

/// What a run is for.
#[derive(Clone, Copy, Debug)]
enum Mode<'a> {
    /// To say what would come of it.
    Check,
    /// To write the package.
    Write,
    /// To send forms out or take them back.
    Exchange,
    /// To keep the year.
    Keep,
    /// To do a past year again from its archive.
    Repeat(&'a keeping::Past),
}

/// Runs the whole path; a snapshot is taken where it is to be kept or compared.
fn run_as(
    municipality: &Municipality,
    request: &Request,
    messages: &Messages,
    mode: Mode<'_>,
    done: &(dyn Fn(&str) + Sync),
) -> (Outcome, Option<keeping::Taken>) {
    match begin(municipality, request, messages, mode) {
        Ok(begun) => {
            let rendered = render(&begun.prepared.jobs, request.workers, &|job, _| done(&job.file));
            finish(begun, rendered, request, messages, mode, done)
        }
        Err(outcome) => (*outcome, None),
    }
}

/// A municipality that is read and planned.
struct Begun {
    prepared: Prepared,
    diagnostics: Diagnostics,
    /// What an earlier run left behind is no matter of the data: the protocol must not tell of it.
    earlier: Diagnostics,
    outcome: Outcome,
    lock: Option<output::Lock>,
}

/// Reads and plans a municipality; the outcome of a run that cannot go on otherwise.
fn begin(
    municipality: &Municipality,
    request: &Request,
    messages: &Messages,
    mode: Mode<'_>,
) -> Result<Begun, Box<Outcome>> {
    let write = matches!(mode, Mode::Write);
    let mut diagnostics = Diagnostics::default();
    let mut outcome = Outcome {
        municipality: municipality.id.clone(),
        diagnostics: Diagnostics::default(),
        produced: Vec::new(),
        blocked: Vec::new(),
        ledger: Ledger { schema: 1, municipality: municipality.id.clone(), ..Ledger::default() },
        removed: Vec::new(),
    };
    if write && overlaps(&request.outputs.join(&municipality.id), &municipality.folder) {
        let place = Place::File { file: request.outputs.display().to_string() };
        outcome.diagnostics.push(Diagnostic::error("outputs-over-inputs", place));
        return Err(Box::new(outcome));
    }
    let mut earlier = Diagnostics::default();
    let lock = if write {
        match output::lock(&request.outputs, &municipality.id) {
            Ok(lock) => {
                output::recover(&request.outputs, &municipality.id, &mut earlier);
                Some(lock)
            }
            Err(diagnostic) => {
                outcome.diagnostics.push(diagnostic);
                return Err(Box::new(outcome));
            }
        }
    } else {
        None
    };
    let prepared = prepare_run(municipality, request, messages, mode, &mut diagnostics);
    match prepared.filter(|prepared| wants_what_is(request, &prepared.settings, &mut diagnostics)) {
        Some(prepared) => Ok(Begun { prepared, diagnostics, earlier, outcome, lock }),
        None => {
            diagnostics.extend(&earlier);
            outcome.diagnostics = diagnostics;
            Err(Box::new(outcome))
        }
    }
}

/// Brings the rendered documents together with the forms and the protocol, and writes the package where that is asked.
fn finish(
    begun: Begun,
    rendered: Vec<Rendered>,
    request: &Request,
    messages: &Messages,
    mode: Mode<'_>,
    done: &(dyn Fn(&str) + Sync),
) -> (Outcome, Option<keeping::Taken>) {
    let Begun { mut prepared, mut diagnostics, earlier, mut outcome, lock } = begun;
    let mut produced = Vec::new();
    enter_documents(
        &prepared.jobs,
        rendered,
        &prepared.sources,
        messages,
        &mut produced,
        &mut outcome,
        &mut diagnostics,
    );
    enter_unread(&prepared, request, messages, &mut outcome, &mut diagnostics);
    forms::make_forms(&prepared, messages, &mut produced, &mut outcome, &mut diagnostics, done);
    ledger::contradictions(&outcome.ledger.documents, &mut diagnostics);
    protocol::make(&mut prepared, request, messages, &mut produced, &mut outcome, &mut diagnostics, done);
    diagnostics.extend(&earlier);
    outcome.ledger.sample = prepared.data.is_sample.then(|| messages.text("sample-mark", &[]));
    let is_kept = matches!(mode, Mode::Keep);
    let snapshot = (is_kept || matches!(mode, Mode::Repeat(_))).then(|| keeping::take(&prepared, &produced, is_kept));
    if matches!(mode, Mode::Write) {
        if let Some(fresh) = &prepared.fresh {
            workbook::keep(&prepared.municipality, fresh, &mut diagnostics);
        }
        write_package(&prepared, request, messages, produced, &mut outcome, &mut diagnostics);
    } else {
        outcome.produced = produced.into_iter().map(|file| file.path).collect();
    }
    drop(lock);
    sheets::give_up(prepared);
    outcome.diagnostics = diagnostics;
    (outcome, snapshot)
}

/// Tells whether outputs would replace, or stand inside, the folder that is read.
fn overlaps(outputs: &Path, inputs: &Path) -> bool {
    match (source::resolve(outputs), source::resolve(inputs)) {
        (Some(outputs), Some(inputs)) => outputs.starts_with(&inputs) || inputs.starts_with(&outputs),
        _ => true,
    }
}

/// Finds the municipalities of a request.
///
/// # Errors
/// The finding that says why there is none.
pub fn discover(inputs: &Path) -> Result<Vec<Municipality>, Diagnostic> {
    source::municipalities(inputs)
}

/// Names the gap of a value for messages.
pub fn first_reason(gap: &Gap, diagnostics: &Diagnostics, messages: &Messages) -> String {
    gap.reasons
        .iter()
        .find_map(|id| diagnostics.get(*id))
        .map(|finding| format!("{} ({})", messages.finding(finding).0, finding.place.text()))
        .unwrap_or_default()
}
