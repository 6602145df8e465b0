//! Teachers of a school by code: what they teach, since when, what both waves of the diagnosis gave. Never a name.

use std::collections::{BTreeMap, BTreeSet};

use super::Builder;
use crate::context::{Analysis, GapView, View};
use crate::figure::Unit;
use crate::measure::Measure;
use crate::model::{Block, Dims, Observation, Operand, Question, SchoolCode, Subject, TeacherCode, Text, Year, codes};
use crate::provenance::Op;
use crate::ru;

/// Who teaches where in a year, by school.
pub(super) type Employed<'a> = BTreeMap<SchoolCode, BTreeMap<TeacherCode, Vec<&'a Observation>>>;

/// Collects the teachers of the schools.
pub(super) fn employed<'a>(analysis: &Analysis<'a>, year: Year, schools: &BTreeSet<&SchoolCode>) -> Employed<'a> {
    let mut found = Employed::new();
    for (subject, rows) in analysis.data.store.subjects(codes::EMPLOYMENT) {
        let Subject::Teacher(teacher) = subject else { continue };
        for row in rows.filter(|row| row.from <= year && year <= row.to) {
            let Some(school) = row.dims.school.as_ref().filter(|code| schools.contains(code)) else { continue };
            found.entry(school.clone()).or_default().entry(teacher.clone()).or_default().push(row);
        }
    }
    found
}

impl Builder<'_, '_> {
    /// The teachers of the school, each with what a card of his shows.
    pub(super) fn teachers(&mut self, employed: &Employed<'_>) -> Vec<(String, View)> {
        let of_school = employed.get(&self.school.code).into_iter().flatten();
        of_school.map(|(teacher, rows)| (teacher.0.to_string(), self.teacher(teacher, rows))).collect()
    }

    fn teacher(&mut self, teacher: &TeacherCode, rows: &[&Observation]) -> View {
        let node = self.sources.cells(rows.iter().map(|row| row.cell));
        let text = |value: String| View::Text(Text { value, node });
        let subjects: BTreeSet<&str> =
            rows.iter().filter_map(|row| row.dims.discipline.as_ref()).map(|subject| subject.0.as_str()).collect();
        let subjects = subjects.into_iter().collect::<Vec<_>>().join(", ");
        let since = rows.iter().map(|row| row.from).min().filter(|from| from.0 > 0);
        let position = rows.iter().find_map(|row| row.dims.kind.clone());
        let mut view: BTreeMap<String, View> = BTreeMap::new();
        let mut put = |key: &str, value: View| view.insert(key.to_owned(), value);
        put("code", text(teacher.0.to_string()));
        put("has_subject", View::Flag(!subjects.is_empty()));
        put("subject", text(subjects));
        put("has_since", View::Flag(since.is_some()));
        put("since", text(since.map(|year| year.to_string()).unwrap_or_default()));
        put("has_position", View::Flag(position.is_some()));
        put("position", text(position.map(|position| ru::prose(&position)).unwrap_or_default()));
        let blocks = [(Block::Subject, "subject"), (Block::Methodical, "methodical")];
        put("blocks", View::List(blocks.map(|(block, key)| self.block(teacher, block, key)).into()));
        View::Map(view)
    }

    /// What both waves of a block gave, and the growth from one to the other.
    fn block(&mut self, teacher: &TeacherCode, block: Block, key: &str) -> View {
        let id = format!("teacher/{}/{key}", teacher.0);
        let title = View::Text(Text {
            value: self.word(&format!("diagnosis-{key}")),
            node: self.sources.cells([self.school.cell]),
        });
        let waves = [1, 2].map(|wave| self.wave(teacher, block, wave));
        let growth = match &waves {
            [Ok(Some(first)), Ok(Some(second))] => {
                let value: Measure = &second.value - &first.value;
                let node = self.sources.formula(Op::Difference, vec![second.node, first.node], Some(value.clone()));
                Some(self.figure(&format!("{id}/growth"), &Operand { value, node }, Unit::Points))
            }
            _ => None,
        };
        let [first, second] = waves;
        let mut entries = BTreeMap::from([("title".to_owned(), title)]);
        for (part, wave) in [("first", first), ("second", second)] {
            entries.insert(format!("has_{part}"), View::Flag(!matches!(wave, Ok(None))));
            let value = match wave {
                Ok(Some(operand)) => self.figure(&format!("{id}/{part}"), &operand, Unit::Percent),
                Ok(None) => View::Prose(Vec::new()),
                Err(gap) => View::Gap(GapView::new(&gap, &id)),
            };
            entries.insert(part.to_owned(), value);
        }
        entries.insert("has_growth".to_owned(), View::Flag(growth.is_some()));
        entries.insert("growth".to_owned(), growth.unwrap_or_else(|| View::Prose(Vec::new())));
        View::Map(entries)
    }

    fn wave(&mut self, teacher: &TeacherCode, block: Block, wave: u8) -> crate::model::Known<Option<Operand>> {
        let subject = Subject::Teacher(teacher.clone());
        let dims = Dims { block: Some(block), wave: Some(wave), ..Dims::default() };
        let question = Question { measure: codes::DIAGNOSIS, subject: Some(&subject), year: Some(self.year), dims };
        let found = self.analysis.data.store.select(&question)?;
        let last = found.last().map(|one| (one.value.clone(), one.cell));
        Ok(last.map(|(value, cell)| Operand { value, node: self.sources.cells([cell]) }))
    }
}
