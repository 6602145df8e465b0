//! Rows of registers that a document prints: chosen by document and by value, grouped by columns.
//! In: every row of the reported year, what the document declares. Out: lists and groups by name in bodies.
//! It must never know how they are printed.

use std::collections::{BTreeMap, BTreeSet};

use super::{Plan, entries};
use crate::catalog::{Document, Register};
use crate::context::{DOCUMENT_COLUMN, GapView, References, View, group_flag};
use crate::diag::{Diagnostic, Diagnostics, Place};
use crate::model::Gap;
use crate::provenance::Sources;
use crate::ru;
use crate::sheets::{self, Kind, SheetSpec};

/// The rows of registers that a document prints, grouped as it says.
pub(super) fn registers(
    plan: &Plan<'_>,
    document: &Document,
    record: Option<&View>,
    references: &References,
    used_blocks: &mut BTreeSet<String>,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, View> {
    let none = BTreeMap::new();
    let all = entries(plan, "registers").unwrap_or(&none);
    let aliases: Vec<String> = document.aliases.iter().map(|alias| ru::fold(alias)).collect();
    let (mut chosen, mut several) = (BTreeMap::new(), BTreeSet::new());
    for (key, register) in &document.registers {
        let file = || plan.templates.shown(&format!("documents/{}/document.toml", document.id));
        let place = |part: &str| Place::Key { file: file(), key: format!("registers.{key}.{part}") };
        let Some(spec) = sheets::SHEETS.iter().find(|spec| spec.id == register.sheet) else {
            let finding =
                Diagnostic::error("unknown-document-register", place("sheet")).with("sheet", register.sheet.clone());
            chosen.insert(key.clone(), View::Gap(GapView::new(&Gap::because(diagnostics.push(finding)), key)));
            continue;
        };
        if let Some((part, found)) = wrong_column(spec, register) {
            let finding = Diagnostic::error("unknown-document-register", place(part)).with("sheet", found);
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
        let rows = match of_terms(rows, spec, register, references) {
            Ok(rows) => rows,
            Err(lacking) => {
                let gap = Gap::because(diagnostics.push(lacking));
                chosen.insert(key.clone(), View::Gap(GapView::new(&gap, spec.title)));
                continue;
            }
        };
        let wanted = rows.into_iter().filter(|row| is_wanted(row, register, record));
        let (rows, others): (Vec<View>, Vec<View>) = wanted.partition(|row| is_of_groups(row, register));
        let others: BTreeSet<&str> = others.iter().filter_map(|row| lookup_text(row, "school_short")).collect();
        if !others.is_empty() {
            let finding =
                Diagnostic::note("row-of-unlisted-school", Place::Document { document: document.name.clone() })
                    .with("sheet", spec.title)
                    .with("schools", others.into_iter().collect::<Vec<_>>().join(", "));
            diagnostics.push(finding);
        }
        if rows.is_empty() && !register.optional {
            let gap = Gap::because(diagnostics.push(missing_register(document, spec, sources)));
            chosen.insert(key.clone(), View::Gap(GapView::new(&gap, spec.title)));
            continue;
        }
        if rows.len() > 1 {
            several.insert(key.clone());
        }
        let levels = register.levels.as_deref();
        chosen.insert(key.clone(), grouped(rows, &register.by, &|rows| leveled(rows, levels)));
    }
    // Whether a register has more than one row is told beside it; of what is in doubt it is in doubt, too.
    let several = chosen.iter().map(|(key, view)| {
        let told = match view {
            View::List(_) => View::Flag(several.contains(key)),
            gap => gap.clone(),
        };
        (format!("has_several_{}", key.replace('-', "_")), told)
    });
    let several: Vec<(String, View)> = several.collect();
    chosen.extend(several);
    chosen
}

/// Names the schools that a document is to speak of, and for which no register has a row: the document is silent of them.
pub(super) fn left_out(plan: &Plan<'_>, document: &Document, sources: &Sources) -> Option<Diagnostic> {
    let covers = document.covers.as_ref()?;
    let all = entries(plan, "registers")?;
    let mut named: BTreeSet<&str> = BTreeSet::new();
    for sheet in &covers.sheets {
        match all.get(sheet) {
            Some(View::List(rows)) => named.extend(rows.iter().filter_map(|row| lookup_text(row, "school"))),
            // Of a sheet that is in doubt nothing can be said to be lacking.
            Some(_) => return None,
            None => {}
        }
    }
    let schools = plan.schools.of(&covers.groups, &[], false).ok()?;
    let silent = schools.into_iter().filter(|(code, _)| !named.contains(code)).map(|(_, school)| school.name.as_str());
    let silent: Vec<&str> = silent.collect();
    if silent.is_empty() {
        return None;
    }
    let place = home_of(covers.sheets.first()?, document, sources);
    let finding = Diagnostic::note("supported-school-left-out", place).with("schools", silent.join(", "));
    Some(finding.with("document", document.name.clone()))
}

/// The first column or value of the declaration that the sheet does not have, and in which part it stands.
fn wrong_column(spec: &SheetSpec, register: &Register) -> Option<(&'static str, String)> {
    let column = |key: &str| spec.columns.iter().find(|column| column.key == key);
    if let Some(by) = register.by.iter().find(|by| column(by).is_none()) {
        return Some(("by", by.clone()));
    }
    if let Some(levels) = register.levels.iter().find(|levels| column(levels).is_none()) {
        return Some(("levels", levels.clone()));
    }
    if let Some(same) = register.same.iter().find(|same| column(same).is_none()) {
        return Some(("same", same.clone()));
    }
    if let Some(term) = register.terms.keys().find(|key| column(key).is_none()) {
        return Some(("terms", term.clone()));
    }
    if let Some(group) = register.groups.iter().find(|group| !sheets::lists::is_key(group)) {
        return Some(("groups", group.clone()));
    }
    register.keep.iter().find_map(|(key, values)| match column(key).map(|column| column.kind) {
        Some(Kind::Choice(choices)) => {
            let unknown = values.iter().find(|value| !choices.iter().any(|(_, known)| known == value));
            unknown.map(|value| ("where", format!("{key} = {value}")))
        }
        _ => Some(("where", key.clone())),
    })
}

/// The rows in which a column says the municipality's own word for a thing; the finding where no row says it.
fn of_terms(
    mut rows: Vec<View>,
    spec: &SheetSpec,
    register: &Register,
    references: &References,
) -> Result<Vec<View>, Diagnostic> {
    for (key, term) in &register.terms {
        let word = match references.get(&format!("term-{term}")) {
            Some(View::Text(text)) => text.value.as_str(),
            _ => term,
        };
        let says =
            |row: &View| lookup_text(row, &key.replace('-', "_")).is_some_and(|own| ru::fold(own) == ru::fold(word));
        let had_rows = !rows.is_empty();
        rows.retain(says);
        if had_rows && rows.is_empty() {
            let column = spec.columns.iter().find(|column| column.key == key);
            let header = column.and_then(|column| column.headers.first()).copied().unwrap_or_default();
            let finding = Diagnostic::error("no-row-of-term", Place::Run).with("sheet", spec.title);
            return Err(finding.with("column", header).with("term", word).with("key", term.clone()));
        }
    }
    Ok(rows)
}

/// Tells whether a row has the values that the document wants, and those of the record for which it is made.
fn is_wanted(row: &View, register: &Register, record: Option<&View>) -> bool {
    let is = |value: &str| matches!(entry(row, &flag_of(value)), Some(View::Flag(true)));
    let is_kept = register.keep.values().all(|values| values.iter().any(&is));
    let folded = |view: &View, key: &str| lookup_text(view, &key.replace('-', "_")).map(ru::fold);
    is_kept && record.is_none_or(|record| register.same.iter().all(|key| folded(row, key) == folded(record, key)))
}

/// Tells whether the school of a row is in one of the groups that the document wants.
fn is_of_groups(row: &View, register: &Register) -> bool {
    let is_in = |group: &String| matches!(entry(row, &group_flag(group)), Some(View::Flag(true)));
    register.groups.is_empty() || register.groups.iter().any(is_in)
}

/// The flag of a choice in bodies.
fn flag_of(value: &str) -> String {
    format!("is_{}", value.replace('-', "_"))
}

/// Sheets beside which one that is not there would stand.
const BESIDE: [&str; 2] = ["texts", "requisites"];

/// Where rows of a sheet belong; a document where nothing tells.
pub(super) fn home_of(sheet: &str, document: &Document, sources: &Sources) -> Place {
    let title = sheets::SHEETS.iter().find(|spec| spec.id == sheet).map_or(sheet, |spec| spec.title);
    let home = sources.home(sheet, title, &BESIDE);
    home.unwrap_or_else(|| Place::Document { document: document.name.clone() })
}

/// The columns that a row must fill.
fn columns(spec: &SheetSpec) -> String {
    let needed = spec.columns.iter().filter(|column| !column.may_be_absent && !column.may_be_blank);
    let headers: Vec<String> =
        needed.filter_map(|column| column.headers.first()).map(|header| format!("«{header}»")).collect();
    headers.join(", ")
}

/// Says that a sheet has no row for a document, and where one would stand.
pub(super) fn missing_register(document: &Document, spec: &SheetSpec, sources: &Sources) -> Diagnostic {
    Diagnostic::error("missing-register", home_of(spec.id, document, sources))
        .with("sheet", spec.title)
        .with("columns", columns(spec))
        .with("document", document.aliases.first().unwrap_or(&document.name).clone())
}

/// What stands for the rows of a document among the blocks that are printed.
pub(super) fn register_block(sheet: &str, document: &str) -> String {
    format!("{document}/{sheet}")
}

pub(super) fn entry<'v>(row: &'v View, key: &str) -> Option<&'v View> {
    match row {
        View::Map(entries) => entries.get(key),
        _ => None,
    }
}

