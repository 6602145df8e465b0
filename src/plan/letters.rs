//! What a letter says of itself against what its row says. In: the row, the texts of the letter. Out: a finding.
//! It must never know how a letter is printed.

use std::collections::BTreeMap;

use crate::context::{Piece, View};
use crate::diag::Diagnostic;
use crate::model::Text;
use crate::provenance::Sources;
use crate::ru;

/// The column that names what is sent with a letter, as its flag.
const HAS_ATTACHMENT: &str = "has_attachment";
/// The kind of letters that exist to send something.
const IS_COVER: &str = "is_cover";
/// How texts say that something is sent with them, or refer to it; an appendix of another paper is named by that paper.
const SENT: [&str; 7] =
    ["прилага", "в приложени", "приложена", "приложено", "приложены", "приложенн", "приложен "];
/// The words for the letter itself.
const SELF: [&str; 2] = ["письм", "настоящ"];

/// Finds the text of a letter that speaks of an appendix, or covers one, while its row notes none (ГОСТ Р 7.0.97-2025, requisite 19).
pub(super) fn without_attachment(
    record: &BTreeMap<String, View>,
    body: Option<&View>,
    sources: &Sources,
) -> Option<Diagnostic> {
    // Letters that the program writes itself have no such column, and send nothing.
    if !matches!(record.get(HAS_ATTACHMENT), Some(View::Flag(false))) {
        return None;
    }
    let Some(View::List(texts)) = body else { return None };
    let pieces = texts.iter().flat_map(|text| match text {
        View::Prose(pieces) => pieces.as_slice(),
        _ => &[],
    });
    let mut texts = pieces.filter_map(|piece| match piece {
        Piece::Text(text) => Some(text),
        _ => None,
    });
    let is_cover = matches!(record.get(IS_COVER), Some(View::Flag(true)));
    let text: &Text = texts.find(|text| is_cover || sends(&text.value))?;
    Some(Diagnostic::warning("letter-without-attachment", sources.place_of(text.node)))
}

/// Tells whether a text says that something is sent with it.
fn sends(text: &str) -> bool {
    let text = ru::fold(text);
    SENT.iter().any(|sent| {
        text.split(sent).skip(1).any(|rest| {
            // The ending of the word, and the number of the appendix.
            let has_ending = !rest.starts_with(' ') && !sent.ends_with(' ');
            let mut words = rest.split_whitespace().skip(usize::from(has_ending)).peekable();
            while words.next_if(|word| word.contains(|c: char| c.is_ascii_digit())).is_some() {}
            match words.next() {
                Some("к") => words.next().is_some_and(|word| SELF.iter().any(|own| word.starts_with(own))),
                _ => true,
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_that_sends_something_is_told_from_one_that_names_an_act() {
        for text in [
            "Итоги приведены в приложении",
            "Проект прилагается.",
            "Форма дана в приложении № 2 к настоящему письму",
            "Направляем прилагаемый перечень",
            "Форма приложена к письму",
            "Расчёт дан в приложенном обосновании",
        ] {
            assert!(sends(text), "{text}");
        }
        for text in ["Порядок указан в приложении № 2 к приказу от 01.02.2022", "Приложите справку", "Перечень приложен к Концепции"]
        {
            assert!(!sends(text), "{text}");
        }
    }
}
