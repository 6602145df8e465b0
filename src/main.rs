//! The program: the world into the library, the report onto the streams.

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use svod::cli::{self, World};
use svod::workbook;

#[expect(clippy::disallowed_methods, reason = "only main sees the environment")]
fn main() -> ExitCode {
    let progress = |line: &str| {
        // A line that cannot be shown is no reason to stop.
        let _ = write!(std::io::stderr().lock(), "\r\u{1b}[K{line}");
    };
    let is_watched = std::io::stderr().is_terminal();
    let printed = cli::run(&World {
        arguments: std::env::args_os().collect(),
        processors: std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get),
        progress: is_watched.then_some(&progress),
        read_book: workbook::read_xlsx,
    });
    if is_watched {
        let _ = write!(std::io::stderr(), "\r\u{1b}[K");
    }
    let shown = std::io::stderr()
        .write_all(printed.err.as_bytes())
        .and_then(|()| std::io::stdout().write_all(printed.out.as_bytes()));
    // A closed pipe (`svod list | head`) is the reader's choice.
    drop(shown);
    ExitCode::from(printed.status)
}
