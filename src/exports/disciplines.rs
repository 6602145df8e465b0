//! Subjects of instruction as these layouts name them: in the dative, by two letters, by stems of file names.
//! In: words of a title or a cell. Out: the subject's own name. It must never know years or grades.

use super::grid;

/// A subject: its name, the stems of its words, its two letters, the stems of Latin file names.
struct Subject {
    name: &'static str,
    /// Stems that must all begin words of the text.
    stems: &'static [&'static str],
    letters: &'static str,
    latin: &'static str,
}

const fn subject(
    name: &'static str,
    stems: &'static [&'static str],
    letters: &'static str,
    latin: &'static str,
) -> Subject {
    Subject { name, stems, letters, latin }
}

/// The narrower stands before the wider: «литературное чтение» before «литература».
const SUBJECTS: &[Subject] = &[
    subject("Математика профильная", &["математик", "профил"], "", ""),
    subject("Математика базовая", &["математик", "баз"], "", ""),
    subject("Математика углублённая", &["математик", "углубл"], "", ""),
    subject("Математика", &["математик"], "ма", "mat"),
    subject("Русский язык", &["русск", "язык"], "ру", "rus"),
    subject("Окружающий мир", &["окружающ", "мир"], "ом", "okr"),
    subject("Литературное чтение", &["литературн", "чтен"], "", ""),
    subject("Литература", &["литератур"], "ли", "lit"),
    subject("Биология", &["биолог"], "би", "bio"),
    subject("География", &["географ"], "гг", "geo"),
    subject("Обществознание", &["обществозн"], "об", "obs"),
    subject("История", &["истори"], "ис", "ist"),
    subject("Физика", &["физик"], "фи", "fiz"),
    subject("Химия", &["хими"], "хи", "him"),
    subject("Информатика", &["информатик"], "", "inf"),
    subject("Английский язык", &["английск", "язык"], "ая", "eng"),
    subject("Немецкий язык", &["немецк", "язык"], "ня", "ger"),
    subject("Французский язык", &["французск", "язык"], "фя", "fra"),
    subject("Испанский язык", &["испанск", "язык"], "", ""),
    subject("Китайский язык", &["китайск", "язык"], "", ""),
    subject("Иностранный язык", &["иностранн", "язык"], "", ""),
];

/// Splits a text to its words; letters and digits part: «Mat5» is «mat» and «5».
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for part in grid::key(text).split(' ') {
        let mut was_digit = None;
        for c in part.chars() {
            match words.last_mut() {
                Some(word) if was_digit == Some(c.is_ascii_digit()) => word.push(c),
                _ => words.push(c.to_string()),
            }
            was_digit = Some(c.is_ascii_digit());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Finds the subject that a text names by its words.
pub(super) fn named(text: &str) -> Option<&'static str> {
    let words = words(text);
    let begins = |stem: &&str| words.iter().any(|word| word.starts_with(*stem));
    SUBJECTS.iter().find(|subject| subject.stems.iter().all(begins)).map(|subject| subject.name)
}

/// Finds the subject that a cell or a title names: by its words, or by two letters beside a grade («РУ4», «4 МА»).
pub(super) fn find(text: &str) -> Option<&'static str> {
    named(text).or_else(|| coded(text).map(|(name, _)| name))
}

/// Finds a subject and the grade beside it: «РУ4», «4 МА», «Mat5».
pub(super) fn coded(text: &str) -> Option<(&'static str, u8)> {
    let words = words(text);
    let code = |word: &str| SUBJECTS.iter().find(|s| !word.is_empty() && (s.letters == word || s.latin == word));
    words.windows(2).find_map(|pair| {
        let [first, second] = pair else { return None };
        let (subject, number) = code(first).map(|s| (s, second)).or_else(|| code(second).map(|s| (s, first)))?;
        let grade = number.parse().ok().filter(|grade| (1..=11).contains(grade))?;
        Some((subject.name, grade))
    })
}

/// Finds the subject of a cell that holds nothing else; two letters may stand alone there.
pub(super) fn of_cell(text: &str) -> Option<&'static str> {
    let alone = grid::key(text);
    find(text).or_else(|| SUBJECTS.iter().find(|s| !s.letters.is_empty() && s.letters == alone).map(|s| s.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_found_in_any_case_and_code() {
        for (text, expected) in [
            ("Проведение работы по математике, 4 класс. ВПР 2021.xlsx", Some("Математика")),
            ("Проведение работы по русскому языку, 5 класс", Some("Русский язык")),
            ("Проведение работы по окружающему миру", Some("Окружающий мир")),
            ("литературное чтение", Some("Литературное чтение")),
            ("Математика профильная", Some("Математика профильная")),
            ("Mat5.xlsx", Some("Математика")),
            ("РУ4", Some("Русский язык")),
            ("4 ГГ", Some("География")),
            ("МА", None),
            ("физическая культура", None),
        ] {
            assert_eq!(find(text), expected, "{text}");
        }
        assert_eq!(of_cell("МA"), Some("Математика"));
        assert_eq!(coded("Mat5"), Some(("Математика", 5)));
    }
}
