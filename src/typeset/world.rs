//! The world that typst sees: a fixed map of virtual files and the program's own fonts. No disk, no net, no clock.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::visualize::{ExchangeFormat, RasterImage, SvgImage};
use typst::{Library, LibraryExt, World};

use super::qr;
use crate::catalog::BUILT_IN;
use crate::emblem::{Emblem, Format};

/// Library and fonts, made once and shared by all jobs; and the files that most jobs have in common, parsed once.
pub struct Fonts {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    /// By path and text: as many as there are vocabularies and profiles.
    common: Mutex<BTreeMap<(String, String), Source>>,
}

impl Fonts {
    /// Reads the fonts built into the program.
    pub fn built_in() -> Self {
        let fonts: Vec<Font> = BUILT_IN
            .iter()
            .filter(|(path, _)| path.starts_with("fonts/") && path.ends_with(".ttf"))
            .flat_map(|(_, bytes)| Font::iter(Bytes::new(*bytes)))
            .collect();
        let book = FontBook::from_fonts(&fonts);
        let library = LazyHash::new(Library::default());
        Self { library, book: LazyHash::new(book), fonts, common: Mutex::default() }
    }

    /// Returns a file that other jobs have too.
    fn common(&self, path: &str, text: &str) -> Option<Source> {
        let mut common = self.common.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (path.to_owned(), text.to_owned());
        if let Some(known) = common.get(&key) {
            return Some(known.clone());
        }
        let source = source(path, text)?;
        common.insert(key, source.clone());
        Some(source)
    }
}

/// Parses a virtual file; `None` where its path is none.
pub(super) fn source(path: &str, text: &str) -> Option<Source> {
    Some(Source::new(id(path)?, text.to_owned()))
}

/// The virtual files of one job.
pub(super) struct Files<'a> {
    fonts: &'a Fonts,
    main: FileId,
    sources: BTreeMap<String, Source>,
    /// The coat of arms and the QR code: path, bytes.
    images: Vec<(&'static str, Bytes)>,
}

/// The path of the QR code among the files.
pub(super) const QR: &str = "/qr.svg";

/// The path of the coat of arms among the files.
pub(super) fn emblem_path(format: Format) -> &'static str {
    match format {
        Format::Png => "/emblem.png",
        Format::Svg => "/emblem.svg",
    }
}

/// Tells whether the coat of arms can be drawn.
pub fn draws(emblem: &Emblem) -> bool {
    let bytes = Bytes::new(emblem.bytes.clone());
    match emblem.format {
        Format::Png => RasterImage::plain(bytes, ExchangeFormat::Png).is_ok(),
        Format::Svg => SvgImage::new(bytes).is_ok(),
    }
}

/// Interns a path: ids are never freed, so paths are the same for all jobs of a kind.
fn id(path: &str) -> Option<FileId> {
    Some(RootedPath::new(VirtualRoot::Project, VirtualPath::new(path).ok()?).intern())
}

impl<'a> Files<'a> {
    /// The world of a job: its main file, what it has in common with others, and its sections.
    pub(super) fn new(fonts: &'a Fonts, main: &str, vocabulary: &str, profile: &str, sections: Vec<Source>) -> Self {
        let own = source("/main.typ", main).into_iter().chain(sections);
        let common = [("/vocabulary.typ", vocabulary), ("/profile.typ", profile)];
        let common = common.into_iter().filter_map(|(path, text)| fonts.common(path, text));
        let by_path = |source: Source| (source.id().vpath().get_with_slash().to_owned(), source);
        let sources: BTreeMap<String, Source> = own.chain(common).map(by_path).collect();
        let main = sources.get("/main.typ").map_or_else(|| FileId::from_raw(std::num::NonZeroU16::MIN), Source::id);
        Self { fonts, main, sources, images: Vec::new() }
    }

    /// Puts the coat of arms among the files.
    pub(super) fn with_emblem(mut self, emblem: Option<&Emblem>) -> Self {
        self.images.extend(emblem.map(|emblem| (emblem_path(emblem.format), Bytes::new(emblem.bytes.clone()))));
        self
    }

    /// Puts the QR code of a text among the files.
    pub(super) fn with_qr(mut self, text: Option<&str>) -> Self {
        self.images.extend(text.and_then(qr::drawing).map(|drawing| (QR, Bytes::from_string(drawing))));
        self
    }

    /// Empties a section that failed, so that the others can be tried.
    pub(super) fn blank(&mut self, path: &str) {
        if let Some(source) = self.sources.get_mut(path) {
            *source = Source::new(source.id(), String::new());
        }
    }
}

impl World for Files<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.fonts.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.fonts.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let path = id.vpath().get_with_slash();
        self.sources.get(path).cloned().ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        match self.images.iter().find(|(path, _)| id.vpath().get_with_slash() == *path) {
            Some((_, bytes)) => Ok(bytes.clone()),
            None => self.source(id).map(Bytes::from_string),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
