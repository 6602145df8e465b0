//! The plan: what is to be made, of which documents, with which views.
//! In: settings, catalogue, views. Out: serialisable jobs with keys; findings for what cannot be planned.
//! It must never fill, typeset or write.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::catalog::{Acts, Bundle, Document, Each, Numbering, Standing, Templates, Terms};
use crate::context::{DOCUMENT_COLUMN, GapView, References, Schools, View, parse_declared};
use crate::diag::{Diagnostic, Diagnostics, Place};
use crate::model::{Gap, Text};
use crate::provenance::Sources;
use crate::ru;
use crate::settings::Settings;
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
    /// Schools for which documents are made.
    pub schools: &'a Schools,
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
    // A municipality that calls a thing otherwise finds its own word in headings, too.
    let mut references = plan.references.clone();
    for (key, term) in &terms.terms {
        let node = sources.declared(&plan.templates.shown("terms.toml"), key);
        references.insert(format!("term-{key}"), View::Text(Text { value: term.clone(), node }));
    }
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
        let documents: Option<Vec<Document>> = kinds.iter().map(|kind| load(kind, diagnostics)).collect();
        let Some(documents) = documents.filter(|_| is_report == plan.is_last) else { continue };
        let order = home_order(home, &documents, &mut load, diagnostics);
        let is_wanted = plan.only.is_empty() || plan.only.contains(&choice.kind);
        let Some(lead) = documents.first() else { continue };
        let mut names: BTreeSet<String> = BTreeSet::new();
        for of in occasions(plan, lead, diagnostics) {
            let home = Home { standings: &standings, order: &order, references: &references };
            let parts = documents.iter();
            let parts = parts.map(|document| part(plan, document, &home, &of, &mut used_blocks, sources, diagnostics));
            let parts: Vec<Part> = parts.collect();
            if !is_wanted {
                continue;
            }
            let title = declared_text(lead, &references, &of, "title", &lead.title, sources, diagnostics);
            let mut job = Job {
                kind: choice.kind.clone(),
                file: format!("{}.pdf", of.file(&choice.file, &mut names)),
                title,
                parts,
                terms: terms.clone(),
                profile: profile.clone(),
                profile_source: profile_file.text.clone(),
                vocabulary: vocabulary.clone(),
                sample_mark: plan.is_sample.then(|| (plan.words)("sample-mark")),
                draft_mark: plan.is_draft.then(|| (plan.words)("draft-mark")),
                is_draft: plan.is_draft,
                date,
                ident: format!("svod:{}:{}{}", plan.municipality, choice.kind, of.ident()),
                key: String::new(),
            };
            job.key = key(&job);
            jobs.push(job);
        }
    }
    if !plan.is_last {
        unused_blocks(plan, &used_blocks, sources, diagnostics);
    }
    jobs
}

/// The folded names of documents that cite acts in a preamble.
pub fn preambles(settings: &Settings, templates: &Templates) -> BTreeSet<String> {
    // What is wrong with templates is said where documents are planned.
    let mut dropped = Diagnostics::default();
    let bundles = templates.bundles(&mut dropped);
    let mut names = BTreeSet::new();
    for choice in &settings.documents {
        let bundle = bundles.iter().find(|bundle| bundle.id == choice.kind);
        let kinds = bundle.map_or_else(|| vec![choice.kind.clone()], |bundle| bundle.documents.clone());
        let documents = kinds.iter().filter_map(|kind| templates.document(kind, &mut dropped));
        let citing = documents.filter(|document| document.acts == Some(Acts::Preamble));
        names.extend(citing.flat_map(|document| document.aliases).map(|alias| ru::fold(&alias)));
    }
    names
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
    of.enter(&mut view);
    for need in &document.needs {
        let (key, sheet) = need.parts();
        if matches!(view.get(key), Some(View::Gap(gap)) if gap.reasons.is_empty()) {
            let title = sheets::SHEETS.iter().find(|spec| spec.id == sheet).map_or(sheet, |spec| spec.title);
            let finding = missing_register(document, title);
            let gap = Gap::because(diagnostics.push(finding));
            view.insert(key.to_owned(), View::Gap(GapView::new(&gap, title)));
        }
    }
    let registers = registers(plan, document, used_blocks, diagnostics);
    view.insert("registers".to_owned(), View::Map(registers));
    cite(plan, document, &mut view, diagnostics);
    let registered = entries(plan, "registrations");
    let of_order = home.order.iter().find_map(|name| registered?.get(name).cloned());
    let nothing = || View::Prose(Vec::new());
    let unregistered = || View::map([("is_filled", View::Flag(false)), ("date", nothing()), ("number", nothing())]);
    view.insert("registration".to_owned(), of_order.unwrap_or_else(unregistered));
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
    if let Some(View::Map(record)) = view.get_mut(RECORD) {
        let body = body_of(document, record, all, used_blocks);
        record.insert("has_texts".to_owned(), View::Flag(body.is_some()));
        record.insert("texts".to_owned(), body.unwrap_or_else(|| View::List(Vec::new())));
    }
    let node = sources.declared(&format!("templates/documents/{}/document.toml", document.id), "place");
    let text = |value: &str| View::Text(Text { value: value.to_owned(), node });
    let mut own = vec![("name", text(&document.name)), ("stamp", text(document.stamp.as_deref().unwrap_or_default()))];
    own.push(("title", declared_text(document, home.references, of, "title", &document.title, sources, diagnostics)));
    let subject = document.subject.as_deref();
    own.push(("has_subject", View::Flag(subject.is_some())));
    let subject =
        subject.map(|subject| declared_text(document, home.references, of, "subject", subject, sources, diagnostics));
    own.push(("subject", subject.unwrap_or_else(nothing)));
    let own = own.into_iter().map(|(key, view)| (key.to_owned(), view)).collect();
    view.insert("document".to_owned(), View::Map(own));
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

/// Parts of the view of which each document gets its own choice.
const CHOSEN: [&str; 4] = ["registrations", "texts", "registers", "acts"];

/// The entries of such a part.
fn entries<'a>(plan: &Plan<'a>, key: &str) -> Option<&'a BTreeMap<String, View>> {
    match plan.view.get(key) {
        Some(View::Map(entries)) => Some(entries),
        _ => None,
    }
}

