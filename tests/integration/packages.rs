//! The packages of the samples, whole, as they are shipped: every document of every family, nothing found, nothing missing.

#![expect(clippy::expect_used, reason = "a package that cannot be made is a failed test")]

use std::collections::BTreeSet;

use svod::diag::{self, Format};
use svod::pipeline::{self, Outcome};

use crate::{project, run};

/// Longest path of a document below the output folder, characters.
const LONGEST_PATH: usize = 120;

fn outcomes() -> Vec<Outcome> {
    let folder = tempfile::tempdir().expect("a folder");
    let request = run::request(&project("inputs"), &folder.path().join("outputs"));
    let municipalities = pipeline::discover(&request.inputs).expect("the samples");
    let made = municipalities.iter().map(|one| pipeline::run(one, &request, &run::messages(), false, &|_| {}));
    made.collect()
}

#[test]
fn the_packages_of_all_samples_are_made_whole() {
    let outcomes = outcomes();
    let names: Vec<&str> = outcomes.iter().map(|outcome| outcome.municipality.as_str()).collect();
    assert_eq!(names, ["dzerzhinsk", "kirovsky", "mariinsk", "mikhailovsky", "plast"]);
    for outcome in &outcomes {
        let said = diag::emit(&outcome.diagnostics, &run::messages(), Format::Short);
        assert!(outcome.diagnostics.iter().next().is_none(), "{}:\n{said}", outcome.municipality);
        assert!(outcome.blocked.is_empty(), "{}: {:?}", outcome.municipality, outcome.blocked);
        let paths: BTreeSet<String> = outcome.produced.iter().map(|path| path.to_lowercase()).collect();
        assert_eq!(paths.len(), outcome.produced.len(), "{}: a path twice", outcome.municipality);
        let long = outcome.produced.iter().find(|path| path.chars().count() > LONGEST_PATH);
        assert_eq!(long, None, "{}", outcome.municipality);
    }
}
