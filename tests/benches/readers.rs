//! The cost of reading: six hundred filled forms, each in a child process of its own.
//! `cargo bench --bench readers`.

#![expect(clippy::expect_used, reason = "what cannot be made cannot be measured")]

use std::path::PathBuf;

use divan::{Bencher, black_box};
use rust_xlsxwriter::{Format, Workbook};
use svod::diag::Diagnostics;
use svod::source::SourceFile;
use svod::workbook::{Kind, Reader, Reading, read_all};

/// Forms of a region's schools.
const FORMS: usize = 600;
/// Rows of a form, and its merged regions.
const ROWS: u32 = 200;
/// See [`ROWS`].
const MERGES: u32 = 160;

fn main() {
    divan::main();
}

/// A form: merged labels, texts and numbers in ten columns.
fn form(seed: usize) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let plain = Format::new();
    for row in 0..ROWS {
        if row < MERGES {
            sheet.merge_range(row, 0, row, 2, &format!("Показатель {row}"), &plain).expect("a region");
        } else {
            sheet.write(row, 0, format!("Показатель {row}")).expect("a text");
        }
        for column in 3..10 {
            let number = u32::try_from(seed).expect("a number") + row + u32::from(column);
            sheet.write(row, column, number).expect("a number");
        }
    }
    book.save_to_buffer().expect("a workbook")
}

fn forms() -> Vec<SourceFile> {
    let file = |index: usize| SourceFile { path: format!("{index}.xlsx"), bytes: form(index), hash: String::new() };
    (0..FORMS).map(file).collect()
}

fn child() -> Reader {
    Reader::Child { executable: PathBuf::from(env!("CARGO_BIN_EXE_svod")) }
}

#[divan::bench(sample_count = 3, sample_size = 1, args = [1, 2])]
fn six_hundred_forms(bencher: Bencher<'_, '_>, workers: usize) {
    let (files, reader) = (forms(), child());
    bencher.bench_local(|| {
        let mut diagnostics = Diagnostics::default();
        let (books, _) = read_all(&files, Reading { reader: &reader, workers, cache: None }, &mut diagnostics);
        assert_eq!(books.len(), FORMS);
        black_box(books)
    });
}

#[divan::bench(args = [false, true], sample_count = 20)]
fn one_form(bencher: Bencher<'_, '_>, in_child: bool) {
    let bytes = form(1);
    let reader = if in_child { child() } else { Reader::InProcess };
    bencher.bench_local(|| reader.read(Kind::Xlsx, black_box(&bytes)).expect("a form"));
}
