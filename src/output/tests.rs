//! Kills and failures at every operation, every state of the three folders, and what a person left in them.

#![expect(clippy::disallowed_methods, reason = "the tests build the states of the disk")]

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use tempfile::TempDir;

use super::*;

const NAME: &str = "mariinsk";

/// Fails the operation that is due; a killed disk does nothing from then on, and its last write is torn.
struct FaultyDisk {
    left: Cell<usize>,
    kills: bool,
    struck: Cell<bool>,
}

impl FaultyDisk {
    fn new(after: usize, kills: bool) -> Self {
        Self { left: Cell::new(after), kills, struck: Cell::new(false) }
    }

    fn step(&self) -> io::Result<()> {
        if self.struck.get() {
            return if self.kills { Err(io::ErrorKind::Interrupted.into()) } else { Ok(()) };
        }
        if let Some(left) = self.left.get().checked_sub(1) {
            self.left.set(left);
            return Ok(());
        }
        self.struck.set(true);
        Err(io::ErrorKind::PermissionDenied.into())
    }
}

/// Never fails and does not wait for the disk, so that thousands of runs take no time.
fn sound() -> FaultyDisk {
    FaultyDisk::new(usize::MAX, false)
}

impl Disk for FaultyDisk {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        fs::create_dir(path)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let before = self.struck.get();
        if let Err(error) = self.step() {
            if !before {
                fs::write(path, bytes.split_at(bytes.len() / 2).0)?;
            }
            return Err(error);
        }
        fs::write(path, bytes)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        fs::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        fs::remove_file(path)
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        fs::remove_dir(path)
    }

    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        self.step()
    }
}

fn made(path: &str, bytes: &str, document: &str) -> Produced {
    Produced {
        path: path.into(),
        bytes: bytes.into(),
        document: document.into(),
        key: format!("key of {document}"),
        ..Produced::default()
    }
}

fn package<'a>(root: &'a Path, produced: &[Produced]) -> Commit<'a> {
    let manifest =
        Manifest { schema: SCHEMA, program: "0.1.0".into(), municipality: NAME.into(), ..Manifest::default() };
    let (produced, dropped) = (produced.to_vec(), BTreeSet::new());
    Commit { root, municipality: NAME, produced, carry_others: false, dropped, manifest, listing: None }
}

fn first() -> Vec<Produced> {
    vec![
        made("Приказ.pdf", "order 1", "order"),
        made("Приложения/Концепция.pdf", "concept 1", "concept"),
        made("Форма.xlsx", "form 1", "form"),
    ]
}

fn second() -> Vec<Produced> {
    vec![made("Приказ.pdf", "order 2", "order"), made("Письма/Письмо.pdf", "letter 2", "letter")]
}

fn run(root: &Path, produced: &[Produced]) -> (Result<Manifest, Diagnostic>, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let result = commit_on(&sound(), package(root, produced), &mut diagnostics);
    (result, diagnostics)
}

/// Every file below a folder with its bytes; empty when there is no folder.
fn snapshot(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = disk::list(folder).map(|listing| listing.files).unwrap_or_default();
    files.into_iter().map(|path| (disk::text(&path), fs::read(folder.join(&path)).unwrap())).collect()
}

fn copy(from: &Path, to: &Path) {
    for (path, bytes) in snapshot(from) {
        let target = to.join(path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, bytes).unwrap();
    }
}

fn ids(diagnostics: &Diagnostics) -> Vec<&str> {
    diagnostics.iter().map(|diagnostic| diagnostic.id.as_str()).collect()
}

/// Two finished output folders, `first` and `second`, to build states from.
struct Stock {
    folder: TempDir,
}

impl Stock {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, produced) in [("first", first()), ("second", second())] {
            run(&folder.path().join(name), &produced).0.unwrap();
        }
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name).join(NAME)
    }

    fn files(&self, name: &str) -> BTreeMap<String, Vec<u8>> {
        snapshot(&self.path(name))
    }
}

/// The folders current, new and old: absent, or a finished one without the listed files.
type State<'a> = [Option<(&'a str, &'a [&'a str])>; 3];

/// Puts a state on the disk.
fn state(stock: &Stock, folders: State) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (ending, folder) in ["", ".new", ".old"].iter().zip(folders) {
        let Some((name, missing)) = folder else { continue };
        let target = root.path().join(format!("{NAME}{ending}"));
        copy(&stock.path(name), &target);
        for path in missing {
            fs::remove_file(target.join(path)).unwrap();
        }
    }
    root
}

