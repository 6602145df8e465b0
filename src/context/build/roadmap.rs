//! The roadmap: activities by section, how each stands on the day, who answers for how many.

use std::collections::BTreeMap;

use super::super::{GapView, View};
use super::Builder;
use crate::figure::Unit;
use crate::measure::Measure;
use crate::model::{Gap, Known, Text};
use crate::provenance::{NodeId, Op};
use crate::roadmap::{Item, State, responsibles};
use crate::ru;
use crate::settings;

/// The name of plan and fact by state among the names of bodies.
const PROGRESS: &str = "progress";

impl Builder<'_> {
    pub(super) fn roadmap(&mut self) {
        let data = self.analysis.data;
        let what = self.word("gap-roadmap");
        if let Err(gap) = data.sheet("activities") {
            self.put("roadmap", View::Gap(GapView::new(&gap, &what)));
            self.put(PROGRESS, View::Gap(GapView::new(&gap, &what)));
            return;
        }
        // Documents that need a roadmap say so; for others nothing is missing.
        if data.activities.is_empty() {
            self.put("roadmap", View::Gap(GapView::new(&Gap::default(), &what)));
            let nothing = [("has_plan", View::Flag(false)), ("states", View::List(Vec::new()))];
            self.put(PROGRESS, View::map(nothing));
            return;
        }
        let mut bands: Vec<Band> = Vec::new();
        let mut nodes = Vec::new();
        let mut told: Vec<(Known<State>, View)> = Vec::new();
        for (position, activity) in data.activities.iter().enumerate() {
            let title = activity.band.as_ref().ok().map(|text| text.value.clone());
            nodes.extend(activity.number.as_ref().ok().map(|text| text.node));
            let cell = |text: &Known<Text>| View::text(text.clone(), &what);
            let choice = |text: &Known<Option<Text>>| match text {
                Ok(None) => View::Prose(Vec::new()),
                Ok(Some(text)) => View::Text(text.clone()),
                Err(gap) => View::Gap(GapView::new(gap, &what)),
            };
            let mut row: BTreeMap<String, View> = self.progress(position, &what);
            let View::Map(plan) = View::map([
                ("number", cell(&activity.number)),
                ("title", cell(&activity.title)),
                ("has_form", View::Flag(!matches!(activity.form, Ok(None)))),
                ("form", choice(&activity.form)),
                ("term", cell(&activity.term)),
                ("responsible", cell(&activity.responsible)),
                ("result", cell(&activity.result)),
            ]) else {
                continue;
            };
            row.extend(plan);
            let row = View::Map(row);
            told.extend(self.told(position).map(|state| (state, row.clone())));
            if bands.last().is_none_or(|band| band.key != title) {
                bands.push(Band { key: title, title: cell(&activity.band), rows: Vec::new(), parts: Vec::new() });
            }
            let Some(band) = bands.last_mut() else { continue };
            let part = activity.part.as_ref().ok().and_then(|part| part.as_ref().map(|text| text.value.clone()));
            match band.parts.last_mut() {
                Some((key, _, rows)) if *key == part => rows.push(row.clone()),
                _ => band.parts.push((part, choice(&activity.part), vec![row.clone()])),
            }
            band.rows.push(row);
        }
        let bands = bands.into_iter().map(Band::view).collect();
        let value = Measure::from(data.activities.len());
        let node = self.sources.formula(Op::Count, nodes, Some(value.clone()));
        let count = self.figure("activity-count".to_owned(), value, Unit::Count, node);
        let as_of = self.analysis.roadmap.map(|roadmap| {
            let node = self.sources.declared(settings::FILE, "as-of");
            View::Text(Text { value: roadmap.as_of.short(), node })
        });
        let states = self.states(told, &what);
        let progress = View::map([
            ("has_plan", View::Flag(true)),
            ("has_day", View::Flag(as_of.is_some())),
            ("as_of", as_of.clone().unwrap_or_else(|| View::Prose(Vec::new()))),
            ("states", states),
        ]);
        self.put(PROGRESS, progress);
        let roadmap = View::map([
            ("count", View::Figure(count)),
            ("bands", View::List(bands)),
            ("has_day", View::Flag(as_of.is_some())),
            ("as_of", as_of.unwrap_or_else(|| View::Prose(Vec::new()))),
            ("responsible", self.responsible()),
        ]);
        self.put("roadmap", roadmap);
    }

    /// The state of an activity of which a report on the year tells: something was done of it, or should have been.
    fn told(&self, position: usize) -> Option<Known<State>> {
        let item = self.analysis.roadmap?.items.iter().find(|item| item.position == position)?;
        let is_told = match &item.state {
            Ok(state) => !item.facts.is_empty() || matches!(state, State::Overdue | State::Failed),
            Err(_) => true,
        };
        is_told.then(|| item.state.clone())
    }

    /// Activities by state, in the order of tables; within a state in the order of the plan.
    fn states(&mut self, told: Vec<(Known<State>, View)>, what: &str) -> View {
        let mut of: BTreeMap<State, Vec<View>> = BTreeMap::new();
        let mut states = Vec::new();
        for (state, row) in told {
            match state {
                Ok(state) => of.entry(state).or_default().push(row),
                Err(gap) => {
                    let title = View::Gap(GapView::new(&gap, what));
                    states.push(View::map([("title", title), ("rows", View::List(vec![row]))]));
                }
            }
        }
        for (state, rows) in State::ALL.into_iter().filter_map(|state| Some((state, of.remove(&state)?))) {
            let node = self.sources.declared(settings::FILE, "as-of");
            let title = View::Text(Text { value: self.word(&format!("state-{}", state.key())), node });
            states.push(View::map([("title", title), ("rows", View::List(rows))]));
        }
        View::List(states)
    }

    /// How an activity stands on the day, and what was done of it.
    fn progress(&mut self, position: usize, what: &str) -> BTreeMap<String, View> {
        let item =
            self.analysis.roadmap.and_then(|roadmap| roadmap.items.iter().find(|item| item.position == position));
        let state = item.map(|item| match &item.state {
            Ok(state) => {
                let node = self.sources.declared(settings::FILE, "as-of");
                View::Text(Text { value: self.word(&format!("state-{}", state.key())), node })
            }
            Err(gap) => View::Gap(GapView::new(gap, what)),
        });
        let all = self.analysis.roadmap.map(|roadmap| roadmap.facts.as_slice()).unwrap_or_default();
        let facts = item.into_iter().flat_map(|item| &item.facts).filter_map(|index| all.get(*index));
        // The reported year tells; before it, the last that is known. What is said of several days is said once.
        let year = self.year().0;
        let mut facts: Vec<_> = facts.collect();
        facts.sort_by_key(|fact| fact.date);
        let earlier = facts.iter().take_while(|fact| fact.date.year < year).count();
        let facts = facts.split_off(if earlier < facts.len() { earlier } else { earlier.saturating_sub(1) });
        let mut told: Vec<(Option<Text>, Vec<View>)> = Vec::new();
        for fact in facts {
            let date = View::Text(Text { value: fact.date.short(), node: fact.number.node });
            let said = |text: &Option<Text>| text.as_ref().map(|text| ru::fold(&text.value));
            match told.iter_mut().find(|(text, _)| said(text) == said(&fact.result)) {
                Some((_, dates)) => dates.push(date),
                None => told.push((fact.result.clone(), vec![date])),
            }
        }
        let told = told.into_iter().map(|(text, dates)| {
            View::map([
                ("dates", View::List(dates)),
                ("has_text", View::Flag(text.is_some())),
                ("text", text.map_or_else(|| View::Prose(Vec::new()), View::Text)),
            ])
        });
        let facts: Vec<View> = told.collect();
        let entries = [
            ("has_state", View::Flag(state.is_some())),
            ("state", state.unwrap_or_else(|| View::Prose(Vec::new()))),
            ("has_facts", View::Flag(!facts.is_empty())),
            ("facts", View::List(facts)),
        ];
        entries.into_iter().map(|(key, view)| (key.to_owned(), view)).collect()
    }

    /// How the activities of each responsible stand; who stands for several works answers for each.
    fn responsible(&mut self) -> View {
        let Some(roadmap) = self.analysis.roadmap else { return View::List(Vec::new()) };
        let mut of: BTreeMap<String, Vec<(&Item, NodeId)>> = BTreeMap::new();
        for item in &roadmap.items {
            let activity = self.analysis.data.activities.get(item.position);
            let Some(Ok(responsible)) = activity.map(|activity| &activity.responsible) else { continue };
            let number = activity.and_then(|activity| activity.number.as_ref().ok());
            let node = number.map_or(responsible.node, |number| number.node);
            for name in responsibles(self.analysis.data, &responsible.value) {
                of.entry(name).or_default().push((item, node));
            }
        }
        let mut rows = Vec::new();
        for (index, (name, items)) in of.into_iter().enumerate() {
            let whole: Vec<NodeId> = items.iter().map(|(_, node)| *node).collect();
            let said = [State::Done, State::Overdue, State::Failed, State::Upcoming];
            let others: Vec<State> = State::ALL.into_iter().filter(|state| !said.contains(state)).collect();
            let mut count = |part: &str, states: &[State]| {
                let is_one = |item: &Item| item.state.as_ref().is_ok_and(|state| states.contains(state));
                let wanted = items.iter().filter(|(item, _)| states.is_empty() || is_one(item));
                let nodes: Vec<NodeId> = wanted.map(|(_, node)| *node).collect();
                let value = Measure::from(nodes.len());
                // A count of nothing stands on the whole.
                let inputs = if nodes.is_empty() { whole.clone() } else { nodes };
                let node = self.sources.formula(Op::Count, inputs, Some(value.clone()));
                View::Figure(self.figure(format!("roadmap/{}/{part}", index + 1), value, Unit::Count, node))
            };
            let counts = [
                ("total", count("total", &[])),
                ("done", count("done", &[State::Done])),
                ("overdue", count("overdue", &[State::Overdue])),
                ("failed", count("failed", &[State::Failed])),
                ("upcoming", count("upcoming", &[State::Upcoming])),
                ("running", count("running", &others)),
            ];
            let node = whole.first().copied().unwrap_or(NodeId(0));
            let mut row: BTreeMap<String, View> =
                counts.into_iter().map(|(key, view)| (key.to_owned(), view)).collect();
            row.insert("name".to_owned(), View::Text(Text { value: name, node }));
            rows.push(View::Map(row));
        }
        View::List(rows)
    }
}

/// A section of the roadmap while it is put together.
struct Band {
    key: Option<String>,
    title: View,
    rows: Vec<View>,
    /// Subsections; one without a title where the section has none.
    parts: Vec<(Option<String>, View, Vec<View>)>,
}

impl Band {
    fn view(self) -> View {
        let part = |(key, title, rows): (Option<String>, View, Vec<View>)| {
            View::map([("has_title", View::Flag(key.is_some())), ("title", title), ("rows", View::List(rows))])
        };
        let parts = self.parts.into_iter().map(part).collect();
        View::map([("title", self.title), ("rows", View::List(self.rows)), ("parts", View::List(parts))])
    }
}
