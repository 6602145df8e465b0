//! The manifest of a municipality's outputs: what was made from what, what was blocked and why.
//! In: the facts of a run. Out: the same bytes for the same facts; a whole folder is told by it.
//! It must never know times, host names or numbers of jobs.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::disk::{self, Kind};
use super::is_safe;
use crate::source;

/// Name of the manifest in the output folder.
pub const MANIFEST: &str = "manifest.json";
/// Version of the manifest's shape.
pub const SCHEMA: u32 = 1;

/// What stands in `manifest.json`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this shape, [`SCHEMA`].
    pub schema: u32,
    /// Version of the program.
    pub program: String,
    /// Name of the municipality's folder.
    pub municipality: String,
    /// The mark of sample data; `None` for real data.
    pub sample: Option<String>,
    /// Whether the documents are drafts.
    pub draft: bool,
    /// The layout profile.
    pub layout: String,
    /// The files read, sorted by path.
    pub inputs: Vec<FileHash>,
    /// The templates used, sorted by path.
    pub templates: Vec<FileHash>,
    /// The fonts used, sorted by path.
    pub fonts: Vec<FileHash>,
    /// The files made, sorted by path; without the manifest itself.
    pub outputs: Vec<OutputEntry>,
    /// The documents not made.
    pub blocked: Vec<Blocked>,
    /// Files of the previous outputs that are no longer made; kept while runs give the same.
    pub removed: Vec<String>,
}

/// A file and its hash.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct FileHash {
    /// Path below its folder, with `/`.
    pub path: String,
    /// SHA-256 of the bytes, hexadecimal.
    pub sha256: String,
}

/// A file made.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct OutputEntry {
    /// Path below the municipality's output folder, with `/`.
    pub path: String,
    /// SHA-256 of the bytes, hexadecimal.
    pub sha256: String,
    /// Length, bytes.
    pub bytes: u64,
    /// Kind of the document.
    pub document: String,
    /// Key of the job.
    pub key: String,
    /// Whether it came over from the previous outputs.
    pub carried: bool,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Number of its pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<usize>,
    /// The date under which it is registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// What is worth a look before it is signed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<BlockReason>,
}

/// A document not made.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Blocked {
    /// Kind of the document.
    pub document: String,
    /// The path it would have had; `None` when not known.
    pub file: Option<String>,
    /// Why.
    pub reasons: Vec<BlockReason>,
}

/// A finding that blocks a document.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct BlockReason {
    /// Id of the finding.
    pub id: String,
    /// Where.
    pub place: String,
    /// The message as a person reads it.
    pub message: String,
}

impl Manifest {
    /// Returns the bytes of the file: sorted lists, indented, a final newline.
    pub(super) fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Sorts every list and fills `removed` from the previous manifest.
    pub(super) fn settle(&mut self, previous: Option<&Self>) {
        for files in [&mut self.inputs, &mut self.templates, &mut self.fonts] {
            files.sort();
            files.dedup();
        }
        self.outputs.sort();
        for blocked in &mut self.blocked {
            blocked.reasons.sort();
            blocked.reasons.dedup();
        }
        self.blocked.sort();
        self.blocked.dedup();
        self.removed.clear();
        let Some(previous) = previous else { return };
        // The same run once more gives the same bytes, so what the first one removed stays listed.
        if (Self { removed: Vec::new(), ..previous.clone() }) == *self {
            self.removed.clone_from(&previous.removed);
            return;
        }
        let made: BTreeSet<&str> = self.outputs.iter().map(|entry| entry.path.as_str()).collect();
        let gone: BTreeSet<String> = previous
            .outputs
            .iter()
            .filter(|entry| !made.contains(entry.path.as_str()))
            .map(|entry| entry.path.clone())
            .collect();
        self.removed = gone.into_iter().collect();
    }

    /// Returns the hashes of the outputs by path.
    pub(super) fn hashes(&self) -> BTreeMap<&str, &str> {
        self.outputs.iter().map(|entry| (entry.path.as_str(), entry.sha256.as_str())).collect()
    }
}

/// Reads the manifest of a folder; `None` when there is none that can be read.
pub(super) fn read(folder: &Path) -> Option<Manifest> {
    serde_json::from_slice(&disk::read(&folder.join(MANIFEST)).ok()?).ok()
}

/// Tells a folder whose manifest and every listed file stand there, a person's edits allowed.
pub(super) fn is_complete(folder: &Path) -> bool {
    read(folder).is_some_and(|manifest| {
        let stands = |path: &str| is_safe(path) && disk::kind(&folder.join(path)) == Kind::File;
        manifest.outputs.iter().all(|entry| stands(&entry.path))
    })
}

/// Tells a folder in which every listed file has the bytes that were written.
pub(super) fn is_whole(folder: &Path) -> bool {
    is_complete(folder)
        && read(folder).is_some_and(|manifest| {
            manifest.outputs.iter().all(|entry| {
                disk::read(&folder.join(&entry.path)).is_ok_and(|bytes| source::hash(&bytes) == entry.sha256)
            })
        })
}