fn assert_clean(root: &Path) {
    for ending in [".new", ".old"] {
        assert_eq!(disk::kind(&root.join(format!("{NAME}{ending}"))), Kind::Absent);
    }
}

#[test]
fn every_state_of_the_three_folders_recovers() {
    let stock = Stock::new();
    let (old, new) = (Some(("first", &[][..])), Some(("second", &[][..])));
    let torn = Some(("second", &[MANIFEST][..]));
    let short = Some(("second", &["Приказ.pdf"][..]));
    let half_gone = Some(("first", &["Приказ.pdf", "Форма.xlsx"][..]));
    let nameless = Some(("first", &["Приказ.pdf", "Форма.xlsx", "Приложения/Концепция.pdf", MANIFEST][..]));
    let cases: [(State, Option<&str>); 18] = [
        ([None, None, None], None),
        ([old, None, None], Some("first")),
        ([None, torn, None], None),
        ([None, short, None], None),
        ([None, new, None], Some("second")),
        ([old, torn, None], Some("first")),
        ([old, short, None], Some("first")),
        ([old, new, None], Some("first")),
        ([None, new, old], Some("second")),
        ([None, torn, old], Some("first")),
        ([None, short, old], Some("first")),
        ([None, None, old], Some("first")),
        ([new, None, old], Some("second")),
        ([new, None, half_gone], Some("second")),
        ([new, None, nameless], Some("second")),
        ([new, torn, half_gone], Some("second")),
        ([short, None, old], Some("first")),
        ([short, new, half_gone], Some("second")),
    ];
    for (number, (folders, expected)) in cases.into_iter().enumerate() {
        let root = state(&stock, folders);
        let mut diagnostics = Diagnostics::default();
        recover(root.path(), NAME, &mut diagnostics);
        let expected = expected.map(|name| stock.files(name)).unwrap_or_default();
        let names: Vec<String> = snapshot(&root.path().join(NAME)).into_keys().collect();
        assert_eq!(snapshot(&root.path().join(NAME)), expected, "case {number}: {names:?}");
        assert_clean(root.path());
        let had_to = folders.iter().skip(1).any(Option::is_some);
        assert_eq!(ids(&diagnostics), if had_to { vec!["outputs-recovered"] } else { vec![] }, "case {number}");
    }
}

#[test]
fn a_changed_byte_makes_the_new_folder_not_whole() {
    let stock = Stock::new();
    let root = state(&stock, [None, Some(("second", &[])), Some(("first", &[]))]);
    fs::write(root.path().join("mariinsk.new/Приказ.pdf"), "order ?").unwrap();
    recover(root.path(), NAME, &mut Diagnostics::default());
    assert_eq!(snapshot(&root.path().join(NAME)), stock.files("first"));
    assert_clean(root.path());
}

#[test]
fn a_folder_made_between_the_renames_loses_nothing() {
    let stock = Stock::new();
    let root = state(&stock, [None, Some(("second", &[])), Some(("first", &[]))]);
    fs::create_dir(root.path().join(NAME)).unwrap();
    fs::write(root.path().join(NAME).join("Приказ.pdf"), "saved by hand").unwrap();
    let mut diagnostics = Diagnostics::default();
    recover(root.path(), NAME, &mut diagnostics);
    let mut expected = stock.files("second");
    expected.insert("Приказ.kept.pdf".into(), b"saved by hand".to_vec());
    assert_eq!(snapshot(&root.path().join(NAME)), expected);
    assert_eq!(ids(&diagnostics), ["foreign-file-renamed", "outputs-recovered"]);
}

/// The previous outputs with what a person left in them.
fn lived_in(stock: &Stock) -> TempDir {
    let root = state(stock, [Some(("first", &[])), None, None]);
    let folder = root.path().join(NAME);
    fs::write(folder.join("заметки.txt"), "notes").unwrap();
    fs::write(folder.join("Форма.xlsx"), "form edited").unwrap();
    fs::create_dir_all(folder.join("Приложения/Сканы")).unwrap();
    fs::write(folder.join("Приложения/Сканы/1.png"), "scan").unwrap();
    root
}

