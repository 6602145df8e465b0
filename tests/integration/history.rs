//! Years that were kept: written once, read back as the year before, done again to the byte, and said when they differ.

#![expect(clippy::expect_used, reason = "what cannot be made cannot be tested")]

use std::path::{Path, PathBuf};

use svod::cli::{self, Printed, World};
use svod::pipeline::Outcome;

use crate::cases::{self, SAMPLE};
use crate::run::{outcome, request};

/// Runs the command line in this process.
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

/// A small package: what is kept of a year does not depend on it.
const SMALL: &str = "\n```toml svod.toml\ndocuments = [{ kind = 'roadmap', file = 'Дорожная карта' }]\n\
    forms = [{ kind = 'monitoring', file = 'Мониторинг' }, { kind = 'analysis', file = 'Анализ' }]\n```\n";

/// Writes the sample with changes beside what is there.
fn write(folder: &Path, changes: &str) -> PathBuf {
    let inputs = folder.join("inputs");
    cases::sample_with(&format!("# probe\n\nA probe.\n{SMALL}{changes}"), &inputs).expect("inputs");
    inputs
}

fn path(inputs: &Path) -> String {
    inputs.display().to_string()
}

fn run(inputs: &Path) -> Outcome {
    outcome(&request(inputs, &inputs.with_file_name("outputs")), false)
}

fn ids(outcome: &Outcome, wanted: &[&str]) -> Vec<String> {
    let found = outcome.diagnostics.iter().filter(|finding| wanted.contains(&finding.id.as_str()));
    found.map(|finding| finding.id.clone()).collect()
}

/// The year before, as kept in a folder: its snapshot with the year and everything in it moved back by one.
fn keep_as_2021(inputs: &Path) {
    let own = inputs.join(SAMPLE).join("svod");
    let text = std::fs::read_to_string(own.join("2022/snapshot.json")).expect("a snapshot");
    std::fs::create_dir_all(own.join("2021")).expect("a folder");
    let moved = text.replace("\"year\": 2022", "\"year\": 2021");
    assert_ne!(text, moved);
    std::fs::write(own.join("2021/snapshot.json"), moved).expect("written");
}

#[test]
fn a_year_is_kept_once_and_done_again_to_the_byte() {
    let outer = tempfile::tempdir().expect("a folder");
    let inputs = write(outer.path(), "");
    let before = svod(&["repeat", "2022", &path(&inputs)]);
    assert_eq!(before.status, cli::COULD_NOT_RUN);
    assert!(before.err.contains("no-snapshot"), "{}", before.err);
    let kept = svod(&["keep", &path(&inputs)]);
    assert_eq!((kept.status, kept.out.as_str()), (cli::CLEAN, "mariinsk: сохранён 2022 год\n"), "{}", kept.err);
    let own = inputs.join(SAMPLE).join("svod/2022");
    let archived = [
        "snapshot.json",
        "archive/svod.toml",
        "archive/templates/methods/rosobrnadzor.toml",
        "archive/Результаты процедур.xlsx",
    ];
    assert!(archived.iter().all(|file| own.join(file).is_file()));
    let again = svod(&["keep", &path(&inputs)]);
    assert_eq!(again.out, "mariinsk: 2022 год уже сохранён, ничего не изменилось\n");
    let repeated = svod(&["repeat", "2022", &path(&inputs)]);
    assert_eq!(
        (repeated.status, repeated.out.as_str()),
        (cli::CLEAN, "mariinsk: 2022 год повторён, всё до байта то же\n")
    );
    // Settings and templates of today do not matter: those of the year do.
    write(outer.path(), "\n```toml svod.toml\nrounding = { share-digits = 2 }\n```\n");
    assert_eq!(svod(&["repeat", "2022", &path(&inputs)]).status, cli::CLEAN);
    // What is kept is not overwritten.
    let other = svod(&["keep", &path(&inputs)]);
    assert_eq!(other.status, cli::FINDINGS);
    assert!(other.err.contains("snapshot-exists") && other.out.is_empty(), "{}", other.err);
}

