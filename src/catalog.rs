//! The templates: built-in files under those of the municipality, and what documents they declare.
//! In: embedded files and a municipality's overrides. Out: documents, bundles, terms, data files by name.
//! It must never know the data of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::diag::{Diagnostic, Diagnostics, Place, Reason};
use crate::model::Role;
use crate::ru::Plural;
use crate::settings::Readers;
use crate::source::{SourceFile, hash};

/// Every file of `templates/`, as built into the program.
pub const BUILT_IN: &[(&str, &[u8])] = &include!(concat!(env!("OUT_DIR"), "/templates.rs"));

/// Folder of a municipality's overrides.
const OVERRIDES: &str = "templates/";
/// Largest template file of a municipality, bytes.
const MAX_TEMPLATE: usize = 256 * 1024;

/// A text file of the templates.
#[derive(Clone, Debug)]
pub struct TemplateFile {
    /// The text.
    pub text: String,
    /// Whether the municipality supplied it.
    pub is_own: bool,
    /// SHA-256 of the bytes.
    pub hash: String,
}

/// The templates of a run by path below `templates/`.
#[derive(Clone, Debug, Default)]
pub struct Templates {
    files: BTreeMap<String, TemplateFile>,
}

/// What stands where a document is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// An act on a letterhead.
    Order,
    /// An appendix of the act before it.
    Appendix,
    /// An appendix of the appendix before it.
    NestedAppendix,
    /// A document of its own without stamp or letterhead, made last: it tells of the run itself.
    Report,
    /// A paper of its own, with stamps of its own.
    Paper,
    /// A letter on a letterhead.
    Letter,
}

impl Standing {
    /// The word that the layout knows.
    pub fn key(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Appendix => "appendix",
            Self::NestedAppendix => "nested-appendix",
            Self::Report => "report",
            Self::Paper => "paper",
            Self::Letter => "letter",
        }
    }
}

/// How clauses are numbered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Numbering {
    /// Sections 1, 2; clauses 1.1, 1.2.
    Sections,
    /// Clauses 1, 2 throughout.
    Flat,
    /// Sections 1, 2; clauses without numbers.
    Headings,
    /// Sections I, II; clauses without numbers.
    Roman,
    /// None.
    None,
}

/// How a document cites its legal bases.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Acts {
    /// In a preamble, each in a wording of its own.
    Preamble,
    /// As a list of acts with their titles.
    List,
    /// As such a list where the sheet names the document; without one nothing is lacking.
    OptionalList,
}

/// A part of the view that not every municipality has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// The rows of the roadmap.
    Roadmap,
    /// The risks.
    Risks,
}

impl Need {
    /// Its name in bodies, and the sheet that gives it.
    pub fn parts(self) -> (&'static str, &'static str) {
        match self {
            Self::Roadmap => ("roadmap", "activities"),
            Self::Risks => ("risks", "risks"),
        }
    }
}

/// For what a document is made, each time anew.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Each {
    /// For every school of the groups of the document.
    School,
    /// For every teacher of these schools.
    Teacher,
    /// For each of these schools with every partner school that it has, or is to have.
    Partner,
    /// For every row of a register.
    #[serde(untagged)]
    Row(String),
    /// For rows of a register that agree in columns.
    #[serde(untagged)]
    Rows(Together),
}

/// Rows of a register that belong together.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Together {
    /// Id of the register.
    pub sheet: String,
    /// Columns in which they agree.
    pub by: Vec<String>,
}

/// Schools for each of which a document is to have a row.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Covers {
    /// Ids of the registers; a row of one of them is enough.
    pub sheets: Vec<String>,
    /// The groups of the schools.
    pub groups: Vec<Role>,
}

/// One value or several.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Values {
    /// One.
    One(String),
    /// Any of several.
    Many(Vec<String>),
}

impl Values {
    /// Iterates over the values.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let values = match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        };
        values.iter().map(String::as_str)
    }
}

