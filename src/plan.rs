//! The plan: what is to be made, of which documents, with which views.
//! In: settings, catalogue, views. Out: serialisable jobs with keys; findings for what cannot be planned.
//! It must never fill, typeset or write.

mod approvals;
mod created;
mod letters;
mod named;
mod occasion;
mod readers;
mod registers;
mod registration;
mod targets;

use std::collections::{BTreeMap, BTreeSet};

use ecow::EcoString;
use serde::{Deserialize, Serialize};

use self::approvals::approvals;
pub use self::named::{forms_named, is_made_for, names, preambles};
use self::occasion::{Occasion, RECORD, declared_text, occasions};
use self::readers::{READERS, readers};
use self::registers::{entry, filled_of, home_of, left_out, missing_register, register_block, registers};
use self::registration::Registrations;
use crate::catalog::{Acts, Bundle, Document, Each, Numbering, Standing, Templates, Terms};
use crate::context::{DOCUMENT_COLUMN, GapView, References, Schools, View};
use crate::diag::{Diagnostic, Diagnostics, Place};
use crate::emblem::Emblem;
use crate::model::{Gap, Text};
use crate::provenance::{NodeId, Sources};
use crate::ru;
use crate::settings::{LetterheadForm, Settings};
use crate::sheets;

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
    /// Its pages lie on their side.
    pub is_landscape: bool,
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
    pub profile_source: EcoString,
    /// The vocabulary.
    pub vocabulary: EcoString,
    /// How the letterhead stands, where there is one.
    pub letterhead: LetterheadForm,
    /// The coat of arms over it.
    pub emblem: Option<Emblem>,
    /// The text of the QR code on the first sheet (ГОСТ Р 7.0.97-2025, requisite 31).
    #[serde(default)]
    pub qr: Option<String>,
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
    /// Schools for which documents are made.
    pub schools: &'a Schools,
    /// The coat of arms of the authority's letterhead.
    pub emblem: Option<&'a Emblem>,
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
    let vocabulary = plan.templates.get("layout/vocabulary.typ").map(|file| file.text.as_str()).unwrap_or_default();
    let (vocabulary, profile_source): (EcoString, EcoString) = (vocabulary.into(), profile_file.text.as_str().into());
    let date = plan.settings.layout.document_date.as_deref().and_then(ru::Date::parse);
    let year = match plan.view.get("year") {
        Some(View::Figure(figure)) => figure.value.to_integer().and_then(|year| i32::try_from(year).ok()),
        _ => None,
    };
    // PDF/A wants a date; without a declared one it is the first day of the reported year.
    let date = date.or_else(|| ru::Date::new(year?, 1, 1)).unwrap_or(ru::Date { year: 2000, month: 1, day: 1 });
    let mut cache: BTreeMap<String, Option<Document>> = BTreeMap::new();
    // A municipality that calls a thing otherwise finds its own word in headings, too.
    let mut references = plan.references.clone();
    for (key, term) in &terms.terms {
        let node = sources.declared(&plan.templates.shown("terms.toml"), key);
        references.insert(format!("term-{key}"), View::Text(Text { value: term.clone(), node }));
    }
    let mut used_blocks = BTreeSet::new();
    let mut registrations = Registrations::new(plan, &orders(plan, &bundles));
    let mut is_whole = true;
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
        let at_home: Vec<Document> = match home {
            Some(home) => home.documents.iter().filter_map(|kind| load(kind, diagnostics)).collect(),
            None => kinds.iter().filter_map(|kind| load(kind, diagnostics)).collect(),
        };
        let documents: Option<Vec<Document>> = kinds.iter().map(|kind| load(kind, diagnostics)).collect();
        is_whole &= documents.is_some();
        let Some(documents) = documents.filter(|_| is_report == plan.is_last) else { continue };
        let order = home_order(&at_home, &documents);
        let is_wanted = plan.only.is_empty() || plan.only.contains(&choice.kind);
        let Some(lead) = documents.first() else { continue };
        let mut names: BTreeSet<String> = BTreeSet::new();
        let occasions = occasions(plan, lead, diagnostics);
        if occasions.is_empty() && !choice.may_be_absent {
            diagnostics.push(Diagnostic::note("nothing-to-make", place()).with("document", lead.name.clone()));
        }
        let count = occasions.len();
        for of in occasions {
            let standing: Vec<&Document> = at_home.iter().filter(|document| of.has(document)).collect();
            let standings = standings(&standing);
            let registered = order.and_then(|order| registrations.of(plan, order, (&of, count), &references, sources));
            let made = created::act_in_force(plan, lead, registered.as_ref(), &references, sources);
            if let Some(finding) = made.filter(|_| is_wanted) {
                diagnostics.push(finding);
            }
            let home = Home { standings: &standings, standing: &standing, registered, references: &references };
            let parts = documents.iter().filter(|document| of.has(document));
            let parts = parts.map(|document| part(plan, document, &home, &of, &mut used_blocks, sources, diagnostics));
            let parts: Vec<Part> = parts.collect();
            if !is_wanted {
                continue;
            }
            let title = declared_text(lead, &references, &of, ("title", &lead.title), sources, diagnostics);
            let mut job = Job {
                kind: choice.kind.clone(),
                file: format!("{}.pdf", of.file(&choice.file, &mut names)),
                title,
                terms: terms.clone(),
                profile: profile.clone(),
                profile_source: profile_source.clone(),
                vocabulary: vocabulary.clone(),
                letterhead: letterhead_of(plan, lead, &parts),
                emblem: plan.emblem.filter(|_| has_letterhead(&parts, true)).cloned(),
                sample_mark: plan.is_sample.then(|| (plan.words)("sample-mark")),
                draft_mark: plan.is_draft.then(|| (plan.words)("draft-mark")),
                is_draft: plan.is_draft,
                date,
                ident: format!("svod:{}:{}{}", plan.municipality, choice.kind, of.ident()),
                key: String::new(),
                qr: None,
                parts,
            };
            job.qr = plan.settings.papers.qr.then(|| format!("{QR_SIGN}{}", content_hash(&job).to_uppercase()));
            job.key = key(&job);
            jobs.push(job);
        }
    }
    // What a document prints that cannot be read is not known.
    if !plan.is_last && is_whole {
        unused_blocks(plan, &used_blocks, sources, diagnostics);
        registrations.say_unused(plan, sources, diagnostics);
    }
    jobs
}

