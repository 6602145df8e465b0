//! References in texts of the municipality: `{low-rate}`, `{орган:род}`, `{=273-ФЗ}`.
//! An own small parser: text from a workbook never reaches the template engine.

use std::collections::BTreeMap;

use super::{GapView, Piece, View};
use crate::catalog::Document;
use crate::diag::{Diagnostic, Diagnostics, Place};
use crate::model::{Gap, Text};
use crate::provenance::{NodeId, Sources};
use crate::ru;

/// What texts may refer to, by id: `low-rate`, `орган:род`.
pub type References = BTreeMap<String, View>;

/// Splits a text at its references.
///
/// An unknown reference is an error at the text's place and a gap in the text; a bare digit is a warning:
/// nobody can trace it.
pub fn parse(text: &Text, place: &Place, references: &References, diagnostics: &mut Diagnostics) -> View {
    let mut pieces = Vec::new();
    let mut rest = text.value.as_str();
    let mut bare_digit = false;
    while let Some((before, after)) = rest.split_once('{') {
        bare_digit |= before.contains(|c: char| c.is_ascii_digit());
        push_text(&mut pieces, before, text.node);
        let Some((name, tail)) = after.split_once('}') else {
            let finding = Diagnostic::error("reference-not-closed", place.clone());
            pieces.push(gap(diagnostics.push(finding), before));
            rest = "";
            break;
        };
        if let Some(constant) = name.strip_prefix('=') {
            push_text(&mut pieces, constant, text.node);
        } else {
            match references.get(name.trim()) {
                Some(View::Text(found)) => pieces.push(Piece::Text(found.clone())),
                Some(View::Figure(found)) => pieces.push(Piece::Figure(found.clone())),
                Some(View::Gap(found)) => pieces.push(Piece::Gap(found.clone())),
                Some(View::Prose(found)) => pieces.extend(found.iter().cloned()),
                _ => {
                    let known: Vec<&str> = references.keys().map(String::as_str).collect();
                    let finding = Diagnostic::error("unknown-reference", place.clone())
                        .with("reference", name)
                        .with("known", known.join(", "));
                    pieces.push(gap(diagnostics.push(finding), name));
                }
            }
        }
        rest = tail;
    }
    bare_digit |= rest.contains(|c: char| c.is_ascii_digit());
    push_text(&mut pieces, rest, text.node);
    if bare_digit {
        diagnostics.push(Diagnostic::warning("bare-digit", place.clone()));
    }
    View::Prose(pieces)
}

fn push_text(pieces: &mut Vec<Piece>, text: &str, node: NodeId) {
    if !text.is_empty() {
        pieces.push(Piece::Text(Text { value: text.to_owned(), node }));
    }
}

fn gap(diag: crate::diag::DiagId, what: &str) -> Piece {
    Piece::Gap(GapView::new(&Gap::because(diag), what))
}

/// Splits a text that a document declares under a key at its references.
pub fn declared(
    document: &Document,
    key: &str,
    text: &str,
    references: &References,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> View {
    let file = format!("templates/documents/{}/document.toml", document.id);
    let node = sources.declared(&file, key);
    let place = Place::Key { file, key: key.to_owned() };
    parse(&Text { value: ru::prose(text), node }, &place, references, diagnostics)
}

/// Joins pieces to plain text; a gap gives its words.
pub(super) fn plain(view: &View) -> String {
    match view {
        View::Text(text) => text.value.clone(),
        View::Figure(figure) => figure.text(),
        View::Gap(gap) => gap.what.clone(),
        View::Prose(pieces) => pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.value.clone(),
                Piece::Figure(figure) => figure.text(),
                Piece::Gap(gap) => gap.what.clone(),
            })
            .collect(),
        View::Flag(_) | View::List(_) | View::Map(_) => String::new(),
    }
}
