//! The laws of the layout, read off the source: who may import whom, which package has which owner, how long a file may
//! be, where Russian may stand. Imports are `use` trees and paths inside expressions; comments and tests are free.

use crate::rust_text::{self, Kind, SourceFile, Token};

/// Modules that everybody may import; among themselves too.
const LEAVES: &[&str] = &["diag", "measure", "figure", "provenance", "ru", "model"];
/// What the data model may import.
const BELOW_MODEL: &[&str] = &["diag", "measure", "provenance", "ru"];
/// Every other module, in order: it imports leaves and modules that stand before it.
const ORDER: &[&str] = &[
    "disclosure",
    "settings",
    "source",
    "emblem",
    "workbook",
    "sheets",
    "exports",
    "checks",
    "groups",
    "indicators",
    "markers",
    "advice",
    "roadmap",
    "history",
    "findings",
    "catalog",
    "blank",
    "returns",
    "context",
    "plan",
    "template",
    "typeset",
    "word",
    "form",
    "fill",
    "ledger",
    "proof",
    "output",
    "pipeline",
    "cli",
    "main",
];
/// Packages and their owners; a name that ends in `*` stands for all that begin so.
const OWNERS: &[(&str, &[&str])] = &[
    ("walkdir", &["source"]),
    ("calamine", &["workbook"]),
    ("csv", &["workbook"]),
    ("minijinja", &["template"]),
    ("typst*", &["typeset"]),
    ("qrcodegen", &["typeset"]),
    ("clap", &["cli", "main"]),
    ("rust_xlsxwriter", &["form"]),
    ("quick_xml", &["emblem", "fill"]),
];
/// Modules and what they must never import, wherever it stands in the order.
const NEVER: &[(&[&str], &[&str])] = &[
    (&["checks", "groups", "indicators", "advice", "findings"], &["source", "workbook", "template", "typeset"]),
    (&["template", "typeset", "word", "form"], &["groups", "indicators"]),
    (&["form"], &["checks", "findings", "disclosure"]),
];
/// Modules that must not know the data set.
const BLIND: &[&str] = &["template", "typeset", "word", "form", "blank", "returns"];
/// The data set, which [`BLIND`] modules must not name.
const DATASET: &str = "Dataset";
/// Modules in which Russian text may stand.
const RUSSIAN: &[&str] = &["sheets", "exports", "ru"];
/// Longest file, lines.
const MAX_LINES: usize = 800;

/// A broken law.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Violation {
    line: usize,
    law: String,
}

/// A path that a file names: from the root of the crate, or from a package.
#[derive(PartialEq, Eq, Debug)]
struct Import {
    line: usize,
    is_ours: bool,
    path: Vec<String>,
}

/// Reads the paths of a file.
fn imports(module: &[String], tokens: &[Token]) -> Vec<Import> {
    let is = |index: usize, text: &str| tokens.get(index).is_some_and(|token| token.is(text));
    let mut out = Vec::new();
    // Inner modules: their names and the depth of brackets at which they end.
    let (mut inner, mut depth): (Vec<(String, usize)>, usize) = (Vec::new(), 0);
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        let here = || module.iter().cloned().chain(inner.iter().map(|(name, _)| name.clone())).collect::<Vec<_>>();
        if token.is("{") {
            depth += 1;
            if let (true, Some(name)) = (index >= 2 && is(index - 2, "mod"), tokens.get(index.saturating_sub(1))) {
                inner.push((name.text.clone(), depth));
            }
        } else if token.is("}") {
            inner.retain(|(_, opened)| *opened < depth);
            depth = depth.saturating_sub(1);
        } else if token.is("use") && !is(index + 1, "<") {
            let end = (index..tokens.len()).find(|at| is(*at, ";")).unwrap_or(tokens.len());
            let mut trees = Vec::new();
            tree(tokens.get(index + 1..end).unwrap_or_default(), &[], &mut trees);
            out.extend(trees.into_iter().filter_map(|(line, path)| resolve(line, path, &here())));
            index = end;
        } else if token.kind == Kind::Word
            && is(index + 1, "::")
            && !(index > 0 && (is(index - 1, "::") || is(index - 1, ".")))
        {
            let mut path = vec![token.text.clone()];
            while is(index + 1, "::")
                && let Some(next) = tokens.get(index + 2).filter(|next| next.kind == Kind::Word)
            {
                path.push(next.text.clone());
                index += 2;
            }
            out.extend(resolve(token.line, path, &here()));
        }
        index += 1;
    }
    out
}

