//! Declension of persons and posts: «Иванова Мария Ивановна», «начальник управления» in the five oblique cases.
//! In: names in the nominative, the gender, a case. Out: the form that an order prints, or a [`Refusal`].
//! It must never guess: what depends on the stress, on the habit of a family or on a word that is not in its lists is
//! refused, and the person who fills the workbook gives the form. It never knows where a name came from.
//!
//! Names follow the open rules of petrovich (`petrovich/rules.toml`) and, before them, our own
//! (`petrovich/corrections.toml`). Posts follow closed lists (`declension/posts.toml`).

mod joined;
mod person;
mod post;

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::{Case, NBSP, is_letter};

pub use joined::post_of;
pub use post::{Posts, decline_post};

const RULES: &str = include_str!("petrovich/rules.toml");
const CORRECTIONS: &str = include_str!("petrovich/corrections.toml");

/// The gender of a person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gender {
    /// Мужской.
    Male,
    /// Женский.
    Female,
}

/// The parts of a person's name in one case; a part that was not given is empty.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FullName {
    /// Фамилия.
    pub surname: String,
    /// Имя.
    pub name: String,
    /// Отчество.
    pub patronymic: String,
}

/// Why a form is not given: the workbook has to give it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Refusal {
    /// There is no text to decline.
    Empty,
    /// The gender is not given and the patronymic does not tell it.
    GenderMissing,
    /// The patronymic or the post tells another gender than the one given.
    GenderContradicted {
        /// The word that tells it.
        word: String,
    },
    /// A word of a name is not made of Russian letters.
    NotRussian {
        /// The word.
        word: String,
    },
    /// The form depends on the stress or on the habit of the family, or the form does not fit the gender.
    Doubtful {
        /// The word.
        word: String,
    },
    /// A word of a post that the lists do not know.
    Unknown {
        /// The word.
        word: String,
    },
    /// The built-in rules cannot be read: a fault of the program, never of the workbook.
    Rules {
        /// What the reader of the file says.
        reason: String,
    },
}

impl Refusal {
    /// Returns the word that is refused, where it is one.
    pub fn word(&self) -> Option<&str> {
        match self {
            Self::GenderContradicted { word }
            | Self::NotRussian { word }
            | Self::Doubtful { word }
            | Self::Unknown { word } => Some(word),
            Self::Empty | Self::GenderMissing | Self::Rules { .. } => None,
        }
    }
}

/// A surname with initials, in both orders, joined by a no-break space.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Initials {
    /// In a signature: «М.И. Ивановой».
    pub before: String,
    /// In running text and after a post: «Ивановой М.И.».
    pub after: String,
}

/// Tells the gender by a patronymic: by its ending, or by the particle after it (оглы, кызы). `None` for an empty one, an
/// initial, or any other ending.
pub fn gender_of(patronymic: &str) -> Option<Gender> {
    let rules = RULE_BOOK.as_ref().ok()?;
    let last = fold(words(patronymic).last()?);
    let ours = &rules.ours.gender;
    [(Gender::Male, &ours.male), (Gender::Female, &ours.female)].into_iter().find_map(|(gender, marks)| {
        let is_particle = marks.particles.contains(&last);
        let is_patronymic = marks.endings.iter().any(|ending| last.ends_with(ending.as_str()) && last != *ending);
        (is_particle || is_patronymic).then_some(gender)
    })
}

/// Tells the gender by a surname whose ending leaves no doubt; `None` for any other.
pub fn gender_of_surname(surname: &str) -> Option<Gender> {
    const FEMALE: [&str; 6] = ["ова", "ева", "ёва", "ина", "ына", "ая"];
    const MALE: [&str; 7] = ["ов", "ев", "ёв", "ин", "ын", "ский", "цкий"];
    let folded = fold(surname);
    let ends = |endings: &[&str]| endings.iter().any(|ending| folded.ends_with(&fold(ending)));
    if ends(&FEMALE) { Some(Gender::Female) } else { ends(&MALE).then_some(Gender::Male) }
}

/// Declines a person. Name and patronymic may be empty or initials, which stay as they are; without a gender the
/// patronymic must tell it. The nominative is given back as it came, whatever it is.
pub fn decline(
    surname: &str,
    name: &str,
    patronymic: &str,
    gender: Option<Gender>,
    case: Case,
) -> Result<FullName, Refusal> {
    let [surname, name, patronymic] = [surname, name, patronymic].map(str::trim);
    if case == Case::Nominative {
        let [surname, name, patronymic] = [surname, name, patronymic].map(str::to_owned);
        return Ok(FullName { surname, name, patronymic });
    }
    if surname.is_empty() {
        return Err(Refusal::Empty);
    }
    let rules = RULE_BOOK.as_ref().map_err(|reason| Refusal::Rules { reason: reason.clone() })?;
    let gender = match (gender, gender_of(patronymic)) {
        (Some(given), Some(told)) if given != told => {
            return Err(Refusal::GenderContradicted { word: patronymic.to_owned() });
        }
        (Some(gender), _) | (None, Some(gender)) => gender,
        (None, None) => return Err(Refusal::GenderMissing),
    };
    Ok(FullName {
        surname: rules.part(Part::Surname, surname, gender, case)?,
        name: rules.part(Part::Name, name, gender, case)?,
        patronymic: rules.part(Part::Patronymic, patronymic, gender, case)?,
    })
}

