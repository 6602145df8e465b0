//! Finds and reads the input files of municipalities: walk, guard, hash.
//! In: a folder. Out: files with their bytes and hashes, in sorted order. The only user of walkdir.
//! It must never know what a file means.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::diag::{Diagnostic, Diagnostics, Place, Reason};
use crate::settings;

/// Largest input file, bytes.
const MAX_FILE: u64 = 50 * 1024 * 1024;
/// Most files in a municipality's folder.
const MAX_FILES: usize = 5_000;
/// Where the program keeps its own data below a municipality's folder; never an input.
const OWN_FOLDER: &str = "svod";

/// Below it, the data that returned forms were merged into: read like any other input.
pub const DATA_FOLDER: &str = "data";

/// An input file.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Path below the municipality's folder, with `/`.
    pub path: String,
    /// The bytes, read once.
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes, hexadecimal.
    pub hash: String,
}

/// A municipality's folder.
#[derive(Clone, Debug)]
pub struct Municipality {
    /// Name of the folder; also the name of its output folder.
    pub id: String,
    /// The folder.
    pub folder: PathBuf,
}

/// Returns the SHA-256 of bytes, hexadecimal.
pub fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Finds the municipalities below a folder: the folder itself when it has settings, else its subfolders.
///
/// # Errors
/// The reason why the folder cannot be read or holds no municipality, as a finding.
#[expect(clippy::disallowed_methods, reason = "reading the disk is this module's task")]
pub fn municipalities(inputs: &Path) -> Result<Vec<Municipality>, Diagnostic> {
    let place = || Place::File { file: inputs.display().to_string() };
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    if inputs.join(settings::FILE).is_file() {
        let absolute = std::path::absolute(inputs).unwrap_or_else(|_| inputs.to_owned());
        let id = name(&absolute).unwrap_or_else(|| "svod".to_owned());
        return Ok(vec![Municipality { id, folder: inputs.to_owned() }]);
    }
    let entries = std::fs::read_dir(inputs)
        .map_err(|error| Diagnostic::error("no-inputs", place()).because(Reason::io(&error)))?;
    let mut found: Vec<Municipality> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join(settings::FILE).is_file())
        .filter_map(|folder| Some(Municipality { id: name(&folder)?, folder }))
        .collect();
    found.sort_by(|a, b| a.id.cmp(&b.id));
    if found.is_empty() {
        return Err(Diagnostic::error("no-inputs", place()).because(Reason::new("reason-no-settings")));
    }
    Ok(found)
}

/// Resolves links and dots of a path of which the last parts may not exist yet; `None` when no part does.
#[expect(clippy::disallowed_methods, reason = "reading the disk is this module's task")]
pub fn resolve(path: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(path).ok()?;
    let mut missing = Vec::new();
    let mut known = absolute.as_path();
    loop {
        if let Ok(real) = std::fs::canonicalize(known) {
            return Some(missing.iter().rev().fold(real, |real: PathBuf, part| real.join(part)));
        }
        missing.push(known.file_name()?.to_owned());
        known = known.parent()?;
    }
}

