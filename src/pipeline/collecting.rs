//! Forms back: what came in a folder, which of several counts, what goes back to be corrected, what is merged.
//! In: a municipality and a folder of files. Out: findings at their cells; corrections; the municipality's data and
//! summaries; originals kept as they came. It must never change a file that came back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::Request;
use super::exchange::{Exchange, Exchanged, Forms, in_parallel, open, safe, sent_path, states};
use super::papers::{self, Correction};
use crate::blank::{Blank, BlankSpec, Content, MARK, Row};
use crate::diag::{Diagnostic, Diagnostics, Messages, Place, Severity};
use crate::exports;
use crate::form::{self, Remark};
use crate::model::MeasureCode;
use crate::output::Produced;
use crate::returns::{
    self, Cell, Entry, Journal, Judged, Merged, MergedSheet, Origin, Returned, State, Summary, Verdict,
};
use crate::source::{self, Municipality, SourceFile};
use crate::workbook::{self, Book, CellValue, Reading};

/// Originals whose values count, and those that went back, below the program's own folder.
const ACCEPTED: &str = "forms/accepted";
const RETURNED: &str = "forms/returned";
/// The dictionary of the measures that forms brought with them, below the folder of merged data.
const DICTIONARY: &str = "dictionary";

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

/// Everything that came back, by form, period and respondent.
type Post = BTreeMap<(String, String, String), Vec<usize>>;

/// Reads what came back, says what is wrong, makes corrections; merges what counts where that is asked for.
pub fn receive(municipality: &Municipality, request: &Request, how: &Receiving, messages: &Messages) -> Exchanged {
    let mut out = Exchanged { municipality: municipality.id.clone(), ..Exchanged::default() };
    let mut diagnostics = Diagnostics::default();
    if let Some(forms) = open(municipality, request, messages, &mut diagnostics) {
        let came = came(&forms, request, how, &mut diagnostics);
        let mut journal = forms.journal(&mut diagnostics);
        let before = journal.clone();
        let mut post = sort(&forms, &came, &mut diagnostics);
        let (mut produced, mut dictionary, mut letters) = (Vec::new(), Vec::new(), Vec::new());
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
                journal: &mut journal,
                diagnostics: &mut diagnostics,
                produced: &mut produced,
                dictionary: &mut dictionary,
                letters: &mut letters,
            };
            desk.form(&mut post);
        }
        for (form, period, respondent) in post.keys() {
            let files = post.get(&(form.clone(), period.clone(), respondent.clone())).into_iter().flatten();
            for file in files.filter_map(|index| came.get(*index)).filter(|came| !came.is_kept) {
                let place = Place::File { file: file.file.path.clone() };
                let finding = Diagnostic::warning("blank-other", place).with("form", form).with("period", period);
                diagnostics.push(finding.with("respondent", respondent));
            }
        }
        keep_dictionary(&forms, &dictionary, &mut diagnostics);
        papers::letters(&forms, &letters, request.workers, messages, &mut produced, &mut diagnostics);
        if !produced.is_empty() {
            out.produced = forms.commit(request, produced, &mut diagnostics);
        }
        if journal != before {
            forms.keep_journal(&journal, &mut diagnostics);
        }
        out.states = states(&forms, &how.exchange, &journal, messages);
    }
    out.diagnostics = diagnostics;
    out
}

/// Tells the states of all forms.
pub fn status(municipality: &Municipality, request: &Request, exchange: &Exchange, messages: &Messages) -> Exchanged {
    let mut out = Exchanged { municipality: municipality.id.clone(), ..Exchanged::default() };
    let mut diagnostics = Diagnostics::default();
    if let Some(forms) = open(municipality, request, messages, &mut diagnostics) {
        let journal = forms.journal(&mut diagnostics);
        out.states = states(&forms, exchange, &journal, messages);
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
            for entry in locked {
                journal.add(entry);
            }
        }
        forms.keep_journal(&journal, &mut diagnostics);
        out.states = states(&forms, exchange, &journal, messages);
    }
    out.diagnostics = diagnostics;
    out
}

