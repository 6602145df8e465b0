//! Views of single schools: all that the papers of a school print.
//! In: the analysis and what follows from it. Out: for each supported school its view, and who is in which group.
//! Ids of figures begin with the school's code: papers of different schools never contradict each other.

mod goals;
mod grades;
mod partners;
mod resources;
mod support;
mod teachers;

use std::collections::{BTreeMap, BTreeSet};

use self::teachers::employed;
use super::build::{LIST_SOURCES, as_typed, list_word, telling};
use super::dynamics::longest;
use super::words::limit;
use super::{Analysis, GapView, View, registers, words};
use crate::advice::{
    Advice, Answering, CauseFinding, CuratorProposal, Ground, Level, Move, Origin, Partner, Proposal, Rules,
    SchoolAdvice, Standing, SupportKind,
};
use crate::diag::Diagnostics;
use crate::figure::{Figure, Unit};
use crate::groups::Criterion;
use crate::model::{Dims, Exam, Known, Operand, Question, Role, School, SchoolCode, Subject, Text, Year, codes};
use crate::provenance::{NodeId, Op, Sources};
use crate::ru;
use crate::sheets::{SHEETS, lists};

/// A school for which documents are made.
#[derive(Clone, Debug)]
pub struct OfSchool {
    /// What bodies see under `school`.
    pub view: View,
    /// Its code.
    pub code: String,
    /// Its short name, for names of files.
    pub name: String,
    /// Its teachers by code, with what bodies see under `teacher`.
    pub teachers: Vec<(String, View)>,
}

/// The schools for which documents are made.
#[derive(Clone, Debug, Default)]
pub struct Schools {
    schools: BTreeMap<SchoolCode, OfSchool>,
    lists: Lists,
    /// The lists of a year ago.
    before: Lists,
}

/// Schools of each group of a year.
type Lists = BTreeMap<Role, Known<BTreeSet<SchoolCode>>>;

/// The schools of any of the groups; a group that the municipality does not use has none.
fn of_lists<'l>(lists: &'l Lists, groups: &[Role]) -> Known<BTreeSet<&'l SchoolCode>> {
    let mut wanted = BTreeSet::new();
    for role in groups {
        match lists.get(role) {
            Some(Ok(list)) => wanted.extend(list),
            Some(Err(gap)) => return Err(gap.clone()),
            None => {}
        }
    }
    Ok(wanted)
}

impl Schools {
    /// Returns the schools of any of the groups and of none of the others, in order of code; those that were in the
    /// groups a year ago, too, where `leaving` asks for them.
    ///
    /// # Errors
    /// The gap of a list.
    pub fn of(&self, groups: &[Role], except: &[Role], leaving: bool) -> Known<Vec<(&str, &OfSchool)>> {
        let mut wanted = of_lists(&self.lists, groups)?;
        if leaving {
            wanted.extend(of_lists(&self.before, groups)?);
        }
        let others = of_lists(&self.lists, except)?;
        wanted.retain(|code| !others.contains(code));
        let found = wanted.into_iter().filter_map(|code| Some((code.0.as_str(), self.schools.get(code)?)));
        Ok(found.collect())
    }
}

impl Schools {
    /// Adds to every gap where its first reason stands.
    pub fn name_places(&mut self, diagnostics: &Diagnostics) {
        self.schools.values_mut().for_each(|school| school.view.name_places(diagnostics));
    }
}

/// The register of what schools do themselves.
const MEASURES: &str = "school-measures";

/// Tells whether a row of a register is still to be done.
fn is_open(row: &View) -> bool {
    matches!(row, View::Map(row) if matches!(row.get(registers::IS_OPEN), Some(View::Flag(true))))
}

/// Years of results that a paper shows.
const YEARS: i32 = 3;

