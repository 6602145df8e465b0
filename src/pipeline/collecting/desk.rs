//! One form on the desk: what came of each respondent is judged, one of several counts, and it is entered.
//! In: what came back. Out: what counts and what is missing. It must never know how a workbook is written.

use std::collections::{BTreeMap, BTreeSet};

use super::{Came, Post, RETURNED, Receiving, Unplaced};
use crate::blank::{Blank, BlankSpec, Respondent, fill};
use crate::diag::{Diagnostic, Diagnostics, Messages, Place};
use crate::exports;
use crate::output::Produced;
use crate::pipeline::Request;
use crate::pipeline::exchange::{Forms, due_of, in_parallel, safe, sent_path};
use crate::pipeline::papers::{Paper, Press};
use crate::returns::{self, Entry, Journal, Judged, Returned, State, Verdict};
use crate::{ru, source};

/// Letters of a hash that tell one original from another.
const HASH_LENGTH: usize = 12;

/// Of a form that came right and was not merged.
const WAITS_FOR_MERGE: &str = "blank-not-merged";

/// Somebody whose form came after its term.
struct Late {
    due: ru::Date,
    name: String,
    file: String,
    /// It goes into the summary all the same.
    counts: bool,
}

/// One form on the desk.
pub(super) struct Desk<'a, 'p> {
    pub(super) forms: &'a Forms,
    pub(super) spec: &'a BlankSpec,
    pub(super) request: &'a Request,
    pub(super) how: &'a Receiving,
    pub(super) messages: &'a Messages,
    pub(super) came: &'a [Came],
    /// Files that tell no form.
    pub(super) unplaced: &'a mut [Unplaced],
    /// Whose forms are missing.
    pub(super) absent: &'a mut BTreeSet<String>,
    pub(super) journal: &'a mut Journal,
    pub(super) diagnostics: &'a mut Diagnostics,
    pub(super) produced: &'a mut Vec<Produced>,
    /// Documents that are settled.
    pub(super) dropped: &'a mut BTreeSet<String>,
    pub(super) dictionary: &'a mut Vec<(String, String, String)>,
    pub(super) press: &'a mut Press<'p>,
    pub(super) papers: &'a mut Vec<Paper>,
}

