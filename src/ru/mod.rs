//! Russian text: rounding and decimal comma, plural forms, dates, names, normalised prose.
//! In: exact numbers and texts of cells. Out: the form that an official document prints.
//! It must never know where a text came from. Rules follow
//! ГОСТ Р 7.0.97-2025 and the habits of Russian office work.

pub mod agreement;
pub mod declension;
mod due;
mod term;
pub mod wording;

use num_bigint::BigInt;
use num_traits::One;
use serde::{Deserialize, Serialize};

use crate::figure::{Rounding, RoundingMode};
use crate::measure::Measure;

pub use due::due;
pub use term::{Cycle, MonthDay, Repeat, Span, Term, TermPart};

/// In the name of a file: the short name of the school, or the first column of the row, for which a document is made.
pub const NAME_MARK: &str = "{имя}";
/// In the name of a file of a document that is made for a teacher: the short name of the school.
pub const SCHOOL_MARK: &str = "{школа}";

/// No-break space.
pub const NBSP: char = '\u{a0}';

/// Rounds to the declared digits: the one rounding function of the program.
///
/// Returns the digits of the absolute value as an integer of units of the last digit, and whether
/// the rounded value is negative (a value that rounds to zero is not).
pub fn round(value: &Measure, rounding: Rounding) -> (BigInt, bool) {
    let (mut whole, rest) = value.scaled(rounding.digits);
    if rounding.mode == RoundingMode::HalfUp && rest >= Measure::half() {
        whole += BigInt::one();
    }
    let negative = value.is_negative() && whole != BigInt::default();
    (whole, negative)
}

/// Rounds and returns the rounded value itself.
pub fn rounded(value: &Measure, rounding: Rounding) -> Measure {
    let (whole, negative) = round(value, rounding);
    let scale = BigInt::from(10).pow(u32::from(rounding.digits));
    let text = format!("{}{whole}/{scale}", if negative { "-" } else { "" });
    Measure::try_from(text).unwrap_or_default()
}

/// Prints a number as a person types it: no groups, the digits that it needs.
pub fn typed(value: &Measure) -> String {
    /// More digits than anybody types.
    const MOST: u8 = 6;
    let rounding = Rounding { digits: value.decimals(MOST), mode: RoundingMode::default() };
    number(value, rounding, false)
}

/// Prints a rounded number with decimal comma and typographic minus; thousands are grouped by
/// no-break spaces from five digits on when `grouped`.
pub fn number(value: &Measure, rounding: Rounding, grouped: bool) -> String {
    let (units, negative) = round(value, rounding);
    let digits = usize::from(rounding.digits);
    let text = format!("{units:0>width$}", units = units.to_string(), width = digits + 1);
    let (whole, fraction) = text.split_at(text.len() - digits);
    let mut out = String::new();
    if negative {
        out.push('−');
    }
    if grouped && whole.len() > 4 {
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index) % 3 == 0 {
                out.push(NBSP);
            }
            out.push(digit);
        }
    } else {
        out.push_str(whole);
    }
    if digits > 0 {
        out.push(',');
        out.push_str(fraction);
    }
    out
}

/// The forms of a noun after a number: 1 школа, 2 школы, 5 школ.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plural {
    /// After 1, 21, 101.
    pub one: String,
    /// After 2 to 4, 22.
    pub few: String,
    /// After 0, 5 to 20, 11 to 14.
    pub many: String,
}

impl Plural {
    /// Chooses the form after a whole number; a fraction takes the `few` form (2,5 школы).
    pub fn after(&self, value: &Measure) -> &str {
        let Some(number) = value.to_integer() else { return &self.few };
        let number = number.unsigned_abs();
        match (number % 10, number % 100) {
            (_, 11..=14) => &self.many,
            (1, _) => &self.one,
            (2..=4, _) => &self.few,
            _ => &self.many,
        }
    }
}

/// A calendar date.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Date {
    /// The year, 1900 to 2200.
    pub year: i32,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month.
    pub day: u8,
}