/// How bodies call the letterhead, and how they begin that of another body: of a school, of an administration.
const LETTERHEAD: &str = "#letterhead(";
const OF_OTHERS: &str = "own: false";

/// Tells whether a body calls the letterhead, the authority's own or that of others.
fn has_letterhead(parts: &[Part], is_own: bool) -> bool {
    let bodies = parts.iter().flat_map(|part| &part.sections).map(|section| &section.body);
    bodies.flat_map(|body| body.split(LETTERHEAD).skip(1)).any(|call| call.starts_with(OF_OTHERS) != is_own)
}

/// How the letterhead of a job stands; a paper without one knows none.
fn letterhead_of(plan: &Plan<'_>, lead: &Document, parts: &[Part]) -> LetterheadForm {
    let chosen = &plan.settings.letterhead;
    let is_others = has_letterhead(parts, false);
    if !is_others && !has_letterhead(parts, true) {
        return LetterheadForm::default();
    }
    match (lead.place, &lead.each) {
        (Standing::Letter, _) => chosen.letters.unwrap_or(chosen.orders),
        (_, Some(Each::School | Each::Partner)) if is_others => chosen.schools,
        _ => chosen.orders,
    }
}

/// The number of an appendix in the first package of the settings that has it; empty where it is the only one, `None` where
/// no package has it.
pub fn appendix_number(settings: &Settings, templates: &Templates, kind: &str) -> Option<String> {
    let mut dropped = Diagnostics::default();
    let bundles = templates.bundles(&mut dropped);
    let chosen = settings.documents.iter().filter_map(|choice| bundles.iter().find(|bundle| bundle.id == choice.kind));
    let has_it = |bundle: &&Bundle| bundle.documents.iter().any(|document| document == kind);
    let bundle = chosen.into_iter().find(has_it)?;
    let documents: Vec<Document> =
        bundle.documents.iter().filter_map(|kind| templates.document(kind, &mut dropped)).collect();
    standings(&documents.iter().collect::<Vec<_>>()).numbers.remove(kind)
}