/// Joins a surname, in whatever case it is, with the initials of name and patronymic. A double name keeps its hyphen
/// («А.-М.»), a particle of a patronymic (оглы) is dropped, a part that is missing adds nothing.
pub fn initials(surname_in_case: &str, name: &str, patronymic: &str) -> Initials {
    let surname = surname_in_case.trim();
    let mut letters = String::new();
    for (text, is_patronymic) in [(name, false), (patronymic, true)] {
        if is_initials(text) {
            letters.extend(text.chars().filter(|c| !c.is_whitespace()));
            letters.push_str(if text.trim_end().ends_with('.') { "" } else { "." });
            continue;
        }
        let pieces = text.split('-').flat_map(str::split_whitespace).take(if is_patronymic { 1 } else { usize::MAX });
        for (index, piece) in pieces.enumerate() {
            letters.push_str(if index > 0 { "-" } else { "" });
            letters.extend(piece.chars().take(1).flat_map(char::to_uppercase));
            letters.push('.');
        }
    }
    if letters.is_empty() || surname.is_empty() {
        let only = if surname.is_empty() { letters } else { surname.to_owned() };
        return Initials { before: only.clone(), after: only };
    }
    Initials { before: format!("{letters}{NBSP}{surname}"), after: format!("{surname}{NBSP}{letters}") }
}

/// Both files of rules, or why they cannot be read.
static RULE_BOOK: LazyLock<Result<RuleBook, String>> = LazyLock::new(|| {
    let theirs = toml::from_str(RULES).map_err(|error| error.to_string())?;
    let ours = toml::from_str(CORRECTIONS).map_err(|error| error.to_string())?;
    Ok(RuleBook { ours, theirs })
});

struct RuleBook {
    ours: Corrections,
    theirs: Rules,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    surname: RuleSet,
    name: RuleSet,
    patronymic: RuleSet,
}

/// Our own rules, and what the foreign file leaves to the program.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Corrections {
    /// Letters that make a syllable.
    vowels: String,
    /// Words inside a surname that never change and are written small.
    particles: Vec<String>,
    /// Last words of a surname with which all of it never changes.
    closing_particles: Vec<String>,
    gender: GenderMarks,
    surname: RuleSet,
    name: RuleSet,
    patronymic: RuleSet,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GenderMarks {
    male: Marks,
    female: Marks,
}

