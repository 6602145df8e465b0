//! Terms unrolled: the windows of a year in which something is to be done.
//! In: a term, a year, the period of the concept. Out: windows in order, and whether work goes on without any.
//! It must never know activities.

use crate::ru::{Cycle, Date, MonthDay, Repeat, Span, Term};

/// Days within which something is to be done, the last included.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Window {
    /// The last day.
    pub to: Date,
    /// The first day; `None` where only the last is given.
    pub from: Option<Date>,
    /// How many times.
    pub times: u16,
    /// Its days are those of one named year: what was done before them, in whichever year, is done.
    pub is_once: bool,
}

/// What a term says of a year.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Unrolled {
    /// Windows that end in the year, or begin in it, in order of their last days.
    pub windows: Vec<Window>,
    /// Work goes on in the year without a day on which it must be done.
    pub is_ongoing: bool,
}

impl Unrolled {
    /// Tells that the term says nothing of the year.
    pub fn is_empty(&self) -> bool {
        self.windows.is_empty() && !self.is_ongoing
    }
}

/// Unrolls a term for a year; cycles of several years count from the first year of the period.
pub fn unroll(term: &Term, year: i32, period: (i32, i32)) -> Unrolled {
    let mut unrolled = Unrolled::default();
    for part in &term.parts {
        let spans = spans(part.span, year, period);
        match part.repeat.filter(|repeat| !is_yearly_season(part.span, *repeat)) {
            None => {
                let times = part.repeat.map_or(1, |repeat| repeat.times);
                for (from, to) in spans {
                    match (part.span, to) {
                        (Span::Always | Span::Unplaced, _) | (_, None) => {
                            unrolled.is_ongoing |= touches(from, to, year);
                        }
                        (span, Some(to)) => {
                            let is_once = matches!(span, Span::Days { .. });
                            unrolled.windows.push(Window { from, to, times, is_once });
                        }
                    }
                }
            }
            // Of days and weeks nobody counts facts: work goes on.
            Some(Repeat { cycle: Cycle::Day | Cycle::Week, .. }) => {
                unrolled.is_ongoing |= spans.iter().any(|(from, to)| touches(*from, *to, year));
            }
            Some(repeat) => {
                for (from, to) in spans {
                    unrolled.windows.extend(cycles(repeat, year, period).into_iter().filter_map(|(first, last)| {
                        let first = from.map_or(first, |from| from.max(first));
                        let last = to.map_or(last, |to| to.min(last));
                        let window = Window { from: Some(first), to: last, times: repeat.times, is_once: false };
                        (first <= last).then_some(window)
                    }));
                }
            }
        }
    }
    unrolled.windows.retain(|window| {
        window.to.year == year || window.from.is_some_and(|from| from.year == year && window.to.year > year)
    });
    unrolled.windows.sort();
    unrolled.windows.dedup();
    unrolled
}

/// A season comes once a year by itself.
fn is_yearly_season(span: Span, repeat: Repeat) -> bool {
    matches!(span, Span::Season { .. }) && repeat.every == 1 && matches!(repeat.cycle, Cycle::Year)
}

fn touches(from: Option<Date>, to: Option<Date>, year: i32) -> bool {
    from.is_none_or(|from| from.year <= year) && to.is_none_or(|to| to.year >= year)
}

/// The days of a span near a year.
fn spans(span: Span, year: i32, (first, last): (i32, i32)) -> Vec<(Option<Date>, Option<Date>)> {
    match span {
        Span::Always | Span::Unplaced => vec![(Date::new(first, 1, 1), Date::new(last, 12, 31))],
        // Written so that the last day stands before the first: said as a finding, and no days at all.
        _ if span.is_reversed() => Vec::new(),
        Span::Days { from, to } => vec![(from, to)],
        Span::Season { from, to } => (year - 1..=year)
            .filter(|began| (first..=last).contains(began))
            .map(|began| {
                let crosses = matches!((from, to), (Some(from), Some(to)) if to < from);
                let ends = began + i32::from(crosses);
                // What is to be done every year by a day is done within the year.
                let from = from.unwrap_or(MonthDay { month: 1, day: 1 });
                (day(from, began), to.and_then(|to| day(to, ends)))
            })
            .collect(),
    }
}

/// A day of a year; the 29th of February is the last day of the month.
fn day(day: MonthDay, year: i32) -> Option<Date> {
    Date::new(year, day.month, day.day).or_else(|| Date::new(year, day.month, day.day.checked_sub(1)?))
}

