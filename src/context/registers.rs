//! Rows of registers as documents print them.
//! In: the records of the data set. Out: for each register a list of rows with every column as text. Which document
//! prints which rows, and how they are grouped, is said by the document: the plan chooses.

mod persons;

use std::collections::BTreeMap;

use super::{Analysis, GapView, References, View, prose};
use crate::advice::{Standing, standing};
use crate::diag::Diagnostics;
use crate::model::{Record, SchoolCode, Text, Year};
use crate::provenance::{Op, Sources};
use crate::ru;
use crate::ru::agreement::Agreement;
use crate::ru::declension;
use crate::sheets::{Kind, SHEETS, SheetSpec, lists, registers};

/// The column that names the document of a row, folded.
pub const DOCUMENT: &str = "document";
/// The columns whose texts may hold references, in registers of documents.
const TEXTS: [&str; 2] = ["text", "responsible"];

/// The flag of a row whose school is in a group, by the key of the group.
pub fn group_flag(key: &str) -> String {
    format!("is_in_{}", key.replace('-', "_"))
}

/// Registers of acts.
const ACTS: [&str; 2] = [OF_ACTS, AMENDMENTS];

/// The register of acts itself.
const OF_ACTS: &str = "acts";
/// What the words about an act agree with; masculine where none of them holds.
const AGREEMENTS: [(&str, Agreement); 3] =
    [("is_feminine", Agreement::Feminine), ("is_neuter", Agreement::Neuter), ("is_plural", Agreement::Plural)];

/// The register of what is changed in acts.
const AMENDMENTS: &str = "amendments";

/// The register of meetings, and of the groups that meet.
const MEETINGS: &str = "meetings";
pub(super) const GROUPS: &str = "working-groups";

/// The flag of a row with a status that is still to be done.
pub(super) const IS_OPEN: &str = "is_open";

/// The register of agreements with leader schools.
const PARTNERSHIPS: &str = "partnerships";
/// The register of acts to come.
const PLANNED_ACTS: &str = "planned-acts";

/// The register of decisions.
const DECISIONS: &str = "decisions";

/// What rows of registers are made of.
pub(super) struct Rows<'a> {
    pub(super) analysis: &'a Analysis<'a>,
    pub(super) references: &'a References,
    /// The reported year.
    pub(super) year: Year,
}

