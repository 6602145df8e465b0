//! The view of a run's own findings: what the protocol of the checking shows.
//! In: findings, their texts, the register. Out: rows in one order, counts, and the tree that a template sees.
//! It must never know which document or form prints them. Addresses decide the order of rows last of all, so that
//! rows that change places in a workbook change nothing but addresses.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::View;
use crate::diag::{DiagId, Diagnostic, Diagnostics, Messages, Place, Severity};
use crate::figure::{Figure, RoundingRules, Unit};
use crate::measure::Measure;
use crate::model::{Dataset, SchoolCode, Subject, Text, codes};
use crate::provenance::{CellRef, NodeId, Op, SheetId, Sources, column_letters};
use crate::ru;
use crate::settings::Settings;

/// Rows that a page of findings may have before repeats are folded harder.
const MAX_PRINTED: usize = 400;
/// Signs after which a word of an address, and of a message, may break: their columns are narrow.
const PLACE_RUN: usize = 14;
const MESSAGE_RUN: usize = 22;
/// Longest text of a cell, in characters: Excel takes no more than 32,767 units.
const LONGEST: usize = 8_000;

/// All that a protocol may show.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FindingsView {
    /// The municipality, as its settings name it: a protocol must not depend on the data that it judges.
    pub municipality: String,
    /// The mark of a sample.
    pub sample_mark: Option<String>,
    /// The mark of a draft.
    pub draft_mark: Option<String>,
    /// The words for error, warning, note.
    pub severities: [String; 3],
    /// One row a finding: those of no school first, then school by school, each by weight and rule.
    pub rows: Vec<FindingRow>,
    /// Counts of errors, warnings, notes.
    pub counts: [Figure; 3],
    /// The count of schools with findings.
    pub school_count: Figure,
    /// Counts of findings that concern no school, or not one alone; `None` when there are none.
    pub general: Option<Tally>,
    /// Counts by school with findings.
    pub schools: Vec<Tally>,
    /// Counts by rule.
    pub rules: Vec<Tally>,
}

/// A finding.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FindingRow {
    /// Its weight.
    pub severity: Severity,
    /// The file, or the document.
    pub file: String,
    /// The sheet.
    pub sheet: String,
    /// The cell, the line or the key.
    pub cell: String,
    /// The whole place in one line.
    pub place: String,
    /// Position in [`FindingsView::schools`].
    pub school: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// The id of the rule.
    pub rule: String,
    /// Findings of the same case share it: the message but for what was found.
    case: String,
    at: Place,
    node: NodeId,
}

/// Findings counted.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Tally {
    /// What is counted: code and name of a school, id of a rule.
    pub name: String,
    /// Errors, warnings, notes.
    pub by_severity: [u32; 3],
    /// All of them.
    pub total: Figure,
}

impl FindingsView {
    /// Writes what a form would show, without the nodes.
    pub fn fingerprint(&self) -> String {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        super::monitoring::drop_nodes(&mut value);
        value.to_string()
    }

    /// The school of a row, as printed.
    pub fn school_of(&self, row: &FindingRow) -> Option<&str> {
        self.schools.get(row.school?).map(|school| school.name.as_str())
    }
}

/// What the run knows when everything else is made.
pub struct Checked<'a> {
    /// Settings.
    pub settings: &'a Settings,
    /// The data.
    pub data: &'a Dataset,
    /// The findings.
    pub diagnostics: &'a Diagnostics,
    /// Their texts.
    pub messages: &'a Messages,
    /// Drafts are wanted.
    pub is_draft: bool,
}

