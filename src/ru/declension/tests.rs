use super::*;
use Case::{Accusative, Dative, Genitive, Instrumental, Nominative, Prepositional};
use Gender::{Female, Male};

/// The hand-checked cases.
const TABLE: &str = include_str!("../../../tests/declension.md");
const OBLIQUE: [Case; 5] = [Genitive, Dative, Accusative, Instrumental, Prepositional];

fn gender(mark: &str) -> Option<Gender> {
    match mark {
        "м" => Some(Male),
        "ж" => Some(Female),
        _ => None,
    }
}

/// Declines one cell of the table; a refusal is «? word».
fn form(kind: &str, gender: Option<Gender>, text: &str, case: Case) -> String {
    let form = match kind {
        "фамилия" => decline(text, "", "", gender, case).map(|full| full.surname),
        "имя" => decline("Дюма", text, "", gender, case).map(|full| full.name),
        "отчество" => decline("Дюма", "", text, gender, case).map(|full| full.patronymic),
        _ => decline_post(text, case, gender),
    };
    form.unwrap_or_else(|refusal| format!("? {}", refusal.word().unwrap_or("—")))
}

#[test]
fn every_row_of_the_table_holds() {
    let mut rows = 0;
    let mut faults = Vec::new();
    for line in TABLE.lines() {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [kind, mark, text, forms @ ..] = cells.as_slice() else { continue };
        if !line.starts_with('|') || *kind == "kind" || kind.starts_with('-') {
            continue;
        }
        rows += 1;
        assert_eq!(forms.len(), 5, "{line}");
        assert_eq!(form(kind, gender(mark), text, Nominative), *text);
        for (case, wanted) in OBLIQUE.into_iter().zip(forms) {
            let got = form(kind, gender(mark), text, case);
            if got != *wanted {
                faults.push(format!("{text}, {case:?}: {got}, not {wanted}"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(rows > 250, "{rows} rows");
}

#[test]
fn a_whole_name_is_declined_by_the_gender_of_the_patronymic() {
    let full = decline("Иванова", "Мария", "Ивановна", None, Dative).unwrap();
    assert_eq!(format!("{} {} {}", full.surname, full.name, full.patronymic), "Ивановой Марии Ивановне");
    let full = decline("Осипчук", "Лев", "Ильич", None, Instrumental).unwrap();
    assert_eq!(format!("{} {} {}", full.surname, full.name, full.patronymic), "Осипчуком Львом Ильичом");
    let full = decline("Алиев", "Гейдар", "Алирза оглы", None, Accusative).unwrap();
    assert_eq!(format!("{} {} {}", full.surname, full.name, full.patronymic), "Алиева Гейдара Алирза оглы");
    let full = decline(" Шмидт ", "М.", "", Some(Female), Genitive).unwrap();
    assert_eq!(format!("{} {}", full.surname, full.name), "Шмидт М.");
}

#[test]
fn patronymics_tell_the_gender() {
    for (patronymic, gender) in [
        ("Иванович", Some(Male)),
        ("Ильич", Some(Male)),
        ("ФОМИЧ", Some(Male)),
        ("Иваныч", Some(Male)),
        ("Ивановна", Some(Female)),
        ("Никитична", Some(Female)),
        ("Лукинишна", Some(Female)),
        ("Мамед оглы", Some(Male)),
        ("Мамед-Оглы", Some(Male)),
        ("Мамед кызы", Some(Female)),
        ("Мухаммад", None),
        ("Ив.", None),
        ("И.", None),
        ("Ич", None),
        ("", None),
    ] {
        assert_eq!(gender_of(patronymic), gender, "{patronymic}");
    }
}

#[test]
fn initials_stand_before_and_after_the_surname() {
    for (surname, name, patronymic, before, after) in [
        ("Ивановой", "Мария", "Ивановна", "М.И. Ивановой", "Ивановой М.И."),
        ("Ивановой", "М.", "И.", "М.И. Ивановой", "Ивановой М.И."),
        ("Ивановой", "М", "И", "М.И. Ивановой", "Ивановой М.И."),
        ("Ивановой", "М. И.", "", "М.И. Ивановой", "Ивановой М.И."),
        ("Алиеву", "Гейдар", "Алирза оглы", "Г.А. Алиеву", "Алиеву Г.А."),
        ("Петровой", "анна-мария", "", "А.-М. Петровой", "Петровой А.-М."),
        ("Ким", "", "", "Ким", "Ким"),
        ("", "Мария", "", "М.", "М."),
    ] {
        let got = initials(surname, name, patronymic);
        assert_eq!(got.before.replace(NBSP, " "), before);
        assert_eq!(got.after.replace(NBSP, " "), after);
    }
}

#[test]
fn what_is_not_known_is_refused() {
    let word = |text: &str| text.to_owned();
    for (surname, name, patronymic, gender, refusal) in [
        ("", "Мария", "Ивановна", None, Refusal::Empty),
        ("Иванова", "Мария", "", None, Refusal::GenderMissing),
        ("Иванова", "М.", "И.", None, Refusal::GenderMissing),
        ("Иванов", "Иван", "Иванович", Some(Female), Refusal::GenderContradicted { word: word("Иванович") }),
        ("Smith", "Иван", "Иванович", None, Refusal::NotRussian { word: word("Smith") }),
        ("Ивaнов", "Иван", "Иванович", None, Refusal::NotRussian { word: word("Ивaнов") }),
        ("Ковальов2", "Иван", "Иванович", None, Refusal::NotRussian { word: word("Ковальов2") }),
        ("Д'Артаньян", "Иван", "Иванович", None, Refusal::NotRussian { word: word("Д'Артаньян") }),
        ("-", "Иван", "Иванович", None, Refusal::NotRussian { word: word("-") }),
        ("Иванов", "John", "Иванович", None, Refusal::NotRussian { word: word("John") }),
        ("Козёл", "Иван", "Иванович", None, Refusal::Doubtful { word: word("Козёл") }),
        ("Иванова", "Иван", "Иванович", None, Refusal::Doubtful { word: word("Иванова") }),
    ] {
        assert_eq!(decline(surname, name, patronymic, gender, Dative), Err(refusal), "{surname}");
        let same = decline(surname, name, patronymic, gender, Nominative).unwrap();
        assert_eq!((same.surname.as_str(), same.name.as_str()), (surname, name));
    }
    assert_eq!(decline_post("", Dative, None), Err(Refusal::Empty));
    assert_eq!(decline_post("—", Dative, None), Err(Refusal::Empty));
    assert_eq!(
        decline_post("заведующая", Dative, Some(Male)),
        Err(Refusal::GenderContradicted { word: word("заведующая") })
    );
    assert_eq!(decline_post("кудесник школы", Dative, None), Err(Refusal::Unknown { word: word("кудесник") }));
    assert!(matches!(Posts::read("nouns = 1"), Err(Refusal::Rules { .. })));
}

#[test]
fn signs_and_blanks_of_a_post_stay() {
    for (post, wanted) in [
        ("начальник\u{a0}отдела", "начальнику\u{a0}отдела"),
        ("  директор  школы, ", "директору  школы,"),
        ("учитель‑логопед", "учителю‑логопеду"),
        ("директор (и.о.) школы", "директору (и.о.) школы"),
        ("руководитель \"Точки роста\"", "руководителю \"Точки роста\""),
    ] {
        assert_eq!(decline_post(post, Dative, None).unwrap(), wanted);
    }
}

#[test]
fn capitals_give_the_same_form_in_capitals() {
    for (text, gender) in [("Соловьёв", Male), ("Кравец", Male), ("Берия", Female), ("Римская-Корсакова", Female)]
    {
        for case in [Genitive, Dative, Accusative, Prepositional] {
            let small = decline(text, "", "", Some(gender), case).unwrap().surname;
            let capital = decline(&text.to_uppercase(), "", "", Some(gender), case).unwrap().surname;
            assert_eq!(capital, small.to_uppercase());
        }
    }
}

#[test]
fn odd_texts_break_nothing() {
    let odd = [
        "", " ", "-", "--", ".", "Я", "я", "Ё", "ъ", "а-", "-а", "а--б", "«»", "«", "»»", "„“", "\u{301}", "😀", "ǅ",
        "ß",
    ];
    for first in odd {
        for second in odd {
            let text = format!("{first}{second}");
            for case in OBLIQUE {
                for gender in [None, Some(Male), Some(Female)] {
                    let _ = decline(&text, &text, &text, gender, case);
                    let _ = decline_post(&text, case, gender);
                    let _ = decline_post(&format!("директор, {text}"), case, gender);
                }
                let _ = initials(&text, &text, &text);
            }
        }
    }
}

#[test]
fn no_exception_is_hidden_by_another_of_our_own() {
    let rules = RULE_BOOK.as_ref().unwrap();
    for set in [&rules.ours.surname, &rules.ours.name, &rules.ours.patronymic] {
        for gender in [Male, Female] {
            for is_first in [false, true] {
                let mut seen = std::collections::BTreeSet::new();
                let rules = set.exceptions.iter().filter(|rule| rule.first_word == is_first);
                for rule in rules.filter(|rule| rule.gender.takes(gender)) {
                    for word in &rule.test {
                        assert!(seen.insert(word), "{word}");
                    }
                }
            }
        }
    }
}