/// First and last days of the cycles that touch a year or the one after it.
fn cycles(repeat: Repeat, year: i32, (first, _): (i32, i32)) -> Vec<(Date, Date)> {
    // Months in which the cycles of a year begin, and how long each is.
    let (begins, length): (&[u8], u8) = match repeat.cycle {
        Cycle::Day | Cycle::Week => (&[], 0),
        Cycle::Month => (&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 1),
        Cycle::Quarter => (&[1, 4, 7, 10], 3),
        Cycle::HalfYear => (&[1, 7], 6),
        Cycle::Year => (&[1], 12),
        Cycle::SchoolYear => (&[9], 12),
        Cycle::Trimester => (&[3, 9, 12], 3),
        // The quarters of a school year: to October, to December, to March, to May.
        Cycle::SchoolQuarter => (&[1, 4, 9, 11], 0),
    };
    let start = first.min(year - 1);
    let all: Vec<(Date, Date)> = (start..=year + 1)
        .flat_map(|year| begins.iter().map(move |month| (year, *month)))
        .filter_map(|(year, month)| {
            let length = if length > 0 {
                length
            } else if month == 1 {
                3
            } else {
                2
            };
            Some((Date::new(year, month, 1)?, last_day(year, month, length)?))
        })
        // Several cycles in one are counted from the first that begins in the period.
        .skip_while(|(from, _)| repeat.every > 1 && from.year < first)
        .collect();
    all.chunks(usize::from(repeat.every.max(1)))
        .filter_map(|chunk| Some((chunk.first()?.0, chunk.last()?.1)))
        .filter(|(from, to)| from.year <= year && to.year >= year)
        .collect()
}

/// The last day of so many months.
fn last_day(year: i32, month: u8, months: u8) -> Option<Date> {
    let index = i32::from(month) - 1 + i32::from(months) - 1;
    let (year, month) = (year + index / 12, u8::try_from(index % 12 + 1).ok()?);
    (28..=31).rev().find_map(|day| Date::new(year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The windows of a term of 2022–2024, as `from–to×times`.
    fn said(term: &str, year: i32) -> Vec<String> {
        let unrolled = unroll(&Term::parse(term).unwrap(), year, (2022, 2024));
        let ongoing = unrolled.is_ongoing.then(|| "…".to_owned());
        let text = |date: Date| format!("{:02}.{:02}.{}", date.day, date.month, date.year);
        let window = |window: &Window| {
            let from = window.from.map(text).unwrap_or_default();
            let times = if window.times > 1 { format!("×{}", window.times) } else { String::new() };
            format!("{from}–{}{times}", text(window.to))
        };
        unrolled.windows.iter().map(window).chain(ongoing).collect()
    }

    #[test]
    fn terms_of_every_kind_are_unrolled() {
        for (term, year, expected) in [
            ("ноябрь 2022 года", 2022, vec!["01.11.2022–30.11.2022"]),
            ("ноябрь 2022 года", 2023, vec![]),
            ("до 15.09.2022", 2022, vec!["–15.09.2022"]),
            ("ежегодно до 1 октября", 2023, vec!["01.01.2023–01.10.2023"]),
            ("ежегодно, декабрь", 2023, vec!["01.12.2023–31.12.2023"]),
            ("ежегодно, январь, июнь", 2023, vec!["01.01.2023–31.01.2023", "01.06.2023–30.06.2023"]),
            ("ежегодно, октябрь–март", 2023, vec!["01.10.2022–31.03.2023", "01.10.2023–31.03.2024"]),
            ("ежегодно, октябрь–март", 2022, vec!["01.10.2022–31.03.2023"]),
            (
                "один раз в квартал",
                2022,
                vec![
                    "01.01.2022–31.03.2022",
                    "01.04.2022–30.06.2022",
                    "01.07.2022–30.09.2022",
                    "01.10.2022–31.12.2022",
                ],
            ),
            ("2 раза в год", 2022, vec!["01.01.2022–31.12.2022×2"]),
            ("раз в два года", 2022, vec!["01.01.2022–31.12.2023"]),
            ("раз в два года", 2023, vec!["01.01.2022–31.12.2023"]),
            ("раз в два года", 2024, vec!["01.01.2024–31.12.2024"]),
            ("раз в полугодие", 2024, vec!["01.01.2024–30.06.2024", "01.07.2024–31.12.2024"]),
            ("в течение всего периода", 2022, vec!["…"]),
            ("в течение всего периода", 2025, vec![]),
            ("еженедельно", 2022, vec!["…"]),
            ("по мере необходимости", 2022, vec!["…"]),
            ("с сентября 2022 года", 2023, vec!["…"]),
            ("с сентября 2023 года", 2022, vec![]),
            ("ежегодно, февраль", 2024, vec!["01.02.2024–29.02.2024"]),
            ("ежегодно, февраль", 2023, vec!["01.02.2023–28.02.2023"]),
            ("декабрь 2022 года – январь 2023 года", 2022, vec!["01.12.2022–31.01.2023"]),
            ("декабрь 2022 года – январь 2023 года", 2023, vec!["01.12.2022–31.01.2023"]),
        ] {
            assert_eq!(said(term, year), expected, "{term}, {year}");
        }
    }

    #[test]
    fn months_of_a_span_are_clipped() {
        assert_eq!(
            said("сентябрь – ноябрь 2022 года, ежемесячно", 2022),
            ["01.09.2022–30.09.2022", "01.10.2022–31.10.2022", "01.11.2022–30.11.2022"]
        );
        assert_eq!(
            said("2023/2024 учебный год, раз в триместр", 2023),
            ["01.09.2023–30.11.2023", "01.12.2023–29.02.2024"]
        );
    }
}
