//! Forms back: what came in a folder, which of several counts, what goes back to be corrected, what is merged.
//! In: a municipality and a folder of files. Out: findings at their cells; corrections; the municipality's data and
//! summaries; originals kept as they came. It must never change a file that came back.

mod correcting;
mod desk;
mod merging;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use self::desk::Desk;
use super::Request;
use super::exchange::{Exchange, Exchanged, Forms, open, states};
use super::papers::Press;
use crate::blank::{BlankSpec, MARK, Period};
use crate::diag::{Diagnostic, Diagnostics, Messages, Place, Severity};
use crate::output::Produced;
use crate::returns::{self, Entry, Journal, Returned, State};
use crate::source::{self, Municipality, SourceFile};
use crate::workbook::{self, Book, Reading};

/// Originals whose values count, and all others, below the program's own folder. A file is named by respondent and content,
/// so that none takes the place of another; the journal tells which of the accepted ones counts.
const ACCEPTED: &str = "forms/accepted";
const RETURNED: &str = "forms/returned";

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Receiving {
    /// Quarter and day.
    pub exchange: Exchange,
    /// Where the files lie.
    pub folder: PathBuf,
    /// What counts goes into the municipality's data.
    pub merges: bool,
}

/// A file that came back, as far as it is a form.
struct Came {
    file: SourceFile,
    tables: Vec<Returned>,
    /// It was accepted before, and stands among the originals.
    is_kept: bool,
}

/// A file of the folder that tells no form: one that could not be read, or has no mark.
struct Unplaced {
    path: String,
    /// The texts with which its sheets begin; none of a file that could not be read.
    lines: Vec<String>,
    is_read: bool,
    /// Somebody's form was known by the name of the file or by what stands on its sheets.
    is_known: bool,
}

/// Everything that came back, by form, period and respondent.
type Post = BTreeMap<(String, String, String), Vec<usize>>;

/// Reads what came back, says what is wrong, makes corrections; merges what counts where that is asked for.
pub fn receive(municipality: &Municipality, request: &Request, how: &Receiving, messages: &Messages) -> Exchanged {
    let mut out = Exchanged { municipality: municipality.id.clone(), ..Exchanged::default() };
    let mut diagnostics = Diagnostics::default();
    if let Some(forms) = open(municipality, request, messages, &mut diagnostics) {
        let (came, mut unplaced) = came(&forms, request, how, &mut diagnostics);
        let mut journal = forms.journal(&mut diagnostics);
        let before = journal.clone();
        let mut post = sort(&forms, &came, &before, &mut diagnostics);
        let read = came.iter().filter(|one| !one.is_kept).count() + unplaced.iter().filter(|one| one.is_read).count();
        out.read = Some(read);
        let (mut produced, mut dictionary, mut papers) = (Vec::new(), Vec::new(), Vec::new());
        let (mut dropped, mut absent) = (BTreeSet::new(), BTreeSet::new());
        let mut press = Press::new(&forms, messages, request.workers);
        for spec in &forms.specs {
            if !forms.fit(spec, &how.exchange, &mut diagnostics) {
                continue;
            }
            let mut desk = Desk {
                forms: &forms,
                spec,
                request,
                how,
                messages,
                came: &came,
                unplaced: &mut unplaced,
                absent: &mut absent,
                journal: &mut journal,
                diagnostics: &mut diagnostics,
                produced: &mut produced,
                dropped: &mut dropped,
                dictionary: &mut dictionary,
                press: &mut press,
                papers: &mut papers,
            };
            desk.form(&mut post);
            produced.extend(list_of(&forms, spec, how, (&before, &journal), messages));
        }
        say_unplaced(&unplaced, &absent, &mut diagnostics);
        let names: BTreeMap<&str, &str> = forms.all.iter().map(|spec| (spec.id.as_str(), spec.name.as_str())).collect();
        for (form, period, respondent) in post.keys() {
            let files = post.get(&(form.clone(), period.clone(), respondent.clone())).into_iter().flatten();
            for file in files.filter_map(|index| came.get(*index)).filter(|came| !came.is_kept) {
                let place = Place::File { file: file.file.path.clone() };
                let name = names.get(form.as_str()).copied().unwrap_or(form);
                let id = unasked(&forms, &how.exchange, (form, period));
                // ids: blank-other, blank-other-only, blank-other-quarter
                let finding = Diagnostic::warning(id, place).with("form", name).with("period", period);
                let quarter = crate::blank::quarter(period);
                diagnostics.push(finding.with("respondent", respondent).with("quarter", quarter));
            }
        }
        merging::keep_dictionary(&forms, &dictionary, &mut diagnostics);
        press.make(papers, &mut produced, &mut diagnostics);
        if !produced.is_empty() || !dropped.is_empty() {
            out.produced = forms.commit(request, (produced, &dropped), messages, &mut diagnostics);
        }
        if journal != before {
            forms.keep_journal(&journal, &mut diagnostics);
        }
        out.states = states(&forms, &how.exchange, &journal, messages);
    }
    out.diagnostics = diagnostics;
    out
}

