//! Sections whose data is missing: the document is blocked by a finding that says where the rows belong, and a draft
//! shows what is to be filled in.

#![expect(clippy::expect_used, reason = "what these tests build on must be there")]

use std::path::Path;

use svod::diag::{self, Diagnostics, Format};
use svod::pipeline;
use svod::template;
use svod::typeset::{self, Fonts};

use crate::run::{messages, request};
use crate::templates::page_text;
use crate::{packages, project, sample, workbook};

/// The sample of Kirovsky with some rows of its targets alone.
fn with_targets(inputs: &Path, keep: impl Fn(&[String]) -> bool) {
    let folder = inputs.join("kirovsky");
    packages::copy(&project("inputs/kirovsky"), &folder);
    for mut book in sample::read(&project("tests/sample/kirovsky")).expect("the tables") {
        let Some(sheet) = book.sheets.iter_mut().find(|sheet| sheet.name == "Целевые значения") else {
            continue;
        };
        let before = sheet.rows.len();
        sheet.rows.retain(|row| keep(row));
        assert!(sheet.rows.len() < before, "nothing is removed");
        std::fs::write(folder.join(&book.file), workbook::write(&book).expect("a workbook")).expect("written");
    }
}

#[test]
fn a_target_that_is_missing_blocks_its_document_and_is_marked_in_a_draft() {
    let is_of_2022 =
        |row: &[String]| row.first().is_some_and(|code| code == "landings") && row.iter().any(|cell| cell == "2022");
    let is_target = |row: &[String]| row.iter().any(|cell| cell == "цель");
    type Keeps<'a> = &'a dyn Fn(&[String]) -> bool;
    let cases: [(Keeps<'_>, usize); 2] = [(&|row| !is_of_2022(row), 1), (&|row| !is_target(row), 8)];
    for (keep, at_least) in cases {
        let outer = tempfile::tempdir().expect("a folder");
        let inputs = outer.path().join("inputs");
        with_targets(&inputs, keep);
        let mut request = request(&inputs, &outer.path().join("outputs"));
        request.only = ["project-package".to_owned()].into();
        let municipality = pipeline::discover(&inputs).expect("a municipality").remove(0);
        let outcome = pipeline::run(&municipality, &request, &messages(), false, &|_| {});
        let said = diag::emit(&outcome.diagnostics, &messages(), Format::Short);
        let missing = said.lines().filter(|line| line.contains("[missing-target]")).count();
        assert!(missing >= at_least, "{missing} in\n{said}");
        assert!(said.contains("Показатели.xlsx › Целевые значения: ошибка[missing-target]"), "{said}");
        assert!(!said.contains("typesetting-failed"), "{said}");
        let reasons: Vec<&str> =
            outcome.blocked.iter().flat_map(|blocked| &blocked.reasons).map(|reason| reason.id.as_str()).collect();
        assert!(reasons.contains(&"missing-target"), "{reasons:?}");

        request.draft = true;
        let prepared = pipeline::prepare(&municipality, &request, &messages(), &mut Diagnostics::default());
        let prepared = prepared.expect("a plan");
        let job = prepared.jobs.iter().find(|job| job.kind == "project-package").expect("the job");
        let mut diagnostics = Diagnostics::default();
        let filled = template::fill(job, &mut diagnostics).expect("filled");
        let typeset = typeset::typeset(job, &filled, &Fonts::built_in(), &mut diagnostics).expect("pages");
        let marks = page_text(&typeset).matches("Заполнить:").count();
        assert!(marks >= at_least, "{marks} marks");
    }
}