impl Rows<'_> {
    /// Builds the rows of every register that is there, those of the reported year.
    pub(super) fn registers(&self, sources: &mut Sources, diagnostics: &mut Diagnostics) -> View {
        let (data, year) = (self.analysis.data, self.year);
        let mut all = BTreeMap::new();
        for spec in SHEETS.iter().filter(|spec| data.found_sheets.contains(spec.id)) {
            if let Err(gap) = data.sheet(spec.id) {
                all.insert(spec.id.to_owned(), View::Gap(GapView::new(&gap, spec.title)));
                continue;
            }
            let Some(records) = data.records.get(spec.id) else { continue };
            // An act is dated by its own day, which may lie years back: it holds from then on.
            let is_of_acts = ACTS.contains(&spec.id);
            // An agreement that begins next year is one that papers of the year's end speak of.
            let may_begin_later = spec.id == PARTNERSHIPS;
            let has_begun = |record: &&Record| record.from <= year || may_begin_later;
            let of_year = records.iter().filter(has_begun).filter(|record| is_of_acts || year <= record.to);
            let mut of_year: Vec<&Record> = of_year.collect();
            if spec.id == DECISIONS {
                of_year.sort_by_key(|record| record.texts.get("date").and_then(|date| ru::Date::parse(&date.value)));
            }
            let rows = of_year.into_iter().map(|record| self.row(spec, record, sources, diagnostics)).collect();
            all.insert(spec.id.to_owned(), View::List(rows));
        }
        if let Some(View::List(people)) = all.get(GROUPS).cloned()
            && let Some(View::List(meetings)) = all.get_mut(MEETINGS)
        {
            meetings.iter_mut().for_each(|meeting| seat(meeting, &people));
        }
        View::Map(all)
    }

    fn row(&self, spec: &SheetSpec, record: &Record, sources: &mut Sources, diagnostics: &mut Diagnostics) -> View {
        let mut entries = BTreeMap::new();
        let is_of_document = spec.columns.iter().any(|column| column.key == DOCUMENT);
        for column in spec.columns {
            let key = column.key.replace('-', "_");
            let text = record.texts.get(column.key);
            entries.insert(format!("has_{key}"), View::Flag(text.is_some()));
            if let Kind::Choice(choices) = column.kind {
                let flags = choices.iter().map(|(_, known)| {
                    let flag = text.is_some_and(|text| text.value == *known);
                    (format!("is_{}", known.replace('-', "_")), View::Flag(flag))
                });
                entries.extend(flags);
            }
            let view = match (text, column.kind) {
                (None, _) => View::Prose(Vec::new()),
                (Some(text), Kind::Choice(choices)) => {
                    // A choice is printed as it is written, not as it is known to the program.
                    let written = choices.iter().find(|(_, known)| *known == text.value).map(|(written, _)| *written);
                    let value = written.unwrap_or(&text.value).to_owned();
                    View::Text(Text { value, node: text.node })
                }
                (Some(text), _) if column.key == DOCUMENT => {
                    View::Text(Text { value: ru::fold(&text.value), node: text.node })
                }
                (Some(text), _) if is_of_document && TEXTS.contains(&column.key) => {
                    let place = sources.place_of(text.node);
                    prose::parse(text, &place, self.references, diagnostics)
                }
                (Some(text), _) => View::Text(text.clone()),
            };
            entries.insert(key, view);
        }
        self.name_schools(record, &mut entries);
        self.follow(spec, record, &mut entries, sources);
        let part = |key: &str| record.texts.get(key);
        if let (OF_ACTS, Some(kind)) = (spec.id, part("kind")) {
            let (agreement, accusative) = ru::agreement::of_kind(&kind.value);
            let node = sources.formula(Op::Derived, vec![kind.node], None);
            entries.insert("kind_acc".to_owned(), View::Text(Text { value: accusative, node }));
            for (flag, of) in AGREEMENTS {
                entries.insert(flag.to_owned(), View::Flag(agreement == of));
            }
        }
        if spec.id == OF_ACTS {
            inflected(part("replacement"), ru::Case::Instrumental, "replacement_ins", &mut entries, sources);
        }
        if [MEETINGS, AMENDMENTS].contains(&spec.id) {
            inflected(part("group"), ru::Case::Genitive, "group_gen", &mut entries, sources);
        }
        if spec.id == PLANNED_ACTS {
            let kind = part("kind").map(|kind| ru::fold(&kind.value)).unwrap_or_default();
            let first = kind.split_whitespace().next().unwrap_or_default();
            for (flag, known) in ru::wording::RESOLVING {
                entries.insert(flag.to_owned(), View::Flag(first == known));
            }
            let is_late = standing(record, self.analysis.settings.as_of(self.year.0)) == Standing::Overdue;
            entries.insert("is_late".to_owned(), View::Flag(is_late));
        }
        if let (AMENDMENTS, Some(act)) = (spec.id, part("act")) {
            let citation = self.cited(record, act, sources);
            entries.insert("citation".to_owned(), View::Text(citation));
        }
        persons::enter(self.analysis, spec, record, &mut entries, sources, diagnostics);
        View::Map(entries)
    }

    /// Tells of a row with a term and a status whether it is still to be done, and of a decision whose term is over and
    /// that nobody marked as done that it is overdue.
    fn follow(&self, spec: &SheetSpec, record: &Record, entries: &mut BTreeMap<String, View>, sources: &mut Sources) {
        let (Some(status), Some(term)) = (record.texts.get("status"), record.texts.get("term")) else {
            entries.insert(IS_OPEN.to_owned(), View::Flag(true));
            return;
        };
        let standing = standing(record, self.analysis.settings.as_of(self.year.0));
        entries.insert(IS_OPEN.to_owned(), View::Flag(standing == Standing::Open));
        let is_overdue = spec.id == DECISIONS && standing == Standing::Overdue;
        entries.insert("is_overdue".to_owned(), View::Flag(is_overdue));
        if is_overdue {
            let node = sources.formula(Op::Derived, vec![status.node, term.node], None);
            let value = (self.analysis.words)("state-overdue");
            entries.insert("status".to_owned(), View::Text(Text { value, node }));
        }
    }

    /// An act with its date and number, behind its kind: «приказ от 28.07.2021 № 443-п «Об утверждении модели»». Written
    /// with its number and without its title, it has the title of the register of acts.
    fn cited(&self, record: &Record, act: &Text, sources: &mut Sources) -> Text {
        let part = |key: &str| record.texts.get(key);
        let (Some(date), Some(number)) = (part("date"), part("number")) else { return act.clone() };
        if act.value.contains(ru::NUMBER_SIGN) {
            let is_same =
                |one: &&Record| ["date", "number"].iter().all(|key| value_of(one, key) == value_of(record, key));
            let acts = self.analysis.data.records.get(OF_ACTS).into_iter().flatten();
            let title = acts.filter(is_same).find_map(|one| one.texts.get("title"));
            let Some(title) = title.filter(|_| !act.value.contains('«')) else { return act.clone() };
            let node = sources.formula(Op::Derived, vec![act.node, title.node], None);
            return Text { value: format!("{} {}", act.value, ru::quoted(&title.value)), node };
        }
        let dated = ru::dated_as(&date.value, &number.value);
        let value = match act.value.split_once(' ') {
            Some((kind, rest)) => format!("{kind} {dated} {rest}"),
            None => format!("{} {dated}", act.value),
        };
        let node = sources.formula(Op::Derived, vec![act.node, date.node, number.node], None);
        Text { value, node }
    }

    /// Names the schools of a row beside their codes.
    fn name_schools(&self, record: &Record, entries: &mut BTreeMap<String, View>) {
        let of = |code: &SchoolCode| self.analysis.data.schools.get(code);
        if let Some(school) = record.school.as_ref().and_then(of) {
            entries.insert("school_short".to_owned(), View::Text(school.short.clone()));
            entries.insert("school_full".to_owned(), View::Text(school.full.clone()));
            for ((year, role), list) in &self.analysis.groups.lists {
                let is_in = list.as_ref().is_ok_and(|list| list.schools.contains_key(&school.code));
                if *year == self.year {
                    entries.insert(group_flag(lists::key(*role)), View::Flag(is_in));
                }
            }
        }
        let leader = record.texts.get("leader").map(|code| SchoolCode(code.value.as_str().into()));
        if let Some(leader) = leader.as_ref().and_then(of) {
            entries.insert("has_leader_name".to_owned(), View::Flag(true));
            entries.insert("leader_name".to_owned(), View::Text(leader.short.clone()));
            entries.insert("leader_full".to_owned(), View::Text(leader.full.clone()));
        }
    }
}