/// The list of what was sent, where the states of a form changed in this run.
fn list_of(
    forms: &Forms,
    spec: &BlankSpec,
    how: &Receiving,
    (before, now): (&Journal, &Journal),
    messages: &Messages,
) -> Option<Produced> {
    let text = |key: &str| messages.text(key, &[]);
    let period = forms.ground(&how.exchange, &text).period(spec);
    let states = |journal: &Journal| -> BTreeMap<String, State> {
        journal.states(&spec.id, &period).into_iter().map(|(code, entry)| (code.to_owned(), entry.state)).collect()
    };
    if states(before) == states(now) { None } else { forms.sent_list(spec, &period, now) }
}

/// Why a form of the municipality is not asked for in this run, as the finding that says what to do.
fn unasked(forms: &Forms, exchange: &Exchange, (form, period): (&str, &str)) -> &'static str {
    let Some(spec) = forms.all.iter().find(|spec| spec.id == form) else { return "blank-other" };
    let quarter = crate::blank::quarter(period).parse().ok();
    let is_of_year = period.split('-').next() == Some(forms.prepared.year.to_string().as_str());
    if !forms.specs.iter().any(|asked| asked.id == spec.id) {
        "blank-other-only"
    } else if spec.period == Period::Quarter && is_of_year && quarter.is_some() && quarter != exchange.quarter {
        "blank-other-quarter"
    } else {
        "blank-other"
    }
}

/// Tells the states of all forms.
pub fn status(municipality: &Municipality, request: &Request, exchange: &Exchange, messages: &Messages) -> Exchanged {
    let mut out = Exchanged { municipality: municipality.id.clone(), ..Exchanged::default() };
    let mut diagnostics = Diagnostics::default();
    if let Some(forms) = open(municipality, request, messages, &mut diagnostics) {
        let journal = forms.journal(&mut diagnostics);
        out.states = states(&forms, exchange, &journal, messages);
        out.waited = forms.waited_for(exchange, &journal, messages);
    }
    out.diagnostics = diagnostics;
    out
}

/// Locks what was accepted: no later return changes it.
pub fn lock(municipality: &Municipality, request: &Request, exchange: &Exchange, messages: &Messages) -> Exchanged {
    let mut out = Exchanged { municipality: municipality.id.clone(), ..Exchanged::default() };
    let mut diagnostics = Diagnostics::default();
    if let Some(forms) = open(municipality, request, messages, &mut diagnostics) {
        let mut journal = forms.journal(&mut diagnostics);
        let text = |key: &str| messages.text(key, &[]);
        let ground = forms.ground(exchange, &text);
        let mut produced = Vec::new();
        for spec in &forms.specs {
            let period = ground.period(spec);
            let accepted =
                journal.states(&spec.id, &period).into_values().filter(|entry| entry.state == State::Accepted);
            let locked: Vec<Entry> = accepted
                .map(|entry| Entry { state: State::Locked, date: exchange.today.clone(), ..entry.clone() })
                .collect();
            if locked.is_empty() && !journal.states(&spec.id, &period).is_empty() {
                diagnostics.push(Diagnostic::warning("blank-nothing-to-lock", Place::Run).with("form", &spec.name));
            }
            let has_locked = !locked.is_empty();
            for entry in locked {
                journal.add(entry);
            }
            produced.extend(if has_locked { forms.sent_list(spec, &period, &journal) } else { None });
        }
        forms.keep_journal(&journal, &mut diagnostics);
        if !produced.is_empty() {
            out.produced = forms.commit(request, (produced, &BTreeSet::new()), messages, &mut diagnostics);
        }
        out.states = states(&forms, exchange, &journal, messages);
    }
    out.diagnostics = diagnostics;
    out
}