const MONTHS_GENITIVE: [&str; 12] = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
];

impl Date {
    /// Checks and makes a date; `None` for days that no calendar has.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let last = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        (1900..=2200).contains(&year).then_some(())?;
        (1..=last).contains(&day).then_some(Self { year, month, day })
    }

    /// Returns the day that so many days after 1 January 1970 are; `None` past the calendar of this type.
    pub fn of_unix_day(days: u64) -> Option<Self> {
        // Counted in eras of 400 years, the year beginning with March.
        let days = i64::try_from(days).ok()?.checked_add(719_468)?;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = u8::try_from(day_of_year - (153 * month + 2) / 5 + 1).ok()?;
        let month = u8::try_from(if month < 10 { month + 3 } else { month - 9 }).ok()?;
        let year = i32::try_from(year_of_era + era * 400 + i64::from(month <= 2)).ok()?;
        Self::new(year, month, day)
    }

    /// Reads «04.09.2020», «4.9.2020 г.» and «2020-09-04».
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches("г.").trim_end();
        let parts: Vec<&str> = text.split(['.', '-', '/']).collect();
        let [first, second, third] = parts.as_slice() else { return None };
        let (year, month, day) = if first.len() == 4 { (first, second, third) } else { (third, second, first) };
        (year.len() == 4).then_some(())?;
        Self::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
    }

    /// Prints «04.09.2020».
    pub fn short(self) -> String {
        format!("{:02}.{:02}.{:04}", self.day, self.month, self.year)
    }

    /// Prints «4 сентября 2020 г.» with no-break spaces.
    pub fn long(self) -> String {
        let month = MONTHS_GENITIVE.get(usize::from(self.month) - 1).copied().unwrap_or("");
        format!("{}{NBSP}{month}{NBSP}{}{NBSP}г.", self.day, self.year)
    }
}

/// Prints date and number of an act: «от 04.09.2020 № 883».
pub fn dated(date: Date, number: &str) -> String {
    dated_as(&date.short(), number)
}

/// The same for a date that is written already.
pub fn dated_as(date: &str, number: &str) -> String {
    format!("от{NBSP}{date} {NUMBER_SIGN}{NBSP}{number}")
}

/// What stands before the number of an act.
pub const NUMBER_SIGN: char = '№';

/// A grammatical case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Case {
    /// Именительный.
    Nominative,
    /// Родительный.
    Genitive,
    /// Дательный.
    Dative,
    /// Винительный.
    Accusative,
    /// Творительный.
    Instrumental,
    /// Предложный.
    Prepositional,
}

impl Case {
    /// The mark of a short form in texts.
    pub const SHORT: &'static str = "кратко";
    /// Every case in the order of grammars, with its key in templates and its mark in texts.
    pub const ALL: [(Self, &'static str, &'static str); 6] = [
        (Self::Nominative, "nom", "им"),
        (Self::Genitive, "gen", "род"),
        (Self::Dative, "dat", "дат"),
        (Self::Accusative, "acc", "вин"),
        (Self::Instrumental, "ins", "твор"),
        (Self::Prepositional, "prep", "предл"),
    ];
}

