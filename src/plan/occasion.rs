//! For what a document is made: once, for a school, with each of its partners, for a teacher, for a row of a register or for rows that belong
//! together. In: the document, views, registers. Out: occasions with the names of their files.
//! It must never know what the document prints of them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::Plan;
use super::registers::{entry, filled_of, grouped_rows, lookup_text};
use crate::catalog::{Document, Each};
use crate::context::{GapView, OfSchool, References, View, parse_declared};
use crate::diag::{Diagnostic, Diagnostics, Place};
use crate::provenance::Sources;
use crate::{ru, sheets};

/// For what a document is made: once, for a school, for a row of a register, or it cannot be told.
pub(super) enum Occasion<'a> {
    Once,
    School { code: &'a str, of: &'a OfSchool },
    Teacher { of: &'a OfSchool, code: &'a str, view: &'a View },
    Partner { of: &'a OfSchool, view: &'a View, is_one_of_several: bool },
    Row { index: usize, view: Cow<'a, View>, name: FileName },
    Unknown { key: &'static str, gap: View },
}

/// The names of bodies for what a document is made for.
const SCHOOL: &str = "school";
const TEACHER: &str = "teacher";
const LEADER: &str = "leader";
pub(super) const RECORD: &str = "record";
/// Longest name in a path, characters.
const LONGEST_NAME: usize = 60;
/// Longest end of a name that is kept when the name is cut, characters.
const LONGEST_END: usize = 42;

impl Occasion<'_> {
    /// Puts what the document is made for among the names of its bodies: of a school what they name.
    pub(super) fn enter(&self, view: &mut BTreeMap<String, View>, is_named: &dyn Fn(&str) -> bool) {
        let named = |of: &View| match of {
            View::Map(entries) => {
                let entries = entries.iter().filter(|(key, _)| is_named(key));
                View::Map(entries.map(|(key, view)| (key.clone(), view.clone())).collect())
            }
            other => other.clone(),
        };
        let (key, value) = match self {
            Self::Once => return,
            Self::School { of, .. } => (SCHOOL, named(&of.view)),
            Self::Teacher { of, view: teacher, .. } => {
                view.insert(SCHOOL.to_owned(), named(&of.view));
                (TEACHER, (*teacher).clone())
            }
            Self::Partner { of, view: leader, .. } => {
                view.insert(SCHOOL.to_owned(), named(&of.view));
                (LEADER, (*leader).clone())
            }
            Self::Row { view, .. } => (RECORD, view.clone().into_owned()),
            Self::Unknown { key, gap } => (*key, gap.clone()),
        };
        view.insert(key.to_owned(), value);
    }

    /// The code of the school for which the document is made.
    pub(super) fn school(&self) -> Option<&str> {
        match self {
            Self::School { of, .. } | Self::Teacher { of, .. } | Self::Partner { of, .. } => Some(of.code.as_str()),
            Self::Once | Self::Row { .. } | Self::Unknown { .. } => None,
        }
    }

    /// Distinguishes the documents of a kind.
    pub(super) fn ident(&self) -> String {
        match self {
            Self::School { code, .. } | Self::Teacher { code, .. } => format!(":{code}"),
            Self::Partner { of, view, is_one_of_several } => match shown(view, "code") {
                Some(leader) if *is_one_of_several => format!(":{}:{leader}", of.code),
                _ => format!(":{}", of.code),
            },
            Self::Row { index, .. } => format!(":{}", index + 1),
            Self::Once | Self::Unknown { .. } => String::new(),
        }
    }

    /// Tells whether a document of the package is made on this occasion: one that stands on a column of the record is
    /// made where the column is filled.
    pub(super) fn has(&self, document: &Document) -> bool {
        match (self, &document.of_column) {
            (Self::Row { view, .. }, Some(column)) => {
                matches!(entry(view, &format!("has_{}", column.replace('-', "_"))), Some(View::Flag(true)))
            }
            _ => true,
        }
    }

    /// The path of the file; a name that is taken gets a number.
    pub(super) fn file(&self, pattern: &str, names: &mut BTreeSet<String>) -> String {
        let (pattern, name) = match self {
            Self::School { of, .. } => (Cow::Borrowed(pattern), FileName::of_school(of).plain()),
            Self::Teacher { of, code, .. } => {
                let school = FileName::of_school(of).plain();
                (Cow::Owned(pattern.replace(ru::SCHOOL_MARK, &school)), FileName::of(code).plain())
            }
            Self::Partner { of, view, is_one_of_several } => {
                let leader = FileName { name: shown(view, "short").unwrap_or_default(), ..FileName::default() };
                let leader = FileName { code: shown(view, "code"), ..leader };
                let pattern = match is_one_of_several {
                    true => Cow::Owned(format!("{pattern}, {}", leader.plain())),
                    false => Cow::Borrowed(pattern),
                };
                (pattern, FileName::of_school(of).plain())
            }
            Self::Row { name, .. } => (Cow::Borrowed(pattern), name.plain()),
            Self::Once | Self::Unknown { .. } => {
                let plain = pattern.replace(ru::NAME_MARK, "").replace(ru::SCHOOL_MARK, "");
                return plain.split('/').map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
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

    /// What a declared text may refer to besides the names of the municipality.
    fn named(&self) -> Vec<(&'static str, &View)> {
        match self {
            Self::Once => Vec::new(),
            Self::School { of, .. } => vec![(SCHOOL, &of.view)],
            Self::Teacher { of, view, .. } => vec![(SCHOOL, &of.view), (TEACHER, view)],
            Self::Partner { of, view, .. } => vec![(SCHOOL, &of.view), (LEADER, view)],
            Self::Row { view, .. } => vec![(RECORD, view.as_ref())],
            Self::Unknown { key, gap } => vec![(key, gap)],
        }
    }
}

/// What names a file: a name, the code that tells it from others where the name is cut, and an end that is never cut.
#[derive(Debug, Default)]
pub(super) struct FileName {
    name: String,
    code: Option<String>,
    end: Option<String>,
}

impl FileName {
    fn of(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    fn of_school(school: &OfSchool) -> Self {
        Self { code: Some(school.code.clone()), ..Self::of(&school.name) }
    }

    /// The name as a part of a path.
    fn plain(&self) -> String {
        let whole = plain(&self.name);
        if whole.chars().count() <= LONGEST_NAME {
            return whole.trim().trim_matches('.').to_owned();
        }
        let code = self.code.as_deref().map(|code| format!(" {}", plain(code))).unwrap_or_default();
        let end = self.end.as_deref().map(plain).filter(|end| end.chars().count() < LONGEST_END);
        let (head, end) = match end.and_then(|end| Some((whole.strip_suffix(&end)?.to_owned(), end))) {
            Some((head, end)) => (head, format!(", {end}")),
            None => (whole, String::new()),
        };
        let room = LONGEST_NAME.saturating_sub(code.chars().count() + end.chars().count());
        let cut: String = head.chars().take(room).collect();
        // A long name ends with a whole word.
        let words = if head.chars().count() > room {
            cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words)
        } else {
            &cut
        };
        let is_sign = |c: char| !c.is_alphanumeric() && c != ')';
        format!("{}{code}{end}", words.trim_end_matches(is_sign)).trim().trim_matches('.').to_owned()
    }
}

/// A text without the signs that no path holds.
fn plain(text: &str) -> String {
    let is_plain = |c: &char| !c.is_control() && !r#"/\:*?"<>|«»"#.contains(*c);
    let blank = |c: char| if c.is_whitespace() { ' ' } else { c };
    text.chars().map(blank).filter(is_plain).collect()
}

/// For what the documents of a choice are made.
pub(super) fn occasions<'a>(plan: &Plan<'a>, lead: &Document, diagnostics: &mut Diagnostics) -> Vec<Occasion<'a>> {
    match &lead.each {
        None => vec![Occasion::Once],
        Some(Each::School | Each::Teacher | Each::Partner) => {
            match plan.schools.of(&lead.groups, &lead.except, lead.leaving) {
                Err(gap) => vec![Occasion::Unknown { key: SCHOOL, gap: View::Gap(GapView::new(&gap, &lead.name)) }],
                Ok(schools) => {
                    let has_rows = |school: &OfSchool| match &lead.with_rows {
                        Some(sheet) => {
                            let registers = entry(&school.view, "registers");
                            let flag = format!("has_{}", sheet.replace('-', "_"));
                            registers.is_some_and(|all| matches!(entry(all, &flag), Some(View::Flag(true))))
                        }
                        None => true,
                    };
                    let schools = schools.into_iter().filter(|(_, school)| has_rows(school));
                    match lead.each {
                        Some(Each::Teacher) => schools.flat_map(|(_, of)| teachers(of)).collect(),
                        Some(Each::Partner) => schools.flat_map(|(_, of)| partners(of)).collect(),
                        _ => schools.map(|(code, of)| Occasion::School { code, of }).collect(),
                    }
                }
            }
        }
        Some(Each::Row(sheet)) => {
            let of_row = |(index, view): (usize, &'a View)| {
                let name = name_of(sheet, view);
                Occasion::Row { index, view: Cow::Borrowed(view), name }
            };
            rows(plan, lead, sheet, diagnostics, |rows| rows.iter().enumerate().map(of_row).collect())
        }
        Some(Each::Rows(together)) => {
            let of_rows = |(index, rows): (usize, Vec<View>)| {
                let texts = together.by.iter().filter_map(|key| rows.first().and_then(|row| shown(row, key)));
                let name = FileName::of(&texts.collect::<Vec<_>>().join(" "));
                Occasion::Row { index, view: Cow::Owned(joined(rows)), name }
            };
            rows(plan, lead, &together.sheet, diagnostics, |rows| {
                grouped_rows(rows.to_vec(), &together.by).into_iter().enumerate().map(of_rows).collect()
            })
        }
    }
}

/// The teachers of a school.
fn teachers(of: &OfSchool) -> impl Iterator<Item = Occasion<'_>> {
    of.teachers.iter().map(|(code, view)| Occasion::Teacher { of, code, view })
}

/// A school with each of its partners; with a place for one where it has none.
fn partners(of: &OfSchool) -> Vec<Occasion<'_>> {
    let parties = match entry(&of.view, "partner").and_then(|partner| entry(partner, "parties")) {
        Some(View::List(parties)) => parties.as_slice(),
        _ => &[],
    };
    let is_one_of_several = parties.len() > 1;
    parties.iter().map(|view| Occasion::Partner { of, view, is_one_of_several }).collect()
}

