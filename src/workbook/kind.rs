//! What a file is, by its content; a text file also needs the name of one.
//! In: name and bytes. Out: the kind of reader. It must never read the content.

use memchr::memmem;

use super::{Unreadable, unreadable};

/// The first bytes of an archive, and of an empty one.
const ARCHIVE: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];
/// The first bytes of a compound file: xls, but also doc, msg and encrypted xlsx.
const COMPOUND: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
/// How much of each end of an archive is searched for the names of its parts.
const SEARCHED: usize = 512 * 1024;

/// The reader that a file needs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// xlsx or xlsm.
    Xlsx,
    /// xlsb.
    Xlsb,
    /// xls.
    Xls,
    /// ods.
    Ods,
    /// csv, tsv or txt: fields with a delimiter.
    Text,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Xlsx, Self::Xlsb, Self::Xls, Self::Ods, Self::Text];

    /// Returns the name by which a child process is told.
    pub fn name(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Xlsb => "xlsb",
            Self::Xls => "xls",
            Self::Ods => "ods",
            Self::Text => "text",
        }
    }

    /// Returns the kind of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Tells whether merged regions are known, so that their absence means something.
    pub fn tells_merges(self) -> bool {
        matches!(self, Self::Xlsx | Self::Xls | Self::Text)
    }
}

/// Tells what a file is. `None` for a file that is no workbook and does not claim to be one.
///
/// `path` may be a bare extension.
pub fn kind_of(path: &str, bytes: &[u8]) -> Option<Result<Kind, Unreadable>> {
    let extension = path.rsplit('.').next().unwrap_or_default().to_lowercase();
    let named = match extension.as_str() {
        "xlsx" | "xlsm" | "xltx" | "xltm" => Some(Kind::Xlsx),
        "xlsb" => Some(Kind::Xlsb),
        "xls" | "xlt" => Some(Kind::Xls),
        "ods" | "ots" => Some(Kind::Ods),
        "csv" | "tsv" | "txt" => Some(Kind::Text),
        _ => None,
    };
    let claims = named.is_some();
    let refuse = |reason: &str| claims.then(|| Err(unreadable(reason)));
    if bytes.is_empty() {
        return refuse("empty");
    }
    if ARCHIVE.iter().any(|magic| bytes.starts_with(magic)) {
        return match in_archive(bytes) {
            Some(kind) => Some(Ok(kind)),
            // The directory of a damaged archive may be gone: its reader says so.
            None => match named {
                Some(Kind::Text) | None => refuse("not-a-workbook"),
                Some(Kind::Xls) => Some(Ok(Kind::Xlsx)),
                Some(kind) => Some(Ok(kind)),
            },
        };
    }
    if bytes.starts_with(COMPOUND) {
        return match in_compound(bytes) {
            Some(found) => Some(found),
            None => refuse("damaged"),
        };
    }
    if is_page(bytes) {
        return refuse("web-page");
    }
    match named {
        Some(Kind::Text) => Some(Ok(Kind::Text)),
        Some(_) => Some(Err(unreadable("not-a-workbook"))),
        None => None,
    }
}

/// Finds the part of an archive that names its format; the names stand in plain at both ends.
fn in_archive(bytes: &[u8]) -> Option<Kind> {
    let head = bytes.get(..SEARCHED.min(bytes.len())).unwrap_or_default();
    let tail = bytes.get(bytes.len().saturating_sub(SEARCHED)..).unwrap_or_default();
    let holds = |name: &[u8]| [tail, head].iter().any(|part| memmem::find(part, name).is_some());
    if holds(b"xl/workbook.bin") {
        Some(Kind::Xlsb)
    } else if holds(b"xl/workbook.xml") || holds(b"xl/worksheets/") || holds(b"xl\\workbook.xml") {
        Some(Kind::Xlsx)
    } else if holds(b"application/vnd.oasis.opendocument.spreadsheet") {
        Some(Kind::Ods)
    } else {
        None
    }
}

/// Finds the stream of a compound file that makes it a workbook.
fn in_compound(bytes: &[u8]) -> Option<Result<Kind, Unreadable>> {
    let holds = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
        memmem::find(bytes, &wide).is_some()
    };
    if holds("EncryptedPackage") {
        Some(Err(unreadable("password")))
    } else if holds("Workbook") || holds("Book") {
        Some(Ok(Kind::Xls))
    } else {
        None
    }
}

/// Tells a web page or another XML text, which some systems hand out under the name of a workbook.
fn is_page(bytes: &[u8]) -> bool {
    let start: String = bytes
        .iter()
        .copied()
        .skip_while(|byte| byte.is_ascii_whitespace() || matches!(byte, 0xef | 0xbb | 0xbf))
        .take(16)
        .map(|byte| char::from(byte.to_ascii_lowercase()))
        .collect();
    ["<html", "<!doctype", "<?xml", "<table", "<head", "<meta", "mime-version:"]
        .iter()
        .any(|page| start.starts_with(page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_and_not_the_name() {
        let kind = |path: &str, bytes: &[u8]| kind_of(path, bytes).map(|found| found.map_err(|why| why.reason));
        assert_eq!(kind("a.xls", b"PK\x03\x04..xl/workbook.xml"), Some(Ok(Kind::Xlsx)));
        assert_eq!(kind("a.xlsx", b"PK\x03\x04..xl/workbook.bin"), Some(Ok(Kind::Xlsb)));
        assert_eq!(kind("a.bak", b"PK\x03\x04..xl/workbook.xml"), Some(Ok(Kind::Xlsx)));
        assert_eq!(kind("a.docx", b"PK\x03\x04..word/document.xml"), None);
        assert_eq!(kind("a.csv", b"PK\x03\x04..word/document.xml"), Some(Err("not-a-workbook".to_owned())));
        assert_eq!(kind("a.xlsx", b"PK\x03\x04"), Some(Ok(Kind::Xlsx)));
        assert_eq!(kind("a.xls", b"<html><table>"), Some(Err("web-page".to_owned())));
        assert_eq!(kind("a.csv", b"a;b"), Some(Ok(Kind::Text)));
        assert_eq!(kind("a.md", b"a;b"), None);
        assert_eq!(kind("a.xlsx", b""), Some(Err("empty".to_owned())));
        assert_eq!(kind("a.toml", b""), None);
        let compound = |name: &str| {
            let name = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes);
            COMPOUND.iter().copied().chain(name).collect::<Vec<u8>>()
        };
        assert_eq!(kind("a.xlsx", &compound("EncryptedPackage")), Some(Err("password".to_owned())));
        assert_eq!(kind("a.xlsx", &compound("Workbook")), Some(Ok(Kind::Xls)));
        assert_eq!(kind("a.doc", &compound("WordDocument")), None);
    }

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        for kind in Kind::ALL {
            assert_eq!(Kind::named(kind.name()), Some(kind));
        }
    }
}
