//! The list of a package: a page and a workbook that tell what stands in the folder, and what could not be made.

#![expect(clippy::expect_used, reason = "a run that cannot begin is a failed test")]

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;

use crate::run::{outcome, request};
use crate::runs::{hashes, inputs};

/// Two documents, one of them blocked, under names that a page and a link must escape.
const NAMED: &str = "documents = [{ kind = 'order', file = 'Приказы & письма/Приказ #1 100%' }, \
    { kind = 'roadmap', file = 'Дорожная карта' }]";
const BLANK_EXECUTOR: &str = "Дорожная карта.xlsx › Мероприятия!E10 =";

/// The links of a page, decoded.
fn links(page: &str) -> Vec<String> {
    let decode = |link: &str| {
        let mut bytes = Vec::new();
        let mut rest = link.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'%' => {
                    let digits: Vec<u8> = rest.by_ref().take(2).collect();
                    u8::from_str_radix(std::str::from_utf8(&digits).expect("digits"), 16).expect("a byte")
                }
                plain => plain,
            });
        }
        String::from_utf8(bytes).expect("UTF-8")
    };
    let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links.filter(|link| !link.starts_with('#')).map(decode).collect()
}

/// The texts of a workbook.
fn strings(path: &Path) -> String {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).expect("a file")).expect("an archive");
    let mut text = String::new();
    archive.by_name("xl/sharedStrings.xml").expect("texts").read_to_string(&mut text).expect("a text");
    text
}

#[test]
fn the_list_of_a_package_names_every_file_and_what_is_missing() {
    let folder = inputs(&[BLANK_EXECUTOR], NAMED);
    let mut request = request(&folder.path().join("inputs"), &folder.path().join("outputs"));
    let made = outcome(&request, true);
    let said = svod::diag::emit(&made.diagnostics, &crate::run::messages(), svod::diag::Format::Short);
    assert!(!said.contains("form-failed"), "{said}");
    let package = folder.path().join("outputs/mariinsk");
    let page = std::fs::read_to_string(package.join("index.html")).expect("the page");
    for active in ["<script", "javascript:", "http://", "https://", "src=", "onclick"] {
        assert!(!page.contains(active), "{active}");
    }
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("<html lang=\"ru\">"));
    let links: BTreeSet<String> = links(&page).into_iter().collect();
    let service = ["ledger.json", "index.html", "Опись.xlsx"];
    let files: BTreeSet<String> =
        made.produced.iter().filter(|path| !service.contains(&path.as_str())).cloned().collect();
    assert_eq!(links, files);
    assert!(links.iter().all(|link| package.join(link).is_file()), "{links:?}");
    // Every way inside the page leads to a folder.
    let inner: Vec<&str> = page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(inner.len(), page.matches("<table").count());
    assert!(inner.iter().all(|id| page.matches(&format!("<h2 id=\"{id}\">")).count() == 1), "{inner:?}");
    assert!(page.contains(">Приказы &amp; письма</h2>") && page.contains("Приказ #1 100%.pdf</a>"));
    // What could not be made stands in its folder with the reason and its cell.
    let missing = page.split("class=\"missing\"").nth(1).expect("what is missing");
    assert!(missing.contains("Дорожная карта.pdf") && missing.contains("Мероприятия!E10"), "{missing}");
    let book = strings(&package.join("Опись.xlsx"));
    assert!(book.contains("Приказ #1 100%.pdf") && book.contains("Приказы &amp; письма") && book.contains("не сделан"));
    // The same run gives the same bytes; of one document alone the rest is carried over and listed.
    let first = hashes(&package);
    outcome(&request, true);
    assert_eq!(hashes(&package), first);
    request.only = BTreeSet::from(["order".to_owned()]);
    outcome(&request, true);
    let page = std::fs::read_to_string(package.join("index.html")).expect("the page");
    assert!(page.contains("из прежней сборки"), "{page}");
}

