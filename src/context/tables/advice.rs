//! What follows for schools: causes, what is done against them, recommendations, partners, practices, teachers' deficits.

use super::{CellView, ColumnKind, Table, TableSpec};
use crate::advice::{
    CauseFinding, CuratorProposal, GivenStatus, IdleReason, Lack, Level, NoPartner, Origin, Partner, ProposalKind,
    SchoolAdvice, SupportKind,
};
use crate::figure::Figure;
use crate::model::{Block, SchoolCode, Text};
use crate::ru;

/// Whether each cause holds in each supported school, by which value, and what the school says of itself.
pub(super) const CAUSES: TableSpec = TableSpec {
    id: "causes",
    columns: &[
        ("code", ColumnKind::Code),
        ("school", ColumnKind::Name),
        ("support", ColumnKind::Code),
        ("cause", ColumnKind::Prose),
        ("level", ColumnKind::Code),
        ("grade", ColumnKind::Code),
        ("holds", ColumnKind::Name),
        ("measured", ColumnKind::Prose),
        ("value", ColumnKind::Value),
        ("threshold", ColumnKind::Value),
        ("said", ColumnKind::Name),
    ],
    quotient: None,
    words: &["admits", "denies", "hides", "admits-too-much", "lists-in-doubt"],
    is_public: false,
    fill: causes,
};

fn causes(table: &mut Table<'_, '_>) {
    let advice = table.analysis.advice;
    for (code, school) in &advice.schools {
        for finding in &school.causes {
            cause(table, code, school, finding);
        }
    }
    if !advice.lists_in_doubt.reasons.is_empty() {
        let gap = Table::gap(&advice.lists_in_doubt, &table.word("lists-in-doubt"));
        table.row(vec![CellView::Blank, gap]);
    }
}

fn cause(table: &mut Table<'_, '_>, code: &SchoolCode, school: &SchoolAdvice, finding: &CauseFinding) {
    let level = table.common(match finding.level {
        Level::School => "advice-level-school",
        Level::Class => "advice-level-class",
        Level::Pupil => "advice-level-pupil",
    });
    let said = finding.said.as_ref().map_or(CellView::Blank, |said| {
        CellView::Text(table.word(match (said.admits, said.agrees) {
            (true, Some(false)) => "admits-too-much",
            (false, Some(false)) => "hides",
            (true, _) => "admits",
            (false, _) => "denies",
        }))
    });
    let title = table.title(&finding.cause);
    let verdict = finding.verdict.as_ref();
    let holds = verdict.map_or_else(|why| table.untold(why, &title), |verdict| CellView::Flag(verdict.holds));
    let figure = |of: Option<&Figure>| of.map_or(CellView::Blank, CellView::of_nobody);
    let verdict = verdict.ok();
    let measured = table.analysis.rules.cause(&finding.cause).map(|cause| ru::prose(&cause.measured));
    let name = table.school(code);
    table.row(vec![
        CellView::text(&code.0),
        CellView::text(&name),
        support(table, school),
        CellView::text(&title),
        CellView::text(&level),
        finding.grade.map_or(CellView::Blank, |grade| CellView::Text(grade.to_string())),
        holds,
        CellView::text(&measured.unwrap_or_default()),
        figure(verdict.and_then(|verdict| verdict.value.as_ref())),
        figure(verdict.and_then(|verdict| verdict.threshold.as_ref())),
        said,
    ]);
}

fn support(table: &Table<'_, '_>, school: &SchoolAdvice) -> CellView {
    CellView::Text(table.common(match school.support {
        SupportKind::Addressed => "advice-addressed",
        SupportKind::Preventive => "advice-preventive",
    }))
}

/// What is proposed and what is done against each cause that holds, and what is missing.
pub(super) const MEASURES: TableSpec = TableSpec {
    id: "measures",
    columns: &[
        ("code", ColumnKind::Code),
        ("school", ColumnKind::Name),
        ("cause", ColumnKind::Prose),
        ("kind", ColumnKind::Name),
        ("measure", ColumnKind::Prose),
        ("term", ColumnKind::Name),
        ("responsible", ColumnKind::Name),
        ("indicator", ColumnKind::Name),
        ("lacks", ColumnKind::Name),
    ],
    quotient: None,
    words: &[
        "proposed-measure",
        "proposed-course",
        "activity",
        "decision",
        "school-measure",
        "own-value",
        "uncovered",
        "in-doubt",
    ],
    is_public: false,
    fill: measures,
};

