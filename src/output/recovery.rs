//! Brings the three folders of a municipality to one whole folder, and empties a folder without losing a person's file.
//! In: the folders as a killed run left them. Out: the previous outputs or the new ones under the plain name.
//! It must never know what is being built; what it sees is manifests and hashes.
//!
//! A run goes through these states, a kill may stop it in any (`current`, `new`, `old`; `-` absent, `part` not whole):
//! ```text
//! whole -     -      before           -> nothing to do
//! whole part  -      staging          -> remove new
//! whole whole -      staged           -> remove new
//! -     whole whole  between renames  -> new becomes current, old is retired
//! whole -     part   retiring old     -> old is retired
//! -     part  whole  never by itself  -> old becomes current, new is removed
//! part  any   whole  never by itself  -> what stands in current goes along into new or old, which becomes current
//! ```

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use super::Folders;
use super::disk::{self, Disk, Kind};
use super::manifest::{self, MANIFEST, Manifest};
use crate::diag::{Diagnostic, Diagnostics, Reason};
use crate::source;

/// Most names tried for a file whose own name is taken.
const MAX_NAMES: usize = 1_000;

/// Brings the folders to a whole state and says so when it had to.
pub(super) fn recover(disk: &dyn Disk, folders: &Folders, diagnostics: &mut Diagnostics) {
    let Folders { current, fresh, old, .. } = folders;
    let kinds = [current, fresh, old].map(|path| disk::kind(path));
    let [_, new, previous] = kinds;
    let untouched = new == Kind::Absent && previous == Kind::Absent;
    if untouched || kinds.iter().any(|kind| matches!(kind, Kind::File | Kind::Other)) {
        return;
    }
    if let Err(diagnostic) = settle(disk, folders, diagnostics) {
        diagnostics.push(diagnostic);
        return;
    }
    if [fresh, old].iter().all(|path| disk::kind(path) == Kind::Absent) {
        diagnostics.push(Diagnostic::note("outputs-recovered", folders.place(current)));
    }
}

fn settle(disk: &dyn Disk, folders: &Folders, diagnostics: &mut Diagnostics) -> Result<(), Diagnostic> {
    let Folders { root, current, fresh, old } = folders;
    let stands = |path: &Path| disk::kind(path) == Kind::Folder;
    if stands(current) && stands(old) && !manifest::is_complete(current) {
        let no_manifest = manifest::read(current).is_none();
        let heir = if manifest::is_whole(fresh) { fresh } else { old };
        if (no_manifest || manifest::is_whole(heir)) && !retire(disk, folders, current, heir, diagnostics) {
            return Ok(());
        }
    }
    if !stands(current) {
        let heir = if manifest::is_whole(fresh) { fresh } else { old };
        if stands(heir) {
            disk.rename(heir, current).map_err(|error| folders.in_use(heir, &error))?;
            let _ = disk.sync_dir(root);
        }
    }
    disk::remove_tree(disk, fresh).map_err(|error| folders.in_use(fresh, &error))?;
    if stands(old) {
        retire(disk, folders, old, current, diagnostics);
    }
    Ok(())
}

