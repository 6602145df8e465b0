//! A summary of forms on paper: shares of all, whose forms are missing, the shares of each beside the others.
//! In: a summary and what it does not hold. Out: a view. It must never know how a page is laid out.

use std::collections::BTreeMap;

use super::View;
use crate::blank::{Words, fill};
use crate::figure::Rounding;
use crate::indicators::Made;
use crate::measure::Measure;
use crate::model::Text;
use crate::provenance::Sources;
use crate::returns::{Beside, Difference, Parts, Share, Side, Summary, SummarySheet, Tally, beside};
use crate::ru;

/// What a summary tells besides its sums.
pub struct Told<'a> {
    /// Those whose forms do not count, each with the state of its form.
    pub missing: &'a [(String, String)],
    /// What the rows of schools and the federal list have different, by respondent.
    pub differences: &'a [(String, Difference)],
}

/// Makes the view; `None` when the form asks for no share and no question.
pub fn summary_paper(summary: &Summary, told: &Told<'_>, words: &Words, sources: &mut Sources) -> Option<View> {
    let shares = beside(summary);
    let tallies: Vec<(&SummarySheet, &Tally)> =
        summary.sheets.iter().filter_map(|sheet| Some((sheet, sheet.tally.as_ref()?))).collect();
    if shares.is_empty() && tallies.is_empty() {
        return None;
    }
    let node = sources.declared("run", "forms-summary");
    let text = |value: &str| View::Text(Text { value: value.to_owned(), node });
    let printing = Printing { words, text: &text };
    let numbered = |index: usize| text(&(index + 1).to_string());
    let missing = told.missing.iter().enumerate().map(|(index, (name, state))| {
        View::map([("number", numbered(index)), ("name", text(name)), ("state", text(state))])
    });
    // One line a respondent and a kind of difference: a municipality has dozens of schools.
    let mut by_kind: BTreeMap<(&str, bool), Vec<&str>> = BTreeMap::new();
    for (name, difference) in told.differences {
        let (is_listed, school) = match difference {
            Difference::NotListed(code, _) => (false, code),
            Difference::Missing(school) => (true, school),
        };
        by_kind.entry((name, is_listed)).or_default().push(school);
    }
    let differences = by_kind.iter().enumerate().map(|(index, ((name, is_listed), schools))| {
        let key = if *is_listed { "not-told" } else { "not-listed" };
        let said = fill(words.of(key), &[("schools", &schools.join(", "))]);
        View::map([("number", numbered(index)), ("name", text(name)), ("what", text(&said))])
    });
    let has_base = shares.iter().any(|one| one.share.base.is_some());
    let has_target = shares.iter().any(|one| one.share.target.is_some());
    let all = shares.iter().enumerate().map(|(index, one)| {
        let counted = one.each.iter().filter(|side| side.now.is_some()).count();
        let mut view = printing.side(&one.all, one.share);
        let own = [
            ("number", numbered(index)),
            ("counted", text(&counted.to_string())),
            ("counted_both", text(&one.counted.both.to_string())),
        ];
        view.extend(
            own.into_iter().chain([("name", text(&one.share.name)), ("unit", text(&one.share.unit))]).map(named),
        );
        View::Map(view)
    });
    let sides = shares.iter().map(|one: &Beside<'_>| {
        let each = one.each.iter().enumerate().map(|(index, side)| {
            let mut view = printing.side(side, one.share);
            view.extend([("number", numbered(index)), ("name", text(&side.name))].map(named));
            View::Map(view)
        });
        View::map([
            ("name", text(&one.share.name)),
            ("unit", text(&one.share.unit)),
            ("rows", View::List(each.collect())),
            ("all", View::Map(printing.side(&one.all, one.share))),
        ])
    });
    let has_shares = !shares.is_empty();
    let tallies = tallies.into_iter().map(|(sheet, tally)| printing.tally(summary, sheet, tally));
    Some(View::map([
        ("has_shares", View::Flag(has_shares)),
        ("tallies", View::List(tallies.collect())),
        ("title", text(&summary.title)),
        ("municipality", text(&summary.municipality)),
        ("lines", View::List(summary.lines.iter().map(|line| text(line)).collect())),
        ("has_missing", View::Flag(!told.missing.is_empty())),
        ("missing", View::List(missing.collect())),
        ("has_differences", View::Flag(!told.differences.is_empty())),
        ("differences", View::List(differences.collect())),
        ("has_base", View::Flag(has_base)),
        ("has_target", View::Flag(has_target)),
        ("all", View::List(all.collect())),
        ("sides", View::List(sides.collect())),
    ]))
}