/// Reads the files of the folder, and those that were accepted before.
fn came(forms: &Forms, request: &Request, how: &Receiving, diagnostics: &mut Diagnostics) -> Vec<Came> {
    let municipality = &forms.prepared.municipality;
    let mut files = if source::is_folder(&how.folder) {
        source::read(&how.folder, diagnostics)
    } else {
        diagnostics.push(Diagnostic::error("blank-no-folder", Place::File { file: how.folder.display().to_string() }));
        Vec::new()
    };
    let fresh = files.len();
    files.extend(source::own_files(municipality, ACCEPTED, diagnostics).into_iter().map(|mut file| {
        file.path = format!("{ACCEPTED}/{}", file.path);
        file
    }));
    let mut tables: BTreeMap<String, Vec<Returned>> = BTreeMap::new();
    let reading = Reading { reader: &request.reader, workers: request.workers, cache: None };
    let mut unknown = Vec::new();
    let (_, findings) = workbook::read_each(&files, reading, &mut |file, book: Book| {
        let found = returns::read(&book);
        if found.is_empty() {
            unknown.push(file.clone());
        }
        tables.insert(file, found);
    });
    // Hidden sheets and rows are the form's own.
    for finding in findings.iter().filter(|finding| finding.severity != Severity::Note) {
        diagnostics.push(finding.clone());
    }
    for file in unknown {
        diagnostics.push(Diagnostic::warning("blank-unknown", Place::File { file }).with("mark", MARK));
    }
    let one = |(index, file): (usize, SourceFile)| {
        let tables = tables.remove(&file.path).unwrap_or_default();
        Came { tables, file, is_kept: index >= fresh }
    };
    files.into_iter().enumerate().map(one).filter(|came| !came.tables.is_empty()).collect()
}

/// Sorts what came by form, period and respondent. What is of another municipality is said and put aside.
fn sort(forms: &Forms, came: &[Came], diagnostics: &mut Diagnostics) -> Post {
    let mut post = Post::new();
    for (index, one) in came.iter().enumerate() {
        let mut seen = BTreeSet::new();
        for table in &one.tables {
            let mark = &table.mark;
            let key = (mark.form.clone(), mark.period.clone(), mark.respondent.clone());
            if mark.municipality != forms.prepared.municipality.id {
                let place = Place::Sheet { file: one.file.path.clone(), sheet: table.sheet.clone() };
                let finding = Diagnostic::error("blank-foreign", place).with("municipality", &mark.municipality);
                diagnostics.push(finding);
            } else if seen.insert(key.clone()) {
                post.entry(key).or_default().push(index);
            }
        }
        if seen.len() > 1 {
            let place = Place::File { file: one.file.path.clone() };
            diagnostics.push(Diagnostic::note("blank-several", place).with("count", seen.len().to_string()));
        }
    }
    post
}

/// One form on the desk.
struct Desk<'a> {
    forms: &'a Forms,
    spec: &'a BlankSpec,
    request: &'a Request,
    how: &'a Receiving,
    messages: &'a Messages,
    came: &'a [Came],
    journal: &'a mut Journal,
    diagnostics: &'a mut Diagnostics,
    produced: &'a mut Vec<Produced>,
    dictionary: &'a mut Vec<(String, String, String)>,
    letters: &'a mut Vec<Correction>,
}

