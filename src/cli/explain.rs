//! `svod explain`: a figure down to its cells, a school's verdict down to pupils, a rule in words.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{COULD_NOT_RUN, FINDINGS, Printed, headed};
use crate::context::words;
use crate::diag::{self, Diagnostics, Format, Messages};
use crate::figure::{Rounding, RoundingMode};
use crate::groups::{Criterion, GroupRule, ProcedureResult, Setting, Verdict};
use crate::ledger::PlaceEntry;
use crate::measure::Measure;
use crate::model::{Known, Year};
use crate::pipeline::{self, Prepared, Request};
use crate::ru;
use crate::sheets::lists;

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
            printed.out.push_str(&headed(&text, municipality, found.len(), Format::Human, messages));
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
    for rule in prepared.methods.rules() {
        let role = lists::term(rule.role);
        let _ = writeln!(out, "  {}", messages.text("explain-method", &[("role", role), ("title", &rule.title)]));
        for ((year, _), verdicts) in prepared.groups.verdicts.iter().rev().filter(|((_, of), _)| *of == rule.role) {
            let Some(verdict) = verdicts.get(&school.code) else { continue };
            year_lines(*year, verdict, rule, prepared, diagnostics, messages, &mut out);
        }
        let variants = prepared.groups.sensitivity.get(&rule.role).into_iter().flatten();
        for variant in variants {
            let key = match () {
                () if variant.enter.contains(&school.code) => "explain-would-enter",
                () if variant.leave.contains(&school.code) => "explain-would-leave",
                () => continue,
            };
            let setting = setting_text(&variant.setting, messages);
            let _ = writeln!(out, "    {}", messages.text(key, &[("setting", &setting)]));
        }
    }
    for (year, role) in prepared.groups.lists.keys().rev() {
        let is_on = prepared.groups.list(*year, *role).is_ok_and(|list| list.schools.contains_key(&school.code));
        if is_on {
            let args = [("year", year.to_string()), ("role", lists::term(*role).to_owned())];
            let args: Vec<(&str, &str)> = args.iter().map(|(key, value)| (*key, value.as_str())).collect();
            let _ = writeln!(out, "  {}", messages.text("explain-listed", &args));
        }
    }
    out.push_str(&super::advice::school(&school.code, prepared, diagnostics, messages));
    Some(out)
}

/// One year of a rule: the verdict, the criteria with what they compared, and the results with their cells.
fn year_lines(
    year: Year,
    verdict: &Known<Verdict>,
    rule: &GroupRule,
    prepared: &Prepared,
    diagnostics: &Diagnostics,
    messages: &Messages,
    out: &mut String,
) {
    let role = lists::term(rule.role);
    let text = match verdict {
        Ok(verdict) => {
            let key = if verdict.holds() { "explain-in-list" } else { "explain-not-in-list" };
            messages.text(key, &[("role", role)])
        }
        Err(gap) => {
            let reason = pipeline::first_reason(gap, diagnostics, messages);
            messages.text("explain-not-known", &[("reason", &reason)])
        }
    };
    let year = year.to_string();
    let _ = writeln!(out, "  {}", messages.text("explain-year", &[("year", &year), ("verdict", &text)]));
    let Ok(verdict) = verdict else { return };
    for (index, (criterion, result)) in rule.criteria.iter().zip(&verdict.criteria).enumerate() {
        let number = (index + 1).to_string();
        let arm = criterion_text(criterion, messages);
        let key = if result.is_met { "explain-fired" } else { "explain-not-fired" };
        let tenth = Rounding { mode: RoundingMode::HalfUp, digits: 1 };
        let value = result.value.as_ref().map(|value| ru::number(&value.value, tenth, false));
        let value = value.unwrap_or_else(|| messages.text("no-denominator", &[]));
        let args = [("number", number.as_str()), ("arm", &arm), ("value", &value)];
        let _ = writeln!(out, "    {}", messages.text(key, &args));
        if let (Criterion::Level { .. }, Some(value)) = (criterion, &result.value) {
            let cells = prepared.sources.ranges(value.node).join(", ");
            let _ = writeln!(out, "      {}", messages.text("explain-cells", &[("cells", &cells)]));
        }
    }
    for (year, held) in &verdict.earlier {
        let key = if *held { "explain-earlier-met" } else { "explain-earlier-not-met" };
        let _ = writeln!(out, "    {}", messages.text(key, &[("year", &year.to_string())]));
    }
    for result in &verdict.results {
        let _ = writeln!(out, "    {}", result_line(result, rule, messages));
        let mut cells = prepared.sources.ranges(result.below.node);
        cells.extend(prepared.sources.ranges(result.participants.node));
        let _ = writeln!(out, "      {}", messages.text("explain-cells", &[("cells", &cells.join(", "))]));
    }
}

/// A criterion in words.
pub(super) fn criterion_text(criterion: &Criterion, messages: &Messages) -> String {
    words::criterion(criterion, &|key| messages.text(key, &[]))
}

fn setting_text(setting: &Setting, messages: &Messages) -> String {
    match setting {
        Setting::Threshold { value } => {
            let value = value.replace('.', ",");
            messages.text("setting-threshold", &[("value", &value)])
        }
        Setting::Without { procedure } => {
            let procedure = words::procedure(procedure, &|key| messages.text(key, &[]));
            messages.text("setting-without", &[("procedure", &procedure)])
        }
    }
}

fn result_line(result: &ProcedureResult, rule: &GroupRule, messages: &Messages) -> String {
    let procedure = words::procedure(&result.procedure, &|key| messages.text(key, &[]));
    let tenth = Rounding { mode: RoundingMode::HalfUp, digits: 1 };
    let share = result.below.value.percent_of(&result.participants.value).unwrap_or_default();
    let is_small = result.participants.value < Measure::from(rule.small_cohort);
    let small = if is_small { messages.text("explain-small", &[]) } else { String::new() };
    let share_text = format!("{}\u{a0}%", ru::number(&share, tenth, false));
    let mut said = vec![
        ("procedure", procedure),
        ("year", result.year.to_string()),
        ("below", result.below.value.to_string()),
        ("participants", result.participants.value.to_string()),
        ("share", share_text),
    ];
    // A group that looks at changes alone has no threshold for a year's result.
    let Some(threshold) = rule.threshold() else {
        said.push(("low", small));
        return messages.text("explain-result-alone", &borrowed(&said));
    };
    let points = ru::number(&if result.is_low { &share - &threshold } else { &threshold - &share }, tenth, false);
    let low = if result.is_low {
        messages.text("explain-low", &[("points", &points)])
    } else {
        let pupils = missing_pupils(result, &threshold).to_string();
        messages.text("explain-near", &[("points", &points), ("pupils", &pupils)])
    };
    said.push(("threshold", format!("{}\u{a0}%", ru::number(&threshold, tenth, false))));
    said.push(("low", format!("{low}{small}")));
    messages.text("explain-result", &borrowed(&said))
}

fn borrowed<'t>(arguments: &'t [(&'t str, String)]) -> Vec<(&'t str, &'t str)> {
    arguments.iter().map(|(key, value)| (*key, value.as_str())).collect()
}

/// The fewest further participants below the minimum that would make the result low.
fn missing_pupils(result: &ProcedureResult, threshold: &Measure) -> usize {
    let hundred = Measure::from(100_i64);
    let needed = threshold * &result.participants.value;
    let reaches = |more: &usize| &(&result.below.value + &Measure::from(*more)) * &hundred >= needed;
    (0_usize..100_000).find(reaches).unwrap_or(0)
}
