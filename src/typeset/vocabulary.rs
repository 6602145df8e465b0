//! The closed vocabulary of filled sections, held before typesetting: no free Typst, no untagged digit.

use typst_syntax::ast::{self, AstNode};
use typst_syntax::{LinkedNode, SyntaxKind, SyntaxNode};

use crate::diag::{Diagnostic, Diagnostics, Place};
use crate::template::FilledFile;

/// Functions of the vocabulary that a filled section may call.
const VOCABULARY: [&str; 54] = [
    "f",
    "k",
    "gen",
    "plain",
    "measured",
    "section",
    "subheading",
    "clause",
    "paragraph",
    "items",
    "lettered",
    "sub-items",
    "sub-lettered",
    "data-table",
    "form-table",
    "form-column",
    "form-signature",
    "approval-note",
    "row",
    "band",
    "subband",
    "passport",
    "entry",
    "letterhead",
    "kind-name",
    "registration",
    "place-of-issue",
    "text-heading",
    "preamble",
    "resolves",
    "signature",
    "preparer",
    "agreed",
    "visas",
    "visa",
    "approval-stamp",
    "appendix-mark",
    "document-title",
    "bar-chart",
    "bar",
    "reference",
    "gap",
    "contacts",
    "letter-registration",
    "addressee",
    "salutation",
    "attached",
    "side-by-side",
    "stamp",
    "title-page",
    "paper-mark",
    "reader",
    "acquainted",
    "new-page",
];
/// Functions that tag what they hold; the law of templates keeps bodies from calling them.
const TAGS: [&str; 2] = ["f", "k"];
/// Arguments that may hold digits: numbers made by the program, ids, alternative texts.
const DIGIT_ARGUMENTS: [&str; 2] = ["number", "alt"];
/// The argument that may hold typed numbers: widths of columns.
const NUMBER_ARGUMENT: &str = "columns";
/// Functions by which the program writes a figure that is no text of the page, and the arguments for each: a plain
/// figure anywhere else would be a number without a tag, a typed one in its place a number without a source.
const PLACES: [(&str, &[&str]); 2] = [("plain", &["alt"]), ("measured", &["value", "full"])];
/// Functions whose string arguments may hold digits: tags, and numbers made by the program.
const DIGIT_FUNCTIONS: [&str; 6] = ["f", "k", "gen", "section", "subheading", "clause"];

/// Holds a filled section to the closed vocabulary, and every digit to a tag.
pub(super) fn check(file: &FilledFile, root: &SyntaxNode, diagnostics: &mut Diagnostics) -> bool {
    let mut sound = true;
    let mut report = |id: &str, offset: usize, found: &str| {
        sound = false;
        let line = file.text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1;
        let place = Place::Line { file: format!("templates/{}", file.template), line };
        diagnostics.push(Diagnostic::error(id, place).with("found", found));
    };
    let linked = LinkedNode::new(root);
    let (errors, _) = root.errors_and_warnings();
    if let Some(error) = errors.first() {
        report("section-syntax", first_error(&linked).unwrap_or(0), &error.message);
        return false;
    }
    walk(&linked, None, &mut report);
    sound
}

/// Finds the first place that does not parse.
fn first_error(node: &LinkedNode<'_>) -> Option<usize> {
    if node.kind() == SyntaxKind::Error {
        return Some(node.offset());
    }
    node.children().find_map(|child| first_error(&child))
}

/// Tells whether a string was typed with a digit: the program writes digits as escapes.
fn has_bare_digit(source: &str) -> bool {
    source.split("\\u{").enumerate().any(|(index, part)| {
        let text = if index == 0 { part } else { part.split_once('}').map_or(part, |(_, text)| text) };
        text.contains(|c: char| c.is_numeric())
    })
}

/// The innermost call and named argument around a node.
#[derive(Clone, Copy)]
struct Around<'a> {
    function: &'a str,
    argument: Option<&'a str>,
}