/// Where a document stands, and the order by whose number it is known.
struct Home<'a> {
    standings: &'a Standings,
    /// Folded names of the order.
    order: &'a [String],
    references: &'a References,
}

/// The names of the order of a package: of its first document that is one, else of the document itself.
fn home_order(
    home: Option<&Bundle>,
    documents: &[Document],
    load: &mut impl FnMut(&str, &mut Diagnostics) -> Option<Document>,
    diagnostics: &mut Diagnostics,
) -> Vec<String> {
    let of_home = home.iter().flat_map(|bundle| &bundle.documents).filter_map(|kind| load(kind, diagnostics));
    let order = of_home.chain(documents.iter().cloned()).find(|document| document.place == Standing::Order);
    let order = order.as_ref().or_else(|| documents.first());
    order.map(|order| order.aliases.iter().map(|alias| ru::fold(alias)).collect()).unwrap_or_default()
}

/// For what a document is made: once, for a school, for a row of a register, or it cannot be told.
enum Occasion<'a> {
    Once,
    School { code: &'a str, view: &'a View, name: &'a str },
    Row { index: usize, view: &'a View, name: String },
    Unknown { key: &'static str, gap: View },
}

impl Occasion<'_> {
    /// Puts what the document is made for among the names of its bodies.
    fn enter(&self, view: &mut BTreeMap<String, View>) {
        let (key, value) = match self {
            Self::Once => return,
            Self::School { view, .. } => (SCHOOL, (*view).clone()),
            Self::Row { view, .. } => (RECORD, (*view).clone()),
            Self::Unknown { key, gap } => (*key, gap.clone()),
        };
        view.insert(key.to_owned(), value);
    }

    /// Distinguishes the documents of a kind.
    fn ident(&self) -> String {
        match self {
            Self::School { code, .. } => format!(":{code}"),
            Self::Row { index, .. } => format!(":{}", index + 1),
            Self::Once | Self::Unknown { .. } => String::new(),
        }
    }

    /// The path of the file; a name that is taken gets a number.
    fn file(&self, pattern: &str, names: &mut BTreeSet<String>) -> String {
        let name = match self {
            Self::School { name, .. } => plain_name(name),
            Self::Row { name, .. } => plain_name(name),
            Self::Once | Self::Unknown { .. } => {
                return pattern.replace(ru::NAME_MARK, "").trim_matches(['/', ' ']).to_owned();
            }
        };
        let file = match pattern.contains(ru::NAME_MARK) {
            true => pattern.replace(ru::NAME_MARK, &name),
            false => format!("{pattern} {name}"),
        };
        let numbered = (2..).map(|number| format!("{file} ({number})"));
        let mut candidates = std::iter::once(file.clone()).chain(numbered);
        let free = candidates.find(|file| !names.contains(&file.to_lowercase())).unwrap_or(file);
        names.insert(free.to_lowercase());
        free
    }
}

/// The names of bodies for what a document is made for.
const SCHOOL: &str = "school";
const RECORD: &str = "record";
/// Longest name in a path, characters.
const LONGEST_NAME: usize = 48;

/// A name as a part of a path.
fn plain_name(name: &str) -> String {
    let is_plain = |c: &char| !c.is_control() && !r#"/\:*?"<>|«»"#.contains(*c);
    let name: String = name.chars().filter(is_plain).take(LONGEST_NAME).collect();
    name.trim().trim_matches('.').to_owned()
}

/// For what the documents of a choice are made.
fn occasions<'a>(plan: &Plan<'a>, lead: &Document, diagnostics: &mut Diagnostics) -> Vec<Occasion<'a>> {
    match &lead.each {
        None => vec![Occasion::Once],
        Some(Each::School) => match plan.schools.of(&lead.groups) {
            Err(gap) => vec![Occasion::Unknown { key: SCHOOL, gap: View::Gap(GapView::new(&gap, &lead.name)) }],
            Ok(schools) => {
                let schools = schools.into_iter();
                schools
                    .map(|(code, school)| Occasion::School { code, view: &school.view, name: &school.name })
                    .collect()
            }
        },
        Some(Each::Row(sheet)) => {
            let rows = match plan.view.get("registers") {
                Some(View::Map(all)) => all.get(sheet),
                _ => None,
            };
            match rows {
                Some(View::List(rows)) => {
                    let rows = rows.iter().enumerate();
                    rows.map(|(index, view)| Occasion::Row { index, view, name: name_of(sheet, view) }).collect()
                }
                Some(gap @ View::Gap(_)) => vec![Occasion::Unknown { key: RECORD, gap: gap.clone() }],
                // Nothing to be made is no fault: the register may have no rows this year.
                _ => {
                    if !sheets::SHEETS.iter().any(|spec| spec.id == sheet) {
                        let place = Place::Key {
                            file: plan.templates.shown(&format!("documents/{}/document.toml", lead.id)),
                            key: "each".to_owned(),
                        };
                        diagnostics
                            .push(Diagnostic::error("unknown-document-register", place).with("sheet", sheet.clone()));
                    }
                    Vec::new()
                }
            }
        }
    }
}

