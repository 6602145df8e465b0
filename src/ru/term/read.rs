//! Signs and words of a term, and what is read of them in turn: points of time and cycles.
//! In: a text. Out: tokens; points, cycles and words off their front. It must never know how the parts join.

use super::Cycle;
use super::point::{Point, Unit, day_of, part_of};
use crate::ru::is_dash;

/// A sign or word of a term.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Token {
    /// A number and how many digits it was written with.
    Number(u16, usize),
    /// A word, lower case, with ё folded.
    Word(String),
    Dash,
    Slash,
    /// A point between digits.
    Point,
    /// What joins parts of a group.
    Comma,
    Semicolon,
}

/// Endings of ordinals after a hyphen: «1-й», «15-го».
const ORDINAL_ENDINGS: [&str; 12] = ["й", "ый", "ий", "ой", "го", "ого", "е", "ое", "м", "ом", "я", "ая"];
/// Words that say nothing of their own here, by their beginnings.
const FILLERS: [&str; 8] =
    ["далее", "затем", "начиная", "включительно", "ориентировочно", "календарн", "текущ", "конец"];
/// Forms of «конец» with another stem.
const END: &str = "конц";
/// Numbers in words, by their beginnings: a word must have one of the endings.
const NUMERALS: [(&str, &[&str], u16); 9] = [
    ("перв", &["ый", "ого", "ом", "ое", "ая", "ой", "ую"], 1),
    ("втор", &["ой", "ого", "ом", "ое", "ая", "ую"], 2),
    ("трет", &["ий", "ьего", "ьем", "ье", "ья", "ьей", "ью"], 3),
    ("четверт", &["ый", "ого", "ом", "ое", "ая", "ой", "ую"], 4),
    ("один", &[""], 1),
    ("одн", &["ого", "а", "у", "ой"], 1),
    ("дв", &["а", "е", "ух"], 2),
    ("тр", &["и", "ех"], 3),
    ("четыр", &["е", "ех"], 4),
];
/// Roman numbers, lower case.
const ROMAN: [(&str, u16); 8] = [("i", 1), ("ii", 2), ("iii", 3), ("iv", 4), ("ⅰ", 1), ("ⅱ", 2), ("ⅲ", 3), ("ⅳ", 4)];

/// Splits a text; `None` for a sign that no term has.
pub(super) fn lex(text: &str) -> Option<Vec<Token>> {
    let lower = text.to_lowercase().replace('ё', "е");
    let chars: Vec<char> = lower.chars().collect();
    let at = |index: usize| chars.get(index).copied().unwrap_or(' ');
    let run = |from: usize, fits: fn(char) -> bool| -> String {
        chars.iter().skip(from).copied().take_while(|c| fits(*c)).collect()
    };
    let is_digit = |c: char| c.is_ascii_digit();
    let mut tokens = Vec::new();
    let mut index = 0;
    while index < chars.len() {
        let c = at(index);
        let mut length = 1;
        match c {
            c if c.is_whitespace() => {}
            '0'..='9' => {
                let digits = run(index, |c| c.is_ascii_digit());
                length = digits.len();
                tokens.push(Token::Number(digits.parse().ok().filter(|_| length <= 4)?, length));
                if is_dash(at(index + length)) {
                    let ending = run(index + length + 1, char::is_alphabetic);
                    if ORDINAL_ENDINGS.contains(&ending.as_str()) {
                        length += 1 + ending.chars().count();
                    }
                }
            }
            '.' if index > 0 && is_digit(at(index - 1)) && is_digit(at(index + 1)) => tokens.push(Token::Point),
            '.' => {}
            '/' => tokens.push(Token::Slash),
            ',' | '(' | ')' | '\n' => tokens.push(Token::Comma),
            ';' => tokens.push(Token::Semicolon),
            c if is_dash(c) => tokens.push(Token::Dash),
            c if c.is_alphabetic() || c.is_numeric() => {
                let word = run(index, |c| c.is_alphabetic() || (c.is_numeric() && !c.is_ascii_digit()));
                length = word.chars().count();
                tokens.extend(token(word));
            }
            _ => return None,
        }
        index += length;
    }
    Some(tokens)
}

