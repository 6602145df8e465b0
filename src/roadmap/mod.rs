//! Plan and fact of the roadmap: what was to be done by a day, what was done, what is overdue, and by whom.
//! In: activities with their terms, facts of their carrying out, resources, groups. Out: states, windows, matches.
//! It must never know which table or document prints them, nor the clock: the day is given.

mod unroll;

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Diagnostic, Diagnostics, Place};
use crate::groups::Groups;
use crate::model::{Activity, Dataset, Gap, Known, Question, Role, SchoolCode, Text, Year, requisite};
use crate::provenance::Sources;
use crate::ru::{self, Date};
pub use unroll::{Unrolled, Window, unroll};

/// The register of bodies.
const BODIES: &str = "bodies";
/// The sheet of facts.
const FACTS: &str = "activity-facts";

/// How an activity stands on a day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum State {
    /// Everything that was to be done by the day is done.
    Done,
    /// A term has passed and its work is not done.
    Overdue,
    /// A fact says that it was not done.
    Failed,
    /// A term runs.
    Due,
    /// The first term of the year has not begun.
    Upcoming,
    /// Work goes on without a day on which it must be done.
    Ongoing,
    /// It was called off.
    Cancelled,
    /// The term is not understood.
    Unread,
    /// No sheet says what was done.
    Untold,
}

impl State {
    /// Every state, in the order of tables.
    pub const ALL: [Self; 9] = [
        Self::Done,
        Self::Due,
        Self::Overdue,
        Self::Failed,
        Self::Upcoming,
        Self::Ongoing,
        Self::Cancelled,
        Self::Unread,
        Self::Untold,
    ];

    /// Returns the key of its word.
    pub fn key(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Overdue => "overdue",
            Self::Failed => "failed",
            Self::Due => "due",
            Self::Upcoming => "upcoming",
            Self::Ongoing => "ongoing",
            Self::Cancelled => "cancelled",
            Self::Unread => "unread",
            Self::Untold => "untold",
        }
    }
}

/// What a row of facts says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Mark {
    Planned,
    Running,
    Done,
    Failed,
    Cancelled,
}

/// A row of facts.
#[derive(Clone, PartialEq, Debug)]
pub struct Fact {
    /// The day.
    pub date: Date,
    /// The number as written.
    pub number: Text,
    /// What came of it.
    pub result: Option<Text>,
    mark: Mark,
}

/// An activity of the year.
#[derive(Clone, PartialEq, Debug)]
pub struct Item {
    /// Its position among the activities.
    pub position: usize,
    /// What its term says of the year.
    pub plan: Unrolled,
    /// Its facts up to the day, in order of days; positions among the facts.
    pub facts: Vec<usize>,
    /// How it stands; a gap when rows of facts could not be read.
    pub state: Known<State>,
}

/// A resource and whom it is for.
#[derive(Clone, PartialEq, Debug)]
pub struct Resource {
    /// Kind.
    pub kind: Option<Text>,
    /// The resource.
    pub resource: Option<Text>,
    /// As written; `None` is for everybody.
    pub audience: Option<Text>,
    /// The groups it is for.
    pub roles: Vec<Role>,
    /// The schools it is for by name or code.
    pub schools: Vec<SchoolCode>,
    /// It is for every school.
    pub is_for_all: bool,
}

/// Plan and fact on a day.
#[derive(Clone, PartialEq, Debug)]
pub struct Roadmap {
    /// The day; its end counts.
    pub as_of: Date,
    /// Activities of which the term speaks of the year, or is not understood.
    pub items: Vec<Item>,
    /// The facts.
    pub facts: Vec<Fact>,
    /// The resources.
    pub resources: Vec<Resource>,
    /// Rows of activities that could not be read.
    pub gap: Option<Gap>,
}

/// Words for groups, as people write them under «for whom».
#[derive(Clone, Debug, Default)]
pub struct Audiences {
    /// Folded words and the group that they name; `None` names every school.
    pub words: BTreeMap<String, Option<Role>>,
}

