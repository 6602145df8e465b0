//! One walk over the laid-out pages: tagged texts with their boxes, stray digits, text that was cut, page texts.
//!
//! The carrier is a label on the text itself: `f-…` a figure, `k-…` a constant, `auto` a number made by the
//! program. A repeated header gives a hit for each repetition. Page headers and footers (artifacts) are a
//! barrier; floats, footnotes and cells split over pages go on where their parent's tags stand.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use typst::WorldExt as _;
use typst::introspection::{Location, Tag as FrameTag};
use typst::layout::{Frame, FrameItem, Point, Transform};
use typst::pdf::ArtifactElem;
use typst::text::TextItem;
use typst::visualize::{Color, FixedStroke, Geometry, Paint, Shape};
use typst_layout::PagedDocument;

use super::overrun::{self, Inked, Rules};
use super::world::Files;
use typst::World as _;

/// What a tag says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "kebab-case")]
pub enum Tag {
    /// A figure, by id.
    Figure(String),
    /// A constant from a cell, by its number in the job.
    Constant(String),
    /// A number made by the program.
    Generated,
}

/// A box on a page: points from the upper left corner.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Place {
    /// Page from one.
    pub page: usize,
    /// Left.
    pub x: f64,
    /// Top.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// A tagged text on the pages.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Hit {
    /// What it is.
    pub tag: Tag,
    /// Its boxes: one a line.
    pub places: Vec<Place>,
    /// The text as printed.
    pub text: String,
    /// Virtual path of the section that printed it.
    pub section: Option<String>,
}

/// The text of a page, in the order of printing.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct PageText {
    /// Lines of the body.
    pub body: String,
    /// Lines of header and footer.
    pub margin: String,
    /// Width and height of the paper, points.
    pub size: (f64, f64),
    /// Every text, with its place.
    pub runs: Vec<Run>,
}

/// A text of one line in one size.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Run {
    /// What it says.
    pub text: String,
    /// Left end of its letters, points from the left edge; blanks at the ends do not count.
    pub left: f64,
    /// Their right end.
    pub right: f64,
    /// The line it stands on, points from the upper edge.
    pub baseline: f64,
    /// Size of the font, points.
    pub size: f64,
    /// It stands in the header or the footer.
    pub is_margin: bool,
}

/// A text that should not be where or as it is.
pub(super) struct Stray {
    pub(super) text: String,
    pub(super) page: usize,
    pub(super) section: Option<String>,
    pub(super) line: usize,
}

/// What the walk saw.
#[derive(Default)]
pub(super) struct Walked {
    pub(super) hits: Vec<Hit>,
    pub(super) stray_digits: Vec<Stray>,
    pub(super) off_page: Vec<Stray>,
    /// Texts wider than the place that is left for them.
    pub(super) over_slots: Vec<String>,
    /// Words that leave their cell, or the width of the text.
    pub(super) overruns: Vec<Stray>,
    /// Texts printed over one another, or into the place left for a hand.
    pub(super) collisions: Vec<Stray>,
    pub(super) pages: Vec<PageText>,
}

/// Makes printed and expected text comparable: soft hyphens, joiners and kinds of blanks do not count.
pub(super) fn comparable(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '\u{ad}' | '\u{2060}' | '\u{200b}'))
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Where the sections stand among the files.
const SECTIONS: &str = "/s/";

/// Section and line of a text.
pub(super) type Origin = (Option<String>, usize);

enum Open {
    Hit(Location, usize),
    OverSlot(Location, usize),
    Barrier(Location),
}

impl Open {
    fn location(&self) -> Location {
        match self {
            Self::Hit(location, _) | Self::OverSlot(location, _) | Self::Barrier(location) => *location,
        }
    }
}

struct Walk<'a> {
    world: &'a Files<'a>,
    out: Walked,
    open: Vec<Open>,
    unfinished: BTreeMap<u128, Vec<Open>>,
    page: usize,
    size: (f64, f64),
    /// Baseline and right end of the last text: decides between a new line, a blank and nothing.
    last: Option<(f64, f64)>,
    /// Left and right margin of the pages.
    margins: (f64, f64),
    /// Rules of the page.
    rules: Rules,
    /// Texts of the page's body.
    inked: Vec<Inked<'a>>,
    /// Where the last text came from that tells: numbers of the program do not.
    last_origin: Origin,
}

/// Walks the pages, whose text keeps these margins at the left and right, in points.
pub(super) fn walk<'a>(document: &'a PagedDocument, world: &'a Files<'a>, margins: (f64, f64)) -> Walked {
    let mut walk = Walk {
        world,
        out: Walked::default(),
        open: Vec::new(),
        unfinished: BTreeMap::new(),
        page: 0,
        size: (0.0, 0.0),
        last: None,
        margins,
        rules: Rules::default(),
        inked: Vec::new(),
        last_origin: (None, 1),
    };
    for page in document.pages() {
        walk.page += 1;
        walk.size = (page.frame.width().to_pt(), page.frame.height().to_pt());
        walk.last = None;
        walk.out.pages.push(PageText { size: walk.size, ..PageText::default() });
        walk.frame(&page.frame, Transform::identity());
        walk.find_overruns();
    }
    walk.out
}

