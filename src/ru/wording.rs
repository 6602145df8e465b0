//! What a text says besides what it means: which municipality and which years it names, which of several words for one
//! thing it uses, whether it says that something is sent with it. In: texts. Out: what was found. It must never know
//! whose text it is.

use super::fold;

/// The kinds of acts whose words of decision are known: what a template asks, and the first word of the kind.
pub const RESOLVING: [(&str, &str); 3] =
    [("is_order", "приказ"), ("is_decree", "постановление"), ("is_directive", "распоряжение")];
/// Beginnings of the words that name a municipality together with an adjective in front of them.
const KINDS: [&str; 3] = ["округ", "район", "поселени"];
/// Beginnings of the words that may stand between the adjective and the kind.
const BETWEEN: [&str; 3] = ["муниципальн", "городск", "сельск"];
/// The end of the stem of an adjective made of a place: «Мариин-ск-ий».
const ADJECTIVE: &str = "ск";
/// Endings after it.
const ENDINGS: [&str; 9] = ["ий", "ого", "ому", "им", "ом", "ое", "ая", "ой", "ую"];

/// The stem of an adjective of a place; `None` for any other word.
fn stem(word: &str) -> Option<String> {
    if !word.chars().next().is_some_and(char::is_uppercase) {
        return None;
    }
    let folded = fold(word);
    let body = ENDINGS.iter().find_map(|ending| folded.strip_suffix(ending))?;
    body.strip_suffix(ADJECTIVE).filter(|stem| stem.chars().count() > 2).map(str::to_owned)
}

/// The words of a text without the signs around them.
fn words(text: &str) -> Vec<&str> {
    let is_sign = |c: char| !c.is_alphanumeric() && c != '-';
    text.split_whitespace().map(|word| word.trim_matches(is_sign)).filter(|word| !word.is_empty()).collect()
}

/// Every stem of an adjective of a place in a text: what the names of a municipality call it.
pub fn places(text: &str) -> Vec<String> {
    words(text).into_iter().filter_map(stem).collect()
}

/// The municipalities that a text names: the stem of the adjective, and the words as they stand.
pub fn municipalities(text: &str) -> Vec<(String, String)> {
    let words = words(text);
    let begins = |word: &&str, any: &[&str]| {
        let folded = fold(word);
        any.iter().any(|beginning| folded.starts_with(beginning))
    };
    let mut found = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let Some(stem) = stem(word) else { continue };
        let rest: Vec<&str> = words.iter().skip(index + 1).take(2).copied().collect();
        let named = match rest.as_slice() {
            [kind, ..] if begins(kind, &KINDS) => vec![*word, *kind],
            [between, kind] if begins(between, &BETWEEN) && begins(kind, &KINDS) => vec![*word, *between, *kind],
            _ => continue,
        };
        found.push((stem, named.join(" ")));
    }
    found
}

/// Beginnings of words by which a sentence speaks of acts from above, which have years of their own.
const FROM_ABOVE: [&str; 9] = [
    "государственн",
    "национальн",
    "федеральн",
    "областн",
    "краев",
    "республиканск",
    "региональн",
    "министерств",
    "правительств",
];

/// The runs of years that a text names, «2022–2024»: first and last year. Sentences on acts from above are left alone.
pub fn periods(text: &str) -> Vec<(i32, i32)> {
    let speaks = |sentence: &&str| {
        words(sentence).into_iter().map(fold).any(|word| FROM_ABOVE.iter().any(|above| word.starts_with(above)))
    };
    text.split(". ").filter(|sentence| !speaks(sentence)).flat_map(periods_in).collect()
}

/// The runs of years of a sentence.
fn periods_in(text: &str) -> Vec<(i32, i32)> {
    let signs: Vec<char> = text.chars().collect();
    let is_dash = |c: &char| matches!(c, '-' | '–' | '—' | '−');
    let year = |from: usize| -> Option<i32> {
        let digits: String = signs.get(from..from + 4)?.iter().collect();
        let is_alone = |at: Option<usize>| at.and_then(|at| signs.get(at)).is_none_or(|c| !c.is_ascii_digit());
        let is_year =
            digits.chars().all(|c| c.is_ascii_digit()) && is_alone(from.checked_sub(1)) && is_alone(Some(from + 4));
        is_year.then(|| digits.parse().ok()).flatten().filter(|year| (1990..=2100).contains(year))
    };
    let mut found = Vec::new();
    for from in 0..signs.len() {
        let Some(first) = year(from) else { continue };
        let mut at = from + 4;
        while signs.get(at).is_some_and(|c| c.is_whitespace()) {
            at += 1;
        }
        if !signs.get(at).is_some_and(is_dash) {
            continue;
        }
        at += 1;
        while signs.get(at).is_some_and(|c| c.is_whitespace()) {
            at += 1;
        }
        found.extend(year(at).filter(|last| first < *last).map(|last| (first, last)));
    }
    found
}

