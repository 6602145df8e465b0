//! The groups of the year: how many schools, which, by what criteria, against which base and targets.

use std::collections::BTreeMap;

use super::super::{GapView, View, words};
use super::{Builder, both, term_key};
use crate::diag::{Diagnostic, Place};
use crate::figure::{Figure, Unit};
use crate::groups::{Criterion, GroupRule, Needs};
use crate::indicators::{self, Coverage};
use crate::measure::Measure;
use crate::model::{Dims, Gap, Known, ListSource, Operand, Question, Role, SchoolCode, Target, Text, Year, codes};
use crate::provenance::{NodeId, Op};
use crate::ru;
use crate::sheets::lists;

/// A list of schools to be printed.
struct List<'t> {
    key: &'t str,
    title: &'t str,
    is_own: bool,
    /// The roles whose lists it is made of.
    roles: &'t [Role],
    schools: BTreeMap<SchoolCode, NodeId>,
}

/// Whose lists there are, with the words for being on one of them.
pub(in crate::context) const LIST_SOURCES: [(ListSource, &str); 3] = [
    (ListSource::Federal, "listed-federal"),
    (ListSource::Region, "listed-region"),
    (ListSource::Municipality, "listed-municipality"),
];

/// The key of the words for being on a list.
pub(in crate::context) fn list_word(source: ListSource) -> &'static str {
    LIST_SOURCES.iter().find(|(known, _)| *known == source).map_or("listed-municipality", |(_, word)| *word)
}