fn walk(node: &LinkedNode<'_>, around: Option<Around<'_>>, report: &mut impl FnMut(&str, usize, &str)) {
    let kind = node.kind();
    let digits = || node.leaf_text().contains(|c: char| c.is_numeric());
    match kind {
        // The one import is written by the program, first in every file.
        SyntaxKind::ModuleImport if node.offset() <= 1 => return,
        SyntaxKind::Text | SyntaxKind::SmartQuote if digits() => {
            report("digit-in-template", node.offset(), node.leaf_text());
        }
        SyntaxKind::Str => {
            let text = node.cast::<ast::Str<'_>>().map(|text| text.get()).unwrap_or_default();
            let has_place = around.is_some_and(|around| {
                DIGIT_FUNCTIONS.contains(&around.function)
                    || around.argument.is_some_and(|name| DIGIT_ARGUMENTS.contains(&name))
            });
            let allowed = !text.contains(|c: char| c.is_numeric()) || (has_place && !has_bare_digit(node.leaf_text()));
            if !allowed {
                report("digit-in-template", node.offset(), &text);
            }
        }
        SyntaxKind::Int | SyntaxKind::Float | SyntaxKind::Numeric => {
            let argument = around.and_then(|around| around.argument);
            if argument != Some(NUMBER_ARGUMENT) {
                report("digit-in-template", node.offset(), node.leaf_text());
            }
        }
        SyntaxKind::FuncCall => {
            let call = node.cast::<ast::FuncCall<'_>>();
            let name = call.map(|call| call.callee().to_untyped().leaf_text().as_str().to_owned()).unwrap_or_default();
            let is_name = call.is_some_and(|call| matches!(call.callee(), ast::Expr::Ident(_)));
            if !is_name || !VOCABULARY.contains(&name.as_str()) {
                report("outside-vocabulary", node.offset(), &name);
                return;
            }
            if let Some((_, places)) = PLACES.iter().find(|(function, _)| *function == name) {
                if !around.and_then(|around| around.argument).is_some_and(|argument| places.contains(&argument)) {
                    report("digit-in-template", node.offset(), &said(node));
                }
                return;
            }
            let inside = Around { function: &name, argument: None };
            for child in node.children() {
                if child.kind() != SyntaxKind::Ident {
                    walk(&child, Some(inside), report);
                }
            }
            return;
        }
        SyntaxKind::Named => {
            let name = node.children().next().map(|child| child.leaf_text().as_str().to_owned()).unwrap_or_default();
            let inside = around.map(|around| Around { function: around.function, argument: Some(&name) });
            for child in node.children().skip(1) {
                walk(&child, inside, report);
            }
            return;
        }
        _ if !ALLOWED.contains(&kind) => {
            report("outside-vocabulary", node.offset(), &beginning(node));
            return;
        }
        _ => {}
    }
    // A content block begins a new text: digits in it are judged on their own, unless it is what a tag holds.
    let is_tagged = around.is_some_and(|around| TAGS.contains(&around.function));
    let inside = if kind == SyntaxKind::ContentBlock && !is_tagged { None } else { around };
    for child in node.children() {
        walk(&child, inside, report);
    }
}

/// The beginning of what a node says.
fn beginning(node: &LinkedNode<'_>) -> String {
    let text = node.full_text();
    let line = text.trim_start().lines().next().unwrap_or_default();
    line.chars().take(SHOWN).collect()
}

/// Characters that a finding shows of a section.
const SHOWN: usize = 40;

/// What a call by which the program writes a figure says: its text, or its number as it stands.
fn said(call: &LinkedNode<'_>) -> String {
    let Some(args) = call.children().find(|child| child.kind() == SyntaxKind::Args) else { return String::new() };
    let text = args.children().find_map(|child| child.cast::<ast::Str<'_>>().map(|text| text.get().to_string()));
    text.unwrap_or_else(|| args.full_text().to_string())
}

/// What a filled section may consist of besides calls.
const ALLOWED: [SyntaxKind; 30] = [
    SyntaxKind::Markup,
    SyntaxKind::Text,
    SyntaxKind::Space,
    SyntaxKind::Parbreak,
    SyntaxKind::SmartQuote,
    SyntaxKind::Shorthand,
    SyntaxKind::Strong,
    SyntaxKind::Star,
    SyntaxKind::Hash,
    SyntaxKind::Args,
    SyntaxKind::LeftParen,
    SyntaxKind::RightParen,
    SyntaxKind::LeftBracket,
    SyntaxKind::RightBracket,
    SyntaxKind::Comma,
    SyntaxKind::Colon,
    SyntaxKind::Semicolon,
    SyntaxKind::ContentBlock,
    SyntaxKind::Str,
    SyntaxKind::Array,
    SyntaxKind::Parenthesized,
    SyntaxKind::Unary,
    SyntaxKind::Minus,
    SyntaxKind::Bool,
    SyntaxKind::None,
    SyntaxKind::Auto,
    SyntaxKind::Named,
    SyntaxKind::FuncCall,
    SyntaxKind::Linebreak,
    SyntaxKind::End,
];