impl Audiences {
    /// Takes the terms of the documents, in all their cases.
    pub fn new(terms: &BTreeMap<String, String>) -> Self {
        let mut words = BTreeMap::new();
        for role in Role::ALL {
            words.insert(ru::fold(crate::sheets::lists::term(role)), Some(role));
        }
        for (key, word) in terms {
            let prefixes = [
                ("low-performing", Some(Role::LowPerforming)),
                ("disadvantaged", Some(Role::Disadvantaged)),
                ("declining", Some(Role::Declining)),
                ("leader", Some(Role::HighPerforming)),
                ("all-schools", None),
            ];
            if let Some((_, role)) = prefixes.iter().find(|(prefix, _)| key.starts_with(prefix)) {
                words.insert(ru::fold(word), *role);
            }
        }
        Self { words }
    }
}

/// The days that plan and fact are held against.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Days {
    /// The day on which everything stands as told; its end counts.
    pub as_of: Date,
    /// Terms that ended before this day are no matter of the roadmap; `None` where all of them are.
    pub since: Option<Date>,
}

/// Holds facts against terms on a day, and resources against groups.
pub fn follow(
    data: &Dataset,
    groups: &Groups,
    audiences: &Audiences,
    days: Days,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Roadmap {
    let as_of = days.as_of;
    let facts = facts(data);
    let year = Year(as_of.year);
    let doubt = data.store.select(&Question { measure: FACTS, subject: None, year: None, dims: Default::default() });
    let follower = Follower { data, facts: &facts, days, doubt: doubt.err(), period: period(data, as_of) };
    let items = (0..).zip(&data.activities).filter_map(|(position, activity)| follower.item(position, activity));
    let items = items.collect();
    strangers(data, &facts, sources, diagnostics);
    let resources = resources(data, groups, audiences, year, sources, diagnostics);
    Roadmap { as_of, items, facts, resources, gap: data.sheet("activities").err() }
}

/// First and last year of the concept; the year of the day where the requisites do not say.
fn period(data: &Dataset, as_of: Date) -> (i32, i32) {
    let year = |key: &str| data.requisite_numbers.get(key).and_then(|year| year.value.to_integer()?.try_into().ok());
    let first = year(requisite::START).unwrap_or(as_of.year);
    (first, year(requisite::END).filter(|last| *last >= first).unwrap_or(as_of.year.max(first)))
}

fn facts(data: &Dataset) -> Vec<Fact> {
    let mut facts: Vec<Fact> = data
        .records
        .get(FACTS)
        .into_iter()
        .flatten()
        .filter_map(|record| {
            let text = |key: &str| record.texts.get(key);
            let mark = match text("status")?.value.as_str() {
                "planned" => Mark::Planned,
                "running" => Mark::Running,
                "done" => Mark::Done,
                "failed" => Mark::Failed,
                _ => Mark::Cancelled,
            };
            let date = Date::parse(&text("date")?.value)?;
            Some(Fact { date, number: text("activity")?.clone(), result: text("fact").cloned(), mark })
        })
        .collect();
    facts.sort_by_cached_key(|fact| {
        let result = fact.result.as_ref().map(|text| text.value.clone());
        (fact.date, ru::item_number(&fact.number.value), fact.mark, result)
    });
    facts
}

/// Facts of activities that the roadmap does not have.
fn strangers(data: &Dataset, facts: &[Fact], sources: &Sources, diagnostics: &mut Diagnostics) {
    // While rows of the roadmap cannot be read, or there are none, any fact may be theirs.
    if data.activities.is_empty()
        || data.sheet("activities").is_err()
        || data.activities.iter().any(|activity| activity.number.is_err())
    {
        return;
    }
    let known: Vec<String> = data
        .activities
        .iter()
        .filter_map(|activity| Some(ru::item_number(&activity.number.as_ref().ok()?.value)))
        .collect();
    for fact in facts.iter().filter(|fact| !known.contains(&ru::item_number(&fact.number.value))) {
        let finding = Diagnostic::warning("fact-of-no-activity", sources.place_of(fact.number.node))
            .with("found", fact.number.value.clone());
        diagnostics.push(finding);
    }
}

struct Follower<'a> {
    data: &'a Dataset,
    facts: &'a [Fact],
    days: Days,
    doubt: Option<Gap>,
    period: (i32, i32),
}

