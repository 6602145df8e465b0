//! `svod explain`: a figure down to its cells, a school's verdict down to pupils, a rule in words.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{COULD_NOT_RUN, FINDINGS, Printed};
use crate::diag::{self, Diagnostics, Format, Messages};
use crate::figure::{Rounding, RoundingMode};
use crate::groups::{Arm, ProcedureResult};
use crate::ledger::PlaceEntry;
use crate::measure::Measure;
use crate::model::{Exam, SchoolCode};
use crate::pipeline::{self, Prepared, Request};
use crate::ru;

/// Explains one thing for every municipality that has it.
pub(super) fn explain(kind: &str, name: &str, request: &Request, messages: &Messages) -> Printed {
    if kind == "rule" {
        return rule(name, messages);
    }
    let found = match pipeline::discover(&request.inputs) {
        Ok(found) => found,
        Err(diagnostic) => {
            let mut diagnostics = Diagnostics::default();
            diagnostics.push(diagnostic);
            let err = diag::emit(&diagnostics, messages, Format::Human);
            return Printed { err, status: COULD_NOT_RUN, ..Printed::default() };
        }
    };
    let mut printed = Printed { status: FINDINGS, ..Printed::default() };
    let mut near: Vec<(usize, String)> = Vec::new();
    for municipality in &found {
        let mut diagnostics = Diagnostics::default();
        let text = if kind == "school" {
            let Some(prepared) = pipeline::prepare(municipality, request, messages, &mut diagnostics) else { continue };
            near.extend(prepared.data.schools.values().flat_map(|school| {
                [school.code.0.as_str(), school.short.value.as_str()]
                    .map(|known| (ru::distance(&ru::fold(known), &ru::fold(name)), known.to_owned()))
            }));
            school(name, &prepared, &diagnostics, messages)
        } else {
            let outcome = pipeline::run(municipality, request, messages, false, &|_| {});
            let figures = outcome.ledger.documents.iter().flat_map(|document| &document.figures);
            near.extend(figures.map(|figure| (ru::distance(&figure.id, name), figure.id.clone())));
            let ids: BTreeSet<&str> =
                outcome.ledger.documents.iter().flat_map(|document| &document.figures).map(|f| f.id.as_str()).collect();
            // Texts name a figure without its year: then every year is explained.
            let years = ids.iter().filter(|id| id.strip_prefix(name).is_some_and(|rest| rest.starts_with('/')));
            let wanted: Vec<&str> = match ids.contains(name) {
                true => vec![name],
                false => years.copied().collect(),
            };
            let texts: Vec<String> = wanted.iter().filter_map(|id| figure(id, &outcome, messages)).collect();
            Some(texts.concat()).filter(|text| !text.is_empty())
        };
        if let Some(text) = text {
            printed.out.push_str(&text);
            printed.status = super::CLEAN;
        }
    }
    if printed.status != super::CLEAN {
        printed.err = unknown(&format!("explain-unknown-{kind}"), name, near, messages);
    }
    printed
}

fn unknown(key: &str, name: &str, mut near: Vec<(usize, String)>, messages: &Messages) -> String {
    near.sort();
    near.dedup();
    let near: Vec<String> = near.into_iter().take(4).map(|(_, known)| known).collect();
    format!("{}\n", messages.text(key, &[("name", name), ("near", &near.join(", "))]))
}

fn rule(name: &str, messages: &Messages) -> Printed {
    if messages.ids().any(|id| id == name) {
        let (message, hint) = messages.shown(name);
        return Printed { out: format!("{name}\n  {message}\n  {hint}\n"), ..Printed::default() };
    }
    let near = messages.ids().map(|id| (ru::distance(id, name), id.to_owned())).collect();
    Printed { err: unknown("explain-unknown-rule", name, near, messages), status: FINDINGS, ..Printed::default() }
}

/// Prints a figure with value, formula, sources and every place in the package.
fn figure(name: &str, outcome: &pipeline::Outcome, messages: &Messages) -> Option<String> {
    let mut out = String::new();
    let mut places = Vec::new();
    for document in &outcome.ledger.documents {
        for figure in document.figures.iter().filter(|figure| figure.id == name) {
            if out.is_empty() {
                let _ = writeln!(out, "{}: {}", figure.id, figure.text);
                let _ = writeln!(out, "  {}", messages.text("explain-value", &[("value", &figure.value)]));
                if !figure.formula.is_empty() {
                    let _ = writeln!(out, "  {}", messages.text("explain-formula", &[("formula", &figure.formula)]));
                }
                let _ = writeln!(out, "  {}", messages.text("explain-sources", &[]));
                for source in &figure.sources {
                    let _ = writeln!(out, "    {source}");
                }
            }
            for place in &figure.places {
                let file = document.file.as_str();
                places.push(match place {
                    PlaceEntry::Markup { place, .. } => {
                        messages.text("explain-place-page", &[("file", file), ("page", &place.page.to_string())])
                    }
                    PlaceEntry::Cell { sheet, cell } => {
                        messages.text("explain-place-cell", &[("file", file), ("sheet", sheet), ("cell", cell)])
                    }
                    _ => messages.text("explain-place-other", &[("file", file)]),
                });
            }
        }
    }
    if out.is_empty() {
        return None;
    }
    places.dedup();
    let _ = writeln!(out, "  {}", messages.text("explain-places", &[]));
    for place in places {
        let _ = writeln!(out, "    {place}");
    }
    Some(out)
}

