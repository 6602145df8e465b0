//! Writes the outputs of a municipality: stages a full new folder, swaps it in, recovers after a kill.
//! In: finished files and a manifest. Out: `<root>/<municipality>/`, whole at every moment: the previous one or the new one.
//! The names `<municipality>.new` and `<municipality>.old` belong to the program; a person's file is moved along, never lost.
//! It must never know what a document says or why it was made.

mod disk;
mod manifest;
mod recovery;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::diag::{Diagnostic, Diagnostics, Place, Reason};
use crate::source;
use disk::{Disk, Kind, RealDisk};
pub use manifest::{BlockReason, Blocked, FileHash, MANIFEST, Manifest, OutputEntry, SCHEMA};

/// A file that a run made.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Produced {
    /// Path below the municipality's output folder, with `/`.
    pub path: String,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Kind of the document.
    pub document: String,
    /// Key of the job.
    pub key: String,
    /// Its title; `None` where it has none.
    pub title: Option<String>,
    /// Number of its pages; `None` where it has none.
    pub pages: Option<usize>,
    /// The date under which it is registered, as it is printed.
    pub date: Option<String>,
    /// What is worth a look before it is signed.
    pub remarks: Vec<BlockReason>,
}

/// Makes the list of a package from its manifest.
pub type Listing<'a> = dyn Fn(&Manifest) -> Vec<Produced> + 'a;

/// What a run hands over for writing.
pub struct Commit<'a> {
    /// The folder of all outputs.
    pub root: &'a Path,
    /// Name of the municipality's folder.
    pub municipality: &'a str,
    /// The files made.
    pub produced: Vec<Produced>,
    /// Whether documents neither made nor blocked in this run come over from the previous outputs.
    pub carry_others: bool,
    /// Documents that do not come over: what they are for is settled.
    pub dropped: BTreeSet<String>,
    /// The manifest; `outputs` and `removed` are filled in here.
    pub manifest: Manifest,
    /// Makes the list of what then stands in the folder, from the manifest as far as it is known; `None` leaves the
    /// list of the previous outputs.
    pub listing: Option<&'a Listing<'a>>,
}

/// Kind of the list of a package: it is made anew by every run.
pub const LISTING: &str = "listing";

/// Holds a municipality's outputs for one run; released when dropped.
#[derive(Debug)]
#[must_use = "the outputs are held only as long as the lock lives"]
pub struct Lock {
    /// `None` on a file system that cannot lock.
    _file: Option<File>,
}

/// Takes a municipality's outputs for this run.
///
/// # Errors
/// `outputs-in-use` when another run holds them, `output-not-written` when the folder cannot be made.
pub fn lock(root: &Path, municipality: &str) -> Result<Lock, Diagnostic> {
    let folders = Folders::new(root, municipality)?;
    let name = format!(".{municipality}.lock");
    let file = disk::open_lock(root, &name).map_err(|error| not_written(&name, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock { _file: Some(file) }),
        Err(TryLockError::WouldBlock) => Err(Diagnostic::error("outputs-in-use", folders.place(&folders.current))
            .because(Reason::new("reason-other-run"))),
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(Lock { _file: None }),
        Err(TryLockError::Error(error)) => Err(not_written(&name, &error)),
    }
}

/// Brings the outputs to a whole state after a killed run; does nothing when they are.
pub fn recover(root: &Path, municipality: &str, diagnostics: &mut Diagnostics) {
    match Folders::new(root, municipality) {
        Ok(folders) => recovery::recover(&RealDisk, &folders, diagnostics),
        Err(diagnostic) => {
            diagnostics.push(diagnostic);
        }
    }
}

/// Reads the manifest of the outputs; `None` when there is none that can be read.
pub fn read_manifest(root: &Path, municipality: &str) -> Option<Manifest> {
    manifest::read(&root.join(municipality))
}

/// Reads a file of the present outputs; `None` when it is not there or no longer as it was written.
pub fn read_output(root: &Path, municipality: &str, path: &str) -> Option<Vec<u8>> {
    let manifest = read_manifest(root, municipality)?;
    let entry = manifest.outputs.iter().find(|entry| entry.path == path)?;
    disk::read(&root.join(municipality).join(path)).ok().filter(|bytes| source::hash(bytes) == entry.sha256)
}

/// Writes the outputs of a run in place of the previous ones and returns the manifest as written.
///
/// # Errors
/// The reason why nothing was changed: `output-path-invalid`, `output-collision`, `output-not-written`, `outputs-in-use`.
pub fn commit(commit: Commit<'_>, diagnostics: &mut Diagnostics) -> Result<Manifest, Diagnostic> {
    commit_on(&RealDisk, commit, diagnostics)
}