fn named((key, view): (&str, View)) -> (String, View) {
    (key.to_owned(), view)
}

struct Printing<'a> {
    words: &'a Words,
    text: &'a dyn Fn(&str) -> View,
}

impl Printing<'_> {
    fn number(&self, value: Option<&Measure>, rounding: Rounding) -> View {
        match value {
            Some(value) => (self.text)(&ru::number(value, rounding, true)),
            None => (self.text)(self.words.of("none")),
        }
    }

    /// The answers to the questions of a sheet.
    fn tally(&self, summary: &Summary, sheet: &SummarySheet, tally: &Tally) -> View {
        let column = |(width, heading): (&str, &str)| {
            View::map([("width", (self.text)(width)), ("heading", (self.text)(heading))])
        };
        let percent = |answer: &String| format!("{answer}, {}", self.words.of("percent"));
        let answers: Vec<String> = tally.answers.iter().map(percent).collect();
        let lead = [("middle", "question"), ("short", "counted-forms"), ("medium", "answered")];
        let lead = lead.map(|(width, key)| (width, self.words.of(key)));
        let headings = lead.into_iter().chain(answers.iter().map(|answer| ("medium", answer.as_str())));
        let rows = tally.questions.iter().map(|question| {
            let answered = question.answered(sheet);
            let whole = Rounding { digits: 0, ..summary.rounding };
            let shares = answered.parts.iter().map(|part| self.number(answered.share(part).as_ref(), summary.rounding));
            let told = Some(&answered.whole).filter(|_| answered.counted > 0);
            let lead =
                [(self.text)(&question.text), (self.text)(&answered.counted.to_string()), self.number(told, whole)];
            View::map([("cells", View::List(lead.into_iter().chain(shares).collect()))])
        });
        View::map([
            ("name", (self.text)(&sheet.name)),
            ("columns", View::List(headings.map(column).collect())),
            ("rows", View::List(rows.collect())),
        ])
    }

    /// The cells of one who is beside the others.
    fn side(&self, side: &Side, share: &Share) -> BTreeMap<String, View> {
        let whole = Rounding { digits: 0, ..share.rounding };
        let exact = |parts: &Option<Parts>| parts.as_ref().and_then(|parts| parts.value(share));
        let (now, before) = (exact(&side.now), exact(&side.before));
        // Rounded once, when it is printed; of those who gave both years.
        let change = side.change(share);
        let part = |of: fn(&Parts) -> &Measure, is_there: bool| {
            self.number(side.now.as_ref().filter(|_| is_there).map(of), whole)
        };
        let target = side.target.as_ref().map(ru::typed);
        let cells = [
            ("numerator", part(|parts| &parts.numerator, share.made != Made::Value)),
            ("denominator", part(|parts| &parts.denominator, share.made == Made::Parts)),
            ("value", self.number(now.as_ref(), share.rounding)),
            ("before", self.number(before.as_ref(), share.rounding)),
            ("change", self.number(change.as_ref(), share.rounding)),
            ("target", (self.text)(target.as_deref().unwrap_or(self.words.of("none")))),
        ];
        cells.into_iter().map(named).collect()
    }
}
