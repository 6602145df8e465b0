//! The day by which a form is to come back, by its term.
//! In: the term of the form, the quarter it is for, the day it went out. Out: a day.

use super::{Date, Term};

/// What a term of next year says behind its day.
const NEXT_YEAR: &str = " следующего года";
/// What a term counted from the end of a quarter says behind its day.
const AFTER_QUARTER: &str = " числа месяца после квартала";
/// What stands before the day.
const UNTIL: &str = "до ";

/// Returns the first such day from the day on which the form went out: «до 15 октября», «до 25 января следующего года»,
/// «до 5 числа месяца после квартала», «по мере надобности, до 20 декабря».
///
/// `None` where the term hangs on something that happens («в течение 5 дней после заседания»), or on a quarter that is not
/// named.
pub fn due(term: &str, quarter: Option<u8>, sent: Date) -> Option<Date> {
    let term = term.rsplit(", ").next()?.trim();
    if let Some(day) = term.strip_prefix(UNTIL).and_then(|rest| rest.strip_suffix(AFTER_QUARTER)) {
        let (day, quarter) = (day.parse().ok()?, quarter.filter(|quarter| (1..=4).contains(quarter))?);
        let month = quarter % 4 * 3 + 1;
        let of = |year: i32| Date::new(year, month, day);
        return of(sent.year).filter(|date| *date >= sent).or_else(|| of(sent.year + 1));
    }
    // It goes out in its own year at the earliest: the first such day after that lies in the next one.
    Term::parse(term.strip_suffix(NEXT_YEAR).unwrap_or(term))?.due_after(sent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_term_gives_its_day() {
        for (term, quarter, sent, wanted) in [
            ("до 15 октября", None, "01.09.2022", "15.10.2022"),
            ("до 25 января следующего года", None, "20.12.2022", "25.01.2023"),
            ("до 25 января следующего года", None, "11.01.2023", "25.01.2023"),
            ("по мере надобности, до 20 декабря", None, "01.09.2022", "20.12.2022"),
            ("до 5 числа месяца после квартала", Some(1), "28.03.2022", "05.04.2022"),
            ("до 5 числа месяца после квартала", Some(4), "28.12.2022", "05.01.2023"),
            ("до 5 числа месяца после квартала", Some(4), "03.01.2023", "05.01.2023"),
            ("до 5 числа месяца после квартала", None, "03.01.2023", ""),
            ("до 40 числа месяца после квартала", Some(1), "03.01.2023", ""),
            ("в течение 5 дней после заседания", None, "03.01.2023", ""),
            ("", None, "03.01.2023", ""),
        ] {
            let sent = Date::parse(sent).expect("a day");
            assert_eq!(due(term, quarter, sent).map(Date::short).unwrap_or_default(), wanted, "{term}, {quarter:?}");
        }
    }
}
