//! Recommendations by addressee, as letters print them: one for each addressee of the municipality over all schools, one
//! for each addressee of a school; and as reports print them: each recommendation once, with the schools that it concerns.
//! In: the advice and its rules. Out: rows that a document may be made for, and rows that a report prints.

use super::words::limit;
use super::{Analysis, GapView, View};
use crate::advice::{Addressee, AddresseeLevel, Recommendation};
use crate::figure::Figure;
use crate::model::{School, SchoolCode, Text, Year};
use crate::provenance::Sources;
use crate::ru;

/// The name under which documents find the rows: they are made for each, like for the rows of a register.
pub const ADDRESSEES: &str = "addressees";

/// Builds the rows.
pub fn addressees(analysis: &Analysis<'_>, year: Year, sources: &mut Sources) -> View {
    let advice = analysis.advice;
    if !advice.lists_in_doubt.reasons.is_empty() {
        return View::Gap(GapView::new(&advice.lists_in_doubt, &(analysis.words)("gap-recommendations")));
    }
    let mut builder = Builder { analysis, year, sources };
    let mut rows = Vec::new();
    for addressee in &analysis.rules.addressees {
        let of = |code: &SchoolCode| -> Vec<&Recommendation> {
            let given = advice.schools.get(code).into_iter().flat_map(|school| &school.recommendations);
            given.filter(|given| given.addressee == addressee.id).collect()
        };
        let known = advice.schools.keys().filter_map(|code| analysis.data.schools.get(code));
        let concerned: Vec<(&School, Vec<&Recommendation>)> =
            known.map(|school| (school, of(&school.code))).filter(|(_, given)| !given.is_empty()).collect();
        match addressee.level {
            AddresseeLevel::Municipality if concerned.is_empty() => {}
            AddresseeLevel::Municipality => rows.push(builder.row(addressee, None, &concerned)),
            AddresseeLevel::School => {
                for one in &concerned {
                    rows.push(builder.row(addressee, Some(one.0), std::slice::from_ref(one)));
                }
            }
        }
    }
    View::List(rows)
}

/// What bodies call the recommendations that reports print.
pub const ADVISED: &str = "advised";

/// Builds what reports print: by addressee and cause, the schools concerned with the figures behind.
pub fn advised(analysis: &Analysis<'_>, year: Year, sources: &mut Sources) -> View {
    let advice = analysis.advice;
    if !advice.lists_in_doubt.reasons.is_empty() {
        return View::Gap(GapView::new(&advice.lists_in_doubt, &(analysis.words)("gap-recommendations")));
    }
    let mut builder = Builder { analysis, year, sources };
    let mut out = Vec::new();
    for addressee in &analysis.rules.addressees {
        let mut items = Vec::new();
        for cause in &analysis.rules.causes {
            let given = advice.schools.iter().flat_map(|(code, school)| {
                let own = school.recommendations.iter();
                own.filter(|one| one.addressee == addressee.id && one.cause == cause.id).map(move |one| (code, one))
            });
            let concerned: Vec<(&School, &Recommendation)> =
                given.filter_map(|(code, one)| Some((analysis.data.schools.get(code)?, one))).collect();
            let Some((first, one)) = concerned.first() else { continue };
            let View::Map(mut item) = builder.item(addressee, first, one) else { continue };
            for key in ["has_figures", "figures"] {
                item.remove(key);
            }
            let has_limit = View::Flag(concerned.iter().any(|(_, one)| !one.figures.is_empty()));
            item.insert("has_limit".to_owned(), has_limit);
            let schools = concerned.iter().map(|(school, one)| {
                let figures = builder.figures(addressee, school, one);
                View::map([
                    ("short", View::Text(school.short.clone())),
                    ("has_figures", View::Flag(!figures.is_empty())),
                    ("figures", View::List(figures)),
                ])
            });
            let schools = View::List(schools.collect());
            item.insert("schools".to_owned(), schools);
            items.push(View::Map(item));
        }
        if !items.is_empty() {
            let title = builder.declared(&format!("addressees.{}", addressee.id), &addressee.title);
            out.push(View::map([("title", title), ("items", View::List(items))]));
        }
    }
    View::List(out)
}

