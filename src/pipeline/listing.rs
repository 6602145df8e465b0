//! The list of the package: a page for the browser, without scripts and network, and a workbook with the same.
//! In: the manifest of what stands in the folder. Out: two more files. It must never know how a document was made.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::context::{ListingFolder, ListingRow, ListingView};
use crate::diag::{Diagnostic, Diagnostics, Messages, Place, Severity};
use crate::form::{self, FormError};
use crate::ledger;
use crate::output::{BlockReason, Blocked, LISTING, Manifest, OutputEntry, Produced};
use crate::source;

/// The page.
const PAGE: &str = "index.html";

/// What the list tells besides the manifest.
pub(super) struct About<'a> {
    pub(super) municipality: &'a str,
    /// The findings of the package; `None` where only forms were written.
    pub(super) diagnostics: Option<&'a Diagnostics>,
    pub(super) messages: &'a Messages,
    /// Why the workbook could not be made.
    pub(super) failed: RefCell<Option<FormError>>,
}

impl About<'_> {
    /// Says why the workbook could not be made.
    pub(super) fn say_what_failed(&self, diagnostics: &mut Diagnostics) {
        if let Some(error) = self.failed.take() {
            let place = Place::Document { document: LISTING.to_owned() };
            diagnostics.push(Diagnostic::warning("form-failed", place).because(error.reason()));
        }
    }
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
    let mut counts = vec![(word("listing-made"), made), (word("listing-not-made"), not_made)];
    if let Some(diagnostics) = about.diagnostics {
        let of = |severity: Severity| diagnostics.iter().filter(|one| one.severity == severity).count();
        counts.push((word("listing-errors"), of(Severity::Error)));
        counts.push((word("listing-warnings"), of(Severity::Warning)));
    }
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
        contents: word("listing-contents"),
        blocked: word("listing-not-made"),
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
        (false, false) if !entry.remarks.is_empty() => "listing-remarked",
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
        findings: said(&entry.remarks, Some(&entry.path)),
    };
    (folder, row)
}

/// The findings of a document with their places, but for the document itself, in whose row they stand.
fn said(reasons: &[BlockReason], own: Option<&str>) -> Vec<String> {
    let one = |reason: &BlockReason| match reason.place.is_empty() || own == Some(reason.place.as_str()) {
        true => reason.message.clone(),
        false => format!("{}: {}", reason.place, reason.message),
    };
    reasons.iter().map(one).collect()
}

fn missing(blocked: &Blocked, word: &dyn Fn(&str) -> String) -> (String, ListingRow) {
    let path = blocked.file.clone().unwrap_or_else(|| blocked.document.clone());
    let (folder, name) = split(&path);
    let title = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem).to_owned();
    let findings = said(&blocked.reasons, None);
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
const STYLE: &str = "<style>\nbody{font-family:sans-serif;line-height:1.45;max-width:75rem;margin:1.5rem auto;padding:0 1rem;\
    color:#1b1b1b;background:#fff}\n\
    h1{line-height:1.2}\nh2{margin:2rem 0 .5rem;overflow-wrap:anywhere}\n\
    table{border-collapse:collapse;width:100%;table-layout:fixed}\n\
    th,td{border:1px solid #767676;padding:.35rem .5rem;text-align:left;vertical-align:top;overflow-wrap:break-word}\n\
    thead th{background:#e8edf3}\ntbody th{font-weight:normal}\n\
    thead th:nth-child(1){width:29%}thead th:nth-child(2){width:22%}thead th:nth-child(3){width:8%}\n\
    thead th:nth-child(4){width:10%}thead th:nth-child(5){width:11%}\n.n{text-align:right}\n.mark{color:#a00000;font-weight:bold}\n\
    .missing,.lacks{background:#fff2cc}\nul{margin:0;padding-left:1.1rem}\nnav ul{columns:18rem;margin-bottom:1rem}\n\
    a{color:#0b4ea2}\na:visited{color:#5c2d91}\na:focus-visible{outline:3px solid #0b4ea2;outline-offset:2px}\n\
    @media(max-width:48rem){h1{font-size:1.5rem}\n\
    thead{display:block;position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}\n\
    table,tbody,tr,tbody th,td{display:block;width:auto}\ntr{border:1px solid #767676;margin:0 0 .75rem}\n\
    tbody tr th,tbody tr td{border:0;width:auto;text-align:left}\ntbody th{font-weight:bold}\n.n{text-align:left}td:empty{display:none}\n\
    td[data-name]::before{content:attr(data-name) \": \";color:#4a4a4a}}\n\
    @media print{nav{display:none}tr{break-inside:avoid}thead{display:table-header-group}}\n</style>\n";

