//! Views: all that a template may see.
//! In: the data set, groups, indicators, settings. Out: a serialisable tree of texts, figures, flags,
//! lists and gaps. It must never know which document will print it, nor how.

mod addressees;
pub mod blanks;
mod build;
mod dynamics;
mod findings;
mod heads;
mod listing;
mod monitoring;
mod prose;
mod registers;
mod schools;
mod summaries;
mod tables;
pub mod words;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use addressees::{ADDRESSEES, ADVISED, addressees, advised};
pub use build::{Analysis, municipality};
pub use dynamics::dynamics;
pub use findings::{Checked, FindingRow, FindingsView, Tally, findings, findings_tree};
pub use heads::{HEADS, heads};
pub use listing::{ListingFolder, ListingRow, ListingView};
pub use monitoring::{
    Cell, ContributionView, CoverageView, IndicatorView, Kind, MonitoringView, Person, SchoolRow, YearView, monitoring,
};
pub use prose::{References, declared as parse_declared, parse as parse_text};
pub use registers::{DOCUMENT as DOCUMENT_COLUMN, group_flag};
pub use schools::{OfSchool, Schools, schools};
pub use summaries::{Told, summary_paper};
pub use tables::{
    CellView, ColumnKind, ColumnView, TABLES, Table, TableSpec, TableView, TableWords, TablesView, analysis_tables,
    public_tables,
};

use crate::diag::{DiagId, Diagnostics};
use crate::figure::Figure;
use crate::model::{Gap, Known, Text};

/// A piece of prose: text around figures.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Piece {
    /// Text or a declared constant.
    Text(Text),
    /// A figure.
    Figure(Figure),
    /// Something that is missing.
    Gap(GapView),
}

/// A value that cannot be given, and what to do about it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GapView {
    /// Findings to be put right.
    pub reasons: Vec<DiagId>,
    /// What a draft prints in its place.
    pub what: String,
}

impl GapView {
    /// Makes the view of a gap; `what` names the value in words for drafts.
    pub fn new(gap: &Gap, what: &str) -> Self {
        Self { reasons: gap.reasons.iter().copied().collect(), what: what.to_owned() }
    }

    /// Adds where its first reason stands.
    pub fn name_place(&mut self, diagnostics: &Diagnostics) {
        let place = self.reasons.iter().find_map(|id| diagnostics.get(*id)).map(|finding| finding.place.text());
        if let Some(place) = place.filter(|place| !place.is_empty() && !self.what.ends_with(&format!("({place})"))) {
            self.what = format!("{} ({place})", self.what);
        }
    }
}

/// A node of the tree that a template sees.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "kebab-case")]
pub enum View {
    /// A text with its origin.
    Text(Text),
    /// Prose with figures in it.
    Prose(Vec<Piece>),
    /// A figure.
    Figure(Figure),
    /// A yes or no that a template may choose by.
    Flag(bool),
    /// A list.
    List(Vec<View>),
    /// Named values.
    Map(BTreeMap<String, View>),
    /// Something that is missing.
    Gap(GapView),
}

/// Finds a value by its keys; whatever is asked of a gap is the gap itself.
fn lookup<'v>(root: &'v BTreeMap<String, View>, keys: &[&str]) -> Option<&'v View> {
    let (first, rest) = keys.split_first()?;
    rest.iter().try_fold(root.get(*first)?, |view, key| match view {
        View::Map(entries) => entries.get(*key),
        View::Gap(_) => Some(view),
        _ => None,
    })
}

impl View {
    /// Makes named values.
    pub fn map<const N: usize>(entries: [(&str, Self); N]) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    /// Makes a text or a gap.
    pub fn text(text: Known<Text>, what: &str) -> Self {
        text.map_or_else(|gap| Self::Gap(GapView::new(&gap, what)), Self::Text)
    }

    /// Makes a figure or a gap.
    pub fn figure(figure: Known<Figure>, what: &str) -> Self {
        figure.map_or_else(|gap| Self::Gap(GapView::new(&gap, what)), Self::Figure)
    }

    /// The words of a text, of prose or of a figure; `None` for everything else, and where something is missing.
    pub fn plain(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.value.clone()),
            Self::Figure(figure) => Some(figure.text()),
            Self::Prose(pieces) => {
                let words = pieces.iter().map(|piece| match piece {
                    Piece::Text(text) => Some(text.value.clone()),
                    Piece::Figure(figure) => Some(figure.text()),
                    Piece::Gap(_) => None,
                });
                words.collect()
            }
            Self::Flag(_) | Self::List(_) | Self::Map(_) | Self::Gap(_) => None,
        }
    }

    /// Adds to every gap where its first reason stands: a draft then says which cell to fill in.
    pub fn name_places(&mut self, diagnostics: &Diagnostics) {
        match self {
            Self::Gap(gap) => gap.name_place(diagnostics),
            Self::Prose(pieces) => {
                for piece in pieces {
                    if let Piece::Gap(gap) = piece {
                        gap.name_place(diagnostics);
                    }
                }
            }
            Self::List(items) => items.iter_mut().for_each(|item| item.name_places(diagnostics)),
            Self::Map(entries) => entries.values_mut().for_each(|entry| entry.name_places(diagnostics)),
            Self::Text(_) | Self::Figure(_) | Self::Flag(_) => {}
        }
    }

    /// Adds what a page would show to a fingerprint: texts and figures, but no origins.
    ///
    /// An inserted row moves addresses and changes no page, so it must not change the key of a job.
    pub fn fingerprint(&self, out: &mut String) {
        match self {
            Self::Text(text) => put(out, 't', &text.value),
            Self::Figure(figure) => put_figure(out, figure),
            Self::Flag(flag) => put(out, 'b', if *flag { "1" } else { "0" }),
            Self::Gap(gap) => put(out, 'g', &gap.what),
            Self::Prose(pieces) => {
                put(out, 'p', &pieces.len().to_string());
                for piece in pieces {
                    match piece {
                        Piece::Text(text) => put(out, 't', &text.value),
                        Piece::Figure(figure) => put_figure(out, figure),
                        Piece::Gap(gap) => put(out, 'g', &gap.what),
                    }
                }
            }
            Self::List(items) => {
                put(out, 'l', &items.len().to_string());
                for item in items {
                    item.fingerprint(out);
                }
            }
            Self::Map(entries) => Self::fingerprint_of(entries.iter(), out),
        }
    }

    /// Writes what named values print, as [`View::fingerprint`] does.
    pub fn fingerprint_of<'v>(entries: impl Iterator<Item = (&'v String, &'v Self)> + Clone, out: &mut String) {
        put(out, 'm', &entries.clone().count().to_string());
        for (key, value) in entries {
            out.push_str(key);
            value.fingerprint(out);
        }
    }
}

/// Writes one value of a fingerprint: no text can be taken for two.
fn put(out: &mut String, tag: char, text: &str) {
    out.push(tag);
    out.push_str(&text.len().to_string());
    out.push(':');
    out.push_str(text);
}

fn put_figure(out: &mut String, figure: &Figure) {
    put(out, 'f', &format!("{}={}={}", figure.id, figure.value, figure.text()));
}