/// Makes a token of a word; `None` for one that says nothing.
fn token(word: String) -> Option<Token> {
    if word == "и" {
        return Some(Token::Comma);
    }
    if FILLERS.iter().any(|filler| word.starts_with(filler)) || word.starts_with(END) {
        return None;
    }
    let roman = ROMAN.iter().find(|(roman, _)| *roman == word).map(|(_, value)| *value);
    let named = NUMERALS
        .iter()
        .find(|(stem, endings, _)| word.strip_prefix(stem).is_some_and(|ending| endings.contains(&ending)));
    match roman.or(named.map(|(_, _, value)| *value)) {
        Some(value) => Some(Token::Number(value, 1)),
        None => Some(Token::Word(word)),
    }
}

/// Forms of the months by their beginnings and endings.
const MONTHS: [(&str, &[&str]); 12] = [
    ("январ", &["ь", "я", "е", "ю"]),
    ("феврал", &["ь", "я", "е", "ю"]),
    ("март", &["", "а", "е", "у"]),
    ("апрел", &["ь", "я", "е", "ю"]),
    ("ма", &["й", "я", "е", "ю"]),
    ("июн", &["ь", "я", "е", "ю"]),
    ("июл", &["ь", "я", "е", "ю"]),
    ("август", &["", "а", "е", "у"]),
    ("сентябр", &["ь", "я", "е", "ю"]),
    ("октябр", &["ь", "я", "е", "ю"]),
    ("ноябр", &["ь", "я", "е", "ю"]),
    ("декабр", &["ь", "я", "е", "ю"]),
];

/// Returns the month that a word names.
pub(super) fn month(word: &str) -> Option<u8> {
    let is_month =
        |(stem, endings): &(&str, &[&str])| word.strip_prefix(stem).is_some_and(|ending| endings.contains(&ending));
    u8::try_from(MONTHS.iter().position(is_month)? + 1).ok()
}

/// The tokens that are left to read.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) tokens: &'a [Token],
}

impl<'a> Cursor<'a> {
    pub(super) fn next(&mut self) -> Option<&'a Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    pub(super) fn peek_word(&self) -> Option<&'a str> {
        if let Some(Token::Word(word)) = self.tokens.first() { Some(word) } else { None }
    }

    fn take_word(&mut self, fits: impl Fn(&str) -> bool) -> bool {
        let is_fit = self.peek_word().is_some_and(fits);
        if is_fit {
            self.next();
        }
        is_fit
    }

    /// Takes one of the words.
    pub(super) fn word(&mut self, words: &[&str]) -> bool {
        self.take_word(|word| words.contains(&word))
    }

    /// Takes a word that begins so.
    pub(super) fn stem(&mut self, stem: &str) -> bool {
        self.take_word(|word| word.starts_with(stem))
    }

    pub(super) fn sign(&mut self, sign: &Token) -> bool {
        let is_there = self.tokens.first() == Some(sign);
        if is_there {
            self.next();
        }
        is_there
    }

    /// Takes a number of at most so many digits.
    pub(super) fn number(&mut self, digits: usize) -> Option<u16> {
        match self.tokens.first() {
            Some(Token::Number(number, length)) if *length <= digits => {
                self.next();
                Some(*number)
            }
            _ => None,
        }
    }

    pub(super) fn is_year(&self) -> bool {
        matches!(self.tokens.first(), Some(Token::Number(1900..=2200, 4)))
    }

    /// Takes a year and the word after it, if there is one.
    fn year(&mut self) -> Option<i32> {
        let year = self.is_year().then(|| self.number(4)).flatten()?;
        self.year_word();
        Some(year.into())
    }

    fn year_word(&mut self) -> bool {
        self.take_word(|word| {
            matches!(word, "г" | "гг" | "год" | "года" | "году" | "годом" | "годы" | "годов" | "годах")
        })
    }

    /// Takes «учебный год», «уч. г.».
    fn school_word(&mut self) -> bool {
        let before = *self;
        let is_there = self.take_word(|word| word == "уч" || word.starts_with("учебн")) && self.year_word();
        if !is_there {
            *self = before;
        }
        is_there
    }

    /// Takes «2022/2023», «2022/23 уч. год», «2022–2025 учебные годы»: the year of the beginning and how many they are.
    fn school(&mut self) -> Option<(i32, i32)> {
        let before = *self;
        let found = self.school_years();
        if found.is_none() {
            *self = before;
        }
        found
    }

    fn school_years(&mut self) -> Option<(i32, i32)> {
        let from = i32::from(self.is_year().then(|| self.number(4)).flatten()?);
        let is_slash = self.sign(&Token::Slash);
        (is_slash || self.sign(&Token::Dash)).then_some(())?;
        let to = match self.next()? {
            Token::Number(to, 4) => i32::from(*to),
            Token::Number(to, 2) => from - from % 100 + i32::from(*to),
            _ => return None,
        };
        let is_said = self.school_word();
        (is_said || (is_slash && to == from + 1)).then_some((from, to - from))
    }