/// Where each document of a package stands: its number among its like, and whose appendix it is.
struct Standings {
    numbers: BTreeMap<String, String>,
    parents: BTreeMap<String, String>,
}

impl Standings {
    /// How a document of the package is named in a reference: before its number, the number, after it.
    fn reference(&self, plan: &Plan<'_>, id: &str) -> (String, String, String) {
        let number = self.numbers.get(id).cloned().unwrap_or_default();
        let parent = self.parents.get(id).filter(|parent| !parent.is_empty());
        let tail = parent.map_or_else(String::new, |parent| format!(" {} {parent}", (plan.words)("appendix-to")));
        let mut head = (plan.words)("appendix-word");
        if !number.is_empty() {
            head.push(ru::NBSP);
        }
        (head, number, tail)
    }
}

fn standings(documents: &[&Document]) -> Standings {
    let appendices = documents.iter().filter(|document| document.place == Standing::Appendix).count();
    let mut standings = Standings { numbers: BTreeMap::new(), parents: BTreeMap::new() };
    let (mut appendix, mut nested) = (0, 0);
    let mut parent = String::new();
    for (index, document) in documents.iter().enumerate() {
        match document.place {
            Standing::Order | Standing::Report | Standing::Paper | Standing::Letter => {}
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
    home: &Home<'_>,
    of: &Occasion<'_>,
    used_blocks: &mut BTreeSet<String>,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Part {
    let standings = home.standings;
    let sections: Vec<SectionJob> = document
        .sections
        .iter()
        .map(|section| {
            let template = section.path(&document.id, plan.templates);
            let body = plan.templates.get(&template).map(|file| file.text.clone()).unwrap_or_default();
            SectionJob { id: section.id.clone(), heading: section.heading.clone(), template, body }
        })
        .collect();
    // A body sees only what it names: the rest of the municipality is not carried along with every paper.
    let is_named = |key: &str| sections.iter().any(|section| section.body.contains(key));
    let named = plan.view.iter().filter(|(key, _)| !CHOSEN.contains(&key.as_str()) && is_named(key));
    let mut view: BTreeMap<String, View> = named.map(|(key, view)| (key.clone(), view.clone())).collect();
    of.enter(&mut view, &is_named);
    for need in &document.needs {
        let (key, sheet) = need.parts();
        if matches!(view.get(key), Some(View::Gap(gap)) if gap.reasons.is_empty()) {
            let Some(spec) = sheets::SHEETS.iter().find(|spec| spec.id == sheet) else { continue };
            let finding = missing_register(document, spec, sources);
            view.insert(key.to_owned(), gap_of(finding, spec.title, diagnostics));
        }
    }
    if let Some(finding) = left_out(plan, document, sources) {
        diagnostics.push(finding);
    }
    let registers = registers(plan, document, view.get(RECORD), home.references, used_blocks, sources, diagnostics);
    view.insert("registers".to_owned(), View::Map(registers));
    cite(plan, document, &mut view, diagnostics);
    let nothing = || View::Prose(Vec::new());
    let unregistered = || View::map([("is_filled", View::Flag(false)), ("date", nothing()), ("number", nothing())]);
    let registered = home.registered.clone().or_else(|| own_date(document, &view));
    view.insert(REGISTRATION.to_owned(), registered.unwrap_or_else(unregistered));
    let none = BTreeMap::new();
    let all = entries(plan, "texts").unwrap_or(&none);
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
                let finding = Diagnostic::error("missing-text-block", home_of("texts", document, sources))
                    .with("block", block.clone())
                    .with("document", document.aliases.first().cloned().unwrap_or_default());
                gap_of(finding, block, diagnostics)
            }
        };
        texts.insert(key.clone(), view);
    }
    targets::plan_targets(document, &texts, &mut view, sources, diagnostics);
    view.insert("texts".to_owned(), View::Map(texts));
    if let Some(View::Map(record)) = view.get_mut(RECORD) {
        let body = body_of(document, record, all, used_blocks);
        if document.place == Standing::Letter
            && let Some(finding) = letters::without_attachment(record, body.as_ref(), sources)
        {
            diagnostics.push(finding);
        }
        record.insert("has_texts".to_owned(), View::Flag(body.is_some()));
        record.insert("texts".to_owned(), body.unwrap_or_else(|| View::List(Vec::new())));
    }
    let node = sources.declared(&format!("templates/documents/{}/document.toml", document.id), "place");
    let text = |value: &str| View::Text(Text { value: value.to_owned(), node });
    let mut own = vec![("name", text(&document.name)), ("stamp", text(document.stamp.as_deref().unwrap_or_default()))];
    own.push(("title", declared_text(document, home.references, of, ("title", &document.title), sources, diagnostics)));
    let subject = document.subject.as_deref();
    own.push(("has_subject", View::Flag(subject.is_some())));
    let subject =
        subject.map(|subject| declared_text(document, home.references, of, ("subject", subject), sources, diagnostics));
    own.push(("subject", subject.unwrap_or_else(nothing)));
    let own = own.into_iter().map(|(key, view)| (key.to_owned(), view)).collect();
    view.insert("document".to_owned(), View::Map(own));
    if document.list.is_some() {
        view.insert("list".to_owned(), listed(plan, document, diagnostics));
    }
    if is_named(READERS) {
        let readers = readers(plan, document, &view, sources, diagnostics);
        view.insert(READERS.to_owned(), readers);
    }
    if is_named("approvals") {
        view.insert("approvals".to_owned(), approvals(plan, document, of, used_blocks, sources));
    }
    if is_named("appendices") {
        view.insert("appendices".to_owned(), appendices(plan, home, of, node, sources, diagnostics));
    }
    let number = standings.numbers.get(&document.id).cloned().unwrap_or_default();
    let appendix = View::map([
        ("number", text(&number)),
        ("has_number", View::Flag(!number.is_empty())),
        ("parent_dat", text(standings.parents.get(&document.id).map_or("", String::as_str))),
    ]);
    view.insert("appendix".to_owned(), appendix);
    let appendices = standings.numbers.keys().map(|id| (id.clone(), standings.reference(plan, id))).collect();
    Part {
        document: document.id.clone(),
        standing: document.place,
        numbering: document.numbering,
        is_landscape: document.landscape,
        sections,
        view,
        appendices,
    }
}

