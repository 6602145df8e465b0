//! Holds the ids of findings in the source and their texts in `templates/messages/ru.toml` to each other.
//!
//! Ids are the strings that reach the first argument of `Diagnostic::error`, `warning` and `note` (the second of
//! `new`): directly, through functions and closures that pass on a parameter, through a local value or through the
//! branches of a function; `format!("some-{}", …)` stands for every text whose id begins so, if the rest is a string of
//! the source. Where the way of an id cannot be followed, the line above the call names the ids:
//! `// ids: one-thing, another-thing`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

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
    /// The type in whose `impl` it stands.
    of: Option<String>,
    has_self: bool,
    is_public: bool,
    params: Vec<String>,
    body: Range<usize>,
    /// For a closure: where it can be called.
    scope: Option<Range<usize>>,
}

impl Function {
    /// Tells whether the call at this token can be a call of this function.
    fn is_called(&self, program: &Program<'_>, file: usize, at: usize) -> bool {
        let Program { files, all, functions } = *program;
        let Some(tokens) = all.get(file) else { return false };
        let is_here = self.file == file;
        let before =
            |back: usize| at.checked_sub(back).and_then(|at| tokens.get(at)).map_or("", |token| token.text.as_str());
        let path = (before(1) == "::").then(|| before(2));
        if !is(tokens, at, &self.name) || (is_here && self.body.contains(&at)) {
            return false;
        }
        if let Some(scope) = &self.scope {
            // Handed on to a function of the file, it is called there by the name of the parameter: the same name.
            let mut others = functions.iter().filter(|other| other.file == file && other.scope.is_none());
            let is_handed_on = others.any(|other| other.body.contains(&at) && other.params.contains(&self.name));
            return is_here && path.is_none() && before(1) != "." && (scope.contains(&at) || is_handed_on);
        }
        if !(is_here || self.is_public) {
            return false;
        }
        match (&self.of, path) {
            (Some(_), None) => self.has_self && before(1) == ".",
            (Some(of), Some(path)) => path == of || (path == "Self" && is_here),
            (None, Some(path)) => {
                let module = files.get(self.file).map(SourceFile::module).unwrap_or_default();
                module.last().is_some_and(|last| last == path) || matches!(path, "super" | "self" | "crate")
            }
            (None, None) => before(1) != "." && (is_here || is_imported(tokens, &self.name)),
        }
    }
}

/// Tells whether a file names this in a `use`.
fn is_imported(tokens: &[Token], name: &str) -> bool {
    let end = |from: usize| (from..tokens.len()).find(|at| is(tokens, *at, ";")).unwrap_or(tokens.len());
    let mut uses = (0..tokens.len()).filter(|at| is(tokens, *at, "use"));
    uses.any(|at| (at..end(at)).any(|at| is(tokens, at, name)))
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
    /// Every string of the source that could be an id or a part of one.
    literals: BTreeSet<String>,
}

/// The arguments of a call: ranges of tokens between the brackets at `open`.
fn arguments(tokens: &[Token], open: usize) -> Vec<Range<usize>> {
    let end = matching(tokens, open);
    split(tokens, open + 1..end)
}