/// Reads a use tree: a path, a group, a glob, a renamed name.
fn tree(tokens: &[Token], prefix: &[String], out: &mut Vec<(usize, Vec<String>)>) {
    let mut path = prefix.to_vec();
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        if token.is("{") {
            let end = rust_text::matching(tokens, index);
            let (mut from, mut at) = (index + 1, index + 1);
            while at < end {
                match tokens.get(at) {
                    Some(token) if token.is("{") => at = rust_text::matching(tokens, at),
                    Some(token) if token.is(",") => {
                        tree(tokens.get(from..at).unwrap_or_default(), &path, out);
                        from = at + 1;
                    }
                    _ => {}
                }
                at += 1;
            }
            tree(tokens.get(from..end).unwrap_or_default(), &path, out);
            return;
        }
        if token.is("as") {
            break;
        }
        if token.kind == Kind::Word || token.is("*") {
            path.push(token.text.clone());
        }
        index += 1;
    }
    if let (Some(token), true) = (tokens.first(), path.len() > prefix.len()) {
        out.push((token.line, path));
    }
}

/// Follows `crate`, `self` and `super`; `svod` is what the binary calls the library.
fn resolve(line: usize, mut path: Vec<String>, here: &[String]) -> Option<Import> {
    let mut base: Option<Vec<String>> = None;
    while let Some(first) = path.first() {
        base = match (first.as_str(), base) {
            ("crate" | "svod", None) => Some(Vec::new()),
            ("self", None) => Some(here.to_vec()),
            ("super", base) => {
                let mut base = base.unwrap_or_else(|| here.to_vec());
                base.pop();
                Some(base)
            }
            (_, base) => match base {
                Some(mut base) => {
                    base.extend(path);
                    return Some(Import { line, is_ours: true, path: base });
                }
                None => {
                    return Some(Import { line, is_ours: false, path });
                }
            },
        };
        path.remove(0);
    }
    // `use super::{…}` and the like never end here; a bare `crate` names nothing.
    base.filter(|base| !base.is_empty()).map(|path| Import { line, is_ours: true, path })
}

/// Holds a file to the laws.
fn violations(file: &SourceFile) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut say = |line: usize, law: String| found.push(Violation { line, law });
    let lines = file.text.lines().count();
    if lines > MAX_LINES {
        say(MAX_LINES + 1, format!("a file has at most {MAX_LINES} lines, this one {lines}"));
    }
    let module = file.module();
    let name = module.first().map_or("", String::as_str);
    let tokens = file.program();
    let imports = imports(&module, &tokens);

    let before: &[&str] = match ORDER.iter().position(|other| *other == name) {
        Some(position) => ORDER.get(..position).unwrap_or_default(),
        None => &[],
    };
    let leaves = if name == "model" { BELOW_MODEL } else { LEAVES };
    if !(name.is_empty() || LEAVES.contains(&name) || ORDER.contains(&name)) {
        say(1, format!("`{name}` has no place in the order of modules"));
    }
    for import in &imports {
        let Some(first) = import.path.first().map(String::as_str) else {
            continue;
        };
        if import.is_ours {
            // A leaf may see the other leaves, but not the model, which stands on them.
            let is_leaf_above = LEAVES.contains(&name) && name != "model" && first == "model";
            let is_allowed = (leaves.contains(&first) && !is_leaf_above) || before.contains(&first);
            if !(name.is_empty() || first == name || is_allowed) {
                say(import.line, format!("`{name}` imports `{first}`, which does not stand above it"));
            }
            for (modules, forbidden) in NEVER {
                if modules.contains(&name) && forbidden.contains(&first) {
                    say(import.line, format!("`{name}` must never import `{first}`"));
                }
            }
        } else {
            for (package, owners) in OWNERS {
                let is_package = match package.strip_suffix('*') {
                    Some(stem) => first == stem || first.strip_prefix(stem).is_some_and(|rest| rest.starts_with('_')),
                    None => first == *package,
                };
                if is_package && !owners.contains(&name) {
                    say(import.line, format!("`{first}` belongs to `{}` alone", owners.join("`, `")));
                }
            }
        }
    }
    for token in &tokens {
        if BLIND.contains(&name) && token.is(DATASET) {
            say(token.line, format!("`{name}` must not know the data set"));
        }
        let is_literal = matches!(token.kind, Kind::Text | Kind::Char);
        if is_literal && !RUSSIAN.contains(&name) && token.text.chars().any(|c| ('\u{400}'..='\u{52f}').contains(&c)) {
            say(token.line, format!("Russian text stands only in `{}`: {}", RUSSIAN.join("`, `"), token.text));
        }
    }
    found.sort();
    found.dedup();
    found
}