pub(super) fn lookup_text<'v>(row: &'v View, key: &str) -> Option<&'v str> {
    match entry(row, key) {
        Some(View::Text(text)) => Some(&text.value),
        _ => None,
    }
}

/// A column that a row fills, with its flag.
pub(super) fn filled_of(row: &View, key: &str) -> Option<(View, View)> {
    let flag = entry(row, &format!("has_{key}"))?;
    matches!(flag, View::Flag(true)).then(|| Some((flag.clone(), entry(row, key)?.clone())))?
}

/// Rows that agree in columns, in the order in which they come.
pub(super) fn grouped_rows(rows: Vec<View>, by: &[String]) -> Vec<Vec<View>> {
    let key = |row: &View| -> Vec<String> {
        by.iter().map(|key| lookup_text(row, &key.replace('-', "_")).unwrap_or_default().to_owned()).collect()
    };
    let mut groups: Vec<(Vec<String>, Vec<View>)> = Vec::new();
    for row in rows {
        let own = key(&row);
        match groups.iter_mut().find(|(known, _)| *known == own) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((own, vec![row])),
        }
    }
    groups.into_iter().map(|(_, rows)| rows).collect()
}

/// Puts rows of the second level, by the number of their column, below those of the first.
fn leveled(rows: Vec<View>, column: Option<&str>) -> Vec<View> {
    let Some(column) = column.map(|column| column.replace('-', "_")) else { return rows };
    let number = |row: &View| lookup_text(row, &column).unwrap_or_default().trim_end_matches('.').to_owned();
    let mut out: Vec<(View, Vec<View>)> = Vec::new();
    for row in rows {
        let own = number(&row);
        let parent = own.rsplit_once('.').map(|(parent, _)| parent);
        match out.last_mut() {
            Some((above, items)) if parent.is_some_and(|parent| number(above) == parent) => items.push(row),
            _ => out.push((row, Vec::new())),
        }
    }
    let joined = out.into_iter().map(|(mut row, items)| {
        if let View::Map(entries) = &mut row {
            entries.insert("has_items".to_owned(), View::Flag(!items.is_empty()));
            entries.insert("items".to_owned(), View::List(items));
        }
        row
    });
    joined.collect()
}

/// Groups rows by columns, in the order in which their values come; `rows_of` makes the rows of the innermost groups.
pub(super) fn grouped(rows: Vec<View>, by: &[String], rows_of: &dyn Fn(Vec<View>) -> Vec<View>) -> View {
    let Some((column, rest)) = by.split_first() else { return View::List(rows_of(rows)) };
    let key = column.replace('-', "_");
    let group = |rows: Vec<View>| {
        let title = rows.first().and_then(|row| entry(row, &key)).cloned();
        let has_title = matches!(&title, Some(View::Text(text)) if !text.value.is_empty());
        let title = title.unwrap_or_else(|| View::Prose(Vec::new()));
        let has_several = View::Flag(rows.len() > 1);
        let rows = grouped(rows, rest, rows_of);
        View::map([
            ("has_title", View::Flag(has_title)),
            ("title", title),
            ("has_several", has_several),
            ("rows", rows),
        ])
    };
    View::List(grouped_rows(rows, std::slice::from_ref(column)).into_iter().map(group).collect())
}
