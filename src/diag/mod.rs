//! Findings: what is wrong with the data or the templates, where, and what to do about it.
//! In: an id and typed arguments from every stage. Out: sorted, folded findings for people and programs.
//! It must never know the wording: texts live in `templates/messages/` by id.

mod reason;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

pub use reason::Reason;

/// How much a finding weighs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// A statement would be false: the documents that need it are blocked.
    Error,
    /// Worth a look before signing.
    Warning,
    /// Good to know.
    Note,
}

/// Where a finding stands; printed by the emitter, never part of the message.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Place {
    /// The run as a whole.
    #[default]
    Run,
    /// A file.
    File {
        /// Path below the municipality's folder or below `templates/`.
        file: String,
    },
    /// A line of a text file, counted from one.
    Line {
        /// Path below the municipality's folder or below `templates/`.
        file: String,
        /// The line.
        line: usize,
    },
    /// A key of a settings or data file.
    Key {
        /// Path as above.
        file: String,
        /// The key, dotted.
        key: String,
    },
    /// A sheet.
    Sheet {
        /// Workbook.
        file: String,
        /// Sheet.
        sheet: String,
    },
    /// A cell; row and column are zero-based so that cells sort as they stand.
    Cell {
        /// Workbook.
        file: String,
        /// Sheet.
        sheet: String,
        /// Zero-based row.
        row: u32,
        /// Zero-based column.
        column: u16,
    },
    /// A document that would have been made.
    Document {
        /// Its id.
        document: String,
    },
}

impl Place {
    /// Writes the place the way a person finds it.
    pub fn text(&self) -> String {
        match self {
            Self::Run => String::new(),
            Self::File { file } => file.clone(),
            Self::Line { file, line } => format!("{file}:{line}"),
            Self::Key { file, key } => format!("{file} › {key}"),
            Self::Sheet { file, sheet } => format!("{file} › {sheet}"),
            Self::Cell { file, sheet, row, column } => {
                format!("{file} › {sheet}!{}{}", crate::provenance::column_letters(*column), row + 1)
            }
            Self::Document { document } => document.clone(),
        }
    }
}

/// One finding.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Names the thing disliked, kebab-case, never reused.
    pub id: String,
    /// The weight.
    pub severity: Severity,
    /// Where.
    pub place: Place,
    /// Arguments of the message text.
    pub args: BTreeMap<String, String>,
}

impl Diagnostic {
    /// Makes a finding without arguments.
    pub fn new(severity: Severity, id: &str, place: Place) -> Self {
        Self { id: id.to_owned(), severity, place, args: BTreeMap::new() }
    }

    /// Makes an error.
    pub fn error(id: &str, place: Place) -> Self {
        Self::new(Severity::Error, id, place)
    }

    /// Makes a warning.
    pub fn warning(id: &str, place: Place) -> Self {
        Self::new(Severity::Warning, id, place)
    }

    /// Makes a note.
    pub fn note(id: &str, place: Place) -> Self {
        Self::new(Severity::Note, id, place)
    }

    /// Adds why it is so.
    #[must_use]
    pub fn because(mut self, reason: Reason) -> Self {
        self.args.extend(reason.args);
        self
    }

    /// Adds an argument.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.args.insert(key.to_owned(), value.into());
        self
    }
}

/// A finding's position in [`Diagnostics`]; a value that cannot be trusted carries it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct DiagId(pub usize);

