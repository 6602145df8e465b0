//! Keeping years and doing them again.

use super::{Arguments, COULD_NOT_RUN, FINDINGS, Printed, World, could_not_run, for_each};
use crate::diag::{self, Messages};
use crate::history::Difference;
use crate::model::Year;
use crate::pipeline::{self, Request};

/// Keeps the reported year of every municipality.
pub(super) fn keep(arguments: &Arguments, request: &Request, world: &World<'_>, messages: &Messages) -> Printed {
    for_each(arguments, request, messages, |municipality, printed| {
        let done = progress(world, messages, &municipality.id);
        let (outcome, kept) = pipeline::keep(municipality, request, messages, &done);
        if outcome.has_errors() {
            printed.status = FINDINGS;
        }
        printed.err.push_str(&diag::emit(&outcome.diagnostics, messages, arguments.format));
        if let Some((year, is_new)) = kept {
            let key = if is_new { "kept-year" } else { "kept-year-same" };
            let year = year.to_string();
            let line = messages.text(key, &[("municipality", &municipality.id), ("year", &year)]);
            printed.out.push_str(&format!("{line}\n"));
        }
    })
}

/// Does a year of every municipality again.
pub(super) fn repeat(
    (year, of_today): (i32, bool),
    arguments: &Arguments,
    request: &Request,
    world: &World<'_>,
    messages: &Messages,
) -> Printed {
    for_each(arguments, request, messages, |municipality, printed| {
        let done = progress(world, messages, &municipality.id);
        let repeated = match pipeline::repeat(municipality, Year(year), of_today, request, messages, &done) {
            Ok(repeated) => repeated,
            Err(finding) => {
                let failed = could_not_run(finding, arguments, messages);
                printed.err.push_str(&failed.err);
                printed.status = COULD_NOT_RUN;
                return;
            }
        };
        printed.err.push_str(&diag::emit(&repeated.outcome.diagnostics, messages, arguments.format));
        let Some(differences) = repeated.differences else {
            printed.status = printed.status.max(FINDINGS);
            return;
        };
        let (year, count) = (year.to_string(), differences.len().to_string());
        let key = if differences.is_empty() { "repeat-same" } else { "repeat-differs" };
        let args = [("municipality", municipality.id.as_str()), ("year", &year), ("count", &count)];
        printed.out.push_str(&format!("{}\n", messages.text(key, &args)));
        for difference in &differences {
            printed.status = printed.status.max(FINDINGS);
            printed.out.push_str(&format!("{}\n", line(difference, messages)));
        }
    })
}

fn line(difference: &Difference, messages: &Messages) -> String {
    let nothing = messages.text("repeat-nothing", &[]);
    let shown = |value: &str| if value.is_empty() { nothing.clone() } else { value.to_owned() };
    let part = messages.text(&format!("repeat-{}", difference.part), &[]);
    let (before, now) = (shown(&difference.before), shown(&difference.now));
    messages.text("repeat-line", &[("part", &part), ("what", &difference.what), ("before", &before), ("now", &now)])
}

/// Tells the watcher what was made.
fn progress<'w>(world: &'w World<'_>, messages: &'w Messages, municipality: &'w str) -> impl Fn(&str) + Sync + 'w {
    let watcher = world.progress;
    move |file: &str| {
        if let Some(watcher) = watcher {
            watcher(&messages.text("progress", &[("municipality", municipality), ("file", file)]));
        }
    }
}