#[test]
fn the_source_keeps_the_laws() {
    let files = rust_text::read("src").expect("sources");
    let all: Vec<String> = files
        .iter()
        .flat_map(|file| {
            violations(file).into_iter().map(|broken| format!("{}:{}: {}", file.path, broken.line, broken.law))
        })
        .collect();
    assert!(all.is_empty(), "{} broken laws:\n{}", all.len(), all.join("\n"));
}

#[test]
fn no_test_file_is_too_long() {
    for file in rust_text::read("tests").expect("tests") {
        assert!(file.text.lines().count() <= MAX_LINES, "{}: more than {MAX_LINES} lines", file.path);
    }
}

#[test]
fn the_fuzz_targets_are_built_with_the_packages_of_the_program() {
    let packages = |path: &str| -> std::collections::BTreeSet<(String, String)> {
        let lock = crate::read_text(&crate::project(path)).expect("a lock file");
        let lock: toml::Table = lock.parse().expect("TOML");
        let text = |package: &toml::Value, key: &str| package.get(key).and_then(toml::Value::as_str).map(str::to_owned);
        let entries = lock.get("package").and_then(toml::Value::as_array).expect("packages");
        entries.iter().filter_map(|package| Some((text(package, "name")?, text(package, "version")?))).collect()
    };
    let (own, fuzz) = (packages("Cargo.lock"), packages("tests/fuzz/Cargo.lock"));
    // What makes inputs and what builds C++ is no part of the program.
    let others = ["arbitrary", "jobserver", "libfuzzer-sys", "svod-fuzz"];
    let strange: Vec<_> = fuzz.difference(&own).filter(|(name, _)| !others.contains(&name.as_str())).collect();
    assert!(strange.is_empty(), "tests/fuzz/Cargo.lock differs from Cargo.lock: {strange:?}");
    assert!(fuzz.iter().any(|(name, _)| name == "calamine"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laws(module: &str, text: &str) -> Vec<String> {
        let file = SourceFile { path: format!("src/{module}.rs"), text: text.to_owned() };
        violations(&file).into_iter().map(|broken| format!("{}: {}", broken.line, broken.law)).collect()
    }

    fn all_modules() -> Vec<&'static str> {
        LEAVES.iter().chain(ORDER).copied().collect()
    }

    #[test]
    fn a_package_has_its_owners_alone() {
        for (package, owners) in OWNERS {
            let names = match package.strip_suffix('*') {
                Some(stem) => vec![stem.to_owned(), format!("{stem}_syntax")],
                None => vec![(*package).to_owned()],
            };
            for (module, name) in all_modules().iter().flat_map(|module| names.iter().map(move |name| (module, name))) {
                for text in [
                    format!("\nuse {name}::X;"),
                    format!("\nuse {{std::fs, {name}::{{X, Y}}}};"),
                    format!("\nuse {name} as other;"),
                    format!("\nfn f() {{ let x = ::{name}::X::new(); }}").replace("= ::", "= "),
                    format!("\n#[derive({name}::X)] struct S;"),
                ] {
                    let is_owner = owners.contains(module);
                    let expected = format!("2: `{name}` belongs to `{}` alone", owners.join("`, `"));
                    let expected = if is_owner { Vec::new() } else { vec![expected] };
                    assert_eq!(laws(module, &text), expected, "{module}: {text}");
                }
            }
        }
        assert_eq!(laws("plan", "use typstyle::X; fn f(typst: u8) { typst.min(1); }"), Vec::<String>::new());
        assert_eq!(laws("source/walk", "use walkdir::X;"), Vec::<String>::new());
    }

    #[test]
    fn a_module_imports_only_what_stands_above_it() {
        let is_never = |module: &str, other: &str| {
            NEVER.iter().any(|(modules, forbidden)| modules.contains(&module) && forbidden.contains(&other))
        };
        for (at, module) in ORDER.iter().enumerate() {
            for (other_at, other) in ORDER.iter().enumerate() {
                let broken = !laws(module, &format!("use crate::{other}::X;")).is_empty();
                let expected = other_at > at || is_never(module, other);
                assert_eq!(broken, expected, "{module} imports {other}");
            }
            for leaf in LEAVES {
                assert_eq!(laws(module, &format!("use crate::{leaf}::X;")), Vec::<String>::new());
                let broken = laws(leaf, &format!("fn f() {{ crate::{module}::x(); }}"));
                assert_eq!(broken, [format!("1: `{leaf}` imports `{module}`, which does not stand above it")]);
            }
        }
        for leaf in LEAVES {
            let is_free = BELOW_MODEL.contains(leaf) || *leaf == "model";
            assert_eq!(laws("model", &format!("use crate::{leaf};")).is_empty(), is_free, "model imports {leaf}");
            let broken = !laws(leaf, "use crate::model::X;").is_empty();
            assert_eq!(broken, *leaf != "model", "{leaf} imports model");
        }
        assert_eq!(laws("helpers", ""), ["1: `helpers` has no place in the order of modules"]);
    }

    #[test]
    fn some_modules_never_see_others() {
        for (modules, forbidden) in NEVER {
            for (module, other) in modules.iter().flat_map(|module| forbidden.iter().map(move |other| (module, other)))
            {
                let broken = laws(module, &format!("use crate::{other}::X;"));
                let expected = format!("1: `{module}` must never import `{other}`");
                assert!(broken.contains(&expected), "{module} imports {other}: {broken:?}");
            }
        }
        for module in BLIND {
            let expected = format!("2: `{module}` must not know the data set");
            for text in ["\nuse crate::model::{Dataset, Year};", "\nuse crate::model; fn f(x: &model::Dataset) {}"] {
                assert_eq!(laws(module, text), [expected.as_str()]);
            }
        }
    }

    #[test]
    fn an_import_is_found_in_every_shape() {
        for text in [
            "use crate::{diag, pipeline::{self, X}};",
            "pub(crate) use crate::pipeline as p;",
            "fn f() { use crate::pipeline; }",
            "fn f() -> crate::pipeline::X { }",
            "fn f() { svod::pipeline::run(); }",
            "use super::pipeline::X;",
            "use self::super::pipeline::X;",
            "mod inner { use super::super::pipeline::X; }",
            "mod inner { } use super::pipeline;",
            "fn f() { super::pipeline::run(); }",
        ] {
            assert_eq!(
                laws("checks", text),
                ["1: `checks` imports `pipeline`, which does not stand above it"],
                "{text}"
            );
        }
        assert_eq!(laws("checks/results", "use super::super::pipeline;").len(), 1);
        assert_eq!(laws("checks/results", "use super::place; use super::*;"), Vec::<String>::new());
        assert_eq!(laws("checks", "use super::*;"), ["1: `checks` imports `*`, which does not stand above it"]);
        assert_eq!(laws("checks", "mod inner { use super::*; }"), Vec::<String>::new());
    }

    #[test]
    fn russian_stands_where_it_may() {
        for text in ["const A: &str = \"школа\";", "const A: char = 'ш';", "const A: &str = r#\"школа\"#;"] {
            assert_eq!(laws("groups", text).len(), 1, "{text}");
            assert_eq!(laws("ru", text), Vec::<String>::new());
            assert_eq!(laws("sheets/lists", text), Vec::<String>::new());
        }
    }

    #[test]
    fn a_long_file_is_named() {
        assert_eq!(laws("groups", &"//\n".repeat(MAX_LINES)), Vec::<String>::new());
        let broken = laws("groups", &"//\n".repeat(MAX_LINES + 1));
        assert_eq!(broken, ["801: a file has at most 800 lines, this one 801"]);
    }

    #[test]
    fn comments_and_tests_are_free() {
        let text = "// use clap::X; «школа»\n/// [`crate::pipeline`]\n#[cfg(test)]\nmod tests {\n use clap::X;\n \
            use crate::pipeline;\n const A: &str = \"школа\";\n}\n";
        assert_eq!(laws("groups", text), Vec::<String>::new());
        assert_eq!(laws("groups/tests", "use crate::pipeline;"), Vec::<String>::new());
    }
}
