//! Holds the ids of findings in the source and their texts in `templates/messages/ru.toml` to each other.
//!
//! Ids are the strings that reach the first argument of `Diagnostic::error`, `warning` and `note` (the second of
//! `new`): directly, through functions and closures that pass on a parameter, through a local value or through the
//! branches of a function. Where the way of an id cannot be followed, the line above the call names the ids:
//! `// ids: one-thing, another-thing`.

use std::collections::{BTreeMap, BTreeSet};

use crate::rust_text::{self, Kind, SourceFile, Token, matching};
use crate::{project, read_text};

/// The texts of findings.
const MESSAGES: &str = "templates/messages/ru.toml";
/// What begins a comment that names ids.
const DECLARATION: &str = "// ids:";

/// A function or a closure with a name.
struct Function {
    file: usize,
    name: String,
    is_closure: bool,
    params: Vec<String>,
    body: std::ops::Range<usize>,
}

/// What the source says.
#[derive(Default)]
struct Ids {
    /// Ids and the first place of each.
    used: BTreeMap<String, String>,
    /// Places at which the way of an id was lost.
    lost: Vec<String>,
    /// Names given to arguments of findings.
    args: BTreeSet<String>,
}

/// The arguments of a call: ranges of tokens between the brackets at `open`.
fn arguments(tokens: &[Token], open: usize) -> Vec<std::ops::Range<usize>> {
    let end = matching(tokens, open);
    split(tokens, open + 1..end)
}