    /// Takes the unit of a repetition.
    pub(super) fn cycle(&mut self) -> Option<Cycle> {
        if self.school_word() {
            return Some(Cycle::SchoolYear);
        }
        self.stem("учебн");
        let Token::Word(word) = self.next()? else { return None };
        Some(match word.as_str() {
            "год" | "года" | "лет" => Cycle::Year,
            "полгода" | "полугодие" | "полугодия" => Cycle::HalfYear,
            "квартал" | "квартала" | "кв" => Cycle::Quarter,
            "триместр" | "триместра" => Cycle::Trimester,
            "четверть" | "четверти" => Cycle::SchoolQuarter,
            "месяц" | "месяца" | "месяцев" | "мес" => Cycle::Month,
            "неделю" | "недели" | "недель" => Cycle::Week,
            "день" | "дня" | "дней" => Cycle::Day,
            _ => return None,
        })
    }

    /// Takes the year that belongs to a part of a year.
    fn with_year(&mut self, unit: Unit) -> Point {
        let year = match self.school() {
            Some((from, 1)) => match unit {
                Unit::Half(half) => return Point { unit: Unit::SchoolHalf(half), year: Some(from) },
                _ => Some(if (Point { unit, year: None }).first_day().month >= 9 { from } else { from + 1 }),
            },
            Some((from, years)) => return Point { unit: Unit::School(years), year: Some(from) },
            None => self.year(),
        };
        if year.is_none() && self.school_word() {
            return match unit {
                Unit::Half(half) => Point { unit: Unit::SchoolHalf(half), year },
                _ => Point { unit, year },
            };
        }
        if year.is_none() {
            self.year_word();
        }
        Point { unit, year }
    }

    /// Takes a point.
    pub(super) fn point(&mut self) -> Option<Point> {
        if let Some((from, years)) = self.school() {
            return Some(Point { unit: Unit::School(years), year: Some(from) });
        }
        if let Some(date) = self.date() {
            return Some(date);
        }
        if let Some(year) = self.year() {
            return Some(Point { unit: Unit::Year, year: Some(year) });
        }
        if let Some(number) = self.number(2) {
            let number = u8::try_from(number).ok()?;
            if let Some(month) = self.peek_word().and_then(month) {
                self.next();
                let unit = day_of(month, number)?;
                return Some(self.with_year(unit));
            }
            if self.take_word(|word| word == "кв" || word.starts_with("квартал")) {
                let unit = Unit::Quarter(part_of(number, 4)?);
                return Some(self.with_year(unit));
            }
            if self.stem("полугоди") {
                let unit = Unit::Half(part_of(number, 2)?);
                return Some(self.with_year(unit));
            }
            return Some(Point { unit: Unit::Bare(number), year: None });
        }
        if self.school_word() {
            return Some(Point { unit: Unit::School(1), year: None });
        }
        if self.year_word() {
            return Some(Point { unit: Unit::Year, year: None });
        }
        let month = self.peek_word().and_then(month)?;
        self.next();
        Some(self.with_year(Unit::Month(month)))
    }

    /// Takes «15.09.2022», «15.09», «09.2022», «2022-09-15».
    fn date(&mut self) -> Option<Point> {
        let of = |day: u16, month: u16| -> Option<Unit> { day_of(u8::try_from(month).ok()?, u8::try_from(day).ok()?) };
        let (unit, year, length) = match self.tokens {
            [
                Token::Number(day, 1 | 2),
                Token::Point,
                Token::Number(month, 1 | 2),
                Token::Point,
                Token::Number(year, 4),
                ..,
            ] => (of(*day, *month)?, Some(*year), 5),
            [Token::Number(year, 4), Token::Dash, Token::Number(month, 2), Token::Dash, Token::Number(day, 2), ..] => {
                (of(*day, *month)?, Some(*year), 5)
            }
            [Token::Number(month, 1 | 2), Token::Point, Token::Number(year, 4), ..] => {
                (Unit::Month(part_of(u8::try_from(*month).ok()?, 12)?), Some(*year), 3)
            }
            [Token::Number(day, 1 | 2), Token::Point, Token::Number(month, 1 | 2), ..] => (of(*day, *month)?, None, 3),
            _ => return None,
        };
        self.tokens = self.tokens.get(length..).unwrap_or_default();
        self.year_word();
        Some(Point { unit, year: year.map(i32::from) })
    }
}