/// What stands in the folder after `second` was made over [`lived_in`], without the manifest.
fn over_lived_in() -> BTreeMap<String, Vec<u8>> {
    [
        ("Приказ.pdf", "order 2"),
        ("Письма/Письмо.pdf", "letter 2"),
        ("заметки.txt", "notes"),
        ("Форма.kept.xlsx", "form edited"),
        ("Приложения/Сканы/1.png", "scan"),
    ]
    .map(|(path, bytes)| (path.to_owned(), bytes.as_bytes().to_vec()))
    .into()
}

#[test]
fn a_persons_files_are_kept_and_what_is_no_longer_made_is_removed() {
    let stock = Stock::new();
    let root = lived_in(&stock);
    let (result, diagnostics) = run(root.path(), &second());
    let manifest = result.unwrap();
    assert_eq!(ids(&diagnostics), ["foreign-file-kept", "edited-file-kept", "foreign-file-kept"]);
    assert_eq!(manifest.removed, ["Приложения/Концепция.pdf", "Форма.xlsx"]);
    assert_eq!(read_manifest(root.path(), NAME), Some(manifest.clone()));
    let mut files = snapshot(&root.path().join(NAME));
    assert_eq!(files.remove(MANIFEST), Some(manifest.to_bytes().unwrap()));
    assert_eq!(files, over_lived_in());
    assert_clean(root.path());
}

/// Runs a faulty commit over [`lived_in`], then a faulty recovery, then a sound one; tells which faults struck.
fn strike(stock: &Stock, commit_fault: usize, recover_fault: Option<usize>, kills: bool) -> [bool; 2] {
    let root = lived_in(stock);
    let folder = root.path().join(NAME);
    let before = snapshot(&folder);
    let faulty = FaultyDisk::new(commit_fault, kills);
    let result = commit_on(&faulty, package(root.path(), &second()), &mut Diagnostics::default());
    if !kills && result.is_err() {
        assert_eq!(snapshot(&folder), before, "refused at {commit_fault}: the previous outputs stand at once");
    }
    let folders = Folders::new(root.path(), NAME).unwrap();
    let again = FaultyDisk::new(recover_fault.unwrap_or(usize::MAX), kills);
    recovery::recover(&again, &folders, &mut Diagnostics::default());
    let mut diagnostics = Diagnostics::default();
    recovery::recover(&sound(), &folders, &mut diagnostics);

    let at = format!("fault {commit_fault}, {recover_fault:?}, kills {kills}: {result:?}");
    assert!(
        !diagnostics.has(crate::diag::Severity::Warning) || ids(&diagnostics).contains(&"edited-file-kept"),
        "{at}"
    );
    assert_clean(root.path());
    let mut after = snapshot(&folder);
    if after != before {
        let manifest = after.remove(MANIFEST).unwrap_or_default();
        assert_eq!(after, over_lived_in(), "{at}");
        let manifest: Manifest = serde_json::from_slice(&manifest).unwrap();
        assert_eq!(manifest.removed.len(), 2);
    } else if !kills {
        assert!(result.is_err(), "{at}");
    }
    [faulty.struck.get(), again.struck.get()]
}

#[test]
fn killed_or_refused_at_any_operation_the_old_or_the_new_outputs_are_whole() {
    let stock = Stock::new();
    for kills in [true, false] {
        let mut fault = 0;
        while strike(&stock, fault, None, kills)[0] {
            let mut next = 0;
            while kills && strike(&stock, fault, Some(next), kills)[1] {
                next += 1;
            }
            fault += 1;
        }
        assert!(fault > 25, "{fault} operations");
    }
}

#[test]
fn a_first_run_killed_at_any_operation_leaves_nothing_or_everything() {
    let stock = Stock::new();
    let mut fault = 0;
    loop {
        let root = tempfile::tempdir().unwrap();
        let faulty = FaultyDisk::new(fault, true);
        let _ = commit_on(&faulty, package(&root.path().join("a/b"), &second()), &mut Diagnostics::default());
        let below = root.path().join("a/b");
        recovery::recover(&sound(), &Folders::new(&below, NAME).unwrap(), &mut Diagnostics::default());
        let files = snapshot(&root.path().join("a/b").join(NAME));
        assert!(files.is_empty() || files == stock.files("second"), "fault {fault}");
        if !faulty.struck.get() {
            break;
        }
        fault += 1;
    }
}