/// The first column of a row.
fn name_of(sheet: &str, view: &View) -> String {
    let first = sheets::SHEETS.iter().find(|spec| spec.id == sheet).and_then(|spec| spec.columns.first());
    match (view, first) {
        (View::Map(entries), Some(column)) => match entries.get(&column.key.replace('-', "_")) {
            Some(View::Text(text)) => text.value.clone(),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

/// A text that a document declares; it may also refer to what the document is made for.
fn declared_text(
    document: &Document,
    references: &References,
    of: &Occasion<'_>,
    key: &str,
    text: &str,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> View {
    let (prefix, view) = match of {
        Occasion::School { view, .. } => (SCHOOL, Some(*view)),
        Occasion::Row { view, .. } => (RECORD, Some(*view)),
        Occasion::Unknown { key, gap } => (*key, Some(gap)),
        Occasion::Once => ("", None),
    };
    let mut references = Cow::Borrowed(references);
    match view {
        Some(View::Map(entries)) if text.contains(&format!("{{{prefix}-")) => {
            let prose = entries.iter().filter(|(_, view)| matches!(view, View::Text(_) | View::Figure(_)));
            references
                .to_mut()
                .extend(prose.map(|(key, view)| (format!("{prefix}-{}", key.replace('_', "-")), view.clone())));
        }
        // Whatever is asked of a gap is the gap itself.
        Some(gap @ View::Gap(_)) if text.contains('{') => return gap.clone(),
        _ => {}
    }
    parse_declared(document, key, text, &references, sources, diagnostics)
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
        let named = document.aliases.first().unwrap_or(&document.name).clone();
        let finding = Diagnostic::error("no-legal-basis", Place::Run).with("document", named);
        View::Gap(GapView::new(&Gap::because(diagnostics.push(finding)), &(plan.words)("gap-act")))
    });
    view.insert("acts".to_owned(), acts);
}

/// The rows of registers that a document prints, grouped as it says.
fn registers(
    plan: &Plan<'_>,
    document: &Document,
    used_blocks: &mut BTreeSet<String>,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, View> {
    let none = BTreeMap::new();
    let all = entries(plan, "registers").unwrap_or(&none);
    let aliases: Vec<String> = document.aliases.iter().map(|alias| ru::fold(alias)).collect();
    let mut chosen = BTreeMap::new();
    for (key, register) in &document.registers {
        let file = || plan.templates.shown(&format!("documents/{}/document.toml", document.id));
        let place = |part: &str| Place::Key { file: file(), key: format!("registers.{key}.{part}") };
        let Some(spec) = sheets::SHEETS.iter().find(|spec| spec.id == register.sheet) else {
            let finding =
                Diagnostic::error("unknown-document-register", place("sheet")).with("sheet", register.sheet.clone());
            chosen.insert(key.clone(), View::Gap(GapView::new(&Gap::because(diagnostics.push(finding)), key)));
            continue;
        };
        if let Some(by) = register.by.iter().find(|by| !spec.columns.iter().any(|column| column.key == by.as_str())) {
            let finding = Diagnostic::error("unknown-document-register", place("by")).with("sheet", by.clone());
            chosen.insert(key.clone(), View::Gap(GapView::new(&Gap::because(diagnostics.push(finding)), key)));
            continue;
        }
        let is_of = |row: &View| match lookup_text(row, DOCUMENT_COLUMN) {
            Some(named) => aliases.iter().any(|alias| alias == named),
            None => true,
        };
        let rows: Vec<View> = match all.get(&register.sheet) {
            Some(View::List(rows)) => rows.iter().filter(|row| is_of(row)).cloned().collect(),
            Some(gap) => {
                chosen.insert(key.clone(), gap.clone());
                continue;
            }
            None => Vec::new(),
        };
        used_blocks.extend(
            rows.iter()
                .filter_map(|row| lookup_text(row, DOCUMENT_COLUMN))
                .map(|named| register_block(&register.sheet, named)),
        );
        if rows.is_empty() && !register.optional {
            let gap = Gap::because(diagnostics.push(missing_register(document, spec.title)));
            chosen.insert(key.clone(), View::Gap(GapView::new(&gap, spec.title)));
            continue;
        }
        chosen.insert(key.clone(), grouped(rows, &register.by));
    }
    chosen
}

fn missing_register(document: &Document, sheet: &str) -> Diagnostic {
    Diagnostic::error("missing-register", Place::Document { document: document.name.clone() })
        .with("sheet", sheet)
        .with("document", document.aliases.first().unwrap_or(&document.name).clone())
}

/// What stands for the rows of a document among the blocks that are printed.
fn register_block(sheet: &str, document: &str) -> String {
    format!("{document}/{sheet}")
}

fn entry<'v>(row: &'v View, key: &str) -> Option<&'v View> {
    match row {
        View::Map(entries) => entries.get(key),
        _ => None,
    }
}

fn lookup_text<'v>(row: &'v View, key: &str) -> Option<&'v str> {
    match entry(row, key) {
        Some(View::Text(text)) => Some(&text.value),
        _ => None,
    }
}