/// Builds the views of the schools that are in a group of the year, or leave one.
pub fn schools(
    analysis: &Analysis<'_>,
    advice: &Advice,
    rules: &Rules,
    year: Year,
    records: &View,
    sources: &mut Sources,
) -> Schools {
    let lists_of = |year: Year| -> Lists {
        let known = Role::ALL.into_iter().filter(|role| analysis.groups.lists.contains_key(&(year, *role)));
        known
            .map(|role| {
                let list = analysis.groups.list(year, role);
                (role, list.map(|group| group.schools.keys().cloned().collect::<BTreeSet<_>>()))
            })
            .collect()
    };
    let (lists, before) = (lists_of(year), lists_of(Year(year.0 - 1)));
    let wanted: BTreeSet<&SchoolCode> = lists.values().chain(before.values()).flatten().flatten().collect();
    let employed = employed(analysis, year, &wanted);
    let mut schools = BTreeMap::new();
    for code in wanted {
        let Some(school) = analysis.data.schools.get(code) else { continue };
        let mut builder = Builder { analysis, rules, school, year, records, sources };
        let mut view = builder.view(advice);
        let teachers = builder.teachers(&employed);
        let left: Vec<View> = before
            .iter()
            .filter(|(role, list)| {
                let is_in = |list: Option<&Known<BTreeSet<SchoolCode>>>| {
                    list.is_some_and(|list| list.as_ref().is_ok_and(|list| list.contains(code)))
                };
                is_in(Some(list)) && !is_in(lists.get(role))
            })
            .map(|(role, _)| builder.left(*role))
            .collect();
        if let View::Map(view) = &mut view {
            view.insert("has_left".to_owned(), View::Flag(!left.is_empty()));
            view.insert("left".to_owned(), View::List(left));
            view.insert("has_teachers".to_owned(), View::Flag(!teachers.is_empty()));
            let all = teachers.iter().map(|(_, teacher)| teacher.clone()).collect();
            view.insert("teachers".to_owned(), View::List(all));
        }
        schools.insert(
            code.clone(),
            OfSchool { view, code: code.0.to_string(), name: school.short.value.clone(), teachers },
        );
    }
    Schools { schools, lists, before }
}

struct Builder<'b, 'a> {
    analysis: &'b Analysis<'a>,
    rules: &'b Rules,
    school: &'b School,
    year: Year,
    /// Rows of registers as documents print them.
    records: &'b View,
    sources: &'b mut Sources,
}

impl Builder<'_, '_> {
    fn word(&self, key: &str) -> String {
        (self.analysis.words)(key)
    }

    fn figure(&self, part: &str, operand: &Operand, unit: Unit) -> View {
        let Operand { value, node } = operand.clone();
        let id = format!("school/{}/{part}", self.school.code);
        View::Figure(Figure { id, value, unit, rounding: self.analysis.settings.rounding.of(unit), node })
    }

    /// A figure of the advice, under the school's own id.
    fn renamed(&self, part: &str, figure: &Figure) -> View {
        View::Figure(Figure { id: format!("school/{}/{part}", self.school.code), ..figure.clone() })
    }

    fn declared(&mut self, key: &str, text: &str) -> View {
        let node = self.sources.declared(self.analysis.rules_file, key);
        View::Text(Text { value: ru::prose(text), node })
    }

    fn view(&mut self, advice: &Advice) -> View {
        let school = self.school;
        let here = self.sources.cells([school.cell]);
        let text = |value: String| View::Text(Text { value, node: here });
        let mut view: BTreeMap<String, View> = BTreeMap::new();
        let mut put = |key: &str, value: View| view.insert(key.to_owned(), value);
        put("code", text(school.code.0.to_string()));
        put("full", View::Text(school.full.clone()));
        put("short", View::Text(school.short.clone()));
        put("kind", View::Text(school.kind.clone()));
        put("grades", text(format!("{}–{}", school.grades.0, school.grades.1)));
        put("year", text(self.year.to_string()));
        put("next_year", text((self.year.0 + 1).to_string()));
        put("is_next_last", View::Flag(self.last_year() == Some(Year(self.year.0 + 1))));
        let pupils =
            self.analysis.data.school_sum(&school.code, codes::PUPILS, self.year, &Dims::default(), self.sources);
        put("has_pupils", View::Flag(matches!(pupils, Ok(Some(_)))));
        put("pupils", self.known("pupils", pupils, Unit::Count));
        put("groups", self.groups());
        put("verdicts", self.verdicts());
        put("results", self.results());
        put("indicators", self.indicators(advice));
        let own = advice.schools.get(&school.code);
        put("has_support", View::Flag(own.is_some()));
        if let Some(own) = own {
            put("is_addressed", View::Flag(own.support == SupportKind::Addressed));
            put("causes", self.causes(advice, own));
            put("has_causes", View::Flag(own.held().next().is_some()));
            put("recommendations", self.recommendations(own));
            put("has_recommendations", View::Flag(!own.recommendations.is_empty()));
            put("partner", self.partner(&own.partner));
            put("curator", self.curator(&own.curator));
        } else {
            put("is_addressed", View::Flag(false));
            put("causes", View::List(Vec::new()));
            put("has_causes", View::Flag(false));
            put("recommendations", View::List(Vec::new()));
            put("has_recommendations", View::Flag(false));
            put("partner", self.partner(&Partner::default()));
            put("curator", self.curator(&CuratorProposal::default()));
        }
        put("resources", self.resources());
        put("support", self.support());
        put("registers", self.registers());
        let requisites = self.requisites(&school.code);
        put("has_requisites", View::Flag(requisites.is_some()));
        put("requisites", requisites.unwrap_or_else(|| View::Prose(Vec::new())));
        put("membership", self.membership(advice));
        View::Map(view)
    }