/// Splits at commas outside brackets.
fn split(tokens: &[Token], range: Range<usize>) -> Vec<Range<usize>> {
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
    let params = |range: Range<usize>| {
        let names = split(tokens, range).into_iter().filter_map(|param| {
            let end = param.clone().find(|at| is(tokens, *at, ":")).unwrap_or(param.end);
            tokens.get(param.start..end)?.iter().rfind(|token| token.kind == Kind::Word).map(|token| token.text.clone())
        });
        names.filter(|name| name != "self").collect::<Vec<_>>()
    };
    let impls = impls(tokens);
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
            let of = impls.iter().find(|(range, _)| range.contains(&index)).map(|(_, of)| of.clone());
            let has_self = (open..close).any(|at| is(tokens, at, "self"));
            let mut before = (0..index).rev().take_while(|at| !["{", "}", ";"].iter().any(|end| is(tokens, *at, end)));
            let is_public = before.any(|at| is(tokens, at, "pub"));
            let params = params(open + 1..close);
            out.push(Function { file, name, of, has_self, is_public, params, body, scope: None });
        } else if is(tokens, index, "let") {
            let at = if is(tokens, index + 1, "mut") { index + 2 } else { index + 1 };
            let bar = if is(tokens, at + 2, "move") { at + 3 } else { at + 2 };
            if !(is(tokens, at + 1, "=") && is(tokens, bar, "|")) {
                continue;
            }
            let name = tokens.get(at).map(|token| token.text.clone()).unwrap_or_default();
            let close = (bar + 1..tokens.len()).find(|at| is(tokens, *at, "|")).unwrap_or(bar);
            let body = close..statement_end(tokens, close);
            let around = out.iter().filter(|function| function.scope.is_none() && function.body.contains(&index));
            let scope = around.map(|function| function.body.clone()).min_by_key(Range::len).unwrap_or_default();
            let (params, scope) = (params(bar + 1..close), Some(body.end..scope.end));
            out.push(Function { file, name, of: None, has_self: false, is_public: false, params, body, scope });
        }
    }
    out
}

/// Finds the bodies of `impl` blocks and their types.
fn impls(tokens: &[Token]) -> Vec<(Range<usize>, String)> {
    let is_block = |at: &usize| {
        let is_first = at.checked_sub(1).is_none_or(|at| ["}", ";", "]", "{"].iter().any(|end| is(tokens, at, end)));
        is(tokens, *at, "impl") && is_first
    };
    let block = |at: usize| {
        let open = (at..tokens.len()).find(|at| is(tokens, *at, "{"))?;
        let from = (at..open).find(|at| is(tokens, *at, "for")).unwrap_or(at);
        let mut depth = 0_i32;
        let name = tokens.get(from + 1..open)?.iter().find(|token| {
            depth += i32::from(token.is("<")) - i32::from(token.is(">"));
            depth == 0 && token.kind == Kind::Word
        })?;
        Some((open..matching(tokens, open), name.text.clone()))
    };
    (0..tokens.len()).filter(is_block).filter_map(block).collect()
}

/// Returns the place of the semicolon that ends a statement.
fn statement_end(tokens: &[Token], from: usize) -> usize {
    let mut at = from;
    while at < tokens.len() && !is(tokens, at, ";") && !is(tokens, at, "}") {
        at = if ["(", "[", "{"].iter().any(|open| is(tokens, at, open)) { matching(tokens, at) + 1 } else { at + 1 };
    }
    at
}

/// Follows the ids of findings, and the names of their arguments, through the source.
fn collect(files: &[SourceFile]) -> Ids {
    let all: Vec<Vec<Token>> = files.iter().map(SourceFile::program).collect();
    let functions: Vec<Function> = all.iter().enumerate().flat_map(|(file, tokens)| functions(file, tokens)).collect();
    let program = Program { files, all: &all, functions: &functions };
    let (used, lost) = program.trace(|tokens, at| {
        let is_root = at >= 2 && is(tokens, at - 1, "::") && is(tokens, at - 2, "Diagnostic");
        match tokens.get(at).map(|token| token.text.as_str()).filter(|_| is_root) {
            Some("error" | "warning" | "note") => Some(0),
            Some("new") => Some(1),
            _ => None,
        }
    });
    let (args, lists) =
        program.trace(|tokens, at| (at > 0 && is(tokens, at - 1, ".") && is(tokens, at, "with")).then_some(0));
    let mut args: BTreeSet<String> = args.into_keys().collect();
    // Arguments handed over as a list of pairs: every pair of that file that begins with a string.
    for (file, tokens) in files.iter().zip(&all) {
        if lists.iter().any(|place| place.starts_with(&format!("{}:", file.path))) {
            let pairs = (1..tokens.len()).filter(|at| is(tokens, at - 1, "(") && is(tokens, at + 1, ","));
            args.extend(
                pairs.filter_map(|at| tokens.get(at)).filter(|token| is_id(token)).map(|token| token.text.clone()),
            );
        }
    }
    let literals = all.iter().flatten().filter(|token| is_id(token)).map(|token| token.text.clone()).collect();
    Ids { used, lost, args, literals }
}