/// The findings of a run, in the order found.
#[derive(Clone, Default, Debug, Serialize, Deserialize)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds a finding and returns its position.
    pub fn push(&mut self, diagnostic: Diagnostic) -> DiagId {
        self.list.push(diagnostic);
        DiagId(self.list.len() - 1)
    }

    /// Adds the findings of a stage that kept its own.
    pub fn extend(&mut self, other: &Self) {
        self.list.extend(other.iter().cloned());
    }

    /// Returns a finding.
    pub fn get(&self, id: DiagId) -> Option<&Diagnostic> {
        self.list.get(id.0)
    }

    /// Returns how many were added.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Tells whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Iterates in the order found.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    /// Tells whether there is a finding of at least this weight.
    pub fn has(&self, severity: Severity) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.severity <= severity)
    }

    /// Returns the findings sorted by weight, id and place, repeats removed; what an error says of a place is not said
    /// of it again with less weight.
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let is_error = |one: &&Diagnostic| one.severity == Severity::Error;
        let errors: BTreeSet<(&str, &Place)> =
            self.list.iter().filter(is_error).map(|one| (one.id.as_str(), &one.place)).collect();
        let is_told = |one: &&Diagnostic| {
            !is_error(one) && one.place != Place::Run && errors.contains(&(one.id.as_str(), &one.place))
        };
        let mut sorted: Vec<&Diagnostic> = self.list.iter().filter(|one| !is_told(one)).collect();
        sorted.sort_by(|a, b| (a.severity, &a.id, &a.place, &a.args).cmp(&(b.severity, &b.id, &b.place, &b.args)));
        sorted.dedup();
        sorted
    }
}

/// The wording of one id.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wording {
    message: String,
    #[serde(default)]
    hint: String,
}

/// The texts of a language: messages of findings and of the program itself.
#[derive(Clone, Debug)]
pub struct Messages {
    findings: BTreeMap<String, Wording>,
    texts: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageFile {
    findings: BTreeMap<String, Wording>,
    texts: BTreeMap<String, String>,
}

impl Messages {
    /// Reads a message file (TOML with tables `findings` and `texts`).
    ///
    /// # Errors
    /// Gives the parser's message when the file is not of that shape.
    pub fn parse(source: &str) -> Result<Self, String> {
        let file: MessageFile = toml::from_str(source).map_err(|error| error.to_string())?;
        Ok(Self { findings: file.findings, texts: file.texts })
    }

    /// Iterates over the ids of findings.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.findings.keys().map(String::as_str)
    }

    /// Returns the message of an id with its places for arguments.
    pub fn pattern(&self, id: &str) -> &str {
        self.findings.get(id).map_or("", |wording| wording.message.as_str())
    }

    /// Returns message and hint of an id for reading: «…» stands where a finding says what it found.
    pub fn shown(&self, id: &str) -> (String, String) {
        let blank = |text: &str| {
            let mut pieces = text.split('{');
            let mut out = pieces.next().unwrap_or_default().to_owned();
            for piece in pieces {
                out.push('…');
                out.push_str(piece.split_once('}').map_or(piece, |(_, rest)| rest));
            }
            out
        };
        (blank(self.pattern(id)), blank(self.hint(id)))
    }

    /// Returns what to do about an id.
    pub fn hint(&self, id: &str) -> &str {
        self.findings.get(id).map_or("", |wording| wording.hint.as_str())
    }

    /// Fills a text of the program; an unknown key prints itself.
    pub fn text(&self, key: &str, args: &[(&str, &str)]) -> String {
        let pattern = self.texts.get(key).map_or(key, String::as_str);
        fill(pattern, |name| args.iter().find(|(arg, _)| *arg == name).map(|(_, value)| *value))
    }

    /// Returns message and hint of a finding.
    pub fn finding(&self, diagnostic: &Diagnostic) -> (String, String) {
        let args: BTreeMap<&str, String> = diagnostic
            .args
            .iter()
            .map(|(name, value)| (name.as_str(), self.reason(value, diagnostic, DEPTH)))
            .collect();
        let get = |name: &str| args.get(name).map(String::as_str);
        match self.findings.get(&diagnostic.id) {
            Some(wording) => (fill(&wording.message, get), fill(&wording.hint, get)),
            None => (diagnostic.id.clone(), String::new()),
        }
    }