    fn known(&self, part: &str, value: Known<Option<Operand>>, unit: Unit) -> View {
        match value {
            Ok(Some(operand)) => self.figure(part, &operand, unit),
            Ok(None) => View::Text(Text { value: self.word("school-no-value"), node: NodeId(0) }),
            Err(gap) => View::Gap(GapView::new(&gap, part)),
        }
    }

    /// Tells whether the school was in a group a year ago and is no more.
    fn has_left(&self, role: Role) -> bool {
        let is_in = |year: Year| {
            let list = self.analysis.groups.lists.get(&(year, role));
            list.is_some_and(|list| list.as_ref().is_ok_and(|list| list.schools.contains_key(&self.school.code)))
        };
        is_in(Year(self.year.0 - 1)) && !is_in(self.year)
    }

    /// A group of the year before that the school has left.
    fn left(&mut self, role: Role) -> View {
        let lists = self.analysis.groups.lists.get(&(Year(self.year.0 - 1), role));
        let node = lists.and_then(|list| list.as_ref().ok()?.schools.get(&self.school.code).copied());
        let node = node.unwrap_or_else(|| self.sources.cells([self.school.cell]));
        View::map([("title", View::Text(Text { value: self.analysis.group_title(role), node }))])
    }

    fn groups(&self) -> View {
        let lists = self.analysis.groups.lists.iter().filter(|((year, _), _)| *year == self.year);
        let lists = lists.filter_map(|((_, role), list)| {
            let node = *list.as_ref().ok()?.schools.get(&self.school.code)?;
            let title = Text { value: self.analysis.group_title(*role), node };
            let own = View::Flag(list.as_ref().is_ok_and(|list| list.is_own));
            Some(View::map([("title", View::Text(title)), ("is_own", own)]))
        });
        View::List(lists.collect())
    }