fn measures(table: &mut Table<'_, '_>) {
    let (advice, rules) = (table.analysis.advice, table.analysis.rules);
    for (code, school) in &advice.schools {
        for cause in &rules.causes {
            if !school.held().any(|finding| finding.cause == cause.id) {
                continue;
            }
            let name = table.school(code);
            let head = [CellView::text(&code.0), CellView::text(&name), CellView::Text(ru::prose(&cause.title))];
            for proposal in school.proposals.get(&cause.id).into_iter().flatten() {
                let kind = table.word(match proposal.kind {
                    ProposalKind::Measure => "proposed-measure",
                    ProposalKind::Course => "proposed-course",
                });
                let responsible = rules.addressee(&proposal.responsible).map(|known| known.title.clone());
                let seen_by = proposal.seen_by.as_ref().map(|code| table.title(code));
                let cells = [
                    CellView::Text(kind),
                    CellView::text(&ru::prose(&proposal.title)),
                    CellView::text(&ru::prose(&proposal.term)),
                    CellView::text(&responsible.unwrap_or_default()),
                    CellView::Text(seen_by.unwrap_or_else(|| table.word("own-value"))),
                ];
                table.row(head.iter().cloned().chain(cells).collect());
            }
            for answer in school.answering.get(&cause.id).into_iter().flatten() {
                let seen_by = answer.indicator.as_ref().map(|code| table.title(&code.value));
                let cells = [
                    origin(table, answer.origin),
                    CellView::text(&answer.title.value),
                    CellView::optional(answer.term.as_ref()),
                    CellView::optional(answer.responsible.as_ref()),
                    CellView::Text(seen_by.unwrap_or_else(|| table.word("own-value"))),
                    lacks(table, answer.lacks.iter()),
                ];
                table.row(head.iter().cloned().chain(cells).collect());
            }
            let lack = advice.uncovered.iter().find(|lack| lack.school == *code && lack.cause == cause.id);
            if let Some(lack) = lack {
                let blank = || CellView::Blank;
                let cells = [
                    CellView::Text(table.word("uncovered")),
                    blank(),
                    blank(),
                    blank(),
                    blank(),
                    lacks(table, lack.lacks.iter()),
                ];
                table.row(head.into_iter().chain(cells).collect());
            }
        }
    }
    if !advice.measures_in_doubt.reasons.is_empty() {
        let gap = Table::gap(&advice.measures_in_doubt, &table.word("in-doubt"));
        table.row(vec![CellView::Blank, gap]);
    }
}

fn origin(table: &Table<'_, '_>, origin: Origin) -> CellView {
    CellView::Text(table.word(match origin {
        Origin::Activity => "activity",
        Origin::Decision => "decision",
        Origin::SchoolMeasure => "school-measure",
    }))
}

fn lacks<'l>(table: &Table<'_, '_>, lacks: impl Iterator<Item = &'l Lack>) -> CellView {
    let word = |lack: &Lack| {
        table.common(match lack {
            Lack::Measure => "advice-lack-measure",
            Lack::Term => "advice-lack-term",
            Lack::Responsible => "advice-lack-responsible",
            Lack::Indicator => "advice-lack-indicator",
        })
    };
    CellView::text(&lacks.map(word).collect::<Vec<_>>().join(", "))
}

/// Measures that answer no deficit.
pub(super) const IDLE: TableSpec = TableSpec {
    id: "idle",
    columns: &[
        ("kind", ColumnKind::Name),
        ("measure", ColumnKind::Prose),
        ("code", ColumnKind::Code),
        ("school", ColumnKind::Name),
        ("reason", ColumnKind::Prose),
    ],
    quotient: None,
    words: &["activity", "decision", "school-measure", "not-named", "not-found", "untold"],
    is_public: false,
    fill: idle,
};

