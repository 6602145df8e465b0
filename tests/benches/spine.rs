//! The cost of every stage on the shipped sample: read, analyze, fill, typeset, write, and the whole path.
//! `cargo bench --bench spine`.

#![expect(clippy::expect_used, reason = "the sample must be there")]

use std::path::{Path, PathBuf};

use divan::{Bencher, black_box};
use svod::catalog::BUILT_IN;
use svod::diag::{Diagnostics, Messages};
use svod::indicators::{Refused, Study};
use svod::model::{Dataset, Year};
use svod::pipeline::{self, Prepared, Request};
use svod::plan::Job;
use svod::provenance::Sources;
use svod::source::{self, Municipality};
use svod::template::{self, Filled};
use svod::typeset::{self, Fonts};
use svod::workbook::{Reader, read_xlsx};
use svod::{checks, sheets};

/// The order with the concept and its two appendices, 14 pages: the longest that is measured by itself.
const BUNDLE: &str = "concept-order";
/// The concept alone, 7 pages.
const CONCEPT: &str = "concept";

fn main() {
    // Typst works on the pool of its thread: here the thread of the benches itself, as a worker of the program has one.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread();
    pool.build_global().expect("the pool");
    divan::main();
}

/// The sample whose order and concept are measured by themselves.
const SAMPLE: &str = "mariinsk";

fn municipality(id: &str) -> Municipality {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("inputs").join(id);
    Municipality { id: id.to_owned(), folder }
}

fn messages() -> Messages {
    let (_, bytes) = BUILT_IN.iter().find(|(path, _)| *path == "messages/ru.toml").expect("messages");
    Messages::parse(std::str::from_utf8(bytes).expect("text")).expect("messages")
}

fn request(outputs: PathBuf, workers: usize) -> Request {
    let inputs = municipality(SAMPLE).folder;
    Request { inputs, outputs, only: std::iter::empty().collect(), draft: false, workers, reader: Reader::InProcess }
}

fn prepared() -> Prepared {
    prepared_of(SAMPLE)
}

fn prepared_of(id: &str) -> Prepared {
    let mut diagnostics = Diagnostics::default();
    let request = request(PathBuf::new(), 1);
    pipeline::prepare(&municipality(id), &request, &messages(), &mut diagnostics).expect("the sample")
}

fn job(prepared: &Prepared, kind: &str) -> Job {
    prepared.jobs.iter().find(|job| job.kind == kind).expect("a job of this kind").clone()
}

fn filled(job: &Job) -> Filled {
    template::fill(job, &mut Diagnostics::default()).expect("filled")
}

fn read() -> (Dataset, Sources) {
    let mut diagnostics = Diagnostics::default();
    let files = source::read(&municipality(SAMPLE).folder, &mut diagnostics);
    let books = files.iter().filter(|file| file.path.ends_with(".xlsx"));
    let books: Vec<_> = books.map(|file| (file.path.clone(), read_xlsx(&file.bytes).expect("a workbook"))).collect();
    let mut sources = Sources::default();
    let mut data = sheets::read(books, &sheets::Aliases::default(), &[], &mut sources, &mut diagnostics);
    checks::check(&mut data, &sources, &mut diagnostics);
    (data, sources)
}

/// All workbooks of the sample from disk to a checked data set.
#[divan::bench(name = "read")]
fn read_sample(bencher: Bencher<'_, '_>) {
    bencher.bench_local(read);
}

/// Groups and indicators of two years.
#[divan::bench]
fn analyze(bencher: Bencher<'_, '_>) {
    let prepared = prepared();
    let (data, sources) = read();
    let years = [Year(prepared.year.0 - 1), prepared.year];
    let refused = Refused::default();
    let study = Study {
        methods: &prepared.methods,
        catalogue: &prepared.catalogue,
        refused: &refused,
        data: &data,
        rounding: prepared.settings.rounding,
        trend: &prepared.settings.trend,
    };
    bencher.with_inputs(|| (sources.clone(), Diagnostics::default())).bench_local_values(
        |(mut sources, mut diagnostics)| {
            black_box(study.compute(&years, &mut sources, &mut diagnostics));
            (sources, diagnostics)
        },
    );
}

/// The bodies of a bundle or a document.
#[divan::bench(args = [BUNDLE, CONCEPT])]
fn fill(bencher: Bencher<'_, '_>, kind: &str) {
    let job = job(&prepared(), kind);
    bencher.bench_local(|| filled(black_box(&job)));
}

/// Pages and PDF of a bundle or a document; the fonts are read once.
#[divan::bench(args = [BUNDLE, CONCEPT], sample_count = 50)]
fn typeset(bencher: Bencher<'_, '_>, kind: &str) {
    let job = job(&prepared(), kind);
    let filled = filled(&job);
    let fonts = Fonts::built_in();
    // What the round before left in the memory of the engine is no work of this one.
    bencher.with_inputs(|| comemo::evict(0)).bench_local_values(|()| {
        typeset::typeset(black_box(&job), &filled, &fonts, &mut Diagnostics::default()).expect("pages")
    });
}

/// Every document of a sample, on one thread: what all papers of the year and of all schools cost. Counted are pages.
#[divan::bench(args = ["mariinsk", "plast", "dzerzhinsk", "mikhailovsky", "kirovsky"], sample_count = 3, sample_size = 1)]
fn package(bencher: Bencher<'_, '_>, id: &str) {
    let prepared = prepared_of(id);
    let fonts = Fonts::built_in();
    let pages = |job: &Job| {
        let mut diagnostics = Diagnostics::default();
        let filled = template::fill(job, &mut diagnostics).expect("filled");
        typeset::typeset(job, &filled, &fonts, &mut diagnostics).expect("pages").pages
    };
    let count: usize = prepared.jobs.iter().map(pages).sum();
    let bencher = bencher.counter(divan::counter::ItemsCount::new(count));
    bencher.bench_local(|| prepared.jobs.iter().map(pages).sum::<usize>());
}

/// The monitoring return.
#[divan::bench]
fn write(bencher: Bencher<'_, '_>) {
    let prepared = prepared();
    let job = prepared.forms.first().expect("a form");
    bencher.bench_local(|| black_box(&job.content).render().expect("a workbook"));
}

/// The whole path without writing.
#[divan::bench(args = [1, 2], sample_count = 20)]
fn sample(bencher: Bencher<'_, '_>, workers: usize) {
    let (municipality, messages, request) = (municipality(SAMPLE), messages(), request(PathBuf::new(), workers));
    bencher.bench_local(|| pipeline::run(&municipality, &request, &messages, false, &|_| {}));
}

/// The whole path, written over the outputs of the run before.
#[divan::bench(args = [1, 2], sample_count = 20)]
fn sample_written(bencher: Bencher<'_, '_>, workers: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let (municipality, messages) = (municipality(SAMPLE), messages());
    let request = request(folder.path().to_owned(), workers);
    bencher.bench_local(|| pipeline::run(&municipality, &request, &messages, true, &|_| {}));
}
