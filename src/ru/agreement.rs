//! How words agree with the kind of an act: «признать утратившей силу программу», «приказ … (заменён …)».
//! In: the kind as the register writes it, in the nominative. Out: its gender or number, and its accusative.
//! It must never know what is said of the act.

/// What a word agrees with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Agreement {
    /// Приказ.
    Masculine,
    /// Программа.
    Feminine,
    /// Постановление.
    Neuter,
    /// Методические рекомендации.
    Plural,
}

/// Feminine nouns on a soft sign among the kinds of acts; all others of them are masculine.
const SOFT_FEMININE: [&str; 3] = ["модель", "ведомость", "запись"];
/// Ends of adjectives before the noun.
const ADJECTIVES: [&str; 9] = ["ый", "ий", "ой", "ая", "яя", "ое", "ее", "ые", "ие"];
/// Ends of nouns that look like adjectives.
const NOUNS: [&str; 3] = ["ние", "тие", "вие"];

/// Tells what agrees with a kind of act, and how the kind reads in the accusative.
pub fn of_kind(kind: &str) -> (Agreement, String) {
    let words: Vec<&str> = kind.split(' ').collect();
    let ends = |word: &str, ends: &[&str]| ends.iter().any(|end| word.ends_with(end));
    let is_adjective = |word: &str| ends(word, &ADJECTIVES) && !ends(word, &NOUNS);
    // The noun is the first word that is no adjective; what stands behind it depends on it.
    let at = words.iter().position(|word| !is_adjective(word)).unwrap_or_default();
    let noun = words.get(at).copied().unwrap_or_default();
    let agreement = match noun.to_lowercase().chars().last() {
        Some('а' | 'я') => Agreement::Feminine,
        Some('ь') if SOFT_FEMININE.iter().any(|known| noun.to_lowercase() == *known) => Agreement::Feminine,
        Some('о' | 'е' | 'ё') => Agreement::Neuter,
        Some('ы' | 'и') => Agreement::Plural,
        _ => Agreement::Masculine,
    };
    if agreement != Agreement::Feminine {
        return (agreement, kind.to_owned());
    }
    let accusative = |(index, word): (usize, &&str)| match (index.cmp(&at), *word) {
        (std::cmp::Ordering::Greater, word) => word.to_owned(),
        (_, word) => [("ая", "ую"), ("яя", "юю"), ("а", "у"), ("я", "ю")]
            .into_iter()
            .find_map(|(end, other)| Some(format!("{}{other}", word.strip_suffix(end)?)))
            .unwrap_or_else(|| word.to_owned()),
    };
    (agreement, words.iter().enumerate().map(accusative).collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_acts_have_a_gender_and_an_accusative() {
        use Agreement::{Feminine, Masculine, Neuter, Plural};
        for (kind, agreement, accusative) in [
            ("приказ", Masculine, "приказ"),
            ("приказ отдела образования", Masculine, "приказ отдела образования"),
            ("локальный нормативный акт", Masculine, "локальный нормативный акт"),
            ("план мероприятий", Masculine, "план мероприятий"),
            ("программа", Feminine, "программу"),
            ("муниципальная программа развития", Feminine, "муниципальную программу развития"),
            ("Концепция", Feminine, "Концепцию"),
            ("дорожная карта", Feminine, "дорожную карту"),
            ("модель", Feminine, "модель"),
            ("постановление администрации", Neuter, "постановление администрации"),
            ("положение", Neuter, "положение"),
            ("решение совета", Neuter, "решение совета"),
            ("методические рекомендации", Plural, "методические рекомендации"),
            ("", Masculine, ""),
        ] {
            assert_eq!(of_kind(kind), (agreement, accusative.to_owned()), "{kind}");
        }
    }
}