/// Writes the page.
fn html(view: &ListingView) -> String {
    let mut out = String::from(HEAD);
    let title = format!("{}: {}", view.title, view.municipality);
    out.push_str(&format!("<title>{}</title>\n{STYLE}</head>\n<body>\n<main>\n", escaped(&title)));
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
    // Where there are many folders, the way to each; what is missing is named first of all.
    if view.folders.len() > 1 {
        let label = escaped(&view.contents);
        out.push_str(&format!("<nav aria-label=\"{label}\">\n<h2>{label}</h2>\n<ul>\n"));
        for (index, folder) in view.folders.iter().enumerate() {
            let missing = folder.rows.iter().filter(|row| row.is_blocked).count();
            let (class, missing) = match missing {
                0 => ("", String::new()),
                missing => (" class=\"lacks\"", format!(" – {}: {missing}", escaped(&view.blocked))),
            };
            let title = escaped(&folder.title);
            out.push_str(&format!("<li{class}><a href=\"#f{index}\">{title}</a>{missing}</li>\n"));
        }
        out.push_str("</ul>\n</nav>\n");
    }
    for (index, folder) in view.folders.iter().enumerate() {
        let title = escaped(&folder.title);
        out.push_str(&format!("<h2 id=\"f{index}\">{title}</h2>\n"));
        out.push_str(&format!(
            "<table role=\"table\" aria-labelledby=\"f{index}\">\n<thead role=\"rowgroup\"><tr role=\"row\">"
        ));
        for column in &view.columns {
            out.push_str(&format!("<th scope=\"col\" role=\"columnheader\">{}</th>", escaped(column)));
        }
        out.push_str("</tr></thead>\n<tbody role=\"rowgroup\">\n");
        folder.rows.iter().for_each(|row| out.push_str(&table_row(view, row)));
        out.push_str("</tbody>\n</table>\n");
    }
    out.push_str("</main>\n");
    out.push_str("</body>\n</html>\n");
    out
}

/// Writes a file of the list. The roles hold where a narrow page lays the cells under one another.
fn table_row(view: &ListingView, row: &ListingRow) -> String {
    let class = if row.is_blocked { " class=\"missing\"" } else { "" };
    let name = match row.is_blocked {
        true => escaped(&row.name),
        false => format!("<a href=\"{}\">{}</a>", link(&row.path), escaped(&row.name)),
    };
    let pages = row.pages.map(|pages| pages.to_string()).unwrap_or_default();
    let findings = row.findings.iter().map(|finding| format!("<li>{}</li>", escaped(finding))).collect::<String>();
    let findings = if findings.is_empty() { findings } else { format!("<ul>{findings}</ul>") };
    let [_, file, of_pages, date, state, to_mend] = &view.columns;
    let cell = |class: &str, column: &str, content: &str| {
        format!("<td role=\"cell\"{class} data-name=\"{}\">{content}</td>", escaped(column))
    };
    let cells = [
        cell("", file, &name),
        cell(" class=\"n\"", of_pages, &pages),
        cell(" class=\"n\"", date, &escaped(&row.date)),
        cell("", state, &escaped(&row.state)),
        cell("", to_mend, &findings),
    ];
    let title = escaped(&row.title);
    format!("<tr role=\"row\"{class}><th scope=\"row\" role=\"rowheader\">{title}</th>{}</tr>\n", cells.concat())
}