impl Desk<'_> {
    fn form(&mut self, post: &mut Post) {
        let text = |key: &str| self.messages.text(key, &[]);
        let ground = self.forms.ground(&self.how.exchange, &text);
        let (spec, period) = (self.spec, ground.period(self.spec));
        let (mut blanks, mut taken) = (Vec::new(), Vec::new());
        for respondent in ground.respondents(spec) {
            let key = (spec.id.clone(), period.clone(), respondent.code.clone());
            let files = post.remove(&key).unwrap_or_default();
            let current = ground.blank(spec, &respondent);
            // What went out tells what was filled in; once the form asks for something else, its own definition counts.
            let sent =
                source::own_file(&self.forms.prepared.municipality, &sent_path(&spec.id, &period, &respondent.code));
            let sent = sent.and_then(|bytes| serde_json::from_slice::<Blank>(&bytes).ok());
            let is_sent = sent.is_some();
            blanks.push((sent.filter(|sent| sent.version == current.version).unwrap_or(current), is_sent));
            taken.push(files);
        }
        let lists: Vec<BTreeMap<String, String>> =
            blanks.iter().map(|(blank, _)| ground.federal_list(&blank.respondent.code)).collect();
        let jobs: Vec<(&Blank, &Vec<usize>, &BTreeMap<String, String>)> =
            blanks.iter().zip(&taken).zip(&lists).map(|(((blank, _), files), list)| (blank, files, list)).collect();
        let came = self.came;
        let words = &self.forms.words;
        let judged = in_parallel(&jobs, self.request.workers, |(blank, files, list)| {
            let judge = |index: &usize| {
                let came = came.get(*index)?;
                let own: Vec<&Returned> = came.tables.iter().filter(|table| is_of(table, blank)).collect();
                let mut judged = returns::judge(&came.file.path, &came.file.hash, &own, blank, words);
                if !list.is_empty() {
                    judged.hold_against(blank, list);
                }
                Some((*index, judged))
            };
            files.iter().filter_map(judge).collect::<Vec<_>>()
        });
        let (mut accepted, mut missing) = (Vec::new(), Vec::new());
        for ((blank, is_sent), judged) in blanks.iter().zip(judged) {
            match self.decide(blank, judged, &period) {
                Some(chosen) if chosen.1.verdict() == Verdict::Accepted => accepted.push((blank, chosen)),
                Some(_) => missing.push(blank),
                None => {
                    missing.push(blank);
                    if *is_sent && !spec.voluntary {
                        let finding = Diagnostic::warning("blank-not-returned", Place::Run).with("form", &spec.name);
                        let finding = finding.with("respondent", &blank.respondent.name).with("period", &period);
                        self.diagnostics.push(finding);
                    }
                }
            }
        }
        if self.how.merges && !accepted.is_empty() {
            self.merge(&ground, &accepted, &missing, &period);
        }
    }

    /// Chooses among what one respondent sent: what is right before what is wrong, what says more before what says less,
    /// what came now before what was accepted before, then the last by name.
    fn decide(&mut self, blank: &Blank, judged: Vec<(usize, Judged)>, period: &str) -> Option<(usize, Judged)> {
        let present =
            self.journal.states(&self.spec.id, period).get(blank.respondent.code.as_str()).map(|entry| entry.state);
        let mut judged = judged;
        if present == Some(State::Locked) {
            let is_kept = |index: usize| self.came.get(index).is_some_and(|came| came.is_kept);
            for (_, late) in judged.iter().filter(|(index, _)| !is_kept(*index)) {
                let place = Place::File { file: late.file.clone() };
                let finding = Diagnostic::warning("blank-locked", place).with("respondent", &blank.respondent.name);
                self.diagnostics.push(finding);
            }
            judged.retain(|(index, _)| is_kept(*index));
        }
        // The same bytes twice are one return.
        let mut seen = BTreeSet::new();
        judged.retain(|(_, one)| seen.insert(one.hash.clone()));
        let worth = |(index, one): &(usize, Judged)| {
            let is_fresh = self.came.get(*index).is_some_and(|came| !came.is_kept);
            (
                one.verdict() == Verdict::Accepted,
                one.verdict() == Verdict::Wrong,
                is_fresh,
                one.filled,
                one.file.clone(),
            )
        };
        judged.sort_by_key(worth);
        let chosen = judged.pop()?;
        let is_kept = |index: usize| self.came.get(index).is_some_and(|came| came.is_kept);
        // What was accepted stays so, and what came now and is wrong goes back all the same.
        let fresh = judged.iter().rposition(|(index, one)| !is_kept(*index) && one.verdict() == Verdict::Wrong);
        if let Some(wrong) = fresh.filter(|_| is_kept(chosen.0)).map(|position| judged.remove(position)) {
            for finding in &wrong.1.findings {
                self.diagnostics.push(finding.diagnostic.clone());
            }
            self.send_back(blank, &wrong, period);
        }
        for (index, other) in &judged {
            if self.came.get(*index).is_some_and(|came| came.is_kept) {
                continue;
            }
            let place = Place::File { file: other.file.clone() };
            let reason = if other.verdict() != chosen.1.verdict() {
                "blank-twice-right"
            } else if other.filled != chosen.1.filled {
                "blank-twice-fuller"
            } else {
                "blank-twice-name"
            };
            let finding = Diagnostic::warning("blank-twice", place)
                .with("respondent", &blank.respondent.name)
                .with("counts", &chosen.1.file)
                .with("why", self.messages.text(reason, &[]));
            self.diagnostics.push(finding);
        }
        let is_kept = self.came.get(chosen.0).is_some_and(|came| came.is_kept);
        for finding in chosen.1.findings.iter().filter(|_| !is_kept) {
            self.diagnostics.push(finding.diagnostic.clone());
        }
        match chosen.1.verdict() {
            Verdict::Accepted => {}
            Verdict::Empty => return None,
            Verdict::Wrong => self.send_back(blank, &chosen, period),
        }
        if !is_kept {
            let state = match chosen.1.verdict() {
                Verdict::Accepted if self.how.merges => State::Accepted,
                _ => State::Returned,
            };
            self.enter(blank, &chosen.1, period, state);
        }
        Some(chosen)
    }

    fn enter(&mut self, blank: &Blank, judged: &Judged, period: &str, state: State) {
        self.journal.add(Entry {
            date: self.how.exchange.today.clone(),
            form: self.spec.id.clone(),
            period: period.to_owned(),
            respondent: blank.respondent.code.clone(),
            state,
            version: blank.version.clone(),
            file: judged.file.clone(),
            hash: judged.hash.clone(),
        });
    }

    /// Makes a fresh copy of the form with what was filled in and a remark at each cell that is wrong; tells what became
    /// of what was wrong the time before.
    fn send_back(&mut self, blank: &Blank, (index, judged): &(usize, Judged), period: &str) {
        let Some(came) = self.came.get(*index) else { return };
        let mut remarks = BTreeSet::new();
        for finding in judged.findings.iter().filter(|one| one.diagnostic.severity == Severity::Error) {
            let Some((table, row, column)) = &finding.at else { continue };
            let (message, hint) = self.messages.finding(&finding.diagnostic);
            let text = [message, hint].join("\n").trim().to_owned();
            let (table, row, column) = (table.clone(), row.clone(), column.clone());
            remarks.insert(Remark { table, row, column, text });
        }
        self.compare(blank, judged, &remarks, period);
        let name = safe(&format!("{} {}", blank.respondent.code, blank.respondent.name));
        let file = format!("{period}/{}/{}/{name}", safe(self.forms.words.of("to-correct")), safe(&self.spec.name));
        let errors = judged.findings.iter().filter(|one| one.diagnostic.severity == Severity::Error);
        self.letters.push(Correction {
            file: file.clone(),
            respondent: blank.respondent.name.clone(),
            form: self.spec.name.clone(),
            period: blank.lines.get(2).cloned().unwrap_or_default(),
            term: self.how.exchange.term.clone().unwrap_or_else(|| self.forms.words.of("correction-term").to_owned()),
            items: errors.map(|one| one.diagnostic.clone()).collect(),
        });
        let copy = filled(blank, &came.tables);
        let remarks: Vec<Remark> = remarks.into_iter().collect();
        let document = format!("correction-{}-{period}-{}", self.spec.id, blank.respondent.code);
        let made = form::render_blank(&copy, &self.forms.words, &remarks);
        self.produce(made, format!("{file}.xlsx"), document);
        self.keep_original(RETURNED, blank, came, period);
    }

    /// Holds what is wrong against what was wrong the last time, and keeps it for the next.
    fn compare(&mut self, blank: &Blank, judged: &Judged, remarks: &BTreeSet<Remark>, period: &str) {
        let municipality = &self.forms.prepared.municipality;
        let path = format!("{RETURNED}/{}/{period}/{}.json", self.spec.id, safe(&blank.respondent.code));
        let cell = |remark: &Remark| format!("{}/{}/{}", remark.table, remark.row, remark.column);
        let now: BTreeSet<String> = remarks.iter().map(cell).collect();
        let kept = source::own_file(municipality, &path);
        let before: Option<(String, BTreeSet<String>)> = kept.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        if let Some((hash, before)) = before.filter(|(hash, _)| *hash != judged.hash) {
            drop(hash);
            let (put_right, left) = (before.difference(&now).count(), before.intersection(&now).count());
            let finding = Diagnostic::note("blank-second-return", Place::File { file: judged.file.clone() })
                .with("right", put_right.to_string())
                .with("left", left.to_string())
                .with("new", now.difference(&before).count().to_string());
            self.diagnostics.push(finding);
        }
        let bytes = serde_json::to_vec_pretty(&(&judged.hash, &now)).unwrap_or_default();
        if let Err(finding) = source::keep_own(municipality, &path, &bytes) {
            self.diagnostics.push(finding);
        }
    }

    /// Keeps a file as it came.
    fn keep_original(&mut self, folder: &str, blank: &Blank, came: &Came, period: &str) {
        if came.is_kept {
            return;
        }
        let extension = came.file.path.rsplit_once('.').map_or("xlsx", |(_, extension)| extension);
        let path = format!("{folder}/{}/{period}/{}.{extension}", self.spec.id, safe(&blank.respondent.code));
        if let Err(finding) = source::keep_own(&self.forms.prepared.municipality, &path, &came.file.bytes) {
            self.diagnostics.push(finding);
        }
    }

    /// Writes the municipality's data and the summary.
    fn merge(
        &mut self,
        ground: &crate::context::blanks::Ground<'_>,
        accepted: &[(&Blank, (usize, Judged))],
        missing: &[&Blank],
        period: &str,
    ) {
        for (blank, (index, _)) in accepted {
            if let Some(came) = self.came.get(*index) {
                self.keep_original(ACCEPTED, blank, came, period);
            }
        }
        let counted: Vec<(&Blank, &Judged)> = accepted.iter().map(|(blank, (_, judged))| (*blank, judged)).collect();
        let merged = returns::merge(self.spec, &ground.year.to_string(), &counted);
        self.dictionary.extend(crate::blank::measures_of(self.spec, period));
        let words = &self.forms.words;
        if !merged.sheets.iter().all(|sheet| sheet.rows.is_empty()) {
            let path = format!("{}/{} {period}.xlsx", source::DATA_FOLDER, self.spec.id);
            let made = form::render_merged(&merged, &self.spec.name, words);
            self.keep_workbook(&path, made);
        }
        let total = accepted.len() + missing.len();
        let names: Vec<&str> = missing.iter().map(|blank| blank.respondent.name.as_str()).collect();
        let (count, all, names) = (accepted.len().to_string(), total.to_string(), names.join("; "));
        let key = if missing.is_empty() { "whole" } else { "partial" };
        let line = crate::blank::fill(words.of(key), &[("count", &count), ("total", &all), ("names", &names)]);
        let title = accepted.first().map_or("", |(blank, _)| blank.title.as_str());
        let state = self.forms.state(State::Accepted);
        let absent = missing.iter().map(|blank| {
            let states = self.journal.states(&self.spec.id, period);
            let state = states.get(blank.respondent.code.as_str()).map(|entry| self.forms.state(entry.state));
            [blank.respondent.name.clone(), state.unwrap_or_default(), String::new(), String::new()]
        });
        let sources = counted.iter().map(|(blank, judged)| {
            [blank.respondent.name.clone(), state.clone(), judged.file.clone(), judged.hash.clone()]
        });
        let summary = Summary {
            title: crate::blank::fill(words.of("summary"), &[("title", title)]),
            municipality: self.forms.prepared.settings.name.clone(),
            sample_mark: accepted.first().and_then(|(blank, _)| blank.sample_mark.clone()),
            lines: vec![line],
            sheets: returns::summary(
                self.spec,
                &counted,
                [words.of("code"), words.of("respondent")],
                (&ground.shares(), &ground.catalogue_shares()),
            ),
            sources: sources.chain(absent).collect(),
        };
        let path = format!("{period}/{}/{}.xlsx", safe(words.of("summaries")), safe(&self.spec.name));
        let document = format!("summary-{}-{period}", self.spec.id);
        let made = form::render_summary(&summary, words);
        self.produce(made, path, document);
    }

    /// Puts a workbook into the folder of forms, or says why there is none.
    fn produce(&mut self, made: Result<form::RenderedForm, form::FormError>, path: String, document: String) {
        match made {
            Ok(form::RenderedForm { bytes, .. }) => {
                let key = source::hash(&bytes);
                self.produced.push(Produced { path, key, bytes, document, ..Produced::default() });
            }
            Err(error) => {
                let place = Place::Document { document: self.spec.name.clone() };
                self.diagnostics.push(Diagnostic::error("form-failed", place).because(error.reason()));
            }
        }
    }

    fn keep_workbook(&mut self, path: &str, made: Result<form::RenderedForm, form::FormError>) {
        let kept = match made {
            Ok(made) => source::keep_own(&self.forms.prepared.municipality, path, &made.bytes),
            Err(error) => {
                let place = Place::Document { document: self.spec.name.clone() };
                Err(Diagnostic::error("form-failed", place).because(error.reason()))
            }
        };
        if let Err(finding) = kept {
            self.diagnostics.push(finding);
        }
    }
}

