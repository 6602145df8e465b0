//! A person as a sheet names one in a single cell: «Иванова Мария Ивановна», «М.И. Иванова», «Иванова М.И.».
//! In: the text of the cell. Out: the parts of the name, and the gender where the name tells it.

use super::{FullName, Gender, Refusal, decline, fold, gender_of, is_initials};
use crate::ru::Case;

/// Endings of surnames that only women have in the nominative; those in «-ина» that a man may have, too («Калина»), are
/// refused for a woman by the rules, and so tell nothing.
const FEMALE: [&str; 6] = ["ова", "ева", "ина", "ына", "ая", "яя"];
/// Endings of surnames that only men have in the nominative.
const MALE: [&str; 7] = ["ов", "ев", "ин", "ын", "ый", "ий", "ой"];

impl FullName {
    /// Reads a person; `None` where the text is no surname with a name and patronymic or their initials.
    pub fn parse(text: &str) -> Option<Self> {
        // «И. О. Фамилия» and «И.О.Фамилия» are meant as «И.О. Фамилия».
        let spaced = text.replace('.', ". ");
        let mut pieces: Vec<String> = Vec::new();
        for word in spaced.split_whitespace() {
            match pieces.last_mut() {
                Some(last) if is_initials(last) && is_initials(word) && last.ends_with('.') => last.push_str(word),
                _ => pieces.push(word.to_owned()),
            }
        }
        let parts: Vec<&str> = pieces.iter().map(String::as_str).collect();
        let (surname, name, patronymic) = match parts.as_slice() {
            [letters, surname] | [surname, letters] if is_initials(letters) && letters.ends_with('.') => {
                let (name, patronymic) = letters.split_once('.')?;
                (*surname, format!("{name}."), patronymic.to_owned())
            }
            [surname, name, patronymic] if gender_of(patronymic).is_some() => {
                (*surname, (*name).to_owned(), (*patronymic).to_owned())
            }
            [name, patronymic, surname] if gender_of(patronymic).is_some() => {
                (*surname, (*name).to_owned(), (*patronymic).to_owned())
            }
            _ => return None,
        };
        (!is_initials(surname)).then(|| Self { surname: surname.to_owned(), name, patronymic })
    }

    /// Tells the gender by the patronymic, else by a surname that only women or only men have.
    pub fn gender(&self) -> Option<Gender> {
        let surname = fold(&self.surname);
        let ends = |endings: &[&str]| endings.iter().any(|ending| surname.ends_with(fold(ending).as_str()));
        let by_surname = match (ends(&FEMALE), ends(&MALE)) {
            (true, _) => Some(Gender::Female),
            (_, true) => Some(Gender::Male),
            _ => None,
        };
        gender_of(&self.patronymic).or(by_surname)
    }

    /// Tells whether two names may be of one person: the same surname, and given name and patronymic the same as far as
    /// both give them, as words, as initials or not at all.
    pub fn may_be(&self, other: &Self) -> bool {
        let is_same = |one: &str, other: &str| {
            let (one, other) = (fold(one), fold(other));
            let letter = |text: &str| text.chars().next();
            match one.is_empty() || other.is_empty() {
                true => true,
                false if one.ends_with('.') || other.ends_with('.') => letter(&one) == letter(&other),
                false => one == other,
            }
        };
        fold(&self.surname) == fold(&other.surname)
            && is_same(&self.name, &other.name)
            && is_same(&self.patronymic, &other.patronymic)
    }

    /// Puts the person into a case. Where the gender is not told, the form stands only if it is the same for both.
    ///
    /// # Errors
    /// What the rules do not know, or that the form depends on the gender.
    pub fn in_case(&self, case: Case) -> Result<Self, Refusal> {
        let of = |gender| decline(&self.surname, &self.name, &self.patronymic, Some(gender), case);
        if let Some(gender) = self.gender() {
            return of(gender);
        }
        match (of(Gender::Male), of(Gender::Female)) {
            (Ok(male), Ok(female)) if male == female => Ok(male),
            (Ok(_), Ok(_)) => Err(Refusal::Doubtful { word: self.surname.clone() }),
            (Err(refusal), _) | (_, Err(refusal)) => Err(refusal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_in_one_cell_is_read_and_put_into_the_genitive() {
        for (text, expected) in [
            ("И.О. Лидерова", "Лидеровой И. О. Female"),
            ("И. О. Лидеров", "Лидерова И. О. Male"),
            ("И.О.Лидеров", "Лидерова И. О. Male"),
            ("Лидерова И.О.", "Лидеровой И. О. Female"),
            ("Иванова Мария Ивановна", "Ивановой Марии Ивановны Female"),
            ("Мария Ивановна Калинина", "Калининой Марии Ивановны Female"),
            ("А.Б. Коваленко", "Коваленко А. Б. –"),
            ("А.Б. Калинина", "Калининой А. Б. Female"),
            ("А.Б. Калина", "? Калина"),
            ("А.Б. Шевчук", "? Шевчук"),
            ("К.Т. Школьная", "Школьной К. Т. Female"),
            ("П.Р. Бумажный", "Бумажного П. Р. Male"),
        ] {
            let person = FullName::parse(text).unwrap();
            let gender = person.gender().map_or_else(|| "–".to_owned(), |gender| format!("{gender:?}"));
            let said = person.in_case(Case::Genitive).map_or_else(
                |refusal| format!("? {}", refusal.word().unwrap_or_default()),
                |form| format!("{} {} {} {gender}", form.surname, form.name, form.patronymic),
            );
            assert_eq!(said, expected, "{text}");
        }
    }

    #[test]
    fn one_person_is_known_however_the_name_is_written() {
        let is = |one: &str, other: &str| FullName::parse(one).unwrap().may_be(&FullName::parse(other).unwrap());
        for other in ["О.В. Примерова", "Примерова О. В.", "Ольга Викторовна Примерова", "Примерова О."]
        {
            assert!(is("Примерова Ольга Викторовна", other), "{other}");
        }
        for other in ["Примерова Оксана Викторовна", "Примерова А.В.", "Примеров О.В.", "Примерова О.А."]
        {
            assert!(!is("Примерова Ольга Викторовна", other), "{other}");
        }
        assert!(is("Королёв А.Б.", "А.Б. Королев"));
    }

    #[test]
    fn what_is_no_person_is_not_read() {
        for text in ["", "Иванова", "И.О.", "вакансия", "Иванова Мария", "директор Иванова Мария Ивановна", "И.О. И.О."]
        {
            assert_eq!(FullName::parse(text), None, "{text}");
        }
    }
}
