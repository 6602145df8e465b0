//! Forms out: the blanks of every respondent, a list of them, and the journal.
//! In: a municipality and the forms asked for. Out: workbooks in the folder of forms; what went out, kept for the return.
//! It must never know what a form asks.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::listing::{self, About};
use super::papers::{Paper, Press};
use super::{Prepared, Request, prepare_run};
use crate::blank::{Blank, BlankSpec, Period, Respondent, Words};
use crate::catalog::Templates;
use crate::context::blanks::{Ground, Numbered, check_targets, is_wide, respondent_form};
use crate::diag::{Diagnostic, Diagnostics, Messages, Place, Severity};
use crate::form::{self, RenderedForm};
use crate::output::{self, Commit, FileHash, Manifest, Produced};
use crate::plan;
use crate::returns::{Entry, Journal, State};
use crate::ru;
use crate::settings::{self, Settings};
use crate::source::{self, Municipality};

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Exchange {
    /// The quarter, for forms of a quarter.
    pub quarter: Option<u8>,
    /// The day, for the journal.
    pub today: String,
    /// Each form goes out as a PDF to print and sign, too.
    pub on_paper: bool,
    /// The day by which forms are to come back, for those that go out: «15.10.2022» or «2022-10-15».
    pub due: Option<String>,
    /// When corrected forms are to come back («до 10.11.2022»); absent, the words that the blanks share.
    pub term: Option<String>,
}

/// What became of it.
#[derive(Clone, Debug, Default)]
pub struct Exchanged {
    /// The municipality's folder.
    pub municipality: String,
    /// Findings.
    pub diagnostics: Diagnostics,
    /// Files made, in order.
    pub produced: Vec<String>,
    /// Files of the folder of returns that were read; `None` where nothing is collected.
    pub read: Option<usize>,
    /// Of whom a form is waited for, where that is asked: form, period, names of those who did not give it back and of those
    /// whose form is not merged yet.
    pub waited: Vec<Waited>,
    /// Forms by state: form, period, and respondents in each state.
    pub states: Vec<(String, String, BTreeMap<State, usize>)>,
}

impl Exchanged {
    /// Tells whether an error was found.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.has(Severity::Error)
    }
}

/// The journal, below the program's own folder.
pub(super) const JOURNAL: &str = "forms/journal.csv";
/// Where blanks that went out are kept, below the program's own folder.
pub(super) const SENT: &str = "forms/sent";
/// The words of all blanks.
pub(super) const WORDS: &str = "blanks/words.toml";

/// A municipality with everything that its forms need.
pub(super) struct Forms {
    pub prepared: Prepared,
    pub words: Words,
    /// Forms in the order of the settings, as far as they were asked for.
    pub specs: Vec<BlankSpec>,
    /// All of them.
    pub all: Vec<BlankSpec>,
    /// Whom they went out to under a number.
    pub numbered: Vec<Numbered>,
    /// Numbers of the appendices that print forms.
    pub appendices: BTreeMap<String, String>,
}