/// Finds a phrase in a text, as it stands there; a word of the phrase that ends in `*` stands for all that begin so.
pub fn find_phrase(text: &str, phrase: &str) -> Option<String> {
    // «Школы-лидеры» are two words.
    let words: Vec<&str> = words(text).into_iter().flat_map(|word| word.split('-')).collect();
    let phrase: Vec<String> =
        phrase.split_whitespace().map(str::to_lowercase).map(|word| word.replace('ё', "е")).collect();
    let is_one = |(word, wanted): (&&str, &String)| match wanted.strip_suffix('*') {
        Some(beginning) => fold(word).starts_with(beginning),
        None => fold(word) == *wanted,
    };
    let mut parts = words.windows(phrase.len().max(1));
    let found = parts.find(|part| part.len() == phrase.len() && part.iter().zip(&phrase).all(is_one));
    found.map(|part| part.join(" "))
}

/// How posts of heads of schools begin, in any case.
const HEADS: [&str; 2] = ["директор", "заведующ"];

/// Tells whether a post is that of the head of a school himself, who has no deputies or substitutes before him.
pub fn is_head(post: &str) -> bool {
    let post = fold(post);
    HEADS.iter().any(|head| post.starts_with(head))
}

/// Tells whether a text has the initials of a person: «Директору школы Н.Н. Бумажной».
pub fn has_initials(text: &str) -> bool {
    let is_initial = |part: &str| part.chars().count() == 1 && part.chars().all(char::is_uppercase);
    text.split_whitespace().any(|word| {
        let mut parts = word.split('.');
        word.contains('.') && parts.next().is_some_and(is_initial)
    })
}

/// The beginning of the word for a group of people.
const GROUP: &str = "групп";
/// Beginnings of words that tell no group from another: whose it is.
const WHOSE: [&str; 3] = ["муниципальн", "районн", "городск"];
/// Beginnings of words by which an act speaks of another act.
const OF_ACTS: [&str; 2] = ["внесени", "признани"];
/// Letters by which two forms of a word are known as one.
const STEM: usize = 5;

/// Tells whether the title of an act is that of an act on a group of people: «О рабочей группе» is on «муниципальная рабочая
/// группа», an act that changes or repeals such an act is not.
pub fn is_on_group(title: &str, group: &str) -> bool {
    let folded = |text: &str| words(text).into_iter().map(fold).collect::<Vec<_>>();
    let (title, group) = (folded(title), folded(group));
    let is_of = |word: &String, beginnings: &[&str]| beginnings.iter().any(|one| word.starts_with(one));
    let Some(at) = group.iter().position(|word| word.starts_with(GROUP)) else { return false };
    // «Рабочая» before the word, else what stands behind it: «группа сопровождения».
    let before = at.checked_sub(1).and_then(|index| group.get(index)).filter(|word| !is_of(word, &WHOSE));
    let Some(telling) = before.or_else(|| group.get(at + 1)) else { return false };
    let stem: String = telling.chars().take(STEM).collect();
    let mut pairs = title.windows(2);
    let names = pairs.any(|pair| match pair {
        [one, other] => {
            let (first, last) = if before.is_some() { (other, one) } else { (one, other) };
            first.starts_with(GROUP) && last.starts_with(&stem)
        }
        _ => false,
    });
    names && !title.iter().any(|word| is_of(word, &OF_ACTS))
}

/// How texts say that something is sent with them, or refer to it; an appendix of another paper is named by that paper.
const SENT: [&str; 7] = ["прилага", "в приложени", "приложена", "приложено", "приложены", "приложенн", "приложен "];
/// The words for the letter itself.
const SELF: [&str; 2] = ["письм", "настоящ"];