/// A gap with its finding, and its place in a draft.
fn gap_of(finding: Diagnostic, what: &str, diagnostics: &mut Diagnostics) -> View {
    let mut gap = GapView::new(&Gap::because(diagnostics.push(finding)), what);
    gap.name_place(diagnostics);
    View::Gap(gap)
}

/// The date that a document has by itself, as a registration without a number: minutes are dated by their meeting.
fn own_date(document: &Document, view: &BTreeMap<String, View>) -> Option<View> {
    let column = document.dated_by.as_deref()?.replace('-', "_");
    let (flag, date) = filled_of(view.get(RECORD)?, &column)?;
    Some(View::map([("is_filled", flag), ("date", date), ("number", View::Prose(Vec::new()))]))
}

/// The schools that a document lists.
fn listed(plan: &Plan<'_>, document: &Document, diagnostics: &mut Diagnostics) -> View {
    let key = document.list.as_deref().unwrap_or_default();
    let lists = entries(plan, "group_of");
    let found = lists.and_then(|lists| lists.get(&key.replace('-', "_"))).cloned();
    found.unwrap_or_else(|| {
        let year = match plan.view.get("year") {
            Some(View::Figure(figure)) => figure.text(),
            _ => String::new(),
        };
        let place = Place::Document { document: document.name.clone() };
        let finding = Diagnostic::error("missing-list", place).with("role", document.name.clone()).with("year", year);
        View::Gap(GapView::new(&Gap::because(diagnostics.push(finding)), &document.name))
    })
}