/// Rows of a register that a document prints.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// Id of the register.
    pub sheet: String,
    /// Columns by which the rows are grouped, the outermost first.
    #[serde(default)]
    pub by: Vec<String>,
    /// The column that numbers its rows: a row «3.1» goes below the row «3» before it, as one of its `items`.
    #[serde(default)]
    pub levels: Option<String>,
    /// The document may be made without any row.
    #[serde(default)]
    pub optional: bool,
    /// Known values of choices that its rows must have, by column.
    #[serde(default, rename = "where")]
    pub keep: BTreeMap<String, Values>,
    /// Groups, by key: only rows of schools that are in one of them in the reported year; the others are said.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Columns in which its rows agree with the record for which the document is made.
    #[serde(default)]
    pub same: Vec<String>,
    /// Terms, by column: only rows in which the column says the municipality's own word for it.
    #[serde(default)]
    pub terms: BTreeMap<String, String>,
}

/// Targets that a document prints: in bodies `planned` beside every indicator.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Targets {
    /// Id of the group of indicators.
    pub group: String,
    /// The block of texts that names the periods, one a text: every indicator has a target for each of them.
    #[serde(default)]
    pub periods: Option<String>,
}

/// A body that adopts, agrees or approves a paper of a school, and its stamp.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalOf {
    /// The body, as the sheet «Утверждение документов школ» names it.
    pub body: String,
    /// The word of the stamp.
    pub word: String,
    /// What stands below the word.
    pub lines: Vec<String>,
    /// A person signs the stamp: the head of the school.
    #[serde(default)]
    pub signed: bool,
}

/// Who reads an order, and how they learn of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReadersOf {
    /// How they learn of it where the municipality does not say.
    pub way: Readers,
    /// Parts of officials that read it, in order: `executor`, `visas`.
    #[serde(default)]
    pub officials: Vec<String>,
    /// Persons whom its rows name.
    #[serde(default)]
    pub rows: Option<ReaderRows>,
    /// The part of officials that signs it: who signs reads no list.
    #[serde(default = "signer")]
    pub signer: String,
}

fn signer() -> String {
    "signer".to_owned()
}

/// Rows of a register of the document that name persons.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReaderRows {
    /// The rows by their name in bodies.
    pub register: String,
    /// What of a row is the person.
    pub name: String,
    /// What of a row is the post, if it has one.
    #[serde(default)]
    pub post: Option<String>,
}

/// A kind of document.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Document {
    /// Its id: the name of its folder.
    pub id: String,
    /// Its name for lists and messages.
    pub name: String,
    /// Its title in the metadata; may hold references as section texts do.
    pub title: String,
    /// The heading to its text, for orders and letters; may hold references.
    #[serde(default)]
    pub subject: Option<String>,
    /// Where it stands.
    pub place: Standing,
    /// How clauses are numbered.
    pub numbering: Numbering,
    /// The word of its approval stamp, for appendices that an act approves.
    #[serde(default)]
    pub stamp: Option<String>,
    /// Its name in the dative: what nested appendices are appendices to.
    #[serde(default)]
    pub short_dative: Option<String>,
    /// Blocks of section texts: key in bodies, name in the sheet.
    #[serde(default)]
    pub texts: BTreeMap<String, String>,
    /// Names of the document in the sheets.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Legal bases that it cites: those whose sheet names it.
    #[serde(default)]
    pub acts: Option<Acts>,
    /// Parts of the view that it cannot be made without, of those that not every municipality has.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// Rows of registers by name in bodies.
    #[serde(default)]
    pub registers: BTreeMap<String, Register>,
    /// Groups of indicators whose targets it prints, each of which must be there.
    #[serde(default)]
    pub targets: Vec<Targets>,
    /// Who reads it, for orders.
    #[serde(default)]
    pub readers: Option<ReadersOf>,
    /// Who adopts, agrees and approves it, for papers of schools: where a school does not say otherwise.
    #[serde(default)]
    pub approvals: Vec<ApprovalOf>,
    /// For what it is made each time anew; once where absent.
    #[serde(default)]
    pub each: Option<Each>,
    /// The name under which it is registered, where it is made each time anew; may refer to what it is made for. Its
    /// title where absent.
    #[serde(default)]
    pub registered: Option<String>,
    /// The groups of schools for which it is made.
    #[serde(default)]
    pub groups: Vec<Role>,
    /// Groups whose schools get another paper instead.
    #[serde(default)]
    pub except: Vec<Role>,
    /// It is made also for schools that were in its groups a year ago and are in them no more.
    #[serde(default)]
    pub leaving: bool,
    /// It is made only for schools that have rows of this register.
    #[serde(default)]
    pub with_rows: Option<String>,
    /// The column of the record for which it is made that holds its date: it is registered nowhere else.
    #[serde(default)]
    pub dated_by: Option<String>,
    /// It belongs to its package only where the record for which the package is made fills this column.
    #[serde(default)]
    pub of_column: Option<String>,
    /// The schools for each of which it is to have a row of some registers.
    #[serde(default)]
    pub covers: Option<Covers>,
    /// The key of the term for the thing that it creates: there is but one, and one act on it.
    #[serde(default)]
    pub creates: Option<String>,
    /// The list of schools that it prints: `low-performing`.
    #[serde(default)]
    pub list: Option<String>,
    /// Its pages lie on their side.
    #[serde(default)]
    pub landscape: bool,
    /// Its sections in order.
    pub sections: Vec<Section>,
}