/// Reads the municipality and its forms. `None` when it cannot be read, with the findings that say why.
pub(super) fn open(
    municipality: &Municipality,
    request: &Request,
    messages: &Messages,
    diagnostics: &mut Diagnostics,
) -> Option<Forms> {
    let mut found = Diagnostics::default();
    // Documents are no matter of forms: only the data is read and reckoned.
    let to_read = Request { only: BTreeSet::from([String::new()]), ..request.clone() };
    let prepared = prepare_run(municipality, &to_read, messages, super::Mode::Exchange, &mut found);
    let Some(prepared) = prepared else {
        diagnostics.extend(&found);
        return None;
    };
    // What is wrong with the data is said in full by the check; here, that something is.
    let count = |severity| found.iter().filter(|one| one.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if errors + warnings > 0 {
        let finding = Diagnostic::warning("forms-data-in-doubt", Place::File { file: municipality.id.clone() });
        diagnostics.push(finding.with("errors", errors.to_string()).with("warnings", warnings.to_string()));
    }
    let words = prepared.templates.data(WORDS, Words::parse, diagnostics)?;
    let all = specs(&prepared.settings, &prepared.templates, &words, diagnostics);
    let appendices = appendices(&all, &prepared.settings, &prepared.templates);
    let mut specs = all.clone();
    specs.retain(|spec| request.only.is_empty() || request.only.contains(&spec.id));
    for name in request.only.iter().filter(|name| !prepared.settings.blanks.contains(name)) {
        let place = Place::Key { file: settings::FILE.to_owned(), key: "blanks".to_owned() };
        let known = prepared.settings.blanks.join(", ");
        diagnostics.push(Diagnostic::error("blank-unknown-form", place).with("form", name).with("known", known));
    }
    let numbered = numbered(municipality, &specs, diagnostics);
    Some(Forms { prepared, words, specs, all, numbered, appendices })
}

/// The day by which a form is to come back: the one that was named, or that of the term of the form, the first after the
/// form went out.
pub(super) fn due_of(spec: &BlankSpec, blank: &Blank, sent: Option<ru::Date>) -> Option<ru::Date> {
    match &blank.due {
        Some(due) => ru::Date::parse(due),
        None => ru::due(&spec.term, crate::blank::quarter(&blank.period).parse().ok(), sent?),
    }
}

/// Whom these forms went out to under a number, from the blanks that were kept.
fn numbered(municipality: &Municipality, specs: &[BlankSpec], diagnostics: &mut Diagnostics) -> Vec<Numbered> {
    let mut found = Vec::new();
    for spec in specs.iter().filter(|spec| spec.respondent.is_numbered()) {
        let files = source::own_files(municipality, &format!("{SENT}/{}", spec.id), diagnostics);
        let blanks = files.iter().filter_map(|file| serde_json::from_slice::<Blank>(&file.bytes).ok());
        found.extend(blanks.map(|blank| Numbered {
            form: blank.form,
            period: blank.period,
            respondent: blank.respondent,
        }));
    }
    found
}

/// The forms of the settings, each read and held against the sheets of data.
pub(super) fn specs(
    settings: &Settings,
    templates: &Templates,
    words: &Words,
    diagnostics: &mut Diagnostics,
) -> Vec<BlankSpec> {
    let mut specs = Vec::new();
    for id in &settings.blanks {
        let path = format!("blanks/{id}.toml");
        let Some(spec) = templates.data(&path, BlankSpec::parse, diagnostics) else { continue };
        if let Err(reason) = check_targets(&spec) {
            let place = Place::Key { file: templates.shown(&path), key: id.clone() };
            diagnostics.push(Diagnostic::error("blank-misfit", place).because(reason));
            continue;
        }
        if let Some((key, post)) = spec.asks_in_vain(words) {
            let place = Place::Key { file: templates.shown(&path), key: key.to_owned() };
            diagnostics
                .push(Diagnostic::error("blank-asks-teacher", place).with("form", &spec.name).with("post", post));
            continue;
        }
        specs.push(spec);
    }
    specs
}

/// Numbers of the appendices of packages that print forms, by kind of document.
pub(super) fn appendices(specs: &[BlankSpec], settings: &Settings, templates: &Templates) -> BTreeMap<String, String> {
    let kinds: BTreeSet<&String> = specs.iter().filter_map(|spec| spec.printed_as.as_ref()).collect();
    let number = |kind: &String| Some((kind.clone(), plan::appendix_number(settings, templates, kind)?));
    kinds.into_iter().filter_map(number).collect()
}

impl Forms {
    pub(super) fn ground<'a>(&'a self, exchange: &Exchange, text: &'a dyn Fn(&str) -> String) -> Ground<'a> {
        Ground {
            folder: &self.prepared.municipality.id,
            settings: &self.prepared.settings,
            data: &self.prepared.data,
            groups: &self.prepared.groups,
            catalogue: &self.prepared.catalogue,
            indicators: &self.prepared.indicators,
            targets: &self.prepared.targets,
            year: self.prepared.year,
            quarter: exchange.quarter,
            due: exchange.due.as_deref().and_then(ru::Date::parse),
            words: &self.words,
            specs: &self.all,
            numbered: &self.numbered,
            appendices: &self.appendices,
            text,
        }
    }

    /// The word for a state.
    pub(super) fn state(&self, state: State) -> String {
        self.words.of(&format!("state-{}", state.key())).to_owned()
    }

    /// Reads the journal; a line that cannot be read is said.
    pub(super) fn journal(&self, diagnostics: &mut Diagnostics) -> Journal {
        let bytes = source::own_file(&self.prepared.municipality, JOURNAL).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (journal, odd) = Journal::parse(&text, &|state| self.state(state));
        if odd > 0 {
            let place = Place::File { file: format!("svod/{JOURNAL}") };
            diagnostics.push(Diagnostic::warning("journal-odd", place).with("count", odd.to_string()));
        }
        journal
    }

    /// The blanks of those who were sent a form and are not among those who are asked today.
    pub(super) fn waited(&self, spec: &BlankSpec, period: &str, journal: &Journal, today: &[Respondent]) -> Vec<Blank> {
        let states = journal.states(&spec.id, period);
        let others = states.keys().filter(|code| !today.iter().any(|one| one.code == **code));
        let sent = others.filter_map(|code| {
            let bytes = source::own_file(&self.prepared.municipality, &sent_path(&spec.id, period, code))?;
            serde_json::from_slice::<Blank>(&bytes).ok()
        });
        sent.collect()
    }

    /// A form of a period as it went out to everybody: code and blank, as far as it was kept.
    fn kept(&self, spec: &BlankSpec, period: &str, journal: &Journal) -> Vec<(String, Blank)> {
        let states = journal.states(&spec.id, period);
        let kept = states.keys().filter_map(|code| {
            let bytes = source::own_file(&self.prepared.municipality, &sent_path(&spec.id, period, code))?;
            Some(((*code).to_owned(), serde_json::from_slice::<Blank>(&bytes).ok()?))
        });
        let mut kept: Vec<(String, Blank)> = kept.collect();
        // Numbers behind a word stand in the order of numbers.
        kept.sort_by_key(|(code, _)| (code.chars().count(), code.clone()));
        kept
    }

    /// Whose forms are waited for: those who did not give it back, and those whose form is not merged.
    pub(super) fn waited_for(&self, exchange: &Exchange, journal: &Journal, messages: &Messages) -> Vec<Waited> {
        let text = |key: &str| messages.text(key, &[]);
        let ground = self.ground(exchange, &text);
        let one = |spec: &BlankSpec| {
            let period = ground.period(spec);
            let states = journal.states(&spec.id, &period);
            let kept = self.kept(spec, &period, journal);
            let of = |wanted: State| -> Vec<String> {
                let is = |code: &str| states.get(code).is_some_and(|entry| entry.state == wanted);
                kept.iter().filter(|(code, _)| is(code)).map(|(_, blank)| blank.respondent.name.clone()).collect()
            };
            let sent = if spec.voluntary { Vec::new() } else { of(State::Sent) };
            (spec.name.clone(), period.clone(), [sent, of(State::Returned)])
        };
        let is_waited = |(_, _, names): &Waited| names.iter().any(|names| !names.is_empty());
        self.specs.iter().map(one).filter(is_waited).collect()
    }

    /// The list of what was sent: to whom, which form, for what period, until when, in what state it is now.
    pub(super) fn sent_list(&self, spec: &BlankSpec, period: &str, journal: &Journal) -> Option<Produced> {
        let words = &self.words;
        let states = journal.states(&spec.id, period);
        let row = |(code, blank): (String, Blank)| {
            let own = |entry: &&Entry| {
                (entry.form.as_str(), entry.period.as_str(), &entry.respondent) == (&spec.id, period, &code)
            };
            let sent = journal.entries.iter().rev().filter(own).find(|entry| entry.state <= State::Sent);
            let due = due_of(spec, &blank, sent.and_then(|entry| ru::Date::parse(&entry.date))).map(ru::Date::short);
            let state = states.get(code.as_str()).map_or_else(String::new, |entry| self.state(entry.state));
            let file = sent.map_or_else(String::new, |entry| entry.file.clone());
            let term = due.unwrap_or_else(|| spec.term.clone());
            [code, blank.respondent.name, spec.name.clone(), self.period(period), term, file, state]
        };
        let rows: Vec<[String; 7]> = self.kept(spec, period, journal).into_iter().map(row).collect();
        let headings = ["code", "respondent", "form", "period", "term", "source-file", "state"];
        let made = form::render_list(words.of("sent-list"), &headings.map(|key| words.of(key)), &rows, words).ok()?;
        let name = safe(words.of("sent-list"));
        Some(Produced {
            path: format!("{period}/{}/{name}.xlsx", safe(&spec.name)),
            key: source::hash(&made.bytes),
            bytes: made.bytes,
            document: format!("sent-list-{}-{period}", spec.id),
            ..Produced::default()
        })
    }

    /// A period as a person says it.
    fn period(&self, period: &str) -> String {
        let (year, quarter) = period.split_once('-').unwrap_or((period, ""));
        let key = if quarter.is_empty() { "year" } else { "quarter" };
        crate::blank::fill(self.words.of(key), &[("year", year), ("quarter", quarter)])
    }

    /// Writes the journal.
    pub(super) fn keep_journal(&self, journal: &Journal, diagnostics: &mut Diagnostics) {
        let text = journal.to_text(self.words.of("journal"), &|state| self.state(state));
        if let Err(finding) = source::keep_own(&self.prepared.municipality, JOURNAL, text.as_bytes()) {
            diagnostics.push(finding);
        }
    }

    /// Says which forms need a quarter that was not named.
    pub(super) fn fit(&self, spec: &BlankSpec, exchange: &Exchange, diagnostics: &mut Diagnostics) -> bool {
        let fits = spec.period == Period::Year || exchange.quarter.is_some();
        if !fits {
            diagnostics.push(Diagnostic::warning("blank-needs-quarter", Place::Run).with("form", &spec.name));
        }
        fits
    }

    /// Writes files into the folder of forms; what else stands there stays but for the documents that are dropped, and the
    /// list names all of it.
    pub(super) fn commit(
        &self,
        request: &Request,
        (produced, dropped): (Vec<Produced>, &BTreeSet<String>),
        messages: &Messages,
        diagnostics: &mut Diagnostics,
    ) -> Vec<String> {
        let prepared = &self.prepared;
        let paths: Vec<String> = produced.iter().map(|file| file.path.clone()).collect();
        let inputs = prepared.files.iter();
        let municipality = &prepared.municipality.id;
        // The folder may be that of the package: what it says of itself holds.
        let before = output::read_manifest(&request.outputs, municipality).unwrap_or_default();
        if produced.is_empty() && !before.outputs.iter().any(|entry| dropped.contains(&entry.document)) {
            return Vec::new();
        }
        let sample = prepared.data.is_sample.then(|| messages.text("sample-mark", &[]));
        let manifest = Manifest {
            schema: output::SCHEMA,
            sample,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            municipality: prepared.municipality.id.clone(),
            draft: prepared.is_draft,
            layout: prepared.settings.profile().to_owned(),
            inputs: inputs.map(|file| FileHash { path: file.path.clone(), sha256: file.hash.clone() }).collect(),
            ..before
        };
        let about =
            About { municipality: &prepared.settings.name, diagnostics: None, messages, failed: RefCell::default() };
        let lock = output::lock(&request.outputs, municipality);
        let written = lock.and_then(|lock| {
            output::recover(&request.outputs, municipality, diagnostics);
            let commit = Commit {
                root: &request.outputs,
                municipality,
                produced,
                carry_others: true,
                dropped: dropped.clone(),
                manifest,
                listing: Some(&|manifest| listing::make(&about, manifest)),
            };
            let written = output::commit(commit, diagnostics);
            drop(lock);
            written
        });
        match written {
            Ok(_) => {
                about.say_what_failed(diagnostics);
                paths
            }
            Err(finding) => {
                diagnostics.push(finding);
                Vec::new()
            }
        }
    }
}

/// Form, period, names of those who did not give it back and of those whose form is not merged.
pub type Waited = (String, String, [Vec<String>; 2]);

/// Where a blank that went out is kept.
pub(super) fn sent_path(form: &str, period: &str, respondent: &str) -> String {
    format!("{SENT}/{form}/{period}/{}.json", safe(respondent))
}

/// Letters of a name of a file.
const NAME_LENGTH: usize = 50;

/// A name without what a file system refuses, cut between words.
pub(super) fn safe(name: &str) -> String {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '.' | '№' | '_');
    let blank = |c: char| if c.is_whitespace() { ' ' } else { c };
    let kept: String = name.chars().map(blank).filter(|c| fits(*c)).collect();
    let whole = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    let head: String = whole.chars().take(NAME_LENGTH).collect();
    let is_between = whole.chars().nth(NAME_LENGTH).is_none_or(|next| next == ' ');
    let head = match head.rsplit_once(' ') {
        Some((words, _)) if !is_between => words,
        _ => &head,
    };
    head.trim_matches(['.', ' ']).to_owned()
}

