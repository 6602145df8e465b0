//! The coat of arms of a letterhead, from a file of the municipality's folder.
//! In: settings and input files. Out: an image that may be set on pages, or the finding that says why not.
//! It must never know where it will stand. Whether the image can be drawn is asked of [`crate::typeset`].

use ecow::EcoVec;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde::{Deserialize, Serialize};

use crate::diag::{Diagnostic, Place};
use crate::settings::{self, Settings};
use crate::source::SourceFile;

/// Largest file, bytes: the image is in every document.
const MAX_FILE: usize = 512 * 1024;
/// Most points of a side: 20 mm in print need no more, and a picture is unpacked in memory.
const MAX_SIDE: u32 = 2_000;
/// Most elements of a drawing, and how deep they stand in one another.
const MAX_ELEMENTS: usize = 5_000;
const MAX_DEPTH: usize = 40;

/// What a drawing may consist of: shapes and their colours. Texts would print words and digits that nobody checks,
/// `use` multiplies itself, `image` leads out of the file.
const DRAWN: [&str; 18] = [
    "svg",
    "g",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "defs",
    "clipPath",
    "linearGradient",
    "radialGradient",
    "stop",
    "style",
    "title",
    "desc",
    "metadata",
];

/// An image for the letterhead.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Emblem {
    /// What the bytes are.
    pub format: Format,
    /// The file.
    pub bytes: EcoVec<u8>,
    /// Its SHA-256.
    pub hash: String,
    /// What it shows.
    pub text: String,
}

/// The format of an image.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Format {
    /// Points.
    Png,
    /// A drawing.
    Svg,
}

/// Finds the image that the settings name; `None` where they name none.
///
/// # Errors
/// The finding that says why it cannot be used, at its line of the settings.
pub fn find(settings: &Settings, files: &[SourceFile]) -> Result<Option<Emblem>, Diagnostic> {
    let letterhead = &settings.letterhead;
    let Some(path) = &letterhead.emblem else { return Ok(None) };
    let refuse = |id: &str| refusal(settings, id);
    let is_plain = |part: &str| !matches!(part, "" | "." | "..");
    if path.contains(['\\', ':']) || !path.split('/').all(is_plain) {
        return Err(refuse("emblem-outside"));
    }
    let Some(file) = files.iter().find(|file| file.path == *path) else { return Err(refuse("emblem-missing")) };
    if file.bytes.len() > MAX_FILE {
        return Err(refuse("emblem-too-large").with("limit", (MAX_FILE / 1024).to_string()));
    }
    let format = match sides(&file.bytes) {
        Some((width, height)) if width > MAX_SIDE || height > MAX_SIDE => {
            let found = format!("{width} × {height}");
            return Err(refuse("emblem-too-fine").with("found", found).with("limit", MAX_SIDE.to_string()));
        }
        Some(_) => Format::Png,
        None => match drawing(&file.bytes) {
            Drawing::Plain => Format::Svg,
            Drawing::With(found) => return Err(refuse("emblem-not-plain").with("found", found)),
            Drawing::Crowded => {
                return Err(refuse("emblem-too-many-shapes").with("limit", MAX_ELEMENTS.to_string()));
            }
            Drawing::None => return Err(refuse("emblem-not-an-image")),
        },
    };
    let text = letterhead.emblem_text.clone().unwrap_or_else(|| settings.name.clone());
    Ok(Some(Emblem { format, bytes: EcoVec::from(file.bytes.as_slice()), hash: file.hash.clone(), text }))
}

/// The finding of an image that cannot be used, at its line of the settings.
pub fn refusal(settings: &Settings, id: &str) -> Diagnostic {
    let place = Place::Line { file: settings::FILE.to_owned(), line: settings.letterhead.emblem_line };
    Diagnostic::error(id, place).with("file", settings.letterhead.emblem.as_deref().unwrap_or_default())
}

/// Width and height of a PNG, in points; `None` for anything else.
fn sides(bytes: &[u8]) -> Option<(u32, u32)> {
    let head = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    let side = |at: usize| Some(u32::from_be_bytes(head.get(at..at + 4)?.try_into().ok()?));
    (head.get(4..8)? == b"IHDR").then_some((side(8)?, side(12)?))
}

/// What a file is that may be a drawing.
enum Drawing {
    /// A drawing of shapes.
    Plain,
    /// A drawing with something else in it.
    With(String),
    /// A drawing of too many shapes.
    Crowded,
    /// No drawing.
    None,
}

fn drawing(bytes: &[u8]) -> Drawing {
    let Ok(text) = std::str::from_utf8(bytes) else { return Drawing::None };
    let mut reader = Reader::from_str(text);
    let (mut elements, mut depth) = (0, 0_usize);
    loop {
        let (name, is_open) = match reader.read_event() {
            Ok(Event::Start(start)) => (start.local_name().as_ref().to_owned(), true),
            Ok(Event::Empty(start)) => (start.local_name().as_ref().to_owned(), false),
            Ok(Event::End(_)) => {
                depth = depth.saturating_sub(1);
                continue;
            }
            // Its own entities could grow without end.
            Ok(Event::DocType(found)) if found.contains('[') => return Drawing::With("<!ENTITY>".to_owned()),
            Ok(Event::Eof) => return if elements > 0 && depth == 0 { Drawing::Plain } else { Drawing::None },
            Ok(_) => continue,
            Err(_) => return Drawing::None,
        };
        if elements == 0 && name != "svg" {
            return Drawing::None;
        }
        elements += 1;
        depth += usize::from(is_open);
        if !DRAWN.contains(&name.as_str()) {
            let shown: String = name.chars().take(40).collect();
            return Drawing::With(format!("<{shown}>"));
        }
        if elements > MAX_ELEMENTS || depth > MAX_DEPTH {
            return Drawing::Crowded;
        }
    }
}
