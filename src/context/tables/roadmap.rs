//! Plan and fact of the roadmap, the calendar of the year, resources by group.

use std::collections::BTreeMap;

use super::{CellView, ColumnKind, Table, TableSpec};
use crate::context::GapView;
use crate::disclosure::Counted;
use crate::figure::Unit;
use crate::measure::Measure;
use crate::model::{Activity, Known, Operand, Role, Text};
use crate::provenance::{NodeId, Op};
use crate::roadmap::{Item, Roadmap, State, Window, responsibles};

/// Keys of the words for states.
const STATES: &[&str] = &["done", "due", "overdue", "failed", "upcoming", "ongoing", "cancelled", "unread", "untold"];

/// Each activity of the year: its term, its state on the day, its last fact.
pub(super) const PLAN_FACT: TableSpec = TableSpec {
    id: "plan-fact",
    columns: &[
        ("number", ColumnKind::Code),
        ("activity", ColumnKind::Prose),
        ("term", ColumnKind::Name),
        ("days", ColumnKind::Name),
        ("responsible", ColumnKind::Name),
        ("state", ColumnKind::Name),
        ("date", ColumnKind::Code),
        ("fact", ColumnKind::Prose),
    ],
    quotient: None,
    words: STATES,
    is_public: true,
    fill: plan_fact,
};

fn known(text: &Known<Text>, what: &str) -> CellView {
    match text {
        Ok(text) => CellView::text(&text.value),
        Err(gap) => CellView::Gap(GapView::new(gap, what)),
    }
}

/// The items of the roadmap with their activities; a row for what could not be read.
fn items<'a>(table: &mut Table<'_, 'a>) -> Vec<(&'a Item, &'a Activity)> {
    let Some(roadmap) = table.analysis.roadmap else { return Vec::new() };
    if let Some(gap) = &roadmap.gap {
        let cell = Table::gap(gap, &table.common("gap-roadmap"));
        table.row(vec![CellView::Blank, cell]);
    }
    let data = table.analysis.data;
    roadmap.items.iter().filter_map(|item| Some((item, data.activities.get(item.position)?))).collect()
}

fn days(windows: &[Window]) -> String {
    let text = |window: &Window| {
        let to = window.to.short();
        let days = match window.from {
            Some(from) if from == window.to => to,
            Some(from) => format!("{}–{to}", from.short()),
            None => format!("–{to}"),
        };
        if window.times > 1 { format!("{days} ×{}", window.times) } else { days }
    };
    windows.iter().map(text).collect::<Vec<_>>().join("; ")
}

fn plan_fact(table: &mut Table<'_, '_>) {
    let what = table.common("gap-roadmap");
    let Some(roadmap) = table.analysis.roadmap else { return };
    for (item, activity) in items(table) {
        let state = match &item.state {
            Ok(state) => CellView::Text(table.word(state.key())),
            Err(gap) => Table::gap(gap, &what),
        };
        let fact = item.facts.last().and_then(|index| roadmap.facts.get(*index));
        table.row(vec![
            known(&activity.number, &what),
            known(&activity.title, &what),
            known(&activity.term, &what),
            CellView::text(&days(&item.plan.windows)),
            known(&activity.responsible, &what),
            state,
            fact.map_or(CellView::Blank, |fact| CellView::Text(fact.date.short())),
            fact.and_then(|fact| fact.result.as_ref()).map_or(CellView::Blank, |text| CellView::text(&text.value)),
        ]);
    }
}

/// How many activities stand how, by responsible.
pub(super) const BY_RESPONSIBLE: TableSpec = TableSpec {
    id: "by-responsible",
    columns: &[
        ("responsible", ColumnKind::Prose),
        ("total", ColumnKind::Value),
        ("done", ColumnKind::Value),
        ("due", ColumnKind::Value),
        ("overdue", ColumnKind::Value),
        ("failed", ColumnKind::Value),
        ("upcoming", ColumnKind::Value),
        ("ongoing", ColumnKind::Value),
        ("cancelled", ColumnKind::Value),
        ("unread", ColumnKind::Value),
        ("untold", ColumnKind::Value),
        ("doubtful", ColumnKind::Value),
    ],
    quotient: None,
    words: &["all"],
    is_public: true,
    fill: by_responsible,
};

fn by_responsible(table: &mut Table<'_, '_>) {
    let items = items(table);
    if items.is_empty() {
        return;
    }
    let mut of: BTreeMap<String, Vec<&Item>> = BTreeMap::new();
    for (item, activity) in &items {
        // Who stands for several works answers for each; a gap is no one's work.
        let Ok(responsible) = &activity.responsible else { continue };
        for name in responsibles(table.analysis.data, &responsible.value) {
            of.entry(name).or_default().push(item);
        }
    }
    for (name, items) in &of {
        counts(table, name, name, items);
    }
    let all: Vec<&Item> = items.iter().map(|(item, _)| *item).collect();
    let word = table.word("all");
    counts(table, "all", &word, &all);
}

fn counts(table: &mut Table<'_, '_>, id: &str, name: &str, items: &[&Item]) {
    let mut cells = vec![CellView::text(name)];
    let states = State::ALL.iter().map(|state| Some(*state)).chain([None]);
    cells.push(count(table, &format!("{id}/total"), items));
    for state in states {
        let wanted: Vec<&Item> =
            items.iter().copied().filter(|item| item.state.as_ref().ok().copied() == state).collect();
        let key = state.map_or("doubtful", State::key);
        cells.push(count(table, &format!("{id}/{key}"), &wanted));
    }
    table.row(cells);
}

