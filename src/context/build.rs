//! The view of a municipality: names, people, acts, groups, indicators, roadmap, texts.

mod coverage;
mod groups;
mod people;
mod roadmap;

use std::collections::{BTreeMap, BTreeSet};

pub(super) use self::groups::{LIST_SOURCES, list_word};
pub(super) use self::people::{CASES, header_of};

use super::{GapView, Piece, References, View, lookup, prose, registers};
use crate::advice::{Advice, Rules};
use crate::diag::{Diagnostic, Diagnostics, Place};
use crate::figure::{Figure, Rounding, Unit};
use crate::groups::{Groups, Methods};
use crate::history::History;
use crate::indicators::{Absence, Catalogue, IndicatorResult, Series, TargetVerdict};
use crate::markers::Markers;
use crate::measure::Measure;
use crate::model::{
    Condition, Dataset, Gap, Known, LegalBasis, Operand, Role, SchoolCode, Target, Text, Year, requisite,
};
use crate::provenance::{NodeId, Op, Sources};
use crate::roadmap::Roadmap;
use crate::ru::{self, Case, NBSP};
use crate::settings::{self, Settings};
use crate::sheets::{lists, names};

/// What the analysis hands to the views.
pub struct Analysis<'a> {
    /// The data.
    pub data: &'a Dataset,
    /// Settings.
    pub settings: &'a Settings,
    /// The methods.
    pub methods: &'a Methods,
    /// Names of documents that cite acts in a preamble: each act needs a wording of its own there.
    pub preambles: &'a BTreeSet<String>,
    /// Path of the method's file, for its constants.
    pub method_file: &'a str,
    /// Forms of persons that bodies name: `officials.signer.name_acc`, of the rows of a register `curators.name_acc`.
    pub forms: &'a BTreeSet<String>,
    /// The catalogue of indicators.
    pub catalogue: &'a Catalogue,
    /// Groups.
    pub groups: &'a Groups,
    /// Indicators.
    pub indicators: &'a [IndicatorResult],
    /// Gives the file of a method, as messages show it.
    pub method_path: &'a dyn Fn(&str) -> String,
    /// Indicators over the years that are known.
    pub trends: &'a [Series],
    /// Targets with what came of them.
    pub targets: &'a [TargetVerdict],
    /// Titles of the groups of indicators by id.
    pub group_titles: &'a BTreeMap<String, String>,
    /// Plan and fact of the roadmap; `None` where the year has no last day.
    pub roadmap: Option<&'a Roadmap>,
    /// Years of schools in groups.
    pub history: &'a History,
    /// The reported year.
    pub year: Operand,
    /// Rules of results that ask to be looked at.
    pub markers: &'a Markers,
    /// What follows from the findings.
    pub advice: &'a Advice,
    /// The rules by which it does.
    pub rules: &'a Rules,
    /// Terms of the documents by key.
    pub terms: &'a BTreeMap<String, String>,
    /// The file of the rules of advice, as messages show it.
    pub rules_file: &'a str,
    /// Words of the program for gaps and notes.
    pub words: &'a dyn Fn(&str) -> String,
}

impl Analysis<'_> {
    /// The title of a group in the municipality's own words: short where it has a short one.
    pub(super) fn group_title(&self, role: Role) -> String {
        let key = term_key(lists::key(role));
        let own = self.terms.get(&format!("{key}-short")).or_else(|| self.terms.get(key));
        own.map_or_else(|| lists::term(role).to_owned(), Clone::clone)
    }
}

/// The key of a group's terms by the key of its role.
fn term_key(role: &str) -> &str {
    match role {
        "high-performing" => "leader",
        role => role,
    }
}

struct Builder<'a> {
    analysis: &'a Analysis<'a>,
    sources: &'a mut Sources,
    diagnostics: &'a mut Diagnostics,
    root: BTreeMap<String, View>,
}

/// Builds the view, and the references that texts may use.
pub fn municipality(
    analysis: &Analysis<'_>,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> (BTreeMap<String, View>, References) {
    let mut builder = Builder { analysis, sources, diagnostics, root: BTreeMap::new() };
    builder.names();
    builder.officials();
    builder.requisites();
    builder.acts();
    builder.groups();
    builder.indicators();
    builder.roadmap();
    builder.risks();
    builder.criteria();
    let references = builder.references();
    builder.texts(&references);
    let year = builder.year();
    let rows = registers::Rows { analysis, references: &references, year };
    let registers = rows.registers(builder.sources, builder.diagnostics);
    builder.put("registers", registers);
    (builder.root, references)
}

