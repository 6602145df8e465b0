//! Cells of what advice tells, and of what it cannot.

use super::{CellView, Table};
use crate::advice::{Direction, Effect, Told, Untold};
use crate::disclosure::Counted;
use crate::figure::Figure;
use crate::model::{SchoolCode, Text};
use crate::ru;

impl CellView {
    /// Makes the cell of a figure of the advice, which is never published.
    pub(super) fn of_nobody(figure: &Figure) -> Self {
        Self::Figure(figure.clone(), Counted::Others)
    }

    /// Makes the cell of a text that may be missing.
    pub(super) fn optional(text: Option<&Text>) -> Self {
        text.map_or(Self::Blank, |text| Self::text(&text.value))
    }
}

impl Table<'_, '_> {
    /// Returns the title of a cause, or the name of an indicator.
    pub(super) fn title(&self, code: &str) -> String {
        let named = self.analysis.rules.cause(code).map(|cause| cause.title.as_str());
        let indicator = || {
            let mut results = self.analysis.indicators.iter().map(|result| &result.definition);
            results.find(|definition| definition.code == code).map(|definition| definition.name.as_str())
        };
        ru::prose(named.or_else(indicator).unwrap_or(code))
    }

    /// Makes the cells of a school: code and name; blank for the municipality as a whole.
    pub(super) fn school_cells(&self, code: Option<&SchoolCode>) -> [CellView; 2] {
        code.map_or([CellView::Blank, CellView::Blank], |code| {
            [CellView::text(&code.0), CellView::text(&self.school(code))]
        })
    }

    /// Makes the cell of what cannot be told.
    pub(super) fn untold(&self, untold: &Untold, what: &str) -> CellView {
        CellView::Text(match untold {
            Untold::Gap { gap } => return Table::gap(gap, what),
            Untold::NotHeld => self.common("advice-not-held"),
            Untold::NoData => self.common("advice-no-data"),
            Untold::NotYet => self.common("advice-not-yet"),
            Untold::Allowed { reason } => self.common("advice-allowed").replace("{reason}", reason),
            Untold::FewParticipants { participants } => {
                self.common("advice-few").replace("{participants}", &participants.to_string())
            }
        })
    }

    /// Makes the cells of an effect: before, after, where it went.
    pub(super) fn effect(&self, effect: &Told<Effect>, what: &str) -> [CellView; 3] {
        match effect {
            Ok(effect) => {
                let direction = self.common(match effect.direction {
                    Direction::Grew => "advice-grew",
                    Direction::Fell => "advice-fell",
                    Direction::Unchanged => "advice-unchanged",
                });
                let verdict = self.common(if effect.is_better { "advice-better" } else { "advice-not-better" });
                let said = format!("{direction}, {verdict}");
                [CellView::of_nobody(&effect.before), CellView::of_nobody(&effect.after), CellView::Text(said)]
            }
            Err(untold) => [CellView::Blank, CellView::Blank, self.untold(untold, what)],
        }
    }
}