fn idle(table: &mut Table<'_, '_>) {
    for idle in &table.analysis.advice.idle {
        let reason = table.word(match idle.reason {
            IdleReason::NotNamed => "not-named",
            IdleReason::NotFound => "not-found",
            IdleReason::Untold => "untold",
        });
        let [code, name] = table.school_cells(idle.school.as_ref());
        let kind = origin(table, idle.origin);
        table.row(vec![kind, CellView::text(&idle.title.value), code, name, CellView::Text(reason)]);
    }
}

/// What is to be recommended to whom, with the figures behind.
pub(super) const RECOMMENDATIONS: TableSpec = TableSpec {
    id: "recommendations",
    columns: &[
        ("addressee", ColumnKind::Name),
        ("code", ColumnKind::Code),
        ("school", ColumnKind::Name),
        ("cause", ColumnKind::Prose),
        ("recommendation", ColumnKind::Prose),
        ("grade", ColumnKind::Code),
        ("value", ColumnKind::Value),
        ("threshold", ColumnKind::Value),
        ("state", ColumnKind::Name),
    ],
    quotient: None,
    words: &["to-give", "not-done"],
    is_public: false,
    fill: recommendations,
};

fn recommendations(table: &mut Table<'_, '_>) {
    let (advice, rules) = (table.analysis.advice, table.analysis.rules);
    for addressee in &rules.addressees {
        for (code, school) in &advice.schools {
            let name = table.school(code);
            for given in school.recommendations.iter().filter(|given| given.addressee == addressee.id) {
                let row = |index: Option<usize>| index.and_then(|index| advice.register.get(index));
                let state = match (row(given.given), row(given.not_done)) {
                    (Some(row), _) => table
                        .common("advice-given")
                        .replace("{date}", &row.date.value)
                        .replace("{status}", &table.common(status_key(row.status))),
                    (None, Some(row)) => table.word("not-done").replace("{year}", &row.year.to_string()),
                    (None, None) => table.word("to-give"),
                };
                let head = [
                    CellView::text(&addressee.title),
                    CellView::text(&code.0),
                    CellView::text(&name),
                    CellView::text(&table.title(&given.cause)),
                    CellView::text(&ru::prose(&given.text)),
                ];
                let state = CellView::Text(state);
                if given.figures.is_empty() {
                    let blank = [CellView::Blank, CellView::Blank, CellView::Blank];
                    table.row(head.iter().cloned().chain(blank).chain([state.clone()]).collect());
                }
                for (grade, value, threshold) in &given.figures {
                    let cells = [
                        grade.map_or(CellView::Blank, |grade| CellView::Text(grade.to_string())),
                        CellView::of_nobody(value),
                        CellView::of_nobody(threshold),
                        state.clone(),
                    ];
                    table.row(head.iter().cloned().chain(cells).collect());
                }
            }
        }
    }
}

fn status_key(status: GivenStatus) -> &'static str {
    match status {
        GivenStatus::Given => "advice-status-given",
        GivenStatus::Running => "advice-status-running",
        GivenStatus::Done => "advice-status-done",
        GivenStatus::Failed => "advice-status-failed",
        GivenStatus::Cancelled => "advice-status-cancelled",
    }
}

/// The register of recommendations: given, done, effect.
pub(super) const GIVEN: TableSpec = TableSpec {
    id: "given",
    columns: &[
        ("date", ColumnKind::Code),
        ("code", ColumnKind::Code),
        ("school", ColumnKind::Name),
        ("addressee", ColumnKind::Name),
        ("recommendation", ColumnKind::Prose),
        ("term", ColumnKind::Name),
        ("state", ColumnKind::Name),
        ("told", ColumnKind::Prose),
        ("cause", ColumnKind::Prose),
        ("before", ColumnKind::Value),
        ("after", ColumnKind::Value),
        ("effect", ColumnKind::Name),
    ],
    quotient: None,
    words: &[],
    is_public: false,
    fill: given,
};

