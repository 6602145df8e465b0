//! What a letter says of itself against what its row says. In: the row, the texts of the letter. Out: a finding.
//! It must never know how a letter is printed.

use std::collections::BTreeMap;

use crate::context::{Piece, View};
use crate::diag::Diagnostic;
use crate::model::Text;
use crate::provenance::Sources;
use crate::ru;

/// The column that names what is sent with a letter, as its flag.
const HAS_ATTACHMENT: &str = "has_attachment";
/// The kind of letters that exist to send something.
const IS_COVER: &str = "is_cover";

/// Finds the text of a letter that speaks of an appendix, or covers one, while its row notes none (ГОСТ Р 7.0.97-2025,
/// requisite 19).
pub(super) fn without_attachment(
    record: &BTreeMap<String, View>,
    body: Option<&View>,
    sources: &Sources,
) -> Option<Diagnostic> {
    // Letters that the program writes itself have no such column, and send nothing.
    if !matches!(record.get(HAS_ATTACHMENT), Some(View::Flag(false))) {
        return None;
    }
    let Some(View::List(texts)) = body else { return None };
    let pieces = texts.iter().flat_map(|text| match text {
        View::Prose(pieces) => pieces.as_slice(),
        _ => &[],
    });
    let mut texts = pieces.filter_map(|piece| match piece {
        Piece::Text(text) => Some(text),
        _ => None,
    });
    let is_cover = matches!(record.get(IS_COVER), Some(View::Flag(true)));
    let text: &Text = texts.find(|text| is_cover || ru::wording::sends(&text.value))?;
    Some(Diagnostic::warning("letter-without-attachment", sources.place_of(text.node)))
}
