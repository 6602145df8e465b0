//! How things changed: lists and results over three years, results by school, before and after support, best growth.
//! In: the analysis and what follows from it. Out: the view `dynamics`. Counts of pupils that are small by the rules of
//! disclosure, and those that would tell of them, are hidden: reports are read by many.

use std::collections::{BTreeMap, BTreeSet};

use super::{Analysis, GapView, View, words};
use crate::advice::Advice;
use crate::disclosure::{Count, Counted, Relation, protect};
use crate::figure::{Figure, Unit};
use crate::groups::ProcedureId;
use crate::measure::Measure;
use crate::model::{Dims, Exam, Gap, Known, Operand, Question, Role, SchoolCode, Text, Year, codes};
use crate::provenance::{NodeId, Op, Sources};
use crate::sheets::lists;

/// Fewest schools that a chart shows.
const FEWEST_BARS: usize = 3;
/// Years that the tables show.
const YEARS: i32 = 3;

/// Builds the view.
pub fn dynamics(analysis: &Analysis<'_>, advice: &Advice, year: Year, sources: &mut Sources) -> View {
    let years = (0..YEARS).rev().map(|back| Year(year.0 - back)).collect();
    let mut builder = Builder { analysis, year, years, sources };
    let shown = builder.years.clone().into_iter().map(|year| builder.told(&year.to_string()));
    let shown: Vec<View> = shown.collect();
    let (procedures, spread) = builder.procedures();
    let effects = builder.effects(advice);
    let rows = |views: &[View]| views.iter().flat_map(|view| rows_of(view, "cells")).cloned().collect::<Vec<_>>();
    let full = longest(&rows(&procedures), "rate");
    let charted = spread.iter().filter(|one| is_on(one, "has_chart"));
    let charted: Vec<View> = charted.flat_map(|one| rows_of(one, "schools")).cloned().collect();
    let full_of_spread = longest(&charted, "rate");
    View::map([
        ("full", full),
        ("full_of_spread", full_of_spread),
        ("years", View::List(shown)),
        ("lists", builder.lists()),
        ("procedures", View::List(procedures)),
        ("spread", View::List(spread)),
        ("has_effects", View::Flag(!effects.is_empty())),
        ("effects", View::List(effects)),
        ("growth", builder.growth(advice)),
    ])
}

/// The longest bar of charts that have one scale: the greatest of the figures under a key, and whether there is one.
pub(super) fn longest(rows: &[View], key: &str) -> View {
    let figures = rows.iter().filter_map(|row| match row {
        View::Map(row) => row.get(key),
        _ => None,
    });
    let figures = figures.filter_map(|view| if let View::Figure(figure) = view { Some(figure) } else { None });
    let greatest = figures.max_by(|a, b| a.value.cmp(&b.value)).cloned();
    let is_known = View::Flag(greatest.is_some());
    View::map([("is_known", is_known), ("bar", greatest.map_or_else(|| View::Prose(Vec::new()), View::Figure))])
}

fn rows_of<'v>(view: &'v View, key: &str) -> &'v [View] {
    match view {
        View::Map(entries) => match entries.get(key) {
            Some(View::List(rows)) => rows,
            _ => &[],
        },
        _ => &[],
    }
}

fn is_on(view: &View, key: &str) -> bool {
    matches!(view, View::Map(entries) if entries.get(key) == Some(&View::Flag(true)))
}

struct Builder<'b, 'a> {
    analysis: &'b Analysis<'a>,
    year: Year,
    years: Vec<Year>,
    sources: &'b mut Sources,
}

/// Counts of a school or of all: participants, below the minimum.
type Counts = (Operand, Operand);

impl Builder<'_, '_> {
    /// A text of the program about the reported year.
    fn told(&self, text: &str) -> View {
        View::Text(Text { value: text.to_owned(), node: self.analysis.year.node })
    }

    fn figure(&self, id: String, operand: Operand, unit: Unit) -> View {
        let rounding = self.analysis.settings.rounding.of(unit);
        View::Figure(Figure { id, value: operand.value, unit, rounding, node: operand.node })
    }

    fn counted(&mut self, nodes: Vec<NodeId>) -> Operand {
        let value = Measure::from(nodes.len());
        let node = self.sources.formula(Op::Count, nodes, Some(value.clone()));
        Operand { value, node }
    }