/// Prints why a school is on the list, or how far it is from it.
fn school(name: &str, prepared: &Prepared, diagnostics: &Diagnostics, messages: &Messages) -> Option<String> {
    let wanted = ru::fold(name);
    let school = prepared.data.schools.values().find(|school| {
        [school.code.0.as_str(), &school.short.value, &school.full.value].iter().any(|known| ru::fold(known) == wanted)
    })?;
    let mut out = String::new();
    let title = messages.text("explain-school", &[("name", &school.short.value), ("code", &school.code.0)]);
    let _ = writeln!(out, "{title}");
    let method = messages.text("explain-method", &[("title", &prepared.method.title)]);
    let _ = writeln!(out, "  {method}");
    for (year, verdicts) in prepared.groups.verdicts.iter().rev() {
        let Some(verdict) = verdicts.get(&SchoolCode(school.code.0.clone())) else { continue };
        let verdict = match verdict {
            Ok(verdict) => verdict,
            Err(gap) => {
                let reason = pipeline::first_reason(gap, diagnostics, messages);
                let text = messages.text("explain-not-known", &[("reason", &reason)]);
                let _ = writeln!(
                    out,
                    "  {}",
                    messages.text("explain-year", &[("year", &year.to_string()), ("verdict", &text)])
                );
                continue;
            }
        };
        let text = messages.text(if verdict.holds() { "explain-in-list" } else { "explain-not-in-list" }, &[]);
        let _ =
            writeln!(out, "  {}", messages.text("explain-year", &[("year", &year.to_string()), ("verdict", &text)]));
        for index in &verdict.fired {
            let arm = match prepared.method.arms.get(*index) {
                Some(Arm::ProceduresInYear { count }) => {
                    messages.text("explain-arm-count", &[("count", &count.to_string())])
                }
                Some(Arm::SameProcedureInYears { years }) => {
                    messages.text("explain-arm-years", &[("count", &years.to_string())])
                }
                None => continue,
            };
            let number = (index + 1).to_string();
            let _ = writeln!(out, "    {}", messages.text("explain-fired", &[("number", &number), ("arm", &arm)]));
        }
        for result in &verdict.results {
            let _ = writeln!(out, "    {}", result_line(result, prepared, messages));
            let mut cells = prepared.sources.ranges(result.below.node);
            cells.extend(prepared.sources.ranges(result.participants.node));
            let _ = writeln!(out, "      {}", messages.text("explain-cells", &[("cells", &cells.join(", "))]));
        }
    }
    out.push_str(&super::advice::school(&school.code, prepared, diagnostics, messages));
    Some(out)
}

fn result_line(result: &ProcedureResult, prepared: &Prepared, messages: &Messages) -> String {
    let exam = messages.text(
        match result.procedure.exam {
            Exam::Vpr => "exam-vpr",
            Exam::Oge => "exam-oge",
            Exam::Ege => "exam-ege",
            Exam::Gve => "exam-gve",
            Exam::Regional => "exam-regional",
        },
        &[],
    );
    let tenth = Rounding { mode: RoundingMode::HalfUp, digits: 1 };
    let share = result.below.value.percent_of(&result.participants.value).unwrap_or_default();
    let threshold = prepared.method.threshold().unwrap_or_default();
    let points = ru::number(&if result.is_low { &share - &threshold } else { &threshold - &share }, tenth, false);
    let low = if result.is_low {
        messages.text("explain-low", &[("points", &points)])
    } else {
        let pupils = missing_pupils(result, &threshold).to_string();
        messages.text("explain-near", &[("points", &points), ("pupils", &pupils)])
    };
    messages.text(
        "explain-result",
        &[
            ("exam", &exam),
            ("discipline", &result.procedure.discipline.0),
            ("grade", &result.procedure.grade.to_string()),
            ("year", &result.year.to_string()),
            ("below", &result.below.value.to_string()),
            ("participants", &result.participants.value.to_string()),
            ("share", &format!("{}\u{a0}%", ru::number(&share, tenth, false))),
            ("threshold", &format!("{}\u{a0}%", ru::number(&threshold, tenth, false))),
            ("low", &low),
        ],
    )
}

/// The fewest further participants below the minimum that would make the result low.
fn missing_pupils(result: &ProcedureResult, threshold: &Measure) -> usize {
    let hundred = Measure::from(100_i64);
    let needed = threshold * &result.participants.value;
    let reaches = |more: &usize| &(&result.below.value + &Measure::from(*more)) * &hundred >= needed;
    (0_usize..100_000).find(reaches).unwrap_or(0)
}