#[test]
fn forms_in_the_folder_of_a_package_are_listed_and_the_package_keeps_what_it_says_of_itself() {
    let folder = inputs(&[BLANK_EXECUTOR], NAMED);
    let request = request(&folder.path().join("inputs"), &folder.path().join("outputs"));
    let made = outcome(&request, true);
    let package = folder.path().join("outputs/mariinsk");
    let municipality = svod::pipeline::discover(&request.inputs).expect("a municipality").remove(0);
    let exchange = svod::pipeline::Exchange::default();
    let sent = svod::pipeline::emit(&municipality, &request, &exchange, &crate::run::messages());
    assert!(!sent.produced.is_empty());
    let page = std::fs::read_to_string(package.join("index.html")).expect("the page");
    let links: BTreeSet<String> = links(&page).into_iter().collect();
    assert!(links.iter().all(|link| package.join(link).is_file()), "{links:?}");
    let is_listed = |path: &&String| !matches!(path.as_str(), "ledger.json" | "index.html" | "Опись.xlsx");
    assert!(made.produced.iter().filter(is_listed).chain(&sent.produced).all(|path| links.contains(path)));
    // What was not made is still said, with its cell, and so is the mark.
    assert!(page.contains("Мероприятия!E10") && page.contains("Пример на условных данных"), "{page}");
    let book = strings(&package.join("Опись.xlsx"));
    let first = sent.produced.first().and_then(|path| path.rsplit('/').next()).expect("a blank");
    assert!(book.contains(first) && book.contains("не сделан"));
    // The next run of the package gives what it gave: forms stand in a folder of their own by default.
    outcome(&request, true);
    assert!(!std::fs::read_to_string(package.join("index.html")).expect("the page").contains(first));
}

#[test]
fn a_remark_on_a_document_that_was_made_stands_in_its_row_and_is_carried_over_with_it() {
    const NUMBER: &str = "Реквизиты и лица.xlsx › Регистрация документов!C4 = 1234567890-ОД/2022/13-45-АБВГД";
    const DATE: &str = "Реквизиты и лица.xlsx › Регистрация документов!B4 = 2022-12-01";
    let two =
        "documents = [{ kind = 'order', file = 'Приказы/Приказ' }, { kind = 'roadmap', file = 'Дорожная карта' }]";
    let folder = inputs(&[DATE, NUMBER], two);
    let mut request = request(&folder.path().join("inputs"), &folder.path().join("outputs"));
    let rows = |request: &svod::pipeline::Request| {
        outcome(request, true);
        let page = std::fs::read_to_string(folder.path().join("outputs/mariinsk/index.html")).expect("the page");
        let rows = page.split("<tr role=\"row\"").skip(1).map(str::to_owned).collect::<Vec<_>>();
        let of = |name: &str| rows.iter().find(|row| row.contains(name)).expect("a row").clone();
        (of("Приказ.pdf"), of("Дорожная карта.pdf"))
    };
    let (order, roadmap) = rows(&request);
    assert!(order.contains("готов, есть замечания") && order.contains("01.12.2022"), "{order}");
    // The place is the row itself.
    assert!(order.contains("<li>не помещается на отведённом месте"), "{order}");
    assert!(roadmap.contains(">готов<") && !roadmap.contains("<li>"), "{roadmap}");
    let book = strings(&folder.path().join("outputs/mariinsk/Опись.xlsx"));
    assert!(book.contains("готов, есть замечания") && book.contains("не помещается на отведённом месте"), "{book}");
    request.only = BTreeSet::from(["roadmap".to_owned()]);
    let (order, _) = rows(&request);
    assert!(order.contains("из прежней сборки") && order.contains("не помещается"), "{order}");
}

#[test]
fn minutes_are_listed_with_the_date_of_their_meeting() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut request = request(&crate::project("inputs/plast"), &folder.path().join("outputs"));
    request.only = BTreeSet::from(["working-group-minutes".to_owned(), "amendment-package".to_owned()]);
    outcome(&request, true);
    let page = std::fs::read_to_string(folder.path().join("outputs/plast/index.html")).expect("the page");
    let rows = || page.split("<tr role=\"row\"").skip(1);
    let minutes: Vec<&str> = rows().filter(|row| row.contains("Протокол №")).collect();
    assert!(minutes.len() > 1, "{page}");
    assert!(minutes.iter().any(|row| row.contains(">15.02.2021<")), "{minutes:?}");
    // An order that is not registered has no date, whatever the act that it amends has.
    let orders: Vec<&str> = rows().filter(|row| row.contains("Изменения, ")).collect();
    assert!(!orders.is_empty() && orders.iter().all(|row| row.contains("data-name=\"Дата\"></td>")), "{orders:?}");
}