    /// What each criterion of the groups compared.
    fn verdicts(&mut self) -> View {
        let analysis = self.analysis;
        let mut out = Vec::new();
        for rule in analysis.methods.rules() {
            let verdicts = analysis.groups.verdicts.get(&(self.year, rule.role));
            let Some(verdict) = verdicts.and_then(|all| all.get(&self.school.code)) else { continue };
            let method = analysis.methods.method_of(rule.role).map(|method| method.id.clone()).unwrap_or_default();
            let file = (analysis.method_path)(&method);
            let verdict = match verdict {
                Ok(verdict) => verdict,
                Err(gap) => {
                    out.push(View::Gap(GapView::new(gap, lists::term(rule.role))));
                    continue;
                }
            };
            let mut criteria = Vec::new();
            for (index, (criterion, result)) in rule.criteria.iter().zip(&verdict.criteria).enumerate() {
                let node = self.sources.declared(&file, &format!("groups.criteria.{}", index + 1));
                let text = Text { value: ru::prose(&words::criterion(criterion, analysis.words)), node };
                let unit = super::tables::criterion_unit(criterion, analysis.indicators);
                let id = format!("{}/{}", lists::key(rule.role), index + 1);
                let value = result.value.as_ref();
                // A threshold of 0,5 is never printed as 1, and the value beside it has as many digits.
                let threshold = result.threshold.clone();
                let rounding = as_typed(analysis.settings.rounding.of(unit), &threshold);
                let rounding = value.map_or(rounding, |value| telling(rounding, &value.value, &threshold));
                let exact = |part: &str, operand: &Operand, unit: Unit| {
                    let id = format!("school/{}/{id}/{part}", self.school.code);
                    let Operand { value, node } = operand.clone();
                    View::Figure(Figure { id, value, unit, rounding, node })
                };
                let shown = value.map(|value| exact("value", value, unit));
                let change = match unit {
                    Unit::Percent => Some(Unit::Points),
                    Unit::Index => Some(Unit::IndexChange),
                    _ => None,
                };
                let distance = value.zip(change).map(|(value, change)| {
                    let distance = &value.value - &threshold;
                    let node = self.sources.formula(Op::Difference, vec![value.node, node], Some(distance.clone()));
                    exact("distance", &Operand { value: distance, node }, change)
                });
                let threshold = exact("threshold", &Operand { value: threshold, node }, unit);
                criteria.push(View::map([
                    ("text", View::Text(text)),
                    ("is_met", View::Flag(result.is_met)),
                    ("is_list", View::Flag(matches!(criterion, Criterion::Listed { .. }))),
                    ("has_value", View::Flag(shown.is_some())),
                    ("value", shown.unwrap_or_else(|| View::Prose(Vec::new()))),
                    ("threshold", threshold),
                    ("has_distance", View::Flag(distance.is_some())),
                    ("distance", distance.unwrap_or_else(|| View::Prose(Vec::new()))),
                ]));
            }
            let title = Text { value: analysis.group_title(rule.role), node: verdict.node };
            out.push(View::map([
                ("group", View::Text(title)),
                ("is_in", View::Flag(verdict.holds())),
                ("is_left", View::Flag(self.has_left(rule.role))),
                ("is_listed", View::Flag(false)),
                ("criteria", View::List(criteria)),
            ]));
        }
        for role in Role::ALL.into_iter().filter(|role| analysis.methods.rule(*role).is_none()) {
            out.extend(self.listed(role));
        }
        View::List(out)
    }

    /// A group that no criterion makes: on whose list the school stands, or stood a year ago.
    fn listed(&mut self, role: Role) -> Option<View> {
        let is_in = |year: Year| {
            let list = self.analysis.groups.lists.get(&(year, role));
            list.and_then(|list| list.as_ref().ok()?.schools.get(&self.school.code).copied())
        };
        let node = is_in(self.year).or_else(|| is_in(Year(self.year.0 - 1)))?;
        let is_left = is_in(self.year).is_none();
        let year = if is_left { Year(self.year.0 - 1) } else { self.year };
        let subject = Subject::School(self.school.code.clone());
        let dims = Dims { role: Some(role), ..Dims::default() };
        let question = Question { measure: codes::LISTED, subject: Some(&subject), year: Some(year), dims };
        let rows = self.analysis.data.store.select(&question).unwrap_or_default();
        let sources =
            LIST_SOURCES.into_iter().filter(|(source, _)| rows.iter().any(|row| row.dims.source == Some(*source)));
        let nothing = || View::Prose(Vec::new());
        let criteria = sources.map(|(source, _)| {
            View::map([
                ("text", View::Text(Text { value: self.word(list_word(source)), node })),
                ("is_met", View::Flag(!is_left)),
                ("is_list", View::Flag(true)),
                ("has_value", View::Flag(false)),
                ("value", nothing()),
                ("threshold", nothing()),
                ("has_distance", View::Flag(false)),
                ("distance", nothing()),
            ])
        });
        let criteria = criteria.collect();
        let title = Text { value: self.analysis.group_title(role), node };
        Some(View::map([
            ("group", View::Text(title)),
            ("is_in", View::Flag(!is_left)),
            ("is_left", View::Flag(is_left)),
            ("is_listed", View::Flag(true)),
            ("criteria", View::List(criteria)),
        ]))
    }