    fn percent(&mut self, part: &Operand, whole: &Operand) -> Option<Operand> {
        let value = part.value.percent_of(&whole.value)?;
        let node = self.sources.formula(Op::Percent, vec![part.node, whole.node], Some(value.clone()));
        Some(Operand { value, node })
    }

    fn sum(&mut self, operands: &[&Operand]) -> Operand {
        let value: Measure = operands.iter().map(|one| one.value.clone()).sum();
        let nodes = operands.iter().map(|one| one.node).collect();
        let node = self.sources.formula(Op::Sum, nodes, Some(value.clone()));
        Operand { value, node }
    }

    /// How many schools each list had in each year.
    fn lists(&mut self) -> View {
        let history = self.analysis.history;
        let known = Role::ALL.into_iter().filter(|role| history.known.contains_key(role));
        let roles: Vec<Role> = known.collect();
        let mut out = Vec::new();
        for role in roles {
            let cells = self.years.clone().into_iter().map(|year| self.list(role, year)).collect();
            out.push(View::map([("title", self.told(&self.analysis.group_title(role))), ("cells", View::List(cells))]));
        }
        View::List(out)
    }

    fn list(&mut self, role: Role, year: Year) -> View {
        let analysis = self.analysis;
        let nodes: Known<Option<Vec<NodeId>>> = match analysis.groups.lists.get(&(year, role)) {
            Some(Ok(list)) => Ok(Some(list.schools.values().copied().collect())),
            Some(Err(gap)) => Err(gap.clone()),
            None => Ok(self.kept(role, year)),
        };
        let shown = self.told(&year.to_string());
        let nodes = match nodes {
            Ok(Some(nodes)) => nodes,
            Ok(None) => return View::map([("year", shown), ("has_value", View::Flag(false))]),
            Err(gap) => return View::Gap(GapView::new(&gap, lists::term(role))),
        };
        let count = match nodes.is_empty() {
            // A count of nothing stands on the register of schools.
            true => Operand { value: Measure::default(), node: analysis.year.node },
            false => self.counted(nodes),
        };
        let all = analysis.data.schools.values().filter(|school| school.is_counted && school.exists_at_end_of(year));
        let all: Vec<NodeId> = all.map(|school| self.sources.cells([school.cell])).collect();
        let whole = self.counted(all);
        let id = format!("dynamics/list/{}/{year}", lists::key(role));
        let rate = self.percent(&count, &whole);
        View::map([
            ("year", shown),
            ("has_value", View::Flag(rate.is_some())),
            ("count", self.figure(id.clone(), count, Unit::Count)),
            ("rate", rate.map_or(View::Flag(false), |rate| self.figure(format!("{id}/rate"), rate, Unit::Percent))),
        ])
    }

    /// The schools of a list of an earlier year: of the workbooks' lists or of what was kept.
    fn kept(&mut self, role: Role, year: Year) -> Option<Vec<NodeId>> {
        let analysis = self.analysis;
        analysis.history.known.get(&role).filter(|years| years.contains(&year))?;
        let on = analysis.history.years.iter().filter(|((of, _), years)| *of == role && years.contains(&year));
        let codes: BTreeSet<&SchoolCode> = on.map(|((_, code), _)| code).collect();
        let dims = Dims { role: Some(role), ..Dims::default() };
        let question = Question { measure: codes::LISTED, subject: None, year: Some(year), dims };
        let mut rows: BTreeMap<&SchoolCode, NodeId> = BTreeMap::new();
        for row in analysis.data.store.matching(&question) {
            if let crate::model::Subject::School(code) = &row.subject {
                let node = self.sources.cells([row.cell]);
                rows.insert(code, node);
            }
        }
        let of_school = |code: &&SchoolCode| {
            let school = analysis.data.schools.get(*code);
            rows.get(*code).copied().or_else(|| school.map(|school| self.sources.cells([school.cell])))
        };
        Some(codes.iter().filter_map(of_school).collect())
    }

