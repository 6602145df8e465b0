//! Decisions and what came of them: the register, the effect, goals of the next year, who is supported then, the best
//! growth.

use super::{CellView, ColumnKind, Table, TableSpec};
use crate::advice::{ActAction, ActOrigin, CorrectionKind, Move, Status, Subject};
use crate::model::{Text, Year};

/// The register of decisions.
pub(super) const DECISIONS: TableSpec = TableSpec {
    id: "decisions",
    columns: &[
        ("date", ColumnKind::Code),
        ("code", ColumnKind::Code),
        ("school", ColumnKind::Name),
        ("decision", ColumnKind::Prose),
        ("ground", ColumnKind::Prose),
        ("indicator", ColumnKind::Prose),
        ("causes", ColumnKind::Prose),
        ("subject", ColumnKind::Name),
        ("act", ColumnKind::Name),
        ("body", ColumnKind::Name),
        ("term", ColumnKind::Name),
        ("responsible", ColumnKind::Name),
        ("state", ColumnKind::Name),
    ],
    quotient: None,
    words: &["methodical", "organization", "staff", "money"],
    is_public: false,
    fill: decisions,
};

fn decisions(table: &mut Table<'_, '_>) {
    for decision in &table.analysis.advice.decisions {
        let [code, name] = table.school_cells(decision.school.as_ref());
        let subject = decision.subject.map_or(CellView::Blank, |subject| {
            CellView::Text(table.word(match subject {
                Subject::Methodical => "methodical",
                Subject::Organization => "organization",
                Subject::Staff => "staff",
                Subject::Money => "money",
            }))
        });
        let state = table.common(match decision.status {
            _ if decision.refused.is_some() => "advice-decision-refused",
            Status::Planned => "advice-status-planned",
            Status::Running => "advice-status-running",
            Status::Done => "advice-status-done",
            Status::Failed => "advice-status-failed",
            Status::Cancelled => "advice-status-cancelled",
        });
        let causes: Vec<String> = decision.causes.iter().map(|cause| table.title(cause)).collect();
        let indicator = decision.indicator.as_ref().map(|code| table.title(&code.value)).unwrap_or_default();
        table.row(vec![
            CellView::text(&decision.date.value),
            code,
            name,
            CellView::text(&decision.text.value),
            CellView::optional(decision.ground.as_ref()),
            CellView::text(&indicator),
            CellView::text(&causes.join("; ")),
            subject,
            CellView::optional(decision.act.as_ref()),
            CellView::optional(decision.body.as_ref()),
            CellView::optional(decision.term.as_ref()),
            CellView::optional(decision.responsible.as_ref()),
            CellView::Text(state),
        ]);
    }
}

/// Acts that decisions and the roadmap ask to adopt or to change.
pub(super) const ACTS: TableSpec = TableSpec {
    id: "acts",
    columns: &[
        ("action", ColumnKind::Code),
        ("act", ColumnKind::Prose),
        ("kind", ColumnKind::Name),
        ("units", ColumnKind::Prose),
        ("asked", ColumnKind::Name),
        ("ground", ColumnKind::Prose),
        ("code", ColumnKind::Code),
        ("adopter", ColumnKind::Name),
        ("opinion", ColumnKind::Name),
        ("term", ColumnKind::Name),
        ("state", ColumnKind::Name),
        ("done-by", ColumnKind::Name),
    ],
    quotient: None,
    words: &[
        "adopt",
        "change",
        "decision",
        "activity",
        "amendments",
        "planned",
        "running",
        "done",
        "failed",
        "cancelled",
        "in-doubt",
    ],
    is_public: false,
    fill: acts,
};

fn acts(table: &mut Table<'_, '_>) {
    let advice = table.analysis.advice;
    for act in &advice.acts {
        let action = table.word(match act.action {
            ActAction::Adopt => "adopt",
            ActAction::Change => "change",
        });
        let asked = table.word(match act.origin {
            ActOrigin::Decision => "decision",
            ActOrigin::Activity => "activity",
            ActOrigin::Amendments => "amendments",
        });
        let state = table.word(match act.status {
            Status::Planned => "planned",
            Status::Running => "running",
            Status::Done => "done",
            Status::Failed => "failed",
            Status::Cancelled => "cancelled",
        });
        let joined = |texts: &[Text], by: &str| {
            CellView::text(&texts.iter().map(|text| text.value.as_str()).collect::<Vec<_>>().join(by))
        };
        table.row(vec![
            CellView::Text(action),
            CellView::text(&act.title.value),
            CellView::optional(act.kind.as_ref()),
            joined(&act.units, "; "),
            CellView::Text(asked),
            CellView::optional(act.ground.as_ref()),
            CellView::text(act.school.as_ref().map_or("", |code| &code.0)),
            CellView::optional(act.adopter.as_ref()),
            CellView::optional(act.opinion.as_ref()),
            CellView::optional(act.term.as_ref()),
            CellView::Text(state),
            joined(&act.done_by, " "),
        ]);
    }
    if !advice.acts_in_doubt.reasons.is_empty() {
        let gap = Table::gap(&advice.acts_in_doubt, &table.word("in-doubt"));
        table.row(vec![CellView::Blank, gap]);
    }
}

