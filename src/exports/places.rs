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
        || ["школа", "школы", "общеобразователь"].iter().any(|stem| folded.contains(stem))
}

/// Tells whether a text is a login of a school in ФИС ОКО.
pub(super) fn is_login(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    let digits = text.strip_prefix("edu").or_else(|| text.strip_prefix("sch"));
    digits.is_some_and(|digits| digits.len() >= 4 && digits.chars().all(|c| c.is_ascii_digit()))
}

/// Tells a text that may stand for a school: it has a digit, or is the name of one. The name of a pupil is neither.
pub(super) fn is_identifier(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit()) || is_school(text)
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
}
