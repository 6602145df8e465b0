//! Requisite 31: a hash of the content on the first sheet; nothing of it unless the settings ask.

#![expect(clippy::expect_used, reason = "what cannot be made cannot be tested")]

use std::collections::BTreeSet;

use svod::diag::Diagnostics;
use svod::pipeline;
use svod::plan::Job;
use svod::template;
use svod::typeset::{self, Fonts, Typeset};

use crate::run::messages;
use crate::runs::{inputs, request_in};

const ON: &str = "papers = { qr = true }";

/// The order of the sample, whole, with these cells and settings.
fn order(changes: &[&str], settings: &str) -> (Job, Typeset) {
    let folder = inputs(changes, settings);
    let mut request = request_in(folder.path());
    request.only = BTreeSet::from(["concept-order".to_owned()]);
    let municipality = pipeline::discover(&request.inputs).expect("a municipality").remove(0);
    let mut diagnostics = Diagnostics::default();
    let prepared = pipeline::prepare(&municipality, &request, &messages(), &mut diagnostics).expect("prepared");
    let job = prepared.jobs.into_iter().next().expect("a job");
    let filled = template::fill(&job, &mut diagnostics).expect("filled");
    let typeset = typeset::typeset(&job, &filled, &Fonts::built_in(), &mut diagnostics).expect("pages");
    (job, typeset)
}

#[test]
fn the_code_is_of_the_content_and_not_of_date_and_number() {
    let (plain, without) = order(&[], "");
    assert_eq!(plain.qr, None);
    let (blank, with) = order(&[], ON);
    let code = blank.qr.expect("a code");
    assert!(code.len() == 70 && code.starts_with("SVOD1:"), "{code}");
    assert!(code.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == ':'), "{code}");
    let registered = [
        "Реквизиты и лица.xlsx › Регистрация документов!B4 = 2022-12-01",
        "Реквизиты и лица.xlsx › Регистрация документов!C4 = 357",
    ];
    assert_eq!(order(&registered, ON).0.qr.as_ref(), Some(&code));
    let changed = order(&["Дорожная карта.xlsx › Мероприятия!F4 = Концепция утверждена"], ON);
    assert_ne!(changed.0.qr.expect("a code"), code);
    // It stands in the margin: no line of the text moves.
    assert_eq!(without.pages, with.pages);
    assert_eq!(without.hits, with.hits);
    assert!(with.pdf.len() > without.pdf.len() + 500, "{} and {}", with.pdf.len(), without.pdf.len());
}