impl Builder<'_> {
    fn word(&self, key: &str) -> String {
        (self.analysis.words)(key)
    }

    fn year(&self) -> Year {
        Year(self.analysis.year.value.to_integer().and_then(|year| i32::try_from(year).ok()).unwrap_or(0))
    }

    fn put(&mut self, key: &str, view: View) {
        self.root.insert(key.to_owned(), view);
    }

    fn figure(&self, id: String, value: Measure, unit: Unit, node: NodeId) -> Figure {
        Figure { id, value, unit, rounding: self.analysis.settings.rounding.of(unit), node }
    }

    /// A share of two operands; a gap when the whole is zero.
    fn rate(&mut self, id: String, part: &Operand, whole: &Operand) -> Known<Figure> {
        let Some(value) = part.value.percent_of(&whole.value) else {
            let finding = Diagnostic::error("empty-denominator", Place::Run).with("figure", id);
            return Err(Gap::because(self.diagnostics.push(finding)));
        };
        let node = self.sources.formula(Op::Percent, vec![part.node, whole.node], Some(value.clone()));
        Ok(self.figure(id, value, Unit::Percent, node))
    }

    fn missing(&mut self, id: &str, key: &str, value: &str) -> Gap {
        Gap::because(self.diagnostics.push(Diagnostic::error(id, Place::Run).with(key, value)))
    }

    fn names(&mut self) {
        for key in NAMES {
            let code = names::code_of(key);
            let name = self.analysis.data.names.get(key).cloned();
            let gap = name.is_none().then(|| {
                self.analysis.data.sheet("names").err().unwrap_or_else(|| self.missing("missing-name", "code", code))
            });
            let form = |text: Option<&Known<Text>>| match (text, &gap) {
                (Some(text), _) => View::text(text.clone(), code),
                (None, Some(gap)) => View::Gap(GapView::new(gap, code)),
                (None, None) => View::Gap(GapView::new(&Gap::default(), code)),
            };
            let mut cases = BTreeMap::new();
            for (index, (_, case, _)) in Case::ALL.iter().enumerate() {
                cases.insert((*case).to_owned(), form(name.as_ref().and_then(|name| name.cases.get(index))));
            }
            cases.insert("short".to_owned(), form(name.as_ref().map(|name| &name.short)));
            self.put(key, View::Map(cases));
        }
    }

    fn requisites(&mut self) {
        let data = self.analysis.data;
        let mut lines = Vec::new();
        for index in 1_i64.. {
            match data.requisites.get(&format!("{}-{index}", requisite::LETTERHEAD)) {
                Some(line) => lines.push(View::Text(line.clone())),
                None => break,
            }
        }
        let letterhead = if lines.is_empty() { self.requisite(requisite::LETTERHEAD) } else { View::List(lines) };
        self.put("letterhead", letterhead);
        self.contacts();
        let place = self.requisite(requisite::PLACE);
        self.put("place", place);
        let year = self.analysis.year.clone();
        let figure = self.figure("year".to_owned(), year.value.clone(), Unit::Year, year.node);
        self.put("year", View::Figure(figure));
        let before = &year.value - &Measure::from(1_i64);
        let node = self.sources.formula(Op::Derived, vec![year.node], Some(before.clone()));
        let figure = self.figure("previous-year".to_owned(), before, Unit::Year, node);
        self.put("previous_year", View::Figure(figure));
        self.period();
        let text = |text: &Option<Text>| text.clone().map_or_else(|| View::Prose(Vec::new()), View::Text);
        let registered = data.register.iter().map(|(name, entry)| {
            let view = View::map([
                ("document", View::Text(entry.document.clone())),
                ("is_filled", View::Flag(entry.date.is_some() && entry.number.is_some())),
                ("date", text(&entry.date)),
                ("number", text(&entry.number)),
            ]);
            (name.clone(), view)
        });
        let registered = registered.collect();
        self.put("registrations", View::Map(registered));
        let is_cut_off = self.analysis.settings.rounding.mode == crate::figure::RoundingMode::CutOff;
        let node = self.sources.declared(settings::FILE, "rounding.mode");
        let note = Text { value: self.word("cut-off-note"), node };
        self.put("rounding", View::map([("is_cut_off", View::Flag(is_cut_off)), ("note", View::Text(note))]));
        let edition = View::map([
            ("is_sample", View::Flag(data.is_sample)),
            ("is_draft", View::Flag(self.analysis.settings.draft)),
        ]);
        self.put("edition", edition);
    }

    /// Where the authority is found, for letters: what the sheet of requisites says of it.
    fn contacts(&mut self) {
        let mut contacts = BTreeMap::new();
        for key in requisite::CONTACTS {
            let text = self.analysis.data.requisites.get(key);
            contacts.insert(format!("has_{key}"), View::Flag(text.is_some()));
            let text = text.cloned().map_or_else(|| View::Prose(Vec::new()), View::Text);
            contacts.insert(key.to_owned(), text);
        }
        self.put("contacts", View::Map(contacts));
    }

    fn requisite(&mut self, key: &str) -> View {
        match self.analysis.data.requisites.get(key) {
            Some(text) => View::Text(text.clone()),
            None => {
                let gap = self.requisite_gap(key);
                let what = self.word(&format!("requisite-{key}"));
                View::Gap(GapView::new(&gap, &what))
            }
        }
    }

    fn requisite_gap(&mut self, key: &str) -> Gap {
        self.analysis.data.sheet("requisites").err().unwrap_or_else(|| {
            let name = self.word(&format!("requisite-{key}"));
            self.missing("missing-requisite", "key", &name)
        })
    }

    fn period(&mut self) {
        let data = self.analysis.data;
        let ends = [requisite::START, requisite::END]
            .map(|key| data.requisite_numbers.get(key).cloned().ok_or_else(|| self.requisite_gap(key)));
        let both = ends.clone();
        let [start, end] = both;
        let both = start.and_then(|start| Ok((start, end?))).and_then(|(start, end)| {
            if end.value < start.value {
                return Err(self.missing("period-reversed", "period", &format!("{}–{}", start.value, end.value)));
            }
            Ok((start, end))
        });
        let own = both.clone().map(|(start, end)| self.school_period(start, end));
        let ends_of = |both: &Known<(Operand, Operand)>| match both {
            Ok((start, end)) => [Ok(start.clone()), Ok(end.clone())],
            Err(gap) => [Err(gap.clone()), Err(gap.clone())],
        };
        self.put_period("period", ends, &both);
        let ends = ends_of(&own);
        self.put_period("school_period", ends, &own);
    }

    /// The years of a school's own papers: they begin with the results that they stand on, and last at least as long as
    /// what they plan. The period of the municipality may have begun long ago, or be over.
    fn school_period(&mut self, start: Operand, end: Operand) -> (Operand, Operand) {
        let year = self.analysis.year.clone();
        let mut later = |own: Operand, least: Measure| {
            if own.value >= least {
                return own;
            }
            let node = self.sources.formula(Op::Derived, vec![own.node, year.node], Some(least.clone()));
            Operand { value: least, node }
        };
        let next = &year.value + &Measure::from(1_i64);
        let start = later(start, year.value.clone());
        let end = later(end, next);
        (start.clone(), if end.value < start.value { start } else { end })
    }

    fn put_period(&mut self, name: &str, [start, end]: [Known<Operand>; 2], both: &Known<(Operand, Operand)>) {
        let mut entries = BTreeMap::new();
        let prefix = name.replace('_', "-");
        for (key, operand) in [("start", start), ("end", end)] {
            let figure =
                operand.map(|operand| self.figure(format!("{prefix}-{key}"), operand.value, Unit::Year, operand.node));
            entries.insert(key.to_owned(), View::figure(figure, key));
        }
        for (key, word) in [("range", ""), ("years", "years"), ("years_gen", "years-gen"), ("years_prep", "years-prep")]
        {
            let text = both.clone().map(|(start, end)| {
                let mut value = format!("{}–{}", start.value, end.value);
                if !word.is_empty() {
                    value = format!("{value}{NBSP}{}", self.word(word));
                }
                let node = self.sources.formula(Op::Derived, vec![start.node, end.node], None);
                Text { value, node }
            });
            entries.insert(key.to_owned(), View::text(text, requisite::START));
        }
        self.put(name, View::Map(entries));
    }

    /// The legal bases of every document, by the names that the sheet gives them.
    fn acts(&mut self) {
        if let Err(gap) = self.analysis.data.sheet("legal-bases") {
            let what = self.word("gap-act");
            self.put("acts", View::Gap(GapView::new(&gap, &what)));
            return;
        }
        let data = self.analysis.data;
        let documents: BTreeSet<&String> = data.legal_bases.iter().flat_map(|basis| &basis.used_in).collect();
        let mut acts = BTreeMap::new();
        for document in documents {
            let has_preamble = self.analysis.preambles.contains(document);
            let used = data.legal_bases.iter().filter(|basis| basis.used_in.contains(document));
            let views = used.map(|basis| self.act(basis, has_preamble)).collect();
            acts.insert(document.clone(), View::List(views));
        }
        self.put("acts", View::Map(acts));
    }

    fn act(&mut self, basis: &LegalBasis, has_preamble: bool) -> View {
        let dated = ru::dated(basis.date.0, &basis.number.value);
        let mut inputs = vec![basis.kind.node, basis.date.1, basis.number.node, basis.title.node];
        inputs.extend(basis.body.iter().chain(&basis.in_preamble).map(|text| text.node));
        let node = self.sources.formula(Op::Derived, inputs, None);
        let body = basis.body.as_ref().map_or_else(String::new, |body| format!(" {}", body.value));
        let citation = format!("{}{body} {dated} {}", basis.kind.value, ru::quoted(&basis.title.value));
        let citation = View::Text(Text { value: citation, node });
        if !has_preamble {
            return View::map([("citation", citation)]);
        }
        let what = self.word("gap-act");
        let wording = match &basis.in_preamble {
            Some(wording) => {
                // «Федерального закона от … № … «Об образовании…»»: date and number stand before the title.
                let title = format!(" «{}", basis.title.value);
                let value = match wording.value.split_once(&title) {
                    Some((act, rest)) => format!("{act} {dated}{title}{rest}"),
                    None => format!("{} {dated}", wording.value),
                };
                Ok(Text { value, node })
            }
            None => {
                let finding = Diagnostic::error("no-preamble-wording", self.sources.place(basis.preamble_cell));
                Err(Gap::because(self.diagnostics.push(finding)))
            }
        };
        View::map([("citation", citation), ("basis", View::text(wording, &what))])
    }

    fn schools_of(&mut self, schools: &BTreeMap<SchoolCode, NodeId>) -> View {
        let mut views = Vec::new();
        for (index, (code, node)) in schools.iter().enumerate() {
            let Some(school) = self.analysis.data.schools.get(code) else { continue };
            let number = Text { value: (index + 1).to_string(), node: *node };
            views.push(View::map([
                ("number", View::Text(number)),
                ("full", View::Text(school.full.clone())),
                ("short", View::Text(school.short.clone())),
            ]));
        }
        View::List(views)
    }

    fn count_of(&mut self, schools: &BTreeMap<SchoolCode, NodeId>) -> Operand {
        let value = Measure::from(schools.len());
        let node = self.sources.formula(Op::Count, schools.values().copied().collect(), Some(value.clone()));
        Operand { value, node }
    }

    /// What is left out of the number of schools, to be read behind «без»; `None` when every school counts.
    fn left_out(&mut self, year: Year) -> Option<Text> {
        let value = left_out(self.analysis, year)?;
        let left_out = self.analysis.data.schools.values().filter(|school| !school.is_counted);
        let cells = self.sources.cells(left_out.map(|school| school.cell));
        let declared = self.sources.declared(settings::FILE, "denominator.without");
        let node = self.sources.formula(Op::Derived, vec![declared, cells], None);
        Some(Text { value, node })
    }

    fn total(&mut self) -> Known<Operand> {
        self.analysis.data.sheet("schools")?;
        let counted = self.counted(self.year());
        Ok(self.count_of(&counted))
    }

    /// The schools that count in denominators of a year.
    fn counted(&mut self, year: Year) -> BTreeMap<SchoolCode, NodeId> {
        self.analysis
            .data
            .schools
            .values()
            .filter(|school| school.is_counted && school.exists_at_end_of(year))
            .map(|school| (school.code.clone(), self.sources.cells([school.cell])))
            .collect()
    }

    fn indicators(&mut self) {
        let year = self.year();
        let before = Year(year.0 - 1);
        let mut groups: Vec<(String, Vec<View>)> = Vec::new();
        for (index, result) in self.analysis.indicators.iter().enumerate() {
            let definition = &result.definition;
            if !self.analysis.group_titles.contains_key(&definition.group) {
                continue;
            }
            let declared = self.sources.declared(&definition.file, &definition.code);
            let text = |value: &str| View::Text(Text { value: ru::prose(value), node: declared });
            let current = self.indicator_value(result, year);
            let previous = self.indicator_value(result, before);
            let target = target(self.analysis, &definition.code, self.sources);
            let item = View::map([
                ("number", View::Text(Text { value: (index + 1).to_string(), node: declared })),
                ("code", text(&definition.code)),
                ("name", text(&definition.name)),
                ("unit", text(&definition.unit_name)),
                ("note", text(&definition.note)),
                ("current", current),
                ("previous", previous),
                ("targets", targets(self.analysis, &definition.code, self.sources)),
                ("has_target", View::Flag(target.is_some())),
                ("target", target.unwrap_or_else(|| View::Prose(Vec::new()))),
            ]);
            match groups.last_mut() {
                Some((id, items)) if *id == definition.group => items.push(item),
                _ => groups.push((definition.group.clone(), vec![item])),
            }
        }
        let printed = self.analysis.indicators.iter();
        let printed = printed.filter(|result| self.analysis.group_titles.contains_key(&result.definition.group));
        let count = Measure::from(printed.count());
        let node = self.sources.declared(&self.analysis.catalogue.files(), "indicators");
        let count = self.figure("indicator-count".to_owned(), count, Unit::Count, node);
        // In order, and by the id of the group: a document may print one of them in a table of its own.
        let (mut all, mut by_id) = (Vec::new(), BTreeMap::new());
        for (id, items) in groups {
            let title = View::Text(Text { value: self.group_title(&id), node });
            let notes = self.coverage_notes(&id, year);
            let view = View::map([("title", title), ("items", View::List(items)), ("notes", notes)]);
            by_id.insert(id.replace('-', "_"), view.clone());
            all.push(view);
        }
        let entries = [("count", View::Figure(count)), ("groups", View::List(all)), ("group_of", View::Map(by_id))];
        self.put("indicators", View::map(entries));
    }

    fn group_title(&self, id: &str) -> String {
        self.analysis.group_titles.get(id).cloned().unwrap_or_default()
    }

    fn indicator_value(&mut self, result: &IndicatorResult, year: Year) -> View {
        let what = format!("{}, {year}", result.definition.name);
        match result.years.get(&year) {
            Some(Ok(evaluation)) => match &evaluation.figure {
                Some(figure) => View::Figure(figure.clone()),
                // A share of nothing is said, never printed as zero.
                None => {
                    let key = match evaluation.absence {
                        Some(Absence::NotHeld) => "not-held",
                        Some(Absence::NotComparable) => "not-comparable",
                        Some(Absence::NoData) => "no-data",
                        _ => "no-denominator",
                    };
                    View::Text(Text { value: self.word(key), node: evaluation.numerator.node })
                }
            },
            Some(Err(gap)) => View::Gap(GapView::new(gap, &what)),
            None => View::Gap(GapView::new(&Gap::default(), &what)),
        }
    }

    fn risks(&mut self) {
        let data = self.analysis.data;
        let what = self.word("gap-risks");
        let risks = match data.sheet("risks") {
            Err(gap) => View::Gap(GapView::new(&gap, &what)),
            Ok(()) if data.risks.is_empty() => View::Gap(GapView::new(&Gap::default(), &what)),
            Ok(()) => View::List(
                data.risks
                    .iter()
                    .map(|risk| {
                        View::map([
                            ("kind", View::text(risk.kind.clone(), &what)),
                            ("risk", View::text(risk.risk.clone(), &what)),
                            ("affected", View::text(risk.affected.clone(), &what)),
                        ])
                    })
                    .collect(),
            ),
        };
        self.put("risks", risks);
    }

    /// What texts of the municipality may refer to.
    fn references(&mut self) -> References {
        let mut references = References::new();
        let (analysis, year) = (self.analysis, self.year());
        for result in analysis.indicators {
            let value = self.indicator_value(result, year);
            let value = self.covered(value, coverage::coverage_of(result, year));
            references.insert(result.definition.code.clone(), value);
        }
        let path = |keys: &[&str]| lookup(&self.root, keys).cloned();
        for (id, keys) in [
            ("low-count", &["low", "count"][..]),
            ("low-rate", &["low", "rate"]),
            ("school-count", &["schools", "count"]),
            ("disadvantaged-count", &["disadvantaged", "count"]),
            ("leader-count", &["leaders", "count"]),
            ("year", &["year"]),
            ("previous-year", &["previous_year"]),
            ("period", &["period", "range"]),
            ("period-years", &["period", "years"]),
            ("period-years-gen", &["period", "years_gen"]),
            ("period-years-prep", &["period", "years_prep"]),
            ("school-period-years", &["school_period", "years"]),
            ("low-target-count", &["low", "target", "count"]),
            ("low-target-rate", &["low", "target", "rate"]),
            ("low-target-year", &["low", "target", "year"]),
            ("indicator-count", &["indicators", "count"]),
            ("activity-count", &["roadmap", "count"]),
        ] {
            if let Some(view) = path(keys) {
                references.insert(id.to_owned(), view);
            }
        }
        if let Some(View::Prose(covered)) = path(&["low", "covered_rate"]) {
            references.insert("low-rate".to_owned(), View::Prose(covered));
        }
        for key in NAMES {
            let code = names::code_of(key);
            for (_, case, mark) in Case::ALL {
                if let Some(view) = path(&[key, case]) {
                    references.insert(format!("{code}:{mark}"), view);
                }
            }
            if let Some(view) = path(&[key, "short"]) {
                references.insert(format!("{code}:{}", Case::SHORT), view);
            }
        }
        references
    }

    /// Blocks of section texts by folded document and block; the plan hands each document its own.
    fn texts(&mut self, references: &References) {
        let mut blocks = BTreeMap::new();
        for ((document, block), texts) in &self.analysis.data.texts {
            let views = texts
                .iter()
                .map(|(_, text)| {
                    let place = self.sources.place_of(text.node);
                    prose::parse(text, &place, references, self.diagnostics)
                })
                .collect();
            blocks.insert(format!("{document}/{block}"), View::List(views));
        }
        self.put("texts", View::Map(blocks));
    }
}