fn key(location: Location) -> u128 {
    location.hash()
}

impl<'a> Walk<'a> {
    fn frame(&mut self, frame: &'a Frame, transform: Transform) {
        for (position, item) in frame.items() {
            match item {
                FrameItem::Tag(FrameTag::Start(content, _)) => {
                    let Some(location) = content.location() else { continue };
                    if content.is::<ArtifactElem>() {
                        self.open.push(Open::Barrier(location));
                        continue;
                    }
                    let Some(label) = content.label() else { continue };
                    let label = label.resolve();
                    let tag = if let Some(id) = label.as_str().strip_prefix("f-") {
                        Tag::Figure(id.to_owned())
                    } else if let Some(id) = label.as_str().strip_prefix("k-") {
                        Tag::Constant(id.to_owned())
                    } else if label.as_str() == "auto" {
                        Tag::Generated
                    } else if label.as_str() == "over-slot" {
                        self.out.over_slots.push(String::new());
                        self.open.push(Open::OverSlot(location, self.out.over_slots.len() - 1));
                        continue;
                    } else {
                        continue;
                    };
                    self.out.hits.push(Hit { tag, places: Vec::new(), text: String::new(), section: None });
                    self.open.push(Open::Hit(location, self.out.hits.len() - 1));
                }
                FrameItem::Tag(FrameTag::End(location, ..)) => {
                    if let Some(index) = self.open.iter().rposition(|open| open.location() == *location) {
                        self.open.remove(index);
                    }
                }
                FrameItem::Text(text) => self.text(text, *position, transform),
                FrameItem::Shape(shape, _) => self.rule(shape, *position, transform),
                FrameItem::Group(group) => {
                    let inner =
                        transform.pre_concat(Transform::translate(position.x, position.y)).pre_concat(group.transform);
                    if let Some(parent) = group.parent {
                        let mine = self.unfinished.remove(&key(parent.location)).unwrap_or_default();
                        let saved = std::mem::replace(&mut self.open, mine);
                        self.frame(&group.frame, inner);
                        let rest = std::mem::replace(&mut self.open, saved);
                        if !rest.is_empty() {
                            self.unfinished.insert(key(parent.location), rest);
                        }
                    } else {
                        self.frame(&group.frame, inner);
                    }
                }
                _ => {}
            }
        }
    }

    #[expect(clippy::float_arithmetic, reason = "geometry of pages")]
    fn text(&mut self, text: &'a TextItem, position: Point, transform: Transform) {
        let ascender = text.font.metrics().ascender.at(text.size);
        let descender = text.font.metrics().descender.at(text.size);
        let corner = |x, y| {
            let point = Point::new(position.x + x, position.y + y).transform(transform);
            (point.x.to_pt(), point.y.to_pt())
        };
        let zero = typst::layout::Abs::zero();
        let (left, top) = corner(zero, -ascender);
        let (right, bottom) = corner(text.width(), -descender);
        let (_, baseline) = corner(zero, zero);
        let place = Place {
            page: self.page,
            x: left.min(right),
            y: top.min(bottom),
            width: (right - left).abs(),
            height: (bottom - top).abs(),
        };
        let barrier = self.open.iter().rposition(|open| matches!(open, Open::Barrier(_)));
        let owner = self.open.iter().enumerate().rev().find_map(|(index, open)| match open {
            Open::Hit(_, hit) if barrier.is_none_or(|barrier| barrier < index) => Some(*hit),
            _ => None,
        });
        let gap = match self.last {
            Some((line, end)) if (line - baseline).abs() <= 0.5 && left - end > 0.15 * text.size.to_pt() => " ",
            Some((line, _)) if (line - baseline).abs() <= 0.5 => "",
            Some(_) => "\n",
            None => "",
        };
        self.last = Some((baseline, right));
        if let Some(page) = self.out.pages.last_mut() {
            let into = if barrier.is_some() { &mut page.margin } else { &mut page.body };
            if !into.is_empty() || gap == "\n" {
                into.push_str(gap);
            }
            into.push_str(&text.text);
        }
        let slot = self.open.iter().find_map(|open| match open {
            Open::OverSlot(_, slot) => Some(*slot),
            _ => None,
        });
        if let Some(found) = slot.and_then(|slot| self.out.over_slots.get_mut(slot)) {
            found.push_str(&text.text);
        }
        let (ink_left, ink_right) = overrun::ink(text, place.x);
        if let Some(page) = self.out.pages.last_mut() {
            let (text, size, is_margin) = (text.text.to_string(), text.size.to_pt(), barrier.is_some());
            page.runs.push(Run { text, left: ink_left, right: ink_right, baseline, size, is_margin });
        }
        let (section, line) = self.origin(text, 0);
        // A point of tolerance: side bearings reach over the edge of nothing.
        let (width, height) = self.size;
        let outside = place.x < -1.0
            || place.y < -1.0
            || place.x + place.width > width + 1.0
            || place.y + place.height > height + 1.0;
        if section.is_some() && barrier.is_none() {
            self.last_origin = (section.clone(), line);
        }
        if outside {
            // Blanks print nothing, wherever they stand.
            if ink_right > ink_left {
                let (section, line) = self.last_origin.clone();
                self.out.off_page.push(Stray { text: text.text.to_string(), page: self.page, section, line });
            }
        } else if barrier.is_none() {
            let (is_known, origin) = (slot.is_some(), self.last_origin.clone());
            self.inked.push(Inked { text, place, ink: (ink_left, ink_right), baseline, is_known, origin });
        }
        match owner.and_then(|index| self.out.hits.get_mut(index)) {
            Some(hit) => {
                hit.section = hit.section.take().or(section);
                if !hit.text.is_empty() && gap == "\n" {
                    hit.text.push(' ');
                }
                hit.text.push_str(&text.text);
                match hit.places.last_mut() {
                    Some(last) if last.page == place.page && (last.y - place.y).abs() < 0.5 => {
                        let end = (last.x + last.width).max(place.x + place.width);
                        last.x = last.x.min(place.x);
                        last.width = end - last.x;
                    }
                    _ => hit.places.push(place),
                }
            }
            None if text.text.contains(|c: char| c.is_numeric()) => {
                let digit = text.glyphs.iter().position(|glyph| {
                    text.text.get(glyph.range()).is_some_and(|part| part.contains(|c: char| c.is_numeric()))
                });
                let (section, line) = self.origin(text, digit.unwrap_or(0));
                let stray = Stray { text: text.text.to_string(), page: self.page, section, line };
                self.out.stray_digits.push(stray);
            }
            None => {}
        }
    }

