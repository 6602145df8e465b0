//! Points of a term, and the units and years that they take from each other.
//! In: the parts of a group as read. Out: their days. It must never know words.

use super::{MonthDay, Repeat, Span, TermPart};
use crate::ru::Date;

/// What a point of a term names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unit {
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
pub(super) struct Point {
    pub(super) unit: Unit,
    pub(super) year: Option<i32>,
}

/// A part before its years are known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Raw {
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

    pub(super) fn first_day(&self) -> MonthDay {
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

pub(super) fn day_of(month: u8, day: u8) -> Option<Unit> {
    // A leap year has every day.
    Date::new(2000, month, day).map(|_| Unit::Day(MonthDay { month, day }))
}

pub(super) fn part_of(number: u8, parts: u8) -> Option<u8> {
    (1..=parts).contains(&number).then_some(number)
}

/// Gives the parts of a group their units and years, and makes days of them.
pub(super) fn parts(mut raws: Vec<(Raw, Option<Repeat>)>) -> Option<Vec<TermPart>> {
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