/// Empties and removes a folder that another one replaces; tells whether it is gone.
///
/// Files as the program wrote them are removed; everything else is moved over. The manifest goes last, so that after
/// a kill the next start still knows which files are the program's.
pub(super) fn retire(
    disk: &dyn Disk,
    folders: &Folders,
    from: &Path,
    to: &Path,
    diagnostics: &mut Diagnostics,
) -> bool {
    let remains = |path: &Path, error: &io::Error| {
        Diagnostic::warning("old-outputs-remain", folders.place(path)).because(Reason::io(error))
    };
    let listing = match disk::list(from) {
        Ok(listing) => listing,
        Err(error) => {
            diagnostics.push(remains(from, &error));
            return false;
        }
    };
    let own = manifest::read(from);
    let written = own.as_ref().map(Manifest::hashes).unwrap_or_default();
    let mut gone = true;
    for path in &listing.files {
        if own.is_some() && path == Path::new(MANIFEST) {
            continue;
        }
        let name = disk::text(path);
        let result = match successor(written.get(name.as_str()).copied(), from, to, path) {
            Ok(Successor::Superseded) => disk.remove_file(&from.join(path)),
            Ok(Successor::Kept(kept)) => move_over(disk, from, to, path, &kept).map(|()| {
                let edited = written.contains_key(name.as_str());
                if let Some(finding) = kept_finding(folders, path, &kept, edited) {
                    diagnostics.push(finding);
                }
            }),
            Err(error) => Err(error),
        };
        if let Err(error) = result {
            diagnostics.push(remains(&from.join(path), &error));
            gone = false;
        }
    }
    if !gone {
        return false;
    }
    let manifest = own.is_some().then(|| from.join(MANIFEST));
    let emptied = manifest
        .iter()
        .try_for_each(|path| disk.remove_file(path))
        .and_then(|()| listing.folders.iter().rev().try_for_each(|path| disk.remove_dir(&from.join(path))))
        .and_then(|()| disk.remove_dir(from));
    if let Err(error) = &emptied {
        diagnostics.push(remains(from, error));
    }
    emptied.is_ok()
}

/// What becomes of a file in a folder that is retired.
enum Successor {
    /// Nothing would be lost with it.
    Superseded,
    /// It is a person's and moves to this relative path.
    Kept(PathBuf),
}

/// Decides about a file; `written` is the hash under which the folder's manifest lists it.
fn successor(written: Option<&str>, from: &Path, to: &Path, path: &Path) -> io::Result<Successor> {
    let source = from.join(path);
    // Read only where it decides: a person may have put something large here.
    let hash = |path: &Path| match disk::kind(path) {
        Kind::File => disk::read(path).ok().map(|bytes| source::hash(&bytes)),
        Kind::Absent | Kind::Folder | Kind::Other => None,
    };
    if written.is_some() && hash(&source).as_deref() == written {
        return Ok(Successor::Superseded);
    }
    // An edited document never comes back under its own name: it may be blocked now.
    for number in usize::from(written.is_some())..MAX_NAMES {
        let kept = numbered(path, number);
        let target = to.join(&kept);
        match disk::kind(&target) {
            Kind::Absent => return Ok(Successor::Kept(kept)),
            Kind::File if hash(&source).is_some_and(|own| hash(&target) == Some(own)) => {
                return Ok(Successor::Superseded);
            }
            Kind::File | Kind::Folder | Kind::Other => {}
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Returns the name under which a file is tried: its own, `a.kept.pdf`, `a.kept-2.pdf` and so on.
fn numbered(path: &Path, number: usize) -> PathBuf {
    let mut name: OsString = path.file_stem().unwrap_or_default().to_owned();
    match number {
        0 => return path.to_owned(),
        1 => name.push(".kept"),
        _ => name.push(format!(".kept-{number}")),
    }
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

fn move_over(disk: &dyn Disk, from: &Path, to: &Path, path: &Path, kept: &Path) -> io::Result<()> {
    let mut touched = BTreeSet::from([to.to_owned()]);
    disk::create_below(disk, to, kept, &mut touched)?;
    disk.rename(&from.join(path), &to.join(kept))?;
    touched.iter().try_for_each(|folder| disk.sync_dir(folder))
}

/// Says where a person's file is now; files that programs leave behind are not worth a word.
fn kept_finding(folders: &Folders, path: &Path, kept: &Path, edited: bool) -> Option<Diagnostic> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name.starts_with("~$") || name.starts_with(".~lock.") || matches!(&*name, ".DS_Store" | "Thumbs.db") {
        return None;
    }
    let place = folders.place(&folders.current.join(path));
    if edited {
        Some(Diagnostic::warning("edited-file-kept", place).with("kept", disk::text(kept)))
    } else if path == kept {
        Some(Diagnostic::note("foreign-file-kept", place))
    } else {
        Some(Diagnostic::note("foreign-file-renamed", place).with("kept", disk::text(kept)))
    }
}