fn commit_on(disk: &dyn Disk, commit: Commit<'_>, diagnostics: &mut Diagnostics) -> Result<Manifest, Diagnostic> {
    let folders = Folders::new(commit.root, commit.municipality)?;
    let own: Vec<&str> = commit.produced.iter().map(|file| file.path.as_str()).collect();
    check_paths(&own)?;
    recovery::recover(disk, &folders, diagnostics);
    folders.require_free()?;
    let staged = stage(disk, &folders, commit, diagnostics).and_then(|manifest| {
        swap(disk, &folders)?;
        Ok(manifest)
    });
    if staged.is_err() {
        // What cannot be removed now goes at the next start; the previous outputs stand.
        let _ = disk::remove_tree(disk, &folders.fresh);
    } else if disk::kind(&folders.old) == Kind::Folder {
        recovery::retire(disk, &folders, &folders.old, &folders.current, diagnostics);
    }
    staged
}

/// The three folders of a municipality.
#[derive(Debug)]
struct Folders {
    root: PathBuf,
    current: PathBuf,
    fresh: PathBuf,
    old: PathBuf,
}

impl Folders {
    fn new(root: &Path, municipality: &str) -> Result<Self, Diagnostic> {
        let lower = municipality.to_lowercase();
        // A municipality «a.old» would be taken for the previous outputs of «a».
        let reserved = lower.starts_with('.') || lower.ends_with(".new") || lower.ends_with(".old");
        if reserved || municipality.contains('/') || !is_safe(municipality) {
            return Err(invalid(municipality));
        }
        Ok(Self {
            root: root.to_owned(),
            current: root.join(municipality),
            fresh: root.join(format!("{municipality}.new")),
            old: root.join(format!("{municipality}.old")),
        })
    }

    /// Names a path below the root in a finding.
    fn place(&self, path: &Path) -> Place {
        Place::File { file: disk::text(path.strip_prefix(&self.root).unwrap_or(path)) }
    }

    /// Makes sure that the swap will find its three names as it needs them.
    fn require_free(&self) -> Result<(), Diagnostic> {
        for path in [&self.current, &self.fresh, &self.old] {
            match disk::kind(path) {
                Kind::Absent => {}
                Kind::Folder if path == &self.current => {}
                Kind::Folder => return Err(self.in_use(path, &io::ErrorKind::DirectoryNotEmpty.into())),
                Kind::File | Kind::Other => return Err(Diagnostic::error("output-folder-taken", self.place(path))),
            }
        }
        Ok(())
    }

    /// Says that a folder is held; names the file when it can be found.
    fn in_use(&self, folder: &Path, error: &io::Error) -> Diagnostic {
        let held = disk::first_held(folder).unwrap_or_else(|| folder.to_owned());
        Diagnostic::error("outputs-in-use", self.place(&held)).because(Reason::io(error))
    }

    fn not_written(&self, path: &Path, error: &io::Error) -> Diagnostic {
        Diagnostic::error("output-not-written", self.place(path)).because(Reason::io(error))
    }
}

/// Writes everything into the new folder, the manifest last, and makes sure that it is on the disk.
fn stage(
    disk: &dyn Disk,
    folders: &Folders,
    commit: Commit<'_>,
    diagnostics: &mut Diagnostics,
) -> Result<Manifest, Diagnostic> {
    let previous = manifest::read(&folders.current);
    let Commit { produced, carry_others, dropped, mut manifest, listing, .. } = commit;
    let carried = match &previous {
        Some(previous) if carry_others => {
            let mut before = previous.clone();
            before.outputs.retain(|entry| !dropped.contains(&entry.document));
            carried(&before, &produced, &manifest, listing.is_some(), folders, diagnostics)
        }
        _ => Vec::new(),
    };
    disk::create_parents(disk, &folders.root).map_err(|error| not_written("", &error))?;
    disk.create_dir(&folders.fresh).map_err(|error| folders.not_written(&folders.fresh, &error))?;

    let mut touched = BTreeSet::from([folders.fresh.clone()]);
    let mut put = |path: &str, bytes: &[u8]| {
        let target = folders.fresh.join(path);
        disk::create_below(disk, &folders.fresh, Path::new(path), &mut touched)
            .and_then(|()| disk.write(&target, bytes))
            .map_err(|error| folders.not_written(&target, &error))
    };
    manifest.outputs.clear();
    for file in produced {
        put(&file.path, &file.bytes)?;
        manifest.outputs.push(entry(file));
    }
    for entry in carried {
        let place = || folders.place(&folders.current.join(&entry.path));
        match disk::read(&folders.current.join(&entry.path)) {
            Ok(bytes) if source::hash(&bytes) == entry.sha256 => {
                put(&entry.path, &bytes)?;
                manifest.outputs.push(OutputEntry { carried: true, ..entry.clone() });
            }
            Ok(_) => {
                diagnostics.push(Diagnostic::warning("carried-file-changed", place()));
            }
            Err(error) => {
                let reason = Reason::io(&error);
                diagnostics.push(Diagnostic::warning("carried-file-unreadable", place()).because(reason));
            }
        }
    }
    manifest.outputs.sort();
    let listing = listing.map(|make| make(&manifest)).unwrap_or_default();
    let paths = manifest.outputs.iter().map(|entry| entry.path.as_str());
    check_paths(&paths.chain(listing.iter().map(|file| file.path.as_str())).collect::<Vec<_>>())?;
    for file in listing {
        put(&file.path, &file.bytes)?;
        manifest.outputs.push(entry(file));
    }
    manifest.settle(previous.as_ref());

    let target = folders.fresh.join(MANIFEST);
    let failed = |error: io::Error| folders.not_written(&target, &error);
    for folder in &touched {
        disk.sync_dir(folder).map_err(failed)?;
    }
    disk.write(&target, &manifest.to_bytes().map_err(failed)?).map_err(failed)?;
    disk.sync_dir(&folders.fresh).map_err(failed)?;
    disk.sync_dir(&folders.root).map_err(failed)?;
    Ok(manifest)
}

