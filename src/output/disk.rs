//! The file operations of `output`, each small enough to fail or be killed on its own.
//! In: paths and bytes. Out: the change on the disk, synced, or the system's error.
//! It must never know which folder is the new one or the old one.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Every change of the disk, so that a test can fail each.
pub(super) trait Disk {
    /// Makes one folder; its parent exists.
    fn create_dir(&self, path: &Path) -> io::Result<()>;
    /// Writes a file that does not exist yet and waits until it is on the disk.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Gives a file or folder another name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Removes an empty folder.
    fn remove_dir(&self, path: &Path) -> io::Result<()>;
    /// Waits until the names in a folder are on the disk.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
}

/// The disk itself.
pub(super) struct RealDisk;

#[expect(clippy::disallowed_methods, reason = "writing the outputs is this module's task")]
impl Disk for RealDisk {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        std::fs::create_dir(path)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = File::create_new(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut result = std::fs::rename(from, to);
        if cfg!(windows) {
            // A virus scanner holds new files for a moment.
            for pause in [50, 100, 200, 400] {
                match &result {
                    Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
                    _ => break,
                }
                std::thread::sleep(std::time::Duration::from_millis(pause));
                result = std::fs::rename(from, to);
            }
        }
        result
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_dir(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        if cfg!(not(unix)) {
            return Ok(());
        }
        match File::open(path)?.sync_all() {
            // Some network and container file systems cannot sync a folder.
            Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
            result => result,
        }
    }
}

/// What stands at a path; a link is never followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Nothing.
    Absent,
    /// A folder.
    Folder,
    /// A regular file.
    File,
    /// A link, a device, or something that cannot be looked at.
    Other,
}

/// Tells what stands at a path.
#[expect(clippy::disallowed_methods, reason = "looking at the outputs is this module's task")]
pub(super) fn kind(path: &Path) -> Kind {
    match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => Kind::Folder,
        Ok(metadata) if metadata.is_file() => Kind::File,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Kind::Absent,
        Ok(_) | Err(_) => Kind::Other,
    }
}

/// Reads a file.
#[expect(clippy::disallowed_methods, reason = "reading the outputs is this module's task")]
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    std::fs::read(path)
}

/// All that stands below a folder.
#[derive(Default, Debug)]
pub(super) struct Listing {
    /// Relative paths of everything but folders, sorted.
    pub files: BTreeSet<PathBuf>,
    /// Relative paths of the folders, sorted: a parent before its children.
    pub folders: BTreeSet<PathBuf>,
}

/// Lists a folder to the ground; links are listed, not followed.
#[expect(clippy::disallowed_methods, reason = "looking at the outputs is this module's task")]
pub(super) fn list(folder: &Path) -> io::Result<Listing> {
    let mut listing = Listing::default();
    let mut open = vec![PathBuf::new()];
    while let Some(below) = open.pop() {
        for entry in std::fs::read_dir(folder.join(&below))? {
            let entry = entry?;
            let path = below.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                listing.folders.insert(path.clone());
                open.push(path);
            } else {
                listing.files.insert(path);
            }
        }
    }
    Ok(listing)
}

/// Opens the lock file, making it and the folder when they are not there.
#[expect(clippy::disallowed_methods, reason = "locking the outputs is this module's task")]
pub(super) fn open_lock(root: &Path, name: &str) -> io::Result<File> {
    std::fs::create_dir_all(root)?;
    File::options().create(true).truncate(false).write(true).open(root.join(name))
}

/// Finds the first file that another program does not let be written, so that a finding can name it.
#[expect(clippy::disallowed_methods, reason = "looking at the outputs is this module's task")]
pub(super) fn first_held(folder: &Path) -> Option<PathBuf> {
    let mut paths = list(folder).ok()?.files.into_iter().map(|path| folder.join(path));
    paths.find(|path| kind(path) == Kind::File && File::options().write(true).open(path).is_err())
}

/// Makes a folder and those above it.
pub(super) fn create_parents(disk: &dyn Disk, folder: &Path) -> io::Result<()> {
    let mut missing = Vec::new();
    for path in folder.ancestors() {
        // A link to a folder serves as well as a folder.
        if path.as_os_str().is_empty() || kind(path) != Kind::Absent {
            break;
        }
        missing.push(path);
    }
    missing.into_iter().rev().try_for_each(|path| disk.create_dir(path))
}

/// Makes the folders of a relative path below a folder and notes every folder on the way.
pub(super) fn create_below(
    disk: &dyn Disk,
    base: &Path,
    relative: &Path,
    touched: &mut BTreeSet<PathBuf>,
) -> io::Result<()> {
    let mut folder = base.to_owned();
    for part in relative.parent().into_iter().flat_map(Path::iter) {
        folder.push(part);
        if kind(&folder) != Kind::Folder {
            disk.create_dir(&folder)?;
        }
        touched.insert(folder.clone());
    }
    Ok(())
}

/// Removes a folder with all that is in it; a folder that is not there is no error.
pub(super) fn remove_tree(disk: &dyn Disk, folder: &Path) -> io::Result<()> {
    if kind(folder) != Kind::Folder {
        return Ok(());
    }
    let listing = list(folder)?;
    listing.files.iter().try_for_each(|path| disk.remove_file(&folder.join(path)))?;
    listing.folders.iter().rev().try_for_each(|path| disk.remove_dir(&folder.join(path)))?;
    disk.remove_dir(folder)
}

/// Writes a path with `/`.
pub(super) fn text(path: &Path) -> String {
    path.iter().map(OsStr::to_string_lossy).collect::<Vec<_>>().join("/")
}