impl Follower<'_> {
    /// Follows an activity; `None` when its term says nothing of the year.
    fn item(&self, position: usize, activity: &Activity) -> Option<Item> {
        let facts: Vec<usize> = match &activity.number {
            Ok(wanted) => {
                let wanted = ru::item_number(&wanted.value);
                let is_own =
                    |fact: &Fact| ru::item_number(&fact.number.value) == wanted && fact.date <= self.days.as_of;
                (0..).zip(self.facts).filter(|(_, fact)| is_own(fact)).map(|(index, _)| index).collect()
            }
            Err(_) => Vec::new(),
        };
        let Some(term) = &activity.schedule else {
            let state = match (&activity.term, &activity.number) {
                (Err(gap), _) | (_, Err(gap)) => Err(gap.clone()),
                _ => Ok(self.called_off(&facts).unwrap_or(State::Unread)),
            };
            return Some(Item { position, plan: Unrolled::default(), facts, state });
        };
        let mut plan = unroll(term, self.days.as_of.year, self.period);
        plan.windows.retain(|window| self.days.since.is_none_or(|since| since <= window.to));
        if plan.is_empty() {
            return None;
        }
        let state = match &activity.number {
            Ok(_) => self.state(&plan, &facts),
            Err(gap) => Err(gap.clone()),
        };
        Some(Item { position, plan, facts, state })
    }

    fn marks<'f>(&'f self, facts: &'f [usize]) -> impl DoubleEndedIterator<Item = &'f Fact> {
        facts.iter().filter_map(|index| self.facts.get(*index))
    }

    /// The last word of the facts, if it is that the work was called off.
    fn called_off(&self, facts: &[usize]) -> Option<State> {
        let last = self.marks(facts).next_back()?;
        (last.mark == Mark::Cancelled).then_some(State::Cancelled)
    }

    fn state(&self, plan: &Unrolled, facts: &[usize]) -> Known<State> {
        if let Some(state) = self.called_off(facts) {
            return Ok(state);
        }
        let open = unfulfilled(&plan.windows, self.marks(facts).filter(|fact| fact.mark == Mark::Done));
        let past: Vec<&Window> = open.iter().copied().filter(|window| window.to <= self.days.as_of).collect();
        let runs = open
            .iter()
            .any(|window| window.to > self.days.as_of && window.from.is_none_or(|from| from <= self.days.as_of));
        let has_past = plan.windows.iter().any(|window| window.to <= self.days.as_of);
        let has_done = plan.windows.len() > open.len();
        let sure = match (past.is_empty(), runs) {
            (true, false) if plan.windows.is_empty() => return Ok(State::Ongoing),
            // Nothing that a lost row of facts could say makes it less done.
            (true, false) if has_past || has_done => return Ok(State::Done),
            (true, false) => return Ok(State::Upcoming),
            (true, true) => State::Due,
            (false, _) => {
                let is_failed = |fact: &Fact| fact.mark == Mark::Failed && fact.date.year == self.days.as_of.year;
                let has_failed = self.marks(facts).any(is_failed);
                if has_failed { State::Failed } else { State::Overdue }
            }
        };
        if let Some(gap) = &self.doubt {
            return Err(gap.clone());
        }
        // Where nobody keeps facts, nothing is overdue: nobody knows.
        if !self.data.found_sheets.contains(FACTS) {
            return Ok(if sure == State::Due { State::Due } else { State::Untold });
        }
        Ok(sure)
    }
}

