//! The cells behind what is too long for its place on a page.
//! In: a job and what was found of its pages. Out: the same findings, at the cell wherever one text alone can be meant.
//! It must never know how pages are made.

use crate::context::{Piece, View};
use crate::diag::{Diagnostic, Diagnostics, Place};
use crate::model::Text;
use crate::plan::Job;
use crate::provenance::Sources;

/// Findings that quote the text which is too long.
const QUOTING: [&str; 5] = ["off-page", "word-overruns", "texts-collide", "slot-overflow", "doubled-stop"];
/// The finding of a text that no PDF can hold; it quotes nothing.
const ENDLESS: &str = "text-too-long-for-pdf";
/// Fewest letters by which a text is told from others.
const TELLING: usize = 6;

/// Puts findings at the cells of the texts that they are about.
pub(super) fn named(job: &Job, found: &Diagnostics, sources: &Sources) -> Diagnostics {
    let mut out = Diagnostics::default();
    for finding in found.iter() {
        let place = if QUOTING.contains(&finding.id.as_str()) {
            finding.args.get("found").and_then(|quoted| quoted_at(job, quoted, sources))
        } else if finding.id == ENDLESS {
            longest_at(job, sources)
        } else {
            None
        };
        out.push(Diagnostic { place: place.unwrap_or_else(|| finding.place.clone()), ..finding.clone() });
    }
    out
}

/// The cell of the one text that holds a quotation; `None` where several do, or none.
fn quoted_at(job: &Job, quoted: &str, sources: &Sources) -> Option<Place> {
    let wanted = squeezed(quoted.trim_end_matches('…'));
    if wanted.chars().count() < TELLING {
        return None;
    }
    // What is computed of a cell stands in the same one.
    let holding = texts(job).into_iter().filter(|text| squeezed(&text.value).contains(&wanted));
    let mut places =
        holding.map(|text| sources.place_of(text.node)).filter(|place| matches!(place, Place::Cell { .. }));
    let first = places.next()?;
    places.all(|place| place == first).then_some(first)
}

/// The cell of the longest text.
fn longest_at(job: &Job, sources: &Sources) -> Option<Place> {
    let longest = texts(job).into_iter().max_by_key(|text| text.value.len())?;
    let place = sources.place_of(longest.node);
    matches!(place, Place::Cell { .. }).then_some(place)
}

/// Every text that a job may print.
fn texts(job: &Job) -> Vec<&Text> {
    fn of<'v>(view: &'v View, out: &mut Vec<&'v Text>) {
        match view {
            View::Text(text) => out.push(text),
            View::Prose(pieces) => out.extend(pieces.iter().filter_map(|piece| match piece {
                Piece::Text(text) => Some(text),
                _ => None,
            })),
            View::List(items) => items.iter().for_each(|item| of(item, out)),
            View::Map(entries) => entries.values().for_each(|entry| of(entry, out)),
            View::Figure(_) | View::Flag(_) | View::Gap(_) => {}
        }
    }
    let mut out = Vec::new();
    of(&job.title, &mut out);
    job.parts.iter().flat_map(|part| part.view.values()).for_each(|view| of(view, &mut out));
    out
}

/// Drops what line breaking may add or take, and capitals.
fn squeezed(text: &str) -> String {
    let kept = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\u{ad}' | '\u{2060}' | '\u{200b}'));
    kept.flat_map(char::to_lowercase).collect()
}