/// Groups rows by columns, in the order in which their values come.
fn grouped(rows: Vec<View>, by: &[String]) -> View {
    let Some((column, rest)) = by.split_first() else { return View::List(rows) };
    let key = column.replace('-', "_");
    let mut groups: Vec<(String, View, Vec<View>)> = Vec::new();
    for row in rows {
        let title = match &row {
            View::Map(entries) => entries.get(&key).cloned(),
            _ => None,
        };
        let title = title.unwrap_or_else(|| View::Prose(Vec::new()));
        let text = match &title {
            View::Text(text) => text.value.clone(),
            _ => String::new(),
        };
        match groups.iter_mut().find(|(known, _, _)| *known == text) {
            Some((_, _, rows)) => rows.push(row),
            None => groups.push((text, title, vec![row])),
        }
    }
    let group = |(text, title, rows): (String, View, Vec<View>)| {
        let rows = grouped(rows, rest);
        View::map([("has_title", View::Flag(!text.is_empty())), ("title", title), ("rows", rows)])
    };
    View::List(groups.into_iter().map(group).collect())
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
    for (path, hash) in crate::catalog::fonts() {
        text.push_str(&format!("{path}={hash}\n"));
    }
    text.push_str(&serde_json::to_string(&job.terms).unwrap_or_default());
    job.title.fingerprint(&mut text);
    for part in &job.parts {
        let (standing, numbering) = (part.standing, part.numbering);
        let placed = (standing, numbering, part.is_landscape);
        text.push_str(&format!("{}\n{placed:?}\n{:?}\n", part.document, part.appendices));
        for section in &part.sections {
            text.push_str(&format!("{}\n{:?}\n{}\n", section.id, section.heading, section.body));
        }
        View::Map(part.view.clone()).fingerprint(&mut text);
    }
    crate::source::hash(text.as_bytes())
}