/// The rows of the register for which a document is made, or what stands in their way.
fn rows<'a>(
    plan: &Plan<'a>,
    lead: &Document,
    sheet: &str,
    diagnostics: &mut Diagnostics,
    of: impl FnOnce(&'a [View]) -> Vec<Occasion<'a>>,
) -> Vec<Occasion<'a>> {
    let found = match plan.view.get("registers") {
        Some(View::Map(all)) => all.get(sheet),
        _ => None,
    };
    match found {
        Some(View::List(rows)) => of(rows),
        Some(gap @ View::Gap(_)) => vec![Occasion::Unknown { key: RECORD, gap: gap.clone() }],
        // Nothing to be made is no fault: the register may have no rows this year.
        _ => {
            if !sheets::SHEETS.iter().any(|spec| spec.id == sheet) {
                let place = Place::Key {
                    file: plan.templates.shown(&format!("documents/{}/document.toml", lead.id)),
                    key: "each".to_owned(),
                };
                diagnostics.push(Diagnostic::error("unknown-document-register", place).with("sheet", sheet.to_owned()));
            }
            Vec::new()
        }
    }
}

/// Rows that belong together as one record: every column as the first row that fills it has it, and the rows.
fn joined(rows: Vec<View>) -> View {
    let mut record = match rows.first() {
        Some(View::Map(entries)) => entries.clone(),
        _ => BTreeMap::new(),
    };
    let keys: Vec<String> = record.keys().filter_map(|key| Some(key.strip_prefix("has_")?.to_owned())).collect();
    for key in keys {
        if let Some((flag, view)) = rows.iter().find_map(|row| filled_of(row, &key)) {
            record.insert(format!("has_{key}"), flag);
            record.insert(key, view);
        }
    }
    record.insert("rows".to_owned(), View::List(rows));
    View::Map(record)
}

