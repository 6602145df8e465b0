//! A text as a QR code: a drawing of black squares. The only user of qrcodegen.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

/// Empty squares around a code, by its standard (ISO/IEC 18004).
const QUIET: i32 = 4;

/// Draws a text as SVG, one unit a square; `None` where it is too long for a code.
///
/// Fifteen per cent of the code may be lost under a stamp and it can still be read.
pub(super) fn drawing(text: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let side = code.size() + 2 * QUIET;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            let _ = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    Some(format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\"><path d=\"{path}\"/></svg>"))
}