/// The windows for which facts are lacking: a fact counts for the window in which it lies, else for the last one before
/// it, done late, else for the next one of its year, done early.
fn unfulfilled<'w>(windows: &'w [Window], done: impl Iterator<Item = &'w Fact>) -> Vec<&'w Window> {
    let mut left: Vec<(&Window, u16)> = windows.iter().map(|window| (window, window.times)).collect();
    let mut rest = Vec::new();
    for fact in done {
        let date = fact.date;
        let is_within = |window: &Window| window.from.is_none_or(|from| from <= date) && date <= window.to;
        match left.iter_mut().find(|(window, times)| *times > 0 && is_within(window)) {
            Some((_, times)) => *times -= 1,
            None => rest.push(date),
        }
    }
    for date in rest {
        let is_late = |window: &Window| window.to < date;
        let is_early =
            |window: &Window| window.from.is_some_and(|from| date < from && (window.is_once || from.year == date.year));
        let late = left.iter().rposition(|(window, times)| *times > 0 && is_late(window));
        let chosen = late.or_else(|| left.iter().position(|(window, times)| *times > 0 && is_early(window)));
        if let Some((_, times)) = chosen.and_then(|index| left.get_mut(index)) {
            *times -= 1;
        }
    }
    left.into_iter().filter(|(_, times)| *times > 0).map(|(window, _)| window).collect()
}

/// Matches resources to groups and schools; one whose audience is not known is named.
fn resources(
    data: &Dataset,
    groups: &Groups,
    audiences: &Audiences,
    year: Year,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Vec<Resource> {
    let mut resources = Vec::new();
    for record in data.records.get("resources").into_iter().flatten() {
        let text = |key: &str| record.texts.get(key).cloned();
        let audience = text("for");
        let (mut roles, mut schools, mut is_for_all) = (Vec::new(), Vec::new(), audience.is_none());
        for named in audience.iter().flat_map(|text| named(&text.value, data, audiences)) {
            match named {
                Named::Role(role) => roles.push(role),
                Named::All => is_for_all = true,
                Named::School(code) => schools.push(code),
                Named::Unknown(piece) => unknown(audience.as_ref(), &piece, audiences, sources, diagnostics),
            }
        }
        roles.sort();
        roles.dedup();
        // A group that no method or list makes has no schools, either.
        let is_empty = |role: &Role| {
            groups.lists.get(&(year, *role)).is_none_or(|list| matches!(list, Ok(group) if group.schools.is_empty()))
        };
        if !roles.is_empty() && roles.iter().all(is_empty) && schools.is_empty() && !is_for_all {
            let place = audience.as_ref().map_or(Place::Run, |text| sources.place_of(text.node));
            let finding = Diagnostic::note("resource-of-empty-group", place).with("year", year.to_string());
            diagnostics.push(finding);
        }
        resources.push(Resource {
            kind: text("kind"),
            resource: text("resource"),
            audience,
            roles,
            schools,
            is_for_all,
        });
    }
    // Rows may stand in any order.
    let key = |text: &Option<Text>| text.as_ref().map(|text| text.value.clone());
    resources.sort_by_cached_key(|one| (key(&one.kind), key(&one.resource), key(&one.audience)));
    resources
}

fn unknown(
    audience: Option<&Text>,
    piece: &str,
    audiences: &Audiences,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) {
    let place = audience.map_or(Place::Run, |text| sources.place_of(text.node));
    let shortest = |wanted: Option<Role>| {
        let words = audiences.words.iter().filter(move |(_, role)| **role == wanted).map(|(word, _)| word);
        words.min_by_key(|word| word.chars().count()).cloned()
    };
    let roles = Role::ALL.map(Some);
    let known: Vec<String> = roles.into_iter().chain([None]).filter_map(shortest).collect();
    let finding =
        Diagnostic::warning("resource-for-nobody", place).with("found", piece).with("known", known.join(", "));
    diagnostics.push(finding);
}

/// Whom a part of «for whom» names.
enum Named {
    Role(Role),
    All,
    School(SchoolCode),
    Unknown(String),
}

/// Reads «for whom»: names of groups may hold commas themselves, so the longest that is known is taken.
fn named(text: &str, data: &Dataset, audiences: &Audiences) -> Vec<Named> {
    let mut found = Vec::new();
    for part in text.split(';') {
        let mut rest: Vec<&str> = pieces(part).collect();
        while !rest.is_empty() {
            let known = (1..=rest.len()).rev().find_map(|length| {
                let name = rest.get(..length)?.join(", ");
                let named = match audiences.words.get(&ru::fold(&name)) {
                    Some(Some(role)) => Named::Role(*role),
                    Some(None) => Named::All,
                    None => Named::School(school(data, &name)?),
                };
                Some((length, named))
            });
            let (length, named) =
                known.unwrap_or_else(|| (1, Named::Unknown(rest.first().copied().unwrap_or_default().to_owned())));
            found.push(named);
            rest.drain(..length);
        }
    }
    found
}

/// The parts of an enumeration.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ';']).map(str::trim).filter(|piece| !piece.is_empty())
}