/// A column of a row as text.
fn shown(row: &View, key: &str) -> Option<String> {
    lookup_text(row, &key.replace('-', "_")).map(str::to_owned)
}

/// The first column of a row, with the code of its school.
fn name_of(sheet: &str, view: &View) -> FileName {
    let spec = sheets::SHEETS.iter().find(|spec| spec.id == sheet);
    // Rows that the program makes itself have a title.
    let first = spec.map_or(Some("title"), |spec| spec.columns.first().map(|column| column.key));
    let name = first.and_then(|column| shown(view, column)).unwrap_or_default();
    FileName { name, code: shown(view, "school"), end: shown(view, "addressee").filter(|_| spec.is_none()) }
}

/// A text that a document declares; it may also refer to what the document is made for.
pub(super) fn declared_text(
    document: &Document,
    references: &References,
    of: &Occasion<'_>,
    (key, text): (&str, &str),
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> View {
    let mut references = Cow::Borrowed(references);
    for (prefix, view) in of.named() {
        match view {
            View::Map(entries) if text.contains(&format!("{{{prefix}-")) => {
                let prose = entries.iter().filter(|(_, view)| matches!(view, View::Text(_) | View::Figure(_)));
                references
                    .to_mut()
                    .extend(prose.map(|(key, view)| (format!("{prefix}-{}", key.replace('_', "-")), view.clone())));
            }
            // Whatever is asked of a gap is the gap itself.
            gap @ View::Gap(_) if text.contains('{') => return gap.clone(),
            _ => {}
        }
    }
    parse_declared(document, key, text, &references, sources, diagnostics)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, code: Option<&str>, end: Option<&str>) -> String {
        FileName { name: name.to_owned(), code: code.map(str::to_owned), end: end.map(str::to_owned) }.plain()
    }

    #[test]
    fn a_name_that_is_cut_keeps_the_code_of_its_school_and_the_addressee() {
        let long = "МБОУ «Средняя общеобразовательная школа имени дважды Героя Советского Союза И.И. Иванова»";
        assert_eq!(named("МБОУ «СОШ № 5»", Some("ОО-05"), None), "МБОУ СОШ № 5");
        let cut = named(long, Some("ОО-05"), None);
        assert_eq!(cut, "МБОУ Средняя общеобразовательная школа имени дважды ОО-05");
        let letter = format!("{long}, руководитель школы и его заместители");
        let of = |code: &str, end: &str| named(&letter, Some(code), Some(end));
        let cut = of("ОО-05", "руководитель школы и его заместители");
        assert_eq!(cut, "МБОУ Средняя ОО-05, руководитель школы и его заместители");
        assert_ne!(cut, of("ОО-06", "руководитель школы и его заместители"));
        // A name of a register is cut as it is, and no name is longer than it may be.
        assert_eq!(named(long, None, None), "МБОУ Средняя общеобразовательная школа имени дважды Героя");
        let endless = "я".repeat(100);
        for (code, end) in [(Some("ОО-05"), None), (None, Some(endless.as_str())), (Some("ОО-05"), Some("педагоги"))]
        {
            assert!(named(&format!("{endless}, {}", end.unwrap_or("а")), code, end).chars().count() <= LONGEST_NAME);
        }
    }
}
