//! Terms (сроки) as people write them: «Сентябрь-октябрь 2019», «ежегодно до 1 октября», «1 раз в квартал».
//! In: a text. Out: what it says in days of the calendar, or nothing when any part of it is not understood.
//! It must never change the text: documents print it as written.
//!
//! A text is groups joined by «;», a group is parts joined by «,», «и» or brackets, and what a group says of repeating
//! holds for all its parts. A month takes the year of its neighbour in the group: «июль, август 2022».

mod point;
mod read;

use serde::{Deserialize, Serialize};

use super::{Date, clean};
use point::{Raw, parts};
use read::{Cursor, Token, lex, month};

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

    /// Returns its last day; `None` when any part of it has no last day of a named year.
    pub fn last_day(&self) -> Option<Date> {
        let last = self.parts.iter().map(|part| match part.span {
            Span::Days { to, .. } => to,
            Span::Always | Span::Unplaced | Span::Season { .. } => None,
        });
        last.collect::<Option<Vec<Date>>>()?.into_iter().max()
    }

    /// Returns its last day, of a year or of whichever year comes first from a day on; `None` when it has none, or several
    /// parts.
    pub fn due_after(&self, day: Date) -> Option<Date> {
        let [part] = self.parts.as_slice() else { return None };
        match part.span {
            Span::Days { to, .. } => to,
            Span::Season { to: Some(to), .. } => {
                let of = |year: i32| {
                    // The last of February is written as the 29th.
                    Date::new(year, to.month, to.day).or_else(|| Date::new(year, to.month, to.day.saturating_sub(1)))
                };
                of(day.year).filter(|date| *date >= day).or_else(|| of(day.year + 1))
            }
            Span::Season { to: None, .. } | Span::Always | Span::Unplaced => None,
        }
    }

    /// Tells whether a term, as it is written, is over on a day; one without a last day never is.
    pub fn is_over(text: &str, day: Date) -> bool {
        Self::parse(text).and_then(|term| term.last_day()).is_some_and(|last| last <= day)
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

#[cfg(test)]
mod tests;