/// Counts activities; what is counted stands in the cells of their numbers.
fn count(table: &mut Table<'_, '_>, id: &str, items: &[&Item]) -> CellView {
    let activities = &table.analysis.data.activities;
    let node =
        |item: &&Item| activities.get(item.position).and_then(|activity| Some(activity.number.as_ref().ok()?.node));
    let mut nodes: Vec<NodeId> = items.iter().filter_map(node).collect();
    if nodes.is_empty() {
        // A count of nothing stands on the whole roadmap.
        nodes = activities.iter().filter_map(|activity| Some(activity.number.as_ref().ok()?.node)).collect();
    }
    let value = Measure::from(items.len());
    let node = table.sources.formula(Op::Count, nodes, Some(value.clone()));
    table.figure(id, &Operand { value, node }, Unit::Count, Counted::Others)
}

/// What is to be done in each month of the year.
pub(super) const CALENDAR: TableSpec = TableSpec {
    id: "calendar",
    columns: &[
        ("month", ColumnKind::Code),
        ("days", ColumnKind::Name),
        ("number", ColumnKind::Code),
        ("activity", ColumnKind::Prose),
        ("responsible", ColumnKind::Name),
    ],
    quotient: None,
    words: &[
        "month-1", "month-2", "month-3", "month-4", "month-5", "month-6", "month-7", "month-8", "month-9", "month-10",
        "month-11", "month-12", "all-year",
    ],
    is_public: true,
    fill: calendar,
};

fn calendar(table: &mut Table<'_, '_>) {
    let what = table.common("gap-roadmap");
    let Some(Roadmap { as_of, .. }) = table.analysis.roadmap else { return };
    let items = items(table);
    let row = |table: &mut Table<'_, '_>, month: &str, days: &str, activity: &Activity| {
        table.row(vec![
            CellView::Text(table.word(month)),
            CellView::text(days),
            known(&activity.number, &what),
            known(&activity.title, &what),
            known(&activity.responsible, &what),
        ]);
    };
    for month in 1..=12 {
        for (item, activity) in &items {
            let is_in = |window: &&Window| {
                let first = window.from.unwrap_or(window.to);
                (first.year, first.month) <= (as_of.year, month)
                    && (as_of.year, month) <= (window.to.year, window.to.month)
            };
            let windows: Vec<Window> = item.plan.windows.iter().filter(is_in).copied().collect();
            if !windows.is_empty() {
                row(table, &format!("month-{month}"), &days(&windows), activity);
            }
        }
    }
    for (_, activity) in items.iter().filter(|(item, _)| item.plan.is_ongoing) {
        row(table, "all-year", "", activity);
    }
}

/// Which group has which resources; a group without any is named.
pub(super) const RESOURCES: TableSpec = TableSpec {
    id: "resources",
    columns: &[
        ("group", ColumnKind::Name),
        ("schools", ColumnKind::Value),
        ("kind", ColumnKind::Name),
        ("resource", ColumnKind::Prose),
        ("audience", ColumnKind::Name),
    ],
    quotient: None,
    words: &["all", "school", "none"],
    is_public: true,
    fill: resources,
};

fn resources(table: &mut Table<'_, '_>) {
    let Some(roadmap) = table.analysis.roadmap else { return };
    if let Err(gap) = table.analysis.data.sheet("resources") {
        let cell = Table::gap(&gap, &table.word("none"));
        table.row(vec![cell]);
    }
    let text = |text: &Option<Text>| text.as_ref().map_or(CellView::Blank, |text| CellView::text(&text.value));
    let [year, _] = table.years();
    let cells = |resource: &crate::roadmap::Resource| {
        [text(&resource.kind), text(&resource.resource), text(&resource.audience)]
    };
    for role in Role::ALL {
        let list = table.analysis.groups.lists.get(&(year, role));
        if list.is_none() && !roadmap.resources.iter().any(|resource| resource.roles.contains(&role)) {
            continue;
        }
        let term = CellView::Text(Table::role(role));
        let schools = match list {
            None => CellView::Blank,
            Some(Ok(group)) => {
                let value = Measure::from(group.schools.len());
                let nodes = group.schools.values().copied().collect();
                let node = table.sources.formula(Op::Count, nodes, Some(value.clone()));
                let id = format!("{role:?}/schools").to_lowercase();
                table.figure(&id, &Operand { value, node }, Unit::Count, Counted::Others)
            }
            Some(Err(gap)) => Table::gap(gap, &Table::role(role)),
        };
        let own: Vec<_> =
            roadmap.resources.iter().filter(|resource| resource.is_for_all || resource.roles.contains(&role)).collect();
        if own.is_empty() {
            table.row(vec![term.clone(), schools.clone(), CellView::Text(table.word("none"))]);
        }
        for resource in own {
            table.row([term.clone(), schools.clone()].into_iter().chain(cells(resource)).collect());
        }
    }
    for resource in roadmap.resources.iter().filter(|resource| resource.is_for_all) {
        let all = CellView::Text(table.word("all"));
        table.row([all, CellView::Blank].into_iter().chain(cells(resource)).collect());
    }
    for resource in &roadmap.resources {
        for code in &resource.schools {
            let name = table.word("school").replace("{school}", &table.school(code));
            table.row([CellView::Text(name), CellView::Blank].into_iter().chain(cells(resource)).collect());
        }
    }
}
