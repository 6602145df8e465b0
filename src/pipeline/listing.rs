//! The list of the package: a page for the browser, without scripts and network, and a workbook with the same.
//! In: the manifest of what stands in the folder. Out: two more files. It must never know how a document was made.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::context::{ListingFolder, ListingRow, ListingView};
use crate::diag::{Diagnostics, Messages, Severity};
use crate::form::{self, FormError};
use crate::ledger;
use crate::output::{Blocked, LISTING, Manifest, OutputEntry, Produced};
use crate::source;

/// The page.
const PAGE: &str = "index.html";

/// What the list tells besides the manifest.
pub(super) struct About<'a> {
    pub(super) municipality: &'a str,
    pub(super) diagnostics: &'a Diagnostics,
    pub(super) messages: &'a Messages,
    /// Why the workbook could not be made.
    pub(super) failed: RefCell<Option<FormError>>,
}

/// Makes the page and the workbook.
pub(super) fn make(about: &About<'_>, manifest: &Manifest) -> Vec<Produced> {
    let view = view(about, manifest);
    let book = format!("{}.xlsx", about.messages.text("listing-title", &[]));
    let mut files = vec![(PAGE.to_owned(), html(&view).into_bytes())];
    // A library that refuses a text costs the workbook, not the package: the page tells the same.
    match form::render_listing(&view, &link) {
        Ok(bytes) => files.push((book, bytes)),
        Err(error) => *about.failed.borrow_mut() = Some(error),
    }
    let produced = files.into_iter().map(|(path, bytes)| {
        let key = source::hash(&bytes);
        Produced { path, bytes, document: LISTING.to_owned(), key, ..Produced::default() }
    });
    produced.collect()
}

fn view(about: &About<'_>, manifest: &Manifest) -> ListingView {
    let word = |key: &str| about.messages.text(key, &[]);
    let mut folders: BTreeMap<String, Vec<ListingRow>> = BTreeMap::new();
    let is_listed = |path: &str| path != ledger::FILE && !path.contains(".filled/");
    for entry in manifest.outputs.iter().filter(|entry| entry.document != LISTING && is_listed(&entry.path)) {
        let (folder, row) = row(entry, manifest.draft, &word);
        folders.entry(folder).or_default().push(row);
    }
    for blocked in &manifest.blocked {
        let (folder, row) = missing(blocked, &word);
        folders.entry(folder).or_default().push(row);
    }
    let is_made = |row: &&ListingRow| !row.is_blocked;
    let made = folders.values().flatten().filter(is_made).count();
    let not_made = folders.values().flatten().filter(|row| row.is_blocked).count();
    let of = |severity: Severity| about.diagnostics.iter().filter(|one| one.severity == severity).count();
    let counts = vec![
        (word("listing-made"), made),
        (word("listing-not-made"), not_made),
        (word("listing-errors"), of(Severity::Error)),
        (word("listing-warnings"), of(Severity::Warning)),
    ];
    let columns = ["document", "file", "pages", "date", "state", "findings"];
    let folders = folders.into_iter().map(|(title, mut rows)| {
        rows.sort_by(|a, b| a.path.cmp(&b.path));
        let title = if title.is_empty() { word("listing-root") } else { title };
        ListingFolder { title, rows }
    });
    ListingView {
        title: word("listing-title"),
        municipality: about.municipality.to_owned(),
        sample_mark: manifest.sample.clone(),
        draft_mark: manifest.draft.then(|| word("draft-mark")),
        columns: columns.map(|column| word(&format!("listing-{column}"))),
        counts,
        foot: word("listing-foot"),
        folders: folders.collect(),
    }
}

/// Folder and name of a path.
fn split(path: &str) -> (String, String) {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    (folder.to_owned(), name.to_owned())
}

fn row(entry: &OutputEntry, is_draft: bool, word: &dyn Fn(&str) -> String) -> (String, ListingRow) {
    let (folder, name) = split(&entry.path);
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem).to_owned();
    let state = match (entry.carried, is_draft) {
        (true, _) => "listing-carried",
        (false, true) => "listing-draft",
        (false, false) => "listing-ready",
    };
    let row = ListingRow {
        path: entry.path.clone(),
        title: entry.title.clone().filter(|title| !title.is_empty()).unwrap_or(stem),
        name,
        pages: entry.pages,
        date: entry.date.clone().unwrap_or_default(),
        state: word(state),
        is_blocked: false,
        findings: Vec::new(),
    };
    (folder, row)
}