/// Reads every input file of a municipality: workbooks, settings, overriding templates.
///
/// Lock files, hidden files and the program's own folder are left out; what cannot be read is reported.
#[expect(clippy::disallowed_methods, reason = "reading the disk is this module's task")]
pub fn read(folder: &Path, diagnostics: &mut Diagnostics) -> Vec<SourceFile> {
    let mut files = Vec::new();
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_entry(|entry| {
        let name = entry.file_name().to_string_lossy();
        // Of the program's own folder only the data is input that returned forms were merged into.
        let is_own = entry.path().strip_prefix(folder).is_ok_and(|path| {
            let mut parts = path.components().map(|part| part.as_os_str());
            parts.next().is_some_and(|first| first == OWN_FOLDER)
                && parts.next().is_some_and(|next| next != DATA_FOLDER)
        });
        entry.depth() == 0 || !(is_own || is_noise(&name))
    });
    for entry in walk {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let file = error.path().map(|path| relative(folder, path)).unwrap_or_default();
                let reason = error.io_error().map_or_else(|| Reason::new("reason-io-circle"), Reason::io);
                diagnostics.push(Diagnostic::error("unreadable-file", Place::File { file }).because(reason));
                continue;
            }
        };
        if entry.file_type().is_dir() {
            continue;
        }
        let path = relative(folder, entry.path());
        let place = Place::File { file: path.clone() };
        // A pipe or a device would hang in open; a link may lead out of the folder.
        if !entry.file_type().is_file() {
            diagnostics.push(Diagnostic::warning("not-a-regular-file", place));
            continue;
        }
        if files.len() >= MAX_FILES {
            diagnostics.push(Diagnostic::error("too-many-files", place).with("limit", MAX_FILES.to_string()));
            break;
        }
        if entry.metadata().is_ok_and(|metadata| metadata.len() > MAX_FILE) {
            diagnostics
                .push(Diagnostic::error("file-too-large", place).with("limit", (MAX_FILE / 1024 / 1024).to_string()));
            continue;
        }
        match std::fs::read(entry.path()) {
            Ok(bytes) => files.push(SourceFile { hash: hash(&bytes), path, bytes }),
            Err(error) => {
                diagnostics.push(Diagnostic::error("unreadable-file", place).because(Reason::io(&error)));
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// Tells whether a folder stands at a path, also behind a link.
#[expect(clippy::disallowed_methods, reason = "reading the disk is this module's task")]
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// Reads one file that a user names.
///
/// # Errors
/// `unreadable-file`, `not-a-regular-file`, `file-too-large`.
#[expect(clippy::disallowed_methods, reason = "reading the disk is this module's task")]
pub fn file(path: &Path) -> Result<SourceFile, Diagnostic> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let place = || Place::File { file: path.display().to_string() };
    let unreadable = |error: std::io::Error| Diagnostic::error("unreadable-file", place()).because(Reason::io(&error));
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(Diagnostic::error("not-a-regular-file", place()));
    }
    if metadata.len() > MAX_FILE {
        let limit = (MAX_FILE / 1024 / 1024).to_string();
        return Err(Diagnostic::error("file-too-large", place()).with("limit", limit));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    Ok(SourceFile { hash: hash(&bytes), path: name, bytes })
}

/// Where read workbooks are kept, below [`OWN_FOLDER`].
const CACHE_FOLDER: &str = "cache";
/// Largest kept workbook, bytes.
const MAX_KEPT: u64 = 128 * 1024 * 1024;

fn cache_folder(municipality: &Municipality) -> PathBuf {
    municipality.folder.join(OWN_FOLDER).join(CACHE_FOLDER)
}

/// Returns a kept workbook; `None` when there is none or it cannot be read.
#[expect(clippy::disallowed_methods, reason = "reading the disk is this module's task")]
pub fn kept(municipality: &Municipality, name: &str) -> Option<Vec<u8>> {
    let path = cache_folder(municipality).join(name);
    let metadata = std::fs::symlink_metadata(&path).ok()?;
    if !metadata.is_file() || metadata.len() > MAX_KEPT {
        return None;
    }
    std::fs::read(path).ok()
}

/// Keeps workbooks for the next run under these names, those without bytes as they are, and removes all others.
///
/// Nothing depends on what is kept, so that a failure is a note.
#[expect(clippy::disallowed_methods, reason = "the program keeps its own data in the municipality's folder")]
pub fn keep(municipality: &Municipality, books: &[(&str, Option<&[u8]>)], diagnostics: &mut Diagnostics) {
    let folder = cache_folder(municipality);
    let is_real = |path: &Path| std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir());
    if books.is_empty() && !is_real(&folder) {
        return;
    }
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(&folder)?;
        // A link could lead the program to write, and to remove, elsewhere.
        if !(is_real(&municipality.folder.join(OWN_FOLDER)) && is_real(&folder)) {
            return Err(std::io::Error::from(std::io::ErrorKind::NotADirectory));
        }
        for entry in std::fs::read_dir(&folder)?.flatten() {
            let name = entry.file_name();
            let is_wanted = books.iter().any(|(wanted, _)| name == *wanted);
            if !is_wanted && entry.file_type().is_ok_and(|kind| kind.is_file()) {
                std::fs::remove_file(entry.path())?;
            }
        }
        for (name, bytes) in books {
            let Some(bytes) = bytes else { continue };
            let half = folder.join(format!("{name}.part"));
            std::fs::write(&half, bytes)?;
            std::fs::rename(&half, folder.join(name))?;
        }
        Ok(())
    };
    if let Err(error) = write() {
        let file = format!("{OWN_FOLDER}/{CACHE_FOLDER}");
        diagnostics.push(Diagnostic::note("cache-not-kept", Place::File { file }).because(Reason::io(&error)));
    }
}

