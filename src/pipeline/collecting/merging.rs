//! What counts is brought together: the municipality's data, the dictionary, the summary as a workbook and on paper.
//! In: accepted returns of a form. Out: workbooks and papers. It must never know how a return was judged.

use std::collections::BTreeMap;

use super::ACCEPTED;
use super::desk::Desk;
use crate::blank::{Blank, Words};
use crate::context::{Told, summary_paper};
use crate::diag::{Diagnostic, Diagnostics, Place};
use crate::form;
use crate::model::MeasureCode;
use crate::output::Produced;
use crate::pipeline::exchange::{Forms, safe};
use crate::pipeline::papers::Paper;
use crate::returns::{self, Cell, Difference, Judged, Merged, MergedSheet, Origin, State, Summary};
use crate::source;

/// The dictionary of the measures that forms brought with them, below the folder of merged data.
const DICTIONARY: &str = "dictionary";

impl Desk<'_, '_> {
    /// Writes the municipality's data and the summary.
    pub(super) fn merge(
        &mut self,
        ground: &crate::context::blanks::Ground<'_>,
        accepted: &[(&Blank, (usize, Judged))],
        (missing, differences): (&[&Blank], &[(String, Difference)]),
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
        // Nobody is missing where nobody must answer.
        let missing: &[&Blank] = if self.spec.voluntary { &[] } else { missing };
        let key = match missing.is_empty() {
            _ if self.spec.voluntary => "voluntary",
            true => "whole",
            false => "partial",
        };
        let line = crate::blank::fill(words.of(key), &[("count", &count), ("total", &all), ("names", &names)]);
        let title = accepted.first().map_or("", |(blank, _)| blank.title.as_str());
        let state = self.forms.state(State::Accepted);
        let states = self.journal.states(&self.spec.id, period);
        let absent = missing.iter().map(|blank| {
            let state = states.get(blank.respondent.code.as_str()).map(|entry| self.forms.state(entry.state));
            (blank.respondent.name.clone(), state.unwrap_or_default())
        });
        let absent: Vec<(String, String)> = absent.collect();
        // When each came, and whose came after the term.
        let came = |blank: &Blank| match self.late(blank, period) {
            (Some(came), Some(due)) => crate::blank::fill(
                words.of("came-late"),
                &[("state", &state), ("came", &came.short()), ("due", &due.short())],
            ),
            (Some(came), None) => crate::blank::fill(words.of("came"), &[("state", &state), ("came", &came.short())]),
            (None, _) => state.clone(),
        };
        let source = |(blank, judged): &(&Blank, &Judged)| {
            [blank.respondent.name.clone(), came(blank), judged.file.clone(), judged.hash.clone()]
        };
        let mut sources: Vec<[String; 4]> = counted.iter().map(source).collect();
        sources.extend(absent.iter().cloned().map(|(name, state)| [name, state, String::new(), String::new()]));
        let sheets = self.sheets(ground, &counted);
        self.say_halves(&sheets, accepted);
        let words = &self.forms.words;
        let mut summary = Summary {
            title: crate::blank::fill(words.of("summary"), &[("title", title)]),
            municipality: self.forms.prepared.settings.name.clone(),
            sample_mark: accepted.first().and_then(|(blank, _)| blank.sample_mark.clone()),
            lines: vec![line],
            rounding: self.forms.prepared.settings.rounding.of(crate::figure::Unit::Percent),
            sheets,
            sources,
        };
        let apart = apart_by_year(&summary, words);
        summary.lines.extend(apart);
        let file = format!("{period}/{}/{}", safe(words.of("summaries")), safe(&self.spec.name));
        let document = format!("summary-{}-{period}", self.spec.id);
        let told = Told { missing: &absent, differences };
        if let Some(view) = summary_paper(&summary, &told, words, &mut self.press.sources) {
            self.papers.push(Paper {
                kind: "forms-summary",
                key: "forms_summary",
                view,
                title: summary.title.clone(),
                file: file.clone(),
                document: document.clone(),
                is_landscape: false,
            });
        }
        let made = form::render_summary(&summary, words);
        self.produce(made, format!("{file}.xlsx"), document);
    }

    /// Lays returns beside each other.
    fn sheets(
        &self,
        ground: &crate::context::blanks::Ground<'_>,
        counted: &[(&Blank, &Judged)],
    ) -> Vec<returns::SummarySheet> {
        let words = &self.forms.words;
        let headings = [words.of("code"), words.of("respondent")];
        returns::summary(self.spec, counted, headings, (&ground.shares(), &ground.catalogue_shares()))
    }

    /// Looks at what is not merged yet for parts of shares that were given alone.
    pub(super) fn look_for_halves(
        &mut self,
        ground: &crate::context::blanks::Ground<'_>,
        accepted: &[(&Blank, (usize, Judged))],
    ) {
        let counted: Vec<(&Blank, &Judged)> = accepted.iter().map(|(blank, (_, judged))| (*blank, judged)).collect();
        let sheets = self.sheets(ground, &counted);
        self.say_halves(&sheets, accepted);
    }

    /// Says which returns give a part of a share without the rest: they are in no sum of it.
    fn say_halves(&mut self, sheets: &[returns::SummarySheet], accepted: &[(&Blank, (usize, Judged))]) {
        for half in returns::halves(sheets) {
            let is_own = |(blank, _): &&(&Blank, (usize, Judged))| blank.respondent.code == half.respondent;
            let Some((_, (index, judged))) = accepted.iter().find(is_own) else { continue };
            if self.came.get(*index).is_none_or(|came| came.is_kept) {
                continue;
            }
            let Some((sheet, rows)) = judged.tables.get(half.table) else { continue };
            let (id, key) = half.at;
            let answer = rows.iter().find(|row| row.id.as_ref() == Some(id)).and_then(|row| row.answers.get(key));
            let Some(answer) = answer else { continue };
            let (row, column) = answer.cell;
            let place = Place::Cell { file: judged.file.clone(), sheet: sheet.clone(), row, column };
            let finding = Diagnostic::warning("share-half", place).with("share", half.share);
            self.diagnostics.push(judged.told(finding));
        }
    }

    /// Puts a workbook into the folder of forms, or says why there is none.
    pub(super) fn produce(
        &mut self,
        made: Result<form::RenderedForm, form::FormError>,
        path: String,
        document: String,
    ) {
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

/// Says of which share the years are told by others: what stands side by side is not to be compared then.
fn apart_by_year(summary: &Summary, words: &Words) -> Option<String> {
    let shares = returns::beside(summary);
    let differs = |side: &returns::Side| side.now.is_some() != side.before.is_some();
    let first =
        shares.iter().find(|one| one.each.iter().any(|side| side.before.is_some()) && one.each.iter().any(differs))?;
    let count = |is: fn(&returns::Side) -> bool| first.each.iter().filter(|side| is(side)).count().to_string();
    let (now, before) = (count(|side| side.now.is_some()), count(|side| side.before.is_some()));
    let values = [("share", first.share.name.as_str()), ("now", &now), ("before", &before)];
    Some(crate::blank::fill(words.of("years-apart"), &values))
}

/// Keeps the dictionary of the measures that forms brought with them and the municipality's own does not have.
pub(super) fn keep_dictionary(forms: &Forms, found: &[(String, String, String)], diagnostics: &mut Diagnostics) {
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
