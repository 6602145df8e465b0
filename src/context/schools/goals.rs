//! What a school has set itself as goals, as its papers print it.

use std::collections::BTreeMap;

use super::Builder;
use crate::advice::{Advice, SchoolGoal};
use crate::context::build::{as_typed, condition_key};
use crate::context::{GapView, Piece, View};
use crate::figure::{Figure, Unit};
use crate::model::{Known, Text, Year, requisite};

impl Builder<'_, '_> {
    /// The last year of the school's own papers: never before the year that they plan.
    pub(super) fn last_year(&self) -> Option<Year> {
        let end = self.analysis.data.requisite_numbers.get(requisite::END);
        let end = end.and_then(|end| i32::try_from(end.value.to_integer()?).ok());
        end.map(|end| Year(end.max(self.year.0 + 1)))
    }

    /// The goals of the school for an indicator or a cause: all by year, that of the next year, that of the last year of
    /// its papers.
    pub(super) fn goals(&mut self, advice: &Advice, code: &str, unit: Unit, view: &mut BTreeMap<String, View>) {
        let own = advice.school_goals.get(&self.school.code).and_then(|goals| goals.get(code));
        let end = self.last_year();
        let mut goals = BTreeMap::new();
        for (year, goal) in own.into_iter().flatten() {
            goals.insert(*year, self.goal(code, *year, unit, goal));
        }
        let of = |year: Option<Year>| match year.and_then(|year| goals.get(&year)) {
            Some(text) => View::map([("is_set", View::Flag(true)), ("text", text.clone())]),
            None => View::map([("is_set", View::Flag(false)), ("text", View::Prose(Vec::new()))]),
        };
        view.insert("next_goal".to_owned(), of(Some(Year(self.year.0 + 1))));
        view.insert("last_goal".to_owned(), of(end));
        view.insert("has_targets".to_owned(), View::Flag(!goals.is_empty()));
        let node = self.sources.cells([self.school.cell]);
        let rows = goals.into_iter().map(|(year, text)| {
            View::map([("year", View::Text(Text { value: year.to_string(), node })), ("text", text)])
        });
        view.insert("targets".to_owned(), View::List(rows.collect()));
    }

    fn goal(&self, code: &str, year: Year, unit: Unit, goal: &Known<SchoolGoal>) -> View {
        let goal = match goal {
            Ok(goal) => goal,
            Err(gap) => return View::Gap(GapView::new(gap, code)),
        };
        let word = self.word(condition_key(goal.condition));
        let node = goal.said.node;
        let Some(value) = &goal.value else { return View::Text(Text { value: word, node }) };
        let figure = Figure {
            id: format!("school/{}/goal/{code}/{year}", self.school.code),
            value: value.value.clone(),
            unit,
            rounding: as_typed(self.analysis.settings.rounding.of(unit), &value.value),
            node: value.node,
        };
        View::Prose(vec![Piece::Text(Text { value: format!("{word} "), node }), Piece::Figure(figure)])
    }
}
