//! Requisites of acts as their pages have them: who reads them, who signs, under which date and number, on whose data.

#![expect(clippy::panic, reason = "a document that cannot be made is a failed test")]

use std::collections::BTreeMap;
use std::path::Path;

use svod::catalog::{Standing, Templates};
use svod::diag::Diagnostics;
use svod::pipeline;
use svod::template;
use svod::typeset::{self, Fonts};

use crate::acts::{made, made_case};
use crate::{project, run};

/// The page of a document whose path holds a name.
fn of<'t>(texts: &'t BTreeMap<String, String>, name: &str) -> &'t str {
    texts.iter().find(|(path, _)| path.contains(name)).unwrap_or_else(|| panic!("{name}: {:?}", texts.keys())).1
}

#[test]
fn who_signs_is_on_no_list_and_nobody_is_on_it_twice() {
    let (outcome, texts) = made_case("readers-listed-once");
    assert!(outcome.blocked.is_empty(), "{:?}", outcome.blocked);
    for (name, listed) in [
        ("Приказ", ["П.С. Условнов", "В.А. Условнова"].as_slice()),
        ("Критерии", &["П.С. Условнов", "В.А. Условнова"]),
        ("Кураторы", &["К.К. Кураторова"]),
    ] {
        let text = of(&texts, name);
        let (_, list) = text.split_once("С приказом ознакомлены:").unwrap_or_else(|| panic!("{name}: {text}"));
        let list = list.split("Исполнитель").next().expect("a list");
        assert!(!list.contains("Примеров"), "{name}: {list}");
        assert!(!list.contains("Разослать"), "{name}: {list}");
        for person in listed {
            // Two people of the same initials are two.
            let times = if *person == "П.С. Условнов" { 2 } else { 1 };
            let found = list.replace("В.А. Условнова", "—").matches(person).count();
            let found = if *person == "В.А. Условнова" { list.matches(person).count() } else { found };
            assert_eq!(found, times, "{name}, {person}: {list}");
        }
    }
    assert!(
        of(&texts, "Критерии")
            .contains("возложить на заместителя начальника управления образования округа Условнову В.А."),
        "{}",
        of(&texts, "Критерии")
    );
}

/// The orders that approve the families of the samples.
const FAMILY_ORDERS: [(&str, &[&str]); 5] = [
    ("dzerzhinsk", &["cycle-order"]),
    ("kirovsky", &["project-order"]),
    ("mariinsk", &["order"]),
    ("mikhailovsky", &["programme-order"]),
    ("plast", &["model-package", "selection-package"]),
];

#[test]
fn orders_of_families_are_sent_or_read_and_bear_a_telephone() {
    for (sample, kinds) in FAMILY_ORDERS {
        let (_, texts) = made(sample, kinds);
        assert_eq!(texts.len(), kinds.len(), "{sample}");
        for (path, text) in texts {
            for said in ["Разослать: в дело;", "Исполнитель:", "тел. 8 (00000)"] {
                assert!(text.contains(said), "{sample}, {path}, {said}: {text}");
            }
            assert!(!text.contains("подготовлен:"), "{sample}, {path}: {text}");
        }
    }
}

#[test]
fn every_order_says_how_people_learn_of_it() {
    let templates = Templates::built_in();
    for kind in templates.kinds() {
        let document = templates.document(kind, &mut Diagnostics::default()).expect("a document");
        if document.place == Standing::Order {
            assert!(document.readers.is_some(), "{kind}");
            assert!(document.sections.iter().any(|section| section.body.ends_with("readers.typ.j2")), "{kind}");
        }
    }
}

#[test]
fn acts_of_rows_have_dates_and_numbers_of_their_own() {
    let (outcome, texts) = made_case("registered-by-row");
    assert!(of(&texts, "рабочей группе").contains("от № г."), "{}", of(&texts, "рабочей группе"));
    let point = of(&texts, "пункте");
    assert!(point.contains("31.10.2022") && point.contains("0-22"), "{point}");
    let criteria = of(&texts, "Критерии");
    assert!(criteria.contains("03.11.2022") && criteria.contains("0-25"), "{criteria}");
    assert!(
        texts.values().all(|text| !["0-21", "0-23", "0-24"].iter().any(|number| text.contains(number))),
        "{texts:?}"
    );
    let said: Vec<(String, &str)> = outcome
        .diagnostics
        .iter()
        .filter(|one| one.id == "unused-registration")
        .map(|one| (one.place.text(), one.args.get("nearest").map_or("", String::as_str)))
        .collect();
    let places: Vec<&str> = said.iter().map(|(place, _)| place.as_str()).collect();
    let rows = ["A4", "A6", "A7"].map(|cell| format!("Год.xlsx › Регистрация документов!{cell}"));
    assert_eq!(places, rows);
    let nearest = |cell: &str| said.iter().find(|(place, _)| place.ends_with(cell)).map_or("", |(_, near)| near);
    assert!(nearest("A6").starts_with("приказ о кураторах"), "{said:?}");
    assert!(nearest("A4").contains("Приказ о внесении изменений в приказ о рабочей группе"), "{said:?}");
}