#[test]
fn old_outputs_that_cannot_go_are_reported_and_stop_the_next_run() {
    let stock = Stock::new();
    let root = lived_in(&stock);
    // The last operations of a commit remove the old folder.
    let stuck = (0..200).find_map(|fault| {
        copy(&stock.path("first"), &root.path().join(NAME));
        let mut diagnostics = Diagnostics::default();
        let faulty = FaultyDisk::new(fault, true);
        let result = commit_on(&faulty, package(root.path(), &second()), &mut diagnostics);
        let found = result.is_ok() && ids(&diagnostics).contains(&"old-outputs-remain");
        if !found {
            let folders = Folders::new(root.path(), NAME).unwrap();
            recovery::recover(&sound(), &folders, &mut Diagnostics::default());
        }
        found.then_some(diagnostics)
    });
    let warning = stuck.unwrap().iter().find(|diagnostic| diagnostic.id == "old-outputs-remain").cloned().unwrap();
    assert!(warning.place.text().starts_with("mariinsk.old"));
    let before = snapshot(root.path());
    let faulty = FaultyDisk::new(0, true);
    let error = commit_on(&faulty, package(root.path(), &first()), &mut Diagnostics::default()).unwrap_err();
    assert_eq!(error.id, "outputs-in-use");
    assert_eq!(snapshot(root.path()), before);
}

#[test]
fn others_are_carried_over_verified_and_marked() {
    let root = tempfile::tempdir().unwrap();
    let mut all = first();
    all.push(made("Карта.pdf", "roadmap 1", "roadmap"));
    all.push(made("Список.pdf", "list 1", "list"));
    all.push(made("Письмо.pdf", "letter 1", "letter"));
    run(root.path(), &all).0.unwrap();
    let folder = root.path().join(NAME);
    fs::write(folder.join("Форма.xlsx"), "form edited").unwrap();
    fs::remove_file(folder.join("Список.pdf")).unwrap();

    let mut only = package(root.path(), &[made("Приказ.pdf", "order 2", "order"), made("письмо.PDF", "x", "memo")]);
    only.carry_others = true;
    only.manifest.blocked = vec![Blocked { document: "roadmap".into(), file: None, reasons: vec![] }];
    let mut diagnostics = Diagnostics::default();
    let manifest = commit(only, &mut diagnostics).unwrap();
    let outputs: Vec<(&str, bool)> = manifest.outputs.iter().map(|entry| (&*entry.path, entry.carried)).collect();
    assert_eq!(outputs, [("Приказ.pdf", false), ("Приложения/Концепция.pdf", true), ("письмо.PDF", false)]);
    assert_eq!(manifest.removed, ["Карта.pdf", "Письмо.pdf", "Список.pdf", "Форма.xlsx"]);
    let expected = ["carried-name-taken", "carried-file-unreadable", "carried-file-changed", "edited-file-kept"];
    let mut found = ids(&diagnostics);
    found.sort_unstable();
    let mut sorted = expected;
    sorted.sort_unstable();
    assert_eq!(found, sorted);
    assert_eq!(fs::read(folder.join("Форма.kept.xlsx")).unwrap(), b"form edited");
    assert!(manifest::is_whole(&folder));
}

#[test]
fn without_carry_over_only_what_was_made_stands() {
    let root = tempfile::tempdir().unwrap();
    run(root.path(), &first()).0.unwrap();
    let manifest = run(root.path(), &second()).0.unwrap();
    assert!(manifest.outputs.iter().all(|entry| !entry.carried));
    assert_eq!(manifest.outputs.len(), 2);
}

#[test]
fn the_same_run_twice_gives_the_same_bytes() {
    let root = tempfile::tempdir().unwrap();
    run(root.path(), &first()).0.unwrap();
    run(root.path(), &second()).0.unwrap();
    let once = snapshot(&root.path().join(NAME));
    let mut turned = second();
    turned.reverse();
    assert!(ids(&run(root.path(), &turned).1).is_empty());
    assert_eq!(snapshot(&root.path().join(NAME)), once);
    let text = String::from_utf8(once.get(MANIFEST).unwrap().clone()).unwrap();
    assert!(text.ends_with("}\n") && text.contains("\"removed\": [\n    \"Приложения/Концепция.pdf\""), "{text}");
}