    /// The procedures of the methods over the years, and the reported year of each by school.
    fn procedures(&mut self) -> (Vec<View>, Vec<View>) {
        let (mut over_years, mut spread) = (Vec::new(), Vec::new());
        for procedure in self.analysis.methods.pool() {
            let name = words::procedure(&procedure, self.analysis.words);
            let (mut cells, mut has_any) = (Vec::new(), false);
            for year in self.years.clone() {
                let by_school = self.by_school(&procedure, year);
                let id = format!("dynamics/{name}/{year}");
                let cell = match by_school {
                    Err(gap) => View::Gap(GapView::new(&gap, &name)),
                    Ok(by_school) => {
                        let hidden = self.hidden(&by_school);
                        // Results of проверочные работы put no school beside another.
                        if year == self.year && procedure.exam != Exam::Vpr {
                            spread.extend(self.spread(&procedure, &name, &by_school, &hidden));
                        }
                        let cell = self.whole(&id, year, &by_school, hidden.contains(TOTAL));
                        has_any |= matches!(&cell, View::Map(cell) if cell.get("has_rate") == Some(&View::Flag(true)));
                        cell
                    }
                };
                cells.push(cell);
            }
            if has_any {
                let is_of_vpr = View::Flag(procedure.exam == Exam::Vpr);
                let name = self.told(&name);
                over_years.push(View::map([("name", name), ("is_of_vpr", is_of_vpr), ("cells", View::List(cells))]));
            }
        }
        (over_years, spread)
    }

    /// What the schools that count have of a procedure in a year.
    fn by_school(&mut self, procedure: &ProcedureId, year: Year) -> Known<BTreeMap<SchoolCode, Counts>> {
        let data = self.analysis.data;
        let dims = procedure.dims();
        let (mut found, mut gap) = (BTreeMap::new(), Gap::default());
        for school in data.schools.values().filter(|school| school.is_counted && school.exists_at_end_of(year)) {
            let mut sum = |measure: &str| data.school_sum(&school.code, measure, year, &dims, self.sources);
            match sum(codes::PARTICIPANTS).and_then(|all| Ok(all.zip(sum(codes::BELOW_MINIMUM)?))) {
                Ok(Some(counts)) => {
                    found.insert(school.code.clone(), counts);
                }
                Ok(None) => {}
                Err(why) => gap = gap.and(&why),
            }
        }
        if gap.reasons.is_empty() { Ok(found) } else { Err(gap) }
    }

    /// The schools of which the number below the minimum must not be told, and [`TOTAL`] where the sum would tell it.
    fn hidden(&self, by_school: &BTreeMap<SchoolCode, Counts>) -> BTreeSet<String> {
        let rules = &self.analysis.settings.disclosure;
        let count = |value: &Measure| Count { value: value.clone(), of: Counted::Pupils };
        let shown =
            by_school.iter().filter(|(_, (participants, _))| !rules.is_small(&participants.value, Counted::Pupils));
        let mut counts: BTreeMap<String, Count> =
            shown.map(|(code, (_, below))| (code.0.to_string(), count(&below.value))).collect();
        let total: Measure = by_school.values().map(|(_, below)| below.value.clone()).sum();
        // The sum of the municipality is hidden only where it would tell of a school.
        counts.insert(TOTAL.to_owned(), Count { value: total, of: Counted::Others });
        let parts = by_school.keys().map(|code| code.0.to_string()).collect();
        protect(&counts, &[Relation::Sum { total: TOTAL.to_owned(), parts }], rules)
    }

    /// The municipality in a year.
    fn whole(&mut self, id: &str, year: Year, by_school: &BTreeMap<SchoolCode, Counts>, is_hidden: bool) -> View {
        let shown = self.told(&year.to_string());
        let participants = self.sum(&by_school.values().map(|(all, _)| all).collect::<Vec<_>>());
        let below = self.sum(&by_school.values().map(|(_, below)| below).collect::<Vec<_>>());
        let rate = self.percent(&below, &participants).filter(|_| !is_hidden);
        let Some(rate) = rate else {
            return View::map([("year", shown), ("has_rate", View::Flag(false))]);
        };
        View::map([
            ("year", shown),
            ("has_rate", View::Flag(true)),
            ("participants", self.figure(format!("{id}/participants"), participants, Unit::Count)),
            ("below", self.figure(format!("{id}/below"), below, Unit::Count)),
            ("rate", self.figure(format!("{id}/rate"), rate, Unit::Percent)),
        ])
    }