    /// Results of three years by procedure of the methods: participants, below the minimum, their share.
    fn results(&mut self) -> View {
        let analysis = self.analysis;
        let years: Vec<Year> = (0..YEARS).rev().map(|back| Year(self.year.0 - back)).collect();
        let node = self.sources.cells([self.school.cell]);
        let shown = years.iter().map(|year| View::Text(Text { value: year.to_string(), node })).collect();
        let (mut rows, mut charted, mut has_charts) = (Vec::new(), Vec::new(), false);
        for procedure in analysis.methods.pool() {
            let dims = procedure.dims();
            let name = words::procedure(&procedure, analysis.words);
            let (mut cells, mut has_any, mut has_below) = (Vec::new(), false, false);
            for year in &years {
                let mut sum =
                    |measure: &str| analysis.data.school_sum(&self.school.code, measure, *year, &dims, self.sources);
                let both = sum(codes::PARTICIPANTS).and_then(|all| Ok(all.zip(sum(codes::BELOW_MINIMUM)?)));
                let id = format!("results/{name}/{year}");
                let shown = View::Text(Text { value: year.to_string(), node });
                let mut cell = match both {
                    Err(gap) => View::Gap(GapView::new(&gap, &name)),
                    Ok(None) => View::map([("has_value", View::Flag(false))]),
                    Ok(Some((all, below))) => {
                        has_any = true;
                        has_below |= !below.value.is_zero();
                        let rate = below.value.percent_of(&all.value).map(|value| {
                            let inputs = vec![below.node, all.node];
                            let node = self.sources.formula(Op::Percent, inputs, Some(value.clone()));
                            self.figure(&format!("{id}/rate"), &Operand { value, node }, Unit::Percent)
                        });
                        View::map([
                            ("has_value", View::Flag(true)),
                            ("participants", self.figure(&format!("{id}/participants"), &all, Unit::Count)),
                            ("below", self.figure(&format!("{id}/below"), &below, Unit::Count)),
                            ("has_rate", View::Flag(rate.is_some())),
                            ("rate", rate.unwrap_or_else(|| View::Prose(Vec::new()))),
                        ])
                    }
                };
                if let View::Map(cell) = &mut cell {
                    cell.insert("year".to_owned(), shown);
                    for key in ["participants", "below", "rate"] {
                        cell.entry(key.to_owned()).or_insert_with(|| View::Prose(Vec::new()));
                    }
                    cell.entry("has_rate".to_owned()).or_insert(View::Flag(false));
                }
                cells.push(cell);
            }
            if has_any {
                // Works that only help to plan are told by the table; bars of nothing tell nothing.
                let is_charted = procedure.exam != Exam::Vpr && has_below;
                has_charts |= is_charted;
                charted.extend(cells.iter().filter(|_| is_charted).cloned());
                let name = View::Text(Text { value: name, node });
                let is_of_vpr = View::Flag(procedure.exam == Exam::Vpr);
                rows.push(View::map([
                    ("procedure", name),
                    ("is_of_vpr", is_of_vpr),
                    ("is_charted", View::Flag(is_charted)),
                    ("cells", View::List(cells)),
                ]));
            }
        }
        let has_rows = View::Flag(!rows.is_empty());
        let full = longest(&charted, "rate");
        View::map([
            ("years", View::List(shown)),
            ("rows", View::List(rows)),
            ("has_rows", has_rows),
            ("has_charts", View::Flag(has_charts)),
            ("full", full),
        ])
    }

