//! Terms (сроки) as people write them: «Сентябрь-октябрь 2019», «ежегодно до 1 октября», «1 раз в квартал».
//! In: a text. Out: what it says in days of the calendar, or nothing when any part of it is not understood.
//! It must never change the text: documents print it as written.
//!
//! A text is groups joined by «;», a group is parts joined by «,», «и» or brackets, and what a group says of repeating
//! holds for all its parts. A month takes the year of its neighbour in the group: «июль, август 2022».

use serde::{Deserialize, Serialize};

use super::{Date, clean};

/// When something is to be done: all its parts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Term {
    /// The parts in the order of the text; never empty.
    pub parts: Vec<TermPart>,
}

/// A part of a term.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TermPart {
    /// The days.
    pub span: Span,
    /// How often within them; `None` for once.
    pub repeat: Option<Repeat>,
}

/// Days of the calendar, first and last included. «До» and «по» name the last day; a month, quarter or year stands for
/// all its days, also where a text says «начало» or «конец».
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Span {
    /// All the time: «постоянно», «в течение всего периода»; with a repetition, all that is said.
    Always,
    /// No days of its own: «по мере необходимости», «по отдельному графику».
    Unplaced,
    /// Days of named years. A school year runs from 1 September to 31 August, its second half from 1 January.
    Days {
        /// The first day; `None` where only the last is given.
        from: Option<Date>,
        /// The last day; `None` where only the first is given. It may stand before the first: so it was written.
        to: Option<Date>,
    },
    /// Days of whichever year: «август», «сентябрь – май» (the last lies in the next year when it is before the first).
    Season {
        /// The first day; `None` where only the last is given.
        from: Option<MonthDay>,
        /// The last day; `None` where only the first is given. February ends on the 29th.
        to: Option<MonthDay>,
    },
}

/// A day without a year.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct MonthDay {
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month.
    pub day: u8,
}

/// A repetition: so many times in so many cycles. «Раз в два года» is once in two years.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Repeat {
    /// How many times.
    pub times: u16,
    /// In how many cycles.
    pub every: u16,
    /// The cycle.
    pub cycle: Cycle,
}

/// What a repetition counts by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cycle {
    /// A day.
    Day,
    /// A week.
    Week,
    /// A month.
    Month,
    /// A quarter of a school year (четверть).
    SchoolQuarter,
    /// A third of a school year (триместр).
    Trimester,
    /// A quarter of a year (квартал).
    Quarter,
    /// Half a year.
    HalfYear,
    /// A school year.
    SchoolYear,
    /// A year.
    Year,
}

/// Longest text that is read, signs: a term is a line, not a page.
const MAX_LENGTH: usize = 300;
/// Once a year.
const YEARLY: Repeat = Repeat { times: 1, every: 1, cycle: Cycle::Year };

impl Term {
    /// Reads a term; `None` when any part of the text is not understood.
    pub fn parse(text: &str) -> Option<Self> {
        let text = clean(text);
        (text.chars().count() <= MAX_LENGTH).then_some(())?;
        let tokens = lex(&text)?;
        let mut parts = Vec::new();
        for group in tokens.split(|token| *token == Token::Semicolon).filter(|group| !group.is_empty()) {
            parts.extend(group_parts(group)?);
        }
        (!parts.is_empty()).then_some(Self { parts })
    }

    /// Returns the first span that ends before it begins.
    pub fn reversed(&self) -> Option<Span> {
        self.parts.iter().map(|part| part.span).find(Span::is_reversed)
    }

    /// Returns the first span with a day of a year before the first or after the last one.
    pub fn outside(&self, first: i32, last: i32) -> Option<Span> {
        let is_outside = |date: Date| date.year < first || date.year > last;
        self.parts.iter().map(|part| part.span).find(|span| match span {
            Span::Days { from, to } => from.is_some_and(is_outside) || to.is_some_and(is_outside),
            Span::Always | Span::Unplaced | Span::Season { .. } => false,
        })
    }
}