/// Splits at commas outside brackets.
fn split(tokens: &[Token], range: std::ops::Range<usize>) -> Vec<std::ops::Range<usize>> {
    let (mut out, mut from, mut at) = (Vec::new(), range.start, range.start);
    while at < range.end {
        match tokens.get(at) {
            Some(token) if ["(", "[", "{"].iter().any(|open| token.is(open)) => at = matching(tokens, at),
            Some(token) if token.is(",") => {
                out.push(from..at);
                from = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    if from < range.end {
        out.push(from..range.end);
    }
    out
}

fn is(tokens: &[Token], index: usize, text: &str) -> bool {
    tokens.get(index).is_some_and(|token| token.is(text))
}

fn is_id(token: &Token) -> bool {
    let is_kebab = token
        .text
        .split('-')
        .all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()));
    token.kind == Kind::Text && is_kebab
}

/// Finds the functions and named closures of a file.
fn functions(file: usize, tokens: &[Token]) -> Vec<Function> {
    let mut out = Vec::new();
    let params = |range: std::ops::Range<usize>| {
        let names = split(tokens, range).into_iter().filter_map(|param| {
            let end = param.clone().find(|at| is(tokens, *at, ":")).unwrap_or(param.end);
            tokens.get(param.start..end)?.iter().rfind(|token| token.kind == Kind::Word).map(|token| token.text.clone())
        });
        names.filter(|name| name != "self").collect::<Vec<_>>()
    };
    for index in 0..tokens.len() {
        let Some(name) = tokens.get(index + 1).map(|token| token.text.clone()) else {
            break;
        };
        if is(tokens, index, "fn") {
            let Some(open) = (index..tokens.len()).find(|at| is(tokens, *at, "(")) else {
                continue;
            };
            let close = matching(tokens, open);
            let Some(body) = (close..tokens.len()).find(|at| is(tokens, *at, "{") || is(tokens, *at, ";")) else {
                continue;
            };
            let body = body..matching(tokens, body).max(body);
            out.push(Function { file, name, is_closure: false, params: params(open + 1..close), body });
        } else if is(tokens, index, "let") {
            let at = if is(tokens, index + 1, "mut") { index + 2 } else { index + 1 };
            let bar = if is(tokens, at + 2, "move") { at + 3 } else { at + 2 };
            if !(is(tokens, at + 1, "=") && is(tokens, bar, "|")) {
                continue;
            }
            let name = tokens.get(at).map(|token| token.text.clone()).unwrap_or_default();
            let close = (bar + 1..tokens.len()).find(|at| is(tokens, *at, "|")).unwrap_or(bar);
            let body = close..statement_end(tokens, close);
            out.push(Function { file, name, is_closure: true, params: params(bar + 1..close), body });
        }
    }
    out
}

/// Returns the place of the semicolon that ends a statement.
fn statement_end(tokens: &[Token], from: usize) -> usize {
    let mut at = from;
    while at < tokens.len() && !is(tokens, at, ";") && !is(tokens, at, "}") {
        at = if ["(", "[", "{"].iter().any(|open| is(tokens, at, open)) { matching(tokens, at) + 1 } else { at + 1 };
    }
    at
}

/// Follows the ids of findings through the source.
fn collect(files: &[SourceFile]) -> Ids {
    let all: Vec<Vec<Token>> = files.iter().map(SourceFile::program).collect();
    let functions: Vec<Function> = all.iter().enumerate().flat_map(|(file, tokens)| functions(file, tokens)).collect();
    let mut ids = Ids::default();
    // Functions that pass on a parameter: (function, parameter).
    let mut passing: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut open: Vec<Option<(usize, usize)>> = vec![None];
    let mut lost = BTreeSet::new();
    while let Some(target) = open.pop() {
        for (file, tokens) in all.iter().enumerate() {
            for (line, argument) in calls(file, tokens, target.map(|(function, param)| (&functions, function, param))) {
                let place = files.get(file).map_or_else(String::new, |file| format!("{}:{line}", file.path));
                let comment = files.get(file).and_then(|file| declared(&file.text, line));
                let found = match comment {
                    Some(ids) => Found::Ids(ids),
                    None => follow(&all, &functions, file, argument),
                };
                match found {
                    Found::Ids(found) => {
                        for id in found {
                            ids.used.entry(id).or_insert_with(|| place.clone());
                        }
                    }
                    Found::Parameter(function, param) => {
                        if passing.insert((function, param)) {
                            open.push(Some((function, param)));
                        }
                    }
                    Found::Nothing => {
                        lost.insert(place);
                    }
                }
            }
        }
    }
    ids.lost = lost.into_iter().collect();
    for tokens in &all {
        for index in 0..tokens.len() {
            if let (true, true, true, Some(name)) = (
                is(tokens, index, "."),
                is(tokens, index + 1, "with"),
                is(tokens, index + 2, "("),
                tokens.get(index + 3),
            ) && name.kind == Kind::Text
            {
                ids.args.insert(name.text.clone());
            }
        }
    }
    ids
}

/// Lists the arguments that hold ids: of `Diagnostic::…`, or of the calls of a function that passes one on.
fn calls(
    file: usize,
    tokens: &[Token],
    target: Option<(&Vec<Function>, usize, usize)>,
) -> Vec<(usize, std::ops::Range<usize>)> {
    let mut out = Vec::new();
    for index in 0..tokens.len() {
        let Some(token) = tokens.get(index).filter(|token| token.kind == Kind::Word) else {
            continue;
        };
        if !is(tokens, index + 1, "(") || (index > 0 && is(tokens, index - 1, "fn")) {
            continue;
        }
        let param = match &target {
            None if index >= 2 && is(tokens, index - 1, "::") && is(tokens, index - 2, "Diagnostic") => {
                match token.text.as_str() {
                    "error" | "warning" | "note" => 0,
                    "new" => 1,
                    _ => continue,
                }
            }
            None => continue,
            Some((functions, function, param)) => {
                let Some(function) = functions.get(*function).filter(|function| function.name == token.text) else {
                    continue;
                };
                // A closure is called where it can be seen; `Diagnostic`'s own functions are the roots.
                let is_near = !function.is_closure || function.file == file;
                let is_root = index >= 2 && is(tokens, index - 2, "Diagnostic");
                if !is_near || is_root || function.body.contains(&index) && function.file == file {
                    continue;
                }
                *param
            }
        };
        out.extend(arguments(tokens, index + 1).get(param).map(|argument| (token.line, argument.clone())));
    }
    out
}

enum Found {
    Ids(Vec<String>),
    Parameter(usize, usize),
    Nothing,
}

/// Finds what an argument can be.
fn follow(all: &[Vec<Token>], functions: &[Function], file: usize, argument: std::ops::Range<usize>) -> Found {
    let none = Vec::new();
    let tokens = all.get(file).unwrap_or(&none);
    let literals = |tokens: &[Token], range: std::ops::Range<usize>| -> Vec<String> {
        let range = tokens.get(range).unwrap_or_default();
        range.iter().filter(|token| is_id(token)).map(|token| token.text.clone()).collect()
    };
    let direct = literals(tokens, argument.clone());
    if !direct.is_empty() {
        return Found::Ids(direct);
    }
    let words = || argument.clone().filter(|at| tokens.get(*at).is_some_and(|token| token.kind == Kind::Word));
    let Some((at, word)) = words().next().and_then(|at| Some((at, tokens.get(at)?))) else {
        return Found::Nothing;
    };
    // A call: the ids stand in the branches of what is called.
    if let Some(call) = words().filter(|at| is(tokens, at + 1, "(")).last() {
        let name = tokens.get(call).map_or("", |token| token.text.as_str());
        let called = functions.iter().filter(|function| function.name == name && !function.body.is_empty());
        let found: Vec<String> = called
            .filter_map(|function| Some(literals(all.get(function.file)?, function.body.clone())))
            .flatten()
            .collect();
        if !found.is_empty() {
            return Found::Ids(found);
        }
    }
    if is(tokens, at + 1, ".")
        && tokens.get(at + 2).is_some_and(|next| !is(tokens, at + 3, "(") && next.kind == Kind::Word)
    {
        // A field: too many things have fields of that name.
        return Found::Nothing;
    }
    // The functions around, innermost first.
    let mut around: Vec<(usize, &Function)> = functions.iter().enumerate().collect();
    around.retain(|(_, function)| function.file == file && function.body.contains(&at));
    around.sort_by_key(|(_, function)| function.body.len());
    for (index, function) in around {
        if let Some(param) = function.params.iter().position(|param| *param == word.text) {
            return Found::Parameter(index, param);
        }
        let body = function.body.clone();
        let bound = body.clone().filter(|at| is(tokens, *at, "let") && is(tokens, at + 1, &word.text));
        let mut found: Vec<String> = bound.flat_map(|at| literals(tokens, at..statement_end(tokens, at))).collect();
        if found.is_empty() && !function.is_closure {
            // Bound by a pattern: what is wrapped, or is the value of a branch, or leads a tuple of a list.
            let value = |at: usize| {
                let before = at.checked_sub(1);
                let is_wrapped = before.is_some_and(|at| is(tokens, at, "(")) && at >= 2 && is(tokens, at - 2, "Some");
                is_wrapped && is(tokens, at + 1, ")") || before.is_some_and(|at| is(tokens, at, "=>"))
            };
            let lead =
                |at: usize| at >= 2 && is(tokens, at - 1, "(") && (is(tokens, at - 2, "[") || is(tokens, at - 2, ","));
            for rule in [&value as &dyn Fn(usize) -> bool, &lead] {
                if found.is_empty() {
                    let at = body.clone().filter(|at| rule(*at));
                    found = at.flat_map(|at| literals(tokens, at..at + 1)).collect();
                }
            }
        }
        if !found.is_empty() {
            return Found::Ids(found);
        }
    }
    Found::Nothing
}

/// Reads the comment above a line that names ids.
fn declared(text: &str, line: usize) -> Option<Vec<String>> {
    let above = text.lines().nth(line.checked_sub(2)?)?.trim().strip_prefix(DECLARATION)?;
    Some(above.split(',').map(|id| id.trim().to_owned()).collect())
}

/// Returns the names in braces of a text.
fn placeholders(text: &str) -> Vec<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

/// Compares source and texts; returns a line for each thing wrong.
fn compare(ids: &Ids, messages: &str) -> Result<Vec<String>, String> {
    let file: toml::Table = messages.parse().map_err(|error| format!("{MESSAGES}: {error}"))?;
    let texts =
        file.get("findings").and_then(toml::Value::as_table).ok_or(format!("{MESSAGES}: no table `findings`"))?;
    let mut wrong = Vec::new();
    for place in &ids.lost {
        wrong.push(format!("{place}: cannot follow the id of this finding; name it above with `{DECLARATION} …`"));
    }
    for (id, place) in &ids.used {
        if !texts.contains_key(id) {
            wrong.push(format!("{place}: the finding `{id}` has no text in {MESSAGES}"));
        }
    }
    for (id, wording) in texts {
        if !ids.used.contains_key(id) {
            wrong.push(format!("{MESSAGES}: the source reports no finding `{id}`"));
        }
        if wording.get("message").and_then(toml::Value::as_str).is_none_or(str::is_empty) {
            wrong.push(format!("{MESSAGES}: `{id}` has no message"));
        }
        for text in wording.as_table().into_iter().flatten().filter_map(|(_, text)| text.as_str()) {
            for name in placeholders(text).into_iter().filter(|name| !ids.args.contains(*name)) {
                wrong.push(format!("{MESSAGES}: `{id}`: no finding has an argument `{{{name}}}`"));
            }
        }
    }
    Ok(wrong)
}

#[test]
fn every_finding_has_a_text_and_every_text_a_finding() {
    let ids = collect(&rust_text::read("src").expect("sources"));
    assert!(ids.used.len() > 20, "only {} ids found: the search is broken", ids.used.len());
    let messages = read_text(&project(MESSAGES)).unwrap_or_else(|error| panic!("the texts of findings: {error}"));
    let wrong = compare(&ids, &messages).expect("texts");
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(sources: &[&str]) -> Ids {
        let file =
            |(index, text): (usize, &&str)| SourceFile { path: format!("src/m{index}.rs"), text: (*text).to_owned() };
        collect(&sources.iter().enumerate().map(file).collect::<Vec<_>>())
    }

    fn used(source: &str) -> String {
        let ids = ids(&[source]);
        assert!(ids.lost.is_empty(), "{:?}", ids.lost);
        ids.used.into_keys().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ids_are_found_wherever_they_come_from() {
        for (source, expected) in [
            ("fn f() { Diagnostic::error(\"a-b\", x); d::Diagnostic::note(\"c\", x).with(\"n\", y); }", "a-b c"),
            ("fn f() { Diagnostic::new(Severity::Note, \"a\", x); }", "a"),
            ("fn f() { Diagnostic::error(if c { \"a\" } else { \"b\" }, x); }", "a b"),
            ("fn r(b: &mut B, id: &str) { Diagnostic::error(id, x); } fn f() { r(b, \"a\"); s(\"no\"); }", "a"),
            (
                "impl B { fn r(&self, id: &str, k: &str) { Diagnostic::error(id, x); } fn f() { b.r(\"a\", \"no\"); } }",
                "a",
            ),
            ("fn f() { let mut p = |id: &str, k: &str| { Diagnostic::error(id, k) }; p(\"a\", \"no\"); }", "a"),
            ("fn q(w: &str) { Diagnostic::note(w, x); } fn r(id: &str) { q(id); } fn f() { r(\"a\"); }", "a"),
            ("fn f() { let id = if c { \"a\" } else { \"b\" }; Diagnostic::error(id, x); }", "a b"),
            (
                "fn f() { let p = match x { 1 => Some(\"a\"), _ => None }; match p { Some(id) => Diagnostic::error(id, \"n\") } }",
                "a",
            ),
            ("fn f() { let p = match x { K if y => \"a\", _ => \"b\" }; Diagnostic::error(p, x); }", "a b"),
            ("fn f() { for (id, k) in [(\"a\", \"n\"), (\"b\", \"m\")] { Diagnostic::error(id, x); } }", "a b"),
            (
                "fn f() { Diagnostic::error(x.id(), y); } fn id(&self) -> &str { match self { A => \"a\", B => \"b\" } }",
                "a b",
            ),
            ("fn f() {\n    // ids: a, b-c\n    Diagnostic::error(x.id, y);\n}", "a b-c"),
            ("#[cfg(test)] mod tests { fn f() { Diagnostic::error(\"no\", x); } }", ""),
        ] {
            assert_eq!(used(source), expected, "{source}");
        }
        let two = ids(&["pub fn say(id: &str) { Diagnostic::error(id, x); }", "fn f() { a::say(\"a\"); }"]);
        assert_eq!(two.used.get("a").map(String::as_str), Some("src/m1.rs:1"));
    }

    #[test]
    fn a_lost_id_is_named() {
        for source in ["fn f() {\n Diagnostic::error(x.id, y);\n}", "fn f() {\n Diagnostic::error(ID, y);\n}"] {
            assert_eq!(ids(&[source]).lost, ["src/m0.rs:2"], "{source}");
        }
    }

    #[test]
    fn each_fault_is_named() {
        let ids = ids(&["fn f() { Diagnostic::error(\"a\", x).with(\"found\", y); Diagnostic::note(z.id, x); }"]);
        let wrong = |messages: &str| {
            let wrong = compare(&ids, messages).expect("texts");
            wrong.into_iter().filter(|line| !line.contains("cannot follow")).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(wrong("[findings.a]\nmessage = 'Х {found}'\nhint = 'Y'"), "");
        assert!(wrong("[findings]").contains("src/m0.rs:1: the finding `a` has no text"));
        assert!(wrong("[findings.a]\nmessage = ''").contains("`a` has no message"));
        assert!(wrong("[findings.a]\nmessage = 'Х'\n[findings.b]\nmessage = 'Х'").contains("reports no finding `b`"));
        assert!(wrong("[findings.a]\nmessage = 'Х'\nhint = '{lost}'").contains("no finding has an argument `{lost}`"));
        assert!(compare(&ids, "[texts]").is_err());
        assert!(compare(&ids, "[findings.a]\nmessage = 'Х'").expect("texts").join("").contains("cannot follow the id"));
    }
}
