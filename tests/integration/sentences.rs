//! How a sentence ends on a page.

use svod::typeset::Fonts;

use crate::templates::{job, make, names, text};

#[test]
fn a_sentence_ends_with_one_stop() {
    let fonts = Fonts::built_in();
    let made = |name: &str, body: &str| {
        let mut view = names();
        view.insert("name".to_owned(), text(name));
        let made = make(&job(&[body], view), &fonts);
        let pages = made.typeset.expect("a warning blocks nothing").texts;
        let printed: String = pages.iter().map(|page| page.body.as_str()).collect();
        let ids: Vec<String> = made.findings.into_iter().map(|(id, ..)| id).collect();
        (printed, ids)
    };
    let (plain, ended) = ("#paragraph[возложить на {{ name }}.]", "#paragraph[возложить на {{ name|ended }}]");
    let doubled = vec!["doubled-stop".to_owned()];
    for (name, body, page, found) in [
        ("Условнову О.П.", plain, "возложить на Условнову О.П..", doubled),
        ("Условнову О.П.", ended, "возложить на Условнову О.П.", vec![]),
        ("начальника отдела", ended, "возложить на начальника отдела.", vec![]),
        ("начальника отдела", plain, "возложить на начальника отдела.", vec![]),
        ("«../Герб.svg»", ended, "возложить на «../Герб.svg».", vec![]),
        ("начальника...", ended, "возложить на начальника...", vec![]),
    ] {
        let (printed, ids) = made(name, body);
        assert!(printed.replace('\u{a0}', " ").contains(page), "{printed:?}");
        assert_eq!(ids, found, "{body} {name}");
    }
}