#[test]
fn what_a_past_year_gives_otherwise_is_listed_value_by_value() {
    let outer = tempfile::tempdir().expect("a folder");
    let inputs = write(outer.path(), "");
    assert_eq!(svod(&["keep", &path(&inputs)]).status, cli::CLEAN);
    write(outer.path(), "\n## Changes\n\n- Поддержка школ.xlsx › Партнёрства!row 4 removed\n");
    // The archive gives the year as it was; the tables of today do not.
    assert_eq!(svod(&["repeat", "2022", &path(&inputs)]).status, cli::CLEAN);
    let repeated = svod(&["repeat", "2022", "--today", &path(&inputs)]);
    assert_eq!(repeated.status, cli::FINDINGS);
    assert!(repeated.out.starts_with("mariinsk: 2022 год повторён, отличий: "), "{}", repeated.out);
    assert!(repeated.out.contains("  показатель networked-schools: было 4, стало 3\n"), "{}", repeated.out);
    assert!(repeated.out.contains("  файл Поддержка школ.xlsx: было "), "{}", repeated.out);
    assert!(repeated.out.contains("  результат Мониторинг.xlsx: было "), "{}", repeated.out);
}

#[test]
fn a_year_is_done_again_from_its_archive_alone() {
    let outer = tempfile::tempdir().expect("a folder");
    let inputs = write(outer.path(), "");
    // The year before is looked back to: its snapshot belongs to the archive.
    assert_eq!(svod(&["keep", &path(&inputs)]).status, cli::CLEAN);
    keep_as_2021(&inputs);
    let own = inputs.join(SAMPLE).join("svod");
    std::fs::remove_dir_all(own.join("2022")).expect("removed");
    assert_eq!(svod(&["keep", &path(&inputs)]).status, cli::CLEAN);
    assert!(own.join("2022/archive/svod/2021/snapshot.json").is_file());
    std::fs::remove_dir_all(own.join("2021")).expect("removed");
    for entry in std::fs::read_dir(inputs.join(SAMPLE)).expect("a folder").flatten() {
        if entry.path().is_file() && entry.file_name() != "svod.toml" {
            std::fs::remove_file(entry.path()).expect("removed");
        }
    }
    let repeated = svod(&["repeat", "2022", &path(&inputs)]);
    let same = "mariinsk: 2022 год повторён, всё до байта то же\n";
    assert_eq!((repeated.status, repeated.out.as_str()), (cli::CLEAN, same), "{}", repeated.err);
    // What was archived is held against its hash.
    std::fs::remove_file(own.join("2022/archive/Поддержка школ.xlsx")).expect("removed");
    let damaged = svod(&["repeat", "2022", &path(&inputs)]);
    assert_eq!(damaged.status, cli::FINDINGS);
    assert!(damaged.out.contains("  файл Поддержка школ.xlsx: было "), "{}", damaged.out);
}

#[test]
fn a_raw_protocol_stays_where_it_is() {
    let outer = tempfile::tempdir().expect("a folder");
    let raw = "Сравнение отметок, ВПР 2021 математика, 5 класс.xlsx";
    let protocol = format!(
        "\n## Changes\n\n- Концепция.xlsx › Риски!row 4 removed\n\n## {raw}\n\n### Лист1\n\nСравнение отметок с отметками по журналу\n\n\
         | Группы участников | Кол-во участников | % |\n|---|---|---|\n| Понизили | 10 | 20 |\n"
    );
    let inputs = write(outer.path(), &protocol);
    let kept = svod(&["keep", &path(&inputs)]);
    assert_eq!(kept.status, cli::CLEAN, "{}", kept.err);
    assert!(kept.err.contains("not-archived") && kept.err.contains(raw), "{}", kept.err);
    let archive = inputs.join(SAMPLE).join("svod/2022/archive");
    assert!(archive.join("Школы.xlsx").is_file() && !archive.join(raw).exists());
    // It is taken from its place, and missed there.
    assert_eq!(svod(&["repeat", "2022", &path(&inputs)]).status, cli::CLEAN);
    std::fs::remove_file(inputs.join(SAMPLE).join(raw)).expect("removed");
    let without = svod(&["repeat", "2022", &path(&inputs)]);
    assert!(without.out.contains(&format!("  файл {raw}: было ")), "{}", without.out);
}