/// Builds the view of the findings.
pub fn findings(checked: &Checked<'_>, sources: &mut Sources) -> FindingsView {
    let Checked { settings, data, diagnostics, messages, is_draft } = checked;
    let (by_fault, by_row) = (schools_by_fault(data), schools_by_row(diagnostics, data, sources));
    let school = |position: usize, finding: &Diagnostic| {
        let of_fault = || by_fault.get(&DiagId(position)).cloned().flatten();
        let of_row = || row_of(&finding.place, sources).and_then(|row| by_row.get(&row).cloned().flatten());
        named_school(finding, data).or_else(of_fault).or_else(of_row)
    };
    let mut found: Vec<(Option<SchoolCode>, &Diagnostic)> =
        diagnostics.iter().enumerate().map(|(position, finding)| (school(position, finding), finding)).collect();
    found.sort_by_cached_key(|(school, finding)| {
        let (case, what) = case(finding);
        (school.clone(), finding.severity, finding.id.clone(), case, what, finding.place.clone())
    });
    found.dedup();
    let codes: Vec<SchoolCode> =
        found.iter().filter_map(|(school, _)| school.clone()).collect::<BTreeSet<_>>().into_iter().collect();
    let rows: Vec<FindingRow> = found
        .iter()
        .map(|(school, finding)| {
            let position = school.as_ref().and_then(|code| codes.binary_search(code).ok());
            row(finding, position, messages, sources)
        })
        .collect();
    let rounding = settings.rounding;
    let by_severity = |severity: Severity| rows.iter().filter(move |row| row.severity == severity).map(|row| row.node);
    let mut count = |id: &str, severity| figure(id, by_severity(severity).collect(), rounding, sources);
    let counts = [
        count("findings-errors", Severity::Error),
        count("findings-warnings", Severity::Warning),
        count("findings-notes", Severity::Note),
    ];
    let mut of = |name: String, id: String, rows: Vec<&FindingRow>| {
        let mut by_severity = [0; 3];
        for row in &rows {
            if let Some(count) = by_severity.get_mut(index(row.severity)) {
                *count += 1;
            }
        }
        let total = figure(&id, rows.iter().map(|row| row.node).collect(), rounding, sources);
        Tally { name, by_severity, total }
    };
    let mut by_school: BTreeMap<Option<usize>, Vec<&FindingRow>> = BTreeMap::new();
    let mut by_rule: BTreeMap<&str, Vec<&FindingRow>> = BTreeMap::new();
    for row in &rows {
        by_school.entry(row.school).or_default().push(row);
        by_rule.entry(&row.rule).or_default().push(row);
    }
    let rules =
        by_rule.into_iter().map(|(rule, rows)| of(rule.to_owned(), format!("findings/rule/{rule}"), rows)).collect();
    let general = by_school.remove(&None).map(|rows| of(String::new(), "findings/general".to_owned(), rows));
    let schools: Vec<Tally> = by_school
        .into_values()
        .zip(&codes)
        .map(|(rows, code)| {
            let short = data.schools.get(code).map_or("", |school| school.short.value.as_str());
            of(format!("{} – {short}", code.0), format!("findings/school/{}", code.0), rows)
        })
        .collect();
    let nodes = schools.iter().map(|school| school.total.node).collect();
    let school_count = figure("findings-schools", nodes, rounding, sources);
    let mark = |wanted: bool, key: &str| wanted.then(|| messages.text(key, &[]));
    FindingsView {
        municipality: settings.name.clone(),
        sample_mark: mark(data.is_sample, "sample-mark"),
        draft_mark: mark(*is_draft, "draft-mark"),
        severities: ["severity-error", "severity-warning", "severity-note"].map(|key| messages.text(key, &[])),
        rows,
        counts,
        school_count,
        general,
        schools,
        rules,
    }
}

fn index(severity: Severity) -> usize {
    match severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Note => 2,
    }
}

fn figure(id: &str, nodes: Vec<NodeId>, rounding: RoundingRules, sources: &mut Sources) -> Figure {
    let value = Measure::from(i64::try_from(nodes.len()).unwrap_or(i64::MAX));
    // A count of nothing still comes from somewhere: the run itself.
    let nodes = if nodes.is_empty() { vec![sources.declared("run", "findings")] } else { nodes };
    let node = sources.formula(Op::Count, nodes, Some(value.clone()));
    Figure { id: id.to_owned(), value, unit: Unit::Count, rounding: rounding.of(Unit::Count), node }
}

/// What makes findings repeats of each other, and in what repeats differ.
fn case(finding: &Diagnostic) -> (String, String) {
    let (mut case, mut what) = (String::new(), String::new());
    for (name, value) in &finding.args {
        let into = if name == "found" { &mut what } else { &mut case };
        into.push_str(&format!("{name}={}:{value};", value.len()));
    }
    (case, what)
}

