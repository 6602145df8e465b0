//! One workbook in a child process of the same executable, with limits of memory, processor time and wall time.
//! In: a kind and bytes, through a pipe. Out: a book, through another; or why the child ended without one.
//! Nothing else covers what ends a whole process (no memory) or never ends (an endless loop).

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use super::{Book, Kind, Unreadable, read_here, unreadable, wire};

/// The argument by which the program reads one workbook and does nothing else.
pub const READ_ONE: &str = "--read-one";
/// Largest workbook that a child takes, bytes.
const MAX_INPUT: u64 = 64 * 1024 * 1024;
/// Longest answer, bytes.
const MAX_ANSWER: u64 = 64 * 1024 * 1024;
/// Memory of a child, bytes. It is counted as addresses: what a growing text left behind on its way counts, too.
#[cfg(unix)]
const MEMORY: u64 = 1536 * 1024 * 1024;
/// Processor time of a child, seconds.
#[cfg(unix)]
const PROCESSOR: u64 = 10;
/// Time by the clock.
const WALL: Duration = Duration::from_secs(20);
/// How long a child that has answered may take to end.
const LINGER: Duration = Duration::from_secs(2);
/// Begins and ends an answer: a child that dies while writing is found out.
const MARK: &[u8] = b"svod-book-2\n";

/// Reads a book in a child process.
pub(super) fn read(executable: &Path, kind: Kind, bytes: &[u8]) -> Result<Book, Unreadable> {
    let spawned = Command::new(executable)
        .args([READ_ONE, kind.name()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = spawned.map_err(|_| unreadable("not-started"))?;
    let answer = converse(&mut child, bytes);
    // Whatever it was, nothing of it stays behind.
    let status = end(&mut child);
    let (answer, complaint) = answer?;
    if answer.len() as u64 > MAX_ANSWER {
        return Err(unreadable("too-large"));
    }
    let body = answer.strip_prefix(MARK).and_then(|rest| rest.strip_suffix(MARK));
    match body.and_then(unpack) {
        Some(result) => result,
        None => Err(unreadable(cause(status, &complaint))),
    }
}

/// Says in the last byte whether a book follows, or why there is none.
fn pack(result: &Result<Book, Unreadable>) -> Option<Vec<u8>> {
    let mut bytes = match result {
        Ok(book) => wire::pack(book)?,
        Err(why) => postcard::to_extend(why, Vec::new()).ok()?,
    };
    bytes.push(u8::from(result.is_ok()));
    Some(bytes)
}

fn unpack(bytes: &[u8]) -> Option<Result<Book, Unreadable>> {
    match bytes.split_last()? {
        (1, book) => wire::unpack(book).map(Ok),
        (0, why) => postcard::from_bytes(why).ok().map(Err),
        _ => None,
    }
}

/// Hands the bytes over and waits for the answer, and for what the child complained of.
fn converse(child: &mut Child, bytes: &[u8]) -> Result<(Vec<u8>, Vec<u8>), Unreadable> {
    let (Some(mut to), Some(from), Some(complaints)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(unreadable("not-started"));
    };
    std::thread::scope(|scope| {
        let (send, receive) = mpsc::channel();
        let write = move || {
            // A child that refuses the file early does not read to its end.
            drop(to.write_all(bytes));
        };
        let listen = move || {
            let (mut answer, mut complaint) = (Vec::new(), Vec::new());
            drop(from.take(MAX_ANSWER + 1).read_to_end(&mut answer));
            drop(complaints.take(4096).read_to_end(&mut complaint));
            drop(send.send((answer, complaint)));
        };
        let is_started = std::thread::Builder::new().spawn_scoped(scope, write).is_ok()
            && std::thread::Builder::new().spawn_scoped(scope, listen).is_ok();
        let answer = match is_started {
            true => receive.recv_timeout(WALL).map_err(|_| unreadable("time")),
            false => Err(unreadable("not-started")),
        };
        if answer.is_err() {
            // Ends the pipes, and with them the threads.
            drop(child.kill());
        }
        answer
    })
}

/// Waits for a child that has said all that it will say; one that does not end is ended.
fn end(child: &mut Child) -> Option<ExitStatus> {
    let step = Duration::from_millis(1);
    let mut waited = Duration::ZERO;
    while waited < LINGER {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) => std::thread::sleep(step),
            Err(_) => break,
        }
        waited += step;
    }
    drop(child.kill());
    child.wait().ok()
}

/// Tells why a child ended without an answer.
fn cause(status: Option<ExitStatus>, complaint: &[u8]) -> &'static str {
    if memchr::memmem::find(complaint, b"memory allocation of").is_some() {
        return "memory";
    }
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        // The kernel ends what has used up its processor time.
        if status.and_then(|status| status.signal()).is_some_and(|signal| matches!(signal, 9 | 24)) {
            return "time";
        }
    }
    #[cfg(not(unix))]
    let _ = status;
    "crash"
}

/// Reads one workbook from a stream and writes the answer to another: the child's side. `false` when it could not.
pub fn answer(kind: &str, mut input: impl Read, mut output: impl Write) -> bool {
    limit();
    // The parent has its own words for it.
    std::panic::set_hook(Box::new(|_| {}));
    let Some(kind) = Kind::named(kind) else { return false };
    let mut bytes = Vec::new();
    if input.by_ref().take(MAX_INPUT + 1).read_to_end(&mut bytes).is_err() {
        return false;
    }
    let result = if bytes.len() as u64 > MAX_INPUT { Err(unreadable("too-large")) } else { read_here(kind, &bytes) };
    drop(bytes);
    let Some(answer) = pack(&result) else { return false };
    [MARK, answer.as_slice(), MARK].iter().all(|part| output.write_all(part).is_ok()) && output.flush().is_ok()
}

/// Sets the limits of this process. Where the system knows none, the clock of the parent remains.
fn limit() {
    #[cfg(unix)]
    for (resource, wanted) in [
        (rlimit::Resource::AS, MEMORY),
        (rlimit::Resource::CPU, PROCESSOR),
        (rlimit::Resource::CORE, 0),
        (rlimit::Resource::FSIZE, 0),
    ] {
        let hard = resource.get_hard().unwrap_or(rlimit::INFINITY);
        let limit = wanted.min(hard);
        drop(resource.set(limit, limit));
    }
}
