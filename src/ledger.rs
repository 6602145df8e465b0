//! The ledger: every printed figure joined to its places on the pages and to the cells behind it.
//! In: what a job printed, where it stands, the provenance graph. Out: `ledger.json`.
//! It must never know how a figure was computed beyond what the graph says.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::diag::{Diagnostic, Diagnostics, Place};
use crate::figure::Figure;
use crate::form::Placed;
use crate::provenance::{NodeId, Sources};
use crate::template::Uses;
use crate::typeset::{Hit, PagePlace, Tag};

/// Name of the file in the output folder.
pub const FILE: &str = "ledger.json";

/// The ledger of a municipality's package.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Ledger {
    /// Format of the file; 1.
    pub schema: u32,
    /// Municipality.
    pub municipality: String,
    /// The mark of invented data, if the workbooks carry the flag.
    pub sample: Option<String>,
    /// Documents in the order of making.
    pub documents: Vec<DocumentEntry>,
}

/// A document's figures.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DocumentEntry {
    /// Kind.
    pub document: String,
    /// File.
    pub file: String,
    /// Figures by id.
    pub figures: Vec<FigureEntry>,
    /// Constants: dates and numbers of acts, names with digits, years of plans.
    pub constants: Vec<ConstantEntry>,
}

/// A figure and all its places.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FigureEntry {
    /// Id.
    pub id: String,
    /// The text printed.
    pub text: String,
    /// The exact value as a fraction.
    pub value: String,
    /// The formula over values, if it was computed.
    pub formula: String,
    /// Ranges of cells and keys of settings behind it.
    pub sources: Vec<String>,
    /// Where it stands.
    pub places: Vec<PlaceEntry>,
}

/// A constant and its places.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ConstantEntry {
    /// The text printed.
    pub text: String,
    /// The cell it stands in.
    pub sources: Vec<String>,
    /// Where it stands.
    pub places: Vec<PlaceEntry>,
}

/// A place of a figure.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "kebab-case")]
pub enum PlaceEntry {
    /// Text on a page.
    Markup {
        /// Box in points from the upper left corner of its page.
        #[serde(flatten)]
        place: PagePlace,
        /// Section.
        section: String,
    },
    /// Value of a chart.
    Code {
        /// Section.
        section: String,
        /// As the chart has it.
        value: String,
    },
    /// Part of an alternative text or a title.
    Plain {
        /// Section.
        section: String,
    },
    /// Cell of a workbook.
    Cell {
        /// Sheet.
        sheet: String,
        /// Cell.
        cell: String,
    },
}

impl Ledger {
    /// Takes over the entries of documents that this run neither made nor blocked, from the ledger of the run before.
    pub fn carry(&mut self, previous: Self, settled: &BTreeSet<String>) {
        let others = previous.documents.into_iter().filter(|entry| !settled.contains(&entry.document));
        self.documents.extend(others);
    }
}

/// Enters a typeset document.
pub fn document(kind: &str, file: &str, uses: &Uses, hits: &[Hit], sources: &Sources) -> DocumentEntry {
    let mut places: BTreeMap<&str, Vec<PlaceEntry>> = BTreeMap::new();
    let mut constant_places: BTreeMap<usize, Vec<PlaceEntry>> = BTreeMap::new();
    for hit in hits {
        let section = hit.section.clone().unwrap_or_default();
        let boxes =
            hit.places.iter().map(|place| PlaceEntry::Markup { place: rounded(*place), section: section.clone() });
        match &hit.tag {
            Tag::Figure(id) => places.entry(id).or_default().extend(boxes),
            Tag::Constant(number) => {
                if let Ok(number) = number.parse() {
                    constant_places.entry(number).or_default().extend(boxes);
                }
            }
            Tag::Generated => {}
        }
    }
    for unplaced in &uses.unplaced {
        let section = unplaced.section.clone();
        let entry = if unplaced.form == "code" {
            PlaceEntry::Code { section, value: unplaced.text.clone() }
        } else {
            PlaceEntry::Plain { section }
        };
        places.entry(&unplaced.figure).or_default().push(entry);
    }
    let figures = uses
        .figures
        .values()
        .map(|figure| {
            let places = places.remove(figure.id.as_str()).unwrap_or_default();
            entry(figure, places, sources)
        })
        .collect();
    let constants = uses
        .constants
        .iter()
        .enumerate()
        .map(|(number, text)| ConstantEntry {
            text: text.value.clone(),
            sources: sources.ranges(text.node),
            places: constant_places.remove(&number).unwrap_or_default(),
        })
        .collect();
    DocumentEntry { document: kind.to_owned(), file: file.to_owned(), figures, constants }
}

/// Makes the entry of a figure.
pub fn entry(figure: &Figure, places: Vec<PlaceEntry>, sources: &Sources) -> FigureEntry {
    FigureEntry {
        id: figure.id.clone(),
        text: figure.text(),
        value: figure.value.to_string(),
        formula: sources.formula_text(figure.node),
        sources: sources.ranges(figure.node),
        places,
    }
}

/// Enters a form.
pub fn form(kind: &str, file: &str, placed: &[Placed], sources: &Sources) -> DocumentEntry {
    let mut figures: BTreeMap<&str, FigureEntry> = BTreeMap::new();
    for place in placed {
        let node: NodeId = place.node;
        let entry = figures.entry(&place.figure_id).or_insert_with(|| FigureEntry {
            id: place.figure_id.clone(),
            text: place.text.clone(),
            value: sources.value(node).map(|value| value.to_string()).unwrap_or_default(),
            formula: sources.formula_text(node),
            sources: sources.ranges(node),
            places: Vec::new(),
        });
        entry.places.push(PlaceEntry::Cell { sheet: place.sheet.clone(), cell: place.cell.clone() });
    }
    let figures = figures.into_values().collect();
    DocumentEntry { document: kind.to_owned(), file: file.to_owned(), figures, constants: Vec::new() }
}

/// Reports figures that two documents of the package print differently.
pub fn contradictions(documents: &[DocumentEntry], diagnostics: &mut Diagnostics) {
    let mut known: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for document in documents {
        for figure in &document.figures {
            let printed = (figure.text.as_str(), document.file.as_str());
            let first = known.entry(&figure.id).or_insert(printed);
            if first.0 != printed.0 {
                let finding =
                    Diagnostic::error("figure-contradiction", Place::Document { document: document.document.clone() })
                        .with("figure", figure.id.clone())
                        .with("found", printed.0)
                        .with("other", first.0)
                        .with("file", first.1);
                diagnostics.push(finding);
            }
        }
    }
}

/// A tenth of a point is finer than print.
#[expect(clippy::float_arithmetic, reason = "geometry of pages")]
fn rounded(place: PagePlace) -> PagePlace {
    let tenth = |value: f64| (value * 10.0).round() / 10.0;
    PagePlace {
        page: place.page,
        x: tenth(place.x),
        y: tenth(place.y),
        width: tenth(place.width),
        height: tenth(place.height),
    }
}
