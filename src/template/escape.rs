//! Escaping for Typst: any text as a string literal that no context can break out of.
//!
//! The alphabet inside the quotes is letters, digits, blanks and `\u{hex}`: no quote, backslash pair, comment,
//! bracket or dollar can exist, whatever stands around. In markup the literal is an expression closed by «;».
//! The wrong choice fails closed: markup form in code is a compile error, code form in markup prints the
//! text with its quotes.

use std::fmt::Write as _;

fn inner(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if c.is_alphanumeric() || c == ' ' {
            out.push(c);
        } else {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
    }
    out
}

/// Writes a text as a Typst string literal, for code.
pub fn literal(text: &str) -> String {
    format!("\"{}\"", inner(text))
}

/// Writes a text as an expression in markup.
pub fn markup(text: &str) -> String {
    format!("#\"{}\";", inner(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_letters_digits_and_escapes_stands_between_the_quotes() {
        let hostile = "#read(\"/etc/passwd\") $x$ */ \"] \\u{22} `a` // @b <c>\n\0";
        let made = literal(hostile);
        let inside = made.trim_matches('"');
        let allowed = |c: char| c.is_alphanumeric() || " \\{}".contains(c);
        assert!(inside.chars().all(allowed), "{made}");
        assert!(markup(hostile).ends_with("\";"));
    }
}