impl Desk<'_, '_> {
    pub(super) fn form(&mut self, post: &mut Post) {
        let text = |key: &str| self.messages.text(key, &[]);
        let ground = self.forms.ground(&self.how.exchange, &text);
        let (spec, period) = (self.spec, ground.period(self.spec));
        let (mut blanks, mut taken) = (Vec::new(), Vec::new());
        let today = ground.respondents(spec);
        // Whoever was sent the form is waited for, whatever the data of today says of groups.
        for sent in self.forms.waited(spec, &period, self.journal, &today) {
            let key = (spec.id.clone(), period.clone(), sent.respondent.code.clone());
            taken.push(post.remove(&key).unwrap_or_default());
            blanks.push((sent, true));
        }
        for respondent in today {
            let key = (spec.id.clone(), period.clone(), respondent.code.clone());
            let files = post.remove(&key).unwrap_or_default();
            let current = ground.blank(spec, &respondent);
            // What went out tells what was filled in; once the form asks for something else, its own definition counts.
            let sent =
                source::own_file(&self.forms.prepared.municipality, &sent_path(&spec.id, &period, &respondent.code));
            let sent = sent.and_then(|bytes| serde_json::from_slice::<Blank>(&bytes).ok());
            let is_sent = sent.is_some();
            let current = Blank { due: sent.as_ref().and_then(|sent| sent.due.clone()), ..current };
            let sent = sent.filter(|sent| sent.version == current.version);
            blanks.push((sent.map(|sent| with_codes(sent, &current)).unwrap_or(current), is_sent));
            taken.push(files);
        }
        let lists: Vec<BTreeMap<String, String>> =
            blanks.iter().map(|(blank, _)| ground.federal_list(&blank.respondent.code)).collect();
        let jobs: Vec<(&Blank, &Vec<usize>, &BTreeMap<String, String>)> =
            blanks.iter().zip(&taken).zip(&lists).map(|(((blank, _), files), list)| (blank, files, list)).collect();
        let came = self.came;
        let words = &self.forms.words;
        let names: Vec<&str> = blanks.iter().map(|(blank, _)| blank.respondent.name.as_str()).collect();
        let judged = in_parallel(&jobs, self.request.workers, |(blank, files, list)| {
            let judge = |index: &usize| {
                let came = came.get(*index)?;
                let own: Vec<&Returned> = came.tables.iter().filter(|table| is_of(table, blank)).collect();
                let mut judged = returns::judge(&came.file.path, &came.file.hash, &own, blank, words);
                judged.hold_name(&own, &names, words);
                if !list.is_empty() {
                    judged.hold_against(blank, list);
                }
                Some((*index, judged))
            };
            files.iter().filter_map(judge).collect::<Vec<_>>()
        });
        let (mut accepted, mut missing, mut differences) = (Vec::new(), Vec::new(), Vec::new());
        let (mut silent, mut late) = (BTreeMap::<_, Vec<&Blank>>::new(), BTreeMap::<_, Vec<Late>>::new());
        for (((blank, is_sent), list), judged) in blanks.iter().zip(&lists).zip(judged) {
            let is_here = !judged.is_empty();
            let before = self.journal.days(&spec.id, &period, &blank.respondent.code).1.is_some();
            let chosen = self.decide(blank, judged, &period);
            if let Some((_, judged)) = chosen.as_ref().filter(|_| !list.is_empty()) {
                let found = judged.differences(blank, list).map(|(_, found)| found).unwrap_or_default();
                differences.extend(found.into_iter().map(|one| (blank.respondent.name.clone(), one)));
            }
            if let (false, Some(one)) = (before, self.came_late(blank, chosen.as_ref(), &period)) {
                late.entry(one.due).or_default().push(one);
            }
            match chosen {
                Some(chosen) if chosen.1.verdict() == Verdict::Accepted => accepted.push((blank, chosen)),
                Some(_) => missing.push(blank),
                None => {
                    missing.push(blank);
                    // An empty form is one that came: what to do is said of it already.
                    if is_here {
                        continue;
                    }
                    if before {
                        let key = (self.waits_for(blank, &period), String::new());
                        silent.entry(key).or_default().push(blank);
                        continue;
                    }
                    self.say_unplaced(blank);
                    self.absent.insert(blank.respondent.name.clone());
                    if *is_sent && !spec.voluntary {
                        let overdue =
                            self.due(blank, &period).filter(|due| self.today().is_some_and(|today| *due < today));
                        let overdue = overdue.map(|due| fill(words.of("overdue"), &[("due", &due.short())]));
                        silent.entry(("blank-not-returned", overdue.unwrap_or_default())).or_default().push(blank);
                    }
                }
            }
        }
        for ((id, overdue), blanks) in silent {
            let names: Vec<String> = blanks.iter().map(|blank| self.named(id, blank, &period)).collect();
            let finding = match id {
                // ids: blank-not-merged
                WAITS_FOR_MERGE => Diagnostic::note(id, Place::Run),
                // ids: blank-not-returned, blank-not-corrected
                _ => Diagnostic::warning(id, Place::Run),
            };
            let finding = finding.with("form", &spec.name).with("period", &period).with("overdue", overdue);
            self.diagnostics.push(finding.with("names", names.join("; ")));
        }
        for (due, all) in late {
            self.say_late(due, &all);
        }
        if !self.how.merges {
            self.look_for_halves(&ground, &accepted);
        } else if !accepted.is_empty() {
            self.merge(&ground, &accepted, (&missing, &differences), &period);
        }
    }

