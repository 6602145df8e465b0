//! On how many schools a share stands, where some have no data with leave: said wherever the share is.
//! In: the coverage of a figure. Out: words that follow a share, and a sentence with the schools that are missing.
//! It must never know documents.

use super::super::monitoring::without;
use super::super::{Piece, References, View, prose};
use super::Builder;
use crate::diag::{Diagnostics, Place};
use crate::indicators::Coverage;
use crate::model::{Text, Year};

impl Builder<'_> {
    /// What a view of a share says of its coverage: `coverage` follows the share, `note` is a sentence.
    pub(super) fn coverage_views(&mut self, coverage: Option<&Coverage>) -> Vec<(String, View)> {
        let is_partial = coverage.is_some();
        let (brief, note) = match coverage {
            Some(coverage) => (self.said(coverage, "coverage-brief"), self.said(coverage, "coverage-note")),
            None => (View::Prose(Vec::new()), View::Prose(Vec::new())),
        };
        [("is_partial", View::Flag(is_partial)), ("coverage", brief), ("note", note)]
            .map(|(key, view)| (key.to_owned(), view))
            .into()
    }

    /// A share with the numbers behind it and its coverage: «2 из 8 (25 %, по данным 7 из 8 ОО)».
    pub(super) fn share(&mut self, count: &View, rate: &View, coverage: Option<&Coverage>) -> View {
        let whole = super::lookup(&self.root, &["schools", "count"]).cloned().unwrap_or(View::Flag(false));
        let coverage = coverage.map_or_else(|| View::Prose(Vec::new()), |one| self.said(one, "coverage-brief"));
        let named = [("count", count), ("total", &whole), ("rate", rate), ("coverage", &coverage)];
        self.filled("share", &named.map(|(key, view)| (key.to_owned(), view.clone())).into())
    }

    /// Of each printed indicator with partial data a sentence of its own.
    pub(super) fn coverage_notes(&mut self, group: &str, year: Year) -> View {
        let mut notes = Vec::new();
        for result in self.analysis.indicators.iter().filter(|result| result.definition.group == group) {
            let Some(coverage) = coverage_of(result, year) else { continue };
            let node = self.sources.declared(&result.definition.file, &result.definition.code);
            let name = View::Text(Text { value: result.definition.name.clone(), node });
            let mut named = self.named(coverage);
            named.insert("name".to_owned(), name);
            notes.push(self.filled("coverage-of-indicator", &named));
        }
        View::List(notes)
    }

    /// A figure as texts refer to it: followed by its coverage where that is partial.
    pub(super) fn covered(&mut self, figure: View, coverage: Option<&Coverage>) -> View {
        match (&figure, coverage) {
            (View::Figure(of), Some(coverage)) => match self.said(coverage, "coverage-brief") {
                View::Prose(said) => View::Prose(std::iter::once(Piece::Figure(of.clone())).chain(said).collect()),
                other => other,
            },
            _ => figure,
        }
    }

    fn said(&mut self, coverage: &Coverage, word: &str) -> View {
        let named = self.named(coverage);
        self.filled(word, &named)
    }

    fn named(&self, coverage: &Coverage) -> References {
        let missing = Text { value: without(coverage, self.analysis.data), node: coverage.known.node };
        let named = [
            ("known", View::Figure(coverage.known.clone())),
            ("total", View::Figure(coverage.total.clone())),
            ("without", View::Text(missing)),
        ];
        named.map(|(key, view)| (key.to_owned(), view)).into()
    }

    /// Words of the program with figures in them.
    fn filled(&mut self, word: &str, named: &References) -> View {
        let node = self.sources.declared("templates/messages/ru.toml", word);
        let text = Text { value: self.word(word), node };
        prose::parse(&text, &Place::Run, named, &mut Diagnostics::default())
    }
}

/// The coverage of an indicator in a year; `None` where nothing is missing.
pub(super) fn coverage_of(result: &crate::indicators::IndicatorResult, year: Year) -> Option<&Coverage> {
    result.years.get(&year)?.as_ref().ok()?.coverage.as_ref()
}