fn row(finding: &Diagnostic, school: Option<usize>, messages: &Messages, sources: &mut Sources) -> FindingRow {
    let (file, sheet, cell) = match &finding.place {
        Place::Run => (String::new(), String::new(), String::new()),
        Place::File { file } => (file.clone(), String::new(), String::new()),
        Place::Line { file, line } => (file.clone(), String::new(), line.to_string()),
        Place::Key { file, key } => (file.clone(), String::new(), key.clone()),
        Place::Sheet { file, sheet } => (file.clone(), sheet.clone(), String::new()),
        Place::Cell { file, sheet, row, column } => {
            (file.clone(), sheet.clone(), format!("{}{}", column_letters(*column), u64::from(*row) + 1))
        }
        Place::Document { document } => (document.clone(), String::new(), String::new()),
    };
    let place = finding.place.text();
    let node = match place.split_once(" › ") {
        Some((file, key)) => sources.declared(file, key),
        None if place.is_empty() => sources.declared("run", &finding.id),
        None => sources.declared(&place, &finding.id),
    };
    let (message, hint) = messages.finding(finding);
    FindingRow {
        severity: finding.severity,
        file: short(&file),
        sheet: short(&sheet),
        cell: short(&cell),
        place: short(&place),
        school,
        message: short(&message),
        hint: short(&hint),
        rule: finding.id.clone(),
        case: case(finding).0,
        at: finding.place.clone(),
        node,
    }
}

fn short(text: &str) -> String {
    let mut chars = text.chars();
    let mut out: String = chars.by_ref().take(LONGEST).collect();
    if chars.next().is_some() {
        out.push('…');
    }
    out
}

/// Of the rows that findings stand at, those that speak of exactly one school: rows of the register, and those of which
/// values were kept.
fn schools_by_row(
    findings: &Diagnostics,
    data: &Dataset,
    sources: &Sources,
) -> BTreeMap<(SheetId, u32), Option<SchoolCode>> {
    let mut wanted: BTreeMap<(SheetId, u32), Option<Option<SchoolCode>>> = BTreeMap::new();
    for finding in findings.iter() {
        wanted.extend(row_of(&finding.place, sources).map(|row| (row, None)));
    }
    if wanted.is_empty() {
        return BTreeMap::new();
    }
    let mut put = |cell: CellRef, code: &SchoolCode| {
        let cell = sources.found_at(cell);
        if let Some(found) = wanted.get_mut(&(cell.sheet, cell.row)) {
            match found {
                None => *found = Some(Some(code.clone())),
                Some(known) if known.as_ref() != Some(code) => *known = None,
                Some(_) => {}
            }
        }
    };
    for school in data.schools.values() {
        put(school.cell, &school.code);
    }
    let own = data.measures.keys().map(|code| code.0.as_str());
    let row_wise = [codes::PARTICIPANTS, codes::BELOW_MINIMUM, codes::SUPPORT, codes::LISTED, codes::PARTNERSHIP];
    for measure in row_wise.into_iter().chain(own) {
        for observation in data.store.of_measure(measure) {
            if let Subject::School(code) = &observation.subject {
                put(observation.cell, code);
            }
        }
    }
    wanted.into_iter().filter_map(|(place, found)| Some((place, found?))).collect()
}

/// The row of a place, if it is a cell of a sheet that was bound.
fn row_of(place: &Place, sources: &Sources) -> Option<(SheetId, u32)> {
    let Place::Cell { file, sheet, row, .. } = place else { return None };
    Some((sources.find_sheet(file, sheet)?, *row))
}

/// Schools whose values alone a finding puts in doubt.
fn schools_by_fault(data: &Dataset) -> BTreeMap<DiagId, Option<SchoolCode>> {
    let mut schools = BTreeMap::new();
    for fault in data.store.faults() {
        let school = match &fault.subject {
            Some(Subject::School(code)) if data.schools.contains_key(code) => Some(code.clone()),
            _ => None,
        };
        let known = schools.entry(fault.diag).or_insert_with(|| school.clone());
        if *known != school {
            *known = None;
        }
    }
    schools
}