    /// A procedure of the reported year by school, in the order of the register; schools with too few participants for
    /// the method are left out.
    fn spread(
        &mut self,
        procedure: &ProcedureId,
        name: &str,
        by_school: &BTreeMap<SchoolCode, Counts>,
        hidden: &BTreeSet<String>,
    ) -> Option<View> {
        let rules = self.analysis.methods.rules();
        let cohort =
            rules.filter(|rule| rule.each_procedure().any(|one| one == *procedure)).map(|rule| rule.min_cohort);
        let cohort = Measure::from(cohort.max().unwrap_or(1));
        let disclosure = self.analysis.settings.disclosure;
        let mut schools = Vec::new();
        for (code, (participants, below)) in by_school {
            if participants.value < cohort || disclosure.is_small(&participants.value, Counted::Pupils) {
                continue;
            }
            let Some(school) = self.analysis.data.schools.get(code) else { continue };
            let Some(rate) = self.percent(below, participants) else { continue };
            let is_hidden = hidden.contains(code.0.as_str());
            let id = format!("dynamics/{name}/{}/{code}", self.year);
            let figure = |part: &str, operand: &Operand, unit| match is_hidden {
                true => View::Prose(Vec::new()),
                false => self.figure(format!("{id}/{part}"), operand.clone(), unit),
            };
            schools.push(View::map([
                ("short", View::Text(school.short.clone())),
                ("is_hidden", View::Flag(is_hidden)),
                ("below", figure("below", below, Unit::Count)),
                ("rate", figure("rate", &rate, Unit::Percent)),
                ("participants", self.figure(format!("{id}/participants"), participants.clone(), Unit::Count)),
            ]));
        }
        let shown = schools.iter().filter(|one| !is_on(one, "is_hidden")).count();
        (shown > 0).then(|| {
            View::map([
                ("name", self.told(name)),
                ("has_chart", View::Flag(shown >= FEWEST_BARS)),
                ("schools", View::List(schools)),
            ])
        })
    }

    /// Results before support and after it, of schools of which both can be told.
    fn effects(&mut self, advice: &Advice) -> Vec<View> {
        let Ok(membership) = &advice.membership else { return Vec::new() };
        let found = membership.iter().filter_map(|(code, own)| {
            let (school, effect) = (self.analysis.data.schools.get(code)?, own.effect.as_ref().ok()?);
            let renamed = |part: &str, figure: &Figure| {
                View::Figure(Figure { id: format!("dynamics/effect/{code}/{part}"), ..figure.clone() })
            };
            Some(View::map([
                ("short", View::Text(school.short.clone())),
                ("before", renamed("before", &effect.before)),
                ("after", renamed("after", &effect.after)),
                ("is_better", View::Flag(effect.is_better)),
            ]))
        });
        found.collect()
    }

    /// The best growth, by the rules of the municipality; schools between which nothing finer can be said share a place.
    fn growth(&mut self, advice: &Advice) -> View {
        let places = || advice.best.iter().flat_map(|best| &best.places);
        // One place for all tells nothing.
        let has_place = places().count() > 1;
        let mut rows = Vec::new();
        for (index, place) in places().enumerate() {
            let mut place: Vec<_> = place.iter().collect();
            place.sort_by(|one, other| other.by.value.cmp(&one.by.value));
            for growth in place {
                let Some(school) = self.analysis.data.schools.get(&growth.school) else { continue };
                let code = &growth.school;
                let renamed = |part: &str, figure: &Figure| {
                    View::Figure(Figure { id: format!("dynamics/growth/{code}/{part}"), ..figure.clone() })
                };
                rows.push(View::map([
                    ("has_place", View::Flag(has_place)),
                    ("place", self.told(&(index + 1).to_string())),
                    ("short", View::Text(school.short.clone())),
                    ("before", renamed("before", &growth.effect.before)),
                    ("after", renamed("after", &growth.effect.after)),
                    ("growth", renamed("by", &growth.by)),
                ]));
            }
        }
        View::List(rows)
    }
}

/// The sum of a procedure among the schools.
const TOTAL: &str = "*";