/// Keys of the names in templates.
const NAMES: [&str; 4] = ["authority", "municipality", "coordinator", "region"];

fn both<A: Clone, B: Clone>(left: &Known<A>, right: &Known<B>) -> Known<(A, B)> {
    match (left, right) {
        (Ok(left), Ok(right)) => Ok((left.clone(), right.clone())),
        (Err(left), Err(right)) => Err(left.clone().and(right)),
        (Err(gap), _) | (_, Err(gap)) => Err(gap.clone()),
    }
}

/// Types and single schools left out of the number of schools, to be read behind «без»; `None` when every school counts.
pub(super) fn left_out(analysis: &Analysis<'_>, year: Year) -> Option<String> {
    let here = || analysis.data.schools.values().filter(|school| school.exists_at_end_of(year) && !school.is_counted);
    let of_kind = |kind: &str| here().any(|school| ru::fold(&school.kind.value) == ru::fold(kind));
    let kinds = analysis.settings.denominator.without.iter().filter(|(kind, _)| of_kind(kind));
    let mut parts: Vec<String> = kinds.map(|(_, named)| ru::prose(named)).collect();
    let single: Vec<&str> =
        here().filter(|school| !school.is_left_out_by_kind).map(|school| school.short.value.as_str()).collect();
    if !single.is_empty() {
        parts.push(format!("{} {}", (analysis.words)("left-out-single"), single.join(", ")));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The key of the word for a condition.
pub(super) fn condition_key(condition: Condition) -> &'static str {
    match condition {
        Condition::AtLeast => "at-least",
        Condition::AtMost => "at-most",
        Condition::Reach => "reach",
        Condition::Equal => "equal",
        Condition::Growth => "growth",
        Condition::Decrease => "decrease",
    }
}

/// The targets of an indicator in the order of years, each with its year.
fn targets(analysis: &Analysis<'_>, code: &str, sources: &mut Sources) -> View {
    let of = analysis.data.targets.iter().filter(|target| target.code == code && !target.is_base);
    let views = of.filter_map(|target| {
        let cell = sources.cells([target.cell]);
        let (first, last) = (target.year, target.last);
        let years = if first == last { first.to_string() } else { format!("{first}–{last}") };
        let text = target_text(analysis, target, sources)?;
        // Where a table says in its head that all are minima, the value stands alone.
        let value = match &text {
            View::Prose(pieces) => View::Prose(pieces.iter().skip(1).cloned().collect()),
            other => other.clone(),
        };
        Some(View::map([("years", View::Text(Text { value: years, node: cell })), ("text", text), ("value", value)]))
    });
    View::List(views.collect())
}

/// A rounding that keeps what was typed: a target or threshold of 0,5 is never printed as 1.
pub(super) fn as_typed(rounding: Rounding, value: &Measure) -> Rounding {
    let digits = rounding.digits.max(value.decimals(MOST_TYPED));
    Rounding { digits, ..rounding }
}

/// Returns the rounding under which a value does not read like the threshold that it misses or passes.
pub(super) fn telling(rounding: Rounding, value: &Measure, threshold: &Measure) -> Rounding {
    let text = |value: &Measure, digits: u8| {
        let rounding = Rounding { digits, ..rounding };
        Figure { id: String::new(), value: value.clone(), unit: Unit::Index, rounding, node: NodeId(0) }.text()
    };
    let tells = |digits: &u8| value == threshold || text(value, *digits) != text(threshold, *digits);
    let digits = (rounding.digits..=MOST_TYPED).find(tells).unwrap_or(rounding.digits.max(MOST_TYPED));
    Rounding { digits, ..rounding }
}

/// Digits after the comma that a typed value may have when it is printed.
const MOST_TYPED: u8 = 4;

/// The target of the last year that has one, in words.
pub(super) fn target(analysis: &Analysis<'_>, code: &str, sources: &mut Sources) -> Option<View> {
    if let Err(gap) = analysis.data.sheet("targets") {
        return Some(View::Gap(GapView::new(&gap, &(analysis.words)("gap-targets"))));
    }
    // A target that contradicts another or its indicator is not printed.
    if let Some(gap) = analysis.targets.iter().find(|one| one.code == code).and_then(|one| one.verdict.as_ref().err()) {
        return Some(View::Gap(GapView::new(gap, &(analysis.words)("gap-targets"))));
    }
    let target = analysis.data.targets.iter().rfind(|target| target.code == code && !target.is_base)?;
    target_text(analysis, target, sources)
}

/// A target in words: its condition and its value.
fn target_text(analysis: &Analysis<'_>, target: &Target, sources: &mut Sources) -> Option<View> {
    let (target, code) = (target.clone(), target.code.as_str());
    let word = (analysis.words)(condition_key(target.condition?));
    let Some(value) = target.value.clone() else {
        let node = sources.cells([target.cell]);
        return Some(View::Text(Text { value: word, node }));
    };
    let definition = &analysis.indicators.iter().find(|result| result.definition.code == code)?.definition;
    // The target of a share may be a number of schools: the share follows from it.
    let is_number = definition.is_counted_by(&target);
    let unit = if is_number { Unit::Count } else { definition.unit };
    let figure = match value {
        Ok(value) => Figure {
            id: format!("target/{code}/{}", target.year),
            unit,
            rounding: as_typed(analysis.settings.rounding.of(unit), &value.value),
            value: value.value,
            node: value.node,
        },
        Err(gap) => return Some(View::Gap(GapView::new(&gap, code))),
    };
    let node = figure.node;
    let mut pieces = vec![Piece::Text(Text { value: format!("{word} "), node }), Piece::Figure(figure)];
    if is_number {
        pieces.push(Piece::Text(Text { value: format!("{NBSP}{}", (analysis.words)("oo")), node }));
    }
    Some(View::Prose(pieces))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::RoundingMode;

    #[test]
    fn a_value_never_reads_like_the_threshold_that_it_misses() {
        let rounding = Rounding { mode: RoundingMode::HalfUp, digits: 0 };
        let digits = |value: &str, threshold: &str| {
            let [value, threshold] = [value, threshold].map(|text| Measure::parse_decimal(text).unwrap());
            telling(rounding, &value, &threshold).digits
        };
        assert_eq!(digits("39.96", "40"), 2, "40,0 would still read like 40");
        assert_eq!(digits("39.6", "40"), 1);
        assert_eq!(digits("38", "40"), 0);
        assert_eq!(digits("40", "40"), 0, "what is reached is reached");
    }
}
