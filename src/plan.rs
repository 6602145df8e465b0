//! The plan: what is to be made, of which documents, with which views.
//! In: settings, catalogue, views. Out: serialisable jobs with keys; findings for what cannot be planned.
//! It must never fill, typeset or write.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::catalog::{Bundle, Document, Numbering, Standing, Templates, Terms};
use crate::context::{GapView, References, View, parse_title};
use crate::diag::{Diagnostic, Diagnostics, Place};
use crate::model::{Gap, Text};
use crate::provenance::Sources;
use crate::ru;
use crate::settings::Settings;

/// A section of a job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SectionJob {
    /// Its id.
    pub id: String,
    /// Its heading.
    pub heading: Option<String>,
    /// Path of its body below `templates/`.
    pub template: String,
    /// The body.
    pub body: String,
}

/// A document of a job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Part {
    /// Its kind.
    pub document: String,
    /// Where it stands.
    pub standing: Standing,
    /// How its clauses are numbered.
    pub numbering: Numbering,
    /// Its sections.
    pub sections: Vec<SectionJob>,
    /// What its bodies see.
    pub view: BTreeMap<String, View>,
    /// How other documents of the package are named in a reference: before, number, after.
    pub appendices: BTreeMap<String, (String, String, String)>,
}

/// One PDF to be made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// Kind of document or bundle.
    pub kind: String,
    /// Path of the PDF below the municipality's output folder.
    pub file: String,
    /// Title of the metadata.
    pub title: View,
    /// Its documents in order.
    pub parts: Vec<Part>,
    /// Nouns and terms.
    pub terms: Terms,
    /// Name of the layout profile.
    pub profile: String,
    /// The profile.
    pub profile_source: String,
    /// The vocabulary.
    pub vocabulary: String,
    /// Mark of invented data on every page.
    pub sample_mark: Option<String>,
    /// Mark of a draft on every page.
    pub draft_mark: Option<String>,
    /// Gaps print visibly instead of blocking.
    pub is_draft: bool,
    /// Date of the documents: year, month, day.
    pub date: ru::Date,
    /// Identifies the document in its metadata.
    pub ident: String,
    /// Hash of all that the pages depend on.
    pub key: String,
}

/// What the plan needs to know.
pub struct Plan<'a> {
    /// Settings.
    pub settings: &'a Settings,
    /// Templates.
    pub templates: &'a Templates,
    /// Name of the municipality's folder.
    pub municipality: &'a str,
    /// The views.
    pub view: &'a BTreeMap<String, View>,
    /// What titles may refer to.
    pub references: &'a References,
    /// Workbooks say that the data is invented.
    pub is_sample: bool,
    /// Drafts are wanted, by settings or by the command line.
    pub is_draft: bool,
    /// Kinds asked for; empty asks for all.
    pub only: &'a BTreeSet<String>,
    /// Plans reports alone, which tell of the run itself and are made last; otherwise everything else.
    pub is_last: bool,
    /// Words of the program.
    pub words: &'a dyn Fn(&str) -> String,
}