/// Returns a file of the program's own; `None` when there is none or it cannot be read.
#[expect(clippy::disallowed_methods, reason = "reading the disk is this module's task")]
pub fn own_file(municipality: &Municipality, path: &str) -> Option<Vec<u8>> {
    let path = municipality.folder.join(OWN_FOLDER).join(path);
    let metadata = std::fs::symlink_metadata(&path).ok()?;
    let is_fit = metadata.is_file() && metadata.len() <= MAX_KEPT;
    is_fit.then(|| std::fs::read(path).ok()).flatten()
}

/// Returns the files of a folder of the program's own, in sorted order, with their paths below that folder.
pub fn own_files(municipality: &Municipality, folder: &str, diagnostics: &mut Diagnostics) -> Vec<SourceFile> {
    let folder = municipality.folder.join(OWN_FOLDER).join(folder);
    if is_real_folder(&folder) { read(&folder, diagnostics) } else { Vec::new() }
}

/// Keeps a file of the program's own in place of what stood there: the old one or the new one, never half.
///
/// # Errors
/// `own-file-not-kept` when the disk refuses.
#[expect(clippy::disallowed_methods, reason = "the program keeps its own data in the municipality's folder")]
pub fn keep_own(municipality: &Municipality, path: &str, bytes: &[u8]) -> Result<(), Diagnostic> {
    let own = municipality.folder.join(OWN_FOLDER);
    let file = own.join(path);
    let write = || -> std::io::Result<()> {
        let folder = file.parent().unwrap_or(&own);
        std::fs::create_dir_all(folder)?;
        // A link could lead the program to write elsewhere.
        let mut parts = folder.strip_prefix(&own).unwrap_or(folder).components();
        let mut step = own.clone();
        let is_real = is_real_folder(&step)
            && parts.all(|part| {
                step.push(part);
                is_real_folder(&step)
            });
        if !is_real {
            return Err(std::io::Error::from(std::io::ErrorKind::NotADirectory));
        }
        if std::fs::read(&file).is_ok_and(|known| known == bytes) {
            return Ok(());
        }
        let mut half = file.clone().into_os_string();
        half.push(".part");
        std::fs::write(&half, bytes)?;
        std::fs::rename(&half, &file)
    };
    let place = || Place::File { file: format!("{OWN_FOLDER}/{path}") };
    write().map_err(|error| Diagnostic::error("own-file-not-kept", place()).because(Reason::io(&error)))
}

/// The snapshot of a year, below the folder of the year.
const SNAPSHOT: &str = "snapshot.json";
/// What was in force in a year, below the folder of the year.
const ARCHIVE: &str = "archive";