    /// Writes an argument: the key of a reason gives its text, filled with the other arguments.
    fn reason(&self, value: &str, diagnostic: &Diagnostic, depth: u8) -> String {
        match self.texts.get(value).filter(|_| value.starts_with(REASON) && depth > 0) {
            Some(pattern) => {
                let inner =
                    |(name, value): (&String, &String)| (name.clone(), self.reason(value, diagnostic, depth - 1));
                let args: BTreeMap<String, String> = diagnostic.args.iter().map(inner).collect();
                fill(pattern, |name| args.get(name).map(String::as_str))
            }
            None => value.to_owned(),
        }
    }
}

/// Begins the keys of reasons.
const REASON: &str = "reason-";
/// How deep reasons may hold each other.
const DEPTH: u8 = 3;

/// Replaces `{name}`; a name without a value stays visible.
fn fill<'a>(pattern: &str, get: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        match after.split_once('}') {
            Some((name, tail)) => {
                match get(name) {
                    Some(value) => out.push_str(value),
                    None => {
                        let _ = write!(out, "{{{name}}}");
                    }
                }
                rest = tail;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// How findings are printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Format {
    /// For a person: message, place, hint; repeats folded.
    #[default]
    Human,
    /// One line a finding: place, weight, id, message.
    Short,
    /// One JSON object a line.
    Json,
}

/// Prints the findings.
pub fn emit(diagnostics: &Diagnostics, messages: &Messages, format: Format) -> String {
    let sorted = diagnostics.sorted();
    let mut out = String::new();
    let weight = |severity| {
        messages.text(
            match severity {
                Severity::Error => "severity-error",
                Severity::Warning => "severity-warning",
                Severity::Note => "severity-note",
            },
            &[],
        )
    };
    match format {
        Format::Json => {
            for diagnostic in sorted {
                let (message, hint) = messages.finding(diagnostic);
                let line = serde_json::json!({
                    "schema": 1, "id": diagnostic.id, "severity": diagnostic.severity, "place": diagnostic.place.text(),
                    "message": message, "hint": hint, "args": diagnostic.args,
                });
                let _ = writeln!(out, "{line}");
            }
        }
        Format::Short => {
            for diagnostic in sorted {
                // A parser's reason may take several lines.
                let message =
                    messages.finding(diagnostic).0.trim().split('\n').map(str::trim).collect::<Vec<_>>().join(" ");
                let place = diagnostic.place.text();
                let _ = writeln!(out, "{place}: {}[{}]: {message}", weight(diagnostic.severity), diagnostic.id);
            }
        }
        Format::Human => {
            // Repeats differ in what was found; the first stands for all.
            let mut groups: BTreeMap<_, Vec<&Diagnostic>> = BTreeMap::new();
            for diagnostic in sorted {
                let args: Vec<_> = diagnostic.args.iter().filter(|(name, _)| *name != "found").collect();
                groups.entry((diagnostic.severity, &diagnostic.id, args)).or_default().push(diagnostic);
            }
            for group in groups.values() {
                let Some(first) = group.first() else { continue };
                let (message, hint) = messages.finding(first);
                let _ = writeln!(out, "{} [{}]: {message}", weight(first.severity), first.id);
                let place = first.place.text();
                let is_whole = |one: &&&Diagnostic| matches!(one.place, Place::File { .. } | Place::Sheet { .. });
                let whole: BTreeSet<String> = group.iter().filter(is_whole).map(|one| one.place.text()).collect();
                if whole.len() > 1 && whole.len() == group.len() {
                    // Whoever has to ask for a file again must know which.
                    for place in whole {
                        let _ = writeln!(out, "  → {place}");
                    }
                } else if let (Some(last), true) = (group.last(), group.len() > 1) {
                    let count = group.len().to_string();
                    let line =
                        messages.text("folded", &[("count", &count), ("first", &place), ("last", &last.place.text())]);
                    let _ = writeln!(out, "  {line}");
                } else if !place.is_empty() {
                    let _ = writeln!(out, "  → {place}");
                }
                if !hint.is_empty() {
                    let _ = writeln!(out, "  {hint}");
                }
            }
        }
    }
    out
}
