//! What must not be on a page: words that cross a rule or stand in a margin, and texts over one another.
//! In: the texts and rules of one page. Out: those that are wrong. It must never know where a text comes from.

use typst::text::TextItem;

use super::walk::{Origin, Place};

/// How far punctuation may hang over the edge of the text, points.
const HANGING: f64 = 4.0;
/// What boxes of letters may share, points: side bearings, kerning, rounding.
const SHARED: f64 = 1.0;
/// Height of a capital letter, of the font's size: what of two lines must not be shared.
const CAPITAL: f64 = 0.66;
/// How far below its text a line to write on stands at most, of the font's size.
const BELOW: f64 = 0.35;

/// A text of the body.
pub(super) struct Inked<'a> {
    pub(super) text: &'a TextItem,
    pub(super) place: Place,
    /// Left and right end of its letters.
    pub(super) ink: (f64, f64),
    pub(super) baseline: f64,
    /// It is known to be wider than its place: what it runs into is no news.
    pub(super) is_known: bool,
    pub(super) origin: Origin,
}

/// The rules of a page.
#[derive(Default)]
pub(super) struct Rules {
    /// Position, top, bottom.
    upright: Vec<(f64, f64, f64)>,
    /// Position, left, right.
    level: Vec<(f64, f64, f64)>,
}

impl Rules {
    /// Notes a line between two points.
    #[expect(clippy::float_arithmetic, reason = "geometry of pages")]
    pub(super) fn add(&mut self, (x, y): (f64, f64), (to_x, to_y): (f64, f64)) {
        let (left, right, top, bottom) = (x.min(to_x), x.max(to_x), y.min(to_y), y.max(to_y));
        if right - left < 0.5 && bottom - top > 1.0 {
            self.upright.push((left, top, bottom));
        } else if bottom - top < 1.0 && right - left > 1.0 {
            self.level.push((bottom, left, right));
        }
    }
}

/// Where the lines of the page begin and end.
#[derive(Clone, Copy)]
pub(super) struct Zone {
    pub(super) left: f64,
    pub(super) right: f64,
}

/// The right end of the lines of a page.
#[expect(clippy::float_arithmetic, reason = "geometry of pages")]
pub(super) fn right_end(width: f64, margin: f64) -> f64 {
    width - margin
}

/// Left and right end of the letters of a text that begins at a place: blanks at its ends print nothing.
#[expect(clippy::float_arithmetic, reason = "geometry of pages")]
pub(super) fn ink(text: &TextItem, left: f64) -> (f64, f64) {
    let blank = |range: std::ops::Range<usize>| {
        text.text.get(range).is_none_or(|part| part.chars().all(|c| c.is_whitespace() || c == '\u{200b}'))
    };
    let (mut reach, mut first, mut last) = (left, None, left);
    for glyph in &text.glyphs {
        let end = reach + glyph.x_advance.at(text.size).to_pt();
        if !blank(glyph.range()) {
            first.get_or_insert(reach);
            last = end;
        }
        reach = end;
    }
    (first.unwrap_or(left), last)
}

/// The edge that a text crosses: a rule, or the end of the lines.
#[expect(clippy::float_arithmetic, reason = "geometry of pages")]
pub(super) fn edge(found: &Inked<'_>, rules: &Rules, zone: Zone) -> Option<f64> {
    let place = found.place;
    let (left, right, middle) = (place.x, place.x + place.width, place.y + place.height / 2.0);
    let crosses = |x: f64| left + 0.5 < x && x + 0.5 < right;
    let rule = rules.upright.iter().find(|(x, top, bottom)| *top < middle && middle < *bottom && crosses(*x));
    match rule {
        Some((x, ..)) => Some(*x),
        // Full stops and hyphens hang over the edge of justified lines.
        None if right > zone.right + HANGING => Some(zone.right),
        None if left < zone.left - HANGING => Some(zone.left),
        None => None,
    }
}

/// The glyph that first reaches over an edge, and the word that it belongs to.
#[expect(clippy::float_arithmetic, reason = "geometry of pages")]
pub(super) fn word_at(text: &TextItem, left: f64, edge: f64) -> (usize, String) {
    let mut reach = left;
    let glyph = text.glyphs.iter().position(|glyph| {
        reach += glyph.x_advance.at(text.size).to_pt();
        reach > edge
    });
    let glyph = glyph.unwrap_or(0);
    let start = text.glyphs.get(glyph).map_or(0, |glyph| glyph.range().start);
    let (before, after) = text.text.split_at_checked(start).unwrap_or(("", &text.text));
    let head = before.rsplit(char::is_whitespace).next().unwrap_or("");
    (glyph, format!("{head}{}", after.split(char::is_whitespace).next().unwrap_or("")))
}

/// The texts that stand over another text, or reach into a line to write on.
#[expect(clippy::float_arithmetic, reason = "geometry of pages")]
pub(super) fn collisions<'i, 'a>(inked: &'i [Inked<'a>], rules: &Rules) -> Vec<&'i Inked<'a>> {
    let mut order: Vec<&Inked<'_>> =
        inked.iter().filter(|one| !one.is_known && one.ink.1 - one.ink.0 > SHARED).collect();
    order.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let largest = order.iter().map(|one| one.text.size.to_pt()).fold(0.0, f64::max);
    let shares = |a: (f64, f64), b: (f64, f64)| a.1.min(b.1) - a.0.max(b.0) > SHARED;
    let height = |one: &Inked<'_>| (one.baseline - one.text.size.to_pt() * CAPITAL, one.baseline);
    let mut found = Vec::new();
    for (index, one) in order.iter().enumerate() {
        let below = order.iter().skip(index + 1).take_while(|other| other.baseline - one.baseline < largest);
        let over = below.filter(|other| shares(one.ink, other.ink) && shares(height(one), height(other)));
        found.extend(over.copied());
        let depth = one.text.size.to_pt() * BELOW;
        let reaches = |(y, left, right): &(f64, f64, f64)| {
            let is_under = one.baseline - depth < *y && *y < one.baseline + depth;
            let enters = |end: f64| one.ink.0 + SHARED < end && end + SHARED < one.ink.1;
            is_under && (enters(*left) || enters(*right))
        };
        if rules.level.iter().any(reaches) {
            found.push(*one);
        }
    }
    found
}