/// Runs work over items on several threads; results in the order of the items.
pub(super) fn in_parallel<T: Sync, R: Send>(items: &[T], workers: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let turn = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { break };
            let result = work(item);
            done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(index, result);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..workers.clamp(1, items.len().max(1)) {
            // A worker that cannot be started leaves its work to the others.
            let _ = std::thread::Builder::new().spawn_scoped(scope, turn);
        }
        turn();
    });
    done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).into_values().collect()
}

/// Makes the blanks of every respondent, keeps what went out, enters it into the journal.
pub fn emit(municipality: &Municipality, request: &Request, exchange: &Exchange, messages: &Messages) -> Exchanged {
    let mut out = Exchanged { municipality: municipality.id.clone(), ..Exchanged::default() };
    let mut diagnostics = Diagnostics::default();
    if let Some(forms) = open(municipality, request, messages, &mut diagnostics) {
        let mut journal = forms.journal(&mut diagnostics);
        let mut produced = Vec::new();
        let mut press = Press::new(&forms, messages, request.workers);
        if let Some(due) = exchange.due.as_ref().filter(|due| ru::Date::parse(due).is_none()) {
            diagnostics.push(Diagnostic::error("blank-due-unread", Place::Run).with("due", due));
            out.diagnostics = diagnostics;
            return out;
        }
        let days = [exchange.due.as_deref(), Some(&exchange.today)].map(|day| day.and_then(ru::Date::parse));
        if let [Some(due), Some(today)] = days
            && due < today
        {
            diagnostics.push(Diagnostic::warning("blank-due-past", Place::Run).with("due", due.short()));
        }
        for spec in &forms.specs {
            if forms.fit(spec, exchange, &mut diagnostics) {
                let sending = Sending { forms: &forms, spec, request, exchange, messages };
                produced.extend(sending.send(&mut press, &mut journal, &mut diagnostics));
            }
        }
        if !produced.is_empty() {
            out.produced = forms.commit(request, (produced, &BTreeSet::new()), messages, &mut diagnostics);
        }
        if !out.produced.is_empty() {
            forms.keep_journal(&journal, &mut diagnostics);
        }
        out.states = states(&forms, exchange, &journal, messages);
    }
    out.diagnostics = diagnostics;
    out
}

