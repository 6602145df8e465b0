//! Causes that are told by grades: one cause, with the value of each grade beside it.

use std::collections::BTreeMap;

use super::Builder;
use crate::advice::{Advice, CauseFinding, SchoolAdvice};
use crate::context::{Piece, View};
use crate::figure::{Figure, Unit};
use crate::model::Text;

impl Builder<'_, '_> {
    /// The causes that hold, each once.
    pub(super) fn causes(&mut self, advice: &Advice, own: &SchoolAdvice) -> View {
        let mut found: Vec<(&str, Vec<&CauseFinding>)> = Vec::new();
        for finding in own.held() {
            match found.iter_mut().find(|(cause, _)| *cause == finding.cause) {
                Some((_, findings)) => findings.push(finding),
                None => found.push((&finding.cause, vec![finding])),
            }
        }
        let mut causes = Vec::new();
        for (_, findings) in found {
            let Some((first, _)) = findings.split_first() else { continue };
            let View::Map(mut cause) = self.cause(own, first) else { continue };
            self.by_grade(&findings, &mut cause);
            let value = first.verdict.as_ref().ok().and_then(|verdict| verdict.value.as_ref());
            let unit = value.map_or(Unit::Percent, |value| value.unit);
            self.goals(advice, &first.cause, unit, &mut cause);
            causes.push(View::Map(cause));
        }
        View::List(causes)
    }

    /// Puts the value of each grade in the place of that of the first one: «31,5 % (5 класс); 30,4 % (6 класс)».
    fn by_grade(&mut self, findings: &[&CauseFinding], cause: &mut BTreeMap<String, View>) {
        let mut pieces = Vec::new();
        for finding in findings {
            let value = finding.verdict.as_ref().ok().and_then(|verdict| verdict.value.as_ref());
            let Some((grade, value)) = finding.grade.zip(value) else { return };
            let key = format!("causes.{}.ground", finding.cause);
            let node = self.sources.declared(self.analysis.rules_file, &key);
            let id = format!("school/{}/cause/{}/{grade}/value", self.school.code, finding.cause);
            let text = |value: String| Piece::Text(Text { value, node });
            pieces.extend((!pieces.is_empty()).then(|| text("; ".to_owned())));
            pieces.push(Piece::Figure(Figure { id, ..value.clone() }));
            pieces.push(text(self.word("of-grade").replace("{grade}", &grade.to_string())));
        }
        if !pieces.is_empty() {
            cause.insert("value".to_owned(), View::Prose(pieces));
        }
    }
}