#[test]
fn a_share_of_some_schools_says_on_how_many_it_stands() {
    let (outcome, texts) = made_case("coverage-on-pages");
    assert!(outcome.blocked.is_empty(), "{:?}", outcome.blocked);
    for name in ["Перечни", "Итоги", "Мониторинг", "Эффективность", "Письма", "Приказ"]
    {
        assert!(of(&texts, name).contains("по данным 16 из 17"), "{name}: {}", of(&texts, name));
    }
    let letter = of(&texts, "Письма").split_whitespace().collect::<String>();
    assert!(letter.contains("29%,поданным16из17ОО"), "{letter}");
}

#[test]
fn no_body_prints_a_share_without_its_coverage() {
    let templates = Templates::built_in();
    let shares = ["low.rate", "list.rate", "group.rate", "из {{ schools.count }}", "item.current"];
    let coverage = [".coverage", ".note", ".notes", ".share"];
    let bodies = templates.iter().filter(|(path, _)| path.ends_with(".typ.j2"));
    let bare = bodies.filter(|(_, file)| {
        shares.iter().any(|share| file.text.contains(share)) && !coverage.iter().any(|said| file.text.contains(said))
    });
    let bare: Vec<&str> = bare.map(|(path, _)| path).collect();
    assert_eq!(bare, Vec::<&str>::new());
}

#[test]
fn the_place_for_the_mark_of_an_electronic_signature_is_as_high_as_the_profile_says() {
    let mut request = run::request(&project("inputs/mariinsk"), Path::new("nowhere"));
    request.only = ["order".to_owned()].into();
    let municipality = pipeline::discover(&project("inputs/mariinsk")).expect("a folder").remove(0);
    let mut diagnostics = Diagnostics::default();
    let prepared = pipeline::prepare(&municipality, &request, &run::messages(), &mut diagnostics).expect("a plan");
    let fonts = Fonts::built_in();
    let mut job = prepared.jobs.first().expect("a job").clone();
    let mut height = |mark: &str| {
        job.profile_source = job.profile_source.replace("mark-height = \"20mm\"", &format!("mark-height = \"{mark}\""));
        let mut diagnostics = Diagnostics::default();
        let filled = template::fill(&job, &mut diagnostics).expect("filled");
        let made = typeset::typeset(&job, &filled, &fonts, &mut diagnostics).expect("pages");
        made.texts.len()
    };
    let usual = height("20mm");
    assert!(height("230mm") > usual, "the place is left free");
}

#[test]
fn a_school_without_a_body_has_no_stamp_for_it_and_what_is_approved_is_no_draft() {
    let (_, texts) = made_case("bodies-of-schools");
    let own = |kind: &str| of(&texts, &format!("Берёзоярская ООШ/{kind}"));
    let programme = own("Программа");
    assert!(programme.contains("решением педагогического совета"), "{programme}");
    assert!(!programme.contains("Управляющим советом"), "{programme}");
    for said in ["СОГЛАСОВАНА", "советом родителей", "30.08.2022", "Проект для школы"]
    {
        assert!(programme.contains(said), "{said}: {programme}");
    }
    let plan = own("План");
    for said in ["УТВЕРЖДЁН", "приказом директора школы", "31.08.2022", "15-о", "МБОУ", "ерёзоярская"]
    {
        assert!(plan.contains(said), "{said}: {plan}");
    }
    assert!(!plan.contains("Проект для школы") && !plan.contains("управляющего совета"), "{plan}");
    let other = of(&texts, "Примерная СОШ № 41/Положение");
    for said in ["УЧТЕНО МНЕНИЕ", "УТВЕРЖДЕНО", "29.08.2022"] {
        assert!(other.contains(said), "{said}: {other}");
    }
    assert!(!other.contains("Проект для школы"), "{other}");
    assert!(of(&texts, "Примерная СОШ № 41/План").contains("решением управляющего совета"));
}

#[test]
fn clauses_put_people_into_the_case_they_need_and_posts_name_an_organization_once() {
    let (_, texts) =
        made("plast", &["curators-order", "working-group-package", "results-package", "monitoring-report"]);
    let all = texts.values().cloned().collect::<Vec<_>>().join(" ");
    for said in [
        "методиста методической службы Кураторову К.К. — МКОУ",
        "Назначить председателем Группы заместителя начальника Условнову О.П. Секретарём Группы назначить методиста Макетова И.О. ",
        "возложить на заместителя начальника Управления образования Пластовского муниципального района Условнову О.П.",
        "Заведующий методической службой Управления образования",
    ] {
        assert!(all.contains(said), "{said}: {all}");
    }
    assert!(!all.contains("службой методической службы"), "{all}");
}