/// The effect of decisions, year by year.
pub(super) const EFFECTS: TableSpec = TableSpec {
    id: "effects",
    columns: &[
        ("date", ColumnKind::Code),
        ("code", ColumnKind::Code),
        ("school", ColumnKind::Name),
        ("decision", ColumnKind::Prose),
        ("seen-by", ColumnKind::Prose),
        ("year", ColumnKind::Code),
        ("due", ColumnKind::Name),
        ("before", ColumnKind::Value),
        ("after", ColumnKind::Value),
        ("effect", ColumnKind::Name),
    ],
    quotient: None,
    words: &["quarter"],
    is_public: false,
    fill: effects,
};

fn effects(table: &mut Table<'_, '_>) {
    for decision in &table.analysis.advice.decisions {
        let [code, name] = table.school_cells(decision.school.as_ref());
        let head = [CellView::text(&decision.date.value), code, name, CellView::text(&decision.text.value)];
        for change in &decision.changes {
            let title = table.title(&change.code);
            for check in &change.checks {
                let (due, quarter) = check.due;
                let due = table
                    .word("quarter")
                    .replace("{quarter}", &quarter.to_string())
                    .replace("{year}", &due.to_string());
                let cells = [CellView::text(&title), Table::year(check.year), CellView::Text(due)];
                let effect = table.effect(&check.effect, &title);
                table.row(head.iter().cloned().chain(cells).chain(effect).collect());
            }
        }
    }
}

/// Goals of the next year held against what the decisions brought.
pub(super) const CORRECTIONS: TableSpec = TableSpec {
    id: "corrections",
    columns: &[
        ("indicator", ColumnKind::Prose),
        ("goal", ColumnKind::Value),
        ("before", ColumnKind::Value),
        ("after", ColumnKind::Value),
        ("effect", ColumnKind::Name),
        ("proposal", ColumnKind::Prose),
        ("proposed", ColumnKind::Value),
    ],
    quotient: None,
    words: &["keep", "tighten", "ease", "change-measures"],
    is_public: false,
    fill: corrections,
};

fn corrections(table: &mut Table<'_, '_>) {
    for correction in &table.analysis.advice.corrections {
        let title = table.title(&correction.code);
        let proposal = table.word(match correction.kind {
            CorrectionKind::Keep => "keep",
            CorrectionKind::Tighten => "tighten",
            CorrectionKind::Ease => "ease",
            CorrectionKind::ChangeMeasures => "change-measures",
        });
        let head = [CellView::text(&title), CellView::of_nobody(&correction.goal)];
        let effect = table.effect(&Ok(correction.effect.clone()), &title);
        let proposed = correction.proposed.as_ref().map_or(CellView::Blank, CellView::of_nobody);
        table.row(head.into_iter().chain(effect).chain([CellView::Text(proposal), proposed]).collect());
    }
}

/// Who is supported in the next year.
pub(super) const MEMBERSHIP: TableSpec = TableSpec {
    id: "membership",
    columns: &[
        ("code", ColumnKind::Code),
        ("school", ColumnKind::Name),
        ("listed", ColumnKind::Name),
        ("proposal", ColumnKind::Prose),
        ("before", ColumnKind::Value),
        ("after", ColumnKind::Value),
        ("effect", ColumnKind::Name),
    ],
    quotient: None,
    words: &["include", "continue", "out-too-short", "not-better", "exclude", "undecided"],
    is_public: false,
    fill: membership,
};

fn membership(table: &mut Table<'_, '_>) {
    let members = match &table.analysis.advice.membership {
        Ok(members) => members,
        Err(gap) => {
            let gap = Table::gap(gap, &table.words.title);
            table.row(vec![CellView::Blank, gap]);
            return;
        }
    };
    for (code, member) in members {
        let name = table.school(code);
        let proposal = table.word(match member.next {
            Move::Include => "include",
            Move::Continue => "continue",
            Move::ContinueOutTooShort => "out-too-short",
            Move::ContinueNotBetter => "not-better",
            Move::Exclude => "exclude",
            Move::Undecided => "undecided",
        });
        let years: Vec<String> = member.listed.keys().map(Year::to_string).collect();
        let head = [
            CellView::text(&code.0),
            CellView::text(&name),
            CellView::text(&years.join(", ")),
            CellView::Text(proposal),
        ];
        let effect = table.effect(&member.effect, &name);
        table.row(head.into_iter().chain(effect).collect());
    }
}

/// The list of the best growth.
pub(super) const GROWTH: TableSpec = TableSpec {
    id: "growth",
    columns: &[
        ("place", ColumnKind::Code),
        ("code", ColumnKind::Code),
        ("school", ColumnKind::Name),
        ("before", ColumnKind::Value),
        ("after", ColumnKind::Value),
        ("by", ColumnKind::Value),
        ("untold", ColumnKind::Prose),
    ],
    quotient: None,
    words: &[],
    is_public: false,
    fill: growth,
};

fn growth(table: &mut Table<'_, '_>) {
    let Some(best) = &table.analysis.advice.best else { return };
    for (index, place) in best.places.iter().enumerate() {
        for growth in place {
            let name = table.school(&growth.school);
            table.row(vec![
                CellView::Text((index + 1).to_string()),
                CellView::text(&growth.school.0),
                CellView::text(&name),
                CellView::of_nobody(&growth.effect.before),
                CellView::of_nobody(&growth.effect.after),
                CellView::of_nobody(&growth.by),
            ]);
        }
    }
    for (code, untold) in &best.untold {
        let name = table.school(code);
        let why = table.untold(untold, &name);
        let blank = || CellView::Blank;
        table.row(vec![blank(), CellView::text(&code.0), CellView::text(&name), blank(), blank(), blank(), why]);
    }
}