    /// Notes a rule: between the cells of a table, or below a place to be filled by hand.
    fn rule(&mut self, shape: &Shape, position: Point, transform: Transform) {
        // They are black; the frame around a gap is not, and stands close to words.
        let is_black = |paint: &Paint| *paint == Paint::Solid(Color::BLACK);
        let is_stroked = shape.stroke.as_ref().is_some_and(|stroke: &FixedStroke| is_black(&stroke.paint));
        let ends = match &shape.geometry {
            Geometry::Line(to) if is_stroked => (Point::zero(), *to),
            // The lower edge of a box is a drawing, filled or stroked.
            Geometry::Curve(curve) if is_stroked || shape.fill.as_ref().is_some_and(is_black) => {
                let bounds = curve.bbox(None);
                (bounds.min, bounds.max)
            }
            _ => return,
        };
        let on_page = |point: Point| {
            let point = (position + point).transform(transform);
            (point.x.to_pt(), point.y.to_pt())
        };
        self.rules.add(on_page(ends.0), on_page(ends.1));
    }

    /// Finds the words of a page that cross a rule, stand in a margin or over one another.
    fn find_overruns(&mut self) {
        let (rules, mut inked) = (std::mem::take(&mut self.rules), std::mem::take(&mut self.inked));
        let zone = overrun::Zone { left: self.margins.0, right: overrun::right_end(self.size.0, self.margins.1) };
        for found in &mut inked {
            let Some(edge) = overrun::edge(found, &rules, zone) else { continue };
            found.is_known = true;
            let (glyph, word) = overrun::word_at(found.text, found.place.x, edge);
            let origin = self.origin(found.text, glyph);
            let (section, line) = if origin.0.is_some() { origin } else { found.origin.clone() };
            self.out.overruns.push(Stray { text: word, page: self.page, section, line });
        }
        for found in overrun::collisions(&inked, &rules) {
            let (section, line) = found.origin.clone();
            self.out.collisions.push(Stray { text: found.text.text.to_string(), page: self.page, section, line });
        }
    }

    /// The section and line that a glyph came from; none for what the vocabulary writes.
    fn origin(&self, text: &TextItem, glyph: usize) -> (Option<String>, usize) {
        let Some((span, offset)) = text.glyphs.get(glyph).map(|glyph| glyph.span) else { return (None, 1) };
        let Some(id) = span.id().filter(|id| id.vpath().get_with_slash().starts_with(SECTIONS)) else {
            return (None, 1);
        };
        let line = self
            .world
            .range(span)
            .and_then(|range| self.world.source(id).ok()?.lines().byte_to_line(range.start + usize::from(offset)))
            .map_or(1, |line| line + 1);
        (Some(id.vpath().get_with_slash().to_owned()), line)
    }
}