/// Tells whether a text says that something is sent with it.
pub fn sends(text: &str) -> bool {
    let text = fold(text);
    SENT.iter().any(|sent| {
        text.split(sent).skip(1).any(|rest| {
            // The ending of the word, and the number of the appendix.
            let has_ending = !rest.starts_with(' ') && !sent.ends_with(' ');
            let mut words = rest.split_whitespace().skip(usize::from(has_ending)).peekable();
            while words.next_if(|word| word.contains(|c: char| c.is_ascii_digit())).is_some() {}
            match words.next() {
                Some("к") => words.next().is_some_and(|word| SELF.iter().any(|own| word.starts_with(own))),
                _ => true,
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn municipalities_are_found_by_their_adjective() {
        let found = |text: &str| municipalities(text).into_iter().map(|(stem, _)| stem).collect::<Vec<_>>();
        assert_eq!(found("школы Пластовского муниципального района"), ["пластов"]);
        assert_eq!(found("в Кировском городском округе, а не в «Дзержинском районе»."), ["киров", "дзержин"]);
        assert_eq!(found("муниципальный район, сельское поселение, Российская Федерация"), Vec::<String>::new());
        assert_eq!(places("Мариинский муниципальный округ"), ["мариин"]);
    }

    #[test]
    fn periods_are_runs_of_years() {
        assert_eq!(periods("на 2022–2024 годы, 2021 - 2023 гг., за 2020 год"), [(2022, 2024), (2021, 2023)]);
        assert_eq!(periods("№ 12022-20245, 2024–2022, 2022"), []);
        assert_eq!(periods("Государственная программа на 2018–2025 годы. План на 2022–2024 годы"), [(2022, 2024)]);
    }

    #[test]
    fn phrases_are_found_in_any_case() {
        let found = |text: &str, phrase: &str| find_phrase(text, phrase).unwrap_or_default();
        assert_eq!(found("Помощь школам с НРО нужна", "школ* с нро"), "школам с НРО");
        assert_eq!(found("(ШНОР)", "шнор"), "ШНОР");
        assert_eq!(found("школы с высокими результатами", "школ* с нро"), "");
        assert_eq!(
            found("школ-лидеров, устойчиво неуспешных школ", "устойчиво неуспешн* школ*"),
            "устойчиво неуспешных школ"
        );
    }

    #[test]
    fn a_letter_that_sends_something_is_told_from_one_that_names_an_act() {
        for text in [
            "Итоги приведены в приложении",
            "Проект прилагается.",
            "Форма дана в приложении № 2 к настоящему письму",
            "Направляем прилагаемый перечень",
            "Форма приложена к письму",
            "Расчёт дан в приложенном обосновании",
        ] {
            assert!(sends(text), "{text}");
        }
        for text in [
            "Порядок указан в приложении № 2 к приказу от 01.02.2022",
            "Приложите справку",
            "Перечень приложен к Концепции",
        ] {
            assert!(!sends(text), "{text}");
        }
    }

    #[test]
    fn an_act_on_a_group_is_known_by_its_title() {
        let working = "муниципальная рабочая группа по поддержке школ";
        for (title, group, expected) in [
            ("О создании муниципальной рабочей группы", working, true),
            ("О рабочей группе по поддержке школ", working, true),
            ("О внесении изменений в приказ о муниципальной рабочей группе", working, false),
            ("О признании утратившим силу приказа о рабочей группе", working, false),
            ("О муниципальной проектной группе", working, false),
            ("Об утверждении критериев отбора школ", working, false),
            ("О муниципальной группе сопровождения ШНСУ", "муниципальная группа сопровождения", true),
            ("О муниципальной рабочей группе", "муниципальная группа сопровождения", false),
            ("О рабочей группе", "комиссия", false),
        ] {
            assert_eq!(is_on_group(title, group), expected, "{title}; {group}");
        }
    }

    #[test]
    fn a_letter_to_the_head_of_a_school_names_a_post_and_a_person() {
        for post in ["директор", "Директору МБОУ «СОШ № 5» Н.Н. Бумажной", "заведующий"]
        {
            assert!(is_head(post), "{post}");
        }
        for post in ["заместитель директора", "исполняющий обязанности директора", "методист"]
        {
            assert!(!is_head(post), "{post}");
        }
        assert!(has_initials("Директору МБОУ «СОШ № 5» Н.Н. Бумажной") && has_initials("Бумажной Н. Н."));
        assert!(!has_initials("Директору МКОУ «Школа № 43» с. Светлоборское"));
    }
}
