//! Forms out and back.

use super::{Arguments, FINDINGS, FormsAction, Printed, for_each};
use crate::diag::{self, Messages};
use crate::pipeline::{self, Exchange, Exchanged, Filling, Receiving, Request};

/// Does with the forms of every municipality what is asked for.
pub(super) fn forms(
    action: &FormsAction,
    exchange: &Exchange,
    arguments: &Arguments,
    request: &Request,
    messages: &Messages,
) -> Printed {
    for_each(arguments, request, messages, |municipality, printed| {
        let exchanged = match action {
            FormsAction::Emit => pipeline::emit(municipality, request, exchange, messages),
            FormsAction::Status => pipeline::status(municipality, request, exchange, messages),
            FormsAction::Fill { blank, map } => {
                let filling = Filling { blank: blank.clone(), map: map.clone() };
                pipeline::fill_in(municipality, request, &filling, messages)
            }
            FormsAction::Answer { blank } => pipeline::answer(municipality, request, blank, messages),
            FormsAction::Lock => pipeline::lock(municipality, request, exchange, messages),
            FormsAction::Receive { folder, merges } => {
                let receiving = Receiving { exchange: exchange.clone(), folder: folder.clone(), merges: *merges };
                pipeline::receive(municipality, request, &receiving, messages)
            }
        };
        if exchanged.has_errors() {
            printed.status = FINDINGS;
        }
        printed.err.push_str(&diag::emit(&exchanged.diagnostics, messages, arguments.format));
        printed.out.push_str(&summary(&exchanged, messages));
    })
}

fn summary(exchanged: &Exchanged, messages: &Messages) -> String {
    let mut out = String::new();
    let mut line = |text: String| out.push_str(&format!("{text}\n"));
    let count = exchanged.produced.len().to_string();
    let made = [("municipality", exchanged.municipality.as_str()), ("count", &count)];
    match exchanged.read {
        Some(read) => {
            let [municipality, count] = made;
            line(messages.text("forms-read", &[municipality, count, ("read", &read.to_string())]));
        }
        None => line(messages.text("forms-made", &made)),
    }
    for (form, period, states) in &exchanged.states {
        let state = |(state, count): (&crate::returns::State, &usize)| {
            messages.text(&format!("forms-{}", state.key()), &[("count", &count.to_string())])
        };
        let states: Vec<String> = states.iter().map(state).collect();
        let args = [("form", form.as_str()), ("period", period.as_str()), ("states", &states.join(", "))];
        line(messages.text("forms-states", &args));
        let waited = exchanged.waited.iter().find(|(own, own_period, _)| (own, own_period) == (form, period));
        let lists =
            waited.into_iter().flat_map(|(_, _, names)| ["forms-waiting", "forms-unfinished"].into_iter().zip(names));
        for (key, names) in lists.filter(|(_, names)| !names.is_empty()) {
            line(messages.text(key, &[("names", &names.join("; "))]));
        }
    }
    out
}
