//! The program's own source as tokens: what the laws and the texts look at.
//! In: the text of a Rust file. Out: tokens with lines, without comments and without what is only built for tests.
//! It is no parser: it knows literals, comments, paths and brackets, and nothing of types.

use std::path::{Path, PathBuf};

use crate::{project, read_text};

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A name or a keyword.
    Word,
    /// A string literal; the text is what stands between the quotes, escapes untouched.
    Text,
    /// A character literal, likewise.
    Char,
    /// A number or a lifetime.
    Other,
    /// A sign; `::`, `=>` and `->` are one.
    Sign,
}

/// A token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    /// Its line, counted from one.
    pub line: usize,
    /// What it is.
    pub kind: Kind,
    /// Its text.
    pub text: String,
}

impl Token {
    /// Tells whether the token is this sign or word, not a literal of that text.
    pub fn is(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Word | Kind::Sign) && self.text == text
    }
}

/// A file of the program.
#[derive(Debug)]
pub struct SourceFile {
    /// Its path below the project, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl SourceFile {
    /// Returns the modules that lead to the file: none for `src/lib.rs`, `main` for `src/main.rs`.
    pub fn module(&self) -> Vec<String> {
        let inner = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        let inner = inner.strip_suffix("/mod").unwrap_or(inner);
        if inner == "lib" { Vec::new() } else { inner.split('/').map(str::to_owned).collect() }
    }

    /// Tells whether the file is only built for tests.
    pub fn is_test(&self) -> bool {
        self.module().last().is_some_and(|name| name == "tests")
    }

    /// Returns the tokens of what is built into the program.
    pub fn program(&self) -> Vec<Token> {
        if self.is_test() { Vec::new() } else { without_tests(&tokens(&self.text)) }
    }
}

/// Reads the Rust files below a folder of the project, sorted.
///
/// # Errors
/// Names what cannot be read; a folder without sources proves nothing and is an error.
pub fn read(folder: &str) -> Result<Vec<SourceFile>, String> {
    let (mut open, mut paths) = (vec![project(folder)], Vec::<PathBuf>::new());
    while let Some(folder) = open.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    if paths.is_empty() {
        return Err(format!("{folder}: no sources"));
    }
    let relative = |path: &Path| {
        let parts = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(path).components();
        parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
    };
    paths.iter().map(|path| Ok(SourceFile { path: relative(path), text: read_text(path)? })).collect()
}

/// Splits a source into tokens.
pub fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let at = |index: usize| chars.get(index).copied().unwrap_or('\0');
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let (mut out, mut index, mut line) = (Vec::new(), 0, 1);
    while index < chars.len() {
        let start = index;
        let first = at(index);
        let mut text: Option<(Kind, usize, usize)> = None;
        if first.is_whitespace() {
            index += 1;
        } else if first == '/' && at(index + 1) == '/' {
            while index < chars.len() && at(index) != '\n' {
                index += 1;
            }
        } else if first == '/' && at(index + 1) == '*' {
            let mut depth = 0;
            loop {
                match (at(index), at(index + 1)) {
                    ('/', '*') => (depth, index) = (depth + 1, index + 2),
                    ('*', '/') => (depth, index) = (depth - 1, index + 2),
                    _ => index += 1,
                }
                if depth == 0 || index >= chars.len() {
                    break;
                }
            }
        } else if let Some((quote, hashes)) = raw_string(&at, index) {
            let is_end = |at_quote: usize| at(at_quote) == '"' && (1..=hashes).all(|step| at(at_quote + step) == '#');
            let mut end = quote + 1;
            while end < chars.len() && !is_end(end) {
                end += 1;
            }
            text = Some((Kind::Text, quote + 1, end));
            index = end + 1 + hashes;
        } else if first == '"' || (matches!(first, 'b' | 'c') && at(index + 1) == '"') {
            let open = if first == '"' { index } else { index + 1 };
            let end = closing(&at, open, '"', chars.len());
            text = Some((Kind::Text, open + 1, end));
            index = end + 1;
        } else if (first == '\'' && (at(index + 1) == '\\' || at(index + 2) == '\''))
            || (first == 'b' && at(index + 1) == '\'')
        {
            let open = if first == 'b' { index + 1 } else { index };
            let end = closing(&at, open, '\'', chars.len());
            text = Some((Kind::Char, open + 1, end));
            index = end + 1;
        } else if first == '\'' || is_word(first) {
            index += 1;
            while is_word(at(index))
                || (at(index) == '#' && index == start + 1 && first == 'r' && is_word(at(index + 1)))
            {
                index += 1;
            }
            let kind = if first == '\'' || first.is_ascii_digit() { Kind::Other } else { Kind::Word };
            text = Some((kind, start, index));
        } else {
            let is_pair = matches!((first, at(index + 1)), (':', ':') | ('=', '>') | ('-', '>'));
            index += if is_pair { 2 } else { 1 };
            text = Some((Kind::Sign, start, index));
        }
        if let Some((kind, from, to)) = text {
            let text = chars.get(from..to).unwrap_or_default().iter().collect();
            out.push(Token { line, kind, text });
        }
        line += chars.get(start..index).unwrap_or_default().iter().filter(|c| **c == '\n').count();
    }
    out
}