/// Tells a text that may be the name of a person: nothing but capitalized words and initials, at least two of them, and
/// not all of them initials.
pub fn looks_like_person(text: &str) -> bool {
    let is_initials = |word: &str| {
        let mut letters = word.chars().filter(|c| *c != '.');
        letters.next().is_some_and(char::is_uppercase) && letters.all(char::is_uppercase) && word.chars().count() <= 4
    };
    let is_name = |word: &str| {
        word.trim_end_matches([',', ';']).split('-').all(|part| {
            let mut chars = part.chars();
            chars.next().is_some_and(char::is_uppercase)
                && chars.clone().next().is_some()
                && chars.all(|c| c.is_alphabetic() && !c.is_uppercase())
        })
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    let names = words.iter().filter(|word| is_name(word)).count();
    words.len() >= 2 && names > 0 && words.iter().all(|word| is_name(word) || is_initials(word))
}

/// Tells a Russian letter: words of these are divided by syllables.
pub fn is_letter(c: char) -> bool {
    matches!(c, 'а'..='я' | 'А'..='Я' | 'ё' | 'Ё')
}

/// Tells whether a sentence of a text calls results of ВПР an evaluation or a rating of schools or teachers. A sentence that
/// denies it does not.
pub fn rates_by_vpr(text: &str) -> bool {
    const RATINGS: [&str; 3] = ["рейтинг", "ранжирован", "ранжиру"];
    const EVALUATIONS: [&str; 5] =
        ["оценка работы", "оценки работы", "оценку работы", "оценка деятельности", "оценки деятельности"];
    let is_of_vpr = |folded: &str| {
        folded.split(' ').any(|word| word == "впр") || (folded.contains("всероссийск") && folded.contains("проверочн"))
    };
    text.split(['.', '!', '?', ';']).map(fold).any(|sentence| {
        let rates = RATINGS.iter().chain(&EVALUATIONS).any(|word| sentence.contains(word));
        let denies = sentence.split(' ').any(|word| word == "не" || word == "без" || word == "нельзя");
        rates && !denies && is_of_vpr(&sentence)
    })
}

/// Writes a number of a section in Roman numerals: 4 is IV.
pub fn roman(number: usize) -> String {
    const SIGNS: [(usize, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let mut rest = number;
    let mut out = String::new();
    for (value, sign) in SIGNS {
        while rest >= value {
            out.push_str(sign);
            rest -= value;
        }
    }
    out
}

/// Folds the number of an item: the same with and without the last point, and where a workbook holds 1.1 as a number.
pub fn item_number(text: &str) -> String {
    fold(&text.trim_end_matches('.').replace(',', "."))
}

/// Tells whether the word of a stamp brings a paper into force: УТВЕРЖДАЮ, УТВЕРЖДЕНА, but not ПРИНЯТА.
pub fn approves(word: &str) -> bool {
    fold(word).starts_with("утвержд")
}

/// Lower-cases, folds ё, drops everything but letters and digits: the key under which headers,
/// names of blocks and choices are compared.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        if c.is_alphanumeric() || c == '%' {
            if gap && !out.is_empty() {
                out.push(' ');
            }
            gap = false;
            for lower in c.to_lowercase() {
                out.push(if lower == 'ё' { 'е' } else { lower });
            }
        } else {
            gap = true;
        }
    }
    out
}

/// Drops what must never reach a page: control and format characters; every blank becomes a space.
///
/// Runs of blanks fold to one and the ends are trimmed.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let blank = c.is_whitespace() || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}');
        if blank {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !is_invisible(c) {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{fff9}'..='\u{ffff}' | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{e0000}'..='\u{e0fff}')
}

/// Brings prose to the typography of a document: «ёлочки», №, dashes, no-break spaces.
///
/// Idempotent. Applied once, at reading, to columns declared prose.
pub fn prose(text: &str) -> String {
    tie(&dashes(&quotes(&clean(text).replace("N°", "№"))))
}

/// Puts a title in «ёлочки»; quotes within it become „лапки“.
pub fn quoted(title: &str) -> String {
    let inner: String = title
        .chars()
        .map(|c| match c {
            '«' => '„',
            '»' => '“',
            other => other,
        })
        .collect();
    format!("«{inner}»")
}

/// Straight quotes become «ёлочки», by what stands before them; inner „лапки“ are left as they are.
fn quotes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut is_in_inner = false;
    for c in text.chars() {
        let put = match c {
            // The sign that closes „лапки“ opens “quotes” of other languages.
            '“' if is_in_inner => '“',
            '"' | '“' | '”' => {
                if before.is_whitespace() || matches!(before, '(' | '[' | '«' | '—' | '–') {
                    '«'
                } else {
                    '»'
                }
            }
            other => other,
        };
        is_in_inner = put == '„' || (is_in_inner && put != '“');
        out.push(put);
        before = put;
    }
    out
}