/// The source, ready to be followed.
struct Program<'a> {
    files: &'a [SourceFile],
    all: &'a [Vec<Token>],
    functions: &'a [Function],
}

impl Program<'_> {
    /// Collects the strings that reach an argument of the roots, with the first place of each, and the places at which
    /// the way was lost. `root` tells which argument of the call at a token is looked at.
    fn trace(&self, root: impl Fn(&[Token], usize) -> Option<usize>) -> (BTreeMap<String, String>, Vec<String>) {
        let (mut found, mut lost) = (BTreeMap::new(), BTreeSet::new());
        // Functions that pass on a parameter: (function, parameter).
        let mut passing: BTreeSet<(usize, usize)> = BTreeSet::new();
        let mut open: Vec<Option<(usize, usize)>> = vec![None];
        while let Some(target) = open.pop() {
            for (file, tokens) in self.all.iter().enumerate() {
                for at in 0..tokens.len() {
                    if !is(tokens, at + 1, "(") || (at > 0 && is(tokens, at - 1, "fn")) {
                        continue;
                    }
                    let param = match target {
                        None => root(tokens, at),
                        Some((function, param)) => {
                            let function = self.functions.get(function);
                            let is_call = function.is_some_and(|called| called.is_called(self, file, at));
                            is_call.then_some(param)
                        }
                    };
                    let argument = param.and_then(|param| arguments(tokens, at + 1).get(param).cloned());
                    let Some(argument) = argument else { continue };
                    let line = tokens.get(at).map_or(0, |token| token.line);
                    let source = self.files.get(file);
                    let place = source.map_or_else(String::new, |source| format!("{}:{line}", source.path));
                    let named = source.and_then(|source| declared(&source.text, line));
                    match named.map_or_else(|| self.follow(file, argument), Found::Ids) {
                        Found::Ids(ids) => {
                            for id in ids {
                                found.entry(id).or_insert_with(|| place.clone());
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
        (found, lost.into_iter().collect())
    }

    /// Finds what an argument can be.
    fn follow(&self, file: usize, argument: Range<usize>) -> Found {
        let (all, functions) = (self.all, self.functions);
        let tokens = all.get(file).map_or(&[][..], Vec::as_slice);
        let literals = |tokens: &[Token], range: Range<usize>| -> Vec<String> {
            let range = tokens.get(range).unwrap_or_default();
            range.iter().filter(|token| is_id(token)).map(|token| token.text.clone()).collect()
        };
        let direct = literals(tokens, argument.clone());
        if !direct.is_empty() {
            return Found::Ids(direct);
        }
        if let Some(pattern) = argument.clone().filter_map(|at| tokens.get(at)).find(|token| token.kind == Kind::Text) {
            let prefix = pattern.text.strip_suffix("-{}").map(|prefix| format!("{prefix}-*"));
            return prefix.map_or(Found::Nothing, |prefix| Found::Ids(vec![prefix]));
        }
        let words = || argument.clone().filter(|at| tokens.get(*at).is_some_and(|token| token.kind == Kind::Word));
        let Some((at, word)) = words().next().and_then(|at| Some((at, tokens.get(at)?))) else {
            return Found::Nothing;
        };
        // A call: the ids stand in the branches of what is called.
        if let Some(call) = words().rfind(|at| is(tokens, at + 1, "(")) {
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
            if found.is_empty() && function.scope.is_none() {
                // Bound by a pattern: what is wrapped, or is the value of a branch, or leads a tuple of a list.
                let value = |at: usize| {
                    let before = at.checked_sub(1);
                    let is_wrapped =
                        before.is_some_and(|at| is(tokens, at, "(")) && at >= 2 && is(tokens, at - 2, "Some");
                    is_wrapped && is(tokens, at + 1, ")") || before.is_some_and(|at| is(tokens, at, "=>"))
                };
                let lead = |at: usize| {
                    at >= 2 && is(tokens, at - 1, "(") && (is(tokens, at - 2, "[") || is(tokens, at - 2, ","))
                };
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
}

/// What an argument can be.
enum Found {
    Ids(Vec<String>),
    Parameter(usize, usize),
    Nothing,
}

/// Reads the comment above a line that names ids.
fn declared(text: &str, line: usize) -> Option<Vec<String>> {
    let above = text.lines().nth(line.checked_sub(2)?)?.trim().strip_prefix(DECLARATION)?;
    Some(above.split(',').map(|id| id.trim().to_owned()).collect())
}

/// Returns the names in braces of a text; what cannot be a name is a text in braces.
fn placeholders(text: &str) -> Vec<&str> {
    let names = text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
    names.filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.contains(' ')).collect()
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
        let has_text = match id.strip_suffix('*') {
            Some(prefix) => texts.keys().any(|text| text.starts_with(prefix)),
            None => texts.contains_key(id),
        };
        if !has_text {
            wrong.push(format!("{place}: the finding `{id}` has no text in {MESSAGES}"));
        }
    }
    for (id, wording) in texts {
        let mut prefixes = ids.used.keys().filter_map(|used| used.strip_suffix('*'));
        let is_made_up = |prefix: &str| id.strip_prefix(prefix).is_some_and(|rest| ids.literals.contains(rest));
        if !ids.used.contains_key(id) && !prefixes.any(is_made_up) {
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
    let messages = read_text(&project(MESSAGES)).expect("the texts of findings");
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
            ("fn f() { Diagnostic::error(&format!(\"a-{}\", why), x); }", "a-*"),
            (
                "impl V { fn r(id: &str) { Diagnostic::error(id, x); } } fn f() { pen.r(\"no\"); W::r(\"no\"); r(\"no\"); }",
                "",
            ),
            ("impl V { fn r(id: &str) { Diagnostic::error(id, x); } } fn f() { V::r(\"a\"); }", "a"),
            ("fn f() { let r = |id: &str| Diagnostic::error(id, x); g(&mut r); } fn g(r: &mut F) { r(\"a\"); }", "a"),
            (
                "fn f() { let r = |id: &str| Diagnostic::error(id, x); r(\"a\"); } fn g() { r(\"no\"); x.r(\"no\"); }",
                "a",
            ),
            ("#[cfg(test)] mod tests { fn f() { Diagnostic::error(\"no\", x); } }", ""),
        ] {
            assert_eq!(used(source), expected, "{source}");
        }
        for (caller, expected) in [
            ("fn f() { a::say(\"a\"); say(\"a\"); x.say(\"a\"); }", None),
            ("fn f() { m0::say(\"a\"); }", Some("src/m1.rs:1")),
            ("use m0::{other, say}; fn f() { say(\"a\"); }", Some("src/m1.rs:1")),
        ] {
            let ids = ids(&["pub fn say(id: &str) { Diagnostic::error(id, x); }", caller]);
            assert_eq!(ids.used.get("a").map(String::as_str), expected, "{caller}");
        }
    }

    #[test]
    fn names_of_arguments_are_found() {
        let source = "fn r(key: &str) { d.with(key, x).with(\"one\", y); } fn f() { r(\"two\"); } \
            fn g(args: &[(&str, &str)]) { for (k, v) in args { d.with(k, v); } } fn h() { g(&[(\"three\", v)]); }";
        assert_eq!(ids(&[source]).args.into_iter().collect::<Vec<_>>(), ["one", "three", "two"]);
    }

    #[test]
    fn a_made_up_id_has_its_texts() {
        let ids = ids(&["fn f() { Diagnostic::error(&format!(\"bad-{}\", why), x); } fn g() { no(\"thing\") }"]);
        let wrong = |text: &str| compare(&ids, text).expect("texts").join("\n");
        assert_eq!(wrong("[findings.bad-thing]\nmessage = 'Х'"), "");
        assert!(wrong("[findings.bad-other]\nmessage = 'Х'").contains("reports no finding `bad-other`"));
        assert!(wrong("[findings]").contains("`bad-*` has no text"));
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
