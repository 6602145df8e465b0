//! Jobs to pages: each on a worker thread, and a fault of the engine costs one document.
//! In: jobs. Out: what came of each, in their order. It must never know what a document tells.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::diag::{Diagnostic, Diagnostics, Place, Reason};
use crate::plan::Job;
use crate::template::{self, Filled};
use crate::typeset::{self, Fonts, Typeset};

/// A rendered PDF, or what stands in its way.
pub(super) struct Rendered {
    pub(super) diagnostics: Diagnostics,
    pub(super) filled: Option<Filled>,
    pub(super) typeset: Option<Typeset>,
}

/// Renders jobs on worker threads, each with a pool of one thread of its own: typst works on the pool of
/// its thread, and documents on a shared pool would nest on one another's stacks. `seen` sees every job with its pages,
/// where there are any.
pub(super) fn render(jobs: &[Job], workers: usize, seen: &(dyn Fn(&Job, Option<&Typeset>) + Sync)) -> Vec<Rendered> {
    if jobs.is_empty() {
        return Vec::new();
    }
    let fonts = Fonts::built_in();
    let next = AtomicUsize::new(0);
    let results: Mutex<BTreeMap<usize, Rendered>> = Mutex::default();
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(index) else { break };
            let mut rendered = render_safely(job, &fonts);
            seen(job, rendered.typeset.as_ref());
            // What was filled is kept to show where it failed, no longer than that.
            if let (Some(filled), Some(typeset)) = (&mut rendered.filled, &mut rendered.typeset) {
                (filled.parts, typeset.texts) = (Vec::new(), Vec::new());
            }
            results.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(index, rendered);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..workers.clamp(1, jobs.len()) {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(STACK).build();
            let worker = std::thread::Builder::new().stack_size(STACK);
            if let Ok(pool) = pool {
                // A worker that cannot be started leaves its work to the others.
                let _ = worker.spawn_scoped(scope, move || pool.install(work));
            }
        }
    });
    // Threads that could not be started at all: the work is done here.
    work();
    results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).into_values().collect()
}

/// Stack of a worker, bytes: typst recurses over nested content.
pub(super) const STACK: usize = 16 * 1024 * 1024;

/// Renders a document; a fault of the engine costs this document, and no other.
fn render_safely(job: &Job, fonts: &Fonts) -> Rendered {
    let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| render_one(job, fonts)));
    made.unwrap_or_else(|fault| {
        let said = fault.downcast_ref::<String>().map(String::as_str).or_else(|| fault.downcast_ref::<&str>().copied());
        let reason = Reason::technical("reason-engine-fault", said.unwrap_or_default().to_owned());
        let place = Place::Document { document: job.kind.clone() };
        let mut diagnostics = Diagnostics::default();
        diagnostics.push(Diagnostic::error("typesetting-failed", place).with("document", &job.kind).because(reason));
        Rendered { diagnostics, filled: None, typeset: None }
    })
}

pub(super) fn render_one(job: &Job, fonts: &Fonts) -> Rendered {
    let mut diagnostics = Diagnostics::default();
    let filled = template::fill(job, &mut diagnostics);
    let typeset = match &filled {
        // With a broken body nothing is printed: what is wrong with the others is looked for.
        Some(filled) if job.is_draft || filled.uses.gaps.is_empty() || !filled.broken.is_empty() => {
            typeset::typeset(job, filled, fonts, &mut diagnostics)
        }
        _ => None,
    };
    Rendered { diagnostics, filled, typeset }
}