fn given(table: &mut Table<'_, '_>) {
    for row in &table.analysis.advice.register {
        let [code, name] = table.school_cells(row.school.as_ref());
        let addressee = row.addressee.as_ref().and_then(|id| table.analysis.rules.addressee(id));
        let head = vec![
            CellView::text(&row.date.value),
            code,
            name,
            CellView::text(addressee.map_or("", |known| &known.title)),
            CellView::text(&row.text.value),
            CellView::optional(row.term.as_ref()),
            CellView::Text(table.common(status_key(row.status))),
            CellView::optional(row.effect.as_ref()),
        ];
        if row.measured.is_empty() {
            table.row(head.clone());
        }
        for (cause, measured) in &row.measured {
            let title = table.title(cause);
            let cells = table.effect(measured, &title);
            table.row(head.iter().cloned().chain([CellView::Text(title)]).chain(cells).collect());
        }
    }
}

/// The partner and the curator of each supported school, and why.
pub(super) const PARTNERS: TableSpec = TableSpec {
    id: "partners",
    columns: &[
        ("code", ColumnKind::Code),
        ("school", ColumnKind::Name),
        ("state", ColumnKind::Name),
        ("partner", ColumnKind::Name),
        ("reason", ColumnKind::Prose),
        ("own", ColumnKind::Value),
        ("other", ColumnKind::Value),
        ("load", ColumnKind::Code),
        ("curator", ColumnKind::Prose),
    ],
    quotient: None,
    words: &["existing", "proposed", "nobody", "of", "pupils", "level"],
    is_public: false,
    fill: partners,
};

fn partners(table: &mut Table<'_, '_>) {
    for (code, school) in &table.analysis.advice.schools {
        let name = table.school(code);
        let head = [CellView::text(&code.0), CellView::text(&name)];
        let curator = curator(table, &school.curator);
        let blank = || CellView::Blank;
        let rows: Vec<[CellView; 6]> = match &school.partner {
            Partner::Existing { leaders } => {
                let state = CellView::Text(table.word("existing"));
                let row = |leader: &SchoolCode| {
                    [state.clone(), CellView::Text(table.school(leader)), blank(), blank(), blank(), blank()]
                };
                leaders.keys().map(row).collect()
            }
            Partner::Nobody { reason } => {
                let reason = match reason {
                    NoPartner::NoLeaders => CellView::Text(table.common("advice-no-leaders")),
                    NoPartner::NoLevel => CellView::Text(table.common("advice-no-level")),
                    NoPartner::NoStrength => CellView::Text(table.common("advice-no-strength")),
                    NoPartner::AllLoaded => CellView::Text(table.common("advice-all-loaded")),
                    NoPartner::Untold { gap } => Table::gap(gap, &name),
                };
                vec![[CellView::Text(table.word("nobody")), blank(), reason, blank(), blank(), blank()]]
            }
            Partner::Proposed { proposal } => {
                let state = CellView::Text(table.word("proposed"));
                let leader = CellView::Text(table.school(&proposal.leader));
                let (has, may) = proposal.load;
                let load = table.word("of").replace("{has}", &has.to_string()).replace("{may}", &may.to_string());
                let row = |reason: String, own: CellView, other: CellView| {
                    [state.clone(), leader.clone(), CellView::Text(reason), own, other, CellView::Text(load.clone())]
                };
                let mut rows = vec![row(table.word("level"), blank(), blank())];
                for strength in &proposal.strengths {
                    let figures = [&strength.weak, &strength.strong].map(CellView::of_nobody);
                    let [weak, strong] = figures;
                    rows.push(row(table.title(&strength.cause), weak, strong));
                }
                let near = &proposal.nearness;
                if let Some((own, other)) = &near.pupils {
                    rows.push(row(table.word("pupils"), CellView::of_nobody(own), CellView::of_nobody(other)));
                }
                let same = [(near.is_same_kind, "advice-near-kind"), (near.is_same_locality, "advice-near-locality")];
                for (_, key) in same.into_iter().filter(|(is_same, _)| *is_same) {
                    rows.push(row(table.common(key), blank(), blank()));
                }
                rows
            }
        };
        for (index, row) in rows.into_iter().enumerate() {
            // Said once a school.
            let curator = if index == 0 { curator.clone() } else { CellView::Blank };
            table.row(head.iter().cloned().chain(row).chain([curator]).collect());
        }
    }
}