impl Span {
    /// Tells whether the last day stands before the first; a season does so only within one month.
    pub fn is_reversed(&self) -> bool {
        match self {
            Self::Days { from: Some(from), to: Some(to) } => to < from,
            Self::Season { from: Some(from), to: Some(to) } => to < from && to.month == from.month,
            _ => false,
        }
    }

    /// Prints the days: «01.09.2019–31.10.2019», «до 15.09.2022», «01.09–31.05»; nothing for a span without days.
    pub fn text(&self) -> String {
        let (from, to) = match self {
            Self::Always | Self::Unplaced => (None, None),
            Self::Days { from, to } => (from.map(Date::short), to.map(Date::short)),
            Self::Season { from, to } => {
                let text = |day: MonthDay| format!("{:02}.{:02}", day.day, day.month);
                (from.map(text), to.map(text))
            }
        };
        match (from, to) {
            (Some(from), Some(to)) if from == to => from,
            (Some(from), Some(to)) => format!("{from}–{to}"),
            (Some(from), None) => format!("с {from}"),
            (None, Some(to)) => format!("до {to}"),
            (None, None) => String::new(),
        }
    }
}

/// A sign or word of a term.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Token {
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
fn lex(text: &str) -> Option<Vec<Token>> {
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
                if super::is_dash(at(index + length)) {
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
            c if super::is_dash(c) => tokens.push(Token::Dash),
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

/// Reads the parts of a group.
fn group_parts(group: &[Token]) -> Option<Vec<TermPart>> {
    let (mut common, mut raws) = (Vec::new(), Vec::new());
    for part in group.split(|token| *token == Token::Comma).filter(|part| !part.is_empty()) {
        let mut repeats = Vec::new();
        let rest = take_repeats(part, &mut repeats)?;
        // «Ежегодно раз в квартал» is each quarter of each year.
        if repeats.len() > 1 {
            repeats.retain(|repeat| *repeat != YEARLY);
        }
        match (rest.is_empty(), repeats.as_slice()) {
            (true, repeats) => common.extend_from_slice(repeats),
            (false, []) => raws.push((raw(&rest)?, None)),
            (false, [repeat]) => raws.push((raw(&rest)?, Some(*repeat))),
            // Which of them holds for the days?
            (false, _) => return None,
        }
    }
    let is_free = |(_, repeat): &(Raw, Option<Repeat>)| repeat.is_none();
    let has_free = raws.iter().any(is_free);
    if common.iter().any(|repeat| *repeat != YEARLY) || !(raws.is_empty() || has_free) {
        common.retain(|repeat| *repeat != YEARLY);
    }
    common.dedup();
    if !has_free {
        let always = common.iter().map(|repeat| TermPart { span: Span::Always, repeat: Some(*repeat) });
        let mut parts = parts(raws)?;
        parts.extend(always);
        return Some(parts);
    }
    // What stands alone holds for all days without a repetition of their own, else what stands with others of them.
    let mut said = if common.is_empty() { raws.iter().filter_map(|(_, repeat)| *repeat).collect() } else { common };
    said.dedup();
    let repeat = match said.as_slice() {
        [] => None,
        [repeat] => Some(*repeat),
        _ => return None,
    };
    parts(raws.into_iter().map(|(raw, own)| (raw, own.or(repeat))).collect())
}

/// Adverbs of repetition by their beginnings.
const ADVERBS: [(&str, Cycle); 5] = [
    ("ежедневн", Cycle::Day),
    ("еженедельн", Cycle::Week),
    ("ежемесячн", Cycle::Month),
    ("ежеквартальн", Cycle::Quarter),
    ("ежегодн", Cycle::Year),
];

/// Takes what a part says of repeating; returns the rest. `None` when a repetition is begun and not understood.
fn take_repeats(part: &[Token], repeats: &mut Vec<Repeat>) -> Option<Vec<Token>> {
    let mut rest: Vec<Token> = Vec::new();
    let mut cursor = Cursor { tokens: part };
    while let Some(token) = cursor.next() {
        let Token::Word(word) = token else {
            rest.push(token.clone());
            continue;
        };
        if let Some((_, cycle)) = ADVERBS.iter().find(|(stem, _)| word.starts_with(stem)) {
            repeats.push(Repeat { times: 1, every: 1, cycle: *cycle });
        } else if word.starts_with("кажд") {
            if cursor.peek_word().is_some_and(|word| month(word).is_some()) {
                repeats.push(YEARLY);
                continue;
            }
            let every = cursor.number(2).unwrap_or(1);
            repeats.push(Repeat { times: 1, every, cycle: cursor.cycle()? });
        } else if let Some(times) = times(word, &mut rest) {
            for words in [["не", "реже"], ["не", "менее"], ["не", "чаще"]] {
                let is_said = rest.iter().rev().zip(words.iter().rev()).all(|(token, word)| is_word(token, word));
                if rest.len() >= 2 && is_said {
                    rest.truncate(rest.len() - 2);
                }
            }
            let after = cursor;
            cursor.word(&["в", "за"]).then_some(())?;
            // «2 раза в 2022 году»: the year is the span.
            if cursor.is_year() {
                cursor = after;
                repeats.push(Repeat { times, ..YEARLY });
                continue;
            }
            let every = cursor.number(2).unwrap_or(1);
            repeats.push(Repeat { times, every, cycle: cursor.cycle()? });
        } else {
            rest.push(token.clone());
        }
    }
    let is_sound = repeats.iter().all(|repeat| repeat.times > 0 && repeat.every > 0);
    is_sound.then_some(rest)
}

/// Reads «раз» with the number before it, «дважды», «трижды».
fn times(word: &str, rest: &mut Vec<Token>) -> Option<u16> {
    match word {
        "дважды" => Some(2),
        "трижды" => Some(3),
        "раз" | "раза" => match rest.last() {
            Some(Token::Number(number, 1 | 2)) => {
                let number = *number;
                rest.pop();
                Some(number)
            }
            _ => Some(1),
        },
        _ => None,
    }
}

fn is_word(token: &Token, wanted: &str) -> bool {
    matches!(token, Token::Word(word) if word == wanted)
}

/// What a point of a term names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Unit {
    Day(MonthDay),
    Month(u8),
    Quarter(u8),
    Half(u8),
    /// A half of a school year.
    SchoolHalf(u8),
    /// So many school years.
    School(i32),
    Year,
    /// A number whose unit stands after its neighbour: «1–15 сентября», «I и III квартал».
    Bare(u8),
}

/// A point of a term; the year is the one in which a school year begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Point {
    unit: Unit,
    year: Option<i32>,
}

