//! Escaping for Typst: any text as a string literal that no context can break out of.
//!
//! The alphabet inside the quotes is letters, blanks and `\u{hex}`: no quote, backslash pair, comment, bracket or
//! dollar can exist, whatever stands around; a bare digit was typed by hand in a body, and `typeset` refuses it.
//! In markup the literal is an expression closed by «;».
//! The wrong choice fails closed: markup form in code is a compile error, code form in markup prints the
//! text with its quotes.

use std::fmt::Write as _;

fn inner(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if c == ' ' || (c.is_alphabetic() && !c.is_numeric()) {
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
    fn nothing_but_letters_and_escapes_stands_between_the_quotes() {
        let hostile = "#read(\"/etc/passwd\") $x$ */ \"] \\u{22} `a` // @b <c> 5 ² Ⅳ\n\0";
        let made = literal(hostile);
        let mut rest = made.trim_matches('"');
        let mut letters = String::new();
        while let Some((before, after)) = rest.split_once("\\u{") {
            let (code, tail) = after.split_once('}').expect("a closed escape");
            assert!(u32::from_str_radix(code, 16).is_ok(), "{made}");
            letters.push_str(before);
            rest = tail;
        }
        letters.push_str(rest);
        assert!(letters.chars().all(|c| c == ' ' || (c.is_alphabetic() && !c.is_numeric())), "{made}");
        assert!(markup(hostile).ends_with("\";"));
    }
}
