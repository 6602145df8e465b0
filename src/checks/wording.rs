//! What texts of the municipality must not say.

use crate::diag::{Diagnostic, Diagnostics};
use crate::model::{Dataset, Text};
use crate::provenance::Sources;
use crate::ru;

/// Results of ВПР are no evaluation and no rating of a school or a teacher (letter of Рособрнадзор, `domain` § 0): a text
/// that calls them so is named.
pub(super) fn rating_by_vpr(data: &mut Dataset, sources: &Sources, diagnostics: &mut Diagnostics) {
    let of_sections = data.texts.values().flatten().map(|(_, text)| text);
    let of_records = data.records.values().flatten().flat_map(|record| record.texts.values());
    let of_activities = data.activities.iter().flat_map(|activity| [&activity.title, &activity.result]);
    let of_activities = of_activities.filter_map(|text| text.as_ref().ok());
    let rates = |text: &&Text| ru::rates_by_vpr(&text.value);
    let found: Vec<&Text> = of_sections.chain(of_records).chain(of_activities).filter(rates).collect();
    for text in found {
        diagnostics.push(Diagnostic::error("rating-by-vpr", sources.place_of(text.node)));
    }
}
