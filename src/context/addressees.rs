//! Recommendations by addressee, as letters print them: one for each addressee of the municipality over all schools, one
//! for each addressee of a school; and as reports print them: each recommendation once, with the schools that it concerns.
//! In: the advice and its rules. Out: rows that a document may be made for, and rows that a report prints.

use super::words::limit;
use super::{Analysis, GapView, View};
use crate::advice::{Addressee, AddresseeLevel, Cause, Recommendation};
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

/// Builds what reports print: the causes with the schools concerned and their values, and the recommendations against them
/// by addressee, each once.
pub fn advised(analysis: &Analysis<'_>, year: Year, sources: &mut Sources) -> View {
    let (advice, rules) = (analysis.advice, analysis.rules);
    if !advice.lists_in_doubt.reasons.is_empty() {
        return View::Gap(GapView::new(&advice.lists_in_doubt, &(analysis.words)("gap-recommendations")));
    }
    let mut builder = Builder { analysis, year, sources };
    let held: Vec<&Cause> = rules
        .causes
        .iter()
        .filter(|cause| advice.schools.values().any(|school| school.held().any(|finding| finding.cause == cause.id)))
        .collect();
    let causes: Vec<View> = held.iter().map(|cause| builder.cause(cause)).collect();
    let mut addressees = Vec::new();
    for addressee in &rules.addressees {
        let items: Vec<View> = held
            .iter()
            .filter_map(|cause| {
                let text = cause.recommendations.get(&addressee.id)?;
                let key = format!("causes.{}", cause.id);
                let term = cause.measures.first().map(|proposal| builder.declared(&key, &proposal.term));
                Some(View::map([
                    ("text", builder.declared(&key, text)),
                    ("cause", builder.declared(&key, &cause.title)),
                    ("has_term", View::Flag(term.is_some())),
                    ("term", term.unwrap_or_else(|| View::Prose(Vec::new()))),
                ]))
            })
            .collect();
        if !items.is_empty() {
            let title = builder.declared(&format!("addressees.{}", addressee.id), &addressee.title);
            addressees.push(View::map([("title", title), ("items", View::List(items))]));
        }
    }
    View::map([
        ("has_causes", View::Flag(!causes.is_empty())),
        ("causes", View::List(causes)),
        ("addressees", View::List(addressees)),
    ])
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
        let nothing = || View::Prose(Vec::new());
        let short = school.map_or_else(nothing, |school| View::Text(school.short.clone()));
        let node = self.analysis.year.node;
        let code = |school: &School| View::Text(Text { value: school.code.to_string(), node });
        let code = school.map_or_else(nothing, code);
        let all = || concerned.iter().flat_map(|(_, given)| given);
        let has_unmeasured = View::Flag(all().any(|given| given.figures.is_empty()));
        let of_vpr =
            |(school, given): &(&School, Vec<&Recommendation>)| given.iter().any(|one| self.is_of_vpr(school, one));
        let has_of_vpr = View::Flag(concerned.iter().any(of_vpr));
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
            ("school", code),
            ("school_short", short),
            ("year", View::Text(Text { value: self.year.to_string(), node: self.analysis.year.node })),
            ("has_unmeasured", has_unmeasured),
            ("has_of_vpr", has_of_vpr),
            ("schools", View::List(schools)),
        ])
    }

    /// A cause that holds in some schools, with their values.
    fn cause(&mut self, cause: &Cause) -> View {
        let advice = self.analysis.advice;
        let key = format!("causes.{}", cause.id);
        let (mut schools, mut limited, mut is_of_vpr) = (Vec::new(), None, false);
        for (code, own) in &advice.schools {
            let Some(school) = self.analysis.data.schools.get(code) else { continue };
            let mut figures = Vec::new();
            let findings: Vec<_> = own.held().filter(|finding| finding.cause == cause.id).collect();
            for finding in &findings {
                is_of_vpr |= finding.is_of_vpr;
                let verdict = finding.verdict.as_ref().ok();
                let pair = verdict.and_then(|verdict| verdict.value.as_ref().zip(verdict.threshold.as_ref()));
                let Some((value, threshold)) = pair else { continue };
                let part = finding.grade.map(|grade| format!("/{grade}")).unwrap_or_default();
                let id = format!("advised/{}/{code}{part}", cause.id);
                limited.get_or_insert_with(|| Figure { id: format!("advised/{}", cause.id), ..threshold.clone() });
                let grade = finding.grade.map(|grade| self.declared(&format!("{key}.ground"), &grade.to_string()));
                figures.push(View::map([
                    ("value", View::Figure(Figure { id, ..value.clone() })),
                    ("has_grade", View::Flag(grade.is_some())),
                    ("grade", grade.unwrap_or_else(|| View::Prose(Vec::new()))),
                ]));
            }
            if !findings.is_empty() {
                schools.push(View::map([
                    ("short", View::Text(school.short.clone())),
                    ("has_figures", View::Flag(!figures.is_empty())),
                    ("figures", View::List(figures)),
                ]));
            }
        }
        let has_limit = View::Flag(limited.is_some());
        let limit = limited.map(|threshold| limit(Some(cause), threshold, self.analysis.words));
        View::map([
            ("title", self.declared(&key, &cause.title)),
            ("measured", self.declared(&key, &cause.measured)),
            ("is_of_vpr", View::Flag(is_of_vpr)),
            ("has_limit", has_limit),
            ("limit", limit.unwrap_or_else(|| View::Prose(Vec::new()))),
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

    /// Tells whether a recommendation stands on ВПР.
    fn is_of_vpr(&self, school: &School, given: &Recommendation) -> bool {
        let findings = self.analysis.advice.schools.get(&school.code).into_iter().flat_map(|school| &school.causes);
        findings.filter(|finding| finding.cause == given.cause).any(|finding| finding.is_of_vpr)
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
        let is_of_vpr = self.is_of_vpr(school, given);
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
