//! Acts that decisions and the roadmap ask to adopt or to change, and whether it is done.
//! In: decisions, rows of planned acts and of amendments, the register of acts. Out: one list, sorted.
//! It must never know how an act is written.

use serde::{Deserialize, Serialize};

use super::decisions::{Decision, Status};
use super::ground::Grounds;
use super::measures::text_of;
use crate::model::{Gap, Record, SchoolCode, Text};
use crate::ru;

/// What is to be done with an act.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActAction {
    /// It is to be adopted.
    Adopt,
    /// It is to be changed.
    Change,
}

/// Who asks for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActOrigin {
    /// A decision whose kind of measure is an act.
    Decision,
    /// An activity of the roadmap, by a row of planned acts.
    Activity,
    /// Rows of amendments.
    Amendments,
}

/// An act that is asked for.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct AskedAct {
    /// What is to be done.
    pub action: ActAction,
    /// Who asks.
    pub origin: ActOrigin,
    /// The act: its title, or the decision in its own words.
    pub title: Text,
    /// Its kind, where the row says it.
    pub kind: Option<Text>,
    /// The school, if it is of one.
    pub school: Option<SchoolCode>,
    /// On what ground: that of the decision, or the activity.
    pub ground: Option<Text>,
    /// What of the act is to be changed.
    pub units: Vec<Text>,
    /// Who adopts it.
    pub adopter: Option<Text>,
    /// Whose opinion is heard.
    pub opinion: Option<Text>,
    /// When.
    pub term: Option<Text>,
    /// What became of it.
    pub status: Status,
    /// The act by which it was done: kind, day and number as they are written.
    pub done_by: Vec<Text>,
}

/// Collects what is asked for, and the sheets that could not be read whole.
pub(super) fn acts(grounds: &Grounds<'_, '_>, decisions: &[Decision]) -> (Vec<AskedAct>, Gap) {
    let data = grounds.scope.data;
    let mut in_doubt = Gap::default();
    for sheet in ["decisions", "planned-acts", "amendments", "acts"] {
        if let Err(gap) = data.sheet(sheet) {
            in_doubt = in_doubt.and(&gap);
        }
    }
    let records = |sheet: &str| data.records.get(sheet).into_iter().flatten();
    let stems: Vec<String> = grounds.rules.decisions.change_words.iter().map(|stem| ru::fold(stem)).collect();
    let action = |texts: &[Option<&Text>]| {
        let folded: Vec<String> = texts.iter().flatten().map(|text| ru::fold(&text.value)).collect();
        let mut words = folded.iter().flat_map(|text| text.split(' '));
        let is_change = words.any(|word| stems.iter().any(|stem| word.starts_with(stem.as_str())));
        if is_change { ActAction::Change } else { ActAction::Adopt }
    };
    let mut asked = Vec::new();
    for decision in decisions.iter().filter(|decision| decision.measure.as_deref() == Some("act")) {
        asked.push(AskedAct {
            action: action(&[Some(&decision.text)]),
            origin: ActOrigin::Decision,
            title: decision.text.clone(),
            kind: None,
            school: decision.school.clone(),
            ground: decision.ground.clone(),
            units: Vec::new(),
            adopter: decision.body.clone(),
            opinion: None,
            term: decision.term.clone(),
            status: decision.status,
            done_by: decision.act.clone().into_iter().collect(),
        });
    }
    for record in records("planned-acts") {
        let text = |key: &str| record.texts.get(key).cloned();
        let Some(title) = text("title") else { continue };
        let number = ru::item_number(text_of(record, "activity").unwrap_or_default());
        let is_this = |own: &Text| ru::item_number(&own.value) == number;
        let activity = data.activities.iter().find(|known| known.number.as_ref().is_ok_and(is_this));
        let action_of_row = action(&[record.texts.get("kind"), Some(&title)]);
        let adopted = records("acts").find(|act| {
            let own = act.texts.get("title");
            own.is_some_and(|own| speaks_of(&own.value, &title.value) && action(&[Some(own)]) == action_of_row)
        });
        asked.push(AskedAct {
            action: action_of_row,
            origin: ActOrigin::Activity,
            title,
            kind: text("kind"),
            school: None,
            ground: activity.and_then(|activity| activity.title.clone().ok()),
            units: Vec::new(),
            adopter: text("adopter"),
            opinion: text("opinion"),
            term: text("term"),
            status: if adopted.is_some() { Status::Done } else { Status::Planned },
            done_by: adopted.map(requisites).unwrap_or_default(),
        });
    }
    for record in records("amendments") {
        let text = |key: &str| record.texts.get(key).cloned();
        let (Some(title), Some(unit)) = (text("act"), text("unit")) else { continue };
        let known = asked.iter_mut().find(|known| {
            known.origin == ActOrigin::Amendments && ru::fold(&known.title.value) == ru::fold(&title.value)
        });
        if let Some(known) = known {
            known.units.push(unit);
            continue;
        }
        let is_same = |act: &&Record| {
            ["date", "number"]
                .iter()
                .all(|key| text_of(act, key).is_some() && text_of(act, key) == text_of(record, key))
        };
        let amended = records("acts").find(is_same).is_some_and(|act| text_of(act, "status") == Some("amended"));
        asked.push(AskedAct {
            action: ActAction::Change,
            origin: ActOrigin::Amendments,
            title,
            kind: None,
            school: None,
            ground: None,
            units: vec![unit],
            adopter: None,
            opinion: None,
            term: None,
            status: if amended { Status::Done } else { Status::Planned },
            done_by: Vec::new(),
        });
    }
    asked.sort_by_cached_key(|row| (row.action, row.origin, row.school.clone(), row.title.value.clone()));
    (asked, in_doubt)
}

/// Tells whether the title of an act has every word of another, whatever the endings.
fn speaks_of(title: &str, wanted: &str) -> bool {
    const STEM: usize = 5;
    const SHORT: usize = 2;
    let stems = |text: &str| -> Vec<String> {
        let folded = ru::fold(text);
        let words = folded.split(' ').filter(|word| word.chars().count() > SHORT);
        words.map(|word| word.chars().take(STEM).collect()).collect()
    };
    let (has, wanted) = (stems(title), stems(wanted));
    !wanted.is_empty() && wanted.iter().all(|stem| has.contains(stem))
}

/// Kind, day and number of an act.
fn requisites(act: &Record) -> Vec<Text> {
    ["kind", "date", "number"].iter().filter_map(|key| act.texts.get(*key).cloned()).collect()
}