    /// The indicators that have a value for the school: over the years, and the target.
    fn indicators(&mut self, advice: &Advice) -> View {
        let analysis = self.analysis;
        let years: Vec<Year> = (0..YEARS).rev().map(|back| Year(self.year.0 - back)).collect();
        let mut items = Vec::new();
        for result in analysis.indicators {
            let definition = &result.definition;
            if !analysis.group_titles.contains_key(&definition.group) {
                continue;
            }
            let Some(series) = analysis.trends.iter().find(|series| series.code == definition.code) else { continue };
            let Some((values, _)) = series.schools.get(&self.school.code) else { continue };
            if definition.numerator.as_ref().is_some_and(|one| one.is_yes_or_no()) {
                continue;
            }
            let cells = years.iter().map(|year| match values.get(year) {
                Some(value) => {
                    let part = format!("{}/{year}", definition.code);
                    View::map([("has_value", View::Flag(true)), ("value", self.figure(&part, value, definition.unit))])
                }
                None => View::map([("has_value", View::Flag(false))]),
            });
            let cells = View::List(cells.collect());
            let node = self.sources.declared(&definition.file, &definition.code);
            let text = |value: &str| View::Text(Text { value: ru::prose(value), node });
            let is_of_vpr = analysis.catalogue.is_of_vpr(&definition.code, analysis.methods);
            let mut item: BTreeMap<String, View> = [
                ("name", text(definition.of_one_school())),
                ("unit", text(&definition.unit_name)),
                ("cells", cells),
                ("is_of_vpr", View::Flag(is_of_vpr)),
            ]
            .map(|(key, view)| (key.to_owned(), view))
            .into();
            self.goals(advice, &definition.code, definition.unit, &mut item);
            items.push(View::Map(item));
        }
        View::List(items)
    }

    fn cause(&mut self, own: &SchoolAdvice, finding: &CauseFinding) -> View {
        let key = format!("causes.{}", finding.cause);
        let cause = self.rules.cause(&finding.cause);
        let level = self.word(match finding.level {
            Level::School => "advice-level-school",
            Level::Class => "advice-level-class",
            Level::Pupil => "advice-level-pupil",
        });
        let title = cause.map_or(finding.cause.as_str(), |cause| cause.title.as_str());
        let measured = cause.map(|cause| cause.measured.as_str()).unwrap_or_default();
        let noun = self.declared(&key, cause.and_then(|cause| cause.noun.as_deref()).unwrap_or(title));
        let topic = cause.and_then(|cause| cause.topic.as_deref());
        let has_topic = View::Flag(topic.is_some());
        let topic = self.declared(&key, topic.unwrap_or_default());
        let title = self.declared(&key, title);
        let level = self.declared(&key, &level);
        let measured = self.declared(&key, measured);
        let verdict = finding.verdict.as_ref().ok();
        let part = match finding.grade {
            Some(grade) => format!("cause/{}/{grade}", finding.cause),
            None => format!("cause/{}", finding.cause),
        };
        let pair = verdict.and_then(|verdict| verdict.value.as_ref().zip(verdict.threshold.as_ref()));
        let has_value = View::Flag(pair.is_some());
        let (value, threshold) = match pair {
            Some((value, threshold)) => {
                (self.renamed(&format!("{part}/value"), value), self.renamed(&format!("{part}/threshold"), threshold))
            }
            None => (View::Prose(Vec::new()), View::Prose(Vec::new())),
        };
        let limit = pair.map_or_else(
            || View::Prose(Vec::new()),
            |(_, threshold)| {
                let id = format!("school/{}/{part}/threshold", self.school.code);
                limit(cause, Figure { id, ..threshold.clone() }, self.analysis.words)
            },
        );
        let proposals = own.proposals.get(&finding.cause).cloned().unwrap_or_default();
        let proposals = self.proposals(&key, &proposals);
        // What is done, and what should have been done by now, is nothing that a programme can plan.
        let open = own.answering.get(&finding.cause).into_iter().flatten();
        let open: Vec<&Answering> = open.filter(|answer| answer.standing == Standing::Open).collect();
        let has_own = open.iter().any(|one| !self.is_for_others(one));
        let answers: Vec<View> = open.into_iter().map(|answer| self.answer(answer)).collect();
        let is_factor = cause.is_some_and(|cause| matches!(cause.ground, Ground::RiskFactor { .. }));
        View::map([
            ("title", title),
            ("noun", noun),
            ("has_topic", has_topic),
            ("topic", topic),
            ("level", level),
            ("measured", measured),
            ("has_value", has_value),
            ("value", value),
            ("threshold", threshold),
            ("limit", limit),
            ("is_of_vpr", View::Flag(finding.is_of_vpr)),
            ("is_of_partner", View::Flag(cause.is_some_and(|cause| cause.ground.is_of_partners()))),
            ("proposals", proposals),
            ("is_factor", View::Flag(is_factor)),
            ("has_answers", View::Flag(!answers.is_empty())),
            ("has_own_answers", View::Flag(has_own)),
            ("answers", View::List(answers)),
        ])
    }

