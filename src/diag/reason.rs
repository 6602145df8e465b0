//! Reasons that libraries and the system give, as texts of the program: a key with arguments, never a library's words.
//! In: errors of reading, writing and parsing. Out: a reason that a finding carries; where the set of errors is open,
//! the library's words are an argument of a text that says what they are. It must never know the wording.

use std::collections::BTreeMap;
use std::io;

/// Why something failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason {
    /// Arguments of the finding; `reason` is the key of the text.
    pub(super) args: BTreeMap<String, String>,
    /// The line of a text file, counted from one.
    pub line: Option<usize>,
}

/// Longest value quoted from a file, characters.
const QUOTED: usize = 40;

impl Reason {
    /// Makes a reason of the key of its text.
    pub fn new(key: &str) -> Self {
        Self { args: BTreeMap::from([("reason".to_owned(), key.to_owned())]), line: None }
    }

    /// Adds an argument.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.args.insert(name.to_owned(), value.into());
        self
    }

    /// Says why the system refused.
    pub fn io(error: &io::Error) -> Self {
        use io::ErrorKind as Kind;
        let key = match error.kind() {
            Kind::NotFound => "reason-io-not-found",
            Kind::PermissionDenied => "reason-io-permission",
            Kind::AlreadyExists => "reason-io-exists",
            Kind::NotADirectory => "reason-io-not-a-folder",
            Kind::IsADirectory => "reason-io-a-folder",
            Kind::DirectoryNotEmpty => "reason-io-not-empty",
            Kind::ReadOnlyFilesystem => "reason-io-read-only",
            Kind::StorageFull | Kind::WriteZero => "reason-io-full",
            Kind::QuotaExceeded => "reason-io-quota",
            Kind::FileTooLarge => "reason-io-too-large",
            Kind::InvalidFilename => "reason-io-name",
            Kind::ResourceBusy | Kind::ExecutableFileBusy | Kind::WouldBlock | Kind::Deadlock => "reason-io-busy",
            Kind::TimedOut | Kind::Interrupted => "reason-io-interrupted",
            Kind::UnexpectedEof => "reason-io-cut",
            Kind::OutOfMemory => "reason-io-memory",
            Kind::Unsupported => "reason-io-unsupported",
            Kind::StaleNetworkFileHandle
            | Kind::NetworkDown
            | Kind::NetworkUnreachable
            | Kind::HostUnreachable
            | Kind::ConnectionReset
            | Kind::NotConnected => "reason-io-network",
            // ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION of Windows have no kind of their own.
            _ if cfg!(windows) && matches!(error.raw_os_error(), Some(32 | 33)) => "reason-io-busy",
            _ => return Self::technical("reason-io-other", error.to_string()),
        };
        Self::new(key)
    }

    /// Makes a reason of an open set: a text of the program, and behind it the words of the library.
    pub fn technical(key: &str, detail: impl Into<String>) -> Self {
        Self::new(key).with("detail", detail)
    }

    /// Says what is wrong with a TOML file, and at which line and character.
    pub fn toml(error: &toml::de::Error, source: &str) -> Self {
        let start = error.span().map_or(0, |span| span.start);
        let (before, rest) = source.split_at_checked(start).unwrap_or(("", source));
        let (line, column) =
            (before.matches('\n').count() + 1, before.rsplit('\n').next().unwrap_or("").chars().count());
        let found = error.span().and_then(|span| source.get(span)).unwrap_or_default();
        let mut reason = Self::of_toml(error.message(), before, rest, found);
        let what = reason.args.insert("reason".to_owned(), "reason-toml".to_owned()).unwrap_or_default();
        reason.line = Some(line);
        reason.with("what", what).with("column", (column + 1).to_string())
    }

    /// Reads the parser's message; `before` and `rest` are the source around the place, `found` what stands there.
    fn of_toml(message: &str, before: &str, rest: &str, found: &str) -> Self {
        let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
        let first = names.first().copied().unwrap_or_default();
        let allowed = names.iter().skip(1).copied().collect::<Vec<_>>().join(", ");
        // The key before a value: on its line, before the sign.
        let line = before.rsplit('\n').next().unwrap_or("");
        let key = line.rsplit_once('=').map_or("", |(key, _)| key.trim());
        if message.starts_with("unknown field") {
            let key = if allowed.is_empty() { "reason-toml-unknown-key" } else { "reason-toml-unknown-key-of" };
            return Self::new(key).with("key", first).with("allowed", allowed);
        }
        if message.starts_with("unknown variant") {
            return Self::new("reason-toml-unknown-value").with("given", first).with("allowed", allowed);
        }
        if message.starts_with("missing field") {
            return Self::new("reason-toml-missing-key").with("key", first);
        }
        if message.starts_with("duplicate") {
            let at_place = || rest.split(['=', ']', '\n']).next().unwrap_or("").trim_start_matches('[').trim();
            let key = if first.is_empty() { at_place() } else { first };
            return Self::new("reason-toml-duplicate-key").with("key", key);
        }
        if let Some((_, expected)) = message.split_once(", expected ")
            && ["invalid type", "invalid value", "invalid length"].iter().any(|head| message.starts_with(head))
        {
            let of = if key.is_empty() { "reason-toml-wrong-type-nameless" } else { "reason-toml-wrong-type" };
            return Self::new(of)
                .with("key", key)
                .with("expected", expected_type(expected))
                .with("given", quoted(found));
        }
        Self::technical("reason-toml-syntax", message.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

impl From<String> for Reason {
    /// A key, or a key with its value, that makes no sense.
    fn from(key: String) -> Self {
        Self::new("reason-bad-key").with("key", key)
    }
}

/// The text that names a type which a parser asks for.
fn expected_type(expected: &str) -> &'static str {
    let has = |words: &[&str]| words.iter().any(|word| expected.contains(word));
    if has(&["string", "str", "character"]) && !has(&["struct"]) {
        "reason-type-text"
    } else if has(&["u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64", "integer"]) {
        "reason-type-whole"
    } else if has(&["f32", "f64", "float"]) {
        "reason-type-number"
    } else if has(&["boolean"]) {
        "reason-type-flag"
    } else if has(&["sequence", "array", "tuple"]) {
        "reason-type-list"
    } else if has(&["map", "struct", "table"]) {
        "reason-type-table"
    } else {
        "reason-type-other"
    }
}

/// The beginning of what stands in a file.
fn quoted(found: &str) -> String {
    let line = found.lines().next().unwrap_or("");
    let short: String = line.chars().take(QUOTED).collect();
    if short.len() < found.trim_end().len() { format!("{short}…") } else { short }
}
