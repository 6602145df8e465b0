//! What orders and reports say of acts, people and plans, read from their pages.

#![expect(clippy::expect_used, reason = "a document that cannot be made is a failed test")]

use std::collections::BTreeMap;
use std::path::Path;

use svod::pipeline::Outcome;

use crate::{project, rounds, run};

/// Makes some kinds of a sample; gives the outcome and the text of every PDF by its name.
fn made(sample: &str, only: &[&str]) -> (Outcome, BTreeMap<String, String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let outputs = folder.path().join("outputs");
    let mut request = run::request(&project(&format!("inputs/{sample}")), &outputs);
    request.only = only.iter().map(|kind| (*kind).to_owned()).collect();
    let outcome = run::outcome(&request, true);
    let root = outputs.join(&outcome.municipality);
    let pdfs = outcome.produced.iter().filter(|path| Path::new(path).extension().is_some_and(|kind| kind == "pdf"));
    let text = |path: &String| {
        let text = rounds::pdf_text(&root.join(path));
        (path.clone(), text.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let texts = pdfs.map(text).collect();
    (outcome, texts)
}

#[test]
fn date_and_number_stand_before_the_title_of_an_act() {
    let (_, texts) = made("plast", &["curators-order", "amendment-package"]);
    let all: String = texts.into_values().collect::<Vec<_>>().join(" ");
    for said in [
        "Федерального закона от 29.12.2012 № 273-ФЗ «Об образовании",
        "Внести в приказ от 21.09.2020 № 0-04 «Об утверждении порядка",
    ] {
        assert!(all.contains(said), "{said}: {all}");
    }
    // An act that is written with its number is not told twice.
    let (_, texts) = made("dzerzhinsk", &["amendment-package"]);
    assert!(texts.values().any(|text| text.contains("Внести в приказ от 28.07.2021 № 443-п изменения")), "{texts:?}");
}

#[test]
fn an_order_on_curators_names_supported_schools_only_and_says_whom_it_leaves_out() {
    let (outcome, texts) = made("plast", &["curators-order"]);
    let said = outcome.diagnostics.iter().filter(|one| one.id == "row-of-unlisted-school");
    let left: Vec<&String> = said.filter_map(|one| one.args.get("schools")).collect();
    assert!(left.iter().any(|schools| schools.contains("Дальнекаменская")), "{left:?}");
    assert!(!texts.is_empty() && texts.values().all(|text| !text.contains("Дальнекаменская")), "{texts:?}");
}

#[test]
fn plan_and_fact_of_each_responsible_add_up() {
    let (outcome, _) = made("mariinsk", &["roadmap-report"]);
    let mut of: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    for figure in outcome.ledger.documents.iter().flat_map(|document| &document.figures) {
        if let [_, number, part] = figure.id.split('/').collect::<Vec<_>>().as_slice()
            && figure.id.starts_with("roadmap/")
        {
            let value = figure.value.parse().expect("a whole number");
            of.entry((*number).to_owned()).or_default().insert((*part).to_owned(), value);
        }
    }
    assert!(!of.is_empty());
    for (number, parts) in of {
        let total = parts.get("total").copied().expect("a total");
        assert_eq!(parts.values().sum::<i64>(), 2 * total, "{number}: {parts:?}");
    }
}