fn is_of(table: &Returned, blank: &Blank) -> bool {
    let mark = &table.mark;
    mark.form == blank.form && mark.period == blank.period && mark.respondent == blank.respondent.code
}

/// A blank with what a respondent filled in, also where it is wrong.
fn filled(blank: &Blank, tables: &[Returned]) -> Blank {
    let mut copy = blank.clone();
    for table in &mut copy.tables {
        let own = tables.iter().find(|one| one.mark.table == table.id && is_of(one, blank));
        let Some(returned) = own else { continue };
        let mut added = Vec::new();
        for row in &returned.rows {
            let content = |key: &str| match row.cells.get(key) {
                None => Content::Blank,
                Some(value @ CellValue::Number(_)) => exports::number_of(value).map_or(Content::Blank, Content::Number),
                Some(value) => exports::text_of(value).map_or(Content::Blank, Content::Text),
            };
            let known = row.id.as_ref().and_then(|id| table.rows.iter().position(|known| known.id == *id));
            match known.and_then(|position| table.rows.get_mut(position)) {
                Some(known) => {
                    for (column, cell) in
                        table.columns.iter().zip(&mut known.cells).filter(|(column, _)| column.is_open)
                    {
                        *cell = content(&column.key);
                    }
                }
                None if table.is_open => {
                    let cells = table.columns.iter().map(|column| content(&column.key)).collect();
                    added.push(Row { id: format!("+{}", row.row), cells });
                }
                None => {}
            }
        }
        table.rows.extend(added.into_iter().filter(|row| row.cells.iter().any(|cell| *cell != Content::Blank)));
    }
    copy
}

