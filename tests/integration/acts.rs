//! What orders and reports say of acts, people and plans, read from their pages.

#![expect(clippy::expect_used, clippy::panic, reason = "a document that cannot be made is a failed test")]

use std::collections::BTreeMap;
use std::path::Path;

use svod::pipeline::Outcome;

use crate::{cases, project, read_text, rounds, run};

/// Makes some kinds of a sample; gives the outcome and the text of every PDF by its name.
pub fn made(sample: &str, only: &[&str]) -> (Outcome, BTreeMap<String, String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let outputs = folder.path().join("outputs");
    let mut request = run::request(&project(&format!("inputs/{sample}")), &outputs);
    request.only = only.iter().map(|kind| (*kind).to_owned()).collect();
    let outcome = run::outcome(&request, true);
    let texts = pages(&outcome, &outputs);
    (outcome, texts)
}

/// The text of every PDF of a package by its name.
fn pages(outcome: &Outcome, outputs: &Path) -> BTreeMap<String, String> {
    let root = outputs.join(&outcome.municipality);
    let pdfs = outcome.produced.iter().filter(|path| Path::new(path).extension().is_some_and(|kind| kind == "pdf"));
    let text = |path: &String| {
        let text = rounds::pdf_text(&root.join(path));
        (path.clone(), text.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    pdfs.map(text).collect()
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
    let said = "Внести в приказ от 28.07.2021 № 443-п «Об утверждении модели муниципальной";
    assert!(texts.values().any(|text| text.contains(said)), "{texts:?}");
}

#[test]
fn an_order_on_curators_names_supported_schools_only_and_says_whom_it_leaves_out() {
    let (outcome, texts) = made("plast", &["curators-order"]);
    let said = outcome.diagnostics.iter().filter(|one| one.id == "row-of-unlisted-school");
    let left: Vec<&String> = said.filter_map(|one| one.args.get("schools")).collect();
    assert!(left.iter().any(|schools| schools.contains("Дальнекаменская")), "{left:?}");
    assert!(!texts.is_empty() && texts.values().all(|text| !text.contains("Дальнекаменская")), "{texts:?}");
    // A supported school with neither a curator nor a partner would be passed over in silence.
    let lacking = outcome.diagnostics.iter().filter(|one| one.id == "supported-school-left-out");
    let lacking: Vec<&String> = lacking.filter_map(|one| one.args.get("schools")).collect();
    assert!(lacking.iter().any(|schools| schools.contains("Новоберёзкинская")), "{lacking:?}");
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

#[test]
fn an_activity_stands_alike_in_plan_and_fact_and_in_the_report_on_effects() {
    let states = ["Исполнено", "Срокидёт", "Просрочено", "Втечениегода,безсрока", "Неисполнено", "Вработе"];
    for (sample, title) in [
        ("dzerzhinsk", "Заключение соглашений ШНОР"),
        ("kirovsky", "Оценка результативности школьных программ"),
        ("mikhailovsky", "Сбор данных о ходе и итогах школьных программ"),
    ] {
        let (_, texts) = made(sample, &["roadmap-report", "effectiveness-report"]);
        assert_eq!(texts.len(), 2, "{sample}");
        // A narrow column divides words.
        let dense = |text: &str| text.replace(['-', '\u{ad}'], "").split_whitespace().collect::<String>();
        for (path, text) in &texts {
            let text = dense(text);
            // Plan and fact has the state in a column, the report on effects as a band over the activities.
            let state = match text.split_once("—Мероприятиясотметкой") {
                Some((_, table)) => {
                    let above = table.split_once(&dense(title)).map_or("", |(above, _)| above);
                    states.iter().max_by_key(|state| above.rfind(**state))
                }
                None => {
                    let (_, row) = text.split_once(&dense(title)).expect("the activity");
                    let state = states.iter().filter_map(|state| Some((row.find(state)?, state))).min();
                    state.map(|(_, state)| state)
                }
            };
            assert_eq!(state.copied(), Some("Просрочено"), "{path}: {text}");
        }
    }
}

/// Makes a case on the sample; gives the outcome and the text of every PDF by its name.
pub fn made_case(case: &str) -> (Outcome, BTreeMap<String, String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let (inputs, outputs) = (folder.path().join("inputs"), folder.path().join("outputs"));
    let text = read_text(&project("tests/cases").join(format!("{case}.md"))).expect("the case");
    cases::sample_with(&text, &inputs).expect("the inputs");
    let outcome = run::outcome(&run::request(&inputs, &outputs), true);
    let texts = pages(&outcome, &outputs);
    (outcome, texts)
}

#[test]
fn what_is_over_or_done_is_planned_by_no_programme() {
    let (_, texts) = made_case("terms-that-are-over");
    let of = |name: &str| texts.iter().find(|(path, _)| path.contains(name)).expect("a paper").1.as_str();
    let programme = of("Берёзоярская");
    for planned in [
        "Семинар, который ещё впереди",
        "Консультации каждую осень",
        "Решение третье",
        "Мера впереди",
        "Мера на весь год",
    ] {
        assert!(programme.contains(planned), "{planned}: {programme}");
    }
    for over in [
        "Разбор работ, о котором",
        "Практикум, который уже",
        "Решение первое",
        "Решение второе",
        "Мера без отметки",
        "Мера исполненная",
    ] {
        assert!(!programme.contains(over), "{over}: {programme}");
    }
    let registers = of("Реестры");
    let at = |part: &str| registers.find(part).unwrap_or_else(|| panic!("{part}: {registers}"));
    assert!(at("Решение первое") < at("Решение второе") && at("Решение второе") < at("Решение третье"), "{registers}");
    assert_eq!(registers.matches("Просрочено").count(), 1, "{registers}");
    assert!(at("Решение второе") < at("Просрочено") && at("Просрочено") < at("Решение третье"), "{registers}");
}

#[test]
fn agreements_name_the_heads_of_both_parties_in_the_genitive() {
    let (_, texts) = made_case("heads-of-schools");
    let of = |name: &str| texts.iter().find(|(path, _)| path.contains(name)).expect("an agreement").1.as_str();
    for (school, said) in [
        ("Примерная СОШ № 41/Соглашение.pdf", "в лице директора Тетрадина Н.О., действующего на основании устава"),
        ("Примерная СОШ № 41/Соглашение.pdf", "в лице директора Лидеровой И.О., действующей на основании устава"),
        ("Берёзоярская ООШ/Соглашение.pdf", "в лице директора Коваленко А.К., действующего на основании устава"),
        (
            "Берёзоярская ООШ/Соглашение.pdf",
            "в лице исполняющего обязанности директора Образцова Петра Ильича, действующего на основании устава",
        ),
        ("Сосноложская ООШ/Соглашение.pdf", "в лице директора (фамилия и инициалы вписываются при подписании)"),
        ("Примерная СОШ № 41/Соглашение с партнёром.pdf", "в лице директора Тетрадина Н.О., действующего"),
    ] {
        assert!(of(school).contains(said), "{school}, {said}: {}", of(school));
    }
    // The lack of a partner is no matter that partners look into.
    assert!(texts.values().all(|text| !text.contains("– нет школы-партнёра")));
}

#[test]
fn a_group_that_no_criterion_makes_stands_in_the_criteria_with_its_ground() {
    let (_, texts) = made("kirovsky", &["criteria-package", "justification"]);
    let of = |name: &str| texts.iter().find(|(path, _)| path.contains(name)).expect("a paper").1.as_str();
    let order = of("Приказы/");
    assert!(order.contains("Группа определена списком, критерии не применяются"), "{order}");
    assert!(order.contains("Школа включена в"), "{order}");
    // What the table does not print is not explained either.
    let (_, texts) = made("mariinsk", &["criteria-package", "justification"]);
    let paper = texts.iter().find(|(path, _)| path.contains("Небывальская")).expect("a justification").1;
    assert!(paper.contains("Школа включена в"), "{paper}");
}

#[test]
fn an_agreement_that_begins_next_year_is_dated_and_not_asked_for() {
    let (_, texts) = made("mariinsk", &["addressed-programme", "school-programme", "curators-order"]);
    let of = |kind: &str, school: &str| {
        let found = texts.iter().find(|(path, _)| path.contains(kind) && path.contains(school));
        found.unwrap_or_else(|| panic!("{kind}, {school}: {:?}", texts.keys())).1.as_str()
    };
    for kind in ["дресной", "ерехода"] {
        let paper = of(kind, "Небывальская");
        assert!(paper.contains("с 09.01.2023"), "{paper}");
        assert!(!paper.to_lowercase().contains("нет школы-партнёра"), "{paper}");
    }
    let order = of("Приказы/", "");
    assert!(order.contains("Небывальская") && order.contains("09.01.2023"), "{order}");
}

#[test]
fn an_agreement_is_made_with_each_partner_school() {
    let (outcome, texts) = made("kirovsky", &["school-agreement"]);
    assert_eq!(texts.len(), 2, "{:?} {:?}", texts.keys(), outcome.blocked);
    for (path, text) in &texts {
        let others: Vec<&str> =
            ["Примерная СОШ № 1", "Образцовая СОШ № 2"].into_iter().filter(|name| text.contains(name)).collect();
        assert!(others.len() == 1 && path.contains(others.first().expect("a partner")), "{path}, {others:?}: {text}");
    }
    // With one partner the file is called as the settings say.
    let (_, texts) = made("mariinsk", &["school-agreement"]);
    assert!(texts.keys().any(|path| path.ends_with("/Соглашение со школой-партнёром.pdf")), "{:?}", texts.keys());
}

#[test]
fn papers_of_a_school_cover_the_years_of_which_they_speak() {
    let kinds = ["school-programme", "network-programme", "development-programme", "methodical-programme"];
    for (sample, kinds, own, others) in [
        ("mikhailovsky", &kinds[..], "на 2021–2022 годы", &["2019–2021", "К концу 2021 года"][..]),
        ("dzerzhinsk", &kinds[..3], "на 2022–2023 годы", &["2021–2023"]),
        ("kirovsky", &kinds[..1], "на 2021–2024 годы", &[]),
    ] {
        let (outcome, texts) = made(sample, kinds);
        assert!(!texts.is_empty(), "{sample}: {:?}", outcome.blocked);
        for (path, text) in texts {
            assert!(text.contains(own), "{path}: {text}");
            assert!(others.iter().all(|other| !text.contains(other)), "{path}: {text}");
        }
    }
}

#[test]
fn targets_of_one_school_speak_of_one_school() {
    for sample in ["mariinsk", "dzerzhinsk"] {
        let (_, texts) = made(sample, &["school-programme"]);
        let mut named = 0;
        for (path, text) in texts {
            let from = text.find("— Целевые показатели").expect("targets");
            let to = text.rfind("Значения за каждый следующий год").expect("the end of targets");
            let targets = text.get(from..to).expect("the table");
            assert!(!["ШНОР", "ШНСУ"].iter().any(|group| targets.contains(group)), "{path}: {targets}");
            named += usize::from(targets.contains("Доля педагогов, прошедших диагностику"));
        }
        assert!(named > 0, "{sample}: no indicator has a name of its own for one school");
    }
}

#[test]
fn reports_print_the_advice_behind_the_letters_with_its_figures() {
    let (outcome, texts) = made("mariinsk", &["recommendations-report", "results-package"]);
    assert_eq!(texts.len(), 2, "{:?}", outcome.blocked);
    let dense = |text: &str| text.split_whitespace().collect::<String>();
    for (path, text) in &texts {
        for said in [
            "Доля участников ОГЭ по математике ниже минимума Не менее 30 %",
            "МБОУ «Берёзоярская ООШ» — 40,0 %",
            "Адресат: методическая служба",
        ] {
            assert!(dense(text).contains(&dense(said)), "{path}, {said}: {text}");
        }
    }
}

#[test]
fn programmes_of_schools_have_eight_to_twelve_pages_and_a_justification_one() {
    for sample in ["dzerzhinsk", "kirovsky", "plast"] {
        let folder = tempfile::tempdir().expect("a folder");
        let outputs = folder.path().join("outputs");
        let mut request = run::request(&project(&format!("inputs/{sample}")), &outputs);
        request.only = ["school-programme", "justification"].map(str::to_owned).into();
        let outcome = run::outcome(&request, true);
        let manifest = svod::output::read_manifest(&outputs, &outcome.municipality).expect("a manifest");
        let papers = manifest.outputs.iter().filter_map(|file| Some((file, file.pages?)));
        let mut seen = 0;
        for (file, pages) in papers {
            let fits = if file.document == "justification" { 1..=1 } else { 8..=12 };
            assert!(fits.contains(&pages), "{}: {pages}", file.path);
            seen += 1;
        }
        assert!(seen > 1, "{sample}: {seen}");
    }
}

#[test]
fn help_of_a_year_and_causes_told_by_grades_stand_once() {
    let (_, texts) = made("dzerzhinsk", &["school-recommendation"]);
    let text = &texts.iter().find(|(path, _)| path.contains("Условнинская")).expect("a paper").1;
    let dense = text.split_whitespace().collect::<String>();
    assert!(dense.contains("Семинар") && dense.contains("10.05,26.05"), "{text}");
    assert!(dense.contains("32,1%(5класс);33,3%(6класс)"), "{text}");
    assert_eq!(dense.matches("Пробелывзнанияхпараллелидоляучастников").count(), 1, "{text}");
}

#[test]
fn agreement_of_others_visas_and_consent_are_three_things() {
    let (_, texts) = made("mikhailovsky", &["working-group-package"]);
    let order: String = texts.into_values().collect::<Vec<_>>().join(" ");
    let at = |said: &str| order.find(said).unwrap_or_else(|| panic!("no {said} in {order}"));
    // The head of another body agrees, the department's own lawyer puts a visa, heads of schools are asked to take part.
    assert!(at("СОГЛАСОВАНО") < at("Визы:"), "{order}");
    let (agreed, visas) = order.split_at(at("Визы:"));
    assert!(agreed.contains("С.Ю. Условнова") && !agreed.contains("И.Г. Макетова"), "{order}");
    assert!(visas.contains("И.Г. Макетова"), "{order}");
    assert_eq!(order.matches("(по согласованию)").count(), 5, "{order}");
    assert!(order.contains("О создании муниципальной группы сопровождения"), "{order}");
}

#[test]
fn letters_note_what_is_sent_with_them() {
    let (outcome, texts) = made("kirovsky", &["letter"]);
    assert!(!outcome.diagnostics.iter().any(|one| one.id == "letter-without-attachment"));
    let of = |name: &str| texts.iter().find(|(path, _)| path.contains(name)).expect("a letter").1.as_str();
    let request = of("запрос");
    let noted = "Приложение: форма мониторинга на 3 л. в 1 экз.";
    let at = |part: &str| request.find(part).unwrap_or_else(|| panic!("{part}: {request}"));
    // Below the text, above the signature.
    assert!(at("Ответ просим направить") < at(noted) && at(noted) < at("О.В. Примерова"), "{request}");
    assert!(!of("семинарах").contains("Приложение"), "{}", of("семинарах"));
}

#[test]
fn an_order_creates_one_working_group_and_approves_the_members_of_that_one() {
    let (_, texts) = made("plast", &["working-group-package"]);
    let order = texts.values().next().expect("the order");
    assert!(order.contains("Создать муниципальную рабочую группу"), "{order}");
    assert!(order.contains("Состав муниципальной рабочей группы") && order.contains("Опытнова"), "{order}");
    // The project group is another one: neither its members nor its chair read the order.
    assert!(!order.contains("Муниципальная проектная группа") && !order.contains("Эталонов Виктор"), "{order}");
    assert!(!order.contains("Юрисконсульт Д.И. Образцов"), "{order}");
    let (_, texts) = made("mikhailovsky", &["working-group-package"]);
    let order = texts.values().next().expect("the order");
    for named in [
        "О создании муниципальной группы сопровождения",
        "Положение о муниципальной группе сопровождения",
        "Состав муниципальной группы сопровождения",
    ] {
        assert!(order.contains(named), "{named}: {order}");
    }
    assert!(!order.to_lowercase().contains("рабочая группа") && !order.contains("рабочей группе"), "{order}");
}

#[test]
fn repeal_agrees_with_the_number_and_the_kind_of_acts() {
    let (_, texts) = made("kirovsky", &["repeal-order"]);
    let one = texts.values().next().expect("the order");
    assert!(one.contains("О признании утратившим силу правового акта"), "{one}");
    assert!(one.contains("Признать утратившим силу с 02.09.2021 приказ от 01.09.2020 № 0001"), "{one}");
    assert!(one.contains("(заменён приказом отдела образования") && one.contains("чем он заменён"), "{one}");
    let (_, texts) = made("mariinsk", &["repeal-order"]);
    let many = texts.values().next().expect("the order");
    assert!(many.contains("О признании утратившими силу правовых актов"), "{many}");
    assert!(many.contains("Признать утратившими силу с 01.11.2022 : – приказ от 21.02.2022"), "{many}");
    let (_, texts) = made_case("repeal-of-a-programme");
    let other = texts.values().next().expect("the order");
    assert!(other.contains("Признать утратившей силу с 01.11.2022 муниципальную программу от"), "{other}");
    assert!(other.contains("(заменена: новая программа)"), "{other}");
    assert!(other.contains("Признать утратившим силу с 02.11.2022 положение от"), "{other}");
    assert!(other.contains("О признании утратившими силу правовых актов"), "{other}");
}
