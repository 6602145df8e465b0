//! «Мероприятия»: the rows of the roadmap.

use super::{Build, Kind, Row, SheetSpec, column};
use crate::diag::Diagnostic;
use crate::model::{Activity, Known, Text};
use crate::ru::Term;

pub(super) const SPEC: SheetSpec = SheetSpec {
    id: "activities",
    title: "Мероприятия",
    columns: &[
        column("number", &["№", "№ п/п"], Kind::Verbatim),
        column("band", &["Раздел"], Kind::Prose),
        column("part", &["Подраздел"], Kind::Prose).absent(),
        column("form", &["Форма деятельности", "Формы деятельности"], Kind::Prose).absent(),
        column("title", &["Мероприятие", "Мероприятия"], Kind::Prose),
        column("term", &["Срок", "Сроки"], Kind::Prose),
        column("responsible", &["Ответственный", "Ответственные"], Kind::Prose),
        column("result", &["Планируемый результат"], Kind::Prose),
        column("deficit", &["Дефицит", "Дефициты"], Kind::Prose).absent(),
        column("indicator", &["Код показателя"], Kind::Verbatim).absent(),
    ],
    unique: &["number"],
    measures: &[],
    is_optional: true,
    project,
};

fn project(rows: &[Row], build: &mut Build<'_>) {
    let mut activities: Vec<(Vec<u64>, Activity)> = Vec::new();
    for row in rows {
        if let Err(gap) = row.unique() {
            build.doubt_row(row, &gap);
            continue;
        }
        let number = build.text(row, "number");
        let order = number.as_ref().map(|text| super::order_of(&text.value)).unwrap_or_default();
        let term = build.text(row, "term");
        let schedule = schedule(&term, row, build);
        activities.push((
            order,
            Activity {
                number,
                band: build.text(row, "band"),
                part: build.optional_text(row, "part"),
                form: build.optional_text(row, "form"),
                title: build.text(row, "title"),
                term,
                schedule,
                responsible: build.text(row, "responsible"),
                result: build.text(row, "result"),
                deficit: build.optional_text(row, "deficit"),
                indicator: build.optional_text(row, "indicator"),
            },
        ));
    }
    activities.sort_by(|a, b| a.0.cmp(&b.0));
    build.data.activities = activities.into_iter().map(|(_, activity)| activity).collect();
}

/// Reads a term; the document prints it as written in any case.
fn schedule(term: &Known<Text>, row: &Row, build: &mut Build<'_>) -> Option<Term> {
    let text = &term.as_ref().ok()?.value;
    let schedule = Term::parse(text);
    if schedule.is_none() {
        let finding = Diagnostic::warning("term-not-understood", build.place(row.cell("term")))
            .with("found", super::bind::brief(text));
        build.diagnostics.push(finding);
    }
    schedule
}