/// Sets the one dash of a document: whatever dash or hyphen stands between blanks becomes «—», tied to the word before it;
/// a range of years takes «–» without blanks. Idempotent.
pub fn dashes(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let at = |index: usize| chars.get(index).copied().unwrap_or(' ');
    let mut out = String::with_capacity(text.len());
    let mut index = 0;
    while index < chars.len() {
        let c = at(index);
        if is_dash(c) || (c == ' ' && is_dash(at(index + 1))) {
            let spaced_before = c == ' ';
            let dash = if spaced_before { index + 1 } else { index };
            let mut after = dash + 1;
            while at(after) == ' ' && after < chars.len() {
                after += 1;
            }
            let spaced_after = after > dash + 1;
            let year =
                |from: usize| (0..4).all(|step| at(from + step).is_ascii_digit()) && !at(from + 4).is_ascii_digit();
            let year_before = index >= 4 && year(index - 4) && (index < 5 || !at(index - 5).is_ascii_digit());
            if year_before && year(after) && at(after + 4) != '.' {
                out.push('–');
                index = after;
                continue;
            }
            if spaced_before && spaced_after {
                out.push(NBSP);
                // Whatever was typed between blanks was meant as a dash, and a document has one.
                out.push('—');
                out.push(' ');
                index = after;
                continue;
            }
        }
        out.push(c);
        index += 1;
    }
    out
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '–' | '—' | '−' | '‐' | '‑')
}

/// Words that hold on to the next word.
const TIED_TO_NEXT: [&str; 14] =
    ["№", "г.", "п.", "ст.", "ч.", "пп.", "с.", "д.", "ул.", "пос.", "от", "им.", "рис.", "табл."];
/// Words that hold on to the number before them.
const TIED_TO_NUMBER: [&str; 14] =
    ["%", "г.", "гг.", "год", "года", "году", "годом", "годы", "годов", "годах", "чел.", "ОО", "руб.", "класс"];

/// Puts no-break spaces where a line must not break: «№ 5», «г. Мариинск», «И.О. Фамилия»,
/// «2022–2024 годы», «29 %», «5 ОО».
fn tie(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        spaced.push(c);
        // «№5» and «29%» get the blank that the standard asks for.
        if c == '№' && chars.peek().is_some_and(char::is_ascii_digit) {
            spaced.push(' ');
        }
        if c.is_ascii_digit() && chars.peek() == Some(&'%') {
            spaced.push(' ');
        }
    }
    let words: Vec<&str> = spaced.split(' ').collect();
    let mut out = String::with_capacity(spaced.len());
    for (index, word) in words.iter().enumerate() {
        out.push_str(word);
        let Some(next) = words.get(index + 1) else { break };
        let bare = word.trim_start_matches(['(', '«', '"']);
        // A dash is tied already to the word before it.
        let next_bare = next.split(NBSP).next().unwrap_or(next).trim_end_matches([')', ',', ';', ':', '»']);
        // A reference to a year or a count becomes a number on the page.
        let number = bare.ends_with(|c: char| c.is_ascii_digit() || c == '}');
        let next_starts_number = next.starts_with(|c: char| c.is_ascii_digit() || c == '№');
        let next_starts_upper = next.starts_with(char::is_uppercase);
        let tied = match bare {
            "от" => next_starts_number,
            "г." | "с." | "д." | "пос." => next_starts_upper && index_is_place(&words, index),
            _ if TIED_TO_NEXT.contains(&bare) => true,
            _ => false,
        } || (number && (TIED_TO_NUMBER.contains(&next_bare) || TIED_TO_NUMBER.contains(next)))
            || (is_initials(bare) && next_starts_upper)
            || (is_legal_form(bare) && next.starts_with('«'))
            || (next_bare.chars().count() > 3 && is_initials(next_bare) && bare.starts_with(char::is_uppercase))
            || (number && is_month(next_bare))
            || (is_month(bare) && next_starts_number);
        out.push(if tied { NBSP } else { ' ' });
    }
    out
}