/// The school of the register that a finding names in its arguments.
fn named_school(finding: &Diagnostic, data: &Dataset) -> Option<SchoolCode> {
    let school = finding.args.get("school");
    // Teachers and measures have codes, too: without a school beside it, the id must say whose code it is.
    let is_code = school.is_some() || finding.id.contains("school");
    let code = finding.args.get("code").filter(|_| is_code).map(|code| SchoolCode::from(code.as_str()));
    if let Some(code) = code.filter(|code| data.schools.contains_key(code)) {
        return Some(code);
    }
    let name = school?;
    let mut named = data.schools.values().filter(|school| school.short.value == *name || school.code.0 == *name);
    named.next().filter(|_| named.next().is_none()).map(|school| school.code.clone())
}

/// How hard repeats are folded on pages; in a table nothing is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fold {
    /// Findings that differ in nothing but place and what was found.
    Repeats,
    /// Findings of one rule about one school.
    Rules,
    /// Findings of one rule.
    Schools,
}

/// Makes the tree that a template sees.
pub fn findings_tree(view: &FindingsView, messages: &Messages, sources: &mut Sources) -> View {
    let folds = [Fold::Repeats, Fold::Rules, Fold::Schools];
    let groups = |fold| groups(view, fold);
    let fold = folds.into_iter().find(|fold| groups(*fold).len() <= MAX_PRINTED).unwrap_or(Fold::Schools);
    let node = sources.declared("run", "findings");
    // Messages are written for the screen; a document has one dash.
    let text = |value: &str, run: usize| View::Text(Text { value: printable(&ru::dashes(value), run), node });
    let mut sections: BTreeMap<Option<usize>, BTreeMap<Severity, Vec<View>>> = BTreeMap::new();
    for (position, members) in groups(fold) {
        let Some(first) = members.first() else { continue };
        let mut place = first.place.clone();
        let ends = (members.iter().min_by_key(|row| &row.at), members.iter().max_by_key(|row| &row.at));
        if let ((Some(top), Some(bottom)), true) = (ends, members.len() > 1) {
            let count = members.len().to_string();
            let key = if top.place.is_empty() || bottom.place.is_empty() { "folded-nowhere" } else { "folded" };
            let args = [("count", count.as_str()), ("first", top.place.as_str()), ("last", bottom.place.as_str())];
            place = ru::upper_first(&messages.text(key, &args));
        }
        let number = match members.len() {
            many if many > 1 && fold != Fold::Schools => format!("{}–{}", position + 1, position + many),
            _ => (position + 1).to_string(),
        };
        let is_example = members.iter().any(|member| member.message != first.message);
        let item = View::map([
            ("number", text(&number, PLACE_RUN)),
            ("message", text(first.message.trim_end_matches('.'), MESSAGE_RUN)),
            ("hint", text(&first.hint, MESSAGE_RUN)),
            ("has_hint", View::Flag(!first.hint.is_empty())),
            ("place", text(&place, PLACE_RUN)),
            ("has_place", View::Flag(!place.is_empty())),
            ("rule", text(&first.rule, MESSAGE_RUN)),
            ("is_example", View::Flag(is_example)),
        ]);
        let school = if fold == Fold::Schools { None } else { first.school };
        sections.entry(school).or_default().entry(first.severity).or_default().push(item);
    }
    let section = |groups: BTreeMap<Severity, Vec<View>>| {
        let group = |(severity, items): (Severity, Vec<View>)| {
            View::map([
                ("is_error", View::Flag(severity == Severity::Error)),
                ("is_warning", View::Flag(severity == Severity::Warning)),
                ("items", View::List(items)),
            ])
        };
        View::List(groups.into_iter().map(group).collect())
    };
    let general = sections.remove(&None);
    let has_general = general.is_some();
    let schools: Vec<View> = sections
        .into_iter()
        .filter_map(|(school, groups)| {
            let name = view.schools.get(school?).map_or("", |school| school.name.as_str());
            Some(View::map([("name", text(name, MESSAGE_RUN)), ("groups", section(groups))]))
        })
        .collect();
    let [errors, warnings, notes] = view.counts.clone().map(View::Figure);
    View::map([
        ("municipality", text(&view.municipality, MESSAGE_RUN)),
        ("is_empty", View::Flag(view.rows.is_empty())),
        ("has_folded_rules", View::Flag(fold == Fold::Rules)),
        ("has_folded_schools", View::Flag(fold == Fold::Schools)),
        ("has_general", View::Flag(has_general)),
        ("errors", errors),
        ("warnings", warnings),
        ("notes", notes),
        ("school_count", View::Figure(view.school_count.clone())),
        ("general", section(general.unwrap_or_default())),
        ("schools", View::List(schools)),
    ])
}