/// The appendices of the package in order: title, how the order refers to it, the schools that it lists.
fn appendices(
    plan: &Plan<'_>,
    home: &Home<'_>,
    of: &Occasion<'_>,
    node: NodeId,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> View {
    let appendices = home.standing.iter().filter(|document| document.place == Standing::Appendix);
    let view = appendices.map(|document| {
        let (head, number, tail) = home.standings.reference(plan, &document.id);
        let reference = View::Text(Text { value: format!("{head}{number}{tail}"), node });
        let title = ("title", document.title.as_str());
        let title = declared_text(document, home.references, of, title, sources, diagnostics);
        let nothing = || View::Prose(Vec::new());
        let list = document.list.as_ref().map_or_else(nothing, |_| listed(plan, document, diagnostics));
        let has_list = View::Flag(document.list.is_some());
        View::map([("title", title), ("reference", reference), ("has_list", has_list), ("list", list)])
    });
    View::List(view.collect())
}

/// Parts of the view of which each document gets its own choice.
const CHOSEN: [&str; 4] = ["registrations", "texts", "registers", "acts"];

/// The entries of such a part.
fn entries<'a>(plan: &Plan<'a>, key: &str) -> Option<&'a BTreeMap<String, View>> {
    match plan.view.get(key) {
        Some(View::Map(entries)) => Some(entries),
        _ => None,
    }
}

/// Where a document stands, and the date and number by which it is known.
struct Home<'a> {
    standings: &'a Standings,
    /// The documents of the package.
    standing: &'a [&'a Document],
    /// Date and number of the order of the package.
    registered: Option<View>,
    references: &'a References,
}

/// The order of a package: its first document that is one, else the document itself.
fn home_order<'d>(at_home: &'d [Document], documents: &'d [Document]) -> Option<&'d Document> {
    let order = at_home.iter().chain(documents).find(|document| document.place == Standing::Order);
    order.or_else(|| documents.first())
}

/// The orders of all packages that are to be made.
fn orders(plan: &Plan<'_>, bundles: &[Bundle]) -> Vec<Document> {
    // What is wrong with templates is said where documents are planned.
    let mut dropped = Diagnostics::default();
    let mut orders: BTreeMap<String, Document> = BTreeMap::new();
    for choice in &plan.settings.documents {
        let is_home = |bundle: &&Bundle| bundle.id == choice.kind || bundle.documents.contains(&choice.kind);
        let kinds =
            bundles.iter().find(is_home).map_or_else(|| vec![choice.kind.clone()], |home| home.documents.clone());
        let mut at_home = kinds.iter().filter_map(|kind| plan.templates.document(kind, &mut dropped));
        if let Some(order) = at_home.find(|document| document.place == Standing::Order) {
            orders.insert(order.id.clone(), order);
        }
    }
    orders.into_values().collect()
}