/// «г.» before a capital is a town unless a number stands before it («2022 г. Отчёт»).
fn index_is_place(words: &[&str], index: usize) -> bool {
    index
        .checked_sub(1)
        .and_then(|before| words.get(before))
        .is_none_or(|before| !before.ends_with(|c: char| c.is_ascii_digit()))
}

/// Tells «МБОУ»: the abbreviation of a legal form stays with the name.
fn is_legal_form(word: &str) -> bool {
    let length = word.chars().count();
    (3..=6).contains(&length) && word.chars().all(char::is_uppercase)
}

fn is_month(word: &str) -> bool {
    MONTHS_GENITIVE.contains(&word)
}

/// Tells «И.О.» and «И.».
fn is_initials(word: &str) -> bool {
    let chars: Vec<char> = word.chars().collect();
    matches!(chars.len(), 2 | 4) && chars.chunks(2).all(|pair| matches!(pair, [letter, '.'] if letter.is_uppercase()))
}

/// Makes the first letter upper case.
pub fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Ends a sentence: with a stop, unless the one of an abbreviation or of initials stands there already.
pub fn ended(text: &str) -> String {
    let text = text.trim_end();
    let is_ended = text.ends_with(['.', '!', '?', '…']);
    if is_ended { text.to_owned() } else { format!("{text}.") }
}

/// Finds two stops in a row, with the word before them: the end of a sentence after an abbreviation or initials. More of
/// them lead to a page number, or leave something out; in a path they stand behind no letter.
pub fn doubled_stop(text: &str) -> Option<&str> {
    let is_lone = |at: &usize| {
        let (before, after) = text.split_at(*at);
        before.ends_with(char::is_alphanumeric) && after.chars().take_while(|c| *c == '.').count() == 2
    };
    let at = text.match_indices("..").map(|(at, _)| at).find(is_lone)?;
    let (before, after) = text.split_at(at);
    let begin = before.rfind(char::is_whitespace).map_or(0, |blank| blank + 1);
    let end = before.len() + after.chars().take(2).map(char::len_utf8).sum::<usize>();
    text.get(begin..end).map(str::trim_start)
}

/// Makes the first letter lower case, unless the word is an abbreviation (ШНОР).
pub fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return String::new() };
    if chars.clone().next().is_some_and(char::is_uppercase) {
        return text.to_owned();
    }
    first.to_lowercase().chain(chars).collect()
}

/// Shortens a given name or patronymic to its initial: «Анна» is «А.».
pub fn initial(name: &str) -> String {
    name.chars().next().map_or_else(String::new, |first| format!("{first}."))
}

/// The names nearest to a text, at most so many: those that begin so first, for "did you mean".
pub fn nearest<'n>(text: &str, names: impl Iterator<Item = &'n str>, most: usize) -> Vec<&'n str> {
    let wanted = fold(text);
    let mut near: Vec<(bool, usize, &str)> = names
        .map(|known| {
            let folded = fold(known);
            (!folded.starts_with(&wanted), distance(&folded, &wanted), known)
        })
        .collect();
    near.sort_unstable();
    near.into_iter().take(most).map(|(_, _, known)| known).collect()
}