/// Reads the files of the folder, and those that were accepted before; gives also the files that tell no form.
fn came(
    forms: &Forms,
    request: &Request,
    how: &Receiving,
    diagnostics: &mut Diagnostics,
) -> (Vec<Came>, Vec<Unplaced>) {
    let municipality = &forms.prepared.municipality;
    let mut files = if source::is_folder(&how.folder) {
        source::read(&how.folder, diagnostics)
    } else {
        diagnostics.push(Diagnostic::error("blank-no-folder", Place::File { file: how.folder.display().to_string() }));
        Vec::new()
    };
    files.retain(|file| {
        let odd = odd(file);
        let is_fit = odd.is_none();
        if let Some(finding) = odd {
            diagnostics.push(finding);
        }
        is_fit
    });
    let fresh = files.len();
    files.extend(source::own_files(municipality, ACCEPTED, diagnostics).into_iter().map(|mut file| {
        file.path = format!("{ACCEPTED}/{}", file.path);
        file
    }));
    let mut tables: BTreeMap<String, Vec<Returned>> = BTreeMap::new();
    let reading = Reading { reader: &request.reader, workers: request.workers, cache: None };
    let mut unmarked: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (_, findings) = workbook::read_each(&files, reading, &mut |file, book: Book| {
        let found = returns::read(&book);
        if found.is_empty() {
            unmarked.insert(file.clone(), returns::beginnings(&book));
        }
        tables.insert(file, found);
    });
    // Hidden sheets and rows are the form's own, and so are the formulas that nobody answers into; of one in the place of an
    // answer is said what to do when the answer is read.
    let is_of_answers = |finding: &&Diagnostic| match &finding.place {
        Place::Cell { file, .. } if finding.id == "formula-without-value" => {
            tables.get(file).is_none_or(|tables| tables.is_empty())
        }
        _ => finding.severity != Severity::Note,
    };
    for finding in findings.iter().filter(is_of_answers) {
        diagnostics.push(finding.clone());
    }
    let unplaced = |file: &SourceFile| {
        let is_read = tables.contains_key(&file.path);
        let lines = unmarked.remove(&file.path);
        let is_unplaced = !is_read || lines.is_some();
        let lines = lines.unwrap_or_default();
        is_unplaced.then(|| Unplaced { path: file.path.clone(), lines, is_read, is_known: false })
    };
    let unplaced: Vec<Unplaced> = files.iter().take(fresh).filter_map(unplaced).collect();
    let one = |(index, file): (usize, SourceFile)| {
        let tables = tables.remove(&file.path).unwrap_or_default();
        Came { tables, file, is_kept: index >= fresh }
    };
    (files.into_iter().enumerate().map(one).filter(|came| !came.tables.is_empty()).collect(), unplaced)
}

/// Says of the files whose form nobody knows what they are, and whose forms they may be.
fn say_unplaced(unplaced: &[Unplaced], absent: &BTreeSet<String>, diagnostics: &mut Diagnostics) {
    for one in unplaced.iter().filter(|one| !one.is_known) {
        let place = Place::File { file: one.path.clone() };
        if one.is_read {
            diagnostics.push(Diagnostic::warning("blank-unknown", place).with("mark", MARK));
        } else if !absent.is_empty() {
            let names = absent.iter().cloned().collect::<Vec<_>>().join("; ");
            diagnostics.push(Diagnostic::warning("blank-whose", place).with("names", names));
        }
    }
}

/// What files of archives are called.
const ARCHIVES: [&str; 6] = ["zip", "rar", "7z", "gz", "tar", "arj"];

/// Says of a file that it is no book: a scan, a picture, an archive of forms.
fn odd(file: &SourceFile) -> Option<Diagnostic> {
    let place = Place::File { file: file.path.clone() };
    let name = file.path.rsplit('/').next().unwrap_or_default();
    let kind = name.rsplit_once('.').map(|(_, kind)| kind.to_lowercase()).unwrap_or_default();
    if ARCHIVES.contains(&kind.as_str()) {
        return Some(Diagnostic::warning("blank-archive", place));
    }
    let is_book = workbook::kind_of(&file.path, &file.bytes).is_some();
    (!is_book).then(|| Diagnostic::warning("blank-no-book", place).with("kind", kind))
}

/// Sorts what came by form, period and respondent. What is of another municipality is said and put aside; what was accepted
/// once and gave way to a later return stays where it is kept.
fn sort(forms: &Forms, came: &[Came], journal: &Journal, diagnostics: &mut Diagnostics) -> Post {
    let mut post = Post::new();
    for (index, one) in came.iter().enumerate() {
        let (mut seen, mut foreign) = (BTreeSet::new(), BTreeSet::new());
        for table in &one.tables {
            let mark = &table.mark;
            let key = (mark.form.clone(), mark.period.clone(), mark.respondent.clone());
            let counts = journal.accepted(&mark.form, &mark.period, &mark.respondent);
            if one.is_kept && counts.is_some_and(|entry| entry.hash != one.file.hash) {
                continue;
            }
            if mark.municipality != forms.prepared.municipality.id {
                // Once a form, not once a sheet.
                if foreign.insert((key, mark.municipality.clone())) {
                    let place = Place::File { file: one.file.path.clone() };
                    let name = returns::signed(&table.lines, &forms.words).unwrap_or(&mark.respondent);
                    let finding = Diagnostic::error("blank-foreign", place).with("municipality", &mark.municipality);
                    diagnostics.push(finding.with("name", name));
                }
            } else if seen.insert(key.clone()) {
                post.entry(key).or_default().push(index);
            }
        }
        if seen.len() > 1 && !one.is_kept {
            let place = Place::File { file: one.file.path.clone() };
            diagnostics.push(Diagnostic::note("blank-several", place).with("count", seen.len().to_string()));
        }
    }
    post
}
