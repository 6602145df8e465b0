//! The map of what the program can do: `tests/capabilities.md` names, for every capability, the cases and tests that prove
//! it, and those that nothing proves yet, with the reason.

use std::collections::BTreeMap;

use crate::{project, read_text};

/// Kinds of capabilities, and how many there are of each.
const KINDS: [(&str, usize); 8] =
    [("ID", 12), ("KP", 14), ("AN", 7), ("RC", 6), ("DC", 6), ("DO", 17), ("FM", 7), ("MY", 7)];
/// The heading above those that nothing proves.
const NOT_PROVED: &str = "## Not proved yet";

/// Ids, each with its cells, below the headings of tables.
fn rows(text: &str) -> Vec<(String, Vec<String>)> {
    let tables = text.lines().filter_map(|line| line.strip_prefix('|'));
    let cells = tables.map(|line| line.trim_end_matches('|').split('|').map(|cell| cell.trim().to_owned()));
    let rows = cells.map(|mut cells| (cells.next().unwrap_or_default(), cells.collect()));
    rows.filter(|(id, _): &(String, _)| KINDS.iter().any(|(kind, _)| id.starts_with(&format!("{kind}-")))).collect()
}

/// What is wrong with a proof: a path that is not there, or a test that its file does not have.
fn fault(proof: &str) -> Option<String> {
    let (path, test) = proof.split_once("::").map_or((proof, None), |(path, test)| (path, Some(test)));
    let Ok(text) = read_text(&project(path)) else { return Some(format!("{path}: no such file")) };
    match test {
        Some(test) => {
            let after = text.split_once(&format!("#[test]\nfn {test}()")).is_some();
            let inner = text.split_once(&format!("#[test]\n    fn {test}()")).is_some();
            (!after && !inner).then(|| format!("{path}: no test {test}"))
        }
        // Only what a test runs proves anything.
        None => {
            let is_run = ["tests/cases/", "tests/catalogues/"].iter().any(|folder| path.starts_with(folder));
            (!is_run || !path.ends_with(".md")).then(|| format!("{path}: not run by a test"))
        }
    }
}

/// What is wrong with the map; and the ids that nothing proves.
fn read(text: &str) -> (Vec<String>, Vec<String>) {
    let (proved, open) = text.split_once(NOT_PROVED).unwrap_or((text, ""));
    let (proved, open) = (rows(proved), rows(open));
    let mut wrong = Vec::new();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (id, cells) in &proved {
        *seen.entry(id).or_default() += 1;
        match cells.as_slice() {
            [title, proofs] if !title.is_empty() && !proofs.is_empty() => {
                let faults = proofs.split(';').filter_map(|proof| fault(proof.trim().trim_matches('`')));
                wrong.extend(faults.map(|fault| format!("{id}: {fault}")));
            }
            _ => wrong.push(format!("{id}: a title and its proofs")),
        }
    }
    for (id, cells) in &open {
        *seen.entry(id).or_default() += 1;
        if cells.len() != 2 || cells.iter().any(String::is_empty) {
            wrong.push(format!("{id}: a title and a reason"));
        }
    }
    let ids = KINDS.iter().flat_map(|(kind, count)| (1..=*count).map(move |number| format!("{kind}-{number:02}")));
    for id in ids {
        match seen.remove(id.as_str()) {
            Some(1) => {}
            Some(_) => wrong.push(format!("{id}: stands twice")),
            None => wrong.push(format!("{id}: is missing")),
        }
    }
    wrong.extend(seen.keys().map(|id| format!("{id}: unknown")));
    (wrong, open.into_iter().map(|(id, _)| id).collect())
}

#[test]
fn every_capability_is_proved_or_named_with_the_reason() {
    let text = read_text(&project("tests/capabilities.md")).expect("the map");
    let (wrong, open) = read(&text);
    eprintln!("not proved yet: {} ({})", open.len(), open.join(", "));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_proof_that_is_not_there_is_named() {
    let text = read_text(&project("tests/capabilities.md")).expect("the map");
    for (given, broken, reason) in [
        ("tests/catalogues/plast.md", "tests/catalogues/plaster.md", "no such file"),
        ("the_two_shares_of_the_source", "no_shares_of_the_source", "no test"),
        ("| ID-01 |", "| ID-99 |", "ID-01: is missing"),
        ("| ID-01 |", "| ID-02 |", "ID-02: stands twice"),
    ] {
        let (wrong, _) = read(&text.replacen(given, broken, 1));
        assert!(text.contains(given) && wrong.iter().any(|line| line.contains(reason)), "{given}: {wrong:?}");
    }
}