fn value_of<'r>(record: &'r Record, key: &str) -> Option<&'r str> {
    record.texts.get(key).map(|text| text.value.as_str())
}

/// Puts a text that begins with a noun in a case, where the lists know the noun: «приказом отдела образования от …»,
/// «муниципальной рабочей группы». Bodies choose by the flag.
fn inflected(
    text: Option<&Text>,
    case: ru::Case,
    key: &str,
    entries: &mut BTreeMap<String, View>,
    sources: &mut Sources,
) {
    let form = text.and_then(|text| Some((declension::decline_post(&text.value, case, None).ok()?, text.node)));
    entries.insert(format!("has_{key}"), View::Flag(form.is_some()));
    let view = form.map_or_else(
        || View::Prose(Vec::new()),
        |(value, node)| View::Text(Text { value, node: sources.formula(Op::Derived, vec![node], None) }),
    );
    entries.insert(key.to_owned(), view);
}

/// Seats the members of its group at a meeting: who is in the chair, who writes, who else belongs to it.
fn seat(meeting: &mut View, people: &[View]) {
    let View::Map(meeting) = meeting else { return };
    let text = |entries: &BTreeMap<String, View>, key: &str| match entries.get(key) {
        Some(View::Text(text)) => ru::fold(&text.value),
        _ => String::new(),
    };
    let group = text(meeting, "group");
    let of_group = people.iter().filter_map(|person| match person {
        View::Map(entries) if text(entries, "group") == group => Some(entries),
        _ => None,
    });
    let members: Vec<&BTreeMap<String, View>> = of_group.collect();
    for (key, role) in [("chair", registers::CHAIR), ("secretary", registers::SECRETARY)] {
        let found = members.iter().find(|person| text(person, "role") == role);
        meeting.insert(format!("has_{key}"), View::Flag(found.is_some()));
        let view = found.map_or_else(|| View::Prose(Vec::new()), |person| View::Map((*person).clone()));
        meeting.insert(key.to_owned(), view);
    }
    meeting.insert("has_members".to_owned(), View::Flag(!members.is_empty()));
    let members = members.into_iter().map(|person| View::Map(person.clone())).collect();
    meeting.insert("members".to_owned(), View::List(members));
}