fn is_real_folder(path: &Path) -> bool {
    #[expect(clippy::disallowed_methods, reason = "reading the disk is this module's task")]
    std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// Returns the snapshots of a municipality by year.
#[expect(clippy::disallowed_methods, reason = "reading the disk is this module's task")]
pub fn snapshots(municipality: &Municipality) -> BTreeMap<i32, Vec<u8>> {
    let own = municipality.folder.join(OWN_FOLDER);
    let entries = std::fs::read_dir(&own).into_iter().flatten().flatten();
    let years = entries.filter_map(|entry| entry.file_name().to_str().filter(|name| name.len() == 4)?.parse().ok());
    years
        .filter_map(|year: i32| {
            let folder = own.join(year.to_string());
            let path = folder.join(SNAPSHOT);
            let metadata = std::fs::symlink_metadata(&path).ok()?;
            let is_fit = is_real_folder(&folder) && metadata.is_file() && metadata.len() <= MAX_KEPT;
            is_fit.then(|| std::fs::read(&path).ok()).flatten().map(|bytes| (year, bytes))
        })
        .collect()
}

/// Returns the archive of a year as a municipality of its own: the folder has what a run needs.
pub fn archive_of(municipality: &Municipality, year: i32) -> Municipality {
    let folder = municipality.folder.join(OWN_FOLDER).join(year.to_string()).join(ARCHIVE);
    Municipality { id: municipality.id.clone(), folder }
}

/// Returns the files of an archive; none where there is no archive.
pub fn archived(archive: &Municipality, diagnostics: &mut Diagnostics) -> Vec<SourceFile> {
    if is_real_folder(&archive.folder) { read(&archive.folder, diagnostics) } else { Vec::new() }
}

/// The path of a snapshot below a municipality's folder.
pub fn snapshot_path(year: i32) -> String {
    format!("{OWN_FOLDER}/{year}/{SNAPSHOT}")
}

/// Keeps the snapshot of a year with its archive. What is kept is never replaced: tells whether
/// it is new, or the same as before.
///
/// # Errors
/// `snapshot-exists` when another one is kept, `snapshot-not-kept` when the disk refuses.
#[expect(clippy::disallowed_methods, reason = "the program keeps its own data in the municipality's folder")]
pub fn keep_year(
    municipality: &Municipality,
    year: i32,
    snapshot: &[u8],
    archive: &[(String, Vec<u8>)],
) -> Result<bool, Diagnostic> {
    let own = municipality.folder.join(OWN_FOLDER);
    let (folder, half) = (own.join(year.to_string()), own.join(format!("{year}.part")));
    let place = || Place::File { file: format!("{OWN_FOLDER}/{year}") };
    if std::fs::symlink_metadata(&folder).is_ok() {
        let is_same = std::fs::read(folder.join(SNAPSHOT)).is_ok_and(|kept| kept == snapshot);
        return if is_same { Ok(false) } else { Err(Diagnostic::error("snapshot-exists", place())) };
    }
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(&own)?;
        // A link could lead the program to write elsewhere.
        if !is_real_folder(&own) {
            return Err(std::io::Error::from(std::io::ErrorKind::NotADirectory));
        }
        if is_real_folder(&half) {
            std::fs::remove_dir_all(&half)?;
        }
        std::fs::create_dir(&half)?;
        for (path, bytes) in archive {
            let path = half.join(ARCHIVE).join(path);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(&path, bytes)?;
        }
        std::fs::write(half.join(SNAPSHOT), snapshot)?;
        std::fs::rename(&half, &folder)
    };
    write().map(|()| true).map_err(|error| Diagnostic::error("snapshot-not-kept", place()).because(Reason::io(&error)))
}

/// Tells names that office programs and file managers leave behind.
fn is_noise(name: &str) -> bool {
    name.starts_with('.') || name.starts_with("~$") || matches!(name, "Thumbs.db" | "desktop.ini")
}

fn relative(folder: &Path, path: &Path) -> String {
    let rest = path.strip_prefix(folder).unwrap_or(path);
    rest.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