/// Rows that are printed as one, with the position of the first, in the order of rows.
fn groups(view: &FindingsView, fold: Fold) -> Vec<(usize, Vec<&FindingRow>)> {
    let mut groups: BTreeMap<_, (usize, Vec<&FindingRow>)> = BTreeMap::new();
    for (position, row) in view.rows.iter().enumerate() {
        let school = if fold == Fold::Schools { None } else { row.school };
        let case = if fold == Fold::Repeats { row.case.as_str() } else { "" };
        let key = (school, row.severity, row.rule.as_str(), case);
        groups.entry(key).or_insert_with(|| (position, Vec::new())).1.push(row);
    }
    groups.into_values().collect()
}

/// Makes a text of foreign origin fit for a page: signs that the fonts lack become «?», endless words may break.
fn printable(text: &str, run: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut length = 0;
    for c in text.chars() {
        let c = match c {
            c if c.is_control() => ' ',
            ' '..='~' | '\u{a0}'..='\u{36f}' | '\u{400}'..='\u{513}' => c,
            '\u{2010}' | '\u{2012}'..='\u{2022}' | '…' | '\u{2030}' | '‹' | '›' => c,
            '€' | '№' | '™' | '\u{2190}'..='\u{2195}' | '−' | '≈' | '≠' | '≤' | '≥' => c,
            _ => '?',
        };
        length = if c == ' ' || c == '-' || c == '\u{a0}' { 0 } else { length + 1 };
        out.push(c);
        if length >= run || (c == '_' && length > 1) {
            out.push('\u{200b}');
            length = 0;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::School;

    const MESSAGES: &str = include_str!("../../templates/messages/ru.toml");

    fn cell(row: u32, column: u16) -> Place {
        Place::Cell { file: "A.xlsx".to_owned(), sheet: "S".to_owned(), row, column }
    }

    fn data(sources: &mut Sources) -> Dataset {
        let sheet = sources.add_sheet("A.xlsx", "Register");
        let mut data = Dataset::default();
        for (row, code) in (3..).zip(["1", "2"]) {
            let node = sources.declared("x", "y");
            let text = |value: String| Text { value, node };
            let school = School {
                code: SchoolCode::from(code),
                full: text(format!("School {code}, in full")),
                short: text(format!("School {code}")),
                grades: (1, 11),
                kind: text("СОШ".to_owned()),
                is_counted: true,
                is_left_out_by_kind: false,
                valid: (None, None),
                successor: None,
                cell: CellRef { sheet, row, column: 0 },
            };
            data.schools.insert(school.code.clone(), school);
        }
        data
    }

    fn view_of(findings_list: Vec<Diagnostic>) -> (FindingsView, View) {
        let mut sources = Sources::default();
        let data = data(&mut sources);
        let mut diagnostics = Diagnostics::default();
        for finding in findings_list {
            diagnostics.push(finding);
        }
        let settings = "schema = 1\nname = 'M'\nmethod = 'm'\nindicators = 'i'\ndocuments = []\n";
        let settings = Settings::parse("svod.toml", settings, &mut Diagnostics::default()).expect("settings");
        let messages = Messages::parse(MESSAGES).expect("messages");
        let checked = Checked {
            settings: &settings,
            data: &data,
            diagnostics: &diagnostics,
            messages: &messages,
            is_draft: false,
        };
        let view = findings(&checked, &mut sources);
        let tree = findings_tree(&view, &messages, &mut sources);
        (view, tree)
    }

    fn missing(code: &str, year: &str) -> Diagnostic {
        Diagnostic::error("missing-result", Place::Run)
            .with("school", format!("School {code}"))
            .with("code", code)
            .with("discipline", "D")
            .with("grade", "9")
            .with("year", year)
    }

    fn not_a_number(row: u32, found: &str) -> Diagnostic {
        Diagnostic::error("not-a-number", cell(row, 2)).with("column", "C").with("found", found)
    }

    fn fingerprint(tree: &View) -> String {
        let mut out = String::new();
        tree.fingerprint(&mut out);
        out
    }

    #[test]
    fn a_finding_belongs_to_the_school_that_it_names_or_whose_row_it_is_in() {
        let register = Place::Cell { file: "A.xlsx".to_owned(), sheet: "Register".to_owned(), row: 4, column: 5 };
        let (view, _) = view_of(vec![
            missing("2", "2022"),
            Diagnostic::error("grade-not-taught", cell(9, 1)).with("school", "School 1").with("grade", "11"),
            Diagnostic::error("not-a-grade", register).with("column", "C").with("found", "x"),
            Diagnostic::error("unknown-measure", cell(9, 1)).with("code", "1"),
            Diagnostic::warning("school-name-differs", cell(9, 1)).with("code", "1").with("name", "N"),
            Diagnostic::error("unknown-school", cell(9, 1)).with("code", "9").with("nearest", ""),
        ]);
        let of: Vec<_> = view.rows.iter().map(|row| (row.rule.as_str(), view.school_of(row))).collect();
        assert_eq!(
            of,
            [
                ("unknown-measure", None),
                ("unknown-school", None),
                ("grade-not-taught", Some("1 – School 1")),
                ("school-name-differs", Some("1 – School 1")),
                ("missing-result", Some("2 – School 2")),
                ("not-a-grade", Some("2 – School 2")),
            ]
        );
        assert_eq!(view.counts.clone().map(|figure| figure.text()), ["5", "1", "0"]);
        assert_eq!(view.school_count.text(), "2");
        assert_eq!(view.schools.iter().map(|school| school.by_severity).collect::<Vec<_>>(), [[1, 1, 0], [2, 0, 0]]);
    }

    #[test]
    fn rows_that_change_places_change_addresses_only() {
        let made = |rows: [u32; 3]| {
            let [a, b, c] = rows;
            view_of(vec![not_a_number(a, "x"), not_a_number(b, "y"), not_a_number(c, "y"), missing("1", "2022")]).0
        };
        let content = |view: &FindingsView| {
            let rows = view.rows.iter().map(|row| (row.rule.clone(), row.message.clone(), row.school));
            rows.collect::<Vec<_>>()
        };
        assert_eq!(content(&made([1, 2, 3])), content(&made([3, 1, 2])));
    }

    #[test]
    fn repeats_fold_on_pages_and_stay_rows_in_tables() {
        let (view, tree) = view_of((0..50).map(|row| not_a_number(row, "x")).collect());
        assert_eq!(view.rows.len(), 50);
        let tree = fingerprint(&tree);
        assert!(tree.contains("1–50") && tree.contains("A.xlsx › S!C1") && tree.contains("A.xlsx › S!C50"), "{tree}");
        assert_eq!(tree.matches("not-a-number").count(), 1);
    }

    #[test]
    fn thousands_of_different_findings_fold_by_rule_then_over_schools() {
        let many = |schools: &[&str]| {
            let all = schools.iter().flat_map(|code| (0..800).map(|year| missing(code, &year.to_string())));
            fingerprint(&view_of(all.collect()).1)
        };
        let tree = many(&["1", "2"]);
        assert_eq!(tree.matches("missing-result").count(), 2, "{tree}");
        let (view, tree) = view_of((0..3000).map(|row| missing("9", &row.to_string())).collect());
        assert_eq!(view.rows.len(), 3000);
        assert_eq!(fingerprint(&tree).matches("missing-result").count(), 1);
    }

    #[test]
    fn foreign_texts_are_made_fit_for_pages() {
        assert_eq!(printable("данные\u{1f600}\n№ 1", 30), "данные? № 1");
        assert_eq!(printable(&"ж".repeat(5), 2), "жж\u{200b}жж\u{200b}ж");
        assert_eq!(printable("a_b", 14), "a_\u{200b}b");
    }

    #[test]
    fn the_view_without_findings_is_empty() {
        let (view, _) = view_of(Vec::new());
        assert!(view.rows.is_empty() && view.general.is_none() && view.schools.is_empty());
    }
}