/// The distance of two words in single edits, for "did you mean".
pub fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, c) in left.chars().enumerate() {
        let mut diagonal = index;
        let mut previous = index + 1;
        let mut next_row = vec![previous];
        for (column, other) in right.iter().enumerate() {
            let above = row.get(column + 1).copied().unwrap_or(0);
            previous = (above + 1).min(previous + 1).min(diagonal + usize::from(c != *other));
            diagonal = above;
            next_row.push(previous);
        }
        row = next_row;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_makes_a_rating_of_vpr_is_known() {
        assert!(rates_by_vpr("По итогам ВПР составляется рейтинг школ."));
        assert!(rates_by_vpr("Школа работает. Всероссийские проверочные работы – это оценка работы учителя"));
        assert!(!rates_by_vpr("Результаты ВПР не используются для рейтинга школ."));
        assert!(!rates_by_vpr("Рейтинг заявок. ВПР пройдены."));
    }

    #[test]
    fn quotes_within_a_title_are_of_the_second_kind() {
        assert_eq!(quoted("Об образовании"), "«Об образовании»");
        assert_eq!(prose("\"О программе „Развитие“\" и “иное”"), "«О программе „Развитие“» и «иное»");
        assert_eq!(
            quoted("Об утверждении программы «Развитие образования»"),
            "«Об утверждении программы „Развитие образования“»"
        );
    }

    #[test]
    fn names_of_persons_are_told_from_values() {
        for person in ["Секретов Тайнослав", "Секретов Т.А.", "Т. А. Секретова", "Секретов-Потайной Тайнослав Ильич"]
        {
            assert!(looks_like_person(person), "{person}");
        }
        for value in ["первый", "Первый", "29,5 чел.", "СОШ № 5", "МБОУ СОШ", "не проводилась", "И.О.", ""]
        {
            assert!(!looks_like_person(value), "{value}");
        }
    }

    #[test]
    fn prose_takes_the_typography_of_a_document() {
        for (given, wanted) in [
            ("приказ \"О мерах\" N° 5", "приказ «О\u{a0}мерах» №\u{a0}5"),
            ("МБОУ «ООШ №3»", "МБОУ\u{a0}«ООШ №\u{a0}3»"),
            ("2022 - 2024 годы", "2022–2024\u{a0}годы"),
            ("школа - лидер", "школа\u{a0}— лидер"),
            ("школы-лидеры", "школы-лидеры"),
            ("далее – ШНОР", "далее\u{a0}— ШНОР"),
            ("1 – да", "1\u{a0}— да"),
            ("доля 29% школ", "доля 29\u{a0}% школ"),
            ("г. Мариинск", "г.\u{a0}Мариинск"),
            ("подписал А.И. Примерова", "подписал А.И.\u{a0}Примерова"),
            ("от 04.09.2020 № 883", "от\u{a0}04.09.2020 №\u{a0}883"),
            ("2021 - 2022", "2021–2022"),
            ("28 июля 2021 г.", "28\u{a0}июля\u{a0}2021\u{a0}г."),
        ] {
            let given_back = prose(given).replace("О\u{a0}мерах", "О мерах");
            assert_eq!(given_back, wanted.replace("О\u{a0}мерах", "О мерах"), "{given}");
            assert_eq!(prose(&prose(given)), prose(given), "{given}");
        }
    }

    #[test]
    fn numbers_agree_with_nouns() {
        let school = Plural { one: "школа".into(), few: "школы".into(), many: "школ".into() };
        let form = |n: i64| school.after(&Measure::from(n)).to_owned();
        assert_eq!(
            [1, 21, 2, 24, 5, 11, 14, 111, 0].map(form),
            ["школа", "школа", "школы", "школы", "школ", "школ", "школ", "школ", "школ"]
        );
    }

    #[test]
    fn dates_are_checked_and_printed() {
        assert_eq!(Date::parse("31.02.2020"), None);
        assert_eq!(Date::parse("4.9.2020 г.").map(Date::long), Some("4\u{a0}сентября\u{a0}2020\u{a0}г.".into()));
        assert_eq!(Date::parse("2020-09-04").map(Date::short), Some("04.09.2020".into()));
    }

    #[test]
    fn thousands_are_grouped_from_five_digits() {
        let rounding = Rounding { mode: RoundingMode::HalfUp, digits: 1 };
        assert_eq!(number(&Measure::from(1234_i64), rounding, true), "1234,0");
        assert_eq!(number(&Measure::from(12345_i64), rounding, true), "12\u{a0}345,0");
        assert_eq!(number(&Measure::ratio(-1, 1000).unwrap_or_default(), rounding, true), "0,0");
    }
}