/// How many respondents of each form are in each state.
pub(super) fn states(
    forms: &Forms,
    exchange: &Exchange,
    journal: &Journal,
    messages: &Messages,
) -> Vec<(String, String, BTreeMap<State, usize>)> {
    let text = |key: &str| messages.text(key, &[]);
    let ground = forms.ground(exchange, &text);
    let one = |spec: &BlankSpec| {
        let period = ground.period(spec);
        let mut states = BTreeMap::new();
        for entry in journal.states(&spec.id, &period).values() {
            *states.entry(entry.state).or_default() += 1;
        }
        (spec.name.clone(), period, states)
    };
    forms.specs.iter().map(one).filter(|(_, _, states)| !states.is_empty()).collect()
}

/// A form that goes out.
struct Sending<'a> {
    forms: &'a Forms,
    spec: &'a BlankSpec,
    request: &'a Request,
    exchange: &'a Exchange,
    messages: &'a Messages,
}

impl Sending<'_> {
    fn send(&self, press: &mut Press<'_>, journal: &mut Journal, diagnostics: &mut Diagnostics) -> Vec<Produced> {
        let Self { forms, spec, .. } = *self;
        let text = |key: &str| self.messages.text(key, &[]);
        let ground = forms.ground(self.exchange, &text);
        let respondents = ground.respondents(spec);
        let period = ground.period(spec);
        let waited = forms.waited(spec, &period, journal, &respondents);
        if !waited.is_empty() {
            let names: Vec<&str> = waited.iter().map(|blank| blank.respondent.name.as_str()).collect();
            let finding = Diagnostic::warning("blank-still-waited", Place::Run).with("form", &spec.name);
            diagnostics.push(finding.with("names", names.join("; ")));
        }
        if respondents.is_empty() && waited.is_empty() {
            diagnostics.push(Diagnostic::warning("blank-nobody", Place::Run).with("form", &spec.name));
            return Vec::new();
        }
        let blanks: Vec<Blank> =
            respondents.iter().map(|respondent| ground.blank(spec, respondent)).chain(waited).collect();
        let bare = |blank: &&Blank| blank.tables.is_empty();
        if blanks.iter().any(|blank| bare(&blank)) {
            diagnostics.push(Diagnostic::warning("blank-without-rows", Place::Run).with("form", &spec.name));
        }
        let blanks: Vec<&Blank> = blanks.iter().filter(|blank| !bare(blank)).collect();
        let rendered = in_parallel(&blanks, self.request.workers, |blank| form::render_blank(blank, &forms.words, &[]));
        let folder = format!("{period}/{}", safe(&spec.name));
        let document = format!("blank-{}-{period}", spec.id);
        let (mut produced, mut papers) = (Vec::new(), Vec::new());
        for (blank, rendered) in blanks.iter().zip(rendered) {
            let bytes = match rendered {
                Ok(RenderedForm { bytes, .. }) => bytes,
                Err(error) => {
                    let place = Place::Document { document: spec.name.clone() };
                    diagnostics.push(Diagnostic::error("form-failed", place).because(error.reason()));
                    continue;
                }
            };
            let Respondent { code, name } = &blank.respondent;
            let file = format!("{folder}/{}", safe(&format!("{code} {name}")));
            let path = format!("{file}.xlsx");
            let kept = serde_json::to_vec_pretty(blank).unwrap_or_default();
            let sent = sent_path(&spec.id, &period, code);
            if let Err(finding) = source::keep_own(&forms.prepared.municipality, &sent, &kept) {
                diagnostics.push(finding);
                continue;
            }
            let hash = source::hash(&bytes);
            let state = if forms.prepared.is_draft { State::Draft } else { State::Sent };
            // What came back already stays as it is: a blank sent again changes nothing of it.
            let present = journal.states(&spec.id, &period).get(code.as_str()).map(|entry| entry.state);
            if present.is_none_or(|present| present <= State::Sent) {
                journal.add(Entry {
                    date: self.exchange.today.clone(),
                    form: spec.id.clone(),
                    period: period.clone(),
                    respondent: code.clone(),
                    state,
                    version: blank.version.clone(),
                    file: path.clone(),
                    hash: hash.clone(),
                });
            }
            if self.exchange.on_paper {
                papers.push(Paper {
                    kind: "respondent-form",
                    key: "own_form",
                    view: respondent_form(blank, &forms.words, &mut press.sources),
                    title: blank.title.clone(),
                    file,
                    document: document.clone(),
                    is_landscape: is_wide(blank),
                });
            }
            produced.push(Produced { path, key: hash, bytes, document: document.clone(), ..Produced::default() });
        }
        press.make(papers, &mut produced, diagnostics);
        produced.extend(forms.sent_list(spec, &period, journal));
        produced
    }
}