/// Folder of the bodies that documents share.
const COMMON: &str = "common/";

impl Section {
    /// The path of its body below `templates/`, in a document of a kind: a file of the document's own folder stands for
    /// the common one of the same name.
    pub fn path(&self, kind: &str, templates: &Templates) -> String {
        let common = self.body.strip_prefix(COMMON);
        let own = format!("documents/{kind}/{}", common.unwrap_or(&self.body));
        match common {
            Some(_) if templates.get(&own).is_none() => format!("documents/{}", self.body),
            _ => own,
        }
    }
}

/// A section of a document.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Its id.
    pub id: String,
    /// Its heading; none is printed when absent.
    #[serde(default)]
    pub heading: Option<String>,
    /// Its body: a file of the document's folder, or of the common one («common/…»).
    pub body: String,
}

/// An ordered list of documents printed as one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its documents in order.
    pub documents: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bundles {
    bundles: Vec<Bundle>,
}

/// Nouns after numbers, and terms that a municipality may rename.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Nouns by key.
    pub nouns: BTreeMap<String, Plural>,
    /// Terms by key.
    pub terms: BTreeMap<String, String>,
    /// How else a thing is called, by the key of its term; a word that ends in `*` stands for all that begin so.
    #[serde(default)]
    pub synonyms: BTreeMap<String, Vec<String>>,
}

impl Templates {
    /// Takes the built-in files alone.
    pub fn built_in() -> Self {
        let files = BUILT_IN
            .iter()
            .filter_map(|(path, bytes)| {
                let text = std::str::from_utf8(bytes).ok()?.to_owned();
                Some(((*path).to_owned(), TemplateFile { text, is_own: false, hash: hash(bytes) }))
            })
            .collect();
        Self { files }
    }

    /// Lays the files of a municipality over the built-in ones.
    ///
    /// What may be overridden is closed: bodies, outlines, terms, methods, indicators, forms, profiles.
    /// The vocabulary of the layout and the messages are the program's.
    pub fn with_overrides(mut self, files: &[SourceFile], diagnostics: &mut Diagnostics) -> Self {
        for file in files {
            let Some(path) = file.path.strip_prefix(OVERRIDES) else { continue };
            let place = Place::File { file: file.path.clone() };
            if !may_override(path) {
                diagnostics.push(Diagnostic::error("unknown-template", place));
                continue;
            }
            let text = std::str::from_utf8(&file.bytes).ok().filter(|text| text.len() <= MAX_TEMPLATE);
            let Some(text) = text else {
                diagnostics.push(Diagnostic::error("unreadable-template", place));
                continue;
            };
            let text = text.to_owned();
            self.files.insert(path.to_owned(), TemplateFile { text, is_own: true, hash: file.hash.clone() });
        }
        self
    }