impl Builder<'_> {
    pub(super) fn groups(&mut self) {
        let year = self.year();
        let total = self.total();
        let what = self.word("gap-schools");
        let total_figure =
            total.clone().map(|total| self.figure("school-count".to_owned(), total.value, Unit::Count, total.node));
        let without = self.left_out(year);
        self.put(
            "schools",
            View::map([
                ("count", View::figure(total_figure, &what)),
                ("has_left_out", View::Flag(without.is_some())),
                ("without", without.map_or(View::Flag(false), View::Text)),
            ]),
        );
        for (key, role) in [("disadvantaged", Role::Disadvantaged), ("leaders", Role::HighPerforming)] {
            let what = self.word(&format!("gap-{key}"));
            let view = match self.analysis.groups.list(year, role).cloned() {
                Ok(group) => {
                    let count = self.count_of(&group.schools);
                    let figure = self.figure(format!("{key}-count/{year}"), count.value, Unit::Count, count.node);
                    View::map([("count", View::Figure(figure)), ("schools", self.schools_of(&group.schools))])
                }
                Err(gap) => View::Gap(GapView::new(&gap, &what)),
            };
            self.put(key, view);
        }
        let low = self.low(year, &total);
        self.put("low", View::Map(low));
        self.lists(year, &total);
    }

    /// Every list of the year: in the order of roles, and by the key of the role.
    fn lists(&mut self, year: Year, total: &Known<Operand>) {
        let (mut all, mut by_role) = (Vec::new(), BTreeMap::new());
        for role in Role::ALL {
            if !self.analysis.groups.lists.contains_key(&(year, role)) {
                continue;
            }
            let title = &self.analysis.group_title(role);
            let view = match self.analysis.groups.list(year, role).cloned() {
                Err(gap) => View::Gap(GapView::new(&gap, title)),
                Ok(group) => {
                    let (is_own, schools) = (group.is_own, group.schools);
                    let list = List { key: lists::key(role), title, is_own, roles: &[role], schools };
                    self.list(&list, year, total)
                }
            };
            by_role.insert(lists::key(role).replace('-', "_"), view.clone());
            all.push(view);
        }
        by_role.insert("low_and_disadvantaged".to_owned(), self.low_and_disadvantaged(year, total));
        self.put("groups", View::List(all));
        self.put("group_of", View::Map(by_role));
    }

    /// Schools that are both stand in no list of a role: whom a municipality helps first.
    fn low_and_disadvantaged(&mut self, year: Year, total: &Known<Operand>) -> View {
        let groups = self.analysis.groups;
        let both = both(&groups.list(year, Role::LowPerforming), &groups.list(year, Role::Disadvantaged));
        let title = self.word("low-and-disadvantaged");
        match both {
            Err(gap) => View::Gap(GapView::new(&gap, &title)),
            Ok((low, disadvantaged)) => {
                let mut schools = BTreeMap::new();
                for (code, node) in &low.schools {
                    let Some(other) = disadvantaged.schools.get(code).copied() else { continue };
                    schools.insert(code.clone(), self.sources.formula(Op::Derived, vec![*node, other], None));
                }
                let is_own = low.is_own && disadvantaged.is_own;
                let roles = &[Role::LowPerforming, Role::Disadvantaged];
                let list = List { key: "low-and-disadvantaged", title: &title, is_own, roles, schools };
                self.list(&list, year, total)
            }
        }
    }

    fn list(&mut self, list: &List<'_>, year: Year, total: &Known<Operand>) -> View {
        let (key, title) = (list.key, list.title);
        let count = self.count_of(&list.schools);
        let node = count.node;
        let figure = self.figure(format!("list/{key}/{year}"), count.value, Unit::Count, count.node);
        let rate = total.clone().and_then(|total| {
            // Said once already, where there are no schools at all.
            if total.value.is_zero() {
                return Err(Gap::default());
            }
            let part = Operand { value: figure.value.clone(), node };
            self.rate(format!("list-rate/{key}/{year}"), &part, &total)
        });
        let coverage = self.results_coverage(year, list.roles).filter(|_| list.is_own);
        let (count, rate) = (View::Figure(figure), View::figure(rate, title));
        let share = self.share(&count, &rate, coverage.as_ref());
        let covered = self.coverage_views(coverage.as_ref());
        let mut view: BTreeMap<String, View> = covered.into_iter().collect();
        let View::Map(rest) = View::map([
            ("title", View::Text(Text { value: title.to_owned(), node })),
            ("term", self.term(key, "", title)),
            ("term_gen", self.term(key, "-gen", title)),
            ("count", count),
            ("rate", rate),
            ("share", share),
            ("has_schools", View::Flag(!list.schools.is_empty())),
            ("schools", self.schools_of(&list.schools)),
            ("is_own", View::Flag(list.is_own)),
            ("is_federal", View::Flag(self.is_list_from(ListSource::Federal, list.roles, year))),
            ("is_regional", View::Flag(self.is_list_from(ListSource::Region, list.roles, year))),
        ]) else {
            return View::Map(view);
        };
        view.extend(rest);
        View::Map(view)
    }

    /// Whether lists of these roles hold rows that came from a source.
    fn is_list_from(&self, source: ListSource, roles: &[Role], year: Year) -> bool {
        roles.iter().any(|role| {
            let dims = Dims { role: Some(*role), ..Dims::default() };
            let question = Question { measure: codes::LISTED, subject: None, year: Some(year), dims };
            let rows = self.analysis.data.store.select(&question);
            rows.is_ok_and(|rows| rows.iter().any(|row| row.dims.source == Some(source)))
        })
    }

    /// How documents call a group; its short title where they have no term.
    fn term(&mut self, role: &str, case: &str, title: &str) -> View {
        let key = format!("{}{case}", term_key(role));
        let node = self.sources.declared("templates/terms.toml", &key);
        let value = self.analysis.terms.get(&key).map_or_else(|| title.to_owned(), Clone::clone);
        View::Text(Text { value, node })
    }

    fn low(&mut self, year: Year, total: &Known<Operand>) -> BTreeMap<String, View> {
        let what = self.word("gap-low-list");
        let group = self.analysis.groups.list(year, Role::LowPerforming).cloned();
        let count = group.as_ref().map_err(Clone::clone).map(|group| self.count_of(&group.schools));
        let rate = both(&count, total).and_then(|(count, total)| self.rate(format!("low-rate/{year}"), &count, &total));
        let mut low = BTreeMap::new();
        let count_figure =
            count.clone().map(|count| self.figure(format!("low-count/{year}"), count.value, Unit::Count, count.node));
        low.insert("count".to_owned(), View::figure(count_figure.clone(), &what));
        low.insert("rate".to_owned(), View::figure(rate.clone(), &what));
        let schools = match &group {
            Ok(group) => self.schools_of(&group.schools),
            Err(gap) => View::Gap(GapView::new(gap, &what)),
        };
        low.insert("schools".to_owned(), schools);
        low.insert(
            "is_own_list".to_owned(),
            match &group {
                Ok(group) => View::Flag(group.is_own),
                Err(gap) => View::Gap(GapView::new(gap, &what)),
            },
        );
        let threshold_node = self.sources.declared(self.analysis.method_file, "groups.threshold");
        let rule = self.analysis.methods.rule(Role::LowPerforming);
        let threshold = rule.and_then(GroupRule::threshold).unwrap_or_default();
        let figure = self.figure("low-threshold".to_owned(), threshold, Unit::Percent, threshold_node);
        low.insert("threshold".to_owned(), View::Figure(figure));
        let criteria = rule.iter().flat_map(|rule| &rule.criteria);
        let mut counts = criteria.filter_map(|criterion| match criterion {
            Criterion::ProceduresInYear { count, .. } => Some(*count),
            _ => None,
        });
        let arm_count = counts.next();
        if let Some(arm_count) = arm_count {
            let node = self.sources.declared(self.analysis.method_file, "groups.criteria.count");
            let figure = self.figure("low-arm-count".to_owned(), Measure::from(arm_count), Unit::Count, node);
            low.insert("arm_count".to_owned(), View::Figure(figure));
        }
        let is_own = group.as_ref().is_ok_and(|group| group.is_own);
        let coverage = self.results_coverage(year, &[Role::LowPerforming]).filter(|_| is_own);
        low.extend(self.coverage_views(coverage.as_ref()));
        let (count_view, rate_view) = (View::figure(count_figure.clone(), &what), View::figure(rate.clone(), &what));
        low.insert("share".to_owned(), self.share(&count_view, &rate_view, coverage.as_ref()));
        low.insert("covered_rate".to_owned(), self.covered(rate_view, coverage.as_ref()));
        if self.has_low_targets() {
            let base = self.base(year, &count, &rate, &count_figure);
            low.insert("base".to_owned(), base);
            self.low_targets(total, &mut low);
        } else {
            for key in ["base", "targets", "target"] {
                low.insert(key.to_owned(), View::Gap(GapView::new(&Gap::default(), &what)));
            }
        }
        low
    }

    /// Tells whether anything asks for base and targets of the share of low-performing schools: the catalogue, the sheet
    /// of targets, or a text. Where nothing does, nothing is missing.
    fn has_low_targets(&self) -> bool {
        let data = self.analysis.data;
        self.analysis.catalogue.get(codes::LOW_RATE).is_some()
            || data.targets.iter().any(|target| target.code == codes::LOW_RATE)
            || data.texts.values().flatten().any(|(_, text)| text.value.contains("{low-target"))
    }

    /// On how many schools a computed list stands, when some have no results with leave; `None` for lists that are not
    /// computed from results.
    fn results_coverage(&mut self, year: Year, roles: &[Role]) -> Option<Coverage> {
        let rules = roles.iter().filter_map(|role| self.analysis.methods.rule(*role));
        if !rules.flat_map(|rule| &rule.criteria).any(Criterion::reads_results) {
            return None;
        }
        let data = self.analysis.data;
        let counted = self.counted(year);
        let leave = |code: &SchoolCode| data.leave(code, &[codes::PARTICIPANTS, codes::BELOW_MINIMUM], year);
        let rounding = self.analysis.settings.rounding;
        indicators::cover(&format!("{}/{year}", codes::LOW_RATE), &counted, leave, rounding, self.sources)
    }

    /// The base of the low share: computed, and held against what the targets sheet says.
    fn base(&mut self, year: Year, count: &Known<Operand>, rate: &Known<Figure>, count_figure: &Known<Figure>) -> View {
        let typed = self.analysis.data.targets.iter().find(|target| target.code == codes::LOW_RATE && target.is_base);
        let what = self.word("gap-base");
        let mut gap = None;
        if let (Some(Target { year: base_year, value: Some(Ok(value)), .. }), Ok(count)) = (typed, count)
            && (*base_year != year || value.value != count.value)
        {
            let place = self.sources.place_of(value.node);
            let finding = Diagnostic::error("base-differs", place)
                .with("base", value.value.to_string())
                .with("base-year", base_year.to_string())
                .with("computed", count.value.to_string())
                .with("year", year.to_string());
            gap = Some(Gap::because(self.diagnostics.push(finding)));
        }
        match gap {
            Some(gap) => View::Gap(GapView::new(&gap, &what)),
            None => View::map([
                ("year", self.root.get("year").cloned().unwrap_or(View::Flag(false))),
                ("count", View::figure(count_figure.clone(), &what)),
                ("rate", View::figure(rate.clone(), &what)),
            ]),
        }
    }

    fn low_targets(&mut self, total: &Known<Operand>, low: &mut BTreeMap<String, View>) {
        let what = self.word("gap-targets");
        // A row that could not be read may be any of the targets.
        if let Err(gap) = self.analysis.data.sheet("targets") {
            for key in ["targets", "target"] {
                low.insert(key.to_owned(), View::Gap(GapView::new(&gap, &what)));
            }
            return;
        }
        let targets: Vec<Target> = self
            .analysis
            .data
            .targets
            .iter()
            .filter(|target| target.code == codes::LOW_RATE && !target.is_base)
            .cloned()
            .collect();
        let mut views = Vec::new();
        for target in &targets {
            let year = target.year;
            let year_node = self.sources.cells([target.cell]);
            let year_figure =
                self.figure(format!("low-target-year/{year}"), Measure::from(i64::from(year.0)), Unit::Year, year_node);
            let value = match &target.value {
                Some(value) => value.clone(),
                None => Err(Gap::because(
                    self.diagnostics
                        .push(Diagnostic::error("target-without-value", Place::Run).with("year", year.to_string())),
                )),
            };
            let rate = both(&value, total)
                .and_then(|(part, whole)| self.rate(format!("low-target-rate/{year}"), &part, &whole));
            let count = value
                .map(|value| self.figure(format!("low-target-count/{year}"), value.value, Unit::Count, value.node));
            views.push(View::map([
                ("year", View::Figure(year_figure)),
                ("count", View::figure(count, &what)),
                ("rate", View::figure(rate, &what)),
            ]));
        }
        if views.is_empty() {
            let gap = Gap::because(
                self.diagnostics.push(Diagnostic::error("no-target", Place::Run).with("code", codes::LOW_RATE)),
            );
            low.insert("targets".to_owned(), View::Gap(GapView::new(&gap, &what)));
            low.insert("target".to_owned(), View::Gap(GapView::new(&gap, &what)));
            return;
        }
        if let Some(last) = views.last() {
            low.insert("target".to_owned(), last.clone());
        }
        low.insert("targets".to_owned(), View::List(views));
    }

    /// The criteria of the methods with their values, as they are approved.
    pub(super) fn criteria(&mut self) {
        let analysis = self.analysis;
        let mut views = Vec::new();
        for method in &analysis.methods.methods {
            let file = (analysis.method_path)(&method.id);
            for rule in &method.groups {
                let key = lists::key(rule.role);
                let node = self.sources.declared(&file, &format!("groups.{key}"));
                let text = |value: &str| View::Text(Text { value: ru::prose(value), node });
                let criteria = rule.criteria.iter();
                let criteria = criteria.map(|one| View::map([("text", text(&words::criterion(one, analysis.words)))]));
                let criteria: Vec<View> = criteria.collect();
                let procedures: Vec<View> =
                    rule.each_procedure().map(|one| text(&words::procedure(&one, analysis.words))).collect();
                let reads = rule.criteria.iter().any(Criterion::reads_results);
                let threshold = rule.threshold().filter(|_| reads);
                let has_threshold = View::Flag(threshold.is_some());
                let threshold = threshold.map(|value| {
                    View::Figure(self.figure(format!("criterion/{key}/threshold"), value, Unit::Percent, node))
                });
                let cohort = Measure::from(rule.min_cohort);
                let cohort = self.figure(format!("criterion/{key}/cohort"), cohort, Unit::Count, node);
                let years = Measure::from(rule.years);
                let years = self.figure(format!("criterion/{key}/years"), years, Unit::Count, node);
                views.push(View::map([
                    ("group", text(&analysis.group_title(rule.role))),
                    ("rule", text(&rule.title)),
                    ("is_any", View::Flag(rule.needs == Needs::Any)),
                    ("is_most", View::Flag(rule.needs == Needs::Most)),
                    ("is_all", View::Flag(rule.needs == Needs::All)),
                    ("has_several", View::Flag(rule.criteria.len() > 1)),
                    ("has_years", View::Flag(rule.years > 1)),
                    ("years", View::Figure(years)),
                    ("items", View::List(criteria)),
                    ("has_threshold", has_threshold),
                    ("threshold", threshold.unwrap_or_else(|| View::Prose(Vec::new()))),
                    ("has_procedures", View::Flag(reads && !procedures.is_empty())),
                    ("cohort", View::Figure(cohort)),
                    ("procedures", View::List(procedures)),
                    ("source", text(&method.source)),
                ]));
            }
        }
        self.put("criteria", View::List(views));
        let listed = self.listed();
        self.put("listed", listed);
        let explained = self.explained();
        self.put("explained", explained);
    }

    /// Groups of the year that no criterion makes: whose lists put schools into them.
    fn listed(&mut self) -> View {
        let (analysis, year) = (self.analysis, self.year());
        let mut views = Vec::new();
        for role in Role::ALL {
            // A list that cannot be told blocks what prints it.
            let Some(Ok(group)) = analysis.groups.lists.get(&(year, role)) else { continue };
            let Some(node) = group.schools.values().next().copied() else { continue };
            if analysis.methods.rule(role).is_some() {
                continue;
            }
            let text = |value: String| View::Text(Text { value, node });
            let sources: Vec<ListSource> = LIST_SOURCES
                .into_iter()
                .map(|(source, _)| source)
                .filter(|source| self.is_list_from(*source, &[role], year))
                .collect();
            let items = sources.into_iter().map(|source| View::map([("text", text(self.word(list_word(source))))]));
            let items: Vec<View> = items.collect();
            views.push(View::map([
                ("group", text(analysis.group_title(role))),
                ("has_several", View::Flag(items.len() > 1)),
                ("items", View::List(items)),
            ]));
        }
        View::List(views)
    }

    /// The short names of groups that the table of criteria prints, with what they stand for.
    fn explained(&mut self) -> View {
        let analysis = self.analysis;
        let year = self.year();
        let mut views = Vec::new();
        for role in [Role::LowPerforming, Role::Disadvantaged] {
            let is_listed =
                matches!(analysis.groups.lists.get(&(year, role)), Some(Ok(group)) if !group.schools.is_empty());
            let key = term_key(lists::key(role));
            let short = analysis.terms.get(&format!("{key}-short"));
            let Some((short, full)) = short.zip(analysis.terms.get(key)).filter(|(short, full)| short != full) else {
                continue;
            };
            if is_listed || analysis.methods.rule(role).is_some() {
                let node = self.sources.declared("templates/terms.toml", key);
                let text = |value: &str| View::Text(Text { value: value.to_owned(), node });
                views.push(View::map([("short", text(short)), ("full", text(full))]));
            }
        }
        View::List(views)
    }
}
