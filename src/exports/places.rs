//! Rows of reports: schools, or the groups above them.
//! In: the label of a row. Out: whether it is a school, its identifier and its name.
//! It must never know numbers.

use super::grid::key;

/// Words of the names of schools.
const SCHOOL_WORDS: &[&str] = &[
    "сош",
    "оош",
    "нош",
    "сш",
    "ош",
    "нш",
    "скош",
    "мбоу",
    "мкоу",
    "маоу",
    "моу",
    "гбоу",
    "гкоу",
    "гаоу",
    "чоу",
    "ано",
    "школа",
    "лицей",
    "гимназия",
    "интернат",
    "училище",
    "корпус",
];
/// Words of groups of schools.
const GROUP_WORDS: &[&str] =
    &["вся", "россия", "рф", "область", "край", "республика", "район", "округ", "итого", "всего"];

/// Most digits of the code of a school: fewer than any document of a person has.
const MAX_DIGITS: usize = 9;
/// Most letters of the code of a school.
const MAX_LETTERS: usize = 4;

/// What a row of a report stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum RowOf {
    /// A school: identifier and name.
    School(String, String),
    /// All participants, a region, a municipality.
    Group,
    /// Neither can be told.
    Unknown,
}

/// Tells whether a text names a school.
pub(super) fn is_school(text: &str) -> bool {
    let folded = key(text);
    folded.split(' ').any(|word| SCHOOL_WORDS.contains(&word))
        || ["школа", "школы", "общеобразователь", "центр образования", "образовательный центр"]
            .iter()
            .any(|stem| folded.contains(stem))
}

/// Tells whether a text is a login of a school in ФИС ОКО.
pub(super) fn is_login(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    let digits = text.strip_prefix("edu").or_else(|| text.strip_prefix("sch"));
    digits.is_some_and(|digits| digits.len() >= 4 && digits.chars().all(|c| c.is_ascii_digit()))
}

/// Tells a text that may stand for a school: its code, or its name. In a row that has slipped a pupil stands there, with
/// the number of a document beside the name or alone: neither is a code, and neither may be named by a finding.
pub(super) fn is_identifier(text: &str) -> bool {
    is_code(text.trim()) || is_school(text)
}

/// Tells a code: one word of some digits, and no more letters than a prefix has.
fn is_code(text: &str) -> bool {
    let (digits, rest): (Vec<char>, Vec<char>) = text.chars().partition(char::is_ascii_digit);
    let (letters, signs): (Vec<char>, Vec<char>) = rest.into_iter().partition(|c| c.is_alphabetic());
    (1..=MAX_DIGITS).contains(&digits.len())
        && letters.len() <= MAX_LETTERS
        && signs.iter().all(|c| matches!(c, '-' | '–' | '_' | '.' | '/' | '№'))
}

/// Splits `edu224052 | МБОУ "…СОШ"` to identifier and name; a plain text is the identifier.
pub(super) fn split(text: &str) -> (String, String) {
    match text.split_once('|') {
        Some((id, name)) => (id.trim().to_owned(), name.trim().to_owned()),
        None => (text.trim().to_owned(), String::new()),
    }
}

/// Finds the login in a line such as `МБОУ «…» (edu203389) | Кол-во участников: 89`.
pub(super) fn login_in(text: &str) -> Option<String> {
    let parts = text.split(|c: char| !c.is_ascii_alphanumeric());
    parts.filter(|part| is_login(part)).map(str::to_lowercase).next()
}

/// Tells what the row of a report stands for by its label and, where the column is there, its number of schools.
pub(super) fn row_of(label: &str, schools: Option<u32>) -> RowOf {
    let (id, name) = split(label);
    if is_login(&id) {
        return RowOf::School(id, name);
    }
    let folded = key(label);
    let has = |words: &[&str]| folded.split(' ').any(|word| words.contains(&word));
    if id.to_lowercase().starts_with("reg") && !name.is_empty() {
        return RowOf::Group;
    }
    match schools {
        Some(2..) => RowOf::Group,
        _ if is_school(label) => RowOf::School(id.clone(), if name.is_empty() { id } else { name }),
        _ if has(GROUP_WORDS) => RowOf::Group,
        _ => RowOf::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_reports_are_told_apart() {
        let school = |id: &str, name: &str| RowOf::School(id.to_owned(), name.to_owned());
        for (label, schools, expected) in [
            ("edu224052 | МБОУ \"Примерная СОШ\"", Some(1), school("edu224052", "МБОУ \"Примерная СОШ\"")),
            ("sch220206", None, school("sch220206", "")),
            ("Воеводская СОШ ", None, school("Воеводская СОШ", "Воеводская СОШ")),
            ("Вся выборка", Some(39_000), RowOf::Group),
            ("Вся выборка", None, RowOf::Group),
            ("reg22_m056 | Целинный муниципальный район", Some(1), RowOf::Group),
            ("Алтайский край", None, RowOf::Group),
            ("Целинный район", Some(1), RowOf::Group),
            ("Примерово", Some(1), RowOf::Unknown),
        ] {
            assert_eq!(row_of(label, schools), expected, "{label}");
        }
        assert_eq!(login_in("МБОУ (edu203389) | Кол-во участников: 89").as_deref(), Some("edu203389"));
    }

    #[test]
    fn a_pupil_is_no_school() {
        for text in
            ["220101", "edu224052", "sch220206", "ОО-01", "7", "МБОУ «Примерная СОШ»", "Центр образования № 5", "Лицей"]
        {
            assert!(is_identifier(text), "{text}");
        }
        for text in
            ["", "Секретов", "Секретов 9904", "Секретов9904", "9904 778812", "9904778812", "112-233-445 95", "С. Т. 12"]
        {
            assert!(!is_identifier(text), "{text}");
        }
    }
}
