//! Terms of activities against the calendar and the period of the concept.

use crate::diag::{Diagnostic, Diagnostics};
use crate::model::{Dataset, Text, requisite};
use crate::provenance::Sources;
use crate::ru::{Span, Term};

/// Terms that were understood, with their texts.
fn terms(data: &Dataset) -> impl Iterator<Item = (&Text, &Term)> {
    data.activities.iter().filter_map(|activity| Some((activity.term.as_ref().ok()?, activity.schedule.as_ref()?)))
}

fn finding(id: &str, text: &Text, span: Span, sources: &Sources) -> Diagnostic {
    Diagnostic::warning(id, sources.place_of(text.node)).with("term", span.text())
}

/// A term that ends before it begins.
pub(super) fn reversed(data: &mut Dataset, sources: &Sources, diagnostics: &mut Diagnostics) {
    for (text, term) in terms(data) {
        if let Some(span) = term.reversed() {
            diagnostics.push(finding("term-reversed", text, span, sources));
        }
    }
}

/// A term with years that lies, wholly or partly, outside the period of the concept.
pub(super) fn outside_period(data: &mut Dataset, sources: &Sources, diagnostics: &mut Diagnostics) {
    // Without a sound period, which has its own finding, nothing lies outside it.
    let (Some(first), Some(last)) =
        (super::requisite_year(data, requisite::START), super::requisite_year(data, requisite::END))
    else {
        return;
    };
    if last < first {
        return;
    }
    for (text, term) in terms(data).filter(|(_, term)| term.reversed().is_none()) {
        if let Some(span) = term.outside(first, last) {
            let finding = finding("term-outside-period", text, span, sources);
            diagnostics.push(finding.with("first", first.to_string()).with("last", last.to_string()));
        }
    }
}
