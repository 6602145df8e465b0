//! The help that a school was given in the year, by the log: what was done once a line, with its days.

use super::Builder;
use crate::context::{Piece, View};
use crate::model::Text;
use crate::ru::{self, Date};

/// The register.
const LOG: &str = "support-log";

/// Form, topic and provider, and the days on which it was given.
type Given = ([Text; 3], Vec<(Date, Text)>);

impl Builder<'_, '_> {
    /// Rows of the log that agree in form, topic and provider, in the order of their first days.
    pub(super) fn support(&self) -> View {
        let View::Map(all) = self.records else { return View::List(Vec::new()) };
        let rows = match all.get(LOG) {
            Some(View::List(rows)) => rows.as_slice(),
            _ => &[],
        };
        let mut given: Vec<Given> = Vec::new();
        for row in rows {
            let View::Map(row) = row else { continue };
            let text = |key: &str| match row.get(key) {
                Some(View::Text(text)) => Some(text.clone()),
                _ => None,
            };
            let is_own = text("school").is_some_and(|code| code.value == self.school.code.0);
            let Some([form, topic, provider]) =
                is_own.then(|| Some([text("form")?, text("topic")?, text("provider")?])).flatten()
            else {
                continue;
            };
            let Some((day, date)) = text("date").and_then(|date| Some((Date::parse(&date.value)?, date))) else {
                continue;
            };
            let key = |of: &[Text; 3]| of.each_ref().map(|text| ru::fold(&text.value));
            let what = [form, topic, provider];
            match given.iter_mut().find(|(known, _)| key(known) == key(&what)) {
                Some((_, days)) => days.push((day, date)),
                None => given.push((what, vec![(day, date)])),
            }
        }
        given.iter_mut().for_each(|(_, days)| {
            days.sort_by_key(|(day, _)| *day);
            // Of teachers with whom the same was done on a day the log has a row each.
            days.dedup_by_key(|(day, _)| *day);
        });
        given.sort_by_key(|(_, days)| days.first().map(|(day, _)| *day));
        let rows = given.into_iter().map(|([form, topic, provider], days)| {
            let mut dates = Vec::new();
            for (day, date) in days {
                let comma = if dates.is_empty() { "" } else { ", " };
                let value = format!("{comma}{:02}.{:02}", day.day, day.month);
                dates.push(Piece::Text(Text { value, node: date.node }));
            }
            View::map([
                ("dates", View::Prose(dates)),
                ("form", View::Text(form)),
                ("topic", View::Text(topic)),
                ("provider", View::Text(provider)),
            ])
        });
        View::List(rows.collect())
    }
}