/// The texts of a document that is made for a row: its block is named by one of the row's columns («Письмо»,
/// «Наименование акта»).
fn body_of(
    document: &Document,
    record: &BTreeMap<String, View>,
    blocks: &BTreeMap<String, View>,
    used_blocks: &mut BTreeSet<String>,
) -> Option<View> {
    let columns = record.values().filter_map(|view| if let View::Text(text) = view { Some(&text.value) } else { None });
    let columns: Vec<String> = columns.map(|value| ru::fold(value)).collect();
    let aliases = document.aliases.iter().map(|alias| ru::fold(alias));
    let mut names = aliases.flat_map(|alias| columns.iter().map(move |block| format!("{alias}/{block}")));
    let name = names.find(|name| blocks.contains_key(name))?;
    let found = blocks.get(&name).cloned();
    used_blocks.insert(name);
    found
}

/// Puts the legal bases that name the document among the names of its bodies.
fn cite(plan: &Plan<'_>, document: &Document, view: &mut BTreeMap<String, View>, diagnostics: &mut Diagnostics) {
    if document.acts.is_none() {
        return;
    }
    let acts = match plan.view.get("acts") {
        Some(View::Map(of)) => document.aliases.iter().find_map(|alias| of.get(&ru::fold(alias)).cloned()),
        gap => gap.cloned(),
    };
    let acts = acts.unwrap_or_else(|| {
        if document.acts == Some(Acts::OptionalList) {
            return View::List(Vec::new());
        }
        let named = document.aliases.first().unwrap_or(&document.name).clone();
        let finding = Diagnostic::error("no-legal-basis", Place::Run).with("document", named);
        View::Gap(GapView::new(&Gap::because(diagnostics.push(finding)), &(plan.words)("gap-act")))
    });
    view.insert("acts".to_owned(), acts);
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
    // Rows of registers that name a document which prints none of them.
    let mut said = BTreeSet::new();
    for (sheet, rows) in entries(plan, "registers").into_iter().flatten() {
        let View::List(rows) = rows else { continue };
        for row in rows {
            let Some(View::Text(named)) = entry(row, DOCUMENT_COLUMN) else { continue };
            let block = register_block(sheet, &named.value);
            if !used.contains(&block) && said.insert(block) {
                let title =
                    sheets::SHEETS.iter().find(|spec| spec.id == sheet).map_or(sheet.as_str(), |spec| spec.title);
                let finding = Diagnostic::warning("unused-text-block", sources.place_of(named.node));
                diagnostics.push(finding.with("block", format!("{}/{title}", named.value)));
            }
        }
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
    let emblem = job.emblem.as_ref().map(|emblem| (&emblem.hash, &emblem.text));
    text.push_str(&format!("{:?}\n{emblem:?}\n{:?}\n", job.letterhead, job.qr));
    for (path, hash) in crate::catalog::fonts() {
        text.push_str(&format!("{path}={hash}\n"));
    }
    put_content(job, |_| true, &mut text);
    crate::source::hash(text.as_bytes())
}

/// What the text of a QR code begins with: how the rest is to be understood.
const QR_SIGN: &str = "SVOD1:";
/// The date and number of a document among the names of its bodies.
const REGISTRATION: &str = "registration";

/// Hashes what a job says, without the date and number that are filled in after signing.
fn content_hash(job: &Job) -> String {
    let mut text = String::new();
    put_content(job, |name| name != REGISTRATION, &mut text);
    crate::source::hash(text.as_bytes())
}

/// Writes what a job says: its texts, and of the names of its bodies those that are wanted.
fn put_content(job: &Job, is_wanted: impl Fn(&str) -> bool, text: &mut String) {
    text.push_str(&serde_json::to_string(&job.terms).unwrap_or_default());
    job.title.fingerprint(text);
    for part in &job.parts {
        let (standing, numbering) = (part.standing, part.numbering);
        let placed = (standing, numbering, part.is_landscape);
        text.push_str(&format!("{}\n{placed:?}\n{:?}\n", part.document, part.appendices));
        for section in &part.sections {
            text.push_str(&format!("{}\n{:?}\n{}\n", section.id, section.heading, section.body));
        }
        View::fingerprint_of(part.view.iter().filter(|(name, _)| is_wanted(name)), text);
    }
}