    fn proposals(&mut self, key: &str, proposals: &[Proposal]) -> View {
        let view = proposals.iter().enumerate().map(|(index, proposal)| {
            let key = format!("{key}.measures.{}", index + 1);
            let responsible = self.rules.addressee(&proposal.responsible).map(|known| known.title.clone());
            let (title, term) = (self.declared(&key, &proposal.title), self.declared(&key, &proposal.term));
            let responsible = self.declared(&key, responsible.as_deref().unwrap_or(&proposal.responsible));
            View::map([("title", title), ("term", term), ("responsible", responsible)])
        });
        View::List(view.collect())
    }

    /// What answers a cause, and where it stands: decisions on staff and money are no matter of a school's own papers.
    fn answer(&self, answer: &Answering) -> View {
        let optional = |text: &Option<Text>| text.clone().map_or_else(|| View::Prose(Vec::new()), View::Text);
        View::map([
            ("title", View::Text(answer.title.clone())),
            ("has_term", View::Flag(answer.term.is_some())),
            ("term", optional(&answer.term)),
            ("has_responsible", View::Flag(answer.responsible.is_some())),
            ("responsible", optional(&answer.responsible)),
            ("is_measure", View::Flag(answer.origin == Origin::SchoolMeasure)),
            ("is_activity", View::Flag(answer.origin == Origin::Activity)),
            ("is_decision", View::Flag(answer.origin == Origin::Decision)),
            ("is_for_others", View::Flag(self.is_for_others(answer))),
        ])
    }

    /// Tells whether an answer is a decision on staff or money: it is taken above the school.
    fn is_for_others(&self, answer: &Answering) -> bool {
        let decisions = self.analysis.data.records.get("decisions").into_iter().flatten();
        let own = decisions
            .filter(|record| record.texts.get("decision").is_some_and(|decision| decision.node == answer.title.node));
        let mut subjects = own.filter_map(|record| record.texts.get("subject"));
        answer.origin == Origin::Decision && subjects.any(|text| matches!(text.value.as_str(), "staff" | "money"))
    }

    /// Recommendations by addressee, in the order of the rules.
    fn recommendations(&mut self, own: &SchoolAdvice) -> View {
        let mut out = Vec::new();
        for addressee in &self.rules.addressees {
            let of = own.recommendations.iter().filter(|given| given.addressee == addressee.id);
            let items: Vec<View> = of
                .map(|given| {
                    let key = format!("causes.{}", given.cause);
                    let title = self.rules.cause(&given.cause).map(|cause| cause.title.clone()).unwrap_or_default();
                    let (text, cause) = (self.declared(&key, &given.text), self.declared(&key, &title));
                    let term = given.terms.first().map(|term| self.declared(&key, term));
                    View::map([
                        ("text", text),
                        ("cause", cause),
                        ("has_term", View::Flag(term.is_some())),
                        ("term", term.unwrap_or_else(|| View::Prose(Vec::new()))),
                    ])
                })
                .collect();
            if items.is_empty() {
                continue;
            }
            let title = self.declared(&format!("addressees.{}", addressee.id), &addressee.title);
            out.push(View::map([("addressee", title), ("items", View::List(items))]));
        }
        View::List(out)
    }

    /// The rows of registers that speak of the school, by register.
    fn registers(&mut self) -> View {
        let View::Map(all) = self.records else { return View::Map(BTreeMap::new()) };
        let is_own = |row: &&View| match row {
            View::Map(entries) => match entries.get("school") {
                Some(View::Text(text)) => text.value == self.school.code.0,
                _ => false,
            },
            _ => false,
        };
        let mut out = BTreeMap::new();
        // A sheet that nobody keeps has no rows of the school.
        for spec in SHEETS {
            let key = spec.id.replace('-', "_");
            out.insert(format!("has_{key}"), View::Flag(false));
            out.insert(key, View::List(Vec::new()));
        }
        for (sheet, rows) in all {
            let key = sheet.replace('-', "_");
            let mut rows: Vec<View> = match rows {
                View::List(rows) => rows.iter().filter(is_own).cloned().collect(),
                _ => Vec::new(),
            };
            if sheet == MEASURES {
                rows.retain(is_open);
            }
            out.insert(format!("has_{key}"), View::Flag(!rows.is_empty()));
            out.insert(key, View::List(rows));
        }
        if let Some(View::List(mut factors)) = out.remove("risk_profile") {
            let measures = match out.get("school_measures") {
                Some(View::List(rows)) => rows.clone(),
                _ => Vec::new(),
            };
            factors.iter_mut().for_each(|factor| self.against(factor, &measures));
            out.insert("risk_profile".to_owned(), View::List(factors));
        }
        View::Map(out)
    }