#[test]
fn a_folder_that_the_program_did_not_make_is_kept() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join(NAME);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("Приказ.pdf"), "by hand").unwrap();
    fs::write(folder.join(MANIFEST), "not a manifest").unwrap();
    fs::write(folder.join(".~lock.Приказ.pdf#"), "").unwrap();
    let (result, diagnostics) = run(root.path(), &second());
    result.unwrap();
    let files = snapshot(&folder);
    assert_eq!(files.get("Приказ.kept.pdf").unwrap(), b"by hand");
    assert_eq!(files.get("manifest.kept.json").unwrap(), b"not a manifest");
    assert!(files.contains_key(".~lock.Приказ.pdf#"));
    assert_eq!(ids(&diagnostics), ["foreign-file-renamed", "foreign-file-renamed"]);
}

#[cfg(unix)]
#[test]
fn a_link_is_moved_and_never_followed() {
    let root = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("far.txt"), "far").unwrap();
    run(root.path(), &first()).0.unwrap();
    let folder = root.path().join(NAME);
    std::os::unix::fs::symlink(outside.path(), folder.join("link")).unwrap();
    run(root.path(), &second()).0.unwrap();
    assert_eq!(fs::read(folder.join("link/far.txt")).unwrap(), b"far");
    fs::rename(&folder, root.path().join("elsewhere")).unwrap();
    std::os::unix::fs::symlink(root.path().join("elsewhere"), &folder).unwrap();
    assert_eq!(run(root.path(), &first()).0.unwrap_err().id, "output-folder-taken");
}

#[test]
fn paths_that_meet_or_lead_out_are_refused_before_anything_is_written() {
    for (paths, id) in [
        (vec!["a.pdf", "A.PDF"], "output-collision"),
        (vec!["Приказ.pdf", "приказ.pdf"], "output-collision"),
        (vec!["a", "b.pdf", "A/c.pdf"], "output-collision"),
        (vec!["Manifest.json"], "output-collision"),
        (vec!["../a.pdf"], "output-path-invalid"),
        (vec!["/a.pdf"], "output-path-invalid"),
        (vec!["a//b.pdf"], "output-path-invalid"),
        (vec!["a\\b.pdf"], "output-path-invalid"),
        (vec!["C:a.pdf"], "output-path-invalid"),
        (vec!["nul.pdf"], "output-path-invalid"),
        (vec!["com1"], "output-path-invalid"),
        (vec!["a./b.pdf"], "output-path-invalid"),
        (vec![""], "output-path-invalid"),
    ] {
        let root = tempfile::tempdir().unwrap();
        let produced: Vec<Produced> = paths.iter().map(|path| made(path, "x", "order")).collect();
        assert_eq!(run(root.path(), &produced).0.unwrap_err().id, id, "{paths:?}");
        assert!(snapshot(root.path()).is_empty());
    }
    assert!(check_paths(&["com.pdf", "a/b", "a/c", "a b — «в».pdf", "ab"]).is_ok());
}

#[test]
fn a_manifest_that_points_out_of_the_folder_is_not_followed() {
    let root = tempfile::tempdir().unwrap();
    run(root.path(), &first()).0.unwrap();
    fs::write(root.path().join("secret"), "secret").unwrap();
    let mut manifest = read_manifest(root.path(), NAME).unwrap();
    for entry in &mut manifest.outputs {
        entry.path = "../secret".into();
        entry.sha256 = source::hash(b"secret");
    }
    fs::write(root.path().join(NAME).join(MANIFEST), manifest.to_bytes().unwrap()).unwrap();
    let mut only = package(root.path(), &[made("a.pdf", "a", "memo")]);
    only.carry_others = true;
    assert_eq!(commit(only, &mut Diagnostics::default()).unwrap().outputs.len(), 1);
    assert_eq!(fs::read(root.path().join("secret")).unwrap(), b"secret");
}

#[test]
fn only_one_run_holds_the_outputs() {
    let root = tempfile::tempdir().unwrap();
    let below = root.path().join("outputs");
    let held = lock(&below, NAME).unwrap();
    assert_eq!(lock(&below, NAME).unwrap_err().id, "outputs-in-use");
    let _other = lock(&below, "tisul").unwrap();
    drop(held);
    let _again = lock(&below, NAME).unwrap();
    for name in ["a.old", "A.NEW", "..", "a/b", ""] {
        assert_eq!(lock(&below, name).unwrap_err().id, "output-path-invalid", "{name}");
    }
}
