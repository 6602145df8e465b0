//! The program: the world into the library, the report onto the streams.

use std::ffi::OsString;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use svod::cli::{self, World};
use svod::workbook::{self, Reader};

#[expect(clippy::disallowed_methods, reason = "only main sees the environment")]
fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if let [_, first, kind] = arguments.as_slice()
        && first == workbook::READ_ONE
    {
        // The child's side of the reader: nothing else of the program runs.
        let is_done = workbook::answer(&kind.to_string_lossy(), std::io::stdin().lock(), std::io::stdout().lock());
        return if is_done { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let progress = |line: &str| {
        // A line that cannot be shown is no reason to stop.
        let _ = write!(std::io::stderr().lock(), "\r\u{1b}[K{line}");
    };
    let is_watched = std::io::stderr().is_terminal();
    let printed = cli::run(&World {
        arguments,
        processors: std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get),
        progress: is_watched.then_some(&progress),
        // Without a path to itself the program reads what can be read safely in its own process.
        reader: std::env::current_exe().map_or(Reader::InProcess, |executable| Reader::Child { executable }),
        today: today(),
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

/// The day by the clock of the machine, in universal time.
#[expect(clippy::disallowed_methods, reason = "only main sees the clock")]
fn today() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    svod::ru::Date::of_unix_day(since.as_secs() / 86_400).map_or_else(String::new, svod::ru::Date::short)
}