fn curator(table: &Table<'_, '_>, curator: &CuratorProposal) -> CellView {
    let text = match curator {
        CuratorProposal::Existing { posts } => {
            let text = |post: &Text| table.common("advice-curator-existing").replace("{post}", &post.value);
            posts.iter().map(text).collect::<Vec<_>>().join("; ")
        }
        CuratorProposal::Proposed { post, curator, load: (has, may) } => table
            .common("advice-curator-proposed")
            .replace("{post}", &post.value)
            .replace("{name}", &curator.value)
            .replace("{has}", &has.to_string())
            .replace("{may}", &may.to_string()),
        CuratorProposal::OfPartner { leader } => {
            table.common("advice-curator-of-partner").replace("{name}", &table.school(leader))
        }
        CuratorProposal::Nobody => table.common("advice-curator-nobody"),
    };
    CellView::Text(text)
}

/// The bank of practices, with the schools that need them.
pub(super) const PRACTICES: TableSpec = TableSpec {
    id: "practices",
    columns: &[
        ("code", ColumnKind::Code),
        ("school", ColumnKind::Name),
        ("year", ColumnKind::Code),
        ("practice", ColumnKind::Prose),
        ("effect", ColumnKind::Prose),
        ("causes", ColumnKind::Prose),
        ("for", ColumnKind::Prose),
    ],
    quotient: None,
    words: &[],
    is_public: false,
    fill: practices,
};

fn practices(table: &mut Table<'_, '_>) {
    let advice = table.analysis.advice;
    for (index, practice) in advice.practices.iter().enumerate() {
        let [code, name] = table.school_cells(practice.school.as_ref());
        let causes: Vec<String> = practice.causes.iter().map(|cause| table.title(cause)).collect();
        let wanting = advice.schools.iter().filter(|(_, school)| school.practices.contains(&index));
        let wanting: Vec<String> = wanting.map(|(code, _)| table.school(code)).collect();
        table.row(vec![
            code,
            name,
            Table::year(practice.year),
            CellView::text(&practice.title.value),
            CellView::optional(practice.effect.as_ref()),
            CellView::text(&causes.join("; ")),
            CellView::text(&wanting.join("; ")),
        ]);
    }
}

/// Teachers' deficits by subject, and their growth between the two waves: by numbers, never by name.
pub(super) const TEACHERS: TableSpec = TableSpec {
    id: "teachers",
    columns: &[
        ("code", ColumnKind::Code),
        ("school", ColumnKind::Name),
        ("discipline", ColumnKind::Name),
        ("block", ColumnKind::Code),
        ("diagnosed", ColumnKind::Value),
        ("below", ColumnKind::Value),
        ("retested", ColumnKind::Value),
        ("growth", ColumnKind::Value),
    ],
    quotient: None,
    words: &["subject", "methodical", "unread"],
    is_public: false,
    fill: teachers,
};

fn teachers(table: &mut Table<'_, '_>) {
    for (code, deficits) in &table.analysis.advice.teachers {
        let name = table.school(code);
        let head = [CellView::text(&code.0), CellView::text(&name)];
        let deficits = match deficits {
            Ok(deficits) => deficits,
            Err(gap) => {
                let gap = Table::gap(gap, &name);
                table.row(head.into_iter().chain([gap]).collect());
                continue;
            }
        };
        for deficit in deficits {
            let discipline = match &deficit.discipline {
                Some(discipline) => ru::upper_first(&discipline.0),
                None => table.word("unread"),
            };
            let block = table.word(match deficit.block {
                Block::Subject => "subject",
                Block::Methodical => "methodical",
            });
            let cells = [
                CellView::text(&discipline),
                CellView::Text(block),
                CellView::of_nobody(&deficit.diagnosed),
                CellView::of_nobody(&deficit.below),
                CellView::of_nobody(&deficit.retested),
                deficit.growth.as_ref().map_or(CellView::Blank, CellView::of_nobody),
            ];
            table.row(head.iter().cloned().chain(cells).collect());
        }
    }
}