fn missing(blocked: &Blocked, word: &dyn Fn(&str) -> String) -> (String, ListingRow) {
    let path = blocked.file.clone().unwrap_or_else(|| blocked.document.clone());
    let (folder, name) = split(&path);
    let findings = blocked.reasons.iter().map(|reason| match reason.place.is_empty() {
        true => reason.message.clone(),
        false => format!("{}: {}", reason.place, reason.message),
    });
    let title = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem).to_owned();
    let findings = findings.collect();
    let state = word("listing-blocked");
    (folder, ListingRow { path, title, name, state, is_blocked: true, findings, ..ListingRow::default() })
}

/// Writes a path as a relative link: every byte that a browser could read otherwise is escaped.
fn link(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// Writes a text so that no browser takes it for markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() && c != '\n' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// The page may run nothing and load nothing.
const HEAD: &str = "<!DOCTYPE html>\n<html lang=\"ru\">\n<head>\n<meta charset=\"utf-8\">\n\
    <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
    base-uri 'none'; form-action 'none'\">\n<meta name=\"viewport\" content=\"width=device-width\">\n";
const STYLE: &str = "<style>\nbody{font-family:sans-serif;line-height:1.4;max-width:75rem;margin:1.5rem auto;padding:0 1rem}\n\
    table{border-collapse:collapse;width:100%;margin:0 0 1.5rem}\n\
    th,td{border:1px solid #999;padding:.35rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}\n\
    th{background:#e8edf3}\n.n{text-align:right;white-space:nowrap}\n.mark{color:#a00000;font-weight:bold}\n\
    .missing{background:#fff2cc}\nul{margin:0;padding-left:1.1rem}\n</style>\n";

/// Writes the page.
fn html(view: &ListingView) -> String {
    let mut out = String::from(HEAD);
    let title = format!("{}: {}", view.title, view.municipality);
    out.push_str(&format!("<title>{}</title>\n{STYLE}</head>\n<body>\n", escaped(&title)));
    out.push_str(&format!("<h1>{}</h1>\n", escaped(&title)));
    let marks = view.marks();
    if !marks.is_empty() {
        out.push_str(&format!("<p class=\"mark\">{}</p>\n", escaped(&marks)));
    }
    out.push_str("<ul>\n");
    for (word, number) in &view.counts {
        out.push_str(&format!("<li>{}: {number}</li>\n", escaped(word)));
    }
    out.push_str("</ul>\n");
    for folder in &view.folders {
        out.push_str(&format!("<h2>{}</h2>\n<table>\n<thead><tr>", escaped(&folder.title)));
        for column in &view.columns {
            out.push_str(&format!("<th scope=\"col\">{}</th>", escaped(column)));
        }
        out.push_str("</tr></thead>\n<tbody>\n");
        for row in &folder.rows {
            let class = if row.is_blocked { " class=\"missing\"" } else { "" };
            let name = match row.is_blocked {
                true => escaped(&row.name),
                false => format!("<a href=\"{}\">{}</a>", link(&row.path), escaped(&row.name)),
            };
            let pages = row.pages.map(|pages| pages.to_string()).unwrap_or_default();
            out.push_str(&format!(
                "<tr{class}><td>{}</td><td>{name}</td><td class=\"n\">{pages}</td><td class=\"n\">{}</td><td>{}</td><td>",
                escaped(&row.title),
                escaped(&row.date),
                escaped(&row.state),
            ));
            if !row.findings.is_empty() {
                let findings = row.findings.iter().map(|finding| format!("<li>{}</li>", escaped(finding)));
                out.push_str(&format!("<ul>{}</ul>", findings.collect::<String>()));
            }
            out.push_str("</td></tr>\n");
        }
        out.push_str("</tbody>\n</table>\n");
    }
    out.push_str("</body>\n</html>\n");
    out
}