    /// Adds to a factor of the risk profile what the school does against it, and what the rules propose.
    fn against(&mut self, factor: &mut View, measures: &[View]) {
        let View::Map(factor) = factor else { return };
        let text = |entries: &BTreeMap<String, View>, key: &str| match entries.get(key) {
            Some(View::Text(text)) => ru::fold(&text.value),
            _ => String::new(),
        };
        let named = text(factor, "factor");
        let is_of = |ground: &Ground| matches!(ground, Ground::RiskFactor { factor, .. } if ru::fold(factor) == named);
        let causes: Vec<_> = self.rules.causes.iter().filter(|cause| is_of(&cause.ground)).collect();
        let is_against = |measure: &&View| {
            let View::Map(measure) = measure else { return false };
            let deficits = text(measure, "deficit");
            let mut deficits = deficits.split(';').map(str::trim);
            deficits.any(|one| {
                one == named || causes.iter().any(|cause| ru::fold(&cause.id) == one || ru::fold(&cause.title) == one)
            })
        };
        let own: Vec<View> = measures.iter().filter(is_against).cloned().collect();
        let proposals: Vec<View> = causes
            .iter()
            .flat_map(|cause| match self.proposals(&format!("causes.{}", cause.id), &cause.measures) {
                View::List(proposals) => proposals,
                _ => Vec::new(),
            })
            .collect();
        factor.insert("has_measures".to_owned(), View::Flag(!own.is_empty()));
        factor.insert("measures".to_owned(), View::List(own));
        factor.insert("has_proposals".to_owned(), View::Flag(!proposals.is_empty()));
        factor.insert("proposals".to_owned(), View::List(proposals));
    }

    fn membership(&mut self, advice: &Advice) -> View {
        let own = advice.membership.as_ref().ok().and_then(|all| all.get(&self.school.code));
        let Some(own) = own else {
            let no =
                ["has_effect", "is_better", "is_included", "is_continued", "is_excluded", "is_undecided", "has_years"];
            let mut nothing: BTreeMap<String, View> =
                no.into_iter().map(|key| (key.to_owned(), View::Flag(false))).collect();
            nothing.insert("years".to_owned(), View::List(Vec::new()));
            return View::Map(nothing);
        };
        let has_years = View::Flag(!own.listed.is_empty());
        let here = self.sources.cells([self.school.cell]);
        let years = own.listed.iter().map(|(year, nodes)| {
            let node = nodes.first().copied().unwrap_or(here);
            View::Text(Text { value: year.to_string(), node })
        });
        let years = View::List(years.collect());
        let (has_effect, before, after, is_better) = match &own.effect {
            Ok(effect) => {
                let (before, after) =
                    (self.renamed("effect/before", &effect.before), self.renamed("effect/after", &effect.after));
                (true, before, after, effect.is_better)
            }
            Err(_) => (false, View::Prose(Vec::new()), View::Prose(Vec::new()), false),
        };
        let is = |one: Move| View::Flag(own.next == one);
        let stays = matches!(own.next, Move::Continue | Move::ContinueNotBetter | Move::ContinueOutTooShort);
        View::map([
            ("years", years),
            ("has_years", has_years),
            ("has_effect", View::Flag(has_effect)),
            ("before", before),
            ("after", after),
            ("is_better", View::Flag(is_better)),
            ("is_included", is(Move::Include)),
            ("is_continued", View::Flag(stays)),
            ("is_excluded", is(Move::Exclude)),
            ("is_undecided", is(Move::Undecided)),
        ])
    }
}