#[test]
fn a_year_with_errors_is_not_kept() {
    let outer = tempfile::tempdir().expect("a folder");
    let inputs = write(outer.path(), "\n## Changes\n\n- Результаты процедур.xlsx › ОГЭ!G4 = много\n");
    let kept = svod(&["keep", &path(&inputs)]);
    assert_eq!(kept.status, cli::FINDINGS);
    assert!(kept.err.contains("year-with-errors") && !inputs.join(SAMPLE).join("svod/2022").exists(), "{}", kept.err);
}

#[test]
fn a_year_that_cannot_be_written_is_not_kept() {
    let outer = tempfile::tempdir().expect("a folder");
    let inputs = write(outer.path(), "");
    std::fs::write(inputs.join(SAMPLE).join("svod"), "").expect("a file in the way");
    let kept = svod(&["keep", &path(&inputs)]);
    assert_eq!((kept.status, kept.out.as_str()), (cli::FINDINGS, ""));
    assert!(kept.err.contains("snapshot-not-kept"), "{}", kept.err);
}

#[test]
fn a_kept_year_that_the_workbooks_give_otherwise_is_said_with_both_values() {
    let outer = tempfile::tempdir().expect("a folder");
    let inputs = write(outer.path(), "");
    let wanted = ["kept-value-differs", "kept-list-lacks", "kept-list-has", "bad-snapshot"];
    assert_eq!(svod(&["keep", &path(&inputs)]).status, cli::CLEAN);
    // The reported year is no past year.
    assert_eq!(ids(&run(&inputs), &wanted), Vec::<String>::new());
    keep_as_2021(&inputs);
    let outcome = run(&inputs);
    let found = ids(&outcome, &wanted);
    for id in ["kept-value-differs", "kept-list-lacks", "kept-list-has"] {
        assert!(found.iter().any(|known| known == id), "{id} is not among {found:?}");
    }
    let differs = outcome.diagnostics.iter().find(|finding| {
        finding.id == "kept-value-differs" && finding.args.get("figure").is_some_and(|code| code == "networked-schools")
    });
    let args = &differs.expect("a finding").args;
    assert_eq!((args.get("before").map(String::as_str), args.get("found").map(String::as_str)), (Some("4"), Some("2")));
    std::fs::write(inputs.join(SAMPLE).join("svod/2021/snapshot.json"), "{").expect("written");
    assert_eq!(ids(&run(&inputs), &wanted), ["bad-snapshot"]);
}

#[test]
fn a_kept_year_stands_in_for_workbooks_that_do_not_have_it() {
    let outer = tempfile::tempdir().expect("a folder");
    let inputs = write(outer.path(), "");
    assert_eq!(svod(&["keep", &path(&inputs)]).status, cli::CLEAN);
    // A diagnosis of the year before cannot be read: without a snapshot there is no value.
    let changes = "\n## Changes\n\n- Педагоги.xlsx › Диагностика!F4 = много\n";
    let figure = |outcome: &Outcome, id: &str| {
        let figures = outcome.ledger.documents.iter().flat_map(|document| &document.figures);
        figures.into_iter().find(|figure| figure.id == id).map(|figure| (figure.text.clone(), figure.sources.clone()))
    };
    write(outer.path(), changes);
    assert_eq!(figure(&run(&inputs), "diagnosed-teachers/2021"), None);
    keep_as_2021(&inputs);
    let (text, sources) = figure(&run(&inputs), "diagnosed-teachers/2021").expect("the value that was kept");
    assert_eq!(text, "88\u{a0}%");
    assert_eq!(sources, ["svod/2021/snapshot.json › indicators.diagnosed-teachers"]);
}