/// Lays out the jobs in the order of the settings.
pub fn plan(plan: &Plan<'_>, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Vec<Job> {
    let terms = plan.templates.terms(diagnostics);
    let bundles = plan.templates.bundles(diagnostics);
    let profile = plan.settings.profile().to_owned();
    let profile_path = format!("layout/{profile}.toml");
    let Some(profile_file) = plan.templates.get(&profile_path) else {
        let place = Place::Key { file: crate::settings::FILE.to_owned(), key: "layout.profile".to_owned() };
        diagnostics.push(Diagnostic::error("unknown-profile", place).with("profile", profile));
        return Vec::new();
    };
    let vocabulary = plan.templates.get("layout/vocabulary.typ").map(|file| file.text.clone()).unwrap_or_default();
    let date = plan.settings.layout.document_date.as_deref().and_then(ru::Date::parse);
    let year = match plan.view.get("year") {
        Some(View::Figure(figure)) => figure.value.to_integer().and_then(|year| i32::try_from(year).ok()),
        _ => None,
    };
    // PDF/A wants a date; without a declared one it is the first day of the reported year.
    let date = date.or_else(|| ru::Date::new(year?, 1, 1)).unwrap_or(ru::Date { year: 2000, month: 1, day: 1 });
    let mut cache: BTreeMap<String, Option<Document>> = BTreeMap::new();
    let mut used_blocks = BTreeSet::new();
    let mut jobs = Vec::new();
    for (index, choice) in plan.settings.documents.iter().enumerate() {
        let bundle = bundles.iter().find(|bundle| bundle.id == choice.kind);
        let kinds: Vec<String> = bundle.map_or_else(|| vec![choice.kind.clone()], |bundle| bundle.documents.clone());
        let place = || Place::Key { file: crate::settings::FILE.to_owned(), key: format!("documents.{}", index + 1) };
        if bundle.is_none() && plan.templates.get(&format!("documents/{}/document.toml", choice.kind)).is_none() {
            let mut known: Vec<&str> = plan.templates.kinds();
            known.extend(bundles.iter().map(|bundle| bundle.id.as_str()));
            let finding = Diagnostic::error("unknown-kind", place())
                .with("kind", choice.kind.clone())
                .with("known", known.join(", "));
            diagnostics.push(finding);
            continue;
        }
        let mut load = |kind: &str, diagnostics: &mut Diagnostics| {
            cache.entry(kind.to_owned()).or_insert_with(|| plan.templates.document(kind, diagnostics)).clone()
        };
        let mut places = kinds.iter().filter_map(|kind| load(kind, diagnostics));
        let is_report = places.any(|document| document.place == Standing::Report);
        if plan.is_last && !is_report {
            continue;
        }
        // A document on its own keeps the numbers that it has in its bundle.
        let home = bundle.or_else(|| bundles.iter().find(|bundle| bundle.documents.contains(&choice.kind)));
        let standings = standings(home, &kinds, &mut load, diagnostics);
        let parts: Option<Vec<Part>> = kinds
            .iter()
            .map(|kind| {
                let document = load(kind, diagnostics)?;
                Some(part(plan, &document, &standings, &mut used_blocks, sources, diagnostics))
            })
            .collect();
        let Some(parts) = parts else { continue };
        if is_report != plan.is_last {
            continue;
        }
        if !plan.only.is_empty() && !plan.only.contains(&choice.kind) {
            continue;
        }
        let lead = kinds.first().and_then(|kind| load(kind, diagnostics));
        let title = lead.map(|document| parse_title(&document, plan.references, diagnostics));
        let mut job = Job {
            kind: choice.kind.clone(),
            file: format!("{}.pdf", choice.file),
            title: title.unwrap_or(View::Flag(false)),
            parts,
            terms: terms.clone(),
            profile: profile.clone(),
            profile_source: profile_file.text.clone(),
            vocabulary: vocabulary.clone(),
            sample_mark: plan.is_sample.then(|| (plan.words)("sample-mark")),
            draft_mark: plan.is_draft.then(|| (plan.words)("draft-mark")),
            is_draft: plan.is_draft,
            date,
            ident: format!("svod:{}:{}", plan.municipality, choice.kind),
            key: String::new(),
        };
        job.key = key(&job);
        jobs.push(job);
    }
    if !plan.is_last {
        unused_blocks(plan, &used_blocks, sources, diagnostics);
    }
    jobs
}

/// Where each document of a package stands: its number among its like, and whose appendix it is.
struct Standings {
    numbers: BTreeMap<String, String>,
    parents: BTreeMap<String, String>,
}

fn standings(
    home: Option<&Bundle>,
    kinds: &[String],
    load: &mut impl FnMut(&str, &mut Diagnostics) -> Option<Document>,
    diagnostics: &mut Diagnostics,
) -> Standings {
    let order: Vec<String> = home.map_or_else(|| kinds.to_vec(), |bundle| bundle.documents.clone());
    let documents: Vec<Document> = order.iter().filter_map(|kind| load(kind, diagnostics)).collect();
    let appendices = documents.iter().filter(|document| document.place == Standing::Appendix).count();
    let mut standings = Standings { numbers: BTreeMap::new(), parents: BTreeMap::new() };
    let (mut appendix, mut nested) = (0, 0);
    let mut parent = String::new();
    for (index, document) in documents.iter().enumerate() {
        match document.place {
            Standing::Order | Standing::Report => {}
            Standing::Appendix => {
                appendix += 1;
                nested = 0;
                parent = document.short_dative.clone().unwrap_or_default();
                // A single appendix has no number.
                let number = if appendices > 1 { appendix.to_string() } else { String::new() };
                standings.numbers.insert(document.id.clone(), number);
            }
            Standing::NestedAppendix => {
                nested += 1;
                let siblings = documents
                    .iter()
                    .skip(index - (nested - 1))
                    .take_while(|sibling| sibling.place == Standing::NestedAppendix)
                    .count();
                let number = if siblings > 1 { nested.to_string() } else { String::new() };
                standings.numbers.insert(document.id.clone(), number);
                standings.parents.insert(document.id.clone(), parent.clone());
            }
        }
    }
    standings
}