/// The entry of a file that was made.
fn entry(file: Produced) -> OutputEntry {
    let Produced { path, bytes, document, key, title, pages, date, remarks } = file;
    let (sha256, bytes) = (source::hash(&bytes), count(&bytes));
    OutputEntry { path, sha256, bytes, document, key, carried: false, title, pages, date, remarks }
}

/// Chooses the previous outputs that come over: of documents neither made nor blocked, under names still free.
fn carried(
    previous: &Manifest,
    produced: &[Produced],
    manifest: &Manifest,
    has_listing: bool,
    folders: &Folders,
    diagnostics: &mut Diagnostics,
) -> Vec<OutputEntry> {
    // What was blocked before says nothing about this run.
    let is_new = |one: &&Blocked| {
        !previous.blocked.iter().any(|before| before.document == one.document && before.file == one.file)
    };
    let asked: BTreeSet<&str> = produced
        .iter()
        .map(|file| file.document.as_str())
        .chain(manifest.blocked.iter().filter(is_new).map(|blocked| blocked.document.as_str()))
        .chain(has_listing.then_some(LISTING))
        .collect();
    let mut taken: Vec<&str> = produced.iter().map(|file| file.path.as_str()).collect();
    let mut carried = Vec::new();
    for entry in previous.outputs.iter().filter(|entry| !asked.contains(entry.document.as_str())) {
        taken.push(&entry.path);
        if check_paths(&taken).is_ok() {
            carried.push(entry.clone());
        } else {
            taken.pop();
            let place = folders.place(&folders.current.join(&entry.path));
            diagnostics.push(Diagnostic::warning("carried-name-taken", place));
        }
    }
    carried
}

/// Puts the new folder in the place of the previous one; on failure the previous one stands.
fn swap(disk: &dyn Disk, folders: &Folders) -> Result<(), Diagnostic> {
    let replaces = disk::kind(&folders.current) == Kind::Folder;
    if replaces {
        disk.rename(&folders.current, &folders.old).map_err(|error| folders.in_use(&folders.current, &error))?;
        // The two renames reach the disk in this order; where a folder cannot be synced the file system decides.
        let _ = disk.sync_dir(&folders.root);
    }
    if let Err(error) = disk.rename(&folders.fresh, &folders.current) {
        let diagnostic = folders.in_use(&folders.fresh, &error);
        if replaces {
            // Should this fail too, the next start does it.
            let _ = disk.rename(&folders.old, &folders.current);
        }
        return Err(diagnostic);
    }
    let _ = disk.sync_dir(&folders.root);
    Ok(())
}

fn not_written(name: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::error("output-not-written", Place::File { file: name.to_owned() }).because(Reason::io(error))
}

fn invalid(path: &str) -> Diagnostic {
    Diagnostic::error("output-path-invalid", Place::Run).with("path", path)
}

fn count(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// Refuses paths that lead out of the folder, that some system cannot hold, or that meet on one name.
fn check_paths(paths: &[&str]) -> Result<(), Diagnostic> {
    // Names are compared as systems do that do not tell case.
    let mut files = BTreeMap::from([(MANIFEST.to_owned(), MANIFEST)]);
    for path in paths {
        if !is_safe(path) {
            return Err(invalid(path));
        }
        if let Some(other) = files.insert(path.to_lowercase(), path) {
            return Err(collision(path, other));
        }
    }
    for (lower, path) in &files {
        let mut folder = String::new();
        for part in lower.split('/') {
            if let Some(other) = files.get(&folder) {
                return Err(collision(path, other));
            }
            if !folder.is_empty() {
                folder.push('/');
            }
            folder.push_str(part);
        }
    }
    Ok(())
}

fn collision(path: &str, other: &str) -> Diagnostic {
    Diagnostic::error("output-collision", Place::File { file: path.to_owned() }).with("path", path).with("other", other)
}

/// Tells a relative path with `/` whose every part is a name on any system.
fn is_safe(path: &str) -> bool {
    path.split('/').all(|part| {
        let device = part.split('.').next().unwrap_or_default().trim_end().to_lowercase();
        !part.is_empty()
            && !part.ends_with(['.', ' '])
            && !part.chars().any(|c| c.is_control() || matches!(c, '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|'))
            && !is_device(&device)
    })
}

/// Tells names that Windows keeps for devices, whatever the extension.
fn is_device(name: &str) -> bool {
    if matches!(name, "con" | "prn" | "aux" | "nul") {
        return true;
    }
    let port = name.strip_prefix("com").or_else(|| name.strip_prefix("lpt"));
    port.is_some_and(|port| port.chars().count() == 1 && port.chars().all(|c| matches!(c, '1'..='9')))
}