    /// Returns a file.
    pub fn get(&self, path: &str) -> Option<&TemplateFile> {
        self.files.get(path)
    }

    /// Iterates over paths and files.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &TemplateFile)> {
        self.files.iter().map(|(path, file)| (path.as_str(), file))
    }

    /// Prints a path as a person finds it.
    pub fn shown(&self, path: &str) -> String {
        format!("{OVERRIDES}{path}")
    }

    /// Reads a data file by a parser of its type.
    pub fn data<T>(
        &self,
        path: &str,
        parse: impl Fn(&str) -> Result<T, Reason>,
        diagnostics: &mut Diagnostics,
    ) -> Option<T> {
        let place = Place::File { file: self.shown(path) };
        let Some(file) = self.get(path) else {
            diagnostics.push(Diagnostic::error("missing-template", place));
            return None;
        };
        match parse(&file.text) {
            Ok(data) => Some(data),
            Err(reason) => {
                let place = reason.line.map_or(place, |line| Place::Line { file: self.shown(path), line });
                diagnostics.push(Diagnostic::error("bad-template", place).because(reason));
                None
            }
        }
    }

    /// Reads the nouns and terms.
    pub fn terms(&self, diagnostics: &mut Diagnostics) -> Terms {
        self.data("terms.toml", |text| toml::from_str(text).map_err(|error| Reason::toml(&error, text)), diagnostics)
            .unwrap_or_default()
    }

    /// Reads the bundles.
    pub fn bundles(&self, diagnostics: &mut Diagnostics) -> Vec<Bundle> {
        let parse = |text: &str| toml::from_str::<Bundles>(text).map_err(|error| Reason::toml(&error, text));
        self.data("documents/bundles.toml", parse, diagnostics).map(|file| file.bundles).unwrap_or_default()
    }

    /// Reads a kind of document; its id must be the name of its folder and its bodies must exist.
    pub fn document(&self, kind: &str, diagnostics: &mut Diagnostics) -> Option<Document> {
        let path = format!("documents/{kind}/document.toml");
        let parse = |text: &str| {
            let document: Document = toml::from_str(text).map_err(|error| Reason::toml(&error, text))?;
            if document.id != kind {
                return Err(at(format!("id = {:?}", document.id), line_of(text, "id")));
            }
            for (index, section) in document.sections.iter().enumerate() {
                let repeated = document.sections.iter().take(index).any(|other| other.id == section.id);
                let name = section.body.strip_prefix(COMMON).unwrap_or(&section.body);
                let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
                if repeated {
                    return Err(at(format!("sections.{}", section.id), line_of_section(text, index, "id")));
                }
                if !plain || !section.body.ends_with(".typ.j2") {
                    return Err(at(format!("sections.{}", section.id), line_of_section(text, index, "body")));
                }
                if self.get(&section.path(kind, self)).is_none() {
                    let key = format!("sections.{}.body = {:?}", section.id, section.body);
                    return Err(at(key, line_of_section(text, index, "body")));
                }
            }
            if matches!(document.each, Some(Each::School | Each::Teacher | Each::Partner)) == document.groups.is_empty()
            {
                return Err(at("groups".to_owned(), line_of(text, "groups").or_else(|| line_of(text, "each"))));
            }
            Ok(document)
        };
        self.data(&path, parse, diagnostics)
    }

    /// Reports own files of documents that nothing prints: of a kind that is none, of no section of its kind, or of a
    /// kind that the settings do not choose.
    pub fn strays(&self, chosen: &BTreeSet<&str>, diagnostics: &mut Diagnostics) {
        let own = self.iter().filter(|(path, file)| file.is_own && path.starts_with("documents/"));
        let own: Vec<(&str, &str)> = own
            .filter_map(|(path, _)| Some((path, path.split('/').nth(1)?)))
            .filter(|(path, _)| path.ends_with(".j2") || path.ends_with("/document.toml"))
            .collect();
        if own.is_empty() {
            return;
        }
        let known = Self::built_in();
        let is_built_in = |kind: &str| known.get(&format!("documents/{kind}/document.toml")).is_some();
        // What is wrong with a chosen kind is said where it is planned.
        let mut unsaid = Diagnostics::default();
        let mut printed = BTreeSet::new();
        for kind in self.kinds() {
            let is_unread = !chosen.contains(kind) && !is_built_in(kind);
            let document = self.document(kind, if is_unread { diagnostics } else { &mut unsaid });
            match document {
                Some(document) => printed.extend(document.sections.iter().map(|section| section.path(kind, self))),
                // Nothing can be said of the sections of what cannot be read.
                None => printed.extend(own.iter().filter(|(_, of)| *of == kind).map(|(path, _)| (*path).to_owned())),
            }
        }
        for (path, kind) in own {
            let place = Place::File { file: self.shown(path) };
            let is_kind = self.get(&format!("documents/{kind}/document.toml")).is_some();
            if path.ends_with("/document.toml") {
                if !chosen.contains(kind) && !is_built_in(kind) {
                    diagnostics.push(Diagnostic::warning("kind-not-chosen", place).with("kind", kind));
                }
            } else if !printed.contains(path) {
                let id = if is_kind || format!("{kind}/") == COMMON {
                    "template-of-no-section"
                } else {
                    "template-of-no-kind"
                };
                diagnostics.push(Diagnostic::error(id, place).with("kind", kind));
            }
        }
    }

    /// Lists the kinds of documents.
    pub fn kinds(&self) -> Vec<&str> {
        self.files.keys().filter_map(|path| path.strip_prefix("documents/")?.strip_suffix("/document.toml")).collect()
    }

    /// Lists the names of the data files of a folder.
    pub fn names(&self, folder: &str) -> Vec<&str> {
        self.files
            .keys()
            .filter_map(|path| path.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(".toml"))
            .collect()
    }
}