fn part(
    plan: &Plan<'_>,
    document: &Document,
    standings: &Standings,
    used_blocks: &mut BTreeSet<String>,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Part {
    let mut view = plan.view.clone();
    let all = match view.remove("texts") {
        Some(View::Map(blocks)) => blocks,
        _ => BTreeMap::new(),
    };
    let mut texts = BTreeMap::new();
    for (key, block) in &document.texts {
        let mut names = document.aliases.iter().map(|alias| format!("{}/{}", ru::fold(alias), ru::fold(block)));
        let found = names.find_map(|name| all.get(&name).map(|view| (name, view.clone())));
        let view = match found {
            Some((name, view)) => {
                used_blocks.insert(name);
                view
            }
            None => {
                let finding =
                    Diagnostic::error("missing-text-block", Place::Document { document: document.name.clone() })
                        .with("block", block.clone())
                        .with("document", document.aliases.first().cloned().unwrap_or_default());
                View::Gap(GapView::new(&Gap::because(diagnostics.push(finding)), block))
            }
        };
        texts.insert(key.clone(), view);
    }
    view.insert("texts".to_owned(), View::Map(texts));
    let node = sources.declared(&format!("templates/documents/{}/document.toml", document.id), "place");
    let text = |value: &str| View::Text(Text { value: value.to_owned(), node });
    let number = standings.numbers.get(&document.id).cloned().unwrap_or_default();
    let appendix = View::map([
        ("number", text(&number)),
        ("has_number", View::Flag(!number.is_empty())),
        ("parent_dat", text(standings.parents.get(&document.id).map_or("", String::as_str))),
    ]);
    view.insert("appendix".to_owned(), appendix);
    let appendices = standings
        .numbers
        .iter()
        .map(|(id, number)| {
            let parent = standings.parents.get(id).filter(|parent| !parent.is_empty());
            let tail = parent.map_or_else(String::new, |parent| format!(" {} {parent}", (plan.words)("appendix-to")));
            let mut head = (plan.words)("appendix-word");
            if !number.is_empty() {
                head.push(ru::NBSP);
            }
            (id.clone(), (head, number.clone(), tail))
        })
        .collect();
    let sections = document
        .sections
        .iter()
        .map(|section| {
            let template = format!("documents/{}/{}", document.id, section.body);
            let body = plan.templates.get(&template).map(|file| file.text.clone()).unwrap_or_default();
            SectionJob { id: section.id.clone(), heading: section.heading.clone(), template, body }
        })
        .collect();
    Part {
        document: document.id.clone(),
        standing: document.place,
        numbering: document.numbering,
        sections,
        view,
        appendices,
    }
}

/// Texts that no document of the package prints: a name misspelt, or work lost.
fn unused_blocks(plan: &Plan<'_>, used: &BTreeSet<String>, sources: &Sources, diagnostics: &mut Diagnostics) {
    let Some(View::Map(blocks)) = plan.view.get("texts") else { return };
    for (name, view) in blocks.iter().filter(|(name, _)| !used.contains(*name)) {
        let node = match view {
            View::List(items) => items.iter().find_map(|item| match item {
                View::Prose(pieces) => pieces.iter().find_map(|piece| match piece {
                    crate::context::Piece::Text(text) => Some(text.node),
                    _ => None,
                }),
                _ => None,
            }),
            _ => None,
        };
        let place = node.map_or(Place::Run, |node| sources.place_of(node));
        diagnostics.push(Diagnostic::warning("unused-text-block", place).with("block", name.clone()));
    }
}

/// Hashes all that the pages of a job depend on.
fn key(job: &Job) -> String {
    let mut text = format!(
        "{}\n{}\n{}\n{:?}\n{:?}\n{:?}\n",
        env!("CARGO_PKG_VERSION"),
        job.profile_source,
        job.vocabulary,
        job.sample_mark,
        job.draft_mark,
        job.date,
    );
    for (path, hash) in crate::catalog::fonts() {
        text.push_str(&format!("{path}={hash}\n"));
    }
    text.push_str(&serde_json::to_string(&job.terms).unwrap_or_default());
    job.title.fingerprint(&mut text);
    for part in &job.parts {
        text.push_str(&format!("{}\n{:?}\n{:?}\n", part.document, part.standing, part.appendices));
        for section in &part.sections {
            text.push_str(&format!("{}\n{:?}\n{}\n", section.id, section.heading, section.body));
        }
        View::Map(part.view.clone()).fingerprint(&mut text);
    }
    crate::source::hash(text.as_bytes())
}