    /// What is waited for from somebody whose form came before and does not lie in the folder any more.
    fn waits_for(&self, blank: &Blank, period: &str) -> &'static str {
        if self.left(blank, period) { "blank-not-corrected" } else { WAITS_FOR_MERGE }
    }

    /// A respondent in a list of those who are waited for; with the day on which the form came, where it did.
    fn named(&self, id: &str, blank: &Blank, period: &str) -> String {
        let name = &blank.respondent.name;
        let (_, came) = self.journal.days(&self.spec.id, period, &blank.respondent.code);
        match came.filter(|_| id != "blank-not-returned") {
            Some(entry) => format!("{name} ({})", entry.date),
            None => name.clone(),
        }
    }

    /// Somebody whose form came now for the first time, and after its term.
    fn came_late(&self, blank: &Blank, chosen: Option<&(usize, Judged)>, period: &str) -> Option<Late> {
        let (_, judged) = chosen?;
        let due = self.late(blank, period).1?;
        let counts = self.how.merges && judged.verdict() == Verdict::Accepted;
        Some(Late { due, name: blank.respondent.name.clone(), file: judged.file.clone(), counts })
    }

    /// Says whose forms came after the same day, and which of them count all the same.
    fn say_late(&mut self, due: ru::Date, all: &[Late]) {
        for counts in [true, false] {
            let own: Vec<&Late> = all.iter().filter(|one| one.counts == counts).collect();
            let Some(first) = own.first() else { continue };
            let names: Vec<&str> = own.iter().map(|one| one.name.as_str()).collect();
            let place = if own.len() == 1 { Place::File { file: first.file.clone() } } else { Place::Run };
            let finding = Diagnostic::note("blank-late", place).with("form", &self.spec.name);
            let counted = self.messages.text(if counts { "blank-late-counts" } else { "blank-late-waits" }, &[]);
            let finding = finding.with("counted", counted).with("due", due.short());
            self.diagnostics.push(finding.with("names", names.join("; ")));
        }
    }

    /// Says which file that tells no form bears the name of a respondent, or names it on its sheets: it may be the form that
    /// is missing.
    fn say_unplaced(&mut self, blank: &Blank) {
        let Respondent { code, name } = &blank.respondent;
        let whole = exports::folded(&safe(&format!("{code} {name}")));
        let is_named = |one: &Unplaced| {
            let file = one.path.rsplit('/').next().unwrap_or(&one.path);
            let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
            exports::folded(stem).contains(&whole) || stem.split_whitespace().next() == Some(code)
        };
        let is_signed = |one: &Unplaced| {
            let signed = returns::signed(&one.lines, &self.forms.words);
            let is_titled = one.lines.iter().any(|line| exports::folded(line) == exports::folded(&blank.title));
            is_titled && signed.is_some_and(|signed| exports::folded(signed) == exports::folded(name))
        };
        for one in self.unplaced.iter_mut() {
            if is_named(one) || is_signed(one) {
                one.is_known = true;
                let place = Place::File { file: one.path.clone() };
                let finding = match one.is_read {
                    true => Diagnostic::warning("blank-unmarked", place),
                    false => Diagnostic::warning("blank-unread", place),
                };
                self.diagnostics.push(finding.with("form", &self.spec.name).with("respondent", name));
            }
        }
    }

    /// Chooses among what one respondent sent: what is right before what is wrong, what says more before what says less,
    /// what came now before what was accepted before, then the last by name.
    fn decide(&mut self, blank: &Blank, judged: Vec<(usize, Judged)>, period: &str) -> Option<(usize, Judged)> {
        let present =
            self.journal.states(&self.spec.id, period).get(blank.respondent.code.as_str()).map(|entry| entry.state);
        let (mut judged, came) = (judged, self.came);
        for came in judged.iter().filter_map(|(index, _)| came.get(*index)) {
            self.keep_original(RETURNED, blank, came, period);
        }
        let is_kept = |index: usize| came.get(index).is_some_and(|came| came.is_kept);
        if present == Some(State::Locked) {
            let counts = self.journal.accepted(&self.spec.id, period, &blank.respondent.code);
            let counts = counts.map(|entry| entry.hash.clone()).unwrap_or_default();
            // What was accepted and lies there still is no new file.
            for (_, late) in judged.iter().filter(|(index, one)| !is_kept(*index) && one.hash != counts) {
                let place = Place::File { file: late.file.clone() };
                let finding = Diagnostic::warning("blank-locked", place).with("respondent", &blank.respondent.name);
                self.diagnostics.push(finding);
            }
            judged.retain(|(index, _)| is_kept(*index));
        }
        // The same bytes twice are one return; what was accepted stays so when it comes once more.
        let kept: BTreeSet<String> =
            judged.iter().filter(|(index, _)| is_kept(*index)).map(|(_, one)| one.hash.clone()).collect();
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
        // What was accepted stays so, and what came now and is wrong goes back all the same.
        let fresh = judged.iter().rposition(|(index, one)| !is_kept(*index) && one.verdict() == Verdict::Wrong);
        if let Some(wrong) = fresh.filter(|_| is_kept(chosen.0)).map(|position| judged.remove(position)) {
            for finding in &wrong.1.findings {
                self.diagnostics.push(wrong.1.told(finding.diagnostic.clone()));
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
        let is_kept = is_kept(chosen.0) || kept.contains(&chosen.1.hash);
        for finding in chosen.1.findings.iter().filter(|_| !is_kept) {
            self.diagnostics.push(chosen.1.told(finding.diagnostic.clone()));
        }
        match chosen.1.verdict() {
            Verdict::Accepted if self.came.get(chosen.0).is_some_and(|came| !came.is_kept) => {
                self.put_right(blank, &chosen.1, period);
            }
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

    /// The day by which a respondent's form is to come back.
    pub(super) fn due(&self, blank: &Blank, period: &str) -> Option<ru::Date> {
        let (sent, _) = self.journal.days(&self.spec.id, period, &blank.respondent.code);
        due_of(self.spec, blank, sent.and_then(|entry| ru::Date::parse(&entry.date)))
    }

    /// The day of this run.
    fn today(&self) -> Option<ru::Date> {
        ru::Date::parse(&self.how.exchange.today)
    }

    /// The day on which the form of a respondent came first, and the day by which it had to, where it came later. Nobody is
    /// late who need not answer.
    pub(super) fn late(&self, blank: &Blank, period: &str) -> (Option<ru::Date>, Option<ru::Date>) {
        let (_, came) = self.journal.days(&self.spec.id, period, &blank.respondent.code);
        let came = came.and_then(|entry| ru::Date::parse(&entry.date));
        let due = self.due(blank, period).filter(|_| !self.spec.voluntary);
        (came, due.filter(|due| came.is_some_and(|came| *due < came)))
    }

    fn enter(&mut self, blank: &Blank, judged: &Judged, period: &str, state: State) {
        self.journal.add(Entry {
            date: self.how.exchange.today.clone(),
            form: self.spec.id.clone(),
            period: period.to_owned(),
            respondent: blank.respondent.code.clone(),
            state,
            version: judged.version.clone(),
            file: judged.file.clone(),
            hash: judged.hash.clone(),
        });
    }

    /// Keeps a file as it came, beside those that came before.
    pub(super) fn keep_original(&mut self, folder: &str, blank: &Blank, came: &Came, period: &str) {
        if came.is_kept {
            return;
        }
        let extension = came.file.path.rsplit_once('.').map_or("xlsx", |(_, extension)| extension);
        let hash: String = came.file.hash.chars().take(HASH_LENGTH).collect();
        let name = format!("{} {hash}.{extension}", safe(&blank.respondent.code));
        let path = format!("{folder}/{}/{period}/{name}", self.spec.id);
        if let Err(finding) = source::keep_own(&self.forms.prepared.municipality, &path, &came.file.bytes) {
            self.diagnostics.push(finding);
        }
    }
}

/// A blank as it went out, with the codes that registers have learned since.
fn with_codes(mut sent: Blank, current: &Blank) -> Blank {
    for table in &mut sent.tables {
        let Some(now) = current.table(&table.id) else { continue };
        for column in &mut table.columns {
            let codes = now.column(&column.key).map(|column| column.suggested.as_slice()).unwrap_or_default();
            let new: Vec<String> = codes.iter().filter(|code| !column.suggested.contains(code)).cloned().collect();
            column.suggested.extend(new);
        }
    }
    sent
}

pub(super) fn is_of(table: &Returned, blank: &Blank) -> bool {
    let mark = &table.mark;
    mark.form == blank.form && mark.period == blank.period && mark.respondent == blank.respondent.code
}