/// What tells the gender by a patronymic.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Marks {
    endings: Vec<String>,
    particles: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleSet {
    #[serde(default)]
    exceptions: Vec<Rule>,
    suffixes: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    gender: RuleGender,
    /// Whole words, or endings; ё is read as е.
    #[serde(deserialize_with = "folded")]
    test: Vec<String>,
    mods: Forms,
    /// Only for a part of a double name that is not the last.
    #[serde(default)]
    first_word: bool,
    /// Only for a word with one vowel.
    #[serde(default)]
    one_syllable: bool,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RuleGender {
    Male,
    Female,
    Androgynous,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Surname,
    Name,
    Patronymic,
}

impl RuleGender {
    fn takes(self, gender: Gender) -> bool {
        match self {
            Self::Male => gender == Gender::Male,
            Self::Female => gender == Gender::Female,
            Self::Androgynous => true,
        }
    }
}

impl RuleBook {
    /// Declines one part of a full name, word by word.
    fn part(&self, part: Part, text: &str, gender: Gender, case: Case) -> Result<String, Refusal> {
        if text.is_empty() || (part != Part::Surname && is_initials(text)) {
            return Ok(text.to_owned());
        }
        let foreign = words(text).find(|word| !word.chars().all(is_letter) || !word.starts_with(char::is_alphabetic));
        if let Some(word) = foreign.or_else(|| words(text).next().is_none().then_some(text)) {
            return Err(Refusal::NotRussian { word: word.to_owned() });
        }
        // «Мамед оглы», «Турсун-заде» do not change as a whole.
        let is_particle = |word: &str| match part {
            Part::Surname => self.ours.closing_particles.contains(&fold(word)),
            Part::Name => false,
            Part::Patronymic => self.ours.is_patronymic_particle(&fold(word)),
        };
        if words(text).skip(1).any(is_particle) {
            return Ok(text.to_owned());
        }
        let pieces: Vec<&str> = text.split_inclusive(is_joint).collect();
        let mut out = String::with_capacity(text.len() + 8);
        for (index, piece) in pieces.iter().enumerate() {
            let word = piece.trim_end_matches(is_joint);
            let is_last = index + 1 == pieces.len();
            if word.is_empty() {
                // Two joints in a row: «Петров - Водкин».
            } else if !is_last && self.ours.particles.iter().any(|particle| particle == word) {
                out.push_str(word);
            } else {
                out.push_str(&self.word(part, word, gender, case, !is_last)?);
            }
            out.extend(piece.chars().skip(word.chars().count()));
        }
        Ok(out)
    }

    /// Declines a word by the first rule that fits: exceptions before endings, ours before theirs.
    fn word(&self, part: Part, word: &str, gender: Gender, case: Case, is_first: bool) -> Result<String, Refusal> {
        let doubtful = || Refusal::Doubtful { word: word.to_owned() };
        let (ours, theirs) = match part {
            Part::Surname => (&self.ours.surname, &self.theirs.surname),
            Part::Name => (&self.ours.name, &self.theirs.name),
            Part::Patronymic => (&self.ours.patronymic, &self.theirs.patronymic),
        };
        let folded = fold(word);
        let is_one_syllable = folded.chars().filter(|c| self.ours.vowels.contains(*c)).count() == 1;
        let applies = |rule: &&Rule| {
            rule.gender.takes(gender) && (is_first || !rule.first_word) && (is_one_syllable || !rule.one_syllable)
        };
        let exceptions = ours.exceptions.iter().chain(&theirs.exceptions);
        let suffixes = ours.suffixes.iter().chain(&theirs.suffixes);
        exceptions
            .filter(applies)
            .find(|rule| rule.test.contains(&folded))
            .or_else(|| {
                suffixes.filter(applies).find(|rule| rule.test.iter().any(|ending| folded.ends_with(ending.as_str())))
            })
            .and_then(|rule| rule.mods.apply(word, case))
            .ok_or_else(doubtful)
    }
}

impl Corrections {
    fn is_patronymic_particle(&self, word: &str) -> bool {
        [&self.gender.male, &self.gender.female].iter().any(|marks| marks.particles.iter().any(|mark| mark == word))
    }
}

/// The changes of a word in the five oblique cases, in the order of grammars.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(transparent)]
struct Forms([Change; 5]);

/// How a word changes: «.» not at all, «?» unknown, «--ой» loses two letters and takes the ending.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(from = "String")]
enum Change {
    Keep,
    Doubt,
    Ending { cut: usize, tail: String },
}

impl From<String> for Change {
    fn from(text: String) -> Self {
        match text.as_str() {
            "." => Self::Keep,
            "?" => Self::Doubt,
            ending => {
                let tail = ending.trim_start_matches('-');
                Self::Ending { cut: ending.chars().take_while(|c| *c == '-').count(), tail: tail.to_owned() }
            }
        }
    }
}

impl Forms {
    /// Returns the form of the word, `None` where it is not known.
    fn apply(&self, word: &str, case: Case) -> Option<String> {
        let Self([genitive, dative, accusative, instrumental, prepositional]) = self;
        let change = match case {
            Case::Nominative => return Some(word.to_owned()),
            Case::Genitive => genitive,
            Case::Dative => dative,
            Case::Accusative => accusative,
            Case::Instrumental => instrumental,
            Case::Prepositional => prepositional,
        };
        match change {
            Change::Keep => Some(word.to_owned()),
            Change::Doubt => None,
            Change::Ending { cut, tail } => Some(replace_ending(word, *cut, tail)),
        }
    }
}

/// Cuts letters off the end and adds an ending, in capitals where the whole word is in capitals.
fn replace_ending(word: &str, cut: usize, tail: &str) -> String {
    let length = word.chars().count();
    let mut out: String = word.chars().take(length.saturating_sub(cut)).collect();
    if length > 1 && word.chars().all(|c| !c.is_lowercase()) {
        out.extend(tail.chars().flat_map(char::to_uppercase));
    } else {
        out.push_str(tail);
    }
    out
}

/// Small letters, ё as е: the form in which words are compared.
fn fold(word: &str) -> String {
    word.chars().flat_map(char::to_lowercase).map(|c| if c == 'ё' { 'е' } else { c }).collect()
}

fn folded<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(Vec::<String>::deserialize(deserializer)?.iter().map(|word| fold(word)).collect())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_joint).filter(|word| !word.is_empty())
}

/// Tells what joins the words of a name: blanks and hyphens.
fn is_joint(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '\u{2010}' | '\u{2011}')
}

/// Tells «М.», «М», «М.И.»: single capitals, with or without full stops.
fn is_initials(text: &str) -> bool {
    let mut letters = text.split(|c: char| c == '.' || is_joint(c)).filter(|piece| !piece.is_empty()).peekable();
    letters.peek().is_some() && letters.all(|piece| piece.chars().all(char::is_uppercase) && piece.chars().count() == 1)
}

#[cfg(test)]
mod tests;