/// Those who are responsible, one by one. A name of the register of bodies may hold commas itself: it is looked for before the
/// text is taken apart.
pub fn responsibles(data: &Dataset, text: &str) -> Vec<String> {
    let bodies = data.records.get(BODIES).into_iter().flatten();
    let titles = bodies.filter_map(|row| row.texts.get("title")).filter(|title| title.value.contains(','));
    let known: BTreeSet<String> = titles.map(|title| ru::fold(&title.value)).collect();
    let mut found = Vec::new();
    for part in text.split(';') {
        let mut rest: Vec<&str> = pieces(part).collect();
        while !rest.is_empty() {
            let is_known =
                |length: &usize| rest.get(..*length).is_some_and(|name| known.contains(&ru::fold(&name.join(", "))));
            let length = (2..=rest.len()).rev().find(is_known).unwrap_or(1);
            found.push(rest.drain(..length).collect::<Vec<_>>().join(", "));
        }
    }
    found
}

fn school(data: &Dataset, piece: &str) -> Option<SchoolCode> {
    let wanted = ru::fold(piece);
    let is_it = |school: &&crate::model::School| {
        [school.code.0.as_str(), &school.short.value, &school.full.value].iter().any(|known| ru::fold(known) == wanted)
    };
    data.schools.values().find(is_it).map(|school| school.code.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provenance::NodeId;
    use crate::ru::Term;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    fn text(value: &str) -> Text {
        Text { value: value.to_owned(), node: NodeId(0) }
    }

    /// The state of an activity with this term on a day, for facts as «day mark».
    fn state(term: &str, facts: &[&str], as_of: &str) -> Option<State> {
        let mut data = Dataset::default();
        data.found_sheets.insert(FACTS.to_owned());
        let activity = Activity {
            number: Ok(text("1.1")),
            part: Ok(None),
            form: Ok(None),
            band: Ok(text("")),
            title: Ok(text("")),
            term: Ok(text(term)),
            schedule: Term::parse(term),
            responsible: Ok(text("")),
            result: Ok(text("")),
            deficit: Ok(None),
            indicator: Ok(None),
        };
        let facts: Vec<Fact> = facts
            .iter()
            .map(|fact| {
                let (day, mark) = fact.split_once(' ').unwrap();
                let mark = match mark {
                    "исполнено" => Mark::Done,
                    "не исполнено" => Mark::Failed,
                    "отменено" => Mark::Cancelled,
                    "в работе" => Mark::Running,
                    _ => Mark::Planned,
                };
                Fact { date: date(day), number: text("1.1."), result: None, mark }
            })
            .collect();
        let as_of = date(as_of);
        let days = Days { as_of, since: Date::parse("01.02.2022") };
        let follower = Follower { data: &data, facts: &facts, days, doubt: None, period: (2022, 2024) };
        follower.item(0, &activity).map(|item| item.state.unwrap())
    }

    #[test]
    fn a_name_of_a_body_may_hold_commas() {
        let title = "Отдел культуры, спорта и туризма";
        let body = crate::model::Record {
            school: None,
            from: Year(2020),
            to: Year(2030),
            texts: BTreeMap::from([("title".to_owned(), text(title))]),
        };
        let data = Dataset { records: BTreeMap::from([(BODIES.to_owned(), vec![body])]), ..Dataset::default() };
        let found = responsibles(&data, "школы, отдел культуры, спорта и туризма, методисты; кураторы");
        assert_eq!(found, ["школы", "отдел культуры, спорта и туризма", "методисты", "кураторы"]);
        assert_eq!(responsibles(&Dataset::default(), "школы, кураторы"), ["школы", "кураторы"]);
    }

    #[test]
    fn a_state_follows_from_terms_facts_and_the_day() {
        let quarter = "один раз в квартал";
        for (term, facts, as_of, expected) in [
            ("ноябрь 2022 года", vec![], "31.10.2022", Some(State::Upcoming)),
            ("ноябрь 2022 года", vec![], "01.11.2022", Some(State::Due)),
            ("ноябрь 2022 года", vec![], "29.11.2022", Some(State::Due)),
            // The end of the day counts.
            ("ноябрь 2022 года", vec![], "30.11.2022", Some(State::Overdue)),
            ("ноябрь 2022 года", vec!["10.11.2022 исполнено"], "09.11.2022", Some(State::Due)),
            ("ноябрь 2022 года", vec!["10.11.2022 исполнено"], "10.11.2022", Some(State::Done)),
            ("ноябрь 2022 года", vec!["10.12.2021 исполнено"], "10.12.2022", Some(State::Done)),
            ("ноябрь 2022 года", vec!["10.12.2022 исполнено"], "10.12.2022", Some(State::Done)),
            ("ноябрь 2022 года", vec!["10.11.2022 в работе"], "30.11.2022", Some(State::Overdue)),
            ("ноябрь 2022 года", vec!["30.11.2022 не исполнено"], "30.11.2022", Some(State::Failed)),
            ("ноябрь 2022 года", vec!["30.11.2022 отменено"], "30.11.2022", Some(State::Cancelled)),
            ("ноябрь 2022 года", vec![], "01.11.2023", None),
            // It ended before the roadmap was in force.
            ("январь 2022 года", vec![], "31.12.2022", None),
            ("ежегодно, январь, июнь", vec!["20.06.2022 исполнено"], "31.12.2022", Some(State::Done)),
            ("ежегодно, август", vec!["20.08.2022 исполнено"], "31.12.2023", Some(State::Overdue)),
            ("ежегодно, август", vec!["20.07.2023 исполнено"], "31.12.2023", Some(State::Done)),
            ("ежегодно до 1 октября", vec!["20.09.2022 исполнено"], "31.12.2023", Some(State::Overdue)),
            (quarter, vec!["01.02.2022 исполнено", "01.05.2022 исполнено"], "30.06.2022", Some(State::Done)),
            (quarter, vec!["01.02.2022 исполнено", "01.05.2022 исполнено"], "01.07.2022", Some(State::Due)),
            (quarter, vec!["01.05.2022 исполнено"], "30.06.2022", Some(State::Overdue)),
            (quarter, vec!["01.05.2022 исполнено", "02.06.2022 исполнено"], "30.06.2022", Some(State::Done)),
            ("в течение всего периода", vec![], "30.06.2022", Some(State::Ongoing)),
            ("когда-нибудь", vec![], "30.06.2022", Some(State::Unread)),
            ("когда-нибудь", vec!["01.05.2022 отменено"], "30.06.2022", Some(State::Cancelled)),
        ] {
            assert_eq!(state(term, &facts, as_of), expected, "{term}, {facts:?}, {as_of}");
        }
    }
}