/// A key that makes no sense, at its line.
fn at(key: String, line: Option<usize>) -> Reason {
    let mut reason = Reason::from(key);
    reason.line = line;
    reason
}

/// Tells whether a line of TOML sets a key.
fn sets(line: &str, key: &str) -> bool {
    line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
}

/// The first line that sets a key, counted from one.
fn line_of(text: &str, key: &str) -> Option<usize> {
    text.lines().position(|line| sets(line, key)).map(|line| line + 1)
}

/// The line of a key of a section, by its place among the sections; of its head where the key has no line of its own.
fn line_of_section(text: &str, index: usize, key: &str) -> Option<usize> {
    let lines = || text.lines().enumerate();
    let head = lines().filter(|(_, line)| line.trim() == "[[sections]]").nth(index)?.0;
    let own = lines().skip(head + 1).take_while(|(_, line)| !line.trim_start().starts_with('['));
    Some(own.into_iter().find(|(_, line)| sets(line, key)).map_or(head, |(line, _)| line) + 1)
}

/// Tells the files that a municipality may have of its own.
pub fn may_override(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["terms.toml" | "headers.toml" | "scales.toml" | "markers.toml"] | ["documents", "bundles.toml"] => true,
        ["documents", _, file] => *file == "document.toml" || file.ends_with(".typ.j2"),
        ["methods" | "indicators" | "advice" | "forms" | "blanks" | "layout", file] => file.ends_with(".toml"),
        _ => false,
    }
}

/// Returns path and SHA-256 of every font built into the program.
pub fn fonts() -> impl Iterator<Item = (&'static str, &'static str)> {
    static HASHES: OnceLock<Vec<(&'static str, String)>> = OnceLock::new();
    let hashes = HASHES.get_or_init(|| {
        BUILT_IN
            .iter()
            .filter(|(path, _)| path.starts_with("fonts/") && path.ends_with(".ttf"))
            .map(|(path, bytes)| (*path, hash(bytes)))
            .collect()
    });
    hashes.iter().map(|(path, hash)| (*path, hash.as_str()))
}