/// A part before its years are known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Raw {
    Always,
    Unplaced,
    One(Point),
    Range(Point, Point),
    Until(Point),
    Since(Point),
}

/// Last days of months; February has its leap day.
const LAST_DAYS: [u8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

impl Point {
    /// Its first and last month, each with the years between it and the year of the point.
    fn months(&self) -> ((u8, i32), (u8, i32)) {
        match self.unit {
            Unit::Day(day) => ((day.month, 0), (day.month, 0)),
            Unit::Month(month) => ((month, 0), (month, 0)),
            Unit::Quarter(quarter) => ((quarter * 3 - 2, 0), (quarter * 3, 0)),
            Unit::Half(half) => ((half * 6 - 5, 0), (half * 6, 0)),
            Unit::SchoolHalf(1) => ((9, 0), (12, 0)),
            Unit::SchoolHalf(_) => ((1, 1), (8, 1)),
            Unit::School(years) => ((9, 0), (8, years)),
            Unit::Year | Unit::Bare(_) => ((1, 0), (12, 0)),
        }
    }

    fn first_day(&self) -> MonthDay {
        if let Unit::Day(day) = self.unit { day } else { MonthDay { month: self.months().0.0, day: 1 } }
    }

    fn last_day(&self) -> MonthDay {
        let month = self.months().1.0;
        let last = LAST_DAYS.get(usize::from(month) - 1).copied().unwrap_or(31);
        if let Unit::Day(day) = self.unit { day } else { MonthDay { month, day: last } }
    }

    /// Its first date; `None` without a year, or where the calendar has no such day.
    fn first(&self) -> Option<Date> {
        let MonthDay { month, day } = self.first_day();
        Date::new(self.year? + self.months().0.1, month, day)
    }

    /// Its last date, as [`Self::first`].
    fn last(&self) -> Option<Date> {
        let MonthDay { month, day } = self.last_day();
        let year = self.year? + self.months().1.1;
        let is_end_of_february = (month, day) == (2, 29) && !matches!(self.unit, Unit::Day(_));
        Date::new(year, month, day).or_else(|| Date::new(year, month, 28).filter(|_| is_end_of_february))
    }

    /// Tells a point that a neighbour may give its year.
    fn is_part_of_year(&self) -> bool {
        matches!(self.unit, Unit::Day(_) | Unit::Month(_) | Unit::Quarter(_) | Unit::Half(_))
    }

    /// Takes the unit of the point after it. Days of one month are days of one year, too.
    fn take_unit(&mut self, next: &Self) -> Option<()> {
        let Unit::Bare(number) = self.unit else { return Some(()) };
        *self = match next.unit {
            Unit::Day(day) => Self { unit: day_of(day.month, number)?, year: next.year },
            Unit::Quarter(_) => Self { unit: part_of(number, 4).map(Unit::Quarter)?, year: None },
            Unit::Half(_) => Self { unit: part_of(number, 2).map(Unit::Half)?, year: next.year },
            Unit::SchoolHalf(_) => Self { unit: part_of(number, 2).map(Unit::SchoolHalf)?, year: next.year },
            _ => return None,
        };
        Some(())
    }

    /// Takes the year of the point after it: the same, or the one before when it stands later in the year.
    fn take_year_of_next(&mut self, next: &Self) {
        let is_fit = self.is_part_of_year() && next.is_part_of_year();
        if let (None, Some(year), true) = (self.year, next.year, is_fit) {
            self.year = Some(if self.first_day() > next.first_day() { year - 1 } else { year });
        }
    }

    /// Takes the year of the point before it: the same, or the next when it stands earlier in the year.
    fn take_year_of_previous(&mut self, previous: &Self) {
        let is_fit = self.is_part_of_year() && previous.is_part_of_year();
        if let (None, Some(year), true) = (self.year, previous.year, is_fit) {
            self.year = Some(if self.last_day() < previous.first_day() { year + 1 } else { year });
        }
    }
}

impl Raw {
    fn ends(&mut self) -> Option<(&mut Point, Option<&mut Point>)> {
        match self {
            Self::Always | Self::Unplaced => None,
            Self::One(point) | Self::Until(point) | Self::Since(point) => Some((point, None)),
            Self::Range(first, last) => Some((first, Some(last))),
        }
    }

    fn first(mut self) -> Option<Point> {
        self.ends().map(|(first, _)| *first)
    }

    fn last(mut self) -> Option<Point> {
        self.ends().map(|(first, last)| last.map_or(*first, |last| *last))
    }

    /// Fills years from one end to the other.
    fn fill(&mut self) -> Option<()> {
        if let Some((first, Some(last))) = self.ends() {
            first.take_unit(last)?;
            first.take_year_of_next(last);
            last.take_year_of_previous(first);
        }
        Some(())
    }
}

fn day_of(month: u8, day: u8) -> Option<Unit> {
    // A leap year has every day.
    Date::new(2000, month, day).map(|_| Unit::Day(MonthDay { month, day }))
}

fn part_of(number: u8, parts: u8) -> Option<u8> {
    (1..=parts).contains(&number).then_some(number)
}

/// Gives the parts of a group their units and years, and makes days of them.
fn parts(mut raws: Vec<(Raw, Option<Repeat>)>) -> Option<Vec<TermPart>> {
    let (mut next, mut year_of_all): (Option<Point>, Option<i32>) = (None, None);
    let mut filled = Vec::new();
    while let Some((mut raw, repeat)) = raws.pop() {
        if let Some((first, last)) = raw.ends() {
            let end = last.unwrap_or(first);
            if let Some(next) = &next {
                end.take_unit(next)?;
                end.take_year_of_next(next);
            }
            if let (None, Some(year), true) = (end.year, year_of_all.take(), end.is_part_of_year()) {
                end.year = Some(year);
            }
        }
        raw.fill()?;
        // «Август, сентябрь, 2022 год»: the year belongs to the months.
        let lacks_year = |raw: &Raw| raw.last().is_some_and(|end| end.year.is_none() && end.is_part_of_year());
        if let Raw::One(Point { unit: Unit::Year, year: Some(year) }) = raw
            && raws.last().is_some_and(|(raw, _)| lacks_year(raw))
        {
            (year_of_all, next) = (Some(year), None);
            continue;
        }
        next = raw.first();
        filled.push((raw, repeat));
    }
    let mut previous: Option<Point> = None;
    let mut parts = Vec::new();
    for (mut raw, repeat) in filled.into_iter().rev() {
        if let (Some((first, _)), Some(previous)) = (raw.ends(), previous) {
            first.take_year_of_previous(&previous);
        }
        raw.fill()?;
        previous = raw.last();
        parts.extend(spans(raw)?.into_iter().map(|span| TermPart { span, repeat }));
    }
    Some(parts)
}

/// Makes spans of a part; only a part of a year with several years gives more than one.
fn spans(raw: Raw) -> Option<Vec<Span>> {
    if [raw.first(), raw.last()].iter().flatten().any(|point| matches!(point.unit, Unit::Bare(_))) {
        return None;
    }
    let span = match raw {
        Raw::Always => Span::Always,
        Raw::Unplaced => Span::Unplaced,
        Raw::One(point) => span(Some(point), Some(point))?,
        Raw::Until(point) => span(None, Some(point))?,
        Raw::Since(point) => span(Some(point), None)?,
        // «Август 2022–2024 годов» is August of each.
        Raw::Range(first @ Point { year: Some(from), .. }, Point { unit: Unit::Year, year: Some(to) })
            if first.is_part_of_year() && from <= to =>
        {
            let of_year = |year| Some(Point { year: Some(year), ..first });
            return (from..=to).map(|year| span(of_year(year), of_year(year))).collect();
        }
        Raw::Range(first, last) => span(Some(first), Some(last))?,
    };
    Some(vec![span])
}

/// Makes a span of its ends; `None` when only one of them has a year, or the calendar has no such day.
fn span(from: Option<Point>, to: Option<Point>) -> Option<Span> {
    let years: Vec<Option<i32>> = [from, to].into_iter().flatten().map(|point| point.year).collect();
    if years.iter().all(Option::is_none) {
        return Some(Span::Season { from: from.map(|from| from.first_day()), to: to.map(|to| to.last_day()) });
    }
    let from = from.map(|from| from.first().ok_or(())).transpose().ok()?;
    let to = to.map(|to| to.last().ok_or(())).transpose().ok()?;
    Some(Span::Days { from, to })
}

/// Words of «в течение всего периода реализации программы», and the beginnings of others.
const PERIOD: [&str; 9] = ["в", "за", "на", "течение", "течении", "протяжении", "весь", "всего", "всей"];
/// Beginnings of further words of it.
const PERIOD_STEMS: [&str; 11] =
    ["период", "срок", "реализаци", "действи", "концепци", "программ", "проект", "модел", "план", "дорожн", "карт"];
/// Words for all the time.
const ALWAYS: [&str; 4] = ["постоянн", "регулярн", "систематическ", "непрерывн"];
/// What a term may depend on, by the beginnings of words.
const OCCASIONS: [&str; 6] = ["необходимост", "запрос", "заявк", "обращени", "план", "график"];

/// Reads a part without its repetitions.
fn raw(tokens: &[Token]) -> Option<Raw> {
    let words = || tokens.iter().map(|token| if let Token::Word(word) = token { word.as_str() } else { "" });
    let begins = |word: &str, stems: &[&str]| stems.iter().any(|stem| word.starts_with(stem));
    let has = |stems: &[&str]| words().any(|word| begins(word, stems));
    let is_of_period = |word: &str| PERIOD.contains(&word) || begins(word, &PERIOD_STEMS);
    let is_named = has(&["период", "реализаци"]) || (has(&["срок"]) && has(&["весь", "всего", "действи"]));
    if (is_named && words().all(is_of_period)) || (tokens.len() == 1 && has(&ALWAYS)) {
        return Some(Raw::Always);
    }
    let is_plain = tokens.iter().all(|token| matches!(token, Token::Word(_) | Token::Dash));
    let is_conditional = words().next().is_some_and(|word| matches!(word, "по" | "согласно"));
    if is_plain && is_conditional && has(&OCCASIONS) {
        return Some(Raw::Unplaced);
    }
    let mut cursor = Cursor { tokens };
    let is_late = cursor.word(&["не"]) && cursor.word(&["позднее", "позже"]);
    if cursor.word(&["в", "во", "на", "за"]) {
        cursor.word(&["течение", "течении", "протяжении", "период", "срок"]);
    }
    let is_until = is_late || cursor.word(&["до", "к", "ко", "по"]);
    let is_since = !is_until && cursor.word(&["с", "со"]);
    if !is_until {
        cursor.stem("начал");
        cursor.stem("середин");
        cursor.word(&["весь", "всего", "круглый"]);
    }
    let first = cursor.point()?;
    if cursor.tokens.is_empty() {
        return Some(match (is_until, is_since) {
            (true, _) => Raw::Until(first),
            (_, true) => Raw::Since(first),
            _ => Raw::One(first),
        });
    }
    let is_range = !is_until && (cursor.sign(&Token::Dash) || cursor.word(&["по", "до"]));
    let last = is_range.then(|| cursor.point()).flatten()?;
    cursor.tokens.is_empty().then_some(Raw::Range(first, last))
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
fn month(word: &str) -> Option<u8> {
    let is_month =
        |(stem, endings): &(&str, &[&str])| word.strip_prefix(stem).is_some_and(|ending| endings.contains(&ending));
    u8::try_from(MONTHS.iter().position(is_month)? + 1).ok()
}

/// The tokens that are left to read.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    tokens: &'a [Token],
}

impl<'a> Cursor<'a> {
    fn next(&mut self) -> Option<&'a Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    fn peek_word(&self) -> Option<&'a str> {
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
    fn word(&mut self, words: &[&str]) -> bool {
        self.take_word(|word| words.contains(&word))
    }

    /// Takes a word that begins so.
    fn stem(&mut self, stem: &str) -> bool {
        self.take_word(|word| word.starts_with(stem))
    }

    fn sign(&mut self, sign: &Token) -> bool {
        let is_there = self.tokens.first() == Some(sign);
        if is_there {
            self.next();
        }
        is_there
    }

    /// Takes a number of at most so many digits.
    fn number(&mut self, digits: usize) -> Option<u16> {
        match self.tokens.first() {
            Some(Token::Number(number, length)) if *length <= digits => {
                self.next();
                Some(*number)
            }
            _ => None,
        }
    }

    fn is_year(&self) -> bool {
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
    fn cycle(&mut self) -> Option<Cycle> {
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
    fn point(&mut self) -> Option<Point> {
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

#[cfg(test)]
mod tests;