/// Returns the place of the quote and the number of signs `#` of a raw string that begins here.
fn raw_string(at: &impl Fn(usize) -> char, index: usize) -> Option<(usize, usize)> {
    let mut quote = match (at(index), at(index + 1)) {
        ('r', '#' | '"') => index + 1,
        ('b' | 'c', 'r') => index + 2,
        _ => return None,
    };
    let first = quote;
    while at(quote) == '#' {
        quote += 1;
    }
    (at(quote) == '"').then_some((quote, quote - first))
}

/// Returns the place of the closing quote.
fn closing(at: &impl Fn(usize) -> char, open: usize, quote: char, end: usize) -> usize {
    let mut index = open + 1;
    while index < end && at(index) != quote {
        index += if at(index) == '\\' { 2 } else { 1 };
    }
    index
}

/// Returns the place of the bracket that closes the one at `open`.
pub fn matching(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        if token.kind == Kind::Sign {
            match token.text.as_str() {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return index;
            }
        }
    }
    tokens.len()
}

/// Leaves out the items under `#[cfg(test)]`.
pub fn without_tests(tokens: &[Token]) -> Vec<Token> {
    let is = |index: usize, text: &str| tokens.get(index).is_some_and(|token| token.is(text));
    let is_test = |open: usize| ["[", "cfg", "(", "test", ")", "]"].iter().zip(open..).all(|(text, at)| is(at, text));
    let (mut out, mut index) = (Vec::new(), 0);
    while let Some(token) = tokens.get(index) {
        if is(index, "#") && is(index + 1, "!") && is_test(index + 2) {
            return Vec::new();
        }
        if !(is(index, "#") && is_test(index + 1)) {
            out.push(token.clone());
            index += 1;
            continue;
        }
        // The item: further attributes, then all up to its semicolon or the end of its body.
        index += 7;
        while index < tokens.len() && !is(index, ";") && !is(index, "{") {
            let is_bracket = is(index, "[") || is(index, "(");
            index = if is_bracket { matching(tokens, index) + 1 } else { index + 1 };
        }
        index = if is(index, "{") { matching(tokens, index) + 1 } else { index + 1 };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_comments_and_lines_are_told_apart() {
        let source = "// \"no\"\n/* a /* b */ \"no\" */ use a::b; let x: &'static str = \"q\\\"\n\"; r#\"r\"s\"#; 'c'; '\\''; b\"d\";";
        let literals: Vec<(usize, Kind, String)> = tokens(source)
            .into_iter()
            .filter(|token| matches!(token.kind, Kind::Text | Kind::Char))
            .map(|token| (token.line, token.kind, token.text))
            .collect();
        let expected = [
            (2, Kind::Text, "q\\\"\n"),
            (3, Kind::Text, "r\"s"),
            (3, Kind::Char, "c"),
            (3, Kind::Char, "\\'"),
            (3, Kind::Text, "d"),
        ];
        assert_eq!(literals, expected.map(|(line, kind, text)| (line, kind, text.to_owned())));
        assert!(tokens(source).iter().any(|token| token.is("::") && token.line == 2));
    }

    #[test]
    fn what_is_built_for_tests_is_left_out() {
        let source = "fn a() {} #[cfg(test)] #[x(y)] mod tests { fn b() { { } } } #[cfg(test)] use c::d; fn e() {}";
        let words = |tokens: &[Token]| {
            tokens.iter().filter(|token| token.kind == Kind::Word).map(|token| token.text.clone()).collect::<Vec<_>>()
        };
        assert_eq!(words(&without_tests(&tokens(source))), ["fn", "a", "fn", "e"]);
        assert_eq!(words(&without_tests(&tokens("#![cfg(test)] fn a() {}"))), Vec::<String>::new());
        assert_eq!(words(&without_tests(&tokens("#[cfg(not(test))] fn a() {}"))), ["cfg", "not", "test", "fn", "a"]);
    }
}