struct Builder<'b, 'a> {
    analysis: &'b Analysis<'a>,
    year: Year,
    sources: &'b mut Sources,
}

impl Builder<'_, '_> {
    fn declared(&mut self, key: &str, text: &str) -> View {
        let node = self.sources.declared(self.analysis.rules_file, key);
        View::Text(Text { value: ru::prose(text), node })
    }

    /// A letter: to whom, of which schools.
    fn row(
        &mut self,
        addressee: &Addressee,
        school: Option<&School>,
        concerned: &[(&School, Vec<&Recommendation>)],
    ) -> View {
        let key = format!("addressees.{}", addressee.id);
        let title = match school {
            // The school first: names of files are cut.
            Some(school) => format!("{}, {}", school.short.value, addressee.title),
            None => addressee.title.clone(),
        };
        let short = school.map_or_else(|| View::Prose(Vec::new()), |school| View::Text(school.short.clone()));
        let schools = concerned
            .iter()
            .map(|(school, given)| {
                let items = given.iter().map(|given| self.item(addressee, school, given)).collect();
                View::map([("short", View::Text(school.short.clone())), ("items", View::List(items))])
            })
            .collect();
        View::map([
            ("title", self.declared(&key, &title)),
            ("addressee", self.declared(&key, &addressee.title)),
            ("is_of_school", View::Flag(school.is_some())),
            // It answers no letter.
            ("is_answer", View::Flag(false)),
            ("school_short", short),
            ("year", View::Text(Text { value: self.year.to_string(), node: self.analysis.year.node })),
            ("schools", View::List(schools)),
        ])
    }

    /// The figures behind a recommendation, by grade where it is told by grades.
    fn figures(&mut self, addressee: &Addressee, school: &School, given: &Recommendation) -> Vec<View> {
        let ground = format!("causes.{}.ground", given.cause);
        let id = |part: &str| format!("addressee/{}/{}/{}/{part}", addressee.id, school.code, given.cause);
        let mut figures = Vec::new();
        for (grade, value, _) in &given.figures {
            let part = grade.map_or_else(|| "value".to_owned(), |grade| format!("{grade}/value"));
            let grade = grade.map(|grade| self.declared(&ground, &grade.to_string()));
            figures.push(View::map([
                ("value", View::Figure(Figure { id: id(&part), ..value.clone() })),
                ("has_grade", View::Flag(grade.is_some())),
                ("grade", grade.unwrap_or_else(|| View::Prose(Vec::new()))),
            ]));
        }
        figures
    }

    /// A recommendation with the figures behind it.
    fn item(&mut self, addressee: &Addressee, school: &School, given: &Recommendation) -> View {
        let rule = self.analysis.rules.cause(&given.cause);
        let key = format!("causes.{}", given.cause);
        let id = format!("addressee/{}/{}/{}/threshold", addressee.id, school.code, given.cause);
        let figures = self.figures(addressee, school, given);
        let limit = given
            .figures
            .first()
            .map(|(_, _, threshold)| limit(rule, Figure { id: id.clone(), ..threshold.clone() }, self.analysis.words));
        let findings = self.analysis.advice.schools.get(&school.code).into_iter().flat_map(|school| &school.causes);
        let is_of_vpr = findings.filter(|finding| finding.cause == given.cause).any(|finding| finding.is_of_vpr);
        let term = given.terms.first().map(|term| self.declared(&key, term));
        View::map([
            ("text", self.declared(&key, &given.text)),
            ("cause", self.declared(&key, rule.map_or(&given.cause, |cause| &cause.title))),
            ("measured", self.declared(&key, rule.map_or("", |cause| &cause.measured))),
            ("is_of_vpr", View::Flag(is_of_vpr)),
            ("has_figures", View::Flag(!figures.is_empty())),
            ("figures", View::List(figures)),
            ("limit", limit.unwrap_or_else(|| View::Prose(Vec::new()))),
            ("has_term", View::Flag(term.is_some())),
            ("term", term.unwrap_or_else(|| View::Prose(Vec::new()))),
        ])
    }
}
