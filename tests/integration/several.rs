//! Several municipalities in one folder: whatever is said of one is said under its name, and a kind that one of them does
//! not have is no fault.

#![expect(clippy::expect_used, reason = "what cannot be made cannot be tested")]

use std::path::{Path, PathBuf};

use svod::cli::{self, Printed, World};

use crate::cases;

fn svod(arguments: &[&str]) -> Printed {
    let arguments = std::iter::once("svod").chain(arguments.iter().copied()).map(Into::into).collect();
    cli::run(&World {
        arguments,
        processors: 1,
        progress: None,
        reader: svod::workbook::Reader::InProcess,
        today: "01.11.2022".to_owned(),
    })
}

/// Writes the sample as `first` and `second`; only the second makes the roadmap.
fn write(folder: &Path) -> PathBuf {
    let inputs = folder.join("inputs");
    for (name, document) in [("first", "school-list"), ("second", "roadmap")] {
        let settings = format!("documents = [{{ kind = '{document}', file = 'Документ' }}]\nforms = []\n");
        cases::sample_with(&format!("# probe\n\nA probe.\n\n```toml svod.toml\n{settings}```\n"), &inputs)
            .expect("inputs");
        std::fs::rename(inputs.join(cases::SAMPLE), inputs.join(name)).expect("renamed");
    }
    inputs
}

#[test]
fn a_kind_of_one_municipality_is_made_there_and_leaves_the_others_alone() {
    let outer = tempfile::tempdir().expect("a folder");
    let (inputs, outputs) = (write(outer.path()), outer.path().join("outputs"));
    let build =
        |only: &str| svod(&["build", "--only", only, "-o", &outputs.to_string_lossy(), &inputs.to_string_lossy()]);
    let made = build("roadmap");
    assert_eq!(made.status, cli::CLEAN, "{}", made.err);
    assert!(made.out.contains("first: в настройках нет вида roadmap, пакет не изменён\n"), "{}", made.out);
    assert!(made.out.contains("second: сделано файлов – 2"), "{}", made.out);
    assert!(!outputs.join("first").exists() && outputs.join("second/Документ.pdf").is_file());
    // What nobody has is named for each.
    let unknown = build("road-map");
    assert_eq!(unknown.status, cli::FINDINGS);
    assert_eq!(unknown.err.matches("[unknown-only]").count(), 2, "{}", unknown.err);
}

#[test]
fn what_is_said_of_one_of_several_municipalities_stands_under_its_name() {
    let outer = tempfile::tempdir().expect("a folder");
    let inputs = write(outer.path());
    let path = inputs.to_string_lossy();
    let explained = svod(&["explain", "school", "ОО-10", "-i", &path]);
    let plain = explained.out.replace('\u{a0}', " ");
    let heads: Vec<&str> = plain.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(heads, ["first:", "МБОУ «Берёзоярская ООШ» (ОО-10)", "second:", "МБОУ «Берёзоярская ООШ» (ОО-10)"]);
    let repeated = svod(&["repeat", "2022", &path]);
    let names: Vec<&str> = repeated.err.lines().filter(|line| matches!(*line, "first:" | "second:")).collect();
    assert_eq!((repeated.status, names.as_slice()), (cli::COULD_NOT_RUN, ["first:", "second:"].as_slice()));
    // One alone needs no name.
    let alone = svod(&["explain", "school", "ОО-10", "-i", &inputs.join("first").to_string_lossy()]);
    assert!(alone.out.starts_with("МБОУ\u{a0}«Берёзоярская ООШ» (ОО-10)\n"), "{}", alone.out);
}