/// Keeps the dictionary of the measures that forms brought with them and the municipality's own does not have.
fn keep_dictionary(forms: &Forms, found: &[(String, String, String)], diagnostics: &mut Diagnostics) {
    let path = format!("{}/{DICTIONARY}.xlsx", source::DATA_FOLDER);
    let prepared = &forms.prepared;
    let own_file = format!("svod/{path}");
    let is_own = |code: &str| {
        let known = prepared.data.measures.get(&MeasureCode::from(code));
        known.is_some_and(|name| match prepared.sources.place_of(name.node) {
            Place::Cell { file, .. } => file != own_file,
            _ => true,
        })
    };
    let mut rows: BTreeMap<String, (String, String)> = BTreeMap::new();
    for (code, name) in &prepared.data.measures {
        if !is_own(&code.0) {
            let unit = prepared.data.measure_units.get(code).cloned().unwrap_or_default();
            rows.insert(code.0.to_string(), (name.value.clone(), unit));
        }
    }
    for (code, name, unit) in found.iter().filter(|(code, ..)| !is_own(code)) {
        rows.insert(code.clone(), (name.clone(), unit.clone()));
    }
    if rows.is_empty() {
        return;
    }
    let Some(spec) = crate::sheets::SHEETS.iter().find(|spec| spec.id == "measures") else { return };
    let fold = spec.columns.iter().find(|column| column.key == "fold").map(|column| column.kind.words());
    let fold = fold.and_then(|words| words.first().copied()).unwrap_or_default();
    let row = |(code, (name, unit)): (String, (String, String))| {
        let cells = spec.columns.iter().map(|column| match column.key {
            "code" => Cell::Text(code.clone()),
            "name" => Cell::Text(name.clone()),
            "unit" => Cell::Text(unit.clone()),
            _ => Cell::Text(fold.to_owned()),
        });
        let origin =
            Origin { respondent: String::new(), file: String::new(), cell: String::new(), hash: String::new() };
        (cells.collect(), origin)
    };
    let headings = spec.columns.iter().filter_map(|column| column.headers.first()).map(|one| (*one).to_owned());
    let sheet = MergedSheet {
        target: spec.id.to_owned(),
        title: spec.title.to_owned(),
        headings: headings.collect(),
        rows: rows.into_iter().map(row).collect(),
    };
    let made = form::render_merged(&Merged { sheets: vec![sheet] }, spec.title, &forms.words);
    let kept = made.map_err(|error| Diagnostic::error("form-failed", Place::Run).because(error.reason()));
    if let Err(finding) = kept.and_then(|made| source::keep_own(&prepared.municipality, &path, &made.bytes)) {
        diagnostics.push(finding);
    }
}
